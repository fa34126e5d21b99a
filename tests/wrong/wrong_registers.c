/* SPDX-License-Identifier: MIT */
/*
 * wrong_registers.c - mistakes with registers.
 */
#include "wrong.h"

/* --- accesses that are wrong by themselves ------------------------------------------------ */

static int reads_id(struct rig *rig)
{
	return rb_mmio_read32(rig->regs, REG_ID) == ADDER_ID ? 0 : WRONG_RESULT;
}

/* volatile: an offset that came out of a computation. */
static int reads_past_bar(struct rig *rig)
{
	volatile uint64_t off = BAR_SIZE;

	(void)rb_mmio_read32(rig->regs, off);
	return 0;
}

static int reads_gap(struct rig *rig)
{
	(void)rb_mmio_read32(rig->regs, REG_GAP);
	return 0;
}

static int reads_half(struct rig *rig)
{
	return rb_mmio_read16(rig->regs, REG_ID) == ADDER_ID ? 0 : WRONG_RESULT;
}

static int reads_askew(struct rig *rig)
{
	volatile uint64_t off = REG_ID + 2;

	(void)rb_mmio_read32(rig->regs, off);
	return 0;
}

static int writes_read_only(struct rig *rig)
{
	rb_mmio_write32(rig->regs, REG_SUM, 0);
	return 0;
}

static int writes_len(struct rig *rig)
{
	rb_mmio_write32(rig->regs, REG_LEN, 0);
	return 0;
}

static int reads_write_only(struct rig *rig)
{
	return rb_mmio_read32(rig->regs, REG_DOORBELL) == 0 ? 0 : WRONG_RESULT;
}

static int sets_reserved(struct rig *rig)
{
	rb_mmio_write32(rig->regs, REG_CTRL, 0xffffffff);
	rb_mmio_write32(rig->regs, REG_CTRL, 0);
	return 0;
}

static int keeps_reserved(struct rig *rig)
{
	uint32_t ctrl = rb_mmio_read32(rig->regs, REG_CTRL);

	rb_mmio_write32(rig->regs, REG_CTRL, ctrl | CTRL_IRQ);
	rb_mmio_write32(rig->regs, REG_CTRL, ctrl);
	return 0;
}

/* --- bits that mean nothing ------------------------------------------------------------------ */

static int is_idle(struct rig *rig, uint32_t mask)
{
	return (rb_mmio_read32(rig->regs, REG_STATUS) & mask) == 0 ? 0 : WRONG_RESULT;
}

static int compares_all(struct rig *rig)
{
	return is_idle(rig, 0xffffffff);
}

static int compares_specified(struct rig *rig)
{
	return is_idle(rig, STATUS_BUSY | STATUS_DONE);
}

/* --- order ----------------------------------------------------------------------------------- */

static int expect_length_first(struct rig *rig)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE_RANGE(0, REG_LEN, 4, 1, 4096),
						      RB_MOCK_WRITE(0, REG_DOORBELL, 4, 1),
						      RB_MOCK_EXPECT_END };

	return rb_mock_expect(rig->mock, list, RB_MOCK_ORDERED);
}

static int start(struct rig *rig, bool length_first)
{
	struct rb_dma_buf *buf;
	int rc;

	rc = rb_dma_alloc(rig->dev, 4096, NULL, &buf);
	if (rc < 0)
		return rc;
	rc = expect_length_first(rig);
	rb_mmio_write64_lo_hi(rig->regs, REG_SRC, rb_dma_addr(buf, 0).value);
	rb_mmio_write64_lo_hi(rig->regs, REG_DST, rb_dma_addr(buf, 0).value);
	if (length_first)
		rb_mmio_write32(rig->regs, REG_LEN, 64);
	rb_mmio_write32(rig->regs, REG_DOORBELL, 1);
	if (!length_first)
		rb_mmio_write32(rig->regs, REG_LEN, 64);
	if (rc == 0)
		rc = rb_mmio_poll32(rig->regs, REG_STATUS, STATUS_DONE, STATUS_DONE, 1000000, NULL);
	rb_dma_close(buf);
	return rc;
}

static int rings_first(struct rig *rig)
{
	return start(rig, false);
}

static int rings_last(struct rig *rig)
{
	return start(rig, true);
}

/* --- waiting --------------------------------------------------------------------------------- */

static int polls_for_ever(struct rig *rig)
{
	while ((rb_mmio_read32(rig->regs, REG_STATUS) & STATUS_PARITY) == 0)
		;
	return 0;
}

static int polls_for_a_while(struct rig *rig)
{
	int rc;

	rc = rb_mmio_poll32(rig->regs, REG_STATUS, STATUS_PARITY, STATUS_PARITY, 10000, NULL);
	return rc == -ETIMEDOUT ? 0 : rc;
}

/* --- the device is pulled out ---------------------------------------------------------------- */

/* All-ones has BUSY set, and for ever. */
static int waits_for_the_removed(struct rig *rig)
{
	rb_mock_remove(rig->mock);
	while (rb_mmio_read32(rig->regs, REG_STATUS) & STATUS_BUSY)
		;
	return 0;
}

static int gives_the_removed_up(struct rig *rig)
{
	int rc;

	rb_mock_remove(rig->mock);
	rc = rb_mmio_poll32(rig->regs, REG_STATUS, STATUS_BUSY, 0, 10000, NULL);
	return rc == -ENODEV ? 0 : WRONG_RESULT;
}

static int read_sum(struct rig *rig, uint32_t *sum)
{
	rb_mock_remove(rig->mock);
	*sum = rb_mmio_read32(rig->regs, REG_SUM);
	return 0;
}

/* The largest sum that there can be is 0xff * 0xffff. */
static int believes_all_ones(struct rig *rig)
{
	uint32_t sum;
	int rc = read_sum(rig, &sum);

	return rc == 0 && sum <= 0xff * 0xffffu ? 0 : WRONG_RESULT;
}

static int doubts_all_ones(struct rig *rig)
{
	uint32_t sum;
	int rc = read_sum(rig, &sum);

	if (rc == 0 && sum == UINT32_MAX)
		rc = rb_pci_is_gone(rig->dev) || rb_mmio_error(rig->regs) == -ENODEV ? -ENODEV : 0;
	return rc == -ENODEV ? 0 : WRONG_RESULT;
}

int main(void)
{
	static const struct wrong pairs[] = {
		{ "reads_past_the_bar",
		  "a read of 4 bytes at offset 0x1000 of a mapping: it passes the end",
		  reads_past_bar, reads_id, NULL },
		{ "reads_where_no_register_is",
		  "read of 4 bytes at 0x40 of BAR0: no register is there", reads_gap, reads_id,
		  NULL },
		{ "reads_with_the_wrong_width", "read of 2 bytes at ID", reads_half, reads_id,
		  NULL },
		{ "reads_misaligned",
		  "a read of 4 bytes at offset 0x2 of a mapping: it is misaligned", reads_askew,
		  reads_id, NULL },
		{ "writes_a_read_only_register", "write of 0x0 (4 bytes) at SUM", writes_read_only,
		  writes_len, NULL },
		{ "reads_a_write_only_register", "read of 4 bytes at DOORBELL", reads_write_only,
		  reads_id, NULL },
		{ "sets_reserved_bits", "write of 0xffffffff (4 bytes) at CTRL", sets_reserved,
		  keeps_reserved, NULL },
		{ "looks_at_bits_that_mean_nothing", "answer: wrong result", compares_all,
		  compares_specified, NULL },
		{ "rings_the_doorbell_before_the_length", "but the latter came first", rings_first,
		  rings_last, NULL },
		{ "polls_for_ever", "STATUS (0x8) of BAR0 was read 1000 times in a row",
		  polls_for_ever, polls_for_a_while, "mock:watchdog=1000" },
		{ "waits_for_ever_on_a_removed_device", "was read 1000 times in a row",
		  waits_for_the_removed, gives_the_removed_up, "mock:watchdog=1000" },
		{ "takes_all_ones_for_an_answer", "answer: wrong result", believes_all_ones,
		  doubts_all_ones, NULL },
	};

	return wrong_run(pairs, sizeof(pairs) / sizeof(pairs[0]));
}
