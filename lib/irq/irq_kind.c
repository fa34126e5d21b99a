/* SPDX-License-Identifier: MIT */
/*
 * irq_kind.c - what the kinds of interrupts have in common, and the calls that reach
 * into the device: mask, pending, restore.
 *
 * pcid has switched both kinds of messages off when it opened the channel (contract
 * 4.2), and a device that sends messages must not assert its pin besides.
 */
#include "config.h"

#include <errno.h>

#include "core/detail.h"
#include "irq/irq_set.h"

static const struct rbi_irq_kind *kind_of(const struct rb_irq_set *set)
{
	switch (set->kind) {
	case RB_IRQ_INTX:
		return &rbi_irq_intx;
	case RB_IRQ_MSI:
		return &rbi_irq_msi;
	case RB_IRQ_MSIX:
		break;
	}
	return &rbi_irq_msix;
}

int rbi_irq_start(struct rb_irq_set *set, const struct rbi_irq_want *want)
{
	return kind_of(set)->start(set, want);
}

void rbi_irq_stop(struct rb_irq_set *set)
{
	kind_of(set)->stop(set);
}

/* --- for the kinds ------------------------------------------------------------------------ */

int rbi_irq_settle_all(struct rb_irq_set *set)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; rc == 0 && i < set->count; i++)
		rc = rbi_vector_settle(set->os, &set->vectors[i]);
	return rc;
}

void rbi_irq_release_all(struct rb_irq_set *set, bool is_silent)
{
	unsigned int i;

	for (i = 0; i < set->count; i++) {
		(void)rbi_vector_give_back(set->os, &set->vectors[i]);
		rbi_irq_release(set->os, set->vectors[i].irq, is_silent);
		set->vectors[i].irq = NULL;
	}
	set->count = 0;
}

int rbi_irq_has_feature(struct rb_irq_set *set, enum rbi_wire_feature feature, const char *name)
{
	unsigned int features;
	int rc;

	rc = rbi_pci_note(set->dev, rbi_pcid_features(rbi_pci_channel(set->dev), &features));
	if (rc < 0)
		return rc;
	if (features & 1u << feature)
		return 0;
	return rbi_fail(-ENOTSUP, "device %s has no %s capability", rbi_pci_name(set->dev), name);
}

int rbi_irq_get_vectors(struct rb_irq_set *set, const struct rbi_irq_want *want)
{
	struct rbi_irq *irqs[RBI_IRQ_N_MAX];
	struct rbi_irq_want bounded = *want;
	int i, got;

	if (bounded.max > set->room)
		bounded.max = set->room;
	got = rbi_irq_open_vectors(set->os, &bounded, irqs);
	if (got < 0)
		return got;
	for (i = 0; i < got; i++)
		set->vectors[i].irq = irqs[i];
	set->count = (unsigned int)got;
	return 0;
}

bool rbi_irq_stop_messages(struct rb_irq_set *set, enum rbi_wire_feature feature)
{
	struct rbi_detail detail;
	bool is_silent;

	rbi_detail_keep(&detail);
	is_silent = rbi_pci_messages_off(set->dev, feature) == 0 || rbi_pci_is_removed(set->dev);
	rbi_detail_restore(&detail);
	return is_silent;
}

int rbi_irq_refused(struct rb_irq_set *set, const char *name, int rc)
{
	if (rc != -ENOENT && rc != -EINVAL)
		return rc;
	return rbi_fail(-EPROTO, "device %s: the PCI server has %s and refuses it",
			rbi_pci_name(set->dev), name);
}

/* --- masks and pending bits ---------------------------------------------------------------- */

int rb_irq_mask(struct rb_irq_set *set, unsigned int vector, bool on)
{
	bool before;
	int rc;

	rc = rbi_irq_check(set, vector, "rb_irq_mask");
	if (rc == 0)
		rc = rbi_pci_refuse_gone(set->dev);
	if (rc < 0)
		return rc;

	pthread_mutex_lock(&set->masks);
	before = set->vectors[vector].is_masked;
	set->vectors[vector].is_masked = on;
	rc = kind_of(set)->mask(set, vector);
	if (rc < 0)
		set->vectors[vector].is_masked = before;
	pthread_mutex_unlock(&set->masks);
	return rc;
}

int rb_irq_mask_all(struct rb_irq_set *set, bool on)
{
	bool before;
	int rc;

	rc = rbi_irq_check(set, 0, "rb_irq_mask_all");
	if (rc == 0)
		rc = rbi_pci_refuse_gone(set->dev);
	if (rc < 0)
		return rc;

	pthread_mutex_lock(&set->masks);
	before = set->all_masked;
	set->all_masked = on;
	rc = kind_of(set)->mask_all(set);
	if (rc < 0)
		set->all_masked = before;
	pthread_mutex_unlock(&set->masks);
	return rc;
}

int rb_irq_pending(struct rb_irq_set *set, unsigned int vector, bool *pending)
{
	int rc;

	if (!pending)
		return rbi_fail(-EINVAL, "rb_irq_pending: nowhere to put the answer");
	*pending = false;
	rc = rbi_irq_check(set, vector, "rb_irq_pending");
	if (rc == 0)
		rc = rbi_pci_refuse_gone(set->dev);
	if (rc < 0)
		return rc;

	pthread_mutex_lock(&set->masks);
	rc = kind_of(set)->pending(set, vector, pending);
	pthread_mutex_unlock(&set->masks);
	return rc;
}

int rb_irq_set_restore(struct rb_irq_set *set)
{
	int rc;

	rc = rbi_irq_check(set, 0, "rb_irq_set_restore");
	if (rc == 0)
		rc = rbi_pci_refuse_gone(set->dev);
	if (rc < 0)
		return rc;

	pthread_mutex_lock(&set->masks);
	rc = kind_of(set)->restore(set);
	pthread_mutex_unlock(&set->masks);
	return rc;
}
