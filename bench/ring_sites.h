/* SPDX-License-Identifier: MIT */
/*
 * ring_sites.h - the ring that bench/dma_ring.sh counts instructions on: a network
 * card's transmit ring with DD bits, and an NVMe completion queue with phase bits.
 */
#ifndef BENCH_RING_SITES_H
#define BENCH_RING_SITES_H

#include <stdint.h>

#include <rbdrv/dma_ring.h>

#define DD 0x01u /* in tx_desc.status */

struct tx_desc {
	uint64_t addr;
	uint32_t cmd;
	uint8_t status, css;
	uint16_t special;
};

struct cqe {
	uint32_t result, reserved;
	uint16_t sq_head, sq_id;
	uint16_t id, status; /* bit 0: the phase */
};

struct frame {
	uint64_t bus;
	uint32_t len;
};

/* What one writes by hand for the same ring. */
struct bare_ring {
	void *desc;
	volatile uint32_t *bell;
	uint32_t mask, room, prod, rung, cons;
};

void frame_sent(uint32_t slot, uint32_t special);

#define SITES(site, ring)                                                      \
	uint32_t site##_send(ring *r, const struct frame *frames, uint32_t n); \
	uint32_t site##_clean(ring *r, uint32_t most);                         \
	uint32_t site##_complete(ring *r, uint32_t most);

SITES(bare, struct bare_ring)
SITES(checked, struct rb_dma_ring)
SITES(raw, struct rb_dma_ring)

#endif
