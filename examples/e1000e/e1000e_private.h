/* SPDX-License-Identifier: MIT */
/* e1000e_private.h - what the files of the hardware half share. */
#ifndef E1000E_PRIVATE_H
#define E1000E_PRIVATE_H

#include "e1000e.h"
#include "e1000e_regs.h"

/*
 * Slot i of a ring has the i-th piece of its ring's data buffer, for good. So descriptors
 * get their address once, and a frame of several slots lies in one piece in memory, but
 * where the ring wraps.
 */
#define SLOT_BYTES   2048u
#define HW_FRAME_MAX 16384u /* what the card receives with RCTL.LPE */

struct e1000e {
	struct rb_ctx *ctx; /* the device keeps it alive */
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	struct rb_dma_ring *rx, *tx;
	struct rb_dma_buf *rx_data, *tx_data;
	uint8_t *rx_bytes, *tx_bytes; /* theirs */
	uint8_t *unwrapped; /* a received frame that wraps is put together here */

	struct e1000e_options options;
	struct e1000e_events events;
	void *arg;

	uint32_t frame_max; /* without FCS */
	enum rb_irq_kind kind;
	unsigned int other; /* the vector of everything but frames */
	bool gone;
	bool armed; /* interrupts are on */
	bool link;
	bool link_stale; /* look at it before the next frame */
	bool promiscuous;
	uint32_t rx_lazy; /* free receive slots that are worth no doorbell while frames come */
	uint32_t tx_need; /* slots that somebody waits for */
	uint32_t tx_cons; /* tx->cons when last looked at, ... */
	uint64_t tx_since; /* ... and since when; 0: not known */

	uint8_t mac[6];
	uint32_t mta[MTA_DWORDS];
	struct e1000e_stats stats;
};

static inline uint32_t e1000e_read(const struct e1000e *nic, uint32_t reg)
{
	return rb_mmio_read32(nic->regs, reg);
}

static inline void e1000e_write(struct e1000e *nic, uint32_t reg, uint32_t val)
{
	rb_mmio_write32(nic->regs, reg, val);
}

/* e1000e_hw.c */
int e1000e_reset(struct e1000e *nic);
int e1000e_read_mac(struct e1000e *nic);
void e1000e_start(struct e1000e *nic);
int e1000e_status(struct e1000e *nic, uint32_t *status);
int e1000e_check_link(struct e1000e *nic);
void e1000e_count(struct e1000e *nic);

/* e1000e_irq.c */
int e1000e_irq_open(struct e1000e *nic);
void e1000e_irq_start(struct e1000e *nic);
int e1000e_irq_take(struct e1000e *nic);

/* e1000e_rx.c, e1000e_tx.c; start: the device has been reset */
int e1000e_rx_open(struct e1000e *nic);
void e1000e_rx_start(struct e1000e *nic);
bool e1000e_rx_ready(const struct e1000e *nic);
int e1000e_rx_poll(struct e1000e *nic, unsigned int budget);
int e1000e_tx_open(struct e1000e *nic);
void e1000e_tx_start(struct e1000e *nic);
void e1000e_tx_reclaim(struct e1000e *nic);
bool e1000e_tx_ready(struct e1000e *nic);
bool e1000e_tx_busy(const struct e1000e *nic);
bool e1000e_tx_hangs(struct e1000e *nic);

/* e1000e.c: -ENODEV once the device is gone, 0 before */
int e1000e_alive(struct e1000e *nic);

#endif
