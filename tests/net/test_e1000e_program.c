/* SPDX-License-Identifier: MIT */
/*
 * test_e1000e_program.c - rbdrv-example-e1000e as people run it, between QEMU's own network and
 * a socket: questions (ARP) go out, the answers that somebody else wrote come back.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MACHINE "qemu:net.n0=user;e1000e,netdev=n0"
#define PATIENCE_MS 10000
#define ARP 42 /* bytes of a question */

static const char *path; /* of the program */

struct program {
	pid_t pid;
	int out; /* what it prints */
	char said[4096];
	size_t len;
};

static void start(struct program *p, const char *const *arguments)
{
	const char *argv[12] = { path };
	unsigned int i;
	int ends[2];

	memset(p, 0, sizeof(*p));
	for (i = 0; i < 10 && arguments[i]; i++)
		argv[1 + i] = arguments[i];
	assert_int_equal(pipe(ends), 0);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		close(ends[0]);
		execv(path, (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	p->out = ends[0];
}

/* Read on until it has said @word; false: it has ended before. */
static bool says(struct program *p, const char *word)
{
	struct pollfd fd = { .fd = p->out, .events = POLLIN };
	ssize_t n;

	while (!strstr(p->said, word)) {
		if (poll(&fd, 1, PATIENCE_MS) != 1)
			return false;
		n = read(p->out, p->said + p->len, sizeof(p->said) - 1 - p->len);
		if (n <= 0)
			return false;
		p->len += (size_t)n;
	}
	return true;
}

static int status_of(struct program *p)
{
	int status;

	(void)says(p, "\377"); /* all that it says: it closes its end by ending */
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	close(p->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Who has 10.0.2.@host? Asked by 10.0.2.15. */
static void make_question(uint8_t q[ARP], uint8_t host)
{
	static const uint8_t from[10] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 0, 2, 15 };
	static const uint8_t kind[10] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
	const uint8_t to[4] = { 10, 0, 2, host };

	memset(q, 0, ARP);
	memset(q, 0xff, 6);
	memcpy(q + 6, from, 6);
	memcpy(q + 12, kind, 10);
	memcpy(q + 22, from, 10);
	memcpy(q + 38, to, 4);
}

/* Ask @count times; each answer names the network's own station. */
static void ask(int fd, unsigned int count)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t q[ARP], a[2048];
	unsigned int i;
	ssize_t n;

	for (i = 0; i < count; i++) {
		make_question(q, i & 1 ? 2 : 3); /* the router, the name server */
		assert_int_equal(send(fd, q, sizeof(q), 0), sizeof(q));
		do { /* other frames may come as well */
			assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
			n = recv(fd, a, sizeof(a), 0);
			assert_true(n >= ARP);
		} while (a[12] != 8 || a[13] != 6 || a[21] != 2);
		assert_memory_equal(a, "\x52\x54\x00\x12\x34\x56", 6);
		assert_memory_equal(a + 22, i & 1 ? "\x52\x55\x0a\x00\x02\x02\x0a\x00\x02\x02"
						 : "\x52\x55\x0a\x00\x02\x03\x0a\x00\x02\x03", 10);
	}
}

static void carries(const char *irq, const char *kind)
{
	char number[12];
	const char *const arguments[] = { "--irq", irq, "--fd", number, MACHINE, NULL };
	struct program p;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	snprintf(number, sizeof(number), "%d", ends[1]);
	start(&p, arguments);
	if (!says(&p, "link up, 1000 Mb/s\n")) {
		(void)status_of(&p);
		if (strstr(p.said, "not supported") || strstr(p.said, "qemu-system"))
			skip();
		fail_msg("%s", p.said);
	}
	assert_non_null(strstr(p.said, kind));
	assert_non_null(strstr(p.said, "address 52:54:00:12:34:56"));

	ask(ends[0], 200);
	assert_int_equal(send(ends[0], "short", 5, 0), 5);
	ask(ends[0], 1);

	assert_int_equal(kill(p.pid, SIGTERM), 0);
	assert_int_equal(status_of(&p), 0);
	assert_non_null(strstr(p.said, "sent 201 frames, 8442 bytes; 0 lost, 0 hangs\n"));
	assert_non_null(strstr(p.said, " 1 changes of the link, 1 dropped here\n"));
	close(ends[0]);
	close(ends[1]);
}

static void frames_go_between_a_descriptor_and_a_card(void **state)
{
	(void)state;
	carries("msix", "MSI-X\n");
	carries("msi", "MSI\n");
	carries("intx", "INTx\n");
}

static void frames_go_between_a_path_and_a_card(void **state)
{
	struct sockaddr_un ours = { .sun_family = AF_UNIX }, theirs = { .sun_family = AF_UNIX };
	const char *const arguments[] = { "--path", ours.sun_path, "--mtu", "9000",
					  "--promiscuous", MACHINE, NULL };
	char folder[] = "/tmp/rbdrv-test-XXXXXX";
	struct program p;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(ours.sun_path, sizeof(ours.sun_path), "%s/s", folder);
	snprintf(theirs.sun_path, sizeof(theirs.sun_path), "%s/s.card", folder);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&ours, sizeof(ours)), 0);
	start(&p, arguments);
	if (says(&p, "link up")) {
		assert_int_equal(connect(fd, (struct sockaddr *)&theirs, sizeof(theirs)), 0);
		ask(fd, 20);
		assert_int_equal(kill(p.pid, SIGINT), 0);
		assert_int_equal(status_of(&p), 0);
		assert_non_null(strstr(p.said, "sent 20 frames"));
		assert_int_equal(access(theirs.sun_path, F_OK), -1); /* it has tidied up */
	} else {
		(void)status_of(&p);
	}
	close(fd);
	unlink(ours.sun_path);
	unlink(theirs.sun_path);
	rmdir(folder);
}

static void time_ends_it(void **state)
{
	const char *const arguments[] = { "--seconds", "1", MACHINE, NULL };
	struct program p;
	int status;

	(void)state;
	start(&p, arguments);
	status = status_of(&p);
	if (!strstr(p.said, "link up"))
		skip();
	assert_int_equal(status, 0);
	assert_non_null(strstr(p.said, "interrupts, 1 changes of the link, 0 dropped here"));
}

static void refuses(int status, const char *words, const char *const *arguments)
{
	struct program p;

	start(&p, arguments);
	assert_int_equal(status_of(&p), status);
	if (!strstr(p.said, words))
		fail_msg("it says '%s'", p.said);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const char *const wrong[][4] = {
		{ "--irq", "none", "mock", NULL },  { "--mtu", "9x", "mock", NULL },
		{ "--card", "256", "mock", NULL },  { "--fd", "-1", "mock", NULL },
		{ "--seconds", "", "mock", NULL },  { "--what", "1", "mock", NULL },
		{ "mock", "mock", NULL, NULL },	    { "--fd", NULL, NULL, NULL },
	};
	static const char *const none[] = { "mock", NULL }, *const model[] = { "mock:none", NULL },
				 *const nowhere[] = { "--path", "/nonexistent/socket", "mock", NULL };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refuses(2, "usage: ", wrong[i]);
	refuses(1, "find a card: ", none);
	refuses(1, "open the machine: ", model);
	refuses(1, "/nonexistent/socket: ", nowhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_go_between_a_descriptor_and_a_card),
		cmocka_unit_test(frames_go_between_a_path_and_a_card),
		cmocka_unit_test(time_ends_it),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};
	const char *folder = getenv("top_builddir");
	static char program[4096];

	snprintf(program, sizeof(program), "%s/examples/rbdrv-example-e1000e",
		 folder ? folder : ".");
	path = program;
	return cmocka_run_group_tests_name("rbdrv-example-e1000e", tests, NULL, NULL);
}
