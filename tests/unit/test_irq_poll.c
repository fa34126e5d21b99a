/* SPDX-License-Identifier: MIT */
/* test_irq_poll.c - rb_poll() over irq descriptors and pipes. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/irq.h>

#include "fake_irq.h"

#define MS	1000000
#define FOREVER (-1)

struct world {
	struct fake *fake;
	struct rb_pci_dev *dev;
	struct rb_irq_set *set;
	int pipe[2];
	struct pollfd fds[3]; /* the interrupt, the pipe's reading end, its writing end */
	unsigned int handles; /* open at the start of a test */
};

static struct world world;

static int plug_in(void **state)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct world *w = &world;

	memset(w, 0, sizeof(*w));
	w->fake = fake_new(NULL);
	w->dev = fake_open_device(w->fake);
	options.kinds = RB_IRQ_MSI;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), 0);
	assert_int_equal(w->fake->sys.ops->pipe(&w->fake->sys, w->pipe), 0);
	w->fds[0] = (struct pollfd){ rb_irq_fd(w->set, 0), POLLIN, 0 };
	w->fds[1] = (struct pollfd){ w->pipe[0], POLLIN, 0 };
	w->fds[2] = (struct pollfd){ w->pipe[1], POLLOUT, 0 };
	w->handles = fake_open_handles(w->fake);
	*state = w;
	return 0;
}

static int unplug(void **state)
{
	struct world *w = *state;
	const struct rbi_sys_ops *ops = w->fake->sys.ops;

	assert_int_equal(fake_open_handles(w->fake), w->handles);
	assert_int_equal(w->fake->reg_count, 0); /* the kernel would keep them */
	ops->close(&w->fake->sys, w->pipe[0]);
	ops->close(&w->fake->sys, w->pipe[1]);
	rb_irq_set_close(w->set);
	rb_pci_unref(w->dev);
	fake_free(w->fake);
	return 0;
}

static int poll_all(struct world *w, unsigned int count, int timeout_ms)
{
	return rb_poll(w->fake->ctx, w->fds, count, timeout_ms);
}

static uint64_t taken(struct world *w)
{
	uint64_t count;

	assert_int_equal(rb_irq_take(w->set, 0, &count), 0);
	return count;
}

static void put_byte(struct fake *f)
{
	assert_int_equal(f->sys.ops->write(&f->sys, world.pipe[1], "", 1), 1);
}

static void message_while_asleep(struct fake *f)
{
	fake_send_message(f);
}

/* --- interrupts ------------------------------------------------------------------------------ */

static void an_interrupt_ends_a_poll_and_is_not_taken(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(poll_all(w, 2, FOREVER), 1);
	assert_int_equal(w->fds[0].revents, POLLIN);
	assert_int_equal(w->fds[1].revents, 0);
	assert_int_equal(taken(w), 1);
}

static void what_came_before_is_seen_without_sleeping(void **state)
{
	struct world *w = *state;

	fake_send_message(w->fake);
	assert_int_equal(poll_all(w, 2, FOREVER), 1);
	assert_int_equal(w->fds[0].revents, POLLIN);
	assert_int_equal(w->fake->sleeps, 0);
	assert_int_equal(taken(w), 1);
}

static void what_was_taken_is_not_seen_again(void **state)
{
	struct world *w = *state;

	fake_send_message(w->fake);
	assert_int_equal(taken(w), 1); /* held, so the counter still answers */
	assert_int_equal(poll_all(w, 1, 0), 0);
	assert_int_equal(poll_all(w, 1, 7), 0);
	assert_int_equal(w->fds[0].revents, 0);
}

static void stale_entries_do_not_end_a_poll(void **state)
{
	struct world *w = *state;
	uint64_t before = rb_time_ns(w->fake->ctx);

	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(poll_all(w, 1, FOREVER), 1);
	assert_int_equal(taken(w), 1);
	fake_post_stale(w->fake, 18);
	assert_int_equal(poll_all(w, 1, 20), 0);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 20 * MS);
}

static void stale_while_asleep(struct fake *f)
{
	fake_post_stale(f, 18);
}

static void an_entry_without_an_interrupt_is_absorbed(void **state)
{
	struct world *w = *state;

	w->fake->when_asleep = stale_while_asleep;
	assert_int_equal(poll_all(w, 1, 20), 0);
	assert_null(w->fake->when_asleep);
}

static void a_closed_sets_descriptor_is_no_interrupt_any_more(void **state)
{
	struct world *w = *state;
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct pollfd old = w->fds[0];

	rb_irq_set_close(w->set);
	w->set = NULL;
	assert_int_equal(rb_poll(w->fake->ctx, &old, 1, FOREVER), 1);
	assert_int_equal(old.revents, POLLNVAL);

	options.kinds = RB_IRQ_MSI;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), 0);
	w->handles--;
}

/* --- other descriptors ----------------------------------------------------------------------- */

static void a_pipe_is_seen_before_and_during_sleep(void **state)
{
	struct world *w = *state;
	char byte;

	w->fake->when_asleep = put_byte;
	assert_int_equal(poll_all(w, 2, FOREVER), 1);
	assert_int_equal(w->fds[1].revents, POLLIN);
	assert_int_equal(w->fds[0].revents, 0);

	/* unread: level triggered, as poll(2) is */
	assert_int_equal(poll_all(w, 2, FOREVER), 1);
	assert_int_equal(poll_all(w, 2, 0), 1);

	assert_int_equal(w->fake->sys.ops->read(&w->fake->sys, w->pipe[0], &byte, 1), 1);
	assert_int_equal(poll_all(w, 2, 0), 0);
	assert_int_equal(w->fds[1].revents, 0);
}

static void room_in_a_pipe_is_seen(void **state)
{
	struct world *w = *state;

	assert_int_equal(poll_all(w, 3, FOREVER), 1);
	assert_int_equal(w->fds[2].revents, POLLOUT);
	w->fds[2].events = POLLIN;
	assert_int_equal(poll_all(w, 3, 0), 0);
}

static void a_busy_device_does_not_starve_a_pipe(void **state)
{
	struct world *w = *state;

	fake_send_message(w->fake);
	put_byte(w->fake);
	assert_int_equal(poll_all(w, 3, FOREVER), 3);
	assert_int_equal(w->fds[0].revents, POLLIN);
	assert_int_equal(w->fds[1].revents, POLLIN);
	assert_int_equal(w->fds[2].revents, POLLOUT);
	assert_int_equal(poll_all(w, 3, 0), 3);
}

static void what_is_no_descriptor_is_said_so_at_once(void **state)
{
	struct world *w = *state;
	struct pollfd fds[4] = { { 4711, POLLIN, 0 },
				 { -1, POLLIN, POLLIN },
				 { w->pipe[0], POLLIN, 0 },
				 { 4711, POLLOUT, 0 } };

	put_byte(w->fake);
	rbi_fail(-EIO, "before");
	assert_int_equal(rb_poll(w->fake->ctx, fds, 4, FOREVER), 3);
	assert_int_equal(fds[0].revents, POLLNVAL);
	assert_int_equal(fds[1].revents, 0);
	assert_int_equal(fds[2].revents, POLLIN);
	assert_int_equal(fds[3].revents, POLLNVAL);
	assert_string_equal(rb_last_error(), "before");
}

static void a_descriptor_may_stand_in_several_places(void **state)
{
	struct world *w = *state;
	struct pollfd fds[4] = { { w->pipe[0], 0, 0 },
				 { w->pipe[0], POLLIN, 0 },
				 { w->fds[0].fd, POLLIN, 0 },
				 { w->fds[0].fd, POLLIN, 0 } };

	w->fake->when_asleep = put_byte;
	assert_int_equal(rb_poll(w->fake->ctx, fds, 4, FOREVER), 1);
	assert_int_equal(fds[0].revents, 0);
	assert_int_equal(fds[1].revents, POLLIN);

	w->fake->when_asleep = message_while_asleep;
	assert_int_equal(rb_poll(w->fake->ctx, fds + 2, 2, FOREVER), 2);
	assert_int_equal(taken(w), 1);
}

/* --- time, arguments, failures --------------------------------------------------------------- */

static void without_descriptors_a_poll_is_a_rest(void **state)
{
	struct world *w = *state;
	uint64_t before = rb_time_ns(w->fake->ctx);

	assert_int_equal(rb_poll(w->fake->ctx, NULL, 0, 15), 0);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 15 * MS);
	assert_int_equal(rb_poll(w->fake->ctx, NULL, 0, 0), 0);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 15 * MS);
}

static void look_at_alarms(struct fake *f)
{
	size_t i, j;

	for (i = 0; i < FAKE_FILES; i++)
		for (j = 0; f->files[i].kind == FAKE_TIME && j < f->files[i].alarm_count; j++)
			assert_true(f->files[i].alarms[j] <= f->now + 1000 * MS);
}

static void a_long_poll_leaves_no_alarm_that_is_far_off(void **state)
{
	struct world *w = *state;
	uint64_t before = rb_time_ns(w->fake->ctx);

	w->fake->when_asleep = look_at_alarms;
	assert_int_equal(poll_all(w, 2, 3500), 0);
	assert_null(w->fake->when_asleep);
	assert_int_equal(rb_time_ns(w->fake->ctx) - before, 3500ull * MS);
	assert_int_equal(w->fake->sleeps, 5); /* the look, and four alarms */
}

static void revents_of_an_earlier_call_are_cleared(void **state)
{
	struct world *w = *state;

	w->fds[0].revents = POLLIN | POLLERR;
	w->fds[1].revents = POLLNVAL;
	assert_int_equal(poll_all(w, 2, 1), 0);
	assert_int_equal(w->fds[0].revents, 0);
	assert_int_equal(w->fds[1].revents, 0);
}

static void wrong_arguments_are_refused(void **state)
{
	struct world *w = *state;
	struct pollfd *many = calloc(1025, sizeof(*many));
	int i;

	assert_int_equal(rb_poll(NULL, w->fds, 1, 0), -EINVAL);
	assert_int_equal(rb_poll(w->fake->ctx, NULL, 1, 0), -EINVAL);
	assert_int_equal(rb_poll(w->fake->ctx, many, 1025, 0), -EINVAL);
	assert_int_equal(rb_poll(w->fake->ctx, many, UINT32_MAX, 0), -EINVAL);
	for (i = 0; i < 1024; i++)
		many[i].fd = -1;
	assert_int_equal(rb_poll(w->fake->ctx, many, 1024, 0), 0);
	free(many);
}

static void polling_fails_cleanly_at_each_call(void **state)
{
	static const int errors[] = { -EMFILE, -ENODEV, -4711 };
	struct world *w = *state;
	unsigned int n, i;
	int rc;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (n = 1;; n++) {
			w->fake->when_asleep = message_while_asleep;
			fake_fail_at(w->fake, n, errors[i]);
			rc = poll_all(w, 2, 1000);
			w->fake->fail_at = 0;
			if (!w->fake->failed)
				break;
			/* at the end it is the clearing away that fails, of no use to anybody */
			assert_true(rc == 1 || (rc < 0 && rbi_code_is_ours(rc) && rc != -EINVAL));
			assert_int_equal(fake_open_handles(w->fake), w->handles);
			w->fake->reg_count = 0;
			while (taken(w) > 0)
				;
		}
		assert_int_equal(rc, 1);
		assert_true(n > 7);
		while (taken(w) > 0)
			;
	}
	w->fake->when_asleep = NULL;
}

static void without_memory_a_poll_is_refused(void **state)
{
	struct world *w = *state;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		w->fake->when_asleep = message_while_asleep;
		rbi_alloc_fail_at(n);
		rc = poll_all(w, 2, 1000);
		rbi_alloc_fail_at(0);
		if (rc == 1)
			break;
		assert_int_equal(rc, -ENOMEM);
		assert_int_equal(fake_open_handles(w->fake), w->handles);
	}
	assert_true(n > 3);
	assert_int_equal(taken(w), 1);
}

int main(void)
{
#define PLUGGED(test) cmocka_unit_test_setup_teardown(test, plug_in, unplug)
	const struct CMUnitTest tests[] = {
		PLUGGED(an_interrupt_ends_a_poll_and_is_not_taken),
		PLUGGED(what_came_before_is_seen_without_sleeping),
		PLUGGED(what_was_taken_is_not_seen_again),
		PLUGGED(stale_entries_do_not_end_a_poll),
		PLUGGED(an_entry_without_an_interrupt_is_absorbed),
		PLUGGED(a_closed_sets_descriptor_is_no_interrupt_any_more),
		PLUGGED(a_pipe_is_seen_before_and_during_sleep),
		PLUGGED(room_in_a_pipe_is_seen),
		PLUGGED(a_busy_device_does_not_starve_a_pipe),
		PLUGGED(what_is_no_descriptor_is_said_so_at_once),
		PLUGGED(a_descriptor_may_stand_in_several_places),
		PLUGGED(without_descriptors_a_poll_is_a_rest),
		PLUGGED(a_long_poll_leaves_no_alarm_that_is_far_off),
		PLUGGED(revents_of_an_earlier_call_are_cleared),
		PLUGGED(wrong_arguments_are_refused),
		PLUGGED(polling_fails_cleanly_at_each_call),
		PLUGGED(without_memory_a_poll_is_refused),
	};

	return cmocka_run_group_tests_name("irq_poll", tests, NULL, NULL);
}
