/* SPDX-License-Identifier: MIT */
/*
 * test_contract_ring.c - rings that a device works on: an 82574's, on QEMU and as a model of
 * the mock, its cable in the test's hand.
 *
 * Descriptors are legacy ones, done when their DD bit is set (82574 data sheet, 7.1.4 and
 * 7.2.10).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <rbdrv/host.h>

#include "contract.h"
#include "nic_rings.h"

#define COUNT	  8u
#define FRAME	  2048u /* room for one */
#define RX_AT	  (COUNT * FRAME) /* those to be sent lie before it */
#define EOP_FC_RS 0x0bu
#define DD	  0x01u
#define RECEIVE	  0x0400801au /* on, all frames, no check sequence behind them */
#define SEND	  0x0000000au
#define LINK_UP	  0x02u /* of STATUS */
#define STEP_US	  100u

struct tx_desc {
	uint64_t addr;
	uint16_t length;
	uint8_t cso, cmd, status, css;
	uint16_t special;
};

struct rx_desc {
	uint64_t addr;
	uint16_t length, csum;
	uint8_t status, errors;
	uint16_t special;
};

/* --- the card --------------------------------------------------------------------------------- */

static void open_ring(struct stage *stage, struct rb_dma_ring **ring, uint64_t tail)
{
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;

	options.regs = stage->regs;
	options.doorbell = tail;
	options.reserve = 1; /* head == tail is empty */
	options.label = "frames";
	assert_ok(rb_dma_ring_open(stage->dev, COUNT, 16, &options, ring));
}

static void tell_ring(struct stage *stage, uint64_t base, const struct rb_dma_ring *ring)
{
	rb_mmio_write64_lo_hi(stage->regs, base, rb_dma_ring_addr(ring, 0).value);
	rb_mmio_write32(stage->regs, base + 8, COUNT * 16);
	rb_mmio_write32(stage->regs, base + 0x10, 0);
	rb_mmio_write32(stage->regs, base + 0x18, 0);
}

/* The card with both rings, its link up. */
static void start_card(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	filter.vendor = 0x8086;
	filter.device = 0x10d3;
	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));
	assert_int_equal(rb_pci_list_count(stage->list), 1);
	assert_ok(rb_pci_open(stage->ctx, rb_pci_info_addr(rb_pci_list_get(stage->list, 0)),
			      &stage->dev));
	assert_ok(rb_mmio_map(stage->dev, 0, 0, 0, RB_MMIO_UC, &stage->regs));
	assert_ok(rb_dma_alloc(stage->dev, 2 * COUNT * FRAME, NULL, &stage->buf));
	open_ring(stage, &stage->ring, NIC_TDT);
	open_ring(stage, &stage->second_ring, NIC_RDT);

	tell_ring(stage, NIC_TDBAL, stage->ring);
	tell_ring(stage, NIC_RDBAL, stage->second_ring);
	rb_mmio_write32(stage->regs, NIC_RCTL, RECEIVE);
	rb_mmio_write32(stage->regs, NIC_TCTL, SEND);
	rb_mmio_write32(stage->regs, NIC_CTRL,
			rb_mmio_read32(stage->regs, NIC_CTRL) | NIC_CTRL_SLU);
	assert_ok(rb_mmio_poll32(stage->regs, NIC_STATUS, LINK_UP, LINK_UP,
				 (uint64_t)PATIENCE_MS * 1000, NULL));
}

/* Afterwards memory may go in any order. */
static void stop_card(struct stage *stage)
{
	rb_mmio_write32(stage->regs, NIC_RCTL, 0);
	rb_mmio_write32(stage->regs, NIC_TCTL, 0);
	(void)rb_mmio_read32(stage->regs, NIC_STATUS);
}

static int cable_of(struct stage *stage)
{
	int cable = rb_host_net_fd(stage->ctx, "n0");

	assert_ok(cable < 0 ? cable : 0);
	return cable;
}

static uint32_t length_of(uint32_t n)
{
	return 60 + n * 37 % 1400;
}

/* The n-th of many different frames, for everybody. */
static void make_frame(uint8_t *frame, uint32_t n)
{
	uint32_t i;

	memset(frame, 0xff, 6);
	memcpy(frame + 6, "\x02rbdrv\x88\xb5", 8); /* for experiments (IEEE 802) */
	for (i = 14; i < length_of(n); i++)
		frame[i] = (uint8_t)(n * 31 + i * 7 + (i >> 8));
}

static void wait_a_step(struct stage *stage, uint32_t *waited_us)
{
	rb_delay_us(stage->ctx, STEP_US);
	*waited_us += STEP_US;
	assert_true(*waited_us < PATIENCE_MS * 1000u);
}

/* --- sending ---------------------------------------------------------------------------------- */

/* Post frames @n and up, @count of them, and ring once. */
static void send_frames(struct stage *stage, uint32_t n, uint32_t count)
{
	struct rb_dma_ring *tx = stage->ring;
	struct tx_desc *desc = tx->desc;
	uint64_t at;
	uint32_t i, end = n + count;

	for (; n < end; n++) {
		i = rb_dma_ring_slot(tx);
		at = (uint64_t)i * FRAME;
		make_frame((uint8_t *)rb_dma_cpu(stage->buf) + at, n);
		rb_dma_publish(stage->buf, at, length_of(n));
		memset(&desc[i], 0, sizeof(desc[i]));
		desc[i].addr = rb_dma_addr(stage->buf, at).value;
		desc[i].length = (uint16_t)length_of(n);
		desc[i].cmd = EOP_FC_RS;
		rb_dma_ring_post(tx, 1);
	}
	assert_int_equal(rb_dma_ring_ring(tx), count);
	assert_int_equal(rb_dma_ring_ring(tx), 0); /* nothing new, so nothing is written */
}

static void await_sent(struct stage *stage)
{
	struct rb_dma_ring *tx = stage->ring;
	struct tx_desc *desc = tx->desc;
	uint32_t waited = 0;

	while (rb_dma_ring_used(tx) > 0) {
		if (rb_dma_ring_done_bit8(tx, &desc[rb_dma_ring_peek(tx)].status, DD))
			rb_dma_ring_take(tx, 1);
		else
			wait_a_step(stage, &waited);
	}
}

static void expect_on_cable(struct stage *stage, int cable, uint32_t n)
{
	struct pollfd p = { cable, POLLIN, 0 };
	uint8_t want[FRAME], got[FRAME];
	int rc;

	rc = rb_poll(stage->ctx, &p, 1, PATIENCE_MS);
	assert_ok(rc < 0 ? rc : 0);
	assert_int_equal(rc, 1);
	make_frame(want, n);
	assert_int_equal(recv(cable, got, sizeof(got), 0), length_of(n));
	assert_memory_equal(got, want, length_of(n));
}

static void frames_leave_in_order_lap_after_lap(struct stage *stage)
{
	uint32_t lap, sent = 0, seen = 0;
	int cable;

	start_card(stage);
	cable = cable_of(stage);
	assert_int_equal(rb_dma_ring_space(stage->ring), COUNT - 1);

	for (lap = 0; lap < 12; lap++) {
		send_frames(stage, sent, 1 + lap % (COUNT - 1));
		sent += 1 + lap % (COUNT - 1);
		await_sent(stage);
		for (; seen < sent; seen++)
			expect_on_cable(stage, cable, seen);
	}

	assert_true(sent > 4 * COUNT);
	assert_int_equal(rb_mmio_read32(stage->regs, NIC_TDH) & 0xffff, sent % COUNT);
	stop_card(stage);
}

/* --- receiving -------------------------------------------------------------------------------- */

static void give_room(struct stage *stage)
{
	struct rb_dma_ring *rx = stage->second_ring;
	struct rx_desc *desc = rx->desc;
	uint32_t i;

	while (rb_dma_ring_space(rx) > 0) {
		i = rb_dma_ring_slot(rx);
		memset(&desc[i], 0, sizeof(desc[i]));
		desc[i].addr = rb_dma_addr(stage->buf, RX_AT + (uint64_t)i * FRAME).value;
		rb_dma_ring_post(rx, 1);
	}
	rb_dma_ring_ring(rx);
}

static void put_on_cable(int cable, uint32_t n)
{
	uint8_t frame[FRAME];

	make_frame(frame, n);
	assert_int_equal(send(cable, frame, length_of(n), 0), length_of(n));
}

static void expect_received(struct stage *stage, uint32_t n)
{
	struct rb_dma_ring *rx = stage->second_ring;
	struct rx_desc *desc = rx->desc;
	uint32_t i, waited = 0;
	uint8_t want[FRAME];
	uint64_t at;

	while (i = rb_dma_ring_peek(rx), !rb_dma_ring_done_bit8(rx, &desc[i].status, DD))
		wait_a_step(stage, &waited);
	at = RX_AT + (uint64_t)i * FRAME;
	assert_int_equal(desc[i].length, length_of(n));
	make_frame(want, n);
	rb_dma_observe(stage->buf, at, length_of(n));
	assert_memory_equal((uint8_t *)rb_dma_cpu(stage->buf) + at, want, length_of(n));
	rb_dma_ring_take(rx, 1);
}

static void frames_come_in_order_lap_after_lap(struct stage *stage)
{
	uint32_t lap, i, n = 0;
	int cable;

	start_card(stage);
	cable = cable_of(stage);
	give_room(stage);
	assert_int_equal(rb_dma_ring_used(stage->second_ring), COUNT - 1);

	for (lap = 0; lap < 12; lap++) {
		for (i = 0; i <= lap % (COUNT - 1); i++)
			put_on_cable(cable, n + i);
		for (; i > 0; i--)
			expect_received(stage, n++);
		give_room(stage);
	}

	assert_true(n > 4 * COUNT);
	stop_card(stage);
}

/* --- again ------------------------------------------------------------------------------------ */

static void a_ring_that_was_reset_begins_anew(struct stage *stage)
{
	int cable;

	start_card(stage);
	cable = cable_of(stage);
	send_frames(stage, 0, 3);
	await_sent(stage);
	stop_card(stage);

	rb_dma_ring_reset(stage->ring);
	assert_int_equal(rb_dma_ring_slot(stage->ring), 0);
	tell_ring(stage, NIC_TDBAL, stage->ring);
	rb_mmio_write32(stage->regs, NIC_TCTL, SEND);
	send_frames(stage, 3, 2);
	await_sent(stage);

	expect_on_cable(stage, cable, 0);
	expect_on_cable(stage, cable, 1);
	expect_on_cable(stage, cable, 2);
	expect_on_cable(stage, cable, 3);
	expect_on_cable(stage, cable, 4);
	assert_int_equal(rb_mmio_read32(stage->regs, NIC_TDH) & 0xffff, 2);
	stop_card(stage);
}

#define CARD(fn)	   SCENARIO_WITH(fn, ";net.n0=dgram;e1000e,netdev=n0")
#define CARD_IN_PIECES(fn) SCENARIO_WITH(fn, ";frames=shuffle;net.n0=dgram;e1000e,netdev=n0")

static const struct scenario scenarios[] = {
	CARD(frames_leave_in_order_lap_after_lap),
	CARD(frames_come_in_order_lap_after_lap),
	CARD_IN_PIECES(frames_come_in_order_lap_after_lap),
	CARD(a_ring_that_was_reset_begins_anew),
};

int main(void)
{
	register_nic82574();
	return RUN_SCENARIOS("rings", scenarios);
}
