/* SPDX-License-Identifier: MIT */
/* dma_dev.c - what lib/dma knows of a device: made, counted, told. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dma/dma_dev.h"
#include "pci/pci_dev.h"

/* --- made and freed -------------------------------------------------------------------- */

/* Bounce blocks that nobody uses go with the device's last object, if it is quiet: a chain
 * for rbi_bounce_free(). With the lock, so that no object begins meanwhile. */
static struct rbi_bounce *idle_blocks(struct rbi_dma_dev *d)
{
	return d->objects == 0 && !d->noisy && !d->kept ? rbi_bounce_take_all(&d->bounce) : NULL;
}

static void on_quiet(void *state)
{
	struct rbi_dma_dev *d = state;
	struct rbi_bounce *blocks;

	rbi_dma_release_kept(d);
	if (!rbi_ctx_is_ours(d->ctx))
		return;
	pthread_mutex_lock(&d->lock);
	d->noisy = false;
	blocks = idle_blocks(d);
	pthread_mutex_unlock(&d->lock);
	rbi_bounce_free(d->ctx->os, blocks);
}

/* What is still kept stays mapped: its device was never shown to be quiet. */
static void on_free(void *state)
{
	struct rbi_dma_dev *d = state;
	struct rbi_dma_kept *kept;

	while ((kept = d->kept) != NULL) {
		d->kept = kept->next;
		rbi_free(kept);
	}
	rbi_bounce_end(&d->bounce);
	pthread_mutex_destroy(&d->lock);
	rbi_free(d);
}

static const struct rbi_pci_dma_ops ops = { .quiet = on_quiet, .free = on_free };

static struct rbi_dma_dev *new_state(struct rb_pci_dev *dev)
{
	struct rbi_dma_dev *d = rbi_alloc(1, sizeof(*d));

	if (!d)
		return NULL;
	if (rbi_bounce_init(&d->bounce) < 0) {
		rbi_free(d);
		return NULL;
	}
	if (pthread_mutex_init(&d->lock, NULL) != 0) {
		rbi_bounce_end(&d->bounce);
		rbi_free(d);
		return NULL;
	}
	d->dev = dev;
	d->ctx = rbi_pci_ctx(dev);
	d->limits.size = sizeof(d->limits);
	return d;
}

int rbi_dma_dev(struct rb_pci_dev *dev, const char *call, struct rbi_dma_dev **out)
{
	struct rbi_dma_dev *made;
	int rc;

	*out = NULL;
	if (!dev)
		return rbi_fail(-EINVAL, "%s: NULL", call);
	rc = rbi_ctx_check(rbi_pci_ctx(dev), call);
	if (rc < 0)
		return rc;
	*out = rbi_pci_dma_state(dev);
	if (*out)
		return 0;

	made = new_state(dev);
	if (!made)
		return rbi_no_memory("a device's DMA state");
	*out = rbi_pci_dma_hang(dev, made, &ops);
	if (*out != made)
		on_free(made);
	return 0;
}

/* A child of fork() may have inherited the lock held, and has no use for the count. */
void rbi_dma_enter(struct rbi_dma_dev *d)
{
	if (!rbi_ctx_is_ours(d->ctx))
		return;
	pthread_mutex_lock(&d->lock);
	d->objects++;
	pthread_mutex_unlock(&d->lock);
}

void rbi_dma_leave(struct rbi_dma_dev *d)
{
	struct rbi_bounce *blocks;

	if (!rbi_ctx_is_ours(d->ctx))
		return;
	pthread_mutex_lock(&d->lock);
	d->objects--;
	blocks = idle_blocks(d);
	pthread_mutex_unlock(&d->lock);
	rbi_bounce_free(d->ctx->os, blocks);
}

void rbi_dma_take_label(char to[RBI_DMA_LABEL], const char *label)
{
	snprintf(to, RBI_DMA_LABEL, "%s", label ? label : "");
	rbi_keep_to_one_line(to);
}

void rbi_dma_enlist(struct rbi_dma_dev *d, struct rbi_live *live, const char *kind,
		    const char *label)
{
	rb_pci_ref(d->dev);
	rbi_live_add(d->ctx, live, kind, "%s of %s", label[0] != '\0' ? label : "(no label)",
		     rbi_pci_name(d->dev));
}

void rbi_dma_is_noisy(struct rbi_dma_dev *d, const char *name)
{
	pthread_mutex_lock(&d->lock);
	d->noisy = true;
	pthread_mutex_unlock(&d->lock);
	rbi_log(d->ctx, RB_LOG_ERROR,
		"DMA map %s: bus mastering could not be switched off (%s); %s may still write to "
		"its memory",
		name, rb_last_error(), rbi_pci_name(d->dev));
	rbi_pci_dma_keep(d->dev);
}

/* --- figures --------------------------------------------------------------------------- */

void rbi_dma_count_peak(struct rbi_dma_dev *d, enum rbi_dma_figure figure,
			enum rbi_dma_figure peak, int64_t by)
{
	uint64_t now, most;

	now = atomic_fetch_add(&d->figure[figure], (uint64_t)by) + (uint64_t)by;
	if (by < 0)
		return;
	most = atomic_load(&d->figure[peak]);
	while (now > most && !atomic_compare_exchange_weak(&d->figure[peak], &most, now))
		;
}

void rbi_dma_misuse(struct rbi_dma_dev *d, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	rbi_dma_count(d, RBI_DMA_MISUSES, 1);
	rbi_os_misuse(d->ctx->os, "%s", text);
}

static uint64_t figure(const struct rbi_dma_dev *d, enum rbi_dma_figure which)
{
	return atomic_load_explicit(&d->figure[which], memory_order_relaxed);
}

static void collect(const struct rbi_dma_dev *d, struct rb_dma_stats *s)
{
	uint64_t *const to[RBI_DMA_FIGURES] = {
		[RBI_DMA_BYTES] = &s->bytes,
		[RBI_DMA_BUFFERS_PEAK] = &s->buffers_peak,
		[RBI_DMA_BYTES_PEAK] = &s->bytes_peak,
		[RBI_DMA_BUFFERS_MADE] = &s->buffers_made,
		[RBI_DMA_BLOCKS_REFUSED] = &s->blocks_refused,
		[RBI_DMA_QUARANTINED] = &s->quarantined,
		[RBI_DMA_QUARANTINE_FREED] = &s->quarantine_freed,
		[RBI_DMA_MAPS] = &s->maps,
		[RBI_DMA_MAPS_MADE] = &s->maps_made,
		[RBI_DMA_SEGMENTS] = &s->segments,
		[RBI_DMA_PAGES_MERGED] = &s->pages_merged,
		[RBI_DMA_BOUNCED_MAPS] = &s->bounced_maps,
		[RBI_DMA_BOUNCED_SEGMENTS] = &s->bounced_segments,
		[RBI_DMA_BOUNCED_BYTES] = &s->bounced_bytes,
		[RBI_DMA_MISUSES] = &s->misuses,
		[RBI_DMA_POOLS] = &s->pools,
		[RBI_DMA_POOL_ELEMS] = &s->pool_elems,
		[RBI_DMA_POOL_GROWS] = &s->pool_grows,
		[RBI_DMA_POOL_REFILLS] = &s->pool_refills,
		[RBI_DMA_POOL_SPILLS] = &s->pool_spills,
	};
	unsigned int i;

	s->buffers = (uint32_t)figure(d, RBI_DMA_BUFFERS);
	for (i = 0; i < RBI_DMA_FIGURES; i++)
		if (to[i])
			*to[i] = figure(d, (enum rbi_dma_figure)i);
}

int rb_dma_stats_read(struct rb_pci_dev *dev, struct rb_dma_stats *stats)
{
	struct rb_dma_stats full = RB_DMA_STATS_INIT;
	struct rbi_dma_dev *d;
	int rc;

	if (!stats || stats->size < sizeof(stats->size))
		return rbi_fail(-EINVAL, "rb_dma_stats_read: no struct, or one without a size");
	rc = rbi_dma_dev(dev, "rb_dma_stats_read", &d);
	if (rc < 0)
		return rc;
	collect(d, &full);
	full.size = stats->size;
	memcpy(stats, &full, stats->size < sizeof(full) ? stats->size : sizeof(full));
	return 0;
}
