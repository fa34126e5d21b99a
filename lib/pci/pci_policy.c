/* SPDX-License-Identifier: MIT */
/*
 * pci_policy.c - what an open function is allowed to do, and whether it is there.
 */
#include "config.h"

#include <rbdrv/pci_match.h>

#include "core/detail.h"
#include "pci/pci_private.h"

#define MSI_COUNT   (UINT32_C(7) << 20) /* bits 6-4: log2 of the messages that may be sent */
#define MSI_COUNT_SHIFT 20
#define MSIX_ENABLE (UINT32_C(1) << 31) /* Message Control bit 15 (PCI 3.0, 6.8.2.3) */

/* Of RB_PCI_QUIRK_BUS_MASTER_DELAY; contract 12.4 names no figure, so one that is long
 * for a device and short for a person. */
#define MASTER_DELAY_NS INT64_C(10000000)

/* --- presence ---------------------------------------------------------------------- */

static void leave(struct rb_pci_dev *dev, enum rbi_pci_presence how)
{
	int present = RBI_PCI_PRESENT;

	if (!atomic_compare_exchange_strong(&dev->presence, &present, how))
		return;
	rbi_log(dev->ctx, RB_LOG_WARN, "%s is gone: %s", dev->name,
		how == RBI_PCI_REMOVED ? "it reads all-ones" : "its channel has ended");
	pthread_mutex_lock(&dev->gone_lock);
	if (dev->on_gone)
		dev->on_gone(dev->on_gone_arg);
	pthread_mutex_unlock(&dev->gone_lock);
	if (how == RBI_PCI_REMOVED)
		rbi_pci_dma_quiet(dev); /* what is not on the bus writes nothing */
}

void rbi_pci_on_gone(struct rb_pci_dev *dev, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&dev->gone_lock);
	dev->on_gone = fn;
	dev->on_gone_arg = arg;
	pthread_mutex_unlock(&dev->gone_lock);
}

bool rb_pci_is_gone(const struct rb_pci_dev *dev)
{
	return dev && atomic_load(&dev->presence) != RBI_PCI_PRESENT;
}

bool rbi_pci_is_removed(const struct rb_pci_dev *dev)
{
	return atomic_load(&dev->presence) == RBI_PCI_REMOVED;
}

void rbi_pci_set_gone(struct rb_pci_dev *dev)
{
	leave(dev, RBI_PCI_REMOVED);
}

int rbi_pci_refuse_gone(const struct rb_pci_dev *dev)
{
	return rb_pci_is_gone(dev) ? rbi_fail(-ENODEV, "%s is gone", dev->name) : 0;
}

int rbi_pci_note(struct rb_pci_dev *dev, int rc)
{
	if (rc == -ENODEV)
		leave(dev, RBI_PCI_UNREACHABLE);
	return rc;
}

/* --- bus mastering ----------------------------------------------------------------- */

static bool is_slow_master(const struct rb_pci_dev *dev)
{
	return rbi_pci_quirks(dev) & RB_PCI_QUIRK_BUS_MASTER_DELAY;
}

void rbi_pci_master_is_on(struct rb_pci_dev *dev)
{
	struct rbi_sys *sys = dev->ctx->sys;

	if (is_slow_master(dev))
		atomic_store(&dev->master_ready_ns, sys->ops->clock(sys) + MASTER_DELAY_NS);
}

/* Not with the lock: a thread that waits for it keeps the mock's clock from moving. */
void rbi_pci_settle_master(const struct rb_pci_dev *dev)
{
	struct rbi_sys *sys = dev->ctx->sys;
	int64_t left;

	if (!is_slow_master(dev))
		return;
	left = atomic_load(&dev->master_ready_ns) - sys->ops->clock(sys);
	if (left > MASTER_DELAY_NS)
		left = MASTER_DELAY_NS; /* the clock has stepped back (probe 7) */
	if (left > 0)
		sys->ops->delay(sys, (uint64_t)left);
}

/* With the lock held; rbi_pci_settle_master() follows without it. */
static int set_master(struct rb_pci_dev *dev, bool on)
{
	int rc;

	rc = rbi_pci_update_dword(dev, RBI_PCI_COMMAND, RBI_PCI_COMMAND_MASTER,
				  on ? RBI_PCI_COMMAND_MASTER : 0);
	if (rc == 0 && on)
		rbi_pci_master_is_on(dev);
	return rc;
}

int rb_pci_set_bus_master(struct rb_pci_dev *dev, bool on)
{
	int rc;

	rc = rbi_pci_check(dev, "rb_pci_set_bus_master");
	if (rc < 0)
		return rc;
	rbi_pci_lock(dev);
	rc = set_master(dev, on);
	if (rc == 0)
		dev->master_off = false; /* the driver decides from here on */
	rbi_pci_unlock(dev);
	if (rc == 0 && on)
		rbi_pci_settle_master(dev);
	if (rc == 0 && !on)
		rbi_pci_dma_look(dev);
	return rc;
}

/* Undo what the end of the last buffer did. With the lock held. */
static int master_again(struct rb_pci_dev *dev)
{
	int rc;

	if (!dev->master_off)
		return 0;
	rc = set_master(dev, true);
	if (rc == 0)
		dev->master_off = false;
	return rc;
}

/* Switch bus mastering off and see that it is. With the lock held. */
static int master_off_shown(struct rb_pci_dev *dev)
{
	uint32_t command;
	int rc;

	rc = rbi_pci_read_dword(dev, RBI_PCI_COMMAND, &command);
	if (rc < 0)
		return rc;
	if (!(command & RBI_PCI_COMMAND_MASTER))
		return 0; /* the driver's own doing, and his to undo */

	dev->master_off = true; /* also when only the answer to it is lost */
	rc = set_master(dev, false);
	if (rc == 0)
		rc = rbi_pci_read_dword(dev, RBI_PCI_COMMAND, &command);
	if (rc < 0)
		return rc;
	if (command & RBI_PCI_COMMAND_MASTER)
		return rbi_fail(-EIO, "%s goes on mastering the bus", dev->name);
	return 0;
}

int rbi_pci_dma_begin(struct rb_pci_dev *dev)
{
	int rc;

	rc = rbi_pci_refuse_gone(dev);
	if (rc < 0)
		return rc;
	rbi_pci_lock(dev);
	rc = master_again(dev);
	if (rc == 0)
		dev->buffers++;
	rbi_pci_unlock(dev);
	if (rc == 0)
		rbi_pci_settle_master(dev);
	return rc;
}

int rbi_pci_dma_end(struct rb_pci_dev *dev)
{
	struct rbi_detail detail;
	bool is_last;
	int rc = 0;

	if (!rbi_ctx_is_ours(dev->ctx))
		return 0;

	rbi_detail_keep(&detail);
	rbi_pci_lock(dev);
	dev->buffers--;
	is_last = dev->buffers == 0 && dev->messages == 0;
	if (is_last)
		rc = master_off_shown(dev);
	rbi_pci_unlock(dev);
	if (is_last && rc == 0)
		rbi_pci_dma_quiet(dev);

	if (rbi_pci_is_removed(dev))
		rc = 0; /* what is not on the bus writes nothing */
	if (rc == 0)
		rbi_detail_restore(&detail);
	return rc;
}

/* --- interrupts -------------------------------------------------------------------- */

int rbi_pci_irq_claim(struct rb_pci_dev *dev)
{
	if (atomic_exchange(&dev->irq_claimed, true))
		return rbi_fail(-EBUSY, "%s has an interrupt set already", dev->name);
	return 0;
}

void rbi_pci_irq_release(struct rb_pci_dev *dev)
{
	atomic_store(&dev->irq_claimed, false);
}

int rbi_pci_messages_on(struct rb_pci_dev *dev, enum rbi_wire_feature feature)
{
	int rc;

	rc = rbi_pci_refuse_gone(dev);
	if (rc < 0)
		return rc;
	rbi_pci_lock(dev);
	rc = master_again(dev);
	if (rc == 0)
		rc = rbi_pci_note(dev, rbi_pcid_enable_feature(dev->channel, feature));
	if (rc == 0) {
		dev->messages = 1u << feature; /* pcid has switched the other off */
		dev->messages_stuck = 0;
	}
	rbi_pci_unlock(dev);
	if (rc == 0)
		rbi_pci_settle_master(dev);
	return rc;
}

int rbi_pci_set_messages(struct rb_pci_dev *dev, unsigned int log2)
{
	unsigned int cap;
	int rc;

	rc = rb_pci_find_cap(dev, RB_PCI_CAP_MSI, &cap);
	if (rc < 0)
		return rc;
	rbi_pci_lock(dev);
	rc = rbi_pci_update_dword(dev, cap, MSI_COUNT, (uint32_t)log2 << MSI_COUNT_SHIFT);
	rbi_pci_unlock(dev);
	return rc;
}

int rbi_pci_messages_off(struct rb_pci_dev *dev, enum rbi_wire_feature feature)
{
	uint8_t id = feature == RBI_WIRE_MSI ? RB_PCI_CAP_MSI : RB_PCI_CAP_MSIX;
	uint32_t enable = feature == RBI_WIRE_MSI ? RBI_PCI_MSI_ENABLE : MSIX_ENABLE;
	struct rbi_detail detail;
	unsigned int cap;
	int rc;

	rbi_detail_keep(&detail);
	rc = rb_pci_find_cap(dev, id, &cap);
	if (rc == -ENOENT)
		rbi_detail_restore(&detail);

	rbi_pci_lock(dev);
	if (rc == 0)
		rc = rbi_pci_update_dword(dev, cap, enable, 0);
	if (rc == -ENOENT)
		rc = 0;
	dev->messages &= ~(1u << feature);
	if (rc == 0)
		dev->messages_stuck &= ~(1u << feature);
	else
		dev->messages_stuck |= 1u << feature;
	rbi_pci_unlock(dev);
	return rc;
}

/* A device that still sends messages would never assert its pin. */
static int unstick(struct rb_pci_dev *dev, enum rbi_wire_feature feature)
{
	bool is_stuck;

	rbi_pci_lock(dev);
	is_stuck = dev->messages_stuck >> feature & 1;
	rbi_pci_unlock(dev);
	return is_stuck ? rbi_pci_messages_off(dev, feature) : 0;
}

int rbi_pci_intx(struct rb_pci_dev *dev, bool on)
{
	int rc = 0;

	if (on)
		rc = unstick(dev, RBI_WIRE_MSI);
	if (on && rc == 0)
		rc = unstick(dev, RBI_WIRE_MSIX);
	if (rc < 0)
		return rc;
	rbi_pci_lock(dev);
	rc = rbi_pci_update_dword(dev, RBI_PCI_COMMAND, RBI_PCI_COMMAND_NO_INTX,
				  on ? 0 : RBI_PCI_COMMAND_NO_INTX);
	rbi_pci_unlock(dev);
	return rc;
}
