/* SPDX-License-Identifier: MIT */
/*
 * contract.h - one scenario, every world.
 *
 * A scenario is a function that drives the edu device through the public
 * headers and does not know where it is. run_scenarios() makes a cmocka test
 * of every pair of scenario and world: mock and QEMU, each in every profile of
 * Redox. What holds in all of them is the contract; it is what makes the mock
 * believable.
 *
 * Around every scenario the runner checks that nothing is left behind: no open
 * object in the ledger, no descriptor, no child process, and on the mock no
 * violation.
 */
#ifndef TESTS_CONTRACT_H
#define TESTS_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rbdrv/rbdrv.h>

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8

/* Registers of edu (qemu-notes 4). */
#define EDU_ID	       0x00
#define EDU_LIVENESS   0x04
#define EDU_FACTORIAL  0x08
#define EDU_STATUS     0x20
#define EDU_IRQ_STATUS 0x24
#define EDU_IRQ_RAISE  0x60
#define EDU_IRQ_ACK    0x64
#define EDU_DMA_SRC    0x80
#define EDU_DMA_DST    0x88
#define EDU_DMA_COUNT  0x90
#define EDU_DMA_CMD    0x98

#define EDU_ID_VALUE 0x010000edu
#define EDU_BAR_SIZE 0x100000u
#define EDU_INTERNAL 0x40000u /* its buffer, as its DMA engine names it */

#define EDU_STATUS_BUSY 0x01u
#define EDU_STATUS_IRQ	0x80u
#define EDU_DMA_RUN	0x1u
#define EDU_DMA_TO_RAM	0x2u
#define EDU_DMA_IRQ	0x4u

#define PATIENCE_MS 5000 /* for what must happen; reached only by a bug */
#define QUIET_MS    30 /* for what must not */

/* Where a scenario runs. */
struct world {
	const char *name; /* "qemu, base-2026" */
	const char *machine; /* "qemu:edu;profile=base-2026" */
	bool mock;
};

/* What a scenario has opened; the runner closes what it leaves open. */
struct stage {
	const struct world *world;
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_pio *ports;
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf;
	struct rb_dma_pool *pool;
	struct rb_dma_cache *cache;
	struct rb_dma_elem *elems[8]; /* of pool; put when the stage is closed */
	struct rb_dma_ring *ring, *second_ring;
	struct rb_dma_map *map;
	struct rb_pci_list *list;
	struct rb_pci_view *view;
	struct rb_pci_caps *caps;
	struct rb_pci_saved *saved;
	struct rb_pci_list *now, *arrived, *departed; /* of a rescan */
	struct stage *other; /* of second_stage() */
};

/* A scenario, its name being the sentence it proves. */
struct scenario {
	const char *name;
	void (*play)(struct stage *stage);
	const char *on_mock; /* appended to the machine string, ";uid=1000", or ""; NULL: ... */
	const char *on_qemu; /* ... it is not played there */
	bool sloppy; /* it misuses the device: the mock must have complained */
};

#define SCENARIO(fn)                   \
	{                              \
#fn, fn, "", "", false \
	}
#define SCENARIO_WITH(fn, options)               \
	{                                        \
#fn, fn, options, options, false \
	}
/* Options of one machine each; NULL: not there. */
#define SCENARIO_ON(fn, on_mock, on_qemu)        \
	{                                        \
#fn, fn, on_mock, on_qemu, false \
	}
#define SCENARIO_SLOPPY(fn)           \
	{                             \
#fn, fn, "", "", true \
	}

/* Every scenario in every world: the number that failed. */
int run_scenarios(const char *topic, const struct scenario *scenarios, size_t count);
#define RUN_SCENARIOS(topic, table) run_scenarios(topic, table, sizeof(table) / sizeof((table)[0]))

/* Fails the test, with the library's own sentence, unless @rc is 0. */
#define assert_ok(rc) assert_done((rc), #rc, __FILE__, __LINE__)
void assert_done(int rc, const char *what, const char *file, int line);

/* What assert_ok() has seen in this process: a code outside the closed set, and a
 * failure without a sentence. */
extern int strange_code;
extern bool silent_code;

/* Close what a stage holds, but for its context. */
void close_stage(struct stage *stage);
/* A second context on the same machine; closed with everything in it when @stage is. */
struct stage *second_stage(struct stage *stage);

/* Address of the first edu of the machine. */
struct rb_pci_addr find_edu(struct stage *stage);
/* Claim edu; then map its registers; then open one interrupt of @kind, drained. */
void claim_edu(struct stage *stage);
void map_edu(struct stage *stage);
void open_edu_irqs(struct stage *stage, enum rb_irq_kind kind);
/* A DMA buffer that edu reaches with its default mask. */
void alloc_edu_dma(struct stage *stage, uint64_t size);

/* Write back what edu says it raised, and wait until that has arrived. */
void quiet_edu(struct stage *stage);
/* Run edu's DMA engine and wait for its end. */
void run_edu_dma(struct stage *stage, uint64_t src, uint64_t dst, uint32_t count, uint32_t flags);
/* Wait and take until @want interrupts have come, quieting edu; more than that fails. */
void expect_irqs(struct stage *stage, uint64_t want);
/* No interrupt comes for QUIET_MS. */
void expect_no_irq(struct stage *stage);

/* Run @play in a child of fork(), where it holds each condition with MUST(). */
#define fork_and_play(stage, play) play_in_a_child(stage, play, __FILE__)
void play_in_a_child(struct stage *stage, int (*play)(struct stage *stage), const char *file);
#define MUST(condition)                  \
	do {                             \
		if (!(condition))        \
			return __LINE__; \
	} while (0)

/* Descriptors this process has open, and whether it has a child. */
size_t count_fds(void);
bool have_children(void);

#endif
