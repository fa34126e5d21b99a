/* SPDX-License-Identifier: MIT */
/* qemu_proc.c - QEMU as a process: start, words, end. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qemu_proc.h"
#include "host/real_clock.h"

#define FIRST_FD  3
#define PARKED_FD 24 /* descriptors are moved up here before they go to their places */

int rbi_qemu_proc_init(struct rbi_qemu_proc *p)
{
	if (pthread_mutex_init(&p->lock, NULL) != 0)
		return rbi_no_memory("a lock");
	p->pidfd = p->words_fd = p->report_fd = -1;
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void rbi_qemu_proc_destroy(struct rbi_qemu_proc *p, bool forked)
{
	close_fd(&p->pidfd);
	close_fd(&p->words_fd);
	close_fd(&p->report_fd);
	if (!forked) /* a thread of the parent may hold it in our copy */
		pthread_mutex_destroy(&p->lock);
}

/* --- start ------------------------------------------------------------------------------- */

struct launch {
	char *const *argv;
	const int *fds;
	size_t nfds;
	int words; /* for stdout and stderr */
	int report; /* gets errno when there is no QEMU to be; closed by exec */
	pid_t parent;
};

/* In the child only calls that are safe after fork() in a threaded process. */
static _Noreturn void give_up(int report)
{
	int err = errno;
	ssize_t n = write(report, &err, sizeof(err));

	(void)n;
	_exit(127);
}

static int move_up(int fd, int report)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, PARKED_FD);

	if (up < 0)
		give_up(report);
	return up;
}

static void put_at(int fd, int place, int report)
{
	if (dup2(fd, place) < 0) /* the copy survives exec */
		give_up(report);
}

/* Every other descriptor goes, whether its owner set FD_CLOEXEC or not. */
static void close_from(int first, int keep)
{
	int fd;

	if (syscall(SYS_close_range, first, keep - 1, 0) == 0 &&
	    syscall(SYS_close_range, keep + 1, ~0u, 0) == 0)
		return;
	for (fd = first; fd < sysconf(_SC_OPEN_MAX) && fd < 1 << 20; fd++) {
		if (fd != keep)
			close(fd);
	}
}

static void default_signals(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* QEMU needs a descriptor or two for every vector, and does not survive without: what a
 * frugal program allows itself is no measure for it. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static _Noreturn void become_qemu(const struct launch *l)
{
	int parked[RBI_QEMU_FDS], words, nothing, report = move_up(l->report, l->report);
	size_t i;

	words = move_up(l->words, report);
	for (i = 0; i < l->nfds; i++)
		parked[i] = move_up(l->fds[i], report);
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing < 0)
		give_up(report);

	put_at(nothing, 0, report);
	put_at(words, 1, report);
	put_at(words, 2, report);
	for (i = 0; i < l->nfds; i++)
		put_at(parked[i], FIRST_FD + (int)i, report);
	close_from(FIRST_FD + (int)l->nfds, report);

	default_signals();
	allow_descriptors();
	/* QEMU would outlive its client otherwise. The parent may be gone already. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		give_up(report);
	if (getppid() != l->parent)
		_exit(127);

	execv(l->argv[0], l->argv);
	give_up(report);
}

static int explain_exec(int err)
{
	switch (err) {
	case ENOENT:
		return rbi_fail(-ENOTSUP, "QEMU is not installed: the program, or the "
					  "interpreter it names, is not there");
	case EACCES:
	case EPERM:
		return rbi_fail(-EACCES, "QEMU may not be run by this process");
	case E2BIG:
		return rbi_fail(-EINVAL, "the devices make a command line too long for the system");
	case EMFILE:
	case ENFILE:
	case EINVAL: /* F_DUPFD above the limit of descriptors */
	case ENOMEM:
	case EAGAIN:
		return rbi_fail(-ENOMEM, "no descriptors or memory left to start QEMU");
	default:
		return rbi_fail(-EIO, "QEMU cannot be run: errno %d", err);
	}
}

int rbi_qemu_proc_exec_error(struct rbi_qemu_proc *p)
{
	int err;

	/* Never waited for: a copy of the pipe in some other child would hold us up. */
	if (p->report_fd < 0 || read(p->report_fd, &err, sizeof(err)) != (ssize_t)sizeof(err))
		return 0;
	return explain_exec(err);
}

static int open_pipes(int words[2], int report[2])
{
	int err;

	if (pipe2(words, O_CLOEXEC) < 0)
		return rbi_fail(-ENOMEM, "no pipe for QEMU's messages: errno %d", errno);
	if (pipe2(report, O_CLOEXEC) < 0) {
		err = errno;
		close(words[0]);
		close(words[1]);
		return rbi_fail(-ENOMEM, "no pipe to QEMU's process: errno %d", err);
	}
	fcntl(words[0], F_SETFL, O_NONBLOCK);
	fcntl(report[0], F_SETFL, O_NONBLOCK);
	return 0;
}

int rbi_qemu_proc_start(struct rbi_qemu_proc *p, char *const *argv, const int *fds, size_t nfds)
{
	int words[2], report[2], err;
	struct launch l;
	pid_t pid;

	err = open_pipes(words, report);
	if (err < 0)
		return err;

	l.argv = argv;
	l.fds = fds;
	l.nfds = nfds;
	l.words = words[1];
	l.report = report[1];
	l.parent = getpid();
	pid = fork();
	if (pid == 0)
		become_qemu(&l);

	err = errno;
	close(words[1]);
	close(report[1]);
	if (pid < 0) {
		close(words[0]);
		close(report[0]);
		return rbi_fail(-ENOMEM, "no process for QEMU: errno %d", err);
	}
	p->words_fd = words[0];
	p->report_fd = report[0];
	p->pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* -1 before Linux 5.3 */
	pthread_mutex_lock(&p->lock);
	p->pid = pid;
	pthread_mutex_unlock(&p->lock);
	return 0;
}

/* --- words ------------------------------------------------------------------------------- */

void rbi_qemu_proc_listen(struct rbi_qemu_proc *p)
{
	char buf[1024];
	unsigned int turn;
	ssize_t i, n;

	/* what a pipe holds, and no more: who talks without end keeps nobody here */
	for (turn = 0; p->words_fd >= 0 && turn < 64; turn++) {
		n = read(p->words_fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n <= 0)
			close_fd(&p->words_fd);
		for (i = 0; i < n; i++)
			p->words[p->said++ % RBI_QEMU_WORDS] = buf[i];
	}
}

void rbi_qemu_proc_words(const struct rbi_qemu_proc *p, char *buf, size_t size)
{
	size_t from = p->said > RBI_QEMU_WORDS ? p->said - RBI_QEMU_WORDS : 0;
	size_t end = p->said, n = 0;
	unsigned char c;

	while (end > from && p->words[(end - 1) % RBI_QEMU_WORDS] == '\n')
		end--;
	if (end - from > size - 1)
		from = end - (size - 1);
	for (; from < end; from++) {
		c = (unsigned char)p->words[from % RBI_QEMU_WORDS];
		buf[n++] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
	}
	buf[n] = '\0';
}

/* --- end --------------------------------------------------------------------------------- */

static bool send_signal(struct rbi_qemu_proc *p, int sig)
{
	bool sent = false;

	pthread_mutex_lock(&p->lock);
	if (p->pid > 0 && !p->ended) {
		if (p->pidfd >= 0)
			sent = syscall(SYS_pidfd_send_signal, p->pidfd, sig, NULL, 0) == 0;
		else
			sent = kill(p->pid, sig) == 0;
	}
	pthread_mutex_unlock(&p->lock);
	return sent;
}

bool rbi_qemu_proc_kill(struct rbi_qemu_proc *p)
{
	return send_signal(p, SIGKILL);
}

pid_t rbi_qemu_proc_pid(struct rbi_qemu_proc *p)
{
	pid_t pid;

	pthread_mutex_lock(&p->lock);
	pid = p->ended ? 0 : p->pid;
	pthread_mutex_unlock(&p->lock);
	return pid;
}

/* Has it ended? Then it is no zombie any more. ECHILD: somebody else reaped it. */
static bool reap(struct rbi_qemu_proc *p, int flags)
{
	int status = 0;
	pid_t got;

	do {
		got = waitpid(p->pid, &status, flags);
	} while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;

	pthread_mutex_lock(&p->lock);
	p->ended = true;
	p->status = got > 0 ? status : 0;
	pthread_mutex_unlock(&p->lock);
	return true;
}

/* Until it has ended or @ms are over; without a pidfd by looking every millisecond. */
static void await_end(struct rbi_qemu_proc *p, unsigned int ms)
{
	struct pollfd pfd = { p->pidfd, POLLIN, 0 };
	int64_t left, deadline = rbi_real_ms() + ms;

	while (!reap(p, WNOHANG) && (left = deadline - rbi_real_ms()) > 0)
		poll(&pfd, 1, p->pidfd >= 0 ? (int)left : 1);
}

void rbi_qemu_proc_end(struct rbi_qemu_proc *p, unsigned int grace_ms)
{
	if (p->pid <= 0 || p->ended)
		return;

	if (grace_ms > 0 && send_signal(p, SIGTERM))
		await_end(p, grace_ms);
	if (!p->ended) {
		send_signal(p, SIGKILL);
		reap(p, 0); /* nothing outlives SIGKILL, stopped or not */
	}
	rbi_qemu_proc_listen(p);
}

void rbi_qemu_proc_fate(const struct rbi_qemu_proc *p, char *buf, size_t size)
{
	if (WIFSIGNALED(p->status))
		snprintf(buf, size, "signal %d", WTERMSIG(p->status));
	else
		snprintf(buf, size, "exit status %d", WEXITSTATUS(p->status));
}
