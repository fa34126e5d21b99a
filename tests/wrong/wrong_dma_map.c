/* SPDX-License-Identifier: MIT */
/*
 * wrong_dma_map.c - mistakes with memory that changes hands: rb_dma_map() and what
 * comes after it, and elements of a pool.
 */
#include "wrong.h"

#include <string.h>

#define LEN 100

/* AddressSanitizer ends a program that touches what the device has (test_dma_map_watch) */
#ifdef __SANITIZE_ADDRESS__
#define WATCHED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED
#endif
#endif

/* Add @len bytes at @src into @dst, and wait. */
static int run(struct rig *rig, struct rb_bus_addr src, struct rb_bus_addr dst)
{
	int rc;

	rb_mmio_write64_lo_hi(rig->regs, REG_SRC, src.value);
	rb_mmio_write64_lo_hi(rig->regs, REG_DST, dst.value);
	rb_mmio_write32(rig->regs, REG_LEN, LEN);
	rb_mmio_write32(rig->regs, REG_DOORBELL, 1);
	rc = rb_mmio_poll32(rig->regs, REG_STATUS, STATUS_DONE, STATUS_DONE, 1000000, NULL);
	job_quiet(rig);
	return rc;
}

static struct rb_bus_addr start_of(const struct rb_dma_map *map)
{
	struct rb_dma_segment segment = { { UINT64_MAX }, 0, 0 };

	if (rb_dma_map_segment(map, 0, &segment) < 0)
		segment.bus.value = UINT64_MAX;
	return segment.bus;
}

static int map_as(struct rig *rig, const char *label, void *cpu, uint64_t len, enum rb_dma_dir dir,
		  struct rb_dma_map **map)
{
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;

	options.label = label;
	options.align = 4;
	return rb_dma_map(rig->dev, cpu, len, dir, &options, map);
}

/* --- directions ------------------------------------------------------------------------------ */

static int directions(struct rig *rig, enum rb_dma_dir src_dir, enum rb_dma_dir dst_dir)
{
	uint8_t src[LEN], dst[4];
	struct rb_dma_map *in = NULL, *out = NULL;
	int rc;

	memset(src, 2, sizeof(src));
	memset(dst, 0, sizeof(dst));
	rc = map_as(rig, "numbers", src, sizeof(src), src_dir, &in);
	if (rc == 0)
		rc = map_as(rig, "sum", dst, sizeof(dst), dst_dir, &out);
	if (rc == 0)
		rc = run(rig, start_of(in), start_of(out));
	rb_dma_unmap(in);
	rb_dma_unmap(out);
	return rc == 0 && dst[0] != LEN * 2 ? WRONG_RESULT : rc;
}

static int source_not_readable(struct rig *rig)
{
	return directions(rig, RB_DMA_FROM_DEVICE, RB_DMA_FROM_DEVICE);
}

static int sum_not_writable(struct rig *rig)
{
	return directions(rig, RB_DMA_TO_DEVICE, RB_DMA_TO_DEVICE);
}

static int directions_right(struct rig *rig)
{
	return directions(rig, RB_DMA_TO_DEVICE, RB_DMA_FROM_DEVICE);
}

/* --- whose turn it is -------------------------------------------------------------------------- */

#ifndef WATCHED

enum when { BEFORE_MAP, AFTER_MAP, SYNCED };

/* Changes one number: in time, while the device has it, or between two syncs. */
static int change(struct rig *rig, enum when when)
{
	static uint8_t src[512], dst[4];
	struct rb_dma_map *in = NULL, *out = NULL;
	int rc;

	memset(src, 2, sizeof(src));
	if (when == BEFORE_MAP)
		src[7] = 3;
	rc = map_as(rig, "numbers", src, sizeof(src), RB_DMA_TO_DEVICE, &in);
	if (rc == 0)
		rc = map_as(rig, "sum", dst, sizeof(dst), RB_DMA_FROM_DEVICE, &out);
	if (rc == 0 && when == SYNCED)
		rc = rb_dma_sync_for_cpu(in, 0, sizeof(src));
	if (rc == 0 && when != BEFORE_MAP)
		src[7] = 3;
	if (rc == 0 && when == SYNCED)
		rc = rb_dma_sync_for_device(in, 0, sizeof(src));
	if (rc == 0)
		rc = run(rig, start_of(in), start_of(out));
	rb_dma_unmap(in);
	rb_dma_unmap(out);
	return rc == 0 && dst[0] != LEN * 2 + 1 && when != AFTER_MAP ? WRONG_RESULT : rc;
}

static int touches_while_handed_over(struct rig *rig)
{
	return change(rig, AFTER_MAP);
}

static int touches_before(struct rig *rig)
{
	return change(rig, BEFORE_MAP);
}

static int touches_between_syncs(struct rig *rig)
{
	return change(rig, SYNCED);
}

#endif

/* Takes the sum back: while the device is at work, or afterwards. */
static int unmap(struct rig *rig, bool early)
{
	static uint8_t dst[4];
	struct rb_dma_map *out = NULL;
	struct job job;
	int rc;

	rc = job_open(rig, &job, RB_IRQ_MSI);
	if (rc < 0)
		return rc;
	rc = map_as(rig, "sum", dst, sizeof(dst), RB_DMA_FROM_DEVICE, &out);
	if (rc == 0) {
		job_fill(&job, LEN);
		rb_dma_publish(job.src, 0, LEN);
		rb_mmio_write64_lo_hi(rig->regs, REG_SRC, rb_dma_addr(job.src, 0).value);
		rb_mmio_write64_lo_hi(rig->regs, REG_DST, start_of(out).value);
		rb_mmio_write32(rig->regs, REG_LEN, LEN);
		rb_mmio_write32(rig->regs, REG_CTRL, CTRL_IRQ);
		rb_mmio_write32(rig->regs, REG_DOORBELL, 1);
		if (early) {
			rb_dma_unmap(out);
			out = NULL;
		}
		rc = job_finish(rig, &job);
		rb_dma_unmap(out);
	}
	return job_close(&job, rc);
}

static int unmaps_before_the_end(struct rig *rig)
{
	return unmap(rig, true);
}

static int unmaps_after_the_end(struct rig *rig)
{
	return unmap(rig, false);
}

/* Looks at the sum while it is the device's. */
static int look(struct rig *rig, bool sync)
{
	static uint8_t src[LEN], dst[4];
	struct rb_dma_map *in = NULL, *out = NULL;
	uint8_t sum = 0;
	int rc;

	memset(src, 2, sizeof(src));
	memset(dst, 0, sizeof(dst));
	rc = map_as(rig, "numbers", src, sizeof(src), RB_DMA_TO_DEVICE, &in);
	if (rc == 0)
		rc = map_as(rig, "sum", dst, sizeof(dst), RB_DMA_FROM_DEVICE, &out);
	if (rc == 0)
		rc = run(rig, start_of(in), start_of(out));
	if (rc == 0 && sync)
		rc = rb_dma_sync_for_cpu(out, 0, sizeof(dst));
	if (rc == 0)
		sum = *(volatile uint8_t *)dst;
	rb_dma_unmap(in);
	rb_dma_unmap(out);
	return rc == 0 && sum != LEN * 2 ? WRONG_RESULT : rc;
}

static int forgets_to_sync(struct rig *rig)
{
	return look(rig, false);
}

static int syncs(struct rig *rig)
{
	return look(rig, true);
}

/* --- pools ------------------------------------------------------------------------------------- */

enum pool_mistake { NONE, TWICE, FOREIGN, EARLY };

static int use_pool(struct rig *rig, enum pool_mistake mistake)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;
	struct rb_dma_pool *pool = NULL, *other = NULL;
	struct rb_dma_elem *src = NULL, *dst = NULL;
	int rc;

	options.label = "packets";
	options.count_min = 4;
	rc = rb_dma_pool_open(rig->dev, 128, &options, &pool);
	options.label = "others";
	if (rc == 0)
		rc = rb_dma_pool_open(rig->dev, 128, &options, &other);
	if (rc == 0) {
		src = rb_dma_pool_get(pool);
		dst = rb_dma_pool_get(pool);
		rc = src && dst ? 0 : -ENOMEM;
	}
	if (rc == 0) {
		memset(src->cpu, 2, LEN);
		rb_dma_elem_publish(src, 0, LEN);
		if (mistake == EARLY)
			rb_dma_pool_put(pool, src);
		rc = run(rig, src->bus, dst->bus);
		rb_dma_elem_observe(dst, 0, 4);
		if (mistake == FOREIGN)
			rb_dma_pool_put(other, src);
		if (mistake != EARLY)
			rb_dma_pool_put(pool, src);
		if (mistake == TWICE)
			rb_dma_pool_put(pool, src);
		rb_dma_pool_put(pool, dst);
	}
	rb_dma_pool_close(other);
	rb_dma_pool_close(pool);
	return rc;
}

static int puts_twice(struct rig *rig)
{
	return use_pool(rig, TWICE);
}

static int puts_elsewhere(struct rig *rig)
{
	return use_pool(rig, FOREIGN);
}

static int puts_too_early(struct rig *rig)
{
	return use_pool(rig, EARLY);
}

static int puts_right(struct rig *rig)
{
	return use_pool(rig, NONE);
}

int main(void)
{
	static const struct wrong pairs[] = {
		{ "lets_the_device_read_what_it_shall_write",
		  "which was handed over for writing only", source_not_readable, directions_right,
		  NULL },
		{ "lets_the_device_write_what_it_shall_read",
		  "which was handed over for reading only", sum_not_writable, directions_right,
		  NULL },
#ifndef WATCHED
		{ "touches_what_is_handed_over", "the CPU wrote to byte 7 of 512",
		  touches_while_handed_over, touches_before, NULL },
		{ "touches_without_syncs", "while 0000:00:01.0 had it", touches_while_handed_over,
		  touches_between_syncs, NULL },
#endif
		{ "unmaps_before_the_end", "which the driver has taken back",
		  unmaps_before_the_end, unmaps_after_the_end, NULL },
		{ "forgets_to_sync_for_the_cpu", "answer: wrong result", forgets_to_sync, syncs,
		  NULL },
		{ "puts_an_element_twice", "is put twice", puts_twice, puts_right, NULL },
		{ "puts_an_element_into_another_pool", "is no element of DMA pool others",
		  puts_elsewhere, puts_right, NULL },
		{ "puts_an_element_that_the_device_still_reads",
		  "which the driver has taken back", puts_too_early, puts_right, NULL },
	};

	return wrong_run(pairs, sizeof(pairs) / sizeof(pairs[0]));
}
