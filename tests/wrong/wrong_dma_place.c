/* SPDX-License-Identifier: MIT */
/*
 * wrong_dma_place.c - DMA to the wrong place: one byte past a buffer, half of an
 * address, another device's memory; and a slot of a ring that nobody published.
 */
#include "wrong.h"

#include <string.h>

/* Start at @src with @len bytes, and wait. */
static int run(struct rig *rig, struct job *job, struct rb_bus_addr src, uint32_t len)
{
	rb_mmio_write64_lo_hi(rig->regs, REG_SRC, src.value);
	rb_mmio_write64_lo_hi(rig->regs, REG_DST, rb_dma_addr(job->dst, 0).value);
	rb_mmio_write32(rig->regs, REG_LEN, len);
	rb_mmio_write32(rig->regs, REG_CTRL, CTRL_IRQ);
	rb_mmio_write32(rig->regs, REG_DOORBELL, 1);
	return job_finish(rig, job);
}

/* --- one byte past --------------------------------------------------------------------------- */

static int add_from_small(struct rig *rig, uint32_t len)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *small = NULL;
	struct job job;
	int rc;

	options.label = "small";
	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rc = rb_dma_alloc(rig->dev, 100, &options, &small);
	if (rc == 0)
		rc = run(rig, &job, rb_dma_addr(small, 0), len);
	rb_dma_close(small);
	return job_close(&job, rc);
}

static int one_byte_past(struct rig *rig)
{
	return add_from_small(rig, 101);
}

static int up_to_the_end(struct rig *rig)
{
	return add_from_small(rig, 100);
}

/* --- half of an address, where there is memory above 4 GiB ------------------------------------- */

static int add_from_half(struct rig *rig, uint64_t mask)
{
	struct rb_bus_addr src;
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	src.value = rb_dma_addr(job.src, 0).value & mask;
	rc = run(rig, &job, src, 64);
	return job_close(&job, rc);
}

static int low_half(struct rig *rig)
{
	return add_from_half(rig, UINT32_MAX);
}

static int whole_address(struct rig *rig)
{
	return add_from_half(rig, UINT64_MAX);
}

/* --- another device's buffer ------------------------------------------------------------------- */

static int add_from(struct rig *rig, bool own)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_mock_dev *twin;
	struct rb_pci_dev *other = NULL;
	struct rb_dma_buf *buf = NULL;
	struct job job;
	int rc;

	options.label = "shared";
	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rc = rb_mock_add(rig->ctx, "adder", adder_build, NULL, &twin);
	if (rc == 0)
		rc = rb_pci_open(rig->ctx, rb_mock_addr(twin), &other);
	if (rc == 0)
		rc = rb_dma_alloc(own ? rig->dev : other, 4096, &options, &buf);
	if (rc == 0)
		rc = run(rig, &job, rb_dma_addr(buf, 0), 64);
	rb_dma_close(buf);
	rb_pci_unref(other);
	return job_close(&job, rc);
}

static int another_devices(struct rig *rig)
{
	return add_from(rig, false);
}

static int its_own(struct rig *rig)
{
	return add_from(rig, true);
}

/* --- a ring's slot ----------------------------------------------------------------------------- */

#define SLOTS 16
#define SLOT  16 /* bytes */

/* The numbers are in a slot. */
static int add_slot(struct rig *rig, bool ring_it)
{
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;
	struct rb_dma_ring *ring = NULL;
	uint32_t slot;
	struct job job;
	int rc;

	options.label = "slots";
	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rc = rb_dma_ring_open(rig->dev, SLOTS, SLOT, &options, &ring);
	if (rc == 0) {
		slot = rb_dma_ring_slot(ring);
		memset((uint8_t *)ring->desc + slot * SLOT, 2, SLOT);
		rb_dma_ring_post(ring, 1);
		if (ring_it)
			rb_dma_ring_ring(ring);
		rc = run(rig, &job, rb_dma_ring_addr(ring, slot), SLOT);
	}
	rb_dma_ring_close(ring);
	return job_close(&job, rc);
}

static int slot_unpublished(struct rig *rig)
{
	return add_slot(rig, false);
}

static int slot_rung(struct rig *rig)
{
	return add_slot(rig, true);
}

int main(void)
{
	static const struct wrong pairs[] = {
		{ "goes_one_byte_past_the_end",
		  "reads 101 bytes at offset 0 of DMA buffer \"small\" (allocated at "
		  "wrong_dma_place.c:",
		  one_byte_past, up_to_the_end, NULL },
		{ "gives_the_low_half_of_an_address",
		  "this is the low half of the address of DMA buffer \"source\" (allocated at ",
		  low_half, whole_address, "mock:ram_high=16;frames=high" },
		{ "uses_another_devices_buffer", "which was allocated for 0000:00:02.0",
		  another_devices, its_own, "mock:hotplug=on" },
		{ "rings_without_publishing_the_slot",
		  "reads byte 0 of DMA buffer \"slots\" (allocated at wrong_dma_place.c:",
		  slot_unpublished, slot_rung, NULL },
	};

	return wrong_run(pairs, sizeof(pairs) / sizeof(pairs[0]));
}
