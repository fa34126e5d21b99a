/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_rows.c - members of structs and bits of registers as fields, by table.
 */
#include <string.h>

#include "fields.h"
#include "tool.h"

static uint64_t member(const struct row *row, const void *from)
{
	const char *at = (const char *)from + row->offset;
	uint64_t value64;
	uint32_t value32;
	uint16_t value16;
	uint8_t value8;

	switch (row->width) {
	case 1:
		memcpy(&value8, at, sizeof(value8));
		return value8;
	case 2:
		memcpy(&value16, at, sizeof(value16));
		return value16;
	case 4:
		memcpy(&value32, at, sizeof(value32));
		return value32;
	default:
		memcpy(&value64, at, sizeof(value64));
		return value64;
	}
}

static void put_row(struct fields *f, const struct row *row, const void *from)
{
	uint64_t value;
	bool on;

	if (row->kind == ROW_FLAG) {
		memcpy(&on, (const char *)from + row->offset, sizeof(on));
		field_flag(f, row->key, on);
		return;
	}
	value = member(row, from);
	if (row->kind == ROW_HEX)
		field_hex(f, row->key, value, (int)row->width * 2);
	else if (row->kind == ROW_LIMIT && value == RB_PCI_UNLIMITED)
		field_text(f, row->key, "unlimited");
	else
		field_number(f, row->key, value);
}

void field_rows(struct fields *f, const struct row *rows, size_t count, const void *from)
{
	size_t i;

	for (i = 0; i < count; i++)
		put_row(f, &rows[i], from);
}

void field_bits(struct fields *f, const char *key, const struct bit_row *rows, size_t count,
		uint32_t value)
{
	size_t i;

	field_open(f, key);
	for (i = 0; i < count; i++)
		field_flag(f, rows[i].key, (value & rows[i].bit) != 0);
	field_close(f);
}
