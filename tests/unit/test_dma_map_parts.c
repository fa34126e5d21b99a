/* SPDX-License-Identifier: MIT */
/* test_dma_map_parts.c - the book of claims and the list of spans, against slow models. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"
#include "core/range_book.h"
#include "dma/dma_map_spans.h"

static uint32_t seed = 1;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* --- spans ------------------------------------------------------------------------------ */

#define BYTES 200u

static void expect_same(const struct rbi_map_spans *s, const bool *in)
{
	struct rbi_map_span found;
	uint64_t at = 0, i;

	for (i = 0; i < s->count; i++) {
		assert_true(s->list[i].from < s->list[i].end);
		assert_true(i == 0 || s->list[i - 1].end < s->list[i].from);
	}
	for (; rbi_map_spans_next_in(s, at, BYTES, &found); at = found.end) {
		for (i = at; i < found.from; i++)
			assert_false(in[i]);
		for (i = found.from; i < found.end; i++)
			assert_true(in[i]);
	}
	for (; at < BYTES; at++)
		assert_false(in[at]);
	for (at = 0; rbi_map_spans_next_out(s, at, BYTES, &found); at = found.end) {
		for (i = at; i < found.from; i++)
			assert_true(in[i]);
		for (i = found.from; i < found.end; i++)
			assert_false(in[i]);
	}
	for (; at < BYTES; at++)
		assert_true(in[at]);
}

static void spans_are_what_was_added_and_not_taken(void **state)
{
	bool in[BYTES] = { false };
	struct rbi_map_spans s;
	unsigned int turn;
	uint32_t want;

	(void)state;
	rbi_map_spans_init(&s);

	for (turn = 0; turn < 5000; turn++) {
		uint32_t from = any(BYTES), len = 1 + any(turn % 3 == 0 ? 40 : 4);
		uint32_t end = from + len < BYTES ? from + len : BYTES;
		bool add = any(2);

		want = add ? rbi_map_spans_after_add(&s, from, end) :
			     rbi_map_spans_after_take(&s, from, end);
		assert_true(rbi_map_spans_reserve(&s, want));
		if (add)
			rbi_map_spans_add(&s, from, end);
		else
			rbi_map_spans_take(&s, from, end);
		assert_int_equal(s.count, want);
		memset(&in[from], add, end - from);
		expect_same(&s, in);
	}
	assert_true(s.room > RBI_MAP_SPANS_FIRST);
	rbi_map_spans_free(&s);
}

/* --- the book ---------------------------------------------------------------------------- */

#define CLAIMS 64u

static void claims_meet_when_they_overlap(void **state)
{
	static struct rbi_range_book book;
	struct rbi_range claims[CLAIMS];
	bool held[CLAIMS] = { false };
	unsigned int turn, i, k, refused = 0;
	char other[32];

	(void)state;
	assert_int_equal(rbi_book_init(&book), 0);

	for (turn = 0; turn < 20000; turn++) {
		struct rbi_range *r = &claims[i = any(CLAIMS)];
		bool clash = false;

		if (held[i]) {
			rbi_book_drop(&book, r, 1);
			held[i] = false;
			continue;
		}
		memset(r, 0, sizeof(*r));
		/* grains apart, in the same bucket, and longer than a grain */
		r->from = any(3) * RBI_BOOK_BUCKETS * RBI_BOOK_GRAIN + any(64) * 4096;
		r->len = any(8) == 0 ? RBI_BOOK_GRAIN + any(1 << 17) : 1 + any(8192);
		r->shared = any(2);
		r->name = "somebody";
		for (k = 0; k < CLAIMS; k++)
			clash |= held[k] && claims[k].from < r->from + r->len &&
				 r->from < claims[k].from + claims[k].len &&
				 !(claims[k].shared && r->shared);
		held[i] = rbi_book_claim(&book, r, 1, other, sizeof(other));
		assert_int_equal(held[i], !clash);
		refused += clash;
	}
	assert_true(refused > 1000);
	for (i = 0; i < CLAIMS; i++)
		if (held[i])
			rbi_book_drop(&book, &claims[i], 1);
	rbi_book_destroy(&book);
}

static void claims_made_without_memory_are_found_as_well(void **state)
{
	static struct rbi_range_book book;
	struct rbi_range first = { .from = 4096, .len = 10, .name = "first" };
	struct rbi_range second = { .from = 8192, .len = 10, .name = "second" };
	struct rbi_range both = { .from = 4100, .len = 4100, .name = "both" };
	char other[32];

	(void)state;
	assert_int_equal(rbi_book_init(&book), 0);
	rbi_alloc_fail_at(1);
	assert_true(rbi_book_claim(&book, &first, 1, other, sizeof(other)));
	rbi_alloc_fail_at(0);
	assert_null(book.buckets);
	assert_true(rbi_book_claim(&book, &second, 1, other, sizeof(other)));
	assert_non_null(book.buckets);

	assert_false(rbi_book_claim(&book, &both, 1, other, sizeof(other)));
	rbi_book_drop(&book, &first, 1);
	assert_false(rbi_book_claim(&book, &both, 1, other, sizeof(other)));
	assert_string_equal(other, "second");
	rbi_book_drop(&book, &second, 1);
	assert_true(rbi_book_claim(&book, &both, 1, other, sizeof(other)));
	rbi_book_drop(&book, &both, 1);
	rbi_book_destroy(&book);
}

static void a_claim_is_whole_or_not_at_all(void **state)
{
	static struct rbi_range_book book;
	struct rbi_range held = { .from = 1000, .len = 1, .name = "held" };
	struct rbi_range two[] = { { .from = 0, .len = 10, .name = "two" },
				   { .from = 990, .len = 11, .name = "two" } };
	struct rbi_range again = { .from = 5, .len = 1, .name = "again" };
	struct rbi_range top = { .from = UINT64_MAX, .len = 1, .name = "top" };
	char other[3];

	(void)state;
	assert_int_equal(rbi_book_init(&book), 0);
	assert_true(rbi_book_claim(&book, &held, 1, other, sizeof(other)));

	assert_false(rbi_book_claim(&book, two, 2, other, sizeof(other)));

	assert_string_equal(other, "he");
	assert_true(rbi_book_claim(&book, &again, 1, other, sizeof(other)));
	assert_true(rbi_book_claim(&book, &top, 1, other, sizeof(other)));
	rbi_book_destroy(&book);
}

static void shared_claims_that_overlap_are_crowded(void **state)
{
	static struct rbi_range_book book;
	struct rbi_range a = { .from = 0, .len = 10, .shared = true, .name = "a" };
	struct rbi_range b = { .from = 9, .len = 10, .shared = true, .name = "b" };
	struct rbi_range c = { .from = 19, .len = 10, .shared = true, .name = "c" };
	char other[8];

	(void)state;
	assert_int_equal(rbi_book_init(&book), 0);

	assert_true(rbi_book_claim(&book, &a, 1, other, sizeof(other)));
	assert_false(a.crowded);
	assert_true(rbi_book_claim(&book, &b, 1, other, sizeof(other)));
	assert_true(rbi_book_claim(&book, &c, 1, other, sizeof(other)));

	assert_true(a.crowded && b.crowded);
	assert_false(c.crowded);
	rbi_book_destroy(&book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_what_was_added_and_not_taken),
		cmocka_unit_test(claims_meet_when_they_overlap),
		cmocka_unit_test(claims_made_without_memory_are_found_as_well),
		cmocka_unit_test(a_claim_is_whole_or_not_at_all),
		cmocka_unit_test(shared_claims_that_overlap_are_crowded),
	};

	return cmocka_run_group_tests_name("dma map parts", tests, NULL, NULL);
}
