/* SPDX-License-Identifier: MIT */
/* test_hosted_irq.c - /scheme/irq, row by row (contract 2, probe 3). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "hosted_fake.h"

#define I      "/scheme/irq"
#define CREATE (RBI_O_RDWR | RBI_O_CREAT | RBI_O_EXCL)

static void paths_open_or_refuse_as_the_probe_saw(void **state)
{
	static const struct {
		const char *path;
		unsigned int flags;
		int rc; /* 0: opens */
	} rows[] = {
		{ I, RBI_O_RDWR, -EISDIR },
		{ I "/", RBI_O_RDWR, -EISDIR },
		{ I, RBI_O_RDONLY | RBI_O_DIRECTORY, 0 },
		{ I, RBI_O_STAT, 0 },
		{ I "/bsp", RBI_O_RDWR, 0 },
		{ I "/0", RBI_O_RDWR, 0 },
		{ I "/15", RBI_O_RDWR, 0 },
		{ I "/16", RBI_O_RDWR, -ENOENT },
		{ I "/255", RBI_O_RDWR, -ENOENT },
		{ I "/256", RBI_O_RDWR, -ENOENT },
		{ I "/-1", RBI_O_RDWR, -ENOENT },
		{ I "/abc", RBI_O_RDWR, -ENOENT },
		{ I "/5/affinity", RBI_O_RDWR, -ENOENT },
		{ I "/phandle-1/2", CREATE, -ENOENT },
		{ I "/cpu-00", RBI_O_RDWR, 0 },
		{ I "/cpu-00/", RBI_O_RDWR, 0 },
		{ I "/cpu-00/5", RBI_O_RDWR, 0 },
		{ I "/cpu-00/40", RBI_O_RDWR, -EINVAL },
		{ I "/cpu-00/40", RBI_O_STAT, 0 },
		{ I "/cpu-00/224", RBI_O_RDWR, -ENOENT },
		{ I "/cpu-00/224", CREATE, -ENOENT },
		{ I "/cpu-00/16", CREATE, -EEXIST },
		{ I "/cpu-00/17", CREATE, -EEXIST },
		{ I "/cpu-00/32", CREATE, -EEXIST },
		{ I "/cpu-00/35", CREATE, -EEXIST },
		{ I "/cpu-00/40", CREATE, 0 },
		{ I "/cpu-00/40", CREATE, -EEXIST }, /* closed meanwhile: for ever */
		{ I "/cpu-63", RBI_O_RDWR, 0 },
		{ I "/cpu-63/40", RBI_O_RDWR, -EINVAL },
		{ I "/cpu-zz", RBI_O_RDWR, -ENOENT },
		{ I "/cpu-00x", RBI_O_RDWR, -ENOENT },
	};
	struct world *w = *state;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = w_open(w, rows[i].path, rows[i].flags);
		if (rows[i].rc == 0)
			assert_true(fd >= 0);
		else
			assert_int_equal(fd, rows[i].rc);
		if (fd >= 0)
			w_close(w, fd);
	}
	assert_int_equal(w->fake->violations, 0);
}

static void nothing_of_it_is_for_other_users(void **state)
{
	static const char *const paths[] = { I, I "/5", I "/bsp", I "/cpu-00", I "/cpu-00/50" };
	struct world *w = world_new("uid=1000");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(w_open(w, paths[i], CREATE | RBI_O_DIRECTORY), -EACCES);
	world_free(w);
}

static void listings_hold_what_the_probe_saw(void **state)
{
	struct world *w = *state;
	char names[4096];
	unsigned int n = 0;
	char *name;

	assert_int_equal(w_list(w, I, names, sizeof(names)), 0);
	assert_string_equal(names, "bsp cpu-00");
	assert_int_equal(w_list(w, I "/cpu-00", names, sizeof(names)), 0);
	assert_int_equal(strncmp(names, "18 19 20 ", 9), 0);
	assert_non_null(strstr(names, " 31 36 "));
	assert_non_null(strstr(names, " 222"));
	for (name = strtok(names, " "); name; name = strtok(NULL, " "))
		n++;
	assert_int_equal(n, 201);
	assert_int_equal(w_list(w, I "/bsp", names, sizeof(names)), -ENOTDIR);
}

static void a_smaller_machine_lists_what_it_has(void **state)
{
	struct fake *fake = fake_new();
	struct rbi_profile profile = { .name = "p" };
	struct world w = { .fake = fake };
	char names[1024];
	unsigned int n = 0;
	char *name;

	(void)state;
	fake->irq_count = 96;
	assert_int_equal(rbi_hosted_new(&fake->machine, &profile, 0, &w.sys), 0);

	assert_int_equal(w_list(&w, I "/cpu-00", names, sizeof(names)), 0);
	assert_non_null(strstr(names, " 95"));
	for (name = strtok(names, " "); name; name = strtok(NULL, " "))
		n++;
	assert_int_equal(n, 74);
	assert_int_equal(w_open(&w, I "/cpu-00/96", CREATE), -EEXIST);

	w.sys->ops->destroy(w.sys);
	fake_free(fake);
}

static void bsp_writes_half_of_what_it_claims(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, I "/bsp", RBI_O_RDONLY);
	uint64_t buf = 0xaaaaaaaaaaaaaaaa;
	uint64_t size;

	assert_int_equal(w_read(w, fd, &buf, 4), -EINVAL);
	assert_int_equal(w_read(w, fd, &buf, 8), 8);
	assert_int_equal(buf, 0xaaaaaaaa00000000);
	assert_int_equal(w_write(w, fd, &buf, 8), -EBADF);
	assert_int_equal(w->sys->ops->size(w->sys, fd, &size), 0);
	assert_int_equal(size, 8);
}

static void names_of_cpus_that_panic_the_kernel_end_this_redox(void **state)
{
	static const struct {
		const char *path;
		unsigned int flags;
	} rows[] = {
		{ I "/cpu-0", RBI_O_RDWR },
		{ I "/cpu-", RBI_O_RDWR },
		{ I "/cpu-63/40", CREATE },
	};
	char names[64];
	struct world *w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w = world_new("");
		assert_int_equal(w_open(w, rows[i].path, rows[i].flags), -ENODEV);
		assert_non_null(strstr(w->fake->violation, "the kernel panics"));
		assert_int_equal(w_open(w, I "/5", RBI_O_RDWR), -ENODEV);
		world_free(w);
	}
	w = world_new("");
	assert_int_equal(w_list(w, I "/cpu-63", names, sizeof(names)), -ENODEV);
	assert_int_equal(w->fake->violations, 1);
	world_free(w);
}

static ssize_t read_count(struct world *w, int fd, uint64_t *count)
{
	*count = 0;
	return w_read(w, fd, count, sizeof(*count));
}

static ssize_t ack(struct world *w, int fd, uint64_t count)
{
	return w_write(w, fd, &count, sizeof(count));
}

static void a_line_counts_and_is_unmasked_by_its_acknowledge(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, I "/11", RBI_O_RDWR | RBI_O_NONBLOCK);
	uint64_t count;

	assert_int_equal(w_read(w, fd, &count, 4), -EINVAL);
	assert_int_equal(w_write(w, fd, &count, 4), -EINVAL);
	assert_int_equal(read_count(w, fd, &count), 0);
	assert_int_equal(ack(w, fd, 77), 0); /* wrong: nothing happens */
	assert_int_equal(w->fake->unmasked[11], 0);
	assert_int_equal(ack(w, fd, 0), 8);
	assert_int_equal(w->fake->unmasked[11], 1);

	fake_raise(w->fake, 11);

	assert_int_equal(read_count(w, fd, &count), 8);
	assert_int_equal(count, 1);
	assert_int_equal(read_count(w, fd, &count), 8); /* until it is acknowledged */
	assert_int_equal(ack(w, fd, 1), 8);
	assert_int_equal(w->fake->unmasked[11], 2);
	assert_int_equal(read_count(w, fd, &count), 0);
}

static void an_acknowledge_that_comes_too_late_answers_0(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, I "/cpu-00/18", CREATE);
	uint64_t count;

	fake_raise(w->fake, 18);
	assert_int_equal(read_count(w, fd, &count), 8);
	fake_raise(w->fake, 18); /* nobody has looked yet */

	assert_int_equal(ack(w, fd, 1), 0);
	assert_int_equal(read_count(w, fd, &count), 8);
	assert_int_equal(count, 2);
	assert_int_equal(ack(w, fd, 2), 8);
	assert_int_equal(w->fake->unmasked[11], 0);
}

static void the_counter_is_shared_and_the_acknowledge_is_not(void **state)
{
	struct world *w = *state;
	int a = w_open(w, I "/5", RBI_O_RDWR);
	int b = w_open(w, I "/5", RBI_O_RDWR);
	int twin = w->sys->ops->dup(w->sys, a);
	uint64_t count;
	int late;

	fake_raise(w->fake, 5);
	assert_int_equal(read_count(w, a, &count), 8);
	assert_int_equal(ack(w, a, 1), 8);
	assert_int_equal(read_count(w, a, &count), 0);
	assert_int_equal(read_count(w, twin, &count), 0); /* the same description */
	assert_int_equal(read_count(w, b, &count), 8);
	late = w_open(w, I "/cpu-00/5", RBI_O_RDWR);
	assert_int_equal(read_count(w, late, &count), 8); /* the old total at once */
	assert_int_equal(count, 1);
}

static void lines_that_end_in_the_kernel_never_fire(void **state)
{
	static const unsigned int lines[] = { 0, 1, 2, 3, 4, 12 };
	struct world *w = *state;
	uint64_t count;
	char path[32];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(path, sizeof(path), I "/%u", lines[i]);
		fd = w_open(w, path, RBI_O_RDWR);
		fake_raise(w->fake, lines[i]);
		assert_int_equal(read_count(w, fd, &count), 0);
		assert_false(fd_is_ready(fd));
		assert_int_equal(ack(w, fd, 0), 8);
	}
}

/* --- descriptors in a loop of the user's ---------------------------------------- */

static void a_descriptor_is_ready_for_what_came_after_it_and_was_not_read(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, I "/cpu-00/18", CREATE);
	uint64_t count;
	int twin;

	fake_raise(w->fake, 18);
	twin = w->sys->ops->dup(w->sys, fd);
	assert_true(fd_is_ready(fd));
	assert_false(fd_is_ready(twin)); /* it came before */

	fake_raise(w->fake, 18);
	assert_true(fd_is_ready(twin));

	assert_int_equal(read_count(w, fd, &count), 8);
	assert_int_equal(count, 2);
	assert_false(fd_is_ready(fd)); /* read, though not acknowledged */
	assert_false(fd_is_ready(twin));
}

static void reading_one_handle_leaves_the_others_ready(void **state)
{
	struct world *w = *state;
	int a = w_open(w, I "/9", RBI_O_RDWR);
	int b = w_open(w, I "/9", RBI_O_RDWR);
	uint64_t count;

	fake_raise(w->fake, 9);
	assert_int_equal(read_count(w, a, &count), 8);

	assert_false(fd_is_ready(a));
	assert_true(fd_is_ready(b));
	assert_int_equal(read_count(w, b, &count), 8);
	assert_false(fd_is_ready(b));
}

static void an_epoll_of_the_user_s_wakes_for_each_interrupt(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, I "/9", RBI_O_RDWR);
	int other = w_open(w, I "/9", RBI_O_RDWR);
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	uint64_t count;
	int i;

	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), 0);
	assert_int_equal(epoll_wait(ep, &ev, 1, 0), 0);
	for (i = 0; i < 3; i++) {
		fake_raise(w->fake, 9);
		if (i == 1) /* somebody else is first to look */
			assert_int_equal(read_count(w, other, &count), 8);
		assert_int_equal(epoll_wait(ep, &ev, 1, 0), 1);
		assert_int_equal(read_count(w, fd, &count), 8);
		assert_int_equal(ack(w, fd, count), 8);
	}
	close(ep);
}

static void a_dead_machine_says_so(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, I "/9", RBI_O_RDWR);
	uint64_t count;

	w->fake->dead = true;

	assert_int_equal(read_count(w, fd, &count), -ENODEV);
	assert_int_equal(ack(w, fd, 0), -ENODEV);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paths_open_or_refuse_as_the_probe_saw),
		cmocka_unit_test(nothing_of_it_is_for_other_users),
		TEST(listings_hold_what_the_probe_saw),
		cmocka_unit_test(a_smaller_machine_lists_what_it_has),
		TEST(bsp_writes_half_of_what_it_claims),
		cmocka_unit_test(names_of_cpus_that_panic_the_kernel_end_this_redox),
		TEST(a_line_counts_and_is_unmasked_by_its_acknowledge),
		TEST(an_acknowledge_that_comes_too_late_answers_0),
		TEST(the_counter_is_shared_and_the_acknowledge_is_not),
		TEST(lines_that_end_in_the_kernel_never_fire),
		TEST(a_descriptor_is_ready_for_what_came_after_it_and_was_not_read),
		TEST(reading_one_handle_leaves_the_others_ready),
		TEST(an_epoll_of_the_user_s_wakes_for_each_interrupt),
		TEST(a_dead_machine_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
