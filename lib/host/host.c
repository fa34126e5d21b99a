/* SPDX-License-Identifier: MIT */
/*
 * host.c - hosted Redox behind the first waist: who may call, which scheme, and
 * what stands where Redox uses an instruction.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "host/hosted.h"

#define PATH_LIMIT 4096 /* bytes of a path with its NUL, as relibc's PATH_MAX */

static struct rbi_hosted *hosted(struct rbi_sys *s)
{
	return (struct rbi_hosted *)s;
}

/* --- who may call --------------------------------------------------------------- */

/* Is this the process that made @h? A page that the kernel wipes in children says
 * so without a system call. */
static bool is_ours(const struct rbi_hosted *h)
{
	return h->ours ? *h->ours != 0 : h->pid == (long)getpid();
}

static bool is_alive(const struct rbi_hosted *h)
{
	return is_ours(h) && !atomic_load_explicit(&h->panicked, memory_order_relaxed);
}

/* Begin an entry: -ENODEV in a child and after a panic, else the lock is held. */
static int enter(struct rbi_hosted *h)
{
	if (!is_alive(h))
		return -ENODEV;
	pthread_mutex_lock(&h->lock);
	return 0;
}

static void leave(struct rbi_hosted *h)
{
	pthread_mutex_unlock(&h->lock);
}

/* Tell a sentence to the machine, and to the log. */
static void tell(struct rbi_hosted *h, enum rb_log_level level, const char *fmt, va_list args)
{
	char sentence[256];

	vsnprintf(sentence, sizeof(sentence), fmt, args);
	rbi_log(h->sys.ctx, level, "%s", sentence);
	h->machine->ops->violation(h->machine, sentence);
}

int rbi_hosted_panic(struct rbi_hosted *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(h, RB_LOG_ERROR, fmt, args);
	va_end(args);

	atomic_store(&h->panicked, true);
	rbi_hosted_event_kick(h, NULL);
	return -ENODEV;
}

void rbi_hosted_violation(struct rbi_hosted *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(h, RB_LOG_WARN, fmt, args);
	va_end(args);
}

/* --- paths ---------------------------------------------------------------------- */

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
	.mmap = rbi_hosted_file_mmap_ebadf,
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

/* The scheme root is all of the file system that there is (probe 1: what has no
 * scheme answers ENODEV). */
static int open_path(struct rbi_hosted *h, const char *path, unsigned int flags)
{
	static const char root[] = "/scheme";
	const char *name;
	size_t len, i;

	if (strnlen(path, PATH_LIMIT) == PATH_LIMIT)
		return -ENAMETOOLONG;
	if (path[0] != '/')
		return -EACCES;
	if (strncmp(path, root, sizeof(root) - 1) != 0)
		return -ENODEV;

	name = path + sizeof(root) - 1;
	if (*name == '\0' || strcmp(name, "/") == 0)
		return open_schemes(h, flags);
	if (*name++ != '/')
		return -ENODEV;

	len = strcspn(name, "/");
	for (i = 0; i < NSCHEMES; i++)
		if (strlen(schemes[i].name) == len && strncmp(name, schemes[i].name, len) == 0)
			return schemes[i].open(h, name + len, flags);
	return -ENODEV;
}

static int hosted_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	struct rbi_hosted *h = hosted(s);
	int rc = enter(h);

	if (rc < 0)
		return rc;
	rc = open_path(h, path, flags);
	leave(h);
	rbi_log(s->ctx, RB_LOG_DEBUG, "hosted: open %.200s: %d", path, rc);
	return rc;
}

/* --- descriptors ---------------------------------------------------------------- */

static void hosted_close(struct rbi_sys *s, int fd)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_handle *handle;

	if (!is_ours(h)) {
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

static int hosted_dup(struct rbi_sys *s, int fd)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_handle *handle;
	int rc = enter(h);

	if (rc < 0)
		return rc;
	handle = rbi_hosted_handle_find(h, fd);
	if (handle)
		rc = rbi_hosted_handle_dup(h, handle);
	leave(h);
	if (handle)
		return rc;
	rc = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return rc >= 0 ? rc : -errno;
}

static int hosted_set_cloexec(struct rbi_sys *s, int fd)
{
	if (!is_alive(hosted(s)))
		return -ENODEV;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0 : -errno;
}

/* The file behind @fd, held; NULL with the lock given up when @fd is foreign. */
static struct rbi_file *hold(struct rbi_hosted *h, int fd)
{
	struct rbi_handle *handle = rbi_hosted_handle_find(h, fd);

	if (!handle) {
		leave(h);
		return NULL;
	}
	rbi_hosted_file_hold(handle->file);
	return handle->file;
}

static void let_go(struct rbi_hosted *h, struct rbi_file *f)
{
	rbi_hosted_file_drop(h, f);
	leave(h);
}

static ssize_t or_errno(ssize_t rc)
{
	return rc >= 0 ? rc : -errno;
}

static ssize_t hosted_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_file *f;
	ssize_t rc = enter(h);

	if (rc < 0)
		return rc;
	f = hold(h, fd);
	if (!f)
		return or_errno(read(fd, buf, len));
	rc = f->ops->read(h, f, buf, len, RBI_ANY_OFFSET);
	let_go(h, f);
	return rc;
}

static ssize_t hosted_pread(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_file *f;
	ssize_t rc = enter(h);

	if (rc < 0)
		return rc;
	f = hold(h, fd);
	if (!f)
		return or_errno(pread(fd, buf, len, (off_t)off));
	if (off > (uint64_t)INT64_MAX) /* off_t is signed */
		rc = -EINVAL;
	else
		rc = f->ops->read(h, f, buf, len, off);
	let_go(h, f);
	return rc;
}

static ssize_t hosted_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_file *f;
	ssize_t rc = enter(h);

	if (rc < 0)
		return rc;
	f = hold(h, fd);
	if (!f)
		return or_errno(write(fd, buf, len));
	rc = f->ops->write(h, f, buf, len);
	let_go(h, f);
	return rc;
}

static int hosted_size(struct rbi_sys *s, int fd, uint64_t *size)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_file *f;
	int rc = enter(h);

	if (rc < 0)
		return rc;
	f = hold(h, fd);
	if (!f)
		return -EBADF;
	rc = f->ops->size(h, f, size);
	let_go(h, f);
	return rc;
}

static ssize_t hosted_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			   const uint64_t *meta, size_t nmeta)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_handle *handle;
	struct rbi_file *f;
	ssize_t rc = enter(h);

	if (rc < 0)
		return rc;
	f = hold(h, fd);
	if (!f)
		return -EBADF;

	if (flags & RBI_CALL_FD)
		rc = -EOPNOTSUPP;
	else if (!(flags & (RBI_CALL_READ | RBI_CALL_WRITE)))
		rc = -EINVAL; /* the kernel of August 2026 (contract 0.7) */
	else
		rc = f->ops->call(h, f, payload, len, flags, meta, nmeta);

	handle = rbi_hosted_handle_find(h, fd);
	if ((flags & RBI_CALL_CONSUME) && handle)
		rbi_hosted_handle_close(h, handle);
	let_go(h, f);
	return rc;
}

static int hosted_pipe(struct rbi_sys *s, int fds[2])
{
	if (!is_alive(hosted(s)))
		return -ENODEV;
	return pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : -errno;
}

/* --- directories ---------------------------------------------------------------- */

struct dir {
	int fd;
	bool listed;
	size_t next;
	struct rbi_names names;
};

static int hosted_opendir(struct rbi_sys *s, const char *path, void **out)
{
	struct dir *dir;
	int fd;

	*out = NULL;
	fd = hosted_open(s, path, RBI_O_RDONLY | RBI_O_DIRECTORY);
	if (fd < 0)
		return fd;

	dir = rbi_alloc(1, sizeof(*dir));
	if (!dir) {
		hosted_close(s, fd);
		return -ENOMEM;
	}
	dir->fd = fd;
	*out = dir;
	return 0;
}

static int take_list(struct rbi_hosted *h, struct dir *dir)
{
	struct rbi_file *f;
	int rc = enter(h);

	if (rc < 0)
		return rc;
	f = hold(h, dir->fd);
	if (!f)
		return -EBADF;
	rc = f->ops->list(h, f, &dir->names);
	let_go(h, f);
	dir->listed = rc == 0;
	return rc;
}

static int hosted_readdir(struct rbi_sys *s, void *opaque, char *name, size_t size)
{
	struct rbi_hosted *h = hosted(s);
	struct dir *dir = opaque;
	int rc;

	if (!is_alive(h))
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

static void hosted_closedir(struct rbi_sys *s, void *opaque)
{
	struct dir *dir = opaque;

	hosted_close(s, dir->fd);
	rbi_free(dir->names.name);
	rbi_free(dir);
}

/* --- memory --------------------------------------------------------------------- */

static int hosted_mmap(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
		       uint64_t off, void **base)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_file *f;
	int rc = enter(h);

	*base = NULL;
	if (rc < 0)
		return rc;
	f = hold(h, fd);
	if (!f)
		return -EBADF;

	if (len == 0 || len > SIZE_MAX - (RBI_PAGE - 1)) /* relibc (contract 0.3) */
		rc = -EINVAL;
	else
		rc = f->ops->mmap(h, f, (size_t)rbi_round_up(len, RBI_PAGE), prot, flags, off,
				  base);
	let_go(h, f);
	return rc;
}

static int hosted_munmap(struct rbi_sys *s, void *base, size_t len)
{
	struct rbi_hosted *h = hosted(s);
	int rc;

	if (!is_ours(h))
		return -ENODEV;
	pthread_mutex_lock(&h->lock);
	rc = rbi_hosted_memory_munmap(h, base, len);
	pthread_mutex_unlock(&h->lock);
	return rc;
}

static void hosted_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out)
{
	struct rbi_hosted *h = hosted(s);

	*out = (struct rbi_window){ 0 };
	if (enter(h) < 0)
		return;
	rbi_hosted_memory_window(h, base, len, out);
	leave(h);
}

/* What a bus gives when nobody answers. */
static uint64_t all_ones(unsigned int width)
{
	return width == 0 || width >= 8 ? UINT64_MAX : ((uint64_t)1 << width * 8) - 1;
}

static int locate(struct rbi_hosted *h, uint64_t route, uint64_t off, unsigned int width,
		  bool write, uint64_t *phys)
{
	int rc = enter(h);

	if (rc < 0)
		return rc;
	rc = rbi_hosted_memory_route(h, route, off, width, write, phys);
	leave(h);
	return rc;
}

static int hosted_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			  uint64_t *val)
{
	struct rbi_hosted *h = hosted(s);
	uint64_t phys;
	int rc;

	rc = locate(h, route, off, width, false, &phys);
	if (rc == 0)
		rc = h->machine->ops->mem_read(h->machine, phys, width, val);
	if (rc < 0)
		*val = all_ones(width);
	return rc;
}

static int hosted_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			   uint64_t val)
{
	struct rbi_hosted *h = hosted(s);
	uint64_t phys;
	int rc;

	rc = locate(h, route, off, width, true, &phys);
	return rc < 0 ? rc : h->machine->ops->mem_write(h->machine, phys, width, val);
}

static bool port_width(unsigned int width)
{
	return width == 1 || width == 2 || width == 4;
}

static int hosted_port_in(struct rbi_sys *s, uint16_t port, unsigned int width, uint32_t *val)
{
	struct rbi_hosted *h = hosted(s);
	int rc = -ENODEV;

	if (!port_width(width))
		rc = -EINVAL;
	else if (is_alive(h))
		rc = h->machine->ops->port_read(h->machine, port, width, val);
	if (rc < 0)
		*val = (uint32_t)all_ones(port_width(width) ? width : 4);
	return rc;
}

static int hosted_port_out(struct rbi_sys *s, uint16_t port, unsigned int width, uint32_t val)
{
	struct rbi_hosted *h = hosted(s);

	if (!port_width(width))
		return -EINVAL;
	if (!is_alive(h))
		return -ENODEV;
	return h->machine->ops->port_write(h->machine, port, width, val);
}

static void hosted_dma_publish(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct rbi_hosted *h = hosted(s);

	if (is_alive(h))
		h->machine->ops->dma_publish(h->machine, shadow, off, len);
}

static void hosted_dma_observe(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct rbi_hosted *h = hosted(s);

	if (is_alive(h))
		h->machine->ops->dma_observe(h->machine, shadow, off, len);
}

/* --- time ----------------------------------------------------------------------- */

static int64_t hosted_clock(struct rbi_sys *s)
{
	struct rbi_hosted *h = hosted(s);

	return is_alive(h) ? h->machine->ops->clock(h->machine) : 0;
}

static void hosted_delay(struct rbi_sys *s, uint64_t ns)
{
	struct rbi_hosted *h = hosted(s);

	if (is_alive(h))
		h->machine->ops->delay(h->machine, ns);
}

/* --- birth and end -------------------------------------------------------------- */

static void free_hosted(struct rbi_hosted *h, bool forked)
{
	rbi_hosted_files_destroy(h);
	rbi_hosted_memory_destroy(h, forked);
	rbi_hosted_pcid_destroy(h, forked);
	if (h->ready_fd >= 0)
		close(h->ready_fd);
	if (h->ours)
		munmap((void *)(uintptr_t)h->ours, RBI_PAGE);
	if (!forked) /* a child may have inherited it locked */
		pthread_mutex_destroy(&h->lock);
	rbi_free(h);
}

static void hosted_destroy(struct rbi_sys *s)
{
	struct rbi_hosted *h = hosted(s);
	struct rbi_machine *machine = h->machine;
	bool forked = !is_ours(h);

	free_hosted(h, forked);
	machine->ops->destroy(machine, forked);
}

static const struct rbi_sys_ops hosted_ops = {
	.open = hosted_open,
	.close = hosted_close,
	.dup = hosted_dup,
	.set_cloexec = hosted_set_cloexec,
	.read = hosted_read,
	.write = hosted_write,
	.pread = hosted_pread,
	.size = hosted_size,
	.opendir = hosted_opendir,
	.readdir = hosted_readdir,
	.closedir = hosted_closedir,
	.mmap = hosted_mmap,
	.munmap = hosted_munmap,
	.call = hosted_call,
	.pipe = hosted_pipe,
	.clock = hosted_clock,
	.window = hosted_window,
	.io_read = hosted_io_read,
	.io_write = hosted_io_write,
	.port_in = hosted_port_in,
	.port_out = hosted_port_out,
	.dma_publish = hosted_dma_publish,
	.dma_observe = hosted_dma_observe,
	.delay = hosted_delay,
	.destroy = hosted_destroy,
};

struct rbi_machine *rbi_hosted_machine(struct rbi_sys *sys)
{
	return sys && sys->ops == &hosted_ops ? hosted(sys)->machine : NULL;
}

static const volatile uint8_t *wiped_on_fork(void)
{
	uint8_t *page =
		mmap(NULL, RBI_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	if (madvise(page, RBI_PAGE, MADV_WIPEONFORK) < 0) { /* before Linux 4.14 */
		munmap(page, RBI_PAGE);
		return NULL;
	}
	*page = 1;
	return page;
}

static int64_t realtime_offset(struct rbi_machine *machine)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - machine->ops->clock(machine);
}

int rbi_hosted_new(struct rbi_machine *machine, const struct rbi_profile *profile, unsigned int uid,
		   struct rbi_sys **out)
{
	struct rbi_hosted *h = rbi_alloc(1, sizeof(*h));
	int rc;

	*out = NULL;
	if (!h)
		return rbi_no_memory("hosted Redox");

	h->sys.ops = &hosted_ops;
	h->sys.name = machine->name;
	h->machine = machine;
	h->profile = *profile;
	h->uid = uid;
	h->pid = (long)getpid();
	h->ours = wiped_on_fork();
	h->realtime_offset = realtime_offset(machine);
	pthread_mutex_init(&h->lock, NULL); /* cannot fail on Linux */

	h->ready_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = h->ready_fd < 0 ? rbi_fail(-ENOMEM, "hosted Redox: no descriptor: %s", strerror(errno))
			     : rbi_hosted_memory_init(h);
	if (rc < 0) {
		free_hosted(h, false);
		return rc;
	}
	rbi_hosted_irq_init(h);
	*out = &h->sys;
	return 0;
}
