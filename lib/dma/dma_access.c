/* SPDX-License-Identifier: MIT */
/* dma_access.c - addresses, ordering where it is more than a fence, and waiting. */
#include "config.h"

#include <rbdrv/mmio.h>

#include "os/pace.h"
#include "dma/dma_buf.h"
#include "pci/pci_dev.h"

void *rb_dma_cpu(const struct rb_dma_buf *buf)
{
	return buf ? buf->cpu : NULL;
}

uint64_t rb_dma_size(const struct rb_dma_buf *buf)
{
	return buf ? buf->size : 0;
}

/* The last segment that begins at @off or before. */
static const struct rb_dma_segment *segment_of(const struct rbi_dma_buf *b, uint64_t off)
{
	uint32_t low = 0, high = b->nsegments;

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (b->segments[mid].off <= off)
			low = mid;
		else
			high = mid;
	}
	return &b->segments[low];
}

struct rb_bus_addr rb_dma_addr(const struct rb_dma_buf *buf, uint64_t off)
{
	struct rb_bus_addr addr = { UINT64_MAX };
	const struct rb_dma_segment *s;

	if (buf && off <= buf->size) {
		s = segment_of(rbi_dma_of(buf), off);
		addr.value = s->bus.value + (off - s->off);
	}
	return addr;
}

/* --- ordering where it is more than a fence ------------------------------------------------ */

typedef void (*move_fn)(struct rbi_sys *sys, uint32_t shadow, uint64_t off, uint64_t len);

/* The last block that begins at @off or before. */
static uint32_t block_of(const struct rbi_dma_buf *b, uint64_t off)
{
	uint32_t low = 0, high = b->nblocks;

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (b->blocks[mid].off <= off)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/*
 * Each block of the range is told its part. The last one is told of the rest as the
 * driver gave it, also of one past the end: a strict machine records it, every other
 * ignores it.
 */
static void move(const struct rb_dma_buf *buf, uint64_t off, uint64_t len, move_fn fn)
{
	const struct rbi_dma_buf *b = rbi_dma_of(buf);
	const struct rbi_dma_block *block;
	uint64_t at, part;
	uint32_t i;

	if (!rbi_ctx_is_ours(b->ctx))
		return;
	for (i = block_of(b, off);; i++) {
		block = &b->blocks[i];
		at = off - block->off;
		part = len;
		if (i + 1 < b->nblocks && part > block->len - at)
			part = block->len - at;
		fn(b->ctx->sys, block->shadow, at, part);
		if (part == len)
			return;
		off += part;
		len -= part;
	}
}

void rb_dma_publish_routed(const struct rb_dma_buf *buf, uint64_t off, uint64_t len)
{
	RB_DMA_FENCE_PUBLISH();
	if (buf && buf->shadow != 0)
		move(buf, off, len, rbi_dma_of(buf)->ctx->sys->ops->dma_publish);
}

void rb_dma_observe_routed(const struct rb_dma_buf *buf, uint64_t off, uint64_t len)
{
	if (buf && buf->shadow != 0)
		move(buf, off, len, rbi_dma_of(buf)->ctx->sys->ops->dma_observe);
	RB_DMA_FENCE_OBSERVE();
}

/* --- waiting ------------------------------------------------------------------------------- */

static int check_poll(const struct rb_dma_buf *buf, uint64_t off, uint32_t mask, uint32_t want,
		      uint64_t timeout_us)
{
	int rc;

	if (!buf)
		return rbi_fail(-EINVAL, "rb_dma_poll32: NULL");
	rc = rbi_ctx_check(rbi_dma_of(buf)->ctx, "rb_dma_poll32");
	if (rc < 0)
		return rc;
	if (off % 4 != 0)
		return rbi_fail(-EINVAL, "rb_dma_poll32: offset %#llx is not a multiple of 4",
				(unsigned long long)off);
	if ((want & ~mask) != 0)
		return rbi_fail(-EINVAL, "rb_dma_poll32: %#x can never be, mask %#x", want, mask);
	if (timeout_us > RBI_PACE_TIMEOUT_MAX)
		return rbi_fail(-EINVAL, "rb_dma_poll32: a time-out of %llu us is too long",
				(unsigned long long)timeout_us);
	if (buf->size < 4 || off > buf->size - 4)
		return rbi_fail(-ERANGE, "rb_dma_poll32: %#llx is past the buffer's %#llx bytes",
				(unsigned long long)off, (unsigned long long)buf->size);
	return rbi_pci_refuse_gone(rbi_dma_of(buf)->dev);
}

static uint32_t observe32(const struct rb_dma_buf *buf, uint64_t off)
{
	const volatile uint8_t *at = (const volatile uint8_t *)buf->cpu + off;

	rb_dma_observe(buf, off, sizeof(uint32_t));
	return RB_LE32(*(const volatile uint32_t *)at);
}

/* Memory says nothing of a removed device, so the silent one is asked at the end. */
static int timed_out(const struct rbi_dma_buf *b, uint64_t off, uint32_t val, uint32_t mask,
		     uint32_t want, uint64_t timeout_us)
{
	if (rbi_pci_check_alive(b->dev) == -ENODEV)
		return rbi_pci_refuse_gone(b->dev);
	return rbi_fail(-ETIMEDOUT,
			"DMA buffer %s, word %#llx: %#x after %llu us, wanted %#x in mask %#x",
			b->live.name, (unsigned long long)off, val, (unsigned long long)timeout_us,
			want, mask);
}

int rb_dma_poll32(const struct rb_dma_buf *buf, uint64_t off, uint32_t mask, uint32_t want,
		  uint64_t timeout_us, uint32_t *last)
{
	struct rbi_dma_buf *b = rbi_dma_of(buf);
	struct rbi_pace pace;
	uint32_t val;
	bool over;
	int rc;

	rc = check_poll(buf, off, mask, want, timeout_us);
	if (rc < 0)
		return rc;

	rbi_pace_start(&pace, b->ctx->sys, timeout_us);
	for (;;) {
		over = rbi_pace_is_over(&pace);
		val = observe32(buf, off);
		if (last)
			*last = val;
		if ((val & mask) == want)
			return 0;
		if (over)
			return timed_out(b, off, val, mask, want, timeout_us);
		rc = rbi_pci_refuse_gone(b->dev);
		if (rc < 0)
			return rc;
		rbi_pace_rest(&pace);
	}
}
