/* SPDX-License-Identifier: MIT */
/* e1000e_bench.h - a card on the bench: a machine, the driver, and the cable's other end. */
#ifndef TESTS_NET_E1000E_BENCH_H
#define TESTS_NET_E1000E_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "e1000e.h"

#define PATIENCE_MS 5000
#define KEPT	    512 /* frames that came */
#define LONGEST	    9300

struct bench {
	struct rb_ctx *ctx;
	struct rb_pci_addr addr;
	struct e1000e *nic;
	int cable;
	unsigned int link_events, mbps;
	bool up;
	unsigned int came;
	uint32_t len[KEPT];
	uint8_t *bytes[KEPT];
	bool echoes; /* answer frames from the event */
	int answer; /* what e1000e_send() said there */
};

void assert_ok(int rc);
void bench_events(struct e1000e_events *events);

/* Power on; skips where there is no such machine. Then the driver, until the link is up. */
void open_machine(struct bench *b, const char *machine);
void open_bench(struct bench *b, const char *machine, const struct e1000e_options *options);
/* Nothing is left open, and the mock has seen nothing wrong. */
void close_bench(struct bench *b);

void poll_once(struct bench *b);
void wait_for_link(struct bench *b);
void wait_for_frames(struct bench *b, unsigned int count);
void forget_frames(struct bench *b);
/* Wait for nothing: all that was put on the cable has come. */
void settle(struct bench *b);
/* See a sleep end by an interrupt. */
void be_woken(struct bench *b);

/* The n-th of many different frames, for everybody. */
void make_frame(uint8_t *frame, size_t len, unsigned int n);
void put_on_cable(struct bench *b, const uint8_t *frame, size_t len);
/* What came out of the card. */
size_t take_from_cable(struct bench *b, uint8_t *frame);

#endif
