/* SPDX-License-Identifier: MIT */
/*
 * test_mock_frames.c - frames=shuffle: memory in a seeded order, no block next to
 * another.
 */
#include "mock_fixture.h"

#include "host/host_frames.h"

#define BLOCKS 32

static void take_blocks(const char *machine, unsigned int order, uint64_t *phys)
{
	struct rbi_frames *frames;
	struct rig rig;
	unsigned int i;

	rig_open(&rig, machine);
	assert_int_equal(rbi_hosted_frames_new(rig.m, &frames), 0);
	for (i = 0; i < BLOCKS; i++)
		assert_int_equal(rbi_hosted_frames_take(frames, order, &phys[i]), 0);
	rbi_hosted_frames_free(frames);
	rig_close_clean(&rig);
}

static unsigned int count_neighbours(const uint64_t *phys, uint64_t size)
{
	unsigned int i, j, count = 0;

	for (i = 0; i < BLOCKS; i++)
		for (j = 0; j < BLOCKS; j++)
			count += phys[i] == phys[j] + size;
	return count;
}

static void without_the_option_blocks_are_neighbours(void **state)
{
	uint64_t phys[BLOCKS];

	(void)state;
	take_blocks("mock:frames=ordered", 0, phys);

	assert_int_equal(phys[0], FRAME);
	assert_int_equal(count_neighbours(phys, 4096), BLOCKS - 1);
}

static void shuffled_blocks_are_aligned_and_never_neighbours(void **state)
{
	uint64_t phys[BLOCKS];
	unsigned int i, falling = 0;

	(void)state;
	take_blocks("mock:frames=shuffle", 3, phys);

	for (i = 0; i < BLOCKS; i++)
		assert_int_equal(phys[i] % (8 * 4096), 0);
	for (i = 1; i < BLOCKS; i++)
		falling += phys[i] < phys[i - 1];
	assert_int_equal(count_neighbours(phys, 8 * 4096), 0);
	assert_in_range(falling, 1, BLOCKS - 2);
}

static void the_seed_decides_the_order(void **state)
{
	uint64_t one[BLOCKS], same[BLOCKS], other[BLOCKS];

	(void)state;
	take_blocks("mock:frames=shuffle", 0, one);
	take_blocks("mock:frames=shuffle;seed=1", 0, same);
	take_blocks("mock:frames=shuffle;seed=2", 0, other);

	assert_memory_equal(one, same, sizeof(one));
	assert_memory_not_equal(one, other, sizeof(one));
}

static void all_of_the_memory_is_handed_out_in_the_end(void **state)
{
	struct rbi_frames *frames;
	struct rig rig;
	uint64_t phys;
	unsigned int i;

	(void)state;
	rig_open(&rig, "mock:frames=shuffle;seed=0");
	assert_int_equal(rbi_hosted_frames_new(rig.m, &frames), 0);

	for (i = 0; i < 16; i++)
		assert_int_equal(rbi_hosted_frames_take(frames, 10, &phys), 0);

	assert_int_equal(rbi_hosted_frames_take(frames, 0, &phys), -ENOMEM);
	rbi_hosted_frames_free(frames);
	rig_close_clean(&rig);
}

static void drivers_get_scattered_buffers(void **state)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *a, *b;
	struct rb_pci_dev *dev;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock:edu;frames=shuffle");
	assert_int_equal(rb_pci_open(rig.ctx, rb_pci_addr_make(0, 0, 1, 0), &dev), 0);
	assert_int_equal(rb_dma_alloc(dev, 4096, &options, &a), 0);
	assert_int_equal(rb_dma_alloc(dev, 4096, &options, &b), 0);

	assert_int_not_equal(rb_dma_addr(a, 0).value + 4096, rb_dma_addr(b, 0).value);
	assert_int_not_equal(rb_dma_addr(b, 0).value + 4096, rb_dma_addr(a, 0).value);

	rb_dma_close(a);
	rb_dma_close(b);
	rb_pci_unref(dev);
	rig_close_clean(&rig);
}

static void another_order_is_refused(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("mock:frames=odd", &ctx), -EINVAL);

	assert_string_equal(rb_last_error(),
			    "mock: frames=odd is not 'ordered', 'high' or 'shuffle'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_option_blocks_are_neighbours),
		cmocka_unit_test(shuffled_blocks_are_aligned_and_never_neighbours),
		cmocka_unit_test(the_seed_decides_the_order),
		cmocka_unit_test(all_of_the_memory_is_handed_out_in_the_end),
		cmocka_unit_test(drivers_get_scattered_buffers),
		cmocka_unit_test(another_order_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
