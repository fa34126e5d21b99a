/* SPDX-License-Identifier: MIT */
/*
 * host_event_line.c - the entries of event queues (contract 3.2, probe 4).
 *
 * Entries are not merged. Those of one registration that follow each other stand as
 * one number, a *run*, and a queue is a line of runs. A registration has two: one that
 * is being read, and one behind those who came meanwhile. Interleaved more than that,
 * entries join the later one: they move up, but nobody is kept waiting by a busy
 * neighbour, and posting allocates nothing. A registration that is removed stays until
 * its entries are read.
 */
#include "config.h"

#include <string.h>

#include "host/host_event.h"

void rbi_hosted_reg_bury(struct rbi_hosted_reg *reg)
{
	if (reg->dead && !reg->run[0].in_line && !reg->run[1].in_line)
		rbi_free(reg);
}

void rbi_hosted_queue_next(struct rbi_hosted_queue *q)
{
	struct rbi_event_run *run = q->first;

	q->first = run->next;
	if (!q->first)
		q->last = NULL;
	run->in_line = false;
	rbi_hosted_reg_bury(run->reg);
}

/* --- posting ------------------------------------------------------------------------- */

/* The run that takes the next entry of @reg: the last in line if it can be. */
static struct rbi_event_run *run_for_more(struct rbi_hosted_queue *q, struct rbi_hosted_reg *reg)
{
	struct rbi_event_run *run = &reg->run[reg->latest];

	if (run->in_line && (q->last == run || reg->run[!reg->latest].in_line))
		return run;

	if (run->in_line)
		reg->latest = !reg->latest;
	run = &reg->run[reg->latest];
	run->in_line = true;
	run->next = NULL;
	if (q->last)
		q->last->next = run;
	else
		q->first = run;
	q->last = run;
	return run;
}

void rbi_hosted_queue_post(struct rbi_hosted *h, struct rbi_hosted_reg *reg, unsigned int flags,
			   uint64_t n)
{
	struct rbi_hosted_queue *q = reg->queue;

	flags &= (unsigned int)reg->rec.flags & (RBI_EVENT_READ | RBI_EVENT_WRITE);
	if (flags == 0)
		return;

	run_for_more(q, reg)->waiting[flags] += n;
	rbi_hosted_queue_light(h, q, true);
}

void rbi_hosted_event_post(struct rbi_hosted *h, struct rbi_file *f, unsigned int flags, uint64_t n)
{
	struct rbi_hosted_reg *reg;

	for (reg = f->regs; reg; reg = reg->next_of_file)
		rbi_hosted_queue_post(h, reg, flags, n);
}

/* --- reading ------------------------------------------------------------------------- */

/* The first entry in line; its flags. */
static unsigned int first_entry(const struct rbi_hosted_queue *q, struct rbi_event_record *rec)
{
	const struct rbi_event_run *run = q->first;
	unsigned int flags = 3;

	while (run->waiting[flags] == 0)
		flags--;
	*rec = (struct rbi_event_record){ run->reg->rec.id, flags, run->reg->rec.data };
	return flags;
}

static void drop_entry(struct rbi_hosted_queue *q, unsigned int flags)
{
	uint64_t *waiting = q->first->waiting;

	waiting[flags]--;
	if (!waiting[1] && !waiting[2] && !waiting[3])
		rbi_hosted_queue_next(q);
}

size_t rbi_hosted_queue_drain(struct rbi_hosted *h, struct rbi_hosted_queue *q, void *buf,
			      size_t len)
{
	struct rbi_event_record rec;
	size_t done = 0, part;
	unsigned int flags;

	while (q->first && done < len) {
		flags = first_entry(q, &rec);
		part = len - done < RBI_EVENT_RECORD ? len - done : RBI_EVENT_RECORD;
		memcpy((uint8_t *)buf + done, &rec, part);
		done += part;
		if (part == RBI_EVENT_RECORD)
			drop_entry(q, flags);
	}
	rbi_hosted_queue_light(h, q, q->first != NULL);
	return done;
}
