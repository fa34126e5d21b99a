/* SPDX-License-Identifier: MIT */
/*
 * test_mock_time.c - the mock's clock, its events, and waiting.
 */
#include "mock_fixture.h"

#include <pthread.h>

static char order[16]; /* which events have run */
static char letters[] = "aAbBcCdkrx"; /* what tells them apart */

static void note(struct rb_mock_dev *dev, void *arg)
{
	size_t len = strlen(order);

	(void)dev;
	if (len + 1 < sizeof(order)) {
		order[len] = *(const char *)arg;
		order[len + 1] = '\0';
	}
}

/* The event that notes @letter. */
static void *the(char letter)
{
	return strchr(letters, letter);
}

static void open_quiet(struct rig *rig, const char *machine, struct rb_mock_dev **dev)
{
	order[0] = '\0';
	rig_open(rig, machine);
	*dev = plug(rig, plain_build, NULL);
}

static void every_access_and_observe_costs_a_tick(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	struct dma dma;
	int64_t before;
	uint32_t val;

	(void)state;
	open_quiet(&rig, "mock:tick=7", &dev);
	dma_open(&rig, &dma);
	before = now(&rig);
	assert_int_equal(rb_mock_now_ns(dev), before);

	mem_read(&rig, bar_of(&rig, rb_mock_addr(dev), 0), 4);
	mem_write(&rig, bar_of(&rig, rb_mock_addr(dev), 0), 4, 1);
	rig.m->ops->port_read(rig.m, 0x80, 1, &val);
	rig.m->ops->port_write(rig.m, 0x80, 1, 0);
	observe(&rig, &dma, 0, 4);
	publish(&rig, &dma, 0, 4);

	assert_int_equal(now(&rig) - before, 5 * 7);
	dma_close(&rig, &dma);
	rig_close_clean(&rig);
}

static void events_run_in_order_of_time_then_of_scheduling(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;

	(void)state;
	open_quiet(&rig, "mock", &dev);
	rb_mock_after(dev, 300, note, the('c'));
	rb_mock_after(dev, 100, note, the('a'));
	rb_mock_after(dev, 200, note, the('b'));
	rb_mock_after(dev, 100, note, the('A'));
	rb_mock_after(dev, 300, note, the('C'));
	rb_mock_after(dev, 301, note, the('d'));

	assert_int_equal(rb_mock_advance(rig.ctx, 300), 0);

	assert_string_equal(order, "aAbcC");
	rig_close_clean(&rig);
}

static void an_event_becomes_due_in_the_midst_of_accesses(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	uint64_t bar;

	(void)state;
	open_quiet(&rig, "mock", &dev);
	bar = bar_of(&rig, rb_mock_addr(dev), 0);
	rb_mock_after(dev, 2500, note, the('x'));

	mem_read(&rig, bar, 4);
	mem_read(&rig, bar + 4, 4);
	assert_string_equal(order, "");
	mem_read(&rig, bar, 4);

	assert_string_equal(order, "x");
	rig_close_clean(&rig);
}

static void again(struct rb_mock_dev *dev, void *arg)
{
	note(dev, arg);
	rb_mock_after(dev, 10, again, arg);
}

static void cancelled_events_do_not_run(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;

	(void)state;
	open_quiet(&rig, "mock", &dev);
	rb_mock_after(dev, 5, note, the('x'));
	rb_mock_after(dev, 6, note, the('k'));
	rb_mock_after(dev, 7, note, the('x'));
	rb_mock_after(dev, 10, again, the('r'));

	assert_int_equal(rb_mock_cancel(dev, note, the('x')), 2);
	assert_int_equal(rb_mock_cancel(dev, note, the('x')), 0);
	rb_mock_advance(rig.ctx, 35);

	assert_string_equal(order, "krrr");
	rb_mock_remove(dev);
	rb_mock_advance(rig.ctx, 1000);
	assert_string_equal(order, "krrr");
	rig_close_clean(&rig);
}

static void a_wait_jumps_to_the_event_or_to_its_deadline(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	int64_t start;

	(void)state;
	open_quiet(&rig, "mock", &dev);
	start = now(&rig);
	rb_mock_after(dev, 1000000000, note, the('x'));

	assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, start + 999999999), -ETIMEDOUT);
	assert_int_equal(now(&rig) - start, 999999999);
	assert_string_equal(order, "");
	assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, start + 2000000000), 0);
	assert_int_equal(now(&rig) - start, 1000000000);
	assert_string_equal(order, "x");
	assert_int_equal(rig.m->ops->wait(rig.m, NULL, 0, start), -ETIMEDOUT);
	assert_int_equal(now(&rig) - start, 1000000000);
	rig_close_clean(&rig);
}

static void raise_pin(struct rb_mock_dev *dev, void *arg)
{
	(void)arg;
	rb_mock_intx(dev, true);
}

static void a_wait_returns_the_descriptors_an_event_made_ready(void **state)
{
	struct pollfd fds[20];
	struct rb_mock_dev *dev;
	struct rig rig;
	size_t i;

	(void)state;
	open_quiet(&rig, "mock", &dev);
	for (i = 0; i < 20; i++) {
		fds[i].fd = i == 17 ? rig.m->ops->irq_fd(rig.m, 10) : -1;
		fds[i].events = POLLIN;
	}
	rb_mock_after(dev, 5000, raise_pin, NULL);

	assert_int_equal(rig.m->ops->wait(rig.m, fds, 20, INT64_MAX), 1);

	assert_int_equal(fds[17].revents, POLLIN);
	assert_int_equal(rig.m->ops->wait(rig.m, fds, 20, 0), 1);
	assert_int_equal(irq_take(&rig, 10), 1);
	assert_int_equal(rig.m->ops->wait(rig.m, fds, 20, 0), -ETIMEDOUT);
	rig_close_clean(&rig);
}

static void delays_move_the_clock_and_run_events(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	int64_t start;

	(void)state;
	open_quiet(&rig, "mock", &dev);
	start = now(&rig);
	rb_mock_after(dev, 10, note, the('x'));

	rig.m->ops->delay(rig.m, 50);

	assert_int_equal(now(&rig) - start, 50);
	assert_string_equal(order, "x");
	rig_close_clean(&rig);
}

/* A thread that waits for ever: what it waited for, and what it got. */
struct sleeper {
	struct rig *rig;
	struct pollfd fds[20];
	int rc;
};

static void *sleep_for_ever(void *arg)
{
	struct sleeper *s = arg;

	do
		s->rc = s->rig->m->ops->wait(s->rig->m, s->fds, 20, INT64_MAX);
	while (s->rc == 0);
	return NULL;
}

static void at_the_end_of_time_nothing_is_due(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");

	assert_int_equal(rb_mock_advance(rig.ctx, UINT64_MAX), 0);
	assert_int_equal(rb_mock_advance(rig.ctx, 1), 0);

	assert_int_equal(now(&rig), INT64_MAX);
	rig_close_clean(&rig);
}

static void a_wait_without_end_is_woken_by_another_thread(void **state)
{
	struct rb_mock_dev *dev;
	struct sleeper s;
	struct rig rig;
	pthread_t thread;
	size_t i;

	(void)state;
	open_quiet(&rig, "mock", &dev);
	s.rig = &rig;
	for (i = 0; i < 20; i++) {
		s.fds[i].fd = -1;
		s.fds[i].events = POLLIN;
	}
	s.fds[19].fd = rig.m->ops->irq_fd(rig.m, 10);
	assert_int_equal(pthread_create(&thread, NULL, sleep_for_ever, &s), 0);

	/* Whether it sleeps yet or not, an event of the future reaches it. */
	rb_mock_after(dev, 86400ull * 1000000000, raise_pin, NULL);

	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(s.rc, 1);
	assert_int_equal(irq_take(&rig, 10), 1);
	rig_close_clean(&rig);
}

static void no_memory_for_many_descriptors_is_said(void **state)
{
	struct pollfd fds[20];
	struct rb_mock_dev *dev;
	struct rig rig;
	size_t i;

	(void)state;
	open_quiet(&rig, "mock", &dev);
	for (i = 0; i < 20; i++)
		fds[i] = (struct pollfd){ -1, POLLIN, 0 };

	rbi_alloc_fail_at(1);

	assert_int_equal(rig.m->ops->wait(rig.m, fds, 20, INT64_MAX), -ENOMEM);
	rbi_alloc_fail_at(0);
	rig_close_clean(&rig);
}

/* --- the real clock -------------------------------------------------------------------- */

static void on_the_real_clock_events_come_by_themselves(void **state)
{
	struct rb_mock_dev *dev;
	struct pollfd fd;
	struct rig rig;
	int64_t start;

	(void)state;
	open_quiet(&rig, "mock:time=real", &dev);
	fd.fd = rig.m->ops->irq_fd(rig.m, 10);
	fd.events = POLLIN;
	start = now(&rig);

	assert_int_equal(rb_mock_after(dev, 3000000, raise_pin, NULL), 0);

	assert_int_equal(poll(&fd, 1, 10000), 1);
	assert_true(now(&rig) - start >= 3000000);
	assert_int_equal(rb_mock_advance(rig.ctx, 1), -ENOTSUP);
	assert_int_equal(irq_take(&rig, 10), 1);
	start = now(&rig);
	assert_int_equal(rig.m->ops->wait(rig.m, &fd, 1, start + 2000000), -ETIMEDOUT);
	assert_true(now(&rig) - start >= 2000000);
	/* late enough that a slow machine is waiting when it comes, and no wait without an end */
	rb_mock_after(dev, 200000000, note, the('x'));
	assert_int_equal(rig.m->ops->wait(rig.m, &fd, 1, start + 10000000000), 0);
	assert_true(now(&rig) - start < 10000000000);
	rig.m->ops->delay(rig.m, 1000000);
	assert_true(now(&rig) - start >= 3000000);
	assert_int_equal(rb_mock_verify(rig.ctx), 0);
	rig_close_clean(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_access_and_observe_costs_a_tick),
		cmocka_unit_test(events_run_in_order_of_time_then_of_scheduling),
		cmocka_unit_test(an_event_becomes_due_in_the_midst_of_accesses),
		cmocka_unit_test(cancelled_events_do_not_run),
		cmocka_unit_test(a_wait_jumps_to_the_event_or_to_its_deadline),
		cmocka_unit_test(a_wait_returns_the_descriptors_an_event_made_ready),
		cmocka_unit_test(delays_move_the_clock_and_run_events),
		cmocka_unit_test(at_the_end_of_time_nothing_is_due),
		cmocka_unit_test(a_wait_without_end_is_woken_by_another_thread),
		cmocka_unit_test(no_memory_for_many_descriptors_is_said),
		cmocka_unit_test(on_the_real_clock_events_come_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
