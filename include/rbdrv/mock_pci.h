/* SPDX-License-Identifier: MIT */
/**
 * @file mock_pci.h
 * What a mock device shows the PCI bus: ids, BARs, interrupts, capabilities.
 *
 * Part of <rbdrv/mock.h>, which tells how a device lives; include that one. These
 * calls work in the build function of a device.
 */
#ifndef RBDRV_MOCK_PCI_H
#define RBDRV_MOCK_PCI_H

#include <stddef.h>
#include <stdint.h>

#include <rbdrv/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A device in a mock. */
struct rb_mock_dev;

/* --- ids ----------------------------------------------------------------------------- */

/** What a device says of itself. Start from RB_MOCK_IDS_INIT. */
struct rb_mock_ids {
	uint32_t size; /**< sizeof(struct rb_mock_ids), set by the macro */
	uint16_t vendor; /**< vendor id; 0 and 0xffff are none */
	uint16_t device; /**< device id */
	uint32_t class_code; /**< class << 16 | subclass << 8 | programming interface */
	uint16_t subvendor; /**< subsystem vendor id */
	uint16_t subdevice; /**< subsystem id */
	uint8_t revision; /**< revision id */
	uint8_t reserved[3]; /**< zero */
};

/** Initializer of struct rb_mock_ids. */
#define RB_MOCK_IDS_INIT                                      \
	{                                                     \
		sizeof(struct rb_mock_ids), 0, 0, 0, 0, 0, 0, \
		{                                             \
			0, 0, 0                               \
		}                                             \
	}

/**
 * Set the ids. Every device needs them.
 *
 * @param dev  the device being built
 * @param ids  copied
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, no vendor, a nonzero unknown tail, or not while building
 * @since 0.1
 */
RB_EXPORT int rb_mock_ids(struct rb_mock_dev *dev, const struct rb_mock_ids *ids);

/* --- BARs ---------------------------------------------------------------------------- */

/**
 * Answers a register read.
 *
 * @param dev    the device
 * @param arg    as given with the callback
 * @param off    byte offset into the BAR, a multiple of @p width
 * @param width  1, 2, 4 or 8
 * @return the value; bits above the width are ignored
 */
typedef uint64_t (*rb_mock_read_fn)(struct rb_mock_dev *dev, void *arg, uint64_t off,
				    unsigned int width);

/**
 * Takes a register write.
 *
 * @param dev    the device
 * @param arg    as given with the callback
 * @param off    byte offset into the BAR, a multiple of @p width
 * @param width  1, 2, 4 or 8
 * @param val    the value; bits above the width are 0
 */
typedef void (*rb_mock_write_fn)(struct rb_mock_dev *dev, void *arg, uint64_t off,
				 unsigned int width, uint64_t val);

/** A memory BAR of 64 bits: placed above 4 GiB, takes its slot and the next. */
#define RB_MOCK_BAR_64BIT    (1u << 0)
/** A memory BAR that says it may be prefetched. */
#define RB_MOCK_BAR_PREFETCH (1u << 1)
/** An I/O BAR: ports instead of memory. */
#define RB_MOCK_BAR_IO	     (1u << 2)
/**
 * A RAM BAR that drivers touch without the mock's knowledge: no time, hooks,
 * watchdog or strictness there, but RBDRV_RAW_MMIO and full speed.
 */
#define RB_MOCK_BAR_DIRECT   (1u << 3)

/**
 * Give the device a BAR whose accesses call functions.
 *
 * @param dev    the device being built
 * @param bar    0-5
 * @param size   a power of two of bytes: memory from 16 bytes to 256 MiB, with
 *               64 bits to 1 TiB; I/O from 4 to 256
 * @param flags  RB_MOCK_BAR_64BIT, _PREFETCH, _IO
 * @param read   answers reads
 * @param write  takes writes
 * @param arg    passed to both
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, a bad number, size or flag, the BAR is taken, or not while
 *                  building
 * @since 0.1
 */
RB_EXPORT int rb_mock_bar_ops(struct rb_mock_dev *dev, unsigned int bar, uint64_t size,
			      unsigned int flags, rb_mock_read_fn read, rb_mock_write_fn write,
			      void *arg);

/**
 * Give the device a BAR of zeroed RAM. Add behaviour with rb_mock_on_read() and
 * rb_mock_on_write(); look and change with rb_mock_peek() and rb_mock_poke().
 *
 * @param dev    the device being built
 * @param bar    0-5
 * @param size   as for rb_mock_bar_ops(), at most 1 GiB
 * @param flags  RB_MOCK_BAR_64BIT, _PREFETCH, _IO, _DIRECT
 * @return 0, or a negative errno:
 * @retval -EINVAL  as for rb_mock_bar_ops(); RB_MOCK_BAR_DIRECT with I/O or with a
 *                  size that is no multiple of 4096
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_bar_ram(struct rb_mock_dev *dev, unsigned int bar, uint64_t size,
			      unsigned int flags);

/* --- interrupts and capabilities -------------------------------------------------------- */

/**
 * Give the device an interrupt pin; without one rb_mock_intx() does nothing.
 *
 * @param dev  the device being built
 * @param pin  1-4: INTA-INTD
 * @return 0, or a negative errno:
 * @retval -EINVAL  another pin, or not while building
 * @since 0.1
 */
RB_EXPORT int rb_mock_intx_pin(struct rb_mock_dev *dev, unsigned int pin);

/** The message address has 64 bits. */
#define RB_MOCK_MSI_64BIT   (1u << 0)
/** Each vector has a mask bit and a pending bit. */
#define RB_MOCK_MSI_MASKING (1u << 1)

/**
 * Give the device an MSI capability, once.
 *
 * @param dev           the device being built
 * @param vectors_log2  0-5: it can send 1, 2, 4, ... 32 messages
 * @param flags         RB_MOCK_MSI_64BIT, RB_MOCK_MSI_MASKING
 * @return the capability's offset in configuration space, or a negative errno:
 * @retval -EINVAL  a bad number or flag, a second one, or not while building
 * @retval -ENOMEM  configuration space is full
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_msi(struct rb_mock_dev *dev, unsigned int vectors_log2,
			      unsigned int flags);

/**
 * Give the device a capability made of bytes. The mock finds a place for it and
 * puts it at the head of the list, as QEMU does, so the list runs downwards.
 *
 * @param dev       the device being built
 * @param id        capability id, e.g. 0x09 for a vendor's
 * @param body      the bytes behind id and next pointer; copied
 * @param writable  a mask of bits that drivers may change, as long as @p body, copied;
 *                  NULL: none
 * @param len       bytes at @p body, 0 ... 190
 * @return the capability's offset in configuration space, or a negative errno:
 * @retval -EINVAL  NULL, too long, or not while building
 * @retval -ENOMEM  configuration space is full
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_raw(struct rb_mock_dev *dev, uint8_t id, const void *body,
			      const void *writable, size_t len);

/**
 * Choose where the next capability goes. Without it the mock takes the first place
 * that is free. A capability there that overlaps another or passes the end of
 * configuration space is refused.
 *
 * @param dev  the device being built
 * @param off  0x40-0xfc, a multiple of 4
 * @return 0, or a negative errno:
 * @retval -EINVAL  another offset, or not while building
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_place(struct rb_mock_dev *dev, unsigned int off);

/**
 * Give the device a vendor's capability (PCI 3.0, Appendix H): id 0x09, the next
 * pointer, a byte with the whole length, then the bytes given.
 *
 * @param dev       the device being built
 * @param body      the bytes behind the length; copied
 * @param writable  a mask of bits that drivers may change, as long as @p body, copied;
 *                  NULL: none
 * @param len       bytes at @p body, 0 ... 189
 * @return the capability's offset in configuration space, or a negative errno as for
 *         rb_mock_cap_raw()
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_vendor(struct rb_mock_dev *dev, const void *body, const void *writable,
				 size_t len);

/**
 * Give the device an MSI-X capability, once, with its table and its pending bits in
 * memory BARs (PCI 3.0, 6.8.2). There they answer in front of the BAR's own functions
 * or RAM. The table takes 16 bytes a vector, the pending bits 8 for each 64 vectors
 * begun. Violations are accesses of less than 4 bytes, writes to pending bits, and
 * changing the message of an entry that is enabled and not masked.
 *
 * @param dev        the device being built
 * @param vectors    1-2048
 * @param table_bar  the BAR that holds the table
 * @param table_off  where in it, a multiple of 8
 * @param pba_bar    the BAR that holds the pending bits
 * @param pba_off    where in it, a multiple of 8, not over the table
 * @return the capability's offset in configuration space, or a negative errno:
 * @retval -EINVAL  a bad number, offset or BAR, an overlap, a second one, or not while
 *                  building. The BARs may be described later: they are looked at when
 *                  the build function returns, and must be memory, not direct, large
 *                  enough, and without a register map's register in the same place
 * @retval -ENOMEM  configuration space is full, or out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_msix(struct rb_mock_dev *dev, unsigned int vectors,
			       unsigned int table_bar, uint64_t table_off, unsigned int pba_bar,
			       uint64_t pba_off);

/** The device keeps its state on the way from D3hot to D0. */
#define RB_MOCK_PM_NO_SOFT_RESET (1u << 0)

/**
 * Give the device a power management capability, once: states D0 and D3hot (PCI Power
 * Management 1.2). In D3hot configuration space answers; an access to a BAR gives
 * all-ones and is a violation, so is DMA, and interrupts do not leave the device. The
 * way back to D0 resets it as rb_mock_on_reset() tells, unless it keeps its state, and
 * takes 10 ms in which every access is a violation and gives all-ones.
 *
 * @param dev    the device being built
 * @param flags  0 or RB_MOCK_PM_NO_SOFT_RESET
 * @return the capability's offset in configuration space, or a negative errno:
 * @retval -EINVAL  a bad flag, a second one, or not while building
 * @retval -ENOMEM  configuration space is full
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_pm(struct rb_mock_dev *dev, unsigned int flags);

/** The device has function-level reset. */
#define RB_MOCK_PCIE_FLR (1u << 0)

/**
 * Give the device a PCI Express capability, once: an endpoint with one lane. Its
 * configuration space grows to 4096 bytes, the upper ones empty. A function-level
 * reset, bit 15 of device control, acts as rb_mock_on_reset() tells; every access in
 * the 100 ms after it is a violation and gives all-ones (PCIe 3.0, 6.6.2).
 *
 * @param dev    the device being built
 * @param flags  0 or RB_MOCK_PCIE_FLR
 * @return the capability's offset in configuration space, or a negative errno as for
 *         rb_mock_cap_pm()
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_pcie(struct rb_mock_dev *dev, unsigned int flags);

#ifdef __cplusplus
}
#endif

#endif
