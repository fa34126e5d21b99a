/* SPDX-License-Identifier: MIT */
/*
 * test_irq_long.c - a hundred thousand interrupts of QEMU's devices, counted. Part of
 * make check-long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include <errno.h>

#include <rbdrv/rbdrv.h>

#define TOTAL	 100000
#define BATCH	 100
#define PATIENCE 10000 /* ms */
#define PACE_NS	 160000

#define EDU_RAISE 0x60
#define NIC_STATUS   0x08
#define NIC_CTRL_EXT 0x18 /* e1000e: qemu-notes 4 */
#define NIC_ICR	     0xc0
#define NIC_ICS	     0xc8
#define NIC_IMS	     0xd0
#define NIC_IMC	     0xd8
#define NIC_EIAC     0xdc
#define NIC_IVAR     0xe4
#define NIC_CAUSES   0x01f00000u
#define NIC_VECTORS  5u

struct bench {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	struct timespec start;
};

static void assert_ok(int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", rb_strerror(rc), rb_last_error());
}

static void begin(struct bench *b, const char *machine, uint16_t vendor, uint16_t device,
		  uint32_t kind, uint32_t vectors)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc = rb_ctx_new(machine, &b->ctx);

	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);
	filter.vendor = vendor;
	filter.device = device;
	assert_ok(rb_pci_scan(b->ctx, &filter, &list));
	assert_int_equal(rb_pci_list_count(list), 1);
	assert_ok(rb_pci_open(b->ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &b->dev));
	rb_pci_list_close(list);
	assert_ok(rb_mmio_map(b->dev, 0, 0, 0, RB_MMIO_UC, &b->regs));
	options.kinds = kind;
	options.min = vectors;
	assert_ok(rb_irq_set_open(b->dev, &options, &b->irqs));
	clock_gettime(CLOCK_MONOTONIC, &b->start);
}

static void end(struct bench *b, const char *what)
{
	struct timespec now;
	uint64_t count;
	unsigned int i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (i = 0; i < rb_irq_set_count(b->irqs); i++) {
		assert_int_equal(rb_irq_wait(b->irqs, i, 50), -ETIMEDOUT);
		assert_ok(rb_irq_take(b->irqs, i, &count));
		assert_int_equal(count, 0);
	}
	print_message("%d interrupts of %s in %.1f s\n", TOTAL, what,
		      (double)(now.tv_sec - b->start.tv_sec) +
			      (double)(now.tv_nsec - b->start.tv_nsec) / 1e9);
	rb_irq_set_close(b->irqs);
	rb_mmio_close(b->regs);
	rb_pci_unref(b->dev);
	rb_ctx_unref(b->ctx);
}

/* Take until nothing is left: how many there were. */
static uint64_t take_all(struct bench *b, unsigned int vector)
{
	uint64_t count, total = 0;

	do {
		assert_ok(rb_irq_take(b->irqs, vector, &count));
		total += count;
	} while (count > 0);
	return total;
}

static void messages_of_edu_in_batches_are_all_counted(void **state)
{
	struct bench b = { 0 };
	uint64_t seen;
	int i, k;

	(void)state;
	begin(&b, "qemu:edu", 0x1234, 0x11e8, RB_IRQ_MSI, 1);
	(void)take_all(&b, 0);

	for (i = 0; i < TOTAL; i += BATCH) {
		for (k = 0; k < BATCH; k++)
			rb_mmio_write32(b.regs, EDU_RAISE, 1);
		for (seen = 0; seen < BATCH; seen += take_all(&b, 0))
			assert_ok(rb_irq_wait(b.irqs, 0, PATIENCE));
		assert_int_equal(seen, BATCH);
	}

	end(&b, "edu by MSI");
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The device holds back what comes on a vector within 128 us of the last message, and then
 * sends one too many (qemu-notes 4). The read lets its timers run. */
static void pace(struct bench *b, int64_t last)
{
	while (now_ns() - last < PACE_NS)
		;
	(void)rb_mmio_read32(b->regs, NIC_STATUS);
}

/* One at a time on five vectors in turn. */
static void messages_of_e1000e_on_five_vectors_are_all_counted(void **state)
{
	int64_t last[NIC_VECTORS] = { 0 };
	struct bench b = { 0 };
	unsigned int v;
	int i;

	(void)state;
	begin(&b, "qemu:e1000e", 0x8086, 0x10d3, RB_IRQ_MSIX, NIC_VECTORS);
	rb_mmio_write32(b.regs, NIC_IMC, 0xffffffff);
	rb_mmio_write32(b.regs, NIC_ICR, 0xffffffff);
	for (v = 0; v < NIC_VECTORS; v++)
		(void)take_all(&b, v);
	rb_mmio_write32(b.regs, NIC_CTRL_EXT, 1u << 27);
	rb_mmio_write32(b.regs, NIC_IVAR, 0xcba98);
	rb_mmio_write32(b.regs, NIC_EIAC, NIC_CAUSES);
	rb_mmio_write32(b.regs, NIC_IMS, NIC_CAUSES);

	for (i = 0; i < TOTAL; i++) {
		v = (unsigned int)i % NIC_VECTORS;
		pace(&b, last[v]);
		rb_mmio_write32(b.regs, NIC_ICS, 0x00100000u << v);
		assert_ok(rb_irq_wait(b.irqs, v, PATIENCE));
		last[v] = now_ns();
		assert_int_equal(take_all(&b, v), 1);
	}

	end(&b, "e1000e by MSI-X, one at a time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_of_edu_in_batches_are_all_counted),
		cmocka_unit_test(messages_of_e1000e_on_five_vectors_are_all_counted),
	};

	return cmocka_run_group_tests_name("many interrupts", tests, NULL, NULL);
}
