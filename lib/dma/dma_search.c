/* SPDX-License-Identifier: MIT */
/*
 * dma_search.c - find a block that suits the device.
 *
 * Redox hands out contiguous blocks but takes no wishes (contract 1.1: there is no "below
 * 4G"). Blocks are aligned to their size, so an alignment is had by asking for that much,
 * and a boundary of at least the block's size is never crossed. For an address mask there
 * is only trying.
 */
#include "config.h"

#include "dma/dma_buf.h"

void rbi_dma_search_begin(struct rbi_dma_search *search, struct rbi_dma_dev *d,
			  const struct rb_dma_limits *limits)
{
	search->d = d;
	search->limits = limits;
	search->bound = 0;
	search->losers = search->refused = 0;
	search->lowest = UINT64_MAX;
}

bool rbi_dma_search_suits(struct rbi_dma_search *search, const struct rbi_dma_block *block,
			  uint64_t used)
{
	const struct rb_dma_limits *l = search->limits;
	uint64_t first = block->phys;
	uint64_t last = first + (used - 1);
	bool suits;

	suits = rbi_dma_is_below(first, used, l->addr_bits) && first % l->align == 0 &&
		(search->bound == 0 || first / search->bound == last / search->bound);
	if (suits)
		return true;
	rbi_dma_count(search->d, RBI_DMA_BLOCKS_REFUSED, 1);
	search->refused++;
	if (first < search->lowest)
		search->lowest = first;
	return false;
}

int rbi_dma_search_failed(const struct rbi_dma_search *search, uint64_t len)
{
	const struct rb_dma_limits *l = search->limits;

	return rbi_fail(-ENOMEM,
			"no DMA block of %llu bytes below 2^%u, aligned to %#llx: of %u the "
			"lowest is at %#llx",
			(unsigned long long)len, (unsigned int)l->addr_bits,
			(unsigned long long)l->align, search->refused,
			(unsigned long long)search->lowest);
}

int rbi_dma_search_block(struct rbi_dma_search *search, uint64_t len, uint64_t used,
			 struct rbi_dma_block *block)
{
	int rc;

	while (search->refused < RBI_DMA_CANDIDATES) {
		rc = rbi_os_dma_alloc(search->d->ctx->os, len, block);
		/* the memory that ran out was ours, if there were candidates before */
		if (rc == -ENOMEM && search->losers > 0)
			break;
		if (rc < 0 || rbi_dma_search_suits(search, block, used))
			return rc;
		search->loser[search->losers++] = *block;
	}
	return rbi_dma_search_failed(search, used);
}

void rbi_dma_search_end(struct rbi_dma_search *search)
{
	while (search->losers > 0)
		rbi_os_dma_free(search->d->ctx->os, &search->loser[--search->losers]);
}
