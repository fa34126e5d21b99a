/* SPDX-License-Identifier: MIT */
/*
 * long_e1000e.c - a million frames of random sizes each way, both at once, through the e1000e
 * driver on QEMU's card and on the mock's: none is lost, none doubled, order and bytes are kept.
 *
 *     long_e1000e [FRAMES [each [MACHINE]]]
 *
 * "each": a doorbell for each frame. On QEMU a tenth as many follow with jumbo frames among them.
 * Exit status 77: there is no QEMU here.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rbdrv/rbdrv.h>

#include "e1000e_soak.h"
#include "nic82574.h"

#define QEMU "qemu:net.n0=dgram;e1000e,netdev=n0"
#define MOCK "mock:net.n0=dgram;e1000e,netdev=n0"

static struct soak s;

static void check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s: %s\n", what, rb_strerror(rc),
		s.wrong[0] ? s.wrong : rb_last_error());
	exit(1);
}

/* The mock's own clock says nothing of how fast it is. */
static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void report(const char *machine, uint64_t ns)
{
	struct e1000e_stats stats;

	check(e1000e_stats(s.nic, &stats), "statistics");
	printf("%s, up to %" PRIu32 " bytes: %" PRIu32 " frames each way in %.1f s: %.0f frames/s, "
	       "%.1f MB/s; %" PRIu64 " interrupts\n",
	       machine, s.longest, s.sent.came, (double)ns / 1e9,
	       2.0 * s.sent.came * 1e9 / (double)ns,
	       (double)(stats.rx_bytes + stats.tx_bytes) * 1e3 / (double)ns, stats.interrupts);
	fflush(stdout);
}

/* False: there is no such machine here. */
static bool soak(const char *machine, const struct e1000e_options *options, uint32_t count)
{
	struct rb_ctx *ctx;
	uint64_t began;
	int rc;

	rc = rb_ctx_new(machine, &ctx);
	if (rc == -ENOTSUP)
		return false;
	check(rc, machine);
	check(soak_open(&s, ctx, "n0", 0, options), "open");

	began = now_ns();
	check(soak_run(&s, count), "run");
	check(soak_check_counts(&s), "counts");
	report(machine, now_ns() - began);
	e1000e_close(s.nic);
	rb_ctx_unref(ctx);
	return true;
}

int main(int argc, char **argv)
{
	struct e1000e_options usual = { 0 }, jumbo = { .mtu = 9000 };
	uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;

	register_nic82574();
	usual.ring_each = jumbo.ring_each = argc > 2 && strcmp(argv[2], "each") == 0;
	if (argc > 3)
		return soak(argv[3], &usual, count) ? 0 : 77;
	soak(MOCK, &usual, count);
	return soak(QEMU, &usual, count) && soak(QEMU, &jumbo, count / 10) ? 0 : 77;
}
