# SPDX-License-Identifier: MIT
# Parts of the examples that stand for themselves.
UNIT_TESTS += tests/unit/test_dhcp_client
tests_unit_test_dhcp_client_SOURCES = tests/unit/test_dhcp_client.c \
	examples/e1000e/dhcp_client.c examples/e1000e/dhcp_client.h
tests_unit_test_dhcp_client_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/examples/e1000e
tests_unit_test_dhcp_client_LDADD = $(UNIT_LDADD)
