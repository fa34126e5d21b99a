/* SPDX-License-Identifier: MIT */
/*
 * test_mock_config.c - configuration space of mock devices, their BARs, and what
 * they cost in memory that is not there.
 */
#include "mock_fixture.h"

#include "host/spec.h"

/* --- capabilities --------------------------------------------------------------------- */

static int build_caps(struct rb_mock_dev *dev, void *arg)
{
	static const uint8_t body[] = { 0x08, 1, 2, 3, 4, 5 }, bits[] = { 0, 0, 0, 0, 0, 0x0f };

	plain_build(dev, arg);
	assert_int_equal(rb_mock_cap_raw(dev, 0x09, body, bits, sizeof(body)), 0x50);
	assert_int_equal(rb_mock_cap_raw(dev, 0x01, "\3\0\0\0\0\0", NULL, 6), 0x58);
	return 0;
}

static void capabilities_form_a_list_that_runs_downwards(void **state)
{
	struct rb_pci_addr fn;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");
	fn = rb_mock_addr(plug(&rig, build_caps, NULL));

	assert_int_equal(cfg_read(&rig, fn, 0x06, 2) & 0x10, 0x10);
	assert_int_equal(cfg_read(&rig, fn, 0x34, 1), 0x58);
	assert_int_equal(cfg_read(&rig, fn, 0x58, 2), 0x5001);
	assert_int_equal(cfg_read(&rig, fn, 0x50, 2), 0x4009);
	assert_int_equal(cfg_read(&rig, fn, 0x40, 2), 0x0005);
	assert_int_equal(cfg_read(&rig, fn, 0x42, 2), 0x0080);
	cfg_write(&rig, fn, 0x54, 4, 0xffffffff);
	assert_int_equal(cfg_read(&rig, fn, 0x54, 4), 0x0f040302);
	rig_close_clean(&rig);
}

/* --- configuration space ---------------------------------------------------------------- */

static int build_bars(struct rb_mock_dev *dev, void *arg)
{
	plain_build(dev, arg);
	rb_mock_bar_ram(dev, 1, 64, RB_MOCK_BAR_IO);
	rb_mock_bar_ram(dev, 2, 0x10000, RB_MOCK_BAR_64BIT | RB_MOCK_BAR_PREFETCH);
	return 0;
}

static void bars_are_sized_by_ones_and_put_back(void **state)
{
	uint32_t bar0, bar1, bar2, bar3;
	struct rb_pci_addr fn;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");
	fn = rb_mock_addr(plug(&rig, build_bars, NULL));
	cfg_write(&rig, fn, 0x04, 2, 0);
	bar0 = cfg_read(&rig, fn, 0x10, 4);
	bar1 = cfg_read(&rig, fn, 0x14, 4);
	bar2 = cfg_read(&rig, fn, 0x18, 4);
	bar3 = cfg_read(&rig, fn, 0x1c, 4);

	cfg_write(&rig, fn, 0x10, 4, 0xffffffff);
	cfg_write(&rig, fn, 0x14, 4, 0xffffffff);
	cfg_write(&rig, fn, 0x18, 4, 0xffffffff);
	cfg_write(&rig, fn, 0x1c, 4, 0xffffffff);
	cfg_write(&rig, fn, 0x20, 4, 0xffffffff);

	assert_int_equal(cfg_read(&rig, fn, 0x10, 4), 0xfffff000);
	assert_int_equal(cfg_read(&rig, fn, 0x14, 4), 0xffffffc1);
	assert_int_equal(cfg_read(&rig, fn, 0x18, 4), 0xffff000c);
	assert_int_equal(cfg_read(&rig, fn, 0x1c, 4), 0xffffffff);
	assert_int_equal(cfg_read(&rig, fn, 0x20, 4), 0);

	assert_int_equal(bar0 & 0xf, 0);
	assert_int_equal(bar1 & 0x3, 1);
	assert_int_equal(bar2 & 0xf, 0xc);
	assert_true(bar3 > 0);
	rig_close_clean(&rig);
}

static void a_moved_bar_answers_at_its_new_place_only(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_pci_addr fn;
	struct rig rig;
	uint64_t bar;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);
	fn = rb_mock_addr(dev);
	bar = bar_of(&rig, fn, 0);
	assert_int_equal(rb_mock_poke(dev, 0, 0x10, 4, 0x12345678), 0);

	cfg_write(&rig, fn, 0x10, 4, 0xd0000000);

	assert_int_equal(mem_read(&rig, bar + 0x10, 4), 0xffffffff);
	assert_int_equal(mem_read(&rig, 0xd0000010, 4), 0x12345678);
	rig_close_clean(&rig);
}

static void nobody_answers_while_decoding_is_off(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_pci_addr fn;
	struct rig rig;
	uint32_t val;
	uint64_t bar;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, build_bars, NULL);
	fn = rb_mock_addr(dev);
	bar = bar_of(&rig, fn, 0);
	mem_write(&rig, bar, 4, 1);
	assert_int_equal(rig.m->ops->port_write(rig.m, 0xc000, 2, 0x55aa), 0);

	cfg_write(&rig, fn, 0x04, 2, 0x0004);
	mem_write(&rig, bar, 4, 2);

	assert_int_equal(mem_read(&rig, bar, 8), UINT64_MAX);
	assert_int_equal(rig.m->ops->port_read(rig.m, 0xc000, 2, &val), 0);
	assert_int_equal(val, 0xffff);
	enable(&rig, fn);
	assert_int_equal(mem_read(&rig, bar, 4), 1);
	assert_int_equal(rig.m->ops->port_read(rig.m, 0xc000, 2, &val), 0);
	assert_int_equal(val, 0x55aa);
	rig_close_clean(&rig);
}

static void command_and_status_keep_their_kinds_of_bits(void **state)
{
	struct rb_pci_addr fn;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");
	fn = rb_mock_addr(plug(&rig, plain_build, NULL));

	cfg_write(&rig, fn, 0x00, 4, 0);
	cfg_write(&rig, fn, 0x04, 4, 0xffffffff);
	cfg_write(&rig, fn, 0x3c, 2, 0xff07);

	assert_int_equal(cfg_read(&rig, fn, 0x00, 4), 0x00011234);
	assert_int_equal(cfg_read(&rig, fn, 0x04, 4), 0x00100507);
	assert_int_equal(cfg_read(&rig, fn, 0x3c, 2), 0x0107);
	rig_close_clean(&rig);
}

static void what_is_not_there_reads_all_ones(void **state)
{
	struct rb_pci_addr fn, none = rb_pci_addr_make(0, 0, 9, 0),
			       far = rb_pci_addr_make(1, 0, 1, 0);
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock:edu");
	fn = rb_mock_addr(rb_mock_find(rig.ctx, "edu", 0));

	assert_int_equal(cfg_read(&rig, none, 0, 4), 0xffffffff);
	assert_int_equal(cfg_read(&rig, far, 0, 2), 0xffff);
	assert_int_equal(cfg_read(&rig, fn, 256, 4), 0xffffffff);
	cfg_write(&rig, none, 4, 2, 7);
	cfg_write(&rig, fn, 4092, 4, 7);
	assert_int_equal(rig.m->ops->cfg_size(rig.m, fn), 256);
	assert_int_equal(rig.m->ops->cfg_size(rig.m, none), 0);
	assert_int_equal(rig.m->ops->claim(rig.m, fn), 0);
	assert_int_equal(rig.m->ops->claim(rig.m, none), -ENODEV);
	assert_int_equal(rig.m->ops->reset(rig.m, fn), -ENOTSUP);
	assert_int_equal(mem_read(&rig, 0xb0000000, 1), 0xff);
	rig_close_clean(&rig);
}

static void functions_of_one_device_say_so_in_the_header_type(void **state)
{
	struct rb_pci_addr first = rb_pci_addr_make(0, 0, 5, 0);
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock:edu;edu,addr=00:05.0;edu,addr=00:05.1");

	assert_int_equal(cfg_read(&rig, first, 0x0e, 1), 0x80);
	assert_int_equal(cfg_read(&rig, first, 0x0c, 4), 0x00800000);
	assert_int_equal(cfg_read(&rig, rb_pci_addr_make(0, 0, 1, 0), 0x0e, 1), 0);
	rig_close_clean(&rig);
}

/* --- RAM BARs ------------------------------------------------------------------------------ */

static uint64_t count_reads(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	(void)dev;
	(void)off;
	(void)width;
	return ++*(uint64_t *)arg;
}

static void keep_written(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
			 uint64_t val)
{
	uint64_t stored;

	assert_int_equal(rb_mock_peek(dev, 0, off, width, &stored), 0);
	assert_int_equal(stored, val);
	*(uint64_t *)arg = val;
}

static void hooks_sit_on_one_register_each(void **state)
{
	uint64_t reads = 0, written = 0, val;
	struct rb_mock_dev *dev;
	struct rig rig;
	uint64_t bar;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);
	bar = bar_of(&rig, rb_mock_addr(dev), 0);
	assert_int_equal(rb_mock_on_read(dev, 0, 0x20, count_reads, &reads), 0);
	assert_int_equal(rb_mock_on_write(dev, 0, 0x10, keep_written, &written), 0);
	assert_int_equal(rb_mock_on_write(dev, 0, 0x20, keep_written, &written), 0);

	mem_write(&rig, bar + 0x10, 4, 0xabcd);
	mem_write(&rig, bar + 0x14, 4, 0x1111);

	assert_int_equal(written, 0xabcd);
	assert_int_equal(mem_read(&rig, bar + 0x20, 4), 1);
	assert_int_equal(mem_read(&rig, bar + 0x20, 4), 2);
	assert_int_equal(mem_read(&rig, bar + 0x10, 8), 0x11110000abcd);
	assert_int_equal(rb_mock_on_read(dev, 0, 0x20, NULL, NULL), 0);
	assert_int_equal(mem_read(&rig, bar + 0x20, 4), 2);
	assert_int_equal(rb_mock_peek(dev, 0, 0x22, 4, &val), -EINVAL);
	assert_int_equal(rb_mock_peek(dev, 0, 4096, 4, &val), -ERANGE);
	assert_int_equal(rb_mock_peek(dev, 1, 0, 4, &val), -EINVAL);
	assert_int_equal(rb_mock_poke(dev, 0, 0, 3, 0), -EINVAL);
	assert_int_equal(rb_mock_on_read(dev, 0, 4096, count_reads, NULL), -ERANGE);
	assert_int_equal(rb_mock_on_write(dev, 7, 0, keep_written, NULL), -EINVAL);
	rig_close_clean(&rig);
}

static int build_direct(struct rb_mock_dev *dev, void *arg)
{
	plain_build(dev, arg);
	rb_mock_bar_ram(dev, 1, 8192, RB_MOCK_BAR_DIRECT);
	return 0;
}

static void only_a_direct_bar_can_be_mapped(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_pci_addr fn;
	struct rig rig;
	void *base;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, build_direct, NULL);
	fn = rb_mock_addr(dev);

	assert_int_equal(rig.m->ops->map(rig.m, bar_of(&rig, fn, 0), 4096, &base), -ENOTSUP);
	assert_int_equal(rig.m->ops->map(rig.m, bar_of(&rig, fn, 1), 8193, &base), -ENOTSUP);
	assert_int_equal(rig.m->ops->map(rig.m, bar_of(&rig, fn, 1) + 4096, 4096, &base), 0);

	assert_int_equal((uintptr_t)base % 4096, 0);
	memcpy(base, "\x78\x56\x34\x12", 4);
	assert_int_equal(mem_read(&rig, bar_of(&rig, fn, 1) + 4096, 4), 0x12345678);
	rb_mock_remove(dev);
	assert_memory_equal(base, "\xff\xff\xff\xff", 4);
	rig_close_clean(&rig);
}

/* --- memory ------------------------------------------------------------------------------------- */

static void no_memory_at_any_allocation_leaves_nothing_behind(void **state)
{
	static const char *const options[] = { "tick", NULL };
	struct rbi_spec *spec;
	struct rbi_machine *m;
	unsigned long n;
	int rc = -ENOMEM;

	(void)state;
	assert_int_equal(rb_mock_model_register("caps", build_caps, NULL), 0);
	assert_int_equal(rb_mock_model_register("bars", build_bars, NULL), 0);
	assert_int_equal(rbi_spec_parse("mock:tick=1;edu,dma_mask=1;caps;bars", options, &spec), 0);

	for (n = 1; rc != 0; n++) {
		rbi_alloc_fail_at(n);
		rc = rbi_mock_machine_new(spec, &m);
		if (rc != 0)
			assert_int_equal(rc, -ENOMEM);
		assert_true(n < 100);
	}

	rbi_alloc_fail_at(0);
	assert_true(n > 8);
	m->ops->destroy(m, false);
	rbi_spec_free(spec);
	assert_int_equal(rb_mock_model_unregister("caps"), 0);
	assert_int_equal(rb_mock_model_unregister("bars"), 0);
}

static void do_nothing(struct rb_mock_dev *dev, void *arg)
{
	(void)dev;
	(void)arg;
}

static void no_memory_for_calls_is_said_and_changes_nothing(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	uint64_t reads = 0;
	int events = 0, rc;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);

	rbi_alloc_fail_at(1);
	assert_int_equal(rb_mock_model_register("x", plain_build, NULL), -ENOMEM);
	rbi_alloc_fail_at(1);
	while ((rc = rb_mock_after(dev, 1, do_nothing, NULL)) == 0)
		events++;
	assert_int_equal(rc, -ENOMEM);
	assert_true(events >= 32); /* there is room for what most devices need */
	rbi_alloc_fail_at(1);
	assert_int_equal(rb_mock_on_read(dev, 0, 0, count_reads, &reads), -ENOMEM);

	rbi_alloc_fail_at(0);
	assert_int_equal(mem_read(&rig, bar_of(&rig, rb_mock_addr(dev), 0), 4), 0);
	assert_int_equal(rb_mock_model_unregister("x"), -ENOENT);
	rig_close_clean(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_form_a_list_that_runs_downwards),
		cmocka_unit_test(bars_are_sized_by_ones_and_put_back),
		cmocka_unit_test(a_moved_bar_answers_at_its_new_place_only),
		cmocka_unit_test(nobody_answers_while_decoding_is_off),
		cmocka_unit_test(command_and_status_keep_their_kinds_of_bits),
		cmocka_unit_test(what_is_not_there_reads_all_ones),
		cmocka_unit_test(functions_of_one_device_say_so_in_the_header_type),
		cmocka_unit_test(hooks_sit_on_one_register_each),
		cmocka_unit_test(only_a_direct_bar_can_be_mapped),
		cmocka_unit_test(no_memory_at_any_allocation_leaves_nothing_behind),
		cmocka_unit_test(no_memory_for_calls_is_said_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
