/* SPDX-License-Identifier: MIT */
/*
 * host_frames.c - one bit per frame; first fit from the lowest address.
 *
 * A machine may ask for its frames to be scattered: then blocks come in a seeded
 * order, and no block touches another while there is room.
 */
#include "config.h"

#include <stdbool.h>

#include "core/core.h"
#include "host/host_frames.h"

#define STRETCHES 16

struct stretch {
	uint64_t first; /* frame number */
	uint64_t count;
	uint64_t *used; /* bit set: taken */
};

struct rbi_frames {
	struct stretch stretch[STRETCHES];
	size_t count;
	uint64_t taken;
	uint64_t scatter; /* state of the order; 0: by address */
};

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
		struct stretch *s = &frames->stretch[i];

		s->first = ram[i].base / RBI_PAGE;
		s->count = ram[i].size / RBI_PAGE;
		s->used = rbi_alloc((size_t)(s->count + 63) / 64, sizeof(uint64_t));
		if (!s->used) {
			rbi_hosted_frames_free(frames);
			*out = NULL;
			return rbi_no_memory("the frame allocator");
		}
		frames->count++;
	}
	while (machine->under)
		machine = machine->under;
	frames->scatter = machine->scatter;
	return 0;
}

void rbi_hosted_frames_free(struct rbi_frames *frames)
{
	size_t i;

	if (!frames)
		return;
	for (i = 0; i < frames->count; i++)
		rbi_free(frames->stretch[i].used);
	rbi_free(frames);
}

bool rbi_hosted_frames_none(const struct rbi_frames *frames)
{
	return frames->count == 0;
}

static bool is_used(const struct stretch *s, uint64_t i)
{
	return s->used[i / 64] >> i % 64 & 1;
}

static void set_used(struct stretch *s, uint64_t i, uint64_t n, bool used)
{
	for (; n > 0; i++, n--) {
		if (used)
			s->used[i / 64] |= (uint64_t)1 << i % 64;
		else
			s->used[i / 64] &= ~((uint64_t)1 << i % 64);
	}
}

/* The last used frame of @n from @i on, or -1. */
static int64_t last_used(const struct stretch *s, uint64_t i, uint64_t n)
{
	while (n > 0) {
		n--;
		if (is_used(s, i + n))
			return (int64_t)(i + n);
	}
	return -1;
}

static bool take_from(struct stretch *s, uint64_t n, uint64_t *frame)
{
	uint64_t i = rbi_round_up(s->first, n) - s->first;
	int64_t busy;

	while (i < s->count && n <= s->count - i) {
		busy = last_used(s, i, n);
		if (busy < 0) {
			set_used(s, i, n, true);
			*frame = s->first + i;
			return true;
		}
		/* blocks are naturally aligned: the next candidate is past the busy one */
		i = rbi_round_up(s->first + (uint64_t)busy + 1, n) - s->first;
	}
	return false;
}

/* xorshift64 (Marsaglia 2003) */
static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Are @n frames at @i free, and their neighbours? */
static bool is_lonely(const struct stretch *s, uint64_t i, uint64_t n)
{
	return last_used(s, i, n) < 0 && (i == 0 || !is_used(s, i - 1)) &&
	       (i + n == s->count || !is_used(s, i + n));
}

/* Naturally aligned places, tried in turn from a random one on. */
static bool take_scattered(struct stretch *s, uint64_t n, uint64_t random, uint64_t *frame)
{
	uint64_t first = rbi_round_up(s->first, n) - s->first;
	uint64_t places = first < s->count ? (s->count - first) / n : 0;
	uint64_t i, at;

	for (i = 0; i < places; i++) {
		at = first + (random % places + i) % places * n;
		if (is_lonely(s, at, n)) {
			set_used(s, at, n, true);
			*frame = s->first + at;
			return true;
		}
	}
	return take_from(s, n, frame);
}

int rbi_hosted_frames_take(struct rbi_frames *frames, unsigned int order, uint64_t *phys)
{
	uint64_t n = (uint64_t)1 << order;
	uint64_t frame;
	size_t i;

	if (order > RBI_FRAMES_ORDER_MAX)
		return -ENOMEM;
	for (i = 0; i < frames->count; i++) {
		if (frames->scatter != 0 ?
			    take_scattered(&frames->stretch[i], n, next_random(&frames->scatter),
					   &frame) :
			    take_from(&frames->stretch[i], n, &frame)) {
			frames->taken += n;
			*phys = frame * RBI_PAGE;
			return 0;
		}
	}
	return -ENOMEM;
}

void rbi_hosted_frames_give(struct rbi_frames *frames, uint64_t phys, uint64_t pages)
{
	uint64_t frame = phys / RBI_PAGE;
	size_t i;

	for (i = 0; i < frames->count; i++) {
		struct stretch *s = &frames->stretch[i];

		if (frame >= s->first && frame - s->first < s->count) {
			set_used(s, frame - s->first, pages, false);
			frames->taken -= pages;
			return;
		}
	}
}

uint64_t rbi_hosted_frames_taken(const struct rbi_frames *frames)
{
	return frames->taken;
}
