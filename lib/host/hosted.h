/* SPDX-License-Identifier: MIT */
/*
 * hosted.h - hosted Redox: the schemes of Redox, served inside the process.
 *
 * struct rbi_hosted implements the first waist (os/sys.h) on top of the second
 * (host/machine.h). Entries answer what a Redox kernel and its pcid answer, as
 * raw negative errnos, errors and oddities included: a hosted scheme that is
 * kinder than the real one is a bug in it. Where hosted Redox cannot do what the
 * real one does it refuses aloud. The places: an event queue inside another event
 * queue and a read of one into less than a record, plain "zeroed" memory translated to
 * frames, contiguous memory that is not for reading and writing both, memory put
 * (MAP_FIXED) over registers or over a part of a contiguous block, the translation of a
 * page past the first 16 MiB of a mapping that was touched, and CPUs other than
 * the first. What is silently different: signals do not end the read of a queue;
 * descriptors that are not of a scheme post as Linux sees them (host_event.c); an
 * interrupt's descriptor in somebody's own epoll instance shows no stale entries; and
 * pcid lists every function that the machine has, also one whose function 0 is absent.
 *
 * Names.   A *file* is what POSIX calls an open file description: one open() of
 *          one path. A *handle* is a descriptor that stands for it; dup() adds
 *          handles to a file. Every handle is a real descriptor of the process.
 * Locks.   One mutex guards everything here. Order: hosted lock, then the
 *          machine's own. It is held while the machine is called, except around
 *          wait(), delay(), port and memory accesses and the moving of DMA bytes.
 * Panic.   What takes a Redox machine down (physical address 0, a malformed CPU
 *          name) is told to the machine as a violation; from then on every call
 *          answers -ENODEV and registers read all-ones. Releasing still works.
 * Fork.    In a child every call answers -ENODEV, and destroy() frees memory and
 *          closes descriptors without a word to the machine's other side.
 */
#ifndef RBI_HOST_HOSTED_H
#define RBI_HOST_HOSTED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/core.h"
#include "host/machine.h"
#include "host/host_span.h"
#include "host/profile.h"
#include "os/sys.h"

#define RBI_ANY_OFFSET UINT64_MAX /* read() and write(): what a server sees as offset */

#define RBI_EVENT_READ	1u /* flags of an event record (contract 3.1) */
#define RBI_EVENT_WRITE 2u

struct rbi_file;
struct rbi_hosted;
struct rbi_hosted_reg; /* host_event.c: one registration in an event queue */
struct rbi_hosted_queue; /* host_event.c */
struct rbi_hosted_time; /* host_time.c */
struct rbi_pci_server; /* host_pcid.c */
struct rbi_hosted_map; /* host_map_inner.h: one mmap() */
struct rbi_frames; /* host_frames.h */

/* A directory's entries, taken at one moment. */
struct rbi_names {
	char (*name)[RBI_NAME_MAX];
	size_t count;
};

/*
 * What the files of one kind do. The hosted lock is held in all of them; read may
 * give it up while it sleeps. @off is RBI_ANY_OFFSET for read().
 */
struct rbi_file_ops {
	ssize_t (*read)(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
			uint64_t off);
	ssize_t (*write)(struct rbi_hosted *h, struct rbi_file *f, const void *buf, size_t len);
	int (*size)(struct rbi_hosted *h, struct rbi_file *f, uint64_t *size);
	int (*list)(struct rbi_hosted *h, struct rbi_file *f, struct rbi_names *names);
	int (*mmap)(struct rbi_hosted *h, struct rbi_file *f, size_t len, unsigned int prot,
		    unsigned int flags, uint64_t off, void **base);
	ssize_t (*call)(struct rbi_hosted *h, struct rbi_file *f, void *payload, size_t len,
			unsigned int flags, const uint64_t *meta, size_t nmeta);
	/* A new descriptor for @f: at open @from is -1, at dup the one duplicated. */
	int (*descriptor)(struct rbi_hosted *h, struct rbi_file *f, int from);
	/* The last handle is gone: free @f and what is its own. @destroying: the
	 * whole world goes, so others need not be told. */
	void (*release)(struct rbi_hosted *h, struct rbi_file *f, bool destroying);
};

struct rbi_handle {
	struct rbi_file *file;
	struct rbi_handle *next; /* of the same file */
	int fd;
	bool lit; /* irq: its descriptor was made ready by hand */
};

/* Every kind of file embeds this first. */
struct rbi_file {
	const struct rbi_file_ops *ops;
	struct rbi_handle *handles;
	struct rbi_hosted_reg *regs; /* registrations in event queues */
	unsigned int refs; /* handles and calls under way */
	unsigned int flags; /* of the open */
};

#define RBI_HOSTED_CPUS 8 /* the most that option cpus= gives */

/* One interrupt number (contract 2.5). */
struct rbi_hosted_irq {
	uint64_t count; /* interrupts since the start */
	bool reserved[RBI_HOSTED_CPUS]; /* on a CPU; never given back (contract 2.3) */
	struct rbi_file *files; /* open on this number; linked in host_irq.c */
};

struct rbi_hosted {
	struct rbi_sys sys; /* first */
	struct rbi_machine *machine;
	struct rbi_profile profile;
	unsigned int uid;
	pthread_mutex_t lock;
	_Atomic bool panicked;

	long pid;
	const volatile uint8_t *ours; /* a page that reads 0 in a child of fork(); or NULL */

	struct rbi_handle **handles; /* by descriptor */
	size_t nhandles;
	int ready_fd; /* always readable; lights irq handles and queues */

	struct rbi_hosted_irq irq[RBI_IRQ_MAX];
	unsigned int irq_count;
	unsigned int cpus; /* their local APIC ids are 0 and up, as are their names */

	struct rbi_hosted_queue *queues;
	uint64_t next_reg;
	struct rbi_hosted_time *times;
	int64_t realtime_offset; /* CLOCK_REALTIME minus the machine's clock */

	struct rbi_spans maps; /* by where this process sees them */
	struct rbi_hosted_map **routes; /* the routed ones by slot; NULL: free */
	size_t nroutes;
	size_t routes_from; /* no slot before this one is free */
	struct rbi_frames *frames;

	struct rbi_pci_server *pcid; /* starts when first looked at */

	int thread_fd; /* what every thread is told to be its descriptor; -1: nobody asked */
	_Atomic bool ports_granted; /* to any thread; from then on there is a key */
	pthread_key_t iopl; /* not NULL in threads that were granted port I/O */
};

/*
 * Serve Redox on @machine: takes it over on success. @uid is the user that calls
 * come from.
 */
int rbi_hosted_new(struct rbi_machine *machine, const struct rbi_profile *profile, unsigned int uid,
		   struct rbi_sys **out);

/* --- host.c -------------------------------------------------------------------------- */

/* The kernel would panic: tell the machine, remember it, and answer -ENODEV. */
int rbi_hosted_panic(struct rbi_hosted *h, const char *fmt, ...) RBI_PRINTF(2, 3);
/* A driver's mistake that is not the end of the world: tell the machine. */
void rbi_hosted_violation(struct rbi_hosted *h, const char *fmt, ...) RBI_PRINTF(2, 3);

/* --- host_file.c --------------------------------------------------------------------- */

/* Absent operations, by the code they answer; what cannot be read at all says
 * -ESPIPE to pread(). */
ssize_t rbi_hosted_file_read_ebadf(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
				   uint64_t off);
ssize_t rbi_hosted_file_read_eisdir(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
				    uint64_t off);
ssize_t rbi_hosted_file_write_ebadf(struct rbi_hosted *h, struct rbi_file *f, const void *buf,
				    size_t len);
int rbi_hosted_file_size_ebadf(struct rbi_hosted *h, struct rbi_file *f, uint64_t *size);
/* A file without entries: relibc then tries to pread() them (probe, section A). */
int rbi_hosted_file_list_espipe(struct rbi_hosted *h, struct rbi_file *f, struct rbi_names *names);
int rbi_hosted_file_mmap_eopnotsupp(struct rbi_hosted *h, struct rbi_file *f, size_t len,
				    unsigned int prot, unsigned int flags, uint64_t off,
				    void **base);
ssize_t rbi_hosted_file_call_eopnotsupp(struct rbi_hosted *h, struct rbi_file *f, void *payload,
					size_t len, unsigned int flags, const uint64_t *meta,
					size_t nmeta);
/* An eventfd that is never ready; dup() for another handle. */
int rbi_hosted_file_descriptor(struct rbi_hosted *h, struct rbi_file *f, int from);
/* Free a file that owns nothing else. */
void rbi_hosted_file_release(struct rbi_hosted *h, struct rbi_file *f, bool destroying);

/* The handle behind @fd, or NULL. */
struct rbi_handle *rbi_hosted_handle_find(struct rbi_hosted *h, int fd);
/* A first handle for the new file @f, which is released when there can be none. */
int rbi_hosted_handle_open(struct rbi_hosted *h, struct rbi_file *f, unsigned int flags);
int rbi_hosted_handle_dup(struct rbi_hosted *h, struct rbi_handle *handle);
void rbi_hosted_handle_close(struct rbi_hosted *h, struct rbi_handle *handle);
/* Keep @f alive across a call that gives the lock up. */
void rbi_hosted_file_hold(struct rbi_file *f);
void rbi_hosted_file_drop(struct rbi_hosted *h, struct rbi_file *f);
/* Close every handle and release every file, the world's end. */
void rbi_hosted_files_destroy(struct rbi_hosted *h);

/* Append a name: 0 or -ENOMEM. */
int rbi_hosted_names_add(struct rbi_names *names, const char *name);

/* --- the schemes --------------------------------------------------------------------- */
/* Each opens @rest: what follows "/scheme/NAME", with its leading '/', or "NAME:".
 * A descriptor, or what the scheme says. */

int rbi_hosted_memory_open(struct rbi_hosted *h, const char *rest, unsigned int flags);
int rbi_hosted_irq_open(struct rbi_hosted *h, const char *rest, unsigned int flags);
int rbi_hosted_event_open(struct rbi_hosted *h, const char *rest, unsigned int flags);
int rbi_hosted_time_open(struct rbi_hosted *h, const char *rest, unsigned int flags);
int rbi_hosted_pcid_open(struct rbi_hosted *h, const char *rest, unsigned int flags);

/* host_memory.c */
int rbi_hosted_memory_init(struct rbi_hosted *h);
void rbi_hosted_memory_destroy(struct rbi_hosted *h, bool forked);
int rbi_hosted_memory_munmap(struct rbi_hosted *h, void *base, size_t len);
void rbi_hosted_memory_window(struct rbi_hosted *h, void *base, size_t len, struct rbi_window *out);
/* The physical address behind @off bytes into @route, for an access of @width:
 * 0, or -EINVAL with a violation told. */
int rbi_hosted_memory_route(struct rbi_hosted *h, uint64_t route, uint64_t off, unsigned int width,
			    bool write, uint64_t *phys);

/* host_irq.c */
void rbi_hosted_irq_init(struct rbi_hosted *h);
/* Take what the machine has for @n: count it, light other handles, post events. */
int rbi_hosted_irq_pull(struct rbi_hosted *h, unsigned int n);
/* The number a file stands for, or -1 when it is not an interrupt that can come. */
int rbi_hosted_irq_number(const struct rbi_file *f);

/* host_event.c */
/* Post @n entries with @flags to every queue that @f is registered in. */
void rbi_hosted_event_post(struct rbi_hosted *h, struct rbi_file *f, unsigned int flags,
			   uint64_t n);
/* Let sleepers of the queues that @f is registered in look again; NULL: all queues. */
void rbi_hosted_event_kick(struct rbi_hosted *h, struct rbi_file *f);
/* @f is going: its registrations vanish, its queued entries stay. @destroying: so
 * is everything, and queues are left alone. */
void rbi_hosted_event_forget(struct rbi_hosted *h, struct rbi_file *f, bool destroying);

/* host_time.c */
/* Post what has expired. */
void rbi_hosted_time_expire(struct rbi_hosted *h);
/* When the next timer of @f expires on the machine's clock; INT64_MAX: none, or @f is
 * no clock. */
int64_t rbi_hosted_time_deadline(const struct rbi_file *f);

/* host_port.c */
void rbi_hosted_port_destroy(struct rbi_hosted *h);

/* host_pcid.c */
void rbi_hosted_pcid_destroy(struct rbi_hosted *h, bool forked);

#endif
