/* SPDX-License-Identifier: MIT */
/*
 * mock_dump.h - a bus out of the text that `lspci -x` prints: what the reader hands to
 * the builder.
 */
#ifndef RBI_MOCK_DUMP_H
#define RBI_MOCK_DUMP_H

#include <stddef.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#define RBI_DUMP_BYTES	   ((size_t)64 << 20) /* of a file */
#define RBI_DUMP_FUNCTIONS 65536
#define RBI_DUMP_BARS	   7 /* six and the expansion ROM */
#define RBI_DUMP_ROM	   6

/* A size that the text tells. */
struct rbi_dump_size {
	uint64_t addr; /* of a region without a number */
	uint64_t size; /* 0: nothing was told */
};

struct rbi_dump_function {
	struct rb_pci_addr addr;
	size_t line; /* where it begins */
	uint8_t *bytes; /* of configuration space, from its start */
	unsigned int len; /* how many: 64 ... 4096, a multiple of 16 */
	unsigned int room;
	struct rbi_dump_size sizes[RBI_DUMP_BARS]; /* by number: lspci -vv, and ROM */
	struct rbi_dump_size loose[RBI_DUMP_BARS]; /* by address: lspci -v */
	unsigned int nloose;
};

struct rbi_dump {
	struct rbi_dump_function *fns; /* in the order of the text */
	size_t count;
	size_t room;
	size_t skipped; /* functions in domains above 0xffff */
};

/* Read @len bytes of text, whatever they hold. -EINVAL names the line; -ENOMEM. */
int rbi_dump_parse(const char *text, size_t len, struct rbi_dump **out);
void rbi_dump_free(struct rbi_dump *dump);

struct mock;
struct rb_mock_dev;

/* Read the file and put its functions on the bus. -ENOENT, -EACCES, -EINVAL,
 * -EIO, -ENOMEM. */
int rbi_mock_dump_load(struct mock *mock, const char *path);
/* Which bits of a function's @len bytes can be written. */
void rbi_mock_dump_caps(struct rb_mock_dev *dev, unsigned int len);
/* Put the functions on the bus. -EINVAL when a place is taken, -ENOMEM. */
int rbi_mock_dump_plug(struct mock *mock, const struct rbi_dump *dump);

#endif
