/* SPDX-License-Identifier: MIT */
/*
 * pci_dev.h - what the rooms above (mmio, irq, dma) need of an open function.
 *
 * They hold a reference with rb_pci_ref() for as long as they use it, and call
 * rbi_ctx_check(rbi_pci_ctx(dev), "call") first, as every public call does. All
 * functions here may be called from any thread.
 */
#ifndef RBI_PCI_DEV_H
#define RBI_PCI_DEV_H

#include <stdbool.h>
#include <stdint.h>

#include <rbdrv/pci.h>
#include <rbdrv/pci_control.h>

#include "core/core.h"
#include "os/os_pcid.h"
#include "os/wire.h"

/* --- what it is -------------------------------------------------------------------- */

struct rb_ctx *rbi_pci_ctx(const struct rb_pci_dev *dev);
/* "0000:00:02.0", owned by the device: for sentences. */
const char *rbi_pci_name(const struct rb_pci_dev *dev);

/* For requests about MSI and MSI-X. Report what they answer to rbi_pci_note(). */
struct rbi_pcid *rbi_pci_channel(const struct rb_pci_dev *dev);

/* BARs 0-5, and the expansion ROM at RB_PCI_BAR_ROM. */
#define RBI_PCI_BARS 7u

/* A BAR after checking what pcid, or its register, says of it: a power of two in size,
 * aligned to it, below 2^52 (2^32 for 32-bit ones and the ROM), 64-bit ones in two
 * slots, over no other. What fails that is NONE, and rb_pci_bar_flaw() tells. A memory
 * BAR may still lie at address 0, unassigned. */
struct rbi_pci_bar {
	enum rb_pci_bar_kind kind;
	uint64_t addr;
	uint64_t size;	    /* 0: not known (I/O) or none */
	unsigned int flags; /* enum rb_pci_bar_flag */
};

/* BAR @index; NONE for an index above RB_PCI_BAR_ROM. */
struct rbi_pci_bar rbi_pci_bar(const struct rb_pci_dev *dev, unsigned int index);

/* Does the expansion ROM answer now? 1, 0, or as config reads. Only where there is one. */
int rbi_pci_rom_is_on(struct rb_pci_dev *dev);

/* The legacy interrupt line, as pcid computed it at open. False: it has none. */
bool rbi_pci_legacy_irq(const struct rb_pci_dev *dev, struct rbi_wire_irq *irq);

/* Flags of enum rb_pci_quirk (pci_match.h): the table's and those the driver added. */
uint64_t rbi_pci_quirks(const struct rb_pci_dev *dev);

/* --- is it still there? ------------------------------------------------------------ */

/* rb_pci_is_gone() looks and asks nobody. This one makes it so, for good. */
void rbi_pci_set_gone(struct rb_pci_dev *dev);
/* Is it off the bus? One whose channel has ended is gone, too, and may go on sending. */
bool rbi_pci_is_removed(const struct rb_pci_dev *dev);
/* Call @fn once when it goes, on whatever thread sees that: it must not call lib/pci. NULL
 * ends that; when this returns, @fn does not run any more. One at a time. */
void rbi_pci_on_gone(struct rb_pci_dev *dev, void (*fn)(void *arg), void *arg);
/* Read the vendor id: 0, or -ENODEV (and gone from now on), or as config reads. */
int rbi_pci_check_alive(struct rb_pci_dev *dev);
/* -ENODEV with a sentence when it is gone, else 0. No input or output. */
int rbi_pci_refuse_gone(const struct rb_pci_dev *dev);
/* Pass @rc through; -ENODEV from a channel makes the device gone. */
int rbi_pci_note(struct rb_pci_dev *dev, int rc);

/* --- interrupts -------------------------------------------------------------------- */

/* One interrupt set per device: -EBUSY when there is one. */
int rbi_pci_irq_claim(struct rb_pci_dev *dev);
void rbi_pci_irq_release(struct rb_pci_dev *dev);

/*
 * Switch MSI or MSI-X on: EnableFeature, then bus mastering when rbi_pci_dma_end()
 * had switched it off (messages are memory writes of the device). As long as
 * messages are on, the end of the last DMA buffer leaves bus mastering alone.
 * Codes as rbi_pcid_enable_feature().
 */
int rbi_pci_messages_on(struct rb_pci_dev *dev, enum rbi_wire_feature feature);
/* Let the function send 2^@log2 MSI messages. The request for messages has a field
 * for their count, which pcid checks and does not write (contract 16). -ENOENT: no
 * MSI capability; codes as config writes. */
int rbi_pci_set_messages(struct rb_pci_dev *dev, unsigned int log2);
/* Clear the enable bit in the capability; pcid has no request for that (contract
 * 4.8). 0, also when the capability is absent; codes as config writes. */
int rbi_pci_messages_off(struct rb_pci_dev *dev, enum rbi_wire_feature feature);
/* Let the function assert its interrupt pin, or forbid it (command bit 10). What an
 * earlier rbi_pci_messages_off() failed to switch off goes off first. */
int rbi_pci_intx(struct rb_pci_dev *dev, bool on);

/* --- DMA: bus mastering and live buffers -------------------------------------------- */

/*
 * Call rbi_pci_dma_begin() before a buffer's address can be given to the device,
 * and rbi_pci_dma_end() *before* the memory of a buffer goes back.
 *
 * The end of the last live buffer switches bus mastering off, so that nothing the
 * device still has in its queues can land in memory that belongs to somebody else,
 * and reads it back. The next begin switches it on again if that is how it went
 * off. While messages are on (rbi_pci_messages_on()) it stays on: without it the
 * device could not interrupt, and it is the driver who has quieted the device.
 *
 * begin: 0, or as config writes; the buffer is not counted then.
 * end: 0 when the memory may go back: bus mastering is off, or other buffers live, or
 * messages are on, or the function has been removed. A negative code when it could
 * not be shown that the device is quiet; the buffer is not counted any more then
 * either, and its memory should stay where it is. In a child of fork(): 0.
 */
int rbi_pci_dma_begin(struct rb_pci_dev *dev);
int rbi_pci_dma_end(struct rb_pci_dev *dev);

/*
 * What lib/dma knows of a device hangs on it and goes with it. Neither call may call
 * lib/pci.
 */
struct rbi_pci_dma_ops {
	/* The device is shown to be quiet: it cannot master the bus, has been reset, or has
	 * left the bus. Once after each rbi_pci_dma_keep(), on any thread. */
	void (*quiet)(void *state);
	/* The last reference to the device has gone. Also in a child of fork(). */
	void (*free)(void *state);
};

/* What hangs there; NULL: nothing yet. */
void *rbi_pci_dma_state(const struct rb_pci_dev *dev);
/* Hang @state there. Answers what does from now on: another's, if that was first. */
void *rbi_pci_dma_hang(struct rb_pci_dev *dev, void *state, const struct rbi_pci_dma_ops *ops);
/* rbi_pci_dma_end() has failed, and memory is kept: ops->quiet is wanted. It is called at
 * once if the function has been removed meanwhile, so without any lock that it takes. */
void rbi_pci_dma_keep(struct rb_pci_dev *dev);

#endif
