# SPDX-License-Identifier: MIT
# One scenario, run on every machine and profile present, through the real shared libraries.
# Add with: CONTRACT_TESTS += tests/contract/NAME, tests_contract_NAME_SOURCES = tests/contract/NAME.c $(CONTRACT_RUNNER), tests_contract_NAME_LDADD = $(API_LDADD)

CONTRACT_RUNNER = tests/contract/contract.c tests/contract/contract_steps.c tests/contract/contract.h

CONTRACT_TESTS += \
	tests/contract/test_bad_dma \
	tests/contract/test_bad_input \
	tests/contract/test_bad_pci \
	tests/contract/test_campaign_caps \
	tests/contract/test_campaign_control \
	tests/contract/test_campaign_dma \
	tests/contract/test_campaign_dma_sg \
	tests/contract/test_campaign_edu \
	tests/contract/test_campaign_find \
	tests/contract/test_campaign_irq \
	tests/contract/test_campaign_lifetime \
	tests/contract/test_campaign_map \
	tests/contract/test_campaign_msix \
	tests/contract/test_campaign_ports \
	tests/contract/test_campaign_plug \
	tests/contract/test_campaign_registers \
	tests/contract/test_campaign_scan \
	tests/contract/test_contract_caps \
	tests/contract/test_contract_control \
	tests/contract/test_contract_dma \
	tests/contract/test_contract_dma_sg \
	tests/contract/test_contract_faults \
	tests/contract/test_contract_find \
	tests/contract/test_contract_irq \
	tests/contract/test_contract_lifetime \
	tests/contract/test_contract_map \
	tests/contract/test_contract_msix \
	tests/contract/test_contract_ports \
	tests/contract/test_contract_plug \
	tests/contract/test_contract_registers \
	tests/contract/test_contract_removal \
	tests/contract/test_contract_scan

tests_contract_test_bad_dma_SOURCES = tests/contract/test_bad_dma.c $(CONTRACT_RUNNER)
tests_contract_test_bad_dma_LDADD = $(API_LDADD)
tests_contract_test_bad_input_SOURCES = tests/contract/test_bad_input.c $(CONTRACT_RUNNER)
tests_contract_test_bad_input_LDADD = $(API_LDADD)
tests_contract_test_bad_pci_SOURCES = tests/contract/test_bad_pci.c $(CONTRACT_RUNNER)
tests_contract_test_bad_pci_LDADD = $(API_LDADD)
tests_contract_test_contract_caps_SOURCES = tests/contract/test_contract_caps.c $(CONTRACT_RUNNER)
tests_contract_test_contract_caps_LDADD = $(API_LDADD)
tests_contract_test_contract_dma_SOURCES = tests/contract/test_contract_dma.c $(CONTRACT_RUNNER)
tests_contract_test_contract_dma_LDADD = $(API_LDADD)
tests_contract_test_contract_dma_sg_SOURCES = tests/contract/test_contract_dma_sg.c $(CONTRACT_RUNNER)
tests_contract_test_contract_dma_sg_LDADD = $(API_LDADD)
tests_contract_test_contract_faults_SOURCES = tests/contract/test_contract_faults.c $(CONTRACT_RUNNER)
tests_contract_test_contract_faults_LDADD = $(API_LDADD)
tests_contract_test_contract_find_SOURCES = tests/contract/test_contract_find.c $(CONTRACT_RUNNER)
tests_contract_test_contract_find_LDADD = $(API_LDADD)
tests_contract_test_contract_irq_SOURCES = tests/contract/test_contract_irq.c $(CONTRACT_RUNNER)
tests_contract_test_contract_irq_LDADD = $(API_LDADD)
tests_contract_test_contract_lifetime_SOURCES = tests/contract/test_contract_lifetime.c $(CONTRACT_RUNNER)
tests_contract_test_contract_lifetime_LDADD = $(API_LDADD)
tests_contract_test_contract_map_SOURCES = tests/contract/test_contract_map.c $(CONTRACT_RUNNER)
tests_contract_test_contract_map_LDADD = $(API_LDADD)
tests_contract_test_contract_msix_SOURCES = tests/contract/test_contract_msix.c $(NIC82574) $(CONTRACT_RUNNER)
tests_contract_test_contract_msix_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
tests_contract_test_contract_msix_LDADD = $(API_LDADD)
tests_contract_test_contract_ports_SOURCES = tests/contract/test_contract_ports.c $(CONTRACT_RUNNER)
tests_contract_test_contract_ports_LDADD = $(API_LDADD)
tests_contract_test_contract_plug_SOURCES = tests/contract/test_contract_plug.c $(CONTRACT_RUNNER)
tests_contract_test_contract_plug_LDADD = $(API_LDADD)
tests_contract_test_contract_registers_SOURCES = tests/contract/test_contract_registers.c $(CONTRACT_RUNNER)
tests_contract_test_contract_registers_LDADD = $(API_LDADD)
tests_contract_test_contract_scan_SOURCES = tests/contract/test_contract_scan.c $(CONTRACT_RUNNER)
tests_contract_test_contract_scan_LDADD = $(API_LDADD)
tests_contract_test_contract_control_SOURCES = tests/contract/test_contract_control.c $(CONTRACT_RUNNER)
tests_contract_test_contract_control_LDADD = $(API_LDADD)
tests_contract_test_contract_removal_SOURCES = tests/contract/test_contract_removal.c $(CONTRACT_RUNNER)
tests_contract_test_contract_removal_LDADD = $(API_LDADD)
tests_contract_test_campaign_control_SOURCES = tests/contract/test_contract_control.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_control_LDADD = $(API_LDADD)

# The same scenarios on the mock, once for every fault.
CONTRACT_CAMPAIGN = tests/contract/contract_campaign.c tests/contract/contract_steps.c tests/contract/contract.h
tests_contract_test_campaign_edu_SOURCES = tests/contract/test_campaign_edu.c tests/contract/contract_steps.c tests/contract/contract.h
tests_contract_test_campaign_edu_LDADD = $(API_LDADD)
tests_contract_test_campaign_caps_SOURCES = tests/contract/test_contract_caps.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_caps_LDADD = $(API_LDADD)
tests_contract_test_campaign_dma_SOURCES = tests/contract/test_contract_dma.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_dma_LDADD = $(API_LDADD)
tests_contract_test_campaign_dma_sg_SOURCES = tests/contract/test_contract_dma_sg.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_dma_sg_LDADD = $(API_LDADD)
tests_contract_test_campaign_find_SOURCES = tests/contract/test_contract_find.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_find_LDADD = $(API_LDADD)
tests_contract_test_campaign_irq_SOURCES = tests/contract/test_contract_irq.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_irq_LDADD = $(API_LDADD)
tests_contract_test_campaign_lifetime_SOURCES = tests/contract/test_contract_lifetime.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_lifetime_LDADD = $(API_LDADD)
tests_contract_test_campaign_map_SOURCES = tests/contract/test_contract_map.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_map_LDADD = $(API_LDADD)
tests_contract_test_campaign_msix_SOURCES = tests/contract/test_contract_msix.c $(NIC82574) $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_msix_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
tests_contract_test_campaign_msix_LDADD = $(API_LDADD)
tests_contract_test_campaign_ports_SOURCES = tests/contract/test_contract_ports.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_ports_LDADD = $(API_LDADD)
tests_contract_test_campaign_plug_SOURCES = tests/contract/test_contract_plug.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_plug_LDADD = $(API_LDADD)
tests_contract_test_campaign_registers_SOURCES = tests/contract/test_contract_registers.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_registers_LDADD = $(API_LDADD)
tests_contract_test_campaign_scan_SOURCES = tests/contract/test_contract_scan.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_scan_LDADD = $(API_LDADD)

EXTRA_DIST += tests/contract/readme_driver.c
SCRIPT_TESTS += tests/contract/check-example.sh tests/contract/check-readme.sh

CONTRACT_TESTS += tests/contract/test_contract_pool tests/contract/test_campaign_pool
tests_contract_test_contract_pool_SOURCES = tests/contract/test_contract_pool.c $(CONTRACT_RUNNER)
tests_contract_test_contract_pool_LDADD = $(API_LDADD)
tests_contract_test_campaign_pool_SOURCES = tests/contract/test_contract_pool.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_pool_LDADD = $(API_LDADD)

CONTRACT_TESTS += tests/contract/test_contract_dma_mask tests/contract/test_campaign_dma_mask
tests_contract_test_contract_dma_mask_SOURCES = tests/contract/test_contract_dma_mask.c $(CONTRACT_RUNNER)
tests_contract_test_contract_dma_mask_LDADD = $(API_LDADD)
tests_contract_test_campaign_dma_mask_SOURCES = tests/contract/test_contract_dma_mask.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_dma_mask_LDADD = $(API_LDADD)

CONTRACT_TESTS += tests/contract/test_contract_dma_fork tests/contract/test_campaign_dma_fork
tests_contract_test_contract_dma_fork_SOURCES = tests/contract/test_contract_dma_fork.c $(CONTRACT_RUNNER)
tests_contract_test_contract_dma_fork_LDADD = $(API_LDADD)
tests_contract_test_campaign_dma_fork_SOURCES = tests/contract/test_contract_dma_fork.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_dma_fork_LDADD = $(API_LDADD)

CONTRACT_TESTS += tests/contract/test_contract_dma_shuffle tests/contract/test_campaign_dma_shuffle
tests_contract_test_contract_dma_shuffle_SOURCES = tests/contract/test_contract_dma_shuffle.c $(CONTRACT_RUNNER)
tests_contract_test_contract_dma_shuffle_LDADD = $(API_LDADD)
tests_contract_test_campaign_dma_shuffle_SOURCES = tests/contract/test_contract_dma_shuffle.c $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_dma_shuffle_LDADD = $(API_LDADD)

# Rings of the card that tests/net models.
CONTRACT_TESTS += tests/contract/test_contract_ring tests/contract/test_campaign_ring
tests_contract_test_contract_ring_SOURCES = tests/contract/test_contract_ring.c tests/contract/nic_rings.h $(NIC82574) $(CONTRACT_RUNNER)
tests_contract_test_contract_ring_LDADD = $(API_LDADD)
tests_contract_test_campaign_ring_SOURCES = tests/contract/test_contract_ring.c tests/contract/nic_rings.h $(NIC82574) $(CONTRACT_CAMPAIGN)
tests_contract_test_campaign_ring_LDADD = $(API_LDADD)
