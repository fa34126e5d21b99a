/* SPDX-License-Identifier: MIT */
/*
 * host_file.c - files and their handles.
 *
 * A handle is a real descriptor, entered in a table by its number. So numbers
 * never mean two things in a process, running out of them is the real EMFILE,
 * and a foreign descriptor is one that the table does not know.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/hosted.h"

/* Operations that a kind of file has not take what they are given and refuse, with
 * the codes of the kernel's own defaults (kernel, src/scheme/mod.rs). */
#pragma GCC diagnostic ignored "-Wunused-parameter"

ssize_t rbi_hosted_file_read_ebadf(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
				   uint64_t off)
{
	return off == RBI_ANY_OFFSET ? -EBADF : -ESPIPE;
}

ssize_t rbi_hosted_file_read_eisdir(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
				    uint64_t off)
{
	return -EISDIR;
}

ssize_t rbi_hosted_file_write_ebadf(struct rbi_hosted *h, struct rbi_file *f, const void *buf,
				    size_t len)
{
	return -EBADF;
}

int rbi_hosted_file_size_ebadf(struct rbi_hosted *h, struct rbi_file *f, uint64_t *size)
{
	return -EBADF;
}

int rbi_hosted_file_list_espipe(struct rbi_hosted *h, struct rbi_file *f, struct rbi_names *names)
{
	return -ESPIPE;
}

int rbi_hosted_file_mmap_eopnotsupp(struct rbi_hosted *h, struct rbi_file *f, size_t len,
				    unsigned int prot, unsigned int flags, uint64_t off,
				    void **base)
{
	return -EOPNOTSUPP;
}

ssize_t rbi_hosted_file_call_eopnotsupp(struct rbi_hosted *h, struct rbi_file *f, void *payload,
					size_t len, unsigned int flags, const uint64_t *meta,
					size_t nmeta)
{
	return -EOPNOTSUPP;
}

int rbi_hosted_file_descriptor(struct rbi_hosted *h, struct rbi_file *f, int from)
{
	int fd;

	if (from >= 0)
		fd = fcntl(from, F_DUPFD_CLOEXEC, 0);
	else
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return fd >= 0 ? fd : -errno;
}

void rbi_hosted_file_release(struct rbi_hosted *h, struct rbi_file *f, bool destroying)
{
	rbi_free(f);
}

/* --- the table ----------------------------------------------------------------------- */

struct rbi_handle *rbi_hosted_handle_find(struct rbi_hosted *h, int fd)
{
	return fd >= 0 && (size_t)fd < h->nhandles ? h->handles[fd] : NULL;
}

/* Room in the table for descriptor @fd. */
static int table_room(struct rbi_hosted *h, int fd)
{
	size_t room = h->nhandles ? h->nhandles : 64;
	struct rbi_handle **more;

	while (room <= (size_t)fd)
		room *= 2;
	if (room == h->nhandles)
		return 0;

	more = rbi_realloc(h->handles, room, sizeof(struct rbi_handle *));
	if (!more)
		return -ENOMEM;
	memset(more + h->nhandles, 0, (room - h->nhandles) * sizeof(struct rbi_handle *));
	h->handles = more;
	h->nhandles = room;
	return 0;
}

static void unlink_handle(struct rbi_hosted *h, struct rbi_handle *handle)
{
	struct rbi_handle **at = &handle->file->handles;

	while (*at != handle)
		at = &(*at)->next;
	*at = handle->next;
	h->handles[handle->fd] = NULL;
}

static int enter(struct rbi_hosted *h, struct rbi_file *f, int fd)
{
	struct rbi_handle *handle;
	struct rbi_handle *stale;
	struct rbi_file *orphan;

	if (table_room(h, fd) < 0)
		return -ENOMEM;
	handle = rbi_alloc(1, sizeof(*handle));
	if (!handle)
		return -ENOMEM;

	stale = h->handles[fd];
	if (stale) { /* somebody closed it behind our back, and the number came again */
		orphan = stale->file;
		unlink_handle(h, stale);
		rbi_free(stale);
		rbi_hosted_file_drop(h, orphan);
	}

	handle->file = f;
	handle->fd = fd;
	handle->next = f->handles;
	f->handles = handle;
	f->refs++;
	h->handles[fd] = handle;
	return fd;
}

static int add_handle(struct rbi_hosted *h, struct rbi_file *f, int from)
{
	int fd, rc;

	fd = f->ops->descriptor(h, f, from);
	if (fd < 0)
		return fd;
	rc = enter(h, f, fd);
	if (rc < 0)
		close(fd);
	return rc;
}

int rbi_hosted_handle_open(struct rbi_hosted *h, struct rbi_file *f, unsigned int flags)
{
	int fd;

	f->flags = flags;
	f->refs = 1; /* ours, while there is no handle */
	fd = add_handle(h, f, -1);
	rbi_hosted_file_drop(h, f);
	return fd;
}

int rbi_hosted_handle_dup(struct rbi_hosted *h, struct rbi_handle *handle)
{
	return add_handle(h, handle->file, handle->fd);
}

void rbi_hosted_handle_close(struct rbi_hosted *h, struct rbi_handle *handle)
{
	struct rbi_file *f = handle->file;

	unlink_handle(h, handle);
	close(handle->fd);
	rbi_free(handle);
	rbi_hosted_file_drop(h, f);
}

void rbi_hosted_file_hold(struct rbi_file *f)
{
	f->refs++;
}

void rbi_hosted_file_drop(struct rbi_hosted *h, struct rbi_file *f)
{
	if (--f->refs > 0)
		return;
	rbi_hosted_event_forget(h, f, false);
	f->ops->release(h, f, false);
}

void rbi_hosted_files_destroy(struct rbi_hosted *h)
{
	struct rbi_handle *handle;
	struct rbi_file *f;
	size_t fd;

	for (fd = 0; fd < h->nhandles; fd++) {
		handle = h->handles[fd];
		if (!handle)
			continue;
		f = handle->file;
		unlink_handle(h, handle);
		close(handle->fd);
		rbi_free(handle);
		if (--f->refs > 0)
			continue;
		rbi_hosted_event_forget(h, f, true);
		f->ops->release(h, f, true);
	}
	rbi_free(h->handles);
	h->handles = NULL;
	h->nhandles = 0;
}

/* --- directories --------------------------------------------------------------------- */

int rbi_hosted_names_add(struct rbi_names *names, const char *name)
{
	char(*more)[RBI_NAME_MAX];

	/* room for twice as many whenever their number is a power of two */
	if ((names->count & (names->count - 1)) == 0) {
		more = rbi_realloc(names->name, names->count ? 2 * names->count : 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		names->name = more;
	}
	snprintf(names->name[names->count++], sizeof(*names->name), "%s", name);
	return 0;
}
