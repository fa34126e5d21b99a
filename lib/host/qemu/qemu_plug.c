/* SPDX-License-Identifier: MIT */
/*
 * qemu_plug.c - devices that come and go while QEMU runs.
 *
 * A device comes through the monitor into an empty port without power, where nobody can
 * see it; with power on it gets bus numbers, addresses and a line as at the start. It goes
 * when its port loses power. The lock of the slots is held throughout, that of qtest only
 * around accesses: while the monitor works, QEMU may have to say something there, too.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#ifdef RBDRV_WITH_JANSSON
#include "host/qemu/qmp.h"
#endif

#define LOOK_NS 1000000 /* between two looks whether a device has gone */

int rbi_qemu_slots_init(struct rbi_qemu *q)
{
	if (pthread_mutex_init(&q->slots.lock, NULL) != 0)
		return rbi_no_memory("a lock");
	q->slots.ready = true;
	return 0;
}

void rbi_qemu_slots_destroy(struct rbi_qemu *q, bool forked)
{
#ifdef RBDRV_WITH_JANSSON
	if (q->slots.qmp)
		rbi_qmp_close(q->slots.qmp);
	rbi_free(q->slots.qmp);
#endif
	if (q->slots.qmp_fd >= 0)
		close(q->slots.qmp_fd);
	if (q->slots.ready && !forked)
		pthread_mutex_destroy(&q->slots.lock);
}

/* --- the monitor ------------------------------------------------------------------------- */

#ifdef RBDRV_WITH_JANSSON

/* The monitor says nothing before it is greeted, so it costs nothing until now. */
int rbi_qemu_open_monitor(struct rbi_qemu *q)
{
	if (q->slots.qmp)
		return 0;
	q->slots.qmp = rbi_alloc(1, sizeof(*q->slots.qmp));
	if (!q->slots.qmp)
		return rbi_no_memory("QEMU's monitor");
	rbi_qmp_open(q->slots.qmp, q->slots.qmp_fd, q->dead_fd, q->opt.timeout_ms);
	return 0;
}

#else

int rbi_qemu_open_monitor(struct rbi_qemu *q)
{
	(void)q;
	return rbi_fail(-ENOTSUP, "QEMU's monitor cannot be asked: this library is built without "
				  "jansson");
}

#endif

/* --- out --------------------------------------------------------------------------------- */

/* Until QEMU has taken away what is in @port. Both locks are held, that of qtest not while
 * this sleeps. */
static int await_empty(struct rbi_qemu *q, struct rb_pci_addr port)
{
	const struct timespec pause = { 0, LOOK_NS };
	unsigned int left = q->opt.timeout_ms;
	bool empty;
	int rc;

	for (;;) {
		rc = rbi_qemu_slot_is_empty(q, port, &empty);
		if (rc < 0 || empty)
			return rc;
		if (left-- == 0)
			return rbi_fail(-ETIMEDOUT, "QEMU keeps the device in its slot");
		rbi_qtest_unlock(&q->qt);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		rbi_qtest_lock(&q->qt);
	}
}

static int pull_out(struct rbi_qemu *q, struct rb_pci_addr port)
{
	int rc = rbi_qemu_slot_power_off(q, port);

	return rc ? rc : await_empty(q, port);
}

int rbi_qemu_op_unplug(struct rbi_machine *m, struct rb_pci_addr fn)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	struct rb_pci_addr port;
	int rc;

	pthread_mutex_lock(&q->slots.lock);
	rbi_qtest_lock(&q->qt);
	rc = rbi_qtest_flush(&q->qt);
	rc = rc ? rc : rbi_qemu_slot_of(q, fn, &port);
	rc = rc ? rc : pull_out(q, port);
	rbi_qtest_unlock(&q->qt);
	pthread_mutex_unlock(&q->slots.lock);
	return rc;
}

/* --- in ---------------------------------------------------------------------------------- */

#ifdef RBDRV_WITH_JANSSON

/* In a slot the device is number 0, and the machine chooses the slot. */
static int check_place(struct rbi_qemu *q, const struct rbi_spec_device *dev)
{
	static const char *const ours[] = { "bus", "addr", "id", NULL };
	size_t i, k;

	for (i = 0; i < dev->nargs; i++) {
		for (k = 0; ours[k]; k++) {
			if (strcmp(dev->args[i].key, ours[k]) == 0)
				return rbi_fail(-ENOTSUP,
						"device '%.60s': %s= is for the start; what is "
						"plugged in later goes into an empty slot",
						dev->model, ours[k]);
		}
	}
	return rbi_qemu_check_device(dev, &q->opt);
}

/* QEMU's type of property @key, or "". */
static const char *type_of(json_t *properties, const char *key)
{
	const char *name, *type = NULL;
	json_t *property;
	size_t i;

	json_array_foreach(properties, i, property) {
		name = json_string_value(json_object_get(property, "name"));
		if (name && strcmp(name, key) == 0)
			type = json_string_value(json_object_get(property, "type"));
	}
	return type ? type : "";
}

/* A number or a truth value where the property is one: newer QEMUs take no strings for
 * them. What does not read as one stays a string, and QEMU says what it thinks of it. */
static json_t *value_of(json_t *properties, const struct rbi_spec_arg *arg)
{
	const char *type = type_of(properties, arg->key), *text = arg->value;
	uint64_t number;

	if (strncmp(type, "uint", 4) == 0 || strncmp(type, "int", 3) == 0 ||
	    strcmp(type, "size") == 0) {
		if (rbi_parse_number(arg->key, text, 0, INT64_MAX, &number) == 0)
			return json_integer((json_int_t)number);
	}
	if (strcmp(type, "bool") == 0 && (strcmp(text, "on") == 0 || strcmp(text, "off") == 0))
		return json_boolean(strcmp(text, "on") == 0);
	return json_string(text);
}

/* The arguments of device_add; a reference that is the caller's, or NULL: no memory, or a
 * value that is not UTF-8. */
static json_t *device_args(json_t *properties, const struct rbi_spec_device *dev,
			   unsigned long serial, size_t slot)
{
	char bus[RBI_QEMU_PORT_NAME];
	json_t *args;
	size_t i;
	int rc = 0;

	rbi_qemu_port_name(slot, bus);
	args = json_pack("{s:s, s:s, s:o}", "driver", dev->model, "bus", bus, "id",
			 json_sprintf("rbdrv.late%lu", serial));
	for (i = 0; args && i < dev->nargs && rc == 0; i++) {
		rc = json_object_set_new(args, dev->args[i].key,
					 value_of(properties, &dev->args[i]));
	}
	if (args && rc == 0 && rbi_qemu_wants_no_rom(dev))
		rc = json_object_set_new(args, "romfile", json_string(""));
	if (args && rc == 0)
		return args;
	json_decref(args);
	return NULL;
}

/* QEMU's answers: no such model is -ENOENT, all other refusals are the device's. */
static int explain(const struct rbi_spec_device *dev, int rc)
{
	if (rc == -ENOENT)
		return rbi_fail(-ENOENT, "QEMU has no device model '%.100s'", dev->model);
	return rc;
}

static int add_device(struct rbi_qemu *q, const struct rbi_spec_device *dev, size_t slot)
{
	json_t *properties = NULL, *args;
	int rc;

	args = json_pack("{s:s}", "typename", dev->model);
	rc = args ? rbi_qmp_command(q->slots.qmp, "device-list-properties", args, &properties)
		  : rbi_no_memory("a command to QEMU");
	if (rc < 0)
		return explain(dev, rc);

	args = device_args(properties, dev, ++q->slots.serial, slot);
	json_decref(properties);
	if (!args)
		return rbi_fail(-EINVAL, "device '%.60s': an argument is no text", dev->model);
	return explain(dev, rbi_qmp_command(q->slots.qmp, "device_add", args, NULL));
}

static int find_slot(struct rbi_qemu *q, struct rb_pci_addr *port)
{
	int rc;

	rbi_qtest_lock(&q->qt);
	rc = rbi_qtest_flush(&q->qt);
	rc = rc ? rc : rbi_qemu_slot_find(q, port);
	rbi_qtest_unlock(&q->qt);
	return rc;
}

/* Power on, and all that firmware does. What fails is taken out again. */
static int bring_up(struct rbi_qemu *q, struct rb_pci_addr port, struct rb_pci_addr *fn)
{
	char why[200];
	int rc;

	rbi_qtest_lock(&q->qt);
	rc = rbi_qemu_slot_power_on(q, port);
	rc = rc ? rc : rbi_qemu_pci_arrived(q, port, fn);
	if (rc < 0 && !rbi_qemu_dead(q)) {
		snprintf(why, sizeof(why), "%s", rb_last_error());
		pull_out(q, port);
		rc = rbi_fail(rc, "%s", why);
	}
	rbi_qtest_unlock(&q->qt);
	return rc;
}

static int plug(struct rbi_qemu *q, const struct rbi_spec_device *device, struct rb_pci_addr *fn)
{
	struct rb_pci_addr port;
	int slot = find_slot(q, &port), rc;

	if (slot < 0)
		return slot;
	rc = rbi_qemu_open_monitor(q);
	if (rc < 0)
		return rc;
	rc = add_device(q, device, (size_t)slot);
	return rc ? rc : bring_up(q, port, fn);
}

int rbi_qemu_op_plug(struct rbi_machine *m, const struct rbi_spec_device *device,
		     struct rb_pci_addr *fn)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc = check_place(q, device);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&q->slots.lock);
	rc = plug(q, device, fn);
	pthread_mutex_unlock(&q->slots.lock);
	return rc;
}

#else

int rbi_qemu_op_plug(struct rbi_machine *m, const struct rbi_spec_device *device,
		     struct rb_pci_addr *fn)
{
	(void)m;
	(void)fn;
	return rbi_fail(-ENOTSUP,
			"'%.60s' cannot be plugged in: this library is built without jansson",
			device->model);
}

#endif
