/* SPDX-License-Identifier: MIT */
/* test_dma_sg.c - buffers of segments: blocks side by side, and what they come to. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/dma.h>
#include <rbdrv/pci_control.h>

#include "device_fixture.h"

#define MIB ((uint64_t)1 << 20)

static struct rb_dma_buf *alloc(uint64_t size, const struct rb_dma_options *options)
{
	struct rb_dma_buf *buf = NULL;

	assert_int_equal(rb_dma_alloc_sg(dev, size, options, &buf), 0);
	return buf;
}

/* Bytes of the blocks that are held, in the order of their making. */
static size_t block_len(unsigned int i)
{
	assert_non_null(w->blocks[i].cpu);
	return w->blocks[i].len;
}

static void set_limits(uint64_t align, uint64_t boundary, uint64_t segment_max, uint32_t segments)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	limits.align = align;
	limits.boundary = boundary;
	limits.segment_max = segment_max;
	limits.segments = segments;
	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
}

/* Segments in order, without gaps, and each where rb_dma_addr() says. */
static void check_segments(const struct rb_dma_buf *buf)
{
	struct rb_dma_segment s;
	uint64_t off = 0;
	uint32_t i;

	for (i = 0; i < rb_dma_segment_count(buf); i++) {
		assert_int_equal(rb_dma_segment(buf, i, &s), 0);
		assert_int_equal(s.off, off);
		assert_int_equal(rb_dma_addr(buf, off).value, s.bus.value);
		assert_int_equal(rb_dma_addr(buf, off + s.len - 1).value, s.bus.value + s.len - 1);
		off += s.len;
	}
	assert_int_equal(off, rb_dma_size(buf));
	assert_int_equal(rb_dma_addr(buf, off).value, s.bus.value + s.len);
	assert_int_equal(rb_dma_addr(buf, off + 1).value, UINT64_MAX);
	assert_int_equal(rb_dma_segment(buf, i, &s), -ERANGE);
	assert_int_equal(s.len, 0);
}

/* --- blocks ----------------------------------------------------------------------------- */

static void a_large_buffer_is_blocks_side_by_side(void **state)
{
	static const uint8_t zeros[RBI_PAGE];
	struct rb_dma_segment s;
	struct rb_dma_buf *buf;
	uint64_t off;

	(void)state;
	w->next_phys = 0x80000000;
	w->phys_step = 0x10000000; /* no two are neighbours */

	buf = alloc(6 * MIB + 5000, NULL);

	assert_int_equal(rb_dma_size(buf), 6 * MIB + 5000);
	assert_int_equal(fake_blocks(w), 3);
	assert_int_equal(block_len(0), 4 * MIB);
	assert_int_equal(block_len(1), 2 * MIB);
	assert_int_equal(block_len(2), 8192);
	assert_ptr_equal(rb_dma_cpu(buf), w->room);
	for (off = 0; off < 6 * MIB + 5000; off += RBI_PAGE)
		assert_memory_equal((uint8_t *)rb_dma_cpu(buf) + off, zeros, 8);
	assert_int_equal(rb_dma_segment_count(buf), 3);
	check_segments(buf);
	assert_int_equal(rb_dma_segment(buf, 1, &s), 0);
	assert_int_equal(s.bus.value, 0x90000000);
	assert_int_equal(s.off, 4 * MIB);
	assert_int_equal(s.len, 2 * MIB);
	rb_dma_close(buf);
}

/* Redox would lose the difference to a power of two. */
static void every_block_is_a_power_of_two(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;

	buf = alloc(7 * RBI_PAGE - 1, NULL);

	assert_int_equal(fake_blocks(w), 3);
	assert_int_equal(block_len(0), 4 * RBI_PAGE);
	assert_int_equal(block_len(1), 2 * RBI_PAGE);
	assert_int_equal(block_len(2), RBI_PAGE);
	rb_dma_close(buf);
}

static void neighbours_are_one_segment(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	w->next_phys = 0x40000000;

	buf = alloc(6 * MIB, NULL);

	assert_int_equal(fake_blocks(w), 2);
	assert_int_equal(rb_dma_segment_count(buf), 1);
	check_segments(buf);
	rb_dma_close(buf);
}

static void segments_honour_the_boundary_and_their_greatest_length(void **state)
{
	struct rb_dma_segment s;
	struct rb_dma_buf *buf;
	uint32_t i;

	(void)state;
	set_limits(512, 64 << 10, 40000, 0);

	buf = alloc(1 * MIB, NULL);

	check_segments(buf);
	for (i = 0; i < rb_dma_segment_count(buf); i++) {
		assert_int_equal(rb_dma_segment(buf, i, &s), 0);
		assert_true(s.len <= 40000);
		assert_int_equal(s.bus.value % 512, 0);
		assert_int_equal(s.bus.value >> 16, (s.bus.value + s.len - 1) >> 16);
	}
	assert_int_equal(i, 32); /* 39936 = 78 * 512, and the rest of 64 KiB */
	rb_dma_close(buf);
}

static void a_buffers_own_boundary_is_honoured_too(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.boundary = 4 * RBI_PAGE;

	buf = alloc(16 * RBI_PAGE, &o);

	assert_int_equal(rb_dma_segment_count(buf), 4);
	check_segments(buf);
	rb_dma_close(buf);
}

static void more_segments_than_the_device_takes_are_refused(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	set_limits(0, 0, 4096, 3);

	assert_int_equal(rb_dma_alloc_sg(dev, 4 * 4096, NULL, &buf), -ENOMEM);

	assert_null(buf);
	assert_int_equal(fake_blocks(w), 0);
	assert_null(w->room);
	assert_non_null(strstr(rb_last_error(), "16384 bytes of DMA memory are 4 segments"));
	assert_non_null(strstr(rb_last_error(), "takes 3"));
	rb_dma_close(alloc(3 * 4096, NULL));
}

static void more_segments_than_any_buffer_has_are_refused_before_memory_is_taken(void **state)
{
	struct rb_dma_buf *buf;
	unsigned int calls;

	(void)state;
	set_limits(0, 0, 1, 0);
	calls = w->calls;

	assert_int_equal(rb_dma_alloc_sg(dev, RB_DMA_SG_MAX, NULL, &buf), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "1073741824 segments of at most 1 bytes"));
	assert_int_equal(rb_dma_alloc(dev, RB_DMA_SEGMENTS_MAX + 1, NULL, &buf), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "rb_dma_alloc: 262145 bytes are 262145 segments"));

	assert_int_equal(w->calls, calls);
	buf = alloc(RB_DMA_SEGMENTS_MAX, NULL);
	assert_int_equal(rb_dma_segment_count(buf), RB_DMA_SEGMENTS_MAX);
	rb_dma_close(buf);
}

static void blocks_are_no_smaller_than_the_alignment(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.align = 16384;

	buf = alloc(20000, &o);

	assert_int_equal(fake_blocks(w), 1);
	assert_int_equal(block_len(0), 32768);
	assert_int_equal(rb_dma_addr(buf, 0).value % 16384, 0);
	rb_dma_close(buf);
}

static void a_contiguous_buffer_has_segments_as_well(void **state)
{
	struct rb_dma_segment s;
	struct rb_dma_buf *buf;

	(void)state;
	set_limits(0, 0, 4096, 1);

	assert_int_equal(rb_dma_alloc(dev, 10000, NULL, &buf), 0);

	assert_int_equal(rb_dma_segment_count(buf), 3);
	check_segments(buf);
	assert_int_equal(rb_dma_segment(buf, 2, &s), 0);
	assert_int_equal(s.len, 10000 - 8192);
	assert_int_equal(rb_dma_segment(NULL, 0, &s), -EINVAL);
	assert_int_equal(rb_dma_segment(buf, 0, NULL), -EINVAL);
	assert_int_equal(rb_dma_segment_count(NULL), 0);
	rb_dma_close(buf);
}

/* --- where memory is short ---------------------------------------------------------------- */

/* The fallible calls of a buffer of one block, up to its mmap: reserve, open, mmap. */
#define FIRST_MMAP 3

static void where_no_large_block_is_free_smaller_ones_are_taken(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	fake_fail(w, FIRST_MMAP, ENOMEM);

	buf = alloc(4 * MIB, NULL);

	assert_int_equal(fake_blocks(w), 2);
	assert_int_equal(block_len(0), 2 * MIB);
	assert_int_equal(block_len(1), 2 * MIB);
	check_segments(buf);
	rb_dma_close(buf);
}

/* The system has unmapped the place before it found that it has no memory. */
static void a_place_that_another_thread_has_taken_is_left_alone(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	w->thief = true;
	fake_fail(w, FIRST_MMAP + 5, ENOMEM); /* of the second block */

	assert_int_equal(rb_dma_alloc_sg(dev, 6 * MIB, NULL, &buf), -ENOMEM);

	assert_null(buf); /* and the fake asserts that what was stolen is not unmapped */
	assert_null(w->room);
	assert_int_equal(fake_blocks(w), 0);
}

static void blocks_that_lie_too_high_make_place_for_lower_ones(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_buf *buf;
	uint64_t off;

	(void)state;
	o.addr_bits = 32;
	w->next_phys = 0x100004000; /* the fifth from here is below 2^32 */
	w->phys_step = -0x1000;

	buf = alloc(3 * RBI_PAGE, &o);

	for (off = 0; off < 3 * RBI_PAGE; off += RBI_PAGE)
		assert_true(rb_dma_addr(buf, off + RBI_PAGE - 1).value < (uint64_t)1 << 32);
	check_segments(buf);
	assert_int_equal(rb_dma_stats_read(dev, &stats), 0);
	assert_true(stats.blocks_refused > 0);
	assert_int_equal(fake_blocks(w), 2);
	rb_dma_close(buf);
}

static void a_search_for_low_segments_ends_and_says_what_it_saw(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.addr_bits = 30;
	w->next_phys = 0x7000000000;
	w->phys_step = 0x10000;

	assert_int_equal(rb_dma_alloc_sg(dev, 4 * RBI_PAGE, &o, &buf), -ENOMEM);

	assert_null(buf);
	assert_int_equal(fake_blocks(w), 0);
	assert_null(w->room);
	assert_non_null(strstr(rb_last_error(), "of 4096 bytes below 2^30"));
	assert_non_null(strstr(rb_last_error(), "of 16 the lowest is at 0x70"));
}

static void refuse_at_every_call(struct rb_dma_options *o)
{
	struct rb_dma_buf *buf;
	unsigned int nth, calls;
	const int *err;
	int rc;

	w->calls = 0;
	buf = alloc(6 * RBI_PAGE, o);
	calls = w->calls;
	rb_dma_close(buf);
	for (nth = 1; nth <= calls; nth++) {
		for (err = fake_errnos; *err; err++) {
			fake_fail(w, nth, *err);
			rc = rb_dma_alloc_sg(dev, 6 * RBI_PAGE, o, &buf);
			w->fail_at = 0;
			assert_true(rc == 0 || rc == -EACCES || rc == -ENOTSUP || rc == -ENODEV ||
				    rc == -ENOMEM || rc == -EIO || rc == -EPROTO);
			assert_true(rc == 0 || !buf);
			rb_dma_close(buf);
			assert_int_equal(fake_blocks(w), 0);
			assert_null(w->room);
			assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 1);
			if (w->channel_err == 0 && !rb_pci_is_gone(dev))
				continue;
			rb_pci_unref(dev);
			w->channel_err = 0;
			dev = fake_device(w);
		}
	}
	assert_true(calls > 8);
}

static void an_alloc_that_fails_anywhere_leaves_nothing(void **state)
{
	(void)state;
	refuse_at_every_call(NULL);
	w->thief = true;
	refuse_at_every_call(NULL);
}

static void an_alloc_survives_having_no_memory(void **state)
{
	struct rb_dma_buf *buf;
	unsigned int refused = 0;
	unsigned long made, n = 0;
	int rc;

	(void)state;
	set_limits(0, 0, RBI_PAGE, 0); /* so that the list of segments needs memory */

	do {
		rbi_alloc_fail_at(++n);
		rc = rb_dma_alloc_sg(dev, 6 * RBI_PAGE, NULL, &buf);
		made = rbi_alloc_fail_at(0);
		assert_true(rc == 0 || (rc == -ENOMEM && !buf && fake_blocks(w) == 0 && !w->room));
		refused += rc == -ENOMEM;
		rb_dma_close(buf);
	} while (made >= n);

	assert_int_equal(rc, 0);
	assert_true(refused >= 4); /* the buffer, its memory, its blocks and segments */
}

/* --- told ----------------------------------------------------------------------------------- */

struct part {
	uint32_t shadow;
	uint64_t off, len;
};

static struct part parts[8];
static unsigned int nparts;

static void note_part(struct fake_world *world)
{
	parts[nparts++ % 8] =
		(struct part){ world->sync_shadow, world->sync_off, world->sync_len };
}

static void a_range_across_segments_is_told_to_each(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	w->shadow = 40;
	w->on_observe = note_part;
	buf = alloc(7 * RBI_PAGE, NULL); /* 4, 2 and 1 pages */
	nparts = 0;

	rb_dma_observe(buf, 3 * RBI_PAGE + 1, 3 * RBI_PAGE);

	assert_int_equal(nparts, 3);
	assert_int_equal(parts[0].shadow, 40);
	assert_int_equal(parts[0].off, 3 * RBI_PAGE + 1);
	assert_int_equal(parts[0].len, RBI_PAGE - 1);
	assert_int_equal(parts[1].shadow, 41);
	assert_int_equal(parts[1].off, 0);
	assert_int_equal(parts[1].len, 2 * RBI_PAGE);
	assert_int_equal(parts[2].shadow, 42);
	assert_int_equal(parts[2].off, 0);
	assert_int_equal(parts[2].len, 1);
	rb_dma_close(buf);
}

static void a_range_past_the_end_is_told_as_it_is(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	w->shadow = 40;
	buf = alloc(3 * RBI_PAGE, NULL); /* 2 and 1 pages */

	rb_dma_publish(buf, 2 * RBI_PAGE + 8, UINT64_MAX);
	assert_int_equal(w->sync_shadow, 41);
	assert_int_equal(w->sync_off, 8);
	assert_int_equal(w->sync_len, UINT64_MAX);
	rb_dma_publish(buf, UINT64_MAX, 4);
	assert_int_equal(w->sync_shadow, 41);
	assert_int_equal(w->sync_off, UINT64_MAX - 2 * RBI_PAGE);
	assert_int_equal(w->publishes, 2);
	rb_dma_close(buf);
}

static void each_block_is_named_to_the_world_below(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	w->shadow = 40;
	o.label = "table";
	w->notes = 0;

	buf = alloc(3 * RBI_PAGE, &o);

	assert_int_equal(w->notes, 2);
	assert_int_equal(w->note.shadow, 41);
	assert_int_equal(w->note.access, RBI_DMA_DEVICE_READS | RBI_DMA_DEVICE_WRITES);
	assert_int_equal(w->note.off, 0);
	assert_int_equal(w->note.len, RBI_PAGE);
	assert_string_equal(w->note.label, "table");
	assert_string_equal(w->note.owner, "0000:00:02.0");
	assert_non_null(strstr(w->note.place, "test_dma_sg.c:"));
	rb_dma_close(buf);
}

/* --- given back ------------------------------------------------------------------------------- */

static void memory_of_a_device_that_goes_on_is_kept_whole(void **state)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_buf *buf = alloc(7 * RBI_PAGE, NULL);

	(void)state;
	w->stuck_master = true;

	rb_dma_close(buf);

	assert_int_equal(fake_blocks(w), 3);
	assert_int_equal(rb_dma_stats_read(dev, &stats), 0);
	assert_int_equal(stats.quarantined, 7 * RBI_PAGE);
	assert_int_equal(stats.bytes, 0);
	w->stuck_master = false;
	assert_int_equal(rb_pci_set_bus_master(dev, false), 0);
	assert_int_equal(fake_blocks(w), 0);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	w->calls = 0;

	assert_int_equal(rb_dma_alloc_sg(dev, 0, NULL, &buf), -EINVAL);
	assert_int_equal(rb_dma_alloc_sg(NULL, 1, NULL, &buf), -EINVAL);
	assert_int_equal(rb_dma_alloc_sg(dev, 1, NULL, NULL), -EINVAL);
	assert_int_equal(rb_dma_alloc_sg(dev, RB_DMA_SG_MAX + 1, NULL, &buf), -ENOMEM);
	assert_int_equal(rb_dma_alloc_sg(dev, UINT64_MAX, NULL, &buf), -ENOMEM);
	o.align = RB_DMA_MAX * 2;
	assert_int_equal(rb_dma_alloc_sg(dev, 1, &o, &buf), -ENOMEM);
	o.align = 3;
	assert_int_equal(rb_dma_alloc_sg(dev, 1, &o, &buf), -EINVAL);
	assert_int_equal(w->calls, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_large_buffer_is_blocks_side_by_side),
		TEST(every_block_is_a_power_of_two),
		TEST(neighbours_are_one_segment),
		TEST(segments_honour_the_boundary_and_their_greatest_length),
		TEST(a_buffers_own_boundary_is_honoured_too),
		TEST(more_segments_than_the_device_takes_are_refused),
		TEST(more_segments_than_any_buffer_has_are_refused_before_memory_is_taken),
		TEST(blocks_are_no_smaller_than_the_alignment),
		TEST(a_contiguous_buffer_has_segments_as_well),
		TEST(where_no_large_block_is_free_smaller_ones_are_taken),
		TEST(a_place_that_another_thread_has_taken_is_left_alone),
		TEST(blocks_that_lie_too_high_make_place_for_lower_ones),
		TEST(a_search_for_low_segments_ends_and_says_what_it_saw),
		TEST(an_alloc_that_fails_anywhere_leaves_nothing),
		TEST(an_alloc_survives_having_no_memory),
		TEST(a_range_across_segments_is_told_to_each),
		TEST(a_range_past_the_end_is_told_as_it_is),
		TEST(each_block_is_named_to_the_world_below),
		TEST(memory_of_a_device_that_goes_on_is_kept_whole),
		TEST(sizes_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
