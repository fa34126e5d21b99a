/* SPDX-License-Identifier: MIT */
/*
 * contract_steps.c - the steps that scenarios share.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract.h"

int strange_code;
bool silent_code;

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

void close_stage(struct stage *stage)
{
	size_t i;

	rb_irq_set_close(stage->irqs);
	stage->irqs = NULL;
	rb_dma_unmap(stage->map);
	stage->map = NULL;
	rb_dma_ring_close(stage->ring);
	rb_dma_ring_close(stage->second_ring);
	stage->ring = stage->second_ring = NULL;
	for (i = 0; i < sizeof(stage->elems) / sizeof(stage->elems[0]); i++) {
		rb_dma_pool_put(stage->pool, stage->elems[i]);
		stage->elems[i] = NULL;
	}
	rb_dma_cache_close(stage->cache);
	stage->cache = NULL;
	rb_dma_pool_close(stage->pool);
	stage->pool = NULL;
	rb_dma_close(stage->buf);
	stage->buf = NULL;
	rb_mmio_close(stage->regs);
	stage->regs = NULL;
	rb_pio_close(stage->ports);
	stage->ports = NULL;
	rb_pci_saved_close(stage->saved);
	stage->saved = NULL;
	rb_pci_unref(stage->dev);
	stage->dev = NULL;
	rb_pci_list_close(stage->list);
	stage->list = NULL;
	rb_pci_view_close(stage->view);
	stage->view = NULL;
	rb_pci_caps_close(stage->caps);
	stage->caps = NULL;
	rb_pci_list_close(stage->now);
	rb_pci_list_close(stage->arrived);
	rb_pci_list_close(stage->departed);
	stage->now = stage->arrived = stage->departed = NULL;
	if (stage->other != NULL) {
		close_stage(stage->other);
		rb_ctx_unref(stage->other->ctx);
		stage->other->ctx = NULL;
	}
	stage->other = NULL;
}

/* --- shared steps ---------------------------------------------------------------------- */

void assert_done(int rc, const char *what, const char *file, int line)
{
	if (rc == 0)
		return;
	if (strcmp(rb_strerror(rc), "unknown error") == 0)
		strange_code = rc;
	if (rb_last_error()[0] == '\0')
		silent_code = true;
	print_error("%s: %s (%s)\n", what, rb_strerror(rc), rb_last_error());
	_assert_int_equal((uintmax_t)(intmax_t)rc, 0, file, line);
}

struct stage *second_stage(struct stage *stage)
{
	static struct stage other;

	memset(&other, 0, sizeof(other));
	other.world = stage->world;
	stage->other = &other;
	assert_ok(rb_ctx_new(stage->world->machine, &other.ctx));
	return &other;
}

struct rb_pci_addr find_edu(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_addr addr = { 0 };
	struct rb_pci_list *list;
	size_t count;

	filter.vendor = EDU_VENDOR;
	filter.device = EDU_DEVICE;
	assert_ok(rb_pci_scan(stage->ctx, &filter, &list));
	count = rb_pci_list_count(list);
	if (count > 0)
		addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	rb_pci_list_close(list);
	assert_int_equal(count, 1);
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

/* The child answers 0 or the line that failed. */
void play_in_a_child(struct stage *stage, int (*play)(struct stage *stage), const char *file)
{
	int pipe_fds[2], line = -1, status;
	pid_t child;

	assert_int_equal(pipe(pipe_fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		alarm(20);
		line = play(stage);
		_exit(write(pipe_fds[1], &line, sizeof(line)) != sizeof(line));
	}

	close(pipe_fds[1]);
	if (read(pipe_fds[0], &line, sizeof(line)) != sizeof(line))
		line = -1;
	close(pipe_fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (line != 0)
		fail_msg("%s:%d does not hold in a child (status %#x)", file, line, status);
	assert_int_equal(status, 0);
}
