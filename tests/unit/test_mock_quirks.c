/* SPDX-License-Identifier: MIT */
/* test_mock_quirks.c - what quirks do to a device that works, and says it can all. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "mock_fixture.h"

static struct rig rig;

/* The plain device with another's ids. */
static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
	const struct rb_pci_match *as = arg;

	ids.vendor = as->vendor;
	ids.device = as->device;
	ids.class_code = as->class_code;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ram(dev, 0, 4096, 0);
	rb_mock_intx_pin(dev, 1);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	return 0;
}

/* Claim a device with these ids. */
static struct rb_pci_dev *claim(uint16_t vendor, uint16_t device)
{
	struct rb_pci_match as = RB_PCI_MATCH_DEVICE(vendor, device);
	struct rb_pci_dev *dev;

	rig_open(&rig, "mock");
	assert_int_equal(rb_pci_open(rig.ctx, rb_mock_addr(plug(&rig, build, &as)), &dev), 0);
	return dev;
}

static enum rb_irq_kind kind_given_to(struct rb_pci_dev *dev)
{
	enum rb_irq_kind kind;
	struct rb_irq_set *set;

	assert_int_equal(rb_irq_set_open(dev, NULL, &set), 0);
	kind = rb_irq_set_kind(set);
	rb_irq_set_close(set);
	return kind;
}

static void give_back(struct rb_pci_dev *dev)
{
	rb_pci_unref(dev);
	rig_close_clean(&rig);
}

static void a_device_of_the_table_gets_its_pin_though_it_has_msi(void **state)
{
	struct rb_pci_dev *dev = claim(0x8086, 0x46a6);

	(void)state;
	assert_int_equal(kind_given_to(dev), RB_IRQ_INTX);
	give_back(dev);

	dev = claim(0x8086, 0x46a7);
	assert_int_equal(kind_given_to(dev), RB_IRQ_MSI);
	give_back(dev);
}

static void a_driver_who_insists_on_msi_is_told_why_not(void **state)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_pci_dev *dev = claim(0x8086, 0x46a6);
	struct rb_irq_set *set;

	(void)state;
	options.kinds = RB_IRQ_MSI;

	assert_int_equal(rb_irq_set_open(dev, &options, &set), -ENOTSUP);

	assert_null(set);
	assert_non_null(strstr(rb_last_error(), "MSI is known not to work"));
	give_back(dev);
}

static void a_driver_knows_more_than_the_table(void **state)
{
	struct rb_pci_dev *dev = claim(0x1234, 0x0001);

	(void)state;
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_NO_MSIX), 0);
	assert_int_equal(kind_given_to(dev), RB_IRQ_MSI);
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_FORCE_LEGACY_IRQ), 0);
	assert_int_equal(kind_given_to(dev), RB_IRQ_INTX);
	give_back(dev);
}

static void slow_bus_mastering_takes_the_machine_s_time(void **state)
{
	struct rb_pci_dev *dev = claim(0x1234, 0x0001);
	int64_t before;

	(void)state;
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_BUS_MASTER_DELAY), 0);
	before = now(&rig);
	assert_int_equal(rb_pci_set_bus_master(dev, true), 0);
	assert_in_range(now(&rig) - before, 10000000, 11000000);
	give_back(dev);
}

#define MASTERS 3

struct master {
	struct rb_pci_dev *dev;
	pthread_t thread;
	atomic_bool is_registered;
	int rc;
};

static atomic_bool go;

static void *switch_on(void *arg)
{
	struct master *m = arg;
	int i;

	m->rc = rb_mock_thread_begin(rig.ctx);
	atomic_store(&m->is_registered, true);
	while (!atomic_load(&go))
		sched_yield();
	for (i = 0; i < 20 && m->rc == 0; i++)
		m->rc = rb_pci_set_bus_master(m->dev, true);
	rb_mock_thread_end(rig.ctx);
	return NULL;
}

/* One that were blocked on a lock would keep the clock from moving, for ever. */
static void threads_that_switch_bus_mastering_on_together_all_get_their_wait(void **state)
{
	struct rb_pci_dev *dev = claim(0x1234, 0x0001);
	struct master masters[MASTERS];
	int64_t before = now(&rig);
	int i;

	(void)state;
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_BUS_MASTER_DELAY), 0);
	atomic_store(&go, false);

	for (i = 0; i < MASTERS; i++) {
		masters[i].dev = dev;
		atomic_init(&masters[i].is_registered, false);
		assert_int_equal(pthread_create(&masters[i].thread, NULL, switch_on, &masters[i]),
				 0);
		while (!atomic_load(&masters[i].is_registered))
			sched_yield();
	}
	atomic_store(&go, true);
	for (i = 0; i < MASTERS; i++)
		assert_int_equal(pthread_join(masters[i].thread, NULL), 0);

	for (i = 0; i < MASTERS; i++)
		assert_int_equal(masters[i].rc, 0);
	assert_in_range(now(&rig) - before, 20 * INT64_C(10000000), 61 * INT64_C(10000000));
	give_back(dev);
}

static struct rb_dma_pool *pool;

static void *get_one(void *arg)
{
	struct master *m = arg;
	struct rb_dma_elem *elem;

	m->rc = rb_mock_thread_begin(rig.ctx);
	atomic_store(&m->is_registered, true);
	while (!atomic_load(&go))
		sched_yield();
	elem = rb_dma_pool_get(pool);
	if (!elem)
		m->rc = -ENOMEM;
	rb_mock_thread_end(rig.ctx);
	rb_dma_pool_put(pool, elem);
	return NULL;
}

/* The first block switches bus mastering on again, and whoever makes it has to wait. */
static void threads_that_find_a_pool_empty_do_not_wait_for_each_other_for_ever(void **state)
{
	struct rb_pci_dev *dev = claim(0x1234, 0x0001);
	struct master masters[MASTERS];
	struct rb_dma_buf *buf;
	int i;

	(void)state;
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_BUS_MASTER_DELAY), 0);
	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &buf), 0);
	rb_dma_close(buf);
	assert_int_equal(rb_dma_pool_open(dev, 64, NULL, &pool), 0);
	atomic_store(&go, false);

	for (i = 0; i < MASTERS; i++) {
		atomic_init(&masters[i].is_registered, false);
		assert_int_equal(pthread_create(&masters[i].thread, NULL, get_one, &masters[i]),
				 0);
		while (!atomic_load(&masters[i].is_registered))
			sched_yield();
	}
	atomic_store(&go, true);
	for (i = 0; i < MASTERS; i++)
		assert_int_equal(pthread_join(masters[i].thread, NULL), 0);

	for (i = 0; i < MASTERS; i++)
		assert_int_equal(masters[i].rc, 0);
	rb_dma_pool_close(pool);
	give_back(dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_of_the_table_gets_its_pin_though_it_has_msi),
		cmocka_unit_test(a_driver_who_insists_on_msi_is_told_why_not),
		cmocka_unit_test(a_driver_knows_more_than_the_table),
		cmocka_unit_test(slow_bus_mastering_takes_the_machine_s_time),
		cmocka_unit_test(
			threads_that_switch_bus_mastering_on_together_all_get_their_wait),
		cmocka_unit_test(
			threads_that_find_a_pool_empty_do_not_wait_for_each_other_for_ever),
	};

	return cmocka_run_group_tests_name("mock quirks", tests, NULL, NULL);
}
