/* SPDX-License-Identifier: MIT */
/*
 * core.h - what every room of librbdrv may use: errors, memory, log, context.
 *
 * Knows no scheme and calls nobody above it.
 */
#ifndef RBI_CORE_H
#define RBI_CORE_H

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/ctx.h>
#include <rbdrv/error.h>

#define RBI_PAGE 4096u

#define RBI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* librbdrv-host uses it too: in the private node of rbdrv.map.in, hence not hidden. */
#define RBI_SHARED __attribute__((visibility("default")))

/* --- errors (error.c) ---------------------------------------------------------- */

/* Record a sentence for this thread and return @code, one of the closed set. */
RBI_SHARED int rbi_fail(int code, const char *fmt, ...) RBI_PRINTF(2, 3);

/* A sentence may quote names and other programs' words: take out what would end its
 * line or steer a terminal. */
RBI_SHARED void rbi_keep_to_one_line(char *s);

/* Is @code 0 or one of the closed set of error.h? */
RBI_SHARED bool rbi_code_is_ours(int code);

/* --- memory (alloc.c) ------------------------------------------------------------ */

/* @count zeroed elements of @size bytes, or NULL; overflow is NULL. Free with
 * rbi_free(), which takes NULL. The only allocator in lib/. */
RBI_SHARED void *rbi_alloc(size_t count, size_t size);
/* Resize to @count elements of @size; new bytes are not zeroed. NULL: @p is kept. */
RBI_SHARED void *rbi_realloc(void *p, size_t count, size_t size);
RBI_SHARED void rbi_free(void *p);
RBI_SHARED char *rbi_strdup(const char *s);
char *rbi_strndup(const char *s, size_t len);
/* Formatted text in memory of its own, or NULL. */
RBI_SHARED char *rbi_sprintf(const char *fmt, ...) RBI_PRINTF(1, 2);

/* Make this thread's @n-th allocation from now fail, once (0: none). The number
 * of allocations since the last call is returned. For fault campaigns. */
RBI_SHARED unsigned long rbi_alloc_fail_at(unsigned long n);
/* Allocations that this thread has made minus those it has freed: over a span that
 * frees what it allocates, and on this thread, the difference is 0. */
RBI_SHARED long rbi_alloc_live(void);

/* The usual refusal when rbi_alloc() answered NULL. */
RBI_SHARED int rbi_no_memory(const char *what);

/* --- the ledger of live handles (ledger.c) ---------------------------------------- */

/* Embedded in every public object; says what is still open when a context ends. */
struct rbi_live {
	struct rbi_live *next, *prev;
	const char *kind; /* "PCI device", "DMA buffer": a literal */
	char name[48];	  /* which one */
};

struct rbi_ledger {
	pthread_mutex_t lock;
	struct rbi_live head;
	size_t count;
};

int rbi_ledger_init(struct rbi_ledger *ledger);
void rbi_ledger_destroy(struct rbi_ledger *ledger);
void rbi_live_add(struct rb_ctx *ctx, struct rbi_live *live, const char *kind, const char *fmt,
		  ...) RBI_PRINTF(4, 5);
void rbi_live_del(struct rb_ctx *ctx, struct rbi_live *live);

/* --- the context (ctx.c) ----------------------------------------------------------- */

struct rbi_sys;
struct rbi_os;

/*
 * A context holds the first waist and what lib/os keeps above it. Children hold
 * a counted reference (rb_ctx_ref), so order of release never matters.
 */
struct rb_ctx {
	_Atomic uint32_t refs;
	long pid;	     /* of the process that made it: the fork rule */
	char *machine;	     /* the machine string as given */
	struct rbi_sys *sys; /* first waist */
	struct rbi_os *os;   /* lib/os state over it */
	struct rbi_ledger ledger;

	pthread_mutex_t log_lock;
	rb_log_fn log_fn;
	void *log_arg;
	_Atomic int log_max;
};

/* Is this still the process that made @ctx? After fork() in a child: no. */
bool rbi_ctx_is_ours(const struct rb_ctx *ctx);
/* 0, or -EINVAL for NULL, or -ENODEV in a child of fork(), with the detail. The
 * first line of every public call that takes an object. */
int rbi_ctx_check(const struct rb_ctx *ctx, const char *call);

/* --- log (log.c) --------------------------------------------------------------------- */

RBI_SHARED void rbi_log(struct rb_ctx *ctx, enum rb_log_level level, const char *fmt, ...)
	RBI_PRINTF(3, 4);

/* --- numbers ---------------------------------------------------------------------------- */

static inline uint64_t rbi_round_up(uint64_t v, uint64_t to) /* @to a power of two */
{
	return (v + to - 1) & ~(to - 1);
}

/* Deadline @timeout ns from @now, INT64_MAX when it would pass the end of time. */
static inline int64_t rbi_deadline(int64_t now, uint64_t timeout)
{
	if (timeout > (uint64_t)INT64_MAX || now > INT64_MAX - (int64_t)timeout)
		return INT64_MAX;
	return now + (int64_t)timeout;
}

#endif
