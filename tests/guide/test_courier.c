/* SPDX-License-Identifier: MIT */
/* test_courier.c - the driver that doc/dma.md prints does what the page says. */
#include <errno.h>
#include <string.h>

#include <rbdrv/mock_cmocka.h>

#include "courier_model.h"

#define MIB 1048576u

static const struct header head = { { 1, 2, 3 }, { 4, 5, 6 }, { 8, 0 } };
#define HEAD_SUM 29u

struct desk {
	struct rb_ctx *ctx;
	struct courier c;
	struct rb_dma_buf *store; /* memory of the machine, for what is mapped in place */
	uint8_t *bytes;
};

static void open_desk(struct desk *d, const char *machine)
{
	struct rb_pci_list *list;

	memset(d, 0, sizeof(*d));
	rb_mock_assert_rc(rb_ctx_new(machine, &d->ctx), 0);
	rb_mock_assert_rc(rb_pci_scan(d->ctx, NULL, &list), 0);
	rb_mock_assert_rc(rb_pci_open(d->ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &d->c.dev),
			  0);
	rb_pci_list_close(list);
	rb_mock_assert_rc(rb_mmio_map(d->c.dev, 0, 0, 0, RB_MMIO_UC, &d->c.regs), 0);
	rb_mock_assert_rc(courier_state_limits(&d->c), 0);
}

static void open_sender(struct desk *d, const char *machine)
{
	open_desk(d, machine);
	rb_mock_assert_rc(courier_open_mailbox(&d->c), 0);
	rb_mock_assert_rc(courier_open_headers(&d->c), 0);
	rb_mock_assert_rc(courier_open_ring(&d->c), 0);
}

static void close_desk(struct desk *d)
{
	rb_dma_close(d->store);
	courier_close(&d->c);
	rb_mock_assert_clean(d->ctx);
	rb_ctx_unref(d->ctx);
}

static uint32_t sum_of(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	while (len > 0)
		sum += bytes[--len];
	return sum;
}

static void fill(uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 9));
}

static struct rb_dma_stats stats_of(struct desk *d)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;

	rb_mock_assert_rc(rb_dma_stats_read(d->c.dev, &stats), 0);
	return stats;
}

/* --- tests ------------------------------------------------------------------------------ */

static void limits_stay_as_they_are_while_memory_lives(void **state)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct desk d;

	(void)state;
	open_desk(&d, "mock:courier");

	rb_mock_assert_rc(rb_dma_get_limits(d.c.dev, &limits), 0);
	assert_int_equal(limits.addr_bits, 32);
	assert_int_equal(limits.boundary, MIB);
	rb_mock_assert_rc(courier_open_mailbox(&d.c), 0);
	rb_mock_assert_rc(courier_state_limits(&d.c), -EBUSY);
	close_desk(&d);
}

static void an_image_goes_up_segment_by_segment(void **state)
{
	static uint8_t image[MIB + 5000];
	static const char *const machines[] = { "mock:courier", "mock:courier;frames=shuffle" };
	struct desk d;
	size_t i;

	(void)state;
	fill(image, sizeof(image));
	for (i = 0; i < 2; i++) {
		open_desk(&d, machines[i]);

		rb_mock_assert_rc(courier_upload(&d.c, image, sizeof(image)), 0);

		assert_int_equal(rb_mmio_read32(d.c.regs, TX_SUM), sum_of(image, sizeof(image)));
		assert_true(rb_dma_segment_count(d.c.image) >= 17); /* 64 KiB each at most */
		close_desk(&d);
	}
}

static void an_image_of_too_many_segments_is_refused(void **state)
{
	static uint8_t image[3 * MIB];
	struct desk d;

	(void)state;
	open_desk(&d, "mock:courier");

	rb_mock_assert_rc(courier_upload(&d.c, image, sizeof(image)), -ENOMEM);

	assert_non_null(strstr(rb_last_error(), "segments"));
	close_desk(&d);
}

/* Frames of @len bytes at @bytes, more than the ring has slots. */
static void send_many(struct desk *d, uint8_t *bytes, uint64_t len)
{
	uint32_t sent, want;

	for (sent = 0; sent < 3 * SLOTS; sent++) {
		courier_clean(&d->c);
		rb_mock_assert_rc(courier_send(&d->c, &head, bytes, len), 0);
	}
	rb_mock_assert_rc(courier_wait_sent(&d->c, sent), 0);
	courier_clean(&d->c);

	want = sent * (HEAD_SUM + sum_of(bytes, len));
	assert_int_equal(rb_mmio_read32(d->c.regs, TX_SUM), want);
	assert_int_equal(rb_dma_ring_used(d->c.tx), 0);
	assert_int_equal(stats_of(d).maps, 0);
}

static void memory_of_another_kind_is_sent_by_way_of_copies(void **state)
{
	static uint8_t payload[1500];
	struct desk d;

	(void)state;
	fill(payload, sizeof(payload));
	open_sender(&d, "mock:courier");

	send_many(&d, payload, sizeof(payload));

	assert_int_equal(stats_of(&d).bounced_maps, 3 * SLOTS);
	close_desk(&d);
}

static void memory_that_the_device_reaches_is_sent_as_it_is(void **state)
{
	struct desk d;

	(void)state;
	open_sender(&d, "mock:courier;frames=shuffle");
	rb_mock_assert_rc(rb_dma_alloc_sg(d.c.dev, 16384, NULL, &d.store), 0);
	d.bytes = rb_dma_cpu(d.store);
	fill(d.bytes, 16384);

	send_many(&d, d.bytes + 100, 9000);

	assert_int_equal(stats_of(&d).bounced_maps, 0);
	close_desk(&d);
}

static void a_ring_without_room_says_so(void **state)
{
	static uint8_t payload[64];
	unsigned int sent = 0;
	struct desk d;
	int rc;

	(void)state;
	open_sender(&d, "mock:courier");

	while ((rc = courier_send(&d.c, &head, payload, sizeof(payload))) == 0)
		sent++;

	assert_int_equal(rc, -EAGAIN);
	assert_int_equal(sent, (SLOTS - 1) / 2);
	courier_clean(&d.c);
	rb_mock_assert_rc(courier_send(&d.c, &head, payload, sizeof(payload)), 0);
	close_desk(&d);
}

static void frames_are_received_into_the_same_memory(void **state)
{
	static uint8_t room[2048], one[1];
	struct desk d;
	uint8_t first;

	(void)state;
	open_sender(&d, "mock:courier");
	rb_mock_assert_rc(courier_open_rx(&d.c, room, sizeof(room)), 0);

	for (first = 0; first < 3; first++) {
		rb_mock_assert_rc(courier_receive(&d.c, sizeof(room)), 0);
		assert_int_equal(room[0], first);
		assert_int_equal(room[2047], (uint8_t)(first + 2047));
		room[0] = 0xff; /* they are ours until the next call */
		rb_mock_assert_rc(courier_send(&d.c, &head, room + 1, 1), -EBUSY);
		rb_mock_assert_rc(courier_send(&d.c, &head, one, 1), 0);
	}
	close_desk(&d);
}

/* --- faults ----------------------------------------------------------------------------- */

static uint32_t result;

static int use_all(struct courier *c)
{
	static uint8_t image[70000], payload[200], room[64];
	int rc;

	fill(image, sizeof(image));
	memset(room, 0, sizeof(room));
	rc = courier_state_limits(c);
	if (rc == 0)
		rc = courier_open_mailbox(c);
	if (rc == 0)
		rc = courier_upload(c, image, sizeof(image));
	if (rc == 0)
		rc = courier_open_headers(c);
	if (rc == 0)
		rc = courier_open_ring(c);
	if (rc == 0)
		rc = courier_send(c, &head, payload, sizeof(payload));
	if (rc == 0)
		rc = courier_wait_sent(c, 1);
	if (rc < 0)
		return rc;
	courier_clean(c);
	rc = courier_open_rx(c, room, sizeof(room));
	if (rc == 0)
		rc = courier_receive(c, sizeof(room));
	if (rc == 0) /* else they may be the device's still */
		result = sum_of(room, sizeof(room));
	return rc;
}

static int body(struct rb_ctx *ctx, void *arg)
{
	struct rb_pci_list *list;
	struct courier c;
	int rc;

	(void)arg;
	memset(&c, 0, sizeof(c));
	rc = rb_pci_scan(ctx, NULL, &list);
	if (rc < 0)
		return rc;
	rc = rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &c.dev);
	rb_pci_list_close(list);
	if (rc == 0)
		rc = rb_mmio_map(c.dev, 0, 0, 0, RB_MMIO_UC, &c.regs);
	if (rc == 0)
		rc = use_all(&c);
	courier_close(&c);
	return rc;
}

static void it_survives_every_single_fault(void **state)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;

	(void)state;
	options.result = &result;
	options.result_size = sizeof(result);

	rb_mock_assert_campaign("mock:courier", body, NULL, &options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_stay_as_they_are_while_memory_lives),
		cmocka_unit_test(an_image_goes_up_segment_by_segment),
		cmocka_unit_test(an_image_of_too_many_segments_is_refused),
		cmocka_unit_test(memory_of_another_kind_is_sent_by_way_of_copies),
		cmocka_unit_test(memory_that_the_device_reaches_is_sent_as_it_is),
		cmocka_unit_test(a_ring_without_room_says_so),
		cmocka_unit_test(it_survives_every_single_fault),
		cmocka_unit_test(frames_are_received_into_the_same_memory),
	};

	rb_mock_model_register("courier", courier_build, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
