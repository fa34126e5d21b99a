/* SPDX-License-Identifier: MIT */
/*
 * mock_dump_caps.c - which bits of a dumped function drivers may change, by the
 * capabilities that its bytes list (PCI 3.0, 6.8; PCIe 6.0, 7.5 to 7.9).
 *
 * The bytes are somebody's: a list that runs in circles or out of what is known ends.
 */
#include "host/mock/mock_dump.h"
#include "host/mock/mock_machine.h"

/* Bits of one register: written, and cleared by ones. */
struct bits {
	uint16_t id;
	uint8_t off; /* from the capability */
	uint32_t writable;
	uint32_t cleared;
};

static const struct bits standard[] = {
	{ 0x01, 0x04, 0x00000103, 0x00008000 }, /* power state, PME */
	{ 0x11, 0x00, 0xc0000000, 0 }, /* MSI-X: enable, function mask */
	{ 0x10, 0x08, 0x000078ff, 0x000f0000 }, /* PCI Express: device */
	{ 0x10, 0x10, 0x00000fc3, 0xc0000000 }, /* link */
	{ 0x10, 0x28, 0x0000ffff, 0 }, /* device 2 */
	{ 0x10, 0x30, 0x000000ff, 0 }, /* link 2 */
};

static const struct bits slot[] = {
	{ 0x10, 0x18, 0x00001fff, 0x011f0000 },
};

static const struct bits extended[] = {
	{ 0x0001, 0x04, 0, 0x07fff030 }, /* AER: uncorrectable errors, their mask, severity */
	{ 0x0001, 0x08, 0x07fff030, 0 },
	{ 0x0001, 0x0c, 0x07fff030, 0 },
	{ 0x0001, 0x10, 0, 0x0000f1c1 }, /* correctable errors and their mask */
	{ 0x0001, 0x14, 0x0000f1c1, 0 },
	{ 0x0001, 0x18, 0x00000140, 0 },
	{ 0x000d, 0x04, 0x007f0000, 0 }, /* ACS */
	{ 0x000f, 0x04, 0x801f0000, 0 }, /* ATS */
	{ 0x0015, 0x08, 0x00003f00, 0 }, /* Resizable BAR: the first one's size */
};

static void allow(struct rb_mock_dev *dev, unsigned int len, unsigned int off, uint32_t writable,
		  uint32_t cleared)
{
	if (off > len || len - off < 4)
		return;
	if (off < MOCK_CFG) {
		rbi_mock_store(&dev->writable[off], 4, writable);
		rbi_mock_store(&dev->cleared[off], 4, cleared);
	} else {
		rbi_mock_store(&dev->ext->writable[off - MOCK_CFG], 4, writable);
		rbi_mock_store(&dev->ext->cleared[off - MOCK_CFG], 4, cleared);
	}
}

static void allow_all(struct rb_mock_dev *dev, unsigned int len, unsigned int cap, unsigned int id,
		      const struct bits *bits, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (bits[i].id == id)
			allow(dev, len, cap + bits[i].off, bits[i].writable, bits[i].cleared);
}

static void allow_msi(struct rb_mock_dev *dev, unsigned int len, unsigned int cap)
{
	unsigned int control = rbi_mock_cfg_get(dev, cap, 4) >> 16;
	unsigned int data = cap + (control & 0x80 ? 12 : 8);

	allow(dev, len, cap, 0x00710000, 0);
	allow(dev, len, cap + 4, 0xfffffffc, 0);
	if (control & 0x80)
		allow(dev, len, cap + 8, 0xffffffff, 0);
	allow(dev, len, data, 0x0000ffff, 0);
	if (control & 0x100)
		allow(dev, len, data + 4, 0xffffffff, 0);
}

/* Registers that act need their capability whole. */
static void note(struct rb_mock_dev *dev, unsigned int len, unsigned int cap, unsigned int id)
{
	if (id == 0x01 && dev->pm == 0 && len - cap >= 8) {
		dev->pm = cap;
		dev->asleep = (dev->cfg[cap + 4] & 3) == 3;
	}
	if (id == 0x10 && dev->pcie == 0 && len - cap >= 0x0c)
		dev->pcie = cap;
}

static void walk_standard(struct rb_mock_dev *dev, unsigned int len)
{
	unsigned int off = dev->cfg[MOCK_CFG_CAP_PTR] & 0xfc, id;
	uint64_t seen = 0;

	if (len > MOCK_CFG)
		len = MOCK_CFG;
	if (!(dev->cfg[MOCK_CFG_STATUS] & MOCK_STATUS_CAPS))
		return;
	while (off >= MOCK_CFG_FREE && off <= len - 4 && !(seen >> off / 4 & 1)) {
		seen |= 1ull << off / 4;
		id = dev->cfg[off];
		if (id == 0x05)
			allow_msi(dev, len, off);
		allow_all(dev, len, off, id, standard, sizeof(standard) / sizeof(standard[0]));
		if (id == 0x10 && (dev->cfg[off + 3] & 1))
			allow_all(dev, len, off, id, slot, 1);
		note(dev, len, off, id);
		off = dev->cfg[off + 1] & 0xfc;
	}
}

static void walk_extended(struct rb_mock_dev *dev, unsigned int len)
{
	unsigned int off = MOCK_CFG, turns;
	uint32_t header;

	for (turns = 0; turns < MOCK_CFG_EXTENDED / 4 && off >= MOCK_CFG && off <= len - 4; turns++) {
		header = rbi_mock_cfg_get(dev, off, 4);
		if (header == UINT32_MAX)
			return;
		allow_all(dev, len, off, header & 0xffff, extended,
			  sizeof(extended) / sizeof(extended[0]));
		off = header >> 20 & 0xffc;
	}
}

void rbi_mock_dump_caps(struct rb_mock_dev *dev, unsigned int len)
{
	walk_standard(dev, len);
	if (len > MOCK_CFG)
		walk_extended(dev, len);
	rbi_mock_gate_update(dev);
}
