/* SPDX-License-Identifier: MIT */
/* long_mock_irq.c - a million interrupts of each kind of message, and the count exact. */
#include "mock_fixture.h"

#include <errno.h>

#define MILLION 1000000u
#define VECTORS 4

static int build(struct rb_mock_dev *d, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	rb_mock_ids(d, &ids);
	rb_mock_cap_msi(d, 2, RB_MOCK_MSI_64BIT);
	rb_mock_cap_msix(d, VECTORS, 0, 0, 0, 0x800);
	return rb_mock_bar_ram(d, 0, 0x1000, 0);
}

struct run {
	struct rb_ctx *ctx;
	struct rb_mock_dev *mock;
	struct rb_irq_set *set;
	unsigned int fired;
	uint64_t sent[VECTORS], got[VECTORS];
};

/* The device: now one, now some, on one vector after another. */
static void fire_some(struct run *r)
{
	unsigned int i, vector = r->fired % VECTORS, n = 1 + r->fired / 7 % 5;

	for (i = 0; i < n && r->fired < MILLION; i++, r->fired++) {
		if (rb_irq_set_kind(r->set) == RB_IRQ_MSIX)
			assert_int_equal(rb_mock_msix(r->mock, vector), 1);
		else
			assert_int_equal(rb_mock_msi(r->mock, vector), 1);
		r->sent[vector]++;
	}
}

/* The driver: the loop of irq.h, and more interrupts between read and acknowledge. */
static void serve(struct run *r)
{
	uint64_t count;
	int v;

	v = rb_irq_wait_any(r->set, 1000);
	assert_in_range(v, 0, VECTORS - 1);
	for (;;) {
		assert_int_equal(rb_irq_take(r->set, (unsigned int)v, &count), 0);
		if (count == 0)
			return;
		r->got[v] += count;
		if (r->fired % 3 == 0)
			fire_some(r);
	}
}

static uint64_t total(const uint64_t *counts)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < VECTORS; i++)
		n += counts[i];
	return n;
}

static void a_million(uint32_t kind)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	struct run r = { 0 };
	struct rb_pci_dev *dev;
	unsigned int i;

	options.kinds = kind;
	options.min = VECTORS;
	assert_int_equal(rb_ctx_new("mock", &r.ctx), 0);
	assert_int_equal(rb_mock_add(r.ctx, "busy", build, NULL, &r.mock), 0);
	assert_int_equal(rb_pci_open(r.ctx, rb_mock_addr(r.mock), &dev), 0);
	assert_int_equal(rb_irq_set_open(dev, &options, &r.set), 0);

	while (r.fired < MILLION) {
		fire_some(&r);
		serve(&r);
	}
	while (total(r.got) < MILLION)
		serve(&r);

	assert_int_equal(rb_irq_wait_any(r.set, 10), -ETIMEDOUT);
	for (i = 0; i < VECTORS; i++) {
		assert_int_equal(r.got[i], r.sent[i]);
		assert_int_equal(rb_irq_stats_read(r.set, i, &stats), 0);
		assert_int_equal(stats.interrupts, r.sent[i]);
	}
	assert_int_equal(total(r.got), MILLION);
	rb_irq_set_close(r.set);
	rb_pci_unref(dev);
	assert_int_equal(rb_mock_verify(r.ctx), 0);
	rb_ctx_unref(r.ctx);
}

static void a_million_msix_interrupts_are_counted_exactly(void **state)
{
	(void)state;
	a_million(RB_IRQ_MSIX);
}

static void a_million_msi_interrupts_are_counted_exactly(void **state)
{
	(void)state;
	a_million(RB_IRQ_MSI);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_msix_interrupts_are_counted_exactly),
		cmocka_unit_test(a_million_msi_interrupts_are_counted_exactly),
	};

	return cmocka_run_group_tests_name("long_mock_irq", tests, NULL, NULL);
}
