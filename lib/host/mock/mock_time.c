/* SPDX-License-Identifier: MIT */
/*
 * mock_time.c - waiting on the mock.
 *
 * On virtual time a wait never sleeps while there is an event or a time-out to
 * jump to. Without either it sleeps on its descriptors and on wake_fd, which
 * rbi_mock_stir() makes readable while somebody sleeps; the last sleeper drains
 * it. With time=real a thread runs the events, so that a test whose own loop
 * never calls the library still sees its device work.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "host/mock/mock_machine.h"

#define FEW_FDS 15 /* waits for more take memory */

void rbi_mock_stir(struct mock *mock)
{
	if (mock->waiters > 0)
		(void)eventfd_write(mock->wake_fd, 1);
	if (mock->timer_runs)
		pthread_cond_signal(&mock->timer_wake);
}

static struct timespec timespec_of(int64_t ns)
{
	struct timespec ts;

	ts.tv_sec = (time_t)(ns / 1000000000);
	ts.tv_nsec = (long)(ns % 1000000000);
	return ts;
}

/* --- the thread of time=real ----------------------------------------------------------------- */

static void *run_timer(void *arg)
{
	struct mock *mock = arg;

	rbi_mock_lock(mock);
	while (!mock->timer_stops) {
		struct timespec until = timespec_of(mock->due);

		if (mock->due <= rbi_mock_now(mock)) {
			rbi_mock_run_until(mock, rbi_mock_now(mock));
			rbi_mock_stir(mock);
		} else if (mock->due == INT64_MAX) {
			pthread_cond_wait(&mock->timer_wake, &mock->lock);
		} else {
			pthread_cond_timedwait(&mock->timer_wake, &mock->lock, &until);
		}
	}
	rbi_mock_unlock(mock);
	return NULL;
}

/* Signals are for the test's own threads. */
static int start_timer(struct mock *mock)
{
	pthread_condattr_t attr;
	sigset_t all, before;
	int err;

	err = pthread_condattr_init(&attr);
	if (err == 0) {
		pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
		err = pthread_cond_init(&mock->timer_wake, &attr);
		pthread_condattr_destroy(&attr);
	}
	if (err != 0)
		return rbi_no_memory("the mock's timer");

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&mock->timer, NULL, run_timer, mock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err != 0) {
		pthread_cond_destroy(&mock->timer_wake);
		return rbi_no_memory("the mock's timer thread");
	}
	mock->timer_runs = true;
	return 0;
}

int rbi_mock_time_init(struct mock *mock)
{
	mock->now = MOCK_START_NS;
	mock->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mock->wake_fd < 0)
		return rbi_fail(-ENOMEM, "mock: no descriptor to wake sleepers with");
	if (!mock->real)
		return 0;
	mock->now = 0;
	return start_timer(mock);
}

void rbi_mock_time_free(struct mock *mock, bool forked)
{
	if (mock->timer_runs && !forked) {
		rbi_mock_lock(mock);
		mock->timer_stops = true;
		rbi_mock_stir(mock);
		rbi_mock_unlock(mock);
		pthread_join(mock->timer, NULL);
		mock->timer_runs = false;
		pthread_cond_destroy(&mock->timer_wake);
	}
	if (mock->wake_fd >= 0)
		close(mock->wake_fd);
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* poll(2) until @until by the real clock (INT64_MAX: for ever): how many are ready. */
static int sleep_on(struct pollfd *fds, size_t n, int64_t until)
{
	struct timespec now, left, *timeout = NULL;
	int64_t ns;
	int ready;

	do {
		if (until != INT64_MAX) {
			clock_gettime(CLOCK_MONOTONIC, &now);
			ns = until - ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
			left = timespec_of(ns > 0 ? ns : 0);
			timeout = &left;
		}
		ready = ppoll(fds, n, timeout, NULL);
	} while (ready < 0 && errno == EINTR);

	if (ready < 0)
		return rbi_fail(-EIO, "mock: poll of %zu descriptors: error %d", n, errno);
	return ready;
}

/* Which of @fds are ready now. */
static int look(struct pollfd *fds, size_t n)
{
	return n > 0 ? sleep_on(fds, n, 0) : 0;
}

/* Sleep on @fds and on the machine until @until. Called and left unlocked, with
 * the caller counted as a waiter. */
static int sleep_with(struct mock *mock, struct pollfd *fds, size_t n, int64_t until)
{
	struct pollfd few[FEW_FDS + 1], *all = few;
	int ready;

	if (n > FEW_FDS) {
		all = rbi_alloc(n + 1, sizeof(*all));
		if (!all)
			return rbi_no_memory("the descriptors of a wait");
	}
	if (n > 0)
		memcpy(all, fds, n * sizeof(*all));
	all[n].fd = mock->wake_fd;
	all[n].events = POLLIN;
	all[n].revents = 0;

	ready = sleep_on(all, n + 1, until);
	if (ready > 0 && all[n].revents != 0)
		ready--;
	if (n > 0)
		memcpy(fds, all, n * sizeof(*all));
	if (all != few)
		rbi_free(all);
	return ready;
}

static void count_waiter(struct mock *mock)
{
	rbi_mock_lock(mock);
	mock->waiters++;
	rbi_mock_unlock(mock);
}

static void discount_waiter(struct mock *mock)
{
	eventfd_t drained;

	rbi_mock_lock(mock);
	if (--mock->waiters == 0)
		(void)eventfd_read(mock->wake_fd, &drained);
	rbi_mock_unlock(mock);
}

static int wait_real(struct mock *mock, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	int ready;

	count_waiter(mock);
	ready = sleep_with(mock, fds, n, deadline_ns);
	discount_waiter(mock);
	if (ready == 0 && rbi_mock_now(mock) >= deadline_ns)
		return -ETIMEDOUT;
	return ready;
}

/* Jump to what comes first: 1 an event, which has run; 0 nothing will ever come,
 * and the caller counts as a waiter; -ETIMEDOUT the deadline. */
static int jump(struct mock *mock, int64_t deadline_ns)
{
	int rc = 0;

	rbi_mock_lock(mock);
	if (mock->due <= deadline_ns && mock->due != INT64_MAX) {
		rbi_mock_run_until(mock, mock->due);
		rc = 1;
	} else if (deadline_ns != INT64_MAX) {
		if (mock->now < deadline_ns)
			mock->now = deadline_ns;
		rc = -ETIMEDOUT;
	} else {
		mock->waiters++;
	}
	rbi_mock_unlock(mock);
	return rc;
}

int rbi_mock_op_wait(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	struct mock *mock = mock_of(m);
	int rc;

	if (n >= INT_MAX)
		return rbi_fail(-EINVAL, "mock: a wait for %zu descriptors", n);
	rc = look(fds, n);
	if (rc != 0)
		return rc;
	if (mock->real)
		return wait_real(mock, fds, n, deadline_ns);

	rc = jump(mock, deadline_ns);
	if (rc < 0)
		return rc;
	if (rc > 0)
		return look(fds, n);

	rc = sleep_with(mock, fds, n, INT64_MAX);
	discount_waiter(mock);
	return rc;
}

void rbi_mock_op_delay(struct rbi_machine *m, uint64_t ns)
{
	struct mock *mock = mock_of(m);
	struct timespec until;

	if (mock->real) {
		until = timespec_of(rbi_deadline(rbi_mock_now(mock), ns));
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
			;
		return;
	}
	rbi_mock_lock(mock);
	rbi_mock_run_until(mock, rbi_deadline(mock->now, ns));
	rbi_mock_unlock(mock);
}

int64_t rbi_mock_op_clock(struct rbi_machine *m)
{
	struct mock *mock = mock_of(m);
	int64_t now;

	rbi_mock_lock(mock);
	now = rbi_mock_now(mock);
	rbi_mock_unlock(mock);
	return now;
}
