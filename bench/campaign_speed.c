/* SPDX-License-Identifier: MIT */
/* campaign_speed.c - how many faults a second rb_mock_campaign() plays. */
#include <stdio.h>
#include <time.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#define POINTS 500
#define GOAL_S 10.0 /* for so many */

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A small driver: claims, maps, opens an interrupt, allocates memory. */
static int body(struct rb_ctx *ctx, void *arg)
{
	struct rb_irq_set *irqs = NULL;
	struct rb_dma_buf *buf = NULL;
	struct rb_mmio *regs = NULL;
	struct rb_pci_dev *dev;
	int rc;

	(void)arg;
	rc = rb_pci_open(ctx, rb_pci_addr_make(0, 0, 1, 0), &dev);
	if (rc < 0)
		return rc;
	rc = rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs);
	if (rc == 0)
		rc = rb_irq_set_open(dev, NULL, &irqs);
	if (rc == 0)
		rc = rb_dma_alloc(dev, 4096, NULL, &buf);
	rb_dma_close(buf);
	rb_irq_set_close(irqs);
	rb_mmio_close(regs);
	rb_pci_unref(dev);
	return rc;
}

int main(void)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;
	struct rb_mock_report *report;
	double start = now_s(), took;
	int rc;

	options.max_points = POINTS;
	rc = rb_mock_campaign("mock:edu", body, NULL, &options, &report);
	took = now_s() - start;
	if (rc != 0) {
		printf("fault campaign: %s\n",
		       rc < 0 ? rb_last_error() : rb_mock_report_text(report, 0));
		rb_mock_report_close(rc < 0 ? NULL : report);
		return 1;
	}
	printf("fault campaign: %zu points in %.2f s, %.0f a second (goal: %d in %.0f s)\n",
	       rb_mock_report_points(report), took, (double)rb_mock_report_points(report) / took,
	       POINTS, GOAL_S);
	rb_mock_report_close(report);
	return 0;
}
