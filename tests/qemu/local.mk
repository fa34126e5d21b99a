# SPDX-License-Identifier: MIT
# Tests of machine qemu alone, below the schemes; what needs QEMU is skipped without it.
if WITH_QEMU
QEMU_TESTS += \
	tests/qemu/test_qemu_caps \
	tests/qemu/test_qemu_host \
	tests/qemu/test_qemu_loss \
	tests/qemu/test_qemu_machine \
	tests/qemu/test_qemu_msix \
	tests/qemu/test_qemu_net \
	tests/qemu/test_qemu_nvme \
	tests/qemu/test_qemu_plug \
	tests/qemu/test_qemu_reset \
	tests/qemu/test_qemu_ring_nic \
	tests/qemu/test_qemu_ring_nvme \
	tests/qemu/test_qemu_ring_virtio \
	tests/qemu/test_qemu_scale \
	tests/qemu/test_qemu_start
LONG_TESTS += tests/qemu/test_irq_long
endif

# The machine's own operations are hidden in the shared library.
QEMU_RIG = tests/qemu/rig.c tests/qemu/rig.h
tests_qemu_test_qemu_loss_SOURCES = tests/qemu/test_qemu_loss.c $(QEMU_RIG)
tests_qemu_test_qemu_loss_LDADD = $(UNIT_LDADD)
tests_qemu_test_qemu_machine_SOURCES = tests/qemu/test_qemu_machine.c $(QEMU_RIG)
tests_qemu_test_qemu_machine_LDADD = $(UNIT_LDADD)
tests_qemu_test_qemu_msix_SOURCES = tests/qemu/test_qemu_msix.c $(QEMU_RIG)
tests_qemu_test_qemu_msix_LDADD = $(UNIT_LDADD)
tests_qemu_test_qemu_plug_SOURCES = tests/qemu/test_qemu_plug.c $(QEMU_RIG)
tests_qemu_test_qemu_plug_LDADD = $(UNIT_LDADD)
tests_qemu_test_qemu_scale_SOURCES = tests/qemu/test_qemu_scale.c $(QEMU_RIG)
tests_qemu_test_qemu_scale_LDADD = $(UNIT_LDADD)
tests_qemu_test_qemu_start_SOURCES = tests/qemu/test_qemu_start.c $(QEMU_RIG)
tests_qemu_test_qemu_start_LDADD = $(UNIT_LDADD)

# This one sees what users see.
tests_qemu_test_qemu_host_SOURCES = tests/qemu/test_qemu_host.c
tests_qemu_test_qemu_host_LDADD = $(API_LDADD)
tests_qemu_test_qemu_nvme_SOURCES = tests/qemu/test_qemu_nvme.c
tests_qemu_test_qemu_nvme_LDADD = $(API_LDADD)
tests_qemu_test_qemu_net_SOURCES = tests/qemu/test_qemu_net.c
tests_qemu_test_qemu_net_LDADD = $(API_LDADD)
tests_qemu_test_irq_long_SOURCES = tests/qemu/test_irq_long.c
tests_qemu_test_irq_long_LDADD = $(API_LDADD)
tests_qemu_test_qemu_caps_SOURCES = tests/qemu/test_qemu_caps.c
tests_qemu_test_qemu_caps_LDADD = $(API_LDADD)

# rbdrv against lspci. It needs both, and perl; QEMU where it is there.
SCRIPT_TESTS += tests/qemu/check-lspci.sh
EXTRA_DIST += tests/qemu/lspci_compare.pl tests/qemu/lspci_devices.txt tests/qemu/lspci_express.pl \
	tests/qemu/make_dumps.pl
tests_qemu_test_qemu_reset_SOURCES = tests/qemu/test_qemu_reset.c
tests_qemu_test_qemu_reset_LDADD = $(API_LDADD)
RING_BENCH = tests/qemu/ring_bench.c tests/qemu/ring_bench.h
tests_qemu_test_qemu_ring_nic_SOURCES = tests/qemu/test_qemu_ring_nic.c $(RING_BENCH)
tests_qemu_test_qemu_ring_nic_LDADD = $(API_LDADD)
tests_qemu_test_qemu_ring_nvme_SOURCES = tests/qemu/test_qemu_ring_nvme.c $(RING_BENCH)
tests_qemu_test_qemu_ring_nvme_LDADD = $(API_LDADD)
tests_qemu_test_qemu_ring_virtio_SOURCES = tests/qemu/test_qemu_ring_virtio.c $(RING_BENCH)
tests_qemu_test_qemu_ring_virtio_LDADD = $(API_LDADD)
