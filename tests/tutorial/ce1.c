/* SPDX-License-Identifier: MIT */
/* ce1.c - driver of the CE-1, a checksum engine. */
#include <string.h>

#include "ce1.h"
#include "ce1_regs.h"

#define TIMEOUT_MS 100 /* the data sheet says 1 ms for the longest job */

static int find(struct rb_ctx *ctx, struct rb_pci_addr *addr)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc;

	filter.vendor = CE1_VENDOR;
	filter.device = CE1_DEVICE;
	rc = rb_pci_scan(ctx, &filter, &list);
	if (rc < 0)
		return rc;
	if (rb_pci_list_get(list, 0))
		*addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	else
		rc = -ENOENT;
	rb_pci_list_close(list);
	return rc;
}

/* A reset takes a while, and clears CTRL. */
static int reset(struct ce1 *ce)
{
	int rc;

	if (rb_mmio_read32(ce->regs, CE1_ID) != CE1_MAGIC)
		return rb_pci_is_gone(ce->dev) ? -ENODEV : -ENOTSUP;
	rb_mmio_write32(ce->regs, CE1_CTRL, CE1_CTRL_RESET);
	rc = rb_mmio_poll32(ce->regs, CE1_CTRL, CE1_CTRL_RESET, 0, 1000, NULL);
	if (rc < 0)
		return rc;
	rb_mmio_write32(ce->regs, CE1_CTRL, CE1_CTRL_IRQ);
	return 0;
}

/* What was opened here is closed by ce1_close(), also when a step fails. */
static int open_all(struct rb_ctx *ctx, struct ce1 *ce)
{
	struct rb_pci_addr addr;
	uint64_t before;
	int rc;

	rc = find(ctx, &addr);
	if (rc == 0)
		rc = rb_pci_open(ctx, addr, &ce->dev);
	if (rc == 0)
		rc = rb_mmio_map(ce->dev, 0, 0, 0, RB_MMIO_UC, &ce->regs);
	if (rc == 0)
		rc = rb_dma_alloc(ce->dev, CE1_MAX, NULL, &ce->buf);
	if (rc == 0)
		rc = rb_irq_set_open(ce->dev, NULL, &ce->irqs);
	if (rc == 0)
		rc = rb_irq_take(ce->irqs, 0, &before);
	return rc == 0 ? reset(ce) : rc;
}

int ce1_open(struct rb_ctx *ctx, struct ce1 *ce)
{
	int rc;

	memset(ce, 0, sizeof(*ce));
	rc = open_all(ctx, ce);
	if (rc < 0)
		ce1_close(ce);
	return rc;
}

void ce1_close(struct ce1 *ce)
{
	rb_irq_set_close(ce->irqs);
	rb_dma_close(ce->buf);
	rb_mmio_close(ce->regs);
	rb_pci_unref(ce->dev);
	memset(ce, 0, sizeof(*ce));
}

/* Wait, then quiet the device before each further take. */
static int wait_done(struct ce1 *ce)
{
	uint64_t count;
	int rc;

	rc = rb_irq_wait(ce->irqs, 0, TIMEOUT_MS);
	while (rc == 0) {
		rc = rb_irq_take(ce->irqs, 0, &count);
		if (rc < 0 || count == 0)
			break;
		rb_mmio_write32(ce->regs, CE1_CAUSE, CE1_CAUSE_DONE);
		(void)rb_mmio_read32(ce->regs, CE1_CAUSE); /* the write has arrived */
	}
	return rc;
}

int ce1_sum(struct ce1 *ce, const void *bytes, uint32_t len, uint32_t *sum)
{
	uint32_t status;
	int rc;

	if (len == 0 || len > CE1_MAX)
		return -EINVAL;
	memcpy(rb_dma_cpu(ce->buf), bytes, len);
	rb_dma_publish(ce->buf, 0, len);

	rb_mmio_write64_lo_hi(ce->regs, CE1_SRC, rb_dma_addr(ce->buf, 0).value);
	rb_mmio_write32(ce->regs, CE1_LEN, len);
	rb_mmio_write32(ce->regs, CE1_BELL, 1);
	rc = wait_done(ce);
	if (rc < 0)
		return rc;

	status = rb_mmio_read32(ce->regs, CE1_STATUS);
	*sum = rb_mmio_read32(ce->regs, CE1_SUM);
	rc = rb_mmio_error(ce->regs); /* all-ones is no answer */
	if (rc == 0 && status & (CE1_STATUS_BUSY | CE1_STATUS_ERR))
		rc = -EIO;
	return rc;
}
