/* SPDX-License-Identifier: MIT */
/*
 * os_port.c - port I/O, and the grant that each thread needs for it (contract 5).
 *
 * Redox opens the ports to one thread at a time; one that uses them unasked takes the
 * process with it (probe 5). So every access first looks whether its thread has asked
 * in this world. A thread remembers the last world only: one that goes to and fro
 * between two asks each time, which is slow and does no harm.
 */
#include "config.h"

#include <stdatomic.h>

#include "core/detail.h"
#include "os/os_port.h"

#define PROC_IOPL 255 /* ProcSchemeVerb::Iopl */

static _Atomic uint64_t worlds; /* how many there have been */
static _Thread_local uint64_t granted; /* the serial number of the world that gave it */

uint64_t rbi_os_port_serial(void)
{
	return atomic_fetch_add(&worlds, 1) + 1;
}

/* --- the grant --------------------------------------------------------------------- */

static int dup_as_kernel_handle(struct rbi_sys *sys, int thread)
{
	unsigned int tries = 0;
	int fd;

	do
		fd = sys->ops->dup_named(sys, thread, "open_via_dup");
	while (rbi_os_interrupted(fd, &tries));
	return fd;
}

static int call_iopl(struct rbi_sys *sys, int fd)
{
	static const uint64_t verb = PROC_IOPL;
	unsigned int tries = 0;
	ssize_t rc;

	do
		rc = sys->ops->call(sys, fd, NULL, 0, RBI_CALL_WRITE, &verb, 1);
	while (rbi_os_interrupted(rc, &tries));
	return (int)rc;
}

int rbi_os_port_grant(struct rbi_os *os)
{
	struct rbi_sys *sys = os->sys;
	int thread, fd, rc;

	if (granted == os->serial)
		return 0;

	thread = sys->ops->thread(sys);
	if (thread == -ENOTSUP)
		return rbi_fail(-ENOTSUP, "there is no port I/O here");
	if (thread < 0)
		return rbi_os_fail(thread, "port I/O: looking for this thread's descriptor");
	fd = dup_as_kernel_handle(sys, thread);
	if (fd < 0)
		return rbi_os_fail(fd, "port I/O: opening this thread's kernel handle");
	/* It is open for two calls; if another thread runs exec in between and this was
	 * refused, the new program gets a handle of a thread that is no more. */
	(void)sys->ops->set_cloexec(sys, fd);
	rc = call_iopl(sys, fd);
	rbi_os_close(os, fd);
	if (rc == -EINVAL) /* it knows no such verb */
		return rbi_fail(-ENOTSUP, "port I/O: this CPU has none");
	if (rc < 0)
		return rbi_os_fail(rc, "port I/O: asking for the ports");

	granted = os->serial;
	return 0;
}

static int grant_silently(struct rbi_os *os)
{
	struct rbi_detail detail;
	int rc;

	if (granted == os->serial)
		return 0;
	rbi_detail_keep(&detail);
	rc = rbi_os_port_grant(os);
	rbi_detail_restore(&detail);
	return rc;
}

/* --- accesses ---------------------------------------------------------------------- */

/* -EACCES: a host that is only looked at. */
static int settle(int rc)
{
	if (rc >= 0)
		return 0;
	if (rc == -EINVAL || rc == -ERANGE || rc == -ENODEV)
		return rc;
	return rc == -ENOTSUP || rc == -EACCES ? rc : -EIO;
}

int rbi_os_port_in(struct rbi_os *os, uint32_t port, unsigned int width, uint32_t *val)
{
	int rc = grant_silently(os);

	if (rc < 0)
		return rc;
	rc = os->sys->ops->port_in(os->sys, port, width, val);
	return rc == RBI_ENDS_LOOP ? rc : settle(rc);
}

int rbi_os_port_out(struct rbi_os *os, uint32_t port, unsigned int width, uint32_t val)
{
	int rc = grant_silently(os);

	return rc < 0 ? rc : settle(os->sys->ops->port_out(os->sys, port, width, val));
}
