/* SPDX-License-Identifier: MIT */
/* irq_waiter.c - the event queue of somebody who waits. */
#include "config.h"

#include "irq/irq_set.h"
#include "os/os_event.h"
#include "os/os_time.h"

#define AT_ONCE	    64 /* entries read by one call */
#define BACKLOG_MAX 1024u /* entries that may pile up in a queue that nobody reads */

void rbi_waiter_init(struct rbi_waiter *w)
{
	w->queue = -1;
	w->alarm = -1;
	w->pipe[0] = -1;
	w->pipe[1] = -1;
	w->armed = INT64_MAX;
}

/* A descriptor of ours that the system does not know is the system's fault. */
static int watch(struct rbi_os *os, struct rbi_waiter *w, int fd, uint64_t data)
{
	int rc = rbi_queue_add(os, w->queue, fd, RBI_EVENT_READ, data);

	if (rc == -EINVAL)
		return rbi_fail(-EIO, "the event scheme does not know descriptor %d", fd);
	return rc;
}

/* Interrupts from before are in no queue, so whoever waits next has to look. */
static int watch_all(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched)
{
	unsigned int i;
	int rc;

	for (i = 0; i < watched->count; i++) {
		watched->vectors[i].is_quiet = false;
		rc = watch(os, w, watched->vectors[i].irq->handle, i);
		if (rc < 0)
			return rc;
	}
	return watch(os, w, w->pipe[0], RBI_DATA_CANCEL);
}

int rbi_waiter_open(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched)
{
	int rc;

	if (w->queue >= 0)
		return 0;

	rc = os->sys->ops->pipe(os->sys, w->pipe);
	if (rc < 0) {
		rbi_waiter_init(w);
		return rbi_os_fail(rc, "a pipe to cancel waits");
	}

	rc = rbi_queue_open(os, 0);
	if (rc >= 0) {
		w->queue = rc;
		rc = watch_all(os, w, watched);
	}
	if (rc < 0)
		rbi_waiter_close(os, w, watched);
	return rc < 0 ? rc : 0;
}

void rbi_waiter_close(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched)
{
	unsigned int i;

	/* Vectors live on in the pool. */
	for (i = 0; w->queue >= 0 && i < watched->count; i++)
		rbi_queue_remove(os, w->queue, watched->vectors[i].irq->handle, i);

	rbi_os_close(os, w->queue);
	rbi_os_close(os, w->alarm);
	rbi_os_close(os, w->pipe[0]);
	rbi_os_close(os, w->pipe[1]);
	rbi_waiter_init(w);
	w->backlog = 0;
}

static int open_alarm(struct rbi_os *os, struct rbi_waiter *w)
{
	int fd, rc;

	fd = rbi_alarm_open(os);
	if (fd < 0)
		return fd;

	rc = watch(os, w, fd, RBI_DATA_ALARM);
	if (rc < 0) {
		rbi_os_close(os, fd);
		return rc;
	}
	w->alarm = fd;
	return 0;
}

/*
 * An alarm that is still to come, of this wait or an earlier one, is left to come: it
 * wakes early, and is then set anew. So a driver that waits a thousand times a second
 * for at most a second sets one alarm a second, and the system does not collect
 * thousands that nobody wants any more.
 */
int rbi_waiter_arm(struct rbi_os *os, struct rbi_waiter *w, int64_t deadline)
{
	int rc;

	if (w->armed <= deadline)
		return 0;

	if (w->alarm < 0) {
		rc = open_alarm(os, w);
		if (rc < 0)
			return rc;
	}
	rc = rbi_alarm_arm(os, w->alarm, deadline);
	if (rc < 0)
		return rc;
	w->armed = deadline;
	return 0;
}

/* Entries that make no sense are passed over: they may be of any age. */
static void sort_entry(struct rbi_waiter *w, const struct rbi_watched *watched, uint64_t data,
		       struct rbi_woken *woken)
{
	if (data == RBI_DATA_ALARM) {
		woken->by_alarm = true;
		w->armed = INT64_MAX;
	} else if (data == RBI_DATA_CANCEL) {
		woken->by_cancel = true;
	} else if (data < watched->count) {
		watched->vectors[data].is_quiet = false;
	}
}

int rbi_waiter_sleep(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched,
		     struct rbi_woken *woken)
{
	struct rbi_event events[AT_ONCE];
	int i, n;

	woken->by_alarm = false;
	woken->by_cancel = false;

	n = rbi_queue_read(os, w->queue, events, AT_ONCE);
	if (n < 0)
		return n;

	for (i = 0; i < n; i++)
		sort_entry(w, watched, events[i].data, woken);

	/* Fewer than fit: the queue is empty now. */
	if (n < AT_ONCE || w->backlog <= AT_ONCE)
		w->backlog = 0;
	else
		w->backlog -= AT_ONCE;
	return n;
}

void rbi_waiter_count(struct rbi_os *os, struct rbi_waiter *w, const struct rbi_watched *watched,
		      uint64_t count)
{
	if (w->queue < 0)
		return;

	/* A driver that waited once and only takes since then: the entries go with the
	 * queue, and the next wait makes a new one. */
	if (count > BACKLOG_MAX || w->backlog + count > BACKLOG_MAX)
		rbi_waiter_close(os, w, watched);
	else
		w->backlog += count;
}
