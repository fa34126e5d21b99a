/* SPDX-License-Identifier: MIT */
/*
 * options.h - option structs that may grow without breaking callers.
 *
 * An option struct of the API begins with "uint32_t size", set by its
 * initializer macro to the size that the caller was compiled with. Zero is every
 * other field's default, so callers and libraries of different age understand
 * each other: a shorter struct lacks fields, which are then zero, and a longer
 * one is fine as long as what this library does not know is zero.
 */
#ifndef RBI_CORE_OPTIONS_H
#define RBI_CORE_OPTIONS_H

#include <stddef.h>

#include "core/core.h"

/* Above this many bytes a size is garbage, and not walked. */
#define RBI_OPTIONS_MAX 4096u

/*
 * Copy the caller's struct @src to @dst of @dst_size bytes, as this library knows
 * it; NULL is all defaults. @dst's size becomes @dst_size. @what names the struct
 * in the detail. 0 or -EINVAL, with @dst all defaults then.
 */
RBI_SHARED int rbi_options_copy(void *dst, size_t dst_size, const void *src, const char *what);

#endif
