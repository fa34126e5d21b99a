/* SPDX-License-Identifier: MIT */
/*
 * irq_wait.c - sleeping until an interrupt comes, and being woken for other reasons.
 *
 * Between two waits nothing is lost: every interrupt since a vector was last found
 * quiet has an entry in the queue of its waiter, and one that was not quiet is looked
 * at before sleeping.
 */
#include "config.h"

#include "irq/irq_set.h"
#include "os/os_time.h"

#define NS_PER_MS 1000000ull
#define NOTHING	  (-1) /* instead of a vector's index */

#define SPINS_IN_VAIN	    8 /* in a row, before most waits sleep at once */
#define SPIN_LOOKS_STANDING 64

/* Redox merges nothing: a vector in two queues fills the one that is not read. */
static int decide_way(struct rb_irq_set *set, enum rbi_waiting_way way)
{
	int before = RBI_WAITS_NOT;

	if (atomic_compare_exchange_strong(&set->way, &before, way) || before == (int)way)
		return 0;
	if (way == RBI_WAITS_ALONE)
		return rbi_fail(-EBUSY, "this set is waited on with rb_irq_wait_any()");
	return rbi_fail(-EBUSY, "vectors of this set are waited on with rb_irq_wait()");
}

/* --- cancel ----------------------------------------------------------------------------- */

static int cancelled(void)
{
	return rbi_fail(-ECANCELED, "the wait was cancelled");
}

/* From here on a cancel is meant for this waiter. */
static int begin(struct rb_irq_set *set, struct rbi_waiter *w)
{
	bool was_early;

	pthread_mutex_lock(&set->lock);
	was_early = set->cancel_waits;
	set->cancel_waits = false;
	w->is_waiting = !was_early;
	pthread_mutex_unlock(&set->lock);
	return was_early ? cancelled() : 0;
}

/* The end of a wait that would answer @rc, had it not been cancelled. */
static int end(struct rb_irq_set *set, struct rbi_waiter *w, int rc)
{
	struct rbi_sys *sys = set->os->sys;
	bool was_cancelled;
	char byte;

	pthread_mutex_lock(&set->lock);
	was_cancelled = w->is_cancelled;
	w->is_cancelled = false;
	w->is_told = false;
	w->is_waiting = false;
	if (was_cancelled && w->pipe[0] >= 0)
		(void)sys->ops->read(sys, w->pipe[0], &byte, sizeof(byte));
	pthread_mutex_unlock(&set->lock);
	return was_cancelled ? cancelled() : rc;
}

/* A byte into the pipe of @w: 1, or another answer of the system. */
static ssize_t ring(struct rb_irq_set *set, const struct rbi_waiter *w)
{
	struct rbi_sys *sys = set->os->sys;
	unsigned int tries = 0;
	ssize_t n;

	do
		n = sys->ops->write(sys, w->pipe[1], "", 1);
	while (rbi_os_interrupted(n, &tries));
	return n;
}

/* Whether @w waits; then it is told, once: after a failure again. */
static bool cancel_one(struct rb_irq_set *set, struct rbi_waiter *w, int *rc)
{
	ssize_t n = 1;

	if (!w->is_waiting)
		return false;
	/* known before the pipe wakes anybody, who would take it for an old one */
	w->is_cancelled = true;
	if (!w->is_told && w->pipe[1] >= 0)
		n = ring(set, w);
	w->is_told = n == 1;
	if (n != 1)
		*rc = rbi_os_fail(n < 0 ? (int)n : -EIO, "waking a thread that waits");
	return true;
}

int rb_irq_cancel(struct rb_irq_set *set)
{
	unsigned int i;
	bool anyone;
	int rc;

	rc = rbi_irq_check(set, 0, "rb_irq_cancel");
	if (rc < 0)
		return rc;

	pthread_mutex_lock(&set->lock);
	anyone = cancel_one(set, &set->together, &rc);
	for (i = 0; i < set->count; i++)
		anyone = cancel_one(set, &set->vectors[i].waiter, &rc) || anyone;
	if (!anyone)
		set->cancel_waits = true;
	pthread_mutex_unlock(&set->lock);
	return rc;
}

/* --- removal ----------------------------------------------------------------------------- */

/* A pipe that cannot be written to leaves the waiter to its time-out. */
static void wake_one(struct rb_irq_set *set, const struct rbi_waiter *w)
{
	if (w->is_waiting && w->pipe[1] >= 0)
		(void)ring(set, w);
}

/* Whoever waits without a time-out would never look at the device again. */
void rbi_irq_wake_all(void *arg)
{
	struct rb_irq_set *set = arg;
	unsigned int i;

	pthread_mutex_lock(&set->lock);
	wake_one(set, &set->together);
	for (i = 0; i < set->count; i++)
		wake_one(set, &set->vectors[i].waiter);
	pthread_mutex_unlock(&set->lock);
}

/* --- waiting ---------------------------------------------------------------------------- */

static int give_all_back(struct rbi_os *os, const struct rbi_watched *watched)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; rc == 0 && i < watched->count; i++)
		rc = rbi_vector_give_back(os, &watched->vectors[i]);
	return rc;
}

/* The first vector that has interrupts, or NOTHING; quiet ones are known to have none. */
static int look(struct rbi_os *os, const struct rbi_watched *watched, int *found)
{
	unsigned int i;
	int rc;

	*found = NOTHING;
	for (i = 0; i < watched->count; i++) {
		if (watched->vectors[i].is_quiet)
			continue;
		rc = rbi_vector_look(os, &watched->vectors[i]);
		if (rc < 0)
			return rc;
		if (rc == 1) {
			*found = (int)i;
			return 0;
		}
	}
	return 0;
}

/* The same, whatever is known of them. */
static int look_at_all(struct rbi_os *os, const struct rbi_watched *watched, int *found)
{
	unsigned int i;

	for (i = 0; i < watched->count; i++)
		watched->vectors[i].is_quiet = false;
	return look(os, watched, found);
}

/* No more sleep: the time is up, or the device is gone. Look also at what seemed quiet. */
static int look_last(struct rb_irq_set *set, const struct rbi_watched *watched, bool has_slept,
		     int *found)
{
	int rc = look_at_all(set->os, watched, found);

	if (rc < 0 || *found != NOTHING)
		return rc;

	/* a removed device sends nothing, so the silent one is asked at the end */
	if (has_slept && rbi_pci_check_alive(set->dev) == -ENODEV)
		return rbi_pci_refuse_gone(set->dev);
	rc = rbi_pci_refuse_gone(set->dev);
	return rc < 0 ? rc : rbi_fail(-ETIMEDOUT, "no interrupt came in time");
}

static int sleep_until(struct rb_irq_set *set, struct rbi_waiter *w,
		       const struct rbi_watched *watched, int64_t deadline, int *found)
{
	struct rbi_woken woken;
	int rc;

	for (;;) {
		if (rb_pci_is_gone(set->dev))
			return look_last(set, watched, false, found);
		rc = rbi_waiter_arm(set->os, w, deadline);
		if (rc < 0)
			return rc;
		rbi_irq_count(watched->vectors, RBI_IRQ_SLEEPS, 1);
		rc = rbi_waiter_sleep(set->os, w, watched, &woken);
		if (rc < 0)
			return rc;

		/* Both may be left over from an earlier wait. A signal (0) may hide the alarm. */
		if (woken.by_cancel && w->is_cancelled)
			return 0;
		if ((woken.by_alarm || rc == 0) && deadline != INT64_MAX &&
		    rbi_time_now(set->os) >= deadline)
			return look_last(set, watched, true, found);

		rc = look(set->os, watched, found);
		if (rc < 0 || *found != NOTHING)
			return rc;
	}
}

/* --- spinning --------------------------------------------------------------------------- */

/*
 * A spin that was in vain is bought dear, so after some in a row only a few waits try
 * again: a driver that is mostly idle spends at most an eighth of its budgets.
 */
static bool may_spin(const struct rb_irq_set *set, const struct rbi_waiter *w)
{
	return set->spin_ns > 0 && (w->spins_failed < SPINS_IN_VAIN ||
				    w->spins_failed % SPINS_IN_VAIN == SPINS_IN_VAIN - 1);
}

/* Look until the budget is spent, or the clock steps back (probe 7): nobody knows then what
 * is left. A clock that stands still while we look is one that moves in sleeps only. */
static int spin(struct rb_irq_set *set, struct rbi_waiter *w, const struct rbi_watched *watched,
		int64_t deadline, int *found)
{
	int64_t start = rbi_time_now(set->os), now = start;
	unsigned int looks;
	int rc;

	for (looks = 0; now >= start && now - start < set->spin_ns && now < deadline; looks++) {
		if ((now == start && looks == SPIN_LOOKS_STANDING) || w->is_cancelled ||
		    rb_pci_is_gone(set->dev))
			break;
		rc = look_at_all(set->os, watched, found);
		if (rc < 0)
			return rc;
		if (*found != NOTHING) {
			w->spins_failed = 0;
			rbi_irq_count(&watched->vectors[*found], RBI_IRQ_SPINS, 1);
			return 0;
		}
		now = rbi_time_now(set->os);
	}
	return 0;
}

static int spin_first(struct rb_irq_set *set, struct rbi_waiter *w,
		      const struct rbi_watched *watched, int64_t deadline, int *found)
{
	int rc = 0;

	if (may_spin(set, w))
		rc = spin(set, w, watched, deadline, found);
	if (set->spin_ns > 0 && *found == NOTHING)
		w->spins_failed++;
	return rc;
}

static int wait_begun(struct rb_irq_set *set, struct rbi_waiter *w,
		      const struct rbi_watched *watched, int timeout_ms, int *found)
{
	int64_t deadline = INT64_MAX;
	int rc;

	rc = give_all_back(set->os, watched);
	if (rc < 0)
		return rc;
	if (timeout_ms == 0)
		return look_last(set, watched, false, found);

	rc = look(set->os, watched, found);
	if (rc < 0 || *found != NOTHING)
		return rc;
	if (timeout_ms > 0)
		deadline = rbi_deadline(rbi_time_now(set->os), (uint64_t)timeout_ms * NS_PER_MS);
	rc = spin_first(set, w, watched, deadline, found);
	if (rc < 0 || *found != NOTHING || w->is_cancelled)
		return rc;
	return sleep_until(set, w, watched, deadline, found);
}

/* A wait for any counts for the vector that ended it, or else for the first. */
static void note_wait(const struct rb_irq_set *set, const struct rbi_watched *watched, int rc,
		      int found, int64_t start)
{
	struct rbi_vector *v = &watched->vectors[found == NOTHING ? 0 : found];

	rbi_irq_count(v, RBI_IRQ_WAITS, 1);
	if (rc == -ETIMEDOUT)
		rbi_irq_count(v, RBI_IRQ_TIMEOUTS, 1);
	if (rc == 0 && set->is_timed)
		rbi_irq_note_time(v->times.wait, rbi_time_now(set->os) - start);
}

/* The index of a vector among @watched that has interrupts, or a negative errno. */
static int wait_for(struct rb_irq_set *set, struct rbi_waiter *w, const struct rbi_watched *watched,
		    int timeout_ms)
{
	int64_t start = set->is_timed ? rbi_time_now(set->os) : 0;
	int found = NOTHING;
	int rc;

	if (timeout_ms != 0) {
		rc = rbi_waiter_open(set->os, w, watched);
		if (rc < 0)
			return rc;
	}
	rc = begin(set, w);
	if (rc == 0) {
		rc = wait_begun(set, w, watched, timeout_ms, &found);
		rc = end(set, w, rc);
	}
	note_wait(set, watched, rc, found, start);
	return rc < 0 ? rc : found;
}

int rb_irq_wait(struct rb_irq_set *set, unsigned int vector, int timeout_ms)
{
	struct rbi_watched watched;
	int rc;

	rc = rbi_irq_check(set, vector, "rb_irq_wait");
	if (rc < 0)
		return rc;
	rc = decide_way(set, RBI_WAITS_ALONE);
	if (rc < 0)
		return rc;

	watched.vectors = &set->vectors[vector];
	watched.count = 1;
	return wait_for(set, &watched.vectors->waiter, &watched, timeout_ms);
}

int rb_irq_wait_any(struct rb_irq_set *set, int timeout_ms)
{
	struct rbi_watched watched;
	int rc;

	rc = rbi_irq_check(set, 0, "rb_irq_wait_any");
	if (rc < 0)
		return rc;
	rc = decide_way(set, RBI_WAITS_TOGETHER);
	if (rc < 0)
		return rc;

	watched.vectors = set->vectors;
	watched.count = set->count;
	return wait_for(set, &set->together, &watched, timeout_ms);
}
