/* SPDX-License-Identifier: MIT */
/*
 * pci_power.c - power states, and functions that cannot be asked for a while.
 *
 *   D0 -> D1, D2, D3hot     sleep, and from a lighter sleep to a deeper one
 *   D1, D2 -> D0            awake, configuration kept
 *   D3hot -> D0             awake; as from a reset, unless No_Soft_Reset
 *
 * Waits are those of PCI Power Management 1.2, 5.6.1.
 */
#include "config.h"

#include <rbdrv/pci_match.h>

#include "pci/pci_private.h"

#define PMCSR	      4u /* from the capability; PMC is the upper half of the dword before */
#define STATE	      UINT32_C(0x3)
#define NO_SOFT_RESET UINT32_C(0x8)
#define PME_STATUS    UINT32_C(0x8000) /* a one clears it */
#define HAS_D1	      (UINT32_C(1) << 25)
#define HAS_D2	      (UINT32_C(1) << 26)

#define D2_US	 200u
#define D3HOT_US 10000u

/* Where the capability is, 0 for nowhere. */
static int find_pm(struct rb_pci_dev *dev, unsigned int *cap)
{
	int rc;

	*cap = 0;
	if (rbi_pci_quirks(dev) & RB_PCI_QUIRK_NO_PM)
		return rbi_pci_refuse_gone(dev);
	rc = rbi_pci_cap_room(dev, RB_PCI_CAP_PM, PMCSR + 4, cap);
	return rc < 0 ? rc : 0;
}

int rb_pci_power(struct rb_pci_dev *dev)
{
	unsigned int cap;
	uint32_t pmcsr;
	int rc;

	rc = rbi_pci_check(dev, "rb_pci_power");
	if (rc == 0)
		rc = find_pm(dev, &cap);
	if (rc < 0)
		return rc;
	if (cap == 0)
		return RB_PCI_D0;
	rc = rbi_pci_read_dword(dev, cap + PMCSR, &pmcsr);
	return rc < 0 ? rc : (int)(pmcsr & STATE);
}

/* May a function that says @pmc go from state @from to @to? */
static int check_step(const struct rb_pci_dev *dev, uint32_t pmc, unsigned int from,
		      unsigned int to)
{
	if ((to == RB_PCI_D1 && !(pmc & HAS_D1)) || (to == RB_PCI_D2 && !(pmc & HAS_D2)))
		return rbi_fail(-ENOTSUP, "%s has no power state D%u", dev->name, to);
	if (to != RB_PCI_D0 && to < from)
		return rbi_fail(-EINVAL, "%s goes from power state D%u to D%u through D0 only",
				dev->name, from, to);
	return 0;
}

static unsigned int wait_us(const struct rb_pci_dev *dev, unsigned int from, unsigned int to,
			    bool reset)
{
	unsigned int us = 0;

	if (from == RB_PCI_D3HOT || to == RB_PCI_D3HOT)
		us = D3HOT_US;
	else if (from == RB_PCI_D2 || to == RB_PCI_D2)
		us = D2_US;
	if (reset && (rbi_pci_quirks(dev) & RB_PCI_QUIRK_RESET_DELAY_MS))
		us += RBI_PCI_RESET_DELAY_US;
	return us;
}

/* The write that changes the state and what must follow it. With the lock held, which is
 * given up for the wait. */
static int change(struct rb_pci_dev *dev, unsigned int off, uint32_t pmcsr, unsigned int to,
		  const struct rb_pci_saved *saved)
{
	uint32_t now;
	int rc;

	rbi_pci_recovery_begin(dev);
	rc = rbi_pci_write_dword(dev, off, (pmcsr & ~(STATE | PME_STATUS)) | to);
	if (rc == 0) {
		rbi_pci_unlock(dev);
		rb_delay_us(dev->ctx, wait_us(dev, pmcsr & STATE, to, saved != NULL));
		rc = rbi_pci_wait_ready(dev);
		pthread_mutex_lock(&dev->lock);
	}
	rbi_pci_recovery_end(dev);

	if (rc == 0)
		rc = rbi_pci_read_dword(dev, off, &now);
	if (rc < 0)
		return rc;
	if ((now & STATE) != to)
		return rbi_fail(-EIO, "%s stays in power state D%u, D%u was wanted", dev->name,
				(unsigned int)(now & STATE), to);
	return saved ? rbi_pci_restore_locked(dev, saved) : 0;
}

static int set_power_locked(struct rb_pci_dev *dev, unsigned int cap, unsigned int to)
{
	struct rb_pci_saved *saved = NULL;
	uint32_t pmc, pmcsr;
	int rc;

	rc = rbi_pci_read_dword(dev, cap, &pmc);
	if (rc == 0)
		rc = rbi_pci_read_dword(dev, cap + PMCSR, &pmcsr);
	if (rc < 0 || (pmcsr & STATE) == to)
		return rc;
	rc = check_step(dev, pmc, pmcsr & STATE, to);
	/* asleep it still holds what waking up loses */
	if (rc == 0 && (pmcsr & STATE) == RB_PCI_D3HOT && !(pmcsr & NO_SOFT_RESET))
		rc = rbi_pci_save_locked(dev, &saved);
	if (rc == 0)
		rc = change(dev, cap + PMCSR, pmcsr, to, saved);
	rb_pci_saved_close(saved);
	return rc;
}

int rb_pci_set_power(struct rb_pci_dev *dev, enum rb_pci_power_state state)
{
	unsigned int cap;
	int rc;

	rc = rbi_pci_check(dev, "rb_pci_set_power");
	if (rc < 0)
		return rc;
	if ((unsigned int)state > RB_PCI_D3HOT)
		return rbi_fail(-EINVAL, "%s: there is no power state %u", dev->name,
				(unsigned int)state);
	rc = find_pm(dev, &cap);
	if (rc < 0)
		return rc;
	if (cap == 0)
		return state == RB_PCI_D0 ? 0
					  : rbi_fail(-ENOTSUP, "%s has no power states", dev->name);
	rbi_pci_lock(dev);
	rc = set_power_locked(dev, cap, (unsigned int)state);
	rbi_pci_unlock(dev);
	return rc;
}
