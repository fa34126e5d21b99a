/* SPDX-License-Identifier: MIT */
/*
 * test_contract_control.c - BARs as they are found, and what a driver lets its device do.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

#define COMMAND	     0x04
#define COMMAND_MEM  0x2u
#define COMMAND_MASTER 0x4u
#define INTX_OFF     0x400u

static uint16_t command_of(struct stage *stage)
{
	uint16_t command = 0;

	assert_ok(rb_pci_config_read16(stage->dev, COMMAND, &command));
	return command;
}

static void bars_are_found_exactly(struct stage *stage)
{
	unsigned int bar;

	claim_edu(stage);

	assert_int_equal(rb_pci_bar_kind(stage->dev, 0), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_size(stage->dev, 0), EDU_BAR_SIZE);
	assert_int_equal(rb_pci_bar_phys(stage->dev, 0).value % EDU_BAR_SIZE, 0);
	assert_int_equal(rb_pci_bar_flags(stage->dev, 0), 0);
	for (bar = 1; bar <= RB_PCI_BAR_ROM; bar++)
		assert_int_equal(rb_pci_bar_kind(stage->dev, bar), RB_PCI_BAR_NONE);
	for (bar = 0; bar <= RB_PCI_BAR_ROM; bar++)
		assert_null(rb_pci_bar_flaw(stage->dev, bar));
	/* what finding them out has switched off is on again */
	assert_int_equal(command_of(stage) & 7, 7);
}

static void a_rom_that_is_not_there_is_not_switched_on(struct stage *stage)
{
	map_edu(stage);

	assert_int_equal(rb_pci_set_decode(stage->dev, RB_PCI_DECODE_MEM | RB_PCI_DECODE_ROM),
			 -ENOENT);

	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), EDU_ID_VALUE);
}

static void registers_that_are_not_decoded_read_all_ones(struct stage *stage)
{
	map_edu(stage);

	assert_ok(rb_pci_set_decode(stage->dev, RB_PCI_DECODE_IO));
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), UINT32_MAX);
	assert_false(rb_pci_is_gone(stage->dev));

	assert_ok(rb_pci_set_decode(stage->dev, RB_PCI_DECODE_IO | RB_PCI_DECODE_MEM));
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), EDU_ID_VALUE);
}

static void a_pin_that_is_forbidden_is_silent(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_INTX);
	assert_ok(rb_pci_set_intx(stage->dev, false));
	assert_int_equal(command_of(stage) & INTX_OFF, INTX_OFF);
	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 1);
	expect_no_irq(stage);
	quiet_edu(stage);

	assert_ok(rb_pci_set_intx(stage->dev, true));
	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 1);

	expect_irqs(stage, 1);
}

static void edu_has_neither_power_states_nor_a_reset(struct stage *stage)
{
	map_edu(stage);

	assert_int_equal(rb_pci_power(stage->dev), RB_PCI_D0);
	assert_ok(rb_pci_set_power(stage->dev, RB_PCI_D0));
	assert_int_equal(rb_pci_set_power(stage->dev, RB_PCI_D3HOT), -ENOTSUP);
	assert_int_equal(rb_pci_reset(stage->dev), -ENOTSUP);

	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), EDU_ID_VALUE);
}

static void a_copy_brings_back_what_was_changed(struct stage *stage)
{
	uint32_t bar = 0;

	open_edu_irqs(stage, RB_IRQ_MSI);
	assert_ok(rb_pci_save(stage->dev, &stage->saved));
	assert_ok(rb_pci_set_bus_master(stage->dev, false));
	assert_ok(rb_pci_set_decode(stage->dev, 0));
	assert_ok(rb_pci_config_read32(stage->dev, 0x10, &bar));
	assert_ok(rb_pci_config_write32(stage->dev, 0x10, 0));

	assert_ok(rb_pci_restore(stage->dev, stage->saved));

	assert_int_equal(bar, rb_pci_bar_phys(stage->dev, 0).value);
	assert_int_equal(command_of(stage) & (COMMAND_MEM | COMMAND_MASTER),
			 COMMAND_MEM | COMMAND_MASTER);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), EDU_ID_VALUE);
	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 1);
	expect_irqs(stage, 1);
}

static void a_message_survives_the_loss_of_its_capability(struct stage *stage)
{
	unsigned int cap = 0;

	open_edu_irqs(stage, RB_IRQ_MSI);
	assert_ok(rb_pci_find_cap(stage->dev, 0x05, &cap));
	assert_ok(rb_pci_save(stage->dev, &stage->saved));
	assert_ok(rb_pci_config_write16(stage->dev, cap + 2, 0));
	assert_ok(rb_pci_config_write32(stage->dev, cap + 4, 0));
	assert_ok(rb_pci_config_write16(stage->dev, cap + 12, 0));

	assert_ok(rb_pci_restore(stage->dev, stage->saved));
	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 1);

	expect_irqs(stage, 1);
}

int main(void)
{
	static const struct scenario scenarios[] = {
		SCENARIO(bars_are_found_exactly),
		SCENARIO(a_rom_that_is_not_there_is_not_switched_on),
		SCENARIO(registers_that_are_not_decoded_read_all_ones),
		SCENARIO(a_pin_that_is_forbidden_is_silent),
		SCENARIO(edu_has_neither_power_states_nor_a_reset),
		SCENARIO(a_copy_brings_back_what_was_changed),
		SCENARIO(a_message_survives_the_loss_of_its_capability),
	};

	return RUN_SCENARIOS("control", scenarios);
}
