/* SPDX-License-Identifier: MIT */
/*
 * pcihost_config.c - configuration space that is read and never written.
 *
 * Until somebody asks for more, a function answers from what the kernel told when the
 * list was made: ids, class, revision, subsystem. Of the dword at 0x0c only the header
 * type is known then, for the kernel clears the class of a function whose header does
 * not go with it: 0604 has a bridge's, 0607 that of CardBus, and others but some bridges
 * a device's. Cache line, latency and self-test read 0. Any other dword, or a claim,
 * makes all of them real.
 *
 * Two things answer what was written, for whoever writes them reads them back: a BAR
 * that is asked for its size, and the command register while a driver has the function.
 */
#include "config.h"

#include <errno.h>

#include "core/bits.h"
#include "host/pci/pcihost.h"

#define COMMAND	     0x04u
#define CLASS	     0x08u
#define HEADER	     0x0cu
#define BAR0	     0x10u
#define SUBSYSTEM    0x2cu
#define ROM	     0x30u
#define ROM_BRIDGE   0x38u
#define USER_SPACE   64u /* what anybody may read, but of CardBus bridges: 128 */
#define PLAIN_SPACE  256u
#define ALL_SPACE    4096u
#define HEADER_MULTI 0x80u
#define ROM_ADDRESS  0xfffff800u
#define NO_ROM	     ALL_SPACE /* an offset that nobody reads */

/* --- what the list tells ----------------------------------------------------------------- */

/* True if the kernel vouches for it. Bridges of rarer kinds may have either header. */
static bool header_of_class(uint32_t class_code, uint8_t *header)
{
	unsigned int base = class_code >> 16, sub = class_code >> 8 & 0xff;

	*header = PCIHOST_DEVICE;
	if (base == 0x06 && sub == 0x04)
		*header = PCIHOST_BRIDGE;
	else if (base == 0x06 && sub == 0x07)
		*header = PCIHOST_CARDBUS;
	else if (class_code >> 8 == 0 || (base == 0x06 && sub > 0x02))
		return false; /* 0: the kernel cleared it, or the device is very old */
	return true;
}

void rbi_pcihost_learn(struct pcihost_func *fn, const struct pci_device *dev)
{
	fn->addr = rb_pci_addr_make(dev->domain, dev->bus, dev->dev, dev->func);
	fn->ids = (uint32_t)dev->device_id << 16 | dev->vendor_id;
	fn->class_revision = dev->device_class << 8 | dev->revision;
	fn->subsystem = (uint32_t)dev->subdevice_id << 16 | dev->subvendor_id;
	fn->header_known = header_of_class(dev->device_class & 0xffffff, &fn->header);
}

/* The function at @addr, or NULL. */
static struct pcihost_func *find(struct pcihost *p, struct rb_pci_addr addr)
{
	size_t low = 0, high = p->count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->funcs[mid].addr.sbdf == addr.sbdf)
			return &p->funcs[mid];
		if (p->funcs[mid].addr.sbdf < addr.sbdf)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* --- what the device says ---------------------------------------------------------------- */

/* Bytes at @off, at most 4: how many there are; negative when nobody answers. */
static int read_bytes(const struct pcihost_func *fn, unsigned int off, uint8_t bytes[4])
{
	struct pci_device *dev = rbi_pcihost_device(fn->addr);
	pciaddr_t got = 0;
	int err;

	if (!dev)
		return -ENODEV;
	err = pci_device_cfg_read(dev, bytes, off, 4, &got);
	if (err == EACCES || err == EPERM)
		return 0;
	return err != 0 || got > 4 ? -ENODEV : (int)got;
}

/* Whole dwords lie below the end of what the host shows, so the rest is hidden or not
 * there at all: every function has 256 bytes. */
static bool is_hidden(const struct pcihost_func *fn, unsigned int off)
{
	uint8_t bytes[4];

	return off < PLAIN_SPACE || read_bytes(fn, PLAIN_SPACE - 4, bytes) == 0;
}

int rbi_pcihost_read_dword(struct pcihost_func *fn, unsigned int off, uint32_t *val)
{
	uint8_t bytes[4];
	int n = read_bytes(fn, off, bytes);

	*val = UINT32_MAX;
	if (n >= 0 && n < 4 && is_hidden(fn, off))
		return rbi_fail(-EACCES, "the host shows only %u bytes of configuration space to "
					 "users that are not root", USER_SPACE);
	if (n == 4)
		*val = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		       (uint32_t)bytes[3] << 24;
	if (off != 0)
		return 0;

	if (*val != UINT32_MAX)
		fn->answers = true;
	else if (n == 4 && !fn->answers)
		*val = fn->ids; /* a virtual function: its ids are the kernel's (SR-IOV 1.1, 3.4.1.1) */
	return 0;
}

/* --- before anybody looked --------------------------------------------------------------- */

static int header_dword(struct pcihost_func *fn, uint32_t *val)
{
	int rc;

	if (!fn->header_known) {
		rc = rbi_pcihost_read_dword(fn, HEADER, val);
		if (rc < 0 || *val == UINT32_MAX)
			return rc;
		fn->header = *val >> 16 & 0x7f;
		fn->multi = *val >> 16 & HEADER_MULTI;
		fn->header_known = true;
		return 0;
	}
	*val = (uint32_t)(fn->header | (fn->multi ? HEADER_MULTI : 0)) << 16;
	return 0;
}

/* True: *rc and *val are the answer. */
static bool told_by_list(struct pcihost_func *fn, unsigned int off, uint32_t *val, int *rc)
{
	*rc = 0;
	if (fn->looked_at)
		return false;
	switch (off) {
	case 0:
		*val = fn->ids;
		return true;
	case CLASS:
		*val = fn->class_revision;
		return true;
	case HEADER:
		*rc = header_dword(fn, val);
		return true;
	case SUBSYSTEM:
		*val = fn->subsystem;
		return fn->header_known && fn->header == PCIHOST_DEVICE;
	default:
		return false;
	}
}

/* --- what was written -------------------------------------------------------------------- */

static unsigned int rom_off(const struct pcihost_func *fn)
{
	static const unsigned int offs[] = { ROM, ROM_BRIDGE };

	return fn->header <= PCIHOST_BRIDGE ? offs[fn->header] : NO_ROM;
}

/* The bit of @fn->sizing for the dword at @off, or -1. */
static int base_address(const struct pcihost_func *fn, unsigned int off)
{
	static const unsigned int bars[] = { 6, 2, 1 };
	unsigned int count = fn->header <= PCIHOST_CARDBUS ? bars[fn->header] : 0;

	if (off == rom_off(fn))
		return PCIHOST_ROM;
	return off >= BAR0 && off < BAR0 + 4 * count ? (int)((off - BAR0) / 4) : -1;
}

/* What a base address that held @val reads when all ones are written to it. */
static uint32_t size_bits(struct pcihost_func *fn, int bar, uint32_t val)
{
	const struct pcihost_region *r;

	rbi_pcihost_regions(fn);
	if (bar == PCIHOST_ROM)
		return (val & ROM_ADDRESS) && rbi_is_power_of_two(fn->rom_size) ?
			       ~(fn->rom_size - 1) & ROM_ADDRESS :
			       0;
	if (!fn->regions)
		return 0;
	r = &fn->regions[bar];
	if (bar > 0 && r[-1].is_64 && r[-1].size != 0)
		return (uint32_t)(~(r[-1].size - 1) >> 32);
	if (r->size == 0)
		return 0;
	return ((uint32_t)~(r->size - 1) & ~(r->is_port ? 3u : 15u)) | (val & (r->is_port ? 3u : 15u));
}

/* --- operations -------------------------------------------------------------------------- */

static int read_shadowed(struct pcihost_func *fn, unsigned int off, uint32_t *val)
{
	int bar, rc;

	if (told_by_list(fn, off, val, &rc))
		return rc;
	fn->looked_at = true;
	rc = rbi_pcihost_read_dword(fn, off, val);
	if (rc < 0 || *val == UINT32_MAX)
		return rc;
	if (off == COMMAND && fn->claimed)
		*val = (*val & 0xffff0000u) | fn->command;
	bar = base_address(fn, off);
	if (bar >= 0 && fn->sizing >> bar & 1)
		*val = size_bits(fn, bar, *val);
	return 0;
}

int rbi_pcihost_op_cfg_read(struct rbi_machine *m, struct rb_pci_addr addr, unsigned int off,
			    unsigned int width, uint32_t *val)
{
	struct pcihost *p = pcihost_of(m);
	struct pcihost_func *fn = find(p, addr);
	uint32_t mask = width >= 4 ? UINT32_MAX : (1u << 8 * width) - 1;
	int rc = 0;

	*val = UINT32_MAX;
	if (fn && off < ALL_SPACE) {
		rbi_pcihost_lock(p->pid);
		rc = read_shadowed(fn, off & ~3u, val);
		rbi_pcihost_unlock();
	}
	*val = *val >> 8 * (off & 3) & mask;
	return rc;
}

/* Does @val ask base address @bar for its size? */
static bool asks_size(int bar, uint32_t val)
{
	return bar == PCIHOST_ROM ? (val & ROM_ADDRESS) == ROM_ADDRESS : (val | 15) == UINT32_MAX;
}

int rbi_pcihost_op_cfg_write(struct rbi_machine *m, struct rb_pci_addr addr, unsigned int off,
			     unsigned int width, uint32_t val)
{
	struct pcihost *p = pcihost_of(m);
	struct pcihost_func *fn = find(p, addr);
	int bar;

	if (!fn)
		return 0;
	rbi_pcihost_lock(p->pid);
	bar = base_address(fn, off);
	if (bar >= 0 && width == 4) {
		fn->sizing &= (uint8_t)~(1u << bar);
		if (asks_size(bar, val))
			fn->sizing |= (uint8_t)(1u << bar);
	}
	if (off == COMMAND && width >= 2 && fn->claimed)
		fn->command = (uint16_t)val;
	rbi_pcihost_unlock();
	return 0;
}

unsigned int rbi_pcihost_op_cfg_size(struct rbi_machine *m, struct rb_pci_addr addr)
{
	struct pcihost *p = pcihost_of(m);
	struct pcihost_func *fn = find(p, addr);
	unsigned int size = 0;
	uint8_t bytes[4];

	if (!fn)
		return 0;
	rbi_pcihost_lock(p->pid);
	if (read_bytes(fn, PLAIN_SPACE, bytes) == 4)
		size = ALL_SPACE;
	else if (read_bytes(fn, USER_SPACE, bytes) == 4)
		size = PLAIN_SPACE;
	else if (read_bytes(fn, 0, bytes) == 4)
		size = USER_SPACE;
	rbi_pcihost_unlock();
	return size;
}

/* Nobody but this machine hears of it. */
int rbi_pcihost_op_claim(struct rbi_machine *m, struct rb_pci_addr addr)
{
	struct pcihost *p = pcihost_of(m);
	struct pcihost_func *fn = find(p, addr);
	uint32_t dword = UINT32_MAX;

	if (!fn)
		return rbi_fail(-ENODEV, "pci: no function at %#x", addr.sbdf);
	rbi_pcihost_lock(p->pid);
	(void)rbi_pcihost_read_dword(fn, COMMAND, &dword);
	fn->command = (uint16_t)dword;
	fn->claimed = true;
	fn->looked_at = true;
	rbi_pcihost_unlock();
	return 0;
}

void rbi_pcihost_op_release(struct rbi_machine *m, struct rb_pci_addr addr)
{
	struct pcihost *p = pcihost_of(m);
	struct pcihost_func *fn = find(p, addr);

	if (!fn)
		return;
	rbi_pcihost_lock(p->pid);
	fn->claimed = false;
	fn->sizing = 0;
	rbi_pcihost_unlock();
}
