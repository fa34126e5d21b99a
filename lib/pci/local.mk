# SPDX-License-Identifier: MIT
# PCI functions: part of librbdrv.
RBDRV_SOURCES += lib/pci/pci_addr.c lib/pci/pci_bar.c lib/pci/pci_config.c lib/pci/pci_dev.h
RBDRV_SOURCES += lib/pci/pci_filter.c lib/pci/pci_ids.c lib/pci/pci_open.c lib/pci/pci_policy.c
RBDRV_SOURCES += lib/pci/pci_list.c lib/pci/pci_list.h lib/pci/pci_match.c
RBDRV_SOURCES += lib/pci/pci_private.h lib/pci/pci_quirks.c
RBDRV_SOURCES += lib/pci/pci_rescan.c lib/pci/pci_scan.c lib/pci/pci_size.c lib/pci/pci_source.c
RBDRV_SOURCES += lib/pci/pci_walk.c
RBDRV_SOURCES += lib/pci/pci_cap_basic.c lib/pci/pci_cap_express.c lib/pci/pci_cap_extended.c
RBDRV_SOURCES += lib/pci/pci_cap_names.c lib/pci/pci_caps.c lib/pci/pci_decode.c
RBDRV_SOURCES += lib/pci/pci_view.c lib/pci/pci_view.h
RBDRV_SOURCES += lib/pci/pci_control.c lib/pci/pci_express.c lib/pci/pci_ones.c
RBDRV_SOURCES += lib/pci/pci_power.c lib/pci/pci_reset.c lib/pci/pci_saved.c
RBDRV_SOURCES += lib/pci/pci_saved_ext.c
RBDRV_SOURCES += lib/pci/pci_dma.c
