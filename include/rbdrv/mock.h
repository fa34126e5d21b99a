/* SPDX-License-Identifier: MIT */
/**
 * @file mock.h
 * Build a PCI device in C, and test its driver against it.
 *
 * Machine "mock" is a small computer inside the test's process: configuration
 * space, RAM, interrupt lines, a clock, and the devices that a test builds with
 * this header. The driver under test is the unchanged one; it reaches the
 * device through the same calls, and the same hosted Redox, as on QEMU.
 *
 * The mock is strict where hardware is lax. What a correct driver never does
 * (DMA after the buffer was freed, a register of the wrong width, a publish
 * that is missing) is a *violation*: a sentence that names the register, buffer
 * or call is kept, the access goes on with a useless value, and the test asks at
 * its end with rb_mock_verify().
 *
 * A complete device: writing to register 0 adds to a sum, and 200 microseconds
 * later an interrupt says that the sum may be read.
 *
 * @code
 * #include <rbdrv/mock.h>
 *
 * struct adder {
 *         uint32_t sum;
 * };
 *
 * static void adder_done(struct rb_mock_dev *dev, void *arg)
 * {
 *         (void)arg;
 *         rb_mock_msi(dev, 0);
 * }
 *
 * static uint64_t adder_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
 * {
 *         struct adder *adder = arg;
 *
 *         if (off == 0 && width == 4)
 *                 return adder->sum;
 *         rb_mock_violation(dev, "read of %u bytes at %#x", width, (unsigned int)off);
 *         return UINT64_MAX;
 * }
 *
 * static void adder_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
 *                         uint64_t val)
 * {
 *         struct adder *adder = arg;
 *
 *         if (off == 0 && width == 4) {
 *                 adder->sum += (uint32_t)val;
 *                 rb_mock_after(dev, 200000, adder_done, NULL);
 *         } else {
 *                 rb_mock_violation(dev, "write of %u bytes at %#x", width, (unsigned int)off);
 *         }
 * }
 *
 * static int adder_build(struct rb_mock_dev *dev, void *arg)
 * {
 *         struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
 *
 *         (void)arg;
 *         ids.vendor = 0x1234;
 *         ids.device = 0xadd0;
 *         rb_mock_ids(dev, &ids);
 *         rb_mock_bar_ops(dev, 0, 4096, 0, adder_read, adder_write,
 *                         rb_mock_state(dev, sizeof(struct adder)));
 *         rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
 *         return 0;
 * }
 * @endcode
 *
 * The test names the device in a machine string, or plugs it into a running one:
 *
 * @code
 * rb_mock_model_register("adder", adder_build, NULL);
 * rb_ctx_new("mock:adder", &ctx);
 * ... the driver finds 1234:add0, maps BAR 0, takes its interrupt ...
 * assert_int_equal(rb_mock_verify(ctx), 0);
 * @endcode
 *
 * @code
 * rb_ctx_new("mock", &ctx);
 * rb_mock_add(ctx, "adder", adder_build, NULL, &dev);
 * @endcode
 *
 * **The life of a device.** A build function describes it: ids, BARs, interrupt
 * pin, capabilities, state. Those calls work only there, and the first that fails
 * is remembered and refuses the device, so a build function need not look at
 * their results. Afterwards the device lives by callbacks: a register is
 * accessed, an event's time has come. struct rb_mock_dev stays valid until the
 * context ends, also after rb_mock_remove().
 *
 * **Time** is virtual and stands still while the test computes. Each register
 * access and each rb_dma_observe() costs a microsecond; a wait jumps to the next
 * event or to its time-out. So a device may take 100 ms and the test takes none,
 * and a run is the same every time.
 *
 * **DMA.** The device has its own copy of every buffer; rb_dma_publish() and
 * rb_dma_observe() of the driver move the bytes. rb_mock_dma_read() and
 * rb_mock_dma_write() see the device's copy, only inside buffers that are
 * allocated, and only with bus mastering on.
 *
 * **Addresses.** Devices are plugged in at 00:01.0, 00:02.0, ... in the order of
 * the machine string; the argument `addr=00:05.0` (buses 0 to 7) places one by hand.
 * BARs are assigned like firmware does; decoding and bus mastering are off until
 * the driver opens the device. INTA of device number n is on line 10, 11, 5 or 9
 * by turns, so every fourth device shares a line.
 *
 * Options of the machine string, besides those of ctx.h: `tick=` nanoseconds that
 * one access costs (default 1000), `watchdog=` reads of one register in a row,
 * with nothing else happening, that are taken for a hang (default 1000000; 0: none;
 * from then on the reads give all-ones and zeros by turns), `time=real` to run on
 * the real clock, for tests with event loops of their own (default `time=virtual`).
 *
 * **Threads.** Callbacks of all devices of a machine run one at a time, with the
 * machine locked, on the thread that caused them. They may call what this header
 * offers, and never rb_pci_*, rb_mmio_* and the other calls of a driver. Tests may
 * call from any thread.
 */
#ifndef RBDRV_MOCK_H
#define RBDRV_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/ctx.h>
#include <rbdrv/dma.h>
#include <rbdrv/error.h>
#include <rbdrv/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
/** Lets the compiler check a format against its arguments. */
#define RB_MOCK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define RB_MOCK_PRINTF(fmt, args)
#endif

/** A device in a mock. */
struct rb_mock_dev;

/**
 * Describes a device. Called once for each device that is plugged in.
 *
 * @param dev  the device, as yet without any property
 * @param arg  as given to rb_mock_model_register() or rb_mock_add()
 * @return 0, or a negative errno of error.h that refuses the device
 */
typedef int (*rb_mock_build_fn)(struct rb_mock_dev *dev, void *arg);

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

/** Something happens in a device: an event's time has come, or it is removed. */
typedef void (*rb_mock_event_fn)(struct rb_mock_dev *dev, void *arg);

/** Hears of a violation, on the thread that caused it, with the machine locked. It must return. */
typedef void (*rb_mock_violation_fn)(void *arg, const char *sentence);

/* --- models and devices -------------------------------------------------------- */

/**
 * Make a device model known by name, for machine strings. Process-wide.
 *
 * A model named "edu", QEMU's teaching device, is built in.
 *
 * @param name   1 to 31 letters, digits, '-', '_' or '.'; copied
 * @param build  describes a device
 * @param arg    passed to @p build; it must live until the model is unregistered
 *               and the contexts that use it have ended
 * @return 0, or a negative errno:
 * @retval -EINVAL  @p name is no such name, or @p build is NULL
 * @retval -EEXIST  the name is taken
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_model_register(const char *name, rb_mock_build_fn build, void *arg);

/**
 * Forget a model. Devices that were built from it live on.
 *
 * @param name  as registered
 * @return 0, or a negative errno:
 * @retval -ENOENT  no such model was registered (built-in ones cannot be forgotten)
 * @since 0.1
 */
RB_EXPORT int rb_mock_model_unregister(const char *name);

/**
 * Plug a device into a running mock: before the driver's first scan, or later,
 * as hot plug does.
 *
 * @param ctx       a context whose machine is "mock"
 * @param name      for messages and rb_mock_find(); as for rb_mock_model_register(),
 *                  though it need not be registered; copied
 * @param build     describes the device; called before this returns
 * @param arg       passed to @p build
 * @param[out] out  the device, valid until the context ends; may be NULL
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL or a bad name, the context's machine is another, the
 *                   description is wrong (see rb_last_error()), or inside a build
 *                   function
 * @retval -ENOMEM   out of memory, or no place for the device or its BARs is left
 * @retval -ENODEV   the context is the parent process's
 * @return or what @p build answered
 * @since 0.1
 */
RB_EXPORT int rb_mock_add(struct rb_ctx *ctx, const char *name, rb_mock_build_fn build, void *arg,
			  struct rb_mock_dev **out);

/**
 * Find a device by the name of its model, for tests that named it in a machine
 * string. Removed devices are found, too.
 *
 * @param ctx    a context whose machine is "mock"
 * @param model  the name; NULL: any
 * @param index  0 for the first of that name that was plugged in, and so on
 * @return the device, valid until the context ends; NULL when there is none
 * @since 0.1
 */
RB_EXPORT struct rb_mock_dev *rb_mock_find(struct rb_ctx *ctx, const char *model, size_t index);

/**
 * Where the device is.
 * @param dev  the device
 * @return its address; all-ones for NULL
 * @since 0.1
 */
RB_EXPORT struct rb_pci_addr rb_mock_addr(const struct rb_mock_dev *dev);

/**
 * Tear the device out: it answers all-ones from now on, its interrupt falls, its
 * events are forgotten, its place is free. A second time does nothing.
 *
 * @param dev  the device; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_mock_remove(struct rb_mock_dev *dev);

/* --- describing a device: in its build function only ----------------------------- */

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
 * An argument of the device in the machine string: "0xff" for key "dma_mask" in
 * "mock:edu,dma_mask=0xff". Arguments that no build function asks for refuse the
 * device with -EINVAL.
 *
 * @param dev  the device being built
 * @param key  the argument's name
 * @return the text, owned by the machine, valid until the build function returns; ""
 *         for an argument without '='; NULL when it is not there (never is in
 *         rb_mock_add())
 * @since 0.1
 */
RB_EXPORT const char *rb_mock_dev_arg(struct rb_mock_dev *dev, const char *key);

/**
 * An argument as a number, decimal or hexadecimal with 0x.
 *
 * @param dev      the device being built
 * @param key      the argument's name
 * @param min      least value allowed
 * @param max      greatest value allowed
 * @param[in,out] val  the number; left alone when the argument is not there
 * @return 0, or a negative errno:
 * @retval -EINVAL  no number, out of range, or not while building
 * @since 0.1
 */
RB_EXPORT int rb_mock_dev_arg_number(struct rb_mock_dev *dev, const char *key, uint64_t min,
				     uint64_t max, uint64_t *val);

/**
 * The device's own state. The first call, in the build function, makes it; later
 * ones return the same bytes.
 *
 * @param dev   the device
 * @param size  bytes; in later calls at most as many
 * @return zeroed memory, freed when the context ends; NULL when out of memory,
 *         which refuses the device, when @p size is 0 or larger than at first, and
 *         for a first call after building
 * @since 0.1
 */
RB_EXPORT void *rb_mock_state(struct rb_mock_dev *dev, size_t size);

/**
 * Call a function once, when the device is removed or refused, or else when its
 * context ends. Not in a child of fork().
 *
 * @param dev  the device being built
 * @param fn   the function; NULL: none
 * @param arg  passed to @p fn
 * @return 0, or a negative errno:
 * @retval -EINVAL  not while building
 * @since 0.1
 */
RB_EXPORT int rb_mock_on_remove(struct rb_mock_dev *dev, rb_mock_event_fn fn, void *arg);

/* --- registers of a RAM BAR --------------------------------------------------------- */

/**
 * Answer reads of one register of a RAM BAR by a function. Reads that start at
 * another offset are not affected. While building or later.
 *
 * @param dev  the device
 * @param bar  a RAM BAR that is not direct
 * @param off  the register's offset
 * @param fn   its answer is stored in the RAM and read; NULL: plain RAM again
 * @param arg  passed to @p fn
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or no such BAR
 * @retval -ERANGE  @p off is past its end
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_on_read(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			      rb_mock_read_fn fn, void *arg);

/**
 * Hear of writes to one register of a RAM BAR, after the RAM has changed. While
 * building or later.
 *
 * @param dev  the device
 * @param bar  a RAM BAR that is not direct
 * @param off  the register's offset
 * @param fn   called with the value; NULL: plain RAM again
 * @param arg  passed to @p fn
 * @return 0, or a negative errno as for rb_mock_on_read()
 * @since 0.1
 */
RB_EXPORT int rb_mock_on_write(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			       rb_mock_write_fn fn, void *arg);

/**
 * Look at a register of a RAM BAR from the device's side: no time passes, no
 * function is called.
 *
 * @param dev       the device
 * @param bar       a RAM BAR
 * @param off       byte offset, a multiple of @p width
 * @param width     1, 2, 4 or 8
 * @param[out] val  the little-endian value; all-ones on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, no such BAR, a bad width, or misaligned
 * @retval -ERANGE  past its end
 * @since 0.1
 */
RB_EXPORT int rb_mock_peek(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			   unsigned int width, uint64_t *val);

/**
 * Change a register of a RAM BAR from the device's side.
 *
 * @param dev    the device
 * @param bar    a RAM BAR
 * @param off    byte offset, a multiple of @p width
 * @param width  1, 2, 4 or 8
 * @param val    the value
 * @return 0, or a negative errno as for rb_mock_peek()
 * @since 0.1
 */
RB_EXPORT int rb_mock_poke(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			   unsigned int width, uint64_t val);

/* --- what a device does ------------------------------------------------------------- */

/**
 * Read memory as the device's bus master. The range must lie in one buffer that
 * the driver holds; the device sees what the driver has published. A byte that the
 * CPU changed without publishing it is a violation, and the old value is read.
 *
 * @param dev       the device
 * @param bus       first address
 * @param[out] buf  receives the bytes; all-ones on failure
 * @param len       bytes
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -EACCES  bus mastering is off; a violation
 * @retval -ERANGE  the range is in no buffer, or passes its end; a violation
 * @retval -ENODEV  the device has been removed
 * @since 0.1
 */
RB_EXPORT int rb_mock_dma_read(struct rb_mock_dev *dev, struct rb_bus_addr bus, void *buf,
			       size_t len);

/**
 * Write memory as the device's bus master. The driver sees the bytes once it has
 * observed them.
 *
 * @param dev  the device
 * @param bus  first address
 * @param buf  the bytes
 * @param len  how many
 * @return 0, or a negative errno as for rb_mock_dma_read(); nothing is written then
 * @since 0.1
 */
RB_EXPORT int rb_mock_dma_write(struct rb_mock_dev *dev, struct rb_bus_addr bus, const void *buf,
				size_t len);

/**
 * Assert or deassert the interrupt pin. Level triggered: while asserted the line
 * interrupts each time it is unmasked. The interrupt-disable bit of the command
 * register holds it back; enabled MSI does not, so look at rb_mock_msi_enabled().
 *
 * @param dev       the device
 * @param asserted  its level
 * @since 0.1
 */
RB_EXPORT void rb_mock_intx(struct rb_mock_dev *dev, bool asserted);

/**
 * Send a message-signalled interrupt. Dropped when MSI is disabled or bus mastering
 * is off, as hardware drops it; a masked one is pending until it is unmasked. When
 * the driver enabled fewer vectors than the device has, the index wraps.
 *
 * @param dev    the device
 * @param index  0 ... vectors - 1
 * @return 1 when it was sent, 0 when it was dropped or is pending, or a negative
 *         errno:
 * @retval -EINVAL  NULL, no MSI capability, or no such vector
 * @retval -ENODEV  the device has been removed
 * @since 0.1
 */
RB_EXPORT int rb_mock_msi(struct rb_mock_dev *dev, unsigned int index);

/**
 * Has the driver enabled MSI?
 * @param dev  the device
 * @return whether it has; false for NULL and without the capability
 * @since 0.1
 */
RB_EXPORT bool rb_mock_msi_enabled(const struct rb_mock_dev *dev);

/**
 * Call a function when the machine's clock has moved by @p delay_ns. Events run in
 * the order of their times, then in the order of these calls.
 *
 * @param dev       the device; when it is removed its events are forgotten
 * @param delay_ns  nanoseconds from now
 * @param fn        the function; it may call rb_mock_after() again
 * @param arg       passed to @p fn
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENOMEM  out of memory
 * @retval -ENODEV  the device has been removed
 * @since 0.1
 */
RB_EXPORT int rb_mock_after(struct rb_mock_dev *dev, uint64_t delay_ns, rb_mock_event_fn fn,
			    void *arg);

/**
 * Forget the device's events that would call @p fn with @p arg.
 *
 * @param dev  the device
 * @param fn   as given to rb_mock_after()
 * @param arg  as given to rb_mock_after()
 * @return how many were forgotten
 * @since 0.1
 */
RB_EXPORT size_t rb_mock_cancel(struct rb_mock_dev *dev, rb_mock_event_fn fn, void *arg);

/**
 * The machine's clock.
 * @param dev  a device of the machine
 * @return nanoseconds, on the same scale as rb_time_ns(); 0 for NULL
 * @since 0.1
 */
RB_EXPORT uint64_t rb_mock_now_ns(const struct rb_mock_dev *dev);

/**
 * Say that the driver did what a correct one does not.
 *
 * @param dev  the device; its name and address are put before the sentence
 * @param fmt  as for printf(3); name the register, width and value. The sentence is
 *             cut at 255 bytes
 * @since 0.1
 */
RB_EXPORT void rb_mock_violation(struct rb_mock_dev *dev, const char *fmt, ...)
	RB_MOCK_PRINTF(2, 3);

/* --- what a test asks ---------------------------------------------------------------- */

/**
 * Count the violations so far. Call it at the end of every test; it prints nothing.
 *
 * @param ctx  the context
 * @return how many there were since the start or rb_mock_clear(); 0 when the
 *         machine is not "mock"
 * @since 0.1
 */
RB_EXPORT size_t rb_mock_verify(struct rb_ctx *ctx);

/**
 * The sentence of one violation. The first 256 are kept.
 *
 * @param ctx    the context
 * @param index  0 for the first
 * @return the sentence, valid until rb_mock_clear() or the context's end; NULL past
 *         the last that is kept
 * @since 0.1
 */
RB_EXPORT const char *rb_mock_violation_text(struct rb_ctx *ctx, size_t index);

/**
 * Hear of violations as they happen.
 *
 * @param ctx  the context
 * @param fn   called with each sentence; NULL: nobody
 * @param arg  passed to @p fn
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or the machine is not "mock"
 * @retval -ENODEV  the context is the parent process's
 * @since 0.1
 */
RB_EXPORT int rb_mock_on_violation(struct rb_ctx *ctx, rb_mock_violation_fn fn, void *arg);

/**
 * Forget all violations, for a test that has provoked and checked them.
 * @param ctx  the context
 * @since 0.1
 */
RB_EXPORT void rb_mock_clear(struct rb_ctx *ctx);

/**
 * Let virtual time pass, and the events in it happen. Not in callbacks.
 *
 * @param ctx  the context
 * @param ns   nanoseconds
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, the machine is not "mock", or inside a callback
 * @retval -ENOTSUP  the machine runs on the real clock
 * @retval -ENODEV   the context is the parent process's
 * @since 0.1
 */
RB_EXPORT int rb_mock_advance(struct rb_ctx *ctx, uint64_t ns);

#ifdef __cplusplus
}
#endif
#endif
