/* SPDX-License-Identifier: MIT */
/*
 * dma_pool_grow.c - how elements are laid out, and where they come from.
 *
 * Blocks are powers of two of pages, aligned to their size. An element that would cross
 * the pool's boundary moves up to it; that is decided by bus addresses, one by one, so it
 * holds wherever a block lies.
 */
#include "config.h"

#include "core/bits.h"
#include "core/detail.h"
#include "dma/dma_buf.h"
#include "dma/dma_owner.h"
#include "dma/dma_pool_private.h"
#include "os/os.h"
#include "pci/pci_dev.h"

#define FEW	    16u /* elements that a block should have room for */
#define BLOCK_USUAL ((uint64_t)256 << 10) /* bytes; growing by more at once is no gain */
#define BYTES_MAX   ((uint64_t)1 << 40) /* of a pool; no machine has that much to give */

static uint64_t min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The power of two at or above @v, which is at most 2^63. */
static uint64_t power_above(uint64_t v)
{
	uint64_t p = 1;

	while (p < v)
		p *= 2;
	return p;
}

/* --- geometry ---------------------------------------------------------------------------- */

static int check_size(const struct rb_dma_pool *pool, const struct rb_dma_pool_options *o)
{
	if (o->boundary != 0 && o->boundary < pool->elem_size)
		return rbi_fail(-EINVAL, "rb_dma_pool_open: boundary %#llx is below the size, %llu",
				(unsigned long long)o->boundary,
				(unsigned long long)pool->elem_size);
	if (pool->elem_size > RB_DMA_MAX)
		return rbi_fail(-ENOMEM, "rb_dma_pool_open: elements of %llu bytes: the limit is %llu",
				(unsigned long long)pool->elem_size,
				(unsigned long long)RB_DMA_MAX);
	return 0;
}

/* What the device demands, tightened by the caller's options: is there room in it? */
static int check_limits(const struct rb_dma_pool *pool, const struct rb_dma_limits *l)
{
	if (l->align > RB_DMA_MAX)
		return rbi_fail(-ENOMEM,
				"rb_dma_pool_open: elements aligned to %#llx: the limit is %#llx",
				(unsigned long long)l->align, (unsigned long long)RB_DMA_MAX);
	if ((l->boundary != 0 && l->boundary < pool->elem_size) ||
	    l->segment_max < pool->elem_size)
		return rbi_fail(-ENOMEM,
				"rb_dma_pool_open: elements of %llu bytes, and %s takes segments of "
				"%llu, none across %#llx",
				(unsigned long long)pool->elem_size, rbi_pci_name(pool->dev),
				(unsigned long long)l->segment_max,
				(unsigned long long)l->boundary);
	return 0;
}

int rbi_pool_measure(struct rb_dma_pool *pool, const struct rb_dma_pool_options *o)
{
	struct rb_dma_limits limits;
	uint64_t align = o->align;
	int rc;

	rc = check_size(pool, o);
	if (rc < 0)
		return rc;
	if (align == 0)
		align = min64(64, max64(8, power_above(pool->elem_size)));
	rbi_dma_limits(pool->d, &limits);
	rc = rbi_dma_tighten(&limits, "rb_dma_pool_open", o->addr_bits, align, o->boundary);
	if (rc == 0)
		rc = check_limits(pool, &limits);
	if (rc < 0)
		return rc;

	pool->addr_bits = limits.addr_bits;
	pool->align = limits.align;
	pool->boundary = limits.boundary;
	pool->stride = rbi_round_up(pool->elem_size, pool->align);
	if (o->count_min > BYTES_MAX / pool->stride)
		return rbi_fail(-ENOMEM, "rb_dma_pool_open: %llu elements of %llu bytes",
				(unsigned long long)o->count_min,
				(unsigned long long)pool->stride);
	return 0;
}

/* Bytes for one element, which must lie where its alignment is had. */
static uint64_t block_least(const struct rb_dma_pool *pool)
{
	return power_above(max64(RBI_PAGE, max64(pool->elem_size, pool->align)));
}

/* Bytes for the next block, of which @want elements are needed. */
static uint64_t block_size(const struct rb_dma_pool *pool, uint64_t want)
{
	uint64_t few = min64(power_above(FEW * pool->stride), RB_DMA_MAX);
	uint64_t size = min64(pool->stats.bytes, max64(BLOCK_USUAL, few));

	size = max64(size, max64(few, min64(want * pool->stride, RB_DMA_MAX)));
	size = min64(size, (pool->count_max - pool->made) * pool->stride);
	return max64(min64(power_above(size), RB_DMA_MAX), block_least(pool));
}

/* The first place at or after @off where an element may lie; RB_DMA_MAX or more: none. */
static uint64_t place_at(const struct rb_dma_pool *pool, uint64_t bus, uint64_t off)
{
	uint64_t first = rbi_round_up(bus + off, pool->align);
	uint64_t last = first + (pool->elem_size - 1);

	if (pool->boundary != 0 && first / pool->boundary != last / pool->boundary)
		first = rbi_round_up(rbi_round_up(first, pool->boundary), pool->align);
	return first - bus;
}

/* Lay elements out in [bus, bus + size), @max at most: how many. @elems may be NULL. */
static size_t lay_out(const struct rb_dma_pool *pool, const struct rb_dma_buf *buf, size_t max,
		      struct rb_dma_elem *elems)
{
	uint64_t bus = rb_dma_addr(buf, 0).value, off;
	size_t n = 0;

	for (off = place_at(pool, bus, 0); n < max && off <= buf->size - pool->elem_size;
	     off = place_at(pool, bus, off + pool->elem_size)) {
		if (elems) {
			elems[n].cpu = (uint8_t *)buf->cpu + off;
			elems[n].bus.value = bus + off;
			elems[n].buf = buf;
			elems[n].off = off;
			elems[n].size = pool->elem_size;
			rbi_elem_set_free(pool, &elems[n]);
		}
		n++;
	}
	return n;
}

/* --- one more block ---------------------------------------------------------------------- */

/* A block of @size bytes, or of less where memory is in pieces. */
static int alloc_block(struct rb_dma_pool *pool, uint64_t size, struct rb_dma_buf **buf)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	uint64_t least = block_least(pool);
	int rc;

	options.addr_bits = pool->addr_bits;
	options.align = max64(pool->align, RBI_PAGE);
	options.label = pool->label[0] != '\0' ? pool->label : NULL;
	do {
		/* blocks lie at multiples of their size, but that is not relied on */
		options.boundary = pool->boundary >= size ? pool->boundary : 0;
		rc = rbi_dma_alloc_uncut(pool->dev, size, &options, buf, pool->build, pool->place);
		size /= 2;
	} while (rc == -ENOMEM && size >= least);
	return rc;
}

/* Room on the stack for @more elements than there are; the grow lock is held. */
static int make_room(struct rb_dma_pool *pool, size_t more)
{
	struct rb_dma_elem **stack, **old = pool->stack;
	size_t i, room = pool->made + more;

	if (room <= pool->room)
		return 0;
	if (room < pool->room * 2)
		room = pool->room * 2;
	stack = rbi_alloc(room, sizeof(*stack));
	if (!stack)
		return rbi_no_memory("the stack of a DMA pool");

	pthread_mutex_lock(&pool->lock);
	for (i = 0; i < pool->free; i++)
		stack[i] = old[i];
	pool->stack = stack;
	pool->room = room;
	pthread_mutex_unlock(&pool->lock);
	rbi_free(old);
	return 0;
}

/* Cut @buf into elements that nobody knows of yet. */
static int cut(const struct rb_dma_pool *pool, struct rb_dma_buf *buf,
	       struct rbi_pool_block **out)
{
	size_t max = (size_t)(pool->count_max - pool->made);
	struct rbi_pool_block *block;
	size_t count;

	count = lay_out(pool, buf, max, NULL);
	if (count == 0)
		return rbi_fail(-ENOMEM, "DMA pool %s: no element of %llu bytes fits a block at %#llx",
				pool->label, (unsigned long long)pool->elem_size,
				(unsigned long long)rb_dma_addr(buf, 0).value);
	if (count > (SIZE_MAX - sizeof(*block)) / sizeof(block->elems[0]))
		return rbi_no_memory("the elements of a DMA pool");
	block = rbi_alloc(1, sizeof(*block) + count * sizeof(block->elems[0]));
	if (!block)
		return rbi_no_memory("the elements of a DMA pool");
	block->buf = buf;
	block->count = lay_out(pool, buf, max, block->elems);
	*out = block;
	return 0;
}

/* The lowest address ends on top of the stack. */
static void add_block(struct rb_dma_pool *pool, struct rbi_pool_block *block)
{
	size_t i;

	for (i = 0; pool->watched && i < block->count; i++)
		rbi_pool_hide(pool, &block->elems[i]);

	pthread_mutex_lock(&pool->lock);
	block->next = pool->blocks;
	pool->blocks = block;
	for (i = block->count; i > 0; i--)
		pool->stack[pool->free++] = &block->elems[i - 1];
	pool->made += block->count;
	pool->stats.bytes += max64(block->buf->size, pool->align);
	pool->stats.grows++;
	pthread_mutex_unlock(&pool->lock);
	rbi_dma_count(pool->d, RBI_DMA_POOL_ELEMS, (int64_t)block->count);
	rbi_dma_count(pool->d, RBI_DMA_POOL_GROWS, 1);
}

/* The grow lock is held, or nobody knows of the pool yet. */
static int make_block(struct rb_dma_pool *pool, uint64_t want)
{
	struct rbi_pool_block *block;
	struct rb_dma_buf *buf;
	int rc;

	rc = alloc_block(pool, block_size(pool, want), &buf);
	if (rc < 0)
		return rc;
	rc = cut(pool, buf, &block);
	if (rc == 0) {
		rc = make_room(pool, block->count);
		if (rc < 0)
			rbi_free(block);
	}
	if (rc < 0) {
		rb_dma_close(buf);
		return rc;
	}
	add_block(pool, block);
	return 0;
}

int rbi_pool_fill(struct rb_dma_pool *pool, uint64_t count)
{
	int rc = 0;

	while (rc == 0 && pool->made < count)
		rc = make_block(pool, count - pool->made);
	return rc;
}

/* Whether there is anything to do, seen by one thread at a time: 1, 0, or a code. */
static int must_grow(struct rb_dma_pool *pool)
{
	int rc = 1;

	pthread_mutex_lock(&pool->lock);
	if (pool->closed)
		rc = rbi_fail(-EINVAL, "DMA pool %s has been closed", pool->live.name);
	else if (pool->free > 0)
		rc = 0;
	else if (pool->made >= pool->count_max)
		rc = rbi_fail(-ENOMEM, "DMA pool %s: all %zu elements are out", pool->live.name,
			      pool->made);
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

static int grow(struct rb_dma_pool *pool)
{
	int rc;

	pthread_mutex_lock(&pool->grow_lock);
	rc = must_grow(pool);
	if (rc == 1)
		rc = make_block(pool, 1);
	pthread_mutex_unlock(&pool->grow_lock);
	return rc;
}

/*
 * What the first block waits for, slow bus mastering, is waited for before: a thread that
 * waits for a lock keeps the mock's clock from moving.
 */
int rbi_pool_grow(struct rb_dma_pool *pool)
{
	struct rbi_detail detail;
	int rc;

	rc = rbi_ctx_check(pool->ctx, "rb_dma_pool_get");
	if (rc == 0)
		rc = must_grow(pool);
	if (rc <= 0)
		return rc;
	rc = rbi_pci_dma_begin(pool->dev);
	if (rc < 0)
		return rc;
	rc = grow(pool);
	rbi_detail_keep(&detail);
	(void)rbi_pci_dma_end(pool->dev); /* there is a block by now, or nothing to lose */
	rbi_detail_restore(&detail);
	return rc;
}

/* Memory goes back as it came: open to everybody. */
void rbi_pool_free_blocks(struct rb_dma_pool *pool)
{
	struct rbi_pool_block *block;

	while ((block = pool->blocks) != NULL) {
		pool->blocks = block->next;
		if (pool->poisons && block->buf->shadow == 0 && rbi_ctx_is_ours(pool->ctx))
			rbi_dma_unpoison(block->buf->cpu, (size_t)block->buf->size);
		rbi_dma_count(pool->d, RBI_DMA_POOL_ELEMS, -(int64_t)block->count);
		rb_dma_close(block->buf);
		rbi_free(block);
	}
}
