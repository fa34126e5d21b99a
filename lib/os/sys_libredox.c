/* SPDX-License-Identifier: MIT */
/*
 * sys_libredox.c - entries of the first waist that are calls of Redox alone.
 *
 * relibc exports them and no header of its declares them (contract 10.8). Compiled
 * everywhere; on another host they answer -ENOTSUP.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "os/sys.h"

/* Every entry takes the world it stands in; this one has no state to look up. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#ifdef __redox__

/* Each answers a value, or a negative errno as the same bits, unsigned. */
size_t redox_sys_call_v0(size_t fd, void *payload, size_t len, size_t flags, const uint64_t *meta,
			 size_t nmeta);
size_t redox_cur_thrfd_v0(void);
size_t redox_dup_v1(size_t fd, const void *name, size_t len);

ssize_t rbi_libredox_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			  const uint64_t *meta, size_t nmeta)
{
	static const uint64_t none; /* the pointer must be valid even for no words */

	return (ssize_t)redox_sys_call_v0((size_t)fd, payload, len, flags, meta ? meta : &none, nmeta);
}

int rbi_libredox_thread(struct rbi_sys *s)
{
	return (int)(ssize_t)redox_cur_thrfd_v0();
}

int rbi_libredox_dup_named(struct rbi_sys *s, int fd, const char *name)
{
	return (int)(ssize_t)redox_dup_v1((size_t)fd, name, strlen(name));
}

#else

ssize_t rbi_libredox_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			  const uint64_t *meta, size_t nmeta)
{
	return -ENOTSUP;
}

int rbi_libredox_thread(struct rbi_sys *s)
{
	return -ENOTSUP;
}

int rbi_libredox_dup_named(struct rbi_sys *s, int fd, const char *name)
{
	return -ENOTSUP;
}

#endif
