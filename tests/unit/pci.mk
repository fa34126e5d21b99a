# SPDX-License-Identifier: MIT
# Unit tests of room pci.
# Add with: UNIT_TESTS += tests/unit/test_NAME, tests_unit_test_NAME_SOURCES = tests/unit/test_NAME.c, tests_unit_test_NAME_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_pcid tests/unit/test_pci_scan tests/unit/test_pci_dev
tests_unit_test_pcid_SOURCES = tests/unit/test_pcid.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pcid_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_scan_SOURCES = tests/unit/test_pci_scan.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_scan_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_dev_SOURCES = tests/unit/test_pci_dev.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_dev_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_pci_bar tests/unit/test_pci_ones tests/unit/test_pci_control tests/unit/test_pci_reset
tests_unit_test_pci_ones_SOURCES = tests/unit/test_pci_ones.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_ones_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_control_SOURCES = tests/unit/test_pci_control.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_control_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_reset_SOURCES = tests/unit/test_pci_reset.c tests/unit/mock_fixture.h
tests_unit_test_pci_reset_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_bar_SOURCES = tests/unit/test_pci_bar.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_bar_LDADD = $(UNIT_LDADD)
SCRIPT_TESTS += tests/unit/test_rbdrv.sh tests/unit/test_rbdrv_pci.sh tests/unit/test_rbdrv_doctor.sh
UNIT_TESTS += tests/unit/test_pci_match tests/unit/test_pci_source
tests_unit_test_pci_match_SOURCES = tests/unit/test_pci_match.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_match_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_source_SOURCES = tests/unit/test_pci_source.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_source_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_pci_filter tests/unit/test_pci_rescan tests/unit/test_pci_cost
tests_unit_test_pci_filter_SOURCES = tests/unit/test_pci_filter.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_filter_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_rescan_SOURCES = tests/unit/test_pci_rescan.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_rescan_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_cost_SOURCES = tests/unit/test_pci_cost.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_cost_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_pci_caps tests/unit/test_pci_decode
tests_unit_test_pci_caps_SOURCES = tests/unit/test_pci_caps.c tests/unit/config_spaces.c tests/unit/config_spaces.h \
	tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_caps_LDADD = $(UNIT_LDADD)
tests_unit_test_pci_decode_SOURCES = tests/unit/test_pci_decode.c tests/unit/config_spaces.c tests/unit/config_spaces.h
tests_unit_test_pci_decode_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_pci_walk
tests_unit_test_pci_walk_SOURCES = tests/unit/test_pci_walk.c tests/unit/fake_pcid.c tests/unit/fake_pcid.h
tests_unit_test_pci_walk_LDADD = $(UNIT_LDADD)
