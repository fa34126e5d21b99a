/* SPDX-License-Identifier: MIT */
/* test_mmio_copy.c - bytes in bulk. */
#include "config.h"

#include "mmio_fixture.h"

static unsigned int widths[64], nwidths;
static uint64_t offs[64];

static void note_access(struct fake_world *world)
{
	widths[nwidths] = world->io_width;
	offs[nwidths++] = world->io_off;
}

static void a_copy_ascends_in_the_widest_aligned_accesses(void **state)
{
	static const unsigned int wanted[] = { 1, 2, 4, 8, 8, 4, 1 };
	uint8_t src[28], back[28];
	struct rb_mmio *m;
	uint64_t off = 1;
	unsigned int i;

	(void)state;
	route_everything();
	m = map(0, 64);
	for (i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i + 1);
	w->on_io = note_access;
	nwidths = 0;

	assert_int_equal(rb_mmio_copy_to(m, 1, src, sizeof(src)), 0);

	assert_int_equal(nwidths, 7);
	for (i = 0; i < nwidths; i++) {
		assert_int_equal(widths[i], wanted[i]);
		assert_int_equal(offs[i], off);
		off += widths[i];
	}
	assert_memory_equal(bar(1), src, sizeof(src));
	assert_int_equal(*bar(0), 0);
	assert_int_equal(*bar(29), 0);
	assert_int_equal(rb_mmio_copy_from(m, 1, back, sizeof(back)), 0);
	assert_memory_equal(back, src, sizeof(src));
	rb_mmio_close(m);
}

static void copies_of_every_alignment_and_length_arrive(void **state)
{
	uint8_t src[40], back[40];
	struct rb_mmio *m = map(0, 37); /* the tail past direct, too */
	unsigned int off, len, skew, i;

	(void)state;
	for (i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i * 7 + 1);
	for (off = 0; off <= 37; off++) {
		for (len = 0; len <= 37 - off; len++) {
			skew = len % 3;
			if (len + skew > sizeof(src))
				continue;
			memset(bar(0), 0, 48);
			assert_int_equal(rb_mmio_copy_to(m, off, src + skew, len), 0);
			assert_memory_equal(bar(off), src + skew, len);
			assert_int_equal(*bar(off + len), 0);
			assert_int_equal(rb_mmio_copy_from(m, off, back + skew, len), 0);
			assert_memory_equal(back + skew, src + skew, len);
		}
	}
	rb_mmio_close(m);
}

static void a_fill_touches_its_piece_alone(void **state)
{
	struct rb_mmio *m = map(0, 64);
	unsigned int i;

	(void)state;

	assert_int_equal(rb_mmio_fill(m, 3, 0xa5, 30), 0);

	for (i = 0; i < 64; i++)
		assert_int_equal(*bar(i), i >= 3 && i < 33 ? 0xa5 : 0);
	rb_mmio_close(m);
}

static void bulk_past_the_window_moves_nothing(void **state)
{
	struct rb_mmio *m = map(0, 64);
	uint8_t buf[80] = { 1, 2, 3 };

	(void)state;

	assert_int_equal(rb_mmio_copy_to(m, 1, buf, 64), -ERANGE);
	assert_int_equal(rb_mmio_copy_to(m, 65, buf, 0), -ERANGE);
	assert_int_equal(rb_mmio_copy_from(m, UINT64_MAX, buf, 2), -ERANGE);
	assert_int_equal(rb_mmio_fill(m, 0, 9, SIZE_MAX), -ERANGE);
	assert_int_equal(rb_mmio_copy_to(m, 64, NULL, 0), 0);
	assert_int_equal(rb_mmio_copy_to(m, 0, NULL, 1), -EINVAL);
	assert_int_equal(rb_mmio_copy_from(m, 0, NULL, 1), -EINVAL);
	assert_int_equal(rb_mmio_copy_to(NULL, 0, buf, 1), -EINVAL);
	assert_int_equal(rb_mmio_fill(NULL, 0, 0, 1), -EINVAL);
	assert_int_equal(*bar(1), 0);
	assert_int_equal(buf[0], 1);
	assert_int_equal(rb_mmio_error(m), 0);
	rb_mmio_close(m);
}

static void vanish_at_the_third(struct fake_world *world)
{
	if (++nwidths == 3)
		world->io_answer = -ENODEV;
}

static void what_cannot_be_copied_from_a_lost_device_is_all_ones(void **state)
{
	struct rb_mmio *m;
	uint8_t buf[32];

	(void)state;
	route_everything();
	m = map(0, 64);
	memset(bar(0), 0x11, 64);
	w->on_io = vanish_at_the_third;
	nwidths = 0;

	assert_int_equal(rb_mmio_copy_from(m, 0, buf, sizeof(buf)), -ENODEV);

	assert_int_equal(buf[15], 0x11);
	assert_int_equal(buf[16], 0xff);
	assert_int_equal(buf[31], 0xff);
	memset(buf, 0, sizeof(buf));
	assert_int_equal(rb_mmio_copy_from(m, 0, buf, sizeof(buf)), -ENODEV);
	assert_int_equal(buf[0], 0xff);
	assert_int_equal(rb_mmio_copy_to(m, 0, buf, 1), -ENODEV);
	rb_mmio_close(m);
}

static void a_white_picture_is_no_removed_device(void **state)
{
	struct rb_mmio *m = map(0, 64);
	uint8_t buf[32];

	(void)state;
	memset(bar(0), 0xff, 64);
	assert_int_equal(rb_mmio_copy_from(m, 0, buf, sizeof(buf)), 0);
	w->removed = true;
	assert_int_equal(rb_mmio_copy_from(m, 0, buf, 3), 0);
	assert_int_equal(rb_mmio_copy_from(m, 0, buf, sizeof(buf)), -ENODEV);
	assert_true(rb_pci_is_gone(dev));
	rb_mmio_close(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_copy_ascends_in_the_widest_aligned_accesses),
		TEST(copies_of_every_alignment_and_length_arrive),
		TEST(a_fill_touches_its_piece_alone),
		TEST(bulk_past_the_window_moves_nothing),
		TEST(what_cannot_be_copied_from_a_lost_device_is_all_ones),
		TEST(a_white_picture_is_no_removed_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
