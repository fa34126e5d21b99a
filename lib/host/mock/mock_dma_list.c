/* SPDX-License-Identifier: MIT */
/* mock_dma_list.c - what DMA there was: a list for tests and tools. */
#include <string.h>

#include "host/mock/mock_dma.h"

struct entry {
	struct mock_dma_record rec;
	bool live;
};

struct rb_mock_dma_ranges {
	size_t count;
	struct entry entries[];
};

/* Copy them: live ones by address, then those that were freed, the latest first. */
static void fill(const struct mock_dma *dma, struct rb_mock_dma_ranges *list)
{
	const struct rbi_span *s;
	size_t age, n = 0;

	for (s = rbi_span_from(&dma->buffers, 0); s; s = rbi_span_after(&dma->buffers, s))
		list->entries[n++] = (struct entry){ ((const struct mock_buffer *)s)->rec, true };
	for (age = 0; n < list->count; age++)
		list->entries[n++] =
			(struct entry){ dma->past[(dma->npast - 1 - age) % MOCK_DMA_PAST], false };
}

int rb_mock_dma_ranges(struct rb_ctx *ctx, struct rb_mock_dma_ranges **out)
{
	struct rb_mock_dma_ranges *list;
	const struct mock_dma *dma;
	struct mock *mock;
	size_t count = 0;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_mock_dma_ranges: nowhere to put the list");
	*out = NULL;
	mock = rbi_mock_of_ctx(ctx, "rb_mock_dma_ranges", &rc);
	if (!mock)
		return rc;

	rbi_mock_lock(mock);
	dma = mock->dma;
	if (dma)
		count = dma->nbuffers + (dma->npast < MOCK_DMA_PAST ? dma->npast : MOCK_DMA_PAST);
	list = rbi_alloc(1, sizeof(*list) + count * sizeof(list->entries[0]));
	if (list) {
		list->count = count;
		if (dma)
			fill(dma, list);
	}
	rbi_mock_unlock(mock);
	*out = list;
	return list ? 0 : rbi_no_memory("the list of DMA ranges");
}

size_t rb_mock_dma_ranges_count(const struct rb_mock_dma_ranges *list)
{
	return list ? list->count : 0;
}

int rb_mock_dma_ranges_get(const struct rb_mock_dma_ranges *list, size_t index,
			   struct rb_mock_dma_range *range)
{
	const struct mock_dma_record *rec;
	struct rb_mock_dma_range full;

	if (!list || !range || range->size < sizeof(range->size))
		return rbi_fail(-EINVAL, "rb_mock_dma_ranges_get: no list, or no struct with a "
					 "size");
	if (index >= list->count)
		return rbi_fail(-ERANGE, "rb_mock_dma_ranges_get: there are %zu ranges, no %zu",
				list->count, index);

	rec = &list->entries[index].rec;
	memset(&full, 0, sizeof(full));
	full.size = range->size;
	full.live = list->entries[index].live;
	full.device.sbdf = rec->owned ? rec->owner.sbdf : UINT32_MAX;
	full.bus.value = rec->bus;
	full.len = rec->len;
	full.label = rec->name.label;
	full.place = rec->name.place;
	full.reads = rec->reads;
	full.writes = rec->writes;
	full.bytes_read = rec->bytes_read;
	full.bytes_written = rec->bytes_written;
	memcpy(range, &full, range->size < sizeof(full) ? range->size : sizeof(full));
	return 0;
}

void rb_mock_dma_ranges_close(struct rb_mock_dma_ranges *list)
{
	rbi_free(list);
}
