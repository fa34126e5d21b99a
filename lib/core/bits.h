/* SPDX-License-Identifier: MIT */
/*
 * bits.h - small arithmetic that several rooms need: widths, sizes, digits.
 */
#ifndef RBI_CORE_BITS_H
#define RBI_CORE_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* All-ones of @width bytes: what a bus gives when nobody answers. */
static inline uint64_t rbi_ones(unsigned int width)
{
	return width >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * width) - 1;
}

static inline bool rbi_is_power_of_two(uint64_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

/* What a hexadecimal digit of either case stands for, or -1. */
static inline int rbi_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

#endif
