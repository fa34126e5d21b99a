/* SPDX-License-Identifier: MIT */
/*
 * mock_rom.c - the expansion ROM (PCI 3.0, 6.2.5.2): a BAR of its own, which decodes
 * only while its enable bit and memory decoding are on, and cannot be written.
 */
#include <string.h>

#include "core/bits.h"
#include "host/mock/mock_machine.h"

#define ROM_MIN 2048
#define ROM_MAX (16u << 20)

static uint64_t rom_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	(void)dev;
	return rbi_mock_load((const uint8_t *)arg + off, width);
}

static void rom_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		      uint64_t val)
{
	(void)arg;
	rb_mock_violation(dev, "write of %u bytes, %#llx, at %#llx of the expansion ROM", width,
			  (unsigned long long)val, (unsigned long long)off);
}

int rb_mock_rom(struct rb_mock_dev *dev, uint32_t size, const void *bytes, size_t len)
{
	struct mock_bar *rom;
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_rom");
	if (rc < 0)
		return rc;
	rom = &dev->bars[MOCK_ROM];
	if (size < ROM_MIN || size > ROM_MAX || !rbi_is_power_of_two(size) || len > size ||
	    (len > 0 && !bytes) || rom->size != 0)
		return rbi_mock_wrong(dev, "an expansion ROM of %u bytes with %zu in it, or a "
					   "second one", size, len);
	rom->block = rbi_alloc(1, size);
	if (!rom->block)
		return rbi_mock_refuse(dev, rbi_no_memory("an expansion ROM"));

	if (len > 0)
		memcpy(rom->block, bytes, len);
	memset((uint8_t *)rom->block + len, 0xff, size - len);
	rom->size = size;
	rom->read = rom_read;
	rom->write = rom_write;
	rom->arg = rom->block;
	dev->rom_reg = rbi_mock_is_bridge(dev) ? MOCK_CFG_ROM_BRIDGE : MOCK_CFG_ROM;
	rbi_mock_store(&dev->writable[dev->rom_reg], 4, ~(size - 1) | MOCK_ROM_ENABLE);
	return 0;
}
