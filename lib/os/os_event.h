/* SPDX-License-Identifier: MIT */
/*
 * os_event.h - event queues: one place to wait for many descriptors.
 *
 * A queue holds postings, not states: each posting is one entry, nothing is merged,
 * and nothing is posted again because data stay unread. When a descriptor is added
 * it is posted at once if it is ready, except irq files, which are never ready at
 * that moment (contract 3.1, 3.2). So after adding an irq file, look at it once; and
 * an entry only says that there was something, not that it is still there.
 */
#ifndef RBI_OS_OS_EVENT_H
#define RBI_OS_OS_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "os/os.h"

#define RBI_EVENT_READ	1u
#define RBI_EVENT_WRITE 2u

/* One record, as it crosses the file (contract 3.1). */
struct rbi_event {
	uint64_t id; /* the descriptor */
	uint64_t flags; /* RBI_EVENT_ bits */
	uint64_t data; /* what the caller gave when it added the descriptor */
};

/* A new queue: a descriptor for rbi_os_close(), or as rbi_os_open(). @flags is 0, or
 * RBI_O_NONBLOCK for a queue whose reads do not block. */
int rbi_queue_open(struct rbi_os *os, unsigned int flags);
/* Watch @fd, or change how. -EINVAL, without a detail, when @fd is no descriptor;
 * -ENOTSUP when it can have no events; else as rbi_os_fail(). */
int rbi_queue_add(struct rbi_os *os, int queue, int fd, unsigned int flags, uint64_t data);
/*
 * Stop watching @fd; @data must be what it was added with, for before May 2026 the
 * kernel compares it (contract 3.4). Do so before closing a queue, unless @fd is closed
 * as well: the kernel keeps who watched a file for as long as that is open. A refusal
 * is of no use to anybody.
 */
void rbi_queue_remove(struct rbi_os *os, int queue, int fd, uint64_t data);
/*
 * Take up to @max entries. Blocks until there is one; the count, or 0 when a signal
 * interrupted or a queue that does not block is empty. -EPROTO when the answer is no
 * whole number of records, else as rbi_os_fail().
 */
int rbi_queue_read(struct rbi_os *os, int queue, struct rbi_event *events, size_t max);

#endif
