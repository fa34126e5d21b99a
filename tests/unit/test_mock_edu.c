/* SPDX-License-Identifier: MIT */
/*
 * test_mock_edu.c - the built-in edu device against what is known of QEMU's
 * (qemu-notes 4).
 */
#include "mock_fixture.h"

static struct rig rig;
static struct rb_pci_addr fn;
static uint64_t bar;
static struct dma dma;

static int start(void **state)
{
	(void)state;
	rig_open(&rig, "mock:edu");
	fn = rb_mock_addr(rb_mock_find(rig.ctx, "edu", 0));
	enable(&rig, fn);
	bar = bar_of(&rig, fn, 0);
	dma_open(&rig, &dma);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	dma_close(&rig, &dma);
	rig_close_clean(&rig);
	return 0;
}

static uint32_t in(uint64_t off)
{
	return (uint32_t)mem_read(&rig, bar + off, 4);
}

static void out(uint64_t off, uint64_t val)
{
	mem_write(&rig, bar + off, off < 0x80 ? 4 : 8, val);
}

static void transfer(uint64_t src, uint64_t dst, uint64_t count, uint64_t cmd)
{
	out(0x80, src);
	out(0x88, dst);
	out(0x90, count);
	out(0x98, cmd);
}

static void it_says_what_it_is(void **state)
{
	(void)state;
	assert_int_equal(cfg_read(&rig, fn, 0x00, 4), 0x11e81234);
	assert_int_equal(cfg_read(&rig, fn, 0x08, 4), 0x00ff0010);
	assert_int_equal(cfg_read(&rig, fn, 0x2c, 4), 0x11001af4);
	assert_int_equal(cfg_read(&rig, fn, 0x34, 1), 0x40);
	assert_int_equal(cfg_read(&rig, fn, 0x40, 4), 0x00800005);
	assert_int_equal(cfg_read(&rig, fn, 0x3d, 1), 1);
	cfg_write(&rig, fn, 0x10, 4, 0xffffffff);
	assert_int_equal(cfg_read(&rig, fn, 0x10, 4), 0xfff00000);
	cfg_write(&rig, fn, 0x10, 4, (uint32_t)bar);
	assert_int_equal(in(0x00), 0x010000ed);
}

static void liveness_is_the_inverse(void **state)
{
	(void)state;
	assert_int_equal(in(0x04), 0);

	out(0x04, 0x12345678);

	assert_int_equal(in(0x04), 0xedcba987);
}

static void a_factorial_takes_time_and_can_be_polled(void **state)
{
	unsigned int n;

	(void)state;
	out(0x08, 10);
	assert_int_equal(in(0x20), 1);

	for (n = 0; in(0x20) & 1; n++)
		assert_true(n < 100);

	assert_int_equal(in(0x08), 3628800);
	assert_int_equal(in(0x24), 0);
}

static void factorials_are_modulo_two_to_the_32(void **state)
{
	static const uint32_t cases[][2] = { { 0, 1 },
					     { 1, 1 },
					     { 12, 479001600 },
					     { 13, 1932053504 },
					     { 33, 2147483648u },
					     { 34, 0 },
					     { UINT32_MAX, 0 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		out(0x08, cases[i][0]);
		assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX), 0);
		assert_int_equal(in(0x08), cases[i][1]);
	}
}

static void the_factorial_interrupts_when_told_so(void **state)
{
	(void)state;
	out(0x20, 0xffffffff);
	assert_int_equal(in(0x20), 0x80);
	out(0x08, 5);

	rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX);

	assert_int_equal(irq_take(&rig, 10), 1);
	assert_int_equal(in(0x24), 1);
	out(0x64, 1);
	assert_int_equal(in(0x24), 0);
	rig.m->ops->irq_unmask(rig.m, 10);
	assert_int_equal(irq_take(&rig, 10), 0);
}

static void raised_bits_stay_until_acknowledged(void **state)
{
	(void)state;
	out(0x60, 6);
	assert_int_equal(irq_take(&rig, 10), 1);

	out(0x64, 2);
	rig.m->ops->irq_unmask(rig.m, 10);
	assert_int_equal(irq_take(&rig, 10), 1);
	assert_int_equal(in(0x24), 4);
	out(0x64, 4);
	rig.m->ops->irq_unmask(rig.m, 10);

	assert_int_equal(irq_take(&rig, 10), 0);
}

static void with_msi_the_pin_stays_down(void **state)
{
	(void)state;
	enable_msi(&rig, fn, 44);

	out(0x60, 1);
	out(0x60, 2);

	assert_int_equal(irq_take(&rig, 44), 2);
	assert_int_equal(irq_take(&rig, 10), 0);
	assert_int_equal(in(0x24), 3);
	out(0x64, 3);
}

static void dma_goes_there_and_back_in_100_ms_each(void **state)
{
	int64_t begin;

	(void)state;
	memcpy(dma.cpu, "round trip", 11);
	publish(&rig, &dma, 0, 11);
	begin = now(&rig);

	transfer(FRAME, 0x40000 + 100, 11, 1);
	assert_int_equal(in(0x98), 1);
	assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX), 0);
	assert_int_equal(in(0x98), 0);
	assert_in_range(now(&rig) - begin, 100000000, 100010000);
	transfer(0x40000 + 100, FRAME + 2048, 11, 7);
	assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX), 0);

	assert_int_equal(irq_take(&rig, 10), 1);
	assert_int_equal(in(0x24), 0x100);
	out(0x64, 0x100);
	observe(&rig, &dma, 2048, 11);
	assert_string_equal((char *)dma.cpu + 2048, "round trip");
}

static void dma_registers_take_both_widths(void **state)
{
	(void)state;
	out(0x80, 0x1122334455667788);
	assert_int_equal(mem_read(&rig, bar + 0x80, 8), 0x1122334455667788);
	assert_int_equal(in(0x80), 0x55667788);

	mem_write(&rig, bar + 0x80, 4, 0xabcd);

	assert_int_equal(mem_read(&rig, bar + 0x80, 8), 0xabcd);
	mem_write(&rig, bar + 0x98, 4, 6);
	assert_int_equal(in(0x98), 0);
}

static void accesses_that_are_none_are_violations_with_poison(void **state)
{
	(void)state;
	assert_int_equal(mem_read(&rig, bar, 8), UINT64_MAX);
	assert_violation(&rig, "edu at 00:01.0: read of 8 bytes at BAR0 offset 0");
	assert_int_equal(mem_read(&rig, bar + 4, 1), 0xff);
	assert_violation(&rig, "read of 1 bytes");
	assert_int_equal(mem_read(&rig, bar + 0x84, 4), 0xffffffff);
	assert_violation(&rig, "offset 0x84");
	assert_int_equal(mem_read(&rig, bar + 0x60, 4), 0xffffffff);
	assert_violation(&rig, "offset 0x60");
	mem_write(&rig, bar + 0x80, 2, 1);
	assert_violation(&rig, "write of 2 bytes at BAR0 offset 0x80");
	mem_write(&rig, bar + 0x00, 4, 1);
	assert_violation(&rig, "write of 0x1 at BAR0 offset 0");
}

static void a_busy_device_ignores_new_orders(void **state)
{
	(void)state;
	out(0x08, 3);
	out(0x08, 4);
	assert_violation(&rig, "factorial register written while it computes");
	transfer(FRAME, 0x40000, 4, 1);
	out(0x80, 0);
	assert_violation(&rig, "DMA register written while a transfer runs");

	rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX);
	rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX);

	assert_int_equal(in(0x08), 6);
	assert_int_equal(mem_read(&rig, bar + 0x80, 8), FRAME);
}

static void dma_outside_its_buffer_is_a_violation(void **state)
{
	static const uint64_t cases[][2] = { { 0x40000, 4096 }, { 0x3ffff, 1 },
					     { 0x40fff, 1 },	{ 0x41000, 1 },
					     { 0x40000, 0 },	{ 0x40000, UINT64_MAX } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		transfer(cases[i][0], FRAME, cases[i][1], 3);
		assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX), 0);
		assert_violation(&rig, "leaves the buffer at 0x40000");
	}
	transfer(0x40000, FRAME, 4095, 3);
	assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX), 0);
}

static void addresses_above_the_mask_lose_their_bits(void **state)
{
	uint8_t byte = 0x77;

	(void)state;
	dma.cpu[0] = byte;
	publish(&rig, &dma, 0, 1);

	transfer(FRAME | 0x100000000, 0x40000, 1, 1);
	rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX);
	assert_violation(&rig, "DMA address 0x101000000 does not fit the device's mask 0xfffffff");
	transfer(0x40000, FRAME + 1, 1, 3);
	rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX);

	observe(&rig, &dma, 1, 1);
	assert_int_equal(dma.cpu[1], byte);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_says_what_it_is, start, stop),
		cmocka_unit_test_setup_teardown(liveness_is_the_inverse, start, stop),
		cmocka_unit_test_setup_teardown(a_factorial_takes_time_and_can_be_polled, start,
						stop),
		cmocka_unit_test_setup_teardown(factorials_are_modulo_two_to_the_32, start, stop),
		cmocka_unit_test_setup_teardown(the_factorial_interrupts_when_told_so, start, stop),
		cmocka_unit_test_setup_teardown(raised_bits_stay_until_acknowledged, start, stop),
		cmocka_unit_test_setup_teardown(with_msi_the_pin_stays_down, start, stop),
		cmocka_unit_test_setup_teardown(dma_goes_there_and_back_in_100_ms_each, start,
						stop),
		cmocka_unit_test_setup_teardown(dma_registers_take_both_widths, start, stop),
		cmocka_unit_test_setup_teardown(accesses_that_are_none_are_violations_with_poison,
						start, stop),
		cmocka_unit_test_setup_teardown(a_busy_device_ignores_new_orders, start, stop),
		cmocka_unit_test_setup_teardown(dma_outside_its_buffer_is_a_violation, start, stop),
		cmocka_unit_test_setup_teardown(addresses_above_the_mask_lose_their_bits, start,
						stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
