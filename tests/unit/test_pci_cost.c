/* SPDX-License-Identifier: MIT */
/*
 * test_pci_cost.c - what a scan asks of the first waist: for each function its name and
 * one call a dword, and a few calls besides, however many functions there are.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <rbdrv/pci.h>

#include "fake_pcid.h"

/* Read of a function: ids, class, header type, and in a header of type 0 the subsystem. */
#define DWORDS 4u

static const unsigned int sizes[] = { 1, 16, 256, PCID_FUNCTIONS };

/* A machine with @count functions, one device after the other; the names are @names's. */
static struct fake_pcid *open_machine(unsigned int count, char (*names)[16])
{
	struct fake_pcid *p = pcid_open();
	unsigned int i;

	for (i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "0000--%02x--%02x.%x", i >> 8 & 0xff,
			 i >> 3 & 31, i & 7);
		pcid_add(p, names[i], i, 0x10d38086, 0x02000000);
	}
	return p;
}

/* First-waist calls of one scan that finds @found functions. */
static unsigned int cost(struct fake_pcid *p, const struct rb_pci_filter *filter, size_t found)
{
	struct rb_pci_list *list;

	pcid_fail(p, 0, 0);
	p->calls_made = 0;
	assert_int_equal(rb_pci_scan(p->ctx, filter, &list), 0);
	assert_int_equal(rb_pci_list_count(list), found);
	rb_pci_list_close(list);
	return p->calls;
}

static void each_function_costs_its_name_and_a_call_a_dword(void **state)
{
	static char names[PCID_FUNCTIONS][16];
	struct fake_pcid *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		p = open_machine(sizes[i], names);

		/* besides: opening the list, its end, opening the access endpoint */
		assert_int_equal(cost(p, NULL, sizes[i]), sizes[i] * (1 + DWORDS) + 3);
		assert_int_equal(p->calls_made, sizes[i] * DWORDS);
		pcid_close(p);
	}
}

static void through_config_files_it_costs_an_open_more(void **state)
{
	static char names[PCID_FUNCTIONS][16];
	struct fake_pcid *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		p = open_machine(sizes[i], names);
		p->no_access = true;
		p->config_file = true;

		/* besides: one file is tried */
		assert_int_equal(cost(p, NULL, sizes[i]), sizes[i] * (2 + DWORDS) + 4);
		assert_int_equal(p->calls_made, sizes[i] * DWORDS);
		p->config_file = false;
		assert_int_equal(cost(p, NULL, sizes[i]), sizes[i] + 4);
		pcid_close(p);
	}
}

static void what_an_address_filter_drops_is_not_read(void **state)
{
	static char names[256][16];
	struct fake_pcid *p = open_machine(256, names);
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	(void)state;
	assert_int_equal(rb_pci_filter_slot(&filter, "1f"), 0);
	assert_int_equal(cost(p, &filter, 8), 256 + 8 * DWORDS + 3);
	assert_int_equal(rb_pci_filter_slot(&filter, "1f.7"), 0);
	assert_int_equal(cost(p, &filter, 1), 256 + DWORDS + 3);
	pcid_close(p);
}

static void what_is_not_there_is_not_read(void **state)
{
	static char names[3][16];
	struct fake_pcid *p = open_machine(3, names);

	(void)state;
	p->fns[0].removed = true; /* ids only */
	p->fns[1].config[0x0e] = 0x81; /* a bridge has no subsystem here */

	cost(p, NULL, 2);
	assert_int_equal(p->calls_made, 1 + 3 + 4);
	pcid_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_function_costs_its_name_and_a_call_a_dword),
		cmocka_unit_test(through_config_files_it_costs_an_open_more),
		cmocka_unit_test(what_an_address_filter_drops_is_not_read),
		cmocka_unit_test(what_is_not_there_is_not_read),
	};

	return cmocka_run_group_tests_name("pci cost", tests, NULL, NULL);
}
