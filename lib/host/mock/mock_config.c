/* SPDX-License-Identifier: MIT */
/*
 * mock_config.c - configuration space of mock devices, header type 0. A function
 * with a PCI Express capability has 4096 bytes of it, the upper ones empty.
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
	dev->cfg_taken = (1ull << MOCK_CFG_FREE / 4) - 1;
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
void rbi_mock_decode_update(struct rb_mock_dev *dev)
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
		changed = changed || mapped != bar->mapped || (mapped && base != bar->base);
		bar->mapped = mapped;
		bar->base = base;
	}
	if (changed)
		rbi_mock_space_stale(dev->mock);
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
	size_t count = 0, i;
	uint32_t j;

	rbi_mock_lock(mock);
	for (i = 0; i < mock->nbuses; i++) {
		const struct mock_bus *bus = mock->buses[i];

		for (j = 0; j < 256 && bus->count > 0; j++) {
			if (!bus->fns[j])
				continue;
			if (count < max)
				fns[count] = bus->fns[j]->fn;
			count++;
		}
	}
	rbi_mock_unlock(mock);
	return (int)count;
}

int rbi_mock_op_cfg_read(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			 unsigned int width, uint32_t *val)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;

	*val = (uint32_t)mock_ones(width);
	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	if (dev && RB_UNLIKELY(dev->gated) && rbi_mock_gate_config(dev, "read", off, width))
		dev = NULL;
	if (dev && off >= MOCK_CFG && dev->pcie != 0) {
		*val = 0;
	} else if (dev && off < MOCK_CFG && width <= MOCK_CFG - off) {
		*val = rbi_mock_cfg_get(dev, off, width);
		if (touches(off, width, MOCK_CFG_HEADER, 1) && rbi_mock_has_siblings(mock, fn))
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
	if (dev && RB_UNLIKELY(dev->gated) && rbi_mock_gate_config(dev, "write", off, width))
		dev = NULL;
	if (dev && off < MOCK_CFG && width <= MOCK_CFG - off) {
		write_bytes(dev, off, width, val);
		if (touches(off, width, MOCK_CFG_COMMAND, 2) ||
		    touches(off, width, MOCK_CFG_BAR0, MOCK_BARS * 4))
			rbi_mock_decode_update(dev);
		if (touches(off, width, MOCK_CFG_COMMAND, 2))
			rbi_mock_intx_update(dev);
		if (dev->msi != 0)
			rbi_mock_msi_update(dev);
		if (dev->msix)
			rbi_mock_msix_update(dev);
		rbi_mock_pm_written(dev, off, width, val);
	}
	rbi_mock_unlock(mock);
	return 0;
}

unsigned int rbi_mock_op_cfg_size(struct rbi_machine *m, struct rb_pci_addr fn)
{
	struct mock *mock = mock_of(m);
	const struct rb_mock_dev *dev;
	unsigned int size = 0;

	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	if (dev)
		size = dev->pcie != 0 ? MOCK_CFG_EXTENDED : MOCK_CFG;
	rbi_mock_unlock(mock);
	return size;
}
