/* SPDX-License-Identifier: MIT */
/*
 * mock_regmap.c - register maps: a table becomes registers that can be found.
 *
 * Everything that can be wrong in a table is found here, while the device is built,
 * so that an access has only the driver to doubt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "host/mock/mock_regs.h"

#define NAME_MAX_LEN 31

/* --- what can be wrong with a line ----------------------------------------------------- */

static bool name_is_good(const char *name)
{
	size_t len = strnlen(name, NAME_MAX_LEN + 1), i;

	for (i = 0; i < len; i++)
		if (name[i] < '!' || name[i] > '~')
			return false;
	return len > 0 && len <= NAME_MAX_LEN;
}

static uint32_t count_of(const struct rb_mock_reg *r)
{
	return r->count > 0 ? r->count : 1;
}

static uint32_t stride_of(const struct rb_mock_reg *r)
{
	return r->stride > 0 ? r->stride : r->width;
}

/* Bytes from the first register of a line to the end of its last; needs a good width. */
static uint64_t span_of(const struct rb_mock_reg *r)
{
	return (uint64_t)(count_of(r) - 1) * stride_of(r) + r->width;
}

static const char *wrong_shape(const struct rb_mock_reg *r, uint64_t size)
{
	if (r->width != 1 && r->width != 2 && r->width != 4 && r->width != 8)
		return "its width is none of 1, 2, 4, 8";
	if ((r->flags & ~RB_MOCK_REG_HALVES) || (r->width == 1 && r->flags != 0))
		return "unknown flags, or halves of a byte";
	if (r->offset % r->width != 0 || stride_of(r) % r->width != 0)
		return "it is misaligned";
	if (r->offset >= size || span_of(r) > size - r->offset)
		return "it is past the BAR";
	if (r->reserved[0] || r->reserved[1] || r->reserved[2] || r->reserved[3])
		return "reserved fields are not zero";
	return NULL;
}

static const char *wrong_bits(const struct rb_mock_reg *r)
{
	const uint64_t masks[] = { r->rw, r->ro, r->w1c, r->rc, r->wo };
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		if (all & masks[i])
			return "a bit is in two masks";
		all |= masks[i];
	}
	if ((all | r->reset) & ~rbi_ones(r->width))
		return "a mask or the reset value has bits above its width";
	if (r->reset & ~all)
		return "the reset value has unspecified bits";
	if (r->on_read && !(all & ~r->wo))
		return "on_read would never be called";
	if (r->on_write && !(r->rw | r->w1c | r->wo))
		return "on_write would never be called";
	return NULL;
}

/* Lines of the table and registers in it, or a negative errno. */
static int count_registers(struct rb_mock_dev *dev, unsigned int bar,
			   const struct rb_mock_reg *regs, size_t *count)
{
	const struct rb_mock_reg *r;
	const char *wrong;

	*count = 0;
	for (r = regs; r->name; r++) {
		if (!name_is_good(r->name))
			return rbi_mock_wrong(dev, "BAR%u: '%.64s' is no name for a register", bar,
					      r->name);
		wrong = wrong_shape(r, dev->bars[bar].size);
		if (!wrong)
			wrong = wrong_bits(r);
		if (wrong)
			return rbi_mock_wrong(dev, "register %s (0x%llx) of BAR%u: %s", r->name,
					      (unsigned long long)r->offset, bar, wrong);
		if (count_of(r) > MOCK_REGS_MAX - *count)
			return rbi_mock_wrong(dev, "register %s of BAR%u: there are more than %u",
					      r->name, bar, MOCK_REGS_MAX);
		*count += count_of(r);
	}
	if (*count == 0)
		return rbi_mock_wrong(dev, "the register map of BAR%u is empty", bar);
	return 0;
}

/* --- making it ----------------------------------------------------------------------- */

static void fill_register(struct mock_reg *reg, const struct rb_mock_reg *r, uint32_t index)
{
	reg->off = r->offset + (uint64_t)index * stride_of(r);
	reg->width = r->width;
	reg->flags = r->flags;
	reg->reset = r->reset;
	reg->rw = r->rw;
	reg->w1c = r->w1c;
	reg->rc = r->rc;
	reg->wo = r->wo;
	reg->fixed = r->ro | r->rc;
	reg->readable = r->rw | r->ro | r->w1c | r->rc;
	reg->unspecified = rbi_ones(r->width) & ~(reg->readable | r->wo);
	reg->on_read = r->on_read;
	reg->on_write = r->on_write;
	if (r->count > 0)
		snprintf(reg->name, sizeof(reg->name), "%s[%u]", r->name, index);
	else
		snprintf(reg->name, sizeof(reg->name), "%s", r->name);
}

static int by_offset(const void *a, const void *b)
{
	const struct mock_reg *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

static int check_overlap(struct rb_mock_dev *dev, const struct mock_regmap *map)
{
	size_t i;

	for (i = 1; i < map->count; i++) {
		const struct mock_reg *a = &map->regs[i - 1], *b = &map->regs[i];

		if (b->off - a->off < a->width)
			return rbi_mock_wrong(dev,
					      "registers %s (0x%llx) and %s (0x%llx) of BAR%u "
					      "overlap",
					      a->name, (unsigned long long)a->off, b->name,
					      (unsigned long long)b->off, map->bar);
	}
	return 0;
}

static struct mock_regmap *new_map(size_t count)
{
	struct mock_regmap *map = rbi_alloc(1, sizeof(*map));

	if (!map)
		return NULL;
	map->count = count;
	map->offs = rbi_alloc(count, sizeof(*map->offs));
	map->regs = rbi_alloc(count, sizeof(*map->regs));
	if (map->offs && map->regs)
		return map;
	rbi_mock_free_map(map);
	return NULL;
}

static int fill_map(struct rb_mock_dev *dev, struct mock_regmap *map,
		    const struct rb_mock_reg *regs)
{
	const struct rb_mock_reg *r;
	uint32_t index;
	size_t i = 0;
	int rc;

	for (r = regs; r->name; r++)
		for (index = 0; index < count_of(r); index++)
			fill_register(&map->regs[i++], r, index);
	qsort(map->regs, map->count, sizeof(*map->regs), by_offset);
	rc = check_overlap(dev, map);
	if (rc < 0)
		return rc;

	for (i = 0; i < map->count; i++)
		map->offs[i] = map->regs[i].off;
	rbi_mock_map_reset(dev, map);
	return 0;
}

int rb_mock_bar_map(struct rb_mock_dev *dev, unsigned int bar, uint64_t size, unsigned int flags,
		    const struct rb_mock_reg *regs, void *arg)
{
	struct mock_regmap *map;
	size_t count;
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_bar_map");
	if (rc < 0)
		return rc;
	if (!regs)
		return rbi_mock_wrong(dev, "BAR%u has no table of registers", bar);
	rc = rb_mock_bar_ops(dev, bar, size, flags, rbi_mock_map_read, rbi_mock_map_write, NULL);
	if (rc < 0)
		return rc;
	rc = count_registers(dev, bar, regs, &count);
	if (rc < 0)
		return rc;

	map = new_map(count);
	if (!map)
		return rbi_mock_refuse(dev, rbi_no_memory("a register map"));
	map->bar = bar;
	map->arg = arg;
	dev->bars[bar].map = dev->bars[bar].arg = map;
	return fill_map(dev, map, regs);
}

void rbi_mock_free_map(struct mock_regmap *map)
{
	if (!map)
		return;
	rbi_free(map->offs);
	rbi_free(map->regs);
	rbi_free(map);
}

/* --- finding one -------------------------------------------------------------------------- */

struct mock_reg *rbi_mock_reg_at(const struct mock_regmap *map, uint64_t off)
{
	size_t low = 0, count = map->count;

	/* The last one that begins at or before @off; no branch that could be guessed wrong. */
	while (count > 1) {
		size_t half = count / 2;

		low += map->offs[low + half] <= off ? half : 0;
		count -= half;
	}
	return off - map->offs[low] < map->regs[low].width ? &map->regs[low] : NULL;
}

bool rbi_mock_reg_fits(const struct mock_reg *reg, uint64_t off, unsigned int width)
{
	if (off == reg->off && width == reg->width)
		return true;
	return (reg->flags & RB_MOCK_REG_HALVES) && width * 2 == reg->width &&
	       (off - reg->off) % width == 0;
}

void rbi_mock_place(char text[MOCK_PLACE], const struct rb_mock_dev *dev, unsigned int bar,
		    uint64_t off, const char *name)
{
	const struct mock_regmap *map = dev->bars[bar].map;
	const struct mock_reg *reg = map ? rbi_mock_reg_at(map, off) : NULL;
	unsigned long long at = off;

	if (reg && reg->off != off)
		snprintf(text, MOCK_PLACE, "%s+0x%llx (0x%llx) of BAR%u", reg->name,
			 at - (unsigned long long)reg->off, at, bar);
	else if (reg || name)
		snprintf(text, MOCK_PLACE, "%s (0x%llx) of BAR%u", reg ? reg->name : name, at, bar);
	else
		snprintf(text, MOCK_PLACE, "0x%llx of BAR%u", at, bar);
}
