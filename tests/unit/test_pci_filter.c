/* SPDX-License-Identifier: MIT */
/*
 * test_pci_filter.c - the patterns of lspci -s and -d, and what a filter lets pass.
 *
 * The rows say which of six functions lspci 3.9 prints for a pattern, given those six
 * in a file ("lspci -F"); or that it refuses the pattern.
 */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/pci.h>

#include "core/core.h"
#include "fake_pcid.h"

/* A bit for each function below, in order. */
#define ALL	0x3fu
#define REFUSED UINT32_MAX

static int open_server(void **state)
{
	struct fake_pcid *p = pcid_open();

	pcid_add(p, "0000--00--00.0", 0x00000000, 0x29c08086, 0x06000000);
	pcid_add(p, "0000--00--1f.0", 0x000000f8, 0x29188086, 0x06010000);
	pcid_add(p, "0000--00--1f.2", 0x000000fa, 0x29228086, 0x01060100);
	pcid_add(p, "0000--01--02.0", 0x00000110, 0x11e81234, 0x00ff0000);
	pcid_add(p, "0000--10--1f.1", 0x000010f9, 0x000010de, 0x03000000);
	pcid_add(p, "0001--00--02.3", 0x00010013, 0x00008086, 0x0c033000);
	*state = p;
	return 0;
}

static int close_server(void **state)
{
	pcid_close(*state);
	return 0;
}

/* The functions that @filter lets pass, a bit each. */
static uint32_t pass(struct fake_pcid *p, const struct rb_pci_filter *filter)
{
	struct rb_pci_list *list;
	uint32_t bits = 0;
	size_t i, j;

	assert_int_equal(rb_pci_scan(p->ctx, filter, &list), 0);
	for (i = 0; i < rb_pci_list_count(list); i++)
		for (j = 0; j < p->count; j++)
			if (rb_pci_info_addr(rb_pci_list_get(list, i)).sbdf == p->fns[j].sbdf)
				bits |= 1u << j;
	rb_pci_list_close(list);
	return bits;
}

struct row {
	const char *pattern;
	uint32_t passes;
};

typedef int (*setter)(struct rb_pci_filter *filter, const char *pattern);

static void check_rows(struct fake_pcid *p, setter set, const struct row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct rb_pci_filter filter = RB_PCI_FILTER_INIT, before = RB_PCI_FILTER_INIT;
		uint32_t got = REFUSED;
		int rc;

		rc = set(&filter, rows[i].pattern);
		if (rc == 0)
			got = pass(p, &filter);
		else
			assert_memory_equal(&filter, &before, sizeof(filter));
		if (got != rows[i].passes)
			fail_msg("'%s' lets %#x pass and not %#x", rows[i].pattern, got,
				 rows[i].passes);
		if (rc != 0) {
			assert_int_equal(rc, -EINVAL);
			assert_non_null(strstr(rb_last_error(), "pattern"));
		}
	}
}

#define CHECK_ROWS(p, set, rows) check_rows(p, set, rows, sizeof(rows) / sizeof((rows)[0]))

/* --- patterns ------------------------------------------------------------------------ */

static void addresses_pass_as_lspci_s_lets_them(void **state)
{
	static const struct row rows[] = {
		{ "", ALL },	       { ":", ALL },	  { "::", ALL },       { ".", ALL },
		{ "*", ALL },	       { "*.*", ALL },	  { "*:*:*.*", ALL },  { "*:", ALL },
		{ ":*", ALL },	       { ":.", ALL },	  { "::.", ALL },      { "00:", 0x27 },
		{ "0:", 0x27 },	       { "0000:", 0x27 }, { "000000:", 0x27 }, { "0:*", 0x27 },
		{ "0", 0x01 },	       { "1f", 0x16 },	  { "1f.", 0x16 },     { "1f.*", 0x16 },
		{ "00000001f", 0x16 }, { "*:1f", 0x16 },  { "00:1f.*", 0x06 }, { ".2", 0x04 },
		{ "*.2", 0x04 },       { ":1f.2", 0x04 }, { "0:1F.2", 0x04 },  { "1f:", 0 },
		{ "10:", 0x10 },       { "0:0:0", 0x01 }, { "1::", 0x20 },     { "1:0:2.3", 0x20 },
		{ "0001::2", 0x20 },   { "::2.3", 0x20 }, { "0::", 0x1f },     { "ffff::", 0 },
		{ "ff:1f.7", 0 },
	};

	CHECK_ROWS(*state, rb_pci_filter_slot, rows);
}

static void what_lspci_s_refuses_is_refused(void **state)
{
	static const struct row rows[] = {
		{ ":::", REFUSED },
		{ "::::", REFUSED },
		{ "0:0:0:0", REFUSED },
		{ "0:1f.2.1", REFUSED },
		{ "0.0.0", REFUSED },
		{ "20", REFUSED },
		{ "1f.8", REFUSED },
		{ "100:", REFUSED },
		{ "1000000:", REFUSED },
		{ "0x0:", REFUSED },
		{ " 0:", REFUSED },
		{ "0: ", REFUSED },
		{ "00:1f.2x", REFUSED },
		{ "-1", REFUSED },
		{ "+1", REFUSED },
		{ "**", REFUSED },
		{ "1f.**", REFUSED },
		{ "80000000::", REFUSED },
		{ "fffffffff:", REFUSED },
		{ "100000000000000001::", REFUSED },
		{ "xx:", REFUSED },
		{ "00:1f,2", REFUSED },
		{ "00:1f.2\n", REFUSED },
		/* lspci knows domains up to 7fffffff, an address of ours does not */
		{ "10000::", REFUSED },
	};

	CHECK_ROWS(*state, rb_pci_filter_slot, rows);
}

static void ids_pass_as_lspci_d_lets_them(void **state)
{
	static const struct row rows[] = {
		{ ":", ALL },	       { "::", ALL },
		{ "*:*", ALL },	       { "*:*:*", ALL },
		{ "*:*:*:*", ALL },    { "8086:", 0x27 },
		{ "08086:", 0x27 },    { "8086:0", 0x20 },
		{ ":0", 0x30 },	       { "0:", 0 },
		{ "ffff:", 0 },	       { "1234:11E8", 0x08 },
		{ "::03", 0 },	       { "::0300", 0x10 },
		{ "::xx00", 0x11 },    { "::06xx", 0x03 },
		{ "::06XX", 0x03 },    { "::6xx", 0x03 },
		{ "::6", 0 },	       { "::06x", 0 },
		{ "::x", 0 },	       { "::xx6", 0x04 },
		{ "::x106", 0x04 },    { "::00000106", 0x04 },
		{ "::xxxx", ALL },     { "::0xxxx", ALL },
		{ "::000xxxx", ALL },  { "::c03", 0x20 },
		{ "::xc03", 0x20 },    { "::0c03:30", 0x20 },
		{ "::0c03:", 0x20 },   { "::0c03:*", 0x20 },
		{ "::0c03:0", 0 },     { ":::30", 0x20 },
		{ "::*:30", 0x20 },    { "::x:30", 0 },
		{ "::01xx:01", 0x04 }, { "::0600:000", 0x01 },
		{ "::00ff", 0x08 },    { "8086::06xx", 0x03 },
		{ "::0000", 0 },
	};

	CHECK_ROWS(*state, rb_pci_filter_id, rows);
}

static void what_lspci_d_refuses_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "", REFUSED },	  { "8086", REFUSED },
		{ "10000:", REFUSED },	  { "8086:12345", REFUSED },
		{ "::12345", REFUSED },	  { "::0c03:100", REFUSED },
		{ "::0c03:3x", REFUSED }, { "8086:29x0", REFUSED },
		{ "x:", REFUSED },	  { "8086:*:0106:1:2", REFUSED },
		{ "0x8086:", REFUSED },	  { " 8086:", REFUSED },
		{ "::xxxxx", REFUSED },	  { "::x0106", REFUSED },
		{ "::1xxxx", REFUSED },	  { "::*x", REFUSED },
		{ "::01*", REFUSED },	  { "::10006", REFUSED },
		{ "::::::::", REFUSED },
	};

	CHECK_ROWS(*state, rb_pci_filter_id, rows);
}

static void both_patterns_and_the_fields_beside_them_go_together(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;

	assert_int_equal(rb_pci_filter_slot(&filter, "1f"), 0);
	assert_int_equal(rb_pci_filter_id(&filter, "8086:"), 0);
	assert_int_equal(pass(p, &filter), 0x06);
	assert_int_equal(rb_pci_filter_id(&filter, ":"), 0); /* takes its own back */
	assert_int_equal(pass(p, &filter), 0x16);
	assert_int_equal(rb_pci_filter_slot(&filter, ""), 0);
	assert_int_equal(pass(p, &filter), ALL);

	filter.subvendor = 0x1af4;
	pcid_set(&p->fns[3], 0x2c, 0x11001af4);
	assert_int_equal(rb_pci_filter_slot(&filter, "1:"), 0);
	assert_int_equal(pass(p, &filter), 0x08);
	assert_int_equal(rb_pci_filter_id(&filter, "8086:"), 0);
	assert_int_equal(pass(p, &filter), 0);
}

static void a_pattern_needs_a_filter_of_its_age(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	(void)state;
	assert_int_equal(rb_pci_filter_slot(NULL, "0:"), -EINVAL);
	assert_int_equal(rb_pci_filter_id(NULL, "8086:"), -EINVAL);
	assert_int_equal(rb_pci_filter_slot(&filter, NULL), -EINVAL);
	assert_int_equal(rb_pci_filter_id(&filter, NULL), -EINVAL);
	filter.size = 0;
	assert_int_equal(rb_pci_filter_slot(&filter, "0:"), -EINVAL);
	filter.size = offsetof(struct rb_pci_filter, addr_mask);
	assert_int_equal(rb_pci_filter_slot(&filter, "0:"), -EINVAL);
	filter.size = offsetof(struct rb_pci_filter, exact);
	assert_int_equal(rb_pci_filter_slot(&filter, "0:"), 0);
	assert_int_equal(rb_pci_filter_id(&filter, "8086:"), -EINVAL);
	assert_int_equal(filter.vendor, 0);
}

/* --- fields -------------------------------------------------------------------------- */

static void an_id_of_zero_can_be_asked_for(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;

	pcid_set(&p->fns[0], 0x2c, 0x11001af4);
	filter.exact = RB_PCI_EXACT_DEVICE;
	assert_int_equal(pass(p, &filter), 0x30);
	filter.exact = RB_PCI_EXACT_VENDOR;
	assert_int_equal(pass(p, &filter), 0);
	filter.exact = RB_PCI_EXACT_SUBVENDOR;
	assert_int_equal(pass(p, &filter), 0x3e);
	filter.exact = RB_PCI_EXACT_SUBDEVICE;
	assert_int_equal(pass(p, &filter), 0x3e);
	filter.exact = RB_PCI_EXACT_VENDOR;
	filter.vendor = 0x1234;
	assert_int_equal(pass(p, &filter), 0x08);
}

static void unknown_bits_of_exact_are_refused(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	filter.exact = 0x10;
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), -EINVAL);
	assert_null(list);
	assert_non_null(strstr(rb_last_error(), "0x10"));
}

static void without_permission_addresses_can_be_filtered_and_ids_cannot(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	p->user = true;

	assert_int_equal(rb_pci_filter_slot(&filter, "1f"), 0);
	assert_int_equal(pass(p, &filter), 0x16);
	assert_int_equal(rb_pci_filter_id(&filter, ":0"), 0);
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), -EACCES);
	assert_null(list);
}

int main(void)
{
#define with_server(f) cmocka_unit_test_setup_teardown(f, open_server, close_server)
	const struct CMUnitTest tests[] = {
		with_server(addresses_pass_as_lspci_s_lets_them),
		with_server(what_lspci_s_refuses_is_refused),
		with_server(ids_pass_as_lspci_d_lets_them),
		with_server(what_lspci_d_refuses_is_refused),
		with_server(both_patterns_and_the_fields_beside_them_go_together),
		cmocka_unit_test(a_pattern_needs_a_filter_of_its_age),
		with_server(an_id_of_zero_can_be_asked_for),
		with_server(unknown_bits_of_exact_are_refused),
		with_server(without_permission_addresses_can_be_filtered_and_ids_cannot),
	};

	return cmocka_run_group_tests_name("pci filter", tests, NULL, NULL);
}
