/* SPDX-License-Identifier: MIT */
/*
 * test_mock_regmap.c - register maps: every kind of bit, every refusal of a table,
 * every violation with its sentence.
 */
#include "mock_fixture.h"

#include <stdio.h>

enum {
	ID = 0x00,
	CTRL = 0x04,
	CAUSE = 0x08,
	COUNT = 0x0c,
	BELL = 0x10,
	WIDE = 0x18,
	PLAIN = 0x20,
	BYTE = 0x28,
	MIXED = 0x2c,
	VAGUE = 0x30,
	TABLE = 0x40, /* four, 8 bytes apart */
};

/* What the hooks have seen. */
struct seen {
	uint64_t off, val, kept;
	unsigned int width, reads, writes;
	uint64_t answer;
};

static uint64_t hook_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct seen *seen = arg;

	(void)dev;
	seen->off = off;
	seen->width = width;
	seen->reads++;
	return seen->answer;
}

static void hook_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	struct seen *seen = arg;

	seen->off = off;
	seen->width = width;
	seen->val = val;
	seen->kept = rb_mock_reg_get(dev, 0, off & ~(uint64_t)7);
	seen->writes++;
}

static const struct rb_mock_reg regs[] = {
	{ .name = "ID", .offset = ID, .width = 4, .reset = 0x10ec, .ro = 0xffffffff },
	{ .name = "CTRL", .offset = CTRL, .width = 4, .reset = 0x100, .rw = 0xff, .ro = 0x0f00 },
	{ .name = "CAUSE", .offset = CAUSE, .width = 4, .w1c = 0xffffffff },
	{ .name = "COUNT", .offset = COUNT, .width = 4, .reset = 7, .rc = 0xffffffff },
	{ .name = "BELL", .offset = BELL, .width = 4, .wo = 0xffffffff, .on_write = hook_write },
	{ .name = "WIDE",
	  .offset = WIDE,
	  .width = 8,
	  .flags = RB_MOCK_REG_HALVES,
	  .reset = 0x1122334455667788,
	  .rw = UINT64_MAX,
	  .on_write = hook_write },
	{ .name = "PLAIN", .offset = PLAIN, .width = 8, .rw = UINT64_MAX, .on_read = hook_read },
	{ .name = "BYTE", .offset = BYTE, .width = 1, .rw = 0xff },
	{ .name = "MIXED",
	  .offset = MIXED,
	  .width = 4,
	  .rw = 0x1,
	  .w1c = 0x2,
	  .rc = 0x4,
	  .wo = 0xffff0000,
	  .ro = 0xfff8 },
	{ .name = "VAGUE", .offset = VAGUE, .width = 4, .rw = 0xffff },
	{ .name = "TABLE", .offset = TABLE, .width = 4, .count = 4, .stride = 8, .rw = 0xffffffff },
	RB_MOCK_REG_END
};

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	ids.vendor = 0x1234;
	ids.device = 0x0002;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_map(dev, 0, 4096, 0, regs, arg);
	rb_mock_bar_map(dev, 1, 64, RB_MOCK_BAR_IO, regs + 9, arg); /* too small for TABLE */
	return 0;
}

static int build_one(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	ids.vendor = 0x1234;
	ids.device = 0x0002;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_map(dev, 0, 4096, 0, regs, arg);
	return 0;
}

struct board {
	struct rig rig;
	struct rb_mock_dev *dev;
	uint64_t bar;
	struct seen seen;
};

static void open_board(struct board *b, const char *machine)
{
	memset(b, 0, sizeof(*b));
	rig_open(&b->rig, machine);
	b->dev = plug(&b->rig, build_one, &b->seen);
	b->bar = bar_of(&b->rig, rb_mock_addr(b->dev), 0);
}

static void close_board(struct board *b)
{
	rig_close_clean(&b->rig);
}

static uint64_t rd(struct board *b, uint64_t off, unsigned int width)
{
	return mem_read(&b->rig, b->bar + off, width);
}

static void wr(struct board *b, uint64_t off, unsigned int width, uint64_t val)
{
	mem_write(&b->rig, b->bar + off, width, val);
}

static void assert_sentence(struct board *b, const char *sentence)
{
	char text[256];

	snprintf(text, sizeof(text), "device at 00:01.0: %s", sentence);
	assert_int_equal(rb_mock_verify(b->rig.ctx), 1);
	assert_string_equal(rb_mock_violation_text(b->rig.ctx, 0), text);
	rb_mock_clear(b->rig.ctx);
}

/* --- bits --------------------------------------------------------------------------------- */

static void read_only_bits_are_the_devices(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	assert_int_equal(rd(&b, ID, 4), 0x10ec);
	assert_int_equal(rb_mock_reg_set(b.dev, 0, ID, 0xabcd), 0);

	assert_int_equal(rd(&b, ID, 4), 0xabcd);
	close_board(&b);
}

static void writable_bits_read_what_was_written(void **state)
{
	struct board b;
	uint64_t i;

	(void)state;
	open_board(&b, "mock");

	wr(&b, BYTE, 1, 0x5a);
	for (i = 0; i < 4; i++)
		wr(&b, TABLE + 8 * i, 4, 0x1000 + i);

	assert_int_equal(rd(&b, BYTE, 1), 0x5a);
	for (i = 0; i < 4; i++)
		assert_int_equal(rd(&b, TABLE + 8 * i, 4), 0x1000 + i);
	close_board(&b);
}

static void writing_ones_clears_causes(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");
	assert_int_equal(rb_mock_reg_set_bits(b.dev, 0, CAUSE, 0xf0f0), 0);

	wr(&b, CAUSE, 4, 0x00f0);

	assert_int_equal(rd(&b, CAUSE, 4), 0xf000);
	assert_int_equal(rd(&b, CAUSE, 4), 0xf000);
	assert_int_equal(rb_mock_reg_clear_bits(b.dev, 0, CAUSE, 0xc000), 0);
	assert_int_equal(rb_mock_reg_get(b.dev, 0, CAUSE), 0x3000);
	close_board(&b);
}

static void reading_clears_counters_but_looking_does_not(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	assert_int_equal(rb_mock_reg_get(b.dev, 0, COUNT), 7);
	assert_int_equal(rd(&b, COUNT, 4), 7);

	assert_int_equal(rd(&b, COUNT, 4), 0);
	assert_int_equal(rb_mock_reg_get(b.dev, 0, COUNT), 0);
	close_board(&b);
}

static void write_only_bits_reach_the_device_and_read_as_noise(void **state)
{
	struct board b;
	uint64_t noise;

	(void)state;
	open_board(&b, "mock");

	wr(&b, BELL, 4, 0x77);
	assert_int_equal(b.seen.val, 0x77);
	assert_int_equal(rb_mock_reg_get(b.dev, 0, BELL), 0x77);
	noise = rd(&b, MIXED, 4) & 0xffff0000;
	wr(&b, MIXED, 4, 0x12340001);

	assert_int_equal(rd(&b, MIXED, 4), noise | 1);
	assert_int_equal(rb_mock_reg_get(b.dev, 0, MIXED), 0x12340001);
	close_board(&b);
}

static void all_kinds_of_bits_live_in_one_register(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");
	rb_mock_reg_set(b.dev, 0, MIXED, 0x0000abfe);

	assert_int_equal(rd(&b, MIXED, 4) & 0xffff, 0xabfe);
	assert_int_equal(rd(&b, MIXED, 4) & 0xffff, 0xabfa); /* 4 was cleared by reading */
	wr(&b, MIXED, 4, 0xabf8 | 0x3);

	assert_int_equal(rd(&b, MIXED, 4) & 0xffff, 0xabf9); /* 2 was cleared by the one */
	close_board(&b);
}

static void unspecified_bits_read_as_noise_of_the_seed(void **state)
{
	uint64_t first, again, other;
	struct board b;

	(void)state;
	open_board(&b, "mock");
	first = rd(&b, VAGUE, 4);
	assert_int_equal(rd(&b, VAGUE, 4), first);
	close_board(&b);
	open_board(&b, "mock:seed=1");
	again = rd(&b, VAGUE, 4);
	close_board(&b);
	open_board(&b, "mock:seed=0x123456789abcdef0");
	other = rd(&b, VAGUE, 4);

	assert_int_equal(first & 0xffff, 0);
	assert_int_not_equal(first, 0);
	assert_int_equal(again, first);
	assert_int_not_equal(other, first);
	close_board(&b);
}

static void seeds_are_numbers(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("mock:seed=poppy", &ctx), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "seed"));
}

static void a_register_by_halves_is_one_register(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");
	assert_int_equal(rd(&b, WIDE, 8), 0x1122334455667788);
	assert_int_equal(rd(&b, WIDE, 4), 0x55667788);
	assert_int_equal(rd(&b, WIDE + 4, 4), 0x11223344);

	wr(&b, WIDE + 4, 4, 0xaabbccdd);

	assert_int_equal(b.seen.off, WIDE + 4);
	assert_int_equal(b.seen.width, 4);
	assert_int_equal(b.seen.val, 0xaabbccdd);
	assert_int_equal(b.seen.kept, 0xaabbccdd55667788);
	assert_int_equal(rd(&b, WIDE, 8), 0xaabbccdd55667788);
	close_board(&b);
}

/* --- functions ------------------------------------------------------------------------------ */

static void a_function_answers_in_place_of_the_register(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");
	b.seen.answer = 0x123456789a;

	assert_int_equal(rd(&b, PLAIN, 8), 0x123456789a);

	assert_int_equal(b.seen.reads, 1);
	assert_int_equal(b.seen.off, PLAIN);
	assert_int_equal(b.seen.width, 8);
	assert_int_equal(rb_mock_reg_get(b.dev, 0, PLAIN), 0x123456789a);
	assert_int_equal(b.seen.reads, 1);
	close_board(&b);
}

static void a_function_hears_of_writes_once_the_register_has_changed(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	wr(&b, WIDE, 8, 5);
	rb_mock_reg_set(b.dev, 0, WIDE, 6);

	assert_int_equal(b.seen.writes, 1);
	assert_int_equal(b.seen.val, 5);
	assert_int_equal(b.seen.kept, 5);
	close_board(&b);
}

static void a_reset_gives_back_values_and_new_noise(void **state)
{
	uint64_t noise;
	struct board b;

	(void)state;
	open_board(&b, "mock");
	noise = rd(&b, VAGUE, 4);
	wr(&b, VAGUE, 4, 0x1111);
	rd(&b, COUNT, 4);
	rb_mock_reg_set(b.dev, 0, ID, 1);

	assert_int_equal(rb_mock_reg_reset(b.dev, 0), 0);

	assert_int_equal(rd(&b, ID, 4), 0x10ec);
	assert_int_equal(rd(&b, COUNT, 4), 7);
	assert_int_equal(rd(&b, VAGUE, 4) & 0xffff, 0);
	assert_int_not_equal(rd(&b, VAGUE, 4), noise);
	assert_int_equal(b.seen.writes, 0);
	close_board(&b);
}

/* --- violations ------------------------------------------------------------------------------- */

static void an_access_to_no_register_is_a_violation(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	assert_int_equal(rd(&b, 0x100, 4), 0xffffffff);
	assert_sentence(&b, "read of 4 bytes at 0x100 of BAR0: no register is there");
	wr(&b, 0x14, 4, 0xbeef);
	assert_sentence(&b, "write of 0xbeef (4 bytes) at 0x14 of BAR0: no register is there");
	rd(&b, TABLE + 4, 4); /* between two of a row */
	assert_sentence(&b, "read of 4 bytes at 0x44 of BAR0: no register is there");
	rd(&b, 0xff8, 8);
	assert_sentence(&b, "read of 8 bytes at 0xff8 of BAR0: no register is there");
	close_board(&b);
}

static void a_wrong_width_is_a_violation(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	assert_int_equal(rd(&b, CTRL, 2), 0xffff);
	assert_sentence(&b, "read of 2 bytes at CTRL (0x4) of BAR0: the register has 4");
	rd(&b, CTRL + 2, 1);
	assert_sentence(&b, "read of 1 bytes at CTRL+0x2 (0x6) of BAR0: the register has 4");
	wr(&b, ID, 8, 0);
	assert_sentence(&b, "write of 0x0 (8 bytes) at ID (0x0) of BAR0: the register has 4");
	rd(&b, PLAIN, 4);
	assert_sentence(&b, "read of 4 bytes at PLAIN (0x20) of BAR0: the register has 8");
	rd(&b, WIDE, 2);
	assert_sentence(&b, "read of 2 bytes at WIDE (0x18) of BAR0: the register has 8, "
			    "or two halves");
	rd(&b, TABLE + 24, 1);
	assert_sentence(&b, "read of 1 bytes at TABLE[3] (0x58) of BAR0: the register has 4");
	close_board(&b);
}

static void a_misaligned_access_is_a_violation(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	assert_int_equal(rd(&b, CTRL + 1, 4), 0xffffffff);
	assert_sentence(&b, "read of 4 bytes at CTRL+0x1 (0x5) of BAR0: it is misaligned");
	wr(&b, CTRL + 2, 4, 1);
	assert_sentence(&b, "write of 0x1 (4 bytes) at CTRL+0x2 (0x6) of BAR0: it is misaligned");
	close_board(&b);
}

static void a_read_of_a_write_only_register_is_a_violation(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	assert_int_equal(rd(&b, BELL, 4), 0xffffffff);

	assert_sentence(&b, "read of 4 bytes at BELL (0x10) of BAR0: it is write-only");
	close_board(&b);
}

static void a_write_to_a_read_only_register_is_a_violation(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	wr(&b, ID, 4, 0x10ec);
	assert_sentence(&b, "write of 0x10ec (4 bytes) at ID (0x0) of BAR0: it is read-only");
	wr(&b, COUNT, 4, 0);

	assert_sentence(&b, "write of 0x0 (4 bytes) at COUNT (0xc) of BAR0: it is read-only");
	assert_int_equal(rd(&b, COUNT, 4), 7);
	close_board(&b);
}

static void read_only_bits_are_written_as_zeros_or_as_read(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");
	rb_mock_reg_set_bits(b.dev, 0, CTRL, 0x300);
	wr(&b, CTRL, 4, 0x01);
	wr(&b, CTRL, 4, rd(&b, CTRL, 4) & 0xfff & ~0xffu);
	assert_int_equal(rb_mock_verify(b.rig.ctx), 0);

	wr(&b, CTRL, 4, 0x122);

	assert_sentence(&b, "write of 0x122 (4 bytes) at CTRL (0x4) of BAR0: it changes read-only "
			    "bits 0x200; write them as zeros or as they were read");
	assert_int_equal(rd(&b, CTRL, 4) & 0xfff, 0x322); /* the others were written */
	close_board(&b);
}

static void a_guess_at_read_only_bits_is_a_violation_even_if_right(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	wr(&b, CTRL, 4, 0x101);

	assert_sentence(&b, "write of 0x101 (4 bytes) at CTRL (0x4) of BAR0: it changes read-only "
			    "bits 0x100; write them as zeros or as they were read");
	close_board(&b);
}

static void unspecified_bits_are_written_as_zeros_or_as_read(void **state)
{
	struct board b;
	uint64_t noise;
	char text[200];

	(void)state;
	open_board(&b, "mock");
	wr(&b, VAGUE, 4, 0x1234);
	noise = rd(&b, VAGUE, 4) & 0xffff0000;
	wr(&b, VAGUE, 4, noise | 1);
	wr(&b, VAGUE, 4, noise | 2); /* from a copy that the driver kept */
	assert_int_equal(rb_mock_verify(b.rig.ctx), 0);

	wr(&b, VAGUE, 4, (noise ^ 0x80000000) | 3);

	snprintf(text, sizeof(text),
		 "write of 0x%llx (4 bytes) at VAGUE (0x30) of BAR0: it changes unspecified "
		 "bits 0x80000000; write them as zeros or as they were read",
		 (unsigned long long)((noise ^ 0x80000000) | 3));
	assert_sentence(&b, text);
	assert_int_equal(rd(&b, VAGUE, 4), noise | 3);
	close_board(&b);
}

static void a_register_polled_for_ever_is_called_by_its_name(void **state)
{
	struct board b;
	unsigned int i;

	(void)state;
	open_board(&b, "mock:watchdog=10");

	for (i = 0; i < 10; i++)
		rd(&b, CTRL, 4);

	assert_sentence(&b, "register CTRL (0x4) of BAR0 was read 10 times in a row without any "
			    "event");
	close_board(&b);
}

static void a_models_mistake_is_a_violation_that_names_the_call(void **state)
{
	struct board b;

	(void)state;
	open_board(&b, "mock");

	assert_true(rb_mock_reg_get(b.dev, 0, 0x100) == UINT64_MAX);
	assert_sentence(&b, "rb_mock_reg_get: 0x100 of BAR0: no register begins there");
	assert_int_equal(rb_mock_reg_set(b.dev, 0, CTRL + 2, 0), -EINVAL);
	assert_sentence(&b, "rb_mock_reg_set: 0x6 of BAR0: no register begins there");
	assert_int_equal(rb_mock_reg_set_bits(b.dev, 0, VAGUE, 0x10000), -EINVAL);
	assert_sentence(&b, "rb_mock_reg_set_bits: 0x30 of BAR0: the value has unspecified bits");
	assert_int_equal(rb_mock_reg_clear_bits(b.dev, 1, 0, 1), -EINVAL);
	assert_sentence(&b, "rb_mock_reg_clear_bits: 0x0 of BAR1: the BAR has no register map");
	assert_int_equal(rb_mock_reg_reset(b.dev, 6), -EINVAL);
	assert_sentence(&b, "rb_mock_reg_reset: 0x0 of BAR6: the BAR has no register map");

	assert_true(rb_mock_reg_get(NULL, 0, 0) == UINT64_MAX);
	assert_int_equal(rb_mock_reg_set(NULL, 0, 0, 0), -EINVAL);
	assert_int_equal(rb_mock_reg_set_bits(NULL, 0, 0, 0), -EINVAL);
	assert_int_equal(rb_mock_reg_clear_bits(NULL, 0, 0, 0), -EINVAL);
	assert_int_equal(rb_mock_reg_reset(NULL, 0), -EINVAL);
	close_board(&b);
}

/* --- tables ------------------------------------------------------------------------------------- */

#define GOOD                                                        \
	{                                                           \
		.name = "GOOD", .offset = 0x10, .width = 4, .rw = 1 \
	}

static const struct wrong {
	struct rb_mock_reg regs[3];
	const char *says;
} wrong[] = {
	{ { GOOD, { .name = "A", .width = 3 } }, "register A (0x0) of BAR0: its width" },
	{ { GOOD, { .name = "A", .width = 4, .offset = 2 } },
	  "register A (0x2) of BAR0: it is misaligned" },
	{ { GOOD, { .name = "A", .width = 4, .count = 2, .stride = 6 } },
	  "A (0x0) of BAR0: it is misaligned" },
	{ { GOOD, { .name = "A", .width = 4, .offset = 4096 } }, "A (0x1000) of BAR0: it is past" },
	{ { GOOD, { .name = "A", .width = 4, .offset = 4088, .count = 3 } }, "it is past the BAR" },
	{ { GOOD, { .name = "A", .width = 4, .offset = UINT64_MAX - 3 } }, "it is past the BAR" },
	{ { GOOD, { .name = "A", .width = 4, .flags = 2 } },
	  "register A (0x0) of BAR0: unknown flags" },
	{ { GOOD, { .name = "A", .width = 1, .flags = RB_MOCK_REG_HALVES } }, "halves of a byte" },
	{ { GOOD, { .name = "A", .width = 4, .reserved = { 0, 0, 0, 1 } } }, "reserved" },
	{ { GOOD, { .name = "A", .width = 4, .rw = 3, .w1c = 2 } },
	  "A (0x0) of BAR0: a bit is in two masks" },
	{ { GOOD, { .name = "A", .width = 4, .ro = 1, .rc = 1 } }, "a bit is in two masks" },
	{ { GOOD, { .name = "A", .width = 4, .rc = 1, .wo = 1 } }, "a bit is in two masks" },
	{ { GOOD, { .name = "A", .width = 2, .rw = 0x10000 } }, "bits above its width" },
	{ { GOOD, { .name = "A", .width = 1, .rw = 0xff, .reset = 0x100 } },
	  "bits above its width" },
	{ { GOOD, { .name = "A", .width = 4, .rw = 1, .reset = 2 } }, "unspecified bits" },
	{ { GOOD, { .name = "A", .width = 4, .wo = 1, .on_read = hook_read } }, "on_read would" },
	{ { GOOD, { .name = "A", .width = 4, .ro = 1, .on_write = hook_write } },
	  "on_write would" },
	{ { GOOD, { .name = "A", .width = 8, .offset = 0x10 } }, "(0x10) of BAR0 overlap" },
	{ { GOOD, { .name = "A", .width = 1, .offset = 0x13 } },
	  "registers GOOD (0x10) and A (0x13) of BAR0 overlap" },
	{ { GOOD, { .name = "A", .width = 8, .offset = 0x8, .count = 2 } }, "GOOD (0x10)" },
	{ {
		  GOOD,
		  { .name = "A", .width = 8, .count = 3, .stride = 8, .offset = 0x20, .rw = 1 },
	  },
	  NULL },
	{ { GOOD, { .name = "A B", .width = 4 } }, "'A B' is no name" },
	{ { GOOD, { .name = "", .width = 4 } }, "'' is no name" },
	{ { GOOD, { .name = "THIRTY_TWO_CHARACTERS_ARE_TOO_MA", .width = 4 } }, "is no name" },
	{ { GOOD, { .name = "A", .width = 1, .offset = 0x20, .count = 20000 } }, "past" },
	{ { RB_MOCK_REG_END }, "empty" },
};

static int build_wrong(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
	const struct wrong *w = arg;

	ids.vendor = 0x1234;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_map(dev, 0, 4096, 0, w->regs, NULL);
	return 0;
}

static void what_is_wrong_in_a_table_is_named(void **state)
{
	struct rb_mock_dev *dev;
	struct wrong w;
	struct rig rig;
	size_t i;
	int rc;

	(void)state;
	rig_open(&rig, "mock");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		w = wrong[i];
		rc = rb_mock_add(rig.ctx, "device", build_wrong, &w, &dev);
		if (!w.says) {
			assert_int_equal(rc, 0);
			continue;
		}
		assert_int_equal(rc, -EINVAL);
		if (!strstr(rb_last_error(), w.says))
			fail_msg("'%s' does not say '%s'", rb_last_error(), w.says);
	}
	rig_close_clean(&rig);
}

static int build_without_table(struct rb_mock_dev *dev, void *arg)
{
	(void)arg;
	assert_int_equal(rb_mock_bar_map(dev, 0, 4096, 0, NULL, NULL), -EINVAL);
	return 0;
}

static int build_odd_size(struct rb_mock_dev *dev, void *arg)
{
	assert_int_equal(rb_mock_bar_map(dev, 0, 4095, 0, regs, arg), -EINVAL);
	return 0;
}

static int build_many(struct rb_mock_dev *dev, void *arg)
{
	static const struct rb_mock_reg many[] = {
		{ .name = "MANY", .width = 1, .count = 16384, .rw = 1 },
		{ .name = "MORE", .offset = 0x8000, .width = 1, .rw = 1 },
		RB_MOCK_REG_END
	};

	(void)arg;
	assert_int_equal(rb_mock_bar_map(dev, 0, 65536, 0, many, NULL), -EINVAL);
	assert_non_null(
		strstr(rb_last_error(), "register MORE of BAR0: there are more than 16384"));
	return 0;
}

static int build_mistaken(struct rb_mock_dev *dev, void *arg)
{
	build_one(dev, arg);
	rb_mock_reg_set(dev, 0, 0x400, 1);
	return 0;
}

static void a_map_is_made_while_building_or_refuses_the_device(void **state)
{
	struct rb_mock_dev *dev;
	struct board b;

	(void)state;
	open_board(&b, "mock");

	assert_int_equal(rb_mock_bar_map(NULL, 0, 4096, 0, regs, NULL), -EINVAL);
	assert_int_equal(rb_mock_bar_map(b.dev, 2, 4096, 0, regs, NULL), -EINVAL);
	assert_int_equal(rb_mock_add(b.rig.ctx, "x", build_without_table, NULL, &dev), -EINVAL);
	assert_int_equal(rb_mock_add(b.rig.ctx, "x", build_odd_size, NULL, &dev), -EINVAL);
	assert_int_equal(rb_mock_add(b.rig.ctx, "x", build_many, NULL, &dev), -EINVAL);
	assert_int_equal(rb_mock_add(b.rig.ctx, "x", build, NULL, &dev), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "register TABLE (0x40) of BAR1: it is past"));
	assert_int_equal(rb_mock_add(b.rig.ctx, "x", build_mistaken, NULL, &dev), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "rb_mock_reg_set: 0x400"));
	close_board(&b);
}

static void no_memory_for_a_map_refuses_the_device(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	unsigned long n;
	int rc = -ENOMEM;

	(void)state;
	rig_open(&rig, "mock");
	for (n = 1; rc == -ENOMEM && n < 50; n++) {
		rbi_alloc_fail_at(n);
		rc = rb_mock_add(rig.ctx, "device", build_one, NULL, &dev);
	}
	rbi_alloc_fail_at(0);

	assert_int_equal(rc, 0);
	assert_true(n > 4);
	rig_close_clean(&rig);
}

/* --- through a driver's window ------------------------------------------------------------------ */

static void a_driver_meets_the_map_through_its_window(void **state)
{
	struct rb_pci_dev *pci;
	struct rb_mmio *mmio;
	struct board b;

	(void)state;
	open_board(&b, "mock");
	assert_int_equal(rb_pci_open(b.rig.ctx, rb_mock_addr(b.dev), &pci), 0);
	assert_int_equal(rb_mmio_map(pci, 0, 0, 0, 0, &mmio), 0);

	assert_int_equal(rb_mmio_read32(mmio, ID), 0x10ec);
	rb_mmio_write32(mmio, CTRL, 5);
	assert_int_equal(rb_mmio_read32(mmio, CTRL) & 0xfff, 0x105);
	assert_int_equal(rb_mmio_read16(mmio, CTRL), 0xffff);

	assert_int_equal(rb_mmio_error(mmio), 0);
	assert_sentence(&b, "read of 2 bytes at CTRL (0x4) of BAR0: the register has 4");
	rb_mmio_close(mmio);
	rb_pci_unref(pci);
	close_board(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_only_bits_are_the_devices),
		cmocka_unit_test(writable_bits_read_what_was_written),
		cmocka_unit_test(writing_ones_clears_causes),
		cmocka_unit_test(reading_clears_counters_but_looking_does_not),
		cmocka_unit_test(write_only_bits_reach_the_device_and_read_as_noise),
		cmocka_unit_test(all_kinds_of_bits_live_in_one_register),
		cmocka_unit_test(unspecified_bits_read_as_noise_of_the_seed),
		cmocka_unit_test(seeds_are_numbers),
		cmocka_unit_test(a_register_by_halves_is_one_register),
		cmocka_unit_test(a_function_answers_in_place_of_the_register),
		cmocka_unit_test(a_function_hears_of_writes_once_the_register_has_changed),
		cmocka_unit_test(a_reset_gives_back_values_and_new_noise),
		cmocka_unit_test(an_access_to_no_register_is_a_violation),
		cmocka_unit_test(a_wrong_width_is_a_violation),
		cmocka_unit_test(a_misaligned_access_is_a_violation),
		cmocka_unit_test(a_read_of_a_write_only_register_is_a_violation),
		cmocka_unit_test(a_write_to_a_read_only_register_is_a_violation),
		cmocka_unit_test(read_only_bits_are_written_as_zeros_or_as_read),
		cmocka_unit_test(a_guess_at_read_only_bits_is_a_violation_even_if_right),
		cmocka_unit_test(unspecified_bits_are_written_as_zeros_or_as_read),
		cmocka_unit_test(a_register_polled_for_ever_is_called_by_its_name),
		cmocka_unit_test(a_models_mistake_is_a_violation_that_names_the_call),
		cmocka_unit_test(what_is_wrong_in_a_table_is_named),
		cmocka_unit_test(a_map_is_made_while_building_or_refuses_the_device),
		cmocka_unit_test(no_memory_for_a_map_refuses_the_device),
		cmocka_unit_test(a_driver_meets_the_map_through_its_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
