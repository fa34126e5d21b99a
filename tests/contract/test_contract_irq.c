/* SPDX-License-Identifier: MIT */
/*
 * test_contract_irq.c - interrupts: messages, the line, waiting and cancelling.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "contract.h"

#define PCI_CAP_MSI	   0x05
#define MSI_CONTROL	   2
#define MSI_ADDRESS	   4
#define MSI_ADDRESS_HIGH   8
#define MSI_DATA_64	   12
#define MSI_CONTROL_ENABLE 0x01u
#define MSI_CONTROL_64BIT  0x80u

static void raise_irq(struct stage *stage)
{
	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 2);
}

/* --- both kinds ---------------------------------------------------------------------- */

static void announce_factorial(struct stage *stage, enum rb_irq_kind kind)
{
	open_edu_irqs(stage, kind);

	rb_mmio_write32(stage->regs, EDU_STATUS, EDU_STATUS_IRQ);
	rb_mmio_write32(stage->regs, EDU_FACTORIAL, 10);
	expect_irqs(stage, 1);

	assert_int_equal(rb_mmio_read32(stage->regs, EDU_STATUS) & EDU_STATUS_BUSY, 0);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_FACTORIAL), 3628800);
}

static void a_message_announces_a_factorial(struct stage *stage)
{
	announce_factorial(stage, RB_IRQ_MSI);
}

static void the_line_announces_a_factorial(struct stage *stage)
{
	announce_factorial(stage, RB_IRQ_INTX);
}

static void the_default_kind_is_the_best_there_is(struct stage *stage)
{
	map_edu(stage);

	assert_ok(rb_irq_set_open(stage->dev, NULL, &stage->irqs));

	assert_int_equal(rb_irq_set_kind(stage->irqs), RB_IRQ_MSI);
}

static void a_vector_may_be_on_another_cpu(struct stage *stage)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_irq_set *none;

	map_edu(stage);
	options.kinds = RB_IRQ_MSI;
	options.flags = RB_IRQ_ON_CPU;

	options.cpu = 2; /* there are 0 and 1 */
	assert_int_equal(rb_irq_set_open(stage->dev, &options, &none), -ENOENT);
	options.cpu = 1;
	assert_ok(rb_irq_set_open(stage->dev, &options, &stage->irqs));

	assert_int_equal(rb_irq_set_cpu(stage->irqs, 0), 1);
	raise_irq(stage);
	expect_irqs(stage, 1);
}

static void a_second_set_of_a_device_is_busy(struct stage *stage)
{
	struct rb_irq_set *second;

	open_edu_irqs(stage, RB_IRQ_MSI);

	assert_int_equal(rb_irq_set_open(stage->dev, NULL, &second), -EBUSY);

	assert_null(second);
}

static void one_process_uses_messages_then_the_line_then_messages(struct stage *stage)
{
	const enum rb_irq_kind kinds[] = { RB_IRQ_MSI, RB_IRQ_INTX, RB_IRQ_MSI };
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	size_t i;

	map_edu(stage);

	for (i = 0; i < 3; i++) {
		options.kinds = kinds[i];
		assert_ok(rb_irq_set_open(stage->dev, &options, &stage->irqs));
		raise_irq(stage);
		expect_irqs(stage, 1);
		rb_irq_set_close(stage->irqs);
		stage->irqs = NULL;
	}
}

static void what_came_before_the_set_is_not_seen(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_MSI);
	raise_irq(stage);
	expect_irqs(stage, 1);
	rb_irq_set_close(stage->irqs);
	stage->irqs = NULL;

	assert_ok(rb_irq_set_open(stage->dev, NULL, &stage->irqs));

	expect_no_irq(stage);
}

static void kinds_that_do_not_exist_are_refused(struct stage *stage)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_irq_set *set;

	claim_edu(stage);

	options.kinds = RB_IRQ_MSIX;
	assert_int_equal(rb_irq_set_open(stage->dev, &options, &set), -ENOTSUP);
	assert_null(set);
	options.kinds = 8;
	assert_int_equal(rb_irq_set_open(stage->dev, &options, &set), -EINVAL);
	options.kinds = 0;
	options.min = 2;
	options.max = 1;
	assert_int_equal(rb_irq_set_open(stage->dev, &options, &set), -EINVAL);
	options.max = 2;
	assert_int_equal(rb_irq_set_open(stage->dev, &options, &set), -ENOTSUP);
}

static void a_vector_that_does_not_exist_is_refused(struct stage *stage)
{
	uint64_t count = 7;

	open_edu_irqs(stage, RB_IRQ_MSI);

	assert_int_equal(rb_irq_take(stage->irqs, 1, &count), -EINVAL);
	assert_int_equal(count, 0);
	assert_int_equal(rb_irq_wait(stage->irqs, 1, 0), -EINVAL);
	assert_int_equal(rb_irq_fd(stage->irqs, 1), -EINVAL);
}

/* --- messages ------------------------------------------------------------------------- */

static void ten_messages_are_ten(struct stage *stage)
{
	int i;

	open_edu_irqs(stage, RB_IRQ_MSI);

	for (i = 0; i < 10; i++)
		raise_irq(stage);

	expect_irqs(stage, 10);
}

static void the_message_reads_back_as_redox_composed_it(struct stage *stage)
{
	uint32_t address = 0, high = 0, data = 0;
	uint16_t control = 0;
	unsigned int cap = 0;

	open_edu_irqs(stage, RB_IRQ_MSI);

	assert_ok(rb_pci_find_cap(stage->dev, PCI_CAP_MSI, &cap));
	assert_ok(rb_pci_config_read16(stage->dev, cap + MSI_CONTROL, &control));
	assert_ok(rb_pci_config_read32(stage->dev, cap + MSI_ADDRESS, &address));
	assert_ok(rb_pci_config_read32(stage->dev, cap + MSI_ADDRESS_HIGH, &high));
	assert_ok(rb_pci_config_read32(stage->dev, cap + MSI_DATA_64, &data));

	/* contract 2.7: fixed delivery to one APIC; 2.2: N from 18, vector N + 32 */
	assert_int_equal(control & MSI_CONTROL_64BIT, MSI_CONTROL_64BIT);
	assert_int_equal(control & MSI_CONTROL_ENABLE, MSI_CONTROL_ENABLE);
	assert_int_equal(address & ~0x000ff000u, 0xfee00000u);
	assert_int_equal(high, 0);
	assert_in_range(data & 0xffff, 18 + 32, 254);
}

static void closing_the_set_disables_the_message(struct stage *stage)
{
	uint16_t control = 0xffff;
	unsigned int cap = 0;

	open_edu_irqs(stage, RB_IRQ_MSI);
	rb_irq_set_close(stage->irqs);
	stage->irqs = NULL;

	assert_ok(rb_pci_find_cap(stage->dev, PCI_CAP_MSI, &cap));
	assert_ok(rb_pci_config_read16(stage->dev, cap + MSI_CONTROL, &control));

	assert_int_equal(control & MSI_CONTROL_ENABLE, 0);
}

static void a_vector_of_a_closed_set_is_used_again(struct stage *stage)
{
	uint32_t data[2] = { 0, 0 };
	unsigned int cap = 0;
	int i;

	map_edu(stage);
	assert_ok(rb_pci_find_cap(stage->dev, PCI_CAP_MSI, &cap));

	for (i = 0; i < 2; i++) {
		assert_ok(rb_irq_set_open(stage->dev, NULL, &stage->irqs));
		assert_ok(rb_pci_config_read32(stage->dev, cap + MSI_DATA_64, &data[i]));
		rb_irq_set_close(stage->irqs);
		stage->irqs = NULL;
	}

	assert_int_equal(data[0] & 0xffff, data[1] & 0xffff);
}

/* --- the line ----------------------------------------------------------------------------- */

static void ten_times_the_line_are_ten(struct stage *stage)
{
	int i;

	open_edu_irqs(stage, RB_IRQ_INTX);

	for (i = 0; i < 10; i++) {
		raise_irq(stage);
		expect_irqs(stage, 1);
	}
}

static void the_line_is_masked_from_a_take_to_the_next(struct stage *stage)
{
	struct pollfd fd = { .events = POLLIN };
	uint64_t count;

	open_edu_irqs(stage, RB_IRQ_INTX);
	fd.fd = rb_irq_fd(stage->irqs, 0);
	assert_true(fd.fd >= 0);
	raise_irq(stage);
	assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));
	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(count, 1);
	quiet_edu(stage);

	raise_irq(stage);

	assert_int_equal(rb_poll(stage->ctx, &fd, 1, QUIET_MS), 0); /* masked: nobody hears it */
	assert_ok(rb_irq_take(stage->irqs, 0, &count)); /* unmasks; it fires at once */
	assert_int_equal(count, 1);
	quiet_edu(stage);
	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(count, 0);
}

static void a_line_that_nobody_quiets_fires_again(struct stage *stage)
{
	uint64_t count;
	int i;

	open_edu_irqs(stage, RB_IRQ_INTX);
	raise_irq(stage);

	for (i = 0; i < 3; i++) {
		assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));
		assert_ok(rb_irq_take(stage->irqs, 0, &count));
		assert_int_equal(count, 1);
	}
	quiet_edu(stage);

	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(count, 0);
	expect_no_irq(stage);
}

/* --- waiting ------------------------------------------------------------------------------- */

static void a_wait_that_nothing_ends_times_out(struct stage *stage)
{
	uint64_t start;

	open_edu_irqs(stage, RB_IRQ_MSI);
	start = rb_time_ns(stage->ctx);

	assert_int_equal(rb_irq_wait(stage->irqs, 0, QUIET_MS), -ETIMEDOUT);

	assert_true((int64_t)(rb_time_ns(stage->ctx) - start) >= (int64_t)QUIET_MS * 1000000);
	assert_int_equal(rb_irq_wait(stage->irqs, 0, 0), -ETIMEDOUT);
}

static void a_wait_consumes_nothing(struct stage *stage)
{
	uint64_t count;

	open_edu_irqs(stage, RB_IRQ_MSI);
	raise_irq(stage);

	assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));
	assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));

	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(count, 1);
	quiet_edu(stage);
}

static void any_vector_can_be_waited_for(struct stage *stage)
{
	uint64_t count;

	open_edu_irqs(stage, RB_IRQ_MSI);
	raise_irq(stage);

	assert_int_equal(rb_irq_wait_any(stage->irqs, PATIENCE_MS), 0);
	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(count, 1);
	assert_int_equal(rb_irq_wait_any(stage->irqs, QUIET_MS), -ETIMEDOUT);
	quiet_edu(stage);
}

static void a_vector_is_not_waited_for_in_both_ways(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_MSI);

	assert_int_equal(rb_irq_wait_any(stage->irqs, 0), -ETIMEDOUT);

	assert_int_equal(rb_irq_wait(stage->irqs, 0, 0), -EBUSY);
}

static void a_descriptor_wakes_a_loop_of_ones_own(struct stage *stage)
{
	struct pollfd fd = { .events = POLLIN };
	uint64_t count;

	open_edu_irqs(stage, RB_IRQ_MSI);
	fd.fd = rb_irq_fd(stage->irqs, 0);
	assert_true(fd.fd >= 0);
	assert_int_equal(rb_irq_fd(stage->irqs, 0), fd.fd);
	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(rb_poll(stage->ctx, &fd, 1, QUIET_MS), 0);

	raise_irq(stage);

	assert_int_equal(rb_poll(stage->ctx, &fd, 1, PATIENCE_MS), 1);
	assert_int_equal(fd.revents, POLLIN);
	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(count, 1);
	assert_int_equal(rb_poll(stage->ctx, &fd, 1, 0), 0);
	quiet_edu(stage);
}

struct waiter {
	struct rb_irq_set *irqs;
	int rc;
};

static void *wait_for_ever(void *arg)
{
	struct waiter *waiter = arg;

	waiter->rc = rb_irq_wait(waiter->irqs, 0, -1);
	return NULL;
}

/* The cancel may come before the wait or during it: the answer is the same. */
static void another_thread_cancels_a_wait_for_ever(struct stage *stage)
{
	struct waiter waiter = { NULL, 1 };
	pthread_t thread;

	open_edu_irqs(stage, RB_IRQ_MSI);
	waiter.irqs = stage->irqs;
	assert_int_equal(pthread_create(&thread, NULL, wait_for_ever, &waiter), 0);

	assert_ok(rb_irq_cancel(stage->irqs));

	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(waiter.rc, -ECANCELED);
	expect_no_irq(stage); /* once, and no more */
}

static void a_cancel_with_nobody_waiting_ends_the_next_wait(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_INTX);
	assert_int_equal(rb_irq_wait(stage->irqs, 0, 0), -ETIMEDOUT);

	assert_ok(rb_irq_cancel(stage->irqs));

	assert_int_equal(rb_irq_wait(stage->irqs, 0, -1), -ECANCELED);
	raise_irq(stage);
	expect_irqs(stage, 1);
}

static const struct scenario scenarios[] = {
	SCENARIO(a_message_announces_a_factorial),
	SCENARIO(the_line_announces_a_factorial),
	SCENARIO(the_default_kind_is_the_best_there_is),
	SCENARIO_WITH(a_vector_may_be_on_another_cpu, ";cpus=2"),
	SCENARIO(a_second_set_of_a_device_is_busy),
	SCENARIO(one_process_uses_messages_then_the_line_then_messages),
	SCENARIO(what_came_before_the_set_is_not_seen),
	SCENARIO(kinds_that_do_not_exist_are_refused),
	SCENARIO(a_vector_that_does_not_exist_is_refused),
	SCENARIO(ten_messages_are_ten),
	SCENARIO(the_message_reads_back_as_redox_composed_it),
	SCENARIO(closing_the_set_disables_the_message),
	SCENARIO(a_vector_of_a_closed_set_is_used_again),
	SCENARIO(ten_times_the_line_are_ten),
	SCENARIO(the_line_is_masked_from_a_take_to_the_next),
	SCENARIO(a_line_that_nobody_quiets_fires_again),
	SCENARIO(a_wait_that_nothing_ends_times_out),
	SCENARIO(a_wait_consumes_nothing),
	SCENARIO(any_vector_can_be_waited_for),
	SCENARIO(a_vector_is_not_waited_for_in_both_ways),
	SCENARIO(a_descriptor_wakes_a_loop_of_ones_own),
	SCENARIO(another_thread_cancels_a_wait_for_ever),
	SCENARIO(a_cancel_with_nobody_waiting_ends_the_next_wait),
};

int main(void)
{
	return RUN_SCENARIOS("interrupts", scenarios);
}
