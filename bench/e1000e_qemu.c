/* SPDX-License-Identifier: MIT */
/*
 * e1000e_qemu.c - frames per second through the driver of examples/e1000e and QEMU's card,
 * with one doorbell for many frames and with one for each.
 *
 * Two machines with a card each, one driven each way; turns alternate between them, so that
 * neighbours disturb them alike. On QEMU a doorbell is a message to another
 * process, which then moves all frames it finds.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <rbdrv/host.h>

#include "e1000e.h"

#define BURST  64u
#define FRAMES 6400u /* of a turn; all of them are waited for */
#define TURNS  5

struct card {
	struct rb_ctx *ctx;
	struct e1000e *nic;
	int cable;
	uint32_t came; /* frames from the cable to the driver */
	double ns[2]; /* out, in */
};

static uint8_t frame[1514];

static int check(int rc, const char *what)
{
	if (rc >= 0)
		return rc;
	fprintf(stderr, "e1000e_qemu: %s: %s: %s\n", what, rb_strerror(rc), rb_last_error());
	exit(1);
}

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void frame_came(void *arg, const void *bytes, size_t len)
{
	struct card *card = arg;

	(void)bytes;
	(void)len;
	card->came++;
}

static void wait_for(struct card *card)
{
	check(e1000e_wait_fd(card->nic, card->cable, 5000), "nothing comes out");
}

/* A burst, a doorbell or many, and read it from the cable: nothing is lost, for QEMU keeps more. */
static void frames_out(struct card *card, uint32_t len)
{
	static uint8_t read[2048];
	uint32_t sent = 0, seen = 0, n;

	while (seen < FRAMES) {
		for (n = 0; n < BURST && sent < FRAMES && sent - seen < 2 * BURST; n++, sent++)
			if (e1000e_send(card->nic, frame, len) < 0)
				break;
		check(e1000e_flush(card->nic), "flush");
		check(e1000e_poll(card->nic, BURST), "poll");
		n = seen;
		while (recv(card->cable, read, sizeof(read), MSG_DONTWAIT) > 0)
			seen++;
		if (n == seen)
			wait_for(card);
	}
}

static void frames_in(struct card *card, uint32_t len)
{
	uint32_t sent = 0, n;
	int got;

	card->came = 0;
	while (card->came < FRAMES) {
		for (n = 0; n < BURST && sent < FRAMES; n++, sent++)
			if (send(card->cable, frame, len, MSG_DONTWAIT) != (ssize_t)len)
				break;
		got = check(e1000e_poll(card->nic, BURST), "poll");
		if (got == 0 && n == 0)
			check(e1000e_wait(card->nic, 5000), "nothing comes in");
	}
}

static void turn(struct card *card, uint32_t len)
{
	double began = now_ns(), middle;

	frames_out(card, len);
	middle = now_ns();
	frames_in(card, len);
	if (card->ns[0] == 0 || middle - began < card->ns[0])
		card->ns[0] = middle - began;
	began = now_ns();
	if (card->ns[1] == 0 || began - middle < card->ns[1])
		card->ns[1] = began - middle;
}

/* Answers false where there is no QEMU. */
static bool open_card(bool ring_each, struct card *card)
{
	static const struct e1000e_events events = { frame_came, NULL };
	const struct e1000e_options options = { .ring_each = ring_each };
	struct rb_pci_addr addr;
	int rc;

	rc = rb_ctx_new("qemu:net.n0=dgram;e1000e,netdev=n0", &card->ctx);
	if (rc == -ENOTSUP)
		return false;
	check(rc, "machine");
	card->cable = check(rb_host_net_fd(card->ctx, "n0"), "cable");
	check(e1000e_find(card->ctx, 0, &addr), "find");
	check(e1000e_open(card->ctx, addr, &options, &events, card, &card->nic), "open");
	while (!e1000e_link(card->nic)) {
		check(e1000e_poll(card->nic, BURST), "poll");
		rc = e1000e_wait(card->nic, 100);
		if (rc != -ETIMEDOUT)
			check(rc, "link");
	}
	return true;
}

static void close_card(struct card *card)
{
	e1000e_close(card->nic);
	rb_ctx_unref(card->ctx);
}

static void measure(struct card *many, struct card *each, uint32_t len)
{
	static const char *const ways[] = { "out", "in" };
	unsigned int i;

	memset(many->ns, 0, sizeof(many->ns));
	memset(each->ns, 0, sizeof(each->ns));
	for (i = 0; i < TURNS; i++) {
		turn(many, len);
		turn(each, len);
	}
	for (i = 0; i < 2; i++)
		printf("  %-4s %5" PRIu32 " %12.0f %12.0f   %6.2f\n", ways[i], len,
		       FRAMES * 1e9 / many->ns[i], FRAMES * 1e9 / each->ns[i],
		       each->ns[i] / many->ns[i]);
}

int main(void)
{
	static struct card many, each;

	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	if (!open_card(false, &many)) {
		printf("frames through e1000e on QEMU: not here: %s\n", rb_last_error());
		return 0;
	}
	if (!open_card(true, &each))
		check(-ENOTSUP, "a second machine");

	printf("frames through e1000e on QEMU, best of %d turns of %u: frames/s, and the ratio\n",
	       TURNS, FRAMES);
	printf("  %-4s %5s %12s %12s   %s\n", "way", "bytes", "one for many", "one for each",
	       "many to each");
	measure(&many, &each, 60);
	measure(&many, &each, 1514);

	close_card(&many);
	close_card(&each);
	return 0;
}
