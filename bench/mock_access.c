/* SPDX-License-Identifier: MIT */
/*
 * mock_access.c - how many registers a driver reads in a second on the mock, by kind
 * of BAR, beside a bare callback under a mutex.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#define READS 1000000u /* of one run */
#define RUNS  9 /* by turns; the best one of each kind counts */
#define GOAL  20.0 /* million reads a second */
#define BAR   4096
#define REG   0x40
#define KINDS 4

static const struct rb_mock_reg regs[] = {
	{ .name = "LOW", .offset = 0, .width = 4, .count = 16, .rw = 0xffffffff },
	{ .name = "STATUS", .offset = REG, .width = 4, .reset = 1, .ro = 0xffff },
	{ .name = "HIGH", .offset = 0x100, .width = 4, .count = 64, .rw = 0xffffffff },
	RB_MOCK_REG_END
};

static uint64_t answer(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	(void)dev;
	(void)width;
	return *(const uint32_t *)arg + off;
}

static void ignore(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		   uint64_t val)
{
	(void)dev;
	(void)arg;
	(void)off;
	(void)width;
	(void)val;
}

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	ids.vendor = 0x1234;
	ids.device = 0x0001;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ops(dev, 0, BAR, 0, answer, ignore, arg);
	rb_mock_bar_ram(dev, 1, BAR, 0);
	rb_mock_bar_map(dev, 2, BAR, 0, regs, NULL);
	return 0;
}

/* The time this thread has had the core, so that neighbours do not count. */
static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double bare(uint32_t *one)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	rb_mock_read_fn volatile call = answer;
	uint64_t sum = 0;
	double t = now_s();
	unsigned int i;

	for (i = 0; i < READS; i++) {
		pthread_mutex_lock(&lock);
		sum += call(NULL, one, REG, 4);
		pthread_mutex_unlock(&lock);
	}
	t = now_s() - t;
	return sum == 0 ? 0 : READS / t / 1e6;
}

static double through(const struct rb_mmio *window)
{
	volatile uint32_t last = 0;
	double t = now_s();
	unsigned int i;

	for (i = 0; i < READS; i++)
		last = rb_mmio_read32(window, REG);
	t = now_s() - t;
	return last == UINT32_MAX ? 0 : READS / t / 1e6;
}

static void measure(struct rb_mmio *const windows[3], uint32_t *one, double best[KINDS])
{
	unsigned int run, kind;
	double rate;

	for (run = 0; run < RUNS; run++) {
		for (kind = 0; kind < KINDS; kind++) {
			rate = kind == 0 ? bare(one) : through(windows[kind - 1]);
			if (rate > best[kind])
				best[kind] = rate;
		}
	}
}

static int open_and_measure(struct rb_pci_dev *dev, uint32_t *one, double best[KINDS])
{
	struct rb_mmio *windows[3] = { NULL, NULL, NULL };
	unsigned int i;
	int rc = 0;

	for (i = 0; i < 3 && rc == 0; i++)
		rc = rb_mmio_map(dev, i, 0, 0, 0, &windows[i]);
	if (rc == 0)
		measure(windows, one, best);
	for (i = 0; i < 3; i++)
		rb_mmio_close(windows[i]);
	return rc;
}

int main(void)
{
	static const char *const names[KINDS] = { "a bare callback under a mutex",
						  "a BAR of functions", "a BAR of RAM",
						  "a register map of 81" };
	double best[KINDS] = { 0, 0, 0, 0 };
	struct rb_mock_dev *model;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;
	uint32_t one = 1;
	unsigned int i;
	int rc;

	rc = rb_ctx_new("mock:watchdog=0", &ctx);
	if (rc == 0) {
		rc = rb_mock_add(ctx, "bench", build, &one, &model);
		if (rc == 0)
			rc = rb_pci_open(ctx, rb_mock_addr(model), &dev);
		if (rc == 0) {
			rc = open_and_measure(dev, &one, best);
			rb_pci_unref(dev);
		}
		rb_ctx_unref(ctx);
	}
	if (rc < 0) {
		printf("register reads on the mock: %s\n", rb_last_error());
		return 1;
	}
	printf("register reads on the mock, one core (goal: %.0f million/s):\n", GOAL);
	for (i = 0; i < KINDS; i++)
		printf("  %-30s %6.1f million/s\n", names[i], best[i]);
	return 0;
}
