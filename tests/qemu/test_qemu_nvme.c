/* SPDX-License-Identifier: MIT */
/*
 * test_qemu_nvme.c - an NVMe disk of machine qemu: 65 MSI-X entries, the first of which
 * tells that its admin queue has answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <rbdrv/rbdrv.h>

/* Registers (NVM Express 1.4, 3.1) and the admin queues of this driver. */
#define CC	 0x14
#define CSTS	 0x1c
#define AQA	 0x24
#define ASQ	 0x28
#define ACQ	 0x30
#define SQ_TAIL	 0x1000
#define CQ_HEAD	 0x1004
#define CC_ON	 0x00460001u
#define READY	 1u
#define ENTRIES	 16u
#define CQ_AT	 0x1000u /* in the buffer, behind the submission queue */
#define DATA_AT	 0x2000u
#define PATIENCE 5000 /* ms */

struct disk {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf;
	unsigned int tail, seen; /* of the queues since they were made */
};

static void assert_ok(int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", rb_strerror(rc), rb_last_error());
}

static void open_disk(struct disk *d, uint32_t vectors)
{
	struct rb_irq_options irq = RB_IRQ_OPTIONS_INIT;
	struct rb_dma_options dma = RB_DMA_OPTIONS_INIT;
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc;

	memset(d, 0, sizeof(*d));
	rc = rb_ctx_new("qemu:nvme,drive=disk,serial=red-bear;drive.disk=8;vectors=256", &d->ctx);
	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);
	filter.vendor = 0x1b36;
	filter.device = 0x0010;
	assert_ok(rb_pci_scan(d->ctx, &filter, &list));
	assert_int_equal(rb_pci_list_count(list), 1);
	assert_ok(rb_pci_open(d->ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &d->dev));
	rb_pci_list_close(list);
	assert_ok(rb_mmio_map(d->dev, 0, 0, 0, RB_MMIO_UC, &d->regs));
	assert_ok(rb_dma_alloc(d->dev, 0x4000, &dma, &d->buf));
	assert_ok(rb_pci_set_bus_master(d->dev, true));
	irq.kinds = RB_IRQ_MSIX;
	irq.max = vectors;
	assert_ok(rb_irq_set_open(d->dev, &irq, &d->irqs));
}

static void close_disk(struct disk *d)
{
	rb_irq_set_close(d->irqs);
	rb_mmio_write32(d->regs, CC, 0);
	rb_dma_close(d->buf);
	rb_mmio_close(d->regs);
	rb_pci_unref(d->dev);
	assert_int_equal(rb_ctx_live(d->ctx, NULL, 0), 0);
	rb_ctx_unref(d->ctx);
}

static void start_queues(struct disk *d)
{
	uint64_t at = rb_dma_addr(d->buf, 0).value;

	memset(rb_dma_cpu(d->buf), 0, 0x4000);
	rb_dma_publish(d->buf, 0, 0x4000);
	d->tail = d->seen = 0;
	rb_mmio_write32(d->regs, AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	rb_mmio_write64(d->regs, ASQ, at);
	rb_mmio_write64(d->regs, ACQ, at + CQ_AT);
	rb_mmio_write32(d->regs, CC, CC_ON);
	assert_ok(rb_mmio_poll32(d->regs, CSTS, READY, READY, PATIENCE * 1000, NULL));
}

/* Identify the controller (NVM Express 1.4, 5.15). */
static void submit(struct disk *d)
{
	uint8_t *command = (uint8_t *)rb_dma_cpu(d->buf) + (size_t)d->tail % ENTRIES * 64;
	uint64_t data = rb_dma_addr(d->buf, DATA_AT).value;
	uint32_t head = 0x06 | d->tail << 16, cns = 1;

	memset(command, 0, 64);
	memcpy(command, &head, 4);
	memcpy(command + 24, &data, 8);
	memcpy(command + 40, &cns, 4);
	rb_dma_publish(d->buf, (uint64_t)d->tail % ENTRIES * 64, 64);
	d->tail++;
	rb_mmio_write32(d->regs, SQ_TAIL, d->tail % ENTRIES);
}

/* The next entry of the completion queue says that all went well. */
static void expect_completion(struct disk *d)
{
	uint64_t at = CQ_AT + (uint64_t)d->seen % ENTRIES * 16;
	uint16_t status;

	rb_dma_observe(d->buf, at, 16);
	memcpy(&status, (uint8_t *)rb_dma_cpu(d->buf) + at + 14, 2);
	assert_int_equal(status & 1, d->seen / ENTRIES % 2 == 0); /* its phase */
	assert_int_equal(status >> 1, 0);
	d->seen++;
	rb_mmio_write32(d->regs, CQ_HEAD, d->seen % ENTRIES);
}

static void expect_interrupt(struct disk *d)
{
	uint64_t count;

	assert_ok(rb_irq_wait(d->irqs, 0, PATIENCE));
	assert_ok(rb_irq_take(d->irqs, 0, &count));
	assert_int_equal(count, 1);
	assert_ok(rb_irq_take(d->irqs, 0, &count));
	assert_int_equal(count, 0);
}

static void identify(struct disk *d)
{
	submit(d);
	expect_interrupt(d);
	expect_completion(d);
}

static void the_admin_queue_answers_on_entry_0_of_65(void **state)
{
	struct disk d;
	int i;

	(void)state;
	open_disk(&d, 65);
	assert_int_equal(rb_irq_set_count(d.irqs), 65);
	start_queues(&d);

	for (i = 0; i < 40; i++)
		identify(&d);

	rb_dma_observe(d.buf, DATA_AT, 4096);
	assert_memory_equal((uint8_t *)rb_dma_cpu(d.buf) + DATA_AT + 4, "red-bear ", 9);
	assert_int_equal(rb_irq_wait_any(d.irqs, 20), -EBUSY);
	for (i = 1; i < 65; i++)
		assert_int_equal(rb_irq_wait(d.irqs, (unsigned int)i, 0), -ETIMEDOUT);
	close_disk(&d);
}

static void an_answer_while_masked_comes_when_unmasked(void **state)
{
	bool pending = false;
	struct disk d;

	(void)state;
	open_disk(&d, 1);
	start_queues(&d);
	assert_ok(rb_irq_mask(d.irqs, 0, true));

	submit(&d);

	assert_int_equal(rb_irq_wait(d.irqs, 0, 50), -ETIMEDOUT);
	assert_ok(rb_irq_pending(d.irqs, 0, &pending));
	assert_true(pending);
	assert_ok(rb_irq_mask(d.irqs, 0, false));
	expect_interrupt(&d);
	expect_completion(&d);
	close_disk(&d);
}

static void a_function_level_reset_is_survived(void **state)
{
	struct disk d;
	int i;

	(void)state;
	open_disk(&d, 8);
	start_queues(&d);
	identify(&d);

	for (i = 0; i < 3; i++) {
		assert_ok(rb_pci_reset(d.dev));
		assert_ok(rb_pci_set_bus_master(d.dev, true));
		assert_ok(rb_irq_set_restore(d.irqs));
		start_queues(&d);
		identify(&d);
	}
	close_disk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_admin_queue_answers_on_entry_0_of_65),
		cmocka_unit_test(an_answer_while_masked_comes_when_unmasked),
		cmocka_unit_test(a_function_level_reset_is_survived),
	};

	return cmocka_run_group_tests_name("nvme on machine qemu", tests, NULL, NULL);
}
