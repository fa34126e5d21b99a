/* SPDX-License-Identifier: MIT */
/*
 * dma_alloc.c - find a block that suits the device, and give it back safely.
 *
 * Redox hands out contiguous blocks but takes no wishes (contract 1.1: there is
 * no "below 4G"). Blocks are aligned to their size, so an alignment is had by
 * asking for that much, and a boundary of at least the buffer's size is never
 * crossed. For an address mask there is only trying: unsuitable blocks are kept
 * until the search is over, or the same one would come again.
 */
#include "config.h"

#include <rbdrv/pci_match.h>

#include "core/bits.h"
#include "core/detail.h"
#include "core/options.h"
#include "dma/dma_buf.h"
#include "pci/pci_dev.h"

/* Blocks tried before giving up on a mask: at most 64 MiB held for a moment. */
#define CANDIDATES 16

#define LABEL_MAX 31 /* bytes; dma.h says so */

/* --- the device's demands ------------------------------------------------------------ */

/* Take over the caller's options and put numbers where 0 means a default. */
static int take_options(const struct rb_dma_options *options, uint64_t size,
			struct rb_dma_options *o)
{
	int rc;

	rc = rbi_options_copy(o, sizeof(*o), options, "struct rb_dma_options");
	if (rc < 0)
		return rc;

	if (o->addr_bits == 0)
		o->addr_bits = 64;
	if (o->align == 0)
		o->align = RBI_PAGE;
	if (o->addr_bits < 12 || o->addr_bits > 64)
		return rbi_fail(-EINVAL, "rb_dma_alloc: addr_bits %u is outside 12-64",
				(unsigned int)o->addr_bits);
	if (!rbi_is_power_of_two(o->align))
		return rbi_fail(-EINVAL, "rb_dma_alloc: align %#llx is no power of two",
				(unsigned long long)o->align);
	if (o->boundary != 0 && (!rbi_is_power_of_two(o->boundary) || o->boundary < size))
		return rbi_fail(-EINVAL,
				"rb_dma_alloc: boundary %#llx is no power of two of at least %llu",
				(unsigned long long)o->boundary, (unsigned long long)size);
	return 0;
}

/* What the device cannot reach, whatever its driver believes. */
static void apply_quirks(const struct rb_pci_dev *dev, struct rb_dma_options *o)
{
	if ((rbi_pci_quirks(dev) & RB_PCI_QUIRK_DMA_32BIT_ONLY) && o->addr_bits > 32)
		o->addr_bits = 32;
}

/* Could any block suit? What is checked here need not be searched for. */
static int check_limits(uint64_t size, const struct rb_dma_options *o)
{
	if (size > RB_DMA_MAX || o->align > RB_DMA_MAX)
		return rbi_fail(-ENOMEM,
				"rb_dma_alloc: %llu bytes aligned to %llu: the limit is %llu",
				(unsigned long long)size, (unsigned long long)o->align,
				(unsigned long long)RB_DMA_MAX);
	if (o->addr_bits < 64 && size > (uint64_t)1 << o->addr_bits)
		return rbi_fail(-ENOMEM, "rb_dma_alloc: %llu bytes do not fit below 2^%u",
				(unsigned long long)size, (unsigned int)o->addr_bits);
	return 0;
}

static bool below_mask(uint64_t first, uint64_t size, uint32_t addr_bits)
{
	return addr_bits >= 64 || (first + (size - 1)) >> addr_bits == 0;
}

static bool suits(const struct rbi_dma_block *block, uint64_t size, const struct rb_dma_options *o)
{
	uint64_t first = block->phys;
	uint64_t last = first + (size - 1);

	if (!below_mask(first, size, o->addr_bits) || first % o->align != 0)
		return false;
	return o->boundary == 0 || first / o->boundary == last / o->boundary;
}

/* --- the search ------------------------------------------------------------------------- */

static int nothing_suits(const struct rbi_dma_block *losers, unsigned int n, uint64_t size,
			 const struct rb_dma_options *o)
{
	uint64_t lowest = losers[0].phys;
	unsigned int i;

	for (i = 1; i < n; i++)
		if (losers[i].phys < lowest)
			lowest = losers[i].phys;
	return rbi_fail(
		-ENOMEM,
		"no DMA block of %llu bytes below 2^%u, aligned to %#llx: of %u the lowest is at %#llx",
		(unsigned long long)size, (unsigned int)o->addr_bits, (unsigned long long)o->align,
		n, (unsigned long long)lowest);
}

static int find_block(struct rbi_os *os, uint64_t size, const struct rb_dma_options *o,
		      struct rbi_dma_block *block)
{
	struct rbi_dma_block losers[CANDIDATES];
	unsigned int n;
	int rc = 0;

	for (n = 0; n < CANDIDATES; n++) {
		rc = rbi_os_dma_alloc(os, size > o->align ? size : o->align, &losers[n]);
		if (rc < 0)
			break;
		if (suits(&losers[n], size, o)) {
			*block = losers[n];
			break;
		}
	}
	/* the memory that ran out was ours, if there were candidates before */
	if (n == CANDIDATES || (rc == -ENOMEM && n > 0))
		rc = nothing_suits(losers, n, size, o);

	while (n > 0)
		rbi_os_dma_free(os, &losers[--n]);
	return rc;
}

/* --- open and close ------------------------------------------------------------------------ */

static void enlist(struct rbi_dma_buf *b, const struct rb_dma_options *o)
{
	rbi_live_add(b->ctx, &b->live, "DMA buffer", "%.*s of %s", LABEL_MAX,
		     o->label ? o->label : "(no label)", rbi_pci_name(b->dev));
}

/* Fill @b, whose device is set, with memory that the device may be told of. */
static int fill_buffer(struct rbi_dma_buf *b, uint64_t size, const struct rb_dma_options *o)
{
	int rc;

	rc = find_block(b->ctx->os, size, o, &b->block);
	if (rc < 0)
		return rc;
	rc = rbi_pci_dma_begin(b->dev);
	if (rc < 0) {
		rbi_os_dma_free(b->ctx->os, &b->block);
		return rc;
	}
	b->head.cpu = b->block.cpu;
	b->head.size = size;
	b->head.shadow = b->block.shadow;
	return 0;
}

static int check_call(struct rb_pci_dev *dev, uint64_t size)
{
	int rc;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_dma_alloc: NULL");
	rc = rbi_ctx_check(rbi_pci_ctx(dev), "rb_dma_alloc");
	if (rc < 0)
		return rc;
	if (size == 0)
		return rbi_fail(-EINVAL, "rb_dma_alloc: a buffer of no bytes");
	return rbi_pci_refuse_gone(dev);
}

int rb_dma_alloc(struct rb_pci_dev *dev, uint64_t size, const struct rb_dma_options *options,
		 struct rb_dma_buf **out)
{
	struct rb_dma_options o;
	struct rbi_dma_buf *b;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_dma_alloc: nowhere to put the buffer");
	*out = NULL;
	rc = check_call(dev, size);
	if (rc == 0)
		rc = take_options(options, size, &o);
	if (rc < 0)
		return rc;
	apply_quirks(dev, &o);
	rc = check_limits(size, &o);
	if (rc < 0)
		return rc;

	b = rbi_alloc(1, sizeof(*b));
	if (!b)
		return rbi_no_memory("a DMA buffer");
	b->dev = dev;
	b->ctx = rbi_pci_ctx(dev);
	rc = fill_buffer(b, size, &o);
	if (rc < 0) {
		rbi_free(b);
		return rc;
	}

	rb_pci_ref(dev);
	enlist(b, &o);
	*out = &b->head;
	return 0;
}

int rb_dma_alloc_direct(struct rb_pci_dev *dev, uint64_t size, const struct rb_dma_options *options,
			struct rb_dma_buf **out)
{
	int rc;

	rc = rb_dma_alloc(dev, size, options, out);
	if (rc < 0 || (*out)->shadow == 0)
		return rc;

	rb_dma_close(*out);
	*out = NULL;
	return rbi_fail(-ENOTSUP, "rb_dma_alloc: with RBDRV_RAW_MMIO, and devices of %s see a copy",
			rbi_pci_ctx(dev)->sys->name);
}

/* The device may still write to this memory: better lost than somebody else's. */
static void quarantine(struct rbi_dma_buf *b)
{
	uint64_t total;

	total = atomic_fetch_add(&b->ctx->os->quarantined, b->block.len) + b->block.len;
	rbi_log(b->ctx, RB_LOG_ERROR,
		"DMA buffer %s: bus mastering could not be switched off (%s); %llu bytes are kept "
		"until the process ends, %llu in all",
		b->live.name, rb_last_error(), (unsigned long long)b->block.len,
		(unsigned long long)total);
}

void rb_dma_close(struct rb_dma_buf *buf)
{
	struct rbi_dma_buf *b = rbi_dma_of(buf);
	struct rbi_detail detail;
	struct rb_pci_dev *dev;
	int rc;

	if (!buf)
		return;

	/* a child of fork() has no such memory (contract 1.5), and no say in it */
	if (rbi_ctx_is_ours(b->ctx)) {
		rbi_detail_keep(&detail);
		rc = rbi_pci_dma_end(b->dev);
		if (rc < 0)
			quarantine(b);
		else
			rbi_os_dma_free(b->ctx->os, &b->block);
		rbi_detail_restore(&detail);
	}
	rbi_live_del(b->ctx, &b->live);
	dev = b->dev;
	rbi_free(b);
	rb_pci_unref(dev);
}
