/* SPDX-License-Identifier: MIT */
/* long_mock_dma.c - 100,000 buffers of a driver at a time: 400 MiB of memory. */
#include "mock_fixture.h"

#include <stdlib.h>

#define MANY 100000

static void a_driver_may_hold_a_hundred_thousand_buffers(void **state)
{
	struct rb_dma_buf **bufs = calloc(MANY, sizeof(struct rb_dma_buf *));
	struct rb_pci_dev *dev;
	struct rig rig;
	unsigned int i;

	(void)state;
	assert_non_null(bufs);
	rig_open(&rig, "mock:edu;ram=512");
	assert_int_equal(rb_pci_open(rig.ctx, rb_pci_addr_make(0, 0, 1, 0), &dev), 0);

	for (i = 0; i < MANY; i++)
		assert_int_equal(rb_dma_alloc(dev, 64, NULL, &bufs[i]), 0);

	assert_int_equal(rb_dma_addr(bufs[0], 0).value, FRAME);
	assert_int_equal(rb_dma_addr(bufs[MANY - 1], 0).value, FRAME + 4096ull * (MANY - 1));
	for (i = 0; i < MANY; i++)
		rb_dma_close(bufs[i]);
	rb_pci_unref(dev);
	rig_close_clean(&rig);
	free(bufs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_driver_may_hold_a_hundred_thousand_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
