/* SPDX-License-Identifier: MIT */
/*
 * mock_bar.c - BARs of mock devices: made, placed, and their RAM and hooks.
 *
 * Addresses are handed out upwards and never again: a BAR of a removed device
 * keeps its own, where it answers "gone".
 */
#include <string.h>

#include "core/bits.h"
#include "host/mock/mock_machine.h"

#define BAR_FLAGS                                                                        \
	(RB_MOCK_BAR_64BIT | RB_MOCK_BAR_PREFETCH | RB_MOCK_BAR_IO | RB_MOCK_BAR_DIRECT | \
	 RB_MOCK_BAR_IO16)
#define MEM32_MAX ((uint64_t)256 << 20)
#define MEM64_MAX ((uint64_t)1 << 40)
#define RAM_MAX	  ((uint64_t)1 << 30)
#define HOOKS_MAX 65536
#define IO_GRAIN  4096
#define MEM_GRAIN ((uint64_t)1 << 20)

uint64_t rbi_mock_load(const uint8_t *at, unsigned int width)
{
	uint64_t val = 0;
	unsigned int i;

	for (i = 0; i < width; i++)
		val |= (uint64_t)at[i] << i * 8;
	return val;
}

void rbi_mock_store(uint8_t *at, unsigned int width, uint64_t val)
{
	unsigned int i;

	for (i = 0; i < width; i++)
		at[i] = (uint8_t)(val >> i * 8);
}

/* Why a BAR cannot be, or NULL. */
static const char *wrong_with(const struct rb_mock_dev *dev, unsigned int bar, uint64_t size,
			      unsigned int flags)
{
	bool io = flags & RB_MOCK_BAR_IO, wide = flags & RB_MOCK_BAR_64BIT;
	uint64_t max = io ? 256 : wide ? MEM64_MAX : MEM32_MAX;
	unsigned int slots = rbi_mock_is_bridge(dev) ? 2 : MOCK_BARS;

	if (flags & ~BAR_FLAGS)
		return "unknown flags";
	if (io && (flags & ~(RB_MOCK_BAR_IO | RB_MOCK_BAR_IO16)))
		return "an I/O BAR has no flags of memory";
	if (!io && (flags & RB_MOCK_BAR_IO16))
		return "only I/O decodes 16 bits";
	if (bar >= slots || (wide && bar + 1 >= slots))
		return "no such slot";
	if (dev->bars[bar].size != 0 || (wide && dev->bars[bar + 1].size != 0) ||
	    (bar > 0 && dev->bars[bar - 1].size != 0 &&
	     (dev->bars[bar - 1].flags & RB_MOCK_BAR_64BIT)))
		return "the slot is taken";
	if (size < (io ? 4 : 16) || size > max || !rbi_is_power_of_two(size))
		return "its size must be a power of two within bounds";
	if ((flags & RB_MOCK_BAR_DIRECT) && size % RBI_PAGE != 0)
		return "a direct BAR is made of pages";
	return NULL;
}

static int add_bar(struct rb_mock_dev *dev, unsigned int bar, uint64_t size, unsigned int flags)
{
	unsigned int reg = MOCK_CFG_BAR0 + bar * 4;
	uint64_t mask = ~(size - 1);
	const char *wrong;

	wrong = wrong_with(dev, bar, size, flags);
	if (wrong)
		return rbi_fail(-EINVAL, "mock: BAR%u of %s, %#llx bytes: %s", bar, dev->label,
				(unsigned long long)size, wrong);

	dev->bars[bar].size = size;
	dev->bars[bar].flags = flags;
	if (flags & RB_MOCK_BAR_IO) {
		dev->cfg[reg] = 0x1;
	} else {
		dev->cfg[reg] = (flags & RB_MOCK_BAR_64BIT ? 0x4 : 0) |
				(flags & RB_MOCK_BAR_PREFETCH ? 0x8 : 0);
		if (flags & RB_MOCK_BAR_64BIT)
			rbi_mock_store(&dev->writable[reg + 4], 4, mask >> 32);
	}
	rbi_mock_store(&dev->writable[reg], 4, mask & (flags & RB_MOCK_BAR_IO16 ? 0xffffu : ~0u));
	return 0;
}

int rb_mock_bar_ops(struct rb_mock_dev *dev, unsigned int bar, uint64_t size, unsigned int flags,
		    rb_mock_read_fn read, rb_mock_write_fn write, void *arg)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_bar_ops");
	if (rc < 0)
		return rc;
	if (!read || !write || (flags & RB_MOCK_BAR_DIRECT))
		return rbi_mock_wrong(dev, "BAR%u needs both its functions, and cannot be direct",
				      bar);
	rc = add_bar(dev, bar, size, flags);
	if (rc < 0)
		return rbi_mock_refuse(dev, rc);

	dev->bars[bar].read = read;
	dev->bars[bar].write = write;
	dev->bars[bar].arg = arg;
	return 0;
}

int rb_mock_bar_ram(struct rb_mock_dev *dev, unsigned int bar, uint64_t size, unsigned int flags)
{
	struct mock_bar *b;
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_bar_ram");
	if (rc < 0)
		return rc;
	if (size > RAM_MAX)
		return rbi_mock_wrong(dev, "BAR%u has more than 1 GiB of RAM", bar);
	rc = add_bar(dev, bar, size, flags);
	if (rc < 0)
		return rbi_mock_refuse(dev, rc);

	b = &dev->bars[bar];
	b->block = rbi_alloc(1, (size_t)size + RBI_PAGE);
	if (!b->block) {
		b->size = b->flags = 0;
		return rbi_mock_refuse(dev, rbi_no_memory("the RAM of a mock BAR"));
	}
	b->ram = (uint8_t *)(uintptr_t)rbi_round_up((uintptr_t)b->block, RBI_PAGE);
	return 0;
}

void rbi_mock_free_bar(struct mock_bar *bar)
{
	rbi_free(bar->block);
	rbi_free(bar->hooks);
	rbi_mock_free_map(bar->map);
}

/* --- addresses ------------------------------------------------------------------------ */

void rbi_mock_pools_init(struct mock *mock)
{
	mock->pools[MOCK_POOL_IO] = (struct mock_pool){ MOCK_IO_BASE, MOCK_IO_END };
	mock->pools[MOCK_POOL_IO_BEHIND] = (struct mock_pool){ MOCK_IO_BEHIND, MOCK_IO_BASE };
	mock->pools[MOCK_POOL_MEM32] = (struct mock_pool){ MOCK_MEM32_BASE, MOCK_MEM32_END };
	mock->pools[MOCK_POOL_MEM64] = (struct mock_pool){ MOCK_MEM64_BASE, MOCK_MEM64_END };
}

/* The end of a dumped BAR that lies in [base, base + size), or 0. Functions of a dump are
 * plugged in before all others. */
static uint64_t dumped_end(struct mock *mock, bool io, uint64_t base, uint64_t size)
{
	const struct rb_mock_dev *dev;
	unsigned int i;

	for (dev = mock->devs; dev && dev->passive; dev = dev->next) {
		for (i = 0; i <= MOCK_ROM; i++) {
			const struct mock_bar *bar = &dev->bars[i];

			if (bar->size == 0 || bar->home == 0 || !(bar->flags & RB_MOCK_BAR_IO) == io)
				continue;
			if (bar->home < base + size && base < bar->home + bar->size)
				return bar->home + bar->size;
		}
	}
	return 0;
}

/* The next free address of a pool, or 0. Pages are not shared between BARs. */
static uint64_t take(struct mock_pool *pool, uint64_t size, uint64_t align)
{
	uint64_t base = rbi_round_up(pool->next, align);

	if (base >= pool->end || size > pool->end - base)
		return 0;
	pool->next = base + size;
	return base;
}

/* The same, where the dump has nothing. Each turn leaves a dumped BAR behind. */
static uint64_t take_free(struct mock *mock, enum mock_pools kind, uint64_t size, uint64_t align)
{
	bool io = kind == MOCK_POOL_IO || kind == MOCK_POOL_IO_BEHIND;
	struct mock_pool *pool = &mock->pools[kind];
	uint64_t base, end;

	for (;;) {
		base = take(pool, size, align);
		end = base != 0 ? dumped_end(mock, io, base, size) : 0;
		if (end == 0)
			return base;
		pool->next = end < pool->end ? end : pool->end;
	}
}

/* The same behind a bridge, from the piece that its bus has, or from a new one: windows
 * of bridges have a grain (PCI-to-PCI Bridge 1.2, 3.2.5.6 to 3.2.5.9). */
static uint64_t take_behind(struct mock *mock, struct mock_bus *bus, enum mock_pools kind,
			    uint64_t size, uint64_t align)
{
	uint64_t grain = kind == MOCK_POOL_IO_BEHIND ? IO_GRAIN : MEM_GRAIN, len, base;
	struct mock_pool *piece = &bus->pieces[kind];

	base = take(piece, size, align);
	if (base != 0)
		return base;
	len = size > grain ? size : grain;
	base = take_free(mock, kind, len, len);
	if (base == 0)
		return 0;
	*piece = (struct mock_pool){ base, base + len };
	return take(piece, size, align);
}

static uint64_t find_home(struct rb_mock_dev *dev, const struct mock_bar *bar)
{
	struct mock_bus *bus = rbi_mock_bus_at(dev->mock, dev->fn.sbdf >> 8);
	bool behind = bus && bus->bridge, io = bar->flags & RB_MOCK_BAR_IO;
	bool high = bar->flags & RB_MOCK_BAR_64BIT;
	uint64_t align = bar->size > RBI_PAGE || io ? bar->size : RBI_PAGE;
	enum mock_pools kind;

	/* only the prefetchable window of a bridge reaches above 4 GiB */
	if (behind && !(bar->flags & RB_MOCK_BAR_PREFETCH))
		high = false;
	kind = io ? MOCK_POOL_IO : high ? MOCK_POOL_MEM64 : MOCK_POOL_MEM32;
	if (!behind)
		return take_free(dev->mock, kind, bar->size, align);
	return take_behind(dev->mock, bus, io ? MOCK_POOL_IO_BEHIND : kind, bar->size, align);
}

int rbi_mock_assign_bars(struct rb_mock_dev *dev)
{
	unsigned int i;

	for (i = 0; i <= MOCK_ROM && !dev->passive; i++) {
		struct mock_bar *bar = &dev->bars[i];
		unsigned int reg = i == MOCK_ROM ? dev->rom_reg : MOCK_CFG_BAR0 + i * 4;

		if (bar->size == 0)
			continue;
		bar->home = find_home(dev, bar);
		if (bar->home == 0)
			return rbi_fail(-ENOMEM, "mock: no addresses are left for BAR%u of %s", i,
					dev->label);

		rbi_mock_store(&dev->cfg[reg], 4, (bar->home & 0xffffffffu) | dev->cfg[reg]);
		if (bar->flags & RB_MOCK_BAR_64BIT)
			rbi_mock_store(&dev->cfg[reg + 4], 4, bar->home >> 32);
	}
	return 0;
}

/* --- registers of RAM BARs -------------------------------------------------------- */

static struct mock_bar *ram_bar(struct rb_mock_dev *dev, unsigned int bar)
{
	if (!dev || bar >= MOCK_BARS || !dev->bars[bar].ram)
		return NULL;
	return &dev->bars[bar];
}

/* The first hook at or behind @off. */
static size_t hook_place(const struct mock_bar *bar, uint64_t off)
{
	size_t low = 0, high = bar->nhooks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (bar->hooks[mid].off < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct mock_hook *rbi_mock_hook(const struct mock_bar *bar, uint64_t off)
{
	size_t i = hook_place(bar, off);

	return i < bar->nhooks && bar->hooks[i].off == off ? &bar->hooks[i] : NULL;
}

/* The hook of a register, made when there is none. */
static int get_hook(struct rb_mock_dev *dev, unsigned int index, uint64_t off, const char *call,
		    struct mock_hook **out)
{
	struct mock_bar *bar = ram_bar(dev, index);
	struct mock_hook *hooks;
	size_t i;

	if (!bar || (bar->flags & RB_MOCK_BAR_DIRECT))
		return rbi_fail(-EINVAL, "%s: BAR%u is no RAM BAR with hooks", call, index);
	if (off >= bar->size)
		return rbi_fail(-ERANGE, "%s: %#llx is past BAR%u of %s", call,
				(unsigned long long)off, index, dev->label);

	*out = rbi_mock_hook(bar, off);
	if (*out)
		return 0;
	if (bar->nhooks >= HOOKS_MAX)
		return rbi_no_memory("hooks of one BAR");
	hooks = rbi_realloc(bar->hooks, bar->nhooks + 1, sizeof(*hooks));
	if (!hooks)
		return rbi_no_memory("a register hook");
	bar->hooks = hooks;

	i = hook_place(bar, off);
	memmove(&hooks[i + 1], &hooks[i], (bar->nhooks - i) * sizeof(*hooks));
	memset(&hooks[i], 0, sizeof(*hooks));
	hooks[i].off = off;
	bar->nhooks++;
	*out = &hooks[i];
	return 0;
}

int rb_mock_on_read(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, rb_mock_read_fn fn,
		    void *arg)
{
	struct mock_hook *hook;
	int rc;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_mock_on_read: device is NULL");
	rbi_mock_lock(dev->mock);
	rc = get_hook(dev, bar, off, "rb_mock_on_read", &hook);
	if (rc == 0) {
		hook->read = fn;
		hook->read_arg = arg;
	} else {
		rbi_mock_refuse(dev, rc);
	}
	rbi_mock_unlock(dev->mock);
	return rc;
}

int rb_mock_on_write(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, rb_mock_write_fn fn,
		     void *arg)
{
	struct mock_hook *hook;
	int rc;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_mock_on_write: device is NULL");
	rbi_mock_lock(dev->mock);
	rc = get_hook(dev, bar, off, "rb_mock_on_write", &hook);
	if (rc == 0) {
		hook->write = fn;
		hook->write_arg = arg;
	} else {
		rbi_mock_refuse(dev, rc);
	}
	rbi_mock_unlock(dev->mock);
	return rc;
}

/* 0 when @width bytes at @off of a RAM BAR are a register. */
static int check_register(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			  unsigned int width, const char *call)
{
	if (!ram_bar(dev, bar))
		return rbi_fail(-EINVAL, "%s: BAR%u is no RAM BAR", call, bar);
	if ((width != 1 && width != 2 && width != 4 && width != 8) || off % width != 0)
		return rbi_fail(-EINVAL, "%s: %u bytes at %#llx are no register", call, width,
				(unsigned long long)off);
	if (off >= dev->bars[bar].size)
		return rbi_fail(-ERANGE, "%s: %#llx is past BAR%u of %s", call,
				(unsigned long long)off, bar, dev->label);
	return 0;
}

int rb_mock_peek(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, unsigned int width,
		 uint64_t *val)
{
	int rc;

	if (!val)
		return rbi_fail(-EINVAL, "rb_mock_peek: nowhere to put the value");
	*val = UINT64_MAX;
	rc = check_register(dev, bar, off, width, "rb_mock_peek");
	if (rc < 0)
		return rc;

	rbi_mock_lock(dev->mock);
	*val = rbi_mock_load(dev->bars[bar].ram + off, width);
	rbi_mock_unlock(dev->mock);
	return 0;
}

int rb_mock_poke(struct rb_mock_dev *dev, unsigned int bar, uint64_t off, unsigned int width,
		 uint64_t val)
{
	int rc;

	rc = check_register(dev, bar, off, width, "rb_mock_poke");
	if (rc < 0)
		return rc;

	rbi_mock_lock(dev->mock);
	rbi_mock_store(dev->bars[bar].ram + off, width, val);
	rbi_mock_unlock(dev->mock);
	return 0;
}
