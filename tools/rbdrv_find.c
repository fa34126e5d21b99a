/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_find.c - the functions that the command line means: those that a driver finds, and the
 * bridges between them, which the PCI server of Redox walks through and does not list.
 */
#include <errno.h>
#include <stdlib.h>

#include "tool.h"

static bool list_add(struct function_list *list, const struct function *fn)
{
	struct function *more;

	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		more = realloc(list->at, list->room * sizeof(*more));
		if (!more)
			return false;
		list->at = more;
	}
	list->at[list->count++] = *fn;
	return true;
}

void functions_free(struct function_list *list)
{
	free(list->at);
	*list = (struct function_list){ 0 };
}

static int add_found(struct rb_ctx *ctx, const struct rb_pci_filter *filter,
		      struct function_list *list)
{
	const struct rb_pci_info *info;
	struct rb_pci_list *found;
	struct function fn;
	size_t i;
	int rc;

	rc = rb_pci_scan(ctx, filter, &found);
	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < rb_pci_list_count(found); i++) {
		info = rb_pci_list_get(found, i);
		fn = (struct function){
			.addr = rb_pci_info_addr(info),
			.known = rb_pci_info_known(info),
			.vendor = rb_pci_info_vendor(info),
			.device = rb_pci_info_device(info),
			.class_code = rb_pci_info_class(info),
			.revision = rb_pci_info_revision(info),
		};
		if (!list_add(list, &fn))
			rc = -ENOMEM;
	}
	rb_pci_list_close(found);
	return rc;
}

/* --- bridges ----------------------------------------------------------------------- */

/* What bus is behind a function, if one is. One that cannot be looked at leads nowhere. */
static void look_behind(struct rb_ctx *ctx, struct function *fn)
{
	struct rb_pci_view *view;
	uint8_t type = 0;
	uint32_t buses;

	if (rb_pci_view_open(ctx, fn->addr, &view) < 0)
		return;
	if (rb_pci_view_read8(view, 0x0e, &type) == 0 &&
	    ((type & 0x7f) == 1 || (type & 0x7f) == 2) &&
	    rb_pci_view_read32(view, 0x18, &buses) == 0) {
		fn->bridge = true;
		fn->secondary = (uint8_t)(buses >> 8);
		fn->subordinate = (uint8_t)(buses >> 16);
	}
	rb_pci_view_close(view);
}

void functions_look_behind(struct rb_ctx *ctx, struct function_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		look_behind(ctx, &list->at[i]);
}

/* --- finding ------------------------------------------------------------------------- */

static int find(const struct tool_args *args, const struct rb_pci_filter *filter,
		struct rb_ctx **ctx, struct function_list *list)
{
	int rc, status;

	rc = rb_ctx_new(args->machine, ctx);
	if (rc < 0)
		return term_complain(rc);
	rc = add_found(*ctx, filter, list);
	if (rc == 0)
		return EXIT_OK;
	status = term_complain(rc);
	functions_free(list);
	rb_ctx_unref(*ctx);
	return status;
}

int find_functions(const struct tool_args *args, struct rb_ctx **ctx, struct function_list *list)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	filter.include = RB_PCI_INCLUDE_BRIDGES;
	*list = (struct function_list){ 0 };
	if (args->slot && rb_pci_filter_slot(&filter, args->slot) < 0)
		return term_misuse("no slot is meant by", args->slot);
	if (args->id && rb_pci_filter_id(&filter, args->id) < 0)
		return term_misuse("no id is meant by", args->id);
	return find(args, &filter, ctx, list);
}

int find_function(const struct tool_args *args, struct rb_ctx **ctx, struct function *fn)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct function_list list = { 0 };
	struct rb_pci_addr addr;
	int status;
	size_t i;

	if (rb_pci_addr_parse(args->operand[0], &addr) < 0)
		return term_misuse("no address:", args->operand[0]);
	/* Of every address: without the right to read ids, addresses are still listed. */
	filter.include = RB_PCI_INCLUDE_BRIDGES;
	status = find(args, &filter, ctx, &list);
	if (status != EXIT_OK)
		return status;
	for (i = 0; i < list.count; i++) {
		if (list.at[i].addr.sbdf == addr.sbdf)
			break;
	}
	if (i < list.count) {
		*fn = list.at[i];
	} else {
		status = term_fail("there is no function at %s", args->operand[0]);
		rb_ctx_unref(*ctx);
	}
	functions_free(&list);
	return status;
}
