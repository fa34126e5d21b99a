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

/* Counters of struct rb_irq_stats, in its order. */
enum rbi_irq_count {
	RBI_IRQ_INTERRUPTS,
	RBI_IRQ_TAKES,
	RBI_IRQ_EMPTY_TAKES,
	RBI_IRQ_WAITS,
	RBI_IRQ_SLEEPS,
	RBI_IRQ_SPINS,
	RBI_IRQ_TIMEOUTS,
	RBI_IRQ_COUNTS
};

/* Somebody who waits: a queue of its own, with an alarm and a pipe for cancel in it. */
struct rbi_waiter {
	int queue; /* -1 before the first wait, as the others */
	int alarm; /* -1 before the first wait that has a time-out */
	int pipe[2];
	int64_t armed; /* the earliest alarm that has not come yet; INT64_MAX: none */
	uint64_t backlog; /* at most so many entries are in the queue */
	bool is_waiting; /* under the set's lock */
	_Atomic bool is_cancelled; /* written under the set's lock */
	bool is_told; /* of the cancel, by its pipe; under the set's lock */
	unsigned int spins_failed; /* in a row; of the thread that waits */
};

/* What rb_irq_stats_read() tells, written by the thread that takes and waits. */
struct rbi_irq_times {
	_Atomic uint64_t counts[RBI_IRQ_COUNTS];
	_Atomic uint64_t wait[RB_IRQ_BUCKETS];
	_Atomic uint64_t service[RB_IRQ_BUCKETS];
	bool is_served; /* a take found interrupts that are not given back, at seen_at */
	int64_t seen_at;
};

struct rbi_vector {
	struct rbi_irq *irq;
	bool is_held;
	bool is_quiet;
	bool is_masked; /* at the device, by the driver's wish; under the lock of masks */
	struct rbi_irq_times times;
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
	bool is_timed; /* RB_IRQ_TIMED */
	int64_t spin_ns; /* before a wait sleeps */
	struct rb_mmio *table, *pba; /* MSI-X */
	unsigned int msi_cap; /* MSI: its place in configuration space */
	bool msi_is_64bit, msi_is_maskable;
	bool all_masked; /* by rb_irq_mask_all(); under the lock of masks */
	_Atomic int way; /* enum rbi_waiting_way; the first wait decides */

	pthread_mutex_t masks; /* held while somebody talks to the device */
	pthread_mutex_t lock; /* never held for long: waits and cancel take it */
	bool cancel_waits; /* a cancel came when nobody was waiting */

	struct rbi_waiter together; /* for rb_irq_wait_any() */
	unsigned int count;
	unsigned int room;
	struct rbi_vector vectors[]; /* room for them; count are there */
};

/* --- irq_set.c ----------------------------------------------------------------------- */

/* What every call checks first: 0, -EINVAL or -ENODEV with the detail. */
int rbi_irq_check(const struct rb_irq_set *set, unsigned int vector, const char *call);

/* --- irq_wait.c ---------------------------------------------------------------------- */

/* The device of the set @arg is gone: who waits looks up. Any thread. */
void rbi_irq_wake_all(void *arg);

/* --- irq_kind.c ---------------------------------------------------------------------- */

/*
 * Get vectors of @set->kind, as many as @want says or fewer, and make the device use
 * them: 0 with @set->count; -ENOTSUP when the kind does not exist here with so many.
 */
int rbi_irq_start(struct rb_irq_set *set, const struct rbi_irq_want *want);
/* Silence the device and give the vectors back. */
void rbi_irq_stop(struct rb_irq_set *set);

/* What the files of the kinds share. Forget what came before on every vector: */
int rbi_irq_settle_all(struct rb_irq_set *set);
/* Give back what was taken, and release every vector. */
void rbi_irq_release_all(struct rb_irq_set *set, bool is_silent);
/* 0 when the device has @feature, else -ENOTSUP. */
int rbi_irq_has_feature(struct rb_irq_set *set, enum rbi_wire_feature feature, const char *name);
/* Vectors for @set, no more than its room: 0 with @set->count. */
int rbi_irq_get_vectors(struct rb_irq_set *set, const struct rbi_irq_want *want);
/* Pass @rc through, but that of a server which refuses what it has announced: -EPROTO. */
int rbi_irq_refused(struct rb_irq_set *set, const char *name, int rc);
/* Let the device send no more: whether that is known. Keeps the detail. */
bool rbi_irq_stop_messages(struct rb_irq_set *set, enum rbi_wire_feature feature);

/* What differs from kind to kind. But for start and stop they are called with the lock of
 * masks held; mask and mask_all find the new state in the set already. */
struct rbi_irq_kind {
	int (*start)(struct rb_irq_set *set, const struct rbi_irq_want *want);
	void (*stop)(struct rb_irq_set *set);
	int (*mask)(struct rb_irq_set *set, unsigned int vector);
	int (*mask_all)(struct rb_irq_set *set);
	int (*pending)(struct rb_irq_set *set, unsigned int vector, bool *pending);
	/* The device has been reset and its configuration space restored. */
	int (*restore)(struct rb_irq_set *set);
};

extern const struct rbi_irq_kind rbi_irq_intx; /* irq_intx.c */
extern const struct rbi_irq_kind rbi_irq_msi; /* irq_msi.c */
extern const struct rbi_irq_kind rbi_irq_msix; /* irq_msix.c */

/* --- irq_stats.c --------------------------------------------------------------------- */

/* One more, or @n more, of something; by the thread that takes and waits. */
void rbi_irq_count(struct rbi_vector *v, enum rbi_irq_count what, uint64_t n);
/* @ns into a histogram. */
void rbi_irq_note_time(_Atomic uint64_t *buckets, int64_t ns);
/* The text of rb_irq_summary() into the log, line by line. */
void rbi_irq_log_summary(const struct rb_irq_set *set);

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
