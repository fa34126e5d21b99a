/* SPDX-License-Identifier: MIT */
/*
 * test_qemu_rings.c - rings of three styles against devices that others wrote: DD bits
 * (e1000e), phase bits (nvme), and indexes in memory (virtio).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <rbdrv/rbdrv.h>

#define PATIENCE 5000000 /* us */
#define PAGE	 4096u

static struct rb_ctx *ctx;
static struct rb_pci_dev *dev;

static void assert_ok(int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", rb_strerror(rc), rb_last_error());
}

static void open_device(const char *machine, uint16_t vendor, uint16_t device)
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

static void close_device(void)
{
	rb_pci_unref(dev);
	assert_int_equal(rb_ctx_live(ctx, NULL, 0), 0);
	rb_ctx_unref(ctx);
}

static struct rb_dma_ring *open_ring(uint32_t count, uint32_t size, struct rb_mmio *regs,
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

static struct rb_dma_buf *alloc(uint64_t size)
{
	struct rb_dma_buf *buf;

	assert_ok(rb_dma_alloc(dev, size, NULL, &buf));
	return buf;
}

/* Different bytes in every word, and for every @seed. */
static void fill(struct rb_dma_buf *buf, uint64_t off, uint64_t len, uint32_t seed)
{
	uint32_t *word = (uint32_t *)((uint8_t *)buf->cpu + off);
	uint64_t i;

	for (i = 0; i < len / 4; i++)
		word[i] = (uint32_t)i * 2654435761u + seed;
	rb_dma_publish(buf, off, len);
}

static bool time_is_left(unsigned int *rounds)
{
	rb_delay_us(ctx, 100);
	return ++*rounds < PATIENCE / 100;
}

/* --- e1000e: DD bits, and a frame that comes back (82574 data sheet, 3.2 and 7.2) ------------- */

#define NIC_CTRL  0x0000
#define NIC_RCTL  0x0100
#define NIC_TCTL  0x0400
#define NIC_RX	  0x2800 /* base low, high, length, -, head, -, tail */
#define NIC_TX	  0x3800
#define NIC_TAIL  0x18
#define LINK_UP	  0x40u
#define LOOPBACK  0x0400805au /* on, all frames, MAC loopback, no checksum behind them */
#define SEND	  0x0000000au
#define EOP_FC_RS 0x0bu
#define DD	  0x01u
#define FRAME	  2048u
#define NIC_RING  8u

struct nic_tx {
	uint64_t addr;
	uint16_t length;
	uint8_t cso, cmd, status, css;
	uint16_t special;
};

struct nic_rx {
	uint64_t addr;
	uint16_t length, csum;
	uint8_t status, errors;
	uint16_t special;
};

static void set_ring(struct rb_mmio *regs, uint64_t at, const struct rb_dma_ring *r)
{
	rb_mmio_write64_lo_hi(regs, at, rb_dma_ring_addr(r, 0).value);
	rb_mmio_write32(regs, at + 8, NIC_RING * 16);
	rb_mmio_write32(regs, at + 0x10, 0);
	rb_mmio_write32(regs, at + NIC_TAIL, 0);
}

static void give_room(struct rb_dma_ring *rx, const struct rb_dma_buf *buf)
{
	struct nic_rx *desc = rx->desc;
	uint32_t i;

	while (rb_dma_ring_space(rx) > 0) {
		i = rb_dma_ring_slot(rx);
		memset(&desc[i], 0, sizeof(desc[i]));
		desc[i].addr = rb_dma_addr(buf, (uint64_t)i * FRAME).value;
		rb_dma_ring_post(rx, 1);
	}
	rb_dma_ring_ring(rx);
}

static void send_frames(struct rb_dma_ring *tx, const struct rb_dma_buf *buf, uint32_t n)
{
	struct nic_tx *desc = tx->desc;
	uint32_t i;

	for (; n > 0; n--) {
		i = rb_dma_ring_slot(tx);
		memset(&desc[i], 0, sizeof(desc[i]));
		desc[i].addr = rb_dma_addr(buf, (uint64_t)i * FRAME).value;
		desc[i].length = (uint16_t)(1000 + i);
		desc[i].cmd = EOP_FC_RS;
		rb_dma_ring_post(tx, 1);
	}
	rb_dma_ring_ring(tx);
}

static void await_sent(struct rb_dma_ring *tx)
{
	struct nic_tx *desc = tx->desc;
	unsigned int rounds = 0;

	while (rb_dma_ring_used(tx) > 0) {
		if (rb_dma_ring_done_bit8(tx, &desc[rb_dma_ring_peek(tx)].status, DD))
			rb_dma_ring_take(tx, 1);
		else
			assert_true(time_is_left(&rounds));
	}
}

/* The next frame is the one that slot @from of the sender held. */
static void expect_frame(struct rb_dma_ring *rx, const struct rb_dma_buf *got,
			 const struct rb_dma_buf *sent, uint32_t from)
{
	struct nic_rx *desc = rx->desc;
	unsigned int rounds = 0;
	uint32_t i;

	for (;;) {
		i = rb_dma_ring_peek(rx);
		if (rb_dma_ring_done_bit8(rx, &desc[i].status, DD))
			break;
		assert_true(time_is_left(&rounds));
	}
	assert_int_equal(desc[i].length, 1000 + from);
	rb_dma_observe(got, (uint64_t)i * FRAME, desc[i].length);
	assert_memory_equal((uint8_t *)got->cpu + (size_t)i * FRAME,
			    (uint8_t *)sent->cpu + (size_t)from * FRAME, desc[i].length);
	rb_dma_ring_take(rx, 1);
}

static void frames_go_out_and_come_back_through_rings_of_dd_bits(void **state)
{
	struct rb_dma_buf *out, *in;
	struct rb_dma_ring *tx, *rx;
	struct rb_mmio *regs;
	uint32_t lap, i, sent = 0;

	(void)state;
	open_device("qemu:e1000e", 0x8086, 0x10d3);
	assert_ok(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs));
	tx = open_ring(NIC_RING, sizeof(struct nic_tx), regs, NIC_TX + NIC_TAIL, 1, 0);
	rx = open_ring(NIC_RING, sizeof(struct nic_rx), regs, NIC_RX + NIC_TAIL, 1, 0);
	out = alloc(NIC_RING * FRAME);
	in = alloc(NIC_RING * FRAME);
	for (i = 0; i < NIC_RING; i++)
		fill(out, (uint64_t)i * FRAME, FRAME, i);
	rb_mmio_write32(regs, NIC_CTRL, rb_mmio_read32(regs, NIC_CTRL) | LINK_UP);
	set_ring(regs, NIC_TX, tx);
	set_ring(regs, NIC_RX, rx);
	rb_mmio_write32(regs, NIC_RCTL, LOOPBACK);
	rb_mmio_write32(regs, NIC_TCTL, SEND);
	give_room(rx, in);

	for (lap = 0; lap < 20; lap++) {
		send_frames(tx, out, 1 + lap % (NIC_RING - 1));
		await_sent(tx);
		for (; sent < tx->cons; sent++)
			expect_frame(rx, in, out, sent % NIC_RING);
		give_room(rx, in);
	}

	assert_true(sent > 60);
	rb_mmio_write32(regs, NIC_TCTL, 0);
	rb_mmio_write32(regs, NIC_RCTL, 0);
	rb_dma_ring_close(tx);
	rb_dma_ring_close(rx);
	rb_dma_close(out);
	rb_dma_close(in);
	rb_mmio_close(regs);
	close_device();
}

/* --- nvme: phase bits (NVM Express 1.4, 3.1, 4.2 and 4.6) -------------------------------------- */

#define CC	0x14
#define CSTS	0x1c
#define AQA	0x24
#define ASQ	0x28
#define ACQ	0x30
#define BELLS	0x1000 /* queue 0's tail, its head, queue 1's tail, ... */
#define CC_ON	0x00460001u
#define QUEUE	16u
#define CHUNK	(32 * PAGE) /* of a command: 32 pages, listed */
#define SECTORS (CHUNK / 512)
#define DATA	(4u << 20)

struct sqe {
	uint32_t head, nsid;
	uint64_t reserved, metadata, prp1, prp2;
	uint32_t dw[6]; /* 10-15 */
};

struct cqe {
	uint32_t result, reserved;
	uint16_t sq_head, sq_id;
	uint16_t id, status; /* bit 0: the phase */
};

struct queue {
	struct rb_dma_ring *sq, *cq;
};

static void open_queue(struct queue *q, struct rb_mmio *regs, uint32_t n)
{
	q->sq = open_ring(QUEUE, sizeof(struct sqe), regs, BELLS + 8 * n, 1, 0);
	q->cq = open_ring(QUEUE, sizeof(struct cqe), regs, BELLS + 8 * n + 4, 0,
			  RB_DMA_RING_COMPLETIONS);
}

static void close_queue(struct queue *q)
{
	rb_dma_ring_close(q->sq);
	rb_dma_ring_close(q->cq);
}

/* Post a command; the caller rings. */
static struct sqe *command(struct queue *q, uint32_t opcode, uint64_t prp1)
{
	uint32_t i = rb_dma_ring_slot(q->sq);
	struct sqe *sqe = (struct sqe *)q->sq->desc + i;

	memset(sqe, 0, sizeof(*sqe));
	sqe->head = opcode | i << 16;
	sqe->prp1 = prp1;
	rb_dma_ring_post(q->sq, 1);
	return sqe;
}

/* Take what has come; how many. All must have gone well. */
static uint32_t reap(struct queue *q)
{
	struct cqe *cqe = q->cq->desc;
	uint32_t i;
	int n;

	for (;;) {
		i = rb_dma_ring_peek(q->cq);
		if (!rb_dma_ring_done_phase16(q->cq, &cqe[i].status, 1))
			break;
		assert_int_equal(cqe[i].status >> 1, 0);
		n = rb_dma_ring_told(q->sq, cqe[i].sq_head, q->sq->mask);
		assert_ok(n);
		rb_dma_ring_take(q->sq, (uint32_t)n);
		rb_dma_ring_take(q->cq, 1);
	}
	return rb_dma_ring_recycle(q->cq);
}

static void run_one(struct queue *q)
{
	unsigned int rounds = 0;

	assert_int_equal(rb_dma_ring_ring(q->sq), 1);
	while (reap(q) == 0)
		assert_true(time_is_left(&rounds));
}

static void create_queue(struct queue *admin, struct queue *q)
{
	struct sqe *sqe = command(admin, 0x05, rb_dma_ring_addr(q->cq, 0).value);

	sqe->dw[0] = (QUEUE - 1) << 16 | 1;
	sqe->dw[1] = 1; /* contiguous, no interrupt */
	run_one(admin);
	sqe = command(admin, 0x01, rb_dma_ring_addr(q->sq, 0).value);
	sqe->dw[0] = (QUEUE - 1) << 16 | 1;
	sqe->dw[1] = 1 << 16 | 1; /* answers to queue 1, contiguous */
	run_one(admin);
}

/* Command @n of a transfer: 128 KiB of @data, the pages of which a page of @lists tells. */
static void post_chunk(struct queue *q, uint32_t opcode, struct rb_dma_buf *data,
		       struct rb_dma_buf *lists, uint32_t n)
{
	uint64_t at = (uint64_t)rb_dma_ring_slot(q->sq) * PAGE, from = (uint64_t)n * CHUNK;
	uint64_t *list = (uint64_t *)((uint8_t *)lists->cpu + at);
	struct sqe *sqe;
	uint32_t i;

	for (i = 1; i < CHUNK / PAGE; i++)
		list[i - 1] = rb_dma_addr(data, from + (uint64_t)i * PAGE).value;
	rb_dma_publish(lists, at, CHUNK / PAGE * 8);
	sqe = command(q, opcode, rb_dma_addr(data, from).value);
	sqe->nsid = 1;
	sqe->prp2 = rb_dma_addr(lists, at).value;
	sqe->dw[0] = n * SECTORS;
	sqe->dw[2] = SECTORS - 1;
}

/* Move all of @data, as many commands to a doorbell as the ring holds. */
static void transfer(struct queue *q, uint32_t opcode, struct rb_dma_buf *data,
		     struct rb_dma_buf *lists)
{
	uint32_t next = 0, done = 0, n;
	unsigned int rounds = 0;

	while (done < DATA / CHUNK) {
		while (next < DATA / CHUNK && rb_dma_ring_space(q->sq) > 0)
			post_chunk(q, opcode, data, lists, next++);
		rb_dma_ring_ring(q->sq);
		/* answers come in any order: lists are free when all have come */
		while (done < next) {
			n = reap(q);
			done += n;
			assert_true(n > 0 || time_is_left(&rounds));
		}
	}
}

static void a_disk_gives_back_what_was_written_through_rings_of_phase_bits(void **state)
{
	struct rb_dma_buf *written, *read, *lists, *page;
	struct queue admin, io;
	struct rb_mmio *regs;

	(void)state;
	open_device("qemu:nvme,drive=disk,serial=red-bear;drive.disk=8", 0x1b36, 0x0010);
	assert_ok(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs));
	open_queue(&admin, regs, 0);
	open_queue(&io, regs, 1);
	rb_mmio_write32(regs, AQA, (QUEUE - 1) << 16 | (QUEUE - 1));
	rb_mmio_write64_lo_hi(regs, ASQ, rb_dma_ring_addr(admin.sq, 0).value);
	rb_mmio_write64_lo_hi(regs, ACQ, rb_dma_ring_addr(admin.cq, 0).value);
	rb_mmio_write32(regs, CC, CC_ON);
	assert_ok(rb_mmio_poll32(regs, CSTS, 1, 1, PATIENCE, NULL));
	page = alloc(PAGE);
	lists = alloc(QUEUE * PAGE);
	written = alloc(DATA);
	read = alloc(DATA);

	command(&admin, 0x06, rb_dma_addr(page, 0).value)->dw[0] = 1; /* identify */
	run_one(&admin);
	rb_dma_observe(page, 0, PAGE);
	assert_memory_equal((uint8_t *)page->cpu + 4, "red-bear ", 9);
	create_queue(&admin, &io);
	fill(written, 0, DATA, 6);
	transfer(&io, 0x01, written, lists);
	transfer(&io, 0x02, read, lists);

	rb_dma_observe(read, 0, DATA);
	assert_memory_equal(read->cpu, written->cpu, DATA);
	assert_int_equal(io.cq->cons, 2 * (DATA / CHUNK)); /* four laps */
	rb_mmio_write32(regs, CC, 0);
	close_queue(&io);
	close_queue(&admin);
	rb_dma_close(page);
	rb_dma_close(lists);
	rb_dma_close(written);
	rb_dma_close(read);
	rb_mmio_close(regs);
	close_device();
}

/* --- virtio: indexes in memory (Virtual I/O Device 1.1, 2.6, 4.1 and 5.4) ---------------------- */

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
		cmocka_unit_test(frames_go_out_and_come_back_through_rings_of_dd_bits),
		cmocka_unit_test(a_disk_gives_back_what_was_written_through_rings_of_phase_bits),
		cmocka_unit_test(random_bytes_come_through_a_split_queue),
	};

	return cmocka_run_group_tests_name("rings on machine qemu", tests, NULL, NULL);
}
