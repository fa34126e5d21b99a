/* SPDX-License-Identifier: MIT */
/*
 * test_contract_dma_shuffle.c - memory in pieces: no block lies next to another, so who
 * takes neighbours of the CPU for neighbours of the device is found out.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

#define PAGE  4096u
#define BYTES 4000u /* edu's own memory holds 4096 */

#define SHUFFLED(fn) SCENARIO_WITH(fn, ";frames=shuffle")

static void fill(void *cpu, size_t len, uint8_t seed)
{
	uint8_t *bytes = cpu;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(seed + i * 31 + (i >> 7));
}

static void claim_limited(struct stage *stage, uint32_t segments)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	map_edu(stage);
	limits.addr_bits = 28;
	limits.segments = segments;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));
}

/* Seven pages, which are blocks of four, two and one. */
static uint8_t *alloc_pieces(struct stage *stage)
{
	assert_ok(rb_dma_alloc_sg(stage->dev, 7 * PAGE, NULL, &stage->buf));
	assert_int_equal(rb_dma_segment_count(stage->buf), 3);
	return rb_dma_cpu(stage->buf);
}

/* edu copies the map's bytes to its own memory, or back, a segment at a time. */
static void run_segments(struct stage *stage, uint32_t flags)
{
	struct rb_dma_segment s;
	uint32_t i;

	for (i = 0; i < rb_dma_map_count(stage->map); i++) {
		assert_ok(rb_dma_map_segment(stage->map, i, &s));
		if (flags & EDU_DMA_TO_RAM)
			run_edu_dma(stage, EDU_INTERNAL + s.off, s.bus.value, (uint32_t)s.len,
				    flags);
		else
			run_edu_dma(stage, s.bus.value, EDU_INTERNAL + s.off, (uint32_t)s.len,
				    flags);
	}
}

static void hand_over(struct stage *stage, void *cpu, uint64_t len, enum rb_dma_dir dir)
{
	assert_ok(rb_dma_map(stage->dev, cpu, len, dir, NULL, &stage->map));
}

static void hand_back(struct stage *stage)
{
	rb_dma_unmap(stage->map);
	stage->map = NULL;
}

/* --- buffers -------------------------------------------------------------------------------- */

static void a_buffer_in_pieces_is_one_to_the_cpu(struct stage *stage)
{
	const uint64_t border = 4 * PAGE, half = BYTES / 2;
	uint8_t *bytes;

	claim_limited(stage, 0);
	bytes = alloc_pieces(stage);
	fill(bytes, BYTES, 1);
	assert_int_not_equal(rb_dma_addr(stage->buf, border - 1).value + 1,
			     rb_dma_addr(stage->buf, border).value);

	rb_dma_publish(stage->buf, 0, BYTES);
	run_edu_dma(stage, rb_dma_addr(stage->buf, 0).value, EDU_INTERNAL, BYTES, 0);
	run_edu_dma(stage, EDU_INTERNAL, rb_dma_addr(stage->buf, border - half).value,
		    (uint32_t)half, EDU_DMA_TO_RAM);
	run_edu_dma(stage, EDU_INTERNAL + half, rb_dma_addr(stage->buf, border).value,
		    (uint32_t)half, EDU_DMA_TO_RAM);
	rb_dma_observe(stage->buf, border - half, BYTES);

	assert_memory_equal(bytes + border - half, bytes, BYTES);
}

/* --- maps ----------------------------------------------------------------------------------- */

static void a_map_across_pieces_has_a_segment_of_each(struct stage *stage)
{
	struct rb_dma_segment s;
	uint8_t sent[BYTES];
	uint8_t *bytes;

	claim_limited(stage, 0);
	bytes = alloc_pieces(stage) + 4 * PAGE - 1000;
	fill(bytes, BYTES, 2);
	memcpy(sent, bytes, BYTES);

	hand_over(stage, bytes, BYTES, RB_DMA_TO_DEVICE);
	assert_false(rb_dma_map_is_bounced(stage->map));
	assert_int_equal(rb_dma_map_count(stage->map), 2);
	assert_ok(rb_dma_map_segment(stage->map, 1, &s));
	assert_int_equal(s.off, 1000);
	assert_int_equal(s.bus.value, rb_dma_addr(stage->buf, 4 * PAGE).value);
	run_segments(stage, 0);
	hand_back(stage);
	memset(bytes, 0, BYTES);
	rb_dma_publish(stage->buf, 4 * PAGE - 1000, BYTES);
	hand_over(stage, bytes, BYTES, RB_DMA_FROM_DEVICE);
	run_segments(stage, EDU_DMA_TO_RAM);
	hand_back(stage);

	assert_memory_equal(bytes, sent, BYTES);
}

/* Pages of one block are neighbours wherever it lies. */
static void pages_are_merged_as_far_as_they_are_neighbours(struct stage *stage)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_segment s;
	uint8_t *bytes;
	uint32_t i;

	claim_limited(stage, 0);
	bytes = alloc_pieces(stage);

	hand_over(stage, bytes, 7 * PAGE, RB_DMA_TO_DEVICE);

	assert_int_equal(rb_dma_map_count(stage->map), 3);
	for (i = 0; i < 3; i++) {
		assert_ok(rb_dma_map_segment(stage->map, i, &s));
		assert_int_equal(s.len, PAGE << (2 - i));
	}
	assert_ok(rb_dma_stats_read(stage->dev, &stats));
	assert_int_equal(stats.pages_merged, 3 + 1);
}

static void a_device_of_one_segment_gets_pieces_as_a_copy(struct stage *stage)
{
	struct rb_dma_range apart[2];
	struct rb_dma_buf *buf;
	uint8_t *bytes;

	claim_limited(stage, 1);
	assert_int_equal(rb_dma_alloc_sg(stage->dev, 7 * PAGE, NULL, &buf), -ENOMEM);
	assert_ok(rb_dma_alloc(stage->dev, PAGE, NULL, &stage->buf));
	bytes = rb_dma_cpu(stage->buf);
	fill(bytes, 2000, 4);
	memcpy(bytes + 3000, bytes + 1000, 1000);
	apart[0] = (struct rb_dma_range){ bytes, 1000 };
	apart[1] = (struct rb_dma_range){ bytes + 3000, 1000 };

	assert_ok(rb_dma_map_ranges(stage->dev, apart, 2, RB_DMA_TO_DEVICE, NULL, &stage->map));

	assert_true(rb_dma_map_is_bounced(stage->map));
	assert_int_equal(rb_dma_map_count(stage->map), 1);
	run_segments(stage, 0);
	hand_back(stage);
	hand_over(stage, bytes + 2000, 2000, RB_DMA_FROM_DEVICE);
	run_segments(stage, EDU_DMA_TO_RAM);
	hand_back(stage);
	assert_memory_equal(bytes + 2000, bytes, 2000);
}

/* --- pools ------------------------------------------------------------------------------------ */

/* Elements as large as their blocks: each lies for itself. */
static void elements_of_scattered_blocks_are_where_they_say(struct stage *stage)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
	const size_t most = sizeof(stage->elems) / sizeof(stage->elems[0]);
	struct rb_dma_elem *e, *before = NULL;
	size_t i, blocks = 0;

	claim_limited(stage, 0);
	options.label = "pieces";
	assert_ok(rb_dma_pool_open(stage->dev, 1u << 20, &options, &stage->pool));

	for (i = 0; i < most; i++) {
		e = stage->elems[i] = rb_dma_pool_get(stage->pool);
		assert_non_null(e);
		assert_int_equal(e->bus.value, rb_dma_addr(e->buf, e->off).value);
		blocks += before == NULL || e->buf != before->buf;
		if (before && e->buf != before->buf)
			assert_int_not_equal(e->bus.value, before->bus.value + e->size);
		fill(e->cpu, BYTES, (uint8_t)i);
		rb_dma_elem_publish(e, 0, BYTES);
		before = e;
	}
	assert_true(blocks > 1);

	for (i = 1; i < most; i++) {
		run_edu_dma(stage, stage->elems[i - 1]->bus.value, EDU_INTERNAL, BYTES, 0);
		run_edu_dma(stage, EDU_INTERNAL, stage->elems[i]->bus.value, BYTES, EDU_DMA_TO_RAM);
		rb_dma_elem_observe(stage->elems[i], 0, BYTES);
	}
	assert_memory_equal(stage->elems[most - 1]->cpu, stage->elems[0]->cpu, BYTES);
}

static const struct scenario scenarios[] = {
	SHUFFLED(a_buffer_in_pieces_is_one_to_the_cpu),
	SHUFFLED(a_map_across_pieces_has_a_segment_of_each),
	SHUFFLED(pages_are_merged_as_far_as_they_are_neighbours),
	SHUFFLED(a_device_of_one_segment_gets_pieces_as_a_copy),
	SHUFFLED(elements_of_scattered_blocks_are_where_they_say),
};

int main(void)
{
	return RUN_SCENARIOS("scattered memory", scenarios);
}
