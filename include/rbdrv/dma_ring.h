/* SPDX-License-Identifier: MIT */
/**
 * @file dma_ring.h
 * Descriptor rings: what a driver and a device pass work through.
 *
 * A ring is an array of a power of two of descriptors in DMA memory. The driver fills
 * slots at the producer, posts them and rings the doorbell; the device works through
 * them in order; the driver takes them back at the consumer. The device owns what lies
 * between the two, never more and never less:
 *
 *        take -->           post -->         ring -->
 *     ...  free  | cons  the device's  | rung  posted, not told  | prod  free  ...
 *
 * Both indexes run freely and wrap at 2^32; a slot is an index masked. So full and empty
 * are two things: prod - cons is 0 when nothing is the device's, and the count of slots
 * (less those kept in reserve) when everything is.
 *
 * The ring knows nothing of descriptors: the driver's own array of its own type stands at
 * @c desc, and slots are indexes into it. What the ring does know is order, and there it
 * is complete: rb_dma_ring_ring() publishes what was posted, over the wrap too, before it
 * writes the doorbell; rb_dma_ring_peek() observes a slot before the driver looks at its
 * DD or phase bit; rb_dma_ring_done_bit8() and its sisters hold back every later load until
 * that bit was seen. A driver of a ring calls neither rb_dma_publish() nor rb_dma_observe()
 * for it, only for the data that descriptors point to.
 *
 * A device's word is not trusted. Bits set where they should not be are believed for slots
 * that the device owns and for no other, so however it lies the consumer does not pass the
 * producer. An index that it gives goes through rb_dma_ring_told().
 *
 * A network card that sets a DD bit when a frame has been sent:
 *
 * @code
 * struct tx_desc { uint64_t addr; uint32_t cmd; uint8_t status, css; uint16_t special; };
 *
 * struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;
 * options.regs = regs;
 * options.doorbell = TDT;
 * options.reserve = 1;                    // tail == head means empty to this device
 * rc = rb_dma_ring_open(dev, 256, sizeof(struct tx_desc), &options, &tx);
 * struct tx_desc *desc = tx->desc;
 *
 * while (rb_dma_ring_space(tx) > 0 && next_frame(&frame)) {       // send
 *         i = rb_dma_ring_slot(tx);
 *         desc[i] = (struct tx_desc){ .addr = frame.bus.value, .cmd = frame.len | EOP | RS };
 *         rb_dma_ring_post(tx, 1);
 * }
 * rb_dma_ring_ring(tx);                                           // one doorbell for all
 *
 * for (;;) {                                                      // clean up
 *         i = rb_dma_ring_peek(tx);
 *         if (!rb_dma_ring_done_bit8(tx, &desc[i].status, DD))
 *                 break;
 *         frame_sent(i);
 *         rb_dma_ring_take(tx, 1);
 * }
 * @endcode
 *
 * A completion queue, where the device fills the slots and the driver hands them back as
 * they are (NVMe): open it with RB_DMA_RING_COMPLETIONS and its head register as doorbell.
 * All slots are the device's from the start, and its phase bit flips at every wrap:
 *
 * @code
 * for (;;) {
 *         i = rb_dma_ring_peek(cq);
 *         if (!rb_dma_ring_done_phase16(cq, &cqe[i].status, 1))
 *                 break;
 *         n = rb_dma_ring_told(sq, cqe[i].sq_head, sq->mask);     // how far it has read
 *         if (n < 0)
 *                 return n;
 *         rb_dma_ring_take(sq, n);
 *         command_done(cqe[i].id, cqe[i].status);
 *         rb_dma_ring_take(cq, 1);
 * }
 * rb_dma_ring_recycle(cq);                                        // one head doorbell
 * @endcode
 *
 * A ring whose index the driver stores in memory (virtio) has no doorbell of its own:
 *
 * @code
 * if (rb_dma_ring_ring(avail) > 0) {                              // publishes the entries
 *         *avail_idx = (uint16_t)avail->prod;
 *         rb_dma_publish(buf, avail_idx_off, 2);
 *         rb_mmio_write16(notify, 0, queue);
 * }
 * @endcode
 *
 * With RBDRV_RAW_MMIO defined before inclusion nothing is checked but what a device
 * says, and a ring compiles to what one would write by hand.
 *
 * Threads: one at a time per ring; two rings are independent. In a child of fork() the
 * slots do not exist (dma.h): close is the only call left.
 */
#ifndef RBDRV_DMA_RING_H
#define RBDRV_DMA_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/dma.h>
#include <rbdrv/mmio.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A ring. The head of a larger object: made by rb_dma_ring_open(), never copied or
 * allocated by a caller. Drivers read the fields and leave changing them to the calls
 * below.
 */
struct rb_dma_ring {
	void *desc; /**< the slots: an array of the driver's own type */
	volatile uint32_t *bell; /**< the doorbell, where it is a plain store */
	uint32_t mask; /**< slots - 1 */
	uint32_t room; /**< slots that the device may own: all less the reserve */
	uint32_t prod; /**< slots ever posted, modulo 2^32 */
	uint32_t rung; /**< of these, told to the device */
	uint32_t cons; /**< slots ever taken, modulo 2^32 */
	uint32_t direct; /**< 1: memory is shared and the doorbell mapped; 0: not both */
};

/** Flags of struct rb_dma_ring_options. */
enum rb_dma_ring_flag {
	/** The device fills the slots, and all are its own from the start. */
	RB_DMA_RING_COMPLETIONS = 1
};

/** What a ring is made of. Start from RB_DMA_RING_OPTIONS_INIT. */
struct rb_dma_ring_options {
	uint32_t size; /**< sizeof(struct rb_dma_ring_options), set by the macro */
	uint32_t flags; /**< of enum rb_dma_ring_flag */
	struct rb_mmio *regs; /**< the window with the doorbell; NULL: the ring has none */
	uint64_t doorbell; /**< its offset there: a 32-bit register that takes a slot */
	uint32_t reserve; /**< slots kept empty: 1 where tail == head means empty */
	uint32_t reserved; /**< zero */
	struct rb_dma_buf *buf; /**< memory to live in; NULL: the ring allocates its own */
	uint64_t off; /**< where in @c buf; 0 without one */
	const char *label; /**< name for messages, copied, at most 31 bytes; NULL: none */
};

/** Initializer of struct rb_dma_ring_options: own memory, no doorbell, no reserve. */
#define RB_DMA_RING_OPTIONS_INIT                                                    \
	{                                                                           \
		sizeof(struct rb_dma_ring_options), 0, NULL, 0, 0, 0, NULL, 0, NULL \
	}

/**
 * Make a ring. Its slots are zeroed, and the device sees the zeros.
 *
 * Its own memory honours the device's limits (rb_dma_set_limits()) and is aligned to a
 * page at least; a ring that demands more of its memory is given a buffer. The window
 * and the buffer given must outlive the ring. Any thread. Blocks as rb_dma_alloc().
 *
 * @param dev        the device; the ring keeps a reference
 * @param count      slots, a power of two
 * @param desc_size  bytes of a descriptor, 1 or more
 * @param options    doorbell, reserve, memory, label; NULL: none of it
 * @param[out] out   the ring, owned by the caller until rb_dma_ring_close(); NULL on
 *                   failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL; count no power of two; desc_size 0; reserve not below count, or
 *                   any with RB_DMA_RING_COMPLETIONS; unknown flags; doorbell no multiple
 *                   of 4; @c buf belongs to another device or is not contiguous there; or
 *                   options not set up by RB_DMA_RING_OPTIONS_INIT
 * @retval -ERANGE   the doorbell is past the window, or the slots are past @c buf
 * @retval -ENOMEM   more than RB_DMA_MAX bytes, and else as rb_dma_alloc()
 * @retval -ENOTSUP  with RBDRV_RAW_MMIO, and this machine has separate copies or routes the
 *                   doorbell; and else as rb_dma_alloc()
 * @retval -EACCES   as rb_dma_alloc()
 * @retval -ENODEV   the device is gone, or this is a child of fork()
 * @retval -EPROTO   as rb_dma_alloc()
 * @retval -EIO      as rb_dma_alloc()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_ring_open(struct rb_pci_dev *dev, uint32_t count,
					  uint32_t desc_size,
					  const struct rb_dma_ring_options *options,
					  struct rb_dma_ring **out);

/**
 * rb_dma_ring_open() with the place that asks.
 *
 * @param dev        as for rb_dma_ring_open()
 * @param count      as for rb_dma_ring_open()
 * @param desc_size  as for rb_dma_ring_open()
 * @param options    as for rb_dma_ring_open()
 * @param[out] out   as for rb_dma_ring_open()
 * @param build      RB_DMA_DIRECT or 0; other bits are ignored
 * @param place      for messages; kept by pointer, so of static storage; NULL: unknown
 * @return 0, or a negative errno as for rb_dma_ring_open()
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_dma_ring_open_at(struct rb_pci_dev *dev, uint32_t count,
					     uint32_t desc_size,
					     const struct rb_dma_ring_options *options,
					     struct rb_dma_ring **out, uint32_t build,
					     const char *place);

/**
 * Free a ring and its own memory, as rb_dma_close() does. Stop the device first.
 *
 * @param r  the ring; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_dma_ring_close(struct rb_dma_ring *r);

/**
 * Start again as after rb_dma_ring_open(): indexes at their start, phase 1, slots zeroed
 * and the device sees the zeros. Writes no doorbell. For a device that was reset; it must
 * not use the ring meanwhile.
 *
 * @param r  the ring; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_dma_ring_reset(struct rb_dma_ring *r);

/**
 * The bus address of a slot: what the device's base register is given. Any thread.
 *
 * @param r     the ring
 * @param slot  0 ... count (one past the last is an address, too)
 * @return the address; all-ones for NULL or a slot past the end
 * @since 0.1
 */
RB_EXPORT struct rb_bus_addr rb_dma_ring_addr(const struct rb_dma_ring *r, uint32_t slot);

/**
 * The out-of-line half of rb_dma_ring_ring(). Exported for other languages, which may
 * call it on every machine.
 *
 * @param r  the ring
 * @return as rb_dma_ring_ring()
 * @since 0.1
 */
RB_EXPORT RB_COLD uint32_t rb_dma_ring_ring_routed(struct rb_dma_ring *r);

/**
 * The out-of-line half of rb_dma_ring_recycle(). See rb_dma_ring_ring_routed().
 *
 * @param r  the ring
 * @return as rb_dma_ring_recycle()
 * @since 0.1
 */
RB_EXPORT RB_COLD uint32_t rb_dma_ring_recycle_routed(struct rb_dma_ring *r);

/**
 * The out-of-line half of rb_dma_ring_peek_ahead(). See rb_dma_ring_ring_routed().
 *
 * @param r      the ring
 * @param ahead  as for rb_dma_ring_peek_ahead()
 * @since 0.1
 */
RB_EXPORT RB_COLD void rb_dma_ring_peek_routed(const struct rb_dma_ring *r, uint32_t ahead);

/**
 * The out-of-line half of rb_dma_ring_take(). See rb_dma_ring_ring_routed().
 *
 * @param r  the ring
 * @param n  as for rb_dma_ring_take()
 * @since 0.1
 */
RB_EXPORT RB_COLD void rb_dma_ring_take_routed(struct rb_dma_ring *r, uint32_t n);

/**
 * The out-of-line half of rb_dma_ring_told(). See rb_dma_ring_ring_routed().
 *
 * @param r           the ring
 * @param index       as for rb_dma_ring_told()
 * @param index_mask  as for rb_dma_ring_told()
 * @return as rb_dma_ring_told()
 * @since 0.1
 */
RB_EXPORT RB_COLD int rb_dma_ring_told_routed(const struct rb_dma_ring *r, uint32_t index,
					      uint32_t index_mask);

/**
 * Say that a driver posts more slots than there is space: what the check in
 * rb_dma_ring_post() calls.
 *
 * @param r  the ring
 * @param n  how many slots
 * @since 0.1
 */
RB_EXPORT RB_COLD void rb_dma_ring_post_refused(const struct rb_dma_ring *r, uint32_t n);

/** @cond internal */
#ifdef RBDRV_RAW_MMIO
#define RB_DMA_RING_ROUTED(r) 0
#else
#define RB_DMA_RING_ROUTED(r) RB_UNLIKELY((r)->direct != 1)
#endif

/* Loads of what the device wrote, before the store that lets it write there again. */
#if defined(__riscv)
#define RB_DMA_FENCE_RETURN() __asm__ __volatile__("fence r, ow" ::: "memory")
#else
#define RB_DMA_FENCE_RETURN() RB_DMA_FENCE_OBSERVE()
#endif
/** @endcond */

/* --- the producer ---------------------------------------------------------------------- */

/**
 * How many slots may be posted now.
 *
 * @param r  the ring
 * @return slots, 0: the ring is full
 * @since 0.1
 */
static inline uint32_t rb_dma_ring_space(const struct rb_dma_ring *r)
{
	return r->room - (r->prod - r->cons);
}

/**
 * How many slots are posted and not taken: the device's, or about to be.
 *
 * @param r  the ring
 * @return slots, 0: the ring is empty
 * @since 0.1
 */
static inline uint32_t rb_dma_ring_used(const struct rb_dma_ring *r)
{
	return r->prod - r->cons;
}

/**
 * The slot to fill next. For the n-th after it, (r->prod + n) & r->mask.
 *
 * @pre rb_dma_ring_space() is not 0
 *
 * @param r  the ring
 * @return an index into desc
 * @since 0.1
 */
static inline uint32_t rb_dma_ring_slot(const struct rb_dma_ring *r)
{
	return r->prod & r->mask;
}

/**
 * Post the next slots, which the driver has filled. The device hears of them at
 * rb_dma_ring_ring(). No fence, no access to the device.
 *
 * @pre @p n is at most rb_dma_ring_space(). More is a programming error, which the mock
 * records: then none is posted. With RBDRV_RAW_MMIO it is not checked.
 *
 * @param r  the ring
 * @param n  how many
 * @since 0.1
 */
static inline void rb_dma_ring_post(struct rb_dma_ring *r, uint32_t n)
{
#ifndef RBDRV_RAW_MMIO
	if (RB_UNLIKELY(n > rb_dma_ring_space(r))) {
		rb_dma_ring_post_refused(r, n);
		return;
	}
#endif
	r->prod += n;
}

/**
 * Tell the device of all slots posted since the last time: publish them, whether they
 * wrap or not, then write the doorbell once, with the slot after the last. With nothing
 * posted nothing is published or written. A ring without a doorbell only publishes; the
 * driver then tells the device in its own way, of r->prod in whatever form it likes.
 *
 * Other memory that the descriptors point to has been published or staged
 * (rb_dma_stage()) before, or is of a kind that needs none.
 *
 * @param r  the ring
 * @return how many slots were told of
 * @since 0.1
 */
static inline uint32_t rb_dma_ring_ring(struct rb_dma_ring *r)
{
	uint32_t prod = r->prod, n = prod - r->rung;

	if (n == 0)
		return 0;
	if (RB_DMA_RING_ROUTED(r))
		return rb_dma_ring_ring_routed(r);
	RB_DMA_FENCE_PUBLISH();
	r->rung = prod;
	*r->bell = RB_LE32(prod & r->mask);
	return n;
}

/* --- the consumer ---------------------------------------------------------------------- */

/**
 * A slot further on than the next one, for devices that tell of several at once: observe
 * all up to it. See rb_dma_ring_peek().
 *
 * @pre @p ahead is below rb_dma_ring_used(), which rb_dma_ring_done_bit8() does not know
 *
 * @param r      the ring
 * @param ahead  slots after the next one, below count
 * @return an index into desc
 * @since 0.1
 */
static inline uint32_t rb_dma_ring_peek_ahead(const struct rb_dma_ring *r, uint32_t ahead)
{
	if (RB_DMA_RING_ROUTED(r))
		rb_dma_ring_peek_routed(r, ahead);
	RB_DMA_FENCE_OBSERVE();
	return (r->cons + ahead) & r->mask;
}

/**
 * The slot that the device finishes next: observe it. Whether it is finished says its DD
 * bit, rb_dma_ring_done_bit8(), its phase bit, rb_dma_ring_done_phase16(), or an index that
 * the device gave, rb_dma_ring_told(); before that its bytes mean nothing.
 *
 * Where the device sees a copy, as on the mock, this brings the whole descriptor. On
 * hardware it orders the load of the bit after whatever made the driver look, an interrupt
 * or a register.
 *
 * @param r  the ring; it may be empty, and then no slot is finished
 * @return an index into desc
 * @since 0.1
 */
static inline uint32_t rb_dma_ring_peek(const struct rb_dma_ring *r)
{
	return rb_dma_ring_peek_ahead(r, 0);
}

/**
 * Is the slot finished, given that its sign of completion was @p seen? For signs of
 * another form than below, read with a volatile load after rb_dma_ring_peek().
 * Loads after the call stay after it, so the rest of the slot is as the device left it.
 *
 * @param r     the ring
 * @param seen  what the slot said
 * @return true: the slot is finished; false: it is not, or the ring is empty
 * @since 0.1
 */
static inline bool rb_dma_ring_done(const struct rb_dma_ring *r, bool seen)
{
	if (!seen || r->prod == r->cons)
		return false;
	RB_DMA_FENCE_OBSERVE();
	return true;
}

/**
 * Is the slot finished, by a DD bit in an 8-bit word of it? Never for an empty ring,
 * whatever an old or a lying descriptor says.
 *
 * One volatile load of the word. Loads after the call stay behind it: the rest of the
 * descriptor is as the device left it.
 *
 * The driver clears the bit when it fills the slot again.
 *
 * @param r     the ring
 * @param word  the word, in the slot that rb_dma_ring_peek() gave
 * @param bit   the bit; of several, one suffices
 * @return true: finished, the rest of the descriptor may be read and the slot taken
 * @since 0.1
 */
static inline bool rb_dma_ring_done_bit8(const struct rb_dma_ring *r, const volatile uint8_t *word,
					 uint8_t bit)
{
	return rb_dma_ring_done(r, (*word & bit) != 0);
}

/** In a 16-bit little-endian word. @copydoc rb_dma_ring_done_bit8 */
static inline bool rb_dma_ring_done_bit16(const struct rb_dma_ring *r,
					  const volatile uint16_t *word, uint16_t bit)
{
	return rb_dma_ring_done(r, (RB_LE16(*word) & bit) != 0);
}

/** In a 32-bit little-endian word. @copydoc rb_dma_ring_done_bit8 */
static inline bool rb_dma_ring_done_bit32(const struct rb_dma_ring *r,
					  const volatile uint32_t *word, uint32_t bit)
{
	return rb_dma_ring_done(r, (RB_LE32(*word) & bit) != 0);
}

/**
 * The value that the phase bit of the next slot has once the device has filled it: 1 in
 * the first pass over the ring, 0 in the second, and so on.
 *
 * @param r  the ring
 * @return true: 1
 * @since 0.1
 */
static inline bool rb_dma_ring_phase(const struct rb_dma_ring *r)
{
	return (r->cons & (r->mask + 1)) == 0;
}

/**
 * Is the slot finished, by a phase bit in a 16-bit little-endian word of it, as
 * rb_dma_ring_phase() wants it? Otherwise as rb_dma_ring_done_bit8().
 *
 * @param r     the ring
 * @param word  the word, in the slot that rb_dma_ring_peek() gave
 * @param bit   the phase bit
 * @return true: finished, the rest of the descriptor may be read and the slot taken
 * @since 0.1
 */
static inline bool rb_dma_ring_done_phase16(const struct rb_dma_ring *r,
					    const volatile uint16_t *word, uint16_t bit)
{
	return rb_dma_ring_done(r, ((RB_LE16(*word) & bit) != 0) == rb_dma_ring_phase(r));
}

/** In a 32-bit little-endian word. @copydoc rb_dma_ring_done_phase16 */
static inline bool rb_dma_ring_done_phase32(const struct rb_dma_ring *r,
					    const volatile uint32_t *word, uint32_t bit)
{
	return rb_dma_ring_done(r, ((RB_LE32(*word) & bit) != 0) == rb_dma_ring_phase(r));
}

/**
 * How many slots a device has finished that gives an index: that of the first it has not
 * finished, as the head register of a network card, NVMe's submission queue head, or
 * virtio's used index, which the driver has observed. Checked in every build; observes
 * these slots.
 *
 * @param r           the ring
 * @param index       what the device said
 * @param index_mask  how it counts: r->mask for slots, 0xffff for a 16-bit index that runs
 *                    freely. With r->mask a ring needs a reserve of 1 to tell all from none
 * @return how many slots may be taken, 0 ... rb_dma_ring_used(); or a negative errno:
 * @retval -EPROTO  there is no such index, or that many slots are not the device's
 * @since 0.1
 */
static inline int rb_dma_ring_told(const struct rb_dma_ring *r, uint32_t index, uint32_t index_mask)
{
	uint32_t n = (index - r->cons) & index_mask;

	if (RB_DMA_RING_ROUTED(r) || RB_UNLIKELY(index > index_mask || n > r->prod - r->cons))
		return rb_dma_ring_told_routed(r, index, index_mask);
	RB_DMA_FENCE_OBSERVE();
	return (int)n;
}

/**
 * Take slots back from the device, which it has finished. Read what they say before: the
 * driver may fill them again now. No fence, no access to the device.
 *
 * @pre @p n is at most rb_dma_ring_used(): what rb_dma_ring_done_bit8() and its sisters
 * allow, each 1, and rb_dma_ring_told(). More is a programming error, which the mock
 * records: then none is taken. Where all is direct it is not checked.
 *
 * @param r  the ring
 * @param n  how many
 * @since 0.1
 */
static inline void rb_dma_ring_take(struct rb_dma_ring *r, uint32_t n)
{
	if (RB_DMA_RING_ROUTED(r))
		rb_dma_ring_take_routed(r, n);
	else
		r->cons += n;
}

/**
 * Hand all taken slots back as they are, and write the doorbell once, with the slot after
 * the last: the consumer's doorbell of a completion queue. With nothing taken nothing is
 * written. What the slots said has been read before, and stays before.
 *
 * @param r  the ring, opened with RB_DMA_RING_COMPLETIONS
 * @return how many slots were handed back
 * @since 0.1
 */
static inline uint32_t rb_dma_ring_recycle(struct rb_dma_ring *r)
{
	uint32_t prod, n;

	RB_DMA_FENCE_RETURN();
	prod = r->cons + r->room;
	n = prod - r->prod;
	if (n == 0)
		return 0;
	if (RB_DMA_RING_ROUTED(r))
		return rb_dma_ring_recycle_routed(r);
	r->rung = r->prod = prod;
	*r->bell = RB_LE32(prod & r->mask);
	return n;
}

/** @cond internal */
#define rb_dma_ring_open(dev, count, desc_size, options, out) \
	rb_dma_ring_open_at((dev), (count), (desc_size), (options), (out), RB_DMA_HERE)
/** @endcond */

#ifdef __cplusplus
}
#endif
#endif
