# SPDX-License-Identifier: MIT
# Memory that devices reach: part of librbdrv.
# Add with: RBDRV_SOURCES += lib/dma/NAME.c
RBDRV_SOURCES += lib/dma/dma_access.c lib/dma/dma_alloc.c lib/dma/dma_buf.h
RBDRV_SOURCES += lib/dma/dma_dev.c lib/dma/dma_dev.h lib/dma/dma_limits.c lib/dma/dma_quarantine.c
RBDRV_SOURCES += lib/dma/dma_search.c lib/dma/dma_segment.c lib/dma/dma_sg.c
RBDRV_SOURCES += lib/dma/dma_owner.c lib/dma/dma_owner.h
RBDRV_SOURCES += lib/dma/dma_ring.c
RBDRV_SOURCES += \
	lib/dma/dma_cache.c \
	lib/dma/dma_pool.c \
	lib/dma/dma_pool_get.c \
	lib/dma/dma_pool_grow.c \
	lib/dma/dma_pool_private.h
RBDRV_SOURCES += lib/dma/dma_bounce.c lib/dma/dma_bounce.h
RBDRV_SOURCES += \
	lib/dma/dma_map.c \
	lib/dma/dma_map_copy.c \
	lib/dma/dma_map_hand.c \
	lib/dma/dma_map_plan.c \
	lib/dma/dma_map_private.h \
	lib/dma/dma_map_segment.c \
	lib/dma/dma_map_spans.c \
	lib/dma/dma_map_spans.h \
	lib/dma/dma_map_sync.c
