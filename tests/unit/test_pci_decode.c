/* SPDX-License-Identifier: MIT */
/* test_pci_decode.c - decoders of capabilities over fixed bytes. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/pci_caps.h>

#include "config_spaces.h"

#define AT     0x40  /* a standard capability, alone */
#define EXT_AT 0x100 /* an extended one, alone */

static struct rb_pci_view *view_of(const uint8_t *bytes)
{
	struct rb_pci_view *view = NULL;

	assert_int_equal(rb_pci_view_bytes(bytes, CONFIG_SPACE, &view), 0);
	return view;
}

static struct rb_pci_view *view_of_real(const char *name)
{
	uint8_t bytes[CONFIG_SPACE];

	assert_true(config_space(name, bytes));
	return view_of(bytes);
}

/* A function with one capability, of @count dwords. */
static struct rb_pci_view *view_of_one(unsigned int at, const uint32_t *dwords, size_t count)
{
	uint8_t bytes[CONFIG_SPACE] = { 0 };
	size_t i;

	config_put(bytes, 0x00, 0x10411af4);
	config_put(bytes, 0x04, 0x00100000);
	config_put(bytes, 0x34, at < 256 ? at : 0);
	for (i = 0; i < count; i++)
		config_put(bytes, at + 4 * (unsigned int)i, dwords[i]);
	return view_of(bytes);
}
#define VIEW_OF_ONE(at, ...)                                             \
	view_of_one(at, (const uint32_t[]){ __VA_ARGS__ },               \
		    sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

/* --- power management, MSI, MSI-X --------------------------------------------------------- */

static void power_management_of_real_functions(void **state)
{
	struct rb_pci_view *view = view_of_real("nvme");
	struct rb_pci_pm pm = RB_PCI_PM_INIT;

	(void)state;
	assert_int_equal(rb_pci_read_pm(view, 0, &pm), 0);
	assert_int_equal(pm.off, 0x60);
	assert_int_equal(pm.version, 3);
	assert_int_equal(pm.state, 0);
	assert_true(pm.no_soft_reset);
	assert_false(pm.d1 || pm.d2 || pm.pme_d0 || pm.pme_d3hot || pm.pme_enable || pm.device_init);
	rb_pci_view_close(view);

	view = view_of_real("e1000e");
	assert_int_equal(rb_pci_read_pm(view, 0, &pm), 0);
	assert_int_equal(pm.version, 2);
	assert_true(pm.device_init);
	assert_false(pm.no_soft_reset);
	rb_pci_view_close(view);
}

static void power_management_with_every_field_apart(void **state)
{
	/* PME from D0, D2 and D3cold, D2, 270 mA; D3hot, PME enabled and sent, select 5,
	 * scale 2; the bridge keeps power and controls its clock; data 0x7e */
	struct rb_pci_view *view = VIEW_OF_ONE(AT, 0xad400001 | 0x000a0000, 0x7ec0cb03);
	struct rb_pci_pm pm = RB_PCI_PM_INIT;

	(void)state;
	assert_int_equal(rb_pci_read_pm(view, AT, &pm), 0);

	assert_int_equal(pm.raw_cap, 0xad4a);
	assert_int_equal(pm.version, 2);
	assert_true(pm.pme_clock);
	assert_false(pm.immediate_ready || pm.device_init || pm.d1);
	assert_int_equal(pm.aux_current_ma, 270);
	assert_true(pm.d2 && pm.pme_d0 && pm.pme_d2 && pm.pme_d3cold);
	assert_false(pm.pme_d1 || pm.pme_d3hot);
	assert_int_equal(pm.state, 3);
	assert_true(pm.pme_enable && pm.pme_status);
	assert_int_equal(pm.data_select, 5);
	assert_int_equal(pm.data_scale, 2);
	assert_int_equal(pm.data, 0x7e);
	assert_int_equal(pm.raw_bridge, 0xc0);
	assert_true(pm.bridge_clock_control);
	assert_false(pm.bridge_b3_in_d3);
	rb_pci_view_close(view);
}

static void msi_in_its_four_forms(void **state)
{
	struct rb_pci_msi msi = RB_PCI_MSI_INIT;
	struct rb_pci_view *view;

	(void)state;
	view = VIEW_OF_ONE(AT, 0x00350005, 0xfee01004, 0xdead4021, 0x11111111, 0x22222222);
	assert_int_equal(rb_pci_read_msi(view, 0, &msi), 0);
	assert_true(msi.enabled);
	assert_false(msi.is_64bit || msi.maskable || msi.extended_data);
	assert_int_equal(msi.messages, 4);
	assert_int_equal(msi.messages_enabled, 8);
	assert_int_equal(msi.address.value, 0xfee01004);
	assert_int_equal(msi.data, 0x4021); /* what lies above is not its */
	assert_int_equal(msi.mask, 0);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(AT, 0x018a0005, 0xfee01004, 0x00000012, 0x4021, 0xf0, 0x0f);
	assert_int_equal(rb_pci_read_msi(view, 0, &msi), 0);
	assert_false(msi.enabled);
	assert_true(msi.is_64bit && msi.maskable);
	assert_int_equal(msi.messages, 32);
	assert_int_equal(msi.messages_enabled, 1);
	assert_int_equal(msi.address.value, 0x12fee01004);
	assert_int_equal(msi.data, 0x4021);
	assert_int_equal(msi.mask, 0xf0);
	assert_int_equal(msi.pending, 0x0f);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(AT, 0x07000005, 0xfee01004, 0x87654021, 0xf0, 0x0f);
	assert_int_equal(rb_pci_read_msi(view, 0, &msi), 0);
	assert_true(msi.extended_data && msi.extended_data_enabled && msi.maskable);
	assert_int_equal(msi.data, 0x87654021);
	assert_int_equal(msi.mask, 0xf0);
	rb_pci_view_close(view);

	view = view_of_real("e1000e");
	assert_int_equal(rb_pci_read_msi(view, 0, &msi), 0);
	assert_int_equal(msi.off, 0xd0);
	assert_true(msi.is_64bit);
	assert_false(msi.maskable || msi.enabled);
	assert_int_equal(msi.messages, 1);
	rb_pci_view_close(view);
}

static void msix_of_real_functions(void **state)
{
	static const struct {
		const char *name;
		struct rb_pci_msix msix;
	} cases[] = {
		{ "nvme", { 0, 0x40, 0, 0, 65, 0, 0, 0x2000, 0x3000, 0x0040 } },
		{ "e1000e", { 0, 0xa0, 0, 0, 5, 3, 3, 0, 0x2000, 0x0004 } },
		{ "virtio_net", { 0, 0xdc, 0, 0, 4, 1, 1, 0, 0x800, 0x0003 } },
		{ "root_port", { 0, 0x48, 0, 0, 1, 0, 0, 0, 0x800, 0x0000 } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rb_pci_view *view = view_of_real(cases[i].name);
		struct rb_pci_msix msix = RB_PCI_MSIX_INIT;

		assert_int_equal(rb_pci_read_msix(view, 0, &msix), 0);
		assert_int_equal(msix.size, sizeof(msix));
		msix.size = 0;
		assert_memory_equal(&msix, &cases[i].msix, sizeof(msix));
		rb_pci_view_close(view);
	}
}

static void msix_enable_and_mask_are_not_each_other(void **state)
{
	struct rb_pci_view *view = VIEW_OF_ONE(AT, 0x87ff0011, 0x12345675, 0xfffffff8);
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;

	(void)state;
	assert_int_equal(rb_pci_read_msix(view, 0, &msix), 0);
	assert_true(msix.enabled);
	assert_false(msix.function_masked);
	assert_int_equal(msix.vectors, 2048);
	assert_int_equal(msix.table_bar, 5);
	assert_int_equal(msix.table_off, 0x12345670);
	assert_int_equal(msix.pba_bar, 0);
	assert_int_equal(msix.pba_off, 0xfffffff8);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(AT, 0x40000011, 0, 0);
	assert_int_equal(rb_pci_read_msix(view, 0, &msix), 0);
	assert_false(msix.enabled);
	assert_true(msix.function_masked);
	assert_int_equal(msix.vectors, 1);
	rb_pci_view_close(view);
}

/* --- PCI Express --------------------------------------------------------------------------- */

static void express_of_a_root_port(void **state)
{
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	struct rb_pci_view *view = view_of_real("root_port");

	(void)state;
	assert_int_equal(rb_pci_read_express(view, 0, &e), 0);

	assert_int_equal(e.off, 0x54);
	assert_int_equal(e.version, 2);
	assert_int_equal(e.type, RB_PCI_EXPRESS_ROOT_PORT);
	assert_int_equal(e.interrupt, 0);
	assert_true(e.slot_implemented && e.has_link && e.has_slot && e.has_root && e.has_2);
	assert_int_equal(e.devcap_max_payload_bytes, 128);
	assert_true(e.devcap_role_based_errors);
	assert_false(e.devcap_flr || e.devcap_extended_tag);
	assert_int_equal(e.devctl_max_payload_bytes, 128);
	assert_int_equal(e.devctl_max_read_request_bytes, 128);
	assert_int_equal(e.lnkcap_speed_mts, 16000);
	assert_int_equal(e.lnkcap_width, 32);
	assert_true(e.lnkcap_aspm_l0s && e.lnkcap_active_reporting &&
		    e.lnkcap_bandwidth_notification);
	assert_false(e.lnkcap_aspm_l1 || e.lnkcap_surprise_down || e.lnkcap_clock_pm);
	assert_int_equal(e.lnkcap_l0s_exit_ns, 64);
	assert_int_equal(e.lnksta_speed_mts, 2500);
	assert_int_equal(e.lnksta_width, 1);
	assert_true(e.lnksta_active);
	assert_int_equal(e.lnkctl_rcb_bytes, 64);
	assert_true(e.sltcap_attention_button && e.sltcap_power_controller &&
		    e.sltcap_attention_indicator && e.sltcap_power_indicator &&
		    e.sltcap_hotplug && e.sltcap_surprise && e.sltcap_interlock);
	assert_false(e.sltcap_mrl_sensor || e.sltcap_no_command_completed);
	assert_int_equal(e.sltcap_slot, 4);
	assert_int_equal(e.sltcap_power_mw, 0);
	assert_int_equal(e.sltctl_attention_indicator, RB_PCI_INDICATOR_OFF);
	assert_int_equal(e.sltctl_power_indicator, RB_PCI_INDICATOR_ON);
	assert_false(e.sltctl_power_off);
	assert_true(e.sltsta_present);
	assert_false(e.sltsta_presence_changed || e.rootcap_retry_visible || e.rootsta_pme);
	assert_true(e.devcap2_extended_fmt && e.devcap2_end_end_prefix && e.devcap2_ari_forwarding);
	assert_int_equal(e.devcap2_max_prefixes, 4);
	assert_int_equal(e.devctl2_timeout_min_us, 50);
	assert_int_equal(e.devctl2_timeout_max_us, 50000);
	assert_int_equal(e.lnkcap2_speeds, 0x0f);
	assert_int_equal(e.lnkctl2_target_mts, 16000);
	rb_pci_view_close(view);
}

static void express_of_endpoints(void **state)
{
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	struct rb_pci_view *view = view_of_real("nvme");

	(void)state;
	assert_int_equal(rb_pci_read_express(view, 0, &e), 0);
	assert_int_equal(e.type, RB_PCI_EXPRESS_ENDPOINT);
	assert_true(e.devcap_flr && e.has_2 && e.has_link);
	assert_false(e.has_slot || e.has_root);
	assert_int_equal(e.devcap_l0s_latency_ns, 64);
	assert_int_equal(e.devcap_l1_latency_ns, 1000);
	assert_int_equal(e.devcap_slot_power_mw, 0);
	assert_int_equal(e.lnkcap2_speeds, 0);
	assert_int_equal(e.lnkctl2_target_mts, 2500);
	rb_pci_view_close(view);

	view = view_of_real("e1000e");
	assert_int_equal(rb_pci_read_express(view, 0, &e), 0);
	assert_int_equal(e.version, 1);
	assert_false(e.has_2 || e.devcap_flr);
	assert_true(e.has_link);
	assert_int_equal(e.raw_devcap2, 0); /* what is left of the nvme is gone */
	assert_int_equal(e.devctl2_timeout_max_us, 0);
	rb_pci_view_close(view);
}

/* The fields alone, as code that knows no register sees them. */
static struct rb_pci_express fields_of(const uint32_t *dwords)
{
	struct rb_pci_view *view = view_of_one(AT, dwords, 15);
	struct rb_pci_express e;

	memset(&e, 0, sizeof(e)); /* padding is compared, too */
	e.size = sizeof(e);
	assert_int_equal(rb_pci_read_express(view, 0, &e), 0);
	rb_pci_view_close(view);
	e.raw_devcap = e.raw_lnkcap = e.raw_sltcap = e.raw_devcap2 = e.raw_lnkcap2 = 0;
	e.raw_devctl = e.raw_devsta = e.raw_lnkctl = e.raw_lnksta = e.raw_sltctl = 0;
	e.raw_sltsta = e.raw_rootctl = e.raw_rootcap = e.raw_devctl2 = e.raw_lnkctl2 = 0;
	e.raw_lnksta2 = 0;
	e.raw_rootsta = 0;
	return e;
}

/*
 * Bits that mean something by themselves, register by register: not reserved, and no part of
 * a code that alone means what 0 means (bit 3 of speeds, the scale of no power, the number
 * of prefixes without prefixes, a target speed of 2.5 GT/s).
 */
static void each_bit_of_express_that_means_something_is_in_a_field(void **state)
{
	static const uint32_t meaning[13] = {
		0,	    0x13fcffff, 0x003fffff, 0xff7ffff7, 0xfff72fdb,
		0xfffe7fff, 0x01ff1fff, 0x0001001f, 0x0003ffff, 0x873fffff,
		0x0000ffff, 0x818001fe, 0xf3fffffe,
	};
	uint32_t dwords[15] = { 0x00420010 | 1u << 24 }; /* root port of version 2, with slot */
	struct rb_pci_express none = fields_of(dwords), one;
	unsigned int word, bit;

	(void)state;
	for (word = 1; word <= 12; word++) {
		for (bit = 0; bit < 32; bit++) {
			dwords[word] = UINT32_C(1) << bit;
			one = fields_of(dwords);
			if ((memcmp(&one, &none, sizeof(one)) != 0) !=
			    (meaning[word] >> bit & 1u))
				fail_msg("bit %u of register %#x", bit, 4 * word);
		}
		dwords[word] = 0;
	}
}

static void express_units(void **state)
{
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	struct rb_pci_view *view;

	(void)state;
	/* payload 4096, 2 phantom bits, unlimited latencies, 25.5 W; requests of 4096 */
	view = VIEW_OF_ONE(AT, 0x00020010, 0x07fc0fd5, 0x00005000, 0x12073c46, 0x00000008);
	assert_int_equal(rb_pci_read_express(view, 0, &e), 0);
	assert_int_equal(e.devcap_max_payload_bytes, 4096);
	assert_int_equal(e.devcap_phantom_functions, 2);
	assert_int_equal(e.devcap_l0s_latency_ns, RB_PCI_UNLIMITED);
	assert_int_equal(e.devcap_l1_latency_ns, RB_PCI_UNLIMITED);
	assert_int_equal(e.devcap_slot_power_mw, 25500);
	assert_int_equal(e.devctl_max_read_request_bytes, 4096);
	assert_int_equal(e.lnkcap_speed_mts, 64000);
	assert_int_equal(e.lnkcap_width, 4);
	assert_int_equal(e.lnkcap_l0s_exit_ns, 512);
	assert_int_equal(e.lnkcap_l1_exit_ns, 64000);
	assert_int_equal(e.lnkcap_port, 0x12);
	assert_int_equal(e.lnkctl_rcb_bytes, 128);
	rb_pci_view_close(view);
}

static void slot_power_above_239_watts_has_values_of_its_own(void **state)
{
	static const struct {
		uint32_t devcap, mw;
	} cases[] = {
		{ 0xefu << 18, 239000 },
		{ 0xf0u << 18, 250000 },
		{ 0xf3u << 18, 325000 },
		{ 0xfeu << 18, 600000 },
		{ 0xffu << 18, RB_PCI_UNLIMITED },
		{ 0xf0u << 18 | 1u << 26, 24000 },
		{ 0x4bu << 18 | 3u << 26, 75 },
	};
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rb_pci_view *view = VIEW_OF_ONE(AT, 0x00020010, cases[i].devcap);

		assert_int_equal(rb_pci_read_express(view, 0, &e), 0);
		assert_int_equal(e.devcap_slot_power_mw, cases[i].mw);
		rb_pci_view_close(view);
	}
}

static void completion_timeouts_are_ranges(void **state)
{
	static const uint32_t us[16][2] = {
		{ 50, 50000 },	      { 50, 100 }, { 1000, 10000 },	 { 0, 0 }, { 0, 0 },
		{ 16000, 55000 },     { 65000, 210000 }, { 0, 0 }, { 0, 0 }, { 260000, 900000 },
		{ 1000000, 3500000 }, { 0, 0 }, { 0, 0 }, { 4000000, 13000000 },
		{ 17000000, 64000000 }, { 0, 0 },
	};
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	uint32_t code;

	(void)state;
	for (code = 0; code < 16; code++) {
		struct rb_pci_view *view = VIEW_OF_ONE(AT, 0x00020010, 0, 0, 0, 0, 0, 0, 0, 0, 0,
						       code | 1u << 4);

		assert_int_equal(rb_pci_read_express(view, 0, &e), 0);
		assert_int_equal(e.devctl2_timeout_min_us, us[code][0]);
		assert_int_equal(e.devctl2_timeout_max_us, us[code][1]);
		assert_true(e.devctl2_timeout_disable);
		rb_pci_view_close(view);
	}
}

static void what_is_integrated_has_no_link_and_may_end_early(void **state)
{
	uint8_t bytes[CONFIG_SPACE] = { 0 };
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	struct rb_pci_view *view;

	(void)state;
	config_put(bytes, 0x04, 0x00100000);
	config_put(bytes, 0x34, 0xf4);
	config_put(bytes, 0xf4, 0x00910010); /* version 1, 12 bytes, up to the end */
	view = view_of(bytes);

	assert_int_equal(rb_pci_read_express(view, 0, &e), 0);

	assert_false(e.has_link || e.has_slot || e.has_root || e.has_2);
	rb_pci_view_close(view);
	config_put(bytes, 0xf4, 0x00010010); /* with a link it does not fit */
	view = view_of(bytes);
	assert_int_equal(rb_pci_read_express(view, 0, &e), -EPROTO);
	rb_pci_view_close(view);
}

/* --- the extended list ------------------------------------------------------------------------ */

static void aer_of_a_root_port_and_of_an_endpoint(void **state)
{
	struct rb_pci_aer aer = RB_PCI_AER_INIT;
	struct rb_pci_view *view = view_of_real("root_port");

	(void)state;
	assert_int_equal(rb_pci_read_aer(view, 0, &aer), 0);
	assert_int_equal(aer.off, 0x100);
	assert_int_equal(aer.version, 2);
	assert_int_equal(aer.uncorrectable_status, 0);
	assert_int_equal(aer.uncorrectable_severity & RB_PCI_AER_LINK_PROTOCOL,
			 RB_PCI_AER_LINK_PROTOCOL);
	assert_int_equal(aer.uncorrectable_severity,
			 RB_PCI_AER_LINK_PROTOCOL | RB_PCI_AER_SURPRISE_DOWN |
				 RB_PCI_AER_FLOW_CONTROL | RB_PCI_AER_OVERFLOW |
				 RB_PCI_AER_MALFORMED | RB_PCI_AER_INTERNAL);
	assert_int_equal(aer.correctable_mask, RB_PCI_AER_ADVISORY |
						       RB_PCI_AER_CORRECTED_INTERNAL |
						       RB_PCI_AER_LOG_OVERFLOW);
	assert_true(aer.ecrc_generation && aer.ecrc_check && aer.multiple_headers);
	assert_false(aer.ecrc_generation_enabled || aer.ecrc_check_enabled);
	assert_true(aer.has_root);
	rb_pci_view_close(view);

	view = view_of_real("e1000e");
	assert_int_equal(rb_pci_read_aer(view, 0, &aer), 0);
	assert_false(aer.has_root || aer.multiple_headers);
	rb_pci_view_close(view);
}

static void aer_with_every_field_apart(void **state)
{
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_aer aer = RB_PCI_AER_INIT;
	struct rb_pci_view *view;
	unsigned int i;

	(void)state;
	assert_true(config_space("root_port", bytes));
	config_put(bytes, 0x104, RB_PCI_AER_COMPLETION_TIMEOUT);
	config_put(bytes, 0x118, 0x0000194e);
	for (i = 0; i < 4; i++)
		config_put(bytes, 0x11c + 4 * i, 0xa0 + i);
	config_put(bytes, 0x12c, 0x5);
	config_put(bytes, 0x130, 0x88000056);
	config_put(bytes, 0x134, 0x02000108);
	for (i = 0; i < 4; i++)
		config_put(bytes, 0x138 + 4 * i, 0xb0 + i);
	view = view_of(bytes);

	assert_int_equal(rb_pci_read_aer(view, 0x100, &aer), 0);

	assert_int_equal(aer.uncorrectable_status, RB_PCI_AER_COMPLETION_TIMEOUT);
	assert_int_equal(aer.first_error, 14);
	assert_true(aer.ecrc_generation_enabled && aer.ecrc_check_enabled && aer.prefix_log_present &&
		    aer.timeout_log);
	assert_false(aer.ecrc_generation || aer.ecrc_check || aer.multiple_headers ||
		     aer.multiple_headers_enabled);
	assert_int_equal(aer.header_log[0], 0xa0);
	assert_int_equal(aer.header_log[3], 0xa3);
	assert_int_equal(aer.prefix_log[0], 0xb0);
	assert_int_equal(aer.prefix_log[3], 0xb3);
	assert_true(aer.root_correctable_enabled && aer.root_fatal_enabled);
	assert_false(aer.root_non_fatal_enabled);
	assert_true(aer.root_correctable_multiple && aer.root_uncorrectable &&
		    aer.root_first_fatal && aer.root_fatal);
	assert_false(aer.root_correctable || aer.root_uncorrectable_multiple || aer.root_non_fatal);
	assert_int_equal(aer.root_interrupt, 17);
	assert_int_equal(aer.root_correctable_source, 0x0108);
	assert_int_equal(aer.root_uncorrectable_source, 0x0200);
	rb_pci_view_close(view);
}

static void serial_numbers_have_64_bits(void **state)
{
	struct rb_pci_dsn dsn = RB_PCI_DSN_INIT;
	struct rb_pci_view *view = view_of_real("e1000e");

	(void)state;
	assert_int_equal(rb_pci_read_dsn(view, 0, &dsn), 0);
	assert_int_equal(dsn.off, 0x140);
	assert_int_equal(dsn.version, 1);
	assert_int_equal(dsn.serial, 0x525400ffff123456);
	rb_pci_view_close(view);
}

static void access_control_and_its_egress_vector(void **state)
{
	struct rb_pci_acs acs = RB_PCI_ACS_INIT;
	struct rb_pci_view *view = view_of_real("root_port");

	(void)state;
	assert_int_equal(rb_pci_read_acs(view, 0, &acs), 0);
	assert_int_equal(acs.off, 0x148);
	assert_int_equal(acs.cap, 0x5f);
	assert_int_equal(acs.cap & RB_PCI_ACS_EGRESS_CONTROL, 0);
	assert_int_equal(acs.control, 0);
	assert_int_equal(acs.egress_bits, 0);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(EXT_AT, 0x0001000d, 0x00252820, 0x11, 0x22, 0x33);
	assert_int_equal(rb_pci_read_acs(view, 0, &acs), 0);
	assert_int_equal(acs.control, RB_PCI_ACS_SOURCE_VALIDATION | RB_PCI_ACS_REQUEST_REDIRECT |
					      RB_PCI_ACS_EGRESS_CONTROL);
	assert_int_equal(acs.egress_bits, 40);
	assert_int_equal(acs.egress[0], 0x11);
	assert_int_equal(acs.egress[1], 0x22);
	assert_int_equal(acs.egress[2], 0);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(EXT_AT, 0x0001000d, 0x00000020, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	assert_int_equal(rb_pci_read_acs(view, 0, &acs), 0);
	assert_int_equal(acs.egress_bits, 256);
	assert_int_equal(acs.egress[7], 8);
	rb_pci_view_close(view);
}

static void address_translation(void **state)
{
	struct rb_pci_ats ats = RB_PCI_ATS_INIT;
	struct rb_pci_view *view = view_of_real("virtio_net");

	(void)state;
	assert_int_equal(rb_pci_read_ats(view, 0, &ats), 0);
	assert_int_equal(ats.off, 0x148);
	assert_int_equal(ats.queue_depth, 32);
	assert_int_equal(ats.smallest_unit_bytes, 4096);
	assert_false(ats.enabled);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(EXT_AT, 0x0001000f, 0x801f00a5);
	assert_int_equal(rb_pci_read_ats(view, 0, &ats), 0);
	assert_int_equal(ats.queue_depth, 5);
	assert_true(ats.page_aligned && ats.relaxed_ordering && ats.enabled);
	assert_false(ats.global_invalidate);
	assert_int_equal(ats.smallest_unit_bytes, UINT64_C(4096) << 31);
	rb_pci_view_close(view);
}

static void resizable_bars_tell_their_sizes(void **state)
{
	struct rb_pci_resizable_bar r = RB_PCI_RESIZABLE_BAR_INIT;
	struct rb_pci_view *view;

	(void)state;
	/* two: BAR 0 of 256 MiB, 256 MiB to 8 GiB; BAR 2 of 2 MiB, 1 and 2 MiB and 8 EiB */
	view = VIEW_OF_ONE(EXT_AT, 0x00010015, 0x0003f000, 0x00000840, 0x00000030, 0x80000122);
	assert_int_equal(rb_pci_read_resizable_bar(view, 0, &r), 0);
	assert_int_equal(r.count, 2);
	assert_false(r.is_virtual);
	assert_int_equal(r.bars[0].bar, 0);
	assert_int_equal(r.bars[0].code, 8);
	assert_int_equal(r.bars[0].bytes, UINT64_C(256) << 20);
	assert_int_equal(r.bars[0].sizes, 0x3f00);
	assert_int_equal(r.bars[1].bar, 2);
	assert_int_equal(r.bars[1].bytes, UINT64_C(2) << 20);
	assert_int_equal(r.bars[1].sizes, UINT64_C(1) << 43 | 3);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(EXT_AT, 0x00010024, 0x10, 0x00002c21);
	assert_int_equal(rb_pci_read_resizable_bar(view, 0, &r), -ENOENT);
	assert_int_equal(rb_pci_read_resizable_bar(view, EXT_AT, &r), 0);
	assert_true(r.is_virtual);
	assert_int_equal(r.bars[0].code, 44);
	assert_int_equal(r.bars[0].bytes, 0); /* 16 EiB are nothing one can say */
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(EXT_AT, 0x00010015, 0x10, 0x000000e0);
	assert_int_equal(rb_pci_read_resizable_bar(view, 0, &r), -EPROTO);
	rb_pci_view_close(view);
	view = VIEW_OF_ONE(EXT_AT, 0x00010015, 0x10, 0);
	assert_int_equal(rb_pci_read_resizable_bar(view, 0, &r), -EPROTO);
	rb_pci_view_close(view);
}

/* --- the rest of the standard list ---------------------------------------------------------- */

static void advanced_features(void **state)
{
	struct rb_pci_view *view = VIEW_OF_ONE(AT, 0x03060013, 0xffff0100);
	struct rb_pci_af af = RB_PCI_AF_INIT;

	(void)state;
	assert_int_equal(rb_pci_read_af(view, 0, &af), 0);
	assert_int_equal(af.length, 6);
	assert_true(af.flr && af.transactions_pending_cap && af.transactions_pending);
	assert_int_equal(af.raw_control, 0);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(AT, 0x02060013, 0x00000001);
	assert_int_equal(rb_pci_read_af(view, 0, &af), 0);
	assert_true(af.flr);
	assert_false(af.transactions_pending_cap || af.transactions_pending);
	assert_int_equal(af.raw_control, 1);
	rb_pci_view_close(view);
}

static void bridges_have_subsystem_ids_in_a_capability(void **state)
{
	struct rb_pci_subsystem subsystem = RB_PCI_SUBSYSTEM_INIT;
	struct rb_pci_view *view = view_of_real("root_port");

	(void)state;
	assert_int_equal(rb_pci_read_subsystem(view, 0, &subsystem), 0);
	assert_int_equal(subsystem.off, 0x40);
	assert_int_equal(subsystem.subvendor, 0x1b36);
	assert_int_equal(subsystem.subdevice, 0);
	rb_pci_view_close(view);
}

static void virtio_capabilities_lead_into_bars(void **state)
{
	static const struct {
		unsigned int off, type, bar, region_off, region_bytes, multiplier;
	} cases[] = {
		{ 0xc8, RB_PCI_VIRTIO_PCI, 0, 0, 0, 0 },
		{ 0xb4, RB_PCI_VIRTIO_NOTIFY, 4, 0x3000, 0x1000, 4 },
		{ 0xa4, RB_PCI_VIRTIO_DEVICE, 4, 0x2000, 0x1000, 0 },
		{ 0x94, RB_PCI_VIRTIO_ISR, 4, 0x1000, 0x1000, 0 },
		{ 0x84, RB_PCI_VIRTIO_COMMON, 4, 0, 0x1000, 0 },
	};
	struct rb_pci_view *view = view_of_real("virtio_net");
	struct rb_pci_virtio v = RB_PCI_VIRTIO_INIT;
	size_t i;

	(void)state;
	assert_int_equal(rb_pci_read_virtio(view, 0, &v), 0);
	assert_int_equal(v.off, 0xc8);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(rb_pci_read_virtio(view, cases[i].off, &v), 0);
		assert_int_equal(v.type, cases[i].type);
		assert_int_equal(v.bar, cases[i].bar);
		assert_int_equal(v.region_off, cases[i].region_off);
		assert_int_equal(v.region_bytes, cases[i].region_bytes);
		assert_int_equal(v.notify_multiplier, cases[i].multiplier);
	}
	rb_pci_view_close(view);
}

static void virtio_shared_memory_has_64_bits(void **state)
{
	struct rb_pci_view *view =
		VIEW_OF_ONE(AT, 0x08180009, 0x00000702, 0x1000, 0x2000, 0x3, 0x4);
	struct rb_pci_virtio v = RB_PCI_VIRTIO_INIT;

	(void)state;
	assert_int_equal(rb_pci_read_virtio(view, 0, &v), 0);
	assert_int_equal(v.bar, 2);
	assert_int_equal(v.id, 7);
	assert_int_equal(v.region_off, 0x300001000);
	assert_int_equal(v.region_bytes, 0x400002000);
	rb_pci_view_close(view);

	view = VIEW_OF_ONE(AT, 0x08170009, 0x00000702, 0x1000, 0x2000, 0x3, 0x4);
	assert_int_equal(rb_pci_read_virtio(view, 0, &v), -EPROTO); /* a byte too short */
	rb_pci_view_close(view);
}

static void other_vendors_capabilities_are_not_virtio(void **state)
{
	struct rb_pci_virtio v = RB_PCI_VIRTIO_INIT;
	struct rb_pci_view *view;
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	assert_true(config_space("virtio_net", bytes));
	config_put(bytes, 0, 0x11101af4); /* ivshmem, of the same vendor */
	view = view_of(bytes);

	assert_int_equal(rb_pci_read_virtio(view, 0, &v), -ENOENT);
	assert_int_equal(rb_pci_read_virtio(view, 0x84, &v), -EINVAL);
	rb_pci_view_close(view);
}

/* --- what every decoder refuses ---------------------------------------------------------------- */

static void another_capability_is_not_taken_for_it(void **state)
{
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT, before = msix;
	struct rb_pci_aer aer = RB_PCI_AER_INIT;
	struct rb_pci_view *view = view_of_real("e1000e");

	(void)state;
	assert_int_equal(rb_pci_read_msix(view, 0xd0, &msix), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "MSI-X"));
	assert_int_equal(rb_pci_read_msix(view, 0xa2, &msix), -EINVAL);
	assert_int_equal(rb_pci_read_msix(view, 0x3c, &msix), -EINVAL);
	assert_int_equal(rb_pci_read_msix(view, 0x100, &msix), -EINVAL);
	assert_int_equal(rb_pci_read_aer(view, 0xc8, &aer), -EINVAL);
	assert_int_equal(rb_pci_read_aer(view, 0x1000, &aer), -EINVAL);
	assert_int_equal(rb_pci_read_aer(view, 0x140, &aer), -EINVAL);
	assert_int_equal(rb_pci_read_msix(NULL, 0, &msix), -EINVAL);
	assert_int_equal(rb_pci_read_msix(view, 0, NULL), -EINVAL);
	assert_memory_equal(&msix, &before, sizeof(msix));
	rb_pci_view_close(view);
}

static void a_struct_of_another_age_is_filled_as_far_as_it_goes(void **state)
{
	struct rb_pci_view *view = view_of_real("e1000e");
	struct {
		struct rb_pci_msix msix;
		uint32_t more[4];
	} longer;
	struct rb_pci_msix msix;

	(void)state;
	memset(&msix, 0x55, sizeof(msix));
	msix.size = 8; /* size and off are all it knows */
	assert_int_equal(rb_pci_read_msix(view, 0, &msix), 0);
	assert_int_equal(msix.size, 8);
	assert_int_equal(msix.off, 0xa0);
	assert_int_equal(msix.vectors, 0x5555);

	memset(&longer, 0x55, sizeof(longer));
	longer.msix.size = sizeof(longer);
	assert_int_equal(rb_pci_read_msix(view, 0, &longer.msix), 0);
	assert_int_equal(longer.msix.vectors, 5);
	assert_int_equal(longer.more[0], 0x55555555);

	msix.size = 0;
	assert_int_equal(rb_pci_read_msix(view, 0, &msix), -EINVAL);
	msix.size = 7;
	assert_int_equal(rb_pci_read_msix(view, 0, &msix), -EINVAL);
	msix.size = 0x55555554;
	assert_int_equal(rb_pci_read_msix(view, 0, &msix), -EINVAL);
	rb_pci_view_close(view);
}

static void a_capability_that_passes_the_end_of_its_space_is_refused(void **state)
{
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;
	struct rb_pci_dsn dsn = RB_PCI_DSN_INIT;
	uint8_t bytes[CONFIG_SPACE] = { 0 };
	struct rb_pci_view *view;

	(void)state;
	config_put(bytes, 0x04, 0x00100000);
	config_put(bytes, 0x34, 0xfc);
	config_put(bytes, 0xfc, 0x00000011);
	config_put(bytes, 0x100, 0xffc10001); /* what follows is another space */
	config_put(bytes, 0xffc, 0x00010003);
	view = view_of(bytes);

	assert_int_equal(rb_pci_read_msix(view, 0, &msix), -EPROTO);
	assert_non_null(strstr(rb_last_error(), "0xfc"));
	assert_int_equal(rb_pci_read_dsn(view, 0, &dsn), -EPROTO);
	rb_pci_view_close(view);
}

static void a_capability_that_passes_what_was_saved_is_out_of_range(void **state)
{
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	struct rb_pci_dsn dsn = RB_PCI_DSN_INIT;
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_view *view;

	(void)state;
	assert_true(config_space("e1000e", bytes));
	assert_int_equal(rb_pci_view_bytes(bytes, 0xe8, &view), 0);
	assert_int_equal(rb_pci_read_express(view, 0, &e), -ERANGE);
	assert_int_equal(rb_pci_read_dsn(view, 0, &dsn), -ENOENT);
	assert_int_equal(rb_pci_read_dsn(view, 0x140, &dsn), -ERANGE);
	rb_pci_view_close(view);

	assert_int_equal(rb_pci_view_bytes(bytes, 0x144, &view), 0);
	assert_int_equal(rb_pci_read_dsn(view, 0, &dsn), -ERANGE);
	rb_pci_view_close(view);
}

static void what_lies_behind_a_flaw_is_not_decoded_but_where_the_caller_knows_it(void **state)
{
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_view *view;

	(void)state;
	assert_true(config_space("e1000e", bytes));
	bytes[0xc9] = 0x30; /* the first pointer leads into the header */
	view = view_of(bytes);

	assert_int_equal(rb_pci_read_msix(view, 0, &msix), -EPROTO);
	assert_int_equal(rb_pci_read_msix(view, 0xa0, &msix), 0);
	rb_pci_view_close(view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_management_of_real_functions),
		cmocka_unit_test(power_management_with_every_field_apart),
		cmocka_unit_test(msi_in_its_four_forms),
		cmocka_unit_test(msix_of_real_functions),
		cmocka_unit_test(msix_enable_and_mask_are_not_each_other),
		cmocka_unit_test(express_of_a_root_port),
		cmocka_unit_test(express_of_endpoints),
		cmocka_unit_test(each_bit_of_express_that_means_something_is_in_a_field),
		cmocka_unit_test(express_units),
		cmocka_unit_test(slot_power_above_239_watts_has_values_of_its_own),
		cmocka_unit_test(completion_timeouts_are_ranges),
		cmocka_unit_test(what_is_integrated_has_no_link_and_may_end_early),
		cmocka_unit_test(aer_of_a_root_port_and_of_an_endpoint),
		cmocka_unit_test(aer_with_every_field_apart),
		cmocka_unit_test(serial_numbers_have_64_bits),
		cmocka_unit_test(access_control_and_its_egress_vector),
		cmocka_unit_test(address_translation),
		cmocka_unit_test(resizable_bars_tell_their_sizes),
		cmocka_unit_test(advanced_features),
		cmocka_unit_test(bridges_have_subsystem_ids_in_a_capability),
		cmocka_unit_test(virtio_capabilities_lead_into_bars),
		cmocka_unit_test(virtio_shared_memory_has_64_bits),
		cmocka_unit_test(other_vendors_capabilities_are_not_virtio),
		cmocka_unit_test(another_capability_is_not_taken_for_it),
		cmocka_unit_test(a_struct_of_another_age_is_filled_as_far_as_it_goes),
		cmocka_unit_test(a_capability_that_passes_the_end_of_its_space_is_refused),
		cmocka_unit_test(a_capability_that_passes_what_was_saved_is_out_of_range),
		cmocka_unit_test(what_lies_behind_a_flaw_is_not_decoded_but_where_the_caller_knows_it),
	};

	return cmocka_run_group_tests_name("pci decoders", tests, NULL, NULL);
}
