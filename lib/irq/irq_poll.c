/* SPDX-License-Identifier: MIT */
/*
 * irq_poll.c - poll(2) that loses no interrupt.
 *
 * Each call has a queue of its own. Adding a descriptor posts it when it is ready,
 * but never an irq file (contract 3.2); those are looked at after they were added.
 * So what comes before the call is seen, and what comes later is posted.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>

#include "irq/irq_set.h"
#include "os/os_event.h"
#include "os/os_time.h"

#define COUNT_MAX     1024u /* irq.h says so */
#define NS_PER_MS     1000000ull
#define EVENTS_PER_FD 2 /* readable and writable may be posted apart */

/*
 * No alarm is set further ahead than this many ns. The kernel keeps an alarm until it
 * comes, long after the call that set it, and goes through all of them at each tick of
 * its timer: a busy loop with long time-outs would fill it with thousands.
 */
#define ALARM_AHEAD 1000000000ull

/* One call. */
struct polling {
	struct rbi_os *os;
	struct pollfd *fds;
	unsigned int count;
	const struct rbi_irq **irqs; /* count of them: behind an irq descriptor, else NULL */
	struct rbi_event *events; /* max of them */
	size_t max;
	int queue;
	int alarm;
};

/* --- what is ready ------------------------------------------------------------------- */

static int count_ready(const struct polling *p)
{
	unsigned int i;
	int ready = 0;

	for (i = 0; i < p->count; i++)
		ready += p->fds[i].revents != 0;
	return ready;
}

/* Interrupts that can be taken: whatever an entry says, the counter knows. */
static int look_at(struct polling *p, unsigned int i)
{
	int rc;

	if (!(p->fds[i].events & POLLIN))
		return 0;
	rc = rbi_irq_peek(p->os, p->irqs[i]);
	if (rc == 1)
		p->fds[i].revents |= POLLIN;
	return rc < 0 ? rc : 0;
}

static int look_at_all(struct polling *p)
{
	unsigned int i;
	int rc;

	for (i = 0; i < p->count; i++) {
		rc = p->irqs[i] ? look_at(p, i) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* One entry; a descriptor may stand in several places of the caller's list. */
static int note_event(struct polling *p, const struct rbi_event *event)
{
	short ready = 0;
	unsigned int i;
	int rc;

	if (event->flags & RBI_EVENT_READ)
		ready |= POLLIN;
	if (event->flags & RBI_EVENT_WRITE)
		ready |= POLLOUT;

	for (i = 0; i < p->count; i++) {
		if (p->fds[i].fd < 0 || (uint64_t)p->fds[i].fd != event->id)
			continue;
		if (!p->irqs[i])
			p->fds[i].revents |= ready & p->fds[i].events;
		rc = p->irqs[i] ? look_at(p, i) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Read the queue once: how many entries, or a negative errno. */
static int note_events(struct polling *p, bool *by_alarm)
{
	int i, n, rc;

	*by_alarm = false;
	n = rbi_queue_read(p->os, p->queue, p->events, p->max);
	for (i = 0; i < n; i++) {
		if (p->alarm >= 0 && p->events[i].id == (uint64_t)p->alarm)
			*by_alarm = true;
		rc = note_event(p, &p->events[i]);
		if (rc < 0)
			return rc;
	}
	return n;
}

/* --- the queue ----------------------------------------------------------------------- */

static unsigned int wanted(const struct polling *p, unsigned int i)
{
	unsigned int flags = 0;

	if (p->fds[i].events & POLLIN)
		flags |= RBI_EVENT_READ;
	if (p->fds[i].events & POLLOUT && !p->irqs[i])
		flags |= RBI_EVENT_WRITE;
	return flags;
}

/* Adding replaces what the queue knew of a descriptor, so add what all its places want,
 * at the first. 0: nothing, or not the first place. */
static unsigned int wanted_here(const struct polling *p, unsigned int i)
{
	unsigned int flags = 0;
	unsigned int j;

	for (j = 0; j < p->count; j++) {
		if (p->fds[j].fd != p->fds[i].fd)
			continue;
		if (j < i)
			return 0;
		flags |= wanted(p, j);
	}
	return flags;
}

static void mark_invalid(struct polling *p, int fd)
{
	unsigned int i;

	for (i = 0; i < p->count; i++)
		if (p->fds[i].fd == fd)
			p->fds[i].revents = POLLNVAL;
}

static int open_queue(struct polling *p, bool blocks)
{
	unsigned int flags, i;
	int rc;

	rc = rbi_queue_open(p->os, blocks ? 0 : RBI_O_NONBLOCK);
	if (rc < 0)
		return rc;
	p->queue = rc;

	for (i = 0; i < p->count; i++) {
		flags = p->fds[i].fd >= 0 ? wanted_here(p, i) : 0;
		if (flags == 0)
			continue;
		rc = rbi_queue_add(p->os, p->queue, p->fds[i].fd, flags, 0);
		if (rc == -EINVAL)
			mark_invalid(p, p->fds[i].fd);
		else if (rc < 0)
			return rc;
	}
	return 0;
}

/* The descriptors live on, and the kernel would not forget who watched them. */
static void close_queue(struct polling *p)
{
	unsigned int i;

	if (p->queue < 0)
		return;
	for (i = 0; i < p->count; i++)
		if (p->fds[i].fd >= 0 && !(p->fds[i].revents & POLLNVAL) && wanted_here(p, i) != 0)
			rbi_queue_remove(p->os, p->queue, p->fds[i].fd, 0);
	rbi_os_close(p->os, p->queue);
	p->queue = -1;
}

static int set_alarm(struct polling *p, int64_t deadline)
{
	int64_t when;
	int rc;

	if (deadline == INT64_MAX)
		return 0;
	if (p->alarm < 0) {
		rc = rbi_alarm_open(p->os);
		if (rc < 0)
			return rc;
		p->alarm = rc;
		rc = rbi_queue_add(p->os, p->queue, p->alarm, RBI_EVENT_READ, 0);
		if (rc == -EINVAL)
			rc = rbi_fail(-EIO, "the event scheme does not know its alarm");
		if (rc < 0)
			return rc;
	}
	when = rbi_deadline(rbi_time_now(p->os), ALARM_AHEAD);
	return rbi_alarm_arm(p->os, p->alarm, when < deadline ? when : deadline);
}

/* --- the call ------------------------------------------------------------------------ */

/* What is ready now, without sleeping. */
static int look_once(struct polling *p)
{
	bool by_alarm;
	int rc;

	rc = open_queue(p, false);
	if (rc < 0)
		return rc;
	rc = note_events(p, &by_alarm);
	if (rc < 0)
		return rc;
	return look_at_all(p);
}

static int sleep_until(struct polling *p, int64_t deadline)
{
	bool by_alarm = true;
	int rc, n;

	for (;;) {
		if (by_alarm) {
			rc = set_alarm(p, deadline);
			if (rc < 0)
				return rc;
		}
		n = note_events(p, &by_alarm);
		if (n < 0)
			return n;
		if (count_ready(p) > 0)
			return 0;
		/* The alarm may be one on the way, the clock may have stepped back, and a
		 * signal (0) may hide the alarm. */
		if ((by_alarm || n == 0) && deadline != INT64_MAX &&
		    rbi_time_now(p->os) >= deadline)
			return look_at_all(p);
	}
}

static int run(struct polling *p, int timeout_ms)
{
	int64_t deadline = INT64_MAX;
	int rc;

	if (timeout_ms == 0)
		return look_once(p);
	if (timeout_ms > 0)
		deadline = rbi_deadline(rbi_time_now(p->os), (uint64_t)timeout_ms * NS_PER_MS);

	rc = open_queue(p, true);
	if (rc == 0)
		rc = look_at_all(p);
	if (rc < 0)
		return rc;
	if (count_ready(p) == 0)
		return sleep_until(p, deadline);

	/* Something is ready already. A read of this queue might sleep, and without one
	 * the other descriptors would starve behind a busy device. */
	close_queue(p);
	return look_once(p);
}

static int prepare(struct polling *p)
{
	unsigned int i;

	p->max = (size_t)p->count * EVENTS_PER_FD + 1;
	p->events = rbi_alloc(p->max, sizeof(*p->events));
	p->irqs = rbi_alloc((size_t)p->count + 1, sizeof(struct rbi_irq *));
	if (!p->events || !p->irqs)
		return rbi_no_memory("a list of descriptors");

	for (i = 0; i < p->count; i++) {
		p->fds[i].revents = 0;
		p->irqs[i] = p->fds[i].fd >= 0 ? rbi_irq_fd_find(p->os, p->fds[i].fd) : NULL;
	}
	return 0;
}

int rb_poll(struct rb_ctx *ctx, struct pollfd *fds, unsigned int count, int timeout_ms)
{
	struct polling p = { .fds = fds, .count = count, .queue = -1, .alarm = -1 };
	int rc;

	rc = rbi_ctx_check(ctx, "rb_poll");
	if (rc < 0)
		return rc;
	if (!fds && count > 0)
		return rbi_fail(-EINVAL, "rb_poll: no descriptors");
	if (count > COUNT_MAX)
		return rbi_fail(-EINVAL, "rb_poll: %u descriptors, at most %u", count, COUNT_MAX);

	p.os = ctx->os;
	rc = prepare(&p);
	if (rc == 0)
		rc = run(&p, timeout_ms);

	close_queue(&p);
	rbi_os_close(p.os, p.alarm);
	rbi_free(p.events);
	rbi_free(p.irqs);
	return rc < 0 ? rc : count_ready(&p);
}
