/* SPDX-License-Identifier: MIT */
/**
 * @file ctx.h
 * Contexts: which world a driver runs in, its log and its clock.
 *
 * A context names a *machine*. On Redox that is the operating system
 * ("redox"); everywhere else the library serves Redox's schemes itself, inside
 * the process, on top of a machine: device models in C ("mock"), QEMU's own
 * device models ("qemu"). A driver does not know which.
 *
 *     spec = [ decorator '(' args ')' '+' ] machine [ ':' item { ';' item } ]
 *
 * An item with a known key before '=' is an option, any other is a device:
 * a model, then arguments "key=value" after commas. A backslash takes the next
 * byte literally.
 *
 * | machine | what it is                                         | devices            |
 * |---------|----------------------------------------------------|--------------------|
 * | redox   | the system itself; on a host only with root=DIR     | the real ones      |
 * | mock    | models in C, see mock.h; strict, with its own clock | registered models  |
 * | qemu    | QEMU's device models in a process of their own      | QEMU's "-device"s  |
 * | pci     | the PCI bus of a Linux host, only to look at        | the host's         |
 *
 * Options of every hosted machine: profile=redox-2025 | base-2026 (default) |
 * redbear-2026, uid=N (default 0), access=on|off, config=on|off,
 * event_timeout=on|off, zeroed_type=on|off (what differs between versions of
 * Redox), hotplug=on|off (see host.h). Options that one machine knows are told in
 * mock.h and host.h.
 *
 * Contexts are independent of each other; any number may exist, of any kind.
 * A context belongs to the process that made it: in a child of fork() every
 * call answers -ENODEV, and releasing only frees memory.
 *
 * @code
 * struct rb_ctx *ctx;
 * int rc = rb_ctx_new("mock:edu", &ctx);
 * @endcode
 */
#ifndef RBDRV_CTX_H
#define RBDRV_CTX_H

#include <stddef.h>
#include <stdint.h>

#include <rbdrv/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A world and everything opened in it. */
struct rb_ctx;

/** How loud a log message is. */
enum rb_log_level {
	RB_LOG_ERROR = 0, /**< something failed that no call reports */
	RB_LOG_WARN = 1,  /**< it works, but somebody should look */
	RB_LOG_INFO = 2,  /**< what the library found and chose */
	RB_LOG_DEBUG = 3  /**< every request to the world below */
};

/**
 * Receives one log message, without a newline.
 *
 * Called on the thread that caused the message, one call at a time per
 * context. It may call rb_strerror() and rb_last_error(), no other function of
 * the library.
 */
typedef void (*rb_log_fn)(void *arg, enum rb_log_level level, const char *message);

/**
 * Open a world.
 *
 * Blocks while the machine starts: nothing for "redox", well under a
 * millisecond for "mock", about 50 ms and at most 5 s for "qemu". The library
 * librbdrv-host is loaded when another machine than "redox" is named and stays
 * loaded.
 *
 * @param machine   the machine string (at most 65536 bytes, copied); NULL takes
 *                  the environment variable RBDRV_MACHINE, and on Redox "redox"
 *                  when that is not set
 * @param[out] out  the context, one reference owned by the caller; NULL on
 *                  failure
 *
 * @return 0, or a negative errno:
 * @retval -EINVAL    the string is malformed, too long or not given on a host
 *                    that is not Redox; an option has a bad value; QEMU refuses
 *                    a device (its words are in the detail); PCID_CLIENT_CHANNEL
 *                    names no open descriptor, or is set and the machine is another
 *                    than "redox"
 * @retval -ENOENT    no such machine or device model
 * @retval -ENOTSUP   the machine is not built in, librbdrv-host or QEMU is not
 *                    installed, or "redox" without root=DIR on a host
 * @retval -EACCES    a program or directory may not be used by this process
 * @retval -EIO       QEMU ended while starting
 * @retval -ETIMEDOUT QEMU did not answer while starting
 * @retval -ENOMEM    out of memory or descriptors
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_ctx_new(const char *machine, struct rb_ctx **out);

/**
 * Add a reference. Any thread.
 *
 * @param ctx  the context; NULL is allowed
 * @return @p ctx
 * @since 0.1
 */
RB_EXPORT struct rb_ctx *rb_ctx_ref(struct rb_ctx *ctx);

/**
 * Give up a reference. The last one closes the world: QEMU is ended, memory is
 * freed. Objects opened in the context hold references of their own, so it may
 * be released before them.
 *
 * Blocks only while a machine ends (at most about a second for "qemu").
 *
 * @param ctx  the context; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_ctx_unref(struct rb_ctx *ctx);

/**
 * The machine string the context was opened with.
 *
 * @param ctx  the context
 * @return the string, owned by the context; "" for NULL
 * @since 0.1
 */
RB_EXPORT const char *rb_ctx_machine(const struct rb_ctx *ctx);

/**
 * Say where log messages go. Without this they go nowhere: the library never
 * prints. May be called at any time, from any thread but the callback itself.
 *
 * @param ctx  the context; NULL does nothing
 * @param max  the quietest level that is still delivered
 * @param fn   the receiver; NULL switches the log off
 * @param arg  passed to @p fn
 * @since 0.1
 */
RB_EXPORT void rb_ctx_set_log(struct rb_ctx *ctx, enum rb_log_level max, rb_log_fn fn, void *arg);

/**
 * Count the objects of this context that are still open, for leak checks.
 *
 * @param ctx   the context; NULL counts nothing
 * @param buf   receives one line per object ("PCI device 00:02.0"), cut to
 *              @p size bytes with a NUL; may be NULL when @p size is 0
 * @param size  bytes at @p buf
 * @return the number of objects, also those whose line did not fit
 * @since 0.1
 */
RB_EXPORT size_t rb_ctx_live(const struct rb_ctx *ctx, char *buf, size_t size);

/**
 * Read the machine's monotonic clock. Any thread, never blocks.
 *
 * On the mock this is virtual time, which moves only with register accesses
 * and waits. On Redox the clock has been seen to step back by milliseconds
 * (probe 7), so a difference may be negative: compute with int64_t.
 *
 * @param ctx  the context
 * @return nanoseconds since some moment in the past; 0 for NULL, and in a child
 *         of fork()
 * @since 0.1
 */
RB_EXPORT uint64_t rb_time_ns(struct rb_ctx *ctx);

/**
 * Let time pass on the machine's clock. Any thread; blocks for at least
 * @p us microseconds, on the mock of virtual time.
 * On Redox even a short sleep lasts until the scheduler's next turn, some 4 to 12
 * ms (contract 16).
 *
 * @param ctx  the context; NULL, or a child of fork(), returns at once
 * @param us   microseconds, 0 ... 10^12
 * @since 0.1
 */
RB_EXPORT void rb_delay_us(struct rb_ctx *ctx, uint64_t us);

#ifdef __cplusplus
}
#endif
#endif
