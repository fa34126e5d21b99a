/* SPDX-License-Identifier: MIT */
/*
 * test_qemu_ring_nic.c - rings of a device that others wrote.
 *
 * e1000e: DD bits, and a frame that comes back (82574 data sheet, 3.2 and 7.2).
 */
#include <string.h>

#include "ring_bench.h"

#define NIC_CTRL  0x0000
#define NIC_RCTL  0x0100
#define NIC_TCTL  0x0400
#define NIC_RX	  0x2800 /* base low, high, length, -, head, -, tail */
#define NIC_TX	  0x3800
#define NIC_TAIL  0x18
#define LINK_UP	  0x40u
#define LOOPBACK  0x0400805au /* on, all frames, MAC loopback, no checksum behind them */
#define SEND	  0x0000000au
#define EOP_FC_RS 0x0bu
#define DD	  0x01u
#define FRAME	  2048u
#define NIC_RING  8u

struct nic_tx {
	uint64_t addr;
	uint16_t length;
	uint8_t cso, cmd, status, css;
	uint16_t special;
};

struct nic_rx {
	uint64_t addr;
	uint16_t length, csum;
	uint8_t status, errors;
	uint16_t special;
};

static void set_ring(struct rb_mmio *regs, uint64_t at, const struct rb_dma_ring *r)
{
	rb_mmio_write64_lo_hi(regs, at, rb_dma_ring_addr(r, 0).value);
	rb_mmio_write32(regs, at + 8, NIC_RING * 16);
	rb_mmio_write32(regs, at + 0x10, 0);
	rb_mmio_write32(regs, at + NIC_TAIL, 0);
}

static void give_room(struct rb_dma_ring *rx, const struct rb_dma_buf *buf)
{
	struct nic_rx *desc = rx->desc;
	uint32_t i;

	while (rb_dma_ring_space(rx) > 0) {
		i = rb_dma_ring_slot(rx);
		memset(&desc[i], 0, sizeof(desc[i]));
		desc[i].addr = rb_dma_addr(buf, (uint64_t)i * FRAME).value;
		rb_dma_ring_post(rx, 1);
	}
	rb_dma_ring_ring(rx);
}

static void send_frames(struct rb_dma_ring *tx, const struct rb_dma_buf *buf, uint32_t n)
{
	struct nic_tx *desc = tx->desc;
	uint32_t i;

	for (; n > 0; n--) {
		i = rb_dma_ring_slot(tx);
		memset(&desc[i], 0, sizeof(desc[i]));
		desc[i].addr = rb_dma_addr(buf, (uint64_t)i * FRAME).value;
		desc[i].length = (uint16_t)(1000 + i);
		desc[i].cmd = EOP_FC_RS;
		rb_dma_ring_post(tx, 1);
	}
	rb_dma_ring_ring(tx);
}

static void await_sent(struct rb_dma_ring *tx)
{
	struct nic_tx *desc = tx->desc;
	unsigned int rounds = 0;

	while (rb_dma_ring_used(tx) > 0) {
		if (rb_dma_ring_done_bit8(tx, &desc[rb_dma_ring_peek(tx)].status, DD))
			rb_dma_ring_take(tx, 1);
		else
			assert_true(time_is_left(&rounds));
	}
}

/* The next frame is the one that slot @from of the sender held. */
static void expect_frame(struct rb_dma_ring *rx, const struct rb_dma_buf *got,
			 const struct rb_dma_buf *sent, uint32_t from)
{
	struct nic_rx *desc = rx->desc;
	unsigned int rounds = 0;
	uint32_t i;

	for (;;) {
		i = rb_dma_ring_peek(rx);
		if (rb_dma_ring_done_bit8(rx, &desc[i].status, DD))
			break;
		assert_true(time_is_left(&rounds));
	}
	assert_int_equal(desc[i].length, 1000 + from);
	rb_dma_observe(got, (uint64_t)i * FRAME, desc[i].length);
	assert_memory_equal((uint8_t *)got->cpu + (size_t)i * FRAME,
			    (uint8_t *)sent->cpu + (size_t)from * FRAME, desc[i].length);
	rb_dma_ring_take(rx, 1);
}

static void frames_go_out_and_come_back_through_rings_of_dd_bits(void **state)
{
	struct rb_dma_buf *out, *in;
	struct rb_dma_ring *tx, *rx;
	struct rb_mmio *regs;
	uint32_t lap, i, sent = 0;

	(void)state;
	open_device("qemu:e1000e", 0x8086, 0x10d3);
	assert_ok(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs));
	tx = open_ring(NIC_RING, sizeof(struct nic_tx), regs, NIC_TX + NIC_TAIL, 1, 0);
	rx = open_ring(NIC_RING, sizeof(struct nic_rx), regs, NIC_RX + NIC_TAIL, 1, 0);
	out = alloc(NIC_RING * FRAME);
	in = alloc(NIC_RING * FRAME);
	for (i = 0; i < NIC_RING; i++)
		fill(out, (uint64_t)i * FRAME, FRAME, i);
	rb_mmio_write32(regs, NIC_CTRL, rb_mmio_read32(regs, NIC_CTRL) | LINK_UP);
	set_ring(regs, NIC_TX, tx);
	set_ring(regs, NIC_RX, rx);
	rb_mmio_write32(regs, NIC_RCTL, LOOPBACK);
	rb_mmio_write32(regs, NIC_TCTL, SEND);
	give_room(rx, in);

	for (lap = 0; lap < 20; lap++) {
		send_frames(tx, out, 1 + lap % (NIC_RING - 1));
		await_sent(tx);
		for (; sent < tx->cons; sent++)
			expect_frame(rx, in, out, sent % NIC_RING);
		give_room(rx, in);
	}

	assert_true(sent > 60);
	rb_mmio_write32(regs, NIC_TCTL, 0);
	rb_mmio_write32(regs, NIC_RCTL, 0);
	rb_dma_ring_close(tx);
	rb_dma_ring_close(rx);
	rb_dma_close(out);
	rb_dma_close(in);
	rb_mmio_close(regs);
	close_device();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_go_out_and_come_back_through_rings_of_dd_bits),
	};

	return cmocka_run_group_tests_name("rings of QEMU's nic", tests, NULL, NULL);
}
