/* SPDX-License-Identifier: MIT */
/*
 * test_contract_dma_mask.c - memory that comes from too high, and the search for lower.
 *
 * edu has 28 address bits, and cuts what it is told to those. The machines here end above
 * them and hand out the highest memory first: one MiB that edu does not reach, or more
 * than any search is long.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

#define LIMIT	 ((uint64_t)1 << 28)
#define BYTES	 4000u /* edu's own memory holds 4096 */
#define BLOCK	 131072u /* the MiB above holds eight */
#define PER_POOL 64u /* elements of 2048 bytes: a block */

/* RAM up to 257 MiB, and up to 512 MiB: that of the mock begins at 16. */
#define A_LITTLE_HIGH(fn) SCENARIO_ON(fn, ";ram=241;frames=high", ";memory=257;frames=high")
#define MUCH_HIGH(fn)	  SCENARIO_ON(fn, ";ram=496;frames=high", ";memory=512;frames=high")
/* Only the mock has memory past 4 GiB, where a cut address is another's. */
#define HIGHER(fn)	  SCENARIO_ON(fn, ";ram_high=1;frames=high", NULL)

static _Alignas(4096) uint8_t packet[4096];

static void fill(void *cpu, size_t len, uint8_t seed)
{
	uint8_t *bytes = cpu;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(seed + i * 31 + (i >> 7));
}

static void claim_with_bits(struct stage *stage, uint32_t addr_bits)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	map_edu(stage);
	limits.addr_bits = addr_bits;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));
}

static uint64_t blocks_refused(struct stage *stage)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;

	assert_ok(rb_dma_stats_read(stage->dev, &stats));
	return stats.blocks_refused;
}

/* The device copies BYTES from one place to another, both in the stage's buffer. */
static void carry(struct stage *stage, uint64_t from, uint64_t to)
{
	uint8_t *bytes = rb_dma_cpu(stage->buf);

	fill(bytes + from, BYTES, 3);
	rb_dma_publish(stage->buf, from, BYTES);
	run_edu_dma(stage, rb_dma_addr(stage->buf, from).value, EDU_INTERNAL, BYTES, 0);
	run_edu_dma(stage, EDU_INTERNAL, rb_dma_addr(stage->buf, to).value, BYTES, EDU_DMA_TO_RAM);
	rb_dma_observe(stage->buf, to, BYTES);
	assert_memory_equal(bytes + to, bytes + from, BYTES);
}

/* --- found -------------------------------------------------------------------------------- */

static void a_block_is_found_below_those_the_device_cannot_reach(struct stage *stage)
{
	claim_with_bits(stage, 0);
	assert_ok(rb_dma_alloc(stage->dev, BLOCK, NULL, &stage->buf));
	assert_true(rb_dma_addr(stage->buf, 0).value >= LIMIT);
	rb_dma_close(stage->buf);
	stage->buf = NULL;

	alloc_edu_dma(stage, BLOCK);

	assert_true(rb_dma_addr(stage->buf, BLOCK - 1).value < LIMIT);
	assert_int_equal(blocks_refused(stage), 8);
	carry(stage, 0, BLOCK - BYTES);
}

static void every_segment_is_found_below(struct stage *stage)
{
	struct rb_dma_segment s;
	uint32_t i;

	claim_with_bits(stage, 28);
	assert_ok(rb_dma_alloc_sg(stage->dev, 3 * BLOCK, NULL, &stage->buf));

	for (i = 0; i < rb_dma_segment_count(stage->buf); i++) {
		assert_ok(rb_dma_segment(stage->buf, i, &s));
		assert_true(s.bus.value + s.len <= LIMIT);
	}
	assert_true(blocks_refused(stage) > 0);
	carry(stage, 100, 3 * BLOCK - BYTES);
}

static void a_pool_has_its_elements_below(struct stage *stage)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_elem *e;
	unsigned int i;

	claim_with_bits(stage, 28);
	options.count_min = PER_POOL;
	assert_ok(rb_dma_pool_open(stage->dev, 2048, &options, &stage->pool));

	for (i = 0; i < 2; i++) {
		stage->elems[i] = rb_dma_pool_get(stage->pool);
		assert_non_null(stage->elems[i]);
		assert_true(stage->elems[i]->bus.value + 2048 <= LIMIT);
	}
	assert_int_equal(blocks_refused(stage), 8);
	e = stage->elems[0];
	fill(e->cpu, 2048, 9);
	rb_dma_elem_publish(e, 0, 2048);
	run_edu_dma(stage, e->bus.value, EDU_INTERNAL, 2048, 0);
	run_edu_dma(stage, EDU_INTERNAL, stage->elems[1]->bus.value, 2048, EDU_DMA_TO_RAM);
	rb_dma_elem_observe(stage->elems[1], 0, 2048);
	assert_memory_equal(stage->elems[1]->cpu, e->cpu, 2048);
}

static void a_ring_lies_below(struct stage *stage)
{
	claim_with_bits(stage, 28);

	assert_ok(rb_dma_ring_open(stage->dev, BLOCK / 16, 16, NULL, &stage->ring));

	assert_true(rb_dma_ring_addr(stage->ring, BLOCK / 16 - 1).value + 16 <= LIMIT);
	assert_int_equal(blocks_refused(stage), 8);
}

/* Its pages are known to the machine, and too high: they are copied. */
static void memory_that_lies_too_high_is_bounced_below(struct stage *stage)
{
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_segment s;
	uint8_t *bytes;

	claim_with_bits(stage, 0);
	assert_ok(rb_dma_alloc(stage->dev, BLOCK, NULL, &stage->buf));
	assert_true(rb_dma_addr(stage->buf, 0).value >= LIMIT);
	bytes = rb_dma_cpu(stage->buf);
	fill(bytes, BLOCK, 7);
	options.addr_bits = 28;

	assert_ok(rb_dma_map(stage->dev, bytes, BLOCK, RB_DMA_BOTH, &options, &stage->map));

	assert_true(rb_dma_map_is_bounced(stage->map));
	assert_int_equal(rb_dma_map_count(stage->map), 1);
	assert_ok(rb_dma_map_segment(stage->map, 0, &s));
	assert_true(s.bus.value + s.len <= LIMIT);
	run_edu_dma(stage, s.bus.value, EDU_INTERNAL, BYTES, 0);
	run_edu_dma(stage, EDU_INTERNAL, s.bus.value + BLOCK - BYTES, BYTES, EDU_DMA_TO_RAM);
	rb_dma_unmap(stage->map);
	stage->map = NULL;
	assert_memory_equal(bytes + BLOCK - BYTES, bytes, BYTES);
}

/* --- not found ------------------------------------------------------------------------------ */

static void expect_reason(int rc, const void *made, const char *lowest)
{
	assert_int_equal(rc, -ENOMEM);
	assert_null(made);
	if (strstr(rb_last_error(), "below 2^28") == NULL ||
	    strstr(rb_last_error(), lowest) == NULL)
		fail_msg("not %s: %s", lowest, rb_last_error());
}

/* No search is endless: it tells where the lowest of sixteen was. */
static void a_search_that_finds_nothing_says_what_it_saw(struct stage *stage)
{
	static const char one_page[] = "of 16 the lowest is at 0x1fff0000";
	struct rb_dma_pool_options pool_options = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_ring *ring;
	struct rb_dma_pool *pool;
	struct rb_dma_buf *buf;
	struct rb_dma_map *map;
	int rc;

	claim_with_bits(stage, 28);
	pool_options.count_min = 1;

	rc = rb_dma_alloc(stage->dev, BLOCK, NULL, &buf);
	expect_reason(rc, buf, "of 16 the lowest is at 0x1fe00000");
	/* the first of them made place, and came again */
	rc = rb_dma_alloc_sg(stage->dev, BLOCK, NULL, &buf);
	expect_reason(rc, buf, "of 16 the lowest is at 0x1fff1000");
	rc = rb_dma_ring_open(stage->dev, 64, 16, NULL, &ring);
	expect_reason(rc, ring, one_page);
	rc = rb_dma_pool_open(stage->dev, 64, &pool_options, &pool);
	expect_reason(rc, pool, one_page);
	rc = rb_dma_map(stage->dev, packet, sizeof(packet), RB_DMA_BOTH, NULL, &map);
	expect_reason(rc, map, one_page);

	assert_int_equal(rb_ctx_live(stage->ctx, NULL, 0), 2); /* the device and its registers */
}

/* What it held meanwhile is there again. */
static void a_search_in_vain_keeps_nothing(struct stage *stage)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;
	uint64_t first;

	claim_with_bits(stage, 0);
	assert_ok(rb_dma_alloc(stage->dev, BLOCK, NULL, &stage->buf));
	first = rb_dma_addr(stage->buf, 0).value;
	rb_dma_close(stage->buf);
	stage->buf = NULL;
	options.addr_bits = 28;
	assert_int_equal(rb_dma_alloc(stage->dev, BLOCK, &options, &buf), -ENOMEM);
	assert_int_equal(rb_dma_alloc_sg(stage->dev, 9 * BLOCK, &options, &buf), -ENOMEM);

	assert_ok(rb_dma_alloc(stage->dev, BLOCK, NULL, &stage->buf));

	assert_int_equal(rb_dma_addr(stage->buf, 0).value, first);
}

/* --- past 4 GiB ------------------------------------------------------------------------------- */

static void memory_past_4_gib_is_passed_over(struct stage *stage)
{
	claim_with_bits(stage, 0);
	assert_ok(rb_dma_alloc(stage->dev, BLOCK, NULL, &stage->buf));
	assert_true(rb_dma_addr(stage->buf, 0).value >= (uint64_t)1 << 32);
	rb_dma_close(stage->buf);
	stage->buf = NULL;

	alloc_edu_dma(stage, BLOCK);

	assert_true(rb_dma_addr(stage->buf, BLOCK - 1).value < LIMIT);
	carry(stage, 0, BLOCK - BYTES);
}

static const struct scenario scenarios[] = {
	A_LITTLE_HIGH(a_block_is_found_below_those_the_device_cannot_reach),
	A_LITTLE_HIGH(every_segment_is_found_below),
	A_LITTLE_HIGH(a_pool_has_its_elements_below),
	A_LITTLE_HIGH(a_ring_lies_below),
	A_LITTLE_HIGH(memory_that_lies_too_high_is_bounced_below),
	MUCH_HIGH(a_search_that_finds_nothing_says_what_it_saw),
	MUCH_HIGH(a_search_in_vain_keeps_nothing),
	HIGHER(memory_past_4_gib_is_passed_over),
};

int main(void)
{
	return RUN_SCENARIOS("address masks", scenarios);
}
