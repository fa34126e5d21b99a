/* SPDX-License-Identifier: MIT */
/*
 * test_contract_find.c - listing functions and claiming one.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

static void a_scan_lists_edu_with_its_ids(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	const struct rb_pci_info *info;

	filter.vendor = EDU_VENDOR;
	filter.class_code = 0x00ff00;
	filter.class_mask = 0xffff00;

	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));

	assert_int_equal(rb_pci_list_count(stage->list), 1);
	info = rb_pci_list_get(stage->list, 0);
	assert_true(rb_pci_info_known(info));
	assert_int_equal(rb_pci_info_vendor(info), EDU_VENDOR);
	assert_int_equal(rb_pci_info_device(info), EDU_DEVICE);
	assert_int_equal(rb_pci_info_class(info), 0x00ff00);
	assert_int_equal(rb_pci_info_revision(info), 0x10);
	assert_null(rb_pci_list_get(stage->list, 1));
}

static void a_scan_for_what_is_not_there_is_empty(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	filter.vendor = EDU_VENDOR;
	filter.device = 0xdead;

	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));

	assert_int_equal(rb_pci_list_count(stage->list), 0);
	assert_null(rb_pci_list_get(stage->list, 0));
}

static void a_scan_is_sorted_by_address(struct stage *stage)
{
	size_t i;

	assert_ok(rb_pci_scan(stage->ctx, NULL, &stage->list));

	assert_true(rb_pci_list_count(stage->list) >= 1);
	for (i = 1; i < rb_pci_list_count(stage->list); i++)
		assert_true(rb_pci_info_addr(rb_pci_list_get(stage->list, i - 1)).sbdf <
			    rb_pci_info_addr(rb_pci_list_get(stage->list, i)).sbdf);
}

static void an_address_survives_being_written_and_read(struct stage *stage)
{
	struct rb_pci_addr found = find_edu(stage), parsed;
	char text[RB_PCI_ADDR_LEN];

	assert_ok(rb_pci_addr_parse(rb_pci_addr_format(found, text), &parsed));

	assert_int_equal(parsed.sbdf, found.sbdf);
}

static void a_claimed_device_says_what_the_scan_said(struct stage *stage)
{
	struct rb_pci_addr found = find_edu(stage);
	const struct rb_pci_info *info;

	claim_edu(stage);

	info = rb_pci_info(stage->dev);
	assert_int_equal(rb_pci_info_addr(info).sbdf, found.sbdf);
	assert_int_equal(rb_pci_info_vendor(info), EDU_VENDOR);
	assert_int_equal(rb_pci_info_device(info), EDU_DEVICE);
	assert_false(rb_pci_is_gone(stage->dev));
}

static void a_second_claim_is_busy(struct stage *stage)
{
	struct rb_pci_dev *second;

	claim_edu(stage);

	assert_int_equal(rb_pci_open(stage->ctx, find_edu(stage), &second), -EBUSY);

	assert_null(second);
	assert_int_not_equal(strlen(rb_last_error()), 0);
}

static void a_claim_that_ended_can_be_made_again(struct stage *stage)
{
	claim_edu(stage);
	rb_pci_unref(stage->dev);
	stage->dev = NULL;

	claim_edu(stage);

	assert_non_null(stage->dev);
}

static void a_reference_keeps_the_claim(struct stage *stage)
{
	struct rb_pci_dev *second;

	claim_edu(stage);
	assert_ptr_equal(rb_pci_ref(stage->dev), stage->dev);
	rb_pci_unref(stage->dev);

	assert_int_equal(rb_pci_open(stage->ctx, find_edu(stage), &second), -EBUSY);
}

static void claiming_a_function_that_is_not_there_is_enoent(struct stage *stage)
{
	struct rb_pci_dev *dev;

	assert_int_equal(rb_pci_open(stage->ctx, rb_pci_addr_make(0, 0, 30, 7), &dev), -ENOENT);

	assert_null(dev);
}

static void without_permission_a_scan_tells_addresses_only(struct stage *stage)
{
	const struct rb_pci_info *info;
	size_t i;

	assert_ok(rb_pci_scan(stage->ctx, NULL, &stage->list));

	assert_true(rb_pci_list_count(stage->list) >= 1);
	for (i = 0; i < rb_pci_list_count(stage->list); i++) {
		info = rb_pci_list_get(stage->list, i);
		assert_false(rb_pci_info_known(info));
		assert_int_equal(rb_pci_info_vendor(info), 0);
	}
}

static void without_permission_a_filter_cannot_be_applied(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;

	filter.vendor = EDU_VENDOR;

	assert_int_equal(rb_pci_scan(stage->ctx, &filter, &list), -EACCES);

	assert_null(list);
}

static void without_permission_nothing_can_be_claimed(struct stage *stage)
{
	struct rb_pci_addr addr;
	struct rb_pci_dev *dev;

	assert_ok(rb_pci_scan(stage->ctx, NULL, &stage->list));
	assert_true(rb_pci_list_count(stage->list) >= 1);
	addr = rb_pci_info_addr(rb_pci_list_get(stage->list, 0));

	assert_int_equal(rb_pci_open(stage->ctx, addr, &dev), -EACCES);

	assert_null(dev);
	assert_int_not_equal(strlen(rb_last_error()), 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(a_scan_lists_edu_with_its_ids),
	SCENARIO(a_scan_for_what_is_not_there_is_empty),
	SCENARIO(a_scan_is_sorted_by_address),
	SCENARIO(an_address_survives_being_written_and_read),
	SCENARIO(a_claimed_device_says_what_the_scan_said),
	SCENARIO(a_second_claim_is_busy),
	SCENARIO(a_claim_that_ended_can_be_made_again),
	SCENARIO(a_reference_keeps_the_claim),
	SCENARIO(claiming_a_function_that_is_not_there_is_enoent),
	SCENARIO_WITH(without_permission_a_scan_tells_addresses_only, ";uid=1000"),
	SCENARIO_WITH(without_permission_a_filter_cannot_be_applied, ";uid=1000"),
	SCENARIO_WITH(without_permission_nothing_can_be_claimed, ";uid=1000"),
};

int main(void)
{
	return RUN_SCENARIOS("find and claim", scenarios);
}
