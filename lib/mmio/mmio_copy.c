/* SPDX-License-Identifier: MIT */
/*
 * mmio_copy.c - bytes in bulk, in ascending order.
 *
 * Each access has the largest width that its offset in the window and what is
 * left allow; the side in memory may have any alignment.
 */
#include "config.h"

#include <string.h>

#include "mmio/mmio_window.h"
#include "pci/pci_dev.h"

/* Fewer all-ones bytes than this are no sign of a removed device. */
#define SUSPICIOUS 4

static int check_range(struct rb_mmio *m, uint64_t off, const void *mem, size_t len,
		       const char *call)
{
	struct rbi_mmio *w = rbi_mmio_of(m);
	int rc;

	if (!m || (!mem && len > 0))
		return rbi_fail(-EINVAL, "%s: NULL", call);
	rc = rbi_ctx_check(w->ctx, call);
	if (rc < 0)
		return rc;
	if (len > w->size || off > w->size - len)
		return rbi_fail(-ERANGE, "%s: %zu bytes at %#llx pass the window's end at %#llx",
				call, len, (unsigned long long)off, (unsigned long long)w->size);
	return rbi_pci_refuse_gone(w->dev);
}

static unsigned int natural_width(uint64_t off, size_t left)
{
	unsigned int width = RBI_MMIO_WIDTH_MAX;

	while (width > left || off % width != 0)
		width /= 2;
	return width;
}

/* The first @width bytes at @mem as a register value, and back. The widest access
 * is what nearly all of a long copy consists of. */
static uint64_t gather(const uint8_t *mem, unsigned int width)
{
	uint64_t val = 0;
	unsigned int i;

	if (width == sizeof(val)) {
		memcpy(&val, mem, sizeof(val));
		return RB_LE64(val);
	}
	for (i = 0; i < width; i++)
		val |= (uint64_t)mem[i] << 8 * i;
	return val;
}

static void scatter(uint8_t *mem, unsigned int width, uint64_t val)
{
	unsigned int i;

	if (width == sizeof(val)) {
		val = RB_LE64(val);
		memcpy(mem, &val, sizeof(val));
		return;
	}
	for (i = 0; i < width; i++)
		mem[i] = (uint8_t)(val >> 8 * i);
}

static int failed(const struct rbi_mmio *w, int rc, uint64_t off, const char *call)
{
	return rbi_fail(rc, "%s: %s BAR%u stopped at %#llx: %s", call, rbi_pci_name(w->dev), w->bar,
			(unsigned long long)off, rb_strerror(rc));
}

int rb_mmio_copy_to(struct rb_mmio *m, uint64_t off, const void *src, size_t len)
{
	struct rbi_mmio *w = rbi_mmio_of(m);
	const uint8_t *from = src;
	unsigned int width;
	int rc;

	rc = check_range(m, off, src, len, "rb_mmio_copy_to");
	for (; rc == 0 && len > 0; off += width, from += width, len -= width) {
		width = natural_width(off, len);
		rc = rbi_mmio_write(w, off, width, gather(from, width));
		if (rc < 0)
			return failed(w, rc, off, "rb_mmio_copy_to");
	}
	return rc;
}

int rb_mmio_fill(struct rb_mmio *m, uint64_t off, uint8_t byte, size_t len)
{
	uint64_t val = byte * UINT64_C(0x0101010101010101);
	struct rbi_mmio *w = rbi_mmio_of(m);
	unsigned int width;
	int rc;

	rc = check_range(m, off, &byte, len, "rb_mmio_fill");
	for (; rc == 0 && len > 0; off += width, len -= width) {
		width = natural_width(off, len);
		rc = rbi_mmio_write(w, off, width, val);
		if (rc < 0)
			return failed(w, rc, off, "rb_mmio_fill");
	}
	return rc;
}

int rb_mmio_copy_from(struct rb_mmio *m, uint64_t off, void *dst, size_t len)
{
	struct rbi_mmio *w = rbi_mmio_of(m);
	bool suspicious = len >= SUSPICIOUS;
	uint8_t *to = dst;
	unsigned int width;
	uint64_t val;
	int rc;

	rc = check_range(m, off, dst, len, "rb_mmio_copy_from");
	if (rc == -ENODEV)
		memset(dst, 0xff, len);
	if (rc < 0)
		return rc;

	for (; len > 0; off += width, to += width, len -= width) {
		width = natural_width(off, len);
		rc = rbi_mmio_read(w, off, width, &val);
		if (rc < 0) {
			memset(to, 0xff, len);
			return failed(w, rc, off, "rb_mmio_copy_from");
		}
		scatter(to, width, val);
		suspicious = suspicious && ~val << 8 * (8 - width) == 0;
	}
	return suspicious ? rbi_mmio_still_there(w) : 0;
}
