/* SPDX-License-Identifier: MIT */
/*
 * rows.h - what hosted Redox answers, line by line of the pages it follows.
 *
 * A row quotes a line of doc/redox-contract.md or doc/redox-probe.md, so that it can be
 * found there, and asks hosted Redox for what the line says. test_rows.c runs each row in
 * every profile that it holds for, on a fresh world of hosted_fake.h, and then looks for
 * lines that no row and no line of doc/hosted-limits.md quotes.
 *
 * A quote is part of one line of a table, one item of a list or one paragraph; backticks
 * and asterisks do not count, and space is space.
 */
#ifndef ROWS_H
#define ROWS_H

#include <errno.h>
#include <string.h>

#include "hosted_fake.h"

/* Profiles; 0 stands for all of them. */
#define REDOX_2025   1u
#define BASE_2026    2u
#define REDBEAR_2026 4u

struct row {
	const char *page; /* "contract" or "probe" */
	const char *section;
	const char *quote;
	void (*check)(struct world *w);
	const char *options; /* of the world besides the profile: "uid=1000", or NULL */
	unsigned int profiles;
};

#define CONTRACT(...)                   \
	{                               \
		"contract", __VA_ARGS__ \
	}
#define PROBE(...)                   \
	{                            \
		"probe", __VA_ARGS__ \
	}

struct row_table {
	const struct row *rows;
	size_t count;
};

#define ROW_TABLE(rows)                                \
	{                                              \
		rows, sizeof(rows) / sizeof((rows)[0]) \
	}

extern const struct row_table rows_memory, rows_irq, rows_event_time, rows_pcid, rows_pcid_requests,
	rows_pcid_bytes, rows_port, rows_probe;

/* --- rows.c: what the checks share ------------------------------------------------- */

#define ROOT   NULL, 0 /* options and profiles of most rows */
#define RDWR   RBI_O_RDWR
#define CREATE (RBI_O_RDWR | RBI_O_CREAT | RBI_O_EXCL)

#define ANY_BAR 0xfea00000ull /* an address that is no RAM */

/* Open @path: @rc, or 0 for anything that opens. It is closed again. */
void row_opens(struct world *w, const char *path, unsigned int flags, int rc);
/* Open it for good. */
int row_open(struct world *w, const char *path, unsigned int flags);
/* Map @len bytes of @path at @off: what mmap answers. The descriptor is closed. */
int row_map(struct world *w, const char *path, size_t len, unsigned int flags, uint64_t off,
	    void **base);
int row_unmap(struct world *w, void *base, size_t len);
ssize_t row_pread(struct world *w, int fd, void *buf, size_t len, uint64_t off);
/* A descriptor of /scheme/memory/translation asked for @addr. */
ssize_t row_translate(struct world *w, const void *addr, uint64_t *phys);
/* A whole check: the child of fork() has no contiguous memory. */
void row_child_has_no_mapping(struct world *w);
/* The kernel or pcid would have panicked once, and somebody said so. */
void row_panicked(struct world *w, const char *word);
void row_unharmed(struct world *w);

/* The path of what pcid lists for a function: "00-00--1f.2" in the profile's own way. */
const char *row_pci(struct world *w, unsigned int fake_fn, const char *leaf);
int row_channel(struct world *w, unsigned int fake_fn);
/* Write the request, read its whole answer: both as hex text such as "7 0 0 0 4 0". */
void row_exchange(struct world *w, int fd, const char *request, const char *answer);
/* Write the request, which makes pcid panic. */
void row_kills(struct world *w, int fd, const char *request);

/* Events: records of 24 bytes. */
struct row_event {
	uint64_t id, flags, data;
};

int row_queue(struct world *w);
ssize_t row_watch(struct world *w, int queue, int fd, uint64_t flags, uint64_t data);
/* The next entry of a queue that does not block is that of @fd, or there is none: -1. */
void row_next(struct world *w, int queue, int fd);
/* An interrupt's counter: what read answers; 0 in *count when it answers 0. */
ssize_t row_count(struct world *w, int fd, uint64_t *count);
ssize_t row_ack(struct world *w, int fd, uint64_t count);

/* --- rows_doc.c: the pages --------------------------------------------------------- */

/* Does @page have @quote in @section? Remembers that it was quoted. */
bool doc_has(const char *page, const char *section, const char *quote);
/* Take what doc/hosted-limits.md quotes; how many of its lines quote nothing. */
unsigned int doc_take_limits(void);
/* Print the lines that nothing has quoted; how many. */
unsigned int doc_print_missing(void);
void doc_free(void);

#endif
