/* SPDX-License-Identifier: MIT */
/* dma_pool_raw.c - a file of a driver that leaves the compare out. */
#define RBDRV_RAW_MMIO
#include "dma_pool_raw.h"

struct rb_dma_elem *raw_cache_get(struct rb_dma_cache *cache)
{
	return rb_dma_cache_get(cache);
}

void raw_cache_put(struct rb_dma_cache *cache, struct rb_dma_elem *elem)
{
	rb_dma_cache_put(cache, elem);
}
