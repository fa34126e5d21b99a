/* SPDX-License-Identifier: MIT */
/*
 * host_map.c - the mappings of hosted memory.
 *
 * Mappings are found by address. Those whose accesses are routed have a slot, too:
 * a route is its number + 1 in the low 16 bits and, above, the offset into the
 * mapping at which the window began.
 */
#include "config.h"

#include <errno.h>
#include <sys/mman.h>

#include "host/host_frames.h"
#include "host/host_map_inner.h"

#define SLOT_BITS   16
#define SLOTS_MAX   ((1u << SLOT_BITS) - 1)
#define USER_END    ((uint64_t)1 << 47)
#define EAGER_PAGES 4096 /* pages of a physical mapping that are there untouched (probe 1) */

int rbi_hosted_memory_init(struct rbi_hosted *h)
{
	return rbi_hosted_frames_new(h->machine, &h->frames);
}

/* --- slots --------------------------------------------------------------------------- */

/* A slot for a mapping whose accesses are routed. */
static int take_slot(struct rbi_hosted *h, struct rbi_hosted_map *map)
{
	struct rbi_hosted_map **more;
	size_t i = h->routes_from, room;

	while (i < h->nroutes && h->routes[i])
		i++;
	if (i == SLOTS_MAX)
		return -ENOMEM;
	if (i == h->nroutes) {
		room = i + 16 + i / 2 < SLOTS_MAX ? i + 16 + i / 2 : SLOTS_MAX;
		more = rbi_realloc(h->routes, room, sizeof(struct rbi_hosted_map *));
		if (!more)
			return -ENOMEM;
		h->routes = more;
		for (; h->nroutes < room; h->nroutes++)
			h->routes[h->nroutes] = NULL;
	}
	h->routes[i] = map;
	h->routes_from = i + 1;
	map->slot = i;
	return 0;
}

static void give_slot(struct rbi_hosted *h, const struct rbi_hosted_map *map)
{
	h->routes[map->slot] = NULL;
	if (map->slot < h->routes_from)
		h->routes_from = map->slot;
}

/* --- mappings by address --------------------------------------------------------------- */

struct rbi_hosted_map *rbi_hosted_map_new(enum rbi_map_kind kind, uint64_t len)
{
	struct rbi_hosted_map *map = rbi_alloc(1, sizeof(*map));

	if (map) {
		map->kind = kind;
		map->len = len;
	}
	return map;
}

void rbi_hosted_map_free(struct rbi_hosted_map *map)
{
	rbi_free(map->gone);
	rbi_free(map);
}

void rbi_hosted_map_link(struct rbi_hosted *h, struct rbi_hosted_map *map)
{
	map->span.base = (uint64_t)(uintptr_t)map->base;
	map->span.len = map->len;
	rbi_span_insert(&h->maps, &map->span);
}

void rbi_hosted_map_forget(struct rbi_hosted *h, struct rbi_hosted_map *map)
{
	rbi_span_remove(&h->maps, &map->span);
	if (map->kind == RBI_MAP_ROUTED)
		give_slot(h, map);
	rbi_hosted_map_free(map);
}

/* The mapping around [addr, addr + len), or NULL. */
static struct rbi_hosted_map *find(const struct rbi_hosted *h, uint64_t addr, uint64_t len)
{
	struct rbi_span *s = rbi_span_from(&h->maps, addr);

	return s && rbi_span_holds(s, addr, len) ? (struct rbi_hosted_map *)s : NULL;
}

/* --- mapping ------------------------------------------------------------------------- */

static int protection(unsigned int prot)
{
	return (prot & RBI_PROT_READ ? PROT_READ : 0) | (prot & RBI_PROT_WRITE ? PROT_WRITE : 0);
}

/* At *base if @flags say MAP_FIXED, which needs the place to be vacant. */
static int anonymous(uint64_t len, int prot, int flags, uint8_t **base)
{
	void *place = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) ? *base : NULL;
	void *p = mmap(place, len, prot, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return errno == EEXIST ? -EEXIST : -ENOMEM;
	/* who does not know MAP_FIXED_NOREPLACE, as valgrind, takes the place for a wish */
	if (place && p != place) {
		munmap(p, len);
		return -EEXIST;
	}
	*base = p;
	return 0;
}

int rbi_hosted_map_physical(struct rbi_hosted *h, uint64_t phys, uint64_t len, unsigned int prot,
			    void **base)
{
	struct rbi_machine *m = h->machine;
	struct rbi_hosted_map *map;
	void *direct = NULL;
	int rc;

	map = rbi_hosted_map_new(RBI_MAP_ROUTED, len);
	if (!map)
		return -ENOMEM;
	map->phys = phys;
	map->writable = prot & RBI_PROT_WRITE;

	rc = m->ops->map(m, phys, len, &direct);
	if (rc == 0) {
		map->kind = RBI_MAP_DIRECT;
		map->base = direct;
		if (prot != (RBI_PROT_READ | RBI_PROT_WRITE))
			mprotect(direct, len, protection(prot));
	} else if (rc == -ENOTSUP) {
		rc = anonymous(len, PROT_NONE, MAP_PRIVATE, &map->base);
		if (rc == 0) {
			rc = take_slot(h, map);
			if (rc < 0)
				munmap(map->base, len);
		}
	}
	if (rc < 0) {
		rbi_hosted_map_free(map);
		return rc;
	}
	rbi_hosted_map_link(h, map);
	*base = map->base;
	return 0;
}

/* Bytes for the frames of @map, at @place if that is not NULL. */
static int map_ram(struct rbi_hosted *h, struct rbi_hosted_map *map, void *place)
{
	struct rbi_machine *m = h->machine;
	void *cpu = NULL, *moved;
	int rc;

	rc = m->ops->ram_map(m, map->phys, map->len, &cpu);
	if (rc < 0)
		return rc;
	moved = place ? mremap(cpu, map->len, map->len, MREMAP_MAYMOVE | MREMAP_FIXED, place) : cpu;
	if (moved == MAP_FAILED) {
		m->ops->ram_unmap(m, map->phys, map->len, cpu);
		return -ENOMEM;
	}
	map->base = moved;
	return 0;
}

static int fill_block(struct rbi_hosted *h, struct rbi_hosted_map *map, void *place)
{
	struct rbi_machine *m = h->machine;
	int rc;

	rc = map_ram(h, map, place);
	if (rc < 0)
		return rc;
	rc = m->ops->dma_map(m, map->phys, map->len, map->base, &map->shadow);
	if (rc < 0) {
		if (!place) /* else it is given up by the caller, once: a hole may be somebody else's */
			munmap(map->base, map->len);
		m->ops->ram_unmap(m, map->phys, map->len, NULL);
		return rc;
	}
	/* a child has no such mapping (probe 2) */
	madvise(map->base, map->len, MADV_DONTFORK);
	return 0;
}

static int map_block(struct rbi_hosted *h, uint64_t len, void *place, void **base)
{
	unsigned int order = 0;
	struct rbi_hosted_map *map;
	int rc;

	while (((uint64_t)RBI_PAGE << order) < len)
		order++;

	map = rbi_hosted_map_new(RBI_MAP_BLOCK, len);
	if (!map)
		return -ENOMEM;

	rc = rbi_hosted_frames_take(h->frames, order, &map->phys);
	if (rc == 0) {
		rc = fill_block(h, map, place);
		if (rc < 0)
			rbi_hosted_frames_give(h->frames, map->phys, (uint64_t)1 << order);
	}
	if (rc < 0) {
		rbi_hosted_map_free(map);
		return rc;
	}
	rbi_hosted_map_link(h, map);
	*base = map->base;
	return 0;
}

/* A place that a caller names: below the end of user addresses of x86-64. */
static int check_place(uint64_t len, const void *base)
{
	uint64_t place = (uint64_t)(uintptr_t)base;

	if (place == 0 || place % RBI_PAGE != 0 || place >= USER_END || len > USER_END - place)
		return -EINVAL;
	return 0;
}

/* MAP_FIXED at *base (contract 1.5): the place is to be vacant. */
static int take_place(struct rbi_hosted *h, uint64_t len, void *base)
{
	int rc = check_place(len, base);

	return rc < 0 ? rc : rbi_hosted_map_vacate(h, base, len);
}

int rbi_hosted_map_block(struct rbi_hosted *h, uint64_t len, unsigned int flags, void **base)
{
	void *place = NULL;
	int rc = 0;

	if (flags & RBI_MAP_FIXED) {
		place = *base;
		rc = take_place(h, len, place);
	}
	if (rc < 0)
		return rc;
	rc = len > RBI_HOSTED_BLOCK_MAX ? -ENOMEM : map_block(h, len, place, base);
	/* the kernel has unmapped the place before it finds that there is no memory */
	if (rc < 0 && place)
		munmap(place, len);
	return rc;
}

/* Anonymous memory; @flags of enum rbi_map_flag say where. */
static int map_anonymous(struct rbi_hosted *h, struct rbi_hosted_map *map, int prot,
			 unsigned int flags, void **base)
{
	int how = flags & RBI_MAP_SHARED ? MAP_SHARED : MAP_PRIVATE;
	int rc = 0;

	if (flags & RBI_MAP_FIXED) {
		how |= MAP_FIXED;
		rc = take_place(h, map->len, *base);
	} else if (flags & RBI_MAP_NOREPLACE) {
		how |= MAP_FIXED_NOREPLACE;
		rc = check_place(map->len, *base);
	}
	if (rc < 0)
		return rc;
	map->base = *base;
	rc = anonymous(map->len, prot, how, &map->base);
	if (rc < 0) {
		if (flags & RBI_MAP_FIXED)
			munmap(*base, map->len);
		return rc;
	}
	rbi_hosted_map_link(h, map);
	*base = map->base;
	return 0;
}

int rbi_hosted_map_plain(struct rbi_hosted *h, uint64_t len, unsigned int prot, unsigned int flags,
			 void **base)
{
	struct rbi_hosted_map *map = rbi_hosted_map_new(RBI_MAP_PLAIN, len);
	int rc;

	if (!map)
		return -ENOMEM;
	rc = map_anonymous(h, map, protection(prot), flags, base);
	if (rc < 0)
		rbi_hosted_map_free(map);
	return rc;
}

int rbi_hosted_memory_reserve(struct rbi_hosted *h, uint64_t len, unsigned int flags, void **base)
{
	struct rbi_hosted_map *map = rbi_hosted_map_new(RBI_MAP_RESERVED, len);
	int rc;

	if (!map)
		return -ENOMEM;
	rc = map_anonymous(h, map, PROT_NONE, flags, base);
	if (rc < 0)
		rbi_hosted_map_free(map);
	return rc;
}

/* --- looking at it ------------------------------------------------------------------- */

void rbi_hosted_memory_window(struct rbi_hosted *h, void *base, size_t len, struct rbi_window *out)
{
	uint64_t addr = (uint64_t)(uintptr_t)base;
	const struct rbi_hosted_map *map = find(h, addr, len);

	if (!map)
		return;
	if (map->kind == RBI_MAP_ROUTED) {
		addr -= map->span.base;
		out->route = addr << SLOT_BITS | (map->slot + 1);
		return;
	}
	if (map->kind == RBI_MAP_RESERVED)
		return;
	out->direct = len;
	out->shadow = map->shadow;
	out->shadow_off = map->kind == RBI_MAP_BLOCK ? addr - map->span.base : 0;
}

static int route_refused(struct rbi_hosted *h, const char *verb, uint64_t off, unsigned int width,
			 const char *why)
{
	rbi_hosted_violation(h, "%s of %u bytes at offset %#llx of a mapping: %s", verb, width,
			     (unsigned long long)off, why);
	return -EINVAL;
}

int rbi_hosted_memory_route(struct rbi_hosted *h, uint64_t route, uint64_t off, unsigned int width,
			    bool write, uint64_t *phys)
{
	const char *verb = write ? "a write" : "a read";
	size_t slot = (size_t)(route & SLOTS_MAX) - 1;
	uint64_t skip = route >> SLOT_BITS;
	const struct rbi_hosted_map *map = slot < h->nroutes ? h->routes[slot] : NULL;

	if (!map)
		return route_refused(h, verb, off, width, "it is not mapped");
	if (width != 1 && width != 2 && width != 4 && width != 8)
		return route_refused(h, verb, off, width, "there is no such width");
	if (skip > map->len || off > map->len - skip || width > map->len - skip - off)
		return route_refused(h, verb, off, width, "it passes the end");
	off += skip;
	if (off % width != 0)
		return route_refused(h, verb, off, width, "it is misaligned");
	if (rbi_hosted_map_is_gone(map, off))
		return route_refused(h, verb, off, width, "its page was unmapped");
	if (write && !map->writable)
		return route_refused(h, verb, off, width, "the mapping is read-only");
	*phys = map->phys + off;
	return 0;
}

int rbi_hosted_map_translate(struct rbi_hosted *h, uint64_t virt, uint64_t *phys)
{
	uint64_t page = virt & ~(uint64_t)(RBI_PAGE - 1);
	const struct rbi_hosted_map *map = find(h, page, RBI_PAGE);
	uint64_t off;

	if (!map || map->kind == RBI_MAP_PLAIN || map->kind == RBI_MAP_RESERVED)
		return -ENOENT;
	off = page - map->span.base;
	if (rbi_hosted_map_is_gone(map, off) ||
	    (map->kind != RBI_MAP_BLOCK && off / RBI_PAGE >= EAGER_PAGES))
		return -ENOENT;
	*phys = map->phys + off;
	return 0;
}
