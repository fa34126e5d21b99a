/* SPDX-License-Identifier: MIT */
/* fault_machine.c - a machine that fails when its plan says so. */
#include "config.h"

#include <errno.h>

#include "host/fault_plan.h"
#include "host/machine.h"
#include "host/spec.h"

struct fault_machine {
	struct rbi_machine machine; /* first */
	struct rbi_fault_plan *plan;
};

static struct rbi_fault_plan *plan_of(struct rbi_machine *m)
{
	return ((struct fault_machine *)m)->plan;
}

static bool is_gone(struct rbi_machine *m)
{
	return atomic_load(&plan_of(m)->gone);
}

static const struct rbi_fault_answer *strike(struct rbi_machine *m, enum rbi_machine_call call)
{
	return rbi_fault_strike(plan_of(m), RBI_WAIST_MACHINE, call);
}

/* A machine says what is wrong: the code, with a sentence. */
static int refuse(const struct rbi_fault_answer *answer)
{
	return answer->code < 0 ? rbi_fail(answer->code, "a fault of the campaign: %s", answer->name)
				: answer->code;
}

/* --- configuration space ------------------------------------------------------------- */

static int fault_functions(struct rbi_machine *m, struct rb_pci_addr *fns, size_t max)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_FUNCTIONS);

	return answer ? refuse(answer) : m->under->ops->functions(m->under, fns, max);
}

static int fault_cfg_read(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t *val)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_CFG_READ);
	char text[RB_PCI_ADDR_LEN];

	if (!answer)
		return m->under->ops->cfg_read(m->under, fn, off, width, val);
	rbi_fault_tell(plan_of(m), "cfg_read(%s, %u bytes at %#x)", rb_pci_addr_format(fn, text),
		       width, off);
	*val = UINT32_MAX;
	return refuse(answer);
}

static int fault_cfg_write(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			   unsigned int width, uint32_t val)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_CFG_WRITE);
	char text[RB_PCI_ADDR_LEN];

	if (!answer)
		return m->under->ops->cfg_write(m->under, fn, off, width, val);
	rbi_fault_tell(plan_of(m), "cfg_write(%s, %u bytes at %#x)", rb_pci_addr_format(fn, text),
		       width, off);
	return refuse(answer);
}

static unsigned int fault_cfg_size(struct rbi_machine *m, struct rb_pci_addr fn)
{
	return is_gone(m) ? 0 : m->under->ops->cfg_size(m->under, fn);
}

static int fault_claim(struct rbi_machine *m, struct rb_pci_addr fn)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_CLAIM);
	char text[RB_PCI_ADDR_LEN];

	if (!answer)
		return m->under->ops->claim(m->under, fn);
	rbi_fault_tell(plan_of(m), "claim(%s)", rb_pci_addr_format(fn, text));
	return refuse(answer);
}

static void fault_release(struct rbi_machine *m, struct rb_pci_addr fn)
{
	m->under->ops->release(m->under, fn);
}

static int fault_reset(struct rbi_machine *m, struct rb_pci_addr fn)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_RESET);
	char text[RB_PCI_ADDR_LEN];

	if (!answer)
		return m->under->ops->reset(m->under, fn);
	rbi_fault_tell(plan_of(m), "reset(%s)", rb_pci_addr_format(fn, text));
	return refuse(answer);
}

static int fault_plug(struct rbi_machine *m, const struct rbi_spec_device *device,
		      struct rb_pci_addr *fn)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_PLUG);

	if (!answer)
		return m->under->ops->plug(m->under, device, fn);
	rbi_fault_tell(plan_of(m), "plug(%s)", device->model);
	return refuse(answer);
}

static int fault_unplug(struct rbi_machine *m, struct rb_pci_addr fn)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_UNPLUG);
	char text[RB_PCI_ADDR_LEN];

	if (!answer)
		return m->under->ops->unplug(m->under, fn);
	rbi_fault_tell(plan_of(m), "unplug(%s)", rb_pci_addr_format(fn, text));
	return refuse(answer);
}

static int fault_net_fd(struct rbi_machine *m, const char *name)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_NET_FD);

	if (!answer)
		return m->under->ops->net_fd(m->under, name);
	rbi_fault_tell(plan_of(m), "net_fd(%s)", name);
	return refuse(answer);
}

static int fault_net_link(struct rbi_machine *m, const char *name, bool up)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_NET_LINK);

	if (!answer)
		return m->under->ops->net_link(m->under, name, up);
	rbi_fault_tell(plan_of(m), "net_link(%s, %s)", name, up ? "up" : "down");
	return refuse(answer);
}

/* --- physical addresses and ports ---------------------------------------------------- */

static bool fault_is_ram(struct rbi_machine *m, uint64_t phys, uint64_t len)
{
	return m->under->ops->is_ram(m->under, phys, len);
}

static int fault_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **base)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_MAP);

	if (!answer)
		return m->under->ops->map(m->under, phys, len, base);
	rbi_fault_tell(plan_of(m), "map(%llu bytes at %#llx)", (unsigned long long)len,
		       (unsigned long long)phys);
	*base = NULL;
	return refuse(answer);
}

static void fault_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *base)
{
	m->under->ops->unmap(m->under, phys, len, base);
}

static int fault_mem_read(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t *val)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_MEM_READ);

	if (!answer)
		return m->under->ops->mem_read(m->under, phys, width, val);
	rbi_fault_tell(plan_of(m), "mem_read(%u bytes at %#llx)", width, (unsigned long long)phys);
	*val = UINT64_MAX;
	return refuse(answer);
}

static int fault_mem_write(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t val)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_MEM_WRITE);

	if (!answer)
		return m->under->ops->mem_write(m->under, phys, width, val);
	rbi_fault_tell(plan_of(m), "mem_write(%u bytes at %#llx)", width, (unsigned long long)phys);
	return refuse(answer);
}

static int fault_port_read(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t *val)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_PORT_READ);

	if (!answer)
		return m->under->ops->port_read(m->under, port, width, val);
	rbi_fault_tell(plan_of(m), "port_read(%u bytes at %#x)", width, port);
	*val = UINT32_MAX;
	return refuse(answer);
}

static int fault_port_write(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t val)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_PORT_WRITE);

	if (!answer)
		return m->under->ops->port_write(m->under, port, width, val);
	rbi_fault_tell(plan_of(m), "port_write(%u bytes at %#x)", width, port);
	return refuse(answer);
}

/* --- RAM ----------------------------------------------------------------------------- */

static size_t fault_ram(struct rbi_machine *m, struct rbi_ram *ram, size_t max)
{
	return m->under->ops->ram(m->under, ram, max);
}

static int fault_ram_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_RAM_MAP);

	if (!answer)
		return m->under->ops->ram_map(m->under, phys, len, cpu);
	rbi_fault_tell(plan_of(m), "ram_map(%llu bytes at %#llx)", (unsigned long long)len,
		       (unsigned long long)phys);
	*cpu = NULL;
	return refuse(answer);
}

static void fault_ram_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *cpu)
{
	m->under->ops->ram_unmap(m->under, phys, len, cpu);
}

static int fault_dma_map(struct rbi_machine *m, uint64_t bus, uint64_t len, void *cpu,
			 uint32_t *shadow)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_DMA_MAP);

	if (!answer)
		return m->under->ops->dma_map(m->under, bus, len, cpu, shadow);
	rbi_fault_tell(plan_of(m), "dma_map(%llu bytes at %#llx)", (unsigned long long)len,
		       (unsigned long long)bus);
	*shadow = 0;
	return refuse(answer);
}

static void fault_dma_unmap(struct rbi_machine *m, uint64_t bus, uint64_t len, uint32_t shadow)
{
	m->under->ops->dma_unmap(m->under, bus, len, shadow);
}

static void fault_dma_publish(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len)
{
	m->under->ops->dma_publish(m->under, shadow, off, len);
}

static void fault_dma_observe(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len)
{
	m->under->ops->dma_observe(m->under, shadow, off, len);
}

static void fault_dma_note(struct rbi_machine *m, const struct rbi_dma_note *note)
{
	m->under->ops->dma_note(m->under, note);
}

/* --- interrupts ---------------------------------------------------------------------- */

static unsigned int fault_irq_count(struct rbi_machine *m)
{
	return m->under->ops->irq_count(m->under);
}

static int fault_intx(struct rbi_machine *m, struct rb_pci_addr fn, struct rbi_intx *out)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_INTX);
	char text[RB_PCI_ADDR_LEN];

	if (!answer)
		return m->under->ops->intx(m->under, fn, out);
	rbi_fault_tell(plan_of(m), "intx(%s)", rb_pci_addr_format(fn, text));
	return refuse(answer);
}

static int fault_irq_fd(struct rbi_machine *m, unsigned int n)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_IRQ_FD);

	if (!answer)
		return m->under->ops->irq_fd(m->under, n);
	rbi_fault_tell(plan_of(m), "irq_fd(%u)", n);
	return refuse(answer);
}

static int fault_irq_take(struct rbi_machine *m, unsigned int n, uint64_t *count)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_IRQ_TAKE);

	if (!answer)
		return m->under->ops->irq_take(m->under, n, count);
	rbi_fault_tell(plan_of(m), "irq_take(%u)", n);
	*count = 0;
	return refuse(answer);
}

static int fault_irq_unmask(struct rbi_machine *m, unsigned int line)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_IRQ_UNMASK);

	if (!answer)
		return m->under->ops->irq_unmask(m->under, line);
	rbi_fault_tell(plan_of(m), "irq_unmask(%u)", line);
	return refuse(answer);
}

static int fault_msg_connect(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int index,
			     unsigned int count, const struct rbi_msg *msg, struct rbi_msg *hw)
{
	const struct rbi_fault_answer *answer;
	char text[RB_PCI_ADDR_LEN];

	/* a zero address disconnects, and what releases does not fail */
	answer = msg->addr != 0 ? strike(m, RBI_MACHINE_MSG_CONNECT) : NULL;
	if (!answer)
		return m->under->ops->msg_connect(m->under, fn, index, count, msg, hw);
	rbi_fault_tell(plan_of(m), "msg_connect(%s, message %u)", rb_pci_addr_format(fn, text),
		       index);
	return refuse(answer);
}

static void fault_msg_undo(struct rbi_machine *m, struct rb_pci_addr fn, const struct rbi_msg *hw,
			   struct rbi_msg *msg)
{
	m->under->ops->msg_undo(m->under, fn, hw, msg);
}

/* --- time, complaints, the end ------------------------------------------------------- */

static int64_t fault_clock(struct rbi_machine *m)
{
	return m->under->ops->clock(m->under);
}

static int fault_wait(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	const struct rbi_fault_answer *answer = strike(m, RBI_MACHINE_WAIT);
	size_t i;

	if (!answer)
		return m->under->ops->wait(m->under, fds, n, deadline_ns);
	rbi_fault_tell(plan_of(m), "wait(%zu descriptors)", n);
	for (i = 0; i < n; i++)
		fds[i].revents = 0;
	return refuse(answer);
}

static void fault_delay(struct rbi_machine *m, uint64_t ns)
{
	m->under->ops->delay(m->under, ns);
}

static void fault_violation(struct rbi_machine *m, const char *sentence)
{
	m->under->ops->violation(m->under, sentence);
}

static void fault_destroy(struct rbi_machine *m, bool forked)
{
	m->under->ops->destroy(m->under, forked);
	rbi_free(m);
}

static const struct rbi_machine_ops fault_ops = {
	.functions = fault_functions,
	.cfg_read = fault_cfg_read,
	.cfg_write = fault_cfg_write,
	.cfg_size = fault_cfg_size,
	.claim = fault_claim,
	.release = fault_release,
	.reset = fault_reset,
	.plug = fault_plug,
	.unplug = fault_unplug,
	.net_fd = fault_net_fd,
	.net_link = fault_net_link,
	.is_ram = fault_is_ram,
	.map = fault_map,
	.unmap = fault_unmap,
	.mem_read = fault_mem_read,
	.mem_write = fault_mem_write,
	.port_read = fault_port_read,
	.port_write = fault_port_write,
	.ram = fault_ram,
	.ram_map = fault_ram_map,
	.ram_unmap = fault_ram_unmap,
	.dma_map = fault_dma_map,
	.dma_unmap = fault_dma_unmap,
	.dma_publish = fault_dma_publish,
	.dma_observe = fault_dma_observe,
	.dma_note = fault_dma_note,
	.irq_count = fault_irq_count,
	.intx = fault_intx,
	.irq_fd = fault_irq_fd,
	.irq_take = fault_irq_take,
	.irq_unmask = fault_irq_unmask,
	.msg_connect = fault_msg_connect,
	.msg_undo = fault_msg_undo,
	.clock = fault_clock,
	.wait = fault_wait,
	.delay = fault_delay,
	.violation = fault_violation,
	.destroy = fault_destroy,
};

int rbi_fault_machine(struct rbi_fault_plan *plan, struct rbi_machine **world)
{
	struct fault_machine *f = rbi_alloc(1, sizeof(*f));

	if (!f)
		return rbi_no_memory("a machine that fails");
	f->machine = **world;
	f->machine.ops = &fault_ops;
	f->machine.under = *world;
	f->plan = plan;
	*world = &f->machine;
	return 0;
}
