/* SPDX-License-Identifier: MIT */
/*
 * mock_fixture.h - a mock, and hands on its machine: what the mock's unit tests
 * share. They stand where hosted Redox stands and call the machine's table.
 */
#ifndef MOCK_FIXTURE_H
#define MOCK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#include "core/core.h"
#include "host/machine.h"

#define FRAME 0x1000000ull /* the first frame of the mock's RAM */

struct rig {
	struct rb_ctx *ctx;
	struct rbi_machine *m;
};

static inline void rig_open(struct rig *rig, const char *machine)
{
	assert_int_equal(rb_ctx_new(machine, &rig->ctx), 0);
	rig->m = rbi_hosted_machine(rig->ctx->sys);
	assert_non_null(rig->m);
}

static inline void rig_close(struct rig *rig)
{
	rb_ctx_unref(rig->ctx);
}

/* A clean run: no violation, and everything given back. */
static inline void rig_close_clean(struct rig *rig)
{
	if (rb_mock_verify(rig->ctx) != 0)
		fail_msg("%s", rb_mock_violation_text(rig->ctx, 0));
	rig_close(rig);
}

static inline uint32_t cfg_read(struct rig *rig, struct rb_pci_addr fn, unsigned int off,
				unsigned int width)
{
	uint32_t val;

	assert_int_equal(rig->m->ops->cfg_read(rig->m, fn, off, width, &val), 0);
	return val;
}

static inline void cfg_write(struct rig *rig, struct rb_pci_addr fn, unsigned int off,
			     unsigned int width, uint32_t val)
{
	assert_int_equal(rig->m->ops->cfg_write(rig->m, fn, off, width, val), 0);
}

/* Memory, I/O and bus mastering on, as opening a device does. */
static inline void enable(struct rig *rig, struct rb_pci_addr fn)
{
	cfg_write(rig, fn, 0x04, 2, 0x0007);
}

static inline uint64_t mem_read(struct rig *rig, uint64_t phys, unsigned int width)
{
	uint64_t val;

	assert_int_equal(rig->m->ops->mem_read(rig->m, phys, width, &val), 0);
	return val;
}

static inline void mem_write(struct rig *rig, uint64_t phys, unsigned int width, uint64_t val)
{
	assert_int_equal(rig->m->ops->mem_write(rig->m, phys, width, val), 0);
}

/* Where a 32-bit BAR is. */
static inline uint64_t bar_of(struct rig *rig, struct rb_pci_addr fn, unsigned int bar)
{
	return cfg_read(rig, fn, 0x10 + bar * 4, 4) & ~0xfu;
}

/* MSI message 0 to interrupt @n. */
static inline void enable_msi(struct rig *rig, struct rb_pci_addr fn, unsigned int n)
{
	unsigned int cap = cfg_read(rig, fn, 0x34, 1);

	cfg_write(rig, fn, cap + 4, 4, 0xfee00000);
	cfg_write(rig, fn, cap + 12, 2, n + 32);
	cfg_write(rig, fn, cap + 2, 2, cfg_read(rig, fn, cap + 2, 2) | 1);
}

static inline uint64_t irq_take(struct rig *rig, unsigned int n)
{
	uint64_t count;

	assert_int_equal(rig->m->ops->irq_take(rig->m, n, &count), 0);
	return count;
}

static inline int64_t now(struct rig *rig)
{
	return rig->m->ops->clock(rig->m);
}

/* A DMA buffer of one page at FRAME. */
struct dma {
	uint8_t *cpu;
	uint32_t shadow;
};

static inline void dma_open(struct rig *rig, struct dma *dma)
{
	void *cpu;

	assert_int_equal(rig->m->ops->ram_map(rig->m, FRAME, 4096, &cpu), 0);
	assert_int_equal(rig->m->ops->dma_map(rig->m, FRAME, 4096, cpu, &dma->shadow), 0);
	dma->cpu = cpu;
}

static inline void dma_close(struct rig *rig, struct dma *dma)
{
	rig->m->ops->dma_unmap(rig->m, FRAME, 4096, dma->shadow);
	rig->m->ops->ram_unmap(rig->m, FRAME, 4096, dma->cpu);
}

static inline void publish(struct rig *rig, struct dma *dma, uint64_t off, uint64_t len)
{
	rig->m->ops->dma_publish(rig->m, dma->shadow, off, len);
}

static inline void observe(struct rig *rig, struct dma *dma, uint64_t off, uint64_t len)
{
	rig->m->ops->dma_observe(rig->m, dma->shadow, off, len);
}

static inline struct rb_bus_addr bus(uint64_t value)
{
	struct rb_bus_addr addr = { value };

	return addr;
}

static inline void assert_violation(struct rig *rig, const char *part)
{
	const char *text = rb_mock_violation_text(rig->ctx, 0);

	assert_int_equal(rb_mock_verify(rig->ctx), 1);
	if (!strstr(text, part))
		fail_msg("'%s' does not say '%s'", text, part);
	rb_mock_clear(rig->ctx);
}

/* The plainest device: a page of RAM, pin A, MSI with 64-bit address. */
static inline int plain_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x0001;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ram(dev, 0, 4096, 0);
	rb_mock_intx_pin(dev, 1);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	return 0;
}

static inline struct rb_mock_dev *plug(struct rig *rig, rb_mock_build_fn build, void *arg)
{
	struct rb_mock_dev *dev;

	assert_int_equal(rb_mock_add(rig->ctx, "device", build, arg, &dev), 0);
	enable(rig, rb_mock_addr(dev));
	return dev;
}

#endif
