/* SPDX-License-Identifier: MIT */
/*
 * mock_cap_ext.c - configuration space past 256 bytes (PCIe 6.0, 7.6.3): its memory,
 * made when something is put there, and the list of extended capabilities.
 */
#include <string.h>

#include "host/mock/mock_machine.h"

#define FIRST	   MOCK_CFG
#define HEADER	   4
#define NEXT_SHIFT 20

int rbi_mock_cfg_extend(struct rb_mock_dev *dev)
{
	if (!dev->ext)
		dev->ext = rbi_alloc(1, sizeof(*dev->ext));
	if (!dev->ext)
		return rbi_no_memory("extended configuration space");
	dev->cfg_size = MOCK_CFG_EXTENDED;
	return 0;
}

/* The one before points to @off; nobody has to point to the first. */
static void link_to(struct rb_mock_dev *dev, unsigned int off)
{
	unsigned int last = dev->ext_last;

	dev->ext_last = off;
	if (last == 0)
		return;
	rbi_mock_cfg_put(dev, last, 4,
			 (rbi_mock_cfg_get(dev, last, 4) & ((1u << NEXT_SHIFT) - 1)) |
				 (uint32_t)off << NEXT_SHIFT);
}

/* The body of @len bytes at @at, counted from the start of extended space. */
static void put_body(struct mock_ext *ext, unsigned int at, const void *body, const void *writable,
		     const void *cleared, size_t len)
{
	if (len == 0)
		return;
	memcpy(&ext->cfg[at], body, len);
	if (writable)
		memcpy(&ext->writable[at], writable, len);
	if (cleared)
		memcpy(&ext->cleared[at], cleared, len);
}

int rb_mock_cap_ext(struct rb_mock_dev *dev, uint16_t id, unsigned int version, const void *body,
		    const void *writable, const void *cleared, size_t len)
{
	unsigned int off;
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_cap_ext");
	if (rc < 0)
		return rc;
	if (version > 0xf || (!body && len > 0) || len > MOCK_CFG_EXTENDED - FIRST - HEADER)
		return rbi_mock_wrong(dev, "%zu bytes, version %u cannot be extended "
					   "capability %#x", len, version, id);
	off = dev->ext_last != 0 ? dev->ext_free : FIRST;
	if (len + HEADER > MOCK_CFG_EXTENDED - off)
		return rbi_mock_refuse(dev, rbi_fail(-ENOMEM, "mock: %s has no %zu bytes left for "
							      "extended capability %#x",
						     dev->label, len + HEADER, id));
	rc = rbi_mock_cfg_extend(dev);
	if (rc < 0)
		return rbi_mock_refuse(dev, rc);

	link_to(dev, off);
	rbi_mock_cfg_put(dev, off, 4, version << 16 | id);
	dev->ext_free = off + (unsigned int)(HEADER + len + 3) / 4 * 4;
	put_body(dev->ext, off - FIRST + HEADER, body, writable, cleared, len);
	return (int)off;
}
