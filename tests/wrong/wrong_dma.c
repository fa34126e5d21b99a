/* SPDX-License-Identifier: MIT */
/*
 * wrong_dma.c - mistakes with memory that the device shares.
 *
 * doc/ordering.md has the rules that are broken here.
 */
#include "wrong.h"

#include <string.h>

#define LEN 100

/* --- publish and observe ---------------------------------------------------------------- */

/* What a driver does, with the steps that drivers forget as arguments. */
static int add(struct rig *rig, uint64_t publish, bool observe)
{
	struct job job;
	uint32_t want;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	want = job_fill(&job, LEN);
	if (publish > 0)
		rb_dma_publish(job.src, 0, publish);
	job_start(rig, &job, LEN);
	rc = job_finish(rig, &job);
	if (observe)
		rb_dma_observe(job.dst, 0, 4);
	if (rc == 0 && job_sum(&job) != want)
		rc = WRONG_RESULT;
	return job_close(&job, rc);
}

static int add_right(struct rig *rig)
{
	return add(rig, LEN, true);
}

static int no_publish(struct rig *rig)
{
	return add(rig, 0, true);
}

static int publish_half(struct rig *rig)
{
	return add(rig, LEN / 2, true);
}

static int publish_too_much(struct rig *rig)
{
	return add(rig, 4096 + 1, true);
}

static int no_observe(struct rig *rig)
{
	return add(rig, LEN, false);
}

/* Waits in DMA memory for a sum, which is never 0. */
static int poll_memory(struct rig *rig, bool observe)
{
	struct job job;
	unsigned int tries;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	job_fill(&job, LEN);
	rb_dma_publish(job.src, 0, LEN);
	job_start(rig, &job, LEN);
	for (tries = 0; tries < 1000 && job_sum(&job) == 0; tries++) {
		rb_delay_us(rig->ctx, 1);
		if (observe)
			rb_dma_observe(job.dst, 0, 4);
	}
	if (tries == 1000)
		rc = -ETIMEDOUT;
	job_quiet(rig);
	return job_close(&job, rc);
}

static int polls_stale_memory(struct rig *rig)
{
	return poll_memory(rig, false);
}

static int polls_fresh_memory(struct rig *rig)
{
	return poll_memory(rig, true);
}

/* Clears the answer for the next job: before it has looked at this one, or after. */
static int reuse(struct rig *rig, bool look_first)
{
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	job_fill(&job, LEN);
	rb_dma_publish(job.src, 0, LEN);
	job_start(rig, &job, LEN);
	rc = job_finish(rig, &job);
	if (look_first)
		rb_dma_observe(job.dst, 0, 4);
	memset(rb_dma_cpu(job.dst), 0xff, 4);
	rb_dma_publish(job.dst, 0, 4);
	return job_close(&job, rc);
}

static int clears_unseen(struct rig *rig)
{
	return reuse(rig, false);
}

static int clears_seen(struct rig *rig)
{
	return reuse(rig, true);
}

/* --- the address ------------------------------------------------------------------------------ */

/* Start with @src as the source's address and wait. */
static int run_at(struct rig *rig, uint64_t src, bool high, uint32_t len)
{
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rb_mmio_write32(rig->regs, REG_CTRL, CTRL_IRQ);
	rb_mmio_write32(rig->regs, REG_LEN, len);
	rb_mmio_write64_lo_hi(rig->regs, REG_DST, rb_dma_addr(job.dst, 0).value);
	if (src == 0)
		src = rb_dma_addr(job.src, 0).value;
	if (src == UINT64_MAX)
		src = (uintptr_t)rb_dma_cpu(job.src);
	if (high)
		rb_mmio_write64_lo_hi(rig->regs, REG_SRC, src);
	else
		rb_mmio_write32(rig->regs, REG_SRC, (uint32_t)src);
	rb_mmio_write32(rig->regs, REG_DOORBELL, 1);
	rc = job_finish(rig, &job);
	return job_close(&job, rc);
}

static int bus_address(struct rig *rig)
{
	return run_at(rig, 0, true, LEN);
}

static int cpu_address(struct rig *rig)
{
	return run_at(rig, UINT64_MAX, true, LEN);
}

static int past_the_buffer(struct rig *rig)
{
	return run_at(rig, 0, true, 5000);
}

/* The firmware used the device before us. */
static int low_half(struct rig *rig)
{
	rb_mock_reg_set(rig->mock, 0, REG_SRC, 0x123456789aull);
	return run_at(rig, 0, false, LEN);
}

static int both_halves(struct rig *rig)
{
	rb_mock_reg_set(rig->mock, 0, REG_SRC, 0x123456789aull);
	return run_at(rig, 0, true, LEN);
}

/* --- the buffer's life --------------------------------------------------------------------- */

/* Gives the source back @early: while the device may still read it. */
static int stop(struct rig *rig, bool early)
{
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	job_fill(&job, LEN);
	rb_dma_publish(job.src, 0, LEN);
	job_start(rig, &job, LEN);
	if (early) {
		rb_dma_close(job.src);
		job.src = NULL;
	}
	rc = job_finish(rig, &job);
	return job_close(&job, rc);
}

static int frees_before_stop(struct rig *rig)
{
	return stop(rig, true);
}

static int frees_after_stop(struct rig *rig)
{
	return stop(rig, false);
}

/* The second job still has the first one's address in its registers. */
static int second_job(struct rig *rig, bool tell)
{
	struct job job;
	uint32_t want;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	job_fill(&job, LEN);
	rb_dma_publish(job.src, 0, LEN);
	job_start(rig, &job, LEN);
	rc = job_finish(rig, &job);

	rb_dma_close(job.src);
	job.src = NULL;
	if (rc == 0) /* larger, so that it is not the same memory again */
		rc = rb_dma_alloc(rig->dev, 16384, NULL, &job.src);
	if (rc == 0) {
		want = job_fill(&job, LEN);
		rb_dma_publish(job.src, 0, LEN);
		if (tell)
			job_start(rig, &job, LEN);
		else
			rb_mmio_write32(rig->regs, REG_DOORBELL, 1);
		rc = job_finish(rig, &job);
		rb_dma_observe(job.dst, 0, 4);
		if (rc == 0 && job_sum(&job) != want)
			rc = WRONG_RESULT;
	}
	return job_close(&job, rc);
}

static int stale_address(struct rig *rig)
{
	return second_job(rig, false);
}

static int new_address(struct rig *rig)
{
	return second_job(rig, true);
}

static int leaks(struct rig *rig)
{
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	job.src = NULL; /* as a driver does that overwrites its only pointer */
	return rc == 0 ? job_close(&job, 0) : rc;
}

static int leaks_not(struct rig *rig)
{
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	return rc == 0 ? job_close(&job, 0) : rc;
}

/* --- bus mastering --------------------------------------------------------------------------- */

#define COMMAND	   0x04
#define BUS_MASTER 0x0004

/* A driver that sets the command register up by itself. */
static int set_command(struct rig *rig, uint16_t command)
{
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rc = rb_pci_config_write16(rig->dev, COMMAND, command);
	job_fill(&job, LEN);
	rb_dma_publish(job.src, 0, LEN);
	job_start(rig, &job, LEN);
	if (rc == 0)
		rc = rb_mmio_poll32(rig->regs, REG_STATUS, STATUS_DONE, STATUS_DONE, 1000000, NULL);
	job_quiet(rig);
	return job_close(&job, rc);
}

static int no_bus_master(struct rig *rig)
{
	return set_command(rig, 0x0402); /* memory, and no INTx */
}

static int bus_master(struct rig *rig)
{
	return set_command(rig, 0x0402 | BUS_MASTER);
}

int main(void)
{
	static const struct wrong pairs[] = {
		{ "forgets_to_publish", "reads byte 0 of ",
		  no_publish, add_right, NULL },
		{ "publishes_half_of_it", "reads byte 50 of ",
		  publish_half, add_right, NULL },
		{ "publishes_past_the_buffer", "publish of 4097 bytes at offset 0 passes the end",
		  publish_too_much, add_right, NULL },
		{ "forgets_to_observe", "answer: wrong result", no_observe, add_right, NULL },
		{ "polls_memory_without_observing", "answer: the time is up", polls_stale_memory,
		  polls_fresh_memory, NULL },
		{ "overwrites_what_the_device_wrote",
		  "CPU and device have both written byte 0 of ", clears_unseen,
		  clears_seen, NULL },
		{ "gives_the_device_a_cpu_address", "where there is no DMA buffer", cpu_address,
		  bus_address, NULL },
		{ "writes_32_bits_of_a_64_bit_address", "where there is no DMA buffer", low_half,
		  both_halves, NULL },
		{ "lets_the_device_run_past_the_buffer",
		  ", past its end at 4096",
		  past_the_buffer, bus_address, NULL },
		{ "frees_a_buffer_before_it_stops_the_device", "has been freed",
		  frees_before_stop, frees_after_stop, NULL },
		{ "starts_dma_at_a_freed_buffer", "has been freed", stale_address,
		  new_address, NULL },
		{ "leaks_a_buffer", "DMA buffer source of 0000:00:01.0", leaks, leaks_not, NULL },
		{ "never_sets_bus_master", "with bus mastering off", no_bus_master, bus_master,
		  NULL },
	};

	return wrong_run(pairs, sizeof(pairs) / sizeof(pairs[0]));
}
