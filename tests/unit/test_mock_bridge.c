/* SPDX-License-Identifier: MIT */
/*
 * test_mock_bridge.c - bridges of the mock: numbers, windows, what is behind them, and
 * the expansion ROM.
 */
#include <stdio.h>

#include "mock_fixture.h"

static struct rig rig;

static int stop(void **state)
{
	(void)state;
	rig_close_clean(&rig);
	return 0;
}

static struct rb_pci_addr at(unsigned int bus, unsigned int device)
{
	return rb_pci_addr_make(0, bus, device, 0);
}

/* The window's base, and the address behind its end; 0 and 0: closed. */
static void mem_window(struct rb_pci_addr fn, uint64_t *base, uint64_t *end)
{
	uint32_t dword = cfg_read(&rig, fn, 0x20, 4);

	*base = (uint64_t)(dword & 0xfff0) << 16;
	*end = (dword & 0xfff00000) + 0x100000ull;
	if (*base >= *end)
		*base = *end = 0;
}

static void assert_in_window(struct rb_pci_addr bridge, struct rb_pci_addr fn)
{
	uint64_t base, end, bar = bar_of(&rig, fn, 0);

	mem_window(bridge, &base, &end);
	assert_true(bar >= base && bar < end);
}

static void a_bridge_has_its_header_and_leads_to_its_bus(void **state)
{
	struct rb_pci_addr fn = at(0, 0x1c);
	uint64_t base, end;

	(void)state;
	rig_open(&rig, "mock:bridge,addr=00:1c.0,bus=1;edu,addr=01:00.0");

	assert_int_equal(cfg_read(&rig, fn, 0x00, 4), 0x000c1b36);
	assert_int_equal(cfg_read(&rig, fn, 0x08, 4) >> 8, 0x060400);
	assert_int_equal(cfg_read(&rig, fn, 0x0e, 1), 1);
	assert_int_equal(cfg_read(&rig, fn, 0x18, 4), 0x00010100);
	assert_int_equal(cfg_read(&rig, fn, 0x04, 2), 0x0007);
	assert_int_equal(cfg_read(&rig, fn, cfg_read(&rig, fn, 0x34, 1) + 2, 2), 0x0142);
	assert_in_window(fn, at(1, 0));
	mem_window(fn, &base, &end);
	assert_int_equal(end - base, 0x100000);
	assert_int_equal(cfg_read(&rig, fn, 0x1c, 2), 0x00f0);
	assert_int_equal(cfg_read(&rig, fn, 0x24, 4), 0x0001fff1);
}

static int build_three_kinds(struct rb_mock_dev *dev, void *arg)
{
	plain_build(dev, arg);
	rb_mock_bar_ram(dev, 1, 32, RB_MOCK_BAR_IO | RB_MOCK_BAR_IO16);
	rb_mock_bar_ram(dev, 2, 1 << 20, RB_MOCK_BAR_64BIT | RB_MOCK_BAR_PREFETCH);
	rb_mock_bar_ram(dev, 4, 8192, RB_MOCK_BAR_64BIT);
	return 0;
}

static void each_kind_of_bar_has_its_window(void **state)
{
	struct rb_pci_addr fn = at(0, 1), behind = at(1, 0);
	uint32_t io, low, high;
	uint64_t base;

	(void)state;
	assert_int_equal(rb_mock_model_register("three", build_three_kinds, NULL), 0);
	rig_open(&rig, "mock:bridge;three,addr=01:00.0");
	assert_int_equal(rb_mock_model_unregister("three"), 0);

	io = cfg_read(&rig, behind, 0x14, 4);
	assert_int_equal(cfg_read(&rig, fn, 0x1c, 2), 0x1010);
	assert_int_equal(io, 0x1001);
	low = cfg_read(&rig, behind, 0x18, 4);
	high = cfg_read(&rig, behind, 0x1c, 4);
	base = (uint64_t)(cfg_read(&rig, fn, 0x24, 2) & 0xfff0) << 16 |
	       (uint64_t)cfg_read(&rig, fn, 0x28, 4) << 32;
	assert_true(high > 0);
	assert_int_equal(((uint64_t)high << 32 | (low & ~0xfu)), base);
	/* what may not be prefetched stays below 4 GiB, whatever its width */
	assert_int_equal(cfg_read(&rig, behind, 0x24, 4), 0);
	assert_true((cfg_read(&rig, behind, 0x20, 4) & ~0xfu) > bar_of(&rig, behind, 0));
	assert_true(cfg_read(&rig, behind, 0x20, 4) - bar_of(&rig, behind, 0) < 0x100000);
}

static void an_io_bar_of_16_bits_keeps_the_rest_zero(void **state)
{
	struct rb_pci_addr fn;

	(void)state;
	rig_open(&rig, "mock");
	fn = rb_mock_addr(plug(&rig, build_three_kinds, NULL));

	cfg_write(&rig, fn, 0x14, 4, 0xffffffff);

	assert_int_equal(cfg_read(&rig, fn, 0x14, 4), 0x0000ffe1);
}

static void a_tree_is_found_whatever_its_order(void **state)
{
	(void)state;
	rig_open(&rig, "mock:edu,addr=03:00.0;bridge,addr=00:02.0,bus=1;"
		       "bridge,addr=01:00.0,bus=2;bridge,addr=02:00.0,bus=3,last=0x20");

	assert_int_equal(cfg_read(&rig, at(0, 2), 0x18, 4), 0x00200100);
	assert_int_equal(cfg_read(&rig, at(1, 0), 0x18, 4), 0x00200201);
	assert_int_equal(cfg_read(&rig, at(2, 0), 0x18, 4), 0x00200302);
	assert_in_window(at(2, 0), at(3, 0));
}

static void windows_of_neighbours_do_not_overlap(void **state)
{
	uint64_t base, end, last = 0;
	char text[8192] = "mock";
	unsigned int i;

	(void)state;
	for (i = 0; i < 100; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%sbridge,addr=00:%02x.%u;edu,addr=%02x:00.0", i ? ";" : ":", 1 + i / 8,
			 i % 8, i + 1);
	rig_open(&rig, text);

	for (i = 0; i < 100; i++) {
		mem_window(rb_pci_addr_make(0, 0, 1 + i / 8, i % 8), &base, &end);
		assert_true(base >= last && end > base);
		last = end;
	}
	assert_int_equal(rig.m->ops->functions(rig.m, NULL, 0), 200);
}

static void who_tears_out_a_bridge_tears_out_what_is_behind(void **state)
{
	(void)state;
	rig_open(&rig, "mock:bridge,bus=1;bridge,addr=01:00.0,bus=2;edu,addr=02:00.0;edu");

	rb_mock_remove(rb_mock_find(rig.ctx, "bridge", 0));

	assert_int_equal(rig.m->ops->functions(rig.m, NULL, 0), 1);
	assert_int_equal(cfg_read(&rig, at(2, 0), 0, 4), 0xffffffff);
	assert_int_equal(cfg_read(&rig, at(0, 2), 0, 4), 0x11e81234);
	assert_int_equal(rb_mock_add(rig.ctx, "again", plain_build, NULL, NULL), 0);
}

static void numbers_that_cannot_be_are_refused(void **state)
{
	static const char *const bad[] = {
		"mock:bridge,bus=0",
		"mock:bridge,bus=256",
		"mock:bridge,bus=3,last=2",
		"mock:bridge,addr=05:00.0,bus=5",
		"mock:bridge,bus=1;bridge,bus=1",
		"mock:bridge,addr=ff:00.0",
	};
	struct rb_ctx *ctx;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (rb_ctx_new(bad[i], &ctx) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(rb_mock_model_unregister("bridge"), -ENOENT);
	rig_open(&rig, "mock");
}

static int build_crowded(struct rb_mock_dev *dev, void *arg)
{
	(void)arg;
	plain_build(dev, NULL);
	rb_mock_bar_ram(dev, 2, 4096, 0);
	return rb_mock_bridge(dev, 9, 9);
}

static int build_bridge_with_rom(struct rb_mock_dev *dev, void *arg)
{
	plain_build(dev, NULL);
	assert_int_equal(rb_mock_bridge(dev, 9, 9), 0);
	assert_int_equal(rb_mock_bridge(dev, 9, 9), -EINVAL);
	assert_int_equal(rb_mock_bar_ram(dev, 2, 4096, 0), -EINVAL);
	rb_mock_rom(dev, 4096, "ROM", 3);
	return arg ? 0 : -ENOMEM;
}

static void a_bridge_has_two_bars(void **state)
{
	(void)state;
	rig_open(&rig, "mock");

	assert_int_equal(rb_mock_add(rig.ctx, "b", build_crowded, NULL, NULL), -EINVAL);
	assert_int_equal(rb_mock_add(rig.ctx, "b", build_bridge_with_rom, NULL, NULL), -ENOMEM);
	assert_int_equal(rb_mock_add(rig.ctx, "b", build_bridge_with_rom, &rig, NULL), -EINVAL);
}

/* --- expansion ROM ----------------------------------------------------------------------- */

static const uint8_t image[] = { 0x55, 0xaa, 0x04, 0x00 };

static int build_rom(struct rb_mock_dev *dev, void *arg)
{
	plain_build(dev, arg);
	assert_int_equal(rb_mock_rom(dev, 2048, image, sizeof(image)), 0);
	return 0;
}

static void a_rom_answers_while_it_is_enabled(void **state)
{
	struct rb_pci_addr fn;
	uint32_t reg;

	(void)state;
	rig_open(&rig, "mock");
	fn = rb_mock_addr(plug(&rig, build_rom, NULL));
	reg = cfg_read(&rig, fn, 0x30, 4);
	assert_int_equal(reg & 1, 0);
	assert_int_not_equal(reg, 0);
	cfg_write(&rig, fn, 0x30, 4, 0xffffffff);
	assert_int_equal(cfg_read(&rig, fn, 0x30, 4), 0xfffff801);
	cfg_write(&rig, fn, 0x30, 4, reg);
	assert_int_equal(mem_read(&rig, reg, 4), 0xffffffff);

	cfg_write(&rig, fn, 0x30, 4, reg | 1);

	assert_int_equal(mem_read(&rig, reg, 4), 0x0004aa55);
	assert_int_equal(mem_read(&rig, reg + 2044, 4), 0xffffffff);
	mem_write(&rig, reg, 4, 0);
	assert_violation(&rig, "of the expansion ROM");
	assert_int_equal(mem_read(&rig, reg, 1), 0x55);
	cfg_write(&rig, fn, 0x04, 2, 0);
	assert_int_equal(mem_read(&rig, reg, 4), 0xffffffff);
}

static int build_bad_roms(struct rb_mock_dev *dev, void *arg)
{
	(void)arg;
	assert_int_equal(rb_mock_rom(dev, 1024, NULL, 0), -EINVAL);
	assert_int_equal(rb_mock_rom(dev, 3000, NULL, 0), -EINVAL);
	assert_int_equal(rb_mock_rom(dev, 32u << 20, NULL, 0), -EINVAL);
	assert_int_equal(rb_mock_rom(dev, 2048, NULL, 1), -EINVAL);
	assert_int_equal(rb_mock_rom(dev, 2048, image, 2049), -EINVAL);
	assert_int_equal(rb_mock_rom(dev, 2048, NULL, 0), 0);
	assert_int_equal(rb_mock_rom(dev, 2048, NULL, 0), -EINVAL);
	return 0;
}

static void roms_that_cannot_be_are_refused(void **state)
{
	(void)state;
	rig_open(&rig, "mock");

	assert_int_equal(rb_mock_add(rig.ctx, "r", build_bad_roms, NULL, NULL), -EINVAL);
	assert_int_equal(rb_mock_rom(NULL, 2048, NULL, 0), -EINVAL);
	assert_int_equal(rb_mock_rom(plug(&rig, plain_build, NULL), 2048, NULL, 0), -EINVAL);
	assert_int_equal(rb_mock_bridge(NULL, 1, 1), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_bridge_has_its_header_and_leads_to_its_bus, stop),
		cmocka_unit_test_teardown(each_kind_of_bar_has_its_window, stop),
		cmocka_unit_test_teardown(an_io_bar_of_16_bits_keeps_the_rest_zero, stop),
		cmocka_unit_test_teardown(a_tree_is_found_whatever_its_order, stop),
		cmocka_unit_test_teardown(windows_of_neighbours_do_not_overlap, stop),
		cmocka_unit_test_teardown(who_tears_out_a_bridge_tears_out_what_is_behind, stop),
		cmocka_unit_test_teardown(numbers_that_cannot_be_are_refused, stop),
		cmocka_unit_test_teardown(a_bridge_has_two_bars, stop),
		cmocka_unit_test_teardown(a_rom_answers_while_it_is_enabled, stop),
		cmocka_unit_test_teardown(roms_that_cannot_be_are_refused, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
