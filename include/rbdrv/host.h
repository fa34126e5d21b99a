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
 * "qemu:nvme,drive=disk0,serial=x;drive.disk0=64". The program is qemu-system-x86_64 on PATH, or what the environment
 * variable RBDRV_QEMU names.
 *
 * | option      | meaning                                             | default, range     |
 * |-------------|-----------------------------------------------------|--------------------|
 * | memory=     | RAM in MiB; DMA memory comes from there             | 64, 16 ... 2048    |
 * | timeout_ms= | a QEMU that is silent that long is ended and gone   | 5000, 1 ... 600000 |
 * | vectors=    | IDT vectors, so interrupts N = 0 ... vectors - 33   | 128, 64 ... 256    |
 * | slots=      | empty ports, for rb_host_plug()                     | 4, 0 ... 8         |
 * | icount=     | on: time jumps to the devices' next timer           | off                |
 * | drive.NAME= | a disk in memory, its MiB; at most 8                | none, 1 ... 1024   |
 *
 * Register writes are posted, as on a PCI bus: a read, a wait or an interrupt
 * call makes sure they have arrived. An interrupt on a line is announced within
 * 0.2 ms when the process is busy with registers, at once when it waits.
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

#ifdef __cplusplus
}
#endif
#endif
