/* SPDX-License-Identifier: MIT */
/*
 * world.h - how a context reaches the worlds that librbdrv-host serves.
 */
#ifndef RBI_CORE_WORLD_H
#define RBI_CORE_WORLD_H

#include "core/core.h"

#define RBI_MACHINE_MAX 65536u /* bytes of a machine string */

struct rbi_sys;

/* The first waist of hosted Redox on the machine that @machine names. -ENOTSUP
 * with the loader's words when librbdrv-host cannot be had. */
int rbi_world_open_hosted(const char *machine, struct rbi_sys **out);

/* librbdrv-host's door (lib/host/host.c), found by name in the loaded library. */
RBI_SHARED int rbi_host_open(const char *machine, struct rbi_sys **out);

#endif
