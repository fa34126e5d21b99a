/* SPDX-License-Identifier: MIT */
/*
 * qemu_read.c - what a register read on machine qemu costs over QEMU's own time.
 *
 * rb_mmio_read32() against a plain client that sends the same line to the same QEMU over
 * the same socket, block by block in turn, so that both meet the same machine. While the
 * client has its turn the bench holds the connection's lock, so the library keeps away.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rbdrv/rbdrv.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "qemu_client.h"

#define BLOCKS 20
#define READS  1000 /* of each kind in a block */
#define EDU_ID 0x010000edu
#define GOAL   1.10

static int64_t library[BLOCKS * READS], client[BLOCKS * READS];

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Microseconds that @percent of @ns stay below; sorts them. */
static double percentile(int64_t *ns, size_t n, unsigned int percent)
{
	qsort(ns, n, sizeof(*ns), by_number);
	return (double)ns[n * percent / 100] / 1000;
}

static int run_library(const struct rb_mmio *regs, int64_t *ns)
{
	int64_t before;
	unsigned int i;
	uint32_t val;

	for (i = 0; i < READS; i++) {
		before = now_ns();
		val = rb_mmio_read32(regs, 0);
		ns[i] = now_ns() - before;
		if (val != EDU_ID)
			return -1;
	}
	return 0;
}

static int run_client(struct rbi_qemu *q, uint64_t addr, int64_t *ns)
{
	int64_t before;
	unsigned int i;
	uint32_t val;
	int rc = 0;

	rbi_qtest_lock(&q->qt);
	for (i = 0; i < READS && rc == 0; i++) {
		before = now_ns();
		rc = client_read32(q->qtest_fd, addr, &val);
		ns[i] = now_ns() - before;
		/* keeps the library's thread asleep, as reads of the library do */
		atomic_fetch_add(&q->qt.commands, 1);
		if (val != EDU_ID)
			rc = -1;
	}
	rbi_qtest_unlock(&q->qt);
	return rc;
}

static int measure(struct rb_ctx *ctx, struct rb_pci_dev *dev, const struct rb_mmio *regs)
{
	struct rbi_qemu *q = rbi_qemu_of(rbi_hosted_machine(ctx->sys));
	uint64_t addr = rb_pci_bar_phys(dev, 0).value;
	unsigned int i;
	double a, b;

	for (i = 0; i < BLOCKS; i++) {
		if (run_library(regs, library + i * READS) < 0 ||
		    run_client(q, addr, client + i * READS) < 0) {
			printf("qemu read: a register did not read as it should\n");
			return 1;
		}
	}
	a = percentile(library, BLOCKS * READS, 50);
	b = percentile(client, BLOCKS * READS, 50);
	printf("QEMU register read, %d of each: rb_mmio_read32 p50 %.2f us (p99 %.2f), "
	       "plain client p50 %.2f us (p99 %.2f), ratio %.3f (goal: at most %.2f)\n",
	       BLOCKS * READS, a, percentile(library, BLOCKS * READS, 99), b,
	       percentile(client, BLOCKS * READS, 99), a / b, GOAL);
	return 0;
}

/* The first edu of @ctx, claimed, with BAR0 mapped. */
static int open_edu(struct rb_ctx *ctx, struct rb_pci_dev **dev, struct rb_mmio **regs)
{
	struct rb_pci_filter edu = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc;

	edu.vendor = 0x1234;
	edu.device = 0x11e8;
	rc = rb_pci_scan(ctx, &edu, &list);
	if (rc == 0 && rb_pci_list_count(list) == 0)
		rc = -ENOENT;
	if (rc == 0)
		rc = rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), dev);
	rb_pci_list_close(list);
	return rc < 0 ? rc : rb_mmio_map(*dev, 0, 0, 0, RB_MMIO_UC, regs);
}

int main(void)
{
	struct rb_ctx *ctx = NULL;
	struct rb_pci_dev *dev = NULL;
	struct rb_mmio *regs = NULL;
	int rc = rb_ctx_new("qemu:edu", &ctx), bad = 1;

	if (rc == -ENOTSUP) {
		printf("qemu read: %s, no figure\n", rb_last_error());
		return 0;
	}
	if (rc == 0)
		rc = open_edu(ctx, &dev, &regs);
	if (rc == 0)
		bad = measure(ctx, dev, regs);
	else
		printf("qemu read: %s: %s\n", rb_strerror(rc), rb_last_error());
	rb_mmio_close(regs);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
	return bad;
}
