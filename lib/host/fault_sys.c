/* SPDX-License-Identifier: MIT */
/*
 * fault_sys.c - a first waist that fails when its plan says so.
 *
 * It remembers which path each descriptor came from, so that a failed read can be
 * told from another.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/fault_plan.h"
#include "os/sys.h"

#define NAMED	 256 /* descriptors below this have names */
#define LABEL 56

struct fault_sys {
	struct rbi_sys sys; /* first */
	struct rbi_fault_plan *plan;
	pthread_mutex_t lock; /* of the names */
	char name[NAMED][LABEL];
};

static struct fault_sys *of(struct rbi_sys *s)
{
	return (struct fault_sys *)s;
}

static const struct rbi_fault_answer *strike(struct rbi_sys *s, enum rbi_sys_call call)
{
	return rbi_fault_strike(of(s)->plan, RBI_WAIST_SYS, call);
}

/* --- names of descriptors ------------------------------------------------------------ */

static void name_fd(struct fault_sys *f, int fd, const char *name)
{
	if (fd < 0 || fd >= NAMED)
		return;
	pthread_mutex_lock(&f->lock);
	snprintf(f->name[fd], LABEL, "%s", name);
	pthread_mutex_unlock(&f->lock);
}

/* What @fd is, in words: @name of LABEL bytes. */
static const char *describe(struct fault_sys *f, int fd, char *name)
{
	name[0] = '\0';
	if (fd >= 0 && fd < NAMED) {
		pthread_mutex_lock(&f->lock);
		memcpy(name, f->name[fd], LABEL);
		pthread_mutex_unlock(&f->lock);
	}
	if (name[0] == '\0')
		snprintf(name, LABEL, "descriptor %d", fd);
	return name;
}

/* --- files --------------------------------------------------------------------------- */

static int fault_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_OPEN);
	int fd;

	if (answer) {
		rbi_fault_tell(of(s)->plan, "open(%.100s)", path);
		return answer->code;
	}
	fd = s->under->ops->open(s->under, path, flags);
	name_fd(of(s), fd, path);
	return fd;
}

static void fault_close(struct rbi_sys *s, int fd)
{
	name_fd(of(s), fd, "");
	s->under->ops->close(s->under, fd);
}

static int fault_dup(struct rbi_sys *s, int fd)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_DUP);
	char name[LABEL];
	int copy;

	describe(of(s), fd, name);
	if (answer) {
		rbi_fault_tell(of(s)->plan, "dup(%s)", name);
		return answer->code;
	}
	copy = s->under->ops->dup(s->under, fd);
	name_fd(of(s), copy, name);
	return copy;
}

static int fault_thread(struct rbi_sys *s)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_THREAD);
	int fd;

	if (answer)
		return answer->code;
	fd = s->under->ops->thread(s->under);
	name_fd(of(s), fd, "this thread");
	return fd;
}

static int fault_dup_named(struct rbi_sys *s, int fd, const char *name)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_DUP_NAMED);
	int copy;

	if (answer) {
		rbi_fault_tell(of(s)->plan, "dup_named(descriptor %d, %s)", fd, name);
		return answer->code;
	}
	copy = s->under->ops->dup_named(s->under, fd, name);
	name_fd(of(s), copy, name);
	return copy;
}

static int fault_set_cloexec(struct rbi_sys *s, int fd)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_SET_CLOEXEC);

	if (!answer)
		return s->under->ops->set_cloexec(s->under, fd);
	rbi_fault_tell(of(s)->plan, "set_cloexec(descriptor %d)", fd);
	return answer->code;
}

/* What a struck read says that it moved: @moved bytes came from below. */
static ssize_t moved_part(const struct rbi_fault_answer *answer, ssize_t moved)
{
	return answer->code == RBI_FAULT_SHORT && moved > 0 ? moved / 2 : moved;
}

static ssize_t fault_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_READ);
	char name[LABEL];

	if (!answer)
		return s->under->ops->read(s->under, fd, buf, len);
	rbi_fault_tell(of(s)->plan, "read(%s, %zu bytes)", describe(of(s), fd, name), len);
	if (answer->code != RBI_FAULT_SHORT)
		return answer->code;
	return moved_part(answer, s->under->ops->read(s->under, fd, buf, len));
}

static ssize_t fault_pread(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_PREAD);
	char name[LABEL];

	if (!answer)
		return s->under->ops->pread(s->under, fd, buf, len, off);
	rbi_fault_tell(of(s)->plan, "pread(%s, %zu bytes)", describe(of(s), fd, name), len);
	if (answer->code != RBI_FAULT_SHORT)
		return answer->code;
	return moved_part(answer, s->under->ops->pread(s->under, fd, buf, len, off));
}

/* Half of a message is no message: what takes it in does nothing with it. */
static ssize_t fault_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_WRITE);
	char name[LABEL];

	if (!answer)
		return s->under->ops->write(s->under, fd, buf, len);
	rbi_fault_tell(of(s)->plan, "write(%s, %zu bytes)", describe(of(s), fd, name), len);
	return answer->code == RBI_FAULT_SHORT ? (ssize_t)(len / 2) : answer->code;
}

static int fault_size(struct rbi_sys *s, int fd, uint64_t *size)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_SIZE);
	char name[LABEL];

	if (!answer)
		return s->under->ops->size(s->under, fd, size);
	rbi_fault_tell(of(s)->plan, "size(%s)", describe(of(s), fd, name));
	return answer->code;
}

/* --- directories --------------------------------------------------------------------- */

static int fault_opendir(struct rbi_sys *s, const char *path, void **dir)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_OPENDIR);

	if (!answer)
		return s->under->ops->opendir(s->under, path, dir);
	rbi_fault_tell(of(s)->plan, "opendir(%.100s)", path);
	*dir = NULL;
	return answer->code;
}

static int fault_readdir(struct rbi_sys *s, void *dir, char *name, size_t size)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_READDIR);

	return answer ? answer->code : s->under->ops->readdir(s->under, dir, name, size);
}

static void fault_closedir(struct rbi_sys *s, void *dir)
{
	s->under->ops->closedir(s->under, dir);
}

/* --- memory and calls ---------------------------------------------------------------- */

static int fault_mmap(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
		      uint64_t off, void **base)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_MMAP);
	char name[LABEL];

	if (!answer)
		return s->under->ops->mmap(s->under, fd, len, prot, flags, off, base);
	rbi_fault_tell(of(s)->plan, "mmap(%s, %zu bytes)", describe(of(s), fd, name), len);
	if (flags & RBI_MAP_FIXED) /* as Redox, which unmaps before it allocates */
		s->under->ops->munmap(s->under, *base, len);
	*base = NULL;
	return answer->code;
}

static int fault_munmap(struct rbi_sys *s, void *base, size_t len)
{
	return s->under->ops->munmap(s->under, base, len);
}

static int fault_reserve(struct rbi_sys *s, size_t len, unsigned int flags, void **base)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_RESERVE);

	if (!answer)
		return s->under->ops->reserve(s->under, len, flags, base);
	rbi_fault_tell(of(s)->plan, "reserve(%zu bytes)", len);
	*base = NULL;
	return answer->code;
}

static ssize_t fault_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			  const uint64_t *meta, size_t nmeta)
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_CALL);
	char name[LABEL];

	if (!answer)
		return s->under->ops->call(s->under, fd, payload, len, flags, meta, nmeta);
	rbi_fault_tell(of(s)->plan, "call(%s)", describe(of(s), fd, name));
	return answer->code;
}

static int fault_pipe(struct rbi_sys *s, int fds[2])
{
	const struct rbi_fault_answer *answer = strike(s, RBI_SYS_PIPE);
	int rc;

	if (answer)
		return answer->code;
	rc = s->under->ops->pipe(s->under, fds);
	if (rc == 0) {
		name_fd(of(s), fds[0], "a pipe");
		name_fd(of(s), fds[1], "a pipe");
	}
	return rc;
}

/* --- what cannot fail, or fails below ------------------------------------------------ */

static int fault_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			 uint64_t *val)
{
	return s->under->ops->io_read(s->under, route, off, width, val);
}

static int fault_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			  uint64_t val)
{
	return s->under->ops->io_write(s->under, route, off, width, val);
}

static int fault_port_in(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t *val)
{
	return s->under->ops->port_in(s->under, port, width, val);
}

static int fault_port_out(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t val)
{
	return s->under->ops->port_out(s->under, port, width, val);
}

static int64_t fault_clock(struct rbi_sys *s)
{
	return s->under->ops->clock(s->under);
}

static void fault_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out)
{
	s->under->ops->window(s->under, base, len, out);
}

static void fault_dma_publish(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	s->under->ops->dma_publish(s->under, shadow, off, len);
}

static void fault_dma_observe(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	s->under->ops->dma_observe(s->under, shadow, off, len);
}

static void fault_dma_note(struct rbi_sys *s, const struct rbi_dma_note *note)
{
	s->under->ops->dma_note(s->under, note);
}

static void fault_misuse(struct rbi_sys *s, const char *sentence)
{
	s->under->ops->misuse(s->under, sentence);
}

static void fault_delay(struct rbi_sys *s, uint64_t ns)
{
	s->under->ops->delay(s->under, ns);
}

static void fault_destroy(struct rbi_sys *s)
{
	s->under->ops->destroy(s->under);
	pthread_mutex_destroy(&of(s)->lock);
	rbi_free(s);
}

static const struct rbi_sys_ops fault_ops = {
	.open = fault_open,
	.close = fault_close,
	.dup = fault_dup,
	.thread = fault_thread,
	.dup_named = fault_dup_named,
	.set_cloexec = fault_set_cloexec,
	.read = fault_read,
	.write = fault_write,
	.pread = fault_pread,
	.size = fault_size,
	.opendir = fault_opendir,
	.readdir = fault_readdir,
	.closedir = fault_closedir,
	.mmap = fault_mmap,
	.munmap = fault_munmap,
	.reserve = fault_reserve,
	.call = fault_call,
	.pipe = fault_pipe,
	.clock = fault_clock,
	.window = fault_window,
	.io_read = fault_io_read,
	.io_write = fault_io_write,
	.port_in = fault_port_in,
	.port_out = fault_port_out,
	.dma_publish = fault_dma_publish,
	.dma_observe = fault_dma_observe,
	.dma_note = fault_dma_note,
	.misuse = fault_misuse,
	.delay = fault_delay,
	.destroy = fault_destroy,
};

int rbi_fault_sys(struct rbi_fault_plan *plan, struct rbi_sys **world)
{
	struct fault_sys *f = rbi_alloc(1, sizeof(*f));

	if (!f)
		return rbi_no_memory("a world that fails");
	pthread_mutex_init(&f->lock, NULL); /* cannot fail on Linux */
	f->sys.ops = &fault_ops;
	f->sys.name = (*world)->name;
	f->sys.ours = (*world)->ours;
	f->sys.under = *world;
	f->plan = plan;
	*world = &f->sys;
	return 0;
}
