/* SPDX-License-Identifier: MIT */
/**
 * @file dma.h
 * Memory that a device reads and writes.
 *
 * A buffer has two addresses that are not the same thing and do not convert
 * into each other: the CPU pointer, and the bus address that the device is
 * given, struct rb_bus_addr (addr.h). Buffers are one physically contiguous block, a
 * power of two of pages, aligned to their size, at most 4 MiB (contract 1.5).
 * There is no silent fallback to memory that is not contiguous.
 *
 * Two calls order the CPU against the device, each at its moment and with its
 * range: rb_dma_publish() after writing a buffer and before ringing the
 * doorbell; rb_dma_observe() after the sign of completion and before reading
 * what the device wrote, and in every loop that waits on DMA memory. On
 * hardware both are a fence. On the mock the CPU's view and the device's view
 * are separate copies and these calls move the bytes, so a missing call shows
 * at once. See doc/ordering.md.
 *
 * After a crash the kernel frees the memory of a process while a device may
 * still write to it (contract 1.5). Within a process the library switches bus
 * mastering off before memory goes back.
 *
 * With RBDRV_RAW_MMIO defined before inclusion publish and observe are the bare
 * fence, and rb_dma_alloc() is -ENOTSUP where that would not be enough.
 *
 * @code
 * struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
 * struct rb_dma_buf *ring;
 *
 * options.addr_bits = 32;
 * rc = rb_dma_alloc(dev, 4096, &options, &ring);
 * if (rc < 0)
 *         return rc;
 * rb_mmio_write64_lo_hi(regs, REG_RING, rb_dma_addr(ring, 0).value);
 *
 * memcpy(rb_dma_cpu(ring), &descriptor, sizeof(descriptor));
 * rb_dma_publish(ring, 0, sizeof(descriptor));
 * rb_mmio_write32(regs, REG_DOORBELL, 1);
 * rc = rb_dma_poll32(ring, STATUS, DONE, DONE, 1000, NULL);
 * rb_dma_observe(ring, 0, 4096);
 * @endcode
 *
 * Threads: publish, observe, poll and getters from any number of threads at once;
 * close not while another call on the same buffer runs. In a child of fork() a
 * buffer's memory does not exist: touching it ends the child.
 */
#ifndef RBDRV_DMA_H
#define RBDRV_DMA_H

#include <stddef.h>
#include <stdint.h>

#include <rbdrv/addr.h>
#include <rbdrv/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A DMA buffer. The head of a larger object: made by rb_dma_alloc(), never
 * copied or allocated by a caller. Fields do not change while it is open.
 */
struct rb_dma_buf {
	void *cpu;	 /**< the bytes, for this process */
	uint64_t size;	 /**< bytes usable at cpu: the size asked for */
	uint32_t shadow; /**< 0: the device sees the same bytes; the library's otherwise */
};

/** What a device demands of its buffers. Start from RB_DMA_OPTIONS_INIT. */
struct rb_dma_options {
	uint32_t size;	    /**< sizeof(struct rb_dma_options), set by the macro */
	uint32_t addr_bits; /**< the buffer lies below 2^addr_bits, 12-64; 0: 64 */
	uint64_t align;	    /**< power of two of bytes; a page is the least, and 0's meaning */
	uint64_t boundary;  /**< power of two that the buffer must not cross; 0: none */
	const char *label;  /**< name for messages, copied, at most 31 bytes; NULL: none */
};

/** Initializer of struct rb_dma_options: no demands. */
#define RB_DMA_OPTIONS_INIT { sizeof(struct rb_dma_options), 0, 0, 0, NULL }

/** Largest size of one buffer, in bytes (contract 1.5). */
#define RB_DMA_MAX ((uint64_t)4 << 20)

/**
 * Allocate a zeroed contiguous buffer that a device may read and write.
 *
 * The memory taken is the larger of @p size and the alignment, rounded up to a
 * power of two of pages, because Redox loses the rest of anything else (probe 2).
 * Redox cannot be asked for memory below an address; with addr_bits set up to 16
 * blocks are tried and those that lie too high are given back afterwards. Of a device
 * with the quirk RB_PCI_QUIRK_DMA_32BIT_ONLY (pci_match.h) addr_bits is 32 at most.
 *
 * Switches the device's bus mastering on if closing an earlier buffer had switched
 * it off. Blocks for some requests to the memory scheme. Any thread.
 *
 * @param dev       the device that will use it; the buffer keeps a reference
 * @param size      bytes, 1 ... RB_DMA_MAX
 * @param options   the device's demands; NULL: none
 * @param[out] out  the buffer, owned by the caller until rb_dma_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, size 0, align or boundary no power of two, boundary below
 *                   size, addr_bits outside 12-64, or @p options was not set up by
 *                   RB_DMA_OPTIONS_INIT or has a nonzero tail that is unknown here
 * @retval -ENOMEM   @p size or align above 4 MiB, no contiguous block is free, or
 *                   none below 2^addr_bits was found in a bounded search
 * @retval -EACCES   this process may not allocate DMA memory
 * @retval -ENOTSUP  RBDRV_RAW_MMIO, and this machine has separate copies; or there
 *                   is no memory scheme here
 * @retval -ENODEV   the device is gone
 * @retval -EPROTO   the PCI server's answer makes no sense
 * @retval -EIO      the system failed, or handed out memory that is not what it
 *                   promised (contract 1.5)
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_alloc(struct rb_pci_dev *dev, uint64_t size,
				      const struct rb_dma_options *options,
				      struct rb_dma_buf **out);

/**
 * rb_dma_alloc(), refused with -ENOTSUP on a machine where publish and observe
 * are more than a fence. What rb_dma_alloc() means with RBDRV_RAW_MMIO.
 *
 * @param dev       as for rb_dma_alloc()
 * @param size      as for rb_dma_alloc()
 * @param options   as for rb_dma_alloc()
 * @param[out] out  as for rb_dma_alloc()
 * @return 0, or a negative errno as for rb_dma_alloc()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_alloc_direct(struct rb_pci_dev *dev, uint64_t size,
					     const struct rb_dma_options *options,
					     struct rb_dma_buf **out);

/**
 * Free a buffer. Stop the device first.
 *
 * With the last buffer of a device its bus mastering is switched off before the
 * memory goes back, unless its messages (MSI, MSI-X) are on, which need it. When
 * bus mastering cannot be shown to be off, the memory is kept until the process
 * ends, and the log says so. In a child of fork() this only frees memory.
 *
 * Blocks for some round trips to the PCI server.
 *
 * @param buf  the buffer; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_dma_close(struct rb_dma_buf *buf);

/**
 * The CPU pointer of a buffer. Any thread.
 *
 * @param buf  the buffer
 * @return the first byte, page aligned, valid until rb_dma_close(); NULL for NULL
 * @since 0.1
 */
RB_EXPORT void *rb_dma_cpu(const struct rb_dma_buf *buf);

/**
 * Size of a buffer. Any thread.
 *
 * @param buf  the buffer
 * @return bytes, as asked for; 0 for NULL
 * @since 0.1
 */
RB_EXPORT uint64_t rb_dma_size(const struct rb_dma_buf *buf);

/**
 * The bus address of a byte of the buffer. Any thread.
 *
 * @param buf  the buffer
 * @param off  byte offset, 0 ... size (one past the end is an address, too)
 * @return the address, contiguous over the buffer; all-ones for NULL or an offset
 *         past the end, which is a programming error
 * @since 0.1
 */
RB_EXPORT struct rb_bus_addr rb_dma_addr(const struct rb_dma_buf *buf, uint64_t off);

/**
 * The out-of-line half of rb_dma_publish(). Exported for other languages, which
 * may call it on every machine: where the memory is shared it is the fence.
 *
 * @param buf  the buffer
 * @param off  byte offset
 * @param len  bytes
 * @since 0.1
 */
RB_EXPORT void rb_dma_publish_routed(const struct rb_dma_buf *buf, uint64_t off, uint64_t len);

/**
 * The out-of-line half of rb_dma_observe(). See rb_dma_publish_routed().
 *
 * @param buf  the buffer
 * @param off  byte offset
 * @param len  bytes
 * @since 0.1
 */
RB_EXPORT void rb_dma_observe_routed(const struct rb_dma_buf *buf, uint64_t off, uint64_t len);

/** @cond internal */
#if defined(__x86_64__) || defined(__i386__)
/* x86 keeps stores in order before an uncached store, and loads in order: only the
 * compiler must be held. Write-combining stores do need the instruction. */
#define RB_DMA_FENCE_PUBLISH() __asm__ __volatile__("sfence" ::: "memory")
#define RB_DMA_FENCE_OBSERVE() __asm__ __volatile__("" ::: "memory")
#elif defined(__aarch64__)
#define RB_DMA_FENCE_PUBLISH() __asm__ __volatile__("dmb oshst" ::: "memory")
#define RB_DMA_FENCE_OBSERVE() __asm__ __volatile__("dmb oshld" ::: "memory")
#elif defined(__riscv)
#define RB_DMA_FENCE_PUBLISH() __asm__ __volatile__("fence rw, ow" ::: "memory")
#define RB_DMA_FENCE_OBSERVE() __asm__ __volatile__("fence ir, r" ::: "memory")
#else
#error "rbdrv: how DMA is ordered on this architecture is not known"
#endif
/** @endcond */

/**
 * Make the CPU's stores to [off, off + len) visible to the device. Call it
 * before the register write that tells the device to look.
 *
 * Any thread; ranges of other threads may overlap. A range past the end is a
 * programming error, which the mock records; elsewhere it has no effect.
 *
 * @param buf  the buffer
 * @param off  byte offset
 * @param len  bytes
 * @since 0.1
 */
static inline void rb_dma_publish(const struct rb_dma_buf *buf, uint64_t off, uint64_t len)
{
#ifndef RBDRV_RAW_MMIO
	if (RB_UNLIKELY(buf->shadow != 0)) {
		rb_dma_publish_routed(buf, off, len);
		return;
	}
#endif
	(void)buf;
	(void)off;
	(void)len;
	RB_DMA_FENCE_PUBLISH();
}

/**
 * Make the device's writes to [off, off + len) visible to the CPU. Call it after
 * the sign of completion and before reading, and in every loop that waits on
 * DMA memory. See rb_dma_publish().
 *
 * @param buf  the buffer
 * @param off  byte offset
 * @param len  bytes
 * @since 0.1
 */
static inline void rb_dma_observe(const struct rb_dma_buf *buf, uint64_t off, uint64_t len)
{
#ifndef RBDRV_RAW_MMIO
	if (RB_UNLIKELY(buf->shadow != 0)) {
		rb_dma_observe_routed(buf, off, len);
		return;
	}
#endif
	(void)buf;
	(void)off;
	(void)len;
	RB_DMA_FENCE_OBSERVE();
}

/**
 * Read a 32-bit little-endian word of the buffer until it says what the driver
 * waits for; observes it before each read.
 *
 * Blocks, on the machine's clock, about @p timeout_us at most, with rests as those
 * of rb_mmio_poll32(). Any thread.
 *
 * @param buf         the buffer
 * @param off         byte offset, a multiple of 4
 * @param mask        the bits that count
 * @param want        their wanted value: ends when (value & mask) == want
 * @param timeout_us  microseconds, 0 ... 10^12; 0 reads once
 * @param[out] last   the last value read; may be NULL
 * @return 0, or a negative errno:
 * @retval -ETIMEDOUT the word never said so
 * @retval -ENODEV    the device is gone; it is asked when the time is up
 * @retval -ERANGE    @p off is past the buffer
 * @retval -EINVAL    NULL, misaligned, @p want has bits outside @p mask, or
 *                    @p timeout_us is too long
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_poll32(const struct rb_dma_buf *buf, uint64_t off, uint32_t mask,
				       uint32_t want, uint64_t timeout_us, uint32_t *last);

/** @cond internal */
#ifdef RBDRV_RAW_MMIO
#define rb_dma_alloc(dev, size, options, out) rb_dma_alloc_direct((dev), (size), (options), (out))
#endif
/** @endcond */

#ifdef __cplusplus
}
#endif
#endif
