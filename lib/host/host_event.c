/* SPDX-License-Identifier: MIT */
/*
 * host_event.c - /scheme/event (contract 3.1 to 3.3, probe 4).
 *
 * A queue's descriptor is an epoll instance. In it are the machine's descriptors
 * of the interrupts that are registered; foreign descriptors, edge triggered,
 * which is how Redox reports pipes; and a descriptor that is always ready, looked
 * at while the queue is *lit*: it holds entries, or a sleeper must look again. So
 * a reader sleeps on one descriptor, whatever others register meanwhile.
 *
 * Entries are not merged. As many as are alike stand together as a number in
 * their registration, and the queue is a list of registrations that have some.
 * A registration that is replaced or removed stays until its entries are read.
 * A foreign descriptor that becomes ready twice before anybody looks posts once:
 * Linux does not count.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "host/hosted.h"

#define RECORD	   24 /* usize id, usize flags, usize data */
#define TIMEOUT_ID (UINT64_MAX - 2) /* contract 3.3 */
#define HARVEST	   32

/* What an entry of the epoll instance is, in the high bits of its data. */
#define TAG_SHIFT   62
#define TAG_READY   0u
#define TAG_IRQ	    1u
#define TAG_FOREIGN 2u

struct record {
	uint64_t id;
	uint64_t flags;
	uint64_t data;
};

struct rbi_hosted_reg {
	struct rbi_hosted_queue *queue;
	struct rbi_file *file; /* NULL: foreign, or dead */
	struct rbi_hosted_reg *next_of_queue;
	struct rbi_hosted_reg *next_of_file;
	struct rbi_hosted_reg *next_in_line; /* has entries waiting */
	struct record rec; /* id, wanted flags, cookie */
	uint64_t serial; /* foreign: its name in the epoll instance */
	uint64_t waiting[4]; /* entries by their flags; [0] is unused */
	bool in_line;
	bool dead;
};

struct rbi_hosted_queue {
	struct rbi_file f; /* first */
	struct rbi_hosted_queue *next;
	struct rbi_hosted_reg *regs; /* live ones */
	struct rbi_hosted_reg *first; /* in line */
	struct rbi_hosted_reg *last;
	bool lit;
	bool has_timeout; /* for the next blocking read */
	uint64_t timeout_ms;
};

/* --- the epoll instance --------------------------------------------------------- */

/* Any handle of the queue names it; -1 when the last one is gone. */
static int instance(const struct rbi_hosted_queue *q)
{
	return q->f.handles ? q->f.handles->fd : -1;
}

static uint64_t tag(unsigned int what, uint64_t n)
{
	return (uint64_t)what << TAG_SHIFT | n;
}

static void light(struct rbi_hosted *h, struct rbi_hosted_queue *q, bool on)
{
	struct epoll_event ev = { .events = on ? EPOLLIN : 0, .data.u64 = tag(TAG_READY, 0) };

	if (q->lit == on || instance(q) < 0)
		return;
	q->lit = on;
	epoll_ctl(instance(q), EPOLL_CTL_MOD, h->ready_fd, &ev); /* cannot fail */
}

static int queue_descriptor(struct rbi_hosted *h, struct rbi_file *f, int from)
{
	struct epoll_event ev = { .events = 0, .data.u64 = tag(TAG_READY, 0) };
	int fd, err;

	if (from >= 0)
		return rbi_hosted_file_descriptor(h, f, from);
	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (epoll_ctl(fd, EPOLL_CTL_ADD, h->ready_fd, &ev) < 0) {
		err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

static int watch_irq(struct rbi_hosted *h, struct rbi_hosted_queue *q, unsigned int n)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = tag(TAG_IRQ, n) };
	int fd = h->machine->ops->irq_fd(h->machine, n);

	if (fd < 0)
		return fd;
	if (epoll_ctl(instance(q), EPOLL_CTL_ADD, fd, &ev) == 0 || errno == EEXIST)
		return 0;
	return -errno;
}

/* Stop watching N unless another registration of the queue is on it. */
static void unwatch_irq(struct rbi_hosted *h, struct rbi_hosted_queue *q, int n)
{
	struct rbi_hosted_reg *reg;
	int fd;

	for (reg = q->regs; reg; reg = reg->next_of_queue)
		if (reg->file && rbi_hosted_irq_number(reg->file) == n)
			return;
	fd = h->machine->ops->irq_fd(h->machine, (unsigned int)n);
	if (fd >= 0 && instance(q) >= 0)
		epoll_ctl(instance(q), EPOLL_CTL_DEL, fd, NULL);
}

static int watch_foreign(struct rbi_hosted_queue *q, const struct rbi_hosted_reg *reg)
{
	struct epoll_event ev = { .events = EPOLLET, .data.u64 = tag(TAG_FOREIGN, reg->serial) };
	int fd = (int)reg->rec.id;

	if (reg->rec.flags & RBI_EVENT_READ)
		ev.events |= EPOLLIN;
	if (reg->rec.flags & RBI_EVENT_WRITE)
		ev.events |= EPOLLOUT;
	if (epoll_ctl(instance(q), EPOLL_CTL_ADD, fd, &ev) == 0)
		return 0;
	if (errno == EEXIST && epoll_ctl(instance(q), EPOLL_CTL_MOD, fd, &ev) == 0)
		return 0;
	return -errno;
}

/* --- registrations -------------------------------------------------------------- */

static void unlink_reg(struct rbi_hosted_reg *reg)
{
	struct rbi_hosted_reg **at = &reg->queue->regs;

	while (*at != reg)
		at = &(*at)->next_of_queue;
	*at = reg->next_of_queue;

	if (!reg->file)
		return;
	at = &reg->file->regs;
	while (*at != reg)
		at = &(*at)->next_of_file;
	*at = reg->next_of_file;
}

/* The registration ends; entries that it has posted can still be read. */
static void kill_reg(struct rbi_hosted_reg *reg)
{
	unlink_reg(reg);
	reg->file = NULL;
	reg->dead = true;
	if (!reg->in_line)
		rbi_free(reg);
}

static struct rbi_hosted_reg *find_reg(struct rbi_hosted_queue *q, const struct rbi_file *file,
				       uint64_t id)
{
	struct rbi_hosted_reg *reg;

	for (reg = q->regs; reg; reg = reg->next_of_queue)
		if (reg->file == file && reg->rec.id == id)
			return reg;
	return NULL;
}

static void link_reg(struct rbi_hosted_queue *q, struct rbi_file *file, struct rbi_hosted_reg *reg)
{
	reg->queue = q;
	reg->file = file;
	reg->next_of_queue = q->regs;
	q->regs = reg;
	if (file) {
		reg->next_of_file = file->regs;
		file->regs = reg;
	}
}

static void unregister(struct rbi_hosted *h, struct rbi_hosted_queue *q, struct rbi_file *file,
		       uint64_t id)
{
	struct rbi_hosted_reg *reg = find_reg(q, file, id);
	int n;

	if (!reg)
		return; /* removing twice is fine (probe 4) */
	n = file ? rbi_hosted_irq_number(file) : -1;
	kill_reg(reg);
	if (!file)
		epoll_ctl(instance(q), EPOLL_CTL_DEL, (int)id, NULL);
	else if (n >= 0)
		unwatch_irq(h, q, n);
}

static int watch(struct rbi_hosted *h, struct rbi_hosted_queue *q, struct rbi_file *file,
		 const struct rbi_hosted_reg *reg)
{
	int n;

	if (!file)
		return watch_foreign(q, reg);
	n = rbi_hosted_irq_number(file);
	if (n < 0 || (unsigned int)n >= h->irq_count)
		return 0;
	/* what came before posts to those who were there before */
	rbi_hosted_irq_pull(h, (unsigned int)n);
	return watch_irq(h, q, (unsigned int)n);
}

static int register_file(struct rbi_hosted *h, struct rbi_hosted_queue *q, struct rbi_file *file,
			 const struct record *rec)
{
	struct rbi_hosted_reg *old = find_reg(q, file, rec->id);
	struct rbi_hosted_reg *reg = rbi_alloc(1, sizeof(*reg));
	int rc;

	if (!reg)
		return -ENOMEM;
	reg->rec = *rec;
	reg->serial = ++h->next_reg;
	rc = watch(h, q, file, reg);
	if (rc < 0) {
		rbi_free(reg);
		return rc;
	}
	if (old)
		kill_reg(old);
	link_reg(q, file, reg);
	light(h, q, true); /* a sleeper may have to wake earlier now */
	return 0;
}

static int set_timeout(struct rbi_hosted_queue *q, const struct record *rec)
{
	q->has_timeout = rec->flags != 0;
	q->timeout_ms = rec->data;
	return 0;
}

/* One record of a write (contract 3.1). */
static int take_record(struct rbi_hosted *h, struct rbi_hosted_queue *q, const struct record *rec)
{
	struct rbi_handle *handle;
	struct rbi_file *file;

	if (rec->id == TIMEOUT_ID && h->profile.event_timeout)
		return set_timeout(q, rec);
	if (rec->id > INT32_MAX)
		return -EBADF;

	handle = rbi_hosted_handle_find(h, (int)rec->id);
	file = handle ? handle->file : NULL;
	/* the queue itself; another queue would do on Redox and is not served here */
	if (file && file->ops == q->f.ops)
		return -EBADF;
	if (rec->flags != 0)
		return register_file(h, q, file, rec);
	if (!file && fcntl((int)rec->id, F_GETFD) < 0)
		return -EBADF;
	unregister(h, q, file, rec->id);
	return 0;
}

static ssize_t queue_write(struct rbi_hosted *h, struct rbi_file *f, const void *buf, size_t len)
{
	struct record rec;
	size_t done;
	int rc;

	for (done = 0; len - done >= RECORD; done += RECORD) {
		memcpy(&rec, (const uint8_t *)buf + done, RECORD);
		rc = take_record(h, (struct rbi_hosted_queue *)f, &rec);
		if (rc < 0)
			return rc;
	}
	return (ssize_t)done;
}

/* --- posting -------------------------------------------------------------------- */

static void post(struct rbi_hosted *h, struct rbi_hosted_reg *reg, unsigned int flags, uint64_t n)
{
	struct rbi_hosted_queue *q = reg->queue;

	flags &= (unsigned int)reg->rec.flags & (RBI_EVENT_READ | RBI_EVENT_WRITE);
	if (flags == 0)
		return;

	reg->waiting[flags] += n;
	if (!reg->in_line) {
		reg->in_line = true;
		reg->next_in_line = NULL;
		if (q->last)
			q->last->next_in_line = reg;
		else
			q->first = reg;
		q->last = reg;
	}
	light(h, q, true);
}

void rbi_hosted_event_post(struct rbi_hosted *h, struct rbi_file *f, unsigned int flags, uint64_t n)
{
	struct rbi_hosted_reg *reg;

	for (reg = f->regs; reg; reg = reg->next_of_file)
		post(h, reg, flags, n);
}

void rbi_hosted_event_kick(struct rbi_hosted *h, struct rbi_file *f)
{
	struct rbi_hosted_queue *q;
	struct rbi_hosted_reg *reg;

	if (!f)
		for (q = h->queues; q; q = q->next)
			light(h, q, true);
	else
		for (reg = f->regs; reg; reg = reg->next_of_file)
			light(h, reg->queue, true);
}

void rbi_hosted_event_forget(struct rbi_hosted *h, struct rbi_file *f, bool destroying)
{
	int n = destroying ? -1 : rbi_hosted_irq_number(f);
	struct rbi_hosted_queue *q;

	while (f->regs) {
		q = f->regs->queue;
		kill_reg(f->regs);
		if (n >= 0)
			unwatch_irq(h, q, n);
	}
}

/* --- reading -------------------------------------------------------------------- */

static void post_foreign(struct rbi_hosted *h, struct rbi_hosted_queue *q,
			 const struct epoll_event *ev)
{
	uint64_t serial = ev->data.u64 & (((uint64_t)1 << TAG_SHIFT) - 1);
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
			post(h, reg, flags, 1);
}

/*
 * Let everything that has happened become entries. A machine that has died says
 * so here, and nowhere else to somebody who waits for an interrupt.
 */
static int collect(struct rbi_hosted *h, struct rbi_hosted_queue *q)
{
	struct epoll_event ev[HARVEST];
	struct rbi_hosted_reg *reg;
	int i, n;

	rbi_hosted_time_expire(h);
	n = instance(q) < 0 ? 0 : epoll_wait(instance(q), ev, HARVEST, 0);
	for (i = 0; i < n; i++) {
		switch (ev[i].data.u64 >> TAG_SHIFT) {
		case TAG_IRQ:
			rbi_hosted_irq_pull(h, (unsigned int)(ev[i].data.u64 & 0xffff));
			break;
		case TAG_FOREIGN:
			post_foreign(h, q, &ev[i]);
			break;
		default: /* lit: what there is stands in line already */
			break;
		}
	}

	for (reg = q->regs; reg; reg = reg->next_of_queue) {
		n = reg->file ? rbi_hosted_irq_number(reg->file) : -1;
		if (n >= 0 && (unsigned int)n < h->irq_count)
			return rbi_hosted_irq_pull(h, (unsigned int)n);
	}
	return 0;
}

/* Move one entry of the first in line to @rec. */
static void take_entry(struct rbi_hosted_queue *q, struct record *rec)
{
	struct rbi_hosted_reg *reg = q->first;
	unsigned int flags = 3;

	while (reg->waiting[flags] == 0)
		flags--;
	reg->waiting[flags]--;
	*rec = (struct record){ reg->rec.id, flags, reg->rec.data };

	if (reg->waiting[1] || reg->waiting[2] || reg->waiting[3])
		return;
	q->first = reg->next_in_line;
	if (!q->first)
		q->last = NULL;
	reg->in_line = false;
	if (reg->dead)
		rbi_free(reg);
}

static size_t drain(struct rbi_hosted *h, struct rbi_hosted_queue *q, void *buf, size_t len)
{
	struct record rec;
	size_t done;

	for (done = 0; q->first && len - done >= RECORD; done += RECORD) {
		take_entry(q, &rec);
		memcpy((uint8_t *)buf + done, &rec, RECORD);
	}
	light(h, q, q->first != NULL);
	return done;
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

/* Sleep until something may have happened, without the lock. */
static int nap(struct rbi_hosted *h, struct rbi_hosted_queue *q, int64_t deadline)
{
	struct pollfd pfd = { .fd = instance(q), .events = POLLIN };
	int rc;

	if (atomic_load(&h->panicked))
		return -ENODEV;
	if (pfd.fd < 0)
		return -EBADF; /* closed under our feet */
	pthread_mutex_unlock(&h->lock);
	rc = h->machine->ops->wait(h->machine, &pfd, 1, deadline);
	pthread_mutex_lock(&h->lock);
	return rc < 0 && rc != -ETIMEDOUT ? rc : 0;
}

static int64_t timeout_deadline(struct rbi_hosted *h, uint64_t ms)
{
	int64_t now = h->machine->ops->clock(h->machine);

	return ms > INT64_MAX / 1000000 ? INT64_MAX : rbi_deadline(now, ms * 1000000);
}

static ssize_t blocking_read(struct rbi_hosted *h, struct rbi_hosted_queue *q, void *buf,
			     size_t len)
{
	struct record rec = { TIMEOUT_ID, RBI_EVENT_READ, q->timeout_ms };
	bool has_timeout = q->has_timeout;
	int64_t limit = has_timeout ? timeout_deadline(h, q->timeout_ms) : INT64_MAX;
	int64_t deadline;
	size_t done;
	int rc;

	q->has_timeout = false; /* one read, one time-out */
	for (;;) {
		rc = collect(h, q);
		done = drain(h, q, buf, len);
		if (done > 0)
			return (ssize_t)done;
		if (rc < 0)
			return rc;
		if (has_timeout && h->machine->ops->clock(h->machine) >= limit) {
			memcpy(buf, &rec, RECORD);
			return RECORD;
		}
		deadline = first_deadline(q);
		rc = nap(h, q, deadline < limit ? deadline : limit);
		if (rc < 0)
			return rc;
	}
}

static ssize_t queue_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
			  uint64_t off)
{
	struct rbi_hosted_queue *q = (struct rbi_hosted_queue *)f;
	size_t done;
	int rc;

	(void)off;
	if (len < RECORD)
		return -EINVAL;
	if (!(f->flags & RBI_O_NONBLOCK))
		return blocking_read(h, q, buf, len);

	rc = collect(h, q);
	done = drain(h, q, buf, len);
	if (done > 0)
		return (ssize_t)done;
	return rc < 0 ? rc : -EAGAIN;
}

/* --- open and close ------------------------------------------------------------- */

static void queue_release(struct rbi_hosted *h, struct rbi_file *f, bool destroying)
{
	struct rbi_hosted_queue *q = (struct rbi_hosted_queue *)f;
	struct rbi_hosted_queue **at = &h->queues;
	struct rbi_hosted_reg *reg;

	(void)destroying;
	while (q->regs)
		kill_reg(q->regs);
	while (q->first) { /* dead by now, all of them */
		reg = q->first;
		q->first = reg->next_in_line;
		rbi_free(reg);
	}
	while (*at && *at != q)
		at = &(*at)->next;
	if (*at)
		*at = q->next;
	rbi_free(q);
}

static const struct rbi_file_ops queue_ops = {
	.read = queue_read,
	.write = queue_write,
	.size = rbi_hosted_file_size_ebadf,
	.list = rbi_hosted_file_list_enotdir,
	.mmap = rbi_hosted_file_mmap_ebadf,
	.call = rbi_hosted_file_call_eopnotsupp,
	.descriptor = queue_descriptor,
	.release = queue_release,
};

int rbi_hosted_event_open(struct rbi_hosted *h, const char *rest, unsigned int flags)
{
	struct rbi_hosted_queue *q = rbi_alloc(1, sizeof(*q));

	(void)rest; /* any path makes a queue */
	if (!q)
		return -ENOMEM;
	q->f.ops = &queue_ops;
	q->next = h->queues;
	h->queues = q;
	return rbi_hosted_handle_open(h, &q->f, flags);
}
