/* SPDX-License-Identifier: MIT */
/*
 * pci_source.c - configuration space of one function, from wherever it can be had.
 *
 * An open function is read through its channel. One that nobody has opened is read
 * through the access endpoint, and where a build has none, through the function's
 * config file (contract 4.9, 4.10); neither opens, locks or enables anything.
 */
#include "config.h"

#include <stdio.h>

#include "core/detail.h"
#include "pci/pci_private.h"

static int read_access(const struct rbi_pci_source *from, unsigned int off, uint32_t *val)
{
	return rbi_pcid_access_read(from->os, from->fd, from->addr, from->size, off, val);
}

static int read_file(const struct rbi_pci_source *from, unsigned int off, uint32_t *val)
{
	return rbi_pcid_file_read(from->os, from->fd, from->size, off, val);
}

static int read_channel(const struct rbi_pci_source *from, unsigned int off, uint32_t *val)
{
	return rbi_pcid_read_config(from->channel, off, val);
}

struct rbi_pci_source rbi_pci_source_access(struct rbi_os *os, int fd, struct rb_pci_addr addr)
{
	return (struct rbi_pci_source){
		.read = read_access, .os = os, .fd = fd, .addr = addr, .size = RBI_PCID_CONFIG_SIZE
	};
}

struct rbi_pci_source rbi_pci_source_file(struct rbi_os *os, int fd)
{
	return (struct rbi_pci_source){
		.read = read_file, .os = os, .fd = fd, .size = RBI_PCID_CONFIG_SIZE
	};
}

struct rbi_pci_source rbi_pci_source_channel(struct rbi_pcid *channel)
{
	return (struct rbi_pci_source){ .read = read_channel, .fd = -1, .channel = channel };
}

int rbi_pci_source_read(const struct rbi_pci_source *from, unsigned int off, uint32_t *val)
{
	return from->read(from, off, val);
}

void rbi_pci_source_allow_extended(struct rbi_pci_source *from)
{
	if (from->channel)
		rbi_pcid_allow_extended(from->channel);
	from->size = RBI_PCID_EXTENDED_SIZE;
}

/* --- a function that nobody has opened --------------------------------------------------- */

/* The config file of @search's function. -ENOENT when it is not listed, -ENOTSUP when
 * this PCI server has no such files. */
static int open_file(struct rbi_os *os, const struct rbi_pci_search *search)
{
	int fd;

	fd = rbi_pcid_file_open(os, search->name);
	if (fd == -ENOENT)
		return rbi_fail(-ENOTSUP, "this PCI server lets nobody read configuration space");
	return fd;
}

int rbi_pci_source_open(struct rbi_os *os, struct rb_pci_addr addr, struct rbi_pci_source *from)
{
	struct rbi_pci_search search = { .addr = addr };
	struct rbi_detail detail;
	int fd, rc;

	*from = (struct rbi_pci_source){ .fd = -1 };
	rbi_detail_keep(&detail);
	fd = rbi_pcid_access_open(os);
	/* bridges are not listed, so in segment 0 any function may be asked for; others
	 * panic pcid unless they are there (contract 4.8) */
	if (fd == -ENOENT || (fd >= 0 && rb_pci_addr_segment(addr) != 0)) {
		rc = rbi_pci_find_name(os, &search);
		if (rc < 0) {
			rbi_os_close(os, fd);
			return rc;
		}
	}
	if (fd >= 0) {
		*from = rbi_pci_source_access(os, fd, addr);
	} else if (fd == -ENOENT) {
		fd = open_file(os, &search);
		*from = rbi_pci_source_file(os, fd);
	}
	if (fd < 0)
		return fd;
	rbi_detail_restore(&detail);
	return 0;
}

void rbi_pci_source_close(struct rbi_pci_source *from)
{
	if (from->os)
		rbi_os_close(from->os, from->fd);
	from->fd = -1;
}
