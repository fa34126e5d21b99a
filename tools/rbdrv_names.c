/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_names.c - names of vendors and devices, from the file pci.ids through libpciaccess. A
 * build without it, and a system without the file, have numbers.
 */
#include "config.h"

#ifdef RBDRV_WITH_PCIACCESS
#include <pciaccess.h>
#endif

#include "tool.h"

#ifdef RBDRV_WITH_PCIACCESS

static void keep(char *to, size_t size, const char *name)
{
	if (name)
		term_clean(name, to, size);
}

static void look_up(const struct tool_ids *ids, struct tool_names *names)
{
	struct pci_id_match match = { 0 };
	const char *device = NULL, *vendor = NULL, *subdevice = NULL, *ignored = NULL;

	names->vendor[0] = names->device[0] = '\0';
	names->subvendor[0] = names->subdevice[0] = '\0';

	match.vendor_id = ids->vendor;
	match.device_id = ids->device;
	match.subvendor_id = ids->subvendor ? ids->subvendor : PCI_MATCH_ANY;
	match.subdevice_id = ids->subvendor ? ids->subdevice : PCI_MATCH_ANY;
	pci_get_strings(&match, &device, &vendor, &subdevice, &ignored);
	keep(names->vendor, sizeof(names->vendor), vendor);
	keep(names->device, sizeof(names->device), device);
	if (!ids->subvendor)
		return;
	keep(names->subdevice, sizeof(names->subdevice), subdevice);

	/* Asked together, the name of the vendor comes back for the subsystem's vendor too. */
	match.vendor_id = ids->subvendor;
	match.device_id = match.subvendor_id = match.subdevice_id = PCI_MATCH_ANY;
	vendor = NULL;
	pci_get_strings(&match, &device, &vendor, &subdevice, &ignored);
	keep(names->subvendor, sizeof(names->subvendor), vendor);
}

static bool same(const struct tool_ids *a, const struct tool_ids *b)
{
	return a->vendor == b->vendor && a->device == b->device && a->subvendor == b->subvendor &&
	       a->subdevice == b->subdevice;
}

/* A look-up reads the file, some milliseconds, and machines hold many of one kind. */
void names_of(const struct tool_ids *ids, struct tool_names *names)
{
	static struct {
		struct tool_ids ids;
		struct tool_names names;
	} known[16];
	static size_t count;
	size_t i;

	for (i = 0; i < count && i < 16; i++) {
		if (same(&known[i].ids, ids)) {
			*names = known[i].names;
			return;
		}
	}
	look_up(ids, names);
	known[count % 16].ids = *ids;
	known[count % 16].names = *names;
	count++;
}

#else

void names_of(const struct tool_ids *ids, struct tool_names *names)
{
	(void)ids;
	names->vendor[0] = names->device[0] = '\0';
	names->subvendor[0] = names->subdevice[0] = '\0';
}

#endif

void names_of_function(const struct function *fn, struct tool_names *names)
{
	struct tool_ids ids = { .vendor = fn->vendor, .device = fn->device };

	names_of(&ids, names);
}
