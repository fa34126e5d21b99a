/* SPDX-License-Identifier: MIT */
/*
 * test_contract_dma_sg.c - what a device demands of its memory, and buffers of segments.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

#define MIB   ((uint64_t)1 << 20)
#define BYTES 4080u /* QEMU 7.2 aborts at 4096 (qemu-notes 2) */

static void fill(uint8_t *bytes, size_t len, uint8_t seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(seed + i * 31 + (i >> 7));
}

static void limit_edu(struct stage *stage, uint64_t boundary, uint64_t segment_max)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	limits.addr_bits = 28;
	limits.boundary = boundary;
	limits.segment_max = segment_max;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));
}

/* In order, without gaps, as rb_dma_addr() says, and below edu's mask. */
static void check_segments(const struct rb_dma_buf *buf)
{
	struct rb_dma_segment s = { { 0 }, 0, 0 };
	uint64_t off = 0;
	uint32_t i;

	for (i = 0; i < rb_dma_segment_count(buf); i++) {
		assert_ok(rb_dma_segment(buf, i, &s));
		assert_int_equal(s.off, off);
		assert_int_equal(rb_dma_addr(buf, off).value, s.bus.value);
		assert_true(s.bus.value + s.len <= (uint64_t)1 << 28);
		off += s.len;
	}
	assert_int_equal(off, rb_dma_size(buf));
}

/* Move @len bytes at @from to @to, both in the buffer, through the device, without crossing
 * a segment. */
static void carry(struct stage *stage, uint64_t from, uint64_t to, uint32_t len)
{
	run_edu_dma(stage, rb_dma_addr(stage->buf, from).value, EDU_INTERNAL, len, 0);
	run_edu_dma(stage, EDU_INTERNAL, rb_dma_addr(stage->buf, to).value, len, EDU_DMA_TO_RAM);
}

/* --- buffers of segments ------------------------------------------------------------------ */

static void six_megabytes_go_through_the_device_across_a_segment(struct stage *stage)
{
	const uint64_t border = 4 * MIB, half = BYTES / 2;
	uint8_t *bytes;

	map_edu(stage);
	limit_edu(stage, 0, 0);
	assert_ok(rb_dma_alloc_sg(stage->dev, 6 * MIB, NULL, &stage->buf));
	check_segments(stage->buf);
	bytes = rb_dma_cpu(stage->buf);
	fill(bytes, BYTES, 5);

	/* the middle of these bytes is where one block ends and another begins */
	rb_dma_publish(stage->buf, 0, BYTES);
	carry(stage, 0, border - half, (uint32_t)half);
	carry(stage, half, border, (uint32_t)half);
	rb_dma_observe(stage->buf, border - half, BYTES);

	assert_memory_equal(bytes + border - half, bytes, BYTES);

	/* and back, to the very end */
	memset(bytes + border - half, 0x77, BYTES);
	rb_dma_publish(stage->buf, border - half, BYTES);
	carry(stage, border - half, 6 * MIB - BYTES, (uint32_t)half);
	carry(stage, border, 6 * MIB - half, (uint32_t)half);
	rb_dma_observe(stage->buf, 6 * MIB - BYTES, BYTES);

	assert_memory_equal(bytes + 6 * MIB - BYTES, bytes + border - half, BYTES);
}

static void segments_honour_what_the_device_demands(struct stage *stage)
{
	struct rb_dma_segment s;
	uint32_t i;

	claim_edu(stage);
	limit_edu(stage, 65536, 16384);
	assert_ok(rb_dma_alloc_sg(stage->dev, 300000, NULL, &stage->buf));

	check_segments(stage->buf);
	for (i = 0; i < rb_dma_segment_count(stage->buf); i++) {
		assert_ok(rb_dma_segment(stage->buf, i, &s));
		assert_true(s.len <= 16384);
		assert_int_equal(s.bus.value / 65536, (s.bus.value + s.len - 1) / 65536);
	}
}

static void a_buffer_of_segments_is_zeroed_whatever_was_there(struct stage *stage)
{
	static const uint8_t zeros[4096];
	uint64_t off;
	int i;

	claim_edu(stage);
	limit_edu(stage, 0, 0);
	for (i = 0; i < 2; i++) {
		assert_ok(rb_dma_alloc_sg(stage->dev, 7 * 4096, NULL, &stage->buf));
		for (off = 0; off < 7 * 4096; off += 4096)
			assert_memory_equal((uint8_t *)rb_dma_cpu(stage->buf) + off, zeros, 4096);
		memset(rb_dma_cpu(stage->buf), 0xa5, 7 * 4096);
		rb_dma_publish(stage->buf, 0, 7 * 4096);
		rb_dma_close(stage->buf);
		stage->buf = NULL;
	}
}

/* --- limits --------------------------------------------------------------------------------- */

static void limits_hold_while_a_buffer_lives(struct stage *stage)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_buf *buf;

	claim_edu(stage);
	limit_edu(stage, 65536, 0);
	assert_ok(rb_dma_get_limits(stage->dev, &limits));
	assert_int_equal(limits.addr_bits, 28);
	assert_int_equal(limits.boundary, 65536);

	assert_ok(rb_dma_alloc(stage->dev, 65536, NULL, &stage->buf));
	assert_int_equal(rb_dma_addr(stage->buf, 0).value % 65536, 0);
	assert_int_equal(rb_dma_alloc(stage->dev, 65537, NULL, &buf), -ENOMEM);
	assert_int_equal(rb_dma_set_limits(stage->dev, &limits), -EBUSY);

	assert_ok(rb_dma_stats_read(stage->dev, &stats));
	assert_int_equal(stats.buffers, 1);
	assert_int_equal(stats.bytes, 65536);
	assert_int_equal(stats.quarantined, 0);
}

static void memory_that_the_device_cannot_reach_is_not_found(struct stage *stage)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_buf *buf;

	claim_edu(stage);
	limits.addr_bits = 12; /* page 0, which nobody gets */
	assert_ok(rb_dma_set_limits(stage->dev, &limits));

	assert_int_equal(rb_dma_alloc(stage->dev, 64, NULL, &buf), -ENOMEM);
	assert_null(buf);
	assert_int_equal(rb_dma_alloc_sg(stage->dev, 64, NULL, &buf), -ENOMEM);
	assert_null(buf);
}

static const struct scenario scenarios[] = {
	SCENARIO(six_megabytes_go_through_the_device_across_a_segment),
	SCENARIO(segments_honour_what_the_device_demands),
	SCENARIO(a_buffer_of_segments_is_zeroed_whatever_was_there),
	SCENARIO(limits_hold_while_a_buffer_lives),
	SCENARIO(memory_that_the_device_cannot_reach_is_not_found),
};

int main(void)
{
	return RUN_SCENARIOS("DMA of segments", scenarios);
}
