/* SPDX-License-Identifier: MIT */
/* test_host_plug.c - rb_host_plug() and rb_host_unplug(): texts, and the mock's answers. */
#include <errno.h>

#include <rbdrv/host.h>

#include "host/fault_plan.h"
#include "host/spec.h"
#include "mock_fixture.h"

static const struct rb_pci_addr nowhere = { UINT32_MAX };

static void refused(struct rig *rig, const char *device, int code, const char *culprit)
{
	struct rb_pci_addr addr = { 7 };

	assert_int_equal(rb_host_plug(rig->ctx, device, &addr), code);
	assert_int_equal(addr.sbdf, nowhere.sbdf);
	if (!strstr(rb_last_error(), culprit))
		fail_msg("'%s' does not say '%s'", rb_last_error(), culprit);
}

static void a_device_that_is_plugged_in_answers_at_the_address_told(void **state)
{
	struct rb_pci_addr addr;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");

	assert_int_equal(rb_host_plug(rig.ctx, "edu", &addr), 0);

	assert_int_equal(cfg_read(&rig, addr, 0, 4), 0x11e81234);
	assert_int_not_equal(bar_of(&rig, addr, 0), 0);
	rig_close_clean(&rig);
}

static void arguments_are_those_of_a_machine_string(void **state)
{
	struct rb_pci_addr addr;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");

	assert_int_equal(rb_host_plug(rig.ctx, "edu,addr=00:1e.0", &addr), 0);

	assert_int_equal(addr.sbdf, rb_pci_addr_make(0, 0, 0x1e, 0).sbdf);
	rig_close_clean(&rig);
}

static void a_text_that_is_no_device_is_refused(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");

	refused(&rig, NULL, -EINVAL, "NULL");
	refused(&rig, "", -EINVAL, "no model");
	refused(&rig, ",addr=1", -EINVAL, "no model");
	refused(&rig, "edu;edu", -EINVAL, "more than one device");
	refused(&rig, "profile=redox-2025", -EINVAL, "an option");
	refused(&rig, "edu,", -EINVAL, "without a name");
	refused(&rig, "edu\n", -EINVAL, "control byte");
	refused(&rig, "edu,addr=00:05.0\\", -EINVAL, "backslash");
	refused(&rig, "edu,addr=elsewhere", -EINVAL, "elsewhere");
	refused(&rig, "edu,bogus=1", -EINVAL, "bogus");
	refused(&rig, "nonesuch", -ENOENT, "nonesuch");
	assert_int_equal(rig.m->ops->functions(rig.m, NULL, 0), 0);
	rig_close_clean(&rig);
}

static void a_place_that_is_taken_is_busy_until_it_is_free(void **state)
{
	struct rb_pci_addr addr, again;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock:edu,addr=00:05.0");
	addr = rb_pci_addr_make(0, 0, 5, 0);

	refused(&rig, "edu,addr=00:05.0", -EBUSY, "00:05.0");
	assert_int_equal(rb_host_unplug(rig.ctx, addr), 0);

	assert_int_equal(cfg_read(&rig, addr, 0, 4), 0xffffffff);
	assert_int_equal(rb_host_plug(rig.ctx, "edu,addr=00:05.0", &again), 0);
	assert_int_equal(again.sbdf, addr.sbdf);
	rig_close_clean(&rig);
}

static void nothing_can_be_pulled_out_where_nothing_is(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock:edu,addr=00:05.0");

	assert_int_equal(rb_host_unplug(rig.ctx, rb_pci_addr_make(0, 0, 6, 0)), -ENOENT);
	assert_int_equal(rb_host_unplug(rig.ctx, nowhere), -ENOENT);

	rig_close_clean(&rig);
}

static void without_a_context_or_slots_it_is_refused(void **state)
{
	struct rb_pci_addr addr = { 7 };
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_host_plug(NULL, "edu", &addr), -EINVAL);
	assert_int_equal(addr.sbdf, nowhere.sbdf);
	assert_int_equal(rb_host_unplug(NULL, addr), -EINVAL);

	assert_int_equal(rb_ctx_new("redox:root=/nonexistent", &ctx), 0);
	assert_int_equal(rb_host_plug(ctx, "edu", NULL), -ENOTSUP);
	assert_int_equal(rb_host_unplug(ctx, addr), -ENOTSUP);
	rb_ctx_unref(ctx);
}

static void a_campaign_makes_them_fail_too(void **state)
{
	static struct rbi_fault_plan plan;
	struct rb_pci_addr addr;
	struct rb_ctx *ctx;

	(void)state;
	plan = (struct rbi_fault_plan){ .at = { [RBI_WAIST_MACHINE] = 1 } };
	rbi_fault_arm(&plan);
	assert_int_equal(rb_ctx_new("mock", &ctx), 0);
	rbi_fault_arm(NULL);

	assert_int_equal(rb_host_plug(ctx, "edu", &addr), -EBUSY); /* the first of its answers */
	assert_string_equal(plan.what, "plug(edu)");

	assert_int_equal(rb_host_plug(ctx, "edu", &addr), 0);
	assert_int_equal(rb_host_unplug(ctx, addr), 0);
	rb_ctx_unref(ctx);
}

static void every_allocation_may_fail(void **state)
{
	struct rb_pci_addr addr;
	unsigned int n;
	struct rig rig;
	int rc = -ENOMEM;

	(void)state;
	rig_open(&rig, "mock");
	for (n = 1; rc == -ENOMEM && n < 100; n++) {
		rbi_alloc_fail_at(n);
		rc = rb_host_plug(rig.ctx, "edu,addr=00:05.0", &addr);
		rbi_alloc_fail_at(0);
	}
	assert_int_equal(rc, 0);
	assert_in_range(n, 5, 99);
	rig_close_clean(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_that_is_plugged_in_answers_at_the_address_told),
		cmocka_unit_test(arguments_are_those_of_a_machine_string),
		cmocka_unit_test(a_text_that_is_no_device_is_refused),
		cmocka_unit_test(a_place_that_is_taken_is_busy_until_it_is_free),
		cmocka_unit_test(nothing_can_be_pulled_out_where_nothing_is),
		cmocka_unit_test(without_a_context_or_slots_it_is_refused),
		cmocka_unit_test(a_campaign_makes_them_fail_too),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
