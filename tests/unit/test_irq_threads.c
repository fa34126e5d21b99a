/* SPDX-License-Identifier: MIT */
/*
 * test_irq_threads.c - what threads may do to a set at once: one waits for and takes each
 * vector, any may cancel, mask, look and read counters, and devices are opened and closed
 * side by side. To be run under ThreadSanitizer, too.
 *
 * Threads answer with a number that says where they failed, 0 for nowhere; cmocka's
 * assertions belong to the main thread.
 */
#include "mock_fixture.h"

#include <pthread.h>
#include <sched.h>

#include "os/sys.h"

#define VECTORS 4
#define IDLE	3 /* the vector that is masked and unmasked, and never raised */
#define TABLE	0x000
#define PBA	0x800
#define RAISED	2000u /* on each vector */
#define PAUSE	8u /* so many at once */
#define DEVICES 4
#define CYCLES	40
#define FOREVER (-1)

#define CHECK(what)                      \
	do {                             \
		if (!(what))             \
			return __LINE__; \
	} while (0)

struct card {
	struct rb_mock_dev *model;
	struct rb_pci_dev *dev;
	struct rb_irq_set *set;
};

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x0004;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ram(dev, 0, 4096, 0);
	rb_mock_cap_msix(dev, VECTORS, 0, TABLE, 0, PBA);
	return 0;
}

static int open_set(struct card *card, uint32_t spin_us)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.kinds = RB_IRQ_MSIX;
	options.min = options.max = VECTORS;
	options.flags = RB_IRQ_TIMED;
	options.spin_us = spin_us;
	return rb_irq_set_open(card->dev, &options, &card->set);
}

/* @n cards, in the order of @cards; their sets are still to be opened. */
static struct rb_ctx *plug_cards(const char *machine, struct card *cards, unsigned int n)
{
	struct rb_ctx *ctx;
	unsigned int i;

	assert_int_equal(rb_ctx_new(machine, &ctx), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(rb_mock_add(ctx, "card", build, NULL, &cards[i].model), 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(rb_pci_open(ctx, rb_mock_addr(cards[i].model), &cards[i].dev), 0);
		assert_int_equal(rb_pci_set_bus_master(cards[i].dev, true), 0);
		cards[i].set = NULL;
	}
	return ctx;
}

static void unplug_cards(struct rb_ctx *ctx, struct card *cards, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		rb_irq_set_close(cards[i].set);
		rb_pci_unref(cards[i].dev);
	}
	if (rb_mock_verify(ctx) != 0)
		fail_msg("%s", rb_mock_violation_text(ctx, 0));
	rb_ctx_unref(ctx);
}

/* --- one thread a vector ---------------------------------------------------------------------- */

/* Who serves one vector, and what it counted itself. */
struct server {
	struct rb_ctx *ctx; /* to register with, in virtual time */
	struct rb_irq_set *set;
	unsigned int vector;
	uint64_t wanted; /* interrupts, then it ends */
	uint64_t interrupts, takes, empty, waits;
	pthread_barrier_t *ready; /* in virtual time: all are registered */
	int failed;
	pthread_t thread;
};

static int serve(struct server *s)
{
	uint64_t count;

	while (s->interrupts < s->wanted) {
		CHECK(rb_irq_wait(s->set, s->vector, 10000) == 0);
		s->waits++;
		do {
			CHECK(rb_irq_take(s->set, s->vector, &count) == 0);
			s->interrupts += count;
			s->takes++;
			s->empty += count == 0;
		} while (count > 0);
	}
	CHECK(s->interrupts == s->wanted);
	return 0;
}

static void *be_server(void *arg)
{
	struct server *s = arg;

	if (s->ctx) {
		s->failed = rb_mock_thread_begin(s->ctx);
		pthread_barrier_wait(s->ready);
	}
	if (s->failed == 0)
		s->failed = serve(s);
	if (s->ctx)
		rb_mock_thread_end(s->ctx);
	return NULL;
}

static void start_server(struct server *s, struct rb_irq_set *set, unsigned int vector,
			 uint64_t wanted)
{
	s->set = set;
	s->vector = vector;
	s->wanted = wanted;
	assert_int_equal(pthread_create(&s->thread, NULL, be_server, s), 0);
}

static uint64_t sum(const uint64_t *buckets)
{
	uint64_t all = 0;
	unsigned int i;

	for (i = 0; i < RB_IRQ_BUCKETS; i++)
		all += buckets[i];
	return all;
}

/* The library's figures are the thread's own. */
static void stop_server(struct server *s)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;

	assert_int_equal(pthread_join(s->thread, NULL), 0);
	assert_int_equal(s->failed, 0);
	assert_int_equal(rb_irq_stats_read(s->set, s->vector, &stats), 0);
	assert_int_equal(stats.interrupts, s->wanted);
	assert_int_equal(stats.takes, s->takes);
	assert_int_equal(stats.empty_takes, s->empty);
	assert_int_equal(stats.waits, s->waits);
	assert_int_equal(stats.timeouts, 0);
	assert_int_equal(sum(stats.wait_ns), s->waits);
	assert_true(sum(stats.service_ns) >= s->waits);
	assert_true(sum(stats.service_ns) <= s->takes - s->empty);
}

/* Who looks on from the side. */
struct onlooker {
	struct rb_irq_set *set;
	_Atomic bool ends;
	unsigned long looks;
	int failed;
	pthread_t thread;
};

static int look_on(struct onlooker *o)
{
	uint64_t before[VECTORS] = { 0 };
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	char text[2048];
	unsigned int i;
	bool pending;

	for (o->looks = 0; !o->ends; o->looks++) {
		for (i = 0; i < VECTORS; i++) {
			CHECK(rb_irq_stats_read(o->set, i, &stats) == 0);
			CHECK(stats.interrupts >= before[i]);
			before[i] = stats.interrupts;
			CHECK(rb_irq_pending(o->set, i, &pending) == 0 && !pending);
			CHECK(rb_irq_set_cpu(o->set, i) == 0);
		}
		CHECK(rb_irq_mask(o->set, IDLE, o->looks % 2 == 0) == 0);
		CHECK(rb_irq_summary(o->set, text, sizeof(text)) > 0);
		CHECK(rb_irq_fd(o->set, IDLE) >= 0);
		CHECK(rb_irq_set_count(o->set) == VECTORS);
		sched_yield();
	}
	return 0;
}

static void *be_onlooker(void *arg)
{
	struct onlooker *o = arg;

	o->failed = look_on(o);
	return NULL;
}

/* Until each vector has counted @n, so that threads sleep and wake again and again. */
static void let_them_catch_up(struct rb_irq_set *set, uint64_t n)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	unsigned int v;

	for (v = 0; v < IDLE; v++) {
		do {
			sched_yield();
			assert_int_equal(rb_irq_stats_read(set, v, &stats), 0);
		} while (stats.interrupts < n);
	}
}

static void serve_all(uint32_t spin_us)
{
	struct server servers[IDLE] = { { .ctx = NULL } };
	struct onlooker onlooker = { .looks = 0 };
	struct card card;
	struct rb_ctx *ctx = plug_cards("mock:time=real", &card, 1);
	unsigned int i, v;

	assert_int_equal(open_set(&card, spin_us), 0);
	onlooker.set = card.set;
	assert_int_equal(pthread_create(&onlooker.thread, NULL, be_onlooker, &onlooker), 0);
	for (v = 0; v < IDLE; v++)
		start_server(&servers[v], card.set, v, RAISED);

	for (i = 0; i < RAISED; i++) {
		for (v = 0; v < IDLE; v++)
			assert_int_equal(rb_mock_msix(card.model, v), 1);
		if (i % PAUSE == 0)
			let_them_catch_up(card.set, i + 1);
	}

	for (v = 0; v < IDLE; v++)
		stop_server(&servers[v]);
	onlooker.ends = true;
	assert_int_equal(pthread_join(onlooker.thread, NULL), 0);
	assert_int_equal(onlooker.failed, 0);
	unplug_cards(ctx, &card, 1);
}

static void a_thread_a_vector_counts_all_while_others_mask_and_look(void **state)
{
	(void)state;
	serve_all(0);
}

static void threads_that_spin_count_all_too(void **state)
{
	(void)state;
	serve_all(50);
}

/* --- the same in virtual time ------------------------------------------------------------------ */

#define TICKS 25

struct pulse {
	unsigned int left;
};

/* Every millisecond one interrupt on each vector but the idle one. */
static void beat(struct rb_mock_dev *dev, void *arg)
{
	struct pulse *pulse = arg;
	unsigned int v;

	for (v = 0; v < IDLE; v++)
		rb_mock_msix(dev, v);
	if (--pulse->left > 0)
		rb_mock_after(dev, 1000000, beat, pulse);
}

static void registered_threads_serve_a_vector_each(void **state)
{
	struct server servers[IDLE];
	struct pulse pulse = { TICKS };
	pthread_barrier_t ready;
	struct card card;
	struct rb_ctx *ctx = plug_cards("mock", &card, 1);
	unsigned int v;

	(void)state;
	assert_int_equal(open_set(&card, 0), 0);
	assert_int_equal(pthread_barrier_init(&ready, NULL, IDLE), 0);
	assert_int_equal(rb_mock_after(card.model, 1000000, beat, &pulse), 0);

	for (v = 0; v < IDLE; v++) {
		servers[v] = (struct server){ .ctx = ctx, .ready = &ready };
		start_server(&servers[v], card.set, v, TICKS);
	}

	for (v = 0; v < IDLE; v++) {
		stop_server(&servers[v]);
		assert_int_equal(servers[v].waits, TICKS);
	}
	assert_int_equal(pulse.left, 0);
	pthread_barrier_destroy(&ready);
	unplug_cards(ctx, &card, 1);
}

/* --- cancel ------------------------------------------------------------------------------------ */

static void *wait_until_cancelled(void *arg)
{
	struct server *s = arg;

	s->failed = rb_irq_wait(s->set, s->vector, FOREVER);
	return NULL;
}

/* How many threads have gone to sleep, as the counters tell. */
static unsigned int sleepers(struct rb_irq_set *set)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	unsigned int i, n = 0;

	for (i = 0; i < VECTORS; i++)
		if (rb_irq_stats_read(set, i, &stats) == 0)
			n += stats.sleeps > 0;
	return n;
}

static void a_cancel_ends_the_waits_of_all_threads(void **state)
{
	struct server waiting[VECTORS];
	struct card card;
	struct rb_ctx *ctx = plug_cards("mock:time=real", &card, 1);
	unsigned int v;

	(void)state;
	assert_int_equal(open_set(&card, 0), 0);
	for (v = 0; v < VECTORS; v++) {
		waiting[v] = (struct server){ .set = card.set, .vector = v };
		assert_int_equal(pthread_create(&waiting[v].thread, NULL, wait_until_cancelled,
						&waiting[v]),
				 0);
	}
	while (sleepers(card.set) < VECTORS)
		sched_yield();

	assert_int_equal(rb_irq_cancel(card.set), 0);

	for (v = 0; v < VECTORS; v++) {
		assert_int_equal(pthread_join(waiting[v].thread, NULL), 0);
		assert_int_equal(waiting[v].failed, -ECANCELED);
		assert_int_equal(rb_irq_wait(card.set, v, 0), -ETIMEDOUT);
	}
	unplug_cards(ctx, &card, 1);
}

/* It waits until an interrupt comes, however often it is cancelled before. */
static void *wait_stubbornly(void *arg)
{
	struct server *s = arg;

	do {
		s->failed = rb_irq_wait(s->set, s->vector, 10000);
		s->waits++;
	} while (s->failed == -ECANCELED);
	return NULL;
}

static void cancels_without_number_lose_no_interrupt(void **state)
{
	struct server stubborn;
	struct card card;
	struct rb_ctx *ctx = plug_cards("mock:time=real", &card, 1);
	uint64_t count;
	unsigned int i;

	(void)state;
	assert_int_equal(open_set(&card, 20), 0);
	stubborn = (struct server){ .set = card.set, .vector = 1 };
	assert_int_equal(pthread_create(&stubborn.thread, NULL, wait_stubbornly, &stubborn), 0);

	for (i = 0; i < RAISED; i++)
		assert_int_equal(rb_irq_cancel(card.set), 0);
	assert_int_equal(rb_mock_msix(card.model, 1), 1);

	assert_int_equal(pthread_join(stubborn.thread, NULL), 0);
	assert_int_equal(stubborn.failed, 0);
	assert_int_equal(rb_irq_take(card.set, 1, &count), 0);
	assert_int_equal(count, 1);
	unplug_cards(ctx, &card, 1);
}

/* --- opening and closing side by side ------------------------------------------------------------ */

struct owner {
	struct card *card;
	int failed;
	pthread_t thread;
};

/* An interrupt of its own on each vector, and none of anybody else's. */
static int use_once(struct card *card)
{
	uint64_t count;
	unsigned int v;

	for (v = 0; v < VECTORS; v++) {
		CHECK(rb_mock_msix(card->model, v) == 1);
		CHECK(rb_irq_wait(card->set, v, 10000) == 0);
		CHECK(rb_irq_take(card->set, v, &count) == 0 && count == 1);
		CHECK(rb_irq_take(card->set, v, &count) == 0 && count == 0);
	}
	return 0;
}

static int open_and_close(struct card *card)
{
	int i, rc = 0;

	for (i = 0; i < CYCLES && rc == 0; i++) {
		CHECK(open_set(card, 0) == 0);
		rc = use_once(card);
		rb_irq_set_close(card->set);
		card->set = NULL;
	}
	return rc;
}

static void *be_owner(void *arg)
{
	struct owner *o = arg;

	o->failed = open_and_close(o->card);
	return NULL;
}

static unsigned int free_vectors(struct rb_ctx *ctx)
{
	void *dir;
	char name[RBI_NAME_MAX];
	unsigned int n = 0;

	assert_int_equal(ctx->sys->ops->opendir(ctx->sys, "/scheme/irq/cpu-00", &dir), 0);
	while (ctx->sys->ops->readdir(ctx->sys, dir, name, sizeof(name)) == 1)
		n++;
	ctx->sys->ops->closedir(ctx->sys, dir);
	return n;
}

static void devices_are_opened_and_closed_side_by_side(void **state)
{
	struct card cards[DEVICES];
	struct owner owners[DEVICES];
	struct rb_ctx *ctx = plug_cards("mock:time=real", cards, DEVICES);
	unsigned int i, before = free_vectors(ctx);

	(void)state;
	for (i = 0; i < DEVICES; i++) {
		owners[i] = (struct owner){ .card = &cards[i] };
		assert_int_equal(pthread_create(&owners[i].thread, NULL, be_owner, &owners[i]), 0);
	}

	for (i = 0; i < DEVICES; i++) {
		assert_int_equal(pthread_join(owners[i].thread, NULL), 0);
		assert_int_equal(owners[i].failed, 0);
	}

	/* pooled: never more than what was open at one moment */
	assert_in_range(before - free_vectors(ctx), VECTORS, DEVICES * VECTORS);
	unplug_cards(ctx, cards, DEVICES);
}

/* --- wait for any ---------------------------------------------------------------------------------- */

static int serve_any(struct server *s)
{
	uint64_t count;
	int v;

	while (s->interrupts < s->wanted) {
		v = rb_irq_wait_any(s->set, 10000);
		CHECK(v >= 0 && v < IDLE);
		s->waits++;
		do {
			CHECK(rb_irq_take(s->set, (unsigned int)v, &count) == 0);
			s->interrupts += count;
		} while (count > 0);
	}
	return 0;
}

static void *be_server_of_any(void *arg)
{
	struct server *s = arg;

	s->failed = serve_any(s);
	return NULL;
}

static void one_thread_for_all_vectors_counts_all_while_others_mask_and_look(void **state)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	struct onlooker onlooker = { .looks = 0 };
	struct server server;
	struct card card;
	struct rb_ctx *ctx = plug_cards("mock:time=real", &card, 1);
	uint64_t waits = 0;
	unsigned int i;

	(void)state;
	assert_int_equal(open_set(&card, 0), 0);
	onlooker.set = card.set;
	server = (struct server){ .set = card.set, .wanted = IDLE * RAISED };
	assert_int_equal(pthread_create(&onlooker.thread, NULL, be_onlooker, &onlooker), 0);
	assert_int_equal(pthread_create(&server.thread, NULL, be_server_of_any, &server), 0);

	for (i = 0; i < IDLE * RAISED; i++)
		assert_int_equal(rb_mock_msix(card.model, i % IDLE), 1);

	assert_int_equal(pthread_join(server.thread, NULL), 0);
	onlooker.ends = true;
	assert_int_equal(pthread_join(onlooker.thread, NULL), 0);
	assert_int_equal(server.failed, 0);
	assert_int_equal(server.interrupts, server.wanted);
	assert_int_equal(onlooker.failed, 0);
	for (i = 0; i < VECTORS; i++) {
		assert_int_equal(rb_irq_stats_read(card.set, i, &stats), 0);
		assert_int_equal(stats.interrupts, i == IDLE ? 0 : RAISED);
		waits += stats.waits;
	}
	assert_int_equal(waits, server.waits);
	unplug_cards(ctx, &card, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_a_vector_counts_all_while_others_mask_and_look),
		cmocka_unit_test(threads_that_spin_count_all_too),
		cmocka_unit_test(registered_threads_serve_a_vector_each),
		cmocka_unit_test(a_cancel_ends_the_waits_of_all_threads),
		cmocka_unit_test(cancels_without_number_lose_no_interrupt),
		cmocka_unit_test(devices_are_opened_and_closed_side_by_side),
		cmocka_unit_test(one_thread_for_all_vectors_counts_all_while_others_mask_and_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
