/* SPDX-License-Identifier: MIT */
/*
 * irq_kind.c - what MSI and INTx need before the first interrupt and after the last.
 *
 * pcid has switched both kinds of messages off when it opened the channel (contract
 * 4.2), and a device that sends messages must not assert its pin besides.
 */
#include "config.h"

#include <errno.h>

#include "core/detail.h"
#include "irq/irq_set.h"
#include "os/os_pcid.h"

/* Lines that the kernel keeps for itself: timer, keyboard, cascade, serial ports, mouse
 * (contract 2.5). Nobody would ever hear of an interrupt there. */
#define KEPT_LINES (1u << 0 | 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 12)

/* Whether the device cannot reach the vector any more. The detail stays that of what
 * led here. */
static bool stop_messages(struct rb_irq_set *set)
{
	struct rbi_detail detail;
	bool is_silent;

	rbi_detail_keep(&detail);
	is_silent = rbi_pci_messages_off(set->dev, RBI_WIRE_MSI) == 0 || rb_pci_is_gone(set->dev);
	rbi_detail_restore(&detail);
	return is_silent;
}

/* --- INTx ------------------------------------------------------------------------------- */

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

static int start_intx(struct rb_irq_set *set)
{
	struct rbi_vector *v = set->vectors;
	unsigned int n = 0;
	int rc;

	rc = find_line(set, &n);
	if (rc < 0)
		return rc;
	rc = rbi_irq_open_line(set->os, n, &v->irq);
	if (rc < 0)
		return rc;

	rc = rbi_vector_settle(set->os, v);
	if (rc == 0)
		rc = rbi_pci_intx(set->dev, true);
	if (rc < 0) {
		rbi_irq_release(set->os, v->irq, true);
		v->irq = NULL;
	}
	return rc;
}

/* First the pin: giving back unmasks the line, for others who share it. */
static void stop_intx(struct rb_irq_set *set)
{
	struct rbi_vector *v = set->vectors;

	(void)rbi_pci_intx(set->dev, false);
	(void)rbi_vector_give_back(set->os, v);
	rbi_irq_release(set->os, v->irq, true);
}

/* --- MSI -------------------------------------------------------------------------------- */

static int has_msi(struct rb_irq_set *set)
{
	unsigned int features;
	int rc;

	rc = rbi_pci_note(set->dev, rbi_pcid_features(rbi_pci_channel(set->dev), &features));
	if (rc < 0)
		return rc;
	if (features & 1u << RBI_WIRE_MSI)
		return 0;
	return rbi_fail(-ENOTSUP, "device %s has no MSI capability", rbi_pci_name(set->dev));
}

/* Point the device at @irq and let it send, in the order of contract 4.8. */
static int program_msi(struct rb_irq_set *set, const struct rbi_irq *irq)
{
	struct rbi_wire_set_msi msi = { .has_multi = true, .multi = 0, .has_message = true };
	struct rbi_msi_message message;
	int rc;

	rc = rbi_msi_compose(irq->cpu, irq->n, &message);
	if (rc < 0)
		return rc;
	msi.addr = message.addr;
	msi.data = message.data;

	rc = rbi_pci_intx(set->dev, false);
	if (rc == 0)
		rc = rbi_pci_one_message(set->dev);
	if (rc < 0)
		return rc;
	rc = rbi_pci_note(set->dev, rbi_pcid_set_msi(rbi_pci_channel(set->dev), &msi));
	if (rc < 0)
		return rc;
	return rbi_pci_note(set->dev, rbi_pci_messages_on(set->dev, RBI_WIRE_MSI));
}

static int start_msi(struct rb_irq_set *set)
{
	struct rbi_vector *v = set->vectors;
	int rc;

	rc = has_msi(set);
	if (rc < 0)
		return rc;
	rc = rbi_irq_open_vector(set->os, &v->irq);
	if (rc < 0)
		return rc;

	rc = rbi_vector_settle(set->os, v);
	if (rc == 0)
		rc = program_msi(set, v->irq);
	if (rc == 0)
		return 0;

	rbi_irq_release(set->os, v->irq, stop_messages(set));
	v->irq = NULL;
	/* The capability was announced and our message is well formed. */
	if (rc == -ENOENT || rc == -EINVAL)
		return rbi_fail(-EPROTO, "device %s: the PCI server has MSI and refuses it",
				rbi_pci_name(set->dev));
	return rc;
}

static void stop_msi(struct rb_irq_set *set)
{
	struct rbi_vector *v = set->vectors;
	bool is_silent = stop_messages(set);

	(void)rbi_vector_give_back(set->os, v);
	rbi_irq_release(set->os, v->irq, is_silent);
}

/* --- all kinds -------------------------------------------------------------------------- */

int rbi_irq_start(struct rb_irq_set *set)
{
	switch (set->kind) {
	case RB_IRQ_INTX:
		return start_intx(set);
	case RB_IRQ_MSI:
		return start_msi(set);
	case RB_IRQ_MSIX:
		break;
	}
	return rbi_fail(-ENOTSUP, "MSI-X is not offered by this version");
}

void rbi_irq_stop(struct rb_irq_set *set)
{
	if (set->kind == RB_IRQ_INTX)
		stop_intx(set);
	else
		stop_msi(set);
}
