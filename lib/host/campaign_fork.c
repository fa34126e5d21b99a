/* SPDX-License-Identifier: MIT */
/*
 * campaign_fork.c - one run in a child, which may crash, hang or walk away.
 *
 * The child ends when its end of a pipe is closed, and nothing else closes that
 * end: so one poll() waits for it with a time-out, and no signal handler of the
 * program's is in the way.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/campaign.h"
#include "host/real_clock.h"

/* --- the child ----------------------------------------------------------------------- */

/*
 * A crash ends the child and does nothing else: no handler of the program's (cmocka's
 * would go on with the next test, here), no core file. A failing assertion of
 * cmocka's is a crash, too, for the same reason.
 */
static void become_mortal(void)
{
	static const int crashes[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP };
	struct rlimit none = { 0, 0 };
	size_t i;

	for (i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		signal(crashes[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setenv("CMOCKA_TEST_ABORT", "1", 1);
}

/* --- the parent ---------------------------------------------------------------------- */

/* Wait until the child has closed its end: false when time is up. */
static bool ends_in_time(int fd, uint32_t timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t end = rbi_real_ms() + timeout_ms;
	int64_t left;

	for (;;) {
		left = end - rbi_real_ms();
		if (poll(&pfd, 1, left > 0 ? (int)left : 0) > 0)
			return true;
		if (left <= 0)
			return false;
	}
}

static const char *where(int stage)
{
	switch (stage) {
	case RBI_CAMPAIGN_OPENS:
		return "while the context was opened";
	case RBI_CAMPAIGN_WORKS:
		return "in the body";
	case RBI_CAMPAIGN_CLOSES:
		return "while the context was closed";
	default:
		return "outside the body";
	}
}

static const char *signal_name(int number)
{
	switch (number) {
	case SIGABRT:
		return "SIGABRT";
	case SIGBUS:
		return "SIGBUS";
	case SIGFPE:
		return "SIGFPE";
	case SIGILL:
		return "SIGILL";
	case SIGSEGV:
		return "SIGSEGV";
	case SIGTRAP:
		return "SIGTRAP";
	default:
		return "a signal";
	}
}

/* The child has ended before it was done. */
static void tell_its_end(struct rbi_campaign_area *area, int status)
{
	const char *place = where(atomic_load(&area->stage));

	if (WIFSIGNALED(status))
		rbi_campaign_trouble(area, "killed by %s (%d) %s", signal_name(WTERMSIG(status)),
				     WTERMSIG(status), place);
	else
		rbi_campaign_trouble(area, "the process ended %s, with status %d", place,
				     WIFEXITED(status) ? WEXITSTATUS(status) : status);
}

/* Collect the child; a program that ignores SIGCHLD has no status of it. */
static int collect(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void watch(struct rbi_campaign *c, pid_t child, int fd)
{
	struct rbi_campaign_area *area = c->area;
	bool in_time = ends_in_time(fd, c->options.timeout_ms);
	int status;

	if (!in_time)
		kill(child, SIGKILL);
	status = collect(child);
	if (atomic_load(&area->stage) == RBI_CAMPAIGN_DONE)
		return;
	if (in_time)
		tell_its_end(area, status);
	else
		rbi_campaign_trouble(area, "no end within %u ms, %s", c->options.timeout_ms,
				     where(atomic_load(&area->stage)));
}

int rbi_campaign_fork(struct rbi_campaign *c, const struct rbi_campaign_point *point)
{
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return rbi_fail(-ENOMEM, "rb_mock_campaign: no descriptors for a child");
	child = fork();
	if (child == 0) {
		close(fds[0]);
		become_mortal();
		rbi_campaign_play(c, point);
		_exit(0);
	}

	close(fds[1]);
	if (child > 0)
		watch(c, child, fds[0]);
	close(fds[0]);
	return child > 0 ? 0 : rbi_fail(-ENOMEM, "rb_mock_campaign: no process for a child");
}
