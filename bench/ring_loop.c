/* SPDX-License-Identifier: MIT */
/*
 * ring_loop.c - run the loops of ring_sites.c against a device in memory, for callgrind.
 *
 * ring_loop N sends 6400 frames, N to a doorbell, and takes 6400 completions, with each
 * kind of site. The rings are plain memory on the stack, which only a bench may do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ring_sites.h"

#define FRAMES 6400u
#define SLOTS  256u

static unsigned int out_of_line;
static volatile uint32_t doorbell;
static uint64_t sum;

uint32_t rb_dma_ring_ring_routed(struct rb_dma_ring *r)
{
	(void)r;
	return out_of_line++;
}

uint32_t rb_dma_ring_recycle_routed(struct rb_dma_ring *r)
{
	(void)r;
	return out_of_line++;
}

void rb_dma_ring_peek_routed(const struct rb_dma_ring *r, uint32_t ahead)
{
	(void)r;
	(void)ahead;
	out_of_line++;
}

void rb_dma_ring_take_routed(struct rb_dma_ring *r, uint32_t n)
{
	(void)r;
	(void)n;
	out_of_line++;
}

void rb_dma_ring_post_refused(const struct rb_dma_ring *r, uint32_t n)
{
	(void)r;
	(void)n;
	out_of_line++;
}

/* What the driver does with each: not counted, but a call, as in every driver. */
void frame_sent(uint32_t slot, uint32_t special)
{
	sum += slot + special;
}

/* The device's half: what it has sent it marks, and it fills completions in turn. */
static void send_out(struct tx_desc *desc, uint32_t *at)
{
	for (; *at % SLOTS != doorbell; (*at)++) {
		desc[*at % SLOTS].status = DD;
		desc[*at % SLOTS].special = (uint16_t)*at;
	}
}

static void fill(struct cqe *cqe, uint32_t *at, uint32_t n)
{
	for (; n > 0; n--, (*at)++) {
		cqe[*at % SLOTS].id = (uint16_t)*at;
		cqe[*at % SLOTS].status = *at / SLOTS % 2 == 0;
	}
}

#define DIRECT_bare(r)
#define DIRECT_checked(r) ((r).direct = 1)
#define DIRECT_raw(r)	  ((r).direct = 1)

#define RUN(site, ring)                                       \
	static uint64_t run_##site(uint32_t batch)            \
	{                                                     \
		static struct tx_desc tx_desc[SLOTS];         \
		static struct cqe cqe[SLOTS];                 \
		static struct frame frames[SLOTS];            \
		ring tx, cq;                                  \
		uint32_t i, sent_to = 0, filled_to = 0;       \
		uint64_t n = 0;                               \
                                                              \
		memset(&tx, 0, sizeof(tx));                   \
		tx.desc = tx_desc;                            \
		tx.bell = &doorbell;                          \
		tx.mask = SLOTS - 1;                          \
		DIRECT_##site(tx);                            \
		tx.room = SLOTS - 1;                          \
		cq = tx;                                      \
		cq.desc = cqe;                                \
		cq.prod = cq.rung = cq.room = SLOTS;          \
		for (i = 0; i < FRAMES; i += batch) {         \
			n += site##_send(&tx, frames, batch); \
			send_out(tx_desc, &sent_to);          \
			n += site##_clean(&tx, batch);        \
			fill(cqe, &filled_to, batch);         \
			n += site##_complete(&cq, batch);     \
		}                                             \
		return n;                                     \
	}

RUN(bare, struct bare_ring)
RUN(checked, struct rb_dma_ring)
RUN(raw, struct rb_dma_ring)

int main(int argc, char **argv)
{
	uint32_t batch = argc > 1 ? (uint32_t)atoi(argv[1]) : 1;
	uint64_t bare, checked, raw;

	if (batch < 1 || FRAMES % batch != 0 || batch >= SLOTS)
		return 2;
	bare = run_bare(batch);
	checked = run_checked(batch);
	raw = run_raw(batch);
	if (out_of_line == 0 && bare == 3 * FRAMES && checked == bare && raw == bare)
		return 0;
	fprintf(stderr, "ring_loop: %llu %llu %llu done, %u out of line\n",
		(unsigned long long)bare, (unsigned long long)checked, (unsigned long long)raw,
		out_of_line);
	return 1;
}
