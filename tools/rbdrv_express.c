/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_express.c - the PCI Express capability as fields: a group for each register, with the
 * names that struct rb_pci_express has.
 */
#include "caps.h"
#include "tool.h"

#define FLAG(reg, name) ROW(#name, ROW_FLAG, rb_pci_express, reg##_##name)
#define NUMBER(reg, name) ROW(#name, ROW_NUMBER, rb_pci_express, reg##_##name)
#define LIMIT(reg, name) ROW(#name, ROW_LIMIT, rb_pci_express, reg##_##name)
#define HEX(reg, name) ROW(#name, ROW_HEX, rb_pci_express, reg##_##name)
#define RAW(reg) ROW("raw", ROW_HEX, rb_pci_express, raw_##reg)

static const struct row devcap_rows[] = {
	RAW(devcap),
	NUMBER(devcap, max_payload_bytes),
	NUMBER(devcap, phantom_functions),
	FLAG(devcap, extended_tag),
	LIMIT(devcap, l0s_latency_ns),
	LIMIT(devcap, l1_latency_ns),
	FLAG(devcap, attention_button),
	FLAG(devcap, attention_indicator),
	FLAG(devcap, power_indicator),
	FLAG(devcap, role_based_errors),
	FLAG(devcap, flr),
	LIMIT(devcap, slot_power_mw),
};

static const struct row devctl_rows[] = {
	RAW(devctl),
	FLAG(devctl, correctable),
	FLAG(devctl, non_fatal),
	FLAG(devctl, fatal),
	FLAG(devctl, unsupported_request),
	FLAG(devctl, relaxed_ordering),
	FLAG(devctl, extended_tag),
	FLAG(devctl, phantom_functions),
	FLAG(devctl, aux_power),
	FLAG(devctl, no_snoop),
	FLAG(devctl, config_retry),
	NUMBER(devctl, max_payload_bytes),
	NUMBER(devctl, max_read_request_bytes),
};

static const struct row devsta_rows[] = {
	RAW(devsta),
	FLAG(devsta, correctable),
	FLAG(devsta, non_fatal),
	FLAG(devsta, fatal),
	FLAG(devsta, unsupported_request),
	FLAG(devsta, aux_power),
	FLAG(devsta, transactions_pending),
};

static const struct row lnkcap_rows[] = {
	RAW(lnkcap),
	NUMBER(lnkcap, speed_mts),
	NUMBER(lnkcap, width),
	FLAG(lnkcap, aspm_l0s),
	FLAG(lnkcap, aspm_l1),
	LIMIT(lnkcap, l0s_exit_ns),
	LIMIT(lnkcap, l1_exit_ns),
	FLAG(lnkcap, clock_pm),
	FLAG(lnkcap, surprise_down),
	FLAG(lnkcap, active_reporting),
	FLAG(lnkcap, bandwidth_notification),
	FLAG(lnkcap, aspm_compliance),
	NUMBER(lnkcap, port),
};

static const struct row lnkctl_rows[] = {
	RAW(lnkctl),
	FLAG(lnkctl, aspm_l0s),
	FLAG(lnkctl, aspm_l1),
	NUMBER(lnkctl, rcb_bytes),
	FLAG(lnkctl, disable),
	FLAG(lnkctl, common_clock),
	FLAG(lnkctl, extended_synch),
	FLAG(lnkctl, clock_pm),
	FLAG(lnkctl, autonomous_width_off),
	FLAG(lnkctl, bandwidth_interrupt),
	FLAG(lnkctl, autonomous_interrupt),
	FLAG(lnkctl, flit_mode_off),
};

static const struct row lnksta_rows[] = {
	RAW(lnksta),
	NUMBER(lnksta, speed_mts),
	NUMBER(lnksta, width),
	FLAG(lnksta, training_error),
	FLAG(lnksta, training),
	FLAG(lnksta, slot_clock),
	FLAG(lnksta, active),
	FLAG(lnksta, bandwidth_managed),
	FLAG(lnksta, bandwidth_autonomous),
};

static const struct row sltcap_rows[] = {
	RAW(sltcap),
	FLAG(sltcap, attention_button),
	FLAG(sltcap, power_controller),
	FLAG(sltcap, mrl_sensor),
	FLAG(sltcap, attention_indicator),
	FLAG(sltcap, power_indicator),
	FLAG(sltcap, surprise),
	FLAG(sltcap, hotplug),
	FLAG(sltcap, interlock),
	FLAG(sltcap, no_command_completed),
	NUMBER(sltcap, slot),
	LIMIT(sltcap, power_mw),
};

static const struct row sltctl_rows[] = {
	RAW(sltctl),
	FLAG(sltctl, attention_button),
	FLAG(sltctl, power_fault),
	FLAG(sltctl, mrl_sensor),
	FLAG(sltctl, presence),
	FLAG(sltctl, command_completed),
	FLAG(sltctl, link_state),
	FLAG(sltctl, interrupt),
	NUMBER(sltctl, attention_indicator),
	NUMBER(sltctl, power_indicator),
	FLAG(sltctl, power_off),
	FLAG(sltctl, interlock),
};

static const struct row sltsta_rows[] = {
	RAW(sltsta),
	FLAG(sltsta, attention_button),
	FLAG(sltsta, power_fault),
	FLAG(sltsta, mrl_changed),
	FLAG(sltsta, presence_changed),
	FLAG(sltsta, command_completed),
	FLAG(sltsta, mrl_open),
	FLAG(sltsta, present),
	FLAG(sltsta, interlock),
	FLAG(sltsta, link_changed),
};

static const struct row rootcap_rows[] = {
	RAW(rootcap),
	FLAG(rootcap, retry_visible),
};

static const struct row rootctl_rows[] = {
	RAW(rootctl),
	FLAG(rootctl, correctable),
	FLAG(rootctl, non_fatal),
	FLAG(rootctl, fatal),
	FLAG(rootctl, pme_interrupt),
	FLAG(rootctl, retry_visible),
};

static const struct row rootsta_rows[] = {
	RAW(rootsta),
	HEX(rootsta, pme_requester),
	FLAG(rootsta, pme),
	FLAG(rootsta, pme_pending),
};

static const struct row devcap2_rows[] = {
	RAW(devcap2),
	NUMBER(devcap2, timeout_ranges),
	FLAG(devcap2, timeout_disable),
	FLAG(devcap2, ari_forwarding),
	FLAG(devcap2, atomic_routing),
	FLAG(devcap2, atomic_32),
	FLAG(devcap2, atomic_64),
	FLAG(devcap2, cas_128),
	FLAG(devcap2, no_ro_pr_pr),
	FLAG(devcap2, ltr),
	NUMBER(devcap2, tph),
	NUMBER(devcap2, ln_system),
	FLAG(devcap2, tag10_completer),
	FLAG(devcap2, tag10_requester),
	NUMBER(devcap2, obff),
	FLAG(devcap2, extended_fmt),
	FLAG(devcap2, end_end_prefix),
	NUMBER(devcap2, max_prefixes),
	NUMBER(devcap2, emergency_power),
	FLAG(devcap2, emergency_power_init),
	FLAG(devcap2, frs),
};

static const struct row devctl2_rows[] = {
	RAW(devctl2),
	NUMBER(devctl2, timeout_min_us),
	NUMBER(devctl2, timeout_max_us),
	FLAG(devctl2, timeout_disable),
	FLAG(devctl2, ari_forwarding),
	FLAG(devctl2, atomic_request),
	FLAG(devctl2, atomic_block),
	FLAG(devctl2, ido_request),
	FLAG(devctl2, ido_completion),
	FLAG(devctl2, ltr),
	FLAG(devctl2, emergency_power),
	FLAG(devctl2, tag10_request),
	NUMBER(devctl2, obff),
	FLAG(devctl2, prefix_block),
};

static const struct row lnkcap2_rows[] = {
	RAW(lnkcap2),
	NUMBER(lnkcap2, speeds),
	FLAG(lnkcap2, crosslink),
	FLAG(lnkcap2, retimer_presence),
	FLAG(lnkcap2, retimers_presence),
	FLAG(lnkcap2, drs),
};

static const struct row lnkctl2_rows[] = {
	RAW(lnkctl2),
	NUMBER(lnkctl2, target_mts),
	FLAG(lnkctl2, enter_compliance),
	FLAG(lnkctl2, autonomous_speed_off),
	FLAG(lnkctl2, deemphasis_3_5db),
	NUMBER(lnkctl2, transmit_margin),
	FLAG(lnkctl2, modified_compliance),
	FLAG(lnkctl2, compliance_sos),
	NUMBER(lnkctl2, compliance_preset),
};

static const struct row lnksta2_rows[] = {
	RAW(lnksta2),
	FLAG(lnksta2, deemphasis_3_5db),
	FLAG(lnksta2, equalized),
	FLAG(lnksta2, phase1),
	FLAG(lnksta2, phase2),
	FLAG(lnksta2, phase3),
	FLAG(lnksta2, equalize_again),
	FLAG(lnksta2, retimer),
	FLAG(lnksta2, retimers),
	NUMBER(lnksta2, crosslink),
	NUMBER(lnksta2, downstream),
	FLAG(lnksta2, drs_received),
};

static const char *type_name(unsigned int type)
{
	switch (type) {
	case RB_PCI_EXPRESS_ENDPOINT:
		return "endpoint";
	case RB_PCI_EXPRESS_LEGACY:
		return "legacy endpoint";
	case RB_PCI_EXPRESS_ROOT_PORT:
		return "root port";
	case RB_PCI_EXPRESS_UPSTREAM:
		return "upstream port";
	case RB_PCI_EXPRESS_DOWNSTREAM:
		return "downstream port";
	case RB_PCI_EXPRESS_TO_PCI:
		return "bridge to PCI";
	case RB_PCI_EXPRESS_FROM_PCI:
		return "bridge from PCI";
	case RB_PCI_EXPRESS_INTEGRATED:
		return "integrated endpoint";
	case RB_PCI_EXPRESS_EVENT_COLLECTOR:
		return "event collector";
	default:
		return "reserved";
	}
}

#define GROUP(f, key, rows, from) \
	do { \
		field_open(f, key); \
		FIELD_ROWS(f, rows, from); \
		field_close(f); \
	} while (0)

static void put_ports(struct fields *f, const struct rb_pci_express *e)
{
	if (e->has_link) {
		GROUP(f, "link_capabilities", lnkcap_rows, e);
		GROUP(f, "link_control", lnkctl_rows, e);
		GROUP(f, "link_status", lnksta_rows, e);
	}
	if (e->has_slot) {
		GROUP(f, "slot_capabilities", sltcap_rows, e);
		GROUP(f, "slot_control", sltctl_rows, e);
		GROUP(f, "slot_status", sltsta_rows, e);
	}
	if (e->has_root) {
		GROUP(f, "root_capabilities", rootcap_rows, e);
		GROUP(f, "root_control", rootctl_rows, e);
		GROUP(f, "root_status", rootsta_rows, e);
	}
}

static void put_version_2(struct fields *f, const struct rb_pci_express *e)
{
	GROUP(f, "device_capabilities_2", devcap2_rows, e);
	GROUP(f, "device_control_2", devctl2_rows, e);
	if (!e->has_link)
		return;
	GROUP(f, "link_capabilities_2", lnkcap2_rows, e);
	GROUP(f, "link_control_2", lnkctl2_rows, e);
	GROUP(f, "link_status_2", lnksta2_rows, e);
}

int put_express(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	int rc;

	rc = rb_pci_read_express(view, off, &e);
	if (rc < 0)
		return rc;

	field_number(f, "express_version", e.version);
	field_number(f, "type", e.type);
	field_text(f, "type_name", type_name(e.type));
	field_flag(f, "slot_implemented", e.slot_implemented);
	field_flag(f, "flit_mode", e.flit_mode);
	field_number(f, "interrupt", e.interrupt);
	GROUP(f, "device_capabilities", devcap_rows, &e);
	GROUP(f, "device_control", devctl_rows, &e);
	GROUP(f, "device_status", devsta_rows, &e);
	put_ports(f, &e);
	if (e.has_2)
		put_version_2(f, &e);
	return 0;
}
