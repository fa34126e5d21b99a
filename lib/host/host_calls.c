/* SPDX-License-Identifier: MIT */
/*
 * host_calls.c - the entries that are calls of libc: paths, descriptors and
 * directories. What a file does is its scheme's; this finds the file.
 */
#include "config.h"

#include <fcntl.h>
#include <string.h>

#include "host/host_entry.h"

#define PATH_LIMIT 4096 /* bytes of a path with its NUL, as relibc's PATH_MAX */

/* --- paths --------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*open)(struct rbi_hosted *h, const char *rest, unsigned int flags);
} schemes[] = {
	{ "memory", rbi_hosted_memory_open }, { "irq", rbi_hosted_irq_open },
	{ "event", rbi_hosted_event_open },   { "time", rbi_hosted_time_open },
	{ "pci", rbi_hosted_pcid_open },
};

#define NSCHEMES (sizeof(schemes) / sizeof(schemes[0]))

static int list_schemes(struct rbi_hosted *h, struct rbi_file *f, struct rbi_names *names)
{
	size_t i;
	int rc = 0;

	(void)h;
	(void)f;
	for (i = 0; i < NSCHEMES && rc == 0; i++)
		rc = rbi_hosted_names_add(names, schemes[i].name);
	return rc;
}

static const struct rbi_file_ops schemes_ops = {
	.read = rbi_hosted_file_read_eisdir,
	.write = rbi_hosted_file_write_ebadf,
	.size = rbi_hosted_file_size_ebadf,
	.list = list_schemes,
	.mmap = rbi_hosted_file_mmap_eopnotsupp,
	.call = rbi_hosted_file_call_eopnotsupp,
	.descriptor = rbi_hosted_file_descriptor,
	.release = rbi_hosted_file_release,
};

static int open_schemes(struct rbi_hosted *h, unsigned int flags)
{
	struct rbi_file *f = rbi_alloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->ops = &schemes_ops;
	return rbi_hosted_handle_open(h, f, flags);
}

/* What has no scheme answers ENODEV (probe 1). */
static int open_scheme(struct rbi_hosted *h, const char *name, size_t len, const char *rest,
		       unsigned int flags)
{
	size_t i;

	for (i = 0; i < NSCHEMES; i++)
		if (strlen(schemes[i].name) == len && strncmp(name, schemes[i].name, len) == 0)
			return schemes[i].open(h, rest, flags);
	return -ENODEV;
}

/* The old spelling "memory:physical@uc" still opens (probe 1). Any other relative path
 * stands in a working directory, where nobody may open it. */
static int open_relative(struct rbi_hosted *h, const char *path, unsigned int flags)
{
	size_t len = strcspn(path, ":/");

	if (path[0] == '\0')
		return -ENOENT;
	if (path[len] != ':')
		return -EACCES;
	return open_scheme(h, path, len, path + len + 1, flags);
}

/* The scheme root is all of the file system that there is. */
static int open_absolute(struct rbi_hosted *h, const char *path, unsigned int flags)
{
	static const char root[] = "/scheme";
	const char *name;
	size_t len;

	if (strncmp(path, root, sizeof(root) - 1) != 0)
		return -ENODEV;
	name = path + sizeof(root) - 1;
	if (*name == '\0' || strcmp(name, "/") == 0)
		return open_schemes(h, flags);
	if (*name++ != '/')
		return -ENODEV;
	len = strcspn(name, "/");
	return open_scheme(h, name, len, name + len, flags);
}

/* How many bytes the UTF-8 character at @s has; 0: it is none (RFC 3629, 4). */
static unsigned int character(const unsigned char *s)
{
	unsigned int len = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	unsigned int i;

	if (*s > 0xf4 || (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
	    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
		return 0;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80) /* also the end of the string */
			return 0;
	return len;
}

static bool is_utf8(const char *path)
{
	const unsigned char *s = (const unsigned char *)path;
	unsigned int len = 1;

	for (; *s != '\0' && len > 0; s += len)
		len = character(s);
	return len > 0;
}

static int open_path(struct rbi_hosted *h, const char *path, unsigned int flags)
{
	if (strnlen(path, PATH_LIMIT) == PATH_LIMIT)
		return -ENAMETOOLONG;
	if (!is_utf8(path)) /* contract 1.1; relibc looks before any scheme does */
		return -EINVAL;
	return path[0] == '/' ? open_absolute(h, path, flags) : open_relative(h, path, flags);
}

int rbi_hosted_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	int rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	rc = open_path(h, path, flags);
	rbi_hosted_leave(h);
	rbi_log(s->ctx, RB_LOG_DEBUG, "hosted: open %.200s: %d", path, rc);
	return rc;
}

/* --- descriptors --------------------------------------------------------------------- */

void rbi_hosted_close(struct rbi_sys *s, int fd)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_handle *handle;

	if (!rbi_hosted_is_ours(h)) {
		/* handles are closed by destroy(), the rest belongs to the child */
		if (!rbi_hosted_handle_find(h, fd))
			close(fd);
		return;
	}

	pthread_mutex_lock(&h->lock);
	handle = rbi_hosted_handle_find(h, fd);
	if (handle)
		rbi_hosted_handle_close(h, handle);
	pthread_mutex_unlock(&h->lock);
	if (!handle)
		close(fd);
}

int rbi_hosted_dup(struct rbi_sys *s, int fd)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_handle *handle;
	int rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	handle = rbi_hosted_handle_find(h, fd);
	if (handle)
		rc = rbi_hosted_handle_dup(h, handle);
	rbi_hosted_leave(h);
	if (handle)
		return rc;
	rc = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return rc >= 0 ? rc : -errno;
}

int rbi_hosted_set_cloexec(struct rbi_sys *s, int fd)
{
	if (!rbi_hosted_is_alive(rbi_hosted_of(s)))
		return -ENODEV;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0 : -errno;
}

struct rbi_file *rbi_hosted_hold(struct rbi_hosted *h, int fd)
{
	struct rbi_handle *handle = rbi_hosted_handle_find(h, fd);

	if (!handle) {
		rbi_hosted_leave(h);
		return NULL;
	}
	rbi_hosted_file_hold(handle->file);
	return handle->file;
}

void rbi_hosted_let_go(struct rbi_hosted *h, struct rbi_file *f)
{
	rbi_hosted_file_drop(h, f);
	rbi_hosted_leave(h);
}

static ssize_t or_errno(ssize_t rc)
{
	return rc >= 0 ? rc : -errno;
}

ssize_t rbi_hosted_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_file *f;
	ssize_t rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	f = rbi_hosted_hold(h, fd);
	if (!f)
		return or_errno(read(fd, buf, len));
	rc = f->ops->read(h, f, buf, len, RBI_ANY_OFFSET);
	rbi_hosted_let_go(h, f);
	return rc;
}

ssize_t rbi_hosted_pread(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_file *f;
	ssize_t rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	f = rbi_hosted_hold(h, fd);
	if (!f)
		return or_errno(pread(fd, buf, len, (off_t)off));
	if (off > (uint64_t)INT64_MAX) /* off_t is signed */
		rc = -EINVAL;
	else
		rc = f->ops->read(h, f, buf, len, off);
	rbi_hosted_let_go(h, f);
	return rc;
}

ssize_t rbi_hosted_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_file *f;
	ssize_t rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	f = rbi_hosted_hold(h, fd);
	if (!f)
		return or_errno(write(fd, buf, len));
	rc = f->ops->write(h, f, buf, len);
	rbi_hosted_let_go(h, f);
	return rc;
}

int rbi_hosted_size(struct rbi_sys *s, int fd, uint64_t *size)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_file *f;
	int rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	f = rbi_hosted_hold(h, fd);
	if (!f)
		return -EBADF;
	rc = f->ops->size(h, f, size);
	rbi_hosted_let_go(h, f);
	return rc;
}

ssize_t rbi_hosted_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			const uint64_t *meta, size_t nmeta)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_handle *handle;
	struct rbi_file *f;
	ssize_t rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	f = rbi_hosted_hold(h, fd);
	if (!f)
		return -EBADF;

	if (flags & ~(RBI_CALL_CONSUME | RBI_CALL_READ | RBI_CALL_WRITE))
		rc = -EOPNOTSUPP; /* descriptors, and verbs of file systems */
	else if (!(flags & (RBI_CALL_READ | RBI_CALL_WRITE)))
		rc = -EINVAL; /* the kernel of August 2026 (contract 0.7) */
	else
		rc = f->ops->call(h, f, payload, len, flags, meta, nmeta);

	handle = rbi_hosted_handle_find(h, fd);
	if ((flags & RBI_CALL_CONSUME) && handle)
		rbi_hosted_handle_close(h, handle);
	rbi_hosted_let_go(h, f);
	return rc;
}

int rbi_hosted_pipe(struct rbi_sys *s, int fds[2])
{
	if (!rbi_hosted_is_alive(rbi_hosted_of(s)))
		return -ENODEV;
	return pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : -errno;
}

/* --- directories --------------------------------------------------------------------- */

struct dir {
	int fd;
	bool listed;
	size_t next;
	struct rbi_names names;
};

int rbi_hosted_opendir(struct rbi_sys *s, const char *path, void **out)
{
	struct dir *dir;
	int fd;

	*out = NULL;
	fd = rbi_hosted_open(s, path, RBI_O_RDONLY | RBI_O_DIRECTORY);
	if (fd < 0)
		return fd;

	dir = rbi_alloc(1, sizeof(*dir));
	if (!dir) {
		rbi_hosted_close(s, fd);
		return -ENOMEM;
	}
	dir->fd = fd;
	*out = dir;
	return 0;
}

static int take_list(struct rbi_hosted *h, struct dir *dir)
{
	struct rbi_file *f;
	int rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	f = rbi_hosted_hold(h, dir->fd);
	if (!f)
		return -EBADF;
	rc = f->ops->list(h, f, &dir->names);
	rbi_hosted_let_go(h, f);
	dir->listed = rc == 0;
	return rc;
}

int rbi_hosted_readdir(struct rbi_sys *s, void *opaque, char *name, size_t size)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct dir *dir = opaque;
	int rc;

	if (!rbi_hosted_is_alive(h))
		return -ENODEV;
	if (!dir->listed) {
		rc = take_list(h, dir);
		if (rc < 0)
			return rc;
	}
	if (dir->next == dir->names.count)
		return 0;
	if (strlen(dir->names.name[dir->next]) >= size)
		return -EOVERFLOW;
	strcpy(name, dir->names.name[dir->next++]);
	return 1;
}

void rbi_hosted_closedir(struct rbi_sys *s, void *opaque)
{
	struct dir *dir = opaque;

	rbi_hosted_close(s, dir->fd);
	rbi_free(dir->names.name);
	rbi_free(dir);
}
