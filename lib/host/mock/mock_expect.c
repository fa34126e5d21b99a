/* SPDX-License-Identifier: MIT */
/*
 * mock_expect.c - register accesses that a test expects, and what came instead.
 *
 * A device has one list, in the order in which a test gave it. An access looks
 * for its own entry from the first open one on: entries of other registers are passed
 * over, those of its register that have come often enough, too; the first that
 * has not must suit.
 *
 *     open --taken max times, or a later one of the register or the sequence--> done
 *          --verified while it has come less than min times-------------------> done
 *
 * Complaints run a test's callback, which may change the list: no entry is held
 * across one.
 */
#include <stdio.h>
#include <string.h>

#include "core/bits.h"
#include "host/mock/mock_expect.h"

static bool is_met(const struct mock_expectation *e)
{
	return e->count >= e->a.min;
}

static bool is_at(const struct mock_expectation *e, unsigned int bar, uint64_t off)
{
	return e->a.bar == bar && e->a.offset == off;
}

static bool suits(const struct mock_expectation *e, uint32_t kind, unsigned int width, uint64_t val)
{
	uint64_t least = e->a.value & ~e->a.ignore;

	if (e->a.kind != kind || e->a.width != width)
		return false;
	val &= ~e->a.ignore;
	if (kind == RB_MOCK_ACCESS_READ)
		return true;
	return e->a.upto == 0 ? val == least : val >= least && val <= e->a.upto;
}

/* --- sentences ----------------------------------------------------------------------------- */

/* An access in words: "write of 0x1 (4 bytes) at CTRL (0x10) of BAR0". */
static void describe(char text[MOCK_ACCESS_TEXT], const struct rb_mock_dev *dev,
		     const struct mock_expectation *e)
{
	unsigned long long value = e->a.value & ~e->a.ignore;
	char place[MOCK_PLACE], values[80];

	rbi_mock_place(place, dev, e->a.bar, e->a.offset, e->name[0] ? e->name : NULL);
	if (e->a.kind == RB_MOCK_ACCESS_READ) {
		snprintf(text, MOCK_ACCESS_TEXT, "read of %u bytes at %s", e->a.width, place);
		return;
	}
	if (e->a.upto != 0)
		snprintf(values, sizeof(values), "0x%llx to 0x%llx", value,
			 (unsigned long long)e->a.upto);
	else if (e->a.ignore != 0)
		snprintf(values, sizeof(values), "0x%llx under mask 0x%llx", value,
			 (unsigned long long)(rbi_ones(e->a.width) & ~e->a.ignore));
	else
		snprintf(values, sizeof(values), "0x%llx", value);
	snprintf(text, MOCK_ACCESS_TEXT, "write of %s (%u bytes) at %s", values, e->a.width, place);
}

/* An access that came, as an expectation, so that it is described alike. */
static struct mock_expectation came(const struct rb_mock_dev *dev, uint32_t kind, unsigned int bar,
				    uint64_t off, unsigned int width, uint64_t val)
{
	struct mock_expectation e = { 0 };
	size_t i;

	e.a.kind = kind;
	e.a.bar = bar;
	e.a.offset = off;
	e.a.width = width;
	e.a.value = val;
	for (i = 0; i < dev->nexpects; i++)
		if (is_at(&dev->expects[i], bar, off) && dev->expects[i].name[0])
			memcpy(e.name, dev->expects[i].name, sizeof(e.name));
	return e;
}

/* @expected: what should have come; NULL: nothing. */
static void complain_of(struct rb_mock_dev *dev, const struct mock_expectation *it,
			const struct mock_expectation *expected)
{
	char text[MOCK_ACCESS_TEXT], wanted[MOCK_ACCESS_TEXT];

	describe(text, dev, it);
	if (expected) {
		describe(wanted, dev, expected);
		rbi_mock_complain(dev->mock, dev, "unexpected %s: expected was %s", text, wanted);
	} else {
		rbi_mock_complain(dev->mock, dev, "unexpected %s", text);
	}
}

static void complain_of_order(struct rb_mock_dev *dev, const struct mock_expectation *missing,
			      const struct mock_expectation *it)
{
	char first[MOCK_ACCESS_TEXT], second[MOCK_ACCESS_TEXT];

	describe(first, dev, missing);
	describe(second, dev, it);
	rbi_mock_complain(dev->mock, dev, "expected %s before %s, but the latter came first", first,
			  second);
}

static void complain_of_absence(struct rb_mock_dev *dev, const struct mock_expectation *e)
{
	char text[MOCK_ACCESS_TEXT];

	describe(text, dev, e);
	if (e->count == 0)
		rbi_mock_complain(dev->mock, dev, "expected %s never came", text);
	else
		rbi_mock_complain(dev->mock, dev, "expected %s came %u of %u times", text, e->count,
				  e->a.min);
}

/* --- an access comes ------------------------------------------------------------------------ */

/* The entries before @i that its coming ends. */
static void settle(struct rb_mock_dev *dev, size_t i)
{
	struct mock_expectation it = dev->expects[i];
	size_t j;

	for (j = dev->expects_open; j < i && j < dev->nexpects; j++) {
		struct mock_expectation *e = &dev->expects[j];
		bool in_sequence = it.ordered && e->ordered;

		if (e->done || (!in_sequence && !is_at(e, it.a.bar, it.a.offset)))
			continue;
		if (is_met(e)) {
			e->done = true;
		} else if (!e->late) {
			struct mock_expectation missing = *e;

			e->late = true; /* it may still come, but is told once */
			complain_of_order(dev, &missing, &it);
		}
	}
}

static void take(struct rb_mock_dev *dev, size_t i)
{
	struct mock_expectation *e = &dev->expects[i];

	e->count++;
	e->done = e->count == e->a.max;
	settle(dev, i);
	while (dev->expects_open < dev->nexpects && dev->expects[dev->expects_open].done)
		dev->expects_open++;
}

/* Take the entry for this access into *@out, or complain. */
static bool expects(struct rb_mock_dev *dev, uint32_t kind, unsigned int bar, uint64_t off,
		    unsigned int width, uint64_t val, struct mock_expectation *out)
{
	struct mock_expectation it;
	size_t i;

	for (i = dev->expects_open; i < dev->nexpects; i++) {
		const struct mock_expectation *e = &dev->expects[i];

		if (e->done || !is_at(e, bar, off))
			continue;
		*out = *e;
		if (suits(e, kind, width, val)) {
			take(dev, i);
			return true;
		}
		if (!is_met(e))
			break;
	}

	it = came(dev, kind, bar, off, width, val);
	if (i == dev->nexpects) {
		complain_of(dev, &it, NULL);
		return false;
	}
	/* A wrong value is the write that was expected, done wrong. */
	if (out->a.kind == RB_MOCK_ACCESS_WRITE && kind == out->a.kind && width == out->a.width)
		take(dev, i);
	complain_of(dev, &it, out);
	return false;
}

bool rbi_mock_expects_read(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			   unsigned int width, uint64_t *answer, uint64_t *open)
{
	struct mock_expectation e;

	if (!expects(dev, RB_MOCK_ACCESS_READ, bar, off, width, 0, &e))
		return false;
	*answer = e.a.value & ~e.a.ignore;
	*open = e.a.ignore;
	return true;
}

bool rbi_mock_expects_write(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			    unsigned int width, uint64_t val)
{
	struct mock_expectation e;

	return expects(dev, RB_MOCK_ACCESS_WRITE, bar, off, width, val, &e);
}

/* --- BARs where nothing but that is -------------------------------------------------------- */

static unsigned int index_of(const struct rb_mock_dev *dev, const void *arg)
{
	return (unsigned int)((const struct mock_bar *)arg - dev->bars);
}

static uint64_t read_expected(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	unsigned int bar = index_of(dev, arg);
	uint64_t answer, open;

	if (!rbi_mock_expects_read(dev, bar, off, width, &answer, &open))
		return UINT64_MAX;
	return answer | (rbi_mock_noise(dev, bar, off, 0) & open);
}

static void write_expected(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
			   uint64_t val)
{
	rbi_mock_expects_write(dev, index_of(dev, arg), off, width, val);
}

int rb_mock_bar_expect(struct rb_mock_dev *dev, unsigned int bar, uint64_t size, unsigned int flags)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_bar_expect");
	if (rc == 0)
		rc = rb_mock_bar_ops(dev, bar, size, flags, read_expected, write_expected, NULL);
	if (rc < 0)
		return rc;
	dev->bars[bar].arg = &dev->bars[bar];
	dev->bars[bar].expecting = true;
	return 0;
}

/* --- the end --------------------------------------------------------------------------------- */

void rbi_mock_expect_verify(struct mock *mock)
{
	struct rb_mock_dev *dev;
	size_t i;

	for (dev = mock->devs; dev; dev = dev->next) {
		for (i = dev->expects_open; i < dev->nexpects; i++) {
			struct mock_expectation e = dev->expects[i];

			if (e.done || is_met(&e))
				continue;
			dev->expects[i].done = true;
			complain_of_absence(dev, &e);
		}
	}
}
