/* SPDX-License-Identifier: MIT */
/*
 * qemu_decode.c - who answers at an address.
 *
 * QEMU answers 0 where nobody decodes; hardware answers all-ones (qemu-notes 2). So
 * the machine keeps a copy of what decides. It is read back from the device after
 * every write that may have changed it, and so obeys the same read-only bits.
 */
#include "config.h"

#include <errno.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "host/qemu/qemu_regs.h"

/* --- the copy of what decides about decoding --------------------------------------------- */

static void copy_bars(const uint8_t *cfg, struct rbi_qemu_fn *fn)
{
	uint32_t low;
	unsigned int i;

	for (i = 0; i < QEMU_BARS; i++) {
		struct rbi_qemu_bar *bar = &fn->bar[i];

		if (bar->size == 0)
			continue;
		low = rbi_qemu_dword(cfg, rbi_qemu_bar_off(fn, i));
		if (i == QEMU_BAR_ROM) {
			bar->base = low & ROM_ADDRESS;
			bar->off = !(low & ROM_ENABLE);
			continue;
		}
		bar->base = bar->io ? low & ~3u : low & ~15u;
		if (bar->is64)
			bar->base |= (uint64_t)rbi_qemu_dword(cfg, rbi_qemu_bar_off(fn, i) + 4)
				     << 32;
	}
}

/* PCI-to-PCI Bridge 1.2, 3.2.5.6 - 3.2.5.10 */
static void copy_windows(const uint8_t *cfg, struct rbi_qemu_fn *fn)
{
	uint32_t io = rbi_qemu_dword(cfg, CFG_IO_WINDOW);
	uint32_t io_high = rbi_qemu_dword(cfg, CFG_IO_HIGH);
	uint32_t mem = rbi_qemu_dword(cfg, CFG_MEM_WINDOW);
	uint32_t pref = rbi_qemu_dword(cfg, CFG_PREF_WINDOW);

	fn->io.base = (io & 0xf0) << 8 | (io & 0xf ? (uint64_t)(io_high & 0xffff) << 16 : 0);
	fn->io.limit = (io & 0xf000) | 0xfff | (io & 0xf ? (uint64_t)(io_high >> 16) << 16 : 0);
	fn->mem.base = (uint64_t)(mem & 0xfff0) << 16;
	fn->mem.limit = (mem & 0xfff00000) | 0xfffff;
	fn->pref.base = (uint64_t)(pref & 0xfff0) << 16;
	fn->pref.limit = (pref & 0xfff00000) | 0xfffff;
	if (pref & 0xf) {
		fn->pref.base |= (uint64_t)rbi_qemu_dword(cfg, CFG_PREF_BASE_HIGH) << 32;
		fn->pref.limit |= (uint64_t)rbi_qemu_dword(cfg, CFG_PREF_LIMIT_HIGH) << 32;
	}
}

/* A slot whose power was switched off has lost what was in it. */
static int look_for_removed(struct rbi_qemu *q, const struct rbi_qemu_fn *port)
{
	struct rb_pci_addr first = rb_pci_addr_make(0, port->secondary, 0, 0);
	uint32_t id;
	int rc = rbi_qemu_cfg_raw_read(q, first, CFG_ID, 4, &id);

	if (rc == 0 && id == 0xffffffff)
		rbi_qemu_pci_departed(q, port->addr);
	return rc;
}

int rbi_qemu_copy_after(struct rbi_qemu *q, struct rbi_qemu_fn *fn, unsigned int off,
			unsigned int width)
{
	uint8_t cfg[64];
	int rc = 0;

	if (rbi_qemu_touches(off, width, CFG_COMMAND, CFG_STATUS) ||
	    rbi_qemu_touches(off, width, CFG_BAR0, CFG_HEADER_END)) {
		rc = rbi_qemu_cfg_raw_block(q, fn->addr, cfg, sizeof(cfg));
		if (rc < 0)
			return rc;
		fn->command = (uint16_t)rbi_qemu_dword(cfg, CFG_COMMAND);
		copy_bars(cfg, fn);
		if (fn->bridge)
			copy_windows(cfg, fn);
	}
	if (fn->bridge && fn->express &&
	    rbi_qemu_touches(off, width, fn->express + EXP_SLOTCTL, fn->express + EXP_SLOTCTL + 2))
		rc = look_for_removed(q, fn);
	return rc;
}

/* --- who decodes an address -------------------------------------------------------------- */

static bool in_window(const struct rbi_qemu_window *w, uint64_t addr)
{
	return addr >= w->base && addr <= w->limit;
}

/* Do all bridges above @fn let @addr through? */
static bool reaches(struct rbi_qemu *q, const struct rbi_qemu_fn *fn, bool io, uint64_t addr)
{
	int i;

	for (i = fn->parent; i >= 0; i = q->pci.fn[i].parent) {
		const struct rbi_qemu_fn *bridge = &q->pci.fn[i];

		if (bridge->gone || !(bridge->command & (io ? COMMAND_IO : COMMAND_MEM)))
			return false;
		if (io ? !in_window(&bridge->io, addr)
		       : !in_window(&bridge->mem, addr) && !in_window(&bridge->pref, addr))
			return false;
	}
	return true;
}

static bool bar_covers(const struct rbi_qemu_bar *bar, bool io, uint64_t addr, unsigned int width)
{
	return bar->size >= width && bar->io == io && !bar->off && bar->base != 0 &&
	       addr >= bar->base && addr - bar->base <= bar->size - width;
}

static int removed(const struct rbi_qemu_fn *fn)
{
	char name[QEMU_FN_NAME];

	return rbi_fail(-ENODEV, "PCI function %s has been removed",
			rbi_qemu_fn_name(fn->addr, name));
}

static bool covers(const struct rbi_qemu_fn *fn, bool io, uint64_t addr, unsigned int width)
{
	unsigned int i;

	if (fn->hidden || !(fn->command & (io ? COMMAND_IO : COMMAND_MEM)))
		return false;
	for (i = 0; i < QEMU_BARS; i++) {
		if (bar_covers(&fn->bar[i], io, addr, width))
			return true;
	}
	return false;
}

static bool answers(struct rbi_qemu *q, size_t i, bool io, uint64_t addr, unsigned int width)
{
	const struct rbi_qemu_fn *fn = &q->pci.fn[i];

	return !fn->gone && covers(fn, io, addr, width) && reaches(q, fn, io, addr);
}

/* One access is mostly followed by another to the same function. */
int rbi_qemu_decodes(struct rbi_qemu *q, bool io, uint64_t addr, unsigned int width)
{
	const struct rbi_qemu_fn *lost = NULL;
	size_t i;

	if (q->pci.hit < q->pci.n && answers(q, q->pci.hit, io, addr, width))
		return 1;
	for (i = 0; i < q->pci.n; i++) {
		if (answers(q, i, io, addr, width)) {
			q->pci.hit = i;
			return 1;
		}
		if (q->pci.fn[i].gone && covers(&q->pci.fn[i], io, addr, width))
			lost = &q->pci.fn[i];
	}
	return lost ? removed(lost) : 0;
}
