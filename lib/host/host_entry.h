/* SPDX-License-Identifier: MIT */
/*
 * host_entry.h - the entries of the first waist, by file, and how each begins.
 */
#ifndef RBI_HOST_ENTRY_H
#define RBI_HOST_ENTRY_H

#include <errno.h>
#include <unistd.h>

#include "host/hosted.h"

static inline struct rbi_hosted *rbi_hosted_of(struct rbi_sys *s)
{
	return (struct rbi_hosted *)s;
}

/* Is this the process that made @h? A page that the kernel wipes in children says
 * so without a system call. */
static inline bool rbi_hosted_is_ours(const struct rbi_hosted *h)
{
	return h->ours ? *h->ours != 0 : h->pid == (long)getpid();
}

static inline bool rbi_hosted_is_alive(const struct rbi_hosted *h)
{
	return rbi_hosted_is_ours(h) && !atomic_load_explicit(&h->panicked, memory_order_relaxed);
}

/* Begin an entry: -ENODEV in a child and after a panic, else the lock is held. */
static inline int rbi_hosted_enter(struct rbi_hosted *h)
{
	if (!rbi_hosted_is_alive(h))
		return -ENODEV;
	pthread_mutex_lock(&h->lock);
	return 0;
}

static inline void rbi_hosted_leave(struct rbi_hosted *h)
{
	pthread_mutex_unlock(&h->lock);
}

/* The file behind @fd, held; NULL with the lock given up when @fd is foreign. */
struct rbi_file *rbi_hosted_hold(struct rbi_hosted *h, int fd);
/* Drop what was held, and the lock. */
void rbi_hosted_let_go(struct rbi_hosted *h, struct rbi_file *f);

/* --- host_calls.c -------------------------------------------------------------------- */

int rbi_hosted_open(struct rbi_sys *s, const char *path, unsigned int flags);
void rbi_hosted_close(struct rbi_sys *s, int fd);
int rbi_hosted_dup(struct rbi_sys *s, int fd);
int rbi_hosted_set_cloexec(struct rbi_sys *s, int fd);
ssize_t rbi_hosted_read(struct rbi_sys *s, int fd, void *buf, size_t len);
ssize_t rbi_hosted_pread(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off);
ssize_t rbi_hosted_write(struct rbi_sys *s, int fd, const void *buf, size_t len);
int rbi_hosted_size(struct rbi_sys *s, int fd, uint64_t *size);
ssize_t rbi_hosted_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			const uint64_t *meta, size_t nmeta);
int rbi_hosted_pipe(struct rbi_sys *s, int fds[2]);
int rbi_hosted_opendir(struct rbi_sys *s, const char *path, void **out);
int rbi_hosted_readdir(struct rbi_sys *s, void *opaque, char *name, size_t size);
void rbi_hosted_closedir(struct rbi_sys *s, void *opaque);

/* --- host_touch.c -------------------------------------------------------------------- */

int rbi_hosted_mmap(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
		    uint64_t off, void **base);
int rbi_hosted_munmap(struct rbi_sys *s, void *base, size_t len);
int rbi_hosted_reserve(struct rbi_sys *s, size_t len, unsigned int flags, void **base);
void rbi_hosted_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out);
int rbi_hosted_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
		       uint64_t *val);
int rbi_hosted_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			uint64_t val);
void rbi_hosted_dma_publish(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len);
void rbi_hosted_dma_observe(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len);
void rbi_hosted_dma_note(struct rbi_sys *s, const struct rbi_dma_note *note);
void rbi_hosted_misuse(struct rbi_sys *s, const char *sentence);
int64_t rbi_hosted_clock(struct rbi_sys *s);
void rbi_hosted_delay(struct rbi_sys *s, uint64_t ns);

/* --- host_port.c --------------------------------------------------------------------- */

int rbi_hosted_thread(struct rbi_sys *s);
int rbi_hosted_dup_named(struct rbi_sys *s, int fd, const char *name);
int rbi_hosted_port_in(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t *val);
int rbi_hosted_port_out(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t val);

#endif
