/* SPDX-License-Identifier: MIT */
/*
 * host_map.c - the mappings of hosted memory.
 *
 * A page that is unmapped before the rest of its mapping becomes untouchable at
 * once, and its frame comes back when the whole mapping is gone: machines know
 * whole mappings only.
 *
 * Mappings are found by address. Those whose accesses are routed have a slot, too:
 * a route is its number + 1 in the low 16 bits and, above, the offset into the
 * mapping at which the window began.
 */
#include "config.h"

#include <sys/mman.h>

#include "host/host_frames.h"
#include "host/host_map.h"

#define SLOT_BITS   16
#define SLOTS_MAX   ((1u << SLOT_BITS) - 1)
#define EAGER_PAGES 4096 /* pages of a physical mapping that are there untouched (probe 1) */

enum kind {
	ROUTED, /* physical; a PROT_NONE reservation */
	DIRECT, /* physical; the machine mapped it */
	BLOCK, /* contiguous RAM */
	PLAIN /* anonymous memory */
};

struct rbi_hosted_map {
	struct rbi_span span; /* first: where it is; in h->maps once that is known */
	enum kind kind;
	uint8_t *base;
	uint64_t len;
	uint64_t phys; /* ROUTED, DIRECT, BLOCK */
	size_t slot; /* ROUTED */
	uint32_t shadow; /* BLOCK */
	bool writable; /* ROUTED */
	uint64_t *gone; /* a bit per page that was unmapped; NULL: none */
	uint64_t ngone;
};

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

static struct rbi_hosted_map *new_map(enum kind kind, uint64_t len)
{
	struct rbi_hosted_map *map = rbi_alloc(1, sizeof(*map));

	if (map) {
		map->kind = kind;
		map->len = len;
	}
	return map;
}

static void free_map(struct rbi_hosted_map *map)
{
	rbi_free(map->gone);
	rbi_free(map);
}

/* The mapping has its place in this process. */
static void link_in(struct rbi_hosted *h, struct rbi_hosted_map *map)
{
	map->span.base = (uint64_t)(uintptr_t)map->base;
	map->span.len = map->len;
	rbi_span_insert(&h->maps, &map->span);
}

/* Forget a mapping. */
static void link_out(struct rbi_hosted *h, struct rbi_hosted_map *map)
{
	rbi_span_remove(&h->maps, &map->span);
	if (map->kind == ROUTED)
		give_slot(h, map);
	free_map(map);
}

static bool is_gone(const struct rbi_hosted_map *map, uint64_t off)
{
	uint64_t page = off / RBI_PAGE;

	return map->gone && (map->gone[page / 64] >> page % 64 & 1);
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

static int anonymous(uint64_t len, int prot, int flags, uint8_t **base)
{
	void *p = mmap(NULL, len, prot, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -ENOMEM;
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

	map = new_map(ROUTED, len);
	if (!map)
		return -ENOMEM;
	map->phys = phys;
	map->writable = prot & RBI_PROT_WRITE;

	rc = m->ops->map(m, phys, len, &direct);
	if (rc == 0) {
		map->kind = DIRECT;
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
		free_map(map);
		return rc;
	}
	link_in(h, map);
	*base = map->base;
	return 0;
}

static int fill_block(struct rbi_hosted *h, struct rbi_hosted_map *map)
{
	struct rbi_machine *m = h->machine;
	void *cpu = NULL;
	int rc;

	rc = m->ops->ram_map(m, map->phys, map->len, &cpu);
	if (rc < 0)
		return rc;
	rc = m->ops->dma_map(m, map->phys, map->len, cpu, &map->shadow);
	if (rc < 0) {
		m->ops->ram_unmap(m, map->phys, map->len, cpu);
		return rc;
	}
	madvise(cpu, map->len, MADV_DONTFORK); /* a child has no such mapping (probe 2) */
	map->base = cpu;
	return 0;
}

int rbi_hosted_map_block(struct rbi_hosted *h, uint64_t len, void **base)
{
	unsigned int order = 0;
	struct rbi_hosted_map *map;
	int rc;

	while (((uint64_t)RBI_PAGE << order) < len)
		order++;

	map = new_map(BLOCK, len);
	if (!map)
		return -ENOMEM;

	rc = rbi_hosted_frames_take(h->frames, order, &map->phys);
	if (rc == 0) {
		rc = fill_block(h, map);
		if (rc < 0)
			rbi_hosted_frames_give(h->frames, map->phys, (uint64_t)1 << order);
	}
	if (rc < 0) {
		free_map(map);
		return rc;
	}
	link_in(h, map);
	*base = map->base;
	return 0;
}

int rbi_hosted_map_plain(struct rbi_hosted *h, uint64_t len, unsigned int prot, unsigned int flags,
			 void **base)
{
	struct rbi_hosted_map *map;
	int rc;

	map = new_map(PLAIN, len);
	if (!map)
		return -ENOMEM;
	rc = anonymous(len, protection(prot), flags & RBI_MAP_SHARED ? MAP_SHARED : MAP_PRIVATE,
		       &map->base);
	if (rc < 0) {
		free_map(map);
		return rc;
	}
	link_in(h, map);
	*base = map->base;
	return 0;
}

/* --- unmapping ----------------------------------------------------------------------- */

static void release_block(struct rbi_hosted *h, struct rbi_hosted_map *map)
{
	struct rbi_machine *m = h->machine;

	if (map->gone) /* the machine may look at the bytes once more */
		mprotect(map->base, map->len, PROT_READ | PROT_WRITE);
	m->ops->dma_unmap(m, map->phys, map->len, map->shadow);
	m->ops->ram_unmap(m, map->phys, map->len, map->base);
	/* what the block had beyond len is lost (probe 2) */
	rbi_hosted_frames_give(h->frames, map->phys, map->len / RBI_PAGE);
}

static void release(struct rbi_hosted *h, struct rbi_hosted_map *map)
{
	switch (map->kind) {
	case DIRECT:
		h->machine->ops->unmap(h->machine, map->phys, map->len, map->base);
		break;
	case BLOCK:
		release_block(h, map);
		break;
	default:
		munmap(map->base, map->len);
		break;
	}
	link_out(h, map);
}

/* Unmap [off, off + len) of a mapping. */
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
			map->ngone += !is_gone(map, page * RBI_PAGE);
			map->gone[page / 64] |= (uint64_t)1 << page % 64;
		}
		mprotect(map->base + off, len, PROT_NONE);
	}
	if (len == map->len || map->ngone == map->len / RBI_PAGE)
		release(h, map);
	return 0;
}

int rbi_hosted_memory_munmap(struct rbi_hosted *h, void *base, size_t len)
{
	uint64_t lo = (uint64_t)(uintptr_t)base;
	uint64_t hi, first, last;
	struct rbi_span *s, *next;
	int rc;

	if (lo % RBI_PAGE != 0 || len == 0 || len > SIZE_MAX - lo - (RBI_PAGE - 1))
		return -EINVAL;
	hi = lo + rbi_round_up(len, RBI_PAGE);

	for (s = rbi_span_from(&h->maps, lo); s && s->base < hi; s = next) {
		next = rbi_span_after(&h->maps, s);
		first = s->base;
		last = first + s->len;
		rc = unmap_part(h, (struct rbi_hosted_map *)s, (lo > first ? lo : first) - first,
				(hi < last ? hi : last) - (lo > first ? lo : first));
		if (rc < 0)
			return rc;
	}
	return 0; /* also when nothing was there (probe 1) */
}

void rbi_hosted_memory_destroy(struct rbi_hosted *h, bool forked)
{
	struct rbi_hosted_map *map;

	while (h->maps.root) {
		map = (struct rbi_hosted_map *)h->maps.root;
		if (!forked)
			release(h, map);
		else if (map->kind == ROUTED || map->kind == PLAIN)
			release(h, map); /* inherited, and ours alone */
		else
			link_out(h, map); /* the child has no such mapping */
	}
	rbi_free(h->routes);
	rbi_hosted_frames_free(h->frames);
}

/* --- looking at it ------------------------------------------------------------------- */

void rbi_hosted_memory_window(struct rbi_hosted *h, void *base, size_t len, struct rbi_window *out)
{
	uint64_t addr = (uint64_t)(uintptr_t)base;
	const struct rbi_hosted_map *map = find(h, addr, len);

	if (!map)
		return;
	if (map->kind == ROUTED) {
		addr -= map->span.base;
		out->route = addr << SLOT_BITS | (map->slot + 1);
		return;
	}
	out->direct = len;
	out->shadow = map->shadow;
	out->shadow_off = map->kind == BLOCK ? addr - map->span.base : 0;
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
	if (is_gone(map, off))
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

	if (!map || map->kind == PLAIN)
		return -ENOENT;
	off = page - map->span.base;
	if (is_gone(map, off) || (map->kind != BLOCK && off / RBI_PAGE >= EAGER_PAGES))
		return -ENOENT;
	*phys = map->phys + off;
	return 0;
}
