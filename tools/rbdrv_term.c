/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_term.c - the command's words: colour on terminals, text of strangers made harmless, and
 * sentences for what goes wrong, a full disk included.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static bool colored;

void term_init(enum tool_color color)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (color == COLOR_AUTO)
		colored = isatty(STDOUT_FILENO) && (!no_color || !*no_color) && term &&
			  strcmp(term, "dumb") != 0;
	else
		colored = color == COLOR_ALWAYS;
}

const char *term_bold(void)
{
	return colored ? "\033[1m" : "";
}

const char *term_dim(void)
{
	return colored ? "\033[2m" : "";
}

const char *term_alarm(void)
{
	return colored ? "\033[31m" : "";
}

const char *term_plain(void)
{
	return colored ? "\033[0m" : "";
}

/* Bytes of the UTF-8 character at text, 0 when there is none that may be shown. C1 controls
 * (U+0080 ... U+009F) are control bytes in two-byte clothes; a terminal obeys them. */
static size_t shown_length(const unsigned char *text)
{
	size_t length, i;

	if (text[0] < 0x80)
		return text[0] >= 0x20 && text[0] != 0x7f;
	length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	for (i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	if (text[0] == 0xc2 && text[1] < 0xa0)
		return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0; /* overlong, a surrogate, or past U+10FFFF */
	return length;
}

char *term_clean(const char *text, char *buf, size_t size)
{
	const unsigned char *from = (const unsigned char *)text;
	size_t used = 0, length;

	while (*from && used + 1 < size) {
		length = shown_length(from);
		if (length > size - 1 - used)
			break;
		if (length > 0)
			memcpy(buf + used, from, length);
		else
			buf[used] = '?';
		used += length ? length : 1;
		from += length ? length : 1;
	}
	buf[used] = '\0';
	return buf;
}

int term_complain(int err)
{
	const char *detail = rb_last_error();
	char clean[1024];

	fprintf(stderr, "rbdrv: %s%s%s\n", rb_strerror(err), *detail ? ": " : "",
		term_clean(detail, clean, sizeof(clean)));
	return EXIT_FAILED;
}

int term_fail(const char *fmt, ...)
{
	char text[1024], clean[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "rbdrv: %s\n", term_clean(text, clean, sizeof(clean)));
	return EXIT_FAILED;
}

int term_misuse(const char *what, const char *arg)
{
	char clean[256];

	fprintf(stderr, "rbdrv: %s%s%s\nTry 'rbdrv --help'.\n", what, *arg ? " " : "",
		term_clean(arg, clean, sizeof(clean)));
	return EXIT_USAGE;
}

int term_finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return term_fail("writing: %s", errno ? strerror(errno) : "the output took no more");
}
