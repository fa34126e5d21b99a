/* SPDX-License-Identifier: MIT */
/* ce1_model.c - the CE-1 as its data sheet tells, for tests. */
#include <rbdrv/mock.h>

#include "ce1_model.h"
#include "ce1_regs.h"

#define LEN_MAX 4096

static void reset_done(struct rb_mock_dev *dev, void *arg)
{
	(void)arg;
	rb_mock_reg_reset(dev, 0);
}

static void set_pin(struct rb_mock_dev *dev)
{
	rb_mock_intx(dev, rb_mock_reg_get(dev, 0, CE1_CAUSE) != 0 &&
				  rb_mock_reg_get(dev, 0, CE1_CTRL) & CE1_CTRL_IRQ);
}

static void job_done(struct rb_mock_dev *dev, void *arg)
{
	struct rb_bus_addr src = { rb_mock_reg_get(dev, 0, CE1_SRC) };
	uint32_t len = (uint32_t)rb_mock_reg_get(dev, 0, CE1_LEN);
	uint8_t *bytes = arg;
	uint32_t i, sum = 0;

	if (len <= LEN_MAX && rb_mock_dma_read(dev, src, bytes, len) == 0) {
		for (i = 0; i < len; i++)
			sum = sum * 31 + bytes[i];
		rb_mock_reg_set(dev, 0, CE1_SUM, sum);
		rb_mock_reg_set(dev, 0, CE1_STATUS, 0);
	} else {
		rb_mock_reg_set(dev, 0, CE1_STATUS, CE1_STATUS_ERR);
	}
	rb_mock_reg_set_bits(dev, 0, CE1_CAUSE, CE1_CAUSE_DONE);
	if (rb_mock_msi_enabled(dev))
		rb_mock_msi(dev, 0);
	else
		set_pin(dev);
}

static void write_ctrl(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	(void)arg;
	(void)off;
	(void)width;
	if (val & CE1_CTRL_RESET)
		rb_mock_after(dev, 20000, reset_done, NULL);
	set_pin(dev);
}

static void write_cause(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
			uint64_t val)
{
	(void)arg;
	(void)off;
	(void)width;
	(void)val;
	set_pin(dev);
}

static void write_bell(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	(void)off;
	(void)width;
	if (val != 1 || rb_mock_reg_get(dev, 0, CE1_STATUS) & CE1_STATUS_BUSY) {
		rb_mock_violation(dev, "BELL is written while a job runs, or with another value");
		return;
	}
	rb_mock_reg_set(dev, 0, CE1_STATUS, CE1_STATUS_BUSY);
	rb_mock_after(dev, 200000, job_done, arg);
}

static const struct rb_mock_reg registers[] = {
	{ .name = "ID", .offset = CE1_ID, .width = 4, .reset = CE1_MAGIC, .ro = 0xffffffff },
	{ .name = "CTRL", .offset = CE1_CTRL, .width = 4, .rw = CE1_CTRL_IRQ | CE1_CTRL_RESET,
	  .on_write = write_ctrl },
	{ .name = "STATUS", .offset = CE1_STATUS, .width = 4,
	  .ro = CE1_STATUS_BUSY | CE1_STATUS_ERR },
	{ .name = "CAUSE", .offset = CE1_CAUSE, .width = 4, .w1c = CE1_CAUSE_DONE,
	  .on_write = write_cause },
	{ .name = "SRC", .offset = CE1_SRC, .width = 8, .flags = RB_MOCK_REG_HALVES,
	  .rw = UINT64_MAX },
	{ .name = "LEN", .offset = CE1_LEN, .width = 4, .rw = 0x1fff },
	{ .name = "BELL", .offset = CE1_BELL, .width = 4, .wo = 0xffffffff, .on_write = write_bell },
	{ .name = "SUM", .offset = CE1_SUM, .width = 4, .ro = 0xffffffff },
	RB_MOCK_REG_END
};

int ce1_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = CE1_VENDOR;
	ids.device = CE1_DEVICE;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_map(dev, 0, 4096, 0, registers, rb_mock_state(dev, LEN_MAX));
	rb_mock_intx_pin(dev, 1);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	return 0;
}
