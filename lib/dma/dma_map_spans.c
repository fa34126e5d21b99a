/* SPDX-License-Identifier: MIT */
/* dma_map_spans.c - see dma_map_spans.h. */
#include "config.h"

#include <string.h>

#include "core/core.h"
#include "dma/dma_map_spans.h"

void rbi_map_spans_init(struct rbi_map_spans *s)
{
	s->list = s->first;
	s->count = 0;
	s->room = RBI_MAP_SPANS_FIRST;
}

void rbi_map_spans_free(struct rbi_map_spans *s)
{
	if (s->list != s->first)
		rbi_free(s->list);
}

bool rbi_map_spans_reserve(struct rbi_map_spans *s, uint64_t count)
{
	uint64_t room = s->room;
	struct rbi_map_span *list;

	if (count <= room)
		return true;
	while (room < count)
		room *= 2;
	if (room > UINT32_MAX)
		return false;
	list = rbi_alloc((size_t)room, sizeof(*list));
	if (!list)
		return false;
	memcpy(list, s->list, s->count * sizeof(*list));
	rbi_map_spans_free(s);
	s->list = list;
	s->room = (uint32_t)room;
	return true;
}

/* The first stretch that ends at @at or behind it. */
static uint32_t place_of(const struct rbi_map_spans *s, uint64_t at)
{
	uint32_t low = 0, high = s->count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (s->list[mid].end < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Put @n stretches in the place of those from @i up to @j; at most one more than before. */
static void replace(struct rbi_map_spans *s, uint32_t i, uint32_t j,
		    const struct rbi_map_span *with, uint32_t n)
{
	memmove(&s->list[i + n], &s->list[j], (s->count - j) * sizeof(*s->list));
	memcpy(&s->list[i], with, n * sizeof(*s->list));
	s->count = s->count - (j - i) + n;
}

uint32_t rbi_map_spans_after_add(const struct rbi_map_spans *s, uint64_t from, uint64_t end)
{
	uint32_t i = place_of(s, from), j = i;

	while (j < s->count && s->list[j].from <= end)
		j++;
	return s->count - (j - i) + 1;
}

uint32_t rbi_map_spans_after_take(const struct rbi_map_spans *s, uint64_t from, uint64_t end)
{
	uint32_t i = place_of(s, from), j, rest = 0;

	for (j = i; j < s->count && s->list[j].from < end; j++)
		rest += (s->list[j].from < from) + (s->list[j].end > end);
	return s->count - (j - i) + rest;
}

void rbi_map_spans_add(struct rbi_map_spans *s, uint64_t from, uint64_t end)
{
	struct rbi_map_span whole = { from, end };
	uint32_t i = place_of(s, from), j;

	for (j = i; j < s->count && s->list[j].from <= end; j++) {
		if (s->list[j].from < whole.from)
			whole.from = s->list[j].from;
		if (s->list[j].end > whole.end)
			whole.end = s->list[j].end;
	}
	replace(s, i, j, &whole, 1);
}

void rbi_map_spans_take(struct rbi_map_spans *s, uint64_t from, uint64_t end)
{
	struct rbi_map_span rest[2];
	uint32_t i = place_of(s, from), j, n = 0;

	for (j = i; j < s->count && s->list[j].from < end; j++) {
		if (s->list[j].from < from)
			rest[n++] = (struct rbi_map_span){ s->list[j].from, from };
		if (s->list[j].end > end)
			rest[n++] = (struct rbi_map_span){ end, s->list[j].end };
	}
	if (j > i)
		replace(s, i, j, rest, n);
}

bool rbi_map_spans_next_in(const struct rbi_map_spans *s, uint64_t from, uint64_t end,
			   struct rbi_map_span *found)
{
	uint32_t i = from < end ? place_of(s, from + 1) : s->count;

	if (i == s->count || s->list[i].from >= end)
		return false;
	found->from = s->list[i].from > from ? s->list[i].from : from;
	found->end = s->list[i].end < end ? s->list[i].end : end;
	return true;
}

bool rbi_map_spans_next_out(const struct rbi_map_spans *s, uint64_t from, uint64_t end,
			    struct rbi_map_span *found)
{
	uint32_t i;

	if (from >= end)
		return false;
	i = place_of(s, from + 1);
	if (i < s->count && s->list[i].from <= from)
		from = s->list[i++].end;
	if (from >= end)
		return false;
	found->from = from;
	found->end = i < s->count && s->list[i].from < end ? s->list[i].from : end;
	return true;
}
