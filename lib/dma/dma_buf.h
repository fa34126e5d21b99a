/* SPDX-License-Identifier: MIT */
/* dma_buf.h - what stands behind struct rb_dma_buf. */
#ifndef RBI_DMA_BUF_H
#define RBI_DMA_BUF_H

#include <stdint.h>

#include <rbdrv/dma.h>

#include "core/core.h"
#include "os/os_memory.h"

struct rbi_dma_buf {
	struct rb_dma_buf head; /* first: this is what callers hold */
	struct rbi_dma_block block;
	struct rb_pci_dev *dev; /* a reference */
	struct rb_ctx *ctx; /* the device's; lives as long as it does */
	struct rbi_live live;
};

static inline struct rbi_dma_buf *rbi_dma_of(const struct rb_dma_buf *buf)
{
	return (struct rbi_dma_buf *)(uintptr_t)buf;
}

#endif
