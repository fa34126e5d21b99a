/* SPDX-License-Identifier: MIT */
/**
 * @file pci.h
 * PCI functions: find them, claim one, read and write its configuration.
 *
 * Scanning never touches a device: it reads configuration space through the
 * side door that enables nothing. Opening a function is what a driver does
 * that means to drive it: Redox then locks it for this process and switches
 * bus mastering, memory and I/O decoding on (contract 4.2), so open only what
 * you will drive.
 *
 * Vendor, device and everything else a function says of itself is untrusted
 * input; the library checks what it uses, a driver checks what it uses.
 *
 * A function that has been removed reads all-ones. Once the library has seen
 * that, the device is *gone* for good: rb_pci_is_gone(), and calls that can
 * fail answer -ENODEV. Releasing still works.
 *
 * @code
 * struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
 * struct rb_pci_list *list;
 *
 * filter.vendor = 0x1234;
 * filter.device = 0x11e8;
 * rc = rb_pci_scan(ctx, &filter, &list);
 * if (rc == 0 && rb_pci_list_count(list) > 0)
 *         rc = rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &dev);
 * rb_pci_list_close(list);
 * @endcode
 *
 * Capabilities are in pci_caps.h, power and reset in pci_control.h, id tables and quirks
 * in pci_match.h, windows of BARs in mmio.h and pio.h.
 *
 * Threads: configuration access, scanning and getters from any number of threads
 * at once; the last release not while another call on the same device runs.
 */
#ifndef RBDRV_PCI_H
#define RBDRV_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/addr.h>
#include <rbdrv/ctx.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The place of a function: segment, bus, device, function. */
struct rb_pci_addr {
	uint32_t sbdf; /**< segment << 16 | bus << 8 | device << 3 | function */
};

/** Bytes that rb_pci_addr_format() needs, with the NUL. */
#define RB_PCI_ADDR_LEN 16

/**
 * An address from its parts.
 *
 * @param segment   PCI segment, 0-65535
 * @param bus       bus number, 0-255
 * @param device    device number, 0-31
 * @param function  function number, 0-7
 * @return the address; bits of a part above its range are dropped
 * @since 0.1
 */
static inline struct rb_pci_addr rb_pci_addr_make(unsigned int segment, unsigned int bus,
						  unsigned int device, unsigned int function)
{
	struct rb_pci_addr a;

	a.sbdf = ((uint32_t)segment & 0xffffu) << 16 | (bus & 0xffu) << 8 |
		 (device & 0x1fu) << 3 | (function & 7u);
	return a;
}

/**
 * Segment of an address.
 *
 * @param a  the address
 * @return 0-65535
 * @since 0.1
 */
static inline unsigned int rb_pci_addr_segment(struct rb_pci_addr a)
{
	return a.sbdf >> 16;
}

/**
 * Bus number of an address.
 *
 * @param a  the address
 * @return 0-255
 * @since 0.1
 */
static inline unsigned int rb_pci_addr_bus(struct rb_pci_addr a)
{
	return a.sbdf >> 8 & 0xffu;
}

/**
 * Device number of an address.
 *
 * @param a  the address
 * @return 0-31
 * @since 0.1
 */
static inline unsigned int rb_pci_addr_device(struct rb_pci_addr a)
{
	return a.sbdf >> 3 & 0x1fu;
}

/**
 * Function number of an address.
 *
 * @param a  the address
 * @return 0-7
 * @since 0.1
 */
static inline unsigned int rb_pci_addr_function(struct rb_pci_addr a)
{
	return a.sbdf & 7u;
}

/**
 * Write an address as text, "0000:00:1f.2". Never blocks, never fails; any thread.
 *
 * @param addr  the address
 * @param buf   receives the text and a NUL, at least RB_PCI_ADDR_LEN bytes
 * @return @p buf
 * @since 0.1
 */
RB_EXPORT char *rb_pci_addr_format(struct rb_pci_addr addr, char *buf);

/**
 * Read an address from text, "0000:00:1f.2" or "00:1f.2", hexadecimal in either
 * case, leading zeros optional. Never blocks; any thread.
 *
 * @param text       the text, nothing before or after the address
 * @param[out] addr  the address; left alone on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  @p text is no such address, or NULL
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_addr_parse(const char *text, struct rb_pci_addr *addr);

/** What a scan, or an open device, knows of one function. */
struct rb_pci_info;
/** The functions that a scan found. */
struct rb_pci_list;
/** A function claimed by this process. */
struct rb_pci_dev;

/**
 * Which functions a scan reports. Start from RB_PCI_FILTER_INIT, which matches
 * everything; each field that is set narrows it.
 */
struct rb_pci_filter {
	uint32_t size;	     /**< sizeof(struct rb_pci_filter), set by the macro */
	uint16_t vendor;     /**< vendor id; 0: any */
	uint16_t device;     /**< device id; 0: any */
	uint16_t subvendor;  /**< subsystem vendor id; 0: any */
	uint16_t subdevice;  /**< subsystem id; 0: any */
	uint32_t class_code; /**< class << 16 | subclass << 8 | programming interface */
	uint32_t class_mask; /**< bits of class_code that must agree; 0: any class */
	uint32_t addr;	     /**< address, as struct rb_pci_addr has it */
	uint32_t addr_mask;  /**< bits of addr that must agree; 0: any address */
	uint32_t exact;	     /**< RB_PCI_EXACT_...: ids that must agree although they are 0 */
	uint32_t include;    /**< RB_PCI_INCLUDE_...: what a scan leaves out otherwise */
};

/** Bits of rb_pci_filter.include: what the PCI server does not list. */
enum rb_pci_include {
	/**
	 * Bridges, to look at: Redox lists endpoints only, and rb_pci_open() of a bridge
	 * answers -ENOENT. The buses of segment 0 are walked from bus 0 on as the PCI
	 * server did when it started; a walk reads 32 places of each bus. Where the access
	 * endpoint (contract 4.10) cannot be had, no bridge is found.
	 */
	RB_PCI_INCLUDE_BRIDGES = 1
};

/** Bits of rb_pci_filter.exact: this id of the filter means 0 when it is 0, not "any". */
enum rb_pci_exact {
	RB_PCI_EXACT_VENDOR = 1,    /**< vendor */
	RB_PCI_EXACT_DEVICE = 2,    /**< device */
	RB_PCI_EXACT_SUBVENDOR = 4, /**< subvendor */
	RB_PCI_EXACT_SUBDEVICE = 8  /**< subdevice */
};

/** Initializer of struct rb_pci_filter. */
#define RB_PCI_FILTER_INIT { sizeof(struct rb_pci_filter), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Narrow a filter to addresses, as the option -s of lspci does:
 * [[[[SEGMENT]:]BUS]:][DEVICE][.[FUNCTION]], hexadecimal. A part that is
 * absent or "*" may be anything: "0:" is all of bus 0, "1f" device 1f of any bus,
 * ".2" function 2 of any device, "1:0:2.*" one device of segment 1.
 *
 * Sets @p filter's addr and addr_mask and leaves the rest alone, so both kinds of
 * pattern can go into one filter. A filter of addresses needs no ids: it also works
 * without permission to read them. Never blocks; any thread.
 *
 * @param filter   the filter, begun with RB_PCI_FILTER_INIT; left alone on failure
 * @param pattern  the pattern
 * @return 0, or a negative errno:
 * @retval -EINVAL  @p pattern is no such pattern, or a part is past its range (ffff,
 *                  ff, 1f, 7); NULL; @p filter is not set by its macro, or of an
 *                  age that had no addresses
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_filter_slot(struct rb_pci_filter *filter, const char *pattern);

/**
 * Narrow a filter to ids and classes, as the option -d of lspci does:
 * [VENDOR]:[DEVICE][:CLASS[:INTERFACE]], hexadecimal. A part that is absent or
 * "*" may be anything. The class is class << 8 | subclass, and an "x" in it stands
 * for any digit: "8086:" is a vendor, "::0200" Ethernet, "::03xx" every display
 * controller, "::0c03:30" xHCI. An id of 0 is that id.
 *
 * Sets @p filter's vendor, device, class_code, class_mask and their bits of exact and
 * leaves the rest alone. Never blocks; any thread.
 *
 * @param filter   the filter, begun with RB_PCI_FILTER_INIT; left alone on failure
 * @param pattern  the pattern; at least one ":"
 * @return 0, or a negative errno:
 * @retval -EINVAL  @p pattern is no such pattern, or a part is past its range (ffff,
 *                  ffff, ffff, ff); NULL; @p filter is not set by its macro, or of an
 *                  age that had no exact ids
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_filter_id(struct rb_pci_filter *filter, const char *pattern);

/**
 * List the functions of the machine.
 *
 * Opens, locks and enables nothing. Blocks for some reads of configuration
 * space per function. Sorted by address, each address once; functions that read
 * all-ones are not there any more and are left out. Any thread. Source: contract
 * 4.1, 4.10.
 *
 * Without permission to read configuration space the list still holds every
 * address, with rb_pci_info_known() false; a filter of ids or classes then cannot be
 * applied, one of addresses can.
 *
 * A driver that was started with PCID_CLIENT_CHANNEL (contract 4.11) always finds
 * the function of that channel, with its ids; without the permission above it
 * finds no other.
 *
 * @param ctx       the context
 * @param filter    what to report; NULL: everything
 * @param[out] out  the list, owned by the caller until rb_pci_list_close(); NULL
 *                  on failure
 * @return 0 (also for an empty list), or a negative errno:
 * @retval -EINVAL   @p ctx or @p out is NULL, or @p filter has an unknown nonzero
 *                   tail or unknown bits of exact or include
 * @retval -EACCES   there is a filter of ids, and this process may not read them
 * @retval -ENOTSUP  there is no PCI here, or a filter of ids and no way to read them
 * @retval -ENODEV   the PCI server is gone, or the context is the parent's; a machine
 *                   that died under its PCI server has an empty list instead
 * @retval -EPROTO   the PCI server's answers make no sense
 * @retval -EIO      the system failed
 * @retval -ENOMEM   out of memory
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_scan(struct rb_ctx *ctx, const struct rb_pci_filter *filter,
				     struct rb_pci_list **out);

/**
 * Scan again with the filter of an earlier scan, and tell what has changed.
 *
 * A function has arrived when its address was not in the earlier list, and departed
 * when it is not any more. Another identity at one address (ids, class, revision) is
 * both. Where one of the lists does not know the ids, the address alone decides. All
 * lists are sorted as those of rb_pci_scan(), and hold their own copies: @p before
 * may be closed first.
 *
 * A PCI server that looks at the bus only when it starts (contract 4) never lists
 * what arrives later; what has been removed reads all-ones and departs in any case,
 * as long as ids can be read.
 *
 * Blocks as a scan does. Any thread.
 *
 * @param before         an earlier list
 * @param[out] now       the functions there are; NULL on failure
 * @param[out] arrived   those of @p now that are new; NULL: do not tell
 * @param[out] departed  those of @p before that are not there any more, as they were;
 *                       NULL: do not tell
 * @return 0, or a negative errno, with no list made:
 * @retval -EINVAL   @p before or @p now is NULL
 * @retval -EACCES   there is a filter of ids, and this process may not read them
 * @retval -ENOTSUP  there is no PCI here, or a filter of ids and no way to read them
 * @retval -ENODEV   the PCI server is gone, or the context is the parent's
 * @retval -EPROTO   the PCI server's answers make no sense
 * @retval -EIO      the system failed
 * @retval -ENOMEM   out of memory
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_rescan(const struct rb_pci_list *before, struct rb_pci_list **now,
				       struct rb_pci_list **arrived,
				       struct rb_pci_list **departed);

/**
 * How many functions a list holds. Never blocks; any thread.
 * @param list  the list; NULL counts as empty
 * @return the number of functions
 * @since 0.1
 */
RB_EXPORT size_t rb_pci_list_count(const struct rb_pci_list *list);

/**
 * One function of a list. Never blocks; any thread.
 * @param list   the list; NULL counts as empty
 * @param index  0 ... rb_pci_list_count() - 1
 * @return what is known of it, owned by the list and valid until
 *         rb_pci_list_close(); NULL past the end
 * @since 0.1
 */
RB_EXPORT const struct rb_pci_info *rb_pci_list_get(const struct rb_pci_list *list, size_t index);

/**
 * Free a list and all that rb_pci_list_get() gave of it. Not while another call
 * uses it.
 * @param list  the list; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_pci_list_close(struct rb_pci_list *list);

/**
 * Address of a function. Never blocks; any thread, as the getters below.
 *
 * @param info  the function, of a list or an open device; NULL answers 0000:00:00.0
 * @return the address
 * @since 0.1
 */
RB_EXPORT struct rb_pci_addr rb_pci_info_addr(const struct rb_pci_info *info);

/**
 * Whether the ids below could be read; they are 0 otherwise.
 *
 * @param info  the function, of a list or an open device; NULL answers false
 * @return whether they are known
 * @since 0.1
 */
RB_EXPORT bool rb_pci_info_known(const struct rb_pci_info *info);

/**
 * Vendor id of a function.
 *
 * @param info  the function, of a list or an open device; NULL answers 0
 * @return the id; 0 while it is not known
 * @since 0.1
 */
RB_EXPORT uint16_t rb_pci_info_vendor(const struct rb_pci_info *info);

/**
 * Device id of a function.
 *
 * @param info  the function, of a list or an open device; NULL answers 0
 * @return the id; 0 while it is not known
 * @since 0.1
 */
RB_EXPORT uint16_t rb_pci_info_device(const struct rb_pci_info *info);

/**
 * Subsystem vendor id of a function.
 *
 * @param info  the function, of a list or an open device; NULL answers 0
 * @return the id; 0 while it is not known, and where the header has none in a
 *         fixed place (types other than 0)
 * @since 0.1
 */
RB_EXPORT uint16_t rb_pci_info_subvendor(const struct rb_pci_info *info);

/**
 * Subsystem id of a function.
 *
 * @param info  the function, of a list or an open device; NULL answers 0
 * @return the id; 0 while it is not known, and where the header has none in a
 *         fixed place (types other than 0)
 * @since 0.1
 */
RB_EXPORT uint16_t rb_pci_info_subdevice(const struct rb_pci_info *info);

/**
 * Class of a function.
 *
 * @param info  the function, of a list or an open device; NULL answers 0
 * @return class << 16 | subclass << 8 | programming interface; 0 while not known
 * @since 0.1
 */
RB_EXPORT uint32_t rb_pci_info_class(const struct rb_pci_info *info);

/**
 * Revision id of a function.
 *
 * @param info  the function, of a list or an open device; NULL answers 0
 * @return the id; 0 while it is not known
 * @since 0.1
 */
RB_EXPORT uint8_t rb_pci_info_revision(const struct rb_pci_info *info);

/**
 * Claim a function.
 *
 * Redox enables bus mastering, memory and I/O decoding and disables MSI and
 * MSI-X while opening (contract 4.2), and keeps everyone else out until the
 * last reference is gone. On Redox a driver that was started with
 * PCID_CLIENT_CHANNEL gets that channel when it opens the channel's function; it
 * stays the process's own until the context ends, and may be opened again.
 *
 * Without the right to claim devices nothing is touched: the right is looked up
 * at the access endpoint first, because a refused open of the function itself
 * would leave it enabled and locked (contract 4.2).
 *
 * Blocks for some round trips to the PCI server. Any thread.
 *
 * @param ctx       the context
 * @param addr      the function, from a list or rb_pci_addr_parse()
 * @param[out] out  the device, one reference owned by the caller; NULL on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   @p ctx or @p out is NULL
 * @retval -ENOENT   there is no such function, or the machine died before its PCI
 *                   server had looked at any
 * @retval -EBUSY    it is claimed, by another process or by this one
 * @retval -EACCES   this process may not claim devices
 * @retval -ENOTSUP  there is no PCI here
 * @retval -ENODEV   the function has been removed, or the machine is gone
 * @retval -EPROTO   the PCI server's answers make no sense
 * @retval -EIO      the system failed
 * @retval -ENOMEM   out of memory or descriptors
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_open(struct rb_ctx *ctx, struct rb_pci_addr addr,
				     struct rb_pci_dev **out);

/**
 * Add a reference. Never blocks; any thread.
 *
 * @param dev  the device; NULL is allowed
 * @return @p dev
 * @since 0.1
 */
RB_EXPORT struct rb_pci_dev *rb_pci_ref(struct rb_pci_dev *dev);

/**
 * Give up a reference. With the last one bus mastering is switched off and the
 * claim ends. Mappings, interrupt sets and buffers hold references of their own,
 * so order of release does not matter. The last one blocks for some round trips
 * to the PCI server. In a child of fork() only memory is freed.
 *
 * @param dev  the device; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_pci_unref(struct rb_pci_dev *dev);

/**
 * What is known of an open device. Never blocks; any thread.
 *
 * @param dev  the device
 * @return its address and ids, owned by the device; NULL for NULL
 * @since 0.1
 */
RB_EXPORT const struct rb_pci_info *rb_pci_info(const struct rb_pci_dev *dev);

/**
 * Whether the device has been seen to be gone: removed, or cut off from its PCI
 * server. Sticky. Asks nobody; a read of configuration space does. Any thread.
 *
 * @param dev  the device
 * @return true once it is gone; false for NULL
 * @since 0.1
 */
RB_EXPORT bool rb_pci_is_gone(const struct rb_pci_dev *dev);

/** What a base address register decodes. */
enum rb_pci_bar_kind {
	RB_PCI_BAR_NONE = 0,  /**< not implemented, or the upper half of a 64-bit one */
	RB_PCI_BAR_MEM32 = 1, /**< memory below 4 GiB */
	RB_PCI_BAR_MEM64 = 2, /**< memory anywhere; takes this slot and the next */
	RB_PCI_BAR_IO = 3     /**< I/O ports */
};

/** The index of the expansion ROM, where a BAR's is asked for. */
#define RB_PCI_BAR_ROM 6u

/** Bits of rb_pci_bar_flags(). */
enum rb_pci_bar_flag {
	/** memory whose reads have no side effects (PCI 3.0, 6.2.5.1) */
	RB_PCI_BAR_PREFETCHABLE = 1u << 0,
	/** I/O: the upper 16 bits cannot be written, so it lies below 64 Ki */
	RB_PCI_BAR_IO16 = 1u << 1
};

/**
 * Kind of a BAR, as the PCI server found it when it started, or as its register
 * says where Redox does not tell (I/O sizes always, the ROM in older versions:
 * contract 4.6). The library then sizes the register once, at rb_pci_open(), with
 * memory and I/O decoding off for as long as that takes, which is 4 round trips to
 * the PCI server for each such register and 3 around them. Bridges are spared, as the
 * devices behind them would be cut off meanwhile, and devices to which the table of
 * quirks gives RB_PCI_QUIRK_DISABLE_BAR_SIZING; their I/O sizes stay unknown, and so may the ROM.
 *
 * What cannot be true of a BAR is not believed: rb_pci_bar_flaw() says why, the log
 * too, and the BAR is RB_PCI_BAR_NONE. Never blocks; any thread. Source: PCI 3.0,
 * 6.2.5.1, 6.2.5.2.
 *
 * @param dev  the device; NULL has none
 * @param bar  0-5 or RB_PCI_BAR_ROM; others are RB_PCI_BAR_NONE
 * @return the kind; RB_PCI_BAR_MEM32 for an expansion ROM
 * @since 0.1
 */
RB_EXPORT enum rb_pci_bar_kind rb_pci_bar_kind(const struct rb_pci_dev *dev, unsigned int bar);

/**
 * Size of a BAR. Never blocks; any thread.
 * @param dev  the device; NULL has none
 * @param bar  0-5 or RB_PCI_BAR_ROM
 * @return bytes; 0 for no BAR, and for an I/O BAR that was not sized (see
 *         rb_pci_bar_kind())
 * @since 0.1
 */
RB_EXPORT uint64_t rb_pci_bar_size(const struct rb_pci_dev *dev, unsigned int bar);

/**
 * Where the machine put a memory BAR. For people and logs; map it with rb_mmio_map().
 * Not for a device: what another device is given is a bus address (addr.h). Never
 * blocks; any thread.
 *
 * @param dev  the device; NULL has none
 * @param bar  0-5 or RB_PCI_BAR_ROM
 * @return the physical address; 0 for I/O ports, for no BAR, and for one that was given
 *         no place
 * @since 0.1
 */
RB_EXPORT struct rb_phys_addr rb_pci_bar_phys(const struct rb_pci_dev *dev, unsigned int bar);

/**
 * Where the machine put a BAR of I/O ports. For people and logs; map it with
 * rb_pio_map(). Never blocks; any thread.
 *
 * @param dev  the device; NULL has none
 * @param bar  0-5
 * @return its first port; 0 for memory, for no BAR, and for one that was given no place
 * @since 0.1
 */
RB_EXPORT uint16_t rb_pci_bar_port(const struct rb_pci_dev *dev, unsigned int bar);

/**
 * What else a BAR says of itself. Never blocks; any thread.
 * @param dev  the device; NULL has none
 * @param bar  0-5 or RB_PCI_BAR_ROM
 * @return bits of enum rb_pci_bar_flag; 0 for no BAR
 * @since 0.1
 */
RB_EXPORT unsigned int rb_pci_bar_flags(const struct rb_pci_dev *dev, unsigned int bar);

/**
 * Why a BAR is not believed: a size that is 0 or no power of two, an address that is
 * not aligned to it, an end past what can be addressed (2^52; 2^32 or 2^16 for the
 * narrower kinds), a 64-bit one without a slot for its upper half, two of the
 * function that overlap (both are out then). Such a BAR is RB_PCI_BAR_NONE, and
 * rb_mmio_map() of it answers -ERANGE with this sentence. Never blocks; any thread.
 *
 * @param dev  the device; NULL has none
 * @param bar  0-5 or RB_PCI_BAR_ROM
 * @return a sentence, owned by the device; NULL: nothing is wrong with it
 * @since 0.1
 */
RB_EXPORT const char *rb_pci_bar_flaw(const struct rb_pci_dev *dev, unsigned int bar);

/**
 * Read 32 bits of configuration space.
 *
 * Redox moves aligned dwords only (contract 4.8); the narrower forms take theirs
 * out of the dword around it. Blocks for one round trip to the PCI server, a
 * second one when the answer is all-ones, to see whether the device is still
 * there. Any thread.
 *
 * Past 256 bytes a function must have been shown to have extended space: by the
 * PCI Express capability of a function on a link. One integrated into the root
 * complex proves nothing, nor does one on bus 0 that is no root port: such functions
 * also exist where Redox has only the old port access, as in QEMU's machine "pc",
 * and its PCI server would not survive the request.
 *
 * @param dev       the device
 * @param off       byte offset, a multiple of 4, below 256, or below 4096 with
 *                  extended space
 * @param[out] val  the value, in the CPU's byte order; all-ones on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or @p off is not a multiple of the width
 * @retval -ERANGE  @p off is past configuration space, or extended space is not
 *                  shown to exist
 * @retval -EACCES  machine "pci": the host shows only 64 bytes to users that are not root
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer makes no sense, now or earlier
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_config_read32(struct rb_pci_dev *dev, unsigned int off, uint32_t *val);

/**
 * Ask whether a device is still there: read its vendor id. What to do when a register
 * reads all-ones where it never should: on hardware that is all one sees of a device
 * that was pulled out. Once it is gone, every later call on it says so.
 *
 * Blocks for a round trip to the PCI server. Any thread.
 *
 * @param dev  the device
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENODEV  it is gone
 * @retval -EPROTO  the PCI server's answer makes no sense
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_check(struct rb_pci_dev *dev);

/**
 * Read 16 bits of configuration space; see rb_pci_config_read32().
 *
 * @param dev       the device
 * @param off       byte offset, a multiple of 2, range as there
 * @param[out] val  the value; all-ones on failure
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT int rb_pci_config_read16(struct rb_pci_dev *dev, unsigned int off, uint16_t *val);

/**
 * Read 8 bits of configuration space; see rb_pci_config_read32().
 *
 * @param dev       the device
 * @param off       byte offset, range as there
 * @param[out] val  the value; all-ones on failure
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT int rb_pci_config_read8(struct rb_pci_dev *dev, unsigned int off, uint8_t *val);

/**
 * Write 32 bits of configuration space. Blocks for one round trip to the PCI
 * server. Any thread.
 *
 * @param dev  the device
 * @param off  byte offset as for rb_pci_config_read32()
 * @param val  the value
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or @p off is not a multiple of the width
 * @retval -ERANGE  @p off is past configuration space, or extended space is not
 *                  shown to exist
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer makes no sense, now or earlier
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_config_write32(struct rb_pci_dev *dev, unsigned int off, uint32_t val);

/**
 * Write 16 bits of configuration space.
 *
 * Redox has no narrower write (contract 4.8): the dword around it is read, changed
 * and written under the device's lock. Status bits that ones clear and that the
 * caller's own bytes do not name are written as zeros, so that no write loses them for
 * their neighbours: those of the header, of bridges too (PCI 3.0, 6.2.3), and of the
 * power management, PCI-X, hot swap and PCI Express capabilities. In other dwords what
 * was read goes back: use the 32-bit form where a vendor has such bits. Blocks for two
 * round trips; the first write behind the header also for a search of the capability
 * list. Any thread.
 *
 * @param dev  the device
 * @param off  byte offset, a multiple of 2, range as for rb_pci_config_read32()
 * @param val  the value
 * @return 0, or a negative errno as for rb_pci_config_write32()
 * @since 0.1
 */
RB_EXPORT int rb_pci_config_write16(struct rb_pci_dev *dev, unsigned int off, uint16_t val);

/**
 * Write 8 bits of configuration space; see rb_pci_config_write16().
 *
 * @param dev  the device
 * @param off  byte offset, range as for rb_pci_config_read32()
 * @param val  the value
 * @return 0, or a negative errno as for rb_pci_config_write32()
 * @since 0.1
 */
RB_EXPORT int rb_pci_config_write8(struct rb_pci_dev *dev, unsigned int off, uint8_t val);

#ifdef __cplusplus
}
#endif
#endif
