/* SPDX-License-Identifier: MIT */
/**
 * @file irq.h
 * Interrupts: a set of vectors per device, taken and waited for.
 *
 * A set holds the vectors of one device: one INTx line or one MSI message (MSI-X
 * and several vectors come with a later version; the calls are the same).
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
 * always take until it answers 0, and quiet the device before the next take.
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

/** What a driver wants. Start from RB_IRQ_OPTIONS_INIT. */
struct rb_irq_options {
	uint32_t size;	/**< sizeof(struct rb_irq_options), set by the macro */
	uint32_t kinds; /**< allowed kinds or-ed; 0: all. Tried in the order MSI-X, MSI, INTx */
	uint32_t min;	/**< fewest vectors that will do; 0 counts as 1 */
	uint32_t max;	/**< most vectors wanted; 0 counts as min */
};

/** Initializer of struct rb_irq_options: any kind, one vector. */
#define RB_IRQ_OPTIONS_INIT { sizeof(struct rb_irq_options), 0, 0, 0 }

/**
 * Open interrupts of a device: allocate vectors, program and enable them.
 *
 * Redox never takes a vector back (contract 2.3), so the library pools those
 * that a closed set leaves and hands them out again. Interrupts that came
 * before are not seen. A kind that the device does not have, or that has no
 * vectors left, hands over to the next one; one that a quirk (pci_match.h) says does
 * not work counts as one it does not have. Blocks for some requests to the schemes.
 *
 * With messages the device's pin is disabled (command register bit 10), with
 * INTx it is enabled. A line that Redox does not deliver is no INTx: none, above
 * 15, or one that the kernel keeps (0-4 and 12, contract 2.5).
 *
 * @param dev       the device; the set keeps a reference
 * @param options   what is wanted; NULL: the defaults
 * @param[out] out  the set, owned by the caller until rb_irq_set_close(); NULL on
 *                  failure
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, unknown kinds, min above max, or a nonzero unknown tail
 * @retval -ENOTSUP  none of the allowed kinds exists here with that many vectors;
 *                   this version has one vector, of MSI or INTx
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
 * from loops of your own before: they end here. Blocks for some requests to the
 * schemes; in a child of fork() only memory is freed.
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
 * At most two calls to the system.
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
 * POLLIN.
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
