/* SPDX-License-Identifier: MIT */
/*
 * sys_redox.c - the first waist over relibc: one call each, nothing more.
 *
 * Compiled everywhere. On another host it serves a scheme root in a directory
 * ("redox:root=DIR"). The calls that only Redox has are in sys_libredox.c.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"
#include "os/sys.h"

/* Every entry takes the world it stands in; this one has no state to look up. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static ssize_t or_errno(ssize_t rc)
{
	return rc < 0 ? -errno : rc;
}

static int redox_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	int how = O_CLOEXEC;

	how |= (flags & RBI_O_RDWR) == RBI_O_RDWR ? O_RDWR : flags & RBI_O_WRONLY ? O_WRONLY : O_RDONLY;
	how |= (flags & RBI_O_NONBLOCK) ? O_NONBLOCK : 0;
#ifdef __redox__ /* what a scheme creates is no file; a directory would get one */
	how |= (flags & RBI_O_CREAT) ? O_CREAT : 0;
	how |= (flags & RBI_O_EXCL) ? O_EXCL : 0;
#endif
	how |= (flags & RBI_O_DIRECTORY) ? O_DIRECTORY : 0;
	how |= (flags & RBI_O_STAT) ? O_PATH : 0;
	return (int)or_errno(open(path, how, 0600));
}

static void redox_close(struct rbi_sys *s, int fd)
{
	close(fd);
}

static int redox_dup(struct rbi_sys *s, int fd)
{
	return (int)or_errno(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

static int redox_set_cloexec(struct rbi_sys *s, int fd)
{
	return (int)or_errno(fcntl(fd, F_SETFD, FD_CLOEXEC));
}

static ssize_t redox_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	return or_errno(read(fd, buf, len));
}

static ssize_t redox_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
#ifndef __redox__
	/* here a channel is a socket, and a peer that has gone would end us by SIGPIPE */
	ssize_t rc = send(fd, buf, len, MSG_NOSIGNAL);

	if (rc >= 0 || errno != ENOTSOCK)
		return or_errno(rc);
#endif
	return or_errno(write(fd, buf, len));
}

static ssize_t redox_pread(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off)
{
	return or_errno(pread(fd, buf, len, (off_t)off));
}

static int redox_size(struct rbi_sys *s, int fd, uint64_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*size = (uint64_t)st.st_size;
	return 0;
}

static int redox_opendir(struct rbi_sys *s, const char *path, void **dir)
{
	*dir = opendir(path);
	return *dir ? 0 : -errno;
}

static int redox_readdir(struct rbi_sys *s, void *dir, char *name, size_t size)
{
	struct dirent *entry;
	size_t len;

	errno = 0;
	entry = readdir(dir);
	if (!entry)
		return -errno; /* 0 at the end */
	len = strlen(entry->d_name);
	if (len >= size)
		return -EOVERFLOW;
	memcpy(name, entry->d_name, len + 1);
	return 1;
}

static void redox_closedir(struct rbi_sys *s, void *dir)
{
	closedir(dir);
}

static int map_at(void **base, size_t len, int prot, int how, unsigned int flags, int fd, off_t off)
{
	how |= (flags & RBI_MAP_FIXED) ? MAP_FIXED : (flags & RBI_MAP_NOREPLACE) ? MAP_FIXED_NOREPLACE : 0;
	*base = mmap(flags & (RBI_MAP_FIXED | RBI_MAP_NOREPLACE) ? *base : NULL, len, prot, how, fd, off);
	if (*base != MAP_FAILED)
		return 0;
	*base = NULL;
	return -errno;
}

static int redox_mmap(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
		      uint64_t off, void **base)
{
	int p = ((prot & RBI_PROT_READ) ? PROT_READ : 0) | ((prot & RBI_PROT_WRITE) ? PROT_WRITE : 0);

	return map_at(base, len, p, (flags & RBI_MAP_SHARED) ? MAP_SHARED : MAP_PRIVATE, flags, fd, (off_t)off);
}

static int redox_reserve(struct rbi_sys *s, size_t len, unsigned int flags, void **base)
{
	return map_at(base, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, flags, -1, 0);
}

static int redox_munmap(struct rbi_sys *s, void *base, size_t len)
{
	return (int)or_errno(munmap(base, len));
}

static int redox_pipe(struct rbi_sys *s, int fds[2])
{
	return (int)or_errno(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
}

static int64_t redox_clock(struct rbi_sys *s)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void redox_delay(struct rbi_sys *s, uint64_t ns)
{
	struct timespec left = { .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

static void redox_destroy(struct rbi_sys *s)
{
	rbi_free(s);
}

static const struct rbi_sys_ops redox_ops = {
	.open = redox_open, .close = redox_close,
	.dup = redox_dup, .dup_named = rbi_libredox_dup_named,
	.thread = rbi_libredox_thread, .set_cloexec = redox_set_cloexec,
	.read = redox_read, .write = redox_write, .pread = redox_pread, .size = redox_size,
	.opendir = redox_opendir, .readdir = redox_readdir, .closedir = redox_closedir,
	.mmap = redox_mmap, .munmap = redox_munmap, .reserve = redox_reserve, .call = rbi_libredox_call,
	.pipe = redox_pipe, .clock = redox_clock, .delay = redox_delay, .destroy = redox_destroy,
	.window = rbi_direct_window,
	.io_read = rbi_direct_io_read, .io_write = rbi_direct_io_write,
	.port_in = rbi_direct_port_in, .port_out = rbi_direct_port_out,
	.dma_publish = rbi_direct_dma_publish, .dma_observe = rbi_direct_dma_observe,
	.dma_note = rbi_direct_dma_note, .misuse = rbi_direct_misuse,
};

int rbi_sys_redox_new(struct rbi_sys **out)
{
	struct rbi_sys *s = rbi_alloc(1, sizeof(*s));

	*out = s;
	if (!s)
		return rbi_no_memory("the system");
	s->ops = &redox_ops;
	s->name = "redox";
	return 0;
}
