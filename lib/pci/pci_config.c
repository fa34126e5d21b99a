/* SPDX-License-Identifier: MIT */
/*
 * pci_config.c - configuration space of an open function.
 *
 * pcid moves dwords (contract 4.8), so narrower accesses happen here, and narrower
 * writes under the device's lock.
 */
#include "config.h"

#include <sched.h>

#include "pci/pci_view.h"

#define RECOVERY_POLL_US 1000u

int rbi_pci_check(const struct rb_pci_dev *dev, const char *call)
{
	if (!dev)
		return rbi_fail(-EINVAL, "%s: NULL", call);
	return rbi_ctx_check(dev->ctx, call);
}

/* --- how far configuration space goes ----------------------------------------------------- */

/* May @off be asked for? The view knows what shows extended space. */
static int check_reach(struct rb_pci_dev *dev, unsigned int off)
{
	int size;

	if (off < RBI_PCID_CONFIG_SIZE || rbi_pcid_is_extended(dev->channel))
		return 0; /* os_pcid.c knows the end */

	size = rbi_pci_view_reach(dev->view);
	if (size < 0)
		return size;
	if (size <= (int)RBI_PCID_CONFIG_SIZE)
		return rbi_fail(-ERANGE,
				"%s: offset %#x: nothing shows extended configuration space",
				dev->name, off);
	rbi_pcid_allow_extended(dev->channel);
	return 0;
}

/* --- dwords -------------------------------------------------------------------------- */

/*
 * While a function changes its power state or is reset it answers nothing, or all-ones.
 * Whoever wants to ask then waits, on the machine's clock and without the lock.
 */
static void wait_until_it_answers(struct rb_pci_dev *dev)
{
	while (atomic_load(&dev->recovering))
		rb_delay_us(dev->ctx, RECOVERY_POLL_US);
}

void rbi_pci_lock(struct rb_pci_dev *dev)
{
	pthread_mutex_lock(&dev->lock);
	while (atomic_load(&dev->recovering)) {
		pthread_mutex_unlock(&dev->lock);
		wait_until_it_answers(dev);
		pthread_mutex_lock(&dev->lock);
	}
}

void rbi_pci_unlock(struct rb_pci_dev *dev)
{
	pthread_mutex_unlock(&dev->lock);
}

/* Who asks at this moment gets his answer first. */
void rbi_pci_recovery_begin(struct rb_pci_dev *dev)
{
	atomic_store(&dev->recovering, true);
	while (atomic_load(&dev->asking) != 0)
		sched_yield();
}

void rbi_pci_recovery_end(struct rb_pci_dev *dev)
{
	atomic_store(&dev->recovering, false);
}

/* All-ones are what nobody answers; the vendor id tells whether that is the case: 1. */
static int is_silent(struct rb_pci_dev *dev, unsigned int off, uint32_t val)
{
	int rc;

	if (off != RBI_PCI_ID) {
		if (val != UINT32_MAX)
			return 0;
		rc = rbi_pci_note(dev, rbi_pcid_read_config(dev->channel, RBI_PCI_ID, &val));
		if (rc < 0)
			return rc;
	}
	return RBI_PCI_IS_NOBODY(val);
}

/* 0, or 1 when nobody answers, or a negative code. */
static int ask(struct rb_pci_dev *dev, unsigned int off, uint32_t *val)
{
	int rc;

	for (;;) {
		atomic_fetch_add(&dev->asking, 1);
		if (!atomic_load(&dev->recovering))
			break;
		atomic_fetch_sub(&dev->asking, 1);
		wait_until_it_answers(dev);
	}
	rc = rbi_pci_note(dev, rbi_pcid_read_config(dev->channel, off, val));
	if (rc == 0)
		rc = is_silent(dev, off, *val);
	atomic_fetch_sub(&dev->asking, 1);
	return rc;
}

int rbi_pci_read_dword(struct rb_pci_dev *dev, unsigned int off, uint32_t *val)
{
	int rc;

	*val = UINT32_MAX;
	rc = rbi_pci_refuse_gone(dev);
	if (rc == 0)
		rc = check_reach(dev, off);
	if (rc == 0)
		rc = ask(dev, off, val);
	if (rc > 0) {
		rbi_pci_set_gone(dev);
		rc = rbi_pci_refuse_gone(dev);
	}
	if (rc < 0)
		*val = UINT32_MAX;
	return rc;
}

int rbi_pci_write_dword(struct rb_pci_dev *dev, unsigned int off, uint32_t val)
{
	int rc;

	rc = rbi_pci_refuse_gone(dev);
	if (rc == 0)
		rc = check_reach(dev, off);
	if (rc == 0)
		rc = rbi_pci_note(dev, rbi_pcid_write_config(dev->channel, off, val));
	return rc;
}

/* @mask replaced by @bits; of the rest what was read, but zeros for @ones. */
static int update(struct rb_pci_dev *dev, unsigned int off, uint32_t mask, uint32_t bits,
		  uint32_t ones)
{
	uint32_t val;
	int rc;

	rc = rbi_pci_read_dword(dev, off, &val);
	if (rc < 0)
		return rc;
	return rbi_pci_write_dword(dev, off, (val & ~(mask | ones)) | (bits & mask));
}

int rbi_pci_update_dword(struct rb_pci_dev *dev, unsigned int off, uint32_t mask, uint32_t bits)
{
	/* status bits are cleared by ones: what was read must not go back */
	return update(dev, off, mask, bits, off == RBI_PCI_COMMAND ? 0xffff0000u : 0);
}

int rbi_pci_check_alive(struct rb_pci_dev *dev)
{
	uint32_t id;

	return rbi_pci_read_dword(dev, RBI_PCI_ID, &id);
}

/* --- the public forms -------------------------------------------------------------------- */

/* One read of @width bytes: 0, with the value in *val. */
static int config_read(struct rb_pci_dev *dev, unsigned int off, unsigned int width,
		       const char *call, uint32_t *val)
{
	int rc;

	*val = UINT32_MAX;
	rc = rbi_pci_check(dev, call);
	if (rc < 0)
		return rc;
	if (off & (width - 1))
		return rbi_fail(-EINVAL, "%s: %s: offset %#x is no multiple of %u", dev->name, call,
				off, width);
	rc = rbi_pci_read_dword(dev, off & ~3u, val);
	if (rc == 0)
		*val >>= 8 * (off & 3u);
	return rc;
}

static int config_write(struct rb_pci_dev *dev, unsigned int off, unsigned int width,
			const char *call, uint32_t val)
{
	unsigned int shift = 8 * (off & 3u);
	uint32_t mask = width == 4 ? UINT32_MAX : (UINT32_C(1) << 8 * width) - 1;
	uint32_t ones = 0;
	int rc;

	rc = rbi_pci_check(dev, call);
	if (rc < 0)
		return rc;
	if (off & (width - 1))
		return rbi_fail(-EINVAL, "%s: %s: offset %#x is no multiple of %u", dev->name, call,
				off, width);

	rbi_pci_lock(dev);
	if (width == 4)
		rc = rbi_pci_write_dword(dev, off, val);
	else
		rc = rbi_pci_cleared_by_ones(dev, off & ~3u, &ones);
	if (width != 4 && rc == 0)
		rc = update(dev, off & ~3u, mask << shift, val << shift, ones);
	rbi_pci_unlock(dev);
	return rc;
}

int rb_pci_check(struct rb_pci_dev *dev)
{
	int rc = rbi_pci_check(dev, "rb_pci_check");

	return rc < 0 ? rc : rbi_pci_check_alive(dev);
}

int rb_pci_config_read32(struct rb_pci_dev *dev, unsigned int off, uint32_t *val)
{
	if (!val)
		return rbi_fail(-EINVAL, "rb_pci_config_read32: NULL");
	return config_read(dev, off, 4, "rb_pci_config_read32", val);
}

int rb_pci_config_read16(struct rb_pci_dev *dev, unsigned int off, uint16_t *val)
{
	uint32_t wide;
	int rc;

	if (!val)
		return rbi_fail(-EINVAL, "rb_pci_config_read16: NULL");
	rc = config_read(dev, off, 2, "rb_pci_config_read16", &wide);
	*val = (uint16_t)wide;
	return rc;
}

int rb_pci_config_read8(struct rb_pci_dev *dev, unsigned int off, uint8_t *val)
{
	uint32_t wide;
	int rc;

	if (!val)
		return rbi_fail(-EINVAL, "rb_pci_config_read8: NULL");
	rc = config_read(dev, off, 1, "rb_pci_config_read8", &wide);
	*val = (uint8_t)wide;
	return rc;
}

int rb_pci_config_write32(struct rb_pci_dev *dev, unsigned int off, uint32_t val)
{
	return config_write(dev, off, 4, "rb_pci_config_write32", val);
}

int rb_pci_config_write16(struct rb_pci_dev *dev, unsigned int off, uint16_t val)
{
	return config_write(dev, off, 2, "rb_pci_config_write16", val);
}

int rb_pci_config_write8(struct rb_pci_dev *dev, unsigned int off, uint8_t val)
{
	return config_write(dev, off, 1, "rb_pci_config_write8", val);
}
