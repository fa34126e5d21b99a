/* SPDX-License-Identifier: MIT */
/*
 * pci_bar.c - base address registers, as pcid found them and as we believe them.
 *
 * What the registers of a real function can say is narrow (PCI 3.0, 6.2.5.1):
 * a power of two bytes, aligned to its size, over nothing else of the function.
 * Anything else would make us map what is not the function's.
 */
#include "config.h"

#include <stdio.h>

#include "core/bits.h"
#include "pci/pci_private.h"

#define MEM_SIZE_MIN 16u   /* four bits of the register are taken by flags */
#define IO_SIZE_MIN  4u	   /* two bits are */
#define ROM_SIZE_MIN 2048u /* eleven are (PCI 3.0, 6.2.5.2) */
#define IO_END	     (UINT64_C(1) << 16)
#define MEM32_END    (UINT64_C(1) << 32)
#define MEM64_END    (UINT64_C(1) << 52) /* physical addresses of x86-64; the kernel's limit too */

#define PREFETCHABLE 0x8u

/* "BAR2", "the ROM" */
static const char *bar_name(unsigned int index)
{
	static const char *const names[RBI_PCI_BARS] = {
		"BAR0", "BAR1", "BAR2", "BAR3", "BAR4", "BAR5", "the ROM",
	};

	return names[index];
}

/* --- one by one ---------------------------------------------------------------------- */

static const char *range_fault(const struct rbi_pci_bar *bar, uint64_t least, uint64_t end)
{
	if (bar->size == 0)
		return "its size is 0";
	if (!rbi_is_power_of_two(bar->size))
		return "its size is no power of two";
	if (bar->size < least)
		return "it is smaller than such a BAR can be";
	if ((bar->addr & (bar->size - 1)) != 0)
		return "it is not aligned to its size";
	if (bar->size > end || bar->addr > end - bar->size)
		return "it ends past what can be addressed";
	return NULL;
}

/* Why BAR @i cannot be, or NULL. */
static const char *bar_fault(const struct rb_pci_dev *dev, unsigned int i)
{
	const struct rbi_pci_bar *bar = &dev->bars[i];

	switch (bar->kind) {
	case RB_PCI_BAR_MEM32:
		return range_fault(bar, i == RB_PCI_BAR_ROM ? ROM_SIZE_MIN : MEM_SIZE_MIN,
				   MEM32_END);
	case RB_PCI_BAR_MEM64:
		if (i + 1 >= RB_PCI_BAR_ROM || dev->bars[i + 1].kind != RB_PCI_BAR_NONE)
			return "its upper half has no slot";
		return range_fault(bar, MEM_SIZE_MIN, MEM64_END);
	case RB_PCI_BAR_IO:
		/* 0: its register was not asked */
		return bar->size != 0 ? range_fault(bar, IO_SIZE_MIN, IO_END) : NULL;
	case RB_PCI_BAR_NONE:
		break;
	}
	return NULL;
}

static void set_flaw(struct rb_pci_dev *dev, unsigned int i, const char *why, const char *who)
{
	const struct rbi_pci_bar *bar = &dev->bars[i];

	snprintf(dev->flaws[i], sizeof(dev->flaws[i]), "%s (%#llx bytes at %#llx) is not used: %s%s",
		 bar_name(i), (unsigned long long)bar->size, (unsigned long long)bar->addr, why,
		 who);
}

/* --- against each other -------------------------------------------------------------- */

/* Two that were given a place in the same address space, and parts of it in common. */
static bool overlap(const struct rbi_pci_bar *a, const struct rbi_pci_bar *b)
{
	if (a->kind == RB_PCI_BAR_NONE || b->kind == RB_PCI_BAR_NONE || a->addr == 0 ||
	    b->addr == 0 || (a->kind == RB_PCI_BAR_IO) != (b->kind == RB_PCI_BAR_IO))
		return false;
	/* a port of unknown size takes one, at least; nothing wraps below 2^52 */
	return a->addr < b->addr + (b->size ? b->size : 1) &&
	       b->addr < a->addr + (a->size ? a->size : 1);
}

/* Of two that overlap neither is believed, but the ROM gives way to any BAR: it may lie
 * anywhere as long as it is off. */
static void check_overlaps(struct rb_pci_dev *dev)
{
	unsigned int i, j;

	for (i = 0; i < RBI_PCI_BARS; i++) {
		for (j = 0; j < i; j++) {
			if (dev->flaws[i][0] != '\0' && dev->flaws[j][0] != '\0')
				continue;
			if (!overlap(&dev->bars[i], &dev->bars[j]))
				continue;
			set_flaw(dev, i, "it overlaps ", bar_name(j));
			if (i != RB_PCI_BAR_ROM)
				set_flaw(dev, j, "it overlaps ", bar_name(i));
		}
	}
}

static void check_bars(struct rb_pci_dev *dev)
{
	const char *fault;
	unsigned int i;

	for (i = 0; i < RBI_PCI_BARS; i++) {
		fault = bar_fault(dev, i);
		if (fault)
			set_flaw(dev, i, fault, "");
	}
	/* of what is left: an end that cannot be overlaps everything */
	for (i = 0; i < RBI_PCI_BARS; i++)
		if (dev->flaws[i][0] != '\0')
			dev->bars[i].kind = RB_PCI_BAR_NONE;
	check_overlaps(dev);
	for (i = 0; i < RBI_PCI_BARS; i++) {
		if (dev->flaws[i][0] == '\0')
			continue;
		rbi_log(dev->ctx, RB_LOG_WARN, "%s: %s", dev->name, dev->flaws[i]);
		dev->bars[i] = (struct rbi_pci_bar){ .kind = RB_PCI_BAR_NONE };
	}
}

/* --- learning ------------------------------------------------------------------------ */

static void take_from_pcid(struct rb_pci_dev *dev, const struct rbi_wire_function *fn)
{
	unsigned int i;

	for (i = 0; i < RBI_WIRE_BARS; i++) {
		dev->bars[i].kind = (enum rb_pci_bar_kind)fn->bars[i].kind;
		dev->bars[i].addr = fn->bars[i].addr;
		dev->bars[i].size = fn->bars[i].size;
	}
	if (fn->has_rom) {
		dev->bars[RB_PCI_BAR_ROM].kind = RB_PCI_BAR_MEM32;
		dev->bars[RB_PCI_BAR_ROM].addr = fn->rom.addr;
		dev->bars[RB_PCI_BAR_ROM].size = fn->rom.size;
	}
}

/* pcid does not tell which memory may be prefetched (contract 4.6). */
static int read_flags(struct rb_pci_dev *dev)
{
	unsigned int i, reg;
	uint32_t val;
	int rc;

	for (i = 0; i < RBI_WIRE_BARS; i++) {
		reg = rbi_pci_bar_register(dev->header_type, i);
		if (reg == 0 || (dev->bars[i].kind != RB_PCI_BAR_MEM32 &&
				 dev->bars[i].kind != RB_PCI_BAR_MEM64))
			continue;
		rc = rbi_pci_read_dword(dev, reg, &val);
		if (rc < 0)
			return rc;
		if (val & PREFETCHABLE)
			dev->bars[i].flags |= RB_PCI_BAR_PREFETCHABLE;
	}
	return 0;
}

int rbi_pci_take_bars(struct rb_pci_dev *dev, const struct rbi_wire_function *fn)
{
	uint32_t header;
	int rc;

	take_from_pcid(dev, fn);
	rc = rbi_pci_read_dword(dev, RBI_PCI_HEADER, &header);
	if (rc < 0)
		return rc;
	dev->header_type = RBI_PCI_HEADER_TYPE(header);
	rc = read_flags(dev);
	if (rc == 0)
		rc = rbi_pci_size_bars(dev, !fn->rom_field);
	if (rc == 0)
		check_bars(dev);
	return rc;
}

/* --- getters ------------------------------------------------------------------------- */

struct rbi_pci_bar rbi_pci_bar(const struct rb_pci_dev *dev, unsigned int index)
{
	struct rbi_pci_bar none = { .kind = RB_PCI_BAR_NONE };

	return dev && index < RBI_PCI_BARS ? dev->bars[index] : none;
}

enum rb_pci_bar_kind rb_pci_bar_kind(const struct rb_pci_dev *dev, unsigned int bar)
{
	return rbi_pci_bar(dev, bar).kind;
}

uint64_t rb_pci_bar_size(const struct rb_pci_dev *dev, unsigned int bar)
{
	return rbi_pci_bar(dev, bar).size;
}

struct rb_phys_addr rb_pci_bar_phys(const struct rb_pci_dev *dev, unsigned int bar)
{
	struct rbi_pci_bar b = rbi_pci_bar(dev, bar);
	struct rb_phys_addr phys = { b.kind == RB_PCI_BAR_IO ? 0 : b.addr };

	return phys;
}

uint16_t rb_pci_bar_port(const struct rb_pci_dev *dev, unsigned int bar)
{
	struct rbi_pci_bar b = rbi_pci_bar(dev, bar);

	/* check_bars() believes none that ends past the last port */
	return b.kind == RB_PCI_BAR_IO ? (uint16_t)b.addr : 0;
}

unsigned int rb_pci_bar_flags(const struct rb_pci_dev *dev, unsigned int bar)
{
	return rbi_pci_bar(dev, bar).flags;
}

const char *rb_pci_bar_flaw(const struct rb_pci_dev *dev, unsigned int bar)
{
	return dev && bar < RBI_PCI_BARS && dev->flaws[bar][0] != '\0' ? dev->flaws[bar] : NULL;
}
