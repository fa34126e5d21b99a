/* SPDX-License-Identifier: MIT */
/*
 * dma_map_spans.h - which bytes of a map the device has: a sorted list of stretches
 * that do not touch each other.
 */
#ifndef RBI_DMA_MAP_SPANS_H
#define RBI_DMA_MAP_SPANS_H

#include <stdbool.h>
#include <stdint.h>

#define RBI_MAP_SPANS_FIRST 8u /* as many as need no memory of their own; dma_map.h says so */

struct rbi_map_span {
	uint64_t from, end;
};

struct rbi_map_spans {
	struct rbi_map_span *list;
	uint32_t count, room;
	struct rbi_map_span first[RBI_MAP_SPANS_FIRST];
};

void rbi_map_spans_init(struct rbi_map_spans *s);
void rbi_map_spans_free(struct rbi_map_spans *s);

/* Make room for @count stretches in all. False: out of memory, nothing changed. */
bool rbi_map_spans_reserve(struct rbi_map_spans *s, uint64_t count);
/* How many stretches there are after one add, or one take. */
uint32_t rbi_map_spans_after_add(const struct rbi_map_spans *s, uint64_t from, uint64_t end);
uint32_t rbi_map_spans_after_take(const struct rbi_map_spans *s, uint64_t from, uint64_t end);
/* Add, or take away, [from, end), which may be in partly or not at all. */
void rbi_map_spans_add(struct rbi_map_spans *s, uint64_t from, uint64_t end);
void rbi_map_spans_take(struct rbi_map_spans *s, uint64_t from, uint64_t end);

/* The first stretch of [from, end) that is in, or that is @out; false: there is none. */
bool rbi_map_spans_next_in(const struct rbi_map_spans *s, uint64_t from, uint64_t end,
			   struct rbi_map_span *found);
bool rbi_map_spans_next_out(const struct rbi_map_spans *s, uint64_t from, uint64_t end,
			    struct rbi_map_span *found);

#endif
