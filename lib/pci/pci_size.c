/* SPDX-License-Identifier: MIT */
/*
 * pci_size.c - how much a base address register decodes, where pcid does not tell:
 * I/O BARs, and in its older versions the expansion ROM (contract 4.6).
 *
 * The register is written with ones and the bits that stay zero are its size
 * (PCI 3.0, 6.2.5.1). For that moment it decodes nonsense, so decoding is off.
 * Whatever fails, the registers get their values back.
 */
#include "config.h"

#include <rbdrv/pci_match.h>

#include "core/detail.h"
#include "pci/pci_private.h"

#define CLASS_BRIDGE 0x06u
#define DECODE	     (RBI_PCI_COMMAND_IO | RBI_PCI_COMMAND_MEM)

#define IO_ADDR	 UINT32_C(0xfffffffc)
#define IO_UPPER UINT32_C(0xffff0000)
#define ROM_ADDR UINT32_C(0xfffff800) /* the bits below are reserved, but for the enable bit */

unsigned int rbi_pci_bar_register(unsigned int type, unsigned int index)
{
	unsigned int bars = type == 0 ? 6 : type == 1 ? 2 : 0;

	if (index < bars)
		return RBI_PCI_BAR0 + 4 * index;
	if (index != RB_PCI_BAR_ROM || bars == 0)
		return 0;
	return type == 0 ? RBI_PCI_ROM : RBI_PCI_ROM_BRIDGE;
}

/* What a register keeps of @ones, and what it held. */
static int probe(struct rb_pci_dev *dev, unsigned int reg, uint32_t ones, uint32_t *held,
		 uint32_t *kept)
{
	struct rbi_detail detail;
	int rc, restored;

	rc = rbi_pci_read_dword(dev, reg, held);
	if (rc < 0)
		return rc;
	rc = rbi_pci_write_dword(dev, reg, ones);
	if (rc == 0)
		rc = rbi_pci_read_dword(dev, reg, kept);
	rbi_detail_keep(&detail);
	restored = rbi_pci_write_dword(dev, reg, *held);
	if (rc < 0)
		rbi_detail_restore(&detail);
	return rc < 0 ? rc : restored;
}

static int size_io(struct rb_pci_dev *dev, struct rbi_pci_bar *bar, unsigned int reg)
{
	uint32_t held, kept;
	int rc;

	rc = probe(dev, reg, UINT32_MAX, &held, &kept);
	if (rc < 0)
		return rc;
	kept &= IO_ADDR;
	if (kept != 0 && !(kept & IO_UPPER)) {
		bar->flags |= RB_PCI_BAR_IO16;
		kept |= IO_UPPER;
	}
	bar->size = kept ? (uint64_t)~kept + 1 : 0;
	return 0;
}

static int size_rom(struct rb_pci_dev *dev, struct rbi_pci_bar *bar, unsigned int reg)
{
	uint32_t held, kept;
	int rc;

	rc = probe(dev, reg, ROM_ADDR, &held, &kept);
	if (rc < 0 || (kept & ROM_ADDR) == 0)
		return rc; /* no bit can be set: there is none */
	bar->kind = RB_PCI_BAR_MEM32;
	bar->addr = held & ROM_ADDR;
	bar->size = (uint64_t)~(kept & ROM_ADDR) + 1;
	return 0;
}

static int size_all(struct rb_pci_dev *dev, bool rom)
{
	unsigned int type = dev->header_type;
	unsigned int i;
	int rc = 0;

	for (i = 0; i < RB_PCI_BAR_ROM && rc == 0; i++)
		if (dev->bars[i].kind == RB_PCI_BAR_IO && rbi_pci_bar_register(type, i) != 0)
			rc = size_io(dev, &dev->bars[i], rbi_pci_bar_register(type, i));
	if (rc == 0 && rom)
		rc = size_rom(dev, &dev->bars[RB_PCI_BAR_ROM],
			      rbi_pci_bar_register(type, RB_PCI_BAR_ROM));
	return rc;
}

static bool is_needed(const struct rb_pci_dev *dev, bool rom)
{
	unsigned int i;

	/* what is behind a bridge goes when its decoding goes */
	if (dev->header_type != 0 || dev->info.class_code >> 16 == CLASS_BRIDGE)
		return false;
	if (rbi_pci_quirks(dev) & RB_PCI_QUIRK_DISABLE_BAR_SIZING)
		return false;
	for (i = 0; i < RB_PCI_BAR_ROM; i++)
		rom = rom || dev->bars[i].kind == RB_PCI_BAR_IO;
	return rom;
}

int rbi_pci_size_bars(struct rb_pci_dev *dev, bool rom)
{
	struct rbi_detail detail;
	uint32_t command;
	int rc, restored;

	if (!is_needed(dev, rom))
		return 0;
	rbi_pci_lock(dev);
	rc = rbi_pci_read_dword(dev, RBI_PCI_COMMAND, &command);
	if (rc == 0) {
		command &= 0xffffu; /* status bits are cleared by ones */
		rc = rbi_pci_write_dword(dev, RBI_PCI_COMMAND, command & ~DECODE);
		if (rc == 0)
			rc = size_all(dev, rom);
		rbi_detail_keep(&detail);
		restored = rbi_pci_write_dword(dev, RBI_PCI_COMMAND, command);
		if (rc < 0)
			rbi_detail_restore(&detail);
		else
			rc = restored;
	}
	rbi_pci_unlock(dev);
	return rc;
}
