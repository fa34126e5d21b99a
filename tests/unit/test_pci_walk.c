/* SPDX-License-Identifier: MIT */
/* test_pci_walk.c - bridges, which pcid does not list. */
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

/* A bridge at @sbdf with @bus behind it. */
static struct pcid_function *add_bridge(struct fake_pcid *p, uint32_t sbdf, unsigned int bus)
{
	struct pcid_function *fn = pcid_add(p, "", sbdf, 0x000c1b36, 0x06040000);

	fn->unlisted = true;
	fn->config[0x0e] = 0x01;
	pcid_set(fn, 0x18, 0x00ff0000 | bus << 8 | (sbdf >> 8 & 0xff));
	return fn;
}

/*
 * Bus 0: two ports in one device, to buses 1 and 5. Bus 5: an endpoint, and beside it a
 * bridge to bus 2, which nothing but a bridge back to bus 0 stands on. Bus 0x40 is
 * another root, known by its endpoint alone; a bridge is beside that, too.
 */
static int open_server(void **state)
{
	struct fake_pcid *p = pcid_open();

	add_bridge(p, 0x00e0, 1)->config[0x0e] = 0x81;
	add_bridge(p, 0x00e3, 5);
	pcid_add(p, "00-05--00.0", 0x0500, 0x10d38086, 0x02000000);
	add_bridge(p, 0x0508, 2);
	add_bridge(p, 0x0200, 0);
	pcid_add(p, "00-40--00.0", 0x4000, 0x11e81234, 0x00ff0000);
	add_bridge(p, 0x4008, 0x40);
	add_bridge(p, 0x00a1, 9); /* function 0 of its device is not there: nor is it */
	*state = p;
	return 0;
}

static int close_server(void **state)
{
	pcid_close(*state);
	return 0;
}

static struct rb_pci_list *scan(struct fake_pcid *p, const char *slot, const char *id)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;

	filter.include = RB_PCI_INCLUDE_BRIDGES;
	assert_int_equal(rb_pci_filter_slot(&filter, slot), 0);
	assert_int_equal(rb_pci_filter_id(&filter, id), 0);
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), 0);
	return list;
}

static void assert_found(struct rb_pci_list *list, const uint32_t *sbdf, size_t count)
{
	size_t i;

	assert_int_equal(rb_pci_list_count(list), count);
	for (i = 0; i < count; i++)
		assert_int_equal(rb_pci_info_addr(rb_pci_list_get(list, i)).sbdf, sbdf[i]);
	rb_pci_list_close(list);
}

#define ASSERT_FOUND(list, sbdf) assert_found(list, sbdf, sizeof(sbdf) / sizeof((sbdf)[0]))

static void bridges_stand_among_the_others_in_order(void **state)
{
	static const uint32_t all[] = { 0x00e0, 0x00e3, 0x0200, 0x0500, 0x0508, 0x4000, 0x4008 };

	ASSERT_FOUND(scan(*state, "", ":"), all);
}

static void filters_hold_for_bridges_too(void **state)
{
	static const uint32_t bridges[] = { 0x00e0, 0x00e3, 0x0200, 0x0508, 0x4008 };
	static const uint32_t on_bus_5[] = { 0x0500, 0x0508 };
	static const uint32_t one[] = { 0x0200 };

	ASSERT_FOUND(scan(*state, "", "::0604"), bridges);
	ASSERT_FOUND(scan(*state, "5:", ":"), on_bus_5);
	ASSERT_FOUND(scan(*state, "2:", "1b36:"), one);
}

static void nobody_who_does_not_ask_pays_for_them(void **state)
{
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	assert_int_equal(rb_pci_scan(p->ctx, NULL, &list), 0);

	assert_int_equal(rb_pci_list_count(list), 2);
	assert_int_equal(p->calls_made, 2 * 4);
	rb_pci_list_close(list);
}

static void each_bus_is_walked_once(void **state)
{
	struct fake_pcid *p = *state;

	rb_pci_list_close(scan(p, "", ":"));

	/* 32 ids on each of 5 buses; functions 1-7 of one device; header types of 7
	 * functions, bus numbers of 5; then the ids: 4 dwords of 2, 3 of the bridges */
	assert_int_equal(p->calls_made, 5 * 32 + 7 + 7 + 5 + 2 * 4 + 5 * 3);
}

static void a_header_of_no_known_type_is_shown_and_leads_nowhere(void **state)
{
	static const uint32_t found[] = { 0x00e0, 0x00e3, 0x4000, 0x4008 };
	struct fake_pcid *p = *state;

	p->fns[1].config[0x0e] = 0x03;
	p->fns[2].unlisted = true;

	ASSERT_FOUND(scan(p, "", ":"), found);
}

static void without_the_access_endpoint_there_are_none(void **state)
{
	static const uint32_t endpoints[] = { 0x0500, 0x4000 };
	struct fake_pcid *p = *state;

	p->user = true;
	ASSERT_FOUND(scan(p, "", ":"), endpoints);
	p->user = false;
	p->no_access = true;
	ASSERT_FOUND(scan(p, "", ":"), endpoints);
	p->config_file = true;
	ASSERT_FOUND(scan(p, "", ":"), endpoints);
}

static void a_walk_that_fails_says_so_and_leaves_nothing_open(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;
	unsigned int nth, total;

	filter.include = RB_PCI_INCLUDE_BRIDGES;
	pcid_fail(p, 0, 0);
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), 0);
	rb_pci_list_close(list);
	total = p->calls;

	for (nth = 1; nth <= total; nth++) {
		pcid_fail(p, nth, EIO);
		assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), -EIO);
		assert_null(list);
		assert_int_equal(pcid_open_fds(p), 0);
	}
	pcid_fail(p, 0, 0);
}

static void what_is_not_known_cannot_be_included(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct fake_pcid *p = *state;
	struct rb_pci_list *list;

	filter.include = 2;
	assert_int_equal(rb_pci_scan(p->ctx, &filter, &list), -EINVAL);
	assert_null(list);
	assert_non_null(strstr(rb_last_error(), "include"));
}

int main(void)
{
#define with_server(f) cmocka_unit_test_setup_teardown(f, open_server, close_server)
	const struct CMUnitTest tests[] = {
		with_server(bridges_stand_among_the_others_in_order),
		with_server(filters_hold_for_bridges_too),
		with_server(nobody_who_does_not_ask_pays_for_them),
		with_server(each_bus_is_walked_once),
		with_server(a_header_of_no_known_type_is_shown_and_leads_nowhere),
		with_server(without_the_access_endpoint_there_are_none),
		with_server(a_walk_that_fails_says_so_and_leaves_nothing_open),
		with_server(what_is_not_known_cannot_be_included),
	};

	return cmocka_run_group_tests_name("pci walk", tests, NULL, NULL);
}
