/* SPDX-License-Identifier: MIT */
/*
 * range_book.h - ranges of this process's memory that somebody has laid claim to,
 * and the question whether a new one meets an old one.
 *
 * A range of at most GRAIN bytes touches two grains at most and is found by hash;
 * longer ones are few and looked through one by one. So a claim costs the same
 * whether ten or a hundred thousand are held. Any thread.
 */
#ifndef RBI_CORE_RANGE_BOOK_H
#define RBI_CORE_RANGE_BOOK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RBI_BOOK_GRAIN	 ((uint64_t)64 << 10)
#define RBI_BOOK_BUCKETS 1024u

struct rbi_range;

struct rbi_range_node {
	struct rbi_range_node *next, *prev;
	struct rbi_range *range;
};

/* A claim; the holder's memory, and not to be moved while it stands in a book. */
struct rbi_range {
	uint64_t from;
	uint64_t len; /* > 0; from + len does not wrap */
	bool shared; /* may overlap others that are shared */
	bool crowded; /* and does, or did; under the book's lock */
	const char *name; /* for who is refused; lives as long as the claim */
	struct rbi_range_node nodes[2]; /* [1] is on its own when one is enough */
};

struct rbi_range_book {
	pthread_mutex_t lock;
	struct rbi_range_node *buckets; /* by grain; made with the first claim, if there is memory */
	struct rbi_range_node large; /* and whatever was claimed without buckets */
};

int rbi_book_init(struct rbi_range_book *book);
void rbi_book_destroy(struct rbi_range_book *book);

/*
 * Claim all of @ranges, or none. False: one of them overlaps another claim, or one
 * before it in @ranges, and not both are shared; the name of the other is copied to
 * @other. Shared ones that overlap are marked crowded on both sides.
 */
bool rbi_book_claim(struct rbi_range_book *book, struct rbi_range *ranges, size_t count,
		    char *other, size_t size);
void rbi_book_drop(struct rbi_range_book *book, struct rbi_range *ranges, size_t count);

#endif
