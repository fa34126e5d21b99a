/* SPDX-License-Identifier: MIT */
/* pci_express.c - capabilities that have room for their registers, and which registers
 * a PCI Express capability has. */
#include "config.h"

#include "core/detail.h"
#include "pci/pci_private.h"

/* Bits of the dword that begins the capability (PCIe 6.0, 7.5.3.2). */
#define CAP_VERSION(dword)	((dword) >> 16 & 0xfu)
#define TYPE(dword)		((dword) >> 20 & 0xfu)
#define HAS_SLOT(dword)		((dword) >> 24 & 1u)

int rbi_pci_cap_room(struct rb_pci_dev *dev, uint8_t id, unsigned int size, unsigned int *cap)
{
	struct rbi_detail detail;
	int rc;

	*cap = 0;
	rbi_detail_keep(&detail);
	rc = rb_pci_find_cap(dev, id, cap);
	if (rc == -ENOENT) {
		rbi_detail_restore(&detail);
		return 0;
	}
	if (rc < 0)
		return rc;
	if (*cap > RBI_PCID_CONFIG_SIZE - size)
		return rbi_fail(-EPROTO, "%s: capability %#04x at %#x passes the end of its space",
				dev->name, id, *cap);
	return 1;
}

/* Version 1 has only the registers that the kind of port needs, later ones all
 * (PCIe 6.0, 7.5.3). */
static unsigned int groups(uint32_t dword)
{
	unsigned int type = TYPE(dword), groups = RBI_PCI_EXPRESS_DEVICE;

	if (CAP_VERSION(dword) >= 2)
		return RBI_PCI_EXPRESS_ALL;
	if (type != RB_PCI_EXPRESS_INTEGRATED && type != RB_PCI_EXPRESS_EVENT_COLLECTOR)
		groups |= RBI_PCI_EXPRESS_LINK;
	if (HAS_SLOT(dword) &&
	    (type == RB_PCI_EXPRESS_ROOT_PORT || type == RB_PCI_EXPRESS_DOWNSTREAM))
		groups |= RBI_PCI_EXPRESS_SLOT;
	if (type == RB_PCI_EXPRESS_ROOT_PORT || type == RB_PCI_EXPRESS_EVENT_COLLECTOR)
		groups |= RBI_PCI_EXPRESS_ROOT;
	return groups;
}

int rbi_pci_express(struct rb_pci_dev *dev, struct rbi_pci_express *express)
{
	uint32_t dword;
	int rc;

	*express = (struct rbi_pci_express){ .cap = 0 };
	rc = rbi_pci_cap_room(dev, RB_PCI_CAP_EXPRESS, 12, &express->cap);
	if (rc <= 0)
		return rc;
	rc = rbi_pci_read_dword(dev, express->cap, &dword);
	if (rc < 0)
		return rc;
	express->groups = groups(dword);
	express->has_root_errors = TYPE(dword) == RB_PCI_EXPRESS_ROOT_PORT ||
				   TYPE(dword) == RB_PCI_EXPRESS_EVENT_COLLECTOR;
	return 0;
}

bool rbi_pci_express_has(const struct rbi_pci_express *express, unsigned int group,
			 unsigned int at)
{
	return express->cap != 0 && (express->groups & group) &&
	       express->cap + at < RBI_PCID_CONFIG_SIZE;
}
