/* SPDX-License-Identifier: MIT */
/*
 * host_pcid.c - /scheme/pci: what it lists and what opening does (contract 4.1, 4.2).
 *
 * pcid looks at the bus once, when it starts: here at the first open below its
 * scheme. It looks before it asks who may: opening a channel enables the function
 * and locks it even when the open then fails. With option hotplug=on it looks again
 * whenever its directory is listed, which no Redox does: what is new is added, and
 * what is gone or has become another function is dropped, unless it is locked.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host_pcid.h"

#define FUNCTIONS_MAX 65536 /* that a machine may show */

int rbi_hosted_pcid_panic(struct rbi_hosted *h, const char *what)
{
	h->pcid->dead = true;
	rbi_hosted_violation(h, "pcid panics, and every PCI driver loses it: %s", what);
	return -ENODEV;
}

/* --- start --------------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
	const struct rb_pci_addr *x = a, *y = b;

	return (x->sbdf > y->sbdf) - (x->sbdf < y->sbdf);
}

static void drop_ref(struct rbi_server_func *fn)
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
		drop_ref(funcs[i]);
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

static int start(struct rbi_hosted *h)
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

static void unlock(struct rbi_hosted *h, struct rbi_server_func *fn)
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
		unlock(h, h->pcid->funcs[i]);
	free_list(h->pcid->funcs, h->pcid->nfuncs);
	rbi_free(h->pcid);
}

/* --- names (contract 4.1) ------------------------------------------------------------ */

static void name_of(struct rbi_hosted *h, struct rb_pci_addr addr, char *name, size_t size)
{
	snprintf(name, size, h->profile.wide_names ? "%04x--%02x--%02x.%u" : "%02x-%02x--%02x.%u",
		 rb_pci_addr_segment(addr), rb_pci_addr_bus(addr), rb_pci_addr_device(addr),
		 rb_pci_addr_function(addr));
}

/* Hexadecimal of any width, up to @max, that ends where @sep begins; step over both. */
static bool take_hex(const char **s, const char *sep, unsigned int max, unsigned int *value)
{
	unsigned int digits = 0;
	char c;

	for (*value = 0;; digits++, (*s)++) {
		c = **s;
		if (c >= '0' && c <= '9')
			*value = *value << 4 | (unsigned int)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*value = *value << 4 | (unsigned int)((c | 0x20) - 'a' + 10);
		else
			break;
		if (*value > max)
			return false;
	}
	if (digits == 0 || strncmp(*s, sep, strlen(sep)) != 0)
		return false;
	*s += strlen(sep);
	return true;
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

/* The function named by @len bytes. Numbers are read as bytes; one that no PCI address
 * has room for panics pcid (pci_types, PciAddress::new). */
static int find_by_name(struct rbi_hosted *h, const char *s, size_t len,
			struct rbi_server_func **fn)
{
	const char *sep = h->profile.wide_names ? "--" : "-";
	unsigned int segment, bus, device, function;
	const char *p = s;

	if (!take_hex(&p, sep, 0xffff, &segment) || !take_hex(&p, "--", 0xff, &bus) ||
	    !take_hex(&p, ".", 0xff, &device) || !take_hex(&p, "", 0xff, &function) || p != s + len)
		return -ENOENT;
	if (device > 31 || function > 7)
		return rbi_hosted_pcid_panic(h, "a name has a device above 1f or a function above "
						"7");
	*fn = rbi_hosted_pcid_find(h, rb_pci_addr_make(segment, bus, device, function));
	return *fn ? 0 : -ENOENT;
}

/* --- operations ---------------------------------------------------------------------- */

static int pcid_list(struct rbi_hosted *h, struct rbi_file *f, struct rbi_names *names)
{
	struct rbi_server_file *pf = rbi_server_file(f);
	char name[RB_PCI_ADDR_LEN + 8];
	int rc = rbi_hosted_pcid_check(h, f);
	size_t i;

	if (rc < 0)
		return rc;
	if (pf->what == RBI_SERVER_DEVICE)
		return rbi_hosted_names_add(names, "channel");
	if (pf->what != RBI_SERVER_TOP)
		return -ENOTDIR;
	if (h->profile.hotplug)
		rc = look(h, h->pcid);
	for (i = 0; i < h->pcid->nfuncs && rc == 0; i++) {
		name_of(h, h->pcid->funcs[i]->config.addr, name, sizeof(name));
		rc = rbi_hosted_names_add(names, name);
	}
	return rc;
}

static int pcid_size(struct rbi_hosted *h, struct rbi_file *f, uint64_t *size)
{
	if (h->pcid->dead)
		return -ENODEV;
	switch (rbi_server_file(f)->what) {
	case RBI_SERVER_TOP:
		*size = h->pcid->nfuncs;
		break;
	case RBI_SERVER_DEVICE:
		*size = 1;
		break;
	case RBI_SERVER_CONFIG:
		*size = 256;
		break;
	default:
		*size = 0;
		break;
	}
	return 0;
}

static void pcid_release(struct rbi_hosted *h, struct rbi_file *f, bool destroying)
{
	struct rbi_server_file *pf = rbi_server_file(f);

	/* the device stays enabled (contract 4.2) */
	if (pf->what == RBI_SERVER_CHANNEL && !destroying)
		unlock(h, pf->fn);
	drop_ref(pf->fn);
	rbi_free(pf->response);
	rbi_free(pf);
}

static const struct rbi_file_ops pcid_ops = {
	.read = rbi_hosted_pcid_file_read,
	.write = rbi_hosted_pcid_file_write,
	.size = pcid_size,
	.list = pcid_list,
	.mmap = rbi_hosted_file_mmap_eopnotsupp,
	.call = rbi_hosted_pcid_file_call,
	.descriptor = rbi_hosted_file_descriptor,
	.release = pcid_release,
};

/* --- open (contract 4.2) ------------------------------------------------------------- */

/* Lock and enable, whoever asks. A function that is gone takes no part in it: pcid
 * does not look, and a driver finds all-ones. */
static int begin_channel(struct rbi_hosted *h, struct rbi_server_func *fn)
{
	int rc;

	if (fn->in_use)
		return -ENOLCK;
	rbi_hosted_pcid_complete(h, fn);
	rc = h->machine->ops->claim(h->machine, fn->config.addr);
	if (rc < 0 && rc != -ENODEV)
		return rc == -EBUSY ? -ENOLCK : rc;
	fn->claimed = rc == 0;
	fn->in_use = true;
	rbi_hosted_pcid_enable(h, fn, &fn->config.has_irq, &fn->config.irq.irq);
	return 0;
}

/* What @path, without slashes at its ends, names. */
static int resolve(struct rbi_hosted *h, const char *path, size_t len, struct rbi_server_file *pf)
{
	const char *slash = memchr(path, '/', len);
	size_t dev_len = slash ? (size_t)(slash - path) : len;
	size_t leaf_len = slash ? len - dev_len - 1 : 0;
	int rc;

	if (len == 0) {
		pf->what = RBI_SERVER_TOP;
		return 0;
	}
	if (h->profile.access_file && len == 6 && memcmp(path, "access", len) == 0) {
		pf->what = RBI_SERVER_ACCESS;
		return 0;
	}
	rc = find_by_name(h, path, dev_len, &pf->fn);
	if (rc < 0)
		return rc;
	pf->fn->refs++;
	if (!slash) {
		pf->what = RBI_SERVER_DEVICE;
		return 0;
	}
	if (leaf_len == 7 && memcmp(slash + 1, "channel", leaf_len) == 0) {
		pf->what = RBI_SERVER_CHANNEL;
		return 0;
	}
	if (h->profile.config_file && leaf_len == 6 && memcmp(slash + 1, "config", leaf_len) == 0) {
		pf->what = RBI_SERVER_CONFIG;
		return 0;
	}
	return -ENOENT;
}

static int check_open(struct rbi_hosted *h, const struct rbi_server_file *pf, bool wants_dir)
{
	bool is_dir = pf->what == RBI_SERVER_TOP || pf->what == RBI_SERVER_DEVICE;

	if (pf->is_stat)
		return 0;
	if (wants_dir && !is_dir)
		return -ENOTDIR;
	if (!wants_dir && is_dir)
		return -EISDIR;
	return h->uid != 0 && !is_dir ? -EACCES : 0;
}

/* A function is locked and enabled before anybody asks who wants it, but not for want
 * of a descriptor of ours: that comes first. */
static int open_channel(struct rbi_hosted *h, struct rbi_server_file *pf, unsigned int flags)
{
	int fd, rc;

	pf->what = RBI_SERVER_DEVICE; /* nothing is locked yet that its end would unlock */
	fd = rbi_hosted_handle_open(h, &pf->f, flags);
	if (fd < 0)
		return fd;
	rc = begin_channel(h, pf->fn);
	pf->what = RBI_SERVER_CHANNEL;
	if (rc == 0)
		rc = check_open(h, pf, flags & RBI_O_DIRECTORY);
	if (rc == 0)
		return fd;
	pf->what = RBI_SERVER_DEVICE; /* a channel stays locked (contract 4.2) */
	rbi_hosted_handle_close(h, rbi_hosted_handle_find(h, fd));
	return rc;
}

int rbi_hosted_pcid_open(struct rbi_hosted *h, const char *rest, unsigned int flags)
{
	size_t len = strlen(rest);
	struct rbi_server_file *pf;
	int rc;

	rc = start(h);
	if (rc < 0)
		return rc;
	/* pcid would take a slash at the end for O_DIRECTORY, and relibc drops it (probe 1) */
	for (; len > 0 && rest[len - 1] == '/'; len--)
		;
	for (; len > 0 && *rest == '/'; len--)
		rest++;

	pf = rbi_alloc(1, sizeof(*pf));
	if (!pf)
		return -ENOMEM;
	pf->f.ops = &pcid_ops;
	pf->is_stat = flags & RBI_O_STAT;
	rc = resolve(h, rest, len, pf);
	if (rc == 0 && pf->what == RBI_SERVER_CHANNEL)
		return open_channel(h, pf, flags);
	if (rc == 0)
		rc = check_open(h, pf, flags & RBI_O_DIRECTORY);
	if (rc < 0) {
		drop_ref(pf->fn);
		rbi_free(pf);
		return rc;
	}
	return rbi_hosted_handle_open(h, &pf->f, flags);
}
