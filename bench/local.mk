# SPDX-License-Identifier: MIT
# Figures: make bench builds BENCH_BINS and BENCH_DEPS, then runs BENCH, in its order.
# Add a program with: BENCH_BINS += bench/NAME, BENCH += bench/NAME, bench_NAME_SOURCES, bench_NAME_LDADD = $(API_LDADD)
# Add a script with:  BENCH += bench/NAME.sh, EXTRA_DIST += bench/NAME.sh (programs that only a script runs: EXTRA_PROGRAMS and BENCH_DEPS)
BENCH += bench/mmio_accessor.sh bench/size.sh
EXTRA_DIST += bench/mmio_accessor.sh bench/mmio_loop.c bench/mmio_sites.c bench/size.sh

BENCH += bench/dma_ring.sh
EXTRA_DIST += bench/dma_ring.sh bench/ring_loop.c bench/ring_sites.c bench/ring_sites.h

# Machine qemu: qemu_read looks below the public functions, so that both sides share a QEMU.
if HOST_LIB
BENCH_BINS += bench/context_start
BENCH += bench/context_start
bench_context_start_SOURCES = bench/context_start.c
bench_context_start_LDADD = lib/librbdrv.la
BENCH_BINS += bench/mock_access
BENCH += bench/mock_access
bench_mock_access_SOURCES = bench/mock_access.c
bench_mock_access_LDADD = $(API_LDADD)
BENCH_BINS += bench/campaign_speed
BENCH += bench/campaign_speed
bench_campaign_speed_SOURCES = bench/campaign_speed.c
bench_campaign_speed_LDADD = $(API_LDADD)
# Counts calls below the public functions.
BENCH_BINS += bench/mock_scan
BENCH += bench/mock_scan
bench_mock_scan_SOURCES = bench/mock_scan.c
bench_mock_scan_LDADD = $(UNIT_LDADD)
# Counts calls below the public functions.
BENCH_BINS += bench/irq_round_trip
BENCH += bench/irq_round_trip
bench_irq_round_trip_SOURCES = bench/irq_round_trip.c
bench_irq_round_trip_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
bench_irq_round_trip_LDADD = $(UNIT_LDADD)
endif
if WITH_QEMU
BENCH_BINS += bench/qemu_read
BENCH += bench/qemu_read
bench_qemu_read_SOURCES = bench/qemu_read.c bench/qemu_client.c bench/qemu_client.h
bench_qemu_read_LDADD = $(UNIT_LDADD)
BENCH_BINS += bench/irq_qemu
BENCH += bench/irq_qemu
bench_irq_qemu_SOURCES = bench/irq_qemu.c bench/qemu_client.c bench/qemu_client.h
bench_irq_qemu_LDADD = $(UNIT_LDADD)
endif

# Machine pci against what it rests on.
EXTRA_DIST += bench/pci_process.sh
if WITH_PCIACCESS
BENCH_DEPS += bench/pci_host
EXTRA_PROGRAMS += bench/pci_host
BENCH += bench/pci_process.sh
endif
bench_pci_host_SOURCES = bench/pci_host.c $(FAKE_SYSFS)
bench_pci_host_CPPFLAGS = $(AM_CPPFLAGS) $(PCIACCESS_CFLAGS) -I$(top_srcdir)/tests/host
bench_pci_host_LDADD = $(API_LDADD) $(PCIACCESS_LIBS)

# Pools against stacks, malloc and DPDK. callgrind, too, is valgrind, and is not to be shown how
# pools behave under it.
EXTRA_DIST += bench/pool_speed.sh
if HOST_LIB
BENCH_DEPS += bench/pool_speed
EXTRA_PROGRAMS += bench/pool_speed
BENCH += bench/pool_speed.sh
endif
bench_pool_speed_SOURCES = bench/pool_speed.c bench/pool_speed_dpdk.c bench/pool_speed_dpdk.h bench/pool_speed_raw.c \
	bench/pool_speed_rivals.c bench/pool_speed_rivals.h tests/unit/fake_world.c tests/unit/fake_world.h
bench_pool_speed_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit $(DPDK_CFLAGS)
bench_pool_speed_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=rbi_dma_is_watched
bench_pool_speed_LDADD = $(UNIT_LDADD) $(DPDK_LIBS)

# The network driver's frames, against the same path by hand. The script compiles both, with each
# compiler; what they stand on is a library.
EXTRA_DIST += bench/e1000e_packet.sh bench/e1000e_by_hand.c bench/e1000e_by_hand.h
EXTRA_LTLIBRARIES =
if HOST_LIB
BENCH_DEPS += bench/libe1000e_packet.la
EXTRA_LTLIBRARIES += bench/libe1000e_packet.la
BENCH += bench/e1000e_packet.sh
endif
bench_libe1000e_packet_la_SOURCES = bench/e1000e_packet.c bench/e1000e_by_hand.h \
	tests/unit/fake_world.c tests/unit/fake_world.h
bench_libe1000e_packet_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/unit -I$(srcdir)/examples/e1000e
bench_libe1000e_packet_la_LIBADD = $(UNIT_LDADD)
if WITH_QEMU
BENCH_BINS += bench/e1000e_qemu
BENCH += bench/e1000e_qemu
bench_e1000e_qemu_SOURCES = bench/e1000e_qemu.c
bench_e1000e_qemu_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/examples/e1000e
bench_e1000e_qemu_LDADD = examples/e1000e/libe1000e.la $(API_LDADD)
endif
