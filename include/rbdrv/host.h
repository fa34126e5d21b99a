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
 * This version reaches the process: its id, to look at it or to stop it with
 * SIGSTOP, and its violent end, which to the driver is the loss of the whole
 * machine: every call then answers -ENODEV, registers read all-ones, waits wake,
 * nothing hangs.
 *
 * Machine "qemu" runs QEMU's q35 PC with its CPU parked; devices are QEMU's own
 * models with QEMU's own properties, each behind a PCI Express root port of its
 * own unless it says bus= or addr=: "qemu:edu,dma_mask=0xffffffff;e1000e,addr=5".
 * Only PCI devices, and no property that names a file or another resource of
 * this host. The program is qemu-system-x86_64 on PATH, or what the environment
 * variable RBDRV_QEMU names.
 *
 * | option      | meaning                                             | default, range     |
 * |-------------|-----------------------------------------------------|--------------------|
 * | memory=     | RAM in MiB; DMA memory comes from there             | 64, 16 ... 2048    |
 * | timeout_ms= | a QEMU that is silent that long is ended and gone   | 5000, 1 ... 600000 |
 * | vectors=    | IDT vectors, so interrupts N = 0 ... vectors - 33   | 128, 64 ... 256    |
 * | icount=     | on: time jumps to the devices' next timer           | off                |
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

#ifdef __cplusplus
}
#endif
#endif
