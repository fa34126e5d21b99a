/* SPDX-License-Identifier: MIT */
/**
 * @file dma_map.h
 * Memory of the caller's that a device reads or writes for a while.
 *
 * rb_dma_alloc() (dma.h) makes memory that CPU and device share for good. Here the
 * memory is there already, a packet or a block of a file, and it changes hands:
 * rb_dma_map() hands it to the device, rb_dma_unmap() hands it back. In between
 * rb_dma_sync_for_cpu() hands part of it back and rb_dma_sync_for_device() hands it
 * over again. Whoever has not got the bytes leaves them alone.
 *
 * Each page is written to, so that it is there and is nobody else's, and its
 * address is asked of the system, page by page (contract 1.6). Pages that turn out
 * to be neighbours are merged, then cut at the device's boundary and segment size
 * (struct rb_dma_limits, dma.h). A page that the device cannot reach - above its
 * mask, misaligned, or without an address - is bounced: the device gets a block
 * that suits it, and the bytes are copied at each change of hands. Only that page
 * is. When there are more segments than the device takes, the whole map is bounced
 * into contiguous memory. rb_dma_stats_read() counts all of that.
 *
 * All of that is x86, where devices see what the caches hold. Elsewhere memory that a
 * device touches must not be cached (contract 1.5, 6.3), and the caller's is: there
 * every map is bounced, into memory of the library's that is uncached, and so are the
 * bytes of an rb_dma_buf; RB_DMA_MAP_NO_BOUNCE is always -ENOMEM.
 *
 * On a hosted machine devices reach only the machine's own memory: there the bytes
 * of an rb_dma_buf are mapped as they are, and all other memory is bounced.
 *
 * What a device does not write keeps the caller's bytes, bounced or not: a bounce
 * block starts as a copy of them in every direction. So a short transfer leaves
 * the tail as it was, and shows nobody the bytes of another map.
 *
 * @code
 * struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;
 * struct rb_dma_segment part;
 * struct rb_dma_map *map;
 *
 * options.label = "packet";
 * rc = rb_dma_map(dev, packet, len, RB_DMA_TO_DEVICE, &options, &map);
 * if (rc < 0)
 *         return rc;
 * for (i = 0; rc == 0 && i < rb_dma_map_count(map); i++) {
 *         rc = rb_dma_map_segment(map, i, &part);
 *         put_descriptor(part.bus.value, part.len);
 * }
 * ring_the_doorbell_and_wait();
 * rb_dma_unmap(map);
 * @endcode
 *
 * Who touches bytes that are the device's is found out:
 * - in a program built with AddressSanitizer, and under valgrind, when it happens,
 *   loads and stores alike;
 * - elsewhere when the bytes come back, by a checksum taken when they went, stores
 *   only: where the device has RB_DMA_CHECK (dma.h) and on the mock. Memory that
 *   the device itself writes to cannot be checked so, bounced memory always can.
 * The sentence names the map, the place that made it, the bytes and the device. It
 * goes to the log, and on the mock it is a violation. Checksums cover lines of 64
 * bytes, and a sentence names the first line that differs; the first byte, on the mock,
 * and where the device only reads a copy. Where part of a line has come back, the rest
 * is not watched any more.
 *
 * fork(): a child has the caller's memory and not the device. A handed-over page
 * is shared with the child until one of the two writes to it, and then the *writer*
 * gets a copy: a parent that writes after the child was made moves its bytes to a
 * page that the device does not know. So do not fork while pages are handed over,
 * or exec at once; the child's own calls answer -ENODEV, and rb_dma_unmap() there
 * only frees memory. For the same reason memory that was mapped for files, or that
 * another process shares, must not be changed by these others meanwhile. The
 * library cannot see the copy being made; bounced pages are not affected.
 *
 * Threads: calls on different maps from any threads at once; on one map one call at
 * a time, but for the getters.
 */
#ifndef RBDRV_DMA_MAP_H
#define RBDRV_DMA_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/dma.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which way the bytes go. */
enum rb_dma_dir {
	RB_DMA_TO_DEVICE = 1, /**< the device reads: a packet that is sent */
	RB_DMA_FROM_DEVICE = 2, /**< the device writes: a packet that is received */
	RB_DMA_BOTH = 3 /**< the device reads and writes */
};

/** Caller's memory handed to a device. Opaque. */
struct rb_dma_map;

/** One stretch of caller's memory. */
struct rb_dma_range {
	void *cpu;    /**< first byte; any alignment */
	uint64_t len; /**< bytes, at least 1 */
};

/** Largest map, in bytes over all its ranges. */
#define RB_DMA_MAP_MAX ((uint64_t)1 << 30)
/** Most ranges of one map. */
#define RB_DMA_MAP_RANGES_MAX 65536u

/** Bits of rb_dma_map_options.flags. */
enum rb_dma_map_flag {
	RB_DMA_MAP_BOUNCE = 1u << 0,   /**< bounce all of it: for tests, and as a diagnosis */
	RB_DMA_MAP_NO_BOUNCE = 1u << 1 /**< -ENOMEM rather than a copy */
};

/**
 * What one map demands beyond the device's limits (dma.h), which it only tightens.
 * Start from RB_DMA_MAP_OPTIONS_INIT.
 */
struct rb_dma_map_options {
	uint32_t size;	      /**< sizeof(struct rb_dma_map_options), set by the macro */
	uint32_t addr_bits;   /**< segments lie below 2^addr_bits, 12-64; 0: no demand */
	uint64_t align;	      /**< power of two that segments start at; 0: no demand */
	uint64_t boundary;    /**< power of two that no segment crosses; 0: no demand */
	uint64_t segment_max; /**< longest segment, in bytes; 0: no demand */
	uint32_t segments;    /**< most segments; 0: no demand */
	uint32_t flags;	      /**< bits of enum rb_dma_map_flag */
	const char *label;    /**< name for messages, copied, at most 31 bytes; NULL: none */
};

/** Initializer of struct rb_dma_map_options: no demands. */
#define RB_DMA_MAP_OPTIONS_INIT { sizeof(struct rb_dma_map_options), 0, 0, 0, 0, 0, 0, NULL }

/**
 * Hand @p len bytes at @p cpu to the device.
 *
 * The memory must be RAM that this process may write to, also when the device only
 * reads: one byte of each page is read and written back unchanged, so that the
 * page is there and is not shared with anybody (contract 1.5). Registers and
 * constants are not such memory. Found, and -EINVAL before anything is touched, are the
 * windows that rb_mmio_map() of this context has open, and the whole pages they lie in.
 * Not found are registers that were mapped otherwise, by another context or past this
 * library: where they are mapped directly, as on Redox, each page of them is read and
 * written like memory. The bytes stay where they are, neither freed nor unmapped, until
 * rb_dma_unmap().
 *
 * Bytes that are part of a live map cannot be mapped again, by this device or
 * another of the context, unless both maps are RB_DMA_TO_DEVICE. Bytes of an rb_dma_buf
 * may be mapped for another device than it was allocated for, a display's that shows
 * what a GPU drew: until rb_dma_unmap() they are that device's, too, and the mock lets
 * it reach them, and nothing else of the buffer.
 *
 * Switches bus mastering on as rb_dma_alloc() does. Blocks for one request to the
 * memory scheme a page, and more when a bounce block has to be made; a device's
 * bounce blocks are kept until its last buffer or map goes. Any thread.
 *
 * A macro that passes the place of the call on to rb_dma_map_at().
 *
 * @param dev       the device; the map keeps a reference
 * @param cpu       first byte
 * @param len       bytes, 1 ... RB_DMA_MAP_MAX
 * @param dir       which way the bytes go
 * @param options   demands beyond the device's limits; NULL: none
 * @param[out] out  the map, owned by the caller until rb_dma_unmap(); NULL on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, @p len 0, a range that wraps around, no such direction,
 *                   a window of rb_mmio_map(), demands that make no sense or contradict each
 *                   other, both flags, or @p options was not set up by its macro
 * @retval -EFBIG    more than RB_DMA_MAP_MAX bytes
 * @retval -EBUSY    part of it belongs to a live map, and one of the two is written to
 * @retval -ENOMEM   no memory, no bounce block that suits, RB_DMA_MAP_NO_BOUNCE and
 *                   something must be, or more segments than the device takes, or
 *                   than RB_DMA_SEGMENTS_MAX, even in contiguous memory: the
 *                   sentence has the numbers
 * @retval -EACCES   this process may not allocate DMA memory
 * @retval -ENOTSUP  it must be bounced, and there is no memory scheme here
 * @retval -ENODEV   the device is gone, or this is a child of fork()
 * @retval -EPROTO   the PCI server's answer makes no sense
 * @retval -EIO      the system failed, or its answer is no address of a page: 0,
 *                   misaligned or above 2^52. (One frame for two pages is not
 *                   refused: such pages are bounced.)
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_map(struct rb_pci_dev *dev, void *cpu, uint64_t len,
				    enum rb_dma_dir dir, const struct rb_dma_map_options *options,
				    struct rb_dma_map **out);

/**
 * Hand several stretches of memory to the device as one map, in their order: a
 * header and what it heads. Offsets into the map count through all of them. See
 * rb_dma_map() for everything else.
 *
 * @param dev       the device; the map keeps a reference
 * @param ranges    the stretches, which do not overlap; copied
 * @param count     how many, 1 ... RB_DMA_MAP_RANGES_MAX
 * @param dir       which way the bytes go, for all of them
 * @param options   demands beyond the device's limits; NULL: none
 * @param[out] out  the map, owned by the caller until rb_dma_unmap(); NULL on failure
 * @return 0, or a negative errno as rb_dma_map(); and
 * @retval -EINVAL  @p count is 0
 * @retval -EFBIG   @p count is above RB_DMA_MAP_RANGES_MAX
 * @retval -EBUSY   two ranges overlap, and the device writes
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_map_ranges(struct rb_pci_dev *dev,
					   const struct rb_dma_range *ranges, size_t count,
					   enum rb_dma_dir dir,
					   const struct rb_dma_map_options *options,
					   struct rb_dma_map **out);

/**
 * rb_dma_map(), made at @p place.
 *
 * @param dev       as rb_dma_map()
 * @param cpu       as rb_dma_map()
 * @param len       as rb_dma_map()
 * @param dir       as rb_dma_map()
 * @param options   as rb_dma_map()
 * @param[out] out  as rb_dma_map()
 * @param build     ignored, for a map has no calls that are compiled into the driver:
 *                  with RBDRV_RAW_MMIO it is the same (see RB_DMA_HERE)
 * @param place     for messages; kept by pointer, so of static storage; NULL: unknown
 * @return as rb_dma_map()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_map_at(struct rb_pci_dev *dev, void *cpu, uint64_t len,
				       enum rb_dma_dir dir,
				       const struct rb_dma_map_options *options,
				       struct rb_dma_map **out, uint32_t build,
				       const char *place);

/**
 * rb_dma_map_ranges(), made at @p place.
 *
 * @param dev       as rb_dma_map_ranges()
 * @param ranges    as rb_dma_map_ranges()
 * @param count     as rb_dma_map_ranges()
 * @param dir       as rb_dma_map_ranges()
 * @param options   as rb_dma_map_ranges()
 * @param[out] out  as rb_dma_map_ranges()
 * @param build     ignored, for a map has no calls that are compiled into the driver:
 *                  with RBDRV_RAW_MMIO it is the same (see RB_DMA_HERE)
 * @param place     for messages; kept by pointer, so of static storage; NULL: unknown
 * @return as rb_dma_map_ranges()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_map_ranges_at(struct rb_pci_dev *dev,
					      const struct rb_dma_range *ranges, size_t count,
					      enum rb_dma_dir dir,
					      const struct rb_dma_map_options *options,
					      struct rb_dma_map **out, uint32_t build,
					      const char *place);

/**
 * Hand everything back for good. Stop the device first, or see it complete.
 *
 * Bytes of an rb_dma_buf that were mapped in place are again what dma.h makes of
 * them, shared by CPU and device for good: the end of a map takes nothing from the
 * buffer, so a device that still reads or writes them makes no mistake that could be
 * seen, and rb_dma_observe() shows what it wrote. The mock tells when it matters: when
 * such a late write meets a byte that the CPU has changed meanwhile. A copy, on the
 * other hand, is taken from the device with the map, and the mock tells of every touch.
 *
 * What the device wrote is in the caller's memory afterwards; bytes that the CPU
 * owns already (rb_dma_sync_for_cpu()) are left alone. When this was the device's
 * last buffer or map, its bus mastering is switched off first, as rb_dma_close()
 * does, and its bounce blocks are given back.
 *
 * Blocks for some round trips to the PCI server in that case. In a child of fork()
 * this only frees memory.
 *
 * @param map  the map; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_dma_unmap(struct rb_dma_map *map);

/**
 * Hand part of a map back to the CPU: after the device is done with it, before
 * reading it or writing to it. Afterwards the device shall not touch these bytes
 * until rb_dma_sync_for_device().
 *
 * Bytes that the CPU owns already are left alone. Does not block. The compiler warns
 * of an answer that is not looked at: after a failure the bytes are still the device's.
 *
 * @param map  the map
 * @param off  byte offset into the map
 * @param len  bytes; 0 does nothing
 * @return 0, or a negative errno; nothing has changed hands then:
 * @retval -EINVAL  NULL
 * @retval -ERANGE  the range passes the end of the map
 * @retval -ENOMEM  the device would have so many parts of the map, with bytes of the
 *                  CPU's between them, that there is no memory to remember them. What
 *                  is needed for one part in each 4096 bytes of the map, and for eight
 *                  in any, was set aside when it was made: a driver whose parts are
 *                  2048 bytes or more never sees this
 * @retval -ENODEV  this is a child of fork()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_sync_for_cpu(struct rb_dma_map *map, uint64_t off,
					     uint64_t len);

/**
 * Hand part of a map to the device again: before telling it of these bytes. What
 * the CPU wrote since rb_dma_sync_for_cpu() is what it finds.
 *
 * Bytes that the device owns already are left alone: what the CPU wrote to such
 * bytes is a mistake, and need not reach the device. Does not block.
 *
 * @param map  the map
 * @param off  byte offset into the map
 * @param len  bytes; 0 does nothing
 * @return 0, or a negative errno as rb_dma_sync_for_cpu()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_sync_for_device(struct rb_dma_map *map, uint64_t off,
						uint64_t len);

/**
 * How many segments the device has to be told of. Does not change. Any thread.
 *
 * @param map  the map
 * @return segments, 1 at least; 0 for NULL
 * @since 0.1
 */
RB_EXPORT uint32_t rb_dma_map_count(const struct rb_dma_map *map);

/**
 * One segment, in the order of the map's bytes. They do not change. Any thread.
 *
 * @param map       the map
 * @param index     0 ... rb_dma_map_count() - 1
 * @param[out] out  its bus address, and which bytes of the map it is
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ERANGE  there is no such segment
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_map_segment(const struct rb_dma_map *map, uint32_t index,
					    struct rb_dma_segment *out);

/**
 * Are bytes of this map copied? Any thread.
 *
 * @param map  the map
 * @return whether at least one page is bounced; false for NULL
 * @since 0.1
 */
RB_EXPORT bool rb_dma_map_is_bounced(const struct rb_dma_map *map);

/** @cond internal */
#define rb_dma_map(dev, cpu, len, dir, options, out) \
	rb_dma_map_at((dev), (cpu), (len), (dir), (options), (out), RB_DMA_HERE)
#define rb_dma_map_ranges(dev, ranges, count, dir, options, out) \
	rb_dma_map_ranges_at((dev), (ranges), (count), (dir), (options), (out), RB_DMA_HERE)
/** @endcond */

#ifdef __cplusplus
}
#endif
#endif
