/* SPDX-License-Identifier: MIT */
/* pcihost_machine.c - machine pci: its list of functions, its time, and what it has not. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "host/pci/pcihost.h"
#include "host/real_clock.h"
#include "host/spec.h"

#define NS	    1000000000
#define SEGMENT_MAX 0xffffu /* of an address of ours */
#define IRQ_COUNT   64 /* so that there is a vector whose opening says what is the matter */

/* --- functions --------------------------------------------------------------------------- */

static int op_functions(struct rbi_machine *m, struct rb_pci_addr *fns, size_t max)
{
	struct pcihost *p = pcihost_of(m);
	size_t i;

	for (i = 0; i < p->count && i < max; i++)
		fns[i] = p->funcs[i].addr;
	return (int)p->count;
}

static int op_reset(struct rbi_machine *m, struct rb_pci_addr fn)
{
	(void)m;
	return rbi_fail(-ENOTSUP, "pci: machine 'pci' only looks: %#x is not reset", fn.sbdf);
}

static int op_plug(struct rbi_machine *m, const struct rbi_spec_device *device,
		   struct rb_pci_addr *fn)
{
	(void)m;
	(void)device;
	(void)fn;
	return rbi_fail(-ENOTSUP, "nothing can be plugged into machine 'pci': its bus is the host's");
}

static int op_unplug(struct rbi_machine *m, struct rb_pci_addr fn)
{
	(void)m;
	(void)fn;
	return rbi_fail(-ENOTSUP, "nothing can be pulled out of machine 'pci': its bus is the host's");
}

static int op_net_fd(struct rbi_machine *m, const char *name)
{
	(void)m;
	return rbi_fail(-ENOTSUP, "network '%.60s': machine 'pci' makes none", name);
}

static int op_net_link(struct rbi_machine *m, const char *name, bool up)
{
	(void)up;
	return op_net_fd(m, name);
}

/* --- memory: registers go through mem_read, and there is no RAM ----------------------------- */

static bool op_is_ram(struct rbi_machine *m, uint64_t phys, uint64_t len)
{
	(void)m;
	(void)phys;
	(void)len;
	return false;
}

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

static int no_ports(uint16_t port)
{
	return rbi_fail(-EACCES, "pci: machine 'pci' touches no port, not %#x either", port);
}

static int op_port_read(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t *val)
{
	(void)m;
	(void)width;
	*val = UINT32_MAX;
	return no_ports(port);
}

static int op_port_write(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t val)
{
	(void)m;
	(void)width;
	(void)val;
	return no_ports(port);
}

static size_t op_ram(struct rbi_machine *m, struct rbi_ram *ram, size_t max)
{
	(void)m;
	(void)ram;
	(void)max;
	return 0;
}

static int op_ram_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu)
{
	(void)m;
	(void)phys;
	(void)len;
	*cpu = NULL;
	return -ENOTSUP;
}

static int op_dma_map(struct rbi_machine *m, uint64_t bus, uint64_t len, void *cpu,
		      uint32_t *shadow)
{
	(void)m;
	(void)bus;
	(void)len;
	(void)cpu;
	*shadow = 0;
	return -ENOTSUP;
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
	(void)m;
	(void)shadow;
	(void)off;
	(void)len;
}

/* --- interrupts: the host's drivers have them ----------------------------------------------- */

static int no_irq(void)
{
	return rbi_fail(-ENOTSUP, "pci: machine 'pci' only looks: interrupts are the host's");
}

static unsigned int op_irq_count(struct rbi_machine *m)
{
	(void)m;
	return IRQ_COUNT;
}

/* Firmware has written the line where it can be read. */
static int op_intx(struct rbi_machine *m, struct rb_pci_addr fn, struct rbi_intx *out)
{
	(void)m;
	(void)fn;
	(void)out;
	return -ENOTSUP;
}

static int op_irq_fd(struct rbi_machine *m, unsigned int n)
{
	(void)m;
	(void)n;
	return no_irq();
}

static int op_irq_take(struct rbi_machine *m, unsigned int n, uint64_t *count)
{
	(void)m;
	(void)n;
	*count = 0;
	return no_irq();
}

static int op_irq_unmask(struct rbi_machine *m, unsigned int line)
{
	(void)m;
	(void)line;
	return no_irq();
}

static int op_msg_connect(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int index,
			  unsigned int count, const struct rbi_msg *msg, struct rbi_msg *hw)
{
	(void)m;
	(void)fn;
	(void)index;
	(void)count;
	*hw = *msg;
	return no_irq();
}

/* What a device holds is what somebody wrote: no driver of ours. */
static void op_msg_undo(struct rbi_machine *m, struct rb_pci_addr fn, const struct rbi_msg *hw,
			struct rbi_msg *msg)
{
	(void)m;
	(void)fn;
	*msg = *hw;
}

/* --- time -------------------------------------------------------------------------------- */

static int64_t op_clock(struct rbi_machine *m)
{
	(void)m;
	return rbi_real_ns();
}

static struct timespec span(int64_t ns)
{
	return (struct timespec){ (time_t)(ns / NS), (long)(ns % NS) };
}

/* Nothing happens here that the caller's descriptors do not show. */
static int op_wait(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	struct timespec limit;
	int64_t left;
	int rc;

	do {
		left = deadline_ns - op_clock(m);
		limit = span(left > 0 ? left : 0);
		rc = ppoll(fds, n, deadline_ns == INT64_MAX ? NULL : &limit, NULL);
	} while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return rbi_fail(-ENOMEM, "poll of %zu descriptors: errno %d", n, errno);
	return rc > 0 ? rc : -ETIMEDOUT;
}

static void op_delay(struct rbi_machine *m, uint64_t ns)
{
	struct timespec left = span(ns < INT64_MAX ? (int64_t)ns : INT64_MAX);

	(void)m;
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
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

/* --- birth and end ----------------------------------------------------------------------- */

static void free_all(struct pcihost *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		rbi_free(p->funcs[i].regions);
	rbi_free(p->funcs);
	rbi_free(p);
}

static void op_destroy(struct rbi_machine *m, bool forked)
{
	struct pcihost *p = pcihost_of(m);

	if (!forked) { /* the list in a child is its copy, and free with it */
		rbi_pcihost_lock(p->pid);
		rbi_pcihost_leave();
		rbi_pcihost_unlock();
	}
	free_all(p);
}

static const struct rbi_machine_ops pcihost_ops = {
	.functions = op_functions,
	.cfg_read = rbi_pcihost_op_cfg_read,
	.cfg_write = rbi_pcihost_op_cfg_write,
	.cfg_size = rbi_pcihost_op_cfg_size,
	.claim = rbi_pcihost_op_claim,
	.release = rbi_pcihost_op_release,
	.reset = op_reset,
	.plug = op_plug,
	.unplug = op_unplug,
	.net_fd = op_net_fd,
	.net_link = op_net_link,
	.is_ram = op_is_ram,
	.map = op_map,
	.unmap = op_unmap,
	.mem_read = rbi_pcihost_op_mem_read,
	.mem_write = rbi_pcihost_op_mem_write,
	.port_read = op_port_read,
	.port_write = op_port_write,
	.ram = op_ram,
	.ram_map = op_ram_map,
	.ram_unmap = op_unmap,
	.dma_map = op_dma_map,
	.dma_unmap = op_dma_unmap,
	.dma_publish = op_dma_sync,
	.dma_observe = op_dma_sync,
	.dma_note = op_dma_note,
	.irq_count = op_irq_count,
	.intx = op_intx,
	.irq_fd = op_irq_fd,
	.irq_take = op_irq_take,
	.irq_unmask = op_irq_unmask,
	.msg_connect = op_msg_connect,
	.msg_undo = op_msg_undo,
	.clock = op_clock,
	.wait = op_wait,
	.delay = op_delay,
	.violation = op_violation,
	.destroy = op_destroy,
};

static int by_address(const void *a, const void *b)
{
	uint32_t x = ((const struct pcihost_func *)a)->addr.sbdf;
	uint32_t y = ((const struct pcihost_func *)b)->addr.sbdf;

	return (x > y) - (x < y);
}

/* Functions of one device: its slot number is the address without the last three bits. */
static void note_multi(struct pcihost *p)
{
	size_t i;

	for (i = 1; i < p->count; i++)
		if (p->funcs[i].addr.sbdf >> 3 == p->funcs[i - 1].addr.sbdf >> 3)
			p->funcs[i].multi = p->funcs[i - 1].multi = true;
}

static size_t count_devices(void)
{
	struct pci_device_iterator *iter = pci_slot_match_iterator_create(NULL);
	size_t n = 0;

	while (pci_device_next(iter))
		n++;
	pci_iterator_destroy(iter);
	return n;
}

/* With the lock held, and a list there. */
static int take_functions(struct pcihost *p)
{
	struct pci_device_iterator *iter;
	struct pci_device *dev;
	size_t max = count_devices();

	p->funcs = rbi_alloc(max, sizeof(*p->funcs));
	if (!p->funcs)
		return rbi_no_memory("the functions of the host");
	iter = pci_slot_match_iterator_create(NULL);
	while (p->count < max && (dev = pci_device_next(iter)) != NULL)
		if (dev->domain <= SEGMENT_MAX)
			rbi_pcihost_learn(&p->funcs[p->count++], dev);
	pci_iterator_destroy(iter);
	qsort(p->funcs, p->count, sizeof(*p->funcs), by_address);
	note_multi(p);
	return 0;
}

static int look_at_bus(struct pcihost *p)
{
	int rc;

	rbi_pcihost_lock(p->pid);
	rc = rbi_pcihost_join(p->pid);
	if (rc == 0) {
		rc = take_functions(p);
		if (rc < 0)
			rbi_pcihost_leave();
	}
	rbi_pcihost_unlock();
	return rc;
}

int rbi_pcihost_machine_new(const struct rbi_spec *spec, struct rbi_machine **out)
{
	struct pcihost *p;
	int rc;

	*out = NULL;
	if (spec->ndevices > 0)
		return rbi_fail(-EINVAL, "machine 'pci' takes no devices, not '%.64s' either: it "
					 "shows the host's",
				spec->devices[0].model);
	p = rbi_alloc(1, sizeof(*p));
	if (!p)
		return rbi_no_memory("machine 'pci'");
	p->machine.ops = &pcihost_ops;
	p->machine.name = "pci";
	p->machine.lazy = true;
	p->pid = (long)getpid();
	rc = look_at_bus(p);
	if (rc < 0) {
		free_all(p);
		return rc;
	}
	*out = &p->machine;
	return 0;
}
