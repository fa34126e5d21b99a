/* SPDX-License-Identifier: MIT */
/*
 * device_fixture.h - a fake world with its device claimed: given to each test by
 * open_device, taken away by close_device.
 */
#ifndef DEVICE_FIXTURE_H
#define DEVICE_FIXTURE_H

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

#endif
