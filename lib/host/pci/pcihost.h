/* SPDX-License-Identifier: MIT */
/*
 * pcihost.h - machine pci: the PCI bus of the Linux host, through libpciaccess.
 *
 * It only looks. Nothing is claimed from the host's drivers and no byte of a device
 * is ever written; what a driver writes is forgotten, but for the two things that
 * hosted pcid and a driver read back at once (pcihost_config.c).
 *
 * Ids come with the list that libpciaccess makes of small files of sysfs, so a scan
 * opens no configuration space: that is the slow part, and wakes devices that sleep.
 *
 * Locks. libpciaccess keeps one list for the whole process and knows no threads.
 *        One lock of the process guards it and the machines' own state, held for
 *        the length of one operation. Nothing of libpciaccess is kept beyond that
 *        but by address, so that its list may come and go (pcihost_session.c).
 */
#ifndef RBI_PCIHOST_H
#define RBI_PCIHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pciaccess.h>

#include "core/core.h"
#include "host/machine.h"

#define PCIHOST_BARS 6
#define PCIHOST_ROM  6 /* bit of the expansion ROM beside those of the BARs */

enum pcihost_header { PCIHOST_DEVICE = 0, PCIHOST_BRIDGE = 1, PCIHOST_CARDBUS = 2 };

/* What one BAR decodes, as the kernel says. */
struct pcihost_region {
	uint64_t bus; /* address in the BAR itself; 0: it has none */
	uint64_t cpu; /* the same place as the CPU sees it */
	uint64_t size; /* bytes, a power of two; 0: no such BAR */
	bool is_port;
	bool is_64;
};

struct pcihost_func {
	struct rb_pci_addr addr;
	uint32_t ids; /* as dwords 0x00, 0x08 and 0x2c hold them */
	uint32_t class_revision;
	uint32_t subsystem;
	uint8_t header; /* enum pcihost_header */
	bool header_known; /* or a guess, of a class that may have any header */
	bool multi; /* there are more functions of this device */

	bool looked_at; /* somebody asked for more than ids: all bytes are real from now on */
	bool answers; /* its own id has been read; virtual functions have none */
	bool claimed;
	uint16_t command; /* as written while claimed */
	uint8_t sizing; /* a bit per BAR (and the ROM) that holds all ones now */
	struct pcihost_region *regions; /* PCIHOST_BARS; NULL: not asked yet */
	uint32_t rom_size;
};

struct pcihost {
	struct rbi_machine machine; /* first */
	long pid;
	struct pcihost_func *funcs; /* sorted by address */
	size_t count;
};

static inline struct pcihost *pcihost_of(struct rbi_machine *m)
{
	return (struct pcihost *)m;
}

/* --- pcihost_session.c: libpciaccess as a whole ---------------------------------------- */

/* One thread of process @pid at a time. A lock that a parent's thread held during
 * fork() is free in the child. */
void rbi_pcihost_lock(long pid);
void rbi_pcihost_unlock(void);
/* With the lock held. A fresh look at the bus for one more machine; -ENOTSUP where
 * there is none. Each success is paid back by one rbi_pcihost_leave(). */
int rbi_pcihost_join(long pid);
void rbi_pcihost_leave(void);
/* With the lock held: the device at @addr in today's list, or NULL. Good until the
 * lock is given back. */
struct pci_device *rbi_pcihost_device(struct rb_pci_addr addr);

/* --- pcihost_config.c ------------------------------------------------------------------ */

/* Fill in what @dev tells without a look at its configuration space. */
void rbi_pcihost_learn(struct pcihost_func *fn, const struct pci_device *dev);
/* With the lock held: the dword at @off as the device has it. All-ones where nobody
 * answers; -EACCES what the host keeps for root. */
int rbi_pcihost_read_dword(struct pcihost_func *fn, unsigned int off, uint32_t *val);

int rbi_pcihost_op_cfg_read(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			    unsigned int width, uint32_t *val);
int rbi_pcihost_op_cfg_write(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			     unsigned int width, uint32_t val);
unsigned int rbi_pcihost_op_cfg_size(struct rbi_machine *m, struct rb_pci_addr fn);
int rbi_pcihost_op_claim(struct rbi_machine *m, struct rb_pci_addr fn);
void rbi_pcihost_op_release(struct rbi_machine *m, struct rb_pci_addr fn);

/* --- pcihost_region.c ------------------------------------------------------------------ */

/* With the lock held: ask for the regions of @fn, once. Without memory, or with the
 * function gone, it has none. */
void rbi_pcihost_regions(struct pcihost_func *fn);

int rbi_pcihost_op_mem_read(struct rbi_machine *m, uint64_t phys, unsigned int width,
			    uint64_t *val);
int rbi_pcihost_op_mem_write(struct rbi_machine *m, uint64_t phys, unsigned int width,
			     uint64_t val);

#endif
