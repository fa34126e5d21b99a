/* SPDX-License-Identifier: MIT */
/*
 * fuzz_dma.c - any sequence of operations on pools, caches and buffers, under any limits,
 * against a slow model: a list of all that is out.
 *
 * Nothing that is out overlaps anything else that is, everything keeps to alignment,
 * boundary and mask, and every mistake is counted, and only mistakes are.
 */
#include <errno.h>
#include <string.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#include "core/core.h"
#include "fuzz.h"

const char fuzz_seeds[] = "dma";
const char fuzz_sentence[] = "any use of pools and buffers keeps to the model";

#define POOLS	   3
#define OUT_MAX	   256
#define OPERATIONS 2000

struct input {
	const uint8_t *at, *end;
};

struct pool {
	struct rb_dma_pool *pool;
	struct rb_dma_cache *cache;
	uint64_t size, align, boundary, most;
	uint32_t addr_bits;
	unsigned int misuses;
};

/* What the driver holds: an element or a buffer. */
struct out {
	uint64_t first, size;
	struct pool *of; /* NULL: a buffer */
	struct rb_dma_elem *elem;
	struct rb_dma_buf *buf;
};

struct model {
	struct rb_pci_dev *dev;
	struct rb_dma_limits limits;
	struct pool pools[POOLS];
	struct out out[OUT_MAX];
	unsigned int nout;
	struct rb_dma_elem *last; /* put last, and where: to be put again */
	struct pool *last_of;
};

static uint8_t byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

/* 0, or a power of two up to 2^most. */
static uint64_t power(struct input *in, unsigned int most)
{
	uint8_t b = byte(in);

	return b & 0x80 ? 0 : UINT64_C(1) << b % (most + 1);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* 0 is none. */
static uint64_t tighter(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* --- the model ----------------------------------------------------------------------------- */

static void check_place(const struct model *m, uint64_t first, uint64_t size, uint64_t align,
			uint64_t boundary, uint32_t addr_bits)
{
	uint64_t last = first + (size - 1);
	unsigned int i;

	require(first != 0 && last >= first);
	require(align == 0 || first % align == 0);
	require(boundary == 0 || first / boundary == last / boundary);
	require(addr_bits == 0 || addr_bits >= 64 || last >> addr_bits == 0);
	for (i = 0; i < m->nout; i++)
		require(last < m->out[i].first ||
			first > m->out[i].first + (m->out[i].size - 1));
}

static void take(struct model *m, uint64_t first, uint64_t size, struct pool *of, void *what)
{
	struct out *out = &m->out[m->nout++];

	out->first = first;
	out->size = size;
	out->of = of;
	out->elem = of ? what : NULL;
	out->buf = of ? NULL : what;
	memset(of ? out->elem->cpu : out->buf->cpu, (int)(first >> 3), (size_t)size);
}

/* Forget the one at @i, whose bytes nobody else has written. */
static struct out give(struct model *m, unsigned int i)
{
	struct out out = m->out[i];
	const uint8_t *bytes = out.of ? out.elem->cpu : out.buf->cpu;

	require(bytes[0] == (uint8_t)(out.first >> 3));
	require(bytes[out.size - 1] == (uint8_t)(out.first >> 3));
	m->out[i] = m->out[--m->nout];
	if (out.elem == m->last)
		m->last = NULL;
	return out;
}

static unsigned int out_of(const struct model *m, const struct pool *p)
{
	unsigned int i, n = 0;

	for (i = 0; i < m->nout; i++)
		n += m->out[i].of == p;
	return n;
}

/* --- operations ------------------------------------------------------------------------------ */

static void open_pool(struct model *m, struct pool *p, struct input *in)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	int rc;

	p->size = (uint64_t)byte(in) << (byte(in) % 8);
	o.align = power(in, 13);
	o.boundary = power(in, 16);
	o.addr_bits = byte(in) % 8 == 0 ? 28 + byte(in) % 40 : 0;
	o.count_min = byte(in) % 64;
	o.count_max = byte(in) % 2 ? byte(in) : 0;
	rc = rb_dma_pool_open(m->dev, p->size, &o, &p->pool);
	require((rc == 0) == (p->pool != NULL) && (rc == 0 || rc == -EINVAL || rc == -ENOMEM));
	if (p->size == 0 || (o.boundary != 0 && o.boundary < p->size) || o.addr_bits > 64 ||
	    (o.count_max != 0 && o.count_max < o.count_min))
		require(rc == -EINVAL);
	p->align = larger(o.align, m->limits.align);
	p->boundary = tighter(o.boundary, m->limits.boundary);
	p->addr_bits = (uint32_t)tighter(o.addr_bits, m->limits.addr_bits);
	p->most = o.count_max;
	p->misuses = 0;
}

static void close_pool(struct model *m, struct pool *p)
{
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;
	unsigned int i = 0;

	while (i < m->nout)
		if (m->out[i].of == p)
			rb_dma_pool_put(p->pool, give(m, i).elem);
		else
			i++;
	if (m->last_of == p)
		m->last = NULL;
	rb_dma_cache_close(p->cache);
	require(rb_dma_pool_stats_read(p->pool, &stats) == 0);
	require(stats.out == 0 && stats.misuses == p->misuses);
	require(p->most == 0 || stats.made <= p->most);
	rb_dma_pool_close(p->pool);
	memset(p, 0, sizeof(*p));
}

static void get_element(struct model *m, struct pool *p, int by_cache)
{
	struct rb_dma_elem *e;

	if (m->nout == OUT_MAX)
		return;
	e = by_cache && p->cache ? rb_dma_cache_get(p->cache) : rb_dma_pool_get(p->pool);
	if (!e) /* memory is no bound here, but the mask may be */
		return;
	require(p->most == 0 || out_of(m, p) < p->most);
	require(e->size == p->size && (uint8_t *)e->buf->cpu + e->off == e->cpu);
	check_place(m, e->bus.value, p->size, p->align, p->boundary, p->addr_bits);
	if (e == m->last)
		m->last = NULL;
	take(m, e->bus.value, p->size, p, e);
}

static void put_something(struct model *m, unsigned int i, int by_cache)
{
	struct out out;

	if (m->nout == 0)
		return;
	out = give(m, i % m->nout);
	if (!out.of) {
		rb_dma_close(out.buf);
		return;
	}
	if (by_cache && out.of->cache)
		rb_dma_cache_put(out.of->cache, out.elem);
	else
		rb_dma_pool_put(out.of->pool, out.elem);
	m->last = out.elem;
	m->last_of = out.of;
}

static void alloc_buffer(struct model *m, struct input *in)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	uint64_t size = (uint64_t)byte(in) << (byte(in) % 8);
	struct rb_dma_buf *buf;
	int rc;

	o.align = power(in, 14);
	o.boundary = power(in, 16);
	if (m->nout == OUT_MAX)
		return;
	rc = rb_dma_alloc(m->dev, size, &o, &buf);
	require((rc == 0) == (buf != NULL) && (rc == 0 || rc == -EINVAL || rc == -ENOMEM));
	if (rc < 0)
		return;
	check_place(m, rb_dma_addr(buf, 0).value, size, larger(o.align, m->limits.align),
		    tighter(o.boundary, m->limits.boundary), m->limits.addr_bits);
	take(m, rb_dma_addr(buf, 0).value, size, NULL, buf);
}

/* A driver's mistakes. */
static void err(struct model *m, struct pool *p, unsigned int way)
{
	struct rb_dma_elem copy, *e = m->nout > 0 ? m->out[0].elem : NULL;

	if (way % 4 == 0 && m->last && m->last_of == p)
		e = m->last; /* twice */
	else if (way % 4 == 1 && e && m->out[0].of != p)
		; /* foreign */
	else if (way % 4 == 2 && e)
		memcpy(e = &copy, m->out[0].elem, sizeof(copy));
	else if (way % 4 == 3)
		e = (struct rb_dma_elem *)(uintptr_t)(way | 1u);
	else
		return;
	p->misuses++;
	if (way & 0x80 && p->cache)
		rb_dma_cache_put(p->cache, e);
	else
		rb_dma_pool_put(p->pool, e);
}

static void operate(struct model *m, struct input *in)
{
	uint8_t op = byte(in), arg = byte(in);
	struct pool *p = &m->pools[arg % POOLS];

	switch (op % 8) {
	case 0:
	case 1:
	case 2:
		if (p->pool)
			get_element(m, p, op & 0x80);
		break;
	case 3:
	case 4:
		put_something(m, arg, op & 0x80);
		break;
	case 5:
		if (!p->pool)
			open_pool(m, p, in);
		else if (op & 0x80)
			close_pool(m, p);
		break;
	case 6:
		if (p->pool && !p->cache)
			require(rb_dma_cache_open(p->pool, 2 + arg % 16, &p->cache) == 0);
		else
			alloc_buffer(m, in);
		break;
	default:
		if (p->pool)
			err(m, p, (op & 0x80u) | arg >> 2);
	}
}

/* --- one world for one input ------------------------------------------------------------------ */

static void set_limits(struct model *m, struct input *in)
{
	struct rb_dma_limits l = RB_DMA_LIMITS_INIT;
	int rc;

	l.align = power(in, 13);
	l.boundary = power(in, 16);
	l.addr_bits = byte(in) % 4 == 0 ? 28 + byte(in) % 36 : 0;
	rc = rb_dma_set_limits(m->dev, &l);
	require(rc == (l.boundary != 0 && l.boundary < l.align ? -EINVAL : 0));
	if (rc == 0)
		m->limits = l;
}

static void open_edu(struct rb_ctx *ctx, struct rb_pci_dev **dev)
{
	struct rb_pci_list *list;

	require(rb_pci_scan(ctx, NULL, &list) == 0);
	require(rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), dev) == 0);
	rb_pci_list_close(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	static struct model m;
	long live = rbi_alloc_live();
	unsigned int i, wrong = 0;
	struct rb_ctx *ctx;

	memset(&m, 0, sizeof(m));
	require(rb_ctx_new("mock:edu", &ctx) == 0);
	open_edu(ctx, &m.dev);
	set_limits(&m, &in);
	for (i = 0; i < OPERATIONS && in.at < in.end; i++)
		operate(&m, &in);

	while (m.nout > 0)
		put_something(&m, 0, 0);
	for (i = 0; i < POOLS; i++) {
		wrong += m.pools[i].misuses;
		if (m.pools[i].pool)
			close_pool(&m, &m.pools[i]);
	}
	rb_pci_unref(m.dev);
	require(wrong == 0 || rb_mock_verify(ctx) > 0);
	require(rb_ctx_live(ctx, NULL, 0) == 0);
	rb_ctx_unref(ctx);
	require(rbi_alloc_live() == live);
	return 0;
}
