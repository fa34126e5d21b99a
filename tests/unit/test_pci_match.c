/* SPDX-License-Identifier: MIT */
/* test_pci_match.c - id tables and quirks. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/pci_control.h>
#include <rbdrv/pci_match.h>

#include "fake_pcid.h"
#include "pci/pci_private.h"

/* Complete at compile time: anything else would not be a static initializer. */
enum { CLASS_ONLY = 1, VENDOR_ONLY, THE_DEVICE, AS_BUILT_BY, ANOTHER, THE_CLASS_EXACTLY };

static const struct rb_pci_match table[] = {
	RB_PCI_MATCH(RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0x020000, 0xff0000,
		     CLASS_ONLY),
	RB_PCI_MATCH(0x8086, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0, 0, VENDOR_ONLY),
	RB_PCI_MATCH_DEVICE_DATA(0x8086, 0x10d3, THE_DEVICE),
	RB_PCI_MATCH(0x8086, 0x10d3, 0x1af4, 0x1100, 0, 0, AS_BUILT_BY),
	RB_PCI_MATCH_DEVICE_DATA(0x8086, 0x10d3, ANOTHER),
	RB_PCI_MATCH(RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0x020000, 0xffffff,
		     THE_CLASS_EXACTLY),
	RB_PCI_MATCH_END,
};

static const struct rb_pci_match plain[] = {
	RB_PCI_MATCH_DEVICE(0x1234, 0x11e8),
	RB_PCI_MATCH_SUBSYSTEM(0x1234, 0x1111, 0x1af4, 0x1100),
	RB_PCI_MATCH_CLASS(0x0c0330, 0xffffff),
	RB_PCI_MATCH_END,
};

static struct rb_pci_info function(uint16_t vendor, uint16_t device, uint32_t class_code)
{
	return (struct rb_pci_info){
		.known = true, .vendor = vendor, .device = device, .class_code = class_code
	};
}

static uint64_t data_of(const struct rb_pci_match *m)
{
	return m ? m->driver_data : 0;
}

/* --- id tables ----------------------------------------------------------------------- */

static void the_entry_that_says_most_wins(void **state)
{
	struct rb_pci_info info;

	(void)state;
	info = function(0x8086, 0x10d3, 0x020000);
	assert_int_equal(data_of(rb_pci_match_find(table, &info)), THE_DEVICE); /* not ANOTHER */
	info.subvendor = 0x1af4;
	info.subdevice = 0x1100;
	assert_int_equal(data_of(rb_pci_match_find(table, &info)), AS_BUILT_BY);
	info.device = 0x10d4;
	assert_int_equal(data_of(rb_pci_match_find(table, &info)), VENDOR_ONLY);
	info.vendor = 0x10ec;
	assert_int_equal(data_of(rb_pci_match_find(table, &info)), THE_CLASS_EXACTLY);
	info.class_code = 0x028000;
	assert_int_equal(data_of(rb_pci_match_find(table, &info)), CLASS_ONLY);
	info.class_code = 0x030000;
	assert_null(rb_pci_match_find(table, &info));
}

/* Two entries that both fit: the first is to win, wherever it stands. */
static void parts_weigh_in_the_order_the_header_gives(void **state)
{
#define ANY RB_PCI_ANY_ID
	static const struct rb_pci_match pairs[][2] = {
		{ RB_PCI_MATCH(ANY, 2, ANY, ANY, 0, 0, 0),
		  RB_PCI_MATCH(1, ANY, 3, 4, 5, 0xffffff, 0) },
		{ RB_PCI_MATCH(ANY, ANY, ANY, 4, 0, 0, 0),
		  RB_PCI_MATCH(1, ANY, 3, ANY, 5, 0xffffff, 0) },
		{ RB_PCI_MATCH(ANY, ANY, 3, ANY, 0, 0, 0),
		  RB_PCI_MATCH(1, ANY, ANY, ANY, 5, 0xffffff, 0) },
		{ RB_PCI_MATCH(1, ANY, ANY, ANY, 0, 0, 0),
		  RB_PCI_MATCH(ANY, ANY, ANY, ANY, 5, 0xffffff, 0) },
		{ RB_PCI_MATCH(ANY, ANY, ANY, ANY, 5, 0xffffff, 0),
		  RB_PCI_MATCH(ANY, ANY, ANY, ANY, 5, 0xfffffe, 0) },
		{ RB_PCI_MATCH(ANY, ANY, ANY, ANY, 5, 1, 0),
		  RB_PCI_MATCH(ANY, ANY, ANY, ANY, 0, 0, 0) },
	};
#undef ANY
	struct rb_pci_info info = function(1, 2, 5);
	struct rb_pci_match order[3];
	size_t i, first;

	(void)state;
	info.subvendor = 3;
	info.subdevice = 4;
	memset(order, 0, sizeof(order));
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		for (first = 0; first < 2; first++) {
			order[0] = pairs[i][first];
			order[1] = pairs[i][!first];

			assert_ptr_equal(rb_pci_match_find(order, &info), &order[first]);
		}
	}
}

static void every_initializer_says_what_its_name_says(void **state)
{
	struct rb_pci_info info = function(0x1234, 0x11e8, 0x00ff00);

	(void)state;
	assert_ptr_equal(rb_pci_match_find(plain, &info), &plain[0]);
	info.device = 0x1111;
	assert_null(rb_pci_match_find(plain, &info));
	info.subvendor = 0x1af4;
	info.subdevice = 0x1100;
	assert_ptr_equal(rb_pci_match_find(plain, &info), &plain[1]);
	info = function(0x1b36, 0x000d, 0x0c0330);
	assert_ptr_equal(rb_pci_match_find(plain, &info), &plain[2]);
	info.class_code = 0x0c0320;
	assert_null(rb_pci_match_find(plain, &info));
}

static void an_id_of_zero_is_an_id(void **state)
{
	static const struct rb_pci_match zero[] = {
		RB_PCI_MATCH(0x8086, 0, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0, 0, 0), RB_PCI_MATCH_END
	};
	struct rb_pci_info info = function(0x8086, 0, 0);

	(void)state;
	assert_ptr_equal(rb_pci_match_find(zero, &info), &zero[0]);
	info.device = 1;
	assert_null(rb_pci_match_find(zero, &info));
}

static void what_asks_for_more_than_is_known_matches_nothing(void **state)
{
	struct rb_pci_match m[2] = { RB_PCI_MATCH_DEVICE(0x8086, 0x10d3), RB_PCI_MATCH_END };
	struct rb_pci_info info = function(0x8086, 0x10d3, 0);

	(void)state;
	assert_ptr_equal(rb_pci_match_find(m, &info), &m[0]);
	m[0].reserved[4] = 1;
	assert_null(rb_pci_match_find(m, &info));
	m[0].reserved[4] = 0;
	info.known = false;
	assert_null(rb_pci_match_find(m, &info));
}

static void nothing_is_an_empty_table_and_no_function(void **state)
{
	struct rb_pci_info info = function(0x8086, 0x10d3, 0);

	(void)state;
	assert_null(rb_pci_match_find(NULL, &info));
	assert_null(rb_pci_match_find(table, NULL));
	assert_null(rb_pci_match_find(&table[6], &info));
	assert_int_equal(sizeof(struct rb_pci_match), 64);
}

/* --- quirks -------------------------------------------------------------------------- */

static void the_table_is_that_of_redox(void **state)
{
	static const struct {
		uint16_t vendor, device;
		uint32_t class_code;
		uint8_t revision;
		uint64_t flags; /* bits as contract 12.4 numbers them */
	} cases[] = {
		{ 0x1002, 0x1234, 0x030000, 9, 1 << 11 | 1 << 4 },
		{ 0x1002, 0x1234, 0x038000, 9, 1 << 11 | 1 << 4 },
		{ 0x1002, 0x1234, 0x040300, 9, 0 },
		{ 0x1002, 0x7310, 0x020000, 0, 1 << 5 },
		{ 0x1002, 0x7310, 0x020000, 1, 1 << 5 },
		{ 0x1002, 0x7310, 0x020000, 2, 0 },
		{ 0x1002, 0x7310, 0x030000, 1, 1 << 5 | 1 << 11 | 1 << 4 },
		{ 0x1002, 0x73bf, 0x020000, 0xff, 1 << 11 | 1 << 4 },
		{ 0x1002, 0x7480, 0x020000, 0, 1 << 11 | 1 << 4 | 1 << 5 },
		{ 0x8086, 0x1234, 0x030000, 4, 1 << 0 },
		{ 0x8086, 0x1234, 0x030000, 5, 0 },
		{ 0x8086, 0x46a6, 0x030000, 5, 1 << 0 },
		{ 0x8086, 0x46a6, 0x020000, 0, 1 << 0 },
		{ 0x8086, 0x2725, 0x028000, 0, 1 << 11 | 1 << 3 },
		{ 0x8086, 0x51f0, 0x028000, 0, 1 << 11 | 1 << 3 },
		{ 0x8086, 0x2725, 0x028001, 0, 0 },
		{ 0x8086, 0x51f0, 0x020000, 0, 0 },
		{ 0x1022, 0x145c, 0x0c0330, 0, 1 << 1 },
		{ 0x1022, 0x1639, 0x0c0330, 0, 1 << 5 },
		{ 0x1022, 0x1483, 0x060400, 0, 1 << 21 },
		{ 0x1022, 0x1484, 0x060400, 0, 0 },
		{ 0x1234, 0x11e8, 0x00ff00, 0, 0 },
		{ 0x1234, 0x46a6, 0x00ff00, 0, 0 },
	};
	struct rb_pci_info info;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		info = function(cases[i].vendor, cases[i].device, cases[i].class_code);
		info.revision = cases[i].revision;
		assert_int_equal(rb_pci_quirks_of(&info), cases[i].flags);
		info.known = false;
		assert_int_equal(rb_pci_quirks_of(&info), 0);
	}
	assert_int_equal(rb_pci_quirks_of(NULL), 0);
}

static void a_driver_adds_flags_and_nobody_takes_one_away(void **state)
{
	struct fake_pcid *p = pcid_open();
	struct rb_pci_dev *dev;

	(void)state;
	pcid_add(p, "00-00--02.0", 0x10, 0x46a68086, 0x03000000);
	assert_int_equal(rb_pci_open(p->ctx, (struct rb_pci_addr){ 0x10 }, &dev), 0);

	assert_int_equal(rb_pci_quirks(dev), RB_PCI_QUIRK_NO_MSI);
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_NO_PM), 0);
	assert_int_equal(rb_pci_quirks(dev), RB_PCI_QUIRK_NO_MSI | RB_PCI_QUIRK_NO_PM);
	assert_int_equal(rbi_pci_quirks(dev), RB_PCI_QUIRK_NO_MSI | RB_PCI_QUIRK_NO_PM);
	assert_int_equal(rb_pci_add_quirks(dev, 0), 0);
	assert_int_equal(rb_pci_add_quirks(dev, UINT64_C(1) << 22 | RB_PCI_QUIRK_NO_MSIX), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "0x400000"));
	assert_int_equal(rb_pci_quirks(dev), RB_PCI_QUIRK_NO_MSI | RB_PCI_QUIRK_NO_PM);
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRKS_ALL), 0);
	assert_int_equal(rb_pci_quirks(dev), (1 << 22) - 1);

	rb_pci_unref(dev);
	assert_int_equal(rb_pci_add_quirks(NULL, 1), -EINVAL);
	assert_int_equal(rb_pci_quirks(NULL), 0);
	pcid_close(p);
}

static void a_slow_device_is_waited_for_when_bus_mastering_goes_on(void **state)
{
	struct fake_pcid *p = pcid_open();
	struct rb_pci_dev *dev;

	(void)state;
	pcid_add(p, "00-00--02.0", 0x10, 0x11e81234, 0x00ff0000);
	assert_int_equal(rb_pci_open(p->ctx, (struct rb_pci_addr){ 0x10 }, &dev), 0);
	assert_int_equal(rb_pci_set_bus_master(dev, true), 0);
	assert_int_equal(p->now, 0);

	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_BUS_MASTER_DELAY), 0);
	assert_int_equal(rb_pci_set_bus_master(dev, false), 0);
	assert_int_equal(p->now, 0);
	assert_int_equal(rb_pci_set_bus_master(dev, true), 0);
	assert_int_equal(p->now, 10000000);

	rb_pci_unref(dev);
	assert_int_equal(p->now, 10000000);
	pcid_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_entry_that_says_most_wins),
		cmocka_unit_test(parts_weigh_in_the_order_the_header_gives),
		cmocka_unit_test(every_initializer_says_what_its_name_says),
		cmocka_unit_test(an_id_of_zero_is_an_id),
		cmocka_unit_test(what_asks_for_more_than_is_known_matches_nothing),
		cmocka_unit_test(nothing_is_an_empty_table_and_no_function),
		cmocka_unit_test(the_table_is_that_of_redox),
		cmocka_unit_test(a_driver_adds_flags_and_nobody_takes_one_away),
		cmocka_unit_test(a_slow_device_is_waited_for_when_bus_mastering_goes_on),
	};

	return cmocka_run_group_tests_name("pci match", tests, NULL, NULL);
}
