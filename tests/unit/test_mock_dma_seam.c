/* SPDX-License-Identifier: MIT */
/*
 * test_mock_dma_seam.c - where one block ends and the next begins: devices go on inside
 * of one buffer or map, and are caught between two that are neighbours by chance.
 */
#include "mock_fixture.h"

#include <stdlib.h>

#include "core/dma_note.h"

#define MIB  ((uint64_t)1 << 20)
#define SEAM (4 * MIB) /* blocks have no more bytes */
#define PAGE 4096u

static struct rig rig;
static struct rb_mock_dev *model;
static struct rb_pci_dev *pci;
static uint8_t bytes[64];

static int start(void **state)
{
	(void)state;
	rig_open(&rig, "mock");
	model = plug(&rig, plain_build, NULL);
	assert_int_equal(rb_pci_open(rig.ctx, rb_mock_addr(model), &pci), 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rb_pci_unref(pci);
	rig_close_clean(&rig);
	return 0;
}

static struct rb_dma_buf *open_buffer(uint64_t size, const char *label)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	options.label = label;
	assert_int_equal(rb_dma_alloc_sg(pci, size, &options, &buf), 0);
	assert_int_equal(rb_dma_segment_count(buf), 1);
	return buf;
}

static int reads(const struct rb_dma_buf *buf, uint64_t off, size_t len)
{
	return rb_mock_dma_read(model, rb_dma_addr(buf, off), bytes, len);
}

static int writes(const struct rb_dma_buf *buf, uint64_t off, size_t len)
{
	memset(bytes, 0xd7, len);
	return rb_mock_dma_write(model, rb_dma_addr(buf, off), bytes, len);
}

/* --- buffers ------------------------------------------------------------------------------ */

static void one_segment_of_two_blocks_is_read_and_written_across(void **state)
{
	struct rb_dma_buf *buf = open_buffer(8 * MIB, "image");
	uint8_t *cpu = rb_dma_cpu(buf);

	(void)state;
	memset(cpu + SEAM - 8, 0x11, 8);
	memset(cpu + SEAM, 0x22, 8);
	rb_dma_publish(buf, SEAM - 8, 16);

	assert_int_equal(reads(buf, SEAM - 8, 16), 0);

	assert_memory_equal(bytes, cpu + SEAM - 8, 16);
	assert_int_equal(writes(buf, SEAM - 8, 16), 0);
	assert_int_equal(cpu[SEAM - 1], 0x11);
	assert_int_equal(cpu[SEAM], 0x22);
	rb_dma_observe(buf, SEAM - 8, 16);
	assert_memory_equal(cpu + SEAM - 8, bytes, 16);
	assert_int_equal(cpu[SEAM + 8], 0);
	rb_dma_close(buf);
}

static void a_missing_publish_behind_a_seam_is_named_by_its_byte(void **state)
{
	struct rb_dma_buf *buf = open_buffer(8 * MIB, "image");
	uint8_t *cpu = rb_dma_cpu(buf);

	(void)state;
	cpu[SEAM + 3] = 1;
	rb_dma_publish(buf, SEAM - 8, 8);

	assert_int_equal(reads(buf, SEAM - 8, 16), 0);

	assert_violation(&rig, "reads byte 4194307 of DMA buffer \"image\"");
	rb_dma_close(buf);
}

static void the_end_of_many_blocks_is_named_as_the_drivers_own(void **state)
{
	struct rb_dma_buf *buf = open_buffer(8 * MIB - 100, "image");

	(void)state;
	assert_int_equal(reads(buf, 8 * MIB - 116, 16), 0);

	assert_int_equal(reads(buf, 8 * MIB - 116, 17), -ERANGE);

	assert_violation(&rig, "reads 17 bytes at offset 8388492 of DMA buffer \"image\"");
	assert_int_equal(reads(buf, SEAM - 1, 1), 0);
	rb_dma_publish(buf, 8 * MIB - 100, 1);
	assert_violation(&rig, "at offset 8388508 passes the end of DMA buffer \"image\"");
	rb_dma_close(buf);
}

static void a_neighbour_by_chance_is_not_reached(void **state)
{
	struct rb_dma_buf *a = open_buffer(PAGE, "first"), *b = open_buffer(PAGE, "second");

	(void)state;
	assert_int_equal(rb_dma_addr(b, 0).value, rb_dma_addr(a, PAGE).value);

	assert_int_equal(writes(a, PAGE - 8, 16), -ERANGE);

	assert_violation(&rig, "writes 16 bytes at offset 4088 of DMA buffer \"first\"");
	assert_int_equal(reads(a, PAGE - 8, 16), -ERANGE);
	assert_violation(&rig, "past its end at 4096");
	rb_dma_observe(a, 0, PAGE);
	rb_dma_observe(b, 0, PAGE);
	assert_int_equal(*((uint8_t *)rb_dma_cpu(a) + PAGE - 1), 0);
	assert_int_equal(*(uint8_t *)rb_dma_cpu(b), 0);
	rb_dma_close(b);
	rb_dma_close(a);
}

static void the_end_of_many_blocks_is_no_way_into_the_next_buffer(void **state)
{
	struct rb_dma_buf *a = open_buffer(8 * MIB, "first"), *b = open_buffer(8 * MIB, "second");

	(void)state;
	assert_int_equal(rb_dma_addr(b, 0).value, rb_dma_addr(a, 8 * MIB).value);

	assert_int_equal(writes(a, 8 * MIB - 1, 2), -ERANGE);

	assert_violation(&rig, "DMA buffer \"first\"");
	rb_dma_close(b);
	rb_dma_close(a);
}

/* Blocks of one buffer that the bus has in another order than the driver. */
static void a_part_that_comes_earlier_in_the_buffer_is_not_reached(void **state)
{
	struct rbi_dma_note n = { .access = RBI_DMA_DEVICE_READS,
				  .len = PAGE,
				  .whole = 7,
				  .owner = "0000:00:01.0",
				  .label = "image" };
	uint32_t shadow[2];
	void *cpu[2];
	unsigned int i;

	(void)state;
	assert_int_equal(rb_pci_set_bus_master(pci, true), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(rig.m->ops->ram_map(rig.m, FRAME + i * PAGE, PAGE, &cpu[i]), 0);
		assert_int_equal(
			rig.m->ops->dma_map(rig.m, FRAME + i * PAGE, PAGE, cpu[i], &shadow[i]), 0);
		n.shadow = shadow[i];
		n.whole_off = i == 0 ? PAGE : 0;
		rig.m->ops->dma_note(rig.m, &n);
	}

	assert_int_equal(rb_mock_dma_read(model, bus(FRAME + PAGE - 8), bytes, 16), -ERANGE);

	assert_violation(&rig,
			 "reads 16 bytes at offset 8184 of DMA buffer \"image\", past its end "
			 "at 8192");
	for (i = 0; i < 2; i++) {
		rig.m->ops->dma_unmap(rig.m, FRAME + i * PAGE, PAGE, shadow[i]);
		rig.m->ops->ram_unmap(rig.m, FRAME + i * PAGE, PAGE, cpu[i]);
	}
	assert_int_equal(rb_pci_set_bus_master(pci, false), 0);
}

/* --- maps --------------------------------------------------------------------------------- */

static struct rb_dma_map *map_bytes(const struct rb_dma_buf *buf, uint64_t off, uint64_t len,
				    enum rb_dma_dir dir)
{
	struct rb_dma_map *map;

	assert_int_equal(rb_dma_map(pci, (uint8_t *)rb_dma_cpu(buf) + off, len, dir, NULL, &map),
			 0);
	assert_int_equal(rb_dma_map_count(map), 1);
	return map;
}

static void rights_hold_on_both_sides_of_a_seam(void **state)
{
	struct rb_dma_buf *buf = open_buffer(8 * MIB, "image");
	struct rb_dma_map *map = map_bytes(buf, SEAM - 256, 512, RB_DMA_TO_DEVICE);

	(void)state;
	assert_int_equal(reads(buf, SEAM - 32, 64), 0);
	assert_int_equal(writes(buf, SEAM - 32, 64), -EACCES);
	assert_violation(&rig, "which was handed over for reading only");

	assert_int_equal(rb_dma_sync_for_cpu(map, 256, 256), 0);

	assert_int_equal(reads(buf, SEAM - 32, 32), 0);
	assert_int_equal(reads(buf, SEAM - 32, 33), -EACCES);
	assert_violation(&rig, "reads 1 bytes at offset 4194304 of DMA buffer \"image\"");
	rb_dma_unmap(map);
	rb_dma_close(buf);
}

static void a_map_across_a_seam_brings_back_both_sides(void **state)
{
	struct rb_dma_buf *buf = open_buffer(8 * MIB, "image");
	struct rb_dma_map *map = map_bytes(buf, SEAM - 32, 64, RB_DMA_FROM_DEVICE);

	(void)state;
	assert_int_equal(writes(buf, SEAM - 32, 64), 0);

	rb_dma_unmap(map);

	assert_memory_equal((uint8_t *)rb_dma_cpu(buf) + SEAM - 32, bytes, 64);
	rb_dma_close(buf);
}

/* What a map has made one segment of is one while it lives. */
static void two_buffers_are_crossed_only_inside_of_a_map_of_both(void **state)
{
	struct rb_dma_buf *a = open_buffer(PAGE, "first"), *b = open_buffer(PAGE, "second");
	struct rb_dma_range ranges[2] = { { (uint8_t *)rb_dma_cpu(a) + PAGE - 256, 256 },
					  { rb_dma_cpu(b), 256 } };
	struct rb_dma_map *map;

	(void)state;
	assert_int_equal(rb_dma_map_ranges(pci, ranges, 2, RB_DMA_BOTH, NULL, &map), 0);
	assert_int_equal(rb_dma_map_count(map), 1);

	assert_int_equal(writes(a, PAGE - 32, 64), 0);

	rb_dma_unmap(map);
	assert_memory_equal(rb_dma_cpu(b), bytes, 32);
	assert_int_equal(writes(a, PAGE - 32, 64), -ERANGE);
	assert_violation(&rig, "DMA buffer \"first\"");
	rb_dma_close(b);
	rb_dma_close(a);
}

static void two_maps_that_touch_are_not_crossed(void **state)
{
	struct rb_dma_buf *a = open_buffer(PAGE, "first"), *b = open_buffer(PAGE, "second");
	struct rb_dma_map *one = map_bytes(a, 0, PAGE, RB_DMA_BOTH);
	struct rb_dma_map *two = map_bytes(b, 0, PAGE, RB_DMA_BOTH);

	(void)state;

	assert_int_equal(reads(a, PAGE - 32, 64), -ERANGE);

	assert_violation(&rig, "past its end at 4096");
	rb_dma_unmap(two);
	rb_dma_unmap(one);
	rb_dma_close(b);
	rb_dma_close(a);
}

static void neighbouring_copies_of_one_map_are_crossed(void **state)
{
	uint8_t *mem = aligned_alloc(PAGE, 8 * MIB);
	struct rb_dma_segment s;
	struct rb_dma_map *map;

	(void)state;
	assert_non_null(mem);
	memset(mem, 0x3c, 8 * MIB);
	assert_int_equal(rb_dma_map(pci, mem, 8 * MIB, RB_DMA_TO_DEVICE, NULL, &map), 0);
	assert_true(rb_dma_map_is_bounced(map));
	assert_int_equal(rb_dma_map_count(map), 1);
	assert_int_equal(rb_dma_map_segment(map, 0, &s), 0);

	assert_int_equal(rb_mock_dma_read(model, bus(s.bus.value + SEAM - 8), bytes, 16), 0);

	assert_int_equal(bytes[15], 0x3c);
	rb_dma_unmap(map);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			one_segment_of_two_blocks_is_read_and_written_across, start, stop),
		cmocka_unit_test_setup_teardown(
			a_missing_publish_behind_a_seam_is_named_by_its_byte, start, stop),
		cmocka_unit_test_setup_teardown(the_end_of_many_blocks_is_named_as_the_drivers_own,
						start, stop),
		cmocka_unit_test_setup_teardown(a_neighbour_by_chance_is_not_reached, start, stop),
		cmocka_unit_test_setup_teardown(
			the_end_of_many_blocks_is_no_way_into_the_next_buffer, start, stop),
		cmocka_unit_test_setup_teardown(
			a_part_that_comes_earlier_in_the_buffer_is_not_reached, start, stop),
		cmocka_unit_test_setup_teardown(rights_hold_on_both_sides_of_a_seam, start, stop),
		cmocka_unit_test_setup_teardown(a_map_across_a_seam_brings_back_both_sides, start,
						stop),
		cmocka_unit_test_setup_teardown(
			two_buffers_are_crossed_only_inside_of_a_map_of_both, start, stop),
		cmocka_unit_test_setup_teardown(two_maps_that_touch_are_not_crossed, start, stop),
		cmocka_unit_test_setup_teardown(neighbouring_copies_of_one_map_are_crossed, start,
						stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
