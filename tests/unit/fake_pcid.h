/* SPDX-License-Identifier: MIT */
/*
 * fake_pcid.h - a first waist that is nothing but a PCI server, for unit tests.
 *
 * It is written from contract 4 with bytes of its own and shares no code with
 * lib/os/wire.c, so that client and server are not only right about each other.
 * What would make the real one panic is remembered and fails the test at the end.
 */
#ifndef FAKE_PCID_H
#define FAKE_PCID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#include "os/os.h"
#include "os/sys.h"

#define PCID_FUNCTIONS 4096 /* memory of those that are not there is never touched */
#define PCID_FDS 32
#define PCID_ANSWER 65536

struct fake_pcid;

struct pcid_bar {
	uint32_t kind; /* 0 none, 1 32-bit, 2 64-bit, 3 ports */
	uint64_t addr;
	uint64_t size;
};

struct pcid_function {
	const char *name; /* as listed */
	uint32_t sbdf;
	uint32_t answers_as; /* the address in Config */
	uint8_t config[4096];
	uint8_t fixed[4096]; /* bits that a write leaves alone; BARs and the ROM at first */
	uint8_t rw1c[4096];  /* bits that a one clears; the status register's at first */
	uint32_t cleared[1024]; /* those of a dword that were ever written as ones */
	uint32_t written[1024]; /* the last write of each dword */
	unsigned int writes;
	int64_t silent_until, retry_until; /* by the clock: reads all-ones, has no vendor id */
	unsigned int too_soon; /* accesses in that time, but for the vendor id */
	void (*on_write)(struct fake_pcid *p, struct pcid_function *fn, unsigned int off,
			 uint32_t dword);
	bool watch_decoding; /* count writes to base addresses, and those while it decodes */
	unsigned int bar_writes, bar_writes_decoding;
	struct pcid_bar bars[6];
	struct pcid_bar rom; /* kind 0: none; only with rom_field */
	uint8_t line[27]; /* encoded Option of the interrupt line */
	size_t line_len;
	bool unlisted; /* a bridge: it can be read and is not listed */
	bool removed;  /* reads all-ones */
	bool enabled;  /* somebody opened, or tried to open, the channel */
	bool locked;   /* and it is in use */
	bool unopenable; /* opening the channel answers ENODEV, the config file ENOENT */
	bool has_msi, has_msix;
	bool stuck_master; /* bus mastering cannot be switched off */
};

/* Changes an answer (with its length prefix) before it can be read. */
typedef void (*pcid_lie)(struct fake_pcid *p, uint8_t *answer, size_t *len);

struct fake_pcid {
	struct rbi_sys sys; /* first */
	struct rb_ctx *ctx;
	bool destroyed;

	struct pcid_function fns[PCID_FUNCTIONS];
	size_t count;
	const char *stray; /* one more name to list, or NULL */
	bool endless;	   /* the directory never ends */
	bool absent;	   /* there is no scheme 'pci' */
	bool no_access;	   /* there is no access endpoint */
	bool config_file;  /* every function has a file 'config' */
	bool user;	   /* the caller is not root */
	bool rom_field;	   /* layout of 2026 */
	bool no_ecam;	   /* config access by ports: above 256 panics */
	bool dead;	   /* the server has ended: ENODEV */
	const char *panic; /* what killed it: a fault of ours */

	size_t chunk;	     /* most bytes of one read; 0: all */
	pcid_lie lie;	     /* on the lie_at-th answer from now */
	unsigned int lie_at;
	bool short_write;    /* writes take one byte less */

	/* scripted failure: the @fail_at-th fallible call answers -@fail_with */
	unsigned int calls, fail_at;
	int fail_with;

	/* what is open, and one channel's pending answer each */
	struct {
		int kind; /* 0 closed, 1 channel, 2 access, 3 config */
		struct pcid_function *fn;
		uint8_t *answer;
		size_t len, used;
	} fds[PCID_FDS];
	unsigned int dirs;

	/* what was asked for */
	uint8_t request[64]; /* the last one */
	size_t request_len;
	unsigned int requests;
	unsigned int calls_made; /* SYS_CALLs on the access endpoint, reads of config files */
	unsigned int config_opens; /* of config files, whether there were any or not */
	int64_t now;
};

/* A world with a context over it and no functions. */
struct fake_pcid *pcid_open(void);
/* Close the context; show that nothing leaks and that the server lives. */
void pcid_close(struct fake_pcid *p);

/* One more function, with the name style of its @name. Root enabled, no BARs. */
struct pcid_function *pcid_add(struct fake_pcid *p, const char *name, uint32_t sbdf,
			       uint32_t vendor_device, uint32_t class_revision);
/* A context whose process inherited @fn's channel. */
void pcid_inherit(struct fake_pcid *p, struct pcid_function *fn);

/* Configuration space as the device has it. */
uint32_t pcid_get(const struct pcid_function *fn, unsigned int off);
void pcid_set(struct pcid_function *fn, unsigned int off, uint32_t dword);
/* What a write to the dword at @off leaves alone, and what a one clears. */
void pcid_bits(struct pcid_function *fn, unsigned int off, uint32_t fixed, uint32_t rw1c);
/* Put capability @id at @off, followed by @next. */
void pcid_cap(struct pcid_function *fn, unsigned int off, uint8_t id, uint8_t next);

unsigned int pcid_open_fds(const struct fake_pcid *p);
void pcid_fail(struct fake_pcid *p, unsigned int nth, int err);
/* Lie once, in the answer to the @nth request from now. */
void pcid_lie_at(struct fake_pcid *p, unsigned int nth, pcid_lie lie);

#endif
