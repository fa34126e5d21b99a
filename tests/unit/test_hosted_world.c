/* SPDX-License-Identifier: MIT */
/* test_hosted_world.c - what holds for all of hosted Redox, and its door. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/world.h"
#include "hosted_fake.h"

static unsigned int open_descriptors(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void what_has_no_scheme_is_not_there(void **state)
{
	static const struct {
		const char *path;
		int rc;
	} rows[] = {
		{ "/scheme/nosuch/x", -ENODEV },
		{ "/scheme/nosuch", -ENODEV },
		{ "/scheme/firmware/x", -ENODEV },
		{ "/scheme/mem", -ENODEV },
		{ "/scheme/memoryx", -ENODEV },
		{ "/scheme//memory", -ENODEV },
		{ "/schemes/memory", -ENODEV },
		{ "/nosuch", -ENODEV },
		{ "/etc/passwd", -ENODEV },
		{ "physical@uc", -EACCES },
		{ "", -ENOENT },
		/* the old spelling: probe 1, "legacy memory:physical@uc still opens" */
		{ "memory:physical@uc", 0 },
		{ "irq:5", 0 },
		{ "irq:16", -ENOENT },
		{ "nosuch:x", -ENODEV },
		{ "nosuch/memory:physical@uc", -EACCES },
		{ ":physical@uc", -ENODEV },
		/* contract 1.1: not UTF-8, here an overlong '/', half a character, a surrogate */
		{ "/scheme/event/\xc0\xaf", -EINVAL },
		{ "/scheme/event/\xe2\x82", -EINVAL },
		{ "/scheme/event/\xed\xa0\x80", -EINVAL },
		{ "/scheme/event/\xf4\x90\x80\x80", -EINVAL },
		{ "\xff", -EINVAL },
		{ "/scheme/event/\xe2\x82\xac\xf0\x9f\x9a\x97", 0 },
	};
	struct world *w = *state;
	char names[64];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = w_open(w, rows[i].path, RBI_O_RDWR);
		assert_int_equal(fd < 0 ? fd : 0, rows[i].rc);
	}
	assert_int_equal(w_list(w, "/scheme", names, sizeof(names)), 0);
	assert_string_equal(names, "memory irq event time pci");
}

static void a_path_without_end_is_refused(void **state)
{
	struct world *w = *state;
	char *path = malloc(1 << 20);

	assert_non_null(path);
	memset(path, '/', 1 << 20);
	path[(1 << 20) - 1] = '\0';

	assert_int_equal(w_open(w, path, RBI_O_RDWR), -ENAMETOOLONG);
	free(path);
}

static void handles_are_descriptors_of_the_process_and_end_with_the_world(void **state)
{
	unsigned int before = open_descriptors();
	struct world *w = world_new("");
	int fd = w_open(w, "/scheme/irq/5", RBI_O_RDWR);
	int twin = w->sys->ops->dup(w->sys, fd);

	(void)state;
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(twin, F_GETFD), FD_CLOEXEC);
	assert_int_equal(w->sys->ops->set_cloexec(w->sys, fd), 0);
	assert_int_equal(w->sys->ops->set_cloexec(w->sys, 5000), -EBADF);
	w_open(w, "/scheme/event", RBI_O_RDWR);
	w_open(w, "/scheme/pci/00-00--04.0/channel", RBI_O_RDWR);
	world_free(w);

	assert_int_equal(open_descriptors(), before);
}

static void descriptors_run_out_with_emfile_and_leak_nothing(void **state)
{
	static const char *const paths[] = { "/scheme/memory/zeroed",
					     "/scheme/irq/5",
					     "/scheme/irq/cpu-00/18",
					     "/scheme/event",
					     "/scheme/time/4",
					     "/scheme/pci/access",
					     "/scheme/pci/00-00--04.0/channel" };
	struct world *w = *state;
	struct rlimit old, tight;
	size_t i;
	int fd;

	w_close(w, w_open(w, "/scheme/irq/5", RBI_O_RDWR)); /* the machine's own descriptor */
	fd = w_open(w, "/scheme/memory/zeroed", RBI_O_RDWR);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int rc = w_open(w, paths[i], RBI_O_RDWR | RBI_O_CREAT);

		/* the fake has no descriptor for vector 18 and words it its own way */
		if (rc != -EMFILE && rc != -ENOMEM)
			setrlimit(RLIMIT_NOFILE, &old);
		assert_true(rc == -EMFILE || (i == 2 && rc == -ENOMEM));
	}
	assert_int_equal(w->sys->ops->dup(w->sys, fd), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);

	/* a channel that found no descriptor is not in use; the vector is gone */
	assert_true(w_open(w, paths[6], RBI_O_RDWR) >= 0);
	assert_int_equal(w_open(w, paths[2], RBI_O_RDWR | RBI_O_CREAT), -EEXIST);
}

/* The defaults of the kernel's trait (src/scheme/mod.rs), and pcid's (contract 4.2: no
 * mmap; positioned). Contract 0.5: schemes that are not positioned know no pread; irq
 * takes it and looks at no offset. */
static void what_a_scheme_has_not_is_refused_as_the_kernel_does(void **state)
{
	static const struct {
		const char *path;
		ssize_t pread;
		int list;
	} rows[] = {
		{ "/scheme/event", -ESPIPE, -ESPIPE },
		{ "/scheme/time/4", -ESPIPE, -ESPIPE },
		{ "/scheme/irq/bsp", 8, -ENOTDIR },
		{ "/scheme/pci/access", -EBADF, -ENOTDIR },
	};
	uint64_t buf[3] = { 0 };
	struct world *w = *state;
	void *base, *dir;
	char name[64];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = w_open(w, rows[i].path, RBI_O_RDWR | RBI_O_NONBLOCK);
		assert_int_equal(w_mmap(w, fd, 4096, RBI_MAP_SHARED, 0, &base), -EOPNOTSUPP);
		assert_int_equal(w->sys->ops->pread(w->sys, fd, buf, 24, 8), rows[i].pread);
		if (strcmp(rows[i].path, "/scheme/pci/access") == 0) {
			assert_int_equal(w->sys->ops->opendir(w->sys, rows[i].path, &dir),
					 rows[i].list);
			continue;
		}
		assert_int_equal(w->sys->ops->opendir(w->sys, rows[i].path, &dir), 0);
		assert_int_equal(w->sys->ops->readdir(w->sys, dir, name, sizeof(name)),
				 rows[i].list);
		w->sys->ops->closedir(w->sys, dir);
	}
	fd = w_open(w, "/scheme/memory/scheme-root", RBI_O_RDWR);
	assert_int_equal(w_mmap(w, fd, 4096, RBI_MAP_SHARED, 0, &base), -EBADF);
}

static void foreign_descriptors_pass_through(void **state)
{
	struct world *w = *state;
	uint64_t size;
	void *base;
	int fds[2], twin;
	char c = 0;

	assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
	assert_int_equal(w_read(w, fds[0], &c, 1), -EAGAIN);
	assert_int_equal(w_write(w, fds[1], "x", 1), 1);
	twin = w->sys->ops->dup(w->sys, fds[0]);
	assert_int_equal(w_read(w, twin, &c, 1), 1);
	assert_int_equal(c, 'x');
	assert_int_equal(w->sys->ops->size(w->sys, fds[0], &size), -EBADF);
	assert_int_equal(w_mmap(w, fds[0], 4096, RBI_MAP_SHARED, 0, &base), -EBADF);
	assert_int_equal(w_call(w, fds[0], &c, 1, NULL, 0), -EBADF);
	w_close(w, twin);
	w_close(w, fds[0]);
	w_close(w, fds[1]);
	assert_int_equal(w_read(w, fds[0], &c, 1), -EBADF);
	assert_int_equal(w->sys->ops->dup(w->sys, 5000), -EBADF);
}

static void a_number_that_comes_again_behind_our_back_means_the_new_file(void **state)
{
	struct world *w = *state;
	int old = w_open(w, "/scheme/irq/bsp", RBI_O_RDWR);
	uint64_t buf = 0;
	int fd;

	close(old);
	fd = w_open(w, "/scheme/memory/zeroed", RBI_O_RDWR);

	assert_int_equal(fd, old);
	assert_int_equal(w_read(w, fd, &buf, 8), -EBADF);
}

static void time_and_dma_reach_the_machine(void **state)
{
	struct world *w = *state;

	w->sys->ops->delay(w->sys, 500);
	assert_int_equal(w->sys->ops->clock(w->sys), 1000000500);
	w->sys->ops->dma_publish(w->sys, 7, 0x10, 0x20);
	assert_int_equal(w->fake->last_phys, 0x10);
	w->sys->ops->dma_observe(w->sys, 7, 0x30, 0x40);
	assert_int_equal(w->fake->last_value, 0x40);
}

static void in_a_child_of_fork_everything_answers_enodev(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, "/scheme/irq/5", RBI_O_RDWR);
	int queue = w_open(w, "/scheme/event", RBI_O_RDWR | RBI_O_NONBLOCK);
	uint64_t rec[3] = { (uint64_t)fd, 1, 2 };
	uint64_t buf;
	int status, fds[2];
	void *dir;
	pid_t pid;

	assert_int_equal(w_write(w, queue, rec, sizeof(rec)), 24);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		bool good = w_read(w, fd, &buf, 8) == -ENODEV &&
			    w_write(w, fd, &buf, 8) == -ENODEV &&
			    w_call(w, fd, &buf, 8, NULL, 0) == -ENODEV &&
			    w->sys->ops->pread(w->sys, fd, &buf, 8, 0) == -ENODEV &&
			    w->sys->ops->size(w->sys, fd, &buf) == -ENODEV &&
			    w->sys->ops->dup(w->sys, fd) == -ENODEV &&
			    w->sys->ops->set_cloexec(w->sys, fd) == -ENODEV &&
			    w->sys->ops->pipe(w->sys, fds) == -ENODEV &&
			    w->sys->ops->opendir(w->sys, "/scheme", &dir) == -ENODEV &&
			    w->sys->ops->munmap(w->sys, &buf, 8) == -ENODEV &&
			    w_open(w, "/scheme/irq/5", RBI_O_RDWR) == -ENODEV;

		w_close(w, fd); /* still counts as ours, until the end */
		w->sys->ops->destroy(w->sys);
		_exit(good && w->fake->destroyed_forked ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);

	/* and the parent's queue still works */
	fake_raise(w->fake, 5);
	assert_int_equal(w_read(w, queue, rec, sizeof(rec)), 24);
	assert_int_equal(rec[2], 2);
}

static void the_machine_below_a_world_can_be_asked_for(void **state)
{
	struct rbi_sys other = { 0 };
	struct world *w = *state;

	assert_ptr_equal(rbi_hosted_machine(w->sys), &w->fake->machine);
	assert_null(rbi_hosted_machine(&other));
	assert_null(rbi_hosted_machine(NULL));
}

static void no_memory_at_any_allocation_makes_no_world(void **state)
{
	struct rbi_profile profile = { .name = "p" };
	struct fake *fake = fake_new();
	unsigned int before = open_descriptors();
	struct rbi_sys *sys;
	unsigned long n;
	int rc;

	(void)state;
	for (n = 1; n < 20; n++) {
		rbi_alloc_fail_at(n);
		rc = rbi_hosted_new(&fake->machine, &profile, 0, &sys);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
		assert_null(sys);
		assert_int_equal(open_descriptors(), before);
	}
	rbi_alloc_fail_at(0);
	assert_int_equal(n, 4);
	assert_false(fake->destroyed); /* it stays the caller's */
	sys->ops->destroy(sys);
	fake_free(fake);
}

static void the_door_names_what_is_wrong_with_a_string(void **state)
{
	static const struct {
		const char *text;
		int rc;
		const char *detail;
	} rows[] = {
		{ "", -EINVAL, "no machine" },
		{ "nosuch:edu", -ENOENT, "mock, qemu, pci and redox" },
		{ "trace(x)+mock", -ENOENT, "decorator 'trace'" },
		{ "mock:profile=redox-2030", -EINVAL, "redox-2030" },
		{ "mock:uid=root", -EINVAL, "uid='root'" },
		{ "mock:uid=4294967296", -EINVAL, "uid" },
		{ "mock:vectors=128", -EINVAL, "machine 'mock' has no option 'vectors'" },
		{ "mock:net.n0=user", -ENOTSUP, "'n0'" },
		{ "mock:net.n0=tap", -EINVAL, "'tap'" },
		{ "pci:net.n0=dgram", -EINVAL, "'net.n0'" },
		{ "qemu:tick=5", -EINVAL, "machine 'qemu' has no option 'tick'" },
		{ "qemu:frames=odd", -EINVAL, "qemu: frames=odd is not" },
		{ "qemu:frames=high;seed=x", -EINVAL, "seed='x'" },
		{ "pci:frames=high", -EINVAL, "machine 'pci' has no option 'frames'" },
		{ "pci:vectors=128", -EINVAL, "machine 'pci' has no option 'vectors'" },
	};
	struct rbi_sys *sys;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(rbi_host_open(rows[i].text, &sys), rows[i].rc);
		assert_null(sys);
		assert_non_null(strstr(rb_last_error(), rows[i].detail));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_has_no_scheme_is_not_there),
		TEST(a_path_without_end_is_refused),
		cmocka_unit_test(handles_are_descriptors_of_the_process_and_end_with_the_world),
		TEST(descriptors_run_out_with_emfile_and_leak_nothing),
		TEST(what_a_scheme_has_not_is_refused_as_the_kernel_does),
		TEST(foreign_descriptors_pass_through),
		TEST(a_number_that_comes_again_behind_our_back_means_the_new_file),
		TEST(time_and_dma_reach_the_machine),
		TEST(in_a_child_of_fork_everything_answers_enodev),
		TEST(the_machine_below_a_world_can_be_asked_for),
		cmocka_unit_test(no_memory_at_any_allocation_makes_no_world),
		cmocka_unit_test(the_door_names_what_is_wrong_with_a_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
