/* SPDX-License-Identifier: MIT */
/*
 * test_contract_registers.c - configuration space and mapped registers.
 */
#include <errno.h>

#include "contract.h"

#define PCI_COMMAND	   0x04
#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u
#define PCI_CAP_MSI	   0x05
#define PCI_CAP_PCIX	   0x07

/* --- configuration space ---------------------------------------------------------- */

static void every_width_of_config_space_agrees(struct stage *stage)
{
	uint32_t dword = 0;
	uint16_t vendor = 0, device = 0;
	uint8_t low = 0;

	claim_edu(stage);

	assert_ok(rb_pci_config_read32(stage->dev, 0, &dword));
	assert_ok(rb_pci_config_read16(stage->dev, 0, &vendor));
	assert_ok(rb_pci_config_read16(stage->dev, 2, &device));
	assert_ok(rb_pci_config_read8(stage->dev, 0, &low));

	assert_int_equal(dword, (uint32_t)EDU_DEVICE << 16 | EDU_VENDOR);
	assert_int_equal(vendor, EDU_VENDOR);
	assert_int_equal(device, EDU_DEVICE);
	assert_int_equal(low, EDU_VENDOR & 0xff);
}

static void a_claim_switches_memory_and_mastering_on(struct stage *stage)
{
	const uint16_t both = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	uint16_t command = 0;

	claim_edu(stage);

	assert_ok(rb_pci_config_read16(stage->dev, PCI_COMMAND, &command));

	assert_int_equal(command & both, both);
}

static void bus_mastering_can_be_switched_off_and_on(struct stage *stage)
{
	uint16_t off = 0, on = 0;

	claim_edu(stage);

	assert_ok(rb_pci_set_bus_master(stage->dev, false));
	assert_ok(rb_pci_config_read16(stage->dev, PCI_COMMAND, &off));
	assert_ok(rb_pci_set_bus_master(stage->dev, true));
	assert_ok(rb_pci_config_read16(stage->dev, PCI_COMMAND, &on));

	assert_int_equal(off & PCI_COMMAND_MASTER, 0);
	assert_int_equal(on & PCI_COMMAND_MASTER, PCI_COMMAND_MASTER);
	assert_int_equal(on & ~PCI_COMMAND_MASTER, off);
}

static void config_space_ends_where_no_capability_proves_more(struct stage *stage)
{
	uint32_t val = 0;

	claim_edu(stage);

	assert_int_equal(rb_pci_config_read32(stage->dev, 256, &val), -ERANGE);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(rb_pci_config_read32(stage->dev, 4096, &val), -ERANGE);
	assert_int_equal(rb_pci_config_write32(stage->dev, 256, 0), -ERANGE);
	assert_int_equal(rb_pci_config_read32(stage->dev, 0xfffffffc, &val), -ERANGE);
}

static void a_misaligned_config_access_is_refused(struct stage *stage)
{
	uint32_t dword = 0;
	uint16_t word = 0;

	claim_edu(stage);

	assert_int_equal(rb_pci_config_read32(stage->dev, 2, &dword), -EINVAL);
	assert_int_equal(rb_pci_config_read16(stage->dev, 1, &word), -EINVAL);
	assert_int_equal(rb_pci_config_write32(stage->dev, 6, 0), -EINVAL);

	assert_int_equal(dword, 0xffffffff);
	assert_int_equal(word, 0xffff);
}

static void edu_has_msi_and_no_pcix(struct stage *stage)
{
	unsigned int off = 0;

	claim_edu(stage);

	assert_ok(rb_pci_find_cap(stage->dev, PCI_CAP_MSI, &off));
	assert_int_equal(off, 0x40);
	assert_int_equal(rb_pci_find_cap(stage->dev, PCI_CAP_PCIX, &off), -ENOENT);
	assert_int_equal(off, 0x40);
}

/* --- BARs and mapped registers ------------------------------------------------------ */

static void bar0_is_a_megabyte_of_memory(struct stage *stage)
{
	claim_edu(stage);

	assert_int_equal(rb_pci_bar_kind(stage->dev, 0), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_size(stage->dev, 0), EDU_BAR_SIZE);
	assert_int_not_equal(rb_pci_bar_phys(stage->dev, 0).value, 0);
	assert_int_equal(rb_pci_bar_kind(stage->dev, 1), RB_PCI_BAR_NONE);
	assert_int_equal(rb_pci_bar_size(stage->dev, 1), 0);
	assert_int_equal(rb_pci_bar_kind(stage->dev, 6), RB_PCI_BAR_NONE);
}

static void registers_identify_the_device_and_it_is_alive(struct stage *stage)
{
	map_edu(stage);

	assert_int_equal(rb_mmio_size(stage->regs), EDU_BAR_SIZE);
	assert_int_equal(rb_mmio_cache(stage->regs), RB_MMIO_UC);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), EDU_ID_VALUE);
	rb_mmio_write32(stage->regs, EDU_LIVENESS, 0x12345678);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_LIVENESS), 0xedcba987);
	assert_int_equal(rb_mmio_error(stage->regs), 0);
}

static void a_window_starts_where_it_was_asked_to(struct stage *stage)
{
	claim_edu(stage);
	assert_ok(rb_mmio_map(stage->dev, 0, 0x60, 0x10, RB_MMIO_UC, &stage->regs));

	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE - 0x60, 1);
	rb_mmio_write32(stage->regs, EDU_IRQ_ACK - 0x60, 1);

	assert_int_equal(rb_mmio_size(stage->regs), 0x10);
	assert_int_equal(rb_mmio_error(stage->regs), 0);
}

static void a_window_past_the_bar_is_refused(struct stage *stage)
{
	struct rb_mmio *m;

	claim_edu(stage);

	assert_int_equal(rb_mmio_map(stage->dev, 0, EDU_BAR_SIZE, 8, 0, &m), -ERANGE);
	assert_null(m);
	assert_int_equal(rb_mmio_map(stage->dev, 0, 8, EDU_BAR_SIZE, 0, &m), -ERANGE);
	assert_int_equal(rb_mmio_map(stage->dev, 0, 0, UINT64_MAX, 0, &m), -ERANGE);
	assert_int_equal(rb_mmio_map(stage->dev, 0, UINT64_MAX - 7, 16, 0, &m), -ERANGE);
}

static void a_window_of_no_bar_is_enoent(struct stage *stage)
{
	struct rb_mmio *m;

	claim_edu(stage);

	assert_int_equal(rb_mmio_map(stage->dev, 1, 0, 0, 0, &m), -ENOENT);
	assert_int_equal(rb_mmio_map(stage->dev, 6, 0, 0, 0, &m), -ENOENT);
	assert_null(m);
}

static void a_window_with_bad_arguments_is_refused(struct stage *stage)
{
	struct rb_mmio *m;

	claim_edu(stage);

	assert_int_equal(rb_mmio_map(stage->dev, 0, 4, 8, 0, &m), -EINVAL);
	assert_null(m);
	assert_int_equal(rb_mmio_map(stage->dev, 0, 0, 8, 0x8000, &m), -EINVAL);
	assert_int_equal(rb_mmio_map(stage->dev, 0, 0, 8, RB_MMIO_WC | RB_MMIO_WB, &m), -EINVAL);
}

static void a_routed_world_refuses_a_direct_window(struct stage *stage)
{
	struct rb_mmio *m;

	claim_edu(stage);

	assert_int_equal(rb_mmio_map(stage->dev, 0, 0, 0, RB_MMIO_DIRECT, &m), -ENOTSUP);

	assert_null(m);
}

static void reading_past_a_window_answers_all_ones_and_says_so(struct stage *stage)
{
	claim_edu(stage);
	assert_ok(rb_mmio_map(stage->dev, 0, 0, 0x10, RB_MMIO_UC, &stage->regs));

	assert_int_equal(rb_mmio_read32(stage->regs, 0x10), 0xffffffff);
	assert_int_equal(rb_mmio_error(stage->regs), -ERANGE);

	assert_int_equal(rb_mmio_error(stage->regs), 0);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), EDU_ID_VALUE);
}

static void a_misaligned_access_answers_all_ones_and_says_so(struct stage *stage)
{
	map_edu(stage);

	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID + 2), 0xffffffff);

	assert_int_equal(rb_mmio_error(stage->regs), -EINVAL);
}

static void polling_a_register_ends_in_time(struct stage *stage)
{
	uint32_t last = 0;
	uint64_t start;

	map_edu(stage);

	assert_ok(rb_mmio_poll32(stage->regs, EDU_ID, 0xff, 0xed, 0, &last));
	assert_int_equal(last, EDU_ID_VALUE);
	start = rb_time_ns(stage->ctx);
	assert_int_equal(rb_mmio_poll32(stage->regs, EDU_ID, 0xff, 0, 20000, &last), -ETIMEDOUT);
	assert_true((int64_t)(rb_time_ns(stage->ctx) - start) >= 20000000);
	assert_int_equal(last, EDU_ID_VALUE);
}

static void polling_with_bad_arguments_is_refused(struct stage *stage)
{
	map_edu(stage);

	assert_int_equal(rb_mmio_poll32(stage->regs, EDU_ID, 1, 2, 0, NULL), -EINVAL);
	assert_int_equal(rb_mmio_poll32(stage->regs, 2, 1, 1, 0, NULL), -EINVAL);
	assert_int_equal(rb_mmio_poll32(stage->regs, EDU_BAR_SIZE, 1, 1, 0, NULL), -ERANGE);
}

static void the_clock_goes_on_by_what_was_delayed(struct stage *stage)
{
	uint64_t start = rb_time_ns(stage->ctx);

	rb_delay_us(stage->ctx, 3000);

	assert_true((int64_t)(rb_time_ns(stage->ctx) - start) >= 3000000);
}

static const struct scenario scenarios[] = {
	SCENARIO(every_width_of_config_space_agrees),
	SCENARIO(a_claim_switches_memory_and_mastering_on),
	SCENARIO(bus_mastering_can_be_switched_off_and_on),
	SCENARIO(config_space_ends_where_no_capability_proves_more),
	SCENARIO(a_misaligned_config_access_is_refused),
	SCENARIO(edu_has_msi_and_no_pcix),
	SCENARIO(bar0_is_a_megabyte_of_memory),
	SCENARIO(registers_identify_the_device_and_it_is_alive),
	SCENARIO(a_window_starts_where_it_was_asked_to),
	SCENARIO(a_window_past_the_bar_is_refused),
	SCENARIO(a_window_of_no_bar_is_enoent),
	SCENARIO(a_window_with_bad_arguments_is_refused),
	SCENARIO(a_routed_world_refuses_a_direct_window),
	SCENARIO_SLOPPY(reading_past_a_window_answers_all_ones_and_says_so),
	SCENARIO_SLOPPY(a_misaligned_access_answers_all_ones_and_says_so),
	SCENARIO(polling_a_register_ends_in_time),
	SCENARIO(polling_with_bad_arguments_is_refused),
	SCENARIO(the_clock_goes_on_by_what_was_delayed),
};

int main(void)
{
	return RUN_SCENARIOS("registers", scenarios);
}
