/* SPDX-License-Identifier: MIT */
/*
 * test_dma_ring.c - rings: shape, counting, the direct way and the routed one, refusals.
 *
 * Built twice: test_dma_ring_raw is the same with RBDRV_RAW_MMIO, where the world is
 * always direct and nothing checks the driver.
 */
#include "config.h"

#include <rbdrv/dma_ring.h>

#include "mmio_fixture.h"

#define BELL 0x40

#ifdef RBDRV_RAW_MMIO
#define RAW 1
#else
#define RAW 0
#endif

struct desc {
	uint64_t addr;
	uint32_t cmd;
	uint16_t tag;
	volatile uint16_t status;
};

#define OPTIONS                                                                     \
	{                                                                           \
		sizeof(struct rb_dma_ring_options), 0, NULL, 0, 0, 0, NULL, 0, NULL \
	}

static struct rb_dma_ring *open_ring(uint32_t count, const struct rb_dma_ring_options *o)
{
	struct rb_dma_ring *r = NULL;
	int rc = rb_dma_ring_open(dev, count, sizeof(struct desc), o, &r);

	if (rc < 0)
		fail_msg("%d: %s", rc, rb_last_error());
	return r;
}

/* What is in the doorbell; wiped, so that the next look tells whether it was rung. */
static uint32_t bell(void)
{
	uint32_t val;

	memcpy(&val, bar(BELL), 4);
	memset(bar(BELL), 0xee, 4);
	return val;
}

#define SILENT 0xeeeeeeeeu

/* --- counting ------------------------------------------------------------------------------ */

/* Fill the ring and empty it: every number of slots, at every place it may stand. */
static void fill_and_empty(struct rb_dma_ring *r, uint32_t start, uint32_t room)
{
	uint32_t i;

	r->prod = r->rung = r->cons = start;
	for (i = 0; i < room; i++) {
		assert_int_equal(rb_dma_ring_space(r), room - i);
		assert_int_equal(rb_dma_ring_used(r), i);
		assert_int_equal(rb_dma_ring_slot(r), (start + i) & r->mask);
		rb_dma_ring_post(r, 1);
	}
	assert_int_equal(rb_dma_ring_space(r), 0);
	assert_int_equal(rb_dma_ring_used(r), room);
	for (i = 0; i < room; i++) {
		assert_int_equal(rb_dma_ring_peek(r), (start + i) & r->mask);
		assert_true(rb_dma_ring_done(r, true));
		rb_dma_ring_take(r, 1);
	}
	assert_int_equal(rb_dma_ring_used(r), 0);
	assert_int_equal(rb_dma_ring_space(r), room);
	assert_false(rb_dma_ring_done(r, true));
}

static void full_and_empty_differ_at_every_count_reserve_and_place(void **state)
{
	static const uint32_t reserves[] = { 0, 1, 2 };
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;
	uint32_t count, back;
	size_t i;

	(void)state;
	for (count = 1; count <= 64; count *= 2) {
		for (i = 0; i < 3 && reserves[i] < count; i++) {
			o.reserve = reserves[i];
			r = open_ring(count, &o);
			assert_int_equal(r->mask, count - 1);
			for (back = 0; back <= 2 * count; back++) {
				fill_and_empty(r, back, count - o.reserve);
				fill_and_empty(r, 0 - back, count - o.reserve); /* over 2^32 */
			}
			rb_dma_ring_close(r);
		}
	}
}

static void the_phase_flips_each_time_the_consumer_wraps(void **state)
{
	struct rb_dma_ring *r;
	uint32_t count, i;

	(void)state;
	for (count = 1; count <= 16; count *= 2) {
		r = open_ring(count, NULL);
		for (i = 0; i < 8 * count; i++) {
			assert_int_equal(rb_dma_ring_phase(r), i / count % 2 == 0);
			rb_dma_ring_post(r, 1);
			rb_dma_ring_take(r, 1);
		}
		/* 2^32 is an even number of laps: the phase goes on where it was */
		r->cons = 0 - count;
		assert_false(rb_dma_ring_phase(r));
		r->cons += count;
		assert_true(rb_dma_ring_phase(r));
		r->cons = r->prod;
		rb_dma_ring_close(r);
	}
}

static void signs_of_completion_are_read_little_endian_and_by_their_bit(void **state)
{
	const uint16_t w16 = RB_LE16(0x0100);
	const uint32_t w32 = RB_LE32(0x00010000);
	struct rb_dma_ring *r = open_ring(4, NULL);
	const uint8_t w8 = 0x11;

	(void)state;
	assert_false(rb_dma_ring_done_bit8(r, &w8, 0x10)); /* nothing is the device's */
	rb_dma_ring_post(r, 4);
	assert_true(rb_dma_ring_done_bit8(r, &w8, 0x10));
	assert_false(rb_dma_ring_done_bit8(r, &w8, 0x02));
	assert_true(rb_dma_ring_done_bit16(r, &w16, 0x100));
	assert_false(rb_dma_ring_done_bit16(r, &w16, 0x001));
	assert_true(rb_dma_ring_done_bit32(r, &w32, 0x10000));
	assert_false(rb_dma_ring_done_bit32(r, &w32, 0x1));
	assert_true(rb_dma_ring_done_phase16(r, &w16, 0x100));
	assert_false(rb_dma_ring_done_phase16(r, &w16, 0x001));
	assert_true(rb_dma_ring_done_phase32(r, &w32, 0x10000));
	assert_false(rb_dma_ring_done_phase32(r, &w32, 0x1));

	rb_dma_ring_take(r, 4);
	rb_dma_ring_post(r, 4); /* the second lap: the phase is 0 */
	assert_false(rb_dma_ring_done_phase16(r, &w16, 0x100));
	assert_true(rb_dma_ring_done_phase16(r, &w16, 0x001));
	assert_false(rb_dma_ring_done_phase32(r, &w32, 0x10000));
	assert_true(rb_dma_ring_done_phase32(r, &w32, 0x1));
	rb_dma_ring_close(r);
}

static void an_index_of_the_device_is_believed_within_what_it_owns(void **state)
{
	struct rb_dma_ring *r = open_ring(8, NULL);
	uint32_t i;

	(void)state;
	r->prod = r->rung = r->cons = 0xfffe; /* slot 6 */
	rb_dma_ring_post(r, 5);

	for (i = 0; i <= 5; i++) {
		assert_int_equal(rb_dma_ring_told(r, (6 + i) % 8, r->mask), (int)i);
		assert_int_equal(rb_dma_ring_told(r, (0xfffe + i) & 0xffff, 0xffff), (int)i);
	}
	assert_int_equal(rb_dma_ring_told(r, 4, r->mask), -EPROTO);
	assert_int_equal(rb_dma_ring_told(r, 5, r->mask), -EPROTO);
	assert_non_null(
		strstr(rb_last_error(),
		       "the device is at 0x5 of 0x7, it says, but owns 5 slots from 0x6 on"));
	assert_int_equal(rb_dma_ring_told(r, 8, r->mask), -EPROTO);
	assert_int_equal(rb_dma_ring_told(r, UINT32_MAX, r->mask), -EPROTO);
	assert_int_equal(rb_dma_ring_told(r, 0x0004, 0xffff), -EPROTO);
	assert_int_equal(rb_dma_ring_told(r, 0xfffd, 0xffff), -EPROTO);
	assert_int_equal(rb_dma_ring_told(r, 0x1fffe, 0xffff), -EPROTO);
	rb_dma_ring_close(r);
}

/* --- the direct way -------------------------------------------------------------------------- */

static void one_doorbell_tells_of_all_that_was_posted(void **state)
{
	struct rb_mmio *m = map(0, 0x1000);
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;

	(void)state;
	o.regs = m;
	o.doorbell = BELL;
	r = open_ring(8, &o);
	assert_int_equal(r->direct, 1);
	(void)bell();

	assert_int_equal(rb_dma_ring_ring(r), 0);
	assert_int_equal(bell(), SILENT);
	rb_dma_ring_post(r, 1);
	rb_dma_ring_post(r, 2);
	assert_int_equal(bell(), SILENT);
	assert_int_equal(rb_dma_ring_ring(r), 3);
	assert_int_equal(bell(), 3);
	assert_int_equal(rb_dma_ring_ring(r), 0);
	assert_int_equal(bell(), SILENT);
	rb_dma_ring_take(r, 3);
	rb_dma_ring_post(r, 8); /* all slots, over the wrap */
	assert_int_equal(rb_dma_ring_ring(r), 8);
	assert_int_equal(bell(), 3);

	rb_dma_ring_close(r);
	rb_mmio_close(m);
}

static void a_completion_queue_is_the_devices_and_goes_back_as_it_is_taken(void **state)
{
	struct rb_mmio *m = map(0, 0x1000);
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;
	uint32_t i;

	(void)state;
	o.regs = m;
	o.doorbell = BELL;
	o.flags = RB_DMA_RING_COMPLETIONS;
	r = open_ring(4, &o);
	(void)bell();

	assert_int_equal(rb_dma_ring_used(r), 4);
	assert_int_equal(rb_dma_ring_space(r), 0);
	assert_int_equal(rb_dma_ring_ring(r), 0);
	assert_int_equal(rb_dma_ring_recycle(r), 0);
	assert_int_equal(bell(), SILENT);
	for (i = 1; i <= 10; i++) {
		rb_dma_ring_take(r, 1);
		assert_int_equal(rb_dma_ring_recycle(r), 1);
		assert_int_equal(bell(), i % 4);
	}
	rb_dma_ring_take(r, 4);
	assert_false(rb_dma_ring_done(r, true)); /* none is the device's before they go back */
	assert_int_equal(rb_dma_ring_recycle(r), 4);
	assert_int_equal(bell(), 10 % 4);

	rb_dma_ring_close(r);
	rb_mmio_close(m);
}

static void a_ring_without_a_doorbell_rings_nobody(void **state)
{
	struct rb_dma_ring *r = open_ring(8, NULL);
	static const uint8_t quiet[FAKE_BAR_SIZE];

	(void)state;
	memset(bar(0), 0, FAKE_BAR_SIZE);
	rb_dma_ring_post(r, 5);

	assert_int_equal(rb_dma_ring_ring(r), 5);

	assert_int_equal(r->prod, 5);
	assert_int_equal(r->rung, 5);
	assert_memory_equal(bar(0), quiet, FAKE_BAR_SIZE);
	assert_int_equal(w->io_writes, 0);
	rb_dma_ring_close(r);
}

static void a_reset_ring_is_as_new(void **state)
{
	static const struct desc zeros[4];
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;
	unsigned int flags;

	(void)state;
	for (flags = 0; flags <= 1; flags++) {
		o.flags = flags;
		r = open_ring(4, &o);
		assert_memory_equal(r->desc, zeros, sizeof(zeros));
		memset(r->desc, 0xff, sizeof(zeros));
		r->prod = r->rung = r->cons = 77;

		rb_dma_ring_reset(r);

		assert_memory_equal(r->desc, zeros, sizeof(zeros));
		assert_int_equal(r->cons, 0);
		assert_int_equal(r->prod, flags ? 4 : 0);
		assert_int_equal(r->rung, r->prod);
		assert_true(rb_dma_ring_phase(r));
		rb_dma_ring_close(r);
	}
	rb_dma_ring_reset(NULL);
}

/* --- memory ------------------------------------------------------------------------------- */

static void a_ring_has_a_bus_address_per_slot(void **state)
{
	struct rb_dma_ring *r;

	(void)state;
	w->next_phys = 0x123450000;
	r = open_ring(256, NULL);

	assert_int_equal(rb_dma_ring_addr(r, 0).value, 0x123450000);
	assert_int_equal(rb_dma_ring_addr(r, 3).value, 0x123450000 + 48);
	assert_int_equal(rb_dma_ring_addr(r, 256).value, 0x123450000 + 4096);
	assert_int_equal(rb_dma_ring_addr(r, 257).value, UINT64_MAX);
	assert_int_equal(rb_dma_ring_addr(NULL, 0).value, UINT64_MAX);
	rb_dma_ring_close(r);
	rb_dma_ring_close(NULL);
}

static void two_rings_live_in_one_buffer(void **state)
{
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *a, *b;
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(rb_dma_alloc(dev, 8192, NULL, &buf), 0);
	o.buf = buf;
	a = open_ring(256, &o);
	o.off = 4096;
	b = open_ring(256, &o);
	assert_int_equal(fake_blocks(w), 1);

	assert_ptr_equal(a->desc, buf->cpu);
	assert_ptr_equal(b->desc, (uint8_t *)buf->cpu + 4096);
	assert_int_equal(rb_dma_ring_addr(b, 1).value, rb_dma_addr(buf, 4096 + 16).value);
	rb_dma_ring_close(a);
	rb_dma_ring_close(b);
	assert_int_equal(fake_blocks(w), 1);
	rb_dma_close(buf);
}

static void what_makes_no_ring_is_refused(void **state)
{
	static const struct {
		uint32_t count, desc_size, flags, reserve, reserved;
		uint64_t doorbell;
		int code;
	} bad[] = {
		{ 0, 16, 0, 0, 0, 0, -EINVAL },
		{ 3, 16, 0, 0, 0, 0, -EINVAL },
		{ UINT32_MAX, 16, 0, 0, 0, 0, -EINVAL },
		{ 8, 0, 0, 0, 0, 0, -EINVAL },
		{ 8, 16, 0, 8, 0, 0, -EINVAL },
		{ 1, 16, 0, 1, 0, 0, -EINVAL },
		{ 8, 16, 2, 0, 0, 0, -EINVAL },
		{ 8, 16, 0x80000000, 0, 0, 0, -EINVAL },
		{ 8, 16, RB_DMA_RING_COMPLETIONS, 1, 0, 0, -EINVAL },
		{ 8, 16, 0, 0, 1, 0, -EINVAL },
		{ 8, 16, 0, 0, 0, 2, -EINVAL },
		{ 8, 16, 0, 0, 0, 0x1000, -ERANGE },
		{ 8, 16, 0, 0, 0, UINT64_MAX - 3, -ERANGE },
		{ 0x80000000, 0x80000000, 0, 0, 0, 0, -ENOMEM },
		{ 0x400000, 2, 0, 0, 0, 0, -ENOMEM },
	};
	struct rb_mmio *m = map(0, 0x1000);
	struct rb_dma_ring *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rb_dma_ring_options o = OPTIONS;

		o.flags = bad[i].flags;
		o.reserve = bad[i].reserve;
		o.reserved = bad[i].reserved;
		o.regs = m;
		o.doorbell = bad[i].doorbell;
		r = (struct rb_dma_ring *)w;
		assert_int_equal(rb_dma_ring_open(dev, bad[i].count, bad[i].desc_size, &o, &r),
				 bad[i].code);
		assert_null(r);
	}
	assert_int_equal(rb_dma_ring_open(NULL, 8, 16, NULL, &r), -EINVAL);
	assert_int_equal(rb_dma_ring_open(dev, 8, 16, NULL, NULL), -EINVAL);
	assert_int_equal(fake_blocks(w), 0);
	rb_mmio_close(m);
}

static void memory_that_makes_no_ring_is_refused(void **state)
{
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;

	(void)state;
	o.off = 16;
	assert_int_equal(rb_dma_ring_open(dev, 8, 16, &o, &r), -EINVAL);
	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &o.buf), 0);
	o.off = 4096 - 127;
	assert_int_equal(rb_dma_ring_open(dev, 8, 16, &o, &r), -ERANGE);
	o.off = UINT64_MAX - 15;
	assert_int_equal(rb_dma_ring_open(dev, 8, 16, &o, &r), -ERANGE);
	o.off = 0;
	assert_int_equal(rb_dma_ring_open(dev, 512, 16, &o, &r), -ERANGE);
	o.size = 0;
	assert_int_equal(rb_dma_ring_open(dev, 8, 16, &o, &r), -EINVAL);
	rb_dma_close(o.buf);
}

static void a_failed_open_leaves_nothing_behind(void **state)
{
	struct rb_dma_ring *r;
	unsigned long n, made;

	(void)state;
	rb_dma_ring_close(open_ring(8, NULL)); /* what a device keeps is made once */
	rbi_alloc_fail_at(0);
	rb_dma_ring_close(open_ring(8, NULL));
	made = rbi_alloc_fail_at(0);
	assert_true(made >= 2);
	for (n = 1; n <= made; n++) {
		rbi_alloc_fail_at(n);
		assert_int_equal(rb_dma_ring_open(dev, 8, 16, NULL, &r), -ENOMEM);
		assert_null(r);
		rbi_alloc_fail_at(0);
		assert_int_equal(fake_blocks(w), 0);
	}
	fake_fail(w, 2, ENOMEM);
	assert_int_equal(rb_dma_ring_open(dev, 8, 16, NULL, &r), -ENOMEM);
	assert_int_equal(fake_blocks(w), 0);
}

static void an_open_ring_has_a_name_in_the_ledger(void **state)
{
	struct rb_dma_ring_options o = OPTIONS;
	char text[512];
	struct rb_dma_ring *r;

	(void)state;
	o.label = "transmit";
	r = open_ring(8, &o);
	assert_int_equal(rb_ctx_live(w->ctx, text, sizeof(text)), 3);
	assert_non_null(strstr(text, "DMA ring transmit of 0000:00:02.0"));
	rb_dma_ring_close(r);
}

/* --- where it is not direct ------------------------------------------------------------- */

static int open_direct(const struct rb_dma_ring_options *o, struct rb_dma_ring **r)
{
	return rb_dma_ring_open_at(dev, 8, 16, o, r, RB_DMA_DIRECT, NULL);
}

static void a_copy_or_a_routed_doorbell_is_refused_on_demand(void **state)
{
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;

	(void)state;
	assert_int_equal(open_direct(&o, &r), 0);
	rb_dma_ring_close(r);
	assert_int_equal((rb_dma_ring_open)(dev, 8, 16, &o, &r), 0);
	rb_dma_ring_close(r);
	assert_int_equal(rb_dma_ring_open_at(dev, 8, 16, &o, &r, ~RB_DMA_DIRECT, NULL), 0);
	rb_dma_ring_close(r);
	w->shadow = 7;
	assert_int_equal(open_direct(&o, &r), -ENOTSUP);
	assert_null(r);
	assert_int_equal(rb_dma_ring_open(dev, 8, 16, &o, &r), RAW ? -ENOTSUP : 0);
	rb_dma_ring_close(r);
	w->shadow = 0;

	route_everything();
#ifndef RBDRV_RAW_MMIO
	o.regs = map(0, 0x1000);
	assert_int_equal(open_direct(&o, &r), -ENOTSUP);
	assert_non_null(strstr(rb_last_error(), "the doorbell is routed"));
	rb_mmio_close(o.regs);
#endif
	assert_int_equal(fake_blocks(w), 0);
}

#ifndef RBDRV_RAW_MMIO
static void a_routed_doorbell_is_written_once(void **state)
{
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;

	(void)state;
	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &o.buf), 0);
	route_everything();
	o.regs = map(0, 0x1000);
	o.doorbell = BELL;
	r = open_ring(8, &o);
	assert_int_equal(r->direct, 0);

	assert_int_equal(rb_dma_ring_ring(r), 0);
	assert_int_equal(rb_dma_ring_ring_routed(r), 0);
	assert_int_equal(w->io_writes, 0);
	rb_dma_ring_post(r, 7);
	assert_int_equal(rb_dma_ring_ring(r), 7);

	assert_int_equal(w->io_writes, 1);
	assert_int_equal(w->io_off, BELL);
	assert_int_equal(w->io_width, 4);
	assert_int_equal(w->io_val, 7);
	rb_dma_ring_close(r);
	rb_dma_close(o.buf);
	rb_mmio_close(o.regs);
}

static void what_is_posted_is_published_and_no_more(void **state)
{
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;

	(void)state;
	w->shadow = 7;
	r = open_ring(8, &o);
	w->publishes = w->observes = 0;

	rb_dma_ring_post(r, 5);
	assert_int_equal(w->publishes, 0);
	assert_int_equal(rb_dma_ring_ring(r), 5);
	assert_int_equal(w->publishes, 1);
	assert_int_equal(w->sync_off, 0);
	assert_int_equal(w->sync_len, 5 * 16);
	assert_int_equal(rb_dma_ring_peek(r), 0);
	assert_int_equal(w->observes, 1);
	assert_int_equal(w->sync_off, 0);
	assert_int_equal(w->sync_len, 16);
	assert_int_equal(rb_dma_ring_peek_ahead(r, 4), 4);
	assert_int_equal(w->sync_off, 0);
	assert_int_equal(w->sync_len, 5 * 16);
	rb_dma_ring_take(r, 5);

	rb_dma_ring_post(r, 3); /* up to the end: one range */
	assert_int_equal(rb_dma_ring_ring(r), 3);
	assert_int_equal(w->publishes, 2);
	assert_int_equal(w->sync_off, 5 * 16);
	assert_int_equal(w->sync_len, 3 * 16);
	rb_dma_ring_take(r, 3);
	r->prod = r->rung = r->cons = 0xfffffffe; /* slot 6 */
	rb_dma_ring_post(r, 3);
	assert_int_equal(rb_dma_ring_ring(r), 3);
	assert_int_equal(w->publishes, 4);
	assert_int_equal(w->sync_off, 0);
	assert_int_equal(w->sync_len, 16);
	rb_dma_ring_close(r);
}

static void a_driver_that_posts_or_takes_too_much_is_told_and_nothing_moves(void **state)
{
	struct rb_dma_ring_options o = OPTIONS;
	struct rb_dma_ring *r;

	(void)state;
	o.reserve = 1;
	o.label = "tx";
	r = open_ring(8, &o);

	rb_dma_ring_post(r, 8);
	assert_int_equal(r->prod, 0);
	assert_int_equal(w->misuses, 1);
	assert_string_equal(w->misuse, "rb_dma_ring_post of 8 slots of DMA ring tx of "
				       "0000:00:02.0, at most 7 were allowed");
	rb_dma_ring_post(r, UINT32_MAX);
	rb_dma_ring_post(r, 7);
	rb_dma_ring_post(r, 1);
	assert_int_equal(r->prod, 7);
	assert_int_equal(w->misuses, 3);
	rb_dma_ring_close(r);

	w->shadow = 7;
	r = open_ring(8, &o);
	rb_dma_ring_post(r, 7);
	rb_dma_ring_take(r, 8);
	rb_dma_ring_take(r, UINT32_MAX);
	assert_int_equal(r->cons, 0);
	rb_dma_ring_take(r, 7);
	rb_dma_ring_take(r, 1);
	assert_int_equal(r->cons, 7);
	assert_int_equal(w->misuses, 6);
	assert_int_equal(rb_dma_ring_recycle_routed(r), 0); /* these slots need filling */
	assert_int_equal(r->prod, 7);
	assert_int_equal(w->misuses, 7);
	rb_dma_ring_close(r);
}

static void what_a_ring_refuses_is_counted_with_the_device_s_misuses(void **state)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;
	struct rb_dma_ring *r;

	(void)state;
	r = open_ring(8, NULL);

	rb_dma_ring_post(r, 9);

	assert_int_equal(rb_dma_stats_read(dev, &stats), 0);
	assert_int_equal(stats.misuses, 1);
	rb_dma_ring_close(r);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(full_and_empty_differ_at_every_count_reserve_and_place),
		TEST(the_phase_flips_each_time_the_consumer_wraps),
		TEST(signs_of_completion_are_read_little_endian_and_by_their_bit),
		TEST(an_index_of_the_device_is_believed_within_what_it_owns),
		TEST(one_doorbell_tells_of_all_that_was_posted),
		TEST(a_completion_queue_is_the_devices_and_goes_back_as_it_is_taken),
		TEST(a_ring_without_a_doorbell_rings_nobody),
		TEST(a_reset_ring_is_as_new),
		TEST(a_ring_has_a_bus_address_per_slot),
		TEST(two_rings_live_in_one_buffer),
		TEST(what_makes_no_ring_is_refused),
		TEST(memory_that_makes_no_ring_is_refused),
		TEST(a_failed_open_leaves_nothing_behind),
		TEST(an_open_ring_has_a_name_in_the_ledger),
		TEST(a_copy_or_a_routed_doorbell_is_refused_on_demand),
#ifndef RBDRV_RAW_MMIO
		TEST(a_routed_doorbell_is_written_once),
		TEST(what_is_posted_is_published_and_no_more),
		TEST(a_driver_that_posts_or_takes_too_much_is_told_and_nothing_moves),
		TEST(what_a_ring_refuses_is_counted_with_the_device_s_misuses),
#endif
	};

	return cmocka_run_group_tests_name("dma_ring.h", tests, NULL, NULL);
}
