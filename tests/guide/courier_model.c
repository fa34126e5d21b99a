/* SPDX-License-Identifier: MIT */
/* courier_model.c - the courier, as the driver of doc/dma.md meets it. */
#include <string.h>

#include "courier_model.h"

struct model {
	uint32_t head; /* the slot to send next */
	uint32_t sum, sent;
	uint8_t bytes[64 << 10];
};

static struct rb_bus_addr address(struct rb_mock_dev *dev, uint64_t reg)
{
	struct rb_bus_addr bus = { rb_mock_reg_get(dev, 0, reg) };

	return bus;
}

/* Add up @len bytes at @bus, which one DMA read must bring. */
static int take_in(struct rb_mock_dev *dev, struct model *m, struct rb_bus_addr bus, uint32_t len)
{
	uint32_t i;

	if (len == 0 || len > sizeof(m->bytes)) {
		rb_mock_violation(dev, "a segment of no bytes, or of more than 64 KiB");
		return -1;
	}
	if (bus.value >> 32 || bus.value >> 20 != (bus.value + len - 1) >> 20)
		rb_mock_violation(dev, "a segment above 4 GiB, or over a boundary of 1 MiB");
	if (rb_mock_dma_read(dev, bus, m->bytes, len) < 0)
		return -1;
	for (i = 0; i < len; i++)
		m->sum += m->bytes[i];
	rb_mock_reg_set(dev, 0, TX_SUM, m->sum);
	return 0;
}

static void count_frame(struct rb_mock_dev *dev, struct model *m)
{
	struct rb_bus_addr mailbox = address(dev, MAILBOX);

	m->sent++;
	if (mailbox.value)
		rb_mock_dma_write(dev, mailbox, &m->sent, sizeof(m->sent));
}

static void write_tail(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	uint32_t count = (uint32_t)rb_mock_reg_get(dev, 0, TX_COUNT);
	struct rb_bus_addr slot, bus;
	struct courier_desc desc;
	struct model *m = arg;

	(void)off;
	(void)width;
	while (count != 0 && m->head != val % count) {
		slot = address(dev, TX_RING);
		slot.value += (uint64_t)m->head * sizeof(desc);
		if (rb_mock_dma_read(dev, slot, &desc, sizeof(desc)) < 0)
			return;
		bus.value = desc.addr;
		if (take_in(dev, m, bus, desc.len) < 0)
			return;
		desc.done = 1;
		rb_mock_dma_write(dev, slot, &desc, sizeof(desc));
		if (desc.last)
			count_frame(dev, m);
		m->head = (m->head + 1) % count;
	}
}

static void write_up(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		     uint64_t val)
{
	(void)off;
	(void)width;
	(void)val;
	take_in(dev, arg, address(dev, UP_ADDR), (uint32_t)rb_mock_reg_get(dev, 0, UP_LEN));
}

/* A frame arrives: bytes that count up from the number of frames sent. */
static void arrive(struct rb_mock_dev *dev, void *arg)
{
	uint32_t i, len = (uint32_t)rb_mock_reg_get(dev, 0, RX_LEN);
	struct model *m = arg;

	if (len > sizeof(m->bytes))
		len = sizeof(m->bytes);
	for (i = 0; i < len; i++)
		m->bytes[i] = (uint8_t)(m->sent + i);
	rb_mock_dma_write(dev, address(dev, RX_ADDR), m->bytes, len);
	rb_mock_reg_set(dev, 0, RX_GO, 0);
}

static void write_rx(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		     uint64_t val)
{
	(void)off;
	(void)width;
	if (val & 1)
		rb_mock_after(dev, 50000, arrive, arg);
}

static const struct rb_mock_reg registers[] = {
	{ .name = "TX_RING", .offset = TX_RING, .width = 8, .flags = RB_MOCK_REG_HALVES,
	  .rw = UINT64_MAX },
	{ .name = "TX_COUNT", .offset = TX_COUNT, .width = 4, .rw = 0xffff },
	{ .name = "TX_TAIL", .offset = TX_TAIL, .width = 4, .rw = 0xffff, .on_write = write_tail },
	{ .name = "TX_SUM", .offset = TX_SUM, .width = 4, .ro = 0xffffffff },
	{ .name = "MAILBOX", .offset = MAILBOX, .width = 8, .flags = RB_MOCK_REG_HALVES,
	  .rw = UINT64_MAX },
	{ .name = "RX_ADDR", .offset = RX_ADDR, .width = 8, .flags = RB_MOCK_REG_HALVES,
	  .rw = UINT64_MAX },
	{ .name = "RX_LEN", .offset = RX_LEN, .width = 4, .rw = 0x1ffff },
	{ .name = "RX_GO", .offset = RX_GO, .width = 4, .rw = 1, .on_write = write_rx },
	{ .name = "UP_ADDR", .offset = UP_ADDR, .width = 8, .flags = RB_MOCK_REG_HALVES,
	  .rw = UINT64_MAX },
	{ .name = "UP_LEN", .offset = UP_LEN, .width = 4, .rw = 0x1ffff },
	{ .name = "UP_GO", .offset = UP_GO, .width = 4, .wo = 1, .on_write = write_up },
	RB_MOCK_REG_END
};

int courier_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = COURIER_VENDOR;
	ids.device = COURIER_DEVICE;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_map(dev, 0, 4096, 0, registers, rb_mock_state(dev, sizeof(struct model)));
	return 0;
}
