/* SPDX-License-Identifier: MIT */
/*
 * os.h - what every os_*.c shares: the scheme root, opening paths, error codes.
 *
 * lib/os speaks Redox: it is the one place that names scheme paths, flags and
 * protocol bytes. It calls the first waist (sys.h) and folds what the system
 * answers into the closed set of error.h, with a sentence.
 */
#ifndef RBI_OS_OS_H
#define RBI_OS_OS_H

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/core.h"
#include "core/range_book.h"
#include "os/sys.h"

#define RBI_PATH_MAX 256 /* bytes of a scheme path without the root, with the NUL */

struct rbi_pcid;	/* os_pcid.c: a channel */
struct rbi_vector_pool; /* os_vector.c: vectors that Redox never takes back */
struct rbi_phys_map;	/* os_memory.h */
struct rbi_irq_fds;	/* os_irq.c: descriptors that drivers poll */

/* State of one world above its first waist; one per context. */
struct rbi_os {
	struct rbi_sys *sys;
	uint64_t serial; /* of this world: a thread knows by it where it may use ports */
	char *root;		       /* put before every /scheme path; "" on Redox */
	int client_channel;	       /* PCID_CLIENT_CHANNEL's descriptor, or -1 */
	_Atomic(struct rbi_pcid *) client; /* the channel over it, made on first use; freed by
					    * rbi_pcid_client_free() in rbi_os_free() */
	_Atomic(struct rbi_vector_pool *) pool; /* hosted contexts have their own; redox: per
						 * root; joined on first use */
	struct rbi_irq_fds *irq_fds;
	_Atomic uint64_t quarantined; /* bytes of DMA memory that was not given back */
	_Atomic int translation; /* os_memory.c's descriptor, opened on first use; -1: not yet */
	bool dma_sees_caches; /* RBI_DMA_SEES_CACHES; tests say otherwise */
	struct rbi_range_book handed_over; /* the program's memory that devices have */
	pthread_mutex_t phys_lock;
	struct rbi_phys_map *phys_maps; /* os_memory.c's register windows that are mapped */
	_Atomic uint64_t wholes; /* numbers given out by rbi_os_new_whole() */
};

/* Takes over @sys on success. @root may be NULL. */
int rbi_os_new(struct rbi_sys *sys, const char *root, struct rbi_os **out);
/* Frees the state and destroys the first waist below it. */
void rbi_os_free(struct rbi_os *os);

/*
 * Fold an errno of the system (negative) into the closed set and record "@what:
 * ..." as the detail. Codes of the set that mean the same here pass; EPERM and
 * EACCES -> -EACCES, ENOLCK and EALREADY -> -EBUSY, EWOULDBLOCK (both numbers) ->
 * -EAGAIN, EMFILE and ENFILE -> -ENOMEM, ENOSYS and EOPNOTSUPP -> -ENOTSUP, every
 * other -> -EIO with its number in the sentence.
 */
int rbi_os_fail(int err, const char *what_fmt, ...) RBI_PRINTF(2, 3);

/*
 * A driver made a mistake that no return value can tell it of: say so in the log, and
 * to the world below, which records it if it is strict. Keeps this thread's detail.
 */
void rbi_os_misuse(struct rbi_os *os, const char *fmt, ...) RBI_PRINTF(2, 3);

/* A number for struct rbi_dma_note's whole: never 0, and no other in this world. */
static inline uint64_t rbi_os_new_whole(struct rbi_os *os)
{
	return atomic_fetch_add_explicit(&os->wholes, 1, memory_order_relaxed) + 1;
}

/* A system that answers EINTR this many times in a row is not interrupted but broken. */
#define RBI_EINTR_MAX 1000u

/* Was @rc only an interruption, and is it worth another try? Counts in @tries. */
static inline bool rbi_os_interrupted(ssize_t rc, unsigned int *tries)
{
	return rc == -EINTR && ++*tries < RBI_EINTR_MAX;
}

/*
 * Open "/scheme/<scheme>/<rest>" (or "/scheme/<scheme>" when @rest is ""): a
 * descriptor >= 0. -ENOTSUP when the scheme is absent (Redox says ENODEV); -ENOENT
 * when it is there and has no such path; other codes as rbi_os_fail() folds them.
 */
int rbi_os_open(struct rbi_os *os, const char *scheme, const char *rest, unsigned int flags);
void rbi_os_close(struct rbi_os *os, int fd); /* negative fds are ignored */

/* As rbi_os_open(), for a directory; each entry name goes to @each until it
 * answers non-zero, which ends the walk and is returned. "." and ".." are skipped. */
int rbi_os_list(struct rbi_os *os, const char *scheme, const char *rest,
		int (*each)(void *arg, const char *name), void *arg);

/* read(2) and write(2) of exactly @len bytes in one call, EINTR retried: 0, or
 * -EPROTO for a short answer, or folded as above. */
int rbi_os_read_exact(struct rbi_os *os, int fd, void *buf, size_t len, const char *what);
int rbi_os_write_exact(struct rbi_os *os, int fd, const void *buf, size_t len, const char *what);

#endif
