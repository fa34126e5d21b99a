/* SPDX-License-Identifier: MIT */
/*
 * ring_sites.c - a driver's three loops over a ring, to be counted: send frames, clean up
 * after them, take completions.
 *
 * Compiled three times by dma_ring.sh: with SITE bare (by hand, with the same fences and
 * a volatile doorbell), checked (dma_ring.h) and raw (with RBDRV_RAW_MMIO).
 */
#include "ring_sites.h"

#define PASTE_(a, b) a##_##b
#define PASTE(a, b)  PASTE_(a, b)
#define FN(name)     PASTE(SITE, name)

#ifdef BARE

uint32_t bare_send(struct bare_ring *r, const struct frame *frames, uint32_t n)
{
	struct tx_desc *desc = r->desc;
	uint32_t i, k;

	for (k = 0; k < n && r->prod - r->cons < r->room; k++) {
		i = r->prod & r->mask;
		desc[i].addr = frames[k].bus;
		desc[i].cmd = frames[k].len | 0x0b000000u;
		desc[i].status = 0;
		r->prod++;
	}
	if (r->prod != r->rung) {
		RB_DMA_FENCE_PUBLISH();
		r->rung = r->prod;
		*r->bell = r->prod & r->mask;
	}
	return k;
}

uint32_t bare_clean(struct bare_ring *r, uint32_t most)
{
	struct tx_desc *desc = r->desc;
	uint32_t i, k;

	for (k = 0; k < most; k++) {
		RB_DMA_FENCE_OBSERVE();
		i = r->cons & r->mask;
		if (!(*(volatile uint8_t *)&desc[i].status & DD) || r->prod == r->cons)
			break;
		RB_DMA_FENCE_OBSERVE();
		frame_sent(i, desc[i].special);
		r->cons++;
	}
	return k;
}

uint32_t bare_complete(struct bare_ring *r, uint32_t most)
{
	struct cqe *cqe = r->desc;
	uint32_t i, k, phase;

	for (k = 0; k < most; k++) {
		RB_DMA_FENCE_OBSERVE();
		i = r->cons & r->mask;
		phase = (r->cons & (r->mask + 1)) == 0;
		if ((*(volatile uint16_t *)&cqe[i].status & 1) != phase || r->prod == r->cons)
			break;
		RB_DMA_FENCE_OBSERVE();
		frame_sent(i, cqe[i].id);
		r->cons++;
	}
	if (k > 0) {
		RB_DMA_FENCE_OBSERVE();
		r->prod = r->cons + r->room;
		*r->bell = r->cons & r->mask;
	}
	return k;
}

#else

uint32_t FN(send)(struct rb_dma_ring *r, const struct frame *frames, uint32_t n)
{
	struct tx_desc *desc = r->desc;
	uint32_t i, k;

	for (k = 0; k < n && rb_dma_ring_space(r) > 0; k++) {
		i = rb_dma_ring_slot(r);
		desc[i].addr = frames[k].bus;
		desc[i].cmd = frames[k].len | 0x0b000000u;
		desc[i].status = 0;
		rb_dma_ring_post(r, 1);
	}
	rb_dma_ring_ring(r);
	return k;
}

uint32_t FN(clean)(struct rb_dma_ring *r, uint32_t most)
{
	struct tx_desc *desc = r->desc;
	uint32_t i, k;

	for (k = 0; k < most; k++) {
		i = rb_dma_ring_peek(r);
		if (!rb_dma_ring_done_bit8(r, &desc[i].status, DD))
			break;
		frame_sent(i, desc[i].special);
		rb_dma_ring_take(r, 1);
	}
	return k;
}

uint32_t FN(complete)(struct rb_dma_ring *r, uint32_t most)
{
	struct cqe *cqe = r->desc;
	uint32_t i, k;

	for (k = 0; k < most; k++) {
		i = rb_dma_ring_peek(r);
		if (!rb_dma_ring_done_phase16(r, &cqe[i].status, 1))
			break;
		frame_sent(i, cqe[i].id);
		rb_dma_ring_take(r, 1);
	}
	rb_dma_ring_recycle(r);
	return k;
}

#endif
