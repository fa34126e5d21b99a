/* SPDX-License-Identifier: MIT */
/*
 * wrong.h - small wrong drivers, each with its corrected twin.
 *
 * A pair is two functions that do the same job on the same device, the adding machine
 * of wrong_device.c. The wrong one makes one mistake that driver authors make. It
 * must be caught *by name*: what the mock, the ledger or the library says of it must
 * contain the sentence that the table gives. Of its twin nobody may say anything.
 *
 * Only public headers: whoever tests a driver has no more than this.
 */
#ifndef WRONG_H
#define WRONG_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

/* --- the device: it adds bytes ------------------------------------------------------------ */

#define REG_ID	     0x00 /* reads ADDER_ID */
#define REG_CTRL     0x04
#define REG_STATUS   0x08
#define REG_CAUSE    0x0c /* why it interrupts; ones clear */
#define REG_SRC	     0x10 /* bus address of the bytes, 64 bits */
#define REG_DST	     0x18 /* bus address of the 32-bit sum, 64 bits */
#define REG_LEN	     0x20 /* bytes to add, at most 0xffff */
#define REG_DOORBELL 0x24 /* write-only: 1 starts */
#define REG_SUM	     0x28 /* read-only: the last sum */
#define REG_GAP	     0x40 /* no register here */
#define BAR_SIZE     4096

#define ADDER_ID      0xadd0
#define CTRL_IRQ      0x1u /* interrupt when done; the other bits are reserved */
#define STATUS_BUSY   0x1u
#define STATUS_DONE   0x2u /* the other bits mean nothing */
#define STATUS_PARITY 0x4u /* never set by this model: the wrong bit to wait for */
#define CAUSE_DONE    0x1u

/* A job takes 100 us. */
int adder_build(struct rb_mock_dev *dev, void *arg);
/* The same, with MSI-X of four vectors whose table is at the start of BAR 2. */
#define MSIX_BAR     2
#define MSIX_VECTORS 4
int adder_msix_build(struct rb_mock_dev *dev, void *arg);

/* --- what a driver is given ----------------------------------------------------------------- */

struct rig {
	struct rb_ctx *ctx;
	struct rb_mock_dev *mock; /* the device's side, for what befalls it */
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
};

/* A driver answers 0, the code of a call that failed, or this. */
#define WRONG_RESULT 1

typedef int (*driver_fn)(struct rig *rig);

struct wrong {
	const char *name; /* "forgets_to_publish" */
	const char *says; /* part of what catches it */
	driver_fn wrong, right;
	const char *machine; /* NULL: "mock" */
};

/* Run all pairs as cmocka tests, on @build's device or adder_build()'s; main's answer. */
int wrong_run_on(rb_mock_build_fn build, const struct wrong *pairs, size_t count);
int wrong_run(const struct wrong *pairs, size_t count);

/* --- what right drivers of this device have in common ---------------------------------------- */

/* A source and a destination of one page each, and interrupts of one kind. */
struct job {
	struct rb_dma_buf *src, *dst;
	struct rb_irq_set *irqs;
};

int job_open(struct rig *rig, struct job *job, enum rb_irq_kind kind);
/* Fill the source with @len bytes that add up to the answer; not published. */
uint32_t job_fill(struct job *job, uint32_t len);
/* Tell the device of source, destination and length, and ring. */
void job_start(struct rig *rig, struct job *job, uint32_t len);
/* Clear the cause; its deassertion has arrived when this returns. */
void job_quiet(struct rig *rig);
/* Wait for the end of a job, quiet the device, and take until there is nothing. */
int job_finish(struct rig *rig, struct job *job);
/* The sum in the destination, as the CPU sees it; not observed. */
uint32_t job_sum(const struct job *job);
/* All that is open; passes @rc on. */
int job_close(struct job *job, int rc);

#endif
