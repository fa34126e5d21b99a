/* SPDX-License-Identifier: MIT */
/*
 * test_mock_lies.c - configuration space past 256 bytes, and devices that lie: raw
 * dwords, header types, reads that change on the way.
 */
#include "mock_fixture.h"

static struct rig rig;
static struct rb_mock_dev *dev;
static struct rb_pci_addr fn;

static int start(void **state)
{
	(void)state;
	rig_open(&rig, "mock");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_close_clean(&rig);
	return 0;
}

static void plug_in(rb_mock_build_fn build)
{
	dev = plug(&rig, build, NULL);
	fn = rb_mock_addr(dev);
}

/* --- extended capabilities --------------------------------------------------------------- */

static const uint8_t body[3840] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
static const uint8_t writable[8] = { 0xff, 0, 0, 0, 0, 0, 0, 0 };
static const uint8_t cleared[8] = { 0, 0, 0, 0, 0x0f, 0, 0, 0 };

static int build_extended(struct rb_mock_dev *d, void *arg)
{
	plain_build(d, arg);
	assert_int_equal(rb_mock_cap_ext(d, 0x0001, 2, body, writable, cleared, 8), 0x100);
	assert_int_equal(rb_mock_cap_ext(d, 0x0003, 1, body, NULL, NULL, 5), 0x10c);
	assert_int_equal(rb_mock_cap_ext(d, 0x000d, 1, NULL, NULL, NULL, 0), 0x118);
	return 0;
}

static void extended_capabilities_form_a_list_from_0x100(void **state)
{
	(void)state;
	plug_in(build_extended);

	assert_int_equal(rig.m->ops->cfg_size(rig.m, fn), 4096);
	assert_int_equal(cfg_read(&rig, fn, 0x100, 4), 0x10c20001);
	assert_int_equal(cfg_read(&rig, fn, 0x104, 4), 0x44332211);
	assert_int_equal(cfg_read(&rig, fn, 0x10c, 4), 0x11810003);
	assert_int_equal(cfg_read(&rig, fn, 0x118, 4), 0x0001000d);
	assert_int_equal(cfg_read(&rig, fn, 0x11c, 4), 0);
	assert_int_equal(cfg_read(&rig, fn, 0xffc, 4), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x10a, 2), 0x8877);
}

static void their_bits_are_written_and_cleared_by_their_masks(void **state)
{
	(void)state;
	plug_in(build_extended);

	cfg_write(&rig, fn, 0x104, 4, 0xfffffff0);
	cfg_write(&rig, fn, 0x108, 4, 0x0000000c);
	cfg_write(&rig, fn, 0x10c, 4, 0xffffffff);
	cfg_write(&rig, fn, 0xffc, 4, 0xffffffff);

	assert_int_equal(cfg_read(&rig, fn, 0x104, 4), 0x443322f0);
	assert_int_equal(cfg_read(&rig, fn, 0x108, 4), 0x88776651);
	assert_int_equal(cfg_read(&rig, fn, 0x10c, 4), 0x11810003);
	assert_int_equal(cfg_read(&rig, fn, 0xffc, 4), 0);
}

static int build_resettable(struct rb_mock_dev *d, void *arg)
{
	build_extended(d, arg);
	rb_mock_cap_pcie(d, RB_MOCK_PCIE_FLR);
	return 0;
}

static void a_reset_restores_them(void **state)
{
	(void)state;
	plug_in(build_resettable);
	cfg_write(&rig, fn, 0x104, 4, 0);

	assert_int_equal(rig.m->ops->reset(rig.m, fn), 0);
	assert_int_equal(rb_mock_advance(rig.ctx, 100000000), 0);

	assert_int_equal(cfg_read(&rig, fn, 0x104, 4), 0x44332211);
}

static int build_full(struct rb_mock_dev *d, void *arg)
{
	plain_build(d, arg);
	assert_int_equal(rb_mock_cap_ext(d, 1, 1, body, NULL, NULL, 3837), -EINVAL);
	assert_int_equal(rb_mock_cap_ext(d, 1, 16, body, NULL, NULL, 4), -EINVAL);
	assert_int_equal(rb_mock_cap_ext(d, 1, 1, NULL, NULL, NULL, 4), -EINVAL);
	assert_int_equal(rb_mock_cap_ext(d, 1, 1, body, NULL, NULL, 3836), 0x100);
	return rb_mock_cap_ext(d, 2, 1, NULL, NULL, NULL, 0);
}

static void what_does_not_fit_is_refused(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_add(rig.ctx, "full", build_full, NULL, NULL), -ENOMEM);

	plug_in(plain_build);
	assert_int_equal(rb_mock_cap_ext(dev, 1, 1, NULL, NULL, NULL, 0), -EINVAL);
	assert_int_equal(rb_mock_cap_ext(NULL, 1, 1, NULL, NULL, NULL, 0), -EINVAL);
	assert_int_equal(rig.m->ops->cfg_size(rig.m, fn), 256);
}

/* --- lies ------------------------------------------------------------------------------- */

static int build_circle(struct rb_mock_dev *d, void *arg)
{
	plain_build(d, arg);
	rb_mock_cfg_raw(d, 0x34, 0x50, 0);
	rb_mock_cfg_raw(d, 0x50, 0x00005009, 0x000000ff);
	rb_mock_cfg_raw(d, 0x18, 0x00000004, 0);
	rb_mock_cfg_raw(d, 0x1c, 0x00000000, 0x80000000);
	rb_mock_cfg_raw(d, 0x200, 0x20010001, 0);
	return 0;
}

static void a_raw_dword_is_what_the_test_says(void **state)
{
	(void)state;
	plug_in(build_circle);

	assert_int_equal(cfg_read(&rig, fn, 0x34, 1), 0x50);
	assert_int_equal(cfg_read(&rig, fn, 0x50, 4), 0x00005009);
	cfg_write(&rig, fn, 0x50, 4, 0xffffff05);
	assert_int_equal(cfg_read(&rig, fn, 0x50, 4), 0x00005005);
	cfg_write(&rig, fn, 0x18, 4, 0xffffffff);
	cfg_write(&rig, fn, 0x1c, 4, 0xffffffff);
	assert_int_equal(cfg_read(&rig, fn, 0x18, 4), 0x00000004);
	assert_int_equal(cfg_read(&rig, fn, 0x1c, 4), 0x80000000);
	assert_int_equal(cfg_read(&rig, fn, 0x200, 4), 0x20010001);
	assert_int_equal(rig.m->ops->cfg_size(rig.m, fn), 4096);
}

static void a_raw_dword_can_be_set_later_and_acts(void **state)
{
	uint64_t bar;

	(void)state;
	plug_in(plain_build);
	bar = bar_of(&rig, fn, 0);
	assert_int_equal(rb_mock_poke(dev, 0, 0, 4, 7), 0);

	assert_int_equal(rb_mock_cfg_raw(dev, 0x04, 0, 0xffff), 0);

	assert_int_equal(mem_read(&rig, bar, 4), 0xffffffff);
	enable(&rig, fn);
	assert_int_equal(mem_read(&rig, bar, 4), 7);
	assert_int_equal(rb_mock_cfg_raw(dev, 0, 0, 0), 0);
	assert_int_equal(cfg_read(&rig, fn, 0, 4), 0);
	assert_int_equal(rb_mock_cfg_raw(dev, 2, 0, 0), -EINVAL);
	assert_int_equal(rb_mock_cfg_raw(dev, 0x1000, 0, 0), -EINVAL);
	assert_int_equal(rb_mock_cfg_raw(NULL, 0, 0, 0), -EINVAL);
}

/* Bits that say how long a capability is are not believed when a test lies in them. */
static void a_lie_about_msi_moves_none_of_its_registers(void **state)
{
	unsigned int cap;

	(void)state;
	plug_in(plain_build);
	cap = cfg_read(&rig, fn, 0x34, 1);
	assert_int_equal(rb_mock_cfg_raw(dev, cap, 0xffff0005, 0x00710000), 0);
	enable_msi(&rig, fn, 20);

	assert_int_equal(rb_mock_msi(dev, 0), 1);
	assert_int_equal(rb_mock_msi(dev, 1), -EINVAL);

	assert_int_equal(irq_take(&rig, 20), 1);
}

static void the_multi_function_bit_is_hardwares_or_the_tests(void **state)
{
	struct rb_mock_dev *alone, *first;
	struct rb_pci_addr second;

	(void)state;
	rig_close(&rig);
	rig_open(&rig, "mock:edu,addr=00:03.0;edu,addr=00:04.0;edu,addr=00:04.1");
	alone = rb_mock_find(rig.ctx, "edu", 0);
	first = rb_mock_find(rig.ctx, "edu", 1);
	second = rb_mock_addr(rb_mock_find(rig.ctx, "edu", 2));
	assert_int_equal(cfg_read(&rig, rb_mock_addr(alone), 0x0e, 1), 0x00);
	assert_int_equal(cfg_read(&rig, rb_mock_addr(first), 0x0e, 1), 0x80);

	assert_int_equal(rb_mock_cfg_raw(alone, 0x0c, 0x00800000, 0), 0);
	assert_int_equal(rb_mock_cfg_raw(first, 0x0c, 0, 0), 0);

	assert_int_equal(cfg_read(&rig, rb_mock_addr(alone), 0x0e, 1), 0x80);
	assert_int_equal(cfg_read(&rig, rb_mock_addr(first), 0x0e, 1), 0x00);
	assert_int_equal(cfg_read(&rig, second, 0x0e, 1), 0x80);
}

static uint32_t leave_at_third(struct rb_mock_dev *d, void *arg, unsigned int off,
			       unsigned int width, uint32_t val)
{
	unsigned int *reads = arg;

	(void)off;
	(void)width;
	if (++*reads < 3)
		return val;
	rb_mock_remove(d);
	return UINT32_MAX;
}

static void a_device_can_go_in_the_middle_of_a_walk(void **state)
{
	unsigned int reads = 0;

	(void)state;
	plug_in(plain_build);
	assert_int_equal(rb_mock_on_config(dev, leave_at_third, &reads), 0);

	assert_int_equal(cfg_read(&rig, fn, 0x00, 4), 0x00011234);
	assert_int_equal(cfg_read(&rig, fn, 0x34, 1), 0x40);
	assert_int_equal(cfg_read(&rig, fn, 0x40, 2), 0xffff);
	assert_int_equal(cfg_read(&rig, fn, 0x00, 4), 0xffffffff);

	assert_int_equal(reads, 3);
	assert_int_equal(rb_mock_on_config(NULL, NULL, NULL), -EINVAL);
}

static void no_memory_for_extended_space_is_said(void **state)
{
	(void)state;
	plug_in(plain_build);

	rbi_alloc_fail_at(1);
	assert_int_equal(rb_mock_cfg_raw(dev, 0x100, 1, 0), -ENOMEM);
	rbi_alloc_fail_at(0);

	assert_int_equal(rig.m->ops->cfg_size(rig.m, fn), 256);
	assert_int_equal(rb_mock_cfg_raw(dev, 0x100, 1, 0), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(extended_capabilities_form_a_list_from_0x100),
		CASE(their_bits_are_written_and_cleared_by_their_masks),
		CASE(a_reset_restores_them),
		CASE(what_does_not_fit_is_refused),
		CASE(a_raw_dword_is_what_the_test_says),
		CASE(a_raw_dword_can_be_set_later_and_acts),
		CASE(a_lie_about_msi_moves_none_of_its_registers),
		CASE(the_multi_function_bit_is_hardwares_or_the_tests),
		CASE(a_device_can_go_in_the_middle_of_a_walk),
		CASE(no_memory_for_extended_space_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
