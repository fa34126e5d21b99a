/* SPDX-License-Identifier: MIT */
/* options.c - take over an option struct of another age. */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/core.h"
#include "core/options.h"

static bool all_zero(const unsigned char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

int rbi_options_copy(void *dst, size_t dst_size, const void *src, const char *what)
{
	uint32_t own = (uint32_t)dst_size;
	uint32_t size;

	memset(dst, 0, dst_size);
	memcpy(dst, &own, sizeof(own));
	if (!src)
		return 0;

	memcpy(&size, src, sizeof(size));
	if (size < sizeof(size) || size > RBI_OPTIONS_MAX || size % sizeof(size) != 0)
		return rbi_fail(-EINVAL, "%s: size %u is not set by its initializer macro", what,
				(unsigned int)size);
	if (size > dst_size && !all_zero((const unsigned char *)src + dst_size, size - dst_size))
		return rbi_fail(-EINVAL, "%s: it has options that this library does not know",
				what);

	memcpy(dst, src, size < dst_size ? size : dst_size);
	memcpy(dst, &own, sizeof(own));
	return 0;
}
