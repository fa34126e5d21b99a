/* SPDX-License-Identifier: MIT */
/*
 * mock_bar.c - BARs of mock devices: made, placed, and their RAM and hooks.
 *
 * Addresses are handed out upwards and never again: a BAR of a removed device
 * keeps its own, where it answers "gone".
 */
#include <string.h>

#include "host/mock/mock_machine.h"

#define BAR_FLAGS (RB_MOCK_BAR_64BIT | RB_MOCK_BAR_PREFETCH | RB_MOCK_BAR_IO | RB_MOCK_BAR_DIRECT)
#define MEM32_MAX ((uint64_t)256 << 20)
#define MEM64_MAX ((uint64_t)1 << 40)
#define RAM_MAX	  ((uint64_t)1 << 30)
#define HOOKS_MAX 65536

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

	if (flags & ~BAR_FLAGS)
		return "unknown flags";
	if (io && (flags & ~RB_MOCK_BAR_IO))
		return "an I/O BAR has no other flags";
	if (bar >= MOCK_BARS || (wide && bar + 1 >= MOCK_BARS))
		return "no such slot";
	if (dev->bars[bar].size != 0 || (wide && dev->bars[bar + 1].size != 0) ||
	    (bar > 0 && dev->bars[bar - 1].size != 0 &&
	     (dev->bars[bar - 1].flags & RB_MOCK_BAR_64BIT)))
		return "the slot is taken";
	if (size < (io ? 4 : 16) || size > max || (size & (size - 1)) != 0)
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
	rbi_mock_store(&dev->writable[reg], 4, mask & 0xffffffffu);
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

/* The next free address of a window, or 0. Pages are not shared between BARs. */
static uint64_t take(uint64_t *next, uint64_t end, uint64_t size, uint64_t align)
{
	uint64_t base = rbi_round_up(*next, align);

	if (base >= end || size > end - base)
		return 0;
	*next = base + size;
	return base;
}

int rbi_mock_assign_bars(struct rb_mock_dev *dev)
{
	struct mock *mock = dev->mock;
	unsigned int i;

	for (i = 0; i < MOCK_BARS; i++) {
		struct mock_bar *bar = &dev->bars[i];
		unsigned int reg = MOCK_CFG_BAR0 + i * 4;
		uint64_t align = bar->size > RBI_PAGE ? bar->size : RBI_PAGE;
		uint64_t base;

		if (bar->size == 0)
			continue;
		if (bar->flags & RB_MOCK_BAR_IO)
			base = take(&mock->io_next, MOCK_IO_END, bar->size, bar->size);
		else if (bar->flags & RB_MOCK_BAR_64BIT)
			base = take(&mock->mem64_next, MOCK_MEM64_END, bar->size, align);
		else
			base = take(&mock->mem32_next, MOCK_MEM32_END, bar->size, align);
		if (base == 0)
			return rbi_fail(-ENOMEM, "mock: no addresses are left for BAR%u of %s", i,
					dev->label);

		rbi_mock_store(&dev->cfg[reg], 4, (base & 0xffffffffu) | dev->cfg[reg]);
		if (bar->flags & RB_MOCK_BAR_64BIT)
			rbi_mock_store(&dev->cfg[reg + 4], 4, base >> 32);
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
