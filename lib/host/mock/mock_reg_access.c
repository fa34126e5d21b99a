/* SPDX-License-Identifier: MIT */
/*
 * mock_reg_access.c - registers of a map at work: the driver's accesses, judged, and
 * the device's own.
 */
#include <stdio.h>

#include "core/bits.h"
#include "host/mock/mock_regs.h"

/* --- noise ------------------------------------------------------------------------------ */

/* A bijection in which each bit of @x moves all of the result (splitmix64's). */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint64_t rbi_mock_noise(const struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			unsigned int turn)
{
	uint64_t x = mix(dev->mock->seed);

	x = mix(x ^ ((uint64_t)dev->fn.sbdf << 8 | bar));
	x = mix(x ^ off);
	return mix(x ^ turn);
}

void rbi_mock_map_reset(struct rb_mock_dev *dev, struct mock_regmap *map)
{
	size_t i;

	for (i = 0; i < map->count; i++) {
		struct mock_reg *reg = &map->regs[i];

		reg->value = reg->reset;
		reg->noise = rbi_mock_noise(dev, map->bar, reg->off, map->resets) &
			     (reg->unspecified | reg->wo);
		reg->seen = reg->looked = 0;
	}
	map->resets++;
}

/* --- what a driver must not do ------------------------------------------------------------- */

/* @val: what was written; NULL: a read. */
static void blame(struct rb_mock_dev *dev, const struct mock_regmap *map, uint64_t off,
		  unsigned int width, const uint64_t *val, const char *why)
{
	char place[MOCK_PLACE];

	rbi_mock_place(place, dev, map->bar, off, NULL);
	if (val)
		rbi_mock_complain(dev->mock, dev, "write of 0x%llx (%u bytes) at %s: %s",
				  (unsigned long long)*val, width, place, why);
	else
		rbi_mock_complain(dev->mock, dev, "read of %u bytes at %s: %s", width, place, why);
}

/* An access that no register takes. */
static void blame_place(struct rb_mock_dev *dev, const struct mock_regmap *map, uint64_t off,
			unsigned int width, const uint64_t *val)
{
	const struct mock_reg *reg = rbi_mock_reg_at(map, off);
	char why[64];

	if (off % width != 0) {
		blame(dev, map, off, width, val, "it is misaligned");
	} else if (!reg) {
		blame(dev, map, off, width, val, "no register is there");
	} else {
		snprintf(why, sizeof(why), "the register has %u%s", reg->width,
			 reg->flags & RB_MOCK_REG_HALVES ? ", or two halves" : "");
		blame(dev, map, off, width, val, why);
	}
}

/* The register that takes this access, or NULL after a complaint. Drivers poll: it is
 * mostly the one of the access before. */
static struct mock_reg *accessed(struct rb_mock_dev *dev, struct mock_regmap *map, uint64_t off,
				 unsigned int width, const uint64_t *val)
{
	struct mock_reg *reg = &map->regs[map->last];

	if (reg->off == off && reg->width == width)
		return reg;
	reg = rbi_mock_reg_at(map, off);
	if (reg && rbi_mock_reg_fits(reg, off, width)) {
		map->last = (size_t)(reg - map->regs);
		return reg;
	}
	blame_place(dev, map, off, width, val);
	return NULL;
}

static bool is_write_only(const struct mock_reg *reg)
{
	return reg->readable == 0 && reg->wo != 0;
}

static bool is_read_only(const struct mock_reg *reg)
{
	return (reg->rw | reg->w1c | reg->wo) == 0 && reg->fixed != 0;
}

/* Bits that are not the driver's, the @mask of those accessed: it writes them all as
 * zeros, or as it read them. */
static void check_kept(struct rb_mock_dev *dev, const struct mock_regmap *map,
		       const struct mock_reg *reg, uint64_t off, unsigned int width, uint64_t val,
		       uint64_t mask, const char *kind)
{
	unsigned int shift = (unsigned int)(off - reg->off) * 8;
	uint64_t written = val << shift & mask;
	char why[128];

	if (written == 0 || (written == (reg->seen & mask) && (mask & ~reg->looked) == 0))
		return;
	snprintf(why, sizeof(why),
		 "it changes %s bits 0x%llx; write them as zeros or as they were read", kind,
		 (unsigned long long)((written ^ (reg->seen & mask)) >> shift));
	blame(dev, map, off, width, &val, why);
}

/* --- a driver's accesses ----------------------------------------------------------------- */

/* What the register itself answers to a read of its bits @bits, and what that does to it. */
static uint64_t live_read(struct rb_mock_dev *dev, const struct mock_regmap *map,
			  struct mock_reg *reg, uint64_t off, unsigned int width, uint64_t bits)
{
	unsigned int shift = (unsigned int)(off - reg->off) * 8;
	uint64_t answer;

	if (reg->on_read) {
		answer = reg->on_read(dev, map->arg, off, width) << shift;
		bits &= reg->readable;
		reg->value = (reg->value & ~bits) | (answer & bits);
	}
	answer = (reg->value & reg->readable) | reg->noise;
	reg->value &= ~(reg->rc & bits);
	return answer;
}

uint64_t rbi_mock_map_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct mock_regmap *map = arg;
	struct mock_reg *reg = accessed(dev, map, off, width, NULL);
	uint64_t bits, answer, given = 0, open = UINT64_MAX;
	unsigned int shift;

	if (RB_UNLIKELY(!reg))
		return UINT64_MAX;
	if (RB_UNLIKELY(is_write_only(reg))) {
		blame(dev, map, off, width, NULL, "it is write-only");
		return UINT64_MAX;
	}
	if (RB_UNLIKELY(reg->expecting) &&
	    !rbi_mock_expects_read(dev, map->bar, off, width, &given, &open))
		return UINT64_MAX;

	shift = (unsigned int)(off - reg->off) * 8;
	bits = rbi_ones(width) << shift;
	answer = given << shift;
	if (open & rbi_ones(width))
		answer |= live_read(dev, map, reg, off, width, bits) & open << shift;
	answer &= bits;
	reg->seen = (reg->seen & ~bits) | answer;
	reg->looked |= bits;
	return answer >> shift;
}

void rbi_mock_map_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
			uint64_t val)
{
	struct mock_regmap *map = arg;
	struct mock_reg *reg = accessed(dev, map, off, width, &val);
	uint64_t bits, written, plain;

	if (!reg)
		return;
	if (is_read_only(reg)) {
		blame(dev, map, off, width, &val, "it is read-only");
		return;
	}
	bits = rbi_ones(width) << (off - reg->off) * 8;
	written = val << (off - reg->off) * 8;
	check_kept(dev, map, reg, off, width, val, reg->fixed & bits, "read-only");
	check_kept(dev, map, reg, off, width, val, reg->unspecified & bits, "unspecified");
	if (reg->expecting && !rbi_mock_expects_write(dev, map->bar, off, width, val))
		return;

	plain = (reg->rw | reg->wo) & bits;
	reg->value = (reg->value & ~plain) | (written & plain);
	reg->value &= ~(reg->w1c & written);
	if (reg->on_write)
		reg->on_write(dev, map->arg, off, width, val);
}

/* --- the device's accesses -------------------------------------------------------------- */

/* A mistake of the model: it refuses the device, or the test sees it as a violation. */
static int model_mistake(struct rb_mock_dev *dev, const char *call, unsigned int bar, uint64_t off,
			 const char *why)
{
	int rc;

	if (dev->building)
		return rbi_mock_wrong(dev, "%s: 0x%llx of BAR%u: %s", call, (unsigned long long)off,
				      bar, why);
	rc = rbi_fail(-EINVAL, "%s: %s: 0x%llx of BAR%u: %s", dev->label, call,
		      (unsigned long long)off, bar, why);
	rbi_mock_complain(dev->mock, dev, "%s: 0x%llx of BAR%u: %s", call, (unsigned long long)off,
			  bar, why);
	return rc;
}

/* The map of a BAR; NULL after complaining. */
static struct mock_regmap *map_of(struct rb_mock_dev *dev, const char *call, unsigned int bar,
				  uint64_t off)
{
	if (bar < MOCK_BARS && dev->bars[bar].map)
		return dev->bars[bar].map;
	model_mistake(dev, call, bar, off, "the BAR has no register map");
	return NULL;
}

/* The register that begins at @off; NULL after complaining. */
static struct mock_reg *reg_of(struct rb_mock_dev *dev, const char *call, unsigned int bar,
			       uint64_t off)
{
	const struct mock_regmap *map = map_of(dev, call, bar, off);
	struct mock_reg *reg = map ? rbi_mock_reg_at(map, off) : NULL;

	if (reg && reg->off == off)
		return reg;
	if (map)
		model_mistake(dev, call, bar, off, "no register begins there");
	return NULL;
}

/* Make the register's bits in @mask those of @val. */
static int change(struct rb_mock_dev *dev, const char *call, unsigned int bar, uint64_t off,
		  uint64_t mask, uint64_t val)
{
	struct mock_reg *reg;
	int rc = -EINVAL;

	if (!dev)
		return rbi_fail(-EINVAL, "%s: device is NULL", call);
	rbi_mock_lock(dev->mock);
	reg = reg_of(dev, call, bar, off);
	if (reg && (val & ~(reg->readable | reg->wo))) {
		rc = model_mistake(dev, call, bar, off, "the value has unspecified bits");
	} else if (reg) {
		reg->value = (reg->value & ~mask) | val;
		rc = 0;
	}
	rbi_mock_unlock(dev->mock);
	return rc;
}

uint64_t rb_mock_reg_get(struct rb_mock_dev *dev, unsigned int bar, uint64_t off)
{
	const struct mock_reg *reg;
	uint64_t val;

	if (!dev) {
		rbi_fail(-EINVAL, "rb_mock_reg_get: device is NULL");
		return UINT64_MAX;
	}
	rbi_mock_lock(dev->mock);
	reg = reg_of(dev, "rb_mock_reg_get", bar, off);
	val = reg ? reg->value : UINT64_MAX;
	rbi_mock_unlock(dev->mock);
	return val;
}

int rb_mock_reg_set(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, uint64_t val)
{
	return change(dev, "rb_mock_reg_set", bar, off, UINT64_MAX, val);
}

int rb_mock_reg_set_bits(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, uint64_t bits)
{
	return change(dev, "rb_mock_reg_set_bits", bar, off, 0, bits);
}

int rb_mock_reg_clear_bits(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, uint64_t bits)
{
	return change(dev, "rb_mock_reg_clear_bits", bar, off, bits, 0);
}

int rb_mock_reg_reset(struct rb_mock_dev *dev, unsigned int bar)
{
	struct mock_regmap *map;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_mock_reg_reset: device is NULL");
	rbi_mock_lock(dev->mock);
	map = map_of(dev, "rb_mock_reg_reset", bar, 0);
	if (map)
		rbi_mock_map_reset(dev, map);
	rbi_mock_unlock(dev->mock);
	return map ? 0 : -EINVAL;
}
