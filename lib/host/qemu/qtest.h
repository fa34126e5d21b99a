/* SPDX-License-Identifier: MIT */
/*
 * qtest.h - QEMU's qtest protocol, client side (qemu-notes 2).
 *
 * One line asks, one line answers; lines "IRQ raise N" and "IRQ lower N" may
 * stand between any two others. A malformed command ends QEMU, so commands are
 * made of integers alone, in this file alone.
 *
 * The thread that asks also reads its answer, under the lock, and hands on the
 * interrupt lines that it meets. A thread with nothing else to do drains what
 * comes in between (qemu_io.c). Memory writes are posted: sent at once, their
 * answers collected later, at most RBI_QTEST_POSTED of them, for QEMU stops when
 * nobody reads its answers.
 *
 * Who does not answer within the time-out, hangs up or talks nonsense is dead
 * from then on: every call answers -ENODEV and reads give all-ones.
 */
#ifndef RBI_HOST_QTEST_H
#define RBI_HOST_QTEST_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RBI_QTEST_POSTED 64 /* unanswered writes; QEMU blocks after thousands (qemu-notes 2) */
#define RBI_QTEST_BUFFER 8192 /* bytes read ahead; no line of ours is above 2100 */

enum rbi_qtest_state {
	RBI_QTEST_ALIVE = 0,
	RBI_QTEST_HUNG_UP, /* the connection ended: so has QEMU, or it will */
	RBI_QTEST_SILENT, /* no answer within the time-out */
	RBI_QTEST_NONSENSE /* what came is not qtest */
};

struct rbi_qtest {
	pthread_mutex_t lock;
	int fd; /* our end of the socket pair; blocking, with time-outs */
	unsigned int timeout_ms;
	unsigned int posted; /* writes whose answer has not been read */
	_Atomic int state; /* enum rbi_qtest_state; leaves ALIVE once */
	_Atomic unsigned long commands; /* sent so far: tells the drain that a caller is busy */
	char why[128]; /* why it is dead */

	/* Called with the lock held: a level of an intercepted input has changed, and
	 * the connection has just been found dead. */
	void (*on_irq)(void *arg, unsigned int line, bool level);
	void (*on_death)(void *arg);
	void *arg;

	size_t start, end; /* unread bytes in in[] */
	char in[RBI_QTEST_BUFFER];
};

/* @q is all zeros. -ENOMEM. */
int rbi_qtest_init(struct rbi_qtest *q);
/* Talk over @fd, which stays the caller's. -EIO. */
int rbi_qtest_open(struct rbi_qtest *q, int fd, unsigned int timeout_ms);
void rbi_qtest_destroy(struct rbi_qtest *q);

void rbi_qtest_lock(struct rbi_qtest *q);
bool rbi_qtest_trylock(struct rbi_qtest *q);
void rbi_qtest_unlock(struct rbi_qtest *q);

static inline bool rbi_qtest_dead(struct rbi_qtest *q)
{
	return atomic_load_explicit(&q->state, memory_order_acquire) != RBI_QTEST_ALIVE;
}

/* All below: with the lock held; 0 or -ENODEV with the reason. @width as named,
 * addresses aligned to it. A failed read stores all-ones of the width. */

int rbi_qtest_mem_read(struct rbi_qtest *q, uint64_t addr, unsigned int width, uint64_t *val);
int rbi_qtest_mem_write(struct rbi_qtest *q, uint64_t addr, unsigned int width, uint64_t val);
/* The same without waiting for the answer. */
int rbi_qtest_mem_post(struct rbi_qtest *q, uint64_t addr, unsigned int width, uint64_t val);
/* Many bytes by one command, in their order; QEMU splits it as the device likes, so not for
 * registers. @len is at most RBI_QTEST_BLOCK. */
#define RBI_QTEST_BLOCK 1024
int rbi_qtest_mem_read_block(struct rbi_qtest *q, uint64_t addr, void *buf, size_t len);
/* @width 1, 2 or 4. */
int rbi_qtest_port_read(struct rbi_qtest *q, uint16_t port, unsigned int width, uint32_t *val);
int rbi_qtest_port_write(struct rbi_qtest *q, uint16_t port, unsigned int width, uint32_t val);
/* From now on report the I/O APIC's inputs; once per QEMU. */
int rbi_qtest_intercept_ioapic(struct rbi_qtest *q);

/* Wait until every posted write has been carried out. */
int rbi_qtest_flush(struct rbi_qtest *q);
/* Take in what lies on the connection, without waiting. */
int rbi_qtest_drain(struct rbi_qtest *q);
/* Give up on the peer for a reason found elsewhere. */
void rbi_qtest_die(struct rbi_qtest *q, enum rbi_qtest_state state, const char *why);

#endif
