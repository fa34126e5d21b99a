/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_find.c - the functions that the command line means: those that a driver finds, and the
 * bridges between them, which the PCI server of Redox walks through and does not list.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static int by_address(const void *a, const void *b)
{
	uint32_t left = ((const struct function *)a)->addr.sbdf;
	uint32_t right = ((const struct function *)b)->addr.sbdf;

	return left < right ? -1 : left > right;
}

/* --- what a driver finds ----------------------------------------------------------- */

static int add_listed(struct rb_ctx *ctx, const struct rb_pci_filter *filter,
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

/* A walk over segment 0, the only one where functions that are not listed may be asked for. */
struct walk {
	struct rb_ctx *ctx;
	const struct rb_pci_filter *filter;
	struct function_list *list;
	bool wanted[256], done[256]; /* buses */
};

static bool id_matches(uint16_t wanted, bool exact, uint16_t id)
{
	return (wanted == 0 && !exact) || wanted == id;
}

/* A filter as a scan applies it. */
static bool matches(const struct rb_pci_filter *filter, const struct function *fn)
{
	return !filter ||
	       (((filter->addr ^ fn->addr.sbdf) & filter->addr_mask) == 0 &&
		((filter->class_code ^ fn->class_code) & filter->class_mask) == 0 &&
		id_matches(filter->vendor, filter->exact & RB_PCI_EXACT_VENDOR, fn->vendor) &&
		id_matches(filter->device, filter->exact & RB_PCI_EXACT_DEVICE, fn->device));
}

/* What is at an address: 0, and the header type with its multi-function bit. */
static int look(struct rb_ctx *ctx, struct function *fn, uint8_t *header_type)
{
	struct rb_pci_view *view;
	uint32_t ids, class_code, buses;
	int rc;

	rc = rb_pci_view_open(ctx, fn->addr, &view);
	if (rc < 0)
		return rc;
	rc = rb_pci_view_read32(view, 0x00, &ids);
	if (rc == 0)
		rc = rb_pci_view_read32(view, 0x08, &class_code);
	if (rc == 0)
		rc = rb_pci_view_read8(view, 0x0e, header_type);
	if (rc == 0)
		rc = rb_pci_view_read32(view, 0x18, &buses);
	rb_pci_view_close(view);
	if (rc < 0)
		return rc;
	fn->known = true;
	fn->vendor = (uint16_t)ids;
	fn->device = (uint16_t)(ids >> 16);
	fn->class_code = class_code >> 8;
	fn->revision = (uint8_t)class_code;
	fn->secondary = (uint8_t)(buses >> 8);
	fn->subordinate = (uint8_t)(buses >> 16);
	return 0;
}

static bool absent(int rc)
{
	return rc == -ENOENT || rc == -ENODEV;
}

/* One slot of a bus. Only what is no ordinary function is added: those are listed. */
static int walk_slot(struct walk *w, unsigned int bus, unsigned int slot)
{
	unsigned int number, last = 0;
	uint8_t type;
	int rc;

	for (number = 0; number <= last; number++) {
		struct function fn = { .addr = rb_pci_addr_make(0, bus, slot, number) };

		rc = look(w->ctx, &fn, &type);
		if (absent(rc))
			continue;
		if (rc < 0)
			return rc;
		if (number == 0 && (type & 0x80))
			last = 7;
		type &= 0x7f;
		if (type == 0)
			continue;
		fn.bridge = type == 1 || type == 2;
		if (fn.bridge)
			w->wanted[fn.secondary] = true;
		if (matches(w->filter, &fn) && !list_add(w->list, &fn))
			return -ENOMEM;
	}
	return 0;
}

/* Without the right to look at functions that are not listed there are no bridges to be seen. */
static int add_bridges(struct rb_ctx *ctx, const struct rb_pci_filter *filter,
		       struct function_list *list)
{
	struct walk w = { .ctx = ctx, .filter = filter, .list = list };
	unsigned int bus, slot;
	size_t i;
	int rc = 0;

	w.wanted[0] = true;
	for (i = 0; i < list->count; i++) {
		if (rb_pci_addr_segment(list->at[i].addr) == 0)
			w.wanted[rb_pci_addr_bus(list->at[i].addr)] = true;
	}
	for (bus = 0; bus < 256 && rc == 0; bus++) {
		if (!w.wanted[bus] || w.done[bus])
			continue;
		w.done[bus] = true;
		for (slot = 0; slot < 32 && rc == 0; slot++)
			rc = walk_slot(&w, bus, slot);
		bus = 0; /* a bridge may lead to a lower bus; every bus is done once */
	}
	return rc == -EACCES || rc == -ENOTSUP ? 0 : rc;
}

/* --- both -------------------------------------------------------------------------- */

static int find(const struct tool_args *args, const struct rb_pci_filter *filter,
		struct rb_ctx **ctx, struct function_list *list)
{
	int rc, status;

	rc = rb_ctx_new(args->machine, ctx);
	if (rc < 0)
		return term_complain(rc);
	rc = add_listed(*ctx, filter, list);
	if (rc == 0)
		rc = add_bridges(*ctx, filter, list);
	if (rc == 0) {
		if (list->count > 1)
			qsort(list->at, list->count, sizeof(*list->at), by_address);
		return EXIT_OK;
	}
	status = term_complain(rc);
	functions_free(list);
	rb_ctx_unref(*ctx);
	return status;
}

int find_functions(const struct tool_args *args, struct rb_ctx **ctx, struct function_list *list)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;

	*list = (struct function_list){ 0 };
	if (args->slot && rb_pci_filter_slot(&filter, args->slot) < 0)
		return term_misuse("no slot is meant by", args->slot);
	if (args->id && rb_pci_filter_id(&filter, args->id) < 0)
		return term_misuse("no id is meant by", args->id);
	return find(args, args->slot || args->id ? &filter : NULL, ctx, list);
}

int find_function(const struct tool_args *args, struct rb_ctx **ctx, struct function *fn)
{
	struct function_list list = { 0 };
	struct rb_pci_addr addr;
	int status;
	size_t i;

	if (rb_pci_addr_parse(args->operand[0], &addr) < 0)
		return term_misuse("no address:", args->operand[0]);
	/* No filter: without the right to read ids, addresses are still listed. */
	status = find(args, NULL, ctx, &list);
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
