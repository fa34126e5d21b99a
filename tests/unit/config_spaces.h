/* SPDX-License-Identifier: MIT */
/* config_spaces.h - configuration space of real functions, for tests of what reads it. */
#ifndef CONFIG_SPACES_H
#define CONFIG_SPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_SPACE 4096

struct config_dword {
	uint16_t off;
	uint32_t value;
};

/* Fill in "root_port", "nvme", "virtio_net" or "e1000e"; false for another name. */
bool config_space(const char *name, uint8_t bytes[CONFIG_SPACE]);

/* One dword, in the order of configuration space. */
void config_put(uint8_t *bytes, unsigned int off, uint32_t value);

#endif
