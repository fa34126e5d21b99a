/* SPDX-License-Identifier: MIT */
/*
 * pci_reset.c - function-level reset (PCIe 6.0, 6.6.2; PCI Advanced Capabilities ECN).
 *
 *   wake, save -> command off -> transactions end -> reset bit -> 100 ms
 *     -> vendor id is there -> restore
 */
#include "config.h"

#include <rbdrv/pci_match.h>

#include "core/detail.h"
#include "pci/pci_private.h"

#define DEVCAP	       4u /* from the PCI Express capability */
#define DEVCAP_FLR     (UINT32_C(1) << 28)
#define DEVCTL	       8u
#define DEVCTL_FLR     UINT32_C(0x8000)
#define DEVSTA_PENDING (UINT32_C(1) << 21) /* status bit 5, in the dword */

#define AF_CAPS	      (UINT32_C(3) << 24) /* of the capability's first dword: pending and FLR */
#define AF_CONTROL    4u
#define AF_FLR	      UINT32_C(1)
#define AF_PENDING    (UINT32_C(1) << 8)

#define PENDING_TRIES	20 /* times 10 ms */
#define PENDING_STEP_US 10000u
#define RESET_US	100000u	 /* PCIe 6.0, 6.6.2 */
#define READY_US	1000000u /* PCIe 6.0, 6.6.1: configuration request retry */
#define READY_STEP_US	1000u
#define VENDOR_RETRY	0x0001u /* what a retried read of the vendor id gives (PCIe 6.0, 2.3.2) */

/* A way to reset a function. */
struct way {
	unsigned int off;  /* register that starts it */
	uint32_t start;
	uint32_t pending;  /* bit of the same dword: transactions have not ended */
};

/* Does capability @id say @needed at @at? 1, or 0. */
static int look_at(struct rb_pci_dev *dev, uint8_t id, unsigned int at, uint32_t needed,
		   unsigned int *cap)
{
	uint32_t offered;
	int rc;

	rc = rbi_pci_cap_room(dev, id, at + 8, cap);
	if (rc <= 0)
		return rc;
	rc = rbi_pci_read_dword(dev, *cap + at, &offered);
	return rc < 0 ? rc : (offered & needed) == needed;
}

static int find_way(struct rb_pci_dev *dev, struct way *way)
{
	unsigned int cap = 0;
	int rc;

	rc = look_at(dev, RB_PCI_CAP_EXPRESS, DEVCAP, DEVCAP_FLR, &cap);
	if (rc < 0)
		return rc;
	*way = (struct way){ cap + DEVCTL, DEVCTL_FLR, DEVSTA_PENDING };
	if (rc > 0)
		return 0;
	rc = look_at(dev, RB_PCI_CAP_AF, 0, AF_CAPS, &cap);
	if (rc < 0)
		return rc;
	*way = (struct way){ cap + AF_CONTROL, AF_FLR, AF_PENDING };
	return rc > 0 ? 0 : rbi_fail(-ENOTSUP, "%s has no function-level reset", dev->name);
}

/* Nothing new begins; what has begun gets time to end. Too long is no reason to stop:
 * such a function needs its reset all the more. */
static int quiet(struct rb_pci_dev *dev, const struct way *way)
{
	unsigned int tries;
	uint32_t val;
	int rc;

	rbi_pci_lock(dev);
	rc = rbi_pci_write_dword(dev, RBI_PCI_COMMAND, RBI_PCI_COMMAND_NO_INTX);
	rbi_pci_unlock(dev);
	for (tries = 0; rc == 0 && tries < PENDING_TRIES; tries++) {
		rc = rbi_pci_read_dword(dev, way->off, &val);
		if (rc < 0 || !(val & way->pending))
			return rc;
		rb_delay_us(dev->ctx, PENDING_STEP_US);
	}
	if (rc == 0)
		rbi_log(dev->ctx, RB_LOG_WARN, "%s is reset with transactions pending", dev->name);
	return rc;
}

int rbi_pci_wait_ready(struct rb_pci_dev *dev)
{
	unsigned int waited = 0, step = READY_STEP_US;
	uint32_t id;
	bool is_busy;
	int rc;

	for (;;) {
		rc = rbi_pci_note(dev, rbi_pcid_read_config(dev->channel, RBI_PCI_ID, &id));
		if (rc < 0)
			return rc;
		is_busy = (id & 0xffffu) == VENDOR_RETRY;
		if (!is_busy && !RBI_PCI_IS_NOBODY(id))
			return 0;
		if (waited >= READY_US)
			break;
		rb_delay_us(dev->ctx, step);
		waited += step;
		step *= 2;
	}
	if (is_busy)
		return rbi_fail(-ETIMEDOUT, "%s is still busy %u ms after its reset", dev->name,
				waited / 1000);
	rbi_pci_set_gone(dev);
	return rbi_pci_refuse_gone(dev);
}

/* With the lock held, which is given up for the waits. */
static int reset(struct rb_pci_dev *dev, const struct way *way)
{
	unsigned int us = RESET_US;
	uint32_t val;
	int rc;

	if (rbi_pci_quirks(dev) & RB_PCI_QUIRK_RESET_DELAY_MS)
		us += RBI_PCI_RESET_DELAY_US;
	rc = rbi_pci_read_dword(dev, way->off, &val);
	if (rc < 0)
		return rc;
	rbi_pci_recovery_begin(dev);
	rc = rbi_pci_write_dword(dev, way->off, (val & 0xffffu) | way->start);
	if (!rb_pci_is_gone(dev)) { /* also when the answer was lost: it may have begun */
		rbi_pci_unlock(dev);
		rb_delay_us(dev->ctx, us);
		if (rc == 0)
			rc = rbi_pci_wait_ready(dev);
		pthread_mutex_lock(&dev->lock);
	}
	rbi_pci_recovery_end(dev);
	return rc;
}

static int reset_and_restore(struct rb_pci_dev *dev, const struct way *way,
			     const struct rb_pci_saved *saved)
{
	struct rbi_detail detail;
	int rc, restored;

	rc = quiet(dev, way);
	rbi_pci_lock(dev);
	if (rc == 0)
		rc = reset(dev, way);
	/* also when it failed: the command register is off since quiet() */
	rbi_detail_keep(&detail);
	restored = rb_pci_is_gone(dev) ? rc : rbi_pci_restore_locked(dev, saved);
	rbi_pci_unlock(dev);
	if (rc < 0)
		rbi_detail_restore(&detail);
	return rc < 0 ? rc : restored;
}

int rb_pci_reset(struct rb_pci_dev *dev)
{
	struct rb_pci_saved *saved;
	struct way way;
	int rc;

	rc = rbi_pci_check(dev, "rb_pci_reset");
	if (rc == 0)
		rc = rbi_pci_refuse_gone(dev);
	if (rc == 0)
		rc = find_way(dev, &way);
	if (rc == 0)
		rc = rb_pci_set_power(dev, RB_PCI_D0);
	if (rc == 0)
		rc = rb_pci_save(dev, &saved);
	if (rc < 0)
		return rc;
	rc = reset_and_restore(dev, &way, saved);
	if (rc == 0)
		rbi_pci_dma_quiet(dev); /* it has forgotten every address it was told */
	rb_pci_saved_close(saved);
	return rc;
}
