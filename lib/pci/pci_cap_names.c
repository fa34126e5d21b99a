/* SPDX-License-Identifier: MIT */
/*
 * pci_cap_names.c - what capabilities are called (PCI Code and ID Assignment 1.11) and how
 * long their specifications make them.
 */
#include "config.h"

#include "pci/pci_view.h"

struct kind {
	const char *name;
	uint16_t bytes; /* 0: it depends, or is not known here */
};

static const struct kind standard[] = {
	[RB_PCI_CAP_NULL] = { "Null", 2 },
	[RB_PCI_CAP_PM] = { "Power Management", 8 },
	[RB_PCI_CAP_AGP] = { "AGP", 0 },
	[RB_PCI_CAP_VPD] = { "Vital Product Data", 8 },
	[RB_PCI_CAP_SLOT_ID] = { "Slot ID", 4 },
	[RB_PCI_CAP_MSI] = { "MSI", 0 },
	[RB_PCI_CAP_HOT_SWAP] = { "CompactPCI Hot Swap", 4 },
	[RB_PCI_CAP_PCIX] = { "PCI-X", 0 },
	[RB_PCI_CAP_HT] = { "HyperTransport", 0 },
	[RB_PCI_CAP_VENDOR] = { "Vendor Specific", 0 },
	[RB_PCI_CAP_DEBUG_PORT] = { "Debug Port", 4 },
	[RB_PCI_CAP_CRC] = { "CompactPCI Central Resource Control", 0 },
	[RB_PCI_CAP_HOTPLUG] = { "Hot-Plug", 0 },
	[RB_PCI_CAP_SUBSYSTEM] = { "Subsystem", 8 },
	[RB_PCI_CAP_AGP3] = { "AGP 8x", 0 },
	[RB_PCI_CAP_SECURE] = { "Secure Device", 0 },
	[RB_PCI_CAP_EXPRESS] = { "PCI Express", 0 },
	[RB_PCI_CAP_MSIX] = { "MSI-X", 12 },
	[RB_PCI_CAP_SATA] = { "SATA", 8 },
	[RB_PCI_CAP_AF] = { "Advanced Features", 6 },
	[RB_PCI_CAP_EA] = { "Enhanced Allocation", 0 },
	[RB_PCI_CAP_FLAT_BRIDGE] = { "Flattening Portal Bridge", 36 },
};

static const struct kind extended[] = {
	[RB_PCI_ECAP_NULL] = { "Null", 4 },
	[RB_PCI_ECAP_AER] = { "Advanced Error Reporting", 0 },
	[RB_PCI_ECAP_VC] = { "Virtual Channel", 0 },
	[RB_PCI_ECAP_DSN] = { "Device Serial Number", 12 },
	[RB_PCI_ECAP_POWER_BUDGET] = { "Power Budgeting", 16 },
	[0x05] = { "Root Complex Link Declaration", 0 },
	[0x06] = { "Root Complex Internal Link Control", 12 },
	[0x07] = { "Root Complex Event Collector Association", 0 },
	[0x08] = { "Multi-Function Virtual Channel", 0 },
	[0x09] = { "Virtual Channel", 0 },
	[0x0a] = { "Root Complex Register Block", 20 },
	[RB_PCI_ECAP_VENDOR] = { "Vendor Specific", 0 },
	[0x0c] = { "Configuration Access Correlation", 8 },
	[RB_PCI_ECAP_ACS] = { "Access Control Services", 0 },
	[RB_PCI_ECAP_ARI] = { "Alternative Routing-ID", 8 },
	[RB_PCI_ECAP_ATS] = { "Address Translation Services", 8 },
	[RB_PCI_ECAP_SRIOV] = { "Single Root I/O Virtualization", 64 },
	[0x11] = { "Multi-Root I/O Virtualization", 0 },
	[0x12] = { "Multicast", 48 },
	[RB_PCI_ECAP_PRI] = { "Page Request Interface", 16 },
	[RB_PCI_ECAP_RESIZABLE_BAR] = { "Resizable BAR", 0 },
	[0x16] = { "Dynamic Power Allocation", 0 },
	[0x17] = { "TLP Processing Hints", 0 },
	[RB_PCI_ECAP_LTR] = { "Latency Tolerance Reporting", 8 },
	[0x19] = { "Secondary PCI Express", 0 },
	[0x1a] = { "Protocol Multiplexing", 0 },
	[RB_PCI_ECAP_PASID] = { "Process Address Space ID", 8 },
	[0x1c] = { "LN Requester", 8 },
	[RB_PCI_ECAP_DPC] = { "Downstream Port Containment", 0 },
	[RB_PCI_ECAP_L1PM] = { "L1 PM Substates", 0 },
	[0x1f] = { "Precision Time Measurement", 12 },
	[0x20] = { "PCI Express over M-PHY", 0 },
	[0x21] = { "FRS Queueing", 16 },
	[0x22] = { "Readiness Time Reporting", 12 },
	[0x23] = { "Designated Vendor Specific", 0 },
	[RB_PCI_ECAP_VF_RESIZABLE_BAR] = { "VF Resizable BAR", 0 },
	[0x25] = { "Data Link Feature", 12 },
	[0x26] = { "Physical Layer 16.0 GT/s", 0 },
	[0x27] = { "Lane Margining", 0 },
	[0x28] = { "Hierarchy ID", 0 },
	[0x29] = { "Native PCIe Enclosure Management", 16 },
	[0x2a] = { "Physical Layer 32.0 GT/s", 0 },
	[0x2b] = { "Alternate Protocol", 0 },
	[0x2c] = { "System Firmware Intermediary", 0 },
	[0x2d] = { "Shadow Functions", 0 },
	[0x2e] = { "Data Object Exchange", 0 },
	[0x2f] = { "Device 3", 16 },
	[0x30] = { "Integrity and Data Encryption", 0 },
};

static const struct kind *kind_of(unsigned int id, bool is_extended)
{
	const struct kind *kinds = is_extended ? extended : standard;
	size_t count = is_extended ? sizeof(extended) / sizeof(extended[0])
				   : sizeof(standard) / sizeof(standard[0]);

	return id < count && kinds[id].name ? &kinds[id] : NULL;
}

const char *rb_pci_cap_name(unsigned int id, bool is_extended)
{
	const struct kind *kind = kind_of(id, is_extended);

	return kind ? kind->name : NULL;
}

/* Message control is the upper half: 64-bit addresses, masks (PCI 3.0, 6.8.1). */
static unsigned int msi_bytes(uint32_t header)
{
	return 10 + (rbi_bit(header, 23) ? 4 : 0) + (rbi_bit(header, 24) ? 10 : 0);
}

/* Version 1 ends after the registers that its type has (PCIe 1.1, 7.8). */
static unsigned int express_bytes(uint32_t header)
{
	unsigned int type = rbi_bits(header, 20, 4);

	if (rbi_bits(header, 16, 4) >= 2)
		return 60;
	if (type == RB_PCI_EXPRESS_ROOT_PORT || type == RB_PCI_EXPRESS_EVENT_COLLECTOR)
		return 36;
	if (type == RB_PCI_EXPRESS_INTEGRATED)
		return 12;
	return rbi_bit(header, 24) ? 28 : 20;
}

/* A vendor's capability says so itself (PCI 3.0, appendix H); less than its own header
 * it cannot have. */
static unsigned int vendor_bytes(uint32_t header)
{
	unsigned int bytes = rbi_bits(header, 16, 8);

	return bytes < 3 ? 0 : bytes;
}

unsigned int rbi_pci_cap_bytes(const struct rb_pci_cap *cap)
{
	const struct kind *kind = kind_of(cap->id, cap->extended);

	if (!cap->extended && cap->id == RB_PCI_CAP_MSI)
		return msi_bytes(cap->header);
	if (!cap->extended && cap->id == RB_PCI_CAP_EXPRESS)
		return express_bytes(cap->header);
	if (!cap->extended && cap->id == RB_PCI_CAP_VENDOR)
		return vendor_bytes(cap->header);
	return kind ? kind->bytes : 0;
}
