/* SPDX-License-Identifier: MIT */
/*
 * sys.h - the first waist: what the operating system does for us.
 *
 * One entry is one libc (or redox_*) call and nothing more: whatever can be
 * got wrong (paths, flags, framing, drain loops) is above, in lib/os, and so
 * is the same code on Redox and over hosted Redox. sys_redox.c forwards to
 * relibc; hosted Redox (lib/host) serves the same calls inside the process
 * and rejects what Redox rejects.
 *
 * Every entry is present in every table. Entries answer 0, a count or a
 * handle, or the negative errno *as the system gave it*: lib/os folds those
 * into the closed set (see os.h). Strings and buffers belong to the caller.
 * All entries may be called from any thread, several at once.
 *
 * Handles are real file descriptors of this process in both worlds, so one
 * number never means two things, and pipes of ours stand in the same event
 * queues as the handles of a scheme.
 */
#ifndef RBI_OS_SYS_H
#define RBI_OS_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct rbi_dma_note; /* core/dma_note.h */
struct rbi_sys;

/* Open flags by name; Redox numbers them unlike Linux (contract 0.2). */
enum rbi_open_flag {
	RBI_O_RDONLY = 1u << 0,
	RBI_O_WRONLY = 1u << 1,
	RBI_O_RDWR = RBI_O_RDONLY | RBI_O_WRONLY,
	RBI_O_NONBLOCK = 1u << 2,
	RBI_O_CREAT = 1u << 3,
	RBI_O_EXCL = 1u << 4,
	RBI_O_DIRECTORY = 1u << 5,
	RBI_O_STAT = 1u << 6, /* Redox O_STAT = O_PATH; lib/os never passes it, hosted tests do */
};			      /* O_CLOEXEC is always set: no handle of ours survives exec */

enum rbi_prot { RBI_PROT_READ = 1u << 0, RBI_PROT_WRITE = 1u << 1 };

enum rbi_map_flag {
	RBI_MAP_SHARED = 1u << 0,
	RBI_MAP_PRIVATE = 1u << 1,
	RBI_MAP_FIXED = 1u << 2, /* at *base, in place of what is mapped there */
	RBI_MAP_NOREPLACE = 1u << 3, /* reserve: at *base, -EEXIST if anything is there */
};

/* Flags of SYS_CALL (contract 0.7); the values are Redox's own. */
#define RBI_CALL_CONSUME (1u << 8)
#define RBI_CALL_WRITE (1u << 9)
#define RBI_CALL_READ (1u << 10)
#define RBI_CALL_FD (1u << 11)

/* A "port" of port_in and port_out from here on is none: an access that lay past its
 * window, port - RBI_PORTS bytes into it. Shown so that a strict world can see it. */
#define RBI_PORTS 0x10000u

/* Longest directory entry name handed out by readdir, with its NUL. */
#define RBI_NAME_MAX 256

#define RBI_ENDS_LOOP 1 /* an answer of io_read and port_in */

/* How the bytes of a mapping may be reached. */
struct rbi_window {
	uint64_t direct; /* bytes from base that plain loads and stores may touch */
	uint64_t route;	 /* token for io_read/io_write on the rest; 0: none */
	uint32_t shadow; /* token for dma_publish/dma_observe; 0: a fence is enough */
	uint64_t shadow_off; /* where base lies in what that token stands for */
};

struct rbi_sys_ops {
	/* open(2) with O_CLOEXEC: a descriptor >= 0. @path is absolute. */
	int (*open)(struct rbi_sys *s, const char *path, unsigned int flags);
	/* close(2). Cannot usefully fail. */
	void (*close)(struct rbi_sys *s, int fd);
	/* fcntl(F_DUPFD_CLOEXEC): another descriptor for the same description. */
	int (*dup)(struct rbi_sys *s, int fd);
	/* redox_cur_thrfd_v0(): the calling thread's own descriptor. libc's, so never
	 * to be closed. */
	int (*thread)(struct rbi_sys *s);
	/* redox_dup_v1(): what the server behind @fd makes of @name, a new descriptor
	 * that is not yet close-on-exec. */
	int (*dup_named)(struct rbi_sys *s, int fd, const char *name);
	/* fcntl(F_SETFD, FD_CLOEXEC), for a descriptor inherited over exec. */
	int (*set_cloexec)(struct rbi_sys *s, int fd);
	/* read(2), write(2), pread(2). */
	ssize_t (*read)(struct rbi_sys *s, int fd, void *buf, size_t len);
	ssize_t (*write)(struct rbi_sys *s, int fd, const void *buf, size_t len);
	ssize_t (*pread)(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off);
	/* lseek(fd, 0, SEEK_END)-like: fstat(2)'s st_size. */
	int (*size)(struct rbi_sys *s, int fd, uint64_t *size);

	/* opendir(3), readdir(3), closedir(3). readdir answers 1 with a name of at
	 * most RBI_NAME_MAX - 1 bytes, 0 at the end; "." and ".." may appear. */
	int (*opendir)(struct rbi_sys *s, const char *path, void **dir);
	int (*readdir)(struct rbi_sys *s, void *dir, char *name, size_t size);
	void (*closedir)(struct rbi_sys *s, void *dir);

	/* mmap(2), munmap(2). With RBI_MAP_FIXED *base says where; without it the system
	 * chooses and *base is ignored. A failed one may have unmapped what was there: Redox
	 * does so before it allocates. Physical mappings are put elsewhere (contract 1.4). On
	 * failure *base is NULL. */
	int (*mmap)(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
		    uint64_t off, void **base);
	int (*munmap)(struct rbi_sys *s, void *base, size_t len);
	/* mmap(2) of @len bytes that nobody may touch, anonymous and private: address space
	 * only. @flags 0, RBI_MAP_FIXED or RBI_MAP_NOREPLACE. */
	int (*reserve)(struct rbi_sys *s, size_t len, unsigned int flags, void **base);
	/* redox_sys_call_v0(): SYS_CALL on @fd; @nmeta words of metadata. */
	ssize_t (*call)(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			const uint64_t *meta, size_t nmeta);

	/* pipe2(O_CLOEXEC | O_NONBLOCK): fds[0] reads, fds[1] writes. */
	int (*pipe)(struct rbi_sys *s, int fds[2]);
	/* clock_gettime(CLOCK_MONOTONIC) in nanoseconds; may step back (probe 7). */
	int64_t (*clock)(struct rbi_sys *s);

	/* The rest stands where Redox uses an instruction, not a call. */

	/* What of mmap's answer [base, base + len) may be touched. On Redox all
	 * of it; 0 bytes where hosted mmap returned a PROT_NONE reservation. */
	void (*window)(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out);
	/* One routed register access, @off bytes into the mapping of @route, @width
	 * 1, 2, 4 or 8. -ENODEV: the device is gone and *val is all-ones. -EINVAL:
	 * misaligned. RBI_ENDS_LOOP: a strict world has seen a device that is gone being
	 * read for ever, and *val shall end that. -ENOTSUP on Redox, where nothing is
	 * routed. */
	int (*io_read)(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
		       uint64_t *val);
	int (*io_write)(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			uint64_t val);
	/* in and out instructions; @width 1, 2 or 4. The calling thread needs the grant
	 * of contract 5, or Redox ends the process. Without an instruction: -EINVAL for a
	 * misaligned port, -ERANGE for one past the last (see RBI_PORTS), -ENOTSUP where
	 * the CPU has no ports. *val means nothing then. port_in may answer RBI_ENDS_LOOP
	 * as io_read does. */
	int (*port_in)(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t *val);
	int (*port_out)(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t val);
	/* Make CPU stores in [off, off + len) of a DMA block visible to the device,
	 * or the device's writes visible to the CPU. A fence where memory is one. */
	void (*dma_publish)(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len);
	void (*dma_observe)(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len);
	/* What a driver says of DMA memory, and what it did wrong, in a sentence: a strict
	 * world checks the one and records the other, every other ignores both. */
	void (*dma_note)(struct rbi_sys *s, const struct rbi_dma_note *note);
	void (*misuse)(struct rbi_sys *s, const char *sentence);
	/* Let @ns nanoseconds pass. */
	void (*delay)(struct rbi_sys *s, uint64_t ns);

	/* Give everything back. In a child of fork() frees memory and closes
	 * descriptors, and touches nothing shared with the parent. */
	void (*destroy)(struct rbi_sys *s);
};

/* A world embeds this first. */
struct rbi_sys {
	const struct rbi_sys_ops *ops;
	const char *name;  /* "redox", "mock", "qemu": for messages */
	struct rbi_sys *under; /* what a decorator forwards to; NULL in a world itself */
	struct rb_ctx *ctx; /* set by the context once it exists, for the log */
	/* A byte that reads 0 in a child of fork(), so that accessors need not ask the
	 * kernel whose process this is; NULL where there is no such thing. */
	const volatile uint8_t *ours;
};

/*
 * The operating system itself: relibc on Redox. On another host the redox_*
 * entries answer -ENOTSUP, and the rest serves a scheme root in a directory.
 */
int rbi_sys_redox_new(struct rbi_sys **out);

/* Entries that are calls of Redox alone (sys_libredox.c). */
ssize_t rbi_libredox_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			  const uint64_t *meta, size_t nmeta);
int rbi_libredox_thread(struct rbi_sys *s);
int rbi_libredox_dup_named(struct rbi_sys *s, int fd, const char *name);

/* Entries for a world whose mappings are plain memory (sys_direct.c). */
void rbi_direct_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out);
int rbi_direct_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
		       uint64_t *val);
int rbi_direct_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			uint64_t val);
int rbi_direct_port_in(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t *val);
int rbi_direct_port_out(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t val);
void rbi_direct_dma_publish(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len);
void rbi_direct_dma_observe(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len);
void rbi_direct_dma_note(struct rbi_sys *s, const struct rbi_dma_note *note);
void rbi_direct_misuse(struct rbi_sys *s, const char *sentence);

#endif
