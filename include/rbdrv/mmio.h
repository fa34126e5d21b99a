/* SPDX-License-Identifier: MIT */
/**
 * @file mmio.h
 * Device registers in memory space.
 *
 * A window is a mapped piece of a BAR. Accessors are inline: one compare
 * checks the bound and routes at once. Below @c direct the access is a plain
 * volatile load or store; past it the out-of-line path serves windows that
 * cannot be mapped (on a mock or on QEMU every register access goes there) and
 * answers accesses past the end with all-ones.
 *
 * Registers are little endian. Offsets are bytes from the start of the window
 * and multiples of the access width; a misaligned one is a programming error,
 * which the mock records.
 *
 * Ordering: accesses to one device stay in program order. Against DMA memory
 * nothing is ordered by an accessor: rb_dma_publish() and rb_dma_observe() do
 * that. See doc/ordering.md.
 *
 * With RBDRV_RAW_MMIO defined before inclusion every accessor is the bare
 * volatile access: no check, no routing. rb_mmio_map() then demands a window
 * that can be mapped.
 *
 * A device that has been removed reads all-ones: where registers are mapped the
 * hardware says so by itself, where they are routed the library does.
 *
 * @code
 * struct rb_mmio *regs;
 *
 * rc = rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs);
 * if (rc < 0)
 *         return rc;
 * rb_mmio_write32(regs, REG_RESET, 1);
 * rc = rb_mmio_poll32(regs, REG_STATUS, STATUS_READY, STATUS_READY, 1000, NULL);
 * rb_mmio_close(regs);
 * @endcode
 *
 * Threads: accessors from any number of threads at once; map and close not
 * while another call on the same window runs. In a child of fork() routed
 * accesses answer all-ones; mapped registers stay the parent's, and the child
 * leaves them alone.
 */
#ifndef RBDRV_MMIO_H
#define RBDRV_MMIO_H

#include <stddef.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @cond internal */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/** @endcond */
/** A 16-bit number between the CPU's byte order and a descriptor's, little-endian; either way. */
#define RB_LE16(x) (x)
/** As RB_LE16(), of 32 bits. */
#define RB_LE32(x) (x)
/** As RB_LE16(), of 64 bits. */
#define RB_LE64(x) (x)
/** @cond internal */
#elif defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define RB_LE16(x) __builtin_bswap16(x)
#define RB_LE32(x) __builtin_bswap32(x)
#define RB_LE64(x) __builtin_bswap64(x)
#else
#error "rbdrv: unknown byte order"
#endif
/** @endcond */

/**
 * A mapped window of registers. The head of a larger object: made by
 * rb_mmio_map(), never copied or allocated by a caller. Neither field changes
 * while the window is open. direct is a multiple of 8, so that an aligned access
 * which starts below it ends below it.
 */
struct rb_mmio {
	volatile uint8_t *base; /**< mapped registers; meaningless past direct */
	uint64_t direct;	/**< bytes that base covers; 0: every access is routed */
};

/** Flags of rb_mmio_map(). Without a cache flag the window is uncached. */
enum rb_mmio_flag {
	RB_MMIO_UC = 0,	       /**< uncached: what registers need */
	RB_MMIO_WC = 1,	       /**< write-combining: frame buffers */
	RB_MMIO_WB = 2,	       /**< write-back cached: memory that happens to be in a BAR */
	RB_MMIO_DIRECT = 0x100 /**< refuse a window whose accesses would be routed */
};

/**
 * Map a window of a memory BAR.
 *
 * The window need not start or end on a page, though the system maps whole
 * pages. Blocks for one request to the memory scheme. Any thread. Source:
 * contract 1.4; what Redox answers with a panic or an endless loop is refused.
 *
 * @param dev       the device; the window keeps a reference
 * @param bar       0-5 or RB_PCI_BAR_ROM; the expansion ROM must be switched on, see
 *                  rb_pci_set_decode()
 * @param off       byte offset of the window in the BAR, a multiple of 8
 * @param len       bytes; 0: from @p off to the end of the BAR
 * @param flags     one cache flag, or-ed with RB_MMIO_DIRECT if wanted
 * @param[out] out  the window, owned by the caller until rb_mmio_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, bad flags, @p off not a multiple of 8, the expansion ROM is off
 * @retval -ENOENT   the function has no such memory BAR
 * @retval -ERANGE   the window passes the end of the BAR, or the BAR is absurd: as
 *                   rb_pci_bar_flaw() says, at address 0, or longer than 2^40 bytes
 * @retval -ENOTSUP  RB_MMIO_DIRECT (or RBDRV_RAW_MMIO), and accesses are routed
 *                   here; or this world has no such cache type or no memory scheme
 * @retval -EACCES   this process may not map device memory, or the BAR lies in RAM
 * @retval -ENODEV   the device is gone
 * @retval -ENOMEM   out of memory or address space
 * @retval -EIO      the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_mmio_map(struct rb_pci_dev *dev, unsigned int bar, uint64_t off,
				     uint64_t len, unsigned int flags, struct rb_mmio **out);

/**
 * Unmap a window. Nothing happens to the device. In a child of fork() this only
 * frees memory.
 *
 * @param m  the window; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_mmio_close(struct rb_mmio *m);

/**
 * Size of a window. Any thread.
 *
 * @param m  the window
 * @return bytes, as asked for or as the BAR has them; 0 for NULL
 * @since 0.1
 */
RB_EXPORT uint64_t rb_mmio_size(const struct rb_mmio *m);

/**
 * The cache type that accesses of this window really have. Uncached where
 * accesses are routed. Any thread.
 *
 * @param m  the window
 * @return RB_MMIO_UC, RB_MMIO_WC or RB_MMIO_WB; RB_MMIO_UC for NULL
 * @since 0.1
 */
RB_EXPORT enum rb_mmio_flag rb_mmio_cache(const struct rb_mmio *m);

/**
 * Why accesses of this window have answered all-ones: the first reason since the
 * last call, then forgotten. rb_last_error() names the access. Any thread.
 *
 * Only accesses that the library itself refused or routed are known; a mapped
 * register of a removed device reads all-ones without anybody noticing.
 *
 * @param m  the window
 * @return 0: no access failed; or a negative errno:
 * @retval -ERANGE  an access lay past the window
 * @retval -EINVAL  an access was misaligned, or the window is NULL
 * @retval -ENODEV  the device is gone
 * @retval -EACCES  machine "pci": it writes nothing, and the host may keep what a
 *                  driver of its own uses
 * @retval -EIO     the machine failed at a routed access
 * @since 0.1
 */
RB_EXPORT int rb_mmio_error(struct rb_mmio *m);

/**
 * The out-of-line read that rb_mmio_read8() uses past @c direct. Exported for other
 * languages, which may call it for every access; C code calls rb_mmio_read8().
 * Blocks while a machine in another process answers. Any thread.
 *
 * @param m    the window
 * @param off  byte offset, a multiple of the access width
 * @return the value; all-ones when it cannot be read, and for NULL
 * @since 0.1
 */
RB_EXPORT uint8_t rb_mmio_read8_routed(const struct rb_mmio *m, uint64_t off);
/** 16 bits. @copydoc rb_mmio_read8_routed */
RB_EXPORT uint16_t rb_mmio_read16_routed(const struct rb_mmio *m, uint64_t off);
/** 32 bits. @copydoc rb_mmio_read8_routed */
RB_EXPORT uint32_t rb_mmio_read32_routed(const struct rb_mmio *m, uint64_t off);
/** 64 bits; on CPUs without such an access it is refused as a misaligned one.
 * @copydoc rb_mmio_read8_routed */
RB_EXPORT uint64_t rb_mmio_read64_routed(const struct rb_mmio *m, uint64_t off);

/**
 * The out-of-line write that rb_mmio_write8() uses past @c direct. See
 * rb_mmio_read8_routed().
 *
 * @param m    the window; NULL does nothing
 * @param off  byte offset, a multiple of the access width
 * @param val  the value
 * @since 0.1
 */
RB_EXPORT void rb_mmio_write8_routed(const struct rb_mmio *m, uint64_t off, uint8_t val);
/** 16 bits. @copydoc rb_mmio_write8_routed */
RB_EXPORT void rb_mmio_write16_routed(const struct rb_mmio *m, uint64_t off, uint16_t val);
/** 32 bits. @copydoc rb_mmio_write8_routed */
RB_EXPORT void rb_mmio_write32_routed(const struct rb_mmio *m, uint64_t off, uint32_t val);
/** 64 bits; on CPUs without such an access it is refused as a misaligned one.
 * @copydoc rb_mmio_write8_routed */
RB_EXPORT void rb_mmio_write64_routed(const struct rb_mmio *m, uint64_t off, uint64_t val);

/** @cond internal */
#ifdef RBDRV_RAW_MMIO
#define rb_mmio_map(dev, bar, off, len, flags, out) \
	rb_mmio_map((dev), (bar), (off), (len), (flags) | RB_MMIO_DIRECT, (out))
#define RB_MMIO_ROUTED(m, off) 0
#else
#define RB_MMIO_ROUTED(m, off) RB_UNLIKELY((off) >= (m)->direct)
#endif
/** @endcond */

/**
 * Read an 8-bit register at byte offset @p off.
 *
 * Exactly one 1-byte access; never split, merged or repeated. Ordered after
 * earlier accesses to the same device, not against DMA memory: see
 * rb_dma_observe(). Past the window, or with the device gone, the value is
 * all-ones and rb_mmio_error() tells why. Any thread.
 *
 * @param m    the window
 * @param off  byte offset
 * @return the value
 * @since 0.1
 */
static inline uint8_t rb_mmio_read8(const struct rb_mmio *m, uint64_t off)
{
	if (RB_MMIO_ROUTED(m, off))
		return rb_mmio_read8_routed(m, off);
	return *(m->base + off);
}

/**
 * Read a 16-bit little-endian register in one access. See rb_mmio_read8().
 *
 * @pre @p off is a multiple of 2. The mock records a violation when it is not.
 *
 * @param m    the window
 * @param off  byte offset, a multiple of 2
 * @return the value
 * @since 0.1
 */
static inline uint16_t rb_mmio_read16(const struct rb_mmio *m, uint64_t off)
{
	if (RB_MMIO_ROUTED(m, off))
		return rb_mmio_read16_routed(m, off);
	return RB_LE16(*(const volatile uint16_t *)(m->base + off));
}

/**
 * Read a 32-bit little-endian register in one access. See rb_mmio_read8().
 *
 * @pre @p off is a multiple of 4. The mock records a violation when it is not.
 *
 * @param m    the window
 * @param off  byte offset, a multiple of 4
 * @return the value
 * @since 0.1
 */
static inline uint32_t rb_mmio_read32(const struct rb_mmio *m, uint64_t off)
{
	if (RB_MMIO_ROUTED(m, off))
		return rb_mmio_read32_routed(m, off);
	return RB_LE32(*(const volatile uint32_t *)(m->base + off));
}

/**
 * Write an 8-bit register at byte offset @p off.
 *
 * Exactly one 1-byte access; never split, merged or repeated. It may still be on
 * its way when the call returns: reading a register of the same device waits for
 * it. Past the window, or with the device gone, it goes nowhere and
 * rb_mmio_error() tells why. Any thread.
 *
 * @param m    the window
 * @param off  byte offset
 * @param val  the value
 * @since 0.1
 */
static inline void rb_mmio_write8(const struct rb_mmio *m, uint64_t off, uint8_t val)
{
	if (RB_MMIO_ROUTED(m, off))
		rb_mmio_write8_routed(m, off, val);
	else
		*(m->base + off) = val;
}

/**
 * Write a 16-bit little-endian register in one access. See rb_mmio_write8().
 *
 * @pre @p off is a multiple of 2. The mock records a violation when it is not.
 *
 * @param m    the window
 * @param off  byte offset, a multiple of 2
 * @param val  the value
 * @since 0.1
 */
static inline void rb_mmio_write16(const struct rb_mmio *m, uint64_t off, uint16_t val)
{
	if (RB_MMIO_ROUTED(m, off))
		rb_mmio_write16_routed(m, off, val);
	else
		*(volatile uint16_t *)(m->base + off) = RB_LE16(val);
}

/**
 * Write a 32-bit little-endian register in one access. See rb_mmio_write8().
 *
 * @pre @p off is a multiple of 4. The mock records a violation when it is not.
 *
 * @param m    the window
 * @param off  byte offset, a multiple of 4
 * @param val  the value
 * @since 0.1
 */
static inline void rb_mmio_write32(const struct rb_mmio *m, uint64_t off, uint32_t val)
{
	if (RB_MMIO_ROUTED(m, off))
		rb_mmio_write32_routed(m, off, val);
	else
		*(volatile uint32_t *)(m->base + off) = RB_LE32(val);
}

#if UINTPTR_MAX > 0xffffffffu
/**
 * Read a 64-bit little-endian register in one access. Only where the CPU has such
 * an access; rb_mmio_read64_lo_hi() is everywhere. See rb_mmio_read8().
 *
 * @pre @p off is a multiple of 8. The mock records a violation when it is not.
 *
 * @param m    the window
 * @param off  byte offset, a multiple of 8
 * @return the value
 * @since 0.1
 */
static inline uint64_t rb_mmio_read64(const struct rb_mmio *m, uint64_t off)
{
	if (RB_MMIO_ROUTED(m, off))
		return rb_mmio_read64_routed(m, off);
	return RB_LE64(*(const volatile uint64_t *)(m->base + off));
}

/**
 * Write a 64-bit little-endian register in one access. Only where the CPU has such
 * an access; rb_mmio_write64_lo_hi() is everywhere. See rb_mmio_write8().
 *
 * @pre @p off is a multiple of 8. The mock records a violation when it is not.
 *
 * @param m    the window
 * @param off  byte offset, a multiple of 8
 * @param val  the value
 * @since 0.1
 */
static inline void rb_mmio_write64(const struct rb_mmio *m, uint64_t off, uint64_t val)
{
	if (RB_MMIO_ROUTED(m, off))
		rb_mmio_write64_routed(m, off, val);
	else
		*(volatile uint64_t *)(m->base + off) = RB_LE64(val);
}
#endif

/**
 * Read 64 bits as two 32-bit accesses, the one at the lower address first. What
 * the device does between the two is the caller's business. See rb_mmio_read32().
 *
 * @param m    the window
 * @param off  byte offset of the lower half, a multiple of 4
 * @return the value
 * @since 0.1
 */
static inline uint64_t rb_mmio_read64_lo_hi(const struct rb_mmio *m, uint64_t off)
{
	uint64_t lo = rb_mmio_read32(m, off);

	return lo | (uint64_t)rb_mmio_read32(m, off + 4) << 32;
}

/**
 * Read 64 bits as two 32-bit accesses, the one at the higher address first. What
 * the device does between the two is the caller's business. See rb_mmio_read32().
 *
 * @param m    the window
 * @param off  byte offset of the lower half, a multiple of 4
 * @return the value
 * @since 0.1
 */
static inline uint64_t rb_mmio_read64_hi_lo(const struct rb_mmio *m, uint64_t off)
{
	uint64_t hi = rb_mmio_read32(m, off + 4);

	return hi << 32 | rb_mmio_read32(m, off);
}

/**
 * Write 64 bits as two 32-bit accesses, the one at the lower address first. See
 * rb_mmio_write32().
 *
 * @param m    the window
 * @param off  byte offset of the lower half, a multiple of 4
 * @param val  the value
 * @since 0.1
 */
static inline void rb_mmio_write64_lo_hi(const struct rb_mmio *m, uint64_t off, uint64_t val)
{
	rb_mmio_write32(m, off, (uint32_t)val);
	rb_mmio_write32(m, off + 4, (uint32_t)(val >> 32));
}

/**
 * Write 64 bits as two 32-bit accesses, the one at the higher address first. See
 * rb_mmio_write32().
 *
 * @param m    the window
 * @param off  byte offset of the lower half, a multiple of 4
 * @param val  the value
 * @since 0.1
 */
static inline void rb_mmio_write64_hi_lo(const struct rb_mmio *m, uint64_t off, uint64_t val)
{
	rb_mmio_write32(m, off + 4, (uint32_t)(val >> 32));
	rb_mmio_write32(m, off, (uint32_t)val);
}

/**
 * Copy from memory to a window: in ascending order, each access as wide as its
 * offset in the window and the bytes left allow, at most 8 bytes (4 on 32-bit
 * CPUs). Not for registers with side effects. Any thread, without a lock: two
 * copies at once mix.
 *
 * @param m    the window
 * @param off  byte offset in the window, any alignment
 * @param src  the bytes, any alignment; may be NULL when @p len is 0
 * @param len  how many
 * @return 0, or a negative errno:
 * @retval -ERANGE  the range passes the end of the window; nothing is copied
 * @retval -EINVAL  NULL
 * @retval -ENODEV  the device is gone
 * @retval -EIO     the machine failed at a routed access; earlier ones were made
 * @since 0.1
 */
RB_EXPORT int rb_mmio_copy_to(struct rb_mmio *m, uint64_t off, const void *src, size_t len);

/**
 * Copy from a window to memory. See rb_mmio_copy_to(). What cannot be read is
 * all-ones; when all of at least 4 bytes are, the device is asked for its vendor
 * id, to tell a white picture from a removed device.
 *
 * @param m    the window
 * @param off  byte offset in the window, any alignment
 * @param dst  receives the bytes, any alignment; may be NULL when @p len is 0
 * @param len  how many
 * @return 0, or a negative errno as for rb_mmio_copy_to()
 * @since 0.1
 */
RB_EXPORT int rb_mmio_copy_from(struct rb_mmio *m, uint64_t off, void *dst, size_t len);

/**
 * Fill a piece of a window with one byte. See rb_mmio_copy_to().
 * @param m     the window
 * @param off   byte offset in the window, any alignment
 * @param byte  the value
 * @param len   how many bytes
 * @return 0, or a negative errno as for rb_mmio_copy_to()
 * @since 0.1
 */
RB_EXPORT int rb_mmio_fill(struct rb_mmio *m, uint64_t off, uint8_t byte, size_t len);

/**
 * Read a 32-bit register until it says what the driver waits for.
 *
 * Blocks, on the machine's clock, about @p timeout_us at most. The first 32 reads
 * follow each other at once, later ones after rests that grow from 1 to 256 us.
 * Reads at least once, and once more after the time is up, so a caller that was
 * kept from the CPU for long is not told a lie. A clock that steps back does not
 * prolong the wait without end: the rests are counted as well. Any thread.
 *
 * @param m           the window
 * @param off         byte offset, a multiple of 4
 * @param mask        the bits that count
 * @param want        their wanted value: ends when (value & mask) == want
 * @param timeout_us  microseconds, 0 ... 10^12; 0 reads once
 * @param[out] last   the last value read; may be NULL
 * @return 0, or a negative errno:
 * @retval -ETIMEDOUT the register never said so
 * @retval -ENODEV    the device is gone (the register read all-ones and so did
 *                    its vendor id)
 * @retval -ERANGE    @p off is past the window
 * @retval -EINVAL    NULL, misaligned, @p want has bits outside @p mask, or
 *                    @p timeout_us is too long
 * @retval -EIO       the machine failed at a routed access
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_mmio_poll32(struct rb_mmio *m, uint64_t off, uint32_t mask,
					uint32_t want, uint64_t timeout_us, uint32_t *last);

#ifdef __cplusplus
}
#endif
#endif
