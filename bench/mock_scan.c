/* SPDX-License-Identifier: MIT */
/*
 * mock_scan.c - what a scan of the bus costs, at 16, 256 and 4096 functions of the mock.
 *
 * Time is the thread's processor time, for the whole of a scan in this process: the
 * library above the first waist, hosted Redox's pcid below it, and the mock's bus. The
 * first scan of a context is told apart, for pcid looks at the bus then. Calls are those
 * of the first waist, counted by the decorator that fault campaigns use; the runs that
 * are timed have none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#include "host/fault_plan.h"

#define RUNS 11

struct figures {
	double setup_ns; /* per function, each */
	double first_ns;
	double scan_ns;
	unsigned long calls; /* of one scan that is not the first */
};

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t card_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	(void)dev;
	(void)arg;
	(void)width;
	return off;
}

static void card_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	(void)dev;
	(void)arg;
	(void)off;
	(void)width;
	(void)val;
}

/* A network card as most are: two BARs, a pin, MSI, power management, PCI Express. */
static int build_card(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x8086;
	ids.device = 0x10d3;
	ids.class_code = 0x020000;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ops(dev, 0, 4096, 0, card_read, card_write, NULL);
	rb_mock_bar_ops(dev, 2, 16384, RB_MOCK_BAR_64BIT, card_read, card_write, NULL);
	rb_mock_intx_pin(dev, 1);
	rb_mock_cap_pcie(dev, 0);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	rb_mock_cap_pm(dev, 0);
	return 0;
}

static void must(int rc, const char *what)
{
	if (rc >= 0)
		return;
	printf("%s: %d, %s\n", what, rc, rb_last_error());
	exit(1);
}

static struct rb_ctx *open_bus(unsigned int functions)
{
	struct rb_ctx *ctx;
	unsigned int i;

	must(rb_ctx_new("mock", &ctx), "rb_ctx_new");
	for (i = 0; i < functions; i++)
		must(rb_mock_add(ctx, "card", build_card, NULL, NULL), "rb_mock_add");
	return ctx;
}

static void scan(struct rb_ctx *ctx, unsigned int functions)
{
	struct rb_pci_list *list;

	must(rb_pci_scan(ctx, NULL, &list), "rb_pci_scan");
	if (rb_pci_list_count(list) != functions) {
		printf("%zu functions are listed, not %u\n", rb_pci_list_count(list), functions);
		exit(1);
	}
	rb_pci_list_close(list);
}

static void time_it(unsigned int functions, struct figures *f)
{
	double setup[RUNS], first[RUNS], later[RUNS], t;
	unsigned int i;

	for (i = 0; i < RUNS; i++) {
		struct rb_ctx *ctx;

		t = now_ns();
		ctx = open_bus(functions);
		setup[i] = now_ns() - t;
		t = now_ns();
		scan(ctx, functions);
		first[i] = now_ns() - t;
		t = now_ns();
		scan(ctx, functions);
		later[i] = now_ns() - t;
		rb_ctx_unref(ctx);
	}
	qsort(setup, RUNS, sizeof(double), by_number);
	qsort(first, RUNS, sizeof(double), by_number);
	qsort(later, RUNS, sizeof(double), by_number);
	f->setup_ns = setup[RUNS / 2] / functions;
	f->first_ns = first[RUNS / 2] / functions;
	f->scan_ns = later[RUNS / 2] / functions;
}

static void count_it(unsigned int functions, struct figures *f)
{
	struct rbi_fault_plan plan;
	struct rb_ctx *ctx;
	unsigned long before;

	memset(&plan, 0, sizeof(plan)); /* no call is to fail */
	plan.thread = pthread_self();
	rbi_fault_arm(&plan);
	ctx = open_bus(functions);
	rbi_fault_arm(NULL);

	scan(ctx, functions);
	before = plan.calls[RBI_WAIST_SYS];
	scan(ctx, functions);
	f->calls = plan.calls[RBI_WAIST_SYS] - before;
	rb_ctx_unref(ctx);
}

int main(void)
{
	static const unsigned int sizes[] = { 16, 256, 4096 };
	struct figures f[3];
	size_t i;

	for (i = 0; i < 3; i++) {
		time_it(sizes[i], &f[i]);
		count_it(sizes[i], &f[i]);
		printf("scan of %4u functions: %.0f ns a function (median of %d; the first, with "
		       "pcid's own look, %.0f; plugging in %.0f); %lu first-waist calls, %.3f a "
		       "function\n",
		       sizes[i], f[i].scan_ns, RUNS, f[i].first_ns, f[i].setup_ns, f[i].calls,
		       (double)f[i].calls / sizes[i]);
	}
	printf("4096 against 256 functions, per function: scan %.2f, first scan %.2f, plugging in "
	       "%.2f (linear: 1)\n",
	       f[2].scan_ns / f[1].scan_ns, f[2].first_ns / f[1].first_ns,
	       f[2].setup_ns / f[1].setup_ns);
	printf("calls: %.3f for each function more, %.0f for the scan itself\n",
	       (double)(f[2].calls - f[1].calls) / (sizes[2] - sizes[1]),
	       (double)f[1].calls - (double)(f[2].calls - f[1].calls) /
					     (sizes[2] - sizes[1]) * sizes[1]);
	return 0;
}
