/* SPDX-License-Identifier: MIT */
/*
 * error.c - the closed set of codes, and this thread's sentence behind the last.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/core.h"

#define DETAIL_MAX 512 /* bytes with the NUL; error.h promises 511 */

static _Thread_local char detail[DETAIL_MAX];

static const struct {
	int err;
	const char *text;
} codes[] = {
	{ 0, "success" },
	{ EINVAL, "an argument is malformed" },
	{ ERANGE, "outside the range of what it refers to" },
	{ ENOENT, "no such thing" },
	{ EACCES, "permission denied" },
	{ EBUSY, "somebody already holds it" },
	{ ENODEV, "the device or its machine is gone" },
	{ ENOTSUP, "this world has no such thing" },
	{ ENOMEM, "out of memory, vectors or descriptors" },
	{ EFBIG, "larger than the caller's limit" },
	{ EIO, "the system failed" },
	{ ETIMEDOUT, "the time is up" },
	{ ECANCELED, "the wait was cancelled" },
	{ EAGAIN, "nothing there now" },
	{ EPROTO, "a peer's bytes make no sense" },
	{ EEXIST, "it exists already" },
};

static const char *text_of(int err)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].err == -err)
			return codes[i].text;
	return NULL;
}

bool rbi_code_is_ours(int code)
{
	return text_of(code) != NULL;
}

const char *rb_strerror(int err)
{
	const char *text = text_of(err);

	return text ? text : "unknown error";
}

const char *rb_last_error(void)
{
	return detail;
}

void rbi_keep_to_one_line(char *s)
{
	for (; *s; s++) {
		if (*s == '\n' || *s == '\t')
			*s = ' ';
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
	}
}

int rbi_fail(int code, const char *fmt, ...)
{
	char text[DETAIL_MAX]; /* an argument may be the old detail itself */
	va_list args;
	int len;

	/* relibc's printf family stores nothing, no NUL either, when the text is empty */
	text[0] = '\0';
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	if (len < 0)
		text[0] = '\0';
	else if ((size_t)len >= sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	rbi_keep_to_one_line(text);
	memcpy(detail, text, sizeof(detail));
	return code;
}
