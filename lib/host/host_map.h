/* SPDX-License-Identifier: MIT */
/*
 * host_map.h - what /scheme/memory has mapped into this process.
 *
 * A mapping outlives the handle it came from (probe 1). The hosted lock is held
 * in every call.
 */
#ifndef RBI_HOST_MAP_H
#define RBI_HOST_MAP_H

#include "host/hosted.h"

/* Map what is not RAM: directly where the machine can, else a reservation that
 * nobody may touch, with a route for io_read and io_write. */
int rbi_hosted_map_physical(struct rbi_hosted *h, uint64_t phys, uint64_t len, unsigned int prot,
			    void **base);
/* Take a contiguous block, at least @len bytes, and show @len of them to both the
 * CPU and the devices. */
int rbi_hosted_map_block(struct rbi_hosted *h, uint64_t len, void **base);
/* Zeroed memory of this process. It has no frames that a device could reach. */
int rbi_hosted_map_plain(struct rbi_hosted *h, uint64_t len, unsigned int prot, unsigned int flags,
			 void **base);
/* The physical address of the page around @virt, or -ENOENT (contract 1.6). */
int rbi_hosted_map_translate(struct rbi_hosted *h, uint64_t virt, uint64_t *phys);

#endif
