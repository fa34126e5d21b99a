/* SPDX-License-Identifier: MIT */
/* test_dma_pool.c - how elements are laid out, handed out and taken back. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/pci_match.h>
#include <rbdrv/rbdrv.h>

#include "core/dma_note.h"
#include "device_fixture.h"
#include "dma_pool_raw.h"

#define MANY 700

static volatile uint8_t ours = 1;

/* A world that looks at every get and put, as hosted ones do. */
static void watch(void)
{
	w->sys.ours = &ours;
}

static struct rb_dma_pool *open_pool(uint64_t elem_size, const struct rb_dma_pool_options *options)
{
	struct rb_dma_pool *pool;

	assert_int_equal(rb_dma_pool_open(dev, elem_size, options, &pool), 0);
	return pool;
}

static struct rb_dma_elem *get(struct rb_dma_pool *pool)
{
	struct rb_dma_elem *elem = rb_dma_pool_get(pool);

	assert_non_null(elem);
	return elem;
}

static struct rb_dma_cache *open_cache(struct rb_dma_pool *pool, uint32_t room)
{
	struct rb_dma_cache *cache;

	assert_int_equal(rb_dma_cache_open(pool, room, &cache), 0);
	return cache;
}

static struct rb_dma_elem *cache_get(struct rb_dma_cache *cache)
{
	struct rb_dma_elem *elem = rb_dma_cache_get(cache);

	assert_non_null(elem);
	return elem;
}

static struct rb_dma_pool_stats stats_of(struct rb_dma_pool *pool)
{
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;

	assert_int_equal(rb_dma_pool_stats_read(pool, &stats), 0);
	return stats;
}

/* One more misuse than before, and it was said so. */
static void assert_told(unsigned int before, const char *words)
{
	assert_int_equal(w->misuses, before + 1);
	if (!strstr(w->misuse, words))
		fail_msg("'%s' does not say '%s'", w->misuse, words);
}

/* --- layout ----------------------------------------------------------------------------- */

static void check_element(const struct rb_dma_elem *e, uint64_t size, uint64_t align,
			  uint64_t boundary)
{
	uint64_t bus = e->bus.value, step = boundary ? boundary : UINT64_C(1) << 63;

	assert_int_equal(e->size, size);
	assert_int_equal(bus % align, 0);
	assert_int_equal(bus / step, (bus + size - 1) / step);
	assert_int_equal(rb_dma_addr(e->buf, e->off).value, bus);
	assert_ptr_equal((uint8_t *)rb_dma_cpu(e->buf) + e->off, e->cpu);
	assert_true(e->off + size <= rb_dma_size(e->buf));
}

static void elements_hold_to_alignment_and_boundary_and_do_not_overlap(void **state)
{
	static const struct {
		uint64_t size, align, boundary, want_align;
		size_t count;
	} cases[] = {
		{ 1, 0, 0, 8, MANY },	       { 1, 1, 0, 1, MANY },
		{ 3, 1, 4, 1, MANY },	       { 16, 0, 0, 16, MANY },
		{ 64, 0, 4096, 64, MANY },     { 100, 0, 0, 64, MANY },
		{ 100, 4, 128, 4, MANY },      { 1500, 1, 2048, 1, MANY },
		{ 3000, 0, 4096, 64, 100 },    { 4096, 4096, 4096, 4096, 100 },
		{ 64, 8192, 0, 8192, 40 },     { 5000, 64, 8192, 64, 100 },
		{ 64, 0, 64, 64, MANY },       { 10, 256, 16, 256, 100 },
		{ 65536, 0, 65536, 64, 40 },   { 100000, 0, 0, 64, 40 },
		{ 1 << 21, 0, 0, 64, 3 },      { RB_DMA_MAX, 0, RB_DMA_MAX, 64, 2 },
		{ 1, RB_DMA_MAX, 0, RB_DMA_MAX, 2 },
	};
	struct rb_dma_elem *e[MANY];
	size_t c, i, j;

	(void)state;
	for (c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
		struct rb_dma_pool *pool;

		o.align = cases[c].align;
		o.boundary = cases[c].boundary;
		w->next_phys = 0x40000000;
		pool = open_pool(cases[c].size, &o);

		for (i = 0; i < cases[c].count; i++) {
			e[i] = get(pool);
			check_element(e[i], cases[c].size, cases[c].want_align, cases[c].boundary);
			for (j = 0; j < i; j++)
				assert_true(e[i]->bus.value + cases[c].size <= e[j]->bus.value ||
					    e[j]->bus.value + cases[c].size <= e[i]->bus.value);
			memset(e[i]->cpu, 0xa5, cases[c].size);
		}

		for (i = 0; i < cases[c].count; i++)
			rb_dma_pool_put(pool, e[i]);
		rb_dma_pool_close(pool);
	}
	assert_int_equal(w->misuses, 0);
}

static void elements_lie_below_the_mask(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e;

	(void)state;
	w->next_phys = 0x100000000;
	w->phys_step = -0x10000;
	o.addr_bits = 32;
	pool = open_pool(64, &o);

	e = get(pool);

	assert_true(e->bus.value + 64 <= 0x100000000);
	rb_dma_pool_put(pool, e);
	rb_dma_pool_close(pool);
}

static void a_device_that_reaches_4_gib_only_gets_no_other_elements(void **state)
{
	struct rb_dma_pool *pool;

	(void)state;
	w->next_phys = 0x100000000;
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_DMA_32BIT_ONLY), 0);
	pool = open_pool(64, NULL);

	assert_null(rb_dma_pool_get(pool));

	assert_non_null(strstr(rb_last_error(), "below 2^32"));
	rb_dma_pool_close(pool);
}

static void memory_is_zeroed_when_it_is_made_and_never_again(void **state)
{
	static const uint8_t zeros[256];
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e;

	(void)state;
	pool = open_pool(256, NULL);
	e = get(pool);
	assert_memory_equal(e->cpu, zeros, 256);
	memset(e->cpu, 7, 256);

	rb_dma_pool_put(pool, e);
	assert_ptr_equal(get(pool), e);

	assert_int_equal(((uint8_t *)e->cpu)[100], 7);
	rb_dma_pool_put(pool, e);
	rb_dma_pool_close(pool);
}

/* --- demands ---------------------------------------------------------------------------- */

#define OPTIONS(bits, align, boundary, min, max)                                                  \
	{                                                                                         \
		sizeof(struct rb_dma_pool_options), bits, align, boundary, min, max, NULL         \
	}

static void demands_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		uint64_t size;
		struct rb_dma_pool_options o;
		int code;
	} bad[] = {
		{ 0, OPTIONS(0, 0, 0, 0, 0), -EINVAL },
		{ 64, OPTIONS(11, 0, 0, 0, 0), -EINVAL },
		{ 64, OPTIONS(65, 0, 0, 0, 0), -EINVAL },
		{ 64, OPTIONS(0, 48, 0, 0, 0), -EINVAL },
		{ 64, OPTIONS(0, UINT64_MAX, 0, 0, 0), -EINVAL },
		{ 64, OPTIONS(0, 0, 96, 0, 0), -EINVAL },
		{ 64, OPTIONS(0, 0, 32, 0, 0), -EINVAL },
		{ UINT64_MAX, OPTIONS(0, 0, 4096, 0, 0), -EINVAL },
		{ 64, OPTIONS(0, 0, 0, 5, 4), -EINVAL },
		{ 64, OPTIONS(0, 0, 0, RB_DMA_POOL_MAX + 1, 0), -EINVAL },
		{ 64, OPTIONS(0, 0, 0, 0, UINT64_MAX), -EINVAL },
		{ 64, { 0, 0, 0, 0, 0, 0, NULL }, -EINVAL },
		{ RB_DMA_MAX + 1, OPTIONS(0, 0, 0, 0, 0), -ENOMEM },
		{ UINT64_MAX, OPTIONS(0, 0, 0, 0, 0), -ENOMEM },
		{ 64, OPTIONS(0, RB_DMA_MAX * 2, 0, 0, 0), -ENOMEM },
		{ 64, OPTIONS(0, UINT64_C(1) << 63, 0, 0, 0), -ENOMEM },
		{ RB_DMA_MAX, OPTIONS(0, 0, 0, RB_DMA_POOL_MAX, 0), -ENOMEM },
	};
	struct rb_dma_pool *pool;
	size_t i;

	(void)state;
	w->calls = 0;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		pool = (struct rb_dma_pool *)w;
		assert_int_equal(rb_dma_pool_open(dev, bad[i].size, &bad[i].o, &pool), bad[i].code);
		assert_null(pool);
	}
	assert_int_equal(rb_dma_pool_open(NULL, 64, NULL, &pool), -EINVAL);
	assert_int_equal(rb_dma_pool_open(dev, 64, NULL, NULL), -EINVAL);
	assert_int_equal(w->calls, 0);
}

static void options_of_a_newer_caller_are_honoured_or_refused(void **state)
{
	struct {
		struct rb_dma_pool_options known;
		uint64_t unknown;
	} newer = { RB_DMA_POOL_OPTIONS_INIT, 0 };
	struct rb_dma_pool *pool;

	(void)state;
	newer.known.size = sizeof(newer);

	rb_dma_pool_close(open_pool(64, &newer.known));
	newer.unknown = 1;
	assert_int_equal(rb_dma_pool_open(dev, 64, &newer.known, &pool), -EINVAL);
}

static void null_is_taken_everywhere(void **state)
{
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;
	struct rb_dma_cache *cache;
	struct rb_dma_pool *pool;

	(void)state;
	assert_null(rb_dma_pool_get(NULL));
	assert_non_null(strstr(rb_last_error(), "NULL"));
	rb_dma_pool_put(NULL, NULL);
	rb_dma_pool_close(NULL);
	assert_int_equal(rb_dma_pool_stats_read(NULL, &stats), -EINVAL);
	assert_int_equal(rb_dma_cache_open(NULL, 0, &cache), -EINVAL);
	assert_null(cache);
	assert_null(rb_dma_cache_get_routed(NULL));
	rb_dma_cache_put_routed(NULL, NULL);
	rb_dma_cache_close(NULL);
	rb_dma_elem_publish_routed(NULL, 0, 1);
	rb_dma_elem_observe_routed(NULL, 0, 1);

	pool = open_pool(64, NULL);
	assert_int_equal(rb_dma_pool_stats_read(pool, NULL), -EINVAL);
	assert_int_equal(rb_dma_cache_open(pool, 0, NULL), -EINVAL);
	rb_dma_pool_put(pool, NULL);
	cache = open_cache(pool, 0);
	rb_dma_cache_put(cache, NULL);
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
	assert_int_equal(w->misuses, 0);
}

static void a_cache_has_room_for_2_to_4096_elements(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_cache *cache;

	(void)state;
	assert_int_equal(rb_dma_cache_open(pool, 1, &cache), -EINVAL);
	assert_int_equal(rb_dma_cache_open(pool, RB_DMA_CACHE_MAX + 1, &cache), -EINVAL);
	assert_int_equal(rb_dma_cache_open(pool, UINT32_MAX, &cache), -EINVAL);
	assert_null(cache);
	rb_dma_cache_close(open_cache(pool, 2));
	rb_dma_cache_close(open_cache(pool, RB_DMA_CACHE_MAX));
	rb_dma_pool_close(pool);
}

static void a_devices_limits_hold_for_every_element(void **state)
{
	static const uint64_t boundaries[] = { 128, 2048, 4096, 65536, 0 };
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e[300];
	unsigned int b, i;

	(void)state;
	for (b = 0; b < 5; b++) {
		limits.align = 32;
		limits.boundary = boundaries[b];
		limits.segment_max = 128;
		limits.segments = 1;
		assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
		pool = open_pool(100, NULL);
		for (i = 0; i < 300; i++) {
			e[i] = get(pool);
			check_element(e[i], 100, 64, boundaries[b]);
		}
		assert_int_equal(rb_dma_set_limits(dev, &limits), -EBUSY);
		for (i = 0; i < 300; i++)
			rb_dma_pool_put(pool, e[i]);
		rb_dma_pool_close(pool);
	}
	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
}

static void an_element_that_breaks_the_devices_limits_is_refused(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_pool *pool;

	(void)state;
	limits.boundary = 512;
	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
	assert_int_equal(rb_dma_pool_open(dev, 513, NULL, &pool), -ENOMEM);
	limits.boundary = 0;
	limits.segment_max = 512;
	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
	assert_int_equal(rb_dma_pool_open(dev, 513, NULL, &pool), -ENOMEM);
	limits.align = 256;
	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
	o.boundary = 128;
	assert_int_equal(rb_dma_pool_open(dev, 64, &o, &pool), -EINVAL);
	o.boundary = 0;

	pool = open_pool(64, &o);

	assert_int_equal(stats_of(pool).stride, 256);
	assert_int_equal(rb_dma_set_limits(dev, &limits), -EBUSY); /* before there is any block */
	rb_dma_pool_close(pool);
	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
}

/* --- growing ---------------------------------------------------------------------------- */

static void the_least_number_is_made_at_once_and_then_no_call_is_needed(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_elem *e[1000];
	struct rb_dma_cache *cache;
	struct rb_dma_pool *pool;
	unsigned int i, round;

	(void)state;
	o.count_min = 1000;
	pool = open_pool(200, &o);
	cache = open_cache(pool, 100);
	w->calls = 0;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < 900; i++)
			e[i] = (i + round) % 3 ? cache_get(cache) : get(pool);
		for (i = 0; i < 900; i++)
			if ((i + round) % 5)
				rb_dma_cache_put(cache, e[i]);
			else
				rb_dma_pool_put(pool, e[i]);
	}

	assert_int_equal(w->calls, 0);
	assert_int_equal(stats_of(pool).refusals, 0);
	rb_dma_cache_close(cache);
	for (i = 0; i < 1000; i++)
		e[i] = get(pool);
	assert_int_equal(w->calls, 0);
	for (i = 0; i < 1000; i++)
		rb_dma_pool_put(pool, e[i]);
	rb_dma_pool_close(pool);
}

static void a_pool_grows_by_as_much_as_it_has(void **state)
{
	struct rb_dma_elem *e[4096];
	struct rb_dma_pool *pool = open_pool(64, NULL);
	uint64_t grows;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4096; i++)
		e[i] = get(pool);

	grows = stats_of(pool).grows;
	assert_in_range(grows, 2, 8);
	assert_int_equal(stats_of(pool).bytes, 4096 * 64);
	for (i = 0; i < 4096; i++)
		rb_dma_pool_put(pool, e[i]);
	for (i = 0; i < 4096; i++)
		e[i] = get(pool);
	assert_int_equal(stats_of(pool).grows, grows);
	for (i = 0; i < 4096; i++)
		rb_dma_pool_put(pool, e[i]);
	rb_dma_pool_close(pool);
}

static void a_pool_that_may_not_grow_says_so_and_goes_on(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool *pool;
	struct rb_dma_elem *a, *b;

	(void)state;
	o.count_max = 2;
	o.label = "pair";
	pool = open_pool(64, &o);
	a = get(pool);
	b = get(pool);

	assert_null(rb_dma_pool_get(pool));

	assert_non_null(strstr(rb_last_error(), "pair"));
	assert_non_null(strstr(rb_last_error(), "all 2 elements are out"));
	assert_int_equal(stats_of(pool).refusals, 1);
	assert_int_equal(stats_of(pool).made, 2);
	rb_dma_pool_put(pool, a);
	assert_ptr_equal(get(pool), a);
	rb_dma_pool_put(pool, a);
	rb_dma_pool_put(pool, b);
	rb_dma_pool_close(pool);
}

static void where_memory_is_in_pieces_blocks_are_smaller(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool *pool;

	(void)state;
	o.count_min = 64;
	fake_fail(w, 2, ENOMEM); /* the first mmap */

	pool = open_pool(4096, &o);

	assert_int_equal(stats_of(pool).made, 64);
	assert_int_equal(stats_of(pool).grows, 2);
	rb_dma_pool_close(pool);
}

/* A pool and a cache come to be, 100 elements are got, and all goes again. */
static int build_and_use(void)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_elem *a = NULL, *b = NULL;
	struct rb_dma_cache *cache = NULL;
	struct rb_dma_pool *pool;
	unsigned int i;
	int rc;

	o.count_min = 3;
	o.count_max = 400;
	rc = rb_dma_pool_open(dev, 1000, &o, &pool);
	if (rc < 0)
		return assert_null(pool), rc;
	rc = rb_dma_cache_open(pool, 8, &cache);
	for (i = 0; rc == 0 && i < 100; i++) {
		a = cache ? rb_dma_cache_get(cache) : NULL;
		if (!a) {
			rc = -ENOMEM;
			break;
		}
		memcpy(a->cpu, &b, sizeof(b)); /* a list through the elements */
		b = a;
	}
	while (b) {
		a = b;
		memcpy(&b, a->cpu, sizeof(b));
		rb_dma_pool_put(pool, a);
	}
	rb_dma_cache_close(cache);
	assert_int_equal(stats_of(pool).out, 0);
	rb_dma_pool_close(pool);
	return rc;
}

static void memory_exhausted_at_each_point_loses_nothing(void **state)
{
	unsigned long n, total;
	long live;
	int rc;

	(void)state;
	rb_dma_pool_close(open_pool(64, NULL)); /* what the device keeps of its own is there */
	live = rbi_alloc_live();
	rbi_alloc_fail_at(0);
	assert_int_equal(build_and_use(), 0);
	total = rbi_alloc_fail_at(0);

	for (n = 1; n <= total; n++) {
		rbi_alloc_fail_at(n);
		rc = build_and_use();
		rbi_alloc_fail_at(0);
		assert_true(rc == 0 || rc == -ENOMEM);
		assert_int_equal(rbi_alloc_live(), live);
		assert_int_equal(fake_blocks(w), 0);
	}
	assert_true(total > 8);
	assert_int_equal(w->misuses, 0);
}

static void a_call_that_fails_at_each_point_loses_nothing(void **state)
{
	static const int errs[] = { ENOMEM, EIO, EACCES };
	unsigned int n, e, total;
	long live;
	int rc;

	(void)state;
	w->calls = 0;
	w->fail_at = 0;
	assert_int_equal(build_and_use(), 0);
	total = w->calls;
	live = rbi_alloc_live();
	for (e = 0; e < 3; e++) {
		for (n = 1; n <= total; n++) {
			fake_fail(w, n, errs[e]);
			rc = build_and_use();
			assert_true(rbi_code_is_ours(rc));
			assert_int_equal(rbi_alloc_live(), live);
		}
	}
	w->fail_at = 0;
}

/* --- order ------------------------------------------------------------------------------ */

static void the_element_put_last_is_got_first(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_elem *e[10];
	unsigned int i;

	(void)state;
	for (i = 0; i < 10; i++)
		e[i] = get(pool);
	for (i = 0; i < 10; i++)
		rb_dma_pool_put(pool, e[i]);

	for (i = 10; i > 0; i--)
		assert_ptr_equal(get(pool), e[i - 1]);

	for (i = 0; i < 10; i++)
		rb_dma_pool_put(pool, e[i]);
	rb_dma_pool_close(pool);
}

static void caches_keep_that_order_over_refill_and_spill(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_cache *cache = open_cache(pool, 8);
	struct rb_dma_elem *e[100];
	unsigned int i;

	(void)state;
	for (i = 0; i < 100; i++)
		e[i] = cache_get(cache);
	for (i = 0; i < 100; i++)
		rb_dma_cache_put(cache, e[i]);

	for (i = 100; i > 0; i--)
		assert_ptr_equal(cache_get(cache), e[i - 1]);

	assert_int_equal(stats_of(pool).out, 100);
	for (i = 0; i < 100; i++)
		rb_dma_cache_put(cache, e[i]);
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
	assert_int_equal(w->misuses, 0);
}

static void half_of_the_least_room_is_a_refill_like_any_other(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_cache *cache = open_cache(pool, 2);
	struct rb_dma_elem *e;

	(void)state;

	e = cache_get(cache);

	assert_int_equal(stats_of(pool).refills, 1);
	assert_int_equal(stats_of(pool).gets, 0);
	rb_dma_cache_put(cache, e);
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
}

static void a_cache_goes_to_its_pool_for_half_its_room(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_cache *cache = open_cache(pool, 8);
	struct rb_dma_elem *e[16];
	unsigned int i;

	(void)state;
	for (i = 0; i < 16; i++)
		e[i] = cache_get(cache);
	assert_int_equal(stats_of(pool).refills, 4);
	assert_int_equal(stats_of(pool).out, 16);
	for (i = 0; i < 16; i++)
		rb_dma_cache_put(cache, e[i]);
	assert_int_equal(stats_of(pool).spills, 2);
	assert_int_equal(stats_of(pool).out, 8);

	rb_dma_cache_close(cache); /* with 8 elements in it */

	assert_int_equal(stats_of(pool).out, 0);
	rb_dma_pool_close(pool);
	assert_int_equal(w->misuses, 0);
}

static void what_lies_in_a_cache_nobody_else_gets(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_cache *cache;
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e;

	(void)state;
	o.count_max = 4;
	pool = open_pool(64, &o);
	cache = open_cache(pool, 8);
	e = cache_get(cache); /* and three more into the cache */

	assert_null(rb_dma_pool_get(pool));
	rb_dma_cache_close(cache);
	rb_dma_pool_put(pool, get(pool));

	rb_dma_pool_put(pool, e);
	rb_dma_pool_close(pool);
}

static void raw_and_checked_files_share_a_pool(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_cache *cache = open_cache(pool, 4);
	struct rb_dma_elem *e[12];
	unsigned int i, round;

	(void)state;
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 12; i++) {
			e[i] = (i + round) % 2 ? raw_cache_get(cache) : rb_dma_cache_get(cache);
			assert_non_null(e[i]);
		}
		for (i = 0; i < 12; i++)
			if ((i + round / 2) % 2)
				raw_cache_put(cache, e[i]);
			else
				rb_dma_cache_put(cache, e[i]);
	}
	rb_dma_pool_put(pool, e[11]);

	assert_told(0, "put twice");
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
}

/* --- wrong use ---------------------------------------------------------------------------- */

static void a_second_put_is_refused_wherever_the_first_went(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_cache *cache;
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e;

	(void)state;
	o.label = "commands";
	pool = open_pool(64, &o);
	cache = open_cache(pool, 8);

	e = get(pool);
	rb_dma_pool_put(pool, e);
	rb_dma_pool_put(pool, e);
	assert_told(0, "rb_dma_pool_put: the element at offset 0");
	assert_non_null(strstr(w->misuse, "commands of 0000:00:02.0"));
	assert_non_null(strstr(w->misuse, "put twice"));
	rb_dma_cache_put(cache, e);
	assert_told(1, "rb_dma_cache_put");

	e = cache_get(cache);
	rb_dma_cache_put(cache, e);
	rb_dma_cache_put(cache, e);
	assert_told(2, "put twice");
	rb_dma_pool_put(pool, e);
	assert_told(3, "put twice");

	assert_int_equal(stats_of(pool).misuses, 4);
	rb_dma_cache_close(cache);
	assert_int_equal(stats_of(pool).out, 0);
	rb_dma_pool_close(pool);
	assert_int_equal(w->misuses, 4);
}

static void an_element_of_another_pool_is_refused(void **state)
{
	struct rb_dma_pool *mine = open_pool(64, NULL), *other = open_pool(64, NULL);
	struct rb_dma_cache *cache = open_cache(mine, 8);
	struct rb_dma_elem *e = get(other);

	(void)state;
	rb_dma_cache_put(cache, cache_get(cache));

	rb_dma_pool_put(mine, e);
	assert_told(0, "is no element of DMA pool");
	rb_dma_cache_put(cache, e);
	assert_told(1, "is no element of DMA pool");

	assert_int_equal(stats_of(other).out, 1);
	rb_dma_pool_put(other, e);
	rb_dma_cache_close(cache);
	rb_dma_pool_close(mine);
	rb_dma_pool_close(other);
	assert_int_equal(w->misuses, 2);
}

static void a_copy_of_an_element_is_refused(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_elem *e = get(pool), copy = *e;

	(void)state;

	rb_dma_pool_put(pool, &copy);

	assert_told(0, "is no element of DMA pool");
	rb_dma_pool_put(pool, e);
	rb_dma_pool_close(pool);
	assert_int_equal(w->misuses, 1);
}

static void garbage_is_not_followed_where_somebody_watches(void **state)
{
	struct rb_dma_cache *cache;
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e;

	(void)state;
	watch();
	pool = open_pool(64, NULL);
	cache = open_cache(pool, 8);
	e = get(pool);

	rb_dma_pool_put(pool, (struct rb_dma_elem *)16);
	assert_told(0, "0x10 is no element");
	rb_dma_cache_put(cache, (struct rb_dma_elem *)(UINTPTR_MAX - 7));
	assert_told(1, "is no element");
	rb_dma_cache_put(cache, (struct rb_dma_elem *)((uint8_t *)e + 8));
	assert_told(2, "is no element");

	rb_dma_pool_put(pool, e);
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
}

static void closing_with_elements_out_is_told_and_their_memory_stays(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool *pool;
	struct rb_dma_elem *a, *b;
	char names[256];

	(void)state;
	o.label = "packets";
	pool = open_pool(64, &o);
	a = get(pool);
	b = get(pool);

	rb_dma_pool_close(pool);

	assert_told(0, "2 of 64 elements of DMA pool packets");
	assert_non_null(strstr(w->misuse, "test_dma_pool.c:"));
	assert_int_equal(fake_blocks(w), 1);
	memset(a->cpu, 1, 64);
	assert_int_not_equal(rb_ctx_live(w->ctx, names, sizeof(names)), 0);
	assert_non_null(strstr(names, "DMA pool packets of 0000:00:02.0"));
	assert_null(rb_dma_pool_get(pool));
	assert_non_null(strstr(rb_last_error(), "has been closed"));
	rb_dma_pool_put(pool, a);
	assert_int_equal(fake_blocks(w), 1);
	rb_dma_pool_put(pool, b);
	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(w->misuses, 1);
}

static void a_pool_may_be_closed_before_its_caches(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_cache *cache = open_cache(pool, 8);
	struct rb_dma_elem *e = cache_get(cache);

	(void)state;
	rb_dma_cache_put(cache, e);

	rb_dma_pool_close(pool);

	assert_int_equal(w->misuses, 0);
	assert_null(rb_dma_cache_get(cache));
	rb_dma_cache_put(cache, e);
	assert_told(0, "put twice");
	rb_dma_cache_close(cache);
	assert_int_equal(fake_blocks(w), 0);
}

static void an_element_comes_back_through_the_cache_of_a_closed_pool(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_cache *cache = open_cache(pool, 8);
	struct rb_dma_elem *e = cache_get(cache);

	(void)state;
	rb_dma_pool_close(pool);
	assert_told(0, "1 of 64");

	rb_dma_cache_put(cache, e);

	assert_int_equal(fake_blocks(w), 1);
	rb_dma_cache_close(cache);
	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(w->misuses, 1);
}

/* --- worlds ------------------------------------------------------------------------------ */

static void a_pool_outlives_its_device_but_does_not_grow(void **state)
{
	struct rb_dma_pool *pool = open_pool(2048, NULL);
	struct rb_dma_elem *e[64];
	struct rb_dma_pool *late;
	unsigned int i, n;

	(void)state;
	e[0] = get(pool);
	w->removed = true;
	assert_int_equal(rb_pci_set_bus_master(dev, true), -ENODEV);

	for (n = 1; n < 64 && (e[n] = rb_dma_pool_get(pool)) != NULL; n++)
		;

	assert_int_equal(n, stats_of(pool).made);
	assert_int_equal(stats_of(pool).grows, 1);
	assert_non_null(strstr(rb_last_error(), "gone"));
	assert_int_equal(rb_dma_pool_open(dev, 64, NULL, &late), -ENODEV);
	for (i = 0; i < n; i++)
		rb_dma_pool_put(pool, e[i]);
	rb_dma_pool_close(pool);
}

static void a_strict_world_is_told_whose_turn_it_is(void **state)
{
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e;

	(void)state;
	watch();
	w->shadow = 77;
	pool = open_pool(64, NULL);

	e = get(pool);
	assert_int_equal(w->note.access, RBI_DMA_DEVICE_READS | RBI_DMA_DEVICE_WRITES);
	assert_int_equal(w->note.shadow, 77);
	assert_int_equal(w->note.off, e->off);
	assert_int_equal(w->note.len, 64);
	rb_dma_pool_put(pool, e);
	assert_int_equal(w->note.access, 0);
	assert_int_equal(w->note.off, e->off);
	assert_int_equal(w->note.len, 64);

	rb_dma_pool_close(pool);
}

static void publish_and_observe_keep_to_the_element(void **state)
{
	struct rb_dma_pool *pool;
	struct rb_dma_elem *a, *e;

	(void)state;
	watch();
	w->shadow = 77;
	pool = open_pool(64, NULL);
	a = get(pool);
	e = get(pool);

	rb_dma_elem_publish(e, 8, 16);
	assert_int_equal(w->publishes, 1);
	assert_int_equal(w->sync_off, e->off + 8);
	assert_int_equal(w->sync_len, 16);
	rb_dma_elem_observe(e, 64, 0);
	rb_dma_elem_observe(e, 0, 64);
	assert_int_equal(w->observes, 1);
	assert_int_equal(w->misuses, 0);

	rb_dma_elem_publish(e, 60, 5);
	assert_told(0, "rb_dma_elem_publish: 5 bytes at offset 60 of an element of 64 bytes, at");
	assert_int_equal(w->sync_len, 4);
	rb_dma_elem_observe(e, UINT64_MAX, 2);
	assert_told(1, "rb_dma_elem_observe");
	assert_int_equal(w->observes, 1);
	rb_dma_pool_put(pool, e);
	rb_dma_elem_publish(e, 0, 64);
	assert_told(2, "that has been put back");
	assert_int_equal(w->publishes, 2);

	rb_dma_pool_put(pool, a);
	rb_dma_pool_close(pool);
}

static void where_memory_is_shared_publish_and_observe_are_fences(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_elem *e = get(pool);

	(void)state;
	rb_dma_elem_publish(e, 0, 64);
	rb_dma_elem_observe(e, 0, 64);
	rb_dma_elem_publish_routed(e, 0, 64);
	rb_dma_elem_observe_routed(e, 0, 64);

	assert_int_equal(w->publishes + w->observes, 0);
	rb_dma_pool_put(pool, e);
	rb_dma_pool_close(pool);
}

extern int __asan_address_is_poisoned(const volatile void *p) __attribute__((weak));

static void free_elements_are_poisoned(void **state)
{
	struct rb_dma_pool *pool;
	struct rb_dma_cache *cache;
	struct rb_dma_elem *a, *b;

	(void)state;
	if (!__asan_address_is_poisoned)
		skip();
	pool = open_pool(64, NULL);
	cache = open_cache(pool, 8);
	a = get(pool);
	b = cache_get(cache);
	assert_false(__asan_address_is_poisoned(a->cpu));
	assert_false(__asan_address_is_poisoned(b->cpu));
	assert_true(__asan_address_is_poisoned((uint8_t *)a->buf->cpu + 64 * 10));

	rb_dma_pool_put(pool, a);
	rb_dma_cache_put(cache, b);

	assert_true(__asan_address_is_poisoned(a->cpu));
	assert_true(__asan_address_is_poisoned((uint8_t *)b->cpu + 63));
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
}

static void inline_paths_are_used_where_nobody_watches(void **state)
{
	struct rb_dma_pool *pool = open_pool(64, NULL);
	struct rb_dma_cache *cache = open_cache(pool, 8);
	struct rb_dma_elem *e;

	(void)state;
	if (__asan_address_is_poisoned || cache->room == 0) {
		rb_dma_cache_close(cache);
		rb_dma_pool_close(pool);
		skip();
	}
	e = cache_get(cache);
	assert_int_equal(cache->count, 3);
	rb_dma_cache_put(cache, e);
	assert_int_equal(cache->count, 4);
	assert_ptr_equal(cache->slots[3], e);
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
}

/* --- statistics --------------------------------------------------------------------------- */

static void everything_is_counted(void **state)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool_stats s, part = RB_DMA_POOL_STATS_INIT;
	struct rb_dma_stats of_device = RB_DMA_STATS_INIT;
	struct rb_dma_elem *e[5];
	struct rb_dma_pool *pool;
	unsigned int i;

	(void)state;
	o.count_max = 5;
	pool = open_pool(100, &o);
	for (i = 0; i < 5; i++)
		e[i] = get(pool);
	assert_null(rb_dma_pool_get(pool));
	for (i = 0; i < 4; i++)
		rb_dma_pool_put(pool, e[i]);

	s = stats_of(pool);

	assert_int_equal(s.size, sizeof(s));
	assert_int_equal(s.elem_size, 100);
	assert_int_equal(s.stride, 128);
	assert_int_equal(s.bytes, 4096);
	assert_int_equal(s.made, 5);
	assert_int_equal(s.out, 1);
	assert_int_equal(s.peak, 5);
	assert_int_equal(s.gets, 5);
	assert_int_equal(s.puts, 4);
	assert_int_equal(s.grows, 1);
	assert_int_equal(s.refusals, 1);
	assert_int_equal(s.misuses + s.refills + s.spills + s.caches, 0);
	assert_int_equal(rb_dma_stats_read(dev, &of_device), 0);
	assert_int_equal(of_device.pools, 1);
	assert_int_equal(of_device.pool_elems, 5);
	assert_int_equal(of_device.pool_grows, 1);
	part.size = offsetof(struct rb_dma_pool_stats, elem_size);
	assert_int_equal(rb_dma_pool_stats_read(pool, &part), 0);
	assert_int_equal(part.elem_size, 0);
	part.size = 0;
	assert_int_equal(rb_dma_pool_stats_read(pool, &part), -EINVAL);
	rb_dma_pool_put(pool, e[4]);
	rb_dma_pool_close(pool);
}

/* --- fork ---------------------------------------------------------------------------------- */

static int in_child(struct rb_dma_pool *pool, struct rb_dma_cache *cache, struct rb_dma_elem *e)
{
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;
	struct rb_dma_cache *another;

	if (rb_dma_pool_get(pool) || rb_dma_cache_get(cache))
		return 1;
	rb_dma_pool_put(pool, e);
	rb_dma_cache_put(cache, e);
	if (rb_dma_cache_open(pool, 0, &another) != -ENODEV)
		return 2;
	if (rb_dma_pool_stats_read(pool, &stats) != -ENODEV)
		return 3;
	rb_dma_pool_close(pool);
	rb_dma_cache_close(cache);
	return 0;
}

static void in_a_child_of_fork_get_is_null_and_the_rest_does_nothing(void **state)
{
	struct rb_dma_cache *cache;
	struct rb_dma_pool *pool;
	struct rb_dma_elem *e;
	int status;
	pid_t pid;

	(void)state;
	watch();
	pool = open_pool(64, NULL);
	cache = open_cache(pool, 8);
	e = cache_get(cache);

	pid = fork();
	if (pid == 0) {
		ours = 0; /* what the system does to the page it lies in */
		_exit(in_child(pool, cache, e));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);

	assert_int_equal(status, 0);
	rb_dma_cache_put(cache, e);
	rb_dma_cache_close(cache);
	rb_dma_pool_close(pool);
	assert_int_equal(w->misuses, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_device, close_device)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(elements_hold_to_alignment_and_boundary_and_do_not_overlap),
		TEST(elements_lie_below_the_mask),
		TEST(a_device_that_reaches_4_gib_only_gets_no_other_elements),
		TEST(memory_is_zeroed_when_it_is_made_and_never_again),
		TEST(demands_that_make_no_sense_are_refused),
		TEST(options_of_a_newer_caller_are_honoured_or_refused),
		TEST(null_is_taken_everywhere),
		TEST(a_devices_limits_hold_for_every_element),
		TEST(an_element_that_breaks_the_devices_limits_is_refused),
		TEST(a_cache_has_room_for_2_to_4096_elements),
		TEST(the_least_number_is_made_at_once_and_then_no_call_is_needed),
		TEST(a_pool_grows_by_as_much_as_it_has),
		TEST(a_pool_that_may_not_grow_says_so_and_goes_on),
		TEST(where_memory_is_in_pieces_blocks_are_smaller),
		TEST(memory_exhausted_at_each_point_loses_nothing),
		TEST(a_call_that_fails_at_each_point_loses_nothing),
		TEST(the_element_put_last_is_got_first),
		TEST(caches_keep_that_order_over_refill_and_spill),
		TEST(half_of_the_least_room_is_a_refill_like_any_other),
		TEST(a_cache_goes_to_its_pool_for_half_its_room),
		TEST(what_lies_in_a_cache_nobody_else_gets),
		TEST(raw_and_checked_files_share_a_pool),
		TEST(a_second_put_is_refused_wherever_the_first_went),
		TEST(an_element_of_another_pool_is_refused),
		TEST(a_copy_of_an_element_is_refused),
		TEST(garbage_is_not_followed_where_somebody_watches),
		TEST(closing_with_elements_out_is_told_and_their_memory_stays),
		TEST(a_pool_may_be_closed_before_its_caches),
		TEST(an_element_comes_back_through_the_cache_of_a_closed_pool),
		TEST(a_pool_outlives_its_device_but_does_not_grow),
		TEST(a_strict_world_is_told_whose_turn_it_is),
		TEST(publish_and_observe_keep_to_the_element),
		TEST(where_memory_is_shared_publish_and_observe_are_fences),
		TEST(free_elements_are_poisoned),
		TEST(inline_paths_are_used_where_nobody_watches),
		TEST(everything_is_counted),
		TEST(in_a_child_of_fork_get_is_null_and_the_rest_does_nothing),
	};

	return cmocka_run_group_tests_name("DMA pools", tests, NULL, NULL);
}
