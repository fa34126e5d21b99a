/* SPDX-License-Identifier: MIT */
/* Views of configuration space, capabilities and their decoders, in every world. */
#include <errno.h>
#include <string.h>

#include "contract.h"

#define EDU_MSI 0x40 /* qemu-notes 4 */

static void looking_at_edu_shows_its_one_capability(struct stage *stage)
{
	const struct rb_pci_cap *cap;

	assert_ok(rb_pci_view_open(stage->ctx, find_edu(stage), &stage->view));
	assert_ok(rb_pci_caps_scan(stage->view, &stage->caps));

	assert_int_equal(rb_pci_caps_count(stage->caps), 1);
	assert_null(rb_pci_caps_flaw(stage->caps));
	cap = rb_pci_caps_get(stage->caps, 0);
	assert_int_equal(rb_pci_cap_id(cap), RB_PCI_CAP_MSI);
	assert_int_equal(rb_pci_cap_offset(cap), EDU_MSI);
	assert_int_equal(rb_pci_cap_length(cap), 14);
	assert_false(rb_pci_cap_is_extended(cap));
	assert_string_equal(rb_pci_cap_name(rb_pci_cap_id(cap), false), "MSI");
}

static void looking_does_not_keep_others_from_claiming(struct stage *stage)
{
	uint32_t id = 0;

	assert_ok(rb_pci_view_open(stage->ctx, find_edu(stage), &stage->view));
	claim_edu(stage);

	assert_ok(rb_pci_view_read32(stage->view, 0, &id));
	assert_int_equal(id, (uint32_t)EDU_DEVICE << 16 | EDU_VENDOR);
}

static void an_unopened_function_and_the_device_show_the_same(struct stage *stage)
{
	uint8_t looked[256], opened[256];

	claim_edu(stage);
	assert_ok(rb_pci_view_open(stage->ctx, rb_pci_info_addr(rb_pci_info(stage->dev)),
				   &stage->view));

	assert_int_equal(rb_pci_view_size(stage->view), 256);
	assert_int_equal(rb_pci_view_size(rb_pci_view_dev(stage->dev)), 256);
	assert_ok(rb_pci_view_read(stage->view, 0, looked, sizeof(looked)));
	assert_ok(rb_pci_view_read(rb_pci_view_dev(stage->dev), 0, opened, sizeof(opened)));

	assert_memory_equal(looked, opened, sizeof(looked));
}

static void saved_bytes_show_what_the_device_showed(struct stage *stage)
{
	struct rb_pci_msi live = RB_PCI_MSI_INIT, saved = RB_PCI_MSI_INIT;
	uint8_t bytes[256];

	claim_edu(stage);
	assert_ok(rb_pci_view_read(rb_pci_view_dev(stage->dev), 0, bytes, sizeof(bytes)));
	assert_ok(rb_pci_view_bytes(bytes, sizeof(bytes), &stage->view));

	assert_ok(rb_pci_read_msi(rb_pci_view_dev(stage->dev), 0, &live));
	assert_ok(rb_pci_read_msi(stage->view, 0, &saved));

	assert_int_equal(live.off, EDU_MSI);
	assert_true(live.is_64bit);
	assert_false(live.enabled || live.maskable);
	assert_int_equal(live.messages, 1);
	assert_int_equal(live.off, saved.off);
	assert_int_equal(live.raw_control, saved.raw_control);
	assert_int_equal(live.address.value, saved.address.value);
	assert_int_equal(live.data, saved.data);
}

static void messages_in_use_are_seen_from_outside(struct stage *stage)
{
	struct rb_pci_msi msi = RB_PCI_MSI_INIT;

	open_edu_irqs(stage, RB_IRQ_MSI);
	assert_ok(rb_pci_view_open(stage->ctx, rb_pci_info_addr(rb_pci_info(stage->dev)),
				   &stage->view));

	assert_ok(rb_pci_read_msi(stage->view, EDU_MSI, &msi));

	assert_true(msi.enabled);
	assert_int_equal(msi.address.value >> 20, 0xfee); /* where messages go on x86 */
}

static void what_edu_has_not_is_not_found(struct stage *stage)
{
	struct rb_pci_express express = RB_PCI_EXPRESS_INIT;
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;
	struct rb_pci_aer aer = RB_PCI_AER_INIT;
	struct rb_pci_dsn dsn = RB_PCI_DSN_INIT;
	struct rb_pci_acs acs = RB_PCI_ACS_INIT;
	struct rb_pci_ats ats = RB_PCI_ATS_INIT;
	struct rb_pci_resizable_bar resizable = RB_PCI_RESIZABLE_BAR_INIT;
	struct rb_pci_subsystem subsystem = RB_PCI_SUBSYSTEM_INIT;
	struct rb_pci_virtio virtio = RB_PCI_VIRTIO_INIT;
	struct rb_pci_pm pm = RB_PCI_PM_INIT;
	struct rb_pci_af af = RB_PCI_AF_INIT;
	struct rb_pci_view *view;
	unsigned int off;

	claim_edu(stage);
	view = rb_pci_view_dev(stage->dev);

	assert_int_equal(rb_pci_read_express(view, 0, &express), -ENOENT);
	assert_int_equal(rb_pci_read_msix(view, 0, &msix), -ENOENT);
	assert_int_equal(rb_pci_read_pm(view, 0, &pm), -ENOENT);
	assert_int_equal(rb_pci_read_af(view, 0, &af), -ENOENT);
	assert_int_equal(rb_pci_read_virtio(view, 0, &virtio), -ENOENT);
	assert_int_equal(rb_pci_read_subsystem(view, 0, &subsystem), -ENOENT);
	assert_int_equal(rb_pci_read_aer(view, 0, &aer), -ENOENT);
	assert_int_equal(rb_pci_read_dsn(view, 0, &dsn), -ENOENT);
	assert_int_equal(rb_pci_read_acs(view, 0, &acs), -ENOENT);
	assert_int_equal(rb_pci_read_ats(view, 0, &ats), -ENOENT);
	assert_int_equal(rb_pci_read_resizable_bar(view, 0, &resizable), -ENOENT);
	assert_int_equal(rb_pci_read_msix(view, EDU_MSI, &msix), -EINVAL);
	assert_int_equal(rb_pci_find_ext_cap(stage->dev, RB_PCI_ECAP_AER, &off), -ENOENT);
	assert_int_equal(rb_pci_view_find_cap(view, RB_PCI_CAP_PM, &off), -ENOENT);
	assert_int_equal(rb_pci_view_find_ext_cap(view, RB_PCI_ECAP_DSN, &off), -ENOENT);
}

static void nothing_is_seen_where_nothing_is(struct stage *stage)
{
	assert_int_equal(rb_pci_view_open(stage->ctx, rb_pci_addr_make(0, 0xfe, 31, 7),
					  &stage->view),
			 -ENOENT);
	assert_null(stage->view);
}

static void without_permission_nothing_can_be_looked_at(struct stage *stage)
{
	assert_ok(rb_pci_scan(stage->ctx, NULL, &stage->list));

	assert_int_equal(rb_pci_view_open(stage->ctx,
					  rb_pci_info_addr(rb_pci_list_get(stage->list, 0)),
					  &stage->view),
			 -EACCES);
	assert_null(stage->view);
}

static const struct scenario scenarios[] = {
	SCENARIO(looking_at_edu_shows_its_one_capability),
	SCENARIO(looking_does_not_keep_others_from_claiming),
	SCENARIO(an_unopened_function_and_the_device_show_the_same),
	SCENARIO_WITH(an_unopened_function_and_the_device_show_the_same, ";access=off;config=on"),
	SCENARIO(saved_bytes_show_what_the_device_showed),
	SCENARIO(messages_in_use_are_seen_from_outside),
	SCENARIO(what_edu_has_not_is_not_found),
	SCENARIO(nothing_is_seen_where_nothing_is),
	SCENARIO_WITH(without_permission_nothing_can_be_looked_at, ";uid=1000"),
};

int main(void)
{
	return RUN_SCENARIOS("capabilities", scenarios);
}
