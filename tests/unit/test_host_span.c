/* SPDX-License-Identifier: MIT */
/* test_host_span.c - stretches by address, against a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/host_span.h"

#define PLACES 512 /* a span at place i is [16 i, 16 i + 1 + i % 16) */

static struct rbi_span all[PLACES];
static int there[PLACES];

static struct rbi_span *expected_from(uint64_t addr)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		if (there[i] && all[i].base + all[i].len - 1 >= addr)
			return &all[i];
	return NULL;
}

static unsigned int depth(const struct rbi_span *s)
{
	unsigned int low, high;

	if (!s)
		return 0;
	low = depth(s->low);
	high = depth(s->high);
	return 1 + (low > high ? low : high);
}

static void a_tree_says_what_a_table_says(void **state)
{
	struct rbi_spans spans = { NULL };
	unsigned int seed = 1, n, i;
	uint64_t addr;

	(void)state;
	memset(there, 0, sizeof(there));
	for (n = 0; n < 20000; n++) {
		seed = seed * 1103515245u + 12345u;
		i = (seed >> 16) % PLACES;
		if (there[i]) {
			rbi_span_remove(&spans, &all[i]);
		} else {
			all[i].base = 16ull * i;
			all[i].len = 1 + i % 16;
			rbi_span_insert(&spans, &all[i]);
		}
		there[i] = !there[i];
		addr = (seed >> 8) % (16 * PLACES + 32);
		assert_ptr_equal(rbi_span_from(&spans, addr), expected_from(addr));
	}
}

static void spans_in_falling_order_make_no_list(void **state)
{
	struct rbi_spans spans = { NULL };
	struct rbi_span *s;
	unsigned int i, n = 0;

	(void)state;
	for (i = PLACES; i-- > 0;) {
		all[i].base = 16ull * i;
		all[i].len = 16;
		rbi_span_insert(&spans, &all[i]);
	}

	assert_true(depth(spans.root) < 40);
	for (s = rbi_span_from(&spans, 0); s; s = rbi_span_after(&spans, s))
		assert_ptr_equal(s, &all[n++]);
	assert_int_equal(n, PLACES);
}

static void the_last_byte_of_all_has_nothing_after_it(void **state)
{
	struct rbi_span last = { .base = UINT64_MAX - 15, .len = 16 };
	struct rbi_spans spans = { NULL };

	(void)state;
	rbi_span_insert(&spans, &last);

	assert_ptr_equal(rbi_span_from(&spans, UINT64_MAX), &last);
	assert_null(rbi_span_after(&spans, &last));
	assert_true(rbi_span_holds(&last, UINT64_MAX, 1));
	assert_false(rbi_span_holds(&last, UINT64_MAX, 2));
	assert_false(rbi_span_holds(&last, 0, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_says_what_a_table_says),
		cmocka_unit_test(spans_in_falling_order_make_no_list),
		cmocka_unit_test(the_last_byte_of_all_has_nothing_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
