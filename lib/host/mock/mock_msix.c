/* SPDX-License-Identifier: MIT */
/*
 * mock_msix.c - MSI-X: the capability, the table and the pending bits that lie in a
 * BAR, and what a device sends through them (PCI 3.0, 6.8.2).
 *
 * Table and pending bits answer in front of whatever else the BAR holds.
 */
#include <string.h>

#include "host/mock/mock_regs.h"

#define CAP_MSIX      0x11
#define VECTORS_MAX   2048
#define ENTRY	      16 /* bytes: address low, high, data, control */
#define ENTRY_CTRL    12
#define CTRL_MASKED   0x1u
#define CONTROL	      2 /* message control, from the capability */
#define ENABLE	      0x8000u
#define FUNCTION_MASK 0x4000u

/* Bytes of a BAR that are ours. */
struct area {
	unsigned int bar;
	uint64_t off;
	uint64_t len;
};

struct mock_msix {
	unsigned int cap; /* offset in configuration space */
	unsigned int vectors;
	struct area table, pba;
	uint8_t *entries; /* table.len bytes */
	uint8_t *pending; /* pba.len bytes */
};

static unsigned int control_of(const struct rb_mock_dev *dev)
{
	return dev->msix ? rbi_mock_cfg_get(dev, dev->msix->cap + CONTROL, 2) : 0;
}

/* --- made ------------------------------------------------------------------------------ */

static bool overlap(const struct area *a, const struct area *b)
{
	return a->bar == b->bar && a->off < b->off + b->len && b->off < a->off + a->len;
}

/* Why table and pending bits cannot lie there, or NULL: what needs no BARs. */
static const char *wrong_with(const struct mock_msix *msix)
{
	if (msix->table.bar >= MOCK_BARS || msix->pba.bar >= MOCK_BARS)
		return "there are BARs 0 to 5";
	if (msix->table.off % 8 != 0 || msix->pba.off % 8 != 0)
		return "table and pending bits begin at multiples of 8";
	if (msix->table.off > UINT32_MAX || msix->pba.off > UINT32_MAX)
		return "an offset has 32 bits";
	if (overlap(&msix->table, &msix->pba))
		return "table and pending bits overlap";
	return NULL;
}

/* id, next, control(2), table offset and BAR(4), pending bits' offset and BAR(4) */
static void put_capability(struct rb_mock_dev *dev, const struct mock_msix *msix)
{
	uint8_t *cfg = &dev->cfg[msix->cap];

	rbi_mock_store(cfg + CONTROL, 2, msix->vectors - 1);
	rbi_mock_store(&dev->writable[msix->cap + CONTROL], 2, ENABLE | FUNCTION_MASK);
	rbi_mock_store(cfg + 4, 4, msix->table.off | msix->table.bar);
	rbi_mock_store(cfg + 8, 4, msix->pba.off | msix->pba.bar);
}

static int fill(struct rb_mock_dev *dev, struct mock_msix *msix)
{
	const char *wrong;
	int rc;

	wrong = wrong_with(msix);
	if (wrong)
		return rbi_mock_wrong(dev, "MSI-X: table at %#llx of BAR%u, pending bits at %#llx "
					   "of BAR%u: %s",
				      (unsigned long long)msix->table.off, msix->table.bar,
				      (unsigned long long)msix->pba.off, msix->pba.bar, wrong);
	msix->entries = rbi_alloc(1, (size_t)msix->table.len);
	msix->pending = rbi_alloc(1, (size_t)msix->pba.len);
	if (!msix->entries || !msix->pending)
		return rbi_mock_refuse(dev, rbi_no_memory("an MSI-X table"));

	rc = rbi_mock_cap_add(dev, CAP_MSIX, 12);
	if (rc < 0)
		return rc;
	msix->cap = (unsigned int)rc;
	put_capability(dev, msix);
	rbi_mock_msix_reset(dev);
	return rc;
}

int rb_mock_cap_msix(struct rb_mock_dev *dev, unsigned int vectors, unsigned int table_bar,
		     uint64_t table_off, unsigned int pba_bar, uint64_t pba_off)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_cap_msix");
	if (rc < 0)
		return rc;
	if (vectors < 1 || vectors > VECTORS_MAX || dev->msix)
		return rbi_mock_wrong(dev, "MSI-X: %u vectors are not 1 to 2048, or a second one",
				      vectors);
	dev->msix = rbi_alloc(1, sizeof(*dev->msix));
	if (!dev->msix)
		return rbi_mock_refuse(dev, rbi_no_memory("an MSI-X table"));
	dev->msix->vectors = vectors;
	dev->msix->table = (struct area){ table_bar, table_off, (uint64_t)vectors * ENTRY };
	dev->msix->pba = (struct area){ pba_bar, pba_off, (vectors + 63) / 64 * 8 };

	rc = fill(dev, dev->msix);
	if (rc < 0)
		rbi_mock_msix_free(dev);
	rbi_mock_gate_update(dev);
	return rc;
}

void rbi_mock_msix_free(struct rb_mock_dev *dev)
{
	if (dev->msix) {
		rbi_free(dev->msix->entries);
		rbi_free(dev->msix->pending);
	}
	rbi_free(dev->msix);
	dev->msix = NULL;
}

/* The first register of a register map that lies in the area, or NULL. */
static const char *register_in(const struct mock_regmap *map, const struct area *area)
{
	size_t i;

	for (i = 0; map && i < map->count; i++)
		if (map->regs[i].off < area->off + area->len &&
		    area->off < map->regs[i].off + map->regs[i].width)
			return map->regs[i].name;
	return NULL;
}

/* What of an area's BAR forbids it, or NULL. */
static const char *wrong_place(const struct rb_mock_dev *dev, const struct area *area)
{
	const struct mock_bar *bar = &dev->bars[area->bar];

	if (bar->size == 0)
		return "there is no such BAR";
	if (bar->flags & (RB_MOCK_BAR_IO | RB_MOCK_BAR_DIRECT))
		return "it needs a memory BAR that is not direct";
	if (area->off > bar->size || area->len > bar->size - area->off)
		return "it passes the end of the BAR";
	return NULL;
}

static int check_area(struct rb_mock_dev *dev, const struct area *area, const char *what)
{
	const char *wrong, *name;

	wrong = wrong_place(dev, area);
	if (wrong)
		return rbi_mock_wrong(dev, "MSI-X %s, %llu bytes at %#llx of BAR%u: %s", what,
				      (unsigned long long)area->len, (unsigned long long)area->off,
				      area->bar, wrong);
	name = register_in(dev->bars[area->bar].map, area);
	if (name)
		return rbi_mock_wrong(dev, "MSI-X %s at %#llx of BAR%u lies over register %s", what,
				      (unsigned long long)area->off, area->bar, name);
	return 0;
}

int rbi_mock_msix_check(struct rb_mock_dev *dev)
{
	int rc;

	if (!dev->msix)
		return 0;
	rc = check_area(dev, &dev->msix->table, "table");
	return rc < 0 ? rc : check_area(dev, &dev->msix->pba, "pending bits");
}

/* PCI 3.0, 6.8.2.9: masked; the rest is undefined there and zero here. */
void rbi_mock_msix_reset(struct rb_mock_dev *dev)
{
	struct mock_msix *msix = dev->msix;
	unsigned int i;

	if (!msix)
		return;
	memset(msix->entries, 0, (size_t)msix->table.len);
	memset(msix->pending, 0, (size_t)msix->pba.len);
	for (i = 0; i < msix->vectors; i++)
		msix->entries[i * ENTRY + ENTRY_CTRL] = CTRL_MASKED;
}

/* --- sent ------------------------------------------------------------------------------ */

static bool is_masked(const struct rb_mock_dev *dev, unsigned int index)
{
	return (control_of(dev) & FUNCTION_MASK) ||
	       (dev->msix->entries[index * ENTRY + ENTRY_CTRL] & CTRL_MASKED);
}

static int send(struct rb_mock_dev *dev, unsigned int index)
{
	const uint8_t *entry = &dev->msix->entries[index * ENTRY];

	return rbi_mock_send(dev, "MSI-X", index, rbi_mock_load(entry, 8),
			     (uint32_t)rbi_mock_load(entry + 8, 4));
}

void rbi_mock_msix_update(struct rb_mock_dev *dev)
{
	struct mock_msix *msix = dev->msix;
	unsigned int i;

	if (!(control_of(dev) & ENABLE))
		return;
	for (i = 0; i < msix->vectors; i++) {
		if (!(msix->pending[i / 8] >> i % 8 & 1) || is_masked(dev, i))
			continue;
		msix->pending[i / 8] &= (uint8_t) ~(1u << i % 8);
		send(dev, i);
	}
}

static int raise_vector(struct rb_mock_dev *dev, unsigned int index)
{
	if (!(control_of(dev) & ENABLE))
		return 0;
	if (is_masked(dev, index)) {
		dev->msix->pending[index / 8] |= (uint8_t)(1u << index % 8);
		return 0;
	}
	return send(dev, index);
}

int rb_mock_msix(struct rb_mock_dev *dev, unsigned int index)
{
	int rc;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_mock_msix: device is NULL");
	rbi_mock_lock(dev->mock);
	if (!dev->msix || index >= dev->msix->vectors)
		rc = rbi_fail(-EINVAL, "rb_mock_msix: %s has no vector %u", dev->label, index);
	else if (dev->gone)
		rc = rbi_fail(-ENODEV, "rb_mock_msix: %s has been removed", dev->label);
	else
		rc = raise_vector(dev, index);
	rbi_mock_unlock(dev->mock);
	return rc;
}

bool rb_mock_msix_enabled(const struct rb_mock_dev *dev)
{
	bool enabled;

	if (!dev)
		return false;
	rbi_mock_lock(dev->mock);
	enabled = control_of(dev) & ENABLE;
	rbi_mock_unlock(dev->mock);
	return enabled;
}

/* --- accessed -------------------------------------------------------------------------- */

static bool touches(const struct area *area, unsigned int bar, uint64_t off, unsigned int width)
{
	return bar == area->bar && off < area->off + area->len && area->off < off + width;
}

/* Accesses are aligned already; only dwords and quadwords are defined. */
static bool width_is_good(struct rb_mock_dev *dev, const char *verb, const char *what, uint64_t off,
			  unsigned int width)
{
	if (width >= 4)
		return true;
	rbi_mock_complain(dev->mock, dev, "%s of %u bytes at offset %#llx of the MSI-X %s, which "
					  "takes 4 or 8", verb, width, (unsigned long long)off, what);
	return false;
}

bool rbi_mock_msix_read(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, unsigned int width,
			uint64_t *val)
{
	const struct mock_msix *msix = dev->msix;

	if (touches(&msix->table, bar, off, width)) {
		off -= msix->table.off;
		if (width_is_good(dev, "read", "table", off, width))
			*val = rbi_mock_load(msix->entries + off, width);
		return true;
	}
	if (touches(&msix->pba, bar, off, width)) {
		off -= msix->pba.off;
		if (width_is_good(dev, "read", "pending bits", off, width))
			*val = rbi_mock_load(msix->pending + off, width);
		return true;
	}
	return false;
}

/* An entry that is not masked may be in use while it changes (PCI 3.0, 6.8.2.9). */
static void write_dword(struct rb_mock_dev *dev, unsigned int off, uint32_t val)
{
	unsigned int index = off / ENTRY, field = off % ENTRY;
	uint8_t *at = &dev->msix->entries[off];

	if (field == ENTRY_CTRL) {
		rbi_mock_store(at, 4, val & CTRL_MASKED);
		rbi_mock_msix_update(dev);
		return;
	}
	if ((control_of(dev) & ENABLE) && !is_masked(dev, index) && rbi_mock_load(at, 4) != val)
		rbi_mock_complain(dev->mock, dev, "entry %u of the MSI-X table is changed while "
						  "it is enabled and not masked", index);
	rbi_mock_store(at, 4, field == 0 ? val & ~3u : val);
}

bool rbi_mock_msix_write(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			 unsigned int width, uint64_t val)
{
	const struct mock_msix *msix = dev->msix;

	if (touches(&msix->table, bar, off, width)) {
		off -= msix->table.off;
		if (!width_is_good(dev, "write", "table", off, width))
			return true;
		write_dword(dev, (unsigned int)off, (uint32_t)val);
		if (width == 8)
			write_dword(dev, (unsigned int)off + 4, (uint32_t)(val >> 32));
		return true;
	}
	if (touches(&msix->pba, bar, off, width)) {
		rbi_mock_complain(dev->mock, dev, "write of %#llx to the pending bits of MSI-X, "
						  "which only the device changes",
				  (unsigned long long)val);
		return true;
	}
	return false;
}
