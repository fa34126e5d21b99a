/* SPDX-License-Identifier: MIT */
/*
 * mock_dma.c - DMA buffers: the CPU's bytes, the device's bytes, and what passes
 * between them.
 *
 * A buffer has three images: the CPU's, the device's, and the bytes as both last
 * agreed on them ("synced"). A byte the CPU changed differs from synced; a byte
 * the device wrote has its bit set in the dirty map, also when the value is the
 * same. Publish moves the former to the device, observe the latter to the CPU,
 * so neither undoes the other's store. A byte that is both is a violation: on
 * hardware the one or the other store would win by chance.
 */
#include <string.h>

#include "host/mock/mock_machine.h"

#define SLOTS_MAX 0xffffu /* the low half of a token is slot + 1, the high half its turn */
#define WORD	  64u /* bytes that one word of the dirty map stands for */

struct mock_buffer {
	uint64_t bus;
	uint64_t len;
	uint8_t *cpu; /* the driver's, not ours */
	uint8_t *dev; /* what the device reads and writes */
	uint8_t *synced; /* as of the last publish or observe */
	uint64_t *dirty; /* a bit for each byte the device wrote since */
	size_t slot;
};

/* --- the dirty map ---------------------------------------------------------------------- */

static bool is_dirty(const struct mock_buffer *b, uint64_t i)
{
	return b->dirty[i / WORD] >> i % WORD & 1;
}

static void set_dirty(struct mock_buffer *b, uint64_t off, uint64_t len)
{
	uint64_t i;

	for (i = off; i < off + len; i++)
		b->dirty[i / WORD] |= 1ull << i % WORD;
}

static void clear_dirty(struct mock_buffer *b, uint64_t i)
{
	b->dirty[i / WORD] &= ~(1ull << i % WORD);
}

/* The end of the stretch at @i that one word of the map stands for. */
static uint64_t word_end(uint64_t i, uint64_t end)
{
	uint64_t next = (i / WORD + 1) * WORD;

	return next < end ? next : end;
}

/* --- buffers by token and by address --------------------------------------------------------- */

static struct mock_buffer *by_token(struct mock *mock, uint32_t token)
{
	size_t slot = (token & 0xffff) - (size_t)1;

	if (slot >= mock->nslots || mock->slots[slot].turn != token >> 16)
		return NULL;
	return mock->slots[slot].buffer;
}

/* The first buffer that ends behind @bus. */
static size_t place_of(const struct mock *mock, uint64_t bus)
{
	size_t low = 0, high = mock->nbuffers;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct mock_buffer *b = mock->buffers[mid];

		if (b->bus + (b->len - 1) < bus)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct mock_buffer *by_address(const struct mock *mock, uint64_t bus)
{
	size_t i = place_of(mock, bus);

	return i < mock->nbuffers && mock->buffers[i]->bus <= bus ? mock->buffers[i] : NULL;
}

static int room_for_one(struct mock *mock)
{
	struct mock_buffer **buffers;
	struct mock_dma_slot *slots;
	size_t room;

	if (mock->nbuffers < mock->buffers_room)
		return 0;
	room = mock->buffers_room > 0 ? mock->buffers_room * 2 : 16;
	if (room > SLOTS_MAX)
		return rbi_no_memory("more than 32768 DMA buffers");

	buffers = rbi_realloc(mock->buffers, room, sizeof(struct mock_buffer *));
	if (!buffers)
		return rbi_no_memory("the mock's list of DMA buffers");
	mock->buffers = buffers;
	slots = rbi_realloc(mock->slots, room, sizeof(*slots));
	if (!slots)
		return rbi_no_memory("the mock's list of DMA buffers");
	memset(&slots[mock->nslots], 0, (room - mock->nslots) * sizeof(*slots));
	mock->slots = slots;
	mock->nslots = mock->buffers_room = room;
	return 0;
}

/* There are as many slots as buffers_room, so one is free. */
static uint32_t link_in(struct mock *mock, struct mock_buffer *b)
{
	size_t at = place_of(mock, b->bus), slot = 0;

	memmove(&mock->buffers[at + 1], &mock->buffers[at],
		(mock->nbuffers - at) * sizeof(struct mock_buffer *));
	mock->buffers[at] = b;
	mock->nbuffers++;

	while (mock->slots[slot].buffer)
		slot++;
	b->slot = slot;
	mock->slots[slot].buffer = b;
	return (uint32_t)mock->slots[slot].turn << 16 | (uint32_t)(slot + 1);
}

static void link_out(struct mock *mock, struct mock_buffer *b)
{
	size_t at = place_of(mock, b->bus);

	mock->nbuffers--;
	memmove(&mock->buffers[at], &mock->buffers[at + 1],
		(mock->nbuffers - at) * sizeof(struct mock_buffer *));
	mock->slots[b->slot].buffer = NULL;
	mock->slots[b->slot].turn++;
	mock->past[mock->npast++ % MOCK_PAST] = (struct mock_past){ b->bus, b->len };
}

/* --- made and freed ------------------------------------------------------------------------- */

static void free_buffer(struct mock_buffer *b)
{
	if (b) {
		rbi_free(b->dev);
		rbi_free(b->synced);
		rbi_free(b->dirty);
	}
	rbi_free(b);
}

/* Pages of zeros are left alone, so that a fresh buffer costs address space only. */
static void copy_in(struct mock_buffer *b)
{
	static const uint8_t zeros[RBI_PAGE];
	uint64_t off;

	for (off = 0; off < b->len; off += RBI_PAGE) {
		size_t n = b->len - off < RBI_PAGE ? (size_t)(b->len - off) : RBI_PAGE;

		if (memcmp(b->cpu + off, zeros, n) == 0)
			continue;
		memcpy(b->dev + off, b->cpu + off, n);
		memcpy(b->synced + off, b->cpu + off, n);
	}
}

static struct mock_buffer *new_buffer(uint64_t bus, uint64_t len, void *cpu)
{
	struct mock_buffer *b;

	b = rbi_alloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->bus = bus;
	b->len = len;
	b->cpu = cpu;
	b->dev = rbi_alloc(1, (size_t)len);
	b->synced = rbi_alloc(1, (size_t)len);
	b->dirty = rbi_alloc((size_t)(len / WORD) + 1, sizeof(*b->dirty));
	if (!b->dev || !b->synced || !b->dirty) {
		free_buffer(b);
		return NULL;
	}
	copy_in(b);
	return b;
}

int rbi_mock_op_dma_map(struct rbi_machine *m, uint64_t bus, uint64_t len, void *cpu,
			uint32_t *shadow)
{
	struct mock *mock = mock_of(m);
	struct mock_buffer *b;
	size_t at;
	int rc;

	*shadow = 0;
	if (!cpu || len == 0 || len > MOCK_RAM_SIZE || bus > UINT64_MAX - len)
		return rbi_fail(-EINVAL, "mock: %llu bytes at bus address %#llx are no buffer",
				(unsigned long long)len, (unsigned long long)bus);

	b = new_buffer(bus, len, cpu);
	if (!b)
		return rbi_no_memory("a device's copy of a DMA buffer");
	rbi_mock_lock(mock);
	at = place_of(mock, bus);
	if (at < mock->nbuffers && mock->buffers[at]->bus < bus + len)
		rc = rbi_fail(-EEXIST, "mock: bus address %#llx belongs to another buffer",
			      (unsigned long long)bus);
	else
		rc = room_for_one(mock);
	if (rc == 0) {
		*shadow = link_in(mock, b);
		b = NULL;
	}
	rbi_mock_unlock(mock);
	free_buffer(b);
	return rc;
}

void rbi_mock_op_dma_unmap(struct rbi_machine *m, uint64_t bus, uint64_t len, uint32_t shadow)
{
	struct mock *mock = mock_of(m);
	struct mock_buffer *b;

	(void)len;
	rbi_mock_lock(mock);
	b = by_token(mock, shadow);
	if (b)
		link_out(mock, b);
	else
		rbi_mock_complain(mock, NULL, "the DMA buffer at bus address %#llx was freed twice",
				  (unsigned long long)bus);
	rbi_mock_unlock(mock);
	free_buffer(b);
}

void rbi_mock_dma_free(struct mock *mock)
{
	size_t i;

	for (i = 0; i < mock->nbuffers; i++)
		free_buffer(mock->buffers[i]);
	rbi_free(mock->buffers);
	rbi_free(mock->slots);
}

/* --- the driver's side ------------------------------------------------------------------------ */

/* The buffer, with the range cut to its size; NULL: a stale token. Complains. */
static struct mock_buffer *range_of(struct mock *mock, uint32_t shadow, uint64_t off, uint64_t *len,
				    const char *call)
{
	struct mock_buffer *b = by_token(mock, shadow);

	if (!b) {
		rbi_mock_complain(mock, NULL,
				  "%s of %llu bytes at offset %llu of a DMA buffer "
				  "that has been freed",
				  call, (unsigned long long)*len, (unsigned long long)off);
		return NULL;
	}
	if (off > b->len || *len > b->len - off) {
		rbi_mock_complain(mock, NULL,
				  "%s of %llu bytes at offset %llu passes the end of "
				  "the DMA buffer at bus address %#llx, %llu bytes",
				  call, (unsigned long long)*len, (unsigned long long)off,
				  (unsigned long long)b->bus, (unsigned long long)b->len);
		*len = off > b->len ? 0 : b->len - off;
	}
	return b;
}

static void complain_of_both(struct mock *mock, const struct mock_buffer *b, uint64_t first,
			     uint64_t count, const char *call)
{
	if (count > 0)
		rbi_mock_complain(mock, NULL,
				  "%s: CPU and device have both written byte %llu of "
				  "the DMA buffer at bus address %#llx (%llu bytes in all)",
				  call, (unsigned long long)first, (unsigned long long)b->bus,
				  (unsigned long long)count);
}

void rbi_mock_op_dma_publish(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct mock *mock = mock_of(m);
	uint64_t i, end, both = 0, first = 0;
	struct mock_buffer *b;

	rbi_mock_lock(mock);
	b = range_of(mock, shadow, off, &len, "rb_dma_publish");
	for (i = off; b && i < off + len; i = end) {
		end = word_end(i, off + len);
		if (memcmp(b->cpu + i, b->synced + i, (size_t)(end - i)) == 0)
			continue;
		for (; i < end; i++) {
			if (b->cpu[i] == b->synced[i])
				continue;
			if (is_dirty(b, i) && both++ == 0)
				first = i;
			b->dev[i] = b->synced[i] = b->cpu[i];
			clear_dirty(b, i);
		}
	}
	if (b)
		complain_of_both(mock, b, first, both, "rb_dma_publish");
	rbi_mock_unlock(mock);
}

void rbi_mock_op_dma_observe(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct mock *mock = mock_of(m);
	uint64_t i, end, both = 0, first = 0;
	struct mock_buffer *b;

	rbi_mock_lock(mock);
	rbi_mock_tick(mock);
	b = range_of(mock, shadow, off, &len, "rb_dma_observe");
	if (b)
		(void)rbi_mock_dog_bites(mock, b->bus | MOCK_DOG_DMA);
	for (i = off; b && i < off + len; i = end) {
		end = word_end(i, off + len);
		if (b->dirty[i / WORD] == 0)
			continue;
		for (; i < end; i++) {
			if (!is_dirty(b, i))
				continue;
			if (b->cpu[i] != b->synced[i] && both++ == 0)
				first = i;
			b->cpu[i] = b->synced[i] = b->dev[i];
			clear_dirty(b, i);
		}
	}
	if (b)
		complain_of_both(mock, b, first, both, "rb_dma_observe");
	rbi_mock_unlock(mock);
}

/* Nothing is held against a device yet. */
void rbi_mock_op_dma_note(struct rbi_machine *m, const struct rbi_dma_note *note)
{
	(void)m;
	(void)note;
}

/* --- the device's side ------------------------------------------------------------------------- */

static bool was_freed(const struct mock *mock, uint64_t bus)
{
	size_t i;

	for (i = 0; i < mock->npast && i < MOCK_PAST; i++)
		if (bus - mock->past[i].bus < mock->past[i].len)
			return true;
	return false;
}

/* The buffer that holds all of [bus, bus + len), or a code after complaining. */
static int reach(struct rb_mock_dev *dev, uint64_t bus, size_t len, const char *verb,
		 struct mock_buffer **out)
{
	struct mock *mock = dev->mock;
	unsigned long long at = bus;
	struct mock_buffer *b;

	if (dev->gone || dev->dead)
		return rbi_fail(-ENODEV, "mock: %s has been removed or is dead", dev->label);
	if (dev->asleep) {
		rbi_mock_complain(mock, dev, "%s %zu bytes at bus address %#llx while in D3hot",
				  verb, len, at);
		return rbi_fail(-EACCES, "mock: %s is in D3hot", dev->label);
	}
	if (!rbi_mock_command(dev, MOCK_COMMAND_MASTER)) {
		rbi_mock_complain(mock, dev,
				  "%s %zu bytes at bus address %#llx with bus mastering off", verb,
				  len, at);
		return rbi_fail(-EACCES, "mock: bus mastering of %s is off", dev->label);
	}

	b = by_address(mock, bus);
	if (!b)
		rbi_mock_complain(mock, dev, "%s %zu bytes at bus address %#llx, %s", verb, len, at,
				  was_freed(mock, bus) ? "a DMA buffer that has been freed"
						       : "where there is no DMA buffer");
	else if (len > b->len - (bus - b->bus))
		rbi_mock_complain(mock, dev,
				  "%s %zu bytes at bus address %#llx, past the end of "
				  "the DMA buffer of %llu bytes at %#llx",
				  verb, len, at, (unsigned long long)b->len,
				  (unsigned long long)b->bus);
	else
		return *out = b, 0;
	return rbi_fail(-ERANGE, "mock: %#llx is not in a DMA buffer", at);
}

/* The device reads what the CPU changed and did not publish: an old value. */
static void check_published(struct rb_mock_dev *dev, const struct mock_buffer *b, uint64_t off,
			    size_t len)
{
	size_t i;

	if (memcmp(b->cpu + off, b->synced + off, len) == 0)
		return;
	for (i = 0; b->cpu[off + i] == b->synced[off + i]; i++)
		;
	rbi_mock_complain(dev->mock, dev,
			  "reads byte %llu of the DMA buffer at bus address %#llx, "
			  "which the CPU has changed without rb_dma_publish",
			  (unsigned long long)(off + i), (unsigned long long)b->bus);
}

int rb_mock_dma_read(struct rb_mock_dev *dev, struct rb_bus_addr bus, void *buf, size_t len)
{
	struct mock_buffer *b;
	size_t done = 0;
	int rc;

	if (!dev || (!buf && len > 0))
		return rbi_fail(-EINVAL, "rb_mock_dma_read: no device, or no room");
	if (len == 0)
		return 0;
	rbi_mock_lock(dev->mock);
	rc = reach(dev, bus.value, len, "reads", &b);
	if (rc == 0)
		done = rbi_mock_fault_transfer(dev, len, &rc);
	if (done > 0) {
		check_published(dev, b, bus.value - b->bus, done);
		memcpy(buf, b->dev + (bus.value - b->bus), done);
	}
	memset((uint8_t *)buf + done, 0xff, len - done);
	rbi_mock_unlock(dev->mock);
	return rc;
}

int rb_mock_dma_write(struct rb_mock_dev *dev, struct rb_bus_addr bus, const void *buf, size_t len)
{
	struct mock_buffer *b;
	int rc;

	if (!dev || (!buf && len > 0))
		return rbi_fail(-EINVAL, "rb_mock_dma_write: no device, or no bytes");
	if (len == 0)
		return 0;
	rbi_mock_lock(dev->mock);
	rc = reach(dev, bus.value, len, "writes", &b);
	if (rc == 0)
		len = rbi_mock_fault_transfer(dev, len, &rc);
	if (rc == 0) {
		memcpy(b->dev + (bus.value - b->bus), buf, len);
		set_dirty(b, bus.value - b->bus, len);
	}
	rbi_mock_unlock(dev->mock);
	return rc;
}
