/* SPDX-License-Identifier: MIT */
/*
 * pool_speed_rivals.h - who takes part in pool_speed.c.
 *
 * run() is the loop of each, written for it, so that whatever inlines does.
 */
#ifndef POOL_SPEED_RIVALS_H
#define POOL_SPEED_RIVALS_H

#include <rbdrv/dma_pool.h>

#define HELD 32 /* elements a thread holds at once: a burst of packets */

struct rival {
	const char *name;
	int (*is_there)(void);
	void *(*open)(unsigned int thread); /* a thread's own part */
	void (*run)(void *own, unsigned long rounds);
	void (*close)(void *own);
	int (*launch)(void *(*fn)(void *), void *arg); /* NULL: any thread will do */
	void (*join)(void);
};

extern const struct rival bare_stack, pool_cache, raw_cache, pool_shared, libc_malloc, dpdk_mempool;
extern const char dpdk_why[];
extern struct rb_dma_pool *bench_pool;

/* The use of an element: a store that the compiler must make. */
static inline void touch(void *p)
{
	*(volatile uint64_t *)p = 1;
}

#endif
