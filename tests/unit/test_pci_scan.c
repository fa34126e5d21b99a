/* SPDX-License-Identifier: MIT */
/* test_pci_scan.c - addresses as text, and the list of functions. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/pci.h>

#include "core/core.h"
#include "fake_pcid.h"

static int open_server(void **state)
{
	struct fake_pcid *p = pcid_open();

	/* out of order, with a bridge and a function behind it */
	pcid_add(p, "00-01--00.0", 0x100, 0x10d38086, 0x02000000);
	pcid_add(p, "00-00--1f.2", 0xfa, 0x29228086, 0x01060102);
	pcid_add(p, "00-00--1c.0", 0xe0, 0x000c1b36, 0x06040000)->config[0x0e] = 0x81;
	pcid_add(p, "00-00--02.0", 0x10, 0x11e81234, 0x00ff0010);
	pcid_set(&p->fns[3], 0x2c, 0x11001af4);
	pcid_set(&p->fns[2], 0x2c, 0xdeadbeef); /* not a subsystem id in a bridge */
	*state = p;
	return 0;
}

static int close_server(void **state)
{
	pcid_close(*state);
	return 0;
}

static uint32_t at(const struct rb_pci_list *list, size_t i)
{
	return rb_pci_info_addr(rb_pci_list_get(list, i)).sbdf;
}

/* --- addresses --------------------------------------------------------------------- */

static void an_address_goes_to_text_and_back(void **state)
{
	static const struct {
		const char *text, *full;
		uint32_t sbdf;
	} good[] = {
		{ "0000:00:1f.2", "0000:00:1f.2", 0x000000fa },
		{ "00:1f.2", "0000:00:1f.2", 0x000000fa },
		{ "0:2.0", "0000:00:02.0", 0x00000010 },
		{ "ABCD:eF:1F.7", "abcd:ef:1f.7", 0xabcdefff },
		{ "1:2:3.4", "0001:02:03.4", 0x0001021c },
	};
	char text[RB_PCI_ADDR_LEN];
	struct rb_pci_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(rb_pci_addr_parse(good[i].text, &addr), 0);
		assert_int_equal(addr.sbdf, good[i].sbdf);
		assert_string_equal(rb_pci_addr_format(addr, text), good[i].full);
	}
	assert_int_equal(rb_pci_addr_make(0xabcd, 0xef, 31, 7).sbdf, 0xabcdefff);
	assert_int_equal(rb_pci_addr_segment(addr), 1);
	assert_int_equal(rb_pci_addr_bus(addr), 2);
	assert_int_equal(rb_pci_addr_device(addr), 3);
	assert_int_equal(rb_pci_addr_function(addr), 4);
}

static void text_that_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",	     ":",	 "00:1f",    "1f.2",	      "00:20.0",    "00:1f.8",
		"100:1f.0",  "00:1f.2 ", " 00:1f.2", "00000:00:1f.2", "0:0:0:1f.2", "00:1f.-1",
		"0x00:1f.2", "00:1f.",	 "00::1f.2", "00:1f.22",      ":00:1f.2",   "gg:1f.2",
	};
	struct rb_pci_addr addr = { 0x1234 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rb_pci_addr_parse(bad[i], &addr), -EINVAL);
	assert_int_equal(rb_pci_addr_parse(NULL, &addr), -EINVAL);
	assert_int_equal(rb_pci_addr_parse("0:0.0", NULL), -EINVAL);
	assert_int_equal(addr.sbdf, 0x1234);
}

/* --- scanning ---------------------------------------------------------------------- */

static void a_scan_lists_every_function_in_order_and_enables_none(void **state)
{
	struct fake_pcid *p = *state;
	const struct rb_pci_info *edu;
	struct rb_pci_list *list;
	size_t i;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	assert_int_equal(rb_pci_list_count(list), 4);
	assert_int_equal(at(list, 0), 0x10);
	assert_int_equal(at(list, 1), 0xe0);
	assert_int_equal(at(list, 2), 0xfa);
	assert_int_equal(at(list, 3), 0x100);
	edu = rb_pci_list_get(list, 0);
	assert_true(rb_pci_info_known(edu));
	assert_int_equal(rb_pci_info_vendor(edu), 0x1234);
	assert_int_equal(rb_pci_info_device(edu), 0x11e8);
	assert_int_equal(rb_pci_info_class(edu), 0x00ff00);
	assert_int_equal(rb_pci_info_revision(edu), 0x10);
	assert_int_equal(rb_pci_info_subvendor(edu), 0x1af4);
	assert_int_equal(rb_pci_info_subdevice(edu), 0x1100);
	assert_int_equal(rb_pci_info_subvendor(rb_pci_list_get(list, 1)), 0);
	assert_null(rb_pci_list_get(list, 4));
	for (i = 0; i < p->count; i++)
		assert_false(p->fns[i].enabled);
	assert_int_equal(rb_ctx_live(p->ctx, NULL, 0), 1);
	rb_pci_list_close(list);
}

static void each_field_of_a_filter_narrows_it(void **state)
{
	static const struct {
		struct rb_pci_filter filter;
		size_t count;
	} cases[] = {
		{ { .vendor = 0x8086 }, 2 },
		{ { .vendor = 0x8086, .device = 0x2922 }, 1 },
		{ { .vendor = 0x1234, .device = 0x2922 }, 0 },
		{ { .device = 0x10d3 }, 1 },
		{ { .subvendor = 0x1af4 }, 1 },
		{ { .subvendor = 0x1af4, .subdevice = 0x1101 }, 0 },
		{ { .class_code = 0x010601, .class_mask = 0xffffff }, 1 },
		{ { .class_code = 0x0106ff, .class_mask = 0xffff00 }, 1 },
		{ { .class_code = 0, .class_mask = 0xff0000 }, 1 },
		{ { .class_code = 0x123456 }, 4 }, /* no mask: any class */
	};
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;
	struct rb_pci_filter f;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = cases[i].filter;
		f.size = sizeof(f);

		assert_int_equal(rb_pci_scan(p->ctx, &f, &list), 0);

		assert_int_equal(rb_pci_list_count(list), cases[i].count);
		rb_pci_list_close(list);
	}
}

static void a_filter_from_the_future_is_refused_unless_it_asks_nothing_new(void **state)
{
	struct {
		struct rb_pci_filter known;
		uint32_t newer;
	} f = { RB_PCI_FILTER_INIT, 0 };
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	f.known.size = sizeof(f);
	assert_int_equal(rb_pci_scan(p->ctx, &f.known, &list), 0);
	rb_pci_list_close(list);

	f.newer = 1;
	assert_int_equal(rb_pci_scan(p->ctx, &f.known, &list), -EINVAL);
	assert_null(list);
}

static void functions_that_read_all_ones_are_left_out(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->fns[1].removed = true;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	assert_int_equal(rb_pci_list_count(list), 3);
	rb_pci_list_close(list);
}

static void a_function_listed_twice_is_one_function(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->stray = "0000--00--02.0";

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	assert_int_equal(rb_pci_list_count(list), 4);
	rb_pci_list_close(list);
}

static void names_that_are_no_functions_are_passed_over(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->stray = "uevent";

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	assert_int_equal(rb_pci_list_count(list), 4);
	rb_pci_list_close(list);
}

static void thousands_of_names_that_are_rubbish_or_repeated_are_one_function(void **state)
{
	static const char *const rubbish[] = {
		"",
		".",
		"..",
		"access",
		"zz-00--02.0",
		"00-00--20.0",
		"00-00--02.8",
		"00-00-02.0",
		"00-00--02.0/channel",
		"000000--00--02.0",
		"00-00--02.0 ",
		"00-00--02",
		"-",
		"%s%n",
	};
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;
	size_t i;

	for (i = 0; p->count < PCID_FUNCTIONS; i++) {
		if (i % 2 == 0)
			pcid_add(p, rubbish[i / 2 % (sizeof(rubbish) / sizeof(rubbish[0]))], 0x10,
				 0x11e81234, 0);
		else
			pcid_add(p, "0000--00--02.0", 0x10, 0x11e81234, 0);
	}

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	assert_int_equal(rb_pci_list_count(list), 4);
	rb_pci_list_close(list);
}

static void an_endless_directory_is_a_lie(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->endless = true;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), -EPROTO);
	assert_null(list);
}

/* --- without permission ---------------------------------------------------------------- */

static void without_permission_there_are_addresses_only(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;
	size_t i;

	rbi_fail(-EIO, "what went wrong before");
	p->user = true;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	assert_int_equal(rb_pci_list_count(list), 4);
	for (i = 0; i < 4; i++) {
		assert_false(rb_pci_info_known(rb_pci_list_get(list, i)));
		assert_int_equal(rb_pci_info_vendor(rb_pci_list_get(list, i)), 0);
	}
	assert_int_equal(at(list, 0), 0x10);
	assert_string_equal(rb_last_error(), "what went wrong before");
	rb_pci_list_close(list);
}

static void without_permission_a_filter_cannot_be_applied(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->user = true;
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), 0); /* it asks for nothing */
	rb_pci_list_close(list);

	filter.vendor = 0x1234;
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), -EACCES);
	assert_null(list);
}

static void without_an_access_endpoint_there_are_addresses_only(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->no_access = true;
	filter.class_mask = 0xff0000;

	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), -ENOTSUP);
	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	assert_int_equal(rb_pci_list_count(list), 4);
	assert_false(rb_pci_info_known(rb_pci_list_get(list, 0)));
	rb_pci_list_close(list);
}

static void without_an_access_endpoint_config_files_tell_the_ids(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->no_access = true;
	p->config_file = true;
	p->fns[1].unopenable = true; /* gone since it was listed */
	filter.vendor = 0x8086;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 3);
	assert_int_equal(rb_pci_info_subvendor(rb_pci_list_get(list, 0)), 0x1af4);
	rb_pci_list_close(list);
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 1);
	assert_int_equal(at(list, 0), 0x100);
	rb_pci_list_close(list);
	assert_false(p->fns[3].enabled);

	p->user = true;
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), -EACCES);
	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 4);
	rb_pci_list_close(list);
}

static void an_inherited_channel_does_not_hide_the_config_files(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->no_access = true;
	pcid_inherit(p, &p->fns[3]);

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 1);
	rb_pci_list_close(list);

	p->config_file = true;
	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 4);
	assert_int_equal(rb_pci_info_vendor(rb_pci_list_get(list, 0)), 0x1234);
	assert_int_equal(rb_pci_info_vendor(rb_pci_list_get(list, 1)), 0x1b36);
	rb_pci_list_close(list);
}

/* --- failures ---------------------------------------------------------------------- */

static void without_a_scheme_a_scan_says_so(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->absent = true;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), -ENOTSUP);
	assert_non_null(strstr(rb_last_error(), "pci"));
	assert_null(list);
}

static void every_failing_call_ends_a_scan_with_a_known_code_and_no_leak(void **state)
{
	static const int errs[] = { EIO, ENOMEM, EACCES, ENODEV, EMFILE, EBADF, ENOLCK, EINVAL };
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;
	unsigned int nth, total;
	size_t e;
	int rc;

	pcid_fail(p, 0, 0);
	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);
	rb_pci_list_close(list);
	total = p->calls;
	assert_in_range(total, 10, 100);

	for (nth = 1; nth <= total; nth++) {
		for (e = 0; e < sizeof(errs) / sizeof(errs[0]); e++) {
			pcid_fail(p, nth, errs[e]);
			rc = rb_pci_scan(p->ctx, NULL, &list);

			assert_true(rbi_code_is_ours(rc));
			assert_true((rc == 0) == (list != NULL));
			rb_pci_list_close(list);
			assert_int_equal(pcid_open_fds(p), 0);
			assert_int_equal(p->dirs, 0);
		}
	}
	pcid_fail(p, 0, 0);
}

static void without_memory_a_scan_says_so_and_leaks_nothing(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;
	unsigned long n;
	int rc;

	for (n = 1; n < 100; n++) {
		rbi_alloc_fail_at(n);
		rc = rb_pci_scan(p->ctx, NULL, &list);
		rbi_alloc_fail_at(0);
		if (rc == 0)
			break;

		assert_int_equal(rc, -ENOMEM);
		assert_null(list);
		assert_int_equal(pcid_open_fds(p), 0);
		assert_int_equal(p->dirs, 0);
	}
	assert_in_range(n, 4, 99);
	rb_pci_list_close(list);
}

static void nothing_is_not_a_context_or_a_list(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	assert_int_equal(rb_pci_scan(NULL, NULL, &list), -EINVAL);
	assert_null(list);
	assert_int_equal(rb_pci_scan(p->ctx, NULL, NULL), -EINVAL);
	assert_int_equal(rb_pci_list_count(NULL), 0);
	assert_null(rb_pci_list_get(NULL, 0));
	rb_pci_list_close(NULL);
	assert_false(rb_pci_info_known(NULL));
	assert_int_equal(rb_pci_info_vendor(NULL), 0);
	assert_int_equal(rb_pci_info_class(NULL), 0);
}

static void a_list_holds_its_context(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);
	rb_ctx_ref(p->ctx);

	rb_ctx_unref(p->ctx);
	assert_int_equal(rb_pci_list_count(list), 4);
	assert_false(p->destroyed);

	rb_pci_list_close(list);
}

static void a_child_of_fork_may_only_close(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list, *other;
	int status;
	pid_t pid;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	pid = fork();
	if (pid == 0) {
		int rc = rb_pci_scan(p->ctx, NULL, &other);

		rb_pci_list_close(list);
		_exit(rc == -ENODEV && !other ? 0 : 1);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rb_pci_list_close(list);
}

int main(void)
{
#define with_server(f) cmocka_unit_test_setup_teardown(f, open_server, close_server)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_goes_to_text_and_back),
		cmocka_unit_test(text_that_is_no_address_is_refused),
		with_server(a_scan_lists_every_function_in_order_and_enables_none),
		with_server(each_field_of_a_filter_narrows_it),
		with_server(a_filter_from_the_future_is_refused_unless_it_asks_nothing_new),
		with_server(functions_that_read_all_ones_are_left_out),
		with_server(a_function_listed_twice_is_one_function),
		with_server(names_that_are_no_functions_are_passed_over),
		with_server(thousands_of_names_that_are_rubbish_or_repeated_are_one_function),
		with_server(an_endless_directory_is_a_lie),
		with_server(without_permission_there_are_addresses_only),
		with_server(without_permission_a_filter_cannot_be_applied),
		with_server(without_an_access_endpoint_there_are_addresses_only),
		with_server(without_an_access_endpoint_config_files_tell_the_ids),
		with_server(an_inherited_channel_does_not_hide_the_config_files),
		with_server(without_a_scheme_a_scan_says_so),
		with_server(every_failing_call_ends_a_scan_with_a_known_code_and_no_leak),
		with_server(without_memory_a_scan_says_so_and_leaks_nothing),
		with_server(nothing_is_not_a_context_or_a_list),
		with_server(a_list_holds_its_context),
		with_server(a_child_of_fork_may_only_close),
	};

	return cmocka_run_group_tests_name("pci scan", tests, NULL, NULL);
}
