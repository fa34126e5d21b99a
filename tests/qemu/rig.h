/* SPDX-License-Identifier: MIT */
/*
 * rig.h - a QEMU machine on the bench: the second waist, driven directly.
 *
 * Part of the tests of machine qemu alone. Every test that needs QEMU itself is
 * skipped where it is not installed.
 */
#ifndef TESTS_QEMU_RIG_H
#define TESTS_QEMU_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "core/core.h"
#include "host/machine.h"
#include "host/spec.h"

#define EDU_ID		  0x11e81234u
#define EDU_REG_ID	  0x00
#define EDU_REG_LIVE	  0x04
#define EDU_REG_FACTORIAL 0x08
#define EDU_REG_STATUS	  0x20 /* 1: computing; 0x80: interrupt when done */
#define EDU_REG_IRQ	  0x24
#define EDU_REG_RAISE	  0x60
#define EDU_REG_ACK	  0x64
#define EDU_REG_DMA_FROM  0x80
#define EDU_REG_DMA_TO	  0x88
#define EDU_REG_DMA_LEN	  0x90
#define EDU_REG_DMA_CMD	  0x98 /* 1: run; 2: to RAM; 4: interrupt when done */
#define EDU_BUFFER	  0x40000 /* of the device, 4096 bytes */
#define EDU_MSI		  0x40 /* its MSI capability */

#define CFG_COMMAND 0x04
#define CFG_BAR0    0x10

struct rig {
	struct rbi_spec *spec;
	struct rbi_machine *m;
	struct rb_pci_addr edu[8]; /* in the order of the machine's list */
	uint64_t bar[8];
	unsigned int count;
};

/* Is there a QEMU? The caller skips otherwise. */
bool rig_has_qemu(void);
/* Start "@text"; the machine's own answer. */
int rig_try(struct rig *rig, const char *text);
/* Start it, find its edu devices and let them master the bus. */
void rig_start(struct rig *rig, const char *text);
void rig_stop(struct rig *rig);

uint32_t rig_read(struct rig *rig, unsigned int dev, unsigned int reg);
void rig_write(struct rig *rig, unsigned int dev, unsigned int reg, uint32_t val);
uint32_t rig_cfg(struct rig *rig, struct rb_pci_addr fn, unsigned int off, unsigned int width);
void rig_cfg_set(struct rig *rig, struct rb_pci_addr fn, unsigned int off, unsigned int width,
		 uint32_t val);
/* Wait at most @ms until interrupt @n is ready: as machine->wait() answers. */
int rig_await(struct rig *rig, unsigned int n, unsigned int ms);
uint64_t rig_take(struct rig *rig, unsigned int n);
/* The line of device @dev. */
unsigned int rig_line(struct rig *rig, unsigned int dev);

/* What this process has open, has started and runs. */
unsigned int rig_count_fds(void);
unsigned int rig_count_threads(void);
bool rig_has_children(void);

#endif
