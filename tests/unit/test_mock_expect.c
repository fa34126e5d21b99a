/* SPDX-License-Identifier: MIT */
/*
 * test_mock_expect.c - expected register accesses: what satisfies them, and the
 * sentence of each that does not.
 */
#include "mock_fixture.h"

#include <stdio.h>
#include <stdlib.h>

/* BAR 0: a register map. BAR 1: nothing but what is expected. BAR 2: plain RAM. */
enum {
	CTRL = 0x00,
	STATUS = 0x04,
	CAUSE = 0x08,
	PAIR = 0x10,
};

static void note_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	(void)dev;
	(void)off;
	(void)width;
	*(uint64_t *)arg = val;
}

static const struct rb_mock_reg regs[] = {
	{ .name = "CTRL", .offset = CTRL, .width = 4, .rw = 0xffffffff, .on_write = note_write },
	{ .name = "STATUS", .offset = STATUS, .width = 4, .reset = 0x5a, .ro = 0xff },
	{ .name = "CAUSE", .offset = CAUSE, .width = 4, .reset = 0xf, .rc = 0xf },
	{ .name = "PAIR",
	  .offset = PAIR,
	  .width = 8,
	  .flags = RB_MOCK_REG_HALVES,
	  .rw = UINT64_MAX },
	RB_MOCK_REG_END
};

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	ids.vendor = 0x1234;
	ids.device = 0x0003;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_map(dev, 0, 4096, 0, regs, arg);
	rb_mock_bar_expect(dev, 1, 4096, 0);
	rb_mock_bar_ram(dev, 2, 4096, 0);
	return 0;
}

struct board {
	struct rig rig;
	struct rb_mock_dev *dev;
	uint64_t bar[2];
	uint64_t noted;
	char text[256];
};

static int open_board(void **state)
{
	struct board *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	rig_open(&b->rig, "mock");
	b->dev = plug(&b->rig, build, &b->noted);
	b->bar[0] = bar_of(&b->rig, rb_mock_addr(b->dev), 0);
	b->bar[1] = bar_of(&b->rig, rb_mock_addr(b->dev), 1);
	*state = b;
	return 0;
}

static int close_board(void **state)
{
	struct board *b = *state;

	rig_close_clean(&b->rig);
	free(b);
	return 0;
}

static uint64_t rd(struct board *b, unsigned int bar, uint64_t off, unsigned int width)
{
	return mem_read(&b->rig, b->bar[bar] + off, width);
}

static void wr(struct board *b, unsigned int bar, uint64_t off, unsigned int width, uint64_t val)
{
	mem_write(&b->rig, b->bar[bar] + off, width, val);
}

static void expect(struct board *b, const struct rb_mock_access *list, unsigned int flags)
{
	if (rb_mock_expect(b->dev, list, flags) != 0)
		fail_msg("%s", rb_last_error());
}

static void assert_quiet(struct board *b)
{
	if (rb_mock_verify(b->rig.ctx) != 0)
		fail_msg("%s", rb_mock_violation_text(b->rig.ctx, 0));
}

static void assert_sentence(struct board *b, const char *sentence)
{
	snprintf(b->text, sizeof(b->text), "device at 00:01.0: %s", sentence);
	assert_int_equal(rb_mock_verify(b->rig.ctx), 1);
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 0), b->text);
	rb_mock_clear(b->rig.ctx);
}

/* --- a bare BAR ------------------------------------------------------------------------------ */

static void where_nothing_is_expected_everything_is_a_violation(void **state)
{
	struct board *b = *state;

	assert_int_equal(rd(b, 1, 0x20, 4), 0xffffffff);
	assert_sentence(b, "unexpected read of 4 bytes at 0x20 of BAR1");
	wr(b, 1, 0x22, 2, 0x77);
	assert_sentence(b, "unexpected write of 0x77 (2 bytes) at 0x22 of BAR1");
}

static void what_is_expected_comes_and_is_answered(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_READ(1, 0x00, 4, 0xcafe),
						      RB_MOCK_READ(1, 0x00, 4, 0xbabe),
						      RB_MOCK_WRITE(1, 0x08, 8, UINT64_MAX),
						      RB_MOCK_READ(1, 0x13, 1, 0x42),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);

	assert_int_equal(rd(b, 1, 0x13, 1), 0x42); /* registers in any order */
	wr(b, 1, 0x08, 8, UINT64_MAX);
	assert_int_equal(rd(b, 1, 0x00, 4), 0xcafe);
	assert_int_equal(rd(b, 1, 0x00, 4), 0xbabe);
	assert_quiet(b);
	rd(b, 1, 0x00, 4);
	assert_sentence(b, "unexpected read of 4 bytes at 0x0 of BAR1");
}

static void what_never_came_is_told_once_at_the_end(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(1, 0x10, 4, 1),
						      RB_MOCK_READ(1, 0x14, 2, 1),
						      RB_MOCK_POLL_TIMES(1, 0x18, 1, 1, 3),
						      { .kind = RB_MOCK_ACCESS_WRITE,
							.bar = 1,
							.offset = 0x1c,
							.width = 4,
							.name = "DOORBELL" },
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);
	rd(b, 1, 0x18, 1);

	assert_int_equal(rb_mock_verify(b->rig.ctx), 4);
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 0),
			    "device at 00:01.0: expected write of 0x1 (4 bytes) at 0x10 of BAR1 "
			    "never came");
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 1),
			    "device at 00:01.0: expected read of 2 bytes at 0x14 of BAR1 never "
			    "came");
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 2),
			    "device at 00:01.0: expected read of 1 bytes at 0x18 of BAR1 came 1 "
			    "of 3 times");
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 3),
			    "device at 00:01.0: expected write of 0x0 (4 bytes) at DOORBELL "
			    "(0x1c) of BAR1 never came");
	assert_int_equal(rb_mock_verify(b->rig.ctx), 4);
	rb_mock_clear(b->rig.ctx);
	wr(b, 1, 0x10, 4, 1); /* given up */
	assert_sentence(b, "unexpected write of 0x1 (4 bytes) at 0x10 of BAR1");
}

static void names_are_copied_and_used_for_whatever_comes(void **state)
{
	struct rb_mock_access list[] = { RB_MOCK_WRITE(1, 0x10, 4, 1), RB_MOCK_EXPECT_END };
	char name[] = "BELL";
	struct board *b = *state;

	list[0].name = name;
	expect(b, list, 0);
	memset(name, 'x', 4);

	wr(b, 1, 0x10, 4, 2);
	assert_sentence(b, "unexpected write of 0x2 (4 bytes) at BELL (0x10) of BAR1: expected was "
			   "write of 0x1 (4 bytes) at BELL (0x10) of BAR1");
	wr(b, 1, 0x10, 4, 1); /* the wrong one was taken for it */
	assert_sentence(b, "unexpected write of 0x1 (4 bytes) at BELL (0x10) of BAR1");
}

static void another_kind_or_width_is_not_taken_for_what_is_expected(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(1, 0x10, 4, 1),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);

	assert_int_equal(rd(b, 1, 0x10, 4), 0xffffffff);
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 0),
			    "device at 00:01.0: unexpected read of 4 bytes at 0x10 of BAR1: "
			    "expected was write of 0x1 (4 bytes) at 0x10 of BAR1");
	rb_mock_clear(b->rig.ctx);
	wr(b, 1, 0x10, 4, 1);
}

static void a_wrong_width_is_named_and_the_right_one_still_taken(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(1, 0x10, 4, 1),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);

	wr(b, 1, 0x10, 2, 1);
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 0),
			    "device at 00:01.0: unexpected write of 0x1 (2 bytes) at 0x10 of "
			    "BAR1: expected was write of 0x1 (4 bytes) at 0x10 of BAR1");
	rb_mock_clear(b->rig.ctx);
	wr(b, 1, 0x10, 4, 1);
	assert_quiet(b);
}

/* --- values ------------------------------------------------------------------------------------ */

static void a_mask_looks_at_its_bits_only(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE_MASK(1, 0x10, 4, 0x30, 0xf0),
						      RB_MOCK_WRITE_MASK(1, 0x10, 4, 0x30, 0xf0),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);

	wr(b, 1, 0x10, 4, 0xabcdef3f);
	wr(b, 1, 0x10, 4, 0x4f);

	assert_sentence(b, "unexpected write of 0x4f (4 bytes) at 0x10 of BAR1: expected was write "
			   "of 0x30 under mask 0xf0 (4 bytes) at 0x10 of BAR1");
}

static void a_range_takes_both_its_ends_and_what_lies_between(void **state)
{
	static const struct rb_mock_access one[] = { RB_MOCK_WRITE_RANGE(1, 0x10, 4, 10, 1000),
						     RB_MOCK_EXPECT_END };
	static const uint64_t good[] = { 10, 11, 1000 };
	struct board *b = *state;
	size_t i;

	for (i = 0; i < 3; i++) {
		expect(b, one, 0);
		wr(b, 1, 0x10, 4, good[i]);
		assert_quiet(b);
	}
	expect(b, one, 0);
	wr(b, 1, 0x10, 4, 9);
	assert_sentence(b, "unexpected write of 0x9 (4 bytes) at 0x10 of BAR1: expected was write "
			   "of 0xa to 0x3e8 (4 bytes) at 0x10 of BAR1");
	expect(b, one, 0);
	wr(b, 1, 0x10, 4, 1001);
	assert_sentence(b,
			"unexpected write of 0x3e9 (4 bytes) at 0x10 of BAR1: expected was write "
			"of 0xa to 0x3e8 (4 bytes) at 0x10 of BAR1");
}

static void bits_that_an_answer_leaves_open_are_noise(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_READ_MASK(1, 0x10, 4, 0x0030, 0xffff),
						      RB_MOCK_READ_MASK(1, 0x10, 4, 0x0031, 0xffff),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;
	uint64_t first, second;

	expect(b, list, 0);
	first = rd(b, 1, 0x10, 4);
	second = rd(b, 1, 0x10, 4);

	assert_int_equal(first & 0xffff, 0x30);
	assert_int_equal(second & 0xffff, 0x31);
	assert_int_equal(first >> 16, second >> 16);
	assert_int_not_equal(first >> 16, 0);
}

/* --- polls --------------------------------------------------------------------------------------- */

static void a_poll_comes_any_number_of_times_and_ends_with_another_access(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_POLL(1, 0x04, 4, 1),
						      RB_MOCK_WRITE(1, 0x00, 4, 7),
						      RB_MOCK_READ(1, 0x04, 4, 2),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;
	unsigned int polls, i;

	for (polls = 0; polls < 4; polls++) {
		expect(b, list, RB_MOCK_ORDERED);
		for (i = 0; i < polls; i++)
			assert_int_equal(rd(b, 1, 0x04, 4), 1);
		wr(b, 1, 0x00, 4, 7);
		assert_int_equal(rd(b, 1, 0x04, 4), 2);
		assert_quiet(b);
	}
	rd(b, 1, 0x04, 4);
	assert_sentence(b, "unexpected read of 4 bytes at 0x4 of BAR1");
}

static void a_poll_that_must_come_once_may_come_again(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_POLL_ONCE(1, 0x04, 4, 1),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;
	unsigned int i;

	expect(b, list, 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(rd(b, 1, 0x04, 4), 1);
	assert_quiet(b);

	rb_mock_expect_clear(b->dev);
	expect(b, list, 0);
	assert_sentence(b, "expected read of 4 bytes at 0x4 of BAR1 never came");
}

static void a_device_is_busy_for_so_many_reads(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_POLL_TIMES(1, 0x04, 4, 1, 3),
						      RB_MOCK_READ(1, 0x04, 4, 0),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;
	unsigned int n = 1;

	expect(b, list, 0);
	while (rd(b, 1, 0x04, 4) == 1)
		n++;

	assert_int_equal(n, 4);
	assert_quiet(b);
}

static void what_may_come_is_passed_over_by_what_must(void **state)
{
	static const struct rb_mock_access list[] = { { .kind = RB_MOCK_ACCESS_WRITE,
							.bar = 1,
							.offset = 0,
							.width = 4,
							.max = 2,
							.value = 1 },
						      RB_MOCK_WRITE(1, 0, 4, 2),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);
	wr(b, 1, 0, 4, 2);
	assert_quiet(b);
	wr(b, 1, 0, 4, 1);
	assert_sentence(b, "unexpected write of 0x1 (4 bytes) at 0x0 of BAR1");
}

/* --- order ----------------------------------------------------------------------------------------- */

static void what_is_ordered_is_told_when_the_later_comes_first(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(0, CTRL, 4, 1),
						      RB_MOCK_READ(1, 0x04, 4, 0),
						      RB_MOCK_WRITE(1, 0x08, 4, 5),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, RB_MOCK_ORDERED);

	rd(b, 1, 0x04, 4);
	wr(b, 1, 0x08, 4, 5);
	wr(b, 0, CTRL, 4, 1); /* late, but it came */
	assert_sentence(b, "expected write of 0x1 (4 bytes) at CTRL (0x0) of BAR0 before read of 4 "
			   "bytes at 0x4 of BAR1, but the latter came first");
}

static void a_sequence_goes_on_with_the_next_list(void **state)
{
	static const struct rb_mock_access first[] = { RB_MOCK_WRITE(1, 0, 4, 1),
						       RB_MOCK_EXPECT_END };
	static const struct rb_mock_access second[] = { RB_MOCK_WRITE(1, 4, 4, 2),
							RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, first, RB_MOCK_ORDERED);
	expect(b, second, RB_MOCK_ORDERED);
	wr(b, 1, 0, 4, 1);
	wr(b, 1, 4, 4, 2);
	assert_quiet(b);

	expect(b, first, RB_MOCK_ORDERED);
	expect(b, second, RB_MOCK_ORDERED);
	wr(b, 1, 4, 4, 2);
	wr(b, 1, 0, 4, 1);
	assert_sentence(b, "expected write of 0x1 (4 bytes) at 0x0 of BAR1 before write of 0x2 (4 "
			   "bytes) at 0x4 of BAR1, but the latter came first");
}

static void what_is_not_ordered_may_come_at_any_time(void **state)
{
	static const struct rb_mock_access sequence[] = { RB_MOCK_WRITE(1, 0, 4, 1),
							  RB_MOCK_WRITE(1, 4, 4, 2),
							  RB_MOCK_EXPECT_END };
	static const struct rb_mock_access free_one[] = { RB_MOCK_READ(1, 8, 4, 3),
							  RB_MOCK_EXPECT_END };
	struct board *b = *state;
	unsigned int when;

	for (when = 0; when < 3; when++) {
		expect(b, sequence, RB_MOCK_ORDERED);
		expect(b, free_one, 0);
		if (when == 0)
			assert_int_equal(rd(b, 1, 8, 4), 3);
		wr(b, 1, 0, 4, 1);
		if (when == 1)
			assert_int_equal(rd(b, 1, 8, 4), 3);
		wr(b, 1, 4, 4, 2);
		if (when == 2)
			assert_int_equal(rd(b, 1, 8, 4), 3);
		assert_quiet(b);
	}
}

/* --- register maps ---------------------------------------------------------------------------------- */

static void an_expected_register_of_a_map_takes_nothing_else(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(0, CTRL, 4, 1),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);
	assert_int_equal(rd(b, 0, STATUS, 4) & 0xff, 0x5a); /* another register */
	wr(b, 0, CTRL, 4, 1);
	assert_int_equal(b->noted, 1); /* and it took effect */
	assert_int_equal(rb_mock_reg_get(b->dev, 0, CTRL), 1);
	assert_quiet(b);

	wr(b, 0, CTRL, 4, 2);
	assert_sentence(b, "unexpected write of 0x2 (4 bytes) at CTRL (0x0) of BAR0");
	assert_int_equal(rb_mock_reg_get(b->dev, 0, CTRL), 1);
	assert_int_equal(b->noted, 1);
}

static void the_rules_of_the_map_hold_besides(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE_MASK(0, STATUS, 4, 0, 0),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);
	wr(b, 0, STATUS, 4, 0);
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 0),
			    "device at 00:01.0: write of 0x0 (4 bytes) at STATUS (0x4) of BAR0: "
			    "it is read-only");
	assert_int_equal(rb_mock_expect_clear(b->dev), 1);
	rb_mock_clear(b->rig.ctx);
}

static void an_answer_stands_for_the_register_where_its_mask_says_so(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_READ(0, CAUSE, 4, 0x12345678),
						      RB_MOCK_READ_MASK(0, CAUSE, 4, 0x50, 0xf0),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);

	assert_int_equal(rd(b, 0, CAUSE, 4), 0x12345678);
	assert_int_equal(rb_mock_reg_get(b->dev, 0, CAUSE), 0xf); /* was not asked */
	assert_int_equal(rd(b, 0, CAUSE, 4) & 0xff, 0x5f);
	assert_int_equal(rb_mock_reg_get(b->dev, 0, CAUSE), 0); /* was, and cleared */
}

static void halves_of_a_register_are_expected_one_by_one(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(0, PAIR, 4, 0x11),
						      RB_MOCK_WRITE(0, PAIR + 4, 4, 0x22),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, RB_MOCK_ORDERED);
	wr(b, 0, PAIR, 4, 0x11);
	wr(b, 0, PAIR + 4, 4, 0x22);
	assert_quiet(b);
	assert_true(rb_mock_reg_get(b->dev, 0, PAIR) == 0x2200000011);
	wr(b, 0, PAIR, 8, 0);

	assert_sentence(b, "unexpected write of 0x0 (8 bytes) at PAIR (0x10) of BAR0");
	expect(b, list, 0);
	assert_int_equal(rb_mock_expect_forget(b->dev, 0, PAIR), 2);
	wr(b, 0, PAIR, 8, 5);
	assert_quiet(b);
}

/* --- giving up ---------------------------------------------------------------------------------------- */

static void what_is_cleared_is_expected_no_more(void **state)
{
	static const struct rb_mock_access list[] = {
		RB_MOCK_WRITE(0, CTRL, 4, 1), RB_MOCK_READ(0, STATUS, 4, 1),
		RB_MOCK_POLL(1, 0x00, 4, 0), RB_MOCK_WRITE(1, 0x04, 4, 1), RB_MOCK_EXPECT_END
	};
	struct board *b = *state;

	expect(b, list, 0);
	wr(b, 0, CTRL, 4, 1);

	assert_int_equal(rb_mock_expect_clear(b->dev), 2);

	assert_int_equal(rb_mock_expect_clear(b->dev), 0);
	wr(b, 0, CTRL, 4, 9);
	assert_int_equal(rd(b, 0, CTRL, 4), 9);
	assert_quiet(b);
	assert_int_equal(rb_mock_expect_clear(NULL), 0);
}

static void one_register_is_forgotten_the_others_stay(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(0, CTRL, 4, 1),
						      RB_MOCK_READ(0, STATUS, 4, 7),
						      RB_MOCK_WRITE(1, 0x04, 4, 1),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);

	assert_int_equal(rb_mock_expect_forget(b->dev, 0, CTRL), 1);
	assert_int_equal(rb_mock_expect_forget(b->dev, 1, 0x04), 1);
	assert_int_equal(rb_mock_expect_forget(b->dev, 1, 0x04), 0);
	assert_int_equal(rb_mock_expect_forget(b->dev, 6, 0), 0);
	assert_int_equal(rb_mock_expect_forget(NULL, 0, 0), 0);

	wr(b, 0, CTRL, 4, 3);
	assert_int_equal(rd(b, 0, STATUS, 4), 7);
	assert_quiet(b);
}

static void clear_all(void *arg, const char *sentence)
{
	struct board *b = arg;

	(void)sentence;
	rb_mock_expect_clear(b->dev);
	rb_mock_on_violation(b->rig.ctx, NULL, NULL);
}

static void a_violation_callback_may_change_the_list(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(1, 0, 4, 1),
						      RB_MOCK_WRITE(1, 4, 4, 1),
						      RB_MOCK_WRITE(1, 8, 4, 1),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, RB_MOCK_ORDERED);
	rb_mock_on_violation(b->rig.ctx, clear_all, b);
	wr(b, 1, 8, 4, 1);
	assert_int_equal(rb_mock_verify(b->rig.ctx), 1);
	rb_mock_clear(b->rig.ctx);

	expect(b, list, 0);
	rb_mock_on_violation(b->rig.ctx, clear_all, b);
	assert_int_equal(rb_mock_verify(b->rig.ctx), 1);
	rb_mock_clear(b->rig.ctx);
}

/* --- lists -------------------------------------------------------------------------------------------- */

static void what_is_wrong_in_a_list_is_named_and_nothing_of_it_counts(void **state)
{
	static const struct {
		struct rb_mock_access entry;
		int rc;
		const char *says;
	} bad[] = {
		{ { .kind = 3, .bar = 1, .width = 4 }, -EINVAL, "neither a read nor a write" },
		{ RB_MOCK_READ(2, 0, 4, 0), -EINVAL, "the BAR was not made" },
		{ RB_MOCK_READ(6, 0, 4, 0), -EINVAL, "the BAR was not made" },
		{ RB_MOCK_READ(1, 0, 3, 0), -EINVAL, "its width is none" },
		{ RB_MOCK_READ(1, 2, 4, 0), -EINVAL, "entry 1 (0x2 of BAR1): it is misaligned" },
		{ RB_MOCK_READ(1, 4096, 4, 0), -ERANGE, "0x1000 is past BAR1" },
		{ RB_MOCK_READ(0, 4096, 4, 0), -ERANGE, "0x1000 is past BAR0" },
		{ RB_MOCK_READ(0, 0x40, 4, 0), -EINVAL, "the register map has no such" },
		{ RB_MOCK_READ(0, CTRL, 2, 0), -EINVAL, "the register map has no such" },
		{ RB_MOCK_READ(1, 0, 2, 0x10000), -EINVAL, "bits above its width" },
		{ RB_MOCK_WRITE_RANGE(1, 0, 1, 1, 0x100), -EINVAL, "bits above its width" },
		{ RB_MOCK_WRITE_RANGE(1, 0, 1, 2, 1), -EINVAL, "the range is empty" },
		{ { .kind = RB_MOCK_ACCESS_READ, .bar = 1, .width = 4, .upto = 1 },
		  -EINVAL,
		  "that of a read" },
		{ { .kind = RB_MOCK_ACCESS_READ, .bar = 1, .width = 4, .min = 2, .max = 1 },
		  -EINVAL,
		  "more often at least" },
		{ { .kind = RB_MOCK_ACCESS_READ, .bar = 1, .width = 4, .min = 2 },
		  -EINVAL,
		  "more often at least" },
		{ { .kind = RB_MOCK_ACCESS_READ, .bar = 1, .width = 4, .reserved = 1 },
		  -EINVAL,
		  "reserved" },
		{ RB_MOCK_READ(0, STATUS, 4, 2), -EINVAL, "the poll before it takes all reads" },
	};
	struct rb_mock_access list[] = { RB_MOCK_POLL(0, STATUS, 4, 1), RB_MOCK_EXPECT_END,
					 RB_MOCK_EXPECT_END };
	struct board *b = *state;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		list[1] = bad[i].entry;
		assert_int_equal(rb_mock_expect(b->dev, list, RB_MOCK_ORDERED), bad[i].rc);
		if (!strstr(rb_last_error(), bad[i].says))
			fail_msg("'%s' does not say '%s'", rb_last_error(), bad[i].says);
	}
	assert_int_equal(rb_mock_expect(NULL, list, 0), -EINVAL);
	assert_int_equal(rb_mock_expect(b->dev, NULL, 0), -EINVAL);
	assert_int_equal(rb_mock_expect(b->dev, list, 2), -EINVAL);

	assert_int_equal(rd(b, 0, STATUS, 4) & 0xff, 0x5a);
	assert_int_equal(rb_mock_expect_clear(b->dev), 0);
}

static void there_is_an_end_to_what_is_expected(void **state)
{
	struct rb_mock_access *list = calloc(65537, sizeof(*list));
	struct rb_mock_access one[] = { RB_MOCK_READ(1, 4, 4, 0), RB_MOCK_EXPECT_END };
	struct board *b = *state;
	size_t i;

	assert_non_null(list);
	for (i = 0; i < 65536; i++)
		list[i] = one[0];

	assert_int_equal(rb_mock_expect(b->dev, list, 0), 0);
	assert_int_equal(rb_mock_expect(b->dev, one, 0), -ENOMEM);

	for (i = 0; i < 65536; i++)
		rd(b, 1, 4, 4);
	assert_quiet(b);
	free(list);
}

static void no_memory_for_a_list_is_said(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(1, 0, 4, 1),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	rbi_alloc_fail_at(1);
	assert_int_equal(rb_mock_expect(b->dev, list, 0), -ENOMEM);
	rbi_alloc_fail_at(0);
	assert_int_equal(rb_mock_expect_clear(b->dev), 0);
}

static void nothing_is_expected_of_a_removed_device(void **state)
{
	static const struct rb_mock_access list[] = { RB_MOCK_WRITE(1, 0, 4, 1),
						      RB_MOCK_EXPECT_END };
	struct board *b = *state;

	expect(b, list, 0);
	rb_mock_remove(b->dev);
	assert_int_equal(rb_mock_expect(b->dev, list, 0), -ENODEV);
	assert_sentence(b, "expected write of 0x1 (4 bytes) at 0x0 of BAR1 never came");
}

static int build_expecting(struct rb_mock_dev *dev, void *arg)
{
	static const struct rb_mock_access good[] = { RB_MOCK_READ(1, 0, 4, 6),
						      RB_MOCK_EXPECT_END };
	static const struct rb_mock_access bad[] = { RB_MOCK_READ(3, 0, 4, 6), RB_MOCK_EXPECT_END };

	build(dev, NULL);
	rb_mock_expect(dev, arg ? bad : good, 0);
	return 0;
}

static int build_too_late(struct rb_mock_dev *dev, void *arg)
{
	assert_int_equal(rb_mock_bar_expect(arg, 3, 4096, 0), -EINVAL);
	assert_int_equal(rb_mock_bar_expect(NULL, 3, 4096, 0), -EINVAL);
	assert_int_equal(rb_mock_bar_expect(dev, 3, 100, 0), -EINVAL);
	return 0;
}

static void a_build_function_may_expect_too(void **state)
{
	struct board *b = *state;
	struct rb_mock_dev *dev;

	dev = plug(&b->rig, build_expecting, NULL);
	assert_int_equal(mem_read(&b->rig, bar_of(&b->rig, rb_mock_addr(dev), 1), 4), 6);
	assert_int_equal(rb_mock_add(b->rig.ctx, "x", build_expecting, b, &dev), -EINVAL);
	assert_int_equal(rb_mock_add(b->rig.ctx, "x", build_too_late, b->dev, &dev), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_board, close_board)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(where_nothing_is_expected_everything_is_a_violation),
		TEST(what_is_expected_comes_and_is_answered),
		TEST(what_never_came_is_told_once_at_the_end),
		TEST(names_are_copied_and_used_for_whatever_comes),
		TEST(another_kind_or_width_is_not_taken_for_what_is_expected),
		TEST(a_wrong_width_is_named_and_the_right_one_still_taken),
		TEST(a_mask_looks_at_its_bits_only),
		TEST(a_range_takes_both_its_ends_and_what_lies_between),
		TEST(bits_that_an_answer_leaves_open_are_noise),
		TEST(a_poll_comes_any_number_of_times_and_ends_with_another_access),
		TEST(a_poll_that_must_come_once_may_come_again),
		TEST(a_device_is_busy_for_so_many_reads),
		TEST(what_may_come_is_passed_over_by_what_must),
		TEST(what_is_ordered_is_told_when_the_later_comes_first),
		TEST(a_sequence_goes_on_with_the_next_list),
		TEST(what_is_not_ordered_may_come_at_any_time),
		TEST(an_expected_register_of_a_map_takes_nothing_else),
		TEST(the_rules_of_the_map_hold_besides),
		TEST(an_answer_stands_for_the_register_where_its_mask_says_so),
		TEST(halves_of_a_register_are_expected_one_by_one),
		TEST(what_is_cleared_is_expected_no_more),
		TEST(one_register_is_forgotten_the_others_stay),
		TEST(a_violation_callback_may_change_the_list),
		TEST(what_is_wrong_in_a_list_is_named_and_nothing_of_it_counts),
		TEST(there_is_an_end_to_what_is_expected),
		TEST(no_memory_for_a_list_is_said),
		TEST(nothing_is_expected_of_a_removed_device),
		TEST(a_build_function_may_expect_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
