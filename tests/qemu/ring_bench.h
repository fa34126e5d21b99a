/* SPDX-License-Identifier: MIT */
/*
 * ring_bench.h - a device of QEMU's with rings: what the tests of each have in common.
 */
#ifndef TESTS_RING_BENCH_H
#define TESTS_RING_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rbdrv/rbdrv.h>

#define PATIENCE 5000000 /* us */
#define PAGE	 4096u

/* Of the device that is open; a test has one at a time. */
extern struct rb_ctx *ctx;
extern struct rb_pci_dev *dev;

void assert_ok(int rc);

/* The device, which masters the bus; skips the test without QEMU. */
void open_device(const char *machine, uint16_t vendor, uint16_t device);
/* Nothing of it may be open. */
void close_device(void);

struct rb_dma_ring *open_ring(uint32_t count, uint32_t size, struct rb_mmio *regs,
			      uint64_t doorbell, uint32_t reserve, uint32_t flags);
struct rb_dma_buf *alloc(uint64_t size);
/* Different bytes in every word, and for every @seed; published. */
void fill(struct rb_dma_buf *buf, uint64_t off, uint64_t len, uint32_t seed);

/* Wait a little, @rounds times before: whether PATIENCE is not over. */
bool time_is_left(unsigned int *rounds);

#endif
