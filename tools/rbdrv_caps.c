/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_caps.c - capabilities as fields: by a decoder where there is one, as bytes otherwise. What
 * is wrong with a list or with one capability is a field too.
 */
#include <stdio.h>

#include "caps.h"
#include "tool.h"

/* Devices whose vendor capabilities are virtio's (Virtio 1.2, 4.1.2). */
enum { VIRTIO_VENDOR = 0x1af4, VIRTIO_FIRST = 0x1000, VIRTIO_LAST = 0x107f };

static int put_pm(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	static const struct row rows[] = {
		ROW("pm_version", ROW_NUMBER, rb_pci_pm, version),
		ROW("pme_clock", ROW_FLAG, rb_pci_pm, pme_clock),
		ROW("immediate_ready", ROW_FLAG, rb_pci_pm, immediate_ready),
		ROW("device_init", ROW_FLAG, rb_pci_pm, device_init),
		ROW("d1", ROW_FLAG, rb_pci_pm, d1),
		ROW("d2", ROW_FLAG, rb_pci_pm, d2),
		ROW("pme_d0", ROW_FLAG, rb_pci_pm, pme_d0),
		ROW("pme_d1", ROW_FLAG, rb_pci_pm, pme_d1),
		ROW("pme_d2", ROW_FLAG, rb_pci_pm, pme_d2),
		ROW("pme_d3hot", ROW_FLAG, rb_pci_pm, pme_d3hot),
		ROW("pme_d3cold", ROW_FLAG, rb_pci_pm, pme_d3cold),
		ROW("aux_current_ma", ROW_NUMBER, rb_pci_pm, aux_current_ma),
		ROW("state", ROW_NUMBER, rb_pci_pm, state),
		ROW("no_soft_reset", ROW_FLAG, rb_pci_pm, no_soft_reset),
		ROW("pme_enable", ROW_FLAG, rb_pci_pm, pme_enable),
		ROW("pme_status", ROW_FLAG, rb_pci_pm, pme_status),
		ROW("data_select", ROW_NUMBER, rb_pci_pm, data_select),
		ROW("data_scale", ROW_NUMBER, rb_pci_pm, data_scale),
		ROW("data", ROW_HEX, rb_pci_pm, data),
		ROW("bridge_b3_in_d3", ROW_FLAG, rb_pci_pm, bridge_b3_in_d3),
		ROW("bridge_clock_control", ROW_FLAG, rb_pci_pm, bridge_clock_control),
		ROW("raw_cap", ROW_HEX, rb_pci_pm, raw_cap),
		ROW("raw_control", ROW_HEX, rb_pci_pm, raw_control),
		ROW("raw_bridge", ROW_HEX, rb_pci_pm, raw_bridge),
	};
	struct rb_pci_pm pm = RB_PCI_PM_INIT;
	int rc = rb_pci_read_pm(view, off, &pm);

	if (rc == 0)
		FIELD_ROWS(f, rows, &pm);
	return rc;
}

static int put_msi(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	static const struct row rows[] = {
		ROW("enabled", ROW_FLAG, rb_pci_msi, enabled),
		ROW("maskable", ROW_FLAG, rb_pci_msi, maskable),
		ROW("is_64bit", ROW_FLAG, rb_pci_msi, is_64bit),
		ROW("extended_data", ROW_FLAG, rb_pci_msi, extended_data),
		ROW("extended_data_enabled", ROW_FLAG, rb_pci_msi, extended_data_enabled),
		ROW("messages", ROW_NUMBER, rb_pci_msi, messages),
		ROW("messages_enabled", ROW_NUMBER, rb_pci_msi, messages_enabled),
		ROW("address", ROW_HEX, rb_pci_msi, address.value),
		ROW("data", ROW_HEX, rb_pci_msi, data),
		ROW("mask", ROW_HEX, rb_pci_msi, mask),
		ROW("pending", ROW_HEX, rb_pci_msi, pending),
		ROW("raw_control", ROW_HEX, rb_pci_msi, raw_control),
	};
	struct rb_pci_msi msi = RB_PCI_MSI_INIT;
	int rc = rb_pci_read_msi(view, off, &msi);

	if (rc == 0)
		FIELD_ROWS(f, rows, &msi);
	return rc;
}

static int put_msix(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	static const struct row rows[] = {
		ROW("enabled", ROW_FLAG, rb_pci_msix, enabled),
		ROW("function_masked", ROW_FLAG, rb_pci_msix, function_masked),
		ROW("vectors", ROW_NUMBER, rb_pci_msix, vectors),
		ROW("table_bar", ROW_NUMBER, rb_pci_msix, table_bar),
		ROW("table_off", ROW_HEX, rb_pci_msix, table_off),
		ROW("pba_bar", ROW_NUMBER, rb_pci_msix, pba_bar),
		ROW("pba_off", ROW_HEX, rb_pci_msix, pba_off),
		ROW("raw_control", ROW_HEX, rb_pci_msix, raw_control),
	};
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;
	int rc = rb_pci_read_msix(view, off, &msix);

	if (rc == 0)
		FIELD_ROWS(f, rows, &msix);
	return rc;
}

static int put_af(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	static const struct row rows[] = {
		ROW("length", ROW_NUMBER, rb_pci_af, length),
		ROW("transactions_pending_cap", ROW_FLAG, rb_pci_af, transactions_pending_cap),
		ROW("flr", ROW_FLAG, rb_pci_af, flr),
		ROW("transactions_pending", ROW_FLAG, rb_pci_af, transactions_pending),
		ROW("raw_cap", ROW_HEX, rb_pci_af, raw_cap),
		ROW("raw_control", ROW_HEX, rb_pci_af, raw_control),
		ROW("raw_status", ROW_HEX, rb_pci_af, raw_status),
	};
	struct rb_pci_af af = RB_PCI_AF_INIT;
	int rc = rb_pci_read_af(view, off, &af);

	if (rc == 0)
		FIELD_ROWS(f, rows, &af);
	return rc;
}

static int put_ats(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	static const struct row rows[] = {
		ROW("enabled", ROW_FLAG, rb_pci_ats, enabled),
		ROW("page_aligned", ROW_FLAG, rb_pci_ats, page_aligned),
		ROW("global_invalidate", ROW_FLAG, rb_pci_ats, global_invalidate),
		ROW("relaxed_ordering", ROW_FLAG, rb_pci_ats, relaxed_ordering),
		ROW("queue_depth", ROW_NUMBER, rb_pci_ats, queue_depth),
		ROW("smallest_unit_bytes", ROW_NUMBER, rb_pci_ats, smallest_unit_bytes),
		ROW("raw_cap", ROW_HEX, rb_pci_ats, raw_cap),
		ROW("raw_control", ROW_HEX, rb_pci_ats, raw_control),
	};
	struct rb_pci_ats ats = RB_PCI_ATS_INIT;
	int rc = rb_pci_read_ats(view, off, &ats);

	if (rc == 0)
		FIELD_ROWS(f, rows, &ats);
	return rc;
}

static int put_resizable_bar(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	static const struct row rows[] = {
		ROW("bar", ROW_NUMBER, rb_pci_resizable, bar),
		ROW("bytes", ROW_NUMBER, rb_pci_resizable, bytes),
		ROW("sizes", ROW_HEX, rb_pci_resizable, sizes),
		ROW("code", ROW_NUMBER, rb_pci_resizable, code),
		ROW("raw_cap", ROW_HEX, rb_pci_resizable, raw_cap),
		ROW("raw_control", ROW_HEX, rb_pci_resizable, raw_control),
	};
	struct rb_pci_resizable_bar rebar = RB_PCI_RESIZABLE_BAR_INIT;
	char title[32];
	unsigned int i;
	int rc = rb_pci_read_resizable_bar(view, off, &rebar);

	if (rc < 0)
		return rc;
	field_flag(f, "is_virtual", rebar.is_virtual);
	field_list(f, "bars");
	for (i = 0; i < rebar.count && i < RB_PCI_RESIZABLE_MAX; i++) {
		snprintf(title, sizeof(title), "BAR %u", rebar.bars[i].bar);
		field_item(f, title);
		FIELD_ROWS(f, rows, &rebar.bars[i]);
		field_close(f);
	}
	field_close(f);
	return 0;
}

static int put_acs(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	static const struct bit_row bits[] = {
		{ "source_validation", RB_PCI_ACS_SOURCE_VALIDATION },
		{ "translation_blocking", RB_PCI_ACS_TRANSLATION_BLOCKING },
		{ "request_redirect", RB_PCI_ACS_REQUEST_REDIRECT },
		{ "completion_redirect", RB_PCI_ACS_COMPLETION_REDIRECT },
		{ "upstream_forwarding", RB_PCI_ACS_UPSTREAM_FORWARDING },
		{ "egress_control", RB_PCI_ACS_EGRESS_CONTROL },
		{ "direct_translated", RB_PCI_ACS_DIRECT_TRANSLATED },
	};
	struct rb_pci_acs acs = RB_PCI_ACS_INIT;
	unsigned int i, bytes;
	uint8_t egress[32];
	int rc = rb_pci_read_acs(view, off, &acs);

	if (rc < 0)
		return rc;
	FIELD_BITS(f, "capabilities", bits, acs.cap);
	FIELD_BITS(f, "control", bits, acs.control);
	field_number(f, "egress_bits", acs.egress_bits);
	bytes = acs.egress_bits <= 256 ? (acs.egress_bits + 7u) / 8u : sizeof(egress);
	for (i = 0; i < bytes; i++)
		egress[i] = (uint8_t)(acs.egress[i / 4] >> (8 * (i % 4)));
	field_bytes(f, "egress", egress, bytes);
	return 0;
}

static int put_dsn(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	struct rb_pci_dsn dsn = RB_PCI_DSN_INIT;
	int rc = rb_pci_read_dsn(view, off, &dsn);

	if (rc == 0)
		field_hex(f, "serial", dsn.serial, 16);
	return rc;
}

static int put_virtio(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	static const char *const types[] = { "reserved",     "common configuration",
					     "notification", "interrupt status",
					     "device configuration", "configuration window" };
	static const struct row rows[] = {
		ROW("bar", ROW_NUMBER, rb_pci_virtio, bar),
		ROW("id_of_type", ROW_NUMBER, rb_pci_virtio, id),
		ROW("region_off", ROW_HEX, rb_pci_virtio, region_off),
		ROW("region_bytes", ROW_HEX, rb_pci_virtio, region_bytes),
		ROW("notify_multiplier", ROW_HEX, rb_pci_virtio, notify_multiplier),
		ROW("cap_bytes", ROW_NUMBER, rb_pci_virtio, cap_bytes),
	};
	struct rb_pci_virtio virtio = RB_PCI_VIRTIO_INIT;
	const char *name = "reserved";
	int rc = rb_pci_read_virtio(view, off, &virtio);

	if (rc < 0)
		return rc;
	if (virtio.type < sizeof(types) / sizeof(types[0]))
		name = types[virtio.type];
	else if (virtio.type == RB_PCI_VIRTIO_SHARED)
		name = "shared memory";
	else if (virtio.type == RB_PCI_VIRTIO_VENDOR)
		name = "vendor data";
	field_number(f, "type", virtio.type);
	field_text(f, "type_name", name);
	FIELD_ROWS(f, rows, &virtio);
	return 0;
}

static int put_subsystem(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	struct rb_pci_subsystem ids = RB_PCI_SUBSYSTEM_INIT;
	int rc = rb_pci_read_subsystem(view, off, &ids);

	if (rc < 0)
		return rc;
	field_hex(f, "subvendor", ids.subvendor, 4);
	field_hex(f, "subdevice", ids.subdevice, 4);
	return 0;
}

/* A capability without a decoder: what it owns as far as known, the header included. */
static int put_raw(struct fields *f, struct rb_pci_view *view, const struct rb_pci_cap *cap)
{
	uint8_t bytes[4096];
	unsigned int count = rb_pci_cap_length(cap);
	int rc;

	if (count > sizeof(bytes))
		count = sizeof(bytes);
	rc = rb_pci_view_read(view, rb_pci_cap_offset(cap), bytes, count);
	if (rc == 0)
		field_bytes(f, "bytes", bytes, count);
	return rc;
}

typedef int decode_fn(struct fields *f, struct rb_pci_view *view, unsigned int off);

static decode_fn *decoder_of(const struct rb_pci_cap *cap, bool virtio)
{
	if (rb_pci_cap_is_extended(cap)) {
		switch (rb_pci_cap_id(cap)) {
		case RB_PCI_ECAP_AER:
			return put_aer;
		case RB_PCI_ECAP_DSN:
			return put_dsn;
		case RB_PCI_ECAP_ACS:
			return put_acs;
		case RB_PCI_ECAP_ATS:
			return put_ats;
		case RB_PCI_ECAP_RESIZABLE_BAR:
		case RB_PCI_ECAP_VF_RESIZABLE_BAR:
			return put_resizable_bar;
		default:
			return NULL;
		}
	}
	switch (rb_pci_cap_id(cap)) {
	case RB_PCI_CAP_PM:
		return put_pm;
	case RB_PCI_CAP_MSI:
		return put_msi;
	case RB_PCI_CAP_VENDOR:
		return virtio ? put_virtio : NULL;
	case RB_PCI_CAP_SUBSYSTEM:
		return put_subsystem;
	case RB_PCI_CAP_EXPRESS:
		return put_express;
	case RB_PCI_CAP_MSIX:
		return put_msix;
	case RB_PCI_CAP_AF:
		return put_af;
	default:
		return NULL;
	}
}

/* For people it is in the title. */
static void put_place(struct fields *f, const struct rb_pci_cap *cap, const char *name)
{
	bool extended = rb_pci_cap_is_extended(cap);

	if (!f->people) {
		field_hex(f, "offset", rb_pci_cap_offset(cap), extended ? 3 : 2);
		field_hex(f, "id", rb_pci_cap_id(cap), extended ? 4 : 2);
		field_text(f, "name", name);
		field_flag(f, "extended", extended);
		field_number(f, "length", rb_pci_cap_length(cap));
	}
	if (extended)
		field_number(f, "version", rb_pci_cap_version(cap));
}

/* What cannot be decoded is shown as it is, with the reason. */
static void put_contents(struct fields *f, struct rb_pci_view *view, const struct rb_pci_cap *cap,
			 decode_fn *decode)
{
	char flaw[400] = "";

	if (decode) {
		if (decode(f, view, rb_pci_cap_offset(cap)) == 0)
			return;
		snprintf(flaw, sizeof(flaw), "%s", rb_last_error());
	}
	if (put_raw(f, view, cap) < 0 && !flaw[0])
		snprintf(flaw, sizeof(flaw), "%s", rb_last_error());
	if (flaw[0])
		field_text(f, "flaw", flaw);
}

static void put_cap(struct fields *f, struct rb_pci_view *view, const struct rb_pci_cap *cap,
		    bool virtio)
{
	bool extended = rb_pci_cap_is_extended(cap);
	unsigned int id = rb_pci_cap_id(cap), off = rb_pci_cap_offset(cap);
	const char *name = rb_pci_cap_name(id, extended);
	char title[128];

	if (name)
		snprintf(title, sizeof(title), "[%02x] %s", off, name);
	else
		snprintf(title, sizeof(title), "[%02x] %scapability %#x", off,
			 extended ? "extended " : "", id);
	field_item(f, title);
	if (!f->brief) {
		put_place(f, cap, name);
		put_contents(f, view, cap, decoder_of(cap, virtio));
	}
	field_close(f);
}

int put_caps(struct fields *f, struct rb_pci_view *view, uint16_t vendor, uint16_t device)
{
	bool virtio = vendor == VIRTIO_VENDOR && device >= VIRTIO_FIRST && device <= VIRTIO_LAST;
	struct rb_pci_caps *caps;
	size_t i;
	int rc;

	rc = rb_pci_caps_scan(view, &caps);
	if (rc < 0)
		return rc;

	field_list(f, "capabilities");
	for (i = 0; i < rb_pci_caps_count(caps); i++)
		put_cap(f, view, rb_pci_caps_get(caps, i), virtio);
	field_close(f);
	if (rb_pci_caps_flaw(caps))
		field_text(f, "capabilities_flaw", rb_pci_caps_flaw(caps));
	rb_pci_caps_close(caps);
	return 0;
}
