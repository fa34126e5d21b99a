/* SPDX-License-Identifier: MIT */
/* test_dma_limits.c - what a device demands, stated once: what makes sense, what holds. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/dma.h>
#include <rbdrv/pci_match.h>

#include "device_fixture.h"
#include "dma/dma_dev.h"

static struct rb_dma_limits limits(uint32_t addr_bits, uint64_t align, uint64_t boundary,
				   uint64_t segment_max)
{
	struct rb_dma_limits l = RB_DMA_LIMITS_INIT;

	l.addr_bits = addr_bits;
	l.align = align;
	l.boundary = boundary;
	l.segment_max = segment_max;
	return l;
}

static int set(struct rb_dma_limits l)
{
	return rb_dma_set_limits(dev, &l);
}

static struct rb_dma_limits get(void)
{
	struct rb_dma_limits l = RB_DMA_LIMITS_INIT;

	assert_int_equal(rb_dma_get_limits(dev, &l), 0);
	return l;
}

/* --- stated ------------------------------------------------------------------------------ */

static void a_device_without_demands_takes_everything(void **state)
{
	struct rb_dma_limits l = get();

	(void)state;
	assert_int_equal(l.size, sizeof(l));
	assert_int_equal(l.addr_bits, 64);
	assert_int_equal(l.align, 1);
	assert_int_equal(l.boundary, 0);
	assert_int_equal(l.segment_max, UINT64_MAX);
	assert_int_equal(l.segments, RB_DMA_SEGMENTS_MAX);
	assert_int_equal(l.flags, 0);
	assert_int_equal(set(l), 0); /* what is told can be said */
}

static void limits_hold_until_others_are_stated(void **state)
{
	struct rb_dma_limits l = limits(36, 16, 65536, 1000);

	(void)state;
	l.segments = 17;
	l.flags = RB_DMA_CHECK;

	assert_int_equal(set(l), 0);

	l = get();
	assert_int_equal(l.addr_bits, 36);
	assert_int_equal(l.align, 16);
	assert_int_equal(l.boundary, 65536);
	assert_int_equal(l.segment_max, 992); /* so that the next segment is aligned */
	assert_int_equal(l.segments, 17);
	assert_int_equal(l.flags, RB_DMA_CHECK);
	assert_int_equal(set(limits(0, 0, 0, 0)), 0);
	assert_int_equal(get().addr_bits, 64);
}

static void demands_that_make_no_sense_are_refused(void **state)
{
	const struct rb_dma_limits bad[] = {
		limits(11, 0, 0, 0),	   limits(65, 0, 0, 0),
		limits(UINT32_MAX, 0, 0, 0), limits(0, 3, 0, 0),
		limits(0, 0, 4097, 0),	   limits(0, 64, 32, 0),
		limits(0, 64, 0, 63),	   limits(0, RB_DMA_MAX * 2, 0, 0),
		limits(0, UINT64_MAX, 0, 0), limits(0, 0, UINT64_MAX, 0),
		limits(0, (uint64_t)1 << 63, 0, 0),
	};
	struct rb_dma_limits l = RB_DMA_LIMITS_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(set(bad[i]), -EINVAL);
	l.flags = 2;
	assert_int_equal(set(l), -EINVAL);
	l.flags = 0;
	l.size = 0;
	assert_int_equal(set(l), -EINVAL);
	assert_int_equal(rb_dma_get_limits(dev, &l), -EINVAL);
	assert_int_equal(rb_dma_set_limits(dev, NULL), -EINVAL);
	assert_int_equal(rb_dma_get_limits(dev, NULL), -EINVAL);
	l.size = sizeof(l);
	assert_int_equal(rb_dma_set_limits(NULL, &l), -EINVAL);
	assert_int_equal(rb_dma_get_limits(NULL, &l), -EINVAL);
	assert_int_equal(get().align, 1);
}

static void callers_of_another_age_are_understood(void **state)
{
	struct {
		struct rb_dma_limits known;
		uint64_t unknown;
	} newer = { RB_DMA_LIMITS_INIT, 0 };
	struct rb_dma_limits older = limits(32, 64, 0, 0);

	(void)state;
	newer.known.size = sizeof(newer);
	newer.known.addr_bits = 40;
	assert_int_equal(rb_dma_set_limits(dev, &newer.known), 0);
	newer.unknown = 1;
	assert_int_equal(rb_dma_set_limits(dev, &newer.known), -EINVAL);
	assert_int_equal(rb_dma_get_limits(dev, &newer.known), 0);
	assert_int_equal(newer.unknown, 1);
	assert_int_equal(newer.known.addr_bits, 40);

	older.size = offsetof(struct rb_dma_limits, align);
	assert_int_equal(set(older), 0);
	assert_int_equal(get().addr_bits, 32);
	assert_int_equal(get().align, 1); /* it does not know the word */
	older.align = 7;
	assert_int_equal(rb_dma_get_limits(dev, &older), 0);
	assert_int_equal(older.align, 7);
}

static void limits_stay_while_anything_lives_by_them(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(rb_dma_alloc(dev, 1, NULL, &buf), 0);

	assert_int_equal(set(limits(32, 0, 0, 0)), -EBUSY);

	assert_non_null(strstr(rb_last_error(), "0000:00:02.0 has 1 live"));
	rb_dma_close(buf);
	assert_int_equal(set(limits(32, 0, 0, 0)), 0);
	w->next_phys = (uint64_t)1 << 40;
	assert_int_equal(rb_dma_alloc(dev, 1, NULL, &buf), -ENOMEM);
	assert_int_equal(set(limits(41, 0, 0, 0)), 0); /* what failed does not live */
}

static void stating_limits_needs_little_memory(void **state)
{
	struct rb_dma_limits l = limits(32, 0, 0, 0);

	(void)state;
	rbi_alloc_fail_at(1);
	assert_int_equal(rb_dma_set_limits(dev, &l), -ENOMEM);
	assert_int_equal(rb_dma_set_limits(dev, &l), 0);
	rbi_alloc_fail_at(1);
	assert_int_equal(rb_dma_get_limits(dev, &l), 0);
	rbi_alloc_fail_at(0);
}

/* --- honoured ---------------------------------------------------------------------------- */

static void a_buffer_without_options_honours_the_device(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(set(limits(32, 16384, 65536, 0)), 0);
	w->next_phys = 0x100008000;
	w->phys_step = -0x4000;

	assert_int_equal(rb_dma_alloc(dev, 100, NULL, &buf), 0);

	assert_int_equal(rb_dma_addr(buf, 0).value, 0xffffc000);
	assert_int_equal(w->map_len, 16384);
	rb_dma_close(buf);
}

static void options_tighten_and_never_loosen(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(set(limits(32, 8192, 65536, 0)), 0);
	o.addr_bits = 64;
	o.align = 64;
	o.boundary = (uint64_t)1 << 40;
	w->next_phys = 0x100000000;
	w->phys_step = 4096;

	assert_int_equal(rb_dma_alloc(dev, 100, &o, &buf), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "below 2^32, aligned to 0x2000"));
	assert_int_equal(rb_dma_alloc(dev, 65537, &o, &buf), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "the device's boundary of 0x10000"));

	o.addr_bits = 31;
	o.align = 16384;
	assert_int_equal(rb_dma_alloc(dev, 100, &o, &buf), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "below 2^31, aligned to 0x4000"));
	o.boundary = 4096; /* below the device's alignment: no second segment could begin */
	assert_int_equal(rb_dma_alloc_sg(dev, 100, &o, &buf), -EINVAL);
}

static void a_quirk_is_honoured_whatever_is_stated(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(set(limits(64, 0, 0, 0)), 0);
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_DMA_32BIT_ONLY), 0);

	assert_int_equal(get().addr_bits, 32);
	w->next_phys = 0x100000000;
	assert_int_equal(rb_dma_alloc(dev, 1, NULL, &buf), -ENOMEM);
	assert_int_equal(rb_dma_alloc_sg(dev, 1, NULL, &buf), -ENOMEM);
	assert_int_equal(set(limits(24, 0, 0, 0)), 0);
	assert_int_equal(get().addr_bits, 24);
}

static void the_greatest_length_of_a_segment_divides_a_ring_and_does_not_forbid_it(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(set(limits(0, 0, 0, 16384)), 0);

	assert_int_equal(rb_dma_alloc(dev, 65536, NULL, &buf), 0);

	assert_int_equal(rb_dma_addr(buf, 65535).value, rb_dma_addr(buf, 0).value + 65535);
	assert_int_equal(rb_dma_segment_count(buf), 4);
	rb_dma_close(buf);
}

static void one_segment_is_as_long_as_all_limits_let_it_be(void **state)
{
	struct rb_dma_limits l = limits(64, 1, 0, UINT64_MAX);

	(void)state;
	assert_int_equal(rbi_dma_one_segment(&l, 0x1000, UINT64_MAX - 0x1000), UINT64_MAX - 0x1000);
	l.boundary = 0x1000;
	assert_int_equal(rbi_dma_one_segment(&l, 0xfff, 4), 1);
	assert_int_equal(rbi_dma_one_segment(&l, 0x1000, 0x2000), 0x1000);
	l.segment_max = 0x200;
	assert_int_equal(rbi_dma_one_segment(&l, 0x1000, 0x2000), 0x200);
	assert_int_equal(rbi_dma_one_segment(&l, 0x1000, 0x10), 0x10);
	l.boundary = (uint64_t)1 << 63;
	assert_int_equal(rbi_dma_one_segment(&l, ((uint64_t)1 << 63) - 1, 0x10), 1);
}

/* --- figures ------------------------------------------------------------------------------- */

static void buffers_are_counted(void **state)
{
	struct rb_dma_stats s = RB_DMA_STATS_INIT;
	struct rb_dma_buf *one, *two;

	(void)state;
	assert_int_equal(rb_dma_stats_read(dev, &s), 0);
	assert_int_equal(s.buffers + s.buffers_made + s.bytes, 0);
	assert_int_equal(rb_dma_alloc(dev, 5000, NULL, &one), 0);
	assert_int_equal(rb_dma_alloc_sg(dev, 3 * 4096, NULL, &two), 0);
	rb_dma_close(one);

	assert_int_equal(rb_dma_stats_read(dev, &s), 0);

	assert_int_equal(s.size, sizeof(s));
	assert_int_equal(s.buffers, 1);
	assert_int_equal(s.buffers_peak, 2);
	assert_int_equal(s.buffers_made, 2);
	assert_int_equal(s.bytes, 3 * 4096);
	assert_int_equal(s.bytes_peak, 5 * 4096);
	assert_int_equal(s.quarantined + s.misuses, 0);
	rb_dma_close(two);
	assert_int_equal(rb_dma_stats_read(dev, &s), 0);
	assert_int_equal(s.buffers + s.bytes, 0);
}

static void figures_fill_as_much_as_the_caller_has(void **state)
{
	struct rb_dma_stats s = RB_DMA_STATS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(rb_dma_alloc(dev, 1, NULL, &buf), 0);
	s.size = offsetof(struct rb_dma_stats, bytes);
	s.bytes = 7;

	assert_int_equal(rb_dma_stats_read(dev, &s), 0);

	assert_int_equal(s.buffers, 1);
	assert_int_equal(s.bytes, 7);
	s.size = 0;
	assert_int_equal(rb_dma_stats_read(dev, &s), -EINVAL);
	assert_int_equal(rb_dma_stats_read(dev, NULL), -EINVAL);
	s.size = sizeof(s);
	assert_int_equal(rb_dma_stats_read(NULL, &s), -EINVAL);
	rb_dma_close(buf);
}

static void a_misuse_is_counted_and_told(void **state)
{
	struct rb_dma_stats s = RB_DMA_STATS_INIT;
	struct rbi_dma_dev *d;

	(void)state;
	assert_int_equal(rbi_dma_dev(dev, "test", &d), 0);

	rbi_dma_misuse(d, "element %u came twice", 3);

	assert_int_equal(rb_dma_stats_read(dev, &s), 0);
	assert_int_equal(s.misuses, 1);
	assert_int_equal(w->misuses, 1);
	assert_non_null(strstr(w->misuse, "element 3 came twice"));
}

static void in_a_child_of_fork_limits_are_not_there(void **state)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_limits l = RB_DMA_LIMITS_INIT;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0)
		_exit(rb_dma_set_limits(dev, &l) == -ENODEV &&
				      rb_dma_get_limits(dev, &l) == -ENODEV &&
				      rb_dma_stats_read(dev, &stats) == -ENODEV ?
			      0 :
			      1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_device_without_demands_takes_everything),
		TEST(limits_hold_until_others_are_stated),
		TEST(demands_that_make_no_sense_are_refused),
		TEST(callers_of_another_age_are_understood),
		TEST(limits_stay_while_anything_lives_by_them),
		TEST(stating_limits_needs_little_memory),
		TEST(a_buffer_without_options_honours_the_device),
		TEST(options_tighten_and_never_loosen),
		TEST(a_quirk_is_honoured_whatever_is_stated),
		TEST(the_greatest_length_of_a_segment_divides_a_ring_and_does_not_forbid_it),
		TEST(one_segment_is_as_long_as_all_limits_let_it_be),
		TEST(buffers_are_counted),
		TEST(figures_fill_as_much_as_the_caller_has),
		TEST(a_misuse_is_counted_and_told),
		TEST(in_a_child_of_fork_limits_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
