/* SPDX-License-Identifier: MIT */
/*
 * host_port.c - port I/O: how a thread comes to the right to it, and the ports.
 *
 * A thread duplicates its own descriptor as "open_via_dup", which gives a handle of
 * the kernel, and calls verb 255 on it (contract 5). The kernel then opens the ports
 * to the *calling* thread, whoever's descriptor it was; so all threads may share one
 * here. A grant ends with its thread, and threads that it starts have none.
 */
#include "config.h"

#include <string.h>

#include "host/host_entry.h"

#define PROC_IOPL 255 /* ProcSchemeVerb::Iopl */

/* --- the grant ------------------------------------------------------------------------- */

static bool is_granted(struct rbi_hosted *h)
{
	return atomic_load_explicit(&h->ports_granted, memory_order_acquire) &&
	       pthread_getspecific(h->iopl) != NULL;
}

static int grant(struct rbi_hosted *h)
{
	if (!atomic_load(&h->ports_granted)) {
		if (pthread_key_create(&h->iopl, NULL) != 0)
			return -ENOMEM;
		atomic_store_explicit(&h->ports_granted, true, memory_order_release);
	}
	return pthread_setspecific(h->iopl, h) == 0 ? 0 : -ENOMEM;
}

void rbi_hosted_port_destroy(struct rbi_hosted *h)
{
	if (atomic_load(&h->ports_granted))
		pthread_key_delete(h->iopl);
}

/* --- the descriptors ------------------------------------------------------------------- */

static ssize_t kernel_call(struct rbi_hosted *h, struct rbi_file *f, void *payload, size_t len,
			   unsigned int flags, const uint64_t *meta, size_t nmeta)
{
	(void)f;
	(void)payload;
	(void)len;
	(void)flags;
	return nmeta >= 1 && meta[0] == PROC_IOPL ? grant(h) : -EINVAL;
}

/* The process manager knows other verbs for a thread, which nobody here needs. */
static ssize_t thread_call(struct rbi_hosted *h, struct rbi_file *f, void *payload, size_t len,
			   unsigned int flags, const uint64_t *meta, size_t nmeta)
{
	(void)h;
	(void)f;
	(void)payload;
	(void)len;
	(void)flags;
	(void)meta;
	(void)nmeta;
	return -EINVAL;
}

static const struct rbi_file_ops kernel_ops = {
	.read = rbi_hosted_file_read_ebadf,
	.write = rbi_hosted_file_write_ebadf,
	.size = rbi_hosted_file_size_ebadf,
	.list = rbi_hosted_file_list_espipe,
	.mmap = rbi_hosted_file_mmap_eopnotsupp,
	.call = kernel_call,
	.descriptor = rbi_hosted_file_descriptor,
	.release = rbi_hosted_file_release,
};

static const struct rbi_file_ops thread_ops = {
	.read = rbi_hosted_file_read_ebadf,
	.write = rbi_hosted_file_write_ebadf,
	.size = rbi_hosted_file_size_ebadf,
	.list = rbi_hosted_file_list_espipe,
	.mmap = rbi_hosted_file_mmap_eopnotsupp,
	.call = thread_call,
	.descriptor = rbi_hosted_file_descriptor,
	.release = rbi_hosted_file_release,
};

static int open_file(struct rbi_hosted *h, const struct rbi_file_ops *ops)
{
	struct rbi_file *f = rbi_alloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->ops = ops;
	return rbi_hosted_handle_open(h, f, RBI_O_RDWR);
}

int rbi_hosted_thread(struct rbi_sys *s)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_handle *handle;
	int rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	handle = rbi_hosted_handle_find(h, h->thread_fd);
	if (!handle || handle->file->ops != &thread_ops) /* nobody has asked, or it was closed */
		h->thread_fd = open_file(h, &thread_ops);
	rc = h->thread_fd;
	rbi_hosted_leave(h);
	return rc;
}

/* A thread's descriptor has many faces, of which this one is needed; what the other
 * schemes answer to a name is contract 1.3. */
static int dup_named(struct rbi_hosted *h, struct rbi_handle *handle, const char *name)
{
	if (name[0] == '\0')
		return rbi_hosted_handle_dup(h, handle);
	if (handle->file->ops != &thread_ops)
		return -EOPNOTSUPP;
	return strcmp(name, "open_via_dup") == 0 ? open_file(h, &kernel_ops) : -EINVAL;
}

int rbi_hosted_dup_named(struct rbi_sys *s, int fd, const char *name)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_handle *handle;
	int rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	handle = rbi_hosted_handle_find(h, fd);
	rc = handle ? dup_named(h, handle, name) : -EBADF;
	rbi_hosted_leave(h);
	return rc;
}

/* --- the ports ------------------------------------------------------------------------- */

/* May this thread make this access? What Redox would kill it for, and what is wrong
 * on any CPU of ours, is told to the machine. */
static int check(struct rbi_hosted *h, const char *verb, uint32_t port, unsigned int width)
{
	if (width != 1 && width != 2 && width != 4)
		return -EINVAL;
	if (!rbi_hosted_is_alive(h))
		return -ENODEV;
	if (!is_granted(h)) {
		rbi_hosted_violation(h,
				     "%s of %u bytes at port %#x by a thread that has not asked "
				     "for port I/O: Redox ends the process (probe 5)",
				     verb, width, port);
		return -EPERM;
	}
	if (port >= RBI_PORTS) {
		rbi_hosted_violation(h, "%s of %u bytes at offset %#x, past a window of ports",
				     verb, width, port - RBI_PORTS);
		return -ERANGE;
	}
	if (port > RBI_PORTS - width || port % width != 0) {
		rbi_hosted_violation(h, "%s of %u bytes at port %#x: misaligned", verb, width,
				     port);
		return -EINVAL;
	}
	return 0;
}

int rbi_hosted_port_in(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t *val)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	int rc = check(h, "a read", port, width);

	if (rc == 0)
		rc = h->machine->ops->port_read(h->machine, (uint16_t)port, width, val);
	if (rc < 0)
		*val = width == 1 ? UINT8_MAX : width == 2 ? UINT16_MAX : UINT32_MAX;
	return rc == RBI_MEM_ENDS_LOOP ? RBI_ENDS_LOOP : rc;
}

int rbi_hosted_port_out(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t val)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	int rc = check(h, "a write", port, width);

	return rc < 0 ? rc
		      : h->machine->ops->port_write(h->machine, (uint16_t)port, width, val);
}
