/* SPDX-License-Identifier: MIT */
/* rows_event_time.c - contract 3, the event and time schemes, line by line. */
#include "rows.h"

#define TIMEOUT_ID (UINT64_MAX - 2)
#define MS	   1000000
#define READ	   RBI_EVENT_READ
#define WRITE	   RBI_EVENT_WRITE
#define LINE	   "/scheme/irq/9"

struct moment {
	int64_t sec;
	int32_t nsec;
	uint32_t pad;
};

static struct moment at(int64_t ns)
{
	return (struct moment){ .sec = ns / 1000000000, .nsec = (int32_t)(ns % 1000000000) };
}

static ssize_t read_one(struct world *w, int queue, struct row_event *rec)
{
	return w_read(w, queue, rec, sizeof(*rec));
}

/* --- 3.1 queues ------------------------------------------------------------------ */

static void each_open_is_a_queue(struct world *w)
{
	int a = row_queue(w);
	int b = row_open(w, "/scheme/event/any/thing", RDWR | RBI_O_NONBLOCK);
	int irq = row_open(w, "/scheme/time/4", RDWR);
	struct moment past = at(1);
	struct row_event rec;

	assert_int_equal(row_watch(w, a, irq, READ, 0x1122334455667788), 24);
	assert_int_equal(w_write(w, irq, &past, 16), 16);
	row_next(w, b, -1);
	assert_int_equal(read_one(w, a, &rec), 24);
	assert_int_equal(rec.id, irq);
	assert_int_equal(rec.flags, READ);
	assert_int_equal(rec.data, 0x1122334455667788);
}

static void writing_registers(struct world *w)
{
	int queue = row_queue(w);
	int a = row_open(w, LINE, RDWR);
	int b = row_open(w, LINE, RDWR);
	struct row_event two[2] = { { (uint64_t)a, READ, 1 }, { (uint64_t)b, READ, 2 } };

	assert_int_equal(w_write(w, queue, two, 48), 48);
	fake_raise(w->fake, 9);
	assert_int_equal(w_read(w, queue, two, 48), 48);
	assert_int_equal(row_watch(w, queue, a, 0, 1), 24);
	assert_int_equal(row_watch(w, queue, b, 0, 2), 24);
	fake_raise(w->fake, 9);
	row_next(w, queue, -1);
	assert_int_equal(row_watch(w, queue, 54321, READ, 0), -EBADF);
	assert_int_equal(row_watch(w, queue, -1, READ, 0), -EBADF);
	assert_int_equal(row_watch(w, queue, queue, READ, 0), -EBADF);
}

static void reading_without_events(struct world *w)
{
	int queue = row_queue(w);
	char small[23];

	row_next(w, queue, -1);
	assert_int_equal(w_read(w, queue, small, sizeof(small)), -EINVAL);
	assert_int_equal(row_pread(w, queue, small, 24, 0), -ESPIPE); /* contract 16 */
}

static void raise_9(struct fake *fake)
{
	fake->on_wait = NULL;
	fake_raise(fake, 9);
}

static void reading_blocks(struct world *w)
{
	int queue = row_open(w, "/scheme/event", RDWR);
	int irq = row_open(w, LINE, RDWR);
	struct row_event rec[4];

	row_watch(w, queue, irq, READ, 0);
	w->fake->on_wait = raise_9; /* not before the reader sleeps */
	assert_int_equal(w_read(w, queue, rec, sizeof(rec)), 24);
	assert_null(w->fake->on_wait);
}

static void registrations_end_with_their_description(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, LINE, RDWR);
	int twin = w->sys->ops->dup(w->sys, irq);

	row_watch(w, queue, irq, READ, 0);
	w_close(w, irq);
	fake_raise(w->fake, 9);
	row_next(w, queue, irq); /* the description lives on in its twin */
	w_close(w, twin);
	fake_raise(w->fake, 9);
	row_next(w, queue, -1);
}

static void readiness_is_posted_at_once(struct world *w)
{
	int queue = row_queue(w);
	int fds[2];

	assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
	assert_int_equal(w_write(w, fds[1], "x", 1), 1);
	row_watch(w, queue, fds[0], READ, 0);
	row_next(w, queue, fds[0]);
	row_watch(w, queue, fds[1], WRITE, 0);
	row_next(w, queue, fds[1]);
	w_close(w, fds[0]);
	w_close(w, fds[1]);
}

/* --- 3.2 edges ------------------------------------------------------------------- */

static void one_posting_is_one_entry(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, LINE, RDWR);
	struct row_event recs[101];
	uint64_t count;
	int i;

	row_watch(w, queue, irq, READ, 0);
	for (i = 0; i < 100; i++)
		fake_raise(w->fake, 9);
	assert_int_equal(row_count(w, irq, &count), 8);
	assert_int_equal(row_ack(w, irq, count), 8);
	assert_int_equal(w_read(w, queue, recs, sizeof(recs)), 100 * 24); /* stale, all of them */
	row_next(w, queue, -1);
}

static void unread_data_post_once(struct world *w)
{
	int queue = row_queue(w);
	int fds[2];

	assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
	row_watch(w, queue, fds[0], READ, 0);
	assert_int_equal(w_write(w, fds[1], "x", 1), 1);
	row_next(w, queue, fds[0]);
	row_next(w, queue, -1); /* though nobody has read it */
	w_close(w, fds[0]);
	w_close(w, fds[1]);
}

static void what_came_before_posts_nothing(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, LINE, RDWR);
	uint64_t count;

	fake_raise(w->fake, 9);
	row_watch(w, queue, irq, READ, 0);
	row_next(w, queue, -1);
	assert_int_equal(row_count(w, irq, &count), 8); /* so read it once */
}

static void time_passes(struct fake *fake)
{
	fake->now += 100 * MS;
	fake->on_wait = raise_9;
}

/* --- 3.3 time-outs --------------------------------------------------------------- */

static void the_timeout_id_wakes_one_read(struct world *w)
{
	int queue = row_open(w, "/scheme/event", RDWR);
	struct row_event rec = { TIMEOUT_ID, READ, 20 };
	int irq = row_open(w, LINE, RDWR);
	int64_t before = w->fake->now;

	assert_int_equal(w_write(w, queue, &rec, 24), 24);
	rec.id = 0;
	assert_int_equal(read_one(w, queue, &rec), 24);
	assert_int_equal(rec.id, TIMEOUT_ID);
	assert_int_equal(rec.flags, READ);
	assert_int_equal(rec.data, 20);
	assert_int_equal(w->fake->now - before, 20 * MS);
	rec = (struct row_event){ TIMEOUT_ID, READ, 0 };
	assert_int_equal(w_write(w, queue, &rec, 24), 24);
	assert_int_equal(read_one(w, queue, &rec), 24); /* 0: at once */
	assert_int_equal(w->fake->now - before, 20 * MS);
	row_watch(w, queue, irq, READ, 0);
	w->fake->on_wait = time_passes; /* one read, one time-out */
	row_next(w, queue, irq);
}

static void the_timeout_id_is_cleared(struct world *w)
{
	int queue = row_open(w, "/scheme/event", RDWR);
	int irq = row_open(w, LINE, RDWR);
	struct row_event rec = { TIMEOUT_ID, READ, 20 };

	assert_int_equal(w_write(w, queue, &rec, 24), 24);
	rec.flags = 0;
	assert_int_equal(w_write(w, queue, &rec, 24), 24);
	row_watch(w, queue, irq, READ, 0);
	w->fake->on_wait = time_passes;
	assert_int_equal(read_one(w, queue, &rec), 24);
	assert_int_equal(rec.id, irq);
}

static void older_kernels_do_not_know_the_id(struct world *w)
{
	struct row_event rec = { TIMEOUT_ID, READ, 20 };

	assert_int_equal(w_write(w, row_queue(w), &rec, 24), -EBADF);
}

static void there_are_two_clocks(struct world *w)
{
	row_opens(w, "/scheme/time/1", RDWR, 0);
	row_opens(w, "/scheme/time/4", RDWR, 0);
	row_opens(w, "/scheme/time/4/gettime", RDWR, 0);
	row_opens(w, "/scheme/time/4/getres", RDWR, 0);
	row_opens(w, "/scheme/time/4/timer", RDWR, 0);
	row_opens(w, "/scheme/time/0", RDWR, -ENOENT);
	row_opens(w, "/scheme/time/5", RDWR, -ENOENT);
	row_opens(w, "/scheme/time", RDWR, -ENOENT);
	row_opens(w, "/scheme/time/4/alarm", RDWR, -ENOENT);
}

static void clocks_are_read(struct world *w)
{
	int clock = row_open(w, "/scheme/time/4", RDWR);
	struct moment m[2];

	w->fake->now = 5000000007;
	assert_int_equal(w_read(w, clock, m, sizeof(m)), 32);
	assert_int_equal(m[1].sec, 5);
	assert_int_equal(m[1].nsec, 7);
	assert_int_not_equal(m[1].pad, 0); /* "the 4 bytes of padding hold rubbish" (16) */
	assert_int_equal(w_read(w, row_open(w, "/scheme/time/4/timer", RDWR), m, 16), -EINVAL);
	assert_int_equal(row_pread(w, clock, m, 16, 0), -ESPIPE);
}

static void a_written_moment_posts_once(struct world *w)
{
	int queue = row_queue(w);
	int clock = row_open(w, "/scheme/time/4", RDWR);
	struct moment m = at(w->fake->now + 30 * MS);

	row_watch(w, queue, clock, READ, 0);
	assert_int_equal(w_write(w, clock, &m, 16), 16);
	row_next(w, queue, -1);
	w->fake->now += 30 * MS;
	row_next(w, queue, clock);
	row_next(w, queue, -1);
}

/* --- 3.4 what relibc's epoll rests on -------------------------------------------- */

static void registering_again_changes_flags(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, LINE, RDWR);

	row_watch(w, queue, irq, READ, 1);
	assert_int_equal(row_watch(w, queue, irq, READ, 1), 24); /* ADD twice is MOD */
	assert_int_equal(row_watch(w, queue, irq, WRITE, 1), 24);
	fake_raise(w->fake, 9);
	row_next(w, queue, -1);
}

static void flags_0_removes(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, LINE, RDWR);

	row_watch(w, queue, irq, READ, 1);
	assert_int_equal(row_watch(w, queue, irq, 0, 0), 24); /* another cookie */
	fake_raise(w->fake, 9);
	row_next(w, queue, -1);
}

static void older_kernels_compare_the_cookie(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, LINE, RDWR);

	row_watch(w, queue, irq, READ, 1);
	assert_int_equal(row_watch(w, queue, irq, 0, 0), 24); /* and did not remove */
	fake_raise(w->fake, 9);
	row_next(w, queue, irq);
	w_close(w, irq); /* "close the fd instead" */
	fake_raise(w->fake, 9);
	row_next(w, queue, -1);
}

static void a_deadline_need_not_be_normalised(struct world *w)
{
	int queue = row_open(w, "/scheme/event", RDWR);
	int clock = row_open(w, "/scheme/time/4", RDWR);
	struct moment m = { 0, 1500000000, 0 };
	struct row_event rec;

	row_watch(w, queue, clock, READ, 0);
	assert_int_equal(w_write(w, clock, &m, 16), 16);
	assert_int_equal(read_one(w, queue, &rec), 24);
	assert_int_equal(w->fake->now, 1500000000);
}

static const struct row rows[] = {
	CONTRACT("3.1", "Open with any rest path, any uid: each open makes a new queue",
		 each_open_is_a_queue, ROOT),
	CONTRACT("3.1", "any uid", each_open_is_a_queue, "uid=1000", 0),
	CONTRACT("3.1", "register each: flags ≠ 0 adds/replaces, flags = 0 removes. Bad fd → EBADF",
		 writing_registers, ROOT),
	CONTRACT("3.1", "O_NONBLOCK and empty → EAGAIN. buffer < 24 → EINVAL",
		 reading_without_events, ROOT),
	CONTRACT("3.1", "blocks until at least one event; returns a multiple of 24", reading_blocks,
		 ROOT),
	CONTRACT("3.1", "Registration is per file description and vanishes when that is closed",
		 registrations_end_with_their_description, ROOT),
	CONTRACT("3.1", "current readiness and posts at once if ready", readiness_is_posted_at_once,
		 ROOT),
	CONTRACT("3.2", "one posting = one queue entry, no merging", one_posting_is_one_entry,
		 ROOT),
	CONTRACT("3.2", "no re-posting while data stay unread", unread_data_post_once, ROOT),
	CONTRACT("3.2", "after registering an irq fd, read it once", what_came_before_posts_nothing,
		 ROOT),
	CONTRACT("3.3", "arms a one-shot timeout for the next blocking read",
		 the_timeout_id_wakes_one_read, NULL, BASE_2026),
	CONTRACT("3.3", "flags = 0 clears it", the_timeout_id_is_cleared, NULL, BASE_2026),
	CONTRACT("3.3", "Not in K-RB", older_kernels_do_not_know_the_id, NULL,
		 REDOX_2025 | REDBEAR_2026),
	CONTRACT("3.3", "clock 1 (realtime) or 4 (monotonic), else ENOENT", there_are_two_clocks,
		 ROOT),
	CONTRACT("3.3", "(timer: read EINVAL)", clocks_are_read, ROOT),
	CONTRACT("3.3", "arms a one-shot timer at that absolute time", a_written_moment_posts_once,
		 ROOT),
	CONTRACT("3.3", "No uid check", there_are_two_clocks, "uid=1000", 0),
	CONTRACT("3.4", "| CTL_ADD / CTL_MOD | same operation", registering_again_changes_flags,
		 ROOT),
	CONTRACT("3.4", "| CTL_DEL | registers flags 0", flags_0_removes, NULL, BASE_2026),
	CONTRACT("3.4", "the kernel compared the cookie as well, so DEL did not remove",
		 older_kernels_compare_the_cookie, NULL, REDOX_2025 | REDBEAR_2026),
	CONTRACT("3.4", "nanoseconds may exceed 1e9: un-normalised",
		 a_deadline_need_not_be_normalised, ROOT),
};

const struct row_table rows_event_time = ROW_TABLE(rows);
