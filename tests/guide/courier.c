/* SPDX-License-Identifier: MIT */
/*
 * courier.c - the driver that doc/dma.md prints. What stands between [NAME] and [end] is
 * printed there, byte for byte; check-guide.sh compares.
 */
#include <errno.h>
#include <string.h>

#include "courier.h"

/* [limits] */
int courier_state_limits(struct courier *c)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	limits.addr_bits = 32;		/* wider addresses do not fit its registers */
	limits.boundary = 1 << 20;	/* its address counter has 20 bits */
	limits.segment_max = 64 << 10;
	limits.segments = SLOTS / 2;	/* of one frame or image */
	return rb_dma_set_limits(c->dev, &limits);
}
/* [end] */

/* [buffer] */
int courier_open_mailbox(struct courier *c)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	int rc;

	options.label = "mailbox"; /* what messages call it */
	rc = rb_dma_alloc(c->dev, 64, &options, &c->mailbox);
	if (rc < 0)
		return rc;
	rb_mmio_write64_lo_hi(c->regs, MAILBOX, rb_dma_addr(c->mailbox, 0).value);
	return 0;
}

int courier_wait_sent(struct courier *c, uint32_t count)
{
	return rb_dma_poll32(c->mailbox, 0, UINT32_MAX, count, 100000, NULL);
}
/* [end] */

/* [segments] */
int courier_upload(struct courier *c, const void *image, uint64_t size)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_segment part;
	uint32_t i;
	int rc;

	options.label = "image";
	rc = rb_dma_alloc_sg(c->dev, size, &options, &c->image);
	if (rc < 0)
		return rc;
	memcpy(rb_dma_cpu(c->image), image, size); /* one piece for the CPU */
	rb_dma_publish(c->image, 0, size);

	for (i = 0; i < rb_dma_segment_count(c->image); i++) { /* several for the device */
		rc = rb_dma_segment(c->image, i, &part);
		if (rc < 0)
			return rc;
		rb_mmio_write64_lo_hi(c->regs, UP_ADDR, part.bus.value);
		rb_mmio_write32(c->regs, UP_LEN, (uint32_t)part.len);
		rb_mmio_write32(c->regs, UP_GO, 1);
	}
	return 0;
}
/* [end] */

/* [pool] */
int courier_open_headers(struct courier *c)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;

	options.count_min = SLOTS; /* made now: sending never waits for memory */
	options.label = "headers";
	return rb_dma_pool_open(c->dev, sizeof(struct header), &options, &c->headers);
}
/* [end] */

/* [ring] */
int courier_open_ring(struct courier *c)
{
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;
	int rc;

	options.regs = c->regs;
	options.doorbell = TX_TAIL;
	options.reserve = 1; /* to the courier tail == head means empty */
	options.label = "tx";
	rc = rb_dma_ring_open(c->dev, SLOTS, sizeof(struct courier_desc), &options, &c->tx);
	if (rc < 0)
		return rc;
	rb_mmio_write64_lo_hi(c->regs, TX_RING, rb_dma_ring_addr(c->tx, 0).value);
	rb_mmio_write32(c->regs, TX_COUNT, SLOTS);
	return 0;
}

static uint32_t put(struct courier *c, struct rb_bus_addr bus, uint64_t len, bool last)
{
	struct courier_desc *desc = c->tx->desc;
	uint32_t slot = rb_dma_ring_slot(c->tx);

	desc[slot] = (struct courier_desc){ .addr = bus.value, .len = (uint32_t)len, .last = last };
	rb_dma_ring_post(c->tx, 1);
	return slot;
}

void courier_clean(struct courier *c)
{
	struct courier_desc *desc = c->tx->desc;
	uint32_t i;

	for (;;) {
		i = rb_dma_ring_peek(c->tx);
		if (!rb_dma_ring_done_bit8(c->tx, &desc[i].done, 1))
			break;
		rb_dma_unmap(c->frames[i].payload); /* NULL but for the last of a frame */
		rb_dma_pool_put(c->headers, c->frames[i].head);
		memset(&c->frames[i], 0, sizeof(c->frames[i]));
		rb_dma_ring_take(c->tx, 1);
	}
}
/* [end] */

/* [map] */
int courier_send(struct courier *c, const struct header *head, void *payload, uint64_t len)
{
	struct rb_dma_segment part;
	struct frame frame;
	uint32_t i, n, slot = 0;
	int rc;

	frame.head = rb_dma_pool_get(c->headers);
	if (!frame.head)
		return -ENOMEM;
	rc = rb_dma_map(c->dev, payload, len, RB_DMA_TO_DEVICE, NULL, &frame.payload);
	n = rb_dma_map_count(frame.payload);
	if (rc == 0 && rb_dma_ring_space(c->tx) < n + 1) {
		rb_dma_unmap(frame.payload);
		rc = -EAGAIN;
	}
	if (rc < 0) {
		rb_dma_pool_put(c->headers, frame.head);
		return rc;
	}

	memcpy(frame.head->cpu, head, sizeof(*head));
	rb_dma_elem_publish(frame.head, 0, sizeof(*head));
	put(c, frame.head->bus, sizeof(*head), false);
	for (i = 0; i < n && rb_dma_map_segment(frame.payload, i, &part) == 0; i++)
		slot = put(c, part.bus, part.len, i + 1 == n);
	c->frames[slot] = frame;
	rb_dma_ring_ring(c->tx);
	return 0;
}
/* [end] */

/* [sync] */
int courier_open_rx(struct courier *c, void *bytes, uint64_t room)
{
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;

	options.segments = 1; /* it receives into one piece, bounced if need be */
	options.label = "rx";
	return rb_dma_map(c->dev, bytes, room, RB_DMA_FROM_DEVICE, &options, &c->rx);
}

int courier_receive(struct courier *c, uint64_t room)
{
	struct rb_dma_segment part;
	int rc;

	rc = rb_dma_sync_for_device(c->rx, 0, room); /* does nothing the first time */
	if (rc == 0)
		rc = rb_dma_map_segment(c->rx, 0, &part);
	if (rc < 0)
		return rc;
	rb_mmio_write64_lo_hi(c->regs, RX_ADDR, part.bus.value);
	rb_mmio_write32(c->regs, RX_LEN, (uint32_t)room);
	rb_mmio_write32(c->regs, RX_GO, 1);
	rc = rb_mmio_poll32(c->regs, RX_GO, 1, 0, 100000, NULL);
	if (rc < 0)
		return rc; /* the bytes are still the device's */
	return rb_dma_sync_for_cpu(c->rx, 0, room); /* now they are the caller's */
}
/* [end] */

/* [close] */
void courier_close(struct courier *c)
{
	unsigned int i;

	if (c->dev)
		(void)rb_pci_set_bus_master(c->dev, false); /* the device is silent from here on */
	for (i = 0; i < SLOTS; i++) {
		rb_dma_unmap(c->frames[i].payload);
		rb_dma_pool_put(c->headers, c->frames[i].head);
	}
	rb_dma_unmap(c->rx);
	rb_dma_ring_close(c->tx);
	rb_dma_pool_close(c->headers);
	rb_dma_close(c->image);
	rb_dma_close(c->mailbox);
	rb_mmio_close(c->regs);
	rb_pci_unref(c->dev);
	memset(c, 0, sizeof(*c));
}
/* [end] */
