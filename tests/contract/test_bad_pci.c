/* SPDX-License-Identifier: MIT */
/*
 * test_bad_pci.c - functions that no specification allows, in every profile: lists of
 * capabilities in circles, backward and out of bounds, BARs of no size and of 2^63
 * bytes, an MSI-X table outside its BAR, header types that lie, devices that go away in
 * the middle of a look.
 *
 * Each is a device of the mock. A scan lists it, a driver may open it and walk it; what
 * cannot be true is said in a sentence, and nothing is left behind.
 */
#include <stdio.h>
#include <string.h>

#include <rbdrv/mock.h>

#include "contract.h"

static const char *const machines[] = {
	"mock:profile=redox-2025",
	"mock:profile=base-2026",
	"mock:profile=redbear-2026",
};
#define MACHINES (sizeof(machines) / sizeof(machines[0]))

/* A function and what a driver has of it. */
struct look {
	struct rb_ctx *ctx;
	struct rb_mock_dev *mock;
	struct rb_pci_dev *dev;
	struct rb_pci_caps *caps;
};

/* A plain device, and what @arg, a function, makes of it. */
struct lie {
	void (*tell)(struct rb_mock_dev *dev);
};

static int build(struct rb_mock_dev *dev, void *arg)
{
	const struct lie *lie = arg;
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	ids.vendor = 0x1234;
	ids.device = 0xbad0;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ram(dev, 0, 4096, 0);
	lie->tell(dev);
	return 0;
}

static void open_look(struct look *look, const char *machine, void (*tell)(struct rb_mock_dev *))
{
	struct lie lie = { tell };

	memset(look, 0, sizeof(*look));
	assert_ok(rb_ctx_new(machine, &look->ctx));
	assert_ok(rb_mock_add(look->ctx, "liar", build, &lie, &look->mock));
	assert_ok(rb_pci_open(look->ctx, rb_mock_addr(look->mock), &look->dev));
}

static void walk(struct look *look)
{
	assert_ok(rb_pci_caps_scan(rb_pci_view_dev(look->dev), &look->caps));
}

static void close_look(struct look *look)
{
	rb_pci_caps_close(look->caps);
	rb_pci_unref(look->dev);
	assert_int_equal(rb_ctx_live(look->ctx, NULL, 0), 0);
	assert_int_equal(rb_mock_verify(look->ctx), 0);
	rb_ctx_unref(look->ctx);
}

/* The list's offsets are @want, and a flaw is told, or none. */
static void assert_walk(struct look *look, const unsigned int *want, size_t count, bool flawed)
{
	const char *flaw;
	size_t i;

	walk(look);
	flaw = rb_pci_caps_flaw(look->caps);
	if ((flaw != NULL) != flawed)
		fail_msg("the flaw is '%s'", flaw ? flaw : "none");
	assert_int_equal(rb_pci_caps_count(look->caps), count);
	for (i = 0; i < count; i++)
		assert_int_equal(rb_pci_cap_offset(rb_pci_caps_get(look->caps, i)), want[i]);
}

/* Every profile sees the same list. */
static void expect_walk(void (*tell)(struct rb_mock_dev *), const unsigned int *want, size_t count,
			bool flawed)
{
	struct look look;
	size_t i;

	for (i = 0; i < MACHINES; i++) {
		open_look(&look, machines[i], tell);
		assert_walk(&look, want, count, flawed);
		close_look(&look);
	}
}

/* The list begins at @first. */
static void begin_list(struct rb_mock_dev *dev, unsigned int first)
{
	rb_mock_cfg_raw(dev, 0x04, 0x00100000, 0x0547);
	rb_mock_cfg_raw(dev, 0x34, first, 0);
}

/* --- lists ------------------------------------------------------------------------------- */

static void self_looping(struct rb_mock_dev *dev)
{
	begin_list(dev, 0x40);
	rb_mock_cfg_raw(dev, 0x40, 0x00034009, 0);
}

static void a_capability_that_points_to_itself_is_found_once(void **state)
{
	static const unsigned int want[] = { 0x40 };

	(void)state;
	expect_walk(self_looping, want, 1, true);
}

static void circling(struct rb_mock_dev *dev)
{
	begin_list(dev, 0x40);
	rb_mock_cfg_raw(dev, 0x40, 0x00038009, 0);
	rb_mock_cfg_raw(dev, 0x80, 0x0003c009, 0);
	rb_mock_cfg_raw(dev, 0xc0, 0x00038009, 0);
}

static void a_circle_ends_where_it_closes(void **state)
{
	static const unsigned int want[] = { 0x40, 0x80, 0xc0 };

	(void)state;
	expect_walk(circling, want, 3, true);
}

static void backward(struct rb_mock_dev *dev)
{
	begin_list(dev, 0xf0);
	rb_mock_cfg_raw(dev, 0xf0, 0x0003a009, 0);
	rb_mock_cfg_raw(dev, 0xa0, 0x00034409, 0);
	rb_mock_cfg_raw(dev, 0x44, 0x00030009, 0);
}

static void a_list_may_run_backward(void **state)
{
	static const unsigned int want[] = { 0xf0, 0xa0, 0x44 };

	(void)state;
	expect_walk(backward, want, 3, false);
}

static void at_zero(struct rb_mock_dev *dev)
{
	begin_list(dev, 0x00);
}

static void a_pointer_of_zero_is_an_empty_list(void **state)
{
	(void)state;
	expect_walk(at_zero, NULL, 0, false);
}

static void in_the_header(struct rb_mock_dev *dev)
{
	begin_list(dev, 0x40);
	rb_mock_cfg_raw(dev, 0x40, 0x00030c09, 0);
}

static void a_pointer_into_the_header_ends_the_list(void **state)
{
	static const unsigned int want[] = { 0x40 };

	(void)state;
	expect_walk(in_the_header, want, 1, true);
}

static void at_the_end(struct rb_mock_dev *dev)
{
	begin_list(dev, 0xfc);
	rb_mock_cfg_raw(dev, 0xfc, 0x00000005, 0);
}

/* MSI takes ten bytes at least, and four are left. */
static void a_capability_at_0xfc_is_listed_and_its_decoder_refuses(void **state)
{
	static const unsigned int want[] = { 0xfc };
	struct rb_pci_msi msi = RB_PCI_MSI_INIT;
	struct look look;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < MACHINES; i++) {
		open_look(&look, machines[i], at_the_end);
		walk(&look);
		assert_int_equal(rb_pci_caps_count(look.caps), 1);
		assert_int_equal(rb_pci_cap_offset(rb_pci_caps_get(look.caps, 0)), want[0]);
		rc = rb_pci_read_msi(rb_pci_view_dev(look.dev), 0xfc, &msi);
		assert_true(rc == -ERANGE || rc == -EPROTO);
		close_look(&look);
	}
}

static void ones_in_the_list(struct rb_mock_dev *dev)
{
	begin_list(dev, 0x40);
	rb_mock_cfg_raw(dev, 0x40, 0x00036009, 0);
	rb_mock_cfg_raw(dev, 0x60, 0xffffffff, 0);
}

static void all_ones_in_a_list_end_it_and_the_device_is_still_there(void **state)
{
	struct look look;
	size_t i;

	(void)state;
	for (i = 0; i < MACHINES; i++) {
		open_look(&look, machines[i], ones_in_the_list);
		walk(&look);
		assert_non_null(rb_pci_caps_flaw(look.caps));
		assert_true(rb_pci_caps_count(look.caps) >= 1);
		assert_false(rb_pci_is_gone(look.dev));
		close_look(&look);
	}
}

static void circling_above(struct rb_mock_dev *dev)
{
	rb_mock_cap_pcie(dev, RB_MOCK_PCIE_ROOT_PORT); /* on bus 0 only these show more */
	rb_mock_cfg_raw(dev, 0x100, 0x20010001, 0);
	rb_mock_cfg_raw(dev, 0x200, 0x10010003, 0);
}

static void a_circle_of_extended_capabilities_ends_where_it_closes(void **state)
{
	static const unsigned int want[] = { 0x40, 0x100, 0x200 };

	(void)state;
	expect_walk(circling_above, want, 3, true);
}

static void below_its_space(struct rb_mock_dev *dev)
{
	rb_mock_cap_pcie(dev, RB_MOCK_PCIE_ROOT_PORT);
	rb_mock_cfg_raw(dev, 0x100, 0x04010001, 0);
}

static void an_extended_capability_below_0x100_ends_the_list(void **state)
{
	static const unsigned int want[] = { 0x40, 0x100 };

	(void)state;
	expect_walk(below_its_space, want, 2, true);
}

/* --- devices that go --------------------------------------------------------------------- */

static void many_capabilities(struct rb_mock_dev *dev)
{
	rb_mock_cap_pcie(dev, RB_MOCK_PCIE_ROOT_PORT);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	rb_mock_cap_pm(dev, 0);
	rb_mock_cap_ext(dev, 0x0001, 2, NULL, NULL, NULL, 0);
	rb_mock_cap_ext(dev, 0x0003, 1, NULL, NULL, NULL, 0);
}

static uint32_t leave(struct rb_mock_dev *dev, void *arg, unsigned int off, unsigned int width,
		      uint32_t val)
{
	unsigned int *left = arg;

	(void)off;
	(void)width;
	if (*left > 0) {
		(*left)--;
		return val;
	}
	rb_mock_remove(dev);
	return UINT32_MAX;
}

/* Whatever read finds it gone: what was found stands, or the walk says so. */
static void a_device_may_go_at_any_read_of_a_walk(void **state)
{
	unsigned int reads, left;
	struct look look;
	bool whole = false;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < MACHINES; i++) {
		for (reads = 0, whole = false; !whole; reads++) {
			assert_true(reads < 200);
			open_look(&look, machines[i], many_capabilities);
			left = reads;
			assert_ok(rb_mock_on_config(look.mock, leave, &left));
			rc = rb_pci_caps_scan(rb_pci_view_dev(look.dev), &look.caps);
			assert_true(rc == 0 || rc == -ENODEV);
			if (rc == 0 && !rb_pci_caps_flaw(look.caps)) {
				whole = true;
				assert_int_equal(rb_pci_caps_count(look.caps), 5);
			} else if (rc == -ENODEV) {
				assert_null(look.caps);
				assert_true(rb_pci_is_gone(look.dev));
			}
			close_look(&look);
		}
		assert_true(reads > 5);
	}
}

/* --- BARs -------------------------------------------------------------------------------- */

static void size_zero(struct rb_mock_dev *dev)
{
	rb_mock_cfg_raw(dev, 0x18, 0x00000004, 0); /* 64 bits of which none can be written */
	rb_mock_cfg_raw(dev, 0x1c, 0x00000000, 0);
}

static void size_of_2_to_the_63(struct rb_mock_dev *dev)
{
	rb_mock_cfg_raw(dev, 0x18, 0x00000004, 0);
	rb_mock_cfg_raw(dev, 0x1c, 0x00000000, 0x80000000);
}

static void with_holes(struct rb_mock_dev *dev)
{
	rb_mock_cfg_raw(dev, 0x18, 0xe0000000, 0xf00f0000);
}

static void without_its_upper_half(struct rb_mock_dev *dev)
{
	rb_mock_cfg_raw(dev, 0x24, 0xe0000004, 0xffff0000);
}

/* BAR 2 or 5 is not believed, and BAR 0 is as good as ever. */
static void assert_no_bar(void (*tell)(struct rb_mock_dev *), unsigned int bar)
{
	struct rb_mmio *regs;
	struct look look;
	size_t i;

	for (i = 0; i < MACHINES; i++) {
		open_look(&look, machines[i], tell);
		assert_int_equal(rb_pci_bar_kind(look.dev, bar), RB_PCI_BAR_NONE);
		assert_int_not_equal(rb_mmio_map(look.dev, bar, 0, 0, 0, &regs), 0);
		assert_null(regs);
		assert_int_equal(rb_pci_bar_size(look.dev, 0), 4096);
		assert_ok(rb_mmio_map(look.dev, 0, 0, 0, 0, &regs));
		assert_int_equal(rb_mmio_read32(regs, 0), 0);
		rb_mmio_close(regs);
		close_look(&look);
	}
}

static void a_bar_of_no_size_is_none(void **state)
{
	(void)state;
	assert_no_bar(size_zero, 2);
}

static void a_bar_of_2_to_the_63_bytes_is_none_and_says_why(void **state)
{
	struct look look;
	size_t i;

	(void)state;
	assert_no_bar(size_of_2_to_the_63, 2);
	for (i = 0; i < MACHINES; i++) {
		open_look(&look, machines[i], size_of_2_to_the_63);
		assert_non_null(rb_pci_bar_flaw(look.dev, 2));
		close_look(&look);
	}
}

/* The lowest bit that can be written is the size, whatever is above (PCI 3.0, 6.2.5.1). */
static void a_bar_with_holes_in_its_size_has_the_lowest(void **state)
{
	struct look look;
	size_t i;

	(void)state;
	for (i = 0; i < MACHINES; i++) {
		open_look(&look, machines[i], with_holes);
		assert_int_equal(rb_pci_bar_size(look.dev, 2), 0x10000);
		close_look(&look);
	}
}

static void a_64_bit_bar_without_an_upper_half_is_none(void **state)
{
	(void)state;
	assert_no_bar(without_its_upper_half, 5);
}

/* --- MSI-X --------------------------------------------------------------------------------- */

static void table_outside(struct rb_mock_dev *dev)
{
	begin_list(dev, 0x40);
	rb_mock_cfg_raw(dev, 0x40, 0x07ff0011, 0xc0000000); /* 2048 vectors */
	rb_mock_cfg_raw(dev, 0x44, 0xfffffff8, 0); /* BAR 0, 4096 bytes */
	rb_mock_cfg_raw(dev, 0x48, 0x00000007, 0); /* there is no BAR 7 */
}

static void an_msix_table_outside_its_bar_is_shown_and_not_used(void **state)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;
	struct rb_irq_set *irqs;
	struct look look;
	size_t i;

	(void)state;
	options.kinds = RB_IRQ_MSIX;
	for (i = 0; i < MACHINES; i++) {
		open_look(&look, machines[i], table_outside);
		assert_ok(rb_pci_read_msix(rb_pci_view_dev(look.dev), 0, &msix));
		assert_int_equal(msix.vectors, 2048);
		assert_int_equal(msix.table_off, 0xfffffff8);
		assert_int_equal(msix.pba_bar, 7);
		assert_true(rb_irq_set_open(look.dev, &options, &irqs) < 0);
		assert_null(irqs);
		close_look(&look);
	}
}

/* --- header types ------------------------------------------------------------------------ */

/* Bit 7 that nobody keeps, or that nobody announced; a type that does not exist. */
static void header_types_that_lie_are_survived(void **state)
{
	static const uint32_t types[] = { 0x80, 0x00, 0x7e, 0x02, 0x01, 0xff };
	struct lie plain = { at_zero };
	struct rb_mock_dev *dev;
	struct rb_pci_list *list;
	struct rb_ctx *ctx;
	size_t i, j;

	(void)state;
	for (i = 0; i < MACHINES; i++) {
		for (j = 0; j < sizeof(types) / sizeof(types[0]); j++) {
			assert_ok(rb_ctx_new(machines[i], &ctx));
			assert_ok(rb_mock_add(ctx, "liar", build, &plain, &dev));
			assert_ok(rb_mock_cfg_raw(dev, 0x0c, types[j] << 16, 0));
			assert_ok(rb_mock_add(ctx, "honest", build, &plain, NULL));

			assert_ok(rb_pci_scan(ctx, NULL, &list));

			/* pcid lists what has a header of type 0 (contract 4.1) */
			assert_int_equal(rb_pci_list_count(list),
					 (types[j] & 0x7f) == 0 ? 2 : 1);
			rb_pci_list_close(list);
			assert_int_equal(rb_mock_verify(ctx), 0);
			rb_ctx_unref(ctx);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_capability_that_points_to_itself_is_found_once),
		cmocka_unit_test(a_circle_ends_where_it_closes),
		cmocka_unit_test(a_list_may_run_backward),
		cmocka_unit_test(a_pointer_of_zero_is_an_empty_list),
		cmocka_unit_test(a_pointer_into_the_header_ends_the_list),
		cmocka_unit_test(a_capability_at_0xfc_is_listed_and_its_decoder_refuses),
		cmocka_unit_test(all_ones_in_a_list_end_it_and_the_device_is_still_there),
		cmocka_unit_test(a_circle_of_extended_capabilities_ends_where_it_closes),
		cmocka_unit_test(an_extended_capability_below_0x100_ends_the_list),
		cmocka_unit_test(a_device_may_go_at_any_read_of_a_walk),
		cmocka_unit_test(a_bar_of_no_size_is_none),
		cmocka_unit_test(a_bar_of_2_to_the_63_bytes_is_none_and_says_why),
		cmocka_unit_test(a_bar_with_holes_in_its_size_has_the_lowest),
		cmocka_unit_test(a_64_bit_bar_without_an_upper_half_is_none),
		cmocka_unit_test(an_msix_table_outside_its_bar_is_shown_and_not_used),
		cmocka_unit_test(header_types_that_lie_are_survived),
	};

	return cmocka_run_group_tests_name("bad functions", tests, NULL, NULL);
}
