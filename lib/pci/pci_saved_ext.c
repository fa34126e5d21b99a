/* SPDX-License-Identifier: MIT */
/*
 * pci_saved_ext.c - what a copy of configuration holds of extended space (PCIe 6.0, 7.7 to
 * 7.9): what software controls there, in the order in which it has to come back.
 */
#include "config.h"

#include "pci/pci_view.h"

#define UPPER_HALF UINT32_C(0xffff0000)
#define WHOLE	   UINT32_MAX

#define EXT_IDS	 0x20u /* those of interest are below */
#define ECAP_PTM 0x1f

#define L1PM_CONTROL1 0x08u
#define L1PM_CONTROL2 0x0cu
#define L1PM_ENABLES  UINT32_C(0xf)
#define REBAR_CONTROL 0x08u
#define REBAR_SIZE    UINT32_C(0x3f00)

/* Where the first of each kind is; 0: nowhere. */
struct places {
	uint16_t of[EXT_IDS];
	bool has_root_errors;
};

static int find_extended(struct rb_pci_dev *dev, struct places *places)
{
	struct rbi_pci_express express;
	struct rbi_pci_walk walk;
	struct rb_pci_cap cap;
	int rc;

	*places = (struct places){ .has_root_errors = false };
	rc = rbi_pci_express(dev, &express);
	if (rc == 0)
		rc = rbi_pci_walk_begin(&walk, dev->view, true);
	while (rc == 0 && (rc = rbi_pci_walk_next(&walk, &cap)) > 0) {
		if (cap.id < EXT_IDS && places->of[cap.id] == 0)
			places->of[cap.id] = cap.off;
		rc = 0;
	}
	places->has_root_errors = rc == 0 && express.has_root_errors;
	return rc;
}

/* Is there a register @at bytes into capability @id? One that passes the end cannot be used
 * by anybody, and is no reason not to reset the function. */
static bool has(const struct places *places, unsigned int id, unsigned int at)
{
	return places->of[id] != 0 && places->of[id] + at <= RBI_PCID_EXTENDED_SIZE - 4;
}

struct keeper {
	struct rb_pci_saved *saved;
	struct rb_pci_dev *dev;
};

static int keep_at(struct keeper *to, unsigned int off, uint32_t mask)
{
	uint32_t val;
	int rc;

	rc = rbi_pci_read_dword(to->dev, off, &val);
	return rc < 0 ? rc : rbi_pci_keep(to->saved, off, mask, val);
}

static int keep_controls(struct keeper *to, const struct places *places)
{
	static const struct {
		uint8_t id, at;
		bool root_only;
		uint32_t mask;
	} controls[] = {
		{ RB_PCI_ECAP_LTR, 0x04, false, WHOLE }, /* both latencies */
		{ RB_PCI_ECAP_PASID, 0x04, false, UPPER_HALF },
		{ RB_PCI_ECAP_PRI, 0x0c, false, WHOLE }, /* how many; then whether */
		{ RB_PCI_ECAP_PRI, 0x04, false, UINT32_C(0x1) },
		{ RB_PCI_ECAP_ATS, 0x04, false, UPPER_HALF },
		{ RB_PCI_ECAP_ACS, 0x04, false, UPPER_HALF },
		{ ECAP_PTM, 0x08, false, UINT32_C(0xff03) },
		{ RB_PCI_ECAP_AER, 0x08, false, WHOLE }, /* masks and severity */
		{ RB_PCI_ECAP_AER, 0x0c, false, WHOLE },
		{ RB_PCI_ECAP_AER, 0x14, false, WHOLE },
		{ RB_PCI_ECAP_AER, 0x18, false, UINT32_C(0x540) }, /* ECRC, more headers */
		{ RB_PCI_ECAP_AER, 0x2c, true, UINT32_C(0x7) },
		/* but for the bit that triggers containment */
		{ RB_PCI_ECAP_DPC, 0x04, false, UINT32_C(0xffbf0000) },
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(controls) / sizeof(controls[0]) && rc == 0; i++)
		if (has(places, controls[i].id, controls[i].at) &&
		    (!controls[i].root_only || places->has_root_errors))
			rc = keep_at(to, places->of[controls[i].id] + controls[i].at,
				     controls[i].mask);
	return rc;
}

/* Thresholds and timers change while the substates are off (PCIe 6.0, 5.5.4). */
static int keep_l1pm(struct keeper *to, const struct places *places)
{
	unsigned int cap = places->of[RB_PCI_ECAP_L1PM];
	uint32_t control;
	int rc;

	if (!has(places, RB_PCI_ECAP_L1PM, L1PM_CONTROL2))
		return 0;
	rc = rbi_pci_read_dword(to->dev, cap + L1PM_CONTROL1, &control);
	if (rc == 0)
		rc = rbi_pci_keep(to->saved, cap + L1PM_CONTROL1, WHOLE, control & ~L1PM_ENABLES);
	if (rc == 0)
		rc = keep_at(to, cap + L1PM_CONTROL2, WHOLE);
	return rc < 0 ? rc : rbi_pci_keep(to->saved, cap + L1PM_CONTROL1, WHOLE, control);
}

/* A BAR keeps no more bits of its address than its size leaves it. */
static int keep_bar_sizes(struct keeper *to, const struct places *places)
{
	unsigned int cap = places->of[RB_PCI_ECAP_RESIZABLE_BAR];
	unsigned int at = REBAR_CONTROL, end = at + 8;
	uint32_t control;
	int rc = 0;

	for (; at < end && has(places, RB_PCI_ECAP_RESIZABLE_BAR, at) && rc == 0; at += 8) {
		rc = rbi_pci_read_dword(to->dev, cap + at, &control);
		if (rc == 0)
			rc = rbi_pci_keep(to->saved, cap + at, REBAR_SIZE, control);
		if (rc == 0 && at == REBAR_CONTROL) /* the first knows how many there are */
			end = at + 8 * (control >> 5 & 7u);
	}
	return rc;
}

int rbi_pci_keep_extended(struct rb_pci_saved *saved, struct rb_pci_dev *dev)
{
	struct keeper to = { saved, dev };
	struct places places;
	int rc;

	rc = find_extended(dev, &places);
	if (rc == 0)
		rc = keep_l1pm(&to, &places);
	if (rc == 0)
		rc = keep_controls(&to, &places);
	return rc < 0 ? rc : keep_bar_sizes(&to, &places);
}
