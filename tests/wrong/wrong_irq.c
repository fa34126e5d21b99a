/* SPDX-License-Identifier: MIT */
/*
 * wrong_irq.c - mistakes with interrupts. irq.h has the one pattern that loses nothing.
 */
#include "wrong.h"

#include <poll.h>
#include <unistd.h>

#define LEN	16
#define TIMEOUT 1000 /* ms */
#define JOB_US	200 /* a job has ended after this */

static int begin(struct rig *rig, struct job *job, enum rb_irq_kind kind)
{
	int rc = job_open(rig, job, kind);

	if (rc == 0)
		job_start(rig, job, LEN);
	return rc;
}

/* --- the order of take and quiet ------------------------------------------------------------- */

/* How many interrupts one job makes on a line: the drain of @quiets_first, or of the other. */
static int count_line(struct rig *rig, bool quiets_first)
{
	uint64_t count, total = 0;
	unsigned int takes;
	struct job job;
	int rc;

	rc = begin(rig, &job, RB_IRQ_INTX);
	if (rc < 0)
		return rc;
	rc = rb_irq_wait(job.irqs, 0, TIMEOUT);
	for (takes = 0; rc == 0 && takes < 100; takes++) {
		rc = rb_irq_take(job.irqs, 0, &count);
		if (rc < 0 || count == 0)
			break;
		total += count;
		if (quiets_first)
			job_quiet(rig);
	}
	job_quiet(rig);
	if (rc == 0 && total != 1)
		rc = WRONG_RESULT; /* a storm: the line is still up when it is unmasked */
	return job_close(&job, rc);
}

static int takes_again_first(struct rig *rig)
{
	return count_line(rig, false);
}

static int quiets_first(struct rig *rig)
{
	return count_line(rig, true);
}

/* --- a loop of one's own --------------------------------------------------------------------- */

static int wait_in_loop(struct rig *rig, struct rb_irq_set *irqs)
{
	struct pollfd pfd = { .fd = rb_irq_fd(irqs, 0), .events = POLLIN };
	int n;

	if (pfd.fd < 0)
		return pfd.fd;
	n = rb_poll(rig->ctx, &pfd, 1, TIMEOUT);
	if (n < 0)
		return n;
	return n == 1 ? 0 : -ETIMEDOUT;
}

/* Two jobs in a loop on the descriptor. A take that gets one has not unmasked the line; the
 * next one, which gets none, has. */
static int two_jobs(struct rig *rig, bool until_none)
{
	unsigned int i;
	uint64_t count;
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_INTX);
	if (rc < 0)
		return rc;
	for (i = 0; i < 2 && rc == 0; i++) {
		job_start(rig, &job, LEN);
		rc = wait_in_loop(rig, job.irqs);
		while (rc == 0) {
			rc = rb_irq_take(job.irqs, 0, &count);
			if (rc < 0 || count == 0)
				break;
			job_quiet(rig);
			if (!until_none)
				break;
		}
	}
	return job_close(&job, rc);
}

static int takes_once(struct rig *rig)
{
	return two_jobs(rig, false);
}

static int takes_until_none(struct rig *rig)
{
	return two_jobs(rig, true);
}

/* The interrupt came before the descriptor was made, which shows only what comes later. */
static int look(struct rig *rig, bool takes_first)
{
	struct pollfd pfd = { .events = POLLIN };
	uint64_t count = 0;
	struct job job;
	int rc;

	rc = begin(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rb_delay_us(rig->ctx, JOB_US);
	pfd.fd = rb_irq_fd(job.irqs, 0);
	if (pfd.fd < 0)
		rc = pfd.fd;
	if (rc == 0 && takes_first)
		rc = rb_irq_take(job.irqs, 0, &count);
	if (rc == 0 && count == 0 && poll(&pfd, 1, 0) != 1)
		rc = -ETIMEDOUT;
	return job_close(&job, rc);
}

static int polls_without_take(struct rig *rig)
{
	return look(rig, false);
}

static int polls_after_take(struct rig *rig)
{
	return look(rig, true);
}

static int reads_descriptor(struct rig *rig)
{
	struct job job;
	uint64_t count;
	int rc;

	rc = begin(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rc = wait_in_loop(rig, job.irqs);
	if (rc == 0 && read(rb_irq_fd(job.irqs, 0), &count, sizeof(count)) < 0)
		rc = -errno;
	job_quiet(rig);
	return job_close(&job, rc);
}

static int polls_descriptor(struct rig *rig)
{
	struct job job;
	int rc;

	rc = begin(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rc = wait_in_loop(rig, job.irqs);
	if (rc == 0)
		rc = job_finish(rig, &job);
	return job_close(&job, rc);
}

/* --- waiting --------------------------------------------------------------------------------- */

/* Nothing was started, so nothing will come. */
static int wait_for_nothing(struct rig *rig, int timeout_ms)
{
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rc = rb_irq_wait(job.irqs, 0, timeout_ms);
	return job_close(&job, rc == -ETIMEDOUT ? 0 : rc);
}

static int waits_for_ever(struct rig *rig)
{
	return wait_for_nothing(rig, -1);
}

static int waits_for_a_while(struct rig *rig)
{
	return wait_for_nothing(rig, TIMEOUT);
}

static int one_job(struct rig *rig, uint32_t ctrl)
{
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rb_mmio_write64_lo_hi(rig->regs, REG_SRC, rb_dma_addr(job.src, 0).value);
	rb_mmio_write64_lo_hi(rig->regs, REG_DST, rb_dma_addr(job.dst, 0).value);
	rb_mmio_write32(rig->regs, REG_LEN, LEN);
	rb_mmio_write32(rig->regs, REG_CTRL, ctrl);
	rb_mmio_write32(rig->regs, REG_DOORBELL, 1);
	rc = job_finish(rig, &job);
	return job_close(&job, rc);
}

static int leaves_irq_off(struct rig *rig)
{
	return one_job(rig, 0);
}

static int switches_irq_on(struct rig *rig)
{
	return one_job(rig, CTRL_IRQ);
}

/* --- the set's life -------------------------------------------------------------------------- */

static int leaks_set(struct rig *rig)
{
	struct rb_irq_set *irqs;

	return rb_irq_set_open(rig->dev, NULL, &irqs);
}

static int closes_set(struct rig *rig)
{
	struct rb_irq_set *irqs;
	int rc;

	rc = rb_irq_set_open(rig->dev, NULL, &irqs);
	if (rc == 0)
		rb_irq_set_close(irqs);
	return rc;
}

int main(void)
{
	static const struct wrong pairs[] = {
		{ "takes_again_before_it_quiets_the_device", "answer: wrong result",
		  takes_again_first, quiets_first, NULL },
		{ "never_takes_until_none_is_left", "answer: the time is up", takes_once,
		  takes_until_none, NULL },
		{ "polls_without_a_first_take", "answer: the time is up", polls_without_take,
		  polls_after_take, NULL },
		{ "reads_the_descriptor", "answer: an argument is malformed", reads_descriptor,
		  polls_descriptor, NULL },
		{ "waits_without_a_time_out", "a wait without a time-out (rb_irq_wait",
		  waits_for_ever, waits_for_a_while, "mock:hang=50" },
		{ "forgets_to_switch_its_interrupt_on", "answer: the time is up", leaves_irq_off,
		  switches_irq_on, NULL },
		{ "leaks_its_interrupts", "interrupt set 1 MSI of 0000:00:01.0", leaks_set,
		  closes_set, NULL },
	};

	return wrong_run(pairs, sizeof(pairs) / sizeof(pairs[0]));
}
