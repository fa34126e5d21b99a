/* SPDX-License-Identifier: MIT */
/*
 * qemu_io.c - the thread that owns QEMU, and listens while nobody asks.
 *
 * Callers read their own answers, which is 6-10 us faster than a reading thread
 * (qemu-notes 3.3). Interrupt reports that come in between are this thread's. It
 * would also be woken by every answer meant for a caller, so when it finds one busy
 * it snoozes: it stops listening until no command has been sent for a while, or
 * until a caller that goes to sleep asks it to listen.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qemu.h"

#define SNOOZE_NS 200000 /* an interrupt report may come this late after the last access */
#define FEED_NS	  1000000 /* look again whether the doorbell takes more */
#define GRACE_MS  500 /* for QEMU to end by itself; it takes 3 (qemu-notes 2) */

static void enter_phase(struct rbi_qemu_io *io, enum rbi_qemu_phase phase)
{
	pthread_mutex_lock(&io->lock);
	io->phase = phase;
	pthread_cond_broadcast(&io->changed);
	pthread_mutex_unlock(&io->lock);
}

static void kick(struct rbi_qemu *q)
{
	uint64_t one = 1;
	ssize_t n = write(q->io.kick_fd, &one, sizeof(one));

	(void)n; /* a full counter is readable, too */
}

static void on_death(void *arg)
{
	struct rbi_qemu *q = arg;
	uint64_t one = 1;
	ssize_t n = write(q->dead_fd, &one, sizeof(one));

	(void)n;
	kick(q);
}

static void on_irq(void *arg, unsigned int gsi, bool level)
{
	rbi_qemu_irq_level(arg, gsi, level);
}

/* --- the thread -------------------------------------------------------------------------- */

/* What the thread looks at; a descriptor of -1 is not looked at. */
struct watch {
	struct pollfd kick, qtest, words, end, feed;
};

struct nap {
	bool feeding; /* the handshake of the doorbell is not complete */
	unsigned long seen; /* commands when the snooze began */
};

static void watch_what_matters(struct rbi_qemu *q, const struct nap *nap, struct watch *w)
{
	bool dead = rbi_qemu_dead(q), snoozing = atomic_load(&q->io.snoozing);

	w->kick = (struct pollfd){ q->io.kick_fd, POLLIN, 0 };
	w->qtest = (struct pollfd){ dead || snoozing ? -1 : q->qtest_fd, POLLIN, 0 };
	w->words = (struct pollfd){ q->proc.words_fd, POLLIN, 0 };
	w->end = (struct pollfd){ q->proc.ended ? -1 : q->proc.pidfd, POLLIN, 0 };
	w->feed = (struct pollfd){ nap->feeding ? q->doorbell.fd : -1, POLLOUT, 0 };
}

static void sleep_on(struct rbi_qemu *q, const struct nap *nap, struct watch *w)
{
	struct timespec limit = { 0, 0 };
	bool snoozing = atomic_load(&q->io.snoozing);

	limit.tv_nsec = snoozing ? SNOOZE_NS : FEED_NS;
	ppoll((struct pollfd *)w, sizeof(*w) / sizeof(struct pollfd),
	      snoozing || nap->feeding ? &limit : NULL, NULL);
}

static void heed_kick(struct rbi_qemu *q, const struct watch *w)
{
	uint64_t n;
	ssize_t got;

	if (!(w->kick.revents & POLLIN))
		return;
	got = read(q->io.kick_fd, &n, sizeof(n));
	(void)got;
	atomic_store(&q->io.snoozing, false);
}

static void heed_qtest(struct rbi_qemu *q, const struct watch *w, struct nap *nap)
{
	unsigned long seen = atomic_load(&q->qt.commands);

	if (atomic_load(&q->io.snoozing)) {
		atomic_store(&q->io.snoozing, seen != nap->seen);
		nap->seen = seen;
	}
	if (!w->qtest.revents)
		return;
	if (!rbi_qtest_trylock(&q->qt)) {
		nap->seen = seen;
		atomic_store(&q->io.snoozing, true);
		return;
	}
	rbi_qtest_drain(&q->qt);
	rbi_qtest_unlock(&q->qt);
}

static void heed_end(struct rbi_qemu *q, const struct watch *w)
{
	/* A caller may sleep in recv(), and a copy of QEMU's end of the socket in some
	 * child of this process may hide its end. */
	if (w->end.revents)
		shutdown(q->qtest_fd, SHUT_RDWR);

	if (!q->proc.ended && (rbi_qemu_dead(q) || w->end.revents)) {
		rbi_qemu_proc_end(&q->proc, 0);
		rbi_qtest_lock(&q->qt);
		rbi_qtest_die(&q->qt, RBI_QTEST_HUNG_UP, "it has ended");
		rbi_qtest_unlock(&q->qt);
		enter_phase(&q->io, QEMU_ENDED);
	}
}

static void serve(struct rbi_qemu *q)
{
	struct nap nap = { true, 0 };
	struct watch w;

	while (!atomic_load(&q->io.stop)) {
		if (nap.feeding)
			nap.feeding = !q->proc.ended && rbi_ivshmem_feed(&q->doorbell) == 0;
		watch_what_matters(q, &nap, &w);
		sleep_on(q, &nap, &w);
		heed_kick(q, &w);
		if (w.words.revents)
			rbi_qemu_proc_listen(&q->proc);
		heed_qtest(q, &w, &nap);
		heed_end(q, &w);
	}
}

static void *io_main(void *arg)
{
	struct rbi_qemu *q = arg;
	int rc = rbi_qemu_proc_start(&q->proc, q->argv, q->child_fds,
				     rbi_qemu_count_fds(&q->opt));

	if (rc < 0) {
		q->io.start_rc = rc;
		snprintf(q->io.start_why, sizeof(q->io.start_why), "%s", rb_last_error());
		enter_phase(&q->io, QEMU_ENDED);
		return NULL;
	}
	enter_phase(&q->io, QEMU_RUNNING);
	serve(q);
	rbi_qemu_proc_end(&q->proc, GRACE_MS);
	return NULL;
}

/* --- for the others ---------------------------------------------------------------------- */

int rbi_qemu_io_init(struct rbi_qemu *q)
{
	pthread_condattr_t attr;
	int rc;

	q->io.kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->io.kick_fd < 0)
		return rbi_fail(-ENOMEM, "no eventfd for QEMU's thread: errno %d", errno);
	if (pthread_mutex_init(&q->io.lock, NULL) != 0)
		return rbi_no_memory("a lock");
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	rc = pthread_cond_init(&q->io.changed, &attr);
	pthread_condattr_destroy(&attr);
	if (rc != 0) {
		pthread_mutex_destroy(&q->io.lock);
		return rbi_no_memory("a condition");
	}
	q->io.ready = true;
	q->qt.on_irq = on_irq;
	q->qt.on_death = on_death;
	q->qt.arg = q;
	return 0;
}

void rbi_qemu_io_destroy(struct rbi_qemu *q, bool forked)
{
	if (q->io.kick_fd >= 0)
		close(q->io.kick_fd);
	/* In a child of fork() the thread does not exist, but may hold these. */
	if (!q->io.ready || forked)
		return;
	pthread_cond_destroy(&q->io.changed);
	pthread_mutex_destroy(&q->io.lock);
}

/* No signal handler of the program runs on our thread. */
static int create_thread(struct rbi_qemu *q)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&q->io.thread, NULL, io_main, q);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

int rbi_qemu_io_start(struct rbi_qemu *q)
{
	enum rbi_qemu_phase phase;
	int rc = create_thread(q);

	if (rc != 0)
		return rbi_fail(-ENOMEM, "no thread for QEMU: errno %d", rc);
	q->io.started = true;

	pthread_mutex_lock(&q->io.lock);
	while (q->io.phase == QEMU_STARTING)
		pthread_cond_wait(&q->io.changed, &q->io.lock);
	phase = q->io.phase;
	pthread_mutex_unlock(&q->io.lock);

	if (phase == QEMU_ENDED && q->io.start_rc < 0)
		return rbi_fail(q->io.start_rc, "%s", q->io.start_why);
	return 0;
}

void rbi_qemu_io_stop(struct rbi_qemu *q)
{
	if (!q->io.started)
		return;
	atomic_store(&q->io.stop, true);
	kick(q);
	pthread_join(q->io.thread, NULL);
	q->io.started = false;
}

void rbi_qemu_io_listen(struct rbi_qemu *q)
{
	if (atomic_load(&q->io.snoozing))
		kick(q);
}

bool rbi_qemu_io_await_end(struct rbi_qemu *q, unsigned int ms)
{
	struct timespec until;
	int rc = 0;
	bool ended;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&q->io.lock);
	while (q->io.phase != QEMU_ENDED && rc == 0)
		rc = pthread_cond_timedwait(&q->io.changed, &q->io.lock, &until);
	ended = q->io.phase == QEMU_ENDED;
	pthread_mutex_unlock(&q->io.lock);
	return ended;
}
