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

static void the_highest_addresses_come_first_if_asked_for(void **state)
{
	uint64_t phys[BLOCKS];
	unsigned int i;

	(void)state;
	take_blocks("mock:ram=1;ram_high=16;frames=high", 7, phys); /* as much as is high */

	for (i = 0; i < BLOCKS; i++)
		assert_int_equal(phys[i], 0x101000000ull - (i + 1) * 0x80000ull);
}

#define FRAMES 2048 /* of 8 MiB */

/* What first fit finds in a map of frames, or -1. */
static int first_fit(const uint8_t *used, unsigned int n)
{
	unsigned int at, i;

	for (at = 0; at + n <= FRAMES; at += n) {
		for (i = 0; i < n && !used[at + i]; i++)
			;
		if (i == n)
			return (int)at;
	}
	return -1;
}

/* Whole blocks, and frames of blocks, come back in any order. */
static void blocks_are_those_of_a_first_fit(void **state)
{
	static uint8_t used[FRAMES];
	struct rbi_frames *frames;
	unsigned int seed = 1, step, order, at, n;
	uint64_t phys, taken = 0;
	struct rig rig;
	int want;

	(void)state;
	memset(used, 0, sizeof(used));
	rig_open(&rig, "mock:ram=8");
	assert_int_equal(rbi_hosted_frames_new(rig.m, &frames), 0);
	for (step = 0; step < 20000; step++) {
		seed = seed * 1103515245u + 12345u;
		order = (seed >> 16) % 7;
		if (seed >> 30 != 0) {
			want = first_fit(used, 1u << order);
			assert_int_equal(rbi_hosted_frames_take(frames, order, &phys),
					 want < 0 ? -ENOMEM : 0);
			if (want < 0)
				continue;
			assert_int_equal(phys, FRAME + 4096ull * (unsigned int)want);
			memset(used + want, 1, 1u << order);
			taken += 1u << order;
			continue;
		}
		at = (seed >> 8) % FRAMES;
		for (n = 0; n < 100 && at + n < FRAMES && used[at + n]; n++)
			used[at + n] = 0;
		if (n > 0)
			rbi_hosted_frames_give(frames, FRAME + 4096ull * at, n);
		taken -= n;
		assert_int_equal(rbi_hosted_frames_taken(frames), taken);
	}
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
		cmocka_unit_test(the_highest_addresses_come_first_if_asked_for),
		cmocka_unit_test(blocks_are_those_of_a_first_fit),
		cmocka_unit_test(drivers_get_scattered_buffers),
		cmocka_unit_test(another_order_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
