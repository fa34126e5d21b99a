/* SPDX-License-Identifier: MIT */
/*
 * dma_buf.h - what stands behind struct rb_dma_buf.
 *
 * Its bytes are contiguous for the CPU. Below they are blocks, each contiguous for the
 * device: one, or those that rb_dma_alloc_sg() has put side by side. Segments are what
 * blocks come to for the device, merged and divided.
 */
#ifndef RBI_DMA_BUF_H
#define RBI_DMA_BUF_H

#include <stdint.h>

#include <rbdrv/dma.h>

#include "core/core.h"
#include "dma/dma_dev.h"
#include "os/os_memory.h"

struct rbi_dma_buf {
	struct rb_dma_buf head; /* first: this is what callers hold */
	struct rbi_dma_dev *d;
	struct rb_pci_dev *dev; /* a reference */
	struct rb_ctx *ctx; /* the device's; lives as long as it does */
	struct rbi_live live;
	char label[RBI_DMA_LABEL];
	const char *place; /* where the driver asked for it; NULL: unknown */

	struct rbi_dma_block *blocks; /* in the order of their bytes */
	uint32_t nblocks;
	uint32_t nsegments;
	struct rb_dma_segment *segments;
	struct rbi_dma_block one_block; /* mostly there is one, and one segment */
	struct rb_dma_segment one_segment;
	struct rbi_dma_kept *memory; /* all that is mapped, as it goes back */
};

static inline struct rbi_dma_buf *rbi_dma_of(const struct rb_dma_buf *buf)
{
	return (struct rbi_dma_buf *)(uintptr_t)buf;
}

/* rb_dma_alloc_at() for a caller that hands out pieces of the block: those, and not the
 * block, honour the device's boundary and segment_max. */
int rbi_dma_alloc_uncut(struct rb_pci_dev *dev, uint64_t size, const struct rb_dma_options *options,
			struct rb_dma_buf **out, uint32_t build, const char *place);

/* --- the search for a block that suits (dma_search.c) ------------------------------------ */

/* Blocks tried before giving up on a mask: at most 64 MiB held for a moment. */
#define RBI_DMA_CANDIDATES 16

/* Unsuitable blocks are kept until it is over, or the same one would come again. */
struct rbi_dma_search {
	struct rbi_dma_dev *d;
	const struct rb_dma_limits *limits; /* addr_bits and align count, for whole blocks */
	uint64_t bound; /* blocks do not cross multiples of it; 0: they may */
	struct rbi_dma_block loser[RBI_DMA_CANDIDATES];
	unsigned int losers;
	unsigned int refused;
	uint64_t lowest; /* address of those */
};

void rbi_dma_search_begin(struct rbi_dma_search *search, struct rbi_dma_dev *d,
			  const struct rb_dma_limits *limits);
/* Find a block of @len bytes, of which @used count, anywhere in this process. */
int rbi_dma_search_block(struct rbi_dma_search *search, uint64_t len, uint64_t used,
			 struct rbi_dma_block *block);
/* Does it suit? If not it is counted, and what becomes of it is the caller's. */
bool rbi_dma_search_suits(struct rbi_dma_search *search, const struct rbi_dma_block *block,
			  uint64_t used);
/* The refusal when nothing did. */
int rbi_dma_search_failed(const struct rbi_dma_search *search, uint64_t len);
/* Give the losers back. */
void rbi_dma_search_end(struct rbi_dma_search *search);

/* --- parts of opening ---------------------------------------------------------------------- */

/* dma_sg.c: put blocks for @size bytes side by side. Fills the blocks and the memory of
 * @b, or leaves nothing. Codes as rb_dma_alloc_sg(). */
int rbi_dma_gather(struct rbi_dma_buf *b, uint64_t size, const struct rb_dma_limits *limits);

/* dma_segment.c: divide the blocks of @b into segments. -ENOMEM: without memory, or more than @most. */
int rbi_dma_divide(struct rbi_dma_buf *b, const struct rb_dma_limits *limits, uint32_t most);

#endif
