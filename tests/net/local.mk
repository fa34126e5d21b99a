# SPDX-License-Identifier: MIT
# The 82574L for the mock, and tests of what drives it.
NIC82574 = tests/net/nic82574.c tests/net/nic82574.h tests/net/nic82574_irq.c \
	tests/net/nic82574_regs.c tests/net/nic82574_rx.c tests/net/nic82574_tx.c
UNIT_TESTS += tests/net/test_nic82574
tests_net_test_nic82574_SOURCES = tests/net/test_nic82574.c $(NIC82574)
tests_net_test_nic82574_LDADD = $(API_LDADD)
