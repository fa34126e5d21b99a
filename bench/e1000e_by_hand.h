/* SPDX-License-Identifier: MIT */
/*
 * e1000e_by_hand.h - the frames' path of examples/e1000e as one writes it without the
 * library: what e1000e_packet.sh measures that driver against.
 */
#ifndef BENCH_E1000E_BY_HAND_H
#define BENCH_E1000E_BY_HAND_H

#include <stdatomic.h>

#include "e1000e.h"
#include "e1000e_regs.h"

#define HAND_SLOT_BYTES 2048u
#define HAND_FRAME_MAX	16384u

/* A ring, with a volatile doorbell; an object of its own, as in Linux's driver for this card.
 * Indexes run freely. */
struct hand_ring {
	void *desc;
	volatile uint32_t *tail;
	uint32_t mask, room, prod, rung, cons;
};

struct by_hand {
	struct hand_ring *rx, *tx;
	uint8_t *rx_data, *tx_data, *unwrapped;
	atomic_int removed; /* set by whoever watches the slot */
	uint32_t frame_max;
	bool gone, armed, link, link_stale, ring_each;
	uint32_t rx_lazy, tx_need, tx_seen;
	uint64_t tx_since;
	struct e1000e_events events;
	void *arg;
	struct e1000e_stats stats;
};

/* e1000e_send() and e1000e_poll(). */
int by_hand_send(struct by_hand *nic, const void *bytes, size_t len);
int by_hand_poll(struct by_hand *nic, unsigned int budget);

/* What the path has in common with the rest of a driver, and no frame comes to. */
uint64_t hand_clock(void);
int hand_slow(struct by_hand *nic, const char *what);

#endif
