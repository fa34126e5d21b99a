/* SPDX-License-Identifier: MIT */
/*
 * test_contract_scan.c - filters and patterns, scanning again, id tables, and functions
 * that can only be read through their config files.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

enum { ANYTHING = 1, OF_THIS_CLASS, OF_THIS_VENDOR, EDU, EDU_AGAIN, ANOTHER_EDU };

static const struct rb_pci_match table[] = {
	RB_PCI_MATCH(RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0, 0, ANYTHING),
	RB_PCI_MATCH(RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0x00ff00, 0xffff00,
		     OF_THIS_CLASS),
	RB_PCI_MATCH(EDU_VENDOR, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0, 0, OF_THIS_VENDOR),
	RB_PCI_MATCH_DEVICE_DATA(EDU_VENDOR, EDU_DEVICE, EDU),
	RB_PCI_MATCH_DEVICE_DATA(EDU_VENDOR, EDU_DEVICE, EDU_AGAIN),
	RB_PCI_MATCH(EDU_VENDOR, EDU_DEVICE, 0xbad1, 0xbad2, 0, 0, ANOTHER_EDU),
	RB_PCI_MATCH_END,
};

/* How many functions @filter lets pass. */
static size_t passes(struct stage *stage, const struct rb_pci_filter *filter)
{
	size_t count;

	assert_ok(rb_pci_scan(stage->ctx, filter, &stage->list));
	count = rb_pci_list_count(stage->list);
	rb_pci_list_close(stage->list);
	stage->list = NULL;
	return count;
}

static size_t passes_slot(struct stage *stage, const char *pattern)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	assert_ok(rb_pci_filter_slot(&filter, pattern));
	return passes(stage, &filter);
}

static size_t passes_id(struct stage *stage, const char *pattern)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	assert_ok(rb_pci_filter_id(&filter, pattern));
	return passes(stage, &filter);
}

static void patterns_of_ids_find_edu(struct stage *stage)
{
	size_t all = passes(stage, NULL);

	assert_true(all >= 1);
	assert_int_equal(passes_id(stage, "1234:11e8"), 1);
	assert_int_equal(passes_id(stage, "1234:11e8:00ff:00"), 1);
	assert_int_equal(passes_id(stage, "*:11E8:00xx"), 1);
	assert_int_equal(passes_id(stage, "1234:11e9"), 0);
	assert_int_equal(passes_id(stage, "1234:11e8:00fe"), 0);
	assert_int_equal(passes_id(stage, ":"), all);
}

static void patterns_of_addresses_find_edu(struct stage *stage)
{
	struct rb_pci_addr edu = find_edu(stage);
	char text[RB_PCI_ADDR_LEN];
	size_t all = passes(stage, NULL);

	assert_int_equal(passes_slot(stage, rb_pci_addr_format(edu, text)), 1);
	assert_int_equal(passes_slot(stage, "::*.*"), all);
	assert_int_equal(passes_slot(stage, "ff:1f.7"), 0);
	assert_int_equal(passes_slot(stage, "ffff::"), 0);
	text[strlen(text) - 1] = '*'; /* all its functions: it has one */
	assert_int_equal(passes_slot(stage, text), 1);
}

static void what_is_no_pattern_is_einval(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	assert_int_equal(rb_pci_filter_slot(&filter, "::::"), -EINVAL);
	assert_int_equal(rb_pci_filter_slot(&filter, "1000000:"), -EINVAL);
	assert_int_equal(rb_pci_filter_slot(&filter, NULL), -EINVAL);
	assert_int_equal(rb_pci_filter_slot(NULL, "0:"), -EINVAL);
	assert_int_equal(rb_pci_filter_id(&filter, "8086"), -EINVAL);
	assert_int_equal(rb_pci_filter_id(&filter, "::xxxxx"), -EINVAL);
	assert_int_not_equal(strlen(rb_last_error()), 0);

	/* and left the filter as it was */
	assert_int_equal(passes(stage, &filter), passes(stage, NULL));
}

static void without_permission_addresses_can_be_filtered(struct stage *stage)
{
	assert_ok(rb_pci_scan(stage->ctx, NULL, &stage->list));
	assert_true(rb_pci_list_count(stage->list) >= 1);
	rb_pci_list_close(stage->list);
	stage->list = NULL;

	assert_int_equal(passes_slot(stage, "ff:1f.7"), 0);
	assert_int_equal(passes_slot(stage, "*"), passes(stage, NULL));
}

static void the_second_scan_finds_what_the_first_did(struct stage *stage)
{
	size_t count;

	assert_ok(rb_pci_scan(stage->ctx, NULL, &stage->list));
	count = rb_pci_list_count(stage->list);

	assert_ok(rb_pci_rescan(stage->list, &stage->now, &stage->arrived, &stage->departed));

	assert_int_equal(rb_pci_list_count(stage->now), count);
	assert_int_equal(rb_pci_list_count(stage->arrived), 0);
	assert_int_equal(rb_pci_list_count(stage->departed), 0);
}

static void who_asks_for_bridges_sees_the_endpoints_too(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	size_t endpoints = passes(stage, NULL);
	size_t i, bridges = 0;

	filter.include = RB_PCI_INCLUDE_BRIDGES;
	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));

	for (i = 0; i < rb_pci_list_count(stage->list); i++)
		bridges += rb_pci_info_class(rb_pci_list_get(stage->list, i)) >> 8 == 0x0604;
	assert_true(rb_pci_list_count(stage->list) >= endpoints);
	assert_true(rb_pci_list_count(stage->list) <= endpoints + bridges);
}

static void the_entry_that_says_most_is_edu_s(struct stage *stage)
{
	const struct rb_pci_match *found;
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	assert_ok(rb_pci_filter_id(&filter, "1234:11e8"));
	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));

	found = rb_pci_match_find(table, rb_pci_list_get(stage->list, 0));

	assert_non_null(found);
	assert_int_equal(found->driver_data, EDU);
	assert_ptr_equal(found, &table[3]);
	claim_edu(stage);
	assert_ptr_equal(rb_pci_match_find(table, rb_pci_info(stage->dev)), &table[3]);
	assert_null(rb_pci_match_find(&table[5], rb_pci_info(stage->dev)));
}

static void edu_is_known_to_work(struct stage *stage)
{
	claim_edu(stage);

	assert_int_equal(rb_pci_quirks_of(rb_pci_info(stage->dev)), 0);
	assert_int_equal(rb_pci_quirks(stage->dev), 0);
}

static void a_driver_s_own_quirk_keeps_its_device_from_msi(struct stage *stage)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	claim_edu(stage);
	options.kinds = RB_IRQ_MSI;

	assert_ok(rb_pci_add_quirks(stage->dev, RB_PCI_QUIRK_NO_MSI));

	assert_int_equal(rb_irq_set_open(stage->dev, &options, &stage->irqs), -ENOTSUP);
	assert_ok(rb_irq_set_open(stage->dev, NULL, &stage->irqs));
	assert_int_equal(rb_irq_set_kind(stage->irqs), RB_IRQ_INTX);
}

static void a_driver_s_own_quirk_keeps_its_dma_below_4_gib(struct stage *stage)
{
	claim_edu(stage);
	assert_ok(rb_pci_add_quirks(stage->dev, RB_PCI_QUIRK_DMA_32BIT_ONLY));

	assert_ok(rb_dma_alloc(stage->dev, 4096, NULL, &stage->buf));

	assert_true(rb_dma_addr(stage->buf, 4095).value <= UINT32_MAX);
}

static void config_files_tell_what_the_access_endpoint_would(struct stage *stage)
{
	assert_int_equal(passes_id(stage, "1234:11e8:00ff"), 1);
	claim_edu(stage);
	assert_int_equal(rb_pci_info_device(rb_pci_info(stage->dev)), EDU_DEVICE);
}

static void without_both_a_scan_tells_addresses_only(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;

	assert_ok(rb_pci_scan(stage->ctx, NULL, &stage->list));
	assert_true(rb_pci_list_count(stage->list) >= 1);
	assert_false(rb_pci_info_known(rb_pci_list_get(stage->list, 0)));

	filter.vendor = EDU_VENDOR;
	assert_int_equal(rb_pci_scan(stage->ctx, &filter, &list), -ENOTSUP);
	assert_null(list);
}

static const struct scenario scenarios[] = {
	SCENARIO(patterns_of_ids_find_edu),
	SCENARIO(patterns_of_addresses_find_edu),
	SCENARIO(what_is_no_pattern_is_einval),
	SCENARIO_WITH(without_permission_addresses_can_be_filtered, ";uid=1000"),
	SCENARIO(the_second_scan_finds_what_the_first_did),
	SCENARIO(who_asks_for_bridges_sees_the_endpoints_too),
	SCENARIO(the_entry_that_says_most_is_edu_s),
	SCENARIO(edu_is_known_to_work),
	SCENARIO(a_driver_s_own_quirk_keeps_its_device_from_msi),
	SCENARIO(a_driver_s_own_quirk_keeps_its_dma_below_4_gib),
	SCENARIO_WITH(config_files_tell_what_the_access_endpoint_would, ";access=off;config=on"),
	SCENARIO_WITH(without_both_a_scan_tells_addresses_only, ";access=off"),
};

int main(void)
{
	return RUN_SCENARIOS("scan and match", scenarios);
}
