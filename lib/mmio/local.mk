# SPDX-License-Identifier: MIT
# Registers, mapped and behind ports: part of librbdrv.
# Add with: RBDRV_SOURCES += lib/mmio/NAME.c
RBDRV_SOURCES += \
	lib/mmio/access_fault.h \
	lib/mmio/mmio_access.c \
	lib/mmio/mmio_copy.c \
	lib/mmio/mmio_map.c \
	lib/mmio/mmio_poll.c \
	lib/mmio/mmio_window.h \
	lib/mmio/pio.c
