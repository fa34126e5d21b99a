/* SPDX-License-Identifier: MIT */
/* e1000e.c - open, poll, recover, close. Read this file first, then those that it calls. */
#include <stdlib.h>

#include "e1000e_private.h"

static const struct rb_pci_match cards[] = {
	RB_PCI_MATCH_DEVICE(0x8086, 0x10d3), /* 82574L */
	RB_PCI_MATCH_DEVICE(0x8086, 0x100e), /* 82540EM: no messages, else the same */
	RB_PCI_MATCH_END
};

int e1000e_find(struct rb_ctx *ctx, unsigned int n, struct rb_pci_addr *addr)
{
	const struct rb_pci_info *info;
	struct rb_pci_list *list;
	size_t i;
	int rc;

	rc = rb_pci_scan(ctx, NULL, &list);
	if (rc < 0)
		return rc;
	rc = -ENOENT;
	for (i = 0; rc != 0 && (info = rb_pci_list_get(list, i)) != NULL; i++) {
		if (rb_pci_match_find(cards, info) == NULL || n-- > 0)
			continue;
		*addr = rb_pci_info_addr(info);
		rc = 0;
	}
	rb_pci_list_close(list);
	return rc;
}

/* --- open -------------------------------------------------------------------------------- */

static bool is_count(unsigned int n)
{
	return n >= 16 && n <= 4096 && (n & (n - 1)) == 0;
}

static int set_options(struct e1000e *nic, const struct e1000e_options *options)
{
	struct e1000e_options *o = &nic->options;

	if (options != NULL)
		*o = *options;
	if (o->rx_count == 0)
		o->rx_count = 256;
	if (o->tx_count == 0)
		o->tx_count = 256;
	if (o->mtu == 0)
		o->mtu = 1500;
	if (!is_count(o->rx_count) || !is_count(o->tx_count) || o->mtu < 68 ||
	    o->mtu > E1000E_MTU_MAX || o->moderation_us > 16000 || o->irq > E1000E_IRQ_INTX)
		return -EINVAL;

	nic->frame_max = o->mtu + 14 + 4; /* a VLAN tag beside the header, ... */
	if (nic->frame_max > E1000E_MTU_MAX + 14)
		nic->frame_max = E1000E_MTU_MAX + 14; /* ... but for the largest frames */
	return 0;
}

static int claim(struct e1000e *nic, struct rb_pci_addr addr)
{
	int rc;

	rc = rb_pci_open(nic->ctx, addr, &nic->dev);
	if (rc < 0)
		return rc;
	if (rb_pci_match_find(cards, rb_pci_info(nic->dev)) == NULL)
		return -ENOTSUP;
	return rb_mmio_map(nic->dev, 0, 0, BAR_SIZE, RB_MMIO_UC, &nic->regs);
}

static int allocate(struct e1000e *nic)
{
	int rc;

	nic->unwrapped = malloc(HW_FRAME_MAX);
	if (nic->unwrapped == NULL)
		return -ENOMEM;
	rc = e1000e_rx_open(nic);
	return rc < 0 ? rc : e1000e_tx_open(nic);
}

static int bring_up(struct e1000e *nic, struct rb_pci_addr addr)
{
	int rc;

	rc = claim(nic, addr);
	if (rc == 0)
		rc = e1000e_reset(nic);
	if (rc == 0)
		rc = e1000e_read_mac(nic);
	if (rc == 0)
		rc = allocate(nic);
	if (rc == 0)
		rc = e1000e_irq_open(nic);
	if (rc == 0)
		e1000e_start(nic);
	return rc;
}

int e1000e_open(struct rb_ctx *ctx, struct rb_pci_addr addr, const struct e1000e_options *options,
		const struct e1000e_events *events, void *arg, struct e1000e **out)
{
	struct e1000e *nic;
	int rc;

	*out = NULL;
	if (ctx == NULL || events == NULL || events->frame == NULL)
		return -EINVAL;
	nic = calloc(1, sizeof(*nic));
	if (nic == NULL)
		return -ENOMEM;
	nic->ctx = ctx;
	nic->events = *events;
	nic->arg = arg;

	rc = set_options(nic, options);
	if (rc == 0)
		rc = bring_up(nic, addr);
	if (rc < 0) {
		e1000e_close(nic);
		return rc;
	}
	*out = nic;
	return 0;
}

void e1000e_close(struct e1000e *nic)
{
	if (nic == NULL)
		return;
	if (nic->regs != NULL && !nic->gone)
		(void)e1000e_reset(nic); /* should it fail: the library, too, keeps the device from
					  * memory before it gives that back */
	rb_irq_set_close(nic->irqs);
	rb_dma_ring_close(nic->rx);
	rb_dma_ring_close(nic->tx);
	rb_dma_close(nic->rx_data);
	rb_dma_close(nic->tx_data);
	rb_mmio_close(nic->regs);
	rb_pci_unref(nic->dev);
	free(nic->unwrapped);
	free(nic);
}

/* --- at work ----------------------------------------------------------------------------- */

int e1000e_alive(struct e1000e *nic)
{
	if (RB_UNLIKELY(nic->gone || rb_pci_is_gone(nic->dev))) {
		nic->gone = true;
		return -ENODEV;
	}
	return 0;
}

/* Frames in both rings are lost; the sender finds out as senders do. */
static int recover(struct e1000e *nic)
{
	int rc;

	nic->stats.hangs++;
	e1000e_count(nic); /* a reset clears them */
	rc = e1000e_reset(nic);
	if (rc == 0)
		rc = rb_irq_set_restore(nic->irqs); /* the MSI-X table is no configuration */
	if (rc == 0)
		e1000e_start(nic);
	return rc;
}

int e1000e_poll(struct e1000e *nic, unsigned int budget)
{
	int rc, delivered;

	rc = e1000e_alive(nic);
	if (rc == 0)
		rc = e1000e_irq_take(nic);
	if (rc == 0 && nic->link_stale)
		rc = e1000e_check_link(nic);
	if (rc < 0)
		return rc;

	e1000e_tx_reclaim(nic);
	delivered = e1000e_rx_poll(nic, budget);
	rb_dma_ring_ring(nic->tx); /* what the events have sent */
	if (e1000e_tx_hangs(nic))
		rc = recover(nic);
	if (rc == -ENODEV)
		nic->gone = true;
	return rc < 0 ? rc : delivered;
}
