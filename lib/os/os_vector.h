/* SPDX-License-Identifier: MIT */
/* os_vector.h - where message vectors come from; for os_irq.c and os_vector*.c alone. */
#ifndef RBI_OS_OS_VECTOR_H
#define RBI_OS_OS_VECTOR_H

#include <pthread.h>

#include "os/os_irq.h"

#define RBI_ON_NO_CPU (-1)

struct rbi_vector_pool {
	struct rbi_vector_pool *next;
	char *root; /* of a pool of the process; NULL in one that a context owns */
	long pid;
	pthread_mutex_t lock; /* held while vectors are reserved, so that sets come one by one */
	struct rbi_irq *head;
	int boot_cpu; /* RBI_ON_NO_CPU: nobody has asked */
	int16_t reserved_on[RBI_IRQ_N_MAX]; /* where this process has N, for good */
};

/* The pool of @os, made on first use and kept in os->pool. Any thread. */
int rbi_vector_pool_join(struct rbi_os *os, struct rbi_vector_pool **out);
/* End @os's use of its pool; frees a pool of its own with its handles. */
void rbi_vector_pool_leave(struct rbi_os *os);

/* With the lock held: the lowest vector of earlier sets on @cpu, or number @n of those, or
 * NULL. The lowest, so that single ones do not break up all blocks in turn. */
struct rbi_irq *rbi_vector_pool_take(struct rbi_vector_pool *pool, unsigned int cpu);
struct rbi_irq *rbi_vector_pool_take_n(struct rbi_vector_pool *pool, unsigned int cpu,
				       unsigned int n);
bool rbi_vector_pool_has(const struct rbi_vector_pool *pool, unsigned int cpu, unsigned int n);
void rbi_vector_pool_add(struct rbi_vector_pool *pool, struct rbi_irq *irq);
/* Takes the lock. */
void rbi_vector_pool_put(struct rbi_vector_pool *pool, struct rbi_irq *irq);

#endif
