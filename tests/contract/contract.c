/* SPDX-License-Identifier: MIT */
/*
 * contract.c - worlds, the runner of scenarios, and the steps they share.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <rbdrv/mock.h>

#include "contract.h"

static const struct world worlds[] = {
	{ "mock, redox-2025", "mock:edu;profile=redox-2025", true },
	{ "mock, base-2026", "mock:edu;profile=base-2026", true },
	{ "mock, redbear-2026", "mock:edu;profile=redbear-2026", true },
	{ "qemu, redox-2025", "qemu:edu;profile=redox-2025", false },
	{ "qemu, base-2026", "qemu:edu;profile=base-2026", false },
	{ "qemu, redbear-2026", "qemu:edu;profile=redbear-2026", false },
};

#define WORLDS (sizeof(worlds) / sizeof(worlds[0]))

/* One scenario in one world. */
struct run {
	const struct scenario *scenario;
	struct stage stage;
	char title[160];
};

/* --- what must not be left behind ------------------------------------------------- */

size_t count_fds(void)
{
	struct dirent *entry;
	size_t count = 0;
	DIR *dir;

	dir = opendir("/proc/self/fd");
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

bool have_children(void)
{
	return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

/* --- the runner --------------------------------------------------------------------- */

static void close_stage(struct stage *stage)
{
	rb_irq_set_close(stage->irqs);
	stage->irqs = NULL;
	rb_dma_close(stage->buf);
	stage->buf = NULL;
	rb_mmio_close(stage->regs);
	stage->regs = NULL;
	rb_pci_unref(stage->dev);
	stage->dev = NULL;
}

static void assert_nothing_is_open(struct rb_ctx *ctx)
{
	char open[512];

	if (rb_ctx_live(ctx, open, sizeof(open)) != 0)
		fail_msg("still open: %s", open);
}

static void assert_the_mock_is_content(const struct run *run)
{
	const struct stage *stage = &run->stage;

	if (!stage->world->mock)
		return;
	if (run->scenario->sloppy)
		assert_int_not_equal(rb_mock_verify(stage->ctx), 0);
	else if (rb_mock_verify(stage->ctx) != 0)
		fail_msg("violation: %s", rb_mock_violation_text(stage->ctx, 0));
}

static void play(void **state)
{
	struct run *run = *state;
	struct stage *stage = &run->stage;
	size_t fds = count_fds();
	char machine[256];
	int rc;

	snprintf(machine, sizeof(machine), "%s%s", stage->world->machine, run->scenario->options);
	rc = rb_ctx_new(machine, &stage->ctx);
	if (rc == -ENOTSUP && !stage->world->mock)
		skip();
	assert_ok(rc);

	run->scenario->play(stage);

	close_stage(stage);
	assert_nothing_is_open(stage->ctx);
	assert_the_mock_is_content(run);
	rb_ctx_unref(stage->ctx);
	stage->ctx = NULL;
	assert_int_equal(count_fds(), fds);
	assert_false(have_children());
}

/* A scenario that failed has left its stage as it was. */
static int clear_stage(void **state)
{
	struct run *run = *state;

	close_stage(&run->stage);
	rb_ctx_unref(run->stage.ctx);
	run->stage.ctx = NULL;
	return 0;
}

int run_scenarios(const char *topic, const struct scenario *scenarios, size_t count)
{
	struct CMUnitTest *tests;
	struct run *runs;
	size_t i;
	int failed;

	runs = calloc(count * WORLDS, sizeof(*runs));
	tests = calloc(count * WORLDS, sizeof(*tests));
	if (runs == NULL || tests == NULL)
		abort();

	for (i = 0; i < count * WORLDS; i++) {
		runs[i].scenario = &scenarios[i / WORLDS];
		runs[i].stage.world = &worlds[i % WORLDS];
		snprintf(runs[i].title, sizeof(runs[i].title), "%s [%s]", runs[i].scenario->name,
			 runs[i].stage.world->name);
		tests[i].name = runs[i].title;
		tests[i].test_func = play;
		tests[i].teardown_func = clear_stage;
		tests[i].initial_state = &runs[i];
	}

	failed = _cmocka_run_group_tests(topic, tests, count * WORLDS, NULL, NULL);
	free(tests);
	free(runs);
	return failed;
}

/* --- shared steps ---------------------------------------------------------------------- */

void assert_done(int rc, const char *what, const char *file, int line)
{
	if (rc == 0)
		return;
	print_error("%s: %s (%s)\n", what, rb_strerror(rc), rb_last_error());
	_assert_int_equal((uintmax_t)(intmax_t)rc, 0, file, line);
}

struct rb_pci_addr find_edu(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	struct rb_pci_addr addr;

	filter.vendor = EDU_VENDOR;
	filter.device = EDU_DEVICE;
	assert_ok(rb_pci_scan(stage->ctx, &filter, &list));
	assert_int_equal(rb_pci_list_count(list), 1);
	addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	rb_pci_list_close(list);
	return addr;
}

void claim_edu(struct stage *stage)
{
	assert_ok(rb_pci_open(stage->ctx, find_edu(stage), &stage->dev));
}

void map_edu(struct stage *stage)
{
	claim_edu(stage);
	assert_ok(rb_mmio_map(stage->dev, 0, 0, 0, RB_MMIO_UC, &stage->regs));
}

void open_edu_irqs(struct stage *stage, enum rb_irq_kind kind)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	uint64_t count;

	map_edu(stage);
	options.kinds = kind;
	assert_ok(rb_irq_set_open(stage->dev, &options, &stage->irqs));
	assert_int_equal(rb_irq_set_kind(stage->irqs), kind);
	assert_int_equal(rb_irq_set_count(stage->irqs), 1);
	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(count, 0);
}

void alloc_edu_dma(struct stage *stage, uint64_t size)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;

	options.addr_bits = 28;
	options.label = "contract";
	assert_ok(rb_dma_alloc(stage->dev, size, &options, &stage->buf));
}

void quiet_edu(struct stage *stage)
{
	uint32_t raised = rb_mmio_read32(stage->regs, EDU_IRQ_STATUS);

	rb_mmio_write32(stage->regs, EDU_IRQ_ACK, raised);
	(void)rb_mmio_read32(stage->regs, EDU_IRQ_STATUS);
}

void run_edu_dma(struct stage *stage, uint64_t src, uint64_t dst, uint32_t count, uint32_t flags)
{
	rb_mmio_write32(stage->regs, EDU_DMA_SRC, (uint32_t)src);
	rb_mmio_write32(stage->regs, EDU_DMA_DST, (uint32_t)dst);
	rb_mmio_write32(stage->regs, EDU_DMA_COUNT, count);
	rb_mmio_write32(stage->regs, EDU_DMA_CMD, EDU_DMA_RUN | flags);
	assert_ok(rb_mmio_poll32(stage->regs, EDU_DMA_CMD, EDU_DMA_RUN, 0,
				 (uint64_t)PATIENCE_MS * 1000, NULL));
}

void expect_irqs(struct stage *stage, uint64_t want)
{
	uint64_t count, total = 0;

	while (total < want) {
		assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));
		for (;;) {
			assert_ok(rb_irq_take(stage->irqs, 0, &count));
			if (count == 0)
				break;
			quiet_edu(stage);
			total += count;
		}
	}
	assert_int_equal(total, want);
	expect_no_irq(stage);
}

void expect_no_irq(struct stage *stage)
{
	assert_int_equal(rb_irq_wait(stage->irqs, 0, QUIET_MS), -ETIMEDOUT);
}
