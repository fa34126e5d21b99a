/* SPDX-License-Identifier: MIT */
/* dma_owner.c - see dma_owner.h. */
#include "config.h"

#include <stdint.h>

#ifdef HAVE_VALGRIND_MEMCHECK_H
#include <valgrind/memcheck.h>
#endif

#include "dma/dma_owner.h"

/* ASan's own names (sanitizer/asan_interface.h); 0 in a program without it. */
extern void __asan_poison_memory_region(const volatile void *p, size_t len) __attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *p, size_t len)
	__attribute__((weak));

static bool is_sanitized(void)
{
	return __asan_poison_memory_region && __asan_unpoison_memory_region;
}

static bool is_under_valgrind(void)
{
#ifdef HAVE_VALGRIND_MEMCHECK_H
	return RUNNING_ON_VALGRIND != 0;
#else
	return false;
#endif
}

bool rbi_dma_is_watched(void)
{
	return is_sanitized() || is_under_valgrind();
}

void rbi_dma_poison(const void *p, size_t len)
{
	if (is_sanitized())
		__asan_poison_memory_region(p, len);
#ifdef HAVE_VALGRIND_MEMCHECK_H
	VALGRIND_MAKE_MEM_NOACCESS(p, len);
#endif
}

void rbi_dma_unpoison(const void *p, size_t len)
{
	if (is_sanitized())
		__asan_unpoison_memory_region(p, len);
#ifdef HAVE_VALGRIND_MEMCHECK_H
	VALGRIND_MAKE_MEM_DEFINED(p, len);
#endif
}
