/* SPDX-License-Identifier: MIT */
/*
 * Capabilities of device models that are not ours, through the whole stack: what edu has not,
 * lists that go backward, extended space behind real root ports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rbdrv/rbdrv.h>

#define E1000E	   0x10d38086u
#define VIRTIO_NET 0x10411af4u

static struct rb_ctx *ctx; /* NULL where QEMU is not installed */

static int power_up(void **state)
{
	int rc = rb_ctx_new("qemu:e1000e,mac=52:54:00:12:34:56;"
			    "virtio-net-pci,disable-legacy=on,aer=on,ats=on", &ctx);

	(void)state;
	return rc == 0 || rc == -ENOTSUP ? 0 : -1;
}

static int power_down(void **state)
{
	(void)state;
	rb_ctx_unref(ctx);
	return 0;
}

static struct rb_pci_addr find(uint32_t id)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	struct rb_pci_addr addr;

	filter.vendor = (uint16_t)id;
	filter.device = (uint16_t)(id >> 16);
	assert_int_equal(rb_pci_scan(ctx, &filter, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 1);
	addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	rb_pci_list_close(list);
	return addr;
}

static struct rb_pci_view *look_at(uint32_t id)
{
	struct rb_pci_view *view = NULL;

	assert_int_equal(rb_pci_view_open(ctx, find(id), &view), 0);
	return view;
}

static void a_list_that_goes_backward_is_walked_whole(void **state)
{
	static const unsigned int want[][2] = {
		{ RB_PCI_CAP_PM, 0xc8 },      { RB_PCI_CAP_MSI, 0xd0 },
		{ RB_PCI_CAP_EXPRESS, 0xe0 }, { RB_PCI_CAP_MSIX, 0xa0 },
		{ RB_PCI_ECAP_AER, 0x100 },   { RB_PCI_ECAP_DSN, 0x140 },
	};
	struct rb_pci_view *view;
	struct rb_pci_caps *caps;
	size_t i;

	(void)state;
	if (!ctx)
		skip();
	view = look_at(E1000E);

	assert_int_equal(rb_pci_caps_scan(view, &caps), 0);

	assert_null(rb_pci_caps_flaw(caps));
	assert_int_equal(rb_pci_caps_count(caps), 6);
	for (i = 0; i < 6; i++) {
		assert_int_equal(rb_pci_cap_id(rb_pci_caps_get(caps, i)), want[i][0]);
		assert_int_equal(rb_pci_cap_offset(rb_pci_caps_get(caps, i)), want[i][1]);
	}
	rb_pci_caps_close(caps);
	rb_pci_view_close(view);
}

static void capabilities_of_e1000e_say_what_lspci_reads(void **state)
{
	struct rb_pci_express express = RB_PCI_EXPRESS_INIT;
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;
	struct rb_pci_aer aer = RB_PCI_AER_INIT;
	struct rb_pci_dsn dsn = RB_PCI_DSN_INIT;
	struct rb_pci_pm pm = RB_PCI_PM_INIT;
	struct rb_pci_view *view;

	(void)state;
	if (!ctx)
		skip();
	view = look_at(E1000E);

	assert_int_equal(rb_pci_view_size(view), 4096);
	assert_int_equal(rb_pci_read_pm(view, 0, &pm), 0);
	assert_int_equal(pm.version, 2);
	assert_true(pm.device_init);
	assert_int_equal(pm.state, 0);
	assert_int_equal(rb_pci_read_msix(view, 0, &msix), 0);
	assert_int_equal(msix.vectors, 5);
	assert_int_equal(msix.table_bar, 3);
	assert_int_equal(msix.table_off, 0);
	assert_int_equal(msix.pba_bar, 3);
	assert_int_equal(msix.pba_off, 0x2000);
	assert_int_equal(rb_pci_read_express(view, 0, &express), 0);
	assert_int_equal(express.type, RB_PCI_EXPRESS_ENDPOINT);
	assert_int_equal(express.version, 1);
	assert_int_equal(express.lnksta_speed_mts, 2500);
	assert_int_equal(express.lnksta_width, 1);
	assert_int_equal(rb_pci_read_aer(view, 0, &aer), 0);
	assert_int_equal(aer.version, 2);
	assert_false(aer.has_root);
	assert_int_equal(aer.correctable_mask & RB_PCI_AER_ADVISORY, RB_PCI_AER_ADVISORY);
	assert_int_equal(rb_pci_read_dsn(view, 0, &dsn), 0);
	assert_int_equal(dsn.serial, 0x525400ffff123456);
	rb_pci_view_close(view);
}

static void capabilities_of_virtio_lead_into_one_bar(void **state)
{
	struct rb_pci_virtio virtio = RB_PCI_VIRTIO_INIT;
	unsigned int seen = 0;
	struct rb_pci_view *view;
	struct rb_pci_caps *caps;
	size_t i;

	(void)state;
	if (!ctx)
		skip();
	view = look_at(VIRTIO_NET);
	assert_int_equal(rb_pci_caps_scan(view, &caps), 0);

	for (i = 0; i < rb_pci_caps_count(caps); i++) {
		const struct rb_pci_cap *cap = rb_pci_caps_get(caps, i);

		if (rb_pci_cap_is_extended(cap) || rb_pci_cap_id(cap) != RB_PCI_CAP_VENDOR)
			continue;
		assert_int_equal(rb_pci_read_virtio(view, rb_pci_cap_offset(cap), &virtio), 0);
		seen |= 1u << virtio.type;
		assert_int_equal(virtio.bar, virtio.type == RB_PCI_VIRTIO_PCI ? 0 : 4);
		if (virtio.type == RB_PCI_VIRTIO_NOTIFY)
			assert_int_equal(virtio.notify_multiplier, 4);
	}

	assert_int_equal(seen, 0x3e); /* types 1 to 5, each once */
	rb_pci_caps_close(caps);
	rb_pci_view_close(view);
}

static void a_device_behind_a_root_port_shows_what_the_view_from_outside_shows(void **state)
{
	static uint8_t looked[4096], opened[4096];
	struct rb_pci_ats ats = RB_PCI_ATS_INIT;
	struct rb_pci_view *view;
	struct rb_pci_dev *dev;
	unsigned int off = 0;

	(void)state;
	if (!ctx)
		skip();
	assert_int_equal(rb_pci_open(ctx, find(VIRTIO_NET), &dev), 0);
	view = look_at(VIRTIO_NET);

	assert_int_equal(rb_pci_view_read(view, 0, looked, sizeof(looked)), 0);
	assert_int_equal(rb_pci_view_read(rb_pci_view_dev(dev), 0, opened, sizeof(opened)), 0);
	assert_memory_equal(looked, opened, sizeof(looked));
	assert_int_equal(rb_pci_find_ext_cap(dev, RB_PCI_ECAP_ATS, &off), 0);
	assert_int_equal(rb_pci_read_ats(rb_pci_view_dev(dev), off, &ats), 0);
	assert_false(ats.enabled);
	assert_int_equal(ats.queue_depth, 32);
	rb_pci_view_close(view);
	rb_pci_unref(dev);
}

static void a_root_port_can_be_looked_at_though_it_is_not_listed(void **state)
{
	struct rb_pci_express express = RB_PCI_EXPRESS_INIT;
	struct rb_pci_subsystem subsystem = RB_PCI_SUBSYSTEM_INIT;
	struct rb_pci_view *view = NULL;
	unsigned int device, ports = 0;

	(void)state;
	if (!ctx)
		skip();
	for (device = 0; device < 32; device++) {
		if (rb_pci_view_open(ctx, rb_pci_addr_make(0, 0, device, 0), &view) < 0)
			continue;
		if (rb_pci_read_express(view, 0, &express) == 0 &&
		    express.type == RB_PCI_EXPRESS_ROOT_PORT && express.sltsta_present) {
			ports++;
			assert_true(express.has_slot && express.sltcap_hotplug);
			assert_true(express.lnksta_active);
			assert_int_equal(express.lnkcap2_speeds, 0x0f); /* up to 16 GT/s */
			assert_int_equal(rb_pci_read_subsystem(view, 0, &subsystem), 0);
			assert_int_equal(subsystem.subvendor, 0x1b36);
		}
		rb_pci_view_close(view);
	}

	assert_int_equal(ports, 2); /* e1000e and virtio-net, each behind its own */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_that_goes_backward_is_walked_whole),
		cmocka_unit_test(capabilities_of_e1000e_say_what_lspci_reads),
		cmocka_unit_test(capabilities_of_virtio_lead_into_one_bar),
		cmocka_unit_test(a_device_behind_a_root_port_shows_what_the_view_from_outside_shows),
		cmocka_unit_test(a_root_port_can_be_looked_at_though_it_is_not_listed),
	};

	return cmocka_run_group_tests_name("capabilities on qemu", tests, power_up, power_down);
}
