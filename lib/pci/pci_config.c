/* SPDX-License-Identifier: MIT */
/*
 * pci_config.c - configuration space of an open function.
 *
 * pcid moves dwords (contract 4.8), so narrower accesses happen here, and narrower
 * writes under the device's lock.
 */
#include "config.h"

#include "core/detail.h"
#include "pci/pci_private.h"

#define CAPS_FIRST  0x40u /* capabilities lie behind the header (PCI 3.0, 6.7) */
#define CAP_POINTER 0xfcu /* the two low bits of a pointer are reserved */

/* Device/Port Type, bits 7:4 of the PCI Express Capabilities register at +2 */
#define EXPRESS_TYPE(dword)	((dword) >> 20 & 0xfu)
#define EXPRESS_INTEGRATED	0x9u
#define EXPRESS_EVENT_COLLECTOR 0xau

int rbi_pci_check(const struct rb_pci_dev *dev, const char *call)
{
	if (!dev)
		return rbi_fail(-EINVAL, "%s: NULL", call);
	return rbi_ctx_check(dev->ctx, call);
}

/* --- how far configuration space goes ----------------------------------------------------- */

/*
 * May @off be asked for? Past 256 bytes pcid panics where it has to use the ports
 * (contract 4.8), which no request tells. A PCI Express function that hangs on a
 * link proves a machine with the memory window; one integrated into the root
 * complex proves nothing, as QEMU offers such functions on a conventional bus too.
 */
static int check_reach(struct rb_pci_dev *dev, unsigned int off)
{
	struct rbi_detail detail;
	unsigned int cap = 0, type;
	uint32_t dword = 0;
	int rc;

	if (off < RBI_PCID_CONFIG_SIZE || rbi_pcid_is_extended(dev->channel))
		return 0; /* os_pcid.c knows the end */

	rbi_detail_keep(&detail);
	rc = rb_pci_find_cap(dev, RBI_PCI_CAP_EXPRESS, &cap);
	if (rc == 0)
		rc = rbi_pci_read_dword(dev, cap, &dword);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	type = rc == 0 ? EXPRESS_TYPE(dword) : EXPRESS_INTEGRATED;
	if (type == EXPRESS_INTEGRATED || type == EXPRESS_EVENT_COLLECTOR)
		return rbi_fail(-ERANGE,
				"%s: offset %#x: nothing shows extended configuration space",
				dev->name, off);
	rbi_detail_restore(&detail);
	rbi_pcid_allow_extended(dev->channel);
	return 0;
}

/* --- dwords -------------------------------------------------------------------------- */

/* All-ones are what nobody answers; the vendor id tells whether that is the case. */
static int check_all_ones(struct rb_pci_dev *dev, unsigned int off, uint32_t val)
{
	int rc;

	if (off != RBI_PCI_ID) {
		if (val != UINT32_MAX)
			return 0;
		rc = rbi_pci_note(dev, rbi_pcid_read_config(dev->channel, RBI_PCI_ID, &val));
		if (rc < 0)
			return rc;
	}
	if ((val & 0xffffu) != 0xffffu)
		return 0;
	rbi_pci_set_gone(dev);
	return rbi_pci_refuse_gone(dev);
}

int rbi_pci_read_dword(struct rb_pci_dev *dev, unsigned int off, uint32_t *val)
{
	int rc;

	*val = UINT32_MAX;
	rc = rbi_pci_refuse_gone(dev);
	if (rc == 0)
		rc = check_reach(dev, off);
	if (rc == 0)
		rc = rbi_pci_note(dev, rbi_pcid_read_config(dev->channel, off, val));
	if (rc == 0)
		rc = check_all_ones(dev, off, *val);
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

int rbi_pci_update_dword(struct rb_pci_dev *dev, unsigned int off, uint32_t mask, uint32_t bits)
{
	uint32_t val;
	int rc;

	rc = rbi_pci_read_dword(dev, off, &val);
	if (rc < 0)
		return rc;
	/* status bits are cleared by ones: what was read must not go back */
	if (off == RBI_PCI_COMMAND)
		val &= 0xffffu;
	return rbi_pci_write_dword(dev, off, (val & ~mask) | (bits & mask));
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
	int rc;

	rc = rbi_pci_check(dev, call);
	if (rc < 0)
		return rc;
	if (off & (width - 1))
		return rbi_fail(-EINVAL, "%s: %s: offset %#x is no multiple of %u", dev->name, call,
				off, width);

	pthread_mutex_lock(&dev->lock);
	if (width == 4)
		rc = rbi_pci_write_dword(dev, off, val);
	else
		rc = rbi_pci_update_dword(dev, off & ~3u, mask << shift, val << shift);
	pthread_mutex_unlock(&dev->lock);
	return rc;
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

/* --- capabilities ------------------------------------------------------------------------ */

/* Where the list begins, 0 for an empty one. */
static int first_cap(struct rb_pci_dev *dev, unsigned int *at)
{
	unsigned int pointer = RBI_PCI_CAPS;
	uint32_t dword;
	int rc;

	*at = 0;
	rc = rbi_pci_read_dword(dev, RBI_PCI_COMMAND, &dword);
	if (rc < 0 || !(dword & RBI_PCI_STATUS_CAPS))
		return rc;
	rc = rbi_pci_read_dword(dev, RBI_PCI_HEADER, &dword);
	if (rc < 0)
		return rc;
	if ((dword >> 16 & 0x7fu) == 2)
		pointer = RBI_PCI_CAPS_CARDBUS;
	rc = rbi_pci_read_dword(dev, pointer, &dword);
	if (rc == 0)
		*at = dword & CAP_POINTER;
	return rc;
}

int rb_pci_find_cap(struct rb_pci_dev *dev, uint8_t id, unsigned int *off)
{
	uint64_t visited = 0; /* a bit for each dword of the first 256 bytes */
	unsigned int at = 0;
	uint32_t dword;
	int rc;

	if (!off)
		return rbi_fail(-EINVAL, "rb_pci_find_cap: NULL");
	rc = rbi_pci_check(dev, "rb_pci_find_cap");
	if (rc == 0)
		rc = first_cap(dev, &at);
	if (rc < 0)
		return rc;

	for (; at != 0; at = dword >> 8 & CAP_POINTER) {
		if (at < CAPS_FIRST)
			return rbi_fail(-EPROTO, "%s: a capability at %#x lies in the header",
					dev->name, at);
		if (visited >> at / 4 & 1)
			return rbi_fail(-EPROTO, "%s: the capability list runs in a circle at %#x",
					dev->name, at);
		visited |= UINT64_C(1) << at / 4;

		rc = rbi_pci_read_dword(dev, at, &dword);
		if (rc < 0)
			return rc;
		if ((dword & 0xffu) == id) {
			*off = at;
			return 0;
		}
	}
	return rbi_fail(-ENOENT, "%s has no capability %#04x", dev->name, id);
}
