/* SPDX-License-Identifier: MIT */
/*
 * test_qemu_ring_nvme.c - rings of a device that others wrote.
 *
 * nvme: phase bits (NVM Express 1.4, 3.1, 4.2 and 4.6), and data in
 * pieces.
 */
#include <string.h>

#include "ring_bench.h"

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
#define DATA	(6u << 20)

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
	open_device("qemu:nvme,drive=disk,serial=red-bear;drive.disk=8;frames=shuffle", 0x1b36,
		    0x0010);
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
	assert_ok(rb_dma_alloc_sg(dev, DATA, NULL, &written));
	assert_ok(rb_dma_alloc_sg(dev, DATA, NULL, &read));
	assert_int_equal(rb_dma_segment_count(written), 2);
	assert_int_equal(rb_dma_segment_count(read), 2);

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
	assert_int_equal(io.cq->cons, 2 * (DATA / CHUNK)); /* six laps */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_gives_back_what_was_written_through_rings_of_phase_bits),
	};

	return cmocka_run_group_tests_name("rings of QEMU's nvme", tests, NULL, NULL);
}
