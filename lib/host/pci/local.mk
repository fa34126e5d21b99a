# SPDX-License-Identifier: MIT
# Machine pci: part of librbdrv-host where libpciaccess is.
if WITH_PCIACCESS
RBDRV_HOST_SOURCES += \
	lib/host/pci/pcihost.h \
	lib/host/pci/pcihost_config.c \
	lib/host/pci/pcihost_machine.c \
	lib/host/pci/pcihost_region.c \
	lib/host/pci/pcihost_session.c
endif
