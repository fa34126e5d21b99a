/* SPDX-License-Identifier: MIT */
/*
 * long_e1000e.c - frames of random sizes, both ways at once, through the e1000e driver on
 * QEMU's card: none is lost, none doubled, order and bytes are kept.
 *
 *     long_e1000e [FRAMES [each [MACHINE]]]
 *
 * A million frames without arguments; "each": a doorbell for each frame. Exit status 77: there is no QEMU here.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <rbdrv/host.h>

#include "e1000e.h"

#define MTU	9000u
#define SHORT	60u /* neither end pads above it */
#define LONGEST (MTU + 18)
#define BURST	64u

/* One direction: the frames that have gone in, and that have come out. */
struct way {
	uint32_t in, out;
	uint32_t held; /* the next that goes in has been made, and found no room */
	uint8_t frame[LONGEST], expected[LONGEST];
};

struct soak {
	struct rb_ctx *ctx;
	struct e1000e *nic;
	int cable;
	uint32_t count;
	struct way sent, received;
};

static void give_up(const char *what, uint32_t n)
{
	fprintf(stderr, "frame %" PRIu32 ": %s\n", n, what);
	exit(1);
}

static void check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s: %s\n", what, rb_strerror(rc), rb_last_error());
	exit(1);
}

/* The n-th frame: mostly small ones, and some of all sizes. Answers its length. */
static uint32_t make(uint8_t *frame, uint32_t n, uint32_t salt)
{
	uint32_t x = n * 2654435761u ^ salt, len, i;

	len = SHORT + (x >> 8) % (x & 7 ? 1455 : LONGEST - SHORT - 4);
	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	memcpy(frame + 14, &n, 4);
	for (i = 18; i < len; i++)
		frame[i] = (uint8_t)(x >> (i & 15)) ^ (uint8_t)i;
	return len;
}

static void came_out(struct way *w, uint32_t salt, const void *bytes, size_t len)
{
	uint32_t want = make(w->expected, w->out, salt);

	if (len != want || memcmp(bytes, w->expected, len) != 0)
		give_up("another one came, or other bytes", w->out);
	w->out++;
}

static void frame_came(void *arg, const void *bytes, size_t len)
{
	struct soak *s = arg;

	came_out(&s->received, 2, bytes, len);
}

/* To the card's cable, until it takes no more. */
static bool feed_cable(struct soak *s)
{
	struct way *w = &s->received;
	unsigned int n;

	for (n = 0; n < BURST && w->in < s->count; n++) {
		if (w->held == 0)
			w->held = make(w->frame, w->in, 2);
		if (send(s->cable, w->frame, w->held, 0) != (ssize_t)w->held)
			break;
		w->held = 0;
		w->in++;
	}
	return n > 0;
}

/* To the driver; the card does not wait for a slow reader, so no more than that are under way. */
static bool feed_card(struct soak *s)
{
	struct way *w = &s->sent;
	unsigned int n;
	int rc;

	for (n = 0; n < BURST && w->in < s->count && w->in - w->out < 2 * BURST; n++) {
		if (w->held == 0)
			w->held = make(w->frame, w->in, 1);
		rc = e1000e_send(s->nic, w->frame, w->held);
		if (rc == -EAGAIN)
			break;
		check(rc, "send");
		w->held = 0;
		w->in++;
	}
	check(e1000e_flush(s->nic), "flush");
	return n > 0;
}

static bool read_cable(struct soak *s)
{
	static uint8_t frame[LONGEST + 1];
	unsigned int n = 0;
	ssize_t len;

	while ((len = recv(s->cable, frame, sizeof(frame), 0)) > 0) {
		came_out(&s->sent, 1, frame, (size_t)len);
		n++;
	}
	return n > 0;
}

static void run(struct soak *s)
{
	bool busy;
	int rc;

	while (s->received.out < s->count || s->sent.out < s->count) {
		busy = feed_cable(s);
		busy |= feed_card(s);
		rc = e1000e_poll(s->nic, BURST);
		check(rc, "poll");
		busy |= rc > 0;
		busy |= read_cable(s);
		if (busy)
			continue;
		rc = e1000e_wait_fd(s->nic, s->cable, 5000);
		if (rc == -ETIMEDOUT)
			give_up("nothing comes any more", s->received.out);
		check(rc, "wait");
	}
}

static void report(struct soak *s, uint64_t ns)
{
	struct e1000e_stats stats;

	check(e1000e_stats(s->nic, &stats), "statistics");
	if (stats.rx_frames != s->count || stats.tx_frames != s->count || stats.rx_bad != 0)
		give_up("the driver has counted otherwise", s->count);
	if (stats.hw_rx_frames != s->count || stats.hw_tx_frames != s->count)
		give_up("the card has counted otherwise", s->count);
	printf("%" PRIu32 " frames each way in %.1f s: %.0f frames/s, %.1f MB/s; %" PRIu64
	       " interrupts\n",
	       s->count, (double)ns / 1e9, 2.0 * s->count * 1e9 / (double)ns,
	       (double)(stats.rx_bytes + stats.tx_bytes) * 1e3 / (double)ns, stats.interrupts);
}

int main(int argc, char **argv)
{
	static const struct e1000e_events events = { frame_came, NULL };
	const char *machine = argc > 3 ? argv[3] : "qemu:net.n0=dgram;e1000e,netdev=n0";
	struct e1000e_options options = { .mtu = MTU };
	struct rb_pci_addr addr;
	static struct soak s;
	uint64_t began;
	int rc;

	options.ring_each = argc > 2 && strcmp(argv[2], "each") == 0;
	s.count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	rc = rb_ctx_new(machine, &s.ctx);
	if (rc == -ENOTSUP)
		return 77;
	check(rc, machine);
	s.cable = rb_host_net_fd(s.ctx, "n0");
	check(s.cable, "cable");
	check(e1000e_find(s.ctx, 0, &addr), "find");
	check(e1000e_open(s.ctx, addr, &options, &events, &s, &s.nic), "open");

	began = rb_time_ns(s.ctx);
	run(&s);
	report(&s, rb_time_ns(s.ctx) - began);
	e1000e_close(s.nic);
	rb_ctx_unref(s.ctx);
	return 0;
}
