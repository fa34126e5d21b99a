/* SPDX-License-Identifier: MIT */
/*
 * real_clock.h - the clock of the host, for what waits for the host: processes,
 * sockets, and machines whose time is real.
 */
#ifndef RBI_HOST_REAL_CLOCK_H
#define RBI_HOST_REAL_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t rbi_real_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t rbi_real_ms(void)
{
	return rbi_real_ns() / 1000000;
}

#endif
