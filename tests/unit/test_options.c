/* SPDX-License-Identifier: MIT */
/* test_options.c - option structs of callers that are older or newer than we are. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"
#include "core/options.h"

struct known {
	uint32_t size;
	uint32_t first;
	uint64_t second;
};

struct newer {
	struct known known;
	uint64_t third;
};

static void no_options_are_all_defaults(void **state)
{
	struct known o = { 1, 2, 3 };

	(void)state;

	assert_int_equal(rbi_options_copy(&o, sizeof(o), NULL, "o"), 0);

	assert_int_equal(o.size, sizeof(o));
	assert_int_equal(o.first, 0);
	assert_int_equal(o.second, 0);
}

static void a_struct_of_our_own_size_is_copied(void **state)
{
	struct known src = { sizeof(src), 5, 6 };
	struct known o;

	(void)state;

	assert_int_equal(rbi_options_copy(&o, sizeof(o), &src, "o"), 0);

	assert_int_equal(o.first, 5);
	assert_int_equal(o.second, 6);
}

static void fields_an_older_caller_lacks_are_zero(void **state)
{
	struct known src = { 8, 5, 6 };
	struct known o;

	(void)state;

	assert_int_equal(rbi_options_copy(&o, sizeof(o), &src, "o"), 0);

	assert_int_equal(o.size, sizeof(o));
	assert_int_equal(o.first, 5);
	assert_int_equal(o.second, 0);
}

static void a_newer_caller_may_leave_new_fields_zero(void **state)
{
	struct newer src = { { sizeof(src), 5, 6 }, 0 };
	struct known o;

	(void)state;

	assert_int_equal(rbi_options_copy(&o, sizeof(o), &src, "o"), 0);

	assert_int_equal(o.second, 6);
}

static void a_newer_caller_may_not_ask_for_what_we_do_not_know(void **state)
{
	struct newer src = { { sizeof(src), 5, 6 }, UINT64_C(1) << 63 };
	struct known o;

	(void)state;

	assert_int_equal(rbi_options_copy(&o, sizeof(o), &src, "struct o"), -EINVAL);

	assert_non_null(strstr(rb_last_error(), "struct o"));
	assert_int_equal(o.first, 0);
}

static void sizes_that_no_initializer_sets_are_refused(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 3, 15, RBI_OPTIONS_MAX + 4, UINT32_MAX - 3 };
	struct known src = { 0, 5, 6 };
	struct known o;
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		src.size = sizes[i];
		assert_int_equal(rbi_options_copy(&o, sizeof(o), &src, "o"), -EINVAL);
		assert_int_equal(o.size, sizeof(o));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_options_are_all_defaults),
		cmocka_unit_test(a_struct_of_our_own_size_is_copied),
		cmocka_unit_test(fields_an_older_caller_lacks_are_zero),
		cmocka_unit_test(a_newer_caller_may_leave_new_fields_zero),
		cmocka_unit_test(a_newer_caller_may_not_ask_for_what_we_do_not_know),
		cmocka_unit_test(sizes_that_no_initializer_sets_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
