/* SPDX-License-Identifier: MIT */
/*
 * fault_plan.h - let one call of a world fail, the n-th, with a code of choice.
 *
 * A plan counts the calls of both waists and answers one of them itself. While a
 * thread has a plan, the worlds that it opens are decorated: fault_sys.c stands
 * before the first waist, fault_machine.c before the second, each a table that
 * asks the plan and then forwards. Calls that release are not counted and never
 * fail; neither do clocks, nor anything else that has no error to answer.
 *
 * What says that the machine is gone holds for good: after its -ENODEV every later
 * call of it answers the same. A single one in between would be a thing that no
 * hardware does. Register accesses fail there only, and so does all else then:
 * registers that are gone while their interrupt goes on are no hardware either.
 *
 * A plan may lie in memory that processes share: it owns nothing.
 */
#ifndef RBI_HOST_FAULT_PLAN_H
#define RBI_HOST_FAULT_PLAN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"

#define RBI_FAULT_CALLS 65536u /* of one waist that a plan remembers */

enum rbi_waist { RBI_WAIST_SYS, RBI_WAIST_MACHINE, RBI_WAISTS };

/* Calls that may fail: of struct rbi_sys_ops ... */
enum rbi_sys_call {
	RBI_SYS_OPEN,
	RBI_SYS_DUP,
	RBI_SYS_THREAD,
	RBI_SYS_DUP_NAMED,
	RBI_SYS_SET_CLOEXEC,
	RBI_SYS_READ,
	RBI_SYS_WRITE,
	RBI_SYS_PREAD,
	RBI_SYS_SIZE,
	RBI_SYS_OPENDIR,
	RBI_SYS_READDIR,
	RBI_SYS_MMAP,
	RBI_SYS_RESERVE,
	RBI_SYS_CALL,
	RBI_SYS_PIPE,
	RBI_SYS_CALLS
};

/* ... and of struct rbi_machine_ops. */
enum rbi_machine_call {
	RBI_MACHINE_FUNCTIONS,
	RBI_MACHINE_CFG_READ,
	RBI_MACHINE_CFG_WRITE,
	RBI_MACHINE_CLAIM,
	RBI_MACHINE_RESET,
	RBI_MACHINE_PLUG,
	RBI_MACHINE_UNPLUG,
	RBI_MACHINE_NET_FD,
	RBI_MACHINE_NET_LINK,
	RBI_MACHINE_MAP,
	RBI_MACHINE_MEM_READ,
	RBI_MACHINE_MEM_WRITE,
	RBI_MACHINE_PORT_READ,
	RBI_MACHINE_PORT_WRITE,
	RBI_MACHINE_RAM_MAP,
	RBI_MACHINE_DMA_MAP,
	RBI_MACHINE_INTX,
	RBI_MACHINE_IRQ_FD,
	RBI_MACHINE_IRQ_TAKE,
	RBI_MACHINE_IRQ_UNMASK,
	RBI_MACHINE_MSG_CONNECT,
	RBI_MACHINE_WAIT,
	RBI_MACHINE_CALLS
};

/* Answers that are no errno; a code is negative or one of these. */
enum {
	RBI_FAULT_NOTHING = 0, /* 0: no bytes, or awake for nothing */
	RBI_FAULT_SHORT = 1, /* half of the bytes */
};

struct rbi_fault_answer {
	int code;
	const char *name; /* "-ENOLCK", "half of the bytes" */
};

/* What @call of @waist may answer, and its name: how many answers there are. */
unsigned int rbi_fault_answers(enum rbi_waist waist, unsigned int call,
			       const struct rbi_fault_answer **answers, const char **name);

struct rbi_fault_plan {
	unsigned long at[RBI_WAISTS]; /* which call fails; 0: none */
	unsigned int variant; /* with which of its answers */

	pthread_t thread; /* the one that armed it */
	_Atomic bool elsewhere; /* other threads have called, too */
	_Atomic unsigned long calls[RBI_WAISTS]; /* so far */
	_Atomic bool gone; /* the machine: -ENODEV from now on */
	_Atomic bool struck; /* the call has come, and @answer has been given */
	struct rbi_fault_answer answer;
	_Atomic bool told;
	char what[128]; /* it, with its arguments */

	bool counting; /* remember which calls came, in @came */
	uint8_t came[RBI_WAISTS][RBI_FAULT_CALLS];
};

/* The worlds that this thread opens from now on are subject to @plan; NULL: to none. */
void rbi_fault_arm(struct rbi_fault_plan *plan);
struct rbi_fault_plan *rbi_fault_armed(void);

/* A call comes: the answer to give in its place, or NULL to forward it. */
const struct rbi_fault_answer *rbi_fault_strike(struct rbi_fault_plan *plan, enum rbi_waist waist,
						unsigned int call);
/* Say what the call was that rbi_fault_strike() has just given an answer for. */
void rbi_fault_tell(struct rbi_fault_plan *plan, const char *fmt, ...) RBI_PRINTF(2, 3);

struct rbi_sys;
struct rbi_machine;

/* Put a decorator before *@world; it takes the world over, and ends with it. 0 or
 * -ENOMEM, with *@world as it was. */
int rbi_fault_sys(struct rbi_fault_plan *plan, struct rbi_sys **world);
int rbi_fault_machine(struct rbi_fault_plan *plan, struct rbi_machine **world);

#endif
