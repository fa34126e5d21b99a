/* SPDX-License-Identifier: MIT */
/* pci_match.c - the entry of an id table that says most about a function. */
#include "config.h"

#include <rbdrv/pci_match.h>

#include "pci/pci_private.h"

_Static_assert(sizeof(struct rb_pci_match) == 64, "entries of an id table are 64 bytes");

static bool is_end(const struct rb_pci_match *m)
{
	return m->vendor == 0 && m->device == 0 && m->subvendor == 0 && m->subdevice == 0 &&
	       m->class_mask == 0;
}

/* Does it ask for something of a later age? */
static bool asks_more(const struct rb_pci_match *m)
{
	size_t i;

	for (i = 0; i < sizeof(m->reserved) / sizeof(m->reserved[0]); i++)
		if (m->reserved[i] != 0)
			return true;
	return false;
}

static bool id_agrees(uint16_t wanted, uint16_t id)
{
	return wanted == RB_PCI_ANY_ID || wanted == id;
}

static bool agrees(const struct rb_pci_match *m, const struct rb_pci_info *info)
{
	return id_agrees(m->vendor, info->vendor) && id_agrees(m->device, info->device) &&
	       id_agrees(m->subvendor, info->subvendor) &&
	       id_agrees(m->subdevice, info->subdevice) &&
	       ((m->class_code ^ info->class_code) & m->class_mask) == 0 && !asks_more(m);
}

/* How much an entry says: a bit for each id, the greatest for the one that says most,
 * above the number of class bits. */
static unsigned int weight(const struct rb_pci_match *m)
{
	unsigned int bits = 0;
	uint32_t mask;

	for (mask = m->class_mask; mask != 0; mask &= mask - 1)
		bits++;
	return bits | (unsigned int)(m->vendor != RB_PCI_ANY_ID) << 6 |
	       (unsigned int)(m->subvendor != RB_PCI_ANY_ID) << 7 |
	       (unsigned int)(m->subdevice != RB_PCI_ANY_ID) << 8 |
	       (unsigned int)(m->device != RB_PCI_ANY_ID) << 9;
}

const struct rb_pci_match *rb_pci_match_find(const struct rb_pci_match *table,
					     const struct rb_pci_info *info)
{
	const struct rb_pci_match *m, *best = NULL;

	if (!table || !rb_pci_info_known(info))
		return NULL;
	for (m = table; !is_end(m); m++)
		if (agrees(m, info) && (!best || weight(m) > weight(best)))
			best = m;
	return best;
}
