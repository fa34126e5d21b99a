/* SPDX-License-Identifier: MIT */
/*
 * pci_cap_extended.c - decoders of the extended list: error reporting, access control,
 * address translation, resizable BARs, the serial number.
 */
#include "config.h"

#include "core/detail.h"
#include "pci/pci_view.h"

static uint8_t version_of(const struct rbi_pci_decode *d)
{
	return (uint8_t)rbi_bits(d->header, 16, 4);
}

/* --- advanced error reporting (PCIe 6.0, 7.8.4) ---------------------------------------------- */

#define AER_ROOT   0x2cu
#define AER_PREFIX 0x38u

/* Root ports and event collectors have more registers than others. */
static bool is_root(struct rbi_pci_decode *d)
{
	struct rbi_detail detail;
	unsigned int off = 0, type;
	uint32_t flags = 0;
	int rc;

	rbi_detail_keep(&detail);
	rc = rb_pci_view_find_cap(d->view, RB_PCI_CAP_EXPRESS, &off);
	if (rc == 0)
		rc = rbi_pci_view_dword(d->view, off, &flags);
	if (rc < 0 && rc != -ENOENT && rc != -EPROTO) {
		d->rc = rc;
		return false;
	}
	rbi_detail_restore(&detail);
	type = rbi_bits(flags, 20, 4);
	return rc == 0 &&
	       (type == RB_PCI_EXPRESS_ROOT_PORT || type == RB_PCI_EXPRESS_EVENT_COLLECTOR);
}

static void decode_aer_control(struct rb_pci_aer *aer, uint32_t control)
{
	aer->raw_control = control;
	aer->first_error = (uint8_t)rbi_bits(control, 0, 5);
	aer->ecrc_generation = rbi_bit(control, 5);
	aer->ecrc_generation_enabled = rbi_bit(control, 6);
	aer->ecrc_check = rbi_bit(control, 7);
	aer->ecrc_check_enabled = rbi_bit(control, 8);
	aer->multiple_headers = rbi_bit(control, 9);
	aer->multiple_headers_enabled = rbi_bit(control, 10);
	aer->prefix_log_present = rbi_bit(control, 11);
	aer->timeout_log = rbi_bit(control, 12);
}

static void decode_aer_root(struct rb_pci_aer *aer, struct rbi_pci_decode *d)
{
	uint32_t command = rbi_pci_decode_dword(d, AER_ROOT);
	uint32_t status = rbi_pci_decode_dword(d, AER_ROOT + 4);
	uint32_t sources = rbi_pci_decode_dword(d, AER_ROOT + 8);

	aer->has_root = true;
	aer->raw_root_command = command;
	aer->root_correctable_enabled = rbi_bit(command, 0);
	aer->root_non_fatal_enabled = rbi_bit(command, 1);
	aer->root_fatal_enabled = rbi_bit(command, 2);
	aer->raw_root_status = status;
	aer->root_correctable = rbi_bit(status, 0);
	aer->root_correctable_multiple = rbi_bit(status, 1);
	aer->root_uncorrectable = rbi_bit(status, 2);
	aer->root_uncorrectable_multiple = rbi_bit(status, 3);
	aer->root_first_fatal = rbi_bit(status, 4);
	aer->root_non_fatal = rbi_bit(status, 5);
	aer->root_fatal = rbi_bit(status, 6);
	aer->root_interrupt = (uint8_t)rbi_bits(status, 27, 5);
	aer->root_correctable_source = (uint16_t)sources;
	aer->root_uncorrectable_source = (uint16_t)(sources >> 16);
}

int rb_pci_read_aer(struct rb_pci_view *view, unsigned int off, struct rb_pci_aer *out)
{
	struct rb_pci_aer aer = RB_PCI_AER_INIT;
	struct rbi_pci_decode d;
	unsigned int i;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_ECAP_AER, true, out);
	if (rc < 0)
		return rc;
	aer.off = d.off;
	aer.version = version_of(&d);
	aer.uncorrectable_status = rbi_pci_decode_dword(&d, 0x04);
	aer.uncorrectable_mask = rbi_pci_decode_dword(&d, 0x08);
	aer.uncorrectable_severity = rbi_pci_decode_dword(&d, 0x0c);
	aer.correctable_status = rbi_pci_decode_dword(&d, 0x10);
	aer.correctable_mask = rbi_pci_decode_dword(&d, 0x14);
	decode_aer_control(&aer, rbi_pci_decode_dword(&d, 0x18));
	for (i = 0; i < 4; i++)
		aer.header_log[i] = rbi_pci_decode_dword(&d, 0x1c + 4 * i);
	if (is_root(&d))
		decode_aer_root(&aer, &d);
	for (i = 0; i < 4 && aer.prefix_log_present; i++)
		aer.prefix_log[i] = rbi_pci_decode_dword(&d, AER_PREFIX + 4 * i);
	return rbi_pci_decode_end(&d, &aer, sizeof(aer), out);
}

/* --- serial number (PCIe 6.0, 7.9.3) ------------------------------------------------------- */

int rb_pci_read_dsn(struct rb_pci_view *view, unsigned int off, struct rb_pci_dsn *out)
{
	struct rb_pci_dsn dsn = RB_PCI_DSN_INIT;
	struct rbi_pci_decode d;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_ECAP_DSN, true, out);
	if (rc < 0)
		return rc;
	dsn.off = d.off;
	dsn.version = version_of(&d);
	dsn.serial = rbi_pci_decode_dword(&d, 4);
	dsn.serial |= (uint64_t)rbi_pci_decode_dword(&d, 8) << 32;
	return rbi_pci_decode_end(&d, &dsn, sizeof(dsn), out);
}

/* --- access control (PCIe 6.0, 7.7.11) ------------------------------------------------------ */

int rb_pci_read_acs(struct rb_pci_view *view, unsigned int off, struct rb_pci_acs *out)
{
	struct rb_pci_acs acs = RB_PCI_ACS_INIT;
	struct rbi_pci_decode d;
	uint32_t dword;
	unsigned int i;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_ECAP_ACS, true, out);
	if (rc < 0)
		return rc;
	dword = rbi_pci_decode_dword(&d, 4);
	acs.off = d.off;
	acs.version = version_of(&d);
	acs.cap = (uint16_t)dword;
	acs.control = (uint16_t)(dword >> 16);
	if (acs.cap & RB_PCI_ACS_EGRESS_CONTROL) /* 0 stands for 256 */
		acs.egress_bits = rbi_bits(dword, 8, 8) ? (uint16_t)rbi_bits(dword, 8, 8) : 256;
	for (i = 0; i * 32 < acs.egress_bits; i++)
		acs.egress[i] = rbi_pci_decode_dword(&d, 8 + 4 * i);
	return rbi_pci_decode_end(&d, &acs, sizeof(acs), out);
}

/* --- address translation (PCIe 6.0, 10.5.1) ------------------------------------------------ */

int rb_pci_read_ats(struct rb_pci_view *view, unsigned int off, struct rb_pci_ats *out)
{
	struct rb_pci_ats ats = RB_PCI_ATS_INIT;
	struct rbi_pci_decode d;
	uint32_t dword;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_ECAP_ATS, true, out);
	if (rc < 0)
		return rc;
	dword = rbi_pci_decode_dword(&d, 4);
	ats.off = d.off;
	ats.version = version_of(&d);
	ats.raw_cap = (uint16_t)dword;
	ats.raw_control = (uint16_t)(dword >> 16);
	ats.queue_depth = rbi_bits(dword, 0, 5) ? (uint8_t)rbi_bits(dword, 0, 5) : 32;
	ats.page_aligned = rbi_bit(dword, 5);
	ats.global_invalidate = rbi_bit(dword, 6);
	ats.relaxed_ordering = rbi_bit(dword, 7);
	ats.smallest_unit_bytes = UINT64_C(4096) << rbi_bits(dword, 16, 5);
	ats.enabled = rbi_bit(dword, 31);
	return rbi_pci_decode_end(&d, &ats, sizeof(ats), out);
}

/* --- resizable BARs (PCIe 6.0, 7.8.6) -------------------------------------------------------- */

#define SIZE_CODES 44u /* 1 MiB << 43 is 8 EiB */

static void decode_resizable(struct rb_pci_resizable *bar, uint32_t cap, uint32_t control)
{
	bar->raw_cap = cap;
	bar->raw_control = control;
	bar->bar = (uint8_t)rbi_bits(control, 0, 3);
	bar->code = (uint8_t)rbi_bits(control, 8, 6);
	bar->bytes = bar->code < SIZE_CODES ? UINT64_C(1) << (20 + bar->code) : 0;
	/* 28 of the bits are in one register, 16 in the other */
	bar->sizes = cap >> 4 | (uint64_t)(control >> 16) << 28;
}

/* The two kinds have the same form; the caller says which by where. */
static bool is_virtual(struct rb_pci_view *view, unsigned int off)
{
	struct rbi_detail detail;
	uint32_t header = 0;
	bool yes;

	rbi_detail_keep(&detail);
	yes = off >= RBI_PCI_EXT_FIRST && off % 4 == 0 &&
	      rbi_pci_view_check(view, "rb_pci_read_resizable_bar") == 0 &&
	      rbi_pci_view_dword(view, off, &header) == 0 &&
	      (header & 0xffffu) == RB_PCI_ECAP_VF_RESIZABLE_BAR;
	rbi_detail_restore(&detail);
	return yes;
}

int rb_pci_read_resizable_bar(struct rb_pci_view *view, unsigned int off,
			      struct rb_pci_resizable_bar *out)
{
	struct rb_pci_resizable_bar bars = RB_PCI_RESIZABLE_BAR_INIT;
	struct rbi_pci_decode d;
	unsigned int i, at;
	int rc;

	bars.is_virtual = is_virtual(view, off);
	rc = rbi_pci_decode_begin(&d, view, off,
				  bars.is_virtual ? RB_PCI_ECAP_VF_RESIZABLE_BAR
						  : RB_PCI_ECAP_RESIZABLE_BAR,
				  true, out);
	if (rc < 0)
		return rc;
	bars.off = d.off;
	bars.version = version_of(&d);
	bars.count = (uint8_t)rbi_bits(rbi_pci_decode_dword(&d, 8), 5, 3);
	if (d.rc == 0 && (bars.count == 0 || bars.count > RB_PCI_RESIZABLE_MAX))
		return rbi_fail(-EPROTO, "%s: %s at %#x has %u BARs", view->name, d.name, d.off,
				bars.count);
	for (i = 0, at = 4; i < bars.count; i++, at += 8) {
		uint32_t cap = rbi_pci_decode_dword(&d, at);

		decode_resizable(&bars.bars[i], cap, rbi_pci_decode_dword(&d, at + 4));
	}
	return rbi_pci_decode_end(&d, &bars, sizeof(bars), out);
}
