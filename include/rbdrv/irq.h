/* SPDX-License-Identifier: MIT */
/**
 * @file irq.h
 * Interrupts: a set of vectors per device, taken and waited for.
 *
 * A set holds the vectors of one device: MSI-X or MSI messages, or its one INTx line.
 * How many and of which kind is the result of what the driver wants, what the device
 * has and what Redox has left; ask the set for what it got.
 *
 * The one pattern that loses nothing, on every machine:
 *
 *     take once                            forget what came before
 *     loop {
 *             rb_irq_wait()                sleep
 *             while (take, count > 0)      count: interrupts since the last take
 *                     quiet the device, handle its work
 *     }
 *
 * A take first gives back what the previous take on this vector handed out,
 * then reads. For INTx that is what unmasks the line: it stays masked while the
 * driver quiets its device, and the take that answers 0 has unmasked it. So
 * always take until it answers 0, and quiet the device before the next take. A device
 * that never stops interrupting must not keep a driver in that loop: bound it, and
 * come back after other work.
 *
 * A thread with a loop of its own adds rb_irq_fd() once to a persistent epoll
 * instance, takes once, and takes until 0 after each wake. The descriptor is
 * edge-like and may only be polled: never read it, and never register it anew
 * for every wait as poll(2) and select(2) do, which loses interrupts on Redox
 * (contract 3.2). rb_poll() registers, looks, and only then sleeps.
 *
 * Threads: one thread per vector for take and wait, rb_poll() included; so
 * rb_irq_wait_any() and all takes of its set are one thread's. rb_irq_cancel(),
 * rb_irq_fd() and the getters from any thread; open and close not while another
 * call on the same set runs.
 *
 * Sources: contract 2 and 3, probe 3 and 4.
 */
#ifndef RBDRV_IRQ_H
#define RBDRV_IRQ_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The vectors of one device. */
struct rb_irq_set;

/** Kinds of interrupts; bits, so that they combine in options. */
enum rb_irq_kind {
	RB_IRQ_INTX = 1, /**< the interrupt pin: one level-triggered, shareable line */
	RB_IRQ_MSI = 2,	 /**< message signalled interrupts */
	RB_IRQ_MSIX = 4	 /**< extended message signalled interrupts */
};

/** Flags of struct rb_irq_options. */
enum rb_irq_flag {
	RB_IRQ_ON_CPU = 1, /**< vectors on the CPU that the field cpu names */
	RB_IRQ_TIMED = 2   /**< keep histograms of times: two looks at the clock per interrupt */
};

/** What a driver wants. Start from RB_IRQ_OPTIONS_INIT. */
struct rb_irq_options {
	uint32_t size;	  /**< sizeof(struct rb_irq_options), set by the macro */
	uint32_t kinds;	  /**< allowed kinds or-ed; 0: all */
	uint32_t min;	  /**< fewest vectors that will do; 0 counts as 1 */
	uint32_t max;	  /**< most vectors wanted; 0 counts as min */
	uint32_t flags;	  /**< enum rb_irq_flag or-ed */
	uint32_t cpu;	  /**< with RB_IRQ_ON_CPU: XX of /scheme/irq/cpu-XX */
	uint32_t spin_us; /**< microseconds a wait looks before it sleeps, 0-10000; 0: none */
	uint8_t order[4]; /**< kinds in order of preference, the last followed by 0; those that
			       are not named come after them: MSI-X, MSI, INTx */
};

/** Initializer of struct rb_irq_options: any kind, one vector. */
#define RB_IRQ_OPTIONS_INIT \
	{ sizeof(struct rb_irq_options), 0, 0, 0, 0, 0, 0, { 0, 0, 0, 0 } }

/**
 * Open interrupts of a device: allocate vectors, program and enable them.
 *
 * The first kind in order that gives at least min vectors is taken, with as many up to
 * max as the device and Redox have: a kind that the device does not have, that cannot
 * give min, or that has no vectors left hands over to the next one; one that a quirk
 * (pci_match.h) says does not work counts as one it does not have. MSI comes in
 * powers of two. What was got: rb_irq_set_kind() and rb_irq_set_count().
 *
 * Redox never takes a vector back (contract 2.3), so the library pools those
 * that a closed set leaves and hands them out again. Interrupts that came
 * before are not seen, but for those that an MSI-X device has kept pending: they come.
 *
 * With messages the device's pin is disabled (command register bit 10), with
 * INTx it is enabled. A line that Redox does not deliver is no INTx: none, above
 * 15, or one that the kernel keeps (0-4 and 12, contract 2.5). Of an MSI-X table all
 * entries are masked but those of the set. Driver and library share the BAR in which it
 * lies; a driver keeps away from the table.
 *
 * Vectors go to the boot processor, the only one whose number in the irq scheme and
 * whose local APIC id are known to agree (contract 2.4): RB_IRQ_ON_CPU is for machines
 * on which they agree for others, too. A number N is never used on two CPUs, since Redox
 * counts by N alone (probe 3); another process may still do so.
 *
 * spin_us trades processor time for latency: each wait looks for that long before it
 * sleeps, and keeps its processor busy meanwhile. After eight waits of a vector in a row
 * that looked in vain only every eighth looks. So one wait costs at most spin_us of
 * processor time more than without, and an idle driver that waits n times a second at most
 * n / 8 times that: with 50 us and a time-out of 100 ms less than 0.01 %. A wait for ever
 * looks once. Where the clock is virtual a wait looks 64 times at most.
 *
 * Blocks for some requests to the schemes.
 *
 * @param dev       the device; the set keeps a reference
 * @param options   what is wanted; NULL: the defaults
 * @param[out] out  the set, owned by the caller until rb_irq_set_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, unknown kinds or flags, min above max, spin_us above 10000, an
 *                   order that names a kind twice, or a nonzero unknown tail
 * @retval -ENOTSUP  none of the allowed kinds exists here with that many vectors
 * @retval -ENOENT   the irq scheme does not list that CPU
 * @retval -EBUSY    the device has an open set already
 * @retval -ENOMEM   out of vectors, memory or descriptors
 * @retval -EACCES   this process may not use interrupts
 * @retval -ENODEV   the device is gone
 * @retval -EPROTO   the PCI server's answers make no sense
 * @retval -EIO      the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_irq_set_open(struct rb_pci_dev *dev,
					 const struct rb_irq_options *options,
					 struct rb_irq_set **out);

/**
 * Close a set: the device's messages are disabled, or its INTx is; what was
 * taken is given back. Nobody may be waiting. Remove descriptors of rb_irq_fd()
 * from loops of your own before: they end here. Vectors of a device that could not be
 * told to stop, or whose PCI server has ended, are not used again. Blocks for some
 * requests to the schemes; in a child of fork() only memory is freed.
 *
 * @param set  the set; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_irq_set_close(struct rb_irq_set *set);

/**
 * How many vectors a set has. Any thread, never blocks.
 *
 * @param set  the set
 * @return at least 1; 0 for NULL
 * @since 0.1
 */
RB_EXPORT unsigned int rb_irq_set_count(const struct rb_irq_set *set);

/**
 * Which kind of interrupt a set got. Any thread, never blocks.
 *
 * @param set  the set
 * @return the kind; 0, which is none, for NULL
 * @since 0.1
 */
RB_EXPORT enum rb_irq_kind rb_irq_set_kind(const struct rb_irq_set *set);

/**
 * The CPU that takes a vector's interrupts. Any thread, never blocks.
 *
 * @param set     the set
 * @param vector  0 ... rb_irq_set_count() - 1
 * @return XX of cpu-XX, 0-255 (0 for INTx: the boot processor's), or a negative errno:
 * @retval -EINVAL  NULL, or no such vector
 * @retval -ENODEV  the context is the parent's
 * @since 0.1
 */
RB_EXPORT int rb_irq_set_cpu(const struct rb_irq_set *set, unsigned int vector);

/**
 * Keep the device from sending an interrupt, or let it again. What happens meanwhile
 * stays pending in the device and is sent after unmasking: one interrupt, however often
 * it happened. A message that is under way may still come; after the call none follows.
 *
 * MSI-X: the mask bit of the vector's entry. MSI: its bit in the mask register, where
 * the device has one. INTx: the device's pin (command register bit 10). Blocks for up to
 * two round trips. Any thread. Source: PCI 3.0, 6.8.1.7, 6.8.2.9, 6.2.2.
 *
 * @param set     the set
 * @param vector  0 ... rb_irq_set_count() - 1
 * @param on      true: masked
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or no such vector
 * @retval -ENOTSUP MSI of a device that cannot mask
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer makes no sense
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_irq_mask(struct rb_irq_set *set, unsigned int vector, bool on);

/**
 * Mask all vectors at once, or undo that, beside the masks of single vectors: as long as
 * one of both says so a vector is masked. MSI-X: the function mask. MSI: the mask bits of
 * all vectors. INTx: the device's pin. Blocks and threads as rb_irq_mask().
 *
 * @param set  the set
 * @param on   true: masked
 * @return 0, or a negative errno as rb_irq_mask()
 * @since 0.1
 */
RB_EXPORT int rb_irq_mask_all(struct rb_irq_set *set, bool on);

/**
 * Whether an interrupt waits in the device because it is masked: its bit in the MSI-X
 * pending bit array or the MSI pending register. For INTx: whether the device asserts
 * its pin, or would (status register bit 3). Blocks for a round trip. Any thread.
 * Source: PCI 3.0, 6.8.2.10, 6.8.1.8, 6.2.3.
 *
 * @param set           the set
 * @param vector        0 ... rb_irq_set_count() - 1
 * @param[out] pending  the answer; false on failure
 * @return 0, or a negative errno as rb_irq_mask()
 * @since 0.1
 */
RB_EXPORT int rb_irq_pending(struct rb_irq_set *set, unsigned int vector, bool *pending);

/**
 * Program the device anew after it was reset: the MSI-X table, which a reset clears and
 * which is no part of configuration space, or the MSI registers, or the pin; with the
 * masks as they were. Call it after rb_pci_reset(). Blocks for some requests to the PCI
 * server. Not while another call but take and wait runs on the set.
 *
 * @param set  the set
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answers make no sense
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_irq_set_restore(struct rb_irq_set *set);

/** Buckets of a histogram: bucket i counts times of 2^i ns up to 2^(i+1) ns. */
#define RB_IRQ_BUCKETS 40

/** What has happened on one vector since the set was opened. From RB_IRQ_STATS_INIT. */
struct rb_irq_stats {
	uint32_t size;	      /**< sizeof(struct rb_irq_stats), set by the macro */
	uint32_t reserved;    /**< 0 */
	uint64_t interrupts;  /**< counted by takes */
	uint64_t takes;	      /**< calls of rb_irq_take() that did not fail */
	uint64_t empty_takes; /**< of those, that found none */
	uint64_t waits;	      /**< waits that ended; one for any vector counts for the vector
				   that ended it, or for vector 0 */
	uint64_t sleeps;      /**< times that a wait slept; above waits: spurious wake-ups; of a
				   wait for any they count for vector 0 */
	uint64_t spins;	      /**< waits that ended while they looked, without sleep */
	uint64_t timeouts;    /**< waits that ended with -ETIMEDOUT */
	uint64_t wait_ns[RB_IRQ_BUCKETS];    /**< RB_IRQ_TIMED: from the call of a wait to an
						  interrupt */
	uint64_t service_ns[RB_IRQ_BUCKETS]; /**< RB_IRQ_TIMED: from a take that found
						  interrupts until they were given back: how
						  long the driver served them, and an INTx line
						  was masked */
};

/** Initializer of struct rb_irq_stats. */
#ifdef __cplusplus
#define RB_IRQ_STATS_INIT { sizeof(struct rb_irq_stats) }
#else
#define RB_IRQ_STATS_INIT { .size = sizeof(struct rb_irq_stats) }
#endif

/**
 * Read the counters of a vector. Never blocks; any thread, while others take and wait.
 * When a device raised an interrupt no process on Redox can tell, so no time counts
 * from there.
 *
 * @param set         the set
 * @param vector      0 ... rb_irq_set_count() - 1
 * @param[out] stats  receives at most its size bytes
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, no size, or no such vector
 * @retval -ENODEV  the context is the parent's
 * @since 0.1
 */
RB_EXPORT int rb_irq_stats_read(const struct rb_irq_set *set, unsigned int vector,
				struct rb_irq_stats *stats);

/**
 * The counters of all vectors as text for people, some lines a vector; the log gets
 * the same at RB_LOG_INFO when a set is closed. Never blocks; any thread.
 *
 * @param set   the set; NULL gives no text
 * @param buf   receives as much of the text as fits, and a NUL; may be NULL when
 *              @p size is 0
 * @param size  bytes of @p buf
 * @return length of the whole text without the NUL, as snprintf()
 * @since 0.1
 */
RB_EXPORT size_t rb_irq_summary(const struct rb_irq_set *set, char *buf, size_t size);

/**
 * A descriptor for a loop of one's own. Made on first use, owned by the set,
 * close-on-exec. It becomes readable (POLLIN) when an interrupt comes after the
 * call and is quiet again after rb_irq_take(). Poll it; never read it. Any
 * thread; does not block.
 *
 * @param set     the set
 * @param vector  0 ... rb_irq_set_count() - 1
 * @return the descriptor, or a negative errno:
 * @retval -EINVAL  NULL, or no such vector
 * @retval -ENOMEM  out of descriptors
 * @retval -ENODEV  the device is gone
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_irq_fd(struct rb_irq_set *set, unsigned int vector);

/**
 * Take the interrupts that have come since the last take. Never blocks.
 *
 * Gives back first what the previous take handed out (for INTx this unmasks the
 * line); that more came meanwhile is no error. On a line that devices share, the
 * count is what came on the line. What came before the device was removed can
 * still be taken.
 *
 * At most two calls to the system, but for a take that counts the 1025th interrupt since
 * a wait slept: it closes the queue of that wait, which nobody reads.
 *
 * @param set         the set
 * @param vector      0 ... rb_irq_set_count() - 1
 * @param[out] count  how many came; 0: none. 0 on failure
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or no such vector
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the kernel's counter makes no sense
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_irq_take(struct rb_irq_set *set, unsigned int vector, uint64_t *count);

/**
 * Wait until an interrupt of one vector can be taken. Consumes nothing: the next
 * take has a count above 0. Gives back first what the previous take handed out.
 *
 * The first wait of a vector makes its event queue, which needs up to four
 * descriptors until the set is closed. After that a wait that sleeps costs at
 * most four calls to the system, a look at the clock included, and one more
 * when its time-out ends before that of earlier waits.
 *
 * A removed device sends nothing. When a time-out has passed the device is asked
 * whether it is still there; a wait without one ends once any call has seen that the
 * device is gone.
 *
 * @param set         the set
 * @param vector      0 ... rb_irq_set_count() - 1
 * @param timeout_ms  milliseconds on the machine's clock; 0 looks and returns,
 *                    negative waits for ever
 * @return 0, or a negative errno:
 * @retval -ETIMEDOUT no interrupt came
 * @retval -ECANCELED rb_irq_cancel() was called
 * @retval -EBUSY     rb_irq_wait_any() has been called on this set
 * @retval -EINVAL    NULL, or no such vector
 * @retval -ENODEV    the device is gone, and no interrupt of it is left
 * @retval -ENOMEM    out of memory or descriptors
 * @retval -EPROTO    the kernel's counter or event queue makes no sense
 * @retval -EIO       the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_irq_wait(struct rb_irq_set *set, unsigned int vector, int timeout_ms);

/**
 * Wait until an interrupt of any vector of the set can be taken. See
 * rb_irq_wait(), which then cannot be used on this set: Redox merges nothing, so
 * what stands in the queues of both would pile up in the one that is not read.
 *
 * @param set         the set
 * @param timeout_ms  as for rb_irq_wait()
 * @return a vector that has interrupts, the lowest of those that are known to, or
 *         a negative errno:
 * @retval -ETIMEDOUT no interrupt came
 * @retval -ECANCELED rb_irq_cancel() was called
 * @retval -EBUSY     rb_irq_wait() has been called on this set
 * @retval -EINVAL    NULL
 * @retval -ENODEV    the device is gone, and no interrupt of it is left
 * @retval -ENOMEM    out of memory or descriptors
 * @retval -EPROTO    the kernel's counter or event queue makes no sense
 * @retval -EIO       the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_irq_wait_any(struct rb_irq_set *set, int timeout_ms);

/**
 * Wake every thread that waits on this set; each answers -ECANCELED once. With
 * nobody waiting, the next wait of the set answers so, once. Interrupts are not
 * lost: a later wait or take finds them. Any thread; does not block. Does not
 * wake rb_poll().
 *
 * @param set  the set
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENODEV  the context is the parent's
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_irq_cancel(struct rb_irq_set *set);

/**
 * poll(2) on the machine's clock, safe for descriptors of rb_irq_fd().
 *
 * Registers all descriptors, looks at those of rb_irq_fd() for interrupts that
 * came before, and only then sleeps. Takes nothing and gives nothing back, so take
 * until 0 before. Other descriptors are the caller's own (pipes, sockets); only
 * POLLIN and POLLOUT are watched, and POLLNVAL is reported for what is no
 * descriptor. Redox knows neither POLLERR nor POLLHUP: the end of a pipe is
 * POLLIN. rb_irq_cancel() does not end it; a pipe of the caller's own among @p fds
 * does.
 *
 * @param ctx         the context
 * @param fds         as for poll(2); negative descriptors are skipped; may be NULL
 *                    when @p count is 0
 * @param count       how many, at most 1024
 * @param timeout_ms  milliseconds on the machine's clock; negative: for ever
 * @return how many of @p fds have revents, 0 when the time is up, or a negative
 *         errno:
 * @retval -EINVAL  NULL, or more than 1024
 * @retval -ENODEV  the machine is gone
 * @retval -ENOTSUP a descriptor cannot be watched (a plain file is always ready), or
 *                  there is no event scheme here
 * @retval -ENOMEM  out of memory or descriptors
 * @retval -EPROTO  the kernel's counter or event queue makes no sense
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_poll(struct rb_ctx *ctx, struct pollfd *fds, unsigned int count,
				 int timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
