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
 * These calls are in librbdrv-host: link the test with what
 * `pkg-config --cflags --libs librbdrv-host libredbear-drv` says. A driver alone
 * needs only libredbear-drv.
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
 * **Somebody's computer.** Option `dump=FILE` puts a bus there that `lspci -x`, `-xxx` or
 * `-xxxx` has printed, by itself or with `-v` or `-vv`, with domains or without; devices
 * of the string come besides: "mock:dump=laptop.txt;edu". The functions show the bytes of
 * the text, and all-ones where it has none, so the list of capabilities of a dump of 64
 * bytes leads nowhere; their command, BARs and the controls of known capabilities can be
 * written. Sizes of BARs are those that lspci -v tells; without, a guess: the lowest bit
 * that is set in the address, cut where the next BAR begins. There is nothing behind
 * them: registers read 0, each access is a violation, and no interrupt comes. Functions
 * of domains above ffff are left out. rb_mock_find() knows them as "dump". A file that
 * cannot be read is -ENOENT, -EACCES or -EIO, one that is not such a text, or above 64 MiB
 * or 65536 functions, -EINVAL with the line.
 *
 * **Time** is virtual and stands still while the test computes. Each register
 * access and each rb_dma_observe() costs a microsecond; a wait jumps to the next
 * event or to its time-out. So a device may take 100 ms and the test takes none,
 * and a run is the same every time.
 *
 * **DMA.** The device has its own copy of every buffer; rb_dma_publish() and
 * rb_dma_observe() of the driver move the bytes. rb_mock_dma_read() and
 * rb_mock_dma_write() see the device's copy, only inside buffers that are
 * allocated for this device, only bytes whose turn it is to be read or written by it,
 * and only with bus mastering on. Everything else is a violation, whose sentence says what
 * the driver calls the buffer, where in it, and where the driver allocated it:
 *
 *     edu at 00:01.0: writes 64 bytes at offset 128 of DMA buffer "rx ring" (allocated at
 *     nic.c:120), which was handed over for reading only
 *
 * The last 256 buffers that were freed are remembered, so that DMA into one of them is
 * called that. rb_mock_dma_ranges() lists them all.
 *
 * **Addresses.** Devices are plugged in at 00:01.0, 00:02.0, ... in the order of
 * the machine string; the argument `addr=00:05.0` (any of the 256 buses) places one by hand.
 * BARs are assigned like firmware does; decoding and bus mastering are off until
 * the driver opens the device. INTA of device number n is on line 10, 11, 5 or 9
 * by turns, so every fourth device shares a line.
 *
 * **Networks.** Option `net.NAME=dgram` makes a network whose frames the test sends and
 * receives by a descriptor, and argument `netdev=NAME` of a device joins it: mock_net.h.
 *
 * **Power, resets, faults.** A device may sleep (rb_mock_cap_pm()), be reset
 * (rb_mock_cap_pcie()) and break: every device of a machine string takes the
 * argument `fault=`, and rb_mock_fault() does the same while the test runs.
 *
 * Options of the machine string, besides those of ctx.h: `tick=` nanoseconds that
 * one access costs (default 1000), `watchdog=` reads of one register in a row,
 * with nothing else happening, that are taken for a hang (default 1000000; 0: none;
 * from then on the reads give all-ones and zeros by turns), `time=real` to run on
 * the real clock, for tests with event loops of their own (default `time=virtual`),
 * `hang=` milliseconds by the real clock after which a wait without a time-out has hung,
 * when no event and no time-out of another thread is to come (default 10000; 0: never;
 * it is a violation, and the wait answers -EIO),
 * `seed=` what unspecified bits of register maps read (default 1), `frames=shuffle` to
 * hand out memory in an order that the seed gives, no block next to another, so that a
 * driver that takes two buffers for neighbours is found out, `frames=high` to hand out the
 * highest addresses first (default `frames=ordered`), `ram=` MiB of RAM at 16 MiB, 0 to 3056
 * (default 64), `ram_high=` MiB of RAM at 4 GiB, 0 to 65536 (default 0). With
 * "mock:ram_high=64;frames=high" every buffer lies above 4 GiB until those are used up, and a
 * driver that writes half of an address, or does not say how many bits its device has, is
 * found out.
 *
 * **Threads.** Callbacks of all devices of a machine run one at a time, with the
 * machine locked, on the thread that caused them. They may call what this header
 * offers, and never rb_pci_*, rb_mmio_* and the other calls of a driver. Tests may
 * call from any thread. When several threads of a test wait with time-outs, or one
 * waits while others work, they register: rb_mock_thread_begin().
 */
#ifndef RBDRV_MOCK_H
#define RBDRV_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/ctx.h>
#include <rbdrv/dma.h>
#include <rbdrv/error.h>
#include <rbdrv/mock_net.h>
#include <rbdrv/mock_pci.h>
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

/**
 * Describes a device. Called once for each device that is plugged in.
 *
 * @param dev  the device, as yet without any property
 * @param arg  as given to rb_mock_model_register() or rb_mock_add()
 * @return 0, or a negative errno of error.h that refuses the device
 */
typedef int (*rb_mock_build_fn)(struct rb_mock_dev *dev, void *arg);

/** Something happens in a device: an event's time has come, or it is removed. */
typedef void (*rb_mock_event_fn)(struct rb_mock_dev *dev, void *arg);

/** Hears of a violation, on the thread that caused it, with the machine locked. It must return. */
typedef void (*rb_mock_violation_fn)(void *arg, const char *sentence);

/* --- models and devices -------------------------------------------------------- */

/**
 * Make a device model known by name, for machine strings. Process-wide.
 *
 * Built in are "edu", QEMU's teaching device, and "bridge": see rb_mock_bridge().
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

/* --- describing a device: in its build function only -----------------------------
 *
 * <rbdrv/mock_pci.h> has the rest: ids, BARs, interrupts, capabilities. */

/**
 * Hear of resets. When the function is called, configuration space is as it was built:
 * command register and BARs zero, messages off, the MSI-X table masked. Register maps
 * have their reset values, the pin is deasserted, and the device's events are forgotten.
 * RAM of BARs and rb_mock_state() are as before: what a reset changes in them, this
 * function changes.
 *
 * @param dev  the device being built
 * @param fn   the function; NULL: none
 * @param arg  passed to @p fn
 * @return 0, or a negative errno:
 * @retval -EINVAL  not while building
 * @since 0.1
 */
RB_EXPORT int rb_mock_on_reset(struct rb_mock_dev *dev, rb_mock_event_fn fn, void *arg);

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

/* --- register maps -------------------------------------------------------------------- */

/**
 * May also be accessed by halves: 8 bytes as two registers of 4, a low and a high
 * one. Without it an access has the register's width, or is a violation.
 */
#define RB_MOCK_REG_HALVES (1u << 0)

/**
 * A register, as a data sheet describes it: one line of a table that ends with
 * RB_MOCK_REG_END. 128 bytes, so that there is room for more kinds of bits.
 *
 * Each bit is in one of the masks, or it is *unspecified*. All masks together may be
 * 0: a register of which nothing is known. Set the fields by name:
 *
 * @code
 * static const struct rb_mock_reg regs[] = {
 *         { .name = "ID", .offset = 0x00, .width = 4, .reset = 0x10, .ro = 0xff },
 *         { .name = "CTRL", .offset = 0x04, .width = 4, .rw = 0x0f, .on_write = control },
 *         { .name = "CAUSE", .offset = 0x08, .width = 4, .w1c = 0x03 },
 *         { .name = "FILTER", .offset = 0x40, .width = 4, .count = 16, .rw = 0xffffffff },
 *         RB_MOCK_REG_END
 * };
 * @endcode
 */
struct rb_mock_reg {
	const char *name; /**< 1 to 31 visible ASCII characters; NULL ends the table */
	uint64_t offset; /**< into the BAR, a multiple of @c width */
	uint32_t width; /**< 1, 2, 4 or 8 bytes */
	uint32_t flags; /**< RB_MOCK_REG_HALVES */
	uint32_t count; /**< registers in a row, "FILTER[0]", "FILTER[1]", ...; 0: one, "CTRL" */
	uint32_t stride; /**< bytes from one of them to the next; 0: the width */
	uint64_t reset; /**< the value after a reset; unspecified bits are 0 */
	uint64_t rw; /**< bits that read what was written */
	uint64_t ro; /**< bits that only the device changes */
	uint64_t w1c; /**< bits that writing a one clears */
	uint64_t rc; /**< bits that reading clears; the driver cannot write them */
	uint64_t wo; /**< bits that are written and read as noise */
	/**
	 * Answers reads in place of the register; NULL: none. The answer is kept as the
	 * register's value. Called with the offset and width of the access.
	 */
	rb_mock_read_fn on_read;
	/**
	 * Hears of writes, once the register has changed; NULL: nobody. Called with what
	 * was written; rb_mock_reg_get() tells what became of it.
	 */
	rb_mock_write_fn on_write;
	uint64_t reserved[4]; /**< zero */
};

/** The last line of a table of registers. */
#define RB_MOCK_REG_END                                             \
	{                                                           \
		NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL,  \
		{                                                   \
			0, 0, 0, 0                                  \
		}                                                   \
	}

/**
 * Give the device a BAR of registers that a table describes. The table gives
 * behaviour, strictness and the names that messages use.
 *
 * These accesses are violations; reads of that kind answer all-ones, writes of the
 * first four kinds change nothing:
 * - where no register is, or of another width than the register has;
 * - a misaligned one;
 * - a read of a register whose specified bits are all write-only;
 * - a write of a register that has read-only bits (@c ro, @c rc) and none to write;
 * - a write that changes read-only bits: they may be written all as zeros, or as
 *   they were read last;
 * - a write that changes unspecified bits, with the same two exceptions.
 *
 * Unspecified bits read as noise, which a seed (option `seed=` of the machine), the
 * device's address and the register determine. A register's noise is the same until it is
 * reset, so drivers may keep a copy of a register and write it back. A driver that
 * passes with one seed and fails with another looks at bits that mean nothing.
 *
 * @param dev    the device being built
 * @param bar    0-5
 * @param size   as for rb_mock_bar_ops()
 * @param flags  RB_MOCK_BAR_64BIT, _PREFETCH, _IO
 * @param regs   ends with RB_MOCK_REG_END, at most 16384 registers; copied
 * @param arg    passed to the table's functions
 * @return 0, or a negative errno:
 * @retval -EINVAL  as for rb_mock_bar_ops(); or a line of the table is wrong:
 *                  its name, width or flags, its offset is misaligned or past the
 *                  BAR, it overlaps another, a mask or the reset value has bits above the
 *                  width, masks overlap, the reset value has unspecified bits, a
 *                  function that would never be called. rb_last_error() names it
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_bar_map(struct rb_mock_dev *dev, unsigned int bar, uint64_t size,
			      unsigned int flags, const struct rb_mock_reg *regs, void *arg);

/**
 * Look at a register of a register map from the device's side: no time passes, no
 * function is called, nothing is cleared. In callbacks or elsewhere, any thread.
 *
 * @param dev  the device
 * @param bar  a BAR made by rb_mock_bar_map()
 * @param off  where a register begins
 * @return the value, unspecified bits 0; all-ones, and a violation that names this
 *         call, when there is no such register
 * @since 0.1
 */
RB_EXPORT uint64_t rb_mock_reg_get(struct rb_mock_dev *dev, unsigned int bar, uint64_t off);

/**
 * Change a register from the device's side, whatever its masks say to drivers.
 *
 * @param dev  the device
 * @param bar  a BAR made by rb_mock_bar_map()
 * @param off  where a register begins
 * @param val  the value of all specified bits
 * @return 0, or a negative errno, and a violation that names this call:
 * @retval -EINVAL  NULL, no such BAR or register, or @p val has unspecified bits
 * @since 0.1
 */
RB_EXPORT int rb_mock_reg_set(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			      uint64_t val);

/**
 * Set bits of a register from the device's side, e.g. an interrupt's cause.
 *
 * @param dev   the device
 * @param bar   a BAR made by rb_mock_bar_map()
 * @param off   where a register begins
 * @param bits  those to become 1; the others stay as they are
 * @return 0, or a negative errno as for rb_mock_reg_set()
 * @since 0.1
 */
RB_EXPORT int rb_mock_reg_set_bits(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
				   uint64_t bits);

/**
 * Clear bits of a register from the device's side.
 *
 * @param dev   the device
 * @param bar   a BAR made by rb_mock_bar_map()
 * @param off   where a register begins
 * @param bits  those to become 0; the others stay as they are
 * @return 0, or a negative errno as for rb_mock_reg_set()
 * @since 0.1
 */
RB_EXPORT int rb_mock_reg_clear_bits(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
				     uint64_t bits);

/**
 * Put all registers of a BAR back to their reset values, with new noise. Calls no function;
 * expectations stay.
 *
 * @param dev  the device
 * @param bar  a BAR made by rb_mock_bar_map()
 * @return 0, or a negative errno, and a violation that names this call:
 * @retval -EINVAL  NULL, or no such BAR
 * @since 0.1
 */
RB_EXPORT int rb_mock_reg_reset(struct rb_mock_dev *dev, unsigned int bar);

/* --- expectations ------------------------------------------------------------------------ */

/** What an entry of struct rb_mock_access expects. */
enum rb_mock_access_kind {
	RB_MOCK_ACCESS_END = 0, /**< nothing: the list ends here */
	RB_MOCK_ACCESS_READ = 1, /**< a read, which is answered */
	RB_MOCK_ACCESS_WRITE = 2 /**< a write, which is compared */
};

/** For @c max: any number of times. */
#define RB_MOCK_ANY_TIMES UINT32_MAX

/**
 * A register access that a test expects: an entry of a list, 64 bytes. The macros
 * RB_MOCK_READ, RB_MOCK_WRITE, ... make the usual ones.
 */
struct rb_mock_access {
	uint32_t kind; /**< of enum rb_mock_access_kind */
	uint32_t bar; /**< made by rb_mock_bar_map() or rb_mock_bar_expect() */
	uint64_t offset; /**< into the BAR, a multiple of @c width */
	uint32_t width; /**< 1, 2, 4 or 8 bytes */
	/**
	 * How often it must come at least, and may come at most. 0 and 0: once. What may come
	 * more often takes every access that suits it until another has come.
	 */
	uint32_t min;
	uint32_t max; /**< see @c min */
	uint32_t reserved; /**< zero */
	uint64_t value; /**< the answer; or what must be written, or the least of it */
	/** The greatest value that may be written; 0: the very @c value. */
	uint64_t upto;
	/**
	 * Bits that do not count. Written, they may be anything; read, they are what the
	 * register map says, or noise.
	 */
	uint64_t ignore;
	const char *name; /**< for messages, where no register map has one; NULL: none; copied */
};

/** @cond internal */
#define RB_MOCK_ACCESS_(kind, bar, off, width, min, max, value, upto, ignore) \
	{                                                                     \
		(kind), (bar), (off), (width), (min), (max), 0, (value), (upto), (ignore), NULL \
	}
/** @endcond */

/** A read, answered with @p value. */
#define RB_MOCK_READ(bar, off, width, value) \
	RB_MOCK_ACCESS_(RB_MOCK_ACCESS_READ, bar, off, width, 1, 1, value, 0, 0)
/** A read, answered with the bits of @p value in @p mask; the others as the map says, or noise. */
#define RB_MOCK_READ_MASK(bar, off, width, value, mask) \
	RB_MOCK_ACCESS_(RB_MOCK_ACCESS_READ, bar, off, width, 1, 1, value, 0, ~(uint64_t)(mask))
/** Any number of reads, even none, answered with @p value. */
#define RB_MOCK_POLL(bar, off, width, value) \
	RB_MOCK_ACCESS_(RB_MOCK_ACCESS_READ, bar, off, width, 0, RB_MOCK_ANY_TIMES, value, 0, 0)
/** Exactly @p times reads, answered with @p value: a device that is busy for so long. */
#define RB_MOCK_POLL_TIMES(bar, off, width, value, times) \
	RB_MOCK_ACCESS_(RB_MOCK_ACCESS_READ, bar, off, width, times, times, value, 0, 0)
/** One read or more, answered with @p value. */
#define RB_MOCK_POLL_ONCE(bar, off, width, value) \
	RB_MOCK_ACCESS_(RB_MOCK_ACCESS_READ, bar, off, width, 1, RB_MOCK_ANY_TIMES, value, 0, 0)
/** A write of @p value. */
#define RB_MOCK_WRITE(bar, off, width, value) \
	RB_MOCK_ACCESS_(RB_MOCK_ACCESS_WRITE, bar, off, width, 1, 1, value, 0, 0)
/** A write whose bits in @p mask are those of @p value. */
#define RB_MOCK_WRITE_MASK(bar, off, width, value, mask) \
	RB_MOCK_ACCESS_(RB_MOCK_ACCESS_WRITE, bar, off, width, 1, 1, value, 0, ~(uint64_t)(mask))
/** A write of @p low, of @p high, or of what lies between. */
#define RB_MOCK_WRITE_RANGE(bar, off, width, low, high) \
	RB_MOCK_ACCESS_(RB_MOCK_ACCESS_WRITE, bar, off, width, 1, 1, low, high, 0)
/** The end of a list. */
#define RB_MOCK_EXPECT_END RB_MOCK_ACCESS_(RB_MOCK_ACCESS_END, 0, 0, 0, 0, 0, 0, 0, 0)

/** Each entry comes after all ordered ones given before, of any register of the device. */
#define RB_MOCK_ORDERED (1u << 0)

/**
 * Give the device a BAR where every access must be expected; all others are
 * violations, reads among them answer all-ones.
 *
 * @param dev    the device being built
 * @param bar    0-5
 * @param size   as for rb_mock_bar_ops()
 * @param flags  RB_MOCK_BAR_64BIT, _PREFETCH, _IO
 * @return 0, or a negative errno:
 * @retval -EINVAL  as for rb_mock_bar_ops()
 * @since 0.1
 */
RB_EXPORT int rb_mock_bar_expect(struct rb_mock_dev *dev, unsigned int bar, uint64_t size,
				 unsigned int flags);

/**
 * Expect register accesses. While building or later, also in callbacks; a list is added
 * behind those before it.
 *
 * A register of a register map that has been named here takes only what is expected of
 * it, until rb_mock_expect_clear(); the map's rules hold besides, and an expected write
 * takes effect. The map's other registers are not affected. Expectations of one register
 * come in the order given; those of different registers in any order, unless both
 * are ordered.
 *
 * @code
 * static const struct rb_mock_access reset[] = {
 *         RB_MOCK_WRITE(0, CTRL, 4, CTRL_RESET),
 *         RB_MOCK_POLL_TIMES(0, CTRL, 4, CTRL_RESET, 3),
 *         RB_MOCK_READ(0, CTRL, 4, 0),
 *         RB_MOCK_WRITE_RANGE(0, INTERVAL, 4, 1, 1000),
 *         RB_MOCK_EXPECT_END
 * };
 *
 * rb_mock_expect(dev, reset, RB_MOCK_ORDERED);
 * assert_int_equal(my_driver_reset(nic), 0);
 * assert_int_equal(rb_mock_verify(ctx), 0);
 * @endcode
 *
 * Violations: an access that is not expected, a value that is not, an order that is not
 * (told when the later access comes), and what rb_mock_verify() finds missing. A
 * write of a wrong value is taken for the expected one, so that one mistake is one
 * sentence; it changes nothing.
 *
 * @param dev    the device
 * @param list   ends with RB_MOCK_EXPECT_END; copied
 * @param flags  RB_MOCK_ORDERED or 0
 * @return 0, or a negative errno; then nothing of the list is expected:
 * @retval -EINVAL  NULL, an unknown flag, or an entry is wrong: its kind, width, alignment or
 *                  bounds; its BAR was made by another call; the register map has no
 *                  such register; a read that could never come, behind a poll of
 *                  the same register without end. rb_last_error() names it
 * @retval -ERANGE  an entry is past its BAR
 * @retval -ENOMEM  out of memory, or more than 65536 are expected
 * @retval -ENODEV  the device has been removed
 * @since 0.1
 */
RB_EXPORT int rb_mock_expect(struct rb_mock_dev *dev, const struct rb_mock_access *list,
			     unsigned int flags);

/**
 * Expect nothing any more: registers of register maps act as their tables say.
 *
 * @param dev  the device; NULL does nothing
 * @return how many expectations were still unmet
 * @since 0.1
 */
RB_EXPORT size_t rb_mock_expect_clear(struct rb_mock_dev *dev);

/**
 * Expect nothing of one register any more. If it belongs to a register map it acts as its
 * table says.
 *
 * @param dev  the device; NULL does nothing
 * @param bar  as in the expectations
 * @param off  where the register begins: expectations of its halves go, too
 * @return how many expectations were still unmet
 * @since 0.1
 */
RB_EXPORT size_t rb_mock_expect_forget(struct rb_mock_dev *dev, unsigned int bar, uint64_t off);

/* --- what a device does ------------------------------------------------------------- */

/**
 * Read memory as the device's bus master. The range must lie in one buffer that the
 * driver has allocated for this device, and the driver must let the device read those
 * bytes now; the device sees what the driver has published. A byte that the CPU changed
 * without publishing it is a violation, and the old value is read.
 *
 * @param dev       the device
 * @param bus       first address
 * @param[out] buf  receives the bytes; all-ones on failure
 * @param len       bytes
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -EACCES  bus mastering is off, the device is in D3hot, the buffer is another
 *                  device's, or the driver has not handed the bytes over for this; a
 *                  violation
 * @retval -ERANGE  the range is in no buffer, or passes its end; a violation
 * @retval -EIO     a fault of rb_mock_fault()
 * @retval -ENODEV  the device has been removed
 * @since 0.1
 */
RB_EXPORT int rb_mock_dma_read(struct rb_mock_dev *dev, struct rb_bus_addr bus, void *buf,
			       size_t len);

/**
 * Write memory as the device's bus master. The driver sees the bytes once it has
 * observed them. A driver that forgets to is not caught by a violation, for nobody
 * sees it read; the sign are stale bytes, as on a machine whose caches are not
 * coherent.
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
 * Send an MSI-X interrupt. Dropped when MSI-X is disabled or bus mastering is off, as
 * hardware drops it; while the vector or the function is masked it is pending.
 *
 * @param dev    the device
 * @param index  0 ... vectors - 1
 * @return 1 when it was sent, 0 when it was dropped or is pending, or a negative
 *         errno:
 * @retval -EINVAL  NULL, no MSI-X capability, or no such vector
 * @retval -ENODEV  the device has been removed
 * @since 0.1
 */
RB_EXPORT int rb_mock_msix(struct rb_mock_dev *dev, unsigned int index);

/**
 * Has the driver enabled MSI-X?
 * @param dev  the device
 * @return whether it has; false for NULL and without the capability
 * @since 0.1
 */
RB_EXPORT bool rb_mock_msix_enabled(const struct rb_mock_dev *dev);

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

/* --- devices that break ---------------------------------------------------------------- */

/**
 * Break the device. A machine string says the same for any device, also several times:
 * "mock:edu,fault=lost:1,fault=stuck:0:0x20:7:1". N counts from 1 and from this call.
 *
 * | fault                         | what happens                                         |
 * |-------------------------------|------------------------------------------------------|
 * | dead:N                        | from the N-th access to its BARs on the device is dead: reads of BARs and configuration space give all-ones, writes vanish, no interrupt and no DMA comes any more. Unlike rb_mock_remove() nobody is told |
 * | stuck:BAR:OFFSET:BIT:VALUE    | reads of the register see bit BIT (0-63 from byte OFFSET on) as VALUE (0 or 1), whatever the device says; at most 16 |
 * | lost:N                        | the N-th interrupt does not arrive: a message vanishes, an assertion of the pin does not reach the line |
 * | doubled:N                     | the N-th interrupt arrives twice                     |
 * | storm:N                       | the N-th interrupt is followed by 1000 more: a message is sent again each microsecond, masks respected; the pin stays asserted until the line has interrupted as often |
 * | dma-error:N                   | the N-th transfer moves nothing: the model's call gives -EIO, which is no violation |
 * | dma-short:N                   | the N-th transfer stops half way, and the model is not told: the other half is all-ones (read) or not written |
 *
 * A transfer is a call of rb_mock_dma_read() or rb_mock_dma_write() that nothing else
 * refuses. A second fault of a kind replaces the first, but for stuck bits. Direct BARs
 * are not affected.
 *
 * @param dev    the device, while building or later
 * @param fault  one fault of the table, numbers decimal or with 0x; NULL mends the
 *               device
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL device, no such fault, a bad number, no such register, or too
 *                  many stuck bits
 * @retval -ENOMEM  out of memory
 * @retval -ENODEV  the device has been removed
 * @since 0.1
 */
RB_EXPORT int rb_mock_fault(struct rb_mock_dev *dev, const char *fault);

/* --- what a test asks ---------------------------------------------------------------- */

/**
 * Count the violations so far. Call it at the end of every test; it prints nothing.
 * Expectations that are still unmet become violations, once, and are given up.
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

/* --- what DMA there was ------------------------------------------------------------------ */

/** One stretch of DMA memory. Start from RB_MOCK_DMA_RANGE_INIT. */
struct rb_mock_dma_range {
	uint32_t size;		   /**< sizeof(struct rb_mock_dma_range), set by the macro */
	uint32_t live;		   /**< 1: it is allocated; 0: it has been freed */
	struct rb_pci_addr device; /**< that it was allocated for; all-ones: nobody has said */
	struct rb_bus_addr bus;	   /**< its first byte, for devices */
	uint64_t len;		   /**< bytes */
	const char *label;	   /**< what the driver calls it; "": nothing */
	const char *place;	   /**< where the driver allocated it, "nic.c:120"; "": not known */
	uint64_t reads;		   /**< transfers in which a device read it */
	uint64_t writes;	   /**< the same for writes */
	uint64_t bytes_read;	   /**< by devices, in all */
	uint64_t bytes_written;	   /**< the same for writes */
};

/** Initializer of struct rb_mock_dma_range. */
#define RB_MOCK_DMA_RANGE_INIT                                                            \
	{                                                                                 \
		sizeof(struct rb_mock_dma_range), 0, { 0 }, { 0 }, 0, NULL, NULL, 0, 0, 0, 0 \
	}

/** What DMA memory there is and was, at one moment. */
struct rb_mock_dma_ranges;

/**
 * List the DMA memory that the driver has: buffers, and the blocks of those that are
 * made of several; first those that are live, by bus address, then the last 256 that
 * were freed, the latest first. Transfers that were a violation are not counted. Any
 * thread, also in callbacks.
 *
 * @param ctx       a context whose machine is "mock"
 * @param[out] out  the list, to be closed by the caller, which may outlive the context;
 *                  NULL on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or the machine is not "mock"
 * @retval -ENODEV  the context is the parent process's
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_mock_dma_ranges(struct rb_ctx *ctx, struct rb_mock_dma_ranges **out);

/**
 * How many stretches the list has.
 * @param list  the list; NULL has none
 * @return the number
 * @since 0.1
 */
RB_EXPORT size_t rb_mock_dma_ranges_count(const struct rb_mock_dma_ranges *list);

/**
 * One stretch of the list.
 *
 * @param list        the list
 * @param index       0 for the first
 * @param[out] range  receives it; its size says how much of it. Its strings live as long
 *                    as the list
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or @p range was not set up by RB_MOCK_DMA_RANGE_INIT
 * @retval -ERANGE  past the last; @p range is left alone
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_mock_dma_ranges_get(const struct rb_mock_dma_ranges *list, size_t index,
						struct rb_mock_dma_range *range);

/**
 * Free a list.
 * @param list  the list; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_mock_dma_ranges_close(struct rb_mock_dma_ranges *list);

/* --- several threads ------------------------------------------------------------------- */

/**
 * Register the calling thread with the clock. Virtual time jumps in a wait: to the next
 * event or to the time-out. With registered threads it jumps only when all of them wait
 * (rb_irq_wait(), rb_poll(), rb_delay_us(), ...), to what comes first for any of them;
 * so a time-out of one cannot pass while another still works. Register accesses and
 * rb_mock_advance() move the clock as ever.
 *
 * Without registered threads each wait jumps by itself, which is right for one thread.
 * A registered thread that blocks elsewhere (pthread_join(), a lock) stops the clock for
 * the others: end the registration before. On the real clock it means nothing.
 *
 * @param ctx  the context
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or the machine is not "mock"
 * @retval -EEXIST  this thread is registered already
 * @retval -ENOMEM  64 threads are registered
 * @retval -ENODEV  the context is the parent process's
 * @since 0.1
 */
RB_EXPORT int rb_mock_thread_begin(struct rb_ctx *ctx);

/**
 * The calling thread waits no more: call it before the thread ends. One that is not
 * registered is left alone.
 *
 * @param ctx  the context
 * @since 0.1
 */
RB_EXPORT void rb_mock_thread_end(struct rb_ctx *ctx);

/* --- fault campaign ------------------------------------------------------------------ */

/** What may fail in a campaign; bits, so that they combine in options. */
enum rb_mock_campaign_kind {
	RB_MOCK_CAMPAIGN_ALLOC = 1,  /**< an allocation of the library */
	RB_MOCK_CAMPAIGN_SYSTEM = 2, /**< a call that the library makes to Redox: open, read, mmap, ... */
	RB_MOCK_CAMPAIGN_MACHINE = 4 /**< a call that hosted Redox makes to the hardware */
};

/**
 * What a campaign plays: opens devices, does its work, releases everything it has
 * opened. A driver's own main function, more or less.
 *
 * It runs in a process of its own, so it may change what it likes, and must return:
 * a failing assertion of cmocka ends the process and is reported as a crash. It
 * should do the same calls each time it runs.
 *
 * @param ctx  a context on the machine; the campaign's, not to be released
 * @param arg  as given to rb_mock_campaign()
 * @return 0 when all went well, the negative code of a call that failed, or a
 *         positive number to say that a result was wrong
 */
typedef int (*rb_mock_body_fn)(struct rb_ctx *ctx, void *arg);

/** How a campaign is played. Start from RB_MOCK_CAMPAIGN_OPTIONS_INIT. */
struct rb_mock_campaign_options {
	uint32_t size;	     /**< sizeof(struct rb_mock_campaign_options), set by the macro */
	uint32_t kinds;	     /**< enum rb_mock_campaign_kind or-ed; 0: all */
	uint32_t max_points; /**< play at most so many, evenly spread; 0: all there are */
	uint32_t timeout_ms; /**< after which one run has hung, by the real clock; 0: 10000 */
	/** Where the body leaves its result, or NULL: when it answers 0 the bytes must be
	 *  those of the run without a fault. So it need not know what is right. */
	const void *result;
	uint32_t result_size; /**< bytes at @p result, at most 1 MiB */
	uint32_t reserved;    /**< 0 */
};

/** Initializer of struct rb_mock_campaign_options: every fault there is, no result. */
#define RB_MOCK_CAMPAIGN_OPTIONS_INIT                                       \
	{                                                                   \
		sizeof(struct rb_mock_campaign_options), 0, 0, 0, NULL, 0, 0 \
	}

/** What a campaign has found. */
struct rb_mock_report;

/**
 * Run a driver once for every single fault that may befall it.
 *
 * First the body runs undisturbed and its calls are counted. Then it runs again and
 * again, each time in a new process and on a new mock: with the first allocation
 * failing, the second, ... the n-th; with each call of the system and of the machine
 * answering each error that such a call may answer, or fewer bytes than asked for.
 * Only calls that can fail do: what releases always works. -ENODEV of the
 * machine, or of a register access, holds for good, since what is gone stays gone.
 *
 * A run, its context's start included, must end in one of two ways: the body
 * answers a code of error.h, or it answers 0 with the right result. Besides:
 *
 * - it ends: no crash, no exit, no hang;
 * - everything is released: objects, descriptors and, as long as one thread does it
 *   all, the library's memory;
 * - no device masters the bus any more, unless the fault says it is gone;
 * - there is no violation.
 *
 * What does not hold is a finding, a sentence with the point's number and name:
 *
 *     point 212 of 540, system call 17, open(/scheme/irq/5), answering -ENOLCK: 1 left open:
 *     PCI device 00:01.0
 *
 * With the environment variable RBDRV_CAMPAIGN_POINT=212 only that point is played,
 * in this process, so that a debugger stops where it goes wrong.
 *
 * Blocks for all runs, about a millisecond each. The caller's process should have
 * one thread, or the others should stay out of the library meanwhile: a child of
 * fork() has none of them, but their locks.
 *
 * @code
 * static int body(struct rb_ctx *ctx, void *arg)
 * {
 *         struct nic *nic;
 *         int rc;
 *
 *         rc = nic_open(ctx, &nic);
 *         if (rc < 0)
 *                 return rc;
 *         rc = nic_send(nic, "ping", 4);
 *         nic_close(nic);
 *         return rc;
 * }
 *
 * assert_int_equal(rb_mock_campaign("mock:nic", body, NULL, NULL, &report), 0);
 * rb_mock_report_close(report);
 * @endcode
 *
 * @param machine   a machine string; the mock's, with virtual time
 * @param body      what to play
 * @param arg       passed to @p body
 * @param options   how; NULL: RB_MOCK_CAMPAIGN_OPTIONS_INIT
 * @param[out] out  what was found, to be closed by the caller; NULL on failure. May be
 *                  NULL
 * @return how many findings there are (only the undisturbed run is played when that has
 *         one), or a negative errno:
 * @retval -EINVAL   NULL, options that make no sense, a point in the environment that
 *                   there is not, or called from a body
 * @retval -ENOTSUP  the machine is not the mock
 * @retval -EFBIG    more than 65536 calls of one kind
 * @retval -ENOMEM   out of memory, processes or descriptors
 * @retval -ENOENT   and others: what rb_ctx_new() says to @p machine
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_mock_campaign(const char *machine, rb_mock_body_fn body, void *arg,
					  const struct rb_mock_campaign_options *options,
					  struct rb_mock_report **out);

/**
 * How many points were played, the undisturbed run not counted.
 * @param report  the report; NULL has none
 * @return the number
 * @since 0.1
 */
RB_EXPORT size_t rb_mock_report_points(const struct rb_mock_report *report);

/**
 * How many findings there are: one for each point at which something did not hold.
 * @param report  the report; NULL has none
 * @return the number
 * @since 0.1
 */
RB_EXPORT size_t rb_mock_report_count(const struct rb_mock_report *report);

/**
 * One finding, in words.
 *
 * @param report  the report
 * @param index   0 for the first
 * @return a sentence that lives as long as the report; NULL past the last
 * @since 0.1
 */
RB_EXPORT const char *rb_mock_report_text(const struct rb_mock_report *report, size_t index);

/**
 * Free a report.
 * @param report  the report; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_mock_report_close(struct rb_mock_report *report);

#ifdef __cplusplus
}
#endif
#endif
