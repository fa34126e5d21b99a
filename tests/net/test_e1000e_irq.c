/* SPDX-License-Identifier: MIT */
/* test_e1000e_irq.c - the e1000e driver's interrupts: how far apart, and by how many vectors. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <rbdrv/host.h>

#include "e1000e_bench.h"
#include "nic82574.h"

#define MACHINE "mock:net.n0=dgram;e1000e,netdev=n0"
#define FRAMES	400
#define EVERY_NS 50000

static struct rb_mock_dev *model(struct bench *b)
{
	return rb_mock_find(b->ctx, "e1000e", 0);
}

static uint64_t interrupts(struct bench *b)
{
	struct e1000e_stats stats;

	assert_ok(e1000e_stats(b->nic, &stats));
	return stats.interrupts;
}

/* --- moderation -------------------------------------------------------------------------- */

static void the_card_is_told_the_least_time_in_its_units(void **state)
{
	static const struct {
		uint32_t us, units; /* of 256 ns; never less time than asked for */
	} times[] = { { 0, 0 }, { 1, 4 }, { 32, 125 }, { 100, 391 }, { 1000, 3907 }, { 16000, 62500 } };
	struct e1000e_options options = { 0 };
	struct bench b;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		options.moderation_us = times[i].us;

		options.irq = E1000E_IRQ_MSIX;
		open_bench(&b, MACHINE, &options);
		assert_int_equal(nic_get(model(&b), NIC_EITR), times[i].units);
		assert_int_equal(nic_get(model(&b), NIC_EITR + 4), times[i].units);
		assert_int_equal(nic_get(model(&b), NIC_EITR + 8), times[i].units);
		close_bench(&b);

		for (options.irq = E1000E_IRQ_MSI; options.irq <= E1000E_IRQ_INTX; options.irq++) {
			open_bench(&b, MACHINE, &options);
			assert_int_equal(nic_get(model(&b), NIC_ITR), times[i].units);
			close_bench(&b);
		}
	}
}

/* A frame each 50 us, whatever the driver does. */
struct stream {
	struct bench *b;
	unsigned int sent;
};

static void send_next(struct rb_mock_dev *dev, void *arg)
{
	struct stream *s = arg;
	uint8_t frame[60];

	make_frame(frame, sizeof(frame), s->sent++);
	(void)!send(s->b->cable, frame, sizeof(frame), 0);
	if (s->sent < FRAMES)
		(void)rb_mock_after(dev, EVERY_NS, send_next, s);
}

/* The interrupts that the stream takes. */
static uint64_t interrupts_of_a_stream(enum e1000e_irq_mode irq, uint32_t moderation_us)
{
	struct e1000e_options options = { .irq = irq, .moderation_us = moderation_us };
	uint64_t before, count;
	struct stream s = { 0 };
	struct bench b;

	open_bench(&b, MACHINE, &options);
	s.b = &b;
	before = interrupts(&b);
	assert_ok(rb_mock_after(model(&b), EVERY_NS, send_next, &s));

	wait_for_frames(&b, FRAMES);

	count = interrupts(&b) - before;
	assert_int_equal(b.came, FRAMES);
	close_bench(&b);
	return count;
}

static void moderated_interrupts_are_few_and_no_frame_is_lost(void **state)
{
	unsigned int irq;

	(void)state;
	for (irq = E1000E_IRQ_MSIX; irq <= E1000E_IRQ_INTX; irq++) {
		assert_in_range(interrupts_of_a_stream(irq, 0), 350, FRAMES);
		assert_in_range(interrupts_of_a_stream(irq, 1000), 15, 21); /* in 20 ms */
	}
}

static void qemu_moderates_as_well(void **state)
{
	struct e1000e_options options = { .moderation_us = 500 };
	unsigned int irq;
	struct bench b;

	(void)state;
	for (irq = E1000E_IRQ_MSIX; irq <= E1000E_IRQ_INTX; irq++) {
		options.irq = irq;
		open_bench(&b, "qemu:net.n0=dgram;e1000e,netdev=n0", &options);
		be_woken(&b);
		be_woken(&b);
		close_bench(&b);
	}
}

/* --- vectors ----------------------------------------------------------------------------- */

/* What has a vector of its own with three of them wakes the driver with @count, too. */
static void all_causes_wake(const char *vectors, enum rb_irq_kind kind)
{
	struct e1000e_options options = { .tx_count = 16 };
	char machine[80];
	uint8_t frame[1518];
	uint64_t before;
	struct bench b;
	unsigned int i;

	snprintf(machine, sizeof(machine), MACHINE "%s", vectors);
	open_bench(&b, machine, &options);
	assert_int_equal(e1000e_irq_kind(b.nic), kind);

	be_woken(&b); /* received */

	before = interrupts(&b);
	make_frame(frame, sizeof(frame), 1);
	for (i = 0; interrupts(&b) == before; i++) { /* room: not at once, a frame takes 12 us */
		assert_true(i < 100);
		while (e1000e_send(b.nic, frame, sizeof(frame)) == 0)
			;
		assert_ok(e1000e_wait(b.nic, PATIENCE_MS));
		poll_once(&b);
	}

	before = interrupts(&b);
	assert_ok(rb_mock_after(model(&b), 1000000, nic82574_drop_link, NULL));
	while (b.up) { /* the rest */
		assert_ok(e1000e_wait(b.nic, PATIENCE_MS));
		poll_once(&b);
	}
	assert_true(interrupts(&b) > before);
	wait_for_link(&b);
	be_woken(&b);
	close_bench(&b);
}

static void causes_share_vectors_where_there_are_few(void **state)
{
	(void)state;
	all_causes_wake("", RB_IRQ_MSIX);
	all_causes_wake(",vectors=3", RB_IRQ_MSIX);
	all_causes_wake(",vectors=2", RB_IRQ_MSIX);
	all_causes_wake(",vectors=1", RB_IRQ_MSIX);
}

static void without_msix_there_is_msi(void **state)
{
	struct e1000e_options options = { .irq = E1000E_IRQ_MSIX };
	struct e1000e_events events;
	struct bench b;

	(void)state;
	all_causes_wake(",vectors=0", RB_IRQ_MSI);

	open_machine(&b, MACHINE ",vectors=0");
	bench_events(&events);
	assert_int_equal(e1000e_open(b.ctx, b.addr, &options, &events, &b, &b.nic), -ENOTSUP);
	assert_null(b.nic);
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_card_is_told_the_least_time_in_its_units),
		cmocka_unit_test(moderated_interrupts_are_few_and_no_frame_is_lost),
		cmocka_unit_test(qemu_moderates_as_well),
		cmocka_unit_test(causes_share_vectors_where_there_are_few),
		cmocka_unit_test(without_msix_there_is_msi),
	};

	return cmocka_run_group_tests_name("e1000e interrupts", tests, NULL, NULL);
}
