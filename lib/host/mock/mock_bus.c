/* SPDX-License-Identifier: MIT */
/*
 * mock_bus.c - who answers at an address, and the way there.
 *
 * Regions are sorted and disjoint. They are made by the first access after a BAR has
 * moved, so that looking at the configuration of thousands of functions, which moves
 * every BAR, makes none. An access finds its own by one compare when it is the one of
 * the access before, else by bisection.
 */
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "host/mock/mock_regs.h"

static int grow(struct mock_space *space, size_t room)
{
	struct mock_region *regions;

	if (room <= space->room)
		return 0;
	regions = rbi_realloc(space->regions, room, sizeof(*regions));
	if (!regions)
		return rbi_no_memory("the mock's address space");
	space->regions = regions;
	space->room = room;
	return 0;
}

/* Half as much again and 16, so that many devices cost few allocations. */
int rbi_mock_space_grow(struct mock *mock)
{
	size_t need = (mock->ndevs + 1) * (MOCK_BARS + 1);
	size_t room = need + need / 2 + 16;
	int rc = 0;

	if (need > mock->mem.room)
		rc = grow(&mock->mem, room);
	if (rc == 0 && need > mock->io.room)
		rc = grow(&mock->io, room);
	return rc;
}

/* --- rebuilding ---------------------------------------------------------------------- */

static void add_all(struct mock *mock, bool gone, unsigned int *rank)
{
	struct rb_mock_dev *dev;
	unsigned int i;

	for (dev = mock->devs; dev; dev = dev->next) {
		for (i = 0; i <= MOCK_ROM && dev->gone == gone; i++) {
			const struct mock_bar *bar = &dev->bars[i];
			struct mock_space *space =
				bar->flags & RB_MOCK_BAR_IO ? &mock->io : &mock->mem;

			if (bar->size == 0 || !bar->mapped)
				continue;
			space->regions[space->count++] = (struct mock_region){
				bar->base, bar->size, dev, i, (*rank)++
			};
		}
	}
}

static int by_base(const void *a, const void *b)
{
	const struct mock_region *x = a, *y = b;

	if (x->base != y->base)
		return x->base < y->base ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Two BARs at one address: the first plugged in answers. */
static void settle(struct mock_space *space)
{
	struct mock_region *r = space->regions;
	size_t i, kept = 0;

	if (space->count > 1)
		qsort(r, space->count, sizeof(*r), by_base);
	for (i = 0; i < space->count; i++) {
		if (kept > 0 && r[i].base - r[kept - 1].base < r[kept - 1].size) {
			if (r[i].rank < r[kept - 1].rank)
				r[kept - 1] = r[i];
			continue;
		}
		r[kept++] = r[i];
	}
	space->count = kept;
	space->last = 0;
	space->stale = false;
}

static void rebuild(struct mock *mock)
{
	unsigned int rank = 0;

	mock->mem.count = mock->io.count = 0;
	add_all(mock, false, &rank);
	add_all(mock, true, &rank);
	settle(&mock->mem);
	settle(&mock->io);
}

void rbi_mock_space_stale(struct mock *mock)
{
	mock->mem.count = mock->io.count = 0;
	mock->mem.stale = mock->io.stale = true;
}

void rbi_mock_space_free(struct mock *mock)
{
	rbi_free(mock->mem.regions);
	rbi_free(mock->io.regions);
}

static const struct mock_region *bisect(struct mock_space *space, uint64_t at)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct mock_region *r = &space->regions[mid];

		if (at - r->base < r->size) {
			space->last = mid;
			return r;
		}
		if (at < r->base)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* The region that holds all of [at, at + width), or NULL. */
static const struct mock_region *find(struct mock *mock, struct mock_space *space, uint64_t at,
				      unsigned int width)
{
	const struct mock_region *r;

	if (RB_UNLIKELY(space->stale))
		rebuild(mock);
	if (space->count == 0)
		return NULL;
	r = &space->regions[space->last];
	if (at - r->base >= r->size)
		r = bisect(space, at);
	return r && width <= r->size - (at - r->base) ? r : NULL;
}

/* --- the watchdog ------------------------------------------------------------------ */

static void bark(struct mock *mock, uint64_t key)
{
	struct mock_space *space = key & MOCK_DOG_IO ? &mock->io : &mock->mem;
	unsigned long long at = key & ~(MOCK_DOG_IO | MOCK_DOG_DMA);
	unsigned long long count = mock->dog.count;
	const struct mock_region *r;
	char place[MOCK_PLACE];

	if (key & MOCK_DOG_DMA) {
		rbi_mock_complain(mock, NULL,
				  "the DMA buffer at bus address %#llx was observed "
				  "%llu times in a row without any event",
				  at, count);
		return;
	}
	r = find(mock, space, at, 1);
	if (r) {
		rbi_mock_place(place, r->dev, r->bar, at - r->base, NULL);
		rbi_mock_complain(mock, r->dev,
				  "register %s was read %llu times in a row without any event",
				  place, count);
	}
}

bool rbi_mock_dog_bites(struct mock *mock, uint64_t key)
{
	struct mock_dog *dog = &mock->dog;

	if (key != dog->key) {
		dog->key = key;
		dog->count = 0;
	}
	if (++dog->count < dog->limit || dog->limit == 0)
		return false;
	if (dog->count == dog->limit)
		bark(mock, key);
	return true;
}

/* A poll loop that waits for a one ends at all-ones, one that waits for a zero
 * a million reads later. */
uint64_t rbi_mock_poison(const struct mock *mock, unsigned int width)
{
	return mock->dog.count / mock->dog.limit % 2 != 0 ? rbi_ones(width) : 0;
}

/* --- accesses ---------------------------------------------------------------------- */

int rbi_mock_gone(const struct rb_mock_dev *dev)
{
	return rbi_fail(-ENODEV, "mock: %s has been removed", dev->label);
}

static inline uint64_t read_bar(struct rb_mock_dev *dev, unsigned int index, uint64_t off,
				unsigned int width)
{
	const struct mock_bar *bar = &dev->bars[index];
	const struct mock_hook *hook;

	if (!bar->ram)
		return bar->read(dev, bar->arg, off, width) & rbi_ones(width);

	hook = bar->nhooks > 0 ? rbi_mock_hook(bar, off) : NULL;
	if (hook && hook->read)
		rbi_mock_store(bar->ram + off, width, hook->read(dev, hook->read_arg, off, width));
	return rbi_mock_load(bar->ram + off, width);
}

static inline void write_bar(struct rb_mock_dev *dev, unsigned int index, uint64_t off,
			     unsigned int width, uint64_t val)
{
	const struct mock_bar *bar = &dev->bars[index];
	const struct mock_hook *hook;

	val &= rbi_ones(width);
	if (!bar->ram) {
		bar->write(dev, bar->arg, off, width, val);
		return;
	}

	rbi_mock_store(bar->ram + off, width, val);
	hook = bar->nhooks > 0 ? rbi_mock_hook(bar, off) : NULL;
	if (hook && hook->write)
		hook->write(dev, hook->write_arg, off, width, val);
}

uint64_t rbi_mock_read_bar(struct rb_mock_dev *dev, unsigned int index, uint64_t off,
			   unsigned int width)
{
	return read_bar(dev, index, off, width);
}

void rbi_mock_write_bar(struct rb_mock_dev *dev, unsigned int index, uint64_t off,
			unsigned int width, uint64_t val)
{
	write_bar(dev, index, off, width, val);
}

/* A callback may plug, remove and move BARs, so the region is not looked at
 * after it. */
static int read_at(struct mock *mock, struct mock_space *space, uint64_t at, unsigned int width,
		   uint64_t *val)
{
	uint64_t key = space == &mock->io ? at | MOCK_DOG_IO : at;
	const struct mock_region *r;

	rbi_mock_tick(mock);
	*val = rbi_ones(width);
	r = find(mock, space, at, width);
	if (!r)
		return 0;
	if (RB_UNLIKELY(r->dev->gated))
		return rbi_mock_gate_read(r->dev, r->bar, at - r->base, width, key, val);

	if (RB_UNLIKELY(rbi_mock_dog_bites(mock, key)))
		*val = rbi_mock_poison(mock, width);
	else
		*val = read_bar(r->dev, r->bar, at - r->base, width);
	return 0;
}

static int write_at(struct mock *mock, struct mock_space *space, uint64_t at, unsigned int width,
		    uint64_t val)
{
	const struct mock_region *r;

	rbi_mock_tick(mock);
	mock->dog.count = 0;
	r = find(mock, space, at, width);
	if (!r)
		return 0;
	if (RB_UNLIKELY(r->dev->gated))
		return rbi_mock_gate_write(r->dev, r->bar, at - r->base, width, val);

	write_bar(r->dev, r->bar, at - r->base, width, val);
	return 0;
}

int rbi_mock_op_mem_read(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t *val)
{
	struct mock *mock = mock_of(m);
	int rc;

	rbi_mock_lock(mock);
	rc = read_at(mock, &mock->mem, phys, width, val);
	rbi_mock_unlock(mock);
	return rc;
}

int rbi_mock_op_mem_write(struct rbi_machine *m, uint64_t phys, unsigned int width, uint64_t val)
{
	struct mock *mock = mock_of(m);
	int rc;

	rbi_mock_lock(mock);
	rc = write_at(mock, &mock->mem, phys, width, val);
	rbi_mock_unlock(mock);
	return rc;
}

int rbi_mock_op_port_read(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t *val)
{
	struct mock *mock = mock_of(m);
	uint64_t wide;
	int rc;

	rbi_mock_lock(mock);
	rc = read_at(mock, &mock->io, port, width, &wide);
	rbi_mock_unlock(mock);
	*val = (uint32_t)wide;
	return rc < 0 ? rc : 0;
}

int rbi_mock_op_port_write(struct rbi_machine *m, uint16_t port, unsigned int width, uint32_t val)
{
	struct mock *mock = mock_of(m);
	int rc;

	rbi_mock_lock(mock);
	rc = write_at(mock, &mock->io, port, width, val);
	rbi_mock_unlock(mock);
	return rc;
}

/* Only RAM that a device declared direct; the rest is routed. */
int rbi_mock_op_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **base)
{
	struct mock *mock = mock_of(m);
	const struct mock_region *r;
	int rc = -ENOTSUP;

	*base = NULL;
	rbi_mock_lock(mock);
	r = find(mock, &mock->mem, phys, 1);
	if (r && (r->dev->bars[r->bar].flags & RB_MOCK_BAR_DIRECT) &&
	    len <= r->size - (phys - r->base)) {
		*base = r->dev->bars[r->bar].ram + (phys - r->base);
		rc = 0;
	}
	rbi_mock_unlock(mock);
	return rc == 0 ? 0 : rbi_fail(rc, "mock: %#llx is routed", (unsigned long long)phys);
}

void rbi_mock_op_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *base)
{
	(void)m;
	(void)phys;
	(void)len;
	(void)base;
}
