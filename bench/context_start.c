/* SPDX-License-Identifier: MIT */
/* context_start.c - how long a context on a hosted machine takes to open, and to close. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rbdrv/rbdrv.h>

#define RUNS_MAX 101

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1000 + (double)ts.tv_nsec / 1000000;
}

static int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int measure(const char *machine, unsigned int runs, double goal)
{
	double open[RUNS_MAX], close[RUNS_MAX], t;
	struct rb_ctx *ctx;
	unsigned int i;
	int rc;

	for (i = 0; i < runs; i++) {
		t = now_ms();
		rc = rb_ctx_new(machine, &ctx);
		open[i] = now_ms() - t;
		if (rc == -ENOTSUP) {
			printf("%s: %s, no figure\n", machine, rb_last_error());
			return 0;
		}
		if (rc < 0) {
			printf("%s: %s\n", machine, rb_last_error());
			return 1;
		}
		t = now_ms();
		rb_ctx_unref(ctx);
		close[i] = now_ms() - t;
	}
	qsort(open, runs, sizeof(open[0]), by_number);
	qsort(close, runs, sizeof(close[0]), by_number);
	printf("context of %s: opens in %.3f ms (median of %u, worst %.3f), closes in %.3f ms "
	       "(goal: open under %.0f ms)\n",
	       machine, open[runs / 2], runs, open[runs - 1], close[runs / 2], goal);
	return 0;
}

int main(void)
{
	int bad = measure("mock:edu", RUNS_MAX, 1);

	return measure("qemu:edu", 15, 150) || bad;
}
