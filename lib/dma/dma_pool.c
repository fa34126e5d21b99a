/* SPDX-License-Identifier: MIT */
/*
 * dma_pool.c - pools come and go.
 *
 * A pool ends when its owner has closed it, its caches are closed and every element is
 * back: until then its memory may still be in use, by the device if nobody else.
 */
#include "config.h"

#include <string.h>

#include "core/detail.h"
#include "core/options.h"
#include "dma/dma_owner.h"
#include "dma/dma_pool_private.h"
#include "os/sys.h"
#include "pci/pci_dev.h"

/* A lock is held for so short a time that waiting for it mostly costs less than sleeping. */
#define SPINS 100

/* --- the lock --------------------------------------------------------------------------- */

static bool spin(pthread_mutex_t *lock)
{
	unsigned int i;

	for (i = 0; i < SPINS; i++)
		if (pthread_mutex_trylock(lock) == 0)
			return true;
	return false;
}

bool rbi_pool_enter(struct rb_dma_pool *pool, const char *call)
{
	if (pool->watched && rbi_ctx_check(pool->ctx, call) < 0)
		return false;
	if (pthread_mutex_trylock(&pool->lock) == 0 || spin(&pool->lock))
		return true;
	if (rbi_ctx_check(pool->ctx, call) < 0)
		return false;
	pthread_mutex_lock(&pool->lock);
	return true;
}

static void destroy(struct rb_dma_pool *pool)
{
	struct rb_pci_dev *dev = pool->dev;
	struct rbi_detail detail;

	rbi_detail_keep(&detail);
	rbi_pool_free_blocks(pool);
	rbi_live_del(pool->ctx, &pool->live);
	if (rbi_ctx_is_ours(pool->ctx)) {
		pthread_mutex_destroy(&pool->lock);
		pthread_mutex_destroy(&pool->grow_lock);
	}
	rbi_dma_count(pool->d, RBI_DMA_POOLS, -1);
	rbi_dma_leave(pool->d);
	rbi_free(pool->stack);
	rbi_free(pool);
	rb_pci_unref(dev);
	rbi_detail_restore(&detail);
}

void rbi_pool_leave(struct rb_dma_pool *pool)
{
	bool last = pool->closed && pool->ncaches == 0 && pool->free == pool->made;

	pthread_mutex_unlock(&pool->lock);
	if (last)
		destroy(pool);
}

/* --- open ------------------------------------------------------------------------------- */

static int take_options(struct rb_dma_pool *pool, const struct rb_dma_pool_options *options,
			struct rb_dma_pool_options *o)
{
	int rc;

	rc = rbi_options_copy(o, sizeof(*o), options, "struct rb_dma_pool_options");
	if (rc < 0)
		return rc;
	if (o->count_min > RB_DMA_POOL_MAX || o->count_max > RB_DMA_POOL_MAX)
		return rbi_fail(-EINVAL, "rb_dma_pool_open: %llu ... %llu elements, the limit is %llu",
				(unsigned long long)o->count_min, (unsigned long long)o->count_max,
				(unsigned long long)RB_DMA_POOL_MAX);
	if (o->count_max != 0 && o->count_max < o->count_min)
		return rbi_fail(-EINVAL, "rb_dma_pool_open: at least %llu and at most %llu elements",
				(unsigned long long)o->count_min, (unsigned long long)o->count_max);

	pool->count_max = o->count_max != 0 ? o->count_max : RB_DMA_POOL_MAX;
	rbi_dma_take_label(pool->label, o->label);
	return 0;
}

static int init_locks(struct rb_dma_pool *pool)
{
	if (pthread_mutex_init(&pool->lock, NULL) != 0)
		return rbi_no_memory("a lock");
	if (pthread_mutex_init(&pool->grow_lock, NULL) != 0) {
		pthread_mutex_destroy(&pool->lock);
		return rbi_no_memory("a lock");
	}
	return 0;
}

/* Make the first elements of a pool that is whole otherwise. */
static int start(struct rb_dma_pool *pool, uint64_t count_min)
{
	int rc;

	rc = init_locks(pool);
	if (rc < 0)
		return rc;
	pool->poisons = rbi_dma_is_watched();
	pool->watched = pool->poisons || pool->ctx->sys->ours != NULL;

	rc = rbi_pool_fill(pool, count_min);
	if (rc < 0) {
		rbi_pool_free_blocks(pool);
		rbi_free(pool->stack);
		pthread_mutex_destroy(&pool->lock);
		pthread_mutex_destroy(&pool->grow_lock);
	}
	return rc;
}

static int check_call(struct rb_pci_dev *dev, uint64_t elem_size, struct rbi_dma_dev **d)
{
	int rc;

	rc = rbi_dma_dev(dev, "rb_dma_pool_open", d);
	if (rc < 0)
		return rc;
	if (elem_size == 0)
		return rbi_fail(-EINVAL, "rb_dma_pool_open: elements of no bytes");
	return rbi_pci_refuse_gone(dev);
}

/* All but what is told of a pool: that is for one that is open. */
static int build_pool(struct rb_dma_pool *pool, const struct rb_dma_pool_options *options)
{
	struct rb_dma_pool_options o;
	int rc;

	rc = take_options(pool, options, &o);
	if (rc < 0)
		return rc;
	rbi_dma_enter(pool->d);
	rc = rbi_pool_measure(pool, &o);
	if (rc == 0)
		rc = start(pool, o.count_min);
	if (rc < 0)
		rbi_dma_leave(pool->d);
	return rc;
}

int rb_dma_pool_open_at(struct rb_pci_dev *dev, uint64_t elem_size,
			const struct rb_dma_pool_options *options, struct rb_dma_pool **out,
			uint32_t build, const char *place)
{
	struct rb_dma_pool *pool;
	struct rbi_dma_dev *d;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_dma_pool_open: nowhere to put the pool");
	*out = NULL;
	rc = check_call(dev, elem_size, &d);
	if (rc < 0)
		return rc;
	pool = rbi_alloc(1, sizeof(*pool));
	if (!pool)
		return rbi_no_memory("a DMA pool");

	pool->dev = dev;
	pool->ctx = d->ctx;
	pool->d = d;
	pool->elem_size = elem_size;
	pool->build = build;
	pool->place = place;
	rc = build_pool(pool, options);
	if (rc < 0) {
		rbi_free(pool);
		return rc;
	}
	rbi_dma_enlist(d, &pool->live, "DMA pool", pool->label);
	rbi_dma_count(d, RBI_DMA_POOLS, 1);
	*out = pool;
	return 0;
}

int(rb_dma_pool_open)(struct rb_pci_dev *dev, uint64_t elem_size,
		      const struct rb_dma_pool_options *options, struct rb_dma_pool **out)
{
	return rb_dma_pool_open_at(dev, elem_size, options, out, 0, NULL);
}

/* --- close ------------------------------------------------------------------------------ */

/* What caches hold is not out, and they hold nothing from now on. */
static void empty_caches(struct rb_dma_pool *pool)
{
	struct rbi_pool_cache *c;

	for (c = pool->caches; c; c = c->next) {
		rbi_pool_stack_up(pool, c->slots, pool->watched ? c->held : c->head.count);
		c->held = c->room = 0;
		c->head.count = c->head.room = 0;
	}
}

void rbi_pool_end_in_child(struct rb_dma_pool *pool)
{
	if (pool->closed && pool->ncaches == 0)
		destroy(pool);
}

void rb_dma_pool_close(struct rb_dma_pool *pool)
{
	size_t out;

	if (!pool)
		return;
	if (!rbi_ctx_is_ours(pool->ctx)) {
		pool->closed = true;
		rbi_pool_end_in_child(pool);
		return;
	}

	pthread_mutex_lock(&pool->lock);
	empty_caches(pool);
	out = pool->made - pool->free;
	if (out > 0) {
		pthread_mutex_unlock(&pool->lock);
		rbi_dma_misuse(pool->d,
			      "rb_dma_pool_close: %zu of %zu elements of DMA pool %s (%s) have not "
			      "been put back; all of it stays until they are",
			      out, pool->made, pool->live.name,
			      pool->place ? pool->place : "opened somewhere");
		pthread_mutex_lock(&pool->lock);
	}
	pool->closed = true;
	rbi_pool_leave(pool);
}

/* --- statistics -------------------------------------------------------------------------- */

int rb_dma_pool_stats_read(struct rb_dma_pool *pool, struct rb_dma_pool_stats *stats)
{
	struct rb_dma_pool_stats full;

	if (!pool || !stats || stats->size < sizeof(stats->size))
		return rbi_fail(-EINVAL, "rb_dma_pool_stats_read: NULL, or a struct without a size");
	if (rbi_ctx_check(pool->ctx, "rb_dma_pool_stats_read") < 0 ||
	    !rbi_pool_enter(pool, "rb_dma_pool_stats_read"))
		return -ENODEV;
	full = pool->stats;
	full.caches = pool->ncaches;
	full.made = pool->made;
	full.out = pool->made - pool->free;
	rbi_pool_leave(pool);

	full.elem_size = pool->elem_size;
	full.stride = pool->stride;
	full.size = stats->size;
	memcpy(stats, &full, stats->size < sizeof(full) ? stats->size : sizeof(full));
	return 0;
}
