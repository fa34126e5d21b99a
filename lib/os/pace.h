/* SPDX-License-Identifier: MIT */
/*
 * pace.h - how the poll32 calls wait: first at full speed, then with rests.
 *
 *     rbi_pace_start(&pace, sys, timeout_us);
 *     for (;;) {
 *             over = rbi_pace_is_over(&pace);   before the read, so that the
 *             read and compare                  last read is after the deadline
 *             if (over)
 *                     return timed out;
 *             rbi_pace_rest(&pace);
 *     }
 *
 * Most devices answer within a few reads, and a rest costs a call to the system:
 * so the first RBI_PACE_SPINS reads follow each other at once. Rests then grow
 * from 1 us by doubling to RBI_PACE_REST_MAX us, long enough to leave the CPU to
 * others and short against anything that took that long.
 */
#ifndef RBI_OS_PACE_H
#define RBI_OS_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "os/sys.h"

#define RBI_PACE_SPINS	     32
#define RBI_PACE_REST_MAX    256
#define RBI_PACE_TIMEOUT_MAX 1000000000000ull /* us; mmio.h and dma.h say so */

struct rbi_pace {
	struct rbi_sys *sys;
	int64_t deadline; /* ns on the machine's clock */
	uint64_t timeout_us;
	uint64_t rested_us; /* in all rests so far, at most timeout_us */
	uint64_t rest_us; /* the next rest */
	unsigned int spins; /* reads without a rest so far */
};

/* @timeout_us is at most RBI_PACE_TIMEOUT_MAX. */
void rbi_pace_start(struct rbi_pace *pace, struct rbi_sys *sys, uint64_t timeout_us);
/* Is the time up? It comes to that also when the clock steps back again and again. */
bool rbi_pace_is_over(const struct rbi_pace *pace);
/* Has the fast phase passed, in which nothing but the read itself may cost time? */
bool rbi_pace_is_slow(const struct rbi_pace *pace);
void rbi_pace_rest(struct rbi_pace *pace);

#endif
