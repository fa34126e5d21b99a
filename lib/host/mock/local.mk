# SPDX-License-Identifier: MIT
# Machine mock: part of librbdrv-host.
RBDRV_HOST_SOURCES += \
	lib/host/mock/mock_bar.c \
	lib/host/mock/mock_bus.c \
	lib/host/mock/mock_config.c \
	lib/host/mock/mock_dev.c \
	lib/host/mock/mock_dma.c \
	lib/host/mock/mock_events.c \
	lib/host/mock/mock_irq.c \
	lib/host/mock/mock_machine.c \
	lib/host/mock/mock_machine.h \
	lib/host/mock/mock_ram.c \
	lib/host/mock/mock_registry.c \
	lib/host/mock/mock_time.c \
	lib/host/mock/mock_violation.c \
	lib/host/mock/model_edu.c
