/* SPDX-License-Identifier: MIT */
/*
 * test_contract_lifetime.c - who holds whom, what is left, and fork().
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

/* --- the ledger ----------------------------------------------------------------------- */

static void the_ledger_names_what_is_open(struct stage *stage)
{
	char text[256];

	assert_int_equal(rb_ctx_live(stage->ctx, NULL, 0), 0);
	open_edu_irqs(stage, RB_IRQ_MSI);
	alloc_edu_dma(stage, 4096);

	assert_int_equal(rb_ctx_live(stage->ctx, text, sizeof(text)), 4);

	assert_non_null(strstr(text, "PCI device"));
	assert_non_null(strstr(text, "contract"));
	assert_int_equal(rb_ctx_live(stage->ctx, text, 1), 4);
	assert_int_equal(text[0], '\0');
}

static void parents_may_be_released_before_their_children(struct stage *stage)
{
	struct stage *other = second_stage(stage);

	open_edu_irqs(other, RB_IRQ_MSI);
	alloc_edu_dma(other, 4096);

	rb_ctx_unref(other->ctx);
	other->ctx = NULL;
	rb_pci_unref(other->dev);
	other->dev = NULL;

	assert_int_equal(rb_mmio_read32(other->regs, EDU_ID), EDU_ID_VALUE);
	rb_mmio_write32(other->regs, EDU_IRQ_RAISE, 1);
	expect_irqs(other, 1);
}

static void the_last_child_ends_the_claim(struct stage *stage)
{
	struct rb_pci_dev *second;

	map_edu(stage);
	rb_pci_unref(stage->dev);
	stage->dev = NULL;
	assert_int_equal(rb_pci_open(stage->ctx, find_edu(stage), &second), -EBUSY);

	rb_mmio_close(stage->regs);
	stage->regs = NULL;

	assert_int_equal(rb_ctx_live(stage->ctx, NULL, 0), 0);
	claim_edu(stage);
}

static void contexts_know_nothing_of_each_other(struct stage *stage)
{
	struct stage *other;

	open_edu_irqs(stage, RB_IRQ_MSI);
	other = second_stage(stage);
	open_edu_irqs(other, RB_IRQ_MSI);

	rb_mmio_write32(other->regs, EDU_LIVENESS, 1);
	rb_mmio_write32(other->regs, EDU_IRQ_RAISE, 1);

	assert_int_equal(rb_mmio_read32(other->regs, EDU_LIVENESS), 0xfffffffe);
	assert_int_not_equal(rb_mmio_read32(stage->regs, EDU_LIVENESS), 0xfffffffe);
	expect_irqs(other, 1);
	expect_no_irq(stage);
}

static void opening_and_closing_often_leaves_nothing(struct stage *stage)
{
	size_t fds = 0;
	int i;

	for (i = 0; i < 20; i++) {
		map_edu(stage);
		assert_ok(rb_dma_alloc(stage->dev, 3 * 4096, NULL, &stage->buf));
		assert_ok(rb_irq_set_open(stage->dev, NULL, &stage->irqs));
		assert_int_equal(rb_irq_wait(stage->irqs, 0, 0), -ETIMEDOUT);
		close_stage(stage);

		/* what is pooled is pooled by the second round */
		if (i == 1)
			fds = count_fds();
		else if (i > 1)
			assert_int_equal(count_fds(), fds);
	}
}

/* --- bus mastering ---------------------------------------------------------------------- */

static bool masters_the_bus(struct stage *stage)
{
	uint16_t command;

	assert_ok(rb_pci_config_read16(stage->dev, 0x04, &command));
	return (command & 0x0004) != 0;
}

static void memory_goes_back_while_messages_need_the_bus(struct stage *stage)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;

	open_edu_irqs(stage, RB_IRQ_MSI);
	alloc_edu_dma(stage, 4096);

	rb_dma_close(stage->buf);
	stage->buf = NULL;

	assert_true(masters_the_bus(stage));
	assert_ok(rb_dma_stats_read(stage->dev, &stats));
	assert_int_equal(stats.buffers, 0);
	assert_int_equal(stats.quarantined, 0);
	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 1);
	expect_irqs(stage, 1);
}

/* --- fork() ------------------------------------------------------------------------------ */

static int child_cannot_open(struct stage *stage)
{
	struct rb_pci_addr addr = rb_pci_info_addr(rb_pci_info(stage->dev));
	struct rb_pci_list *list;
	struct rb_irq_set *irqs;
	struct rb_pci_dev *dev;
	struct rb_dma_buf *buf;
	struct rb_mmio *regs;

	MUST(rb_pci_scan(stage->ctx, NULL, &list) == -ENODEV && list == NULL);
	MUST(rb_pci_open(stage->ctx, addr, &dev) == -ENODEV && dev == NULL);
	MUST(rb_mmio_map(stage->dev, 0, 0, 0, 0, &regs) == -ENODEV && regs == NULL);
	MUST(rb_dma_alloc(stage->dev, 64, NULL, &buf) == -ENODEV && buf == NULL);
	MUST(rb_irq_set_open(stage->dev, NULL, &irqs) == -ENODEV && irqs == NULL);
	MUST(strlen(rb_last_error()) > 0);
	return 0;
}

static int child_cannot_use(struct stage *stage)
{
	uint64_t count = 1;
	uint32_t val = 0;

	MUST(rb_pci_config_read32(stage->dev, 0, &val) == -ENODEV && val == 0xffffffff);
	MUST(rb_pci_config_write32(stage->dev, 0x3c, 0) == -ENODEV);
	MUST(rb_pci_set_bus_master(stage->dev, false) == -ENODEV);
	MUST(rb_mmio_read32(stage->regs, EDU_ID) == 0xffffffff);
	MUST(rb_mmio_error(stage->regs) == -ENODEV);
	rb_mmio_write32(stage->regs, EDU_LIVENESS, 7);
	MUST(rb_mmio_poll32(stage->regs, EDU_ID, 1, 1, 0, NULL) == -ENODEV);
	MUST(rb_irq_take(stage->irqs, 0, &count) == -ENODEV && count == 0);
	MUST(rb_irq_wait(stage->irqs, 0, -1) == -ENODEV);
	MUST(rb_irq_wait_any(stage->irqs, -1) == -ENODEV);
	MUST(rb_irq_fd(stage->irqs, 0) == -ENODEV);
	MUST(rb_irq_cancel(stage->irqs) == -ENODEV);
	MUST(rb_poll(stage->ctx, NULL, 0, -1) == -ENODEV);
	MUST(rb_time_ns(stage->ctx) == 0);
	rb_delay_us(stage->ctx, 1000000000);
	return 0;
}

static int child_only_releases(struct stage *stage)
{
	rb_irq_set_close(stage->irqs);
	rb_dma_close(stage->buf);
	rb_mmio_close(stage->regs);
	rb_pci_unref(stage->dev);
	rb_ctx_unref(stage->ctx);
	return 0;
}

static void parent_goes_on(struct stage *stage)
{
	rb_mmio_write32(stage->regs, EDU_LIVENESS, 0xffff0000);
	assert_int_equal(rb_mmio_read32(stage->regs, EDU_LIVENESS), 0x0000ffff);
	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 1);
	expect_irqs(stage, 1);
	rb_dma_publish(stage->buf, 0, 64);
	run_edu_dma(stage, rb_dma_addr(stage->buf, 0).value, EDU_INTERNAL, 64, 0);
}

static void in_a_child_nothing_can_be_opened(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_MSI);
	alloc_edu_dma(stage, 4096);

	fork_and_play(stage, child_cannot_open);

	parent_goes_on(stage);
}

static void in_a_child_nothing_can_be_used(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_MSI);
	alloc_edu_dma(stage, 4096);

	fork_and_play(stage, child_cannot_use);

	parent_goes_on(stage);
}

static void a_child_that_releases_takes_nothing_from_its_parent(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_INTX);
	alloc_edu_dma(stage, 4096);

	fork_and_play(stage, child_only_releases);

	parent_goes_on(stage);
}

static int child_opens_its_own(struct stage *stage)
{
	struct stage own = { .world = stage->world };

	rb_ctx_unref(stage->ctx);
	MUST(rb_ctx_new(stage->world->machine, &own.ctx) == 0);
	MUST(rb_pci_open(own.ctx, rb_pci_info_addr(rb_pci_info(stage->dev)), &own.dev) == 0);
	MUST(rb_mmio_map(own.dev, 0, 0, 0, 0, &own.regs) == 0);
	MUST(rb_mmio_read32(own.regs, EDU_ID) == EDU_ID_VALUE);
	rb_mmio_close(own.regs);
	rb_pci_unref(own.dev);
	MUST(rb_ctx_live(own.ctx, NULL, 0) == 0);
	rb_ctx_unref(own.ctx);
	return 0;
}

static void a_child_opens_a_world_of_its_own(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_MSI);
	alloc_edu_dma(stage, 4096);

	fork_and_play(stage, child_opens_its_own);

	parent_goes_on(stage);
}

static const struct scenario scenarios[] = {
	SCENARIO(the_ledger_names_what_is_open),
	SCENARIO(parents_may_be_released_before_their_children),
	SCENARIO(the_last_child_ends_the_claim),
	SCENARIO(contexts_know_nothing_of_each_other),
	SCENARIO(opening_and_closing_often_leaves_nothing),
	SCENARIO(memory_goes_back_while_messages_need_the_bus),
	SCENARIO(in_a_child_nothing_can_be_opened),
	SCENARIO(in_a_child_nothing_can_be_used),
	SCENARIO(a_child_that_releases_takes_nothing_from_its_parent),
	SCENARIO(a_child_opens_a_world_of_its_own),
};

int main(void)
{
	return RUN_SCENARIOS("lifetime", scenarios);
}
