/* SPDX-License-Identifier: MIT */
/* pool_speed_rivals.c - a bare stack, the pool and its cache, and malloc. */
#include <stdlib.h>

#include "pool_speed_rivals.h"

static int always(void)
{
	return 1;
}

/* --- a stack of pointers, as short as it can be written ----------------------------------- */

struct stack {
	size_t count;
	void *slots[64];
	uint64_t elems[64][8];
};

static void *stack_open(unsigned int thread)
{
	struct stack *s = malloc(sizeof(*s));

	(void)thread;
	for (s->count = 0; s->count < 64; s->count++)
		s->slots[s->count] = s->elems[s->count];
	return s;
}

static void *stack_get(struct stack *s)
{
	return s->count > 0 ? s->slots[--s->count] : NULL;
}

static void stack_put(struct stack *s, void *p)
{
	s->slots[s->count++] = p;
}

static void stack_run(void *own, unsigned long rounds)
{
	struct stack *s = own;
	void *held[HELD];
	int i;

	while (rounds-- > 0) {
		for (i = 0; i < HELD; i++) {
			held[i] = stack_get(s);
			touch(held[i]);
		}
		for (i = 0; i < HELD; i++)
			stack_put(s, held[i]);
	}
}

const struct rival bare_stack = { "bare-stack", always, stack_open, stack_run, free, NULL, NULL };

/* --- a cache of the pool --------------------------------------------------------------------- */

static void *cache_open(unsigned int thread)
{
	struct rb_dma_cache *cache;

	(void)thread;
	return rb_dma_cache_open(bench_pool, 64, &cache) < 0 ? NULL : cache;
}

static void cache_close(void *own)
{
	rb_dma_cache_close(own);
}

static void cache_run(void *own, unsigned long rounds)
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

const struct rival pool_cache = { "rb_dma_cache", always, cache_open, cache_run, cache_close,
				  NULL,		  NULL };

/* --- the pool itself ------------------------------------------------------------------------- */

static void *shared_open(unsigned int thread)
{
	(void)thread;
	return bench_pool;
}

static void shared_close(void *own)
{
	(void)own;
}

static void shared_run(void *own, unsigned long rounds)
{
	struct rb_dma_pool *pool = own;
	struct rb_dma_elem *held[HELD];
	int i;

	while (rounds-- > 0) {
		for (i = 0; i < HELD; i++) {
			held[i] = rb_dma_pool_get(pool);
			touch(held[i]->cpu);
		}
		for (i = 0; i < HELD; i++)
			rb_dma_pool_put(pool, held[i]);
	}
}

const struct rival pool_shared = { "rb_dma_pool", always, shared_open, shared_run, shared_close,
				   NULL,	  NULL };

/* --- malloc ------------------------------------------------------------------------------------ */

static void *malloc_open(unsigned int thread)
{
	static char nothing;

	(void)thread;
	return &nothing;
}

static void malloc_run(void *own, unsigned long rounds)
{
	void *held[HELD];
	int i;

	(void)own;
	while (rounds-- > 0) {
		for (i = 0; i < HELD; i++) {
			held[i] = malloc(64);
			touch(held[i]);
		}
		for (i = 0; i < HELD; i++)
			free(held[i]);
	}
}

const struct rival libc_malloc = { "malloc", always, malloc_open, malloc_run, shared_close,
				   NULL,     NULL };
