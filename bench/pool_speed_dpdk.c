/* SPDX-License-Identifier: MIT */
/*
 * pool_speed_dpdk.c - DPDK's mempool with its cache, in the threads that DPDK makes for it
 * (elsewhere it goes without the cache). The program's first thread is its main lcore.
 */
#include "config.h"

#include "pool_speed_rivals.h"

#ifdef RBDRV_WITH_DPDK

#include "pool_speed_dpdk.h"

#define COUNT 1023 /* a power of two less one, as its manual says */

const char dpdk_why[] = "it does not start";

static struct rte_mempool *mempool;

static int start(void)
{
	static char args[][24] = { "pool_speed", "--no-huge",	   "--no-pci",		"-m",
				   "256",	 "--no-telemetry", "--log-level=error", "-l",
				   "0,1",	 "--no-shconf" };
	char *argv[sizeof(args) / sizeof(args[0]) + 1] = { NULL };
	size_t i;

	for (i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		argv[i] = args[i];
	if (rte_eal_init((int)i, argv) < 0)
		return -1;
	mempool = rte_mempool_create("elements", COUNT, 64, 64, 0, NULL, NULL, NULL, NULL,
				     (int)rte_socket_id(), 0);
	return mempool ? 1 : -1;
}

static int dpdk_is_there(void)
{
	static int state; /* 0: not tried */

	if (state == 0)
		state = start();
	return state > 0;
}

static void *dpdk_open(unsigned int thread)
{
	(void)thread;
	return mempool;
}

static void dpdk_close(void *own)
{
	(void)own;
}

static void dpdk_run(void *own, unsigned long rounds)
{
	struct rte_mempool *mp = own;
	void *held[HELD];
	int i;

	while (rounds-- > 0) {
		for (i = 0; i < HELD; i++) {
			if (rte_mempool_get(mp, &held[i]) < 0)
				return;
			touch(held[i]);
		}
		for (i = 0; i < HELD; i++)
			rte_mempool_put(mp, held[i]);
	}
}

static void *(*launched)(void *);

static int call_launched(void *arg)
{
	launched(arg);
	return 0;
}

static int dpdk_launch(void *(*fn)(void *), void *arg)
{
	launched = fn;
	return rte_eal_remote_launch(call_launched, arg, rte_get_next_lcore(-1, 1, 0));
}

static void dpdk_join(void)
{
	rte_eal_mp_wait_lcore();
}

#else

const char dpdk_why[] = "Debian: libdpdk-dev";

static int dpdk_is_there(void)
{
	return 0;
}

#define dpdk_open   NULL
#define dpdk_run    NULL
#define dpdk_close  NULL
#define dpdk_launch NULL
#define dpdk_join   NULL

#endif

const struct rival dpdk_mempool = { "dpdk-mempool", dpdk_is_there, dpdk_open, dpdk_run,
				    dpdk_close,	    dpdk_launch,   dpdk_join };
