/* SPDX-License-Identifier: MIT */
/*
 * irq_set.h - what the files of this room share: sets, vectors, waiters.
 *
 * A vector is a counter below (os_irq.h). Three facts about it decide what the next
 * call has to do:
 *
 *     irq->total   the counter as a take saw it last; counts are differences to it
 *     is_held      a take handed that value out and nobody has given it back; an
 *                  INTx line is masked meanwhile
 *     is_quiet     when the counter was looked at last, nothing had come; so what
 *                  has come since stands in the queue of a waiter that watches it
 *
 * They belong to the one thread that takes and waits. What cancel touches, from any
 * thread, is under the set's lock.
 */
#ifndef RBI_IRQ_IRQ_SET_H
#define RBI_IRQ_IRQ_SET_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rbdrv/irq.h>

#include "core/core.h"
#include "os/os_irq.h"
#include "pci/pci_dev.h"

/* Somebody who waits: a queue of its own, with an alarm and a pipe for cancel in it. */
struct rbi_waiter {
	int queue; /* -1 before the first wait, as the others */
	int alarm; /* -1 before the first wait that has a time-out */
	int pipe[2];
	int64_t armed; /* the earliest alarm that has not come yet; INT64_MAX: none */
	uint64_t backlog; /* at most so many entries are in the queue */
	bool is_waiting; /* under the set's lock */
	bool is_cancelled; /* under the set's lock */
};

struct rbi_vector {
	struct rbi_irq *irq;
	bool is_held;
	bool is_quiet;
	struct rbi_waiter waiter; /* for rb_irq_wait() */
	struct rbi_irq_fd polled; /* for rb_irq_fd(); .fd is -1 before its first use */
};

/* Redox merges nothing, so a vector stands in one queue that is read, or in none. */
enum rbi_waiting_way { RBI_WAITS_NOT, RBI_WAITS_ALONE, RBI_WAITS_TOGETHER };

struct rb_irq_set {
	struct rbi_live live;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;
	struct rbi_os *os;
	enum rb_irq_kind kind;
	_Atomic int way; /* enum rbi_waiting_way; the first wait decides */

	pthread_mutex_t lock;
	bool cancel_waits; /* a cancel came when nobody was waiting */

	struct rbi_waiter together; /* for rb_irq_wait_any() */
	unsigned int count;
	struct rbi_vector vectors[]; /* count of them */
};

/* --- irq_set.c ----------------------------------------------------------------------- */

/* What every call checks first: 0, -EINVAL or -ENODEV with the detail. */
int rbi_irq_check(const struct rb_irq_set *set, unsigned int vector, const char *call);

/* --- irq_wait.c ---------------------------------------------------------------------- */

/* The device of the set @arg is gone: who waits looks up. Any thread. */
void rbi_irq_wake_all(void *arg);

/* --- irq_kind.c ---------------------------------------------------------------------- */

/* Get the vectors of @set->kind and make the device use them: 0; -ENOTSUP when the
 * kind does not exist here with so many. */
int rbi_irq_start(struct rb_irq_set *set);
/* Silence the device and give the vectors back. */
void rbi_irq_stop(struct rb_irq_set *set);

/* --- irq_take.c ---------------------------------------------------------------------- */

/* Forget what came before: for a line or vector that was just opened. */
int rbi_vector_settle(struct rbi_os *os, struct rbi_vector *v);
/* Give back what a take handed out, if it has not been. */
int rbi_vector_give_back(struct rbi_os *os, struct rbi_vector *v);
/* Could a take count something? 1, 0 or negative. Consumes nothing. */
int rbi_vector_look(struct rbi_os *os, struct rbi_vector *v);
/* The same for somebody who only knows the file below. */
int rbi_irq_peek(struct rbi_os *os, const struct rbi_irq *irq);

/* --- irq_waiter.c -------------------------------------------------------------------- */

/* Entries of a queue that say something else than "vector N". */
#define RBI_DATA_ALARM	UINT64_MAX
#define RBI_DATA_CANCEL (UINT64_MAX - 1)

/* The vectors somebody waits for: @count from @vectors on. */
struct rbi_watched {
	struct rbi_vector *vectors;
	unsigned int count;
};

/* What was read from a queue at once. */
struct rbi_woken {
	bool by_alarm; /* perhaps an old one */
	bool by_cancel; /* perhaps an old one */
};

void rbi_waiter_init(struct rbi_waiter *w);
/* Make the queue, unless it is there. */
int rbi_waiter_open(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched);
void rbi_waiter_close(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched);
/* See to it that something is posted when the clock reaches @deadline, or earlier. */
int rbi_waiter_arm(struct rbi_os *os, struct rbi_waiter *w, int64_t deadline);
/* Sleep until something is posted. Vectors that were posted are not quiet any more. */
int rbi_waiter_sleep(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched,
		     struct rbi_woken *woken);
/* @count interrupts were counted; postings that nobody reads must not pile up. */
void rbi_waiter_count(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched,
		      uint64_t count);

#endif
