/* SPDX-License-Identifier: MIT */
/*
 * qemu_start.c - from a machine string to hardware that answers.
 *
 * Order: options, program, command line; RAM, firmware and sockets; the thread and
 * by it the process; then, over qtest, the machine is put together as firmware would,
 * and the last message vector is rung until it answers.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qemu.h"

#define FIRMWARE_SIZE 0x10000
#define END_MS	      2000 /* to reap a process that is being killed */
#define RING_MS	      2 /* between two tries of the self-test */

/* --- what QEMU gets ---------------------------------------------------------------------- */

/* A sealed file in memory: neither side can shrink it under the other's feet. One past
 * the limit of file sizes would end the process by a signal. */
static int make_memory(const char *name, uint64_t size, int *fd)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size)
		return rbi_fail(-ENOMEM, "%llu bytes of memory for QEMU: files may have %llu",
				(unsigned long long)size, (unsigned long long)limit.rlim_cur);
	*fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0)
		return rbi_fail(-ENOMEM, "no memory file for QEMU: errno %d", errno);
	if (ftruncate(*fd, (off_t)size) < 0 ||
	    fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return rbi_fail(-ENOMEM, "%llu bytes of memory for QEMU: errno %d",
				(unsigned long long)size, errno);
	return 0;
}

/* The CPU stays parked: cli, hlt, and back to hlt (qemu-notes 1.1). */
static int make_firmware(int *fd)
{
	static const unsigned char park[] = { 0xfa, 0xf4, 0xeb, 0xfd };
	int rc = make_memory("rbdrv-firmware", FIRMWARE_SIZE, fd);

	if (rc == 0 && pwrite(*fd, park, sizeof(park), FIRMWARE_SIZE - 16) != sizeof(park))
		rc = rbi_fail(-ENOMEM, "no memory for QEMU's firmware: errno %d", errno);
	return rc;
}

static int make_sockets(int *ours, int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return rbi_fail(-ENOMEM, "no sockets for QEMU: errno %d", errno);
	*ours = pair[0];
	*theirs = pair[1];
	return 0;
}

static int *child_fd(struct rbi_qemu *q, int number)
{
	return &q->child_fds[number - RBI_QEMU_FD_RAM];
}

/* QEMU alone holds a drive once it runs. */
static int make_drives(struct rbi_qemu *q)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < q->opt.ndrives && rc == 0; i++)
		rc = make_memory("rbdrv-drive", q->opt.drives[i].size,
				 child_fd(q, RBI_QEMU_FD_END + (int)i));
	return rc;
}

static int make_resources(struct rbi_qemu *q)
{
	int rc;

	rc = make_memory("rbdrv-ram", q->opt.memory, &q->ram_fd);
	rc = rc ? rc : make_firmware(child_fd(q, RBI_QEMU_FD_BIOS));
	rc = rc ? rc : make_memory("rbdrv-doorbell", RBI_PAGE, &q->doorbell.shm_fd);
	rc = rc ? rc : make_sockets(&q->qtest_fd, child_fd(q, RBI_QEMU_FD_QTEST));
	rc = rc ? rc : make_sockets(&q->doorbell.fd, child_fd(q, RBI_QEMU_FD_IVSHMEM));
	rc = rc ? rc : make_sockets(&q->slots.qmp_fd, child_fd(q, RBI_QEMU_FD_QMP));
	rc = rc ? rc : make_drives(q);
	rc = rc ? rc : rbi_qemu_make_nets(q);
	rc = rc ? rc : rbi_qemu_irq_init(q);
	if (rc < 0)
		return rc;

	*child_fd(q, RBI_QEMU_FD_RAM) = fcntl(q->ram_fd, F_DUPFD_CLOEXEC, 0);
	q->dead_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*child_fd(q, RBI_QEMU_FD_RAM) < 0 || q->dead_fd < 0)
		return rbi_fail(-ENOMEM, "no descriptor for QEMU: errno %d", errno);
	q->doorbell.vectors = q->irq.vector;
	q->doorbell.nvectors = q->irq.nvectors;
	return 0;
}

/* --- why it did not start ---------------------------------------------------------------- */

/* What follows the first @mark in @text, or NULL. */
static const char *after(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	return at ? at + strlen(mark) : NULL;
}

/*
 * QEMU names the argument it complains about: "-device edu,foo=1,bus=...: Property
 * 'edu.foo' not found". Is it one of the caller's devices? @what: the complaint.
 */
static const struct rbi_spec_device *find_refused(const struct rbi_spec *spec, const char *words,
						  const char **what)
{
	const char *arg = after(words, "-device ");
	size_t i, len;
	char *text;

	for (i = 0; arg && i < spec->ndevices; i++) {
		text = rbi_qemu_device_text(&spec->devices[i]);
		len = text ? strlen(text) : 0;
		if (text && strncmp(arg, text, len) == 0 && (arg[len] == ',' || arg[len] == ':')) {
			rbi_free(text);
			*what = after(arg + len, ": ");
			*what = *what ? *what : arg;
			return &spec->devices[i];
		}
		rbi_free(text);
	}
	return NULL;
}

/* The same for networks. */
static const struct rbi_net *find_refused_net(const struct rbi_qemu_options *opt, const char *words,
					      const char **what)
{
	const char *arg = after(words, "-netdev ");
	unsigned int i;
	size_t len;
	char *text;

	for (i = 0; arg && i < opt->nets.n; i++) {
		text = rbi_qemu_net_text(opt, i);
		len = text ? strlen(text) : 0;
		if (text && strncmp(arg, text, len) == 0 && strncmp(arg + len, ": ", 2) == 0) {
			rbi_free(text);
			*what = arg + len + 2;
			return &opt->nets.net[i];
		}
		rbi_free(text);
	}
	return NULL;
}

/* A QEMU may be built without libslirp, or be older than 7.2 and know no dgram. Each
 * version has its own words for it. */
static int explain_net(const struct rbi_net *net, const char *what)
{
	static const char *const unknown[] = { "is not compiled into this binary",
					       "does not accept value", "Invalid parameter",
					       "expects a netdev backend type", NULL };
	const char *kind = net->kind == RBI_NET_USER ? "user" : "dgram";
	size_t i;

	for (i = 0; unknown[i]; i++) {
		if (strstr(what, unknown[i]))
			return rbi_fail(-ENOTSUP,
					"this QEMU is built without networks of kind %s, which "
					"'%s' is: %.200s",
					kind, net->name, what);
	}
	return rbi_fail(-EINVAL, "QEMU refuses network '%s': %.380s", net->name, what);
}

static int explain_words(struct rbi_qemu *q, const struct rbi_spec *spec)
{
	char words[RBI_QEMU_WORDS], fate[32];
	const struct rbi_spec_device *dev;
	const struct rbi_net *net;
	const char *what;
	size_t len;

	rbi_qemu_proc_words(&q->proc, words, sizeof(words));
	rbi_qemu_proc_fate(&q->proc, fate, sizeof(fate));
	dev = find_refused(spec, words, &what);
	if (dev && strstr(what, "is not a valid device model name"))
		return rbi_fail(-ENOENT, "QEMU has no device model '%.100s'", dev->model);
	if (dev)
		return rbi_fail(-EINVAL, "QEMU refuses device '%.60s': %.380s", dev->model, what);
	net = find_refused_net(&q->opt, words, &what);
	if (net)
		return explain_net(net, what);
	if (!words[0])
		return rbi_fail(-EIO, "QEMU ended while starting, without a word: %s", fate);
	len = strlen(words);
	return rbi_fail(-EIO, "QEMU ended while starting (%s): %s", fate,
			words + (len > 400 ? len - 400 : 0));
}

/* @rc is what the start met; the process knows better when it has ended. */
static int explain_start(struct rbi_qemu *q, const struct rbi_spec *spec, int rc)
{
	int state = atomic_load(&q->qt.state), known;
	char words[200];

	if (state == RBI_QTEST_ALIVE)
		return rc;
	if (!rbi_qemu_io_await_end(q, END_MS))
		return rbi_fail(-EIO, "QEMU cannot be ended");
	known = rbi_qemu_proc_exec_error(&q->proc);
	if (known < 0)
		return known;
	if (state == RBI_QTEST_HUNG_UP)
		return explain_words(q, spec);

	rbi_qemu_proc_words(&q->proc, words, sizeof(words));
	if (state == RBI_QTEST_SILENT)
		return rbi_fail(-ETIMEDOUT, "QEMU is silent: %s%s%s", q->qt.why,
				words[0] ? "; its last words: " : "", words);
	return rbi_fail(-EIO, "QEMU talks nonsense: %s%s%s", q->qt.why,
			words[0] ? "; its last words: " : "", words);
}

/* --- start ------------------------------------------------------------------------------- */

/* Does a write to the doorbell come back as an interrupt? The handshake that makes the
 * vectors goes on while QEMU runs, the last one comes last. */
static int ring(struct rbi_qemu *q)
{
	unsigned int last = q->irq.nvectors - 1, tries = q->opt.timeout_ms / RING_MS + 1;
	struct pollfd pfd = { q->irq.vector[last], POLLIN, 0 };
	uint64_t count;
	int rc = 0;

	for (; tries > 0 && rc == 0; tries--) {
		rc = rbi_qtest_mem_write(&q->qt, q->pci.doorbell, 4, last);
		if (rc == 0 && poll(&pfd, 1, RING_MS) > 0)
			return read(pfd.fd, &count, sizeof(count)) < 0 ? -EIO : 0;
	}
	return rc < 0 ? rc : rbi_fail(-ETIMEDOUT, "QEMU's message doorbell does not ring");
}

static int put_together(struct rbi_qemu *q)
{
	int rc;

	rbi_qtest_lock(&q->qt);
	rc = rbi_qemu_pci_start(q);
	if (rc == 0)
		rc = rbi_qtest_intercept_ioapic(&q->qt);
	if (rc == 0)
		rc = ring(q);
	rbi_qtest_unlock(&q->qt);
	return rc;
}

/* Its ends are QEMU's alone from now on, so that their closing shows. */
static void close_child_fds(struct rbi_qemu *q)
{
	size_t i;

	for (i = 0; i < sizeof(q->child_fds) / sizeof(q->child_fds[0]); i++) {
		if (q->child_fds[i] >= 0)
			close(q->child_fds[i]);
		q->child_fds[i] = -1;
	}
}

static int start(struct rbi_qemu *q, const struct rbi_spec *spec)
{
	char *program;
	int rc;

	rc = rbi_qemu_find_program(&program);
	if (rc < 0)
		return rc;
	rc = rbi_qemu_argv(program, spec, &q->opt, &q->argv);
	rbi_free(program);
	rc = rc ? rc : make_resources(q);
	rc = rc ? rc : rbi_qtest_open(&q->qt, q->qtest_fd, q->opt.timeout_ms);
	rc = rc ? rc : rbi_qemu_io_start(q);
	if (rc < 0)
		return rc;

	rbi_qemu_argv_free(q->argv);
	q->argv = NULL;
	close_child_fds(q);
	rc = put_together(q);
	return rc < 0 ? explain_start(q, spec, rc) : 0;
}

static void no_fds(struct rbi_qemu *q)
{
	size_t i;

	for (i = 0; i < sizeof(q->child_fds) / sizeof(q->child_fds[0]); i++)
		q->child_fds[i] = -1;
	for (i = 0; i < RBI_IRQ_LINES; i++)
		q->irq.line[i].fd = -1;
	q->doorbell.fd = q->doorbell.shm_fd = -1;
	q->slots.qmp_fd = -1;
	for (i = 0; i < RBI_NETS; i++)
		q->net_fd[i] = -1;
	q->qtest_fd = q->ram_fd = q->dead_fd = q->io.kick_fd = -1;
}

static int init_parts(struct rbi_qemu *q)
{
	int rc = rbi_qemu_proc_init(&q->proc);

	if (rc < 0)
		return rc;
	rc = rbi_qtest_init(&q->qt);
	if (rc < 0) {
		rbi_qemu_proc_destroy(&q->proc, false);
		return rc;
	}
	rc = rbi_qemu_slots_init(q);
	if (rc == 0)
		rc = rbi_qemu_io_init(q);
	if (rc < 0) {
		rbi_qemu_slots_destroy(q, false);
		rbi_qtest_destroy(&q->qt);
		rbi_qemu_proc_destroy(&q->proc, false);
	}
	return rc;
}

int rbi_qemu_machine_new(const struct rbi_spec *spec, struct rbi_machine **out)
{
	struct rbi_qemu_options opt;
	struct rbi_qemu *q;
	int rc;

	*out = NULL;
	rc = rbi_qemu_options(spec, &opt);
	if (rc == 0)
		rc = rbi_qemu_check_devices(spec, &opt);
	if (rc < 0)
		return rc;

	q = rbi_alloc(1, sizeof(*q));
	if (!q)
		return rbi_no_memory("a machine");
	q->base.ops = &rbi_qemu_ops;
	q->base.name = "qemu";
	q->opt = opt;
	q->slots.ports = rbi_qemu_count_ports(spec);
	q->slots.empty = opt.slots;
	no_fds(q);
	rc = init_parts(q);
	if (rc < 0) {
		rbi_free(q);
		return rc;
	}

	rc = start(q, spec);
	if (rc < 0) {
		q->base.ops->destroy(&q->base, false);
		return rc;
	}
	*out = &q->base;
	return 0;
}
