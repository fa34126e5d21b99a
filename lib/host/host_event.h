/* SPDX-License-Identifier: MIT */
/*
 * host_event.h - what the parts of /scheme/event share: host_event.c registers,
 * host_event_line.c keeps the entries, host_event_read.c reads and sleeps.
 */
#ifndef RBI_HOST_EVENT_H
#define RBI_HOST_EVENT_H

#include "host/hosted.h"

#define RBI_EVENT_RECORD     24 /* bytes: usize id, usize flags, usize data (contract 3.1) */
#define RBI_EVENT_TIMEOUT_ID (UINT64_MAX - 2) /* contract 3.3 */

/* What an entry of the epoll instance is, in the high bits of its data. */
#define RBI_TAG_SHIFT	62
#define RBI_TAG_READY	0u
#define RBI_TAG_IRQ	1u
#define RBI_TAG_FOREIGN 2u

struct rbi_event_record {
	uint64_t id;
	uint64_t flags;
	uint64_t data;
};

/* Entries of one registration that stand together in their queue. */
struct rbi_event_run {
	struct rbi_hosted_reg *reg;
	struct rbi_event_run *next;
	uint64_t waiting[4]; /* entries by their flags; [0] is unused */
	bool in_line;
};

struct rbi_hosted_reg {
	struct rbi_hosted_queue *queue;
	struct rbi_file *file; /* NULL: foreign, or dead */
	struct rbi_hosted_reg *next_of_queue;
	struct rbi_hosted_reg *next_of_file;
	struct rbi_event_record rec; /* id, wanted flags, cookie */
	uint64_t serial; /* foreign: the descriptor's name in the epoll instance */
	struct rbi_event_run run[2];
	unsigned int latest; /* of the runs: the one that got in line last */
	bool dead;
};

struct rbi_hosted_queue {
	struct rbi_file f; /* first */
	struct rbi_hosted_queue *next;
	struct rbi_hosted_reg *regs; /* live ones */
	struct rbi_event_run *first; /* in line */
	struct rbi_event_run *last;
	bool lit;
	bool collecting; /* what is posted now is about to be read */
	bool has_timeout; /* for the next blocking read */
	uint64_t timeout_ms;
};

/* Any handle of the queue names its epoll instance; -1 when the last one is gone. */
int rbi_hosted_queue_instance(const struct rbi_hosted_queue *q);
/* Make the queue's descriptor ready, or no longer by hand. */
void rbi_hosted_queue_light(struct rbi_hosted *h, struct rbi_hosted_queue *q, bool on);
/* Post @n entries of one registration. */
void rbi_hosted_queue_post(struct rbi_hosted *h, struct rbi_hosted_reg *reg, unsigned int flags,
			   uint64_t n);
/* Take the first in line out of it, its entries read or not. */
void rbi_hosted_queue_next(struct rbi_hosted_queue *q);
/* Move entries to @buf: the bytes. One for which there is not all the room is there in
 * part, and comes again (kernel, src/sync/wait_queue.rs). */
size_t rbi_hosted_queue_drain(struct rbi_hosted *h, struct rbi_hosted_queue *q, void *buf,
			      size_t len);
/* Free a registration that is dead and has no entries in line. */
void rbi_hosted_reg_bury(struct rbi_hosted_reg *reg);
/* read(2) of a queue. */
ssize_t rbi_hosted_queue_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
			      uint64_t off);

#endif
