# SPDX-License-Identifier: MIT
# Unit tests of room mock.
UNIT_TESTS += \
	tests/unit/test_host_plug \
	tests/unit/test_host_span \
	tests/unit/test_mock_bridge \
	tests/unit/test_mock_campaign \
	tests/unit/test_mock_cap \
	tests/unit/test_mock_cmocka \
	tests/unit/test_mock_config \
	tests/unit/test_mock_device \
	tests/unit/test_mock_dma \
	tests/unit/test_mock_dma_many \
	tests/unit/test_mock_dma_note \
	tests/unit/test_mock_dma_rules \
	tests/unit/test_mock_dump \
	tests/unit/test_mock_edu \
	tests/unit/test_mock_example \
	tests/unit/test_mock_expect \
	tests/unit/test_mock_fault \
	tests/unit/test_mock_frames \
	tests/unit/test_mock_hang \
	tests/unit/test_mock_irq \
	tests/unit/test_mock_lies \
	tests/unit/test_mock_msix \
	tests/unit/test_mock_pm \
	tests/unit/test_mock_regmap \
	tests/unit/test_mock_ring \
	tests/unit/test_mock_strict \
	tests/unit/test_mock_threads \
	tests/unit/test_mock_time
tests_unit_test_host_plug_SOURCES = tests/unit/test_host_plug.c tests/unit/mock_fixture.h
tests_unit_test_host_plug_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_config_SOURCES = tests/unit/test_mock_config.c tests/unit/mock_fixture.h
tests_unit_test_mock_config_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_device_SOURCES = tests/unit/test_mock_device.c tests/unit/mock_fixture.h
tests_unit_test_mock_device_LDADD = $(UNIT_LDADD)
tests_unit_test_host_span_SOURCES = tests/unit/test_host_span.c
tests_unit_test_host_span_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_dma_many_SOURCES = tests/unit/test_mock_dma_many.c tests/unit/mock_fixture.h
tests_unit_test_mock_dma_many_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_dma_note_SOURCES = tests/unit/test_mock_dma_note.c tests/unit/mock_fixture.h
tests_unit_test_mock_dma_note_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_dma_SOURCES = tests/unit/test_mock_dma.c tests/unit/mock_fixture.h
tests_unit_test_mock_dma_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_edu_SOURCES = tests/unit/test_mock_edu.c tests/unit/mock_fixture.h
tests_unit_test_mock_edu_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_example_SOURCES = tests/unit/test_mock_example.c tests/unit/mock_fixture.h
tests_unit_test_mock_example_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_irq_SOURCES = tests/unit/test_mock_irq.c tests/unit/mock_fixture.h
tests_unit_test_mock_irq_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_strict_SOURCES = tests/unit/test_mock_strict.c tests/unit/mock_fixture.h
tests_unit_test_mock_strict_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_time_SOURCES = tests/unit/test_mock_time.c tests/unit/mock_fixture.h
tests_unit_test_mock_time_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_campaign_SOURCES = tests/unit/test_mock_campaign.c
tests_unit_test_mock_campaign_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_expect_SOURCES = tests/unit/test_mock_expect.c tests/unit/mock_fixture.h
tests_unit_test_mock_expect_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_regmap_SOURCES = tests/unit/test_mock_regmap.c tests/unit/mock_fixture.h
tests_unit_test_mock_regmap_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_cap_SOURCES = tests/unit/test_mock_cap.c tests/unit/mock_fixture.h
tests_unit_test_mock_cap_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_dma_rules_SOURCES = tests/unit/test_mock_dma_rules.c tests/unit/mock_fixture.h
tests_unit_test_mock_dma_rules_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_fault_SOURCES = tests/unit/test_mock_fault.c tests/unit/mock_fixture.h
tests_unit_test_mock_fault_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_frames_SOURCES = tests/unit/test_mock_frames.c tests/unit/mock_fixture.h
tests_unit_test_mock_frames_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_msix_SOURCES = tests/unit/test_mock_msix.c tests/unit/mock_fixture.h
tests_unit_test_mock_msix_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_pm_SOURCES = tests/unit/test_mock_pm.c tests/unit/mock_fixture.h
tests_unit_test_mock_pm_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_threads_SOURCES = tests/unit/test_mock_threads.c tests/unit/mock_fixture.h
tests_unit_test_mock_threads_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_cmocka_SOURCES = tests/unit/test_mock_cmocka.c
tests_unit_test_mock_cmocka_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_hang_SOURCES = tests/unit/test_mock_hang.c
tests_unit_test_mock_hang_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_mock_quirks
tests_unit_test_mock_quirks_SOURCES = tests/unit/test_mock_quirks.c tests/unit/mock_fixture.h
tests_unit_test_mock_quirks_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_bridge_SOURCES = tests/unit/test_mock_bridge.c tests/unit/mock_fixture.h
tests_unit_test_mock_bridge_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_lies_SOURCES = tests/unit/test_mock_lies.c tests/unit/mock_fixture.h
tests_unit_test_mock_lies_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_dump_SOURCES = tests/unit/test_mock_dump.c tests/unit/mock_fixture.h
tests_unit_test_mock_dump_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_mock_scan
tests_unit_test_mock_scan_SOURCES = tests/unit/test_mock_scan.c tests/unit/mock_fixture.h
tests_unit_test_mock_scan_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_mock_irq_sets
tests_unit_test_mock_irq_sets_SOURCES = tests/unit/test_mock_irq_sets.c tests/unit/mock_fixture.h
tests_unit_test_mock_irq_sets_LDADD = $(UNIT_LDADD)

LONG_TESTS += tests/unit/long_mock_dma tests/unit/long_mock_irq
tests_unit_long_mock_dma_SOURCES = tests/unit/long_mock_dma.c tests/unit/mock_fixture.h
tests_unit_long_mock_dma_LDADD = $(UNIT_LDADD)
tests_unit_long_mock_irq_SOURCES = tests/unit/long_mock_irq.c tests/unit/mock_fixture.h
tests_unit_long_mock_irq_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_ring_SOURCES = tests/unit/test_mock_ring.c tests/unit/mock_fixture.h
tests_unit_test_mock_ring_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_mock_net
tests_unit_test_mock_net_SOURCES = tests/unit/test_mock_net.c tests/unit/mock_fixture.h
tests_unit_test_mock_net_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_mock_dma_seam
tests_unit_test_mock_dma_seam_SOURCES = tests/unit/test_mock_dma_seam.c tests/unit/mock_fixture.h
tests_unit_test_mock_dma_seam_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_mock_dma_late
tests_unit_test_mock_dma_late_SOURCES = tests/unit/test_mock_dma_late.c tests/unit/mock_fixture.h
tests_unit_test_mock_dma_late_LDADD = $(UNIT_LDADD)
