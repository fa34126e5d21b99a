/* SPDX-License-Identifier: MIT */
/*
 * mock_config.c - configuration space of mock devices, header type 0.
 *
 * Three byte arrays make the model: the values, the bits a write changes and the
 * bits a one clears (PCI 3.0, 6.2). Sizing a BAR by all-ones falls out of it.
 * What the bits mean elsewhere (decoding, pin, messages) follows each write.
 */
#include <string.h>

#include "host/mock/mock_machine.h"

/* RW1C bits of the status register's high byte: parity, aborts, errors. */
#define STATUS_CLEARED 0xf9

uint32_t rbi_mock_cfg_get(const struct rb_mock_dev *dev, unsigned int off, unsigned int width)
{
	return (uint32_t)rbi_mock_load(&dev->cfg[off], width);
}

void rbi_mock_cfg_put(struct rb_mock_dev *dev, unsigned int off, unsigned int width, uint32_t val)
{
	rbi_mock_store(&dev->cfg[off], width, val);
}

bool rbi_mock_command(const struct rb_mock_dev *dev, uint32_t bits)
{
	return (rbi_mock_cfg_get(dev, MOCK_CFG_COMMAND, 2) & bits) != 0;
}

void rbi_mock_cfg_reset(struct rb_mock_dev *dev)
{
	memset(dev->cfg, 0, sizeof(dev->cfg));
	memset(dev->writable, 0, sizeof(dev->writable));
	memset(dev->cleared, 0, sizeof(dev->cleared));

	rbi_mock_store(&dev->writable[MOCK_CFG_COMMAND], 2,
		       MOCK_COMMAND_IO | MOCK_COMMAND_MEM | MOCK_COMMAND_MASTER |
			       MOCK_COMMAND_SERR | MOCK_COMMAND_NO_INTX);
	dev->cleared[MOCK_CFG_STATUS + 1] = STATUS_CLEARED;
	dev->writable[0x0c] = 0xff; /* cache line size */
	dev->writable[MOCK_CFG_LINE] = 0xff;
	dev->cfg_end = MOCK_CFG_FREE;
}

struct rb_mock_dev *rbi_mock_at(struct mock *mock, struct rb_pci_addr fn)
{
	return fn.sbdf < MOCK_FNS ? mock->fns[fn.sbdf] : NULL;
}

/* The header type of function 0 tells whether the others are worth a look. */
static bool has_siblings(struct mock *mock, struct rb_pci_addr fn)
{
	uint32_t i;

	for (i = fn.sbdf & ~7u; i <= (fn.sbdf | 7u); i++)
		if (i != fn.sbdf && mock->fns[i])
			return true;
	return false;
}

/* A BAR's address out of its registers. */
static uint64_t bar_base(const struct rb_mock_dev *dev, unsigned int bar)
{
	unsigned int reg = MOCK_CFG_BAR0 + bar * 4;
	uint64_t base = rbi_mock_cfg_get(dev, reg, 4);

	if (dev->bars[bar].flags & RB_MOCK_BAR_64BIT)
		base |= (uint64_t)rbi_mock_cfg_get(dev, reg + 4, 4) << 32;
	return base & ~(dev->bars[bar].size - 1);
}

/* A BAR at 0 has not been assigned: nobody decodes it. */
static void update_decode(struct rb_mock_dev *dev)
{
	bool changed = false;
	unsigned int i;

	for (i = 0; i < MOCK_BARS; i++) {
		struct mock_bar *bar = &dev->bars[i];
		bool io = bar->flags & RB_MOCK_BAR_IO;
		uint64_t base;
		bool mapped;

		if (bar->size == 0)
			continue;
		base = bar_base(dev, i);
		mapped =
			base != 0 && rbi_mock_command(dev, io ? MOCK_COMMAND_IO : MOCK_COMMAND_MEM);
		changed = changed || mapped != bar->mapped || base != bar->base;
		bar->mapped = mapped;
		bar->base = base;
	}
	if (changed)
		rbi_mock_space_rebuild(dev->mock);
}

static bool touches(unsigned int off, unsigned int width, unsigned int start, unsigned int len)
{
	return off < start + len && start < off + width;
}

static void write_bytes(struct rb_mock_dev *dev, unsigned int off, unsigned int width, uint32_t val)
{
	unsigned int i;

	for (i = off; i < off + width; i++, val >>= 8) {
		uint8_t byte = (uint8_t)val;

		dev->cfg[i] =
			(uint8_t)((dev->cfg[i] & ~dev->writable[i]) | (byte & dev->writable[i]));
		dev->cfg[i] &= (uint8_t) ~(byte & dev->cleared[i]);
	}
}

int rbi_mock_op_functions(struct rbi_machine *m, struct rb_pci_addr *fns, size_t max)
{
	struct mock *mock = mock_of(m);
	uint32_t i;
	int count = 0;

	rbi_mock_lock(mock);
	for (i = 0; i < MOCK_FNS; i++) {
		if (!mock->fns[i])
			continue;
		if ((size_t)count < max)
			fns[count].sbdf = i;
		count++;
	}
	rbi_mock_unlock(mock);
	return count;
}

int rbi_mock_op_cfg_read(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			 unsigned int width, uint32_t *val)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;

	*val = (uint32_t)mock_ones(width);
	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	if (dev && off < MOCK_CFG && width <= MOCK_CFG - off) {
		*val = rbi_mock_cfg_get(dev, off, width);
		if (touches(off, width, MOCK_CFG_HEADER, 1) && has_siblings(mock, fn))
			*val |= 0x80u << (MOCK_CFG_HEADER - off) * 8;
	}
	rbi_mock_unlock(mock);
	return 0;
}

int rbi_mock_op_cfg_write(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t val)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;

	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	if (dev && off < MOCK_CFG && width <= MOCK_CFG - off) {
		write_bytes(dev, off, width, val);
		if (touches(off, width, MOCK_CFG_COMMAND, 2) ||
		    touches(off, width, MOCK_CFG_BAR0, MOCK_BARS * 4))
			update_decode(dev);
		if (touches(off, width, MOCK_CFG_COMMAND, 2))
			rbi_mock_intx_update(dev);
		if (dev->msi != 0)
			rbi_mock_msi_update(dev);
	}
	rbi_mock_unlock(mock);
	return 0;
}

unsigned int rbi_mock_op_cfg_size(struct rbi_machine *m, struct rb_pci_addr fn)
{
	struct mock *mock = mock_of(m);
	unsigned int size;

	rbi_mock_lock(mock);
	size = rbi_mock_at(mock, fn) ? MOCK_CFG : 0;
	rbi_mock_unlock(mock);
	return size;
}

/* Put a capability of @len bytes in front of the list: its offset. */
static int add_cap(struct rb_mock_dev *dev, uint8_t id, size_t len)
{
	unsigned int off = dev->cfg_end;

	if (len > MOCK_CFG - off)
		return rbi_fail(-ENOMEM,
				"mock: configuration space of %s has no %zu bytes left "
				"for capability %#x",
				dev->label, len, id);
	dev->cfg_end = (unsigned int)rbi_round_up(off + len, 4);
	dev->cfg[off] = id;
	dev->cfg[off + 1] = dev->cfg[MOCK_CFG_CAP_PTR];
	dev->cfg[MOCK_CFG_CAP_PTR] = (uint8_t)off;
	dev->cfg[MOCK_CFG_STATUS] |= MOCK_STATUS_CAPS;
	return (int)off;
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
	rc = add_cap(dev, id, len + 2);
	if (rc < 0)
		return rbi_mock_refuse(dev, rc);

	if (len > 0)
		memcpy(&dev->cfg[rc + 2], body, len);
	if (len > 0 && writable)
		memcpy(&dev->writable[rc + 2], writable, len);
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
	rc = add_cap(dev, 0x05, data + (masking ? 12 : 2));
	if (rc < 0)
		return rbi_mock_refuse(dev, rc);

	off = dev->msi = (unsigned int)rc;
	rbi_mock_store(&dev->cfg[off + 2], 2,
		       vectors_log2 << 1 | (wide ? 0x80u : 0) | (masking ? 0x100u : 0));
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
