# SPDX-License-Identifier: MIT
# Register windows: part of librbdrv.
# Add with: RBDRV_SOURCES += lib/mmio/NAME.c
RBDRV_SOURCES += \
	lib/mmio/mmio_access.c \
	lib/mmio/mmio_copy.c \
	lib/mmio/mmio_map.c \
	lib/mmio/mmio_poll.c \
	lib/mmio/mmio_window.h
