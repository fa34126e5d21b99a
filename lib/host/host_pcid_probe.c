/* SPDX-License-Identifier: MIT */
/*
 * host_pcid_probe.c - what pcid learns of a function when it starts: ids, BARs and
 * their sizes, the option ROM, capabilities.
 *
 * It also does what firmware did before pcid on real machines: write the number of
 * the legacy line into configuration space.
 */
#include "config.h"

#include "host/host_pcid.h"

#define COMMAND	     0x04
#define CLASS	     0x08
#define HEADER	     0x0c
#define BAR0	     0x10
#define ROM	     0x30
#define CAPABILITIES 0x34
#define INTERRUPT    0x3c

#define COMMAND_DECODE	    0x3u
#define STATUS_CAPABILITIES (1u << 20)
#define ROM_ADDRESS	    0xfffff800u
#define ROM_ENABLE	    1u

static uint32_t get(struct rbi_hosted *h, const struct rbi_server_func *fn, unsigned int off)
{
	return rbi_hosted_pcid_cfg_read(h, fn->config.addr, off);
}

static void put(struct rbi_hosted *h, const struct rbi_server_func *fn, unsigned int off,
		uint32_t val)
{
	rbi_hosted_pcid_cfg_write(h, fn->config.addr, off, val);
}

/* The bits of a base address that stick when all are written; @*val is what it holds. */
static uint32_t sticky(struct rbi_hosted *h, const struct rbi_server_func *fn, unsigned int off,
		       uint32_t ones, uint32_t *val)
{
	uint32_t bits;

	*val = get(h, fn, off);
	put(h, fn, off, ones);
	bits = get(h, fn, off);
	put(h, fn, off, *val);
	return bits;
}

static uint64_t size_of(uint64_t bits)
{
	return bits ? bits & -bits : 0;
}

/* BAR @i: how many slots it takes. */
static unsigned int probe_bar(struct rbi_hosted *h, struct rbi_server_func *fn, unsigned int i)
{
	struct rbi_wire_bar *bar = &fn->config.bars[i];
	uint32_t low, high = 0;
	uint64_t bits, upper;

	bits = sticky(h, fn, BAR0 + 4 * i, UINT32_MAX, &low);
	if (bits == 0 || bits == UINT32_MAX) /* not implemented, or gone */
		return 1;
	if (bits & 1) {
		bar->kind = RBI_WIRE_BAR_PORT;
		bar->addr = low & 0xfffcu;
		return 1;
	}
	if ((bits >> 1 & 3) == 2 && i + 1 == RBI_WIRE_BARS) /* its upper half has no slot */
		return 1;
	if ((bits >> 1 & 3) == 2) {
		upper = sticky(h, fn, BAR0 + 4 * (i + 1), UINT32_MAX, &high);
		bar->kind = RBI_WIRE_BAR_MEM64;
		bar->addr = (uint64_t)high << 32 | (low & ~0xfu);
		bar->size = size_of(upper << 32 | (bits & ~(uint64_t)0xf));
		return 2;
	}
	bar->kind = RBI_WIRE_BAR_MEM32;
	bar->addr = low & ~0xfu;
	bar->size = size_of(bits & ~(uint64_t)0xf);
	return 1;
}

static void probe_rom(struct rbi_hosted *h, struct rbi_server_func *fn)
{
	uint32_t val, bits;

	bits = sticky(h, fn, ROM, ROM_ADDRESS, &val);
	if ((bits & ROM_ADDRESS) == 0 || bits == UINT32_MAX)
		return;
	fn->config.has_rom = true;
	fn->config.rom.addr = val & ROM_ADDRESS;
	fn->config.rom.size = (uint32_t)size_of(bits & ROM_ADDRESS);
	fn->config.rom.enabled = val & ROM_ENABLE;
}

/* With decoding off, so that nothing answers at the addresses that are tried. */
static void probe_addresses(struct rbi_hosted *h, struct rbi_server_func *fn)
{
	uint32_t command = get(h, fn, COMMAND) & 0xffff; /* ones would clear status bits */
	unsigned int i = 0;

	put(h, fn, COMMAND, command & ~COMMAND_DECODE);
	while (i < RBI_WIRE_BARS)
		i += probe_bar(h, fn, i);
	if (h->profile.rom_field) {
		fn->config.rom_field = true;
		probe_rom(h, fn);
	}
	put(h, fn, COMMAND, command);
}

static void note_msi(struct rbi_server_func *fn, unsigned int off, uint32_t dword)
{
	unsigned int log2 = dword >> 17 & 7;

	if (fn->msi.off != 0)
		return; /* pcid uses the first */
	fn->msi.off = off;
	fn->msi.is_64bit = dword >> 23 & 1;
	fn->msi.has_masking = dword >> 24 & 1;
	fn->msi.log2_capable = log2 <= 5 ? log2 : 0;
}

/* The first, again. What it says of its table is not read a second time. */
static void note_msix(struct rbi_hosted *h, struct rbi_server_func *fn, unsigned int off,
		      uint32_t dword)
{
	uint32_t table, pba;

	if (fn->msix != 0)
		return;
	table = get(h, fn, off + 4);
	pba = get(h, fn, off + 8);
	fn->msix = off;
	fn->msix_info.table_size = (uint16_t)((dword >> 16 & 0x7ff) + 1);
	fn->msix_info.table_bar = table & 7;
	fn->msix_info.table_offset = table & ~7u;
	fn->msix_info.pba_bar = pba & 7;
	fn->msix_info.pba_offset = pba & ~7u;
}

static void probe_caps(struct rbi_hosted *h, struct rbi_server_func *fn)
{
	uint64_t seen = 0; /* a bit per place that a capability can stand at */
	unsigned int off;
	uint32_t dword;

	if (!(get(h, fn, COMMAND) & STATUS_CAPABILITIES))
		return;
	off = get(h, fn, CAPABILITIES) & 0xfc;
	while (off >= 0x40 && fn->ncaps < RBI_WIRE_CAPS_MAX && !(seen >> off / 4 & 1)) {
		seen |= (uint64_t)1 << off / 4;
		dword = get(h, fn, off);
		if (dword == UINT32_MAX)
			return;
		if ((dword & 0xff) != 0) { /* pcid skips null capabilities */
			fn->caps[fn->ncaps].id = (uint8_t)dword;
			fn->caps[fn->ncaps++].off = (uint8_t)off;
		}
		if ((dword & 0xff) == 0x05)
			note_msi(fn, off, dword);
		if ((dword & 0xff) == 0x11)
			note_msix(h, fn, off, dword);
		off = dword >> 8 & 0xfc;
	}
}

static void set_line(struct rbi_hosted *h, const struct rbi_server_func *fn)
{
	uint32_t dword = get(h, fn, INTERRUPT);
	struct rbi_intx intx;

	if (h->machine->ops->intx(h->machine, fn->config.addr, &intx) < 0)
		return;
	if (intx.pin != 0 && intx.line != 0xff && intx.line != (dword & 0xff))
		put(h, fn, INTERRUPT, (dword & ~0xffu) | intx.line);
}

void rbi_hosted_pcid_complete(struct rbi_hosted *h, struct rbi_server_func *fn)
{
	if (fn->complete)
		return;
	probe_addresses(h, fn);
	probe_caps(h, fn);
	set_line(h, fn);
	fn->complete = true;
}

int rbi_hosted_pcid_probe(struct rbi_hosted *h, struct rb_pci_addr addr, struct rbi_server_func *fn)
{
	uint32_t ids, class_dword;

	*fn = (struct rbi_server_func){ .config.addr = addr };
	ids = get(h, fn, 0);
	if (ids == UINT32_MAX || (get(h, fn, HEADER) >> 16 & 0x7f) != 0)
		return 0; /* bridges are walked through, not listed */

	class_dword = get(h, fn, CLASS);
	fn->config.vendor = (uint16_t)ids;
	fn->config.device = (uint16_t)(ids >> 16);
	fn->config.class_code = (uint8_t)(class_dword >> 24);
	fn->config.subclass = (uint8_t)(class_dword >> 16);
	fn->config.interface = (uint8_t)(class_dword >> 8);
	fn->config.revision = (uint8_t)class_dword;
	if (!h->machine->lazy)
		rbi_hosted_pcid_complete(h, fn);
	return 1;
}
