/* SPDX-License-Identifier: MIT */
/*
 * tool.h - what the files of the command rbdrv share.
 *
 * Every subcommand is one function in a file of its own, named in the table of rbdrv.c. It gets
 * the arguments read and checked, and answers with an exit status. The command uses the public
 * headers only, like any driver.
 */
#ifndef RBDRV_TOOL_H
#define RBDRV_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/rbdrv.h>

#define TOOL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Exit statuses of rbdrv. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Options, as bits: each subcommand says in its row which ones it knows. */
enum {
	OPT_VERBOSE = 1 << 0, /* -v, -vv */
	OPT_NUMERIC = 1 << 1, /* -n, -nn */
	OPT_TREE = 1 << 2,    /* -t */
	OPT_JSON = 1 << 3,    /* --json */
	OPT_SLOT = 1 << 4,    /* -s SLOT */
	OPT_ID = 1 << 5,      /* -d ID */
	OPT_CLAIM = 1 << 6,   /* --claim */
};

enum tool_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

#define TOOL_OPERANDS_MAX 2

/* The command line. */
struct tool_args {
	const char *machine; /* NULL: not given */
	unsigned int given;  /* OPT_ bits that were given */
	int verbose;         /* how often -v was given */
	int numeric;         /* how often -n was given */
	const char *slot;    /* pattern of -s, or NULL */
	const char *id;      /* pattern of -d, or NULL */
	enum tool_color color;
	const char *operand[TOOL_OPERANDS_MAX]; /* what follows the subcommand */
	int operands;
};

/* --- subcommands ------------------------------------------------------------------- */

int rbdrv_ls(const struct tool_args *args);

/* --- rbdrv_names.c: ids in words ------------------------------------------------------- */

/* Static text for a base class, never NULL. */
const char *name_of_base_class(unsigned int base);

/* --- rbdrv_term.c: what is written, and how it may fail ------------------------------- */

/* Decide on colour, once, before anything is printed. */
void term_init(enum tool_color color);

/* Escape sequences, or empty text without colour. */
const char *term_bold(void);
const char *term_dim(void);
const char *term_alarm(void);
const char *term_plain(void);

/* Text of somebody else (a device, a file) with control bytes and what is no UTF-8 as '?'.
 * At most size - 1 bytes. Answers buf. */
char *term_clean(const char *text, char *buf, size_t size);

/* What went wrong in the library, on standard error; EXIT_FAILED. */
int term_complain(int err);
/* The same in the command's own words. */
int term_fail(const char *fmt, ...) TOOL_PRINTF(1, 2);
/* The command line makes no sense; EXIT_USAGE. */
int term_misuse(const char *what, const char *arg);
/* Everything printed is out; or a sentence, and EXIT_FAILED. */
int term_finish(int status);

#endif
