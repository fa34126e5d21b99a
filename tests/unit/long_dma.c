/* SPDX-License-Identifier: MIT */
/*
 * long_dma.c - a hundred million gets and puts, a million buffers, and no page more than
 * after the first of them.
 *
 * The pools of the hundred million stand in a world where nobody watches, so that the
 * inline halves of the caches do the work, as on hardware; a few million more go over
 * the mock, where every one is looked at.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#include "device_fixture.h"

#define MILLION 1000000u
#define POOLS	4
#define CACHES	2 /* of each pool */
#define HELD	512 /* of each pool, at most */
#define BUFFERS 64
#define SLACK	32 /* pages that libc may come by meanwhile */

static uint64_t random_state = 88172645463325252u;

static uint32_t next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32);
}

static long resident_pages(void)
{
	FILE *statm = fopen("/proc/self/statm", "r");
	long all = 0, resident = 0;

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%ld %ld", &all, &resident), 2);
	fclose(statm);
	return resident;
}

/* --- pools -------------------------------------------------------------------------------- */

struct set {
	struct rb_dma_pool *pool;
	struct rb_dma_cache *caches[CACHES];
	struct rb_dma_elem *held[HELD];
	uint64_t bus[HELD]; /* what was got there */
};

static void open_set(struct set *set, struct rb_pci_dev *of, unsigned int i)
{
	static const uint64_t sizes[POOLS] = { 16, 100, 64, 1500 };
	static const uint64_t boundaries[POOLS] = { 4096, 0, 64, 2048 };
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	unsigned int c;

	o.boundary = boundaries[i];
	assert_int_equal(rb_dma_pool_open(of, sizes[i], &o, &set->pool), 0);
	for (c = 0; c < CACHES; c++)
		assert_int_equal(rb_dma_cache_open(set->pool, 32, &set->caches[c]), 0);
	memset(set->held, 0, sizeof(set->held));
}

static struct rb_dma_elem *get_from(struct set *set, uint32_t way)
{
	return way < CACHES ? rb_dma_cache_get(set->caches[way]) : rb_dma_pool_get(set->pool);
}

static void put_to(struct set *set, uint32_t way, struct rb_dma_elem *e)
{
	if (way < CACHES)
		rb_dma_cache_put(set->caches[way], e);
	else
		rb_dma_pool_put(set->pool, e);
}

/* One operation. An element holds its own mark for as long as it is out. */
static void step(struct set *sets)
{
	uint32_t r = next();
	struct set *set = &sets[r % POOLS];
	uint32_t at = r / POOLS % HELD, way = (r >> 16) % (CACHES + 1);
	struct rb_dma_elem *e = set->held[at];
	uint64_t mark;

	if (!e) {
		e = set->held[at] = get_from(set, way);
		if (!e)
			fail_msg("%s", rb_last_error());
		set->bus[at] = e->bus.value;
		memcpy(e->cpu, &e->bus.value, sizeof(mark));
		return;
	}
	memcpy(&mark, e->cpu, sizeof(mark));
	if (mark != set->bus[at] || e->bus.value != mark)
		fail_msg("an element is in two hands");
	set->held[at] = NULL;
	put_to(set, way, e);
}

static void close_set(struct set *set)
{
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;
	unsigned int i;

	for (i = 0; i < HELD; i++)
		rb_dma_pool_put(set->pool, set->held[i]);
	for (i = 0; i < CACHES; i++)
		rb_dma_cache_close(set->caches[i]);
	assert_int_equal(rb_dma_pool_stats_read(set->pool, &stats), 0);
	assert_int_equal(stats.out + stats.misuses + stats.refusals, 0);
	rb_dma_pool_close(set->pool);
}

static void run_pools(struct rb_pci_dev *of, unsigned long operations)
{
	static struct set sets[POOLS];
	unsigned long i;
	long warm;

	for (i = 0; i < POOLS; i++)
		open_set(&sets[i], of, (unsigned int)i);
	for (i = 0; i < operations / 100; i++)
		step(sets);

	warm = resident_pages();
	for (; i < operations; i++)
		step(sets);

	assert_in_range(resident_pages(), 0, warm + SLACK);
	for (i = 0; i < POOLS; i++)
		close_set(&sets[i]);
}

static void a_hundred_million_gets_and_puts_take_no_more_memory(void **state)
{
	(void)state;

	run_pools(dev, 100ul * MILLION);

	assert_int_equal(w->misuses, 0);
}

/* --- the mock ------------------------------------------------------------------------------- */

static struct rb_pci_dev *open_mock(struct rb_ctx **ctx)
{
	struct rb_pci_list *list;
	struct rb_pci_dev *edu;

	assert_int_equal(rb_ctx_new("mock:edu", ctx), 0);
	assert_int_equal(rb_pci_scan(*ctx, NULL, &list), 0);
	assert_int_equal(rb_pci_open(*ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &edu), 0);
	rb_pci_list_close(list);
	return edu;
}

static void close_mock(struct rb_ctx *ctx, struct rb_pci_dev *edu)
{
	rb_pci_unref(edu);
	assert_int_equal(rb_mock_verify(ctx), 0);
	assert_int_equal(rb_ctx_live(ctx, NULL, 0), 0);
	rb_ctx_unref(ctx);
}

static void so_do_two_million_on_the_mock(void **state)
{
	struct rb_ctx *ctx;
	struct rb_pci_dev *edu = open_mock(&ctx);

	(void)state;
	run_pools(edu, 2ul * MILLION);
	close_mock(ctx, edu);
}

/* Allocate where there is none, close where there is one. */
static void step_buffers(struct rb_pci_dev *edu, struct rb_dma_buf **bufs)
{
	uint32_t r = next();
	struct rb_dma_buf **at = &bufs[r % BUFFERS];
	uint64_t size = 1 + (r >> 8) % 20000;

	if (*at) {
		rb_dma_close(*at);
		*at = NULL;
	} else if (rb_dma_alloc(edu, size, NULL, at) < 0) {
		fail_msg("%s", rb_last_error());
	}
}

static void a_million_buffers_take_no_more_memory(void **state)
{
	struct rb_dma_buf *bufs[BUFFERS] = { NULL };
	struct rb_ctx *ctx;
	struct rb_pci_dev *edu = open_mock(&ctx);
	unsigned long i;
	long warm;

	(void)state;
	for (i = 0; i < MILLION / 10; i++)
		step_buffers(edu, bufs);

	warm = resident_pages();
	for (; i < 2 * MILLION; i++)
		step_buffers(edu, bufs);

	/* other sizes are live than before */
	assert_in_range(resident_pages(), 0, warm + SLACK + BUFFERS * 3 * (20000 / RBI_PAGE + 1));
	for (i = 0; i < BUFFERS; i++)
		rb_dma_close(bufs[i]);
	close_mock(ctx, edu);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_hundred_million_gets_and_puts_take_no_more_memory,
						open_device, close_device),
		cmocka_unit_test(so_do_two_million_on_the_mock),
		cmocka_unit_test(a_million_buffers_take_no_more_memory),
	};

	return cmocka_run_group_tests_name("DMA memory, for long", tests, NULL, NULL);
}
