# SPDX-License-Identifier: MIT
# Hosted Redox: part of librbdrv-host.

RBDRV_HOST_SOURCES += \
	lib/host/campaign.c \
	lib/host/campaign.h \
	lib/host/campaign_fork.c \
	lib/host/campaign_play.c \
	lib/host/fault_machine.c \
	lib/host/fault_plan.c \
	lib/host/fault_plan.h \
	lib/host/fault_sys.c \
	lib/host/host.c \
	lib/host/host_calls.c \
	lib/host/host_entry.h \
	lib/host/host_event.c \
	lib/host/host_event.h \
	lib/host/host_event_line.c \
	lib/host/host_event_read.c \
	lib/host/host_file.c \
	lib/host/host_frames.c \
	lib/host/host_frames.h \
	lib/host/host_irq.c \
	lib/host/host_map.c \
	lib/host/host_map.h \
	lib/host/host_map_inner.h \
	lib/host/host_memory.c \
	lib/host/host_net.c \
	lib/host/host_open.c \
	lib/host/host_pcid.c \
	lib/host/host_pcid_bus.c \
	lib/host/host_pcid.h \
	lib/host/host_pcid_func.c \
	lib/host/host_pcid_io.c \
	lib/host/host_pcid_msi.c \
	lib/host/host_pcid_probe.c \
	lib/host/host_plug.c \
	lib/host/host_port.c \
	lib/host/host_span.c \
	lib/host/host_span.h \
	lib/host/host_time.c \
	lib/host/host_touch.c \
	lib/host/host_unmap.c \
	lib/host/hosted.h \
	lib/host/machine.h \
	lib/host/net_items.c \
	lib/host/net_items.h \
	lib/host/profile.c \
	lib/host/profile.h \
	lib/host/real_clock.h \
	lib/host/spec.c \
	lib/host/spec.h
