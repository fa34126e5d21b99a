/* SPDX-License-Identifier: MIT */
/* The client of QEMU's monitor against a peer whose bytes the test writes itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qmp.h"

#define TIMEOUT_MS 30
#define GREETING   "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"
#define OK_1	   "{\"return\": {}, \"id\": 1}\r\n"

struct talk {
	struct rbi_qmp q;
	int peer, end;
};

static struct talk t;

static int connect_peer(void **state)
{
	int pair[2];

	(void)state;
	memset(&t, 0, sizeof(t));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	t.peer = pair[1];
	t.end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rbi_qmp_open(&t.q, pair[0], t.end, TIMEOUT_MS);
	return 0;
}

static int hang_up(void **state)
{
	(void)state;
	close(t.q.fd);
	if (t.peer >= 0)
		close(t.peer);
	close(t.end);
	rbi_qmp_close(&t.q);
	return 0;
}

/* The peer's answers may lie there before they are asked for. */
static void peer_says(const char *text)
{
	assert_int_equal(write(t.peer, text, strlen(text)), strlen(text));
}

static void peer_heard(const char *text)
{
	char got[8192];
	ssize_t n = recv(t.peer, got, sizeof(got) - 1, MSG_DONTWAIT);

	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, text);
}

static int stop(void)
{
	return rbi_qmp_command(&t.q, "stop", NULL, NULL);
}

/* Nobody is asked any more, whatever he says now. */
static void expect_given_up(int code)
{
	assert_int_equal(stop(), code);
	peer_says("{\"return\": {}, \"id\": 2}\r\n{\"return\": {}, \"id\": 3}\r\n");
	assert_int_equal(stop(), code);
	assert_non_null(strstr(rb_last_error(), "failed before"));
}

static void the_handshake_is_done_at_the_first_command(void **state)
{
	(void)state;
	peer_heard("");
	peer_says(GREETING OK_1 "{\"return\": {}, \"id\": 2}\r\n");

	assert_int_equal(stop(), 0);

	peer_heard("{\"execute\":\"qmp_capabilities\",\"id\":1}\n{\"execute\":\"stop\",\"id\":2}\n");
	peer_says("{\"id\": 3, \"return\": {}}\r\n");
	assert_int_equal(stop(), 0);
	peer_heard("{\"execute\":\"stop\",\"id\":3}\n");
}

static void arguments_are_quoted_and_values_come_back(void **state)
{
	json_t *ret;

	(void)state;
	peer_says(GREETING OK_1 "{\"return\": {\"a\": [1, 2]}, \"id\": 2}\n");

	assert_int_equal(rbi_qmp_command(&t.q, "x", json_pack("{s:s}", "k", "\"},{\n\\"), &ret), 0);

	assert_int_equal(json_array_size(json_object_get(ret, "a")), 2);
	json_decref(ret);
	peer_heard("{\"execute\":\"qmp_capabilities\",\"id\":1}\n"
		   "{\"execute\":\"x\",\"id\":2,\"arguments\":{\"k\":\"\\\"},{\\n\\\\\"}}\n");
}

static void events_in_between_are_dropped(void **state)
{
	(void)state;
	peer_says(GREETING "{\"event\": \"RESUME\", \"id\": 7}\r\n" OK_1
			   "{\"event\": \"DEVICE_DELETED\", \"data\": {}}\r\n"
			   "{\"return\": {}, \"id\": 2}\r\n{\"event\": \"STOP\"}\r\n");

	assert_int_equal(stop(), 0);

	peer_says("{\"return\": {}, \"id\": 3}\r\n");
	assert_int_equal(stop(), 0);
}

static void a_refusal_is_told_in_qemus_words_and_ends_nothing(void **state)
{
	json_t *ret = (json_t *)&ret;

	(void)state;
	peer_says(GREETING OK_1
		  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"bad\\nluck\"}, \"id\": 2}\n"
		  "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"where\"}, \"id\": 3}\n"
		  "{\"return\": {}, \"id\": 4}\n");

	assert_int_equal(rbi_qmp_command(&t.q, "x", NULL, &ret), -EINVAL);
	assert_null(ret);
	assert_string_equal(rb_last_error(), "QEMU refuses x: bad luck");
	assert_int_equal(rbi_qmp_command(&t.q, "y", NULL, &ret), -ENOENT);
	assert_string_equal(rb_last_error(), "QEMU refuses y: where");

	assert_int_equal(stop(), 0);
}

static void a_handshake_that_is_refused_can_be_tried_no_more(void **state)
{
	(void)state;
	peer_says("{\"hello\": 1}\n");

	expect_given_up(-EPROTO);
}

static void what_is_no_answer_is_nonsense(void **state)
{
	static const char *const lines[] = {
		"{\"return\": {}, \"id\": 9}\n", /* to another command */
		"{\"return\": {}}\n",
		"{\"return\": {}, \"id\": \"2\"}\n",
		"{\"return\": {}, \"id\": 1}\n",
		"{\"id\": 2}\n",
		"{\"error\": {}, \"id\": 2}\n",
		"{\"error\": {\"class\": 1, \"desc\": \"x\"}, \"id\": 2}\n",
		"[]\n",
		"hello\n",
		"\n",
		"{\"return\": {}, \"id\": 2\n",
		"{\"return\": {}, \"id\": 2} x\n",
		"{\"id\": 2, \"id\": 2, \"return\": {}}\n",
		"{\"return\": \"\xff\", \"id\": 2}\n",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		peer_says(GREETING OK_1);
		peer_says(lines[i]);
		assert_int_equal(stop(), -EPROTO);
		expect_given_up(-EPROTO);
		hang_up(state);
		connect_peer(state);
	}
}

static void a_peer_that_is_silent_costs_one_time_out(void **state)
{
	(void)state;

	expect_given_up(-ETIMEDOUT);
}

static void half_a_line_is_silence(void **state)
{
	(void)state;
	peer_says(GREETING OK_1 "{\"return\": {}, \"id\"");

	assert_int_equal(stop(), -ETIMEDOUT);
	assert_int_equal(stop(), -ETIMEDOUT);
}

static void an_answer_may_come_in_pieces_and_be_long(void **state)
{
	static char text[100000];
	json_t *ret;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	peer_says(GREETING OK_1 "{\"id\": 2, \"return\": \"");
	peer_says(text);
	peer_says("\"}\r\n");

	assert_int_equal(rbi_qmp_command(&t.q, "x", NULL, &ret), 0);

	assert_int_equal(json_string_length(ret), sizeof(text) - 1);
	json_decref(ret);
}

/* What a hostile peer does in a thread of its own, until it is hung up on. */
static void *flood(void *arg)
{
	const char *text = arg;

	while (send(t.peer, text, strlen(text), MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

static void expect_flood(const char *text, int code)
{
	pthread_t thread;

	peer_says(GREETING OK_1);
	assert_int_equal(pthread_create(&thread, NULL, flood, (void *)(uintptr_t)text), 0);

	assert_int_equal(stop(), code);

	shutdown(t.q.fd, SHUT_RDWR);
	pthread_join(thread, NULL);
}

static void a_line_without_an_end_is_not_read_for_ever(void **state)
{
	(void)state;
	t.q.timeout_ms = 10000;

	expect_flood("                                                               ", -EPROTO);

	assert_int_equal(t.q.room, RBI_QMP_LINE);
}

static void events_without_an_end_are_silence(void **state)
{
	(void)state;

	expect_flood("{\"event\": \"RTC_CHANGE\", \"data\": {\"offset\": 1}}\r\n", -ETIMEDOUT);
}

static void a_peer_that_hangs_up_is_gone(void **state)
{
	(void)state;
	peer_says(GREETING OK_1);
	shutdown(t.peer, SHUT_WR);

	assert_int_equal(stop(), -ENODEV);
	assert_int_equal(stop(), -ENODEV);
}

static void a_peer_that_has_ended_is_gone_though_its_socket_is_open(void **state)
{
	(void)state;
	t.q.timeout_ms = 10000;
	eventfd_write(t.end, 1);

	expect_given_up(-ENODEV);
}

static void a_peer_that_does_not_listen_is_silent(void **state)
{
	static char text[4 << 20];
	json_t *args;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	args = json_pack("{s:s}", "k", text);
	peer_says(GREETING OK_1);

	assert_int_equal(rbi_qmp_command(&t.q, "x", args, NULL), -ETIMEDOUT);
}

static void every_allocation_may_fail(void **state)
{
	unsigned int n;
	int rc = -ENOMEM;

	for (n = 1; n < 50; n++) {
		peer_says(GREETING OK_1 "{\"return\": {}, \"id\": 2}\n");
		rbi_alloc_fail_at(n);
		rc = stop();
		rbi_alloc_fail_at(0);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
		hang_up(state);
		connect_peer(state);
	}
	assert_int_equal(rc, 0);
	assert_in_range(n, 3, 49);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_peer, hang_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_handshake_is_done_at_the_first_command),
		TEST(arguments_are_quoted_and_values_come_back),
		TEST(events_in_between_are_dropped),
		TEST(a_refusal_is_told_in_qemus_words_and_ends_nothing),
		TEST(a_handshake_that_is_refused_can_be_tried_no_more),
		TEST(what_is_no_answer_is_nonsense),
		TEST(a_peer_that_is_silent_costs_one_time_out),
		TEST(half_a_line_is_silence),
		TEST(an_answer_may_come_in_pieces_and_be_long),
		TEST(a_line_without_an_end_is_not_read_for_ever),
		TEST(events_without_an_end_are_silence),
		TEST(a_peer_that_hangs_up_is_gone),
		TEST(a_peer_that_has_ended_is_gone_though_its_socket_is_open),
		TEST(a_peer_that_does_not_listen_is_silent),
		TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
