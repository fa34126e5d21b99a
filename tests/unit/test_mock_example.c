/* SPDX-License-Identifier: MIT */
/*
 * test_mock_example.c - the device of mock.h's essay, and a driver of it that
 * uses the public calls and nothing else, as a reader of the header would.
 */
#include "mock_fixture.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

struct adder {
	uint32_t sum;
};

static void adder_done(struct rb_mock_dev *dev, void *arg)
{
	(void)arg;
	rb_mock_msi(dev, 0);
}

static uint64_t adder_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct adder *adder = arg;

	if (off == 0 && width == 4)
		return adder->sum;
	rb_mock_violation(dev, "read of %u bytes at %#x", width, (unsigned int)off);
	return UINT64_MAX;
}

static void adder_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
			uint64_t val)
{
	struct adder *adder = arg;

	if (off == 0 && width == 4) {
		adder->sum += (uint32_t)val;
		rb_mock_after(dev, 200000, adder_done, NULL);
	} else {
		rb_mock_violation(dev, "write of %u bytes at %#x", width, (unsigned int)off);
	}
}

static int adder_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0xadd0;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ops(dev, 0, 4096, 0, adder_read, adder_write,
			rb_mock_state(dev, sizeof(struct adder)));
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	return 0;
}

/* --- its driver ---------------------------------------------------------------- */

static void a_driver_adds_and_waits_for_the_interrupt(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	struct rb_pci_dev *dev;
	struct rb_irq_set *irqs;
	struct rb_mmio *regs;
	struct rb_ctx *ctx;
	uint64_t start, count;

	(void)state;
	assert_int_equal(rb_mock_model_register("adder", adder_build, NULL), 0);
	assert_int_equal(rb_ctx_new("mock:adder", &ctx), 0);
	filter.vendor = 0x1234;
	filter.device = 0xadd0;
	assert_int_equal(rb_pci_scan(ctx, &filter, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 1);
	assert_int_equal(rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &dev), 0);
	rb_pci_list_close(list);
	assert_int_equal(rb_mmio_map(dev, 0, 0, 4096, RB_MMIO_UC, &regs), 0);
	assert_int_equal(rb_irq_set_open(dev, NULL, &irqs), 0);
	assert_int_equal(rb_irq_take(irqs, 0, &count), 0);
	start = rb_time_ns(ctx);

	rb_mmio_write32(regs, 0, 42);
	assert_int_equal(rb_irq_wait(irqs, 0, 1000), 0);

	assert_int_equal(rb_irq_take(irqs, 0, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rb_mmio_read32(regs, 0), 42);
	assert_in_range(rb_time_ns(ctx) - start, 200000, 210000);
	assert_int_equal(rb_irq_wait(irqs, 0, 1000), -ETIMEDOUT);
	assert_int_equal(rb_mock_verify(ctx), 0);
	rb_irq_set_close(irqs);
	rb_mmio_close(regs);
	rb_pci_unref(dev);
	assert_int_equal(rb_ctx_live(ctx, NULL, 0), 0);
	rb_ctx_unref(ctx);
	assert_int_equal(rb_mock_model_unregister("adder"), 0);
}

static void a_wrong_width_is_a_violation_that_names_device_and_register(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, adder_build, NULL);

	assert_int_equal(mem_read(&rig, bar_of(&rig, rb_mock_addr(dev), 0) + 8, 2), 0xffff);

	assert_violation(&rig, "device at 00:01.0: read of 2 bytes at 0x8");
	rig_close_clean(&rig);
}

/* --- the header's text ------------------------------------------------------------ */

/* A file of the source tree with comment stars and white space taken out. */
static char *squeezed(const char *name)
{
	char path[4096], *text;
	size_t len = 0;
	FILE *f;
	int c;

	snprintf(path, sizeof(path), "%s/%s", getenv("top_srcdir"), name);
	f = fopen(path, "r");
	assert_non_null(f);
	text = malloc(1 << 20);
	assert_non_null(text);
	while ((c = getc(f)) != EOF && len < (1 << 20) - 1)
		if (!isspace(c) && c != '*')
			text[len++] = (char)c;
	text[len] = '\0';
	fclose(f);
	return text;
}

static void the_header_shows_the_device_that_is_tested_here(void **state)
{
	char *header, *here, *begin, *end;

	(void)state;
	if (!getenv("top_srcdir"))
		skip();
	header = squeezed("include/rbdrv/mock.h");
	here = squeezed("tests/unit/test_mock_example.c");

	begin = strstr(header, "structadder{");
	assert_non_null(begin);
	end = strstr(begin, "@endcode");
	assert_non_null(end);
	*end = '\0';

	assert_true(strlen(begin) > 500);
	assert_non_null(strstr(here, begin));
	free(header);
	free(here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_driver_adds_and_waits_for_the_interrupt),
		cmocka_unit_test(a_wrong_width_is_a_violation_that_names_device_and_register),
		cmocka_unit_test(the_header_shows_the_device_that_is_tested_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
