/* SPDX-License-Identifier: MIT */
/* e1000e_rx.c - frames in. Nothing that a descriptor says is believed unseen. */
#include <string.h>

#include "e1000e_private.h"

/* One frame as descriptors tell it. */
struct frame {
	uint32_t slots; /* how many; 0: none is complete */
	uint32_t len;
	bool bad;
};

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
	options.regs = nic->regs;
	options.doorbell = REG_RDT;
	options.reserve = 1; /* tail == head: no descriptor is free (7.1.8) */
	options.label = "receive ring";
	return rb_dma_ring_open(nic->dev, count, sizeof(struct e1000e_rx_desc), &options, &nic->rx);
}

/* Hand every free slot to the device. The doorbell comes later. */
static void refill(struct e1000e *nic)
{
	struct e1000e_rx_desc *desc = nic->rx->desc;
	uint32_t i, n;

	for (n = rb_dma_ring_space(nic->rx); n > 0; n--) {
		i = rb_dma_ring_slot(nic->rx);
		desc[i].length = 0;
		desc[i].status = 0;
		rb_dma_ring_post(nic->rx, 1);
	}
}

void e1000e_rx_start(struct e1000e *nic)
{
	struct e1000e_rx_desc *desc;
	uint32_t i;

	rb_dma_ring_reset(nic->rx);
	desc = nic->rx->desc;
	for (i = 0; i <= nic->rx->mask; i++)
		desc[i].addr = RB_LE64(rb_dma_addr(nic->rx_data, i * SLOT_BYTES).value);
	refill(nic);

	rb_mmio_write64_lo_hi(nic->regs, REG_RDBAL, rb_dma_ring_addr(nic->rx, 0).value);
	e1000e_write(nic, REG_RDLEN, (nic->rx->mask + 1) * (uint32_t)sizeof(*desc));
	e1000e_write(nic, REG_RDH, 0);
	e1000e_write(nic, REG_RDT, 0);
	e1000e_write(nic, REG_RDTR, 0);
}

/*
 * Look how far the next frame goes. Each slot but its last is full, or the device lies.
 * What has no end within the longest frame that the device takes is none.
 */
static void next_frame(const struct e1000e *nic, struct frame *f)
{
	const volatile struct e1000e_rx_desc *desc = nic->rx->desc;
	uint32_t i, status, len, n, used = rb_dma_ring_used(nic->rx);

	f->slots = 0;
	f->len = 0;
	f->bad = false;
	for (n = 0; n < used; n++) {
		i = rb_dma_ring_peek_ahead(nic->rx, n);
		status = RB_LE32(desc[i].status);
		if (!rb_dma_ring_done(nic->rx, (status & RXD_DD) != 0))
			return;
		len = RB_LE32(desc[i].length) & 0xffff;
		if (len == 0 || len > SLOT_BYTES)
			f->bad = true;
		if (status & RXD_EOP ? (status & RXD_ERRORS) != 0 : len < SLOT_BYTES)
			f->bad = true; /* without EOP nothing but length and DD counts (7.1.3.3) */
		f->len += len;
		if (!(status & RXD_EOP) && f->len < HW_FRAME_MAX && !f->bad)
			continue;
		if (!(status & RXD_EOP) || f->len > nic->frame_max)
			f->bad = true;
		f->slots = n + 1;
		return;
	}
}

/* A frame that has only begun is nothing to do: a card that never ends it wakes nobody. */
bool e1000e_rx_ready(const struct e1000e *nic)
{
	struct frame f;

	next_frame(nic, &f);
	return f.slots > 0;
}

/* The bytes of a frame in one piece. */
static const uint8_t *frame_bytes(struct e1000e *nic, uint32_t len)
{
	uint32_t off = (nic->rx->cons & nic->rx->mask) * SLOT_BYTES;
	uint32_t end = (nic->rx->mask + 1) * SLOT_BYTES;
	const uint8_t *data = nic->rx_data->cpu;

	if (RB_UNLIKELY(len > end - off)) {
		rb_dma_observe(nic->rx_data, off, end - off);
		rb_dma_observe(nic->rx_data, 0, len - (end - off));
		memcpy(nic->unwrapped, data + off, end - off);
		memcpy(nic->unwrapped + (end - off), data, len - (end - off));
		return nic->unwrapped;
	}
	rb_dma_observe(nic->rx_data, off, len);
	return data + off;
}

int e1000e_rx_poll(struct e1000e *nic, unsigned int budget)
{
	unsigned int delivered = 0;
	struct frame f;

	while (delivered < budget) {
		next_frame(nic, &f);
		if (f.slots == 0)
			break;
		if (f.bad) {
			nic->stats.rx_bad++;
		} else {
			nic->events.frame(nic->arg, frame_bytes(nic, f.len), f.len);
			nic->stats.rx_frames++;
			nic->stats.rx_bytes += f.len;
			delivered++;
		}
		rb_dma_ring_take(nic->rx, f.slots);

		/* A doorbell is dear: one for a quarter of the ring. */
		if (rb_dma_ring_space(nic->rx) > nic->rx->room / 4) {
			refill(nic);
			rb_dma_ring_ring(nic->rx);
		}
	}
	refill(nic);
	rb_dma_ring_ring(nic->rx);
	return (int)delivered;
}
