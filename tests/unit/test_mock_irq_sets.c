/* SPDX-License-Identifier: MIT */
/*
 * test_mock_irq_sets.c - sets of many vectors on a strict device: MSI-X of 256 vectors and
 * MSI of eight messages with masks; what goes wrong between device and driver.
 */
#include "mock_fixture.h"

#include <errno.h>

#define VECTORS 256
#define TABLE	0x1008 /* in BAR 2, aligned to nothing but 8 */
#define PBA	0x3008

static struct rb_ctx *ctx;
static struct rb_mock_dev *mock, *second;
static struct rb_pci_dev *dev;
static struct rb_irq_set *set;

static int build(struct rb_mock_dev *d, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x5678;
	rb_mock_ids(d, &ids);
	rb_mock_intx_pin(d, 1);
	rb_mock_cap_pcie(d, RB_MOCK_PCIE_FLR);
	rb_mock_cap_msi(d, 3, RB_MOCK_MSI_64BIT | RB_MOCK_MSI_MASKING);
	rb_mock_cap_msix(d, VECTORS, 2, TABLE, 2, PBA);
	return rb_mock_bar_ram(d, 2, 0x4000, 0);
}

static void open_machine(const char *machine)
{
	assert_int_equal(rb_ctx_new(machine, &ctx), 0);
	assert_int_equal(rb_mock_add(ctx, "many", build, NULL, &mock), 0);
	assert_int_equal(rb_mock_add(ctx, "second", build, NULL, &second), 0);
	assert_int_equal(rb_pci_open(ctx, rb_mock_addr(mock), &dev), 0);
	set = NULL;
}

static int start(void **state)
{
	(void)state;
	open_machine("mock");
	return 0;
}

static int start_cpus(void **state)
{
	(void)state;
	open_machine("mock:cpus=4");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rb_irq_set_close(set);
	rb_pci_unref(dev);
	if (rb_mock_verify(ctx) != 0)
		fail_msg("%s", rb_mock_violation_text(ctx, 0));
	assert_int_equal(rb_ctx_live(ctx, NULL, 0), 0);
	rb_ctx_unref(ctx);
	return 0;
}

static int open_set(uint32_t kinds, uint32_t min, uint32_t max)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.kinds = kinds;
	options.min = min;
	options.max = max;
	return rb_irq_set_open(dev, &options, &set);
}

static void close_set(void)
{
	rb_irq_set_close(set);
	set = NULL;
}

/* One interrupt of a vector: 1 when it was sent. */
static int fire(unsigned int vector)
{
	return rb_irq_set_kind(set) == RB_IRQ_MSIX ? rb_mock_msix(mock, vector)
						   : rb_mock_msi(mock, vector);
}

static uint64_t taken(unsigned int vector)
{
	uint64_t count = 4711;

	assert_int_equal(rb_irq_take(set, vector, &count), 0);
	return count;
}

static bool is_pending(unsigned int vector)
{
	bool pending;

	assert_int_equal(rb_irq_pending(set, vector, &pending), 0);
	return pending;
}

static int start_msix(void **state)
{
	start(state);
	assert_int_equal(open_set(RB_IRQ_MSIX, 8, 8), 0);
	return 0;
}

static int start_msi(void **state)
{
	start(state);
	assert_int_equal(open_set(RB_IRQ_MSI, 8, 8), 0);
	return 0;
}

/* --- counts ------------------------------------------------------------------------------------ */

static void counts_are_exact_for_each_vector(void **state)
{
	unsigned int i, j;

	(void)state;
	for (j = 0; j < 50; j++)
		for (i = 0; i < 8; i++)
			if (j % (i + 1) == 0)
				assert_int_equal(fire(i), 1);
	for (i = 0; i < 8; i++) {
		assert_int_equal(rb_irq_wait(set, i, 100), 0);
		assert_int_equal(taken(i), (50 + i) / (i + 1));
		assert_int_equal(taken(i), 0);
	}
}

static void vectors_that_were_not_wanted_stay_masked(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_msix(mock, 8), 0);
	assert_int_equal(rb_mock_msix(mock, VECTORS - 1), 0);
}

static void two_hundred_vectors_of_one_device(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(open_set(RB_IRQ_MSIX, 200, 200), 0);
	for (i = 0; i < 200; i++)
		assert_int_equal(fire(i), 1);
	for (i = 0; i < 200; i++)
		assert_int_equal(taken(i), 1);
}

static void the_vector_space_is_exhausted_with_a_sentence(void **state)
{
	(void)state;
	assert_int_equal(open_set(RB_IRQ_MSIX, 202, 208), -ENOMEM);
	assert_string_equal(rb_last_error(), "no interrupt vector is left on cpu-00");
	assert_int_equal(open_set(RB_IRQ_MSIX, 1, 208), 0);
	assert_int_equal(rb_irq_set_count(set), 201); /* the range shrinks */
}

/* A second device finds nothing left, and takes its pin. */
static void when_all_vectors_are_used_the_pin_is_left(void **state)
{
	struct rb_irq_set *other;
	struct rb_pci_dev *other_dev;

	(void)state;
	assert_int_equal(open_set(RB_IRQ_MSIX, 201, 201), 0);
	assert_int_equal(rb_pci_open(ctx, rb_mock_addr(second), &other_dev), 0);

	assert_int_equal(rb_irq_set_open(other_dev, NULL, &other), 0);

	assert_int_equal(rb_irq_set_kind(other), RB_IRQ_INTX);
	rb_irq_set_close(other);
	rb_pci_unref(other_dev);
}

static void a_thousand_openings_use_no_new_vectors(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 500; i++) {
		assert_int_equal(open_set(RB_IRQ_MSIX, 5, 5), 0);
		assert_int_equal(fire(4), 1);
		assert_int_equal(taken(4), 1);
		close_set();
		assert_int_equal(open_set(RB_IRQ_MSI, 4, 4), 0);
		assert_int_equal(fire(3), 1);
		assert_int_equal(taken(3), 1);
		close_set();
	}
	/* all but the six or so are there still */
	assert_int_equal(open_set(RB_IRQ_MSIX, 201, 201), 0);
}

/* --- the table -------------------------------------------------------------------------------------- */

static void the_table_reads_back_as_it_was_written(void **state)
{
	struct rb_mmio *table;
	unsigned int i;

	(void)state;
	assert_int_equal(rb_mmio_map(dev, 2, TABLE, VECTORS * 16, RB_MMIO_UC, &table), 0);
	for (i = 0; i < VECTORS; i++) {
		if (i < 8) {
			assert_int_equal(rb_mmio_read32(table, i * 16), 0xfee00000);
			assert_int_equal(rb_mmio_read32(table, i * 16 + 4), 0);
			assert_int_equal(rb_mmio_read32(table, i * 16 + 8), 18 + i + 32);
		}
		assert_int_equal(rb_mmio_read32(table, i * 16 + 12), i >= 8);
	}

	close_set();
	for (i = 0; i < VECTORS; i++)
		assert_int_equal(rb_mmio_read32(table, i * 16 + 12), 1);
	assert_false(rb_mock_msix_enabled(mock));
	rb_mmio_close(table);
}

/* --- masks ------------------------------------------------------------------------------------------- */

static void masks_hold_back_and_pending_bits_tell(void **state)
{
	(void)state;
	assert_int_equal(rb_irq_mask(set, 3, true), 0);
	assert_int_equal(fire(3), 0);
	assert_int_equal(fire(3), 0);
	assert_int_equal(fire(2), 1);
	assert_true(is_pending(3));
	assert_false(is_pending(2));
	assert_int_equal(taken(3), 0);

	assert_int_equal(rb_irq_mask(set, 3, false), 0);
	assert_int_equal(rb_irq_wait(set, 3, 100), 0);
	assert_int_equal(taken(3), 1);
	assert_false(is_pending(3));
}

static void masking_all_holds_all_back(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(rb_irq_mask_all(set, true), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(fire(i), 0);
	assert_int_equal(rb_irq_mask_all(set, false), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(taken(i), 1);
}

static void after_a_reset_a_restored_set_works_as_before(void **state)
{
	(void)state;
	assert_int_equal(rb_irq_mask(set, 1, true), 0);
	assert_int_equal(rb_pci_reset(dev), 0);
	assert_int_equal(rb_irq_set_restore(set), 0);

	assert_int_equal(fire(0), 1);
	assert_int_equal(fire(1), 0);
	assert_int_equal(fire(7), 1);
	assert_int_equal(taken(0), 1);
	assert_int_equal(taken(7), 1);
	assert_true(is_pending(1));
	assert_int_equal(rb_irq_mask(set, 1, false), 0);
	assert_int_equal(taken(1), 1);
}

/* --- CPUs --------------------------------------------------------------------------------------------- */

static void interrupts_go_to_the_cpu_that_was_chosen(void **state)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	(void)state;
	options.flags = RB_IRQ_ON_CPU;
	options.cpu = 3;
	options.min = 4;
	assert_int_equal(rb_irq_set_open(dev, &options, &set), 0);
	assert_int_equal(rb_irq_set_cpu(set, 0), 3);
	assert_int_equal(fire(2), 1);
	assert_int_equal(rb_irq_wait(set, 2, 100), 0);
	assert_int_equal(taken(2), 1);
	close_set();

	options.cpu = 4;
	assert_int_equal(rb_irq_set_open(dev, &options, &set), -ENOENT);
}

static void a_message_to_a_cpu_that_is_not_there_goes_nowhere(void **state)
{
	struct rb_mmio *table;

	(void)state;
	assert_int_equal(rb_mmio_map(dev, 2, TABLE, 16, RB_MMIO_UC, &table), 0);
	assert_int_equal(open_set(RB_IRQ_MSIX, 1, 1), 0);
	assert_int_equal(rb_irq_mask(set, 0, true), 0);
	rb_mmio_write32(table, 0, 0xfee04000);
	assert_int_equal(rb_irq_mask(set, 0, false), 0);

	assert_int_equal(fire(0), 0);

	assert_int_equal(taken(0), 0);
	assert_int_equal(rb_mock_verify(ctx), 1);
	assert_non_null(strstr(rb_mock_violation_text(ctx, 0), "CPU 4, which is not there"));
	rb_mock_clear(ctx);
	rb_mmio_close(table);
}

/* --- faults -------------------------------------------------------------------------------------------- */

static void a_device_that_interrupts_before_its_vectors_are_set_up_harms_nobody(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_msix(mock, 0), 0);
	assert_int_equal(rb_mock_msi(mock, 0), 0);
	rb_mock_intx(mock, true);

	assert_int_equal(open_set(RB_IRQ_MSIX, 2, 2), 0);

	assert_int_equal(taken(0), 0);
	assert_int_equal(fire(0), 1);
	assert_int_equal(taken(0), 1);
	rb_mock_intx(mock, false);
}

static void a_lost_edge_ends_in_the_time_out_and_the_next_one_counts(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_fault(mock, "lost:1"), 0);
	fire(0);
	assert_int_equal(rb_irq_wait(set, 0, 10), -ETIMEDOUT);
	fire(0);
	assert_int_equal(rb_irq_wait(set, 0, 10), 0);
	assert_int_equal(taken(0), 1);
}

static void an_interrupt_between_read_and_acknowledge_is_counted(void **state)
{
	(void)state;
	fire(0);
	assert_int_equal(taken(0), 1); /* read */
	fire(0);
	assert_int_equal(taken(0), 1); /* the acknowledge of the first answers 0 */
	assert_int_equal(taken(0), 0);
}

static void acknowledges_that_answer_0_again_and_again_lose_nothing(void **state)
{
	uint64_t sum = 0;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		fire(0);
		sum += taken(0);
	}
	assert_int_equal(sum, 1000);
	assert_int_equal(taken(0), 0);
	assert_int_equal(rb_irq_wait(set, 0, 10), -ETIMEDOUT);
}

static void stale_queue_entries_wake_nobody_for_long(void **state)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	int i;

	(void)state;
	assert_int_equal(rb_irq_wait(set, 0, 1), -ETIMEDOUT); /* makes the queue */
	for (i = 0; i < 200; i++)
		fire(0); /* an entry each (contract 3.2) */
	assert_int_equal(taken(0), 200);
	assert_int_equal(taken(0), 0);

	assert_int_equal(rb_irq_wait(set, 0, 10), -ETIMEDOUT);

	assert_int_equal(rb_irq_stats_read(set, 0, &stats), 0);
	assert_in_range(stats.sleeps, 3, 8); /* 64 entries at a time */
	fire(0);
	assert_int_equal(rb_irq_wait(set, 0, 10), 0);
	assert_int_equal(taken(0), 1);
}

int main(void)
{
#define FREE(test)	cmocka_unit_test_setup_teardown(test, start, stop)
#define WITH_CPUS(test) cmocka_unit_test_setup_teardown(test, start_cpus, stop)
#define WITH_MSIX(test) cmocka_unit_test_setup_teardown(test, start_msix, stop)
#define WITH_MSI(test)	cmocka_unit_test_setup_teardown(test, start_msi, stop)
#define BOTH(test)	WITH_MSIX(test), WITH_MSI(test)
	const struct CMUnitTest tests[] = {
		BOTH(counts_are_exact_for_each_vector),
		WITH_MSIX(vectors_that_were_not_wanted_stay_masked),
		FREE(two_hundred_vectors_of_one_device),
		FREE(the_vector_space_is_exhausted_with_a_sentence),
		FREE(when_all_vectors_are_used_the_pin_is_left),
		FREE(a_thousand_openings_use_no_new_vectors),
		WITH_MSIX(the_table_reads_back_as_it_was_written),
		BOTH(masks_hold_back_and_pending_bits_tell),
		BOTH(masking_all_holds_all_back),
		BOTH(after_a_reset_a_restored_set_works_as_before),
		WITH_CPUS(interrupts_go_to_the_cpu_that_was_chosen),
		WITH_CPUS(a_message_to_a_cpu_that_is_not_there_goes_nowhere),
		FREE(a_device_that_interrupts_before_its_vectors_are_set_up_harms_nobody),
		BOTH(a_lost_edge_ends_in_the_time_out_and_the_next_one_counts),
		BOTH(an_interrupt_between_read_and_acknowledge_is_counted),
		BOTH(acknowledges_that_answer_0_again_and_again_lose_nothing),
		BOTH(stale_queue_entries_wake_nobody_for_long),
	};

	return cmocka_run_group_tests_name("mock_irq_sets", tests, NULL, NULL);
}
