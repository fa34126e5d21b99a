/* SPDX-License-Identifier: MIT */
/*
 * mock_config.c - configuration space of mock devices.
 *
 * Three byte arrays make the model: the values, the bits a write changes and the
 * bits a one clears (PCI 3.0, 6.2). Sizing a BAR by all-ones falls out of it.
 * What the bits mean elsewhere (decoding, pin, messages) follows each write.
 */
#include <string.h>

#include "core/bits.h"
#include "host/mock/mock_machine.h"

/* RW1C bits of the status register's high byte: parity, aborts, errors. */
#define STATUS_CLEARED 0xf9

/* The values at @off; NULL where there are none, only zeros. */
static uint8_t *values(struct rb_mock_dev *dev, unsigned int off)
{
	if (off < MOCK_CFG)
		return &dev->cfg[off];
	return dev->ext ? &dev->ext->cfg[off - MOCK_CFG] : NULL;
}

uint32_t rbi_mock_cfg_get(const struct rb_mock_dev *dev, unsigned int off, unsigned int width)
{
	const uint8_t *at = values((struct rb_mock_dev *)dev, off);

	return at ? (uint32_t)rbi_mock_load(at, width) : 0;
}

void rbi_mock_cfg_put(struct rb_mock_dev *dev, unsigned int off, unsigned int width, uint32_t val)
{
	uint8_t *at = values(dev, off);

	if (at)
		rbi_mock_store(at, width, val);
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
	unsigned int reg = bar == MOCK_ROM ? dev->rom_reg : MOCK_CFG_BAR0 + bar * 4;
	uint64_t base = rbi_mock_cfg_get(dev, reg, 4);

	if (dev->bars[bar].flags & RB_MOCK_BAR_64BIT)
		base |= (uint64_t)rbi_mock_cfg_get(dev, reg + 4, 4) << 32;
	return base & ~(dev->bars[bar].size - 1);
}

static bool decodes(const struct rb_mock_dev *dev, unsigned int bar)
{
	if (dev->bars[bar].flags & RB_MOCK_BAR_IO)
		return rbi_mock_command(dev, MOCK_COMMAND_IO);
	if (bar == MOCK_ROM && !(dev->cfg[dev->rom_reg] & MOCK_ROM_ENABLE))
		return false;
	return rbi_mock_command(dev, MOCK_COMMAND_MEM);
}

/* A BAR at 0 has not been assigned: nobody decodes it. */
void rbi_mock_decode_update(struct rb_mock_dev *dev)
{
	bool changed = false;
	unsigned int i;

	for (i = 0; i <= MOCK_ROM; i++) {
		struct mock_bar *bar = &dev->bars[i];
		uint64_t base;
		bool mapped;

		if (bar->size == 0)
			continue;
		base = bar_base(dev, i);
		mapped = base != 0 && decodes(dev, i);
		changed = changed || mapped != bar->mapped || (mapped && base != bar->base);
		bar->mapped = mapped;
		bar->base = base;
	}
	if (changed)
		rbi_mock_space_stale(dev->mock);
	rbi_mock_net_update(dev);
}

static bool touches(unsigned int off, unsigned int width, unsigned int start, unsigned int len)
{
	return off < start + len && start < off + width;
}

static void write_byte(uint8_t *value, uint8_t writable, uint8_t cleared, uint8_t byte)
{
	*value = (uint8_t)((*value & ~writable) | (byte & writable));
	*value &= (uint8_t) ~(byte & cleared);
}

static void write_bytes(struct rb_mock_dev *dev, unsigned int off, unsigned int width, uint32_t val)
{
	struct mock_ext *ext = dev->ext;
	unsigned int i;

	for (i = off; i < off + width; i++, val >>= 8) {
		if (i < MOCK_CFG)
			write_byte(&dev->cfg[i], dev->writable[i], dev->cleared[i], (uint8_t)val);
		else if (ext)
			write_byte(&ext->cfg[i - MOCK_CFG], ext->writable[i - MOCK_CFG],
				   ext->cleared[i - MOCK_CFG], (uint8_t)val);
	}
}

/* What registers that have changed mean elsewhere. */
static void follow(struct rb_mock_dev *dev, unsigned int off, unsigned int width)
{
	bool command = touches(off, width, MOCK_CFG_COMMAND, 2);

	if (command || touches(off, width, MOCK_CFG_BAR0, MOCK_BARS * 4) ||
	    (dev->rom_reg != 0 && touches(off, width, dev->rom_reg, 4)))
		rbi_mock_decode_update(dev);
	if (command)
		rbi_mock_intx_update(dev);
	if (dev->msi != 0)
		rbi_mock_msi_update(dev);
	if (dev->msix)
		rbi_mock_msix_update(dev);
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

static bool is_in(const struct rb_mock_dev *dev, unsigned int off, unsigned int width)
{
	return off < dev->cfg_size && width <= dev->cfg_size - off;
}

int rbi_mock_op_cfg_read(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			 unsigned int width, uint32_t *val)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;

	*val = (uint32_t)rbi_ones(width);
	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	if (dev && RB_UNLIKELY(dev->gated) && rbi_mock_gate_config(dev, "read", off, width))
		dev = NULL;
	if (dev && is_in(dev, off, width)) {
		*val = rbi_mock_cfg_get(dev, off, width);
		if (touches(off, width, MOCK_CFG_HEADER, 1) && !dev->raw_header &&
		    rbi_mock_has_siblings(mock, fn))
			*val |= 0x80u << (MOCK_CFG_HEADER - off) * 8;
		if (dev->on_config)
			*val = dev->on_config(dev, dev->on_config_arg, off, width, *val) &
			       (uint32_t)rbi_ones(width);
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
	if (dev && is_in(dev, off, width)) {
		write_bytes(dev, off, width, val);
		follow(dev, off, width);
		rbi_mock_pm_written(dev, off, width, val);
	}
	rbi_mock_unlock(mock);
	return 0;
}

unsigned int rbi_mock_op_cfg_size(struct rbi_machine *m, struct rb_pci_addr fn)
{
	struct mock *mock = mock_of(m);
	const struct rb_mock_dev *dev;
	unsigned int size;

	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	size = dev ? dev->cfg_size : 0;
	rbi_mock_unlock(mock);
	return size;
}

/* --- lies ------------------------------------------------------------------------------ */

static int set_raw(struct rb_mock_dev *dev, unsigned int off, uint32_t val, uint32_t writable)
{
	uint8_t *value, *write, *clear, *initial;

	if (off % 4 != 0 || off >= MOCK_CFG_EXTENDED)
		return rbi_fail(-EINVAL, "rb_mock_cfg_raw: %s: %#x is no dword of configuration "
					 "space", dev->label, off);
	if (off >= MOCK_CFG && rbi_mock_cfg_extend(dev) < 0)
		return -ENOMEM;
	value = values(dev, off);
	write = off < MOCK_CFG ? &dev->writable[off] : &dev->ext->writable[off - MOCK_CFG];
	clear = off < MOCK_CFG ? &dev->cleared[off] : &dev->ext->cleared[off - MOCK_CFG];
	initial = off < MOCK_CFG ? &dev->initial[off] : &dev->ext->initial[off - MOCK_CFG];

	rbi_mock_store(value, 4, val);
	rbi_mock_store(write, 4, writable);
	rbi_mock_store(clear, 4, 0);
	rbi_mock_store(initial, 4, val);
	if (touches(off, 4, MOCK_CFG_HEADER, 1))
		dev->raw_header = true;
	if (!dev->building)
		follow(dev, off, 4);
	return 0;
}

int rb_mock_cfg_raw(struct rb_mock_dev *dev, unsigned int off, uint32_t val, uint32_t writable)
{
	int rc;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_mock_cfg_raw: device is NULL");
	rbi_mock_lock(dev->mock);
	rc = set_raw(dev, off, val, writable);
	if (rc < 0)
		rbi_mock_refuse(dev, rc);
	rbi_mock_unlock(dev->mock);
	return rc;
}

int rb_mock_on_config(struct rb_mock_dev *dev, rb_mock_config_fn fn, void *arg)
{
	if (!dev)
		return rbi_fail(-EINVAL, "rb_mock_on_config: device is NULL");
	rbi_mock_lock(dev->mock);
	dev->on_config = fn;
	dev->on_config_arg = arg;
	rbi_mock_unlock(dev->mock);
	return 0;
}
