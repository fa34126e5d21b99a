/* SPDX-License-Identifier: MIT */
/* test_spec.c - machine strings, friendly and hostile. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"
#include "host/profile.h"
#include "host/spec.h"

static const char *const known[] = { "profile", "uid", "net.", NULL };

static struct rbi_spec *parsed(const char *text)
{
	struct rbi_spec *spec;

	assert_int_equal(rbi_spec_parse(text, known, &spec), 0);
	assert_non_null(spec);
	return spec;
}

static void refused(const char *text, const char *culprit)
{
	struct rbi_spec *spec = (struct rbi_spec *)&spec;

	assert_int_equal(rbi_spec_parse(text, known, &spec), -EINVAL);
	assert_null(spec);
	assert_non_null(strstr(rb_last_error(), culprit));
}

static void a_machine_alone_is_a_whole_string(void **state)
{
	struct rbi_spec *spec = parsed("mock");

	(void)state;
	assert_string_equal(spec->machine, "mock");
	assert_null(spec->decorator);
	assert_int_equal(spec->noptions, 0);
	assert_int_equal(spec->ndevices, 0);
	rbi_spec_free(spec);
}

static void a_colon_may_stand_behind_a_machine_alone(void **state)
{
	struct rbi_spec *spec = parsed("pci:");

	(void)state;
	assert_string_equal(spec->machine, "pci");
	assert_int_equal(spec->noptions, 0);
	assert_int_equal(spec->ndevices, 0);
	rbi_spec_free(spec);
}

static void items_are_options_when_their_key_is_known_and_devices_otherwise(void **state)
{
	struct rbi_spec *spec =
		parsed("qemu:edu,dma_mask=0xffffffff;net.n0=user,x=1;e1000e,netdev=n0,on");

	(void)state;
	assert_int_equal(spec->noptions, 1);
	assert_string_equal(rbi_spec_option(spec, "net.n0"), "user,x=1");
	assert_null(rbi_spec_option(spec, "net.n1"));
	assert_int_equal(spec->ndevices, 2);
	assert_string_equal(spec->devices[0].model, "edu");
	assert_int_equal(spec->devices[0].nargs, 1);
	assert_string_equal(spec->devices[0].args[0].key, "dma_mask");
	assert_string_equal(spec->devices[0].args[0].value, "0xffffffff");
	assert_string_equal(spec->devices[1].model, "e1000e");
	assert_string_equal(spec->devices[1].args[0].value, "n0");
	assert_string_equal(spec->devices[1].args[1].key, "on");
	assert_string_equal(spec->devices[1].args[1].value, "");
	rbi_spec_free(spec);
}

static void a_decorator_stands_before_its_machine(void **state)
{
	struct rbi_spec *spec = parsed("trace(/tmp/a\\)b)+mock:edu");

	(void)state;
	assert_string_equal(spec->decorator, "trace");
	assert_string_equal(spec->decorator_args, "/tmp/a)b");
	assert_string_equal(spec->machine, "mock");
	assert_string_equal(spec->devices[0].model, "edu");
	rbi_spec_free(spec);
}

static void a_backslash_takes_the_next_byte_literally(void **state)
{
	struct rbi_spec *spec = parsed("mock:a\\;b\\,c,k\\=1=v\\\\;uid=3\\;");

	(void)state;
	assert_int_equal(spec->ndevices, 1);
	assert_string_equal(spec->devices[0].model, "a;b,c");
	assert_string_equal(spec->devices[0].args[0].key, "k=1");
	assert_string_equal(spec->devices[0].args[0].value, "v\\");
	assert_string_equal(rbi_spec_option(spec, "uid"), "3;");
	rbi_spec_free(spec);
}

static void quotes_spaces_and_bytes_above_ascii_mean_nothing_special(void **state)
{
	struct rbi_spec *spec = parsed("mock:\"edu\",a='b c';\xc3\xa9");

	(void)state;
	assert_string_equal(spec->devices[0].model, "\"edu\"");
	assert_string_equal(spec->devices[0].args[0].value, "'b c'");
	assert_string_equal(spec->devices[1].model, "\xc3\xa9");
	rbi_spec_free(spec);
}

static void hostile_strings_are_refused_with_the_culprit_named(void **state)
{
	static const struct {
		const char *text;
		const char *culprit;
	} rows[] = {
		{ "", "names no machine" },
		{ ":edu", "names no machine" },
		{ "mock:edu;", "no model" },
		{ "mock:;edu", "no model" },
		{ "mock:,a=1", "no model" },
		{ "mock:edu,", "without a name" },
		{ "mock:edu,=1", "without a name" },
		{ "mock:edu,,a=1", "without a name" },
		{ "mock:edu\nquit", "byte 0xa" },
		{ "mo\tck", "byte 0x9" },
		{ "mock:edu\x7f", "byte 0x7f" },
		{ "mock:edu\\", "ends in a backslash" },
		{ "mock:edu\\\n", "byte 0xa" },
		{ "trace(x+mock:edu", "without its ')'" },
		{ "trace(x(y))+mock", "without its ')'" },
		{ "trace(x)mock", "'+'" },
		{ "trace(x)", "'+'" },
		{ "(x)+mock", "begins with '('" },
		{ "trace(x)+", "names no machine" },
		{ "mock)", "ends in ')'" },
		{ "mock;edu", "ends in ';'" },
		{ "mock:uid=1;uid=2", "uid is given twice" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		refused(rows[i].text, rows[i].culprit);
}

static char *repeated(const char *head, const char *piece, size_t times)
{
	size_t len = strlen(piece);
	char *text = malloc(strlen(head) + times * len + 1);
	char *end;

	assert_non_null(text);
	strcpy(text, head);
	for (end = text + strlen(head); times > 0; times--, end += len)
		memcpy(end, piece, len);
	*end = '\0';
	return text;
}

static void a_string_of_a_mebibyte_is_too_long(void **state)
{
	char *text = repeated("mock:", "a", 1 << 20);

	(void)state;
	refused(text, "longer than 65536");
	free(text);
}

static void limits_on_items_and_arguments_are_exact(void **state)
{
	char *items = repeated("mock:a", ";a", RBI_SPEC_ITEMS - 1);
	char *many_items = repeated("mock:a", ";a", RBI_SPEC_ITEMS);
	char *args = repeated("mock:a", ",b", RBI_SPEC_ARGS);
	char *many_args = repeated("mock:a", ",b", RBI_SPEC_ARGS + 1);

	(void)state;
	rbi_spec_free(parsed(items));
	rbi_spec_free(parsed(args));
	refused(many_items, "4096 items");
	refused(many_args, "64 arguments");
	free(items);
	free(many_items);
	free(args);
	free(many_args);
}

static void the_longest_string_is_taken(void **state)
{
	char *text = repeated("mock:", "a", RBI_SPEC_MAX - 5);
	struct rbi_spec *spec = parsed(text);

	(void)state;
	assert_int_equal(strlen(spec->devices[0].model), RBI_SPEC_MAX - 5);
	rbi_spec_free(spec);
	free(text);
}

static void numbers_are_decimal_or_hexadecimal_and_in_range(void **state)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t val;
	} rows[] = {
		{ "0", 0, 0 },	       { "42", 0, 42 },
		{ "0x2A", 0, 42 },     { "100", 0, 100 },
		{ "101", -EINVAL, 7 }, { "18446744073709551616", -EINVAL, 7 }, /* 2^64 */
		{ "", -EINVAL, 7 },    { "0x", -EINVAL, 7 },
		{ "-1", -EINVAL, 7 },  { "+1", -EINVAL, 7 },
		{ " 1", -EINVAL, 7 },  { "1k", -EINVAL, 7 },
		{ "a", -EINVAL, 7 },
	};
	uint64_t val;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		val = 7;
		assert_int_equal(rbi_parse_number("n", rows[i].text, 0, 100, &val), rows[i].rc);
		assert_int_equal(val, rows[i].val);
	}
}

static void an_absent_number_leaves_the_default_alone(void **state)
{
	struct rbi_spec *spec = parsed("mock:uid=1000");
	uint64_t uid = 0, other = 5;

	(void)state;
	assert_int_equal(rbi_spec_number(spec, "uid", 0, UINT32_MAX, &uid), 0);
	assert_int_equal(rbi_spec_number(spec, "profile", 0, 9, &other), 0);
	assert_int_equal(uid, 1000);
	assert_int_equal(other, 5);
	rbi_spec_free(spec);
}

static void every_allocation_may_fail(void **state)
{
	static const char text[] = "trace(x)+mock:edu,a=1,b=2;uid=0;net.a=b;nic";
	struct rbi_spec *spec;
	unsigned long n;
	int rc;

	(void)state;
	for (n = 1;; n++) {
		rbi_alloc_fail_at(n);
		rc = rbi_spec_parse(text, known, &spec);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
		assert_null(spec);
	}
	rbi_alloc_fail_at(0);
	rbi_spec_free(spec);
	assert_true(n > 10);
}

static const char *const profile_options[] = { "profile",	"access",      "config",
					       "event_timeout", "zeroed_type", NULL };

static int profile_of(const char *text, struct rbi_profile *profile)
{
	struct rbi_spec *spec;
	int rc;

	assert_int_equal(rbi_spec_parse(text, profile_options, &spec), 0);
	rc = rbi_profile_from_spec(spec, profile);
	rbi_spec_free(spec);
	return rc;
}

static void profiles_differ_as_their_trees_do(void **state)
{
	static const struct {
		const char *text;
		bool wide, rom, config, timeout, cookie, type;
	} rows[] = {
		{ "m", false, true, false, true, false, true },
		{ "m:profile=redox-2025", false, false, false, false, true, false },
		{ "m:profile=base-2026", false, true, false, true, false, true },
		{ "m:profile=redbear-2026", true, true, false, false, true, false },
		{ "m:profile=redbear-2026;config=on;event_timeout=on;zeroed_type=on", true, true,
		  true, true, true, true },
		{ "m:event_timeout=off;zeroed_type=off", false, true, false, false, false, false },
	};
	struct rbi_profile p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(profile_of(rows[i].text, &p), 0);
		assert_int_equal(p.wide_names, rows[i].wide);
		assert_int_equal(p.rom_field, rows[i].rom);
		assert_int_equal(p.config_file, rows[i].config);
		assert_int_equal(p.event_timeout, rows[i].timeout);
		assert_int_equal(p.event_cookie, rows[i].cookie);
		assert_int_equal(p.zeroed_type, rows[i].type);
		assert_true(p.access_file);
	}
	assert_int_equal(profile_of("m:access=off", &p), 0);
	assert_false(p.access_file);
}

static void a_profile_that_is_not_there_is_named(void **state)
{
	struct rbi_profile p;

	(void)state;
	assert_int_equal(profile_of("m:profile=redox-2030", &p), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "redox-2030"));
	assert_int_equal(profile_of("m:config=yes", &p), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "config"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_alone_is_a_whole_string),
		cmocka_unit_test(a_colon_may_stand_behind_a_machine_alone),
		cmocka_unit_test(items_are_options_when_their_key_is_known_and_devices_otherwise),
		cmocka_unit_test(a_decorator_stands_before_its_machine),
		cmocka_unit_test(a_backslash_takes_the_next_byte_literally),
		cmocka_unit_test(quotes_spaces_and_bytes_above_ascii_mean_nothing_special),
		cmocka_unit_test(hostile_strings_are_refused_with_the_culprit_named),
		cmocka_unit_test(a_string_of_a_mebibyte_is_too_long),
		cmocka_unit_test(limits_on_items_and_arguments_are_exact),
		cmocka_unit_test(the_longest_string_is_taken),
		cmocka_unit_test(numbers_are_decimal_or_hexadecimal_and_in_range),
		cmocka_unit_test(an_absent_number_leaves_the_default_alone),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(profiles_differ_as_their_trees_do),
		cmocka_unit_test(a_profile_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
