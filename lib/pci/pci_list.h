/* SPDX-License-Identifier: MIT */
/*
 * pci_list.h - lists of functions, and the filters they were made with.
 */
#ifndef RBI_PCI_LIST_H
#define RBI_PCI_LIST_H

#include "pci/pci_private.h"

struct rb_pci_list {
	struct rb_ctx *ctx;
	struct rbi_live live;
	struct rb_pci_filter filter; /* of the scan, for the next one */
	struct rb_pci_info *infos; /* sorted by address, each once */
	size_t count;
	size_t space;
};

/* --- pci_list.c ------------------------------------------------------------------------ */

/* An empty list that nobody has heard of: -ENOMEM. */
int rbi_pci_list_new(struct rb_pci_list **out);
/* Undo rbi_pci_list_new(). NULL does nothing. */
void rbi_pci_list_free(struct rb_pci_list *list);
int rbi_pci_list_add(struct rb_pci_list *list, const struct rb_pci_info *info);
/* From here on it is the caller's of the API, who closes it by rb_pci_list_close(). */
void rbi_pci_list_publish(struct rb_pci_list *list, struct rb_ctx *ctx);

/* --- pci_scan.c ------------------------------------------------------------------------ */

/* What rb_pci_scan() makes, not published; @filter is the list's own from then on. */
int rbi_pci_list_scan(struct rb_ctx *ctx, const struct rb_pci_filter *filter,
		      struct rb_pci_list **out);

/* --- pci_walk.c ------------------------------------------------------------------------ */

/* A set of bus numbers of segment 0. */
struct rbi_pci_buses {
	bool has[256];
};

/*
 * Every bridge on @buses and on the buses behind them, through the access endpoint
 * @fd. @each's first non-zero answer ends the walk and is returned; or a code as
 * rbi_pcid_access_read().
 */
int rbi_pci_walk_buses(struct rbi_os *os, int fd, struct rbi_pci_buses *buses,
		       int (*each)(void *arg, struct rb_pci_addr addr), void *arg);

/* --- pci_filter.c ---------------------------------------------------------------------- */

/* Take over a caller's filter: 0 or -EINVAL. */
int rbi_pci_filter_take(struct rb_pci_filter *own, const struct rb_pci_filter *filter);
/* Does it ask for what only configuration space tells? */
bool rbi_pci_filter_needs_ids(const struct rb_pci_filter *f);
bool rbi_pci_filter_fits_addr(const struct rb_pci_filter *f, struct rb_pci_addr addr);
/* The address aside. */
bool rbi_pci_filter_fits_ids(const struct rb_pci_filter *f, const struct rb_pci_info *info);

#endif
