/* SPDX-License-Identifier: MIT */
/**
 * @file pci_match.h
 * Which functions a driver drives, and what is known to be wrong with them.
 *
 * An id table says what a driver drives. It is plain data, complete at compile time,
 * in C99 and in C++:
 *
 * @code
 * enum model { EDU, ANY_QEMU_NIC, ANY_ETHERNET };
 *
 * static const struct rb_pci_match table[] = {
 *         RB_PCI_MATCH_DEVICE_DATA(0x1234, 0x11e8, EDU),
 *         RB_PCI_MATCH(0x8086, 0x10d3, 0x1af4, RB_PCI_ANY_ID, 0, 0, ANY_QEMU_NIC),
 *         RB_PCI_MATCH(RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID,
 *                      0x020000, 0xffff00, ANY_ETHERNET),
 *         RB_PCI_MATCH_END
 * };
 *
 * found = rb_pci_match_find(table, rb_pci_list_get(list, i));
 * if (found && found->driver_data == EDU)
 *         rc = rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, i)), &dev);
 * @endcode
 *
 * Quirks are flags that say what a function cannot do although it claims to. The
 * library has a table of its own, that of Redox (contract 12.4); a driver adds what it
 * knows. Nothing takes a flag away. What the library does about each is written
 * beside the flag; the others are there for drivers to ask.
 *
 * Threads: everything here from any number of threads at once.
 */
#ifndef RBDRV_PCI_MATCH_H
#define RBDRV_PCI_MATCH_H

#include <stdint.h>

#include <rbdrv/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An id of an entry that may be anything. */
#define RB_PCI_ANY_ID 0xffff

/**
 * One entry of an id table. Every condition must hold. Initialize it by a macro below,
 * or with reserved all zero; it keeps its 64 bytes for good.
 */
struct rb_pci_match {
	uint16_t vendor;      /**< vendor id, or RB_PCI_ANY_ID */
	uint16_t device;      /**< device id, or RB_PCI_ANY_ID */
	uint16_t subvendor;   /**< subsystem vendor id, or RB_PCI_ANY_ID */
	uint16_t subdevice;   /**< subsystem id, or RB_PCI_ANY_ID */
	uint32_t class_code;  /**< class << 16 | subclass << 8 | programming interface */
	uint32_t class_mask;  /**< bits of class_code that must agree; 0: any class */
	uint64_t driver_data; /**< the driver's own; the library does not look at it */
	uint64_t reserved[5]; /**< zero; an entry that has more here matches nothing */
};

/** An entry from all its parts. */
#define RB_PCI_MATCH(vendor, device, subvendor, subdevice, class_code, class_mask, data) \
	{ (vendor), (device), (subvendor), (subdevice), (class_code), (class_mask), (data), \
	  { 0, 0, 0, 0, 0 } }

/** Vendor and device. */
#define RB_PCI_MATCH_DEVICE(vendor, device) RB_PCI_MATCH_DEVICE_DATA(vendor, device, 0)

/** Vendor and device, with data. */
#define RB_PCI_MATCH_DEVICE_DATA(vendor, device, data) \
	RB_PCI_MATCH(vendor, device, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0, 0, data)

/** Vendor and device as a certain maker built them in. */
#define RB_PCI_MATCH_SUBSYSTEM(vendor, device, subvendor, subdevice) \
	RB_PCI_MATCH(vendor, device, subvendor, subdevice, 0, 0, 0)

/** Everything of a class: RB_PCI_MATCH_CLASS(0x0c0330, 0xffffff) is xHCI. */
#define RB_PCI_MATCH_CLASS(class_code, class_mask)                                              \
	RB_PCI_MATCH(RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, class_code, \
		     class_mask, 0)

/** The end of a table. */
#define RB_PCI_MATCH_END RB_PCI_MATCH(0, 0, 0, 0, 0, 0, 0)

/**
 * Find the entry that says most about a function.
 *
 * Of several entries that match, one that names the device id goes before one that does
 * not; then the subsystem id, the subsystem vendor, the vendor, and at last the number
 * of class bits compared decide. Of equals the first wins. Never blocks; any thread.
 *
 * @param table  entries, ended by RB_PCI_MATCH_END: one with vendor, device,
 *               subvendor, subdevice and class_mask all 0. A table without an end is
 *               read past its memory. NULL is an empty one
 * @param info   the function, of a list or an open device; NULL matches nothing, as
 *               does one whose ids are not known
 * @return the entry, within @p table; NULL when none matches
 * @since 0.1
 */
RB_EXPORT const struct rb_pci_match *rb_pci_match_find(const struct rb_pci_match *table,
						       const struct rb_pci_info *info);

/** What is wrong with a function, or to be known of it. Source: contract 12.4. */
enum rb_pci_quirk {
	/** Its MSI does not work: not chosen by rb_irq_set_open(), and refused there. */
	RB_PCI_QUIRK_NO_MSI = 1 << 0,
	/** Its MSI-X does not work: the same. */
	RB_PCI_QUIRK_NO_MSIX = 1 << 1,
	/** Only its interrupt pin works: MSI and MSI-X as above. */
	RB_PCI_QUIRK_FORCE_LEGACY_IRQ = 1 << 2,
	/** No power management: rb_pci_set_power() is refused. */
	RB_PCI_QUIRK_NO_PM = 1 << 3,
	RB_PCI_QUIRK_NO_D3COLD = 1 << 4,   /**< does not come back from D3cold */
	RB_PCI_QUIRK_NO_ASPM = 1 << 5,	   /**< its active state power management fails */
	RB_PCI_QUIRK_NEED_IOMMU = 1 << 6,  /**< to be isolated by an IOMMU */
	RB_PCI_QUIRK_NO_IOMMU = 1 << 7,	   /**< not to be behind an IOMMU */
	/** Reaches memory below 4 GiB only: rb_dma_alloc() never gives it other memory. */
	RB_PCI_QUIRK_DMA_32BIT_ONLY = 1 << 8,
	RB_PCI_QUIRK_RESIZE_BAR = 1 << 9,  /**< its BARs report wrong sizes */
	/** BARs hold what firmware put there and are not to be sized. rb_pci_open() has done
	 * that when a driver adds it: it acts in the table only. */
	RB_PCI_QUIRK_DISABLE_BAR_SIZING = 1 << 10,
	RB_PCI_QUIRK_NEED_FIRMWARE = 1 << 11,	 /**< does nothing without firmware */
	RB_PCI_QUIRK_DISABLE_ACCEL = 1 << 12,	 /**< no acceleration */
	RB_PCI_QUIRK_FORCE_VRAM_ONLY = 1 << 13,	 /**< its own memory only */
	RB_PCI_QUIRK_NO_USB3 = 1 << 14,		 /**< USB 2 only */
	/** Slow after a reset: rb_pci_reset() waits longer. */
	RB_PCI_QUIRK_RESET_DELAY_MS = 1 << 15,
	RB_PCI_QUIRK_NO_STRING_FETCH = 1 << 16,	 /**< string descriptors are not to be read */
	RB_PCI_QUIRK_BAD_EEPROM = 1 << 17,	 /**< its EEPROM is not to be believed */
	/** Slow after bus mastering goes on: that call waits 10 ms. */
	RB_PCI_QUIRK_BUS_MASTER_DELAY = 1 << 18,
	RB_PCI_QUIRK_WRONG_CLASS = 1 << 19,	 /**< its class code is wrong */
	RB_PCI_QUIRK_BROKEN_BRIDGE = 1 << 20,	 /**< forwards wrongly */
	RB_PCI_QUIRK_NO_RESOURCE_RELOC = 1 << 21 /**< its resources are not to be moved */
};

/** All flags of enum rb_pci_quirk. */
#define RB_PCI_QUIRKS_ALL UINT64_C(0x3fffff)

/**
 * What the library's table knows of a function. Never blocks; any thread.
 *
 * @param info  the function, of a list or an open device
 * @return flags of enum rb_pci_quirk; 0 for NULL and where ids are not known
 * @since 0.1
 */
RB_EXPORT uint64_t rb_pci_quirks_of(const struct rb_pci_info *info);

/**
 * What holds for an open device: the table's flags and those its driver added. Never
 * blocks; any thread.
 *
 * @param dev  the device
 * @return flags of enum rb_pci_quirk; 0 for NULL
 * @since 0.1
 */
RB_EXPORT uint64_t rb_pci_quirks(const struct rb_pci_dev *dev);

/**
 * Add what a driver knows of its device. Holds for what is opened, allocated or
 * switched from then on, as long as the device is open; never taken back. Never
 * blocks; any thread.
 *
 * @param dev    the device
 * @param flags  flags of enum rb_pci_quirk, or-ed
 * @return 0, or a negative errno:
 * @retval -EINVAL  @p dev is NULL, or @p flags has bits that this library does not know
 * @retval -ENODEV  the context is the parent's
 * @since 0.1
 */
RB_EXPORT int rb_pci_add_quirks(struct rb_pci_dev *dev, uint64_t flags);

#ifdef __cplusplus
}
#endif
#endif
