/* SPDX-License-Identifier: MIT */
/*
 * map_fixture.h - a fake world whose program has sixteen pages of its own, at
 * addresses that each test scripts: open_pages, close_pages.
 */
#ifndef MAP_FIXTURE_H
#define MAP_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include <rbdrv/dma_map.h>

#include "device_fixture.h"
#include "dma/dma_owner.h"

#define PAGE  4096u
#define PAGES 16u

static uint8_t *mem; /* the pages */
static uint64_t phys_of[PAGES]; /* where each lies; 0 is what a lying kernel says, too */
static int err_of[PAGES]; /* what the system answers instead, 0: the address */
static unsigned int translations;

static int translate_page(struct fake_world *world, uint64_t page, uint64_t *phys)
{
	uint64_t i = (page - (uint64_t)(uintptr_t)mem) / PAGE;

	(void)world;
	if (i >= PAGES)
		return -ENOENT;
	translations++;
	*phys = phys_of[i];
	return err_of[i];
}

/* All at @phys, one after the other. */
static void lie_side_by_side(uint64_t phys)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		phys_of[i] = phys + i * PAGE;
}

/* What byte @i of the pages is at first. */
static uint8_t was(size_t i)
{
	return (uint8_t)(1 + i * 7 + i / 251);
}

/* Do @bytes hold what the pages held from byte @first on? The pages themselves may be
 * the device's now, and not to be touched. */
static inline void expect_was(const uint8_t *bytes, size_t first, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		assert_int_equal(bytes[i], was(first + i));
}

/* Look at a byte that is the device's, behind the back of who watches. */
static inline uint8_t peek(const uint8_t *byte)
{
	uint8_t val;

	rbi_dma_unpoison(byte, 1);
	val = *byte;
	rbi_dma_poison(byte, 1);
	return val;
}

static inline int open_pages(void **state)
{
	size_t i;

	open_device(state);
	mem = aligned_alloc(PAGE, PAGES * PAGE);
	assert_non_null(mem);
	for (i = 0; i < PAGES * PAGE; i++)
		mem[i] = was(i);
	memset(err_of, 0, sizeof(err_of));
	lie_side_by_side(0x80000000);
	translations = 0;
	w->on_translate = translate_page;
	w->ctx->os->dma_sees_caches = true; /* whatever this machine is */
	return 0;
}

static inline int close_pages(void **state)
{
	close_device(state);
	free(mem);
	return 0;
}

static inline struct rb_dma_map *map_of(void *cpu, uint64_t len, enum rb_dma_dir dir,
				 const struct rb_dma_map_options *options)
{
	struct rb_dma_map *map;

	if (rb_dma_map(dev, cpu, len, dir, options, &map) != 0)
		fail_msg("%s", rb_last_error());
	return map;
}

static inline struct rb_dma_segment segment(const struct rb_dma_map *map, uint32_t i)
{
	struct rb_dma_segment s;

	assert_int_equal(rb_dma_map_segment(map, i, &s), 0);
	return s;
}

/* The bytes that the device finds at @bus, in a block of the world's. */
static inline uint8_t *at_bus(uint64_t bus)
{
	unsigned int i;

	for (i = 0; i < FAKE_BLOCKS; i++)
		if (w->blocks[i].cpu && bus - w->blocks[i].phys < w->blocks[i].len)
			return (uint8_t *)w->blocks[i].cpu + (bus - w->blocks[i].phys);
	fail_msg("no block at %#llx", (unsigned long long)bus);
	return NULL;
}

static inline struct rb_dma_stats figures(void)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;

	assert_int_equal(rb_dma_stats_read(dev, &stats), 0);
	return stats;
}

#endif
