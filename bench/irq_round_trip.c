/* SPDX-License-Identifier: MIT */
/*
 * irq_round_trip.c - what waiting for an interrupt costs, beside bare loops that do the same.
 *
 * On the mock with time=real a device, which is a thread, is asked for an interrupt through
 * an eventfd and raises it; the driver waits for it and takes it. Four drivers take turns,
 * so that neighbours disturb all of them alike:
 *
 *     asleep   rb_irq_wait(), take until 0     against   poll(), read() of an eventfd
 *     awake    the same with spin_us           against   a spin on an atomic
 *
 * The round trip is from asking to the interrupt in hand, device and driver at full speed.
 * The latency is from raising to that, where the device waits until the driver sleeps or
 * spins. Both include what the other thread needs to wake up, which is most of it. What the
 * library and hosted Redox do before that is hidden in a round trip, as in life.
 *
 * "Calls" are those of the first waist; the runs that are timed do not count them.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#include "core/core.h"
#include "os/sys.h"

#define TURNS	 100
#define EACH	 100 /* rounds of a driver in a turn */
#define ROUNDS	 (TURNS * EACH)
#define SETTLE	 40000 /* ns until the driver sleeps or spins for certain */
#define SPIN_US	 2000
#define COUNTED	 1000 /* waits whose calls are counted */
#define GOAL_SLEEP 1.10
#define GOAL_SPIN  1.50

enum driver { BARE_POLL, LIB_SLEEP, BARE_SPIN, LIB_SPIN, DRIVERS };
enum { SLEEPS, SPINS, TIMED, SETS }; /* one device each */
enum measure { ROUND_TRIP, LATENCY, MEASURES };

struct bench {
	struct rb_ctx *ctx;
	struct rb_mock_dev *models[SETS];
	struct rb_pci_dev *devs[SETS];
	struct rb_irq_set *sets[SETS];
	int ring, bell; /* eventfds: to the device, and to the bare driver */
	_Atomic unsigned int spun; /* what the bare spin looks at */
	unsigned int seen;
	_Atomic int driver; /* who is served; negative: the end */
	_Atomic bool is_late; /* the device waits until the driver waits */
	_Atomic int64_t raised_at;
	double *ns[MEASURES][DRIVERS];
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void must(int rc, const char *what)
{
	if (rc >= 0)
		return;
	printf("%s: %d, %s\n", what, rc, rb_last_error());
	exit(1);
}

/* A device works beside the processor, not instead of it. A machine of one processor
 * refuses, and shows what switching costs. */
static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		printf("(device and driver share a processor)\n");
}

/* --- the device --------------------------------------------------------------------------- */

static void raise_for(struct bench *b, int driver)
{
	switch (driver) {
	case BARE_POLL:
		must(eventfd_write(b->bell, 1), "eventfd");
		break;
	case BARE_SPIN:
		atomic_fetch_add(&b->spun, 1);
		break;
	default:
		must(rb_mock_msi(b->models[driver == LIB_SPIN ? SPINS : SLEEPS], 0), "rb_mock_msi");
	}
}

static void *be_device(void *arg)
{
	struct bench *b = arg;
	eventfd_t rings;
	int64_t start;

	stay_on(1);
	for (;;) {
		must(eventfd_read(b->ring, &rings), "eventfd");
		if (atomic_load(&b->driver) < 0)
			return NULL;
		start = now_ns();
		while (atomic_load(&b->is_late) && now_ns() - start < SETTLE)
			;
		atomic_store(&b->raised_at, now_ns());
		raise_for(b, atomic_load(&b->driver));
	}
}

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 1;
	rb_mock_ids(dev, &ids);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	return 0;
}

/* --- the drivers -------------------------------------------------------------------------- */

static void wait_bare_poll(struct bench *b)
{
	struct pollfd pfd = { .fd = b->bell, .events = POLLIN };
	eventfd_t count;

	if (poll(&pfd, 1, 1000) != 1)
		must(-1, "poll");
	must(eventfd_read(b->bell, &count), "eventfd");
}

static void wait_bare_spin(struct bench *b)
{
	while (atomic_load(&b->spun) == b->seen)
		;
	b->seen++;
}

static void wait_lib(struct rb_irq_set *set)
{
	uint64_t count;

	must(rb_irq_wait(set, 0, 1000), "rb_irq_wait");
	must(rb_irq_take(set, 0, &count), "rb_irq_take");
	if (count != 1)
		must(-1, "the count");
}

static void wait_for(struct bench *b, int driver)
{
	if (driver == BARE_POLL)
		wait_bare_poll(b);
	else if (driver == BARE_SPIN)
		wait_bare_spin(b);
	else
		wait_lib(b->sets[driver == LIB_SPIN ? SPINS : SLEEPS]);
}

/* The rest of the loop that irq.h shows; it is in the round trip, for the next wait pays. */
static void finish(struct bench *b, int driver)
{
	uint64_t count;

	if (driver == BARE_POLL || driver == BARE_SPIN)
		return;
	must(rb_irq_take(b->sets[driver == LIB_SPIN ? SPINS : SLEEPS], 0, &count), "rb_irq_take");
	if (count != 0)
		must(-1, "the last count");
}

static void take_turn(struct bench *b, int driver, enum measure measure, double *ns)
{
	int64_t start, got;
	unsigned int i;

	atomic_store(&b->driver, driver);
	atomic_store(&b->is_late, measure == LATENCY);
	for (i = 0; i < EACH; i++) {
		start = now_ns();
		must(eventfd_write(b->ring, 1), "eventfd");
		wait_for(b, driver);
		got = now_ns();
		finish(b, driver);
		ns[i] = measure == LATENCY ? (double)(got - atomic_load(&b->raised_at))
					   : (double)(now_ns() - start);
	}
}

/* --- calls -------------------------------------------------------------------------------- */

/* The world's own table, with calls counted that a wait or a take might make. */
static struct rbi_sys_ops counting;
static const struct rbi_sys_ops *uncounted;
static unsigned long calls;

static ssize_t count_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	calls++;
	return uncounted->read(s, fd, buf, len);
}

static ssize_t count_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
	calls++;
	return uncounted->write(s, fd, buf, len);
}

static int64_t count_clock(struct rbi_sys *s)
{
	calls++;
	return uncounted->clock(s);
}

static int count_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	calls++;
	return uncounted->open(s, path, flags);
}

/* Calls of a wait that sleeps, after a take that the wait has to give back. */
static double calls_of_a_wait(struct bench *b, int timeout_ms)
{
	struct rbi_sys *sys = b->ctx->sys;
	struct rb_irq_set *set = b->sets[SLEEPS];
	unsigned long sum = 0;
	unsigned int i;
	uint64_t count;

	atomic_store(&b->driver, LIB_SLEEP);
	atomic_store(&b->is_late, true);
	uncounted = sys->ops;
	counting = *uncounted;
	counting.read = count_read;
	counting.write = count_write;
	counting.clock = count_clock;
	counting.open = count_open;
	sys->ops = &counting;
	for (i = 0; i < COUNTED; i++) {
		must(eventfd_write(b->ring, 1), "eventfd");
		calls = 0;
		must(rb_irq_wait(set, 0, timeout_ms), "rb_irq_wait");
		sum += calls;
		must(rb_irq_take(set, 0, &count), "rb_irq_take");
	}
	sys->ops = uncounted;
	return (double)sum / COUNTED;
}

/* --- takes -------------------------------------------------------------------------------- */

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* An interrupt, the take that counts it and the one that gives it back: ns, the best of
 * some turns. */
static double takes_of(struct bench *b, int which)
{
	double best = 1e9, start, ns;
	unsigned int turn, i;
	uint64_t count;

	for (turn = 0; turn < TURNS; turn++) {
		start = cpu_ns();
		for (i = 0; i < EACH; i++) {
			must(rb_mock_msi(b->models[which], 0), "rb_mock_msi");
			must(rb_irq_take(b->sets[which], 0, &count), "rb_irq_take");
			must(rb_irq_take(b->sets[which], 0, &count), "rb_irq_take");
		}
		ns = (cpu_ns() - start) / EACH;
		best = ns < best ? ns : best;
	}
	return best;
}

/* Takes that find nothing. */
static double empty_take_of(struct bench *b, int which)
{
	double best = 1e9, start, ns;
	unsigned int turn, i;
	uint64_t count;

	for (turn = 0; turn < TURNS; turn++) {
		start = cpu_ns();
		for (i = 0; i < EACH; i++)
			must(rb_irq_take(b->sets[which], 0, &count), "rb_irq_take");
		ns = (cpu_ns() - start) / EACH;
		best = ns < best ? ns : best;
	}
	return best;
}

/* --- all of it ---------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void open_all(struct bench *b)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	uint64_t count;
	unsigned int i;
	int m, d;

	must(rb_ctx_new("mock:time=real", &b->ctx), "rb_ctx_new");
	for (i = 0; i < SETS; i++)
		must(rb_mock_add(b->ctx, "bench", build, NULL, &b->models[i]), "rb_mock_add");
	for (i = 0; i < SETS; i++) {
		options.kinds = RB_IRQ_MSI;
		options.spin_us = i == SPINS ? SPIN_US : 0;
		options.flags = i == TIMED ? RB_IRQ_TIMED : 0;
		must(rb_pci_open(b->ctx, rb_mock_addr(b->models[i]), &b->devs[i]), "rb_pci_open");
		must(rb_pci_set_bus_master(b->devs[i], true), "rb_pci_set_bus_master");
		must(rb_irq_set_open(b->devs[i], &options, &b->sets[i]), "rb_irq_set_open");
		must(rb_irq_take(b->sets[i], 0, &count), "rb_irq_take");
	}
	b->ring = eventfd(0, EFD_CLOEXEC);
	b->bell = eventfd(0, EFD_CLOEXEC);
	for (m = 0; m < MEASURES; m++)
		for (d = 0; d < DRIVERS; d++)
			b->ns[m][d] = calloc(ROUNDS, sizeof(double));
}

static void close_all(struct bench *b)
{
	unsigned int i;
	int m, d;

	for (i = 0; i < SETS; i++) {
		rb_irq_set_close(b->sets[i]);
		rb_pci_unref(b->devs[i]);
	}
	rb_ctx_unref(b->ctx);
	close(b->ring);
	close(b->bell);
	for (m = 0; m < MEASURES; m++)
		for (d = 0; d < DRIVERS; d++)
			free(b->ns[m][d]);
}

static void print(const struct bench *b, const char *what, enum measure m)
{
	static const char *const names[] = { "poll() of an eventfd", "rb_irq_wait, asleep",
					     "spin on an atomic", "rb_irq_wait, spinning" };
	const size_t at[] = { ROUNDS / 2, ROUNDS / 100 * 99 };
	const char *const of[] = { "p50", "p99" };
	int d, i;

	printf("%s, us:\n", what);
	for (d = 0; d < DRIVERS; d++)
		printf("  %-22s p50 %7.2f   p99 %7.2f\n", names[d], b->ns[m][d][at[0]] / 1000,
		       b->ns[m][d][at[1]] / 1000);
	for (i = 0; i < 2; i++)
		printf("  %s against bare: asleep %.2f (goal %.2f), spinning %.2f (goal %.2f)\n",
		       of[i], b->ns[m][LIB_SLEEP][at[i]] / b->ns[m][BARE_POLL][at[i]], GOAL_SLEEP,
		       b->ns[m][LIB_SPIN][at[i]] / b->ns[m][BARE_SPIN][at[i]], GOAL_SPIN);
}

int main(void)
{
	static struct bench b;
	pthread_t device;
	double calls_timed, calls_forever;
	int turn, m, d;

	stay_on(0);
	open_all(&b);
	if (pthread_create(&device, NULL, be_device, &b) != 0)
		return 1;
	for (turn = 0; turn < TURNS; turn++)
		for (m = 0; m < MEASURES; m++)
			for (d = 0; d < DRIVERS; d++)
				take_turn(&b, d, (enum measure)m, b.ns[m][d] + turn * EACH);
	calls_timed = calls_of_a_wait(&b, 1000);
	calls_forever = calls_of_a_wait(&b, -1);
	atomic_store(&b.driver, -1);
	must(eventfd_write(b.ring, 1), "eventfd");
	pthread_join(device, NULL);

	for (m = 0; m < MEASURES; m++)
		for (d = 0; d < DRIVERS; d++)
			qsort(b.ns[m][d], ROUNDS, sizeof(double), by_number);
	print(&b, "round trip (ask, wait, take until 0)", ROUND_TRIP);
	print(&b, "latency (raise to interrupt in hand)", LATENCY);
	printf("first-waist calls of a wait that sleeps: %.3f with a time-out (goal 4), %.3f "
	       "without (goal 3)\n",
	       calls_timed, calls_forever);
	printf("interrupt and two takes: %.0f ns, with RB_IRQ_TIMED %.0f; a take that finds "
	       "nothing: %.0f ns, %.0f\n",
	       takes_of(&b, SLEEPS), takes_of(&b, TIMED), empty_take_of(&b, SLEEPS),
	       empty_take_of(&b, TIMED));
	close_all(&b);
	return 0;
}
