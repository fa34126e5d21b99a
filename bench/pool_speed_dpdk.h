/* SPDX-License-Identifier: MIT */
/* pool_speed_dpdk.h - DPDK's headers, which are not held to our warnings. */
#ifndef POOL_SPEED_DPDK_H
#define POOL_SPEED_DPDK_H

#pragma GCC system_header

#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#endif
