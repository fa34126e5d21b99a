/* SPDX-License-Identifier: MIT */
/*
 * caps.h - capabilities as fields, between the files that describe them.
 */
#ifndef RBDRV_TOOL_CAPS_H
#define RBDRV_TOOL_CAPS_H

#include <rbdrv/rbdrv.h>

#include "fields.h"

/* One capability into the group that is open; what rb_pci_read_express() answers. */
int put_express(struct fields *f, struct rb_pci_view *view, unsigned int off);
int put_aer(struct fields *f, struct rb_pci_view *view, unsigned int off);

/* The list of a function's capabilities; a negative errno when it could not be read. */
int put_caps(struct fields *f, struct rb_pci_view *view, uint16_t vendor, uint16_t device);

#endif
