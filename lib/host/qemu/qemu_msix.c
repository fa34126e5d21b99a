/* SPDX-License-Identifier: MIT */
/*
 * qemu_msix.c - MSI-X tables: the address of a message is exchanged on its way.
 *
 * A driver writes the message of Redox, an address in a local APIC; the device must be
 * given the doorbell instead, which lies below 4 GiB as the APIC does, so that only the
 * low half of the address differs. What the device holds decides: an entry that a reset
 * has cleared reads as cleared.
 */
#include "config.h"

#include "host/qemu/qemu.h"
#include "host/qemu/qemu_regs.h"

#define ENTRY	    16u /* address low, high, data, control (PCI 3.0, 6.8.2.6) */
#define MSIX_COUNT  0x7ffu /* entries - 1, in Message Control */
#define MSIX_BIR    7u
#define INDEX_FIRST 0x10000u /* in the list of messages, behind those of MSI */

void rbi_qemu_msix_find(struct rbi_qemu *q, struct rbi_qemu_fn *fn, const uint8_t *cap)
{
	unsigned int control = cap[2] | (unsigned int)cap[3] << 8;
	uint32_t table = cap[4] | (uint32_t)cap[5] << 8 | (uint32_t)cap[6] << 16 |
			 (uint32_t)cap[7] << 24;

	fn->msix.entries = (control & MSIX_COUNT) + 1;
	fn->msix.bar = table & MSIX_BIR;
	fn->msix.off = table & ~MSIX_BIR;
	q->pci.has_msix = true;
}

/* The place of @phys in the table of @fn: true, with the byte offset. */
static bool in_table(const struct rbi_qemu_fn *fn, uint64_t phys, uint64_t *off)
{
	const struct rbi_qemu_bar *bar = &fn->bar[fn->msix.bar];

	if (fn->gone || fn->hidden || fn->msix.entries == 0 || fn->msix.bar >= 6 || bar->io ||
	    !(fn->command & COMMAND_MEM) || phys < bar->base || phys - bar->base >= bar->size)
		return false;
	*off = phys - bar->base;
	if (*off < fn->msix.off || *off - fn->msix.off >= fn->msix.entries * ENTRY)
		return false;
	*off -= fn->msix.off;
	return true;
}

/* Whose message address @phys is, or NULL. */
static struct rbi_qemu_fn *owner(struct rbi_qemu *q, uint64_t phys, unsigned int width,
				 unsigned int *index)
{
	uint64_t off;
	size_t i;

	if (!q->pci.has_msix || width < 4)
		return NULL;
	for (i = 0; i < q->pci.n; i++) {
		if (!in_table(&q->pci.fn[i], phys, &off))
			continue;
		*index = INDEX_FIRST + (unsigned int)(off / ENTRY);
		return off % ENTRY == 0 ? &q->pci.fn[i] : NULL;
	}
	return NULL;
}

int rbi_qemu_msix_write(struct rbi_qemu *q, uint64_t phys, unsigned int width, uint64_t *val)
{
	struct rbi_msg written = { *val & UINT32_MAX, 0 }, given = written;
	struct rbi_qemu_fn *fn;
	unsigned int index = 0;

	fn = owner(q, phys, width, &index);
	if (!fn || !rbi_qemu_is_apic(written.addr))
		return 0;
	given.addr = q->pci.doorbell;
	*val = (*val & ~(uint64_t)UINT32_MAX) | (given.addr & UINT32_MAX);
	return rbi_qemu_msg_keep(q, fn->addr, index, &written, &given);
}

void rbi_qemu_msix_read(struct rbi_qemu *q, uint64_t phys, unsigned int width, uint64_t *val)
{
	const struct rbi_qemu_msg *kept;
	struct rbi_qemu_fn *fn;
	unsigned int index = 0;
	uint64_t low;

	if ((*val & UINT32_MAX) != (q->pci.doorbell & UINT32_MAX))
		return;
	fn = owner(q, phys, width, &index);
	if (!fn)
		return;
	kept = rbi_qemu_msg_find(q, fn->addr, index);
	low = kept ? kept->written.addr : QEMU_APIC_BASE;
	*val = (*val & ~(uint64_t)UINT32_MAX) | low;
}
