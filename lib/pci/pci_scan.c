/* SPDX-License-Identifier: MIT */
/*
 * pci_scan.c - the list of functions, made without opening any.
 *
 * Addresses come from the directory, ids through the access endpoint or, where a build
 * has none, through the functions' config files; a driver that was given a channel at
 * birth also knows that channel's function. pcid lists every endpoint of every bus;
 * bridges, which it does not list, are looked for when somebody asks for them.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/detail.h"
#include "pci/pci_list.h"

#define FOUND_START 16 /* functions: more than most machines have costs a doubling or two */

/* What one scan has to work with. */
struct scan {
	struct rbi_os *os;
	const struct rb_pci_filter *filter;
	struct rbi_pci_search *found; /* what is listed and has a wanted address */
	size_t count;
	size_t space;
	bool has_client;
	struct rb_pci_info client; /* the inherited channel's function */
	int access; /* descriptor, or why there is none */
	bool has_files; /* functions have a config file */
	struct rbi_pci_buses buses; /* of segment 0, with something listed on them */
};

/* --- what is listed ------------------------------------------------------------------ */

static int add_found(void *arg, struct rb_pci_addr addr, const char *name)
{
	struct scan *scan = arg;
	struct rbi_pci_search *found;
	size_t space;

	if (rb_pci_addr_segment(addr) == 0)
		scan->buses.has[rb_pci_addr_bus(addr)] = true;
	if (!rbi_pci_filter_fits_addr(scan->filter, addr))
		return 0;
	if (scan->count == scan->space) {
		space = scan->space ? scan->space * 2 : FOUND_START;
		found = rbi_realloc(scan->found, space, sizeof(*found));
		if (!found)
			return rbi_no_memory("the names of PCI functions");
		scan->found = found;
		scan->space = space;
	}
	found = &scan->found[scan->count++];
	found->addr = addr;
	snprintf(found->name, sizeof(found->name), "%s", name);
	return 0;
}

static int by_address(const void *a, const void *b)
{
	uint32_t x = ((const struct rbi_pci_search *)a)->addr.sbdf;
	uint32_t y = ((const struct rbi_pci_search *)b)->addr.sbdf;

	return (x > y) - (x < y);
}

/* pcid lists in order; a C library's sort may be slowest on just that. */
static bool is_sorted(const struct scan *scan)
{
	size_t i;

	for (i = 1; i < scan->count; i++)
		if (by_address(&scan->found[i - 1], &scan->found[i]) >= 0)
			return false;
	return true;
}

/* Sort by address and keep one of each. */
static void sort(struct scan *scan)
{
	size_t i, kept = 0;

	if (is_sorted(scan))
		return;
	qsort(scan->found, scan->count, sizeof(*scan->found), by_address);
	for (i = 1; i < scan->count; i++)
		if (scan->found[i].addr.sbdf != scan->found[kept].addr.sbdf)
			scan->found[++kept] = scan->found[i];
	scan->count = kept + 1;
}

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

static int find_functions(struct scan *scan)
{
	int rc;

	rc = find_client(scan);
	if (rc < 0)
		return rc;
	rc = rbi_pcid_list(scan->os, add_found, scan);
	if (rc < 0 && !client_suffices(scan, rc))
		return rc;
	if (scan->has_client) {
		rc = add_found(scan, scan->client.addr, "");
		if (rc < 0)
			return rc;
	}
	sort(scan);
	return 0;
}

/* --- a way to their ids -------------------------------------------------------------- */

/* Do functions have a config file? The first that is listed stands for all: 0, or why
 * there is none. */
static int try_files(struct scan *scan)
{
	size_t i = 0;
	int fd;

	while (i < scan->count && scan->found[i].name[0] == '\0')
		i++; /* the inherited channel, which nobody lists */
	if (i == scan->count)
		return scan->has_client ? -ENOENT : 0;
	fd = rbi_pcid_file_open(scan->os, scan->found[i].name);
	if (fd < 0)
		return fd;
	rbi_os_close(scan->os, fd);
	scan->has_files = true;
	return 0;
}

static int find_a_way(struct scan *scan)
{
	int rc;

	rc = scan->access = rbi_pcid_access_open(scan->os);
	if (rc == -ENOENT)
		rc = try_files(scan);
	if (rc >= 0 || client_suffices(scan, rc))
		return 0;
	if (rc != -EACCES && rc != -ENOENT)
		return rc;
	if (!rbi_pci_filter_needs_ids(scan->filter))
		return 0;
	if (rc == -ENOENT)
		return rbi_fail(-ENOTSUP, "this PCI server lets nobody read ids, so no filter "
					  "of ids can be applied");
	return rbi_fail(-EACCES,
			"this process may not read PCI ids, so no filter of ids can be applied");
}

static int add_bridge(void *arg, struct rb_pci_addr addr)
{
	return add_found(arg, addr, "");
}

/* What pcid does not list. */
static int find_bridges(struct scan *scan)
{
	int rc;

	if (!(scan->filter->include & (uint32_t)RB_PCI_INCLUDE_BRIDGES) || scan->access < 0)
		return 0;
	scan->buses.has[0] = true;
	rc = rbi_pci_walk_buses(scan->os, scan->access, &scan->buses, add_bridge, scan);
	sort(scan);
	return rc;
}

/* --- ids ------------------------------------------------------------------------------- */

static int learn_from_file(const struct scan *scan, const char *name, struct rb_pci_info *info)
{
	struct rbi_pci_source from;
	int fd, rc;

	fd = rbi_pcid_file_open(scan->os, name);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd; /* it has gone since it was listed */
	from = rbi_pci_source_file(scan->os, fd);
	rc = rbi_pci_learn(&from, info);
	rbi_os_close(scan->os, fd);
	return rc;
}

/* Fill in the ids at @info: 1 to keep it, 0 to drop it, or a negative code. */
static int learn(const struct scan *scan, const char *name, struct rb_pci_info *info)
{
	struct rbi_pci_source from;

	if (scan->has_client && info->addr.sbdf == scan->client.addr.sbdf) {
		*info = scan->client;
		return 1;
	}
	if (scan->has_files)
		return learn_from_file(scan, name, info);
	if (scan->access < 0)
		return !scan->has_client;
	from = rbi_pci_source_access(scan->os, scan->access, info->addr);
	return rbi_pci_learn(&from, info);
}

static int learn_all(const struct scan *scan, struct rb_pci_list *list)
{
	size_t i;
	int rc;

	for (i = 0; i < scan->count; i++) {
		struct rb_pci_info info = { .addr = scan->found[i].addr };

		rc = learn(scan, scan->found[i].name, &info);
		if (rc > 0 && rbi_pci_filter_fits_ids(scan->filter, &info))
			rc = rbi_pci_list_add(list, &info);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int fill(struct scan *scan, struct rb_pci_list *list)
{
	int rc;

	rc = find_functions(scan);
	if (rc == 0)
		rc = find_a_way(scan);
	if (rc == 0)
		rc = find_bridges(scan);
	if (rc == 0)
		rc = learn_all(scan, list);
	rbi_os_close(scan->os, scan->access);
	rbi_free(scan->found);
	return rc;
}

/* --- scanning ------------------------------------------------------------------------ */

int rbi_pci_list_scan(struct rb_ctx *ctx, const struct rb_pci_filter *filter,
		      struct rb_pci_list **out)
{
	struct scan scan = { .os = ctx->os, .access = -1 };
	struct rb_pci_list *list;
	struct rbi_detail detail;
	int rc;

	rbi_detail_keep(&detail); /* a scan tries doors that may be closed */
	rc = rbi_pci_list_new(&list);
	if (rc < 0)
		return rc;
	list->filter = *filter;
	scan.filter = &list->filter;
	rc = fill(&scan, list);
	if (rc < 0) {
		rbi_pci_list_free(list);
		return rc;
	}
	rbi_detail_restore(&detail);
	*out = list;
	return 0;
}

int rb_pci_scan(struct rb_ctx *ctx, const struct rb_pci_filter *filter, struct rb_pci_list **out)
{
	struct rb_pci_filter own;
	struct rb_pci_list *list;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pci_scan: NULL");
	*out = NULL;
	rc = rbi_ctx_check(ctx, "rb_pci_scan");
	if (rc == 0)
		rc = rbi_pci_filter_take(&own, filter);
	if (rc == 0)
		rc = rbi_pci_list_scan(ctx, &own, &list);
	if (rc < 0)
		return rc;
	rbi_pci_list_publish(list, ctx);
	*out = list;
	return 0;
}
