/* SPDX-License-Identifier: MIT */
/*
 * test_contract_dma.c - memory that the device reads and writes.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

#define BYTES 4095u /* QEMU 7.2 aborts at 4096 (qemu-notes 2) */

static void fill(uint8_t *bytes, size_t len, uint8_t seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(seed + i * 31 + (i >> 7));
}

static void a_round_trip_brings_the_bytes_back(struct stage *stage)
{
	uint8_t *bytes;

	map_edu(stage);
	alloc_edu_dma(stage, 4096 + BYTES);
	bytes = rb_dma_cpu(stage->buf);
	fill(bytes, BYTES, 3);

	rb_dma_publish(stage->buf, 0, BYTES);
	run_edu_dma(stage, rb_dma_addr(stage->buf, 0).value, EDU_INTERNAL, BYTES, 0);
	run_edu_dma(stage, EDU_INTERNAL, rb_dma_addr(stage->buf, 4096).value, BYTES,
		    EDU_DMA_TO_RAM);
	rb_dma_observe(stage->buf, 4096, BYTES);

	assert_memory_equal(bytes + 4096, bytes, BYTES);
}

static void the_end_of_dma_is_announced_by_a_message(struct stage *stage)
{
	open_edu_irqs(stage, RB_IRQ_MSI);
	alloc_edu_dma(stage, 4096);

	rb_dma_publish(stage->buf, 0, 64);
	run_edu_dma(stage, rb_dma_addr(stage->buf, 0).value, EDU_INTERNAL, 64, EDU_DMA_IRQ);

	expect_irqs(stage, 1);
}

static void bytes_beside_the_transfer_stay_as_they_are(struct stage *stage)
{
	uint8_t *bytes;

	map_edu(stage);
	alloc_edu_dma(stage, 4096);
	bytes = rb_dma_cpu(stage->buf);
	memset(bytes, 0x5a, 4096);
	fill(bytes, 16, 9);

	rb_dma_publish(stage->buf, 0, 4096);
	run_edu_dma(stage, rb_dma_addr(stage->buf, 0).value, EDU_INTERNAL, 16, 0);
	run_edu_dma(stage, EDU_INTERNAL, rb_dma_addr(stage->buf, 1000).value, 16, EDU_DMA_TO_RAM);
	rb_dma_observe(stage->buf, 0, 4096);

	assert_memory_equal(bytes + 1000, bytes, 16);
	assert_int_equal(bytes[999], 0x5a);
	assert_int_equal(bytes[1016], 0x5a);
}

static void a_word_of_the_buffer_can_be_polled(struct stage *stage)
{
	uint32_t *words, last = 0;

	map_edu(stage);
	alloc_edu_dma(stage, 4096);
	words = rb_dma_cpu(stage->buf);
	words[0] = 0x600df00d;
	rb_dma_publish(stage->buf, 0, 4);
	run_edu_dma(stage, rb_dma_addr(stage->buf, 0).value, EDU_INTERNAL, 4, 0);

	rb_mmio_write32(stage->regs, EDU_DMA_SRC, EDU_INTERNAL);
	rb_mmio_write32(stage->regs, EDU_DMA_DST, (uint32_t)rb_dma_addr(stage->buf, 64).value);
	rb_mmio_write32(stage->regs, EDU_DMA_COUNT, 4);
	rb_mmio_write32(stage->regs, EDU_DMA_CMD, EDU_DMA_RUN | EDU_DMA_TO_RAM);

	assert_ok(rb_dma_poll32(stage->buf, 64, 0xffffffff, 0x600df00d,
				(uint64_t)PATIENCE_MS * 1000, &last));
	assert_int_equal(last, 0x600df00d);
}

static void polling_a_word_that_stays_times_out(struct stage *stage)
{
	uint32_t last = 1;
	uint64_t start;

	claim_edu(stage);
	alloc_edu_dma(stage, 4096);
	start = rb_time_ns(stage->ctx);

	assert_int_equal(rb_dma_poll32(stage->buf, 0, 1, 1, 20000, &last), -ETIMEDOUT);

	assert_int_equal(last, 0);
	assert_true((int64_t)(rb_time_ns(stage->ctx) - start) >= 20000000);
	assert_int_equal(rb_dma_poll32(stage->buf, 4096, 1, 1, 0, NULL), -ERANGE);
	assert_int_equal(rb_dma_poll32(stage->buf, 2, 1, 1, 0, NULL), -EINVAL);
	assert_int_equal(rb_dma_poll32(stage->buf, 0, 1, 2, 0, NULL), -EINVAL);
}

static void a_buffer_is_zeroed_aligned_and_below_its_mask(struct stage *stage)
{
	static const uint8_t zeros[8192];
	uint64_t bus;

	claim_edu(stage);
	alloc_edu_dma(stage, 5000);

	bus = rb_dma_addr(stage->buf, 0).value;
	assert_int_equal(rb_dma_size(stage->buf), 5000);
	assert_int_equal(bus & 8191, 0);
	assert_int_not_equal(bus, 0);
	assert_true(bus + 5000 <= (uint64_t)1 << 28);
	assert_int_equal(rb_dma_addr(stage->buf, 5000).value, bus + 5000);
	assert_memory_equal(rb_dma_cpu(stage->buf), zeros, 5000);
}

static void memory_that_comes_back_is_zeroed_again(struct stage *stage)
{
	static const uint8_t zeros[4096];
	int i;

	claim_edu(stage);

	for (i = 0; i < 3; i++) {
		alloc_edu_dma(stage, 4096);
		assert_memory_equal(rb_dma_cpu(stage->buf), zeros, 4096);
		memset(rb_dma_cpu(stage->buf), 0xa5, 4096);
		rb_dma_publish(stage->buf, 0, 4096);
		rb_dma_close(stage->buf);
		stage->buf = NULL;
	}
}

static void a_buffer_of_four_megabytes_is_the_largest(struct stage *stage)
{
	struct rb_dma_buf *buf;

	claim_edu(stage);

	assert_int_equal(rb_dma_alloc(stage->dev, RB_DMA_MAX + 1, NULL, &buf), -ENOMEM);
	assert_null(buf);
	assert_ok(rb_dma_alloc(stage->dev, RB_DMA_MAX, NULL, &stage->buf));
	assert_int_equal(rb_dma_addr(stage->buf, 0).value % RB_DMA_MAX, 0);
}

static void demands_that_make_no_sense_are_refused(struct stage *stage)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	claim_edu(stage);

	assert_int_equal(rb_dma_alloc(stage->dev, 0, NULL, &buf), -EINVAL);
	assert_null(buf);
	options.align = 3;
	assert_int_equal(rb_dma_alloc(stage->dev, 64, &options, &buf), -EINVAL);
	options.align = 0;
	options.boundary = 32;
	assert_int_equal(rb_dma_alloc(stage->dev, 64, &options, &buf), -EINVAL);
	options.boundary = 0;
	options.addr_bits = 65;
	assert_int_equal(rb_dma_alloc(stage->dev, 64, &options, &buf), -EINVAL);
}

static void a_buffer_that_no_memory_satisfies_is_enomem(struct stage *stage)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	claim_edu(stage);
	options.addr_bits = 12; /* page 0, which nobody gets */

	assert_int_equal(rb_dma_alloc(stage->dev, 64, &options, &buf), -ENOMEM);

	assert_null(buf);
}

static void a_buffer_outlives_the_callers_reference_to_its_device(struct stage *stage)
{
	map_edu(stage);
	alloc_edu_dma(stage, 4096);

	rb_pci_unref(stage->dev);
	stage->dev = NULL;

	run_edu_dma(stage, rb_dma_addr(stage->buf, 0).value, EDU_INTERNAL, 64, 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(a_round_trip_brings_the_bytes_back),
	SCENARIO(the_end_of_dma_is_announced_by_a_message),
	SCENARIO(bytes_beside_the_transfer_stay_as_they_are),
	SCENARIO(a_word_of_the_buffer_can_be_polled),
	SCENARIO(polling_a_word_that_stays_times_out),
	SCENARIO(a_buffer_is_zeroed_aligned_and_below_its_mask),
	SCENARIO(memory_that_comes_back_is_zeroed_again),
	SCENARIO(a_buffer_of_four_megabytes_is_the_largest),
	SCENARIO(demands_that_make_no_sense_are_refused),
	SCENARIO(a_buffer_that_no_memory_satisfies_is_enomem),
	SCENARIO(a_buffer_outlives_the_callers_reference_to_its_device),
};

int main(void)
{
	return RUN_SCENARIOS("DMA", scenarios);
}
