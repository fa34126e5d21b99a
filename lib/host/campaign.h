/* SPDX-License-Identifier: MIT */
/*
 * campaign.h - the files of rb_mock_campaign(): what they tell each other.
 *
 * campaign.c asks for the points, plays them one by one and keeps what is found;
 * campaign_fork.c plays one in a child and watches it; campaign_play.c is what
 * happens there. Parent and child share one struct rbi_campaign_area.
 */
#ifndef RBI_HOST_CAMPAIGN_H
#define RBI_HOST_CAMPAIGN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/mock.h>

#include "host/fault_plan.h"

/* One fault: the @n-th of its kind, with one of its answers. */
struct rbi_campaign_point {
	enum rb_mock_campaign_kind kind;
	uint8_t call; /* which entry, as counted; allocations have none */
	uint8_t variant;
	uint32_t n;
};

/* How far a run has come, for the sentence about one that ended there. */
enum rbi_campaign_stage {
	RBI_CAMPAIGN_STARTS,
	RBI_CAMPAIGN_OPENS,
	RBI_CAMPAIGN_WORKS,
	RBI_CAMPAIGN_CHECKS,
	RBI_CAMPAIGN_CLOSES,
	RBI_CAMPAIGN_DONE
};

/* What a run leaves: in memory that parent and child share. */
struct rbi_campaign_area {
	struct rbi_fault_plan plan;
	_Atomic int stage; /* enum rbi_campaign_stage */
	bool opened; /* the context */
	bool left_open; /* objects, in this process: their world knows the plan */
	int rc; /* of the context, or else of the body */
	char detail[512]; /* rb_last_error() after it */
	unsigned long allocations;
	char trouble[1024]; /* what the checks found, "; " between; "" nothing */
	uint8_t result[]; /* of the run without a fault */
};

/* What all runs have in common. */
struct rbi_campaign {
	const char *machine;
	rb_mock_body_fn body;
	void *arg;
	struct rb_mock_campaign_options options;
	struct rbi_campaign_area *area;
	size_t area_size;
};

/* Play the body in this process: with the fault of @point, or without for NULL. */
void rbi_campaign_play(struct rbi_campaign *c, const struct rbi_campaign_point *point);
/* The same in a child; what became of the child is in the area's trouble. 0, or
 * -ENOMEM when there is no child to be had. */
int rbi_campaign_fork(struct rbi_campaign *c, const struct rbi_campaign_point *point);
/* Append a sentence to the area's trouble. */
void rbi_campaign_trouble(struct rbi_campaign_area *area, const char *fmt, ...) RBI_PRINTF(2, 3);

#endif
