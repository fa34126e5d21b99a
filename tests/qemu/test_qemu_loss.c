/* SPDX-License-Identifier: MIT */
/* Machine qemu: QEMU is killed, stopped or forked away from, and nothing hangs or stays. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/qemu/qemu.h"
#include "rig.h"

#define NEEDS_QEMU()                 \
	do {                         \
		(void)state;         \
		if (!rig_has_qemu()) \
			skip();      \
	} while (0)

static pid_t pid_of(struct rig *rig)
{
	return rbi_qemu_proc_pid(&rbi_qemu_of(rig->m)->proc);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The letter that /proc shows: 'T' stopped, 'Z' zombie; 'X' when there is none. */
static char state_of(pid_t pid)
{
	char path[32], state = 'X';
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	stat = fopen(path, "r");
	if (!stat)
		return 'X';
	if (fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(stat);
	return state;
}

static void stop(pid_t pid)
{
	struct timespec ms = { 0, 1000000 };
	unsigned int tries = 5000;

	assert_int_equal(kill(pid, SIGSTOP), 0);
	while (state_of(pid) != 'T' && tries-- > 0)
		nanosleep(&ms, NULL);
	assert_int_equal(state_of(pid), 'T');
}

/* A zombie is dead but for somebody who should have looked. */
static bool is_running(pid_t pid)
{
	char state = state_of(pid);

	return state != 'Z' && state != 'X';
}

/* Everything answers, and says that nobody is there. */
static void expect_gone(struct rig *rig)
{
	const struct rbi_machine_ops *ops = rig->m->ops;
	struct rb_pci_addr fns[8];
	struct rbi_msg msg = { 0, 0 }, hw;
	uint64_t val = 0, count;
	uint32_t small = 0;

	assert_int_equal(ops->mem_read(rig->m, rig->bar[0], 4, &val), -ENODEV);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(ops->mem_read(rig->m, rig->bar[0], 8, &val), -ENODEV);
	assert_true(val == UINT64_MAX);
	assert_int_equal(ops->mem_write(rig->m, rig->bar[0], 4, 1), -ENODEV);
	assert_int_equal(ops->cfg_read(rig->m, rig->edu[0], 0, 4, &small), -ENODEV);
	assert_int_equal(small, 0xffffffff);
	assert_int_equal(ops->cfg_write(rig->m, rig->edu[0], 4, 2, 7), -ENODEV);
	assert_int_equal(ops->port_read(rig->m, 0x80, 1, &small), -ENODEV);
	assert_int_equal(small, 0xff);
	assert_int_equal(ops->port_write(rig->m, 0x80, 1, 0), -ENODEV);
	assert_int_equal(ops->functions(rig->m, fns, 8), -ENODEV);
	assert_int_equal(ops->cfg_size(rig->m, rig->edu[0]), 0);
	assert_int_equal(ops->claim(rig->m, rig->edu[0]), -ENODEV);
	assert_int_equal(ops->irq_take(rig->m, 20, &count), -ENODEV);
	assert_int_equal(ops->irq_unmask(rig->m, 5), -ENODEV);
	assert_int_equal(ops->msg_connect(rig->m, rig->edu[0], 0, 1, &msg, &hw), 0);
	ops->delay(rig->m, 1000);
	assert_int_equal(ops->wait(rig->m, NULL, 0, ops->clock(rig->m) + 1000000), -ETIMEDOUT);
}

static void a_killed_machine_is_gone_at_the_next_access(void **state)
{
	struct rig rig;
	uint64_t val;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");

	assert_true(rbi_qemu_proc_kill(&rbi_qemu_of(rig.m)->proc));

	assert_int_equal(rig.m->ops->mem_read(rig.m, rig.bar[0], 4, &val), -ENODEV);
	expect_gone(&rig);
	rig_stop(&rig);
	assert_false(rig_has_children());
}

static void a_killed_machine_wakes_who_waits_for_it(void **state)
{
	struct rig rig;
	int64_t before;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");
	before = now_ms();

	kill(pid_of(&rig), SIGKILL);

	assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX), 0);
	assert_true(now_ms() - before < 5000);
	expect_gone(&rig);
	rig_stop(&rig);
}

static void a_killed_machine_is_reaped_at_once(void **state)
{
	struct rig rig;
	unsigned int tries = 2000;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");

	kill(pid_of(&rig), SIGKILL);

	while (pid_of(&rig) != 0 && tries-- > 0)
		rig.m->ops->delay(rig.m, 1000000);
	assert_int_equal(pid_of(&rig), 0);
	assert_false(rig_has_children());
	assert_false(rbi_qemu_proc_kill(&rbi_qemu_of(rig.m)->proc));
	rig_stop(&rig);
}

static void a_stopped_machine_is_given_up_within_its_time_out(void **state)
{
	struct rig rig;
	int64_t before;
	uint64_t val;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu;timeout_ms=2000");
	before = now_ms();

	stop(pid_of(&rig));

	assert_int_equal(rig.m->ops->mem_read(rig.m, rig.bar[0], 4, &val), -ENODEV);
	assert_true(val == 0xffffffff);
	assert_in_range(now_ms() - before, 900, 5000);
	expect_gone(&rig);
	assert_true(now_ms() - before < 5000);
	rig_stop(&rig);
	assert_false(rig_has_children());
}

static void posted_writes_to_a_stopped_machine_end_at_the_time_out_too(void **state)
{
	unsigned int i;
	struct rig rig;
	int rc = 0;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu;timeout_ms=2000");

	stop(pid_of(&rig));

	for (i = 0; i < RBI_QTEST_POSTED + 1 && rc == 0; i++)
		rc = rig.m->ops->mem_write(rig.m, rig.bar[0] + EDU_REG_LIVE, 4, i);
	assert_int_equal(rc, -ENODEV);
	assert_int_equal(i, RBI_QTEST_POSTED + 1);
	rig_stop(&rig);
}

static void a_stopped_machine_can_be_destroyed(void **state)
{
	struct rig rig;
	int64_t before;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");
	stop(pid_of(&rig));
	before = now_ms();

	rig_stop(&rig);

	assert_true(now_ms() - before < 5000);
	assert_false(rig_has_children());
}

static void a_machine_that_crashes_on_a_command_is_gone(void **state)
{
	struct rig rig;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu;icount=on");

	/* a reset request of the guest ends QEMU, for it would lose all set-up */
	rig.m->ops->port_write(rig.m, 0xcf9, 1, 6);

	assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, INT64_MAX), 0);
	expect_gone(&rig);
	rig_stop(&rig);
}

/* --- threads ----------------------------------------------------------------------------- */

static void *read_until_gone(void *arg)
{
	struct rig *rig = arg;
	uint64_t val;
	int rc;

	do {
		rc = rig->m->ops->mem_read(rig->m, rig->bar[0], 4, &val);
		if (rc == 0 && val != 0x010000ed)
			return (void *)"wrong value";
	} while (rc == 0);
	return rc == -ENODEV && val == 0xffffffff ? NULL : (void *)"wrong end";
}

static void threads_in_mid_access_are_released_when_it_is_killed(void **state)
{
	pthread_t threads[3];
	struct rig rig;
	unsigned int i;
	void *result;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_until_gone, &rig), 0);
	rig.m->ops->delay(rig.m, 20000000);

	kill(pid_of(&rig), SIGKILL);

	for (i = 0; i < 3; i++) {
		pthread_join(threads[i], &result);
		assert_null(result);
	}
	rig_stop(&rig);
}

static void *wait_for_line(void *arg)
{
	struct rig *rig = arg;

	return (void *)(intptr_t)rig_await(rig, rig_line(rig, 0), 5000);
}

static void an_interrupt_wakes_one_thread_while_another_reads(void **state)
{
	pthread_t waiter, reader;
	struct rig rig;
	void *result;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");
	assert_int_equal(pthread_create(&waiter, NULL, wait_for_line, &rig), 0);
	assert_int_equal(pthread_create(&reader, NULL, read_until_gone, &rig), 0);

	rig_write(&rig, 0, EDU_REG_STATUS, 0x80);
	rig_write(&rig, 0, EDU_REG_FACTORIAL, 12);

	pthread_join(waiter, &result);
	assert_int_equal((intptr_t)result, 1);
	kill(pid_of(&rig), SIGKILL);
	pthread_join(reader, &result);
	assert_null(result);
	rig_stop(&rig);
}

static void an_interrupt_reaches_its_descriptor_without_any_call(void **state)
{
	struct pollfd pfd = { -1, POLLIN, 0 };
	struct rig rig;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");
	pfd.fd = rig.m->ops->irq_fd(rig.m, rig_line(&rig, 0));

	rig_write(&rig, 0, EDU_REG_STATUS, 0x80);
	rig_write(&rig, 0, EDU_REG_FACTORIAL, 12);

	assert_int_equal(poll(&pfd, 1, 5000), 1);
	rig_stop(&rig);
}

/* --- processes --------------------------------------------------------------------------- */

static void a_child_of_fork_frees_its_copy_and_leaves_the_machine_alone(void **state)
{
	struct rig rig;
	int status;
	pid_t pid;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");

	pid = fork();
	if (pid == 0) {
		rig.m->ops->destroy(rig.m, true);
		_exit(0);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(rig_read(&rig, 0, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void its_memory_does_not_reach_a_child_of_fork(void **state)
{
	struct rig rig;
	int status;
	void *cpu;
	pid_t pid;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");
	assert_int_equal(rig.m->ops->ram_map(rig.m, 0x100000, 0x1000, &cpu), 0);

	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)cpu = 1;
		_exit(0);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_not_equal(status, 0);
	rig.m->ops->ram_unmap(rig.m, 0x100000, 0x1000, cpu);
	rig_stop(&rig);
}

static void qemu_dies_with_the_process_that_started_it(void **state)
{
	struct timespec ms = { 0, 1000000 };
	unsigned int tries = 5000;
	pid_t pid, qemu = 0;
	struct rig rig;
	int fds[2];

	NEEDS_QEMU();
	assert_int_equal(pipe(fds), 0);

	pid = fork();
	if (pid == 0) {
		rig_start(&rig, "qemu:edu");
		qemu = pid_of(&rig);
		_exit(write(fds[1], &qemu, sizeof(qemu)) != sizeof(qemu));
	}
	assert_int_equal(read(fds[0], &qemu, sizeof(qemu)), sizeof(qemu));
	assert_int_equal(waitpid(pid, NULL, 0), pid);

	while (is_running(qemu) && tries-- > 0)
		nanosleep(&ms, NULL);
	assert_false(is_running(qemu));
	close(fds[0]);
	close(fds[1]);
}

static void twenty_starts_leave_no_descriptor_process_or_thread(void **state)
{
	unsigned int i, fds, threads;
	struct rig rig;

	NEEDS_QEMU();
	fds = rig_count_fds();
	threads = rig_count_threads();

	for (i = 0; i < 20; i++) {
		rig_start(&rig, "qemu:edu");
		assert_int_equal(rig_read(&rig, 0, EDU_REG_ID), 0x010000ed);
		rig_stop(&rig);
	}

	assert_int_equal(rig_count_fds(), fds);
	assert_int_equal(rig_count_threads(), threads);
	assert_false(rig_has_children());
}

static void two_machines_do_not_disturb_each_other(void **state)
{
	struct rig a, b;

	NEEDS_QEMU();
	rig_start(&a, "qemu:edu");
	rig_start(&b, "qemu:edu");
	rig_write(&a, 0, EDU_REG_LIVE, 1);
	rig_write(&b, 0, EDU_REG_LIVE, 2);

	assert_int_equal(rig_read(&a, 0, EDU_REG_LIVE), ~1u);
	assert_int_equal(rig_read(&b, 0, EDU_REG_LIVE), ~2u);
	rig_stop(&a);
	assert_int_equal(rig_read(&b, 0, EDU_REG_LIVE), ~2u);
	rig_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_machine_is_gone_at_the_next_access),
		cmocka_unit_test(a_killed_machine_wakes_who_waits_for_it),
		cmocka_unit_test(a_killed_machine_is_reaped_at_once),
		cmocka_unit_test(a_stopped_machine_is_given_up_within_its_time_out),
		cmocka_unit_test(posted_writes_to_a_stopped_machine_end_at_the_time_out_too),
		cmocka_unit_test(a_stopped_machine_can_be_destroyed),
		cmocka_unit_test(a_machine_that_crashes_on_a_command_is_gone),
		cmocka_unit_test(threads_in_mid_access_are_released_when_it_is_killed),
		cmocka_unit_test(an_interrupt_wakes_one_thread_while_another_reads),
		cmocka_unit_test(an_interrupt_reaches_its_descriptor_without_any_call),
		cmocka_unit_test(a_child_of_fork_frees_its_copy_and_leaves_the_machine_alone),
		cmocka_unit_test(its_memory_does_not_reach_a_child_of_fork),
		cmocka_unit_test(qemu_dies_with_the_process_that_started_it),
		cmocka_unit_test(twenty_starts_leave_no_descriptor_process_or_thread),
		cmocka_unit_test(two_machines_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
