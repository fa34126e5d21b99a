/* SPDX-License-Identifier: MIT */
/*
 * model_edu.c - QEMU's teaching device "edu", complete (qemu-notes 4; QEMU's
 * docs/specs/edu): liveness, factorial, interrupts, DMA.
 *
 * Written against <rbdrv/mock.h> alone, as any user's model is. What a driver
 * sees is what QEMU's device shows, down to its oddities; where QEMU's would
 * stop the whole virtual machine, or shrug at a mistake, this one complains.
 */
#include <string.h>

#include <rbdrv/mock.h>

#include "host/mock/mock_machine.h" /* rbi_mock_edu_build, for the registry */

#define EDU_VENDOR   0x1234
#define EDU_DEVICE   0x11e8
#define EDU_BAR_SIZE 0x100000
#define EDU_IDENTITY 0x010000edu

enum edu_register {
	EDU_ID = 0x00,
	EDU_LIVENESS = 0x04,
	EDU_FACTORIAL = 0x08,
	EDU_STATUS = 0x20,
	EDU_IRQ_STATUS = 0x24,
	EDU_IRQ_RAISE = 0x60,
	EDU_IRQ_ACK = 0x64,
	EDU_WIDE = 0x80, /* from here on 8-byte accesses are allowed, too */
	EDU_DMA_SRC = 0x80,
	EDU_DMA_DST = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_CMD = 0x98
};

#define EDU_STATUS_BUSY	    0x01u
#define EDU_STATUS_IRQ	    0x80u /* the factorial interrupts when done */
#define EDU_IRQ_FACTORIAL   0x001u
#define EDU_IRQ_DMA	    0x100u
#define EDU_DMA_RUN	    0x1u
#define EDU_DMA_FROM_DEVICE 0x2u
#define EDU_DMA_INTERRUPT   0x4u

#define EDU_BUFFER	 0x40000u /* where DMA sees the device's own memory */
#define EDU_BUFFER_SIZE	 4096u
#define EDU_DMA_NS	 100000000u /* a transfer takes 100 ms */
#define EDU_FACTORIAL_NS 10000u /* to wake up, plus one for each multiplication */
#define EDU_DMA_MASK	 0xfffffffull /* 28 bits, unless dma_mask= says otherwise */

struct edu {
	uint32_t liveness;
	uint32_t factorial;
	uint32_t status;
	uint32_t irq_status;
	uint64_t src, dst, count, cmd;
	uint64_t dma_mask;
	uint8_t buffer[EDU_BUFFER_SIZE];
};

/* The interrupt goes by MSI when the driver has enabled it, else by the pin. */
static void edu_raise(struct rb_mock_dev *dev, struct edu *edu, uint32_t bits)
{
	edu->irq_status |= bits;
	if (edu->irq_status == 0)
		return;
	if (rb_mock_msi_enabled(dev))
		rb_mock_msi(dev, 0);
	else
		rb_mock_intx(dev, true);
}

static void edu_ack(struct rb_mock_dev *dev, struct edu *edu, uint32_t bits)
{
	edu->irq_status &= ~bits;
	if (edu->irq_status == 0 && !rb_mock_msi_enabled(dev))
		rb_mock_intx(dev, false);
}

/* --- factorial --------------------------------------------------------------- */

/* n! modulo 2^32: from 34! on it has 32 factors of two. */
static uint32_t edu_compute(uint32_t n)
{
	uint32_t result = n < 34 ? 1 : 0;

	for (; n > 1 && result != 0; n--)
		result *= n;
	return result;
}

static void edu_factorial_done(struct rb_mock_dev *dev, void *arg)
{
	struct edu *edu = arg;

	edu->factorial = edu_compute(edu->factorial);
	edu->status &= ~EDU_STATUS_BUSY;
	if (edu->status & EDU_STATUS_IRQ)
		edu_raise(dev, edu, EDU_IRQ_FACTORIAL);
}

/* A number written while busy is ignored, as on QEMU. */
static void edu_factorial(struct rb_mock_dev *dev, struct edu *edu, uint32_t n)
{
	if (edu->status & EDU_STATUS_BUSY) {
		rb_mock_violation(dev, "factorial register written while it computes");
		return;
	}
	edu->factorial = n;
	if (rb_mock_after(dev, EDU_FACTORIAL_NS + (uint64_t)n, edu_factorial_done, edu) == 0)
		edu->status |= EDU_STATUS_BUSY;
}

/* --- DMA ----------------------------------------------------------------------- */

/* The buffer's bytes at device address @at, or NULL. As on QEMU 7.2, where these
 * stop the whole machine: no bytes, and a range that takes the last one. */
static uint8_t *edu_bytes(struct rb_mock_dev *dev, struct edu *edu, uint64_t at)
{
	if (at >= EDU_BUFFER && at - EDU_BUFFER < EDU_BUFFER_SIZE && edu->count > 0 &&
	    edu->count < EDU_BUFFER_SIZE - (at - EDU_BUFFER))
		return &edu->buffer[at - EDU_BUFFER];
	rb_mock_violation(dev,
			  "DMA of %llu bytes at device address %#llx leaves the buffer at "
			  "0x40000 (1 to 4095 bytes can be moved)",
			  (unsigned long long)edu->count, (unsigned long long)at);
	return NULL;
}

/* Address bits above the mask are lost, as on QEMU. */
static struct rb_bus_addr edu_bus(struct rb_mock_dev *dev, struct edu *edu, uint64_t addr)
{
	struct rb_bus_addr bus;

	bus.value = addr & edu->dma_mask;
	if (bus.value != addr)
		rb_mock_violation(dev, "DMA address %#llx does not fit the device's mask %#llx",
				  (unsigned long long)addr, (unsigned long long)edu->dma_mask);
	return bus;
}

static void edu_dma_done(struct rb_mock_dev *dev, void *arg)
{
	struct edu *edu = arg;
	uint8_t *bytes;

	if (edu->cmd & EDU_DMA_FROM_DEVICE) {
		bytes = edu_bytes(dev, edu, edu->src);
		if (bytes)
			rb_mock_dma_write(dev, edu_bus(dev, edu, edu->dst), bytes, edu->count);
	} else {
		bytes = edu_bytes(dev, edu, edu->dst);
		if (bytes)
			rb_mock_dma_read(dev, edu_bus(dev, edu, edu->src), bytes, edu->count);
	}

	edu->cmd &= ~(uint64_t)EDU_DMA_RUN;
	if (edu->cmd & EDU_DMA_INTERRUPT)
		edu_raise(dev, edu, EDU_IRQ_DMA);
}

/* DMA registers cannot be changed while a transfer runs; a command without the
 * run bit is none. */
static void edu_dma_write(struct rb_mock_dev *dev, struct edu *edu, uint64_t *reg, uint64_t val)
{
	if (edu->cmd & EDU_DMA_RUN) {
		rb_mock_violation(dev, "DMA register written while a transfer runs");
		return;
	}
	if (reg != &edu->cmd) {
		*reg = val;
		return;
	}
	if ((val & EDU_DMA_RUN) && rb_mock_after(dev, EDU_DMA_NS, edu_dma_done, edu) == 0)
		edu->cmd = val;
}

/* --- registers ------------------------------------------------------------------- */

static bool edu_width_is_good(uint64_t off, unsigned int width)
{
	return width == 4 || (width == 8 && off >= EDU_WIDE);
}

static uint64_t edu_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct edu *edu = arg;

	if (edu_width_is_good(off, width)) {
		switch (off) {
		case EDU_ID:
			return EDU_IDENTITY;
		case EDU_LIVENESS:
			return edu->liveness;
		case EDU_FACTORIAL:
			return edu->factorial;
		case EDU_STATUS:
			return edu->status;
		case EDU_IRQ_STATUS:
			return edu->irq_status;
		case EDU_DMA_SRC:
			return edu->src;
		case EDU_DMA_DST:
			return edu->dst;
		case EDU_DMA_COUNT:
			return edu->count;
		case EDU_DMA_CMD:
			return edu->cmd;
		default:
			break;
		}
	}
	rb_mock_violation(dev,
			  "read of %u bytes at BAR0 offset %#llx, which is no readable "
			  "register of that width",
			  width, (unsigned long long)off);
	return UINT64_MAX;
}

static void edu_write_narrow(struct rb_mock_dev *dev, struct edu *edu, uint64_t off, uint32_t val)
{
	switch (off) {
	case EDU_LIVENESS:
		edu->liveness = ~val;
		return;
	case EDU_FACTORIAL:
		edu_factorial(dev, edu, val);
		return;
	case EDU_STATUS:
		edu->status = (edu->status & ~EDU_STATUS_IRQ) | (val & EDU_STATUS_IRQ);
		return;
	case EDU_IRQ_RAISE:
		edu_raise(dev, edu, val);
		return;
	case EDU_IRQ_ACK:
		edu_ack(dev, edu, val);
		return;
	default:
		rb_mock_violation(dev,
				  "write of %#x at BAR0 offset %#llx, which is no writable "
				  "register",
				  val, (unsigned long long)off);
	}
}

static void edu_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		      uint64_t val)
{
	struct edu *edu = arg;

	if (!edu_width_is_good(off, width)) {
		rb_mock_violation(dev,
				  "write of %u bytes at BAR0 offset %#llx: registers below "
				  "0x80 have 4, the others 4 or 8",
				  width, (unsigned long long)off);
		return;
	}
	switch (off) {
	case EDU_DMA_SRC:
		edu_dma_write(dev, edu, &edu->src, val);
		return;
	case EDU_DMA_DST:
		edu_dma_write(dev, edu, &edu->dst, val);
		return;
	case EDU_DMA_COUNT:
		edu_dma_write(dev, edu, &edu->count, val);
		return;
	case EDU_DMA_CMD:
		edu_dma_write(dev, edu, &edu->cmd, val);
		return;
	default:
		edu_write_narrow(dev, edu, off, (uint32_t)val);
	}
}

int rbi_mock_edu_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
	struct edu *edu;

	(void)arg;
	edu = rb_mock_state(dev, sizeof(*edu));
	if (!edu)
		return -ENOMEM;
	edu->dma_mask = EDU_DMA_MASK;
	rb_mock_dev_arg_number(dev, "dma_mask", 0, UINT64_MAX, &edu->dma_mask);

	ids.vendor = EDU_VENDOR;
	ids.device = EDU_DEVICE;
	ids.class_code = 0x00ff00;
	ids.revision = 0x10;
	ids.subvendor = 0x1af4; /* what QEMU gives devices that name none */
	ids.subdevice = 0x1100;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ops(dev, 0, EDU_BAR_SIZE, 0, edu_read, edu_write, edu);
	rb_mock_intx_pin(dev, 1);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	return 0;
}
