/* SPDX-License-Identifier: MIT */
/*
 * test_mock_dma.c - two copies of every DMA buffer, and the rules of publish,
 * observe and the device's own access.
 */
#include "mock_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

static struct rig rig;
static struct rb_mock_dev *dev;
static struct dma dma;

static int start(void **state)
{
	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);
	dma_open(&rig, &dma);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	dma_close(&rig, &dma);
	rig_close_clean(&rig);
	return 0;
}

static void a_fresh_buffer_is_zero_on_both_sides(void **state)
{
	static const uint8_t zeros[4096];
	uint8_t buf[4096];

	(void)state;
	assert_memory_equal(dma.cpu, zeros, sizeof(zeros));
	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), buf, sizeof(buf)), 0);
	assert_memory_equal(buf, zeros, sizeof(zeros));
	assert_true(dma.shadow != 0);
}

static void what_is_published_reaches_the_device(void **state)
{
	char buf[6];

	(void)state;
	memcpy(dma.cpu + 62, "hello", 6);

	publish(&rig, &dma, 62, 6);

	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME + 62), buf, 6), 0);
	assert_string_equal(buf, "hello");
}

static void a_missing_publish_shows_as_old_bytes_and_a_violation(void **state)
{
	uint8_t byte = 1;

	(void)state;
	dma.cpu[100] = 0x55;

	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME + 100), &byte, 1), 0);

	assert_int_equal(byte, 0);
	assert_violation(&rig, "reads byte 100 of the DMA buffer at bus address 0x1000000");
}

static void a_publish_of_the_wrong_range_leaves_the_rest_behind(void **state)
{
	uint8_t bytes[2];

	(void)state;
	dma.cpu[63] = dma.cpu[64] = 7;

	publish(&rig, &dma, 0, 64);

	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME + 63), bytes, 2), 0);
	assert_memory_equal(bytes, "\7\0", 2);
	assert_violation(&rig, "reads byte 64");
}

static void a_missing_observe_shows_as_old_bytes(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 8), "\x99", 1), 0);

	assert_int_equal(dma.cpu[8], 0);
	observe(&rig, &dma, 9, 4000);
	assert_int_equal(dma.cpu[8], 0);
	observe(&rig, &dma, 8, 1);
	assert_int_equal(dma.cpu[8], 0x99);
}

static void publish_does_not_undo_what_the_device_wrote(void **state)
{
	uint8_t bytes[2];

	(void)state;
	dma.cpu[0] = 1;
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 1), "\2", 1), 0);

	publish(&rig, &dma, 0, 4096);

	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), bytes, 2), 0);
	assert_memory_equal(bytes, "\1\2", 2);
	observe(&rig, &dma, 0, 4096);
	assert_memory_equal(dma.cpu, "\1\2", 2);
}

static void observe_does_not_undo_what_the_cpu_wrote(void **state)
{
	uint8_t byte;

	(void)state;
	dma.cpu[0] = 1;
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 1), "\2", 1), 0);

	observe(&rig, &dma, 0, 4096);

	assert_memory_equal(dma.cpu, "\1\2", 2);
	publish(&rig, &dma, 0, 1);
	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), &byte, 1), 0);
	assert_int_equal(byte, 1);
}

static void the_device_writing_the_value_that_was_there_counts_as_a_write(void **state)
{
	(void)state;
	dma.cpu[5] = 9;
	publish(&rig, &dma, 5, 1);
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 5), "\x09", 1), 0);
	dma.cpu[5] = 3;

	observe(&rig, &dma, 5, 1);

	assert_violation(&rig, "rb_dma_observe: CPU and device have both written byte 5");
	assert_int_equal(dma.cpu[5], 9);
}

static void a_byte_changed_by_both_is_a_violation_at_publish(void **state)
{
	uint8_t byte;

	(void)state;
	dma.cpu[5] = 3;
	dma.cpu[70] = 3;
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 5), "\4", 1), 0);
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 70), "\4", 1), 0);

	publish(&rig, &dma, 0, 4096);

	assert_violation(&rig, "rb_dma_publish: CPU and device have both written byte 5 of the DMA "
			       "buffer at bus address 0x1000000 (2 bytes in all)");
	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME + 5), &byte, 1), 0);
	assert_int_equal(byte, 3);
	observe(&rig, &dma, 0, 4096);
	assert_int_equal(dma.cpu[5], 3);
}

static void ranges_past_the_end_are_violations_and_cut(void **state)
{
	uint8_t byte;

	(void)state;
	dma.cpu[4095] = 0x42;

	publish(&rig, &dma, 4095, 2);
	assert_violation(&rig, "rb_dma_publish of 2 bytes at offset 4095 passes the end");
	observe(&rig, &dma, 4097, 1);
	assert_violation(&rig, "rb_dma_observe of 1 bytes at offset 4097");
	observe(&rig, &dma, 1, UINT64_MAX);
	assert_violation(&rig, "rb_dma_observe");
	publish(&rig, &dma, 4096, 0);
	observe(&rig, &dma, 0, 0);

	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME + 4095), &byte, 1), 0);
	assert_int_equal(byte, 0x42);
}

static void the_device_reaches_buffers_only(void **state)
{
	uint8_t bytes[2] = { 0, 0 };

	(void)state;
	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME - 1), bytes, 2), -ERANGE);
	assert_memory_equal(bytes, "\xff\xff", 2);
	assert_violation(&rig,
			 "reads 2 bytes at bus address 0xffffff, where there is no DMA buffer");
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 4095), bytes, 2), -ERANGE);
	assert_violation(&rig, "writes 2 bytes at offset 4095 of the DMA buffer at bus address "
			       "0x1000000, past its end at 4096");
	assert_int_equal(rb_mock_dma_write(dev, bus(UINT64_MAX), bytes, 2), -ERANGE);
	assert_violation(&rig, "where there is no DMA buffer");
	assert_int_equal(rb_mock_dma_write(dev, bus(0), bytes, 0), 0);
	assert_int_equal(rb_mock_dma_read(NULL, bus(FRAME), bytes, 1), -EINVAL);
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME), NULL, 1), -EINVAL);

	observe(&rig, &dma, 4095, 1);
	assert_int_equal(dma.cpu[4095], 0);
}

static void a_write_after_the_buffer_was_freed_is_named_so(void **state)
{
	struct dma old = dma;

	(void)state;
	dma_close(&rig, &dma);

	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 16), "x", 1), -ERANGE);
	assert_violation(&rig, "a DMA buffer that has been freed");
	publish(&rig, &old, 0, 1);
	assert_violation(&rig,
			 "rb_dma_publish of 1 bytes at offset 0 of the DMA buffer at bus address "
			 "0x1000000, which has been freed");

	dma_open(&rig, &dma);
	assert_true(dma.shadow != old.shadow);
	rig.m->ops->dma_unmap(rig.m, FRAME, 4096, old.shadow);
	assert_violation(&rig, "freed twice");
}

static void without_bus_mastering_nothing_moves(void **state)
{
	uint8_t byte = 0;

	(void)state;
	cfg_write(&rig, rb_mock_addr(dev), 0x04, 2, 0x0003);

	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), &byte, 1), -EACCES);
	assert_int_equal(byte, 0xff);
	assert_violation(&rig, "with bus mastering off");
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME), "x", 1), -EACCES);
	assert_violation(&rig, "with bus mastering off");

	observe(&rig, &dma, 0, 1);
	assert_int_equal(dma.cpu[0], 0);
}

static void a_removed_device_moves_nothing_and_breaks_no_rule(void **state)
{
	uint8_t byte = 0;

	(void)state;
	rb_mock_remove(dev);

	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), &byte, 1), -ENODEV);
	assert_int_equal(byte, 0xff);
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME), "x", 1), -ENODEV);
}

static void buffers_do_not_overlap_and_lie_in_ram(void **state)
{
	uint32_t shadow;
	void *cpu;

	(void)state;
	assert_int_equal(rig.m->ops->dma_map(rig.m, FRAME + 4095, 2, dma.cpu, &shadow), -EEXIST);
	assert_int_equal(shadow, 0);
	assert_int_equal(rig.m->ops->dma_map(rig.m, FRAME - 1, 2, dma.cpu, &shadow), -EINVAL);
	assert_int_equal(rig.m->ops->dma_map(rig.m, FRAME, 0, dma.cpu, &shadow), -EINVAL);
	assert_int_equal(rig.m->ops->dma_map(rig.m, UINT64_MAX, 2, dma.cpu, &shadow), -EINVAL);
	assert_int_equal(rig.m->ops->ram_map(rig.m, FRAME - 4096, 4096, &cpu), -ERANGE);
	assert_int_equal(rig.m->ops->ram_map(rig.m, 0x5000000 - 4096, 8192, &cpu), -ERANGE);
	assert_null(cpu);
	assert_true(rig.m->ops->is_ram(rig.m, FRAME, 1));
	assert_true(rig.m->ops->is_ram(rig.m, FRAME - 1, 2));
	assert_true(rig.m->ops->is_ram(rig.m, 0, UINT64_MAX));
	assert_false(rig.m->ops->is_ram(rig.m, FRAME - 1, 1));
	assert_false(rig.m->ops->is_ram(rig.m, 0x5000000, 4096));
}

static void many_buffers_are_told_apart(void **state)
{
	enum { MANY = 100 };
	uint32_t shadow[MANY];
	uint8_t bytes[MANY], byte;
	unsigned int i;

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	for (i = 0; i < MANY; i++)
		assert_int_equal(rig.m->ops->dma_map(rig.m, FRAME + 0x10000 - i * 16, 1, &bytes[i],
						     &shadow[i]),
				 0);

	for (i = 0; i < MANY; i++) {
		bytes[i] = (uint8_t)i;
		rig.m->ops->dma_publish(rig.m, shadow[i], 0, 1);
	}

	for (i = 0; i < MANY; i++) {
		assert_int_equal(rb_mock_dma_read(dev, bus(FRAME + 0x10000 - i * 16), &byte, 1), 0);
		assert_int_equal(byte, i);
		rig.m->ops->dma_unmap(rig.m, FRAME + 0x10000 - i * 16, 1, shadow[i]);
	}
}

static void no_memory_for_a_mapping_leaves_nothing_behind(void **state)
{
	uint32_t shadow;
	unsigned long n;
	uint8_t byte = 0;
	int rc = -ENOMEM;

	(void)state;
	dma_close(&rig, &dma);
	for (n = 1; rc != 0; n++) {
		rbi_alloc_fail_at(n);
		rc = rig.m->ops->dma_map(rig.m, FRAME + 8192, 1, &byte, &shadow);
		if (rc != 0)
			assert_int_equal(rc, -ENOMEM);
		assert_true(n < 20);
	}

	rbi_alloc_fail_at(0);
	assert_true(n > 2);
	rig.m->ops->dma_unmap(rig.m, FRAME + 8192, 1, shadow);
	dma_open(&rig, &dma);
}

/* --- words are whole --------------------------------------------------------------------- */

#define TURNS 5000

/* What a driver's second thread sees of words that only ever hold one byte many times. */
struct watcher {
	const volatile uint8_t *cpu;
	atomic_bool over;
	unsigned int halves; /* words of which only a part was there */
};

static void *watch_words(void *arg)
{
	struct watcher *watcher = arg;
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	while (!atomic_load(&watcher->over)) {
		eight = *(const volatile uint64_t *)watcher->cpu;
		four = *(const volatile uint32_t *)(watcher->cpu + 12);
		two = *(const volatile uint16_t *)(watcher->cpu + 18);
		watcher->halves += eight != (eight & 0xff) * 0x0101010101010101u;
		watcher->halves += four != (four & 0xff) * 0x01010101u;
		watcher->halves += two != (two & 0xff) * 0x0101u;
	}
	return NULL;
}

static void a_thread_that_polls_never_sees_half_a_word_observed(void **state)
{
	struct watcher watcher = { .cpu = dma.cpu };
	uint8_t bytes[8];
	pthread_t thread;
	unsigned int i;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, watch_words, &watcher), 0);

	for (i = 0; i < TURNS; i++) {
		memset(bytes, (int)i, sizeof(bytes));
		rb_mock_dma_write(dev, bus(FRAME), bytes, 8);
		rb_mock_dma_write(dev, bus(FRAME + 12), bytes, 4);
		rb_mock_dma_write(dev, bus(FRAME + 18), bytes, 2);
		observe(&rig, &dma, 0, 64);
	}

	atomic_store(&watcher.over, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(watcher.halves, 0);
}

static void *store_words(void *arg)
{
	struct watcher *watcher = arg;
	uint64_t val = 0;

	while (!atomic_load(&watcher->over))
		*(volatile uint64_t *)(uintptr_t)watcher->cpu = ++val % 256 * 0x0101010101010101u;
	return NULL;
}

static void half_of_a_word_that_a_thread_stores_is_never_published(void **state)
{
	struct watcher watcher = { .cpu = dma.cpu };
	uint64_t word;
	pthread_t thread;
	unsigned int i;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, store_words, &watcher), 0);

	for (i = 0; i < TURNS; i++) {
		publish(&rig, &dma, 0, 64);
		assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), &word, 8), 0);
		watcher.halves += word != (word & 0xff) * 0x0101010101010101u;
		rb_mock_clear(rig.ctx); /* it may have changed again: that is its right here */
	}

	atomic_store(&watcher.over, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(watcher.halves, 0);
	publish(&rig, &dma, 0, 64);
}

static void parts_of_words_move_alone(void **state)
{
	static const uint8_t want[8] = { 0, 0xa1, 0xa2, 0, 0xa4, 0xa5, 0xa6, 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 8; i++)
		if (want[i] != 0)
			rb_mock_dma_write(dev, bus(FRAME + i), &want[i], 1);

	observe(&rig, &dma, 0, 7);

	assert_memory_equal(dma.cpu, want, 8);
	rb_mock_dma_write(dev, bus(FRAME), "12345678", 8);
	observe(&rig, &dma, 1, 6);
	assert_memory_equal(dma.cpu, "\000234567\0", 8);
	dma.cpu[3] = 'x';
	rb_mock_dma_write(dev, bus(FRAME), "abcdefgh", 8);
	observe(&rig, &dma, 0, 8);
	assert_memory_equal(dma.cpu, "abcdefgh", 8);
	assert_violation(&rig, "both written byte 3 of ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_fresh_buffer_is_zero_on_both_sides, start, stop),
		cmocka_unit_test_setup_teardown(what_is_published_reaches_the_device, start, stop),
		cmocka_unit_test_setup_teardown(
			a_missing_publish_shows_as_old_bytes_and_a_violation, start, stop),
		cmocka_unit_test_setup_teardown(a_publish_of_the_wrong_range_leaves_the_rest_behind,
						start, stop),
		cmocka_unit_test_setup_teardown(a_missing_observe_shows_as_old_bytes, start, stop),
		cmocka_unit_test_setup_teardown(publish_does_not_undo_what_the_device_wrote, start,
						stop),
		cmocka_unit_test_setup_teardown(observe_does_not_undo_what_the_cpu_wrote, start,
						stop),
		cmocka_unit_test_setup_teardown(
			a_thread_that_polls_never_sees_half_a_word_observed, start,
						stop),
		cmocka_unit_test_setup_teardown(
			half_of_a_word_that_a_thread_stores_is_never_published, start,
						stop),
		cmocka_unit_test_setup_teardown(
			parts_of_words_move_alone, start,
						stop),
		cmocka_unit_test_setup_teardown(
			the_device_writing_the_value_that_was_there_counts_as_a_write, start, stop),
		cmocka_unit_test_setup_teardown(a_byte_changed_by_both_is_a_violation_at_publish,
						start, stop),
		cmocka_unit_test_setup_teardown(ranges_past_the_end_are_violations_and_cut, start,
						stop),
		cmocka_unit_test_setup_teardown(the_device_reaches_buffers_only, start, stop),
		cmocka_unit_test_setup_teardown(a_write_after_the_buffer_was_freed_is_named_so,
						start, stop),
		cmocka_unit_test_setup_teardown(without_bus_mastering_nothing_moves, start, stop),
		cmocka_unit_test_setup_teardown(a_removed_device_moves_nothing_and_breaks_no_rule,
						start, stop),
		cmocka_unit_test_setup_teardown(buffers_do_not_overlap_and_lie_in_ram, start, stop),
		cmocka_unit_test_setup_teardown(many_buffers_are_told_apart, start, stop),
		cmocka_unit_test_setup_teardown(no_memory_for_a_mapping_leaves_nothing_behind,
						start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
