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
	uint64_t align; /* the largest size so far */
};

struct space {
	struct cursor io, mem, pref;
	bool dry; /* only to see how much is needed */
};

/* --- sizes ------------------------------------------------------------------------------- */

unsigned int rbi_qemu_bar_off(const struct rbi_qemu_fn *fn, unsigned int i)
{
	if (i == QEMU_BAR_ROM)
		return fn->bridge ? CFG_BRIDGE_ROM : CFG_ROM;
	return CFG_BAR0 + 4 * i;
}

/* Where address bits may stick: @n offsets of configuration space. */
static unsigned int address_registers(const struct rbi_qemu_fn *fn, unsigned int *offs)
{
	unsigned int i, n = 0;

	for (i = 0; i < (fn->bridge ? 2u : 6u); i++)
		offs[n++] = rbi_qemu_bar_off(fn, i);
	offs[n++] = rbi_qemu_bar_off(fn, QEMU_BAR_ROM);
	return n;
}

/* Write ones and see which address bits stick, all registers at once. Decoding is off, as
 * at power-on, and the registers were 0 then. @cfg: the header with what stuck. */
static int probe(struct rbi_qemu *q, const struct rbi_qemu_fn *fn, uint8_t cfg[64])
{
	unsigned int i, offs[QEMU_BARS], n = address_registers(fn, offs);
	int rc = 0;

	for (i = 0; i < n && rc == 0; i++)
		rc = rbi_qemu_cfg_raw_post(q, fn->addr, offs[i], 4,
					   i + 1 < n ? 0xffffffff : ROM_ADDRESS);
	rc = rc ? rc : rbi_qemu_cfg_raw_block(q, fn->addr, cfg, 64);
	for (i = 0; i < n && rc == 0; i++) {
		if (rbi_qemu_dword(cfg, offs[i]) != 0)
			rc = rbi_qemu_cfg_raw_post(q, fn->addr, offs[i], 4, 0);
	}
	return rc;
}

static void size_bar(const uint8_t *cfg, struct rbi_qemu_fn *fn, unsigned int i, unsigned int count)
{
	struct rbi_qemu_bar *bar = &fn->bar[i];
	uint32_t low = rbi_qemu_dword(cfg, CFG_BAR0 + 4 * i), high = 0xffffffff;
	uint64_t mask;

	if (low == 0)
		return;
	bar->io = low & 1;
	bar->is64 = !bar->io && (low & 6) == 4 && i + 1 < count;
	bar->prefetch = !bar->io && (low & 8);
	if (bar->is64)
		high = rbi_qemu_dword(cfg, CFG_BAR0 + 4 * i + 4);
	if (bar->io)
		mask = UINT64_C(0xffffffffffff0000) | (low & 0xfffc);
	else
		mask = (uint64_t)high << 32 | (low & ~15u);
	bar->size = mask & -mask; /* the lowest address bit that can be set */
}

static int size_bars(struct rbi_qemu *q, struct rbi_qemu_fn *fn)
{
	struct rbi_qemu_bar *rom = &fn->bar[QEMU_BAR_ROM];
	unsigned int i, count = fn->bridge ? 2 : 6;
	uint8_t cfg[64];
	uint32_t mask;
	int rc = probe(q, fn, cfg);

	if (rc < 0)
		return rc;
	for (i = 0; i < count; i += fn->bar[i].is64 ? 2 : 1)
		size_bar(cfg, fn, i, count);
	mask = rbi_qemu_dword(cfg, rbi_qemu_bar_off(fn, QEMU_BAR_ROM)) & ROM_ADDRESS;
	rom->size = mask & -mask;
	rom->off = true;
	return 0;
}

static int size_all(struct rbi_qemu *q, size_t first)
{
	size_t i;
	int rc = 0;

	for (i = first; i < q->pci.n && rc == 0; i++)
		rc = size_bars(q, &q->pci.fn[i]);
	return rc;
}

/* --- places ------------------------------------------------------------------------------ */

static bool take(struct cursor *c, uint64_t size, uint64_t *base)
{
	uint64_t at = rbi_round_up(c->at, size);

	if (at < c->at || at > c->end || size > c->end - at)
		return false;
	c->at = at + size;
	c->align = size > c->align ? size : c->align;
	*base = at;
	return true;
}

static int write_bar(struct rbi_qemu *q, const struct rbi_qemu_fn *fn, unsigned int i)
{
	const struct rbi_qemu_bar *bar = &fn->bar[i];
	unsigned int off = rbi_qemu_bar_off(fn, i);
	int rc = rbi_qemu_cfg_raw_post(q, fn->addr, off, 4, (uint32_t)bar->base);

	if (rc == 0 && bar->is64)
		rc = rbi_qemu_cfg_raw_post(q, fn->addr, off + 4, 4, (uint32_t)(bar->base >> 32));
	return rc;
}

static int place_bar(struct rbi_qemu *q, struct rbi_qemu_fn *fn, unsigned int i, struct space *s,
		     bool high_ok)
{
	struct rbi_qemu_bar *bar = &fn->bar[i];
	bool high = bar->is64 && bar->prefetch && high_ok;
	struct cursor *c = bar->io ? &s->io : high ? &s->pref : &s->mem;
	char name[QEMU_FN_NAME];
	uint64_t base;

	if (!take(c, bar->size, &base)) {
		/* A device must work without its ports (PCIe 6.0, 1.3.2.2). */
		if (bar->io)
			return 0;
		return rbi_fail(-EINVAL, "BAR%u of PCI function %s, %#llx bytes, finds no place", i,
				rbi_qemu_fn_name(fn->addr, name), (unsigned long long)bar->size);
	}
	if (s->dry)
		return 0;
	bar->base = base;
	return write_bar(q, fn, i);
}

static int place_bars(struct rbi_qemu *q, struct rbi_qemu_fn *fn, struct space *s, bool high_ok)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < QEMU_BARS && rc == 0; i++) {
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
	int rc = rbi_qemu_cfg_raw_post(q, fn->addr, CFG_IO_WINDOW, 2, ports);

	rc = rc ? rc : rbi_qemu_cfg_raw_post(q, fn->addr, CFG_IO_HIGH, 4, 0);
	rc = rc ? rc : rbi_qemu_cfg_raw_post(q, fn->addr, CFG_MEM_WINDOW, 4, memory);
	rc = rc ? rc : rbi_qemu_cfg_raw_post(q, fn->addr, CFG_PREF_WINDOW, 4, prefetch);
	rc = rc ? rc
		: rbi_qemu_cfg_raw_post(q, fn->addr, CFG_PREF_BASE_HIGH, 4,
					(uint32_t)(pref.base >> 32));
	return rc ? rc
		  : rbi_qemu_cfg_raw_post(q, fn->addr, CFG_PREF_LIMIT_HIGH, 4,
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
	int rc;

	if (!rbi_qemu_pci_occupied(q, fn->addr))
		return 0;
	align_windows(s);
	start = *s;
	rc = assign_bus(q, index, s, high_ok && fn->pref64);
	if (rc < 0)
		return rc;
	align_windows(s);
	if (s->dry)
		return 0;
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

/*
 * Bridges let through what is below them, and the doorbell listens. All else stays off, as
 * firmware leaves what it does not boot from: drivers switch on what they open (contract
 * 4.2). Each switch makes QEMU draw its map of memory anew, at a cost that grows with what
 * is on it: among 960 functions some 1 ms, and pcid's look at each of them takes four.
 */
static int switch_on(struct rbi_qemu *q, struct rbi_qemu_fn *fn)
{
	uint32_t command = COMMAND_IO | COMMAND_MEM | COMMAND_MASTER;
	int rc;

	if (fn->addr.sbdf == RBI_QEMU_IVSHMEM_SLOT << 3)
		command = COMMAND_MEM;
	else if (!fn->bridge || !rbi_qemu_pci_occupied(q, fn->addr))
		return 0;
	rc = rbi_qemu_cfg_raw_post(q, fn->addr, CFG_COMMAND, 2, command);
	return rc ? rc : rbi_qemu_copy_after(q, fn, CFG_COMMAND, 2);
}

static int switch_all_on(struct rbi_qemu *q, size_t first)
{
	size_t i;
	int rc = 0;

	for (i = first; i < q->pci.n && rc == 0; i++)
		rc = switch_on(q, &q->pci.fn[i]);
	return rc;
}

int rbi_qemu_bars_assign(struct rbi_qemu *q)
{
	struct space s = {
		.io = { QEMU_IO_BASE, QEMU_IO_END, 0 },
		.mem = { QEMU_MMIO_BASE, QEMU_MMIO_END, 0 },
		.pref = { QEMU_MMIO64_BASE, QEMU_MMIO64_END, 0 },
	};
	int rc = size_all(q, 0);

	rc = rc ? rc : assign_bus(q, -1, &s, true);
	return rc ? rc : switch_all_on(q, 0);
}

/* --- late devices ------------------------------------------------------------------------ */

/* If [*at, *at + size) meets [base, limit], go on behind that. */
static bool step_over(uint64_t base, uint64_t limit, uint64_t size, uint64_t align, uint64_t *at)
{
	if (base > limit || limit < *at || (base > *at && base - *at >= size))
		return false;
	*at = rbi_round_up(limit + 1, align);
	return true;
}

/* Does anything on bus 0, but for bridge @port, take the place at *at? Then go on behind it. */
static bool is_taken(struct rbi_qemu *q, size_t port, bool io, uint64_t size, uint64_t align,
		     uint64_t *at)
{
	bool taken = false;
	size_t i, k;

	for (i = 0; i < q->pci.n && !taken; i++) {
		const struct rbi_qemu_fn *fn = &q->pci.fn[i];

		if (fn->parent >= 0)
			continue;
		for (k = 0; k < QEMU_BARS && !taken; k++) {
			const struct rbi_qemu_bar *bar = &fn->bar[k];

			if (bar->size > 0 && bar->base != 0 && bar->io == io)
				taken = step_over(bar->base, bar->base + bar->size - 1, size, align,
						  at);
		}
		if (taken || i == port || !fn->bridge)
			continue;
		if (!(fn->command & (io ? COMMAND_IO : COMMAND_MEM)))
			continue;
		if (io)
			taken = step_over(fn->io.base, fn->io.limit, size, align, at);
		else
			taken = step_over(fn->mem.base, fn->mem.limit, size, align, at) ||
				step_over(fn->pref.base, fn->pref.limit, size, align, at);
	}
	return taken;
}

/* What the window of late devices needs is taken where nobody of bus 0 is, from @from on: a
 * cursor to give it out with; an empty one where there is no such place. */
static struct cursor find_gap(struct rbi_qemu *q, size_t port, bool io, const struct cursor *need,
			      uint64_t from, uint64_t end)
{
	uint64_t unit = io ? WINDOW_IO : WINDOW_MEM;
	uint64_t align = need->align > unit ? need->align : unit;
	uint64_t at = rbi_round_up(from, align);

	while (need->at > 0 && at < end && is_taken(q, port, io, need->at, align, &at))
		;
	if (need->at == 0 || at >= end || need->at > end - at)
		return (struct cursor){ from, from, 0 };
	return (struct cursor){ at, at + need->at, 0 };
}

int rbi_qemu_bars_assign_below(struct rbi_qemu *q, size_t port, size_t first)
{
	const uint64_t all = UINT64_C(1) << 62;
	struct space s, need = {
		.io = { 0, QEMU_IO_END, 0 },
		.mem = { 0, all, 0 },
		.pref = { 0, all, 0 },
		.dry = true,
	};
	int rc = size_all(q, first);

	rc = rc ? rc : assign_below(q, (int)port, &need, true);
	if (rc < 0)
		return rc;
	s.io = find_gap(q, port, true, &need.io, QEMU_IO_BASE, QEMU_IO_END);
	s.mem = find_gap(q, port, false, &need.mem, QEMU_MMIO_BASE, QEMU_MMIO_END);
	s.pref = find_gap(q, port, false, &need.pref, QEMU_MMIO64_BASE, QEMU_MMIO64_END);
	s.dry = false;
	rc = assign_below(q, (int)port, &s, true);
	rc = rc ? rc : switch_all_on(q, first);
	return rc ? rc : switch_on(q, &q->pci.fn[port]);
}

int rbi_qemu_bars_close(struct rbi_qemu *q, size_t port)
{
	struct rbi_qemu_fn *fn = &q->pci.fn[port];
	int rc = rbi_qemu_cfg_raw_post(q, fn->addr, CFG_COMMAND, 2, 0);

	return rc ? rc : rbi_qemu_copy_after(q, fn, CFG_COMMAND, 2);
}
