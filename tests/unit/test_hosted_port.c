/* SPDX-License-Identifier: MIT */
/* test_hosted_port.c - how a thread comes to use ports, and what happens when it does not. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosted_fake.h"

#define IOPL 255

static int own_descriptor(struct world *w)
{
	return w->sys->ops->thread(w->sys);
}

static int dup_named(struct world *w, int fd, const char *name)
{
	return w->sys->ops->dup_named(w->sys, fd, name);
}

static ssize_t call(struct world *w, int fd, uint64_t verb, size_t words)
{
	return w->sys->ops->call(w->sys, fd, NULL, 0, RBI_CALL_WRITE, &verb, words);
}

static int port_in(struct world *w, uint32_t port, unsigned int width, uint32_t *val)
{
	return w->sys->ops->port_in(w->sys, port, width, val);
}

static int port_out(struct world *w, uint32_t port, unsigned int width, uint32_t val)
{
	return w->sys->ops->port_out(w->sys, port, width, val);
}

/* As contract 5 says. */
static void ask(struct world *w)
{
	int fd = dup_named(w, own_descriptor(w), "open_via_dup");

	assert_true(fd >= 0);
	assert_int_equal(call(w, fd, IOPL, 1), 0);
	w_close(w, fd);
}

static void complained(struct world *w, const char *word)
{
	if (w->fake->violations != 1 || !strstr(w->fake->violation, word))
		fail_msg("%u violations, the last: %s", w->fake->violations, w->fake->violation);
	w->fake->violations = 0;
}

/* --- the grant --------------------------------------------------------------------- */

static void a_thread_that_asked_reaches_the_machine(void **state)
{
	struct world *w = *state;
	uint32_t val = 0;

	ask(w);

	assert_int_equal(port_in(w, 0xc004, 2, &val), 0);
	assert_int_equal(val, 0xc004);
	assert_int_equal(port_out(w, 0xc008, 4, 9), 0);
	assert_int_equal(w->fake->last_phys, 0xc008);
	assert_int_equal(w->fake->violations, 0);
}

static void a_thread_that_did_not_ask_is_told_of(void **state)
{
	static const uint32_t ones[] = { 0xff, 0xffff, 0xffffffff };
	struct world *w = *state;
	unsigned int i;
	uint32_t val;

	for (i = 0; i < 3; i++) {
		val = 0;
		assert_int_equal(port_in(w, 0x60, 1u << i, &val), -EPERM);
		assert_int_equal(val, ones[i]);
		complained(w, "has not asked for port I/O");
	}
	w->fake->last_phys = 1;
	assert_int_equal(port_out(w, 0x60, 1, 0), -EPERM);
	complained(w, "a write of 1 bytes at port 0x60");
	assert_int_equal(w->fake->last_phys, 1);
}

static void *use_unasked(void *arg)
{
	uint32_t val = 0;

	return (void *)(intptr_t)port_in(arg, 0x60, 1, &val);
}

static void *ask_and_use(void *arg)
{
	uint32_t val = 0;

	ask(arg);
	return (void *)(intptr_t)port_in(arg, 0x60, 1, &val);
}

static int on_a_thread(struct world *w, void *(*run)(void *arg))
{
	pthread_t thread;
	void *rc;

	assert_int_equal(pthread_create(&thread, NULL, run, w), 0);
	assert_int_equal(pthread_join(thread, &rc), 0);
	return (int)(intptr_t)rc;
}

static void a_grant_is_not_inherited(void **state)
{
	struct world *w = *state;

	ask(w);

	assert_int_equal(on_a_thread(w, use_unasked), -EPERM);
	complained(w, "has not asked");
	assert_int_equal(on_a_thread(w, ask_and_use), 0);
	assert_int_equal(on_a_thread(w, use_unasked), -EPERM);
	complained(w, "has not asked");
}

static void a_grant_of_another_thread_is_not_ours(void **state)
{
	struct world *w = *state;
	uint32_t val;

	assert_int_equal(on_a_thread(w, ask_and_use), 0);

	assert_int_equal(port_in(w, 0x60, 1, &val), -EPERM);
}

static void a_grant_is_of_one_world(void **state)
{
	struct world *w = *state, *other = world_new("");
	uint32_t val;

	ask(w);

	assert_int_equal(port_in(other, 0x60, 1, &val), -EPERM);
	complained(other, "has not asked");
	world_free(other);
	other = world_new("");
	assert_int_equal(port_in(other, 0x60, 1, &val), -EPERM);
	world_free(other);
	assert_int_equal(port_in(w, 0x60, 1, &val), 0);
}

static void a_child_has_neither_grant_nor_world(void **state)
{
	struct world *w = *state;
	uint32_t val = 0;
	int status;
	pid_t pid;

	ask(w);
	pid = fork();
	if (pid == 0)
		_exit(port_in(w, 0x60, 1, &val) == -ENODEV && val == 0xff &&
				      own_descriptor(w) == -ENODEV &&
				      dup_named(w, 0, "") == -ENODEV
			      ? 0
			      : 1);

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- descriptors and verbs ----------------------------------------------------------- */

static void a_threads_descriptor_is_the_same_each_time(void **state)
{
	struct world *w = *state;
	int fd = own_descriptor(w);

	assert_true(fd >= 0);
	assert_int_equal(own_descriptor(w), fd);
	w_close(w, fd); /* which it should not */
	ask(w);
}

static void other_verbs_and_other_handles_are_refused(void **state)
{
	struct world *w = *state;
	int memory = w_open(w, "/scheme/memory/zeroed", RBI_O_RDWR);
	int fd = dup_named(w, own_descriptor(w), "open_via_dup");
	uint32_t val;

	assert_int_equal(call(w, fd, 254, 1), -EINVAL);
	assert_int_equal(call(w, fd, IOPL + 256, 1), -EINVAL);
	assert_int_equal(call(w, fd, IOPL, 0), -EINVAL);
	assert_int_equal(call(w, own_descriptor(w), IOPL, 1), -EINVAL);
	assert_int_equal(call(w, memory, IOPL, 1), -EOPNOTSUPP);
	assert_int_equal(call(w, 9999, IOPL, 1), -EBADF);
	assert_int_equal(port_in(w, 0x60, 1, &val), -EPERM);
	w_close(w, fd);
	w_close(w, memory);
}

static void only_a_thread_has_other_faces(void **state)
{
	struct world *w = *state;
	int memory = w_open(w, "/scheme/memory/zeroed", RBI_O_RDWR);
	int fd;

	assert_int_equal(dup_named(w, memory, "open_via_dup"), -EOPNOTSUPP);
	assert_int_equal(dup_named(w, own_descriptor(w), "nosuch"), -EINVAL);
	assert_int_equal(dup_named(w, 9999, "open_via_dup"), -EBADF);
	fd = dup_named(w, memory, "");
	assert_true(fd >= 0);
	w_close(w, fd);
	w_close(w, memory);
}

static void a_handle_of_the_kernel_holds_no_bytes(void **state)
{
	struct world *w = *state;
	int fd = dup_named(w, own_descriptor(w), "open_via_dup");
	uint64_t buf = 0;
	void *base;

	assert_int_equal(w_read(w, fd, &buf, 8), -EBADF);
	assert_int_equal(w_write(w, fd, &buf, 8), -EBADF);
	assert_int_equal(w_mmap(w, fd, 4096, RBI_MAP_SHARED, 0, &base), -EOPNOTSUPP);
	w_close(w, fd);
}

static void asking_needs_no_root(void **state)
{
	struct world *w = world_new("uid=1000");
	uint32_t val;

	(void)state;
	ask(w);

	assert_int_equal(port_in(w, 0x60, 1, &val), 0);
	world_free(w);
}

/* --- wrong accesses ---------------------------------------------------------------- */

static void wrong_accesses_are_told_of_and_go_nowhere(void **state)
{
	struct world *w = *state;
	uint32_t val = 0;

	ask(w);
	w->fake->last_phys = 1;

	assert_int_equal(port_in(w, 0xc001, 2, &val), -EINVAL);
	assert_int_equal(val, 0xffff);
	complained(w, "a read of 2 bytes at port 0xc001: misaligned");
	assert_int_equal(port_out(w, 0xc002, 4, 9), -EINVAL);
	complained(w, "a write of 4 bytes at port 0xc002: misaligned");
	assert_int_equal(port_out(w, 0xfffe, 4, 9), -EINVAL);
	complained(w, "misaligned");
	assert_int_equal(port_in(w, RBI_PORTS + 0x20, 4, &val), -ERANGE);
	assert_int_equal(val, 0xffffffff);
	complained(w, "a read of 4 bytes at offset 0x20, past a window of ports");
	assert_int_equal(port_in(w, 0xc004, 8, &val), -EINVAL);
	assert_int_equal(val, UINT32_MAX);
	assert_int_equal(port_out(w, 0xc008, 3, 9), -EINVAL);
	assert_int_equal(w->fake->violations, 0);
	assert_int_equal(w->fake->last_phys, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_thread_that_asked_reaches_the_machine),
		TEST(a_thread_that_did_not_ask_is_told_of),
		TEST(a_grant_is_not_inherited),
		TEST(a_grant_of_another_thread_is_not_ours),
		TEST(a_grant_is_of_one_world),
		TEST(a_child_has_neither_grant_nor_world),
		TEST(a_threads_descriptor_is_the_same_each_time),
		TEST(other_verbs_and_other_handles_are_refused),
		TEST(only_a_thread_has_other_faces),
		TEST(a_handle_of_the_kernel_holds_no_bytes),
		TEST(asking_needs_no_root),
		TEST(wrong_accesses_are_told_of_and_go_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
