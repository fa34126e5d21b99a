/* SPDX-License-Identifier: MIT */
/*
 * pci_scan.c - the list of functions, made without opening any.
 *
 * Addresses come from the directory, ids through the access endpoint; a driver
 * that was given a channel at birth also knows that channel's function. pcid
 * lists every function of every bus, so bridges need no walk of their own.
 */
#include "config.h"

#include <stdlib.h>

#include "core/detail.h"
#include "core/options.h"
#include "pci/pci_private.h"

#define LIST_START 16 /* functions: more than most machines have costs a doubling or two */

struct rb_pci_list {
	struct rb_ctx *ctx;
	struct rbi_live live;
	struct rb_pci_info *infos;
	size_t count;
	size_t space;
};

/* --- lists ------------------------------------------------------------------------- */

static int list_add(struct rb_pci_list *list, const struct rb_pci_info *info)
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

static int add_address(void *arg, struct rb_pci_addr addr, const char *name)
{
	struct rb_pci_info info = { .addr = addr };

	(void)name;
	return list_add(arg, &info);
}

static int by_address(const void *a, const void *b)
{
	uint32_t x = ((const struct rb_pci_info *)a)->addr.sbdf;
	uint32_t y = ((const struct rb_pci_info *)b)->addr.sbdf;

	return (x > y) - (x < y);
}

/* Sort by address and keep one of each. */
static void list_sort(struct rb_pci_list *list)
{
	size_t i, kept = 0;

	if (list->count == 0)
		return;
	qsort(list->infos, list->count, sizeof(*list->infos), by_address);
	for (i = 1; i < list->count; i++)
		if (list->infos[i].addr.sbdf != list->infos[kept].addr.sbdf)
			list->infos[++kept] = list->infos[i];
	list->count = kept + 1;
}

static void list_free(struct rb_pci_list *list)
{
	rbi_free(list->infos);
	rbi_free(list);
}

/* --- filters ----------------------------------------------------------------------- */

static bool needs_ids(const struct rb_pci_filter *f)
{
	return f->vendor || f->device || f->subvendor || f->subdevice || f->class_mask;
}

static bool matches(const struct rb_pci_filter *f, const struct rb_pci_info *info)
{
	if (!needs_ids(f))
		return true;
	return info->known && (!f->vendor || f->vendor == info->vendor) &&
	       (!f->device || f->device == info->device) &&
	       (!f->subvendor || f->subvendor == info->subvendor) &&
	       (!f->subdevice || f->subdevice == info->subdevice) &&
	       ((f->class_code ^ info->class_code) & f->class_mask) == 0;
}

/* --- scanning ------------------------------------------------------------------------ */

/* What one scan has to work with. */
struct scan {
	struct rbi_os *os;
	struct rb_pci_filter filter;
	bool has_client;
	struct rb_pci_info client; /* the inherited channel's function */
	int access; /* descriptor, or why there is none */
};

static int find_client(struct scan *scan)
{
	struct rbi_wire_function fn;
	struct rbi_pcid *channel;
	int rc;

	rc = rbi_pcid_client(scan->os, &channel);
	if (rc < 0 || !channel)
		return rc;
	rc = rbi_pcid_config(channel, &fn);
	if (rc == 0)
		rc = rbi_pci_learn_function(channel, &fn, &scan->client);
	scan->has_client = rc == 0;
	return rc;
}

/* A driver that brought its channel may have left everything else behind. */
static bool client_suffices(const struct scan *scan, int rc)
{
	return scan->has_client && (rc == -ENOTSUP || rc == -ENOENT || rc == -EACCES);
}

static int open_access(struct scan *scan)
{
	scan->access = rbi_pcid_access_open(scan->os);
	if (scan->access >= 0 || client_suffices(scan, scan->access))
		return 0;
	if (scan->access != -EACCES && scan->access != -ENOENT)
		return scan->access;
	if (!needs_ids(&scan->filter))
		return 0;
	if (scan->access == -ENOENT)
		return rbi_fail(-ENOTSUP, "this PCI server lets nobody read ids, so no filter "
					  "can be applied");
	return rbi_fail(-EACCES, "this process may not read PCI ids, so no filter can be applied");
}

/* Fill in the ids at @info: 1 to keep it, 0 to drop it, or a negative code. */
static int learn(const struct scan *scan, struct rb_pci_info *info)
{
	struct rbi_pci_source from;

	if (scan->has_client && info->addr.sbdf == scan->client.addr.sbdf) {
		*info = scan->client;
		return 1;
	}
	if (scan->access < 0)
		return !scan->has_client;
	from = rbi_pci_source_access(scan->os, scan->access, info->addr);
	return rbi_pci_learn(&from, info);
}

static int learn_all(const struct scan *scan, struct rb_pci_list *list)
{
	size_t i, kept = 0;
	int rc;

	for (i = 0; i < list->count; i++) {
		struct rb_pci_info info = list->infos[i];

		rc = learn(scan, &info);
		if (rc < 0)
			return rc;
		if (rc > 0 && matches(&scan->filter, &info))
			list->infos[kept++] = info;
	}
	list->count = kept;
	return 0;
}

static int list_fill(struct scan *scan, struct rb_pci_list *list)
{
	int rc;

	rc = find_client(scan);
	if (rc < 0)
		return rc;

	rc = rbi_pcid_list(scan->os, add_address, list);
	if (rc < 0 && !client_suffices(scan, rc))
		return rc;
	if (scan->has_client) {
		rc = add_address(list, scan->client.addr, NULL);
		if (rc < 0)
			return rc;
	}
	list_sort(list);

	rc = open_access(scan);
	if (rc < 0)
		return rc;
	rc = learn_all(scan, list);
	rbi_os_close(scan->os, scan->access);
	return rc;
}

int rb_pci_scan(struct rb_ctx *ctx, const struct rb_pci_filter *filter, struct rb_pci_list **out)
{
	struct rb_pci_list *list;
	struct scan scan = { .access = -1 };
	struct rbi_detail detail;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pci_scan: NULL");
	*out = NULL;
	rc = rbi_ctx_check(ctx, "rb_pci_scan");
	if (rc == 0)
		rc = rbi_options_copy(&scan.filter, sizeof(scan.filter), filter,
				      "struct rb_pci_filter");
	if (rc < 0)
		return rc;
	scan.os = ctx->os;

	rbi_detail_keep(&detail); /* a scan tries doors that may be closed */
	list = rbi_alloc(1, sizeof(*list));
	if (!list)
		return rbi_no_memory("a list of PCI functions");
	rc = list_fill(&scan, list);
	if (rc < 0) {
		list_free(list);
		return rc;
	}

	rbi_detail_restore(&detail);
	list->ctx = rb_ctx_ref(ctx);
	rbi_live_add(ctx, &list->live, "PCI list", "of %zu functions", list->count);
	*out = list;
	return 0;
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
	list_free(list);
	rb_ctx_unref(ctx);
}
