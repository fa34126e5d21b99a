/* SPDX-License-Identifier: MIT */
/*
 * mock_gate.c - accesses to devices that do not simply answer: removed, asleep,
 * recovering from a reset, broken, or with an MSI-X table in front.
 *
 * The bus looks at one flag; everybody else takes the short way.
 */
#include <stdio.h>

#include "core/bits.h"
#include "host/mock/mock_regs.h"

void rbi_mock_gate_update(struct rb_mock_dev *dev)
{
	dev->gated = dev->gone || dev->dead || dev->asleep || dev->busy_from || dev->msix ||
		     dev->faults;
	rbi_mock_net_update(dev);
}

static void complain_of_haste(struct rb_mock_dev *dev, const char *verb, unsigned int width,
			      const char *place)
{
	int64_t ns = dev->busy_until - rbi_mock_now(dev->mock);

	rbi_mock_complain(dev->mock, dev, "%s of %u bytes at %s, %lld us too soon after %s", verb,
			  width, place, (long long)(ns + 999) / 1000, dev->busy_from);
}

/* Does the device not listen? Says so, unless the driver could not have known. */
static bool is_deaf(struct rb_mock_dev *dev, const char *verb, unsigned int bar, uint64_t off,
		    unsigned int width)
{
	char place[MOCK_PLACE];

	if (rbi_mock_fault_access(dev))
		return true;
	if (!rbi_mock_is_busy(dev) && !dev->asleep)
		return false;
	rbi_mock_place(place, dev, bar, off, NULL);
	if (dev->busy_from)
		complain_of_haste(dev, verb, width, place);
	else
		rbi_mock_complain(dev->mock, dev, "%s of %u bytes at %s while the device is in D3hot",
				  verb, width, place);
	return true;
}

int rbi_mock_gate_read(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, unsigned int width,
		       uint64_t key, uint64_t *val)
{
	*val = rbi_ones(width);
	if (rbi_mock_dog_bites(dev->mock, key)) {
		*val = rbi_mock_poison(dev->mock, width);
		return dev->gone ? RBI_MEM_ENDS_LOOP : 0;
	}
	if (dev->gone)
		return rbi_mock_gone(dev);
	if (is_deaf(dev, "read", bar, off, width))
		return 0;

	if (!dev->msix || !rbi_mock_msix_read(dev, bar, off, width, val))
		*val = rbi_mock_read_bar(dev, bar, off, width);
	*val = rbi_mock_fault_value(dev, bar, off, width, *val);
	return 0;
}

int rbi_mock_gate_write(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, unsigned int width,
			uint64_t val)
{
	if (dev->gone)
		return rbi_mock_gone(dev);
	if (is_deaf(dev, "write", bar, off, width))
		return 0;

	if (!dev->msix || !rbi_mock_msix_write(dev, bar, off, width, val & rbi_ones(width)))
		rbi_mock_write_bar(dev, bar, off, width, val);
	return 0;
}

/* Asking again and again takes time, or a driver that waits here would hang. */
bool rbi_mock_gate_config(struct rb_mock_dev *dev, const char *verb, unsigned int off,
			  unsigned int width)
{
	char place[MOCK_PLACE];

	if (dev->dead)
		return true;
	if (!rbi_mock_is_busy(dev))
		return false;
	snprintf(place, sizeof(place), "configuration offset %#x", off);
	complain_of_haste(dev, verb, width, place);
	rbi_mock_tick(dev->mock);
	return true;
}
