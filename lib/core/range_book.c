/* SPDX-License-Identifier: MIT */
/* range_book.c - see range_book.h. */
#include "config.h"

#include <stdio.h>

#include "core/core.h"
#include "core/range_book.h"

static void make_empty(struct rbi_range_node *head)
{
	head->next = head->prev = head;
}

int rbi_book_init(struct rbi_range_book *book)
{
	if (pthread_mutex_init(&book->lock, NULL) != 0)
		return rbi_no_memory("a lock");
	book->buckets = NULL;
	make_empty(&book->large);
	return 0;
}

/* Most books never see a claim. Without memory they are only slow. */
static void make_buckets(struct rbi_range_book *book)
{
	size_t i;

	if (book->buckets)
		return;
	book->buckets = rbi_alloc(RBI_BOOK_BUCKETS, sizeof(*book->buckets));
	for (i = 0; book->buckets && i < RBI_BOOK_BUCKETS; i++)
		make_empty(&book->buckets[i]);
}

void rbi_book_destroy(struct rbi_range_book *book)
{
	rbi_free(book->buckets);
	pthread_mutex_destroy(&book->lock);
}

/* --- lists ------------------------------------------------------------------------------ */

static uint64_t last_of(const struct rbi_range *r)
{
	return r->from + (r->len - 1);
}

static bool overlap(const struct rbi_range *a, const struct rbi_range *b)
{
	return a->from <= last_of(b) && b->from <= last_of(a);
}

static bool is_large(const struct rbi_range *r)
{
	return r->len > RBI_BOOK_GRAIN;
}

static struct rbi_range_node *bucket_of(struct rbi_range_book *book, uint64_t addr)
{
	/* neighbours in memory should be neighbours here: so no mixing of the bits */
	return &book->buckets[addr / RBI_BOOK_GRAIN % RBI_BOOK_BUCKETS];
}

static void put(struct rbi_range_node *head, struct rbi_range_node *node, struct rbi_range *r)
{
	node->range = r;
	node->next = head->next;
	node->prev = head;
	node->next->prev = node;
	head->next = node;
}

static void take(struct rbi_range_node *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
}

static void insert(struct rbi_range_book *book, struct rbi_range *r)
{
	struct rbi_range_node *first, *last;

	make_empty(&r->nodes[1]);
	if (is_large(r) || !book->buckets) {
		put(&book->large, &r->nodes[0], r);
		return;
	}
	first = bucket_of(book, r->from);
	last = bucket_of(book, last_of(r));
	put(first, &r->nodes[0], r);
	if (last != first)
		put(last, &r->nodes[1], r);
}

static void take_out(struct rbi_range *r)
{
	take(&r->nodes[0]);
	take(&r->nodes[1]);
}

/* --- claims ----------------------------------------------------------------------------- */

/* The first of a list that @r may not overlap; those it may are marked. */
static struct rbi_range *meets_in(const struct rbi_range_node *head, struct rbi_range *r)
{
	struct rbi_range_node *node;

	for (node = head->next; node != head; node = node->next) {
		if (!overlap(node->range, r))
			continue;
		if (!node->range->shared || !r->shared)
			return node->range;
		node->range->crowded = true;
		r->crowded = true;
	}
	return NULL;
}

static struct rbi_range *meets(struct rbi_range_book *book, struct rbi_range *r)
{
	struct rbi_range_node *first, *last;
	struct rbi_range *other;
	size_t i;

	other = meets_in(&book->large, r);
	if (other || !book->buckets)
		return other;
	if (!is_large(r)) {
		first = bucket_of(book, r->from);
		last = bucket_of(book, last_of(r));
		other = meets_in(first, r);
		return other || last == first ? other : meets_in(last, r);
	}
	for (i = 0; i < RBI_BOOK_BUCKETS && !other; i++)
		other = meets_in(&book->buckets[i], r);
	return other;
}

bool rbi_book_claim(struct rbi_range_book *book, struct rbi_range *ranges, size_t count,
		    char *other, size_t size)
{
	struct rbi_range *met = NULL;
	size_t i;

	pthread_mutex_lock(&book->lock);
	make_buckets(book);
	for (i = 0; i < count; i++) {
		met = meets(book, &ranges[i]);
		if (met)
			break;
		insert(book, &ranges[i]);
	}
	if (met) {
		snprintf(other, size, "%s", met->name);
		while (i > 0)
			take_out(&ranges[--i]);
	}
	pthread_mutex_unlock(&book->lock);
	return !met;
}

void rbi_book_drop(struct rbi_range_book *book, struct rbi_range *ranges, size_t count)
{
	size_t i;

	pthread_mutex_lock(&book->lock);
	for (i = 0; i < count; i++)
		take_out(&ranges[i]);
	pthread_mutex_unlock(&book->lock);
}
