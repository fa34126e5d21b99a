/* SPDX-License-Identifier: MIT */
/*
 * os_vector_pool.c - message vectors that nobody uses at the moment.
 *
 * Redox reserves a vector for whoever creates cpu-XX/N and keeps it reserved until
 * the machine is switched off (contract 2.3, probe 3). A pool of the process
 * therefore lives as long as the process; a hosted Redox ends with its context.
 */
#include "config.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "os/os_vector.h"

/*
 * Pools of the process stand in a list that only grows, so it needs no lock that a
 * fork() could leave held; a child skips its parent's pools, whose handles share
 * their state with the parent's.
 */
static _Atomic(struct rbi_vector_pool *) process_pools;

static void pool_free(struct rbi_vector_pool *pool)
{
	pthread_mutex_destroy(&pool->lock);
	rbi_free(pool->root);
	rbi_free(pool);
}

static int pool_new(const char *root, struct rbi_vector_pool **out)
{
	struct rbi_vector_pool *pool;
	int rc;

	pool = rbi_alloc(1, sizeof(*pool));
	if (!pool)
		return rbi_no_memory("a pool of vectors");

	rc = pthread_mutex_init(&pool->lock, NULL);
	if (rc != 0) {
		rbi_free(pool);
		return rbi_os_fail(-rc, "lock of a pool of vectors");
	}

	if (root) {
		pool->root = rbi_strdup(root);
		if (!pool->root) {
			pool_free(pool);
			return rbi_no_memory("a pool of vectors");
		}
	}

	memset(pool->reserved_on, 0xff, sizeof(pool->reserved_on)); /* RBI_ON_NO_CPU */
	pool->boot_cpu = RBI_ON_NO_CPU;
	pool->pid = (long)getpid();
	*out = pool;
	return 0;
}

static struct rbi_vector_pool *find_process_pool(const char *root)
{
	struct rbi_vector_pool *pool;
	long pid = (long)getpid();

	for (pool = atomic_load(&process_pools); pool != NULL; pool = pool->next)
		if (pool->pid == pid && strcmp(pool->root, root) == 0)
			return pool;
	return NULL;
}

static int process_pool(const char *root, struct rbi_vector_pool **out)
{
	struct rbi_vector_pool *pool;
	int rc;

	*out = find_process_pool(root);
	if (*out)
		return 0;

	rc = pool_new(root, &pool);
	if (rc < 0)
		return rc;

	pool->next = atomic_load(&process_pools);
	for (;;) {
		/* Another thread may have been first. */
		*out = find_process_pool(root);
		if (*out) {
			pool_free(pool);
			return 0;
		}
		if (atomic_compare_exchange_weak(&process_pools, &pool->next, pool))
			break;
	}

	*out = pool;
	return 0;
}

int rbi_vector_pool_join(struct rbi_os *os, struct rbi_vector_pool **out)
{
	struct rbi_vector_pool *mine, *none = NULL;
	const char *root = os->root != NULL ? os->root : "";
	int rc;

	*out = atomic_load(&os->pool);
	if (*out)
		return 0;

	if (strcmp(os->sys->name, "redox") == 0) {
		rc = process_pool(root, out);
		if (rc == 0)
			atomic_store(&os->pool, *out);
		return rc;
	}

	rc = pool_new(NULL, &mine);
	if (rc < 0)
		return rc;
	if (!atomic_compare_exchange_strong(&os->pool, &none, mine)) {
		pool_free(mine);
		mine = none;
	}
	*out = mine;
	return 0;
}

void rbi_vector_pool_leave(struct rbi_os *os)
{
	struct rbi_vector_pool *pool = atomic_exchange(&os->pool, NULL);
	struct rbi_irq *irq;
	bool ours;

	if (pool == NULL || pool->root != NULL)
		return;

	/* In a child of fork() the handles are the parent's. */
	ours = pool->pid == (long)getpid();
	while ((irq = pool->head) != NULL) {
		pool->head = irq->next;
		if (ours)
			rbi_os_close(os, irq->handle);
		rbi_free(irq);
	}
	pool_free(pool);
}

/* Unlink what @at points to. */
static struct rbi_irq *unlink_at(struct rbi_irq **at)
{
	struct rbi_irq *irq = *at;

	if (irq) {
		*at = irq->next;
		irq->next = NULL;
	}
	return irq;
}

struct rbi_irq *rbi_vector_pool_take(struct rbi_vector_pool *pool, unsigned int cpu)
{
	struct rbi_irq **at = &pool->head, **lowest = NULL;

	for (; *at; at = &(*at)->next)
		if ((*at)->cpu == cpu && (!lowest || (*at)->n < (*lowest)->n))
			lowest = at;
	return lowest ? unlink_at(lowest) : NULL;
}

struct rbi_irq *rbi_vector_pool_take_n(struct rbi_vector_pool *pool, unsigned int cpu,
				       unsigned int n)
{
	struct rbi_irq **at = &pool->head;

	while (*at && ((*at)->n != n || (*at)->cpu != cpu))
		at = &(*at)->next;
	return unlink_at(at);
}

bool rbi_vector_pool_has(const struct rbi_vector_pool *pool, unsigned int cpu, unsigned int n)
{
	const struct rbi_irq *irq;

	for (irq = pool->head; irq; irq = irq->next)
		if (irq->n == n && irq->cpu == cpu)
			return true;
	return false;
}

void rbi_vector_pool_add(struct rbi_vector_pool *pool, struct rbi_irq *irq)
{
	irq->next = pool->head;
	pool->head = irq;
}

void rbi_vector_pool_put(struct rbi_vector_pool *pool, struct rbi_irq *irq)
{
	pthread_mutex_lock(&pool->lock);
	rbi_vector_pool_add(pool, irq);
	pthread_mutex_unlock(&pool->lock);
}
