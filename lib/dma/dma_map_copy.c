/* SPDX-License-Identifier: MIT */
/*
 * dma_map_copy.c - bounce blocks for what a device cannot reach: where in them each piece of
 * a map has its copy.
 */
#include "config.h"

#include "dma/dma_map_private.h"

uint64_t rbi_map_skew(const uint8_t *cpu, const struct rb_dma_limits *limits)
{
	uint64_t skew = (uint64_t)(uintptr_t)cpu % RBI_PAGE;

	return skew % limits->align == 0 ? skew : 0;
}

static void put_in_block(struct rb_dma_map *map, struct rbi_map_piece *p,
			 const struct rbi_bounce *b, uint64_t at)
{
	p->copy = (uint8_t *)b->block.cpu + at;
	p->bus = b->block.phys + at;
	p->shadow = b->block.shadow;
	p->shadow_off = at;
	map->bounced_bytes += p->len;
}

static int add_block(struct rb_dma_map *map, uint64_t len, const struct rb_dma_limits *limits)
{
	struct rbi_bounce *b;
	int rc;

	rc = rbi_bounce_take(map->d, len, limits, &b);
	if (rc < 0)
		return rc;
	b->next = map->blocks;
	map->blocks = b;
	return 0;
}

int rbi_map_bounce_pieces(struct rb_dma_map *map, const struct rb_dma_limits *limits)
{
	uint32_t i;
	int rc;

	for (i = 0; i < map->npieces; i++) {
		struct rbi_map_piece *p = &map->pieces[i];
		uint64_t skew = rbi_map_skew(p->cpu, limits);

		if (!p->copy)
			continue;
		rc = add_block(map, skew + p->len, limits);
		if (rc < 0)
			return rc;
		put_in_block(map, p, map->blocks, skew);
	}
	return 0;
}

/* --- all of it in as few blocks as can be ---------------------------------------------- */

static void forget_pieces(struct rb_dma_map *map)
{
	struct rbi_bounce *b;

	while ((b = map->blocks) != NULL) {
		map->blocks = b->next;
		rbi_bounce_give(map->d, b);
	}
	map->npieces = 0;
	map->bounced_bytes = 0;
	map->merged_pages = 0;
}

/* There is room for the pieces that this makes: one a range, and one more a block. */
int rbi_map_bounce_whole(struct rb_dma_map *map, const struct rb_dma_limits *limits)
{
	uint64_t left = map->len, off = 0, used, room = 0, from, n;
	struct rbi_map_piece *p;
	size_t i;
	int rc;

	forget_pieces(map);
	for (i = 0, used = 0; i < map->nranges; i++) {
		for (from = 0; from < map->ranges[i].len; from += n) {
			if (used == room) {
				used = 0;
				room = left < RB_DMA_MAX ? left : RB_DMA_MAX;
				rc = add_block(map, room, limits);
				if (rc < 0)
					return rc;
				left -= room;
			}
			n = map->ranges[i].len - from;
			if (n > room - used)
				n = room - used;
			p = &map->pieces[map->npieces++];
			p->off = off;
			p->len = n;
			p->cpu = (uint8_t *)(uintptr_t)(map->ranges[i].from + from);
			put_in_block(map, p, map->blocks, used);
			used += n;
			off += n;
		}
	}
	return 0;
}
