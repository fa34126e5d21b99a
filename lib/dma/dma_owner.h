/* SPDX-License-Identifier: MIT */
/*
 * dma_owner.h - bytes that the CPU shall leave alone: tell whoever watches memory.
 *
 * AddressSanitizer is reached through weak symbols, so a library that was built
 * without it serves programs that were built with it; valgrind is asked by its
 * client requests, where configure found memcheck.h. Without either nothing happens.
 */
#ifndef RBI_DMA_OWNER_H
#define RBI_DMA_OWNER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Does anybody watch? A few instructions; the answer is the same for the life of a
 * process, so whoever asks often keeps it.
 */
bool rbi_dma_is_watched(void);

/*
 * From now on a load or store of [p, p + len) is reported where it happens, until
 * rbi_dma_unpoison(). ASan marks groups of eight bytes: some of the last one stay
 * open when what follows them is. No sanitized function, nor libc's, may touch the
 * bytes: unpoison before copying. valgrind forgets which of them were initialized.
 *
 * Not for memory of which the world keeps copies (struct rbi_window, shadow): that
 * world reads the CPU's bytes to see what has changed.
 */
void rbi_dma_poison(const void *p, size_t len);
void rbi_dma_unpoison(const void *p, size_t len);

#endif
