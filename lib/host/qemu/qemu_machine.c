/* SPDX-License-Identifier: MIT */
/* qemu_machine.c - machine qemu: its operations, its waiting and its end. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "host/real_clock.h"

#define NS	     1000000000
#define FDS_ON_STACK 32

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- what QEMU has not, or needs not ----------------------------------------------------- */

/* QEMU cannot show its devices' memory to another process (qemu-notes 11.7). */
static int op_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **base)
{
	(void)m;
	(void)phys;
	(void)len;
	*base = NULL;
	return -ENOTSUP;
}

static void op_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *base)
{
	(void)m;
	(void)phys;
	(void)len;
	(void)base;
}

/* Devices see all RAM, at its physical address, as the same bytes. */
static int op_dma_map(struct rbi_machine *m, uint64_t bus, uint64_t len, void *cpu,
		      uint32_t *shadow)
{
	(void)m;
	(void)bus;
	(void)len;
	(void)cpu;
	*shadow = 0;
	return 0;
}

static void op_dma_unmap(struct rbi_machine *m, uint64_t bus, uint64_t len, uint32_t shadow)
{
	(void)m;
	(void)bus;
	(void)len;
	(void)shadow;
}

static void op_dma_sync(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct rbi_qemu *q = rbi_qemu_of(m);

	(void)shadow;
	(void)off;
	(void)len;
	rbi_qtest_lock(&q->qt);
	rbi_qtest_flush(&q->qt); /* a dead machine shows at the next access */
	rbi_qtest_unlock(&q->qt);
}

static void op_dma_note(struct rbi_machine *m, const struct rbi_dma_note *note)
{
	(void)m;
	(void)note;
}

static void op_violation(struct rbi_machine *m, const char *sentence)
{
	(void)m; /* hardware does not complain */
	(void)sentence;
}

/* --- time -------------------------------------------------------------------------------- */

static int64_t op_clock(struct rbi_machine *m)
{
	(void)m;
	return rbi_real_ns();
}

/* Before this thread sleeps: what it has written must be on its way, and somebody must
 * listen for what comes of it. */
static void settle(struct rbi_qemu *q)
{
	rbi_qtest_lock(&q->qt);
	rbi_qtest_flush(&q->qt);
	rbi_qtest_unlock(&q->qt);
	rbi_qemu_io_listen(q);
}

static void op_delay(struct rbi_machine *m, uint64_t ns)
{
	struct timespec left = { (time_t)(ns / NS), (long)(ns % NS) };

	settle(rbi_qemu_of(m));
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

/* ppoll() until @deadline_ns: as op_wait() answers. */
static int poll_until(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	struct timespec limit;
	int64_t left;
	int rc;

	do {
		left = deadline_ns - op_clock(m);
		left = left > 0 ? left : 0;
		limit.tv_sec = (time_t)(left / NS);
		limit.tv_nsec = (long)(left % NS);
		rc = ppoll(fds, n, deadline_ns == INT64_MAX ? NULL : &limit, NULL);
	} while (rc < 0 && errno == EINTR);

	if (rc < 0)
		return rbi_fail(-ENOMEM, "poll of %zu descriptors failed: errno %d", n, errno);
	return rc > 0 ? rc : -ETIMEDOUT;
}

/* Interrupts of QEMU make descriptors readable, so these are all there is to wait for,
 * beside its death: that is told once, and then only the caller's own count. */
static int op_wait(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	struct pollfd some[FDS_ON_STACK], *all = some;
	bool alive = !rbi_qemu_dead(q);
	size_t i;
	int rc;

	if (n >= FDS_ON_STACK) {
		all = n < SIZE_MAX ? rbi_alloc(n + 1, sizeof(*all)) : NULL;
		if (!all)
			return rbi_no_memory("a list of descriptors");
	}
	for (i = 0; i < n; i++)
		all[i] = fds[i];
	all[n] = (struct pollfd){ alive ? q->dead_fd : -1, POLLIN, 0 };

	settle(q);
	rc = poll_until(m, all, n + 1, deadline_ns);
	for (i = 0; i < n; i++)
		fds[i].revents = rc < 0 ? 0 : all[i].revents;
	if (rc > 0 && all[n].revents)
		rc--;
	if (all != some)
		rbi_free(all);
	return rc;
}

/* --- the end ----------------------------------------------------------------------------- */

static void op_destroy(struct rbi_machine *m, bool forked)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	size_t i;

	if (!forked)
		rbi_qemu_io_stop(q);
	rbi_qemu_io_destroy(q, forked);
	for (i = 0; i < sizeof(q->child_fds) / sizeof(q->child_fds[0]); i++)
		close_fd(&q->child_fds[i]);
	rbi_qemu_proc_destroy(&q->proc, forked);
	if (!forked)
		rbi_qtest_destroy(&q->qt);
	rbi_qemu_slots_destroy(q, forked);
	rbi_qemu_irq_destroy(q);
	rbi_qemu_pci_destroy(q);
	for (i = 0; i < RBI_NETS; i++)
		close_fd(&q->net_fd[i]);
	close_fd(&q->doorbell.fd);
	close_fd(&q->doorbell.shm_fd);
	close_fd(&q->qtest_fd);
	close_fd(&q->dead_fd);
	close_fd(&q->ram_fd);
	rbi_qemu_argv_free(q->argv);
	rbi_free(q);
}

const struct rbi_machine_ops rbi_qemu_ops = {
	.functions = rbi_qemu_op_functions,
	.cfg_read = rbi_qemu_op_cfg_read,
	.cfg_write = rbi_qemu_op_cfg_write,
	.cfg_size = rbi_qemu_op_cfg_size,
	.claim = rbi_qemu_op_claim,
	.release = rbi_qemu_op_release,
	.reset = rbi_qemu_op_reset,
	.plug = rbi_qemu_op_plug,
	.unplug = rbi_qemu_op_unplug,
	.net_fd = rbi_qemu_op_net_fd,
	.net_link = rbi_qemu_op_net_link,
	.is_ram = rbi_qemu_op_is_ram,
	.map = op_map,
	.unmap = op_unmap,
	.mem_read = rbi_qemu_op_mem_read,
	.mem_write = rbi_qemu_op_mem_write,
	.port_read = rbi_qemu_op_port_read,
	.port_write = rbi_qemu_op_port_write,
	.ram = rbi_qemu_op_ram,
	.ram_map = rbi_qemu_op_ram_map,
	.ram_unmap = rbi_qemu_op_ram_unmap,
	.dma_map = op_dma_map,
	.dma_unmap = op_dma_unmap,
	.dma_publish = op_dma_sync,
	.dma_observe = op_dma_sync,
	.dma_note = op_dma_note,
	.irq_count = rbi_qemu_op_irq_count,
	.intx = rbi_qemu_op_intx,
	.irq_fd = rbi_qemu_op_irq_fd,
	.irq_take = rbi_qemu_op_irq_take,
	.irq_unmask = rbi_qemu_op_irq_unmask,
	.msg_connect = rbi_qemu_op_msg_connect,
	.msg_undo = rbi_qemu_op_msg_undo,
	.clock = op_clock,
	.wait = op_wait,
	.delay = op_delay,
	.violation = op_violation,
	.destroy = op_destroy,
};
