/* SPDX-License-Identifier: MIT */
/*
 * mock_wait.c - waiting in virtual time, by one thread or several.
 *
 * A wait jumps to the next event or to the first time-out, but only when every
 * registered thread is idle: it waits, it has looked at its descriptors since
 * something last happened, none of them is ready, and its time-out lies ahead. Who
 * may not jump sleeps on wake_fd until it may, or until it has something to do.
 */
#include <errno.h>
#include <pthread.h>

#include "host/mock/mock_machine.h"
#include "host/real_clock.h"

/* --- registered threads ------------------------------------------------------------------- */

/* The place of the calling thread, or nthreads. */
static size_t find_self(const struct mock *mock)
{
	size_t i;

	for (i = 0; i < mock->nthreads; i++)
		if (pthread_equal(mock->threads[i], pthread_self()))
			break;
	return i;
}

int rb_mock_thread_begin(struct rb_ctx *ctx)
{
	struct mock *mock;
	int rc;

	mock = rbi_mock_of_ctx(ctx, "rb_mock_thread_begin", &rc);
	if (!mock)
		return rc;
	rbi_mock_lock(mock);
	if (find_self(mock) < mock->nthreads)
		rc = rbi_fail(-EEXIST, "rb_mock_thread_begin: this thread is registered");
	else if (mock->nthreads == MOCK_THREADS)
		rc = rbi_fail(-ENOMEM, "rb_mock_thread_begin: %d threads are registered",
			      MOCK_THREADS);
	else
		mock->threads[mock->nthreads++] = pthread_self();
	rbi_mock_unlock(mock);
	return rc;
}

/* The others may have waited for this one only. */
void rb_mock_thread_end(struct rb_ctx *ctx)
{
	struct mock *mock;
	size_t i;
	int rc;

	mock = rbi_mock_of_ctx(ctx, "rb_mock_thread_end", &rc);
	if (!mock)
		return;
	rbi_mock_lock(mock);
	i = find_self(mock);
	if (i < mock->nthreads) {
		mock->threads[i] = mock->threads[--mock->nthreads];
		rbi_mock_stir(mock);
	}
	rbi_mock_unlock(mock);
}

/* --- who waits ------------------------------------------------------------------------------ */

static void link_in(struct mock *mock, struct mock_waiter *self)
{
	self->registered = find_self(mock) < mock->nthreads;
	self->next = mock->waiting;
	mock->waiting = self;
	rbi_mock_set_alarm(mock);
}

static void link_out(struct mock *mock, struct mock_waiter *self)
{
	struct mock_waiter **link = &mock->waiting;

	while (*link != self)
		link = &(*link)->next;
	*link = self->next;
	rbi_mock_set_alarm(mock);
}

/* The first time-out that lies ahead. */
static int64_t first_timeout(const struct mock *mock)
{
	const struct mock_waiter *w;
	int64_t first = INT64_MAX;

	for (w = mock->waiting; w; w = w->next)
		if (w->deadline > mock->now && w->deadline < first)
			first = w->deadline;
	return first;
}

void rbi_mock_set_alarm(struct mock *mock)
{
	int64_t first = mock->waiting ? first_timeout(mock) : INT64_MAX;

	mock->alarm = first < mock->due ? first : mock->due;
}

void rbi_mock_wake_expired(struct mock *mock)
{
	const struct mock_waiter *w;

	for (w = mock->waiting; w; w = w->next)
		if (w->asleep && w->deadline <= mock->now)
			break;
	if (w)
		rbi_mock_wake(mock);
	rbi_mock_set_alarm(mock);
}

/* Another's descriptors may have become ready behind the mock's back, as when a
 * thread cancels its wait: then it is about to run. */
static bool is_idle(const struct mock *mock, const struct mock_waiter *w)
{
	size_t i;

	if (w->deadline <= mock->now || w->stirs != mock->stirs)
		return false;
	for (i = 0; w->asleep && i < w->n; i++) {
		struct pollfd one = { .fd = w->fds[i].fd, .events = w->fds[i].events };

		if (rbi_mock_look(&one, 1) != 0)
			return false;
	}
	return true;
}

static bool all_idle(const struct mock *mock)
{
	const struct mock_waiter *w;
	size_t idle = 0;

	for (w = mock->waiting; w; w = w->next)
		if (w->registered && is_idle(mock, w))
			idle++;
	return idle == mock->nthreads;
}

/* --- waiting ---------------------------------------------------------------------------------- */

enum next {
	LOOK, /* something happened */
	SLEEP, /* not ours to move the clock, or nothing will come by itself */
	EXPIRED
};

/* Move the clock if that may be done. Events come before time-outs of the same
 * moment. */
static enum next step(struct mock *mock, const struct mock_waiter *self)
{
	int64_t first;

	if (mock->nets)
		rbi_mock_nets_look(mock);
	if (mock->stirs != self->stirs)
		return LOOK;
	if (mock->due > mock->now && self->deadline <= mock->now)
		return EXPIRED;
	if (mock->due > mock->now && !all_idle(mock))
		return SLEEP;

	first = first_timeout(mock);
	if (mock->due <= mock->now || (mock->due <= first && mock->due != INT64_MAX)) {
		rbi_mock_run_until(mock, mock->due > mock->now ? mock->due : mock->now);
		rbi_mock_stir(mock);
		return LOOK;
	}
	if (first == INT64_MAX)
		return SLEEP;
	rbi_mock_run_until(mock, first);
	return self->deadline <= mock->now ? EXPIRED : SLEEP;
}

/*
 * When a sleep has hung, by the real clock: nothing on the machine's clock will end it, and
 * a thread that computes, or another process, has had its time.
 */
static int64_t hangs_at(const struct mock *mock)
{
	if (mock->hang_ms == 0 || mock->due != INT64_MAX || first_timeout(mock) != INT64_MAX)
		return INT64_MAX;
	return rbi_deadline(rbi_real_ns(), mock->hang_ms * 1000000);
}

static int complain_of_hang(struct mock *mock)
{
	rbi_mock_complain(mock, NULL,
			  "a wait without a time-out (rb_irq_wait, rb_irq_wait_any, rb_poll) has "
			  "hung: no interrupt and no event is to come");
	return rbi_fail(-EIO, "mock: a wait without a time-out has hung");
}

/* How many of @fds are ready, or -EIO when that will never be. */
static int sleep_on_others(struct mock *mock, const struct mock_waiter *self)
{
	int64_t limit = hangs_at(mock);
	int ready;

	ready = rbi_mock_sleep(mock, self->fds, self->n, limit);
	if (ready == 0 && rbi_real_ns() >= limit && mock->stirs == self->stirs &&
	    hangs_at(mock) != INT64_MAX)
		return complain_of_hang(mock);
	return ready;
}

int rbi_mock_wait(struct mock *mock, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	struct mock_waiter self = { .fds = fds, .n = n, .deadline = deadline_ns };
	enum next next;
	int rc;

	rbi_mock_lock(mock);
	self.stirs = mock->stirs;
	rbi_mock_unlock(mock);
	rc = rbi_mock_look(fds, n);
	if (rc != 0)
		return rc;

	rbi_mock_lock(mock);
	link_in(mock, &self);
	next = step(mock, &self);
	if (next == SLEEP) {
		self.asleep = true;
		rc = sleep_on_others(mock, &self);
		next = rc == 0 && mock->now >= deadline_ns ? EXPIRED : LOOK;
	}
	link_out(mock, &self);
	rbi_mock_unlock(mock);

	if (rc != 0)
		return rc;
	return next == EXPIRED ? -ETIMEDOUT : rbi_mock_look(fds, n);
}

void rbi_mock_wait_ns(struct mock *mock, uint64_t ns)
{
	int64_t until;
	int rc;

	rbi_mock_lock(mock);
	until = rbi_deadline(mock->now, ns);
	rbi_mock_unlock(mock);
	do
		rc = rbi_mock_wait(mock, NULL, 0, until);
	while (rc >= 0);
}
