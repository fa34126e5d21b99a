/* SPDX-License-Identifier: MIT */
/*
 * host_pcid_bus.c - the functions that the PCI server knows: learned when it starts,
 * and again when somebody asks it to look.
 */
#include "config.h"

#include <stdlib.h>

#include "host/host_pcid.h"

#define FUNCTIONS_MAX 65536 /* that a machine may show */

static int by_address(const void *a, const void *b)
{
	const struct rb_pci_addr *x = a, *y = b;

	return (x->sbdf > y->sbdf) - (x->sbdf < y->sbdf);
}

void rbi_hosted_pcid_drop(struct rbi_server_func *fn)
{
	if (fn && --fn->refs == 0)
		rbi_free(fn);
}

/* Learn what is at @addr: 0, with *@out NULL when pcid does not list it. */
static int look_at(struct rbi_hosted *h, struct rb_pci_addr addr, struct rbi_server_func **out)
{
	struct rbi_server_func *fn = rbi_alloc(1, sizeof(*fn));

	*out = NULL;
	if (!fn)
		return -ENOMEM;
	if (!rbi_hosted_pcid_probe(h, addr, fn)) {
		rbi_free(fn);
		return 0;
	}
	fn->refs = 1;
	*out = fn;
	return 0;
}

/* What the machine has now, sorted: the count. */
static int functions(struct rbi_hosted *h, struct rb_pci_addr **out)
{
	struct rb_pci_addr *at;
	int rc, n = h->machine->ops->functions(h->machine, NULL, 0);

	*out = NULL;
	if (n < 0)
		return n;
	if (n > FUNCTIONS_MAX)
		n = FUNCTIONS_MAX;
	at = rbi_alloc((size_t)n + 1, sizeof(*at));
	if (!at)
		return -ENOMEM;
	rc = h->machine->ops->functions(h->machine, at, (size_t)n);
	if (rc < 0) {
		rbi_free(at);
		return rc;
	}
	n = rc < n ? rc : n;
	qsort(at, (size_t)n, sizeof(*at), by_address);
	*out = at;
	return n;
}

static void free_list(struct rbi_server_func **funcs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		rbi_hosted_pcid_drop(funcs[i]);
	rbi_free(funcs);
}

/* The list of what is at the @n places @at, with those of @old that stay. On failure the
 * old list holds. */
static int make_list(struct rbi_hosted *h, struct rbi_pci_server *pcid,
		     const struct rb_pci_addr *at, size_t n)
{
	struct rbi_server_func **funcs = rbi_alloc(n + pcid->nfuncs + 1, sizeof(*funcs)), *fn;
	size_t i = 0, old = 0, count = 0;
	int rc = funcs ? 0 : -ENOMEM;

	while (rc == 0 && (i < n || old < pcid->nfuncs)) {
		fn = old < pcid->nfuncs ? pcid->funcs[old] : NULL;
		if (fn && (i == n || fn->config.addr.sbdf <= at[i].sbdf)) {
			/* locked: it stays as it is, whatever is there now */
			i += i < n && fn->in_use && fn->config.addr.sbdf == at[i].sbdf;
			old++;
			if (!fn->in_use)
				continue;
			fn->refs++;
		} else {
			rc = look_at(h, at[i++], &fn);
		}
		if (rc == 0 && fn)
			funcs[count++] = fn;
	}
	if (rc < 0) {
		free_list(funcs, count);
		return rc;
	}
	free_list(pcid->funcs, pcid->nfuncs);
	pcid->funcs = funcs;
	pcid->nfuncs = count;
	return 0;
}

static int look(struct rbi_hosted *h, struct rbi_pci_server *pcid)
{
	struct rb_pci_addr *at;
	int n = functions(h, &at), rc;

	if (n < 0)
		return n;
	rc = make_list(h, pcid, at, (size_t)n);
	rbi_free(at);
	return rc;
}

int rbi_hosted_pcid_look(struct rbi_hosted *h)
{
	return look(h, h->pcid);
}

int rbi_hosted_pcid_start(struct rbi_hosted *h)
{
	struct rbi_pci_server *pcid;
	int rc;

	if (h->pcid)
		return h->pcid->dead ? -ENODEV : 0;
	pcid = rbi_alloc(1, sizeof(*pcid));
	if (!pcid)
		return -ENOMEM;
	rc = look(h, pcid);
	if (rc < 0) {
		rbi_free(pcid);
		return rc;
	}
	h->pcid = pcid;
	return 0;
}

void rbi_hosted_pcid_unlock(struct rbi_hosted *h, struct rbi_server_func *fn)
{
	fn->in_use = false;
	if (fn->claimed)
		h->machine->ops->release(h->machine, fn->config.addr);
	fn->claimed = false;
}

void rbi_hosted_pcid_destroy(struct rbi_hosted *h, bool forked)
{
	size_t i;

	if (!h->pcid)
		return;
	for (i = 0; i < h->pcid->nfuncs && !forked; i++)
		rbi_hosted_pcid_unlock(h, h->pcid->funcs[i]);
	free_list(h->pcid->funcs, h->pcid->nfuncs);
	rbi_free(h->pcid);
}

struct rbi_server_func *rbi_hosted_pcid_find(struct rbi_hosted *h, struct rb_pci_addr addr)
{
	size_t low = 0, high = h->pcid->nfuncs, mid;
	struct rbi_server_func *fn;

	while (low < high) {
		mid = low + (high - low) / 2;
		fn = h->pcid->funcs[mid];
		if (fn->config.addr.sbdf == addr.sbdf)
			return fn;
		if (fn->config.addr.sbdf < addr.sbdf)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
