/* SPDX-License-Identifier: MIT */
/*
 * host_frames.h - hand out frames of a machine's RAM as the kernel's allocator does.
 *
 * Blocks are a power of two of pages, at most 4 MiB, aligned to their size by
 * physical address (contract 1.5). Frames come back page by page, so a block of
 * which only a part comes back is lost for the rest: the leak of probe 2.
 */
#ifndef RBI_HOST_FRAMES_H
#define RBI_HOST_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "host/machine.h"
#include "host/spec.h"

#define RBI_FRAMES_ORDER_MAX 10 /* 1024 pages */

#define RBI_FRAMES_SEED 1 /* of a machine that is told none */

struct rbi_frames;

/* The order in which frames come, as frames= and seed= say. */
struct rbi_frames_order {
	uint64_t scatter; /* not 0: one seeded by it */
	bool high_first; /* from the highest address down */
};

int rbi_hosted_frames_order(const struct rbi_spec *spec, struct rbi_frames_order *out);
int rbi_hosted_frames_new(struct rbi_machine *machine, struct rbi_frames **out);
void rbi_hosted_frames_free(struct rbi_frames *frames);
/* Has the machine no RAM at all? */
bool rbi_hosted_frames_none(const struct rbi_frames *frames);
/* A block of 2^order pages at *phys; -ENOMEM. */
int rbi_hosted_frames_take(struct rbi_frames *frames, unsigned int order, uint64_t *phys);
/* @pages frames from @phys on come back. */
void rbi_hosted_frames_give(struct rbi_frames *frames, uint64_t phys, uint64_t pages);
/* Frames that are taken now, lost ones included. */
uint64_t rbi_hosted_frames_taken(const struct rbi_frames *frames);

#endif
