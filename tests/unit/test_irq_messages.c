/* SPDX-License-Identifier: MIT */
/* test_irq_messages.c - MSI-X and MSI of several messages: kinds, tables, masks, resets. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/irq.h>
#include <rbdrv/pci_match.h>

#include "fake_irq.h"
#include "pci/pci_dev.h"

struct world {
	struct fake *fake;
	struct rb_pci_dev *dev;
	struct rb_irq_set *set;
};

static struct world world;

/* Eight messages of each kind, both maskable; the table at an odd place. */
static int plug_in(void **state)
{
	memset(&world, 0, sizeof(world));
	world.fake = fake_new(NULL);
	fake_give_msi(world.fake, 3, true);
	fake_give_msix(world.fake, 8, 2, 0x1238, 4, 0x0ff8);
	world.dev = fake_open_device(world.fake);
	*state = &world;
	return 0;
}

static int unplug(void **state)
{
	struct world *w = *state;

	rb_irq_set_close(w->set);
	rb_pci_unref(w->dev);
	assert_int_equal(fake_watched(w->fake, FAKE_IRQ), 0);
	assert_int_equal(w->fake->msix.stray, 0);
	fake_free(w->fake);
	return 0;
}

/* The device was changed: look at it anew. */
static void replug(struct world *w)
{
	rb_pci_unref(w->dev);
	w->dev = fake_open_device(w->fake);
}

static int open_set(struct world *w, uint32_t kinds, uint32_t min, uint32_t max)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.kinds = kinds;
	options.min = min;
	options.max = max;
	return rb_irq_set_open(w->dev, &options, &w->set);
}

static void close_set(struct world *w)
{
	rb_irq_set_close(w->set);
	w->set = NULL;
}

static uint64_t taken(struct world *w, unsigned int vector)
{
	uint64_t count = 4711;

	assert_int_equal(rb_irq_take(w->set, vector, &count), 0);
	return count;
}

static bool is_pending(struct world *w, unsigned int vector)
{
	bool pending = true;

	assert_int_equal(rb_irq_pending(w->set, vector, &pending), 0);
	return pending;
}

static int plug_in_msix(void **state)
{
	plug_in(state);
	assert_int_equal(open_set(*state, RB_IRQ_MSIX, 5, 5), 0);
	return 0;
}

static int plug_in_msi(void **state)
{
	plug_in(state);
	assert_int_equal(open_set(*state, RB_IRQ_MSI, 4, 4), 0);
	return 0;
}

static int plug_in_intx(void **state)
{
	plug_in(state);
	assert_int_equal(open_set(*state, RB_IRQ_INTX, 1, 1), 0);
	return 0;
}

/* --- which kind ------------------------------------------------------------------------------- */

static void expect_kind(struct world *w, const struct rb_irq_options *options,
			enum rb_irq_kind kind, unsigned int count)
{
	assert_int_equal(rb_irq_set_open(w->dev, options, &w->set), 0);
	assert_int_equal(rb_irq_set_kind(w->set), kind);
	assert_int_equal(rb_irq_set_count(w->set), count);
	close_set(w);
}

static void the_default_order_is_msix_then_msi_then_the_pin(void **state)
{
	struct world *w = *state;
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.max = 6;
	expect_kind(w, &options, RB_IRQ_MSIX, 6);
	options.kinds = RB_IRQ_MSI | RB_IRQ_INTX;
	expect_kind(w, &options, RB_IRQ_MSI, 4);
	options.kinds = RB_IRQ_INTX;
	expect_kind(w, &options, RB_IRQ_INTX, 1);
}

static void the_callers_order_is_followed(void **state)
{
	struct world *w = *state;
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.max = 8;
	options.order[0] = RB_IRQ_INTX;
	expect_kind(w, &options, RB_IRQ_INTX, 1);

	options.order[0] = RB_IRQ_MSI;
	options.order[1] = RB_IRQ_INTX;
	expect_kind(w, &options, RB_IRQ_MSI, 8);

	/* a kind that is not allowed may stand in it; those not named come after */
	options.order[0] = RB_IRQ_MSI;
	options.order[1] = 0;
	options.kinds = RB_IRQ_MSIX | RB_IRQ_INTX;
	expect_kind(w, &options, RB_IRQ_MSIX, 8);

	/* what cannot give min hands over, in the caller's order */
	options.kinds = 0;
	options.order[0] = RB_IRQ_INTX;
	options.order[1] = RB_IRQ_MSI;
	options.min = 2;
	expect_kind(w, &options, RB_IRQ_MSI, 8);
}

static void an_order_that_makes_no_sense_is_refused(void **state)
{
	static const uint8_t orders[][4] = {
		{ 3, 0, 0, 0 },
		{ 8, 0, 0, 0 },
		{ RB_IRQ_MSI, RB_IRQ_MSI, 0, 0 },
		{ RB_IRQ_MSI, 0, RB_IRQ_INTX, 0 },
		{ 0, 0, 0, RB_IRQ_MSI },
		{ RB_IRQ_MSIX, RB_IRQ_MSI, RB_IRQ_INTX, RB_IRQ_MSI },
	};
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		memcpy(options.order, orders[i], sizeof(options.order));
		assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -EINVAL);
		assert_null(w->set);
	}
}

static void other_options_that_make_no_sense_are_refused(void **state)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct world *w = *state;

	options.flags = 4;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -EINVAL);
	options.flags = 0;
	options.spin_us = 10001;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -EINVAL);
	options.spin_us = 10000;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), 0);
}

static void a_kind_gives_as_many_as_device_and_redox_have(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_set(w, RB_IRQ_MSIX, 1, UINT32_MAX), 0);
	assert_int_equal(rb_irq_set_count(w->set), 8);
	close_set(w);
	assert_int_equal(open_set(w, RB_IRQ_MSI, 1, UINT32_MAX), 0);
	assert_int_equal(rb_irq_set_count(w->set), 8);
	close_set(w);
	assert_int_equal(open_set(w, RB_IRQ_MSIX, 9, 9), -ENOTSUP);
	assert_int_equal(open_set(w, RB_IRQ_MSI, 9, 9), -ENOTSUP);
	assert_int_equal(open_set(w, RB_IRQ_MSI, 33, 33), -ENOTSUP);
	assert_int_equal(open_set(w, 0, 300, 300), -ENOTSUP);
}

static void a_range_without_a_power_of_two_is_not_for_msi(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_set(w, RB_IRQ_MSI, 3, 3), -ENOTSUP);
	assert_non_null(strstr(rb_last_error(), "powers of two"));
	assert_int_equal(open_set(w, RB_IRQ_MSI, 5, 7), -ENOTSUP);
	assert_int_equal(open_set(w, RB_IRQ_MSI, 3, 5), 0);
	assert_int_equal(rb_irq_set_count(w->set), 4);
}

static void ranges_shrink_before_the_next_kind_is_tried(void **state)
{
	struct world *w = *state;
	unsigned int n;

	for (n = 0; n < 256; n++)
		w->fake->is_stolen[n] = n < 101 || n > 103; /* 101-103: a pair at most */
	assert_int_equal(open_set(w, 0, 1, 8), 0);
	assert_int_equal(rb_irq_set_kind(w->set), RB_IRQ_MSIX);
	assert_int_equal(rb_irq_set_count(w->set), 3);
	close_set(w);

	assert_int_equal(open_set(w, RB_IRQ_MSI, 1, 8), 0);
	assert_int_equal(rb_irq_set_count(w->set), 2);
	close_set(w);

	/* too few for either kind of messages */
	assert_int_equal(open_set(w, 0, 4, 8), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "vector"));
}

static void on_a_cpu_the_message_names_it(void **state)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct world *w = *state;

	w->fake->others = 3;
	options.flags = RB_IRQ_ON_CPU;
	options.cpu = 2;
	options.max = 2;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), 0);

	assert_int_equal(rb_irq_set_cpu(w->set, 0), 2);
	assert_int_equal(rb_irq_set_cpu(w->set, 1), 2);
	assert_int_equal(rb_irq_set_cpu(w->set, 2), -EINVAL);
	assert_int_equal(w->fake->msix.table[1][0], 0xfee02000);
	assert_int_equal(fake_send(w->fake, 1), 1);
	assert_int_equal(taken(w, 1), 1);
	close_set(w);

	options.cpu = 4;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -ENOENT);
	options.cpu = 2;
	options.kinds = RB_IRQ_INTX;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -ENOTSUP);
}

/* --- MSI-X: the order of programming ------------------------------------------------------------ */

static void the_table_is_whole_before_anything_is_unmasked(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_set(w, RB_IRQ_MSIX, 5, 5), 0);

	/* function masked, entries written, on, entries unmasked, function unmasked */
	assert_string_equal(w->fake->steps, "FwEmf");
	assert_int_equal(fake_config(w->fake, FAKE_MSIX_CAP), 0x80070011); /* bit 15, not 14 */
	assert_true(fake_command(w->fake) & 0x400);
	assert_false(fake_msi_is_on(w->fake));
}

static void entries_hold_the_messages_and_only_ours_are_unmasked(void **state)
{
	struct world *w = *state;
	unsigned int i;

	for (i = 0; i < 8; i++)
		w->fake->msix.table[i][3] = 0xabcd0000; /* somebody left them unmasked */
	assert_int_equal(open_set(w, RB_IRQ_MSIX, 5, 5), 0);

	assert_string_equal(w->fake->steps, "FMwEmf");
	for (i = 0; i < 8; i++) {
		if (i < 5) {
			assert_int_equal(w->fake->msix.table[i][0], 0xfee00000);
			assert_int_equal(w->fake->msix.table[i][1], 0);
			assert_int_equal(w->fake->msix.table[i][2], 18 + 32 + i);
		}
		/* reserved bits keep their values */
		assert_int_equal(w->fake->msix.table[i][3], 0xabcd0000 | (i >= 5));
	}
}

static void closing_masks_again_before_msix_goes_off(void **state)
{
	struct world *w = *state;
	unsigned int i;

	memset(w->fake->steps, 0, sizeof(w->fake->steps));
	w->fake->step_count = 0;
	close_set(w);

	assert_string_equal(w->fake->steps, "FMe");
	for (i = 0; i < 8; i++)
		assert_int_equal(w->fake->msix.table[i][3] & 1, 1);
	assert_int_equal(fake_config(w->fake, FAKE_MSIX_CAP), 0x40070011);
	assert_int_equal(fake_send(w->fake, 0), 0);
}

static void each_vector_counts_for_itself(void **state)
{
	struct world *w = *state;
	unsigned int i, j;

	for (i = 0; i < 5; i++)
		for (j = 0; j <= i; j++)
			assert_int_equal(fake_send(w->fake, i), 1);
	for (i = 0; i < 5; i++)
		assert_int_equal(taken(w, i), i + 1);
	for (i = 0; i < 5; i++)
		assert_int_equal(taken(w, i), 0);
}

/* --- MSI-X: where the table is ------------------------------------------------------------------- */

static void the_table_may_be_in_any_bar_at_any_offset(void **state)
{
	static const uint32_t offsets[] = { 0, 8, 0xff8, 0x1000, 0x1ff8, 0x8008,
					    FAKE_BAR_SIZE - 8 * 16 };
	struct world *w = *state;
	unsigned int bar;
	size_t i;

	for (bar = 0; bar < FAKE_BARS; bar++) {
		for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
			fake_give_msix(w->fake, 8, bar, offsets[i], 5 - bar,
				       offsets[i] ^ 0x4000);
			replug(w);
			assert_int_equal(open_set(w, RB_IRQ_MSIX, 8, 8), 0);
			assert_int_equal(fake_send(w->fake, 7), 1);
			assert_int_equal(taken(w, 7), 1);
			close_set(w);
		}
	}
	assert_int_equal(w->fake->msix.stray, 0);
}

static void expect_no_msix(struct world *w)
{
	replug(w);
	assert_int_equal(open_set(w, RB_IRQ_MSIX, 1, 1), -ENOTSUP);
	assert_null(w->set);
	assert_int_equal(open_set(w, 0, 1, 1), 0);
	assert_int_equal(rb_irq_set_kind(w->set), RB_IRQ_MSI);
	assert_true(fake_msi_is_on(w->fake));
	close_set(w);
}

static void a_table_past_the_end_of_its_bar_is_none(void **state)
{
	static const uint32_t offsets[] = { FAKE_BAR_SIZE - 8 * 16 + 8, FAKE_BAR_SIZE, 0xfffffff8 };
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		fake_give_msix(w->fake, 8, 0, offsets[i], 0, 0);
		expect_no_msix(w);
		assert_non_null(strstr(rb_last_error(), "passes the end"));
	}
	fake_give_msix(w->fake, 8, 0, 0, 0, FAKE_BAR_SIZE); /* and its pending bits */
	expect_no_msix(w);
}

static void a_table_in_ports_is_none(void **state)
{
	struct world *w = *state;

	w->fake->bar_is_io[3] = 1;
	fake_give_msix(w->fake, 8, 3, 0, 0, 0);
	expect_no_msix(w);
	fake_give_msix(w->fake, 8, 0, 0, 3, 0);
	expect_no_msix(w);
}

static void a_table_in_a_reserved_place_is_none(void **state)
{
	struct world *w = *state;
	unsigned int bar;

	w->fake->has_rom = true; /* its number here is 6 */
	for (bar = 6; bar < 8; bar++) {
		fake_give_msix(w->fake, 8, bar, 0, 0, 0);
		expect_no_msix(w);
		fake_give_msix(w->fake, 8, 0, 0, bar, 0);
		expect_no_msix(w);
	}
	fake_give_msix(w->fake, 8, 255, 0, 0, 0);
	expect_no_msix(w);
}

static void a_table_in_a_bar_that_is_not_there_or_has_no_address_is_none(void **state)
{
	struct world *w = *state;

	w->fake->bars_have_no_address = true;
	expect_no_msix(w);
	w->fake->has_no_bars = true;
	expect_no_msix(w);
}

static void a_table_at_an_odd_offset_makes_no_sense(void **state)
{
	struct world *w = *state;

	fake_give_msix(w->fake, 8, 0, 0, 0, 0x1000);
	w->fake->msix.off = 4; /* as the server tells it */
	replug(w);
	assert_int_equal(open_set(w, RB_IRQ_MSIX, 1, 1), -EPROTO);
}

static void a_server_that_refuses_its_own_msix_makes_no_sense(void **state)
{
	struct world *w = *state;

	w->fake->msix_is_refused = true;
	assert_int_equal(open_set(w, RB_IRQ_MSIX, 1, 1), -EPROTO);
	assert_null(w->set);
	assert_int_equal(rb_ctx_live(w->fake->ctx, NULL, 0), 1);
}

/* --- MSI: several messages ------------------------------------------------------------------------ */

static void a_block_of_messages_is_one_address_and_aligned_data(void **state)
{
	struct world *w = *state;
	uint32_t control = fake_config(w->fake, FAKE_MSI_CAP);
	unsigned int i;

	assert_int_equal(control >> 20 & 7, 2);
	assert_int_equal(fake_config(w->fake, FAKE_MSI_CAP + 12) & 0xffff, 20 + 32);
	for (i = 0; i < 4; i++)
		assert_int_equal(fake_send(w->fake, i), 1);
	assert_int_equal(fake_send(w->fake, 6), 1); /* wraps */
	for (i = 0; i < 4; i++)
		assert_int_equal(taken(w, i), i == 2 ? 2 : 1);
}

static void one_message_enables_one(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_set(w, RB_IRQ_MSI, 1, 1), 0);
	assert_int_equal(fake_config(w->fake, FAKE_MSI_CAP) >> 20 & 7, 0);
	assert_int_equal(fake_send(w->fake, 5), 1); /* all are one */
	assert_int_equal(taken(w, 0), 1);
}

static void a_set_leaves_no_mask_to_the_next(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_mask(w->set, 1, true), 0);
	close_set(w);
	assert_int_equal(open_set(w, RB_IRQ_MSI, 4, 4), 0);

	assert_int_equal(fake_config(w->fake, FAKE_MSI_CAP + 16) & 0xf, 0);
	assert_int_equal(fake_send(w->fake, 1), 1);
}

static void reserved_counts_of_messages_are_32(void **state)
{
	struct world *w = *state;

	fake_give_msi(w->fake, 7, false);
	replug(w);
	assert_int_equal(open_set(w, RB_IRQ_MSI, 1, 200), 0);
	assert_int_equal(rb_irq_set_count(w->set), 32);
}

/* A 64-bit capability with masks has 24 bytes; the last would be extended space. */
static void msi_past_the_end_of_config_space_is_none(void **state)
{
	struct world *w = *state;

	fake_give_msix(w->fake, 0, 0, 0, 0, 0);
	w->fake->config[0x34] = 0xec;
	w->fake->config[0xec] = 0x05;
	w->fake->config[0xed] = 0;
	w->fake->config[0xee] = 0x80;
	w->fake->config[0xef] = 0x01;
	replug(w);

	assert_int_equal(open_set(w, RB_IRQ_MSI, 1, 1), -ENOTSUP);
	assert_non_null(strstr(rb_last_error(), "passes the end"));
	assert_int_equal(open_set(w, 0, 1, 1), 0);
	assert_int_equal(rb_irq_set_kind(w->set), RB_IRQ_INTX);
}

/* --- masks ---------------------------------------------------------------------------------------- */

static void masked_interrupts_are_pending_and_come_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_mask(w->set, 2, true), 0);
	assert_int_equal(fake_send(w->fake, 2), 0);
	assert_int_equal(fake_send(w->fake, 2), 0);
	assert_int_equal(fake_send(w->fake, 3), 1);

	assert_true(is_pending(w, 2));
	assert_false(is_pending(w, 3));
	assert_int_equal(taken(w, 2), 0);
	assert_int_equal(taken(w, 3), 1);

	assert_int_equal(rb_irq_mask(w->set, 2, false), 0);
	assert_false(is_pending(w, 2));
	assert_int_equal(taken(w, 2), 1);
}

static void all_are_masked_beside_the_masks_of_single_ones(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_mask(w->set, 1, true), 0);
	assert_int_equal(rb_irq_mask_all(w->set, true), 0);
	assert_int_equal(fake_send(w->fake, 0), 0);
	assert_int_equal(fake_send(w->fake, 1), 0);
	/* a single one that is unmasked meanwhile stays quiet */
	assert_int_equal(rb_irq_mask(w->set, 3, false), 0);
	assert_int_equal(fake_send(w->fake, 3), 0);

	assert_int_equal(rb_irq_mask_all(w->set, false), 0);
	assert_int_equal(taken(w, 0), 1);
	assert_int_equal(taken(w, 3), 1);
	assert_int_equal(taken(w, 1), 0);
	assert_true(is_pending(w, 1));
	assert_int_equal(rb_irq_mask(w->set, 1, false), 0);
	assert_int_equal(taken(w, 1), 1);
}

static void a_mask_that_was_not_set_is_not_remembered(void **state)
{
	struct world *w = *state;
	uint32_t before = fake_config(w->fake, FAKE_MSI_CAP + 16);

	fake_fail_at(w->fake, 1, -EIO); /* the question or the answer fails */
	assert_int_equal(rb_irq_mask(w->set, 2, true), -EIO);
	assert_int_equal(fake_config(w->fake, FAKE_MSI_CAP + 16), before);
}

static void msi_that_cannot_mask_says_so(void **state)
{
	struct world *w = *state;
	bool pending = true;

	fake_give_msi(w->fake, 3, false);
	replug(w);
	assert_int_equal(open_set(w, RB_IRQ_MSI, 4, 4), 0);

	assert_int_equal(rb_irq_mask(w->set, 0, true), -ENOTSUP);
	assert_int_equal(rb_irq_mask_all(w->set, true), -ENOTSUP);
	assert_int_equal(rb_irq_pending(w->set, 0, &pending), -ENOTSUP);
	assert_false(pending);
	assert_int_equal(rb_irq_set_restore(w->set), 0);
	assert_int_equal(fake_send(w->fake, 3), 1);
}

static void the_mask_of_the_pin_is_the_command_bit(void **state)
{
	struct world *w = *state;

	w->fake->config[6] |= 8; /* status: it asserts */
	assert_true(is_pending(w, 0));
	w->fake->config[6] &= 0xf7;
	assert_false(is_pending(w, 0));

	assert_int_equal(rb_irq_mask(w->set, 0, true), 0);
	assert_true(fake_command(w->fake) & 0x400);
	assert_int_equal(rb_irq_mask_all(w->set, true), 0);
	assert_int_equal(rb_irq_mask(w->set, 0, false), 0);
	assert_true(fake_command(w->fake) & 0x400); /* all are masked still */
	assert_int_equal(rb_irq_mask_all(w->set, false), 0);
	assert_false(fake_command(w->fake) & 0x400);
}

static void wrong_arguments_of_masks_are_refused(void **state)
{
	struct world *w = *state;
	bool pending = true;

	assert_int_equal(rb_irq_mask(NULL, 0, true), -EINVAL);
	assert_int_equal(rb_irq_mask(w->set, 5, true), -EINVAL);
	assert_int_equal(rb_irq_mask_all(NULL, true), -EINVAL);
	assert_int_equal(rb_irq_pending(w->set, 5, &pending), -EINVAL);
	assert_false(pending);
	assert_int_equal(rb_irq_pending(w->set, 0, NULL), -EINVAL);
	assert_int_equal(rb_irq_pending(NULL, 0, &pending), -EINVAL);
	assert_int_equal(rb_irq_set_restore(NULL), -EINVAL);
	assert_int_equal(rb_irq_set_cpu(NULL, 0), -EINVAL);
}

static void a_server_that_refuses_later_makes_no_sense(void **state)
{
	struct world *w = *state;

	w->fake->msix_is_refused = true;
	w->fake->msi_is_refused = true;

	if (rb_irq_set_kind(w->set) == RB_IRQ_MSIX)
		assert_int_equal(rb_irq_mask_all(w->set, true), -EPROTO);
	assert_int_equal(rb_irq_set_restore(w->set), -EPROTO);
	assert_non_null(strstr(rb_last_error(), "refuses"));
}

static void a_device_that_is_not_there_has_no_mask_and_nothing_pending(void **state)
{
	struct world *w = *state;
	bool pending = true;

	/* nobody has noticed yet */
	memset(w->fake->config, 0xff, sizeof(w->fake->config));
	memset(w->fake->msix.table, 0xff, sizeof(w->fake->msix.table));
	memset(w->fake->msix.pba, 0xff, sizeof(w->fake->msix.pba));

	assert_int_equal(rb_irq_pending(w->set, 0, &pending), -ENODEV);
	assert_false(pending);
	assert_true(rb_pci_is_gone(w->dev));
}

static void masking_a_device_that_is_not_there_says_so(void **state)
{
	struct world *w = *state;

	memset(w->fake->config, 0xff, sizeof(w->fake->config));
	memset(w->fake->msix.table, 0xff, sizeof(w->fake->msix.table));

	assert_int_equal(rb_irq_mask(w->set, 0, true), -ENODEV);
	assert_true(rb_pci_is_gone(w->dev));
}

/* --- resets --------------------------------------------------------------------------------------- */

static void after_a_reset_messages_and_masks_are_as_before(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_mask(w->set, 1, true), 0);
	fake_reset(w->fake);
	assert_int_equal(fake_send(w->fake, 0), 0);

	assert_int_equal(rb_irq_set_restore(w->set), 0);

	assert_int_equal(fake_send(w->fake, 0), 1);
	assert_int_equal(fake_send(w->fake, 1), 0);
	assert_int_equal(fake_send(w->fake, 2), 1);
	assert_int_equal(taken(w, 0), 1);
	assert_true(is_pending(w, 1));
	assert_int_equal(rb_irq_mask(w->set, 1, false), 0);
	assert_int_equal(taken(w, 1), 1);
	assert_true(fake_command(w->fake) & 0x400);
}

static void after_a_reset_all_are_masked_when_all_were(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_mask_all(w->set, true), 0);
	fake_reset(w->fake);
	assert_int_equal(rb_irq_set_restore(w->set), 0);

	assert_int_equal(fake_send(w->fake, 0), 0);
	assert_int_equal(rb_irq_mask_all(w->set, false), 0);
	assert_int_equal(taken(w, 0), 1);
}

static void restoring_without_a_reset_sends_nothing_torn(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_set_restore(w->set), 0); /* the fake checks each write */
	assert_int_equal(fake_send(w->fake, 3), 1);
	assert_int_equal(taken(w, 3), 1);
}

static void after_a_reset_the_pin_is_as_before(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_mask(w->set, 0, true), 0);
	fake_reset(w->fake);
	assert_false(fake_command(w->fake) & 0x400);

	assert_int_equal(rb_irq_set_restore(w->set), 0);

	assert_true(fake_command(w->fake) & 0x400);
	assert_int_equal(rb_irq_mask(w->set, 0, false), 0);
	assert_false(fake_command(w->fake) & 0x400);
}

/* --- the pool, and silence ------------------------------------------------------------------------- */

static unsigned int reserved(const struct fake *f)
{
	unsigned int n = 0, i;

	for (i = 0; i < 256; i++)
		n += f->is_reserved[i];
	return n;
}

static void a_thousand_openings_reserve_nothing_new(void **state)
{
	struct world *w = *state;
	int i;

	for (i = 0; i < 500; i++) {
		assert_int_equal(open_set(w, RB_IRQ_MSIX, 5, 5), 0);
		assert_int_equal(fake_send(w->fake, 4), 1);
		close_set(w);
		assert_int_equal(open_set(w, RB_IRQ_MSI, 4, 4), 0);
		assert_int_equal(fake_send(w->fake, 3), 1);
		assert_int_equal(taken(w, 3), 1);
		close_set(w);
	}
	assert_true(reserved(w->fake) <= 6); /* 18-22, and 23 to complete the block */
}

static void vectors_of_a_device_that_cannot_be_silenced_are_lost(void **state)
{
	struct world *w = *state;
	unsigned int before = reserved(w->fake);

	w->fake->fails_for_ever = true;
	fake_fail_at(w->fake, 1, -EIO);
	close_set(w);
	w->fake->fail_at = 0;

	assert_int_equal(fake_open_files(w->fake, FAKE_IRQ), 0);
	replug(w);
	assert_int_equal(open_set(w, RB_IRQ_MSIX, 1, 1), 0);
	assert_int_equal(reserved(w->fake), before + 1);
}

/* Nobody can tell whether it has stopped: it may be on the bus and send. */
static void vectors_of_a_device_whose_server_has_ended_are_lost(void **state)
{
	struct world *w = *state;
	unsigned int before = reserved(w->fake);

	w->fake->fails_for_ever = true;
	fake_fail_at(w->fake, 1, -ENODEV);
	close_set(w);
	w->fake->fail_at = 0;

	assert_int_equal(fake_open_files(w->fake, FAKE_IRQ), 0);
	replug(w);
	assert_int_equal(open_set(w, RB_IRQ_MSIX, 1, 1), 0);
	assert_int_equal(reserved(w->fake), before + 1);
}

static void vectors_of_a_device_that_was_removed_are_kept(void **state)
{
	struct world *w = *state;
	unsigned int before = reserved(w->fake);

	rbi_pci_set_gone(w->dev);
	close_set(w);

	replug(w);
	assert_int_equal(open_set(w, RB_IRQ_MSIX, 5, 5), 0);
	assert_int_equal(reserved(w->fake), before);
}

static void a_set_of_many_says_so_in_the_ledger(void **state)
{
	struct world *w = *state;
	char live[512];

	rb_ctx_live(w->fake->ctx, live, sizeof(live));
	assert_non_null(strstr(live, "interrupt set 5 MSI-X of"));
}

/* --- everything fails once ------------------------------------------------------------------------- */

static void opening_fails_cleanly_at_each_call(uint32_t kinds, uint32_t count)
{
	static const int errors[] = { -EMFILE, -ENODEV, -EIO };
	struct world *w = &world;
	unsigned int n, i;
	void *state;
	bool is_done;
	int rc;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (n = 1, is_done = false; !is_done; n++) {
			plug_in(&state);
			fake_fail_at(w->fake, n, errors[i]);
			rc = open_set(w, kinds, count, count);
			w->fake->fail_at = 0;
			is_done = !w->fake->failed;
			assert_true(rc == 0 || rbi_code_is_ours(rc));
			if (rc < 0) {
				assert_null(w->set);
				assert_int_equal(rb_ctx_live(w->fake->ctx, NULL, 0), 1);
			}
			if (is_done)
				assert_int_equal(rc, 0);
			unplug(&state);
		}
		assert_true(n > 20);
	}
}

static void opening_msix_fails_cleanly_at_each_call(void **state)
{
	(void)state;
	opening_fails_cleanly_at_each_call(RB_IRQ_MSIX, 3);
}

static void opening_msi_fails_cleanly_at_each_call(void **state)
{
	(void)state;
	opening_fails_cleanly_at_each_call(RB_IRQ_MSI, 4);
}

static void opening_the_best_fails_cleanly_at_each_call(void **state)
{
	(void)state;
	opening_fails_cleanly_at_each_call(0, 2);
}

static void without_memory_no_set_is_opened(void **state)
{
	static const uint32_t kinds[] = { RB_IRQ_MSIX, RB_IRQ_MSI };
	struct world *w = *state;
	unsigned long n;
	size_t i;
	int rc;

	for (i = 0; i < 2; i++) {
		for (n = 1;; n++) {
			rbi_alloc_fail_at(n);
			rc = open_set(w, kinds[i], 4, 4);
			rbi_alloc_fail_at(0);
			if (rc == 0)
				break;
			assert_int_equal(rc, -ENOMEM);
			assert_null(w->set);
			assert_int_equal(rb_ctx_live(w->fake->ctx, NULL, 0), 1);
		}
		assert_true(n > 4 - i);
		close_set(w);
	}
}

static void masks_fail_cleanly_at_each_call(void **state)
{
	struct world *w = *state;
	enum rb_irq_kind kind = rb_irq_set_kind(w->set);
	unsigned int n, call;
	bool pending;
	int rc = 0;

	for (call = 0; call < 4; call++) {
		for (n = 1;; n++) {
			fake_fail_at(w->fake, n, -EIO);
			rc = call == 0	 ? rb_irq_mask(w->set, 1, true)
			     : call == 1 ? rb_irq_mask_all(w->set, true)
			     : call == 2 ? rb_irq_pending(w->set, 1, &pending)
					 : rb_irq_set_restore(w->set);
			w->fake->fail_at = 0;
			if (!w->fake->failed)
				break;
			assert_true(rbi_code_is_ours(rc) && rc < 0);
			/* a broken channel stays broken */
			close_set(w);
			replug(w);
			assert_int_equal(open_set(w, kind, 4, 4), 0);
		}
		assert_int_equal(rc, 0);
	}
}

int main(void)
{
#define PLUGGED(test)	cmocka_unit_test_setup_teardown(test, plug_in, unplug)
#define WITH_MSIX(test) cmocka_unit_test_setup_teardown(test, plug_in_msix, unplug)
#define WITH_MSI(test)	cmocka_unit_test_setup_teardown(test, plug_in_msi, unplug)
#define WITH_INTX(test) cmocka_unit_test_setup_teardown(test, plug_in_intx, unplug)
	const struct CMUnitTest tests[] = {
		PLUGGED(the_default_order_is_msix_then_msi_then_the_pin),
		PLUGGED(the_callers_order_is_followed),
		PLUGGED(an_order_that_makes_no_sense_is_refused),
		PLUGGED(other_options_that_make_no_sense_are_refused),
		PLUGGED(a_kind_gives_as_many_as_device_and_redox_have),
		PLUGGED(a_range_without_a_power_of_two_is_not_for_msi),
		PLUGGED(ranges_shrink_before_the_next_kind_is_tried),
		PLUGGED(on_a_cpu_the_message_names_it),
		PLUGGED(the_table_is_whole_before_anything_is_unmasked),
		PLUGGED(entries_hold_the_messages_and_only_ours_are_unmasked),
		WITH_MSIX(closing_masks_again_before_msix_goes_off),
		WITH_MSIX(each_vector_counts_for_itself),
		PLUGGED(the_table_may_be_in_any_bar_at_any_offset),
		PLUGGED(a_table_past_the_end_of_its_bar_is_none),
		PLUGGED(a_table_in_ports_is_none),
		PLUGGED(a_table_in_a_reserved_place_is_none),
		PLUGGED(a_table_in_a_bar_that_is_not_there_or_has_no_address_is_none),
		PLUGGED(a_table_at_an_odd_offset_makes_no_sense),
		PLUGGED(a_server_that_refuses_its_own_msix_makes_no_sense),
		WITH_MSI(a_block_of_messages_is_one_address_and_aligned_data),
		PLUGGED(one_message_enables_one),
		WITH_MSI(a_set_leaves_no_mask_to_the_next),
		PLUGGED(reserved_counts_of_messages_are_32),
		PLUGGED(msi_past_the_end_of_config_space_is_none),
		WITH_MSIX(masked_interrupts_are_pending_and_come_once),
		WITH_MSI(masked_interrupts_are_pending_and_come_once),
		WITH_MSIX(all_are_masked_beside_the_masks_of_single_ones),
		WITH_MSI(all_are_masked_beside_the_masks_of_single_ones),
		WITH_MSI(a_mask_that_was_not_set_is_not_remembered),
		PLUGGED(msi_that_cannot_mask_says_so),
		WITH_INTX(the_mask_of_the_pin_is_the_command_bit),
		WITH_MSIX(wrong_arguments_of_masks_are_refused),
		WITH_MSIX(a_server_that_refuses_later_makes_no_sense),
		WITH_MSI(a_server_that_refuses_later_makes_no_sense),
		WITH_MSIX(a_device_that_is_not_there_has_no_mask_and_nothing_pending),
		WITH_MSI(a_device_that_is_not_there_has_no_mask_and_nothing_pending),
		WITH_INTX(a_device_that_is_not_there_has_no_mask_and_nothing_pending),
		WITH_MSIX(masking_a_device_that_is_not_there_says_so),
		WITH_MSI(masking_a_device_that_is_not_there_says_so),
		WITH_INTX(masking_a_device_that_is_not_there_says_so),
		WITH_MSIX(after_a_reset_messages_and_masks_are_as_before),
		WITH_MSI(after_a_reset_messages_and_masks_are_as_before),
		WITH_MSIX(after_a_reset_all_are_masked_when_all_were),
		WITH_MSI(after_a_reset_all_are_masked_when_all_were),
		WITH_MSIX(restoring_without_a_reset_sends_nothing_torn),
		WITH_MSI(restoring_without_a_reset_sends_nothing_torn),
		WITH_INTX(after_a_reset_the_pin_is_as_before),
		PLUGGED(a_thousand_openings_reserve_nothing_new),
		WITH_MSIX(vectors_of_a_device_that_cannot_be_silenced_are_lost),
		WITH_MSIX(vectors_of_a_device_whose_server_has_ended_are_lost),
		WITH_MSI(vectors_of_a_device_whose_server_has_ended_are_lost),
		WITH_MSIX(vectors_of_a_device_that_was_removed_are_kept),
		WITH_MSIX(a_set_of_many_says_so_in_the_ledger),
		cmocka_unit_test(opening_msix_fails_cleanly_at_each_call),
		cmocka_unit_test(opening_msi_fails_cleanly_at_each_call),
		cmocka_unit_test(opening_the_best_fails_cleanly_at_each_call),
		PLUGGED(without_memory_no_set_is_opened),
		WITH_MSIX(masks_fail_cleanly_at_each_call),
		WITH_MSI(masks_fail_cleanly_at_each_call),
	};

	return cmocka_run_group_tests_name("irq_messages", tests, NULL, NULL);
}
