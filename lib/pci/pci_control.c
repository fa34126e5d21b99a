/* SPDX-License-Identifier: MIT */
/* pci_control.c - what a function answers on the bus, bit by bit. */
#include "config.h"

#include "pci/pci_private.h"

#define DECODE_ALL ((unsigned int)(RB_PCI_DECODE_IO | RB_PCI_DECODE_MEM | RB_PCI_DECODE_ROM))
#define ROM_ENABLE UINT32_C(1)

static bool has_rom(const struct rb_pci_dev *dev)
{
	return dev->bars[RB_PCI_BAR_ROM].kind != RB_PCI_BAR_NONE;
}

static int set_rom(struct rb_pci_dev *dev, bool on)
{
	return rbi_pci_update_dword(dev, rbi_pci_bar_register(dev->header_type, RB_PCI_BAR_ROM),
				    ROM_ENABLE, on ? ROM_ENABLE : 0);
}

/* With the lock held. The ROM never answers beside what its decoder has answered before. */
static int set_decode(struct rb_pci_dev *dev, unsigned int bits)
{
	uint32_t command = (bits & RB_PCI_DECODE_IO ? RBI_PCI_COMMAND_IO : 0) |
			   (bits & RB_PCI_DECODE_MEM ? RBI_PCI_COMMAND_MEM : 0);
	bool rom = bits & RB_PCI_DECODE_ROM;
	int rc = 0;

	if (has_rom(dev) && !rom)
		rc = set_rom(dev, false);
	if (rc == 0)
		rc = rbi_pci_update_dword(dev, RBI_PCI_COMMAND,
					  RBI_PCI_COMMAND_IO | RBI_PCI_COMMAND_MEM, command);
	if (rc == 0 && rom)
		rc = set_rom(dev, true);
	return rc;
}

int rb_pci_set_decode(struct rb_pci_dev *dev, unsigned int bits)
{
	int rc;

	rc = rbi_pci_check(dev, "rb_pci_set_decode");
	if (rc < 0)
		return rc;
	if ((bits & ~DECODE_ALL) != 0 || (bits & DECODE_ALL & ~(unsigned int)RB_PCI_DECODE_IO) ==
						 (unsigned int)RB_PCI_DECODE_ROM)
		return rbi_fail(-EINVAL, "%s: rb_pci_set_decode: bits %#x make no sense", dev->name,
				bits);
	if ((bits & RB_PCI_DECODE_ROM) && (!has_rom(dev) || dev->bars[RB_PCI_BAR_ROM].addr == 0))
		return rbi_fail(-ENOENT, "%s has no expansion ROM with a place", dev->name);

	rbi_pci_lock(dev);
	rc = set_decode(dev, bits);
	rbi_pci_unlock(dev);
	return rc;
}

int rbi_pci_rom_is_on(struct rb_pci_dev *dev)
{
	uint32_t command, rom;
	int rc;

	rc = rbi_pci_read_dword(dev, RBI_PCI_COMMAND, &command);
	if (rc == 0)
		rc = rbi_pci_read_dword(dev, rbi_pci_bar_register(dev->header_type, RB_PCI_BAR_ROM),
					&rom);
	if (rc < 0)
		return rc;
	return (command & RBI_PCI_COMMAND_MEM) && (rom & ROM_ENABLE);
}

int rb_pci_set_intx(struct rb_pci_dev *dev, bool on)
{
	int rc;

	rc = rbi_pci_check(dev, "rb_pci_set_intx");
	return rc < 0 ? rc : rbi_pci_intx(dev, on);
}
