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
 * A foreign descriptor that becomes ready twice before anybody looks posts once: Linux
 * does not count.
 *
 * What names a registration is the descriptor's number, so that registering again
 * changes the flags and leaves the old cookie. Kernels before 10 May 2026 count the
 * cookie in: another one makes another registration, and removing asks for the same.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "host/host_event.h"

/* --- the epoll instance -------------------------------------------------------------- */

int rbi_hosted_queue_instance(const struct rbi_hosted_queue *q)
{
	return q->f.handles ? q->f.handles->fd : -1;
}

static uint64_t tag(unsigned int what, uint64_t n)
{
	return (uint64_t)what << RBI_TAG_SHIFT | n;
}

void rbi_hosted_queue_light(struct rbi_hosted *h, struct rbi_hosted_queue *q, bool on)
{
	struct epoll_event ev = { .events = on ? EPOLLIN : 0, .data.u64 = tag(RBI_TAG_READY, 0) };

	if (q->lit == on || q->collecting || rbi_hosted_queue_instance(q) < 0)
		return;
	q->lit = on;
	epoll_ctl(rbi_hosted_queue_instance(q), EPOLL_CTL_MOD, h->ready_fd, &ev); /* cannot fail */
}

static int queue_descriptor(struct rbi_hosted *h, struct rbi_file *f, int from)
{
	struct epoll_event ev = { .events = 0, .data.u64 = tag(RBI_TAG_READY, 0) };
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
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = tag(RBI_TAG_IRQ, n) };
	int fd = h->machine->ops->irq_fd(h->machine, n);

	if (fd < 0)
		return fd;
	if (epoll_ctl(rbi_hosted_queue_instance(q), EPOLL_CTL_ADD, fd, &ev) == 0 || errno == EEXIST)
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
	if (fd >= 0 && rbi_hosted_queue_instance(q) >= 0)
		epoll_ctl(rbi_hosted_queue_instance(q), EPOLL_CTL_DEL, fd, NULL);
}

/* One entry of the epoll instance serves all registrations of a descriptor. 1: there
 * was none, so registrations of that number are of a descriptor that is gone. */
static int watch_foreign(struct rbi_hosted_queue *q, const struct rbi_hosted_reg *reg)
{
	struct epoll_event ev = { .events = EPOLLET,
				  .data.u64 = tag(RBI_TAG_FOREIGN, reg->serial) };
	uint64_t flags = reg->rec.flags;
	const struct rbi_hosted_reg *other;
	int fd = (int)reg->rec.id;

	for (other = q->regs; other; other = other->next_of_queue)
		if (!other->file && other->serial == reg->serial)
			flags |= other->rec.flags;
	if (flags & RBI_EVENT_READ)
		ev.events |= EPOLLIN;
	if (flags & RBI_EVENT_WRITE)
		ev.events |= EPOLLOUT;
	if (epoll_ctl(rbi_hosted_queue_instance(q), EPOLL_CTL_ADD, fd, &ev) == 0)
		return 1;
	if (errno == EEXIST && epoll_ctl(rbi_hosted_queue_instance(q), EPOLL_CTL_MOD, fd, &ev) == 0)
		return 0;
	return -errno;
}

/* --- registrations ------------------------------------------------------------------- */

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
	rbi_hosted_reg_bury(reg);
}

/* The registration of a descriptor; @cookie: NULL when any will do. */
static struct rbi_hosted_reg *find_reg(struct rbi_hosted_queue *q, const struct rbi_file *file,
				       uint64_t id, const uint64_t *cookie)
{
	struct rbi_hosted_reg *reg;

	for (reg = q->regs; reg; reg = reg->next_of_queue)
		if (reg->file == file && reg->rec.id == id && (!cookie || reg->rec.data == *cookie))
			return reg;
	return NULL;
}

/* The registration that @rec names. */
static struct rbi_hosted_reg *find_named(struct rbi_hosted *h, struct rbi_hosted_queue *q,
					 const struct rbi_file *file,
					 const struct rbi_event_record *rec)
{
	return find_reg(q, file, rec->id, h->profile.event_cookie ? &rec->data : NULL);
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
		       const struct rbi_event_record *rec)
{
	struct rbi_hosted_reg *reg = find_named(h, q, file, rec);
	int n;

	if (!reg)
		return; /* removing twice is fine (probe 4) */
	n = file ? rbi_hosted_irq_number(file) : -1;
	kill_reg(reg);
	if (n >= 0)
		unwatch_irq(h, q, n);
	else if (!file && !find_reg(q, NULL, rec->id, NULL))
		epoll_ctl(rbi_hosted_queue_instance(q), EPOLL_CTL_DEL, (int)rec->id, NULL);
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

static struct rbi_hosted_reg *new_reg(struct rbi_hosted *h, struct rbi_hosted_queue *q,
				      const struct rbi_file *file,
				      const struct rbi_event_record *rec)
{
	struct rbi_hosted_reg *other = find_reg(q, file, rec->id, NULL);
	struct rbi_hosted_reg *reg = rbi_alloc(1, sizeof(*reg));

	if (!reg)
		return NULL;
	reg->rec = *rec;
	reg->serial = other ? other->serial : ++h->next_reg;
	reg->run[0].reg = reg;
	reg->run[1].reg = reg;
	return reg;
}

static int register_file(struct rbi_hosted *h, struct rbi_hosted_queue *q, struct rbi_file *file,
			 const struct rbi_event_record *rec)
{
	struct rbi_hosted_reg *reg = new_reg(h, q, file, rec);
	struct rbi_hosted_reg *old;
	int rc;

	if (!reg)
		return -ENOMEM;
	rc = watch(h, q, file, reg);
	if (rc < 0) {
		rbi_free(reg);
		return rc;
	}
	while (rc == 1 && (old = find_reg(q, NULL, rec->id, NULL)) != NULL)
		kill_reg(old);

	old = find_named(h, q, file, rec);
	if (old) {
		old->rec.flags = rec->flags;
		rbi_free(reg);
	} else {
		link_reg(q, file, reg);
	}
	rbi_hosted_queue_light(h, q, true); /* a sleeper may have to wake earlier now */
	return 0;
}

static int set_timeout(struct rbi_hosted_queue *q, const struct rbi_event_record *rec)
{
	q->has_timeout = rec->flags != 0;
	q->timeout_ms = rec->data;
	return 0;
}

/* One record of a write (contract 3.1). */
static int take_record(struct rbi_hosted *h, struct rbi_hosted_queue *q,
		       const struct rbi_event_record *rec)
{
	struct rbi_handle *handle;
	struct rbi_file *file;

	if (rec->id == RBI_EVENT_TIMEOUT_ID && h->profile.event_timeout)
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
	unregister(h, q, file, rec);
	return 0;
}

static ssize_t queue_write(struct rbi_hosted *h, struct rbi_file *f, const void *buf, size_t len)
{
	struct rbi_event_record rec;
	size_t done;
	int rc;

	for (done = 0; len - done >= RBI_EVENT_RECORD; done += RBI_EVENT_RECORD) {
		memcpy(&rec, (const uint8_t *)buf + done, RBI_EVENT_RECORD);
		rc = take_record(h, (struct rbi_hosted_queue *)f, &rec);
		if (rc < 0)
			return rc;
	}
	return (ssize_t)done;
}

/* --- what other schemes tell ------------------------------------------------------------- */

void rbi_hosted_event_kick(struct rbi_hosted *h, struct rbi_file *f)
{
	struct rbi_hosted_queue *q;
	struct rbi_hosted_reg *reg;

	if (!f)
		for (q = h->queues; q; q = q->next)
			rbi_hosted_queue_light(h, q, true);
	else
		for (reg = f->regs; reg; reg = reg->next_of_file)
			rbi_hosted_queue_light(h, reg->queue, true);
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

/* --- open and close ------------------------------------------------------------------ */

static void queue_release(struct rbi_hosted *h, struct rbi_file *f, bool destroying)
{
	struct rbi_hosted_queue *q = (struct rbi_hosted_queue *)f;
	struct rbi_hosted_queue **at = &h->queues;

	(void)destroying;
	while (q->regs)
		kill_reg(q->regs);
	while (q->first)
		rbi_hosted_queue_next(q);
	while (*at && *at != q)
		at = &(*at)->next;
	if (*at)
		*at = q->next;
	rbi_free(q);
}

static const struct rbi_file_ops queue_ops = {
	.read = rbi_hosted_queue_read,
	.write = queue_write,
	.size = rbi_hosted_file_size_ebadf,
	.list = rbi_hosted_file_list_espipe,
	.mmap = rbi_hosted_file_mmap_eopnotsupp,
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
