/* SPDX-License-Identifier: MIT */
/* e1000e_rx.c - frames in. Nothing that a descriptor says is believed unseen. */
#include <string.h>

#include "e1000e_private.h"

int e1000e_rx_open(struct e1000e *nic)
{
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;
	struct rb_dma_options data = RB_DMA_OPTIONS_INIT;
	uint32_t count = nic->options.rx_count;
	int rc;

	data.label = "received frames";
	rc = rb_dma_alloc_sg(nic->dev, (uint64_t)count * SLOT_BYTES, &data, &nic->rx_data);
	if (rc < 0)
		return rc;
	nic->rx_bytes = nic->rx_data->cpu;
	options.regs = nic->regs;
	options.doorbell = REG_RDT;
	options.reserve = 1; /* tail == head: no descriptor is free (7.1.8) */
	options.label = "receive ring";
	return rb_dma_ring_open(nic->dev, count, sizeof(struct e1000e_rx_desc), &options, &nic->rx);
}

/* Hand every free slot to the device. The doorbell comes later. */
static void refill(struct rb_dma_ring *rx)
{
	struct e1000e_rx_desc *desc = rx->desc;
	uint32_t n, i = rb_dma_ring_slot(rx), count = rb_dma_ring_space(rx), mask = rx->mask;

	for (n = 0; n < count; n++, i++) {
		desc[i & mask].length = 0;
		desc[i & mask].status = 0;
	}
	rb_dma_ring_post(rx, count);
}

void e1000e_rx_start(struct e1000e *nic)
{
	struct e1000e_rx_desc *desc;
	uint32_t i;

	rb_dma_ring_reset(nic->rx);
	nic->rx_lazy = nic->options.ring_each ? 0 : nic->rx->room / 4;
	desc = nic->rx->desc;
	for (i = 0; i <= nic->rx->mask; i++)
		desc[i].addr = RB_LE64(rb_dma_addr(nic->rx_data, i * SLOT_BYTES).value);
	refill(nic->rx);

	rb_mmio_write64_lo_hi(nic->regs, REG_RDBAL, rb_dma_ring_addr(nic->rx, 0).value);
	e1000e_write(nic, REG_RDLEN, (nic->rx->mask + 1) * (uint32_t)sizeof(*desc));
	e1000e_write(nic, REG_RDH, 0);
	e1000e_write(nic, REG_RDT, 0);
	e1000e_write(nic, REG_RDTR, 0);
}

/*
 * Look how far the next frame goes: answers its slots, 0 when none is complete, and its
 * length, 0 when it is broken. Each slot but its last is full, or the device lies. What has
 * no end within the longest frame that the device takes is broken, too.
 */
static RB_COLD uint32_t next_long_frame(const struct e1000e *nic, uint32_t *len)
{
	const volatile struct e1000e_rx_desc *desc = nic->rx->desc;
	uint32_t i, status, piece, sum = 0, n = 0;

	*len = 0;
	do {
		i = rb_dma_ring_peek_ahead(nic->rx, n);
		status = RB_LE32(desc[i].status);
		if (!rb_dma_ring_done(nic->rx, (status & RXD_DD) != 0))
			return 0;
		n++;
		piece = RB_LE32(desc[i].length) & 0xffff;
		sum += piece;
		if (piece == 0 || piece > SLOT_BYTES)
			return n;
		if (status & RXD_EOP) { /* else nothing but length and DD counts (7.1.3.3) */
			*len = !(status & RXD_ERRORS) && sum <= nic->frame_max ? sum : 0;
			return n;
		}
		if (piece < SLOT_BYTES || sum >= HW_FRAME_MAX)
			return n;
	} while (n < rb_dma_ring_used(nic->rx));
	return 0;
}

/* The same, where nothing is amiss and one slot is enough. */
static inline uint32_t next_frame(const struct e1000e *nic, const struct rb_dma_ring *rx,
				  uint32_t *len)
{
	const volatile struct e1000e_rx_desc *desc = rx->desc;
	uint32_t i, status, piece;

	i = rb_dma_ring_peek(rx);
	status = RB_LE32(desc[i].status);
	if (!rb_dma_ring_done(rx, (status & RXD_DD) != 0))
		return 0;
	piece = RB_LE32(desc[i].length) & 0xffff;
	if (RB_UNLIKELY((status & (RXD_EOP | RXD_ERRORS)) != RXD_EOP || piece > SLOT_BYTES ||
			piece > nic->frame_max))
		return next_long_frame(nic, len);
	*len = piece;
	return 1;
}

/* A frame that has only begun is nothing to do: a card that never ends it wakes nobody. */
bool e1000e_rx_ready(const struct e1000e *nic)
{
	uint32_t len;

	return next_frame(nic, nic->rx, &len) > 0;
}

/* The bytes of a frame that wraps, put together. */
static RB_COLD const uint8_t *unwrap(struct e1000e *nic, uint32_t off, uint32_t len)
{
	uint32_t first = (nic->rx->mask + 1) * SLOT_BYTES - off;
	const uint8_t *data = nic->rx_bytes;

	rb_dma_observe(nic->rx_data, off, first);
	rb_dma_observe(nic->rx_data, 0, len - first);
	memcpy(nic->unwrapped, data + off, first);
	memcpy(nic->unwrapped + first, data, len - first);
	return nic->unwrapped;
}

/* The bytes of a frame in one piece. */
static inline const uint8_t *frame_bytes(struct e1000e *nic, const struct rb_dma_ring *rx,
					 uint32_t len)
{
	uint32_t off = (rx->cons & rx->mask) * SLOT_BYTES;

	if (RB_UNLIKELY(len > SLOT_BYTES && len > (rx->mask + 1) * SLOT_BYTES - off))
		return unwrap(nic, off, len);
	rb_dma_observe(nic->rx_data, off, len);
	return nic->rx_bytes + off;
}

int e1000e_rx_poll(struct e1000e *nic, unsigned int budget)
{
	struct rb_dma_ring *rx = nic->rx;
	unsigned int delivered = 0;
	uint32_t slots, len;

	while (delivered < budget && (slots = next_frame(nic, rx, &len)) > 0) {
		if (RB_UNLIKELY(len == 0)) {
			nic->stats.rx_bad++;
		} else {
			nic->events.frame(nic->arg, frame_bytes(nic, rx, len), len);
			nic->stats.rx_frames++;
			nic->stats.rx_bytes += len;
			delivered++;
		}
		rb_dma_ring_take(rx, slots);

		/* A doorbell is dear: one for a quarter of the ring. */
		if (rb_dma_ring_space(rx) > nic->rx_lazy) {
			refill(rx);
			rb_dma_ring_ring(rx);
		}
	}
	refill(rx);
	rb_dma_ring_ring(rx);
	return (int)delivered;
}
