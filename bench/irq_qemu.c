/* SPDX-License-Identifier: MIT */
/*
 * irq_qemu.c - on machine qemu, from the register write that raises an interrupt to the
 * return of rb_irq_wait().
 *
 * Beside it a plain client that sends the same write to the same QEMU over the same
 * socket and polls the same eventfd, block by block in turn: once with QEMU's answer to
 * the write read after the poll, and once before it. The latter is what the library does,
 * so that a take counts all that was raised before it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <rbdrv/rbdrv.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "qemu_client.h"

#define BLOCKS	  20
#define ROUNDS	  1000 /* of each kind in a block */
#define EDU_RAISE 0x60
#define CAP_MSI	  0x05
#define WAIT_MS	  5000

static int64_t library[BLOCKS * ROUNDS], client[BLOCKS * ROUNDS], ordered[BLOCKS * ROUNDS];

struct rig {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	struct rbi_qemu *q;
	int eventfd; /* of the one vector */
};

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

static int run_library(struct rig *rig, int64_t *ns)
{
	uint64_t count, total;
	int64_t before;
	unsigned int i;
	int rc = 0;

	for (i = 0; i < ROUNDS && rc == 0; i++) {
		before = now_ns();
		rb_mmio_write32(rig->regs, EDU_RAISE, 1);
		rc = rb_irq_wait(rig->irqs, 0, WAIT_MS);
		ns[i] = now_ns() - before;
		total = 0;
		do {
			rc = rc < 0 ? rc : rb_irq_take(rig->irqs, 0, &count);
			total += count;
		} while (rc == 0 && count > 0);
		if (rc == 0 && total != 1)
			rc = -EIO;
	}
	return rc;
}

static int run_client(struct rig *rig, bool answer_first, int64_t *ns)
{
	uint64_t addr = rb_pci_bar_phys(rig->dev, 0).value + EDU_RAISE, count;
	struct pollfd pfd = { rig->eventfd, POLLIN, 0 };
	int64_t before;
	unsigned int i;
	int rc = 0;

	rbi_qtest_lock(&rig->q->qt);
	for (i = 0; i < ROUNDS && rc == 0; i++) {
		before = now_ns();
		rc = client_send_write32(rig->q->qtest_fd, addr, 1);
		if (rc == 0 && answer_first)
			rc = client_end_write(rig->q->qtest_fd);
		if (rc == 0 && poll(&pfd, 1, WAIT_MS) != 1)
			rc = -1;
		ns[i] = now_ns() - before;
		if (rc == 0 && !answer_first)
			rc = client_end_write(rig->q->qtest_fd);
		/* keeps the library's thread asleep, as accesses of the library do */
		atomic_fetch_add(&rig->q->qt.commands, 1);
		if (rc == 0 && (read(rig->eventfd, &count, sizeof(count)) < 0 || count != 1))
			rc = -1;
	}
	rbi_qtest_unlock(&rig->q->qt);
	return rc;
}

static int measure(struct rig *rig)
{
	unsigned int i;
	double a, b, c;

	for (i = 0; i < BLOCKS; i++) {
		if (run_library(rig, library + i * ROUNDS) < 0 ||
		    run_client(rig, false, client + i * ROUNDS) < 0 ||
		    run_client(rig, true, ordered + i * ROUNDS) < 0) {
			printf("irq qemu: an interrupt did not come as it should\n");
			return 1;
		}
	}
	a = percentile(library, BLOCKS * ROUNDS, 50);
	b = percentile(client, BLOCKS * ROUNDS, 50);
	c = percentile(ordered, BLOCKS * ROUNDS, 50);
	printf("QEMU register write to interrupt, %d of each: rb_irq_wait p50 %.2f us (p99 %.2f), "
	       "plain client p50 %.2f us (p99 %.2f), ratio %.3f; plain client that reads the "
	       "answer first p50 %.2f us (p99 %.2f), ratio %.3f\n",
	       BLOCKS * ROUNDS, a, percentile(library, BLOCKS * ROUNDS, 99), b,
	       percentile(client, BLOCKS * ROUNDS, 99), a / b, c,
	       percentile(ordered, BLOCKS * ROUNDS, 99), a / c);
	return 0;
}

/* The eventfd behind the one message of the device. */
static int find_eventfd(struct rig *rig)
{
	unsigned int cap;
	uint16_t data;
	int rc;

	rc = rb_pci_find_cap(rig->dev, CAP_MSI, &cap);
	if (rc == 0)
		rc = rb_pci_config_read16(rig->dev, cap + 12, &data);
	if (rc < 0)
		return rc;
	if (data >= rig->q->irq.nvectors)
		return -EPROTO;
	rig->eventfd = rig->q->irq.vector[data];
	return 0;
}

/* The first edu, claimed, with BAR0 mapped and its MSI on. */
static int open_edu(struct rig *rig)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_pci_filter edu = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	uint64_t count;
	int rc;

	edu.vendor = 0x1234;
	edu.device = 0x11e8;
	rc = rb_pci_scan(rig->ctx, &edu, &list);
	if (rc == 0 && rb_pci_list_count(list) == 0)
		rc = -ENOENT;
	if (rc == 0)
		rc = rb_pci_open(rig->ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &rig->dev);
	rb_pci_list_close(list);
	if (rc == 0)
		rc = rb_mmio_map(rig->dev, 0, 0, 0, RB_MMIO_UC, &rig->regs);
	options.kinds = RB_IRQ_MSI;
	if (rc == 0)
		rc = rb_irq_set_open(rig->dev, &options, &rig->irqs);
	if (rc == 0)
		rc = rb_irq_take(rig->irqs, 0, &count);
	if (rc < 0)
		return rc;
	rig->q = rbi_qemu_of(rbi_hosted_machine(rig->ctx->sys));
	return find_eventfd(rig);
}

int main(void)
{
	struct rig rig = { .eventfd = -1 };
	int rc = rb_ctx_new("qemu:edu", &rig.ctx), bad = 1;

	if (rc == -ENOTSUP) {
		printf("irq qemu: %s, no figure\n", rb_last_error());
		return 0;
	}
	if (rc == 0)
		rc = open_edu(&rig);
	if (rc == 0)
		bad = measure(&rig);
	else
		printf("irq qemu: %s: %s\n", rb_strerror(rc), rb_last_error());
	rb_irq_set_close(rig.irqs);
	rb_mmio_close(rig.regs);
	rb_pci_unref(rig.dev);
	rb_ctx_unref(rig.ctx);
	return bad;
}
