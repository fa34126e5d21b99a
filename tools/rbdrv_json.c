/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_json.c - fields as JSON, by jansson. What people read in hexadecimal is there twice: KEY
 * is a number, KEY_hex its digits.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fields.h"
#include "tool.h"

#ifdef RBDRV_WITH_JANSSON

#include <jansson.h>

struct json_fields {
	struct fields base;
	json_t *open[FIELDS_DEPTH_MAX]; /* borrowed but for the first */
	int depth;			/* of the innermost */
	bool failed;			/* memory ran out */
};

static struct json_fields *json_of(struct fields *f)
{
	return (struct json_fields *)f; /* base is its first member */
}

/* Put a value, which is given away, under a key, or at the end of a list. */
static void put(struct json_fields *j, const char *key, json_t *value)
{
	json_t *into = j->open[j->depth];
	int rc;

	if (json_is_array(into))
		rc = json_array_append_new(into, value);
	else
		rc = json_object_set_new(into, key, value);
	if (rc < 0)
		j->failed = true;
}

static void enter(struct json_fields *j, const char *key, json_t *group)
{
	put(j, key, group);
	/* A group that memory did not suffice for is replaced by the one around it: nothing of
	 * this will be seen. */
	j->depth++;
	j->open[j->depth] = j->failed ? j->open[j->depth - 1] : group;
}

static void json_fields_open(struct fields *f, const char *key, const char *title)
{
	(void)title;
	enter(json_of(f), key, json_object());
}

static void json_fields_open_list(struct fields *f, const char *key)
{
	enter(json_of(f), key, json_array());
}

static void json_fields_close(struct fields *f)
{
	json_of(f)->depth--;
}

static void json_fields_flag(struct fields *f, const char *key, bool on)
{
	put(json_of(f), key, json_boolean(on));
}

/* JSON numbers are signed here; what does not fit has its digits in KEY_hex. */
static void json_fields_number(struct fields *f, const char *key, uint64_t value)
{
	put(json_of(f), key,
	    value <= INT64_MAX ? json_integer((json_int_t)value) : json_null());
}

static void json_fields_hex(struct fields *f, const char *key, uint64_t value, int digits)
{
	char name[96], text[32];

	json_fields_number(f, key, value);
	snprintf(name, sizeof(name), "%s_hex", key);
	snprintf(text, sizeof(text), "%0*" PRIx64, digits, value);
	put(json_of(f), name, json_string(text));
}

static void json_fields_text(struct fields *f, const char *key, const char *text)
{
	char clean[1024];

	put(json_of(f), key,
	    text ? json_string(term_clean(text, clean, sizeof(clean))) : json_null());
}

static void json_fields_bytes(struct fields *f, const char *key, const uint8_t *bytes,
			      size_t count)
{
	char *digits = calloc(count + 1, 2);
	size_t i;

	if (!digits) {
		json_of(f)->failed = true;
		return;
	}
	for (i = 0; i < count; i++)
		snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
	put(json_of(f), key, json_string(digits));
	free(digits);
}

static const struct fields_ops json_ops = {
	.open = json_fields_open,
	.open_list = json_fields_open_list,
	.close = json_fields_close,
	.flag = json_fields_flag,
	.number = json_fields_number,
	.hex = json_fields_hex,
	.text = json_fields_text,
	.bytes = json_fields_bytes,
};

bool json_here(void)
{
	return true;
}

struct json_fields *json_open(void)
{
	struct json_fields *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->base.ops = &json_ops;
	j->open[0] = json_array();
	if (!j->open[0]) {
		free(j);
		return NULL;
	}
	return j;
}

struct fields *json_fields(struct json_fields *j)
{
	return &j->base;
}

int json_finish(struct json_fields *j, int status)
{
	if (j->failed) {
		status = term_fail("out of memory");
	} else {
		/* A failure to write is standard output's, which term_finish() looks at. */
		(void)json_dumpf(j->open[0], stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(j->open[0]);
	free(j);
	return status;
}

#else

bool json_here(void)
{
	term_fail("built without jansson: there is no --json");
	return false;
}

struct json_fields *json_open(void)
{
	return NULL;
}

struct fields *json_fields(struct json_fields *j)
{
	(void)j;
	return NULL;
}

int json_finish(struct json_fields *j, int status)
{
	(void)j;
	return status;
}

#endif
