/* SPDX-License-Identifier: MIT */
/*
 * mock_dma_sync.c - publish and observe: the driver's side of DMA buffers.
 *
 * Publish moves what the CPU changed to the device, observe what the device wrote to
 * the CPU, so neither undoes the other's store. A byte that is both is a violation: on
 * hardware the one or the other store would win by chance.
 */
#include "config.h"

#include <string.h>

#ifdef HAVE_VALGRIND_MEMCHECK_H
#include <valgrind/memcheck.h>
#endif

#include "host/mock/mock_dma.h"

/* --- the CPU's bytes ---------------------------------------------------------------------- */

/* Those that a driver has handed over are forbidden to it, and so to this process, by
 * AddressSanitizer or valgrind. The mock plays the hardware, which may look. */
#define AS_HARDWARE __attribute__((noinline, no_sanitize("address")))

typedef uint64_t word __attribute__((aligned(1), may_alias));
typedef uint64_t whole64 __attribute__((may_alias));
typedef uint32_t whole32 __attribute__((may_alias));
typedef uint16_t whole16 __attribute__((may_alias));

/* Which bits of a loaded word of @size bytes are byte @k in memory. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTE_SHIFT(k, size) (8 * (k))
#else
#define BYTE_SHIFT(k, size) (8 * ((size) - 1 - (k)))
#endif

static void look(bool on)
{
#ifdef HAVE_VALGRIND_MEMCHECK_H
	if (on)
		VALGRIND_DISABLE_ERROR_REPORTING;
	else
		VALGRIND_ENABLE_ERROR_REPORTING;
#else
	(void)on;
#endif
}

/* The first byte of [i, end) that the CPU has changed; @end: none. */
AS_HARDWARE static uint64_t first_changed(const struct mock_buffer *b, uint64_t i, uint64_t end)
{
	while (end - i >= 8 && *(const word *)(b->cpu + i) == *(const word *)(b->synced + i))
		i += 8;
	while (i < end && b->cpu[i] == b->synced[i])
		i++;
	return i;
}

/* What is found while bytes move. */
struct both {
	uint64_t count; /* bytes that both sides have written */
	uint64_t first;
};

static void found_both(struct both *both, uint64_t i)
{
	if (both->count++ == 0)
		both->first = i;
}

/*
 * Another thread may look at memory, or change it, while it is moved here. On hardware it
 * never sees half of an aligned word, nor is half of one seen; so such words are loaded
 * and stored whole, as large as the range and the device's writes make them.
 */
#define INLINE static inline __attribute__((always_inline, no_sanitize("address")))

INLINE uint64_t load(const uint8_t *p, unsigned int size)
{
	switch (size) {
	case 8:
		return __atomic_load_n((const whole64 *)(const void *)p, __ATOMIC_RELAXED);
	case 4:
		return __atomic_load_n((const whole32 *)(const void *)p, __ATOMIC_RELAXED);
	case 2:
		return __atomic_load_n((const whole16 *)(const void *)p, __ATOMIC_RELAXED);
	default:
		return __atomic_load_n(p, __ATOMIC_RELAXED);
	}
}

INLINE void store(uint8_t *p, unsigned int size, uint64_t val)
{
	switch (size) {
	case 8:
		__atomic_store_n((whole64 *)(void *)p, val, __ATOMIC_RELAXED);
		break;
	case 4:
		__atomic_store_n((whole32 *)(void *)p, (uint32_t)val, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n((whole16 *)(void *)p, (uint16_t)val, __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n(p, (uint8_t)val, __ATOMIC_RELAXED);
	}
}

/* The largest aligned word at @i that does not pass @end. */
INLINE unsigned int word_at(const struct mock_buffer *b, uint64_t i, uint64_t end)
{
	unsigned int size = 8;

	while (size > 1 && (((uintptr_t)b->cpu + i) % size != 0 || end - i < size))
		size /= 2;
	return size;
}

/* The dirty bits of @size bytes at @i, which lie in one word of the map. */
INLINE unsigned int dirty_bits(const struct mock_buffer *b, uint64_t i, unsigned int size)
{
	uint64_t bit = b->bit + i;

	return (unsigned int)(b->dirty[bit / 64] >> bit % 64) & ((1u << size) - 1);
}

/* Bytes [i, end), which one word of the dirty map stands for, from the CPU to the device. */
AS_HARDWARE static void move_out(struct mock_buffer *b, uint64_t i, uint64_t end, struct both *both)
{
	unsigned int size, k;
	uint8_t bytes[8];
	uint64_t now;

	for (; i < end; i += size) {
		size = word_at(b, i, end);
		now = load(b->cpu + i, size);
		if (now == load(b->synced + i, size))
			continue;
		for (k = 0; k < size; k++) {
			bytes[k] = (uint8_t)(now >> BYTE_SHIFT(k, size));
			if (bytes[k] == b->synced[i + k])
				continue;
			if (rbi_mock_dma_is_dirty(b, i + k))
				found_both(both, i + k);
			b->dev[i + k] = b->synced[i + k] = bytes[k];
			rbi_mock_dma_clear_dirty(b, i + k);
		}
	}
}

/* The same from the device to the CPU. */
AS_HARDWARE static void move_in(struct mock_buffer *b, uint64_t i, uint64_t end, struct both *both)
{
	unsigned int size, bits, k;
	uint64_t now;

	for (; i < end; i += size) {
		size = word_at(b, i, end);
		bits = dirty_bits(b, i, size);
		while (size > 1 && bits != (1u << size) - 1 && bits != 0) {
			size /= 2;
			bits &= (1u << size) - 1;
		}
		if (bits == 0)
			continue;
		for (k = 0; k < size; k++) {
			if (b->cpu[i + k] != b->synced[i + k])
				found_both(both, i + k);
			rbi_mock_dma_clear_dirty(b, i + k);
		}
		now = load(b->dev + i, size);
		store(b->synced + i, size, now);
		store(b->cpu + i, size, now);
	}
}

uint64_t rbi_mock_dma_unpublished(const struct mock_buffer *b, uint64_t off, uint64_t len)
{
	uint64_t i;

	look(true);
	i = first_changed(b, off, off + len);
	look(false);
	return i;
}

/* --- publish and observe ------------------------------------------------------------------ */

/* The buffer, with the range cut to its size; NULL: a stale token. Complains. */
static struct mock_buffer *range_of(struct mock *mock, uint32_t shadow, uint64_t off, uint64_t *len,
				    const char *call)
{
	struct mock_buffer *b = rbi_mock_dma_by_token(mock, shadow);
	const struct mock_dma_record *rec;
	char text[MOCK_DMA_TEXT];

	if (!b) {
		rec = rbi_mock_dma_past_token(mock, shadow);
		rbi_mock_complain(mock, NULL,
				  "%s of %llu bytes at offset %llu of %s, which has been freed",
				  call, (unsigned long long)*len,
				  (unsigned long long)(rec ? rbi_mock_dma_byte(rec, off) : off),
				  rec ? rbi_mock_dma_words(rec, text) : "a DMA buffer");
		return NULL;
	}
	if (off > b->rec.len || *len > b->rec.len - off) {
		rbi_mock_complain(mock, NULL,
				  "%s of %llu bytes at offset %llu passes the end of "
				  "%s, %llu bytes",
				  call, (unsigned long long)*len,
				  (unsigned long long)rbi_mock_dma_byte(&b->rec, off),
				  rbi_mock_dma_words(&b->rec, text),
				  (unsigned long long)rbi_mock_dma_byte(&b->rec, b->rec.len));
		*len = off > b->rec.len ? 0 : b->rec.len - off;
	}
	return b;
}

static void complain_of_both(struct mock *mock, const struct mock_buffer *b,
			     const struct both *both, const char *call)
{
	char text[MOCK_DMA_TEXT];

	if (both->count > 0)
		rbi_mock_complain(mock, NULL,
				  "%s: CPU and device have both written byte %llu of "
				  "%s (%llu bytes in all)",
				  call, (unsigned long long)rbi_mock_dma_byte(&b->rec, both->first),
				  rbi_mock_dma_words(&b->rec, text),
				  (unsigned long long)both->count);
}

void rbi_mock_op_dma_publish(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct mock *mock = mock_of(m);
	struct both both = { 0, 0 };
	struct mock_buffer *b;
	uint64_t i, end;

	rbi_mock_lock(mock);
	b = range_of(mock, shadow, off, &len, "rb_dma_publish");
	look(true);
	for (i = off; b && i < off + len; i = end) {
		end = rbi_mock_dma_word_end(b, i, off + len);
		if (first_changed(b, i, end) == end)
			continue;
		rbi_mock_dma_use(b, i, end - i);
		move_out(b, i, end, &both);
	}
	look(false);
	if (b)
		complain_of_both(mock, b, &both, "rb_dma_publish");
	rbi_mock_unlock(mock);
}

void rbi_mock_op_dma_observe(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct mock *mock = mock_of(m);
	struct both both = { 0, 0 };
	struct mock_buffer *b;
	uint64_t i, end;

	rbi_mock_lock(mock);
	rbi_mock_tick(mock);
	b = range_of(mock, shadow, off, &len, "rb_dma_observe");
	if (b)
		(void)rbi_mock_dog_bites(mock, b->rec.bus | MOCK_DOG_DMA);
	look(true);
	for (i = off; b && i < off + len; i = end) {
		end = rbi_mock_dma_word_end(b, i, off + len);
		if (b->dirty[(b->bit + i) / 64] != 0)
			move_in(b, i, end, &both);
	}
	look(false);
	if (b)
		complain_of_both(mock, b, &both, "rb_dma_observe");
	rbi_mock_unlock(mock);
}
