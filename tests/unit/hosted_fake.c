/* SPDX-License-Identifier: MIT */
/* hosted_fake.c - see hosted_fake.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hosted_fake.h"

static struct fake *fake_of(struct rbi_machine *m)
{
	return (struct fake *)m;
}

/* --- configuration space -------------------------------------------------------- */

static struct fake_fn *fn_at(struct fake *fake, struct rb_pci_addr addr)
{
	unsigned int i;

	for (i = 0; i < fake->nfns; i++)
		if (fake->fn[i].addr.sbdf == addr.sbdf && fake->fn[i].present)
			return &fake->fn[i];
	return NULL;
}

static int op_functions(struct rbi_machine *m, struct rb_pci_addr *fns, size_t max)
{
	struct fake *fake = fake_of(m);
	size_t i, n = 0;

	for (i = 0; i < fake->nfns; i++) {
		if (!fake->fn[i].present)
			continue;
		if (n < max)
			fns[n] = fake->fn[i].addr;
		n++;
	}
	return (int)n;
}

static int op_cfg_read(struct rbi_machine *m, struct rb_pci_addr addr, unsigned int off,
		       unsigned int width, uint32_t *val)
{
	struct fake_fn *fn = fn_at(fake_of(m), addr);

	assert_true(off + width <= 4096 && off % width == 0);
	*val = UINT32_MAX;
	if (fn) {
		*val = 0;
		memcpy(val, fn->cfg + off, width);
	}
	return 0;
}

static int op_cfg_write(struct rbi_machine *m, struct rb_pci_addr addr, unsigned int off,
			unsigned int width, uint32_t val)
{
	struct fake_fn *fn = fn_at(fake_of(m), addr);
	unsigned int i;

	assert_true(off + width <= 4096 && off % width == 0);
	for (i = 0; fn && i < width; i++) {
		uint8_t mask = fn->writable[off + i];

		fn->cfg[off + i] = (uint8_t)((fn->cfg[off + i] & ~mask) | (val >> 8 * i & mask));
	}
	return 0;
}

static unsigned int op_cfg_size(struct rbi_machine *m, struct rb_pci_addr addr)
{
	return fn_at(fake_of(m), addr) ? 4096 : 0;
}

static int op_claim(struct rbi_machine *m, struct rb_pci_addr addr)
{
	struct fake_fn *fn = fn_at(fake_of(m), addr);

	if (!fn)
		return -ENODEV;
	assert_false(fn->claimed);
	fn->claimed = true;
	return 0;
}

static void op_release(struct rbi_machine *m, struct rb_pci_addr addr)
{
	struct fake_fn *fn = fn_at(fake_of(m), addr);

	if (fn)
		fn->claimed = false;
}

static int op_reset(struct rbi_machine *m, struct rb_pci_addr addr)
{
	(void)m;
	(void)addr;
	return -ENOTSUP;
}

/* --- physical space and RAM ----------------------------------------------------- */

static bool op_is_ram(struct rbi_machine *m, uint64_t phys, uint64_t len)
{
	(void)m;
	return phys < FAKE_RAM_BASE + FAKE_RAM_SIZE && phys + len > FAKE_RAM_BASE;
}

static int anonymous(struct fake *fake, uint64_t len, void **base)
{
	*base = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(*base != MAP_FAILED);
	fake->live_maps++;
	return 0;
}

static int op_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **base)
{
	if (phys < FAKE_DIRECT || phys >= FAKE_DIRECT + 0x100000)
		return -ENOTSUP;
	return anonymous(fake_of(m), len, base);
}

static void op_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *base)
{
	(void)phys;
	fake_of(m)->live_maps--;
	if (base)
		assert_int_equal(munmap(base, len), 0);
	if (fake_of(m)->on_unmap)
		fake_of(m)->on_unmap(fake_of(m));
}

static int op_mem_read(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t *val)
{
	(void)width;
	fake_of(m)->last_phys = phys;
	*val = fake_of(m)->last_value;
	return fake_of(m)->dead ? -ENODEV : 0;
}

static int op_mem_write(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t val)
{
	(void)width;
	fake_of(m)->last_phys = phys;
	fake_of(m)->last_value = val;
	return fake_of(m)->dead ? -ENODEV : 0;
}

static int op_port_read(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t *val)
{
	(void)m;
	(void)width;
	*val = port;
	return 0;
}

static int op_port_write(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t val)
{
	(void)width;
	fake_of(m)->last_phys = port;
	fake_of(m)->last_value = val;
	return 0;
}

static size_t op_ram(struct rbi_machine *m, struct rbi_ram *ram, size_t max)
{
	(void)m;
	assert_true(max > 0);
	ram->base = FAKE_RAM_BASE;
	ram->size = FAKE_RAM_SIZE;
	return 1;
}

static int op_ram_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu)
{
	assert_true(phys >= FAKE_RAM_BASE && phys + len <= FAKE_RAM_BASE + FAKE_RAM_SIZE);
	return anonymous(fake_of(m), len, cpu);
}

static int op_dma_map(struct rbi_machine *m, uint64_t bus, uint64_t len, void *cpu,
		      uint32_t *shadow)
{
	(void)bus;
	(void)len;
	(void)cpu;
	*shadow = 7;
	return fake_of(m)->dma_map_rc;
}

static void op_dma_unmap(struct rbi_machine *m, uint64_t bus, uint64_t len, uint32_t shadow)
{
	(void)m;
	(void)bus;
	(void)len;
	assert_int_equal(shadow, 7);
}

static void op_dma_move(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len)
{
	assert_int_equal(shadow, 7);
	fake_of(m)->last_phys = off;
	fake_of(m)->last_value = len;
}

/* --- interrupts ----------------------------------------------------------------- */

static unsigned int op_irq_count(struct rbi_machine *m)
{
	return fake_of(m)->irq_count;
}

/* The device is whatever is at the next place that a test has filled. */
static int op_plug(struct rbi_machine *m, const struct rbi_spec_device *device,
		   struct rb_pci_addr *addr)
{
	struct fake *fake = fake_of(m);

	(void)device;
	if (fake->nfns == FAKE_FUNCTIONS)
		return -EBUSY;
	fake->fn[fake->nfns].present = true;
	*addr = fake->fn[fake->nfns++].addr;
	return 0;
}

static int op_unplug(struct rbi_machine *m, struct rb_pci_addr addr)
{
	struct fake_fn *fn = fn_at(fake_of(m), addr);

	if (!fn)
		return -ENOENT;
	fn->present = false;
	return 0;
}

static int op_net_fd(struct rbi_machine *m, const char *name)
{
	(void)m;
	(void)name;
	return -ENOTSUP;
}

static int op_net_link(struct rbi_machine *m, const char *name, bool up)
{
	(void)up;
	return op_net_fd(m, name);
}

static int op_intx(struct rbi_machine *m, struct rb_pci_addr addr, struct rbi_intx *out)
{
	struct fake_fn *fn = fn_at(fake_of(m), addr);

	if (!fn)
		return -ENODEV;
	out->pin = fn->cfg[0x3d];
	out->line = fn->cfg[0x3d] ? 11 : 0xff;
	return 0;
}

static int op_irq_fd(struct rbi_machine *m, unsigned int n)
{
	struct fake *fake = fake_of(m);

	assert_true(n < fake->irq_count);
	if (fake->fds[n] < 0)
		fake->fds[n] = eventfd((unsigned int)fake->pending[n], EFD_NONBLOCK | EFD_CLOEXEC);
	return fake->fds[n] >= 0 ? fake->fds[n] : -ENOMEM;
}

static int op_irq_take(struct rbi_machine *m, unsigned int n, uint64_t *count)
{
	struct fake *fake = fake_of(m);
	eventfd_t drained;

	if (fake->dead)
		return -ENODEV;
	*count = fake->pending[n];
	fake->pending[n] = 0;
	if (fake->fds[n] >= 0)
		eventfd_read(fake->fds[n], &drained);
	return 0;
}

static int op_irq_unmask(struct rbi_machine *m, unsigned int line)
{
	fake_of(m)->unmasked[line]++;
	return 0;
}

static int op_msg_connect(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int index,
			  unsigned int count, const struct rbi_msg *msg, struct rbi_msg *hw)
{
	(void)m;
	(void)fn;
	assert_int_equal(index, 0);
	assert_in_range(count, 1, 32);
	if (msg->addr >> 20 != 0xfee || msg->data < 50)
		return -EINVAL;
	hw->addr = FAKE_DOORBELL;
	hw->data = msg->data;
	return 0;
}

static void op_msg_undo(struct rbi_machine *m, struct rb_pci_addr fn, const struct rbi_msg *hw,
			struct rbi_msg *msg)
{
	(void)m;
	(void)fn;
	*msg = *hw;
	if (hw->addr == FAKE_DOORBELL)
		msg->addr = 0xfee00000;
}

/* --- time and the rest ---------------------------------------------------------- */

static int64_t op_clock(struct rbi_machine *m)
{
	return fake_of(m)->now;
}

static int op_wait(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns)
{
	struct fake *fake = fake_of(m);
	int ready = poll(fds, n, 0);

	if (ready != 0)
		return ready;
	if (fake->on_wait) {
		fake->on_wait(fake);
		return 0;
	}
	if (deadline_ns != INT64_MAX) {
		fake->now = deadline_ns;
		return -ETIMEDOUT;
	}
	ready = poll(fds, n, 5000);
	assert_int_not_equal(ready, 0); /* nobody is left who could wake us */
	return ready;
}

static void op_delay(struct rbi_machine *m, uint64_t ns)
{
	fake_of(m)->now += (int64_t)ns;
}

static void op_dma_note(struct rbi_machine *m, const struct rbi_dma_note *note)
{
	(void)m;
	(void)note;
}

static void op_violation(struct rbi_machine *m, const char *sentence)
{
	struct fake *fake = fake_of(m);

	fake->violations++;
	snprintf(fake->violation, sizeof(fake->violation), "%s", sentence);
}

static void op_destroy(struct rbi_machine *m, bool forked)
{
	fake_of(m)->destroyed = true;
	fake_of(m)->destroyed_forked = forked;
}

static const struct rbi_machine_ops fake_ops = {
	.functions = op_functions,
	.cfg_read = op_cfg_read,
	.cfg_write = op_cfg_write,
	.cfg_size = op_cfg_size,
	.claim = op_claim,
	.release = op_release,
	.reset = op_reset,
	.plug = op_plug,
	.unplug = op_unplug,
	.net_fd = op_net_fd,
	.net_link = op_net_link,
	.is_ram = op_is_ram,
	.map = op_map,
	.unmap = op_unmap,
	.mem_read = op_mem_read,
	.mem_write = op_mem_write,
	.port_read = op_port_read,
	.port_write = op_port_write,
	.ram = op_ram,
	.ram_map = op_ram_map,
	.ram_unmap = op_unmap,
	.dma_map = op_dma_map,
	.dma_unmap = op_dma_unmap,
	.dma_publish = op_dma_move,
	.dma_observe = op_dma_move,
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

/* --- the functions that are there ----------------------------------------------- */

uint32_t fake_get(const struct fake *fake, unsigned int fn, unsigned int off)
{
	uint32_t val;

	memcpy(&val, fake->fn[fn].cfg + off, sizeof(val));
	return val;
}

void fake_put(struct fake *fake, unsigned int fn, unsigned int off, uint32_t val)
{
	memcpy(fake->fn[fn].cfg + off, &val, sizeof(val));
}

static void mask(struct fake *fake, unsigned int fn, unsigned int off, uint32_t bits)
{
	memcpy(fake->fn[fn].writable + off, &bits, sizeof(bits));
}

static void plug(struct fake *fake, unsigned int fn, unsigned int dev, unsigned int func,
		 uint32_t ids, uint32_t class_rev)
{
	fake->fn[fn].addr = rb_pci_addr_make(0, 0, dev, func);
	fake->fn[fn].present = true;
	fake_put(fake, fn, 0x00, ids);
	fake_put(fake, fn, 0x08, class_rev);
	mask(fake, fn, 0x04, 0x0000ffff);
	mask(fake, fn, 0x3c, 0x000000ff);
}

static void bar(struct fake *fake, unsigned int fn, unsigned int off, uint32_t val, uint32_t bits)
{
	fake_put(fake, fn, off, val);
	mask(fake, fn, off, bits);
}

static void plug_all(struct fake *fake)
{
	plug(fake, FAKE_E1000, 3, 0, 0x100e8086, 0x02000003);
	bar(fake, FAKE_E1000, 0x10, 0xfebc0000, 0xfffe0000);
	bar(fake, FAKE_E1000, 0x14, 0x0000c001, 0x0000ffc0);
	fake_put(fake, FAKE_E1000, 0x3c, 0x000001ff);

	plug(fake, FAKE_EDU, 4, 0, 0x11e81234, 0x00ff0010);
	bar(fake, FAKE_EDU, 0x10, 0xfea00000, 0xfff00000);
	fake_put(fake, FAKE_EDU, 0x04, 0x00100000);
	fake_put(fake, FAKE_EDU, 0x34, 0x40);
	fake_put(fake, FAKE_EDU, 0x3c, 0x000001ff);
	fake_put(fake, FAKE_EDU, 0x40, 0x01840005); /* 64 bit, masking, 4 messages */
	mask(fake, FAKE_EDU, 0x40, 0x00710000);
	mask(fake, FAKE_EDU, 0x44, 0xfffffffc);
	mask(fake, FAKE_EDU, 0x48, 0xffffffff);
	mask(fake, FAKE_EDU, 0x4c, 0x0000ffff);
	mask(fake, FAKE_EDU, 0x50, 0xffffffff);

	plug(fake, FAKE_NIC, 0x1f, 2, 0x10d38086, 0x02000000);
	fake_put(fake, FAKE_NIC, 0x10, 0x0000000c); /* 64 bit, prefetchable, 32 GiB */
	bar(fake, FAKE_NIC, 0x14, 0x00000008, 0xfffffff8);
	bar(fake, FAKE_NIC, 0x30, 0xfeb80000, 0xfffc0001);
	fake_put(fake, FAKE_NIC, 0x04, 0x00100000);
	fake_put(fake, FAKE_NIC, 0x34, 0xa0);
	fake_put(fake, FAKE_NIC, 0xa0, 0x00047011); /* the next one lies lower */
	mask(fake, FAKE_NIC, 0xa0, 0xc0000000);
	fake_put(fake, FAKE_NIC, 0xa4, 0x00000003);
	fake_put(fake, FAKE_NIC, 0xa8, 0x00002003);
	fake_put(fake, FAKE_NIC, 0x70, 0x00005005); /* 32 bit */
	mask(fake, FAKE_NIC, 0x70, 0x00710000);
	mask(fake, FAKE_NIC, 0x74, 0xfffffffc);
	mask(fake, FAKE_NIC, 0x78, 0x0000ffff);
	fake_put(fake, FAKE_NIC, 0x50, 0xa0100009);
	fake_put(fake, FAKE_NIC, 0x54, 0xa4a3a2a1);
	fake_put(fake, FAKE_NIC, 0x58, 0xa8a7a6a5);
	fake_put(fake, FAKE_NIC, 0x5c, 0xacabaaa9);

	plug(fake, FAKE_BRIDGE, 2, 0, 0x000c1b36, 0x06040000);
	fake_put(fake, FAKE_BRIDGE, 0x0c, 0x00010000);
}

struct fake *fake_new(void)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	unsigned int n;

	assert_non_null(fake);
	fake->machine.ops = &fake_ops;
	fake->machine.name = "fake";
	fake->nfns = FAKE_FUNCTIONS;
	fake->irq_count = RBI_IRQ_MAX;
	fake->now = 1000000000;
	for (n = 0; n < RBI_IRQ_MAX; n++)
		fake->fds[n] = -1;
	plug_all(fake);
	return fake;
}

void fake_free(struct fake *fake)
{
	unsigned int n;

	for (n = 0; n < RBI_IRQ_MAX; n++)
		if (fake->fds[n] >= 0)
			close(fake->fds[n]);
	free(fake);
}

void fake_raise(struct fake *fake, unsigned int n)
{
	fake->pending[n]++;
	if (fake->fds[n] >= 0)
		assert_int_equal(eventfd_write(fake->fds[n], 1), 0);
}

/* --- worlds --------------------------------------------------------------------- */

static const char *const options[] = { "profile",     "config", "event_timeout",
				       "zeroed_type", "uid",	"hotplug", "cpus", NULL };

struct world *world_new(const char *text)
{
	struct world *w = calloc(1, sizeof(*w));
	struct rbi_profile profile;
	struct rbi_spec *spec;
	char string[128];
	uint64_t uid = 0;

	assert_non_null(w);
	w->fake = fake_new();
	snprintf(string, sizeof(string), "fake%s%s", *text ? ":" : "", text);
	assert_int_equal(rbi_spec_parse(string, options, &spec), 0);
	assert_int_equal(rbi_profile_from_spec(spec, &profile), 0);
	assert_int_equal(rbi_spec_number(spec, "uid", 0, UINT32_MAX, &uid), 0);
	rbi_spec_free(spec);
	assert_int_equal(rbi_hosted_new(&w->fake->machine, &profile, (unsigned int)uid, &w->sys),
			 0);
	return w;
}

void world_free(struct world *w)
{
	w->sys->ops->destroy(w->sys);
	assert_true(w->fake->destroyed);
	assert_false(w->fake->destroyed_forked);
	assert_int_equal(w->fake->live_maps, 0);
	fake_free(w->fake);
	free(w);
}

int world_setup(void **state)
{
	*state = world_new("profile=base-2026");
	return 0;
}

int world_teardown(void **state)
{
	world_free(*state);
	return 0;
}

int w_open(struct world *w, const char *path, unsigned int flags)
{
	return w->sys->ops->open(w->sys, path, flags);
}

void w_close(struct world *w, int fd)
{
	w->sys->ops->close(w->sys, fd);
}

ssize_t w_read(struct world *w, int fd, void *buf, size_t len)
{
	return w->sys->ops->read(w->sys, fd, buf, len);
}

ssize_t w_write(struct world *w, int fd, const void *buf, size_t len)
{
	return w->sys->ops->write(w->sys, fd, buf, len);
}

int w_mmap(struct world *w, int fd, size_t len, unsigned int flags, uint64_t off, void **base)
{
	return w->sys->ops->mmap(w->sys, fd, len, RBI_PROT_READ | RBI_PROT_WRITE, flags, off, base);
}

ssize_t w_call(struct world *w, int fd, void *payload, size_t len, const uint64_t *meta, size_t n)
{
	return w->sys->ops->call(w->sys, fd, payload, len, RBI_CALL_READ, meta, n);
}

int w_list(struct world *w, const char *path, char *out, size_t size)
{
	char name[RBI_NAME_MAX];
	size_t used = 0;
	void *dir;
	int rc;

	out[0] = '\0';
	rc = w->sys->ops->opendir(w->sys, path, &dir);
	if (rc < 0)
		return rc;
	while ((rc = w->sys->ops->readdir(w->sys, dir, name, sizeof(name))) == 1)
		used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", name);
	w->sys->ops->closedir(w->sys, dir);
	return rc;
}

bool fd_is_ready(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}
