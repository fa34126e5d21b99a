/* SPDX-License-Identifier: MIT */
/* os_vector.h - where message vectors come from; for os_irq.c alone. */
#ifndef RBI_OS_OS_VECTOR_H
#define RBI_OS_OS_VECTOR_H

#include "os/os_irq.h"

/* The pool of @os, made on first use and kept in os->pool. Any thread. */
int rbi_vector_pool_join(struct rbi_os *os, struct rbi_vector_pool **out);
/* End @os's use of its pool; frees a pool of its own with its handles. */
void rbi_vector_pool_leave(struct rbi_os *os);

/* A vector of an earlier set, or NULL. */
struct rbi_irq *rbi_vector_pool_take(struct rbi_vector_pool *pool);
void rbi_vector_pool_put(struct rbi_vector_pool *pool, struct rbi_irq *irq);

/* Reserve a vector that nobody has: contract 2.3. */
int rbi_vector_open_new(struct rbi_os *os, struct rbi_irq **out);

#endif
