/* SPDX-License-Identifier: MIT */
/*
 * dma_map_plan.c - from a caller's bytes to what the device is told.
 *
 * Chunks are the parts of pages that belong to the map. Each is located; those that
 * the device cannot reach are marked; neighbours of one kind become pieces; pieces
 * become segments.
 */
#include "config.h"

#include <stdlib.h>

#include "core/detail.h"
#include "dma/dma_map_private.h"

/* Why a chunk is bounced. */
enum why { DIRECT, ASKED, CACHED, NO_ADDRESS, TOO_HIGH, MISALIGNED, TWIN };

static const char *const reasons[] = {
	[ASKED] = "RB_DMA_MAP_BOUNCE asks for it",
	[CACHED] = "devices here do not see what the caches hold",
	[NO_ADDRESS] = "the system names no address for it",
	[TOO_HIGH] = "it lies above the device's mask",
	[MISALIGNED] = "it is not aligned as the device demands",
	[TWIN] = "the system names one frame for two pages",
};

struct chunk {
	uint8_t *cpu;
	uint64_t bus; /* of its first byte */
	uint64_t shadow_off;
	uint32_t shadow;
	uint16_t len; /* at most a page */
	uint16_t why; /* enum why */
};

/* --- chunks ------------------------------------------------------------------------------ */

static uint64_t in_page(const void *p)
{
	return (uint64_t)(uintptr_t)p % RBI_PAGE;
}

static size_t count_chunks(const struct rb_dma_map *map)
{
	size_t i, n = 0;

	for (i = 0; i < map->nranges; i++) {
		const struct rbi_range *r = &map->ranges[i];

		n += (size_t)((r->from % RBI_PAGE + r->len + RBI_PAGE - 1) / RBI_PAGE);
	}
	return n;
}

static void cut_range(const struct rbi_range *r, struct chunk **at)
{
	uint8_t *cpu = (uint8_t *)(uintptr_t)r->from;
	uint64_t left = r->len, n;

	for (; left > 0; left -= n, cpu += n) {
		n = RBI_PAGE - in_page(cpu);
		if (n > left)
			n = left;
		(*at)->cpu = cpu;
		(*at)->len = (uint16_t)n;
		(*at)++;
	}
}

static int locate(struct rbi_os *os, struct chunk *c, const struct rbi_detail *before)
{
	struct rbi_os_page page = { 0 };
	int rc;

	rc = rbi_os_locate_page(os, c->cpu, &page);
	/* no translation, for this page or at all: a block of our own can still be had */
	if (rc == -ENOENT || rc == -ENOTSUP || rc == -EACCES) {
		if (rc != -ENOENT)
			rbi_detail_restore(before);
		c->why = NO_ADDRESS;
		return 0;
	}
	if (rc < 0)
		return rc;
	c->bus = page.phys + in_page(c->cpu);
	c->shadow = page.shadow;
	c->shadow_off = page.shadow_off + in_page(c->cpu);
	return 0;
}

/* By frame, then by page. */
static int compare(const void *a, const void *b)
{
	const struct chunk *x = *(const struct chunk *const *)a;
	const struct chunk *y = *(const struct chunk *const *)b;
	uint64_t fx = x->bus / RBI_PAGE, fy = y->bus / RBI_PAGE;

	if (fx != fy)
		return fx < fy ? -1 : 1;
	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

static const uint8_t *page_of(const struct chunk *c)
{
	return c->cpu - in_page(c->cpu);
}

/* Several chunks may lie in one page and its frame. Bounce those of the first frame if
 * they lie in more pages than one: how many there are. */
static size_t bounce_frame(struct chunk *const *chunks, size_t n)
{
	bool is_one_page = true;
	size_t i, same;

	for (same = 1; same < n; same++) {
		if (chunks[same]->bus / RBI_PAGE != chunks[0]->bus / RBI_PAGE)
			break;
		is_one_page = is_one_page && page_of(chunks[same]) == page_of(chunks[0]);
	}
	for (i = 0; i < same && !is_one_page; i++)
		chunks[i]->why = TWIN;
	return same;
}

/*
 * One frame for two pages: memory that is mapped twice, or a system that does not
 * tell the truth, which named the zero page, say. A copy is right in both cases.
 */
static int bounce_twins(struct chunk *chunks, size_t n)
{
	struct chunk **by_frame;
	size_t i, m = 0;

	by_frame = rbi_alloc(n, sizeof(*by_frame));
	if (!by_frame)
		return rbi_no_memory("a map's pages");
	for (i = 0; i < n; i++)
		if (chunks[i].why == DIRECT)
			by_frame[m++] = &chunks[i];
	qsort(by_frame, m, sizeof(*by_frame), compare);
	for (i = 0; i < m;)
		i += bounce_frame(by_frame + i, m - i);
	rbi_free(by_frame);
	return 0;
}

/* Does @b go on where @a ends, for the CPU, and on the bus as well? */
static bool follows(const struct chunk *a, const struct chunk *b)
{
	if (a->why != DIRECT || b->why != DIRECT)
		return false;
	return a->bus + a->len == b->bus;
}

static void bounce_unreachable(struct chunk *chunks, size_t n, const struct rb_dma_limits *limits)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct chunk *c = &chunks[i];

		if (c->why != DIRECT)
			continue;
		if (!rbi_dma_is_below(c->bus, c->len, limits->addr_bits))
			c->why = TOO_HIGH;
		/* inside a segment nothing is aligned */
		else if (!(i > 0 && follows(&chunks[i - 1], c)) && c->bus % limits->align != 0)
			c->why = MISALIGNED;
	}
}

/* Why no byte of the map is given to the device itself, wherever it lies; else DIRECT. */
static enum why copies_all(const struct rb_dma_map *map, uint32_t flags)
{
	if (flags & RB_DMA_MAP_BOUNCE)
		return ASKED;
	return map->ctx->os->dma_sees_caches ? DIRECT : CACHED;
}

static int find_chunks(struct rb_dma_map *map, const struct rb_dma_limits *limits, uint32_t flags,
		       struct chunk *chunks, size_t n)
{
	enum why why = copies_all(map, flags);
	struct chunk *at = chunks;
	struct rbi_detail before;
	size_t i;
	int rc;

	rbi_detail_keep(&before);
	for (i = 0; i < map->nranges; i++)
		cut_range(&map->ranges[i], &at);
	for (i = 0; i < n; i++) {
		if (why != DIRECT) {
			chunks[i].why = (uint16_t)why;
			continue;
		}
		rc = locate(map->ctx->os, &chunks[i], &before);
		if (rc < 0)
			return rc;
	}
	rc = n > 1 ? bounce_twins(chunks, n) : 0;
	if (rc == 0)
		bounce_unreachable(chunks, n, limits);
	return rc;
}

/* --- pieces -------------------------------------------------------------------------------- */

/* Is @b part of the piece whose last chunk is @a and which has @len bytes so far? */
static bool joins(const struct chunk *a, const struct chunk *b, const struct rbi_map_piece *p,
		  const struct rb_dma_limits *limits)
{
	if ((a->why == DIRECT) != (b->why == DIRECT) || a->cpu + a->len != b->cpu)
		return false;
	if (a->why != DIRECT)
		return rbi_map_skew(p->cpu, limits) + p->len + b->len <= RB_DMA_MAX;
	return follows(a, b) && a->shadow == b->shadow && a->shadow_off + a->len == b->shadow_off;
}

static void make_pieces(struct rb_dma_map *map, const struct chunk *chunks, size_t n,
			const struct rb_dma_limits *limits)
{
	struct rbi_map_piece *p = NULL;
	uint64_t off = 0;
	size_t i;

	for (i = 0; i < n; off += chunks[i++].len) {
		const struct chunk *c = &chunks[i];

		if (i > 0 && follows(c - 1, c) && in_page(c->cpu) == 0)
			map->merged_pages++;
		if (p && joins(c - 1, c, p, limits)) {
			p->len += c->len;
			continue;
		}
		p = &map->pieces[map->npieces++];
		p->off = off;
		p->len = c->len;
		p->cpu = c->cpu;
		p->bus = c->bus;
		p->shadow = c->shadow;
		p->shadow_off = c->shadow_off;
		p->copy = c->why == DIRECT ? NULL : c->cpu; /* settled by rbi_map_bounce_pieces() */
	}
}

/* --- segments -------------------------------------------------------------------------------- */

static int too_many(const struct rb_dma_map *map, uint32_t scattered, uint32_t count,
		    const struct rb_dma_limits *limits, uint32_t flags)
{
	if (flags & RB_DMA_MAP_NO_BOUNCE)
		return rbi_fail(-ENOMEM,
				"map %s: %llu bytes lie in %u segments, %s %u, and "
				"RB_DMA_MAP_NO_BOUNCE forbids a copy",
				map->name, (unsigned long long)map->len, scattered,
				rbi_dma_whose_segments(limits->segments),
				(unsigned int)limits->segments);
	return rbi_fail(-ENOMEM,
			"map %s: %llu bytes are %u segments even in contiguous memory (segments "
			"of %#llx bytes at most, boundary %#llx), and %s %u",
			map->name, (unsigned long long)map->len, count,
			(unsigned long long)limits->segment_max,
			(unsigned long long)limits->boundary,
			rbi_dma_whose_segments(limits->segments), (unsigned int)limits->segments);
}

static int make_segments(struct rb_dma_map *map, const struct rb_dma_limits *limits, uint32_t flags)
{
	uint32_t scattered = rbi_map_cut(map, limits, NULL);
	uint32_t count = scattered;
	int rc;

	if (scattered > limits->segments) {
		if (flags & RB_DMA_MAP_NO_BOUNCE)
			return too_many(map, scattered, scattered, limits, flags);
		rc = rbi_map_bounce_whole(map, limits);
		if (rc < 0)
			return rc;
		count = rbi_map_cut(map, limits, NULL);
		if (count > limits->segments)
			return too_many(map, scattered, count, limits, flags);
	}
	map->segments = rbi_alloc(count, sizeof(*map->segments));
	if (!map->segments)
		return rbi_no_memory("a map's segments");
	map->nsegments = rbi_map_cut(map, limits, map->segments);
	return 0;
}

/* --- the plan ---------------------------------------------------------------------------------- */

static int refuse_copies(const struct rb_dma_map *map, const struct chunk *chunks, size_t n,
			 uint32_t flags)
{
	uint64_t off = 0;
	size_t i;

	for (i = 0; i < n && (flags & RB_DMA_MAP_NO_BOUNCE); off += chunks[i++].len)
		if (chunks[i].why != DIRECT)
			return rbi_fail(-ENOMEM,
					"map %s: byte %llu must be bounced (%s), and "
					"RB_DMA_MAP_NO_BOUNCE forbids it",
					map->name, (unsigned long long)off,
					reasons[chunks[i].why]);
	return 0;
}

static int plan_chunks(struct rb_dma_map *map, const struct rb_dma_limits *limits, uint32_t flags,
		       struct chunk *chunks, size_t n)
{
	int rc;

	rc = find_chunks(map, limits, flags, chunks, n);
	if (rc == 0)
		rc = refuse_copies(map, chunks, n, flags);
	if (rc < 0)
		return rc;

	/* at most a piece a chunk; rbi_map_bounce_whole() needs one a range and block */
	map->pieces = rbi_alloc(n + (size_t)(map->len / RB_DMA_MAX) + 1, sizeof(*map->pieces));
	if (!map->pieces)
		return rbi_no_memory("a map's pieces");
	make_pieces(map, chunks, n, limits);
	rc = rbi_map_bounce_pieces(map, limits);
	return rc < 0 ? rc : make_segments(map, limits, flags);
}

int rbi_map_plan(struct rb_dma_map *map, const struct rb_dma_limits *limits, uint32_t flags)
{
	size_t n = count_chunks(map);
	struct chunk *chunks;
	int rc;

	rc = rbi_dma_check_segments(limits, map->name, map->len);
	if (rc < 0)
		return rc;
	chunks = rbi_alloc(n, sizeof(*chunks));
	if (!chunks)
		return rbi_no_memory("a map's pages");
	rc = plan_chunks(map, limits, flags, chunks, n);
	rbi_free(chunks);
	if (rc == 0)
		map->bounced_segments = rbi_map_count_bounced(map);
	return rc;
}
