/* SPDX-License-Identifier: MIT */
/* mmio_access.c - register accesses that the inline accessors do not do themselves. */
#include "config.h"

#include <stdio.h>

#include "core/bits.h"
#include "core/detail.h"
#include "mmio/access_fault.h"
#include "mmio/mmio_window.h"
#include "pci/pci_dev.h"

static bool width_exists(unsigned int width)
{
	return width == 1 || width == 2 || width == 4 || width == RBI_MMIO_WIDTH_MAX;
}

/* The inline accessors' own test, for callers that did not make it. */
static bool is_direct(const struct rbi_mmio *w, uint64_t off, unsigned int width)
{
	return off < w->head.direct && width_exists(width) && off % width == 0;
}

static uint64_t load(const volatile uint8_t *at, unsigned int width)
{
	switch (width) {
	case 1:
		return *at;
	case 2:
		return RB_LE16(*(const volatile uint16_t *)at);
	case 4:
		return RB_LE32(*(const volatile uint32_t *)at);
	default:
		return RB_LE64(*(const volatile uint64_t *)at);
	}
}

static void store(volatile uint8_t *at, unsigned int width, uint64_t val)
{
	switch (width) {
	case 1:
		*at = (uint8_t)val;
		break;
	case 2:
		*(volatile uint16_t *)at = RB_LE16((uint16_t)val);
		break;
	case 4:
		*(volatile uint32_t *)at = RB_LE32((uint32_t)val);
		break;
	default:
		*(volatile uint64_t *)at = RB_LE64(val);
		break;
	}
}

/* Is it an access that this window can have? */
static int check_access(const struct rbi_mmio *w, uint64_t off, unsigned int width)
{
	if (!rbi_ctx_is_ours(w->ctx))
		return -ENODEV;
	if (!width_exists(width))
		return -EINVAL;
	if (width > w->size || off > w->size - width)
		return -ERANGE;
	if (off % width != 0)
		return -EINVAL;
	return 0;
}

/*
 * Where the world below is to look for a routed access. One that lies past the
 * window must not reach a register that happens to follow it on its last page,
 * so it is shown past the end of the mapping.
 */
static uint64_t routed_off(const struct rbi_mmio *w, uint64_t off, unsigned int width, int rc)
{
	uint64_t end = w->map.pages_len;

	if (rc != -ERANGE)
		return w->map.skew + off;
	if (off > UINT64_MAX - w->map.skew - width)
		return UINT64_MAX - width + 1;
	return w->map.skew + off > end ? w->map.skew + off : end;
}

/* May the world below see this access? A wrong one it may, too: it may be strict. */
static bool goes_below(const struct rbi_mmio *w, uint64_t off, unsigned int width, int rc)
{
	if (w->map.win.route == 0 || rc == -ENODEV || !width_exists(width))
		return false;
	return rc < 0 || width > w->reach || off > w->reach - width;
}

/* What a routed access answered, @below, when the checks before it said @rc. */
static int settle(struct rbi_mmio *w, int rc, int below)
{
	if (rc < 0 || below == 0)
		return rc;
	if (below == -ENODEV) {
		rbi_pci_set_gone(w->dev);
		return below;
	}
	return below == -EINVAL || below == -ERANGE || below == -EACCES ? below : -EIO;
}

static int below_read(struct rbi_mmio *w, int rc, uint64_t off, unsigned int width, uint64_t *val)
{
	struct rbi_sys *sys = w->ctx->sys;
	bool was_gone = rb_pci_is_gone(w->dev);
	uint64_t got = UINT64_MAX;
	bool ends_loop;
	int below;

	/* The world below sees also reads of what is gone, so that it can end a loop of them;
	 * any other value may be of a device that has come since. */
	off = routed_off(w, off, width, rc);
	below = sys->ops->io_read(sys, w->map.win.route, off, width, &got);
	ends_loop = below == RBI_ENDS_LOOP;
	rc = settle(w, rc, ends_loop ? 0 : below);
	if (rc == 0 && (ends_loop || !was_gone))
		*val = got & rbi_ones(width);
	return was_gone ? -ENODEV : rc;
}

static int below_write(struct rbi_mmio *w, int rc, uint64_t off, unsigned int width, uint64_t val)
{
	struct rbi_sys *sys = w->ctx->sys;

	if (rb_pci_is_gone(w->dev))
		return -ENODEV;
	off = routed_off(w, off, width, rc);
	val &= rbi_ones(width);
	return settle(w, rc, sys->ops->io_write(sys, w->map.win.route, off, width, val));
}

int rbi_mmio_read(struct rbi_mmio *w, uint64_t off, unsigned int width, uint64_t *val)
{
	int rc;

	if (is_direct(w, off, width)) {
		*val = load(w->head.base + off, width);
		return 0;
	}

	*val = rbi_ones(width);
	rc = check_access(w, off, width);
	if (goes_below(w, off, width, rc)) {
		rc = below_read(w, rc, off, width, val);
	} else if (rc == 0) {
		*val = load(w->head.base + off, width);
	}
	if (rc < 0)
		rbi_access_failed(&w->fault, rc, off, width);
	return rc;
}

int rbi_mmio_write(struct rbi_mmio *w, uint64_t off, unsigned int width, uint64_t val)
{
	int rc;

	if (is_direct(w, off, width)) {
		store(w->head.base + off, width, val);
		return 0;
	}

	rc = check_access(w, off, width);
	if (goes_below(w, off, width, rc)) {
		rc = below_write(w, rc, off, width, val);
	} else if (rc == 0) {
		store(w->head.base + off, width, val);
	}
	if (rc < 0)
		rbi_access_failed(&w->fault, rc, off, width);
	return rc;
}

int rbi_mmio_still_there(struct rbi_mmio *w)
{
	struct rbi_detail detail;

	rbi_detail_keep(&detail);
	if (rbi_pci_check_alive(w->dev) == -ENODEV)
		return -ENODEV;
	rbi_detail_restore(&detail);
	return 0;
}

/* --- what the inline accessors call past direct ------------------------------------ */

static uint64_t read_or_ones(const struct rb_mmio *m, uint64_t off, unsigned int width)
{
	uint64_t val = UINT64_MAX;

	if (m)
		rbi_mmio_read(rbi_mmio_of(m), off, width, &val);
	return val;
}

static void write_or_drop(const struct rb_mmio *m, uint64_t off, unsigned int width, uint64_t val)
{
	if (m)
		rbi_mmio_write(rbi_mmio_of(m), off, width, val);
}

uint8_t rb_mmio_read8_routed(const struct rb_mmio *m, uint64_t off)
{
	return (uint8_t)read_or_ones(m, off, 1);
}

uint16_t rb_mmio_read16_routed(const struct rb_mmio *m, uint64_t off)
{
	return (uint16_t)read_or_ones(m, off, 2);
}

uint32_t rb_mmio_read32_routed(const struct rb_mmio *m, uint64_t off)
{
	return (uint32_t)read_or_ones(m, off, 4);
}

uint64_t rb_mmio_read64_routed(const struct rb_mmio *m, uint64_t off)
{
	return read_or_ones(m, off, 8);
}

void rb_mmio_write8_routed(const struct rb_mmio *m, uint64_t off, uint8_t val)
{
	write_or_drop(m, off, 1, val);
}

void rb_mmio_write16_routed(const struct rb_mmio *m, uint64_t off, uint16_t val)
{
	write_or_drop(m, off, 2, val);
}

void rb_mmio_write32_routed(const struct rb_mmio *m, uint64_t off, uint32_t val)
{
	write_or_drop(m, off, 4, val);
}

void rb_mmio_write64_routed(const struct rb_mmio *m, uint64_t off, uint64_t val)
{
	write_or_drop(m, off, 8, val);
}

/* --- the first failure ---------------------------------------------------------- */

int rb_mmio_error(struct rb_mmio *m)
{
	struct rbi_mmio *w = rbi_mmio_of(m);
	char whose[RB_PCI_ADDR_LEN + sizeof(" BAR4294967295")];

	if (!m)
		return rbi_fail(-EINVAL, "rb_mmio_error: NULL");
	snprintf(whose, sizeof(whose), "%s BAR%u", rbi_pci_name(w->dev), w->bar);
	return rbi_access_error(&w->fault, whose, w->size);
}
