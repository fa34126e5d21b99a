/* SPDX-License-Identifier: MIT */
/*
 * test_e1000e_traffic.c - the e1000e driver of examples/ under traffic both ways, on the mock
 * and on QEMU: every frame comes once, unchanged and in its order, whatever happens meanwhile.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <rbdrv/host.h>
#include <rbdrv/mock.h>

#include "e1000e_bench.h"
#include "e1000e_soak.h"

#define NET "net.n0=dgram;e1000e,netdev=n0"

static const char *world; /* "mock" or "qemu", of the group that runs */

static const enum e1000e_irq_mode modes[] = { E1000E_IRQ_MSIX, E1000E_IRQ_MSI, E1000E_IRQ_INTX };

/* --- the road ---------------------------------------------------------------------------- */

/* Frames to the cable go through here when they have to come late: while the driver sleeps. */
struct relay {
	int ends[2], cable;
	pthread_t thread;
};

static void *carry_late(void *arg)
{
	static const struct timespec late = { 0, 200000 };
	const struct relay *r = arg;
	uint8_t frame[2048];
	ssize_t len;

	while ((len = recv(r->ends[1], frame, sizeof(frame), 0)) > 0) {
		nanosleep(&late, NULL);
		while (send(r->cable, frame, (size_t)len, 0) < 0 && errno == EAGAIN)
			nanosleep(&late, NULL);
	}
	return NULL;
}

static int open_relay(struct relay *r, struct soak *s)
{
	r->cable = s->cable;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, r->ends) < 0)
		return -EIO;
	if (pthread_create(&r->thread, NULL, carry_late, r) != 0)
		return -EIO;
	s->feed = r->ends[0];
	return 0;
}

static void close_relay(struct relay *r, struct soak *s)
{
	close(r->ends[0]);
	pthread_join(r->thread, NULL);
	close(r->ends[1]);
	s->feed = s->cable;
}

/* A machine and traffic on it. */
struct road {
	struct bench b;
	struct soak s;
	struct relay relay;
};

static void went_well(const struct soak *s, int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", rb_strerror(rc), s->wrong[0] ? s->wrong : rb_last_error());
}

static void open_road(struct road *r, const char *items, const struct e1000e_options *options)
{
	char machine[128];

	snprintf(machine, sizeof(machine), "%s:%s", world, items);
	open_machine(&r->b, machine);
	went_well(&r->s, soak_open(&r->s, r->b.ctx, "n0", 0, options));
}

static void close_road(struct road *r)
{
	e1000e_close(r->s.nic);
	close_bench(&r->b);
}

/* Run on to frame @count, asleep whenever nothing has come. */
static void run_asleep(struct road *r, uint32_t count)
{
	bool is_mock = strcmp(world, "mock") == 0;

	r->s.sleeps = true;
	r->s.burst = 2;
	if (is_mock)
		r->s.model = rb_mock_find(r->b.ctx, "e1000e", 0);
	else
		assert_ok(open_relay(&r->relay, &r->s));

	went_well(&r->s, soak_run(&r->s, count));

	if (!is_mock)
		close_relay(&r->relay, &r->s);
}

static uint64_t interrupts(struct soak *s)
{
	struct e1000e_stats stats;

	assert_ok(e1000e_stats(s->nic, &stats));
	return stats.interrupts;
}

/* --- nothing happens --------------------------------------------------------------------- */

static void every_frame_comes_once_and_in_its_order(void **state)
{
	struct e1000e_options options = { 0 };
	static struct road r;

	(void)state;
	open_road(&r, NET, &options);

	went_well(&r.s, soak_run(&r.s, 20000));

	assert_int_equal(r.s.received.came, 20000);
	assert_int_equal(r.s.sent.came, 20000);
	went_well(&r.s, soak_check_counts(&r.s));
	close_road(&r);
}

static void jumbo_frames_do_so_among_others_in_small_rings(void **state)
{
	struct e1000e_options options = { .mtu = E1000E_MTU_MAX - 4, .rx_count = 32,
					  .tx_count = 32 };
	static struct road r;

	(void)state;
	open_road(&r, NET, &options);

	went_well(&r.s, soak_run(&r.s, 2000));

	went_well(&r.s, soak_check_counts(&r.s));
	close_road(&r);
}

static void frames_wake_a_driver_that_sleeps_with_each_kind_of_interrupt(void **state)
{
	struct e1000e_options options = { 0 };
	static struct road r;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		options.irq = modes[i];
		open_road(&r, NET, &options);

		run_asleep(&r, 1000);

		assert_true(interrupts(&r.s) > 100);
		went_well(&r.s, soak_check_counts(&r.s));
		close_road(&r);
	}
}

static void each_version_of_redox_carries_frames(void **state)
{
	static const char *const profiles[] = { "redox-2025", "base-2026", "redbear-2026" };
	struct e1000e_options options = { 0 };
	static struct road r;
	char items[128];
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		options.irq = modes[i];
		snprintf(items, sizeof(items), "profile=%s;" NET, profiles[i]);
		open_road(&r, items, &options);

		went_well(&r.s, soak_run(&r.s, 1000));
		run_asleep(&r, 1500);

		assert_true(interrupts(&r.s) > 100);
		went_well(&r.s, soak_check_counts(&r.s));
		close_road(&r);
	}
}

/* --- the cable --------------------------------------------------------------------------- */

/* What is missing was under way while the cable was out, and nothing else. */
static void lost_no_others(const struct soak_way *w, uint32_t out_before, uint32_t in_after)
{
	assert_in_range(w->gaps, 0, 1);
	if (w->gaps == 0)
		return;
	assert_in_range(w->lost_from, out_before, in_after);
	assert_in_range(w->lost_to, w->lost_from + 1, in_after);
}

static void cable_is_pulled_in_the_middle(enum e1000e_irq_mode irq)
{
	struct e1000e_options options = { .irq = irq };
	uint32_t sent, received, end;
	static struct road r;
	struct soak *s = &r.s;

	open_road(&r, NET, &options);
	went_well(s, soak_rounds(s, 100));
	assert_true(s->received.came > 0);
	assert_true(s->sent.came > 0);

	sent = s->sent.out;
	received = s->received.out;
	s->lossy = true;
	assert_ok(rb_host_set_link(r.b.ctx, "n0", false));
	while (s->up)
		went_well(s, soak_rounds(s, 1));
	went_well(s, soak_rounds(s, 20));
	assert_ok(rb_host_set_link(r.b.ctx, "n0", true));
	while (!s->up)
		went_well(s, soak_rounds(s, 1));
	lost_no_others(&s->sent, sent, s->sent.floor);
	lost_no_others(&s->received, received, s->received.floor);
	end = (s->sent.in > s->received.in ? s->sent.in : s->received.in) + 1000;
	went_well(s, soak_run(s, end));

	lost_no_others(&s->sent, sent, s->sent.floor);
	lost_no_others(&s->received, received, s->received.floor);
	assert_int_equal(s->received.gaps, 1); /* so it was in the middle */
	went_well(s, soak_check_counts(s));
	close_road(&r);
}

static void a_cable_that_is_pulled_loses_what_is_on_it_and_no_more(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++)
		cable_is_pulled_in_the_middle(modes[i]);
}

/* --- the card ---------------------------------------------------------------------------- */

/* A hand that tears the card out while another thread drives it. */
struct hand {
	struct road *road;
	atomic_bool now;
	bool by_the_mock;
	int rc;
};

static void *tear_out(void *arg)
{
	struct timespec us = { 0, 100000 };
	struct hand *h = arg;

	while (!atomic_load(&h->now))
		nanosleep(&us, NULL);
	if (h->by_the_mock)
		rb_mock_remove(rb_mock_find(h->road->b.ctx, "e1000e", 0));
	else
		h->rc = rb_host_unplug(h->road->b.ctx, h->road->b.addr);
	return NULL;
}

static void card_is_torn_out(enum e1000e_irq_mode irq, bool by_the_mock, bool sleeps)
{
	struct e1000e_options options = { .irq = irq };
	struct hand hand = { .by_the_mock = by_the_mock };
	uint8_t frame[60];
	static struct road r;
	struct soak *s = &r.s;
	pthread_t thread;
	int rc;

	open_road(&r, NET, &options);
	s->sleeps = sleeps;
	hand.road = &r;
	assert_int_equal(pthread_create(&thread, NULL, tear_out, &hand), 0);
	went_well(s, soak_rounds(s, 50));
	assert_true(s->received.came > 0);
	assert_true(s->sent.came > 0);
	atomic_store(&hand.now, true);

	do
		rc = soak_rounds(s, 1);
	while (rc == 0);

	assert_string_equal(s->wrong, "");
	assert_int_equal(rc, -ENODEV);
	pthread_join(thread, NULL);
	assert_ok(hand.rc);
	make_frame(frame, sizeof(frame), 1);
	assert_int_equal(e1000e_poll(s->nic, 64), -ENODEV);
	assert_int_equal(e1000e_send(s->nic, frame, sizeof(frame)), -ENODEV);
	assert_int_equal(e1000e_wait(s->nic, -1), -ENODEV);
	close_road(&r);
}

static void a_card_torn_out_ends_traffic_without_a_wrong_frame(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++)
		card_is_torn_out(modes[i], strcmp(world, "mock") == 0 && i == 0, i != 0);
}

static void close_under_traffic_leaves_whole_frames_behind(void **state)
{
	struct e1000e_options options = { 0 };
	static struct road r;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		options.irq = modes[i];
		open_road(&r, NET, &options);
		went_well(&r.s, soak_rounds(&r.s, 30 + i));
		assert_true(r.s.received.came > 0);
		assert_true(r.s.sent.came > 0);
		close_road(&r);
	}
}

/* --- two cards --------------------------------------------------------------------------- */

struct driver_thread {
	struct rb_ctx *ctx;
	struct soak s;
	struct relay relay;
	const char *net;
	unsigned int card;
	enum e1000e_irq_mode irq;
	int rc;
	uint64_t interrupts;
};

static int drive(struct driver_thread *t)
{
	struct e1000e_options options = { .irq = t->irq };
	struct e1000e_stats stats = { 0 };
	int rc;

	rc = soak_open(&t->s, t->ctx, t->net, t->card, &options);
	if (rc < 0)
		return rc;
	rc = soak_run(&t->s, 2000);
	t->s.sleeps = true;
	t->s.burst = 2;
	if (rc == 0)
		rc = open_relay(&t->relay, &t->s);
	if (rc == 0) {
		rc = soak_run(&t->s, 2500);
		close_relay(&t->relay, &t->s);
	}
	if (rc == 0)
		rc = soak_check_counts(&t->s);
	if (rc == 0)
		rc = e1000e_stats(t->s.nic, &stats);
	t->interrupts = stats.interrupts;
	e1000e_close(t->s.nic);
	return rc;
}

static void *drive_card(void *arg)
{
	struct driver_thread *t = arg;

	t->rc = drive(t);
	if (t->rc < 0 && t->s.wrong[0] == '\0') /* the detail is this thread's */
		snprintf(t->s.wrong, sizeof(t->s.wrong), "%s", rb_last_error());
	return NULL;
}

/* On the real clock: relays work by that. */
static void two_cards_have_a_thread_each(void **state)
{
	static const char *const nets = "net.n0=dgram;net.n1=dgram";
	static struct driver_thread t[2];
	static struct bench b;
	pthread_t threads[2];
	char machine[160];
	unsigned int i;

	(void)state;
	if (strcmp(world, "mock") == 0)
		snprintf(machine, sizeof(machine),
			 "mock:time=real;%s;e1000e,netdev=n0;e1000e,netdev=n1", nets);
	else /* otherwise n1's has the lower address */
		snprintf(machine, sizeof(machine),
			 "qemu:%s;e1000e,netdev=n0,addr=4;e1000e,netdev=n1,addr=5", nets);
	open_machine(&b, machine);
	for (i = 0; i < 2; i++) {
		memset(&t[i], 0, sizeof(t[i]));
		t[i].ctx = b.ctx;
		t[i].net = i == 0 ? "n0" : "n1";
		t[i].card = i;
		t[i].irq = i == 0 ? E1000E_IRQ_MSIX : E1000E_IRQ_MSI;
		assert_int_equal(pthread_create(&threads[i], NULL, drive_card, &t[i]), 0);
	}

	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);

	for (i = 0; i < 2; i++) {
		went_well(&t[i].s, t[i].rc);
		assert_true(t[i].interrupts > 20);
	}
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_comes_once_and_in_its_order),
		cmocka_unit_test(jumbo_frames_do_so_among_others_in_small_rings),
		cmocka_unit_test(frames_wake_a_driver_that_sleeps_with_each_kind_of_interrupt),
		cmocka_unit_test(each_version_of_redox_carries_frames),
		cmocka_unit_test(a_cable_that_is_pulled_loses_what_is_on_it_and_no_more),
		cmocka_unit_test(a_card_torn_out_ends_traffic_without_a_wrong_frame),
		cmocka_unit_test(close_under_traffic_leaves_whole_frames_behind),
		cmocka_unit_test(two_cards_have_a_thread_each),
	};
	int failed;

	world = "mock";
	failed = cmocka_run_group_tests_name("traffic on the mock", tests, NULL, NULL);
	world = "qemu";
	failed += cmocka_run_group_tests_name("traffic on QEMU", tests, NULL, NULL);
	return failed;
}
