/* SPDX-License-Identifier: MIT */
/*
 * dma_map_hand.c - bytes change hands: copied where they are bounced, shown to the
 * other side, and watched while they are the device's.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/dma_note.h"
#include "dma/dma_map_private.h"
#include "dma/dma_owner.h"
#include "pci/pci_dev.h"

/* A stretch of one piece. */
struct part {
	const struct rbi_map_piece *piece;
	uint64_t at; /* from the piece's start */
	uint64_t len;
};

static const struct rbi_map_piece *piece_at(const struct rb_dma_map *map, uint64_t off)
{
	uint32_t low = 0, high = map->npieces - 1, mid;

	while (low < high) {
		mid = low + (high - low + 1) / 2;
		if (map->pieces[mid].off <= off)
			low = mid;
		else
			high = mid - 1;
	}
	return &map->pieces[low];
}

/* The first part of [*from, end), past which *from is moved. False: it is empty. */
static bool next_part(const struct rb_dma_map *map, uint64_t *from, uint64_t end, struct part *part)
{
	if (*from >= end)
		return false;
	part->piece = piece_at(map, *from);
	part->at = *from - part->piece->off;
	part->len = part->piece->len - part->at;
	if (part->len > end - *from)
		part->len = end - *from;
	*from += part->len;
	return true;
}

/* --- who watches ---------------------------------------------------------------------- */

/* A world with copies of its own looks at the CPU's bytes to see what has changed. */
static bool world_reads(const struct rbi_map_piece *p)
{
	return !p->copy && p->shadow != 0;
}

/* Do the CPU's bytes stay as they are while the device has them? */
static bool stays(const struct rb_dma_map *map, const struct rbi_map_piece *p)
{
	return p->copy || p->shadow != 0 || map->dir == RB_DMA_TO_DEVICE;
}

int rbi_map_watch(struct rb_dma_map *map, bool check)
{
	bool keep = false;
	uint32_t i;

	map->poisoned = rbi_dma_is_watched();
	for (i = 0; i < map->npieces; i++) {
		if (world_reads(&map->pieces[i]))
			map->poisoned = false;
		keep = keep || world_reads(&map->pieces[i]);
		if (map->pieces[i].shadow != 0) /* a strict world */
			check = true;
	}
	if (map->poisoned || !check)
		return 0;
	map->sums = rbi_alloc((size_t)((map->len - 1) / RBI_MAP_LINE) + 1, sizeof(*map->sums));
	if (!map->sums)
		return rbi_no_memory("a map's checksums");
	if (keep) /* a strict world, small and slow anyway; without it the line is named */
		map->was = rbi_alloc((size_t)map->len, 1);
	return 0;
}

/*
 * The range of @cpu: how many of the @len bytes there lie in it, and whether another map
 * has, or had, some of it, too. rbi_book_claim() marks that on both sides. With the book's
 * lock.
 */
static uint64_t in_one_range(const struct rb_dma_map *map, const uint8_t *cpu, uint64_t len,
			     bool *crowded)
{
	const struct rbi_range *r = map->ranges;
	uint64_t left;

	while ((uint64_t)(uintptr_t)cpu - r->from >= r->len)
		r++;
	*crowded = r->crowded;
	left = r->len - ((uint64_t)(uintptr_t)cpu - r->from);
	return len < left ? len : left;
}

/* Bytes that another map has, too, are not watched at all: the end of the one would end
 * the watch for both. */
static void poison(const struct rb_dma_map *map, const uint8_t *cpu, uint64_t len, bool on)
{
	struct rbi_range_book *book = &map->ctx->os->handed_over;
	bool crowded;
	uint64_t n;

	if (!map->poisoned)
		return;
	pthread_mutex_lock(&book->lock);
	for (; len > 0; cpu += n, len -= n) {
		n = in_one_range(map, cpu, len, &crowded);
		if (!on)
			rbi_dma_unpoison(cpu, (size_t)n);
		else if (!crowded)
			rbi_dma_poison(cpu, (size_t)n);
	}
	pthread_mutex_unlock(&book->lock);
}

/* --- checksums -------------------------------------------------------------------------- */

static uint64_t mix(uint64_t sum, const uint8_t *bytes, uint64_t len)
{
	uint64_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
	return sum;
}

/* Never 0. Bytes that the device may change under the CPU's eyes are left out. */
static uint64_t sum_of(const struct rb_dma_map *map, uint64_t line)
{
	uint64_t from = line * RBI_MAP_LINE, end = from + RBI_MAP_LINE;
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	struct part part;

	if (end > map->len)
		end = map->len;
	while (next_part(map, &from, end, &part))
		if (stays(map, part.piece))
			sum = mix(sum, part.piece->cpu + part.at, part.len);
	return sum != 0 ? sum : 1;
}

static void keep_line(struct rb_dma_map *map, uint64_t line)
{
	uint64_t from = line * RBI_MAP_LINE, end = from + RBI_MAP_LINE;
	struct part part;

	if (end > map->len)
		end = map->len;
	while (map->was && next_part(map, &from, end, &part))
		memcpy(map->was + part.piece->off + part.at, part.piece->cpu + part.at,
		       (size_t)part.len);
}

/* Lines of which the device gets only a part cannot be watched. */
static void take_sums(struct rb_dma_map *map, uint64_t from, uint64_t end)
{
	uint64_t line;

	if (!map->sums)
		return;
	for (line = (from + RBI_MAP_LINE - 1) / RBI_MAP_LINE;
	     (line + 1) * RBI_MAP_LINE <= end || (end == map->len && line * RBI_MAP_LINE < end);
	     line++) {
		map->sums[line] = sum_of(map, line);
		keep_line(map, line);
	}
}

/* The bytes of the part as they went, or NULL. A copy tells while no device writes to it,
 * and where devices write to copies of their own. */
static const uint8_t *before(const struct rb_dma_map *map, const struct part *part)
{
	const struct rbi_map_piece *p = part->piece;

	if (map->was)
		return map->was + p->off + part->at;
	if (p->copy && (p->shadow != 0 || map->dir == RB_DMA_TO_DEVICE))
		return p->copy + part->at;
	return NULL;
}

/* The first byte of [from, end) that the CPU has changed; @end: it cannot be told. */
static uint64_t first_change(const struct rb_dma_map *map, uint64_t from, uint64_t end)
{
	const uint8_t *was;
	struct part part;
	uint64_t i;

	while (next_part(map, &from, end, &part)) {
		was = before(map, &part);
		for (i = 0; was && stays(map, part.piece) && i < part.len; i++)
			if (part.piece->cpu[part.at + i] != was[i])
				return part.piece->off + part.at + i;
	}
	return end;
}

static void tell_of_change(const struct rb_dma_map *map, uint64_t line, uint32_t more)
{
	uint64_t last = (line + 1) * RBI_MAP_LINE, byte;
	char bytes[64], lines[48] = "";

	if (last > map->len)
		last = map->len;
	byte = first_change(map, line * RBI_MAP_LINE, last);
	if (byte < last)
		snprintf(bytes, sizeof(bytes), "byte %llu", (unsigned long long)byte);
	else
		snprintf(bytes, sizeof(bytes), "bytes %llu-%llu",
			 (unsigned long long)(line * RBI_MAP_LINE), (unsigned long long)(last - 1));
	if (more > 0)
		snprintf(lines, sizeof(lines), ", and to %u more line%s of 64 bytes", more,
			 more == 1 ? "" : "s");
	rbi_dma_misuse(map->d, "DMA map %s: the CPU wrote to %s of %llu while %s had %s%s",
		       map->name, bytes, (unsigned long long)map->len, rbi_pci_name(map->dev),
		       byte < last ? "it" : "them", lines);
}

static void check_sums(struct rb_dma_map *map, uint64_t from, uint64_t end)
{
	uint64_t line, first = 0;
	uint32_t changed = 0;

	if (!map->sums)
		return;
	for (line = from / RBI_MAP_LINE; line * RBI_MAP_LINE < end; line++) {
		if (map->sums[line] != 0 && map->sums[line] != sum_of(map, line) && changed++ == 0)
			first = line;
		map->sums[line] = 0;
	}
	if (changed > 0)
		tell_of_change(map, first, changed - 1);
}

/* --- over, and back ------------------------------------------------------------------------ */

/* Bytes of a buffer may be mapped for another device than it was allocated for. */
static void note_user(const struct rb_dma_map *map, uint32_t access)
{
	struct rbi_sys *sys = map->ctx->sys;
	struct rbi_dma_note n = { .access = access, .user = rbi_pci_name(map->dev) };
	uint32_t i;

	for (i = 0; i < map->npieces; i++) {
		if (!world_reads(&map->pieces[i]))
			continue;
		n.shadow = map->pieces[i].shadow;
		n.off = map->pieces[i].shadow_off;
		n.len = map->pieces[i].len;
		sys->ops->dma_note(sys, &n);
	}
}

void rbi_map_announce(const struct rb_dma_map *map)
{
	struct rbi_sys *sys = map->ctx->sys;
	struct rbi_dma_note n = {
		.label = map->label, /* "", not NULL: the block may have been another's */
		.owner = rbi_pci_name(map->dev),
		.place = map->place ? map->place : "",
	};
	const struct rbi_bounce *b;

	for (b = map->blocks; b; b = b->next) {
		n.shadow = b->block.shadow;
		n.len = b->block.len;
		if (n.shadow != 0)
			sys->ops->dma_note(sys, &n);
	}
	note_user(map, RBI_DMA_USER_BEGINS);
}

/* The name of these bytes is what was announced, or the caller's own buffer's. */
static void note(const struct rb_dma_map *map, const struct part *part, uint32_t access,
		 uint64_t whole)
{
	struct rbi_sys *sys = map->ctx->sys;
	struct rbi_dma_note n = {
		.shadow = part->piece->shadow,
		.access = access,
		.off = part->piece->shadow_off + part->at,
		.len = part->len,
		.whole = whole,
		.whole_off = part->piece->off + part->at,
	};

	if (n.shadow != 0)
		sys->ops->dma_note(sys, &n);
}

static uint32_t access_of(const struct rb_dma_map *map)
{
	return (map->dir & RB_DMA_TO_DEVICE ? RBI_DMA_DEVICE_READS : 0u) |
	       (map->dir & RB_DMA_FROM_DEVICE ? RBI_DMA_DEVICE_WRITES : 0u);
}

void rbi_map_hand_over(struct rb_dma_map *map, uint64_t from, uint64_t end)
{
	struct rbi_sys *sys = map->ctx->sys;
	uint64_t at = from;
	struct part part;

	take_sums(map, from, end);
	while (next_part(map, &at, end, &part)) {
		const struct rbi_map_piece *p = part.piece;

		/* in every direction: what the device does not write comes back as it was */
		if (p->copy)
			memcpy(p->copy + part.at, p->cpu + part.at, (size_t)part.len);
		if (p->shadow != 0)
			sys->ops->dma_publish(sys, p->shadow, p->shadow_off + part.at, part.len);
		note(map, &part, access_of(map), map->whole);
		poison(map, p->cpu + part.at, part.len, true);
	}
	RB_DMA_FENCE_PUBLISH();
}

/* The device may not touch these bytes any more; but for those that it may still have by
 * another map of them. */
static void forbid(const struct rb_dma_map *map, const struct part *whole)
{
	struct rbi_range_book *book = &map->ctx->os->handed_over;
	struct part part = *whole;
	uint64_t left = whole->len;
	bool crowded;

	for (; left > 0; part.at += part.len, left -= part.len) {
		pthread_mutex_lock(&book->lock);
		part.len = in_one_range(map, part.piece->cpu + part.at, left, &crowded);
		pthread_mutex_unlock(&book->lock);
		if (part.piece->copy || !crowded)
			note(map, &part, 0, map->whole);
	}
}

static void bring_back(struct rb_dma_map *map, const struct part *part)
{
	const struct rbi_map_piece *p = part->piece;
	struct rbi_sys *sys = map->ctx->sys;

	if (p->shadow != 0)
		forbid(map, part);
	if (map->dir == RB_DMA_TO_DEVICE)
		return;
	if (p->shadow != 0)
		sys->ops->dma_observe(sys, p->shadow, p->shadow_off + part->at, part->len);
	if (p->copy)
		memcpy(p->cpu + part->at, p->copy + part->at, (size_t)part->len);
}

void rbi_map_hand_back(struct rb_dma_map *map, uint64_t from, uint64_t end)
{
	uint64_t at = from;
	struct part part;

	RB_DMA_FENCE_OBSERVE();
	while (next_part(map, &at, end, &part))
		poison(map, part.piece->cpu + part.at, part.len, false);
	check_sums(map, from, end);
	for (at = from; next_part(map, &at, end, &part);)
		bring_back(map, &part);
}

void rbi_map_release(struct rb_dma_map *map)
{
	uint64_t at = 0;
	struct part part;

	note_user(map, RBI_DMA_USER_ENDS);
	while (next_part(map, &at, map->len, &part))
		if (world_reads(part.piece))
			note(map, &part, RBI_DMA_DEVICE_READS | RBI_DMA_DEVICE_WRITES, 0);
}
