/* SPDX-License-Identifier: MIT */
/* test_hosted_event.c - /scheme/event and /scheme/time (contract 3, probe 4). */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "hosted_fake.h"

#define READ	   RBI_EVENT_READ
#define WRITE	   RBI_EVENT_WRITE
#define CREATE	   (RBI_O_RDWR | RBI_O_CREAT | RBI_O_EXCL)
#define TIMEOUT_ID (UINT64_MAX - 2)
#define MS	   1000000

struct record {
	uint64_t id, flags, data;
};

struct moment {
	int64_t sec;
	int32_t nsec;
	uint32_t pad;
};

static int open_queue(struct world *w, unsigned int flags)
{
	int fd = w_open(w, "/scheme/event", RBI_O_RDWR | RBI_O_CREAT | flags);

	assert_true(fd >= 0);
	return fd;
}

static ssize_t watch(struct world *w, int queue, uint64_t id, uint64_t flags, uint64_t data)
{
	struct record rec = { id, flags, data };

	return w_write(w, queue, &rec, sizeof(rec));
}

static void assert_next(struct world *w, int queue, uint64_t id, uint64_t flags, uint64_t data)
{
	struct record rec;

	assert_int_equal(w_read(w, queue, &rec, sizeof(rec)), sizeof(rec));
	assert_int_equal(rec.id, id);
	assert_int_equal(rec.flags, flags);
	assert_int_equal(rec.data, data);
}

static void assert_empty(struct world *w, int queue)
{
	struct record rec;

	assert_int_equal(w_read(w, queue, &rec, sizeof(rec)), -EAGAIN);
}

static void records_are_checked_and_registering_answers_their_bytes(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int other = open_queue(w, 0);
	int irq = w_open(w, "/scheme/irq/5", RBI_O_RDWR);
	int file = w_open(w, "/scheme/memory/zeroed", RBI_O_RDWR);
	struct record two[2] = { { (uint64_t)irq, READ, 1 }, { (uint64_t)file, READ, 2 } };
	char byte[24];
	uint64_t size;

	assert_int_equal(watch(w, q, 54321, READ, 0), -EBADF);
	assert_int_equal(watch(w, q, 54321, 0, 0), -EBADF);
	assert_int_equal(watch(w, q, (uint64_t)q, READ, 0), -EBADF);
	assert_int_equal(watch(w, q, (uint64_t)other, READ, 0), -EBADF);
	assert_int_equal(watch(w, q, UINT64_MAX, READ, 0), -EBADF);
	assert_int_equal(w_write(w, q, two, sizeof(two)), sizeof(two));
	assert_int_equal(w_write(w, q, two, 23), 0);
	assert_int_equal(watch(w, q, (uint64_t)irq, 0, 0), 24);
	assert_int_equal(watch(w, q, (uint64_t)irq, 0, 0), 24); /* twice is fine */
	assert_int_equal(w_read(w, q, byte, 23), -EINVAL);
	assert_int_equal(w->sys->ops->size(w->sys, q, &size), -EBADF);
}

static void everybody_may_have_queues_and_clocks(void **state)
{
	struct world *w = world_new("uid=1000");

	(void)state;
	assert_true(w_open(w, "/scheme/event/any/thing", RBI_O_RDWR) >= 0);
	assert_true(w_open(w, "/scheme/time/4", RBI_O_RDWR) >= 0);
	world_free(w);
}

static void a_hundred_interrupts_are_a_hundred_entries(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int irq = w_open(w, "/scheme/irq/cpu-00/18", CREATE);
	struct record recs[60];
	uint64_t count;
	int i;

	assert_int_equal(watch(w, q, (uint64_t)irq, READ, 77), 24);
	for (i = 0; i < 100; i++)
		fake_raise(w->fake, 18);

	assert_int_equal(w_read(w, q, recs, sizeof(recs)), sizeof(recs));
	assert_int_equal(recs[59].id, irq);
	assert_int_equal(recs[59].data, 77);
	assert_int_equal(w_read(w, irq, &count, 8), 8); /* draining takes no entry away */
	assert_int_equal(count, 100);
	assert_int_equal(w_read(w, q, recs, sizeof(recs)), 40 * 24);
	assert_empty(w, q);
}

static void an_interrupt_that_came_before_registering_posts_nothing(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int irq = w_open(w, "/scheme/irq/9", RBI_O_RDWR);

	fake_raise(w->fake, 9);
	assert_int_equal(watch(w, q, (uint64_t)irq, READ, 1), 24);
	assert_empty(w, q);

	fake_raise(w->fake, 9);
	assert_next(w, q, (uint64_t)irq, READ, 1);
	assert_empty(w, q);
}

static void each_queue_and_each_handle_gets_its_own_entry(void **state)
{
	struct world *w = *state;
	int q1 = open_queue(w, RBI_O_NONBLOCK);
	int q2 = open_queue(w, RBI_O_NONBLOCK);
	int a = w_open(w, "/scheme/irq/9", RBI_O_RDWR);
	int b = w_open(w, "/scheme/irq/9", RBI_O_RDWR);
	uint64_t count;

	watch(w, q1, (uint64_t)a, READ, 1);
	watch(w, q1, (uint64_t)b, READ, 2);
	watch(w, q2, (uint64_t)b, READ, 3);
	fake_raise(w->fake, 9);
	assert_int_equal(w_read(w, a, &count, 8), 8); /* pulled by a reader, not by a queue */

	assert_next(w, q2, (uint64_t)b, READ, 3);
	assert_empty(w, q2);
	assert_int_equal(w_read(w, q1, (struct record[3]){ { 0 } }, 72), 48);
}

/* Kernel 97bd0fb4 compares queue and descriptor, and a hash map that knows a key keeps
 * it: "flags != 0 adds/replaces" (contract 3.1) is true of the flags only. */
static void registering_again_changes_the_flags_and_keeps_the_cookie(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int irq = w_open(w, "/scheme/irq/9", RBI_O_RDWR);

	watch(w, q, (uint64_t)irq, READ, 1);
	fake_raise(w->fake, 9);
	watch(w, q, (uint64_t)irq, READ, 2);
	fake_raise(w->fake, 9);

	assert_next(w, q, (uint64_t)irq, READ, 1);
	assert_next(w, q, (uint64_t)irq, READ, 1);
	assert_empty(w, q);

	watch(w, q, (uint64_t)irq, WRITE, 3);
	fake_raise(w->fake, 9);
	assert_empty(w, q);
	watch(w, q, (uint64_t)irq, 0, 4); /* any cookie removes it */
	watch(w, q, (uint64_t)irq, READ, 5);
	fake_raise(w->fake, 9);
	assert_next(w, q, (uint64_t)irq, READ, 5);
	assert_empty(w, q);
}

/* Contract 3.4: "before 10 May 2026 the kernel compared the cookie as well, so DEL did
 * not remove". */
static void an_older_kernel_counts_the_cookie_into_a_registration_s_name(void **state)
{
	static const char *const profiles[] = { "profile=redox-2025", "profile=redbear-2026" };
	struct world *w;
	int q, irq, fds[2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		w = world_new(profiles[i]);
		q = open_queue(w, RBI_O_NONBLOCK);
		irq = w_open(w, "/scheme/irq/9", RBI_O_RDWR);

		watch(w, q, (uint64_t)irq, READ, 1);
		assert_int_equal(watch(w, q, (uint64_t)irq, 0, 2), 24); /* removes nothing */
		fake_raise(w->fake, 9);
		assert_next(w, q, (uint64_t)irq, READ, 1);
		watch(w, q, (uint64_t)irq, READ, 2); /* one more */
		fake_raise(w->fake, 9);
		assert_int_equal(w_read(w, q, (struct record[3]){ { 0 } }, 72), 48);
		watch(w, q, (uint64_t)irq, 0, 1);
		fake_raise(w->fake, 9);
		assert_next(w, q, (uint64_t)irq, READ, 2);
		assert_empty(w, q);

		assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
		watch(w, q, (uint64_t)fds[0], READ, 6);
		watch(w, q, (uint64_t)fds[0], READ, 7);
		watch(w, q, (uint64_t)fds[0], 0, 0);
		assert_int_equal(w_write(w, fds[1], "x", 1), 1);
		assert_int_equal(w_read(w, q, (struct record[3]){ { 0 } }, 72), 48);
		watch(w, q, (uint64_t)fds[0], 0, 6);
		assert_int_equal(w_write(w, fds[1], "x", 1), 1);
		assert_next(w, q, (uint64_t)fds[0], READ, 7);
		assert_empty(w, q);
		w_close(w, fds[0]);
		w_close(w, fds[1]);
		world_free(w);
	}
}

/* Contract 3.2: "one posting = one queue entry", in one line for all descriptors. */
static void entries_are_read_in_the_order_in_which_they_were_posted(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int a = w_open(w, "/scheme/irq/9", RBI_O_RDWR);
	int b = w_open(w, "/scheme/irq/10", RBI_O_RDWR);
	uint64_t count;
	int i;

	watch(w, q, (uint64_t)a, READ, 1);
	watch(w, q, (uint64_t)b, READ, 2);
	for (i = 0; i < 5; i++) { /* a, b, a, b, a: each is pulled when it comes */
		fake_raise(w->fake, i % 2 ? 10 : 9);
		w_read(w, i % 2 ? b : a, &count, 8);
	}

	assert_next(w, q, (uint64_t)a, READ, 1);
	assert_next(w, q, (uint64_t)b, READ, 2);
	assert_next(w, q, (uint64_t)a, READ, 1);
	/* a busy neighbour keeps nobody waiting */
	for (i = 0; i < 3; i++) {
		fake_raise(w->fake, 9);
		w_read(w, a, &count, 8);
	}
	assert_next(w, q, (uint64_t)a, READ, 1); /* interleaved too often: it moved up */
	assert_next(w, q, (uint64_t)b, READ, 2);
	for (i = 0; i < 3; i++)
		assert_next(w, q, (uint64_t)a, READ, 1);
	assert_empty(w, q);
}

/* Kernel, src/sync/wait_queue.rs: whole entries are taken, and what fits of the next one
 * is copied besides. */
static void a_buffer_that_is_no_multiple_of_24_gets_part_of_the_next_entry(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int irq = w_open(w, "/scheme/irq/9", RBI_O_RDWR);
	struct record recs[2] = { { 0 } };

	watch(w, q, (uint64_t)irq, READ, 7);
	fake_raise(w->fake, 9);
	fake_raise(w->fake, 9);

	assert_int_equal(w_read(w, q, recs, 32), 32);
	assert_int_equal(recs[1].id, irq);
	assert_int_equal(recs[1].flags, 0);
	assert_next(w, q, (uint64_t)irq, READ, 7);
	assert_empty(w, q);
}

static void registrations_end_with_the_description_and_entries_stay(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int irq = w_open(w, "/scheme/irq/9", RBI_O_RDWR);
	int twin = w->sys->ops->dup(w->sys, irq);
	uint64_t count;

	watch(w, q, (uint64_t)irq, READ, 1);
	w_close(w, irq);
	fake_raise(w->fake, 9); /* the description lives in its twin */
	assert_int_equal(w_read(w, twin, &count, 8), 8);
	w_close(w, twin);
	fake_raise(w->fake, 9);

	assert_next(w, q, (uint64_t)irq, READ, 1);
	assert_empty(w, q);
}

static void a_pipe_with_data_is_reported_once_at_registration(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int fds[2];
	char c;

	assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
	assert_int_equal(w_write(w, fds[1], "x", 1), 1);
	assert_int_equal(watch(w, q, (uint64_t)fds[0], READ, 5), 24);

	assert_next(w, q, (uint64_t)fds[0], READ, 5);
	assert_empty(w, q); /* edge, not level */
	assert_int_equal(w_write(w, fds[1], "y", 1), 1);
	assert_next(w, q, (uint64_t)fds[0], READ, 5);
	assert_int_equal(watch(w, q, (uint64_t)fds[0], READ, 6), 24);
	assert_next(w, q, (uint64_t)fds[0], READ, 5); /* registering anew looks anew */
	assert_int_equal(watch(w, q, (uint64_t)fds[0], 0, 0), 24);
	assert_int_equal(w_read(w, fds[0], &c, 1), 1);
	assert_int_equal(w_write(w, fds[1], "z", 1), 1);
	assert_empty(w, q);

	w_close(w, fds[0]);
	w_close(w, fds[1]);
}

/* Contract 3.1: "registration is per file description and vanishes when that is closed". */
static void a_number_that_comes_again_is_another_description(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int old[2], fresh[2];

	assert_int_equal(w->sys->ops->pipe(w->sys, old), 0);
	watch(w, q, (uint64_t)old[0], READ, 1);
	w_close(w, old[0]);
	w_close(w, old[1]);
	assert_int_equal(w->sys->ops->pipe(w->sys, fresh), 0);
	assert_int_equal(fresh[0], old[0]);

	assert_int_equal(watch(w, q, (uint64_t)fresh[0], READ, 2), 24);
	assert_int_equal(w_write(w, fresh[1], "x", 1), 1);

	assert_next(w, q, (uint64_t)fresh[0], READ, 2);
	assert_empty(w, q);
	w_close(w, fresh[0]);
	w_close(w, fresh[1]);
}

static void the_writing_end_of_a_pipe_is_ready_and_its_closing_can_be_read(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int fds[2];

	assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
	watch(w, q, (uint64_t)fds[1], WRITE, 1);
	assert_next(w, q, (uint64_t)fds[1], WRITE, 1);
	watch(w, q, (uint64_t)fds[0], READ, 2);
	assert_empty(w, q);
	w_close(w, fds[1]);

	assert_next(w, q, (uint64_t)fds[0], READ, 2);
	w_close(w, fds[0]);
}

static struct moment at(int64_t ns)
{
	return (struct moment){ .sec = ns / 1000000000, .nsec = (int32_t)(ns % 1000000000) };
}

static void a_timer_fires_at_its_moment_and_only_once(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, 0);
	int clock = w_open(w, "/scheme/time/4", RBI_O_RDWR);
	struct moment m = at(w->fake->now + 30 * MS);

	watch(w, q, (uint64_t)clock, READ, 9);
	assert_int_equal(w_write(w, clock, &m, sizeof(m)), 16);

	assert_next(w, q, (uint64_t)clock, READ, 9); /* sleeps: the clock moves */
	assert_int_equal(w->fake->now, 1030000000);
	m = at(w->fake->now + MS);
	w_write(w, clock, &m, sizeof(m));
	assert_next(w, q, (uint64_t)clock, READ, 9);
	assert_int_equal(w->fake->now, 1031000000);
}

static void timers_add_up_and_those_in_the_past_fire_at_once(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int clock = w_open(w, "/scheme/time/4/timer", RBI_O_RDWR);
	struct moment two[2] = { at(5), at(w->fake->now + MS) };

	watch(w, q, (uint64_t)clock, READ, 9);
	assert_int_equal(w_write(w, clock, two, sizeof(two)), 32);
	assert_next(w, q, (uint64_t)clock, READ, 9);
	assert_empty(w, q);
	w->fake->now += MS;
	assert_next(w, q, (uint64_t)clock, READ, 9);
	assert_empty(w, q);
}

static void absurd_moments_never_come(void **state)
{
	struct moment absurd[3] = { { -1, 0, 0 }, { INT64_MAX, 0, 0 }, { 0, -1, 0 } };
	struct world *w = *state;
	int q = open_queue(w, RBI_O_NONBLOCK);
	int clock = w_open(w, "/scheme/time/4", RBI_O_RDWR);

	watch(w, q, (uint64_t)clock, READ, 9);
	assert_int_equal(w_write(w, clock, absurd, sizeof(absurd)), 48);
	w->fake->now = INT64_MAX - 1;

	assert_empty(w, q);
}

static void clocks_are_read_in_records_of_16_bytes(void **state)
{
	struct world *w = *state;
	int clock = w_open(w, "/scheme/time/4", RBI_O_RDWR);
	int res = w_open(w, "/scheme/time/4/getres", RBI_O_RDWR);
	int timer = w_open(w, "/scheme/time/1/timer", RBI_O_RDWR);
	int real = w_open(w, "/scheme/time/1", RBI_O_RDWR);
	struct moment m[2] = { { 0 } };

	w->fake->now = 12345678901;
	assert_int_equal(w_read(w, clock, m, sizeof(m)), 32);
	assert_int_equal(m[1].sec, 12);
	assert_int_equal(m[1].nsec, 345678901);
	assert_int_equal(m[1].pad, UINT32_MAX); /* probe K: "1.-4021379168" as a timespec */
	assert_int_equal(w_read(w, clock, m, 15), 0);
	assert_int_equal(w_read(w, res, m, 16), 16);
	assert_int_equal(w_write(w, res, m, 16), -EINVAL);
	assert_int_equal(w_read(w, timer, m, 16), -EINVAL);
	assert_int_equal(w_read(w, real, m, 16), 16);
	assert_true(m[0].sec > 1600000000);
}

static void there_are_two_clocks(void **state)
{
	static const char *const absent[] = { "/scheme/time",	 "/scheme/time/",
					      "/scheme/time/0",	 "/scheme/time/2",
					      "/scheme/time/44", "/scheme/time/4/now",
					      "/scheme/time/x" };
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_int_equal(w_open(w, absent[i], RBI_O_RDWR), -ENOENT);
	assert_true(w_open(w, "/scheme/time/4/", RBI_O_RDWR) >= 0);
	assert_true(w_open(w, "/scheme/time/+04", RBI_O_RDWR) >= 0); /* Rust's parse() */
	assert_true(w_open(w, "/scheme/time/1/gettime", RBI_O_RDWR) >= 0);
}

static void the_timeout_id_ends_one_blocking_read(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, 0);
	int irq = w_open(w, "/scheme/irq/9", RBI_O_RDWR);

	watch(w, q, (uint64_t)irq, READ, 1);
	assert_int_equal(watch(w, q, TIMEOUT_ID, READ, 20), 24);
	assert_next(w, q, TIMEOUT_ID, READ, 20);
	assert_int_equal(w->fake->now, 1020000000);

	assert_int_equal(watch(w, q, TIMEOUT_ID, READ, 0), 24);
	assert_next(w, q, TIMEOUT_ID, READ, 0);

	assert_int_equal(watch(w, q, TIMEOUT_ID, READ, 20), 24); /* used up by this read */
	fake_raise(w->fake, 9);
	assert_next(w, q, (uint64_t)irq, READ, 1);
	assert_int_equal(watch(w, q, TIMEOUT_ID, READ, 7), 24);
	assert_int_equal(watch(w, q, TIMEOUT_ID, 0, 0), 24); /* cleared */
	fake_raise(w->fake, 9);
	assert_next(w, q, (uint64_t)irq, READ, 1);
	assert_int_equal(w->fake->now, 1020000000);
}

static void an_older_kernel_does_not_know_the_timeout_id(void **state)
{
	struct world *w = world_new("profile=redbear-2026");
	int q = open_queue(w, 0);

	(void)state;
	assert_int_equal(watch(w, q, TIMEOUT_ID, READ, 20), -EBADF);
	world_free(w);
}

/* --- sleeping ------------------------------------------------------------------- */

struct sleeper {
	struct world *w;
	int queue;
	struct record rec;
	ssize_t rc;
};

static void *sleep_on(void *arg)
{
	struct sleeper *s = arg;

	s->rc = w_read(s->w, s->queue, &s->rec, sizeof(s->rec));
	return NULL;
}

static void a_sleeper_wakes_for_what_is_registered_while_it_sleeps(void **state)
{
	struct world *w = *state;
	struct sleeper s = { .w = w, .queue = open_queue(w, 0) };
	int fds[2];
	pthread_t thread;

	assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
	assert_int_equal(pthread_create(&thread, NULL, sleep_on, &s), 0);
	assert_int_equal(watch(w, s.queue, (uint64_t)fds[0], READ, 4), 24);
	assert_int_equal(w_write(w, fds[1], "x", 1), 1);
	assert_int_equal(pthread_join(thread, NULL), 0);

	assert_int_equal(s.rc, 24);
	assert_int_equal(s.rec.data, 4);
	w_close(w, fds[0]);
	w_close(w, fds[1]);
}

static void a_panic_wakes_every_sleeper(void **state)
{
	struct world *w = *state;
	struct sleeper s = { .w = w, .queue = open_queue(w, 0) };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, sleep_on, &s), 0);
	assert_int_equal(w_open(w, "/scheme/irq/cpu-0", RBI_O_RDWR), -ENODEV);
	assert_int_equal(pthread_join(thread, NULL), 0);

	assert_int_equal(s.rc, -ENODEV);
}

static void kill_machine(struct fake *fake)
{
	fake->dead = true;
}

static void a_sleeper_on_an_interrupt_learns_that_the_machine_died(void **state)
{
	struct world *w = *state;
	int q = open_queue(w, 0);
	int irq = w_open(w, "/scheme/irq/9", RBI_O_RDWR);
	struct record rec;

	watch(w, q, (uint64_t)irq, READ, 1);
	w->fake->on_wait = kill_machine;

	assert_int_equal(w_read(w, q, &rec, sizeof(rec)), -ENODEV);
}

static void every_allocation_may_fail(void **state)
{
	struct world *w = *state;
	struct moment m = at(5);
	unsigned long n;
	int q, clock;
	ssize_t rc;

	for (n = 1; n < 100; n++) {
		rbi_alloc_fail_at(n);
		q = w_open(w, "/scheme/event", RBI_O_RDWR);
		clock = w_open(w, "/scheme/time/4", RBI_O_RDWR);
		rc = q < 0 ? q : clock < 0 ? clock : watch(w, q, (uint64_t)clock, READ, 1);
		if (rc == 24)
			rc = w_write(w, clock, &m, sizeof(m));
		w_close(w, q);
		w_close(w, clock);
		if (rc == 16)
			break;
		assert_int_equal(rc, -ENOMEM);
	}
	rbi_alloc_fail_at(0);
	assert_in_range(n, 6, 99);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_are_checked_and_registering_answers_their_bytes),
		cmocka_unit_test(everybody_may_have_queues_and_clocks),
		TEST(a_hundred_interrupts_are_a_hundred_entries),
		TEST(an_interrupt_that_came_before_registering_posts_nothing),
		TEST(each_queue_and_each_handle_gets_its_own_entry),
		TEST(registering_again_changes_the_flags_and_keeps_the_cookie),
		cmocka_unit_test(an_older_kernel_counts_the_cookie_into_a_registration_s_name),
		TEST(entries_are_read_in_the_order_in_which_they_were_posted),
		TEST(a_buffer_that_is_no_multiple_of_24_gets_part_of_the_next_entry),
		TEST(registrations_end_with_the_description_and_entries_stay),
		TEST(a_pipe_with_data_is_reported_once_at_registration),
		TEST(a_number_that_comes_again_is_another_description),
		TEST(the_writing_end_of_a_pipe_is_ready_and_its_closing_can_be_read),
		TEST(a_timer_fires_at_its_moment_and_only_once),
		TEST(timers_add_up_and_those_in_the_past_fire_at_once),
		TEST(absurd_moments_never_come),
		TEST(clocks_are_read_in_records_of_16_bytes),
		TEST(there_are_two_clocks),
		TEST(the_timeout_id_ends_one_blocking_read),
		cmocka_unit_test(an_older_kernel_does_not_know_the_timeout_id),
		TEST(a_sleeper_wakes_for_what_is_registered_while_it_sleeps),
		TEST(a_panic_wakes_every_sleeper),
		TEST(a_sleeper_on_an_interrupt_learns_that_the_machine_died),
		TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
