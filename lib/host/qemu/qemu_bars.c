/* SPDX-License-Identifier: MIT */
/*
 * qemu_bars.c - the addresses that firmware would give to BARs and bridges.
 *
 * One walk, buses depth first, three cursors that only go up: each BAR is aligned to
 * its size, each bridge's window to what its registers can say. 64-bit prefetchable
 * BARs go above 4 GiB where all bridges on the way can pass them, everything else
 * below: a bridge has no window for other 64-bit memory (PCI-to-PCI Bridge 1.2, 3.2.5).
 */
#include "config.h"

#include <errno.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "host/qemu/qemu_regs.h"

#define WINDOW_MEM 0x100000u /* what a window starts and ends at a multiple of */
#define WINDOW_IO  0x1000u

struct cursor {
	uint64_t at, end;
};

struct space {
	struct cursor io, mem, pref;
};

/* --- sizes ------------------------------------------------------------------------------- */

/* Write all-ones and see which address bits stick. Decoding is off, as at power-on. */
static int probe_dword(struct rbi_qemu *q, const struct rbi_qemu_fn *fn, unsigned int off,
		       uint32_t *before, uint32_t *mask)
{
	int rc = rbi_qemu_cfg_raw_read(q, fn->addr, off, 4, before);

	rc = rc ? rc : rbi_qemu_cfg_raw_write(q, fn->addr, off, 4, 0xffffffff);
	rc = rc ? rc : rbi_qemu_cfg_raw_read(q, fn->addr, off, 4, mask);
	return rc ? rc : rbi_qemu_cfg_raw_write(q, fn->addr, off, 4, *before);
}

static int size_bar(struct rbi_qemu *q, struct rbi_qemu_fn *fn, unsigned int i, unsigned int count)
{
	struct rbi_qemu_bar *bar = &fn->bar[i];
	uint32_t flags, low, high = 0xffffffff, ignored;
	uint64_t mask;
	int rc = probe_dword(q, fn, CFG_BAR0 + 4 * i, &flags, &low);

	if (rc < 0 || low == 0)
		return rc;
	bar->io = low & 1;
	bar->is64 = !bar->io && (low & 6) == 4 && i + 1 < count;
	bar->prefetch = !bar->io && (low & 8);
	if (bar->is64)
		rc = probe_dword(q, fn, CFG_BAR0 + 4 * i + 4, &ignored, &high);
	if (bar->io)
		mask = UINT64_C(0xffffffffffff0000) | (low & 0xfffc);
	else
		mask = (uint64_t)high << 32 | (low & ~15u);
	bar->size = mask & -mask; /* the lowest address bit that can be set */
	return rc;
}

static int size_bars(struct rbi_qemu *q, struct rbi_qemu_fn *fn)
{
	unsigned int i, count = fn->bridge ? 2 : 6;
	int rc = 0;

	for (i = 0; i < count && rc == 0; i += fn->bar[i].is64 ? 2 : 1)
		rc = size_bar(q, fn, i, count);
	return rc;
}

/* --- places ------------------------------------------------------------------------------ */

static bool take(struct cursor *c, uint64_t size, uint64_t *base)
{
	uint64_t at = rbi_round_up(c->at, size);

	if (at < c->at || at > c->end || size > c->end - at)
		return false;
	c->at = at + size;
	*base = at;
	return true;
}

static int place_bar(struct rbi_qemu *q, struct rbi_qemu_fn *fn, unsigned int i, struct space *s,
		     bool high_ok)
{
	struct rbi_qemu_bar *bar = &fn->bar[i];
	bool high = bar->is64 && bar->prefetch && high_ok;
	struct cursor *c = bar->io ? &s->io : high ? &s->pref : &s->mem;
	char name[QEMU_FN_NAME];
	int rc;

	if (!take(c, bar->size, &bar->base)) {
		/* A device must work without its ports (PCIe 6.0, 1.3.2.2). */
		if (bar->io)
			return 0;
		return rbi_fail(-EINVAL, "BAR%u of PCI function %s, %#llx bytes, finds no place", i,
				rbi_qemu_fn_name(fn->addr, name), (unsigned long long)bar->size);
	}
	rc = rbi_qemu_cfg_raw_write(q, fn->addr, CFG_BAR0 + 4 * i, 4, (uint32_t)bar->base);
	if (rc == 0 && bar->is64)
		rc = rbi_qemu_cfg_raw_write(q, fn->addr, CFG_BAR0 + 4 * i + 4, 4,
					    (uint32_t)(bar->base >> 32));
	return rc;
}

static int place_bars(struct rbi_qemu *q, struct rbi_qemu_fn *fn, struct space *s, bool high_ok)
{
	unsigned int i;
	int rc = size_bars(q, fn);

	for (i = 0; i < 6 && rc == 0; i++) {
		if (fn->bar[i].size > 0)
			rc = place_bar(q, fn, i, s, high_ok);
	}
	return rc;
}

/* --- bridges ----------------------------------------------------------------------------- */

/* A window [from, to): closed when it is empty. */
static struct rbi_qemu_window window(uint64_t from, uint64_t to)
{
	struct rbi_qemu_window w = { UINT64_C(0xfff00000), 0 };

	if (to > from) {
		w.base = from;
		w.limit = to - 1;
	}
	return w;
}

static int set_windows(struct rbi_qemu *q, const struct rbi_qemu_fn *fn, struct rbi_qemu_window io,
		       struct rbi_qemu_window mem, struct rbi_qemu_window pref)
{
	uint32_t ports = (io.base >> 8 & 0xf0) | (io.limit & 0xf000);
	uint32_t memory = (mem.base >> 16 & 0xfff0) | (mem.limit & 0xfff00000);
	uint32_t prefetch = (pref.base >> 16 & 0xfff0) | (pref.limit & 0xfff00000);
	int rc = rbi_qemu_cfg_raw_write(q, fn->addr, CFG_IO_WINDOW, 2, ports);

	rc = rc ? rc : rbi_qemu_cfg_raw_write(q, fn->addr, CFG_IO_HIGH, 4, 0);
	rc = rc ? rc : rbi_qemu_cfg_raw_write(q, fn->addr, CFG_MEM_WINDOW, 4, memory);
	rc = rc ? rc : rbi_qemu_cfg_raw_write(q, fn->addr, CFG_PREF_WINDOW, 4, prefetch);
	rc = rc ? rc
		: rbi_qemu_cfg_raw_write(q, fn->addr, CFG_PREF_BASE_HIGH, 4,
					 (uint32_t)(pref.base >> 32));
	return rc ? rc
		  : rbi_qemu_cfg_raw_write(q, fn->addr, CFG_PREF_LIMIT_HIGH, 4,
					   (uint32_t)(pref.limit >> 32));
}

static void align(struct cursor *c, uint64_t to)
{
	c->at = rbi_round_up(c->at, to);
}

static void align_windows(struct space *s)
{
	align(&s->io, WINDOW_IO);
	align(&s->mem, WINDOW_MEM);
	align(&s->pref, WINDOW_MEM);
}

static int assign_bus(struct rbi_qemu *q, int parent, struct space *s, bool high_ok);

static int assign_below(struct rbi_qemu *q, int index, struct space *s, bool high_ok)
{
	const struct rbi_qemu_fn *fn = &q->pci.fn[index];
	struct space start;
	uint32_t pref;
	int rc = rbi_qemu_cfg_raw_read(q, fn->addr, CFG_PREF_WINDOW, 2, &pref);

	if (rc < 0)
		return rc;
	align_windows(s);
	start = *s;
	rc = assign_bus(q, index, s, high_ok && (pref & 0xf) == 1);
	if (rc < 0)
		return rc;
	align_windows(s);
	return set_windows(q, fn, window(start.io.at, s->io.at), window(start.mem.at, s->mem.at),
			   window(start.pref.at, s->pref.at));
}

static int assign_bus(struct rbi_qemu *q, int parent, struct space *s, bool high_ok)
{
	size_t i, first = parent < 0 ? 0 : (size_t)parent + 1;
	int rc = 0;

	for (i = first; i < q->pci.n && rc == 0; i++) {
		if (q->pci.fn[i].parent != parent)
			continue;
		rc = place_bars(q, &q->pci.fn[i], s, high_ok);
		if (rc == 0 && q->pci.fn[i].bridge)
			rc = assign_below(q, (int)i, s, high_ok);
	}
	return rc;
}

/* Decoding on, as firmware leaves it; mastering the bus is for drivers to allow, but
 * bridges must pass it on, and the doorbell only listens. */
static int switch_on(struct rbi_qemu *q, struct rbi_qemu_fn *fn)
{
	uint32_t command = COMMAND_IO | COMMAND_MEM;
	bool any = fn->bridge;
	unsigned int i;
	int rc;

	for (i = 0; i < 6; i++)
		any = any || fn->bar[i].base != 0;
	if (!any)
		return 0;
	if (fn->bridge)
		command |= COMMAND_MASTER;
	rc = rbi_qemu_cfg_raw_write(q, fn->addr, CFG_COMMAND, 2, command);
	rc = rc ? rc : rbi_qemu_copy_after(q, fn, CFG_COMMAND, 2);
	return rc ? rc : rbi_qemu_copy_after(q, fn, CFG_BAR0, 4);
}

int rbi_qemu_bars_assign(struct rbi_qemu *q)
{
	struct space s = {
		{ QEMU_IO_BASE, QEMU_IO_END },
		{ QEMU_MMIO_BASE, QEMU_MMIO_END },
		{ QEMU_MMIO64_BASE, QEMU_MMIO64_END },
	};
	size_t i;
	int rc = assign_bus(q, -1, &s, true);

	for (i = 0; i < q->pci.n && rc == 0; i++)
		rc = switch_on(q, &q->pci.fn[i]);
	return rc;
}
