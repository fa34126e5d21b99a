/* SPDX-License-Identifier: MIT */
/*
 * pci_walk.c - bridges, which pcid walks through and does not list.
 *
 * What is read here pcid has read itself when it started: the buses it found, and the
 * places on them. A bridge says which bus is behind it (PCI-to-PCI Bridge Architecture
 * 1.2, 3.2.5.3); whatever it says, each bus is walked once.
 */
#include "config.h"

#include "pci/pci_list.h"

#define DEVICES	  32u
#define FUNCTIONS 8u

struct walk {
	struct rbi_os *os;
	int fd;
	struct rbi_pci_buses *buses;
	int (*each)(void *arg, struct rb_pci_addr addr);
	void *arg;
};

static int read_at(const struct walk *walk, struct rb_pci_addr addr, unsigned int off,
		   uint32_t *val)
{
	return rbi_pcid_access_read(walk->os, walk->fd, addr, RBI_PCID_CONFIG_SIZE, off, val);
}

/* A function that pcid did not list, of header type @type. */
static int take_bridge(const struct walk *walk, struct rb_pci_addr addr, unsigned int type)
{
	uint32_t numbers;
	int rc;

	if (type == 1 || type == 2) { /* of others nobody knows what is where */
		rc = read_at(walk, addr, RBI_PCI_BUSES, &numbers);
		if (rc < 0)
			return rc;
		walk->buses->has[numbers >> 8 & 0xffu] = true;
	}
	return walk->each(walk->arg, addr);
}

/* Look at @addr: 0, or the code that ends the walk. *header is its dword, or all-ones
 * when nothing is there. */
static int look(const struct walk *walk, struct rb_pci_addr addr, uint32_t *header)
{
	unsigned int type;
	uint32_t id;
	int rc;

	*header = UINT32_MAX;
	rc = read_at(walk, addr, RBI_PCI_ID, &id);
	if (rc < 0 || RBI_PCI_IS_NOBODY(id))
		return rc;
	rc = read_at(walk, addr, RBI_PCI_HEADER, header);
	if (rc < 0 || *header == UINT32_MAX)
		return rc;
	type = RBI_PCI_HEADER_TYPE(*header);
	return type == 0 ? 0 : take_bridge(walk, addr, type);
}

static int walk_bus(const struct walk *walk, unsigned int bus)
{
	unsigned int device, function;
	uint32_t first, header;
	int rc;

	for (device = 0; device < DEVICES; device++) {
		rc = look(walk, rb_pci_addr_make(0, bus, device, 0), &first);
		/* function 0 is there, or there is no device; bit 7 tells of others */
		if (rc == 0 && (first == UINT32_MAX || !(first >> 23 & 1u)))
			continue;
		for (function = 1; function < FUNCTIONS && rc == 0; function++)
			rc = look(walk, rb_pci_addr_make(0, bus, device, function), &header);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int rbi_pci_walk_buses(struct rbi_os *os, int fd, struct rbi_pci_buses *buses,
		       int (*each)(void *arg, struct rb_pci_addr addr), void *arg)
{
	struct walk walk = { .os = os, .fd = fd, .buses = buses, .each = each, .arg = arg };
	struct rbi_pci_buses done = { { false } };
	unsigned int bus = 0;
	int rc;

	while (bus < 256) {
		if (!buses->has[bus] || done.has[bus]) {
			bus++;
			continue;
		}
		done.has[bus] = true;
		rc = walk_bus(&walk, bus);
		if (rc != 0)
			return rc;
		bus = 0; /* a bridge may have named any */
	}
	return 0;
}
