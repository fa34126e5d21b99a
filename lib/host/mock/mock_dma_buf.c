/* SPDX-License-Identifier: MIT */
/*
 * mock_dma_buf.c - DMA buffers come and go.
 *
 * A machine may have 100,000 of them: they are found by token in one step and by
 * address in logarithmic time, and one costs little more than what is written to it.
 * The images are those of the RAM they lie in, as address space, zero where no buffer
 * is; a buffer that ends leaves them so.
 */
#include <string.h>
#include <sys/mman.h>

#include "host/mock/mock_dma.h"

#define SLOT_BITS 20 /* of a token */
#define SLOTS_MAX ((1u << SLOT_BITS) - 1)
#define TURNS	  (1u << (32 - SLOT_BITS))
#define MANY	  (64 * 1024) /* bytes that are cheaper to give back than to clear */

/* --- the images of RAM -------------------------------------------------------------------- */

static int open_image(struct mock_dma_image *image, uint64_t size)
{
	size_t len = (size_t)(2 * size + size / 8);
	void *p;

	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		 0);
	if (p == MAP_FAILED)
		return rbi_no_memory("the devices' copy of RAM");
	image->size = size;
	image->dev = p;
	image->synced = image->dev + size;
	image->dirty = (uint64_t *)(void *)(image->synced + size);
	return 0;
}

static void close_dma(struct mock_dma *dma)
{
	size_t i;

	for (i = 0; i < 2; i++)
		if (dma->images[i].size > 0)
			munmap(dma->images[i].dev,
			       (size_t)(2 * dma->images[i].size + dma->images[i].size / 8));
	rbi_free(dma->slots);
	rbi_free(dma->past);
	rbi_free(dma);
}

/* What a mock without buffers does not have. */
static int need_dma(struct mock *mock)
{
	struct mock_dma *dma;
	size_t i;
	int rc = 0;

	if (mock->dma)
		return 0;
	dma = rbi_alloc(1, sizeof(*dma));
	if (!dma)
		return rbi_no_memory("the mock's list of DMA buffers");
	for (i = 0; i < mock->nram && rc == 0; i++)
		rc = open_image(&dma->images[i], mock->ram[i].size);
	if (rc < 0) {
		close_dma(dma);
		return rc;
	}
	mock->dma = dma;
	return 0;
}

void rbi_mock_dma_use(struct mock_buffer *b, uint64_t off, uint64_t len)
{
	if (b->used_to == 0 || off < b->used_from)
		b->used_from = off;
	if (off + len > b->used_to)
		b->used_to = off + len;
}

/* Clear whole pages by giving them back. The rest is the caller's. */
static void clear_bytes(uint8_t *p, uint64_t len)
{
	uint64_t skew = (RBI_PAGE - (uintptr_t)p % RBI_PAGE) % RBI_PAGE;
	uint64_t whole;

	if (len < MANY) {
		memset(p, 0, (size_t)len);
		return;
	}
	whole = (len - skew) / RBI_PAGE * RBI_PAGE;
	memset(p, 0, (size_t)skew);
	if (madvise(p + skew, (size_t)whole, MADV_DONTNEED) < 0)
		memset(p + skew, 0, (size_t)whole);
	memset(p + skew + whole, 0, (size_t)(len - skew - whole));
}

static void clear_images(struct mock_buffer *b)
{
	uint64_t i, end;

	if (b->used_to == 0)
		return;
	clear_bytes(b->dev + b->used_from, b->used_to - b->used_from);
	clear_bytes(b->synced + b->used_from, b->used_to - b->used_from);
	for (i = b->used_from; i < b->used_to; i = end) {
		end = rbi_mock_dma_word_end(b, i, b->used_to);
		if (end - i == 64)
			b->dirty[(b->bit + i) / 64] = 0;
		else
			for (; i < end; i++)
				rbi_mock_dma_clear_dirty(b, i);
	}
}

/* --- tokens ------------------------------------------------------------------------------- */

struct mock_buffer *rbi_mock_dma_by_token(struct mock *mock, uint32_t token)
{
	struct mock_dma *dma = mock->dma;
	uint32_t slot = token % (SLOTS_MAX + 1);

	if (!dma || slot == 0 || slot > dma->nslots ||
	    dma->slots[slot - 1].turn != token >> SLOT_BITS)
		return NULL;
	return dma->slots[slot - 1].buffer;
}

static void slot_is_free(struct mock_dma *dma, uint32_t slot)
{
	dma->slots[slot - 1].buffer = NULL;
	dma->slots[slot - 1].next = 0;
	if (dma->free_last != 0)
		dma->slots[dma->free_last - 1].next = slot;
	else
		dma->free_first = slot;
	dma->free_last = slot;
}

static int room_for_one(struct mock_dma *dma)
{
	struct mock_dma_slot *slots;
	size_t room;

	if (dma->free_first != 0)
		return 0;
	room = dma->nslots > 0 ? dma->nslots * 2 : 16;
	if (room > SLOTS_MAX)
		room = SLOTS_MAX;
	if (room == dma->nslots)
		return rbi_no_memory("more than 1048575 DMA buffers");

	slots = rbi_realloc(dma->slots, room, sizeof(*slots));
	if (!slots)
		return rbi_no_memory("the mock's list of DMA buffers");
	dma->slots = slots;
	while (dma->nslots < room) {
		slots[dma->nslots].turn = 0;
		slot_is_free(dma, (uint32_t)++dma->nslots);
	}
	return 0;
}

/* --- in and out --------------------------------------------------------------------------- */

static void link_in(struct mock_dma *dma, struct mock_buffer *b)
{
	uint32_t slot = dma->free_first;

	dma->free_first = dma->slots[slot - 1].next;
	if (dma->free_first == 0)
		dma->free_last = 0;
	dma->slots[slot - 1].buffer = b;
	b->rec.token = dma->slots[slot - 1].turn << SLOT_BITS | slot;
	rbi_span_insert(&dma->buffers, &b->span);
	dma->nbuffers++;
}

/* A short-lived world has few, and does not pay for more. Without memory a buffer is
 * forgotten. */
static void remember(struct mock_dma *dma, const struct mock_dma_record *rec)
{
	size_t room = dma->past_room > 0 ? dma->past_room * 2 : 8;
	struct mock_dma_record *past;

	if (dma->npast == dma->past_room && dma->past_room < MOCK_DMA_PAST) {
		past = rbi_realloc(dma->past, room, sizeof(*past));
		if (!past)
			return;
		dma->past = past;
		dma->past_room = room;
	}
	dma->past[dma->npast++ % MOCK_DMA_PAST] = *rec;
}

static void link_out(struct mock_dma *dma, struct mock_buffer *b)
{
	uint32_t slot = b->rec.token % (SLOTS_MAX + 1);

	rbi_span_remove(&dma->buffers, &b->span);
	dma->nbuffers--;
	if (dma->last == b)
		dma->last = NULL;
	dma->slots[slot - 1].turn = (dma->slots[slot - 1].turn + 1) % TURNS;
	slot_is_free(dma, slot);
	remember(dma, &b->rec);
}

struct mock_buffer *rbi_mock_dma_by_address(struct mock *mock, uint64_t bus)
{
	struct mock_dma *dma = mock->dma;
	struct mock_buffer *b;

	if (!dma)
		return NULL;
	if (dma->last && rbi_span_holds(&dma->last->span, bus, 1))
		return dma->last;
	b = (struct mock_buffer *)rbi_span_from(&dma->buffers, bus);
	if (!b || b->span.base > bus)
		return NULL;
	return dma->last = b;
}

/* The latest of the past is the first that is looked at. */
static const struct mock_dma_record *past(const struct mock_dma *dma, size_t age)
{
	if (!dma || age >= dma->npast || age >= MOCK_DMA_PAST)
		return NULL;
	return &dma->past[(dma->npast - 1 - age) % MOCK_DMA_PAST];
}

const struct mock_dma_record *rbi_mock_dma_past(const struct mock *mock, uint64_t bus)
{
	const struct mock_dma_record *rec;
	size_t age;

	for (age = 0; (rec = past(mock->dma, age)) != NULL; age++)
		if (bus - rec->bus < rec->len)
			return rec;
	return NULL;
}

const struct mock_dma_record *rbi_mock_dma_past_token(const struct mock *mock, uint32_t token)
{
	const struct mock_dma_record *rec;
	size_t age;

	for (age = 0; (rec = past(mock->dma, age)) != NULL; age++)
		if (rec->token == token)
			return rec;
	return NULL;
}

/* --- made and freed ------------------------------------------------------------------------- */

static void free_buffer(struct mock_buffer *b)
{
	if (b)
		rbi_free(b->cells);
	rbi_free(b);
}

/* Pages of zeros are left alone, so that a fresh buffer costs address space only. */
static void copy_in(struct mock_buffer *b)
{
	static const uint8_t zeros[RBI_PAGE];
	uint64_t off, len = b->span.len;

	for (off = 0; off < len; off += RBI_PAGE) {
		size_t n = len - off < RBI_PAGE ? (size_t)(len - off) : RBI_PAGE;

		if (memcmp(b->cpu + off, zeros, n) == 0)
			continue;
		memcpy(b->dev + off, b->cpu + off, n);
		memcpy(b->synced + off, b->cpu + off, n);
		rbi_mock_dma_use(b, off, n);
	}
}

static struct mock_buffer *new_buffer(uint64_t bus, uint64_t len, void *cpu)
{
	struct mock_buffer *b;

	b = rbi_alloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->span.base = b->rec.bus = bus;
	b->span.len = b->rec.len = len;
	b->cpu = cpu;
	b->all.end = len;
	b->all.access = RBI_DMA_DEVICE_READS | RBI_DMA_DEVICE_WRITES;
	return b;
}

/* Show the buffer its part of the images. */
static void take_images(struct mock *mock, struct mock_buffer *b, const struct rbi_ram *ram)
{
	const struct mock_dma_image *image = &mock->dma->images[ram - mock->ram];

	b->bit = b->span.base - ram->base;
	b->dev = image->dev + b->bit;
	b->synced = image->synced + b->bit;
	b->dirty = image->dirty;
}

int rbi_mock_op_dma_map(struct rbi_machine *m, uint64_t bus, uint64_t len, void *cpu,
			uint32_t *shadow)
{
	struct mock *mock = mock_of(m);
	const struct rbi_ram *ram = rbi_mock_ram_at(mock, bus, len);
	struct mock_buffer *b;
	struct rbi_span *s;
	int rc;

	*shadow = 0;
	if (!cpu || !ram)
		return rbi_fail(-EINVAL, "mock: %llu bytes at bus address %#llx are no buffer",
				(unsigned long long)len, (unsigned long long)bus);

	b = new_buffer(bus, len, cpu);
	if (!b)
		return rbi_no_memory("a DMA buffer of the mock");
	rbi_mock_lock(mock);
	rc = need_dma(mock);
	s = rc == 0 ? rbi_span_from(&mock->dma->buffers, bus) : NULL;
	if (s && s->base < bus + len)
		rc = rbi_fail(-EEXIST, "mock: bus address %#llx belongs to another buffer",
			      (unsigned long long)bus);
	if (rc == 0)
		rc = room_for_one(mock->dma);
	if (rc == 0) {
		take_images(mock, b, ram);
		copy_in(b);
		link_in(mock->dma, b);
		*shadow = b->rec.token;
		b = NULL;
	}
	rbi_mock_unlock(mock);
	free_buffer(b);
	return rc;
}

void rbi_mock_op_dma_unmap(struct rbi_machine *m, uint64_t bus, uint64_t len, uint32_t shadow)
{
	struct mock *mock = mock_of(m);
	const struct mock_dma_record *rec;
	char text[MOCK_DMA_TEXT];
	struct mock_buffer *b;

	(void)len;
	rbi_mock_lock(mock);
	b = rbi_mock_dma_by_token(mock, shadow);
	if (b) {
		clear_images(b);
		link_out(mock->dma, b);
	} else {
		rec = rbi_mock_dma_past_token(mock, shadow);
		rbi_mock_complain(mock, NULL, "%s at %#llx was freed twice",
				  rec ? rbi_mock_dma_words(rec, text) : "a DMA buffer",
				  (unsigned long long)bus);
	}
	rbi_mock_unlock(mock);
	free_buffer(b);
}

void rbi_mock_dma_free(struct mock *mock)
{
	struct rbi_span *s;

	if (!mock->dma)
		return;
	while ((s = mock->dma->buffers.root) != NULL) {
		rbi_span_remove(&mock->dma->buffers, s);
		free_buffer((struct mock_buffer *)s);
	}
	close_dma(mock->dma);
}
