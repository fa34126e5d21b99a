/* SPDX-License-Identifier: MIT */
/*
 * e1000e_soak.h - traffic both ways through a card, in which every frame is accounted for.
 *
 * Frames are numbered from 0 in each direction, and all of a frame's bytes follow from its number.
 * So whatever comes out is known to be whole, unchanged, the one after the last, and not
 * there twice. One thread drives a soak; nothing here knows of test frameworks.
 */
#ifndef TESTS_NET_E1000E_SOAK_H
#define TESTS_NET_E1000E_SOAK_H

#include "e1000e.h"

#define SOAK_LONGEST (E1000E_MTU_MAX + 18)

/* One direction. */
struct soak_way {
	uint32_t in; /* number of the next frame that goes in */
	uint32_t out; /* number of the frame that has to come out next */
	uint32_t came; /* frames that came out */
	uint32_t gaps; /* how often frames were missing, ... */
	uint32_t lost_from, lost_to; /* ... and which, the last time */
	uint32_t floor; /* frames below it are not waited for */
	uint32_t held; /* bytes of the next frame: it has been made, and found no room */
	uint8_t salt;
	uint8_t frame[SOAK_LONGEST], expected[SOAK_LONGEST];
};

struct soak {
	struct rb_ctx *ctx;
	struct e1000e *nic;
	int cable, feed; /* frames are read from the cable, and written to feed: it, or to a relay */
	uint32_t longest; /* bytes of a frame */
	unsigned int burst; /* frames at once */
	bool sleeps; /* by an interrupt, as often as it can; else the rings are polled */
	struct rb_mock_dev *model; /* not NULL: its events put frames on the cable while it sleeps */
	bool up; /* the link */
	bool lossy; /* frames may be missing */
	char wrong[160]; /* the first thing that was; empty: nothing */
	bool coming; /* frames will be put on the cable, as far as @count */
	uint32_t count;
	struct soak_way sent, received; /* by the driver */
	uint8_t bytes[SOAK_LONGEST + 1]; /* from the cable; one more shows what is too long */
};

/* Open the @n-th card of the machine, which is in network @net, and wait for its link. */
int soak_open(struct soak *s, struct rb_ctx *ctx, const char *net, unsigned int n,
	      const struct e1000e_options *options);

/*
 * Frames until @count have gone in each way, and all have come out. 0, or negative: a call
 * failed, or -EPROTO and what is wrong.
 */
int soak_run(struct soak *s, uint32_t count);

/* The same, but end after @rounds, with frames under way. Some may last 1 ms. */
int soak_rounds(struct soak *s, unsigned int rounds);

/* Driver and card have counted each frame once: 0 or -EPROTO. */
int soak_check_counts(struct soak *s);

#endif
