/* SPDX-License-Identifier: MIT */
/*
 * test_dma_pool_threads.c - a pool in many hands. Built with ThreadSanitizer it shows that
 * an element passes from one thread to the next in order.
 */
#include "config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/rbdrv.h>

#include "device_fixture.h"

#define THREADS 4
#define ROUNDS	4000
#define HELD	48

struct worker {
	pthread_t thread;
	struct rb_dma_pool *pool;
	struct rb_dma_cache *cache; /* NULL: none */
	uint32_t random;
	unsigned int mixed, empty; /* elements with another's mark; gets that were NULL */
};

static uint32_t next(struct worker *worker)
{
	worker->random = worker->random * 1664525u + 1013904223u;
	return worker->random >> 8;
}

static struct rb_dma_elem *take(struct worker *worker)
{
	if (worker->cache && next(worker) % 4 != 0)
		return rb_dma_cache_get(worker->cache);
	return rb_dma_pool_get(worker->pool);
}

static void give(struct worker *worker, struct rb_dma_elem *e)
{
	if (worker->cache && next(worker) % 4 != 0)
		rb_dma_cache_put(worker->cache, e);
	else
		rb_dma_pool_put(worker->pool, e);
}

/* Mark what is held, and see that nobody else does. */
static void *work(void *arg)
{
	struct worker *worker = arg;
	struct rb_dma_elem *held[HELD] = { NULL };
	unsigned int i, at;

	for (i = 0; i < ROUNDS; i++) {
		at = next(worker) % HELD;
		if (held[at]) {
			worker->mixed += memcmp(held[at]->cpu, &worker, sizeof(worker)) != 0;
			give(worker, held[at]);
			held[at] = NULL;
			continue;
		}
		held[at] = take(worker);
		if (held[at])
			memcpy(held[at]->cpu, &worker, sizeof(worker));
		else
			worker->empty++;
	}
	for (at = 0; at < HELD; at++)
		if (held[at])
			give(worker, held[at]);
	return NULL;
}

/* Every thread, with or without caches: gets that were NULL. */
static unsigned int run(struct rb_dma_pool *pool, int with_caches)
{
	struct worker workers[THREADS];
	unsigned int i, empty = 0;

	memset(workers, 0, sizeof(workers));
	for (i = 0; i < THREADS; i++) {
		workers[i].pool = pool;
		workers[i].random = i + 1;
		if (with_caches)
			assert_int_equal(rb_dma_cache_open(pool, 16, &workers[i].cache), 0);
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);

	for (i = 0; i < THREADS; i++) {
		assert_int_equal(workers[i].mixed, 0);
		empty += workers[i].empty;
		rb_dma_cache_close(workers[i].cache);
	}
	assert_int_equal(w->misuses, 0);
	return empty;
}

static void check_whole(struct rb_dma_pool *pool)
{
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;

	assert_int_equal(rb_dma_pool_stats_read(pool, &stats), 0);
	assert_int_equal(stats.out, 0);
	assert_int_equal(stats.caches, 0);
	assert_in_range(stats.peak, 1, stats.made);
}

static void threads_share_a_pool_that_grows(void **state)
{
	struct rb_dma_pool *pool;

	(void)state;
	assert_int_equal(rb_dma_pool_open(dev, 64, NULL, &pool), 0);

	assert_int_equal(run(pool, 0), 0);

	check_whole(pool);
	rb_dma_pool_close(pool);
}

static void threads_with_caches_share_a_pool_that_grows(void **state)
{
	struct rb_dma_pool *pool;

	(void)state;
	assert_int_equal(rb_dma_pool_open(dev, 64, NULL, &pool), 0);

	assert_int_equal(run(pool, 1), 0);

	check_whole(pool);
	rb_dma_pool_close(pool);
}

static void threads_that_want_more_than_there_is_are_refused_and_go_on(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;
	struct rb_dma_pool *pool;
	unsigned int empty;

	(void)state;
	o.count_max = 20;
	assert_int_equal(rb_dma_pool_open(dev, 64, &o, &pool), 0);

	empty = run(pool, 1) + run(pool, 0);

	assert_true(empty > 0);
	assert_int_equal(rb_dma_pool_stats_read(pool, &stats), 0);
	assert_int_equal(stats.refusals, empty);
	assert_int_equal(stats.made, 20);
	check_whole(pool);
	rb_dma_pool_close(pool);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_device, close_device)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(threads_share_a_pool_that_grows),
		TEST(threads_with_caches_share_a_pool_that_grows),
		TEST(threads_that_want_more_than_there_is_are_refused_and_go_on),
	};

	return cmocka_run_group_tests_name("DMA pools in many hands", tests, NULL, NULL);
}
