/* SPDX-License-Identifier: MIT */
/* e1000e_tx.c - frames out. */
#include <string.h>

#include "e1000e_private.h"

#define HEADER_BYTES 14u
#define SHORT_BYTES  48u /* the 82540EM wants that many; TCTL.PSP pads the rest (3.3.3 there) */
#define HANG_NS	     2000000000

int e1000e_tx_open(struct e1000e *nic)
{
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;
	struct rb_dma_options data = RB_DMA_OPTIONS_INIT;
	uint32_t count = nic->options.tx_count;
	int rc;

	data.label = "transmitted frames";
	rc = rb_dma_alloc_sg(nic->dev, (uint64_t)count * SLOT_BYTES, &data, &nic->tx_data);
	if (rc < 0)
		return rc;
	nic->tx_bytes = nic->tx_data->cpu;
	options.regs = nic->regs;
	options.doorbell = REG_TDT;
	options.reserve = 1; /* tail == head: nothing to send (7.2.4) */
	options.label = "transmit ring";
	return rb_dma_ring_open(nic->dev, count, sizeof(struct e1000e_tx_desc), &options, &nic->tx);
}

void e1000e_tx_start(struct e1000e *nic)
{
	struct e1000e_tx_desc *desc;
	uint32_t i;

	e1000e_tx_reclaim(nic);
	nic->stats.tx_lost += rb_dma_ring_used(nic->tx);
	rb_dma_ring_reset(nic->tx);
	desc = nic->tx->desc;
	for (i = 0; i <= nic->tx->mask; i++)
		desc[i].addr = RB_LE64(rb_dma_addr(nic->tx_data, i * SLOT_BYTES).value);
	nic->tx_cons = nic->tx->cons;
	nic->tx_since = 0;
	nic->tx_need = 0;

	rb_mmio_write64_lo_hi(nic->regs, REG_TDBAL, rb_dma_ring_addr(nic->tx, 0).value);
	e1000e_write(nic, REG_TDLEN, (nic->tx->mask + 1) * (uint32_t)sizeof(*desc));
	e1000e_write(nic, REG_TDH, 0);
	e1000e_write(nic, REG_TDT, 0);
	e1000e_write(nic, REG_TIDV, 0);
	e1000e_write(nic, REG_TXDCTL, TXDCTL_ONE);
	e1000e_write(nic, REG_TCTL, TCTL_EN | TCTL_PSP | TCTL_HALF);
}

/* Take back a frame of several slots. QEMU reads their bytes when it has the last one. */
static RB_COLD bool reclaim_long(struct e1000e *nic)
{
	const volatile struct e1000e_tx_desc *desc = nic->tx->desc;
	uint32_t i, n;

	for (n = 0; n < rb_dma_ring_used(nic->tx); n++) {
		i = rb_dma_ring_peek_ahead(nic->tx, n);
		if (!(RB_LE32(desc[i].cmd) & TXD_EOP))
			continue;
		if (!rb_dma_ring_done(nic->tx, (RB_LE32(desc[i].status) & TXD_DD) != 0))
			return false;
		rb_dma_ring_take(nic->tx, n + 1);
		return true;
	}
	return false;
}

/*
 * The last slot of a frame is told to be done. A device that says so of a frame it has not
 * read yet spoils that frame and no more.
 */
void e1000e_tx_reclaim(struct e1000e *nic)
{
	struct rb_dma_ring *tx = nic->tx;
	const struct e1000e_tx_desc *desc = tx->desc;
	uint32_t i;

	for (;;) {
		i = rb_dma_ring_peek(tx);
		if (rb_dma_ring_done_bit32(tx, &desc[i].status, TXD_DD))
			rb_dma_ring_take(tx, 1);
		else if (RB_LE32(desc[i].cmd) & TXD_EOP || !reclaim_long(nic))
			return;
	}
}

/* Whether somebody waits for room, and there is. */
bool e1000e_tx_ready(struct e1000e *nic)
{
	if (nic->tx_need == 0)
		return false;
	e1000e_tx_reclaim(nic);
	if (rb_dma_ring_space(nic->tx) < nic->tx_need)
		return false;
	nic->tx_need = 0;
	return true;
}

/* Whether frames are under way: without a link they wait for it. */
bool e1000e_tx_busy(const struct e1000e *nic)
{
	return nic->link && nic->tx->rung != nic->tx->cons;
}

/* Copy one piece into the next slot. */
static inline void queue(struct e1000e *nic, const uint8_t *bytes, uint32_t len, uint32_t end)
{
	struct rb_dma_ring *tx = nic->tx;
	struct e1000e_tx_desc *desc = tx->desc;
	uint32_t i = rb_dma_ring_slot(tx);

	desc[i].cmd = RB_LE32(len | end | TXD_IFCS);
	desc[i].status = 0;
	memcpy(nic->tx_bytes + i * SLOT_BYTES, bytes, len);
	/* The doorbell publishes. What need not be kept for the copy is cheaper. */
	rb_dma_stage(nic->tx_data, rb_dma_ring_slot(tx) * SLOT_BYTES, SLOT_BYTES);
	rb_dma_ring_post(tx, 1);
}

static RB_COLD void queue_long(struct e1000e *nic, const uint8_t *from, uint32_t left)
{
	for (; left > SLOT_BYTES; left -= SLOT_BYTES, from += SLOT_BYTES)
		queue(nic, from, SLOT_BYTES, 0);
	queue(nic, from, left, TXD_EOP | TXD_RS);
}

static RB_COLD int make_room(struct e1000e *nic, uint32_t slots)
{
	int rc;

	e1000e_tx_reclaim(nic);
	if (rb_dma_ring_space(nic->tx) >= slots)
		return 0;
	rc = e1000e_flush(nic); /* or there never would be */
	nic->tx_need = slots;
	return rc < 0 ? rc : -EAGAIN;
}

static RB_COLD int send_short(struct e1000e *nic, const void *bytes, size_t len)
{
	uint8_t padded[SHORT_BYTES] = { 0 };
	int rc;

	if (bytes == NULL || len < HEADER_BYTES)
		return -EINVAL;
	memcpy(padded, bytes, len);
	rc = e1000e_send(nic, padded, SHORT_BYTES);
	if (rc == 0)
		nic->stats.tx_bytes -= SHORT_BYTES - len;
	return rc;
}

int e1000e_send(struct e1000e *nic, const void *bytes, size_t len)
{
	uint32_t left = (uint32_t)len, slots = (left + SLOT_BYTES - 1) / SLOT_BYTES;
	const uint8_t *from = bytes;
	int rc;

	if (RB_UNLIKELY(nic->gone)) /* what nobody has seen yet e1000e_flush() sees */
		return -ENODEV;
	if (RB_UNLIKELY(bytes == NULL || len < SHORT_BYTES))
		return send_short(nic, bytes, len);
	if (RB_UNLIKELY(len > nic->frame_max))
		return -EFBIG;
	if (RB_UNLIKELY(rb_dma_ring_space(nic->tx) < slots)) {
		rc = make_room(nic, slots);
		if (rc < 0)
			return rc;
	}

	nic->stats.tx_frames++;
	nic->stats.tx_bytes += len;
	if (RB_UNLIKELY(slots > 1))
		queue_long(nic, from, left);
	else
		queue(nic, from, left, TXD_EOP | TXD_RS);
	if (nic->options.ring_each)
		rb_dma_ring_ring(nic->tx);
	return 0;
}

int e1000e_flush(struct e1000e *nic)
{
	int rc = e1000e_alive(nic);

	if (rc == 0)
		rb_dma_ring_ring(nic->tx);
	return rc;
}

/* Whether frames have been under way for 2 s, and none has gone. */
bool e1000e_tx_hangs(struct e1000e *nic)
{
	uint64_t now;

	if (!e1000e_tx_busy(nic) || nic->tx_cons != nic->tx->cons) {
		nic->tx_cons = nic->tx->cons;
		nic->tx_since = 0;
		return false;
	}
	now = rb_time_ns(nic->ctx);
	if (nic->tx_since == 0)
		nic->tx_since = now | 1;
	return (int64_t)(now - nic->tx_since) > HANG_NS; /* it may step back on Redox */
}
