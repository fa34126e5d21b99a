/* SPDX-License-Identifier: MIT */
/*
 * dma_cache.c - a thread's own elements, refilled and spilled in bulk.
 *
 * slots is a stack; the inline half of dma_pool.h works at its top as long as it is
 * neither empty nor full. Spilling takes from its bottom, so that what was used last
 * stays. Where the pool is watched head.count and head.room are 0 for ever, which brings
 * every call here, and held counts.
 */
#include "config.h"

#include <string.h>

#include "dma/dma_pool_private.h"

#define ROOM_USUAL 64u

static struct rbi_pool_cache *cache_of(struct rb_dma_cache *cache)
{
	return (struct rbi_pool_cache *)cache;
}

static uint32_t *count_of(struct rbi_pool_cache *c)
{
	return c->pool->watched ? &c->held : &c->head.count;
}

/* --- open and close ----------------------------------------------------------------------- */

static struct rbi_pool_cache *new_cache(struct rb_dma_pool *pool, uint32_t room)
{
	struct rbi_pool_cache *c;

	c = rbi_alloc(1, sizeof(*c) + room * sizeof(c->slots[0]));
	if (!c)
		return NULL;
	c->pool = pool;
	c->room = room;
	c->head.slots = c->slots;
	c->head.out = rbi_pool_out(pool);
	c->head.room = pool->watched ? 0 : room;
	return c;
}

int rb_dma_cache_open(struct rb_dma_pool *pool, uint32_t room, struct rb_dma_cache **out)
{
	struct rbi_pool_cache *c;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_dma_cache_open: nowhere to put the cache");
	*out = NULL;
	if (!pool)
		return rbi_fail(-EINVAL, "rb_dma_cache_open: NULL");
	rc = rbi_ctx_check(pool->ctx, "rb_dma_cache_open");
	if (rc < 0)
		return rc;
	if (room == 0)
		room = ROOM_USUAL;
	if (room < 2 || room > RB_DMA_CACHE_MAX)
		return rbi_fail(-EINVAL, "rb_dma_cache_open: room for %u elements, 2 to %u it may be",
				(unsigned int)room, RB_DMA_CACHE_MAX);
	c = new_cache(pool, room);
	if (!c)
		return rbi_no_memory("a cache of DMA elements");

	pthread_mutex_lock(&pool->lock);
	c->next = pool->caches;
	if (c->next)
		c->next->prev = c;
	pool->caches = c;
	pool->ncaches++;
	pthread_mutex_unlock(&pool->lock);
	*out = &c->head;
	return 0;
}

static void unlink_cache(struct rb_dma_pool *pool, struct rbi_pool_cache *c)
{
	if (c->next)
		c->next->prev = c->prev;
	if (c->prev)
		c->prev->next = c->next;
	else
		pool->caches = c->next;
	pool->ncaches--;
}

void rb_dma_cache_close(struct rb_dma_cache *cache)
{
	struct rbi_pool_cache *c = cache_of(cache);
	struct rb_dma_pool *pool;

	if (!cache)
		return;
	pool = c->pool;
	if (rbi_ctx_is_ours(pool->ctx)) {
		pthread_mutex_lock(&pool->lock);
		rbi_pool_stack_up(pool, c->slots, *count_of(c));
		unlink_cache(pool, c);
		rbi_pool_leave(pool);
	} else {
		unlink_cache(pool, c);
		rbi_pool_end_in_child(pool);
	}
	rbi_free(c);
}

/* --- out of line ----------------------------------------------------------------------------- */

struct rb_dma_elem *rb_dma_cache_get_routed(struct rb_dma_cache *cache)
{
	struct rbi_pool_cache *c = cache_of(cache);
	struct rb_dma_elem *elem;
	uint32_t *count;

	if (!cache) {
		rbi_fail(-EINVAL, "rb_dma_cache_get: NULL");
		return NULL;
	}
	if (c->pool->watched && rbi_ctx_check(c->pool->ctx, "rb_dma_cache_get") < 0)
		return NULL;
	count = count_of(c);
	if (*count == 0)
		*count = (uint32_t)rbi_pool_take(c->pool, c->slots, c->room > 1 ? c->room / 2 : 1,
						 true, "rb_dma_cache_get");
	if (*count == 0)
		return NULL;
	elem = c->slots[--*count];
	rbi_elem_set_out(c->pool, elem);
	if (c->pool->watched)
		rbi_pool_reveal(c->pool, elem);
	return elem;
}

/* Give the older half back; the pool's lock is held. */
static void spill(struct rbi_pool_cache *c, uint32_t *count)
{
	uint32_t n = c->room / 2;

	rbi_pool_stack_up(c->pool, c->slots, n);
	*count -= n;
	memmove(c->slots, &c->slots[n], *count * sizeof(c->slots[0]));
	c->pool->stats.spills++;
	rbi_dma_count(c->pool->d, RBI_DMA_POOL_SPILLS, 1);
}

void rb_dma_cache_put_routed(struct rb_dma_cache *cache, struct rb_dma_elem *elem)
{
	struct rbi_pool_cache *c = cache_of(cache);
	struct rb_dma_pool *pool;
	uint32_t *count;

	if (!cache || !elem)
		return;
	pool = c->pool;
	if (c->room == 0) { /* the pool has been closed */
		rb_dma_pool_put(pool, elem);
		return;
	}
	if (!rbi_pool_enter(pool, "rb_dma_cache_put"))
		return;
	if (!rbi_pool_accepts(pool, elem)) {
		rbi_pool_refuse(pool, elem, "rb_dma_cache_put");
		return;
	}
	count = count_of(c);
	if (*count >= c->room)
		spill(c, count);
	rbi_elem_set_free(pool, elem);
	if (pool->watched)
		rbi_pool_hide(pool, elem);
	c->slots[(*count)++] = elem;
	rbi_pool_leave(pool);
}
