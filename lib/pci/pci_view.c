/* SPDX-License-Identifier: MIT */
/*
 * pci_view.c - configuration space however it can be had: of an open device, of a
 * function that nobody opened, of saved bytes.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/detail.h"
#include "pci/pci_view.h"

/* Device/Port Type, bits 7:4 of the PCI Express Capabilities register at +2 */
#define EXPRESS_TYPE(dword) rbi_bits(dword, 20, 4)
#define ROOT_BUS 0u /* nothing leads to it, so no link either */

/* --- making them ------------------------------------------------------------------------ */

static struct rb_pci_view *view_alloc(enum rbi_pci_view_kind kind, struct rb_ctx *ctx)
{
	struct rb_pci_view *view = rbi_alloc(1, sizeof(*view));

	if (!view)
		return NULL;
	view->kind = kind;
	view->ctx = ctx;
	view->source.fd = -1;
	atomic_init(&view->size, 0);
	return view;
}

struct rb_pci_view *rbi_pci_view_new_dev(struct rb_pci_dev *dev)
{
	struct rb_pci_view *view = view_alloc(RBI_PCI_VIEW_DEV, dev->ctx);

	if (!view)
		return NULL;
	view->dev = dev;
	view->addr = dev->info.addr;
	snprintf(view->name, sizeof(view->name), "%s", dev->name);
	return view;
}

void rbi_pci_view_free_dev(struct rb_pci_view *view)
{
	rbi_free(view);
}

struct rb_pci_view *rb_pci_view_dev(struct rb_pci_dev *dev)
{
	return dev ? dev->view : NULL;
}

int rb_pci_view_bytes(const void *bytes, size_t len, struct rb_pci_view **out)
{
	struct rb_pci_view *view;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pci_view_bytes: NULL");
	*out = NULL;
	if (!bytes)
		return rbi_fail(-EINVAL, "rb_pci_view_bytes: NULL");
	if (len < RBI_PCI_VIEW_MIN || len > RBI_PCI_EXT_END || len % 4 != 0)
		return rbi_fail(-EINVAL, "rb_pci_view_bytes: %zu bytes", len);

	view = view_alloc(RBI_PCI_VIEW_BYTES, NULL);
	if (view)
		view->bytes = rbi_alloc(len, 1);
	if (!view || !view->bytes) {
		rbi_free(view);
		return rbi_no_memory("configuration space");
	}
	memcpy(view->bytes, bytes, len);
	atomic_init(&view->size, (int)len);
	snprintf(view->name, sizeof(view->name), "saved bytes");
	*out = view;
	return 0;
}

/* --- of a function that nobody opened --------------------------------------------------- */

/* The inherited channel if it is this function's: 1; 0 when it is not. */
static int use_inherited(struct rb_pci_view *view, struct rb_pci_addr addr)
{
	struct rbi_pcid *channel;
	int rc;

	rc = rbi_pci_find_inherited(view->ctx->os, addr, &channel);
	if (rc > 0)
		view->source = rbi_pci_source_channel(channel);
	return rc;
}

static int find_function(struct rb_pci_view *view, struct rb_pci_addr addr)
{
	uint32_t id;
	int rc;

	rc = use_inherited(view, addr);
	if (rc == 0)
		rc = rbi_pci_source_open(view->ctx->os, addr, &view->source);
	if (rc >= 0)
		rc = rbi_pci_source_read(&view->source, RBI_PCI_ID, &id);
	if (rc == 0 && RBI_PCI_IS_NOBODY(id))
		rc = rbi_fail(-ENOENT, "nothing answers at PCI function %s", view->name);
	return rc;
}

static void function_free(struct rb_pci_view *view)
{
	struct rb_ctx *ctx = view->ctx;

	if (rbi_ctx_is_ours(ctx))
		rbi_pci_source_close(&view->source);
	rbi_free(view);
	rb_ctx_unref(ctx);
}

int rb_pci_view_open(struct rb_ctx *ctx, struct rb_pci_addr addr, struct rb_pci_view **out)
{
	struct rb_pci_view *view;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pci_view_open: NULL");
	*out = NULL;
	rc = rbi_ctx_check(ctx, "rb_pci_view_open");
	if (rc < 0)
		return rc;

	view = view_alloc(RBI_PCI_VIEW_FUNCTION, ctx);
	if (!view)
		return rbi_no_memory("a PCI view");
	rb_ctx_ref(ctx);
	view->addr = addr;
	rb_pci_addr_format(addr, view->name);
	rc = find_function(view, addr);
	if (rc < 0) {
		function_free(view);
		return rc;
	}

	rbi_live_add(ctx, &view->live, "PCI view", "%s", view->name);
	*out = view;
	return 0;
}

void rb_pci_view_close(struct rb_pci_view *view)
{
	if (!view || view->kind == RBI_PCI_VIEW_DEV)
		return;
	if (view->kind == RBI_PCI_VIEW_FUNCTION) {
		rbi_live_del(view->ctx, &view->live);
		function_free(view);
		return;
	}
	rbi_free(view->bytes);
	rbi_free(view);
}

/* --- how far it goes ----------------------------------------------------------------------- */

/*
 * Past 256 bytes pcid panics where it has to use the ports (contract 4.8), which no
 * request tells. A PCI Express function that hangs on a link proves a machine with the
 * memory window. One integrated into the root complex proves nothing, nor does one on
 * the root bus that is no root port, whatever it calls itself, as no link leads there:
 * virtual machines offer both without the window (qemu-notes 3). Nor does a list with
 * a flaw.
 */
static bool hangs_on_link(const struct rb_pci_view *view, unsigned int type)
{
	if (type == RB_PCI_EXPRESS_INTEGRATED || type == RB_PCI_EXPRESS_EVENT_COLLECTOR)
		return false;
	return type == RB_PCI_EXPRESS_ROOT_PORT || rb_pci_addr_bus(view->addr) != ROOT_BUS;
}

static int find_reach(struct rb_pci_view *view)
{
	struct rbi_pci_walk walk;
	struct rb_pci_cap cap;
	int rc;

	rc = rbi_pci_walk_begin(&walk, view, false);
	if (rc < 0)
		return rc;
	while ((rc = rbi_pci_walk_next(&walk, &cap)) > 0) {
		if (cap.id != RB_PCI_CAP_EXPRESS)
			continue;
		return hangs_on_link(view, EXPRESS_TYPE(cap.header)) ? (int)RBI_PCI_EXT_END
								     : (int)RBI_PCI_STD_END;
	}
	return rc < 0 ? rc : (int)RBI_PCI_STD_END;
}

int rbi_pci_view_reach(struct rb_pci_view *view)
{
	int size = atomic_load(&view->size);

	if (size != 0)
		return size;
	size = find_reach(view);
	if (size == (int)RBI_PCI_EXT_END) /* what was not shown may still be */
		atomic_store(&view->size, size);
	return size;
}

int rb_pci_view_size(struct rb_pci_view *view)
{
	int rc = rbi_pci_view_check(view, "rb_pci_view_size");

	return rc < 0 ? rc : rbi_pci_view_reach(view);
}

/* --- dwords ---------------------------------------------------------------------------- */

int rbi_pci_view_check(const struct rb_pci_view *view, const char *call)
{
	if (!view)
		return rbi_fail(-EINVAL, "%s: NULL", call);
	if (view->kind == RBI_PCI_VIEW_BYTES)
		return 0;
	return rbi_ctx_check(view->ctx, call);
}

static uint32_t saved_dword(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* All-ones are what nobody answers; the vendor id tells whether that is the case. Saved
 * bytes are not gone: what is wrong with them is for whoever reads them. */
static int function_dword(const struct rb_pci_view *view, unsigned int off, uint32_t *val)
{
	struct rbi_pci_source from = view->source;
	uint32_t id;
	int rc;

	if (off >= RBI_PCI_STD_END) /* the caller has asked how far it goes */
		rbi_pci_source_allow_extended(&from);
	rc = rbi_pci_source_read(&from, off, val);
	if (rc < 0 || *val != UINT32_MAX)
		return rc;
	rc = rbi_pci_source_read(&from, RBI_PCI_ID, &id);
	if (rc < 0)
		return rc;
	if (RBI_PCI_IS_NOBODY(id))
		return rbi_fail(-ENODEV, "PCI function %s is gone", view->name);
	return 0;
}

/* Is @off within what can be read? The header always is: to find out needs it. */
static int check_offset(struct rb_pci_view *view, unsigned int off)
{
	int size;

	if (view->kind != RBI_PCI_VIEW_BYTES && off < RBI_PCI_STD_END)
		return 0;
	if (off >= RBI_PCI_EXT_END)
		return rbi_fail(-ERANGE, "%s: offset %#x is past configuration space", view->name,
				off);
	size = rbi_pci_view_reach(view);
	if (size < 0)
		return size;
	if (off < (unsigned int)size)
		return 0;
	return rbi_fail(-ERANGE,
			view->kind == RBI_PCI_VIEW_BYTES
				? "%s: offset %#x is past their end"
				: "%s: offset %#x: nothing shows extended configuration space",
			view->name, off);
}

int rbi_pci_view_dword(struct rb_pci_view *view, unsigned int off, uint32_t *val)
{
	int rc;

	*val = UINT32_MAX;
	rc = check_offset(view, off);
	if (rc < 0)
		return rc;
	switch (view->kind) {
	case RBI_PCI_VIEW_DEV:
		rc = rbi_pci_read_dword(view->dev, off, val);
		break;
	case RBI_PCI_VIEW_FUNCTION:
		rc = function_dword(view, off, val);
		break;
	case RBI_PCI_VIEW_BYTES:
		*val = saved_dword(view->bytes + off);
		break;
	}
	if (rc < 0)
		*val = UINT32_MAX;
	return rc;
}

/* --- the public forms -------------------------------------------------------------------- */

/* One read of @width bytes: 0, with the value in *val. */
static int view_read(struct rb_pci_view *view, unsigned int off, unsigned int width,
		     const char *call, uint32_t *val)
{
	int rc;

	*val = UINT32_MAX;
	rc = rbi_pci_view_check(view, call);
	if (rc < 0)
		return rc;
	if (off & (width - 1))
		return rbi_fail(-EINVAL, "%s: %s: offset %#x is no multiple of %u", view->name,
				call, off, width);
	rc = rbi_pci_view_dword(view, off & ~3u, val);
	if (rc == 0)
		*val >>= 8 * (off & 3u);
	return rc;
}

int rb_pci_view_read32(struct rb_pci_view *view, unsigned int off, uint32_t *val)
{
	if (!val)
		return rbi_fail(-EINVAL, "rb_pci_view_read32: NULL");
	return view_read(view, off, 4, "rb_pci_view_read32", val);
}

int rb_pci_view_read16(struct rb_pci_view *view, unsigned int off, uint16_t *val)
{
	uint32_t wide;
	int rc;

	if (!val)
		return rbi_fail(-EINVAL, "rb_pci_view_read16: NULL");
	rc = view_read(view, off, 2, "rb_pci_view_read16", &wide);
	*val = (uint16_t)wide;
	return rc;
}

int rb_pci_view_read8(struct rb_pci_view *view, unsigned int off, uint8_t *val)
{
	uint32_t wide;
	int rc;

	if (!val)
		return rbi_fail(-EINVAL, "rb_pci_view_read8: NULL");
	rc = view_read(view, off, 1, "rb_pci_view_read8", &wide);
	*val = (uint8_t)wide;
	return rc;
}

int rb_pci_view_read(struct rb_pci_view *view, unsigned int off, void *buf, size_t len)
{
	uint8_t *to = buf;
	uint32_t dword = 0;
	size_t i;
	int rc;

	rc = rbi_pci_view_check(view, "rb_pci_view_read");
	if (rc < 0)
		return rc;
	if (len > 0 && !buf)
		return rbi_fail(-EINVAL, "rb_pci_view_read: NULL");
	if (off > RBI_PCI_EXT_END || len > RBI_PCI_EXT_END - off)
		return rbi_fail(-ERANGE, "%s: %zu bytes at %#x pass configuration space",
				view->name, len, off);
	for (i = 0; i < len; i++, off++) {
		if (i == 0 || off % 4 == 0) {
			rc = rbi_pci_view_dword(view, off & ~3u, &dword);
			if (rc < 0)
				return rc;
		}
		to[i] = (uint8_t)(dword >> 8 * (off & 3u));
	}
	return 0;
}
