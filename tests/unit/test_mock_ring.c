/* SPDX-License-Identifier: MIT */
/*
 * test_mock_ring.c - rings and the device at their other end: what it sees at the moment
 * of the doorbell, what the driver sees of its answers, and what lies do.
 *
 * The device reads descriptors from its head to the tail it is told, and writes a tag and
 * a DD bit into each. Its second register is the head of a completion queue.
 */
#include "mock_fixture.h"

#include <errno.h>

#define TAIL  0x40
#define HEAD  0x44
#define COUNT 16u
#define DD    0x8000u
#define LOG   256u

struct desc {
	uint32_t cmd;
	uint16_t tag;
	uint16_t status;
};

struct card {
	struct rb_bus_addr ring;
	uint32_t head, tail;
	bool waits; /* for the test to say when it works */
	unsigned int every; /* DD in each such slot only; 1: in all */
	unsigned int doorbells, heads;
	uint32_t queue_head;
	uint32_t seen[LOG]; /* the commands, in the order they were read */
	unsigned int nseen;
};

static struct rig rig;
static struct card card;
static struct rb_mock_dev *dev;
static struct rb_pci_dev *pci;
static struct rb_mmio *regs;
static struct rb_dma_ring *ring;
static struct desc *desc;

/* --- the device ------------------------------------------------------------------------------- */

static struct rb_bus_addr slot_at(uint32_t slot)
{
	return bus(card.ring.value + slot % COUNT * sizeof(struct desc));
}

static void work(struct rb_mock_dev *d, uint32_t most)
{
	struct desc one;

	for (; card.head != card.tail && most > 0; most--) {
		if (rb_mock_dma_read(d, slot_at(card.head), &one, sizeof(one)) < 0)
			return;
		card.seen[card.nseen++ % LOG] = one.cmd;
		one.tag = (uint16_t)~one.cmd;
		one.status = (card.head + 1) % card.every == 0 ? DD : 0;
		(void)rb_mock_dma_write(d, slot_at(card.head), &one, sizeof(one));
		card.head = (card.head + 1) % COUNT;
	}
}

static void on_tail(struct rb_mock_dev *d, void *arg, uint64_t off, unsigned int width,
		    uint64_t val)
{
	(void)arg;
	(void)off;
	card.doorbells++;
	if (width != 4 || val >= COUNT)
		rb_mock_violation(d, "a tail of %u bytes, %#x", width, (unsigned int)val);
	card.tail = (uint32_t)val;
	if (!card.waits)
		work(d, COUNT);
}

static void on_head(struct rb_mock_dev *d, void *arg, uint64_t off, unsigned int width,
		    uint64_t val)
{
	(void)d;
	(void)arg;
	(void)off;
	(void)width;
	card.heads++;
	card.queue_head = (uint32_t)val;
}

static void device_writes(uint32_t slot, const struct desc *one)
{
	assert_int_equal(rb_mock_dma_write(dev, slot_at(slot), one, sizeof(*one)), 0);
}

/* --- the driver ------------------------------------------------------------------------------- */

static void open_ring(struct rb_dma_ring **r, uint32_t flags, uint64_t doorbell)
{
	struct rb_dma_ring_options o = RB_DMA_RING_OPTIONS_INIT;

	o.regs = regs;
	o.doorbell = doorbell;
	o.flags = flags;
	o.reserve = flags ? 0 : 1;
	o.label = "ring";
	assert_int_equal(rb_dma_ring_open(pci, COUNT, sizeof(struct desc), &o, r), 0);
	desc = (*r)->desc;
	card.ring = rb_dma_ring_addr(*r, 0);
}

static int start(void **state)
{
	(void)state;
	memset(&card, 0, sizeof(card));
	card.every = 1;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);
	assert_int_equal(rb_mock_on_write(dev, 0, TAIL, on_tail, NULL), 0);
	assert_int_equal(rb_mock_on_write(dev, 0, HEAD, on_head, NULL), 0);
	assert_int_equal(rb_pci_open(rig.ctx, rb_mock_addr(dev), &pci), 0);
	assert_int_equal(rb_mmio_map(pci, 0, 0, 0, RB_MMIO_UC, &regs), 0);
	open_ring(&ring, 0, TAIL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rb_dma_ring_close(ring);
	rb_mmio_close(regs);
	rb_pci_unref(pci);
	rig_close_clean(&rig);
	return 0;
}

static void post(uint32_t cmd)
{
	struct desc one = { cmd, 0, 0 };

	assert_true(rb_dma_ring_space(ring) > 0);
	desc[rb_dma_ring_slot(ring)] = one;
	rb_dma_ring_post(ring, 1);
}

/* Take the next slot, if the device has finished it; whose command that was, or -1. */
static int64_t take(void)
{
	uint32_t i = rb_dma_ring_peek(ring);

	if (!rb_dma_ring_done_bit16(ring, &desc[i].status, DD))
		return -1;
	assert_int_equal(desc[i].tag, (uint16_t)~desc[i].cmd);
	rb_dma_ring_take(ring, 1);
	return desc[i].cmd;
}

/* --- order ---------------------------------------------------------------------------------- */

static void a_batch_over_the_wrap_arrives_whole_by_one_doorbell(void **state)
{
	uint32_t sent = 0, back = 0, i, lap;

	(void)state;
	ring->prod = ring->rung = ring->cons = 0 - 3 * COUNT; /* passes 2^32, too */
	for (lap = 0; lap < 7; lap++) {
		for (i = 0; i < COUNT - 1; i++)
			post(sent++);
		assert_int_equal(rb_dma_ring_space(ring), 0);
		assert_int_equal(card.doorbells, lap);

		assert_int_equal(rb_dma_ring_ring(ring), COUNT - 1);

		assert_int_equal(card.doorbells, lap + 1);
		assert_int_equal(card.nseen, sent);
		for (; back < sent; back++) {
			assert_int_equal(card.seen[back], back);
			assert_int_equal(take(), back);
		}
		assert_int_equal(take(), -1);
	}
	assert_true(ring->prod < 7 * COUNT);
}

static void a_doorbell_without_a_publish_is_seen_by_the_device(void **state)
{
	(void)state;
	post(5);

	rb_mmio_write32(regs, TAIL, 1); /* and not rb_dma_ring_ring() */

	assert_violation(&rig, "reads byte 0 of");
	assert_int_equal(card.seen[0], 0);
	ring->rung = 1;
}

static void an_answer_is_not_there_before_the_peek_and_whole_after_it(void **state)
{
	(void)state;
	post(0x1234);
	rb_dma_ring_ring(ring);

	assert_false(rb_dma_ring_done_bit16(ring, &desc[0].status, DD));
	assert_int_equal(desc[0].tag, 0);
	assert_int_equal(rb_dma_ring_peek(ring), 0);
	assert_true(rb_dma_ring_done_bit16(ring, &desc[0].status, DD));
	assert_int_equal(desc[0].tag, 0xffff - 0x1234);
	rb_dma_ring_take(ring, 1);
}

static void a_wait_on_a_ring_moves_time(void **state)
{
	int64_t before;

	(void)state;
	card.waits = true;
	post(1);
	rb_dma_ring_ring(ring);
	before = now(&rig);

	assert_int_equal(take(), -1);

	assert_true(now(&rig) > before);
	work(dev, 1);
	assert_int_equal(take(), 1);
}

static void a_device_may_mark_the_last_of_several(void **state)
{
	uint32_t lap, i, ahead;

	(void)state;
	card.every = 4;
	for (lap = 0; lap < 10; lap++) {
		for (i = 0; i < 4; i++)
			post(lap * 4 + i);
		rb_dma_ring_ring(ring);

		ahead = rb_dma_ring_peek_ahead(ring, 3);
		assert_int_equal(ahead, (lap * 4 + 3) % COUNT);
		assert_true(rb_dma_ring_done_bit16(ring, &desc[ahead].status, DD));
		for (i = 0; i < 4; i++)
			assert_int_equal(desc[(ring->cons + i) & ring->mask].tag,
					 (uint16_t) ~(lap * 4 + i));
		rb_dma_ring_take(ring, 4);
	}
	(void)rb_dma_ring_peek_ahead(ring, UINT32_MAX); /* the whole ring, and no more */
}

static void any_mix_of_posting_and_working_keeps_the_order(void **state)
{
	uint32_t x = 12345, sent = 0, read = 0, back = 0, round, i;

	(void)state;
	card.waits = true;
	ring->prod = ring->rung = ring->cons = 0 - 32 * COUNT;
	for (round = 0; round < 3000; round++) {
		x = x * 1664525 + 1013904223;
		for (i = x >> 28; i > 0 && rb_dma_ring_space(ring) > 0; i--)
			post(sent++);
		if (x >> 24 & 1) {
			(void)rb_dma_ring_ring(ring);
			assert_int_equal(card.tail, sent % COUNT);
		}
		work(dev, x >> 20 & 15);
		for (; read < card.nseen; read++)
			assert_int_equal(card.seen[read % LOG], read);
		for (i = x >> 16 & 15; i > 0 && back < read; i--)
			assert_int_equal(take(), back++);
		if (back == read)
			assert_int_equal(take(), -1);
		assert_int_equal(rb_dma_ring_used(ring), sent - back);
		assert_int_equal(rb_dma_ring_space(ring), COUNT - 1 - (sent - back));
	}
	assert_true(back > 5000);
}

/* --- completion queues ---------------------------------------------------------------------- */

static void phases_tell_new_entries_from_old_for_many_laps(void **state)
{
	struct desc one = { 0, 0, 0 };
	struct rb_dma_ring *queue;
	uint32_t made = 0, seen = 0, x = 99, i;

	(void)state;
	open_ring(&queue, RB_DMA_RING_COMPLETIONS, HEAD);
	while (seen < 40 * COUNT) {
		x = x * 1664525 + 1013904223;
		for (i = x >> 28; i > 0 && made - queue->prod + COUNT < COUNT; i--, made++) {
			one.cmd = made;
			one.status = made / COUNT % 2 == 0;
			device_writes(made, &one);
		}
		for (;;) {
			i = rb_dma_ring_peek(queue);
			if (!rb_dma_ring_done_phase16(queue, &desc[i].status, 1))
				break;
			assert_int_equal(desc[i].cmd, seen++);
			rb_dma_ring_take(queue, 1);
		}
		assert_int_equal(seen, made);
		card.heads = 0;
		if (rb_dma_ring_recycle(queue) > 0) {
			assert_int_equal(card.heads, 1);
			assert_int_equal(card.queue_head, seen % COUNT);
		}
		assert_int_equal(rb_dma_ring_recycle(queue), 0);
		assert_true(card.heads <= 1);
	}
	rb_dma_ring_close(queue);
}

static void a_reset_queue_starts_with_phase_1_again(void **state)
{
	struct desc one = { 7, 0, 1 };
	struct rb_dma_ring *queue;
	uint32_t lap;

	(void)state;
	open_ring(&queue, RB_DMA_RING_COMPLETIONS, HEAD);
	for (lap = 0; lap < 3; lap++) {
		(void)rb_dma_ring_peek(queue);
		assert_false(rb_dma_ring_done_phase16(queue, &desc[0].status, 1));
		device_writes(0, &one);
		device_writes(5, &one); /* which the driver never looks at */
		assert_int_equal(rb_dma_ring_peek(queue), 0);
		assert_true(rb_dma_ring_done_phase16(queue, &desc[0].status, 1));
		rb_dma_ring_take(queue, 1);

		rb_dma_ring_reset(queue);

		assert_int_equal(rb_mock_dma_read(dev, slot_at(5), &one, sizeof(one)), 0);
		assert_int_equal(one.cmd, 0);
		one.cmd = 7;
		one.status = 1;
	}
	rb_dma_ring_close(queue);
}

/* --- lies ------------------------------------------------------------------------------------- */

static void done_bits_everywhere_do_not_carry_the_consumer_past_the_producer(void **state)
{
	const struct desc lie = { 0, 0xffff, DD };
	uint32_t i;

	(void)state;
	card.waits = true;
	for (i = 0; i < COUNT; i++)
		device_writes(i, &lie);
	assert_int_equal(take(), -1);
	(void)rb_dma_ring_peek_ahead(ring, COUNT - 1);

	post(0);
	post(0);
	post(0);
	rb_dma_ring_ring(ring);
	for (i = 0; i < 3; i++)
		device_writes(i, &lie);

	for (i = 0; i < 3; i++)
		assert_int_equal(take(), 0);
	for (i = 0; i < 2 * COUNT; i++)
		assert_int_equal(take(), -1);
	assert_int_equal(ring->cons, ring->prod);
}

static void phases_of_any_kind_end_after_one_lap(void **state)
{
	struct desc lie = { 0, 0, 0 };
	struct rb_dma_ring *queue;
	uint32_t i, n;

	(void)state;
	open_ring(&queue, RB_DMA_RING_COMPLETIONS, HEAD);
	for (n = 0; n < 1000; n++) {
		i = rb_dma_ring_peek(queue);
		lie.status = rb_dma_ring_phase(queue); /* always what the driver waits for */
		device_writes(i, &lie);
		i = rb_dma_ring_peek(queue);
		if (!rb_dma_ring_done_phase16(queue, &desc[i].status, 1))
			break;
		rb_dma_ring_take(queue, 1);
	}
	assert_int_equal(n, COUNT);
	assert_int_equal(rb_dma_ring_used(queue), 0);
	assert_int_equal(rb_dma_ring_recycle(queue), COUNT);
	assert_int_equal(card.queue_head, 0);
	rb_dma_ring_close(queue);
}

static void an_index_of_the_device_brings_its_slots_or_is_refused(void **state)
{
	uint32_t i;
	int n;

	(void)state;
	ring->prod = ring->rung = ring->cons = 0xfffffffd; /* slot 13 */
	card.head = card.tail = 13;
	for (i = 0; i < 6; i++)
		post(i);
	rb_dma_ring_ring(ring);

	n = rb_dma_ring_told(ring, card.head, ring->mask);

	assert_int_equal(n, 6);
	for (i = 0; i < 6; i++)
		assert_int_equal(desc[(13 + i) % COUNT].tag, (uint16_t)~i);
	rb_dma_ring_take(ring, (uint32_t)n);
	assert_int_equal(rb_dma_ring_told(ring, card.head, ring->mask), 0);
	assert_int_equal(rb_dma_ring_told(ring, card.head + 1, ring->mask), -EPROTO);
	assert_int_equal(rb_dma_ring_told(ring, COUNT, ring->mask), -EPROTO);
	assert_int_equal(ring->cons, ring->prod);
}

/* --- mistakes ----------------------------------------------------------------------------------- */

static void posting_or_taking_too_much_is_a_violation_that_names_the_ring(void **state)
{
	(void)state;

	rb_dma_ring_post(ring, COUNT);
	assert_violation(&rig, "rb_dma_ring_post of 16 slots of DMA ring ring of ");
	post(1);
	rb_dma_ring_ring(ring);
	rb_dma_ring_take(ring, 2);
	assert_violation(&rig, "rb_dma_ring_take of 2 slots of DMA ring ring of ");
	assert_int_equal(take(), 1);
	rb_dma_ring_recycle(ring);
	assert_violation(&rig, "rb_dma_ring_recycle of 15 slots of DMA ring ring of ");
	assert_int_equal(card.doorbells, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_batch_over_the_wrap_arrives_whole_by_one_doorbell),
		TEST(a_doorbell_without_a_publish_is_seen_by_the_device),
		TEST(an_answer_is_not_there_before_the_peek_and_whole_after_it),
		TEST(a_wait_on_a_ring_moves_time),
		TEST(a_device_may_mark_the_last_of_several),
		TEST(any_mix_of_posting_and_working_keeps_the_order),
		TEST(phases_tell_new_entries_from_old_for_many_laps),
		TEST(a_reset_queue_starts_with_phase_1_again),
		TEST(done_bits_everywhere_do_not_carry_the_consumer_past_the_producer),
		TEST(phases_of_any_kind_end_after_one_lap),
		TEST(an_index_of_the_device_brings_its_slots_or_is_refused),
		TEST(posting_or_taking_too_much_is_a_violation_that_names_the_ring),
	};

	return cmocka_run_group_tests_name("rings on the mock", tests, NULL, NULL);
}
