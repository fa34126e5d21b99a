/* SPDX-License-Identifier: MIT */
/*
 * test_mock_fault.c - devices that break: dead, stuck, with lost, doubled and too many
 * interrupts, and with DMA that fails.
 */
#include "mock_fixture.h"

#define IRQ 70

static struct rig rig;
static struct rb_mock_dev *dev;
static struct rb_pci_addr fn;
static uint64_t bar;

static int start(void **state)
{
	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);
	fn = rb_mock_addr(dev);
	bar = bar_of(&rig, fn, 0);
	enable_msi(&rig, fn, IRQ);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_close_clean(&rig);
	return 0;
}

static void break_it(const char *fault)
{
	assert_int_equal(rb_mock_fault(dev, fault), 0);
}

static void a_dead_device_answers_all_ones_from_the_nth_access_on(void **state)
{
	uint8_t byte;

	(void)state;
	mem_write(&rig, bar, 4, 5);
	rb_mock_intx(dev, true);
	break_it("dead:3");

	assert_int_equal(mem_read(&rig, bar, 4), 5);
	mem_write(&rig, bar, 4, 6);
	assert_int_equal(mem_read(&rig, bar, 4), 0xffffffff);
	mem_write(&rig, bar, 4, 7);

	assert_int_equal(mem_read(&rig, bar, 2), 0xffff);
	assert_int_equal(cfg_read(&rig, fn, 0, 4), 0xffffffff);
	assert_int_equal(rb_mock_msi(dev, 0), 0);
	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), &byte, 1), -ENODEV);
	assert_int_equal(rb_mock_fault(dev, NULL), 0);
	assert_int_equal(mem_read(&rig, bar, 4), 6);
	assert_int_equal(cfg_read(&rig, fn, 0x06, 1) & 8, 8);
}

static void a_driver_that_polls_a_dead_device_meets_the_watchdog(void **state)
{
	unsigned int polls = 0;

	(void)state;
	rig_close(&rig);
	rig_open(&rig, "mock:watchdog=1000");
	dev = plug(&rig, plain_build, NULL);
	bar = bar_of(&rig, rb_mock_addr(dev), 0);
	break_it("dead:1");

	while (mem_read(&rig, bar, 4) & 1)
		polls++;

	assert_int_equal(polls, 1999);
	assert_violation(&rig, "was read 1000 times in a row");
}

static void a_stuck_bit_is_read_as_it_is_stuck(void **state)
{
	(void)state;
	break_it("stuck:0:0x10:9:1");
	break_it("stuck:0:0x10:0:0");
	mem_write(&rig, bar + 0x10, 8, 0xf00d);

	assert_int_equal(mem_read(&rig, bar + 0x10, 4), 0xf20c);
	assert_int_equal(mem_read(&rig, bar + 0x10, 8), 0xf20c);
	assert_int_equal(mem_read(&rig, bar + 0x11, 1), 0xf2);
	assert_int_equal(mem_read(&rig, bar + 0x12, 2), 0);
	mem_write(&rig, bar + 0x10, 4, 0);

	assert_int_equal(mem_read(&rig, bar + 0x10, 4), 0x200);
}

static void the_nth_message_is_lost(void **state)
{
	(void)state;
	break_it("lost:2");

	assert_int_equal(rb_mock_msi(dev, 0), 1);
	assert_int_equal(rb_mock_msi(dev, 0), 1);
	assert_int_equal(rb_mock_msi(dev, 0), 1);

	assert_int_equal(irq_take(&rig, IRQ), 2);
}

static void the_nth_message_comes_twice(void **state)
{
	(void)state;
	rb_mock_msi(dev, 0);
	break_it("doubled:1");

	rb_mock_msi(dev, 0);
	rb_mock_msi(dev, 0);

	assert_int_equal(irq_take(&rig, IRQ), 4);
}

static void a_lost_assertion_does_not_reach_the_line(void **state)
{
	unsigned int line = cfg_read(&rig, fn, 0x3c, 1);

	(void)state;
	break_it("lost:1");

	rb_mock_intx(dev, true);
	assert_int_equal(irq_take(&rig, line), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x06, 1) & 8, 8);
	rb_mock_intx(dev, false);
	rb_mock_intx(dev, true);

	assert_int_equal(irq_take(&rig, line), 1);
}

static void a_doubled_assertion_counts_twice(void **state)
{
	unsigned int line = cfg_read(&rig, fn, 0x3c, 1);

	(void)state;
	break_it("doubled:1");

	rb_mock_intx(dev, true);

	assert_int_equal(irq_take(&rig, line), 2);
	rb_mock_intx(dev, false);
	rig.m->ops->irq_unmask(rig.m, line);
	assert_int_equal(irq_take(&rig, line), 0);
}

static void a_storm_of_messages_ends_after_a_thousand(void **state)
{
	(void)state;
	break_it("storm:2");

	rb_mock_msi(dev, 0);
	rb_mock_advance(rig.ctx, 1000000000);
	assert_int_equal(irq_take(&rig, IRQ), 1);
	rb_mock_msi(dev, 0);
	rb_mock_advance(rig.ctx, 10000);
	assert_int_equal(irq_take(&rig, IRQ), 11);
	rb_mock_advance(rig.ctx, 1000000000);

	assert_int_equal(irq_take(&rig, IRQ), 990);
}

static void a_storm_respects_the_enable_bit(void **state)
{
	unsigned int cap = cfg_read(&rig, fn, 0x34, 1);

	(void)state;
	break_it("storm:1");
	rb_mock_msi(dev, 0);

	cfg_write(&rig, fn, cap + 2, 2, 0);
	rb_mock_advance(rig.ctx, 1000000000);

	assert_int_equal(irq_take(&rig, IRQ), 1);
}

static void a_storm_on_the_pin_fires_whenever_it_is_unmasked(void **state)
{
	unsigned int line = cfg_read(&rig, fn, 0x3c, 1);
	unsigned int count = 0;

	(void)state;
	break_it("storm:1");
	rb_mock_intx(dev, true);
	rb_mock_intx(dev, false);

	while (irq_take(&rig, line) > 0) {
		count++;
		rig.m->ops->irq_unmask(rig.m, line);
	}

	assert_int_equal(count, 1000);
}

static void the_nth_transfer_fails_or_stops_half_way(void **state)
{
	struct dma dma;
	uint8_t bytes[5];

	(void)state;
	dma_open(&rig, &dma);
	memcpy(dma.cpu, "abcde", 5);
	publish(&rig, &dma, 0, 5);
	break_it("dma-error:1");
	break_it("dma-short:2");
	break_it("dma-short:3");

	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), bytes, 5), -EIO);
	assert_memory_equal(bytes, "\xff\xff\xff\xff\xff", 5);
	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), bytes, 5), 0);
	assert_memory_equal(bytes, "abcde", 5);
	assert_int_equal(rb_mock_dma_read(dev, bus(FRAME), bytes, 5), 0);
	assert_memory_equal(bytes, "ab\xff\xff\xff", 5);

	break_it("dma-error:2");
	break_it("dma-short:1");
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME), "ABCDE", 5), 0);
	assert_int_equal(rb_mock_dma_write(dev, bus(FRAME), "12345", 5), -EIO);
	observe(&rig, &dma, 0, 5);
	assert_memory_equal(dma.cpu, "ABcde", 5);
	dma_close(&rig, &dma);
}

static void faults_that_make_no_sense_are_refused(void **state)
{
	static const char *const bad[] = {
		"",	       "dead",		"dead:",	"dead:0",      "dead:x",
		"dead:1:2",    "late:1",	"stuck:0:0:0",	"stuck:6:0:0:1", "stuck:0:0:64:1",
		"stuck:0:0:0:2", "stuck:1:0:0:1", "stuck:0:4096:0:1", "stuck:0:4095:8:1",
		"stuck:0:0:0:1:1", "lost:4294967296", "lost:-1", "stuck:0:99999999999999999999:0:1",
	};
	char lengthy[200];
	size_t i;

	(void)state;
	memset(lengthy, '1', sizeof(lengthy));
	memcpy(lengthy, "dead:", 5);
	lengthy[sizeof(lengthy) - 1] = '\0';
	assert_int_equal(rb_mock_fault(dev, lengthy), -EINVAL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (rb_mock_fault(dev, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	assert_int_equal(rb_mock_fault(NULL, "dead:1"), -EINVAL);
	for (i = 0; i < 16; i++)
		break_it("stuck:0:0:0:1");
	assert_int_equal(rb_mock_fault(dev, "stuck:0:0:0:1"), -EINVAL);

	rb_mock_remove(dev);

	assert_int_equal(rb_mock_fault(dev, "dead:1"), -ENODEV);
}

static void every_device_of_a_machine_string_takes_faults(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	rig_close(&rig);
	rig_open(&rig, "mock:edu,fault=dead:2,fault=stuck:0:0:0:0");
	dev = rb_mock_find(rig.ctx, "edu", 0);
	enable(&rig, rb_mock_addr(dev));
	bar = bar_of(&rig, rb_mock_addr(dev), 0);

	assert_int_equal(mem_read(&rig, bar, 4), 0x010000ec);
	assert_int_equal(mem_read(&rig, bar, 4), 0xffffffff);

	assert_int_equal(rb_ctx_new("mock:edu,fault=dead", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("mock:edu,fault", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("mock:edu,fault=stuck:3:0:0:1", &ctx), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_dead_device_answers_all_ones_from_the_nth_access_on, start, stop),
		cmocka_unit_test_setup_teardown(
			a_driver_that_polls_a_dead_device_meets_the_watchdog, start, stop),
		cmocka_unit_test_setup_teardown(a_stuck_bit_is_read_as_it_is_stuck, start, stop),
		cmocka_unit_test_setup_teardown(the_nth_message_is_lost, start, stop),
		cmocka_unit_test_setup_teardown(the_nth_message_comes_twice, start, stop),
		cmocka_unit_test_setup_teardown(a_lost_assertion_does_not_reach_the_line, start,
						stop),
		cmocka_unit_test_setup_teardown(a_doubled_assertion_counts_twice, start, stop),
		cmocka_unit_test_setup_teardown(a_storm_of_messages_ends_after_a_thousand, start,
						stop),
		cmocka_unit_test_setup_teardown(a_storm_respects_the_enable_bit, start, stop),
		cmocka_unit_test_setup_teardown(a_storm_on_the_pin_fires_whenever_it_is_unmasked,
						start, stop),
		cmocka_unit_test_setup_teardown(the_nth_transfer_fails_or_stops_half_way, start,
						stop),
		cmocka_unit_test_setup_teardown(faults_that_make_no_sense_are_refused, start, stop),
		cmocka_unit_test_setup_teardown(every_device_of_a_machine_string_takes_faults,
						start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
