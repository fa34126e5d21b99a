/* SPDX-License-Identifier: MIT */
/**
 * @file mock_net.h
 * Frames of a mock device: a network card's other plug.
 *
 * Part of <rbdrv/mock.h>, which tells how a device lives; include that one.
 *
 * The machine string makes a network and a device joins it by name:
 * "mock:mynic,netdev=n0;net.n0=dgram". The test holds the other end,
 * rb_host_net_fd() of <rbdrv/host.h>, where one message is one frame, as on machine
 * "qemu", so that one test drives both. The mock neither adds nor takes a byte: no
 * check sequence, no padding; what the hardware does to frames is the model's.
 *
 * **When frames come in.** The mock looks at its networks whenever the driver reaches
 * it: before each register access and each rb_dma_observe(), in waits, and at the
 * beginning and the end of rb_delay_us() and rb_mock_advance(). So a frame that was
 * written before such a call is there for it, at that moment of the machine's clock, and a
 * run of one thread is the same every time. At one look at most 64 frames of a network
 * come in, in the order written; networks are looked at in the order of the string.
 *
 * **Waits in virtual time.** A wait looks first, and jumps to the next event or its
 * time-out only when there is no frame. A test of one thread writes its frames, lets the
 * driver wait, reads what came out, or waits for that itself with rb_poll(), which takes
 * the descriptor of a network. When another thread writes frames it registers
 * (rb_mock_thread_begin()) before the first: as long as it works the clock does not jump, and
 * a driver that waits sleeps until a frame comes; when it wants to wait for frames it does
 * so with rb_poll(), never with poll(2), or the clock stands still for good. Processes
 * cannot register: with `time=real` a thread of the mock takes frames in as they come, also
 * while nobody calls the library, and that is what loops of other libraries need, too.
 *
 * **When there is no room.** A device refuses a frame by its callback's answer, or by not
 * being master of the bus; the frame waits, others behind it, and what the test
 * writes fills the socket until writing says EAGAIN: nothing is lost. Frames sent by the
 * device that the test does not read wait in the socket and then in the mock, 10000 of
 * them as in QEMU; it is a violation when there are more, and they are lost. Frames
 * that wait in the mock get into the socket when the mock looks, so a test does not
 * wait for them without it.
 *
 * **The cable.** rb_host_set_link() pulls it out: frames vanish in both directions, also
 * those on their way, and the device is told.
 */
#ifndef RBDRV_MOCK_NET_H
#define RBDRV_MOCK_NET_H

#include <stdbool.h>
#include <stddef.h>

#include <rbdrv/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rb_mock_dev;

/** Most bytes of a frame; longer ones from the test are violations and are lost. */
#define RB_MOCK_FRAME_MAX 65536

/**
 * A frame has come. Called only while the cable is in, the device may master the bus and
 * does not sleep; with the machine locked, as all callbacks. It may send, schedule and
 * interrupt.
 *
 * @param dev    the device
 * @param arg    as given to rb_mock_net()
 * @param frame  its bytes, valid until this returns
 * @param len    1 ... RB_MOCK_FRAME_MAX
 * @return true: the device has it, or has dropped it; false: there is no room, the frame
 *         shall come again after rb_mock_net_resume()
 */
typedef bool (*rb_mock_frame_fn)(struct rb_mock_dev *dev, void *arg, const void *frame,
				 size_t len);

/**
 * The cable has been plugged in or pulled out; only when that is a change.
 *
 * @param dev  the device
 * @param arg  as given to rb_mock_net()
 * @param up   whether it is in
 */
typedef void (*rb_mock_link_fn)(struct rb_mock_dev *dev, void *arg, bool up);

/**
 * Give the device a plug for a network, which the argument `netdev=` of the machine
 * string names. Without this argument, and in rb_mock_add(), nothing is at the cable's
 * other end: the link is up, frames vanish and none come.
 *
 * @param dev    the device being built; it has one plug at most
 * @param frame  hears of frames that come; NULL: they are dropped
 * @param link   hears of the cable; NULL: nobody. rb_mock_net_link() tells how it begins
 * @param arg    passed to both
 * @return 0, or a negative errno:
 * @retval -EINVAL  not while building, a second plug, no network of that name, or
 *                  another device is in it
 * @retval -ENOMEM  out of memory
 * @since 0.1
 */
RB_EXPORT int rb_mock_net(struct rb_mock_dev *dev, rb_mock_frame_fn frame, rb_mock_link_fn link,
			  void *arg);

/**
 * Send a frame. Never blocks: what the socket does not take waits in the mock. Order is kept.
 *
 * @param dev    the device, once it is built
 * @param frame  its bytes
 * @param len    1 ... RB_MOCK_FRAME_MAX
 * @return 1 when it is on its way, 0 when it is lost (cable out, nobody there, 10000
 *         waiting, or a fault has killed the device), or a negative errno:
 * @retval -EINVAL  NULL, a length that cannot be, no rb_mock_net(), or while building
 * @retval -ENOMEM  out of memory; it is lost
 * @retval -ENODEV  the device has been removed
 * @since 0.1
 */
RB_EXPORT int rb_mock_net_send(struct rb_mock_dev *dev, const void *frame, size_t len);

/**
 * There may be room again: a frame that was refused comes again when the mock looks next,
 * not before this returns.
 *
 * @param dev  the device; without a plug, or with nothing refused, nothing happens
 * @since 0.1
 */
RB_EXPORT void rb_mock_net_resume(struct rb_mock_dev *dev);

/**
 * Is the cable in?
 *
 * @param dev  the device
 * @return whether it is; false for NULL and without rb_mock_net()
 * @since 0.1
 */
RB_EXPORT bool rb_mock_net_link(const struct rb_mock_dev *dev);

#ifdef __cplusplus
}
#endif
#endif
