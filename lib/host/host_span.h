/* SPDX-License-Identifier: MIT */
/*
 * host_span.h - stretches of an address space, found by any address in them.
 *
 * What is kept embeds a struct rbi_span. Stretches of one tree do not overlap. All
 * steps take logarithmic time, none takes memory, so putting one in cannot fail.
 */
#ifndef RBI_HOST_SPAN_H
#define RBI_HOST_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first two are the owner's to set, and constant while it is in a tree. */
struct rbi_span {
	uint64_t base;
	uint64_t len; /* not 0; base + (len - 1) does not wrap */
	struct rbi_span *low, *high;
	uint64_t rank; /* no child's is above it */
};

/* All zeros: empty. */
struct rbi_spans {
	struct rbi_span *root;
};

/* Put @s in, which overlaps none that is there. */
void rbi_span_insert(struct rbi_spans *spans, struct rbi_span *s);
/* Take @s out, which is there. */
void rbi_span_remove(struct rbi_spans *spans, struct rbi_span *s);
/* The first that does not lie wholly below @addr, or NULL. */
struct rbi_span *rbi_span_from(const struct rbi_spans *spans, uint64_t addr);
/* The next by address, or NULL. */
struct rbi_span *rbi_span_after(const struct rbi_spans *spans, const struct rbi_span *s);

static inline bool rbi_span_holds(const struct rbi_span *s, uint64_t addr, uint64_t len)
{
	return addr >= s->base && len <= s->len && addr - s->base <= s->len - len;
}

#endif
