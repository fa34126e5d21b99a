/* SPDX-License-Identifier: MIT */
/*
 * dma_ring.c - making and ending rings, and their work where it is more than a fence
 * and a store.
 *
 * The inline half takes one way out for everything unusual: head.direct is 0 where
 * the device sees a copy of the memory, or where the doorbell cannot be stored to. A ring
 * without a doorbell is not unusual: it rings a word of its own that nobody reads, which
 * is cheaper than asking each time.
 */
#include "config.h"

#include <string.h>

#include <rbdrv/dma_ring.h>

#include "core/bits.h"
#include "core/options.h"
#include "dma/dma_buf.h"
#include "pci/pci_dev.h"

#define FLAGS ((uint32_t)RB_DMA_RING_COMPLETIONS)

struct dma_ring {
	struct rb_dma_ring head; /* first: this is what callers hold */
	struct rb_dma_buf *buf; /* where the slots are */
	struct rb_dma_buf *own; /* the same, when it is ours to close */
	uint64_t off; /* of the first slot in buf */
	uint32_t desc_size;
	uint32_t given; /* slots that are the device's at the start */
	struct rb_mmio *regs; /* the caller's; NULL: no doorbell */
	uint64_t doorbell;
	uint32_t nobody; /* the doorbell of a ring without one */
	struct rb_pci_dev *dev; /* a reference */
	struct rb_ctx *ctx; /* the device's; lives as long as it does */
	struct rbi_live live;
};

static struct dma_ring *ring_of(const struct rb_dma_ring *r)
{
	return (struct dma_ring *)(uintptr_t)r;
}

static uint64_t bytes_of(const struct dma_ring *ring)
{
	return ((uint64_t)ring->head.mask + 1) * ring->desc_size;
}

/* --- what may be asked for ------------------------------------------------------------- */

static int check_shape(uint32_t count, uint32_t desc_size, const struct rb_dma_ring_options *o)
{
	if (!rbi_is_power_of_two(count))
		return rbi_fail(-EINVAL, "rb_dma_ring_open: %u slots are no power of two",
				(unsigned int)count);
	if (desc_size == 0)
		return rbi_fail(-EINVAL, "rb_dma_ring_open: descriptors of no bytes");
	if (o->reserve >= count)
		return rbi_fail(-EINVAL, "rb_dma_ring_open: %u of %u slots in reserve",
				(unsigned int)o->reserve, (unsigned int)count);
	if ((o->flags & ~FLAGS) != 0 || o->reserved != 0)
		return rbi_fail(-EINVAL, "rb_dma_ring_open: unknown flags %#x",
				(unsigned int)(o->flags & ~FLAGS));
	if ((o->flags & RB_DMA_RING_COMPLETIONS) != 0 && o->reserve != 0)
		return rbi_fail(-EINVAL, "rb_dma_ring_open: a completion queue with a reserve");
	if ((uint64_t)count * desc_size > RB_DMA_MAX)
		return rbi_fail(-ENOMEM,
				"rb_dma_ring_open: %u slots of %u bytes: the limit is %llu",
				(unsigned int)count, (unsigned int)desc_size,
				(unsigned long long)RB_DMA_MAX);
	return 0;
}

static int check_doorbell(const struct rb_dma_ring_options *o)
{
	if (!o->regs)
		return 0;
	if (o->doorbell % 4 != 0)
		return rbi_fail(-EINVAL, "rb_dma_ring_open: doorbell %#llx is not a multiple of 4",
				(unsigned long long)o->doorbell);
	if (rb_mmio_size(o->regs) < 4 || o->doorbell > rb_mmio_size(o->regs) - 4)
		return rbi_fail(-ERANGE,
				"rb_dma_ring_open: doorbell %#llx is past the window's %#llx bytes",
				(unsigned long long)o->doorbell,
				(unsigned long long)rb_mmio_size(o->regs));
	return 0;
}

/* A device reads a ring from one base address on. */
static bool is_contiguous(const struct rb_dma_buf *buf, uint64_t off, uint64_t len)
{
	uint64_t first = rb_dma_addr(buf, off).value;
	uint64_t i;

	for (i = RBI_PAGE; i < len; i += RBI_PAGE)
		if (rb_dma_addr(buf, off + i).value != first + i)
			return false;
	return rb_dma_addr(buf, off + len - 1).value == first + len - 1;
}

static int check_memory(struct rb_pci_dev *dev, const struct rb_dma_ring_options *o, uint64_t len)
{
	if (!o->buf)
		return o->off == 0
			       ? 0
			       : rbi_fail(-EINVAL, "rb_dma_ring_open: an offset into no buffer");
	if (rbi_dma_of(o->buf)->dev != dev)
		return rbi_fail(-EINVAL, "rb_dma_ring_open: %s is a buffer of another device",
				rbi_dma_of(o->buf)->live.name);
	if (len > o->buf->size || o->off > o->buf->size - len)
		return rbi_fail(-ERANGE,
				"rb_dma_ring_open: %llu bytes at %#llx pass the end of buffer %s",
				(unsigned long long)len, (unsigned long long)o->off,
				rbi_dma_of(o->buf)->live.name);
	if (!is_contiguous(o->buf, o->off, len))
		return rbi_fail(-EINVAL, "rb_dma_ring_open: buffer %s is not contiguous at %#llx",
				rbi_dma_of(o->buf)->live.name, (unsigned long long)o->off);
	return 0;
}

static int check_call(struct rb_pci_dev *dev, uint32_t count, uint32_t desc_size,
		      const struct rb_dma_ring_options *o)
{
	int rc;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_dma_ring_open: NULL");
	rc = rbi_ctx_check(rbi_pci_ctx(dev), "rb_dma_ring_open");
	if (rc == 0)
		rc = check_shape(count, desc_size, o);
	if (rc == 0)
		rc = check_doorbell(o);
	if (rc == 0)
		rc = check_memory(dev, o, (uint64_t)count * desc_size);
	return rc < 0 ? rc : rbi_pci_refuse_gone(dev);
}

/* --- open, start again, close ------------------------------------------------------------ */

static int find_memory(struct dma_ring *ring, const struct rb_dma_ring_options *o, uint32_t build,
		       const char *place)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	int rc;

	ring->buf = o->buf;
	ring->off = o->off;
	if (!o->buf) {
		options.label = o->label;
		rc = rb_dma_alloc_at(ring->dev, bytes_of(ring), &options, &ring->own, build, place);
		if (rc < 0)
			return rc;
		ring->buf = ring->own;
	}
	ring->head.desc = (uint8_t *)ring->buf->cpu + ring->off;
	return 0;
}

/* Decide between the inline half and ours. */
static int choose_way(struct dma_ring *ring, const struct rb_dma_ring_options *o, uint32_t build)
{
	ring->regs = o->regs;
	ring->doorbell = o->doorbell;
	ring->head.bell = &ring->nobody;
	ring->head.direct = ring->buf->shadow == 0;
	if (o->regs && o->doorbell < o->regs->direct)
		ring->head.bell = (volatile uint32_t *)(o->regs->base + o->doorbell);
	else if (o->regs)
		ring->head.direct = 0;
	if (!(build & RB_DMA_DIRECT) || ring->head.direct)
		return 0;
	return rbi_fail(-ENOTSUP, "rb_dma_ring_open: not direct, as %s of %s",
			ring->buf->shadow != 0 ? "devices see a copy" : "the doorbell is routed",
			ring->ctx->sys->name);
}

static int fill_ring(struct dma_ring *ring, const struct rb_dma_ring_options *o, uint32_t build,
		     const char *place)
{
	int rc;

	rc = find_memory(ring, o, build, place);
	if (rc < 0)
		return rc;
	rc = choose_way(ring, o, build);
	if (rc < 0) {
		rb_dma_close(ring->own);
		return rc;
	}
	rb_dma_ring_reset(&ring->head);
	return 0;
}

static struct dma_ring *new_ring(struct rb_pci_dev *dev, uint32_t count, uint32_t desc_size,
				 const struct rb_dma_ring_options *o)
{
	struct dma_ring *ring = rbi_alloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	ring->dev = dev;
	ring->ctx = rbi_pci_ctx(dev);
	ring->desc_size = desc_size;
	ring->head.mask = count - 1;
	ring->head.room = count - o->reserve;
	ring->given = o->flags & RB_DMA_RING_COMPLETIONS ? count : 0;
	return ring;
}

int rb_dma_ring_open_at(struct rb_pci_dev *dev, uint32_t count, uint32_t desc_size,
			const struct rb_dma_ring_options *options, struct rb_dma_ring **out,
			uint32_t build, const char *place)
{
	struct rb_dma_ring_options o;
	char label[RBI_DMA_LABEL];
	struct dma_ring *ring;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_dma_ring_open: nowhere to put the ring");
	*out = NULL;
	rc = rbi_options_copy(&o, sizeof(o), options, "struct rb_dma_ring_options");
	if (rc == 0)
		rc = check_call(dev, count, desc_size, &o);
	if (rc < 0)
		return rc;

	ring = new_ring(dev, count, desc_size, &o);
	if (!ring)
		return rbi_no_memory("a DMA ring");
	rc = fill_ring(ring, &o, build, place);
	if (rc < 0) {
		rbi_free(ring);
		return rc;
	}

	rbi_dma_take_label(label, o.label);
	rbi_dma_enlist(rbi_dma_of(ring->buf)->d, &ring->live, "DMA ring", label);
	*out = &ring->head;
	return 0;
}

int(rb_dma_ring_open)(struct rb_pci_dev *dev, uint32_t count, uint32_t desc_size,
		      const struct rb_dma_ring_options *options, struct rb_dma_ring **out)
{
	return rb_dma_ring_open_at(dev, count, desc_size, options, out, 0, NULL);
}

/*
 * What the device wrote is observed before it is wiped: else both would have changed the
 * same bytes.
 */
void rb_dma_ring_reset(struct rb_dma_ring *r)
{
	struct dma_ring *ring = ring_of(r);

	if (!r)
		return;
	r->cons = 0;
	r->prod = r->rung = ring->given;
	/* in a child of fork() the memory is not there (contract 1.5) */
	if (!rbi_ctx_is_ours(ring->ctx))
		return;
	rb_dma_observe(ring->buf, ring->off, bytes_of(ring));
	memset(r->desc, 0, (size_t)bytes_of(ring));
	rb_dma_publish(ring->buf, ring->off, bytes_of(ring));
}

void rb_dma_ring_close(struct rb_dma_ring *r)
{
	struct dma_ring *ring = ring_of(r);
	struct rb_pci_dev *dev;

	if (!r)
		return;
	dev = ring->dev;
	rb_dma_close(ring->own);
	rbi_live_del(ring->ctx, &ring->live);
	rbi_free(ring);
	rb_pci_unref(dev);
}

struct rb_bus_addr rb_dma_ring_addr(const struct rb_dma_ring *r, uint32_t slot)
{
	struct rb_bus_addr none = { UINT64_MAX };

	if (!r || slot > r->mask + 1)
		return none;
	return rb_dma_addr(ring_of(r)->buf,
			   ring_of(r)->off + (uint64_t)slot * ring_of(r)->desc_size);
}

/* --- mistakes --------------------------------------------------------------------------- */

static void misused(const struct dma_ring *ring, const char *call, uint32_t n, uint32_t limit)
{
	if (rbi_ctx_is_ours(ring->ctx))
		rbi_dma_misuse(rbi_dma_of(ring->buf)->d,
			       "%s of %u slots of DMA ring %s, at most %u were allowed", call,
			       (unsigned int)n, ring->live.name, (unsigned int)limit);
}

void rb_dma_ring_post_refused(const struct rb_dma_ring *r, uint32_t n)
{
	misused(ring_of(r), "rb_dma_ring_post", n, rb_dma_ring_space(r));
}

/* --- the way of routed worlds ------------------------------------------------------------ */

/* Publish @n slots from @first on, an index that runs freely: two ranges when they wrap. */
static void publish_slots(const struct dma_ring *ring, uint32_t first, uint32_t n)
{
	uint32_t at = first & ring->head.mask;
	uint32_t before = ring->head.mask + 1 - at; /* slots before the wrap */
	uint64_t size = ring->desc_size;

	if (before > n)
		before = n;
	rb_dma_publish(ring->buf, ring->off + at * size, before * size);
	if (n > before)
		rb_dma_publish(ring->buf, ring->off, (n - before) * size);
}

static void ring_doorbell(const struct dma_ring *ring)
{
	if (ring->regs)
		rb_mmio_write32(ring->regs, ring->doorbell, ring->head.prod & ring->head.mask);
}

uint32_t rb_dma_ring_ring_routed(struct rb_dma_ring *r)
{
	uint32_t n = r->prod - r->rung;

	if (n == 0)
		return 0;
	publish_slots(ring_of(r), r->rung, n);
	r->rung = r->prod;
	ring_doorbell(ring_of(r));
	return n;
}

uint32_t rb_dma_ring_recycle_routed(struct rb_dma_ring *r)
{
	uint32_t n = r->room - (r->prod - r->cons);

	if (n == 0)
		return 0;
	if (ring_of(r)->given == 0) {
		misused(ring_of(r), "rb_dma_ring_recycle", n, 0);
		return 0;
	}
	r->prod += n;
	r->rung = r->prod;
	ring_doorbell(ring_of(r));
	return n;
}

/* Observe @n slots from the next to be taken on. */
static void observe_slots(const struct dma_ring *ring, uint32_t n)
{
	uint32_t at = ring->head.cons & ring->head.mask;
	uint32_t before = ring->head.mask + 1 - at;
	uint64_t size = ring->desc_size;

	if (before > n)
		before = n;
	if (before > 0)
		rb_dma_observe(ring->buf, ring->off + at * size, before * size);
	if (n > before)
		rb_dma_observe(ring->buf, ring->off, (n - before) * size);
}

void rb_dma_ring_peek_routed(const struct rb_dma_ring *r, uint32_t ahead)
{
	observe_slots(ring_of(r), ahead <= r->mask ? ahead + 1 : r->mask + 1);
}

void rb_dma_ring_take_routed(struct rb_dma_ring *r, uint32_t n)
{
	if (n > rb_dma_ring_used(r))
		misused(ring_of(r), "rb_dma_ring_take", n, rb_dma_ring_used(r));
	else
		r->cons += n;
}

int rb_dma_ring_told_routed(const struct rb_dma_ring *r, uint32_t index, uint32_t index_mask)
{
	uint32_t n = (index - r->cons) & index_mask;

	if (index > index_mask || n > r->prod - r->cons)
		return rbi_fail(-EPROTO,
				"DMA ring %s: the device is at %#x of %#x, it says, but owns %u "
				"slots from %#x on",
				ring_of(r)->live.name, (unsigned int)index,
				(unsigned int)index_mask, (unsigned int)(r->prod - r->cons),
				(unsigned int)(r->cons & index_mask));
	observe_slots(ring_of(r), n);
	return (int)n;
}
