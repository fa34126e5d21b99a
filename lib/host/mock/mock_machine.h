/* SPDX-License-Identifier: MIT */
/*
 * mock_machine.h - machine "mock" from inside: what its files share.
 *
 * One recursive lock guards everything; callbacks of device models run with it
 * held, so what they call takes it a second time. Each function below expects
 * it held, but for those that say otherwise and the operations of the machine.
 */
#ifndef RBI_MOCK_MACHINE_H
#define RBI_MOCK_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/mock.h>

#include "core/core.h"
#include "host/machine.h"
#include "host/mock/mock_dev.h"
#include "host/spec.h"

#define MOCK_START_NS	 1000000000 /* the clock when the machine starts */
#define MOCK_TICK_NS	 1000 /* what one routed access costs */
#define MOCK_TICK_MAX_NS 1000000000 /* bound of option tick */
#define MOCK_WATCHDOG	 1000000 /* reads of one register in a row */
#define MOCK_HANG_MS	 10000 /* of the real clock, for a wait that nothing can end */
#define MOCK_SEED	 1 /* of noise */
#define MOCK_RAM_BASE	 0x1000000ull /* the arena begins at 16 MiB */
#define MOCK_RAM_MIB	 64 /* its size */
#define MOCK_RAM_MIB_MAX 3056 /* up to where BARs begin */
#define MOCK_HIGH_BASE	 0x100000000ull /* its second stretch; none by default */
#define MOCK_HIGH_MIB_MAX 65536
#define MOCK_MEM32_BASE	 0xc0000000ull /* where BARs are put */
#define MOCK_MEM32_END	 0xfec00000ull /* below IOAPIC and LAPIC */
#define MOCK_MEM64_BASE	 0x100000000ull
#define MOCK_MEM64_END	 0x400000000000ull
#define MOCK_IO_BASE	 0xc000ull
#define MOCK_IO_END	 0x10000ull
#define MOCK_IO_BEHIND	 0x1000ull /* where those behind bridges begin */
#define MOCK_SENTENCES	 256 /* violations whose words are kept */
#define MOCK_SENTENCE	 256 /* bytes of one, with the NUL */

#define MOCK_THREADS 64 /* threads that may be registered */

/* A BAR in an address space. Removed devices keep theirs, so that an access can
 * tell "gone" from "nobody there". */
struct mock_region {
	uint64_t base;
	uint64_t size;
	struct rb_mock_dev *dev;
	unsigned int bar;
	unsigned int rank; /* of those that overlap the least answers */
};

struct mock_space {
	struct mock_region *regions; /* sorted, disjoint; none while the space is stale */
	size_t count;
	size_t room;
	size_t last; /* the one found last */
	bool stale; /* to be rebuilt by the next access */
};

/* Addresses to hand out, upwards and never again. */
struct mock_pool {
	uint64_t next;
	uint64_t end;
};

enum mock_pools { MOCK_POOL_IO, MOCK_POOL_MEM32, MOCK_POOL_MEM64, MOCK_POOL_IO_BEHIND, MOCK_POOLS };

/* A bus on which there is, or was, a device, or to which a bridge leads. */
struct mock_bus {
	uint32_t number; /* segment << 8 | bus */
	struct rb_mock_dev *bridge; /* that leads here; NULL: none */
	struct mock_pool pieces[MOCK_POOLS]; /* what it took for what is behind the bridge */
	unsigned int count; /* of functions present */
	struct rb_mock_dev *fns[256]; /* those present, by device << 3 | function */
};

struct mock_event {
	int64_t at;
	uint64_t seq;
	struct rb_mock_dev *dev;
	rb_mock_event_fn fn;
	void *arg;
};

struct mock_irq {
	_Atomic uint64_t count; /* since the last take; grows with the lock held */
	int fd; /* -1: nobody asked */
	_Atomic bool readable; /* fd has been written, or is about to be */
	bool masked; /* lines only */
	unsigned int asserted; /* devices that drive the line */
};

/* The same register, read again and again. */
struct mock_dog {
	uint64_t limit; /* 0: asleep */
	uint64_t key;
	uint64_t count;
};

/* A thread in a wait, on its stack. */
struct mock_waiter {
	struct mock_waiter *next;
	struct pollfd *fds;
	size_t n;
	int64_t deadline;
	uint64_t stirs; /* of mock, when it looked at its descriptors */
	bool registered;
	bool asleep; /* and another moves the clock */
};

struct mock_dma; /* mock_dma.h */

struct mock {
	struct rbi_machine machine;
	pthread_mutex_t lock;
	unsigned int depth; /* of the lock */
	int ringing; /* an interrupt's descriptor, written once the lock is free; or -1 */

	/* time */
	bool real;
	int64_t now; /* virtual */
	uint64_t tick;
	struct mock_event *events; /* a heap, the earliest first */
	size_t nevents, events_room;
	uint64_t next_seq;
	int64_t due; /* of the earliest; INT64_MAX: none */
	bool running; /* a device's event is running */
	int64_t alarm; /* the earlier of due and of a sleeper's time-out */
	int wake_fd;
	unsigned int waiters; /* who sleep on wake_fd */
	bool woken; /* wake_fd has been written */
	struct mock_waiter *waiting;
	uint64_t stirs; /* how often something happened */
	pthread_t threads[MOCK_THREADS]; /* those that are registered */
	size_t nthreads;
	pthread_cond_t timer_wake; /* time=real: the thread that runs events */
	pthread_t timer;
	bool timer_runs, timer_stops;

	/* devices */
	struct rb_mock_dev *devs, *devs_end; /* in the order of plugging */
	size_t ndevs;
	bool plugging; /* a build function is running */
	bool started; /* the devices of the machine string are in */
	struct mock_bus **buses; /* sorted by number */
	size_t nbuses, buses_room;
	struct mock_bus *bus_last; /* the one found last */
	uint32_t slot_next; /* bus << 5 | device: those before it are taken */
	struct mock_space mem, io;
	struct mock_pool pools[MOCK_POOLS];
	uint64_t seed; /* of what unspecified bits read */
	struct mock_dog dog;
	uint64_t hang_ms; /* real time after which a wait that nothing can end has hung; 0: none */

	struct rbi_ram ram[2]; /* the arena */
	size_t nram;

	struct mock_dma *dma; /* NULL: there has been no DMA buffer yet */

	struct mock_irq irqs[RBI_IRQ_MAX];
	struct mock_nets *nets; /* mock_net.h; NULL: none */

	/* violations */
	size_t nviolations;
	rb_mock_violation_fn on_violation;
	void *on_violation_arg;
	char sentences[MOCK_SENTENCES][MOCK_SENTENCE];
};

static inline struct mock *mock_of(struct rbi_machine *m)
{
	return (struct mock *)m;
}

void rbi_mock_lock(struct mock *mock);
void rbi_mock_unlock(struct mock *mock);
/* The mock of a context, unlocked; NULL with -EINVAL or -ENODEV in *rc. */
struct mock *rbi_mock_of_ctx(struct rb_ctx *ctx, const char *call, int *rc);

/* mock_registry.c: a name is known -> how to build it, or -ENOENT. Takes no lock. */
int rbi_mock_model_find(const char *name, rb_mock_build_fn *build, void **arg);
bool rbi_mock_name_is_good(const char *name);
/* model_edu.c */
int rbi_mock_edu_build(struct rb_mock_dev *dev, void *arg);

/* mock_bridge.c */
int rbi_mock_bridge_build(struct rb_mock_dev *dev, void *arg);
bool rbi_mock_is_bridge(const struct rb_mock_dev *dev);
/* The bits of a bridge's header that drivers may change. */
void rbi_mock_bridge_bits(struct rb_mock_dev *dev);
/* A device is in its place: the bridges above reach over its BARs. */
void rbi_mock_bridge_plugged(struct rb_mock_dev *dev);
/* If @dev was a bridge, what is behind it goes, too. */
void rbi_mock_bridge_removed(struct rb_mock_dev *dev);

/* mock_plug.c */
int rbi_mock_plug(struct mock *mock, const char *name, const struct rbi_spec_device *spec,
		  rb_mock_build_fn build, void *arg, struct rb_mock_dev **out);
/* The same at @place. */
int rbi_mock_plug_at(struct mock *mock, struct rb_pci_addr place, const char *name,
		     rb_mock_build_fn build, void *arg);
void rbi_mock_free_dev(struct rb_mock_dev *dev);
int rbi_mock_op_plug(struct rbi_machine *m, const struct rbi_spec_device *device,
		     struct rb_pci_addr *fn);
int rbi_mock_op_unplug(struct rbi_machine *m, struct rb_pci_addr fn);

/* mock_bar.c */
void rbi_mock_pools_init(struct mock *mock);

/* mock_slot.c: places on buses */
/* The bus with that number (segment << 8 | bus), or NULL. */
struct mock_bus *rbi_mock_bus_at(struct mock *mock, uint32_t number);
/* The function at @fn, or NULL. */
struct rb_mock_dev *rbi_mock_at(struct mock *mock, struct rb_pci_addr fn);
/* The bus of @fn, made when there is none: 0 or -ENOMEM. */
int rbi_mock_bus_need(struct mock *mock, struct rb_pci_addr fn);
/* Is there another function of the same device? */
bool rbi_mock_has_siblings(struct mock *mock, struct rb_pci_addr fn);
/* Set dev->fn to a free place: @place, what argument addr= says, or the next device
 * number. -EINVAL, -ENOMEM. */
int rbi_mock_choose_place(struct rb_mock_dev *dev, const struct rb_pci_addr *place);
/* The device is at the place chosen, or no longer. */
void rbi_mock_slot_take(struct rb_mock_dev *dev);
void rbi_mock_slot_leave(struct rb_mock_dev *dev);
void rbi_mock_slots_free(struct mock *mock);

/* mock_bus.c */
/* Room for the BARs of one more device: 0 or -ENOMEM. */
int rbi_mock_space_grow(struct mock *mock);
/* BARs, or who decodes them, have changed: the next access sees it. */
void rbi_mock_space_stale(struct mock *mock);
void rbi_mock_space_free(struct mock *mock);
/* An access that reaches the BAR, whatever the device's state. */
uint64_t rbi_mock_read_bar(struct rb_mock_dev *dev, unsigned int index, uint64_t off,
			   unsigned int width);
void rbi_mock_write_bar(struct rb_mock_dev *dev, unsigned int index, uint64_t off,
			unsigned int width, uint64_t val);
/* -ENODEV with a sentence. */
int rbi_mock_gone(const struct rb_mock_dev *dev);
/* What a read gives when the watchdog bites. */
uint64_t rbi_mock_poison(const struct mock *mock, unsigned int width);
/* A read of what @key names; true: it is read so often that it gets poison. */
bool rbi_mock_dog_bites(struct mock *mock, uint64_t key);
#define MOCK_DOG_IO  (1ull << 62) /* bits of a key above any address */
#define MOCK_DOG_DMA (1ull << 63)
int rbi_mock_op_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **base);
void rbi_mock_op_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *base);
int rbi_mock_op_mem_read(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t *val);
int rbi_mock_op_mem_write(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t val);
int rbi_mock_op_port_read(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t *val);
int rbi_mock_op_port_write(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t val);

/* mock_ram.c: the arena */
int rbi_mock_ram_init(struct mock *mock, const struct rbi_spec *spec);
/* The stretch that holds all of [phys, phys + len), or NULL. */
const struct rbi_ram *rbi_mock_ram_at(const struct mock *mock, uint64_t phys, uint64_t len);
bool rbi_mock_op_is_ram(struct rbi_machine *m, uint64_t phys, uint64_t len);
size_t rbi_mock_op_ram(struct rbi_machine *m, struct rbi_ram *ram, size_t max);
int rbi_mock_op_ram_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu);
void rbi_mock_op_ram_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *cpu);
/* mock_dma_*.c: buffers in it */
int rbi_mock_op_dma_map(struct rbi_machine *m, uint64_t bus, uint64_t len, void *cpu,
			uint32_t *shadow);
void rbi_mock_op_dma_unmap(struct rbi_machine *m, uint64_t bus, uint64_t len, uint32_t shadow);
void rbi_mock_op_dma_publish(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len);
void rbi_mock_op_dma_observe(struct rbi_machine *m, uint32_t shadow, uint64_t off, uint64_t len);
void rbi_mock_op_dma_note(struct rbi_machine *m, const struct rbi_dma_note *note);
void rbi_mock_dma_free(struct mock *mock);

/* mock_irq.c */
void rbi_mock_irq_init(struct mock *mock);
void rbi_mock_irq_free(struct mock *mock);
/* The pin, the command register or the device's being there has changed. */
void rbi_mock_intx_update(struct rb_mock_dev *dev);
/* MSI registers have changed: send what is pending and no longer masked. */
void rbi_mock_msi_update(struct rb_mock_dev *dev);
uint8_t rbi_mock_line_of(struct rb_pci_addr fn, unsigned int pin);
/* The write that a device does to send a message: 1, or 0 when it leads nowhere. */
int rbi_mock_send(struct rb_mock_dev *dev, const char *kind, unsigned int index, uint64_t addr,
		  uint32_t data);
unsigned int rbi_mock_op_irq_count(struct rbi_machine *m);
int rbi_mock_op_intx(struct rbi_machine *m, struct rb_pci_addr fn, struct rbi_intx *out);
int rbi_mock_op_irq_fd(struct rbi_machine *m, unsigned int n);
int rbi_mock_op_irq_take(struct rbi_machine *m, unsigned int n, uint64_t *count);
int rbi_mock_op_irq_unmask(struct rbi_machine *m, unsigned int line);
int rbi_mock_op_msg_connect(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int index,
			    unsigned int count, const struct rbi_msg *msg, struct rbi_msg *hw);
void rbi_mock_op_msg_undo(struct rbi_machine *m, struct rb_pci_addr fn, const struct rbi_msg *hw,
			  struct rbi_msg *msg);

/* mock_wait.c: waiting in virtual time */
int rbi_mock_wait(struct mock *mock, struct pollfd *fds, size_t n, int64_t deadline_ns);
/* Let @ns pass for a machine with registered threads. */
void rbi_mock_wait_ns(struct mock *mock, uint64_t ns);
/* Events or the clock have changed: when somebody must hear of it next. */
void rbi_mock_set_alarm(struct mock *mock);
/* The clock has moved: wake those whose time-out it has reached. */
void rbi_mock_wake_expired(struct mock *mock);

/* mock_events.c: what is scheduled */
int rbi_mock_events_init(struct mock *mock);
int64_t rbi_mock_now(const struct mock *mock);
/* One access: time passes, and what becomes due runs. */
void rbi_mock_tick(struct mock *mock);
/* Run what is due up to @to; virtual time is @to afterwards. */
void rbi_mock_run_until(struct mock *mock, int64_t to);
/* Let @ns pass, virtual time; frames come in before and after. */
void rbi_mock_pass(struct mock *mock, uint64_t ns);
void rbi_mock_forget_events(struct rb_mock_dev *dev);

/* mock_time.c: waiting */
int rbi_mock_time_init(struct mock *mock);
void rbi_mock_time_free(struct mock *mock, bool forked);
/* Something happened: who sleeps looks again. */
void rbi_mock_stir(struct mock *mock);
/* Who sleeps wakes up, though nothing may have happened. */
void rbi_mock_wake(struct mock *mock);
/* time=real: what is due first has changed. */
void rbi_mock_wake_timer(struct mock *mock);
/* Which of @fds are ready now: how many. */
int rbi_mock_look(struct pollfd *fds, size_t n);
/* Sleep, unlocked, until one of @fds is ready (how many), somebody wakes us, or the
 * real clock says @until (0). */
int rbi_mock_sleep(struct mock *mock, struct pollfd *fds, size_t n, int64_t until);
int64_t rbi_mock_op_clock(struct rbi_machine *m);
int rbi_mock_op_wait(struct rbi_machine *m, struct pollfd *fds, size_t n, int64_t deadline_ns);
void rbi_mock_op_delay(struct rbi_machine *m, uint64_t ns);

/* mock_net_plug.c: networks; made from the string: 0, -EINVAL, -ENOTSUP, -ENOMEM */
int rbi_mock_nets_init(struct mock *mock, const struct rbi_spec *spec);
/* Takes no lock. After the first the callbacks of devices are not called any more. */
void rbi_mock_nets_stop(struct mock *mock, bool forked);
void rbi_mock_nets_free(struct mock *mock);
/* What sleepers watch, too: readable when looking is worth it; -1: nothing. Takes no lock. */
int rbi_mock_nets_fd(const struct mock *mock);
/* The device has gone. */
void rbi_mock_net_leave(struct rb_mock_dev *dev);
int rbi_mock_op_net_fd(struct rbi_machine *m, const char *name);
int rbi_mock_op_net_link(struct rbi_machine *m, const char *name, bool up);
/* mock_net.c: take frames in and out now; there are networks. Counts as something that
 * happened when there were frames. */
void rbi_mock_nets_look(struct mock *mock);
/* Command register or power state have changed. */
void rbi_mock_net_update(struct rb_mock_dev *dev);

/* mock_violation.c */
void rbi_mock_complain(struct mock *mock, const struct rb_mock_dev *dev, const char *fmt, ...)
	RBI_PRINTF(3, 4);
void rbi_mock_op_violation(struct rbi_machine *m, const char *sentence);

#endif
