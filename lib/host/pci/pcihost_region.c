/* SPDX-License-Identifier: MIT */
/*
 * pcihost_region.c - where a function's BARs lie, and looking at its registers.
 *
 * A look is a mapping of one page, for reading only, that lives as long as the read:
 * nothing is kept that a driver of the host, or one that leaves, could trip over. It
 * costs some microseconds, and is made for people, not for drivers.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "core/bits.h"
#include "host/pci/pcihost.h"

#define PAGE	       4096u
#define COMMAND	       0x04u
#define COMMAND_MEMORY 0x2u
#define BAR0	       0x10u

/* --- regions ----------------------------------------------------------------------------- */

/*
 * What stands in the BAR must be an address, or the region is none of the function's own:
 * the BARs of a virtual function read 0 (SR-IOV 1.1, 3.4.1.11).
 */
static void take_region(struct pcihost_func *fn, const struct pci_device *dev, unsigned int i)
{
	const struct pci_mem_region *region = &dev->regions[i];
	struct pcihost_region *r = &fn->regions[i];
	uint32_t low, high = 0;

	if (!rbi_is_power_of_two(region->size))
		return;
	if (rbi_pcihost_read_dword(fn, BAR0 + 4 * i, &low) < 0 || low == UINT32_MAX)
		return;
	if (!region->is_IO && region->is_64 &&
	    (i + 1 == PCIHOST_BARS ||
	     rbi_pcihost_read_dword(fn, BAR0 + 4 * (i + 1), &high) < 0))
		return;
	r->bus = (uint64_t)high << 32 | (low & ~(region->is_IO ? 3u : 15u));
	if (r->bus == 0)
		return;
	r->cpu = region->base_addr;
	r->size = region->size;
	r->is_port = region->is_IO;
	r->is_64 = !region->is_IO && region->is_64;
}

void rbi_pcihost_regions(struct pcihost_func *fn)
{
	struct pci_device *dev;
	unsigned int i;

	if (fn->regions)
		return;
	dev = rbi_pcihost_device(fn->addr);
	if (!dev || pci_device_probe(dev) != 0)
		return;
	fn->regions = rbi_alloc(PCIHOST_BARS, sizeof(*fn->regions));
	if (!fn->regions)
		return;
	for (i = 0; i < PCIHOST_BARS; i++)
		take_region(fn, dev, i);
	if (dev->rom_size <= UINT32_MAX)
		fn->rom_size = (uint32_t)dev->rom_size;
}

static bool has(const struct pcihost_region *r, uint64_t phys, unsigned int width)
{
	return r->size >= width && !r->is_port && phys >= r->bus && phys - r->bus <= r->size - width;
}

/* The function and region that decode [phys, phys + width). Only functions that a driver
 * has opened have regions, and only those can be looked at. */
static struct pcihost_func *behind(struct pcihost *p, uint64_t phys, unsigned int width,
				   struct pcihost_region **out)
{
	size_t i;
	unsigned int j;

	for (i = 0; i < p->count; i++) {
		for (j = 0; p->funcs[i].regions && j < PCIHOST_BARS; j++) {
			if (has(&p->funcs[i].regions[j], phys, width)) {
				*out = &p->funcs[i].regions[j];
				return &p->funcs[i];
			}
		}
	}
	return NULL;
}

/* --- registers --------------------------------------------------------------------------- */

static uint64_t load(const volatile uint8_t *at, unsigned int width)
{
	switch (width) {
	case 1:
		return *at;
	case 2:
		return *(const volatile uint16_t *)at;
	case 4:
		return *(const volatile uint32_t *)at;
	default:
		return *(const volatile uint64_t *)at;
	}
}

static int gone(uint64_t phys)
{
	return rbi_fail(-ENODEV, "pci: the function behind %#llx is gone",
			(unsigned long long)phys);
}

/* Registers that cannot be had: with the function, or for reasons of the host (a driver
 * that keeps them for itself, a kernel that shows none, no right to). */
static int refused(struct pcihost_func *fn, int err, uint64_t phys)
{
	uint32_t ids;

	if (rbi_pcihost_read_dword(fn, 0, &ids) < 0 || ids == UINT32_MAX)
		return gone(phys);
	return rbi_fail(-EACCES, "pci: the host does not let this process look at %#llx: %s",
			(unsigned long long)phys, strerror(err));
}

/* One read @off bytes into @r. */
static int look(struct pcihost_func *fn, struct pci_device *dev, const struct pcihost_region *r,
		uint64_t off, unsigned int width, uint64_t *val)
{
	uint64_t page = off & ~(uint64_t)(PAGE - 1);
	uint64_t len = r->size - page < PAGE ? r->size - page : PAGE;
	void *base = NULL;
	int err;

	err = pci_device_map_range(dev, r->cpu + page, len, 0, &base);
	if (err != 0)
		return refused(fn, err, r->bus + off);
	/* a region smaller than a page begins where it does in its page */
	*val = load((uint8_t *)base + (r->cpu & (PAGE - 1)) + (off - page), width);
	pci_device_unmap_range(dev, base, len);
	return 0;
}

static int read_region(struct pcihost_func *fn, const struct pcihost_region *r, uint64_t off,
		       unsigned int width, uint64_t *val)
{
	struct pci_device *dev = rbi_pcihost_device(fn->addr);
	uint32_t command = 0;

	if (!dev)
		return gone(r->bus + off);
	/* what does not decode is not asked: somebody else may stand there, or nobody, and
	 * not every host takes that well */
	if (rbi_pcihost_read_dword(fn, COMMAND, &command) < 0 || !(command & COMMAND_MEMORY))
		return 0;
	/* the list may be a younger one, that knows nothing of regions yet */
	if (pci_device_probe(dev) != 0)
		return gone(r->bus + off);
	return look(fn, dev, r, off, width, val);
}

int rbi_pcihost_op_mem_read(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t *val)
{
	struct pcihost *p = pcihost_of(m);
	struct pcihost_region *r;
	struct pcihost_func *fn;
	int rc;

	*val = UINT64_MAX;
	rbi_pcihost_lock(p->pid);
	fn = behind(p, phys, width, &r);
	if (fn)
		rc = read_region(fn, r, phys - r->bus, width, val);
	else
		rc = rbi_fail(-EACCES, "pci: %#llx is in no BAR of an open function",
			      (unsigned long long)phys);
	rbi_pcihost_unlock();
	*val &= rbi_ones(width);
	return rc;
}

int rbi_pcihost_op_mem_write(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t val)
{
	(void)m;
	(void)width;
	(void)val;
	return rbi_fail(-EACCES, "pci: machine 'pci' only looks: nothing is written at %#llx",
			(unsigned long long)phys);
}
