/* SPDX-License-Identifier: MIT */
/* qemu_cfg.c - configuration space: QEMU's own, through ECAM. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "core/bits.h"
#include "core/core.h"
#include "host/qemu/qemu.h"
#include "host/qemu/qemu_regs.h"

char *rbi_qemu_fn_name(struct rb_pci_addr addr, char *buf)
{
	snprintf(buf, QEMU_FN_NAME, "%04x:%02x:%02x.%x", rb_pci_addr_segment(addr),
		 rb_pci_addr_bus(addr), rb_pci_addr_device(addr), rb_pci_addr_function(addr));
	return buf;
}

/* --- raw access -------------------------------------------------------------------------- */

static uint64_t ecam(struct rb_pci_addr fn, unsigned int off)
{
	return QEMU_ECAM_BASE + ((uint64_t)(fn.sbdf & 0xffff) << 12) + off;
}

int rbi_qemu_cfg_raw_read(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t *val)
{
	uint64_t v;
	int rc = rbi_qtest_mem_read(&q->qt, ecam(fn, off), width, &v);

	*val = (uint32_t)v;
	return rc;
}

int rbi_qemu_cfg_raw_write(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off,
			   unsigned int width, uint32_t val)
{
	return rbi_qtest_mem_write(&q->qt, ecam(fn, off), width, val);
}

int rbi_qemu_cfg_raw_block(struct rbi_qemu *q, struct rb_pci_addr fn, void *buf, size_t len)
{
	return rbi_qtest_mem_read_block(&q->qt, ecam(fn, 0), buf, len);
}

int rbi_qemu_cfg_raw_post(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t val)
{
	return rbi_qtest_mem_post(&q->qt, ecam(fn, off), width, val);
}

struct rbi_qemu_fn *rbi_qemu_find_fn(struct rbi_qemu *q, struct rb_pci_addr addr)
{
	size_t i = addr.sbdf < QEMU_PLACES ? q->pci.index[addr.sbdf] : 0;

	return i > 0 ? &q->pci.fn[i - 1] : NULL;
}

/* As drivers see it: there, not removed, and not the machine's own. */
static struct rbi_qemu_fn *find_shown(struct rbi_qemu *q, struct rb_pci_addr addr)
{
	struct rbi_qemu_fn *fn = rbi_qemu_find_fn(q, addr);

	return fn && !fn->gone && !fn->hidden ? fn : NULL;
}

/* --- access as drivers see it ------------------------------------------------------------ */

int rbi_qemu_cfg_get(struct rbi_qemu *q, struct rb_pci_addr addr, unsigned int off,
		     unsigned int width, uint32_t *val)
{
	const struct rbi_qemu_fn *fn = find_shown(q, addr);

	*val = (uint32_t)rbi_ones(width);
	if (rbi_qemu_dead(q))
		return rbi_qtest_flush(&q->qt); /* says why */
	if (!fn || off >= fn->cfg_size)
		return 0;
	return rbi_qemu_cfg_raw_read(q, addr, off, width, val);
}

/* The bus numbers of a bridge and the place of ECAM are how the machine itself finds
 * things. They cannot be changed, as on a board whose firmware has locked them. */
static bool is_locked(const struct rbi_qemu_fn *fn, unsigned int off, unsigned int width)
{
	if (fn->bridge && rbi_qemu_touches(off, width, CFG_BUSES, CFG_BUSES + 3))
		return true;
	return fn->addr.sbdf == 0 && rbi_qemu_touches(off, width, CFG_PCIEXBAR, CFG_PCIEXBAR + 8);
}

int rbi_qemu_cfg_put(struct rbi_qemu *q, struct rb_pci_addr addr, unsigned int off,
		     unsigned int width, uint32_t val)
{
	struct rbi_qemu_fn *fn = find_shown(q, addr);
	int rc;

	if (rbi_qemu_dead(q))
		return rbi_qtest_flush(&q->qt);
	if (!fn || off >= fn->cfg_size || is_locked(fn, off, width))
		return 0;
	rc = rbi_qemu_cfg_raw_write(q, addr, off, width, val);
	return rc < 0 ? rc : rbi_qemu_copy_after(q, fn, off, width);
}

static bool bad_access(unsigned int off, unsigned int width)
{
	return (width != 1 && width != 2 && width != 4) || off % width != 0;
}

int rbi_qemu_op_cfg_read(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			 unsigned int width, uint32_t *val)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc;

	*val = 0xffffffff;
	if (bad_access(off, width))
		return rbi_fail(-EINVAL, "%u bytes of configuration space at %#x", width, off);

	rbi_qtest_lock(&q->qt);
	rc = rbi_qemu_cfg_get(q, fn, off, width, val);
	rbi_qtest_unlock(&q->qt);
	return rc;
}

int rbi_qemu_op_cfg_write(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t val)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc;

	if (bad_access(off, width))
		return rbi_fail(-EINVAL, "%u bytes of configuration space at %#x", width, off);

	rbi_qtest_lock(&q->qt);
	rc = rbi_qemu_cfg_put(q, fn, off, width, val);
	rbi_qtest_unlock(&q->qt);
	return rc;
}

int rbi_qemu_op_functions(struct rbi_machine *m, struct rb_pci_addr *fns, size_t max)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	size_t i, n = 0;
	int rc;

	rbi_qtest_lock(&q->qt);
	rc = rbi_qemu_dead(q) ? rbi_qtest_flush(&q->qt) : 0;
	for (i = 0; i < q->pci.n && rc == 0; i++) {
		if (q->pci.fn[i].gone || q->pci.fn[i].hidden)
			continue;
		if (n < max)
			fns[n] = q->pci.fn[i].addr;
		n++;
	}
	rbi_qtest_unlock(&q->qt);
	return rc < 0 ? rc : (int)n;
}

unsigned int rbi_qemu_op_cfg_size(struct rbi_machine *m, struct rb_pci_addr addr)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	const struct rbi_qemu_fn *fn;
	unsigned int size;

	rbi_qtest_lock(&q->qt);
	fn = find_shown(q, addr);
	size = fn && !rbi_qemu_dead(q) ? fn->cfg_size : 0;
	rbi_qtest_unlock(&q->qt);
	return size;
}

/* QEMU's device is ours as it is: there is nothing to attach. */
int rbi_qemu_op_claim(struct rbi_machine *m, struct rb_pci_addr addr)
{
	char name[QEMU_FN_NAME];

	if (rbi_qemu_op_cfg_size(m, addr) == 0)
		return rbi_fail(-ENODEV, "PCI function %s is gone", rbi_qemu_fn_name(addr, name));
	return 0;
}

void rbi_qemu_op_release(struct rbi_machine *m, struct rb_pci_addr addr)
{
	(void)m;
	(void)addr;
}

int rbi_qemu_op_intx(struct rbi_machine *m, struct rb_pci_addr addr, struct rbi_intx *out)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	const struct rbi_qemu_fn *fn;
	char name[QEMU_FN_NAME];
	int rc = 0;

	out->pin = 0;
	out->line = 0xff;
	rbi_qtest_lock(&q->qt);
	fn = find_shown(q, addr);
	if (fn && !rbi_qemu_dead(q)) {
		out->pin = fn->pin;
		out->line = fn->line;
	} else {
		rc = rbi_fail(-ENODEV, "PCI function %s is gone", rbi_qemu_fn_name(addr, name));
	}
	rbi_qtest_unlock(&q->qt);
	return rc;
}
