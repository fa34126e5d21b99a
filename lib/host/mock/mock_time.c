/* SPDX-License-Identifier: MIT */
/*
 * mock_time.c - waiting on the mock.
 *
 * Who sleeps does so on its descriptors and on wake_fd, which rbi_mock_wake() makes
 * readable while somebody sleeps; the last sleeper drains it. When virtual time
 * needs no sleep is decided in mock_wait.c. With time=real a thread runs the events, so
 * that a test whose own loop never calls the library still sees its device work.
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
#include "host/real_clock.h"

#define FEW_FDS 15 /* waits for more take memory */

void rbi_mock_wake(struct mock *mock)
{
	if (mock->waiters > 0 && !mock->woken)
		mock->woken = eventfd_write(mock->wake_fd, 1) == 0;
}

void rbi_mock_stir(struct mock *mock)
{
	mock->stirs++;
	rbi_mock_wake(mock);
}

static struct timespec timespec_of(int64_t ns)
{
	struct timespec ts;

	ts.tv_sec = (time_t)(ns / 1000000000);
	ts.tv_nsec = (long)(ns % 1000000000);
	return ts;
}

/* --- the thread of time=real ----------------------------------------------------------------- */

void rbi_mock_wake_timer(struct mock *mock)
{
	if (mock->timer_runs)
		pthread_cond_signal(&mock->timer_wake);
}

static void *run_timer(void *arg)
{
	struct mock *mock = arg;

	rbi_mock_lock(mock);
	while (!mock->timer_stops) {
		struct timespec until = timespec_of(mock->due);

		if (mock->due <= rbi_mock_now(mock)) {
			rbi_mock_run_until(mock, rbi_mock_now(mock));
			rbi_mock_stir(mock);
			rbi_mock_unlock(mock); /* interrupts go out now */
			rbi_mock_lock(mock);
			continue;
		}
		mock->depth--;
		if (mock->due == INT64_MAX)
			pthread_cond_wait(&mock->timer_wake, &mock->lock);
		else
			pthread_cond_timedwait(&mock->timer_wake, &mock->lock, &until);
		mock->depth++;
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
		rbi_mock_wake_timer(mock);
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
	struct timespec left, *timeout = NULL;
	int64_t ns;
	int ready;

	do {
		if (until != INT64_MAX) {
			ns = until - rbi_real_ns();
			left = timespec_of(ns > 0 ? ns : 0);
			timeout = &left;
		}
		ready = ppoll(fds, n, timeout, NULL);
	} while (ready < 0 && errno == EINTR);

	if (ready < 0)
		return rbi_fail(-EIO, "mock: poll of %zu descriptors: error %d", n, errno);
	return ready;
}

int rbi_mock_look(struct pollfd *fds, size_t n)
{
	return n > 0 ? sleep_on(fds, n, 0) : 0;
}

/* Sleep on @fds and on the machine until @until: how many are ready. */
static int sleep_unlocked(struct mock *mock, struct pollfd *fds, size_t n, int64_t until)
{
	struct pollfd few[FEW_FDS + 2], *all = few;
	size_t i;
	int ready;

	if (n > FEW_FDS) {
		all = rbi_alloc(n + 2, sizeof(*all));
		if (!all)
			return rbi_no_memory("the descriptors of a wait");
	}
	if (n > 0)
		memcpy(all, fds, n * sizeof(*all));
	all[n] = (struct pollfd){ mock->wake_fd, POLLIN, 0 };
	all[n + 1] = (struct pollfd){ rbi_mock_nets_fd(mock), POLLIN, 0 };

	ready = sleep_on(all, n + 2, until);
	for (i = n; ready > 0 && i < n + 2; i++)
		ready -= all[i].revents != 0;
	rbi_mock_lock(mock);
	if (n > 0)
		memcpy(fds, all, n * sizeof(*all));
	rbi_mock_unlock(mock);
	if (all != few)
		rbi_free(all);
	return ready;
}

/* Called and left locked. */
int rbi_mock_sleep(struct mock *mock, struct pollfd *fds, size_t n, int64_t until)
{
	eventfd_t drained;
	int ready;

	mock->waiters++;
	rbi_mock_unlock(mock);
	ready = sleep_unlocked(mock, fds, n, until);
	rbi_mock_lock(mock);
	if (--mock->waiters == 0 && mock->woken)
		mock->woken = eventfd_read(mock->wake_fd, &drained) != 0;
	return ready;
}

static int wait_real(struct mock *mock, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	int ready;

	rbi_mock_lock(mock);
	ready = rbi_mock_sleep(mock, fds, n, deadline_ns);
	rbi_mock_unlock(mock);
	if (ready == 0 && rbi_mock_now(mock) >= deadline_ns)
		return -ETIMEDOUT;
	return ready;
}

int rbi_mock_op_wait(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	struct mock *mock = mock_of(m);

	if (n >= INT_MAX)
		return rbi_fail(-EINVAL, "mock: a wait for %zu descriptors", n);
	return mock->real ? wait_real(mock, fds, n, deadline_ns)
			  : rbi_mock_wait(mock, fds, n, deadline_ns);
}

void rbi_mock_op_delay(struct rbi_machine *m, uint64_t ns)
{
	struct mock *mock = mock_of(m);
	struct timespec until;
	bool alone;

	if (mock->real) {
		until = timespec_of(rbi_deadline(rbi_mock_now(mock), ns));
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
			;
		return;
	}
	rbi_mock_lock(mock);
	alone = mock->nthreads == 0;
	if (alone)
		rbi_mock_pass(mock, ns);
	rbi_mock_unlock(mock);
	if (!alone)
		rbi_mock_wait_ns(mock, ns);
}

int64_t rbi_mock_op_clock(struct rbi_machine *m)
{
	struct mock *mock = mock_of(m);
	int64_t now;

	if (mock->real)
		return rbi_mock_now(mock); /* nobody moves that one */
	rbi_mock_lock(mock);
	now = rbi_mock_now(mock);
	rbi_mock_unlock(mock);
	return now;
}
