/* SPDX-License-Identifier: MIT */
/* dma_segment.c - what the blocks of a buffer come to for its device. */
#include "config.h"

#include <string.h>

#include "dma/dma_buf.h"

/* The segment at byte @off of the buffer, in block @i: as far as neighbours, the boundary
 * and segment_max let it go. Moves @i to the block in which the next one begins. */
static struct rb_dma_segment segment_at(const struct rbi_dma_buf *b, uint64_t off, uint32_t *i,
					const struct rb_dma_limits *limits)
{
	uint64_t at = off - b->blocks[*i].off; /* bytes into the block */
	struct rb_dma_segment s = { { b->blocks[*i].phys + at }, off, b->blocks[*i].len - at };
	uint32_t next = *i + 1;

	while (next < b->nblocks && b->blocks[next].phys == s.bus.value + s.len)
		s.len += b->blocks[next++].len;
	if (s.len > b->head.size - off)
		s.len = b->head.size - off;
	s.len = rbi_dma_one_segment(limits, s.bus.value, s.len);
	while (*i + 1 < b->nblocks && b->blocks[*i + 1].off <= off + s.len)
		(*i)++;
	return s;
}

/* Write at most @room of the segments to @to; how many there are, up to 2^32 - 1. */
static uint64_t divide(const struct rbi_dma_buf *b, const struct rb_dma_limits *limits,
		       struct rb_dma_segment *to, uint64_t room)
{
	struct rb_dma_segment s;
	uint64_t off, n = 0;
	uint32_t i = 0;

	for (off = 0; off < b->head.size && n < UINT32_MAX; off += s.len) {
		s = segment_at(b, off, &i, limits);
		if (n < room)
			to[n] = s;
		n++;
	}
	return n;
}

int rbi_dma_divide(struct rbi_dma_buf *b, const struct rb_dma_limits *limits, uint32_t most)
{
	uint64_t n = divide(b, limits, &b->one_segment, 1);

	if (n > most)
		return rbi_fail(-ENOMEM,
				"%llu bytes of DMA memory are %llu segments, and %s %u",
				(unsigned long long)b->head.size, (unsigned long long)n,
				rbi_dma_whose_segments(most), (unsigned int)most);
	b->segments = &b->one_segment;
	if (n > 1) {
		b->segments = rbi_alloc((size_t)n, sizeof(*b->segments));
		if (!b->segments)
			return rbi_no_memory("the segments of a DMA buffer");
		divide(b, limits, b->segments, n);
	}
	b->nsegments = (uint32_t)n;
	return 0;
}

uint32_t rb_dma_segment_count(const struct rb_dma_buf *buf)
{
	return buf ? rbi_dma_of(buf)->nsegments : 0;
}

int rb_dma_segment(const struct rb_dma_buf *buf, uint32_t index, struct rb_dma_segment *out)
{
	if (out)
		memset(out, 0, sizeof(*out));
	if (!buf || !out)
		return rbi_fail(-EINVAL, "rb_dma_segment: NULL");
	if (index >= rbi_dma_of(buf)->nsegments)
		return rbi_fail(-ERANGE, "rb_dma_segment: there is no segment %u, of %u",
				(unsigned int)index, (unsigned int)rbi_dma_of(buf)->nsegments);
	*out = rbi_dma_of(buf)->segments[index];
	return 0;
}
