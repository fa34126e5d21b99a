/* SPDX-License-Identifier: MIT */
/* e1000e_soak.c - numbered frames in, the same frames out. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <rbdrv/host.h>
#include <rbdrv/mock.h>

#include "e1000e_soak.h"

#define HEADER	    14u
#define PADDED	    60u /* shorter frames may come out as long as that */
#define PATIENCE_MS 5000
#define LATER_NS    100000

/* --- frames ------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 3))) static int wrong(struct soak *s, const char *fmt, ...)
{
	va_list ap;

	if (s->wrong[0] == '\0') {
		va_start(ap, fmt);
		vsnprintf(s->wrong, sizeof(s->wrong), fmt, ap);
		va_end(ap);
	}
	return -EPROTO;
}

/*
 * Frame @n, for everybody: of any length that a frame can have, mostly those without jumbos.
 * The number is in the sender's address, which the shortest has as well.
 */
static uint32_t make(const struct soak *s, const struct soak_way *w, uint8_t *frame, uint32_t n)
{
	uint32_t x = n * 2654435761u ^ w->salt, longest = s->longest, len, i;

	x ^= x >> 15;
	if (x & 7 && longest > 1518)
		longest = 1518;
	len = HEADER + (x >> 3) % (longest - HEADER + 1);
	memset(frame, 0xff, 6);
	frame[6] = 2;
	frame[7] = w->salt;
	memcpy(frame + 8, &n, 4);
	frame[12] = 0x88;
	frame[13] = 0xb5; /* for experiments (IEEE 802) */
	for (i = HEADER; i < len; i++)
		frame[i] = (uint8_t)(x >> (i & 15)) ^ (uint8_t)i;
	return len;
}

static bool is_frame(struct soak *s, struct soak_way *w, uint32_t n, const uint8_t *bytes,
		     size_t len)
{
	uint32_t want = make(s, w, w->expected, n);

	if (len < want || (len > want && len > PADDED))
		return false;
	memset(w->expected + want, 0, len - want);
	return memcmp(bytes, w->expected, len) == 0;
}

static void came_out(struct soak *s, struct soak_way *w, const uint8_t *bytes, size_t len)
{
	const char *way = w == &s->sent ? "sent" : "received";
	uint32_t n = w->out;

	if (len >= HEADER)
		memcpy(&n, bytes + 8, 4);
	if (n < w->out || n >= w->in) {
		wrong(s, "%s: frame %" PRIu32 " comes again, or was never there", way, n);
		return;
	}
	if (!is_frame(s, w, n, bytes, len)) {
		wrong(s, "%s: frame %" PRIu32 " has other bytes, or a length of %zu", way, n, len);
		return;
	}
	if (n > w->out) {
		if (!s->lossy)
			wrong(s, "%s: frame %" PRIu32 " instead of %" PRIu32, way, n, w->out);
		w->gaps++;
		w->lost_from = w->out;
		w->lost_to = n;
	}
	w->out = n + 1;
	w->came++;
}

static void frame_came(void *arg, const void *bytes, size_t len)
{
	struct soak *s = arg;

	came_out(s, &s->received, bytes, len);
}

static void link_changed(void *arg, bool up, unsigned int mbps)
{
	struct soak *s = arg;

	(void)mbps;
	s->up = up;
	if (up) { /* what was under way then may come, or may not */
		s->sent.floor = s->sent.in;
		s->received.floor = s->received.in;
	}
}

/* --- one round --------------------------------------------------------------------------- */

static uint32_t waited_for(const struct soak_way *w)
{
	return w->in - (w->out > w->floor ? w->out : w->floor);
}

/* Make the next frame; 0: there are enough under way, or in all. */
static uint32_t next(struct soak *s, struct soak_way *w, uint32_t count)
{
	if (w->in >= count || waited_for(w) >= 2 * s->burst)
		return 0;
	if (w->held == 0)
		w->held = make(s, w, w->frame, w->in);
	return w->held;
}

static int feed_cable(struct soak *s, uint32_t count)
{
	struct soak_way *w = &s->received;
	unsigned int n;
	uint32_t len;

	for (n = 0; n < s->burst && (len = next(s, w, count)) > 0; n++) {
		if (send(s->feed, w->frame, len, 0) != (ssize_t)len)
			break;
		w->held = 0;
		w->in++;
	}
	return (int)n;
}

static int feed_card(struct soak *s, uint32_t count)
{
	struct soak_way *w = &s->sent;
	unsigned int n;
	uint32_t len;
	int rc;

	for (n = 0; n < s->burst && (len = next(s, w, count)) > 0; n++) {
		rc = e1000e_send(s->nic, w->frame, len);
		if (rc == -EAGAIN)
			break;
		if (rc < 0)
			return rc;
		w->held = 0;
		w->in++;
	}
	rc = e1000e_flush(s->nic);
	return rc < 0 ? rc : (int)n;
}

static int read_cable(struct soak *s)
{
	int n = 0;
	ssize_t len;

	while ((len = recv(s->cable, s->bytes, sizeof(s->bytes), 0)) > 0) {
		came_out(s, &s->sent, s->bytes, (size_t)len);
		n++;
	}
	return n;
}

static void feed_from_event(struct rb_mock_dev *dev, void *arg)
{
	struct soak *s = arg;

	(void)dev;
	s->coming = false;
	feed_cable(s, s->count);
}

/* On the mock what is on the cable is found by the look before the sleep: put it there later. */
static int feed_later(struct soak *s, uint32_t count)
{
	s->count = count;
	if (s->coming || next(s, &s->received, count) == 0)
		return 0;
	s->coming = true;
	return rb_mock_after(s->model, LATER_NS, feed_from_event, s);
}

static bool is_under_way(const struct soak *s)
{
	return s->coming || waited_for(&s->sent) > 0 || waited_for(&s->received) > 0;
}

/* How many frames went in or came out, or negative; 0: time to sleep. */
static int round_trip(struct soak *s, uint32_t count)
{
	int rc, busy;

	busy = s->sleeps && s->model ? feed_later(s, count) : feed_cable(s, count);
	if (busy < 0)
		return busy;
	rc = feed_card(s, count);
	if (rc < 0)
		return rc;
	busy += rc;
	rc = e1000e_poll(s->nic, s->burst);
	if (rc < 0)
		return rc;
	busy += rc + read_cable(s);
	if (s->wrong[0] != '\0')
		return -EPROTO;
	return s->sleeps && rc < (int)s->burst && is_under_way(s) ? 0 : busy;
}

/* For an interrupt alone, when there has to be one. */
static int sleep_a_while(struct soak *s, int timeout_ms)
{
	if (s->sleeps && s->received.out < s->received.in)
		return e1000e_wait(s->nic, timeout_ms);
	return e1000e_wait_fd(s->nic, s->cable, timeout_ms);
}

/* --- what tests call --------------------------------------------------------------------- */

static bool is_over(const struct soak *s, uint32_t count)
{
	return s->sent.out >= count && s->received.out >= count;
}

int soak_run(struct soak *s, uint32_t count)
{
	int rc;

	while (!is_over(s, count)) {
		rc = round_trip(s, count);
		if (rc == 0 && !is_over(s, count))
			rc = sleep_a_while(s, PATIENCE_MS);
		if (rc == -ETIMEDOUT)
			return wrong(s, "nothing comes after %" PRIu32 " sent, %" PRIu32 " received",
				     s->sent.out, s->received.out);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int soak_rounds(struct soak *s, unsigned int rounds)
{
	int rc;

	for (; rounds > 0; rounds--) {
		rc = round_trip(s, UINT32_MAX);
		if (rc == 0)
			rc = sleep_a_while(s, 1);
		if (rc < 0 && rc != -ETIMEDOUT)
			return rc;
	}
	return 0;
}

int soak_check_counts(struct soak *s)
{
	struct e1000e_stats stats;
	int rc = e1000e_stats(s->nic, &stats);

	if (rc < 0)
		return rc;
	if (stats.rx_frames != s->received.came || stats.tx_frames != s->sent.in ||
	    stats.rx_bad != 0)
		return wrong(s, "the driver has counted %" PRIu64 " in, %" PRIu64 " out, %" PRIu64
				" bad", stats.rx_frames, stats.tx_frames, stats.rx_bad);
	if (stats.hw_rx_frames != s->received.came)
		return wrong(s, "the card has taken %" PRIu64 " frames", stats.hw_rx_frames);
	if (stats.hw_tx_frames > s->sent.in || stats.hw_tx_frames < s->sent.came)
		return wrong(s, "the card has sent %" PRIu64 " frames", stats.hw_tx_frames);
	return 0;
}

int soak_open(struct soak *s, struct rb_ctx *ctx, const char *net, unsigned int n,
	      const struct e1000e_options *options)
{
	static const struct e1000e_events events = { frame_came, link_changed };
	struct rb_pci_addr addr;
	int rc;

	memset(s, 0, sizeof(*s));
	s->ctx = ctx;
	s->burst = 64;
	s->longest = (options->mtu ? options->mtu : 1500) + 18;
	s->sent.salt = (uint8_t)(2 * n + 1); /* frames of another card are others */
	s->received.salt = (uint8_t)(2 * n + 2);
	s->cable = rb_host_net_fd(ctx, net);
	if (s->cable < 0)
		return s->cable;
	s->feed = s->cable;
	rc = e1000e_find(ctx, n, &addr);
	if (rc == 0)
		rc = e1000e_open(ctx, addr, options, &events, s, &s->nic);
	if (rc < 0)
		return rc;
	do {
		rc = e1000e_poll(s->nic, s->burst);
		if (rc >= 0 && !s->up)
			rc = e1000e_wait(s->nic, PATIENCE_MS);
	} while (rc >= 0 && !s->up);
	if (rc < 0) {
		e1000e_close(s->nic);
		s->nic = NULL;
	}
	return rc < 0 ? rc : 0;
}
