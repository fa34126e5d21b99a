/* SPDX-License-Identifier: MIT */
/*
 * host_pcid_io.c - bytes through the files of /scheme/pci: channels (contract
 * 4.3), config where a build has it (4.9), access (4.10).
 */
#include "config.h"

#include <string.h>

#include "host/host_pcid.h"

#define PAYLOAD_MAX 0xffffu /* bytes of one access call */

/* --- a channel (contract 4.3) -------------------------------------------------------- */

static ssize_t read_channel(struct rbi_server_file *pf, void *buf, size_t len)
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

static ssize_t write_channel(struct rbi_hosted *h, struct rbi_server_file *pf, const void *buf,
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
		return rc == -ENODEV || rc == -ENOMEM || rc == -EACCES ? rc : -EIO;
	pf->have = (size_t)rc;
	pf->given = 0;
	return (ssize_t)len;
}

/* --- <dev>/config, where there is one (contract 4.9) --------------------------------- */

/* Bytes of one access: the rest of a dword at most. */
static size_t dword_rest(uint64_t off, size_t len)
{
	size_t rest = 4 - (size_t)(off & 3);

	return len < rest ? len : rest;
}

static ssize_t read_config(struct rbi_hosted *h, struct rbi_server_file *pf, void *buf, size_t len,
			   uint64_t off)
{
	uint64_t at = off == RBI_ANY_OFFSET ? pf->pos : off;
	size_t n = dword_rest(at, len);
	uint32_t dword;

	if (at >= RBI_PCID_SPACE)
		return rbi_hosted_pcid_panic(h, "config is read at its end");
	h->pcid->hidden = false;
	dword = rbi_hosted_pcid_read(h, pf->fn, (unsigned int)at & ~3u);
	if (h->pcid->hidden)
		return -EACCES;
	memcpy(buf, (uint8_t *)&dword + (at & 3), n);
	if (off == RBI_ANY_OFFSET)
		pf->pos += n;
	return (ssize_t)n;
}

static ssize_t write_config(struct rbi_hosted *h, struct rbi_server_file *pf, const void *buf,
			    size_t len)
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

/* --- access (contract 4.10) ---------------------------------------------------------- */

static uint32_t access_read(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int off)
{
	struct rbi_server_func *fn = rbi_hosted_pcid_find(h, addr);

	return fn ? rbi_hosted_pcid_read(h, fn, off) : rbi_hosted_pcid_cfg_read(h, addr, off);
}

static void access_write(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int off,
			 uint32_t val)
{
	struct rbi_server_func *fn = rbi_hosted_pcid_find(h, addr);

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
	/* pcid knows segment 0 only; a machine may show others (contract 4.8) */
	if (rb_pci_addr_segment(addr) != 0 && !rbi_hosted_pcid_find(h, addr))
		return rbi_hosted_pcid_panic(h, "access names a segment that is not there");
	h->pcid->hidden = false;
	dword = access_read(h, addr, at);
	if (h->pcid->hidden)
		return -EACCES;
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

/* --- operations ---------------------------------------------------------------------- */

int rbi_hosted_pcid_check(struct rbi_hosted *h, struct rbi_file *f)
{
	if (h->pcid->dead)
		return -ENODEV;
	return rbi_server_file(f)->is_stat ? -EBADF : 0;
}

ssize_t rbi_hosted_pcid_file_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
				  uint64_t off)
{
	struct rbi_server_file *pf = rbi_server_file(f);
	int rc = rbi_hosted_pcid_check(h, f);

	if (rc < 0)
		return rc;
	switch (pf->what) {
	case RBI_SERVER_CHANNEL:
		return read_channel(pf, buf, len);
	case RBI_SERVER_CONFIG:
		return read_config(h, pf, buf, len, off);
	case RBI_SERVER_ACCESS:
		return -EBADF;
	default:
		return -EISDIR;
	}
}

ssize_t rbi_hosted_pcid_file_write(struct rbi_hosted *h, struct rbi_file *f, const void *buf,
				   size_t len)
{
	struct rbi_server_file *pf = rbi_server_file(f);
	int rc = rbi_hosted_pcid_check(h, f);

	if (rc < 0)
		return rc;
	if (pf->what == RBI_SERVER_CHANNEL)
		return write_channel(h, pf, buf, len);
	if (pf->what == RBI_SERVER_CONFIG)
		return write_config(h, pf, buf, len);
	return -EBADF;
}

ssize_t rbi_hosted_pcid_file_call(struct rbi_hosted *h, struct rbi_file *f, void *payload,
				  size_t len, unsigned int flags, const uint64_t *meta,
				  size_t nmeta)
{
	int rc = rbi_hosted_pcid_check(h, f);

	(void)flags;
	if (rc < 0)
		return rc;
	if (rbi_server_file(f)->what != RBI_SERVER_ACCESS)
		return -EBADF;
	return call_access(h, payload, len, meta, nmeta);
}
