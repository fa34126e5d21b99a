/* SPDX-License-Identifier: MIT */
/*
 * dma_map_segment.c - what the pieces of a map come to for its device: neighbours on the
 * bus merged, and cut to its liking.
 */
#include "config.h"

#include "dma/dma_map_private.h"

struct cutter {
	const struct rb_dma_limits *limits; /* segment_max is a multiple of the alignment */
	struct rb_dma_segment *out; /* NULL: only count */
	struct rb_dma_segment last;
	uint32_t count;
};

/* How many of the @len bytes at @bus the last segment takes. */
static uint64_t room_in_last(const struct cutter *c, uint64_t bus, uint64_t len)
{
	const struct rb_dma_segment *s = &c->last;

	if (c->count == 0 || s->bus.value + s->len != bus)
		return 0;
	return rbi_dma_one_segment(c->limits, s->bus.value, s->len + len) - s->len;
}

static void feed(struct cutter *c, uint64_t bus, uint64_t off, uint64_t len)
{
	uint64_t n;

	for (; len > 0; bus += n, off += n, len -= n) {
		n = room_in_last(c, bus, len);
		if (n == 0) {
			n = rbi_dma_one_segment(c->limits, bus, len);
			c->last = (struct rb_dma_segment){ { bus }, off, 0 };
			c->count++;
		}
		c->last.len += n;
		if (c->out)
			c->out[c->count - 1] = c->last;
	}
}

uint32_t rbi_map_cut(const struct rb_dma_map *map, const struct rb_dma_limits *limits,
		     struct rb_dma_segment *out)
{
	struct cutter c = { .limits = limits, .out = out };
	uint32_t i;

	for (i = 0; i < map->npieces; i++)
		feed(&c, map->pieces[i].bus, map->pieces[i].off, map->pieces[i].len);
	return c.count;
}

uint32_t rbi_map_count_bounced(const struct rb_dma_map *map)
{
	uint32_t i, p = 0, n = 0;

	for (i = 0; i < map->nsegments; i++) {
		const struct rb_dma_segment *s = &map->segments[i];
		bool bounced = false;

		while (map->pieces[p].off + map->pieces[p].len <= s->off)
			p++;
		for (; p < map->npieces && map->pieces[p].off < s->off + s->len; p++) {
			bounced |= map->pieces[p].copy != NULL;
			if (map->pieces[p].off + map->pieces[p].len > s->off + s->len)
				break;
		}
		n += bounced;
		if (p == map->npieces)
			p--;
	}
	return n;
}

/* --- what drivers are told ------------------------------------------------------------ */

uint32_t rb_dma_map_count(const struct rb_dma_map *map)
{
	return map ? map->nsegments : 0;
}

int rb_dma_map_segment(const struct rb_dma_map *map, uint32_t index, struct rb_dma_segment *out)
{
	if (!out)
		return rbi_fail(-EINVAL, "rb_dma_map_segment: nowhere to put the segment");
	*out = (struct rb_dma_segment){ 0 };
	if (!map)
		return rbi_fail(-EINVAL, "rb_dma_map_segment: NULL");
	if (index >= map->nsegments)
		return rbi_fail(-ERANGE, "rb_dma_map_segment: map %s has %u segments, not %u",
				map->name, map->nsegments, index);
	*out = map->segments[index];
	return 0;
}

bool rb_dma_map_is_bounced(const struct rb_dma_map *map)
{
	return map && map->blocks;
}
