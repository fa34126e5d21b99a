/* SPDX-License-Identifier: MIT */
/*
 * test_irq_intx.c - the pin, through the library on the mock: a line that is level
 * triggered, shared by two devices with a handle each, and masked from the moment it fires
 * until it is acknowledged. What the processor sees is counted below the library.
 */
#include "mock_fixture.h"

#include "host/hosted.h"

#define LINE	  10 /* of slots 1 and 5 */
#define EDU_RAISE 0x60
#define EDU_ACK	  0x64
#define A	  0
#define B	  1
#define A_LONG_TIME 2000000 /* us */

struct edu {
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *set;
};

static struct rb_ctx *ctx;
static struct edu edus[2];

static int start(void **state)
{
	static const unsigned int slots[] = { 1, 5 };
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	unsigned int i;

	(void)state;
	options.kinds = RB_IRQ_INTX;
	assert_int_equal(rb_ctx_new("mock:edu,addr=00:01.0;edu,addr=00:05.0", &ctx), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(rb_pci_open(ctx, rb_pci_addr_make(0, 0, slots[i], 0),
					     &edus[i].dev),
				 0);
		assert_int_equal(rb_mmio_map(edus[i].dev, 0, 0, 0, RB_MMIO_UC, &edus[i].regs), 0);
		assert_int_equal(rb_irq_set_open(edus[i].dev, &options, &edus[i].set), 0);
	}
	return 0;
}

static int stop(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rb_irq_set_close(edus[i].set);
		rb_mmio_close(edus[i].regs);
		rb_pci_unref(edus[i].dev);
	}
	if (rb_mock_verify(ctx) != 0)
		fail_msg("%s", rb_mock_violation_text(ctx, 0));
	rb_ctx_unref(ctx);
	return 0;
}

/* How often the line has interrupted the processor since the start. */
static uint64_t seen_by_the_cpu(void)
{
	struct rbi_hosted *h = (struct rbi_hosted *)ctx->sys;

	assert_int_equal(rbi_hosted_irq_pull(h, LINE), 0);
	return h->irq[LINE].count;
}

static void assert_it(struct edu *edu)
{
	rb_mmio_write32(edu->regs, EDU_RAISE, 1);
}

static void quiet(struct edu *edu)
{
	rb_mmio_write32(edu->regs, EDU_ACK, 1);
}

static uint64_t taken(struct edu *edu)
{
	uint64_t count = 4711;

	assert_int_equal(rb_irq_take(edu->set, 0, &count), 0);
	return count;
}

static void a_device_that_stays_asserted_interrupts_once(void **state)
{
	(void)state;
	assert_it(&edus[A]);

	assert_int_equal(rb_irq_wait(edus[A].set, 0, 1000), 0);
	rb_delay_us(ctx, A_LONG_TIME);
	assert_it(&edus[A]); /* again, on a pin that is asserted */
	assert_int_equal(seen_by_the_cpu(), 1);

	assert_int_equal(taken(&edus[A]), 1);
	rb_delay_us(ctx, A_LONG_TIME); /* taken, and not given back: masked still */
	assert_int_equal(seen_by_the_cpu(), 1);
	quiet(&edus[A]);
	assert_int_equal(taken(&edus[A]), 0);
	assert_int_equal(seen_by_the_cpu(), 1);
}

static void each_take_from_an_asserted_device_unmasks_once(void **state)
{
	unsigned int i;

	(void)state;
	assert_it(&edus[A]);

	for (i = 1; i <= 10; i++) {
		assert_int_equal(taken(&edus[A]), 1);
		rb_delay_us(ctx, A_LONG_TIME);
		assert_int_equal(seen_by_the_cpu(), i);
	}

	quiet(&edus[A]);
	assert_int_equal(taken(&edus[A]), 0);
	assert_int_equal(seen_by_the_cpu(), 10);
}

static void both_devices_of_a_line_are_told(void **state)
{
	(void)state;
	assert_it(&edus[A]);

	assert_int_equal(rb_irq_wait(edus[A].set, 0, 1000), 0);
	assert_int_equal(rb_irq_wait(edus[B].set, 0, 1000), 0);

	assert_int_equal(taken(&edus[A]), 1);
	assert_int_equal(taken(&edus[B]), 1);
	quiet(&edus[A]);
	assert_int_equal(taken(&edus[A]), 0);
	assert_int_equal(taken(&edus[B]), 0);
	assert_int_equal(seen_by_the_cpu(), 1);
}

static void a_device_that_asserts_while_the_line_is_masked_comes_after_it(void **state)
{
	(void)state;
	assert_it(&edus[A]);
	assert_int_equal(taken(&edus[A]), 1);
	assert_int_equal(taken(&edus[B]), 1);

	assert_it(&edus[B]); /* the line is masked, so nobody sees it yet */
	assert_int_equal(seen_by_the_cpu(), 1);
	quiet(&edus[A]);
	assert_int_equal(taken(&edus[A]), 1); /* unmasked: B's, at once */

	assert_int_equal(seen_by_the_cpu(), 2);
	assert_int_equal(rb_irq_wait(edus[B].set, 0, 1000), 0);
	assert_int_equal(taken(&edus[B]), 1);
	quiet(&edus[B]);
	assert_int_equal(taken(&edus[B]), 0);
	assert_int_equal(taken(&edus[A]), 0);
	assert_int_equal(seen_by_the_cpu(), 2);
}

/* Each handle acknowledges for itself, and either's acknowledge unmasks the line. */
static void a_driver_that_does_not_take_holds_nobody_up(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 1; i <= 5; i++) {
		assert_it(&edus[A]);
		assert_int_equal(rb_irq_wait(edus[A].set, 0, 1000), 0);
		assert_int_equal(taken(&edus[A]), 1);
		quiet(&edus[A]);
		assert_int_equal(taken(&edus[A]), 0);
		assert_int_equal(seen_by_the_cpu(), i);
	}

	assert_int_equal(taken(&edus[B]), 5);
	assert_int_equal(taken(&edus[B]), 0);
}

static void a_pin_that_is_masked_does_not_drive_the_line(void **state)
{
	bool pending;

	(void)state;
	assert_int_equal(rb_irq_mask(edus[A].set, 0, true), 0);
	assert_it(&edus[A]);

	assert_int_equal(rb_irq_wait(edus[A].set, 0, 1000), -ETIMEDOUT);
	assert_int_equal(rb_irq_pending(edus[A].set, 0, &pending), 0);
	assert_true(pending);
	assert_it(&edus[B]); /* whose line it is as well */
	assert_int_equal(rb_irq_wait(edus[B].set, 0, 1000), 0);
	assert_int_equal(taken(&edus[B]), 1);
	quiet(&edus[B]);
	assert_int_equal(taken(&edus[B]), 0);
	assert_int_equal(seen_by_the_cpu(), 1);

	assert_int_equal(taken(&edus[A]), 1);
	assert_int_equal(rb_irq_mask(edus[A].set, 0, false), 0);
	assert_int_equal(taken(&edus[A]), 1);
	quiet(&edus[A]);
	assert_int_equal(taken(&edus[A]), 0);
	assert_int_equal(seen_by_the_cpu(), 2);
}

static void a_set_that_is_closed_leaves_the_line_to_the_other(void **state)
{
	(void)state;
	assert_it(&edus[A]);
	assert_int_equal(taken(&edus[A]), 1); /* masked, and its owner goes */
	rb_irq_set_close(edus[A].set);
	edus[A].set = NULL;

	assert_int_equal(taken(&edus[B]), 1);
	assert_int_equal(taken(&edus[B]), 0);
	assert_it(&edus[B]);
	assert_int_equal(rb_irq_wait(edus[B].set, 0, 1000), 0);
	assert_int_equal(taken(&edus[B]), 1);
	quiet(&edus[B]);
	assert_int_equal(taken(&edus[B]), 0);
	assert_int_equal(seen_by_the_cpu(), 2); /* nothing of the device that was left asserted */
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_device_that_stays_asserted_interrupts_once),
		EACH(each_take_from_an_asserted_device_unmasks_once),
		EACH(both_devices_of_a_line_are_told),
		EACH(a_device_that_asserts_while_the_line_is_masked_comes_after_it),
		EACH(a_driver_that_does_not_take_holds_nobody_up),
		EACH(a_pin_that_is_masked_does_not_drive_the_line),
		EACH(a_set_that_is_closed_leaves_the_line_to_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
