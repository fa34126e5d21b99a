/* SPDX-License-Identifier: MIT */
/*
 * describe.h - the header of a function, between the files that describe it.
 */
#ifndef RBDRV_TOOL_DESCRIBE_H
#define RBDRV_TOOL_DESCRIBE_H

#include <rbdrv/rbdrv.h>

#include "fields.h"

/* The first 64 bytes of configuration space, and where the others are to be had. */
struct header {
	uint8_t bytes[64];
	struct rb_pci_view *view;
};

int header_read(struct rb_pci_view *view, struct header *h);
uint8_t header8(const struct header *h, unsigned int off);
uint16_t header16(const struct header *h, unsigned int off);
uint32_t header32(const struct header *h, unsigned int off);

/* rbdrv_describe.c: a status register's flags, into the group that is open. */
void put_status(struct fields *f, uint16_t status);

/* rbdrv_bars.c. dev: the open function, for sizes, or NULL. */
void put_bars(struct fields *f, const struct header *h, struct rb_pci_dev *dev);

/* rbdrv_bridge.c: headers of type 1 and 2. */
void put_bridge(struct fields *f, const struct header *h);
void put_cardbus(struct fields *f, const struct header *h);

/* One BAR as configuration space has it. */
struct bar {
	bool io, prefetchable;
	unsigned int bits;   /* of memory addresses: 20, 32, 64; 0: a reserved type */
	unsigned int slots;  /* that it takes, 1 or 2 */
	bool broken;	     /* a 64-bit one without an upper half */
	uint64_t address;
};

/* How many BARs a header of this type has. */
unsigned int bar_count(unsigned int header_type);
/* Whether there is something in slot index; a BAR of nothing but zeros shows nothing. */
bool bar_decode(const struct header *h, unsigned int index, struct bar *bar);

/* Where the ROM's register is, 0 without one. */
unsigned int rom_register(unsigned int header_type);

#endif
