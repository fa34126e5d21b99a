/* SPDX-License-Identifier: MIT */
/* qemu_mem.c - the physical address space, ports, and RAM shared with QEMU. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "core/bits.h"
#include "core/core.h"
#include "host/qemu/qemu.h"

#define PORT_CFG_ADDRESS 0xcf8 /* configuration mechanism #1 (PCI 3.0, 3.2.2.3.2) */
#define PORT_CFG_DATA	 0xcfc

struct range {
	uint64_t base, end;
};

/* What answers outside every BAR: low memory as the CPU sees it at power-on, the I/O
 * APIC, the local APIC and the firmware. */
static const struct range chipset[] = {
	{ 0x00000000, 0x000a0000 }, { 0x000f0000, 0x00100000 },	 { 0xfec00000, 0xfec01000 },
	{ 0xfee00000, 0xfef00000 }, { 0xffff0000, 0x100000000 },
};

static bool inside(const struct range *r, uint64_t addr, unsigned int width)
{
	return addr >= r->base && addr < r->end && width <= r->end - addr;
}

static bool in_chipset(uint64_t addr, unsigned int width)
{
	size_t i;

	for (i = 0; i < sizeof(chipset) / sizeof(chipset[0]); i++) {
		if (inside(&chipset[i], addr, width))
			return true;
	}
	return false;
}

static bool bad_access(uint64_t addr, unsigned int width)
{
	return (width != 1 && width != 2 && width != 4 && width != 8) || addr % width != 0;
}

/* --- configuration space through its window ---------------------------------------------- */

static const struct range ecam = { QEMU_ECAM_BASE, (uint64_t)QEMU_ECAM_BASE + QEMU_ECAM_SIZE };

static struct rb_pci_addr ecam_fn(uint64_t addr)
{
	struct rb_pci_addr fn;

	fn.sbdf = (uint32_t)(addr - QEMU_ECAM_BASE) >> 12;
	return fn;
}

static int ecam_read(struct rbi_qemu *q, uint64_t addr, unsigned int width, uint64_t *val)
{
	uint32_t low, high = 0;
	unsigned int off = addr & 0xfff;
	int rc = rbi_qemu_cfg_get(q, ecam_fn(addr), off, width > 4 ? 4 : width, &low);

	if (rc == 0 && width == 8)
		rc = rbi_qemu_cfg_get(q, ecam_fn(addr), off + 4, 4, &high);
	*val = rc < 0 ? rbi_ones(width) : (uint64_t)high << 32 | low;
	return rc;
}

static int ecam_write(struct rbi_qemu *q, uint64_t addr, unsigned int width, uint64_t val)
{
	unsigned int off = addr & 0xfff;
	int rc = rbi_qemu_cfg_put(q, ecam_fn(addr), off, width > 4 ? 4 : width, (uint32_t)val);

	if (rc == 0 && width == 8)
		rc = rbi_qemu_cfg_put(q, ecam_fn(addr), off + 4, 4, (uint32_t)(val >> 32));
	return rc;
}

/* --- memory ------------------------------------------------------------------------------ */

bool rbi_qemu_op_is_ram(struct rbi_machine *m, uint64_t phys, uint64_t len)
{
	uint64_t end = rbi_qemu_of(m)->opt.memory;

	/* Below 1 MiB Redox lets drivers map what it does not use itself (probe 1). */
	return len > 0 && phys < end && (phys >= QEMU_RAM_BASE || len > QEMU_RAM_BASE - phys);
}

/* Beside the functions of PCI. */
static bool has_other(struct rbi_qemu *q, uint64_t phys, unsigned int width)
{
	return in_chipset(phys, width) || rbi_qemu_op_is_ram(&q->base, phys, width);
}

static int read_memory(struct rbi_qemu *q, uint64_t phys, unsigned int width, uint64_t *val)
{
	int by, rc;

	if (rbi_qemu_dead(q))
		return rbi_qtest_flush(&q->qt); /* says why */
	if (inside(&ecam, phys, width))
		return ecam_read(q, phys, width, val);
	by = rbi_qemu_decodes(q, false, phys, width);
	if (by < 0 || (by == 0 && !has_other(q, phys, width)))
		return by;
	rc = rbi_qtest_mem_read(&q->qt, phys, width, val);
	if (rc == 0 && by > 0)
		rbi_qemu_msix_read(q, &q->pci.fn[q->pci.hit], phys, width, val);
	return rc;
}

static int write_memory(struct rbi_qemu *q, uint64_t phys, unsigned int width, uint64_t val)
{
	int by, rc = 0;

	if (rbi_qemu_dead(q))
		return rbi_qtest_flush(&q->qt);
	if (inside(&ecam, phys, width))
		return ecam_write(q, phys, width, val);
	by = rbi_qemu_decodes(q, false, phys, width);
	if (by < 0 || (by == 0 && !has_other(q, phys, width)))
		return by;
	if (by > 0)
		rc = rbi_qemu_msix_write(q, &q->pci.fn[q->pci.hit], phys, width, &val);
	return rc < 0 ? rc : rbi_qtest_mem_post(&q->qt, phys, width, val);
}

int rbi_qemu_op_mem_read(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t *val)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc;

	*val = rbi_ones(width);
	if (bad_access(phys, width))
		return rbi_fail(-EINVAL, "%u bytes at %#llx", width, (unsigned long long)phys);

	rbi_qtest_lock(&q->qt);
	rc = read_memory(q, phys, width, val);
	rbi_qtest_unlock(&q->qt);
	return rc;
}

int rbi_qemu_op_mem_write(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t val)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc;

	if (bad_access(phys, width))
		return rbi_fail(-EINVAL, "%u bytes at %#llx", width, (unsigned long long)phys);

	rbi_qtest_lock(&q->qt);
	rc = write_memory(q, phys, width, val);
	rbi_qtest_unlock(&q->qt);
	return rc;
}

/* --- ports ------------------------------------------------------------------------------- */

static int check_port(uint16_t port, unsigned int width)
{
	if ((width != 1 && width != 2 && width != 4) || width > 0x10000u - port)
		return rbi_fail(-EINVAL, "%u bytes at port %#x", width, port);
	return 0;
}

/* Configuration accesses by ports see the same space as all others: the machine keeps
 * the address latch itself. Which function and offset does @port name now? */
static bool latched(struct rbi_qemu *q, uint16_t port, unsigned int width, struct rb_pci_addr *fn,
		    unsigned int *off)
{
	unsigned int byte = port - PORT_CFG_DATA;

	if (port < PORT_CFG_DATA || byte + width > 4 || byte % width != 0)
		return false;
	fn->sbdf = q->pci.cf8 >> 8 & 0xffff;
	*off = (q->pci.cf8 & 0xfc) + byte;
	return true;
}

static int read_port(struct rbi_qemu *q, uint16_t port, unsigned int width, uint32_t *val)
{
	struct rb_pci_addr fn;
	unsigned int off;
	int rc;

	if (rbi_qemu_dead(q))
		return rbi_qtest_flush(&q->qt);
	if (port == PORT_CFG_ADDRESS && width == 4) {
		*val = q->pci.cf8;
		return 0;
	}
	if (latched(q, port, width, &fn, &off))
		return q->pci.cf8 >> 31 ? rbi_qemu_cfg_get(q, fn, off, width, val) : 0;
	/* QEMU itself answers all-ones where no port is (qemu-notes 2 is about memory). */
	rc = rbi_qemu_decodes(q, true, port, width);
	return rc < 0 ? rc : rbi_qtest_port_read(&q->qt, port, width, val);
}

static int write_port(struct rbi_qemu *q, uint16_t port, unsigned int width, uint32_t val)
{
	struct rb_pci_addr fn;
	unsigned int off;
	int rc;

	if (rbi_qemu_dead(q))
		return rbi_qtest_flush(&q->qt);
	if (port == PORT_CFG_ADDRESS && width == 4) {
		q->pci.cf8 = val;
		return 0;
	}
	if (latched(q, port, width, &fn, &off))
		return q->pci.cf8 >> 31 ? rbi_qemu_cfg_put(q, fn, off, width, val) : 0;
	rc = rbi_qemu_decodes(q, true, port, width);
	return rc < 0 ? rc : rbi_qtest_port_write(&q->qt, port, width, val);
}

int rbi_qemu_op_port_read(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t *val)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc;

	*val = (uint32_t)rbi_ones(width);
	rc = check_port(port, width);
	if (rc < 0)
		return rc;

	rbi_qtest_lock(&q->qt);
	rc = read_port(q, port, width, val);
	rbi_qtest_unlock(&q->qt);
	return rc;
}

int rbi_qemu_op_port_write(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t val)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc = check_port(port, width);

	if (rc < 0)
		return rc;

	rbi_qtest_lock(&q->qt);
	rc = write_port(q, port, width, val);
	rbi_qtest_unlock(&q->qt);
	return rc;
}

/* --- RAM --------------------------------------------------------------------------------- */

size_t rbi_qemu_op_ram(struct rbi_machine *m, struct rbi_ram *ram, size_t max)
{
	if (max > 0) {
		ram[0].base = QEMU_RAM_BASE;
		ram[0].size = rbi_qemu_of(m)->opt.memory - QEMU_RAM_BASE;
	}
	return 1;
}

int rbi_qemu_op_ram_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	void *p;

	*cpu = NULL;
	if (len == 0 || phys < QEMU_RAM_BASE || phys > q->opt.memory || len > q->opt.memory - phys)
		return rbi_fail(-ERANGE, "%#llx bytes at %#llx are not RAM",
				(unsigned long long)len, (unsigned long long)phys);

	/* Physical address and offset in the file are one (qemu-notes 11.5). */
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, q->ram_fd, (off_t)phys);
	if (p == MAP_FAILED)
		return rbi_no_memory("a mapping of RAM");
	madvise(p, len, MADV_DONTFORK);
	memset(p, 0, len);
	*cpu = p;
	return 0;
}

void rbi_qemu_op_ram_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *cpu)
{
	(void)m;
	(void)phys;
	if (cpu)
		munmap(cpu, len);
}
