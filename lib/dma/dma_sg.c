/* SPDX-License-Identifier: MIT */
/*
 * dma_sg.c - put blocks side by side, so that they are one buffer for the CPU.
 *
 * Address space is reserved, and blocks are mapped into it with MAP_FIXED, as contract 6.1
 * tells of common::sgl. The largest blocks come first; where none is free, or none suits,
 * half of that from there on. Each is a power of two of pages: Redox loses the rest of
 * anything else (probe 2).
 *
 * A block cannot be moved once it is mapped, so one that does not suit has to make place.
 * Then a block that suits is sought elsewhere, with all that did not suit in hand, and
 * given up for the place: it is the one that comes, unless somebody else was quicker.
 */
#include "config.h"

#include "dma/dma_buf.h"

struct gathering {
	struct rbi_dma_buf *b;
	struct rbi_dma_search search;
	struct rbi_dma_room where;
	uint64_t filled; /* bytes of it */
	uint64_t block; /* bytes of the blocks asked for now */
	uint32_t most; /* that b->blocks has room for */
};

/* --- blocks ---------------------------------------------------------------------------- */

static int room_for_one(struct gathering *g)
{
	struct rbi_dma_buf *b = g->b;
	struct rbi_dma_block *more;
	uint32_t most = g->most > 0 ? g->most * 2 : 16;

	if (b->nblocks < g->most)
		return 0;
	more = rbi_realloc(b->blocks, most, sizeof(*more));
	if (!more)
		return rbi_no_memory("the blocks of a DMA buffer");
	b->blocks = more;
	g->most = most;
	return 0;
}

/* Put a block that suits in the next place. -ENOMEM: there is none of this size. */
static int place_block(struct gathering *g, struct rbi_dma_block *block)
{
	struct rbi_os *os = g->search.d->ctx->os;
	struct rbi_dma_block decoy;
	int rc;

	while (g->search.refused < RBI_DMA_CANDIDATES) {
		rc = rbi_os_dma_alloc_in(os, &g->where, g->filled, g->block, block);
		if (rc < 0 || rbi_dma_search_suits(&g->search, block, g->block))
			return rc;
		rc = rbi_os_dma_clear(os, &g->where, block);
		if (rc == 0)
			rc = rbi_dma_search_block(&g->search, g->block, g->block, &decoy);
		if (rc < 0)
			return rc;
		rbi_os_dma_free(os, &decoy);
	}
	return rbi_dma_search_failed(&g->search, g->block);
}

static void next_size(struct gathering *g)
{
	rbi_dma_search_end(&g->search);
	g->search.refused = 0;
	g->search.lowest = UINT64_MAX;
	g->block /= 2;
}

/* Fill the next place, or go on with smaller blocks. */
static int add_block(struct gathering *g)
{
	struct rbi_dma_buf *b = g->b;
	int rc;

	rc = room_for_one(g);
	if (rc < 0)
		return rc;
	while (g->block > g->where.len - g->filled)
		next_size(g);
	rc = place_block(g, &b->blocks[b->nblocks]);
	if (rc == -ENOMEM && g->block > g->search.limits->align && g->where.lost_len == 0) {
		next_size(g);
		return 0;
	}
	if (rc < 0)
		return rc;
	b->blocks[b->nblocks++].off = g->filled;
	g->filled += g->block;
	g->search.refused = 0;
	return 0;
}

/* --- the buffer -------------------------------------------------------------------------- */

int rbi_dma_gather(struct rbi_dma_buf *b, uint64_t size, const struct rb_dma_limits *limits)
{
	struct gathering g = { .b = b, .block = RBI_DMA_BLOCK_MAX };
	struct rbi_os *os = b->ctx->os;
	int rc;

	rc = rbi_os_dma_reserve(os, rbi_round_up(size, limits->align), &g.where);
	if (rc < 0)
		return rc;
	rbi_dma_search_begin(&g.search, b->d, limits);
	while (rc == 0 && g.filled < g.where.len)
		rc = add_block(&g);
	rbi_dma_search_end(&g.search);
	if (rc < 0)
		rbi_os_dma_abandon(os, &g.where);
	b->memory->cpu = g.where.base;
	b->memory->len = g.where.len;
	return rc;
}
