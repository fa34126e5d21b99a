/* SPDX-License-Identifier: MIT */
/*
 * pci_quirks.c - what functions cannot do although they claim to: the table of Redox
 * (contract 12.4) and what drivers add.
 *
 * Every row that fits counts; flags are or-ed, and nothing takes one away.
 */
#include "config.h"

#include <rbdrv/pci_match.h>

#include "pci/pci_private.h"

#define CLASS	     UINT32_C(0xff0000) /* the class alone */
#define WHOLE	     UINT32_C(0xffffff) /* class, subclass and programming interface */
#define DISPLAY	     UINT32_C(0x030000)
#define OTHER_NET    UINT32_C(0x028000)
#define ANY_REVISION 0, 0xff

static const struct row {
	uint16_t vendor, device;
	uint32_t class_code, class_mask;
	uint8_t first_revision, last_revision;
	uint64_t flags;
} rows[] = {
	{ 0x1002, RB_PCI_ANY_ID, DISPLAY, CLASS, ANY_REVISION,
	  RB_PCI_QUIRK_NEED_FIRMWARE | RB_PCI_QUIRK_NO_D3COLD },
	{ 0x1002, 0x7310, 0, 0, 0, 1, RB_PCI_QUIRK_NO_ASPM },
	{ 0x1002, 0x73bf, 0, 0, ANY_REVISION, RB_PCI_QUIRK_NEED_FIRMWARE | RB_PCI_QUIRK_NO_D3COLD },
	{ 0x1002, 0x7480, 0, 0, ANY_REVISION,
	  RB_PCI_QUIRK_NEED_FIRMWARE | RB_PCI_QUIRK_NO_D3COLD | RB_PCI_QUIRK_NO_ASPM },
	{ 0x8086, RB_PCI_ANY_ID, DISPLAY, CLASS, 0, 4, RB_PCI_QUIRK_NO_MSI },
	{ 0x8086, 0x46a6, 0, 0, ANY_REVISION, RB_PCI_QUIRK_NO_MSI },
	{ 0x8086, 0x2725, OTHER_NET, WHOLE, ANY_REVISION,
	  RB_PCI_QUIRK_NEED_FIRMWARE | RB_PCI_QUIRK_NO_PM },
	{ 0x8086, 0x51f0, OTHER_NET, WHOLE, ANY_REVISION,
	  RB_PCI_QUIRK_NEED_FIRMWARE | RB_PCI_QUIRK_NO_PM },
	{ 0x1022, 0x145c, 0, 0, ANY_REVISION, RB_PCI_QUIRK_NO_MSIX },
	{ 0x1022, 0x1639, 0, 0, ANY_REVISION, RB_PCI_QUIRK_NO_ASPM },
	{ 0x1022, 0x1483, 0, 0, ANY_REVISION, RB_PCI_QUIRK_NO_RESOURCE_RELOC },
};

static bool fits(const struct row *row, const struct rb_pci_info *info)
{
	return row->vendor == info->vendor &&
	       (row->device == RB_PCI_ANY_ID || row->device == info->device) &&
	       ((row->class_code ^ info->class_code) & row->class_mask) == 0 &&
	       info->revision >= row->first_revision && info->revision <= row->last_revision;
}

uint64_t rb_pci_quirks_of(const struct rb_pci_info *info)
{
	uint64_t flags = 0;
	size_t i;

	if (!rb_pci_info_known(info))
		return 0;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fits(&rows[i], info))
			flags |= rows[i].flags;
	return flags;
}

uint64_t rbi_pci_quirks(const struct rb_pci_dev *dev)
{
	return atomic_load(&dev->quirks);
}

uint64_t rb_pci_quirks(const struct rb_pci_dev *dev)
{
	return dev ? rbi_pci_quirks(dev) : 0;
}

int rb_pci_add_quirks(struct rb_pci_dev *dev, uint64_t flags)
{
	int rc;

	rc = rbi_pci_check(dev, "rb_pci_add_quirks");
	if (rc < 0)
		return rc;
	if (flags & ~RB_PCI_QUIRKS_ALL)
		return rbi_fail(-EINVAL, "%s: rb_pci_add_quirks: unknown flags %#llx", dev->name,
				(unsigned long long)(flags & ~RB_PCI_QUIRKS_ALL));
	atomic_fetch_or(&dev->quirks, flags);
	return 0;
}
