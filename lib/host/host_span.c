/* SPDX-License-Identifier: MIT */
/*
 * host_span.c - a treap (Seidel and Aragon 1996): a search tree by address that is a
 * heap by rank. Ranks look random, so the tree is about as deep as a balanced one.
 */
#include "config.h"

#include "host/host_span.h"

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014): any two addresses differ in
 * half of the bits. */
static uint64_t rank_of(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

void rbi_span_insert(struct rbi_spans *spans, struct rbi_span *s)
{
	struct rbi_span **link = &spans->root;
	struct rbi_span **low = &s->low, **high = &s->high;
	struct rbi_span *n;

	s->rank = rank_of(s->base);
	while (*link && (*link)->rank >= s->rank)
		link = s->base < (*link)->base ? &(*link)->low : &(*link)->high;

	/* what is below this place becomes the two sides of @s */
	n = *link;
	while (n) {
		if (n->base < s->base) {
			*low = n;
			low = &n->high;
			n = n->high;
		} else {
			*high = n;
			high = &n->low;
			n = n->low;
		}
	}
	*low = *high = NULL;
	*link = s;
}

void rbi_span_remove(struct rbi_spans *spans, struct rbi_span *s)
{
	struct rbi_span **link = &spans->root;
	struct rbi_span *low = s->low, *high = s->high;

	while (*link != s)
		link = s->base < (*link)->base ? &(*link)->low : &(*link)->high;

	while (low && high) {
		if (low->rank >= high->rank) {
			*link = low;
			link = &low->high;
			low = low->high;
		} else {
			*link = high;
			link = &high->low;
			high = high->low;
		}
	}
	*link = low ? low : high;
}

struct rbi_span *rbi_span_from(const struct rbi_spans *spans, uint64_t addr)
{
	struct rbi_span *n = spans->root, *best = NULL;

	while (n) {
		if (n->base + (n->len - 1) < addr) {
			n = n->high;
		} else {
			best = n;
			n = n->low;
		}
	}
	return best;
}

struct rbi_span *rbi_span_after(const struct rbi_spans *spans, const struct rbi_span *s)
{
	uint64_t last = s->base + (s->len - 1);

	return last == UINT64_MAX ? NULL : rbi_span_from(spans, last + 1);
}
