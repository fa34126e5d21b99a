/* SPDX-License-Identifier: MIT */
/*
 * test_irq_stats.c - counters and histograms of a vector, what they cost in calls to the
 * system, and the summary; and the spin before the sleep, with what it may cost.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rbdrv/irq.h>
#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#include "fake_irq.h"

#define FOREVER (-1)
#define US	1000
#define MS	1000000

struct world {
	struct fake *fake;
	struct rb_pci_dev *dev;
	struct rb_irq_set *set;
};

static struct world world;

static void open_set(uint32_t flags, uint32_t spin_us)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.kinds = RB_IRQ_MSI;
	options.flags = flags;
	options.spin_us = spin_us;
	assert_int_equal(rb_irq_set_open(world.dev, &options, &world.set), 0);
}

static int plug_in(void **state)
{
	memset(&world, 0, sizeof(world));
	world.fake = fake_new(NULL);
	world.dev = fake_open_device(world.fake);
	*state = &world;
	return 0;
}

static int unplug(void **state)
{
	struct world *w = *state;

	rb_irq_set_close(w->set);
	rb_pci_unref(w->dev);
	fake_free(w->fake);
	return 0;
}

static uint64_t taken(void)
{
	uint64_t count = 4711;

	assert_int_equal(rb_irq_take(world.set, 0, &count), 0);
	return count;
}

static struct rb_irq_stats stats_of(void)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;

	assert_int_equal(rb_irq_stats_read(world.set, 0, &stats), 0);
	return stats;
}

static uint64_t sum(const uint64_t *buckets)
{
	uint64_t all = 0;
	unsigned int i;

	for (i = 0; i < RB_IRQ_BUCKETS; i++)
		all += buckets[i];
	return all;
}

static void message_while_asleep(struct fake *f)
{
	fake_send_message(f);
}

/* --- counters ---------------------------------------------------------------------------------- */

static void every_counter_counts_what_it_says(void **state)
{
	struct world *w = *state;
	struct rb_irq_stats stats;

	open_set(0, 0);
	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0); /* slept */
	assert_int_equal(taken(), 1);
	assert_int_equal(taken(), 0);
	fake_send_message(w->fake);
	fake_send_message(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0); /* known at once */
	assert_int_equal(taken(), 2);
	assert_int_equal(taken(), 0);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);
	assert_int_equal(rb_irq_cancel(w->set), 0);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), -ECANCELED);

	stats = stats_of();
	assert_int_equal(stats.interrupts, 3);
	assert_int_equal(stats.takes, 4);
	assert_int_equal(stats.empty_takes, 2);
	assert_int_equal(stats.waits, 4);
	assert_int_equal(stats.timeouts, 1);
	assert_int_equal(stats.spins, 0);
	assert_true(stats.sleeps >= 1);
	assert_int_equal(sum(stats.wait_ns), 0);
	assert_int_equal(sum(stats.service_ns), 0);
	assert_int_equal(stats.reserved, 0);
}

static void a_wake_up_for_nothing_is_one_more_sleep(void **state)
{
	struct world *w = *state;
	struct rb_irq_stats before, after;

	open_set(0, 0);
	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0);
	taken();
	taken();
	before = stats_of();

	w->fake->when_asleep = message_while_asleep;
	fake_send_message(w->fake);
	assert_int_equal(taken(), 1);
	assert_int_equal(taken(), 0);
	assert_int_equal(rb_irq_wait(w->set, 0, FOREVER), 0); /* the old entry, then the new */

	after = stats_of();
	assert_int_equal(after.waits - before.waits, 1);
	assert_int_equal(after.sleeps - before.sleeps, 2);
}

/* Served for 5 us, from the take that found it to the one that gave it back. */
static void times_fall_into_buckets_of_powers_of_two(void **state)
{
	struct world *w = *state;
	struct rb_irq_stats stats;

	open_set(RB_IRQ_TIMED, 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(), 1);
	fake_pass(w->fake, 5 * US);
	assert_int_equal(taken(), 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(), 1);
	fake_pass(w->fake, 4096);
	assert_int_equal(taken(), 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(), 1);
	fake_pass(w->fake, 4095);
	assert_int_equal(taken(), 0);

	stats = stats_of();
	assert_int_equal(stats.service_ns[12], 2); /* 4096 ns up to 8192 */
	assert_int_equal(stats.service_ns[11], 1);
	assert_int_equal(sum(stats.service_ns), 3);
}

static void times_out_of_range_fall_into_the_first_and_the_last_bucket(void **state)
{
	struct world *w = *state;
	struct rb_irq_stats stats;

	open_set(RB_IRQ_TIMED, 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(), 1);
	fake_pass(w->fake, INT64_MAX / 2);
	assert_int_equal(taken(), 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(), 1);
	fake_pass(w->fake, -3 * MS); /* Redox's clock may step back (probe 7) */
	assert_int_equal(taken(), 0);

	stats = stats_of();
	assert_int_equal(stats.service_ns[RB_IRQ_BUCKETS - 1], 1);
	assert_int_equal(stats.service_ns[0], 1);
	assert_int_equal(sum(stats.service_ns), 2);
}

static void a_smaller_struct_gets_what_fits(void **state)
{
	struct {
		struct rb_irq_stats stats;
		uint8_t behind[8];
	} old = { .stats = RB_IRQ_STATS_INIT };

	(void)state;
	open_set(0, 0);
	taken();
	memset(&old, 0x5a, sizeof(old));
	old.stats.size = offsetof(struct rb_irq_stats, empty_takes);
	assert_int_equal(rb_irq_stats_read(world.set, 0, &old.stats), 0);
	assert_int_equal(old.stats.size, offsetof(struct rb_irq_stats, empty_takes));
	assert_int_equal(old.stats.takes, 1);
	assert_int_equal(old.stats.empty_takes, 0x5a5a5a5a5a5a5a5a);

	old.stats.size = 0;
	assert_int_equal(rb_irq_stats_read(world.set, 0, &old.stats), -EINVAL);
	old.stats.size = sizeof(old.stats);
	assert_int_equal(rb_irq_stats_read(world.set, 1, &old.stats), -EINVAL);
	assert_int_equal(rb_irq_stats_read(NULL, 0, &old.stats), -EINVAL);
	assert_int_equal(rb_irq_stats_read(world.set, 0, NULL), -EINVAL);
}

/* --- what they cost ---------------------------------------------------------------------------- */

/* Calls of a round that sleeps once: wait, take one, take none. */
static unsigned int calls_of_a_round(struct fake *fake)
{
	fake->when_asleep = message_while_asleep;
	fake_count_calls(fake);
	assert_int_equal(rb_irq_wait(world.set, 0, 1000), 0);
	assert_int_equal(taken(), 1);
	assert_int_equal(taken(), 0);
	return fake->calls_in_all;
}

static void counting_makes_no_call_and_timing_looks_at_the_clock(void **state)
{
	struct world *w = *state;
	unsigned int plain, clocks;

	open_set(0, 0);
	calls_of_a_round(w->fake);
	plain = calls_of_a_round(w->fake);
	clocks = w->fake->calls[FAKE_CLOCK];
	assert_int_equal(clocks, 1);
	fake_count_calls(w->fake);
	stats_of();
	assert_true(rb_irq_summary(w->set, NULL, 0) > 0);
	assert_int_equal(w->fake->calls_in_all, 0);
	rb_irq_set_close(w->set);

	open_set(RB_IRQ_TIMED, 0);
	calls_of_a_round(w->fake);
	assert_int_equal(calls_of_a_round(w->fake), plain + 4); /* each time two looks */
	assert_int_equal(w->fake->calls[FAKE_CLOCK], clocks + 4);
}

/* --- for people -------------------------------------------------------------------------------- */

static void a_summary_says_it_all(void **state)
{
	struct world *w = *state;
	char text[512], small[20];
	size_t len;

	open_set(RB_IRQ_TIMED, 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(), 1);
	fake_pass(w->fake, 5 * US);
	assert_int_equal(taken(), 0);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);

	len = rb_irq_summary(w->set, text, sizeof(text));
	assert_string_equal(text, "0000:00:03.0: 1 of MSI\n"
				  "  vector 0: 1 interrupts, 2 takes (1 empty), 1 waits (0 slept, 0 "
				  "spun, 1 timed out)\n"
				  "    served: 4 us: 1\n");
	assert_int_equal(len, strlen(text));
	assert_int_equal(rb_irq_summary(w->set, NULL, 0), len);
	assert_int_equal(rb_irq_summary(w->set, small, sizeof(small)), len);
	assert_memory_equal(small, text, sizeof(small) - 1);
	assert_int_equal(small[sizeof(small) - 1], '\0');
	assert_int_equal(rb_irq_summary(NULL, small, sizeof(small)), 0);
	assert_string_equal(small, "");
}

static char logged[4096];

static void keep(void *arg, enum rb_log_level level, const char *text)
{
	(void)arg;
	if (level != RB_LOG_INFO)
		return;
	strncat(logged, text, sizeof(logged) - strlen(logged) - 2);
	strcat(logged, "\n");
}

static void closing_tells_the_log_what_the_summary_says(void **state)
{
	struct world *w = *state;
	char text[512];

	rb_ctx_set_log(w->fake->ctx, RB_LOG_INFO, keep, NULL);
	open_set(0, 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(), 1);
	rb_irq_summary(w->set, text, sizeof(text));

	logged[0] = '\0';
	rb_irq_set_close(w->set);
	w->set = NULL;

	assert_non_null(strstr(logged, text));
}

/* --- spinning ---------------------------------------------------------------------------------- */

/* The fake's clock stands still while somebody looks. */
static void where_the_clock_stands_still_a_wait_looks_64_times(void **state)
{
	struct world *w = *state;

	open_set(0, 10000);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ETIMEDOUT);
	fake_count_calls(w->fake);
	assert_int_equal(rb_irq_wait(w->set, 0, 5), -ETIMEDOUT);
	assert_in_range(w->fake->calls[FAKE_READ], 64, 64 + 6);
	assert_int_equal(stats_of().spins, 0);
}

static void after_eight_vain_spins_every_eighth_wait_looks(void **state)
{
	struct world *w = *state;
	unsigned int i, spun = 0;

	open_set(0, 10000);
	for (i = 0; i < 8 + 64; i++) {
		fake_count_calls(w->fake);
		assert_int_equal(rb_irq_wait(w->set, 0, 5), -ETIMEDOUT);
		spun += w->fake->calls[FAKE_READ] >= 64;
	}
	assert_int_equal(spun, 8 + 8);
}

/* The same on the mock, by the real clock. */
static struct rb_ctx *open_real(const char *machine, uint32_t spin_us, struct rb_pci_dev **dev,
				struct rb_irq_set **set)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_ctx *ctx;

	options.spin_us = spin_us;
	assert_int_equal(rb_ctx_new(machine, &ctx), 0);
	assert_int_equal(rb_pci_open(ctx, rb_pci_addr_make(0, 0, 1, 0), dev), 0);
	assert_int_equal(rb_irq_set_open(*dev, &options, set), 0);
	return ctx;
}

static void close_real(struct rb_ctx *ctx, struct rb_pci_dev *dev, struct rb_irq_set *set)
{
	rb_irq_set_close(set);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
}

/* The factorial takes 10 us, so it comes within the budget, unless something takes the
 * processor away: that will not happen each time. */
static void what_comes_within_the_budget_costs_no_sleep(void **state)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	struct rb_irq_set *set;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_ctx *ctx = open_real("mock:edu;time=real", 10000, &dev, &set);
	uint64_t count;
	int i;

	(void)state;
	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs), 0);
	rb_mmio_write32(regs, 0x20, 0x80); /* interrupt when done */

	for (i = 0; i < 100 && stats.spins == 0; i++) {
		rb_mmio_write32(regs, 0x08, 5);
		assert_int_equal(rb_irq_wait(set, 0, 10000), 0);
		assert_int_equal(rb_irq_take(set, 0, &count), 0);
		assert_int_equal(count, 1);
		rb_mmio_write32(regs, 0x64, 1);
		assert_int_equal(rb_irq_take(set, 0, &count), 0);
		assert_int_equal(rb_irq_stats_read(set, 0, &stats), 0);
	}

	assert_int_equal(stats.spins, 1);
	assert_true(stats.sleeps < stats.waits);
	rb_mmio_close(regs);
	close_real(ctx, dev, set);
}

static void *cancel_it(void *arg)
{
	struct rb_irq_set *set = arg;
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;

	while (stats.takes == 0) /* the wait comes right after it */
		if (rb_irq_stats_read(set, 0, &stats) < 0)
			break;
	rb_irq_cancel(set);
	return NULL;
}

static void a_cancel_ends_a_spin(void **state)
{
	struct rb_irq_set *set;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx = open_real("mock:edu;time=real", 10000, &dev, &set);
	pthread_t thread;
	uint64_t count;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, cancel_it, set), 0);
	assert_int_equal(rb_irq_take(set, 0, &count), 0);

	assert_int_equal(rb_irq_wait(set, 0, FOREVER), -ECANCELED);

	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(rb_irq_wait(set, 0, 0), -ETIMEDOUT);
	close_real(ctx, dev, set);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, plug_in, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(every_counter_counts_what_it_says),
		EACH(a_wake_up_for_nothing_is_one_more_sleep),
		EACH(times_fall_into_buckets_of_powers_of_two),
		EACH(times_out_of_range_fall_into_the_first_and_the_last_bucket),
		EACH(a_smaller_struct_gets_what_fits),
		EACH(counting_makes_no_call_and_timing_looks_at_the_clock),
		EACH(a_summary_says_it_all),
		EACH(closing_tells_the_log_what_the_summary_says),
		EACH(where_the_clock_stands_still_a_wait_looks_64_times),
		EACH(after_eight_vain_spins_every_eighth_wait_looks),
		cmocka_unit_test(what_comes_within_the_budget_costs_no_sleep),
		cmocka_unit_test(a_cancel_ends_a_spin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
