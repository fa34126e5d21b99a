/* SPDX-License-Identifier: MIT */
/*
 * test_qemu_ring_virtio.c - rings of a device that others wrote.
 *
 * virtio: indexes in memory (Virtual I/O Device 1.1, 2.6, 4.1 and 5.4).
 */
#include <string.h>

#include "ring_bench.h"

#define VQ	      8u
#define FEATURE	      0x00 /* of the common configuration: select, device's, select, driver's */
#define STATUS	      0x14
#define QUEUE_SIZE    0x18
#define QUEUE_ENABLE  0x1c
#define QUEUE_NOTIFY  0x1e
#define QUEUE_DESC    0x20 /* and those of avail and used */
#define ACKNOWLEDGED  1u
#define HAS_DRIVER    2u
#define DRIVER_OK     4u
#define FEATURES_OK   8u
#define VERSION_1     1u /* bit 32 */
#define DEVICE_WRITES 2u

/* Where the parts of the queue are in its buffer. */
#define AVAIL_AT 0x400u /* flags, index, ring */
#define USED_AT	 0x800u
#define RANDOM	 64u /* bytes of a request */

struct vq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

struct vq_used {
	uint32_t id, len;
};

struct virtqueue {
	struct rb_dma_buf *buf;
	struct rb_dma_ring *desc, *avail, *used;
	struct rb_mmio *notify;
	volatile uint16_t *avail_index, *used_index;
};

/* Map what the device's capability of @type tells of; its notify multiplier, too. */
static struct rb_mmio *map_part(uint8_t type, uint32_t *multiplier)
{
	struct rb_pci_view *view = rb_pci_view_dev(dev);
	struct rb_pci_virtio part = RB_PCI_VIRTIO_INIT;
	struct rb_mmio *m = NULL;
	struct rb_pci_caps *caps;
	size_t i;

	assert_ok(rb_pci_caps_scan(view, &caps));
	for (i = 0; !m && i < rb_pci_caps_count(caps); i++) {
		const struct rb_pci_cap *cap = rb_pci_caps_get(caps, i);

		if (rb_pci_cap_is_extended(cap) || rb_pci_cap_id(cap) != RB_PCI_CAP_VENDOR)
			continue;
		assert_ok(rb_pci_read_virtio(view, rb_pci_cap_offset(cap), &part));
		if (part.type == type)
			assert_ok(rb_mmio_map(dev, part.bar, part.region_off, part.region_bytes,
					      RB_MMIO_UC, &m));
	}
	rb_pci_caps_close(caps);
	assert_non_null(m);
	*multiplier = part.notify_multiplier;
	return m;
}

static struct rb_dma_ring *part_of_queue(struct virtqueue *q, uint64_t off, uint32_t size,
					 uint32_t flags)
{
	struct rb_dma_ring_options o = RB_DMA_RING_OPTIONS_INIT;
	struct rb_dma_ring *r;

	o.buf = q->buf;
	o.off = off;
	o.flags = flags;
	assert_ok(rb_dma_ring_open(dev, VQ, size, &o, &r));
	return r;
}

static void open_virtqueue(struct virtqueue *q)
{
	q->buf = alloc(PAGE);
	q->desc = part_of_queue(q, 0, sizeof(struct vq_desc), 0);
	q->avail = part_of_queue(q, AVAIL_AT + 4, sizeof(uint16_t), 0);
	q->used = part_of_queue(q, USED_AT + 4, sizeof(struct vq_used), RB_DMA_RING_COMPLETIONS);
	q->avail_index = (volatile uint16_t *)((uint8_t *)q->buf->cpu + AVAIL_AT + 2);
	q->used_index = (volatile uint16_t *)((uint8_t *)q->buf->cpu + USED_AT + 2);
}

/* Tell the device where the queue is, and start. The offset of its doorbell. */
static uint64_t start_virtio(const struct virtqueue *q, struct rb_mmio *common, uint32_t multiplier)
{
	uint64_t off;

	rb_mmio_write8(common, STATUS, 0);
	rb_mmio_write8(common, STATUS, ACKNOWLEDGED | HAS_DRIVER);
	rb_mmio_write32(common, FEATURE + 8, 1);
	rb_mmio_write32(common, FEATURE + 12, VERSION_1);
	rb_mmio_write8(common, STATUS, ACKNOWLEDGED | HAS_DRIVER | FEATURES_OK);
	assert_int_equal(rb_mmio_read8(common, STATUS) & FEATURES_OK, FEATURES_OK);
	rb_mmio_write16(common, QUEUE_SIZE, VQ);
	rb_mmio_write64_lo_hi(common, QUEUE_DESC, rb_dma_addr(q->buf, 0).value);
	rb_mmio_write64_lo_hi(common, QUEUE_DESC + 8, rb_dma_addr(q->buf, AVAIL_AT).value);
	rb_mmio_write64_lo_hi(common, QUEUE_DESC + 16, rb_dma_addr(q->buf, USED_AT).value);
	off = (uint64_t)rb_mmio_read16(common, QUEUE_NOTIFY) * multiplier;
	rb_mmio_write16(common, QUEUE_ENABLE, 1);
	rb_mmio_write8(common, STATUS, ACKNOWLEDGED | HAS_DRIVER | FEATURES_OK | DRIVER_OK);
	return off;
}

/* Ask for random bytes into @n pieces of @data. */
static void ask(struct virtqueue *q, const struct rb_dma_buf *data, uint32_t n, uint64_t doorbell)
{
	struct vq_desc *desc = q->desc->desc;
	uint16_t *avail = q->avail->desc;
	uint32_t i;

	for (; n > 0; n--) {
		i = rb_dma_ring_slot(q->desc);
		desc[i].addr = rb_dma_addr(data, (uint64_t)i * RANDOM).value;
		desc[i].len = RANDOM;
		desc[i].flags = DEVICE_WRITES;
		rb_dma_ring_post(q->desc, 1);
		avail[rb_dma_ring_slot(q->avail)] = (uint16_t)i;
		rb_dma_ring_post(q->avail, 1);
	}
	rb_dma_ring_ring(q->desc);
	rb_dma_ring_ring(q->avail);
	*q->avail_index = (uint16_t)q->avail->prod;
	rb_dma_publish(q->buf, AVAIL_AT + 2, 2);
	rb_mmio_write16(q->notify, doorbell, 0);
}

/* Take all answers there are; how many. This device answers in order. */
static uint32_t take_answers(struct virtqueue *q)
{
	struct vq_used *used = q->used->desc;
	uint32_t i;
	int n, left;

	rb_dma_observe(q->buf, USED_AT + 2, 2);
	n = rb_dma_ring_told(q->used, *q->used_index, 0xffff);
	assert_ok(n);
	for (left = n; left > 0; left--) {
		i = rb_dma_ring_peek(q->used);
		assert_int_equal(used[i].id, q->desc->cons & q->desc->mask);
		assert_in_range(used[i].len, 1, RANDOM);
		rb_dma_ring_take(q->used, 1);
		rb_dma_ring_take(q->avail, 1);
		rb_dma_ring_take(q->desc, 1);
	}
	return rb_dma_ring_recycle(q->used);
}

static void random_bytes_come_through_a_split_queue(void **state)
{
	static const uint8_t zeros[16];
	struct rb_mmio *common;
	struct rb_dma_buf *data;
	struct virtqueue q;
	uint32_t lap, n, got, multiplier;
	uint64_t doorbell;
	unsigned int rounds;

	(void)state;
	open_device("qemu:virtio-rng-pci", 0x1af4, 0x1044);
	common = map_part(1, &multiplier);
	q.notify = map_part(2, &multiplier);
	open_virtqueue(&q);
	data = alloc(VQ * RANDOM);
	doorbell = start_virtio(&q, common, multiplier);

	for (lap = 0; lap < 20; lap++) {
		n = 1 + lap % VQ;
		rounds = 0;
		ask(&q, data, n, doorbell);
		for (got = 0; got < n; got += take_answers(&q))
			assert_true(time_is_left(&rounds));
	}

	assert_true(q.used->cons > 8 * VQ);
	assert_int_equal(q.used->cons, q.avail->prod);
	rb_dma_observe(data, 0, VQ * RANDOM);
	assert_memory_not_equal(data->cpu, zeros, sizeof(zeros));
	rb_mmio_write8(common, STATUS, 0);
	rb_dma_ring_close(q.desc);
	rb_dma_ring_close(q.avail);
	rb_dma_ring_close(q.used);
	rb_dma_close(q.buf);
	rb_dma_close(data);
	rb_mmio_close(q.notify);
	rb_mmio_close(common);
	close_device();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_come_through_a_split_queue),
	};

	return cmocka_run_group_tests_name("rings of QEMU's virtio", tests, NULL, NULL);
}
