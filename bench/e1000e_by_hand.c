/* SPDX-License-Identifier: MIT */
/*
 * e1000e_by_hand.c - see e1000e_by_hand.h. The same descriptors, checks, copies, fences,
 * statistics and decisions when to ring as in examples/e1000e, on plain memory; a device
 * that sees a copy of it, or registers that cannot be stored to, it could not drive.
 */
#include "e1000e_by_hand.h"

#include <string.h>

#define HEADER_BYTES 14u
#define SHORT_BYTES  48u
#define HANG_NS	     2000000000

static void ring_doorbell(struct hand_ring *r)
{
	uint32_t prod = r->prod;

	if (prod == r->rung)
		return;
	RB_DMA_FENCE_PUBLISH();
	r->rung = prod;
	*r->tail = prod & r->mask;
}

/* --- out --------------------------------------------------------------------------------- */

static void reclaim(struct by_hand *nic)
{
	struct hand_ring *r = nic->tx;
	const volatile struct e1000e_tx_desc *desc = r->desc;

	for (;;) {
		RB_DMA_FENCE_OBSERVE();
		if (!(desc[r->cons & r->mask].status & TXD_DD) || r->prod == r->cons)
			return;
		RB_DMA_FENCE_OBSERVE();
		r->cons++;
	}
}

static inline void queue(struct by_hand *nic, const uint8_t *bytes, uint32_t len, uint32_t end)
{
	struct hand_ring *r = nic->tx;
	struct e1000e_tx_desc *desc = r->desc;
	uint32_t i = r->prod & r->mask;

	desc[i].cmd = len | end | TXD_RS | TXD_IFCS;
	desc[i].status = 0;
	memcpy(nic->tx_data + i * HAND_SLOT_BYTES, bytes, len);
	r->prod++;
}

static RB_COLD void queue_long(struct by_hand *nic, const uint8_t *from, uint32_t left)
{
	for (; left > HAND_SLOT_BYTES; left -= HAND_SLOT_BYTES, from += HAND_SLOT_BYTES)
		queue(nic, from, HAND_SLOT_BYTES, 0);
	queue(nic, from, left, TXD_EOP);
}

static RB_COLD int make_room(struct by_hand *nic, uint32_t slots)
{
	struct hand_ring *r = nic->tx;

	reclaim(nic);
	return r->room - (r->prod - r->cons) < slots ? hand_slow(nic, "no room") : 0;
}

static RB_COLD int send_short(struct by_hand *nic, const void *bytes, size_t len)
{
	uint8_t padded[SHORT_BYTES] = { 0 };
	int rc;

	if (bytes == NULL || len < HEADER_BYTES)
		return -EINVAL;
	memcpy(padded, bytes, len);
	rc = by_hand_send(nic, padded, SHORT_BYTES);
	if (rc == 0)
		nic->stats.tx_bytes -= SHORT_BYTES - len;
	return rc;
}

int by_hand_send(struct by_hand *nic, const void *bytes, size_t len)
{
	uint32_t left = (uint32_t)len, slots = (left + HAND_SLOT_BYTES - 1) / HAND_SLOT_BYTES;
	struct hand_ring *r = nic->tx;
	const uint8_t *from = bytes;
	int rc;

	if (RB_UNLIKELY(nic->gone))
		return -ENODEV;
	if (RB_UNLIKELY(bytes == NULL || len < SHORT_BYTES))
		return send_short(nic, bytes, len);
	if (RB_UNLIKELY(len > nic->frame_max))
		return -EFBIG;
	if (RB_UNLIKELY(r->room - (r->prod - r->cons) < slots)) {
		rc = make_room(nic, slots);
		if (rc < 0)
			return rc;
	}

	nic->stats.tx_frames++;
	nic->stats.tx_bytes += len;
	if (RB_UNLIKELY(slots > 1))
		queue_long(nic, from, left);
	else
		queue(nic, from, left, TXD_EOP);
	if (nic->ring_each)
		ring_doorbell(r);
	return 0;
}

static bool hangs(struct by_hand *nic)
{
	struct hand_ring *r = nic->tx;
	uint64_t now;

	if (!nic->link || r->rung == r->cons || nic->tx_seen != r->cons) {
		nic->tx_seen = r->cons;
		nic->tx_since = 0;
		return false;
	}
	now = hand_clock();
	if (nic->tx_since == 0)
		nic->tx_since = now | 1;
	return (int64_t)(now - nic->tx_since) > HANG_NS;
}

/* --- in ---------------------------------------------------------------------------------- */

static void refill(struct hand_ring *r)
{
	struct e1000e_rx_desc *desc = r->desc;
	uint32_t i, end = r->cons + r->room, mask = r->mask;

	for (i = r->prod; i != end; i++) {
		desc[i & mask].length = 0;
		desc[i & mask].status = 0;
	}
	r->prod = end;
}

static RB_COLD uint32_t next_long_frame(const struct by_hand *nic, uint32_t *len)
{
	const struct hand_ring *r = nic->rx;
	const volatile struct e1000e_rx_desc *desc = r->desc;
	uint32_t i, status, piece, sum = 0, n = 0;

	*len = 0;
	do {
		RB_DMA_FENCE_OBSERVE();
		i = (r->cons + n) & r->mask;
		status = desc[i].status;
		if (!(status & RXD_DD) || r->prod == r->cons)
			return 0;
		RB_DMA_FENCE_OBSERVE();
		n++;
		piece = desc[i].length & 0xffff;
		sum += piece;
		if (piece == 0 || piece > HAND_SLOT_BYTES)
			return n;
		if (status & RXD_EOP) {
			*len = !(status & RXD_ERRORS) && sum <= nic->frame_max ? sum : 0;
			return n;
		}
		if (piece < HAND_SLOT_BYTES || sum >= HAND_FRAME_MAX)
			return n;
	} while (n < r->prod - r->cons);
	return 0;
}

static inline uint32_t next_frame(const struct by_hand *nic, const struct hand_ring *r,
				  uint32_t *len)
{
	const volatile struct e1000e_rx_desc *desc = r->desc;
	uint32_t i, status, piece;

	RB_DMA_FENCE_OBSERVE();
	i = r->cons & r->mask;
	status = desc[i].status;
	if (!(status & RXD_DD) || r->prod == r->cons)
		return 0;
	RB_DMA_FENCE_OBSERVE();
	piece = desc[i].length & 0xffff;
	if (RB_UNLIKELY((status & (RXD_EOP | RXD_ERRORS)) != RXD_EOP || piece > HAND_SLOT_BYTES ||
			piece > nic->frame_max))
		return next_long_frame(nic, len);
	*len = piece;
	return 1;
}

static RB_COLD const uint8_t *unwrap(struct by_hand *nic, uint32_t off, uint32_t len)
{
	uint32_t first = (nic->rx->mask + 1) * HAND_SLOT_BYTES - off;

	RB_DMA_FENCE_OBSERVE();
	memcpy(nic->unwrapped, nic->rx_data + off, first);
	memcpy(nic->unwrapped + first, nic->rx_data, len - first);
	return nic->unwrapped;
}

static inline const uint8_t *frame_bytes(struct by_hand *nic, const struct hand_ring *r,
					 uint32_t len)
{
	uint32_t off = (r->cons & r->mask) * HAND_SLOT_BYTES;

	if (RB_UNLIKELY(len > HAND_SLOT_BYTES && len > (r->mask + 1) * HAND_SLOT_BYTES - off))
		return unwrap(nic, off, len);
	RB_DMA_FENCE_OBSERVE();
	return nic->rx_data + off;
}

static int receive(struct by_hand *nic, unsigned int budget)
{
	struct hand_ring *r = nic->rx;
	unsigned int delivered = 0;
	uint32_t slots, len;

	while (delivered < budget && (slots = next_frame(nic, r, &len)) > 0) {
		if (RB_UNLIKELY(len == 0)) {
			nic->stats.rx_bad++;
		} else {
			nic->events.frame(nic->arg, frame_bytes(nic, r, len), len);
			nic->stats.rx_frames++;
			nic->stats.rx_bytes += len;
			delivered++;
		}
		r->cons += slots;
		if (r->room - (r->prod - r->cons) > nic->rx_lazy) {
			refill(r);
			ring_doorbell(r);
		}
	}
	refill(r);
	ring_doorbell(r);
	return (int)delivered;
}

/* --- both -------------------------------------------------------------------------------- */

int by_hand_poll(struct by_hand *nic, unsigned int budget)
{
	int delivered;

	if (RB_UNLIKELY(nic->gone || atomic_load(&nic->removed) != 0)) {
		nic->gone = true;
		return -ENODEV;
	}
	if (nic->armed && hand_slow(nic, "interrupts") < 0)
		return -EIO;
	if (nic->link_stale && hand_slow(nic, "link") < 0)
		return -EIO;

	reclaim(nic);
	delivered = receive(nic, budget);
	ring_doorbell(nic->tx);
	if (hangs(nic))
		return hand_slow(nic, "hang");
	return delivered;
}
