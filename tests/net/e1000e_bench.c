/* SPDX-License-Identifier: MIT */
/* e1000e_bench.c - a card on the bench, its cable in the test's hand. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <rbdrv/host.h>

#include "e1000e_bench.h"
#include "nic82574.h"

/* --- steps ------------------------------------------------------------------------------- */

void assert_ok(int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", rb_strerror(rc), rb_last_error());
}

static void frame_came(void *arg, const void *bytes, size_t len)
{
	struct bench *b = arg;

	if (b->came < KEPT) {
		b->len[b->came] = (uint32_t)len;
		b->bytes[b->came] = malloc(len);
		memcpy(b->bytes[b->came], bytes, len);
	}
	b->came++;
	if (b->echoes)
		b->answer = e1000e_send(b->nic, bytes, len);
}

static void link_changed(void *arg, bool up, unsigned int mbps)
{
	struct bench *b = arg;

	b->link_events++;
	b->up = up;
	b->mbps = mbps;
}

void poll_once(struct bench *b)
{
	assert_ok(e1000e_poll(b->nic, 64));
}

void bench_events(struct e1000e_events *events)
{
	events->frame = frame_came;
	events->link = link_changed;
}

static bool is_mock(struct bench *b)
{
	return strncmp(rb_ctx_machine(b->ctx), "mock", 4) == 0;
}

void open_machine(struct bench *b, const char *machine)
{
	int rc;

	register_nic82574();
	memset(b, 0, sizeof(*b));
	rc = rb_ctx_new(machine, &b->ctx);
	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);
	assert_ok(b->cable = rb_host_net_fd(b->ctx, "n0"));
	assert_ok(e1000e_find(b->ctx, 0, &b->addr));
}

void wait_for_link(struct bench *b)
{
	while (!b->up) {
		assert_ok(e1000e_wait(b->nic, PATIENCE_MS));
		poll_once(b);
	}
}

void open_bench(struct bench *b, const char *machine, const struct e1000e_options *options)
{
	static const struct e1000e_events events = { frame_came, link_changed };

	open_machine(b, machine);
	assert_ok(e1000e_open(b->ctx, b->addr, options, &events, b, &b->nic));
	poll_once(b);
	wait_for_link(b);
}

void forget_frames(struct bench *b)
{
	unsigned int i;

	for (i = 0; i < b->came && i < KEPT; i++)
		free(b->bytes[i]);
	b->came = 0;
}

void close_bench(struct bench *b)
{
	char left[256];

	size_t i;

	e1000e_close(b->nic);
	for (i = 0; is_mock(b) && i < rb_mock_verify(b->ctx); i++)
		print_error("%s\n", rb_mock_violation_text(b->ctx, i));
	assert_false(is_mock(b) && i > 0);
	if (rb_ctx_live(b->ctx, left, sizeof(left)) > 0)
		fail_msg("still open: %s", left);
	rb_ctx_unref(b->ctx);
	forget_frames(b);
}

/* The n-th of many different frames, for everybody. */
void make_frame(uint8_t *frame, size_t len, unsigned int n)
{
	size_t i;

	memset(frame, 0xff, 6);
	memcpy(frame + 6, "\x02rbdrv", 6);
	frame[12] = 0x88;
	frame[13] = 0xb5; /* for experiments (IEEE 802) */
	for (i = 14; i < len; i++)
		frame[i] = (uint8_t)(n * 31 + i * 7 + (i >> 8));
}

void put_on_cable(struct bench *b, const uint8_t *frame, size_t len)
{
	struct pollfd p = { b->cable, POLLOUT, 0 };

	while (send(b->cable, frame, len, 0) != (ssize_t)len) {
		assert_int_equal(errno, EAGAIN);
		poll_once(b); /* make room */
		assert_ok(rb_poll(b->ctx, &p, 1, 10));
	}
}

/* What came out of the card. */
size_t take_from_cable(struct bench *b, uint8_t *frame)
{
	struct pollfd p = { b->cable, POLLIN, 0 };
	ssize_t len;

	assert_int_equal(rb_poll(b->ctx, &p, 1, PATIENCE_MS), 1);
	len = recv(b->cable, frame, LONGEST, 0);
	assert_true(len > 0);
	return (size_t)len;
}

void wait_for_frames(struct bench *b, unsigned int count)
{
	while (b->came < count) {
		assert_ok(e1000e_wait(b->nic, PATIENCE_MS));
		poll_once(b);
	}
}

/* A frame that comes while the card's driver sleeps. */
static void send_one(struct bench *b)
{
	uint8_t frame[60];

	make_frame(frame, sizeof(frame), 1);
	if (send(b->cable, frame, sizeof(frame), 0) < 0)
		perror("send");
}

static void *send_later(void *arg)
{
	struct timespec ms = { 0, 3000000 };

	nanosleep(&ms, NULL);
	send_one(arg);
	return NULL;
}

static void later_on_the_mock(struct rb_mock_dev *dev, void *arg)
{
	(void)dev;
	send_one(arg);
}

static uint64_t interrupts(struct bench *b)
{
	struct e1000e_stats stats;

	assert_ok(e1000e_stats(b->nic, &stats));
	return stats.interrupts;
}

/* The driver may be late and find the frame without; not again and again. */
void be_woken(struct bench *b)
{
	uint64_t before = interrupts(b);
	unsigned int tries = 0;
	pthread_t thread;

	while (interrupts(b) == before) {
		assert_true(tries++ < 50);
		forget_frames(b);
		if (is_mock(b)) {
			assert_ok(rb_mock_after(rb_mock_find(b->ctx, "e1000e", 0), 3000000,
						later_on_the_mock, b));
			wait_for_frames(b, 1);
			continue;
		}
		assert_int_equal(pthread_create(&thread, NULL, send_later, b), 0);
		wait_for_frames(b, 1);
		pthread_join(thread, NULL);
	}
}

/* All that was put on the cable has come, and nothing else. */
void settle(struct bench *b)
{
	int rc;

	do {
		poll_once(b);
		rc = e1000e_wait(b->nic, 100);
	} while (rc == 0);
	assert_int_equal(rc, -ETIMEDOUT);
}
