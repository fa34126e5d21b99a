/* SPDX-License-Identifier: MIT */
/*
 * host_event_read.c - reading event queues: what has happened becomes entries,
 * and who finds none sleeps on the machine's clock (contract 3.1, 3.3).
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "host/host_event.h"

#define HARVEST 32 /* events of the epoll instance at a time */

static void post_foreign(struct rbi_hosted *h, struct rbi_hosted_queue *q,
			 const struct epoll_event *ev)
{
	uint64_t serial = ev->data.u64 & (((uint64_t)1 << RBI_TAG_SHIFT) - 1);
	unsigned int flags = 0;
	struct rbi_hosted_reg *reg;

	if (ev->events & EPOLLIN)
		flags |= RBI_EVENT_READ;
	if (ev->events & EPOLLOUT)
		flags |= RBI_EVENT_WRITE;
	if (ev->events & (EPOLLHUP | EPOLLERR)) /* the end can be read, or written to */
		flags |= RBI_EVENT_READ | RBI_EVENT_WRITE;

	for (reg = q->regs; reg; reg = reg->next_of_queue)
		if (!reg->file && reg->serial == serial)
			rbi_hosted_queue_post(h, reg, flags, 1);
}

/* What the descriptors show that the queue watches. */
static void collect_ready(struct rbi_hosted *h, struct rbi_hosted_queue *q)
{
	struct epoll_event ev[HARVEST];
	int i, n;

	n = rbi_hosted_queue_instance(q) < 0
		    ? 0
		    : epoll_wait(rbi_hosted_queue_instance(q), ev, HARVEST, 0);
	for (i = 0; i < n; i++) {
		switch (ev[i].data.u64 >> RBI_TAG_SHIFT) {
		case RBI_TAG_IRQ:
			rbi_hosted_irq_pull(h, (unsigned int)(ev[i].data.u64 & 0xffff));
			break;
		case RBI_TAG_FOREIGN:
			post_foreign(h, q, &ev[i]);
			break;
		default: /* lit: what there is stands in line already */
			break;
		}
	}
}

/* Those of interrupts, whatever descriptors show. A machine that has died says so here,
 * and nowhere else to somebody who waits for an interrupt. */
static int collect_irqs(struct rbi_hosted *h, struct rbi_hosted_queue *q)
{
	struct rbi_hosted_reg *reg;
	int n;

	for (reg = q->regs; reg; reg = reg->next_of_queue) {
		n = reg->file ? rbi_hosted_irq_number(reg->file) : -1;
		if (n >= 0 && (unsigned int)n < h->irq_count)
			return rbi_hosted_irq_pull(h, (unsigned int)n);
	}
	return 0;
}

/*
 * Let what has happened become entries. @look: at the descriptors, too; else only if
 * there are entries without, lest a busy interrupt starve them. Who sleeps next learns
 * what they show without that call.
 */
static int collect(struct rbi_hosted *h, struct rbi_hosted_queue *q, bool look)
{
	int rc;

	q->collecting = true;
	rbi_hosted_time_expire(h);
	if (look)
		collect_ready(h, q);
	rc = collect_irqs(h, q);
	if (!look && q->first)
		collect_ready(h, q);
	q->collecting = false;
	return rc;
}

static int64_t first_deadline(const struct rbi_hosted_queue *q)
{
	const struct rbi_hosted_reg *reg;
	int64_t first = INT64_MAX;
	int64_t at;

	for (reg = q->regs; reg; reg = reg->next_of_queue) {
		at = reg->file ? rbi_hosted_time_deadline(reg->file) : INT64_MAX;
		if (at < first)
			first = at;
	}
	return first;
}

/* Sleep until something may have happened, without the lock: 1 when descriptors show
 * something, 0, or a negative errno. */
static int nap(struct rbi_hosted *h, struct rbi_hosted_queue *q, int64_t deadline)
{
	struct pollfd pfd = { .fd = rbi_hosted_queue_instance(q), .events = POLLIN };
	int rc;

	if (atomic_load(&h->panicked))
		return -ENODEV;
	if (pfd.fd < 0)
		return -EBADF; /* closed under our feet */
	pthread_mutex_unlock(&h->lock);
	rc = h->machine->ops->wait(h->machine, &pfd, 1, deadline);
	pthread_mutex_lock(&h->lock);
	if (rc > 0 && pfd.revents & POLLNVAL)
		return -EBADF; /* the program has closed what is not its own */
	if (rc < 0 && rc != -ETIMEDOUT)
		return rc;
	return rc > 0;
}

static int64_t timeout_deadline(struct rbi_hosted *h, uint64_t ms)
{
	int64_t now = h->machine->ops->clock(h->machine);

	return ms > INT64_MAX / 1000000 ? INT64_MAX : rbi_deadline(now, ms * 1000000);
}

static ssize_t blocking_read(struct rbi_hosted *h, struct rbi_hosted_queue *q, void *buf,
			     size_t len)
{
	struct rbi_event_record rec = { RBI_EVENT_TIMEOUT_ID, RBI_EVENT_READ, q->timeout_ms };
	bool has_timeout = q->has_timeout;
	int64_t limit = has_timeout ? timeout_deadline(h, q->timeout_ms) : INT64_MAX;
	bool look = has_timeout; /* which may be up already */
	int64_t deadline;
	size_t done;
	int rc;

	q->has_timeout = false; /* one read, one time-out */
	for (;;) {
		rc = collect(h, q, look);
		done = rbi_hosted_queue_drain(h, q, buf, len);
		if (done > 0)
			return (ssize_t)done;
		if (rc < 0)
			return rc;
		if (has_timeout && h->machine->ops->clock(h->machine) >= limit) {
			memcpy(buf, &rec, RBI_EVENT_RECORD);
			return RBI_EVENT_RECORD;
		}
		deadline = first_deadline(q);
		rc = nap(h, q, deadline < limit ? deadline : limit);
		if (rc < 0)
			return rc;
		look = has_timeout || rc > 0;
	}
}

ssize_t rbi_hosted_queue_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
			      uint64_t off)
{
	struct rbi_hosted_queue *q = (struct rbi_hosted_queue *)f;
	size_t done;
	int rc;

	if (off != RBI_ANY_OFFSET)
		return -ESPIPE;
	if (len < RBI_EVENT_RECORD)
		return -EINVAL;
	if (!(f->flags & RBI_O_NONBLOCK))
		return blocking_read(h, q, buf, len);

	rc = collect(h, q, true);
	done = rbi_hosted_queue_drain(h, q, buf, len);
	if (done > 0)
		return (ssize_t)done;
	return rc < 0 ? rc : -EAGAIN;
}
