/* SPDX-License-Identifier: MIT */
/*
 * test_contract_msix.c - interrupts of a device that has them all: the five MSI-X vectors
 * of an e1000e, its MSI and its pin; and a pin that devices share.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <rbdrv/host.h>
#include <rbdrv/mock.h>

#include "contract.h"
#include "net/nic82574.h"

#define VECTORS	  NIC_VECTORS
#define CAUSE(i)  (NIC_RXQ0 << (i)) /* RXQ0, RXQ1, TXQ0, TXQ1, OTHER */
#define CAUSES	  0x01f00000u
#define PAUSE_US  2000 /* longer than the device holds messages back on QEMU, 128 us */
#define MSI_CAP	  0x05
#define MSIX_CAP  0x11
#define CFG_LINE  0x3c

/* --- steps ------------------------------------------------------------------------------- */

static void open_nic(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_addr addr = { 0 };

	filter.vendor = 0x8086;
	filter.device = 0x10d3;
	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));
	assert_int_equal(rb_pci_list_count(stage->list), 1);
	addr = rb_pci_info_addr(rb_pci_list_get(stage->list, 0));
	assert_ok(rb_pci_open(stage->ctx, addr, &stage->dev));
	assert_ok(rb_mmio_map(stage->dev, 0, 0, 0, RB_MMIO_UC, &stage->regs));
}

/* No cause is left, none may interrupt. */
static void quiet_nic(struct stage *stage)
{
	rb_mmio_write32(stage->regs, NIC_IMC, 0xffffffff);
	rb_mmio_write32(stage->regs, NIC_ICR, 0xffffffff);
	(void)rb_mmio_read32(stage->regs, NIC_STATUS);
}

static void drain(struct stage *stage)
{
	unsigned int i;
	uint64_t count;

	for (i = 0; i < rb_irq_set_count(stage->irqs); i++)
		assert_ok(rb_irq_take(stage->irqs, i, &count));
}

/* Cause i tells vector i, is cleared by its message, and may tell again. */
static void route_causes(struct stage *stage)
{
	rb_mmio_write32(stage->regs, NIC_CTRL_EXT, NIC_CTRL_EXT_IAME);
	rb_mmio_write32(stage->regs, NIC_IVAR, 0xcba98);
	rb_mmio_write32(stage->regs, NIC_EIAC, CAUSES);
	rb_mmio_write32(stage->regs, NIC_IMS, CAUSES);
}

static void get_set(struct stage *stage, uint32_t kinds, uint32_t min, uint32_t max)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.kinds = kinds;
	options.min = min;
	options.max = max;
	assert_ok(rb_irq_set_open(stage->dev, &options, &stage->irqs));
}

static void close_set(struct stage *stage)
{
	rb_irq_set_close(stage->irqs);
	stage->irqs = NULL;
}

/* All five vectors, drained and routed. */
static void open_vectors(struct stage *stage)
{
	open_nic(stage);
	quiet_nic(stage);
	get_set(stage, RB_IRQ_MSIX, VECTORS, VECTORS);
	assert_int_equal(rb_irq_set_kind(stage->irqs), RB_IRQ_MSIX);
	assert_int_equal(rb_irq_set_count(stage->irqs), VECTORS);
	drain(stage);
	route_causes(stage);
}

/* QEMU's device holds back what comes on a vector within 128 us of its last message, and
 * then sends one too many (qemu-notes 4); the read lets its timers run. */
static void raise_causes(struct stage *stage, uint32_t causes)
{
	rb_delay_us(stage->ctx, 200);
	(void)rb_mmio_read32(stage->regs, NIC_STATUS);
	rb_mmio_write32(stage->regs, NIC_ICS, causes);
	(void)rb_mmio_read32(stage->regs, NIC_STATUS);
}

static void raise_cause(struct stage *stage, unsigned int vector)
{
	raise_causes(stage, CAUSE(vector));
}

static void expect_silence(struct stage *stage)
{
	unsigned int i;
	uint64_t count;

	rb_delay_us(stage->ctx, PAUSE_US);
	for (i = 0; i < rb_irq_set_count(stage->irqs); i++) {
		assert_ok(rb_irq_take(stage->irqs, i, &count));
		assert_int_equal(count, 0);
	}
}

/* Exactly one interrupt of @vector comes. */
static void expect_one(struct stage *stage, unsigned int vector)
{
	uint64_t count;

	assert_ok(rb_irq_wait(stage->irqs, vector, PATIENCE_MS));
	assert_ok(rb_irq_take(stage->irqs, vector, &count));
	assert_int_equal(count, 1);
	assert_ok(rb_irq_take(stage->irqs, vector, &count));
	assert_int_equal(count, 0);
}

static void expect_all_in_order(struct stage *stage)
{
	unsigned int i;

	for (i = 0; i < VECTORS; i++) {
		raise_cause(stage, i);
		expect_one(stage, i);
	}
	expect_silence(stage);
}

static void await_pending(struct stage *stage, unsigned int vector)
{
	bool pending = false;
	int tries;

	for (tries = 0; tries < PATIENCE_MS && !pending; tries++) {
		assert_ok(rb_irq_pending(stage->irqs, vector, &pending));
		if (!pending)
			rb_delay_us(stage->ctx, 1000);
	}
	assert_true(pending);
}

static void expect_not_pending(struct stage *stage, unsigned int vector)
{
	bool pending = true;

	assert_ok(rb_irq_pending(stage->irqs, vector, &pending));
	assert_false(pending);
}

static uint16_t msix_control(struct stage *stage)
{
	unsigned int cap = 0;
	uint16_t control = 0;

	assert_ok(rb_pci_find_cap(stage->dev, MSIX_CAP, &cap));
	assert_ok(rb_pci_config_read16(stage->dev, cap + 2, &control));
	return control;
}

/* --- vectors ------------------------------------------------------------------------------- */

static void each_cause_tells_its_own_vector(struct stage *stage)
{
	static const unsigned int order[VECTORS] = { 3, 0, 4, 1, 2 };
	unsigned int i;

	open_vectors(stage);

	for (i = 0; i < VECTORS; i++) {
		raise_cause(stage, order[i]);
		expect_one(stage, order[i]);
	}

	expect_silence(stage);
}

static void twenty_rounds_are_twenty_on_every_vector(struct stage *stage)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	unsigned int i, round;

	open_vectors(stage);

	for (round = 0; round < 20; round++)
		for (i = 0; i < VECTORS; i++) {
			raise_cause(stage, i);
			expect_one(stage, i);
		}

	expect_silence(stage);
	for (i = 0; i < VECTORS; i++) {
		assert_ok(rb_irq_stats_read(stage->irqs, i, &stats));
		assert_int_equal(stats.interrupts, 20);
	}
}

static void causes_of_one_write_come_on_all_their_vectors(struct stage *stage)
{
	unsigned int i;

	open_vectors(stage);

	raise_causes(stage, CAUSES);

	for (i = VECTORS; i-- > 0;)
		expect_one(stage, i);
	expect_silence(stage);
}

static void a_set_has_what_was_wanted_or_what_there_is(struct stage *stage)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	open_nic(stage);
	get_set(stage, RB_IRQ_MSIX, 2, 3);
	assert_int_equal(rb_irq_set_count(stage->irqs), 3);
	close_set(stage);
	get_set(stage, RB_IRQ_MSIX, 1, 64);
	assert_int_equal(rb_irq_set_count(stage->irqs), VECTORS);
	close_set(stage);

	options.kinds = RB_IRQ_MSIX;
	options.min = VECTORS + 1;
	options.max = 64;
	assert_int_equal(rb_irq_set_open(stage->dev, &options, &stage->irqs), -ENOTSUP);
	options.kinds = 0;
	assert_int_equal(rb_irq_set_open(stage->dev, &options, &stage->irqs), -ENOTSUP);
}

static void the_first_kind_that_suffices_is_taken(struct stage *stage)
{
	static const struct {
		uint32_t kinds, min;
		uint8_t order[4];
		enum rb_irq_kind got;
	} cases[] = {
		{ 0, 1, { 0 }, RB_IRQ_MSIX },
		{ 0, 1, { RB_IRQ_MSI }, RB_IRQ_MSI },
		{ 0, 1, { RB_IRQ_INTX, RB_IRQ_MSI }, RB_IRQ_INTX },
		{ RB_IRQ_INTX | RB_IRQ_MSI, 1, { 0 }, RB_IRQ_MSI },
		{ RB_IRQ_INTX, 1, { RB_IRQ_MSIX }, RB_IRQ_INTX },
		{ 0, 2, { RB_IRQ_INTX, RB_IRQ_MSI }, RB_IRQ_MSIX },
	};
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	size_t i;

	open_nic(stage);
	quiet_nic(stage);

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		options.kinds = cases[i].kinds;
		options.min = cases[i].min;
		memcpy(options.order, cases[i].order, sizeof(options.order));
		assert_ok(rb_irq_set_open(stage->dev, &options, &stage->irqs));
		assert_int_equal(rb_irq_set_kind(stage->irqs), cases[i].got);
		close_set(stage);
	}
}

static void the_table_holds_what_redox_composed(struct stage *stage)
{
	uint32_t data[2];
	unsigned int i;

	open_nic(stage);
	get_set(stage, RB_IRQ_MSIX, 2, 2);
	rb_mmio_close(stage->regs);
	stage->regs = NULL;
	assert_ok(rb_mmio_map(stage->dev, NIC_MSIX_BAR, 0, 0x1000, RB_MMIO_UC, &stage->regs));

	/* contract 2.7 and 2.2, as for MSI */
	for (i = 0; i < 2; i++) {
		assert_int_equal(rb_mmio_read32(stage->regs, 16 * i) & ~0x000ff000u, 0xfee00000u);
		assert_int_equal(rb_mmio_read32(stage->regs, 16 * i + 4), 0);
		data[i] = rb_mmio_read32(stage->regs, 16 * i + 8);
		assert_in_range(data[i], 18 + 32, 254);
		assert_int_equal(rb_mmio_read32(stage->regs, 16 * i + 12) & 1, 0);
	}
	assert_int_not_equal(data[0], data[1]);
	for (; i < VECTORS; i++)
		assert_int_equal(rb_mmio_read32(stage->regs, 16 * i + 12) & 1, 1);
	assert_int_equal(msix_control(stage) & 0xc000, 0x8000);

	close_set(stage);
	for (i = 0; i < VECTORS; i++)
		assert_int_equal(rb_mmio_read32(stage->regs, 16 * i + 12) & 1, 1);
	assert_int_equal(msix_control(stage) & 0x8000, 0);
}

/* Of all vectors, whatever their order: the sum of their numbers. */
static uint64_t sum_of_data(struct stage *stage)
{
	struct rb_mmio *table = NULL;
	uint64_t sum = 0;
	unsigned int i;

	assert_ok(rb_mmio_map(stage->dev, NIC_MSIX_BAR, 0, 0x1000, RB_MMIO_UC, &table));
	for (i = 0; i < VECTORS; i++)
		sum += rb_mmio_read32(table, 16 * i + 8);
	rb_mmio_close(table);
	return sum;
}

static void a_closed_set_opens_again_with_the_same_vectors(struct stage *stage)
{
	uint64_t first = 0;
	int i;

	open_nic(stage);
	quiet_nic(stage);
	route_causes(stage);
	for (i = 0; i < 10; i++) {
		get_set(stage, RB_IRQ_MSIX, VECTORS, VECTORS);
		drain(stage);
		first = i == 0 ? sum_of_data(stage) : first;
		assert_int_equal(sum_of_data(stage), first);
		expect_all_in_order(stage);
		close_set(stage);
	}
}

/* --- masks and pending bits ---------------------------------------------------------------- */

static void a_masked_vector_is_pending_and_comes_once_when_unmasked(struct stage *stage)
{
	open_vectors(stage);
	assert_ok(rb_irq_mask(stage->irqs, 2, true));
	expect_not_pending(stage, 2);

	raise_cause(stage, 2);
	await_pending(stage, 2);
	rb_delay_us(stage->ctx, PAUSE_US);
	raise_cause(stage, 2);
	raise_cause(stage, 1);

	expect_one(stage, 1);
	expect_silence(stage);
	assert_ok(rb_irq_mask(stage->irqs, 2, false));
	expect_one(stage, 2);
	expect_not_pending(stage, 2);
	expect_silence(stage);
}

static void the_function_mask_stands_beside_the_masks_of_vectors(struct stage *stage)
{
	open_vectors(stage);
	assert_ok(rb_irq_mask(stage->irqs, 3, true));
	assert_ok(rb_irq_mask_all(stage->irqs, true));

	raise_causes(stage, CAUSE(0) | CAUSE(3));

	await_pending(stage, 0);
	await_pending(stage, 3);
	expect_silence(stage);
	assert_ok(rb_irq_mask_all(stage->irqs, false));
	expect_one(stage, 0);
	expect_silence(stage);
	expect_not_pending(stage, 0);
	await_pending(stage, 3);
	assert_ok(rb_irq_mask(stage->irqs, 3, false));
	expect_one(stage, 3);
	expect_silence(stage);
}

static void a_set_closed_while_masked_opens_unmasked(struct stage *stage)
{
	open_vectors(stage);
	assert_ok(rb_irq_mask(stage->irqs, 0, true));
	assert_ok(rb_irq_mask_all(stage->irqs, true));
	close_set(stage);

	get_set(stage, RB_IRQ_MSIX, VECTORS, VECTORS);

	drain(stage);
	expect_all_in_order(stage);
}

static void a_pin_masks_and_is_pending_too(struct stage *stage)
{
	uint64_t count;

	open_nic(stage);
	quiet_nic(stage);
	get_set(stage, RB_IRQ_INTX, 1, 1);
	drain(stage);
	rb_mmio_write32(stage->regs, NIC_IMS, NIC_RXT0);
	assert_ok(rb_irq_mask(stage->irqs, 0, true));

	raise_causes(stage, NIC_RXT0);
	await_pending(stage, 0);
	expect_silence(stage);
	assert_ok(rb_irq_mask(stage->irqs, 0, false));

	assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));
	assert_ok(rb_irq_take(stage->irqs, 0, &count));
	assert_int_equal(count, 1);
	quiet_nic(stage);
	expect_not_pending(stage, 0);
	expect_silence(stage);
}

static void an_msi_that_cannot_be_masked_says_so(struct stage *stage)
{
	bool pending;

	open_nic(stage);
	get_set(stage, RB_IRQ_MSI, 1, 1);

	assert_int_equal(rb_irq_mask(stage->irqs, 0, true), -ENOTSUP);
	assert_int_equal(rb_irq_mask_all(stage->irqs, true), -ENOTSUP);
	assert_int_equal(rb_irq_pending(stage->irqs, 0, &pending), -ENOTSUP);
}

/* --- resets --------------------------------------------------------------------------------- */

/* What a reset leaves of the table, by hand: not every device can be reset. */
static void scribble(struct stage *stage)
{
	struct rb_mmio *table = NULL;
	unsigned int i;

	assert_ok(rb_irq_mask_all(stage->irqs, true));
	assert_ok(rb_mmio_map(stage->dev, NIC_MSIX_BAR, 0, 0x1000, RB_MMIO_UC, &table));
	for (i = 0; i < VECTORS; i++) {
		rb_mmio_write32(table, 16 * i + 12, 1);
		rb_mmio_write32(table, 16 * i, 0);
		rb_mmio_write32(table, 16 * i + 8, 0);
	}
	(void)rb_mmio_read32(table, 0);
	rb_mmio_close(table);
	assert_ok(rb_irq_mask_all(stage->irqs, false));
}

static void a_set_restores_a_cleared_table_and_its_masks(struct stage *stage)
{
	open_vectors(stage);
	assert_ok(rb_irq_mask(stage->irqs, 4, true));
	scribble(stage);

	assert_ok(rb_irq_set_restore(stage->irqs));

	raise_causes(stage, CAUSE(0) | CAUSE(4));
	expect_one(stage, 0);
	await_pending(stage, 4);
	expect_silence(stage);
	assert_ok(rb_irq_mask(stage->irqs, 4, false));
	expect_one(stage, 4);
	expect_all_in_order(stage);
}

static void a_restored_set_stays_masked_as_a_whole(struct stage *stage)
{
	open_vectors(stage);
	scribble(stage);
	assert_ok(rb_irq_mask_all(stage->irqs, true));

	assert_ok(rb_irq_set_restore(stage->irqs));

	raise_cause(stage, 1);
	await_pending(stage, 1);
	expect_silence(stage);
	assert_ok(rb_irq_mask_all(stage->irqs, false));
	expect_one(stage, 1);
}

/* A QEMU whose e1000e cannot be reset has nothing to say here. */
static void reset_nic(struct stage *stage)
{
	int rc = rb_pci_reset(stage->dev);

	if (rc == -ENOTSUP && !stage->world->mock)
		skip();
	assert_ok(rc);
}

static void vectors_work_again_after_a_reset(struct stage *stage)
{
	open_vectors(stage);
	assert_ok(rb_irq_mask(stage->irqs, 4, true));
	reset_nic(stage);

	assert_ok(rb_irq_set_restore(stage->irqs));
	drain(stage);
	quiet_nic(stage);
	route_causes(stage);

	raise_cause(stage, 4);
	await_pending(stage, 4);
	expect_silence(stage);
	assert_ok(rb_irq_mask(stage->irqs, 4, false));
	expect_one(stage, 4);
	expect_all_in_order(stage);
}

static void expect_msi(struct stage *stage)
{
	int i;

	rb_mmio_write32(stage->regs, NIC_IMS, NIC_RXT0);
	for (i = 0; i < 3; i++) {
		raise_causes(stage, NIC_RXT0);
		expect_one(stage, 0);
		rb_mmio_write32(stage->regs, NIC_ICR, NIC_RXT0);
		rb_delay_us(stage->ctx, PAUSE_US);
	}
	quiet_nic(stage);
	expect_silence(stage);
}

static void a_message_works_again_after_a_reset(struct stage *stage)
{
	open_nic(stage);
	quiet_nic(stage);
	get_set(stage, RB_IRQ_MSI, 1, 1);
	drain(stage);
	reset_nic(stage);

	assert_ok(rb_irq_set_restore(stage->irqs));

	drain(stage);
	quiet_nic(stage);
	expect_msi(stage);
}

static void a_message_that_was_wiped_out_is_restored(struct stage *stage)
{
	unsigned int cap = 0;

	open_nic(stage);
	quiet_nic(stage);
	get_set(stage, RB_IRQ_MSI, 1, 1);
	drain(stage);
	expect_msi(stage);
	assert_ok(rb_pci_find_cap(stage->dev, MSI_CAP, &cap));
	assert_ok(rb_pci_config_write16(stage->dev, cap + 2, 0));
	assert_ok(rb_pci_config_write32(stage->dev, cap + 4, 0));
	assert_ok(rb_pci_config_write16(stage->dev, cap + 12, 0));

	assert_ok(rb_irq_set_restore(stage->irqs));

	expect_msi(stage);
}

/* --- waiting --------------------------------------------------------------------------------- */

static void a_wait_for_one_vector_does_not_end_with_another(struct stage *stage)
{
	uint64_t start;

	open_vectors(stage);
	raise_cause(stage, 1);
	start = rb_time_ns(stage->ctx);

	assert_int_equal(rb_irq_wait(stage->irqs, 0, QUIET_MS), -ETIMEDOUT);

	assert_true((int64_t)(rb_time_ns(stage->ctx) - start) >= (int64_t)QUIET_MS * 1000000);
	expect_one(stage, 1);
}

static void a_wait_for_any_tells_which(struct stage *stage)
{
	static const unsigned int order[VECTORS] = { 4, 2, 0, 3, 1 };
	uint64_t count;
	unsigned int i;

	open_vectors(stage);

	for (i = 0; i < VECTORS; i++) {
		raise_cause(stage, order[i]);
		assert_int_equal(rb_irq_wait_any(stage->irqs, PATIENCE_MS), (int)order[i]);
		assert_ok(rb_irq_take(stage->irqs, order[i], &count));
		assert_int_equal(count, 1);
	}
	assert_int_equal(rb_irq_wait_any(stage->irqs, QUIET_MS), -ETIMEDOUT);

	raise_causes(stage, CAUSES);
	for (i = 0; i < VECTORS; i++) {
		int vector = rb_irq_wait_any(stage->irqs, PATIENCE_MS);

		assert_in_range(vector, 0, VECTORS - 1);
		assert_ok(rb_irq_take(stage->irqs, (unsigned int)vector, &count));
		assert_int_equal(count, 1);
	}
	assert_int_equal(rb_irq_wait_any(stage->irqs, QUIET_MS), -ETIMEDOUT);
}

static void rb_poll_tells_vectors_apart(struct stage *stage)
{
	struct pollfd fds[VECTORS];
	unsigned int i;

	open_vectors(stage);
	for (i = 0; i < VECTORS; i++) {
		fds[i] = (struct pollfd){ rb_irq_fd(stage->irqs, i), POLLIN, 0 };
		assert_true(fds[i].fd >= 0);
	}
	assert_int_equal(rb_poll(stage->ctx, fds, VECTORS, QUIET_MS), 0);

	raise_cause(stage, 3);

	assert_int_equal(rb_poll(stage->ctx, fds, VECTORS, PATIENCE_MS), 1);
	for (i = 0; i < VECTORS; i++)
		assert_int_equal(fds[i].revents, i == 3 ? POLLIN : 0);
	expect_one(stage, 3);
	assert_int_equal(rb_poll(stage->ctx, fds, VECTORS, 0), 0);
}

/* A loop of the driver's own: registered once, taken until 0 after each wake. */
static void turn_the_loop(struct stage *stage, int loop)
{
	struct epoll_event event;
	unsigned int i;
	uint64_t count;

	for (i = 0; i < VECTORS; i++) {
		event = (struct epoll_event){ EPOLLIN, { .u32 = i } };
		if (epoll_ctl(loop, EPOLL_CTL_ADD, rb_irq_fd(stage->irqs, i), &event) != 0)
			return;
		if (rb_irq_take(stage->irqs, i, &count) < 0)
			return;
	}
	for (i = 0; i < 2 * VECTORS; i++) {
		raise_cause(stage, i % VECTORS);
		if (epoll_wait(loop, &event, 1, PATIENCE_MS) != 1 || event.data.u32 != i % VECTORS)
			return;
		if (rb_irq_take(stage->irqs, event.data.u32, &count) < 0 || count != 1)
			return;
		if (rb_irq_take(stage->irqs, event.data.u32, &count) < 0 || count != 0)
			return;
	}
	if (epoll_wait(loop, &event, 1, 0) == 0)
		quiet_nic(stage);
	else
		rb_mmio_write32(stage->regs, NIC_EIAC, 0);
}

static void vectors_wake_a_loop_of_ones_own(struct stage *stage)
{
	int loop;

	open_vectors(stage);
	loop = epoll_create1(EPOLL_CLOEXEC);
	assert_true(loop >= 0);

	turn_the_loop(stage, loop);

	close(loop);
	assert_int_equal(rb_mmio_read32(stage->regs, NIC_IMS) & CAUSES, 0); /* it came to its end */
}

/* --- threads ----------------------------------------------------------------------------------- */

struct waiter {
	struct stage *stage;
	unsigned int vector;
	bool any;
	int timeout_ms, rounds;
	int rc;
	uint64_t total;
	pthread_t thread;
};

static int wait_and_take(struct waiter *w)
{
	uint64_t count = 0;
	int rc = w->any ? rb_irq_wait_any(w->stage->irqs, w->timeout_ms)
			: rb_irq_wait(w->stage->irqs, w->vector, w->timeout_ms);

	if (rc < 0)
		return rc;
	do {
		rc = rb_irq_take(w->stage->irqs, w->vector, &count);
		w->total += count;
	} while (rc == 0 && count > 0);
	return rc;
}

static void *wait_in_thread(void *arg)
{
	struct waiter *w = arg;
	bool timed = w->stage->world->mock && rb_mock_thread_begin(w->stage->ctx) == 0;

	while (w->rc == 0 && w->total < (uint64_t)w->rounds)
		w->rc = wait_and_take(w);
	if (timed)
		rb_mock_thread_end(w->stage->ctx);
	return NULL;
}

static void start_waiter(struct stage *stage, struct waiter *w)
{
	w->stage = stage;
	assert_int_equal(pthread_create(&w->thread, NULL, wait_in_thread, w), 0);
}

static void a_cancel_ends_a_wait_for(struct stage *stage, bool any)
{
	struct waiter w = { .any = any, .timeout_ms = -1, .rounds = 1 };
	int rc, tries = 0;

	open_vectors(stage);
	start_waiter(stage, &w);

	do
		rc = rb_irq_cancel(stage->irqs);
	while (rc < 0 && ++tries < 100);
	pthread_join(w.thread, NULL);

	assert_ok(rc);
	assert_int_equal(w.rc, -ECANCELED);
	assert_int_equal(w.total, 0);
	expect_silence(stage);
}

static void a_cancel_ends_a_wait_for_one(struct stage *stage)
{
	a_cancel_ends_a_wait_for(stage, false);
}

static void a_cancel_ends_a_wait_for_any(struct stage *stage)
{
	a_cancel_ends_a_wait_for(stage, true);
}

/* One cause after the other, each while all wait. */
static void each_thread_hears_its_own_vector(struct stage *stage)
{
	struct waiter w[VECTORS] = { { .vector = 0 } };
	unsigned int i, round, started;
	bool timed;

	/* A campaign counts calls, and those of threads are not the same every time. */
	if (strcmp(stage->world->name, "mock") == 0)
		return;
	open_vectors(stage);
	timed = stage->world->mock && rb_mock_thread_begin(stage->ctx) == 0;
	for (started = 0; started < VECTORS; started++) {
		w[started] = (struct waiter){ .vector = started,
					      .timeout_ms = PATIENCE_MS,
					      .rounds = 8,
					      .stage = stage };
		if (pthread_create(&w[started].thread, NULL, wait_in_thread, &w[started]) != 0)
			break;
	}

	for (round = 0; round < 8; round++)
		for (i = 0; i < VECTORS; i++)
			raise_cause(stage, i);
	if (timed)
		rb_mock_thread_end(stage->ctx);
	for (i = 0; i < started; i++)
		pthread_join(w[i].thread, NULL);

	assert_int_equal(started, VECTORS);
	for (i = 0; i < VECTORS; i++) {
		assert_ok(w[i].rc);
		assert_int_equal(w[i].total, 8);
	}
	expect_silence(stage);
}

static void a_wait_ends_when_the_device_was_pulled_out(struct stage *stage)
{
	struct waiter w = { .timeout_ms = 200, .rounds = 1 };
	struct rb_pci_addr addr;
	bool timed;
	int rc;

	open_vectors(stage);
	addr = rb_pci_info_addr(rb_pci_list_get(stage->list, 0));
	timed = stage->world->mock && rb_mock_thread_begin(stage->ctx) == 0;
	start_waiter(stage, &w);

	rc = rb_host_unplug(stage->ctx, addr);
	(void)rb_mmio_read32(stage->regs, NIC_STATUS); /* somebody notices */
	if (timed)
		rb_mock_thread_end(stage->ctx);
	pthread_join(w.thread, NULL);

	assert_ok(rc);
	assert_int_equal(w.rc, -ENODEV);
	assert_int_equal(rb_irq_wait(stage->irqs, 1, -1), -ENODEV);
	assert_int_equal(rb_irq_mask(stage->irqs, 1, true), -ENODEV);
	assert_int_equal(rb_irq_set_restore(stage->irqs), -ENODEV);
}

/* --- a pin that devices share -------------------------------------------------------------- */

static uint8_t line_of(struct stage *stage, const struct rb_pci_info *info)
{
	struct rb_pci_view *view = NULL;
	uint8_t line = 0;
	int rc = rb_pci_view_open(stage->ctx, rb_pci_info_addr(info), &view);

	if (rc == 0)
		rc = rb_pci_view_read8(view, CFG_LINE, &line);
	rb_pci_view_close(view);
	assert_ok(rc);
	return line;
}

static void open_edu_at(struct stage *stage, const struct rb_pci_info *info)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	uint64_t count;

	assert_ok(rb_pci_open(stage->ctx, rb_pci_info_addr(info), &stage->dev));
	assert_ok(rb_mmio_map(stage->dev, 0, 0, 0, RB_MMIO_UC, &stage->regs));
	options.kinds = RB_IRQ_INTX;
	assert_ok(rb_irq_set_open(stage->dev, &options, &stage->irqs));
	assert_ok(rb_irq_take(stage->irqs, 0, &count));
}

/* Two of the five edus are on one line: the first becomes @stage's, the other the result's. */
static struct stage *open_sharers(struct stage *stage)
{
	static struct stage other;
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	const struct rb_pci_info *first = NULL, *second = NULL;
	size_t i, k;

	filter.vendor = EDU_VENDOR;
	filter.device = EDU_DEVICE;
	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));
	assert_int_equal(rb_pci_list_count(stage->list), 5);
	for (i = 0; i < 5 && !second; i++) {
		first = rb_pci_list_get(stage->list, i);
		for (k = i + 1; k < 5 && !second; k++)
			if (line_of(stage, rb_pci_list_get(stage->list, k)) ==
			    line_of(stage, first))
				second = rb_pci_list_get(stage->list, k);
	}
	assert_non_null(second);

	memset(&other, 0, sizeof(other));
	other.world = stage->world;
	other.ctx = rb_ctx_ref(stage->ctx);
	stage->other = &other;
	open_edu_at(stage, first);
	open_edu_at(&other, second);
	return &other;
}

/* The documented loop for one of them: how often it was woken by something. A line that
 * somebody else asserts for ever has no end. */
static uint64_t serve(struct stage *stage)
{
	uint64_t count, total = 0;

	while (total < 100) {
		assert_ok(rb_irq_take(stage->irqs, 0, &count));
		if (count == 0)
			return total;
		total += count;
		quiet_edu(stage);
	}
	fail_msg("the line goes on and on");
	return total;
}

static void raise_edu(struct stage *stage)
{
	rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 4);
	(void)rb_mmio_read32(stage->regs, EDU_IRQ_STATUS);
}

static void on_a_shared_line_both_hear_of_either(struct stage *stage)
{
	struct stage *other = open_sharers(stage);

	raise_edu(other);

	assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));
	assert_ok(rb_irq_wait(other->irqs, 0, PATIENCE_MS));
	assert_true(serve(other) >= 1);
	assert_true(serve(stage) >= 1);
	expect_no_irq(stage);
	expect_no_irq(other);
}

static void a_shared_line_fires_as_long_as_one_device_asserts_it(struct stage *stage)
{
	struct stage *other = open_sharers(stage);
	int i;

	for (i = 0; i < 5; i++) {
		raise_edu(stage);
		raise_edu(other);
		assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));
		assert_ok(rb_irq_wait(other->irqs, 0, PATIENCE_MS));
		/* each quiets only its own; who comes last finds the line low */
		(void)rb_mmio_read32(stage->regs, EDU_IRQ_STATUS);
		quiet_edu(stage);
		assert_true(serve(other) >= 1);
		assert_true(serve(stage) >= 1);
		expect_no_irq(other);
		expect_no_irq(stage);
	}
}

static void closing_one_leaves_the_line_to_the_other(struct stage *stage)
{
	struct stage *other = open_sharers(stage);
	int i;

	raise_edu(stage);
	assert_ok(rb_irq_wait(stage->irqs, 0, PATIENCE_MS));
	close_set(stage); /* while it asserts its pin, which is switched off */

	(void)serve(other);
	for (i = 0; i < 3; i++) {
		raise_edu(other);
		assert_ok(rb_irq_wait(other->irqs, 0, PATIENCE_MS));
		assert_true(serve(other) >= 1);
		expect_no_irq(other);
	}
}

#define NIC(fn)	   SCENARIO_WITH(fn, ";e1000e")
#define SHARED(fn) SCENARIO_WITH(fn, ";edu;edu;edu;edu")

static const struct scenario scenarios[] = {
	NIC(each_cause_tells_its_own_vector),
	NIC(twenty_rounds_are_twenty_on_every_vector),
	NIC(causes_of_one_write_come_on_all_their_vectors),
	NIC(a_set_has_what_was_wanted_or_what_there_is),
	NIC(the_first_kind_that_suffices_is_taken),
	NIC(the_table_holds_what_redox_composed),
	NIC(a_closed_set_opens_again_with_the_same_vectors),
	NIC(a_masked_vector_is_pending_and_comes_once_when_unmasked),
	NIC(the_function_mask_stands_beside_the_masks_of_vectors),
	NIC(a_set_closed_while_masked_opens_unmasked),
	NIC(a_pin_masks_and_is_pending_too),
	NIC(an_msi_that_cannot_be_masked_says_so),
	NIC(a_set_restores_a_cleared_table_and_its_masks),
	NIC(a_restored_set_stays_masked_as_a_whole),
	NIC(vectors_work_again_after_a_reset),
	NIC(a_message_works_again_after_a_reset),
	NIC(a_message_that_was_wiped_out_is_restored),
	NIC(a_wait_for_one_vector_does_not_end_with_another),
	NIC(a_wait_for_any_tells_which),
	NIC(rb_poll_tells_vectors_apart),
	NIC(vectors_wake_a_loop_of_ones_own),
	NIC(a_cancel_ends_a_wait_for_one),
	NIC(a_cancel_ends_a_wait_for_any),
	NIC(each_thread_hears_its_own_vector),
	NIC(a_wait_ends_when_the_device_was_pulled_out),
	SHARED(on_a_shared_line_both_hear_of_either),
	SHARED(a_shared_line_fires_as_long_as_one_device_asserts_it),
	SHARED(closing_one_leaves_the_line_to_the_other),
};

int main(void)
{
	register_nic82574_flr();
	return RUN_SCENARIOS("vectors", scenarios);
}
