/* SPDX-License-Identifier: MIT */
/*
 * os_memory.h - the memory scheme: device registers and DMA blocks.
 *
 * Below every call stands contract 1. What Redox answers with a panic, an endless
 * loop or a leak (physical address 0, huge lengths, sizes that are no power of
 * two) is refused or avoided here, so it never reaches a kernel.
 */
#ifndef RBI_OS_MEMORY_H
#define RBI_OS_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "os/os.h"

/* Longest physical mapping; longer ones keep the kernel busy for minutes (probe 1). */
#define RBI_PHYS_LEN_MAX  ((uint64_t)1 << 40)
/* Physical addresses end here (contract 1.4). */
#define RBI_PHYS_END	  ((uint64_t)1 << 52)
/* Largest contiguous block (contract 1.5). */
#define RBI_DMA_BLOCK_MAX ((uint64_t)4 << 20)

/* Do devices see what the caches hold? On x86 they do; elsewhere memory that they touch
 * must not be cached (contract 1.5, 6.3). The one place that knows; struct rbi_os holds it
 * for each world. */
#if defined(__x86_64__) || defined(__i386__)
#define RBI_DMA_SEES_CACHES true
#else
#define RBI_DMA_SEES_CACHES false
#endif

/* How the CPU caches a physical mapping: the type in "physical@type". */
enum rbi_cache { RBI_CACHE_UC, RBI_CACHE_WC, RBI_CACHE_WB };

/* A stretch of physical addresses in this process. The system maps whole pages. */
struct rbi_phys_map {
	void *pages; /* what the system mapped */
	size_t pages_len; /* bytes of it, whole pages */
	size_t skew; /* bytes from pages to the first byte asked for */
	struct rbi_window win; /* how to reach it, counted from pages */
	struct rbi_phys_map *next, **at; /* in the world's list: so it does not move */
};

/*
 * Map [phys, phys + len), device registers. -EINVAL: @len is 0, or page 0 is asked
 * for; -ERANGE: the length or the end is absurd; -EACCES: not permitted, or it is
 * RAM; -ENOTSUP, -ENODEV, -ENOMEM, -EIO.
 */
int rbi_os_phys_map(struct rbi_os *os, uint64_t phys, uint64_t len, enum rbi_cache cache,
		    struct rbi_phys_map *map);
void rbi_os_phys_unmap(struct rbi_os *os, struct rbi_phys_map *map);
/* Does any of [from, from + len) lie in a mapping of rbi_os_phys_map() that is there now?
 * Any thread. */
bool rbi_os_is_phys(struct rbi_os *os, uint64_t from, uint64_t len);

/* A contiguous block of RAM that devices may reach. */
struct rbi_dma_block {
	void *cpu;
	uint64_t len; /* a power of two of pages, and its alignment */
	uint64_t phys; /* where devices find it; never 0 */
	uint32_t shadow; /* see struct rbi_window */
	uint64_t off; /* where in its buffer it begins; the caller's */
};

/*
 * Allocate a zeroed block of at least @size bytes, 1 ... RBI_DMA_BLOCK_MAX. -EINVAL:
 * size 0; -ENOMEM: too large, or no such block is free; -EACCES, -ENOTSUP, -ENODEV,
 * -EIO (also when the block turns out not to be what Redox promises).
 */
int rbi_os_dma_alloc(struct rbi_os *os, uint64_t size, struct rbi_dma_block *block);
void rbi_os_dma_free(struct rbi_os *os, const struct rbi_dma_block *block);
/* The same for a room and all that is in it, with nothing lost. */
void rbi_os_dma_release(struct rbi_os *os, void *cpu, uint64_t len);

/*
 * Address space to put blocks in, side by side. A system that runs out of memory when a
 * block is put somewhere has unmapped the place already, and another thread may have it
 * now. Then it is lost: it is not touched any more, and nothing else can be had here.
 */
struct rbi_dma_room {
	uint8_t *base;
	uint64_t len;
	uint64_t lost_off;
	uint64_t lost_len; /* 0: nothing is lost */
};

/* Reserve @len bytes, whole pages. -ENOMEM; as rbi_os_fail(). */
int rbi_os_dma_reserve(struct rbi_os *os, uint64_t len, struct rbi_dma_room *room);
/* rbi_os_dma_alloc(), at @off, a multiple of the page, in @room. */
int rbi_os_dma_alloc_in(struct rbi_os *os, struct rbi_dma_room *room, uint64_t off, uint64_t size,
			struct rbi_dma_block *block);
/* Free a block in @room; its place is reserved again. -EIO: the place is lost. */
int rbi_os_dma_clear(struct rbi_os *os, struct rbi_dma_room *room,
		     const struct rbi_dma_block *block);
/* Give everything back but what is lost. */
void rbi_os_dma_abandon(struct rbi_os *os, const struct rbi_dma_room *room);

/* Where a page of the program's lies. */
struct rbi_os_page {
	uint64_t phys; /* of the page's first byte */
	uint32_t shadow; /* see struct rbi_window */
	uint64_t shadow_off;
};

/*
 * Make the page around @byte present and private by writing to @byte what it holds
 * - an untouched one is the shared zero page, one shared after fork() somebody
 * else's as well (contract 1.5, 1.6) - and ask where it is. @byte is the caller's
 * alone meanwhile. 0; -ENOENT without a sentence: the system names no address for
 * this memory; -EINVAL: it is a register window; -ENOTSUP, -EACCES: no translation
 * here at all, or not for this process; -EIO: the system failed, or its answer is
 * no page's address; -ENOMEM, -ENODEV.
 */
int rbi_os_locate_page(struct rbi_os *os, volatile uint8_t *byte, struct rbi_os_page *page);

#endif
