/* SPDX-License-Identifier: MIT */
/*
 * host_event.h - what the two halves of /scheme/event share: host_event.c
 * registers and posts, host_event_read.c reads and sleeps.
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

struct rbi_hosted_reg {
	struct rbi_hosted_queue *queue;
	struct rbi_file *file; /* NULL: foreign, or dead */
	struct rbi_hosted_reg *next_of_queue;
	struct rbi_hosted_reg *next_of_file;
	struct rbi_hosted_reg *next_in_line; /* has entries waiting */
	struct rbi_event_record rec; /* id, wanted flags, cookie */
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

/* Any handle of the queue names its epoll instance; -1 when the last one is gone. */
int rbi_hosted_queue_instance(const struct rbi_hosted_queue *q);
/* Make the queue's descriptor ready, or no longer by hand. */
void rbi_hosted_queue_light(struct rbi_hosted *h, struct rbi_hosted_queue *q, bool on);
/* Post @n entries of one registration. */
void rbi_hosted_queue_post(struct rbi_hosted *h, struct rbi_hosted_reg *reg, unsigned int flags,
			   uint64_t n);
/* read(2) of a queue. */
ssize_t rbi_hosted_queue_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
			      uint64_t off);

#endif
