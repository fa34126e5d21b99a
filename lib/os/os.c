/* SPDX-License-Identifier: MIT */
/* os.c - the scheme root, opening what is below it, and the closed set of codes. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/detail.h"
#include "os/os.h"
#include "os/os_irq.h"
#include "os/os_memory.h"
#include "os/os_pcid.h"
#include "os/os_port.h"

/* Redox has two would-block codes; this is the number of the other one (contract 0.1). */
#define REDOX_EWOULDBLOCK 41

/* A directory of a scheme with more entries than this is endless. */
#define ENTRIES_MAX 65536

/* --- codes ---------------------------------------------------------------------- */

static const struct fold {
	int err;
	int code;
	const char *name;
} folds[] = {
	{ EINVAL, EINVAL, "EINVAL" },
	{ ERANGE, ERANGE, "ERANGE" },
	{ ENOENT, ENOENT, "ENOENT" },
	{ EACCES, EACCES, "EACCES" },
	{ EBUSY, EBUSY, "EBUSY" },
	{ ENODEV, ENODEV, "ENODEV" },
	{ ENOTSUP, ENOTSUP, "ENOTSUP" },
	{ ENOMEM, ENOMEM, "ENOMEM" },
	{ EFBIG, EFBIG, "EFBIG" },
	{ EIO, EIO, "EIO" },
	{ ETIMEDOUT, ETIMEDOUT, "ETIMEDOUT" },
	{ ECANCELED, ECANCELED, "ECANCELED" },
	{ EAGAIN, EAGAIN, "EAGAIN" },
	{ EPROTO, EPROTO, "EPROTO" },
	{ EEXIST, EEXIST, "EEXIST" },
	{ EPERM, EACCES, "EPERM" },
	{ ENOLCK, EBUSY, "ENOLCK" },
	{ EALREADY, EBUSY, "EALREADY" },
	{ EWOULDBLOCK, EAGAIN, "EWOULDBLOCK" },
	{ REDOX_EWOULDBLOCK, EAGAIN, "EWOULDBLOCK" },
	{ EMFILE, ENOMEM, "EMFILE" },
	{ ENFILE, ENOMEM, "ENFILE" },
	{ ENOSYS, ENOTSUP, "ENOSYS" },
	{ EOPNOTSUPP, ENOTSUP, "EOPNOTSUPP" },
};

int rbi_os_fail(int err, const char *what_fmt, ...)
{
	char what[256];
	va_list args;
	size_t i;

	va_start(args, what_fmt);
	vsnprintf(what, sizeof(what), what_fmt, args);
	va_end(args);

	for (i = 0; i < sizeof(folds) / sizeof(folds[0]); i++)
		if (-err == folds[i].err)
			return rbi_fail(-folds[i].code, "%s: the system answers %s", what,
					folds[i].name);
	return rbi_fail(-EIO, "%s: the system answers error %d", what, -err);
}

/* --- the state of one world -------------------------------------------------------- */

/* What can fail besides memory for the world itself. */
static int init_parts(struct rbi_os *os)
{
	int rc;

	if (pthread_mutex_init(&os->phys_lock, NULL) != 0)
		return rbi_no_memory("a lock");
	rc = rbi_book_init(&os->handed_over);
	if (rc == 0) {
		rc = rbi_os_irq_init(os);
		if (rc < 0)
			rbi_book_destroy(&os->handed_over);
	}
	if (rc < 0)
		pthread_mutex_destroy(&os->phys_lock);
	return rc;
}

int rbi_os_new(struct rbi_sys *sys, const char *root, struct rbi_os **out)
{
	struct rbi_os *os;
	size_t len;
	int rc;

	*out = NULL;

	os = rbi_alloc(1, sizeof(*os));
	if (!os)
		return rbi_no_memory("a world");

	len = root ? strlen(root) : 0;
	while (len > 0 && root[len - 1] == '/')
		len--;
	os->root = rbi_strndup(len > 0 ? root : "", len);
	if (!os->root) {
		rbi_free(os);
		return rbi_no_memory("the scheme root");
	}

	rc = init_parts(os);
	if (rc < 0) {
		rbi_free(os->root);
		rbi_free(os);
		return rc;
	}

	os->sys = sys;
	os->serial = rbi_os_port_serial();
	os->client_channel = -1;
	os->dma_sees_caches = RBI_DMA_SEES_CACHES;
	atomic_init(&os->translation, -1);
	*out = os;
	return 0;
}

void rbi_os_free(struct rbi_os *os)
{
	if (!os)
		return;

	rbi_os_irq_end(os);
	rbi_pcid_client_free(os);
	rbi_os_close(os, os->client_channel);
	rbi_os_close(os, atomic_load(&os->translation));
	rbi_book_destroy(&os->handed_over);
	pthread_mutex_destroy(&os->phys_lock);
	os->sys->ops->destroy(os->sys);
	rbi_free(os->root);
	rbi_free(os);
}

/* --- paths -------------------------------------------------------------------------- */

/* The whole path, in memory of its own: @*path. */
static int scheme_path(struct rbi_os *os, const char *scheme, const char *rest, char **path)
{
	const char *slash = rest[0] != '\0' ? "/" : "";

	if (strlen(scheme) + strlen(rest) + sizeof("/scheme//") > RBI_PATH_MAX)
		return rbi_fail(-EINVAL, "/scheme/%.64s/%.64s...: the path is too long", scheme,
				rest);

	*path = rbi_sprintf("%s/scheme/%s%s%s", os->root, scheme, slash, rest);
	if (!*path)
		return rbi_no_memory("a path");
	return 0;
}

static int sys_open(struct rbi_os *os, const char *path, unsigned int flags)
{
	unsigned int tries = 0;
	int fd;

	do
		fd = os->sys->ops->open(os->sys, path, flags);
	while (rbi_os_interrupted(fd, &tries));
	return fd;
}

/*
 * Is the scheme itself absent, when opening something of it answered @err? Redox
 * says so with ENODEV (contract 0.4). In a directory that stands for a scheme
 * root, ENOENT may mean either, so look whether the scheme is there.
 */
static bool scheme_is_absent(struct rbi_os *os, const char *scheme, int err)
{
	char *path;
	int fd;

	if (err == -ENODEV)
		return true;
	if (err != -ENOENT || os->root[0] == '\0' || scheme_path(os, scheme, "", &path) < 0)
		return false;

	fd = sys_open(os, path, RBI_O_RDONLY | RBI_O_NONBLOCK);
	rbi_free(path);
	rbi_os_close(os, fd);
	return fd == -ENOENT;
}

/* Fold the refusal @err to open @path. */
static int open_failed(struct rbi_os *os, const char *scheme, const char *path, int err)
{
	if (scheme_is_absent(os, scheme, err))
		return rbi_fail(-ENOTSUP, "opening %s: there is no scheme '%s' here", path, scheme);
	return rbi_os_fail(err, "opening %s", path);
}

int rbi_os_open(struct rbi_os *os, const char *scheme, const char *rest, unsigned int flags)
{
	char *path;
	int fd;

	fd = scheme_path(os, scheme, rest, &path);
	if (fd < 0)
		return fd;

	fd = sys_open(os, path, flags);
	if (fd < 0)
		fd = open_failed(os, scheme, path, fd);

	rbi_free(path);
	return fd;
}

void rbi_os_close(struct rbi_os *os, int fd)
{
	if (fd >= 0)
		os->sys->ops->close(os->sys, fd);
}

/* --- directories ---------------------------------------------------------------------- */

static int walk(struct rbi_os *os, void *dir, const char *path,
		int (*each)(void *arg, const char *name), void *arg)
{
	char name[RBI_NAME_MAX];
	unsigned int tries = 0;
	unsigned int n;
	int rc;

	for (n = 0; n < ENTRIES_MAX; n++) {
		do
			rc = os->sys->ops->readdir(os->sys, dir, name, sizeof(name));
		while (rbi_os_interrupted(rc, &tries));
		if (rc < 0)
			return rbi_os_fail(rc, "listing %s", path);
		if (rc == 0)
			return 0;

		name[sizeof(name) - 1] = '\0';
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		rc = each(arg, name);
		if (rc != 0)
			return rc;
	}
	return rbi_fail(-EPROTO, "listing %s: more than %d entries", path, ENTRIES_MAX);
}

int rbi_os_list(struct rbi_os *os, const char *scheme, const char *rest,
		int (*each)(void *arg, const char *name), void *arg)
{
	unsigned int tries = 0;
	void *dir = NULL;
	char *path;
	int rc;

	rc = scheme_path(os, scheme, rest, &path);
	if (rc < 0)
		return rc;

	do
		rc = os->sys->ops->opendir(os->sys, path, &dir);
	while (rbi_os_interrupted(rc, &tries));
	if (rc < 0) {
		rc = open_failed(os, scheme, path, rc);
	} else {
		rc = walk(os, dir, path, each, arg);
		os->sys->ops->closedir(os->sys, dir);
	}

	rbi_free(path);
	return rc;
}

/* --- mistakes ----------------------------------------------------------------------------- */

void rbi_os_misuse(struct rbi_os *os, const char *fmt, ...)
{
	struct rbi_detail before, said;
	va_list args;

	rbi_detail_keep(&before);
	va_start(args, fmt);
	vsnprintf(said.text, sizeof(said.text), fmt, args);
	va_end(args);
	rbi_log(os->sys->ctx, RB_LOG_ERROR, "%s", said.text);
	os->sys->ops->misuse(os->sys, said.text);
	rbi_detail_restore(&before);
}

/* --- whole messages --------------------------------------------------------------------- */

/* What one call moved, @rc, against what it had to. */
static int all_or_nothing(ssize_t rc, size_t len, const char *verb, const char *what)
{
	if (rc < 0)
		return rbi_os_fail((int)rc, "%s %s", verb, what);
	if ((size_t)rc != len)
		return rbi_fail(-EPROTO, "%s %s: %zd bytes instead of %zu", verb, what, rc, len);
	return 0;
}

int rbi_os_read_exact(struct rbi_os *os, int fd, void *buf, size_t len, const char *what)
{
	unsigned int tries = 0;
	ssize_t rc;

	do
		rc = os->sys->ops->read(os->sys, fd, buf, len);
	while (rbi_os_interrupted(rc, &tries));
	return all_or_nothing(rc, len, "reading", what);
}

int rbi_os_write_exact(struct rbi_os *os, int fd, const void *buf, size_t len, const char *what)
{
	unsigned int tries = 0;
	ssize_t rc;

	do
		rc = os->sys->ops->write(os->sys, fd, buf, len);
	while (rbi_os_interrupted(rc, &tries));
	return all_or_nothing(rc, len, "writing", what);
}
