/* SPDX-License-Identifier: MIT */
/* mmio_map.c - windows of memory BARs: map, describe, close. */
#include "config.h"

#include "mmio/mmio_window.h"
#include "pci/pci_dev.h"

#define CACHE_FLAGS ((unsigned int)(RB_MMIO_WC | RB_MMIO_WB))
#define ALL_FLAGS   (CACHE_FLAGS | (unsigned int)RB_MMIO_DIRECT)

static enum rbi_cache cache_type(enum rb_mmio_flag flag)
{
	switch (flag) {
	case RB_MMIO_WC:
		return RBI_CACHE_WC;
	case RB_MMIO_WB:
		return RBI_CACHE_WB;
	default:
		return RBI_CACHE_UC;
	}
}

static int check_call(struct rb_pci_dev *dev, uint64_t off, unsigned int flags)
{
	int rc;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_mmio_map: NULL");
	rc = rbi_ctx_check(rbi_pci_ctx(dev), "rb_mmio_map");
	if (rc < 0)
		return rc;
	if ((flags & ~ALL_FLAGS) != 0 || (flags & CACHE_FLAGS) == CACHE_FLAGS)
		return rbi_fail(-EINVAL, "rb_mmio_map: flags %#x make no sense", flags);
	if (off % 8 != 0)
		return rbi_fail(-EINVAL, "rb_mmio_map: offset %#llx is not a multiple of 8",
				(unsigned long long)off);
	return rbi_pci_refuse_gone(dev);
}

/* Is [off, off + *len) in the BAR? A *len of 0 becomes what is left of it. */
static int check_window(struct rb_pci_dev *dev, unsigned int index, const struct rbi_pci_bar *bar,
			uint64_t off, uint64_t *len)
{
	const char *name = rbi_pci_name(dev);
	const char *flaw = rb_pci_bar_flaw(dev, index);

	if (flaw)
		return rbi_fail(-ERANGE, "%s: %s", name, flaw);
	if (bar->kind != RB_PCI_BAR_MEM32 && bar->kind != RB_PCI_BAR_MEM64)
		return rbi_fail(-ENOENT, "%s has no memory BAR%u", name, index);
	if (bar->size == 0 || bar->addr < RBI_PAGE || bar->addr % 8 != 0)
		return rbi_fail(-ERANGE, "%s BAR%u: %#llx bytes at %#llx make no sense", name,
				index, (unsigned long long)bar->size,
				(unsigned long long)bar->addr);
	if (off >= bar->size)
		return rbi_fail(-ERANGE, "%s BAR%u: offset %#llx is past its %#llx bytes", name,
				index, (unsigned long long)off, (unsigned long long)bar->size);
	if (*len == 0)
		*len = bar->size - off;
	if (*len > bar->size - off)
		return rbi_fail(-ERANGE, "%s BAR%u: %#llx bytes at %#llx pass its end at %#llx",
				name, index, (unsigned long long)*len, (unsigned long long)off,
				(unsigned long long)bar->size);
	return 0;
}

/* A ROM that is off would read as whatever else is at its address. */
static int check_rom(struct rb_pci_dev *dev)
{
	int rc;

	rc = rbi_pci_rom_is_on(dev);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	return rbi_fail(-EINVAL, "%s: its expansion ROM is off; rb_pci_set_decode() turns it on",
			rbi_pci_name(dev));
}

/* How much of the mapping may be touched, and what that makes the window. */
static int look_through(struct rbi_mmio *w, unsigned int flags)
{
	const struct rbi_window *win = &w->map.win;
	size_t skew = w->map.skew;

	w->reach = win->direct > skew ? win->direct - skew : 0;
	if (w->reach > w->size)
		w->reach = w->size;
	if (w->reach < w->size && (flags & RB_MMIO_DIRECT))
		return rbi_fail(-ENOTSUP, "%s BAR%u: its registers cannot be mapped here",
				rbi_pci_name(w->dev), w->bar);
	if (w->reach < w->size && win->route == 0)
		return rbi_fail(-EIO, "%s BAR%u: mapped, but nothing leads to its registers",
				rbi_pci_name(w->dev), w->bar);

	w->head.base = (volatile uint8_t *)w->map.pages + skew;
	w->head.direct = w->reach & ~(uint64_t)7;
	w->cache = w->reach < w->size ? RB_MMIO_UC : (enum rb_mmio_flag)(flags & CACHE_FLAGS);
	return 0;
}

/* Fill @w, whose device, BAR and size are set. */
static int map_window(struct rbi_mmio *w, uint64_t phys, unsigned int flags)
{
	enum rbi_cache cache = cache_type((enum rb_mmio_flag)(flags & CACHE_FLAGS));
	int rc;

	rc = rbi_os_phys_map(w->ctx->os, phys, w->size, cache, &w->map);
	if (rc < 0)
		return rc;
	rc = look_through(w, flags);
	if (rc < 0)
		rbi_os_phys_unmap(w->ctx->os, &w->map);
	return rc;
}

int rb_mmio_map(struct rb_pci_dev *dev, unsigned int bar, uint64_t off, uint64_t len,
		unsigned int flags, struct rb_mmio **out)
{
	struct rbi_pci_bar where;
	struct rbi_mmio *w;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_mmio_map: nowhere to put the window");
	*out = NULL;
	rc = check_call(dev, off, flags);
	if (rc < 0)
		return rc;
	where = rbi_pci_bar(dev, bar);
	rc = check_window(dev, bar, &where, off, &len);
	if (rc == 0 && bar == RB_PCI_BAR_ROM)
		rc = check_rom(dev);
	if (rc < 0)
		return rc;

	w = rbi_alloc(1, sizeof(*w));
	if (!w)
		return rbi_no_memory("a window");
	w->dev = dev;
	w->ctx = rbi_pci_ctx(dev);
	w->bar = bar;
	w->size = len;
	atomic_init(&w->fault, 0);
	rc = map_window(w, where.addr + off, flags);
	if (rc < 0) {
		rbi_free(w);
		return rc;
	}

	rb_pci_ref(dev);
	rbi_live_add(w->ctx, &w->live, "window", "of BAR%u of %s", bar, rbi_pci_name(dev));
	*out = &w->head;
	return 0;
}

void rb_mmio_close(struct rb_mmio *m)
{
	struct rbi_mmio *w = rbi_mmio_of(m);
	struct rb_pci_dev *dev;

	if (!m)
		return;

	/* in a child of fork() the mapping is the parent's business */
	if (rbi_ctx_is_ours(w->ctx))
		rbi_os_phys_unmap(w->ctx->os, &w->map);
	rbi_live_del(w->ctx, &w->live);
	dev = w->dev;
	rbi_free(w);
	rb_pci_unref(dev);
}

uint64_t rb_mmio_size(const struct rb_mmio *m)
{
	return m ? rbi_mmio_of(m)->size : 0;
}

enum rb_mmio_flag rb_mmio_cache(const struct rb_mmio *m)
{
	return m ? rbi_mmio_of(m)->cache : RB_MMIO_UC;
}
