/* SPDX-License-Identifier: MIT */
/*
 * fields.h - what is known of a function, field by field.
 *
 * A function is described once (rbdrv_show.c, rbdrv_caps.c), into a struct fields; behind it is
 * text for people (rbdrv_text.c) or JSON (rbdrv_json.c), so both always tell the same. Keys are
 * words in lower case joined by '_', and are the promise of --json: they stay.
 */
#ifndef RBDRV_FIELDS_H
#define RBDRV_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fields;

struct fields_ops {
	/* A group of fields; in a list the key is NULL and title is for people. */
	void (*open)(struct fields *f, const char *key, const char *title);
	/* A list of groups. */
	void (*open_list)(struct fields *f, const char *key);
	void (*close)(struct fields *f);
	void (*flag)(struct fields *f, const char *key, bool on);
	void (*number)(struct fields *f, const char *key, uint64_t value);
	/* A number that people read in hexadecimal, with so many digits at least. */
	void (*hex)(struct fields *f, const char *key, uint64_t value, int digits);
	/* NULL: nothing is known. An empty key, for people only, goes without saying. */
	void (*text)(struct fields *f, const char *key, const char *text);
	void (*bytes)(struct fields *f, const char *key, const uint8_t *bytes, size_t count);
};

struct fields {
	const struct fields_ops *ops;
	bool people; /* titles are seen: what they say needs no field */
	bool brief;  /* an overview: no contents of capabilities */
};

static inline void field_open(struct fields *f, const char *key)
{
	f->ops->open(f, key, 0);
}

static inline void field_item(struct fields *f, const char *title)
{
	f->ops->open(f, 0, title);
}

static inline void field_list(struct fields *f, const char *key)
{
	f->ops->open_list(f, key);
}

static inline void field_close(struct fields *f)
{
	f->ops->close(f);
}

static inline void field_flag(struct fields *f, const char *key, bool on)
{
	f->ops->flag(f, key, on);
}

static inline void field_number(struct fields *f, const char *key, uint64_t value)
{
	f->ops->number(f, key, value);
}

static inline void field_hex(struct fields *f, const char *key, uint64_t value, int digits)
{
	f->ops->hex(f, key, value, digits);
}

static inline void field_text(struct fields *f, const char *key, const char *text)
{
	f->ops->text(f, key, text);
}

static inline void field_bytes(struct fields *f, const char *key, const uint8_t *bytes,
			       size_t count)
{
	f->ops->bytes(f, key, bytes, count);
}

/* --- members of structs (rbdrv_rows.c) ----------------------------------------------- */

enum row_kind {
	ROW_FLAG,
	ROW_NUMBER,
	ROW_LIMIT, /* a number, or RB_PCI_UNLIMITED */
	ROW_HEX,
};

/* One member of a struct as a field. */
struct row {
	const char *key;
	enum row_kind kind;
	size_t offset, width; /* of the member, in bytes */
};

/* One bit of a register as a flag. */
struct bit_row {
	const char *key;
	uint32_t bit;
};

void field_rows(struct fields *f, const struct row *rows, size_t count, const void *from);
/* A group with a flag for each bit. */
void field_bits(struct fields *f, const char *key, const struct bit_row *rows, size_t count,
		uint32_t value);

#define ROW(key, kind, type, member) \
	{ key, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) }
#define FIELD_ROWS(f, rows, from) field_rows(f, rows, sizeof(rows) / sizeof((rows)[0]), from)
#define FIELD_BITS(f, key, rows, value) \
	field_bits(f, key, rows, sizeof(rows) / sizeof((rows)[0]), value)

/* --- text (rbdrv_text.c) ----------------------------------------------------------- */

/* More than any description nests. */
#define FIELDS_DEPTH_MAX 12

struct text_fields {
	struct fields base;
	int depth;	    /* of groups and lists that are open */
	int indent;	    /* of groups alone */
	unsigned int lists; /* bit n: what was opened n-th is a list */
	int column;	    /* of the line, 0: none begun */
	bool first;	    /* no field in this line yet */
	char title[256];    /* of the group, not printed yet */
};

/* Text on standard output. brief: only flags that are set. */
struct fields *text_fields(struct text_fields *t, bool brief);

/* --- JSON (rbdrv_json.c) ----------------------------------------------------------- */

struct json_fields;

/* Whether this build has JSON; a sentence and false when not. */
bool json_here(void);
/* An array of groups; NULL without memory. */
struct json_fields *json_open(void);
struct fields *json_fields(struct json_fields *j);
/* Write it to standard output and free it; the exit status. */
int json_finish(struct json_fields *j, int status);

#endif
