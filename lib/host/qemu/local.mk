# SPDX-License-Identifier: MIT
# Machine qemu: part of librbdrv-host, left out by --without-qemu but for <rbdrv/host.h>, whose
# functions then answer that there is no process.
RBDRV_HOST_SOURCES += lib/host/qemu/qemu_host.c

if WITH_QEMU
RBDRV_HOST_SOURCES += \
	lib/host/qemu/ivshmem.c \
	lib/host/qemu/ivshmem.h \
	lib/host/qemu/qemu.h \
	lib/host/qemu/qemu_args.c \
	lib/host/qemu/qemu_args.h \
	lib/host/qemu/qemu_bars.c \
	lib/host/qemu/qemu_cfg.c \
	lib/host/qemu/qemu_decode.c \
	lib/host/qemu/qemu_drive.c \
	lib/host/qemu/qemu_io.c \
	lib/host/qemu/qemu_irq.c \
	lib/host/qemu/qemu_machine.c \
	lib/host/qemu/qemu_mem.c \
	lib/host/qemu/qemu_msix.c \
	lib/host/qemu/qemu_net.c \
	lib/host/qemu/qemu_plug.c \
	lib/host/qemu/qemu_proc.c \
	lib/host/qemu/qemu_proc.h \
	lib/host/qemu/qemu_program.c \
	lib/host/qemu/qemu_regs.h \
	lib/host/qemu/qemu_reset.c \
	lib/host/qemu/qemu_scan.c \
	lib/host/qemu/qemu_slot.c \
	lib/host/qemu/qemu_start.c \
	lib/host/qemu/qtest.c \
	lib/host/qemu/qtest.h
endif

if WITH_QEMU
if WITH_JANSSON
RBDRV_HOST_SOURCES += lib/host/qemu/qmp.c lib/host/qemu/qmp.h
endif
endif
