/* SPDX-License-Identifier: MIT */
/* test_os.c - codes of the system, paths, directories and whole messages. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_world.h"

static int open_fake(void **state)
{
	*state = fake_open();
	return 0;
}

static int close_fake(void **state)
{
	fake_close(*state);
	return 0;
}

/* --- codes --------------------------------------------------------------------------- */

static void codes_of_the_system_fold_into_the_closed_set(void **state)
{
	static const struct {
		int err, code;
	} folds[] = {
		{ EPERM, EACCES },
		{ EACCES, EACCES },
		{ ENOLCK, EBUSY },
		{ EALREADY, EBUSY },
		{ EBUSY, EBUSY },
		{ EAGAIN, EAGAIN },
		{ 41, EAGAIN },
		{ EMFILE, ENOMEM },
		{ ENFILE, ENOMEM },
		{ ENOMEM, ENOMEM },
		{ ENOSYS, ENOTSUP },
		{ EOPNOTSUPP, ENOTSUP },
		{ ENODEV, ENODEV },
		{ ENOENT, ENOENT },
		{ EINVAL, EINVAL },
		{ EEXIST, EEXIST },
		{ EPROTO, EPROTO },
		{ EFBIG, EFBIG },
		{ ERANGE, ERANGE },
		{ ETIMEDOUT, ETIMEDOUT },
		{ ECANCELED, ECANCELED },
		{ EIO, EIO },
		{ EBADF, EIO },
		{ ESTALE, EIO },
		{ EINTR, EIO },
		{ 4000, EIO },
		{ 0, EIO },
		{ -5, EIO },
	};
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(folds) / sizeof(folds[0]); i++)
		assert_int_equal(rbi_os_fail(-folds[i].err, "asking"), -folds[i].code);
}

static void the_sentence_of_a_stranger_holds_its_number(void **state)
{
	(void)state;

	rbi_os_fail(-4000, "asking %s", "nicely");

	assert_string_equal(rb_last_error(), "asking nicely: the system answers error 4000");
}

/* --- opening ---------------------------------------------------------------------------- */

static void an_open_names_the_scheme_and_the_rest(void **state)
{
	struct fake_world *w = *state;
	int fd = rbi_os_open(w->ctx->os, "pci", "access", RBI_O_RDWR);

	assert_true(fd >= 0);

	assert_string_equal(w->opened, "/scheme/pci/access\n");
	rbi_os_close(w->ctx->os, fd);
	rbi_os_close(w->ctx->os, -1);
}

static void an_absent_scheme_is_not_supported(void **state)
{
	struct fake_world *w = *state;

	assert_int_equal(rbi_os_open(w->ctx->os, "nosuch", "thing", 0), -ENOTSUP);

	assert_non_null(strstr(rb_last_error(), "no scheme 'nosuch'"));
}

static void a_missing_path_of_a_scheme_is_no_entry(void **state)
{
	struct fake_world *w = *state;

	assert_int_equal(rbi_os_open(w->ctx->os, "memory", "nonsense", 0), -ENOENT);
	assert_string_equal(w->opened, "/scheme/memory/nonsense\n");
}

/* In a directory that plays the scheme root ENOENT may mean either. */
static void below_a_root_an_absent_scheme_and_an_absent_path_are_told_apart(void **state)
{
	struct fake_world *w = *state;
	struct rbi_os *os;

	assert_int_equal(rbi_os_new(&w->sys, "/root/", &os), 0);

	assert_int_equal(rbi_os_open(os, "here", "other", 0), -ENOENT);
	assert_int_equal(rbi_os_open(os, "away", "other", 0), -ENOTSUP);

	assert_string_equal(w->opened, "/root/scheme/here/other\n/root/scheme/here\n"
				       "/root/scheme/away/other\n/root/scheme/away\n");
	rbi_os_free(os);
	w->destroyed = false;
}

static void an_interrupted_open_is_tried_again(void **state)
{
	struct fake_world *w = *state;
	int fd;

	fake_fail(w, 1, EINTR);

	fd = rbi_os_open(w->ctx->os, "pci", "access", 0);

	assert_true(fd >= 0);
	assert_int_equal(w->calls, 2);
	rbi_os_close(w->ctx->os, fd);
}

static void a_system_that_is_always_interrupted_is_broken(void **state)
{
	struct fake_world *w = *state;

	fake_fail(w, 1, EINTR);
	w->fail_for_ever = true;

	assert_int_equal(rbi_os_open(w->ctx->os, "pci", "access", 0), -EIO);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	struct fake_world *w = *state;
	char rest[RBI_PATH_MAX];

	memset(rest, 'a', sizeof(rest) - 1);
	rest[sizeof(rest) - 1] = '\0';

	assert_int_equal(rbi_os_open(w->ctx->os, "pci", rest, 0), -EINVAL);
	assert_int_equal(w->calls, 0);
}

static void opening_survives_having_no_memory(void **state)
{
	struct fake_world *w = *state;
	struct rbi_os *os;
	unsigned int n;
	int rc = -ENOMEM;

	rbi_alloc_fail_at(1);
	assert_int_equal(rbi_os_open(w->ctx->os, "pci", "access", 0), -ENOMEM);
	for (n = 1; rc == -ENOMEM; n++) {
		rbi_alloc_fail_at(n);
		rc = rbi_os_new(&w->sys, "/root", &os);
		assert_true(rc == 0 || (rc == -ENOMEM && !os && !w->destroyed));
	}
	rbi_alloc_fail_at(0);

	assert_int_equal(rc, 0);
	assert_true(n > 2);
	rbi_os_free(os);
	w->destroyed = false;
}

/* --- directories ----------------------------------------------------------------------------- */

static int collect(void *arg, const char *name)
{
	strcat(arg, name);
	strcat(arg, " ");
	return strcmp(name, "stop") == 0 ? 7 : 0;
}

static void a_walk_skips_the_directory_itself(void **state)
{
	struct fake_world *w = *state;
	char names[64] = "";

	strcpy(w->listing[0], ".");
	strcpy(w->listing[1], "one");
	strcpy(w->listing[2], "..");
	strcpy(w->listing[3], "two");
	w->listed = 4;

	assert_int_equal(rbi_os_list(w->ctx->os, "list", "", collect, names), 0);
	assert_string_equal(names, "one two ");
}

static void a_walk_ends_when_it_is_told_to(void **state)
{
	struct fake_world *w = *state;
	char names[64] = "";

	strcpy(w->listing[0], "stop");
	strcpy(w->listing[1], "never");
	w->listed = 2;

	assert_int_equal(rbi_os_list(w->ctx->os, "list", "", collect, names), 7);
	assert_string_equal(names, "stop ");
}

static int count(void *arg, const char *name)
{
	(void)name;
	++*(unsigned int *)arg;
	return 0;
}

static void a_directory_without_end_is_nonsense(void **state)
{
	struct fake_world *w = *state;
	unsigned int n = 0;

	strcpy(w->listing[0], "again");
	w->listed = 1;
	w->endless = true;

	assert_int_equal(rbi_os_list(w->ctx->os, "list", "", count, &n), -EPROTO);
	assert_int_equal(n, 65536);
}

static void a_name_of_full_length_ends(void **state)
{
	struct fake_world *w = *state;
	unsigned int n = 0;

	memset(w->listing[0], 'n', RBI_NAME_MAX);
	w->listed = 1;

	assert_int_equal(rbi_os_list(w->ctx->os, "list", "", count, &n), 0);
	assert_int_equal(n, 1);
}

static void a_walk_that_fails_at_any_call_closes_what_it_opened(void **state)
{
	struct fake_world *w = *state;
	unsigned int n = 0, nth;
	const int *err;
	int rc;

	strcpy(w->listing[0], "one");
	w->listed = 1;
	for (nth = 1; nth <= 3; nth++) {
		for (err = fake_errnos; *err; err++) {
			fake_fail(w, nth, *err);
			rc = rbi_os_list(w->ctx->os, "list", "", count, &n);
			assert_true(rbi_code_is_ours(rc));
			assert_true(rc < 0 || *err == EINTR);
			assert_int_equal(w->dirs, 0);
		}
	}
}

/* --- whole messages ------------------------------------------------------------------- */

static void a_short_answer_makes_no_sense(void **state)
{
	struct fake_world *w = *state;
	int fd = rbi_os_open(w->ctx->os, "pci", "access", 0);
	char buf[8];

	w->answer_len = 7;
	assert_int_equal(rbi_os_read_exact(w->ctx->os, fd, buf, 8, "it"), -EPROTO);
	w->answer_used = 0;
	w->answer_len = 8;
	assert_int_equal(rbi_os_read_exact(w->ctx->os, fd, buf, 8, "it"), 0);

	rbi_os_close(w->ctx->os, fd);
}

static void whole_messages_are_retried_only_when_interrupted(void **state)
{
	struct fake_world *w = *state;
	int fd = rbi_os_open(w->ctx->os, "pci", "00-00--02.0/channel", 0);
	static const uint8_t enable_device[4] = { 0 };
	char buf[8];

	fake_fail(w, 1, EINTR);
	assert_int_equal(rbi_os_write_exact(w->ctx->os, fd, enable_device, 4, "it"), 0);
	fake_fail(w, 1, EINTR);
	assert_int_equal(rbi_os_read_exact(w->ctx->os, fd, buf, 8, "it"), 0);
	fake_fail(w, 1, 41);
	assert_int_equal(rbi_os_read_exact(w->ctx->os, fd, buf, 8, "it"), -EAGAIN);
	fake_fail(w, 1, EBADF);
	assert_int_equal(rbi_os_write_exact(w->ctx->os, fd, enable_device, 4, "it"), -EIO);

	rbi_os_close(w->ctx->os, fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_of_the_system_fold_into_the_closed_set),
		cmocka_unit_test(the_sentence_of_a_stranger_holds_its_number),
		TEST(an_open_names_the_scheme_and_the_rest),
		TEST(an_absent_scheme_is_not_supported),
		TEST(a_missing_path_of_a_scheme_is_no_entry),
		TEST(below_a_root_an_absent_scheme_and_an_absent_path_are_told_apart),
		TEST(an_interrupted_open_is_tried_again),
		TEST(a_system_that_is_always_interrupted_is_broken),
		TEST(a_path_that_is_too_long_is_refused),
		TEST(opening_survives_having_no_memory),
		TEST(a_walk_skips_the_directory_itself),
		TEST(a_walk_ends_when_it_is_told_to),
		TEST(a_directory_without_end_is_nonsense),
		TEST(a_name_of_full_length_ends),
		TEST(a_walk_that_fails_at_any_call_closes_what_it_opened),
		TEST(a_short_answer_makes_no_sense),
		TEST(whole_messages_are_retried_only_when_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
