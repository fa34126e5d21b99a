/* SPDX-License-Identifier: MIT */
/* dma_bounce.c - see dma_bounce.h. */
#include "config.h"

#include "dma/dma_bounce.h"
#include "dma/dma_buf.h"

static bool suits(const struct rbi_dma_block *block, const struct rb_dma_limits *limits)
{
	return rbi_dma_is_below(block->phys, block->len, limits->addr_bits) &&
	       block->phys % limits->align == 0;
}

static unsigned int order_of(uint64_t len)
{
	unsigned int order = 0;

	while (((uint64_t)RBI_PAGE << order) < len)
		order++;
	return order;
}

void rbi_bounce_forget(struct rbi_bounce *b)
{
	rbi_free(b->kept);
	rbi_free(b);
}

int rbi_bounce_init(struct rbi_bounce_cache *cache)
{
	if (pthread_mutex_init(&cache->lock, NULL) != 0)
		return rbi_no_memory("a lock");
	return 0;
}

/* --- taking --------------------------------------------------------------------------- */

static struct rbi_bounce *take_kept(struct rbi_bounce_cache *cache, unsigned int order,
				    const struct rb_dma_limits *limits)
{
	struct rbi_bounce **at, *b;

	pthread_mutex_lock(&cache->lock);
	for (at = &cache->kept[order]; *at && !suits(&(*at)->block, limits); at = &(*at)->next)
		;
	b = *at;
	if (b) {
		*at = b->next;
		cache->bytes -= b->block.len;
	}
	pthread_mutex_unlock(&cache->lock);
	return b;
}

static int search(struct rbi_dma_dev *d, uint64_t len, const struct rb_dma_limits *limits,
		  struct rbi_dma_block *block)
{
	struct rbi_dma_search search;
	int rc;

	rbi_dma_search_begin(&search, d, limits);
	rc = rbi_dma_search_block(&search, len, len, block);
	rbi_dma_search_end(&search);
	return rc;
}

int rbi_bounce_take(struct rbi_dma_dev *d, uint64_t len, const struct rb_dma_limits *limits,
		    struct rbi_bounce **out)
{
	struct rbi_bounce *b;
	int rc;

	*out = NULL;
	if (len < limits->align)
		len = limits->align;
	if (len > RBI_DMA_BLOCK_MAX)
		return rbi_fail(-ENOMEM, "a bounce block of %llu bytes: Redox has none above %llu",
				(unsigned long long)len, (unsigned long long)RBI_DMA_BLOCK_MAX);
	*out = take_kept(&d->bounce, order_of(len), limits);
	if (*out)
		return 0;

	b = rbi_alloc(1, sizeof(*b));
	if (!b)
		return rbi_no_memory("a bounce block");
	b->kept = rbi_alloc(1, sizeof(*b->kept));
	rc = b->kept ? search(d, len, limits, &b->block) : rbi_no_memory("a bounce block");
	if (rc < 0) {
		rbi_bounce_forget(b);
		return rc;
	}
	*out = b;
	return 0;
}

/* --- giving ----------------------------------------------------------------------------- */

void rbi_bounce_give(struct rbi_dma_dev *d, struct rbi_bounce *b)
{
	struct rbi_bounce_cache *cache = &d->bounce;
	unsigned int order = order_of(b->block.len);
	bool keep;

	pthread_mutex_lock(&cache->lock);
	keep = b->block.len <= RBI_BOUNCE_KEEP - cache->bytes;
	if (keep) {
		b->next = cache->kept[order];
		cache->kept[order] = b;
		cache->bytes += b->block.len;
	}
	pthread_mutex_unlock(&cache->lock);
	if (keep)
		return;
	rbi_os_dma_free(d->ctx->os, &b->block);
	rbi_bounce_forget(b);
}

struct rbi_dma_kept *rbi_bounce_keep(struct rbi_bounce *b)
{
	struct rbi_dma_kept *kept = b->kept;

	kept->cpu = b->block.cpu;
	kept->len = b->block.len;
	b->kept = NULL;
	rbi_bounce_forget(b);
	return kept;
}

static struct rbi_bounce *unlink_all(struct rbi_bounce_cache *cache)
{
	struct rbi_bounce *all = NULL, *b;
	unsigned int order;

	for (order = 0; order < RBI_BOUNCE_ORDERS; order++) {
		while ((b = cache->kept[order]) != NULL) {
			cache->kept[order] = b->next;
			b->next = all;
			all = b;
		}
	}
	cache->bytes = 0;
	return all;
}

struct rbi_bounce *rbi_bounce_take_all(struct rbi_bounce_cache *cache)
{
	struct rbi_bounce *all;

	pthread_mutex_lock(&cache->lock);
	all = unlink_all(cache);
	pthread_mutex_unlock(&cache->lock);
	return all;
}

void rbi_bounce_free(struct rbi_os *os, struct rbi_bounce *all)
{
	struct rbi_bounce *b;

	while ((b = all) != NULL) {
		all = b->next;
		rbi_os_dma_free(os, &b->block);
		rbi_bounce_forget(b);
	}
}

void rbi_bounce_end(struct rbi_bounce_cache *cache)
{
	struct rbi_bounce *all = unlink_all(cache), *b;

	while ((b = all) != NULL) {
		all = b->next;
		rbi_bounce_forget(b);
	}
	pthread_mutex_destroy(&cache->lock);
}
