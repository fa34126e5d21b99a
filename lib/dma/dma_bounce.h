/* SPDX-License-Identifier: MIT */
/*
 * dma_bounce.h - blocks that stand in for memory a device cannot reach.
 *
 * A block that a map gives back is kept for the next one: making it costs system
 * calls, and a search where the device's mask is low. All go when the device's last
 * DMA object goes. Any thread.
 */
#ifndef RBI_DMA_BOUNCE_H
#define RBI_DMA_BOUNCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <rbdrv/dma.h>

#include "os/os_memory.h"

#define RBI_BOUNCE_ORDERS 11u /* of pages: up to 4 MiB */
#define RBI_BOUNCE_KEEP	  ((uint64_t)16 << 20) /* bytes that a device keeps and does not use */

struct rbi_dma_dev; /* dma_dev.h */
struct rbi_dma_kept;

struct rbi_bounce {
	struct rbi_bounce *next; /* in the cache, or of a map */
	struct rbi_dma_block block;
	struct rbi_dma_kept *kept; /* for the quarantine: made early, so that nothing can fail */
};

/* A device has one. */
struct rbi_bounce_cache {
	pthread_mutex_t lock;
	struct rbi_bounce *kept[RBI_BOUNCE_ORDERS]; /* by size */
	uint64_t bytes;
};

int rbi_bounce_init(struct rbi_bounce_cache *cache);

/* A block of at least @len bytes, 1 ... RBI_DMA_BLOCK_MAX, that honours mask and
 * alignment; a block honours boundaries of its own size, its user cuts at smaller
 * ones. -ENOMEM and what rbi_os_dma_alloc() answers. */
int rbi_bounce_take(struct rbi_dma_dev *d, uint64_t len, const struct rb_dma_limits *limits,
		    struct rbi_bounce **out);
/* The device is done with it. Keeps it, or gives it back where enough are kept. */
void rbi_bounce_give(struct rbi_dma_dev *d, struct rbi_bounce *b);
/* Unlink all that are kept, a chain; and give such a chain back. The device is quiet when
 * they are unlinked: bus mastering is off, or nothing was ever handed over. */
struct rbi_bounce *rbi_bounce_take_all(struct rbi_bounce_cache *cache);
void rbi_bounce_free(struct rbi_os *os, struct rbi_bounce *all);
/* Free what only memory of ours stands for, in a child of fork(), and the lock. */
void rbi_bounce_end(struct rbi_bounce_cache *cache);

/* Free the words, not the block. */
void rbi_bounce_forget(struct rbi_bounce *b);
/* The device is not silent: the block is the quarantine's. */
struct rbi_dma_kept *rbi_bounce_keep(struct rbi_bounce *b);

#endif
