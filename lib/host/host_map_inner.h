/* SPDX-License-Identifier: MIT */
/*
 * host_map_inner.h - one mapping of hosted memory: what host_map.c, which makes them, and
 * host_unmap.c, which takes them away, share.
 */
#ifndef RBI_HOST_MAP_INNER_H
#define RBI_HOST_MAP_INNER_H

#include "host/host_map.h"

enum rbi_map_kind {
	RBI_MAP_ROUTED, /* physical; a PROT_NONE reservation */
	RBI_MAP_DIRECT, /* physical; the machine mapped it */
	RBI_MAP_BLOCK, /* contiguous RAM */
	RBI_MAP_PLAIN, /* anonymous memory */
	RBI_MAP_RESERVED /* anonymous, and nobody may touch it */
};

struct rbi_hosted_map {
	struct rbi_span span; /* first: where it is; in h->maps once that is known */
	enum rbi_map_kind kind;
	uint8_t *base;
	uint64_t len;
	uint64_t phys; /* ROUTED, DIRECT, BLOCK */
	size_t slot; /* ROUTED */
	uint32_t shadow; /* BLOCK */
	bool writable; /* ROUTED */
	uint64_t *gone; /* not of anonymous ones: a bit per page that was unmapped; or NULL */
	uint64_t ngone;
};

struct rbi_hosted_map *rbi_hosted_map_new(enum rbi_map_kind kind, uint64_t len);
void rbi_hosted_map_free(struct rbi_hosted_map *map);
/* The mapping has its place in this process. */
void rbi_hosted_map_link(struct rbi_hosted *h, struct rbi_hosted_map *map);
/* Forget a mapping that was linked. */
void rbi_hosted_map_forget(struct rbi_hosted *h, struct rbi_hosted_map *map);

static inline bool rbi_hosted_map_is_gone(const struct rbi_hosted_map *map, uint64_t off)
{
	uint64_t page = off / RBI_PAGE;

	return map->gone && (map->gone[page / 64] >> page % 64 & 1);
}

/*
 * Make place for what comes to [base, base + len), as MAP_FIXED does. Nobody else can get
 * the place meanwhile: it stays mapped, untouchable and unknown. -ENOMEM, or -EOPNOTSUPP
 * for what hosted memory refuses to take apart.
 */
int rbi_hosted_map_vacate(struct rbi_hosted *h, void *base, uint64_t len);

#endif
