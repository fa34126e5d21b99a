/* SPDX-License-Identifier: MIT */
/* pci_cap_express.c - decoder of the PCI Express capability (PCIe 6.0, 7.5.3). */
#include "config.h"

#include "pci/pci_view.h"

/* Registers, as bytes from the capability's beginning; two of 16 bits share a dword. */
#define DEVCAP	0x04u
#define DEVCTL	0x08u /* and status */
#define LNKCAP	0x0cu
#define LNKCTL	0x10u /* and status */
#define SLTCAP	0x14u
#define SLTCTL	0x18u /* and status */
#define ROOTCTL 0x1cu /* and capabilities */
#define ROOTSTA 0x20u
#define DEVCAP2 0x24u
#define DEVCTL2 0x28u /* and status, of which no bit is defined */
#define LNKCAP2 0x2cu
#define LNKCTL2 0x30u /* and status */

/* --- values with units --------------------------------------------------------------------- */

/* Payload and request sizes, 7.5.3.3 */
static uint32_t bytes_of(uint32_t code)
{
	return 128u << code;
}

/* L0s latencies, 7.5.3.3 and 7.5.3.6: "less than"; the last code has no bound. */
static uint32_t l0s_ns(uint32_t code)
{
	static const uint32_t ns[8] = { 64, 128, 256, 512, 1000, 2000, 4000, RB_PCI_UNLIMITED };

	return ns[code];
}

/* L1 latencies, in the same places */
static uint32_t l1_ns(uint32_t code)
{
	return code == 7 ? RB_PCI_UNLIMITED : 1000u << code;
}

/* 7.5.3.18: code n of every speed field is bit n - 1 of the vector of speeds. */
static uint32_t speed_mts(uint32_t code)
{
	static const uint32_t mts[] = { 0, 2500, 5000, 8000, 16000, 32000, 64000, 128000 };

	return code < sizeof(mts) / sizeof(mts[0]) ? mts[code] : 0;
}

/* Slot power limits, 7.5.3.9: above 239 W the values have meanings of their own. */
static uint32_t power_mw(uint32_t value, uint32_t scale)
{
	static const uint32_t mw[4] = { 1000, 100, 10, 1 };

	if (scale == 0 && value == 0xff)
		return RB_PCI_UNLIMITED;
	if (scale == 0 && value >= 0xf0)
		return 250000 + 25000 * (value - 0xf0);
	return value * mw[scale];
}

/* Completion time-outs, 7.5.3.16: from and to, zeros for reserved codes. */
static void timeout_us(uint32_t code, uint32_t *from, uint32_t *to)
{
	static const struct {
		uint32_t from, to;
	} us[16] = {
		[0x0] = { 50, 50000 },	     [0x1] = { 50, 100 },
		[0x2] = { 1000, 10000 },     [0x5] = { 16000, 55000 },
		[0x6] = { 65000, 210000 },   [0x9] = { 260000, 900000 },
		[0xa] = { 1000000, 3500000 }, [0xd] = { 4000000, 13000000 },
		[0xe] = { 17000000, 64000000 },
	};

	*from = us[code].from;
	*to = us[code].to;
}

/* --- device ---------------------------------------------------------------------------- */

static void decode_devcap(struct rb_pci_express *e, uint32_t cap)
{
	e->raw_devcap = cap;
	e->devcap_max_payload_bytes = bytes_of(rbi_bits(cap, 0, 3));
	e->devcap_phantom_functions = (uint8_t)rbi_bits(cap, 3, 2);
	e->devcap_extended_tag = rbi_bit(cap, 5);
	e->devcap_l0s_latency_ns = l0s_ns(rbi_bits(cap, 6, 3));
	e->devcap_l1_latency_ns = l1_ns(rbi_bits(cap, 9, 3));
	e->devcap_attention_button = rbi_bit(cap, 12);
	e->devcap_attention_indicator = rbi_bit(cap, 13);
	e->devcap_power_indicator = rbi_bit(cap, 14);
	e->devcap_role_based_errors = rbi_bit(cap, 15);
	e->devcap_slot_power_mw = power_mw(rbi_bits(cap, 18, 8), rbi_bits(cap, 26, 2));
	e->devcap_flr = rbi_bit(cap, 28);
}

static void decode_devctl(struct rb_pci_express *e, uint32_t dword)
{
	uint32_t control = dword & 0xffffu, status = dword >> 16;

	e->raw_devctl = (uint16_t)control;
	e->devctl_correctable = rbi_bit(control, 0);
	e->devctl_non_fatal = rbi_bit(control, 1);
	e->devctl_fatal = rbi_bit(control, 2);
	e->devctl_unsupported_request = rbi_bit(control, 3);
	e->devctl_relaxed_ordering = rbi_bit(control, 4);
	e->devctl_max_payload_bytes = bytes_of(rbi_bits(control, 5, 3));
	e->devctl_extended_tag = rbi_bit(control, 8);
	e->devctl_phantom_functions = rbi_bit(control, 9);
	e->devctl_aux_power = rbi_bit(control, 10);
	e->devctl_no_snoop = rbi_bit(control, 11);
	e->devctl_max_read_request_bytes = bytes_of(rbi_bits(control, 12, 3));
	e->devctl_config_retry = rbi_bit(control, 15);

	e->raw_devsta = (uint16_t)status;
	e->devsta_correctable = rbi_bit(status, 0);
	e->devsta_non_fatal = rbi_bit(status, 1);
	e->devsta_fatal = rbi_bit(status, 2);
	e->devsta_unsupported_request = rbi_bit(status, 3);
	e->devsta_aux_power = rbi_bit(status, 4);
	e->devsta_transactions_pending = rbi_bit(status, 5);
}

/* --- link ------------------------------------------------------------------------------ */

static void decode_lnkcap(struct rb_pci_express *e, uint32_t cap)
{
	e->raw_lnkcap = cap;
	e->lnkcap_speed_mts = speed_mts(rbi_bits(cap, 0, 4));
	e->lnkcap_width = (uint8_t)rbi_bits(cap, 4, 6);
	e->lnkcap_aspm_l0s = rbi_bit(cap, 10);
	e->lnkcap_aspm_l1 = rbi_bit(cap, 11);
	e->lnkcap_l0s_exit_ns = l0s_ns(rbi_bits(cap, 12, 3));
	e->lnkcap_l1_exit_ns = l1_ns(rbi_bits(cap, 15, 3));
	e->lnkcap_clock_pm = rbi_bit(cap, 18);
	e->lnkcap_surprise_down = rbi_bit(cap, 19);
	e->lnkcap_active_reporting = rbi_bit(cap, 20);
	e->lnkcap_bandwidth_notification = rbi_bit(cap, 21);
	e->lnkcap_aspm_compliance = rbi_bit(cap, 22);
	e->lnkcap_port = (uint8_t)rbi_bits(cap, 24, 8);
}

static void decode_lnkctl(struct rb_pci_express *e, uint32_t dword)
{
	uint32_t control = dword & 0xffffu, status = dword >> 16;

	e->raw_lnkctl = (uint16_t)control;
	e->lnkctl_aspm_l0s = rbi_bit(control, 0);
	e->lnkctl_aspm_l1 = rbi_bit(control, 1);
	e->lnkctl_rcb_bytes = rbi_bit(control, 3) ? 128 : 64;
	e->lnkctl_disable = rbi_bit(control, 4);
	e->lnkctl_common_clock = rbi_bit(control, 6);
	e->lnkctl_extended_synch = rbi_bit(control, 7);
	e->lnkctl_clock_pm = rbi_bit(control, 8);
	e->lnkctl_autonomous_width_off = rbi_bit(control, 9);
	e->lnkctl_bandwidth_interrupt = rbi_bit(control, 10);
	e->lnkctl_autonomous_interrupt = rbi_bit(control, 11);
	e->lnkctl_flit_mode_off = rbi_bit(control, 13);

	e->raw_lnksta = (uint16_t)status;
	e->lnksta_speed_mts = speed_mts(rbi_bits(status, 0, 4));
	e->lnksta_width = (uint8_t)rbi_bits(status, 4, 6);
	e->lnksta_training_error = rbi_bit(status, 10);
	e->lnksta_training = rbi_bit(status, 11);
	e->lnksta_slot_clock = rbi_bit(status, 12);
	e->lnksta_active = rbi_bit(status, 13);
	e->lnksta_bandwidth_managed = rbi_bit(status, 14);
	e->lnksta_bandwidth_autonomous = rbi_bit(status, 15);
}

/* --- slot ------------------------------------------------------------------------------ */

static void decode_sltcap(struct rb_pci_express *e, uint32_t cap)
{
	e->raw_sltcap = cap;
	e->sltcap_attention_button = rbi_bit(cap, 0);
	e->sltcap_power_controller = rbi_bit(cap, 1);
	e->sltcap_mrl_sensor = rbi_bit(cap, 2);
	e->sltcap_attention_indicator = rbi_bit(cap, 3);
	e->sltcap_power_indicator = rbi_bit(cap, 4);
	e->sltcap_surprise = rbi_bit(cap, 5);
	e->sltcap_hotplug = rbi_bit(cap, 6);
	e->sltcap_power_mw = power_mw(rbi_bits(cap, 7, 8), rbi_bits(cap, 15, 2));
	e->sltcap_interlock = rbi_bit(cap, 17);
	e->sltcap_no_command_completed = rbi_bit(cap, 18);
	e->sltcap_slot = (uint16_t)rbi_bits(cap, 19, 13);
}

static void decode_sltctl(struct rb_pci_express *e, uint32_t dword)
{
	uint32_t control = dword & 0xffffu, status = dword >> 16;

	e->raw_sltctl = (uint16_t)control;
	e->sltctl_attention_button = rbi_bit(control, 0);
	e->sltctl_power_fault = rbi_bit(control, 1);
	e->sltctl_mrl_sensor = rbi_bit(control, 2);
	e->sltctl_presence = rbi_bit(control, 3);
	e->sltctl_command_completed = rbi_bit(control, 4);
	e->sltctl_interrupt = rbi_bit(control, 5);
	e->sltctl_attention_indicator = (uint8_t)rbi_bits(control, 6, 2);
	e->sltctl_power_indicator = (uint8_t)rbi_bits(control, 8, 2);
	e->sltctl_power_off = rbi_bit(control, 10);
	e->sltctl_interlock = rbi_bit(control, 11);
	e->sltctl_link_state = rbi_bit(control, 12);

	e->raw_sltsta = (uint16_t)status;
	e->sltsta_attention_button = rbi_bit(status, 0);
	e->sltsta_power_fault = rbi_bit(status, 1);
	e->sltsta_mrl_changed = rbi_bit(status, 2);
	e->sltsta_presence_changed = rbi_bit(status, 3);
	e->sltsta_command_completed = rbi_bit(status, 4);
	e->sltsta_mrl_open = rbi_bit(status, 5);
	e->sltsta_present = rbi_bit(status, 6);
	e->sltsta_interlock = rbi_bit(status, 7);
	e->sltsta_link_changed = rbi_bit(status, 8);
}

/* --- root ------------------------------------------------------------------------------ */

static void decode_root(struct rb_pci_express *e, uint32_t control, uint32_t status)
{
	e->raw_rootctl = (uint16_t)control;
	e->raw_rootcap = (uint16_t)(control >> 16);
	e->rootctl_correctable = rbi_bit(control, 0);
	e->rootctl_non_fatal = rbi_bit(control, 1);
	e->rootctl_fatal = rbi_bit(control, 2);
	e->rootctl_pme_interrupt = rbi_bit(control, 3);
	e->rootctl_retry_visible = rbi_bit(control, 4);
	e->rootcap_retry_visible = rbi_bit(control, 16);

	e->raw_rootsta = status;
	e->rootsta_pme_requester = (uint16_t)status;
	e->rootsta_pme = rbi_bit(status, 16);
	e->rootsta_pme_pending = rbi_bit(status, 17);
}

/* --- the second set of registers ----------------------------------------------------------- */

static void decode_devcap2(struct rb_pci_express *e, uint32_t cap)
{
	uint32_t prefixes = rbi_bits(cap, 22, 2);

	e->raw_devcap2 = cap;
	e->devcap2_timeout_ranges = (uint8_t)rbi_bits(cap, 0, 4);
	e->devcap2_timeout_disable = rbi_bit(cap, 4);
	e->devcap2_ari_forwarding = rbi_bit(cap, 5);
	e->devcap2_atomic_routing = rbi_bit(cap, 6);
	e->devcap2_atomic_32 = rbi_bit(cap, 7);
	e->devcap2_atomic_64 = rbi_bit(cap, 8);
	e->devcap2_cas_128 = rbi_bit(cap, 9);
	e->devcap2_no_ro_pr_pr = rbi_bit(cap, 10);
	e->devcap2_ltr = rbi_bit(cap, 11);
	e->devcap2_tph = (uint8_t)rbi_bits(cap, 12, 2);
	e->devcap2_ln_system = (uint8_t)rbi_bits(cap, 14, 2);
	e->devcap2_tag10_completer = rbi_bit(cap, 16);
	e->devcap2_tag10_requester = rbi_bit(cap, 17);
	e->devcap2_obff = (uint8_t)rbi_bits(cap, 18, 2);
	e->devcap2_extended_fmt = rbi_bit(cap, 20);
	e->devcap2_end_end_prefix = rbi_bit(cap, 21);
	if (e->devcap2_end_end_prefix) /* 0 stands for four */
		e->devcap2_max_prefixes = prefixes == 0 ? 4 : (uint8_t)prefixes;
	e->devcap2_emergency_power = (uint8_t)rbi_bits(cap, 24, 2);
	e->devcap2_emergency_power_init = rbi_bit(cap, 26);
	e->devcap2_frs = rbi_bit(cap, 31);
}

static void decode_devctl2(struct rb_pci_express *e, uint32_t control)
{
	e->raw_devctl2 = (uint16_t)control;
	timeout_us(rbi_bits(control, 0, 4), &e->devctl2_timeout_min_us,
		   &e->devctl2_timeout_max_us);
	e->devctl2_timeout_disable = rbi_bit(control, 4);
	e->devctl2_ari_forwarding = rbi_bit(control, 5);
	e->devctl2_atomic_request = rbi_bit(control, 6);
	e->devctl2_atomic_block = rbi_bit(control, 7);
	e->devctl2_ido_request = rbi_bit(control, 8);
	e->devctl2_ido_completion = rbi_bit(control, 9);
	e->devctl2_ltr = rbi_bit(control, 10);
	e->devctl2_emergency_power = rbi_bit(control, 11);
	e->devctl2_tag10_request = rbi_bit(control, 12);
	e->devctl2_obff = (uint8_t)rbi_bits(control, 13, 2);
	e->devctl2_prefix_block = rbi_bit(control, 15);
}

static void decode_lnkcap2(struct rb_pci_express *e, uint32_t cap)
{
	e->raw_lnkcap2 = cap;
	e->lnkcap2_speeds = (uint8_t)rbi_bits(cap, 1, 7);
	e->lnkcap2_crosslink = rbi_bit(cap, 8);
	e->lnkcap2_retimer_presence = rbi_bit(cap, 23);
	e->lnkcap2_retimers_presence = rbi_bit(cap, 24);
	e->lnkcap2_drs = rbi_bit(cap, 31);
}

static void decode_lnkctl2(struct rb_pci_express *e, uint32_t dword)
{
	uint32_t control = dword & 0xffffu, status = dword >> 16;
	uint32_t target = rbi_bits(control, 0, 4);

	e->raw_lnkctl2 = (uint16_t)control;
	e->lnkctl2_target_mts = speed_mts(target == 0 ? 1 : target);
	e->lnkctl2_enter_compliance = rbi_bit(control, 4);
	e->lnkctl2_autonomous_speed_off = rbi_bit(control, 5);
	e->lnkctl2_deemphasis_3_5db = rbi_bit(control, 6);
	e->lnkctl2_transmit_margin = (uint8_t)rbi_bits(control, 7, 3);
	e->lnkctl2_modified_compliance = rbi_bit(control, 10);
	e->lnkctl2_compliance_sos = rbi_bit(control, 11);
	e->lnkctl2_compliance_preset = (uint8_t)rbi_bits(control, 12, 4);

	e->raw_lnksta2 = (uint16_t)status;
	e->lnksta2_deemphasis_3_5db = rbi_bit(status, 0);
	e->lnksta2_equalized = rbi_bit(status, 1);
	e->lnksta2_phase1 = rbi_bit(status, 2);
	e->lnksta2_phase2 = rbi_bit(status, 3);
	e->lnksta2_phase3 = rbi_bit(status, 4);
	e->lnksta2_equalize_again = rbi_bit(status, 5);
	e->lnksta2_retimer = rbi_bit(status, 6);
	e->lnksta2_retimers = rbi_bit(status, 7);
	e->lnksta2_crosslink = (uint8_t)rbi_bits(status, 8, 2);
	e->lnksta2_downstream = (uint8_t)rbi_bits(status, 12, 3);
	e->lnksta2_drs_received = rbi_bit(status, 15);
}

/* --- all of it -------------------------------------------------------------------------- */

/* What the first dword says, and which registers that means (7.5.3). */
static void decode_flags(struct rb_pci_express *e, uint32_t flags)
{
	e->raw_flags = (uint16_t)flags;
	e->version = (uint8_t)rbi_bits(flags, 0, 4);
	e->type = (uint8_t)rbi_bits(flags, 4, 4);
	e->slot_implemented = rbi_bit(flags, 8);
	e->interrupt = (uint8_t)rbi_bits(flags, 9, 5);
	e->flit_mode = rbi_bit(flags, 15);

	e->has_link = e->type != RB_PCI_EXPRESS_INTEGRATED &&
		      e->type != RB_PCI_EXPRESS_EVENT_COLLECTOR;
	e->has_slot = e->slot_implemented && (e->type == RB_PCI_EXPRESS_ROOT_PORT ||
					      e->type == RB_PCI_EXPRESS_DOWNSTREAM ||
					      e->type == RB_PCI_EXPRESS_FROM_PCI);
	e->has_root = e->type == RB_PCI_EXPRESS_ROOT_PORT ||
		      e->type == RB_PCI_EXPRESS_EVENT_COLLECTOR;
	e->has_2 = e->version >= 2;
}

static void decode_registers(struct rb_pci_express *e, struct rbi_pci_decode *d)
{
	decode_devcap(e, rbi_pci_decode_dword(d, DEVCAP));
	decode_devctl(e, rbi_pci_decode_dword(d, DEVCTL));
	if (e->has_link) {
		decode_lnkcap(e, rbi_pci_decode_dword(d, LNKCAP));
		decode_lnkctl(e, rbi_pci_decode_dword(d, LNKCTL));
	}
	if (e->has_slot) {
		decode_sltcap(e, rbi_pci_decode_dword(d, SLTCAP));
		decode_sltctl(e, rbi_pci_decode_dword(d, SLTCTL));
	}
	if (e->has_root) {
		uint32_t control = rbi_pci_decode_dword(d, ROOTCTL);

		decode_root(e, control, rbi_pci_decode_dword(d, ROOTSTA));
	}
	if (e->has_2) {
		decode_devcap2(e, rbi_pci_decode_dword(d, DEVCAP2));
		decode_devctl2(e, rbi_pci_decode_dword(d, DEVCTL2));
	}
	if (e->has_2 && e->has_link) {
		decode_lnkcap2(e, rbi_pci_decode_dword(d, LNKCAP2));
		decode_lnkctl2(e, rbi_pci_decode_dword(d, LNKCTL2));
	}
}

int rb_pci_read_express(struct rb_pci_view *view, unsigned int off, struct rb_pci_express *out)
{
	struct rb_pci_express express = RB_PCI_EXPRESS_INIT;
	struct rbi_pci_decode d;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_CAP_EXPRESS, false, out);
	if (rc < 0)
		return rc;
	express.off = d.off;
	decode_flags(&express, d.header >> 16);
	decode_registers(&express, &d);
	return rbi_pci_decode_end(&d, &express, sizeof(express), out);
}
