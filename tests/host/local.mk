# SPDX-License-Identifier: MIT
# Tests of machine pci: on the host's own bus, and on one made of files.
if WITH_PCIACCESS
HOST_TESTS += tests/host/test_pci_fake
endif

FAKE_SYSFS = tests/host/fake_sysfs.c tests/host/fake_sysfs.h
tests_host_test_pci_fake_SOURCES = tests/host/test_pci_fake.c $(FAKE_SYSFS)
tests_host_test_pci_fake_LDADD = $(API_LDADD)
