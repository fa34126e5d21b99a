/* SPDX-License-Identifier: MIT */
/*
 * host_pcid.c - /scheme/pci: paths, handles and framing of pcid (contract 4.1 to
 * 4.3, 4.9, 4.10).
 *
 * pcid looks at the bus once, when it starts: here at the first open below its
 * scheme. It looks before it asks who may: opening a channel enables the function
 * and locks it even when the open then fails.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host_pcid.h"

#define FUNCTIONS_MAX 4096 /* that a machine may show */
#define PAYLOAD_MAX   0xffffu /* bytes of one access call */

enum what { TOP, DEVICE, CHANNEL, ACCESS, CONFIG };

struct pcid_file {
	struct rbi_file f; /* first */
	enum what what;
	bool is_stat; /* opened with O_STAT: there is no I/O */
	struct rbi_server_func *fn; /* DEVICE, CHANNEL, CONFIG */
	uint8_t *response; /* CHANNEL: room for one; NULL before the first */
	size_t have; /* its bytes; 0: none pending */
	size_t given; /* of them, read already */
	uint64_t pos; /* CONFIG: where plain reads and writes go on */
};

static struct pcid_file *pcid_file(struct rbi_file *f)
{
	return (struct pcid_file *)f;
}

int rbi_hosted_pcid_panic(struct rbi_hosted *h, const char *what)
{
	h->pcid->dead = true;
	rbi_hosted_violation(h, "pcid panics, and every PCI driver loses it: %s", what);
	return -ENODEV;
}

/* --- start ---------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
	const struct rb_pci_addr *x = a, *y = b;

	return (x->sbdf > y->sbdf) - (x->sbdf < y->sbdf);
}

static int look_at(struct rbi_hosted *h, struct rbi_pci_server *pcid, struct rb_pci_addr *at,
		   size_t n)
{
	size_t i;

	pcid->funcs = rbi_alloc(n, sizeof(*pcid->funcs));
	if (!pcid->funcs)
		return -ENOMEM;
	qsort(at, n, sizeof(*at), by_address);
	for (i = 0; i < n; i++)
		pcid->nfuncs += (size_t)rbi_hosted_pcid_probe(h, at[i], &pcid->funcs[pcid->nfuncs]);
	return 0;
}

static int start(struct rbi_hosted *h)
{
	struct rb_pci_addr *at;
	struct rbi_pci_server *pcid;
	int n, rc;

	if (h->pcid)
		return h->pcid->dead ? -ENODEV : 0;
	n = h->machine->ops->functions(h->machine, NULL, 0);
	if (n < 0)
		return n;
	if (n > FUNCTIONS_MAX)
		n = FUNCTIONS_MAX;

	at = rbi_alloc((size_t)n, sizeof(*at));
	pcid = rbi_alloc(1, sizeof(*pcid));
	rc = at && pcid ? h->machine->ops->functions(h->machine, at, (size_t)n) : -ENOMEM;
	if (rc >= 0)
		rc = look_at(h, pcid, at, (size_t)(rc < n ? rc : n));
	rbi_free(at);
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
		unlock(h, &h->pcid->funcs[i]);
	rbi_free(h->pcid->funcs);
	rbi_free(h->pcid);
}

/* --- names (contract 4.1) ------------------------------------------------------- */

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

static struct rbi_server_func *find(struct rbi_hosted *h, struct rb_pci_addr addr)
{
	size_t i;

	for (i = 0; i < h->pcid->nfuncs; i++)
		if (h->pcid->funcs[i].config.addr.sbdf == addr.sbdf)
			return &h->pcid->funcs[i];
	return NULL;
}

/* The function named by @len bytes. */
static struct rbi_server_func *find_by_name(struct rbi_hosted *h, const char *s, size_t len)
{
	const char *sep = h->profile.wide_names ? "--" : "-";
	unsigned int segment, bus, device, function;
	const char *p = s;

	if (!take_hex(&p, sep, 0xffff, &segment) || !take_hex(&p, "--", 0xff, &bus) ||
	    !take_hex(&p, ".", 31, &device) || !take_hex(&p, "", 7, &function) || p != s + len)
		return NULL;
	return find(h, rb_pci_addr_make(segment, bus, device, function));
}

/* --- a channel (contract 4.3) --------------------------------------------------- */

static ssize_t read_channel(struct pcid_file *pf, void *buf, size_t len)
{
	size_t left = pf->have - pf->given;

	if (pf->have == 0)
		return -EINVAL;
	if (len > left)
		len = left;
	memcpy(buf, pf->response + pf->given, len);
	pf->given += len;
	if (pf->given == pf->have)
		pf->have = 0;
	return (ssize_t)len;
}

static ssize_t write_channel(struct rbi_hosted *h, struct pcid_file *pf, const void *buf,
			     size_t len)
{
	struct rbi_wire_req req;
	int rc;

	if (pf->have != 0)
		return -EINVAL;
	if (rbi_wire_decode_request(buf, len, &req) < 0)
		return -EINVAL;
	if (!pf->response)
		pf->response = rbi_alloc(RBI_WIRE_RESPONSE_MAX, 1);
	if (!pf->response)
		return -ENOMEM;

	rc = rbi_hosted_pcid_respond(h, pf->fn, &req, pf->response, RBI_WIRE_RESPONSE_MAX);
	if (rc < 0)
		return rc == -ENODEV || rc == -ENOMEM ? rc : -EIO;
	pf->have = (size_t)rc;
	pf->given = 0;
	return (ssize_t)len;
}

/* --- <dev>/config, where there is one (contract 4.9) ---------------------------- */

/* Bytes of one access: the rest of a dword at most. */
static size_t dword_rest(uint64_t off, size_t len)
{
	size_t rest = 4 - (size_t)(off & 3);

	return len < rest ? len : rest;
}

static ssize_t read_config(struct rbi_hosted *h, struct pcid_file *pf, void *buf, size_t len,
			   uint64_t off)
{
	uint64_t at = off == RBI_ANY_OFFSET ? pf->pos : off;
	size_t n = dword_rest(at, len);
	uint32_t dword;

	if (at >= RBI_PCID_SPACE)
		return rbi_hosted_pcid_panic(h, "config is read at its end");
	dword = rbi_hosted_pcid_read(h, pf->fn, (unsigned int)at & ~3u);
	memcpy(buf, (uint8_t *)&dword + (at & 3), n);
	if (off == RBI_ANY_OFFSET)
		pf->pos += n;
	return (ssize_t)n;
}

static ssize_t write_config(struct rbi_hosted *h, struct pcid_file *pf, const void *buf, size_t len)
{
	size_t n = dword_rest(pf->pos, len);
	uint32_t dword;

	if (pf->pos >= RBI_PCID_SPACE)
		return rbi_hosted_pcid_panic(h, "config is written at its end");
	dword = rbi_hosted_pcid_read(h, pf->fn, (unsigned int)pf->pos & ~3u);
	memcpy((uint8_t *)&dword + (pf->pos & 3), buf, n);
	rbi_hosted_pcid_write(h, pf->fn, (unsigned int)pf->pos & ~3u, dword);
	pf->pos += len; /* bytes past the dword are lost, and nobody says so */
	return (ssize_t)len;
}

/* --- access (contract 4.10) ----------------------------------------------------- */

static uint32_t access_read(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int off)
{
	struct rbi_server_func *fn = find(h, addr);

	return fn ? rbi_hosted_pcid_read(h, fn, off) : rbi_hosted_pcid_cfg_read(h, addr, off);
}

static void access_write(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int off,
			 uint32_t val)
{
	struct rbi_server_func *fn = find(h, addr);

	if (fn)
		rbi_hosted_pcid_write(h, fn, off, val);
	else
		rbi_hosted_pcid_cfg_write(h, addr, off, val);
}

/* The dword at @at: its bytes that lie in [@off, @off + @len) to or from @payload. */
static int access_dword(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int at,
			unsigned int off, uint8_t *payload, size_t len, bool write)
{
	uint32_t dword;
	uint8_t *byte = (uint8_t *)&dword;
	unsigned int j;

	if (at >= RBI_PCID_SPACE)
		return rbi_hosted_pcid_panic(h, "access reads past a function's space");
	dword = access_read(h, addr, at);
	for (j = 0; j < 4; j++) {
		if (at + j < off || at + j - off >= len)
			continue;
		if (write)
			byte[j] = payload[at + j - off];
		else
			payload[at + j - off] = byte[j];
	}
	if (!write)
		return 0;
	/* where the dword lands on Redox, too: one too far */
	if (at + 4 >= RBI_PCID_SPACE)
		return rbi_hosted_pcid_panic(h, "access writes past a function's space");
	access_write(h, addr, at + 4, dword);
	return 0;
}

static ssize_t call_access(struct rbi_hosted *h, void *payload, size_t len, const uint64_t *meta,
			   size_t nmeta)
{
	struct rb_pci_addr addr;
	unsigned int off, at;
	int rc;

	if (len > PAYLOAD_MAX || nmeta < 2 ||
	    (meta[0] != RBI_WIRE_ACCESS_READ && meta[0] != RBI_WIRE_ACCESS_WRITE))
		return -EINVAL;
	if (len > 0 && !payload)
		return -EFAULT;
	/* bits above the segment are not looked at */
	rbi_wire_access_decode(meta[1] & (((uint64_t)1 << 44) - 1), &addr, &off);

	for (at = off & ~3u; at < off + len; at += 4) {
		rc = access_dword(h, addr, at, off, payload, len, meta[0] == RBI_WIRE_ACCESS_WRITE);
		if (rc < 0)
			return rc;
	}
	return (ssize_t)len;
}

/* --- operations ----------------------------------------------------------------- */

/* -ENODEV when the server is gone, -EBADF for I/O on an O_STAT handle. */
static int check(struct rbi_hosted *h, const struct pcid_file *pf)
{
	if (h->pcid->dead)
		return -ENODEV;
	return pf->is_stat ? -EBADF : 0;
}

static ssize_t pcid_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
			 uint64_t off)
{
	struct pcid_file *pf = pcid_file(f);
	int rc = check(h, pf);

	if (rc < 0)
		return rc;
	switch (pf->what) {
	case CHANNEL:
		return read_channel(pf, buf, len);
	case CONFIG:
		return read_config(h, pf, buf, len, off);
	case ACCESS:
		return -EBADF;
	default:
		return -EISDIR;
	}
}

static ssize_t pcid_write(struct rbi_hosted *h, struct rbi_file *f, const void *buf, size_t len)
{
	struct pcid_file *pf = pcid_file(f);
	int rc = check(h, pf);

	if (rc < 0)
		return rc;
	if (pf->what == CHANNEL)
		return write_channel(h, pf, buf, len);
	if (pf->what == CONFIG)
		return write_config(h, pf, buf, len);
	return -EBADF;
}

static ssize_t pcid_call(struct rbi_hosted *h, struct rbi_file *f, void *payload, size_t len,
			 unsigned int flags, const uint64_t *meta, size_t nmeta)
{
	int rc = check(h, pcid_file(f));

	(void)flags;
	if (rc < 0)
		return rc;
	if (pcid_file(f)->what != ACCESS)
		return -EBADF;
	return call_access(h, payload, len, meta, nmeta);
}

static int pcid_list(struct rbi_hosted *h, struct rbi_file *f, struct rbi_names *names)
{
	struct pcid_file *pf = pcid_file(f);
	char name[RB_PCI_ADDR_LEN + 8];
	int rc = check(h, pf);
	size_t i;

	if (rc < 0)
		return rc;
	if (pf->what == DEVICE)
		return rbi_hosted_names_add(names, "channel");
	if (pf->what != TOP)
		return -ENOTDIR;
	for (i = 0; i < h->pcid->nfuncs && rc == 0; i++) {
		name_of(h, h->pcid->funcs[i].config.addr, name, sizeof(name));
		rc = rbi_hosted_names_add(names, name);
	}
	return rc;
}

static int pcid_size(struct rbi_hosted *h, struct rbi_file *f, uint64_t *size)
{
	if (h->pcid->dead)
		return -ENODEV;
	switch (pcid_file(f)->what) {
	case TOP:
		*size = h->pcid->nfuncs;
		break;
	case DEVICE:
		*size = 1;
		break;
	case CONFIG:
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
	struct pcid_file *pf = pcid_file(f);

	/* the device stays enabled (contract 4.2) */
	if (pf->what == CHANNEL && !destroying)
		unlock(h, pf->fn);
	rbi_free(pf->response);
	rbi_free(pf);
}

static const struct rbi_file_ops pcid_ops = {
	.read = pcid_read,
	.write = pcid_write,
	.size = pcid_size,
	.list = pcid_list,
	.mmap = rbi_hosted_file_mmap_ebadf,
	.call = pcid_call,
	.descriptor = rbi_hosted_file_descriptor,
	.release = pcid_release,
};

/* --- open (contract 4.2) -------------------------------------------------------- */

/* Lock and enable, whoever asks. */
static int begin_channel(struct rbi_hosted *h, struct rbi_server_func *fn)
{
	int rc;

	if (fn->in_use)
		return -ENOLCK;
	rc = h->machine->ops->claim(h->machine, fn->config.addr);
	if (rc < 0)
		return rc == -EBUSY ? -ENOLCK : rc;
	fn->claimed = true;
	fn->in_use = true;
	rbi_hosted_pcid_enable(h, fn, &fn->config.has_irq, &fn->config.irq.irq);
	return 0;
}

/* What @path, without slashes at its ends, names. */
static int resolve(struct rbi_hosted *h, const char *path, size_t len, struct pcid_file *pf)
{
	const char *slash = memchr(path, '/', len);
	size_t dev_len = slash ? (size_t)(slash - path) : len;
	size_t leaf_len = slash ? len - dev_len - 1 : 0;

	if (len == 0) {
		pf->what = TOP;
		return 0;
	}
	if (len == 6 && memcmp(path, "access", len) == 0) {
		pf->what = ACCESS;
		return 0;
	}
	pf->fn = find_by_name(h, path, dev_len);
	if (!pf->fn)
		return -ENOENT;
	if (!slash) {
		pf->what = DEVICE;
		return 0;
	}
	if (leaf_len == 7 && memcmp(slash + 1, "channel", leaf_len) == 0) {
		pf->what = CHANNEL;
		return begin_channel(h, pf->fn);
	}
	if (h->profile.config_file && leaf_len == 6 && memcmp(slash + 1, "config", leaf_len) == 0) {
		pf->what = CONFIG;
		return 0;
	}
	return -ENOENT;
}

static int check_open(struct rbi_hosted *h, const struct pcid_file *pf, bool wants_dir)
{
	bool is_dir = pf->what == TOP || pf->what == DEVICE;

	if (pf->is_stat)
		return 0;
	if (wants_dir && !is_dir)
		return -ENOTDIR;
	if (!wants_dir && is_dir)
		return -EISDIR;
	return h->uid != 0 && !is_dir ? -EACCES : 0;
}

int rbi_hosted_pcid_open(struct rbi_hosted *h, const char *rest, unsigned int flags)
{
	size_t len = strlen(rest);
	bool wants_dir = (flags & RBI_O_DIRECTORY) || (len > 0 && rest[len - 1] == '/');
	struct pcid_file *pf;
	int rc;

	rc = start(h);
	if (rc < 0)
		return rc;
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
	if (rc == 0)
		rc = check_open(h, pf, wants_dir);
	if (rc < 0) { /* a channel stays locked (contract 4.2) */
		rbi_free(pf);
		return rc;
	}
	return rbi_hosted_handle_open(h, &pf->f, flags);
}
