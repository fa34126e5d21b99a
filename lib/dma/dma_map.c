/* SPDX-License-Identifier: MIT */
/*
 * dma_map.c - the life of a map: claimed, planned, handed over, and all of that back.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/detail.h"
#include "core/options.h"
#include "dma/dma_map_private.h"
#include "dma/dma_owner.h"
#include "pci/pci_dev.h"

#define CALL	  "rb_dma_map"
#define PLACE_MAX 48

/* One call, checked. */
struct request {
	const struct rb_dma_range *ranges;
	size_t count;
	enum rb_dma_dir dir;
	struct rb_dma_map_options options;
	struct rb_dma_limits limits; /* the device's and the options' */
	const char *place;
};

/* --- may it be? ------------------------------------------------------------------------ */

static int check_flags(const struct rb_dma_map_options *o)
{
	if (o->flags & ~(uint32_t)(RB_DMA_MAP_BOUNCE | RB_DMA_MAP_NO_BOUNCE))
		return rbi_fail(-EINVAL, CALL ": flags %#x are not all known",
				(unsigned int)o->flags);
	if (o->flags == (uint32_t)(RB_DMA_MAP_BOUNCE | RB_DMA_MAP_NO_BOUNCE))
		return rbi_fail(-EINVAL, CALL ": a bounce is asked for and forbidden");
	return 0;
}

static int tighten(struct rb_dma_limits *l, const struct rb_dma_map_options *o)
{
	int rc;

	rc = rbi_dma_tighten(l, CALL, o->addr_bits, o->align, o->boundary);
	if (rc < 0)
		return rc;
	if (o->segment_max != 0 && o->segment_max < l->segment_max)
		l->segment_max = o->segment_max;
	if (o->segments != 0 && o->segments < l->segments)
		l->segments = o->segments;
	if (l->boundary != 0 && l->boundary < l->align)
		return rbi_fail(-EINVAL, CALL ": boundary %#llx is below align %#llx",
				(unsigned long long)l->boundary, (unsigned long long)l->align);
	if (l->segment_max < l->align)
		return rbi_fail(-EINVAL, CALL ": segment_max %#llx is below align %#llx",
				(unsigned long long)l->segment_max, (unsigned long long)l->align);
	if (l->segment_max != UINT64_MAX) /* what is cut off begins aligned */
		l->segment_max -= l->segment_max % l->align;
	return 0;
}

static int check_ranges(const struct rb_dma_range *ranges, size_t count)
{
	uint64_t addr, total = 0;
	size_t i;

	if (!ranges || count == 0)
		return rbi_fail(-EINVAL, CALL ": nothing to map");
	if (count > RB_DMA_MAP_RANGES_MAX)
		return rbi_fail(-EFBIG, CALL ": %zu ranges, %u is the limit", count,
				RB_DMA_MAP_RANGES_MAX);
	for (i = 0; i < count; i++) {
		addr = (uint64_t)(uintptr_t)ranges[i].cpu;
		if (!ranges[i].cpu || ranges[i].len == 0)
			return rbi_fail(-EINVAL, CALL ": range %zu is %s", i,
					ranges[i].cpu ? "of no bytes" : "NULL");
		if (ranges[i].len - 1 > UINTPTR_MAX - addr)
			return rbi_fail(-EINVAL, CALL ": range %zu, %llu bytes at %#llx, wraps around",
					i, (unsigned long long)ranges[i].len,
					(unsigned long long)addr);
		if (ranges[i].len > RB_DMA_MAP_MAX - total)
			return rbi_fail(-EFBIG, CALL ": more than %llu bytes",
					(unsigned long long)RB_DMA_MAP_MAX);
		total += ranges[i].len;
	}
	return 0;
}

/* The device's limits hold from rbi_dma_enter() on. */
static int check_request(struct rbi_dma_dev *d, const struct rb_dma_map_options *options,
			 struct request *r)
{
	int rc;

	if (r->dir != RB_DMA_TO_DEVICE && r->dir != RB_DMA_FROM_DEVICE && r->dir != RB_DMA_BOTH)
		return rbi_fail(-EINVAL, CALL ": there is no direction %d", (int)r->dir);
	rc = check_ranges(r->ranges, r->count);
	if (rc == 0)
		rc = rbi_options_copy(&r->options, sizeof(r->options), options,
				      "struct rb_dma_map_options");
	if (rc == 0)
		rc = check_flags(&r->options);
	if (rc < 0)
		return rc;
	rbi_dma_limits(d, &r->limits);
	rc = tighten(&r->limits, &r->options);
	return rc < 0 ? rc : rbi_pci_refuse_gone(d->dev);
}

/* --- made and freed ---------------------------------------------------------------------------- */

static void free_map(struct rb_dma_map *map)
{
	rbi_map_spans_free(&map->device);
	rbi_free(map->was);
	rbi_free(map->sums);
	rbi_free(map->segments);
	rbi_free(map->pieces);
	rbi_free(map->ranges);
	rbi_free(map);
}

/* The strings of messages; and the ranges as the book wants them. */
static void describe(struct rb_dma_map *map, const struct request *r)
{
	const char *place = r->place ? r->place : "(unknown)";
	size_t len = strlen(place), i;

	if (len > PLACE_MAX) /* its end has the line */
		place += len - PLACE_MAX;
	rbi_dma_take_label(map->label, r->options.label);
	snprintf(map->name, sizeof(map->name), "%s mapped at %s",
		 map->label[0] != '\0' ? map->label : "(no label)", place);
	rbi_keep_to_one_line(map->name);
	for (i = 0; i < map->nranges; i++) {
		map->ranges[i].from = (uint64_t)(uintptr_t)r->ranges[i].cpu;
		map->ranges[i].len = r->ranges[i].len;
		map->ranges[i].shared = r->dir == RB_DMA_TO_DEVICE;
		map->ranges[i].name = map->name;
		map->len += r->ranges[i].len;
	}
}

static int new_map(struct rbi_dma_dev *d, const struct request *r, struct rb_dma_map **out)
{
	struct rb_dma_map *map = rbi_alloc(1, sizeof(*map));

	*out = NULL;
	if (!map)
		return rbi_no_memory("a DMA map");
	map->d = d;
	map->dev = d->dev;
	map->ctx = d->ctx;
	map->dir = r->dir;
	map->place = r->place;
	map->whole = rbi_os_new_whole(map->ctx->os);
	rbi_map_spans_init(&map->device);
	map->nranges = r->count;
	map->ranges = rbi_alloc(r->count, sizeof(*map->ranges));
	if (!map->ranges) {
		free_map(map);
		return rbi_no_memory("a DMA map's ranges");
	}
	describe(map, r);
	*out = map;
	return 0;
}

/* They are looked for before any byte is touched: of registers, that is an access. */
static int refuse_registers(const struct rb_dma_map *map)
{
	size_t i;

	for (i = 0; i < map->nranges; i++)
		if (rbi_os_is_phys(map->ctx->os, map->ranges[i].from, map->ranges[i].len))
			return rbi_fail(-EINVAL,
					"map %s: part of range %zu, %llu bytes at %#llx, is a register "
					"window",
					map->name, i, (unsigned long long)map->ranges[i].len,
					(unsigned long long)map->ranges[i].from);
	return 0;
}

/* It is memory, and nobody else has these bytes, or both only show them. */
static int claim(struct rb_dma_map *map)
{
	struct rbi_range_book *book = &map->ctx->os->handed_over;
	char other[sizeof(map->name)] = "";
	size_t i;
	int rc;

	rc = refuse_registers(map);
	if (rc < 0)
		return rc;
	if (!rbi_book_claim(book, map->ranges, map->nranges, other, sizeof(other)))
		return rbi_fail(-EBUSY, "map %s: part of these bytes belongs to map %s", map->name,
				other);
	if (!rbi_dma_is_watched())
		return 0;
	/* one end of a watch would end both: they are not watched any more */
	for (i = 0; i < map->nranges; i++)
		if (map->ranges[i].crowded)
			rbi_dma_unpoison((void *)(uintptr_t)map->ranges[i].from,
					 (size_t)map->ranges[i].len);
	return 0;
}

/* @ended: what rbi_pci_dma_end() answered; 0 when the device was told of nothing. */
static void give_blocks(struct rb_dma_map *map, int ended)
{
	struct rbi_bounce *b;

	while ((b = map->blocks) != NULL) {
		map->blocks = b->next;
		if (ended == 0)
			rbi_bounce_give(map->d, b);
		else
			rbi_dma_give_back(map->d, rbi_bounce_keep(b), ended, map->name);
	}
}

/* In a child of fork() only the words about them are ours. */
static void forget_blocks(struct rb_dma_map *map)
{
	struct rbi_bounce *b;

	while ((b = map->blocks) != NULL) {
		map->blocks = b->next;
		rbi_bounce_forget(b);
	}
}

/* Everything but handing over. What it leaves after a failure is give_up()'s. */
static int prepare(struct rb_dma_map *map, const struct request *r)
{
	int rc;

	rc = rbi_map_plan(map, &r->limits, r->options.flags);
	if (rc == 0) /* dma_map.h says so */
		rc = rbi_map_room_for(map, (uint32_t)(map->len / RBI_PAGE));
	if (rc == 0)
		rc = rbi_map_watch(map, (r->limits.flags & RB_DMA_CHECK) != 0);
	return rc == 0 ? rbi_pci_dma_begin(map->dev) : rc;
}

static void give_up(struct rb_dma_map *map)
{
	give_blocks(map, 0);
	rbi_book_drop(&map->ctx->os->handed_over, map->ranges, map->nranges);
	free_map(map);
}

static int make_map(struct rbi_dma_dev *d, const struct request *r, struct rb_dma_map **out)
{
	struct rb_dma_map *map;
	int rc;

	rc = new_map(d, r, &map);
	if (rc < 0)
		return rc;
	rc = claim(map);
	if (rc < 0) {
		free_map(map);
		return rc;
	}
	rc = prepare(map, r);
	if (rc < 0) {
		give_up(map);
		return rc;
	}
	*out = map;
	return 0;
}

/* --- figures ---------------------------------------------------------------------------- */

static void count_map(const struct rb_dma_map *map)
{
	struct rbi_dma_dev *d = map->d;

	rbi_dma_count(d, RBI_DMA_MAPS, 1);
	rbi_dma_count(d, RBI_DMA_MAPS_MADE, 1);
	rbi_dma_count(d, RBI_DMA_SEGMENTS, map->nsegments);
	rbi_dma_count(d, RBI_DMA_PAGES_MERGED, (int64_t)map->merged_pages);
	if (!map->blocks)
		return;
	rbi_dma_count(d, RBI_DMA_BOUNCED_MAPS, 1);
	rbi_dma_count(d, RBI_DMA_BOUNCED_SEGMENTS, map->bounced_segments);
	rbi_dma_count(d, RBI_DMA_BOUNCED_BYTES, (int64_t)map->bounced_bytes);
}

/* --- map and unmap ------------------------------------------------------------------------ */

int rb_dma_map_ranges_at(struct rb_pci_dev *dev, const struct rb_dma_range *ranges, size_t count,
			 enum rb_dma_dir dir, const struct rb_dma_map_options *options,
			 struct rb_dma_map **out, uint32_t build, const char *place)
{
	struct request r = { .ranges = ranges, .count = count, .dir = dir, .place = place };
	struct rb_dma_map *map = NULL;
	struct rbi_dma_dev *d;
	int rc;

	(void)build;
	if (!out)
		return rbi_fail(-EINVAL, CALL ": nowhere to put the map");
	*out = NULL;
	rc = rbi_dma_dev(dev, CALL, &d);
	if (rc < 0)
		return rc;

	rbi_dma_enter(d);
	rc = check_request(d, options, &r);
	if (rc == 0)
		rc = make_map(d, &r, &map);
	if (rc < 0) {
		rbi_dma_leave(d);
		return rc;
	}
	rbi_dma_enlist(d, &map->live, "DMA map", map->label);
	rbi_map_announce(map);
	rbi_map_hand_over(map, 0, map->len);
	rbi_map_spans_add(&map->device, 0, map->len);
	count_map(map);
	*out = map;
	return 0;
}

int rb_dma_map_at(struct rb_pci_dev *dev, void *cpu, uint64_t len, enum rb_dma_dir dir,
		  const struct rb_dma_map_options *options, struct rb_dma_map **out, uint32_t build,
		  const char *place)
{
	struct rb_dma_range range = { cpu, len };

	return rb_dma_map_ranges_at(dev, &range, 1, dir, options, out, build, place);
}

int(rb_dma_map)(struct rb_pci_dev *dev, void *cpu, uint64_t len, enum rb_dma_dir dir,
		const struct rb_dma_map_options *options, struct rb_dma_map **out)
{
	return rb_dma_map_at(dev, cpu, len, dir, options, out, 0, NULL);
}

int(rb_dma_map_ranges)(struct rb_pci_dev *dev, const struct rb_dma_range *ranges, size_t count,
		       enum rb_dma_dir dir, const struct rb_dma_map_options *options,
		       struct rb_dma_map **out)
{
	return rb_dma_map_ranges_at(dev, ranges, count, dir, options, out, 0, NULL);
}

/* The last object of a device switches its bus mastering off, so that the bytes that
 * come back are the last ones. */
static void end_map(struct rb_dma_map *map)
{
	struct rbi_detail detail;
	int rc;

	rbi_detail_keep(&detail);
	rc = rbi_pci_dma_end(map->dev);
	rbi_map_take_back(map, 0, map->len);
	rbi_map_release(map);
	rbi_book_drop(&map->ctx->os->handed_over, map->ranges, map->nranges);
	if (rc < 0)
		rbi_dma_is_noisy(map->d, map->name);
	give_blocks(map, rc);
	rbi_dma_count(map->d, RBI_DMA_MAPS, -1);
	rbi_detail_restore(&detail);
}

void rb_dma_unmap(struct rb_dma_map *map)
{
	struct rb_pci_dev *dev;
	struct rbi_dma_dev *d;

	if (!map)
		return;
	/* a child of fork() has neither the device nor its blocks */
	if (rbi_ctx_is_ours(map->ctx))
		end_map(map);
	else
		forget_blocks(map);
	rbi_live_del(map->ctx, &map->live);
	d = map->d;
	dev = map->dev;
	free_map(map);
	rbi_dma_leave(d);
	rb_pci_unref(dev);
}
