/* SPDX-License-Identifier: MIT */
/*
 * test_contract_pool.c - elements of a pool, read and written by a device.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract.h"

#define SIZE 96u

static void open_pool(struct stage *stage, uint64_t size, uint64_t boundary, uint64_t count_max)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;

	options.addr_bits = 28; /* what edu reaches */
	options.boundary = boundary;
	options.count_max = count_max;
	options.label = "elements";
	assert_ok(rb_dma_pool_open(stage->dev, size, &options, &stage->pool));
}

static struct rb_dma_elem *get(struct stage *stage, unsigned int i)
{
	stage->elems[i] = stage->cache ? rb_dma_cache_get(stage->cache)
				       : rb_dma_pool_get(stage->pool);
	assert_non_null(stage->elems[i]);
	return stage->elems[i];
}

static void put(struct stage *stage, unsigned int i)
{
	struct rb_dma_elem *e = stage->elems[i];

	stage->elems[i] = NULL;
	if (stage->cache)
		rb_dma_cache_put(stage->cache, e);
	else
		rb_dma_pool_put(stage->pool, e);
}

static void fill(struct rb_dma_elem *e, uint8_t seed)
{
	uint8_t *bytes = e->cpu;
	size_t i;

	for (i = 0; i < e->size; i++)
		bytes[i] = (uint8_t)(seed + i * 29);
}

static void copy_by_device(struct stage *stage, struct rb_dma_elem *from, struct rb_dma_elem *to)
{
	rb_dma_elem_publish(from, 0, SIZE);
	run_edu_dma(stage, from->bus.value, EDU_INTERNAL, SIZE, 0);
	run_edu_dma(stage, EDU_INTERNAL, to->bus.value, SIZE, EDU_DMA_TO_RAM);
	rb_dma_elem_observe(to, 0, SIZE);
}

static void a_device_copies_one_element_to_another(struct stage *stage)
{
	struct rb_dma_elem *e[3];
	uint8_t beside[SIZE];
	unsigned int i;

	map_edu(stage);
	open_pool(stage, SIZE, 0, 0);
	for (i = 0; i < 3; i++) {
		e[i] = get(stage, i);
		fill(e[i], (uint8_t)i);
		rb_dma_elem_publish(e[i], 0, SIZE);
	}
	memcpy(beside, e[1]->cpu, SIZE);

	copy_by_device(stage, e[0], e[2]);

	assert_memory_equal(e[2]->cpu, e[0]->cpu, SIZE);
	assert_memory_equal(e[1]->cpu, beside, SIZE);
}

static void elements_come_and_go_between_transfers(struct stage *stage)
{
	unsigned int round;

	map_edu(stage);
	open_pool(stage, SIZE, 0, 0);
	assert_ok(rb_dma_cache_open(stage->pool, 4, &stage->cache));

	for (round = 0; round < 6; round++) {
		fill(get(stage, round % 3), (uint8_t)round);
		get(stage, 3);
		copy_by_device(stage, stage->elems[round % 3], stage->elems[3]);
		assert_memory_equal(stage->elems[3]->cpu, stage->elems[round % 3]->cpu, SIZE);
		put(stage, 3);
		put(stage, round % 3);
	}
}

static void elements_lie_where_the_device_can_use_them(struct stage *stage)
{
	uint64_t first, last;
	unsigned int i;

	claim_edu(stage);
	open_pool(stage, 1500, 2048, 0);

	for (i = 0; i < 8; i++) {
		first = get(stage, i)->bus.value;
		last = first + 1499;
		assert_int_equal(first % 64, 0);
		assert_int_equal(first / 2048, last / 2048);
		assert_true(last < (uint64_t)1 << 28);
		assert_true(first != 0);
	}
}

static void limits_of_the_device_hold_without_asking(struct stage *stage)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	unsigned int i;

	claim_edu(stage);
	limits.addr_bits = 28;
	limits.align = 512;
	limits.boundary = 1024;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));
	assert_ok(rb_dma_pool_open(stage->dev, 700, NULL, &stage->pool));

	for (i = 0; i < 8; i++) {
		assert_int_equal(get(stage, i)->bus.value % 1024, 0);
		assert_true(stage->elems[i]->bus.value < (uint64_t)1 << 28);
	}
}

static void a_pool_has_no_more_than_its_most(struct stage *stage)
{
	claim_edu(stage);
	open_pool(stage, SIZE, 0, 2);
	get(stage, 0);
	get(stage, 1);

	assert_null(rb_dma_pool_get(stage->pool));

	put(stage, 0);
	get(stage, 2);
}

static void an_element_put_twice_does_no_harm(struct stage *stage)
{
	struct rb_dma_elem *e;

	map_edu(stage);
	open_pool(stage, SIZE, 0, 0);
	e = get(stage, 0);
	put(stage, 0);

	rb_dma_pool_put(stage->pool, e);

	assert_ptr_equal(get(stage, 0), e);
	assert_ptr_not_equal(get(stage, 1), e);
	fill(e, 5);
	copy_by_device(stage, e, stage->elems[1]);
	assert_memory_equal(stage->elems[1]->cpu, e->cpu, SIZE);
}

static void a_pool_closed_too_early_keeps_its_memory(struct stage *stage)
{
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e;

	map_edu(stage);
	open_pool(stage, SIZE, 0, 0);
	e = get(stage, 0);
	pool = stage->pool;

	stage->pool = NULL;
	stage->elems[0] = NULL;
	rb_dma_pool_close(pool);

	rb_mmio_write32(stage->regs, EDU_DMA_SRC, EDU_INTERNAL);
	rb_mmio_write32(stage->regs, EDU_DMA_DST, (uint32_t)e->bus.value);
	rb_mmio_write32(stage->regs, EDU_DMA_COUNT, SIZE);
	rb_mmio_write32(stage->regs, EDU_DMA_CMD, EDU_DMA_RUN | EDU_DMA_TO_RAM);
	(void)!rb_mmio_poll32(stage->regs, EDU_DMA_CMD, EDU_DMA_RUN, 0, 1000000, NULL);
	memset(e->cpu, 1, SIZE);
	rb_dma_pool_put(pool, e);
}

/* A campaign's processes do not wait for children, so the answer comes through a pipe. */
static void a_child_of_fork_gets_nothing(struct stage *stage)
{
	char answer = '?';
	int fds[2];
	pid_t child;

	claim_edu(stage);
	open_pool(stage, SIZE, 0, 0);
	assert_ok(rb_dma_cache_open(stage->pool, 4, &stage->cache));
	get(stage, 0);

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		alarm(20);
		rb_dma_pool_put(stage->pool, stage->elems[0]);
		answer = rb_dma_pool_get(stage->pool) || rb_dma_cache_get(stage->cache) ? 'n' : 'y';
		_exit(write(fds[1], &answer, 1) != 1);
	}
	close(fds[1]);
	if (read(fds[0], &answer, 1) != 1)
		answer = '-';
	close(fds[0]);
	waitpid(child, NULL, 0);

	assert_int_equal(answer, 'y');
	put(stage, 0);
	get(stage, 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(a_device_copies_one_element_to_another),
	SCENARIO(elements_come_and_go_between_transfers),
	SCENARIO(elements_lie_where_the_device_can_use_them),
	SCENARIO(limits_of_the_device_hold_without_asking),
	SCENARIO(a_pool_has_no_more_than_its_most),
	SCENARIO_SLOPPY(an_element_put_twice_does_no_harm),
	SCENARIO_SLOPPY(a_pool_closed_too_early_keeps_its_memory),
	SCENARIO(a_child_of_fork_gets_nothing),
};

int main(void)
{
	return RUN_SCENARIOS("DMA pools", scenarios);
}
