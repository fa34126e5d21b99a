/* SPDX-License-Identifier: MIT */
/*
 * pool_speed.c - what an element of a pool costs to get and to put, beside what else one could
 * take memory from: a bare stack of pointers, malloc(), and DPDK's mempool where it is there.
 *
 * A round gets HELD elements, touches the descriptor of each, and puts them back; all
 * contenders do so in turns, so that neighbours disturb them alike, and the best turn of
 * each counts. With two threads each has its own stack, its own cache, or the one pool, as
 * that contender has it. The pool stands in a world where nobody watches (hosted machines
 * look at every get and put), so the inline halves are measured, as on hardware.
 *
 * "pool_speed CONTENDER ROUNDS" runs one contender alone: for callgrind, see pool_speed.sh.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "pool_speed_rivals.h"
#include "fake_world.h"

#define TURNS	15
#define ROUNDS	20000 /* of a turn */
#define SIZE	64
#define GOAL	2.0 /* of the cache against the bare stack */

bool __wrap_rbi_dma_is_watched(void);

static struct fake_world *bench_world;
struct rb_dma_pool *bench_pool;

/* In place of the library's own: callgrind counts what runs where nobody watches. */
bool __wrap_rbi_dma_is_watched(void)
{
	return false;
}

static const struct rival *const rivals[] = { &bare_stack, &pool_cache, &raw_cache, &pool_shared,
					      &libc_malloc, &dpdk_mempool };

#define RIVALS (sizeof(rivals) / sizeof(rivals[0]))

struct turn {
	const struct rival *rival;
	unsigned int thread;
	unsigned long rounds;
	pthread_barrier_t *start;
	double ns; /* for one get and one put */
};

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void *take_turn(void *arg)
{
	struct turn *turn = arg;
	void *own = turn->rival->open(turn->thread);
	double before;

	if (!own) {
		printf("%s cannot be had\n", turn->rival->name);
		exit(1);
	}
	turn->rival->run(own, 100);
	if (turn->start)
		pthread_barrier_wait(turn->start);
	before = now_ns();
	turn->rival->run(own, turn->rounds);
	turn->ns = (now_ns() - before) / (double)turn->rounds / HELD;
	turn->rival->close(own);
	return NULL;
}

/* DPDK wants to start its threads itself; the slower one counts. */
static double both(const struct rival *rival)
{
	struct turn turns[2];
	pthread_barrier_t start;
	pthread_t thread;
	unsigned int i;

	pthread_barrier_init(&start, NULL, 2);
	for (i = 0; i < 2; i++) {
		turns[i].rival = rival;
		turns[i].thread = i;
		turns[i].rounds = ROUNDS;
		turns[i].start = &start;
	}
	if (rival->launch ? rival->launch(take_turn, &turns[1])
			  : pthread_create(&thread, NULL, take_turn, &turns[1]))
		exit(1);
	take_turn(&turns[0]);
	if (rival->launch)
		rival->join();
	else
		pthread_join(thread, NULL);
	pthread_barrier_destroy(&start);
	return turns[0].ns > turns[1].ns ? turns[0].ns : turns[1].ns;
}

static double alone(const struct rival *rival)
{
	struct turn turn = { rival, 0, ROUNDS, NULL, 0 };

	take_turn(&turn);
	return turn.ns;
}

static void print(const char *what, const double *ns)
{
	size_t i;

	printf("%s\n", what);
	for (i = 0; i < RIVALS; i++)
		if (rivals[i]->is_there())
			printf("  %-28s %7.2f ns   %6.2f of the bare stack\n", rivals[i]->name,
			       ns[i], ns[i] / ns[0]);
}

static void measure(double (*how)(const struct rival *rival), double *best)
{
	unsigned int turn;
	size_t i;

	for (i = 0; i < RIVALS; i++)
		best[i] = 1e9;
	for (turn = 0; turn < TURNS; turn++)
		for (i = 0; i < RIVALS; i++) {
			double ns = rivals[i]->is_there() ? how(rivals[i]) : 1e9;

			if (ns < best[i])
				best[i] = ns;
		}
}

static void judge(const char *who, const double *ns)
{
	printf("  goal, %s: cache within %.1f of the bare stack: %s", who, GOAL,
	       ns[1] <= GOAL * ns[0] ? "yes" : "no");
	if (dpdk_mempool.is_there())
		printf("; ahead of DPDK: %s (%.2f of it)", ns[1] < ns[5] ? "yes" : "no",
		       ns[1] / ns[5]);
	printf("\n");
}

static int run_one(const char *name, unsigned long rounds)
{
	size_t i;

	for (i = 0; i < RIVALS; i++)
		if (strcmp(rivals[i]->name, name) == 0 && rivals[i]->is_there()) {
			void *own = rivals[i]->open(0);

			rivals[i]->run(own, rounds);
			rivals[i]->close(own);
			return 0;
		}
	return 1;
}

int main(int argc, char **argv)
{
	struct rb_dma_pool_options o = RB_DMA_POOL_OPTIONS_INIT;
	double one[RIVALS], two[RIVALS];
	struct rb_pci_dev *dev;
	int rc = 0;

	bench_world = fake_open();
	dev = fake_device(bench_world);
	o.count_min = 1024;
	if (rb_dma_pool_open(dev, SIZE, &o, &bench_pool) < 0) {
		printf("%s\n", rb_last_error());
		return 1;
	}
	if (argc > 2) {
		rc = run_one(argv[1], strtoul(argv[2], NULL, 10));
	} else {
		printf("pool elements of %d bytes, %d held: one get and one put, best of %d turns\n",
		       SIZE, HELD, TURNS);
		if (!dpdk_mempool.is_there())
			printf("  DPDK's mempool is not here (%s)\n", dpdk_why);
		measure(alone, one);
		print(" one thread", one);
		measure(both, two);
		print(" two threads, the slower", two);
		judge("one thread", one);
		judge("two threads", two);
	}
	rb_dma_pool_close(bench_pool);
	rb_pci_unref(dev);
	fake_close(bench_world);
	return rc;
}
