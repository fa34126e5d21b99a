/* SPDX-License-Identifier: MIT */
/*
 * mock_dma.h - DMA buffers of machine "mock": what its mock_dma_*.c share.
 *
 * A buffer has three images: the CPU's, the device's, and the bytes as both last
 * agreed on them ("synced"). A byte the CPU changed differs from synced; a byte the
 * device wrote has its bit set in the dirty map, also when the value is the same.
 *
 * Every function expects the machine's lock held, but for its operations.
 */
#ifndef RBI_MOCK_DMA_H
#define RBI_MOCK_DMA_H

#include "core/dma_note.h"
#include "host/host_span.h"
#include "host/mock/mock_machine.h"

#define MOCK_DMA_LABEL 32 /* bytes of what a driver calls memory, with the NUL */
#define MOCK_DMA_PLACE 48 /* of where it asked for it */
#define MOCK_DMA_PAST  256 /* freed buffers that are remembered */
#define MOCK_DMA_USERS 4 /* devices that bytes are mapped for at once, besides the owner */
#define MOCK_DMA_TEXT  192 /* bytes of a buffer's description */

/* What the driver says of memory; "": nothing. */
struct mock_dma_name {
	char label[MOCK_DMA_LABEL];
	char place[MOCK_DMA_PLACE];
};

/* What bytes of a block are part of, besides it (struct rbi_dma_note). */
struct mock_dma_part {
	uint64_t whole; /* 0: of nothing */
	uint64_t skew; /* which byte of it the block's first one is, or would be; modulo 2^64 */
};

/* A device that has begun to use bytes as often as that, and not ended. */
struct mock_dma_user {
	uint32_t times; /* 0: none */
	struct rb_pci_addr fn;
};

/* A stretch of a buffer, from the end of the one before it. */
struct mock_dma_cell {
	uint64_t end;
	uint8_t access; /* bits of enum rbi_dma_access */
	uint8_t before; /* those it had before it was taken back */
	struct mock_dma_name name; /* of its own */
	struct mock_dma_part part; /* of a map */
	struct mock_dma_user users[MOCK_DMA_USERS];
};

/* What is remembered of a buffer after its end, too. */
struct mock_dma_record {
	uint64_t bus;
	uint64_t len; /* as handed out: what follows it is nobody's */
	uint32_t token;
	bool owned;
	struct rb_pci_addr owner; /* the device it was allocated for */
	struct mock_dma_name name;
	struct mock_dma_part part; /* of a buffer of many blocks */
	uint64_t reads, writes; /* transfers, and parts of those that cross blocks */
	uint64_t bytes_read, bytes_written;
};

struct mock_buffer {
	struct rbi_span span; /* first: all of the block, by bus address */
	struct mock_dma_record rec;
	bool noted; /* the driver has said something of it */
	bool lenient; /* there was no memory to remember what: access goes unchecked */
	uint8_t *cpu; /* the driver's, not ours */
	uint8_t *dev; /* what the device reads and writes */
	uint8_t *synced; /* as of the last publish or observe */
	uint64_t *dirty; /* of its stretch of RAM: a bit for each byte the device wrote since */
	uint64_t bit; /* of its first byte */
	uint64_t used_from, used_to; /* bytes of the images that may not be 0 */
	struct mock_dma_cell all; /* holds while there are no cells */
	struct mock_dma_cell *cells; /* sorted, up to the end of the block */
	size_t ncells, cells_room;
};

/* By token: slot + 1 in its low bits, above the turn that the slot is in. */
struct mock_dma_slot {
	struct mock_buffer *buffer; /* NULL: free */
	uint32_t next; /* free slot, + 1; 0: the last */
	uint32_t turn;
};

/* The devices' side of a stretch of RAM: address space that gets memory where it is
 * written. */
struct mock_dma_image {
	uint64_t size; /* of the stretch */
	uint8_t *dev; /* the mapping begins here */
	uint8_t *synced;
	uint64_t *dirty;
};

/* Made for the first buffer. */
struct mock_dma {
	struct mock_dma_image images[2]; /* as mock->ram */
	struct rbi_spans buffers;
	size_t nbuffers;
	struct mock_buffer *last; /* the one found last by address */
	struct mock_dma_slot *slots;
	size_t nslots;
	uint32_t free_first, free_last; /* slot + 1; the longest free is taken first */
	struct mock_dma_record *past; /* the last MOCK_DMA_PAST, once there are as many */
	size_t past_room;
	size_t npast; /* ever */
};

/* --- mock_dma_buf.c ------------------------------------------------------------------- */

struct mock_buffer *rbi_mock_dma_by_token(struct mock *mock, uint32_t token);
/* The buffer whose block holds @bus, or NULL. */
struct mock_buffer *rbi_mock_dma_by_address(struct mock *mock, uint64_t bus);
/* The latest buffer that held @bus, or had that token, and was freed; or NULL. */
const struct mock_dma_record *rbi_mock_dma_past(const struct mock *mock, uint64_t bus);
const struct mock_dma_record *rbi_mock_dma_past_token(const struct mock *mock, uint32_t token);
/* Bytes of the images change: they are cleared when the buffer ends. */
void rbi_mock_dma_use(struct mock_buffer *b, uint64_t off, uint64_t len);

static inline bool rbi_mock_dma_is_dirty(const struct mock_buffer *b, uint64_t off)
{
	uint64_t i = b->bit + off;

	return b->dirty[i / 64] >> i % 64 & 1;
}

static inline void rbi_mock_dma_clear_dirty(struct mock_buffer *b, uint64_t off)
{
	uint64_t i = b->bit + off;

	b->dirty[i / 64] &= ~(1ull << i % 64);
}

/* The end of the stretch at @off that one word of the map stands for, @end at most. */
static inline uint64_t rbi_mock_dma_word_end(const struct mock_buffer *b, uint64_t off,
					     uint64_t end)
{
	uint64_t next = ((b->bit + off) / 64 + 1) * 64 - b->bit;

	return next < end ? next : end;
}

/* --- mock_dma_sync.c ------------------------------------------------------------------ */

/* The first byte of [off, off + len) that the CPU has changed and not published;
 * off + len: none. */
uint64_t rbi_mock_dma_unpublished(const struct mock_buffer *b, uint64_t off, uint64_t len);

/* --- mock_dma_note.c ------------------------------------------------------------------ */

/* Which byte of the driver's buffer the block's byte @off is. */
static inline uint64_t rbi_mock_dma_byte(const struct mock_dma_record *rec, uint64_t off)
{
	return off + rec->part.skew;
}
/* May a device go on from the end of @b into @next, which lies behind it? */
bool rbi_mock_dma_goes_on(const struct mock_buffer *b, const struct mock_buffer *next);
/* The buffer in words: what the driver calls it, and where it was allocated. */
const char *rbi_mock_dma_words(const struct mock_dma_record *rec, char *text);
/* Are any of these bytes another device's, and not lent to this one? */
bool rbi_mock_dma_is_foreign(const struct mock_buffer *b, struct rb_pci_addr fn, uint64_t off,
			     uint64_t len);
/* May a device do that (one bit) to [off, off + len) of the buffer, inside its length?
 * NULL; or the stretch that says no. */
const struct mock_dma_cell *rbi_mock_dma_forbids(const struct mock_buffer *b, unsigned int access,
						 uint64_t off, uint64_t len);

#endif
