/* SPDX-License-Identifier: MIT */
/* pool_speed_raw.c - the cache without the compare. */
#define RBDRV_RAW_MMIO
#include "pool_speed_rivals.h"

static int always(void)
{
	return 1;
}

static void *raw_open(unsigned int thread)
{
	struct rb_dma_cache *cache;

	(void)thread;
	return rb_dma_cache_open(bench_pool, 64, &cache) < 0 ? NULL : cache;
}

static void raw_close(void *own)
{
	rb_dma_cache_close(own);
}

static void raw_run(void *own, unsigned long rounds)
{
	struct rb_dma_cache *cache = own;
	struct rb_dma_elem *held[HELD];
	int i;

	while (rounds-- > 0) {
		for (i = 0; i < HELD; i++) {
			held[i] = rb_dma_cache_get(cache);
			touch(held[i]->cpu);
		}
		for (i = 0; i < HELD; i++)
			rb_dma_cache_put(cache, held[i]);
	}
}

const struct rival raw_cache = { "rb_dma_cache-raw", always, raw_open, raw_run, raw_close,
				 NULL,		     NULL };
