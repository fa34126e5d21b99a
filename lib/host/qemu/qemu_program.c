/* SPDX-License-Identifier: MIT */
/* qemu_program.c - which program plays QEMU. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qemu_proc.h"

#define PROGRAM "qemu-system-x86_64"

/* 0: may be run; -EACCES: there, but not for us; -ENOENT. */
static int try_program(const char *path)
{
	struct stat st;

	if (access(path, X_OK) == 0)
		return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? 0 : -EACCES;
	return errno == EACCES ? -EACCES : -ENOENT;
}

static int search_path(const char *name, const char *path, char **out)
{
	int rc, best = -ENOENT;
	size_t len;
	char *full;

	for (; best != 0 && path; path = path[len] ? path + len + 1 : NULL) {
		len = strcspn(path, ":");
		if (len == 0)
			full = rbi_sprintf("./%s", name); /* POSIX: an empty entry is here */
		else
			full = rbi_sprintf("%.*s/%s", (int)len, path, name);
		if (!full)
			return rbi_no_memory("a path");
		rc = try_program(full);
		if (rc == 0)
			*out = full;
		else
			rbi_free(full);
		if (rc == 0 || rc == -EACCES)
			best = rc;
	}
	return best;
}

int rbi_qemu_find_program(char **out)
{
	const char *name = secure_getenv("RBDRV_QEMU");
	const char *path = getenv("PATH");
	int rc;

	*out = NULL;
	if (!name || !*name)
		name = PROGRAM;

	if (strchr(name, '/')) {
		rc = try_program(name);
		if (rc == 0 && !(*out = rbi_strdup(name)))
			return rbi_no_memory("a path");
	} else {
		rc = search_path(name, path ? path : "/usr/local/bin:/usr/bin:/bin", out);
	}

	if (rc == -ENOENT)
		return rbi_fail(-ENOTSUP,
				"QEMU is not installed: there is no '%.200s' "
				"(Debian: qemu-system-x86; or set RBDRV_QEMU)",
				name);
	if (rc == -EACCES)
		return rbi_fail(-EACCES, "'%.200s' may not be run by this process", name);
	return rc;
}
