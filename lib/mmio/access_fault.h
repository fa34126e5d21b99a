/* SPDX-License-Identifier: MIT */
/*
 * access_fault.h - the first access of a window that failed.
 *
 * An access cannot answer a code, so the first that fails is remembered in one
 * atomic word (accessors run on any number of threads) until somebody asks:
 *
 *     63      52 51    48 47          0
 *     [ -code  ] [ width ] [ offset    ]   0: none; larger offsets are cut to all-ones
 */
#ifndef RBI_MMIO_ACCESS_FAULT_H
#define RBI_MMIO_ACCESS_FAULT_H

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/core.h"

#define RBI_FAULT_OFF_MAX (((uint64_t)1 << 48) - 1)

static inline void rbi_access_failed(_Atomic uint64_t *fault, int code, uint64_t off,
				     unsigned int width)
{
	uint64_t none = 0;
	uint64_t first = (uint64_t)-code << 52 | (uint64_t)(width & 15) << 48 |
			 (off < RBI_FAULT_OFF_MAX ? off : RBI_FAULT_OFF_MAX);

	atomic_compare_exchange_strong(fault, &none, first);
}

/* Take the fault of a window of @size bytes that is @whose: its code with a sentence,
 * or 0. */
static inline int rbi_access_error(_Atomic uint64_t *fault, const char *whose, uint64_t size)
{
	uint64_t first = atomic_exchange(fault, 0);
	int code = -(int)(first >> 52);
	const char *why = rb_strerror(code);

	if (first == 0)
		return 0;
	if (code == -ERANGE)
		why = "past the window";
	else if (code == -EINVAL)
		why = "misaligned";
	else if (code == -EACCES)
		why = "the system below does not allow this access";
	return rbi_fail(code, "%s: %u bytes at %#llx of a window of %#llx: %s", whose,
			(unsigned int)(first >> 48) & 15,
			(unsigned long long)(first & RBI_FAULT_OFF_MAX), (unsigned long long)size,
			why);
}

#endif
