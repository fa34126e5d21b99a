/* SPDX-License-Identifier: MIT */
/*
 * dma_map_sync.c - parts of a map change hands: what the device has is remembered here, and
 * moved by dma_map_hand.c.
 */
#include "config.h"

#include "dma/dma_map_private.h"

int rbi_map_room_for(struct rb_dma_map *map, uint32_t count)
{
	if (!rbi_map_spans_reserve(&map->device, count))
		return rbi_no_memory("one more part of a DMA map");
	return 0;
}

void rbi_map_take_back(struct rb_dma_map *map, uint64_t from, uint64_t end)
{
	struct rbi_map_span span;

	while (rbi_map_spans_next_in(&map->device, from, end, &span)) {
		rbi_map_hand_back(map, span.from, span.end);
		from = span.end;
	}
}

static int check_sync(struct rb_dma_map *map, uint64_t off, uint64_t len, const char *call)
{
	int rc;

	if (!map)
		return rbi_fail(-EINVAL, "%s: NULL", call);
	rc = rbi_ctx_check(map->ctx, call);
	if (rc < 0)
		return rc;
	if (off > map->len || len > map->len - off)
		return rbi_fail(-ERANGE, "%s: %llu bytes at %llu pass the end of map %s, %llu bytes",
				call, (unsigned long long)len, (unsigned long long)off, map->name,
				(unsigned long long)map->len);
	return 0;
}

int rb_dma_sync_for_cpu(struct rb_dma_map *map, uint64_t off, uint64_t len)
{
	int rc = check_sync(map, off, len, "rb_dma_sync_for_cpu");

	if (rc == 0 && len > 0)
		rc = rbi_map_room_for(map, rbi_map_spans_after_take(&map->device, off, off + len));
	if (rc < 0 || len == 0)
		return rc;
	rbi_map_take_back(map, off, off + len);
	rbi_map_spans_take(&map->device, off, off + len);
	return 0;
}

int rb_dma_sync_for_device(struct rb_dma_map *map, uint64_t off, uint64_t len)
{
	int rc = check_sync(map, off, len, "rb_dma_sync_for_device");
	struct rbi_map_span span;
	uint64_t from = off;

	if (rc == 0 && len > 0)
		rc = rbi_map_room_for(map, rbi_map_spans_after_add(&map->device, off, off + len));
	if (rc < 0 || len == 0)
		return rc;
	while (rbi_map_spans_next_out(&map->device, from, off + len, &span)) {
		rbi_map_hand_over(map, span.from, span.end);
		from = span.end;
	}
	rbi_map_spans_add(&map->device, off, off + len);
	return 0;
}
