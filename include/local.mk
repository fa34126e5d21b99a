# SPDX-License-Identifier: MIT
# Public headers. Each is a promise.

rbdrvdir = $(includedir)/rbdrv
rbdrv_HEADERS = \
	include/rbdrv/addr.h \
	include/rbdrv/ctx.h \
	include/rbdrv/dma.h \
	include/rbdrv/dma_map.h \
	include/rbdrv/dma_pool.h \
	include/rbdrv/dma_ring.h \
	include/rbdrv/error.h \
	include/rbdrv/irq.h \
	include/rbdrv/mmio.h \
	include/rbdrv/pci.h \
	include/rbdrv/pci_caps.h \
	include/rbdrv/pci_control.h \
	include/rbdrv/pci_match.h \
	include/rbdrv/pio.h \
	include/rbdrv/rbdrv.h
nodist_rbdrv_HEADERS = include/rbdrv/version.h

# make uninstall takes files away; this folder is ours alone.
uninstall-hook:
	@test ! -d '$(DESTDIR)$(rbdrvdir)' || rmdir '$(DESTDIR)$(rbdrvdir)' 2>/dev/null || :

# Headers of librbdrv-host go into RBDRV_HOST_H.
RBDRV_HOST_H = include/rbdrv/host.h include/rbdrv/mock.h include/rbdrv/mock_cmocka.h include/rbdrv/mock_net.h include/rbdrv/mock_pci.h
if HOST_LIB
rbdrv_HEADERS += $(RBDRV_HOST_H)
else
EXTRA_DIST += $(RBDRV_HOST_H)
endif
