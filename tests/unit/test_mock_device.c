/* SPDX-License-Identifier: MIT */
/*
 * test_mock_device.c - devices of the mock: named, described, found, removed.
 */
#include "mock_fixture.h"

/* --- names ------------------------------------------------------------------------ */

static void models_have_good_names_once(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_model_register("", plain_build, NULL), -EINVAL);
	assert_int_equal(rb_mock_model_register(NULL, plain_build, NULL), -EINVAL);
	assert_int_equal(rb_mock_model_register("two words", plain_build, NULL), -EINVAL);
	assert_int_equal(
		rb_mock_model_register("a-name-of-thirty-two-characters!", plain_build, NULL),
		-EINVAL);
	assert_int_equal(rb_mock_model_register("nothing", NULL, NULL), -EINVAL);
	assert_int_equal(rb_mock_model_register("edu", plain_build, NULL), -EEXIST);
	assert_int_equal(rb_mock_model_unregister("edu"), -ENOENT);
	assert_int_equal(rb_mock_model_unregister(NULL), -ENOENT);
}

static void an_unknown_model_is_named_in_the_refusal(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("mock:edux", &ctx), -ENOENT);

	assert_non_null(strstr(rb_last_error(), "edux"));
	assert_null(ctx);
}

static void devices_are_found_in_the_order_of_the_string(void **state)
{
	struct rb_pci_addr fns[4];
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock:edu;edu,addr=02:1f.7;edu");

	assert_int_equal(rb_mock_addr(rb_mock_find(rig.ctx, "edu", 0)).sbdf, 0x0008);
	assert_int_equal(rb_mock_addr(rb_mock_find(rig.ctx, "edu", 1)).sbdf, 0x02ff);
	assert_int_equal(rb_mock_addr(rb_mock_find(rig.ctx, NULL, 2)).sbdf, 0x0010);
	assert_null(rb_mock_find(rig.ctx, "edu", 3));
	assert_int_equal(rig.m->ops->functions(rig.m, fns, 4), 3);
	assert_int_equal(fns[2].sbdf, 0x02ff);
	assert_int_equal(rig.m->ops->functions(rig.m, fns, 1), 3);
	rig_close_clean(&rig);
}

static void places_that_cannot_be_are_refused(void **state)
{
	static const char *const bad[] = { "mock:edu,addr=100:00.0",   "mock:edu,addr=00:20.0",
					   "mock:edu,addr=00:01.8",    "mock:edu,addr=0001:00:01.0",
					   "mock:edu,addr=",	       "mock:edu,addr=00:01.0x",
					   "mock:edu;edu,addr=00:01.0" };
	struct rb_ctx *ctx;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rb_ctx_new(bad[i], &ctx), -EINVAL);
		assert_non_null(strstr(rb_last_error(), "addr="));
	}
}

static void arguments_reach_the_model_and_strangers_are_refused(void **state)
{
	struct rb_ctx *ctx;
	struct rig rig;

	(void)state;
	assert_int_equal(rb_ctx_new("mock:edu,colour=red", &ctx), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "colour"));
	assert_int_equal(rb_ctx_new("mock:edu,dma_mask=wide", &ctx), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "dma_mask"));

	rig_open(&rig, "mock:edu,dma_mask=0xffffffff");
	rig_close_clean(&rig);
}

static void options_out_of_bounds_are_refused(void **state)
{
	static const char *const bad[] = { "mock:tick=1000000001", "mock:tick=-1",
					   "mock:watchdog=many", "mock:time=slow" };
	struct rb_ctx *ctx;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rb_ctx_new(bad[i], &ctx), -EINVAL);
}

static void calls_on_another_machine_or_none_are_refused(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_add(NULL, "x", plain_build, NULL, NULL), -EINVAL);
	assert_int_equal(rb_mock_advance(NULL, 1), -EINVAL);
	assert_int_equal(rb_mock_on_violation(NULL, NULL, NULL), -EINVAL);
	assert_int_equal(rb_mock_verify(NULL), 0);
	assert_null(rb_mock_find(NULL, "edu", 0));
	assert_null(rb_mock_violation_text(NULL, 0));
	rb_mock_clear(NULL);
	rb_mock_remove(NULL);
}

/* --- descriptions -------------------------------------------------------------------- */

static int build_wrong(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
	unsigned int mistake = *(unsigned int *)arg;

	ids.vendor = mistake == 0 ? 0xffff : 0x1234;
	if (mistake == 1)
		ids.size = 2;
	if (mistake != 2)
		rb_mock_ids(dev, &ids);
	rb_mock_bar_ram(dev, 0, mistake == 3 ? 4095 : 4096, 0);
	rb_mock_bar_ram(dev, mistake == 4 ? 0 : mistake == 5 ? 6 : 1, 4096, 0);
	rb_mock_bar_ram(dev, mistake == 6 ? 5 : 2, 4096, RB_MOCK_BAR_64BIT);
	if (mistake == 7)
		rb_mock_bar_ram(dev, 3, 4096, 0);
	rb_mock_bar_ram(dev, 4, mistake == 8 ? 512 : 256, RB_MOCK_BAR_IO);
	rb_mock_bar_ram(dev, 5, 2048, mistake == 9 ? RB_MOCK_BAR_DIRECT : 0);
	if (mistake == 10)
		rb_mock_intx_pin(dev, 5);
	rb_mock_cap_msi(dev, mistake == 11 ? 6 : 5, 0);
	if (mistake == 12)
		rb_mock_cap_msi(dev, 0, 0);
	if (mistake == 13)
		rb_mock_cap_raw(dev, 9, "", NULL, 191);
	return mistake == 14 ? -EACCES : mistake == 15 ? -12345 : 0;
}

static void each_mistake_of_a_description_refuses_the_device(void **state)
{
	struct rb_mock_dev *dev;
	unsigned int mistake;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");
	for (mistake = 0; mistake < 14; mistake++)
		assert_int_equal(rb_mock_add(rig.ctx, "wrong", build_wrong, &mistake, &dev),
				 -EINVAL);
	assert_int_equal(rb_mock_add(rig.ctx, "wrong", build_wrong, &mistake, &dev), -EACCES);
	mistake++;
	assert_int_equal(rb_mock_add(rig.ctx, "wrong", build_wrong, &mistake, &dev), -EIO);
	assert_int_equal(rig.m->ops->functions(rig.m, NULL, 0), 0);

	mistake++;
	assert_int_equal(rb_mock_add(rig.ctx, "right", build_wrong, &mistake, &dev), 0);

	assert_int_equal(rb_mock_intx_pin(dev, 1), -EINVAL);
	assert_int_equal(rb_mock_bar_ram(dev, 0, 4096, 0), -EINVAL);
	rig_close_clean(&rig);
}

/* --- removal ---------------------------------------------------------------------------------- */

static void note_removal(struct rb_mock_dev *dev, void *arg)
{
	(void)dev;
	++*(int *)arg;
}

static int build_noting(struct rb_mock_dev *dev, void *arg)
{
	plain_build(dev, NULL);
	return rb_mock_on_remove(dev, note_removal, arg);
}

static void a_removed_device_answers_all_ones_and_says_it_is_gone(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_pci_addr fn;
	struct rig rig;
	int removed = 0;
	uint64_t bar, val;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, build_noting, &removed);
	fn = rb_mock_addr(dev);
	bar = bar_of(&rig, fn, 0);
	rb_mock_intx(dev, true);

	rb_mock_remove(dev);
	rb_mock_remove(dev);

	assert_int_equal(removed, 1);
	assert_int_equal(cfg_read(&rig, fn, 0, 4), 0xffffffff);
	assert_int_equal(rig.m->ops->mem_read(rig.m, bar, 4, &val), -ENODEV);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(rig.m->ops->mem_write(rig.m, bar, 4, 0), -ENODEV);
	assert_int_equal(rb_mock_msi(dev, 0), -ENODEV);
	assert_int_equal(rb_mock_after(dev, 1, note_removal, &removed), -ENODEV);
	assert_int_equal(rig.m->ops->irq_unmask(rig.m, 10), 0);
	assert_int_equal(irq_take(&rig, 10), 1);
	assert_ptr_equal(rb_mock_find(rig.ctx, "device", 0), dev);
	rig_close_clean(&rig);
	assert_int_equal(removed, 1);
}

static void another_device_may_take_the_place_of_a_removed_one(void **state)
{
	struct rb_mock_dev *dev, *next;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);

	rb_mock_remove(dev);
	next = plug(&rig, plain_build, NULL);

	assert_int_equal(rb_mock_addr(next).sbdf, rb_mock_addr(dev).sbdf);
	assert_int_equal(mem_read(&rig, bar_of(&rig, rb_mock_addr(next), 0), 4), 0);
	rig_close_clean(&rig);
}

static void removal_is_told_when_the_context_ends_and_when_refused(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	int removed = 0;

	(void)state;
	rig_open(&rig, "mock");
	plug(&rig, build_noting, &removed);
	rig_close_clean(&rig);
	assert_int_equal(removed, 1);

	rig_open(&rig, "mock:tick=5");
	assert_int_equal(rb_mock_add(rig.ctx, "no name", build_noting, &removed, &dev), -EINVAL);
	assert_int_equal(removed, 1);
	rig_close_clean(&rig);
}

static int build_pregnant(struct rb_mock_dev *dev, void *arg)
{
	plain_build(dev, NULL);
	assert_int_equal(rb_mock_add(arg, "child", plain_build, NULL, NULL), -EINVAL);
	return 0;
}

static void a_build_function_plugs_in_no_other_device(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");

	plug(&rig, build_pregnant, rig.ctx);

	assert_int_equal(rig.m->ops->functions(rig.m, NULL, 0), 1);
	plug(&rig, plain_build, NULL);
	rig_close_clean(&rig);
}

static int build_bare(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x0002;
	return rb_mock_ids(dev, &ids);
}

static void thousands_of_devices_find_their_places(void **state)
{
	struct rb_pci_addr fn;
	struct rig rig;
	unsigned int i;

	(void)state;
	rig_open(&rig, "mock");
	for (i = 1; i <= 4096; i++)
		plug(&rig, plain_build, NULL);

	for (i = 1; i <= 4096; i++) {
		fn.sbdf = i << 3;
		mem_write(&rig, bar_of(&rig, fn, 0), 4, i);
	}

	for (i = 1; i <= 4096; i++) {
		fn.sbdf = i << 3;
		assert_int_equal(mem_read(&rig, bar_of(&rig, fn, 0), 4), i);
	}
	rig_close_clean(&rig);
}

/* Device 0 of bus 0 is nobody's, as on a PC, where the host bridge is there. */
static void the_last_place_is_1f_on_bus_ff(void **state)
{
	struct rb_mock_dev *dev = NULL;
	struct rig rig;
	unsigned int i;

	(void)state;
	rig_open(&rig, "mock");

	for (i = 1; i < 256 * 32; i++)
		assert_int_equal(rb_mock_add(rig.ctx, "one", build_bare, NULL, &dev), 0);

	assert_int_equal(rb_mock_addr(dev).sbdf, 0xfff8);
	assert_int_equal(rb_mock_add(rig.ctx, "last", build_bare, NULL, NULL), -ENOMEM);
	assert_int_equal(rig.m->ops->functions(rig.m, NULL, 0), 256 * 32 - 1);
	rb_mock_remove(rb_mock_find(rig.ctx, "one", 4711));
	assert_int_equal(rb_mock_add(rig.ctx, "next", build_bare, NULL, &dev), 0);
	assert_int_equal(rb_mock_addr(dev).sbdf, 4712 << 3);
	rig_close_clean(&rig);
}

static void of_two_bars_at_one_address_the_first_plugged_in_answers(void **state)
{
	struct rb_mock_dev *first, *second;
	struct rig rig;
	uint64_t at;

	(void)state;
	rig_open(&rig, "mock");
	first = plug(&rig, plain_build, NULL);
	second = plug(&rig, plain_build, NULL);
	at = bar_of(&rig, rb_mock_addr(second), 0);
	assert_int_equal(rb_mock_poke(first, 0, 0, 4, 1), 0);
	assert_int_equal(rb_mock_poke(second, 0, 0, 4, 2), 0);
	assert_int_equal(mem_read(&rig, at, 4), 2);

	cfg_write(&rig, rb_mock_addr(first), 0x10, 4, (uint32_t)at);

	assert_int_equal(mem_read(&rig, at, 4), 1);
	cfg_write(&rig, rb_mock_addr(first), 0x04, 2, 0);
	assert_int_equal(mem_read(&rig, at, 4), 2);
	rig_close_clean(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(models_have_good_names_once),
		cmocka_unit_test(an_unknown_model_is_named_in_the_refusal),
		cmocka_unit_test(devices_are_found_in_the_order_of_the_string),
		cmocka_unit_test(places_that_cannot_be_are_refused),
		cmocka_unit_test(arguments_reach_the_model_and_strangers_are_refused),
		cmocka_unit_test(options_out_of_bounds_are_refused),
		cmocka_unit_test(calls_on_another_machine_or_none_are_refused),
		cmocka_unit_test(each_mistake_of_a_description_refuses_the_device),
		cmocka_unit_test(a_removed_device_answers_all_ones_and_says_it_is_gone),
		cmocka_unit_test(another_device_may_take_the_place_of_a_removed_one),
		cmocka_unit_test(removal_is_told_when_the_context_ends_and_when_refused),
		cmocka_unit_test(a_build_function_plugs_in_no_other_device),
		cmocka_unit_test(thousands_of_devices_find_their_places),
		cmocka_unit_test(the_last_place_is_1f_on_bus_ff),
		cmocka_unit_test(of_two_bars_at_one_address_the_first_plugged_in_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
