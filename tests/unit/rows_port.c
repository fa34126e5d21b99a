/* SPDX-License-Identifier: MIT */
/*
 * rows_port.c - section 5 of the contract and of the probe: the right to use ports,
 * and what names a descriptor can be duplicated by.
 */
#include <pthread.h>

#include "rows.h"

#define M    "/scheme/memory/"
#define IOPL 255

static int kernel_handle(struct world *w)
{
	int fd = w->sys->ops->dup_named(w->sys, w->sys->ops->thread(w->sys), "open_via_dup");

	assert_true(fd >= 0);
	return fd;
}

static ssize_t call_verb(struct world *w, int fd, uint64_t verb)
{
	return w->sys->ops->call(w->sys, fd, NULL, 0, RBI_CALL_WRITE, &verb, 1);
}

static int port_in(struct world *w)
{
	uint32_t val = 0;
	int rc = w->sys->ops->port_in(w->sys, 0x60, 1, &val);

	assert_int_equal(val, rc < 0 ? 0xff : 0x60); /* the fake answers the port's number */
	return rc;
}

/* --- the rows ---------------------------------------------------------------------- */

static void a_threads_own_descriptor(struct world *w)
{
	int fd = w->sys->ops->thread(w->sys);

	assert_true(fd >= 0);
	assert_int_equal(w->sys->ops->thread(w->sys), fd);
}

static void opening_via_dup(struct world *w)
{
	int fd = kernel_handle(w);

	assert_int_not_equal(fd, w->sys->ops->thread(w->sys));
	w_close(w, fd);
}

static void asking_opens_the_ports(struct world *w)
{
	int fd = kernel_handle(w);

	assert_int_equal(call_verb(w, fd, IOPL), 0);
	assert_int_equal(port_in(w), 0);
	w_close(w, fd);
	assert_int_equal(port_in(w), 0);
	row_unharmed(w);
}

static void *use_on_a_thread(void *arg)
{
	return (void *)(intptr_t)port_in(arg);
}

static void later_threads_have_no_ports(struct world *w)
{
	pthread_t thread;
	void *rc;

	asking_opens_the_ports(w);
	assert_int_equal(pthread_create(&thread, NULL, use_on_a_thread, w), 0);
	assert_int_equal(pthread_join(thread, &rc), 0);
	assert_int_equal((intptr_t)rc, -EPERM);
	assert_int_equal(w->fake->violations, 1);
	w->fake->violations = 0;
	assert_int_equal(port_in(w), 0);
}

static void other_verbs_and_handles(struct world *w)
{
	int fd = kernel_handle(w);

	assert_int_equal(call_verb(w, fd, 1), -EINVAL);
	assert_int_equal(call_verb(w, w->sys->ops->thread(w->sys), IOPL), -EINVAL);
	assert_int_equal(call_verb(w, 9999, IOPL), -EBADF);
	w_close(w, fd);
}

/* Here a violation stands for the end of the process. */
static void ports_unasked(struct world *w)
{
	assert_int_equal(port_in(w), -EPERM);
	assert_int_equal(w->fake->violations, 1);
	assert_non_null(strstr(w->fake->violation, "Redox ends the process"));
	w->fake->violations = 0;
}

static void memory_has_no_other_faces(struct world *w)
{
	static const char *const kinds[] = { M "zeroed", M "physical@uc", M "translation" };
	size_t i;

	for (i = 0; i < 3; i++) {
		int fd = row_open(w, kinds[i], RDWR);

		assert_int_equal(w->sys->ops->dup_named(w->sys, fd, "x"), -EOPNOTSUPP);
		w_close(w, fd);
	}
}

static const struct row rows[] = {
	CONTRACT("1.3", "| dup, non-empty arg | EOPNOTSUPP | EOPNOTSUPP | EOPNOTSUPP",
		 memory_has_no_other_faces, ROOT),
	CONTRACT("5", "t = redox_cur_thrfd_v0() (the current thread's fd", a_threads_own_descriptor,
		 ROOT),
	CONTRACT("5", "k = redox_dup_v1(t, \"open_via_dup\", 12)", opening_via_dup, ROOT),
	CONTRACT("5", "255 = ProcSchemeVerb::Iopl; returns 0", asking_opens_the_ports, ROOT),
	CONTRACT("5", "| redox_close_v1(k)", asking_opens_the_ports, ROOT),
	CONTRACT("5", "Per thread, not inherited by threads created later",
		 later_threads_have_no_ports, ROOT),
	CONTRACT("5", "Handle of another kind or another verb → EINVAL/EBADF",
		 other_verbs_and_handles, ROOT),
	CONTRACT("5", "Ports: ordinary instructions", asking_opens_the_ports, ROOT),
	PROBE("5", "Iopl (SYS_CALL verb 255 on dup(thread fd,\"open_via_dup\")) succeeds as uid 1000",
	      asking_opens_the_ports, "uid=1000", 0),
	PROBE("5", "I/O port use without Iopl kills the process", ports_unasked, ROOT),
	PROBE("5", "then redox_sys_call_v0(fd,0,0,0,{255},1) = 0", asking_opens_the_ports, ROOT),
};

const struct row_table rows_port = ROW_TABLE(rows);
