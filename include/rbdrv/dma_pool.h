/* SPDX-License-Identifier: MIT */
/**
 * @file dma_pool.h
 * Many small pieces of DMA memory, all of one size: descriptors, commands, packets.
 *
 * rb_dma_alloc() hands out pages and asks the system each time. A pool takes blocks by
 * rb_dma_alloc(), cuts them into elements, and keeps what comes back: getting and putting
 * an element takes constant time and, once the pool is warm, no system call. It grows by
 * itself, block by block, and does not shrink before it is closed. Every element holds to
 * the alignment and the boundary of the pool and of its device (dma.h).
 *
 * An element is a descriptor, struct rb_dma_elem, that never moves: CPU pointer and bus
 * address stand in it. Elements are handed out most recently used first. Their memory is
 * zeroed when it is made and never again: an element that was used before holds what its
 * last user and the device left in it.
 *
 * The pool itself may be used from any thread. A thread that gets and puts all the time
 * opens a cache (rb_dma_cache_open()): a small stack of elements of its own, which costs
 * some inline instructions, and goes to the pool for many elements at once.
 *
 * An element put twice, put into another pool, or not an element at all, is refused: its
 * descriptor says whose turn it is. One compare finds it; then the log says so, the
 * mock counts it as a violation, and the pool stays as it was. What cannot be
 * found is a second put after somebody else got the same element. In programs built with
 * AddressSanitizer or run by valgrind the memory of elements that are not out is poisoned;
 * on the mock, which must read it, a device that touches it is told of instead. There a
 * load or store of the CPU's after the put is not seen, in such a program or another: the
 * same program finds it on machine qemu and on hardware.
 *
 * With RBDRV_RAW_MMIO defined before inclusion the inline compare is left out. Files with
 * and without it may share a pool.
 *
 * @code
 * struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
 * struct rb_dma_pool *pool;
 * struct rb_dma_elem *cmd;
 *
 * options.boundary = 4096;
 * options.count_min = 256;
 * options.label = "commands";
 * rc = rb_dma_pool_open(dev, 64, &options, &pool);
 * if (rc < 0)
 *         return rc;
 *
 * cmd = rb_dma_pool_get(pool);
 * if (!cmd)
 *         return -ENOMEM;
 * memcpy(cmd->cpu, &request, sizeof(request));
 * rb_dma_elem_publish(cmd, 0, sizeof(request));
 * rb_mmio_write64_lo_hi(regs, REG_COMMAND, cmd->bus.value);
 * ...
 * rb_dma_pool_put(pool, cmd);
 * rb_dma_pool_close(pool);
 * @endcode
 *
 * In a child of fork() the memory of elements does not exist, as that of buffers (dma.h).
 * Get is NULL there and put does nothing, close only frees memory; on Redox itself, where
 * only a system call could tell, a child may still be handed descriptors.
 */
#ifndef RBDRV_DMA_POOL_H
#define RBDRV_DMA_POOL_H

#include <stddef.h>
#include <stdint.h>

#include <rbdrv/dma.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A pool. Opaque. */
struct rb_dma_pool;

/**
 * One element. Made by the pool, never copied or changed by a caller, and in its place
 * until the pool is closed. Only state changes.
 */
struct rb_dma_elem {
	void *cpu;		      /**< its bytes, for this process */
	struct rb_bus_addr bus;	      /**< its bytes, for the device */
	const struct rb_dma_buf *buf; /**< the block it lies in; not to be closed */
	uint64_t off;		      /**< where in it, in bytes */
	uint64_t size;		      /**< bytes, as given to rb_dma_pool_open() */
	uintptr_t state;	      /**< the library's: whose it is now */
};

/** What a pool is for. Start from RB_DMA_POOL_OPTIONS_INIT. */
struct rb_dma_pool_options {
	uint32_t size;	    /**< sizeof(struct rb_dma_pool_options), set by the macro */
	uint32_t addr_bits; /**< elements lie below 2^addr_bits, 12-64; 0: as the device can */
	uint64_t align;	    /**< of each element, a power of two of bytes up to 4 MiB; 0: the
			     *   power of two at or above the size, 8 at least and 64 at most */
	uint64_t boundary;  /**< power of two of bytes that no element crosses; 0: none but the
			     *   device's */
	uint64_t count_min; /**< elements made at once */
	uint64_t count_max; /**< elements ever made; 0: no limit */
	const char *label;  /**< name for messages, copied, at most 31 bytes; NULL: none */
};

/** Initializer of struct rb_dma_pool_options: no demands, grows from nothing. */
#define RB_DMA_POOL_OPTIONS_INIT { sizeof(struct rb_dma_pool_options), 0, 0, 0, 0, 0, NULL }

/** Most elements of one pool. */
#define RB_DMA_POOL_MAX ((uint64_t)1 << 31)

/** Most room of a cache, in elements. */
#define RB_DMA_CACHE_MAX 4096u

/** What a pool has done. Start from RB_DMA_POOL_STATS_INIT. */
struct rb_dma_pool_stats {
	uint32_t size;	    /**< sizeof(struct rb_dma_pool_stats), set by the macro */
	uint32_t caches;    /**< caches open */
	uint64_t elem_size; /**< bytes of an element, as asked for */
	uint64_t stride;    /**< bytes from one to the next: the size rounded up to the alignment */
	uint64_t bytes;	    /**< bytes of all blocks */
	uint64_t made;	    /**< elements made */
	uint64_t out;	    /**< of them not in the pool: with the driver, or lying in a cache */
	uint64_t peak;	    /**< the most that were out at once */
	uint64_t gets;	    /**< elements got from the pool by rb_dma_pool_get() */
	uint64_t puts;	    /**< elements put into it by rb_dma_pool_put() */
	uint64_t refills;   /**< times that a cache took elements from the pool */
	uint64_t spills;    /**< times that a cache gave some back */
	uint64_t grows;	    /**< blocks made */
	uint64_t refusals;  /**< gets that were answered with NULL */
	uint64_t misuses;   /**< puts that were refused */
};

/** Initializer of struct rb_dma_pool_stats. */
#define RB_DMA_POOL_STATS_INIT \
	{ sizeof(struct rb_dma_pool_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Make a pool of elements of @p elem_size bytes.
 *
 * Blocks of pages are cut into elements; an element never crosses a block. The first block
 * has room for count_min elements, or for a few; later blocks are as large as all before
 * together, up to 256 KiB (or 16 elements, or 4 MiB). Where a block of that size is not to be had
 * smaller ones are tried, down to one element. Blocks for some requests to the memory
 * scheme. Any thread.
 *
 * @param dev        the device that will use them; the pool keeps a reference. What it
 *                   demands (dma.h) holds for every element besides @p options
 * @param elem_size  bytes, 1 ... RB_DMA_MAX
 * @param options    see struct rb_dma_pool_options; NULL: all defaults
 * @param[out] out   the pool, owned by the caller until rb_dma_pool_close(); NULL on
 *                   failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, size 0, align or boundary no power of two, boundary below the
 *                   size, addr_bits outside 12-64, count_max below count_min or either
 *                   above RB_DMA_POOL_MAX, boundary below the device's align, or
 *                   @p options was not set up by RB_DMA_POOL_OPTIONS_INIT or has a
 *                   nonzero tail that is unknown here
 * @retval -ENOMEM   @p elem_size or align above 4 MiB, the device's boundary or
 *                   segment_max below the size, or no memory for count_min elements that
 *                   suit the device; nothing is kept then
 * @retval -EACCES   with count_min: this process may not allocate DMA memory
 * @retval -ENOTSUP  with count_min: RBDRV_RAW_MMIO and a machine that it is not for, or
 *                   there is no memory scheme here
 * @retval -ENODEV   the device is gone
 * @retval -EPROTO   with count_min: the PCI server's answer makes no sense
 * @retval -EIO      with count_min: the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_pool_open(struct rb_pci_dev *dev, uint64_t elem_size,
					  const struct rb_dma_pool_options *options,
					  struct rb_dma_pool **out);

/**
 * rb_dma_pool_open() with the place that asks.
 *
 * @param dev        as for rb_dma_pool_open()
 * @param elem_size  as for rb_dma_pool_open()
 * @param options    as for rb_dma_pool_open()
 * @param[out] out   as for rb_dma_pool_open()
 * @param build      RB_DMA_DIRECT or 0; other bits are ignored
 * @param place      for messages; kept by pointer, so of static storage; NULL: unknown
 * @return 0, or a negative errno as for rb_dma_pool_open()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_pool_open_at(struct rb_pci_dev *dev, uint64_t elem_size,
					     const struct rb_dma_pool_options *options,
					     struct rb_dma_pool **out, uint32_t build,
					     const char *place);

/**
 * Close a pool. Stop the device first, and put every element back.
 *
 * The blocks go back as by rb_dma_close(). A pool that still has elements with the driver
 * is a mistake: the log says how many, the mock records it, and all of the pool's memory
 * stays where it is, so that what the device or the driver still does to them hurts
 * nobody. It goes when the last of them has been put; get is NULL meanwhile. Elements in
 * caches count as put, whether the caches are closed before or after.
 *
 * Not while another call on the pool or one of its caches runs. Blocks for some round
 * trips to the PCI server. In a child of fork() this only frees memory.
 *
 * @param pool  the pool; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_dma_pool_close(struct rb_dma_pool *pool);

/**
 * Get an element: the one put last, or a new one when there is none.
 *
 * Constant time without a system call, but for a wait when threads meet at the pool's
 * lock, as long as the pool need not grow; growing blocks for some requests to the memory
 * scheme and the PCI server. Elements that lie in caches are not found. Any thread.
 *
 * A device that is gone does not keep a pool from handing out the elements it has; it
 * cannot grow any more.
 *
 * @param pool  the pool
 * @return the element, until rb_dma_pool_put(); NULL: all count_max are out, growing
 *         failed, @p pool is NULL or was closed, or this is a child of fork():
 *         rb_last_error() says which
 * @since 0.1
 */
RB_EXPORT RB_CHECKED struct rb_dma_elem *rb_dma_pool_get(struct rb_dma_pool *pool);

/**
 * Put an element back. The device must be done with it.
 *
 * It makes no difference whether it was got from the pool or through a cache. An element
 * that is not out, or not of this pool, is refused: see the top of this page. Constant
 * time, no system call, any thread.
 *
 * @param pool  the pool; NULL does nothing
 * @param elem  the element; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_dma_pool_put(struct rb_dma_pool *pool, struct rb_dma_elem *elem);

/**
 * What a pool has done up to now. Any thread.
 *
 * @param pool        the pool
 * @param[out] stats  set up by RB_DMA_POOL_STATS_INIT; filled as far as its size reaches
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, or the size is 0
 * @retval -ENODEV   this is a child of fork()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_pool_stats_read(struct rb_dma_pool *pool,
						struct rb_dma_pool_stats *stats);

/* --- elements ---------------------------------------------------------------------- */

/**
 * The out-of-line half of rb_dma_elem_publish(). Exported for other languages, which may
 * call it on every machine.
 *
 * @param elem  the element; NULL does nothing
 * @param off   byte offset
 * @param len   bytes
 * @since 0.1
 */
RB_EXPORT void rb_dma_elem_publish_routed(const struct rb_dma_elem *elem, uint64_t off,
					  uint64_t len);

/**
 * The out-of-line half of rb_dma_elem_observe(). See rb_dma_elem_publish_routed().
 *
 * @param elem  the element; NULL does nothing
 * @param off   byte offset
 * @param len   bytes
 * @since 0.1
 */
RB_EXPORT void rb_dma_elem_observe_routed(const struct rb_dma_elem *elem, uint64_t off,
					  uint64_t len);

/**
 * rb_dma_publish() of bytes [off, off + len) of an element.
 *
 * Any thread. A range past the element's end, or of an element that is not out, is a
 * programming error, which the mock records; elsewhere it has no effect.
 *
 * @param elem  the element
 * @param off   byte offset into it
 * @param len   bytes
 * @since 0.1
 */
static inline void rb_dma_elem_publish(const struct rb_dma_elem *elem, uint64_t off, uint64_t len)
{
#ifndef RBDRV_RAW_MMIO
	if (RB_UNLIKELY(elem->buf->shadow != 0)) {
		rb_dma_elem_publish_routed(elem, off, len);
		return;
	}
#endif
	(void)elem;
	(void)off;
	(void)len;
	RB_DMA_FENCE_PUBLISH();
}

/**
 * rb_dma_observe() of bytes [off, off + len) of an element. See rb_dma_elem_publish().
 *
 * @param elem  the element
 * @param off   byte offset into it
 * @param len   bytes
 * @since 0.1
 */
static inline void rb_dma_elem_observe(const struct rb_dma_elem *elem, uint64_t off, uint64_t len)
{
#ifndef RBDRV_RAW_MMIO
	if (RB_UNLIKELY(elem->buf->shadow != 0)) {
		rb_dma_elem_observe_routed(elem, off, len);
		return;
	}
#endif
	(void)elem;
	(void)off;
	(void)len;
	RB_DMA_FENCE_OBSERVE();
}

/* --- caches ------------------------------------------------------------------------ */

/**
 * A thread's own elements. The head of a larger object: made by rb_dma_cache_open(), never
 * copied, allocated or changed by a caller.
 *
 * Where every get and put is watched (the mock, QEMU, AddressSanitizer, valgrind) count
 * and room are 0, and all of them go out of line.
 */
struct rb_dma_cache {
	struct rb_dma_elem **slots; /**< its elements, the last one put on top */
	uintptr_t out;		    /**< what state says of an element that is out */
	uint32_t count;		    /**< elements in slots */
	uint32_t room;		    /**< most elements in slots */
};

/**
 * Open a cache of a pool, for one thread.
 *
 * An empty cache takes half of @p room from the pool at once; a full one gives the half
 * back that was used least recently. Other threads cannot get what lies in it: with
 * count_max allow for that many more.
 *
 * Any thread; the cache may then be used by one thread at a time.
 *
 * @param pool      the pool
 * @param room      most elements in it, 2 ... RB_DMA_CACHE_MAX; 0: 64
 * @param[out] out  the cache, empty, owned by the caller until rb_dma_cache_close(); NULL
 *                  on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, or @p room is 1 or too large
 * @retval -ENOMEM   out of memory
 * @retval -ENODEV   this is a child of fork()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_cache_open(struct rb_dma_pool *pool, uint32_t room,
					   struct rb_dma_cache **out);

/**
 * Close a cache: what lies in it goes back to the pool. Elements got through it stay out,
 * and may be put elsewhere. Not while another call on it runs.
 *
 * @param cache  the cache; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_dma_cache_close(struct rb_dma_cache *cache);

/**
 * The out-of-line half of rb_dma_cache_get(). Exported for other languages, which may
 * call it on every machine.
 *
 * @param cache  the cache
 * @return the element; NULL as rb_dma_pool_get()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED struct rb_dma_elem *rb_dma_cache_get_routed(struct rb_dma_cache *cache);

/**
 * The out-of-line half of rb_dma_cache_put(). See rb_dma_cache_get_routed().
 *
 * @param cache  the cache; NULL does nothing
 * @param elem   the element; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_dma_cache_put_routed(struct rb_dma_cache *cache, struct rb_dma_elem *elem);

/**
 * Get an element through a cache: the one put last into it, or as many as half its room
 * from the pool when it is empty. See rb_dma_pool_get().
 *
 * @param cache  the cache, of this thread
 * @return the element; NULL as rb_dma_pool_get()
 * @since 0.1
 */
RB_CHECKED static inline struct rb_dma_elem *rb_dma_cache_get(struct rb_dma_cache *cache)
{
	struct rb_dma_elem *elem;

	if (RB_UNLIKELY(cache->count == 0))
		return rb_dma_cache_get_routed(cache);
	elem = cache->slots[--cache->count];
	elem->state = cache->out ^ (uintptr_t)elem;
	return elem;
}

/**
 * Put an element of the pool into a cache, from wherever it was got. See
 * rb_dma_pool_put().
 *
 * @param cache  the cache, of this thread
 * @param elem   the element; NULL does nothing, but with RBDRV_RAW_MMIO
 * @since 0.1
 */
static inline void rb_dma_cache_put(struct rb_dma_cache *cache, struct rb_dma_elem *elem)
{
	if (RB_UNLIKELY(cache->count >= cache->room)) {
		rb_dma_cache_put_routed(cache, elem);
		return;
	}
#ifndef RBDRV_RAW_MMIO
	if (RB_UNLIKELY(!elem || (elem->state ^ (uintptr_t)elem) != cache->out)) {
		rb_dma_cache_put_routed(cache, elem);
		return;
	}
#endif
	elem->state = (cache->out ^ 1u) ^ (uintptr_t)elem;
	cache->slots[cache->count++] = elem;
}

/** @cond internal */
#define rb_dma_pool_open(dev, elem_size, options, out) \
	rb_dma_pool_open_at((dev), (elem_size), (options), (out), RB_DMA_HERE)
/** @endcond */

#ifdef __cplusplus
}
#endif
#endif
