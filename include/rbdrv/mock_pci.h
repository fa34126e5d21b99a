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
/** An I/O BAR of a device for PCs: the upper 16 bits of its register stay zero. */
#define RB_MOCK_BAR_IO16     (1u << 4)

/**
 * Give the device a BAR whose accesses call functions.
 *
 * @param dev    the device being built
 * @param bar    0-5
 * @param size   a power of two of bytes: memory from 16 bytes to 256 MiB, with
 *               64 bits to 1 TiB; I/O from 4 to 256
 * @param flags  RB_MOCK_BAR_64BIT, _PREFETCH, _IO, _IO16
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
 * @param flags  RB_MOCK_BAR_64BIT, _PREFETCH, _IO, _IO16, _DIRECT
 * @return 0, or a negative errno:
 * @retval -EINVAL  as for rb_mock_bar_ops(); RB_MOCK_BAR_DIRECT with I/O or with a
 *                  size that is no multiple of 4096
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_bar_ram(struct rb_mock_dev *dev, unsigned int bar, uint64_t size,
			      unsigned int flags);

/**
 * Give the device an expansion ROM (PCI 3.0, 6.2.5.2). It answers while its enable bit
 * and memory decoding are on; a write to it is a violation.
 *
 * @param dev    the device being built; a bridge is made one before
 * @param size   a power of two of bytes, from 2 KiB to 16 MiB
 * @param bytes  what is in it, copied; the rest reads all-ones; NULL for none
 * @param len    bytes at @p bytes, at most @p size
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, a bad number, a second one, or not while building
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_rom(struct rb_mock_dev *dev, uint32_t size, const void *bytes, size_t len);

/* --- bridges ---------------------------------------------------------------------------- */

/**
 * Make the device a PCI-to-PCI bridge (PCI-to-PCI Bridge 1.2, 3.2). What is plugged in
 * at an address on buses @p secondary to @p subordinate is behind it: its windows reach
 * over the BARs there, bridges above it lead to its buses, too, and removing it removes
 * everything behind it. It comes with decoding and bus mastering on, as firmware leaves
 * it. Numbers and windows that a driver writes are kept and move nothing.
 *
 * Call it before rb_mock_rom(). BARs 0 and 1 are all that a bridge has, and subsystem
 * ids are a capability of their own (id 0x0d).
 *
 * A built-in model "bridge" is QEMU's PCI Express root port, with a slot. It takes the
 * arguments `bus=`, the bus behind it (default: the first free one), and `last=`, the
 * last one that it leads to (default: `bus`), decimal or hexadecimal with 0x:
 * "mock:bridge,addr=00:1c.0,bus=1;edu,addr=01:00.0".
 *
 * @param dev          the device being built
 * @param secondary    the bus behind it, above its own, to 255
 * @param subordinate  the last bus that it leads to, @p secondary to 255
 * @return 0, or a negative errno:
 * @retval -EINVAL  numbers that cannot be, another bridge leads to that bus, a bridge
 *                  already, BARs above 1 or a ROM, or not while building
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_bridge(struct rb_mock_dev *dev, unsigned int secondary,
			     unsigned int subordinate);

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
#define RB_MOCK_PCIE_FLR	(1u << 0)
/** It is a root port, not an endpoint. Make it a bridge, too: rb_mock_bridge(). */
#define RB_MOCK_PCIE_ROOT_PORT	(1u << 1)
/** The root port has a slot that devices come to and go from; its number is the port's. */
#define RB_MOCK_PCIE_SLOT	(1u << 2)
/** It is an endpoint integrated into the root complex. */
#define RB_MOCK_PCIE_INTEGRATED (1u << 3)
/** An endpoint of PCI Express 1.1, whose capability has 20 bytes: it fits at 0xe0. */
#define RB_MOCK_PCIE_VERSION_1	(1u << 4)

/**
 * Give the device a PCI Express capability, once: an endpoint with one lane, or what the
 * flags say. Its
 * configuration space grows to 4096 bytes, the upper ones empty; drivers are let at them
 * behind a bridge only, unless it is a root port (rb_pci_config_read32()). A function-level
 * reset, bit 15 of device control, acts as rb_mock_on_reset() tells; every access in
 * the 100 ms after it is a violation and gives all-ones (PCIe 3.0, 6.6.2).
 *
 * @param dev    the device being built
 * @param flags  RB_MOCK_PCIE_FLR, _ROOT_PORT, _SLOT with _ROOT_PORT, _INTEGRATED,
 *               _VERSION_1 without _ROOT_PORT
 * @return the capability's offset in configuration space, or a negative errno as for
 *         rb_mock_cap_pm()
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_pcie(struct rb_mock_dev *dev, unsigned int flags);

/**
 * Give the device an extended capability (PCIe 6.0, 7.6.3): the first at 0x100, the
 * others behind it, linked in the order of the calls. Configuration space grows to 4096
 * bytes, with or without a PCI Express capability that would prove it.
 *
 * @param dev       the device being built
 * @param id        capability id, e.g. 0x0001 for Advanced Error Reporting
 * @param version   0-15
 * @param body      the bytes behind the header's four; copied
 * @param writable  a mask of bits that drivers may change, as long as @p body, copied;
 *                  NULL: none
 * @param cleared   a mask of bits that drivers clear by writing ones, the same way
 * @param len       bytes at @p body, 0 ... 3836
 * @return the capability's offset in configuration space, or a negative errno:
 * @retval -EINVAL  NULL, too long, a bad version, or not while building
 * @retval -ENOMEM  configuration space is full, or out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_cap_ext(struct rb_mock_dev *dev, uint16_t id, unsigned int version,
			      const void *body, const void *writable, const void *cleared,
			      size_t len);

/* --- devices that lie ------------------------------------------------------------------- */

/**
 * Set a dword of configuration space to whatever a test wants: a capability list that
 * runs in a circle, a BAR of 2^63 bytes, a header type that promises functions which
 * are not there. It is what a reset restores, too. While building or later.
 *
 * What it means elsewhere follows as from a driver's write (command register, addresses
 * of BARs that were described, MSI enable). Of the dword at 0x0c bit 7 of the header
 * type is the test's from now on; otherwise the mock sets it in every function of a
 * device that has several. Addresses of described BARs are assigned after the build
 * function, and that wins.
 *
 * @param dev       the device
 * @param off       0 ... 0xffc, a multiple of 4; from 0x100 on configuration space grows
 *                  to 4096 bytes
 * @param val       the value
 * @param writable  bits that drivers may change; none of the dword are cleared by ones
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL or another offset
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_cfg_raw(struct rb_mock_dev *dev, unsigned int off, uint32_t val,
			      uint32_t writable);

/**
 * Sees a read of configuration space, and says what is read. It may call
 * rb_mock_cfg_raw() and rb_mock_remove().
 *
 * @param dev    the device
 * @param arg    as given with the callback
 * @param off    byte offset, a multiple of @p width
 * @param width  1, 2 or 4
 * @param val    what the mock would answer
 * @return the value; bits above the width are ignored
 */
typedef uint32_t (*rb_mock_config_fn)(struct rb_mock_dev *dev, void *arg, unsigned int off,
				      unsigned int width, uint32_t val);

/**
 * Hear of every read of the device's configuration space, by its driver and by the
 * operating system. For a device that changes or goes away while somebody walks its
 * capabilities. While building or later.
 *
 * @param dev  the device
 * @param fn   the function; NULL: none
 * @param arg  passed to @p fn
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL device
 * @since 0.1
 */
RB_EXPORT int rb_mock_on_config(struct rb_mock_dev *dev, rb_mock_config_fn fn, void *arg);

#ifdef __cplusplus
}
#endif

#endif
