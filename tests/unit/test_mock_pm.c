/* SPDX-License-Identifier: MIT */
/*
 * test_mock_pm.c - power states, function-level reset, and what a reset undoes.
 */
#include "mock_fixture.h"

#define PMCSR  0x44 /* power management is at 0x40 */
#define DEVCTL 0x50 /* PCI Express is at 0x48 */
#define MSI    0x84
#define CTRL   0x10 /* a register with a reset value */

static struct rig rig;
static struct rb_mock_dev *dev;
static struct rb_pci_addr fn;
static uint64_t bar, map;
static unsigned int resets, events;

static void was_reset(struct rb_mock_dev *d, void *arg)
{
	(void)arg;
	assert_int_equal(rb_mock_poke(d, 0, 8, 4, 0xabc), 0);
	resets++;
}

static int build(struct rb_mock_dev *d, void *arg)
{
	static const struct rb_mock_reg regs[] = {
		{ .name = "CTRL", .offset = CTRL, .width = 4, .reset = 5, .rw = 0xff },
		RB_MOCK_REG_END,
	};
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	ids.vendor = 0x1234;
	ids.device = 0x0005;
	rb_mock_ids(d, &ids);
	rb_mock_intx_pin(d, 1);
	rb_mock_cap_pm(d, arg ? RB_MOCK_PM_NO_SOFT_RESET : 0);
	rb_mock_cap_pcie(d, RB_MOCK_PCIE_FLR);
	rb_mock_cap_msi(d, 0, RB_MOCK_MSI_64BIT);
	rb_mock_bar_ram(d, 0, 4096, 0);
	rb_mock_bar_map(d, 1, 4096, 0, regs, NULL);
	rb_mock_cap_msix(d, 2, 1, 0x800, 1, 0xc00);
	rb_mock_on_reset(d, was_reset, NULL);
	return 0;
}

static void plug_sleeper(void *keeps_its_state)
{
	resets = events = 0;
	rig_open(&rig, "mock");
	dev = plug(&rig, build, keeps_its_state);
	fn = rb_mock_addr(dev);
	bar = bar_of(&rig, fn, 0);
	map = bar_of(&rig, fn, 1);
}

static int start(void **state)
{
	(void)state;
	plug_sleeper(NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_close_clean(&rig);
	return 0;
}

static void happened(struct rb_mock_dev *d, void *arg)
{
	(void)d;
	(void)arg;
	events++;
}

/* What a driver has set up, and does again after a reset. */
static void set_up(void)
{
	cfg_write(&rig, fn, 0x10, 4, (uint32_t)bar);
	cfg_write(&rig, fn, 0x14, 4, (uint32_t)map);
	enable(&rig, fn);
	cfg_write(&rig, fn, MSI + 4, 4, 0xfee00000);
	cfg_write(&rig, fn, MSI + 12, 2, 100 + 32);
	cfg_write(&rig, fn, MSI + 2, 2, 1);
	mem_write(&rig, map + CTRL, 4, 0x77);
	mem_write(&rig, map + 0x80c, 4, 0);
}

static void assert_reset(void)
{
	assert_int_equal(resets, 1);
	assert_int_equal(cfg_read(&rig, fn, 0x04, 2), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x10, 4), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x3c, 1), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x34, 1), 0x94);
	assert_int_equal(cfg_read(&rig, fn, MSI + 4, 4), 0);
	assert_false(rb_mock_msi_enabled(dev));
	rb_mock_advance(rig.ctx, 1000000000);
	assert_int_equal(events, 0);

	cfg_write(&rig, fn, 0x10, 4, (uint32_t)bar);
	cfg_write(&rig, fn, 0x14, 4, (uint32_t)map);
	enable(&rig, fn);
	assert_int_equal(mem_read(&rig, map + CTRL, 4) & 0xff, 5);
	assert_int_equal(mem_read(&rig, map + 0x80c, 4), 1);
	assert_int_equal(mem_read(&rig, bar + 4, 4), 0x1234);
	assert_int_equal(mem_read(&rig, bar + 8, 4), 0xabc);
}

/* --- power states --------------------------------------------------------------------------- */

static void in_d3hot_configuration_answers_and_bars_do_not(void **state)
{
	(void)state;
	cfg_write(&rig, fn, PMCSR, 2, 3);

	assert_int_equal(cfg_read(&rig, fn, PMCSR, 2), 3);
	assert_int_equal(cfg_read(&rig, fn, 0, 4), 0x00051234);
	assert_int_equal(rb_mock_verify(rig.ctx), 0);
	assert_int_equal(mem_read(&rig, bar + 4, 4), 0xffffffff);
	assert_violation(&rig, "read of 4 bytes at 0x4 of BAR0 while the device is in D3hot");
	mem_write(&rig, map + CTRL, 4, 1);
	assert_violation(&rig, "write of 4 bytes at CTRL (0x10) of BAR1 while the device is in "
			       "D3hot");
}

static void a_sleeping_device_neither_interrupts_nor_moves_data(void **state)
{
	struct dma dma;
	uint8_t byte;

	(void)state;
	set_up();
	dma_open(&rig, &dma);
	rb_mock_intx(dev, true);
	assert_int_equal(cfg_read(&rig, fn, 0x06, 1) & 8, 8);

	cfg_write(&rig, fn, PMCSR, 2, 3);

	assert_int_equal(cfg_read(&rig, fn, 0x06, 1) & 8, 0);
	assert_int_equal(rb_mock_msi(dev, 0), 0);
	assert_int_equal(irq_take(&rig, 100), 0);
	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), &byte, 1), -EACCES);
	assert_violation(&rig, "reads 1 bytes at bus address 0x1000000 while in D3hot");
	dma_close(&rig, &dma);
}

static void states_that_the_device_has_not_are_not_taken(void **state)
{
	(void)state;
	cfg_write(&rig, fn, PMCSR, 2, 1);
	assert_int_equal(cfg_read(&rig, fn, PMCSR, 2), 0);
	cfg_write(&rig, fn, PMCSR, 2, 3);
	cfg_write(&rig, fn, PMCSR, 2, 2);

	assert_int_equal(cfg_read(&rig, fn, PMCSR, 2), 3);
	assert_int_equal(resets, 0);
}

static void the_way_back_to_d0_resets(void **state)
{
	(void)state;
	set_up();
	mem_write(&rig, bar + 4, 4, 0x1234);
	rb_mock_after(dev, 1000, happened, NULL);
	cfg_write(&rig, fn, PMCSR, 2, 3);

	cfg_write(&rig, fn, PMCSR, 2, 0);
	rb_mock_advance(rig.ctx, 10000000);

	assert_reset();
}

static void access_within_10_ms_of_waking_up_is_a_violation(void **state)
{
	(void)state;
	cfg_write(&rig, fn, PMCSR, 2, 3);
	cfg_write(&rig, fn, PMCSR, 2, 0);
	rb_mock_advance(rig.ctx, 9000000);

	assert_int_equal(cfg_read(&rig, fn, 0, 4), 0xffffffff);

	assert_violation(&rig, "read of 4 bytes at configuration offset 0, 1000 us too soon after "
			       "the way from D3hot to D0");
	rb_mock_advance(rig.ctx, 1000000);
	assert_int_equal(cfg_read(&rig, fn, 0, 4), 0x00051234);
}

static void a_device_that_keeps_its_state_comes_back_as_it_was(void **state)
{
	(void)state;
	rig_close(&rig);
	plug_sleeper(&rig);
	set_up();
	cfg_write(&rig, fn, PMCSR, 2, 3);

	cfg_write(&rig, fn, PMCSR, 2, 0);
	mem_read(&rig, bar, 4);
	assert_violation(&rig, "too soon after the way from D3hot to D0");
	rb_mock_advance(rig.ctx, 10000000);

	assert_int_equal(cfg_read(&rig, fn, PMCSR, 2), 8);
	assert_int_equal(mem_read(&rig, map + CTRL, 4) & 0xff, 0x77);
	assert_int_equal(rb_mock_msi(dev, 0), 1);
	assert_int_equal(irq_take(&rig, 100), 1);
	assert_int_equal(resets, 0);
}

/* --- function-level reset --------------------------------------------------------------------- */

static void a_function_level_reset_resets(void **state)
{
	(void)state;
	set_up();
	mem_write(&rig, bar + 4, 4, 0x1234);
	rb_mock_after(dev, 1000, happened, NULL);

	cfg_write(&rig, fn, DEVCTL, 2, 0xa810);
	rb_mock_advance(rig.ctx, 100000000);

	assert_int_equal(cfg_read(&rig, fn, DEVCTL, 2), 0x2810);
	assert_reset();
}

static void access_within_100_ms_of_a_reset_is_a_violation(void **state)
{
	(void)state;
	cfg_write(&rig, fn, DEVCTL + 1, 1, 0x80);

	assert_int_equal(cfg_read(&rig, fn, 0, 2), 0xffff);
	assert_violation(&rig, "read of 2 bytes at configuration offset 0, 100000 us too soon "
			       "after a function-level reset");
	cfg_write(&rig, fn, 0x04, 2, 7);
	assert_violation(&rig, "write of 2 bytes at configuration offset 0x4, 99999 us too soon");
	rb_mock_advance(rig.ctx, 100000000);

	assert_int_equal(cfg_read(&rig, fn, 0x04, 2), 0);
	assert_int_equal(rb_mock_verify(rig.ctx), 0);
}

static void who_polls_through_the_reset_is_told_but_does_not_hang(void **state)
{
	unsigned int polls = 0;

	(void)state;
	cfg_write(&rig, fn, DEVCTL, 2, 0x8000);

	while (cfg_read(&rig, fn, 0, 2) == 0xffff)
		polls++;

	assert_int_equal(polls, 100000);
	assert_int_equal(rb_mock_verify(rig.ctx), 100000);
	rb_mock_clear(rig.ctx);
}

static void the_machine_resets_functions_that_can_be_reset(void **state)
{
	struct rb_pci_addr nobody = rb_pci_addr_make(0, 0, 31, 0);
	struct rb_mock_dev *plain;

	(void)state;
	plain = plug(&rig, plain_build, NULL);

	assert_int_equal(rig.m->ops->reset(rig.m, rb_mock_addr(plain)), -ENOTSUP);
	assert_int_equal(rig.m->ops->reset(rig.m, nobody), -ENODEV);
	assert_int_equal(rig.m->ops->reset(rig.m, fn), 0);

	assert_int_equal(resets, 1);
	rig.m->ops->delay(rig.m, 100000000);
	assert_int_equal(cfg_read(&rig, fn, 0x10, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_d3hot_configuration_answers_and_bars_do_not,
						start, stop),
		cmocka_unit_test_setup_teardown(a_sleeping_device_neither_interrupts_nor_moves_data,
						start, stop),
		cmocka_unit_test_setup_teardown(states_that_the_device_has_not_are_not_taken, start,
						stop),
		cmocka_unit_test_setup_teardown(the_way_back_to_d0_resets, start, stop),
		cmocka_unit_test_setup_teardown(access_within_10_ms_of_waking_up_is_a_violation,
						start, stop),
		cmocka_unit_test_setup_teardown(a_device_that_keeps_its_state_comes_back_as_it_was,
						start, stop),
		cmocka_unit_test_setup_teardown(a_function_level_reset_resets, start, stop),
		cmocka_unit_test_setup_teardown(access_within_100_ms_of_a_reset_is_a_violation,
						start, stop),
		cmocka_unit_test_setup_teardown(
			who_polls_through_the_reset_is_told_but_does_not_hang, start, stop),
		cmocka_unit_test_setup_teardown(the_machine_resets_functions_that_can_be_reset,
						start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
