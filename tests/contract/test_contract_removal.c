/* SPDX-License-Identifier: MIT */
/*
 * test_contract_removal.c - a device that is pulled out while it is in use, in each kind
 * of use: all-ones, -ENODEV, no crash, no hang, and everything can be released.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include <rbdrv/host.h>

#include "contract.h"

static void pull(struct stage *stage)
{
	int rc = rb_host_unplug(stage->ctx, rb_pci_info_addr(rb_pci_info(stage->dev)));

	if (rc == -ENOTSUP)
		skip(); /* a QEMU without its monitor */
	assert_ok(rc);
}

static void assert_gone(struct stage *stage)
{
	uint32_t val = 0;

	assert_int_equal(rb_pci_config_read32(stage->dev, 0, &val), -ENODEV);
	assert_int_equal(val, UINT32_MAX);
	assert_true(rb_pci_is_gone(stage->dev));
}

/* --- every call --------------------------------------------------------------------------- */

static void assert_config_is_gone(struct rb_pci_dev *dev)
{
	unsigned int off;
	uint32_t dword = 0;
	uint16_t word = 0;
	uint8_t byte = 0;

	assert_int_equal(rb_pci_config_read32(dev, 0x10, &dword), -ENODEV);
	assert_int_equal(dword, UINT32_MAX);
	assert_int_equal(rb_pci_config_read16(dev, 0x04, &word), -ENODEV);
	assert_int_equal(word, UINT16_MAX);
	assert_int_equal(rb_pci_config_read8(dev, 0x3c, &byte), -ENODEV);
	assert_int_equal(byte, UINT8_MAX);
	assert_int_equal(rb_pci_config_write32(dev, 0x10, 0), -ENODEV);
	assert_int_equal(rb_pci_config_write16(dev, 0x04, 0), -ENODEV);
	assert_int_equal(rb_pci_config_write8(dev, 0x3c, 0), -ENODEV);
	assert_int_equal(rb_pci_find_cap(dev, 0x05, &off), -ENODEV);
	assert_int_equal(rb_pci_check(dev), -ENODEV);
}

static void assert_control_is_gone(struct rb_pci_dev *dev)
{
	struct rb_pci_saved *saved;

	assert_int_equal(rb_pci_set_bus_master(dev, true), -ENODEV);
	assert_int_equal(rb_pci_set_decode(dev, RB_PCI_DECODE_MEM), -ENODEV);
	assert_int_equal(rb_pci_set_intx(dev, true), -ENODEV);
	assert_int_equal(rb_pci_power(dev), -ENODEV);
	assert_int_equal(rb_pci_set_power(dev, RB_PCI_D0), -ENODEV);
	assert_int_equal(rb_pci_reset(dev), -ENODEV);
	assert_int_equal(rb_pci_save(dev, &saved), -ENODEV);
	assert_null(saved);
}

static void every_call_that_can_fail_says_that_it_is_gone(struct stage *stage)
{
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf;
	struct rb_mmio *regs;
	struct rb_pci_dev *again;
	struct rb_pci_addr addr;

	claim_edu(stage);
	addr = rb_pci_info_addr(rb_pci_info(stage->dev));
	pull(stage);

	assert_config_is_gone(stage->dev);
	assert_control_is_gone(stage->dev);
	assert_int_equal(rb_mmio_map(stage->dev, 0, 0, 0, 0, &regs), -ENODEV);
	assert_int_equal(rb_irq_set_open(stage->dev, NULL, &irqs), -ENODEV);
	assert_int_equal(rb_dma_alloc(stage->dev, 4096, NULL, &buf), -ENODEV);
	assert_true(regs == NULL && irqs == NULL && buf == NULL);

	rb_pci_unref(stage->dev);
	stage->dev = NULL;
	assert_int_equal(rb_pci_open(stage->ctx, addr, &again), -ENODEV);
	assert_null(again);
}

static void what_is_gone_stays_gone_though_another_comes(struct stage *stage)
{
	struct rb_pci_addr addr;
	int rc;

	map_edu(stage);
	pull(stage);
	assert_gone(stage);

	rc = rb_host_plug(stage->ctx, "edu", &addr);
	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);

	assert_gone(stage);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), UINT32_MAX);
}

/* What a driver does that reads all-ones from a register. */
static void asking_tells_all_ones_from_a_device_that_is_gone(struct stage *stage)
{
	map_edu(stage);
	assert_ok(rb_pci_check(stage->dev));
	assert_false(rb_pci_is_gone(stage->dev));
	pull(stage);

	assert_int_equal(rb_pci_check(stage->dev), -ENODEV);
	assert_true(rb_pci_is_gone(stage->dev));
	assert_int_equal(rb_pci_check(NULL), -EINVAL);
}

/* --- in the middle of things ----------------------------------------------------------------- */

/* A thread of the driver, and the code that its last call answered. */
struct worker {
	struct stage *stage;
	pthread_t thread;
	atomic_bool works;
	int rc;
};

static void start(struct worker *worker, struct stage *stage, void *(*work)(void *))
{
	worker->stage = stage;
	atomic_init(&worker->works, false);
	worker->rc = 0;
	assert_int_equal(pthread_create(&worker->thread, NULL, work, worker), 0);
	while (!atomic_load(&worker->works))
		sched_yield();
}

static void expect_the_end(struct worker *worker)
{
	assert_int_equal(pthread_join(worker->thread, NULL), 0);
	assert_int_equal(worker->rc, -ENODEV);
}

/* Pull it, whatever becomes of the test: the thread must not outlive it. */
static void pull_under(struct worker *worker, struct stage *stage)
{
	int rc = rb_host_unplug(stage->ctx, rb_pci_info_addr(rb_pci_info(stage->dev)));
	uint32_t val;

	if (rc == 0) {
		assert_int_equal(rb_pci_config_read32(stage->dev, 0, &val), -ENODEV);
		return;
	}
	atomic_store(&worker->works, false);
	if (stage->irqs)
		(void)rb_irq_cancel(stage->irqs);
	(void)pthread_join(worker->thread, NULL);
	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);
}

static void *read_configuration(void *arg)
{
	struct worker *worker = arg;
	uint32_t val;

	do {
		worker->rc = rb_pci_config_read32(worker->stage->dev, 0x08, &val);
		atomic_store(&worker->works, true);
	} while (worker->rc == 0);
	return NULL;
}

static void a_loop_of_configuration_reads_ends(struct stage *stage)
{
	struct worker worker;

	claim_edu(stage);
	start(&worker, stage, read_configuration);

	pull(stage);

	expect_the_end(&worker);
	assert_gone(stage);
}

static void *write_configuration(void *arg)
{
	struct worker *worker = arg;

	do {
		worker->rc = rb_pci_config_write8(worker->stage->dev, 0x3c, 5);
		atomic_store(&worker->works, true);
	} while (worker->rc == 0);
	return NULL;
}

static void a_loop_of_configuration_writes_ends(struct stage *stage)
{
	struct worker worker;

	claim_edu(stage);
	start(&worker, stage, write_configuration);

	pull(stage);

	expect_the_end(&worker);
	assert_gone(stage);
}

/* It never becomes that. */
static void *poll_a_register(void *arg)
{
	struct worker *worker = arg;

	do {
		worker->rc = rb_mmio_poll32(worker->stage->regs, EDU_LIVENESS, UINT32_MAX,
					    0x12345678, 1000, NULL);
		atomic_store(&worker->works, true);
	} while (worker->rc == -ETIMEDOUT);
	return NULL;
}

static void a_poll_of_a_register_ends(struct stage *stage)
{
	struct worker worker;

	map_edu(stage);
	start(&worker, stage, poll_a_register);

	pull(stage);

	expect_the_end(&worker);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_ID), UINT32_MAX);
	rb_mmio_write32(stage->regs, EDU_LIVENESS, 1);
	assert_gone(stage);
}

static void *wait_for_ever(void *arg)
{
	struct worker *worker = arg;

	atomic_store(&worker->works, true);
	worker->rc = rb_irq_wait(worker->stage->irqs, 0, -1);
	return NULL;
}

static void a_wait_for_an_interrupt_ends_once_the_removal_is_seen(struct stage *stage)
{
	struct worker worker;

	open_edu_irqs(stage, RB_IRQ_MSI);
	start(&worker, stage, wait_for_ever);

	pull_under(&worker, stage);

	expect_the_end(&worker);
	assert_int_equal(rb_irq_wait(stage->irqs, 0, PATIENCE_MS), -ENODEV);
}

static void a_wait_of_the_pin_ends_once_the_removal_is_seen(struct stage *stage)
{
	struct worker worker;

	open_edu_irqs(stage, RB_IRQ_INTX);
	start(&worker, stage, wait_for_ever);

	pull_under(&worker, stage);

	expect_the_end(&worker);
}

static void a_wait_with_a_time_out_tells_of_a_removal_that_nobody_saw(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_MSI);
	pull(stage);

	assert_int_equal(rb_irq_wait(stage->irqs, 0, QUIET_MS), -ENODEV);

	assert_true(rb_pci_is_gone(stage->dev));
}

static void a_poll_of_memory_ends_and_the_buffer_goes_back(struct stage *stage)
{
	volatile uint32_t *cpu;

	map_edu(stage);
	alloc_edu_dma(stage, 4096);
	cpu = rb_dma_cpu(stage->buf);
	*cpu = 7;
	rb_dma_publish(stage->buf, 0, 4);
	pull(stage);

	assert_int_equal(rb_dma_poll32(stage->buf, 0, UINT32_MAX, 8, 1000, NULL), -ENODEV);

	rb_dma_observe(stage->buf, 0, 4);
	assert_int_equal(*cpu, 7);
	assert_gone(stage);
}

static void a_copy_of_what_is_gone_goes_nowhere(struct stage *stage)
{
	claim_edu(stage);
	assert_ok(rb_pci_save(stage->dev, &stage->saved));
	pull(stage);

	assert_int_equal(rb_pci_restore(stage->dev, stage->saved), -ENODEV);
}

int main(void)
{
	static const struct scenario scenarios[] = {
		SCENARIO(every_call_that_can_fail_says_that_it_is_gone),
		SCENARIO(what_is_gone_stays_gone_though_another_comes),
		SCENARIO(asking_tells_all_ones_from_a_device_that_is_gone),
		SCENARIO(a_loop_of_configuration_reads_ends),
		SCENARIO(a_loop_of_configuration_writes_ends),
		SCENARIO(a_poll_of_a_register_ends),
		SCENARIO(a_wait_for_an_interrupt_ends_once_the_removal_is_seen),
		SCENARIO(a_wait_of_the_pin_ends_once_the_removal_is_seen),
		SCENARIO(a_wait_with_a_time_out_tells_of_a_removal_that_nobody_saw),
		SCENARIO(a_poll_of_memory_ends_and_the_buffer_goes_back),
		SCENARIO(a_copy_of_what_is_gone_goes_nowhere),
	};

	return RUN_SCENARIOS("removal", scenarios);
}
