/* SPDX-License-Identifier: MIT */
/**
 * @file pio.h
 * Device registers behind I/O ports (x86).
 *
 * A window of ports is a piece of an I/O BAR, or ports at fixed numbers that no BAR
 * names. Accessors are calls, each of exactly one @c in or @c out instruction: a port
 * access takes about a microsecond on hardware, so a call costs nothing that shows.
 *
 * Offsets are bytes from the start of the window. The port that an access begins at is
 * a multiple of its width; a misaligned one is a programming error, which the mock
 * records. Values are little endian on the bus and in the CPU's order here.
 *
 * Redox opens the ports to one thread at a time and ends a process that uses them
 * unasked. The library asks for each thread at its first access, or when it maps a
 * window: five calls to the system, once per thread and context. Threads that a thread
 * starts later ask for themselves. There is nothing to give back; the right ends with
 * the thread. A thread that goes to and fro between two contexts asks again at each
 * change. Source: contract 5.
 *
 * The right is one for *all* ports: nothing but this library's bounds keeps a driver
 * from the ports of others. rb_pio_map_ports() checks nothing but that they exist.
 *
 * A device that has been removed reads all-ones: nobody answers at its ports. Once the
 * library knows of it (rb_pci_is_gone()) that stays so, whoever gets those ports later.
 *
 * @code
 * struct rb_pio *regs;
 *
 * rc = rb_pio_map(dev, 0, 0, 0x100, &regs);
 * if (rc < 0)
 *         return rc;
 * rb_pio_write8(regs, REG_COMMAND, COMMAND_RESET);
 * status = rb_pio_read16(regs, REG_STATUS);
 * rb_pio_close(regs);
 * @endcode
 *
 * Ordering: accesses stay in program order, and the CPU makes none before all earlier
 * stores of its thread are done. See rb_dma_publish() for DMA memory all the same.
 *
 * Threads: accessors from any number of threads at once; map and close not while
 * another call on the same window runs. In a child of fork() reads answer all-ones,
 * and writes go nowhere.
 */
#ifndef RBDRV_PIO_H
#define RBDRV_PIO_H

#include <stdint.h>

#include <rbdrv/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A window of I/O ports. */
struct rb_pio;

/**
 * Map a window of an I/O BAR, and ask for port I/O for this thread.
 *
 * Redox does not say how many ports a BAR has (contract 4.6). Where
 * rb_pci_bar_size() knows, the window must lie within; where it is 0, the caller's
 * word is taken as far as ports go. Blocks for the calls that ask for port I/O. Any
 * thread.
 *
 * @param dev       the device; the window keeps a reference
 * @param bar       0-5
 * @param off       byte offset of the window in the BAR
 * @param size      bytes, one port each; 0: from @p off to the end of the BAR
 * @param[out] out  the window, owned by the caller until rb_pio_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, or @p size is 0 and the size of the BAR is not known
 * @retval -ENOENT   the function has no such I/O BAR
 * @retval -ERANGE   the window passes the end of the BAR or the last port, or the BAR
 *                   was given no ports
 * @retval -ENOTSUP  this world has no port I/O: not x86, or a scheme root in a
 *                   directory
 * @retval -EACCES   the system refuses this process port I/O
 * @retval -ENODEV   the device is gone
 * @retval -ENOMEM   out of memory or descriptors
 * @retval -EIO      the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pio_map(struct rb_pci_dev *dev, unsigned int bar, uint32_t off,
				    uint32_t size, struct rb_pio **out);

/**
 * Map ports at fixed numbers, such as those of a PC's old devices, and ask for port
 * I/O for this thread. See rb_pio_map().
 *
 * Whether these ports are the caller's to use is not checked, and nobody else is kept
 * from them.
 *
 * @param ctx       context; the window keeps a reference
 * @param port      the first port
 * @param count     how many, 1 ... 65536 - @p port
 * @param[out] out  the window, owned by the caller until rb_pio_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, or @p count is 0
 * @retval -ERANGE   the window passes the last port
 * @retval -ENOTSUP  as rb_pio_map()
 * @retval -EACCES   as rb_pio_map()
 * @retval -ENODEV   the machine is gone, or the context is the parent's
 * @retval -ENOMEM   out of memory or descriptors
 * @retval -EIO      the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pio_map_ports(struct rb_ctx *ctx, uint16_t port, uint32_t count,
					  struct rb_pio **out);

/**
 * Give a window back. Nothing happens to the device, and threads keep their right to
 * ports. In a child of fork() this only frees memory.
 *
 * @param pio  the window; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_pio_close(struct rb_pio *pio);

/**
 * Size of a window. Never blocks; any thread.
 *
 * @param pio  the window
 * @return bytes, as asked for or as the BAR has them; 0 for NULL
 * @since 0.1
 */
RB_EXPORT uint32_t rb_pio_size(const struct rb_pio *pio);

/**
 * Why accesses of this window have answered all-ones or gone nowhere: the first reason
 * since the last call, then forgotten. rb_last_error() names the access. Any thread.
 *
 * @param pio  the window
 * @return 0: no access failed; or a negative errno:
 * @retval -ERANGE   an access lay past the window
 * @retval -EINVAL   an access was misaligned, or the window is NULL
 * @retval -ENODEV   the device is gone, or the context is the parent's
 * @retval -EACCES   the system refused port I/O to the thread that made an access, or it is
 *                   machine "pci", which touches no port
 * @retval -ENOTSUP  as -EACCES: it has no port I/O
 * @retval -ENOMEM   as -EACCES: out of memory or descriptors
 * @retval -EIO      the system or the machine failed
 * @since 0.1
 */
RB_EXPORT int rb_pio_error(struct rb_pio *pio);

/**
 * Read an 8-bit register at byte offset @p off.
 *
 * Exactly one access of 1 byte; never split, merged or repeated. Past the window, with
 * the device gone, or where this thread was refused port I/O the value is all-ones and
 * rb_pio_error() tells why. The first access of a thread asks for port I/O and blocks
 * for that; otherwise blocks only while a machine in another process answers. Any
 * thread.
 *
 * @param pio  the window
 * @param off  byte offset
 * @return the value; all-ones when it cannot be read, and for NULL
 * @since 0.1
 */
RB_EXPORT uint8_t rb_pio_read8(struct rb_pio *pio, uint32_t off);

/**
 * Read a 16-bit register in one access. See rb_pio_read8().
 *
 * @pre The port is a multiple of 2. The mock records a violation when it is not.
 *
 * @param pio  the window
 * @param off  byte offset
 * @return the value; all-ones when it cannot be read, and for NULL
 * @since 0.1
 */
RB_EXPORT uint16_t rb_pio_read16(struct rb_pio *pio, uint32_t off);

/**
 * Read a 32-bit register in one access. See rb_pio_read8().
 *
 * @pre The port is a multiple of 4. The mock records a violation when it is not.
 *
 * @param pio  the window
 * @param off  byte offset
 * @return the value; all-ones when it cannot be read, and for NULL
 * @since 0.1
 */
RB_EXPORT uint32_t rb_pio_read32(struct rb_pio *pio, uint32_t off);

/**
 * Write an 8-bit register at byte offset @p off.
 *
 * Exactly one access of 1 byte; never split, merged or repeated. On hardware it has
 * reached the device when the call returns. Where rb_pio_read8() would answer all-ones it goes
 * nowhere, and rb_pio_error() tells why. Blocks as rb_pio_read8(). Any thread.
 *
 * @param pio  the window; NULL does nothing
 * @param off  byte offset
 * @param val  the value
 * @since 0.1
 */
RB_EXPORT void rb_pio_write8(struct rb_pio *pio, uint32_t off, uint8_t val);

/**
 * Write a 16-bit register in one access. See rb_pio_write8().
 *
 * @pre The port is a multiple of 2. The mock records a violation when it is not.
 *
 * @param pio  the window; NULL does nothing
 * @param off  byte offset
 * @param val  the value
 * @since 0.1
 */
RB_EXPORT void rb_pio_write16(struct rb_pio *pio, uint32_t off, uint16_t val);

/**
 * Write a 32-bit register in one access. See rb_pio_write8().
 *
 * @pre The port is a multiple of 4. The mock records a violation when it is not.
 *
 * @param pio  the window; NULL does nothing
 * @param off  byte offset
 * @param val  the value
 * @since 0.1
 */
RB_EXPORT void rb_pio_write32(struct rb_pio *pio, uint32_t off, uint32_t val);

#ifdef __cplusplus
}
#endif
#endif
