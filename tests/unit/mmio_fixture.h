/* SPDX-License-Identifier: MIT */
/*
 * mmio_fixture.h - windows of BAR0 of the device in device_fixture.h.
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

#include "device_fixture.h"

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
