/* SPDX-License-Identifier: MIT */
/*
 * pci_bar.c - base address registers, as pcid found them and as we believe them.
 *
 * What the registers of a real function can say is narrow (PCI 3.0, 6.2.5.1):
 * memory of a power of two bytes, aligned to its size. Anything else would make
 * us map what is not the function's.
 */
#include "config.h"

#include "pci/pci_private.h"

#define MEM_SIZE_MIN 16u /* four bits of the register are taken by flags */
#define MEM32_END    (UINT64_C(1) << 32)
#define MEM64_END    (UINT64_C(1) << 52) /* physical addresses of x86-64; the kernel's limit too */

/* Why a memory BAR cannot be, or NULL. */
static const char *mem_fault(const struct rbi_wire_bar *bar, uint64_t end)
{
	if (bar->size < MEM_SIZE_MIN || (bar->size & (bar->size - 1)) != 0)
		return "its size is no power of two";
	if ((bar->addr & (bar->size - 1)) != 0)
		return "it is not aligned to its size";
	if (bar->size > end || bar->addr > end - bar->size)
		return "it ends past what can be addressed";
	return NULL;
}

static const char *bar_fault(const struct rbi_wire_bar *bars, unsigned int i)
{
	switch (bars[i].kind) {
	case RBI_WIRE_BAR_MEM32:
		return mem_fault(&bars[i], MEM32_END);
	case RBI_WIRE_BAR_MEM64:
		if (i + 1 == RBI_WIRE_BARS || bars[i + 1].kind != RBI_WIRE_BAR_NONE)
			return "its upper half has no slot";
		return mem_fault(&bars[i], MEM64_END);
	case RBI_WIRE_BAR_NONE:
	case RBI_WIRE_BAR_PORT:
		break;
	}
	return NULL;
}

void rbi_pci_take_bars(struct rb_pci_dev *dev, const struct rbi_wire_bar *bars)
{
	const char *fault;
	unsigned int i;

	for (i = 0; i < RBI_WIRE_BARS; i++) {
		fault = bar_fault(bars, i);
		if (fault) {
			rbi_log(dev->ctx, RB_LOG_WARN,
				"%s: BAR%u (address %#llx, size %#llx) is not used: %s", dev->name,
				i, (unsigned long long)bars[i].addr,
				(unsigned long long)bars[i].size, fault);
			continue;
		}
		dev->bars[i].kind = (enum rb_pci_bar_kind)bars[i].kind;
		dev->bars[i].addr = bars[i].addr;
		dev->bars[i].size = bars[i].size;
	}
}

struct rbi_pci_bar rbi_pci_bar(const struct rb_pci_dev *dev, unsigned int index)
{
	struct rbi_pci_bar none = { .kind = RB_PCI_BAR_NONE };

	return dev && index < RBI_WIRE_BARS ? dev->bars[index] : none;
}

enum rb_pci_bar_kind rb_pci_bar_kind(const struct rb_pci_dev *dev, unsigned int bar)
{
	return rbi_pci_bar(dev, bar).kind;
}

uint64_t rb_pci_bar_size(const struct rb_pci_dev *dev, unsigned int bar)
{
	return rbi_pci_bar(dev, bar).size;
}

uint64_t rb_pci_bar_addr(const struct rb_pci_dev *dev, unsigned int bar)
{
	return rbi_pci_bar(dev, bar).addr;
}
