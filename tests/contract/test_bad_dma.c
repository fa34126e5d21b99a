/* SPDX-License-Identifier: MIT */
/*
 * test_bad_dma.c - DMA that nobody should ask for: sizes, alignments and boundaries that
 * cannot be, option structs of another age, NULL everywhere, objects given back twice,
 * too many of them, a device that is gone, a child of fork().
 *
 * Each is answered with the documented code and a sentence that names the culprit, and
 * leaves nothing behind; whoever asks properly afterwards is served.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rbdrv/host.h>
#include <rbdrv/mock.h>

#include "contract.h"

/* What @rc says is @code, and the library's sentence has @word in it. */
#define assert_told(rc, code, word) check_told((rc), (code), (word), #rc, __FILE__, __LINE__)

static void check_told(int rc, int code, const char *word, const char *what, const char *file,
		       int line)
{
	if (rc != code || !strstr(rb_last_error(), word)) {
		print_error("%s:%d: %s is %d, '%s': not %d with '%s' in it\n", file, line, what, rc,
			    rb_last_error(), code, word);
		fail();
	}
}

/* --- contiguous buffers ------------------------------------------------------------------ */

static void sizes_that_cannot_be_are_refused(struct stage *stage)
{
	static const struct {
		uint64_t size;
		int code;
		const char *word;
	} sizes[] = {
		{ 0, -EINVAL, "no bytes" },
		{ RB_DMA_MAX + 1, -ENOMEM, "4194305" },
		{ UINT32_MAX, -ENOMEM, "4294967295" },
		{ (uint64_t)1 << 32, -ENOMEM, "4294967296" },
		{ (uint64_t)1 << 63, -ENOMEM, "9223372036854775808" },
		{ UINT64_MAX - 4095, -ENOMEM, "18446744073709547520" },
		{ UINT64_MAX, -ENOMEM, "18446744073709551615" },
	};
	struct rb_dma_buf *buf;
	size_t i;

	claim_edu(stage);

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf = (struct rb_dma_buf *)stage;
		assert_told(rb_dma_alloc(stage->dev, sizes[i].size, NULL, &buf), sizes[i].code,
			    sizes[i].word);
		assert_null(buf);
	}
}

struct demand {
	uint64_t align, boundary;
	uint32_t addr_bits;
	int code;
	const char *word;
};

static void demands_that_cannot_be_are_refused(struct stage *stage)
{
	static const struct demand demands[] = {
		{ 3, 0, 0, -EINVAL, "align 0x3" },
		{ 4097, 0, 0, -EINVAL, "align 0x1001" },
		{ UINT64_MAX, 0, 0, -EINVAL, "align 0xffffffffffffffff" },
		{ RB_DMA_MAX * 2, 0, 0, -ENOMEM, "8388608" },
		{ (uint64_t)1 << 63, 0, 0, -ENOMEM, "9223372036854775808" },
		{ 0, 3, 0, -EINVAL, "boundary 0x3" },
		{ 0, UINT64_MAX, 0, -EINVAL, "boundary 0xffffffffffffffff" },
		{ 0, 1, 0, -EINVAL, "boundary 0x1" },
		{ 0, 4096, 0, -EINVAL, "boundary 0x1000" },
		{ 0, 0, 1, -EINVAL, "addr_bits 1" },
		{ 0, 0, 11, -EINVAL, "addr_bits 11" },
		{ 0, 0, 65, -EINVAL, "addr_bits 65" },
		{ 0, 0, UINT32_MAX, -EINVAL, "addr_bits 4294967295" },
		{ 0, 0, 12, -ENOMEM, "2^12" },
		{ RB_DMA_MAX, 0, 20, -ENOMEM, "2^20" },
	};
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;
	size_t i;

	claim_edu(stage);

	for (i = 0; i < sizeof(demands) / sizeof(demands[0]); i++) {
		options.align = demands[i].align;
		options.boundary = demands[i].boundary;
		options.addr_bits = demands[i].addr_bits;
		buf = (struct rb_dma_buf *)stage;
		assert_told(rb_dma_alloc(stage->dev, 8192, &options, &buf), demands[i].code,
			    demands[i].word);
		assert_null(buf);
	}
}

static void the_widest_demands_are_none(struct stage *stage)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;

	claim_edu(stage);
	options.addr_bits = 64;
	options.boundary = (uint64_t)1 << 63;
	options.align = 1;

	assert_ok(rb_dma_alloc(stage->dev, 8192, &options, &stage->buf));

	assert_int_equal(rb_dma_addr(stage->buf, 0).value % 4096, 0);
}

static void accesses_past_a_buffer_are_refused(struct stage *stage)
{
	uint32_t last = 7;

	claim_edu(stage);
	alloc_edu_dma(stage, 4100);

	assert_int_equal(rb_dma_addr(stage->buf, 4101).value, UINT64_MAX);
	assert_int_equal(rb_dma_addr(stage->buf, UINT64_MAX).value, UINT64_MAX);
	assert_told(rb_dma_poll32(stage->buf, 4100, 1, 0, 0, &last), -ERANGE, "0x1004");
	assert_told(rb_dma_poll32(stage->buf, UINT64_MAX - 3, 1, 0, 0, &last), -ERANGE, "past");
	assert_told(rb_dma_poll32(stage->buf, 1, 1, 0, 0, &last), -EINVAL, "multiple");
	assert_told(rb_dma_poll32(stage->buf, 0, 1, 2, 0, &last), -EINVAL, "mask");
	assert_told(rb_dma_poll32(stage->buf, 0, 1, 1, UINT64_MAX, &last), -EINVAL, "");
}

/* --- limits --------------------------------------------------------------------------------- */

struct limit {
	uint32_t addr_bits;
	uint64_t align, boundary, segment_max;
	uint32_t flags;
	const char *word;
};

static void limits_that_cannot_be_are_refused(struct stage *stage)
{
	static const struct limit wrong[] = {
		{ 1, 0, 0, 0, 0, "addr_bits 1 " },
		{ 11, 0, 0, 0, 0, "addr_bits 11" },
		{ 65, 0, 0, 0, 0, "addr_bits 65" },
		{ UINT32_MAX, 0, 0, 0, 0, "addr_bits 4294967295" },
		{ 0, 3, 0, 0, 0, "align 0x3" },
		{ 0, UINT64_MAX, 0, 0, 0, "align 0xffffffffffffffff" },
		{ 0, RB_DMA_MAX * 2, 0, 0, 0, "align 0x800000" },
		{ 0, (uint64_t)1 << 63, 0, 0, 0, "align 0x8000000000000000" },
		{ 0, 0, 3, 0, 0, "boundary 0x3" },
		{ 0, 0, UINT64_MAX, 0, 0, "boundary 0xffffffffffffffff" },
		{ 0, 4096, 2048, 0, 0, "boundary 0x800" },
		{ 0, 4096, 0, 4095, 0, "segment_max 0xfff" },
		{ 0, 0, 0, 0, RB_DMA_CHECK << 1, "flags" },
		{ 0, 0, 0, 0, UINT32_MAX, "flags" },
	};
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT, now = RB_DMA_LIMITS_INIT;
	size_t i;

	claim_edu(stage);

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		limits.addr_bits = wrong[i].addr_bits;
		limits.align = wrong[i].align;
		limits.boundary = wrong[i].boundary;
		limits.segment_max = wrong[i].segment_max;
		limits.flags = wrong[i].flags;
		assert_told(rb_dma_set_limits(stage->dev, &limits), -EINVAL, wrong[i].word);
	}
	assert_ok(rb_dma_get_limits(stage->dev, &now));
	assert_int_equal(now.addr_bits, 64);
	assert_int_equal(now.align, 1);
	assert_int_equal(now.boundary, 0);
	assert_true(now.segment_max == UINT64_MAX);
	assert_int_equal(now.flags, 0);
}

static void limits_do_not_change_under_live_memory(struct stage *stage)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT, now = RB_DMA_LIMITS_INIT;

	claim_edu(stage);
	limits.addr_bits = 28;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));
	assert_ok(rb_dma_alloc(stage->dev, 64, NULL, &stage->buf));

	limits.addr_bits = 40;
	assert_told(rb_dma_set_limits(stage->dev, &limits), -EBUSY, "1 live");

	assert_ok(rb_dma_get_limits(stage->dev, &now));
	assert_int_equal(now.addr_bits, 28);
	rb_dma_close(stage->buf);
	stage->buf = NULL;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));
}

static void limits_refuse_memory_that_breaks_them(struct stage *stage)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_buf *buf;

	claim_edu(stage);
	limits.align = 4096;
	limits.boundary = 8192;
	limits.segment_max = 4096;
	limits.segments = 3;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));

	assert_told(rb_dma_alloc(stage->dev, 8193, NULL, &buf), -ENOMEM, "boundary of 0x2000");
	assert_null(buf);
	assert_told(rb_dma_alloc_sg(stage->dev, 12289, NULL, &buf), -ENOMEM, "4 segments");
	assert_null(buf);
	options.boundary = 2048;
	assert_told(rb_dma_alloc_sg(stage->dev, 64, &options, &buf), -EINVAL, "boundary 0x800");
	assert_null(buf);

	assert_ok(rb_dma_alloc_sg(stage->dev, 12288, NULL, &stage->buf));
	assert_int_equal(rb_dma_segment_count(stage->buf), 3);
}

/* --- buffers of segments ------------------------------------------------------------------ */

static void lists_of_segments_that_cannot_be_are_refused(struct stage *stage)
{
	static const struct {
		uint64_t size, align;
		int code;
		const char *word;
	} lists[] = {
		{ 0, 0, -EINVAL, "no bytes" },
		{ RB_DMA_SG_MAX + 1, 0, -ENOMEM, "1073741825" },
		{ (uint64_t)1 << 63, 0, -ENOMEM, "9223372036854775808" },
		{ UINT64_MAX - 4095, 0, -ENOMEM, "18446744073709547520" },
		{ UINT64_MAX, 0, -ENOMEM, "18446744073709551615" },
		{ 64, 3, -EINVAL, "align 0x3" },
		{ 64, RB_DMA_MAX * 2, -ENOMEM, "8388608" },
		{ UINT64_MAX, RB_DMA_MAX, -ENOMEM, "18446744073709551615" },
		{ RB_DMA_SG_MAX, 0, -ENOMEM, "" }, /* none of these machines has as much */
	};
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;
	size_t i;

	claim_edu(stage);

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		options.align = lists[i].align;
		buf = (struct rb_dma_buf *)stage;
		assert_told(rb_dma_alloc_sg(stage->dev, lists[i].size, &options, &buf),
			    lists[i].code, lists[i].word);
		assert_null(buf);
		assert_int_not_equal(strlen(rb_last_error()), 0);
	}
}

static void there_is_no_segment_past_the_last(struct stage *stage)
{
	struct rb_dma_segment part;

	claim_edu(stage);
	assert_ok(rb_dma_alloc_sg(stage->dev, 3 * 4096, NULL, &stage->buf));

	memset(&part, 0xa5, sizeof(part));
	assert_told(rb_dma_segment(stage->buf, rb_dma_segment_count(stage->buf), &part), -ERANGE,
		    "no segment");
	assert_int_equal(part.len, 0);
	assert_told(rb_dma_segment(stage->buf, UINT32_MAX, &part), -ERANGE, "4294967295");
	assert_told(rb_dma_segment(stage->buf, 0, NULL), -EINVAL, "NULL");
	assert_told(rb_dma_segment(NULL, 0, &part), -EINVAL, "NULL");
	assert_int_equal(rb_dma_segment_count(NULL), 0);
	assert_int_equal(rb_dma_addr(stage->buf, 3 * 4096 + 1).value, UINT64_MAX);
}

/* --- pools ----------------------------------------------------------------------------------- */

struct pool_demand {
	uint64_t elem_size, align, boundary, count_min, count_max;
	uint32_t addr_bits;
	int code;
	const char *word;
};

static void pools_that_cannot_be_are_refused(struct stage *stage)
{
	static const struct pool_demand demands[] = {
		{ 0, 0, 0, 0, 0, 0, -EINVAL, "no bytes" },
		{ RB_DMA_MAX + 1, 0, 0, 0, 0, 0, -ENOMEM, "4194305" },
		{ (uint64_t)1 << 63, 0, 0, 0, 0, 0, -ENOMEM, "9223372036854775808" },
		{ UINT64_MAX, 0, 0, 0, 0, 0, -ENOMEM, "18446744073709551615" },
		{ 64, 3, 0, 0, 0, 0, -EINVAL, "align 0x3" },
		{ 64, RB_DMA_MAX * 2, 0, 0, 0, 0, -ENOMEM, "0x800000" },
		{ 64, (uint64_t)1 << 63, 0, 0, 0, 0, -ENOMEM, "0x8000000000000000" },
		{ 64, UINT64_MAX, 0, 0, 0, 0, -EINVAL, "align 0xffffffffffffffff" },
		{ 64, 0, 96, 0, 0, 0, -EINVAL, "boundary 0x60" },
		{ 64, 0, 32, 0, 0, 0, -EINVAL, "boundary 0x20" },
		{ 64, 0, 0, 0, 0, 11, -EINVAL, "addr_bits 11" },
		{ 64, 0, 0, 0, 0, 65, -EINVAL, "addr_bits 65" },
		{ 64, 0, 0, 1, 0, 12, -ENOMEM, "2^12" },
		{ 64, 0, 0, 2, 1, 0, -EINVAL, "at least 2 and at most 1" },
		{ 64, 0, 0, RB_DMA_POOL_MAX + 1, 0, 0, -EINVAL, "2147483649" },
		{ 64, 0, 0, UINT64_MAX, UINT64_MAX, 0, -EINVAL, "18446744073709551615" },
		{ 64, 0, 0, 0, UINT64_MAX, 0, -EINVAL, "18446744073709551615" },
		{ RB_DMA_MAX, 0, 0, 100000, 0, 0, -ENOMEM, "" },
	};
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool *pool;
	size_t i;

	claim_edu(stage);

	for (i = 0; i < sizeof(demands) / sizeof(demands[0]); i++) {
		options.align = demands[i].align;
		options.boundary = demands[i].boundary;
		options.addr_bits = demands[i].addr_bits;
		options.count_min = demands[i].count_min;
		options.count_max = demands[i].count_max;
		pool = (struct rb_dma_pool *)stage;
		assert_told(rb_dma_pool_open(stage->dev, demands[i].elem_size, &options, &pool),
			    demands[i].code, demands[i].word);
		assert_null(pool);
	}
}

static void an_empty_pool_says_why_it_is_empty(struct stage *stage)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_elem *a, *b;

	claim_edu(stage);
	options.count_max = 2;
	options.label = "pair";
	assert_ok(rb_dma_pool_open(stage->dev, 64, &options, &stage->pool));
	a = rb_dma_pool_get(stage->pool);
	b = rb_dma_pool_get(stage->pool);
	assert_true(a && b && a != b);

	assert_null(rb_dma_pool_get(stage->pool));

	assert_non_null(strstr(rb_last_error(), "pair"));
	rb_dma_pool_put(stage->pool, a);
	assert_ptr_equal(rb_dma_pool_get(stage->pool), a);
	rb_dma_pool_put(stage->pool, b);
	rb_dma_pool_put(stage->pool, a);
}

static uint64_t misuses_of(struct rb_dma_pool *pool)
{
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;

	assert_ok(rb_dma_pool_stats_read(pool, &stats));
	return stats.misuses;
}

static void count_sentence(void *arg, enum rb_log_level level, const char *sentence)
{
	unsigned int *count = arg;

	*count += level == RB_LOG_ERROR && strstr(sentence, "twice-put") != NULL;
}

/* Told and harmless: nobody gets an element that another one holds. */
static void elements_put_twice_stay_out_of_the_pool(struct stage *stage)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_elem *a, *b, forged;
	struct rb_dma_cache *cache;
	unsigned int told = 0;

	claim_edu(stage);
	rb_ctx_set_log(stage->ctx, RB_LOG_ERROR, count_sentence, &told);
	options.label = "twice-put";
	assert_ok(rb_dma_pool_open(stage->dev, 64, &options, &stage->pool));
	assert_ok(rb_dma_cache_open(stage->pool, 0, &cache));
	a = rb_dma_pool_get(stage->pool);
	assert_non_null(a);
	memcpy(&forged, a, sizeof(forged));

	rb_dma_pool_put(stage->pool, a);
	rb_dma_pool_put(stage->pool, a);
	rb_dma_cache_put(cache, a);
	rb_dma_pool_put(stage->pool, &forged);

	assert_int_equal(misuses_of(stage->pool), 3);
	assert_int_equal(told, 3);
	a = rb_dma_pool_get(stage->pool);
	b = rb_dma_cache_get(cache);
	assert_true(a && b && a != b && a != &forged && b != &forged);
	rb_dma_pool_put(stage->pool, a);
	rb_dma_cache_put(cache, b);
	rb_dma_cache_close(cache);
	rb_ctx_set_log(stage->ctx, RB_LOG_ERROR, NULL, NULL);
}

static void an_element_of_another_pool_is_refused(struct stage *stage)
{
	struct rb_dma_pool *other;
	struct rb_dma_elem *elem;

	claim_edu(stage);
	assert_ok(rb_dma_pool_open(stage->dev, 64, NULL, &stage->pool));
	assert_ok(rb_dma_pool_open(stage->dev, 64, NULL, &other));
	elem = rb_dma_pool_get(other);
	assert_non_null(elem);

	rb_dma_pool_put(stage->pool, elem);

	assert_int_equal(misuses_of(stage->pool), 1);
	rb_dma_pool_put(other, elem);
	assert_int_equal(misuses_of(other), 0);
	rb_dma_pool_close(other);
}

/* --- rings ----------------------------------------------------------------------------------- */

struct ring_demand {
	uint32_t count, desc_size, reserve, flags;
	uint64_t doorbell, off;
	int code;
	const char *word;
};

static void rings_that_cannot_be_are_refused(struct stage *stage)
{
	static const struct ring_demand demands[] = {
		{ 0, 16, 0, 0, 0, 0, -EINVAL, "slots" },
		{ 3, 16, 0, 0, 0, 0, -EINVAL, "3" },
		{ UINT32_MAX, 16, 0, 0, 0, 0, -EINVAL, "4294967295" },
		{ 0x80000000, 0xffffffff, 0, 0, 0, 0, -ENOMEM, "2147483648" },
		{ 16, 0, 0, 0, 0, 0, -EINVAL, "no bytes" },
		{ 16, UINT32_MAX, 0, 0, 0, 0, -ENOMEM, "4294967295" },
		{ 16, 16, 16, 0, 0, 0, -EINVAL, "16 of 16" },
		{ 16, 16, UINT32_MAX, 0, 0, 0, -EINVAL, "4294967295 of 16" },
		{ 16, 16, 1, RB_DMA_RING_COMPLETIONS, 0, 0, -EINVAL, "reserve" },
		{ 16, 16, 0, 0x8000, 0, 0, -EINVAL, "0x8000" },
		{ 16, 16, 0, 0, 2, 0, -EINVAL, "doorbell 0x2" },
		{ 16, 16, 0, 0, EDU_BAR_SIZE, 0, -ERANGE, "doorbell 0x100000" },
		{ 16, 16, 0, 0, UINT64_MAX - 3, 0, -ERANGE, "0xfffffffffffffffc" },
		{ 16, 16, 0, 0, 0, 16, -EINVAL, "offset" },
	};
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;
	struct rb_dma_ring *ring;
	size_t i;

	map_edu(stage);

	options.regs = stage->regs;
	for (i = 0; i < sizeof(demands) / sizeof(demands[0]); i++) {
		options.reserve = demands[i].reserve;
		options.flags = demands[i].flags;
		options.doorbell = demands[i].doorbell;
		options.off = demands[i].off;
		ring = (struct rb_dma_ring *)stage;
		assert_told(rb_dma_ring_open(stage->dev, demands[i].count, demands[i].desc_size,
					     &options, &ring),
			    demands[i].code, demands[i].word);
		assert_null(ring);
	}
}

static void a_ring_does_not_leave_the_buffer_it_is_given(struct stage *stage)
{
	static const uint64_t offsets[] = { 16, 4096, UINT64_MAX, UINT64_MAX - 255 };
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;
	struct rb_dma_ring *ring;
	size_t i;

	map_edu(stage);
	alloc_edu_dma(stage, 256);
	options.buf = stage->buf;

	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		options.off = offsets[i];
		assert_told(rb_dma_ring_open(stage->dev, 16, 16, &options, &ring), -ERANGE,
			    "pass the end");
		assert_null(ring);
	}
	options.off = 0;
	assert_ok(rb_dma_ring_open(stage->dev, 16, 16, &options, &ring));
	assert_int_equal(rb_dma_ring_addr(ring, 17).value, UINT64_MAX);
	rb_dma_ring_close(ring);
}

/* Told and harmless: the device hears of no slot that is not there. */
static void more_slots_than_there_are_stay_unposted(struct stage *stage)
{
	claim_edu(stage);
	assert_ok(rb_dma_ring_open(stage->dev, 8, 16, NULL, &stage->ring));

	rb_dma_ring_post(stage->ring, 9);
	rb_dma_ring_post(stage->ring, UINT32_MAX);
	if (stage->world->mock) /* where the doorbell and memory are direct nobody looks */
		rb_dma_ring_take(stage->ring, 1);

	assert_int_equal(rb_dma_ring_used(stage->ring), 0);
	assert_int_equal(rb_dma_ring_ring(stage->ring), 0);
	rb_dma_ring_post(stage->ring, 8);
	assert_int_equal(rb_dma_ring_ring(stage->ring), 8);
	assert_told(rb_dma_ring_told(stage->ring, 9, 0xffff), -EPROTO, "0x9 of");
	assert_told(rb_dma_ring_told(stage->ring, UINT32_MAX, 0xffff), -EPROTO,
		    "0xffffffff of");
	rb_dma_ring_take(stage->ring, 8);
}

/* --- maps ------------------------------------------------------------------------------------ */

static uint8_t bytes[3 * 4096];

static void maps_that_cannot_be_are_refused(struct stage *stage)
{
	static const struct {
		uint64_t len;
		int dir, code;
		const char *word;
	} maps[] = {
		{ 0, RB_DMA_BOTH, -EINVAL, "no bytes" },
		{ RB_DMA_MAP_MAX + 1, RB_DMA_BOTH, -EFBIG, "1073741824" },
		{ (uint64_t)1 << 46, RB_DMA_BOTH, -EFBIG, "1073741824" },
		{ UINT64_MAX, RB_DMA_BOTH, -EINVAL, "wraps around" },
		{ UINT64_MAX - 4095, RB_DMA_BOTH, -EINVAL, "wraps around" },
		{ 64, 0, -EINVAL, "direction 0" },
		{ 64, 4, -EINVAL, "direction 4" },
		{ 64, -1, -EINVAL, "direction -1" },
	};
	struct rb_dma_map *map;
	size_t i;

	map_edu(stage);

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		map = (struct rb_dma_map *)stage;
		assert_told(rb_dma_map(stage->dev, bytes, maps[i].len, (enum rb_dma_dir)maps[i].dir,
				       NULL, &map),
			    maps[i].code, maps[i].word);
		assert_null(map);
	}
	assert_told(rb_dma_map(stage->dev, (void *)(uintptr_t)stage->regs->base, 64, RB_DMA_BOTH,
			       NULL, &map),
		    -EINVAL, "regist");
	assert_null(map);
}

static void ranges_that_cannot_be_are_refused(struct stage *stage)
{
	struct rb_dma_range ranges[3] = { { bytes, 64 }, { bytes + 64, 64 }, { bytes + 128, 64 } };
	struct rb_dma_map *map;

	claim_edu(stage);

	assert_told(rb_dma_map_ranges(stage->dev, ranges, 0, RB_DMA_BOTH, NULL, &map), -EINVAL,
		    "nothing to map");
	assert_told(rb_dma_map_ranges(stage->dev, ranges, RB_DMA_MAP_RANGES_MAX + 1, RB_DMA_BOTH,
				      NULL, &map),
		    -EFBIG, "65537 ranges");
	assert_told(rb_dma_map_ranges(stage->dev, ranges, SIZE_MAX, RB_DMA_BOTH, NULL, &map),
		    -EFBIG, "ranges");
	ranges[2].len = 0;
	assert_told(rb_dma_map_ranges(stage->dev, ranges, 3, RB_DMA_BOTH, NULL, &map), -EINVAL,
		    "range 2 is of no bytes");
	ranges[2].len = 64;
	ranges[1].cpu = NULL;
	assert_told(rb_dma_map_ranges(stage->dev, ranges, 3, RB_DMA_BOTH, NULL, &map), -EINVAL,
		    "range 1 is NULL");
	ranges[1].cpu = bytes + 63;
	assert_told(rb_dma_map_ranges(stage->dev, ranges, 3, RB_DMA_FROM_DEVICE, NULL, &map),
		    -EBUSY, "belongs to map");
	assert_null(map);
}

struct map_demand {
	uint32_t addr_bits, segments, flags;
	uint64_t align, boundary, segment_max;
	int code;
	const char *word;
};

static void demands_on_maps_that_cannot_be_are_refused(struct stage *stage)
{
	static const struct map_demand demands[] = {
		{ 11, 0, 0, 0, 0, 0, -EINVAL, "addr_bits 11" },
		{ 65, 0, 0, 0, 0, 0, -EINVAL, "addr_bits 65" },
		{ 12, 0, 0, 0, 0, 0, -ENOMEM, "2^12" },
		{ 0, 0, 0, 3, 0, 0, -EINVAL, "align 0x3" },
		{ 0, 0, 0, UINT64_MAX, 0, 0, -EINVAL, "align 0xffffffffffffffff" },
		{ 0, 0, 0, 0, 3, 0, -EINVAL, "boundary 0x3" },
		{ 0, 0, 0, 0, UINT64_MAX, 0, -EINVAL, "boundary 0xffffffffffffffff" },
		{ 0, 0, 0, 4096, 2048, 0, -EINVAL, "boundary 0x800" },
		{ 0, 0, 0, 4096, 0, 2048, -EINVAL, "segment_max 0x800" },
		{ 0, 2, 0, 0, 0, 4096, -ENOMEM, "takes 2" },
		{ 0, 0, 0x80, 0, 0, 0, -EINVAL, "flags 0x80" },
		{ 0, 0, RB_DMA_MAP_BOUNCE | RB_DMA_MAP_NO_BOUNCE, 0, 0, 0, -EINVAL, "forbidden" },
		{ 0, 0, RB_DMA_MAP_NO_BOUNCE, 0, 0, 0, -ENOMEM, "RB_DMA_MAP_NO_BOUNCE" },
	};
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map;
	size_t i;

	claim_edu(stage);

	for (i = 0; i < sizeof(demands) / sizeof(demands[0]); i++) {
		options.addr_bits = demands[i].addr_bits;
		options.segments = demands[i].segments;
		options.flags = demands[i].flags;
		options.align = demands[i].align;
		options.boundary = demands[i].boundary;
		options.segment_max = demands[i].segment_max;
		map = (struct rb_dma_map *)stage;
		assert_told(rb_dma_map(stage->dev, bytes, sizeof(bytes), RB_DMA_BOTH, &options, &map),
			    demands[i].code, demands[i].word);
		assert_null(map);
	}
}

static void bytes_are_in_one_map_at_a_time(struct stage *stage)
{
	struct rb_dma_map *second;

	claim_edu(stage);
	assert_ok(rb_dma_map(stage->dev, bytes, 100, RB_DMA_FROM_DEVICE, NULL, &stage->map));

	assert_told(rb_dma_map(stage->dev, bytes + 99, 100, RB_DMA_TO_DEVICE, NULL, &second),
		    -EBUSY, "belongs to map");
	assert_null(second);

	assert_ok(rb_dma_map(stage->dev, bytes + 100, 100, RB_DMA_TO_DEVICE, NULL, &second));
	rb_dma_unmap(second);
}

static void what_is_past_a_map_does_not_change_hands(struct stage *stage)
{
	struct rb_dma_segment part;

	claim_edu(stage);
	assert_ok(rb_dma_map(stage->dev, bytes, 100, RB_DMA_BOTH, NULL, &stage->map));

	assert_told(rb_dma_sync_for_cpu(stage->map, 0, 101), -ERANGE, "101 bytes at 0");
	assert_told(rb_dma_sync_for_cpu(stage->map, 101, 0), -ERANGE, "0 bytes at 101");
	assert_told(rb_dma_sync_for_cpu(stage->map, UINT64_MAX, 2), -ERANGE, "2 bytes at");
	assert_told(rb_dma_sync_for_device(stage->map, 99, UINT64_MAX), -ERANGE, "at 99");
	assert_told(rb_dma_map_segment(stage->map, rb_dma_map_count(stage->map), &part), -ERANGE,
		    "segments");
	assert_int_equal(part.len, 0);
	assert_ok(rb_dma_sync_for_cpu(stage->map, 100, 0));
	assert_ok(rb_dma_sync_for_device(stage->map, 0, 100)); /* it has them */
}

/* --- option structs of another age ------------------------------------------------------- */

/* What a call makes of an option struct. */
typedef int (*try_fn)(struct stage *stage, const void *options);

static int try_alloc(struct stage *stage, const void *options)
{
	struct rb_dma_buf *buf;
	int rc = rb_dma_alloc(stage->dev, 64, options, &buf);

	rb_dma_close(buf);
	return rc;
}

static int try_list(struct stage *stage, const void *options)
{
	struct rb_dma_buf *buf;
	int rc = rb_dma_alloc_sg(stage->dev, 64, options, &buf);

	rb_dma_close(buf);
	return rc;
}

static int try_limits(struct stage *stage, const void *limits)
{
	return rb_dma_set_limits(stage->dev, limits);
}

static int try_map(struct stage *stage, const void *options)
{
	struct rb_dma_map *map;
	int rc = rb_dma_map(stage->dev, bytes, 64, RB_DMA_BOTH, options, &map);

	rb_dma_unmap(map);
	return rc;
}

static int try_pool(struct stage *stage, const void *options)
{
	struct rb_dma_pool *pool;
	int rc = rb_dma_pool_open(stage->dev, 64, options, &pool);

	rb_dma_pool_close(pool);
	return rc;
}

static int try_ring(struct stage *stage, const void *options)
{
	struct rb_dma_ring *ring;
	int rc = rb_dma_ring_open(stage->dev, 16, 16, options, &ring);

	rb_dma_ring_close(ring);
	return rc;
}

/* @size bytes are the struct as this library knows it; @name is what its sentences call it. */
static void check_sizes(struct stage *stage, try_fn attempt, uint32_t size, const char *name)
{
	uint32_t words[64] = { 0 };

	words[0] = 0; /* never initialized */
	assert_told(attempt(stage, words), -EINVAL, name);
	words[0] = 3;
	assert_told(attempt(stage, words), -EINVAL, name);
	words[0] = size + 1; /* no multiple of 4 */
	assert_told(attempt(stage, words), -EINVAL, name);
	words[0] = UINT32_MAX;
	assert_told(attempt(stage, words), -EINVAL, name);

	words[0] = sizeof(words); /* a newer caller, who asks for nothing new */
	assert_ok(attempt(stage, words));
	words[63] = 1; /* ... or for something that is not known here */
	assert_told(attempt(stage, words), -EINVAL, name);
	words[63] = 0;
	words[size / 4] = 0x80000000;
	assert_told(attempt(stage, words), -EINVAL, name);
	words[0] = size; /* what is behind the struct is none of its business */
	assert_ok(attempt(stage, words));
	words[0] = 4; /* an older caller: every default */
	assert_ok(attempt(stage, words));
}

static void option_structs_of_another_age_are_understood_or_refused(struct stage *stage)
{
	claim_edu(stage);

	check_sizes(stage, try_alloc, sizeof(struct rb_dma_options), "struct rb_dma_options");
	check_sizes(stage, try_list, sizeof(struct rb_dma_options), "struct rb_dma_options");
	check_sizes(stage, try_limits, sizeof(struct rb_dma_limits), "struct rb_dma_limits");
	check_sizes(stage, try_map, sizeof(struct rb_dma_map_options), "struct rb_dma_map_options");
	check_sizes(stage, try_pool, sizeof(struct rb_dma_pool_options),
		    "struct rb_dma_pool_options");
	check_sizes(stage, try_ring, sizeof(struct rb_dma_ring_options),
		    "struct rb_dma_ring_options");
}

/* --- NULL ---------------------------------------------------------------------------------- */

static void null_is_einval_or_nothing(struct stage *stage)
{
	struct rb_dma_buf *buf = (struct rb_dma_buf *)stage;

	claim_edu(stage);

	assert_told(rb_dma_alloc(NULL, 64, NULL, &buf), -EINVAL, "NULL");
	assert_null(buf);
	assert_told(rb_dma_alloc(stage->dev, 64, NULL, NULL), -EINVAL, "rb_dma_alloc");
	assert_told(rb_dma_poll32(NULL, 0, 0, 0, 0, NULL), -EINVAL, "NULL");
	assert_null(rb_dma_cpu(NULL));
	assert_int_equal(rb_dma_size(NULL), 0);
	assert_int_equal(rb_dma_addr(NULL, 0).value, UINT64_MAX);
	rb_dma_close(NULL);
}

static void null_for_limits_and_lists_is_einval_or_nothing(struct stage *stage)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_buf *buf = (struct rb_dma_buf *)stage;

	claim_edu(stage);

	assert_told(rb_dma_set_limits(NULL, &limits), -EINVAL, "NULL");
	assert_told(rb_dma_set_limits(stage->dev, NULL), -EINVAL, "NULL");
	assert_told(rb_dma_get_limits(NULL, &limits), -EINVAL, "NULL");
	assert_told(rb_dma_get_limits(stage->dev, NULL), -EINVAL, "rb_dma_get_limits");
	limits.size = 0;
	assert_told(rb_dma_get_limits(stage->dev, &limits), -EINVAL, "rb_dma_get_limits");
	assert_told(rb_dma_stats_read(NULL, &stats), -EINVAL, "NULL");
	assert_told(rb_dma_stats_read(stage->dev, NULL), -EINVAL, "rb_dma_stats_read");
	stats.size = 3;
	assert_told(rb_dma_stats_read(stage->dev, &stats), -EINVAL, "rb_dma_stats_read");
	assert_told(rb_dma_alloc_sg(NULL, 64, NULL, &buf), -EINVAL, "NULL");
	assert_null(buf);
	assert_told(rb_dma_alloc_sg(stage->dev, 64, NULL, NULL), -EINVAL, "rb_dma_alloc_sg");
}

static void null_for_maps_is_einval_or_nothing(struct stage *stage)
{
	struct rb_dma_map *map = (struct rb_dma_map *)stage;
	struct rb_dma_range range = { bytes, 64 };
	struct rb_dma_segment part;

	claim_edu(stage);
	assert_ok(rb_dma_map(stage->dev, bytes, 100, RB_DMA_BOTH, NULL, &stage->map));

	assert_told(rb_dma_map(NULL, bytes + 100, 64, RB_DMA_BOTH, NULL, &map), -EINVAL, "NULL");
	assert_null(map);
	assert_told(rb_dma_map(stage->dev, NULL, 64, RB_DMA_BOTH, NULL, &map), -EINVAL, "NULL");
	assert_null(map);
	assert_told(rb_dma_map(stage->dev, bytes + 100, 64, RB_DMA_BOTH, NULL, NULL), -EINVAL,
		    "rb_dma_map");
	assert_told(rb_dma_map_ranges(NULL, &range, 1, RB_DMA_BOTH, NULL, &map), -EINVAL, "NULL");
	assert_told(rb_dma_map_ranges(stage->dev, NULL, 1, RB_DMA_BOTH, NULL, &map), -EINVAL,
		    "nothing to map");
	assert_told(rb_dma_map_ranges(stage->dev, &range, 1, RB_DMA_BOTH, NULL, NULL), -EINVAL,
		    "rb_dma_map");
	assert_told(rb_dma_sync_for_cpu(NULL, 0, 0), -EINVAL, "NULL");
	assert_told(rb_dma_sync_for_device(NULL, 0, 0), -EINVAL, "NULL");
	assert_told(rb_dma_map_segment(NULL, 0, &part), -EINVAL, "NULL");
	assert_told(rb_dma_map_segment(stage->map, 0, NULL), -EINVAL, "rb_dma_map_segment");
	assert_int_equal(rb_dma_map_count(NULL), 0);
	assert_false(rb_dma_map_is_bounced(NULL));
	rb_dma_unmap(NULL);
}

/* What a caller of another age has no room for stays as it was. */
static void an_answer_ends_where_its_struct_does(struct stage *stage)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct {
		struct rb_dma_limits limits;
		uint64_t more;
	} longer = { RB_DMA_LIMITS_INIT, 7 };

	claim_edu(stage);
	assert_ok(rb_dma_alloc(stage->dev, 64, NULL, &stage->buf));
	limits.size = offsetof(struct rb_dma_limits, align);
	limits.align = 99;
	stats.size = offsetof(struct rb_dma_stats, bytes);
	stats.bytes = 99;
	longer.limits.size = sizeof(longer);

	assert_ok(rb_dma_get_limits(stage->dev, &limits));
	assert_ok(rb_dma_get_limits(stage->dev, &longer.limits));
	assert_ok(rb_dma_stats_read(stage->dev, &stats));

	assert_int_equal(limits.addr_bits, 64);
	assert_int_equal(limits.align, 99);
	assert_int_equal(longer.limits.align, 1);
	assert_int_equal(longer.more, 7);
	assert_int_equal(stats.buffers, 1);
	assert_int_equal(stats.bytes, 99);
}

static void null_for_pools_and_rings_is_einval_or_nothing(struct stage *stage)
{
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;
	struct rb_dma_pool *pool = (struct rb_dma_pool *)stage;
	struct rb_dma_ring *ring = (struct rb_dma_ring *)stage;
	struct rb_dma_cache *cache = (struct rb_dma_cache *)stage;

	claim_edu(stage);
	assert_ok(rb_dma_pool_open(stage->dev, 64, NULL, &stage->pool));

	assert_told(rb_dma_pool_open(NULL, 64, NULL, &pool), -EINVAL, "NULL");
	assert_null(pool);
	assert_told(rb_dma_pool_open(stage->dev, 64, NULL, NULL), -EINVAL, "rb_dma_pool_open");
	assert_null(rb_dma_pool_get(NULL));
	assert_non_null(strstr(rb_last_error(), "NULL"));
	rb_dma_pool_put(NULL, NULL);
	rb_dma_pool_put(stage->pool, NULL);
	assert_told(rb_dma_pool_stats_read(NULL, &stats), -EINVAL, "NULL");
	assert_told(rb_dma_pool_stats_read(stage->pool, NULL), -EINVAL, "NULL");
	stats.size = 0;
	assert_told(rb_dma_pool_stats_read(stage->pool, &stats), -EINVAL, "rb_dma_pool_stats");
	assert_told(rb_dma_cache_open(NULL, 0, &cache), -EINVAL, "NULL");
	assert_null(cache);
	assert_told(rb_dma_cache_open(stage->pool, 0, NULL), -EINVAL, "rb_dma_cache_open");
	assert_told(rb_dma_cache_open(stage->pool, 1, &cache), -EINVAL, "1");
	assert_told(rb_dma_cache_open(stage->pool, RB_DMA_CACHE_MAX + 1, &cache), -EINVAL, "4097");
	rb_dma_elem_publish_routed(NULL, 0, 0);
	rb_dma_elem_observe_routed(NULL, 0, 0);
	rb_dma_cache_put_routed(NULL, NULL);
	rb_dma_cache_close(NULL);
	rb_dma_pool_close(NULL);

	assert_told(rb_dma_ring_open(NULL, 16, 16, NULL, &ring), -EINVAL, "NULL");
	assert_null(ring);
	assert_told(rb_dma_ring_open(stage->dev, 16, 16, NULL, NULL), -EINVAL, "rb_dma_ring_open");
	assert_int_equal(rb_dma_ring_addr(NULL, 0).value, UINT64_MAX);
	rb_dma_ring_reset(NULL);
	rb_dma_ring_close(NULL);
}

/* --- too many ------------------------------------------------------------------------------ */

#define MANY 100000u

/* As many live buffers as there are, up to MANY. */
static size_t fill_up(struct stage *stage, struct rb_dma_buf **bufs, uint64_t size, int *rc)
{
	size_t n;

	for (n = 0; n < MANY; n++) {
		*rc = rb_dma_alloc(stage->dev, size, NULL, &bufs[n]);
		if (*rc < 0) {
			assert_null(bufs[n]);
			break;
		}
	}
	return n;
}

static void memory_that_runs_out_is_enomem_and_comes_back(struct stage *stage)
{
	struct rb_dma_buf **bufs = calloc(MANY, sizeof(*bufs));
	size_t first, second, i;
	int rc = 0;

	assert_non_null(bufs);
	claim_edu(stage);

	first = fill_up(stage, bufs, RB_DMA_MAX, &rc);
	if (rc != -ENOMEM || strlen(rb_last_error()) == 0)
		fail_msg("%zu buffers of 4 MiB, then %d: %s", first, rc, rb_last_error());
	for (i = 0; i < first; i++)
		rb_dma_close(bufs[i]);
	second = fill_up(stage, bufs, RB_DMA_MAX, &rc);
	for (i = 0; i < second; i++)
		rb_dma_close(bufs[i]);
	free(bufs);

	assert_true(first > 4);
	assert_int_equal(second, first);
	assert_int_equal(rc, -ENOMEM);
}

/* Of what is many, a pool makes much out of few blocks. */
static void a_hundred_thousand_elements_live_at_once(struct stage *stage)
{
	struct rb_dma_elem **elems = calloc(MANY, sizeof(*elems));
	struct rb_dma_pool_stats stats = RB_DMA_POOL_STATS_INIT;
	uint64_t last = 0;
	size_t i, n;

	assert_non_null(elems);
	claim_edu(stage);
	assert_ok(rb_dma_pool_open(stage->dev, 64, NULL, &stage->pool));

	for (n = 0; n < MANY; n++) {
		elems[n] = rb_dma_pool_get(stage->pool);
		if (!elems[n])
			break;
		memcpy(elems[n]->cpu, &n, sizeof(n));
	}
	for (i = 0; i < n && memcmp(elems[i]->cpu, &i, sizeof(i)) == 0; i++)
		last = elems[i]->bus.value;
	while (n > 0)
		rb_dma_pool_put(stage->pool, elems[--n]);
	free(elems);

	assert_int_equal(i, MANY); /* each had its own bytes */
	assert_int_not_equal(last, 0);
	assert_ok(rb_dma_pool_stats_read(stage->pool, &stats));
	assert_int_equal(stats.peak, MANY);
	assert_int_equal(stats.out, 0);
}

/* --- gone ------------------------------------------------------------------------------------ */

static void pull(struct stage *stage)
{
	int rc = rb_host_unplug(stage->ctx, rb_pci_info_addr(rb_pci_info(stage->dev)));

	if (rc == -ENOTSUP)
		skip(); /* a QEMU without its monitor */
	assert_ok(rc);
}

static void a_device_that_is_gone_gets_no_memory(struct stage *stage)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_elem *elem;
	struct rb_dma_pool *pool;
	struct rb_dma_ring *ring;
	struct rb_dma_map *map;
	struct rb_dma_buf *buf;
	uint32_t val;

	map_edu(stage);
	alloc_edu_dma(stage, 4096);
	assert_ok(rb_dma_pool_open(stage->dev, 64, NULL, &stage->pool));
	elem = rb_dma_pool_get(stage->pool);
	assert_non_null(elem);
	pull(stage);
	assert_int_equal(rb_pci_config_read32(stage->dev, 0, &val), -ENODEV);

	assert_told(rb_dma_alloc(stage->dev, 64, NULL, &buf), -ENODEV, "gone");
	assert_null(buf);
	assert_told(rb_dma_alloc_sg(stage->dev, 64, NULL, &buf), -ENODEV, "gone");
	assert_null(buf);
	assert_told(rb_dma_map(stage->dev, bytes, 64, RB_DMA_BOTH, NULL, &map), -ENODEV, "gone");
	assert_null(map);
	assert_told(rb_dma_pool_open(stage->dev, 64, NULL, &pool), -ENODEV, "gone");
	assert_null(pool);
	assert_told(rb_dma_ring_open(stage->dev, 16, 16, NULL, &ring), -ENODEV, "gone");
	assert_null(ring);
	rb_dma_pool_put(stage->pool, elem);
	assert_ptr_equal(rb_dma_pool_get(stage->pool), elem); /* it has what it has */
	rb_dma_pool_put(stage->pool, elem);
	assert_ok(rb_dma_stats_read(stage->dev, &stats));
	assert_int_equal(stats.buffers, 2);

	/* what it had is still the driver's */
	memset(rb_dma_cpu(stage->buf), 0xa5, 4096);
	rb_dma_publish(stage->buf, 0, 4096);
	assert_told(rb_dma_poll32(stage->buf, 0, 1, 0, 0, NULL), -ENODEV, "gone");
}

/* --- in a child of fork() ------------------------------------------------------------------ */

static int child_gets_nothing(struct stage *stage)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_pool *pool;
	struct rb_dma_ring *ring;
	struct rb_dma_map *map;
	struct rb_dma_buf *buf;

	MUST(rb_dma_map(stage->dev, bytes, 64, RB_DMA_BOTH, NULL, &map) == -ENODEV && map == NULL);
	MUST(rb_dma_sync_for_cpu(stage->map, 0, 1) == -ENODEV);
	MUST(rb_dma_sync_for_device(stage->map, 0, 1) == -ENODEV);
	MUST(rb_dma_set_limits(stage->dev, &limits) == -ENODEV);
	MUST(rb_dma_get_limits(stage->dev, &limits) == -ENODEV);
	MUST(rb_dma_stats_read(stage->dev, &stats) == -ENODEV);
	MUST(rb_dma_alloc_sg(stage->dev, 64, NULL, &buf) == -ENODEV && buf == NULL);
	MUST(rb_dma_pool_open(stage->dev, 64, NULL, &pool) == -ENODEV && pool == NULL);
	MUST(rb_dma_ring_open(stage->dev, 16, 16, NULL, &ring) == -ENODEV && ring == NULL);
	MUST(rb_dma_pool_get(stage->pool) == NULL);
	MUST(strlen(rb_last_error()) > 0);
	MUST(rb_dma_alloc(stage->dev, 64, NULL, &buf) == -ENODEV && buf == NULL);
	MUST(strstr(rb_last_error(), "fork") || strstr(rb_last_error(), "process"));
	MUST(rb_dma_poll32(stage->buf, 0, 1, 1, 0, NULL) == -ENODEV);
	return 0;
}

static int child_frees(struct stage *stage)
{
	rb_dma_unmap(stage->map);
	rb_dma_ring_close(stage->ring);
	rb_dma_pool_close(stage->pool);
	rb_dma_close(stage->buf);
	rb_pci_unref(stage->dev);
	return 0;
}

static void in_a_child_there_is_no_dma(struct stage *stage)
{
	map_edu(stage);
	alloc_edu_dma(stage, 4096);
	assert_ok(rb_dma_pool_open(stage->dev, 64, NULL, &stage->pool));
	assert_ok(rb_dma_ring_open(stage->dev, 16, 16, NULL, &stage->ring));
	assert_ok(rb_dma_map(stage->dev, bytes, 4096, RB_DMA_FROM_DEVICE, NULL, &stage->map));

	fork_and_play(stage, child_gets_nothing);
	fork_and_play(stage, child_frees);

	/* the parent's memory and its device are as they were */
	memset(rb_dma_cpu(stage->buf), 0x5a, 64);
	rb_dma_publish(stage->buf, 0, 64);
	run_edu_dma(stage, rb_dma_addr(stage->buf, 0).value, EDU_INTERNAL, 64, 0);
}

/* --- no permission --------------------------------------------------------------------------- */

/* Who may not allocate DMA memory may not claim a device either: it ends there. */
static void without_permission_there_is_no_device_to_ask_for(struct stage *stage)
{
	struct rb_dma_buf *buf = (struct rb_dma_buf *)stage;
	struct rb_pci_dev *dev;
	size_t i;

	assert_ok(rb_pci_scan(stage->ctx, NULL, &stage->list));
	assert_int_not_equal(rb_pci_list_count(stage->list), 0);

	for (i = 0; i < rb_pci_list_count(stage->list); i++) {
		assert_told(rb_pci_open(stage->ctx,
					rb_pci_info_addr(rb_pci_list_get(stage->list, i)), &dev),
			    -EACCES, "may not claim");
		assert_null(dev);
		assert_told(rb_dma_alloc(dev, 64, NULL, &buf), -EINVAL, "NULL");
		assert_null(buf);
	}
}

/* --- a mock with much, little or no memory ------------------------------------------------- */

struct tight {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
};

static void open_tight(struct tight *t, const char *machine)
{
	struct rb_pci_list *list;

	assert_ok(rb_ctx_new(machine, &t->ctx));
	assert_ok(rb_pci_scan(t->ctx, NULL, &list));
	assert_ok(rb_pci_open(t->ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &t->dev));
	rb_pci_list_close(list);
}

static void close_tight(struct tight *t)
{
	rb_pci_unref(t->dev);
	assert_int_equal(rb_ctx_live(t->ctx, NULL, 0), 0);
	assert_int_equal(rb_mock_verify(t->ctx), 0);
	rb_ctx_unref(t->ctx);
}

static void a_hundred_thousand_buffers_live_at_once(void **state)
{
	struct rb_dma_buf **bufs = calloc(MANY, sizeof(*bufs));
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct tight t;
	size_t i, n;
	int rc = 0;

	(void)state;
	assert_non_null(bufs);
	open_tight(&t, "mock:edu;ram=512");

	for (n = 0; n < MANY && rc == 0; n++) {
		rc = rb_dma_alloc(t.dev, 8, NULL, &bufs[n]);
		if (rc == 0)
			memcpy(rb_dma_cpu(bufs[n]), &n, sizeof(n));
	}
	assert_ok(rc);
	assert_ok(rb_dma_stats_read(t.dev, &stats));
	for (i = 0; i < n && memcmp(rb_dma_cpu(bufs[i]), &i, sizeof(i)) == 0; i++)
		;

	assert_int_equal(i, MANY);
	assert_int_equal(stats.buffers, MANY);
	for (i = 0; i < n; i++) /* not in the order they came */
		rb_dma_close(bufs[(i * 7919) % MANY]);
	assert_ok(rb_dma_stats_read(t.dev, &stats));
	assert_int_equal(stats.buffers, 0);
	assert_int_equal(stats.quarantined, 0);
	assert_int_equal(stats.buffers_peak, MANY);
	free(bufs);
	close_tight(&t);
}

static void without_memory_everything_is_enomem(void **state)
{
	struct rb_dma_pool *pool;
	struct rb_dma_ring *ring;
	struct rb_dma_map *map;
	struct rb_dma_buf *all, *buf;
	struct rb_dma_elem *elem;
	struct tight t;

	(void)state;
	open_tight(&t, "mock:edu;ram=1");
	assert_ok(rb_dma_alloc(t.dev, 1 << 20, NULL, &all));

	assert_told(rb_dma_alloc(t.dev, 1, NULL, &buf), -ENOMEM, "4096");
	assert_null(buf);
	assert_told(rb_dma_alloc_sg(t.dev, 1, NULL, &buf), -ENOMEM, "4096");
	assert_null(buf);
	assert_told(rb_dma_ring_open(t.dev, 16, 16, NULL, &ring), -ENOMEM, "4096");
	assert_null(ring);
	assert_told(rb_dma_map(t.dev, bytes, 64, RB_DMA_BOTH, NULL, &map), -ENOMEM, "4096");
	assert_null(map);
	assert_ok(rb_dma_pool_open(t.dev, 64, NULL, &pool)); /* it begins with nothing */
	elem = rb_dma_pool_get(pool);
	assert_null(elem);
	assert_non_null(strstr(rb_last_error(), "4096"));
	rb_dma_pool_close(pool);

	/* what is there can still be handed over as it is */
	assert_ok(rb_dma_map(t.dev, rb_dma_cpu(all), 1 << 20, RB_DMA_BOTH, NULL, &map));
	rb_dma_unmap(map);
	rb_dma_close(all);
	close_tight(&t);
}

static void a_machine_without_memory_says_so(void **state)
{
	struct rb_dma_buf *buf;
	struct tight t;

	(void)state;
	open_tight(&t, "mock:edu;ram=0");

	assert_told(rb_dma_alloc(t.dev, 1, NULL, &buf), -ENOTSUP, "4096");

	assert_null(buf);
	close_tight(&t);
}

/* What ran out can be had again as soon as somebody gives it back. */
static void a_pool_goes_on_when_memory_comes_back(void **state)
{
	struct rb_dma_buf *bufs[256] = { NULL };
	struct rb_dma_pool *pool;
	struct rb_dma_elem *elem;
	struct tight t;
	size_t n;

	(void)state;
	open_tight(&t, "mock:edu;ram=1");
	for (n = 0; n < 256; n++)
		assert_ok(rb_dma_alloc(t.dev, 4096, NULL, &bufs[n]));
	assert_ok(rb_dma_pool_open(t.dev, 64, NULL, &pool));

	assert_null(rb_dma_pool_get(pool));
	assert_int_not_equal(strlen(rb_last_error()), 0);
	rb_dma_close(bufs[100]);
	bufs[100] = NULL;
	elem = rb_dma_pool_get(pool);

	assert_non_null(elem);
	rb_dma_pool_put(pool, elem);
	rb_dma_pool_close(pool);
	for (n = 0; n < 256; n++)
		rb_dma_close(bufs[n]);
	close_tight(&t);
}

/* All there is lies above what the device reaches. */
static void memory_that_is_all_too_high_is_enomem_with_the_lowest(void **state)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_buf *buf;
	struct tight t;

	(void)state;
	open_tight(&t, "mock:edu;ram=0;ram_high=64");
	limits.addr_bits = 32;
	assert_ok(rb_dma_set_limits(t.dev, &limits));

	assert_told(rb_dma_alloc(t.dev, 4096, NULL, &buf), -ENOMEM, "lowest is at 0x100000000");
	assert_null(buf);
	assert_told(rb_dma_alloc_sg(t.dev, 1 << 20, NULL, &buf), -ENOMEM, "2^32");
	assert_null(buf);
	limits.addr_bits = 33;
	assert_ok(rb_dma_set_limits(t.dev, &limits));
	assert_ok(rb_dma_alloc(t.dev, 4096, NULL, &buf));
	assert_true(rb_dma_addr(buf, 0).value >= (uint64_t)1 << 32);
	rb_dma_close(buf);
	close_tight(&t);
}

static const struct scenario scenarios[] = {
	SCENARIO(sizes_that_cannot_be_are_refused),
	SCENARIO(demands_that_cannot_be_are_refused),
	SCENARIO(the_widest_demands_are_none),
	SCENARIO(accesses_past_a_buffer_are_refused),
	SCENARIO(limits_that_cannot_be_are_refused),
	SCENARIO(limits_do_not_change_under_live_memory),
	SCENARIO(limits_refuse_memory_that_breaks_them),
	SCENARIO(lists_of_segments_that_cannot_be_are_refused),
	SCENARIO(there_is_no_segment_past_the_last),
	SCENARIO(pools_that_cannot_be_are_refused),
	SCENARIO(an_empty_pool_says_why_it_is_empty),
	SCENARIO_SLOPPY(elements_put_twice_stay_out_of_the_pool),
	SCENARIO_SLOPPY(an_element_of_another_pool_is_refused),
	SCENARIO(rings_that_cannot_be_are_refused),
	SCENARIO(a_ring_does_not_leave_the_buffer_it_is_given),
	SCENARIO_SLOPPY(more_slots_than_there_are_stay_unposted),
	SCENARIO(maps_that_cannot_be_are_refused),
	SCENARIO(ranges_that_cannot_be_are_refused),
	SCENARIO(demands_on_maps_that_cannot_be_are_refused),
	SCENARIO(bytes_are_in_one_map_at_a_time),
	SCENARIO(what_is_past_a_map_does_not_change_hands),
	SCENARIO(option_structs_of_another_age_are_understood_or_refused),
	SCENARIO(null_is_einval_or_nothing),
	SCENARIO(null_for_limits_and_lists_is_einval_or_nothing),
	SCENARIO(null_for_maps_is_einval_or_nothing),
	SCENARIO(an_answer_ends_where_its_struct_does),
	SCENARIO(null_for_pools_and_rings_is_einval_or_nothing),
	SCENARIO(a_hundred_thousand_elements_live_at_once),
	SCENARIO(memory_that_runs_out_is_enomem_and_comes_back),
	SCENARIO(a_device_that_is_gone_gets_no_memory),
	SCENARIO(in_a_child_there_is_no_dma),
	SCENARIO_WITH(without_permission_there_is_no_device_to_ask_for, ";uid=1000"),
};

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_thousand_buffers_live_at_once),
		cmocka_unit_test(without_memory_everything_is_enomem),
		cmocka_unit_test(a_machine_without_memory_says_so),
		cmocka_unit_test(a_pool_goes_on_when_memory_comes_back),
		cmocka_unit_test(memory_that_is_all_too_high_is_enomem_with_the_lowest),
	};
	int failed = cmocka_run_group_tests_name("bad DMA, on a mock", tests, NULL, NULL);

	return RUN_SCENARIOS("bad DMA", scenarios) + failed;
}
