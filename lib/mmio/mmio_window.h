/* SPDX-License-Identifier: MIT */
/*
 * mmio_window.h - what stands behind struct rb_mmio.
 *
 *     pages                    base                                base + size
 *     |<-------- skew -------->|<------ reach ------>|<-- routed -->|
 *                              |<- head.direct ->|
 *
 * Plain loads and stores may touch @reach bytes: all or, on a routed machine, as a
 * rule none. head.direct is @reach rounded down to 8, so that the inline accessors
 * need one compare for every width: an aligned access that starts below it ends
 * below it. What is left of @reach, and everything past it, goes out of line.
 */
#ifndef RBI_MMIO_WINDOW_H
#define RBI_MMIO_WINDOW_H

#include <stdatomic.h>
#include <stdint.h>

#include <rbdrv/mmio.h>

#include "core/core.h"
#include "os/os_memory.h"

/* The widest access that is one access. */
#define RBI_MMIO_WIDTH_MAX ((unsigned int)(sizeof(void *) >= 8 ? 8 : 4))

struct rbi_mmio {
	struct rb_mmio head; /* first: this is what callers hold */
	uint64_t size;
	uint64_t reach;
	enum rb_mmio_flag cache; /* the effective one */
	unsigned int bar; /* for sentences */
	struct rb_pci_dev *dev; /* a reference */
	struct rb_ctx *ctx; /* the device's; lives as long as it does */
	struct rbi_phys_map map;
	struct rbi_live live;
	_Atomic uint64_t fault; /* the first failed access, packed; 0: none */
};

/* The object behind @m. Its fault changes even for readers that hold it const. */
static inline struct rbi_mmio *rbi_mmio_of(const struct rb_mmio *m)
{
	return (struct rbi_mmio *)(uintptr_t)m;
}

/*
 * One access of the window, however it is reached: 0, or -ERANGE, -EINVAL, -ENODEV,
 * -EIO, without a detail. A failed read has *val all-ones, a failed write goes
 * nowhere. A misaligned or out-of-range access of a routed window is shown to the
 * world below, which may be strict.
 */
int rbi_mmio_read(struct rbi_mmio *w, uint64_t off, unsigned int width, uint64_t *val);
int rbi_mmio_write(struct rbi_mmio *w, uint64_t off, unsigned int width, uint64_t val);

/* All-ones were read: chance, or is nobody there any more? Asks the device for its
 * vendor id: 0, or -ENODEV. When it cannot be asked it counts as there. */
int rbi_mmio_still_there(struct rbi_mmio *w);

#endif
