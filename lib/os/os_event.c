/* SPDX-License-Identifier: MIT */
/* os_event.c - the event scheme (contract 3.1, probe 4). */
#include "config.h"

#include <errno.h>
#include <limits.h>

#include "os/os_event.h"

_Static_assert(sizeof(struct rbi_event) == 24, "a record of the event scheme has 24 bytes");

int rbi_queue_open(struct rbi_os *os, unsigned int flags)
{
	return rbi_os_open(os, "event", "", RBI_O_RDWR | RBI_O_CREAT | flags);
}

static ssize_t tell_queue(struct rbi_os *os, int queue, int fd, unsigned int flags, uint64_t data)
{
	struct rbi_event record = { .id = (uint64_t)fd, .flags = flags, .data = data };
	unsigned int tries = 0;
	ssize_t n;

	do
		n = os->sys->ops->write(os->sys, queue, &record, sizeof(record));
	while (rbi_os_interrupted(n, &tries));
	return n;
}

int rbi_queue_add(struct rbi_os *os, int queue, int fd, unsigned int flags, uint64_t data)
{
	ssize_t n = tell_queue(os, queue, fd, flags, data);

	if (n == (ssize_t)sizeof(struct rbi_event))
		return 0;
	if (n == -EBADF)
		return -EINVAL;
	if (n == -EPERM) /* plain files: what is always ready has no events */
		return rbi_fail(-ENOTSUP, "descriptor %d is of a kind that cannot be watched", fd);
	if (n < 0)
		return rbi_os_fail((int)n, "watching descriptor %d", fd);
	return rbi_fail(-EPROTO, "the event scheme took %zd bytes of a record of %zu", n,
			sizeof(struct rbi_event));
}

void rbi_queue_remove(struct rbi_os *os, int queue, int fd, uint64_t data)
{
	(void)tell_queue(os, queue, fd, 0, data);
}

int rbi_queue_read(struct rbi_os *os, int queue, struct rbi_event *events, size_t max)
{
	size_t room = max > INT_MAX ? INT_MAX : max;
	ssize_t n;

	n = os->sys->ops->read(os->sys, queue, events, room * sizeof(*events));
	if (n == -EINTR || n == -EAGAIN || n == -EWOULDBLOCK)
		return 0;
	if (n < 0)
		return rbi_os_fail((int)n, "reading an event queue");
	if (n == 0 || (size_t)n % sizeof(*events) != 0 || (size_t)n / sizeof(*events) > room)
		return rbi_fail(-EPROTO, "an event queue answered %zd bytes, not records of %zu", n,
				sizeof(*events));
	return (int)((size_t)n / sizeof(*events));
}
