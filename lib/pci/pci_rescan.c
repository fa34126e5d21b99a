/* SPDX-License-Identifier: MIT */
/* pci_rescan.c - what has come and gone since an earlier scan. */
#include "config.h"

#include "pci/pci_list.h"

static bool same_identity(const struct rb_pci_info *a, const struct rb_pci_info *b)
{
	if (!a->known || !b->known)
		return true; /* nothing says otherwise */
	return a->vendor == b->vendor && a->device == b->device && a->subvendor == b->subvendor &&
	       a->subdevice == b->subdevice && a->class_code == b->class_code &&
	       a->revision == b->revision;
}

/* Both are sorted, so one walk along both will do. */
static int compare(const struct rb_pci_list *before, const struct rb_pci_list *now,
		   struct rb_pci_list *arrived, struct rb_pci_list *departed)
{
	const struct rb_pci_info *old, *new;
	size_t i = 0, j = 0;
	int rc = 0;

	while (rc == 0 && (i < before->count || j < now->count)) {
		old = rb_pci_list_get(before, i);
		new = rb_pci_list_get(now, j);
		if (old && new && old->addr.sbdf == new->addr.sbdf && same_identity(old, new)) {
			i++;
			j++;
		} else if (old && (!new || old->addr.sbdf <= new->addr.sbdf)) {
			rc = rbi_pci_list_add(departed, old);
			i++;
			/* somebody else at its address */
			if (rc == 0 && new && old->addr.sbdf == new->addr.sbdf) {
				rc = rbi_pci_list_add(arrived, new);
				j++;
			}
		} else {
			rc = rbi_pci_list_add(arrived, new);
			j++;
		}
	}
	return rc;
}

/* Hand @list over, or drop it when nobody wants it. */
static void give(struct rb_pci_list *list, struct rb_ctx *ctx, struct rb_pci_list **out)
{
	if (!out) {
		rbi_pci_list_free(list);
		return;
	}
	rbi_pci_list_publish(list, ctx);
	*out = list;
}

int rb_pci_rescan(const struct rb_pci_list *before, struct rb_pci_list **now,
		  struct rb_pci_list **arrived, struct rb_pci_list **departed)
{
	struct rb_pci_list *found = NULL, *new = NULL, *gone = NULL;
	int rc;

	if (now)
		*now = NULL;
	if (arrived)
		*arrived = NULL;
	if (departed)
		*departed = NULL;
	if (!before || !now)
		return rbi_fail(-EINVAL, "rb_pci_rescan: NULL");

	rc = rbi_ctx_check(before->ctx, "rb_pci_rescan");
	if (rc == 0)
		rc = rbi_pci_list_scan(before->ctx, &before->filter, &found);
	if (rc == 0)
		rc = rbi_pci_list_new(&new);
	if (rc == 0)
		rc = rbi_pci_list_new(&gone);
	if (rc == 0)
		rc = compare(before, found, new, gone);
	if (rc < 0) {
		rbi_pci_list_free(found);
		rbi_pci_list_free(new);
		rbi_pci_list_free(gone);
		return rc;
	}

	/* difference lists are of the same filter, so they may be "before" themselves */
	new->filter = before->filter;
	gone->filter = before->filter;
	give(found, before->ctx, now);
	give(new, before->ctx, arrived);
	give(gone, before->ctx, departed);
	return 0;
}
