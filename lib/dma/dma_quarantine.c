/* SPDX-License-Identifier: MIT */
/*
 * dma_quarantine.c - memory whose device could not be shown to be quiet.
 *
 * The device may still write to it: better lost than somebody else's. It goes back when
 * lib/pci says that the device is quiet, and else when the process ends.
 */
#include "config.h"

#include "dma/dma_dev.h"
#include "pci/pci_dev.h"

static void keep(struct rbi_dma_dev *d, struct rbi_dma_kept *memory, const char *name)
{
	uint64_t len = memory->len;
	uint64_t total;

	total = atomic_fetch_add(&d->ctx->os->quarantined, len) + len;
	rbi_dma_count(d, RBI_DMA_QUARANTINED, (int64_t)len);
	rbi_log(d->ctx, RB_LOG_ERROR,
		"DMA buffer %s: bus mastering could not be switched off (%s); %llu bytes are kept "
		"until it is, %llu in all",
		name, rb_last_error(), (unsigned long long)len, (unsigned long long)total);
	pthread_mutex_lock(&d->lock);
	memory->next = d->kept;
	d->kept = memory;
	pthread_mutex_unlock(&d->lock);
	rbi_pci_dma_keep(d->dev);
}

void rbi_dma_give_back(struct rbi_dma_dev *d, struct rbi_dma_kept *memory, int ended,
		       const char *name)
{
	if (ended < 0) {
		keep(d, memory, name);
		return;
	}
	rbi_os_dma_release(d->ctx->os, memory->cpu, memory->len);
	rbi_free(memory);
}

void rbi_dma_release_kept(struct rbi_dma_dev *d)
{
	struct rbi_dma_kept *kept, *next;

	if (!rbi_ctx_is_ours(d->ctx))
		return;
	pthread_mutex_lock(&d->lock);
	kept = d->kept;
	d->kept = NULL;
	pthread_mutex_unlock(&d->lock);

	for (; kept; kept = next) {
		next = kept->next;
		atomic_fetch_sub(&d->ctx->os->quarantined, kept->len);
		rbi_dma_count(d, RBI_DMA_QUARANTINED, -(int64_t)kept->len);
		rbi_dma_count(d, RBI_DMA_QUARANTINE_FREED, (int64_t)kept->len);
		rbi_log(d->ctx, RB_LOG_INFO, "%s is quiet: %llu bytes of DMA memory go back",
			rbi_pci_name(d->dev), (unsigned long long)kept->len);
		rbi_os_dma_release(d->ctx->os, kept->cpu, kept->len);
		rbi_free(kept);
	}
}
