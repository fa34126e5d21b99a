/* SPDX-License-Identifier: MIT */
/*
 * pci_caps.c - walks over the two lists of capabilities (PCI 3.0, 6.7; PCIe 6.0, 7.6.3).
 *
 * A list is what the function says: pointers may lead anywhere and back. Each dword of
 * the space can be visited once, which bounds every walk.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "pci/pci_view.h"

#define STD_POINTER 0xfcu  /* the two low bits of a pointer are reserved */
#define EXT_POINTER 0xffcu /* here too */
#define STD_NOBODY  0xffu  /* an id that no capability has */
#define LIST_START  16

struct rb_pci_caps {
	struct rb_pci_cap *list;
	size_t count, room;
	char *flaw; /* or NULL */
};

/* --- one walk -------------------------------------------------------------------------- */

static int end_with_flaw(struct rbi_pci_walk *walk, const char *what, unsigned int at)
{
	snprintf(walk->flaw, sizeof(walk->flaw), "%s: the %s list of capabilities %s %#x",
		 walk->view->name, walk->extended ? "extended" : "standard", what, at);
	walk->at = 0;
	return 0;
}

/* Where the standard list begins. */
static int begin_standard(struct rbi_pci_walk *walk)
{
	unsigned int pointer = RBI_PCI_CAPS;
	uint32_t dword;
	int rc;

	rc = rbi_pci_view_dword(walk->view, RBI_PCI_COMMAND, &dword);
	if (rc < 0 || !(dword & RBI_PCI_STATUS_CAPS))
		return rc;
	if (dword == UINT32_MAX) /* of saved bytes: others are gone */
		return end_with_flaw(walk, "is of a function that was gone: all-ones at",
				     RBI_PCI_COMMAND);
	rc = rbi_pci_view_dword(walk->view, RBI_PCI_HEADER, &dword);
	if (rc < 0)
		return rc;
	if (RBI_PCI_HEADER_TYPE(dword) == 2)
		pointer = RBI_PCI_CAPS_CARDBUS;
	rc = rbi_pci_view_dword(walk->view, pointer, &dword);
	if (rc == 0)
		walk->at = dword & STD_POINTER;
	return rc;
}

/* The extended list always begins at 0x100; all zeros there say that there is none, and
 * all-ones that nobody could read it. */
static int begin_extended(struct rbi_pci_walk *walk)
{
	uint32_t dword;
	int rc;

	if (walk->end <= RBI_PCI_EXT_FIRST)
		return 0;
	rc = rbi_pci_view_dword(walk->view, RBI_PCI_EXT_FIRST, &dword);
	if (rc == 0 && dword != 0 && dword != UINT32_MAX)
		walk->at = RBI_PCI_EXT_FIRST;
	return rc;
}

int rbi_pci_walk_begin(struct rbi_pci_walk *walk, struct rb_pci_view *view, bool extended)
{
	unsigned int last = extended ? RBI_PCI_EXT_END : RBI_PCI_STD_END;
	int size = RBI_PCI_STD_END; /* of live views, which must not be asked: they walk, too */

	memset(walk, 0, sizeof(*walk));
	walk->view = view;
	walk->extended = extended;
	if (extended || view->kind == RBI_PCI_VIEW_BYTES)
		size = rbi_pci_view_reach(view);
	if (size < 0)
		return size;
	walk->end = (unsigned int)size < last ? (unsigned int)size : last;
	return extended ? begin_extended(walk) : begin_standard(walk);
}

static void step(struct rbi_pci_walk *walk, struct rb_pci_cap *cap, uint32_t header)
{
	cap->off = (uint16_t)walk->at;
	cap->extended = walk->extended;
	cap->length = 0;
	cap->header = header;
	if (walk->extended) {
		cap->id = (uint16_t)header;
		cap->version = header >> 16 & 0xfu;
		walk->at = header >> 20 & EXT_POINTER;
	} else {
		cap->id = header & 0xffu;
		cap->version = 0;
		walk->at = header >> 8 & STD_POINTER;
	}
}

int rbi_pci_walk_next(struct rbi_pci_walk *walk, struct rb_pci_cap *cap)
{
	unsigned int at = walk->at, index = at / 4;
	uint32_t header;
	int rc;

	if (at == 0)
		return 0;
	if (at < (walk->extended ? RBI_PCI_EXT_FIRST : RBI_PCI_STD_FIRST))
		return end_with_flaw(walk, "leads in front of its space, to", at);
	if (at >= walk->end)
		return end_with_flaw(walk, "goes on past what was saved, at", at);
	if (walk->visited[index / 32] >> index % 32 & 1u)
		return end_with_flaw(walk, "runs in a circle at", at);
	walk->visited[index / 32] |= UINT32_C(1) << index % 32;

	rc = rbi_pci_view_dword(walk->view, at, &header);
	if (rc < 0)
		return rc;
	if (header == UINT32_MAX || (!walk->extended && (header & 0xffu) == STD_NOBODY))
		return end_with_flaw(walk, "leads to where no capability is, all-ones at", at);
	step(walk, cap, header);
	return 1;
}

/* --- all of them --------------------------------------------------------------------------- */

static int add(struct rb_pci_caps *caps, const struct rb_pci_cap *cap)
{
	struct rb_pci_cap *list;
	size_t room;

	if (caps->count == caps->room) {
		room = caps->room ? caps->room * 2 : LIST_START;
		list = rbi_realloc(caps->list, room, sizeof(*list));
		if (!list)
			return rbi_no_memory("capabilities");
		caps->list = list;
		caps->room = room;
	}
	caps->list[caps->count++] = *cap;
	return 0;
}

/* A capability owns its length by specification, but not the next one, nor past the end. */
static uint16_t length_of(const struct rbi_pci_walk *walk, const struct rb_pci_cap *cap)
{
	unsigned int known = rbi_pci_cap_bytes(cap);
	unsigned int at;

	for (at = cap->off + 4u; at < walk->end; at += 4)
		if (walk->visited[at / 4 / 32] >> at / 4 % 32 & 1u)
			break;
	at -= cap->off;
	return (uint16_t)(known != 0 && known < at ? known : at);
}

static int keep_flaw(struct rb_pci_caps *caps, const char *flaw)
{
	char *both;

	if (flaw[0] == '\0')
		return 0;
	both = caps->flaw ? rbi_sprintf("%s; %s", caps->flaw, flaw) : rbi_strdup(flaw);
	if (!both)
		return rbi_no_memory("a flaw of capabilities");
	rbi_free(caps->flaw);
	caps->flaw = both;
	return 0;
}

static int scan_list(struct rb_pci_caps *caps, struct rb_pci_view *view, bool extended)
{
	size_t i = caps->count;
	struct rbi_pci_walk walk;
	struct rb_pci_cap cap;
	int rc;

	rc = rbi_pci_walk_begin(&walk, view, extended);
	while (rc == 0 && (rc = rbi_pci_walk_next(&walk, &cap)) > 0)
		rc = add(caps, &cap);
	if (rc < 0)
		return rc;
	for (; i < caps->count; i++)
		caps->list[i].length = length_of(&walk, &caps->list[i]);
	return keep_flaw(caps, walk.flaw);
}

int rb_pci_caps_scan(struct rb_pci_view *view, struct rb_pci_caps **out)
{
	struct rb_pci_caps *caps;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pci_caps_scan: NULL");
	*out = NULL;
	rc = rbi_pci_view_check(view, "rb_pci_caps_scan");
	if (rc < 0)
		return rc;

	caps = rbi_alloc(1, sizeof(*caps));
	if (!caps)
		return rbi_no_memory("capabilities");
	rc = scan_list(caps, view, false);
	if (rc == 0)
		rc = scan_list(caps, view, true);
	if (rc < 0) {
		rb_pci_caps_close(caps);
		return rc;
	}
	*out = caps;
	return 0;
}

void rb_pci_caps_close(struct rb_pci_caps *caps)
{
	if (!caps)
		return;
	rbi_free(caps->list);
	rbi_free(caps->flaw);
	rbi_free(caps);
}

/* --- the first of an id ----------------------------------------------------------------- */

static int find(struct rb_pci_view *view, unsigned int id, bool extended, unsigned int *off)
{
	struct rbi_pci_walk walk;
	struct rb_pci_cap cap;
	int rc;

	rc = rbi_pci_walk_begin(&walk, view, extended);
	while (rc == 0 && (rc = rbi_pci_walk_next(&walk, &cap)) > 0) {
		if (cap.id == id) {
			*off = cap.off;
			return 0;
		}
		rc = 0;
	}
	if (rc < 0)
		return rc;
	if (walk.flaw[0] != '\0')
		return rbi_fail(-EPROTO, "%s", walk.flaw);
	return rbi_fail(-ENOENT, "%s has no %scapability %#04x", view->name,
			extended ? "extended " : "", id);
}

int rb_pci_view_find_cap(struct rb_pci_view *view, uint8_t id, unsigned int *off)
{
	int rc;

	if (!off)
		return rbi_fail(-EINVAL, "rb_pci_view_find_cap: NULL");
	rc = rbi_pci_view_check(view, "rb_pci_view_find_cap");
	return rc < 0 ? rc : find(view, id, false, off);
}

int rb_pci_view_find_ext_cap(struct rb_pci_view *view, uint16_t id, unsigned int *off)
{
	int rc;

	if (!off)
		return rbi_fail(-EINVAL, "rb_pci_view_find_ext_cap: NULL");
	rc = rbi_pci_view_check(view, "rb_pci_view_find_ext_cap");
	return rc < 0 ? rc : find(view, id, true, off);
}

int rb_pci_find_cap(struct rb_pci_dev *dev, uint8_t id, unsigned int *off)
{
	return rb_pci_view_find_cap(rb_pci_view_dev(dev), id, off);
}

int rb_pci_find_ext_cap(struct rb_pci_dev *dev, uint16_t id, unsigned int *off)
{
	return rb_pci_view_find_ext_cap(rb_pci_view_dev(dev), id, off);
}

/* --- getters ------------------------------------------------------------------------- */

const char *rb_pci_caps_flaw(const struct rb_pci_caps *caps)
{
	return caps ? caps->flaw : NULL;
}

size_t rb_pci_caps_count(const struct rb_pci_caps *caps)
{
	return caps ? caps->count : 0;
}

const struct rb_pci_cap *rb_pci_caps_get(const struct rb_pci_caps *caps, size_t index)
{
	return caps && index < caps->count ? &caps->list[index] : NULL;
}

unsigned int rb_pci_cap_id(const struct rb_pci_cap *cap)
{
	return cap ? cap->id : 0;
}

unsigned int rb_pci_cap_offset(const struct rb_pci_cap *cap)
{
	return cap ? cap->off : 0;
}

bool rb_pci_cap_is_extended(const struct rb_pci_cap *cap)
{
	return cap && cap->extended;
}

unsigned int rb_pci_cap_version(const struct rb_pci_cap *cap)
{
	return cap ? cap->version : 0;
}

unsigned int rb_pci_cap_length(const struct rb_pci_cap *cap)
{
	return cap ? cap->length : 0;
}
