/* SPDX-License-Identifier: MIT */
/* pci_ids.c - what a function says of itself, and the getters for it. */
#include "config.h"

#include "pci/pci_private.h"

/* Subsystem ids, where the header has them in a fixed place. */
static int learn_subsystem(const struct rbi_pci_source *from, struct rb_pci_info *info)
{
	uint32_t header, subsystem;
	int rc;

	rc = rbi_pci_source_read(from, RBI_PCI_HEADER, &header);
	if (rc < 0)
		return rc;
	if (RBI_PCI_HEADER_TYPE(header) != 0)
		return 0;
	rc = rbi_pci_source_read(from, RBI_PCI_SUBSYSTEM, &subsystem);
	if (rc < 0)
		return rc;
	info->subvendor = (uint16_t)subsystem;
	info->subdevice = (uint16_t)(subsystem >> 16);
	return 0;
}

int rbi_pci_learn(const struct rbi_pci_source *from, struct rb_pci_info *info)
{
	uint32_t id, class_revision;
	int rc;

	rc = rbi_pci_source_read(from, RBI_PCI_ID, &id);
	if (rc < 0)
		return rc;
	if (RBI_PCI_IS_NOBODY(id))
		return 0;
	rc = rbi_pci_source_read(from, RBI_PCI_CLASS, &class_revision);
	if (rc < 0)
		return rc;
	rc = learn_subsystem(from, info);
	if (rc < 0)
		return rc;

	info->vendor = (uint16_t)id;
	info->device = (uint16_t)(id >> 16);
	info->class_code = class_revision >> 8;
	info->revision = (uint8_t)class_revision;
	info->known = true;
	return 1;
}

int rbi_pci_learn_function(struct rbi_pcid *channel, const struct rbi_wire_function *fn,
			   struct rb_pci_info *info)
{
	struct rbi_pci_source from = rbi_pci_source_channel(channel);

	info->addr = fn->addr;
	info->known = true;
	info->vendor = fn->vendor;
	info->device = fn->device;
	info->class_code =
		(uint32_t)fn->class_code << 16 | (uint32_t)fn->subclass << 8 | fn->interface;
	info->revision = fn->revision;
	return learn_subsystem(&from, info);
}

/* --- getters ----------------------------------------------------------------------- */

struct rb_pci_addr rb_pci_info_addr(const struct rb_pci_info *info)
{
	return info ? info->addr : rb_pci_addr_make(0, 0, 0, 0);
}

bool rb_pci_info_known(const struct rb_pci_info *info)
{
	return info && info->known;
}

uint16_t rb_pci_info_vendor(const struct rb_pci_info *info)
{
	return info ? info->vendor : 0;
}

uint16_t rb_pci_info_device(const struct rb_pci_info *info)
{
	return info ? info->device : 0;
}

uint16_t rb_pci_info_subvendor(const struct rb_pci_info *info)
{
	return info ? info->subvendor : 0;
}

uint16_t rb_pci_info_subdevice(const struct rb_pci_info *info)
{
	return info ? info->subdevice : 0;
}

uint32_t rb_pci_info_class(const struct rb_pci_info *info)
{
	return info ? info->class_code : 0;
}

uint8_t rb_pci_info_revision(const struct rb_pci_info *info)
{
	return info ? info->revision : 0;
}
