/* SPDX-License-Identifier: MIT */
/*
 * wrong_device.c - the adding machine: adds the bytes at one bus address, writes
 * the sum to another and interrupts. What its data sheet forbids, its register map does.
 */
#include "wrong.h"

#define JOB_NS	 100000
#define LEN_MAX	 0xffffu
#define ALL_ONES 0xffffffffu

struct adder {
	uint8_t bytes[LEN_MAX];
};

/* The pin follows the cause; a message is sent once. */
static void set_pin(struct rb_mock_dev *dev)
{
	bool wants = (rb_mock_reg_get(dev, 0, REG_CTRL) & CTRL_IRQ) != 0;

	rb_mock_intx(dev, wants && rb_mock_reg_get(dev, 0, REG_CAUSE) != 0 &&
				  !rb_mock_msi_enabled(dev));
}

static void done(struct rb_mock_dev *dev, void *arg)
{
	struct adder *adder = arg;
	struct rb_bus_addr src = { rb_mock_reg_get(dev, 0, REG_SRC) };
	struct rb_bus_addr dst = { rb_mock_reg_get(dev, 0, REG_DST) };
	uint32_t len = (uint32_t)rb_mock_reg_get(dev, 0, REG_LEN);
	uint32_t i, sum = 0;
	uint8_t le[4];

	rb_mock_dma_read(dev, src, adder->bytes, len);
	for (i = 0; i < len; i++)
		sum += adder->bytes[i];
	for (i = 0; i < 4; i++)
		le[i] = (uint8_t)(sum >> 8 * i);
	rb_mock_dma_write(dev, dst, le, sizeof(le));

	rb_mock_reg_set(dev, 0, REG_SUM, sum);
	rb_mock_reg_set(dev, 0, REG_STATUS, STATUS_DONE);
	rb_mock_reg_set(dev, 0, REG_CAUSE, CAUSE_DONE);
	if (rb_mock_reg_get(dev, 0, REG_CTRL) & CTRL_IRQ && rb_mock_msi_enabled(dev))
		rb_mock_msi(dev, 0);
	set_pin(dev);
}

static void write_doorbell(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
			   uint64_t val)
{
	(void)off;
	(void)width;
	if (val != 1) {
		rb_mock_violation(dev, "DOORBELL takes 1 only");
		return;
	}
	rb_mock_reg_set(dev, 0, REG_STATUS, STATUS_BUSY);
	rb_mock_after(dev, JOB_NS, done, arg);
}

static void write_pin(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		      uint64_t val)
{
	(void)arg;
	(void)off;
	(void)width;
	(void)val;
	set_pin(dev);
}

static const struct rb_mock_reg registers[] = {
	{ .name = "ID", .offset = REG_ID, .width = 4, .reset = ADDER_ID, .ro = ALL_ONES },
	{ .name = "CTRL", .offset = REG_CTRL, .width = 4, .rw = CTRL_IRQ, .on_write = write_pin },
	{ .name = "STATUS", .offset = REG_STATUS, .width = 4,
	  .ro = STATUS_BUSY | STATUS_DONE | STATUS_PARITY },
	{ .name = "CAUSE", .offset = REG_CAUSE, .width = 4, .w1c = CAUSE_DONE,
	  .on_write = write_pin },
	{ .name = "SRC", .offset = REG_SRC, .width = 8, .flags = RB_MOCK_REG_HALVES,
	  .rw = UINT64_MAX },
	{ .name = "DST", .offset = REG_DST, .width = 8, .flags = RB_MOCK_REG_HALVES,
	  .rw = UINT64_MAX },
	{ .name = "LEN", .offset = REG_LEN, .width = 4, .rw = LEN_MAX },
	{ .name = "DOORBELL", .offset = REG_DOORBELL, .width = 4, .wo = ALL_ONES,
	  .on_write = write_doorbell },
	{ .name = "SUM", .offset = REG_SUM, .width = 4, .ro = ALL_ONES },
	RB_MOCK_REG_END
};

int adder_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0xadd0;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_map(dev, 0, BAR_SIZE, 0, registers,
			rb_mock_state(dev, sizeof(struct adder)));
	rb_mock_intx_pin(dev, 1);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	return 0;
}

int adder_msix_build(struct rb_mock_dev *dev, void *arg)
{
	adder_build(dev, arg);
	rb_mock_cap_msix(dev, MSIX_VECTORS, MSIX_BAR, 0, MSIX_BAR, 0x800);
	return rb_mock_bar_ram(dev, MSIX_BAR, 4096, 0);
}
