/* SPDX-License-Identifier: MIT */
/*
 * irq_msi.c - MSI: up to 32 messages that differ in the low bits of their data, so
 * their vectors are a block (PCI 3.0, 6.8.1; contract 2.3).
 */
#include "config.h"

#include <errno.h>

#include <rbdrv/pci_caps.h>

#include "irq/irq_set.h"

#define MSI_64BIT    (UINT32_C(1) << 23) /* Message Control bits in the first dword */
#define MSI_MASKABLE (UINT32_C(1) << 24)
#define MSI_CAPABLE(dword) ((dword) >> 17 & 7u)
#define MSI_LOG_MAX  5u

/* Where the mask and pending registers are (PCI 3.0, 6.8.1.7). */
static unsigned int mask_off(const struct rb_irq_set *set)
{
	return set->msi_cap + (set->msi_is_64bit ? 0x10 : 0x0c);
}

static unsigned int log2_of(unsigned int count)
{
	unsigned int log = 0;

	while (count > 1) {
		count >>= 1;
		log++;
	}
	return log;
}

/* Bytes of the capability (PCI 3.0, 6.8.1). */
static unsigned int length_of(const struct rb_irq_set *set)
{
	return (set->msi_is_64bit ? 14 : 10) + (set->msi_is_maskable ? 10 : 0);
}

/* What the capability says; *most is how many messages the device can send. */
static int look_at(struct rb_irq_set *set, unsigned int *most)
{
	uint32_t control = 0;
	unsigned int log;
	int rc;

	rc = rb_pci_find_cap(set->dev, RB_PCI_CAP_MSI, &set->msi_cap);
	if (rc == -ENOENT)
		return rbi_fail(-EPROTO, "device %s: the PCI server sees MSI where there is none",
				rbi_pci_name(set->dev));
	if (rc == 0)
		rc = rb_pci_config_read32(set->dev, set->msi_cap, &control);
	if (rc < 0)
		return rc;
	set->msi_is_64bit = control & MSI_64BIT;
	set->msi_is_maskable = control & MSI_MASKABLE;
	if (set->msi_cap + length_of(set) > RBI_PCID_CONFIG_SIZE)
		return rbi_fail(-ENOTSUP,
				"device %s: its MSI capability at %#x passes the end of its space",
				rbi_pci_name(set->dev), set->msi_cap);
	log = MSI_CAPABLE(control);
	*most = 1u << (log < MSI_LOG_MAX ? log : MSI_LOG_MAX);
	return 0;
}

/* Of the set's messages exactly those are masked that the driver masked: an earlier set,
 * or whoever had the device before, may have left others. The bits of messages that are
 * not enabled keep their values. */
static int write_masks(struct rb_irq_set *set)
{
	uint32_t mask;
	unsigned int i;
	int rc;

	rc = rb_pci_config_read32(set->dev, mask_off(set), &mask);
	if (rc < 0)
		return rc;
	for (i = 0; i < set->count; i++) {
		mask &= ~(UINT32_C(1) << i);
		if (set->all_masked || set->vectors[i].is_masked)
			mask |= UINT32_C(1) << i;
	}
	return rb_pci_config_write32(set->dev, mask_off(set), mask);
}

static int program_in_order(struct rb_irq_set *set)
{
	const struct rbi_irq *first = set->vectors[0].irq;
	struct rbi_wire_set_msi msi = { .has_multi = true, .has_message = true };
	struct rbi_msi_message message;
	int rc;

	rc = rbi_msi_compose(first->cpu, first->n, &message);
	if (rc < 0)
		return rc;
	msi.multi = (uint8_t)log2_of(set->count);
	msi.addr = message.addr;
	msi.data = message.data;

	rc = rbi_pci_intx(set->dev, false);
	if (rc == 0)
		rc = rbi_pci_set_messages(set->dev, msi.multi);
	if (rc < 0)
		return rc;
	rc = rbi_pci_note(set->dev, rbi_pcid_set_msi(rbi_pci_channel(set->dev), &msi));
	if (rc == 0 && set->msi_is_maskable)
		rc = write_masks(set);
	if (rc < 0)
		return rc;
	return rbi_pci_note(set->dev, rbi_pci_messages_on(set->dev, RBI_WIRE_MSI));
}

/* Point the device at its block and let it send, in the order of contract 4.8. The
 * capability was announced and our message is well formed. */
static int program(struct rb_irq_set *set)
{
	return rbi_irq_refused(set, "MSI", program_in_order(set));
}

static int msi_start(struct rb_irq_set *set, const struct rbi_irq_want *want)
{
	struct rbi_irq_want block = *want;
	unsigned int most = 0;
	int rc;

	rc = rbi_irq_has_feature(set, RBI_WIRE_MSI, "MSI");
	if (rc == 0)
		rc = look_at(set, &most);
	if (rc < 0)
		return rc;
	if (want->min > most)
		return rbi_fail(-ENOTSUP, "device %s can send %u MSI messages, %u are wanted",
				rbi_pci_name(set->dev), most, want->min);
	if (block.max > most)
		block.max = most;
	while (block.max & (block.max - 1)) /* down to a power of two */
		block.max &= block.max - 1;
	if (want->min > block.max)
		return rbi_fail(-ENOTSUP,
				"device %s: MSI messages come in powers of two, none lies in %u-%u",
				rbi_pci_name(set->dev), want->min, want->max);
	block.is_block = block.max > 1;
	rc = rbi_irq_get_vectors(set, &block);
	if (rc < 0)
		return rc;

	rc = rbi_irq_settle_all(set);
	if (rc == 0)
		rc = program(set);
	if (rc == 0)
		return 0;

	rbi_irq_release_all(set, rbi_irq_stop_messages(set, RBI_WIRE_MSI));
	return rc;
}

static void msi_stop(struct rb_irq_set *set)
{
	rbi_irq_release_all(set, rbi_irq_stop_messages(set, RBI_WIRE_MSI));
}

/* --- masks ---------------------------------------------------------------------------------- */

static int check_maskable(const struct rb_irq_set *set)
{
	if (set->msi_is_maskable)
		return 0;
	return rbi_fail(-ENOTSUP, "device %s cannot mask its MSI messages one by one",
			rbi_pci_name(set->dev));
}

static int msi_mask_all(struct rb_irq_set *set)
{
	int rc = check_maskable(set);

	return rc < 0 ? rc : write_masks(set);
}

static int msi_mask(struct rb_irq_set *set, unsigned int vector)
{
	(void)vector;
	return msi_mask_all(set);
}

static int msi_pending(struct rb_irq_set *set, unsigned int vector, bool *pending)
{
	uint32_t bits;
	int rc;

	rc = check_maskable(set);
	if (rc == 0)
		rc = rb_pci_config_read32(set->dev, mask_off(set) + 4, &bits);
	if (rc == 0)
		*pending = bits >> vector & 1;
	return rc;
}

/* The device is programmed anew: a reset clears address and data, too. It sends nothing
 * meanwhile: a message is never half the old and half the new. */
static int msi_restore(struct rb_irq_set *set)
{
	int rc = rbi_pci_messages_off(set->dev, RBI_WIRE_MSI);

	return rc < 0 ? rc : program(set);
}

const struct rbi_irq_kind rbi_irq_msi = {
	.start = msi_start,
	.stop = msi_stop,
	.mask = msi_mask,
	.mask_all = msi_mask_all,
	.pending = msi_pending,
	.restore = msi_restore,
};
