/* SPDX-License-Identifier: MIT */
/*
 * machine.h - the second waist: the hardware that hosted Redox stands on.
 *
 * The hosted schemes (host_pcid.c, host_memory.c, host_irq.c, ...) play the
 * operating system; a machine plays the hardware under it: mock (device models
 * in C), qemu (QEMU's own models), pci (the bus of the host, to look at), later vfio.
 * A machine knows nothing of schemes, profiles or uids.
 *
 * Addresses are CPU-physical. Widths are 1, 2, 4 or 8 and accesses aligned: the
 * hosted schemes have checked. Calls may come from any thread; a machine that
 * needs order locks inside, and wait() sleeps without that lock. A machine that
 * has died answers -ENODEV from then on, and reads give all-ones. Codes are of
 * the closed set; the one who knows the reason says it with rbi_fail().
 *
 * All operations are present in every table; what a machine has not answers
 * -ENOTSUP.
 */
#ifndef RBI_HOST_MACHINE_H
#define RBI_HOST_MACHINE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#define RBI_IRQ_LINES 16      /* N 0-15: legacy lines; above: message vectors */
#define RBI_IRQ_VECTOR_BASE 32 /* IDT vector = N + 32 (contract 2.1) */
#define RBI_IRQ_MAX 224	      /* N is below this (contract 2.3) */

#define RBI_MEM_ENDS_LOOP 1 /* an answer of mem_read */

struct rbi_dma_note; /* core/dma_note.h */
struct rbi_machine;
struct rbi_spec_device; /* spec.h */

/* One stretch of RAM that hosted memory may hand out as DMA-able frames. */
struct rbi_ram {
	uint64_t base; /* physical, page aligned, never 0 */
	uint64_t size; /* bytes, a multiple of the page size */
};

/* An MSI message as the driver composed it for Redox (contract 2.7). */
struct rbi_msg {
	uint64_t addr;
	uint32_t data;
};

/* Legacy interrupt routing of one function. */
struct rbi_intx {
	uint8_t pin;  /* 0 none, 1-4 INTA-INTD */
	uint8_t line; /* value for config 0x3c; 0xff: not connected */
};

struct rbi_machine_ops {
	/* --- configuration space ------------------------------------------------ */

	/* Functions present now, at most @max of them, any order: the count present. */
	int (*functions)(struct rbi_machine *m, struct rb_pci_addr *fns, size_t max);
	/* One config access, @off below 4096. A function that is not there, and space
	 * past the end of config space it has, reads all-ones; writes to them vanish.
	 * -EACCES: it has more, but this process may not see it. */
	int (*cfg_read)(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			unsigned int width, uint32_t *val);
	int (*cfg_write)(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
			 unsigned int width, uint32_t val);
	/* Bytes of config space of @fn that may be read: 256 or 4096; 64 when the rest is
	 * hidden from this process; 0: gone. */
	unsigned int (*cfg_size)(struct rbi_machine *m, struct rb_pci_addr fn);
	/* The driver takes @fn, or gives it back; vfio attaches the device here. */
	int (*claim)(struct rbi_machine *m, struct rb_pci_addr fn);
	void (*release)(struct rbi_machine *m, struct rb_pci_addr fn);
	/* Function-level reset; config space is not restored. */
	int (*reset)(struct rbi_machine *m, struct rb_pci_addr fn);
	/* Put a device in while the machine runs, and say where it is; it then answers, with
	 * addresses and a line given as firmware does. -EINVAL: the model refuses its arguments;
	 * -ENOENT: no such model; -EBUSY: the place it names is taken, or every place is;
	 * -ENOTSUP: not here. */
	int (*plug)(struct rbi_machine *m, const struct rbi_spec_device *device,
		    struct rb_pci_addr *fn);
	/* Pull the device at @fn out, whoever uses it. Its place is free when this is done.
	 * -ENOENT: nothing there; -ENOTSUP: it cannot be pulled out. */
	int (*unplug)(struct rbi_machine *m, struct rb_pci_addr fn);

	/* --- networks, seen from their other side -------------------------------- */

	/* The descriptor of network @name, one message a frame; the machine's until it is
	 * destroyed. -ENOENT: no such network; -ENOTSUP: it has none, or none are here. */
	int (*net_fd)(struct rbi_machine *m, const char *name);
	/* Plug its cable in or out. Codes as above, and -ETIMEDOUT. */
	int (*net_link)(struct rbi_machine *m, const char *name, bool up);

	/* --- physical address space -------------------------------------------- */

	/* Does any byte of [phys, phys + len) lie in RAM? Redox refuses to map RAM
	 * (contract 1.4); where nothing answers may be mapped and reads all-ones. */
	bool (*is_ram)(struct rbi_machine *m, uint64_t phys, uint64_t len);
	/* Map @len bytes at @phys into this process for plain loads and stores, or
	 * -ENOTSUP: accesses are then routed through mem_read and mem_write. */
	int (*map)(struct rbi_machine *m, uint64_t phys, uint64_t len, void **base);
	void (*unmap)(struct rbi_machine *m, uint64_t phys, uint64_t len, void *base);
	/* One access to what is not RAM. -ENODEV with *val all-ones when the function
	 * behind @phys has been removed or the machine has died; an address that no
	 * one decodes reads all-ones and is 0 (as hardware does). -EACCES: this machine
	 * does not let this access through. RBI_MEM_ENDS_LOOP: a removed function
	 * is read for ever, and *val shall end that. */
	int (*mem_read)(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t *val);
	int (*mem_write)(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t val);
	/* Port I/O; @width 1, 2 or 4. port_read may answer RBI_MEM_ENDS_LOOP. */
	int (*port_read)(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t *val);
	int (*port_write)(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t val);

	/* --- RAM ---------------------------------------------------------------- */

	/* The RAM arena: at most @max stretches, the count. Constant for life. */
	size_t (*ram)(struct rbi_machine *m, struct rbi_ram *ram, size_t max);
	/* Give this process @len zeroed bytes for the frames at @phys, a stretch that
	 * hosted memory has allocated from the arena. It is not inherited by fork. */
	int (*ram_map)(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu);
	/* @cpu is NULL when hosted memory, which may have moved the bytes to another place,
	 * has unmapped them itself. */
	void (*ram_unmap)(struct rbi_machine *m, uint64_t phys, uint64_t len, void *cpu);
	/* Let devices reach [cpu, cpu + len) at bus address @bus. *shadow is 0 where
	 * CPU and devices share the bytes, else a token for publish and observe. */
	int (*dma_map)(struct rbi_machine *m, uint64_t bus, uint64_t len, void *cpu,
		       uint32_t *shadow);
	void (*dma_unmap)(struct rbi_machine *m, uint64_t bus, uint64_t len, uint32_t shadow);
	void (*dma_publish)(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len);
	void (*dma_observe)(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len);
	/* What the driver says of bytes of a mapped stretch; a machine may ignore it. */
	void (*dma_note)(struct rbi_machine *m, const struct rbi_dma_note *note);

	/* --- interrupts --------------------------------------------------------- */

	/* How many N exist: 16 ... RBI_IRQ_MAX. Constant for life. */
	unsigned int (*irq_count)(struct rbi_machine *m);
	/* Routing of a function's INTx pin. */
	int (*intx)(struct rbi_machine *m, struct rb_pci_addr fn, struct rbi_intx *out);
	/* A descriptor that is readable while interrupts of @n wait to be taken, made
	 * on first use and owned by the machine until it is destroyed. */
	int (*irq_fd)(struct rbi_machine *m, unsigned int n);
	/* The number of interrupts of @n since the last take; makes irq_fd unreadable.
	 * A legacy line is level triggered: when it is asserted and unmasked it
	 * counts one interrupt and masks itself. Lines start unmasked. */
	int (*irq_take)(struct rbi_machine *m, unsigned int n, uint64_t *count);
	/* Unmask a legacy line; it fires again at once if it is still asserted. */
	int (*irq_unmask)(struct rbi_machine *m, unsigned int line);
	/* The driver programs message @index of @fn (of @count consecutive ones) to
	 * @msg. Answer in @hw what the device must be given instead so that the
	 * interrupt N = (msg->data & 0xff) - 32 fires. A zero address disconnects. */
	int (*msg_connect)(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int index,
			   unsigned int count, const struct rbi_msg *msg, struct rbi_msg *hw);
	/* Undo the exchange: what the driver wrote when the device holds @hw. */
	void (*msg_undo)(struct rbi_machine *m, struct rb_pci_addr fn, const struct rbi_msg *hw,
			 struct rbi_msg *msg);

	/* --- time --------------------------------------------------------------- */

	/* Monotonic nanoseconds of this machine's clock. */
	int64_t (*clock)(struct rbi_machine *m);
	/* Wait until one of @fds is ready (count > 0), something happened that may
	 * have changed an answer above (0), or the clock has reached @deadline_ns
	 * (-ETIMEDOUT; INT64_MAX: never). Virtual clocks move here. Also wakes on
	 * @fds alone while the machine is dead. Negative fds are ignored. */
	int (*wait)(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns);
	/* Let @ns pass on this clock. */
	void (*delay)(struct rbi_machine *m, uint64_t ns);

	/* --- violations --------------------------------------------------------- */

	/* A driver did what would take a Redox machine down or is a programming error
	 * elsewhere (misaligned access, physical address 0): a strict machine records
	 * it, others ignore it. Never fails. */
	void (*violation)(struct rbi_machine *m, const char *sentence);

	/* Give everything back; @forked: in a child of fork(), free only what is ours
	 * alone and send nothing to anyone. */
	void (*destroy)(struct rbi_machine *m, bool forked);
};

/* A machine embeds this first. */
struct rbi_machine {
	const struct rbi_machine_ops *ops;
	const char *name; /* "mock", "qemu", "pci" */
	bool lazy; /* looking costs and shows nothing: hosted pcid learns of a function what its
		    * list does not need when somebody opens it */
	uint64_t scatter; /* not 0: frames are handed out in an order seeded by it */
	bool high_first; /* frames are handed out from the highest address down */
	unsigned int cpus; /* local APICs, ids 0 and up; set by hosted Redox, 0: nobody has said */
	struct rbi_machine *under; /* what a decorator forwards to; NULL in a machine itself */
};

struct rbi_sys;

/* The machine below a world that lib/host made; NULL for any other world. */
struct rbi_machine *rbi_hosted_machine(struct rbi_sys *sys);
/* The same, with the decorators that stand before it. */
struct rbi_machine *rbi_hosted_front(struct rbi_sys *sys);

struct rbi_spec; /* a parsed machine string, spec.h */

/* Makers, one per machine; machines that are not built in answer -ENOTSUP. */
int rbi_mock_machine_new(const struct rbi_spec *spec, struct rbi_machine **out);
int rbi_qemu_machine_new(const struct rbi_spec *spec, struct rbi_machine **out);
int rbi_pcihost_machine_new(const struct rbi_spec *spec, struct rbi_machine **out);

#endif
