/* SPDX-License-Identifier: MIT */
/*
 * dma_note.h - what a driver says of a stretch of DMA memory, for worlds that check.
 *
 * Only the layers above know what memory is called, who it was allocated for and
 * whose turn it is. A strict machine holds devices to it and names it in its
 * sentences; every other world ignores it.
 *
 * A device that is told of one segment may go from block to block inside of it. It
 * may where the bytes on both sides are neighbours in one whole: a buffer of many
 * blocks, or a map.
 */
#ifndef RBI_CORE_DMA_NOTE_H
#define RBI_CORE_DMA_NOTE_H

#include <stdint.h>

/* What a device may do with bytes. None of it: they are the CPU's now. */
enum rbi_dma_access {
	RBI_DMA_DEVICE_READS = 1u << 0,
	RBI_DMA_DEVICE_WRITES = 1u << 1,
	/* Alone: the note's user begins or ends to use these bytes besides the block's owner,
	 * as often as it was said to begin. Everything else stays as it was said before. */
	RBI_DMA_USER_BEGINS = 1u << 2,
	RBI_DMA_USER_ENDS = 1u << 3,
};

struct rbi_dma_note {
	uint32_t shadow; /* the block, as struct rbi_window names it */
	uint32_t access; /* bits of enum rbi_dma_access, from now on */
	uint64_t off; /* first byte, counted from the block's start */
	uint64_t len;
	/* The rest may be NULL, which leaves what an earlier note said. Strings are
	 * copied by who keeps them. */
	const char *label; /* what the driver calls these bytes */
	const char *owner; /* the device they were allocated for, "0000:00:01.0" */
	const char *place; /* where the driver asked for them, "nic.c:120" */
	/* What the bytes are part of: a number of rbi_os_new_whole(), 0: of nothing more
	 * than their block. With an owner it is said of the block, else of the bytes. */
	uint64_t whole;
	uint64_t whole_off; /* which byte of it the first one is */
	const char *user; /* see RBI_DMA_USER_BEGINS */
};

#endif
