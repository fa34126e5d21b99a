/* SPDX-License-Identifier: MIT */
/*
 * mock_events.c - the clock, and what devices do when a time has come.
 *
 * Events are a heap of (time, order of scheduling). Virtual time moves in
 * rbi_mock_run_until() and rbi_mock_tick(), nowhere else.
 */
#include <stddef.h>

#include "host/mock/mock_machine.h"
#include "host/real_clock.h"

#define EVENTS_FIRST 32 /* room from the start; doubled when full */
#define EVENT_STORM  1000000 /* events in a row at one moment that are taken for a hang */

int64_t rbi_mock_now(const struct mock *mock)
{
	return mock->real ? rbi_real_ns() : mock->now;
}

/* --- the heap ---------------------------------------------------------------------------- */

static bool before(const struct mock_event *a, const struct mock_event *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void swap(struct mock_event *a, struct mock_event *b)
{
	struct mock_event tmp = *a;

	*a = *b;
	*b = tmp;
}

static void rise(struct mock_event *events, size_t i)
{
	while (i > 0 && before(&events[i], &events[(i - 1) / 2])) {
		swap(&events[i], &events[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static void sink(struct mock_event *events, size_t count, size_t i)
{
	for (;;) {
		size_t first = i, left = 2 * i + 1, right = left + 1;

		if (left < count && before(&events[left], &events[first]))
			first = left;
		if (right < count && before(&events[right], &events[first]))
			first = right;
		if (first == i)
			return;
		swap(&events[i], &events[first]);
		i = first;
	}
}

static void note_due(struct mock *mock)
{
	mock->due = mock->nevents > 0 ? mock->events[0].at : INT64_MAX;
	rbi_mock_set_alarm(mock);
}

static struct mock_event pop(struct mock *mock)
{
	struct mock_event first = mock->events[0];

	mock->events[0] = mock->events[--mock->nevents];
	sink(mock->events, mock->nevents, 0);
	note_due(mock);
	return first;
}

static int make_room(struct mock *mock, size_t room)
{
	struct mock_event *events;

	events = rbi_realloc(mock->events, room, sizeof(*events));
	if (!events)
		return rbi_no_memory("an event of a mock device");
	mock->events = events;
	mock->events_room = room;
	return 0;
}

/* A device model that cannot schedule has nobody to tell, and its driver waits in
 * vain: so a machine starts with room for what most need. */
int rbi_mock_events_init(struct mock *mock)
{
	return make_room(mock, EVENTS_FIRST);
}

static int push(struct mock *mock, const struct mock_event *event)
{
	int rc;

	if (mock->nevents == mock->events_room) {
		rc = make_room(mock, mock->events_room * 2);
		if (rc < 0)
			return rc;
	}
	mock->events[mock->nevents] = *event;
	rise(mock->events, mock->nevents++);
	note_due(mock);
	return 0;
}

/* Drop the events of @dev, all of them or those of one function: how many. */
static size_t drop(struct rb_mock_dev *dev, rb_mock_event_fn fn, void *arg)
{
	struct mock *mock = dev->mock;
	size_t kept = 0, dropped, i;

	for (i = 0; i < mock->nevents; i++) {
		const struct mock_event *e = &mock->events[i];

		if (e->dev != dev || (fn && (e->fn != fn || e->arg != arg)))
			mock->events[kept++] = *e;
	}
	dropped = mock->nevents - kept;
	mock->nevents = kept;
	for (i = kept / 2; i-- > 0;)
		sink(mock->events, kept, i);
	note_due(mock);
	return dropped;
}

/* --- time passes -------------------------------------------------------------------------- */

void rbi_mock_run_until(struct mock *mock, int64_t to)
{
	unsigned long storm = 0;

	if (mock->running)
		return;
	mock->running = true;
	while (mock->nevents > 0 && mock->due <= to) {
		struct mock_event e = pop(mock);

		if (e.at > mock->now) {
			mock->now = e.at;
			storm = 0;
		}
		if (++storm > EVENT_STORM) {
			rbi_mock_complain(mock, e.dev,
					  "%d events without time passing; one is dropped",
					  EVENT_STORM);
			continue;
		}
		mock->dog.count = 0;
		e.fn(e.dev, e.arg);
	}
	if (mock->now < to)
		mock->now = to;
	mock->running = false;
	if (mock->alarm <= mock->now)
		rbi_mock_wake_expired(mock);
}

void rbi_mock_pass(struct mock *mock, uint64_t ns)
{
	int64_t to = rbi_deadline(mock->now, ns);

	if (mock->nets)
		rbi_mock_nets_look(mock);
	rbi_mock_run_until(mock, to);
	if (mock->nets)
		rbi_mock_nets_look(mock);
}

void rbi_mock_tick(struct mock *mock)
{
	int64_t to;

	if (mock->real) { /* a thread runs the events, but the machine may be slow to let it */
		if (mock->due != INT64_MAX && mock->due <= rbi_mock_now(mock)) {
			rbi_mock_run_until(mock, rbi_mock_now(mock));
			rbi_mock_stir(mock);
		}
		return;
	}
	if (RB_UNLIKELY(mock->nets))
		rbi_mock_nets_look(mock);
	to = rbi_deadline(mock->now, mock->tick);
	if (RB_UNLIKELY(mock->alarm <= to))
		rbi_mock_run_until(mock, to);
	else
		mock->now = to;
}

void rbi_mock_forget_events(struct rb_mock_dev *dev)
{
	drop(dev, NULL, NULL);
}

/* --- calls of models and tests --------------------------------------------------------------- */

int rb_mock_after(struct rb_mock_dev *dev, uint64_t delay_ns, rb_mock_event_fn fn, void *arg)
{
	struct mock_event event;
	struct mock *mock;
	int rc;

	if (!dev || !fn)
		return rbi_fail(-EINVAL, "rb_mock_after: no device, or no function");
	mock = dev->mock;
	rbi_mock_lock(mock);
	if (dev->gone) {
		rc = rbi_fail(-ENODEV, "rb_mock_after: %s has been removed", dev->label);
	} else {
		event.at = rbi_deadline(rbi_mock_now(mock), delay_ns);
		event.seq = mock->next_seq++;
		event.dev = dev;
		event.fn = fn;
		event.arg = arg;
		/* INT64_MAX is the due time of nothing. */
		if (event.at == INT64_MAX)
			event.at--;
		rc = rbi_mock_refuse(dev, push(mock, &event));
		rbi_mock_stir(mock);
		if (mock->due == event.at)
			rbi_mock_wake_timer(mock);
	}
	rbi_mock_unlock(mock);
	return rc;
}

size_t rb_mock_cancel(struct rb_mock_dev *dev, rb_mock_event_fn fn, void *arg)
{
	size_t dropped;

	if (!dev || !fn)
		return 0;
	rbi_mock_lock(dev->mock);
	dropped = drop(dev, fn, arg);
	rbi_mock_unlock(dev->mock);
	return dropped;
}

uint64_t rb_mock_now_ns(const struct rb_mock_dev *dev)
{
	int64_t now;

	if (!dev)
		return 0;
	rbi_mock_lock(dev->mock);
	now = rbi_mock_now(dev->mock);
	rbi_mock_unlock(dev->mock);
	return (uint64_t)now;
}

int rb_mock_advance(struct rb_ctx *ctx, uint64_t ns)
{
	struct mock *mock;
	int rc;

	mock = rbi_mock_of_ctx(ctx, "rb_mock_advance", &rc);
	if (!mock)
		return rc;
	if (mock->real)
		return rbi_fail(-ENOTSUP, "rb_mock_advance: the mock runs on the real clock");

	rbi_mock_lock(mock);
	if (mock->running)
		rc = rbi_fail(-EINVAL, "rb_mock_advance: inside an event");
	else
		rbi_mock_pass(mock, ns);
	rbi_mock_unlock(mock);
	return rc;
}
