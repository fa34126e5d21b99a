/* SPDX-License-Identifier: MIT */
/* qemu_args.c - from a machine string to QEMU's command line. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "host/qemu/qemu_args.h"

#define MIB ((uint64_t)1 << 20)

/* Devices allocate from 1 MiB up; above 2 GiB q35 moves RAM about (qemu-notes 3). */
#define MEMORY_DEFAULT	64
#define MEMORY_MIN	16
#define MEMORY_MAX	2048
#define TIMEOUT_DEFAULT 5000
#define TIMEOUT_MAX	600000 /* ms */
#define VECTORS_DEFAULT 128
#define VECTORS_MIN	64 /* some beyond the 50 that Redox keeps for itself (contract 2.2) */
#define VECTORS_MAX	256
#define SLOTS_DEFAULT	4

/* --- options ----------------------------------------------------------------------------- */

int rbi_qemu_options(const struct rbi_spec *spec, struct rbi_qemu_options *out)
{
	uint64_t memory = MEMORY_DEFAULT, timeout = TIMEOUT_DEFAULT, vectors = VECTORS_DEFAULT;
	uint64_t slots = SLOTS_DEFAULT;
	const char *icount = rbi_spec_option(spec, "icount");
	int rc;

	rc = rbi_spec_number(spec, "memory", MEMORY_MIN, MEMORY_MAX, &memory);
	rc = rc ? rc : rbi_spec_number(spec, "timeout_ms", 1, TIMEOUT_MAX, &timeout);
	rc = rc ? rc : rbi_spec_number(spec, "vectors", VECTORS_MIN, VECTORS_MAX, &vectors);
	rc = rc ? rc : rbi_spec_number(spec, "slots", 0, RBI_QEMU_SLOTS, &slots);
	rc = rc ? rc : rbi_qemu_drives(spec, out);
	rc = rc ? rc : rbi_nets_from_spec(spec, &out->nets);
	if (rc < 0)
		return rc;
	if (icount && strcmp(icount, "on") != 0 && strcmp(icount, "off") != 0)
		return rbi_fail(-EINVAL, "icount='%.40s': on or off", icount);

	out->memory = memory * MIB;
	out->timeout_ms = (unsigned int)timeout;
	out->vectors = (unsigned int)vectors;
	out->slots = (unsigned int)slots;
	out->icount = icount && strcmp(icount, "on") == 0;
	return 0;
}

/* --- what a device may say --------------------------------------------------------------- */

static bool all_of(const char *s, const char *extra)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		    (*s >= '0' && *s <= '9') || strchr(extra, *s))
			continue;
		return false;
	}
	return true;
}

static bool ends_in(const char *s, const char *tail)
{
	size_t len = strlen(s), tail_len = strlen(tail);

	return len >= tail_len && strcmp(s + len - tail_len, tail) == 0;
}

/*
 * Does property @key name something of this host: a back end, a file, a
 * descriptor? By the shape of the name, for QEMU has hundreds of models:
 * chardev netdev memdev fsdev cryptodev, fd vhostfd fds, romfile, host hostbus.
 */
static bool names_host_resource(const char *key)
{
	static const char *const tails[] = { "dev", "fd", "fds", "file", "path", "dir", NULL };
	static const char *const words[] = { "filename", "script", NULL };
	size_t i;

	if (strncmp(key, "host", 4) == 0)
		return true;
	for (i = 0; tails[i]; i++) {
		if (ends_in(key, tails[i]))
			return true;
	}
	for (i = 0; words[i]; i++) {
		if (strcmp(key, words[i]) == 0)
			return true;
	}
	return false;
}

static int check_arg(const char *model, const struct rbi_spec_arg *arg,
		     const struct rbi_qemu_options *opt)
{
	const unsigned char *p = (const unsigned char *)arg->value;
	int rc;

	if (!all_of(arg->key, "_.-") || strcmp(arg->key, "help") == 0)
		return rbi_fail(-EINVAL, "device '%.60s': '%.60s' is no name of a property", model,
				arg->key);
	for (; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			return rbi_fail(
				-EINVAL,
				"device '%.60s': control byte %#04x in the value of '%.60s'", model,
				*p, arg->key);
	}
	if (strcmp(arg->key, "drive") == 0)
		return rbi_qemu_check_drive(opt, model, arg->value);
	if (strcmp(arg->key, "netdev") == 0) {
		rc = rbi_nets_join(&opt->nets, model, arg->value);
		return rc < 0 ? rc : 0;
	}
	/* The monitor knows networks and network devices by one set of names. */
	if (strcmp(arg->key, "id") == 0 && rbi_nets_find(&opt->nets, arg->value) >= 0)
		return rbi_fail(-EINVAL, "device '%.60s': id '%.60s' is the name of a network",
				model, arg->value);
	/* Without a ROM file a device has no option ROM: that is no host resource. */
	if (strcmp(arg->key, "romfile") == 0 && !*arg->value)
		return 0;
	if (names_host_resource(arg->key))
		return rbi_fail(
			-ENOTSUP,
			"device '%.60s': property '%.60s' would give QEMU a file or back end "
			"of this host, which is not supported",
			model, arg->key);
	return 0;
}

static const char *value_of(const struct rbi_spec_device *dev, const char *key)
{
	size_t i;

	for (i = 0; i < dev->nargs; i++) {
		if (strcmp(dev->args[i].key, key) == 0)
			return dev->args[i].value;
	}
	return NULL;
}

static bool wants_port(const struct rbi_spec_device *dev)
{
	return !value_of(dev, "bus") && !value_of(dev, "addr");
}

size_t rbi_qemu_count_ports(const struct rbi_spec *spec)
{
	size_t i, n = 0;

	for (i = 0; i < spec->ndevices; i++)
		n += wants_port(&spec->devices[i]);
	return n;
}

int rbi_qemu_check_device(const struct rbi_spec_device *dev, const struct rbi_qemu_options *opt)
{
	size_t i;
	int rc;

	if (!all_of(dev->model, "_.-+") || strcmp(dev->model, "help") == 0)
		return rbi_fail(-EINVAL, "'%.60s' is no name of a device model", dev->model);
	/* These open device nodes of the host without being told to. */
	if (strncmp(dev->model, "vhost-", 6) == 0 || strncmp(dev->model, "vfio-", 5) == 0)
		return rbi_fail(-ENOTSUP,
				"device '%.60s' needs a device of this host: not supported",
				dev->model);
	for (i = 0; i < dev->nargs; i++) {
		rc = check_arg(dev->model, &dev->args[i], opt);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int rbi_qemu_check_devices(const struct rbi_spec *spec, const struct rbi_qemu_options *opt)
{
	size_t i;
	int rc;

	for (i = 0; i < spec->ndevices; i++) {
		rc = rbi_qemu_check_device(&spec->devices[i], opt);
		if (rc < 0)
			return rc;
	}
	if (rbi_qemu_count_ports(spec) > RBI_QEMU_PORTS)
		return rbi_fail(-EINVAL,
				"%zu devices want a root port, there are %d: "
				"place some with addr= or bus=",
				rbi_qemu_count_ports(spec), RBI_QEMU_PORTS);
	return 0;
}

/* --- text -------------------------------------------------------------------------------- */

static size_t quoted_len(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == ',' ? 2 : 1;
	return n;
}

static char *put(char *to, const char *s)
{
	size_t len = strlen(s);

	memcpy(to, s, len);
	return to + len;
}

static char *put_quoted(char *to, const char *s)
{
	for (; *s; s++) {
		if (*s == ',')
			*to++ = ',';
		*to++ = *s;
	}
	return to;
}

char *rbi_qemu_device_text(const struct rbi_spec_device *dev)
{
	size_t i, len = strlen(dev->model) + 1;
	char *text, *p;

	for (i = 0; i < dev->nargs; i++)
		len += strlen(dev->args[i].key) + quoted_len(dev->args[i].value) + 2;

	text = rbi_alloc(len, 1);
	if (!text)
		return NULL;
	p = put(text, dev->model);
	for (i = 0; i < dev->nargs; i++) {
		p = put(p, ",");
		p = put(p, dev->args[i].key);
		p = put(p, "=");
		p = put_quoted(p, dev->args[i].value);
	}
	*p = '\0';
	return text;
}

/* --- the command line -------------------------------------------------------------------- */

struct argv {
	char **v;
	size_t n, room;
	bool failed; /* some allocation did; looked at once, at the end */
};

/* Takes over @word, which NULL says could not be made. */
static void add_owned(struct argv *a, char *word)
{
	char **v;

	if (a->n + 1 >= a->room && !a->failed) {
		v = rbi_realloc(a->v, a->room * 2 + 64, sizeof(*v));
		if (v) {
			a->v = v;
			a->v[a->n] = NULL;
			a->room = a->room * 2 + 64;
		} else {
			a->failed = true;
		}
	}
	if (!word || a->failed) {
		rbi_free(word);
		a->failed = true;
		return;
	}
	a->v[a->n++] = word;
	a->v[a->n] = NULL;
}

static void add(struct argv *a, const char *word)
{
	add_owned(a, rbi_strdup(word));
}

static void add_pair(struct argv *a, const char *option, char *value)
{
	add(a, option);
	add_owned(a, value);
}

/* qemu-notes 1. No PIT and no HPET: they would raise line 0 by themselves. The slot
 * registers of root ports, not ACPI, unplug devices. A reset request of the guest
 * would take our set-up with it: it ends the machine. */
static void add_machine(struct argv *a, const struct rbi_qemu_options *opt)
{
	unsigned long long mib = opt->memory / MIB;

	add(a, "-nodefaults");
	add(a, "-no-user-config");
	add(a, "-no-reboot");
	add_pair(a, "-display", rbi_strdup("none"));
	add_pair(a, "-machine", rbi_strdup("q35,accel=tcg,memory-backend=ram0,pit=off,hpet=off"));
	add_pair(a, "-m", rbi_sprintf("%lluM", mib));
	add_pair(a, "-object",
		 rbi_sprintf("memory-backend-file,id=ram0,size=%lluM,"
			     "mem-path=/proc/self/fd/%d,share=on",
			     mib, RBI_QEMU_FD_RAM));
	add_pair(a, "-bios", rbi_sprintf("/proc/self/fd/%d", RBI_QEMU_FD_BIOS));
	add_pair(a, "-chardev", rbi_sprintf("socket,id=rbdrv.qtest,fd=%d", RBI_QEMU_FD_QTEST));
	add_pair(a, "-object", rbi_strdup("qtest,id=rbdrv.server,chardev=rbdrv.qtest,log=none"));
#ifdef RBDRV_WITH_JANSSON
	add_pair(a, "-chardev", rbi_sprintf("socket,id=rbdrv.qmp,fd=%d", RBI_QEMU_FD_QMP));
	add_pair(a, "-mon", rbi_strdup("chardev=rbdrv.qmp,mode=control"));
#endif
	add_pair(a, "-global", rbi_strdup("ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off"));
	if (opt->icount)
		add_pair(a, "-icount", rbi_strdup("shift=0,sleep=off"));
	add_pair(a, "-chardev", rbi_sprintf("socket,id=rbdrv.peer,fd=%d", RBI_QEMU_FD_IVSHMEM));
	add_pair(a, "-device",
		 rbi_sprintf("ivshmem-doorbell,id=rbdrv.doorbell,chardev=rbdrv.peer,vectors=%u,"
			     "bus=pcie.0,addr=%#x,romfile=",
			     opt->vectors, RBI_QEMU_IVSHMEM_SLOT));
}

static void add_drives(struct argv *a, const struct rbi_qemu_options *opt)
{
	unsigned int i;

	for (i = 0; i < opt->ndrives; i++) {
		add_pair(a, "-add-fd", rbi_qemu_drive_set(i));
		add_pair(a, "-blockdev", rbi_qemu_drive_text(opt, i));
	}
}

static void add_nets(struct argv *a, const struct rbi_qemu_options *opt)
{
	unsigned int i;

	for (i = 0; i < opt->nets.n; i++)
		add_pair(a, "-netdev", rbi_qemu_net_text(opt, i));
}

/* Ports of devices are spread over eight places first, so that devices share few lines.
 * Empty ones share a place, out of the way of devices with an address of their own. */
unsigned int rbi_qemu_port_place(size_t i, size_t ports)
{
	if (i >= ports)
		return RBI_QEMU_SLOT << 3 | (unsigned int)(i - ports);
	return (unsigned int)(RBI_QEMU_PORT_SLOT - i % 8) << 3 | (unsigned int)(i / 8);
}

void rbi_qemu_port_name(size_t i, char *name)
{
	snprintf(name, RBI_QEMU_PORT_NAME, "rbdrv.port%zu", i);
}

static char *port_text(size_t i, size_t ports, unsigned int slots)
{
	unsigned int place = rbi_qemu_port_place(i, ports);
	bool multi = i < ports ? ports > 8 : slots > 1;
	char name[RBI_QEMU_PORT_NAME];

	rbi_qemu_port_name(i, name);
	return rbi_sprintf("pcie-root-port,id=%s,bus=pcie.0,addr=%#x.%u,"
			   "multifunction=%s,chassis=%zu,slot=%zu,romfile=",
			   name, place >> 3, place & 7, multi ? "on" : "off", 255 - i, i);
}

/* A device has no option ROM unless it asks for one: rombar=1 means the model's own. */
bool rbi_qemu_wants_no_rom(const struct rbi_spec_device *dev)
{
	return !value_of(dev, "romfile") && !value_of(dev, "rombar");
}

/* Devices are PCI devices: with a bus named QEMU takes no others, such as "loader". */
static char *place_device(const struct rbi_spec_device *dev, size_t port)
{
	const char *rom = rbi_qemu_wants_no_rom(dev) ? ",romfile=" : "";
	char *text = rbi_qemu_device_text(dev), *placed;

	if (!text)
		return NULL;
	if (wants_port(dev))
		placed = rbi_sprintf("%s%s,bus=rbdrv.port%zu", text, rom, port);
	else if (!value_of(dev, "bus"))
		placed = rbi_sprintf("%s%s,bus=pcie.0", text, rom);
	else
		placed = rbi_sprintf("%s%s", text, rom);
	rbi_free(text);
	return placed;
}

int rbi_qemu_argv(const char *program, const struct rbi_spec *spec,
		  const struct rbi_qemu_options *opt, char ***out)
{
	size_t i, port = 0, ports = rbi_qemu_count_ports(spec);
	struct argv a = { NULL, 0, 0, false };

	*out = NULL;
	add(&a, program);
	add_machine(&a, opt);
	add_drives(&a, opt);
	add_nets(&a, opt);
	for (i = 0; i < ports; i++)
		add_pair(&a, "-device", port_text(i, ports, opt->slots));
	for (i = 0; i < spec->ndevices; i++) {
		add_pair(&a, "-device", place_device(&spec->devices[i], port));
		port += wants_port(&spec->devices[i]);
	}
	for (i = ports; i < ports + opt->slots; i++)
		add_pair(&a, "-device", port_text(i, ports, opt->slots));

	if (a.failed) {
		rbi_qemu_argv_free(a.v);
		return rbi_no_memory("QEMU's command line");
	}
	*out = a.v;
	return 0;
}

void rbi_qemu_argv_free(char **argv)
{
	size_t i;

	if (!argv)
		return;
	for (i = 0; argv[i]; i++)
		rbi_free(argv[i]);
	rbi_free(argv);
}
