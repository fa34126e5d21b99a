/* SPDX-License-Identifier: MIT */
/*
 * test_contract_plug.c - devices that come and go while a driver looks.
 *
 * Redox looks at the bus once, when pcid starts: arrivals are never listed and departures
 * never leave the list. With hotplug=on they do.
 */
#include <errno.h>

#include <rbdrv/host.h>

#include "contract.h"

static size_t count_edus(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	size_t count;

	filter.vendor = EDU_VENDOR;
	filter.device = EDU_DEVICE;
	rb_pci_list_close(stage->list);
	stage->list = NULL;
	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));
	count = rb_pci_list_count(stage->list);
	return count;
}

static void plug_edu(struct stage *stage, struct rb_pci_addr *addr)
{
	int rc = rb_host_plug(stage->ctx, "edu", addr);

	if (rc == -ENOTSUP && !stage->world->mock)
		skip(); /* built without a monitor */
	assert_ok(rc);
}

/* The device at @addr, opened and mapped. */
static void open_at(struct stage *stage, struct rb_pci_addr addr)
{
	assert_ok(rb_pci_open(stage->ctx, addr, &stage->dev));
	assert_ok(rb_mmio_map(stage->dev, 0, 0, 0, RB_MMIO_UC, &stage->regs));
}

static void redox_never_lists_what_arrives(struct stage *stage)
{
	struct rb_pci_addr addr;
	struct rb_pci_dev *dev;

	assert_int_equal(count_edus(stage), 1);

	plug_edu(stage, &addr);

	assert_int_equal(count_edus(stage), 1);
	assert_int_equal(rb_pci_open(stage->ctx, addr, &dev), -ENOENT);
}

static void redox_lists_what_came_before_it_looked(struct stage *stage)
{
	struct rb_pci_addr addr;

	plug_edu(stage, &addr);

	assert_int_equal(count_edus(stage), 2);
	open_at(stage, addr);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), EDU_ID_VALUE);
}

static void what_is_pulled_out_is_gone_for_its_driver(struct stage *stage)
{
	struct rb_pci_addr addr = find_edu(stage);
	uint32_t val;

	map_edu(stage);

	assert_ok(rb_host_unplug(stage->ctx, addr));

	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), 0xffffffff);
	assert_int_equal(rb_mmio_error(stage->regs), -ENODEV);
	assert_true(rb_pci_is_gone(stage->dev));
	assert_int_equal(rb_pci_config_read32(stage->dev, 0, &val), -ENODEV);
	assert_int_equal(rb_host_unplug(stage->ctx, addr), -ENOENT);
}

static void what_comes_into_a_place_that_became_free_is_another_device(struct stage *stage)
{
	struct rb_pci_addr addr = find_edu(stage);

	map_edu(stage);
	assert_ok(rb_host_unplug(stage->ctx, addr));
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), 0xffffffff);

	plug_edu(stage, &addr);

	assert_true(rb_pci_is_gone(stage->dev)); /* its driver had the other one */
}

static void with_hotplug_what_arrives_is_listed_and_works(struct stage *stage)
{
	struct rb_pci_addr addr;

	assert_int_equal(count_edus(stage), 1);

	plug_edu(stage, &addr);

	assert_int_equal(count_edus(stage), 2);
	open_at(stage, addr);
	rb_mmio_write32(stage->regs, EDU_LIVENESS, 0x12345678);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_LIVENESS), ~0x12345678u);
}

static void with_hotplug_what_departs_is_listed_no_more(struct stage *stage)
{
	struct rb_pci_addr addr = find_edu(stage);
	struct rb_pci_dev *dev;

	assert_ok(rb_host_unplug(stage->ctx, addr));

	assert_int_equal(count_edus(stage), 0);
	assert_int_equal(rb_pci_open(stage->ctx, addr, &dev), -ENOENT);
}

static void with_hotplug_rescanning_tells_who_came_and_who_went(struct stage *stage)
{
	struct rb_pci_list *now = NULL, *arrived = NULL, *departed = NULL;
	struct rb_pci_addr first = find_edu(stage), second;
	int rc;

	assert_int_equal(count_edus(stage), 1);
	plug_edu(stage, &second);
	assert_ok(rb_host_unplug(stage->ctx, first));

	rc = rb_pci_rescan(stage->list, &now, &arrived, &departed);

	if (rc == 0 && rb_pci_list_count(now) == 1 && rb_pci_list_count(arrived) == 1 &&
	    rb_pci_list_count(departed) == 1) {
		second.sbdf ^= rb_pci_info_addr(rb_pci_list_get(arrived, 0)).sbdf;
		first.sbdf ^= rb_pci_info_addr(rb_pci_list_get(departed, 0)).sbdf;
	}
	rb_pci_list_close(now);
	rb_pci_list_close(arrived);
	rb_pci_list_close(departed);
	assert_ok(rc);
	assert_int_equal(second.sbdf, 0);
	assert_int_equal(first.sbdf, 0);
}

static void with_hotplug_what_arrives_interrupts(struct stage *stage)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_pci_addr addr;
	uint64_t count;

	plug_edu(stage, &addr);
	assert_int_equal(count_edus(stage), 2);
	open_at(stage, addr);
	options.kinds = RB_IRQ_MSI;
	assert_ok(rb_irq_set_open(stage->dev, &options, &stage->irqs));
	assert_ok(rb_irq_take(stage->irqs, 0, &count));

	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 1);

	expect_irqs(stage, 1);
}

static void nonsense_is_refused(struct stage *stage)
{
	struct rb_pci_addr addr;
	int rc;

	rc = rb_host_plug(stage->ctx, "nonesuch", &addr);
	if (rc == -ENOTSUP && !stage->world->mock)
		skip();
	assert_int_equal(rc, -ENOENT);
	assert_int_equal(rb_host_plug(stage->ctx, "edu,nonesuch=1", &addr), -EINVAL);
	assert_int_equal(rb_host_plug(stage->ctx, "edu;edu", &addr), -EINVAL);
	assert_int_equal(rb_host_plug(stage->ctx, "", &addr), -EINVAL);
	assert_int_equal(rb_host_unplug(stage->ctx, rb_pci_addr_make(0, 0, 30, 7)), -ENOENT);
	assert_int_equal(count_edus(stage), 1);
}

static const struct scenario scenarios[] = {
	SCENARIO(redox_never_lists_what_arrives),
	SCENARIO(redox_lists_what_came_before_it_looked),
	SCENARIO(what_is_pulled_out_is_gone_for_its_driver),
	SCENARIO(what_comes_into_a_place_that_became_free_is_another_device),
	SCENARIO_WITH(with_hotplug_what_arrives_is_listed_and_works, ";hotplug=on"),
	SCENARIO_WITH(with_hotplug_what_departs_is_listed_no_more, ";hotplug=on"),
	SCENARIO_WITH(with_hotplug_rescanning_tells_who_came_and_who_went, ";hotplug=on"),
	SCENARIO_WITH(with_hotplug_what_arrives_interrupts, ";hotplug=on"),
	SCENARIO(nonsense_is_refused),
};

int main(void)
{
	return RUN_SCENARIOS("come and go", scenarios);
}
