/* SPDX-License-Identifier: MIT */
/*
 * mock_dev.h - a device of machine "mock" from inside: its configuration space, its
 * BARs, its capabilities, and what can be broken about it.
 *
 * Each function expects the machine's lock held, but for the operations of the machine
 * (rbi_mock_op_...). The machine itself is in mock_machine.h.
 */
#ifndef RBI_MOCK_DEV_H
#define RBI_MOCK_DEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/mock.h>

#include "core/core.h"
#include "host/machine.h"
#include "host/spec.h"

#define MOCK_BARS	 6
#define MOCK_ROM	 MOCK_BARS /* the expansion ROM is a BAR behind the others */
#define MOCK_CFG	 256 /* bytes of configuration space */
#define MOCK_CFG_EXTENDED 4096 /* the same of PCI Express functions */
#define MOCK_NAME	 32 /* bytes of a model's name, with the NUL */

/* Configuration space (PCI 3.0, 6.1, 6.2, 6.8.1) */
#define MOCK_CFG_COMMAND     0x04
#define MOCK_CFG_STATUS	     0x06
#define MOCK_CFG_HEADER	     0x0e
#define MOCK_CFG_BAR0	     0x10
#define MOCK_CFG_ROM	     0x30
#define MOCK_CFG_ROM_BRIDGE  0x38
#define MOCK_CFG_CAP_PTR     0x34
#define MOCK_CFG_LINE	     0x3c
#define MOCK_CFG_PIN	     0x3d
#define MOCK_CFG_FREE	     0x40 /* the first byte of capabilities */
#define MOCK_COMMAND_IO	     0x0001u
#define MOCK_COMMAND_MEM     0x0002u
#define MOCK_COMMAND_MASTER  0x0004u
#define MOCK_COMMAND_SERR    0x0100u
#define MOCK_COMMAND_NO_INTX 0x0400u
#define MOCK_STATUS_INTX     0x08u /* in the low byte */
#define MOCK_STATUS_CAPS     0x10u
#define MOCK_ROM_ENABLE	     0x1u

struct mock;
struct mock_expectation;
struct mock_plug;
struct mock_regmap;

struct mock_hook {
	uint64_t off;
	rb_mock_read_fn read;
	void *read_arg;
	rb_mock_write_fn write;
	void *write_arg;
};

struct mock_bar {
	uint64_t size; /* 0: not there */
	unsigned int flags; /* RB_MOCK_BAR_* */
	uint64_t home; /* where it was put; 0: nowhere */
	uint64_t base; /* where it decodes while mapped */
	bool mapped;
	rb_mock_read_fn read;
	rb_mock_write_fn write;
	void *arg;
	uint8_t *ram; /* page aligned, in block; NULL: functions answer */
	void *block;
	struct mock_hook *hooks; /* sorted by offset */
	size_t nhooks;
	struct mock_regmap *map; /* NULL: no register map */
	bool expecting; /* what is not expected is a violation */
};

/* Configuration space past the first 256 bytes. */
struct mock_ext {
	uint8_t cfg[MOCK_CFG_EXTENDED - MOCK_CFG];
	uint8_t writable[MOCK_CFG_EXTENDED - MOCK_CFG];
	uint8_t cleared[MOCK_CFG_EXTENDED - MOCK_CFG];
	uint8_t initial[MOCK_CFG_EXTENDED - MOCK_CFG];
};

struct rb_mock_dev {
	struct mock *mock;
	struct rb_mock_dev *next; /* in the order of plugging */
	char model[MOCK_NAME];
	char label[MOCK_NAME + 20]; /* "edu at 00:01.0", "edu at 0001:00:01.0" */
	struct rb_pci_addr fn;
	bool building;
	bool has_ids;
	bool passive; /* bytes of a dump: it acts not, and its BARs stay */
	bool gone;
	bool gated; /* accesses take the long way: mock_gate.c */
	bool dead; /* a fault: it answers no more, and nobody has been told */
	bool asleep; /* in D3hot */
	int rc; /* the first description that failed */

	uint8_t cfg[MOCK_CFG];
	uint8_t writable[MOCK_CFG]; /* bits a driver changes */
	uint8_t cleared[MOCK_CFG]; /* bits a driver clears by ones */
	uint8_t initial[MOCK_CFG]; /* the values after a reset */
	struct mock_ext *ext; /* NULL: nothing but zeros there */
	unsigned int cfg_size; /* MOCK_CFG or MOCK_CFG_EXTENDED */
	unsigned int ext_last; /* the last extended capability; 0: none */
	unsigned int ext_free; /* where the next goes */
	bool raw_header; /* the header type is the test's: its bit 7, too */
	rb_mock_config_fn on_config;
	void *on_config_arg;
	unsigned int secondary, subordinate; /* buses of a bridge; 0: it is none */
	unsigned int rom_reg; /* where the expansion ROM's address is */
	uint64_t cfg_taken; /* a bit for each dword that is header or capability */
	unsigned int cap_place; /* where the next capability goes; 0: anywhere */
	unsigned int msi; /* offset of the MSI capability; 0: none */
	unsigned int msi_fixed; /* bits of its control register that nobody changes */
	unsigned int pm, pcie; /* the same of power management and PCI Express */
	struct mock_msix *msix; /* NULL: none */
	struct mock_faults *faults; /* NULL: none */
	int64_t busy_until; /* recovering from a reset until then */
	const char *busy_from; /* what it recovers from */
	struct mock_bar bars[MOCK_BARS + 1];

	uint8_t line; /* where the pin goes */
	bool intx; /* the device's wish */
	bool intx_wanted; /* and nothing holds it back */
	bool intx_lost; /* a fault: this assertion does not reach the line */
	bool intx_driven; /* counted on the line */

	struct mock_expectation *expects; /* in the order in which they were given */
	size_t nexpects, expects_room;
	size_t expects_open; /* those before it are settled */

	struct mock_plug *plug; /* mock_net.h; NULL: no network */

	void *state;
	size_t state_size;
	rb_mock_event_fn on_remove;
	void *on_remove_arg;
	rb_mock_event_fn on_reset;
	void *on_reset_arg;

	const struct rbi_spec_device *spec; /* while building; NULL: none */
	bool asked[RBI_SPEC_ARGS];
};

/* mock_dev.c */
/* 0 when @dev is being built and has no mistake yet. Locks nothing. */
int rbi_mock_building(struct rb_mock_dev *dev, const char *call);
/* Remember the first mistake of a description and return it. */
int rbi_mock_refuse(struct rb_mock_dev *dev, int rc);
/* The same, for -EINVAL with a sentence; the device's name is put before it. */
int rbi_mock_wrong(struct rb_mock_dev *dev, const char *fmt, ...) RBI_PRINTF(2, 3);

/* mock_bar.c */
/* Find addresses for the BARs of a device that has been described. */
int rbi_mock_assign_bars(struct rb_mock_dev *dev);
struct mock_hook *rbi_mock_hook(const struct mock_bar *bar, uint64_t off);
void rbi_mock_free_bar(struct mock_bar *bar);
uint64_t rbi_mock_load(const uint8_t *at, unsigned int width);
void rbi_mock_store(uint8_t *at, unsigned int width, uint64_t val);

/* mock_regmap.c, mock_expect.c: see mock_regs.h */
void rbi_mock_free_map(struct mock_regmap *map);
/* Complain of what was expected and never came, once. */
void rbi_mock_expect_verify(struct mock *mock);
void rbi_mock_expect_free(struct rb_mock_dev *dev);

/* mock_config.c */
uint32_t rbi_mock_cfg_get(const struct rb_mock_dev *dev, unsigned int off, unsigned int width);
void rbi_mock_cfg_put(struct rb_mock_dev *dev, unsigned int off, unsigned int width, uint32_t val);
bool rbi_mock_command(const struct rb_mock_dev *dev, uint32_t bits);
void rbi_mock_cfg_reset(struct rb_mock_dev *dev);
/* Command register or BARs have changed: who decodes what. */
void rbi_mock_decode_update(struct rb_mock_dev *dev);
int rbi_mock_op_functions(struct rbi_machine *m, struct rb_pci_addr *fns, size_t max);
int rbi_mock_op_cfg_read(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			 unsigned int width, uint32_t *val);
int rbi_mock_op_cfg_write(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t val);
unsigned int rbi_mock_op_cfg_size(struct rbi_machine *m, struct rb_pci_addr fn);

/* mock_cap_ext.c */
/* Memory for extended configuration space: 0 or -ENOMEM. */
int rbi_mock_cfg_extend(struct rb_mock_dev *dev);

/* mock_cap.c */
/* Room for a capability of @len bytes, linked into the list: its offset. */
int rbi_mock_cap_add(struct rb_mock_dev *dev, uint8_t id, size_t len);

/* mock_msix.c */
/* The build function is done: do table and PBA lie where they may? 0 or -EINVAL. */
int rbi_mock_msix_check(struct rb_mock_dev *dev);
/* An access to table or PBA: true when it was one, and then it is done. */
bool rbi_mock_msix_read(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, unsigned int width,
			uint64_t *val);
bool rbi_mock_msix_write(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			 unsigned int width, uint64_t val);
/* Enable or masks have changed: send what is pending and no longer masked. */
void rbi_mock_msix_update(struct rb_mock_dev *dev);
void rbi_mock_msix_reset(struct rb_mock_dev *dev);
void rbi_mock_msix_free(struct rb_mock_dev *dev);

/* mock_pm.c: power states and resets */
/* Configuration space as it is now is what a reset restores. */
void rbi_mock_reset_snapshot(struct rb_mock_dev *dev);
/* A write of @val to @width bytes at @off has been done: power state, FLR bit. */
void rbi_mock_pm_written(struct rb_mock_dev *dev, unsigned int off, unsigned int width,
			 uint32_t val);
/* Is the device recovering from a reset? */
bool rbi_mock_is_busy(struct rb_mock_dev *dev);
int rbi_mock_op_reset(struct rbi_machine *m, struct rb_pci_addr fn);

/* mock_gate.c: accesses to devices that do not simply answer */
/* One of the reasons has come or gone. */
void rbi_mock_gate_update(struct rb_mock_dev *dev);
int rbi_mock_gate_read(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, unsigned int width,
		       uint64_t key, uint64_t *val);
int rbi_mock_gate_write(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, unsigned int width,
			uint64_t val);
/* Does configuration space of @dev not answer now? @verb for the complaint. */
bool rbi_mock_gate_config(struct rb_mock_dev *dev, const char *verb, unsigned int off,
			  unsigned int width);

/* mock_fault.c: broken devices */
/* The faults of the machine string: 0 or -EINVAL, -ENOMEM. */
int rbi_mock_faults_from_spec(struct rb_mock_dev *dev);
void rbi_mock_faults_free(struct rb_mock_dev *dev);
/* One more access to a BAR: has the device died? */
bool rbi_mock_fault_access(struct rb_mock_dev *dev);
/* What a read gives with bits that are stuck. */
uint64_t rbi_mock_fault_value(const struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			      unsigned int width, uint64_t val);
/* One more interrupt of a pin (@index < 0) or of message @index: how often it is
 * delivered. */
unsigned int rbi_mock_fault_interrupt(struct rb_mock_dev *dev, int index);
/* Is the pin held by a storm? */
bool rbi_mock_fault_holds_pin(const struct rb_mock_dev *dev);
/* A line has interrupted: storms on it are one shorter. */
void rbi_mock_fault_line_fired(struct mock *mock, unsigned int line);
/* One more transfer: how many of the @len bytes move, or -EIO in *rc. */
size_t rbi_mock_fault_transfer(struct rb_mock_dev *dev, size_t len, int *rc);

#endif
