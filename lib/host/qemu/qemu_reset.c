/* SPDX-License-Identifier: MIT */
/*
 * qemu_reset.c - reset of one function.
 *
 * Function-level reset where the function offers it (PCIe 6.0, 6.6.2); else a reset of
 * its bus (PCI-to-PCI Bridge 1.2, 11.1) when nobody else is on it, which holds for
 * every device that the machine has given a root port of its own. QEMU resets before
 * the write returns.
 */
#include "config.h"

#include <errno.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "host/qemu/qemu_regs.h"

/* 1: done; 0: the function has no such reset. */
static int reset_function(struct rbi_qemu *q, const struct rbi_qemu_fn *fn)
{
	uint32_t cap, control;
	int rc;

	if (!fn->express)
		return 0;
	rc = rbi_qemu_cfg_raw_read(q, fn->addr, fn->express + EXP_DEVCAP, 4, &cap);
	if (rc < 0 || !(cap & EXP_DEVCAP_FLR))
		return rc;
	rc = rbi_qemu_cfg_raw_read(q, fn->addr, fn->express + EXP_DEVCTL, 2, &control);
	rc = rc ? rc
		: rbi_qemu_cfg_raw_write(q, fn->addr, fn->express + EXP_DEVCTL, 2,
					 control | EXP_DEVCTL_FLR);
	return rc < 0 ? rc : 1;
}

static bool is_alone(struct rbi_qemu *q, const struct rbi_qemu_fn *fn)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < q->pci.n; i++)
		n += q->pci.fn[i].parent == fn->parent && !q->pci.fn[i].gone;
	return fn->parent >= 0 && n == 1 && !fn->bridge;
}

static int reset_bus(struct rbi_qemu *q, struct rb_pci_addr bridge)
{
	uint32_t control;
	int rc = rbi_qemu_cfg_raw_read(q, bridge, CFG_BRIDGE_CONTROL, 2, &control);

	rc = rc ? rc
		: rbi_qemu_cfg_raw_write(q, bridge, CFG_BRIDGE_CONTROL, 2, control | BRIDGE_RESET);
	return rc ? rc
		  : rbi_qemu_cfg_raw_write(q, bridge, CFG_BRIDGE_CONTROL, 2,
					   control & ~BRIDGE_RESET);
}

static int reset_locked(struct rbi_qemu *q, struct rb_pci_addr addr)
{
	struct rbi_qemu_fn *fn = rbi_qemu_find_fn(q, addr);
	char name[QEMU_FN_NAME];
	int rc;

	rbi_qemu_fn_name(addr, name);
	if (!fn || fn->gone || fn->hidden || rbi_qemu_dead(q))
		return rbi_fail(-ENODEV, "PCI function %s is gone", name);

	rc = reset_function(q, fn);
	if (rc == 0 && !is_alone(q, fn))
		return rbi_fail(-ENOTSUP, "PCI function %s can only be reset with others", name);
	if (rc == 0)
		rc = reset_bus(q, q->pci.fn[fn->parent].addr);
	rc = rc < 0 ? rc : rbi_qemu_copy_after(q, fn, CFG_COMMAND, 2);
	return rc < 0 ? rc : rbi_qemu_copy_after(q, fn, CFG_BAR0, 4);
}

int rbi_qemu_op_reset(struct rbi_machine *m, struct rb_pci_addr fn)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc;

	rbi_qtest_lock(&q->qt);
	rc = reset_locked(q, fn);
	rbi_qtest_unlock(&q->qt);
	return rc;
}
