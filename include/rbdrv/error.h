/* SPDX-License-Identifier: MIT */
/**
 * @file error.h
 * Error codes and the sentences behind them.
 *
 * Calls answer 0 or a count on success and a *negative errno* on failure. The
 * code is for programs; for people there is a sentence, kept per thread, that
 * names the culprit: rb_last_error().
 *
 * The set of codes is closed. Whatever the system below answers, a caller of
 * this library sees only these, each with one meaning:
 *
 * | code         | meaning                                                          |
 * |--------------|------------------------------------------------------------------|
 * | -EINVAL      | an argument, or a machine string, is malformed                    |
 * | -ERANGE      | an offset, length or address lies outside what it refers to       |
 * | -ENOENT      | no such machine, model, device, capability or file                |
 * | -EACCES      | this process lacks the permission                                 |
 * | -EBUSY       | somebody, perhaps this process, already holds it                  |
 * | -ENODEV      | the device or its machine is gone, or the context is the parent's |
 * | -ENOTSUP     | this world has no such thing                                      |
 * | -ENOMEM      | out of memory, contiguous blocks, vectors or descriptors          |
 * | -EFBIG       | larger than a limit the caller gave                               |
 * | -EIO         | the system failed; the detail holds its own code or words         |
 * | -ETIMEDOUT   | the time is up                                                    |
 * | -ECANCELED   | another thread cancelled the wait                                 |
 * | -EAGAIN      | nothing there now; trying later may succeed                       |
 * | -EPROTO      | the bytes of a peer make no sense                                 |
 * | -EEXIST      | it exists already                                                 |
 *
 * Any call that can fail may answer -ENOTSUP or -ENODEV, also where its own
 * list does not repeat them.
 *
 * @code
 * rc = rb_pci_open(ctx, addr, &dev);
 * if (rc < 0)
 *         fprintf(stderr, "%s: %s\n", rb_strerror(rc), rb_last_error());
 * @endcode
 */
#ifndef RBDRV_ERROR_H
#define RBDRV_ERROR_H

#include <errno.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
/** Marks a function of the library's ABI. */
#define RB_EXPORT __attribute__((visibility("default")))
/** Marks a function whose result must be looked at. */
#define RB_CHECKED __attribute__((warn_unused_result))
/** Tells the compiler that @p x is rarely true. */
#define RB_UNLIKELY(x) __builtin_expect(!!(x), 0)
/** Keeps a function that is rarely called out of those that call it. */
#define RB_COLD __attribute__((cold, noinline))
#else
#define RB_EXPORT
#define RB_CHECKED
#define RB_UNLIKELY(x) (x)
#define RB_COLD
#endif

/**
 * A fixed sentence for an error code.
 *
 * Never blocks, never fails; callable from any thread.
 *
 * @param err  a code of this library, negative as returned, or 0
 * @return a string that is never freed, "unknown error" for a code outside the
 *         closed set
 * @since 0.1
 */
RB_EXPORT const char *rb_strerror(int err);

/**
 * The detail of this thread's last failing call.
 *
 * Each thread has its own; a call that succeeds leaves it alone. Never blocks,
 * never fails.
 *
 * @return a sentence of at most 511 bytes that names what went wrong, "" before
 *         the first failure. It is valid until this thread's next failing call
 *         or the thread's end; the library owns it.
 * @since 0.1
 */
RB_EXPORT const char *rb_last_error(void);

#ifdef __cplusplus
}
#endif
#endif
