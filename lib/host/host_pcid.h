/* SPDX-License-Identifier: MIT */
/*
 * host_pcid.h - the PCI server that hosted Redox plays (contract 4).
 *
 * host_pcid.c serves the paths, host_pcid_io.c reads and writes, host_pcid_func.c
 * answers a channel's requests, host_pcid_bus.c keeps the list of functions,
 * host_pcid_probe.c learns what a function is, and host_pcid_msi.c moves dwords of
 * configuration space and exchanges MSI messages on the way.
 *
 * pcid moves whole dwords and nothing else, and so does everything here.
 */
#ifndef RBI_HOST_PCID_H
#define RBI_HOST_PCID_H

#include "host/hosted.h"
#include "os/wire.h"

#define RBI_PCID_SPACE 4096 /* bytes of a function's space; pcid panics past it */

struct rbi_server_cap {
	uint8_t id;
	uint8_t off;
};

/* Offsets of an MSI capability, and what it can. */
struct rbi_server_msi {
	unsigned int off; /* 0: none */
	bool is_64bit;
	bool has_masking;
	unsigned int log2_capable;
};

struct rbi_server_func {
	struct rbi_wire_function config; /* what RequestConfig answers */
	bool complete; /* all of it is known; on a lazy machine ids alone, at first */
	struct rbi_server_cap caps[RBI_WIRE_CAPS_MAX];
	size_t ncaps;
	struct rbi_server_msi msi;
	unsigned int msix; /* offset; 0: none */
	struct rbi_wire_msix_info msix_info; /* read when pcid started, too */
	bool in_use; /* a channel is open, or its open has failed (contract 4.2) */
	bool claimed; /* on the machine */
	unsigned int refs; /* files that stand for it, and the list */
};

struct rbi_pci_server {
	struct rbi_server_func **funcs; /* sorted by address */
	size_t nfuncs;
	bool dead; /* it has panicked: the scheme is gone */
	bool hidden; /* the machine refused to show a dword since this was last cleared */
};

/* What an open file of the scheme stands for. */
enum rbi_server_what {
	RBI_SERVER_TOP,
	RBI_SERVER_DEVICE,
	RBI_SERVER_CHANNEL,
	RBI_SERVER_ACCESS,
	RBI_SERVER_CONFIG
};

struct rbi_server_file {
	struct rbi_file f; /* first */
	enum rbi_server_what what;
	bool is_stat; /* opened with O_STAT: there is no I/O */
	struct rbi_server_func *fn; /* device, channel, config; holds a reference */
	uint8_t *response; /* channel: room for one; NULL before the first */
	size_t have; /* its bytes; 0: none pending */
	size_t given; /* of them, read already */
	uint64_t pos; /* config: where plain reads and writes go on */
};

static inline struct rbi_server_file *rbi_server_file(struct rbi_file *f)
{
	return (struct rbi_server_file *)f;
}

/* pcid would panic: every PCI driver loses its server. Answers -ENODEV. */
int rbi_hosted_pcid_panic(struct rbi_hosted *h, const char *what);

/* --- host_pcid_bus.c ----------------------------------------------------------------- */

/* Look at the bus, the first time this is called: 0, -ENOMEM, -ENODEV after a panic, and as
 * the machine's functions(). */
int rbi_hosted_pcid_start(struct rbi_hosted *h);
/* Look again: what is new is added; what is gone, or is another function now, is dropped
 * unless it is locked. On failure the old list holds. */
int rbi_hosted_pcid_look(struct rbi_hosted *h);
/* The function at @addr that pcid lists, or NULL. */
struct rbi_server_func *rbi_hosted_pcid_find(struct rbi_hosted *h, struct rb_pci_addr addr);
/* Give back the lock of a channel, and the claim on the machine's function. */
void rbi_hosted_pcid_unlock(struct rbi_hosted *h, struct rbi_server_func *fn);
/* Give back one reference. NULL does nothing. */
void rbi_hosted_pcid_drop(struct rbi_server_func *fn);

/* --- host_pcid_io.c ------------------------------------------------------------------ */

/* read, write and call of whatever is open; not on an O_STAT handle. */
ssize_t rbi_hosted_pcid_file_read(struct rbi_hosted *h, struct rbi_file *f, void *buf, size_t len,
				  uint64_t off);
ssize_t rbi_hosted_pcid_file_write(struct rbi_hosted *h, struct rbi_file *f, const void *buf,
				   size_t len);
ssize_t rbi_hosted_pcid_file_call(struct rbi_hosted *h, struct rbi_file *f, void *payload,
				  size_t len, unsigned int flags, const uint64_t *meta,
				  size_t nmeta);
/* -ENODEV when the server is gone, -EBADF on an O_STAT handle. */
int rbi_hosted_pcid_check(struct rbi_hosted *h, struct rbi_file *f);

/* --- host_pcid_probe.c --------------------------------------------------------------- */

/* Learn what stands at @addr. 1: an endpoint; 0: nothing that pcid lists. */
int rbi_hosted_pcid_probe(struct rbi_hosted *h, struct rb_pci_addr addr,
			  struct rbi_server_func *fn);
/* The rest: BARs, capabilities, the line. At the start, but on a lazy machine when a
 * channel is opened: until then nobody can tell. */
void rbi_hosted_pcid_complete(struct rbi_hosted *h, struct rbi_server_func *fn);

/* --- host_pcid_msi.c ----------------------------------------------------------------- */

/* One dword, as drivers see it: what they wrote into an MSI capability comes back,
 * whatever the device was given instead. All-ones when the function is gone. */
uint32_t rbi_hosted_pcid_read(struct rbi_hosted *h, const struct rbi_server_func *fn,
			      unsigned int off);
void rbi_hosted_pcid_write(struct rbi_hosted *h, const struct rbi_server_func *fn, unsigned int off,
			   uint32_t val);
/* Program the whole message of an MSI capability at once. */
void rbi_hosted_pcid_set_message(struct rbi_hosted *h, const struct rbi_server_func *fn,
				 const struct rbi_msg *msg);
/* Raw dwords of the machine. One that is hidden from this process reads all-ones, too, and
 * is noted in the server. */
uint32_t rbi_hosted_pcid_cfg_read(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int off);
void rbi_hosted_pcid_cfg_write(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int off,
			       uint32_t val);

/* --- host_pcid_func.c ---------------------------------------------------------------- */

/* What opening a channel and EnableDevice do: decode and bus mastering on, MSI and
 * MSI-X off, a line where there was none. Tells the legacy line. */
void rbi_hosted_pcid_enable(struct rbi_hosted *h, const struct rbi_server_func *fn, bool *has_irq,
			    uint8_t *irq);
/* Answer a request: bytes at @buf, or -ENODEV when the request makes pcid panic. */
int rbi_hosted_pcid_respond(struct rbi_hosted *h, struct rbi_server_func *fn,
			    const struct rbi_wire_req *req, void *buf, size_t size);

#endif
