/* SPDX-License-Identifier: MIT */
/*
 * host_unmap.c - how mappings of hosted memory go.
 *
 * Anonymous memory is taken apart page by page. A page of any other mapping that is
 * unmapped before the rest of it becomes untouchable at once, and its frame comes back
 * when the whole mapping is gone: machines know whole mappings only.
 */
#include "config.h"

#include <errno.h>
#include <sys/mman.h>

#include "host/host_frames.h"
#include "host/host_map_inner.h"

/* What stands where a mapping was. A place that is about to be filled stays taken, or
 * another thread of this process might get it. */
enum leave { HOLE, PLACE };

static void leave_pages(void *base, uint64_t len, enum leave leave)
{
	if (leave == HOLE)
		munmap(base, len);
	else
		mmap(base, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
		     -1, 0);
}

static void release_block(struct rbi_hosted *h, struct rbi_hosted_map *map, enum leave leave)
{
	struct rbi_machine *m = h->machine;

	if (map->gone) /* the machine may look at the bytes once more */
		mprotect(map->base, map->len, PROT_READ | PROT_WRITE);
	m->ops->dma_unmap(m, map->phys, map->len, map->shadow);
	leave_pages(map->base, map->len, leave);
	m->ops->ram_unmap(m, map->phys, map->len, NULL);
	/* what the block had beyond len is lost (probe 2) */
	rbi_hosted_frames_give(h->frames, map->phys, map->len / RBI_PAGE);
}

static void release(struct rbi_hosted *h, struct rbi_hosted_map *map, enum leave leave)
{
	switch (map->kind) {
	case RBI_MAP_DIRECT:
		h->machine->ops->unmap(h->machine, map->phys, map->len, map->base);
		break;
	case RBI_MAP_BLOCK:
		release_block(h, map, leave);
		break;
	default:
		leave_pages(map->base, map->len, leave);
		break;
	}
	rbi_hosted_map_forget(h, map);
}

/* --- part of a mapping ------------------------------------------------------------------ */

static bool is_anonymous(const struct rbi_hosted_map *map)
{
	return map->kind == RBI_MAP_PLAIN || map->kind == RBI_MAP_RESERVED;
}

/* Take [off, off + len) out of anonymous memory, of which the rest is one or two others. */
static int cut(struct rbi_hosted *h, struct rbi_hosted_map *map, uint64_t off, uint64_t len,
	       enum leave leave)
{
	struct rbi_hosted_map *tail = NULL;
	uint64_t end = off + len;

	if (off == 0 && end == map->len) {
		release(h, map, leave);
		return 0;
	}
	if (off > 0 && end < map->len) {
		tail = rbi_hosted_map_new(map->kind, map->len - end);
		if (!tail)
			return -ENOMEM;
		tail->base = map->base + end;
	}
	leave_pages(map->base + off, len, leave);
	rbi_span_remove(&h->maps, &map->span);
	if (off > 0) {
		map->len = off;
	} else {
		map->base += end;
		map->len -= end;
	}
	rbi_hosted_map_link(h, map);
	if (tail)
		rbi_hosted_map_link(h, tail);
	return 0;
}

/* Unmap [off, off + len) of what has frames or registers behind it. */
static int unmap_part(struct rbi_hosted *h, struct rbi_hosted_map *map, uint64_t off, uint64_t len)
{
	uint64_t page;

	if (len < map->len && !map->gone) {
		map->gone = rbi_alloc((size_t)(map->len / RBI_PAGE + 63) / 64, sizeof(uint64_t));
		if (!map->gone)
			return -ENOMEM;
	}
	if (len < map->len) {
		for (page = off / RBI_PAGE; page < (off + len) / RBI_PAGE; page++) {
			map->ngone += !rbi_hosted_map_is_gone(map, page * RBI_PAGE);
			map->gone[page / 64] |= (uint64_t)1 << page % 64;
		}
		mprotect(map->base + off, len, PROT_NONE);
	}
	if (len == map->len || map->ngone == map->len / RBI_PAGE)
		release(h, map, HOLE);
	return 0;
}

/* --- a range of addresses --------------------------------------------------------------- */

struct range {
	uint64_t lo, hi;
};

/* The part of @s in @r: bytes into @s, and how many. */
static void part_of(const struct rbi_span *s, struct range r, uint64_t *off, uint64_t *len)
{
	uint64_t end = s->base + s->len < r.hi ? s->base + s->len : r.hi;

	*off = r.lo > s->base ? r.lo - s->base : 0;
	*len = end - s->base - *off;
}

int rbi_hosted_memory_munmap(struct rbi_hosted *h, void *base, size_t len)
{
	struct range r = { (uint64_t)(uintptr_t)base, 0 };
	struct rbi_hosted_map *map;
	struct rbi_span *s, *next;
	uint64_t off, n;
	int rc = 0;

	if (r.lo % RBI_PAGE != 0 || len == 0 || len > SIZE_MAX - r.lo - (RBI_PAGE - 1))
		return -EINVAL;
	r.hi = r.lo + rbi_round_up(len, RBI_PAGE);

	for (s = rbi_span_from(&h->maps, r.lo); s && s->base < r.hi && rc == 0; s = next) {
		next = rbi_span_after(&h->maps, s);
		map = (struct rbi_hosted_map *)s;
		part_of(s, r, &off, &n);
		rc = is_anonymous(map) ? cut(h, map, off, n, HOLE) : unmap_part(h, map, off, n);
	}
	return rc; /* 0 also when nothing was there (probe 1) */
}

/* Anonymous memory, and whole blocks. */
static bool can_vacate(const struct rbi_hosted *h, struct range r)
{
	const struct rbi_hosted_map *map;
	struct rbi_span *s;

	for (s = rbi_span_from(&h->maps, r.lo); s && s->base < r.hi;
	     s = rbi_span_after(&h->maps, s)) {
		map = (struct rbi_hosted_map *)s;
		if (!is_anonymous(map) && (map->kind != RBI_MAP_BLOCK || s->base < r.lo ||
					   s->base + s->len > r.hi))
			return false;
	}
	return true;
}

int rbi_hosted_map_vacate(struct rbi_hosted *h, void *base, uint64_t len)
{
	struct range r = { (uint64_t)(uintptr_t)base, (uint64_t)(uintptr_t)base + len };
	struct rbi_hosted_map *map;
	struct rbi_span *s, *next;
	uint64_t off, n;
	int rc = 0;

	if (!can_vacate(h, r))
		return -EOPNOTSUPP;
	for (s = rbi_span_from(&h->maps, r.lo); s && s->base < r.hi && rc == 0; s = next) {
		next = rbi_span_after(&h->maps, s);
		map = (struct rbi_hosted_map *)s;
		part_of(s, r, &off, &n);
		if (is_anonymous(map))
			rc = cut(h, map, off, n, PLACE);
		else
			release(h, map, PLACE);
	}
	return rc;
}

void rbi_hosted_memory_destroy(struct rbi_hosted *h, bool forked)
{
	struct rbi_hosted_map *map;

	while (h->maps.root) {
		map = (struct rbi_hosted_map *)h->maps.root;
		if (!forked)
			release(h, map, HOLE);
		else if (map->kind == RBI_MAP_ROUTED || is_anonymous(map))
			release(h, map, HOLE); /* inherited, and ours alone */
		else
			rbi_hosted_map_forget(h, map); /* the child has no such mapping */
	}
	rbi_free(h->routes);
	rbi_hosted_frames_free(h->frames);
}
