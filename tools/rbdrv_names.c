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

void names_of(const struct tool_ids *ids, struct tool_names *names)
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
