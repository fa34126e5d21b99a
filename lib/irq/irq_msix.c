/* SPDX-License-Identifier: MIT */
/*
 * irq_msix.c - MSI-X: a table of messages in a BAR, each with a mask of its own (PCI 3.0,
 * 6.8.2).
 *
 *     function masked -> all entries masked -> vectors -> entries written -> enabled
 *     -> entries of the set unmasked -> function unmasked
 *
 * so no message leaves the device before its entry is whole. On the way back everything
 * is masked before MSI-X goes off.
 */
#include "config.h"

#include <errno.h>

#include <rbdrv/mmio.h>

#include "core/detail.h"
#include "irq/irq_set.h"

#define ENTRY	    16u /* bytes: address low, address high, data, control */
#define ENTRY_HIGH  4u
#define ENTRY_DATA  8u
#define ENTRY_CTRL  12u
#define CTRL_MASKED 1u

/* --- the table --------------------------------------------------------------------------- */

/* The reserved bits of the control word keep their values (PCI 3.0, 6.8.2.9). */
static void set_masked(struct rb_irq_set *set, unsigned int entry, bool on)
{
	uint64_t at = (uint64_t)entry * ENTRY + ENTRY_CTRL;
	uint32_t control = rb_mmio_read32(set->table, at);

	rb_mmio_write32(set->table, at, on ? control | CTRL_MASKED : control & ~CTRL_MASKED);
}

static void mask_entries(struct rb_irq_set *set)
{
	unsigned int i, entries = (unsigned int)(rb_mmio_size(set->table) / ENTRY);

	for (i = 0; i < entries; i++)
		set_masked(set, i, true);
}

static int write_entries(struct rb_irq_set *set)
{
	struct rbi_msi_message message;
	unsigned int i;
	uint64_t at;
	int rc;

	for (i = 0; i < set->count; i++) {
		rc = rbi_msi_compose(set->vectors[i].irq->cpu, set->vectors[i].irq->n, &message);
		if (rc < 0)
			return rc;
		at = (uint64_t)i * ENTRY;
		rb_mmio_write32(set->table, at, (uint32_t)message.addr);
		rb_mmio_write32(set->table, at + ENTRY_HIGH, (uint32_t)(message.addr >> 32));
		rb_mmio_write32(set->table, at + ENTRY_DATA, message.data);
	}
	return 0;
}

/* Accesses answer nothing when they fail, so ask afterwards. */
static int check_table(struct rb_irq_set *set)
{
	int rc = rb_mmio_error(set->table);

	return rc < 0 ? rbi_pci_note(set->dev, rc) : 0;
}

/* A window of @len bytes at @off of @bar, if the BAR has them all. */
static int map_part(struct rb_irq_set *set, const char *what, unsigned int bar, uint64_t off,
		    uint64_t len, struct rb_mmio **out)
{
	struct rbi_pci_bar b = rbi_pci_bar(set->dev, bar);
	const char *name = rbi_pci_name(set->dev);
	int rc;

	/* 6 and 7 are reserved (PCI 3.0, 6.8.2.4); here 6 is the ROM */
	if (bar >= RB_PCI_BAR_ROM || (b.kind != RB_PCI_BAR_MEM32 && b.kind != RB_PCI_BAR_MEM64))
		return rbi_fail(-ENOTSUP, "device %s: the MSI-X %s is said to lie in BAR%u, which is no "
					  "memory",
				name, what, bar);
	if (off > b.size || len > b.size - off)
		return rbi_fail(-ENOTSUP,
				"device %s: the MSI-X %s, %llu bytes at %#llx, passes the end of BAR%u",
				name, what, (unsigned long long)len, (unsigned long long)off, bar);
	if (off % 8 != 0)
		return rbi_fail(-EPROTO, "device %s: the MSI-X %s is said to begin at %#llx", name,
				what, (unsigned long long)off);
	rc = rb_mmio_map(set->dev, bar, off, len, RB_MMIO_UC, out);
	if (rc == -ERANGE)
		return rbi_fail(-ENOTSUP, "device %s: the MSI-X %s lies in BAR%u, which has no address",
				name, what, bar);
	return rc;
}

static void unmap(struct rb_irq_set *set)
{
	rb_mmio_close(set->table);
	rb_mmio_close(set->pba);
	set->table = NULL;
	set->pba = NULL;
}

static int map(struct rb_irq_set *set, const struct rbi_irq_want *want)
{
	struct rbi_wire_msix_info info;
	int rc;

	rc = rbi_pci_note(set->dev, rbi_pcid_msix_info(rbi_pci_channel(set->dev), &info));
	if (rc == -ENOENT)
		return rbi_fail(-EPROTO, "device %s: the PCI server has MSI-X and denies it",
				rbi_pci_name(set->dev));
	if (rc < 0)
		return rc;
	if (want->min > info.table_size)
		return rbi_fail(-ENOTSUP, "device %s has %u MSI-X vectors, %u are wanted",
				rbi_pci_name(set->dev), info.table_size, want->min);
	if (set->room > info.table_size)
		set->room = info.table_size;

	rc = map_part(set, "table", info.table_bar, info.table_offset,
		      (uint64_t)info.table_size * ENTRY, &set->table);
	if (rc == 0)
		rc = map_part(set, "pending bits", info.pba_bar, info.pba_offset,
			      ((uint64_t)info.table_size + 63) / 64 * 8, &set->pba);
	if (rc < 0)
		unmap(set);
	return rc;
}

/* --- start and stop ------------------------------------------------------------------------ */

static int mask_function(struct rb_irq_set *set, bool on)
{
	int rc = rbi_pcid_set_msix_mask(rbi_pci_channel(set->dev), on);

	return rbi_irq_refused(set, "MSI-X", rbi_pci_note(set->dev, rc));
}

/* Unmask what the driver has not masked, the entries first. */
static int unmask(struct rb_irq_set *set)
{
	unsigned int i;
	int rc;

	for (i = 0; i < set->count; i++)
		if (!set->vectors[i].is_masked)
			set_masked(set, i, false);
	rc = check_table(set);
	return rc < 0 || set->all_masked ? rc : mask_function(set, false);
}

/* With the function masked and the vectors there. */
static int program(struct rb_irq_set *set)
{
	int rc;

	mask_entries(set);
	rc = write_entries(set);
	if (rc == 0)
		rc = check_table(set);
	if (rc == 0)
		rc = rbi_pci_intx(set->dev, false);
	if (rc == 0)
		rc = rbi_irq_refused(set, "MSI-X",
				     rbi_pci_note(set->dev,
						  rbi_pci_messages_on(set->dev, RBI_WIRE_MSIX)));
	return rc < 0 ? rc : unmask(set);
}

static void msix_stop(struct rb_irq_set *set)
{
	(void)mask_function(set, true);
	mask_entries(set);
	(void)check_table(set);
	rbi_irq_release_all(set, rbi_irq_stop_messages(set, RBI_WIRE_MSIX));
	unmap(set);
}

static int msix_start(struct rb_irq_set *set, const struct rbi_irq_want *want)
{
	struct rbi_detail detail;
	int rc;

	rc = rbi_irq_has_feature(set, RBI_WIRE_MSIX, "MSI-X");
	if (rc == 0)
		rc = map(set, want);
	if (rc < 0)
		return rc;
	rc = rbi_irq_get_vectors(set, want);
	if (rc < 0) {
		unmap(set);
		return rc;
	}

	rc = mask_function(set, true);
	if (rc == 0)
		rc = rbi_irq_settle_all(set);
	if (rc == 0)
		rc = program(set);
	if (rc == 0)
		return 0;

	rbi_detail_keep(&detail);
	msix_stop(set);
	rbi_detail_restore(&detail);
	return rc;
}

/* --- masks and pending bits ------------------------------------------------------------------ */

/* All-ones are what a device reads that is not there. */
static int check_answer(struct rb_irq_set *set, uint32_t bits)
{
	return bits == UINT32_MAX ? rbi_pci_check_alive(set->dev) : 0;
}

/* The read makes sure that the write has arrived: no message is sent after a mask. */
static int msix_mask(struct rb_irq_set *set, unsigned int vector)
{
	uint32_t control;
	int rc;

	set_masked(set, vector, set->vectors[vector].is_masked);
	control = rb_mmio_read32(set->table, (uint64_t)vector * ENTRY + ENTRY_CTRL);
	rc = check_table(set);
	return rc < 0 ? rc : check_answer(set, control);
}

static int msix_mask_all(struct rb_irq_set *set)
{
	return mask_function(set, set->all_masked);
}

static int msix_pending(struct rb_irq_set *set, unsigned int vector, bool *pending)
{
	uint32_t bits = rb_mmio_read32(set->pba, vector / 32 * 4);
	int rc = rb_mmio_error(set->pba);

	if (rc < 0)
		return rbi_pci_note(set->dev, rc);
	rc = check_answer(set, bits);
	if (rc < 0)
		return rc;
	*pending = bits >> vector % 32 & 1;
	return 0;
}

static int msix_restore(struct rb_irq_set *set)
{
	int rc;

	rc = mask_function(set, true);
	return rc < 0 ? rc : program(set);
}

const struct rbi_irq_kind rbi_irq_msix = {
	.start = msix_start,
	.stop = msix_stop,
	.mask = msix_mask,
	.mask_all = msix_mask_all,
	.pending = msix_pending,
	.restore = msix_restore,
};
