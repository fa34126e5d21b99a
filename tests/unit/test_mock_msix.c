/* SPDX-License-Identifier: MIT */
/*
 * test_mock_msix.c - MSI-X: table and pending bits in front of a BAR, masks, delivery,
 * and what the builder refuses.
 */
#include "mock_fixture.h"

#define VECTORS 3
#define TABLE	0x800
#define PBA	0xc00
#define IRQ	64 /* the interrupt of vector 0 */

static struct rig rig;
static struct rb_mock_dev *dev;
static struct rb_pci_addr fn;
static uint64_t bar;

/* A page whose own functions complain, but at offset 0. */
static uint64_t page_read(struct rb_mock_dev *d, void *arg, uint64_t off, unsigned int width)
{
	(void)arg;
	if (off == 0)
		return 0x11223344;
	rb_mock_violation(d, "read of %u bytes at %#x", width, (unsigned int)off);
	return UINT64_MAX;
}

static void page_write(struct rb_mock_dev *d, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	(void)arg;
	(void)val;
	rb_mock_violation(d, "write of %u bytes at %#x", width, (unsigned int)off);
}

static int build(struct rb_mock_dev *d, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x0003;
	rb_mock_ids(d, &ids);
	rb_mock_cap_msix(d, VECTORS, 0, TABLE, 0, PBA);
	rb_mock_bar_ops(d, 0, 4096, 0, page_read, page_write, NULL);
	return 0;
}

static uint64_t entry(unsigned int index)
{
	return bar + TABLE + index * 16;
}

/* Message control. */
static void control(uint32_t bits)
{
	cfg_write(&rig, fn, 0x42, 2, bits);
}

static int start(void **state)
{
	unsigned int i;

	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, build, NULL);
	fn = rb_mock_addr(dev);
	bar = bar_of(&rig, fn, 0);
	for (i = 0; i < VECTORS; i++) {
		mem_write(&rig, entry(i), 8, 0xfee00000);
		mem_write(&rig, entry(i) + 8, 4, IRQ + i + 32);
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_close_clean(&rig);
	return 0;
}

static void the_capability_tells_size_and_places(void **state)
{
	(void)state;
	assert_int_equal(cfg_read(&rig, fn, 0x34, 1), 0x40);
	assert_int_equal(cfg_read(&rig, fn, 0x40, 4), 0x00020011);
	assert_int_equal(cfg_read(&rig, fn, 0x44, 4), TABLE);
	assert_int_equal(cfg_read(&rig, fn, 0x48, 4), PBA);

	control(0xffff);

	assert_int_equal(cfg_read(&rig, fn, 0x42, 2), 0xc002);
	control(0);
}

static void the_table_reads_back_as_written_in_front_of_the_bar(void **state)
{
	(void)state;
	assert_int_equal(mem_read(&rig, entry(2) + 12, 4), 1);

	mem_write(&rig, entry(1), 4, 0xfee01003);
	mem_write(&rig, entry(1) + 4, 4, 0x12345678);
	mem_write(&rig, entry(1) + 8, 8, 0x99u);

	assert_int_equal(mem_read(&rig, entry(1), 8), 0x12345678fee01000);
	assert_int_equal(mem_read(&rig, entry(1) + 8, 4), 0x99);
	assert_int_equal(mem_read(&rig, entry(1) + 12, 4), 0);
	assert_int_equal(mem_read(&rig, bar + PBA, 8), 0);
	assert_int_equal(mem_read(&rig, bar, 4), 0x11223344);
	assert_int_equal(rb_mock_verify(rig.ctx), 0);
	mem_read(&rig, entry(VECTORS), 4);
	assert_violation(&rig, "read of 4 bytes at 0x830");
}

static void an_unmasked_vector_is_delivered_to_its_interrupt(void **state)
{
	(void)state;
	mem_write(&rig, entry(1) + 12, 4, 0);
	assert_int_equal(rb_mock_msix(dev, 1), 0);
	assert_false(rb_mock_msix_enabled(dev));

	control(0x8000);

	assert_true(rb_mock_msix_enabled(dev));
	assert_int_equal(irq_take(&rig, IRQ + 1), 0);
	assert_int_equal(rb_mock_msix(dev, 1), 1);
	assert_int_equal(rb_mock_msix(dev, 1), 1);
	assert_int_equal(irq_take(&rig, IRQ + 1), 2);
	assert_int_equal(irq_take(&rig, IRQ), 0);
}

static void a_masked_vector_is_pending_until_it_is_unmasked(void **state)
{
	(void)state;
	control(0x8000);

	assert_int_equal(rb_mock_msix(dev, 2), 0);
	assert_int_equal(rb_mock_msix(dev, 2), 0);
	assert_int_equal(mem_read(&rig, bar + PBA, 4), 1 << 2);
	assert_int_equal(irq_take(&rig, IRQ + 2), 0);
	mem_write(&rig, entry(2) + 12, 4, 0);

	assert_int_equal(irq_take(&rig, IRQ + 2), 1);
	assert_int_equal(mem_read(&rig, bar + PBA, 4), 0);
}

static void the_function_mask_holds_all_vectors_back(void **state)
{
	(void)state;
	mem_write(&rig, entry(0) + 12, 4, 0);
	mem_write(&rig, entry(1) + 12, 4, 0);
	control(0xc000);

	assert_int_equal(rb_mock_msix(dev, 0), 0);
	assert_int_equal(rb_mock_msix(dev, 1), 0);
	assert_int_equal(mem_read(&rig, bar + PBA, 4), 3);
	control(0x8000);

	assert_int_equal(irq_take(&rig, IRQ), 1);
	assert_int_equal(irq_take(&rig, IRQ + 1), 1);
}

static void without_bus_mastering_no_message_is_sent(void **state)
{
	(void)state;
	mem_write(&rig, entry(0) + 12, 4, 0);
	control(0x8000);
	cfg_write(&rig, fn, 0x04, 2, 0x0003);

	assert_int_equal(rb_mock_msix(dev, 0), 0);

	assert_int_equal(irq_take(&rig, IRQ), 0);
}

static void messages_that_lead_nowhere_are_violations(void **state)
{
	(void)state;
	control(0x8000);
	mem_write(&rig, entry(0), 4, 0x1000);
	mem_write(&rig, entry(0) + 12, 4, 0);
	mem_write(&rig, entry(1) + 8, 4, 33);
	mem_write(&rig, entry(1) + 12, 4, 0);

	assert_int_equal(rb_mock_msix(dev, 0), 0);
	assert_violation(&rig, "MSI-X 0 goes to address 0x1000");
	assert_int_equal(rb_mock_msix(dev, 1), 0);
	assert_violation(&rig, "MSI-X 1 sends vector 33");
}

static void the_table_takes_dwords_and_quadwords_only(void **state)
{
	(void)state;
	assert_int_equal(mem_read(&rig, entry(0), 2), 0xffff);
	assert_violation(&rig, "read of 2 bytes at offset 0 of the MSI-X table");
	mem_write(&rig, entry(0) + 8, 1, 7);
	assert_violation(&rig, "write of 1 bytes at offset 0x8 of the MSI-X table");
	assert_int_equal(mem_read(&rig, entry(0) + 8, 4), IRQ + 32);
	assert_int_equal(mem_read(&rig, bar + PBA + 1, 1), 0xff);
	assert_violation(&rig, "read of 1 bytes at offset 0x1 of the MSI-X pending bits");
	mem_write(&rig, bar + PBA, 4, 1);
	assert_violation(&rig, "write of 0x1 to the pending bits of MSI-X");
	assert_int_equal(mem_read(&rig, bar + PBA, 4), 0);
}

static void a_live_entry_must_be_masked_before_it_changes(void **state)
{
	(void)state;
	control(0x8000);
	mem_write(&rig, entry(0) + 12, 4, 0);

	mem_write(&rig, entry(0) + 8, 4, IRQ + 32);
	assert_int_equal(rb_mock_verify(rig.ctx), 0);
	mem_write(&rig, entry(0) + 8, 4, 99);

	assert_violation(&rig, "entry 0 of the MSI-X table is changed while it is enabled");
	assert_int_equal(mem_read(&rig, entry(0) + 8, 4), 99);
}

static void vectors_that_are_not_there_are_refused(void **state)
{
	struct rb_mock_dev *plain;

	(void)state;
	assert_int_equal(rb_mock_msix(dev, VECTORS), -EINVAL);
	assert_int_equal(rb_mock_msix(NULL, 0), -EINVAL);
	assert_false(rb_mock_msix_enabled(NULL));
	plain = plug(&rig, plain_build, NULL);
	assert_int_equal(rb_mock_msix(plain, 0), -EINVAL);
	assert_false(rb_mock_msix_enabled(plain));

	rb_mock_remove(dev);

	assert_int_equal(rb_mock_msix(dev, 0), -ENODEV);
}

/* --- the builder -------------------------------------------------------------------------- */

struct place {
	unsigned int vectors, table_bar;
	uint64_t table_off;
	unsigned int pba_bar;
	uint64_t pba_off;
	const char *why;
};

static int build_at(struct rb_mock_dev *d, void *arg)
{
	static const struct rb_mock_reg regs[] = {
		{ .name = "CTRL", .offset = 0xe00, .width = 4, .rw = 1 },
		{ .name = NULL },
	};
	const struct place *p = arg;
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	ids.vendor = 0x1234;
	ids.device = 0x0004;
	rb_mock_ids(d, &ids);
	rb_mock_bar_ram(d, 0, 4096, 0);
	rb_mock_bar_ram(d, 1, 256, RB_MOCK_BAR_IO);
	rb_mock_bar_ram(d, 2, 4096, RB_MOCK_BAR_DIRECT);
	rb_mock_bar_map(d, 3, 4096, 0, regs, NULL);
	rb_mock_cap_msix(d, p->vectors, p->table_bar, p->table_off, p->pba_bar, p->pba_off);
	return 0;
}

static void wrong_places_are_refused_with_a_sentence(void **state)
{
	static struct place places[] = {
		{ 0, 0, 0, 0, 2048, "0 vectors are not 1 to 2048" },
		{ 2049, 0, 0, 0, 2048, "2049 vectors are not 1 to 2048" },
		{ 1, 6, 0, 0, 2048, "there are BARs 0 to 5" },
		{ 1, 0, 4, 0, 2048, "begin at multiples of 8" },
		{ 1, 0, 0, 0, 2044, "begin at multiples of 8" },
		{ 1, 0, 0x100000000ull, 0, 0, "an offset has 32 bits" },
		{ 2, 0, 0, 0, 24, "table and pending bits overlap" },
		{ 1, 4, 0, 0, 0, "there is no such BAR" },
		{ 1, 1, 0, 0, 0, "a memory BAR that is not direct" },
		{ 1, 0, 0, 2, 0, "a memory BAR that is not direct" },
		{ 2, 0, 4080, 0, 0, "table, 32 bytes at 0xff0 of BAR0: it passes the end" },
		{ 65, 0, 0, 0, 4088, "pending bits, 16 bytes at 0xff8 of BAR0: it passes the end" },
		{ 1, 3, 0xdf8, 0, 0, "table at 0xdf8 of BAR3 lies over register CTRL" },
		{ 1, 0, 0, 3, 0xe00, "pending bits at 0xe00 of BAR3 lies over register CTRL" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(rb_mock_add(rig.ctx, "wrong", build_at, &places[i], NULL),
				 -EINVAL);
		if (!strstr(rb_last_error(), places[i].why))
			fail_msg("'%s' does not say '%s'", rb_last_error(), places[i].why);
	}
}

static void a_table_may_fill_its_bar(void **state)
{
	struct place place = { 256, 0, 0, 3, 0, "" };
	struct rb_mock_dev *d;

	(void)state;
	assert_int_equal(rb_mock_add(rig.ctx, "large", build_at, &place, &d), 0);
	enable(&rig, rb_mock_addr(d));

	assert_int_equal(rb_mock_msix(d, 255), 0);
	assert_int_equal(cfg_read(&rig, rb_mock_addr(d), 0x42, 2), 255);
}

static void no_memory_for_a_table_refuses_the_device(void **state)
{
	struct place place = { 3, 0, 0, 3, 0, "" };
	unsigned long n;
	int rc = -ENOMEM;

	(void)state;
	for (n = 1; rc != 0; n++) {
		rbi_alloc_fail_at(n);
		rc = rb_mock_add(rig.ctx, "large", build_at, &place, NULL);
		if (rc != 0)
			assert_int_equal(rc, -ENOMEM);
		assert_true(n < 40);
	}
	rbi_alloc_fail_at(0);
	assert_true(n > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_capability_tells_size_and_places, start, stop),
		cmocka_unit_test_setup_teardown(the_table_reads_back_as_written_in_front_of_the_bar,
						start, stop),
		cmocka_unit_test_setup_teardown(an_unmasked_vector_is_delivered_to_its_interrupt,
						start, stop),
		cmocka_unit_test_setup_teardown(a_masked_vector_is_pending_until_it_is_unmasked,
						start, stop),
		cmocka_unit_test_setup_teardown(the_function_mask_holds_all_vectors_back, start,
						stop),
		cmocka_unit_test_setup_teardown(without_bus_mastering_no_message_is_sent, start,
						stop),
		cmocka_unit_test_setup_teardown(messages_that_lead_nowhere_are_violations, start,
						stop),
		cmocka_unit_test_setup_teardown(the_table_takes_dwords_and_quadwords_only, start,
						stop),
		cmocka_unit_test_setup_teardown(a_live_entry_must_be_masked_before_it_changes,
						start, stop),
		cmocka_unit_test_setup_teardown(vectors_that_are_not_there_are_refused, start,
						stop),
		cmocka_unit_test_setup_teardown(wrong_places_are_refused_with_a_sentence, start,
						stop),
		cmocka_unit_test_setup_teardown(a_table_may_fill_its_bar, start, stop),
		cmocka_unit_test_setup_teardown(no_memory_for_a_table_refuses_the_device, start,
						stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
