/* SPDX-License-Identifier: MIT */
/* test_e1000e_faults.c - the e1000e driver on cards that fail, hang and lie. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rbdrv/host.h>

#include "e1000e_bench.h"
#include "nic82574.h"

#define MACHINE "mock:net.n0=dgram;e1000e,netdev=n0"

static struct e1000e_stats stats_of(struct bench *b)
{
	struct e1000e_stats stats;

	assert_ok(e1000e_stats(b->nic, &stats));
	return stats;
}

static struct rb_mock_dev *model(struct bench *b)
{
	return rb_mock_find(b->ctx, "e1000e", 0);
}

/* Finish the device's next receive slot with these words, as nothing but a lie would. */
static void tell(struct bench *b, uint16_t length, uint16_t status)
{
	struct rb_mock_dev *dev = model(b);
	uint32_t head = nic_get(dev, NIC_RDH), count = nic_get(dev, NIC_RDLEN) / 16;
	uint8_t words[8] = { (uint8_t)length, (uint8_t)(length >> 8), 0, 0,
			     (uint8_t)status, (uint8_t)(status >> 8), 0, 0 };
	struct rb_bus_addr at = { (uint64_t)nic_get(dev, NIC_RDBAH) << 32 |
				  nic_get(dev, NIC_RDBAL) };

	at.value += 16 * (uint64_t)head + 8;
	assert_ok(rb_mock_dma_write(dev, at, words, sizeof(words)));
	assert_ok(rb_mock_reg_set(dev, 0, NIC_RDH, (head + 1) % count));
}

/* --- hangs ------------------------------------------------------------------------------- */

static void hangs_once(enum e1000e_irq_mode irq)
{
	struct e1000e_options options = { .irq = irq };
	uint8_t out[200], in[LONGEST];
	unsigned int i;
	struct bench b;
	uint64_t began;

	open_bench(&b, MACHINE, &options);
	make_frame(out, sizeof(out), 1);
	nic82574_hang(model(&b));
	began = rb_time_ns(b.ctx);
	for (i = 0; i < 3; i++)
		assert_ok(e1000e_send(b.nic, out, sizeof(out)));

	while (stats_of(&b).hangs == 0) {
		assert_ok(e1000e_wait(b.nic, -1));
		poll_once(&b);
	}

	assert_in_range(rb_time_ns(b.ctx) - began, 2000000000u, 4000000000u);
	assert_int_equal(stats_of(&b).tx_lost, 3);
	poll_once(&b);
	wait_for_link(&b);
	make_frame(out, sizeof(out), 2);
	assert_ok(e1000e_send(b.nic, out, sizeof(out)));
	assert_ok(e1000e_flush(b.nic));
	assert_int_equal(take_from_cable(&b, in), sizeof(out));
	assert_memory_equal(in, out, sizeof(out));
	be_woken(&b);
	close_bench(&b);
}

static void a_transmitter_that_hangs_is_reset_and_works_again(void **state)
{
	(void)state;
	hangs_once(E1000E_IRQ_MSIX);
	hangs_once(E1000E_IRQ_MSI);
	hangs_once(E1000E_IRQ_INTX);
}

static void frames_that_wait_for_the_link_do_not_hang(void **state)
{
	uint8_t out[60], in[LONGEST];
	struct bench b;
	int i;

	(void)state;
	open_bench(&b, MACHINE, NULL);
	assert_ok(rb_host_set_link(b.ctx, "n0", false));
	assert_ok(e1000e_wait(b.nic, -1));
	poll_once(&b);
	make_frame(out, sizeof(out), 1);
	assert_ok(e1000e_send(b.nic, out, sizeof(out)));

	for (i = 0; i < 10; i++) {
		assert_int_equal(e1000e_wait(b.nic, 1000), -ETIMEDOUT);
		poll_once(&b);
	}
	assert_ok(rb_host_set_link(b.ctx, "n0", true));
	wait_for_link(&b);

	assert_int_equal(take_from_cable(&b, in), sizeof(out));
	poll_once(&b);
	assert_int_equal(stats_of(&b).hangs, 0);
	close_bench(&b);
}

/* --- bring-up ---------------------------------------------------------------------------- */

static void a_card_without_an_address_needs_one(void **state)
{
	static const struct e1000e_options mine = { .mac = { 2, 0, 0, 0, 0, 7 } };
	static const struct e1000e_options group = { .mac = { 1, 0, 0, 0, 0, 7 } };
	struct e1000e_events events;
	uint8_t mac[6], frame[60];
	struct bench b;

	(void)state;
	open_machine(&b, MACHINE ",mac=00:00:00:00:00:00");
	bench_events(&events);

	assert_int_equal(e1000e_open(b.ctx, b.addr, NULL, &events, &b, &b.nic), -EPROTO);
	assert_int_equal(e1000e_open(b.ctx, b.addr, &group, &events, &b, &b.nic), -EPROTO);
	assert_ok(e1000e_open(b.ctx, b.addr, &mine, &events, &b, &b.nic));

	e1000e_mac(b.nic, mac);
	assert_memory_equal(mac, mine.mac, 6);
	poll_once(&b);
	wait_for_link(&b);
	make_frame(frame, sizeof(frame), 1);
	memcpy(frame, mine.mac, 6);
	put_on_cable(&b, frame, sizeof(frame));
	wait_for_frames(&b, 1);
	close_bench(&b);
}

static void a_reset_without_end_is_told(void **state)
{
	struct e1000e_events events;
	struct bench b;

	(void)state;
	open_machine(&b, MACHINE ",fault=stuck:0:0x03:2:1" /* CTRL.RST */);
	bench_events(&events);

	assert_int_equal(e1000e_open(b.ctx, b.addr, NULL, &events, &b, &b.nic), -ETIMEDOUT);

	assert_null(b.nic);
	close_bench(&b);
}

static void transactions_without_end_are_ended_by_the_reset(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, MACHINE ",fault=stuck:0:0x0a:3:1" /* STATUS, bit 19 */, NULL);
	close_bench(&b);
}

/* --- lies -------------------------------------------------------------------------------- */

static void only_honest_descriptors_are_believed(void **state)
{
	static const struct {
		uint16_t length, status;
	} lies[] = {
		{ 0, 0x03 }, /* an empty frame */
		{ 2049, 0x03 }, /* more than the slot holds */
		{ 65535, 0x03 }, /* far more */
		{ 60, 0x01 }, /* goes on after a slot that is not full */
		{ 60, 0x0103 }, /* a wrong checksum */
		{ 60, 0x8003 }, /* a broken frame */
		{ 1519, 0x03 }, /* fits the slot, longer than the card was allowed */
		{ 65535, 0xffff } /* garbage */
	};
	uint8_t frame[60];
	struct bench b;
	unsigned int i;

	(void)state;
	open_bench(&b, MACHINE, NULL);

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		make_frame(frame, sizeof(frame), i);
		tell(&b, lies[i].length, lies[i].status);
		settle(&b);
		assert_int_equal(b.came, i);
		assert_int_equal(stats_of(&b).rx_bad, i + 1);

		put_on_cable(&b, frame, sizeof(frame)); /* the truth */
		settle(&b);
		assert_int_equal(b.came, i + 1);
		assert_memory_equal(b.bytes[i], frame, sizeof(frame));
	}
	close_bench(&b);
}

/* Full slots one after the other, and no end: given up after the longest frame there is. */
static void a_frame_without_end_does_not_fill_the_ring_for_good(void **state)
{
	struct e1000e_options options = { .mtu = E1000E_MTU_MAX, .rx_count = 16 };
	uint8_t frame[60];
	struct bench b;
	unsigned int i;

	(void)state;
	open_bench(&b, MACHINE, &options);

	for (i = 0; i < 40; i++) {
		tell(&b, 2048, 0x01);
		settle(&b);
	}
	make_frame(frame, sizeof(frame), 1);
	put_on_cable(&b, frame, sizeof(frame)); /* the truth */
	settle(&b);

	assert_int_equal(stats_of(&b).rx_bad, 5); /* 8 slots each */
	assert_int_equal(b.came, 1);
	close_bench(&b);
}

/* --- cards that break ---------------------------------------------------------------------- */

static void survives_a_storm(enum e1000e_irq_mode irq)
{
	struct e1000e_options options = { .irq = irq };
	struct bench b;

	open_bench(&b, MACHINE, &options);
	assert_ok(rb_mock_fault(model(&b), "storm:1"));
	be_woken(&b);
	be_woken(&b);
	close_bench(&b);
}

static void a_storm_of_interrupts_passes(void **state)
{
	(void)state;
	survives_a_storm(E1000E_IRQ_MSIX);
	survives_a_storm(E1000E_IRQ_MSI);
	survives_a_storm(E1000E_IRQ_INTX);
}

/* From its n-th access on the card reads all-ones; nobody is told. */
static void dies(unsigned int n)
{
	struct e1000e_events events;
	char machine[128];
	uint8_t frame[60];
	struct bench b;
	int i, rc;

	snprintf(machine, sizeof(machine), MACHINE ",fault=dead:%u", n);
	open_machine(&b, machine);
	bench_events(&events);
	make_frame(frame, sizeof(frame), 1);

	rc = e1000e_open(b.ctx, b.addr, NULL, &events, &b, &b.nic);
	for (i = 0; rc == 0 && i < 1000; i++) {
		rc = e1000e_poll(b.nic, 64);
		if (rc >= 0)
			rc = e1000e_send(b.nic, frame, sizeof(frame));
		if (rc >= 0)
			rc = e1000e_wait(b.nic, 100);
		if (rc == -ETIMEDOUT)
			rc = 0;
	}

	if (rc != -ENODEV)
		fail_msg("dead at access %u: %d", n, rc);
	close_bench(&b);
}

static void a_card_that_dies_is_noticed_whenever_it_does(void **state)
{
	unsigned int n;

	(void)state;
	for (n = 1; n < 400; n += n < 30 || n > 200 ? 1 : 13) /* a table of filters between */
		dies(n);
}

/* --- the library fails ------------------------------------------------------------------- */

static int open_and_use(struct rb_ctx *ctx, void *arg)
{
	struct e1000e_events events;
	static struct bench b;
	struct rb_pci_addr addr;
	uint8_t frame[100];
	int rc;

	(void)arg;
	memset(&b, 0, sizeof(b));
	bench_events(&events);
	rc = e1000e_find(ctx, 0, &addr);
	if (rc == 0)
		rc = e1000e_open(ctx, addr, NULL, &events, &b, &b.nic);
	if (rc < 0)
		return rc;
	make_frame(frame, sizeof(frame), 1);
	rc = e1000e_poll(b.nic, 64);
	if (rc >= 0)
		rc = e1000e_wait(b.nic, 100);
	if (rc >= 0)
		rc = e1000e_poll(b.nic, 64);
	if (rc >= 0)
		rc = e1000e_send(b.nic, frame, sizeof(frame));
	if (rc >= 0)
		rc = e1000e_wait(b.nic, 1);
	if (rc == -ETIMEDOUT)
		rc = 0;
	if (rc >= 0)
		rc = e1000e_poll(b.nic, 64);
	e1000e_close(b.nic);
	return rc < 0 ? rc : 0;
}

static void every_single_fault_is_survived(void **state)
{
	struct rb_mock_report *report;
	size_t i, count;

	(void)state;
	register_nic82574();
	assert_ok(rb_mock_campaign(MACHINE, open_and_use, NULL, NULL, &report));

	assert_true(rb_mock_report_points(report) > 100);
	count = rb_mock_report_count(report);
	for (i = 0; i < count && i < 20; i++)
		print_error("%s\n", rb_mock_report_text(report, i));
	rb_mock_report_close(report);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transmitter_that_hangs_is_reset_and_works_again),
		cmocka_unit_test(frames_that_wait_for_the_link_do_not_hang),
		cmocka_unit_test(a_card_without_an_address_needs_one),
		cmocka_unit_test(a_reset_without_end_is_told),
		cmocka_unit_test(transactions_without_end_are_ended_by_the_reset),
		cmocka_unit_test(only_honest_descriptors_are_believed),
		cmocka_unit_test(a_frame_without_end_does_not_fill_the_ring_for_good),
		cmocka_unit_test(a_storm_of_interrupts_passes),
		cmocka_unit_test(a_card_that_dies_is_noticed_whenever_it_does),
		cmocka_unit_test(every_single_fault_is_survived),
	};

	return cmocka_run_group_tests_name("e1000e faults", tests, NULL, NULL);
}
