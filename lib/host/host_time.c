/* SPDX-License-Identifier: MIT */
/*
 * host_time.c - /scheme/time: clocks and one-shot timers (contract 3.3, probe 4).
 *
 * Each record written arms one more timer; earlier ones stay. There is nothing
 * to read when a timer expires: it posts an event, once.
 */
#include "config.h"

#include <string.h>

#include "host/hosted.h"

#define CLOCK_REAL 1 /* Redox's numbers (contract 0.2) */
#define CLOCK_MONO 4
#define NS	   1000000000

enum what { DEFAULT, GETTIME, GETRES, TIMER };

struct timer {
	struct timer *next;
	int64_t at; /* on the machine's clock */
};

struct rbi_hosted_time {
	struct rbi_file f; /* first */
	struct rbi_hosted_time *next;
	struct timer *timers;
	unsigned int clock;
	enum what what;
};

/* As Redox lays it out. What stands behind it is whatever the kernel's stack held, so
 * that a struct timespec that is read into comes out wrong (probe 4). */
struct record {
	int64_t sec;
	int32_t nsec;
};

#define RECORD	16
#define RUBBISH 0xff

static struct rbi_hosted_time *time_file(struct rbi_file *f)
{
	return (struct rbi_hosted_time *)f;
}

static int64_t now(struct rbi_hosted *h, unsigned int clock)
{
	int64_t ns = h->machine->ops->clock(h->machine);

	return clock == CLOCK_REAL ? ns + h->realtime_offset : ns;
}

static ssize_t time_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
			 uint64_t off)
{
	struct rbi_hosted_time *t = time_file(f);
	struct record rec;
	size_t done;
	int64_t ns;

	if (off != RBI_ANY_OFFSET)
		return -ESPIPE;
	for (done = 0; len - done >= RECORD; done += RECORD) {
		if (t->what == TIMER)
			return -EINVAL;
		ns = t->what == GETRES ? 1 : now(h, t->clock);
		rec.sec = ns / NS;
		rec.nsec = (int32_t)(ns % NS);
		memset((uint8_t *)buf + done, RUBBISH, RECORD);
		memcpy((uint8_t *)buf + done, &rec.sec, sizeof(rec.sec));
		memcpy((uint8_t *)buf + done + 8, &rec.nsec, sizeof(rec.nsec));
	}
	return (ssize_t)done;
}

/* The record's moment on the machine's clock; the end of time when it is past that
 * or makes no sense. */
static int64_t moment(struct rbi_hosted *h, unsigned int clock, const struct record *rec)
{
	int64_t at;

	if (rec->sec < 0 || rec->nsec < 0 || __builtin_mul_overflow(rec->sec, (int64_t)NS, &at) ||
	    __builtin_add_overflow(at, (int64_t)rec->nsec, &at))
		return INT64_MAX;
	if (clock == CLOCK_REAL && __builtin_sub_overflow(at, h->realtime_offset, &at))
		return INT64_MAX;
	return at;
}

static int arm(struct rbi_hosted *h, struct rbi_hosted_time *t, const uint8_t *bytes)
{
	struct timer *timer = rbi_alloc(1, sizeof(*timer));
	struct record rec;

	if (!timer)
		return -ENOMEM;
	memcpy(&rec.sec, bytes, sizeof(rec.sec));
	memcpy(&rec.nsec, bytes + 8, sizeof(rec.nsec));
	timer->at = moment(h, t->clock, &rec);
	timer->next = t->timers;
	t->timers = timer;
	return 0;
}

static ssize_t time_write(struct rbi_hosted *h, struct rbi_file *f, const void *buf, size_t len)
{
	struct rbi_hosted_time *t = time_file(f);
	size_t done;
	int rc;

	for (done = 0; len - done >= RECORD; done += RECORD) {
		if (t->what == GETTIME || t->what == GETRES)
			return -EINVAL;
		rc = arm(h, t, (const uint8_t *)buf + done);
		if (rc < 0)
			return rc;
	}
	rbi_hosted_event_kick(h, f); /* a sleeper may have to wake earlier now */
	return (ssize_t)done;
}

static void time_release(struct rbi_hosted *h, struct rbi_file *f, bool destroying)
{
	struct rbi_hosted_time *t = time_file(f);
	struct rbi_hosted_time **at = &h->times;
	struct timer *timer;

	(void)destroying;
	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
	while (t->timers) {
		timer = t->timers;
		t->timers = timer->next;
		rbi_free(timer);
	}
	rbi_free(t);
}

static const struct rbi_file_ops time_ops = {
	.read = time_read,
	.write = time_write,
	.size = rbi_hosted_file_size_ebadf,
	.list = rbi_hosted_file_list_espipe,
	.mmap = rbi_hosted_file_mmap_eopnotsupp,
	.call = rbi_hosted_file_call_eopnotsupp,
	.descriptor = rbi_hosted_file_descriptor,
	.release = time_release,
};

/* --- timers -------------------------------------------------------------------------- */

void rbi_hosted_time_expire(struct rbi_hosted *h)
{
	int64_t mono = h->machine->ops->clock(h->machine);
	struct rbi_hosted_time *t;
	struct timer **at;
	struct timer *timer;

	for (t = h->times; t; t = t->next) {
		for (at = &t->timers; *at;) {
			timer = *at;
			if (timer->at > mono) {
				at = &timer->next;
				continue;
			}
			*at = timer->next;
			rbi_free(timer);
			rbi_hosted_event_post(h, &t->f, RBI_EVENT_READ, 1);
		}
	}
}

int64_t rbi_hosted_time_deadline(const struct rbi_file *f)
{
	const struct timer *timer;
	int64_t first = INT64_MAX;

	if (f->ops != &time_ops)
		return INT64_MAX;
	for (timer = ((const struct rbi_hosted_time *)f)->timers; timer; timer = timer->next)
		if (timer->at < first)
			first = timer->at;
	return first;
}

/* --- open ---------------------------------------------------------------------------- */

static int parse_what(const char *s, enum what *what)
{
	size_t len = strcspn(s, "/"); /* what follows is not looked at */

	if (len == 0)
		*what = DEFAULT;
	else if (len == 7 && memcmp(s, "gettime", len) == 0)
		*what = GETTIME;
	else if (len == 6 && memcmp(s, "getres", len) == 0)
		*what = GETRES;
	else if (len == 5 && memcmp(s, "timer", len) == 0)
		*what = TIMER;
	else
		return -ENOENT;
	return 0;
}

static int parse(const char *rest, unsigned int *clock, enum what *what)
{
	if (*rest == '/')
		rest++;
	if (*rest == '+')
		rest++;
	rest += strspn(rest, "0"); /* a number as Rust reads it, so "+04" is 4 */
	if (*rest == '1')
		*clock = CLOCK_REAL;
	else if (*rest == '4')
		*clock = CLOCK_MONO;
	else
		return -ENOENT;
	if (rest[1] != '\0' && rest[1] != '/')
		return -ENOENT;
	return parse_what(rest[1] == '/' ? rest + 2 : rest + 1, what);
}

int rbi_hosted_time_open(struct rbi_hosted *h, const char *rest, unsigned int flags)
{
	struct rbi_hosted_time *t;
	unsigned int clock;
	enum what what;
	int rc;

	rc = parse(rest, &clock, &what);
	if (rc < 0)
		return rc;
	t = rbi_alloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->f.ops = &time_ops;
	t->clock = clock;
	t->what = what;
	t->next = h->times;
	h->times = t;
	return rbi_hosted_handle_open(h, &t->f, flags);
}
