# SPDX-License-Identifier: MIT
# Machine mock: part of librbdrv-host.
RBDRV_HOST_SOURCES += \
	lib/host/mock/mock_bar.c \
	lib/host/mock/mock_bridge.c \
	lib/host/mock/mock_bus.c \
	lib/host/mock/mock_cap.c \
	lib/host/mock/mock_cap_ext.c \
	lib/host/mock/mock_config.c \
	lib/host/mock/mock_dev.c \
	lib/host/mock/mock_dev.h \
	lib/host/mock/mock_dma.h \
	lib/host/mock/mock_dma_buf.c \
	lib/host/mock/mock_dma_device.c \
	lib/host/mock/mock_dma_list.c \
	lib/host/mock/mock_dma_note.c \
	lib/host/mock/mock_dma_sync.c \
	lib/host/mock/mock_dump.c \
	lib/host/mock/mock_dump.h \
	lib/host/mock/mock_dump_caps.c \
	lib/host/mock/mock_dump_read.c \
	lib/host/mock/mock_events.c \
	lib/host/mock/mock_expect.c \
	lib/host/mock/mock_expect.h \
	lib/host/mock/mock_expect_list.c \
	lib/host/mock/mock_fault.c \
	lib/host/mock/mock_gate.c \
	lib/host/mock/mock_irq.c \
	lib/host/mock/mock_machine.c \
	lib/host/mock/mock_machine.h \
	lib/host/mock/mock_msix.c \
	lib/host/mock/mock_net.c \
	lib/host/mock/mock_net.h \
	lib/host/mock/mock_net_plug.c \
	lib/host/mock/mock_plug.c \
	lib/host/mock/mock_pm.c \
	lib/host/mock/mock_ram.c \
	lib/host/mock/mock_reg_access.c \
	lib/host/mock/mock_regmap.c \
	lib/host/mock/mock_regs.h \
	lib/host/mock/mock_registry.c \
	lib/host/mock/mock_rom.c \
	lib/host/mock/mock_slot.c \
	lib/host/mock/mock_time.c \
	lib/host/mock/mock_violation.c \
	lib/host/mock/mock_wait.c \
	lib/host/mock/model_edu.c
