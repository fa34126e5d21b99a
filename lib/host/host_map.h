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
/* Where a mapping goes, for the next three: with RBI_MAP_FIXED to *base, in place of what
 * is there, which is gone also on failure (as on Redox, contract 1.5); -EINVAL for an
 * address that makes no sense; -EOPNOTSUPP for a place in registers, or in a part of a
 * contiguous block. Else anywhere. */

/* The largest contiguous block, in bytes. */
#define RBI_HOSTED_BLOCK_MAX ((uint64_t)RBI_PAGE << 10)
/* Take a contiguous block, at least @len bytes, and show @len of them to both the
 * CPU and the devices. */
int rbi_hosted_map_block(struct rbi_hosted *h, uint64_t len, unsigned int flags, void **base);
/* Zeroed memory of this process. It has no frames that a device could reach. */
int rbi_hosted_map_plain(struct rbi_hosted *h, uint64_t len, unsigned int prot, unsigned int flags,
			 void **base);
/* Memory that nobody may touch. Also RBI_MAP_NOREPLACE: at *base, or -EEXIST. */
int rbi_hosted_memory_reserve(struct rbi_hosted *h, uint64_t len, unsigned int flags, void **base);
/* The physical address of the page around @virt, or -ENOENT (contract 1.6). */
int rbi_hosted_map_translate(struct rbi_hosted *h, uint64_t virt, uint64_t *phys);

#endif
