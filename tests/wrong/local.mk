# SPDX-License-Identifier: MIT
# Small wrong drivers, each caught by name, and their corrected twins. They use the real shared
# libraries and public headers, as whoever tests a driver does.

WRONG_RUNNER = tests/wrong/wrong.c tests/wrong/wrong_device.c tests/wrong/wrong.h

CONTRACT_TESTS += \
	tests/wrong/wrong_dma \
	tests/wrong/wrong_dma_map \
	tests/wrong/wrong_dma_place \
	tests/wrong/wrong_irq \
	tests/wrong/wrong_msix \
	tests/wrong/wrong_ports \
	tests/wrong/wrong_registers

tests_wrong_wrong_dma_SOURCES = tests/wrong/wrong_dma.c $(WRONG_RUNNER)
tests_wrong_wrong_dma_LDADD = $(API_LDADD)
tests_wrong_wrong_dma_map_SOURCES = tests/wrong/wrong_dma_map.c $(WRONG_RUNNER)
tests_wrong_wrong_dma_map_LDADD = $(API_LDADD)
tests_wrong_wrong_dma_place_SOURCES = tests/wrong/wrong_dma_place.c $(WRONG_RUNNER)
tests_wrong_wrong_dma_place_LDADD = $(API_LDADD)
tests_wrong_wrong_irq_SOURCES = tests/wrong/wrong_irq.c $(WRONG_RUNNER)
tests_wrong_wrong_irq_LDADD = $(API_LDADD)
tests_wrong_wrong_msix_SOURCES = tests/wrong/wrong_msix.c $(WRONG_RUNNER)
tests_wrong_wrong_msix_LDADD = $(API_LDADD)
tests_wrong_wrong_ports_SOURCES = tests/wrong/wrong_ports.c $(WRONG_RUNNER)
tests_wrong_wrong_ports_LDADD = $(API_LDADD)
tests_wrong_wrong_registers_SOURCES = tests/wrong/wrong_registers.c $(WRONG_RUNNER)
tests_wrong_wrong_registers_LDADD = $(API_LDADD)
