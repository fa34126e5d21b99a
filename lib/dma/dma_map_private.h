/* SPDX-License-Identifier: MIT */
/*
 * dma_map_private.h - what stands behind struct rb_dma_map.
 *
 * A map's bytes are numbered through all ranges of the caller's. Pieces say what
 * stands behind them: a piece is one stretch of caller's memory and either lies in
 * one stretch of bus addresses itself or has its copy in one bounce block. Segments
 * are what the device is told: pieces that are neighbours on the bus, merged and
 * cut to its liking. They share nothing but the numbering.
 */
#ifndef RBI_DMA_MAP_PRIVATE_H
#define RBI_DMA_MAP_PRIVATE_H

#include <rbdrv/dma_map.h>

#include "core/core.h"
#include "core/range_book.h"
#include "dma/dma_dev.h"
#include "dma/dma_map_spans.h"

#define RBI_MAP_LINE 64u /* bytes that one checksum stands for; dma_map.h says so */

struct rbi_map_piece {
	uint64_t off; /* first byte, in the map */
	uint64_t len;
	uint8_t *cpu; /* the caller's bytes */
	uint8_t *copy; /* the bounce block's; NULL: not bounced */
	uint64_t bus;
	uint64_t shadow_off;
	uint32_t shadow; /* see struct rbi_window */
};

struct rb_dma_map {
	struct rb_pci_dev *dev; /* a reference */
	struct rb_ctx *ctx; /* the device's */
	struct rbi_dma_dev *d;
	enum rb_dma_dir dir;
	uint64_t len;
	uint64_t whole; /* its number in struct rbi_dma_note */
	const char *place; /* "file.c:12", or NULL */
	char label[RBI_DMA_LABEL];
	char name[96]; /* "packet mapped at file.c:12" */
	struct rbi_live live;

	struct rbi_range *ranges; /* as they stand in the context's book */
	size_t nranges;
	struct rbi_map_piece *pieces;
	uint32_t npieces;
	struct rb_dma_segment *segments;
	uint32_t nsegments;
	struct rbi_bounce *blocks; /* all that pieces have their copies in */

	struct rbi_map_spans device; /* the bytes that the device has */
	bool poisoned; /* ASan or valgrind watches those */
	uint64_t *sums; /* of each line, 0: not known; NULL: not watched by sums */

	uint8_t *was; /* all bytes as they went; NULL: not kept */

	uint64_t bounced_bytes;
	uint32_t bounced_segments;
	uint64_t merged_pages;
};

/* --- dma_map_plan.c -------------------------------------------------------------------- */

/*
 * Find out where the map's bytes lie and lay out pieces and segments, with bounce
 * blocks where they must be. Codes as rb_dma_map(); what was made before a failure
 * stands in @map.
 */
int rbi_map_plan(struct rb_dma_map *map, const struct rb_dma_limits *limits, uint32_t flags);

/* --- dma_map_copy.c --------------------------------------------------------------------- */

/* Where in a block the copy of @cpu begins: where it began in its page, if the device
 * bears that, so that a device that counts in pages sees the same parts. */
uint64_t rbi_map_skew(const uint8_t *cpu, const struct rb_dma_limits *limits);
/* Find room for the copies of all pieces whose copy is not NULL. Codes as rb_dma_map(). */
int rbi_map_bounce_pieces(struct rb_dma_map *map, const struct rb_dma_limits *limits);
/* Forget all pieces and make others: the whole map is copied, to as few blocks as can be. */
int rbi_map_bounce_whole(struct rb_dma_map *map, const struct rb_dma_limits *limits);

/* --- dma_map_segment.c ------------------------------------------------------------------ */

/* Cut the pieces into segments, written to @out unless that is NULL: how many. */
uint32_t rbi_map_cut(const struct rb_dma_map *map, const struct rb_dma_limits *limits,
		     struct rb_dma_segment *out);
/* In how many segments the device does not see the caller's own bytes. */
uint32_t rbi_map_count_bounced(const struct rb_dma_map *map);

/* --- dma_map_hand.c -------------------------------------------------------------------- */

/* Tell the world whose the bounce blocks are, and who uses bytes in place: none of them
 * is the device's yet. */
void rbi_map_announce(const struct rb_dma_map *map);
/* Decide who watches the bytes that are handed over. -ENOMEM. */
int rbi_map_watch(struct rb_dma_map *map, bool check);
/* Hand over, or back, [from, end), all of which the other side has. */
void rbi_map_hand_over(struct rb_dma_map *map, uint64_t from, uint64_t end);
void rbi_map_hand_back(struct rb_dma_map *map, uint64_t from, uint64_t end);
/* All is back: what the device may do with the memory is what it may do by default. */
void rbi_map_release(struct rb_dma_map *map);

/* --- dma_map_sync.c --------------------------------------------------------------------- */

/* Make room to remember that the device has @count parts of the map. -ENOMEM. */
int rbi_map_room_for(struct rb_dma_map *map, uint32_t count);
/* Hand back what the device has of [from, end); what is remembered of that stays. */
void rbi_map_take_back(struct rb_dma_map *map, uint64_t from, uint64_t end);

#endif
