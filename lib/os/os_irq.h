/* SPDX-License-Identifier: MIT */
/*
 * os_irq.h - the irq scheme: legacy lines, message vectors and their counters.
 *
 * An irq file is a counter: the interrupts of one number N since boot, shared by
 * everybody. A handle remembers the value it gave back last; a read answers the
 * counter while the two differ and nothing while they are equal, and giving back
 * the current value makes them equal and unmasks a legacy line (contract 2.5).
 * What that means for a driver is the business of lib/irq; here are the bytes.
 *
 * Redox never takes a message vector back (contract 2.3), so those that are not
 * needed any more wait in a pool with their handles open. A hosted context is a
 * Redox of its own and has its own pool; for the real one the pool belongs to the
 * process and outlives contexts.
 */
#ifndef RBI_OS_OS_IRQ_H
#define RBI_OS_OS_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "os/os.h"

#define RBI_IRQ_LEGACY	 16u /* N 0-15 are legacy lines (contract 2.1) */
#define RBI_IRQ_N_MAX	 224u /* message vectors N lie below (contract 2.3) */
#define RBI_IRQ_IDT_BASE 32u /* IDT vector = N + 32 (contract 2.1) */

/* An open line or vector. */
struct rbi_irq {
	int handle;
	unsigned int n; /* its number N */
	bool is_message; /* from the pool of vectors; else a legacy line */
	unsigned int cpu; /* where a message goes */
	uint64_t total; /* the counter as it was last looked at; kept by lib/irq */
	struct rbi_irq *next; /* in the pool */
};

/* An MSI or MSI-X message as Redox wants it. */
struct rbi_msi_message {
	uint64_t addr;
	uint32_t data;
};

/* State of one world for this file; called by rbi_os_new() and rbi_os_free(). */
int rbi_os_irq_init(struct rbi_os *os);
void rbi_os_irq_end(struct rbi_os *os);

/* The message that raises IDT vector @n + 32 on the CPU with local APIC id @apic:
 * edge triggered, fixed delivery (contract 2.7). -EINVAL when there is none. */
int rbi_msi_compose(unsigned int apic, unsigned int n, struct rbi_msi_message *out);

/*
 * Open legacy line @n: -ENOTSUP when it cannot be had here (N above 15, no irq
 * scheme, no such line), else as rbi_os_open().
 */
int rbi_irq_open_line(struct rbi_os *os, unsigned int n, struct rbi_irq **out);

/* Which message vectors somebody wants. */
struct rbi_irq_want {
	unsigned int min, max; /* 1 ... RBI_IRQ_N_MAX */
	bool is_block; /* consecutive, a power of two of them, the first a multiple of that */
	bool has_cpu; /* on CPU @cpu; else on the boot processor */
	unsigned int cpu;
};

/*
 * Message vectors of the pool, or new ones, into @out, which has room for want->max:
 * how many, at least want->min. -ENOMEM when fewer are left; -ENOENT when there is no
 * such CPU; -ENOTSUP when this world has no vectors.
 */
int rbi_irq_open_vectors(struct rbi_os *os, const struct rbi_irq_want *want, struct rbi_irq **out);
/* Close a line; put a vector into the pool, unless it is not known that the device
 * has stopped sending to it: then it is lost. NULL is allowed. Cannot fail. */
void rbi_irq_release(struct rbi_os *os, struct rbi_irq *irq, bool is_silent);
/* Only free the memory, in a child of fork(). */
void rbi_irq_forget(struct rbi_irq *irq);

/* Read the counter: 1 with *total, 0 when nothing has come since the value given
 * back last, or -EPROTO, or as rbi_os_fail(). Never blocks. */
int rbi_irq_read(struct rbi_os *os, const struct rbi_irq *irq, uint64_t *total);
/* Give @total back: 1, or 0 when the counter has moved on and nothing has changed
 * (read again), or -EPROTO, or as rbi_os_fail(). */
int rbi_irq_give_back(struct rbi_os *os, const struct rbi_irq *irq, uint64_t total);

/*
 * Descriptors that drivers poll, so that rb_poll() knows them. An entry stands in
 * its owner and is known from add to del.
 */
struct rbi_irq_fd {
	struct rbi_irq_fd *next;
	int fd;
	const struct rbi_irq *irq;
};

void rbi_irq_fd_add(struct rbi_os *os, struct rbi_irq_fd *entry);
void rbi_irq_fd_del(struct rbi_os *os, struct rbi_irq_fd *entry);
/* The line or vector behind @fd, or NULL. */
const struct rbi_irq *rbi_irq_fd_find(struct rbi_os *os, int fd);

#endif
