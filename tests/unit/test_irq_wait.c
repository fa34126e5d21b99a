/* SPDX-License-Identifier: MIT */
/* test_irq_wait.c - sleeping until an interrupt comes, time-outs, cancel, stale entries. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/irq.h>

#include "fake_irq.h"
#include "pci/pci_dev.h"

#define MS	1000000
#define FOREVER (-1)

struct world {
	struct fake *fake;
	struct rb_pci_dev *dev;
	struct rb_irq_set *set;
};

static struct world world;

static int plug_in(void **state, uint32_t kind)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	memset(&world, 0, sizeof(world));
	world.fake = fake_new(NULL);
	world.dev = fake_open_device(world.fake);
	options.kinds = kind;
	assert_int_equal(rb_irq_set_open(world.dev, &options, &world.set), 0);
	*state = &world;
	return 0;
}

static int plug_in_msi(void **state)
{
	return plug_in(state, RB_IRQ_MSI);
}

static int plug_in_intx(void **state)
{
	return plug_in(state, RB_IRQ_INTX);
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

static uint64_t taken(struct world *w)
{
	uint64_t count = 4711;

	assert_int_equal(rb_irq_take(w->set, 0, &count), 0);
	return count;
}

static void message_while_asleep(struct fake *f)
{
	fake_send_message(f);
}

/* One round of the loop that irq.h shows, woken by a message. */
static void one_round(struct world *w, int timeout_ms)
{
	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait(w->set, 0, timeout_ms), 0);
	assert_null(w->fake->when_asleep);
	assert_int_equal(taken(w), 1);
	assert_int_equal(taken(w), 0);
}

/* --- waking ---------------------------------------------------------------------------------- */

static void an_interrupt_ends_a_wait_and_is_not_consumed(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 1);
}

static void what_came_before_the_first_wait_is_not_slept_through(void **state)
{
	struct world *w = *state;

	fake_send_message(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(w->fake->sleeps, 0);
	assert_int_equal(taken(w), 1);
}

static void what_came_between_two_waits_is_not_slept_through(void **state)
{
	struct world *w = *state;

	one_round(w, FOREVER);
	fake_send_message(w->fake);
	w->fake->sleeps = 0;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(w->fake->sleeps, 0);
	assert_int_equal(taken(w), 1);
}

static void waiting_gives_back_what_a_single_take_left(void **state)
{
	struct world *w = *state;

	fake_pin(w->fake, true);
	assert_int_equal(taken(w), 1);
	assert_true(w->fake->is_masked[FAKE_LINE]);

	/* the device still asserts: unmasked by the wait, it fires at once */
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 1);
	fake_pin(w->fake, false);
	assert_int_equal(taken(w), 0);
	assert_false(w->fake->is_masked[FAKE_LINE]);
}

static void an_interrupt_between_take_and_wait_is_found_when_giving_back_fails(void **state)
{
	struct world *w = *state;

	one_round(w, FOREVER);
	fake_send_message(w->fake);
	assert_int_equal(taken(w), 1);
	fake_send_message(w->fake); /* giving 1 back answers 0 */
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 1);
}

static void a_wait_that_sleeps_costs_four_calls(void **state)
{
	struct world *w = *state;

	one_round(w, 1000);
	one_round(w, 1000);

	/* clock, event, counter; and one to give back */
	w->fake->when_asleep = message_while_asleep;
	fake_count_calls(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, 1000), 0);
	assert_int_equal(taken(w), 1);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT); /* gives back and looks */
	assert_int_equal(w->fake->calls[FAKE_CLOCK], 1);
	assert_int_equal(w->fake->calls[FAKE_READ], 2 + 1 + 1);
	assert_int_equal(w->fake->calls[FAKE_WRITE], 1);
	assert_int_equal(w->fake->calls_in_all, 6);
}

static void a_wait_without_a_time_out_costs_three_calls(void **state)
{
	struct world *w = *state;

	one_round(w, FOREVER);
	w->fake->when_asleep = message_while_asleep;
	fake_send_message(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 1); /* held from here on */

	fake_count_calls(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(w->fake->calls[FAKE_WRITE], 1);
	assert_int_equal(w->fake->calls[FAKE_READ], 2);
	assert_int_equal(w->fake->calls_in_all, 3);
}

static void the_first_wait_makes_the_queue_and_later_ones_use_it(void **state)
{
	struct world *w = *state;
	unsigned int before = fake_open_handles(w->fake);
	int i;

	for (i = 0; i < 20; i++)
		one_round(w, 1000);
	assert_int_equal(fake_open_files(w->fake, FAKE_QUEUE), 1);
	assert_int_equal(fake_open_files(w->fake, FAKE_TIME), 1);
	assert_int_equal(fake_open_handles(w->fake), before + 4);
}

/* --- stale entries --------------------------------------------------------------------------- */

static void stale_entries_are_absorbed(void **state)
{
	struct world *w = *state;
	int i;

	one_round(w, FOREVER);
	for (i = 0; i < 300; i++)
		fake_post_stale(w->fake, 18);

	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_null(w->fake->when_asleep);
	assert_int_equal(taken(w), 1);
}

static void a_hundred_interrupts_are_one_wake_and_stale_entries(void **state)
{
	struct world *w = *state;
	int i;

	one_round(w, FOREVER);
	for (i = 0; i < 100; i++)
		fake_send_message(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 100);
	assert_int_equal(taken(w), 0);

	assert_int_equal(rb_irq_wait(w->set, 0, 5), -ETIMEDOUT);
	assert_int_equal(fake_backlog(w->fake), 0);
}

static void entries_of_unknown_things_are_passed_over(void **state)
{
	struct world *w = *state;

	one_round(w, FOREVER);
	w->fake->read_is_scripted = true;
	w->fake->read_answer = 24;
	w->fake->read_record = (struct fake_entry){ 7, 1, 4711 };
	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 1);
}

static void entries_do_not_pile_up_when_a_driver_stops_waiting(void **state)
{
	struct world *w = *state;
	int i;

	one_round(w, 1000);
	for (i = 0; i < 5000; i++) {
		fake_send_message(w->fake);
		assert_int_equal(taken(w), 1);
		assert_true(fake_backlog(w->fake) <= 1024);
	}
	one_round(w, 1000);
	assert_int_equal(rb_irq_wait(w->set, 0, 1), -ETIMEDOUT);
}

static void a_burst_above_the_limit_is_counted_whole(void **state)
{
	struct world *w = *state;
	int i;

	one_round(w, FOREVER);
	for (i = 0; i < 3000; i++)
		fake_send_message(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 3000);
	fake_send_message(w->fake); /* nobody watches at this moment */
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 1);
}

/* --- time-outs ------------------------------------------------------------------------------- */

static void a_wait_ends_when_its_time_is_up(void **state)
{
	struct world *w = *state;
	uint64_t before = rb_time_ns(w->fake->ctx);

	assert_int_equal(rb_irq_wait(w->set, 0, 30), -ETIMEDOUT);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 30 * MS);
	assert_int_equal(rb_irq_wait(w->set, 0, 30), -ETIMEDOUT);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 60 * MS);
}

static void time_out_0_looks_and_returns(void **state)
{
	struct world *w = *state;

	fake_count_calls(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);
	assert_int_equal(w->fake->calls_in_all, 1);
	fake_send_message(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), 0);
	assert_int_equal(w->fake->sleeps, 0);
	assert_int_equal(fake_open_files(w->fake, FAKE_QUEUE), 0);
}

static void an_alarm_of_an_earlier_wait_does_not_end_a_later_one(void **state)
{
	struct world *w = *state;
	uint64_t before;

	one_round(w, 10); /* its alarm is still to come */
	before = rb_time_ns(w->fake->ctx);
	assert_int_equal(rb_irq_wait(w->set, 0, 1000), -ETIMEDOUT);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 1000 * MS);
}

static void a_shorter_time_out_is_not_kept_by_an_alarm_that_comes_later(void **state)
{
	struct world *w = *state;
	uint64_t before;

	one_round(w, 1000);
	before = rb_time_ns(w->fake->ctx);
	assert_int_equal(rb_irq_wait(w->set, 0, 10), -ETIMEDOUT);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 10 * MS);
}

static void frequent_waits_do_not_collect_alarms(void **state)
{
	struct world *w = *state;
	int i;

	for (i = 0; i < 1000; i++) {
		one_round(w, 1000);
		fake_pass(w->fake, 100000);
	}
	/* the fake holds 64 alarms and fails the test at the next */
	assert_int_equal(fake_open_files(w->fake, FAKE_TIME), 1);
}

static void step_back_and_forth(struct fake *f)
{
	fake_pass(f, 5 * MS);
	fake_pass(f, -4 * MS);
}

static void a_clock_that_steps_back_only_makes_a_wait_longer(void **state)
{
	struct world *w = *state;
	uint64_t before = rb_time_ns(w->fake->ctx);

	/* the alarm for 5 ms comes, and then the clock says 1 ms */
	w->fake->when_asleep = step_back_and_forth;
	assert_int_equal(rb_irq_wait(w->set, 0, 5), -ETIMEDOUT);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 5 * MS);
}

static void lose_an_edge(struct fake *f)
{
	f->counter[18]++; /* counted, never posted */
}

static void a_lost_edge_is_found_when_the_time_is_up(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = lose_an_edge;
	assert_int_equal(rb_irq_wait(w->set, 0, 50), 0);
	assert_int_equal(taken(w), 1);
}

static void a_signal_that_hides_the_alarm_does_not_hide_the_time(void **state)
{
	struct world *w = *state;
	uint64_t before;

	one_round(w, 1000);
	before = rb_time_ns(w->fake->ctx);
	fake_fail_at(w->fake, 1, -EINTR); /* the event is not read */
	assert_int_equal(rb_irq_wait(w->set, 0, 1000), -ETIMEDOUT);
	assert_true(w->fake->failed);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 1000 * MS);
}

static void the_longest_time_out_is_no_overflow(void **state)
{
	struct world *w = *state;

	w->fake->now = INT64_MAX - 5;
	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait(w->set, 0, INT32_MAX), 0);
	assert_int_equal(taken(w), 1);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);
}

/* --- cancel ---------------------------------------------------------------------------------- */

static void a_cancel_before_a_wait_ends_the_next_one_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_cancel(w->set), 0);
	assert_int_equal(rb_irq_cancel(w->set), 0);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), -ECANCELED);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);
	one_round(w, FOREVER);
}

static void cancel_while_asleep(struct fake *f)
{
	(void)f;
	assert_int_equal(rb_irq_cancel(world.set), 0);
	assert_int_equal(rb_irq_cancel(world.set), 0);
}

static void a_cancel_wakes_a_wait_once_and_leaves_nothing(void **state)
{
	struct world *w = *state;
	int i;

	for (i = 0; i < 100; i++) {
		w->fake->when_asleep = cancel_while_asleep;
		assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), -ECANCELED);
		assert_int_equal(fake_unread(w->fake), 0);
		one_round(w, FOREVER);
	}
	assert_int_equal(rb_irq_wait(w->set, 0, 5), -ETIMEDOUT);
	assert_int_equal(fake_backlog(w->fake), 0);
}

static void cancel_and_message(struct fake *f)
{
	fake_send_message(f);
	cancel_while_asleep(f);
}

static void a_cancel_wins_over_an_interrupt_which_is_not_lost(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = cancel_and_message;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), -ECANCELED);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 1);
	assert_int_equal(rb_irq_wait(w->set, 0, 1), -ETIMEDOUT);
}

static void a_cancel_ends_wait_any_too(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = cancel_while_asleep;
	assert_int_equal(rb_irq_wait_any(w->set, FOREVER), -ECANCELED);
	assert_int_equal(rb_irq_cancel(w->set), 0);
	assert_int_equal(rb_irq_wait_any(w->set, FOREVER), -ECANCELED);
	assert_int_equal(rb_irq_wait_any(w->set, 1), -ETIMEDOUT);
}

static void *wait_for_ever(void *arg)
{
	struct world *w = arg;

	return (void *)(intptr_t)rb_irq_wait(w->set, 0, FOREVER);
}

static void another_thread_is_woken_or_finds_the_cancel(void **state)
{
	struct world *w = *state;
	pthread_t thread;
	void *rc;
	int i;

	for (i = 0; i < 200; i++) {
		assert_int_equal(pthread_create(&thread, NULL, wait_for_ever, w), 0);
		assert_int_equal(rb_irq_cancel(w->set), 0);
		assert_int_equal(pthread_join(thread, &rc), 0);
		assert_int_equal((intptr_t)rc, -ECANCELED);
	}
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);
}

static void a_thread_that_sleeps_is_woken_by_an_interrupt(void **state)
{
	struct world *w = *state;
	pthread_t thread;
	void *rc;

	assert_int_equal(pthread_create(&thread, NULL, wait_for_ever, w), 0);
	fake_send_message(w->fake);
	assert_int_equal(pthread_join(thread, &rc), 0);
	assert_int_equal((intptr_t)rc, 0);
	assert_int_equal(taken(w), 1);
}

/* --- wait-any -------------------------------------------------------------------------------- */

static void wait_any_answers_the_vector(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait_any(w->set, FOREVER), 0);
	assert_int_equal(taken(w), 1);
	assert_int_equal(rb_irq_wait_any(w->set, 0), -ETIMEDOUT);
	assert_int_equal(rb_irq_wait_any(w->set, 3), -ETIMEDOUT);
}

static void waiting_in_both_ways_is_refused(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);
	assert_int_equal(rb_irq_wait_any(w->set, 0), -EBUSY);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);
}

static void waiting_in_both_ways_is_refused_the_other_way_round(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_wait_any(w->set, 1), -ETIMEDOUT);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -EBUSY);
	assert_int_equal(rb_irq_wait_any(w->set, 1), -ETIMEDOUT);
}

static void entries_of_wait_any_do_not_pile_up_either(void **state)
{
	struct world *w = *state;
	int i;

	assert_int_equal(rb_irq_wait_any(w->set, 1), -ETIMEDOUT);
	for (i = 0; i < 3000; i++) {
		fake_send_message(w->fake);
		assert_int_equal(taken(w), 1);
	}
	assert_true(fake_backlog(w->fake) <= 1024);
	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait_any(w->set, FOREVER), 0);
}

/* --- failures -------------------------------------------------------------------------------- */

static void remove_device(struct fake *f)
{
	rbi_pci_set_gone(world.dev);
	fake_post_stale(f, 18);
}

static void a_removed_device_ends_a_wait_once_nothing_is_left(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = remove_device;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), -ENODEV);
	fake_raise(w->fake, 18); /* came before, seen later */
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	assert_int_equal(taken(w), 1);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ENODEV);
	assert_int_equal(rb_irq_wait(w->set, 0, 1000), -ENODEV);
}

static void remove_device_with_a_signal(struct fake *f)
{
	fake_fail_at(f, 1, -EINTR); /* the write that wakes */
	rbi_pci_set_gone(world.dev);
}

static void a_signal_does_not_keep_a_removal_from_waking(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = remove_device_with_a_signal;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), -ENODEV);
	assert_true(w->fake->failed);
}

static void nonsense_of_the_queue_is_reported(void **state)
{
	struct world *w = *state;

	one_round(w, FOREVER);
	w->fake->read_is_scripted = true;
	w->fake->read_answer = 25;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), -EPROTO);
	one_round(w, FOREVER);
}

static void waiting_fails_cleanly_at_each_call(struct world *w, bool any)
{
	static const int errors[] = { -EMFILE, -ENODEV, -EBADF, -4711 };
	unsigned int n, i, before;
	int rc;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

		options.kinds = RB_IRQ_MSI;
		rb_irq_set_close(w->set);
		w->set = NULL;
		assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), 0);
		before = fake_open_handles(w->fake);
		for (n = 1;; n++) {
			w->fake->when_asleep = message_while_asleep;
			fake_fail_at(w->fake, n, errors[i]);
			rc = any ? rb_irq_wait_any(w->set, 1000) : rb_irq_wait(w->set, 0, 1000);
			w->fake->fail_at = 0;
			if (!w->fake->failed)
				break;
			assert_true(rc < 0 && rbi_code_is_ours(rc) && rc != -EINVAL);
			/* nothing, or all of it */
			assert_true(fake_open_handles(w->fake) == before ||
				    fake_open_files(w->fake, FAKE_QUEUE) == 1);
		}
		w->fake->when_asleep = NULL;
		assert_int_equal(rc, 0);
		assert_true(n > 4);
		while (taken(w) > 0)
			;
	}
}

static void a_first_wait_fails_cleanly_at_each_call(void **state)
{
	waiting_fails_cleanly_at_each_call(*state, false);
}

static void a_first_wait_any_fails_cleanly_at_each_call(void **state)
{
	waiting_fails_cleanly_at_each_call(*state, true);
}

static void cancel_that_cannot_wake(struct fake *f)
{
	fake_fail_at(f, 1, -EIO);
	assert_int_equal(rb_irq_cancel(world.set), -EIO);
	fake_send_message(f);
}

static void a_cancel_without_its_pipe_ends_the_wait_at_the_next_chance(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = cancel_that_cannot_wake;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), -ECANCELED);
	assert_int_equal(taken(w), 1);
}

static void without_memory_a_wait_is_refused(void **state)
{
	struct world *w = *state;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		w->fake->when_asleep = message_while_asleep;
		rbi_alloc_fail_at(n);
		rc = rb_irq_wait(w->set, 0, 1000);
		rbi_alloc_fail_at(0);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
	}
	assert_true(n > 1);
	assert_int_equal(taken(w), 1);
}

int main(void)
{
#define WITH_MSI(test)	cmocka_unit_test_setup_teardown(test, plug_in_msi, unplug)
#define WITH_INTX(test) cmocka_unit_test_setup_teardown(test, plug_in_intx, unplug)
	const struct CMUnitTest tests[] = {
		WITH_MSI(an_interrupt_ends_a_wait_and_is_not_consumed),
		WITH_MSI(what_came_before_the_first_wait_is_not_slept_through),
		WITH_MSI(what_came_between_two_waits_is_not_slept_through),
		WITH_INTX(waiting_gives_back_what_a_single_take_left),
		WITH_MSI(an_interrupt_between_take_and_wait_is_found_when_giving_back_fails),
		WITH_MSI(a_wait_that_sleeps_costs_four_calls),
		WITH_MSI(a_wait_without_a_time_out_costs_three_calls),
		WITH_MSI(the_first_wait_makes_the_queue_and_later_ones_use_it),
		WITH_MSI(stale_entries_are_absorbed),
		WITH_MSI(a_hundred_interrupts_are_one_wake_and_stale_entries),
		WITH_MSI(entries_of_unknown_things_are_passed_over),
		WITH_MSI(entries_do_not_pile_up_when_a_driver_stops_waiting),
		WITH_MSI(a_burst_above_the_limit_is_counted_whole),
		WITH_MSI(a_wait_ends_when_its_time_is_up),
		WITH_MSI(time_out_0_looks_and_returns),
		WITH_MSI(an_alarm_of_an_earlier_wait_does_not_end_a_later_one),
		WITH_MSI(a_shorter_time_out_is_not_kept_by_an_alarm_that_comes_later),
		WITH_MSI(frequent_waits_do_not_collect_alarms),
		WITH_MSI(a_clock_that_steps_back_only_makes_a_wait_longer),
		WITH_MSI(a_lost_edge_is_found_when_the_time_is_up),
		WITH_MSI(a_signal_that_hides_the_alarm_does_not_hide_the_time),
		WITH_MSI(the_longest_time_out_is_no_overflow),
		WITH_MSI(a_cancel_before_a_wait_ends_the_next_one_once),
		WITH_MSI(a_cancel_wakes_a_wait_once_and_leaves_nothing),
		WITH_MSI(a_cancel_wins_over_an_interrupt_which_is_not_lost),
		WITH_MSI(a_cancel_ends_wait_any_too),
		WITH_MSI(another_thread_is_woken_or_finds_the_cancel),
		WITH_MSI(a_thread_that_sleeps_is_woken_by_an_interrupt),
		WITH_MSI(wait_any_answers_the_vector),
		WITH_MSI(waiting_in_both_ways_is_refused),
		WITH_MSI(waiting_in_both_ways_is_refused_the_other_way_round),
		WITH_MSI(entries_of_wait_any_do_not_pile_up_either),
		WITH_MSI(a_removed_device_ends_a_wait_once_nothing_is_left),
		WITH_MSI(a_signal_does_not_keep_a_removal_from_waking),
		WITH_MSI(nonsense_of_the_queue_is_reported),
		WITH_MSI(a_first_wait_fails_cleanly_at_each_call),
		WITH_MSI(a_first_wait_any_fails_cleanly_at_each_call),
		WITH_MSI(a_cancel_without_its_pipe_ends_the_wait_at_the_next_chance),
		WITH_MSI(without_memory_a_wait_is_refused),
	};

	return cmocka_run_group_tests_name("irq_wait", tests, NULL, NULL);
}
