/* SPDX-License-Identifier: MIT */
/*
 * host_pcid.c - /scheme/pci: what it lists and what opening does (contract 4.1, 4.2).
 *
 * pcid looks at the bus once, when it starts: here at the first open below its
 * scheme. It looks before it asks who may: opening a channel enables the function
 * and locks it even when the open then fails. With option hotplug=on it looks again
 * whenever its directory is listed, which no Redox does: what is new is added, and
 * what is gone or has become another function is dropped, unless it is locked.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/bits.h"
#include "host/host_pcid.h"

int rbi_hosted_pcid_panic(struct rbi_hosted *h, const char *what)
{
	h->pcid->dead = true;
	rbi_hosted_violation(h, "pcid panics, and every PCI driver loses it: %s", what);
	return -ENODEV;
}

/* --- names (contract 4.1) ------------------------------------------------------------ */

static void name_of(struct rbi_hosted *h, struct rb_pci_addr addr, char *name, size_t size)
{
	snprintf(name, size, h->profile.wide_names ? "%04x--%02x--%02x.%u" : "%02x-%02x--%02x.%u",
		 rb_pci_addr_segment(addr), rb_pci_addr_bus(addr), rb_pci_addr_device(addr),
		 rb_pci_addr_function(addr));
}

/* Hexadecimal of any width, up to @max, that ends where @sep begins; step over both. */
static bool take_hex(const char **s, const char *sep, unsigned int max, unsigned int *value)
{
	unsigned int digits;

	*value = 0;
	for (digits = 0; rbi_hex_digit(**s) >= 0; digits++, (*s)++) {
		*value = *value << 4 | (unsigned int)rbi_hex_digit(**s);
		if (*value > max)
			return false;
	}
	if (digits == 0 || strncmp(*s, sep, strlen(sep)) != 0)
		return false;
	*s += strlen(sep);
	return true;
}

/* The function named by @len bytes. Numbers are read as bytes; one that no PCI address
 * has room for panics pcid (pci_types, PciAddress::new). */
static int find_by_name(struct rbi_hosted *h, const char *s, size_t len,
			struct rbi_server_func **fn)
{
	const char *sep = h->profile.wide_names ? "--" : "-";
	unsigned int segment, bus, device, function;
	const char *p = s;

	if (!take_hex(&p, sep, 0xffff, &segment) || !take_hex(&p, "--", 0xff, &bus) ||
	    !take_hex(&p, ".", 0xff, &device) || !take_hex(&p, "", 0xff, &function) || p != s + len)
		return -ENOENT;
	if (device > 31 || function > 7)
		return rbi_hosted_pcid_panic(h, "a name has a device above 1f or a function above "
						"7");
	*fn = rbi_hosted_pcid_find(h, rb_pci_addr_make(segment, bus, device, function));
	return *fn ? 0 : -ENOENT;
}

/* --- operations ---------------------------------------------------------------------- */

static int pcid_list(struct rbi_hosted *h, struct rbi_file *f, struct rbi_names *names)
{
	struct rbi_server_file *pf = rbi_server_file(f);
	char name[RB_PCI_ADDR_LEN + 8];
	int rc = rbi_hosted_pcid_check(h, f);
	size_t i;

	if (rc < 0)
		return rc;
	if (pf->what == RBI_SERVER_DEVICE)
		return rbi_hosted_names_add(names, "channel");
	if (pf->what != RBI_SERVER_TOP)
		return -ENOTDIR;
	if (h->profile.hotplug)
		rc = rbi_hosted_pcid_look(h);
	for (i = 0; i < h->pcid->nfuncs && rc == 0; i++) {
		name_of(h, h->pcid->funcs[i]->config.addr, name, sizeof(name));
		rc = rbi_hosted_names_add(names, name);
	}
	return rc;
}

static int pcid_size(struct rbi_hosted *h, struct rbi_file *f, uint64_t *size)
{
	if (h->pcid->dead)
		return -ENODEV;
	switch (rbi_server_file(f)->what) {
	case RBI_SERVER_TOP:
		*size = h->pcid->nfuncs;
		break;
	case RBI_SERVER_DEVICE:
		*size = 1;
		break;
	case RBI_SERVER_CONFIG:
		*size = 256;
		break;
	default:
		*size = 0;
		break;
	}
	return 0;
}

static void pcid_release(struct rbi_hosted *h, struct rbi_file *f, bool destroying)
{
	struct rbi_server_file *pf = rbi_server_file(f);

	/* the device stays enabled (contract 4.2) */
	if (pf->what == RBI_SERVER_CHANNEL && !destroying)
		rbi_hosted_pcid_unlock(h, pf->fn);
	rbi_hosted_pcid_drop(pf->fn);
	rbi_free(pf->response);
	rbi_free(pf);
}

static const struct rbi_file_ops pcid_ops = {
	.read = rbi_hosted_pcid_file_read,
	.write = rbi_hosted_pcid_file_write,
	.size = pcid_size,
	.list = pcid_list,
	.mmap = rbi_hosted_file_mmap_eopnotsupp,
	.call = rbi_hosted_pcid_file_call,
	.descriptor = rbi_hosted_file_descriptor,
	.release = pcid_release,
};

/* --- open (contract 4.2) ------------------------------------------------------------- */

/* Lock and enable, whoever asks. A function that is gone takes no part in it: pcid
 * does not look, and a driver finds all-ones. */
static int begin_channel(struct rbi_hosted *h, struct rbi_server_func *fn)
{
	int rc;

	if (fn->in_use)
		return -ENOLCK;
	rbi_hosted_pcid_complete(h, fn);
	rc = h->machine->ops->claim(h->machine, fn->config.addr);
	if (rc < 0 && rc != -ENODEV)
		return rc == -EBUSY ? -ENOLCK : rc;
	fn->claimed = rc == 0;
	fn->in_use = true;
	rbi_hosted_pcid_enable(h, fn, &fn->config.has_irq, &fn->config.irq.irq);
	return 0;
}

/* What @path, without slashes at its ends, names. */
static int resolve(struct rbi_hosted *h, const char *path, size_t len, struct rbi_server_file *pf)
{
	const char *slash = memchr(path, '/', len);
	size_t dev_len = slash ? (size_t)(slash - path) : len;
	size_t leaf_len = slash ? len - dev_len - 1 : 0;
	int rc;

	if (len == 0) {
		pf->what = RBI_SERVER_TOP;
		return 0;
	}
	if (h->profile.access_file && len == 6 && memcmp(path, "access", len) == 0) {
		pf->what = RBI_SERVER_ACCESS;
		return 0;
	}
	rc = find_by_name(h, path, dev_len, &pf->fn);
	if (rc < 0)
		return rc;
	pf->fn->refs++;
	if (!slash) {
		pf->what = RBI_SERVER_DEVICE;
		return 0;
	}
	if (leaf_len == 7 && memcmp(slash + 1, "channel", leaf_len) == 0) {
		pf->what = RBI_SERVER_CHANNEL;
		return 0;
	}
	if (h->profile.config_file && leaf_len == 6 && memcmp(slash + 1, "config", leaf_len) == 0) {
		pf->what = RBI_SERVER_CONFIG;
		return 0;
	}
	return -ENOENT;
}

static int check_open(struct rbi_hosted *h, const struct rbi_server_file *pf, bool wants_dir)
{
	bool is_dir = pf->what == RBI_SERVER_TOP || pf->what == RBI_SERVER_DEVICE;

	if (pf->is_stat)
		return 0;
	if (wants_dir && !is_dir)
		return -ENOTDIR;
	if (!wants_dir && is_dir)
		return -EISDIR;
	return h->uid != 0 && !is_dir ? -EACCES : 0;
}

/* A function is locked and enabled before anybody asks who wants it, but not for want
 * of a descriptor of ours: that comes first. */
static int open_channel(struct rbi_hosted *h, struct rbi_server_file *pf, unsigned int flags)
{
	int fd, rc;

	pf->what = RBI_SERVER_DEVICE; /* nothing is locked yet that its end would unlock */
	fd = rbi_hosted_handle_open(h, &pf->f, flags);
	if (fd < 0)
		return fd;
	rc = begin_channel(h, pf->fn);
	pf->what = RBI_SERVER_CHANNEL;
	if (rc == 0)
		rc = check_open(h, pf, flags & RBI_O_DIRECTORY);
	if (rc == 0)
		return fd;
	pf->what = RBI_SERVER_DEVICE; /* a channel stays locked (contract 4.2) */
	rbi_hosted_handle_close(h, rbi_hosted_handle_find(h, fd));
	return rc;
}

int rbi_hosted_pcid_open(struct rbi_hosted *h, const char *rest, unsigned int flags)
{
	size_t len = strlen(rest);
	struct rbi_server_file *pf;
	int rc;

	rc = rbi_hosted_pcid_start(h);
	if (rc < 0)
		return rc;
	/* pcid would take a slash at the end for O_DIRECTORY, and relibc drops it (probe 1) */
	for (; len > 0 && rest[len - 1] == '/'; len--)
		;
	for (; len > 0 && *rest == '/'; len--)
		rest++;

	pf = rbi_alloc(1, sizeof(*pf));
	if (!pf)
		return -ENOMEM;
	pf->f.ops = &pcid_ops;
	pf->is_stat = flags & RBI_O_STAT;
	rc = resolve(h, rest, len, pf);
	if (rc == 0 && pf->what == RBI_SERVER_CHANNEL)
		return open_channel(h, pf, flags);
	if (rc == 0)
		rc = check_open(h, pf, flags & RBI_O_DIRECTORY);
	if (rc < 0) {
		rbi_hosted_pcid_drop(pf->fn);
		rbi_free(pf);
		return rc;
	}
	return rbi_hosted_handle_open(h, &pf->f, flags);
}
