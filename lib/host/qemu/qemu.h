/* SPDX-License-Identifier: MIT */
/*
 * qemu.h - machine qemu: QEMU's own device models as the hardware under hosted Redox.
 *
 *   qemu_start.c    how it starts, or why it does not    qemu_machine.c  operations, waiting, end
 *   qemu_args.c     machine string -> command line       qemu_proc.c  the process
 *   qemu_drive.c    drives: memory that QEMU inherits    qemu_net.c   networks
 *   qtest.c         register accesses over a socket      ivshmem.c    messages as eventfds
 *   qemu_io.c       the thread that owns the process and listens while nobody asks
 *   qemu_scan.c     the functions there are              qemu_bars.c  the addresses they get
 *   qemu_cfg.c      configuration space                  qemu_decode.c  who answers where
 *   qemu_mem.c      physical addresses, ports, RAM       qemu_irq.c   lines and vectors
 *   qemu_msix.c     message tables in BARs
 *   qemu_reset.c    reset of one function                qemu_host.c  <rbdrv/host.h>
 *   qemu_plug.c     devices come and go                  qemu_slot.c  the slots for them
 *   qmp.c           QEMU's monitor
 *
 * One lock, the one of the qtest connection, covers everything below that changes.
 * QEMU answers 0 where hardware answers all-ones, so the machine keeps a copy of
 * each function's command register, BARs and bridge windows and decides by itself
 * who decodes an address (qemu-notes 2).
 */
#ifndef RBI_HOST_QEMU_H
#define RBI_HOST_QEMU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/machine.h"
#include "host/qemu/ivshmem.h"
#include "host/qemu/qemu_args.h"
#include "host/qemu/qemu_proc.h"
#include "host/qemu/qtest.h"

/* --- the map of a q35 machine (qemu-notes 3) --------------------------------------------- */

#define QEMU_RAM_BASE	 0x100000u /* below 1 MiB lie holes and the firmware */
#define QEMU_ECAM_BASE	 0xb0000000u
#define QEMU_ECAM_SIZE	 0x10000000u
#define QEMU_MMIO_BASE	 0xc0000000u /* 32-bit BARs, up to the I/O APIC */
#define QEMU_MMIO_END	 0xfec00000u
#define QEMU_MMIO64_BASE 0x4000000000u /* 64-bit prefetchable BARs: above RAM, below 2^40 */
#define QEMU_MMIO64_END	 0x8000000000u
#define QEMU_IO_BASE	 0x1000u /* ports below belong to the chipset */
#define QEMU_IO_END	 0x10000u

#define QEMU_GSIS 24

/* --- PCI --------------------------------------------------------------------------------- */

#define QEMU_FUNCTIONS 2048 /* most that a machine may have */
#define QEMU_PLACES    0x10000 /* for functions in one segment */
#define QEMU_FN_NAME   24 /* bytes of a function's name */

#define QEMU_BARS      7 /* six, and the expansion ROM */
#define QEMU_BAR_ROM   6

struct rbi_qemu_bar {
	uint64_t base;
	uint64_t size; /* 0: none, or the upper half of the one before */
	bool io, is64, prefetch;
	bool off; /* of a ROM: it is not enabled */
};

struct rbi_qemu_window {
	uint64_t base, limit; /* inclusive; closed when base > limit */
};

/* One function, with a copy of those registers that decide what it decodes. */
struct rbi_qemu_fn {
	struct rb_pci_addr addr;
	int parent; /* index of the bridge above; -1: on bus 0 */
	bool gone; /* was there and has been removed */
	bool hidden; /* the machine's own doorbell; drivers do not see it */
	bool bridge;
	uint8_t secondary, subordinate; /* of a bridge; drivers cannot change them */
	bool pref64; /* of a bridge: its prefetchable window reaches above 4 GiB */
	uint8_t pin; /* 0 none, 1-4 */
	uint8_t line; /* what 0x3c was given; 0xff: none */
	unsigned int cfg_size; /* 256 or 4096 */
	unsigned int express; /* offset of the Express capability, 0: none */
	uint16_t command;
	struct {
		unsigned int entries, bar; /* 0 entries: no MSI-X */
		uint32_t off; /* of the table in the BAR */
		uint32_t *written; /* low half of each address as the driver wrote it; 0: none.
				      NULL: none at all */
	} msix;
	struct rbi_qemu_bar bar[QEMU_BARS];
	struct rbi_qemu_window io, mem, pref; /* of a bridge */
};

struct rbi_qemu_pci {
	struct rbi_qemu_fn *fn; /* parents stand before their children */
	size_t n, room;
	uint16_t *index; /* by address: 1 + the index in fn[]; 0: none */
	size_t hit; /* who decoded last; valid after rbi_qemu_decodes() said 1 */
	uint32_t cf8; /* the address latch of the port mechanism */
	uint64_t doorbell; /* where messages go; below 4 GiB */
};

/* --- interrupts -------------------------------------------------------------------------- */

/*
 *            raised                    take
 *   quiet ----------> counted, masked ------> masked
 *     ^                                        | unmask
 *     '------------- still raised? no <--------'   (yes: counted again)
 */
struct rbi_qemu_line {
	int fd; /* readable while count > 0 */
	uint32_t raised; /* a bit per GSI that is high on this line */
	bool masked;
	uint64_t count; /* not yet taken */
};

/* What a driver wrote and what the device got, to undo the exchange on reads. */
struct rbi_qemu_msg {
	struct rb_pci_addr fn;
	unsigned int index;
	struct rbi_msg written, given;
};

struct rbi_qemu_irq {
	struct rbi_qemu_line line[RBI_IRQ_LINES];
	int *vector; /* eventfds by IDT vector; those below 48 share one */
	unsigned int nvectors;
	struct rbi_qemu_msg *msg;
	size_t nmsgs, msg_room;
};

/* --- the machine ------------------------------------------------------------------------- */

enum rbi_qemu_phase { QEMU_STARTING, QEMU_RUNNING, QEMU_ENDED };

/* The thread that owns the process. */
struct rbi_qemu_io {
	pthread_t thread;
	bool ready, started; /* the lock can be used; the thread runs */
	int kick_fd; /* eventfd: look again, listen at once */
	_Atomic bool stop; /* end QEMU and the thread */
	_Atomic bool snoozing; /* not listening to qtest for the moment */
	pthread_mutex_t lock; /* phase, start_rc, start_why */
	pthread_cond_t changed;
	enum rbi_qemu_phase phase;
	int start_rc; /* why there is no process */
	char start_why[160];
};

struct rbi_qmp; /* qmp.h */

/*
 * Ports that take devices while the machine runs: those that were made for the devices of
 * the machine string, once these are gone, and empty ones.
 */
struct rbi_qemu_slots {
	pthread_mutex_t lock; /* one device at a time; taken before the lock of qtest */
	bool ready; /* the lock can be used */
	size_t ports, empty; /* made for devices; made empty: they follow */
	unsigned long serial; /* of the last device that came */
	int qmp_fd;
	struct rbi_qmp *qmp; /* the monitor; NULL before the first device, or without jansson */
};

#define QEMU_CHILD_FDS (RBI_QEMU_FD_END - RBI_QEMU_FD_RAM + RBI_QEMU_DRIVES + RBI_NETS)
_Static_assert(QEMU_CHILD_FDS <= RBI_QEMU_FDS, "they are handed down at once");

struct rbi_qemu {
	struct rbi_machine base;
	struct rbi_qemu_options opt;
	struct rbi_qtest qt;
	struct rbi_qemu_proc proc;
	struct rbi_ivshmem doorbell;
	struct rbi_qemu_io io;
	struct rbi_qemu_pci pci;
	struct rbi_qemu_irq irq;
	struct rbi_qemu_slots slots;
	char **argv; /* until the process runs */
	int child_fds[QEMU_CHILD_FDS]; /* its ends, RBI_QEMU_FD_RAM first; closed here once it runs */
	int ram_fd; /* the RAM, shared with QEMU */
	int qtest_fd;
	int net_fd[RBI_NETS]; /* our ends of networks; -1: it has none */
	int dead_fd; /* eventfd, readable once the machine has died */
};

static inline struct rbi_qemu *rbi_qemu_of(struct rbi_machine *m)
{
	return (struct rbi_qemu *)m;
}

static inline bool rbi_qemu_dead(struct rbi_qemu *q)
{
	return rbi_qtest_dead(&q->qt);
}

/* Does an access of @width at @off touch the registers [from, end)? */
static inline bool rbi_qemu_touches(unsigned int off, unsigned int width, unsigned int from,
				    unsigned int end)
{
	return off < end && off + width > from;
}

/* qemu_io.c: start the thread and by it the process; -ENOMEM. The thread ends itself
 * and the process at rbi_qemu_io_stop(). */
int rbi_qemu_io_init(struct rbi_qemu *q);
int rbi_qemu_io_start(struct rbi_qemu *q);
void rbi_qemu_io_stop(struct rbi_qemu *q);
void rbi_qemu_io_destroy(struct rbi_qemu *q, bool forked);
/* A caller is about to sleep: listen to QEMU at once. */
void rbi_qemu_io_listen(struct rbi_qemu *q);
/* Wait until the process has been reaped, at most @ms. */
bool rbi_qemu_io_await_end(struct rbi_qemu *q, unsigned int ms);

/* qemu_scan.c. With the lock held: find the functions, give them addresses and lines. */
int rbi_qemu_pci_start(struct rbi_qemu *q);
void rbi_qemu_pci_destroy(struct rbi_qemu *q);
/* The same for what has come into the empty port at @port. *first: the function found first.
 * On failure nothing of it is in the table. -EINVAL: no room, -EIO: nothing answers. */
int rbi_qemu_pci_arrived(struct rbi_qemu *q, struct rb_pci_addr port, struct rb_pci_addr *first);
/* What is below @port has gone: it reads all-ones, and its messages are forgotten. */
void rbi_qemu_pci_departed(struct rbi_qemu *q, struct rb_pci_addr port);
/* Is there any function below that has not gone? */
bool rbi_qemu_pci_occupied(struct rbi_qemu *q, struct rb_pci_addr port);

/* qemu_cfg.c. With the lock held; raw: past what drivers may see and do. */
int rbi_qemu_cfg_raw_read(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t *val);
int rbi_qemu_cfg_raw_write(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off,
			   unsigned int width, uint32_t val);
/* The first @len bytes of @fn's space at once. */
int rbi_qemu_cfg_raw_block(struct rbi_qemu *q, struct rb_pci_addr fn, void *buf, size_t len);
static inline uint32_t rbi_qemu_dword(const uint8_t *block, unsigned int off)
{
	return block[off] | (uint32_t)block[off + 1] << 8 | (uint32_t)block[off + 2] << 16 |
	       (uint32_t)block[off + 3] << 24;
}
/* Without waiting until it is done. */
int rbi_qemu_cfg_raw_post(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t val);
int rbi_qemu_cfg_get(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off,
		     unsigned int width, uint32_t *val);
int rbi_qemu_cfg_put(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off,
		     unsigned int width, uint32_t val);
struct rbi_qemu_fn *rbi_qemu_find_fn(struct rbi_qemu *q, struct rb_pci_addr addr);
/* "0000:00:1f.2" in a buffer of QEMU_FN_NAME bytes; for messages. */
char *rbi_qemu_fn_name(struct rb_pci_addr addr, char *buf);

/* qemu_decode.c. With the lock held: read back what a write to @fn may have changed. */
int rbi_qemu_copy_after(struct rbi_qemu *q, struct rbi_qemu_fn *fn, unsigned int off,
			unsigned int width);
/* Who decodes [addr, addr + width)? 1: a function that is there, number q->pci.hit; 0: nobody;
 * -ENODEV, with the reason: a function that has been removed did. */
int rbi_qemu_decodes(struct rbi_qemu *q, bool io, uint64_t addr, unsigned int width);

int rbi_qemu_op_functions(struct rbi_machine *m, struct rb_pci_addr *fns, size_t max);
int rbi_qemu_op_cfg_read(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			 unsigned int width, uint32_t *val);
int rbi_qemu_op_cfg_write(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			  unsigned int width, uint32_t val);
unsigned int rbi_qemu_op_cfg_size(struct rbi_machine *m, struct rb_pci_addr fn);
int rbi_qemu_op_claim(struct rbi_machine *m, struct rb_pci_addr fn);
void rbi_qemu_op_release(struct rbi_machine *m, struct rb_pci_addr fn);
int rbi_qemu_op_intx(struct rbi_machine *m, struct rb_pci_addr fn, struct rbi_intx *out);

/* qemu_bars.c: give every BAR and bridge an address, and let bridges decode. -EINVAL. */
int rbi_qemu_bars_assign(struct rbi_qemu *q);
/* The same for the functions from index @first on, all of them below bridge @port of bus 0,
 * whose windows become what they need. */
int rbi_qemu_bars_assign_below(struct rbi_qemu *q, size_t port, size_t first);
/* A bridge that has nothing below any more lets nothing through. */
int rbi_qemu_bars_close(struct rbi_qemu *q, size_t port);
/* Offset of BAR @i in configuration space. */
unsigned int rbi_qemu_bar_off(const struct rbi_qemu_fn *fn, unsigned int i);

/* qemu_mem.c */
bool rbi_qemu_op_is_ram(struct rbi_machine *m, uint64_t phys, uint64_t len);
int rbi_qemu_op_mem_read(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t *val);
int rbi_qemu_op_mem_write(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t val);
int rbi_qemu_op_port_read(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t *val);
int rbi_qemu_op_port_write(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t val);
size_t rbi_qemu_op_ram(struct rbi_machine *m, struct rbi_ram *ram, size_t max);
int rbi_qemu_op_ram_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu);
void rbi_qemu_op_ram_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *cpu);

/* qemu_irq.c */
int rbi_qemu_irq_init(struct rbi_qemu *q);
void rbi_qemu_irq_destroy(struct rbi_qemu *q);
/* The level of a GSI has changed; the lock is held. */
void rbi_qemu_irq_level(struct rbi_qemu *q, unsigned int gsi, bool level);
/* The legal interrupt line that a GSI is wired to. */
unsigned int rbi_qemu_line_of_gsi(unsigned int gsi);
unsigned int rbi_qemu_op_irq_count(struct rbi_machine *m);
int rbi_qemu_op_irq_fd(struct rbi_machine *m, unsigned int n);
int rbi_qemu_op_irq_take(struct rbi_machine *m, unsigned int n, uint64_t *count);
int rbi_qemu_op_irq_unmask(struct rbi_machine *m, unsigned int line);
int rbi_qemu_op_msg_connect(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int index,
			    unsigned int count, const struct rbi_msg *msg, struct rbi_msg *hw);
void rbi_qemu_op_msg_undo(struct rbi_machine *m, struct rb_pci_addr fn, const struct rbi_msg *hw,
			  struct rbi_msg *msg);

/* Forget what a driver wrote into the messages of @fn. */
void rbi_qemu_irq_forget(struct rbi_qemu *q, struct rb_pci_addr fn);

/* qemu_slot.c: the slots. With the lock held; -ENODEV, and as said. */
/* The port that a device is in; -ENOENT: no such function, -ENOTSUP: it is in no slot. */
int rbi_qemu_slot_of(struct rbi_qemu *q, struct rb_pci_addr fn, struct rb_pci_addr *port);
/* An empty port of ours: its number, or -EBUSY. */
int rbi_qemu_slot_find(struct rbi_qemu *q, struct rb_pci_addr *port);
int rbi_qemu_slot_power_on(struct rbi_qemu *q, struct rb_pci_addr port);
/* Off: QEMU takes the device away. */
int rbi_qemu_slot_power_off(struct rbi_qemu *q, struct rb_pci_addr port);
int rbi_qemu_slot_is_empty(struct rbi_qemu *q, struct rb_pci_addr port, bool *empty);

/* qemu_plug.c */
int rbi_qemu_slots_init(struct rbi_qemu *q);
void rbi_qemu_slots_destroy(struct rbi_qemu *q, bool forked);
int rbi_qemu_op_plug(struct rbi_machine *m, const struct rbi_spec_device *device,
		     struct rb_pci_addr *fn);
int rbi_qemu_op_unplug(struct rbi_machine *m, struct rb_pci_addr fn);
/* With the lock of the slots held: QEMU's monitor is there and q->slots.qmp is set. -ENOMEM;
 * -ENOTSUP in a library without jansson. */
int rbi_qemu_open_monitor(struct rbi_qemu *q);

/* qemu_net.c. Sockets for the networks: -ENOMEM. */
int rbi_qemu_make_nets(struct rbi_qemu *q);
int rbi_qemu_op_net_fd(struct rbi_machine *m, const char *name);
int rbi_qemu_op_net_link(struct rbi_machine *m, const char *name, bool up);

/* A local APIC, or what looks like one (contract 2.7). */
#define QEMU_APIC_BASE 0xfee00000u
static inline bool rbi_qemu_is_apic(uint64_t addr)
{
	return addr >> 20 == QEMU_APIC_BASE >> 20;
}

/*
 * qemu_msix.c. With the lock held. @cap: the MSI-X capability, 12 bytes.
 */
void rbi_qemu_msix_find(struct rbi_qemu_fn *fn, const uint8_t *cap);
/* Free what is remembered of it. */
void rbi_qemu_msix_forget(struct rbi_qemu_fn *fn);
/* @fn answers at @phys. Exchange *val when it is about to become the address of a message:
 * 0 or -ENOMEM. */
int rbi_qemu_msix_write(struct rbi_qemu *q, struct rbi_qemu_fn *fn, uint64_t phys,
			unsigned int width, uint64_t *val);
/* Undo that in what was read. */
void rbi_qemu_msix_read(struct rbi_qemu *q, const struct rbi_qemu_fn *fn, uint64_t phys,
			unsigned int width, uint64_t *val);

/* qemu_reset.c */
int rbi_qemu_op_reset(struct rbi_machine *m, struct rb_pci_addr fn);

/* qemu_machine.c */
extern const struct rbi_machine_ops rbi_qemu_ops;

#endif
