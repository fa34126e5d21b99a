/* SPDX-License-Identifier: MIT */
/*
 * test_nic82574.c - the mock's 82574L, driven by as little of a driver as shows what it does.
 */
#include <rbdrv/mock_cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <rbdrv/host.h>
#include <rbdrv/rbdrv.h>

#include "nic82574.h"

#define RING	8u
#define SLOT	2048u
#define TX_RING 0x800u
#define BUFFERS 0x1000u
#define DD	1u

struct card {
	struct rb_ctx *ctx;
	struct rb_mock_dev *mock;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf;
	uint8_t *cpu;
	int fd;
	unsigned int rx, tx;
};

static uint32_t get(struct card *c, uint64_t off)
{
	return rb_mmio_read32(c->regs, off);
}

static void set(struct card *c, uint64_t off, uint32_t val)
{
	rb_mmio_write32(c->regs, off, val);
}

static void plug_in(struct card *c, unsigned int kinds)
{
	struct rb_irq_options irq = RB_IRQ_OPTIONS_INIT;
	uint64_t count;
	unsigned int i;

	memset(c, 0, sizeof(*c));
	register_nic82574();
	rb_mock_assert_rc(rb_ctx_new("mock:e1000e,netdev=n0;net.n0=dgram", &c->ctx), 0);
	c->mock = rb_mock_find(c->ctx, "e1000e", 0);
	c->fd = rb_host_net_fd(c->ctx, "n0");
	rb_mock_assert_rc(rb_pci_open(c->ctx, rb_mock_addr(c->mock), &c->dev), 0);
	rb_mock_assert_rc(rb_mmio_map(c->dev, 0, 0, 0, RB_MMIO_UC, &c->regs), 0);
	rb_mock_assert_rc(rb_dma_alloc(c->dev, BUFFERS + 2 * RING * SLOT, NULL, &c->buf), 0);
	c->cpu = rb_dma_cpu(c->buf);
	irq.kinds = kinds;
	irq.min = irq.max = kinds == RB_IRQ_MSIX ? 3 : 1;
	rb_mock_assert_rc(rb_irq_set_open(c->dev, &irq, &c->irqs), 0);
	for (i = 0; i < irq.max; i++)
		rb_mock_assert_rc(rb_irq_take(c->irqs, i, &count), 0);
}

static void pull_out(struct card *c)
{
	rb_irq_set_close(c->irqs);
	rb_dma_close(c->buf);
	rb_mmio_close(c->regs);
	rb_pci_unref(c->dev);
	rb_mock_assert_clean(c->ctx);
	rb_ctx_unref(c->ctx);
}

static void put(uint8_t *at, uint64_t v, unsigned int bytes)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t bus(struct card *c, uint32_t off)
{
	return rb_dma_addr(c->buf, 0).value + off;
}

static void make_rings(struct card *c)
{
	unsigned int i;

	memset(c->cpu, 0, BUFFERS);
	for (i = 0; i < RING; i++)
		put(c->cpu + 16 * i, bus(c, BUFFERS + i * SLOT), 8);
	rb_dma_publish(c->buf, 0, BUFFERS);
	set(c, NIC_RDBAL, (uint32_t)bus(c, 0));
	set(c, NIC_RDBAH, (uint32_t)(bus(c, 0) >> 32));
	set(c, NIC_RDLEN, RING * 16);
	set(c, NIC_RDH, 0);
	set(c, NIC_RDT, RING - 1);
	set(c, NIC_TDBAL, (uint32_t)bus(c, TX_RING));
	set(c, NIC_TDBAH, (uint32_t)(bus(c, TX_RING) >> 32));
	set(c, NIC_TDLEN, RING * 16);
	set(c, NIC_TDH, 0);
	set(c, NIC_TDT, 0);
	c->rx = c->tx = 0;
}

/* From reset to a link; the filters let broadcasts and the own address through. */
static void bring_up(struct card *c)
{
	unsigned int i;

	set(c, NIC_IMC, 0xffffffff);
	set(c, NIC_CTRL, get(c, NIC_CTRL) | NIC_CTRL_RST);
	rb_delay_us(c->ctx, 10000);
	set(c, NIC_IMC, 0xffffffff);
	get(c, NIC_ICR);
	for (i = 0; i < 128; i++) {
		set(c, NIC_MTA + 4 * i, 0);
		set(c, NIC_VFTA + 4 * i, 0);
	}
	make_rings(c);
	set(c, NIC_CTRL, get(c, NIC_CTRL) | NIC_CTRL_SLU);
	set(c, NIC_TCTL, get(c, NIC_TCTL) | NIC_ON);
	set(c, NIC_RCTL, 0x04008000u | NIC_ON);
	rb_delay_us(c->ctx, 600000);
	assert_true(get(c, NIC_STATUS) & 2);
	get(c, NIC_ICR);
}

static void card_send(struct card *c, uint8_t first, size_t len)
{
	uint8_t *desc = c->cpu + TX_RING + c->tx % RING * 16;
	uint32_t slot = BUFFERS + (RING + c->tx % RING) * SLOT;

	memset(c->cpu + slot, first, len);
	put(desc, bus(c, slot), 8);
	put(desc + 8, len | 0x0b000000u, 8);
	rb_dma_publish(c->buf, 0, rb_dma_size(c->buf));
	set(c, NIC_TDT, ++c->tx % RING);
}

static ssize_t feed(struct card *c, uint8_t to, size_t len)
{
	uint8_t frame[9000];

	memset(frame, to, len);
	return send(c->fd, frame, len, 0);
}

/* The next frame's status and length, 0: none. */
static uint32_t card_receive(struct card *c, uint8_t *frame)
{
	unsigned int i = c->rx % RING;
	uint8_t *desc = c->cpu + 16 * i;
	uint32_t len;

	rb_dma_observe(c->buf, 0, rb_dma_size(c->buf));
	if (!(desc[12] & DD))
		return 0;
	len = desc[8] | (uint32_t)desc[9] << 8;
	memcpy(frame, c->cpu + BUFFERS + i * SLOT, len);
	len |= (uint32_t)(desc[12] & 2 ? desc[12] : DD) << 24; /* without EOP only DD counts */
	memset(desc + 8, 0, 8);
	rb_dma_publish(c->buf, 0, BUFFERS);
	set(c, NIC_RDT, i);
	c->rx++;
	return len;
}

/* --- start -------------------------------------------------------------------------------------- */

static void the_address_comes_from_the_nvm(void **state)
{
	struct card c;
	unsigned int i;
	uint16_t sum = 0;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	set(&c, NIC_CTRL, get(&c, NIC_CTRL) | NIC_CTRL_RST);
	rb_delay_us(c.ctx, 10);
	assert_false(get(&c, NIC_EECD) & 0x200);
	assert_int_equal(get(&c, NIC_RAL), 0);
	rb_delay_us(c.ctx, 1000);

	assert_true(get(&c, NIC_EECD) & 0x200);
	assert_int_equal(get(&c, NIC_RAL), 0x12005452);
	assert_int_equal(get(&c, NIC_RAH) & 0x8000ffff, 0x80005634);
	for (i = 0; i < 64; i++) {
		set(&c, NIC_EERD, i << 2 | 1);
		while (!(get(&c, NIC_EERD) & 2))
			;
		sum = (uint16_t)(sum + (get(&c, NIC_EERD) >> 16));
	}
	assert_int_equal(sum, 0xbaba);
	pull_out(&c);
}

static void tables_are_noise_after_a_reset(void **state)
{
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);

	assert_int_not_equal(get(&c, NIC_MTA), 0);

	pull_out(&c);
}

static void the_link_comes_up_by_an_interrupt(void **state)
{
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	set(&c, NIC_CTRL, get(&c, NIC_CTRL) | NIC_CTRL_SLU);
	set(&c, NIC_IMS, NIC_LSC);
	assert_false(get(&c, NIC_STATUS) & 2);

	assert_int_equal(rb_irq_wait(c.irqs, 0, 1000), 0);

	assert_int_equal(get(&c, NIC_ICR), 0x80000000u | NIC_LSC);
	assert_true(get(&c, NIC_STATUS) & 2);
	assert_int_equal(get(&c, NIC_ICR), 0);
	assert_int_equal(rb_host_set_link(c.ctx, "n0", false), 0);
	assert_false(get(&c, NIC_STATUS) & 2);
	assert_int_equal(get(&c, NIC_ICR), 0x80000000u | NIC_LSC);
	pull_out(&c);
}

static void the_phy_answers_by_mdic(void **state)
{
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);

	set(&c, NIC_MDIC, 0x08220000); /* PHY 1, register 2, read */
	assert_false(get(&c, NIC_MDIC) & 0x10000000);
	rb_delay_us(c.ctx, 100);
	assert_int_equal(get(&c, NIC_MDIC), 0x18220141);
	set(&c, NIC_MDIC, 0x08420000); /* there is no PHY 2 */
	rb_delay_us(c.ctx, 100);

	assert_int_equal(get(&c, NIC_MDIC) >> 28, 5);
	pull_out(&c);
}

/* --- frames ------------------------------------------------------------------------------------- */

static void a_frame_goes_out_and_its_descriptor_comes_back(void **state)
{
	uint8_t got[2048];
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_MSI);
	bring_up(&c);
	set(&c, NIC_IMS, NIC_TXDW);

	card_send(&c, 0xab, 1514);
	assert_int_equal(recv(c.fd, got, sizeof(got), 0), -1); /* still on the wire */
	assert_int_equal(rb_irq_wait(c.irqs, 0, 10), 0);

	assert_true(get(&c, NIC_ICR) & NIC_TXDW);
	rb_dma_observe(c.buf, 0, BUFFERS);
	assert_true(c.cpu[TX_RING + 12] & DD);
	assert_int_equal(recv(c.fd, got, sizeof(got), 0), 1514);
	assert_int_equal(got[1513], 0xab);
	assert_int_equal(get(&c, NIC_GPTC), 1);
	assert_int_equal(get(&c, NIC_GPTC), 0);
	assert_int_equal(get(&c, NIC_GOTCL), 1518);
	assert_int_equal(get(&c, NIC_GOTCL), 1518);
	assert_int_equal(get(&c, NIC_GOTCL + 4), 0); /* which clears both */
	assert_int_equal(get(&c, NIC_GOTCL), 0);
	pull_out(&c);
}

static void frames_keep_their_order_through_both_rings(void **state)
{
	uint8_t frame[2048], got[2048];
	struct card c;
	unsigned int i;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	bring_up(&c);
	memset(frame, 0xff, sizeof(frame));

	for (i = 0; i < 200; i++) {
		frame[20] = (uint8_t)i;
		assert_int_equal(send(c.fd, frame, 60 + 7 * i, 0), 60 + 7 * i);
	}
	for (i = 0; i < 200; i++) {
		assert_int_equal(card_receive(&c, got), 0x03000000u | (60 + 7 * i));
		assert_int_equal(got[20], i);
		card_send(&c, (uint8_t)i, 60 + 7 * i);
		rb_delay_us(c.ctx, 20);
		assert_int_equal(recv(c.fd, got, sizeof(got), 0), 60 + 7 * i);
		assert_int_equal(got[0], i);
	}

	assert_int_equal(get(&c, NIC_GPRC), 200);
	assert_int_equal(get(&c, NIC_BPRC), 200);
	pull_out(&c);
}

static void filters_let_through_what_they_should(void **state)
{
	uint8_t frame[60] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 }, got[2048];
	unsigned int hash = (0x01u << 8 | 0x00u) >> 4;
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	bring_up(&c);

	feed(&c, 0x22, 60); /* to somebody else */
	send(c.fd, frame, 60, 0); /* to a group that is not ours */
	assert_int_equal(card_receive(&c, got), 0);
	set(&c, NIC_MTA + 4 * (hash >> 5), 1u << (hash & 31));
	send(c.fd, frame, 60, 0);
	assert_int_equal(card_receive(&c, got), 0x83000000u | 60); /* by the hash alone */
	memcpy(frame, "\x52\x54\x00\x12\x34\x56", 6);
	send(c.fd, frame, 60, 0);
	assert_int_equal(card_receive(&c, got), 0x03000000u | 60);
	set(&c, NIC_RCTL, get(&c, NIC_RCTL) | 8);
	feed(&c, 0x22, 60);
	assert_int_equal(card_receive(&c, got), 0x03000000u | 60);
	assert_int_equal(get(&c, NIC_MPRC), 1);
	assert_int_equal(get(&c, NIC_TPR), 5);
	pull_out(&c);
}

static void short_frames_are_padded_and_long_ones_need_leave(void **state)
{
	uint8_t got[2048];
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	bring_up(&c);

	feed(&c, 0xff, 20);
	assert_int_equal(card_receive(&c, got), 0x03000000u | 60);
	feed(&c, 0xff, 1519);
	assert_int_equal(card_receive(&c, got), 0);
	assert_int_equal(get(&c, NIC_ROC), 1);
	set(&c, NIC_RCTL, get(&c, NIC_RCTL) | 0x20);
	feed(&c, 0xff, 5000);

	assert_int_equal(card_receive(&c, got), 0x01000000u | 2048);
	assert_int_equal(card_receive(&c, got), 0x01000000u | 2048);
	assert_int_equal(card_receive(&c, got), 0x03000000u | 904);
	pull_out(&c);
}

static void a_descriptor_without_a_buffer_comes_back_as_it_was_but_done(void **state)
{
	uint8_t got[2048];
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	bring_up(&c);
	put(c.cpu, 0, 8);
	rb_dma_publish(c.buf, 0, BUFFERS);

	feed(&c, 0xff, 60);

	assert_int_equal(card_receive(&c, got), 0x01000000u);
	assert_int_equal(card_receive(&c, got), 0x03000000u | 60);
	pull_out(&c);
}

static void flexible_buffers_are_counted_in_kib(void **state)
{
	uint8_t got[2048];
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	bring_up(&c);
	set(&c, NIC_RCTL, get(&c, NIC_RCTL) | 1u << 27);

	feed(&c, 0xff, 1100);

	assert_int_equal(card_receive(&c, got), 0x01000000u | 1024);
	assert_int_equal(card_receive(&c, got), 0x03000000u | 76);
	pull_out(&c);
}

/* --- interrupts --------------------------------------------------------------------------------- */

static void msix_has_a_vector_for_each_cause(void **state)
{
	uint8_t got[2048];
	uint64_t count;
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_MSIX);
	bring_up(&c);
	set(&c, NIC_IVAR, 8 | 9 << 8 | 10 << 16);
	set(&c, NIC_EIAC, NIC_RXQ0 | NIC_TXQ0);
	set(&c, NIC_IMS, NIC_RXQ0 | NIC_TXQ0 | NIC_OTHER | NIC_LSC);

	feed(&c, 0xff, 60);
	assert_int_equal(rb_irq_wait(c.irqs, 0, 10), 0);
	card_receive(&c, got);
	card_send(&c, 1, 60);
	assert_int_equal(rb_irq_wait(c.irqs, 1, 10), 0);
	assert_int_equal(rb_host_set_link(c.ctx, "n0", false), 0);
	assert_int_equal(rb_irq_wait(c.irqs, 2, 10), 0);

	assert_int_equal(rb_irq_take(c.irqs, 0, &count), 0);
	assert_int_equal(count, 1);
	assert_false(get(&c, NIC_ICR) & (NIC_RXQ0 | NIC_TXQ0));
	pull_out(&c);
}

/* An overrun, say: its own bit of IMS keeps nothing back. */
static void other_comes_with_its_cause_though_that_is_masked(void **state)
{
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_MSIX);
	bring_up(&c);
	set(&c, NIC_IVAR, 10 << 16);
	set(&c, NIC_EIAC, NIC_OTHER);
	set(&c, NIC_IMS, NIC_OTHER);

	assert_int_equal(rb_host_set_link(c.ctx, "n0", false), 0);

	assert_int_equal(rb_irq_wait(c.irqs, 2, 10), 0);
	assert_int_equal(get(&c, NIC_ICR), NIC_LSC);
	pull_out(&c);
}

static void a_message_masks_its_causes_where_iam_says_so(void **state)
{
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_MSIX);
	bring_up(&c);
	set(&c, NIC_IVAR, 8 | 9 << 8);
	set(&c, NIC_CTRL_EXT, get(&c, NIC_CTRL_EXT) | NIC_CTRL_EXT_EIAME);
	set(&c, NIC_IAM, NIC_RXQ0);
	set(&c, NIC_IMS, NIC_RXQ0 | NIC_TXQ0);

	set(&c, NIC_ICS, NIC_RXQ0 | NIC_TXQ0);

	assert_int_equal(rb_irq_wait(c.irqs, 0, 10), 0);
	assert_int_equal(get(&c, NIC_IMS) & (NIC_RXQ0 | NIC_TXQ0), NIC_TXQ0);
	pull_out(&c);
}

static void throttling_keeps_interrupts_apart(void **state)
{
	uint64_t first, second, count;
	uint8_t got[2048];
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_MSI);
	bring_up(&c);
	set(&c, NIC_ITR, 4000); /* 1.024 ms */
	set(&c, NIC_IMS, NIC_RXT0);

	feed(&c, 0xff, 60);
	assert_int_equal(rb_irq_wait(c.irqs, 0, 10), 0);
	first = rb_time_ns(c.ctx);
	assert_int_equal(rb_irq_take(c.irqs, 0, &count), 0);
	get(&c, NIC_ICR);
	card_receive(&c, got);
	feed(&c, 0xff, 60);
	assert_int_equal(rb_irq_wait(c.irqs, 0, 10), 0);
	second = rb_time_ns(c.ctx);

	assert_in_range(second - first, 1020000, 1024000);
	pull_out(&c);
}

/* --- failures ------------------------------------------------------------------------------------ */

static void a_hung_transmitter_wants_a_reset(void **state)
{
	uint8_t got[2048];
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	bring_up(&c);
	nic82574_hang(c.mock);
	card_send(&c, 1, 60);
	rb_delay_us(c.ctx, 100000);
	assert_int_equal(get(&c, NIC_TDH) & 0xffff, 0);

	bring_up(&c);
	card_send(&c, 2, 60);
	rb_delay_us(c.ctx, 100);

	assert_int_equal(recv(c.fd, got, sizeof(got), 0), 60);
	assert_int_equal(got[0], 2);
	pull_out(&c);
}

/* Exactly this is complained of. */
static void told(struct card *c, const char *what)
{
	rb_mock_assert_violation(c->ctx, what);
	rb_mock_clear(c->ctx);
}

static void a_hasty_driver_is_told(void **state)
{
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);

	set(&c, NIC_RCTL, NIC_ON);
	told(&c, "RCTL.EN: the receiver has no ring yet");
	set(&c, NIC_TCTL, get(&c, NIC_TCTL) | NIC_ON);
	told(&c, "TCTL.EN: the transmitter has no ring yet");
	set(&c, NIC_TDT, 1);
	told(&c, "TDT 1: the ring has 0 descriptors");
	set(&c, NIC_CTRL, get(&c, NIC_CTRL) | NIC_CTRL_RST);
	get(&c, NIC_STATUS);
	told(&c, "read at 0x8 before the reset was over");
	rb_delay_us(c.ctx, 10000);
	pull_out(&c);
}

static void what_is_reserved_is_to_be_left_alone(void **state)
{
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_MSIX);
	bring_up(&c);

	set(&c, NIC_CTRL, NIC_CTRL_SLU);
	told(&c, "CTRL 0x40: bits 3 and 20 are to be 1");
	set(&c, NIC_CTRL, get(&c, NIC_CTRL) | 0x00100028); /* ASDE */
	told(&c, "CTRL");
	set(&c, NIC_RCTL, get(&c, NIC_RCTL) | 1u << 25);
	told(&c, "BSEX with BSIZE 0 is reserved");
	set(&c, NIC_IVAR, 8);
	set(&c, NIC_IMS, NIC_RXQ0 | NIC_TXQ0);
	told(&c, "IMS lets TXQ0 through, and IVAR 0x8 gives it no vector");
	set(&c, NIC_RCTL, 0);
	set(&c, NIC_RDBAL, (uint32_t)bus(&c, 8));
	told(&c, "RDBAL");
	set(&c, NIC_RDLEN, 192);
	told(&c, "RDLEN");
	pull_out(&c);
}

static void a_careless_driver_is_told(void **state)
{
	struct card c;

	(void)state;
	plug_in(&c, RB_IRQ_INTX);
	bring_up(&c);

	set(&c, NIC_RDLEN, 256);
	rb_mock_assert_violation(c.ctx, "the receive ring is moved (0x2808)");
	rb_mock_clear(c.ctx);
	get(&c, 0x1234);
	rb_mock_assert_violation(c.ctx, "0x1234");
	rb_mock_clear(c.ctx);
	set(&c, NIC_TDT, RING);
	rb_mock_assert_violation(c.ctx, "TDT 8: the ring has 8 descriptors");
	rb_mock_clear(c.ctx);
	pull_out(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_address_comes_from_the_nvm),
		cmocka_unit_test(tables_are_noise_after_a_reset),
		cmocka_unit_test(the_link_comes_up_by_an_interrupt),
		cmocka_unit_test(the_phy_answers_by_mdic),
		cmocka_unit_test(a_frame_goes_out_and_its_descriptor_comes_back),
		cmocka_unit_test(frames_keep_their_order_through_both_rings),
		cmocka_unit_test(filters_let_through_what_they_should),
		cmocka_unit_test(short_frames_are_padded_and_long_ones_need_leave),
		cmocka_unit_test(msix_has_a_vector_for_each_cause),
		cmocka_unit_test(a_descriptor_without_a_buffer_comes_back_as_it_was_but_done),
		cmocka_unit_test(flexible_buffers_are_counted_in_kib),
		cmocka_unit_test(other_comes_with_its_cause_though_that_is_masked),
		cmocka_unit_test(a_message_masks_its_causes_where_iam_says_so),
		cmocka_unit_test(throttling_keeps_interrupts_apart),
		cmocka_unit_test(a_hung_transmitter_wants_a_reset),
		cmocka_unit_test(a_hasty_driver_is_told),
		cmocka_unit_test(what_is_reserved_is_to_be_left_alone),
		cmocka_unit_test(a_careless_driver_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
