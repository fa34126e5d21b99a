/* SPDX-License-Identifier: MIT */
/* pci_list.c - lists of functions. */
#include "config.h"

#include "pci/pci_list.h"

#define LIST_START 16 /* functions: more than most machines have costs a doubling or two */

int rbi_pci_list_new(struct rb_pci_list **out)
{
	*out = rbi_alloc(1, sizeof(**out));
	return *out ? 0 : rbi_no_memory("a list of PCI functions");
}

void rbi_pci_list_free(struct rb_pci_list *list)
{
	if (list)
		rbi_free(list->infos);
	rbi_free(list);
}

int rbi_pci_list_add(struct rb_pci_list *list, const struct rb_pci_info *info)
{
	struct rb_pci_info *infos;
	size_t space;

	if (list->count == list->space) {
		space = list->space ? list->space * 2 : LIST_START;
		infos = rbi_realloc(list->infos, space, sizeof(*infos));
		if (!infos)
			return rbi_no_memory("a list of PCI functions");
		list->infos = infos;
		list->space = space;
	}
	list->infos[list->count++] = *info;
	return 0;
}

void rbi_pci_list_publish(struct rb_pci_list *list, struct rb_ctx *ctx)
{
	list->ctx = rb_ctx_ref(ctx);
	rbi_live_add(ctx, &list->live, "PCI list", "of %zu functions", list->count);
}

size_t rb_pci_list_count(const struct rb_pci_list *list)
{
	return list ? list->count : 0;
}

const struct rb_pci_info *rb_pci_list_get(const struct rb_pci_list *list, size_t index)
{
	return list && index < list->count ? &list->infos[index] : NULL;
}

void rb_pci_list_close(struct rb_pci_list *list)
{
	struct rb_ctx *ctx;

	if (!list)
		return;
	ctx = list->ctx;
	rbi_live_del(ctx, &list->live);
	rbi_pci_list_free(list);
	rb_ctx_unref(ctx);
}
