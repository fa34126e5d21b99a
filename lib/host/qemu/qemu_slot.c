/* SPDX-License-Identifier: MIT */
/*
 * qemu_slot.c - slots: the driver of the ports that devices come into and go from.
 *
 * QEMU's root ports have a power controller (PCIe 6.0, 7.5.3.10). A device is put into a
 * port without power, and answers once it has some. When power and its indicator go off
 * QEMU takes the device away at once, without asking anybody: a surprise removal.
 */
#include "config.h"

#include <errno.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "host/qemu/qemu_regs.h"

static int slot_read(struct rbi_qemu *q, const struct rbi_qemu_fn *port, unsigned int reg,
		     uint32_t *val)
{
	return rbi_qemu_cfg_raw_read(q, port->addr, port->express + reg, 2, val);
}

static int slot_write(struct rbi_qemu *q, const struct rbi_qemu_fn *port, unsigned int reg,
		      uint32_t val)
{
	return rbi_qemu_cfg_raw_write(q, port->addr, port->express + reg, 2, val);
}

/* Has @port a slot whose power can be switched? */
static int has_slot(struct rbi_qemu *q, const struct rbi_qemu_fn *port, bool *has)
{
	const uint32_t want = EXP_SLOTCAP_POWER | EXP_SLOTCAP_HOTPLUG;
	uint32_t caps = 0, slot = 0, kind;
	int rc = 0;

	*has = false;
	if (!port->bridge || !port->express)
		return 0;
	rc = slot_read(q, port, EXP_CAPS, &caps);
	rc = rc ? rc : slot_read(q, port, EXP_SLOTCAP, &slot);
	kind = caps >> 4 & 0xf;
	*has = (kind == EXP_KIND_ROOT || kind == EXP_KIND_DOWNSTREAM) && (caps & EXP_CAPS_SLOT) &&
	       (slot & want) == want;
	return rc;
}

int rbi_qemu_slot_of(struct rbi_qemu *q, struct rb_pci_addr addr, struct rb_pci_addr *port)
{
	const struct rbi_qemu_fn *fn = rbi_qemu_find_fn(q, addr);
	char name[QEMU_FN_NAME];
	bool has = false;
	int rc = 0;

	rbi_qemu_fn_name(addr, name);
	if (!fn || fn->gone || fn->hidden)
		return rbi_fail(-ENOENT, "there is no PCI function %s", name);
	if (fn->parent >= 0) {
		*port = q->pci.fn[fn->parent].addr;
		rc = has_slot(q, &q->pci.fn[fn->parent], &has);
	}
	if (rc == 0 && !has)
		rc = rbi_fail(-ENOTSUP, "PCI function %s is in no slot", name);
	return rc;
}

int rbi_qemu_slot_is_empty(struct rbi_qemu *q, struct rb_pci_addr port, bool *empty)
{
	uint32_t status = 0;
	int rc = slot_read(q, rbi_qemu_find_fn(q, port), EXP_SLOTSTA, &status);

	*empty = !(status & EXP_SLOTSTA_PRESENT);
	return rc;
}

int rbi_qemu_slot_find(struct rbi_qemu *q, struct rb_pci_addr *port)
{
	size_t i, ports = q->slots.ports + q->slots.empty;
	bool empty;
	int rc;

	for (i = 0; i < ports; i++) {
		port->sbdf = rbi_qemu_port_place(i, q->slots.ports);
		if (!rbi_qemu_find_fn(q, *port) || rbi_qemu_pci_occupied(q, *port))
			continue;
		rc = rbi_qemu_slot_is_empty(q, *port, &empty);
		if (rc < 0)
			return rc;
		if (empty)
			return (int)i;
	}
	return rbi_fail(-EBUSY, "no slot is empty: option slots=N makes N of them, up to %d",
			RBI_QEMU_SLOTS);
}

int rbi_qemu_slot_power_on(struct rbi_qemu *q, struct rb_pci_addr addr)
{
	const struct rbi_qemu_fn *port = rbi_qemu_find_fn(q, addr);
	int rc = slot_write(q, port, EXP_SLOTCTL, EXP_SLOTCTL_ON);

	/* what has happened meanwhile is what was asked for */
	return rc ? rc : slot_write(q, port, EXP_SLOTSTA, EXP_SLOTSTA_EVENTS);
}

int rbi_qemu_slot_power_off(struct rbi_qemu *q, struct rb_pci_addr addr)
{
	const struct rbi_qemu_fn *port = rbi_qemu_find_fn(q, addr);
	int rc = slot_write(q, port, EXP_SLOTCTL, EXP_SLOTCTL_OFF);

	rc = rc ? rc : slot_write(q, port, EXP_SLOTSTA, EXP_SLOTSTA_EVENTS);
	rbi_qemu_pci_departed(q, addr);
	return rc ? rc : rbi_qemu_bars_close(q, (size_t)(port - q->pci.fn));
}
