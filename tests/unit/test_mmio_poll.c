/* SPDX-License-Identifier: MIT */
/* test_mmio_poll.c - waiting for a register. */
#include "config.h"

#include "mmio_fixture.h"
#include "os/pace.h"

static unsigned int reads_until;

static void ready_after_some_reads(struct fake_world *world)
{
	if (world->io_reads == reads_until)
		*(world->bar + RBI_PAGE) = 0x81;
}

static void a_register_that_is_ready_costs_one_read(void **state)
{
	struct rb_mmio *m;
	uint32_t last = 0;

	(void)state;
	route_everything();
	m = map(0, 64);
	*bar(0) = 0x81;

	assert_int_equal(rb_mmio_poll32(m, 0, 0x80, 0x80, 0, &last), 0);

	assert_int_equal(last, 0x81);
	assert_int_equal(w->io_reads, 1);
	rb_mmio_close(m);
}

static void a_time_out_of_zero_reads_once(void **state)
{
	struct rb_mmio *m;
	uint32_t last = 9;

	(void)state;
	route_everything();
	m = map(0, 64);

	assert_int_equal(rb_mmio_poll32(m, 0, 1, 1, 0, &last), -ETIMEDOUT);

	assert_int_equal(last, 0);
	assert_int_equal(w->io_reads, 1);
	assert_int_equal(w->delays, 0);
	rb_mmio_close(m);
}

static void a_fast_register_is_read_without_rests(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	m = map(0, 64);
	w->on_io = ready_after_some_reads;
	reads_until = RBI_PACE_SPINS;

	assert_int_equal(rb_mmio_poll32(m, 0, 0x80, 0x80, 1000000, NULL), 0);

	assert_int_equal(w->delays, 0);
	rb_mmio_close(m);
}

static void rests_grow_to_a_bound(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	m = map(0, 64);
	w->on_io = ready_after_some_reads;
	reads_until = RBI_PACE_SPINS + 20;

	assert_int_equal(rb_mmio_poll32(m, 0, 0x80, 0x80, 1000000, NULL), 0);

	assert_int_equal(w->delays, 20);
	assert_int_equal(w->longest_delay, 1000 * RBI_PACE_REST_MAX);
	assert_int_equal(w->delayed, 1000 * (255 + 12 * 256));
	rb_mmio_close(m);
}

static void a_register_that_never_gets_ready_times_out(void **state)
{
	struct rb_mmio *m = map(0, 64);
	int64_t start = w->now;

	(void)state;

	assert_int_equal(rb_mmio_poll32(m, 4, 1, 1, 10000, NULL), -ETIMEDOUT);

	assert_in_range(w->now - start, 10000 * 1000, 10300 * 1000);
	assert_non_null(strstr(rb_last_error(), "register 0x4"));
	rb_mmio_close(m);
}

static void after_the_time_is_up_there_is_one_more_read(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	m = map(0, 64);
	w->tick = 10 * 1000 * 1000; /* kept from the CPU for 10 ms between two reads */
	w->on_io = ready_after_some_reads;
	reads_until = 0;

	assert_int_equal(rb_mmio_poll32(m, 0, 0x80, 0x80, 1000, NULL), 0);
	*bar(0) = 0;
	reads_until = 9999;
	w->io_reads = 0;
	assert_int_equal(rb_mmio_poll32(m, 0, 0x80, 0x80, 15000, NULL), -ETIMEDOUT);
	assert_int_equal(w->io_reads, 2);
	rb_mmio_close(m);
}

static void a_clock_that_goes_back_does_not_wait_for_ever(void **state)
{
	struct rb_mmio *m = map(0, 64);

	(void)state;
	w->now = INT64_MAX / 2;
	w->tick = -1000000;
	w->frozen = true;

	assert_int_equal(rb_mmio_poll32(m, 0, 1, 1, 10000, NULL), -ETIMEDOUT);

	assert_int_equal(w->delayed, 10000 * 1000);
	rb_mmio_close(m);
}

static void a_clock_near_the_end_of_time_is_harmless(void **state)
{
	struct rb_mmio *m = map(0, 64);

	(void)state;
	w->now = INT64_MAX - 2000000;
	w->tick = 0;
	w->frozen = true;

	assert_int_equal(rb_mmio_poll32(m, 0, 1, 1, 10000, NULL), -ETIMEDOUT);
	rb_mmio_close(m);
}

static void all_ones_that_are_wanted_count_only_while_the_device_is_there(void **state)
{
	struct rb_mmio *m = map(0, 64);

	(void)state;
	memset(bar(0), 0xff, 8);
	assert_int_equal(rb_mmio_poll32(m, 0, 1, 1, 1000, NULL), 0);
	w->removed = true;

	assert_int_equal(rb_mmio_poll32(m, 0, 1, 1, 1000, NULL), -ENODEV);

	assert_true(rb_pci_is_gone(dev));
	assert_int_equal(rb_mmio_poll32(m, 0, 1, 1, 1000, NULL), -ENODEV);
	rb_mmio_close(m);
}

static void waiting_on_a_removed_device_ends_early(void **state)
{
	struct rb_mmio *m = map(0, 64);
	uint32_t last = 0;

	(void)state;
	memset(bar(0), 0xff, 8);
	w->removed = true;

	assert_int_equal(rb_mmio_poll32(m, 0, 1, 0, 1000000, &last), -ENODEV);

	assert_int_equal(last, UINT32_MAX);
	assert_true(w->delayed < 10000);
	rb_mmio_close(m);
}

static void a_device_that_cannot_be_asked_counts_as_there(void **state)
{
	struct rb_mmio *m = map(0, 64);

	(void)state;
	memset(bar(0), 0xff, 8);
	assert_int_equal(rb_mmio_poll32(m, 1, 0, 0, 0, NULL), -EINVAL);
	w->channel_err = EIO;

	assert_int_equal(rb_mmio_poll32(m, 0, 1, 1, 1000, NULL), 0);

	assert_non_null(strstr(rb_last_error(), "multiple of 4")); /* of the earlier failure */
	w->channel_err = 0;
	rb_mmio_close(m);
}

static void polls_that_make_no_sense_are_refused(void **state)
{
	struct rb_mmio *m = map(0, 62);

	(void)state;

	assert_int_equal(rb_mmio_poll32(NULL, 0, 1, 1, 0, NULL), -EINVAL);
	assert_int_equal(rb_mmio_poll32(m, 2, 1, 1, 0, NULL), -EINVAL);
	assert_int_equal(rb_mmio_poll32(m, 0, 1, 3, 0, NULL), -EINVAL);
	assert_int_equal(rb_mmio_poll32(m, 0, 1, 1, 1000000000001, NULL), -EINVAL);
	assert_int_equal(rb_mmio_poll32(m, 60, 1, 1, 0, NULL), -ERANGE);
	assert_int_equal(rb_mmio_poll32(m, UINT64_MAX - 3, 1, 1, 0, NULL), -ERANGE);
	assert_int_equal(rb_mmio_poll32(m, 56, 0, 0, 0, NULL), 0);
	rb_mmio_close(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_register_that_is_ready_costs_one_read),
		TEST(a_time_out_of_zero_reads_once),
		TEST(a_fast_register_is_read_without_rests),
		TEST(rests_grow_to_a_bound),
		TEST(a_register_that_never_gets_ready_times_out),
		TEST(after_the_time_is_up_there_is_one_more_read),
		TEST(a_clock_that_goes_back_does_not_wait_for_ever),
		TEST(a_clock_near_the_end_of_time_is_harmless),
		TEST(all_ones_that_are_wanted_count_only_while_the_device_is_there),
		TEST(waiting_on_a_removed_device_ends_early),
		TEST(a_device_that_cannot_be_asked_counts_as_there),
		TEST(polls_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
