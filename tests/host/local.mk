# SPDX-License-Identifier: MIT
# Tests of machine pci: on the host's own bus, and on one made of files. Linked as unit tests are,
# for valgrind does not like the loader.
if WITH_PCIACCESS
HOST_TESTS += tests/host/test_pci_fake tests/host/test_pci_host
endif

FAKE_SYSFS = tests/host/fake_sysfs.c tests/host/fake_sysfs.h
tests_host_test_pci_fake_SOURCES = tests/host/test_pci_fake.c $(FAKE_SYSFS)
tests_host_test_pci_fake_LDADD = $(UNIT_LDADD)
tests_host_test_pci_host_SOURCES = tests/host/test_pci_host.c
tests_host_test_pci_host_CPPFLAGS = $(AM_CPPFLAGS) $(PCIACCESS_CFLAGS)
tests_host_test_pci_host_LDADD = $(UNIT_LDADD) $(PCIACCESS_LIBS)
