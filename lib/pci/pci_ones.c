/* SPDX-License-Identifier: MIT */
/*
 * pci_ones.c - which bits of configuration space a one clears.
 *
 * A write of less than a dword carries its neighbours with it, and a status bit that
 * was read as one and goes back as one is lost to whoever waits for it. So the bits that
 * the specifications clear by ones are known here, by capability; where those are is
 * learned at the first write that needs it.
 *
 * Halves that hold nothing but status are taken whole: their reserved bits are to be
 * written as zeros too (PCIe 6.0, 7.4).
 */
#include "config.h"

#include "core/detail.h"
#include "pci/pci_view.h"

#define LOW_HALF   UINT32_C(0x0000ffff)
#define UPPER_HALF UINT32_C(0xffff0000)
#define WHOLE	   UINT32_MAX

#define HEADER_END 0x40u

/* Registers with such bits: @at bytes from the capability of @id, where @group is there. */
struct row {
	uint8_t id;
	uint8_t at;
	uint8_t group; /* RBI_PCI_EXPRESS_..., 0 for other capabilities */
	uint32_t mask;
};

static const struct row rows[] = {
	{ RB_PCI_CAP_PM, 0x04, 0, UINT32_C(0x8000) }, /* PME_Status (PCI PM 1.2, 3.2.4) */
	{ RB_PCI_CAP_HOT_SWAP, 0x00, 0, UINT32_C(0xc00000) }, /* INS, EXT */
	{ RB_PCI_CAP_EXPRESS, 0x08, RBI_PCI_EXPRESS_DEVICE, UPPER_HALF },
	{ RB_PCI_CAP_EXPRESS, 0x10, RBI_PCI_EXPRESS_LINK, UPPER_HALF },
	{ RB_PCI_CAP_EXPRESS, 0x18, RBI_PCI_EXPRESS_SLOT, UPPER_HALF },
	{ RB_PCI_CAP_EXPRESS, 0x20, RBI_PCI_EXPRESS_ROOT, UINT32_C(0x10000) }, /* PME status */
	{ RB_PCI_CAP_EXPRESS, 0x28, RBI_PCI_EXPRESS_SECOND, UPPER_HALF },
	{ RB_PCI_CAP_EXPRESS, 0x30, RBI_PCI_EXPRESS_SECOND, UPPER_HALF },
	{ RB_PCI_CAP_EXPRESS, 0x38, RBI_PCI_EXPRESS_SECOND, UPPER_HALF },
};

/* The same in extended space (PCIe 6.0, 7.7 to 7.9; SR-IOV 1.1). Some registers are there only when a bit
 * of the capability's second dword says so, or in what reports errors of others. */
#define GATE	  0x04u
#define ROOT_ONLY UINT32_MAX

#define SECONDARY 0x19 /* PCI Code and ID Assignment 1.11, 3 */
#define PHY16	  0x26
#define PHY32	  0x2a
#define DOE	  0x2e

struct ext_row {
	uint16_t id;
	uint8_t at;
	uint32_t gate; /* bits of the dword at GATE, ROOT_ONLY, or 0: always there */
	uint32_t mask;
};

#define RP_EXTENSIONS	UINT32_C(0x20)
#define LINK_ACTIVATION UINT32_C(0x20)

static const struct ext_row ext_rows[] = {
	{ RB_PCI_ECAP_AER, 0x04, 0, WHOLE },	     /* uncorrectable errors (7.8.4.2) */
	{ RB_PCI_ECAP_AER, 0x10, 0, WHOLE },	     /* correctable errors (7.8.4.5) */
	{ RB_PCI_ECAP_AER, 0x30, ROOT_ONLY, WHOLE }, /* root errors (7.8.4.10) */
	{ RB_PCI_ECAP_SRIOV, 0x08, 0, UPPER_HALF },  /* VF migration (3.3.4) */
	{ RB_PCI_ECAP_PRI, 0x04, 0, UPPER_HALF },    /* page requests that failed */
	{ SECONDARY, 0x08, 0, WHOLE },   /* lane errors (7.7.3.3) */
	{ RB_PCI_ECAP_DPC, 0x08, 0, LOW_HALF },	     /* trigger, interrupt */
	{ RB_PCI_ECAP_DPC, 0x0c, RP_EXTENSIONS, WHOLE }, /* RP PIO errors */
	{ RB_PCI_ECAP_L1PM, 0x10, LINK_ACTIVATION, WHOLE },
	{ PHY16, 0x0c, 0, WHOLE }, /* equalization request, then parity of lanes */
	{ PHY16, 0x10, 0, WHOLE },
	{ PHY16, 0x14, 0, WHOLE },
	{ PHY16, 0x18, 0, WHOLE },
	{ PHY32, 0x0c, 0, WHOLE },
	{ DOE, 0x0c, 0, WHOLE }, /* interrupt */
};

/* PCI-X Protocol Addendum 2.0, 7.2: split completion and ECC errors; bridges have two
 * such registers in other places (8.2). */
#define PCIX_STATUS	   UINT32_C(0x200c0000)
#define PCIX_BRIDGE_STATUS UINT32_C(0x003c0000)

#define BRIDGE_STATUS	 0x1cu /* secondary status is its upper half */
#define CARDBUS_STATUS	 0x14u
#define BRIDGE_CONTROL	 0x3cu
#define DISCARD_STATUS	 (UINT32_C(1) << 26) /* PCI-to-PCI Bridge 1.2, 3.2.5.18 */

static void add(struct rb_pci_dev *dev, unsigned int off, uint32_t mask)
{
	if (dev->ones_count < RBI_PCI_ONES_MAX && off < RBI_PCID_EXTENDED_SIZE)
		dev->ones[dev->ones_count++] = (struct rbi_pci_ones){ (uint16_t)off, mask };
}

static void add_header(struct rb_pci_dev *dev)
{
	add(dev, RBI_PCI_COMMAND, UPPER_HALF);
	if (dev->header_type == 1) {
		add(dev, BRIDGE_STATUS, UPPER_HALF);
		add(dev, BRIDGE_CONTROL, DISCARD_STATUS);
	} else if (dev->header_type == 2) {
		add(dev, CARDBUS_STATUS, UPPER_HALF);
	}
}

/* Where a capability without room is, it is as if it were not there: nobody can use it. */
static int find(struct rb_pci_dev *dev, uint8_t id, unsigned int size, unsigned int *cap)
{
	struct rbi_detail detail;
	int rc;

	rbi_detail_keep(&detail);
	rc = rbi_pci_cap_room(dev, id, size, cap);
	if (rc != -EPROTO)
		return rc;
	rbi_detail_restore(&detail);
	return 0;
}

static int add_pcix(struct rb_pci_dev *dev)
{
	unsigned int cap;
	int rc;

	rc = find(dev, RB_PCI_CAP_PCIX, 8, &cap);
	if (rc <= 0)
		return rc;
	if (dev->header_type == 1) {
		add(dev, cap, PCIX_BRIDGE_STATUS);
		add(dev, cap + 4, PCIX_BRIDGE_STATUS);
	} else {
		add(dev, cap + 4, PCIX_STATUS);
	}
	return 0;
}

static int add_row(struct rb_pci_dev *dev, const struct row *row,
		   const struct rbi_pci_express *express)
{
	unsigned int cap;
	int rc;

	if (row->group != 0) {
		if (rbi_pci_express_has(express, row->group, row->at))
			add(dev, express->cap + row->at, row->mask);
		return 0;
	}
	rc = find(dev, row->id, row->at + 4u, &cap);
	if (rc > 0)
		add(dev, cap + row->at, row->mask);
	return rc < 0 ? rc : 0;
}

static int learn_standard(struct rb_pci_dev *dev)
{
	struct rbi_pci_express express;
	size_t i;
	int rc;

	dev->ones_count = 0;
	add_header(dev);
	rc = rbi_pci_express(dev, &express);
	if (rc == -EPROTO)
		rc = 0;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && rc == 0; i++)
		rc = add_row(dev, &rows[i], &express);
	if (rc == 0)
		rc = add_pcix(dev);
	dev->ones_known = rc == 0;
	return rc;
}

/* Is the register of @row in the capability at @cap? 1, 0, or as config access. */
static int has_register(struct rb_pci_dev *dev, const struct ext_row *row, unsigned int cap,
			bool is_root)
{
	uint32_t gate;
	int rc;

	if (cap > RBI_PCID_EXTENDED_SIZE - 4 - row->at)
		return 0;
	if (row->gate == ROOT_ONLY)
		return is_root;
	if (row->gate == 0)
		return 1;
	rc = rbi_pci_read_dword(dev, cap + GATE, &gate);
	return rc < 0 ? rc : (gate & row->gate) != 0;
}

static int add_extended(struct rb_pci_dev *dev, const struct rb_pci_cap *cap, bool is_root)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(ext_rows) / sizeof(ext_rows[0]) && rc == 0; i++) {
		if (ext_rows[i].id != cap->id)
			continue;
		rc = has_register(dev, &ext_rows[i], cap->off, is_root);
		if (rc > 0)
			add(dev, cap->off + ext_rows[i].at, ext_rows[i].mask);
		rc = rc < 0 ? rc : 0;
	}
	return rc;
}

static int learn_extended(struct rb_pci_dev *dev)
{
	struct rbi_pci_express express;
	struct rbi_pci_walk walk;
	struct rb_pci_cap cap;
	int rc;

	rc = rbi_pci_express(dev, &express);
	if (rc == 0)
		rc = rbi_pci_walk_begin(&walk, dev->view, true);
	while (rc == 0 && (rc = rbi_pci_walk_next(&walk, &cap)) > 0)
		rc = add_extended(dev, &cap, express.has_root_errors);
	return rc;
}

/* What is in extended space costs a walk through it, which is made when it is needed. */
static int learn(struct rb_pci_dev *dev, unsigned int off)
{
	unsigned int count;
	int rc = 0;

	if (!dev->ones_known)
		rc = learn_standard(dev);
	if (rc < 0 || off < RBI_PCID_CONFIG_SIZE || dev->ones_known_extended)
		return rc;
	count = dev->ones_count;
	rc = learn_extended(dev);
	if (rc < 0)
		dev->ones_count = count;
	dev->ones_known_extended = rc == 0;
	return rc;
}

static uint32_t lookup(const struct rb_pci_dev *dev, unsigned int off)
{
	unsigned int i;

	for (i = 0; i < dev->ones_count; i++)
		if (dev->ones[i].off == off)
			return dev->ones[i].mask;
	return 0;
}

int rbi_pci_cleared_by_ones(struct rb_pci_dev *dev, unsigned int off, uint32_t *mask)
{
	int rc;

	if (off == RBI_PCI_COMMAND) { /* known without asking, and the most frequent */
		*mask = UPPER_HALF;
		return 0;
	}
	*mask = 0;
	if (off < HEADER_END && dev->header_type == 0)
		return 0;
	rc = learn(dev, off);
	if (rc == 0)
		*mask = lookup(dev, off);
	return rc;
}
