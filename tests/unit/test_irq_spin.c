/* SPDX-License-Identifier: MIT */
/* test_irq_spin.c - looking before sleeping, and the counters of what happened. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/irq.h>

#include "fake_irq.h"

#define US	1000
#define MS	1000000
#define SPIN_US 100
#define VECTORS 3

struct world {
	struct fake *fake;
	struct rb_pci_dev *dev;
	struct rb_irq_set *set;
};

static struct world world;

static int plug_in_with(void **state, uint32_t spin_us, uint32_t flags)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	memset(&world, 0, sizeof(world));
	world.fake = fake_new(NULL);
	fake_give_msix(world.fake, 8, 0, 0, 0, 0x800);
	world.dev = fake_open_device(world.fake);
	options.min = VECTORS;
	options.spin_us = spin_us;
	options.flags = flags;
	assert_int_equal(rb_irq_set_open(world.dev, &options, &world.set), 0);
	*state = &world;
	return 0;
}

static int plug_in(void **state)
{
	return plug_in_with(state, SPIN_US, 0);
}

static int plug_in_plain(void **state)
{
	return plug_in_with(state, 0, 0);
}

static int plug_in_timed(void **state)
{
	return plug_in_with(state, 0, RB_IRQ_TIMED);
}

static int unplug(void **state)
{
	struct world *w = *state;

	rb_irq_set_close(w->set);
	rb_pci_unref(w->dev);
	assert_int_equal(fake_watched(w->fake, FAKE_IRQ), 0);
	fake_free(w->fake);
	return 0;
}

static uint64_t taken(struct world *w, unsigned int vector)
{
	uint64_t count = 4711;

	assert_int_equal(rb_irq_take(w->set, vector, &count), 0);
	return count;
}

static struct rb_irq_stats stats_of(struct world *w, unsigned int vector)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;

	assert_int_equal(rb_irq_stats_read(w->set, vector, &stats), 0);
	return stats;
}

static void message_0(struct fake *f)
{
	assert_int_equal(fake_send(f, 0), 1);
}

static void message_2(struct fake *f)
{
	assert_int_equal(fake_send(f, 2), 1);
}

/* How often one wait looked at the counter of its interrupt, and slept. */
struct effort {
	unsigned int looks, sleeps;
	int rc;
};

static struct effort wait_once(struct world *w, int timeout_ms)
{
	struct effort e;

	fake_count_calls(w->fake);
	w->fake->sleeps = 0;
	e.rc = rb_irq_wait(w->set, 0, timeout_ms);
	e.looks = w->fake->calls[FAKE_READ];
	e.sleeps = w->fake->sleeps;
	return e;
}

static void drain(struct world *w, unsigned int vector)
{
	while (taken(w, vector) > 0)
		;
}

/* --- spinning ----------------------------------------------------------------------------------- */

static void step_back(struct fake *f)
{
	f->now -= 20 * MS;
}

static void a_clock_that_steps_back_makes_no_spin_longer(void **state)
{
	struct world *w = *state;
	struct effort e;

	w->fake->clock_step = 10 * US;
	w->fake->when_asleep = message_0;
	w->fake->when_looked = step_back;
	w->fake->at_look = 4; /* in the spin, which looks ten times */
	e = wait_once(w, 1000);
	assert_int_equal(e.rc, 0);
	assert_int_equal(w->fake->at_look, 0);
	assert_int_equal(e.sleeps, 1);
	assert_true(e.looks <= 14);
}

static void without_a_budget_nothing_spins(void **state)
{
	struct world *w = *state;
	struct effort e;

	w->fake->clock_step = 10 * US;
	w->fake->when_asleep = message_0;
	e = wait_once(w, 1000);
	assert_int_equal(e.rc, 0);
	assert_int_equal(e.sleeps, 1);
	assert_true(e.looks <= 4);
	assert_int_equal(stats_of(w, 0).spins, 0);
}

static void an_interrupt_within_the_budget_needs_no_sleep(void **state)
{
	struct world *w = *state;
	struct effort e;

	drain(w, 0);
	w->fake->clock_step = 10 * US;
	w->fake->at_look = 6; /* some looks later */
	w->fake->when_looked = message_0;
	e = wait_once(w, 1000);

	assert_int_equal(e.rc, 0);
	assert_int_equal(e.sleeps, 0);
	assert_int_equal(stats_of(w, 0).spins, 1);
	assert_int_equal(stats_of(w, 0).sleeps, 0);
	assert_int_equal(taken(w, 0), 1);
}

static void a_spent_budget_ends_in_sleep_and_the_interrupt_in_it_is_seen(void **state)
{
	struct world *w = *state;
	struct effort e;

	drain(w, 0);
	w->fake->clock_step = 10 * US;
	w->fake->when_asleep = message_0;
	e = wait_once(w, 1000);

	assert_int_equal(e.rc, 0);
	assert_int_equal(e.sleeps, 1);
	assert_in_range(e.looks, 9, 14); /* 100 us in steps of 10, and the queue */
	assert_int_equal(stats_of(w, 0).spins, 0);
	assert_int_equal(taken(w, 0), 1);
}

static void the_time_out_ends_a_spin(void **state)
{
	struct world *w = *state;
	struct effort e;

	drain(w, 0);
	w->fake->clock_step = 2 * MS;
	e = wait_once(w, 1);
	assert_int_equal(e.rc, -ETIMEDOUT);
	assert_true(e.looks <= 6); /* two of them ask whether the device is still there */
}

static void cancel_now(struct fake *f)
{
	(void)f;
	assert_int_equal(rb_irq_cancel(world.set), 0);
}

static void a_cancel_ends_a_spin(void **state)
{
	struct world *w = *state;
	struct effort e;

	drain(w, 0);
	w->fake->clock_step = 1;
	w->fake->at_look = 4;
	w->fake->when_looked = cancel_now;
	e = wait_once(w, -1);

	assert_int_equal(e.rc, -ECANCELED);
	assert_int_equal(e.sleeps, 0);
	assert_true(e.looks < 10);
}

static void on_a_standing_clock_a_spin_looks_64_times(void **state)
{
	struct world *w = *state;
	struct effort e;

	drain(w, 0);
	w->fake->when_asleep = message_0;
	e = wait_once(w, 1000);
	assert_int_equal(e.rc, 0);
	assert_int_equal(e.sleeps, 1);
	assert_in_range(e.looks, 64, 68);
}

static void after_eight_spins_in_vain_only_each_eighth_wait_spins(void **state)
{
	struct world *w = *state;
	bool spun;
	int i;

	drain(w, 0);
	w->fake->clock_step = 10 * US;
	for (i = 1; i <= 40; i++) {
		w->fake->when_asleep = message_0;
		spun = wait_once(w, 1000).looks > 8;
		assert_int_equal(spun, i <= 8 || i % 8 == 0);
		drain(w, 0);
	}

	/* one that was not in vain makes the next ones look again: the 48th wait looks */
	for (; i < 48; i++) {
		w->fake->when_asleep = message_0;
		wait_once(w, 1000);
		drain(w, 0);
	}
	w->fake->at_look = 4;
	w->fake->when_looked = message_0;
	assert_int_equal(wait_once(w, 1000).sleeps, 0);
	drain(w, 0);
	w->fake->when_asleep = message_0;
	assert_true(wait_once(w, 1000).looks > 8);
}

static void vectors_spin_each_on_their_own_account(void **state)
{
	struct world *w = *state;
	int i;

	w->fake->clock_step = 10 * US;
	for (i = 0; i < 9; i++) {
		drain(w, 0);
		w->fake->when_asleep = message_0;
		wait_once(w, 1000);
	}
	drain(w, 2);
	fake_count_calls(w->fake);
	w->fake->when_asleep = message_2;
	assert_int_equal(rb_irq_wait(w->set, 2, 1000), 0);
	assert_true(w->fake->calls[FAKE_READ] > 8);
}

/* --- counters ------------------------------------------------------------------------------------- */

static void counters_are_exact(void **state)
{
	struct world *w = *state;
	struct rb_irq_stats s;
	int i;

	for (i = 0; i < 7; i++)
		message_0(w->fake);
	assert_int_equal(taken(w, 0), 7); /* take 1 */
	assert_int_equal(taken(w, 0), 0); /* take 2, empty */
	w->fake->when_asleep = message_0;
	assert_int_equal(rb_irq_wait(w->set, 0, 100), 0); /* wait 1: a sleep */
	assert_int_equal(taken(w, 0), 1); /* take 3 */
	assert_int_equal(taken(w, 0), 0); /* take 4, empty */
	fake_post_stale(w->fake, 18);
	assert_int_equal(rb_irq_wait(w->set, 0, 10), -ETIMEDOUT); /* wait 2: two sleeps */
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT); /* wait 3: none */
	assert_int_equal(rb_irq_cancel(w->set), 0);
	assert_int_equal(rb_irq_wait(w->set, 0, 10), -ECANCELED); /* wait 4: none */
	message_2(w->fake);
	assert_int_equal(taken(w, 2), 1);

	s = stats_of(w, 0);
	assert_int_equal(s.interrupts, 8);
	assert_int_equal(s.takes, 4);
	assert_int_equal(s.empty_takes, 2);
	assert_int_equal(s.waits, 4);
	assert_in_range(s.sleeps, 3, 4); /* the first alarm may wake once more */
	assert_int_equal(s.spins, 0);
	assert_int_equal(s.timeouts, 2);
	assert_int_equal(stats_of(w, 1).takes, 0);
	assert_int_equal(stats_of(w, 2).interrupts, 1);
	for (i = 0; i < RB_IRQ_BUCKETS; i++)
		assert_int_equal(s.wait_ns[i] | s.service_ns[i], 0); /* not timed */
}

static void a_take_that_failed_is_not_counted(void **state)
{
	struct world *w = *state;
	uint64_t count;

	message_0(w->fake);
	fake_fail_at(w->fake, 1, -EIO);
	assert_int_equal(rb_irq_take(w->set, 0, &count), -EIO);
	assert_int_equal(taken(w, 0), 1);
	fake_fail_at(w->fake, 1, -EIO); /* giving back */
	assert_int_equal(rb_irq_take(w->set, 0, &count), -EIO);

	assert_int_equal(stats_of(w, 0).takes, 1);
	assert_int_equal(stats_of(w, 0).empty_takes, 0);
	assert_int_equal(stats_of(w, 0).interrupts, 1);
}

static void a_wait_for_any_counts_for_the_vector_that_ended_it(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = message_2;
	assert_int_equal(rb_irq_wait_any(w->set, 100), 2);
	assert_int_equal(taken(w, 2), 1);
	drain(w, 2);
	assert_int_equal(rb_irq_wait_any(w->set, 100), -ETIMEDOUT);

	assert_int_equal(stats_of(w, 2).waits, 1);
	assert_int_equal(stats_of(w, 0).waits, 1);
	assert_int_equal(stats_of(w, 0).timeouts, 1);
	assert_true(stats_of(w, 0).sleeps >= 2);
	assert_int_equal(stats_of(w, 2).sleeps, 0);
}

static void message_after_3_ms(struct fake *f)
{
	fake_pass(f, 3 * MS);
	message_0(f);
}

static unsigned int sum(const uint64_t *buckets)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < RB_IRQ_BUCKETS; i++)
		n += buckets[i];
	return (unsigned int)n;
}

static void times_fall_into_powers_of_two(void **state)
{
	struct world *w = *state;
	struct rb_irq_stats s;

	w->fake->when_asleep = message_after_3_ms;
	assert_int_equal(rb_irq_wait(w->set, 0, 100), 0);
	assert_int_equal(taken(w, 0), 1);
	fake_pass(w->fake, 70 * US);
	message_0(w->fake); /* giving back fails; it is served with the first */
	assert_int_equal(taken(w, 0), 1);
	fake_pass(w->fake, 70 * US);
	assert_int_equal(taken(w, 0), 0);

	s = stats_of(w, 0);
	assert_int_equal(s.wait_ns[21], 1); /* 2^21 ns = 2.1 ms */
	assert_int_equal(sum(s.wait_ns), 1);
	assert_int_equal(s.service_ns[17], 1); /* 140 us, 2^17 ns = 131 us */
	assert_int_equal(sum(s.service_ns), 1);
}

static void the_longest_and_the_shortest_time_have_a_bucket(void **state)
{
	struct world *w = *state;

	message_0(w->fake);
	assert_int_equal(taken(w, 0), 1);
	assert_int_equal(taken(w, 0), 0); /* no time passed */
	message_0(w->fake);
	assert_int_equal(taken(w, 0), 1);
	fake_pass(w->fake, (int64_t)1 << 50);
	assert_int_equal(taken(w, 0), 0);

	assert_int_equal(stats_of(w, 0).service_ns[0], 1);
	assert_int_equal(stats_of(w, 0).service_ns[RB_IRQ_BUCKETS - 1], 1);
}

static void a_smaller_struct_gets_what_it_has_room_for(void **state)
{
	struct world *w = *state;
	struct {
		uint32_t size, reserved;
		uint64_t interrupts, canary;
	} small = { 16, 7, 7, 7 };

	message_0(w->fake);
	assert_int_equal(taken(w, 0), 1);
	assert_int_equal(rb_irq_stats_read(w->set, 0, (struct rb_irq_stats *)(void *)&small), 0);
	assert_int_equal(small.size, 16);
	assert_int_equal(small.reserved, 0);
	assert_int_equal(small.interrupts, 1);
	assert_int_equal(small.canary, 7);

	small.size = 0;
	assert_int_equal(rb_irq_stats_read(w->set, 0, (struct rb_irq_stats *)(void *)&small),
			 -EINVAL);
	small.size = 16;
	assert_int_equal(rb_irq_stats_read(w->set, VECTORS, (struct rb_irq_stats *)(void *)&small),
			 -EINVAL);
	assert_int_equal(rb_irq_stats_read(w->set, 0, NULL), -EINVAL);
	assert_int_equal(rb_irq_stats_read(NULL, 0, (struct rb_irq_stats *)(void *)&small),
			 -EINVAL);
}

/* --- the summary ----------------------------------------------------------------------------------- */

static void the_summary_tells_of_each_vector(void **state)
{
	struct world *w = *state;
	char text[4096];
	size_t len;

	w->fake->when_asleep = message_after_3_ms;
	assert_int_equal(rb_irq_wait(w->set, 0, 100), 0);
	assert_int_equal(taken(w, 0), 1);

	len = rb_irq_summary(w->set, text, sizeof(text));
	assert_int_equal(len, strlen(text));
	assert_non_null(strstr(text, ": 3 of MSI-X\n"));
	assert_non_null(strstr(text, "  vector 0: 1 interrupts, 1 takes (0 empty), 1 waits (1 slept, "
				     "0 spun, 0 timed out)\n    waited: 2 ms: 1\n  vector 1: 0"));
	assert_string_equal(strrchr(text, '('), "(0 slept, 0 spun, 0 timed out)\n");
}

static void a_summary_that_does_not_fit_is_cut_and_ended(void **state)
{
	struct world *w = *state;
	size_t len = rb_irq_summary(w->set, NULL, 0), size;
	char *whole = malloc(len + 1), *part;

	assert_non_null(whole);
	assert_int_equal(rb_irq_summary(w->set, whole, len + 1), len);
	assert_int_equal(strlen(whole), len);
	for (size = 1; size <= len + 1; size++) {
		part = malloc(size); /* so that valgrind sees a byte too many */
		assert_non_null(part);
		assert_int_equal(rb_irq_summary(w->set, part, size), len);
		assert_int_equal(strlen(part), size - 1);
		assert_memory_equal(part, whole, size - 1);
		free(part);
	}
	free(whole);
	assert_int_equal(rb_irq_summary(w->set, NULL, 100), len);
	assert_int_equal(rb_irq_summary(NULL, NULL, 0), 0);
}

static unsigned int logged;

static void count_vectors(void *arg, enum rb_log_level level, const char *text)
{
	(void)arg;
	(void)level;
	logged += strstr(text, "  vector ") != NULL && strstr(text, "timed out)") != NULL;
}

static void the_log_gets_all_of_it_however_many_vectors_there_are(void **state)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct world *w = *state;

	rb_irq_set_close(w->set);
	rb_pci_unref(w->dev);
	fake_give_msix(w->fake, 200, 0, 0, 1, 0);
	w->dev = fake_open_device(w->fake);
	options.min = 200;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), 0);
	rb_ctx_set_log(w->fake->ctx, RB_LOG_INFO, count_vectors, NULL);

	logged = 0;
	rb_irq_set_close(w->set);
	w->set = NULL;

	assert_int_equal(logged, 200);
	rb_ctx_set_log(w->fake->ctx, RB_LOG_INFO, NULL, NULL);
}

int main(void)
{
#define SPINNING(test) cmocka_unit_test_setup_teardown(test, plug_in, unplug)
#define PLAIN(test)    cmocka_unit_test_setup_teardown(test, plug_in_plain, unplug)
#define TIMED(test)    cmocka_unit_test_setup_teardown(test, plug_in_timed, unplug)
	const struct CMUnitTest tests[] = {
		PLAIN(without_a_budget_nothing_spins),
		SPINNING(a_clock_that_steps_back_makes_no_spin_longer),
		SPINNING(an_interrupt_within_the_budget_needs_no_sleep),
		SPINNING(a_spent_budget_ends_in_sleep_and_the_interrupt_in_it_is_seen),
		SPINNING(the_time_out_ends_a_spin),
		SPINNING(a_cancel_ends_a_spin),
		SPINNING(on_a_standing_clock_a_spin_looks_64_times),
		SPINNING(after_eight_spins_in_vain_only_each_eighth_wait_spins),
		SPINNING(vectors_spin_each_on_their_own_account),
		PLAIN(counters_are_exact),
		PLAIN(a_take_that_failed_is_not_counted),
		PLAIN(a_wait_for_any_counts_for_the_vector_that_ended_it),
		TIMED(times_fall_into_powers_of_two),
		TIMED(the_longest_and_the_shortest_time_have_a_bucket),
		PLAIN(a_smaller_struct_gets_what_it_has_room_for),
		TIMED(the_summary_tells_of_each_vector),
		PLAIN(a_summary_that_does_not_fit_is_cut_and_ended),
		PLAIN(the_log_gets_all_of_it_however_many_vectors_there_are),
	};

	return cmocka_run_group_tests_name("irq_spin", tests, NULL, NULL);
}
