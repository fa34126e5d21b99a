# SPDX-License-Identifier: MIT
# Contexts, errors, allocation, log, ledger: part of librbdrv.
# Add with: RBDRV_SOURCES += lib/core/NAME.c
RBDRV_SOURCES += \
	lib/core/alloc.c \
	lib/core/bits.h \
	lib/core/core.h \
	lib/core/ctx.c \
	lib/core/detail.h \
	lib/core/dma_note.h \
	lib/core/error.c \
	lib/core/ledger.c \
	lib/core/log.c \
	lib/core/options.c \
	lib/core/options.h \
	lib/core/range_book.c \
	lib/core/range_book.h \
	lib/core/world.c \
	lib/core/world.h
