/* SPDX-License-Identifier: MIT */
/*
 * test_mock_dma_many.c - RAM of any size, 100,000 buffers in it, and none left.
 */
#include "mock_fixture.h"

#include <stdlib.h>

#include "host/host_frames.h"

#define MANY 100000

static uint8_t pages[2][4096];

/* What is asked of each buffer here does not need memory of its own. */
static void map_all(struct rig *rig, uint32_t *shadow)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		assert_int_equal(rig->m->ops->dma_map(rig->m, FRAME + 4096ull * i, 4096,
						      pages[i % 2], &shadow[i]),
				 0);
}

static void a_hundred_thousand_buffers_are_told_apart(void **state)
{
	uint32_t *shadow = calloc(MANY, sizeof(*shadow));
	struct rb_mock_dev *dev;
	struct rig rig;
	unsigned int i;
	uint32_t word;

	(void)state;
	assert_non_null(shadow);
	rig_open(&rig, "mock:ram=512");
	dev = plug(&rig, plain_build, NULL);
	map_all(&rig, shadow);

	for (i = 0; i < MANY; i += 7)
		assert_int_equal(rb_mock_dma_write(dev, bus(FRAME + 4096ull * i), &i, 4), 0);

	for (i = 0; i < MANY; i += 7) {
		assert_int_equal(rb_mock_dma_read(dev, bus(FRAME + 4096ull * i), &word, 4), 0);
		assert_int_equal(word, i);
	}
	for (i = MANY; i-- > 0;)
		rig.m->ops->dma_unmap(rig.m, FRAME + 4096ull * i, 4096, shadow[i]);
	rig_close_clean(&rig);
	free(shadow);
}

static void the_next_buffer_in_a_place_is_zero_again(void **state)
{
	static const uint64_t sizes[] = { 4096, 4 << 20 };
	static uint8_t big[4 << 20], back[4 << 20];
	struct rb_mock_dev *dev;
	struct rig rig;
	uint32_t shadow;
	size_t i;

	(void)state;
	rig_open(&rig, "mock:ram=16;ram_high=16");
	dev = plug(&rig, plain_build, NULL);
	for (i = 0; i < 2; i++) {
		uint64_t at = i == 0 ? FRAME : 0x100000000ull;

		assert_int_equal(rig.m->ops->dma_map(rig.m, at, sizes[i], big, &shadow), 0);
		memset(back, 0x5a, sizes[i]);
		assert_int_equal(rb_mock_dma_write(dev, bus(at), back, sizes[i]), 0);
		rig.m->ops->dma_unmap(rig.m, at, sizes[i], shadow);

		assert_int_equal(rig.m->ops->dma_map(rig.m, at, sizes[i], big, &shadow), 0);
		assert_int_equal(rb_mock_dma_read(dev, bus(at), back, sizes[i]), 0);
		assert_memory_equal(back, big, sizes[i]);
		rig.m->ops->dma_observe(rig.m, shadow, 0, sizes[i]);
		assert_int_equal(big[0], 0);
		rig.m->ops->dma_unmap(rig.m, at, sizes[i], shadow);
	}
	rig_close_clean(&rig);
}

static void a_full_machine_refuses_and_goes_on(void **state)
{
	struct rb_dma_buf *bufs[257], *more;
	struct rb_pci_dev *dev;
	struct rig rig;
	unsigned int i;

	(void)state;
	rig_open(&rig, "mock:edu;ram=1");
	assert_int_equal(rb_pci_open(rig.ctx, rb_pci_addr_make(0, 0, 1, 0), &dev), 0);
	for (i = 0; i < 256; i++)
		assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &bufs[i]), 0);

	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &more), -ENOMEM);

	assert_null(more);
	rb_dma_close(bufs[100]);
	assert_int_equal(rb_dma_alloc(dev, 8192, NULL, &more), -ENOMEM);
	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &bufs[100]), 0);
	for (i = 0; i < 256; i++)
		rb_dma_close(bufs[i]);
	rb_pci_unref(dev);
	rig_close_clean(&rig);
}

static void a_machine_may_have_no_ram_at_all(void **state)
{
	struct rb_dma_buf *buf;
	struct rb_pci_dev *dev;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock:edu;ram=0");
	assert_int_equal(rb_pci_open(rig.ctx, rb_pci_addr_make(0, 0, 1, 0), &dev), 0);

	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &buf), -ENOTSUP);

	rb_pci_unref(dev);
	rig_close_clean(&rig);
}

static void high_ram_is_above_4g_and_bars_are_above_it(void **state)
{
	struct rb_dma_options low = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;
	struct rb_pci_dev *dev;
	struct rig rig;

	(void)state;
	low.addr_bits = 32;
	rig_open(&rig, "mock:edu;ram=0;ram_high=8192");
	assert_int_equal(rb_pci_open(rig.ctx, rb_pci_addr_make(0, 0, 1, 0), &dev), 0);

	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &buf), 0);
	assert_int_equal(rb_dma_addr(buf, 0).value, 0x100000000ull);
	rb_dma_close(buf);
	assert_int_equal(rb_dma_alloc(dev, 4096, &low, &buf), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "2^32"));
	assert_true(rig.m->ops->is_ram(rig.m, 0x2ffffffffull, 1));
	assert_false(rig.m->ops->is_ram(rig.m, 0x300000000ull, 1));
	assert_false(rig.m->ops->is_ram(rig.m, FRAME, 4096));
	rb_pci_unref(dev);
	rig_close_clean(&rig);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("mock:ram=3057", &ctx), -EINVAL);
	assert_string_equal(rb_last_error(), "ram=3057 is outside 0 ... 3056");
	assert_int_equal(rb_ctx_new("mock:ram_high=65537", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("mock:ram=much", &ctx), -EINVAL);
	assert_string_equal(rb_last_error(), "ram='much' is no number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_thousand_buffers_are_told_apart),
		cmocka_unit_test(the_next_buffer_in_a_place_is_zero_again),
		cmocka_unit_test(a_full_machine_refuses_and_goes_on),
		cmocka_unit_test(a_machine_may_have_no_ram_at_all),
		cmocka_unit_test(high_ram_is_above_4g_and_bars_are_above_it),
		cmocka_unit_test(sizes_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
