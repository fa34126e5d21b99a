/* SPDX-License-Identifier: MIT */
/*
 * test_mock_hang.c - waits without a time-out: what ends them in virtual time, and
 * that one which nothing can end is named instead of hanging the test.
 */
#include <rbdrv/mock_cmocka.h>

#include <poll.h>
#include <unistd.h>

#include <rbdrv/rbdrv.h>

#define DELAY_NS 3600000000000ull /* an hour, which takes no time */

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x0001;
	rb_mock_ids(dev, &ids);
	return rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT) < 0 ? -ENOMEM : 0;
}

struct rig {
	struct rb_ctx *ctx;
	struct rb_mock_dev *mock;
	struct rb_irq_set *irqs;
};

static void open_rig(struct rig *rig, const char *machine)
{
	struct rb_pci_dev *dev;
	uint64_t count;

	rb_mock_assert_rc(rb_ctx_new(machine, &rig->ctx), 0);
	rb_mock_assert_rc(rb_mock_add(rig->ctx, "plain", build, NULL, &rig->mock), 0);
	rb_mock_assert_rc(rb_pci_open(rig->ctx, rb_mock_addr(rig->mock), &dev), 0);
	rb_mock_assert_rc(rb_irq_set_open(dev, NULL, &rig->irqs), 0);
	rb_mock_assert_rc(rb_irq_take(rig->irqs, 0, &count), 0);
	rb_pci_unref(dev);
}

static void close_rig(struct rig *rig)
{
	rb_irq_set_close(rig->irqs);
	rb_mock_assert_clean(rig->ctx);
	rb_ctx_unref(rig->ctx);
}

static void interrupt(struct rb_mock_dev *dev, void *arg)
{
	(void)arg;
	rb_mock_msi(dev, 0);
}

static void a_wait_that_nothing_can_end_is_a_violation(void **state)
{
	struct rig rig;

	(void)state;
	open_rig(&rig, "mock:hang=20");

	assert_int_equal(rb_irq_wait(rig.irqs, 0, -1), -EIO);

	rb_mock_assert_violation(rig.ctx, "a wait without a time-out (rb_irq_wait");
	close_rig(&rig);
}

static void so_is_a_poll_of_a_pipe_that_stays_empty(void **state)
{
	struct pollfd pfd = { .events = POLLIN };
	struct rig rig;
	int fds[2];

	(void)state;
	open_rig(&rig, "mock:hang=20");
	assert_int_equal(pipe(fds), 0);
	pfd.fd = fds[0];

	assert_int_equal(rb_poll(rig.ctx, &pfd, 1, -1), -EIO);

	rb_mock_assert_violation(rig.ctx, "rb_poll) has hung");
	close(fds[0]);
	close(fds[1]);
	close_rig(&rig);
}

static void a_wait_for_an_event_however_late_is_none(void **state)
{
	struct rig rig;

	(void)state;
	open_rig(&rig, "mock:hang=1");
	rb_mock_assert_rc(rb_mock_after(rig.mock, DELAY_NS, interrupt, NULL), 0);

	rb_mock_assert_rc(rb_irq_wait(rig.irqs, 0, -1), 0);

	close_rig(&rig);
}

static void after_a_hang_the_next_wait_works(void **state)
{
	struct rig rig;

	(void)state;
	open_rig(&rig, "mock:hang=20");
	assert_int_equal(rb_irq_wait(rig.irqs, 0, -1), -EIO);
	rb_mock_clear(rig.ctx);
	rb_mock_assert_rc(rb_mock_after(rig.mock, DELAY_NS, interrupt, NULL), 0);

	rb_mock_assert_rc(rb_irq_wait(rig.irqs, 0, -1), 0);

	close_rig(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_that_nothing_can_end_is_a_violation),
		cmocka_unit_test(so_is_a_poll_of_a_pipe_that_stays_empty),
		cmocka_unit_test(a_wait_for_an_event_however_late_is_none),
		cmocka_unit_test(after_a_hang_the_next_wait_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
