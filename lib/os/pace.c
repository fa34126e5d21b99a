/* SPDX-License-Identifier: MIT */
/* pace.c - wait politely on the machine's clock. */
#include "config.h"

#include "core/core.h"
#include "os/pace.h"

void rbi_pace_start(struct rbi_pace *pace, struct rbi_sys *sys, uint64_t timeout_us)
{
	pace->sys = sys;
	pace->deadline = rbi_deadline(sys->ops->clock(sys), timeout_us * 1000);
	pace->timeout_us = timeout_us;
	pace->rested_us = 0;
	pace->rest_us = 1;
	pace->spins = 0;
}

/*
 * Redox's clock may step back (probe 7), and then the deadline lies further off
 * than was asked for. Every rest takes at least its length, whatever the clock
 * says, so the sum of the rests bounds the wait as well.
 */
bool rbi_pace_is_over(const struct rbi_pace *pace)
{
	return pace->rested_us >= pace->timeout_us ||
	       pace->sys->ops->clock(pace->sys) >= pace->deadline;
}

bool rbi_pace_is_slow(const struct rbi_pace *pace)
{
	return pace->spins >= RBI_PACE_SPINS;
}

void rbi_pace_rest(struct rbi_pace *pace)
{
	uint64_t left = pace->timeout_us - pace->rested_us;
	uint64_t rest = pace->rest_us < left ? pace->rest_us : left;

	if (!rbi_pace_is_slow(pace)) {
		pace->spins++;
		return;
	}
	pace->sys->ops->delay(pace->sys, rest * 1000);
	pace->rested_us += rest;
	if (pace->rest_us < RBI_PACE_REST_MAX)
		pace->rest_us *= 2;
}
