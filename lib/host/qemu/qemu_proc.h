/* SPDX-License-Identifier: MIT */
/*
 * qemu_proc.h - QEMU as a process: start, words, end.
 *
 * One thread owns the process: it forks, reads what QEMU says, ends and reaps it.
 * That thread must live as long as QEMU is wanted, for the kernel kills QEMU when
 * the thread that forked it ends (PR_SET_PDEATHSIG). Only rbi_qemu_proc_kill() and
 * rbi_qemu_proc_pid() may be called from other threads.
 */
#ifndef RBI_HOST_QEMU_PROC_H
#define RBI_HOST_QEMU_PROC_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define RBI_QEMU_WORDS 4096 /* the last bytes that QEMU said, kept for error texts */
#define RBI_QEMU_FDS   21 /* most descriptors handed down */

struct rbi_qemu_proc {
	pthread_mutex_t lock; /* pid may be signalled only while it has not been reaped */
	pid_t pid; /* 0: none */
	int pidfd; /* -1: this kernel has none */
	int words_fd; /* QEMU's stdout and stderr; -1: closed */
	int report_fd; /* holds errno when the program could not be run; -1: none */
	int status; /* as waitpid() gave it, once ended */
	bool ended;
	size_t said; /* bytes so far, also those overwritten since */
	char words[RBI_QEMU_WORDS];
};

int rbi_qemu_proc_init(struct rbi_qemu_proc *p);
/* Close and free. The process has been reaped, or is the parent's (@forked). */
void rbi_qemu_proc_destroy(struct rbi_qemu_proc *p, bool forked);

/* qemu_program.c: the program to run, $RBDRV_QEMU or qemu-system-x86_64, on PATH. -ENOTSUP
 * when it is absent, -EACCES when it may not be run, -ENOMEM. Free with rbi_free(). */
int rbi_qemu_find_program(char **out);

/*
 * Run argv[0]. It inherits the @nfds descriptors @fds as numbers 3, 4, ... and
 * nothing else. Does not wait: a program that cannot be run ends at once, and
 * rbi_qemu_proc_exec_error() then knows why. -ENOMEM.
 */
int rbi_qemu_proc_start(struct rbi_qemu_proc *p, char *const *argv, const int *fds, size_t nfds);

/* After the end: why the program could not be run; 0: it was run. -ENOTSUP (absent),
 * -EACCES, -EINVAL (arguments too long), -ENOMEM, -EIO. */
int rbi_qemu_proc_exec_error(struct rbi_qemu_proc *p);

/* Take in what QEMU has said, without waiting. */
void rbi_qemu_proc_listen(struct rbi_qemu_proc *p);
/* SIGKILL; false when it had ended before. Any thread. */
bool rbi_qemu_proc_kill(struct rbi_qemu_proc *p);
/* Its id, 0 when it has ended. Any thread. */
pid_t rbi_qemu_proc_pid(struct rbi_qemu_proc *p);
/* SIGTERM, and SIGKILL when it has not ended after @grace_ms. Reaps it. */
void rbi_qemu_proc_end(struct rbi_qemu_proc *p, unsigned int grace_ms);

/* The last words as one line without control bytes, cut at the front to fit. */
void rbi_qemu_proc_words(const struct rbi_qemu_proc *p, char *buf, size_t size);
/* "exit status 1", "signal 9". */
void rbi_qemu_proc_fate(const struct rbi_qemu_proc *p, char *buf, size_t size);

#endif
