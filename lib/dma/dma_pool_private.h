/* SPDX-License-Identifier: MIT */
/*
 * dma_pool_private.h - what stands behind struct rb_dma_pool and struct rb_dma_cache.
 *
 * An element that is not with the driver lies on the pool's stack or in one cache. Its
 * state is a mark XOR its own address, so that a copy of it, or any other memory, does not
 * look like it: the pool's address with bit 0 set when it is out, clear when it is not.
 *
 * Locks: grow_lock, held while a block is made; then lock, held for a few instructions.
 * Neither is held while a driver's mistake is told, for that may call the driver.
 */
#ifndef RBI_DMA_POOL_PRIVATE_H
#define RBI_DMA_POOL_PRIVATE_H

#include <rbdrv/dma_pool.h>

#include "core/core.h"
#include "dma/dma_dev.h"

/* One block and the elements in it, made together and freed together. */
struct rbi_pool_block {
	struct rbi_pool_block *next;
	struct rb_dma_buf *buf;
	size_t count;
	struct rb_dma_elem elems[];
};

struct rbi_pool_cache {
	struct rb_dma_cache head; /* first: this is what callers hold */
	struct rb_dma_pool *pool;
	struct rbi_pool_cache *next, *prev; /* of the pool's, under its lock */
	uint32_t held; /* elements in slots when watched; head.count otherwise */
	uint32_t room; /* of slots; 0 once the pool is closed */
	struct rb_dma_elem *slots[];
};

struct rb_dma_pool {
	/* fixed by open */
	struct rb_pci_dev *dev; /* a reference */
	struct rb_ctx *ctx; /* the device's */
	struct rbi_dma_dev *d; /* entered */
	uint64_t elem_size;
	uint64_t stride;
	uint64_t align; /* power of two; of each element's bus address */
	uint64_t boundary; /* power of two, or 0 */
	uint64_t count_max;
	uint32_t addr_bits;
	uint32_t build;
	const char *place;
	char label[RBI_DMA_LABEL];
	bool watched; /* every get and put goes out of line and is looked at */
	bool poisons; /* of blocks that the device shares */
	struct rbi_live live;

	pthread_mutex_t grow_lock;

	pthread_mutex_t lock; /* for all below */
	struct rb_dma_elem **stack; /* room for all that were made */
	size_t room;
	size_t free; /* on the stack */
	size_t made;
	struct rbi_pool_block *blocks; /* the newest first */
	struct rbi_pool_cache *caches;
	uint32_t ncaches;
	bool closed; /* by its owner; the last element or cache takes it away */
	struct rb_dma_pool_stats stats; /* what is counted, not what is looked up */
};

/* --- dma_pool.c ---------------------------------------------------------------------- */

/*
 * Take the lock: false in a child of fork(), with the detail. A world that cannot tell
 * without asking the system is not asked, unless the lock is held by a thread that may
 * not be there any more.
 */
bool rbi_pool_enter(struct rb_dma_pool *pool, const char *call);
/* Let go of it, and of the pool when it is closed and nothing of it is out. */
void rbi_pool_leave(struct rb_dma_pool *pool);
/* In a child of fork(), where nothing is locked: free the pool if that was the last of it. */
void rbi_pool_end_in_child(struct rb_dma_pool *pool);

/* --- dma_pool_grow.c ----------------------------------------------------------------- */

/* Geometry from what the caller and the device ask for: 0 or a negative code. */
int rbi_pool_measure(struct rb_dma_pool *pool, const struct rb_dma_pool_options *options);
/* Make elements until there are @count. */
int rbi_pool_fill(struct rb_dma_pool *pool, uint64_t count);
/* Make some when the stack is empty, unless another thread has. */
int rbi_pool_grow(struct rb_dma_pool *pool);
void rbi_pool_free_blocks(struct rb_dma_pool *pool);

/* --- dma_pool_get.c; the lock is held ------------------------------------------------ */

/* Is @elem where one of the pool's elements is? Does not touch it. */
bool rbi_pool_holds(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem);
/* May @elem be put? Touches it only after rbi_pool_holds() where the pool is watched. */
bool rbi_pool_accepts(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem);
/* Say that @elem may not be put. Leaves the lock. */
void rbi_pool_refuse(struct rb_dma_pool *pool, const struct rb_dma_elem *elem, const char *call);
/* Move @want elements, or what there is but one at least, to @slots in their order;
 * takes and leaves the lock itself. 0: none, with the detail. */
size_t rbi_pool_take(struct rb_dma_pool *pool, struct rb_dma_elem **slots, size_t want,
		     bool is_refill, const char *call);
/* Put @n elements that are not out any more on top of the stack. */
void rbi_pool_stack_up(struct rb_dma_pool *pool, struct rb_dma_elem *const *slots, size_t n);

/* Tell whoever watches that an element's bytes are the driver's, or nobody's. */
void rbi_pool_reveal(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem);
void rbi_pool_hide(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem);

static inline uintptr_t rbi_pool_out(const struct rb_dma_pool *pool)
{
	return (uintptr_t)pool | 1u;
}

static inline bool rbi_elem_is_out(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem)
{
	return (elem->state ^ (uintptr_t)elem) == rbi_pool_out(pool);
}

static inline void rbi_elem_set_out(const struct rb_dma_pool *pool, struct rb_dma_elem *elem)
{
	elem->state = rbi_pool_out(pool) ^ (uintptr_t)elem;
}

static inline void rbi_elem_set_free(const struct rb_dma_pool *pool, struct rb_dma_elem *elem)
{
	elem->state = (uintptr_t)pool ^ (uintptr_t)elem;
}

#endif
