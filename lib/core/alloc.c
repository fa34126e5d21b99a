/* SPDX-License-Identifier: MIT */
/*
 * alloc.c - the only allocator in lib/.
 *
 * One door makes "no memory" testable: a thread can make its n-th allocation
 * from now fail, so a test walks through every allocation of a scenario, and ask
 * whether all was freed. The counters are thread-local, like the error detail, and
 * cost one add.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

static _Thread_local struct {
	unsigned long made;    /* allocations since rbi_alloc_fail_at() */
	unsigned long fail_at; /* the one to fail; 0: none */
	long live; /* made minus freed */
} campaign;

unsigned long rbi_alloc_fail_at(unsigned long n)
{
	unsigned long made = campaign.made;

	campaign.made = 0;
	campaign.fail_at = n;
	return made;
}

long rbi_alloc_live(void)
{
	return campaign.live;
}

/* @p is what the C library gave. */
static void *counted(void *p)
{
	campaign.live += p != NULL;
	return p;
}

static bool refuse(size_t count, size_t size)
{
	campaign.made++;
	if (campaign.made == campaign.fail_at)
		return true;
	return size != 0 && count > SIZE_MAX / size;
}

void *rbi_alloc(size_t count, size_t size)
{
	if (refuse(count, size))
		return NULL;
	/* calloc(0) may answer NULL, which means something else here */
	return counted(calloc(count ? count : 1, size ? size : 1));
}

void *rbi_realloc(void *p, size_t count, size_t size)
{
	size_t bytes = count * size;

	if (refuse(count, size))
		return NULL;
	if (!p)
		return counted(malloc(bytes ? bytes : 1));
	return realloc(p, bytes ? bytes : 1);
}

void rbi_free(void *p)
{
	campaign.live -= p != NULL;
	free(p);
}

char *rbi_strndup(const char *s, size_t len)
{
	char *copy = rbi_alloc(len + 1, 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

char *rbi_strdup(const char *s)
{
	return rbi_strndup(s, strlen(s));
}

char *rbi_sprintf(const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		return NULL;

	text = rbi_alloc((size_t)len + 1, 1);
	if (!text)
		return NULL;
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return text;
}

int rbi_no_memory(const char *what)
{
	return rbi_fail(-ENOMEM, "out of memory for %s", what);
}
