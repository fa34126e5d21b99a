/* SPDX-License-Identifier: MIT */
/*
 * host_frames.c - which frames are taken, and where the next block comes from.
 *
 * Each stretch of RAM has a binary tree over its frames. A node of level n stands for
 * 2^n of them, aligned to as many, and holds how far the largest free block inside is
 * from all of it: 0 when every frame is free, n + 1 when none is. A block is taken by
 * going down where one still fits. What is below a node of which nothing is free says
 * nothing, so taking and giving back a block does not visit its frames.
 *
 * Frames are handed out from the lowest address up, from the highest down, or
 * scattered: in a seeded order, no block next to another while there is room.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "core/core.h"
#include "host/host_frames.h"

#define STRETCHES 16
#define TRIES	  64 /* random places that may turn out to have neighbours */
#define REST	  8 /* a search of all places is repeated when one in so many may have come free */

struct stretch {
	uint64_t first; /* frame number of the tree's first frame; a multiple of a largest block */
	uint64_t lead; /* frames of the tree before those that exist */
	uint64_t count; /* that exist */
	unsigned int top; /* level of the root */
	uint8_t *nodes; /* the root is 1, below i are 2i and 2i + 1 */
	uint64_t given; /* frames that came back since ... */
	bool crowded; /* ... no place without neighbours was left */
};

struct rbi_frames {
	struct stretch stretch[STRETCHES];
	size_t count;
	uint64_t taken;
	uint64_t scatter; /* state of the order; 0: by address */
	bool high; /* by falling address */
};

/* --- the tree ---------------------------------------------------------------------------- */

static bool fits(const struct stretch *s, uint64_t node, unsigned int level, unsigned int order)
{
	return level >= order && s->nodes[node] <= level - order;
}

/* What the children of a node say of it. */
static void sum_up(struct stretch *s, uint64_t node)
{
	uint8_t a = s->nodes[2 * node], b = s->nodes[2 * node + 1];

	if (a == 0 && b == 0)
		s->nodes[node] = 0;
	else
		s->nodes[node] = (uint8_t)((a < b ? a : b) + 1);
}

static void set_free(struct stretch *s, uint64_t node, unsigned int level)
{
	if (s->nodes[node] == 0)
		return;
	s->nodes[node] = 0;
	if (level > 0) {
		set_free(s, 2 * node, level - 1);
		set_free(s, 2 * node + 1, level - 1);
	}
}

/* Frames [lo, hi), counted from the node's first one, are taken or free from now on. */
static void set_range(struct stretch *s, uint64_t node, unsigned int level, uint64_t lo,
		      uint64_t hi, bool used)
{
	uint64_t half = level > 0 ? (uint64_t)1 << (level - 1) : 0;

	if (lo == 0 && hi == (uint64_t)1 << level) {
		if (used)
			s->nodes[node] = (uint8_t)(level + 1);
		else
			set_free(s, node, level);
		return;
	}
	if (s->nodes[node] == level + 1)
		s->nodes[2 * node] = s->nodes[2 * node + 1] = (uint8_t)level;
	if (lo < half)
		set_range(s, 2 * node, level - 1, lo, hi < half ? hi : half, used);
	if (hi > half)
		set_range(s, 2 * node + 1, level - 1, lo > half ? lo - half : 0, hi - half, used);
	sum_up(s, node);
}

/* Are the 2^order frames of a block all free? @at is a multiple of their number. */
static bool is_free(const struct stretch *s, uint64_t at, unsigned int order)
{
	unsigned int level;
	uint8_t v;

	for (level = s->top;; level--) {
		v = s->nodes[((uint64_t)1 << (s->top - level)) + (at >> level)];
		if (v == 0)
			return true;
		if (v == level + 1 || level == order)
			return false;
	}
}

/* --- birth and end ----------------------------------------------------------------------- */

static int plant(struct stretch *s, const struct rbi_ram *ram)
{
	uint64_t first = ram->base / RBI_PAGE;
	uint64_t end;

	s->count = ram->size / RBI_PAGE;
	s->lead = first % ((uint64_t)1 << RBI_FRAMES_ORDER_MAX);
	s->first = first - s->lead;
	while (s->lead + s->count > (uint64_t)1 << s->top)
		s->top++;
	s->nodes = rbi_alloc((size_t)2 << s->top, 1);
	if (!s->nodes)
		return rbi_no_memory("the frame allocator");

	end = s->lead + s->count;
	if (s->lead > 0)
		set_range(s, 1, s->top, 0, s->lead, true);
	if (end < (uint64_t)1 << s->top)
		set_range(s, 1, s->top, end, (uint64_t)1 << s->top, true);
	return 0;
}

int rbi_hosted_frames_order(const struct rbi_spec *spec, struct rbi_frames_order *out)
{
	const char *order = rbi_spec_option(spec, "frames");
	uint64_t seed = RBI_FRAMES_SEED;
	int rc = rbi_spec_number(spec, "seed", 0, UINT64_MAX, &seed);

	*out = (struct rbi_frames_order){ 0, false };
	if (rc < 0)
		return rc;
	if (order && strcmp(order, "shuffle") == 0)
		out->scatter = seed | 1ull << 63;
	else if (order && strcmp(order, "high") == 0)
		out->high_first = true;
	else if (order && strcmp(order, "ordered") != 0)
		return rbi_fail(-EINVAL, "%s: frames=%s is not 'ordered', 'high' or 'shuffle'",
				spec->machine, order);
	return 0;
}

int rbi_hosted_frames_new(struct rbi_machine *machine, struct rbi_frames **out)
{
	struct rbi_frames *frames = rbi_alloc(1, sizeof(*frames));
	struct rbi_ram ram[STRETCHES];
	size_t i, n;

	*out = frames;
	if (!frames)
		return rbi_no_memory("the frame allocator");

	n = machine->ops->ram(machine, ram, STRETCHES);
	for (i = 0; i < n && i < STRETCHES; i++) {
		if (plant(&frames->stretch[i], &ram[i]) < 0) {
			rbi_hosted_frames_free(frames);
			*out = NULL;
			return -ENOMEM;
		}
		frames->count++;
	}
	while (machine->under)
		machine = machine->under;
	frames->scatter = machine->scatter;
	frames->high = machine->high_first;
	return 0;
}

void rbi_hosted_frames_free(struct rbi_frames *frames)
{
	size_t i;

	if (!frames)
		return;
	for (i = 0; i < frames->count; i++)
		rbi_free(frames->stretch[i].nodes);
	rbi_free(frames);
}

bool rbi_hosted_frames_none(const struct rbi_frames *frames)
{
	return frames->count == 0;
}

/* --- blocks ------------------------------------------------------------------------------- */

/* xorshift64 (Marsaglia 2003) */
static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* A block of those that are free: bit @n of @turns says which half is tried first where
 * the halves are 2^n frames. */
static bool take_from(struct stretch *s, unsigned int order, uint64_t turns, uint64_t *at)
{
	unsigned int level = s->top;
	uint64_t node = 1;

	if (!fits(s, node, level, order))
		return false;
	while (level > order) {
		level--;
		node = 2 * node + (turns >> level & 1);
		if (!fits(s, node, level, order))
			node ^= 1;
	}
	*at = (node << order) - ((uint64_t)1 << s->top);
	return true;
}

/* Is the block at @at free, and are its neighbours? */
static bool is_lonely(const struct stretch *s, uint64_t at, unsigned int order)
{
	uint64_t end = at + ((uint64_t)1 << order);

	return is_free(s, at, order) && (at == s->lead || is_free(s, at - 1, 0)) &&
	       (end == s->lead + s->count || is_free(s, end, 0));
}

/* A block without neighbours, at random; where none is left, any. */
static bool take_scattered(struct stretch *s, unsigned int order, uint64_t *random, uint64_t *at)
{
	uint64_t n = (uint64_t)1 << order;
	uint64_t first = rbi_round_up(s->lead, n);
	uint64_t end = s->lead + s->count;
	uint64_t places = first < end ? (end - first) / n : 0;
	uint64_t i, start;

	for (i = 0; i < TRIES && places > 0; i++) {
		*at = first + next_random(random) % places * n;
		if (is_lonely(s, *at, order))
			return true;
	}
	if (!s->crowded || s->given >= s->count / REST) {
		start = places > 0 ? next_random(random) % places : 0;
		for (i = 0; i < places; i++) {
			*at = first + (start + i) % places * n;
			if (is_lonely(s, *at, order))
				return true;
		}
		s->crowded = true;
		s->given = 0;
	}
	return take_from(s, order, next_random(random), at);
}

/* The stretch to look at first: scattered ones in proportion to their size. */
static size_t first_stretch(struct rbi_frames *frames)
{
	uint64_t total = 0, place;
	size_t i;

	if (frames->scatter == 0)
		return frames->high ? frames->count - 1 : 0;
	for (i = 0; i < frames->count; i++)
		total += frames->stretch[i].count;
	place = total > 0 ? next_random(&frames->scatter) % total : 0;
	for (i = 0; i + 1 < frames->count && place >= frames->stretch[i].count; i++)
		place -= frames->stretch[i].count;
	return i;
}

int rbi_hosted_frames_take(struct rbi_frames *frames, unsigned int order, uint64_t *phys)
{
	size_t i, at_stretch;
	struct stretch *s;
	uint64_t at;
	bool found;

	if (order > RBI_FRAMES_ORDER_MAX || frames->count == 0)
		return -ENOMEM;
	at_stretch = first_stretch(frames);
	for (i = 0; i < frames->count; i++) {
		s = &frames->stretch[at_stretch];
		if (frames->scatter != 0)
			found = take_scattered(s, order, &frames->scatter, &at);
		else
			found = take_from(s, order, frames->high ? UINT64_MAX : 0, &at);
		if (found) {
			set_range(s, 1, s->top, at, at + ((uint64_t)1 << order), true);
			frames->taken += (uint64_t)1 << order;
			*phys = (s->first + at) * RBI_PAGE;
			return 0;
		}
		at_stretch += frames->high && frames->scatter == 0 ? frames->count - 1 : 1;
		at_stretch %= frames->count;
	}
	return -ENOMEM;
}

void rbi_hosted_frames_give(struct rbi_frames *frames, uint64_t phys, uint64_t pages)
{
	uint64_t frame = phys / RBI_PAGE;
	struct stretch *s;
	size_t i;

	for (i = 0; i < frames->count; i++) {
		s = &frames->stretch[i];
		if (frame < s->first + s->lead || frame - s->first >= s->lead + s->count)
			continue;
		set_range(s, 1, s->top, frame - s->first, frame - s->first + pages, false);
		s->given += pages;
		frames->taken -= pages;
		return;
	}
}

uint64_t rbi_hosted_frames_taken(const struct rbi_frames *frames)
{
	return frames->taken;
}
