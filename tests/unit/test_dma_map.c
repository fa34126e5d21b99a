/* SPDX-License-Identifier: MIT */
/* test_dma_map.c - caller's pages: located, merged, cut, and bounced where they must be. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rbdrv/mmio.h>

#include "map_fixture.h"
#include "os/os_memory.h"

static void lie_scattered(uint64_t phys)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		phys_of[i] = phys + 2 * i * PAGE;
}

static void state_limits(uint32_t addr_bits, uint64_t align, uint64_t boundary,
			 uint64_t segment_max, uint32_t segments)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	limits.addr_bits = addr_bits;
	limits.align = align;
	limits.boundary = boundary;
	limits.segment_max = segment_max;
	limits.segments = segments;
	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
}

static void expect_segment(const struct rb_dma_map *map, uint32_t i, uint64_t bus, uint64_t off,
			   uint64_t len)
{
	struct rb_dma_segment s = segment(map, i);

	assert_int_equal(s.bus.value, bus);
	assert_int_equal(s.off, off);
	assert_int_equal(s.len, len);
}

/* --- merged and cut ---------------------------------------------------------------------- */

static void neighbours_are_one_segment(void **state)
{
	struct rb_dma_map *map;

	(void)state;

	map = map_of(mem + 100, 3 * PAGE, RB_DMA_TO_DEVICE, NULL);

	assert_int_equal(rb_dma_map_count(map), 1);
	expect_segment(map, 0, 0x80000000 + 100, 0, 3 * PAGE);
	assert_false(rb_dma_map_is_bounced(map));
	assert_int_equal(translations, 4);
	assert_int_equal(figures().pages_merged, 3);
	assert_int_equal(figures().segments, 1);
	assert_int_equal(figures().bounced_maps, 0);
	assert_int_equal(fake_blocks(w), 0);
	rb_dma_unmap(map);
}

static void scattered_pages_are_a_segment_each(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	lie_scattered(0x80000000);

	map = map_of(mem + 4000, 200 + PAGE, RB_DMA_FROM_DEVICE, NULL);

	assert_int_equal(rb_dma_map_count(map), 3);
	expect_segment(map, 0, 0x80000000 + 4000, 0, 96);
	expect_segment(map, 1, 0x80002000, 96, PAGE);
	expect_segment(map, 2, 0x80004000, 96 + PAGE, 104);
	assert_int_equal(figures().pages_merged, 0);
	assert_int_equal(figures().maps, 1);
	rb_dma_unmap(map);
	assert_int_equal(figures().maps, 0);
	assert_int_equal(figures().maps_made, 1);
}

static void segments_end_at_the_boundary_and_at_their_longest(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	lie_side_by_side(0x8000e000);
	state_limits(0, 512, 0x10000, 5000, 0);

	map = map_of(mem + 512, 3 * PAGE, RB_DMA_TO_DEVICE, NULL);

	/* 5000 cut down to what keeps the next one aligned */
	assert_int_equal(rb_dma_map_count(map), 3);
	expect_segment(map, 0, 0x8000e200, 0, 4608);
	expect_segment(map, 1, 0x8000f400, 4608, 3072);
	expect_segment(map, 2, 0x80010000, 7680, 4608);
	assert_false(rb_dma_map_is_bounced(map));
	rb_dma_unmap(map);
}

static void a_header_and_its_payload_are_one_map(void **state)
{
	struct rb_dma_range ranges[] = { { mem + 3 * PAGE + 8, 14 }, { mem + 64, 2 * PAGE } };
	struct rb_dma_map *map;

	(void)state;

	assert_int_equal(rb_dma_map_ranges(dev, ranges, 2, RB_DMA_TO_DEVICE, NULL, &map), 0);

	assert_int_equal(rb_dma_map_count(map), 2);
	expect_segment(map, 0, 0x80003008, 0, 14);
	expect_segment(map, 1, 0x80000040, 14, 2 * PAGE);
	rb_dma_unmap(map);
}

static void options_only_tighten(void **state)
{
	struct rb_dma_map_options o = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map;

	(void)state;
	state_limits(0, 0, 0, 2048, 0);
	o.segment_max = 1 << 20;
	o.boundary = 1024;

	map = map_of(mem, PAGE, RB_DMA_TO_DEVICE, &o);

	assert_int_equal(rb_dma_map_count(map), 4);
	rb_dma_unmap(map);
	o.segment_max = 512;
	map = map_of(mem, PAGE, RB_DMA_TO_DEVICE, &o);
	assert_int_equal(rb_dma_map_count(map), 8);
	rb_dma_unmap(map);
}

/* --- bounced -------------------------------------------------------------------------------- */

static void expect_only_page_1_bounced(struct rb_dma_map *map)
{
	assert_int_equal(rb_dma_map_count(map), 3);
	assert_true(rb_dma_map_is_bounced(map));
	expect_segment(map, 0, phys_of[0], 0, PAGE);
	assert_int_equal(segment(map, 1).off, PAGE);
	assert_int_equal(segment(map, 1).len, PAGE);
	expect_was(at_bus(segment(map, 1).bus.value), PAGE, PAGE);
	expect_segment(map, 2, phys_of[2], 2 * PAGE, PAGE);
	assert_int_equal(fake_blocks(w), 1);
	assert_int_equal(figures().bounced_maps, 1);
	assert_int_equal(figures().bounced_segments, 1);
	assert_int_equal(figures().bounced_bytes, PAGE);
}

static void a_page_above_the_mask_is_bounced_alone(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	state_limits(32, 0, 0, 0, 0);
	phys_of[1] = 0x100000000;

	map = map_of(mem, 3 * PAGE, RB_DMA_TO_DEVICE, NULL);

	expect_only_page_1_bounced(map);
	rb_dma_unmap(map);
}

static void a_page_without_an_address_is_bounced_alone(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	err_of[1] = -ENOENT;
	assert_int_equal(rb_dma_map(dev, mem, 0, RB_DMA_TO_DEVICE, NULL, &map), -EINVAL);

	map = map_of(mem, 3 * PAGE, RB_DMA_TO_DEVICE, NULL);

	expect_only_page_1_bounced(map);
	assert_non_null(strstr(rb_last_error(), "no bytes")); /* success leaves it alone */
	rb_dma_unmap(map);
}

static void cached_pages_are_bounced_where_devices_do_not_see_caches(void **state)
{
	struct rb_dma_map_options o = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map;

	(void)state;
	w->ctx->os->dma_sees_caches = false; /* as anywhere but on x86 */

	map = map_of(mem + 8, 2 * PAGE, RB_DMA_FROM_DEVICE, NULL);

	assert_true(rb_dma_map_is_bounced(map));
	assert_int_equal(figures().bounced_bytes, 2 * PAGE);
	assert_int_equal(translations, 0);
	*at_bus(segment(map, 0).bus.value) = 0xd5;
	rb_dma_unmap(map);
	assert_int_equal(mem[8], 0xd5);
	o.flags = RB_DMA_MAP_NO_BOUNCE;
	assert_int_equal(rb_dma_map(dev, mem, 8, RB_DMA_TO_DEVICE, &o, &map), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "devices here do not see what the caches hold"));
}

static void only_the_misaligned_start_is_bounced(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	state_limits(0, 64, 0, 0, 0);

	map = map_of(mem + 10, 2 * PAGE, RB_DMA_TO_DEVICE, NULL);

	assert_int_equal(rb_dma_map_count(map), 2);
	assert_int_equal(segment(map, 0).len, PAGE - 10);
	assert_int_equal(segment(map, 0).bus.value % 64, 0);
	expect_was(at_bus(segment(map, 0).bus.value), 10, PAGE - 10);
	expect_segment(map, 1, 0x80001000, PAGE - 10, PAGE + 10);
	assert_int_equal(figures().bounced_bytes, PAGE - 10);
	rb_dma_unmap(map);
}

/* A device that counts in pages, as NVMe's lists do, sees the same parts. */
static void a_copy_begins_where_its_page_did(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	err_of[0] = err_of[1] = -ENOENT;

	map = map_of(mem + 1000, PAGE, RB_DMA_TO_DEVICE, NULL);

	assert_int_equal(segment(map, 0).bus.value % PAGE, 1000);
	assert_int_equal(rb_dma_map_count(map), 1);
	rb_dma_unmap(map);
}

static void one_frame_for_two_pages_is_not_believed(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	lie_scattered(0x80000000);
	phys_of[3] = phys_of[0];

	map = map_of(mem, 4 * PAGE, RB_DMA_FROM_DEVICE, NULL);

	assert_int_equal(rb_dma_map_count(map), 4);
	at_bus(segment(map, 0).bus.value);
	expect_segment(map, 1, phys_of[1], PAGE, PAGE);
	expect_segment(map, 2, phys_of[2], 2 * PAGE, PAGE);
	at_bus(segment(map, 3).bus.value);
	assert_int_equal(figures().bounced_bytes, 2 * PAGE);
	rb_dma_unmap(map);
}

static void two_ranges_in_one_page_are_no_lie(void **state)
{
	struct rb_dma_range ranges[] = { { mem, 14 }, { mem + 128, 1000 } };
	struct rb_dma_map *map;

	(void)state;

	assert_int_equal(rb_dma_map_ranges(dev, ranges, 2, RB_DMA_BOTH, NULL, &map), 0);

	assert_false(rb_dma_map_is_bounced(map));
	assert_int_equal(rb_dma_map_count(map), 2);
	rb_dma_unmap(map);
}

/* The lie is about the frame, so none of the bytes that are said to be there is believed. */
static void no_range_in_a_page_is_believed_whose_frame_another_page_has(void **state)
{
	struct rb_dma_range ranges[] = { { mem, 14 },
					 { mem + 128, 1000 },
					 { mem + 3 * PAGE, 100 } };
	struct rb_dma_map *map;

	(void)state;
	phys_of[3] = phys_of[0];

	assert_int_equal(rb_dma_map_ranges(dev, ranges, 3, RB_DMA_FROM_DEVICE, NULL, &map), 0);

	assert_int_equal(figures().bounced_bytes, 14 + 1000 + 100);
	rb_dma_unmap(map);
}

static void an_answer_that_is_no_address_is_an_error(void **state)
{
	static const uint64_t lies[] = { 0, 0x80000800, UINT64_C(1) << 52, UINT64_MAX };
	struct rb_dma_map *map;
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		phys_of[1] = lies[i];
		assert_int_equal(rb_dma_map(dev, mem, 3 * PAGE, RB_DMA_BOTH, NULL, &map), -EIO);
		assert_null(map);
		assert_non_null(strstr(rb_last_error(), "makes no sense"));
	}
	phys_of[1] = 0x80001000;
	rb_dma_unmap(map_of(mem, 3 * PAGE, RB_DMA_BOTH, NULL)); /* nothing was left claimed */
}

static void too_many_segments_are_bounced_into_one(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	lie_scattered(0x80000000);
	state_limits(0, 0, 0, 0, 2);

	map = map_of(mem + 5, 3 * PAGE, RB_DMA_TO_DEVICE, NULL);

	assert_int_equal(rb_dma_map_count(map), 1);
	expect_was(at_bus(segment(map, 0).bus.value), 5, 3 * PAGE);
	assert_int_equal(figures().bounced_bytes, 3 * PAGE);
	rb_dma_unmap(map);
}

static void ranges_that_are_bounced_as_one_come_back_each(void **state)
{
	struct rb_dma_range ranges[] = { { mem + 8, 14 }, { mem + 3 * PAGE, PAGE } };
	struct rb_dma_map *map;
	uint8_t *copy;

	(void)state;
	state_limits(0, 0, 0, 0, 1);

	assert_int_equal(rb_dma_map_ranges(dev, ranges, 2, RB_DMA_FROM_DEVICE, NULL, &map), 0);

	assert_int_equal(rb_dma_map_count(map), 1);
	copy = at_bus(segment(map, 0).bus.value);
	memset(copy, 0xa1, 14);
	memset(copy + 14, 0xb2, PAGE);
	rb_dma_unmap(map);
	assert_int_equal(mem[8], 0xa1);
	assert_int_equal(mem[21], 0xa1);
	assert_int_equal(mem[22], was(22));
	assert_int_equal(mem[3 * PAGE], 0xb2);
	assert_int_equal(mem[4 * PAGE - 1], 0xb2);
}

static void segments_that_stay_too_many_are_enomem_with_the_numbers(void **state)
{
	struct rb_dma_map_options o = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map;

	(void)state;
	state_limits(0, 0, 0, PAGE, 2);

	assert_int_equal(rb_dma_map(dev, mem, 5 * PAGE, RB_DMA_BOTH, NULL, &map), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "20480 bytes are 5 segments"));
	assert_non_null(strstr(rb_last_error(), "takes 2"));

	o.flags = RB_DMA_MAP_NO_BOUNCE;
	assert_int_equal(rb_dma_map(dev, mem, 3 * PAGE, RB_DMA_BOTH, &o, &map), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "NO_BOUNCE"));
	err_of[0] = -ENOENT;
	assert_int_equal(rb_dma_map(dev, mem, PAGE, RB_DMA_BOTH, &o, &map), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "names no address"));
	assert_int_equal(fake_blocks(w), 0);
}

/* Eight million of them were 235 MB; the pages behind @mem are not even looked at. */
static void segments_of_a_byte_are_refused_before_anything_is_done(void **state)
{
	struct rb_dma_map_options o = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map;

	(void)state;
	o.segment_max = 1;
	assert_int_equal(rb_dma_map(dev, mem, 8 << 20, RB_DMA_BOTH, &o, &map), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "8388608 bytes are 8388608 segments of at most 1"));
	assert_non_null(strstr(rb_last_error(), "262144 is the limit"));
	o.segment_max = 0;
	o.boundary = 1;
	assert_int_equal(rb_dma_map(dev, mem, RB_DMA_SEGMENTS_MAX + 1, RB_DMA_BOTH, &o, &map),
			 -ENOMEM);
	assert_int_equal(translations, 0);
	assert_int_equal(fake_blocks(w), 0);

	map = map_of(mem, PAGES * PAGE, RB_DMA_BOTH, &o);

	assert_int_equal(rb_dma_map_count(map), PAGES * PAGE);
	rb_dma_unmap(map);
}

static void a_bounce_block_lies_below_the_mask_or_there_is_none(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	state_limits(32, 0, 0, 0, 0);
	phys_of[0] = 0x200000000;
	w->next_phys = 0x100002000;
	w->phys_step = -0x1000;

	map = map_of(mem, PAGE, RB_DMA_BOTH, NULL);
	assert_int_equal(segment(map, 0).bus.value, 0xfffff000);
	assert_int_equal(fake_blocks(w), 1);
	rb_dma_unmap(map);

	w->next_phys = 0x100002000;
	w->phys_step = 0;
	assert_int_equal(rb_dma_map(dev, mem, PAGE, RB_DMA_BOTH, NULL, &map), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "below 2^32"));
	assert_non_null(strstr(rb_last_error(), "lowest is at 0x100002000"));
	assert_int_equal(fake_blocks(w), 0);
}

static void more_than_a_block_is_bounced_in_blocks(void **state)
{
	uint64_t len = RB_DMA_MAX + 3 * PAGE;
	uint8_t *much = aligned_alloc(PAGE, len);
	struct rb_dma_map *map;

	(void)state;
	assert_non_null(much);
	memset(much, 0x5a, len);

	map = map_of(much, len, RB_DMA_TO_DEVICE, NULL);

	assert_int_equal(figures().bounced_bytes, len);
	assert_int_equal(*at_bus(segment(map, 0).bus.value), 0x5a);
	assert_int_equal(fake_blocks(w), 2);
	rb_dma_unmap(map);
	free(much);
}

/* --- what cannot be mapped ---------------------------------------------------------------------- */

static void demands_that_make_no_sense_are_refused(void **state)
{
	struct rb_dma_range ok = { mem, 8 }, none = { NULL, 8 }, empty = { mem, 0 };
	struct rb_dma_range far = { (void *)(uintptr_t)(UINTPTR_MAX - 10), 12 };
	struct rb_dma_range big = { mem, RB_DMA_MAP_MAX + 1 };
	struct rb_dma_range two[] = { { mem, RB_DMA_MAP_MAX }, { mem, 1 } };
	struct rb_dma_map_options o = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map = (struct rb_dma_map *)w;
	enum rb_dma_dir to = RB_DMA_TO_DEVICE;

	(void)state;
	w->calls = 0;

	assert_int_equal(rb_dma_map_ranges(NULL, &ok, 1, to, NULL, &map), -EINVAL);
	assert_null(map);
	assert_int_equal(rb_dma_map_ranges(dev, &ok, 1, to, NULL, NULL), -EINVAL);
	assert_int_equal(rb_dma_map_ranges(dev, NULL, 1, to, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map_ranges(dev, &ok, 0, to, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map_ranges(dev, &ok, 65537, to, NULL, &map), -EFBIG);
	assert_int_equal(rb_dma_map_ranges(dev, &none, 1, to, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map_ranges(dev, &empty, 1, to, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map_ranges(dev, &far, 1, to, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map_ranges(dev, &big, 1, to, NULL, &map), -EFBIG);
	assert_int_equal(rb_dma_map_ranges(dev, two, 2, to, NULL, &map), -EFBIG);
	assert_int_equal(rb_dma_map(dev, mem, UINT64_MAX, to, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map(dev, mem, 8, (enum rb_dma_dir)0, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map(dev, mem, 8, (enum rb_dma_dir)4, NULL, &map), -EINVAL);
	o.size = 0;
	assert_int_equal(rb_dma_map(dev, mem, 8, to, &o, &map), -EINVAL);
	o.size = sizeof(o);
	o.flags = 4;
	assert_int_equal(rb_dma_map(dev, mem, 8, to, &o, &map), -EINVAL);
	o.flags = 3;
	assert_int_equal(rb_dma_map(dev, mem, 8, to, &o, &map), -EINVAL);
	o.flags = 0;
	o.align = 3;
	assert_int_equal(rb_dma_map(dev, mem, 8, to, &o, &map), -EINVAL);
	o.align = 64;
	o.boundary = 32;
	assert_int_equal(rb_dma_map(dev, mem, 8, to, &o, &map), -EINVAL);
	o.boundary = 0;
	o.segment_max = 63;
	assert_int_equal(rb_dma_map(dev, mem, 8, to, &o, &map), -EINVAL);
	o.segment_max = 0;
	o.addr_bits = 11;
	assert_int_equal(rb_dma_map(dev, mem, 8, to, &o, &map), -EINVAL);

	assert_null(map);
	assert_int_equal(w->calls, 0);
}

static void getters_and_releases_take_null(void **state)
{
	struct rb_dma_segment s;
	struct rb_dma_map *map;

	(void)state;

	assert_int_equal(rb_dma_map_count(NULL), 0);
	assert_false(rb_dma_map_is_bounced(NULL));
	assert_int_equal(rb_dma_map_segment(NULL, 0, &s), -EINVAL);
	assert_int_equal(rb_dma_sync_for_cpu(NULL, 0, 1), -EINVAL);
	assert_int_equal(rb_dma_sync_for_device(NULL, 0, 1), -EINVAL);
	rb_dma_unmap(NULL);
	map = map_of(mem, 8, RB_DMA_BOTH, NULL);
	assert_int_equal(rb_dma_map_segment(map, 0, NULL), -EINVAL);
	assert_int_equal(rb_dma_map_segment(map, 1, &s), -ERANGE);
	assert_int_equal(rb_dma_sync_for_cpu(map, 9, 0), -ERANGE);
	assert_int_equal(rb_dma_sync_for_cpu(map, 4, 5), -ERANGE);
	assert_int_equal(rb_dma_sync_for_device(map, 4, UINT64_MAX), -ERANGE);
	assert_int_equal(rb_dma_sync_for_device(map, 8, 0), 0);
	rb_dma_unmap(map);
}

static void bytes_belong_to_one_map_at_a_time(void **state)
{
	struct rb_dma_range twice[] = { { mem, 100 }, { mem + 99, 10 } };
	struct rb_dma_map_options o = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map, *other;

	(void)state;
	o.label = "packet";
	map = map_of(mem + 100, 100, RB_DMA_TO_DEVICE, &o);

	assert_int_equal(rb_dma_map(dev, mem, 101, RB_DMA_FROM_DEVICE, NULL, &other), -EBUSY);
	assert_non_null(strstr(rb_last_error(), "map packet mapped at "));
	assert_non_null(strstr(rb_last_error(), "test_dma_map.c:"));
	assert_int_equal(rb_dma_map(dev, mem + 199, 1, RB_DMA_BOTH, NULL, &other), -EBUSY);
	rb_dma_unmap(map_of(mem, 100, RB_DMA_BOTH, NULL));
	rb_dma_unmap(map_of(mem + 200, 100, RB_DMA_BOTH, NULL));
	other = map_of(mem, PAGE, RB_DMA_TO_DEVICE, NULL); /* both only show them */
	rb_dma_unmap(map);
	assert_int_equal(rb_dma_map(dev, mem, 101, RB_DMA_FROM_DEVICE, NULL, &map), -EBUSY);
	rb_dma_unmap(other);

	assert_int_equal(rb_dma_map_ranges(dev, twice, 2, RB_DMA_BOTH, NULL, &map), -EBUSY);
	assert_int_equal(rb_dma_map_ranges(dev, twice, 2, RB_DMA_TO_DEVICE, NULL, &map), 0);
	rb_dma_unmap(map);
}

static void registers_are_no_memory(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	w->route = 7; /* what a window says of registers that nothing stands behind */

	assert_int_equal(rb_dma_map(dev, mem, 8, RB_DMA_TO_DEVICE, NULL, &map), -EINVAL);
}

static void a_window_that_is_mapped_directly_is_no_memory_either(void **state)
{
	struct rb_dma_range ranges[] = { { mem, 64 }, { NULL, 4 } };
	struct rb_mmio *regs;
	struct rb_dma_map *map;

	(void)state;
	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs), 0);
	ranges[1].cpu = (uint8_t *)(uintptr_t)regs->base + 8;

	assert_int_equal(rb_dma_map_ranges(dev, ranges, 2, RB_DMA_TO_DEVICE, NULL, &map), -EINVAL);

	assert_non_null(strstr(rb_last_error(), "is a register window"));
	assert_int_equal(translations, 0);
	rb_mmio_close(regs); /* what lies there next may be memory */
	assert_false(rbi_os_is_phys(w->ctx->os, (uint64_t)(uintptr_t)ranges[1].cpu, 4));
	rb_dma_unmap(map_of(mem, 64, RB_DMA_TO_DEVICE, NULL));
}

static void nothing_is_mapped_for_a_device_that_is_gone(void **state)
{
	struct rb_dma_map *map;
	uint32_t id;

	(void)state;
	w->removed = true;
	assert_int_equal(rb_pci_config_read32(dev, 0, &id), -ENODEV);

	assert_int_equal(rb_dma_map(dev, mem, 8, RB_DMA_TO_DEVICE, NULL, &map), -ENODEV);
	assert_int_equal(translations, 0);
}

static void without_a_translation_everything_is_bounced(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	fake_fail(w, 1, ENOENT); /* opening it */

	map = map_of(mem, PAGE, RB_DMA_TO_DEVICE, NULL);

	assert_true(rb_dma_map_is_bounced(map));
	rb_dma_unmap(map);
}

static void the_translation_is_opened_once(void **state)
{
	const char *at;
	unsigned int n = 0, i;

	(void)state;

	for (i = 0; i < 3; i++)
		rb_dma_unmap(map_of(mem, 2 * PAGE, RB_DMA_TO_DEVICE, NULL));

	for (at = w->opened; (at = strstr(at, "/translation")) != NULL; at++)
		n++;
	assert_int_equal(n, 1);
	assert_int_equal(translations, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_pages, close_pages)
		TEST(neighbours_are_one_segment),
		TEST(scattered_pages_are_a_segment_each),
		TEST(segments_end_at_the_boundary_and_at_their_longest),
		TEST(a_header_and_its_payload_are_one_map),
		TEST(options_only_tighten),
		TEST(a_page_above_the_mask_is_bounced_alone),
		TEST(a_page_without_an_address_is_bounced_alone),
		TEST(cached_pages_are_bounced_where_devices_do_not_see_caches),
		TEST(only_the_misaligned_start_is_bounced),
		TEST(a_copy_begins_where_its_page_did),
		TEST(one_frame_for_two_pages_is_not_believed),
		TEST(two_ranges_in_one_page_are_no_lie),
		TEST(no_range_in_a_page_is_believed_whose_frame_another_page_has),
		TEST(an_answer_that_is_no_address_is_an_error),
		TEST(too_many_segments_are_bounced_into_one),
		TEST(ranges_that_are_bounced_as_one_come_back_each),
		TEST(segments_that_stay_too_many_are_enomem_with_the_numbers),
		TEST(segments_of_a_byte_are_refused_before_anything_is_done),
		TEST(a_bounce_block_lies_below_the_mask_or_there_is_none),
		TEST(more_than_a_block_is_bounced_in_blocks),
		TEST(demands_that_make_no_sense_are_refused),
		TEST(getters_and_releases_take_null),
		TEST(bytes_belong_to_one_map_at_a_time),
		TEST(registers_are_no_memory),
		TEST(a_window_that_is_mapped_directly_is_no_memory_either),
		TEST(nothing_is_mapped_for_a_device_that_is_gone),
		TEST(without_a_translation_everything_is_bounced),
		TEST(the_translation_is_opened_once),
	};

	return cmocka_run_group_tests_name("dma map", tests, NULL, NULL);
}
