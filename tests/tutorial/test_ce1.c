/* SPDX-License-Identifier: MIT */
/* test_ce1.c - tests of the CE-1's driver. */
#include <rbdrv/mock_cmocka.h>

#include "ce1.h"
#include "ce1_model.h"
#include "ce1_regs.h"

#define HELLO_SUM 0x5e918d2u /* "hello", from the data sheet's example */

static void it_sums(void **state)
{
	struct rb_ctx *ctx;
	struct ce1 ce;
	uint32_t sum;

	(void)state;
	rb_mock_assert_rc(rb_ctx_new("mock:ce1", &ctx), 0);
	rb_mock_assert_rc(ce1_open(ctx, &ce), 0);

	rb_mock_assert_rc(ce1_sum(&ce, "hello", 5, &sum), 0);

	assert_int_equal(sum, HELLO_SUM);
	ce1_close(&ce);
	rb_mock_assert_clean(ctx);
	rb_ctx_unref(ctx);
}

static void it_tells_address_and_length_before_it_rings(void **state)
{
	static const struct rb_mock_access job[] = {
		RB_MOCK_WRITE(0, CE1_LEN, 4, 5),
		RB_MOCK_WRITE(0, CE1_BELL, 4, 1),
		RB_MOCK_EXPECT_END
	};
	struct rb_ctx *ctx;
	struct ce1 ce;
	uint32_t sum;

	(void)state;
	rb_mock_assert_rc(rb_ctx_new("mock:ce1", &ctx), 0);
	rb_mock_assert_rc(ce1_open(ctx, &ce), 0);
	rb_mock_assert_rc(rb_mock_expect(rb_mock_find(ctx, "ce1", 0), job, RB_MOCK_ORDERED), 0);

	rb_mock_assert_rc(ce1_sum(&ce, "hello", 5, &sum), 0);

	ce1_close(&ce);
	rb_mock_assert_clean(ctx);
	rb_ctx_unref(ctx);
}

/* Open, sum and close on a device that breaks; what the driver answers. */
static int try_with(const char *machine)
{
	struct rb_ctx *ctx;
	struct ce1 ce;
	uint32_t sum;
	int rc;

	rb_mock_assert_rc(rb_ctx_new(machine, &ctx), 0);
	rc = ce1_open(ctx, &ce);
	if (rc == 0) {
		rc = ce1_sum(&ce, "hello", 5, &sum);
		ce1_close(&ce);
	}
	rb_mock_assert_clean(ctx);
	rb_ctx_unref(ctx);
	return rc;
}

static void it_answers_when_the_device_breaks(void **state)
{
	(void)state;

	assert_int_equal(try_with("mock:ce1,fault=lost:1"), -ETIMEDOUT);
	assert_int_equal(try_with("mock:ce1,fault=dma-error:1"), -EIO);
	assert_int_equal(try_with("mock:ce1,fault=doubled:1"), 0);
	assert_int_equal(try_with("mock:ce1,fault=stuck:0:0x4:1:1"), -ETIMEDOUT);
	assert_int_equal(try_with("mock:ce1,fault=dead:1"), -ENOTSUP);
}

static uint32_t result;

static int body(struct rb_ctx *ctx, void *arg)
{
	struct ce1 ce;
	int rc;

	(void)arg;
	rc = ce1_open(ctx, &ce);
	if (rc < 0)
		return rc;
	rc = ce1_sum(&ce, "hello", 5, &result);
	ce1_close(&ce);
	return rc;
}

static void it_survives_every_single_fault(void **state)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;

	(void)state;
	options.result = &result;
	options.result_size = sizeof(result);

	rb_mock_assert_campaign("mock:ce1", body, NULL, &options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_sums),
		cmocka_unit_test(it_tells_address_and_length_before_it_rings),
		cmocka_unit_test(it_answers_when_the_device_breaks),
		cmocka_unit_test(it_survives_every_single_fault),
	};

	rb_mock_model_register("ce1", ce1_build, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
