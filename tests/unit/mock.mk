# SPDX-License-Identifier: MIT
# Unit tests of room mock.
UNIT_TESTS += \
	tests/unit/test_mock_config \
	tests/unit/test_mock_device \
	tests/unit/test_mock_dma \
	tests/unit/test_mock_edu \
	tests/unit/test_mock_example \
	tests/unit/test_mock_irq \
	tests/unit/test_mock_strict \
	tests/unit/test_mock_time
tests_unit_test_mock_config_SOURCES = tests/unit/test_mock_config.c tests/unit/mock_fixture.h
tests_unit_test_mock_config_LDADD = $(UNIT_LDADD)
tests_unit_test_mock_device_SOURCES = tests/unit/test_mock_device.c tests/unit/mock_fixture.h
tests_unit_test_mock_device_LDADD = $(UNIT_LDADD)
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
