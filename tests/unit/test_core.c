/* SPDX-License-Identifier: MIT */
/* test_core.c - errors, allocation and options: what every room stands on. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <pthread.h>

#include <cmocka.h>

#include "core/core.h"
#include "core/detail.h"
#include "core/options.h"

/*
 * The linker sends the library's calls here. relibc (platform::StringWriter) stores only what
 * it formats: with an empty text, or room for the NUL alone, the buffer stays as it was.
 */
int __real_vsnprintf(char *s, size_t size, const char *fmt, va_list args);
int __wrap_vsnprintf(char *s, size_t size, const char *fmt, va_list args);
int __wrap_snprintf(char *s, size_t size, const char *fmt, ...);

int __wrap_vsnprintf(char *s, size_t size, const char *fmt, va_list args)
{
	va_list copy;
	int len;

	va_copy(copy, args);
	len = __real_vsnprintf(NULL, 0, fmt, copy);
	va_end(copy);
	if (len > 0 && size > 1)
		len = __real_vsnprintf(s, size, fmt, args);
	return len;
}

int __wrap_snprintf(char *s, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = __wrap_vsnprintf(s, size, fmt, args);
	va_end(args);
	return len;
}

static const int closed_set[] = { 0,	   -EINVAL, -ERANGE, -ENOENT,	 -EACCES,    -EBUSY,
				  -ENODEV, -ENOTSUP, -ENOMEM, -EFBIG,	 -EIO,	     -ETIMEDOUT,
				  -ECANCELED, -EAGAIN, -EPROTO, -EEXIST };

static void every_code_of_the_closed_set_has_its_own_sentence(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(closed_set) / sizeof(closed_set[0]); i++) {
		assert_true(rbi_code_is_ours(closed_set[i]));
		assert_string_not_equal(rb_strerror(closed_set[i]), "unknown error");
		for (j = 0; j < i; j++)
			assert_string_not_equal(rb_strerror(closed_set[i]),
						rb_strerror(closed_set[j]));
	}
}

static void a_stranger_among_codes_is_known_as_one(void **state)
{
	(void)state;

	assert_false(rbi_code_is_ours(-EPERM));
	assert_false(rbi_code_is_ours(EINVAL));
	assert_false(rbi_code_is_ours(INT32_MIN + 1));
	assert_string_equal(rb_strerror(-EPERM), "unknown error");
	assert_string_equal(rb_strerror(4711), "unknown error");
}

static void a_failure_leaves_its_sentence_and_returns_its_code(void **state)
{
	(void)state;

	assert_int_equal(rbi_fail(-ERANGE, "BAR%u: %s", 3u, "too far"), -ERANGE);

	assert_string_equal(rb_last_error(), "BAR3: too far");
}

static void a_sentence_stays_one_line_of_printable_bytes(void **state)
{
	(void)state;

	rbi_fail(-EINVAL, "model 'a\nb\x1b[2J\x7f'");

	assert_string_equal(rb_last_error(), "model 'a b?[2J?'");
}

static void a_long_sentence_is_cut_and_says_so(void **state)
{
	char longer[2000];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';

	rbi_fail(-EINVAL, "%s", longer);

	assert_int_equal(strlen(rb_last_error()), 511);
	assert_string_equal(rb_last_error() + 508, "...");
}

static void a_sentence_may_quote_the_one_before(void **state)
{
	(void)state;
	rbi_fail(-EIO, "first");

	rbi_fail(-EIO, "second after %s", rb_last_error());

	assert_string_equal(rb_last_error(), "second after first");
}

static void an_empty_sentence_is_empty_also_where_nothing_is_stored_for_it(void **state)
{
	const char *nothing = "";

	(void)state;
	rbi_fail(-EINVAL, "what the stack holds afterwards");

	rbi_fail(0, "%s", nothing);

	assert_string_equal(rb_last_error(), "");
}

static void a_sentence_is_put_back_over_a_failure_the_empty_one_too(void **state)
{
	const char *nothing = "";
	struct rbi_detail detail;

	(void)state;
	memset(&detail, 'x', sizeof(detail));
	rbi_fail(0, "%s", nothing);

	rbi_detail_keep(&detail);
	rbi_fail(-EIO, "tried in vain");
	rbi_detail_restore(&detail);

	assert_string_equal(rb_last_error(), "");
}

static void *fail_elsewhere(void *arg)
{
	rbi_fail(-EIO, "of the other thread");
	strcpy(arg, rb_last_error());
	return NULL;
}

static void each_thread_has_its_own_sentence(void **state)
{
	char theirs[512] = "";
	pthread_t thread;

	(void)state;
	rbi_fail(-EIO, "mine");

	assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, theirs), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);

	assert_string_equal(theirs, "of the other thread");
	assert_string_equal(rb_last_error(), "mine");
}

static void memory_comes_zeroed_and_overflow_is_refused(void **state)
{
	unsigned char *p = rbi_alloc(3, 5);
	size_t i;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	rbi_free(p);

	assert_null(rbi_alloc(SIZE_MAX / 2, 3));
	assert_null(rbi_realloc(NULL, SIZE_MAX / 2, 3));
}

static void nothing_is_memory_too(void **state)
{
	void *p = rbi_alloc(0, 0);

	(void)state;
	assert_non_null(p);
	rbi_free(p);
	rbi_free(NULL);
}

static void exactly_the_chosen_allocation_fails(void **state)
{
	void *first, *third;
	char *copy;

	(void)state;
	rbi_alloc_fail_at(2);

	first = rbi_alloc(1, 1);
	copy = rbi_strdup("refused");
	third = rbi_alloc(1, 1);

	assert_non_null(first);
	assert_null(copy);
	assert_non_null(third);
	assert_int_equal(rbi_alloc_fail_at(0), 3);
	rbi_free(first);
	rbi_free(third);
}

static void text_is_formatted_into_memory_of_its_own(void **state)
{
	char *text = rbi_sprintf("%s-%u", "cpu", 7u);

	(void)state;
	assert_string_equal(text, "cpu-7");
	rbi_free(text);

	rbi_alloc_fail_at(1);
	assert_null(rbi_sprintf("refused"));
	rbi_alloc_fail_at(0);
}

struct options {
	uint32_t size;
	uint32_t a;
	uint32_t b;
};

static void missing_options_are_defaults(void **state)
{
	struct options own = { 1, 2, 3 };

	(void)state;
	assert_int_equal(rbi_options_copy(&own, sizeof(own), NULL, "test"), 0);

	assert_int_equal(own.size, sizeof(own));
	assert_int_equal(own.a, 0);
	assert_int_equal(own.b, 0);
}

static void shorter_options_of_an_older_program_are_accepted(void **state)
{
	const struct options given = { 8, 5, 99 };
	struct options own;

	(void)state;
	assert_int_equal(rbi_options_copy(&own, sizeof(own), &given, "test"), 0);

	assert_int_equal(own.a, 5);
	assert_int_equal(own.b, 0);
}

static void longer_options_must_be_zero_where_we_do_not_know_them(void **state)
{
	struct {
		struct options known;
		uint32_t later;
	} given = { { sizeof(given), 1, 2 }, 0 };
	struct options own;

	(void)state;
	assert_int_equal(rbi_options_copy(&own, sizeof(own), &given, "test"), 0);
	assert_int_equal(own.b, 2);

	given.later = 1;
	assert_int_equal(rbi_options_copy(&own, sizeof(own), &given, "test"), -EINVAL);
}

static void options_without_their_initializer_are_refused(void **state)
{
	const struct options zero = { 0, 0, 0 }, huge = { UINT32_MAX - 3, 0, 0 };
	struct options own;

	(void)state;
	assert_int_equal(rbi_options_copy(&own, sizeof(own), &zero, "test"), -EINVAL);
	assert_int_equal(rbi_options_copy(&own, sizeof(own), &huge, "test"), -EINVAL);
}

static void a_deadline_never_wraps(void **state)
{
	(void)state;

	assert_int_equal(rbi_deadline(10, 5), 15);
	assert_int_equal(rbi_deadline(-10, 5), -5);
	assert_int_equal(rbi_deadline(1, (uint64_t)INT64_MAX), INT64_MAX);
	assert_int_equal(rbi_deadline(0, UINT64_MAX), INT64_MAX);
	assert_int_equal(rbi_deadline(INT64_MAX, 1), INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_of_the_closed_set_has_its_own_sentence),
		cmocka_unit_test(a_stranger_among_codes_is_known_as_one),
		cmocka_unit_test(a_failure_leaves_its_sentence_and_returns_its_code),
		cmocka_unit_test(a_sentence_stays_one_line_of_printable_bytes),
		cmocka_unit_test(a_long_sentence_is_cut_and_says_so),
		cmocka_unit_test(a_sentence_may_quote_the_one_before),
		cmocka_unit_test(an_empty_sentence_is_empty_also_where_nothing_is_stored_for_it),
		cmocka_unit_test(a_sentence_is_put_back_over_a_failure_the_empty_one_too),
		cmocka_unit_test(each_thread_has_its_own_sentence),
		cmocka_unit_test(memory_comes_zeroed_and_overflow_is_refused),
		cmocka_unit_test(nothing_is_memory_too),
		cmocka_unit_test(exactly_the_chosen_allocation_fails),
		cmocka_unit_test(text_is_formatted_into_memory_of_its_own),
		cmocka_unit_test(missing_options_are_defaults),
		cmocka_unit_test(shorter_options_of_an_older_program_are_accepted),
		cmocka_unit_test(longer_options_must_be_zero_where_we_do_not_know_them),
		cmocka_unit_test(options_without_their_initializer_are_refused),
		cmocka_unit_test(a_deadline_never_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
