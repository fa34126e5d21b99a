/* SPDX-License-Identifier: MIT */
/* dma_alloc.c - open a buffer, of one block or of many, and close it safely. */
#include "config.h"

#include "core/detail.h"
#include "core/dma_note.h"
#include "core/options.h"
#include "dma/dma_buf.h"
#include "pci/pci_dev.h"

/* One call of rb_dma_alloc() or rb_dma_alloc_sg(), checked. */
struct request {
	const char *call;
	uint64_t size;
	bool is_sg;
	bool is_uncut; /* whoever asks cuts it himself */
	struct rb_dma_options options;
	struct rb_dma_limits limits; /* the device's and the options' */
	uint32_t build;
	const char *place;
};

/* --- may it be? ---------------------------------------------------------------------- */

static int take_options(const struct rb_dma_options *options, struct request *r)
{
	struct rb_dma_options *o = &r->options;
	int rc;

	rc = rbi_options_copy(o, sizeof(*o), options, "struct rb_dma_options");
	if (rc == 0)
		rc = rbi_dma_tighten(&r->limits, r->call, o->addr_bits, o->align, o->boundary);
	if (rc == 0 && !r->is_sg && o->boundary != 0 && o->boundary < r->size)
		rc = rbi_fail(-EINVAL, "%s: boundary %#llx is below the size, %llu", r->call,
			      (unsigned long long)o->boundary, (unsigned long long)r->size);
	if (rc == 0 && r->limits.align < RBI_PAGE)
		r->limits.align = RBI_PAGE;
	return rc;
}

/* Could any block suit? What is checked here need not be searched for. */
static int check_limits(const struct request *r)
{
	uint64_t most = r->is_sg ? RB_DMA_SG_MAX : RB_DMA_MAX;
	const struct rb_dma_limits *l = &r->limits;

	if (r->size > most || l->align > RB_DMA_MAX)
		return rbi_fail(-ENOMEM, "%s: %llu bytes aligned to %llu: the limits are %llu and %llu",
				r->call, (unsigned long long)r->size, (unsigned long long)l->align,
				(unsigned long long)most, (unsigned long long)RB_DMA_MAX);
	if (l->addr_bits < 64 && r->size > (uint64_t)1 << l->addr_bits)
		return rbi_fail(-ENOMEM, "%s: %llu bytes do not fit below 2^%u", r->call,
				(unsigned long long)r->size, (unsigned int)l->addr_bits);
	if (!r->is_sg && l->boundary != 0 && l->boundary < r->size)
		return rbi_fail(-ENOMEM,
				"%s: %llu bytes in one piece cross the device's boundary of %#llx",
				r->call, (unsigned long long)r->size,
				(unsigned long long)l->boundary);
	return rbi_dma_check_segments(l, r->call, r->size);
}

static int check_request(struct rbi_dma_dev *d, const struct rb_dma_options *options,
			 struct request *r)
{
	int rc;

	if (r->size == 0)
		return rbi_fail(-EINVAL, "%s: a buffer of no bytes", r->call);
	rc = rbi_pci_refuse_gone(d->dev);
	if (rc < 0)
		return rc;
	rbi_dma_limits(d, &r->limits);
	if (r->is_uncut) {
		r->limits.boundary = 0;
		r->limits.segment_max = UINT64_MAX;
	}
	rc = take_options(options, r);
	return rc < 0 ? rc : check_limits(r);
}

/* --- made ------------------------------------------------------------------------------ */

static int find_block(struct rbi_dma_buf *b, const struct request *r)
{
	struct rbi_dma_search search;
	int rc;

	rbi_dma_search_begin(&search, b->d, &r->limits);
	search.bound = r->limits.boundary;
	rc = rbi_dma_search_block(&search, r->size > r->limits.align ? r->size : r->limits.align,
				  r->size, &b->one_block);
	rbi_dma_search_end(&search);
	if (rc < 0)
		return rc;
	b->blocks = &b->one_block;
	b->nblocks = 1;
	b->memory->cpu = b->one_block.cpu;
	b->memory->len = b->one_block.len;
	return 0;
}

static int check_direct(const struct rbi_dma_buf *b, const struct request *r)
{
	if (!(r->build & RB_DMA_DIRECT) || b->head.shadow == 0)
		return 0;
	return rbi_fail(-ENOTSUP, "%s: with RBDRV_RAW_MMIO, and devices of %s see a copy", r->call,
			b->ctx->sys->name);
}

/* Fill @b, whose device is set, with memory that the device may be told of. */
static int fill_buffer(struct rbi_dma_buf *b, const struct request *r)
{
	int rc;

	rc = r->is_sg ? rbi_dma_gather(b, r->size, &r->limits) : find_block(b, r);
	if (rc < 0)
		return rc;
	b->head.cpu = b->blocks[0].cpu;
	b->head.size = r->size;
	b->head.shadow = b->blocks[0].shadow;
	rc = check_direct(b, r);
	if (rc == 0)
		rc = rbi_dma_divide(b, &r->limits, r->is_sg ? r->limits.segments : RB_DMA_SEGMENTS_MAX);
	if (rc == 0)
		rc = rbi_pci_dma_begin(b->dev);
	if (rc < 0)
		rbi_os_dma_release(b->ctx->os, b->memory->cpu, b->memory->len);
	return rc;
}

static void free_buffer(struct rbi_dma_buf *b)
{
	if (b->segments != &b->one_segment)
		rbi_free(b->segments);
	if (b->blocks != &b->one_block)
		rbi_free(b->blocks);
	rbi_free(b->memory);
	rbi_free(b);
}

static int new_buffer(struct rbi_dma_dev *d, const struct request *r, struct rbi_dma_buf **out)
{
	struct rbi_dma_buf *b = rbi_alloc(1, sizeof(*b));
	int rc;

	*out = b;
	if (!b)
		return rbi_no_memory("a DMA buffer");
	b->d = d;
	b->dev = d->dev;
	b->ctx = d->ctx;
	b->place = r->place;
	rbi_dma_take_label(b->label, r->options.label);
	b->memory = rbi_alloc(1, sizeof(*b->memory));
	rc = b->memory ? fill_buffer(b, r) : rbi_no_memory("a DMA buffer");
	if (rc < 0) {
		free_buffer(b);
		*out = NULL;
	}
	return rc;
}

/* --- known ------------------------------------------------------------------------------- */

/* Tell the world below whose memory this is: it has no other way to know. */
static void note_blocks(const struct rbi_dma_buf *b)
{
	struct rbi_dma_note note = {
		.access = RBI_DMA_DEVICE_READS | RBI_DMA_DEVICE_WRITES,
		.label = b->label[0] != '\0' ? b->label : NULL,
		.owner = rbi_pci_name(b->dev),
		.place = b->place,
		.whole = b->nblocks > 1 ? rbi_os_new_whole(b->ctx->os) : 0,
	};
	uint32_t i;

	for (i = 0; i < b->nblocks; i++) {
		note.shadow = b->blocks[i].shadow;
		note.whole_off = b->blocks[i].off;
		/* what the last block has beyond the buffer is nobody's */
		note.len = b->head.size - b->blocks[i].off;
		if (note.len > b->blocks[i].len)
			note.len = b->blocks[i].len;
		if (note.shadow != 0)
			b->ctx->sys->ops->dma_note(b->ctx->sys, &note);
	}
}

static void count_buffer(const struct rbi_dma_buf *b, int64_t by)
{
	rbi_dma_count_peak(b->d, RBI_DMA_BUFFERS, RBI_DMA_BUFFERS_PEAK, by);
	rbi_dma_count_peak(b->d, RBI_DMA_BYTES, RBI_DMA_BYTES_PEAK, by * (int64_t)b->memory->len);
}

static void enlist(struct rbi_dma_buf *b)
{
	rbi_dma_enlist(b->d, &b->live, "DMA buffer", b->label);
	note_blocks(b);
	rbi_dma_count(b->d, RBI_DMA_BUFFERS_MADE, 1);
	count_buffer(b, 1);
}

static int alloc(struct rb_pci_dev *dev, const struct rb_dma_options *options, struct request *r,
		 struct rb_dma_buf **out)
{
	struct rbi_dma_buf *b = NULL;
	struct rbi_dma_dev *d;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "%s: nowhere to put the buffer", r->call);
	*out = NULL;
	rc = rbi_dma_dev(dev, r->call, &d);
	if (rc < 0)
		return rc;

	rbi_dma_enter(d);
	rc = check_request(d, options, r);
	if (rc == 0)
		rc = new_buffer(d, r, &b);
	if (rc < 0) {
		rbi_dma_leave(d);
		return rc;
	}
	enlist(b);
	*out = &b->head;
	return 0;
}

int rb_dma_alloc_at(struct rb_pci_dev *dev, uint64_t size, const struct rb_dma_options *options,
		    struct rb_dma_buf **out, uint32_t build, const char *place)
{
	struct request r = { "rb_dma_alloc", size, .build = build, .place = place };

	return alloc(dev, options, &r, out);
}

int rbi_dma_alloc_uncut(struct rb_pci_dev *dev, uint64_t size, const struct rb_dma_options *options,
			struct rb_dma_buf **out, uint32_t build, const char *place)
{
	struct request r = { "rb_dma_pool", size, .build = build, .place = place };

	r.is_uncut = true;
	return alloc(dev, options, &r, out);
}

int rb_dma_alloc_sg_at(struct rb_pci_dev *dev, uint64_t size, const struct rb_dma_options *options,
		       struct rb_dma_buf **out, uint32_t build, const char *place)
{
	struct request r = { "rb_dma_alloc_sg", size, true, .build = build, .place = place };

	return alloc(dev, options, &r, out);
}

int(rb_dma_alloc)(struct rb_pci_dev *dev, uint64_t size, const struct rb_dma_options *options,
		  struct rb_dma_buf **out)
{
	return rb_dma_alloc_at(dev, size, options, out, 0, NULL);
}

int(rb_dma_alloc_sg)(struct rb_pci_dev *dev, uint64_t size, const struct rb_dma_options *options,
		     struct rb_dma_buf **out)
{
	return rb_dma_alloc_sg_at(dev, size, options, out, 0, NULL);
}

/* --- closed ------------------------------------------------------------------------------ */

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
		count_buffer(b, -1);
		rc = rbi_pci_dma_end(b->dev);
		rbi_dma_give_back(b->d, b->memory, rc, b->live.name);
		b->memory = NULL;
		rbi_detail_restore(&detail);
	}
	rbi_live_del(b->ctx, &b->live);
	rbi_dma_leave(b->d);
	dev = b->dev;
	free_buffer(b);
	rb_pci_unref(dev);
}
