/* SPDX-License-Identifier: MIT */
/*
 * test_mock_dma_late.c - a device goes on with memory whose time with it is over: elements
 * that are back in their pool, and maps that have ended.
 */
#include "mock_fixture.h"

#define PAGE 4096u

static struct rig rig;
static struct rb_mock_dev *model;
static struct rb_pci_dev *pci;
static struct rb_dma_buf *buf;

static int start(void **state)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;

	(void)state;
	options.label = "ring";
	rig_open(&rig, "mock");
	model = plug(&rig, plain_build, NULL);
	assert_int_equal(rb_pci_open(rig.ctx, rb_mock_addr(model), &pci), 0);
	assert_int_equal(rb_dma_alloc(pci, PAGE, &options, &buf), 0);
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

static int reads(struct rb_bus_addr at)
{
	uint8_t byte;

	return rb_mock_dma_read(model, at, &byte, 1);
}

static int writes(struct rb_bus_addr at)
{
	return rb_mock_dma_write(model, at, "x", 1);
}

/* --- elements ------------------------------------------------------------------------------- */

static struct rb_dma_pool *open_pool(void)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool *pool;

	options.label = "headers";
	options.count_min = 4;
	assert_int_equal(rb_dma_pool_open(pci, 64, &options, &pool), 0);
	return pool;
}

static void an_element_that_was_put_is_touched_by_no_device(void **state)
{
	struct rb_dma_pool *pool = open_pool();
	struct rb_dma_elem *e = rb_dma_pool_get(pool), *other = rb_dma_pool_get(pool);

	(void)state;
	assert_int_equal(writes(e->bus), 0);
	assert_int_equal(reads(e->bus), 0);

	rb_dma_pool_put(pool, e);

	assert_int_equal(writes(e->bus), -EACCES);
	assert_violation(&rig, "writes 1 bytes at offset ");
	assert_int_equal(reads(e->bus), -EACCES);
	assert_violation(&rig, "DMA buffer \"headers\"");
	assert_int_equal(writes(other->bus), 0);
	rb_dma_pool_put(pool, other);
	rb_dma_pool_close(pool);
}

static void an_element_put_into_a_cache_is_touched_by_no_device(void **state)
{
	struct rb_dma_pool *pool = open_pool();
	struct rb_dma_cache *cache;
	struct rb_dma_elem *e;

	(void)state;
	assert_int_equal(rb_dma_cache_open(pool, 8, &cache), 0);
	e = rb_dma_cache_get(cache);
	assert_non_null(e);
	assert_int_equal(writes(e->bus), 0);

	rb_dma_cache_put(cache, e);

	assert_int_equal(writes(e->bus), -EACCES);
	assert_violation(&rig, "which the driver has taken back");
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
}

static void an_element_that_nobody_got_is_touched_by_no_device(void **state)
{
	struct rb_dma_pool *pool = open_pool();
	struct rb_dma_elem *e = rb_dma_pool_get(pool);
	struct rb_bus_addr next = { e->bus.value + 64 };

	(void)state;

	assert_int_equal(reads(next), -EACCES);

	assert_violation(&rig, "DMA buffer \"headers\"");
	rb_dma_pool_put(pool, e);
	rb_dma_pool_close(pool);
}

/* --- maps ----------------------------------------------------------------------------------- */

static struct rb_dma_map *map_bytes(uint32_t flags, struct rb_bus_addr *at)
{
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_segment s;
	struct rb_dma_map *map;

	options.flags = flags;
	options.label = "packet";
	assert_int_equal(rb_dma_map(pci, rb_dma_cpu(buf), 64, RB_DMA_FROM_DEVICE, &options, &map),
			 0);
	assert_int_equal(rb_dma_map_segment(map, 0, &s), 0);
	*at = s.bus;
	return map;
}

static void a_copy_is_touched_by_no_device_after_its_map(void **state)
{
	struct rb_bus_addr at;
	struct rb_dma_map *map = map_bytes(RB_DMA_MAP_BOUNCE, &at);

	(void)state;
	assert_int_equal(writes(at), 0);
	rb_dma_unmap(map);
	assert_int_equal(*(uint8_t *)rb_dma_cpu(buf), 'x');

	assert_int_equal(writes(at), -EACCES);

	assert_violation(&rig, "DMA buffer \"packet\"");
}

static void a_copy_has_the_name_of_its_map_and_no_earlier_one(void **state)
{
	struct rb_mock_dma_range range = RB_MOCK_DMA_RANGE_INIT;
	struct rb_mock_dma_ranges *list;
	struct rb_dma_map *map;
	struct rb_bus_addr at;
	uint8_t bytes[64] = { 0 };
	unsigned int i;

	(void)state;
	rb_dma_unmap(map_bytes(RB_DMA_MAP_BOUNCE, &at)); /* its block is kept */

	assert_int_equal((rb_dma_map)(pci, bytes, sizeof(bytes), RB_DMA_TO_DEVICE, NULL, &map), 0);

	assert_int_equal(rb_mock_dma_ranges(rig.ctx, &list), 0);
	for (i = 0; range.bus.value != at.value; i++)
		assert_int_equal(rb_mock_dma_ranges_get(list, i, &range), 0);
	assert_string_equal(range.label, "");
	assert_string_equal(range.place, "");
	rb_mock_dma_ranges_close(list);
	rb_dma_unmap(map);
}

static void bytes_of_a_buffer_are_shared_again_after_their_map(void **state)
{
	struct rb_bus_addr at;
	struct rb_dma_map *map = map_bytes(RB_DMA_MAP_NO_BOUNCE, &at);

	(void)state;
	assert_int_equal(reads(at), -EACCES);
	assert_violation(&rig, "which was handed over for writing only");
	rb_dma_unmap(map);

	assert_int_equal(reads(at), 0);
	assert_int_equal(writes(at), 0);

	assert_int_equal(*(uint8_t *)rb_dma_cpu(buf), 0);
	rb_dma_observe(buf, 0, 64);
	assert_int_equal(*(uint8_t *)rb_dma_cpu(buf), 'x');
}

static void a_late_write_that_meets_the_cpus_is_told(void **state)
{
	struct rb_bus_addr at;
	struct rb_dma_map *map = map_bytes(RB_DMA_MAP_NO_BOUNCE, &at);

	(void)state;
	rb_dma_unmap(map);
	*(uint8_t *)rb_dma_cpu(buf) = 'y';

	assert_int_equal(writes(at), 0);
	rb_dma_observe(buf, 0, 64);

	assert_violation(&rig, "CPU and device have both written byte 0 of DMA buffer \"ring\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_element_that_was_put_is_touched_by_no_device,
						start, stop),
		cmocka_unit_test_setup_teardown(an_element_put_into_a_cache_is_touched_by_no_device,
						start, stop),
		cmocka_unit_test_setup_teardown(an_element_that_nobody_got_is_touched_by_no_device,
						start, stop),
		cmocka_unit_test_setup_teardown(a_copy_is_touched_by_no_device_after_its_map, start,
						stop),
		cmocka_unit_test_setup_teardown(a_copy_has_the_name_of_its_map_and_no_earlier_one,
						start, stop),
		cmocka_unit_test_setup_teardown(bytes_of_a_buffer_are_shared_again_after_their_map,
						start, stop),
		cmocka_unit_test_setup_teardown(a_late_write_that_meets_the_cpus_is_told, start,
						stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
