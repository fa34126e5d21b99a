/* SPDX-License-Identifier: MIT */
/*
 * mock_expect_list.c - lists of expected register accesses: checked, added, forgotten.
 */
#include <stdio.h>
#include <string.h>

#include "core/bits.h"
#include "host/mock/mock_expect.h"

/* --- what can be wrong with an entry ------------------------------------------------------- */

static const char *wrong_place(const struct rb_mock_dev *dev, const struct rb_mock_access *a)
{
	const struct mock_reg *reg;

	if (a->kind != RB_MOCK_ACCESS_READ && a->kind != RB_MOCK_ACCESS_WRITE)
		return "it is neither a read nor a write";
	if (a->bar >= MOCK_BARS || (!dev->bars[a->bar].map && !dev->bars[a->bar].expecting))
		return "the BAR was not made for expectations";
	if (a->width != 1 && a->width != 2 && a->width != 4 && a->width != 8)
		return "its width is none of 1, 2, 4, 8";
	if (a->offset % a->width != 0)
		return "it is misaligned";
	if (!dev->bars[a->bar].map || a->offset >= dev->bars[a->bar].size)
		return NULL;
	reg = rbi_mock_reg_at(dev->bars[a->bar].map, a->offset);
	if (!reg || !rbi_mock_reg_fits(reg, a->offset, a->width))
		return "the register map has no such register of that width";
	return NULL;
}

static const char *wrong_values(const struct rb_mock_access *a)
{
	uint64_t ones = rbi_ones(a->width);

	if (a->max == 0 ? a->min != 0 : a->min > a->max)
		return "it comes more often at least than at most";
	if (a->value > ones || a->upto > ones)
		return "a value has bits above its width";
	if (a->upto != 0 && (a->kind == RB_MOCK_ACCESS_READ || a->upto < (a->value & ~a->ignore)))
		return "the range is empty, or that of a read";
	if (a->reserved != 0)
		return "the reserved field is not zero";
	return NULL;
}

static int check_entry(const struct rb_mock_dev *dev, const struct rb_mock_access *a, size_t i)
{
	const char *wrong = wrong_place(dev, a);

	if (!wrong)
		wrong = wrong_values(a);
	if (wrong)
		return rbi_fail(-EINVAL, "rb_mock_expect: %s: entry %zu (0x%llx of BAR%u): %s",
				dev->label, i, (unsigned long long)a->offset, a->bar, wrong);
	if (a->offset >= dev->bars[a->bar].size)
		return rbi_fail(-ERANGE, "rb_mock_expect: %s: entry %zu: 0x%llx is past BAR%u",
				dev->label, i, (unsigned long long)a->offset, a->bar);
	return 0;
}

/* A poll without end takes every read of its register; one behind it comes only if
 * something between them ends the poll. */
static bool comes_after_all(const struct rb_mock_dev *dev, size_t i)
{
	const struct mock_expectation *e = &dev->expects[i];
	bool ended = false;
	size_t j;

	for (j = i; e->a.kind == RB_MOCK_ACCESS_READ && j-- > 0;) {
		const struct mock_expectation *poll = &dev->expects[j];

		if (poll->a.bar == e->a.bar && poll->a.offset == e->a.offset)
			return poll->done || poll->a.kind != e->a.kind ||
			       poll->a.width != e->a.width || poll->a.max != RB_MOCK_ANY_TIMES ||
			       (ended && poll->ordered);
		ended |= poll->ordered;
	}
	return true;
}

/* --- adding a list --------------------------------------------------------------------------- */

static int make_room(struct rb_mock_dev *dev, size_t more)
{
	size_t room = dev->expects_room + dev->expects_room / 2 + 16;
	struct mock_expectation *expects;

	if (more > MOCK_EXPECT_MAX - dev->nexpects)
		return rbi_no_memory("so many expectations of one device");
	if (more <= dev->expects_room - dev->nexpects)
		return 0;
	if (room < dev->nexpects + more)
		room = dev->nexpects + more;
	expects = rbi_realloc(dev->expects, room, sizeof(*expects));
	if (!expects)
		return rbi_no_memory("expectations of a mock device");
	dev->expects = expects;
	dev->expects_room = room;
	return 0;
}

static void fill(struct mock_expectation *e, const struct rb_mock_access *a, unsigned int flags)
{
	memset(e, 0, sizeof(*e));
	e->a = *a;
	e->a.name = NULL;
	e->a.ignore &= rbi_ones(a->width);
	if (a->max == 0)
		e->a.min = e->a.max = 1;
	if (a->name)
		snprintf(e->name, sizeof(e->name), "%s", a->name);
	e->ordered = flags & RB_MOCK_ORDERED;
}

/* Behind the last; they count once all have been found good. */
static int add_list(struct rb_mock_dev *dev, const struct rb_mock_access *list, size_t count,
		    unsigned int flags)
{
	size_t i;
	int rc;

	for (i = 0; i < count; i++) {
		rc = check_entry(dev, &list[i], i);
		if (rc < 0)
			return rc;
		fill(&dev->expects[dev->nexpects + i], &list[i], flags);
		if (!comes_after_all(dev, dev->nexpects + i))
			return rbi_fail(-EINVAL,
					"rb_mock_expect: %s: entry %zu (0x%llx of BAR%u): "
					"the poll before it takes all reads",
					dev->label, i, (unsigned long long)list[i].offset,
					list[i].bar);
	}
	for (i = 0; i < count; i++) {
		const struct mock_regmap *map = dev->bars[list[i].bar].map;

		if (map)
			rbi_mock_reg_at(map, list[i].offset)->expecting = true;
	}
	dev->nexpects += count;
	return 0;
}

int rb_mock_expect(struct rb_mock_dev *dev, const struct rb_mock_access *list, unsigned int flags)
{
	size_t count = 0;
	int rc;

	if (!dev || !list || (flags & ~RB_MOCK_ORDERED))
		return rbi_fail(-EINVAL, "rb_mock_expect: no device, no list or an unknown flag");
	while (list[count].kind != RB_MOCK_ACCESS_END && count <= MOCK_EXPECT_MAX)
		count++;

	rbi_mock_lock(dev->mock);
	if (dev->gone)
		rc = rbi_fail(-ENODEV, "rb_mock_expect: %s has been removed", dev->label);
	else
		rc = make_room(dev, count);
	if (rc == 0)
		rc = add_list(dev, list, count, flags);
	rbi_mock_refuse(dev, rc);
	rbi_mock_unlock(dev->mock);
	return rc;
}

/* --- forgetting -------------------------------------------------------------------------------- */

static bool is_unmet(const struct mock_expectation *e)
{
	return !e->done && e->count < e->a.min;
}

/* Does @e belong to the register at @off, or is it all the same? */
static bool belongs(const struct rb_mock_dev *dev, const struct mock_expectation *e,
		    unsigned int bar, uint64_t off)
{
	const struct mock_regmap *map = dev->bars[bar].map;

	if (e->a.bar != bar)
		return false;
	if (map)
		return rbi_mock_reg_at(map, e->a.offset) == rbi_mock_reg_at(map, off);
	return e->a.offset == off;
}

/* Drop the entries of one register: how many were unmet. */
static size_t drop(struct rb_mock_dev *dev, unsigned int bar, uint64_t off)
{
	size_t i, kept = 0, unmet = 0;

	for (i = 0; i < dev->nexpects; i++) {
		const struct mock_expectation *e = &dev->expects[i];

		if (!belongs(dev, e, bar, off))
			dev->expects[kept++] = *e;
		else if (is_unmet(e))
			unmet++;
	}
	dev->nexpects = kept;
	dev->expects_open = 0;
	return unmet;
}

size_t rb_mock_expect_forget(struct rb_mock_dev *dev, unsigned int bar, uint64_t off)
{
	const struct mock_regmap *map;
	struct mock_reg *reg;
	size_t unmet;

	if (!dev || bar >= MOCK_BARS)
		return 0;
	rbi_mock_lock(dev->mock);
	unmet = drop(dev, bar, off);
	map = dev->bars[bar].map;
	reg = map ? rbi_mock_reg_at(map, off) : NULL;
	if (reg)
		reg->expecting = false;
	rbi_mock_unlock(dev->mock);
	return unmet;
}

size_t rb_mock_expect_clear(struct rb_mock_dev *dev)
{
	size_t i, unmet = 0;
	unsigned int bar;

	if (!dev)
		return 0;
	rbi_mock_lock(dev->mock);
	for (i = 0; i < dev->nexpects; i++)
		unmet += is_unmet(&dev->expects[i]);
	dev->nexpects = dev->expects_open = 0;
	for (bar = 0; bar < MOCK_BARS; bar++) {
		const struct mock_regmap *map = dev->bars[bar].map;

		for (i = 0; map && i < map->count; i++)
			map->regs[i].expecting = false;
	}
	rbi_mock_unlock(dev->mock);
	return unmet;
}

void rbi_mock_expect_free(struct rb_mock_dev *dev)
{
	rbi_free(dev->expects);
}
