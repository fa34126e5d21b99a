/* SPDX-License-Identifier: MIT */
/*
 * test_campaign_edu.c - the whole edu driver, as examples/edu.c drives it, once for
 * every fault that may befall it: scan, claim, map, messages, factorial, DMA, the
 * line, close.
 *
 * The driver looks at nothing it need not look at. What the device answered goes into
 * a result, and it is the campaign that compares it with an undisturbed run's: a
 * call that hides a failure is found by what comes of it.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <rbdrv/mock.h>

#include "contract.h"

#define DMA_BYTES  512u
#define DMA_BACK   2048u
#define INTERRUPTS 3
#define POINTS	   200 /* of a campaign that is not played whole */

/* What the device did. */
struct seen {
	uint32_t id;
	uint32_t answer;
	uint32_t factorial[2];
	uint64_t interrupts[2];
	uint8_t bytes[DMA_BYTES];
};

static struct seen seen;

/* --- the driver ------------------------------------------------------------------------ */

/* The library has failed: its code, or 2 when it has not said why. */
static int failed(int rc)
{
	return rb_last_error()[0] != '\0' ? rc : 2;
}

static int find(struct stage *edu, struct rb_pci_addr *addr)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc;

	filter.vendor = EDU_VENDOR;
	filter.device = EDU_DEVICE;
	rc = rb_pci_scan(edu->ctx, &filter, &list);
	if (rc < 0)
		return failed(rc);
	if (rb_pci_list_count(list) > 0)
		*addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	else
		rc = -ENOENT;
	rb_pci_list_close(list);
	return rc;
}

static int claim_and_map(struct stage *edu, struct rb_pci_addr addr)
{
	int rc;

	rc = rb_pci_open(edu->ctx, addr, &edu->dev);
	if (rc == 0)
		rc = rb_mmio_map(edu->dev, 0, 0, 0, RB_MMIO_UC, &edu->regs);
	if (rc < 0)
		return failed(rc);
	seen.id = rb_mmio_read32(edu->regs, EDU_ID);
	rb_mmio_write32(edu->regs, EDU_LIVENESS, 0x12345678);
	seen.answer = rb_mmio_read32(edu->regs, EDU_LIVENESS);
	return rb_mmio_error(edu->regs);
}

/* Take what came, quieting the device each time. */
static int drain(struct stage *edu, uint64_t *total)
{
	uint64_t count;
	int rc;

	for (;;) {
		rc = rb_irq_take(edu->irqs, 0, &count);
		if (rc < 0)
			return failed(rc);
		if (count == 0)
			return 0;
		*total += count;
		quiet_edu(edu);
		rc = rb_mmio_error(edu->regs);
		if (rc < 0)
			return failed(rc);
	}
}

static int collect(struct stage *edu, uint64_t want, uint64_t *total)
{
	int rc = 0;

	want += *total;
	while (rc == 0 && *total < want) {
		rc = rb_irq_wait(edu->irqs, 0, PATIENCE_MS);
		if (rc < 0)
			return failed(rc);
		rc = drain(edu, total);
	}
	return rc;
}

static int factorial(struct stage *edu, int kind)
{
	int rc;

	rb_mmio_write32(edu->regs, EDU_STATUS, EDU_STATUS_IRQ);
	rb_mmio_write32(edu->regs, EDU_FACTORIAL, 10);
	rc = collect(edu, 1, &seen.interrupts[kind]);
	if (rc < 0)
		return rc;
	seen.factorial[kind] = rb_mmio_read32(edu->regs, EDU_FACTORIAL);
	return rb_mmio_error(edu->regs);
}

static int transfer(struct stage *edu, uint64_t src, uint64_t dst, uint32_t flags, int kind)
{
	int rc;

	rb_mmio_write32(edu->regs, EDU_DMA_SRC, (uint32_t)src);
	rb_mmio_write32(edu->regs, EDU_DMA_DST, (uint32_t)dst);
	rb_mmio_write32(edu->regs, EDU_DMA_COUNT, DMA_BYTES);
	rb_mmio_write32(edu->regs, EDU_DMA_CMD, EDU_DMA_RUN | EDU_DMA_IRQ | flags);
	rc = collect(edu, 1, &seen.interrupts[kind]);
	if (rc < 0)
		return rc;
	rc = rb_mmio_poll32(edu->regs, EDU_DMA_CMD, EDU_DMA_RUN, 0, (uint64_t)PATIENCE_MS * 1000,
			    NULL);
	return rc < 0 ? failed(rc) : 0;
}

static int round_trip(struct stage *edu, int kind)
{
	uint8_t *bytes = rb_dma_cpu(edu->buf);
	size_t i;
	int rc;

	for (i = 0; i < DMA_BYTES; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	rb_dma_publish(edu->buf, 0, DMA_BYTES);
	rc = transfer(edu, rb_dma_addr(edu->buf, 0).value, EDU_INTERNAL, 0, kind);
	if (rc == 0)
		rc = transfer(edu, EDU_INTERNAL, rb_dma_addr(edu->buf, DMA_BACK).value,
			      EDU_DMA_TO_RAM, kind);
	if (rc < 0)
		return rc;
	rb_dma_observe(edu->buf, DMA_BACK, DMA_BYTES);
	memcpy(seen.bytes, bytes + DMA_BACK, DMA_BYTES);
	return 0;
}

static int dma(struct stage *edu, int kind)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	int rc;

	options.addr_bits = 28;
	rc = rb_dma_alloc(edu->dev, DMA_BACK + DMA_BYTES, &options, &edu->buf);
	if (rc < 0)
		return failed(rc);
	rc = round_trip(edu, kind);
	rb_dma_close(edu->buf);
	edu->buf = NULL;
	return rc;
}

/* Raise one interrupt and hear of it in a loop of the driver's own. */
static int hear(struct stage *edu, struct pollfd *pfd, uint64_t *total)
{
	uint64_t want = *total + 1;
	int rc = 0;

	rb_mmio_write32(edu->regs, EDU_IRQ_RAISE, 2);
	while (rc == 0 && *total < want) {
		rc = rb_poll(edu->ctx, pfd, 1, PATIENCE_MS);
		if (rc < 0)
			return failed(rc);
		rc = rc == 0 ? -ETIMEDOUT : drain(edu, total);
	}
	return rc;
}

static int loop(struct stage *edu, int kind)
{
	struct pollfd pfd = { .events = POLLIN };
	int i, rc;

	pfd.fd = rb_irq_fd(edu->irqs, 0);
	if (pfd.fd < 0)
		return failed(pfd.fd);
	rc = drain(edu, &seen.interrupts[kind]);
	for (i = 0; rc == 0 && i < INTERRUPTS; i++)
		rc = hear(edu, &pfd, &seen.interrupts[kind]);
	return rc;
}

static int work(struct stage *edu, enum rb_irq_kind irq_kind, int kind)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	int rc;

	options.kinds = irq_kind;
	rc = rb_irq_set_open(edu->dev, &options, &edu->irqs);
	if (rc < 0)
		return failed(rc);
	rc = drain(edu, &seen.interrupts[kind]);
	if (rc == 0)
		rc = factorial(edu, kind);
	if (rc == 0)
		rc = dma(edu, kind);
	if (rc == 0)
		rc = loop(edu, kind);
	rb_irq_set_close(edu->irqs);
	edu->irqs = NULL;
	return rc;
}

static int drive(struct rb_ctx *ctx, void *arg)
{
	struct stage edu = { .ctx = ctx };
	struct rb_pci_addr addr = { 0 };
	int rc;

	(void)arg;
	memset(&seen, 0, sizeof(seen));
	rc = find(&edu, &addr);
	if (rc == 0)
		rc = claim_and_map(&edu, addr);
	if (rc == 0)
		rc = work(&edu, RB_IRQ_MSI, 0);
	if (rc == 0)
		rc = work(&edu, RB_IRQ_INTX, 1);
	close_stage(&edu);
	return rc;
}

/* --- the campaign ------------------------------------------------------------------------ */

/* Profiles differ in few calls: one is played whole, the others in part. */
static void play(const char *machine, uint32_t max_points)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;
	struct rb_mock_report *report = NULL;
	size_t i;
	int rc;

	options.result = &seen;
	options.result_size = sizeof(seen);
	options.max_points = getenv("CAMPAIGN_POINTS") != NULL ? 0 : max_points;
	rc = rb_mock_campaign(machine, drive, NULL, &options, &report);

	if (rc < 0)
		fail_msg("%s", rb_last_error());
	for (i = 0; i < rb_mock_report_count(report); i++)
		print_error("%s\n", rb_mock_report_text(report, i));
	assert_true(rb_mock_report_points(report) >= POINTS);
	rb_mock_report_close(report);
	assert_int_equal(rc, 0);
}

static void the_driver_survives_every_fault_on_redox_2025(void **state)
{
	(void)state;
	play("mock:edu;profile=redox-2025", POINTS);
}

static void the_driver_survives_every_fault_on_base_2026(void **state)
{
	(void)state;
	play("mock:edu;profile=base-2026", 0);
}

static void the_driver_survives_every_fault_on_redbear_2026(void **state)
{
	(void)state;
	play("mock:edu;profile=redbear-2026", POINTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_driver_survives_every_fault_on_redox_2025),
		cmocka_unit_test(the_driver_survives_every_fault_on_base_2026),
		cmocka_unit_test(the_driver_survives_every_fault_on_redbear_2026),
	};

	return cmocka_run_group_tests_name("campaign of edu", tests, NULL, NULL);
}
