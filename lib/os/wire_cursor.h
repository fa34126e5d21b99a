/* SPDX-License-Identifier: MIT */
/*
 * wire_cursor.h - reading and writing bincode fields one after another.
 *
 * Both cursors remember the first fault and turn every later step into nothing,
 * so the code that uses them reads as a list of fields and asks once at the end.
 * Only wire.c and wire_function.c use this.
 */
#ifndef RBI_OS_WIRE_CURSOR_H
#define RBI_OS_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/core.h"

/* --- writing ----------------------------------------------------------------------- */

struct rbi_wire_out {
	uint8_t *bytes;
	size_t size;
	size_t used;
	int fault; /* 0, -ERANGE or -EINVAL */
};

static inline void rbi_wire_put(struct rbi_wire_out *out, uint64_t value, unsigned int width)
{
	unsigned int i;

	if (out->fault == 0 && width > out->size - out->used)
		out->fault = -ERANGE;
	if (out->fault != 0)
		return;
	for (i = 0; i < width; i++)
		out->bytes[out->used++] = (uint8_t)(value >> 8 * i);
}

static inline void rbi_wire_put_bytes(struct rbi_wire_out *out, const uint8_t *data, size_t len)
{
	if (out->fault == 0 && len > out->size - out->used)
		out->fault = -ERANGE;
	if (out->fault != 0 || len == 0)
		return;
	memcpy(out->bytes + out->used, data, len);
	out->used += len;
}

/* A tag, or any number that has no encoding above @max. */
static inline void rbi_wire_put_tag(struct rbi_wire_out *out, uint32_t tag, uint32_t max)
{
	if (out->fault == 0 && tag > max)
		out->fault = -EINVAL;
	rbi_wire_put(out, tag, 4);
}

/* --- reading ----------------------------------------------------------------------- */

struct rbi_wire_in {
	const uint8_t *bytes;
	size_t len;
	size_t used;
	const char *field; /* what was being read when it went wrong */
	const char *fault; /* what is wrong with it; NULL: nothing so far */
	uint64_t value;
};

static inline void rbi_wire_bad(struct rbi_wire_in *in, const char *field, const char *fault,
				uint64_t value)
{
	if (in->fault)
		return;
	in->field = field;
	in->fault = fault;
	in->value = value;
}

static inline size_t rbi_wire_left(const struct rbi_wire_in *in)
{
	return in->len - in->used;
}

/* The next @width bytes as a number; 0 after a fault. */
static inline uint64_t rbi_wire_get(struct rbi_wire_in *in, const char *field, unsigned int width)
{
	uint64_t value = 0;
	unsigned int i;

	if (width > rbi_wire_left(in))
		rbi_wire_bad(in, field, "is cut short", rbi_wire_left(in));
	if (in->fault)
		return 0;
	for (i = 0; i < width; i++)
		value |= (uint64_t)in->bytes[in->used++] << 8 * i;
	return value;
}

/* A number of @width bytes that is at most @max: a tag, a bool, an Option. */
static inline uint32_t rbi_wire_get_below(struct rbi_wire_in *in, const char *field,
					  unsigned int width, uint32_t max)
{
	uint64_t value = rbi_wire_get(in, field, width);

	if (value > max) {
		rbi_wire_bad(in, field, "is out of range", value);
		return 0;
	}
	return (uint32_t)value;
}

static inline uint32_t rbi_wire_get_tag(struct rbi_wire_in *in, const char *field, uint32_t max)
{
	return rbi_wire_get_below(in, field, 4, max);
}

/* A bool, or whether an Option holds something: one byte, 0 or 1. */
static inline bool rbi_wire_get_bool(struct rbi_wire_in *in, const char *field)
{
	return rbi_wire_get_below(in, field, 1, 1) == 1;
}

/* --- PciFunction (wire_function.c) --------------------------------------------------- */

struct rbi_wire_function;

void rbi_wire_put_function(struct rbi_wire_out *out, const struct rbi_wire_function *fn);
/* Takes all that is left: its length tells the layout (contract 4.6). */
void rbi_wire_get_function(struct rbi_wire_in *in, struct rbi_wire_function *fn);

#endif
