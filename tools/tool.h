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
int rbdrv_doctor(const struct tool_args *args);

int rbdrv_show(const struct tool_args *args);
int rbdrv_config(const struct tool_args *args);
int rbdrv_dump(const struct tool_args *args);

/* --- rbdrv_find.c: the functions that the command line means --------------------------- */

/* One function, listed or a bridge. */
struct function {
	struct rb_pci_addr addr;
	bool known; /* the ids below */
	uint16_t vendor, device;
	uint32_t class_code;
	uint8_t revision;
	bool bridge; /* leads to other buses, as functions_look_behind() saw: */
	uint8_t secondary, subordinate;
};

struct function_list {
	struct function *at; /* by address */
	size_t count, room;
};

/* Open the machine and list what -s and -d let through. The exit status; on EXIT_OK the list is
 * freed by functions_free() and the machine by rb_ctx_unref(). */
int find_functions(const struct tool_args *args, struct rb_ctx **ctx, struct function_list *list);
void functions_free(struct function_list *list);
/* Find out which of them are bridges, and to where. */
void functions_look_behind(struct rb_ctx *ctx, struct function_list *list);

/* Open the machine and find the function whose address is the first operand. */
int find_function(const struct tool_args *args, struct rb_ctx **ctx, struct function *fn);

/* --- rbdrv_describe.c: everything about one function ---------------------------------- */

struct fields;

/* Into the group that is open. dev: the open function, or NULL. */
void describe(struct fields *f, struct rb_ctx *ctx, const struct function *fn,
	      struct rb_pci_dev *dev);

/* --- rbdrv_head.c: one line about a function -------------------------------------------- */

/* How wide the columns of a list are. */
struct head_widths {
	int class_text;
};

void head_measure(const struct function_list *list, int numeric, struct head_widths *widths);
void head_print_titles(const struct head_widths *widths, int numeric);
/* numeric: 0 names, 1 numbers, 2 both. widths: NULL for one line alone. */
void head_print(const struct function *fn, const struct head_widths *widths, int numeric);

/* rbdrv_config.c: bytes in lines of sixteen, "00: 86 80 ...". */
void hex_print(const uint8_t *bytes, size_t count);

/* Functions as a tree of buses. */
int tree_print(const struct function_list *list, int numeric);

/* --- rbdrv_classes.c, rbdrv_names.c: ids in words ---------------------------------------- */

/* Static text, never NULL: the base class, and the subclass or, without a name, its base. */
const char *class_base_name(uint32_t class_code);
const char *class_name(uint32_t class_code);
/* NULL where the interface has no name. */
const char *class_interface_name(uint32_t class_code);

struct tool_ids {
	uint16_t vendor, device;
	uint16_t subvendor, subdevice; /* 0: none */
};

/* Names from pci.ids, safe to print; empty where there is none. */
struct tool_names {
	char vendor[128], device[160];
	char subvendor[128], subdevice[160];
};

void names_of(const struct tool_ids *ids, struct tool_names *names);
void names_of_function(const struct function *fn, struct tool_names *names);

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
