/* SPDX-License-Identifier: MIT */
/**
 * @file pci_caps.h
 * Capabilities of PCI functions: configuration space as a view, its two lists of
 * capabilities, and what the capabilities say.
 *
 * A *view* is the configuration space of one function, however it can be had: of a
 * function that nobody has opened, of an open device, or of bytes that somebody
 * saved. Nothing is written through a view, and looking claims and enables nothing.
 *
 * A *walk* follows both lists as the specifications say (PCI 3.0, 6.7; PCIe 6.0,
 * 7.6.3): pointers may go backward, reserved bits of them are masked, each place is
 * visited once. Whatever a function says of itself is untrusted: what is wrong with a
 * list ends the walk there, what was found before stays, and rb_pci_caps_flaw() says
 * what it was.
 *
 * A *decoder*, rb_pci_read_msix() and its like, reads one capability into a struct
 * with a field for everything `lspci -vvv` would print of it: numbers with their unit
 * in the name, flags as bool, and the registers themselves as raw_... for what is too
 * rare to have a field. A struct begins with the size that its initializer sets, so
 * that later versions may add fields at the end:
 *
 * @code
 * struct rb_pci_express express = RB_PCI_EXPRESS_INIT;
 *
 * rc = rb_pci_read_express(rb_pci_view_dev(dev), 0, &express);
 * if (rc == 0 && express.has_link)
 *         printf("x%u at %u MT/s\n", express.lnksta_width, express.lnksta_speed_mts);
 * @endcode
 *
 * Threads: everything here from any number of threads at once, but a close not while
 * another call uses what is closed.
 */
#ifndef RBDRV_PCI_CAPS_H
#define RBDRV_PCI_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#ifdef __cplusplus
/** A struct of all zeros that knows its size: what the initializers below are in C++. */
template <typename T> T rb_pci_sized()
{
	T t = T();

	t.size = sizeof(T);
	return t;
}
/** Initializer of an output struct of this header. */
#define RB_PCI_SIZED(tag) rb_pci_sized<struct tag>()

extern "C" {
#else
/** Initializer of an output struct of this header. */
#define RB_PCI_SIZED(tag) { .size = sizeof(struct tag) }
#endif

/** Ids of the standard list (PCI Code and ID Assignment 1.11, 2). */
enum rb_pci_std_cap {
	RB_PCI_CAP_NULL = 0x00,	      /**< nothing here */
	RB_PCI_CAP_PM = 0x01,	      /**< power management: rb_pci_read_pm() */
	RB_PCI_CAP_AGP = 0x02,	      /**< accelerated graphics port */
	RB_PCI_CAP_VPD = 0x03,	      /**< vital product data */
	RB_PCI_CAP_SLOT_ID = 0x04,    /**< slot numbering of a bridge */
	RB_PCI_CAP_MSI = 0x05,	      /**< message signalled interrupts: rb_pci_read_msi() */
	RB_PCI_CAP_HOT_SWAP = 0x06,   /**< CompactPCI hot swap */
	RB_PCI_CAP_PCIX = 0x07,	      /**< PCI-X */
	RB_PCI_CAP_HT = 0x08,	      /**< HyperTransport */
	RB_PCI_CAP_VENDOR = 0x09,     /**< vendor specific: rb_pci_read_virtio() for one vendor */
	RB_PCI_CAP_DEBUG_PORT = 0x0a, /**< debug port of a USB controller */
	RB_PCI_CAP_CRC = 0x0b,	      /**< CompactPCI central resource control */
	RB_PCI_CAP_HOTPLUG = 0x0c,    /**< standard hot-plug controller */
	RB_PCI_CAP_SUBSYSTEM = 0x0d,  /**< subsystem ids of a bridge: rb_pci_read_subsystem() */
	RB_PCI_CAP_AGP3 = 0x0e,	      /**< AGP 8x */
	RB_PCI_CAP_SECURE = 0x0f,     /**< secure device */
	RB_PCI_CAP_EXPRESS = 0x10,    /**< PCI Express: rb_pci_read_express() */
	RB_PCI_CAP_MSIX = 0x11,	      /**< MSI-X: rb_pci_read_msix() */
	RB_PCI_CAP_SATA = 0x12,	      /**< SATA data and index registers */
	RB_PCI_CAP_AF = 0x13,	      /**< advanced features: rb_pci_read_af() */
	RB_PCI_CAP_EA = 0x14,	      /**< enhanced allocation */
	RB_PCI_CAP_FLAT_BRIDGE = 0x15 /**< flattening portal bridge */
};

/** Some ids of the extended list (PCI Code and ID Assignment 1.11, 3). */
enum rb_pci_ext_cap {
	RB_PCI_ECAP_NULL = 0x0000,	    /**< nothing here */
	RB_PCI_ECAP_AER = 0x0001,	    /**< advanced error reporting: rb_pci_read_aer() */
	RB_PCI_ECAP_VC = 0x0002,	    /**< virtual channel */
	RB_PCI_ECAP_DSN = 0x0003,	    /**< device serial number: rb_pci_read_dsn() */
	RB_PCI_ECAP_POWER_BUDGET = 0x0004,  /**< power budgeting */
	RB_PCI_ECAP_VENDOR = 0x000b,	    /**< vendor specific */
	RB_PCI_ECAP_ACS = 0x000d,	    /**< access control services: rb_pci_read_acs() */
	RB_PCI_ECAP_ARI = 0x000e,	    /**< alternative routing-id interpretation */
	RB_PCI_ECAP_ATS = 0x000f,	    /**< address translation: rb_pci_read_ats() */
	RB_PCI_ECAP_SRIOV = 0x0010,	    /**< single root I/O virtualization */
	RB_PCI_ECAP_PRI = 0x0013,	    /**< page requests */
	RB_PCI_ECAP_RESIZABLE_BAR = 0x0015, /**< resizable BAR: rb_pci_read_resizable_bar() */
	RB_PCI_ECAP_LTR = 0x0018,	    /**< latency tolerance reporting */
	RB_PCI_ECAP_PASID = 0x001b,	    /**< process address spaces */
	RB_PCI_ECAP_DPC = 0x001d,	    /**< downstream port containment */
	RB_PCI_ECAP_L1PM = 0x001e,	    /**< L1 substates */
	RB_PCI_ECAP_VF_RESIZABLE_BAR = 0x0024 /**< the same for virtual functions */
};

/** In fields of 32 bits with a unit: there is no upper bound. */
#define RB_PCI_UNLIMITED 0xffffffffu

/* --- views --------------------------------------------------------------------------- */

/** The configuration space of one function. */
struct rb_pci_view;

/**
 * Look at a function without claiming it.
 *
 * Reads go through the side door of the PCI server that enables nothing (contract
 * 4.10); the function of an inherited channel (contract 4.11) is read through that.
 * What lies past 256 bytes can be read where the PCI server offers it and a PCI Express
 * capability shows that it exists; see rb_pci_config_read32(). Blocks for some round
 * trips to the PCI server.
 *
 * @param ctx       the context; the view keeps a reference
 * @param addr      the function
 * @param[out] out  the view, owned by the caller until rb_pci_view_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   @p ctx or @p out is NULL
 * @retval -ENOENT   nothing answers at @p addr
 * @retval -EACCES   this process may not read configuration space
 * @retval -ENOTSUP  there is no PCI here, or no way to read without claiming
 * @retval -ENODEV   the machine or the PCI server is gone
 * @retval -EPROTO   the PCI server's answers make no sense
 * @retval -EIO      the system failed
 * @retval -ENOMEM   out of memory or descriptors
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_view_open(struct rb_ctx *ctx, struct rb_pci_addr addr,
					  struct rb_pci_view **out);

/**
 * Look at configuration space that somebody saved. Never blocks.
 *
 * @param bytes     the bytes from offset 0 on, copied
 * @param len       how many, 64-4096, a multiple of 4; above 256 they hold the extended
 *                  space too
 * @param[out] out  the view, owned by the caller until rb_pci_view_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or no such length
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_view_bytes(const void *bytes, size_t len,
					   struct rb_pci_view **out);

/**
 * Look at an open device. Never blocks.
 *
 * @param dev  the device
 * @return the view, owned by the device and valid as long as it; NULL for NULL
 * @since 0.1
 */
RB_EXPORT struct rb_pci_view *rb_pci_view_dev(struct rb_pci_dev *dev);

/**
 * Give up a view. In a child of fork() only memory is freed. Not while another call
 * uses the view.
 *
 * @param view  the view; NULL, and the view of a device, do nothing
 * @since 0.1
 */
RB_EXPORT void rb_pci_view_close(struct rb_pci_view *view);

/**
 * How many bytes of configuration space can be read.
 *
 * Blocks for some round trips to the PCI server, the first time that it is asked of a
 * live view.
 *
 * @param view  the view
 * @return 256 or 4096 for live views, the length of saved bytes, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer makes no sense
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_view_size(struct rb_pci_view *view);

/**
 * Read 32 bits. Live views block for one round trip to the PCI server, a second one
 * when the answer is all-ones, to see whether the function is still there.
 *
 * @param view      the view
 * @param off       byte offset, a multiple of 4
 * @param[out] val  the value, in the CPU's byte order; all-ones on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or @p off is not a multiple of the width
 * @retval -ERANGE  @p off is past what can be read of this function
 * @retval -ENODEV  the function is gone; never for saved bytes
 * @retval -EPROTO  the PCI server's answer makes no sense
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_view_read32(struct rb_pci_view *view, unsigned int off, uint32_t *val);

/**
 * Read 16 bits; see rb_pci_view_read32().
 *
 * @param view      the view
 * @param off       byte offset, a multiple of 2
 * @param[out] val  the value; all-ones on failure
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT int rb_pci_view_read16(struct rb_pci_view *view, unsigned int off, uint16_t *val);

/**
 * Read 8 bits; see rb_pci_view_read32().
 *
 * @param view      the view
 * @param off       byte offset
 * @param[out] val  the value; all-ones on failure
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT int rb_pci_view_read8(struct rb_pci_view *view, unsigned int off, uint8_t *val);

/**
 * Read bytes, for capabilities that have no decoder and for dumps. Live views block
 * for a round trip per dword.
 *
 * @param view  the view
 * @param off   byte offset of the first one, any
 * @param buf   receives @p len bytes as they lie in configuration space; undefined on
 *              failure
 * @param len   how many; 0 reads nothing
 * @return 0, or a negative errno as for rb_pci_view_read32()
 * @since 0.1
 */
RB_EXPORT int rb_pci_view_read(struct rb_pci_view *view, unsigned int off, void *buf, size_t len);

/* --- walks ---------------------------------------------------------------------------- */

/** The capabilities of one function, as a walk found them. */
struct rb_pci_caps;
/** One of them. */
struct rb_pci_cap;

/**
 * Walk both lists of capabilities.
 *
 * Standard ones come first, then extended ones, each in the order of its list. A flaw in
 * a list is no error, see rb_pci_caps_flaw(). The result is a copy that outlives the
 * view. Live views block for a round trip per capability and some more.
 *
 * @param view      the view
 * @param[out] out  the capabilities, owned by the caller until rb_pci_caps_close(); NULL
 *                  on failure
 * @return 0 (also when there is none), or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENODEV  the function is gone; never for saved bytes
 * @retval -EPROTO  the PCI server's answer makes no sense
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_caps_scan(struct rb_pci_view *view, struct rb_pci_caps **out);

/**
 * What was wrong with the lists. Never blocks.
 *
 * @param caps  the capabilities; NULL has no flaw
 * @return a sentence that names the place, owned by @p caps; NULL: nothing was wrong
 * @since 0.1
 */
RB_EXPORT const char *rb_pci_caps_flaw(const struct rb_pci_caps *caps);

/**
 * How many there are. Never blocks.
 *
 * @param caps  the capabilities; NULL counts as none
 * @return 0-1008
 * @since 0.1
 */
RB_EXPORT size_t rb_pci_caps_count(const struct rb_pci_caps *caps);

/**
 * One of them. Never blocks.
 *
 * @param caps   the capabilities; NULL counts as none
 * @param index  0 ... rb_pci_caps_count() - 1
 * @return the capability, owned by @p caps; NULL past the end
 * @since 0.1
 */
RB_EXPORT const struct rb_pci_cap *rb_pci_caps_get(const struct rb_pci_caps *caps, size_t index);

/**
 * Free what a walk found.
 *
 * @param caps  the capabilities; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_pci_caps_close(struct rb_pci_caps *caps);

/**
 * Id of a capability. Never blocks, as the getters below.
 *
 * @param cap  the capability; NULL answers 0
 * @return 0-0xfe of enum rb_pci_std_cap, 0-0xffff of enum rb_pci_ext_cap
 * @since 0.1
 */
RB_EXPORT unsigned int rb_pci_cap_id(const struct rb_pci_cap *cap);

/**
 * Where a capability begins.
 *
 * @param cap  the capability; NULL answers 0
 * @return its byte offset, a multiple of 4: 0x40-0xfc, or 0x100-0xffc for extended ones
 * @since 0.1
 */
RB_EXPORT unsigned int rb_pci_cap_offset(const struct rb_pci_cap *cap);

/**
 * Whether a capability is of the extended list.
 *
 * @param cap  the capability; NULL answers false
 * @return true for extended ones, whose ids are of enum rb_pci_ext_cap
 * @since 0.1
 */
RB_EXPORT bool rb_pci_cap_is_extended(const struct rb_pci_cap *cap);

/**
 * Version of an extended capability (PCIe 6.0, 7.6.3).
 *
 * @param cap  the capability; NULL answers 0
 * @return 0-15; 0 for standard ones, whose versions lie in different places
 * @since 0.1
 */
RB_EXPORT unsigned int rb_pci_cap_version(const struct rb_pci_cap *cap);

/**
 * How many bytes a capability owns, as far as that is known: its length by specification
 * where the library knows it, and never past the next capability or the end of its space.
 *
 * @param cap  the capability; NULL answers 0
 * @return bytes, its header included: 2-192, or 4-3840 for extended ones
 * @since 0.1
 */
RB_EXPORT unsigned int rb_pci_cap_length(const struct rb_pci_cap *cap);

/**
 * What people call a capability. Never blocks.
 *
 * @param id        its id
 * @param extended  whether it is of the extended list
 * @return static text such as "MSI-X" or "Advanced Error Reporting"; NULL for an id
 *         without a name
 * @since 0.1
 */
RB_EXPORT const char *rb_pci_cap_name(unsigned int id, bool extended);

/**
 * Find a capability in the standard list: the first with that id. Live views block for a
 * round trip per place.
 *
 * @param view      the view
 * @param id        id of enum rb_pci_std_cap, or any other
 * @param[out] off  its byte offset; left alone on failure
 * @return 0, or a negative errno:
 * @retval -ENOENT  the function has no such capability
 * @retval -EPROTO  it was not found before a flaw in the list, or the PCI server's answer
 *                  makes no sense
 * @retval -ENODEV  the function is gone; never for saved bytes
 * @retval -EINVAL  NULL
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_view_find_cap(struct rb_pci_view *view, uint8_t id,
					      unsigned int *off);

/**
 * Find a capability in the extended list: the first with that id. -ENOENT also where
 * there is no extended space to be read.
 *
 * @param view      the view
 * @param id        id of enum rb_pci_ext_cap, or any other
 * @param[out] off  its byte offset; left alone on failure
 * @return 0, or a negative errno as for rb_pci_view_find_cap()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_view_find_ext_cap(struct rb_pci_view *view, uint16_t id,
						  unsigned int *off);

/**
 * Find a capability of an open device in the standard list: rb_pci_view_find_cap() of
 * its view.
 *
 * @param dev       the device
 * @param id        id of enum rb_pci_std_cap, or any other
 * @param[out] off  its byte offset; left alone on failure
 * @return 0, or a negative errno as for rb_pci_view_find_cap()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_find_cap(struct rb_pci_dev *dev, uint8_t id, unsigned int *off);

/**
 * Find a capability of an open device in the extended list: rb_pci_view_find_ext_cap()
 * of its view.
 *
 * @param dev       the device
 * @param id        id of enum rb_pci_ext_cap, or any other
 * @param[out] off  its byte offset; left alone on failure
 * @return 0, or a negative errno as for rb_pci_view_find_cap()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_find_ext_cap(struct rb_pci_dev *dev, uint16_t id,
					     unsigned int *off);

/* --- decoders --------------------------------------------------------------------------- */

/**
 * Power management (PCI Power Management 1.2, 3.2).
 */
struct rb_pci_pm {
	uint32_t size;		/**< set by RB_PCI_PM_INIT */
	uint32_t off;		/**< where it was found */
	uint8_t version;	/**< 0-7; 3 is specification 1.2 */
	bool pme_clock;		/**< PME# needs the PCI clock */
	bool immediate_ready;	/**< accessible at once after a change to D0 */
	bool device_init;	/**< DSI: needs initialization of its own after a reset */
	bool d1;		/**< has power state D1 */
	bool d2;		/**< has power state D2 */
	bool pme_d0;		/**< can send PME from D0 */
	bool pme_d1;		/**< can send PME from D1 */
	bool pme_d2;		/**< can send PME from D2 */
	bool pme_d3hot;		/**< can send PME from D3hot */
	bool pme_d3cold;	/**< can send PME from D3cold */
	uint16_t aux_current_ma; /**< current drawn from auxiliary power, 0-375 mA */
	uint8_t state;		/**< power state now: 0-3 for D0-D3hot */
	bool no_soft_reset;	/**< keeps its state from D3hot to D0 */
	bool pme_enable;	/**< may send PME */
	bool pme_status;	/**< has, or would have, sent PME */
	uint8_t data_select;	/**< 0-15, what the data register tells */
	uint8_t data_scale;	/**< 0-3, its unit */
	uint8_t data;		/**< the data register */
	bool bridge_b3_in_d3;	/**< bridges: the secondary bus loses its power (B3), not only its
				     clock (B2), when the bridge goes to D3hot */
	bool bridge_clock_control; /**< bridges: bus power and clock control enabled */
	uint16_t raw_cap;	/**< PMC */
	uint16_t raw_control;	/**< PMCSR */
	uint8_t raw_bridge;	/**< PMCSR_BSE */
};
/** Initializer of struct rb_pci_pm. */
#define RB_PCI_PM_INIT RB_PCI_SIZED(rb_pci_pm)

/**
 * Message signalled interrupts (PCI 3.0, 6.8.1). PCI 3.0 ends at the pending bits; the
 * extended message data is of PCIe 6.0, 7.7.1.
 */
struct rb_pci_msi {
	uint32_t size;		/**< set by RB_PCI_MSI_INIT */
	uint32_t off;		/**< where it was found */
	bool enabled;		/**< messages are on */
	bool maskable;		/**< messages can be masked one by one */
	bool is_64bit;		/**< addresses have 64 bits */
	bool extended_data;	/**< can send 32 bits of data */
	bool extended_data_enabled; /**< and does */
	uint8_t messages;	/**< it can send: 1-32; 64 and 128 are encodings nobody defined */
	uint8_t messages_enabled; /**< it may send: the same */
	struct rb_bus_addr address; /**< where to; the high half is 0 without is_64bit */
	uint32_t data;		/**< message data; above 16 bits only with extended_data */
	uint32_t mask;		/**< a bit per message; 0 without maskable */
	uint32_t pending;	/**< a bit per message; 0 without maskable */
	uint16_t raw_control;	/**< message control */
};
/** Initializer of struct rb_pci_msi. */
#define RB_PCI_MSI_INIT RB_PCI_SIZED(rb_pci_msi)

/** MSI-X (PCI 3.0, 6.8.2). */
struct rb_pci_msix {
	uint32_t size;	      /**< set by RB_PCI_MSIX_INIT */
	uint32_t off;	      /**< where it was found */
	bool enabled;	      /**< messages are on */
	bool function_masked; /**< all vectors are masked */
	uint16_t vectors;     /**< entries of the table, 1-2048 */
	uint8_t table_bar;    /**< BAR of the table, 0-7; 6 and 7 are reserved */
	uint8_t pba_bar;      /**< BAR of the pending bits, the same */
	uint32_t table_off;   /**< byte offset of the table in its BAR, unchecked */
	uint32_t pba_off;     /**< byte offset of the pending bits in theirs, unchecked */
	uint16_t raw_control; /**< message control */
};
/** Initializer of struct rb_pci_msix. */
#define RB_PCI_MSIX_INIT RB_PCI_SIZED(rb_pci_msix)

/** Device and port types of PCI Express (PCIe 6.0, 7.5.3.2). */
enum rb_pci_express_type {
	RB_PCI_EXPRESS_ENDPOINT = 0x0,		    /**< endpoint */
	RB_PCI_EXPRESS_LEGACY = 0x1,		    /**< legacy endpoint */
	RB_PCI_EXPRESS_ROOT_PORT = 0x4,		    /**< port of a root complex */
	RB_PCI_EXPRESS_UPSTREAM = 0x5,		    /**< upstream port of a switch */
	RB_PCI_EXPRESS_DOWNSTREAM = 0x6,	    /**< downstream port of a switch */
	RB_PCI_EXPRESS_TO_PCI = 0x7,		    /**< bridge to PCI or PCI-X */
	RB_PCI_EXPRESS_FROM_PCI = 0x8,		    /**< bridge from PCI or PCI-X */
	RB_PCI_EXPRESS_INTEGRATED = 0x9,	    /**< endpoint integrated into the root complex */
	RB_PCI_EXPRESS_EVENT_COLLECTOR = 0xa	    /**< event collector of a root complex */
};

/** What indicators of slots show (PCIe 6.0, 7.5.3.10). */
enum rb_pci_indicator {
	RB_PCI_INDICATOR_RESERVED = 0, /**< no meaning */
	RB_PCI_INDICATOR_ON = 1,       /**< on */
	RB_PCI_INDICATOR_BLINK = 2,    /**< blinks */
	RB_PCI_INDICATOR_OFF = 3       /**< off */
};

/**
 * PCI Express (PCIe 6.0, 7.5.3). Field names begin with the register that they are of.
 *
 * Latencies are upper bounds in nanoseconds, RB_PCI_UNLIMITED for none. Link speeds are
 * in MT/s (2500, 5000, 8000, 16000, 32000, 64000, 128000), 0 for an encoding that means
 * none. Sets of speeds have bit 0 for 2500 MT/s, bit 1 for 5000, and so on. Power is in
 * mW, RB_PCI_UNLIMITED for "above 600 W". What a function has not is 0 throughout, see
 * the has_ fields.
 */
struct rb_pci_express {
	uint32_t size;	       /**< set by RB_PCI_EXPRESS_INIT */
	uint32_t off;	       /**< where it was found */
	uint8_t version;       /**< 0-15, of the capability: 1 or 2 */
	uint8_t type;	       /**< enum rb_pci_express_type, or another value 0-15 */
	bool slot_implemented; /**< the port leads to a slot */
	bool flit_mode;	       /**< supports flit mode */
	uint8_t interrupt;     /**< interrupt message number, 0-31 */
	bool has_link;	       /**< the lnk fields: all but what is integrated */
	bool has_slot;	       /**< the slt fields: ports that lead to a slot */
	bool has_root;	       /**< the root fields: root ports and event collectors */
	bool has_2;	       /**< the fields of devcap2, devctl2 and, with has_link, of lnkcap2,
				    lnkctl2, lnksta2: version 2 */
	uint16_t raw_flags;    /**< the PCI Express capabilities register */

	/* device capabilities, 7.5.3.3 */
	uint32_t raw_devcap;		     /**< the register */
	uint32_t devcap_max_payload_bytes;   /**< 128-16384; above 4096 reserved */
	uint8_t devcap_phantom_functions;    /**< bits of the function number it may use, 0-3 */
	bool devcap_extended_tag;	     /**< can use 8-bit tags */
	uint32_t devcap_l0s_latency_ns;	     /**< it accepts, 64-4000 */
	uint32_t devcap_l1_latency_ns;	     /**< it accepts, 1000-64000 */
	bool devcap_attention_button;	     /**< on the card */
	bool devcap_attention_indicator;     /**< on the card */
	bool devcap_power_indicator;	     /**< on the card */
	bool devcap_role_based_errors;	     /**< role-based error reporting */
	bool devcap_flr;		     /**< has function level reset */
	uint32_t devcap_slot_power_mw;	     /**< what the slot gives, as the port told it */

	/* device control, 7.5.3.4 */
	uint16_t raw_devctl;		       /**< the register */
	bool devctl_correctable;	       /**< reports correctable errors */
	bool devctl_non_fatal;		       /**< reports non-fatal errors */
	bool devctl_fatal;		       /**< reports fatal errors */
	bool devctl_unsupported_request;       /**< reports unsupported requests */
	bool devctl_relaxed_ordering;	       /**< may use it */
	bool devctl_extended_tag;	       /**< may use 8-bit tags */
	bool devctl_phantom_functions;	       /**< may use them */
	bool devctl_aux_power;		       /**< may draw it */
	bool devctl_no_snoop;		       /**< may use it */
	bool devctl_config_retry;	       /**< bit 15; bridges to PCI: retry of configuration
						    requests enabled */
	uint32_t devctl_max_payload_bytes;     /**< 128-16384 */
	uint32_t devctl_max_read_request_bytes; /**< 128-16384 */

	/* device status, 7.5.3.5 */
	uint16_t raw_devsta;		   /**< the register */
	bool devsta_correctable;	   /**< seen since it was cleared */
	bool devsta_non_fatal;		   /**< seen */
	bool devsta_fatal;		   /**< seen */
	bool devsta_unsupported_request;   /**< seen */
	bool devsta_aux_power;		   /**< there is some */
	bool devsta_transactions_pending;  /**< it waits for completions */

	/* link capabilities, 7.5.3.6 */
	uint32_t raw_lnkcap;		  /**< the register */
	uint32_t lnkcap_speed_mts;	  /**< highest */
	uint8_t lnkcap_width;		  /**< highest, in lanes */
	bool lnkcap_aspm_l0s;		  /**< has it */
	bool lnkcap_aspm_l1;		  /**< has it */
	uint32_t lnkcap_l0s_exit_ns;	  /**< time it takes */
	uint32_t lnkcap_l1_exit_ns;	  /**< time it takes */
	bool lnkcap_clock_pm;		  /**< clock power management */
	bool lnkcap_surprise_down;	  /**< reports it */
	bool lnkcap_active_reporting;	  /**< reports that the data link layer is active */
	bool lnkcap_bandwidth_notification; /**< reports changes of bandwidth */
	bool lnkcap_aspm_compliance;	  /**< ASPM optionality compliance */
	uint8_t lnkcap_port;		  /**< port number, 0-255 */

	/* link control, 7.5.3.7 */
	uint16_t raw_lnkctl;		  /**< the register */
	bool lnkctl_aspm_l0s;		  /**< enabled */
	bool lnkctl_aspm_l1;		  /**< enabled */
	uint8_t lnkctl_rcb_bytes;	  /**< read completion boundary: 64 or 128 */
	bool lnkctl_disable;		  /**< the link is switched off */
	bool lnkctl_common_clock;	  /**< both ends share a clock */
	bool lnkctl_extended_synch;	  /**< extended synch */
	bool lnkctl_clock_pm;		  /**< enabled */
	bool lnkctl_autonomous_width_off; /**< no change of width by hardware's own will */
	bool lnkctl_bandwidth_interrupt;  /**< interrupt for managed bandwidth changes */
	bool lnkctl_autonomous_interrupt; /**< interrupt for autonomous bandwidth changes */
	bool lnkctl_flit_mode_off;	  /**< flit mode disabled */

	/* link status, 7.5.3.8 */
	uint16_t raw_lnksta;		  /**< the register */
	uint32_t lnksta_speed_mts;	  /**< now */
	uint8_t lnksta_width;		  /**< now, in lanes */
	bool lnksta_training_error;	  /**< version 1 only */
	bool lnksta_training;		  /**< goes on */
	bool lnksta_slot_clock;		  /**< uses the clock of the slot */
	bool lnksta_active;		  /**< data link layer active, where it is reported */
	bool lnksta_bandwidth_managed;	  /**< managed change seen */
	bool lnksta_bandwidth_autonomous; /**< autonomous change seen */

	/* slot capabilities, 7.5.3.9 */
	uint32_t raw_sltcap;		/**< the register */
	bool sltcap_attention_button;	/**< has one */
	bool sltcap_power_controller;	/**< has one */
	bool sltcap_mrl_sensor;		/**< has one, for the manual retention latch */
	bool sltcap_attention_indicator; /**< has one */
	bool sltcap_power_indicator;	/**< has one */
	bool sltcap_surprise;		/**< cards may vanish */
	bool sltcap_hotplug;		/**< cards may come and go */
	bool sltcap_interlock;		/**< has an electromechanical lock */
	bool sltcap_no_command_completed; /**< does not report completed commands */
	uint16_t sltcap_slot;		/**< physical slot number, 0-8191 */
	uint32_t sltcap_power_mw;	/**< what it gives */

	/* slot control, 7.5.3.10 */
	uint16_t raw_sltctl;		/**< the register */
	bool sltctl_attention_button;	/**< event enabled */
	bool sltctl_power_fault;	/**< event enabled */
	bool sltctl_mrl_sensor;		/**< event enabled */
	bool sltctl_presence;		/**< event enabled */
	bool sltctl_command_completed;	/**< event enabled */
	bool sltctl_link_state;		/**< event enabled */
	bool sltctl_interrupt;		/**< hot-plug interrupt enabled */
	uint8_t sltctl_attention_indicator; /**< enum rb_pci_indicator */
	uint8_t sltctl_power_indicator;	/**< enum rb_pci_indicator */
	bool sltctl_power_off;		/**< power is off */
	bool sltctl_interlock;		/**< the lock is being toggled */

	/* slot status, 7.5.3.11 */
	uint16_t raw_sltsta;		/**< the register */
	bool sltsta_attention_button;	/**< pressed */
	bool sltsta_power_fault;	/**< seen */
	bool sltsta_mrl_changed;	/**< the latch changed */
	bool sltsta_presence_changed;	/**< a card came or went */
	bool sltsta_command_completed;	/**< seen */
	bool sltsta_mrl_open;		/**< the latch is open */
	bool sltsta_present;		/**< there is a card */
	bool sltsta_interlock;		/**< the lock is engaged */
	bool sltsta_link_changed;	/**< the link came or went */

	/* root, 7.5.3.12 - 7.5.3.14 */
	uint16_t raw_rootcap;		/**< the register */
	uint16_t raw_rootctl;		/**< the register */
	uint32_t raw_rootsta;		/**< the register */
	bool rootcap_retry_visible;	/**< can show configuration retries to software */
	bool rootctl_correctable;	/**< system error for correctable errors */
	bool rootctl_non_fatal;		/**< system error for non-fatal errors */
	bool rootctl_fatal;		/**< system error for fatal errors */
	bool rootctl_pme_interrupt;	/**< interrupt for PME */
	bool rootctl_retry_visible;	/**< shows configuration retries to software */
	uint16_t rootsta_pme_requester;	/**< bus << 8 | device << 3 | function */
	bool rootsta_pme;		/**< one came */
	bool rootsta_pme_pending;	/**< another one waits */

	/* device capabilities 2, 7.5.3.15 */
	uint32_t raw_devcap2;		 /**< the register */
	uint8_t devcap2_timeout_ranges;	 /**< completion time-outs: bits 0-3 for ranges A-D */
	bool devcap2_timeout_disable;	 /**< they can be switched off */
	bool devcap2_ari_forwarding;	 /**< has it */
	bool devcap2_atomic_routing;	 /**< routes atomic operations */
	bool devcap2_atomic_32;		 /**< completes atomic operations of 32 bits */
	bool devcap2_atomic_64;		 /**< completes atomic operations of 64 bits */
	bool devcap2_cas_128;		 /**< completes compare-and-swap of 128 bits */
	bool devcap2_no_ro_pr_pr;	 /**< no passing of requests by relaxed ordering */
	bool devcap2_ltr;		 /**< latency tolerance reporting */
	uint8_t devcap2_tph;		 /**< TPH completer: 0 no, 1 yes, 3 extended too */
	uint8_t devcap2_ln_system;	 /**< LN system: 0 no, 1 64-byte, 2 128-byte lines */
	bool devcap2_tag10_completer;	 /**< completes 10-bit tags */
	bool devcap2_tag10_requester;	 /**< can use 10-bit tags */
	uint8_t devcap2_obff;		 /**< bit 0: by message, bit 1: by WAKE# */
	bool devcap2_extended_fmt;	 /**< extended format field */
	bool devcap2_end_end_prefix;	 /**< end-to-end TLP prefixes */
	uint8_t devcap2_max_prefixes;	 /**< of those, 1-4; 0 without them */
	uint8_t devcap2_emergency_power; /**< reduction: 0 no, 1 by device, 2 by form factor */
	bool devcap2_emergency_power_init; /**< needs initialization after it */
	bool devcap2_frs;		 /**< function readiness status messages */

	/* device control 2, 7.5.3.16 */
	uint16_t raw_devctl2;		 /**< the register */
	uint32_t devctl2_timeout_min_us; /**< completion time-out, 50-17000000; 0: reserved */
	uint32_t devctl2_timeout_max_us; /**< completion time-out, 100-64000000; 0: reserved */
	bool devctl2_timeout_disable;	 /**< it is off */
	bool devctl2_ari_forwarding;	 /**< enabled */
	bool devctl2_atomic_request;	 /**< may send atomic operations */
	bool devctl2_atomic_block;	 /**< does not let them out */
	bool devctl2_ido_request;	 /**< id-based ordering of requests */
	bool devctl2_ido_completion;	 /**< id-based ordering of completions */
	bool devctl2_ltr;		 /**< enabled */
	bool devctl2_emergency_power;	 /**< reduction requested */
	bool devctl2_tag10_request;	 /**< may use 10-bit tags */
	uint8_t devctl2_obff;		 /**< 0 off, 1 message A, 2 message B, 3 WAKE# */
	bool devctl2_prefix_block;	 /**< does not let end-to-end prefixes out */

	/* link capabilities 2, 7.5.3.18 */
	uint32_t raw_lnkcap2;		/**< the register */
	uint8_t lnkcap2_speeds;		/**< set of supported speeds */
	bool lnkcap2_crosslink;		/**< has it */
	bool lnkcap2_retimer_presence;	/**< notices one retimer */
	bool lnkcap2_retimers_presence;	/**< notices two */
	bool lnkcap2_drs;		/**< device readiness status */

	/* link control 2, 7.5.3.19 */
	uint16_t raw_lnkctl2;		/**< the register */
	uint32_t lnkctl2_target_mts;	/**< speed to aim at; register value 0 counts as 2500 */
	bool lnkctl2_enter_compliance;	/**< go into compliance mode */
	bool lnkctl2_autonomous_speed_off; /**< no change of speed by hardware's own will */
	bool lnkctl2_deemphasis_3_5db;	/**< selectable de-emphasis: -3.5 dB, else -6 dB */
	uint8_t lnkctl2_transmit_margin; /**< 0-7, 0 is normal */
	bool lnkctl2_modified_compliance; /**< modified compliance pattern */
	bool lnkctl2_compliance_sos;	/**< SKP ordered sets in it */
	uint8_t lnkctl2_compliance_preset; /**< preset or de-emphasis, 0-15 */

	/* link status 2, 7.5.3.20 */
	uint16_t raw_lnksta2;		/**< the register */
	bool lnksta2_deemphasis_3_5db;	/**< now: -3.5 dB, else -6 dB */
	bool lnksta2_equalized;		/**< equalization at 8 GT/s complete */
	bool lnksta2_phase1;		/**< its phase 1 successful */
	bool lnksta2_phase2;		/**< its phase 2 successful */
	bool lnksta2_phase3;		/**< its phase 3 successful */
	bool lnksta2_equalize_again;	/**< equalization requested */
	bool lnksta2_retimer;		/**< there is a retimer */
	bool lnksta2_retimers;		/**< there are two */
	uint8_t lnksta2_crosslink;	/**< 0 unsupported, 1 upstream, 2 downstream, 3 open */
	uint8_t lnksta2_downstream;	/**< downstream component presence, 0-7 (7.5.3.20) */
	bool lnksta2_drs_received;	/**< device readiness message came */
};
/** Initializer of struct rb_pci_express. */
#define RB_PCI_EXPRESS_INIT RB_PCI_SIZED(rb_pci_express)

/** Uncorrectable errors (PCIe 6.0, 7.8.4.2): bits of status, mask and severity. */
enum rb_pci_aer_uncorrectable {
	RB_PCI_AER_LINK_PROTOCOL = 1 << 4,	 /**< data link protocol */
	RB_PCI_AER_SURPRISE_DOWN = 1 << 5,	 /**< surprise down */
	RB_PCI_AER_POISONED = 1 << 12,		 /**< poisoned TLP received */
	RB_PCI_AER_FLOW_CONTROL = 1 << 13,	 /**< flow control protocol */
	RB_PCI_AER_COMPLETION_TIMEOUT = 1 << 14, /**< completion timeout */
	RB_PCI_AER_COMPLETER_ABORT = 1 << 15,	 /**< completer abort */
	RB_PCI_AER_UNEXPECTED_COMPLETION = 1 << 16, /**< unexpected completion */
	RB_PCI_AER_OVERFLOW = 1 << 17,		 /**< receiver overflow */
	RB_PCI_AER_MALFORMED = 1 << 18,		 /**< malformed TLP */
	RB_PCI_AER_ECRC = 1 << 19,		 /**< end-to-end checksum */
	RB_PCI_AER_UNSUPPORTED_REQUEST = 1 << 20, /**< unsupported request */
	RB_PCI_AER_ACS_VIOLATION = 1 << 21,	 /**< access control */
	RB_PCI_AER_INTERNAL = 1 << 22,		 /**< uncorrectable internal error */
	RB_PCI_AER_MULTICAST_BLOCKED = 1 << 23,	 /**< multicast TLP blocked */
	RB_PCI_AER_ATOMIC_BLOCKED = 1 << 24,	 /**< atomic operation blocked on its way out */
	RB_PCI_AER_PREFIX_BLOCKED = 1 << 25,	 /**< TLP prefix blocked */
	RB_PCI_AER_POISONED_BLOCKED = 1 << 26,	 /**< poisoned TLP blocked on its way out */
	RB_PCI_AER_DMWR_BLOCKED = 1 << 27,	 /**< deferrable write blocked on its way out */
	RB_PCI_AER_IDE_CHECK = 1 << 28,		 /**< IDE check failed */
	RB_PCI_AER_IDE_MISROUTED = 1 << 29,	 /**< misrouted IDE TLP */
	RB_PCI_AER_PCRC = 1 << 30		 /**< PCRC check failed */
};

/** The last uncorrectable error; an enum constant of C99 has no room for it. */
#define RB_PCI_AER_TRANSLATION_BLOCKED 0x80000000u

/** Correctable errors (PCIe 6.0, 7.8.4.5): bits of status and mask. */
enum rb_pci_aer_correctable {
	RB_PCI_AER_RECEIVER = 1 << 0,	     /**< receiver error */
	RB_PCI_AER_BAD_TLP = 1 << 6,	     /**< bad TLP */
	RB_PCI_AER_BAD_DLLP = 1 << 7,	     /**< bad DLLP */
	RB_PCI_AER_REPLAY_ROLLOVER = 1 << 8, /**< replay number rolled over */
	RB_PCI_AER_REPLAY_TIMEOUT = 1 << 12, /**< replay timer ran out */
	RB_PCI_AER_ADVISORY = 1 << 13,	     /**< advisory non-fatal error */
	RB_PCI_AER_CORRECTED_INTERNAL = 1 << 14, /**< corrected internal error */
	RB_PCI_AER_LOG_OVERFLOW = 1 << 15    /**< header log overflow */
};

/** Advanced error reporting (PCIe 6.0, 7.8.4). */
struct rb_pci_aer {
	uint32_t size;			 /**< set by RB_PCI_AER_INIT */
	uint32_t off;			 /**< where it was found */
	uint8_t version;		 /**< of the capability */
	uint8_t first_error;		 /**< bit number of the first uncorrectable error, 0-31 */
	uint32_t uncorrectable_status;	 /**< enum rb_pci_aer_uncorrectable */
	uint32_t uncorrectable_mask;	 /**< the same */
	uint32_t uncorrectable_severity; /**< the same; set is fatal */
	uint32_t correctable_status;	 /**< enum rb_pci_aer_correctable */
	uint32_t correctable_mask;	 /**< the same */
	uint32_t raw_control;		 /**< advanced error capabilities and control */
	bool ecrc_generation;		 /**< can generate ECRC */
	bool ecrc_generation_enabled;	 /**< and does */
	bool ecrc_check;		 /**< can check ECRC */
	bool ecrc_check_enabled;	 /**< and does */
	bool multiple_headers;		 /**< can record several headers */
	bool multiple_headers_enabled;	 /**< and does */
	bool prefix_log_present;	 /**< prefix_log is of the first error */
	bool timeout_log;		 /**< logs the headers of completion timeouts */
	uint32_t header_log[4];		 /**< header of the first error's TLP */
	uint32_t prefix_log[4];		 /**< its prefixes; 0 where there is no such log */

	bool has_root;			 /**< what follows: root ports and event collectors */
	bool root_correctable_enabled;	 /**< interrupts for correctable errors */
	bool root_non_fatal_enabled;	 /**< interrupts for non-fatal errors */
	bool root_fatal_enabled;	 /**< interrupts for fatal errors */
	bool root_correctable;		 /**< one came */
	bool root_correctable_multiple;	 /**< several came */
	bool root_uncorrectable;	 /**< one came */
	bool root_uncorrectable_multiple; /**< several came */
	bool root_first_fatal;		 /**< the first uncorrectable one was fatal */
	bool root_non_fatal;		 /**< non-fatal ones came */
	bool root_fatal;		 /**< fatal ones came */
	uint8_t root_interrupt;		 /**< interrupt message number, 0-31 */
	uint16_t root_correctable_source; /**< bus << 8 | device << 3 | function */
	uint16_t root_uncorrectable_source; /**< the same */
	uint32_t raw_root_command;	 /**< the register */
	uint32_t raw_root_status;	 /**< the register */
};
/** Initializer of struct rb_pci_aer. */
#define RB_PCI_AER_INIT RB_PCI_SIZED(rb_pci_aer)

/** Advanced features of conventional PCI (PCI-SIG ECN of 2006). */
struct rb_pci_af {
	uint32_t size;		   /**< set by RB_PCI_AF_INIT */
	uint32_t off;		   /**< where it was found */
	uint8_t length;		   /**< bytes, as the function says: 6 */
	bool transactions_pending_cap; /**< transactions_pending means something */
	bool flr;		   /**< has function level reset */
	bool transactions_pending; /**< it waits for completions */
	uint8_t raw_cap;	   /**< the register */
	uint8_t raw_control;	   /**< the register */
	uint8_t raw_status;	   /**< the register */
};
/** Initializer of struct rb_pci_af. */
#define RB_PCI_AF_INIT RB_PCI_SIZED(rb_pci_af)

/** Address translation services (PCIe 6.0, 10.5.1). */
struct rb_pci_ats {
	uint32_t size;		   /**< set by RB_PCI_ATS_INIT */
	uint32_t off;		   /**< where it was found */
	uint8_t version;	   /**< of the capability */
	bool enabled;		   /**< translations are used */
	bool page_aligned;	   /**< untranslated addresses are always page aligned */
	bool global_invalidate;	   /**< understands invalidation across PASIDs */
	bool relaxed_ordering;	   /**< may use it in translation requests */
	uint8_t queue_depth;	   /**< invalidations it can take, 1-32 */
	uint64_t smallest_unit_bytes; /**< smallest translation unit, 4096 << 0-31 */
	uint16_t raw_cap;	   /**< the register */
	uint16_t raw_control;	   /**< the register */
};
/** Initializer of struct rb_pci_ats. */
#define RB_PCI_ATS_INIT RB_PCI_SIZED(rb_pci_ats)

/** BARs that one capability can resize (PCIe 6.0, 7.8.6). */
#define RB_PCI_RESIZABLE_MAX 6

/** One resizable BAR. */
struct rb_pci_resizable {
	uint64_t sizes;	      /**< it can have: bit n is 1 MiB << n, 0-43 */
	uint64_t bytes;	      /**< its size; 0 for an encoding that means none */
	uint8_t bar;	      /**< which, 0-7; 6 and 7 are reserved */
	uint8_t code;	      /**< size as the register has it: bytes is 1 MiB << code */
	uint32_t raw_cap;     /**< the register */
	uint32_t raw_control; /**< the register */
};

/** Resizable BARs (PCIe 6.0, 7.8.6). */
struct rb_pci_resizable_bar {
	uint32_t size;	  /**< set by RB_PCI_RESIZABLE_BAR_INIT */
	uint32_t off;	  /**< where it was found */
	uint8_t version;  /**< of the capability */
	bool is_virtual;  /**< BARs of virtual functions */
	uint8_t count;	  /**< entries of bars, 1-6 */
	struct rb_pci_resizable bars[RB_PCI_RESIZABLE_MAX]; /**< the BARs */
};
/** Initializer of struct rb_pci_resizable_bar. */
#define RB_PCI_RESIZABLE_BAR_INIT RB_PCI_SIZED(rb_pci_resizable_bar)

/** Access controls (PCIe 6.0, 7.7.11.2): bits of cap and control. */
enum rb_pci_acs_bit {
	RB_PCI_ACS_SOURCE_VALIDATION = 1 << 0,	 /**< source validation */
	RB_PCI_ACS_TRANSLATION_BLOCKING = 1 << 1, /**< translation blocking */
	RB_PCI_ACS_REQUEST_REDIRECT = 1 << 2,	 /**< peer-to-peer requests go up */
	RB_PCI_ACS_COMPLETION_REDIRECT = 1 << 3, /**< peer-to-peer completions go up */
	RB_PCI_ACS_UPSTREAM_FORWARDING = 1 << 4, /**< upstream forwarding */
	RB_PCI_ACS_EGRESS_CONTROL = 1 << 5,	 /**< peer-to-peer egress control */
	RB_PCI_ACS_DIRECT_TRANSLATED = 1 << 6	 /**< direct translated peer-to-peer */
};

/** Access control services (PCIe 6.0, 7.7.11). */
struct rb_pci_acs {
	uint32_t size;	      /**< set by RB_PCI_ACS_INIT */
	uint32_t off;	      /**< where it was found */
	uint8_t version;      /**< of the capability */
	uint16_t cap;	      /**< the register; enum rb_pci_acs_bit: what it has */
	uint16_t control;     /**< the register; enum rb_pci_acs_bit: what is on */
	uint16_t egress_bits; /**< bits of egress, 1-256; 0 without egress control */
	uint32_t egress[8];   /**< egress control vector, bit 0 of word 0 first */
};
/** Initializer of struct rb_pci_acs. */
#define RB_PCI_ACS_INIT RB_PCI_SIZED(rb_pci_acs)

/** Device serial number (PCIe 6.0, 7.9.3). */
struct rb_pci_dsn {
	uint32_t size;	 /**< set by RB_PCI_DSN_INIT */
	uint32_t off;	 /**< where it was found */
	uint8_t version; /**< of the capability */
	uint64_t serial; /**< an EUI-64, its first byte the highest */
};
/** Initializer of struct rb_pci_dsn. */
#define RB_PCI_DSN_INIT RB_PCI_SIZED(rb_pci_dsn)

/** What a virtio capability leads to (Virtio 1.2, 4.1.4). */
enum rb_pci_virtio_type {
	RB_PCI_VIRTIO_COMMON = 1, /**< common configuration */
	RB_PCI_VIRTIO_NOTIFY = 2, /**< notifications */
	RB_PCI_VIRTIO_ISR = 3,	  /**< interrupt status */
	RB_PCI_VIRTIO_DEVICE = 4, /**< device configuration */
	RB_PCI_VIRTIO_PCI = 5,	  /**< window in configuration space */
	RB_PCI_VIRTIO_SHARED = 8, /**< shared memory region */
	RB_PCI_VIRTIO_VENDOR = 9  /**< vendor data */
};

/** A vendor capability of a virtio device (Virtio 1.2, 4.1.4). */
struct rb_pci_virtio {
	uint32_t size;		/**< set by RB_PCI_VIRTIO_INIT */
	uint32_t off;		/**< where it was found */
	uint8_t cap_bytes;	/**< length of the capability, as the device says */
	uint8_t type;		/**< enum rb_pci_virtio_type, or another value */
	uint8_t bar;		/**< 0-255; only 0-5 mean something */
	uint8_t id;		/**< which of several of one type */
	uint64_t region_off;	/**< byte offset in the BAR, unchecked; 64 bits for SHARED */
	uint64_t region_bytes;	/**< length there, unchecked; 64 bits for SHARED */
	uint32_t notify_multiplier; /**< NOTIFY: bytes between notification addresses */
};
/** Initializer of struct rb_pci_virtio. */
#define RB_PCI_VIRTIO_INIT RB_PCI_SIZED(rb_pci_virtio)

/** Subsystem ids of a bridge (PCI-to-PCI Bridge Architecture 1.2). */
struct rb_pci_subsystem {
	uint32_t size;	    /**< set by RB_PCI_SUBSYSTEM_INIT */
	uint32_t off;	    /**< where it was found */
	uint16_t subvendor; /**< subsystem vendor id */
	uint16_t subdevice; /**< subsystem id */
};
/** Initializer of struct rb_pci_subsystem. */
#define RB_PCI_SUBSYSTEM_INIT RB_PCI_SIZED(rb_pci_subsystem)

/**
 * Decode power management. Live views block for some round trips, as all decoders do.
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_PM_INIT; at most its size is filled, and nothing on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, @p out was not initialized, or @p off is none where such a
 *                  capability can be, or there is another one
 * @retval -ENOENT  @p off is 0, and there is no such capability
 * @retval -ERANGE  the view ends before the capability does
 * @retval -EPROTO  the capability passes the end of its space, contradicts itself, or
 *                  was not found before a flaw in the list; or the PCI server's answer
 *                  makes no sense
 * @retval -ENODEV  the function is gone; never for saved bytes
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_pm(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_pm *out);

/**
 * Decode MSI; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_MSI_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_msi(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_msi *out);

/**
 * Decode MSI-X; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_MSIX_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_msix(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_msix *out);

/**
 * Decode PCI Express; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_EXPRESS_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_express(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_express *out);

/**
 * Decode advanced error reporting; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_AER_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_aer(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_aer *out);

/**
 * Decode the advanced features of conventional PCI; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_AF_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_af(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_af *out);

/**
 * Decode address translation services; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_ATS_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_ats(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_ats *out);

/**
 * Decode resizable BARs, also those of virtual functions when @p off says where -EPROTO also for
 * a count of BARs that is not 1-6; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_RESIZABLE_BAR_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_resizable_bar(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_resizable_bar *out);

/**
 * Decode access control services; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_ACS_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_acs(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_acs *out);

/**
 * Decode the serial number; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_DSN_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_dsn(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_dsn *out);

/**
 * Decode a vendor capability of a virtio device (vendor 0x1af4). The
 * first one is rarely the one you want: take the offsets of those with id
 * RB_PCI_CAP_VENDOR from a walk, and look at the type. The data register of a window
 * (RB_PCI_VIRTIO_PCI) is not read, since that makes the device move data. See
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_VIRTIO_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_virtio(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_virtio *out);

/**
 * Decode the subsystem ids of a bridge; see
 * rb_pci_read_pm().
 *
 * @param view      the view
 * @param off       where the capability is; 0: the first of its kind
 * @param[out] out  starts as RB_PCI_SUBSYSTEM_INIT
 * @return 0, or a negative errno as there
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_read_subsystem(struct rb_pci_view *view, unsigned int off,
					struct rb_pci_subsystem *out);

#ifdef __cplusplus
}
#endif

#endif
