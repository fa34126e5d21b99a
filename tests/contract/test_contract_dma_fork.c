/* SPDX-License-Identifier: MIT */
/*
 * test_contract_dma_fork.c - DMA memory after fork(): the parent's alone.
 *
 * A child has no such memory (contract 1.5): it would die of touching it, so no call of
 * the library's touches it there.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

#define MIB   ((uint64_t)1 << 20)
#define BYTES 2048u

static uint8_t packet[BYTES];

static void fill(void *cpu, uint8_t seed)
{
	uint8_t *bytes = cpu;
	size_t i;

	for (i = 0; i < BYTES; i++)
		bytes[i] = (uint8_t)(seed + i * 31 + (i >> 7));
}

/* One of everything that holds DMA memory. */
static void hold_everything(struct stage *stage)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	map_edu(stage);
	limits.addr_bits = 28;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));
	assert_ok(rb_dma_alloc_sg(stage->dev, 6 * MIB, NULL, &stage->buf));
	options.count_min = 4;
	assert_ok(rb_dma_pool_open(stage->dev, BYTES, &options, &stage->pool));
	assert_ok(rb_dma_cache_open(stage->pool, 4, &stage->cache));
	stage->elems[0] = rb_dma_pool_get(stage->pool);
	assert_non_null(stage->elems[0]);
	assert_ok(rb_dma_ring_open(stage->dev, 8, 16, NULL, &stage->ring));
	fill(packet, 1);
	assert_ok(rb_dma_map(stage->dev, packet, BYTES, RB_DMA_BOTH, NULL, &stage->map));
}

/* From one place through the device to another. */
static void carry(struct stage *stage, struct rb_bus_addr from, struct rb_bus_addr to)
{
	run_edu_dma(stage, from.value, EDU_INTERNAL, BYTES / 2, 0);
	run_edu_dma(stage, EDU_INTERNAL, to.value, BYTES / 2, EDU_DMA_TO_RAM);
}

/* All of it is still there, and is the device's as well. */
static void parent_goes_on(struct stage *stage)
{
	struct rb_dma_elem *e = stage->elems[0];
	uint8_t *bytes = rb_dma_cpu(stage->buf);
	struct rb_dma_segment s;

	fill(bytes, 7);
	rb_dma_publish(stage->buf, 0, BYTES);
	carry(stage, rb_dma_addr(stage->buf, 0), rb_dma_addr(stage->buf, 6 * MIB - BYTES));
	rb_dma_observe(stage->buf, 6 * MIB - BYTES, BYTES);
	assert_memory_equal(bytes + 6 * MIB - BYTES, bytes, BYTES / 2);

	carry(stage, rb_dma_addr(stage->buf, 0), e->bus);
	rb_dma_elem_observe(e, 0, BYTES);
	assert_memory_equal(e->cpu, bytes, BYTES / 2);
	rb_dma_cache_put(stage->cache, e);
	stage->elems[0] = rb_dma_cache_get(stage->cache);
	assert_ptr_equal(stage->elems[0], e);

	run_edu_dma(stage, EDU_INTERNAL, rb_dma_ring_addr(stage->ring, 1).value, 16,
		    EDU_DMA_TO_RAM);
	rb_dma_ring_post(stage->ring, 2);
	rb_dma_ring_take(stage->ring, 1);
	assert_int_equal(rb_dma_ring_peek(stage->ring), 1);
	assert_memory_equal((uint8_t *)stage->ring->desc + 16, bytes, 16);

	assert_ok(rb_dma_map_segment(stage->map, 0, &s));
	carry(stage, rb_dma_addr(stage->buf, 0), s.bus);
	rb_dma_unmap(stage->map);
	stage->map = NULL;
	assert_memory_equal(packet, bytes, BYTES / 2);
}

static int child_cannot_open(struct stage *stage)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_cache *cache;
	struct rb_dma_pool *pool;
	struct rb_dma_ring *ring;
	struct rb_dma_buf *buf;
	struct rb_dma_map *map;

	MUST(rb_dma_alloc_sg(stage->dev, BYTES, NULL, &buf) == -ENODEV && buf == NULL);
	MUST(rb_dma_pool_open(stage->dev, BYTES, NULL, &pool) == -ENODEV && pool == NULL);
	MUST(rb_dma_cache_open(stage->pool, 4, &cache) == -ENODEV && cache == NULL);
	MUST(rb_dma_ring_open(stage->dev, 8, 16, NULL, &ring) == -ENODEV && ring == NULL);
	MUST(rb_dma_map(stage->dev, packet, 8, RB_DMA_BOTH, NULL, &map) == -ENODEV && map == NULL);
	MUST(strlen(rb_last_error()) > 0);
	MUST(rb_dma_set_limits(stage->dev, &limits) == -ENODEV);
	MUST(rb_dma_get_limits(stage->dev, &limits) == -ENODEV);
	MUST(rb_dma_stats_read(stage->dev, &stats) == -ENODEV);
	return 0;
}

static int child_cannot_use(struct stage *stage)
{
	MUST(rb_dma_poll32(stage->buf, 0, 1, 1, 1000, NULL) == -ENODEV);
	rb_dma_publish(stage->buf, 0, 6 * MIB);
	rb_dma_observe(stage->buf, 0, 6 * MIB);
	MUST(rb_dma_pool_get(stage->pool) == NULL);
	MUST(rb_dma_cache_get(stage->cache) == NULL);
	rb_dma_pool_put(stage->pool, stage->elems[0]);
	rb_dma_cache_put(stage->cache, stage->elems[0]);
	rb_dma_ring_reset(stage->ring);
	MUST(rb_dma_sync_for_cpu(stage->map, 0, 8) == -ENODEV);
	MUST(rb_dma_sync_for_device(stage->map, 0, 8) == -ENODEV);
	return 0;
}

static int child_only_releases(struct stage *stage)
{
	rb_ctx_unref(stage->ctx);
	close_stage(stage);
	return 0;
}

static void in_a_child_no_dma_memory_can_be_had(struct stage *stage)
{
	hold_everything(stage);

	fork_and_play(stage, child_cannot_open);

	parent_goes_on(stage);
}

static void in_a_child_no_dma_memory_can_be_used(struct stage *stage)
{
	hold_everything(stage);

	fork_and_play(stage, child_cannot_use);

	parent_goes_on(stage);
}

static void a_child_that_closes_leaves_the_parents_memory_alone(struct stage *stage)
{
	hold_everything(stage);

	fork_and_play(stage, child_only_releases);

	parent_goes_on(stage);
}

static const struct scenario scenarios[] = {
	SCENARIO(in_a_child_no_dma_memory_can_be_had),
	SCENARIO(in_a_child_no_dma_memory_can_be_used),
	SCENARIO(a_child_that_closes_leaves_the_parents_memory_alone),
};

int main(void)
{
	return RUN_SCENARIOS("DMA memory and fork", scenarios);
}
