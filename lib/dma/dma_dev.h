/* SPDX-License-Identifier: MIT */
/*
 * dma_dev.h - what lib/dma knows of one device: its limits, its figures, and memory that
 * is kept for its sake. Everything in this room that belongs to a device begins here.
 *
 * It hangs on struct rb_pci_dev, is made by the first call that needs it, and goes with
 * the device's last reference: whoever holds one needs no other.
 */
#ifndef RBI_DMA_DEV_H
#define RBI_DMA_DEV_H

#include <pthread.h>
#include <stdatomic.h>

#include <rbdrv/dma.h>

#include "core/core.h"
#include "dma/dma_bounce.h"
#include "os/os_memory.h"

#define RBI_DMA_LABEL 32 /* bytes of a label with its NUL; the public headers say so */

/* --- what is counted; rb_dma_stats_read() tells ----------------------------------------- */

enum rbi_dma_figure {
	RBI_DMA_BUFFERS,
	RBI_DMA_BYTES,
	RBI_DMA_BUFFERS_PEAK,
	RBI_DMA_BYTES_PEAK,
	RBI_DMA_BUFFERS_MADE,
	RBI_DMA_BLOCKS_REFUSED,
	RBI_DMA_QUARANTINED,
	RBI_DMA_QUARANTINE_FREED,
	RBI_DMA_MAPS,
	RBI_DMA_MAPS_MADE,
	RBI_DMA_SEGMENTS,
	RBI_DMA_PAGES_MERGED,
	RBI_DMA_BOUNCED_MAPS,
	RBI_DMA_BOUNCED_SEGMENTS,
	RBI_DMA_BOUNCED_BYTES,
	RBI_DMA_MISUSES,
	RBI_DMA_POOLS,
	RBI_DMA_POOL_ELEMS,
	RBI_DMA_POOL_GROWS,
	RBI_DMA_POOL_REFILLS,
	RBI_DMA_POOL_SPILLS,
	RBI_DMA_FIGURES
};

/* --- the device ------------------------------------------------------------------------- */

/* Memory that could not go back when its buffer was closed: allocated with the buffer,
 * so that nothing can fail then. */
struct rbi_dma_kept {
	struct rbi_dma_kept *next;
	void *cpu;
	uint64_t len;
};

struct rbi_dma_dev {
	struct rb_pci_dev *dev; /* on which this hangs: no reference */
	struct rb_ctx *ctx;
	/* Of what follows. lib/pci is not called with it; the bounce cache's lock is taken
	 * inside of it. */
	pthread_mutex_t lock;
	struct rb_dma_limits limits; /* as the driver stated them */
	uint64_t objects; /* live buffers, pools, rings and mappings; while any: limits stay */
	struct rbi_dma_kept *kept;
	bool noisy; /* a map ended and the device could not be shown to be quiet */
	struct rbi_bounce_cache bounce; /* has a lock of its own */
	_Atomic uint64_t figure[RBI_DMA_FIGURES];
};

/* The state of @dev, made if there is none: 0, -ENOMEM, or as rbi_ctx_check(). */
int rbi_dma_dev(struct rb_pci_dev *dev, const char *call, struct rbi_dma_dev **out);

/*
 * An object of the device begins, and ends. Between the two the limits do not change, so
 * enter first and read them then. In a child of fork() they may be called as well.
 */
void rbi_dma_enter(struct rbi_dma_dev *d);
void rbi_dma_leave(struct rbi_dma_dev *d);

/* What the driver calls an object, as messages have it: cut, on one line; "" for NULL. */
void rbi_dma_take_label(char to[RBI_DMA_LABEL], const char *label);
/* The object is there: it holds a reference on the device, and stands in the ledger. */
void rbi_dma_enlist(struct rbi_dma_dev *d, struct rbi_live *live, const char *kind,
		    const char *label);

/* The memory of @name went back to the program, and rbi_pci_dma_end() failed: the device
 * may still write there. Says so, and keeps the bounce blocks until it is quiet. */
void rbi_dma_is_noisy(struct rbi_dma_dev *d, const char *name);

/* Add to a figure (negative: take away). */
static inline void rbi_dma_count(struct rbi_dma_dev *d, enum rbi_dma_figure figure, int64_t by)
{
	atomic_fetch_add_explicit(&d->figure[figure], (uint64_t)by, memory_order_relaxed);
}
/* The same for one that has a peak. */
void rbi_dma_count_peak(struct rbi_dma_dev *d, enum rbi_dma_figure figure,
			enum rbi_dma_figure peak, int64_t by);

/* A programming error that no return value tells: counted, logged, and recorded where the
 * machine is strict. Keeps the detail. */
void rbi_dma_misuse(struct rbi_dma_dev *d, const char *fmt, ...) RBI_PRINTF(2, 3);

/* --- limits (dma_limits.c) -------------------------------------------------------------- */

/* The limits that hold, quirks and all, with numbers where there was no demand, as
 * rb_dma_get_limits() tells them. */
void rbi_dma_limits(struct rbi_dma_dev *d, struct rb_dma_limits *out);

/*
 * Check what one buffer, or what else has such options, needs besides, and tighten
 * @limits by it; 0 is no demand. Its align is that of its first byte, and stands in
 * @limits instead of the device's if it is more; segments inside of it begin where
 * segment_max and the boundary say, which are multiples of the device's. @call names the
 * caller in the sentence. -EINVAL.
 */
int rbi_dma_tighten(struct rb_dma_limits *limits, const char *call, uint32_t addr_bits,
		    uint64_t align, uint64_t boundary);

/* Must @len bytes be more than RB_DMA_SEGMENTS_MAX segments however they lie? -ENOMEM. */
int rbi_dma_check_segments(const struct rb_dma_limits *limits, const char *what, uint64_t len);

/* Words before the number of segments that was too small: the device's, or ours. */
static inline const char *rbi_dma_whose_segments(uint32_t most)
{
	return most < RB_DMA_SEGMENTS_MAX ? "the device takes" : "the limit is";
}

static inline bool rbi_dma_is_below(uint64_t first, uint64_t len, uint32_t addr_bits)
{
	return addr_bits >= 64 || (first + (len - 1)) >> addr_bits == 0;
}

/* How many of the @len bytes at bus address @first one segment may hold. */
static inline uint64_t rbi_dma_one_segment(const struct rb_dma_limits *limits, uint64_t first,
					   uint64_t len)
{
	uint64_t room;

	if (len > limits->segment_max)
		len = limits->segment_max;
	if (limits->boundary != 0) {
		room = limits->boundary - (first & (limits->boundary - 1));
		if (len > room)
			len = room;
	}
	return len;
}

/* --- quarantine (dma_quarantine.c) ------------------------------------------------------ */

/*
 * Give the memory of a closed buffer back, or keep it: @ended is what rbi_pci_dma_end()
 * answered. 0, and it goes back; else it is kept until the device is quiet, and the log
 * says so. Takes over @memory. @name is the buffer's.
 */
void rbi_dma_give_back(struct rbi_dma_dev *d, struct rbi_dma_kept *memory, int ended,
		       const char *name);
/* The device is quiet: everything that was kept goes back. */
void rbi_dma_release_kept(struct rbi_dma_dev *d);

#endif
