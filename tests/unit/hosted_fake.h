/* SPDX-License-Identifier: MIT */
/*
 * hosted_fake.h - a machine of a few arrays, for the tests of hosted Redox.
 *
 * Configuration space is plain memory with a mask of writable bits; interrupts
 * are counters; the clock stands still until somebody waits or a test moves it.
 */
#ifndef HOSTED_FAKE_H
#define HOSTED_FAKE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "host/hosted.h"

#define FAKE_FUNCTIONS 4
#define FAKE_E1000     0 /* 00:03.0, that of contract 4.7; no capabilities */
#define FAKE_EDU       1 /* 00:04.0: MSI at 0x40, 64 bit, 4 messages */
#define FAKE_NIC       2 /* 00:1f.2: MSI-X at 0xa0, MSI at 0x70, vendor at 0x50 */
#define FAKE_BRIDGE    3 /* 00:02.0: pcid does not list it */

#define FAKE_RAM_BASE 0x10000000ull
#define FAKE_RAM_SIZE 0x01000000ull
#define FAKE_DIRECT   0xd0000000ull /* from here on 1 MiB the machine maps directly */
#define FAKE_DOORBELL 0xfd000000ull

struct fake_fn {
	struct rb_pci_addr addr;
	uint8_t cfg[4096];
	uint8_t writable[4096];
	bool present;
	bool claimed;
};

struct fake {
	struct rbi_machine machine; /* first */
	struct fake_fn fn[FAKE_FUNCTIONS];
	unsigned int nfns;
	uint64_t pending[RBI_IRQ_MAX];
	int fds[RBI_IRQ_MAX];
	unsigned int unmasked[RBI_IRQ_LINES]; /* how often */
	unsigned int irq_count;
	int64_t now;
	char violation[256]; /* the last one */
	unsigned int violations;
	unsigned int live_maps; /* direct ones and RAM */
	int dma_map_rc; /* what dma_map answers */
	void (*on_unmap)(struct fake *fake); /* also of RAM */
	uint64_t last_phys; /* of mem_read and mem_write */
	uint64_t last_value;
	bool dead;
	bool destroyed; /* freed by the test */
	bool destroyed_forked;
	void (*on_wait)(struct fake *fake);
};

struct fake *fake_new(void);
void fake_free(struct fake *fake);
/* An interrupt of N comes. */
void fake_raise(struct fake *fake, unsigned int n);
uint32_t fake_get(const struct fake *fake, unsigned int fn, unsigned int off);
void fake_put(struct fake *fake, unsigned int fn, unsigned int off, uint32_t val);

/* A world on a fake: profile by name, uid. */
struct world {
	struct fake *fake;
	struct rbi_sys *sys;
};

struct world *world_new(const char *options);
void world_free(struct world *w);
int world_setup(void **state); /* default profile, uid 0 */
int world_teardown(void **state);

/* Short forms of the waist. */
int w_open(struct world *w, const char *path, unsigned int flags);
void w_close(struct world *w, int fd);
ssize_t w_read(struct world *w, int fd, void *buf, size_t len);
ssize_t w_write(struct world *w, int fd, const void *buf, size_t len);
int w_mmap(struct world *w, int fd, size_t len, unsigned int flags, uint64_t off, void **base);
ssize_t w_call(struct world *w, int fd, void *payload, size_t len, const uint64_t *meta, size_t n);
/* The names in a directory, joined by spaces; negative: what opendir or readdir said. */
int w_list(struct world *w, const char *path, char *out, size_t size);
/* Is the descriptor readable, by poll(2)? */
bool fd_is_ready(int fd);

#endif
