/* SPDX-License-Identifier: MIT */
/*
 * host_irq.c - /scheme/irq (contract 2, probe 3).
 *
 * Nothing runs in the background: interrupts wait in the machine until somebody
 * looks. A look *pulls*: it takes the machine's number, adds it to the counter of
 * N and tells everybody who is concerned, as the kernel does when they arrive.
 *
 * The descriptor of an interrupt handle is an epoll instance over two things:
 * the machine's descriptor of N, which is ready while interrupts wait there, and
 * a descriptor that is always ready, looked at only while the handle is *lit*,
 * that is when an interrupt was pulled by somebody else. So it is ready exactly
 * when something came since it was made that was not read through its file.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "host/hosted.h"

enum what { TOP, CPU, BSP, IRQ };

struct irq_file {
	struct rbi_file f; /* first */
	enum what what;
	unsigned int n; /* IRQ: the number; CPU: its id */
	unsigned int cpu; /* IRQ: where it was reserved */
	uint64_t ack; /* the counter as last written back */
	struct rbi_file *next; /* IRQ: of the same number */
};

static struct irq_file *irq_file(struct rbi_file *f)
{
	return (struct irq_file *)f;
}

/* --- counting ------------------------------------------------------------------------ */

/* Timer, keyboard, cascade, serial and mouse end in the kernel (contract 2.5). */
static bool is_delivered(unsigned int n)
{
	return n >= RBI_IRQ_LINES || ((1u << n) & 0xefe0u);
}

/* Make a handle's descriptor ready, or no longer by hand. */
static void light(struct rbi_hosted *h, struct rbi_handle *handle, bool on)
{
	struct epoll_event ev = { .events = on ? EPOLLIN : 0 };

	if (handle->lit == on)
		return;
	handle->lit = on;
	epoll_ctl(handle->fd, EPOLL_CTL_MOD, h->ready_fd, &ev); /* changes an entry: cannot fail */
}

static void light_file(struct rbi_hosted *h, struct rbi_file *f, bool on)
{
	struct rbi_handle *handle;

	for (handle = f->handles; handle; handle = handle->next)
		light(h, handle, on);
}

/* As rbi_hosted_irq_pull(), but @reader is about to read and need not be lit. */
static int pull(struct rbi_hosted *h, unsigned int n, const struct rbi_file *reader)
{
	struct rbi_hosted_irq *line = &h->irq[n];
	struct rbi_file *f;
	uint64_t count = 0;
	int rc;

	if (!is_delivered(n) || n >= h->irq_count)
		return 0;
	rc = h->machine->ops->irq_take(h->machine, n, &count);
	if (rc < 0 || count == 0)
		return rc;

	line->count += count;
	for (f = line->files; f; f = irq_file(f)->next) {
		if (f != reader)
			light_file(h, f, true);
		rbi_hosted_event_post(h, f, RBI_EVENT_READ, count);
	}
	return 0;
}

int rbi_hosted_irq_pull(struct rbi_hosted *h, unsigned int n)
{
	return pull(h, n, NULL);
}

/* --- read, write (contract 2.4, 2.5) ------------------------------------------------- */

static ssize_t read_count(struct rbi_hosted *h, struct rbi_file *f, void *buf)
{
	struct irq_file *irq = irq_file(f);
	int rc;

	rc = pull(h, irq->n, f);
	if (rc < 0)
		return rc;
	light_file(h, f, false);
	if (irq->ack == h->irq[irq->n].count)
		return 0;
	memcpy(buf, &h->irq[irq->n].count, sizeof(uint64_t));
	return sizeof(uint64_t);
}

static ssize_t irq_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
			uint64_t off)
{
	static const uint32_t bsp; /* its id is 0 */

	(void)off;
	switch (irq_file(f)->what) {
	case IRQ:
		return len < sizeof(uint64_t) ? -EINVAL : read_count(h, f, buf);
	case BSP:
		if (len < sizeof(uint64_t))
			return -EINVAL;
		memcpy(buf, &bsp, sizeof(bsp)); /* 4 of the 8 bytes it claims */
		return sizeof(uint64_t);
	default:
		return -EISDIR;
	}
}

static ssize_t irq_write(struct rbi_hosted *h, struct rbi_file *f, const void *buf, size_t len)
{
	struct irq_file *irq = irq_file(f);
	uint64_t value;
	int rc;

	if (irq->what != IRQ)
		return -EBADF;
	if (len < sizeof(value))
		return -EINVAL;
	memcpy(&value, buf, sizeof(value));

	rc = pull(h, irq->n, NULL);
	if (rc < 0)
		return rc;
	if (value != h->irq[irq->n].count)
		return 0; /* another one came: nothing is unmasked */
	irq->ack = value;
	if (irq->n < RBI_IRQ_LINES && is_delivered(irq->n)) {
		rc = h->machine->ops->irq_unmask(h->machine, irq->n);
		if (rc < 0)
			return rc;
	}
	return sizeof(value);
}

static int irq_size(struct rbi_hosted *h, struct rbi_file *f, uint64_t *size)
{
	(void)h;
	*size = irq_file(f)->what == IRQ || irq_file(f)->what == BSP ? sizeof(uint64_t) : 0;
	return 0;
}

/* --- listing (contract 2.2) ---------------------------------------------------------- */

static int list_cpu(struct rbi_hosted *h, unsigned int cpu, struct rbi_names *names)
{
	char name[8];
	unsigned int n;
	int rc = 0;

	if (cpu >= h->cpus) /* probe 3 */
		return rbi_hosted_panic(h,
					"/scheme/irq/cpu-%02x is listed and there is no such CPU: "
					"the kernel panics",
					cpu);
	/* vector 255 is the last there is and is never listed */
	for (n = cpu == 0 ? RBI_IRQ_LINES : 0; n < RBI_IRQ_MAX - 1 && rc == 0; n++) {
		if (h->irq[n].reserved[cpu])
			continue;
		snprintf(name, sizeof(name), "%u", n);
		rc = rbi_hosted_names_add(names, name);
	}
	return rc;
}

static int list_top(struct rbi_hosted *h, struct rbi_names *names)
{
	unsigned int cpu;
	char name[8];
	int rc;

	rc = rbi_hosted_names_add(names, "bsp");
	for (cpu = 0; cpu < h->cpus && rc == 0; cpu++) {
		snprintf(name, sizeof(name), "cpu-%02x", cpu & 0xff);
		rc = rbi_hosted_names_add(names, name);
	}
	return rc;
}

static int irq_list(struct rbi_hosted *h, struct rbi_file *f, struct rbi_names *names)
{
	switch (irq_file(f)->what) {
	case TOP:
		return list_top(h, names);
	case CPU:
		return list_cpu(h, irq_file(f)->n, names);
	default:
		return -ENOTDIR;
	}
}

/* --- descriptors --------------------------------------------------------------------- */

static int watch(int ep, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == 0 ? 0 : -errno;
}

static int make_descriptor(struct rbi_hosted *h, unsigned int n)
{
	int source = -1;
	int ep, rc;

	if (is_delivered(n) && n < h->irq_count) {
		source = h->machine->ops->irq_fd(h->machine, n);
		if (source < 0)
			return source;
		rc = pull(h, n, NULL); /* what came before is not this descriptor's */
		if (rc < 0)
			return rc;
	}

	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep < 0)
		return -errno;
	rc = watch(ep, h->ready_fd, 0);
	if (rc == 0 && source >= 0)
		rc = watch(ep, source, EPOLLIN);
	if (rc < 0) {
		close(ep);
		return rc;
	}
	return ep;
}

static int irq_descriptor(struct rbi_hosted *h, struct rbi_file *f, int from)
{
	if (irq_file(f)->what != IRQ)
		return rbi_hosted_file_descriptor(h, f, from);
	return make_descriptor(h, irq_file(f)->n);
}

static void irq_release(struct rbi_hosted *h, struct rbi_file *f, bool destroying)
{
	struct irq_file *irq = irq_file(f);
	struct rbi_file **at;

	(void)destroying;
	if (irq->what == IRQ) {
		for (at = &h->irq[irq->n].files; *at && *at != f; at = &irq_file(*at)->next)
			;
		if (*at)
			*at = irq->next;
	}
	rbi_free(irq); /* the vector stays reserved for ever (contract 2.3) */
}

static const struct rbi_file_ops irq_ops = {
	.read = irq_read,
	.write = irq_write,
	.size = irq_size,
	.list = irq_list,
	.mmap = rbi_hosted_file_mmap_eopnotsupp,
	.call = rbi_hosted_file_call_eopnotsupp,
	.descriptor = irq_descriptor,
	.release = irq_release,
};

int rbi_hosted_irq_number(const struct rbi_file *f)
{
	const struct irq_file *irq = (const struct irq_file *)f;

	if (f->ops != &irq_ops || irq->what != IRQ || !is_delivered(irq->n))
		return -1;
	return (int)irq->n;
}

/* --- open (contract 2.1, 2.3) -------------------------------------------------------- */

/* A number as Rust reads a u8: an optional '+', digits, at most 255. */
static int parse_u8(const char *s, unsigned int *n)
{
	*n = 0;
	if (*s == '+')
		s++;
	if (*s == '\0')
		return -ENOENT;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return -ENOENT;
		*n = *n * 10 + (unsigned int)(*s - '0');
		if (*n > 255)
			return -ENOENT;
	}
	return 0;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* @vector: reserve N, when that is what opening it does. */
static int check_vector(struct rbi_hosted *h, unsigned int cpu, const char *s, unsigned int flags,
			struct irq_file *irq, bool *reserve)
{
	int rc = parse_u8(s, &irq->n);

	if (rc < 0)
		return rc;
	irq->what = IRQ;
	if (cpu == 0 && irq->n < RBI_IRQ_LINES)
		return 0; /* the legacy line, whoever asks */
	if (irq->n >= RBI_IRQ_MAX)
		return -ENOENT;
	if (flags & RBI_O_STAT)
		return 0;
	if (!(flags & RBI_O_CREAT))
		return -EINVAL;
	if (cpu >= h->cpus)
		return rbi_hosted_panic(h,
					"/scheme/irq/cpu-%02x/%u is opened and there is no such "
					"CPU: the kernel panics",
					cpu, irq->n);
	if (h->irq[irq->n].reserved[cpu])
		return -EEXIST;
	irq->cpu = cpu;
	*reserve = true;
	return 0;
}

/* What follows "cpu-". */
static int check_cpu(struct rbi_hosted *h, const char *s, unsigned int flags, struct irq_file *irq,
		     bool *reserve)
{
	int high, low;

	if (s[0] == '\0' || s[1] == '\0') /* probe 3 */
		return rbi_hosted_panic(h,
					"/scheme/irq/cpu-%s has fewer than two digits: the kernel "
					"panics",
					s);
	high = s[0] == '+' ? 0 : hex(s[0]);
	low = hex(s[1]);
	if (high < 0 || low < 0)
		return -ENOENT;

	irq->what = CPU;
	irq->n = (unsigned int)(high * 16 + low);
	if (s[2] == '\0')
		return 0;
	if (s[2] != '/')
		return -ENOENT;
	return check_vector(h, irq->n, s + 3, flags, irq, reserve);
}

static int check_open(struct rbi_hosted *h, const char *rest, unsigned int flags,
		      struct irq_file *irq, bool *reserve)
{
	int rc;

	if (h->uid != 0)
		return -EACCES;
	if (*rest == '\0') {
		irq->what = TOP;
		return flags & (RBI_O_DIRECTORY | RBI_O_STAT) ? 0 : -EISDIR;
	}
	if (strcmp(rest, "bsp") == 0) {
		irq->what = BSP;
		return 0;
	}
	if (strncmp(rest, "cpu-", 4) == 0)
		return check_cpu(h, rest + 4, flags, irq, reserve);

	rc = parse_u8(rest, &irq->n);
	irq->what = IRQ;
	return rc < 0 || irq->n >= RBI_IRQ_LINES ? -ENOENT : 0;
}

/* @rest without slashes at either end, which relibc and the scheme drop. */
static int trim(const char *rest, char *name, size_t size)
{
	size_t len;

	while (*rest == '/')
		rest++;
	len = strlen(rest);
	while (len > 0 && rest[len - 1] == '/')
		len--;
	if (len >= size) /* no path of this scheme is so long */
		return -ENOENT;
	memcpy(name, rest, len);
	name[len] = '\0';
	return 0;
}

int rbi_hosted_irq_open(struct rbi_hosted *h, const char *rest, unsigned int flags)
{
	struct irq_file *irq;
	bool reserve = false;
	char name[64];
	int rc;

	rc = trim(rest, name, sizeof(name));
	if (rc < 0)
		return h->uid != 0 ? -EACCES : rc;

	irq = rbi_alloc(1, sizeof(*irq));
	if (!irq)
		return -ENOMEM;
	irq->f.ops = &irq_ops;
	rc = check_open(h, name, flags, irq, &reserve);
	if (rc < 0) {
		rbi_free(irq);
		return rc;
	}

	if (irq->what == IRQ) {
		irq->next = h->irq[irq->n].files;
		h->irq[irq->n].files = &irq->f;
		/* a kernel out of descriptors has reserved the vector already, too */
		h->irq[irq->n].reserved[irq->cpu] |= reserve;
	}
	return rbi_hosted_handle_open(h, &irq->f, flags);
}

void rbi_hosted_irq_init(struct rbi_hosted *h)
{
	struct rbi_machine *m;
	unsigned int n, cpu;
	bool never;

	h->cpus = h->profile.cpus > 0 ? h->profile.cpus : 1;
	for (m = h->machine; m; m = m->under)
		m->cpus = h->cpus;
	h->irq_count = h->machine->ops->irq_count(h->machine);
	/* 0-17 are the kernel's on the boot processor and 17 is on others, 32-35 its messages
	 * between CPUs (contract 2.2), and what the machine has not can never be had */
	for (n = 0; n < RBI_IRQ_MAX; n++) {
		never = n == 17 || (n >= 32 && n <= 35) || n >= h->irq_count;
		for (cpu = 0; cpu < RBI_HOSTED_CPUS; cpu++)
			h->irq[n].reserved[cpu] = never || (cpu == 0 && n < 18);
	}
}
