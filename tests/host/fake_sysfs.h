/* SPDX-License-Identifier: MIT */
/*
 * fake_sysfs.h - a PCI bus made of files, in place of the host's.
 *
 * The process gets a mount namespace of its own, so nobody else sees it and nothing is
 * left behind; that takes root (qemu-notes 9).
 */
#ifndef FAKE_SYSFS_H
#define FAKE_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_function {
	unsigned int domain, bus, dev, func;
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class_code;
	uint8_t revision;
};

/* Leave the host's bus for an empty one. False: this process may not. */
bool fake_sysfs_begin(void);
/* Add a function, or another one in its place; without a file of configuration space. */
void fake_sysfs_add(const struct fake_function *fn);
/* Write one of its files. */
void fake_sysfs_file(const struct fake_function *fn, const char *name, const void *bytes,
		     size_t len);
/* Read one back: its length. */
size_t fake_sysfs_read(const struct fake_function *fn, const char *name, void *bytes, size_t len);
void fake_sysfs_remove(const struct fake_function *fn);
/* Take all functions away. */
void fake_sysfs_clear(void);
/* Take the bus itself away, for good. */
bool fake_sysfs_no_bus(void);

#endif
