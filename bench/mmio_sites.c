/* SPDX-License-Identifier: MIT */
/*
 * mmio_sites.c - one function per access, to be looked at and counted.
 *
 * Compiled three times by mmio_accessor.sh: with SITE(x) naming the functions
 * bare_x (what one would write without this library), checked_x (the accessors)
 * and raw_x (the accessors with RBDRV_RAW_MMIO).
 */
#include <rbdrv/mmio.h>

#define PASTE_(a, b) a##_##b
#define PASTE(a, b)  PASTE_(a, b)
#define FN(name)     PASTE(SITE, name)

#ifdef BARE
#define READ(bits, m, off)	 (*(const volatile uint##bits##_t *)((m)->base + (off)))
#define WRITE(bits, m, off, val) (*(volatile uint##bits##_t *)((m)->base + (off)) = (val))
#else
#define READ(bits, m, off)	 rb_mmio_read##bits((m), (off))
#define WRITE(bits, m, off, val) rb_mmio_write##bits((m), (off), (val))
#endif

#define ACCESS(bits)                                                                     \
	uint##bits##_t FN(read##bits)(const struct rb_mmio *m, uint64_t off);            \
	void FN(write##bits)(const struct rb_mmio *m, uint64_t off, uint##bits##_t val); \
	uint##bits##_t FN(read##bits)(const struct rb_mmio *m, uint64_t off)             \
	{                                                                                \
		return READ(bits, m, off);                                               \
	}                                                                                \
	void FN(write##bits)(const struct rb_mmio *m, uint64_t off, uint##bits##_t val)  \
	{                                                                                \
		WRITE(bits, m, off, val);                                                \
	}

ACCESS(8)
ACCESS(16)
ACCESS(32)
#if UINTPTR_MAX > 0xffffffffu
ACCESS(64)
#endif
