/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_names.c - classes of functions in words.
 */
#include "tool.h"

/* Base classes (PCI Code and ID Assignment Specification 1.11, 1). */
static const char *const base_classes[] = {
	"unclassified device",
	"mass storage controller",
	"network controller",
	"display controller",
	"multimedia device",
	"memory controller",
	"bridge",
	"communication controller",
	"system peripheral",
	"input device",
	"docking station",
	"processor",
	"serial bus controller",
	"wireless controller",
	"intelligent controller",
	"satellite communication controller",
	"encryption controller",
	"signal processing controller",
	"processing accelerator",
	"non-essential instrumentation",
};

const char *name_of_base_class(unsigned int base)
{
	if (base < sizeof(base_classes) / sizeof(base_classes[0]))
		return base_classes[base];
	if (base == 0x40)
		return "co-processor";
	return base == 0xff ? "of no defined class" : "of a reserved class";
}
