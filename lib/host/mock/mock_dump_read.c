/* SPDX-License-Identifier: MIT */
/*
 * mock_dump_read.c - read the text of `lspci -x`, -xxx or -xxxx, by itself or with -v or
 * -vv.
 *
 *     function = header { detail | bytes }
 *     header   = [ domain ':' ] bus ':' device '.' function [ ' ' text ]
 *     bytes    = offset ':' { ' ' byte }      16 bytes a line, from 00 on, without gaps
 *     detail   = white space, text            only what tells the size of a BAR counts
 *
 * Lines that begin with '#', empty ones and complaints of lspci itself are passed over.
 * The text comes from a stranger's file: nothing in it is believed.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "core/bits.h"
#include "core/core.h"
#include "host/mock/mock_dump.h"

#define SPACE	 4096 /* bytes of configuration space */
#define HEADER	 64 /* of them, that every function shows */
#define PER_LINE 16
#define DEEP	 8 /* columns that a detail of the function itself is indented */

/* One line, without its end. */
struct line {
	const char *s;
	const char *end;
	size_t number;
};

static int bad_line(const struct line *line, const char *what)
{
	return rbi_fail(-EINVAL, "the dump, line %zu: %s", line->number, what);
}

static bool take_line(const char **text, const char *end, struct line *line)
{
	const char *newline;

	if (*text == end)
		return false;
	newline = memchr(*text, '\n', (size_t)(end - *text));
	line->s = *text;
	line->end = newline ? newline : end;
	line->number++;
	*text = newline ? newline + 1 : end;
	while (line->end > line->s && line->end[-1] == '\r')
		line->end--;
	return true;
}

/* --- pieces of a line ------------------------------------------------------------------ */

/* Up to @max hexadecimal digits at line->s, and over them: how many. */
static unsigned int take_hex(struct line *line, unsigned int max, uint64_t *val)
{
	unsigned int n;

	*val = 0;
	for (n = 0; n < max && line->s < line->end && rbi_hex_digit(*line->s) >= 0; n++, line->s++)
		*val = *val << 4 | (unsigned int)rbi_hex_digit(*line->s);
	return n;
}

static bool take(struct line *line, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(line->end - line->s) < len || memcmp(line->s, text, len) != 0)
		return false;
	line->s += len;
	return true;
}

/* Go to where @text is, or stay: is it there? */
static bool seek(struct line *line, const char *text)
{
	struct line at = *line;

	for (; at.s < at.end; at.s++) {
		*line = at;
		if (take(&at, text))
			return true;
	}
	return false;
}

/* --- headers ----------------------------------------------------------------------------- */

struct place {
	uint64_t domain, bus, device, function;
};

/* "00:1f.2", "0000:00:1f.2", "10000:e0:06.0", and a blank or nothing behind it. */
static bool take_place(struct line *line, struct place *at)
{
	struct line begin = *line;

	if (take_hex(line, 8, &at->domain) < 4 || !take(line, ":")) {
		*line = begin;
		at->domain = 0;
	}
	return take_hex(line, 2, &at->bus) == 2 && take(line, ":") &&
	       take_hex(line, 2, &at->device) == 2 && take(line, ".") &&
	       take_hex(line, 1, &at->function) == 1 &&
	       (line->s == line->end || *line->s == ' ' || *line->s == '\t');
}

static int add_function(struct rbi_dump *dump, const struct line *line, const struct place *at)
{
	struct rbi_dump_function *fns, *fn;
	size_t room;

	if (at->device > 31 || at->function > 7)
		return bad_line(line, "there are devices 00-1f and functions 0-7");
	if (dump->count == RBI_DUMP_FUNCTIONS)
		return bad_line(line, "a bus has room for 65536 functions");
	if (dump->count == dump->room) {
		room = dump->room * 2 + 16;
		fns = rbi_realloc(dump->fns, room, sizeof(*fns));
		if (!fns)
			return rbi_no_memory("a dump of a PCI bus");
		dump->fns = fns;
		dump->room = room;
	}
	fn = &dump->fns[dump->count++];
	memset(fn, 0, sizeof(*fn));
	fn->line = line->number;
	fn->addr = rb_pci_addr_make((unsigned int)at->domain, (unsigned int)at->bus,
				    (unsigned int)at->device, (unsigned int)at->function);
	return 0;
}

/* --- bytes ------------------------------------------------------------------------------- */

static int need_room(struct rbi_dump_function *fn, unsigned int len)
{
	unsigned int room = len <= HEADER ? HEADER : len <= 256 ? 256 : SPACE;
	uint8_t *bytes;

	if (room <= fn->room)
		return 0;
	bytes = rbi_realloc(fn->bytes, room, 1);
	if (!bytes)
		return rbi_no_memory("a dump of a PCI function");
	fn->bytes = bytes;
	fn->room = room;
	return 0;
}

/* The bytes behind "10:", which belong at @off. @fn is NULL when they are passed over. */
static int take_bytes(struct line *line, uint64_t off, struct rbi_dump_function *fn)
{
	unsigned int n;
	uint64_t byte;
	int rc;

	if (fn && (off != fn->len || off > SPACE - PER_LINE))
		return bad_line(line, "the offset is not 16 above that of the line before, from 00 "
				      "to ff0");
	rc = fn ? need_room(fn, (unsigned int)off + PER_LINE) : 0;
	if (rc < 0)
		return rc;
	for (n = 0; n < PER_LINE; n++) {
		if (!take(line, " ") || take_hex(line, 2, &byte) != 2)
			return bad_line(line, "16 bytes of two digits, each after a blank, belong "
					      "there");
		if (fn)
			fn->bytes[fn->len++] = (uint8_t)byte;
	}
	while (line->s < line->end && (*line->s == ' ' || *line->s == '\t'))
		line->s++;
	return line->s == line->end ? 0 : bad_line(line, "something follows the 16 bytes");
}

/* --- sizes ------------------------------------------------------------------------------- */

/* "[size=128K]" anywhere behind: lspci counts in powers of 1024. */
static int take_size(struct line *line, uint64_t *size)
{
	static const char units[] = "KMGT";
	unsigned int shift = 0;
	const char *unit;
	int digits = 0;

	*size = 0;
	if (!seek(line, "[size="))
		return 0;
	seek(line, "=");
	for (line->s++; line->s < line->end && *line->s >= '0' && *line->s <= '9'; line->s++) {
		*size = *size * 10 + (unsigned int)(*line->s - '0');
		if (++digits > 9)
			break;
	}
	unit = line->s < line->end && *line->s != '\0' ? strchr(units, *line->s) : NULL;
	if (unit) {
		shift = 10 * (unsigned int)(unit - units + 1);
		line->s++;
	}
	if (digits == 0 || digits > 9 || *size > UINT64_MAX >> shift || !take(line, "]"))
		return bad_line(line, "'[size=' is followed by no size");
	*size <<= shift;
	return 0;
}

/* Blanks up to the text: is it deeper than what lspci says of the function itself? The
 * regions of virtual functions are. */
static bool is_deep(struct line *line)
{
	unsigned int column = 0;

	for (; line->s < line->end && (*line->s == ' ' || *line->s == '\t'); line->s++)
		column = *line->s == '\t' ? (column / 8 + 1) * 8 : column + 1;
	return column > DEEP;
}

static int take_loose(struct line *line, struct rbi_dump_function *fn)
{
	struct rbi_dump_size told;
	int rc;

	if (take_hex(line, 16, &told.addr) == 0) /* "<unassigned>" */
		return 0;
	rc = take_size(line, &told.size);
	if (rc == 0 && told.size != 0 && fn->nloose < RBI_DUMP_BARS)
		fn->loose[fn->nloose++] = told;
	return rc;
}

static int take_detail(struct line *line, struct rbi_dump_function *fn)
{
	uint64_t bar;

	if (is_deep(line))
		return 0;
	if (take(line, "Region ")) {
		if (take_hex(line, 1, &bar) != 1 || bar >= RBI_DUMP_ROM || !take(line, ": "))
			return bad_line(line, "there are regions 0 to 5");
		return take_size(line, &fn->sizes[bar].size);
	}
	if (take(line, "Expansion ROM at "))
		return take_size(line, &fn->sizes[RBI_DUMP_ROM].size);
	if (take(line, "Memory at ") || take(line, "I/O ports at "))
		return take_loose(line, fn);
	return 0;
}

/* --- the text ------------------------------------------------------------------------------ */

/* What has been read so far. */
struct reader {
	struct rbi_dump *dump;
	struct rbi_dump_function *fn; /* whose lines these are; NULL: none, or skipped */
	bool skipping;
};

static int end_function(const struct reader *r)
{
	if (!r->fn || r->fn->len >= HEADER)
		return 0;
	return rbi_fail(-EINVAL, "the dump, line %zu: this function has %u bytes, not 64 or more; "
				 "lspci shows them with -x, -xxx or -xxxx", r->fn->line, r->fn->len);
}

static int begin_function(struct reader *r, const struct line *line, const struct place *at)
{
	int rc = end_function(r);

	r->fn = NULL;
	r->skipping = at->domain > 0xffff;
	if (rc < 0)
		return rc;
	if (r->skipping) {
		r->dump->skipped++;
		return 0;
	}
	rc = add_function(r->dump, line, at);
	if (rc == 0)
		r->fn = &r->dump->fns[r->dump->count - 1];
	return rc;
}

static bool is_chatter(struct line line)
{
	return line.s == line.end || *line.s == '#' || take(&line, "lspci:") ||
	       take(&line, "pcilib:");
}

static int read_line(struct reader *r, struct line *line)
{
	struct line begin = *line;
	struct place at;
	uint64_t off;

	if (is_chatter(*line))
		return 0;
	if (*line->s == ' ' || *line->s == '\t')
		return r->fn ? take_detail(line, r->fn) : 0;
	if (take_place(line, &at))
		return begin_function(r, line, &at);

	*line = begin;
	if (take_hex(line, 3, &off) < 2 || !take(line, ":"))
		return bad_line(line, "neither a function's address nor an offset begins it");
	if (!r->fn && !r->skipping)
		return bad_line(line, "bytes come before any function");
	return take_bytes(line, off, r->fn);
}

static int read_text(const char *text, size_t len, struct rbi_dump *dump)
{
	const char *end = text + len;
	struct reader r = { dump, NULL, false };
	struct line line = { NULL, NULL, 0 };
	int rc = 0;

	while (rc == 0 && take_line(&text, end, &line))
		rc = read_line(&r, &line);
	if (rc == 0)
		rc = end_function(&r);
	if (rc == 0 && dump->count == 0)
		rc = rbi_fail(-EINVAL, "the dump holds no PCI function");
	return rc;
}

int rbi_dump_parse(const char *text, size_t len, struct rbi_dump **out)
{
	struct rbi_dump *dump;
	int rc;

	*out = NULL;
	dump = rbi_alloc(1, sizeof(*dump));
	if (!dump)
		return rbi_no_memory("a dump of a PCI bus");
	rc = read_text(text, len, dump);
	if (rc < 0) {
		rbi_dump_free(dump);
		return rc;
	}
	*out = dump;
	return 0;
}

void rbi_dump_free(struct rbi_dump *dump)
{
	size_t i;

	if (!dump)
		return;
	for (i = 0; i < dump->count; i++)
		rbi_free(dump->fns[i].bytes);
	rbi_free(dump->fns);
	rbi_free(dump);
}
