# SPDX-License-Identifier: MIT
# The 82574L for the mock, and tests of what drives it.
NIC82574 = tests/net/nic82574.c tests/net/nic82574.h tests/net/nic82574_irq.c \
	tests/net/nic82574_regs.c tests/net/nic82574_rx.c tests/net/nic82574_tx.c
UNIT_TESTS += tests/net/test_nic82574
tests_net_test_nic82574_SOURCES = tests/net/test_nic82574.c $(NIC82574)
tests_net_test_nic82574_LDADD = $(API_LDADD)

# The network driver of examples/, through the real shared libraries: one test on the mock and
# on QEMU, and what only a mock can do to a driver.
CONTRACT_TESTS += tests/net/test_e1000e tests/net/test_e1000e_faults \
	tests/net/test_e1000e_traffic tests/net/test_e1000e_irq tests/net/test_nic82574_twin

NET_E1000E = tests/net/e1000e_bench.c tests/net/e1000e_bench.h $(NIC82574)
NET_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/examples/e1000e
NET_LDADD = examples/e1000e/libe1000e.la $(API_LDADD)

tests_net_test_e1000e_SOURCES = tests/net/test_e1000e.c $(NET_E1000E)
tests_net_test_e1000e_CPPFLAGS = $(NET_CPPFLAGS)
tests_net_test_e1000e_LDADD = $(NET_LDADD)
tests_net_test_e1000e_faults_SOURCES = tests/net/test_e1000e_faults.c $(NET_E1000E)
tests_net_test_e1000e_faults_CPPFLAGS = $(NET_CPPFLAGS)
tests_net_test_e1000e_faults_LDADD = $(NET_LDADD)
tests_net_test_e1000e_irq_SOURCES = tests/net/test_e1000e_irq.c $(NET_E1000E)
tests_net_test_e1000e_irq_CPPFLAGS = $(NET_CPPFLAGS)
tests_net_test_e1000e_irq_LDADD = $(NET_LDADD)

# Every frame accounted for: 20000 each way, and a million.
NET_SOAK = tests/net/e1000e_soak.c tests/net/e1000e_soak.h
tests_net_test_e1000e_traffic_SOURCES = tests/net/test_e1000e_traffic.c $(NET_SOAK) $(NET_E1000E)
tests_net_test_e1000e_traffic_CPPFLAGS = $(NET_CPPFLAGS)
tests_net_test_e1000e_traffic_LDADD = $(NET_LDADD)

LONG_TESTS += tests/net/long_e1000e
tests_net_long_e1000e_SOURCES = tests/net/long_e1000e.c $(NET_SOAK) $(NIC82574)
tests_net_long_e1000e_CPPFLAGS = $(NET_CPPFLAGS)
tests_net_long_e1000e_LDADD = $(NET_LDADD)

tests_net_test_nic82574_twin_SOURCES = tests/net/test_nic82574_twin.c $(NIC82574)
tests_net_test_nic82574_twin_LDADD = $(API_LDADD)

# lwIP over it, against networks that are not ours.
if WITH_QEMU
SCRIPT_TESTS += tests/net/check-fetch.sh tests/net/check-signals.sh
CONTRACT_TESTS += tests/net/test_e1000e_program
endif
EXTRA_DIST += tests/net/check-fetch.sh tests/net/check-signals.sh

# The program that carries frames, as it is built; and signals.
tests_net_test_e1000e_program_SOURCES = tests/net/test_e1000e_program.c
tests_net_test_e1000e_program_LDADD = $(CMOCKA_LIBS)

# How much of the driver its tests run.
SCRIPT_TESTS += tests/net/check-coverage.sh
