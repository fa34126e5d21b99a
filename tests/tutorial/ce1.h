/* SPDX-License-Identifier: MIT */
/* ce1.h - driver of the CE-1, a checksum engine. */
#ifndef CE1_H
#define CE1_H

#include <rbdrv/rbdrv.h>

#define CE1_MAX 4096 /* bytes in one job */

struct ce1 {
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf;
};

int ce1_open(struct rb_ctx *ctx, struct ce1 *ce);
int ce1_sum(struct ce1 *ce, const void *bytes, uint32_t len, uint32_t *sum);
void ce1_close(struct ce1 *ce);

#endif
