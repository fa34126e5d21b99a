/* SPDX-License-Identifier: MIT */
/* Resets and power states of a real model: QEMU's virtio-rng, through the driver's calls. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/host.h>
#include <rbdrv/rbdrv.h>

#define STATUS	    0x14 /* device status of the common configuration, a byte */
#define ACKNOWLEDGE 1

static struct rb_ctx *ctx;
static struct rb_pci_dev *dev;
static struct rb_mmio *regs;

static void must(int rc)
{
	if (rc != 0)
		fail_msg("%d: %s", rc, rb_last_error());
}

static int start(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc;

	(void)state;
	dev = NULL;
	regs = NULL;
	rc = rb_ctx_new("qemu:virtio-rng-pci", &ctx);
	if (rc == -ENOTSUP)
		return 0;
	must(rc);
	filter.vendor = 0x1af4;
	filter.device = 0x1044;
	must(rb_pci_scan(ctx, &filter, &list));
	assert_int_equal(rb_pci_list_count(list), 1);
	must(rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &dev));
	rb_pci_list_close(list);
	must(rb_mmio_map(dev, 4, 0, 0, 0, &regs));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rb_mmio_close(regs);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
	ctx = NULL;
	return 0;
}

#define NEEDS_QEMU()         \
	do {                 \
		(void)state; \
		if (!ctx)    \
			skip(); \
	} while (0)

static void a_prefetchable_bar_says_so(void **state)
{
	NEEDS_QEMU();
	assert_int_equal(rb_pci_bar_kind(dev, 4), RB_PCI_BAR_MEM64);
	assert_int_equal(rb_pci_bar_flags(dev, 4), RB_PCI_BAR_PREFETCHABLE);
	assert_int_equal(rb_pci_bar_size(dev, 4), 0x4000);
	assert_null(rb_pci_bar_flaw(dev, 4));
}

static void a_reset_clears_registers_and_keeps_configuration(void **state)
{
	uint16_t command = 0;
	uint32_t bar = 0;

	NEEDS_QEMU();
	rb_mmio_write8(regs, STATUS, ACKNOWLEDGE);
	assert_int_equal(rb_mmio_read8(regs, STATUS), ACKNOWLEDGE);

	must(rb_pci_reset(dev));

	assert_int_equal(rb_mmio_read8(regs, STATUS), 0);
	must(rb_pci_config_read16(dev, 0x04, &command));
	assert_int_equal(command & 7, 7);
	must(rb_pci_config_read32(dev, 0x20, &bar));
	assert_int_equal(bar & ~0xfu, (uint32_t)rb_pci_bar_phys(dev, 4).value);
	assert_false(rb_pci_is_gone(dev));
}

static void it_sleeps_and_wakes(void **state)
{
	NEEDS_QEMU();

	must(rb_pci_set_power(dev, RB_PCI_D3HOT));
	assert_int_equal(rb_pci_power(dev), RB_PCI_D3HOT);
	must(rb_pci_set_power(dev, RB_PCI_D0));

	assert_int_equal(rb_pci_power(dev), RB_PCI_D0);
	rb_mmio_write8(regs, STATUS, ACKNOWLEDGE);
	assert_int_equal(rb_mmio_read8(regs, STATUS), ACKNOWLEDGE);
}

static void *reset_again_and_again(void *arg)
{
	int *rc = arg;

	do
		*rc = rb_pci_reset(dev);
	while (*rc == 0);
	return NULL;
}

static void a_device_pulled_out_in_its_reset_is_gone(void **state)
{
	pthread_t thread;
	int rc, code = 0;

	NEEDS_QEMU();
	assert_int_equal(pthread_create(&thread, NULL, reset_again_and_again, &code), 0);
	rb_delay_us(ctx, 50000); /* into the first 100 ms */

	rc = rb_host_unplug(ctx, rb_pci_info_addr(rb_pci_info(dev)));

	assert_int_equal(pthread_join(thread, NULL), 0);
	must(rc);
	assert_int_equal(code, -ENODEV);
	assert_true(rb_pci_is_gone(dev));
	assert_int_equal(rb_mmio_read8(regs, STATUS), UINT8_MAX);
}

int main(void)
{
#define on_qemu(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		on_qemu(a_prefetchable_bar_says_so),
		on_qemu(a_reset_clears_registers_and_keeps_configuration),
		on_qemu(it_sleeps_and_wakes),
		on_qemu(a_device_pulled_out_in_its_reset_is_gone),
	};

	return cmocka_run_group_tests_name("qemu reset", tests, NULL, NULL);
}
