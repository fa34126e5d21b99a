/* SPDX-License-Identifier: MIT */
/*
 * fake_world.h - a first waist of plain memory for unit tests: no machine, no
 * hosted schemes, every answer scripted.
 *
 * It serves /scheme/memory and one PCI function, 0000:00:02.0 with a memory BAR0,
 * and counts what is open and mapped, so that a test can show that nothing leaks.
 * Calls that can fail are numbered; any one of them can be made to.
 */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#include "core/dma_note.h"
#include "os/os.h"
#include "os/sys.h"

#define FAKE_BAR_ADDR 0xfe000000ull
#define FAKE_BAR_SIZE 0x4000u
#define FAKE_FDS      64
#define FAKE_BLOCKS   32
#define FAKE_PATHS    1024
#define FAKE_THREAD   99 /* its descriptor */

struct fake_block {
	void *cpu; /* NULL: free */
	size_t len;
	uint64_t phys;
};

/* A page of reserved address space. */
enum fake_page { FAKE_HOLE, FAKE_RESERVED, FAKE_FILLED, FAKE_STOLEN };

struct fake_world {
	struct rbi_sys sys; /* first */
	struct rb_ctx *ctx;
	bool destroyed;

	/* scripted failure: the @fail_at-th fallible call answers @fail_with */
	unsigned int calls;
	unsigned int fail_at; /* 0: none */
	int fail_with;
	bool fail_for_ever; /* and so does every later one */

	/* what is open */
	char fds[FAKE_FDS][96]; /* the path; "": free */
	unsigned int dirs;
	unsigned int maps; /* physical mappings */
	unsigned int munmap_err; /* errno of every munmap, 0: none */
	char opened[FAKE_PATHS]; /* every path opened, a line each */

	/* the last mmap */
	uint64_t map_off;
	size_t map_len;
	unsigned int map_prot;
	unsigned int map_flags;

	/* the BAR */
	uint8_t *bar; /* FAKE_BAR_SIZE bytes and a page on either side */
	uint64_t bar_addr;
	uint64_t bar_size;
	uint64_t direct; /* bytes of a mapping that may be touched; UINT64_MAX: all */
	uint64_t route; /* its token, 0: none */
	int io_answer; /* of io_read and io_write, when not 0 */
	unsigned int io_reads, io_writes;
	uint64_t io_off, io_val; /* of the last one */
	unsigned int io_width;
	void (*on_io)(struct fake_world *w); /* before each */

	/* DMA blocks */
	struct fake_block blocks[FAKE_BLOCKS];
	uint64_t next_phys; /* where the next block lies ... */
	int64_t phys_step; /* ... and the one after it, unless 0: its length on */
	uint64_t phys_flaw; /* added to the translation of a block's last page */
	uint32_t shadow;
	/* the address of a page of the program's: 0, or a negative errno; NULL: no such page */
	int (*on_translate)(struct fake_world *w, uint64_t page, uint64_t *phys);
	unsigned int most_blocks; /* held at once */
	bool lazy; /* a page is the zero page until it is written */
	bool untouchable; /* window answers that blocks may not be touched */
	/* reserved address space; one at a time */
	uint8_t *room; /* NULL: none */
	size_t room_len;
	uint8_t *room_pages; /* for each: enum fake_page */
	bool thief; /* another thread takes every hole in it */
	unsigned int publishes, observes;
	uint64_t sync_off, sync_len; /* of the last one */
	uint32_t sync_shadow;
	void (*on_observe)(struct fake_world *w);
	unsigned int notes, misuses;
	struct rbi_dma_note note; /* the last one; its strings may be gone */
	char misuse[256];

	/* ports, and the right to them */
	unsigned int grants_asked, grants;
	int port_answer; /* of port_in and port_out, when not 0 */
	unsigned int port_reads, port_writes;
	uint32_t port, port_val; /* of the last one; port_in answers port_val */
	unsigned int port_width;

	/* the PCI function */
	uint32_t config[64];
	bool removed; /* configuration space reads all-ones */
	bool stuck_master; /* bus mastering cannot be switched off */
	int channel_err; /* errno of every write to the channel, 0: none */
	uint8_t answer[512];
	size_t answer_len, answer_used;

	/* time */
	int64_t now;
	int64_t tick; /* each look at the clock */
	uint64_t delayed; /* ns in delay */
	unsigned int delays;
	uint64_t longest_delay;
	bool frozen; /* delays do not move the clock */

	char listing[8][RBI_NAME_MAX]; /* what /scheme/list holds */
	unsigned int listed, list_at;
	bool endless; /* the listing never ends */
};

/* A world with a context on top. Directly mapped, bus mastering on. */
struct fake_world *fake_open(void);
/* Close the context, and show that nothing is left behind. */
void fake_close(struct fake_world *w);
/* Claim its function. */
struct rb_pci_dev *fake_device(struct fake_world *w);

/* Make the @nth fallible call from now answer -@err. */
void fake_fail(struct fake_world *w, unsigned int nth, int err);

unsigned int fake_open_fds(const struct fake_world *w);
unsigned int fake_blocks(const struct fake_world *w);
bool fake_masters_bus(const struct fake_world *w);

/* Every errno that a fallible call may plausibly answer, with 0 at the end. */
extern const int fake_errnos[];

#endif
