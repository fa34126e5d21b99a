/* SPDX-License-Identifier: MIT */
/* Machine qemu: tables of MSI-X messages, whose addresses are exchanged on their way. */
#include "config.h"

#include <string.h>

#include "host/qemu/qemu.h"
#include "rig.h"

#define NEEDS_QEMU()                 \
	do {                         \
		(void)state;         \
		if (!rig_has_qemu()) \
			skip();      \
	} while (0)

#define E1000E "qemu:e1000e"
#define NVME   "qemu:nvme,drive=d0,serial=x;drive.d0=1"

#define APIC	 UINT64_C(0xfee00000)
#define VECTOR	 0x40u /* an IDT vector that the machine has */
#define CAP_MSIX 0x11

/* A function with its table. */
struct table {
	struct rb_pci_addr fn;
	unsigned int cap, entries;
	uint64_t at; /* where the table is in memory */
	uint64_t regs; /* BAR0 */
};

/* --- steps ------------------------------------------------------------------------------- */

static uint64_t bar_addr(struct rig *rig, struct rb_pci_addr fn, unsigned int bar)
{
	uint32_t low = rig_cfg(rig, fn, CFG_BAR0 + 4 * bar, 4);
	uint64_t high = (low & 6) == 4 ? rig_cfg(rig, fn, CFG_BAR0 + 4 * bar + 4, 4) : 0;

	return high << 32 | (low & ~15u);
}

static unsigned int find_msix(struct rig *rig, struct rb_pci_addr fn)
{
	unsigned int at = rig_cfg(rig, fn, 0x34, 1) & 0xfc;

	while (at != 0 && rig_cfg(rig, fn, at, 1) != CAP_MSIX)
		at = rig_cfg(rig, fn, at + 1, 1) & 0xfc;
	assert_int_not_equal(at, 0);
	return at;
}

static void look_at(struct rig *rig, struct rb_pci_addr fn, struct table *t)
{
	uint32_t where;

	t->fn = fn;
	t->cap = find_msix(rig, fn);
	t->entries = (rig_cfg(rig, fn, t->cap + 2, 2) & 0x7ff) + 1;
	where = rig_cfg(rig, fn, t->cap + 4, 4);
	t->at = bar_addr(rig, fn, where & 7) + (where & ~7u);
	t->regs = bar_addr(rig, fn, 0);
	rig_cfg_set(rig, fn, CFG_COMMAND, 2, 6);
}

static struct rb_pci_addr find(struct rig *rig, uint32_t id)
{
	struct rb_pci_addr fns[64];
	int i, n = rig->m->ops->functions(rig->m, fns, 64);

	for (i = 0; i < n && i < 64; i++)
		if (rig_cfg(rig, fns[i], 0, 4) == id)
			return fns[i];
	fail_msg("no function %08x", id);
	return fns[0];
}

static void start(struct rig *rig, const char *machine, uint32_t id, struct table *t)
{
	rig_start(rig, machine);
	look_at(rig, find(rig, id), t);
}

#define E1000E_ID 0x10d38086u
#define NVME_ID	  0x00101b36u

static void put(struct rig *rig, uint64_t addr, unsigned int width, uint64_t val)
{
	assert_int_equal(rig->m->ops->mem_write(rig->m, addr, width, val), 0);
}

static uint64_t get(struct rig *rig, uint64_t addr, unsigned int width)
{
	uint64_t val;

	assert_int_equal(rig->m->ops->mem_read(rig->m, addr, width, &val), 0);
	return val;
}

/* Some other message in every entry: other CPUs, other data, some masked. */
static uint64_t address_of(unsigned int entry)
{
	return APIC | (uint64_t)(entry % 16) << 12 | (entry % 2) << 3;
}

static void write_table(struct rig *rig, const struct table *t)
{
	unsigned int i;

	for (i = 0; i < t->entries; i++) {
		put(rig, t->at + 16 * i, 4, address_of(i));
		put(rig, t->at + 16 * i + 4, 4, 0);
		put(rig, t->at + 16 * i + 8, 4, VECTOR + i % 8);
		put(rig, t->at + 16 * i + 12, 4, 1);
	}
}

static void expect_table(struct rig *rig, const struct table *t)
{
	unsigned int i;

	for (i = 0; i < t->entries; i++) {
		assert_int_equal(get(rig, t->at + 16 * i, 4), address_of(i));
		assert_int_equal(get(rig, t->at + 16 * i, 8), address_of(i));
		assert_int_equal(get(rig, t->at + 16 * i + 4, 4), 0);
		assert_int_equal(get(rig, t->at + 16 * i + 8, 4), VECTOR + i % 8);
		assert_int_equal(get(rig, t->at + 16 * i + 8, 8),
				 UINT64_C(1) << 32 | (VECTOR + i % 8));
		assert_int_equal(get(rig, t->at + 16 * i + 12, 4), 1);
	}
}

static void expect_cleared(struct rig *rig, const struct table *t)
{
	unsigned int i;

	for (i = 0; i < t->entries; i++) {
		assert_int_equal(get(rig, t->at + 16 * i, 8), 0);
		assert_int_equal(get(rig, t->at + 16 * i + 8, 8), UINT64_C(1) << 32);
	}
}

/* e1000e: let its cause "other" raise the entry 0, and raise it (qemu-notes 4). */
static void fire(struct rig *rig, const struct table *t)
{
	put(rig, t->at + 12, 4, 0);
	rig_cfg_set(rig, t->fn, t->cap + 2, 2, 0x8000);
	put(rig, t->regs + 0xd8, 4, ~0u);
	put(rig, t->regs + 0x18, 4, 1u << 31 | 1u << 27 | 1u << 22);
	put(rig, t->regs + 0xe4, 4, 8u << 16);
	put(rig, t->regs + 0xdc, 4, 1u << 24);
	put(rig, t->regs + 0xd0, 4, 1u << 24);
	put(rig, t->regs + 0xc8, 4, 1u << 24);
}

static void expect_fired(struct rig *rig, unsigned int vector)
{
	unsigned int n = vector - RBI_IRQ_VECTOR_BASE;

	assert_int_equal(rig_await(rig, n, 5000), 1);
	assert_int_equal(rig_take(rig, n), 1);
}

/* --- cases ------------------------------------------------------------------------------- */

static void every_entry_reads_back_as_it_was_written(void **state)
{
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	start(&rig, E1000E, E1000E_ID, &t);
	assert_int_equal(t.entries, 5);

	write_table(&rig, &t);

	expect_table(&rig, &t);
	rig_stop(&rig);
}

static void sixty_five_entries_in_a_64_bit_bar_do_so_too(void **state)
{
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	start(&rig, NVME, NVME_ID, &t);
	assert_int_equal(t.entries, 65);

	write_table(&rig, &t);

	expect_table(&rig, &t);
	rig_stop(&rig);
}

static void an_address_written_with_eight_bytes_is_exchanged_too(void **state)
{
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	start(&rig, E1000E, E1000E_ID, &t);

	put(&rig, t.at, 8, APIC | 0x3000);
	put(&rig, t.at + 8, 8, UINT64_C(1) << 32 | VECTOR);

	assert_int_equal(get(&rig, t.at, 8), APIC | 0x3000);
	assert_int_equal(get(&rig, t.at, 4), APIC | 0x3000);
	assert_int_equal(get(&rig, t.at + 8, 8), UINT64_C(1) << 32 | VECTOR);
	fire(&rig, &t);
	expect_fired(&rig, VECTOR);
	rig_stop(&rig);
}

static void the_halves_of_an_address_may_come_in_either_order(void **state)
{
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	start(&rig, E1000E, E1000E_ID, &t);
	put(&rig, t.at + 8, 4, VECTOR);
	put(&rig, t.at, 8, UINT64_C(7) << 32 | APIC);
	assert_int_equal(get(&rig, t.at, 8), UINT64_C(7) << 32 | APIC);

	put(&rig, t.at + 4, 4, 0);

	assert_int_equal(get(&rig, t.at, 8), APIC);
	fire(&rig, &t);
	expect_fired(&rig, VECTOR);
	rig_stop(&rig);
}

static void what_is_no_apic_is_left_alone(void **state)
{
	struct rbi_qemu *q;
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	start(&rig, E1000E, E1000E_ID, &t);
	q = rbi_qemu_of(rig.m);
	put(&rig, t.at, 8, APIC);

	put(&rig, t.at, 4, 0x200000);
	assert_int_equal(get(&rig, t.at, 4), 0x200000);
	put(&rig, t.at, 4, q->pci.doorbell);
	assert_int_equal(get(&rig, t.at, 4), q->pci.doorbell);

	/* a word of the message that is no address */
	put(&rig, t.at + 8, 4, APIC);
	assert_int_equal(get(&rig, t.at + 8, 4), APIC);
	put(&rig, t.at + 8, 4, q->pci.doorbell);
	assert_int_equal(get(&rig, t.at + 8, 4), q->pci.doorbell);
	rig_stop(&rig);
}

static void put_back(struct rig *rig, const struct table *t, const uint32_t *bars)
{
	unsigned int i;

	for (i = 0; i < 6; i++)
		rig_cfg_set(rig, t->fn, CFG_BAR0 + 4 * i, 4, bars[i]);
	rig_cfg_set(rig, t->fn, CFG_COMMAND, 2, 6);
}

static void save(struct rig *rig, const struct table *t, uint32_t *bars)
{
	unsigned int i;

	for (i = 0; i < 6; i++)
		bars[i] = rig_cfg(rig, t->fn, CFG_BAR0 + 4 * i, 4);
}

static void a_function_level_reset_clears_the_table(void **state)
{
	uint32_t bars[6], devcap;
	unsigned int express;
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	start(&rig, NVME, NVME_ID, &t);
	express = rbi_qemu_find_fn(rbi_qemu_of(rig.m), t.fn)->express;
	devcap = rig_cfg(&rig, t.fn, express + 4, 4);
	assert_true(devcap & 1u << 28);
	write_table(&rig, &t);
	save(&rig, &t, bars);

	rig_cfg_set(&rig, t.fn, express + 8, 2, 0x8000);
	put_back(&rig, &t, bars);

	expect_cleared(&rig, &t);
	write_table(&rig, &t);
	expect_table(&rig, &t);
	rig_stop(&rig);
}

static void so_does_a_reset_of_the_bus_above(void **state)
{
	uint32_t bars[6];
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	start(&rig, E1000E, E1000E_ID, &t);
	write_table(&rig, &t);
	save(&rig, &t, bars);

	assert_int_equal(rig.m->ops->reset(rig.m, t.fn), 0);
	put_back(&rig, &t, bars);

	expect_cleared(&rig, &t);
	write_table(&rig, &t);
	expect_table(&rig, &t);
	fire(&rig, &t);
	expect_fired(&rig, VECTOR);
	rig_stop(&rig);
}

static void a_table_is_found_where_its_bar_was_moved(void **state)
{
	struct table t;
	struct rig rig;
	uint32_t bar;
	uint64_t old;

	NEEDS_QEMU();
	start(&rig, E1000E, E1000E_ID, &t);
	write_table(&rig, &t);
	bar = rig_cfg(&rig, t.fn, CFG_BAR0 + 12, 4);
	old = t.at;

	rig_cfg_set(&rig, t.fn, CFG_BAR0 + 12, 4, bar + 0x40000); /* within its bridge's window */
	t.at += 0x40000;

	expect_table(&rig, &t);
	put(&rig, t.at, 4, APIC | 0x5000);
	assert_int_equal(get(&rig, t.at, 4), APIC | 0x5000);
	assert_int_equal(get(&rig, old, 4), 0xffffffff);
	fire(&rig, &t);
	expect_fired(&rig, VECTOR);
	rig_stop(&rig);
}

static void tables_do_not_see_each_other(void **state)
{
	struct rb_pci_addr fns[64];
	struct table t[2];
	struct rig rig;
	int i, n, k = 0;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:e1000e;e1000e");
	n = rig.m->ops->functions(rig.m, fns, 64);
	for (i = 0; i < n && k < 2; i++)
		if (rig_cfg(&rig, fns[i], 0, 4) == E1000E_ID)
			look_at(&rig, fns[i], &t[k++]);
	assert_int_equal(k, 2);

	put(&rig, t[0].at, 4, APIC | 0x1000);
	put(&rig, t[1].at, 4, APIC | 0x2000);
	put(&rig, t[0].at + 16, 4, APIC | 0x3000);

	assert_int_equal(get(&rig, t[0].at, 4), APIC | 0x1000);
	assert_int_equal(get(&rig, t[1].at, 4), APIC | 0x2000);
	assert_int_equal(get(&rig, t[0].at + 16, 4), APIC | 0x3000);
	rig_stop(&rig);
}

#ifdef RBDRV_WITH_JANSSON

static void plug(struct rig *rig, const char *device, struct table *t)
{
	struct rb_pci_addr fn;
	struct rbi_spec *spec;
	int rc;

	assert_int_equal(rbi_spec_parse_device(device, &spec), 0);
	rc = rig->m->ops->plug(rig->m, &spec->devices[0], &fn);
	rbi_spec_free(spec);
	if (rc < 0)
		fail_msg("%d, %s", rc, rb_last_error());
	look_at(rig, fn, t);
}

static void a_device_that_comes_late_has_a_table_too(void **state)
{
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");
	plug(&rig, "e1000e", &t);

	write_table(&rig, &t);

	expect_table(&rig, &t);
	fire(&rig, &t);
	expect_fired(&rig, VECTOR);
	rig_stop(&rig);
}

static void nothing_is_left_of_a_device_that_was_pulled_out(void **state)
{
	struct rbi_qemu *q;
	struct table t;
	struct rig rig;
	size_t nmsgs;
	int i;

	NEEDS_QEMU();
	start(&rig, E1000E, E1000E_ID, &t);
	q = rbi_qemu_of(rig.m);
	nmsgs = q->irq.nmsgs;

	for (i = 0; i < 3; i++) {
		write_table(&rig, &t);
		assert_int_equal(rig.m->ops->unplug(rig.m, t.fn), 0);
		assert_null(rbi_qemu_find_fn(q, t.fn)->msix.written);
		plug(&rig, "e1000e", &t);
		expect_cleared(&rig, &t);
	}

	assert_int_equal(q->irq.nmsgs, nmsgs);
	write_table(&rig, &t);
	expect_table(&rig, &t);
	rig_stop(&rig);
}

static void a_drive_is_for_late_devices_too(void **state)
{
	struct rb_pci_addr fn;
	struct rbi_spec *spec;
	struct table t;
	struct rig rig;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu;drive.d0=2");

	plug(&rig, "nvme,drive=d0,serial=x", &t);

	assert_int_equal(t.entries, 65);
	assert_int_equal(rbi_spec_parse_device("nvme,drive=d1,serial=x", &spec), 0);
	assert_int_equal(rig.m->ops->plug(rig.m, &spec->devices[0], &fn), -EINVAL);
	rbi_spec_free(spec);
	rig_stop(&rig);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_reads_back_as_it_was_written),
		cmocka_unit_test(sixty_five_entries_in_a_64_bit_bar_do_so_too),
		cmocka_unit_test(an_address_written_with_eight_bytes_is_exchanged_too),
		cmocka_unit_test(the_halves_of_an_address_may_come_in_either_order),
		cmocka_unit_test(what_is_no_apic_is_left_alone),
		cmocka_unit_test(a_function_level_reset_clears_the_table),
		cmocka_unit_test(so_does_a_reset_of_the_bus_above),
		cmocka_unit_test(a_table_is_found_where_its_bar_was_moved),
		cmocka_unit_test(tables_do_not_see_each_other),
#ifdef RBDRV_WITH_JANSSON
		cmocka_unit_test(a_device_that_comes_late_has_a_table_too),
		cmocka_unit_test(nothing_is_left_of_a_device_that_was_pulled_out),
		cmocka_unit_test(a_drive_is_for_late_devices_too),
#endif
	};

	return cmocka_run_group_tests_name("message tables of machine qemu", tests, NULL, NULL);
}
