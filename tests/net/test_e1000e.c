/* SPDX-License-Identifier: MIT */
/*
 * test_e1000e.c - the e1000e driver of examples/, on a model of the 82574L and on QEMU's own;
 * what QEMU has of the 82540EM, too. The test holds the cable's other end.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rbdrv/host.h>

#include "e1000e_bench.h"

static const char *card, *other_card; /* machines, of the group that runs */

static const uint8_t qemu_mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

/* --- bring-up ---------------------------------------------------------------------------- */

static void comes_up(enum e1000e_irq_mode irq, enum rb_irq_kind kind)
{
	struct e1000e_options options = { .irq = irq };
	struct bench b;
	uint8_t mac[6];

	open_bench(&b, card, &options);

	assert_int_equal(e1000e_irq_kind(b.nic), kind);
	e1000e_mac(b.nic, mac);
	assert_memory_equal(mac, qemu_mac, 6);
	assert_true(e1000e_link(b.nic));
	assert_int_equal(b.mbps, 1000);
	assert_int_equal(b.link_events, 1);
	assert_int_equal(e1000e_wait(b.nic, 20), -ETIMEDOUT);
	close_bench(&b);
}

static void the_card_comes_up_with_each_kind_of_interrupt(void **state)
{
	(void)state;
	comes_up(E1000E_IRQ_AUTO, RB_IRQ_MSIX);
	comes_up(E1000E_IRQ_MSIX, RB_IRQ_MSIX);
	comes_up(E1000E_IRQ_MSI, RB_IRQ_MSI);
	comes_up(E1000E_IRQ_INTX, RB_IRQ_INTX);
}

/* --- frames ------------------------------------------------------------------------------ */

static void sends_and_receives(const char *machine, enum e1000e_irq_mode irq)
{
	struct e1000e_options options = { .irq = irq };
	uint8_t out[LONGEST], in[LONGEST];
	struct e1000e_stats stats;
	struct bench b;
	unsigned int i;

	open_bench(&b, machine, &options);

	for (i = 0; i < 20; i++) {
		make_frame(out, 60 + i * 70, i);
		assert_ok(e1000e_send(b.nic, out, 60 + i * 70));
		assert_ok(e1000e_flush(b.nic));
		assert_int_equal(take_from_cable(&b, in), 60 + i * 70);
		assert_memory_equal(in, out, 60 + i * 70);

		put_on_cable(&b, out, 60 + i * 70);
		wait_for_frames(&b, i + 1);
		assert_int_equal(b.len[i], 60 + i * 70);
		assert_memory_equal(b.bytes[i], out, b.len[i]);
	}

	assert_ok(e1000e_stats(b.nic, &stats));
	assert_int_equal(stats.tx_frames, 20);
	assert_int_equal(stats.rx_frames, 20);
	assert_int_equal(stats.hw_rx_frames, 20);
	assert_int_equal(stats.hw_tx_frames, 20);
	assert_int_equal(stats.rx_bad, 0);
	be_woken(&b);
	close_bench(&b);
}

static void frames_go_out_and_come_in_with_each_kind_of_interrupt(void **state)
{
	(void)state;
	sends_and_receives(card, E1000E_IRQ_MSIX);
	sends_and_receives(card, E1000E_IRQ_MSI);
	sends_and_receives(card, E1000E_IRQ_INTX);
}

static void the_older_card_works_the_same(void **state)
{
	(void)state;
	sends_and_receives(other_card, E1000E_IRQ_AUTO);
}

/* Frames of all sizes around the slots', rings of 16 slots: frames wrap, rings fill. */
static void long_frames_keep_their_bytes_over_the_wrap(void **state)
{
	struct e1000e_options options = { .mtu = E1000E_MTU_MAX, .rx_count = 16, .tx_count = 16 };
	static const uint32_t sizes[] = { 60, 2047, 2048, 2049, 4096, 9230, 1514, 6144, 8191, 64 };
	uint8_t out[LONGEST], in[LONGEST];
	struct bench b;
	unsigned int i;
	uint32_t len;

	(void)state;
	open_bench(&b, card, &options);

	for (i = 0; i < 120; i++) {
		len = sizes[i % 10];
		make_frame(out, len, i);
		while (e1000e_send(b.nic, out, len) == -EAGAIN) {
			assert_ok(e1000e_wait(b.nic, PATIENCE_MS));
			poll_once(&b);
		}
		assert_ok(e1000e_flush(b.nic));
		assert_int_equal(take_from_cable(&b, in), len);
		assert_memory_equal(in, out, len);

		put_on_cable(&b, out, len);
		wait_for_frames(&b, i + 1);
		assert_int_equal(b.len[i], len);
		assert_memory_equal(b.bytes[i], out, len);
	}
	close_bench(&b);
}

static void what_is_no_frame_is_refused_and_a_runt_is_padded(void **state)
{
	uint8_t out[LONGEST] = { 0 }, in[LONGEST];
	static const uint8_t zeros[60];
	struct bench b;
	size_t len;

	(void)state;
	open_bench(&b, card, NULL);
	make_frame(out, 1519, 1);

	assert_int_equal(e1000e_send(b.nic, out, 13), -EINVAL);
	assert_int_equal(e1000e_send(b.nic, NULL, 60), -EINVAL);
	assert_int_equal(e1000e_send(b.nic, out, 1519), -EFBIG);
	assert_ok(e1000e_send(b.nic, out, 1518));
	assert_ok(e1000e_send(b.nic, out, 14));
	assert_ok(e1000e_flush(b.nic));

	assert_int_equal(take_from_cable(&b, in), 1518);
	len = take_from_cable(&b, in);
	assert_true(len >= 48 && len <= 60);
	assert_memory_equal(in, out, 14);
	assert_memory_equal(in + 14, zeros, len - 14);
	close_bench(&b);
}

static void a_full_ring_says_so_and_room_ends_the_wait(void **state)
{
	struct e1000e_options options = { .tx_count = 16 };
	uint8_t out[60], in[LONGEST];
	struct bench b;
	unsigned int i;

	(void)state;
	open_bench(&b, card, &options);
	for (i = 0; i < 15; i++) {
		make_frame(out, sizeof(out), i);
		assert_ok(e1000e_send(b.nic, out, sizeof(out)));
	}

	assert_int_equal(e1000e_send(b.nic, out, sizeof(out)), -EAGAIN);
	assert_ok(e1000e_wait(b.nic, PATIENCE_MS));
	assert_ok(e1000e_send(b.nic, out, sizeof(out)));

	assert_ok(e1000e_flush(b.nic));
	for (i = 0; i < 16; i++)
		assert_int_equal(take_from_cable(&b, in), sizeof(out));
	close_bench(&b);
}

static void an_event_may_answer(void **state)
{
	uint8_t out[100], in[LONGEST];
	struct bench b;

	(void)state;
	open_bench(&b, card, NULL);
	b.echoes = true;
	make_frame(out, sizeof(out), 3);

	put_on_cable(&b, out, sizeof(out));
	wait_for_frames(&b, 1);

	assert_ok(b.answer);
	assert_int_equal(take_from_cable(&b, in), sizeof(out));
	assert_memory_equal(in, out, sizeof(out));
	close_bench(&b);
}

/* --- filters ----------------------------------------------------------------------------- */

static void only_what_is_meant_for_the_card_is_received(void **state)
{
	static const uint8_t group[1][6] = { { 0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb } };
	uint8_t frame[60];
	struct bench b;

	(void)state;
	open_bench(&b, card, NULL);
	make_frame(frame, sizeof(frame), 1);

	memcpy(frame, "\x52\x54\x00\x12\x34\x57", 6); /* its neighbour */
	put_on_cable(&b, frame, sizeof(frame));
	memcpy(frame, group[0], 6);
	put_on_cable(&b, frame, sizeof(frame));
	memcpy(frame, qemu_mac, 6);
	put_on_cable(&b, frame, sizeof(frame));
	settle(&b);
	assert_int_equal(b.came, 1);

	assert_ok(e1000e_set_multicast(b.nic, group, 1));
	memcpy(frame, group[0], 6);
	put_on_cable(&b, frame, sizeof(frame));
	settle(&b);
	assert_int_equal(b.came, 2);

	assert_ok(e1000e_set_multicast(b.nic, NULL, 0));
	put_on_cable(&b, frame, sizeof(frame));
	settle(&b);
	assert_int_equal(b.came, 2);

	assert_ok(e1000e_set_promiscuous(b.nic, true));
	put_on_cable(&b, frame, sizeof(frame));
	memcpy(frame, "\x52\x54\x00\x12\x34\x57", 6);
	put_on_cable(&b, frame, sizeof(frame));
	settle(&b);
	assert_int_equal(b.came, 4);
	close_bench(&b);
}

/* --- what happens to a card -------------------------------------------------------------- */

static void cable_is_pulled(enum e1000e_irq_mode irq)
{
	struct e1000e_options options = { .irq = irq };
	uint8_t frame[60];
	struct bench b;

	open_bench(&b, card, &options);

	assert_ok(rb_host_set_link(b.ctx, "n0", false));
	assert_ok(e1000e_wait(b.nic, PATIENCE_MS));
	poll_once(&b);
	assert_false(e1000e_link(b.nic));
	assert_int_equal(b.link_events, 2);
	assert_false(b.up);

	assert_int_equal(e1000e_wait(b.nic, 20), -ETIMEDOUT); /* sleeps again */
	assert_ok(rb_host_set_link(b.ctx, "n0", true));
	wait_for_link(&b);
	make_frame(frame, sizeof(frame), 1);
	put_on_cable(&b, frame, sizeof(frame));
	wait_for_frames(&b, 1);
	close_bench(&b);
}

static void a_pulled_cable_interrupts(void **state)
{
	(void)state;
	cable_is_pulled(E1000E_IRQ_MSIX);
	cable_is_pulled(E1000E_IRQ_MSI);
	cable_is_pulled(E1000E_IRQ_INTX);
}

static void close_ends_traffic_that_goes_on(void **state)
{
	uint8_t frame[1000];
	struct bench b;
	unsigned int i;

	(void)state;
	open_bench(&b, card, NULL);
	make_frame(frame, sizeof(frame), 1);

	for (i = 0; i < 100; i++) {
		put_on_cable(&b, frame, sizeof(frame));
		assert_ok(e1000e_send(b.nic, frame, sizeof(frame)));
		if (i % 10 == 0)
			assert_ok(e1000e_flush(b.nic));
	}

	close_bench(&b);
}

static void a_card_that_is_pulled_out_answers_so_and_can_be_closed(void **state)
{
	struct e1000e_stats stats;
	uint8_t frame[60];
	struct bench b;
	int i, rc = 0;

	(void)state;
	open_bench(&b, card, NULL);
	make_frame(frame, sizeof(frame), 1);
	assert_ok(e1000e_send(b.nic, frame, sizeof(frame)));

	assert_ok(rb_host_unplug(b.ctx, b.addr));
	for (i = 0; i < 10 && rc != -ENODEV; i++)
		rc = e1000e_wait(b.nic, 100);

	assert_int_equal(rc, -ENODEV);
	assert_int_equal(e1000e_poll(b.nic, 64), -ENODEV);
	assert_int_equal(e1000e_send(b.nic, frame, sizeof(frame)), -ENODEV);
	assert_int_equal(e1000e_flush(b.nic), -ENODEV);
	assert_int_equal(e1000e_wait(b.nic, -1), -ENODEV);
	assert_int_equal(e1000e_stats(b.nic, &stats), -ENODEV);
	assert_int_equal(e1000e_set_promiscuous(b.nic, true), -ENODEV);
	assert_int_equal(e1000e_set_multicast(b.nic, NULL, 0), -ENODEV);
	close_bench(&b);
}

static void a_wait_can_be_cancelled(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, card, NULL);

	assert_ok(e1000e_cancel(b.nic));

	assert_int_equal(e1000e_wait(b.nic, -1), -ECANCELED);
	assert_int_equal(e1000e_wait(b.nic, 10), -ETIMEDOUT);
	close_bench(&b);
}

static void a_descriptor_ends_the_wait_as_well(void **state)
{
	uint8_t frame[60];
	struct bench b;
	int ends[2];

	(void)state;
	open_bench(&b, card, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);

	assert_int_equal(e1000e_wait_fd(b.nic, ends[0], 20), -ETIMEDOUT);
	poll_once(&b);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_ok(e1000e_wait_fd(b.nic, ends[0], PATIENCE_MS));
	poll_once(&b);
	assert_int_equal(read(ends[0], frame, sizeof(frame)), 1);
	assert_int_equal(e1000e_wait_fd(b.nic, ends[0], 20), -ETIMEDOUT);
	poll_once(&b);

	make_frame(frame, sizeof(frame), 1);
	put_on_cable(&b, frame, sizeof(frame));
	while (b.came == 0) {
		assert_ok(e1000e_wait_fd(b.nic, ends[0], PATIENCE_MS));
		poll_once(&b);
	}
	close(ends[0]);
	close(ends[1]);
	close_bench(&b);
}

static void options_that_make_no_sense_are_refused(void **state)
{
	static const struct e1000e_options wrong[] = {
		{ .rx_count = 15 }, { .tx_count = 24 },		{ .rx_count = 8 },
		{ .mtu = 9217 },    { .moderation_us = 16001 }, { .tx_count = 8192 },
		{ .mtu = 67 },
	};
	struct e1000e_events events;
	struct bench b;
	size_t i;
	int rc;

	(void)state;
	open_machine(&b, card);
	bench_events(&events);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		b.nic = (struct e1000e *)1;
		rc = e1000e_open(b.ctx, b.addr, &wrong[i], &events, NULL, &b.nic);
		assert_int_equal(rc, -EINVAL);
		assert_null(b.nic);
	}
	assert_int_equal(e1000e_find(b.ctx, 1, &b.addr), -ENOENT);
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_card_comes_up_with_each_kind_of_interrupt),
		cmocka_unit_test(frames_go_out_and_come_in_with_each_kind_of_interrupt),
		cmocka_unit_test(the_older_card_works_the_same),
		cmocka_unit_test(long_frames_keep_their_bytes_over_the_wrap),
		cmocka_unit_test(what_is_no_frame_is_refused_and_a_runt_is_padded),
		cmocka_unit_test(a_full_ring_says_so_and_room_ends_the_wait),
		cmocka_unit_test(an_event_may_answer),
		cmocka_unit_test(only_what_is_meant_for_the_card_is_received),
		cmocka_unit_test(a_pulled_cable_interrupts),
		cmocka_unit_test(close_ends_traffic_that_goes_on),
		cmocka_unit_test(a_card_that_is_pulled_out_answers_so_and_can_be_closed),
		cmocka_unit_test(a_wait_can_be_cancelled),
		cmocka_unit_test(a_descriptor_ends_the_wait_as_well),
		cmocka_unit_test(options_that_make_no_sense_are_refused),
	};

	int failed;

	card = "mock:net.n0=dgram;e1000e,netdev=n0";
	other_card = "mock:frames=shuffle;net.n0=dgram;e1000e,netdev=n0";
	failed = cmocka_run_group_tests_name("e1000e on the mock", tests, NULL, NULL);
	card = "qemu:net.n0=dgram;e1000e,netdev=n0";
	other_card = "qemu:net.n0=dgram;e1000,netdev=n0";
	failed += cmocka_run_group_tests_name("e1000e on QEMU", tests, NULL, NULL);
	return failed;
}
