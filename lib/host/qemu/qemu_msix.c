/* SPDX-License-Identifier: MIT */
/*
 * qemu_msix.c - MSI-X tables: the address of a message is exchanged on its way.
 *
 * A driver writes the message of Redox, an address in a local APIC; the device must be
 * given the doorbell instead, which lies below 4 GiB as the APIC does, so that only the
 * low half of the address differs. That half alone decides: the other one may come before
 * or after it.
 *
 * What the device holds is the truth. An entry that a reset has cleared reads as cleared,
 * and what the driver wrote is shown only where the device holds the doorbell.
 */
#include "config.h"

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "host/qemu/qemu_regs.h"

#define ENTRY	   16u /* address low, high, data, control (PCI 3.0, 6.8.2.6) */
#define MSIX_COUNT 0x7ffu /* entries - 1, in Message Control */
#define MSIX_BIR   7u

void rbi_qemu_msix_find(struct rbi_qemu_fn *fn, const uint8_t *cap)
{
	uint32_t table = rbi_qemu_dword(cap, 4);

	fn->msix.entries = (rbi_qemu_dword(cap, 0) >> 16 & MSIX_COUNT) + 1;
	fn->msix.bar = table & MSIX_BIR;
	fn->msix.off = table & ~MSIX_BIR;
}

void rbi_qemu_msix_forget(struct rbi_qemu_fn *fn)
{
	rbi_free(fn->msix.written);
	fn->msix.written = NULL;
}

/* Is @phys, which @fn answers, the low half of an address in its table? Then of *entry. */
static bool is_address(const struct rbi_qemu_fn *fn, uint64_t phys, unsigned int width,
		       unsigned int *entry)
{
	const struct rbi_qemu_bar *bar;
	uint64_t off;

	if (fn->msix.entries == 0 || fn->msix.bar >= QEMU_BAR_ROM || width < 4)
		return false;
	bar = &fn->bar[fn->msix.bar];
	if (bar->io || phys < bar->base || phys - bar->base >= bar->size)
		return false;
	off = phys - bar->base;
	if (off < fn->msix.off || off - fn->msix.off >= fn->msix.entries * ENTRY)
		return false;
	off -= fn->msix.off;
	*entry = (unsigned int)(off / ENTRY);
	return off % ENTRY == 0;
}

int rbi_qemu_msix_write(struct rbi_qemu *q, struct rbi_qemu_fn *fn, uint64_t phys,
			unsigned int width, uint64_t *val)
{
	uint32_t low = (uint32_t)*val;
	unsigned int entry;

	if (!is_address(fn, phys, width, &entry))
		return 0;
	if (!rbi_qemu_is_apic(low)) {
		if (fn->msix.written)
			fn->msix.written[entry] = 0;
		return 0;
	}

	if (!fn->msix.written)
		fn->msix.written = rbi_alloc(fn->msix.entries, sizeof(*fn->msix.written));
	if (!fn->msix.written)
		return rbi_no_memory("a message table");
	fn->msix.written[entry] = low;
	*val = (*val & ~(uint64_t)UINT32_MAX) | (q->pci.doorbell & UINT32_MAX);
	return 0;
}

void rbi_qemu_msix_read(struct rbi_qemu *q, const struct rbi_qemu_fn *fn, uint64_t phys,
			unsigned int width, uint64_t *val)
{
	unsigned int entry;

	if ((uint32_t)*val != (uint32_t)q->pci.doorbell || !fn->msix.written ||
	    !is_address(fn, phys, width, &entry) || fn->msix.written[entry] == 0)
		return;
	*val = (*val & ~(uint64_t)UINT32_MAX) | fn->msix.written[entry];
}
