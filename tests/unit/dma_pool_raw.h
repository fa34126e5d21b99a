/* SPDX-License-Identifier: MIT */
/* dma_pool_raw.h - caches as a file sees them that was compiled with RBDRV_RAW_MMIO. */
#ifndef DMA_POOL_RAW_H
#define DMA_POOL_RAW_H

#include <rbdrv/dma_pool.h>

struct rb_dma_elem *raw_cache_get(struct rb_dma_cache *cache);
void raw_cache_put(struct rb_dma_cache *cache, struct rb_dma_elem *elem);

#endif
