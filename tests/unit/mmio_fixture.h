/* SPDX-License-Identifier: MIT */
/*
 * mmio_fixture.h - a fake world with its device claimed, and windows of its BAR0.
 * Given to each test by open_device, taken away by close_device.
 */
#ifndef MMIO_FIXTURE_H
#define MMIO_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/mmio.h>

#include "fake_world.h"

static struct fake_world *w;
static struct rb_pci_dev *dev;

static int open_device(void **state)
{
	(void)state;
	w = fake_open();
	dev = fake_device(w);
	return 0;
}

static int close_device(void **state)
{
	(void)state;
	rb_pci_unref(dev);
	fake_close(w);
	return 0;
}

/* From now on windows are not mapped: every access goes to the world below. */
static inline void route_everything(void)
{
	w->direct = 0;
	w->route = 42;
}

static inline struct rb_mmio *map(uint64_t off, uint64_t len)
{
	struct rb_mmio *m;

	assert_int_equal(rb_mmio_map(dev, 0, off, len, RB_MMIO_UC, &m), 0);
	return m;
}

/* The byte of the BAR at @off, as the device has it. */
static inline uint8_t *bar(uint64_t off)
{
	return w->bar + RBI_PAGE + off;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

#endif
