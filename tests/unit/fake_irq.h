/* SPDX-License-Identifier: MIT */
/*
 * fake_irq.h - a small Redox for tests of interrupts, events, time and one PCI device.
 *
 * Written from contract 2, 3 and 4, apart from hosted Redox, so that the client is
 * tested against two readings of the same text. Its clock moves only when somebody
 * sleeps until an alarm, or by fake_pass(). Everything that can go wrong can be made
 * to: the n-th call fails, files answer nonsense, vectors are taken in between.
 */
#ifndef FAKE_IRQ_H
#define FAKE_IRQ_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#include "core/core.h"
#include "os/os.h"
#include "os/sys.h"

#define FAKE_FD_BASE 1000
#define FAKE_FILES   320
#define FAKE_ENTRIES 8192
#define FAKE_REGS    2048
#define FAKE_ALARMS  64
#define FAKE_LINE    11u
#define FAKE_MSI_CAP 0x40u

/* Where MSI-X is, once fake_give_msix() has been called. */
#define FAKE_MSIX_CAP 0x70u
#define FAKE_VECTORS  256
#define FAKE_BARS     6
#define FAKE_BAR_ADDR 0xe0000000ull /* of BAR 0; the others follow, 16 MiB apart */
#define FAKE_BAR_SIZE 0x10000ull

#define FAKE_OTHERS 7 /* CPUs besides the boot processor */

enum fake_kind {
	FAKE_NONE,
	FAKE_IRQ,
	FAKE_BSP,
	FAKE_QUEUE,
	FAKE_TIME,
	FAKE_PIPE_READ,
	FAKE_PIPE_WRITE,
	FAKE_CHANNEL,
	FAKE_MEMORY,
	FAKE_KINDS
};

enum fake_call {
	FAKE_OPEN,
	FAKE_CLOSE,
	FAKE_DUP,
	FAKE_READ,
	FAKE_WRITE,
	FAKE_PIPE,
	FAKE_LIST,
	FAKE_CLOCK,
	FAKE_MAP,
	FAKE_ACCESS,
	FAKE_CALLS
};

struct fake_entry {
	uint64_t id, flags, data;
};

/* An open file description. */
struct fake_file {
	enum fake_kind kind;
	unsigned int refs;
	unsigned int n; /* IRQ: its number */
	uint64_t ack; /* IRQ: the value given back last */
	bool nonblock; /* QUEUE */
	struct fake_entry *entries; /* QUEUE: a ring */
	size_t first, count;
	int64_t alarms[FAKE_ALARMS]; /* TIME */
	size_t alarm_count;
	struct fake_file *other; /* PIPE */
	size_t bytes; /* PIPE_READ: unread */
};

struct fake_reg {
	struct fake_file *file, *queue;
	bool queue_closed; /* the kernel does not notice */
	uint64_t id, flags, data;
};

/* Registers in the place of one BAR, and the table in it. */
struct fake_msix {
	unsigned int vectors; /* 0: there is no MSI-X */
	unsigned int bar, pba_bar;
	uint32_t off, pba_off;
	uint32_t table[FAKE_VECTORS][4];
	uint32_t pba[FAKE_VECTORS / 32];
	unsigned int stray; /* accesses that are neither */
};

struct fake {
	struct rbi_sys sys;
	struct rb_ctx *ctx;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t now;

	struct fake_file files[FAKE_FILES];
	struct fake_file *handles[FAKE_FILES]; /* descriptor FAKE_FD_BASE + index */
	struct fake_reg regs[FAKE_REGS];
	size_t reg_count;

	/* irq */
	uint64_t counter[256];
	bool is_masked[16], is_asserted[16];
	bool is_reserved[256]; /* never goes back */
	bool is_stolen[256]; /* listed, and taken before it is opened */
	bool is_vanished[256]; /* listed, and ENOENT */
	unsigned int others; /* how many other CPUs there are: cpu-01 and so on */
	bool other_reserved[FAKE_OTHERS][256];
	uint32_t boot_cpu;
	const char *cpu_name; /* the directory that is listed; "cpu-00" */
	const char *extra_name; /* one more entry of that directory */
	bool no_line; /* legacy lines are ENOENT */

	/* the PCI device 00:03.0 */
	uint8_t config[256];
	bool has_pin, has_msi, has_phandle;
	uint8_t line;
	uint8_t answer[256];
	size_t answer_len, answer_pos;
	bool msi_is_refused, msix_is_refused;
	struct fake_msix msix;
	uint8_t bar_is_io[FAKE_BARS];
	bool has_no_bars, has_rom, bars_have_no_address;
	char steps[64]; /* see fake_irq_table.c */
	size_t step_count;
	uint64_t mapped[8]; /* physical address of what io_read and io_write name; 0: free */

	/* script */
	unsigned int calls[FAKE_CALLS], calls_in_all;
	unsigned int fail_at; /* counts down; the call that makes it 0 fails */
	int fail_with;
	bool fails_for_ever; /* and every one after it */
	bool failed;
	bool read_is_scripted; /* the next read of an irq or queue file answers this: */
	ssize_t read_answer;
	struct fake_entry read_record; /* of a queue; a counter reads its first word */
	bool write_is_scripted; /* the next write to an irq or queue file answers this */
	ssize_t write_answer;
	void (*when_asleep)(struct fake *f); /* called once when a read has to block */
	unsigned int sleeps;
	int64_t clock_step; /* ns that each look at the clock takes */
	unsigned int at_look; /* counts down; the look at the clock that makes it 0 calls: */
	void (*when_looked)(struct fake *f);
	bool has_panicked; /* a name that takes the real kernel down was used */
};

/* A context over a new fake, and its only device. @root is NULL, or makes it name
 * itself "redox". */
struct fake *fake_new(const char *root);
struct rb_pci_dev *fake_open_device(struct fake *f);
/* The last reference to the context must have gone, or go with this. */
void fake_free(struct fake *f);

/* The device sends its message, or drives its pin. */
void fake_send_message(struct fake *f);
void fake_pin(struct fake *f, bool is_asserted);
/* Message @i is due: 1 when it was sent, 0 when it is pending or nobody lets the device send. */
int fake_send(struct fake *f, unsigned int i);
/* Of the capability: 2^@log2 messages, a mask register or none. Before the device is opened. */
void fake_give_msi(struct fake *f, unsigned int log2, bool is_maskable);
void fake_give_msix(struct fake *f, unsigned int vectors, unsigned int bar, uint32_t off,
		    unsigned int pba_bar, uint32_t pba_off);
/* What a reset of the function does to all of that. */
void fake_reset(struct fake *f);
uint32_t fake_config(struct fake *f, unsigned int off);
/* Interrupt @n, whoever it was. From when_asleep, too. */
void fake_raise(struct fake *f, unsigned int n);
/* One entry for every registration of every handle of @n, and no interrupt. */
void fake_post_stale(struct fake *f, unsigned int n);
void fake_pass(struct fake *f, int64_t ns);
/* From now on count calls anew. */
void fake_count_calls(struct fake *f);
/* The @n-th call from now fails with @err (negative). */
void fake_fail_at(struct fake *f, unsigned int n, int err);

/* What is open, and watched. */
unsigned int fake_open_files(struct fake *f, enum fake_kind kind);
unsigned int fake_open_handles(struct fake *f);
unsigned int fake_watched(struct fake *f, enum fake_kind kind);
size_t fake_backlog(struct fake *f);
size_t fake_unread(struct fake *f); /* bytes in pipes */
uint16_t fake_command(struct fake *f);
bool fake_msi_is_on(struct fake *f);

#endif
