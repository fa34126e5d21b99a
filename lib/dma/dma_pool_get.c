/* SPDX-License-Identifier: MIT */
/*
 * dma_pool_get.c - elements go out and come back.
 *
 * The descriptor is the only thing that is looked at, so that an element that lies in
 * device memory for long costs no cache line. Where the pool is watched, and time does not
 * matter, a pointer is looked up before it is followed.
 */
#include "config.h"

#include <string.h>

#include "core/dma_note.h"
#include "dma/dma_buf.h"
#include "dma/dma_owner.h"
#include "dma/dma_pool_private.h"
#include "os/os.h"
#include "os/sys.h"

/* --- for those who watch ------------------------------------------------------------------ */

static void note(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem, uint32_t access)
{
	struct rbi_dma_note note = { 0 };

	note.shadow = elem->buf->shadow;
	note.access = access;
	note.off = elem->off;
	note.len = elem->size;
	pool->ctx->sys->ops->dma_note(pool->ctx->sys, &note);
}

void rbi_pool_reveal(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem)
{
	if (elem->buf->shadow != 0)
		note(pool, elem, RBI_DMA_DEVICE_READS | RBI_DMA_DEVICE_WRITES);
	else if (pool->poisons)
		rbi_dma_unpoison(elem->cpu, (size_t)elem->size);
}

void rbi_pool_hide(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem)
{
	if (elem->buf->shadow != 0)
		note(pool, elem, 0);
	else if (pool->poisons)
		rbi_dma_poison(elem->cpu, (size_t)elem->size);
}

/* --- whose is it? ------------------------------------------------------------------------- */

bool rbi_pool_holds(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem)
{
	const struct rbi_pool_block *block;
	uintptr_t at = (uintptr_t)elem, off;

	for (block = pool->blocks; block; block = block->next) {
		off = at - (uintptr_t)block->elems; /* wraps when @at is below */
		if (off < block->count * sizeof(*elem))
			return off % sizeof(*elem) == 0;
	}
	return false;
}

bool rbi_pool_accepts(const struct rb_dma_pool *pool, const struct rb_dma_elem *elem)
{
	if (pool->watched && !rbi_pool_holds(pool, elem))
		return false;
	return rbi_elem_is_out(pool, elem);
}

/* The lock goes first: what is told may call the driver, and the driver this pool. */
void rbi_pool_refuse(struct rb_dma_pool *pool, const struct rb_dma_elem *elem, const char *call)
{
	const char *place = pool->place ? pool->place : "opened somewhere";
	bool holds = rbi_pool_holds(pool, elem);

	pool->stats.misuses++;
	pthread_mutex_unlock(&pool->lock);
	if (holds)
		rbi_dma_misuse(pool->d,
			       "%s: the element at offset %llu, bus address %#llx, of DMA pool %s (%s) "
			      "is put twice",
			      call, (unsigned long long)elem->off,
			      (unsigned long long)elem->bus.value, pool->live.name, place);
	else
		rbi_dma_misuse(pool->d, "%s: %p is no element of DMA pool %s (%s)", call,
			      (const void *)elem, pool->live.name, place);
}

/* --- out ------------------------------------------------------------------------------------ */

/* As many of the topmost as there are, in their order, so that the last stays the last. */
static size_t unstack(struct rb_dma_pool *pool, struct rb_dma_elem **slots, size_t want)
{
	size_t n = want < pool->free ? want : pool->free;

	pool->free -= n;
	memcpy(slots, &pool->stack[pool->free], n * sizeof(struct rb_dma_elem *));
	if (pool->made - pool->free > pool->stats.peak)
		pool->stats.peak = pool->made - pool->free;
	return n;
}

static void count_refusal(struct rb_dma_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->stats.refusals++;
	pthread_mutex_unlock(&pool->lock);
}

size_t rbi_pool_take(struct rb_dma_pool *pool, struct rb_dma_elem **slots, size_t want,
		     bool is_refill, const char *call)
{
	size_t n;

	if (!rbi_pool_enter(pool, call))
		return 0;
	while (pool->closed || pool->free == 0) {
		pthread_mutex_unlock(&pool->lock);
		if (rbi_pool_grow(pool) < 0) {
			if (rbi_ctx_is_ours(pool->ctx))
				count_refusal(pool);
			return 0;
		}
		pthread_mutex_lock(&pool->lock);
	}
	n = unstack(pool, slots, want);
	if (!is_refill) {
		pool->stats.gets++;
	} else {
		pool->stats.refills++;
		rbi_dma_count(pool->d, RBI_DMA_POOL_REFILLS, 1);
	}
	pthread_mutex_unlock(&pool->lock);
	return n;
}

struct rb_dma_elem *rb_dma_pool_get(struct rb_dma_pool *pool)
{
	struct rb_dma_elem *elem;

	if (!pool) {
		rbi_fail(-EINVAL, "rb_dma_pool_get: NULL");
		return NULL;
	}
	if (rbi_pool_take(pool, &elem, 1, false, "rb_dma_pool_get") == 0)
		return NULL;
	rbi_elem_set_out(pool, elem);
	if (pool->watched)
		rbi_pool_reveal(pool, elem);
	return elem;
}

/* --- back ------------------------------------------------------------------------------------ */

void rbi_pool_stack_up(struct rb_dma_pool *pool, struct rb_dma_elem *const *slots, size_t n)
{
	if (n == 0) /* and there may be no stack yet */
		return;
	memcpy(&pool->stack[pool->free], slots, n * sizeof(struct rb_dma_elem *));
	pool->free += n;
}

void rb_dma_pool_put(struct rb_dma_pool *pool, struct rb_dma_elem *elem)
{
	if (!pool || !elem || !rbi_pool_enter(pool, "rb_dma_pool_put"))
		return;
	if (!rbi_pool_accepts(pool, elem)) {
		rbi_pool_refuse(pool, elem, "rb_dma_pool_put");
		return;
	}
	rbi_elem_set_free(pool, elem);
	if (pool->watched)
		rbi_pool_hide(pool, elem);
	rbi_pool_stack_up(pool, &elem, 1);
	pool->stats.puts++;
	rbi_pool_leave(pool);
}

/* --- an element's bytes ------------------------------------------------------------------------ */

/* A mark's lowest bit says whether an element is out; a descriptor's address has none. */
static bool is_out(const struct rb_dma_elem *elem)
{
	return (elem->state & 1u) != 0;
}

/* On a strict world a range that is not the driver's is told. Cut to the element then. */
static uint64_t own_range(const struct rb_dma_elem *elem, uint64_t off, uint64_t len,
			  const char *call)
{
	struct rbi_dma_buf *b = rbi_dma_of(elem->buf);
	uint64_t most = off > elem->size ? 0 : elem->size - off;

	if (len <= most && off <= elem->size && is_out(elem))
		return len;
	if (rbi_ctx_is_ours(b->ctx))
		rbi_dma_misuse(b->d,
			      "%s: %llu bytes at offset %llu of an element of %llu bytes%s, at offset "
			      "%llu of DMA buffer %s",
			      call, (unsigned long long)len, (unsigned long long)off,
			      (unsigned long long)elem->size,
			      is_out(elem) ? "" : " that has been put back",
			      (unsigned long long)elem->off, b->live.name);
	return is_out(elem) && len > most ? most : 0;
}

void rb_dma_elem_publish_routed(const struct rb_dma_elem *elem, uint64_t off, uint64_t len)
{
	if (elem && elem->buf->shadow != 0)
		len = own_range(elem, off, len, "rb_dma_elem_publish");
	if (elem && elem->buf->shadow != 0 && len > 0)
		rb_dma_publish_routed(elem->buf, elem->off + off, len);
	else
		RB_DMA_FENCE_PUBLISH();
}

void rb_dma_elem_observe_routed(const struct rb_dma_elem *elem, uint64_t off, uint64_t len)
{
	if (elem && elem->buf->shadow != 0)
		len = own_range(elem, off, len, "rb_dma_elem_observe");
	if (elem && elem->buf->shadow != 0 && len > 0)
		rb_dma_observe_routed(elem->buf, elem->off + off, len);
	else
		RB_DMA_FENCE_OBSERVE();
}
