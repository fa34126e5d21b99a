/* SPDX-License-Identifier: MIT */
/* irq_take.c - counting interrupts and giving them back; the descriptor to poll. */
#include "config.h"

#include "irq/irq_set.h"
#include "os/os_time.h"

/* How often opening tries to be up to date with a line that keeps firing. */
#define SETTLE_TRIES 4

int rbi_vector_give_back(struct rbi_os *os, struct rbi_vector *v)
{
	int rc;

	if (!v->is_held)
		return 0;

	rc = rbi_irq_give_back(os, v->irq, v->irq->total);
	if (rc < 0)
		return rc;

	/* 0: more came; the next read shows a value to give back instead. */
	if (rc == 1)
		v->is_held = false;
	v->is_quiet = rc == 1;
	if (rc == 1 && v->times.is_served) {
		rbi_irq_note_time(v->times.service, rbi_time_now(os) - v->times.seen_at);
		v->times.is_served = false;
	}
	return 0;
}

int rbi_vector_settle(struct rbi_os *os, struct rbi_vector *v)
{
	int rc, i;

	for (i = 0; i < SETTLE_TRIES; i++) {
		rc = rbi_irq_read(os, v->irq, &v->irq->total);
		if (rc < 0)
			return rc;
		if (rc == 0) {
			v->is_held = false;
			v->is_quiet = true;
			return 0;
		}

		v->is_held = true;
		rc = rbi_vector_give_back(os, v);
		if (rc < 0)
			return rc;
		if (!v->is_held)
			return 0;
	}
	return 0; /* it fires all the time: what comes after this value is new */
}

/* The interrupts between two values of the counter, which only grows. */
static int difference(const struct rbi_irq *irq, uint64_t total, uint64_t *count)
{
	*count = total - irq->total;
	if (*count <= INT64_MAX)
		return 0;
	return rbi_fail(-EPROTO, "the counter of interrupt %u fell from %llu to %llu", irq->n,
			(unsigned long long)irq->total, (unsigned long long)total);
}

/* How many have come since the last take, without taking them. */
static int pending(struct rbi_os *os, const struct rbi_irq *irq, uint64_t *total, uint64_t *count)
{
	int rc;

	*total = irq->total;
	*count = 0;
	rc = rbi_irq_read(os, irq, total);
	if (rc <= 0)
		return rc;

	rc = difference(irq, *total, count);
	return rc < 0 ? rc : 1;
}

int rbi_irq_peek(struct rbi_os *os, const struct rbi_irq *irq)
{
	uint64_t total, count;
	int rc;

	rc = pending(os, irq, &total, &count);
	if (rc < 0)
		return rc;
	return count > 0;
}

int rbi_vector_look(struct rbi_os *os, struct rbi_vector *v)
{
	int rc;

	rc = rbi_irq_peek(os, v->irq);
	if (rc >= 0)
		v->is_quiet = rc == 0;
	return rc;
}

/* What is held since an earlier take has been served since then. */
static void note_seen(struct rb_irq_set *set, struct rbi_vector *v)
{
	if (!set->is_timed || v->times.is_served)
		return;
	v->times.is_served = true;
	v->times.seen_at = rbi_time_now(set->os);
}

static int take(struct rb_irq_set *set, struct rbi_vector *v, uint64_t *count)
{
	uint64_t total;
	int rc;

	rc = rbi_vector_give_back(set->os, v);
	if (rc < 0)
		return rc;

	rc = pending(set->os, v->irq, &total, count);
	if (rc < 0)
		*count = 0;
	if (rc == 0)
		v->is_quiet = true;
	if (rc == 1) {
		v->is_held = true;
		v->is_quiet = false;
		note_seen(set, v);
	}
	/* After nonsense, too: the next take counts from here. */
	v->irq->total = total;
	if (rc < 0)
		return rc;

	rbi_irq_count(v, RBI_IRQ_TAKES, 1);
	if (*count > 0)
		rbi_irq_count(v, RBI_IRQ_INTERRUPTS, *count);
	else
		rbi_irq_count(v, RBI_IRQ_EMPTY_TAKES, 1);
	return 0;
}

int rb_irq_take(struct rb_irq_set *set, unsigned int vector, uint64_t *count)
{
	struct rbi_vector *v;
	int rc;

	if (!count)
		return rbi_fail(-EINVAL, "rb_irq_take: nowhere to put the count");
	*count = 0;
	rc = rbi_irq_check(set, vector, "rb_irq_take");
	if (rc < 0)
		return rc;

	v = &set->vectors[vector];
	rc = take(set, v, count);
	if (rc < 0)
		return rc;

	if (atomic_load(&set->way) == RBI_WAITS_TOGETHER)
		rbi_waiter_count(set->os, &set->together,
				 &(struct rbi_watched){ set->vectors, set->count }, *count);
	else
		rbi_waiter_count(set->os, &v->waiter, &(struct rbi_watched){ v, 1 }, *count);
	return 0;
}

/* The lock is for two threads that ask for the first time at once. */
static int polled_fd(struct rb_irq_set *set, struct rbi_vector *v)
{
	struct rbi_sys *sys = set->os->sys;
	unsigned int tries = 0;
	int fd;

	if (v->polled.fd >= 0)
		return v->polled.fd;

	do
		fd = sys->ops->dup(sys, v->irq->handle);
	while (rbi_os_interrupted(fd, &tries));
	if (fd < 0)
		return rbi_os_fail(fd, "a descriptor for interrupt %u", v->irq->n);

	v->polled.fd = fd;
	v->polled.irq = v->irq;
	rbi_irq_fd_add(set->os, &v->polled);
	return fd;
}

int rb_irq_fd(struct rb_irq_set *set, unsigned int vector)
{
	int rc;

	rc = rbi_irq_check(set, vector, "rb_irq_fd");
	if (rc < 0)
		return rc;

	pthread_mutex_lock(&set->lock);
	rc = polled_fd(set, &set->vectors[vector]);
	pthread_mutex_unlock(&set->lock);
	return rc;
}
