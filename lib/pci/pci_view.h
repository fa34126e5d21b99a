/* SPDX-License-Identifier: MIT */
/*
 * pci_view.h - configuration space however it can be had, for the files of lib/pci.
 *
 * A view moves aligned dwords. It knows of what a read that nobody answers looks like,
 * and how far it goes; what the dwords mean is for pci_caps.c and the decoders.
 */
#ifndef RBI_PCI_VIEW_H
#define RBI_PCI_VIEW_H

#include <rbdrv/pci_caps.h>

#include "pci/pci_private.h"

#define RBI_PCI_VIEW_MIN  64u /* the header that every function has (PCI 3.0, 6.1) */
#define RBI_PCI_STD_END	  256u
#define RBI_PCI_EXT_END	  4096u
#define RBI_PCI_STD_FIRST 0x40u
#define RBI_PCI_EXT_FIRST 0x100u

enum rbi_pci_view_kind {
	RBI_PCI_VIEW_DEV,      /* of an open device, which owns it */
	RBI_PCI_VIEW_FUNCTION, /* of a function that nobody opened, through a source */
	RBI_PCI_VIEW_BYTES     /* of saved bytes */
};

struct rb_pci_view {
	enum rbi_pci_view_kind kind;
	struct rb_ctx *ctx;	/* NULL for bytes */
	struct rb_pci_dev *dev; /* DEV */
	struct rbi_pci_source source; /* FUNCTION */
	uint8_t *bytes;		/* BYTES */
	atomic_int size;	/* bytes that can be read; 0: not found out yet */
	struct rb_pci_addr addr; /* not of bytes */
	char name[24];		/* for sentences */
	struct rbi_live live;	/* FUNCTION */
};

/* 0, or the refusal every call on a view begins with. */
int rbi_pci_view_check(const struct rb_pci_view *view, const char *call);
/* One dword, @off a multiple of 4; all-ones on failure. Codes as rb_pci_view_read32(). */
int rbi_pci_view_dword(struct rb_pci_view *view, unsigned int off, uint32_t *val);
/* rb_pci_view_size() of a view that was checked. */
int rbi_pci_view_reach(struct rb_pci_view *view);

/* --- walks (pci_caps.c) ------------------------------------------------------------- */

struct rb_pci_cap {
	uint16_t id;
	uint16_t off;
	uint16_t length;
	uint8_t version;
	bool extended;
	uint32_t header; /* its first dword */
};

struct rbi_pci_walk {
	struct rb_pci_view *view;
	bool extended;
	unsigned int at;      /* where the next one is; 0: nowhere */
	unsigned int end;     /* of what can be read of the list's space */
	uint32_t visited[RBI_PCI_EXT_END / 4 / 32]; /* a bit for each dword */
	char flaw[128];	      /* why the walk ended; "" when it just did */
};

/* Find the beginning of a list. 0, also for an empty one, or as reads. */
int rbi_pci_walk_begin(struct rbi_pci_walk *walk, struct rb_pci_view *view, bool extended);
/* 1 with the next one in *cap (its length is not set), 0 at the end, or as reads. */
int rbi_pci_walk_next(struct rbi_pci_walk *walk, struct rb_pci_cap *cap);

/* --- what a header tells (pci_cap_names.c) --------------------------------------------- */

/* Length by specification, from the first dword; 0: not known. */
unsigned int rbi_pci_cap_bytes(const struct rb_pci_cap *cap);

/* --- decoding (pci_decode.c) ------------------------------------------------------------- */

/* One capability being decoded. What goes wrong is kept in rc, and later reads are 0. */
struct rbi_pci_decode {
	struct rb_pci_view *view;
	const char *name; /* "MSI-X" */
	unsigned int off;
	unsigned int end; /* of its space */
	uint32_t header;
	int rc;
};

/* Find capability @id at @off, or the first one for 0, after looking at the arguments;
 * @out begins with its size. 0 or a negative code, which is in d->rc too. */
int rbi_pci_decode_begin(struct rbi_pci_decode *d, struct rb_pci_view *view, unsigned int off,
			 unsigned int id, bool extended, const void *out);
/* The dword @rel bytes from the capability's beginning. */
uint32_t rbi_pci_decode_dword(struct rbi_pci_decode *d, unsigned int rel);
/* Give @own of @own_size bytes, which begins with its size, to the caller: d->rc. */
int rbi_pci_decode_end(const struct rbi_pci_decode *d, void *own, size_t own_size, void *out);

static inline bool rbi_bit(uint32_t value, unsigned int bit)
{
	return value >> bit & 1u;
}

/* Bits @first to @first + @count - 1, @count below 32. */
static inline uint32_t rbi_bits(uint32_t value, unsigned int first, unsigned int count)
{
	return value >> first & ((UINT32_C(1) << count) - 1);
}

#endif
