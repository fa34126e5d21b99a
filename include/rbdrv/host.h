/* SPDX-License-Identifier: MIT */
/**
 * @file host.h
 * The other side of a hosted machine, for tests.
 *
 * A driver sees registers, interrupts and memory. Somebody who tests a driver
 * also stands on the other side of the hardware: he pulls it out, looks at its
 * screen, feeds its network. On the mock that side is mock.h; on machine "qemu"
 * it is QEMU itself, a process of its own, and this header reaches it.
 *
 * Devices come and go: rb_host_plug() and rb_host_unplug(), on the mock and on
 * QEMU. The process that plays a machine has an id, to look at it or to stop it
 * with SIGSTOP, and a violent end, which to the driver is the loss of the whole
 * machine: every call then answers -ENODEV, registers read all-ones, waits wake,
 * nothing hangs.
 *
 * Machine "qemu" runs QEMU's q35 PC with its CPU parked; devices are QEMU's own
 * models with QEMU's own properties, each behind a PCI Express root port of its
 * own unless it says bus= or addr=: "qemu:edu,dma_mask=0xffffffff;e1000e,addr=5".
 * Only PCI devices, and no property that names a file or another resource of
 * this host. A disk is memory that the string makes and a device names:
 * "qemu:nvme,drive=disk0,serial=x;drive.disk0=64". A network is made likewise:
 * "qemu:e1000e,netdev=n0;net.n0=dgram". The program is qemu-system-x86_64 on PATH, or what
 * the environment variable RBDRV_QEMU names.
 *
 * | option      | meaning                                             | default, range     |
 * |-------------|-----------------------------------------------------|--------------------|
 * | memory=     | RAM in MiB; DMA memory comes from there             | 64, 16 ... 2048    |
 * | timeout_ms= | a QEMU that is silent that long is ended and gone   | 5000, 1 ... 600000 |
 * | vectors=    | IDT vectors, so interrupts N = 0 ... vectors - 33   | 128, 64 ... 256    |
 * | frames=     | order of DMA memory: ordered, high or shuffle       | ordered            |
 * | seed=       | of frames=shuffle                                   | 1                  |
 * | slots=      | empty ports, for rb_host_plug()                     | 4, 0 ... 8         |
 * | icount=     | on: time jumps to the devices' next timer           | off                |
 * | drive.NAME= | a disk in memory, its MiB; at most 8                | none, 1 ... 1024   |
 * | net.NAME=   | a network, dgram or user; at most 8                 | none               |
 *
 * Register writes are posted, as on a PCI bus: a read, a wait or an interrupt
 * call makes sure they have arrived. An interrupt on a line is announced within
 * 0.2 ms when the process is busy with registers, at once when it waits.
 *
 * **Networks.** `net.NAME=dgram` is a cable whose other end the test holds, a descriptor with
 * one message for one frame: rb_host_net_fd(). `net.NAME=user` is QEMU's own network with a
 * DHCP server, a router and TCP, where 10.0.2.2 is this host; arguments `restrict=on` (nothing
 * leaves it) and `net=A.B.C.D/LEN`: "net.n0=user,restrict=on". On the mock there is dgram
 * alone, and mock_net.h tells when its frames come in. rb_host_set_link() pulls the cable.
 *
 * A driver never includes this file, and it is not part of rbdrv.h: programs
 * that use it link librbdrv-host (pkg-config librbdrv-host) and do not build for
 * Redox.
 *
 * @code
 * struct rb_ctx *ctx;
 * uint32_t id;
 *
 * rc = rb_ctx_new("qemu:edu", &ctx);
 * ... open the device, map its registers ...
 * rb_host_kill(ctx);
 * id = rb_mmio_read32(regs, 0);      // 0xffffffff, and rb_mmio_error() is -ENODEV
 * @endcode
 *
 * Threads: any. A context belongs to the process that made it, as everywhere.
 */
#ifndef RBDRV_HOST_H
#define RBDRV_HOST_H

#include <stdbool.h>

#include <rbdrv/ctx.h>
#include <rbdrv/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The process that plays the machine.
 *
 * Never blocks. The id stays valid until the context ends or the process does;
 * the library reaps it, so do not wait for it.
 *
 * @param ctx  a context of machine "qemu"
 * @return the process id, above 0, or a negative errno:
 * @retval -EINVAL   @p ctx is NULL
 * @retval -ENOTSUP  this machine has no process of its own
 * @retval -ENODEV   the process has ended, or the context is the parent's
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_host_pid(struct rb_ctx *ctx);

/**
 * Kill the process that plays the machine (SIGKILL), to test what a driver does
 * when its hardware is lost at once.
 *
 * Does not wait: the next access that needs the machine finds it gone. Accesses
 * under way in other threads end with -ENODEV. The context stays, and everything
 * opened in it must be released as ever.
 *
 * @param ctx  a context of machine "qemu"
 * @return 0, or a negative errno:
 * @retval -EINVAL   @p ctx is NULL
 * @retval -ENOTSUP  this machine has no process of its own
 * @retval -ENODEV   the process has ended before, or the context is the parent's
 * @since 0.1
 */
RB_EXPORT int rb_host_kill(struct rb_ctx *ctx);

/**
 * Put a device into the running machine, as a person would put a card into a slot.
 *
 * The device answers at once, with addresses and an interrupt line given to it as firmware
 * does. Drivers find it as their Redox does: pcid looks at the bus once, when it starts
 * (contract 4), so it lists an arrival only where the machine string says hotplug=on.
 *
 * Blocks until the device is there: on the mock for no time, on machine "qemu" for some
 * milliseconds, at most timeout_ms.
 *
 * @param ctx        a context of machine "mock" or "qemu"
 * @param device     one device as it stands in a machine string: "edu,addr=00:05.0"
 * @param[out] addr  where it is; may be NULL; on failure no function has this address
 * @return 0, or a negative errno:
 * @retval -EINVAL     @p ctx or @p device is NULL, @p device is malformed, or the model
 *                     refuses an argument; on machine "qemu" with QEMU's words
 * @retval -ENOENT     the machine has no such model
 * @retval -EBUSY      the place that @p device names is taken, or every place is
 * @retval -ENOTSUP    this machine has no slots, or none for such a device
 * @retval -ENOMEM     out of memory
 * @retval -ETIMEDOUT  the machine did not do it in time; it may have the device or not
 * @retval -EIO        the machine failed; rb_last_error() has its words
 * @retval -ENODEV     the machine is gone, or the context is the parent's
 *
 * @par Threads
 * Any, at any time.
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_host_plug(struct rb_ctx *ctx, const char *device,
				      struct rb_pci_addr *addr);

/**
 * Pull a device out without a word to its driver: surprise removal.
 *
 * To the driver it is gone at once. Its registers read all-ones, rb_mmio_error() and
 * rb_pci_is_gone() tell it, calls answer -ENODEV, and what it has opened is released as
 * ever. Waits for its interrupts end with -ENODEV as soon as an access of any thread has
 * seen the removal; where none looks they go on to their time-out. The place is free
 * afterwards: another device may be plugged in there and is another device, whatever its
 * address.
 *
 * Blocks as rb_host_plug() does.
 *
 * @param ctx   a context of machine "mock" or "qemu"
 * @param addr  where the device is; any of its functions
 * @return 0, or a negative errno:
 * @retval -EINVAL     @p ctx is NULL
 * @retval -ENOENT     no function is there
 * @retval -ENOTSUP    this machine has no slots, or the device is not in one
 * @retval -ENOMEM     out of memory
 * @retval -ETIMEDOUT  the machine did not let it go in time; to drivers it is gone
 * @retval -EIO        the machine failed; rb_last_error() has its words
 * @retval -ENODEV     the machine is gone, or the context is the parent's
 *
 * @par Threads
 * Any, at any time; accesses under way end, some of them with all-ones.
 * @since 0.1
 */
RB_EXPORT int rb_host_unplug(struct rb_ctx *ctx, struct rb_pci_addr addr);

/* --- networks ------------------------------------------------------------------------ */

/**
 * The test's end of a network of kind dgram: a socket with one message for one frame, in both
 * directions, that does not block. Each call answers the same descriptor; it belongs to
 * the context and is closed with it, so do not close it. It is O_CLOEXEC; a child of fork()
 * has a copy that works, and by it no context. Use send(), recv(), read(), write(), poll(),
 * or rb_poll() on the machine's clock.
 *
 * A message is what the network card gives or gets, without a check sequence: 1 to 65536
 * bytes, longer ones are cut (QEMU) or lost. **Never send an empty one**: it is taken for the
 * end of the network, and nothing more is received. Frames below 60 bytes may be padded by
 * the card.
 *
 * Is anything lost? **To the device: no**, while a card with its receiver on and its cable in
 * is there: when it has no buffer the frame waits, the socket fills, and writing says
 * EAGAIN until the driver has made room; poll for POLLOUT (it comes when three quarters
 * have been read). What comes while the cable is out or no card is there is thrown
 * away. **From the device: not while somebody reads.** A sending card is not told
 * to wait: what the socket does not take is queued, 10000 frames at most; more are lost, by QEMU
 * without a word, on the mock with a violation. So a test that must lose nothing
 * keeps the frames that it has not read below that. How many a socket takes depends on
 * their size and on net.core.wmem_max: some 280 small or 90 full ones at least.
 *
 * When the machine ends, by rb_host_kill() for one, what came before can still be read; then
 * recv() answers 0 and send() fails with EPIPE, without a signal.
 *
 * @param ctx   a context of machine "qemu" or "mock"
 * @param name  the network: "n0" of net.n0=dgram
 * @return the descriptor, or a negative errno:
 * @retval -EINVAL   NULL
 * @retval -ENOENT   there is no such network
 * @retval -ENOTSUP  it is of kind user, or this machine makes no networks
 * @retval -ENODEV   the machine is gone, or the context is the parent's
 *
 * @par Threads
 * Any, at any time.
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_host_net_fd(struct rb_ctx *ctx, const char *name);

/**
 * Pull a network's cable out, or plug it in again. Cables begin plugged in.
 *
 * The card sees its link go down or come up, and interrupts if it was asked to. While the
 * cable is out frames are thrown away in both directions.
 *
 * Blocks until it is done: on the mock for no time, on machine "qemu" for some hundred
 * microseconds, at most timeout_ms. What the driver wrote before is done before.
 *
 * @param ctx   a context of machine "qemu" or "mock"
 * @param name  the network, of either kind
 * @param up    plugged in
 * @return 0, also when nothing changes, or a negative errno:
 * @retval -EINVAL     NULL
 * @retval -ENOENT     there is no such network
 * @retval -ENOTSUP    this machine makes no networks, or the library is built without jansson
 * @retval -ENOMEM     out of memory
 * @retval -ETIMEDOUT  QEMU did not answer in time
 * @retval -EIO        QEMU refused; rb_last_error() has its words
 * @retval -ENODEV     the machine is gone, or the context is the parent's
 *
 * @par Threads
 * Any, at any time.
 * @since 0.1
 */
RB_EXPORT int rb_host_set_link(struct rb_ctx *ctx, const char *name, bool up);

#ifdef __cplusplus
}
#endif
#endif
