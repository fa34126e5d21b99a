# SPDX-License-Identifier: MIT
# One scenario, run on every machine and profile present, through the real shared libraries.
# Add with: CONTRACT_TESTS += tests/contract/NAME, tests_contract_NAME_SOURCES = tests/contract/NAME.c $(CONTRACT_RUNNER), tests_contract_NAME_LDADD = $(API_LDADD)

CONTRACT_RUNNER = tests/contract/contract.c tests/contract/contract.h

CONTRACT_TESTS += \
	tests/contract/test_bad_input \
	tests/contract/test_contract_dma \
	tests/contract/test_contract_find \
	tests/contract/test_contract_irq \
	tests/contract/test_contract_lifetime \
	tests/contract/test_contract_registers

tests_contract_test_bad_input_SOURCES = tests/contract/test_bad_input.c $(CONTRACT_RUNNER)
tests_contract_test_bad_input_LDADD = $(API_LDADD)
tests_contract_test_contract_dma_SOURCES = tests/contract/test_contract_dma.c $(CONTRACT_RUNNER)
tests_contract_test_contract_dma_LDADD = $(API_LDADD)
tests_contract_test_contract_find_SOURCES = tests/contract/test_contract_find.c $(CONTRACT_RUNNER)
tests_contract_test_contract_find_LDADD = $(API_LDADD)
tests_contract_test_contract_irq_SOURCES = tests/contract/test_contract_irq.c $(CONTRACT_RUNNER)
tests_contract_test_contract_irq_LDADD = $(API_LDADD)
tests_contract_test_contract_lifetime_SOURCES = tests/contract/test_contract_lifetime.c $(CONTRACT_RUNNER)
tests_contract_test_contract_lifetime_LDADD = $(API_LDADD)
tests_contract_test_contract_registers_SOURCES = tests/contract/test_contract_registers.c $(CONTRACT_RUNNER)
tests_contract_test_contract_registers_LDADD = $(API_LDADD)

EXTRA_DIST += tests/contract/readme_driver.c
SCRIPT_TESTS += tests/contract/check-example.sh tests/contract/check-readme.sh
