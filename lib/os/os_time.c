/* SPDX-License-Identifier: MIT */
/* os_time.c - the time scheme (contract 3.3) and the clock of a context. */
#include "config.h"

#include "core/core.h"
#include "os/os_time.h"

#define NS_PER_US    1000ull
#define NS_PER_SEC   1000000000ll
#define DELAY_US_MAX 1000000000000ull /* ctx.h promises so much */
#define MONOTONIC    "4" /* the clock's number in the time scheme */

/* A time as it crosses the file. */
struct time_record {
	int64_t sec;
	int32_t nsec;
	uint32_t pad;
};

_Static_assert(sizeof(struct time_record) == 16, "a record of the time scheme has 16 bytes");

int64_t rbi_time_now(struct rbi_os *os)
{
	return os->sys->ops->clock(os->sys);
}

int rbi_alarm_open(struct rbi_os *os)
{
	return rbi_os_open(os, "time", MONOTONIC, RBI_O_RDWR);
}

int rbi_alarm_arm(struct rbi_os *os, int fd, int64_t when)
{
	struct time_record record = { 0, 0, 0 };

	if (when > 0) {
		record.sec = when / NS_PER_SEC;
		record.nsec = (int32_t)(when % NS_PER_SEC);
	}
	return rbi_os_write_exact(os, fd, &record, sizeof(record), "/scheme/time/" MONOTONIC);
}

uint64_t rb_time_ns(struct rb_ctx *ctx)
{
	int64_t now;

	if (!ctx || !rbi_ctx_is_ours(ctx))
		return 0;
	now = ctx->sys->ops->clock(ctx->sys);
	return now > 0 ? (uint64_t)now : 0;
}

void rb_delay_us(struct rb_ctx *ctx, uint64_t us)
{
	if (!ctx || !rbi_ctx_is_ours(ctx))
		return;
	if (us > DELAY_US_MAX)
		us = DELAY_US_MAX;
	ctx->sys->ops->delay(ctx->sys, us * NS_PER_US);
}
