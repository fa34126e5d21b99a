/* SPDX-License-Identifier: MIT */
/* irq_intx.c - the interrupt pin: one level-triggered line, shared with others. */
#include "config.h"

#include <errno.h>

#include "irq/irq_set.h"

/* Lines that the kernel keeps for itself: timer, keyboard, cascade, serial ports, mouse
 * (contract 2.5). Nobody would ever hear of an interrupt there. */
#define KEPT_LINES (1u << 0 | 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 12)

#define CONFIG_COMMAND 0x04u
#define STATUS_INTX    0x00080000u /* Interrupt Status, in the dword (PCI 3.0, 6.2.3) */

static int find_line(struct rb_irq_set *set, unsigned int *n)
{
	const char *name = rbi_pci_name(set->dev);
	struct rbi_wire_irq line;

	if (!rbi_pci_legacy_irq(set->dev, &line))
		return rbi_fail(-ENOTSUP, "device %s has no interrupt pin", name);
	if (line.has_phandle)
		return rbi_fail(-ENOTSUP,
				"device %s: interrupts of a device tree are not supported", name);
	if (line.irq >= RBI_IRQ_LEGACY)
		return rbi_fail(-ENOTSUP, "device %s: its line %u is not connected", name,
				line.irq);
	if (KEPT_LINES >> line.irq & 1)
		return rbi_fail(-ENOTSUP, "device %s: the kernel keeps its line %u for itself",
				name, line.irq);
	*n = line.irq;
	return 0;
}

static int intx_start(struct rb_irq_set *set, const struct rbi_irq_want *want)
{
	struct rbi_vector *v = set->vectors;
	unsigned int n = 0;
	int rc;

	if (want->has_cpu)
		return rbi_fail(-ENOTSUP, "device %s: lines go to the boot processor",
				rbi_pci_name(set->dev));
	rc = find_line(set, &n);
	if (rc < 0)
		return rc;
	rc = rbi_irq_open_line(set->os, n, &v->irq);
	if (rc < 0)
		return rc;

	set->count = 1;
	rc = rbi_irq_settle_all(set);
	if (rc == 0)
		rc = rbi_pci_intx(set->dev, true);
	if (rc < 0)
		rbi_irq_release_all(set, true);
	return rc;
}

/* First the pin: giving back unmasks the line, for others who share it. */
static void intx_stop(struct rb_irq_set *set)
{
	(void)rbi_pci_intx(set->dev, false);
	rbi_irq_release_all(set, true);
}

static int set_pin(struct rb_irq_set *set)
{
	return rbi_pci_intx(set->dev, !set->all_masked && !set->vectors[0].is_masked);
}

static int intx_mask(struct rb_irq_set *set, unsigned int vector)
{
	(void)vector;
	return set_pin(set);
}

static int intx_pending(struct rb_irq_set *set, unsigned int vector, bool *pending)
{
	uint32_t status;
	int rc;

	(void)vector;
	rc = rb_pci_config_read32(set->dev, CONFIG_COMMAND, &status);
	if (rc == 0)
		*pending = status & STATUS_INTX;
	return rc;
}

const struct rbi_irq_kind rbi_irq_intx = {
	.start = intx_start,
	.stop = intx_stop,
	.mask = intx_mask,
	.mask_all = set_pin,
	.pending = intx_pending,
	.restore = set_pin,
};
