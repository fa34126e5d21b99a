/* SPDX-License-Identifier: MIT */
/* fault_plan.c - which calls may fail with what, and whose turn it is. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "host/fault_plan.h"

/* --- what may happen to a call ------------------------------------------------------- */

#define CODE(e)                \
	{                      \
		-(e), "-" #e \
	}
#define HALF                                          \
	{                                             \
		RBI_FAULT_SHORT, "half of the bytes" \
	}
#define EMPTY                                   \
	{                                       \
		RBI_FAULT_NOTHING, "no bytes" \
	}
#define IDLE                                                     \
	{                                                        \
		RBI_FAULT_NOTHING, "although nothing happened" \
	}
#define MAY(...)                                                                              \
	(const struct rbi_fault_answer[]){ __VA_ARGS__ },                                     \
		sizeof((const struct rbi_fault_answer[]){ __VA_ARGS__ }) /                    \
			sizeof(struct rbi_fault_answer)

struct entry {
	const char *name;
	const struct rbi_fault_answer *answers;
	unsigned int count;
};

/* As a Redox kernel, its schemes and relibc answer: raw codes, for lib/os folds them. */
static const struct entry sys_entries[RBI_SYS_CALLS] = {
	[RBI_SYS_OPEN] = { "open", MAY(CODE(EACCES), CODE(EEXIST), CODE(EINTR), CODE(EMFILE),
				       CODE(ENODEV), CODE(ENOENT), CODE(ENOLCK), CODE(ENOMEM)) },
	[RBI_SYS_DUP] = { "dup", MAY(CODE(EBADF), CODE(EINTR), CODE(EMFILE)) },
	[RBI_SYS_THREAD] = { "thread", MAY(CODE(ENOTSUP)) },
	[RBI_SYS_DUP_NAMED] = { "dup_named", MAY(CODE(EBADF), CODE(EINTR), CODE(EMFILE),
						 CODE(EOPNOTSUPP)) },
	[RBI_SYS_SET_CLOEXEC] = { "set_cloexec", MAY(CODE(EBADF)) },
	[RBI_SYS_READ] = { "read", MAY(CODE(EAGAIN), CODE(EINTR), CODE(EIO), CODE(ENODEV), HALF,
				       EMPTY) },
	[RBI_SYS_WRITE] = { "write", MAY(CODE(EAGAIN), CODE(EINTR), CODE(EINVAL), CODE(EIO),
					 CODE(ENODEV), HALF) },
	[RBI_SYS_PREAD] = { "pread", MAY(CODE(EINTR), CODE(EIO), CODE(ENODEV), HALF, EMPTY) },
	[RBI_SYS_SIZE] = { "size", MAY(CODE(EBADF), CODE(EIO)) },
	[RBI_SYS_OPENDIR] = { "opendir", MAY(CODE(EACCES), CODE(EINTR), CODE(EMFILE), CODE(ENODEV),
					     CODE(ENOENT), CODE(ENOMEM)) },
	[RBI_SYS_READDIR] = { "readdir", MAY(CODE(EINTR), CODE(EIO)) },
	[RBI_SYS_MMAP] = { "mmap", MAY(CODE(EINTR), CODE(EINVAL), CODE(ENOMEM), CODE(EPERM)) },
	[RBI_SYS_RESERVE] = { "reserve", MAY(CODE(EINTR), CODE(ENOMEM)) },
	[RBI_SYS_CALL] = { "call", MAY(CODE(EINTR), CODE(EINVAL), CODE(EIO), CODE(ENOENT)) },
	[RBI_SYS_PIPE] = { "pipe", MAY(CODE(EMFILE)) },
};

/* As machine.h allows: codes of the closed set. */
static const struct entry machine_entries[RBI_MACHINE_CALLS] = {
	[RBI_MACHINE_FUNCTIONS] = { "functions", MAY(CODE(EIO), CODE(ENODEV)) },
	/* on a bus these have no error but all-ones */
	[RBI_MACHINE_CFG_READ] = { "cfg_read", MAY(CODE(ENODEV)) },
	[RBI_MACHINE_CFG_WRITE] = { "cfg_write", MAY(CODE(ENODEV)) },
	[RBI_MACHINE_CLAIM] = { "claim", MAY(CODE(EACCES), CODE(EBUSY), CODE(EIO), CODE(ENODEV)) },
	[RBI_MACHINE_RESET] = { "reset", MAY(CODE(EIO), CODE(ENODEV), CODE(ENOTSUP)) },
	[RBI_MACHINE_PLUG] = { "plug", MAY(CODE(EBUSY), CODE(EINVAL), CODE(EIO), CODE(ENODEV),
					   CODE(ENOENT), CODE(ENOMEM), CODE(ENOTSUP),
					   CODE(ETIMEDOUT)) },
	[RBI_MACHINE_UNPLUG] = { "unplug", MAY(CODE(EIO), CODE(ENODEV), CODE(ENOENT),
					       CODE(ENOMEM), CODE(ENOTSUP), CODE(ETIMEDOUT)) },
	[RBI_MACHINE_NET_FD] = { "net_fd", MAY(CODE(ENODEV), CODE(ENOENT), CODE(ENOTSUP)) },
	[RBI_MACHINE_NET_LINK] = { "net_link", MAY(CODE(EIO), CODE(ENODEV), CODE(ENOENT),
						   CODE(ENOMEM), CODE(ENOTSUP), CODE(ETIMEDOUT)) },
	[RBI_MACHINE_MAP] = { "map", MAY(CODE(EIO), CODE(ENODEV), CODE(ENOMEM), CODE(ENOTSUP)) },
	[RBI_MACHINE_MEM_READ] = { "mem_read", MAY(CODE(ENODEV)) },
	[RBI_MACHINE_MEM_WRITE] = { "mem_write", MAY(CODE(ENODEV)) },
	[RBI_MACHINE_PORT_READ] = { "port_read", MAY(CODE(ENODEV)) },
	[RBI_MACHINE_PORT_WRITE] = { "port_write", MAY(CODE(ENODEV)) },
	[RBI_MACHINE_RAM_MAP] = { "ram_map", MAY(CODE(EIO), CODE(ENOMEM)) },
	[RBI_MACHINE_DMA_MAP] = { "dma_map", MAY(CODE(EIO), CODE(ENODEV), CODE(ENOMEM)) },
	[RBI_MACHINE_INTX] = { "intx", MAY(CODE(EIO), CODE(ENODEV)) },
	[RBI_MACHINE_IRQ_FD] = { "irq_fd", MAY(CODE(ENODEV), CODE(ENOMEM)) },
	[RBI_MACHINE_IRQ_TAKE] = { "irq_take", MAY(CODE(EIO), CODE(ENODEV)) },
	[RBI_MACHINE_IRQ_UNMASK] = { "irq_unmask", MAY(CODE(EIO), CODE(ENODEV)) },
	[RBI_MACHINE_MSG_CONNECT] = { "msg_connect", MAY(CODE(EIO), CODE(ENODEV), CODE(ENOMEM),
							 CODE(ENOTSUP)) },
	[RBI_MACHINE_WAIT] = { "wait", MAY(CODE(EIO), CODE(ENODEV), IDLE) },
};

static const struct entry *entry_of(enum rbi_waist waist, unsigned int call)
{
	return waist == RBI_WAIST_SYS ? &sys_entries[call] : &machine_entries[call];
}

unsigned int rbi_fault_answers(enum rbi_waist waist, unsigned int call,
			       const struct rbi_fault_answer **answers, const char **name)
{
	const struct entry *entry = entry_of(waist, call);

	*answers = entry->answers;
	*name = entry->name;
	return entry->count;
}

/* --- the thread's plan --------------------------------------------------------------- */

static _Thread_local struct rbi_fault_plan *armed;

void rbi_fault_arm(struct rbi_fault_plan *plan)
{
	if (plan)
		plan->thread = pthread_self();
	armed = plan;
}

struct rbi_fault_plan *rbi_fault_armed(void)
{
	return armed;
}

/* --- its turn ------------------------------------------------------------------------ */

const struct rbi_fault_answer *rbi_fault_strike(struct rbi_fault_plan *plan, enum rbi_waist waist,
						unsigned int call)
{
	static const struct rbi_fault_answer gone = CODE(ENODEV);
	unsigned long n = atomic_fetch_add(&plan->calls[waist], 1) + 1;
	const struct entry *entry = entry_of(waist, call);
	const struct rbi_fault_answer *answer;

	if (!pthread_equal(plan->thread, pthread_self()))
		atomic_store(&plan->elsewhere, true);
	if (plan->counting && n <= RBI_FAULT_CALLS)
		plan->came[waist][n - 1] = (uint8_t)call;
	if (waist == RBI_WAIST_MACHINE && atomic_load(&plan->gone))
		return &gone;
	if (n != plan->at[waist])
		return NULL;

	/* a body that does not repeat itself may bring another call than was counted */
	answer = &entry->answers[plan->variant % entry->count];
	if (waist == RBI_WAIST_MACHINE && answer->code == -ENODEV)
		atomic_store(&plan->gone, true);
	snprintf(plan->what, sizeof(plan->what), "%s", entry->name);
	plan->answer = *answer;
	atomic_store(&plan->struck, true);
	return answer;
}

void rbi_fault_tell(struct rbi_fault_plan *plan, const char *fmt, ...)
{
	va_list args;

	if (atomic_exchange(&plan->told, true)) /* later answers only say that it is gone */
		return;
	va_start(args, fmt);
	vsnprintf(plan->what, sizeof(plan->what), fmt, args);
	va_end(args);
}
