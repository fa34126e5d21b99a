/* SPDX-License-Identifier: MIT */
/* The qtest client against a peer whose bytes the test writes itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qtest.h"

#define TIMEOUT_MS 30

struct talk {
	struct rbi_qtest q;
	int peer;
	unsigned int raised, lowered, last, deaths;
};

static struct talk t;

static void note_irq(void *arg, unsigned int line, bool level)
{
	struct talk *talk = arg;

	if (level)
		talk->raised++;
	else
		talk->lowered++;
	talk->last = line;
}

static void note_death(void *arg)
{
	((struct talk *)arg)->deaths++;
}

static int connect_peer(void **state)
{
	int pair[2];

	(void)state;
	memset(&t, 0, sizeof(t));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	t.peer = pair[1];
	t.q.on_irq = note_irq;
	t.q.on_death = note_death;
	t.q.arg = &t;
	return rbi_qtest_init(&t.q) < 0 ? -1 : rbi_qtest_open(&t.q, pair[0], TIMEOUT_MS);
}

static int hang_up(void **state)
{
	(void)state;
	close(t.q.fd);
	if (t.peer >= 0)
		close(t.peer);
	rbi_qtest_destroy(&t.q);
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

static void expect_dead(enum rbi_qtest_state why)
{
	uint64_t val = 0;

	assert_int_equal(t.q.state, why);
	assert_int_equal(t.deaths, 1);
	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 4, &val), -ENODEV);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 4, 0), -ENODEV);
	assert_int_equal(rbi_qtest_flush(&t.q), -ENODEV);
	assert_int_equal(rbi_qtest_drain(&t.q), -ENODEV);
	assert_int_equal(t.deaths, 1);
}

static void expect_read(uint64_t addr, unsigned int width, const char *command, const char *answer,
			uint64_t expected)
{
	uint64_t val = 0;

	peer_says(answer);
	assert_int_equal(rbi_qtest_mem_read(&t.q, addr, width, &val), 0);
	assert_true(val == expected);
	peer_heard(command);
}

static void a_block_comes_by_one_command_in_its_order(void **state)
{
	uint8_t bytes[4] = { 0 };
	static const uint8_t want[4] = { 0x34, 0x12, 0xe8, 0x11 };

	(void)state;
	peer_says("OK 0x3412e811\n");

	assert_int_equal(rbi_qtest_mem_read_block(&t.q, 0xb0000000, bytes, 4), 0);

	assert_memory_equal(bytes, want, 4);
	peer_heard("read 0xb0000000 0x4\n");
}

static void a_block_of_another_length_or_alphabet_is_nonsense(void **state)
{
	static const char *const lines[] = { "OK\n", "OK 0x3412e8\n", "OK 0x3412e81100\n",
					     "OK 0x3412E811\n", "OK 3412e811\n", "OK 0x3412e81g\n" };
	uint8_t bytes[4];
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		peer_says(lines[i]);
		memset(bytes, 0, sizeof(bytes));
		assert_int_equal(rbi_qtest_mem_read_block(&t.q, 0, bytes, 4), -ENODEV);
		assert_memory_equal(bytes, "\xff\xff\xff\xff", 4);
		expect_dead(RBI_QTEST_NONSENSE);
		hang_up(state);
		connect_peer(state);
	}
}

static void reads_are_asked_for_as_qemu_understands_them(void **state)
{
	uint32_t port;

	(void)state;

	expect_read(0x10, 1, "readb 0x10\n", "OK 0x00000000000000ab\n", 0xab);
	expect_read(0x12, 2, "readw 0x12\n", "OK 0x1\n", 1);
	expect_read(0xfebf0000, 4, "readl 0xfebf0000\n", "OK 0x00000000deadbeef\n", 0xdeadbeef);
	expect_read(UINT64_C(0x4000000000), 8, "readq 0x4000000000\n", "OK 0xffffffffffffffff\n",
		    UINT64_MAX);
	peer_says("OK 0x7\n");
	assert_int_equal(rbi_qtest_port_read(&t.q, 0xcfc, 4, &port), 0);
	assert_int_equal(port, 7);
	peer_heard("inl 0xcfc\n");
}

static void writes_are_cut_to_their_width(void **state)
{
	(void)state;

	peer_says("OK\n");
	assert_int_equal(rbi_qtest_mem_write(&t.q, 0x10, 1, 0x1234), 0);
	peer_says("OK\n");
	assert_int_equal(rbi_qtest_mem_write(&t.q, 8, 8, UINT64_MAX), 0);
	peer_says("OK\n");
	assert_int_equal(rbi_qtest_port_write(&t.q, 0xffff, 1, 0x1ff), 0);
	peer_says("OK\n");
	assert_int_equal(rbi_qtest_intercept_ioapic(&t.q), 0);

	peer_heard("writeb 0x10 0x34\nwriteq 0x8 0xffffffffffffffff\noutb 0xffff 0xff\n"
		   "irq_intercept_in ioapic\n");
}

static void a_value_wider_than_asked_for_is_cut(void **state)
{
	uint64_t val;

	(void)state;
	peer_says("OK 0xffffffffffffff12\n");

	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 1, &val), 0);

	assert_int_equal(val, 0x12);
}

static void interrupt_reports_may_stand_anywhere(void **state)
{
	uint64_t val;

	(void)state;
	peer_says("IRQ raise 20\nIRQ lower 20\nOK 0x5\nIRQ raise 23\n");

	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 4, &val), 0);

	assert_int_equal(val, 5);
	assert_int_equal(t.raised, 2); /* the one behind the answer, too: nothing else wakes us */
	assert_int_equal(t.lowered, 1);
	assert_int_equal(t.last, 23);
}

static void a_report_behind_the_answer_of_a_flush_is_not_left_lying(void **state)
{
	(void)state;
	assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 1, 1), 0);
	peer_says("OK\nIRQ raise 22\n");

	assert_int_equal(rbi_qtest_flush(&t.q), 0);

	assert_int_equal(t.raised, 1);
}

static void a_second_answer_is_fatal(void **state)
{
	uint64_t val;

	(void)state;
	peer_says("OK 0x1\nOK 0x2\n");

	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 4, &val), -ENODEV);

	expect_dead(RBI_QTEST_NONSENSE);
}

static void a_line_may_come_in_pieces(void **state)
{
	uint64_t val;

	(void)state;
	peer_says("IRQ rai");
	assert_int_equal(rbi_qtest_drain(&t.q), 0);
	assert_int_equal(t.raised, 0);

	peer_says("se 21\nOK 0x");
	assert_int_equal(rbi_qtest_drain(&t.q), 0);
	assert_int_equal(t.raised, 1);
	peer_says("99\n");

	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 4, &val), 0);
	assert_int_equal(val, 0x99);
}

static void posted_writes_do_not_wait_for_their_answers(void **state)
{
	uint64_t val;

	(void)state;

	assert_int_equal(rbi_qtest_mem_post(&t.q, 4, 4, 1), 0);
	assert_int_equal(rbi_qtest_mem_post(&t.q, 4, 4, 2), 0);
	assert_int_equal(t.q.posted, 2);
	peer_heard("writel 0x4 0x1\nwritel 0x4 0x2\n");

	peer_says("OK\nOK\nOK 0x3\n");
	assert_int_equal(rbi_qtest_mem_read(&t.q, 4, 4, &val), 0);
	assert_int_equal(val, 3);
	assert_int_equal(t.q.posted, 0);
}

static void posted_writes_are_bounded(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < RBI_QTEST_POSTED; i++)
		assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 1, i), 0);

	peer_says("OK\n");
	assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 1, 0), 0);
	assert_int_equal(t.q.posted, RBI_QTEST_POSTED);

	assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 1, 0), -ENODEV);
	expect_dead(RBI_QTEST_SILENT);
}

static void a_flush_waits_for_all_answers(void **state)
{
	(void)state;
	assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 1, 1), 0);
	assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 1, 2), 0);
	peer_says("OK\nIRQ raise 22\nOK\n");

	assert_int_equal(rbi_qtest_flush(&t.q), 0);

	assert_int_equal(t.q.posted, 0);
	assert_int_equal(t.last, 22);
}

static void draining_collects_answers_without_waiting(void **state)
{
	(void)state;
	assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 1, 1), 0);
	assert_int_equal(rbi_qtest_mem_post(&t.q, 0, 1, 2), 0);
	peer_says("OK\n");

	assert_int_equal(rbi_qtest_drain(&t.q), 0);

	assert_int_equal(t.q.posted, 1);
}

static void a_peer_that_says_nothing_is_dead_after_the_time_out(void **state)
{
	uint64_t val;

	(void)state;

	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 2, &val), -ENODEV);

	assert_int_equal(val, 0xffff);
	assert_non_null(strstr(rb_last_error(), "did not answer within 30 ms"));
	expect_dead(RBI_QTEST_SILENT);
}

static void a_peer_that_hangs_up_is_dead_at_once(void **state)
{
	uint64_t val;

	(void)state;
	close(t.peer);
	t.peer = -1;

	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 8, &val), -ENODEV);

	assert_true(val == UINT64_MAX);
	expect_dead(RBI_QTEST_HUNG_UP);
}

static void half_an_answer_is_none(void **state)
{
	uint64_t val;

	(void)state;
	peer_says("OK 0x12");
	close(t.peer);
	t.peer = -1;

	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 4, &val), -ENODEV);

	expect_dead(RBI_QTEST_HUNG_UP);
}

static void read_nonsense(const char *text)
{
	uint64_t val;

	assert_int_equal(hang_up(NULL), 0);
	assert_int_equal(connect_peer(NULL), 0);
	peer_says(text);
	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 4, &val), -ENODEV);
	assert_int_equal(val, 0xffffffff);
	expect_dead(RBI_QTEST_NONSENSE);
}

static void nonsense_is_fatal(void **state)
{
	(void)state;

	read_nonsense("\n");
	read_nonsense("OK\n");
	read_nonsense("OK \n");
	read_nonsense("OK 0x\n");
	read_nonsense("OK 0xg\n");
	read_nonsense("OK -1\n");
	read_nonsense("OK 0x1 \n");
	read_nonsense("OK  0x1\n");
	read_nonsense("OK 0x10000000000000000\n");
	read_nonsense("OK 99999999999999999999\n");
	read_nonsense("ok 0x1\n");
	read_nonsense("FAIL Unknown command 'readl'\n");
	read_nonsense("ERR\n");
	read_nonsense("IRQ\n");
	read_nonsense("IRQ \nOK 0x1\n");
	read_nonsense("IRQ raise\nOK 0x1\n");
	read_nonsense("IRQ raise x\nOK 0x1\n");
	read_nonsense("IRQ raise 256\nOK 0x1\n");
	read_nonsense("IRQ drop 1\nOK 0x1\n");
}

static void a_write_that_is_refused_is_fatal(void **state)
{
	(void)state;
	peer_says("FAIL no\n");

	assert_int_equal(rbi_qtest_mem_write(&t.q, 0, 4, 0), -ENODEV);

	expect_dead(RBI_QTEST_NONSENSE);
}

static void an_answer_nobody_asked_for_is_fatal(void **state)
{
	(void)state;
	peer_says("OK\n");

	assert_int_equal(rbi_qtest_drain(&t.q), -ENODEV);

	expect_dead(RBI_QTEST_NONSENSE);
}

static void a_line_without_an_end_is_fatal(void **state)
{
	char flood[RBI_QTEST_BUFFER + 1];
	uint64_t val;

	(void)state;
	memset(flood, 'x', RBI_QTEST_BUFFER);
	flood[RBI_QTEST_BUFFER] = '\0';
	peer_says(flood);

	assert_int_equal(rbi_qtest_mem_read(&t.q, 0, 4, &val), -ENODEV);

	expect_dead(RBI_QTEST_NONSENSE);
}

#define TALK(name) cmocka_unit_test_setup_teardown(name, connect_peer, hang_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(a_block_comes_by_one_command_in_its_order),
		TALK(a_block_of_another_length_or_alphabet_is_nonsense),
		TALK(reads_are_asked_for_as_qemu_understands_them),
		TALK(writes_are_cut_to_their_width),
		TALK(a_value_wider_than_asked_for_is_cut),
		TALK(interrupt_reports_may_stand_anywhere),
		TALK(a_report_behind_the_answer_of_a_flush_is_not_left_lying),
		TALK(a_second_answer_is_fatal),
		TALK(a_line_may_come_in_pieces),
		TALK(posted_writes_do_not_wait_for_their_answers),
		TALK(posted_writes_are_bounded),
		TALK(a_flush_waits_for_all_answers),
		TALK(draining_collects_answers_without_waiting),
		TALK(a_peer_that_says_nothing_is_dead_after_the_time_out),
		TALK(a_peer_that_hangs_up_is_dead_at_once),
		TALK(half_an_answer_is_none),
		TALK(nonsense_is_fatal),
		TALK(a_write_that_is_refused_is_fatal),
		TALK(an_answer_nobody_asked_for_is_fatal),
		TALK(a_line_without_an_end_is_fatal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
