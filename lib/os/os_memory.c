/* SPDX-License-Identifier: MIT */
/*
 * os_memory.c - speak to /scheme/memory.
 *
 * A handle of this scheme carries no state and a mapping outlives it (contract
 * 1.2, probe 1), and mappings are made once in a driver's life: so handles are
 * opened, used and closed. Pages of the program's own are translated for every
 * packet: the handle for that is kept.
 */
#include "config.h"

#include "core/detail.h"
#include "os/os_memory.h"

#define SCHEME "memory"

/* The type may not be left out (probe 1). */
#define ZEROED (RBI_DMA_SEES_CACHES ? "zeroed@wb?phys_contiguous" : "zeroed@uc?phys_contiguous")

static const char *const physical[] = {
	[RBI_CACHE_UC] = "physical@uc",
	[RBI_CACHE_WC] = "physical@wc",
	[RBI_CACHE_WB] = "physical@wb",
};

/*
 * Arguments were checked before the system saw them, so of its refusals only
 * those make sense that speak of permission, memory, or what is there at all.
 */
static int narrow(int rc)
{
	switch (rc) {
	case -EACCES:
	case -ENOMEM:
	case -ENODEV:
	case -ENOTSUP:
		return rc;
	default:
		return -EIO;
	}
}

static int open_memory(struct rbi_os *os, const char *name)
{
	int fd = rbi_os_open(os, SCHEME, name, RBI_O_RDWR);

	if (fd == -ENOENT) /* what this scheme says to a type or flag it does not know */
		return rbi_fail(-ENOTSUP, "the memory scheme here has no '%s'", name);
	return fd < 0 ? narrow(fd) : fd;
}

/* May a mapping at @place that was interrupted be tried again? Only if the place, which may
 * be nobody's now, could be reserved again. */
static bool is_still_ours(struct rbi_os *os, void *place, size_t len)
{
	return !place || os->sys->ops->reserve(os->sys, len, RBI_MAP_NOREPLACE, &place) == 0;
}

/* Map @len bytes of @fd, at *pages with RBI_MAP_FIXED, and learn how they may be reached.
 * The caller words a refusal: the answer is the system's own code. */
static int map_fd(struct rbi_os *os, int fd, size_t len, unsigned int flags, uint64_t off,
		  void **pages, struct rbi_window *win)
{
	void *place = flags & RBI_MAP_FIXED ? *pages : NULL;
	unsigned int tries = 0;
	int rc;

	*win = (struct rbi_window){ 0 };
	do {
		*pages = place;
		rc = os->sys->ops->mmap(os->sys, fd, len, RBI_PROT_READ | RBI_PROT_WRITE, flags,
					off, pages);
	} while (rbi_os_interrupted(rc, &tries) && is_still_ours(os, place, len));
	if (rc == 0 && !*pages)
		rc = -EFAULT;
	if (rc == 0)
		os->sys->ops->window(os->sys, *pages, len, win);
	return rc;
}

static void unmap(struct rbi_os *os, void *pages, size_t len)
{
	int rc = os->sys->ops->munmap(os->sys, pages, len);

	if (rc < 0)
		rbi_log(os->sys->ctx, RB_LOG_ERROR, "unmapping %zu bytes at %p: error %d", len,
			pages, -rc);
}

/* --- physical mappings --------------------------------------------------------------- */

static int check_range(uint64_t phys, uint64_t len)
{
	if (len == 0)
		return rbi_fail(-EINVAL, "mapping physical %#llx: no bytes",
				(unsigned long long)phys);
	if (phys < RBI_PAGE) /* a kernel panic (contract 1.4) */
		return rbi_fail(-EINVAL, "mapping physical %#llx: page 0 is never mapped",
				(unsigned long long)phys);
	if (len > RBI_PHYS_LEN_MAX || len > SIZE_MAX - 2 * RBI_PAGE)
		return rbi_fail(-ERANGE, "mapping physical %#llx: %#llx bytes are too many",
				(unsigned long long)phys, (unsigned long long)len);
	if (phys > RBI_PHYS_END - len)
		return rbi_fail(-ERANGE, "mapping physical %#llx: %#llx bytes end above 2^52",
				(unsigned long long)phys, (unsigned long long)len);
	return 0;
}

static int phys_map_failed(int err, uint64_t phys, uint64_t len)
{
	if (err == -EPERM) /* contract 1.4 */
		return rbi_fail(-EACCES, "mapping physical %#llx, %#llx bytes: it lies in RAM",
				(unsigned long long)phys, (unsigned long long)len);
	return narrow(rbi_os_fail(err, "mapping physical %#llx, %#llx bytes",
				  (unsigned long long)phys, (unsigned long long)len));
}

static void list_map(struct rbi_os *os, struct rbi_phys_map *map)
{
	pthread_mutex_lock(&os->phys_lock);
	map->next = os->phys_maps;
	map->at = &os->phys_maps;
	if (map->next)
		map->next->at = &map->next;
	os->phys_maps = map;
	pthread_mutex_unlock(&os->phys_lock);
}

static void unlist_map(struct rbi_os *os, struct rbi_phys_map *map)
{
	pthread_mutex_lock(&os->phys_lock);
	*map->at = map->next;
	if (map->next)
		map->next->at = map->at;
	pthread_mutex_unlock(&os->phys_lock);
}

bool rbi_os_is_phys(struct rbi_os *os, uint64_t from, uint64_t len)
{
	const struct rbi_phys_map *map;
	uint64_t pages;

	pthread_mutex_lock(&os->phys_lock);
	for (map = os->phys_maps; map; map = map->next) {
		pages = (uint64_t)(uintptr_t)map->pages;
		if (from - pages < map->pages_len || pages - from < len)
			break;
	}
	pthread_mutex_unlock(&os->phys_lock);
	return map != NULL;
}

int rbi_os_phys_map(struct rbi_os *os, uint64_t phys, uint64_t len, enum rbi_cache cache,
		    struct rbi_phys_map *map)
{
	int fd, rc;

	rc = check_range(phys, len);
	if (rc < 0)
		return rc;

	fd = open_memory(os, physical[cache]);
	if (fd < 0)
		return fd;

	map->skew = (size_t)(phys % RBI_PAGE);
	map->pages_len = (size_t)rbi_round_up(map->skew + len, RBI_PAGE);
	rc = map_fd(os, fd, map->pages_len, RBI_MAP_SHARED, phys - map->skew, &map->pages,
		    &map->win);
	if (rc < 0)
		rc = phys_map_failed(rc, phys, len);
	else
		list_map(os, map);
	rbi_os_close(os, fd);
	return rc;
}

void rbi_os_phys_unmap(struct rbi_os *os, struct rbi_phys_map *map)
{
	unlist_map(os, map);
	unmap(os, map->pages, map->pages_len);
}

/* --- DMA blocks ------------------------------------------------------------------------ */

/* The block that Redox really takes for @size bytes (contract 1.5). */
static uint64_t block_len(uint64_t size)
{
	uint64_t len = RBI_PAGE;

	while (len < size)
		len *= 2;
	return len;
}

static int begin_block(uint64_t size, struct rbi_dma_block *block)
{
	if (size == 0)
		return rbi_fail(-EINVAL, "a DMA block of no bytes");
	if (size > RBI_DMA_BLOCK_MAX)
		return rbi_fail(-ENOMEM, "a DMA block of %llu bytes: Redox has none above %llu",
				(unsigned long long)size, (unsigned long long)RBI_DMA_BLOCK_MAX);
	block->off = 0;
	block->len = block_len(size);
	return 0;
}

/* Map a block at @place, or anywhere for NULL. @disturbed tells whether mmap was asked. */
static int take_block(struct rbi_os *os, void *place, struct rbi_dma_block *block, bool *disturbed)
{
	/* MAP_SHARED is refused for contiguous memory (contract 1.5) */
	unsigned int flags = RBI_MAP_PRIVATE | (place ? RBI_MAP_FIXED : 0);
	struct rbi_window win;
	int fd, rc;

	*disturbed = false;
	fd = open_memory(os, ZEROED);
	if (fd < 0)
		return fd;

	*disturbed = true;
	block->cpu = place;
	rc = map_fd(os, fd, (size_t)block->len, flags, 0, &block->cpu, &win);
	rbi_os_close(os, fd);
	if (rc < 0)
		return narrow(rbi_os_fail(rc, "allocating %llu contiguous bytes",
					  (unsigned long long)block->len));
	if ((place && block->cpu != place) || win.direct < block->len) {
		unmap(os, block->cpu, (size_t)block->len);
		return rbi_fail(-EIO, "allocating %llu contiguous bytes: they %s",
				(unsigned long long)block->len,
				place && block->cpu != place ? "lie elsewhere" : "cannot be touched");
	}
	block->shadow = win.shadow;
	return 0;
}

/* The physical address of the page at @page, which is aligned and has been touched;
 * or the system's own code. */
static int ask(struct rbi_os *os, int fd, uint64_t page, uint64_t *phys)
{
	static const uint64_t no_meta; /* must be a valid pointer (contract 0.7) */
	unsigned int tries = 0;
	ssize_t rc;

	*phys = page;
	do
		rc = os->sys->ops->call(os->sys, fd, phys, sizeof(*phys), RBI_CALL_READ, &no_meta,
					0);
	while (rbi_os_interrupted(rc, &tries));
	return rc < 0 ? (int)rc : 0;
}

/* Check and fold what ask() answered. */
static int answered(int rc, uint64_t page, uint64_t phys)
{
	if (rc < 0)
		return narrow(rbi_os_fail(rc, "translating %#llx", (unsigned long long)page));
	if (phys == 0 || phys % RBI_PAGE != 0 || phys >= RBI_PHYS_END)
		return rbi_fail(-EIO, "translating %#llx: physical address %#llx makes no sense",
				(unsigned long long)page, (unsigned long long)phys);
	return 0;
}

static int translate(struct rbi_os *os, int fd, const volatile uint8_t *page, uint64_t *phys)
{
	uint64_t addr = (uint64_t)(uintptr_t)page;
	int rc = ask(os, fd, addr, phys);

	return answered(rc, addr, *phys);
}

/* Learn where the block lies, and that it is one piece. */
static int locate_with(struct rbi_os *os, int fd, struct rbi_dma_block *block)
{
	volatile uint8_t *first = block->cpu;
	volatile uint8_t *last = first + (block->len - RBI_PAGE);
	uint64_t end = 0;
	int rc;

	/* a page that was never touched translates to the shared zero page (probe 2) */
	*first = 0;
	*last = 0;

	rc = translate(os, fd, first, &block->phys);
	if (rc == 0)
		rc = translate(os, fd, last, &end);
	if (rc < 0)
		return rc;
	if (end < block->phys || end - block->phys != block->len - RBI_PAGE)
		return rbi_fail(-EIO, "a DMA block of %llu bytes is not contiguous",
				(unsigned long long)block->len);
	return 0;
}

static int locate(struct rbi_os *os, struct rbi_dma_block *block)
{
	int fd, rc;

	fd = open_memory(os, "translation");
	if (fd < 0)
		return fd;
	rc = locate_with(os, fd, block);
	rbi_os_close(os, fd);
	return rc;
}

int rbi_os_dma_alloc(struct rbi_os *os, uint64_t size, struct rbi_dma_block *block)
{
	bool disturbed;
	int rc;

	rc = begin_block(size, block);
	if (rc == 0)
		rc = take_block(os, NULL, block, &disturbed);
	if (rc < 0)
		return rc;
	rc = locate(os, block);
	if (rc < 0)
		rbi_os_dma_free(os, block);
	return rc;
}

void rbi_os_dma_free(struct rbi_os *os, const struct rbi_dma_block *block)
{
	unmap(os, block->cpu, (size_t)block->len);
}

void rbi_os_dma_release(struct rbi_os *os, void *cpu, uint64_t len)
{
	unmap(os, cpu, (size_t)len);
}

/* --- blocks side by side ----------------------------------------------------------------- */

static int reserve(struct rbi_os *os, uint64_t len, unsigned int flags, void **base)
{
	void *place = *base;
	unsigned int tries = 0;
	int rc;

	do {
		*base = place;
		rc = os->sys->ops->reserve(os->sys, (size_t)len, flags, base);
	} while (rbi_os_interrupted(rc, &tries));
	if (rc == 0 && !*base)
		rc = -EFAULT;
	if (rc == 0 && flags != 0 && *base != place) {
		unmap(os, *base, (size_t)len);
		rc = -EFAULT;
	}
	return rc;
}

int rbi_os_dma_reserve(struct rbi_os *os, uint64_t len, struct rbi_dma_room *room)
{
	void *base = NULL;
	int rc;

	*room = (struct rbi_dma_room){ .len = len };
	rc = reserve(os, len, 0, &base);
	if (rc < 0)
		return narrow(rbi_os_fail(rc, "reserving %llu bytes of address space",
					  (unsigned long long)len));
	room->base = base;
	return 0;
}

/* Reserve a place in @room again. */
static int fill_place(struct rbi_os *os, struct rbi_dma_room *room, uint64_t off, uint64_t len,
		      unsigned int flags)
{
	void *place = room->base + off;
	int rc;

	rc = reserve(os, len, flags, &place);
	if (rc == 0)
		return 0;
	room->lost_off = off;
	room->lost_len = len;
	return rbi_fail(-EIO, "%llu bytes of reserved address space are lost: error %d",
			(unsigned long long)len, -rc);
}

int rbi_os_dma_alloc_in(struct rbi_os *os, struct rbi_dma_room *room, uint64_t off, uint64_t size,
			struct rbi_dma_block *block)
{
	struct rbi_detail detail;
	bool disturbed = false, taken;
	int rc;

	rc = begin_block(size, block);
	if (rc == 0)
		rc = take_block(os, room->base + off, block, &disturbed);
	taken = rc == 0;
	if (taken)
		rc = locate(os, block);
	if (rc == 0 || !disturbed)
		return rc;
	/* a place that may be nobody's now is not taken from anybody */
	rbi_detail_keep(&detail);
	(void)fill_place(os, room, off, block->len, taken ? RBI_MAP_FIXED : RBI_MAP_NOREPLACE);
	rbi_detail_restore(&detail);
	return rc;
}

int rbi_os_dma_clear(struct rbi_os *os, struct rbi_dma_room *room,
		     const struct rbi_dma_block *block)
{
	uint64_t off = (uint64_t)((uint8_t *)block->cpu - room->base);

	return fill_place(os, room, off, block->len, RBI_MAP_FIXED);
}

void rbi_os_dma_abandon(struct rbi_os *os, const struct rbi_dma_room *room)
{
	uint64_t end = room->lost_off + room->lost_len;

	if (room->lost_off > 0)
		unmap(os, room->base, (size_t)room->lost_off);
	if (room->len > end)
		unmap(os, room->base + end, (size_t)(room->len - end));
}

/* --- pages of the program's own ---------------------------------------------------------- */

/* The context's descriptor for translations. Two threads may open it at once: one
 * of the two descriptors stays. */
static int translation(struct rbi_os *os)
{
	int none = -1;
	int fd = atomic_load(&os->translation);

	if (fd >= 0)
		return fd;
	fd = open_memory(os, "translation");
	if (fd < 0 || atomic_compare_exchange_strong(&os->translation, &none, fd))
		return fd;
	rbi_os_close(os, fd);
	return none;
}

int rbi_os_locate_page(struct rbi_os *os, volatile uint8_t *byte, struct rbi_os_page *page)
{
	uint64_t addr = (uint64_t)(uintptr_t)byte;
	uint64_t first = addr - addr % RBI_PAGE;
	struct rbi_window win = { 0 };
	int fd, rc;

	os->sys->ops->window(os->sys, (void *)(uintptr_t)first, RBI_PAGE, &win);
	if (win.route != 0) /* hosted: nothing stands behind its addresses */
		return rbi_fail(-EINVAL, "%#llx is a register window, not memory",
				(unsigned long long)addr);
	*byte = *byte;

	fd = translation(os);
	if (fd < 0)
		return fd;
	rc = ask(os, fd, first, &page->phys);
	if (rc == -ENOENT)
		return rc;
	page->shadow = win.shadow;
	page->shadow_off = win.shadow_off;
	return answered(rc, first, page->phys);
}
