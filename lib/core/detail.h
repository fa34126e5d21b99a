/* SPDX-License-Identifier: MIT */
/*
 * detail.h - keeping a caller's rb_last_error() over failures that are not his.
 *
 * A call that succeeds leaves the detail alone, and so does a release. Where such
 * a call tries something that may be refused, it keeps the sentence before and
 * puts it back after.
 */
#ifndef RBI_CORE_DETAIL_H
#define RBI_CORE_DETAIL_H

#include <stdio.h>

#include "core/core.h"

struct rbi_detail {
	char text[512]; /* what error.h promises as the longest, with its NUL */
};

static inline void rbi_detail_keep(struct rbi_detail *detail)
{
	detail->text[0] = '\0'; /* relibc stores nothing when the text is empty */
	snprintf(detail->text, sizeof(detail->text), "%s", rb_last_error());
}

static inline void rbi_detail_restore(const struct rbi_detail *detail)
{
	rbi_fail(0, "%s", detail->text);
}

#endif
