/* SPDX-License-Identifier: MIT */
/* ring_bench.c - see ring_bench.h. */
#include <errno.h>

#include "ring_bench.h"

struct rb_ctx *ctx;
struct rb_pci_dev *dev;

void assert_ok(int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", rb_strerror(rc), rb_last_error());
}

void open_device(const char *machine, uint16_t vendor, uint16_t device)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc = rb_ctx_new(machine, &ctx);

	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);
	filter.vendor = vendor;
	filter.device = device;
	assert_ok(rb_pci_scan(ctx, &filter, &list));
	assert_int_equal(rb_pci_list_count(list), 1);
	assert_ok(rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &dev));
	rb_pci_list_close(list);
	assert_ok(rb_pci_set_bus_master(dev, true));
}

void close_device(void)
{
	rb_pci_unref(dev);
	assert_int_equal(rb_ctx_live(ctx, NULL, 0), 0);
	rb_ctx_unref(ctx);
}

struct rb_dma_ring *open_ring(uint32_t count, uint32_t size, struct rb_mmio *regs,
			      uint64_t doorbell, uint32_t reserve, uint32_t flags)
{
	struct rb_dma_ring_options o = RB_DMA_RING_OPTIONS_INIT;
	struct rb_dma_ring *r;

	o.regs = regs;
	o.doorbell = doorbell;
	o.reserve = reserve;
	o.flags = flags;
	assert_ok(rb_dma_ring_open(dev, count, size, &o, &r));
	return r;
}

struct rb_dma_buf *alloc(uint64_t size)
{
	struct rb_dma_buf *buf;

	assert_ok(rb_dma_alloc(dev, size, NULL, &buf));
	return buf;
}

/* Different bytes in every word, and for every @seed. */
void fill(struct rb_dma_buf *buf, uint64_t off, uint64_t len, uint32_t seed)
{
	uint32_t *word = (uint32_t *)((uint8_t *)buf->cpu + off);
	uint64_t i;

	for (i = 0; i < len / 4; i++)
		word[i] = (uint32_t)i * 2654435761u + seed;
	rb_dma_publish(buf, off, len);
}

bool time_is_left(unsigned int *rounds)
{
	rb_delay_us(ctx, 100);
	return ++*rounds < PATIENCE / 100;
}
