/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_text.c - fields as text: a line for each group, "title: field, field", folded before
 * column 100 and indented by depth. The outermost group is the function itself; its own fields
 * stand in lines of their own.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "tool.h"

#define COLUMNS 100

static struct text_fields *text_of(struct fields *f)
{
	return (struct text_fields *)f; /* base is its first member */
}

/* A key as people read it. */
static const char *words(const char *key, char *buf, size_t size)
{
	size_t i;

	snprintf(buf, size, "%s", key);
	for (i = 0; buf[i]; i++) {
		if (buf[i] == '_')
			buf[i] = ' ';
	}
	return buf;
}

static void end_line(struct text_fields *t)
{
	if (t->column > 0)
		putchar('\n');
	t->column = 0;
}

/* The title waits until a field follows it, so that empty groups leave no trace; of an item in
 * a list it is printed in any case. */
static void print_title(struct text_fields *t)
{
	int indent = 2 * (t->indent - 1);

	end_line(t);
	t->column = indent + (int)strlen(t->title);
	printf("%*s%s%s%s", indent, "", term_bold(), t->title, term_plain());
	t->title[0] = '\0';
	t->first = true;
}

/* A comma, or a line of its own for what would pass the edge. */
static void separate(struct text_fields *t, int length)
{
	bool begun = t->column > 0;

	if (begun && t->column + length + 2 <= COLUMNS) {
		t->column += printf(t->first ? ": " : ", ");
		return;
	}
	if (begun)
		puts(t->first ? ":" : ",");
	t->column = 2 * t->indent;
	printf("%*s", t->column, "");
}

static void say(struct text_fields *t, const char *style, const char *fmt, ...) TOOL_PRINTF(3, 4);

static void say(struct text_fields *t, const char *style, const char *fmt, ...)
{
	char item[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(item, sizeof(item), fmt, args);
	va_end(args);

	if (t->title[0])
		print_title(t);
	separate(t, (int)strlen(item));
	t->first = false;
	t->column += (int)strlen(item);
	printf("%s%s%s", style, item, *style ? term_plain() : "");
}

/* Whether the group that is open is an item of a list. */
static bool in_item(const struct text_fields *t)
{
	return t->depth >= 2 && (t->lists >> (t->depth - 2) & 1u);
}

static void settle(struct text_fields *t)
{
	if (t->title[0] && in_item(t))
		print_title(t);
	t->title[0] = '\0';
	end_line(t);
}

static void text_open(struct fields *f, const char *key, const char *title)
{
	struct text_fields *t = text_of(f);

	settle(t);
	t->lists &= ~(1u << t->depth++);
	t->indent++;
	if (title)
		snprintf(t->title, sizeof(t->title), "%s", title);
	else if (key)
		words(key, t->title, sizeof(t->title));
}

static void text_open_list(struct fields *f, const char *key)
{
	struct text_fields *t = text_of(f);

	(void)key;
	settle(t);
	t->lists |= 1u << t->depth++;
}

static void text_close(struct fields *f)
{
	struct text_fields *t = text_of(f);

	settle(t);
	t->depth--;
	if (!(t->lists >> t->depth & 1u))
		t->indent--;
}

static void text_flag(struct fields *f, const char *key, bool on)
{
	struct text_fields *t = text_of(f);
	char buf[64];

	if (f->brief) {
		if (on)
			say(t, "", "%s", words(key, buf, sizeof(buf)));
		return;
	}
	say(t, on ? "" : term_dim(), "%s%c", words(key, buf, sizeof(buf)), on ? '+' : '-');
}

static void text_number(struct fields *f, const char *key, uint64_t value)
{
	char buf[64];

	say(text_of(f), "", "%s %" PRIu64, words(key, buf, sizeof(buf)), value);
}

static void text_hex(struct fields *f, const char *key, uint64_t value, int digits)
{
	char buf[64];

	say(text_of(f), "", "%s 0x%0*" PRIx64, words(key, buf, sizeof(buf)), digits, value);
}

static void text_text(struct fields *f, const char *key, const char *text)
{
	char buf[64], clean[400];

	if (text)
		say(text_of(f), "", "%s%s%s", words(key, buf, sizeof(buf)), *key ? " " : "",
		    term_clean(text, clean, sizeof(clean)));
}

/* Lines of sixteen, as dumps have them. */
static void text_bytes(struct fields *f, const char *key, const uint8_t *bytes, size_t count)
{
	struct text_fields *t = text_of(f);
	char buf[64];
	size_t i;

	if (count == 0)
		return;
	say(t, "", "%s", words(key, buf, sizeof(buf)));
	for (i = 0; i < count; i++) {
		if (i % 16 == 0)
			printf("\n%*s", 2 * t->indent + 2, "");
		printf(i % 16 ? " %02x" : "%02x", bytes[i]);
	}
	end_line(t);
}

static const struct fields_ops text_ops = {
	.open = text_open,
	.open_list = text_open_list,
	.close = text_close,
	.flag = text_flag,
	.number = text_number,
	.hex = text_hex,
	.text = text_text,
	.bytes = text_bytes,
};

struct fields *text_fields(struct text_fields *t, bool brief)
{
	memset(t, 0, sizeof(*t));
	t->base.ops = &text_ops;
	t->base.people = true;
	t->base.brief = brief;
	return &t->base;
}
