/* SPDX-License-Identifier: MIT */
/*
 * mock_cap.c - capabilities: where they lie, how they are linked, and the bytes of
 * those that the specifications lay out.
 *
 * Each dword of configuration space belongs to the header, to one capability or to
 * nobody; a bit for each says which.
 */
#include <string.h>

#include "host/mock/mock_machine.h"

#define CAP_PM	   0x01
#define CAP_MSI	   0x05
#define CAP_VENDOR 0x09
#define CAP_PCIE   0x10
#define PCIE_FLAGS                                                         \
	(RB_MOCK_PCIE_FLR | RB_MOCK_PCIE_ROOT_PORT | RB_MOCK_PCIE_SLOT | \
	 RB_MOCK_PCIE_INTEGRATED | RB_MOCK_PCIE_VERSION_1)

/* The bits of @len bytes at @off. */
static uint64_t dwords(unsigned int off, size_t len)
{
	unsigned int count = (unsigned int)(len + 3) / 4;

	return (count >= 64 ? UINT64_MAX : (1ull << count) - 1) << off / 4;
}

/* The first stretch of @len free bytes, or 0. */
static unsigned int find_free(const struct rb_mock_dev *dev, size_t len)
{
	unsigned int off;

	for (off = MOCK_CFG_FREE; len <= MOCK_CFG - off; off += 4)
		if (!(dev->cfg_taken & dwords(off, len)))
			return off;
	return 0;
}

int rbi_mock_cap_add(struct rb_mock_dev *dev, uint8_t id, size_t len)
{
	unsigned int off = dev->cap_place;

	dev->cap_place = 0;
	if (off != 0 && len > MOCK_CFG - off)
		return rbi_mock_wrong(dev, "capability %#x of %zu bytes at %#x passes the end of "
					   "configuration space", id, len, off);
	if (off != 0 && (dev->cfg_taken & dwords(off, len)))
		return rbi_mock_wrong(dev, "capability %#x of %zu bytes at %#x overlaps another",
				      id, len, off);
	if (off == 0)
		off = find_free(dev, len);
	if (off == 0)
		return rbi_mock_refuse(dev, rbi_fail(-ENOMEM,
						     "mock: configuration space of %s has no %zu "
						     "bytes left for capability %#x",
						     dev->label, len, id));

	dev->cfg_taken |= dwords(off, len);
	dev->cfg[off] = id;
	dev->cfg[off + 1] = dev->cfg[MOCK_CFG_CAP_PTR];
	dev->cfg[MOCK_CFG_CAP_PTR] = (uint8_t)off;
	dev->cfg[MOCK_CFG_STATUS] |= MOCK_STATUS_CAPS;
	return (int)off;
}

int rb_mock_cap_place(struct rb_mock_dev *dev, unsigned int off)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_cap_place");
	if (rc < 0)
		return rc;
	if (off < MOCK_CFG_FREE || off >= MOCK_CFG)
		return rbi_mock_wrong(dev, "a capability at %#x is not within 0x40-0xff", off);
	if (off % 4 != 0)
		return rbi_mock_wrong(dev, "a capability at %#x is not at a multiple of 4", off);
	dev->cap_place = off;
	return 0;
}

int rb_mock_cap_raw(struct rb_mock_dev *dev, uint8_t id, const void *body, const void *writable,
		    size_t len)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_cap_raw");
	if (rc < 0)
		return rc;
	if ((!body && len > 0) || len > MOCK_CFG - MOCK_CFG_FREE - 2)
		return rbi_mock_wrong(dev, "%zu bytes cannot be a capability", len);
	rc = rbi_mock_cap_add(dev, id, len + 2);
	if (rc < 0)
		return rc;

	if (len > 0)
		memcpy(&dev->cfg[rc + 2], body, len);
	if (len > 0 && writable)
		memcpy(&dev->writable[rc + 2], writable, len);
	return rc;
}

/* PCI 3.0, 6.8.1 and Appendix H: a vendor's has its whole length in the third byte. */
int rb_mock_cap_vendor(struct rb_mock_dev *dev, const void *body, const void *writable, size_t len)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_cap_vendor");
	if (rc < 0)
		return rc;
	if ((!body && len > 0) || len > MOCK_CFG - MOCK_CFG_FREE - 3)
		return rbi_mock_wrong(dev, "%zu bytes cannot be a vendor's capability", len);
	rc = rbi_mock_cap_add(dev, CAP_VENDOR, len + 3);
	if (rc < 0)
		return rc;

	dev->cfg[rc + 2] = (uint8_t)(len + 3);
	if (len > 0)
		memcpy(&dev->cfg[rc + 3], body, len);
	if (len > 0 && writable)
		memcpy(&dev->writable[rc + 3], writable, len);
	return rc;
}

/*
 * PCI 3.0, 6.8.1: id, next, control(2), address low, [address high], data(2),
 * [reserved(2), mask, pending].
 */
int rb_mock_cap_msi(struct rb_mock_dev *dev, unsigned int vectors_log2, unsigned int flags)
{
	bool wide = flags & RB_MOCK_MSI_64BIT, masking = flags & RB_MOCK_MSI_MASKING;
	unsigned int data = wide ? 12 : 8;
	unsigned int off;
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_cap_msi");
	if (rc < 0)
		return rc;
	if (vectors_log2 > 5 || (flags & ~(RB_MOCK_MSI_64BIT | RB_MOCK_MSI_MASKING)) ||
	    dev->msi != 0)
		return rbi_mock_wrong(dev, "MSI: 2^%u vectors, flags %#x, or a second one",
				      vectors_log2, flags);
	rc = rbi_mock_cap_add(dev, CAP_MSI, data + (masking ? 12 : 2));
	if (rc < 0)
		return rc;

	off = dev->msi = (unsigned int)rc;
	dev->msi_fixed = vectors_log2 << 1 | (wide ? 0x80u : 0) | (masking ? 0x100u : 0);
	rbi_mock_store(&dev->cfg[off + 2], 2, dev->msi_fixed);
	rbi_mock_store(&dev->writable[off + 2], 2, 0x0071);
	rbi_mock_store(&dev->writable[off + 4], 4, 0xfffffffc);
	if (wide)
		rbi_mock_store(&dev->writable[off + 8], 4, 0xffffffff);
	rbi_mock_store(&dev->writable[off + data], 2, 0xffff);
	if (masking)
		rbi_mock_store(&dev->writable[off + data + 4], 4,
			       0xffffffffu >> (32 - (1u << vectors_log2)));
	return rc;
}

/*
 * PCI Power Management 1.2, 3.2: id, next, capabilities(2), control and status(2),
 * bridge(1), data(1). Version 3, D0 and D3 only, no power management events.
 */
int rb_mock_cap_pm(struct rb_mock_dev *dev, unsigned int flags)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_cap_pm");
	if (rc < 0)
		return rc;
	if ((flags & ~RB_MOCK_PM_NO_SOFT_RESET) || dev->pm != 0)
		return rbi_mock_wrong(dev, "power management: flags %#x, or a second one", flags);
	rc = rbi_mock_cap_add(dev, CAP_PM, 8);
	if (rc < 0)
		return rc;

	dev->pm = (unsigned int)rc;
	rbi_mock_store(&dev->cfg[rc + 2], 2, 0x0003);
	rbi_mock_store(&dev->cfg[rc + 4], 2, flags & RB_MOCK_PM_NO_SOFT_RESET ? 0x0008 : 0);
	rbi_mock_store(&dev->writable[rc + 4], 2, 0x0003);
	return rc;
}

/* A slot that devices come to and go from (PCIe 3.0, 7.8.9 to 7.8.11); its number is
 * its port's. */
static void put_slot(struct rb_mock_dev *dev, unsigned int off)
{
	rbi_mock_store(&dev->cfg[off + 0x14], 4,
		       0x60u | rb_pci_addr_device(dev->fn) << 19); /* hot-plug, surprise */
	rbi_mock_store(&dev->writable[off + 0x18], 2, 0x1fff);
	rbi_mock_store(&dev->cleared[off + 0x1a], 2, 0x011f);
}

/* The registers of a function with one lane (PCIe 3.0, 7.8); those not named are zero. */
static void put_pcie(struct rb_mock_dev *dev, unsigned int off, unsigned int flags)
{
	bool flr = flags & RB_MOCK_PCIE_FLR;
	unsigned int type = flags & RB_MOCK_PCIE_ROOT_PORT  ? 4 :
			    flags & RB_MOCK_PCIE_INTEGRATED ? 9 :
							      0;
	unsigned int version = flags & RB_MOCK_PCIE_VERSION_1 ? 1 : 2;

	rbi_mock_store(&dev->cfg[off + 0x02], 2,
		       version | type << 4 | (flags & RB_MOCK_PCIE_SLOT ? 0x100u : 0));
	/* role-based error reporting; payloads of 128 bytes */
	rbi_mock_store(&dev->cfg[off + 0x04], 4, 0x00008000u | (flr ? 0x10000000u : 0));
	rbi_mock_store(&dev->cfg[off + 0x08], 2, 0x2810); /* what a reset leaves: 7.8.4 */
	rbi_mock_store(&dev->writable[off + 0x08], 2, 0x78ff);
	dev->cleared[off + 0x0a] = 0x0f; /* errors detected */
	rbi_mock_store(&dev->cfg[off + 0x0c], 4, 0x00000011); /* one lane, 2.5 GT/s */
	rbi_mock_store(&dev->writable[off + 0x10], 2, 0x00c3);
	rbi_mock_store(&dev->cfg[off + 0x12], 2, 0x0011);
	if (flags & RB_MOCK_PCIE_SLOT)
		put_slot(dev, off);
	if (flags & RB_MOCK_PCIE_ROOT_PORT)
		rbi_mock_store(&dev->writable[off + 0x1c], 2, 0x001f);
}

int rb_mock_cap_pcie(struct rb_mock_dev *dev, unsigned int flags)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_cap_pcie");
	if (rc < 0)
		return rc;
	if ((flags & ~PCIE_FLAGS) || dev->pcie != 0 ||
	    ((flags & RB_MOCK_PCIE_SLOT) && !(flags & RB_MOCK_PCIE_ROOT_PORT)) ||
	    ((flags & (RB_MOCK_PCIE_INTEGRATED | RB_MOCK_PCIE_VERSION_1)) &&
	     (flags & RB_MOCK_PCIE_ROOT_PORT)))
		return rbi_mock_wrong(dev, "PCI Express: flags %#x, or a second one", flags);
	rc = rbi_mock_cap_add(dev, CAP_PCIE, flags & RB_MOCK_PCIE_VERSION_1 ? 0x14 : 0x3c);
	if (rc < 0)
		return rc;

	dev->pcie = (unsigned int)rc;
	dev->cfg_size = MOCK_CFG_EXTENDED;
	put_pcie(dev, dev->pcie, flags);
	return rc;
}
