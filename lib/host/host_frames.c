/* SPDX-License-Identifier: MIT */
/* host_frames.c - one bit per frame; first fit from the lowest address. */
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

int rbi_hosted_frames_take(struct rbi_frames *frames, unsigned int order, uint64_t *phys)
{
	uint64_t n = (uint64_t)1 << order;
	uint64_t frame;
	size_t i;

	if (order > RBI_FRAMES_ORDER_MAX)
		return -ENOMEM;
	for (i = 0; i < frames->count; i++) {
		if (take_from(&frames->stretch[i], n, &frame)) {
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
