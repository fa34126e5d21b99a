/* SPDX-License-Identifier: MIT */
/**
 * @file dma.h
 * Memory that a device reads and writes.
 *
 * A buffer has two addresses that are not the same thing and do not convert
 * into each other (addr.h): the CPU pointer, and the bus address that the device
 * is given, struct rb_bus_addr. What a device demands of the latter - how many bits
 * it has, what it must be aligned to, what it may not cross - is said once, with
 * rb_dma_set_limits(), and holds for all memory that this device is given.
 *
 * Which kind of memory is for what, who owns it when, and who notices mistakes:
 * doc/dma.md.
 *
 * rb_dma_alloc() makes one physically contiguous block, a power of two of pages,
 * aligned to its size, at most 4 MiB (contract 1.5). There is no silent fallback to
 * memory that is not contiguous: larger buffers are asked for by rb_dma_alloc_sg(),
 * whose bytes are contiguous for the CPU, and a list of segments for the device.
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
 * mastering off before memory goes back, and keeps memory for which that cannot be
 * shown until it can be.
 *
 * With RBDRV_RAW_MMIO defined before inclusion publish and observe are the bare
 * fence, and what allocates is -ENOTSUP where that would not be enough.
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
 * A DMA buffer. The head of a larger object: made by rb_dma_alloc() or
 * rb_dma_alloc_sg(), never copied or allocated by a caller. Fields do not change
 * while it is open.
 */
struct rb_dma_buf {
	void *cpu;	 /**< the bytes, for this process */
	uint64_t size;	 /**< bytes usable at cpu: the size asked for */
	uint32_t shadow; /**< 0: the device sees the same bytes; the library's otherwise */
};

/**
 * What a device demands of all memory that it is given: the device's own limits, for
 * rb_dma_set_limits(). Start from RB_DMA_LIMITS_INIT; 0 is no demand.
 */
struct rb_dma_limits {
	uint32_t size;	      /**< sizeof(struct rb_dma_limits), set by the macro */
	uint32_t addr_bits;   /**< memory lies below 2^addr_bits; 12-64 */
	uint64_t align;	      /**< power of two of bytes that each segment's address is a
			       *   multiple of */
	uint64_t boundary;    /**< power of two of bytes that no segment crosses; align at least */
	uint64_t segment_max; /**< most bytes of one segment; align at least */
	uint32_t segments;    /**< most segments of one scatter list; RB_DMA_SEGMENTS_MAX at most */
	uint32_t flags;	      /**< RB_DMA_CHECK or 0 */
};

/** Initializer of struct rb_dma_limits: no demands. */
#define RB_DMA_LIMITS_INIT { sizeof(struct rb_dma_limits), 0, 0, 0, 0, 0, 0 }

/** Flag of struct rb_dma_limits: check by checksums who touches memory while it is the
 * device's (dma_map.h) also on machines that are not strict. */
#define RB_DMA_CHECK UINT32_C(1)

/** What one buffer needs beyond its device's limits. Start from RB_DMA_OPTIONS_INIT. */
struct rb_dma_options {
	uint32_t size;	    /**< sizeof(struct rb_dma_options), set by the macro */
	uint32_t addr_bits; /**< it lies below 2^addr_bits, 12-64; 0: as the device can */
	uint64_t align;	    /**< power of two of bytes; a page is the least, and 0's meaning */
	uint64_t boundary;  /**< power of two that no segment must cross; 0: none */
	const char *label;  /**< name for messages, copied, at most 31 bytes; NULL: none */
};

/** Initializer of struct rb_dma_options: no demands. */
#define RB_DMA_OPTIONS_INIT { sizeof(struct rb_dma_options), 0, 0, 0, NULL }

/** Largest size of one contiguous buffer, in bytes (contract 1.5). */
#define RB_DMA_MAX ((uint64_t)4 << 20)

/** Largest size of one buffer of segments, in bytes. */
#define RB_DMA_SG_MAX ((uint64_t)1 << 30)

/**
 * Most segments of one buffer or map: as many as RB_DMA_SG_MAX bytes have pages. Demands
 * that would cut memory into more, such as a segment_max of a few bytes, are -ENOMEM.
 */
#define RB_DMA_SEGMENTS_MAX (UINT32_C(1) << 18)

/** A stretch of memory that is contiguous for the device. */
struct rb_dma_segment {
	struct rb_bus_addr bus; /**< where the device finds it */
	uint64_t off;		/**< where in the buffer, or the mapping, it begins */
	uint64_t len;		/**< bytes */
};

/**
 * Flag of the calls that end in _at: refuse with -ENOTSUP a machine where publish and
 * observe are more than a fence.
 */
#define RB_DMA_DIRECT UINT32_C(1)

/** @cond internal */
#ifdef RBDRV_RAW_MMIO
#define RB_DMA_BUILD RB_DMA_DIRECT
#else
#define RB_DMA_BUILD UINT32_C(0)
#endif
#define RB_DMA_TEXT_OF(token) #token
#define RB_DMA_TEXT(token) RB_DMA_TEXT_OF(token)
/** @endcond */

/**
 * The last two arguments of the calls that end in _at: how this file was compiled, and
 * the place of the call, "nic.c:120". rb_dma_alloc() and its like are macros that add
 * them, so that messages can name the line that asked for the memory; the functions of
 * the same names remain for other languages.
 */
#define RB_DMA_HERE RB_DMA_BUILD, __FILE__ ":" RB_DMA_TEXT(__LINE__)

/**
 * State what a device demands, once, before its first memory.
 *
 * The limits hold for every buffer, pool, ring and mapping of the device; options of a
 * single one only tighten them. A quirk that says less (RB_PCI_QUIRK_DMA_32BIT_ONLY,
 * pci_match.h) is honoured besides, whatever is said here. Calling again replaces the
 * limits. No input or output. Any thread.
 *
 * Buffers made by rb_dma_alloc() are one piece: they lie below 2^addr_bits, are aligned
 * and do not cross the boundary; segment_max only divides what rb_dma_segment() tells of
 * them, for rings and tables are longer than a data segment may be. Scatter lists,
 * rb_dma_alloc_sg() and rb_dma_map(), honour all. Nothing has more than
 * RB_DMA_SEGMENTS_MAX segments.
 *
 * @param dev     the device
 * @param limits  its demands
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL; addr_bits outside 12-64; align or boundary no power of two;
 *                  boundary or segment_max below align; align above RB_DMA_MAX; unknown
 *                  flags; or @p limits was not set up by RB_DMA_LIMITS_INIT or has a
 *                  nonzero tail that is unknown here
 * @retval -EBUSY   the device has a live buffer, pool, ring or mapping
 * @retval -ENOMEM  out of memory
 * @retval -ENODEV  in a child of fork()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_set_limits(struct rb_pci_dev *dev,
					   const struct rb_dma_limits *limits);

/**
 * The limits that are honoured: those that were set, tightened by the device's quirks.
 *
 * What was no demand reads as the widest there is: addr_bits 64, align 1, segment_max
 * UINT64_MAX, segments RB_DMA_SEGMENTS_MAX; boundary 0 remains. No input or output. Any thread.
 *
 * @param dev       the device
 * @param[out] out  at most out->size bytes are filled; start from RB_DMA_LIMITS_INIT
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or @p out was not set up
 * @retval -ENOMEM  out of memory
 * @retval -ENODEV  in a child of fork()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_get_limits(struct rb_pci_dev *dev, struct rb_dma_limits *out);

/**
 * Allocate a zeroed contiguous buffer that a device may read and write.
 *
 * The memory taken is the larger of @p size and the alignment, rounded up to a
 * power of two of pages, because Redox loses the rest of anything else (probe 2).
 * Redox cannot be asked for memory below an address; with addr_bits set up to 16
 * blocks are tried and those that lie too high are given back afterwards. The device's
 * limits and quirks apply; @p options only tightens them.
 *
 * Switches the device's bus mastering on if closing an earlier buffer had switched
 * it off. Blocks for some requests to the memory scheme. Any thread.
 *
 * @param dev       the device that will use it; the buffer keeps a reference
 * @param size      bytes, 1 ... RB_DMA_MAX
 * @param options   what this buffer needs besides; NULL: nothing
 * @param[out] out  the buffer, owned by the caller until rb_dma_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, size 0, align or boundary no power of two, an options'
 *                   boundary below size, addr_bits outside 12-64, or @p options was not
 *                   set up by RB_DMA_OPTIONS_INIT or has a nonzero tail that is unknown
 *                   here
 * @retval -ENOMEM   @p size or align above 4 MiB, the device's boundary below size, no
 *                   contiguous block is free, or none below 2^addr_bits was found in a
 *                   bounded search: rb_last_error() tells how many were tried, and the
 *                   lowest address among them
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
 * rb_dma_alloc() with the place that asks.
 *
 * @param dev       as for rb_dma_alloc()
 * @param size      as for rb_dma_alloc()
 * @param options   as for rb_dma_alloc()
 * @param[out] out  as for rb_dma_alloc()
 * @param build     RB_DMA_DIRECT or 0; other bits are ignored
 * @param place     for messages; kept by pointer, so of static storage; NULL: unknown
 * @return 0, or a negative errno as for rb_dma_alloc()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_alloc_at(struct rb_pci_dev *dev, uint64_t size,
					 const struct rb_dma_options *options,
					 struct rb_dma_buf **out, uint32_t build,
					 const char *place);

/**
 * Allocate a zeroed buffer whose bytes are contiguous for the CPU, and a list of
 * segments for the device.
 *
 * The memory comes in blocks of 4 MiB and, when none is free or low enough, of less;
 * each is a power of two of pages, together @p size rounded up to pages, or to the
 * alignment. rb_dma_addr() is right for every byte; what is contiguous for the device is
 * told by rb_dma_segment(): neighbours are merged, and divided again where the device's
 * boundary and segment_max demand it. Publish and observe take ranges across segments.
 *
 * Otherwise as rb_dma_alloc(): limits, bus mastering, threads, and rb_dma_close().
 *
 * @param dev       the device that will use it; the buffer keeps a reference
 * @param size      bytes, 1 ... RB_DMA_SG_MAX
 * @param options   what this buffer needs besides; NULL: nothing. Its boundary may be
 *                  below @p size, and holds for every segment
 * @param[out] out  the buffer, owned by the caller until rb_dma_close(); NULL on
 *                  failure
 * @return 0, or a negative errno as for rb_dma_alloc(), but:
 * @retval -EINVAL  the options' boundary is below the device's align
 * @retval -ENOMEM  @p size above RB_DMA_SG_MAX, align above 4 MiB, memory or address
 *                  space ran out, no block low enough was found, or the list is longer
 *                  than the device's limit of segments, or than RB_DMA_SEGMENTS_MAX;
 *                  nothing is kept then
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_alloc_sg(struct rb_pci_dev *dev, uint64_t size,
					 const struct rb_dma_options *options,
					 struct rb_dma_buf **out);

/**
 * rb_dma_alloc_sg() with the place that asks.
 *
 * @param dev       as for rb_dma_alloc_sg()
 * @param size      as for rb_dma_alloc_sg()
 * @param options   as for rb_dma_alloc_sg()
 * @param[out] out  as for rb_dma_alloc_sg()
 * @param build     RB_DMA_DIRECT or 0; other bits are ignored
 * @param place     for messages; kept by pointer, so of static storage; NULL: unknown
 * @return 0, or a negative errno as for rb_dma_alloc_sg()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_alloc_sg_at(struct rb_pci_dev *dev, uint64_t size,
					    const struct rb_dma_options *options,
					    struct rb_dma_buf **out, uint32_t build,
					    const char *place);

/**
 * Free a buffer. Stop the device first.
 *
 * With the last buffer of a device its bus mastering is switched off before the
 * memory goes back, unless its messages (MSI, MSI-X) are on, which need it. When
 * bus mastering cannot be shown to be off, the memory is kept, and the log says so. It
 * goes back as soon as that can be shown: when a later buffer is closed, by
 * rb_pci_set_bus_master(), rb_pci_reset() or the device's last rb_pci_unref(); else when
 * the process ends. In a child of fork() this only frees memory.
 *
 * Blocks for some round trips to the PCI server. Closing twice is undefined, as free() is;
 * so it is with maps, pools, caches and rings.
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
 * @return the address, contiguous over a buffer of rb_dma_alloc(), and over each
 *         segment of one of rb_dma_alloc_sg(); all-ones for NULL or an offset past the
 *         end, which is a programming error
 * @since 0.1
 */
RB_EXPORT struct rb_bus_addr rb_dma_addr(const struct rb_dma_buf *buf, uint64_t off);

/**
 * Into how many segments the buffer is divided for the device. Any thread.
 *
 * @param buf  the buffer
 * @return the count, 1 at least; 0 for NULL
 * @since 0.1
 */
RB_EXPORT uint32_t rb_dma_segment_count(const struct rb_dma_buf *buf);

/**
 * One segment of the buffer: contiguous for the device, within its boundary and
 * segment_max. Segments come in the order of their bytes and leave none out. Any thread.
 *
 * @param buf       the buffer
 * @param index     0 ... rb_dma_segment_count() - 1
 * @param[out] out  the segment; zeroed on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ERANGE  there is no such segment
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_segment(const struct rb_dma_buf *buf, uint32_t index,
					struct rb_dma_segment *out);

/**
 * The out-of-line half of rb_dma_publish(). Exported for other languages, which
 * may call it on every machine: where the memory is shared it is the fence.
 *
 * @param buf  the buffer
 * @param off  byte offset
 * @param len  bytes
 * @since 0.1
 */
RB_EXPORT RB_COLD void rb_dma_publish_routed(const struct rb_dma_buf *buf, uint64_t off,
					    uint64_t len);

/**
 * The out-of-line half of rb_dma_observe(). See rb_dma_publish_routed().
 *
 * @param buf  the buffer
 * @param off  byte offset
 * @param len  bytes
 * @since 0.1
 */
RB_EXPORT RB_COLD void rb_dma_observe_routed(const struct rb_dma_buf *buf, uint64_t off,
					    uint64_t len);

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
 * Leave the fence of a publish to the next one: for many buffers that one doorbell tells
 * of. The stores become visible to the device with the next rb_dma_publish() or
 * rb_dma_ring_ring() of this thread, which the driver makes before the device may look,
 * and which may be of another buffer. Otherwise as rb_dma_publish(); where bytes are moved
 * they are moved at once.
 *
 * Not for a descriptor that hands itself over, by a valid or owner bit: what it tells of is
 * published before the bit is set (doc/ordering.md, 6).
 *
 * @param buf  the buffer
 * @param off  byte offset
 * @param len  bytes
 * @since 0.1
 */
static inline void rb_dma_stage(const struct rb_dma_buf *buf, uint64_t off, uint64_t len)
{
#ifndef RBDRV_RAW_MMIO
	if (RB_UNLIKELY(buf->shadow != 0))
		rb_dma_publish_routed(buf, off, len);
#endif
	(void)buf;
	(void)off;
	(void)len;
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

/** What a device's DMA memory has come to. Start from RB_DMA_STATS_INIT. */
struct rb_dma_stats {
	uint32_t size;		   /**< sizeof(struct rb_dma_stats), set by the macro */
	uint32_t buffers;	   /**< live buffers, those of pools and rings included */
	uint64_t bytes;		   /**< bytes of memory they have taken */
	uint64_t buffers_peak;	   /**< most of them at one time */
	uint64_t bytes_peak;	   /**< most bytes at one time */
	uint64_t buffers_made;	   /**< buffers ever allocated */
	uint64_t blocks_refused;   /**< blocks that lay too high, or else did not suit */
	uint64_t quarantined;	   /**< bytes kept now, see rb_dma_close() */
	uint64_t quarantine_freed; /**< bytes that had been kept, and went back */
	uint64_t maps;		   /**< live mappings (dma_map.h) */
	uint64_t maps_made;	   /**< mappings ever made */
	uint64_t segments;	   /**< segments of mappings ever made */
	uint64_t pages_merged;	   /**< pages of mappings that went on where another ended */
	uint64_t bounced_maps;	   /**< mappings of which anything bounced */
	uint64_t bounced_segments; /**< segments that bounced */
	uint64_t bounced_bytes;	   /**< bytes of them */
	uint64_t misuses;	   /**< programming errors that were caught */
	uint64_t pools;		   /**< live pools (dma_pool.h) */
	uint64_t pool_elems;	   /**< elements in live pools */
	uint64_t pool_grows;	   /**< times that a pool took more memory */
	uint64_t pool_refills;	   /**< times that a cache fetched elements from its pool */
	uint64_t pool_spills;	   /**< times that a cache gave elements back */
};

/** Initializer of struct rb_dma_stats. */
#define RB_DMA_STATS_INIT { sizeof(struct rb_dma_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
			    0, 0, 0, 0, 0, 0, 0 }

/**
 * Read the statistics of a device. The numbers are taken one after the other, while
 * other threads go on. No input or output. Any thread.
 *
 * @param dev         the device
 * @param[out] stats  at most stats->size bytes are filled
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or @p stats was not set up by RB_DMA_STATS_INIT
 * @retval -ENOMEM  out of memory
 * @retval -ENODEV  in a child of fork()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_stats_read(struct rb_pci_dev *dev, struct rb_dma_stats *stats);

/** @cond internal */
#define rb_dma_alloc(dev, size, options, out) \
	rb_dma_alloc_at((dev), (size), (options), (out), RB_DMA_HERE)
#define rb_dma_alloc_sg(dev, size, options, out) \
	rb_dma_alloc_sg_at((dev), (size), (options), (out), RB_DMA_HERE)
/** @endcond */

#ifdef __cplusplus
}
#endif
#endif
