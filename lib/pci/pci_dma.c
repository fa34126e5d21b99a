/* SPDX-License-Identifier: MIT */
/*
 * pci_dma.c - a place on the device for what lib/dma knows of it, and word for it when
 * the device has become quiet.
 */
#include "config.h"

#include "core/detail.h"
#include "pci/pci_private.h"

void *rbi_pci_dma_state(const struct rb_pci_dev *dev)
{
	return atomic_load_explicit(&dev->dma_state, memory_order_acquire);
}

void *rbi_pci_dma_hang(struct rb_pci_dev *dev, void *state, const struct rbi_pci_dma_ops *ops)
{
	void *first;

	rbi_pci_lock(dev);
	first = rbi_pci_dma_state(dev);
	if (!first) {
		dev->dma_ops = ops;
		atomic_store_explicit(&dev->dma_state, state, memory_order_release);
		first = state;
	}
	rbi_pci_unlock(dev);
	return first;
}

void rbi_pci_dma_quiet(struct rb_pci_dev *dev)
{
	if (atomic_exchange(&dev->dma_keeps, false))
		dev->dma_ops->quiet(rbi_pci_dma_state(dev));
}

void rbi_pci_dma_keep(struct rb_pci_dev *dev)
{
	atomic_store(&dev->dma_keeps, true);
	/* seen to be removed since rbi_pci_dma_end() failed: nobody says so again */
	if (rbi_pci_is_removed(dev))
		rbi_pci_dma_quiet(dev);
}

void rbi_pci_dma_look(struct rb_pci_dev *dev)
{
	struct rbi_detail detail;
	uint32_t command;
	int rc;

	if (!atomic_load(&dev->dma_keeps))
		return;
	rbi_detail_keep(&detail);
	rc = rbi_pci_read_dword(dev, RBI_PCI_COMMAND, &command);
	if (rc == 0 && !(command & RBI_PCI_COMMAND_MASTER))
		rbi_pci_dma_quiet(dev);
	rbi_detail_restore(&detail);
}

void rbi_pci_dma_free(struct rb_pci_dev *dev)
{
	void *state = rbi_pci_dma_state(dev);

	if (state)
		dev->dma_ops->free(state);
}
