/* SPDX-License-Identifier: MIT */
/*
 * pci_private.h - what the files of lib/pci share; other rooms use pci_dev.h.
 */
#ifndef RBI_PCI_PRIVATE_H
#define RBI_PCI_PRIVATE_H

#include <rbdrv/pci_caps.h>

#include "pci/pci_dev.h"

/* Configuration space of every function (PCI 3.0, 6.1). */
#define RBI_PCI_ID 0x00u
#define RBI_PCI_COMMAND 0x04u /* the status register is the upper half */
#define RBI_PCI_CLASS 0x08u
#define RBI_PCI_HEADER 0x0cu
#define RBI_PCI_HEADER_TYPE(dword) ((dword) >> 16 & 0x7fu) /* bit 7: more functions */
#define RBI_PCI_BUSES 0x18u	/* header types 1 and 2: the secondary bus is byte 1 */
#define RBI_PCI_SUBSYSTEM 0x2cu /* header type 0 */
#define RBI_PCI_CAPS 0x34u	/* header types 0 and 1 */
#define RBI_PCI_CAPS_CARDBUS 0x14u /* header type 2 */

#define RBI_PCI_BAR0 0x10u
#define RBI_PCI_ROM 0x30u	 /* header type 0 */
#define RBI_PCI_ROM_BRIDGE 0x38u /* header type 1 */

#define RBI_PCI_COMMAND_IO 0x0001u
#define RBI_PCI_COMMAND_MEM 0x0002u
#define RBI_PCI_COMMAND_MASTER 0x0004u
#define RBI_PCI_COMMAND_NO_INTX 0x0400u
#define RBI_PCI_STATUS_CAPS 0x00100000u /* status bit 4, in the dword */

/* Does the dword at RBI_PCI_ID say that nobody is there? Such reads are all-ones. */
#define RBI_PCI_IS_NOBODY(id) (((id) & 0xffffu) == 0xffffu)

#define RBI_PCI_MSI_ENABLE (UINT32_C(1) << 16) /* of its first dword (PCI 3.0, 6.8.1.3) */

struct rb_pci_info {
	struct rb_pci_addr addr;
	bool known; /* what follows */
	uint8_t revision;
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subdevice;
	uint32_t class_code;
};

/* Bytes of a sentence about a BAR, with its NUL. */
#define RBI_PCI_FLAW_LEN 112

/* Bits of one dword that ones clear. pci_ones.c */
struct rbi_pci_ones {
	uint16_t off;
	uint32_t mask;
};
#define RBI_PCI_ONES_MAX 64u

/* Why a device is gone, and what that says about its DMA. */
enum rbi_pci_presence {
	RBI_PCI_PRESENT = 0,
	RBI_PCI_REMOVED = 1,	/* reads all-ones: it cannot reach memory either */
	RBI_PCI_UNREACHABLE = 2 /* its channel is gone: nobody knows what it does */
};

struct rb_pci_dev {
	_Atomic uint32_t refs;
	struct rb_ctx *ctx;
	struct rbi_pcid *channel;
	struct rb_pci_info info;
	char name[RB_PCI_ADDR_LEN];
	struct rbi_pci_bar bars[RBI_PCI_BARS];
	char flaws[RBI_PCI_BARS][RBI_PCI_FLAW_LEN]; /* "": the BAR is believed */
	struct rb_pci_view *view; /* rb_pci_view_dev() */
	unsigned int header_type;
	bool has_irq;
	struct rbi_wire_irq irq;
	struct rbi_live live;

	_Atomic int presence; /* enum rbi_pci_presence; never goes back to PRESENT */
	atomic_bool irq_claimed;
	pthread_mutex_t gone_lock; /* of the next two; taken inside of dev->lock */
	void (*on_gone)(void *arg);
	void *on_gone_arg;
	atomic_bool recovering; /* it cannot be asked just now; see pci_config.c */
	_Atomic unsigned int asking; /* threads that wait for an answer of its */
	_Atomic uint64_t quirks; /* enum rb_pci_quirk; only ever more of them */
	_Atomic(void *) dma_state; /* lib/dma's; pci_dma.c */
	const struct rbi_pci_dma_ops *dma_ops; /* does not change once dma_state is set */
	atomic_bool dma_keeps; /* it wants to know when the device is quiet */
	_Atomic int64_t master_ready_ns; /* until when it needs to get used to bus mastering */

	pthread_mutex_t lock;	/* read-modify-write of configuration space, and: */
	unsigned int buffers;	/* live DMA buffers */
	bool master_off;	/* rbi_pci_dma_end() switched bus mastering off */
	unsigned int messages;	/* 1 << enum rbi_wire_feature that is on */
	unsigned int messages_stuck; /* the same, that could not be switched off */
	bool ones_known, ones_known_extended;
	unsigned int ones_count;
	struct rbi_pci_ones ones[RBI_PCI_ONES_MAX];
};

/* --- pci_source.c: configuration space from wherever it can be had ----------------------- */

struct rbi_pci_source {
	int (*read)(const struct rbi_pci_source *from, unsigned int off, uint32_t *val);
	struct rbi_os *os; /* through the access endpoint or a config file: */
	int fd;
	struct rb_pci_addr addr;
	unsigned int size; /* bytes that may be asked for: 256, or 4096 */
	struct rbi_pcid *channel; /* or through an open channel */
};

/*
 * A function that nobody need have opened, and that stays so. Does not look whether it
 * is there: reads of one that is not are all-ones. -EACCES when this process may not
 * read configuration space; -ENOTSUP when this PCI server, or the lack of one, lets
 * nobody; -ENOENT when that can be told without reading; as rbi_os_open().
 */
int rbi_pci_source_open(struct rbi_os *os, struct rb_pci_addr addr, struct rbi_pci_source *from);
void rbi_pci_source_close(struct rbi_pci_source *from);

/* The same over what the caller holds, and closes. */
struct rbi_pci_source rbi_pci_source_access(struct rbi_os *os, int fd, struct rb_pci_addr addr);
struct rbi_pci_source rbi_pci_source_file(struct rbi_os *os, int fd);
struct rbi_pci_source rbi_pci_source_channel(struct rbi_pcid *channel);

/* One dword; all-ones on failure. -EINVAL when @off is no multiple of 4, -ERANGE past
 * 256 bytes, or 4096 once they are allowed. */
int rbi_pci_source_read(const struct rbi_pci_source *from, unsigned int off, uint32_t *val);
/* The caller knows that the function has extended space and that pcid can reach it:
 * reading past what there is ends pcid (contract 4.8). */
void rbi_pci_source_allow_extended(struct rbi_pci_source *from);

/* --- pci_open.c ------------------------------------------------------------------------- */

/* The name under which pcid lists an address; styles differ (contract 4.1). */
struct rbi_pci_search {
	struct rb_pci_addr addr;
	char name[RBI_PCID_NAME_MAX];
};

/* Fill in the name: 0, or -ENOENT and as rbi_pcid_list(). */
int rbi_pci_find_name(struct rbi_os *os, struct rbi_pci_search *search);
/* Was this process given a channel to the function at @addr? 1 with the channel; 0; or as
 * rbi_pcid_client() and rbi_pcid_config(). */
int rbi_pci_find_inherited(struct rbi_os *os, struct rb_pci_addr addr, struct rbi_pcid **out);

/* --- pci_ids.c: what a function says of itself ----------------------------------------- */

/* Everything of a function at @info->addr. 1, 0 when there is no function any more,
 * or a negative code. */
int rbi_pci_learn(const struct rbi_pci_source *from, struct rb_pci_info *info);
/* The same with ids from pcid, of an open channel. */
int rbi_pci_learn_function(struct rbi_pcid *channel, const struct rbi_wire_function *fn,
			   struct rb_pci_info *info);

/* --- pci_view.c: configuration space however it can be had ------------------------------- */

/* The view of @dev, whose name and context are set; NULL without memory. */
struct rb_pci_view *rbi_pci_view_new_dev(struct rb_pci_dev *dev);
void rbi_pci_view_free_dev(struct rb_pci_view *view);

/* --- pci_bar.c ----------------------------------------------------------------------- */

/* Fill @dev->bars from what pcid says, and ask the registers for what it does not say.
 * What cannot be true is NONE with a flaw, and logged. Codes as config access. */
int rbi_pci_take_bars(struct rb_pci_dev *dev, const struct rbi_wire_function *fn);

/* --- pci_size.c ---------------------------------------------------------------------- */

/* The offset of the register of BAR @index in a header of @type, 0 for none. */
unsigned int rbi_pci_bar_register(unsigned int type, unsigned int index);
/* Find the size of the I/O BARs and, if @rom, the place and size of the ROM, by
 * writing ones to their registers. Codes as config access. */
int rbi_pci_size_bars(struct rb_pci_dev *dev, bool rom);

/* --- pci_config.c --------------------------------------------------------------------- */

/* 0, or the refusal every call on an open device begins with. */
int rbi_pci_check(const struct rb_pci_dev *dev, const char *call);
/* One aligned dword; all-ones on failure. Notices a removed device. */
int rbi_pci_read_dword(struct rb_pci_dev *dev, unsigned int off, uint32_t *val);
int rbi_pci_write_dword(struct rb_pci_dev *dev, unsigned int off, uint32_t val);
/* Replace the bits of @mask in one dword by those of @bits; the caller holds
 * dev->lock. The status half of the command dword is written as zeros. */
int rbi_pci_update_dword(struct rb_pci_dev *dev, unsigned int off, uint32_t mask, uint32_t bits);

/* dev->lock, once the function can be asked. The machine's clock may move. */
void rbi_pci_lock(struct rb_pci_dev *dev);
void rbi_pci_unlock(struct rb_pci_dev *dev);
/*
 * Between these two the function cannot be asked, as it changes its power state or is
 * reset. Called with the lock, which is given up for the waits between them; everybody
 * else's accesses wait. Whoever began writes with rbi_pci_write_dword() and reads by
 * rbi_pci_wait_ready() only.
 */
void rbi_pci_recovery_begin(struct rb_pci_dev *dev);
void rbi_pci_recovery_end(struct rb_pci_dev *dev);

/* --- pci_ones.c ------------------------------------------------------------------------- */

/* Bits of the dword at @off that ones clear. The caller holds dev->lock. Codes as config
 * access. */
int rbi_pci_cleared_by_ones(struct rb_pci_dev *dev, unsigned int off, uint32_t *mask);

/* --- pci_express.c ----------------------------------------------------------------------- */

/* The capability @id with @size bytes of room: 1 with *cap; 0 with *cap 0 when there is
 * none; -EPROTO when it has no such room, or the list makes no sense; as config access. */
int rbi_pci_cap_room(struct rb_pci_dev *dev, uint8_t id, unsigned int size, unsigned int *cap);

/* Groups of registers of the PCI Express capability (PCIe 6.0, 7.5.3). */
#define RBI_PCI_EXPRESS_DEVICE 0x01u
#define RBI_PCI_EXPRESS_LINK 0x02u
#define RBI_PCI_EXPRESS_SLOT 0x04u
#define RBI_PCI_EXPRESS_ROOT 0x08u
#define RBI_PCI_EXPRESS_SECOND 0x10u /* Device Control 2 and what follows */
#define RBI_PCI_EXPRESS_ALL 0x1fu

struct rbi_pci_express {
	unsigned int cap; /* 0: none */
	unsigned int groups;
	bool has_root_errors; /* its AER has registers for those below it, too */
};

/* 0 with or without the capability; -EPROTO and as config access. */
int rbi_pci_express(struct rb_pci_dev *dev, struct rbi_pci_express *express);
/* Is there register @at bytes into the capability, which belongs to @group? */
bool rbi_pci_express_has(const struct rbi_pci_express *express, unsigned int group,
			 unsigned int at);

/* --- pci_saved.c, pci_reset.c ------------------------------------------------------------- */

struct rb_pci_saved;

/* One dword more, of which the bits of @mask go back: 0, or -EPROTO when it is full. */
int rbi_pci_keep(struct rb_pci_saved *saved, unsigned int off, uint32_t mask, uint32_t val);
/* All that extended space has. 0 without any; codes as config access. pci_saved_ext.c */
int rbi_pci_keep_extended(struct rb_pci_saved *saved, struct rb_pci_dev *dev);

/* rb_pci_save() and rb_pci_restore() with the lock held; restore of one that is awake. */
int rbi_pci_save_locked(struct rb_pci_dev *dev, struct rb_pci_saved **out);
int rbi_pci_restore_locked(struct rb_pci_dev *dev, const struct rb_pci_saved *saved);

/* What RB_PCI_QUIRK_RESET_DELAY_MS adds to the wait after a reset (contract 12.4). */
#define RBI_PCI_RESET_DELAY_US 100000u
/* Wait, up to a second of the machine's clock, until the function has a vendor id:
 * 0, -ETIMEDOUT, -ENODEV (and gone from now on), or as config access. */
int rbi_pci_wait_ready(struct rb_pci_dev *dev);

/* --- pci_dma.c ------------------------------------------------------------------------- */

/* The device is quiet: tell who waits for that. */
void rbi_pci_dma_quiet(struct rb_pci_dev *dev);
/* Bus mastering was switched off: if somebody waits for that, see whether it is, and
 * tell. Without the lock. Keeps the detail. */
void rbi_pci_dma_look(struct rb_pci_dev *dev);
/* The device goes. */
void rbi_pci_dma_free(struct rb_pci_dev *dev);

/* --- pci_policy.c --------------------------------------------------------------------- */

/* Bus mastering has just been switched on: where the device needs time after that, it
 * begins. */
void rbi_pci_master_is_on(struct rb_pci_dev *dev);
/* Wait until that time is over, on the machine's clock. Without the lock. */
void rbi_pci_settle_master(const struct rb_pci_dev *dev);

#endif
