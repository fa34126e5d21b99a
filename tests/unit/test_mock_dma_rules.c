/* SPDX-License-Identifier: MIT */
/*
 * test_mock_dma_rules.c - what a driver may not do with memory that it has handed to
 * its device, said with the driver's own calls.
 */
#include "mock_fixture.h"

static struct rig rig;
static struct rb_mock_dev *dev;
static struct rb_pci_dev *pci;
static struct rb_dma_buf *buf;
static uint8_t *cpu;

static struct rb_mock_dev *other; /* a second device */
static struct rb_pci_dev *user;

static int start(void **state)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);
	other = plug(&rig, plain_build, NULL);
	assert_int_equal(rb_pci_open(rig.ctx, rb_mock_addr(dev), &pci), 0);
	assert_int_equal(rb_dma_alloc(pci, 4096, &options, &buf), 0);
	cpu = rb_dma_cpu(buf);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rb_dma_close(buf);
	rb_pci_unref(pci);
	rig_close_clean(&rig);
	return 0;
}

/* The device reads one byte. */
static uint8_t device_reads(uint64_t off)
{
	uint8_t byte;

	assert_int_equal(rb_mock_dma_read(dev, rb_dma_addr(buf, off), &byte, 1), 0);
	return byte;
}

static void device_writes(uint64_t off, uint8_t byte)
{
	assert_int_equal(rb_mock_dma_write(dev, rb_dma_addr(buf, off), &byte, 1), 0);
}

static void changing_what_was_handed_over_is_seen_when_the_device_reads(void **state)
{
	(void)state;
	cpu[7] = 1;
	rb_dma_publish(buf, 7, 1);
	assert_int_equal(device_reads(7), 1);

	cpu[7] = 2;

	assert_int_equal(device_reads(7), 1);
	assert_violation(&rig, "reads byte 7 of the DMA buffer");
}

static void changing_back_what_was_handed_over_is_no_change(void **state)
{
	(void)state;
	cpu[7] = 2;
	cpu[7] = 0;

	assert_int_equal(device_reads(7), 0);
}

static void memory_that_the_device_fills_must_not_be_changed(void **state)
{
	(void)state;
	cpu[9] = 1;
	device_writes(9, 5);

	rb_dma_observe(buf, 0, 4096);

	assert_violation(&rig, "rb_dma_observe: CPU and device have both written byte 9");
	assert_int_equal(cpu[9], 5);
}

static void a_missing_observe_shows_as_stale_bytes_for_as_long_as_it_is_missing(void **state)
{
	(void)state;
	device_writes(100, 0x42);
	rb_dma_publish(buf, 0, 4096);
	rb_dma_observe(buf, 0, 100);

	assert_int_equal(cpu[100], 0);
	rb_dma_observe(buf, 100, 1);

	assert_int_equal(cpu[100], 0x42);
}

static void ranges_out_of_the_buffer_are_violations(void **state)
{
	(void)state;
	rb_dma_publish(buf, 4096, 1);
	assert_violation(&rig, "rb_dma_publish");
	rb_dma_observe(buf, 4000, 97);
	assert_violation(&rig, "rb_dma_observe");
	rb_dma_publish(buf, UINT64_MAX, 2);
	assert_violation(&rig, "rb_dma_publish");
}

static void a_device_that_goes_on_after_the_buffer_was_closed_is_caught(void **state)
{
	struct rb_bus_addr old = rb_dma_addr(buf, 16);
	uint8_t byte;

	(void)state;
	rb_dma_close(buf);
	buf = NULL;
	assert_int_equal(rb_pci_set_bus_master(pci, true), 0);

	assert_int_equal(rb_mock_dma_read(dev, old, &byte, 1), -ERANGE);

	assert_int_equal(byte, 0xff);
	assert_violation(&rig, "reads 1 bytes at offset 16 of the DMA buffer at bus address 0x1000000 "
			       "(allocated at test_mock_dma_rules.c:26), which has been freed");
}

static void a_driver_that_forbids_bus_mastering_too_early_is_caught(void **state)
{
	uint8_t byte = 0;

	(void)state;
	assert_int_equal(rb_pci_set_bus_master(pci, false), 0);

	assert_int_equal(rb_mock_dma_write(dev, rb_dma_addr(buf, 0), &byte, 1), -EACCES);

	assert_violation(&rig, "(allocated at test_mock_dma_rules.c:26) with bus mastering off");
}

static void observing_a_buffer_that_was_freed_is_caught(void **state)
{
	uint32_t stale = buf->shadow;

	(void)state;
	rb_dma_close(buf);
	buf = NULL;

	rig.m->ops->dma_observe(rig.m, stale, 3, 1);

	assert_violation(&rig, "rb_dma_observe of 1 bytes at offset 3 of");
}

static void bytes_that_one_of_two_maps_takes_back_are_still_the_other_s(void **state)
{
	struct rb_dma_map *a, *b;

	(void)state;
	assert_int_equal(rb_dma_map(pci, cpu, 64, RB_DMA_TO_DEVICE, NULL, &a), 0);
	assert_int_equal(rb_dma_map(pci, cpu, 64, RB_DMA_TO_DEVICE, NULL, &b), 0);

	assert_int_equal(rb_dma_sync_for_cpu(a, 0, 64), 0);

	assert_int_equal(device_reads(7), 0);
	rb_dma_unmap(a);
	assert_int_equal(device_reads(7), 0);
	rb_dma_unmap(b);
}

static int start_two(void **state)
{
	start(state);
	assert_int_equal(rb_pci_open(rig.ctx, rb_mock_addr(other), &user), 0);
	memset(cpu, 0x33, 4096);
	return 0;
}

static int stop_two(void **state)
{
	rb_pci_unref(user);
	return stop(state);
}

static int other_reads(uint64_t off, size_t len)
{
	uint8_t bytes[4096];

	assert_true(len <= sizeof(bytes));
	return rb_mock_dma_read(other, rb_dma_addr(buf, off), bytes, len);
}

static struct rb_dma_map *map_for(struct rb_pci_dev *whom, uint64_t off, uint64_t len)
{
	struct rb_dma_map *map;

	assert_int_equal(rb_dma_map(whom, cpu + off, len, RB_DMA_TO_DEVICE, NULL, &map), 0);
	assert_false(rb_dma_map_is_bounced(map));
	return map;
}

static void a_buffer_may_be_mapped_for_another_device_than_its_own(void **state)
{
	struct rb_dma_map *map = map_for(user, 64, 128);

	(void)state;
	assert_int_equal(other_reads(64, 128), 0);
	assert_int_equal(device_reads(64), 0x33); /* it is still its owner's, too */
	assert_int_equal(other_reads(63, 2), -EACCES);
	assert_violation(&rig, "which was allocated for 0000:00:01.0");
	assert_int_equal(rb_dma_sync_for_cpu(map, 64, 64), 0);
	assert_int_equal(other_reads(64, 64), 0);
	assert_int_equal(other_reads(128, 1), -EACCES);
	assert_violation(&rig, "which the driver has taken back");

	rb_dma_unmap(map);

	assert_int_equal(rb_pci_set_bus_master(user, true), 0);
	assert_int_equal(other_reads(64, 1), -EACCES);
	assert_violation(&rig, "which was allocated for 0000:00:01.0");
	assert_int_equal(rb_pci_set_bus_master(user, false), 0);
	assert_int_equal(device_reads(64), 0x33);
}

static void the_end_of_one_map_leaves_a_device_those_that_overlap_it(void **state)
{
	struct rb_dma_map *all = map_for(user, 0, 4096);

	(void)state;
	rb_dma_unmap(map_for(pci, 0, 4096));
	rb_dma_unmap(map_for(user, 64, 64));

	assert_int_equal(other_reads(0, 4096), 0);

	rb_dma_unmap(all);
	assert_int_equal(rb_pci_set_bus_master(user, true), 0);
	assert_int_equal(other_reads(64, 1), -EACCES);
	assert_violation(&rig, "which was allocated for 0000:00:01.0");
	assert_int_equal(rb_pci_set_bus_master(user, false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			changing_what_was_handed_over_is_seen_when_the_device_reads, start, stop),
		cmocka_unit_test_setup_teardown(changing_back_what_was_handed_over_is_no_change,
						start, stop),
		cmocka_unit_test_setup_teardown(memory_that_the_device_fills_must_not_be_changed,
						start, stop),
		cmocka_unit_test_setup_teardown(
			a_missing_observe_shows_as_stale_bytes_for_as_long_as_it_is_missing, start,
			stop),
		cmocka_unit_test_setup_teardown(ranges_out_of_the_buffer_are_violations, start,
						stop),
		cmocka_unit_test_setup_teardown(
			a_device_that_goes_on_after_the_buffer_was_closed_is_caught, start, stop),
		cmocka_unit_test_setup_teardown(
			a_driver_that_forbids_bus_mastering_too_early_is_caught, start, stop),
		cmocka_unit_test_setup_teardown(observing_a_buffer_that_was_freed_is_caught, start,
						stop),
		cmocka_unit_test_setup_teardown(
			bytes_that_one_of_two_maps_takes_back_are_still_the_other_s, start, stop),
		cmocka_unit_test_setup_teardown(
			a_buffer_may_be_mapped_for_another_device_than_its_own, start_two,
			stop_two),
		cmocka_unit_test_setup_teardown(
			the_end_of_one_map_leaves_a_device_those_that_overlap_it, start_two,
			stop_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
