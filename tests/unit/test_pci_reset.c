/* SPDX-License-Identifier: MIT */
/*
 * test_pci_reset.c - a driver resets its device and puts it to sleep, on the mock, which
 * complains of every access that comes too soon.
 */
#include <rbdrv/mock_cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "mock_fixture.h"

#define REG 0x10

static struct rig rig;
static struct rb_mock_dev *dev;
static struct rb_pci_dev *pci;
static struct rb_mmio *regs;
static struct rb_irq_set *irqs;
static unsigned int resets;

static bool remove_in_reset;

static void remove_it(struct rb_mock_dev *d, void *arg)
{
	(void)arg;
	rb_mock_remove(d);
}

static void was_reset(struct rb_mock_dev *d, void *arg)
{
	(void)arg;
	resets++;
	if (remove_in_reset)
		rb_mock_after(d, 50000000, remove_it, NULL);
}

static int build(struct rb_mock_dev *d, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	ids.vendor = 0x1234;
	ids.device = 0x0005;
	rb_mock_ids(d, &ids);
	rb_mock_intx_pin(d, 1);
	rb_mock_cap_pm(d, arg ? RB_MOCK_PM_NO_SOFT_RESET : 0);
	rb_mock_cap_pcie(d, RB_MOCK_PCIE_FLR);
	rb_mock_cap_msi(d, 0, RB_MOCK_MSI_64BIT);
	rb_mock_bar_ram(d, 0, 4096, 0);
	rb_mock_bar_ram(d, 2, 4096, RB_MOCK_BAR_64BIT | RB_MOCK_BAR_PREFETCH);
	rb_mock_bar_ram(d, 4, 32, RB_MOCK_BAR_IO);
	rb_mock_on_reset(d, was_reset, NULL);
	return 0;
}

static void plug_in(const char *machine, void *keeps_its_state)
{
	resets = 0;
	remove_in_reset = false;
	irqs = NULL;
	rig_open(&rig, machine);
	dev = plug(&rig, build, keeps_its_state);
	assert_int_equal(rb_pci_open(rig.ctx, rb_mock_addr(dev), &pci), 0);
	assert_int_equal(rb_mmio_map(pci, 0, 0, 0, 0, &regs), 0);
	rb_mmio_write32(regs, REG, 0x1234);
}

static int start(void **state)
{
	(void)state;
	plug_in("mock", NULL);
	return 0;
}

static int start_with_no_soft_reset(void **state)
{
	(void)state;
	plug_in("mock", &rig);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rb_irq_set_close(irqs);
	rb_mmio_close(regs);
	rb_pci_unref(pci);
	rig_close_clean(&rig);
	return 0;
}

static void open_irqs(enum rb_irq_kind kind)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.kinds = (uint32_t)kind;
	assert_int_equal(rb_irq_set_open(pci, &options, &irqs), 0);
}

static void assert_as_before(void)
{
	assert_int_equal(rb_mmio_read32(regs, REG), 0x1234);
	assert_int_equal(cfg_read(&rig, rb_mock_addr(dev), 0x04, 2) & 7, 7);
	assert_int_equal(cfg_read(&rig, rb_mock_addr(dev), 0x10, 4), rb_pci_bar_phys(pci, 0).value);
	assert_int_equal(rb_mock_verify(rig.ctx), 0);
}

/* --- BARs of a mock ------------------------------------------------------------------------ */

static void bars_of_all_kinds_are_found_exactly(void **state)
{
	(void)state;
	assert_int_equal(rb_pci_bar_kind(pci, 0), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_flags(pci, 0), 0);
	assert_int_equal(rb_pci_bar_kind(pci, 2), RB_PCI_BAR_MEM64);
	assert_int_equal(rb_pci_bar_flags(pci, 2), RB_PCI_BAR_PREFETCHABLE);
	assert_int_equal(rb_pci_bar_kind(pci, 4), RB_PCI_BAR_IO);
	assert_int_equal(rb_pci_bar_size(pci, 4), 32);
	assert_as_before();
}

/* --- reset ------------------------------------------------------------------------------- */

static void a_reset_device_is_configured_as_before(void **state)
{
	int64_t before = now(&rig);

	(void)state;

	assert_int_equal(rb_pci_reset(pci), 0);

	assert_int_equal(resets, 1);
	assert_in_range(now(&rig) - before, 100000000, 101000000);
	assert_as_before();
}

static void messages_arrive_after_a_reset(void **state)
{
	(void)state;
	open_irqs(RB_IRQ_MSI);

	assert_int_equal(rb_pci_reset(pci), 0);
	assert_int_equal(rb_mock_msi(dev, 0), 1);

	assert_int_equal(rb_irq_wait(irqs, 0, 100), 0);
	assert_as_before();
}

static void the_pin_is_heard_after_a_reset(void **state)
{
	uint64_t count = 0;

	(void)state;
	open_irqs(RB_IRQ_INTX);

	assert_int_equal(rb_pci_reset(pci), 0);
	rb_mock_intx(dev, true);

	assert_int_equal(rb_irq_wait(irqs, 0, 100), 0);
	assert_int_equal(rb_irq_take(irqs, 0, &count), 0);
	assert_int_equal(count, 1);
	rb_mock_intx(dev, false);
}

static void what_the_driver_switched_off_stays_off(void **state)
{
	(void)state;
	assert_int_equal(rb_pci_set_bus_master(pci, false), 0);

	assert_int_equal(rb_pci_reset(pci), 0);

	assert_int_equal(cfg_read(&rig, rb_mock_addr(dev), 0x04, 2) & 7, 3);
}

static void a_buffer_survives_a_reset(void **state)
{
	struct rb_dma_buf *buf;
	uint8_t byte = 7;

	(void)state;
	assert_int_equal(rb_dma_alloc(pci, 4096, NULL, &buf), 0);

	assert_int_equal(rb_pci_reset(pci), 0);
	assert_int_equal(rb_mock_dma_write(dev, rb_dma_addr(buf, 0), &byte, 1), 0);

	rb_dma_observe(buf, 0, 1);
	assert_int_equal(*(uint8_t *)rb_dma_cpu(buf), 7);
	rb_dma_close(buf);
}

static void a_sleeping_device_is_woken_for_its_reset(void **state)
{
	(void)state;
	assert_int_equal(rb_pci_set_power(pci, RB_PCI_D3HOT), 0);

	assert_int_equal(rb_pci_reset(pci), 0);

	assert_int_equal(rb_pci_power(pci), RB_PCI_D0);
	assert_int_equal(resets, 2);
	assert_as_before();
}

static void a_device_removed_in_its_reset_is_gone(void **state)
{
	(void)state;
	open_irqs(RB_IRQ_MSI);
	remove_in_reset = true;

	assert_int_equal(rb_pci_reset(pci), -ENODEV);

	assert_true(rb_pci_is_gone(pci));
}

static atomic_bool asking;

/* Another thread asks all the while. */
static int reset_once(struct rb_ctx *ctx, void *arg)
{
	struct rb_pci_dev *d = NULL;
	int rc;

	(void)arg;
	rc = rb_pci_open(ctx, rb_mock_addr(rb_mock_find(ctx, "resets", 0)), &d);
	if (rc == 0)
		rc = rb_pci_reset(d);
	rb_pci_unref(d);
	return rc;
}

/* Above all the loss of the answer to the write that starts it: the device is not to be
 * touched then, either. */
static void a_reset_survives_every_single_fault(void **state)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;

	(void)state;
	remove_in_reset = false;
	assert_int_equal(rb_mock_model_register("resets", build, NULL), 0);

	rb_mock_assert_campaign("mock:resets", reset_once, NULL, &options);
}

static void *ask(void *arg)
{
	int i, *failures = arg;
	uint32_t val;

	*failures += rb_mock_thread_begin(rig.ctx) != 0;
	atomic_store(&asking, true);
	for (i = 0; i < 500; i++) {
		rb_delay_us(rig.ctx, 1000);
		*failures += rb_pci_config_read32(pci, 0, &val) != 0 || val != 0x00051234;
		*failures += rb_pci_config_write8(pci, 0x3c, (uint8_t)i) != 0;
	}
	rb_mock_thread_end(rig.ctx);
	return NULL;
}

static void others_who_ask_meanwhile_wait_and_see_no_removal(void **state)
{
	int failures = 0;
	pthread_t thread;

	(void)state;
	atomic_store(&asking, false);
	assert_int_equal(pthread_create(&thread, NULL, ask, &failures), 0);
	while (!atomic_load(&asking))
		sched_yield();

	assert_int_equal(rb_mock_thread_begin(rig.ctx), 0);
	assert_int_equal(rb_pci_reset(pci), 0);
	assert_int_equal(rb_pci_reset(pci), 0);
	rb_mock_thread_end(rig.ctx);

	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(failures, 0);
	assert_int_equal(resets, 2);
	assert_false(rb_pci_is_gone(pci));
}

/* --- power ----------------------------------------------------------------------------------- */

static void a_device_sleeps_and_wakes_up_configured(void **state)
{
	int64_t before = now(&rig);

	(void)state;
	open_irqs(RB_IRQ_MSI);

	assert_int_equal(rb_pci_set_power(pci, RB_PCI_D3HOT), 0);
	assert_int_equal(rb_pci_power(pci), RB_PCI_D3HOT);
	assert_int_equal(rb_pci_set_power(pci, RB_PCI_D0), 0);

	assert_int_equal(rb_pci_power(pci), RB_PCI_D0);
	assert_in_range(now(&rig) - before, 20000000, 21000000);
	assert_int_equal(resets, 1);
	assert_int_equal(rb_mock_msi(dev, 0), 1);
	assert_int_equal(rb_irq_wait(irqs, 0, 100), 0);
	assert_as_before();
}

static void a_device_with_no_soft_reset_is_not_written_to(void **state)
{
	(void)state;
	assert_int_equal(rb_pci_set_power(pci, RB_PCI_D3HOT), 0);

	assert_int_equal(rb_pci_set_power(pci, RB_PCI_D0), 0);

	assert_int_equal(resets, 0);
	assert_as_before();
}

static void decoding_that_is_off_reads_all_ones(void **state)
{
	(void)state;
	assert_int_equal(rb_pci_set_decode(pci, RB_PCI_DECODE_IO), 0);
	assert_int_equal(rb_mmio_read32(regs, REG), UINT32_MAX);

	assert_int_equal(rb_pci_set_decode(pci, RB_PCI_DECODE_IO | RB_PCI_DECODE_MEM), 0);

	assert_as_before();
}

/* --- bus mastering, which the library switches off when the last buffer goes -------------- */

static struct rb_dma_buf *allocate(void)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	assert_int_equal(rb_dma_alloc(pci, 4096, &options, &buf), 0);
	return buf;
}

static bool masters_bus(void)
{
	uint32_t command;

	assert_int_equal(rb_pci_config_read32(pci, 4, &command), 0);
	return command & 4;
}

static void a_restore_lets_nobody_write_to_memory_that_is_gone(void **state)
{
	struct rb_dma_buf *buf = allocate();
	struct rb_pci_saved *saved;

	(void)state;
	assert_int_equal(rb_pci_save(pci, &saved), 0);
	rb_dma_close(buf);

	assert_int_equal(rb_pci_restore(pci, saved), 0);

	assert_false(masters_bus());
	buf = allocate();
	assert_true(masters_bus());
	rb_dma_close(buf);
	rb_pci_saved_close(saved);
}

static void a_copy_made_between_two_buffers_lets_the_second_work(void **state)
{
	struct rb_pci_saved *saved;
	struct rb_dma_buf *buf;

	(void)state;
	rb_dma_close(allocate());
	assert_false(masters_bus());
	assert_int_equal(rb_pci_save(pci, &saved), 0);
	buf = allocate();

	assert_int_equal(rb_pci_restore(pci, saved), 0);

	assert_true(masters_bus());
	rb_dma_close(buf);
	rb_pci_saved_close(saved);
}

static void what_the_driver_forbade_a_restore_forbids(void **state)
{
	struct rb_pci_saved *saved;
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(rb_pci_set_bus_master(pci, false), 0);
	assert_int_equal(rb_pci_save(pci, &saved), 0);
	assert_int_equal(rb_pci_set_bus_master(pci, true), 0);
	rb_dma_close(allocate());

	assert_int_equal(rb_pci_restore(pci, saved), 0);

	buf = allocate();
	assert_false(masters_bus());
	rb_dma_close(buf);
	rb_pci_saved_close(saved);
}

int main(void)
{
#define on_mock(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		on_mock(bars_of_all_kinds_are_found_exactly),
		on_mock(a_reset_device_is_configured_as_before),
		on_mock(messages_arrive_after_a_reset),
		on_mock(the_pin_is_heard_after_a_reset),
		on_mock(what_the_driver_switched_off_stays_off),
		on_mock(a_buffer_survives_a_reset),
		on_mock(a_sleeping_device_is_woken_for_its_reset),
		on_mock(a_device_removed_in_its_reset_is_gone),
		cmocka_unit_test(a_reset_survives_every_single_fault),
		on_mock(others_who_ask_meanwhile_wait_and_see_no_removal),
		on_mock(a_device_sleeps_and_wakes_up_configured),
		on_mock(a_restore_lets_nobody_write_to_memory_that_is_gone),
		on_mock(a_copy_made_between_two_buffers_lets_the_second_work),
		on_mock(what_the_driver_forbade_a_restore_forbids),
		cmocka_unit_test_setup_teardown(a_device_with_no_soft_reset_is_not_written_to,
						start_with_no_soft_reset, stop),
		on_mock(decoding_that_is_off_reads_all_ones),
	};

	return cmocka_run_group_tests_name("pci reset", tests, NULL, NULL);
}
