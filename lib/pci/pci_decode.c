/* SPDX-License-Identifier: MIT */
/*
 * pci_decode.c - what every decoder of a capability begins and ends with.
 */
#include "config.h"

#include <string.h>

#include "pci/pci_view.h"

#define OUT_MAX 4096u /* above this many bytes a size is garbage */

static int check_out(const char *name, const void *out)
{
	uint32_t size;

	if (!out)
		return rbi_fail(-EINVAL, "decoding %s: NULL", name);
	memcpy(&size, out, sizeof(size));
	if (size < sizeof(size) || size > OUT_MAX || size % sizeof(size) != 0)
		return rbi_fail(-EINVAL, "decoding %s: size %u is not set by its initializer macro",
				name, (unsigned int)size);
	return 0;
}

static int find_first(struct rbi_pci_decode *d, unsigned int id, bool extended)
{
	return extended ? rb_pci_view_find_ext_cap(d->view, (uint16_t)id, &d->off)
			: rb_pci_view_find_cap(d->view, (uint8_t)id, &d->off);
}

static int check_id(struct rbi_pci_decode *d, unsigned int id, bool extended)
{
	unsigned int first = extended ? RBI_PCI_EXT_FIRST : RBI_PCI_STD_FIRST;
	unsigned int there;
	int rc;

	if (d->off < first || d->off >= d->end || d->off % 4 != 0)
		return rbi_fail(-EINVAL, "%s: no %s can be at %#x", d->view->name, d->name, d->off);
	rc = rbi_pci_view_dword(d->view, d->off, &d->header);
	if (rc < 0)
		return rc;
	there = d->header & (extended ? 0xffffu : 0xffu);
	if (there != id)
		return rbi_fail(-EINVAL, "%s: at %#x is capability %#04x, not %s", d->view->name,
				d->off, there, d->name);
	return 0;
}

int rbi_pci_decode_begin(struct rbi_pci_decode *d, struct rb_pci_view *view, unsigned int off,
			 unsigned int id, bool extended, const void *out)
{
	memset(d, 0, sizeof(*d));
	d->view = view;
	d->off = off;
	d->name = rb_pci_cap_name(id, extended);
	d->end = extended ? RBI_PCI_EXT_END : RBI_PCI_STD_END;
	d->rc = rbi_pci_view_check(view, d->name);
	if (d->rc == 0)
		d->rc = check_out(d->name, out);
	if (d->rc == 0 && off == 0)
		d->rc = find_first(d, id, extended);
	if (d->rc == 0)
		d->rc = check_id(d, id, extended);
	return d->rc;
}

uint32_t rbi_pci_decode_dword(struct rbi_pci_decode *d, unsigned int rel)
{
	uint32_t val;

	if (d->rc < 0)
		return 0;
	if (rel > d->end - 4 - d->off) {
		d->rc = rbi_fail(-EPROTO, "%s: %s at %#x passes the end of its space at %#x",
				 d->view->name, d->name, d->off, d->end);
		return 0;
	}
	d->rc = rbi_pci_view_dword(d->view, d->off + rel, &val);
	return d->rc < 0 ? 0 : val;
}

int rbi_pci_decode_end(const struct rbi_pci_decode *d, void *own, size_t own_size, void *out)
{
	uint32_t size;

	if (d->rc < 0)
		return d->rc;
	memcpy(&size, out, sizeof(size));
	memcpy(own, &size, sizeof(size));
	memcpy(out, own, size < own_size ? size : own_size);
	return 0;
}
