/* SPDX-License-Identifier: MIT */
/* test_mock_scan.c - scans of a mock whose devices stand behind bridges, come and go. */
#include "mock_fixture.h"

#define BRIDGED "mock:bridge,addr=00:1c.0,bus=1,last=2;bridge,addr=01:00.0,bus=2;edu,addr=02:00.0"

static struct rig rig;

static size_t count_and_close(struct rb_pci_list *list)
{
	size_t count = rb_pci_list_count(list);

	rb_pci_list_close(list);
	return count;
}

static void bridges_on_the_way_to_a_device_are_found_on_demand(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;

	(void)state;
	rig_open(&rig, BRIDGED);
	assert_int_equal(rb_pci_scan(rig.ctx, NULL, &list), 0);
	assert_int_equal(count_and_close(list), 1);

	filter.include = RB_PCI_INCLUDE_BRIDGES;
	assert_int_equal(rb_pci_scan(rig.ctx, &filter, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 3);
	assert_int_equal(rb_pci_info_addr(rb_pci_list_get(list, 0)).sbdf, 0xe0);
	assert_int_equal(rb_pci_info_class(rb_pci_list_get(list, 0)), 0x060400);
	assert_int_equal(rb_pci_info_addr(rb_pci_list_get(list, 1)).sbdf, 0x100);
	assert_int_equal(rb_pci_info_addr(rb_pci_list_get(list, 2)).sbdf, 0x200);
	assert_int_equal(rb_pci_info_device(rb_pci_list_get(list, 2)), 0x11e8);
	rb_pci_list_close(list);
	rig_close_clean(&rig);
}

static void a_bridge_is_not_claimed(void **state)
{
	struct rb_pci_dev *dev;

	(void)state;
	rig_open(&rig, BRIDGED);

	assert_int_equal(rb_pci_open(rig.ctx, (struct rb_pci_addr){ 0xe0 }, &dev), -ENOENT);

	rig_close_clean(&rig);
}

/* Plug a device in and scan again; tear it out and scan again. */
static void come_and_go(const char *machine, size_t arrivals, size_t departures)
{
	struct rb_pci_list *first, *second, *third, *arrived, *departed;
	struct rb_mock_dev *dev;

	rig_open(&rig, machine);
	assert_int_equal(rb_pci_scan(rig.ctx, NULL, &first), 0);
	dev = plug(&rig, plain_build, NULL);
	assert_int_equal(rb_pci_rescan(first, &second, &arrived, &departed), 0);
	assert_int_equal(rb_pci_list_count(second), rb_pci_list_count(first) + arrivals);
	if (arrivals)
		assert_int_equal(rb_pci_info_addr(rb_pci_list_get(arrived, 0)).sbdf,
				 rb_mock_addr(dev).sbdf);
	assert_int_equal(count_and_close(arrived), arrivals);
	assert_int_equal(count_and_close(departed), 0);

	rb_mock_remove(dev);
	rb_mock_remove(rb_mock_find(rig.ctx, "edu", 0));
	assert_int_equal(rb_pci_rescan(second, &third, &arrived, &departed), 0);
	assert_int_equal(count_and_close(third), 0);
	assert_int_equal(count_and_close(arrived), 0);
	assert_int_equal(count_and_close(departed), departures);
	rb_pci_list_close(first);
	rb_pci_list_close(second);
	rig_close_clean(&rig);
}

static void where_pcid_looks_again_arrivals_and_departures_are_told(void **state)
{
	(void)state;
	come_and_go("mock:edu;hotplug=on", 1, 2);
}

static void redox_lists_no_arrivals_and_what_departs_reads_all_ones(void **state)
{
	(void)state;
	come_and_go("mock:edu", 0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bridges_on_the_way_to_a_device_are_found_on_demand),
		cmocka_unit_test(a_bridge_is_not_claimed),
		cmocka_unit_test(where_pcid_looks_again_arrivals_and_departures_are_told),
		cmocka_unit_test(redox_lists_no_arrivals_and_what_departs_reads_all_ones),
	};

	return cmocka_run_group_tests_name("mock scan", tests, NULL, NULL);
}
