/* SPDX-License-Identifier: MIT */
/* test_pci_bar.c - base address registers and the ROM: believed, sized, refused. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/mmio.h>
#include <rbdrv/pci.h>
#include <rbdrv/pci_match.h>

#include "core/core.h"
#include "fake_pcid.h"
#include "pci/pci_private.h"

#define EDU_ADDR rb_pci_addr_make(0, 0, 2, 0)
#define ROM	 0x30

struct bench {
	struct fake_pcid *p;
	struct pcid_function *fn;
	struct rb_pci_dev *dev;
	unsigned int warnings;
};

static int lay_out(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	b.p = pcid_open();
	b.fn = pcid_add(b.p, "0000--00--02.0", 0x10, 0x11e81234, 0x00ff0010);
	b.fn->bars[0] = (struct pcid_bar){ 1, 0xfea00000, 0x100000 };
	*state = &b;
	return 0;
}

static int put_away(void **state)
{
	struct bench *b = *state;

	rb_pci_unref(b->dev);
	pcid_close(b->p);
	return 0;
}

static void claim(struct bench *b)
{
	rb_pci_unref(b->dev);
	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &b->dev), 0);
}

/* A BAR register that holds @val and keeps the bits of @kept. */
static void put_register(struct bench *b, unsigned int off, uint32_t val, uint32_t kept)
{
	pcid_set(b->fn, off, val);
	pcid_bits(b->fn, off, ~kept, 0);
}

/* --- what the server says ------------------------------------------------------------ */

static void bars_are_what_the_server_says(void **state)
{
	struct bench *b = *state;

	b->fn->bars[1] = (struct pcid_bar){ 2, UINT64_C(0x8c0000000), 0x40000000 };
	b->fn->bars[3] = (struct pcid_bar){ 3, 0xc000, 0 };
	b->fn->bars[5] = (struct pcid_bar){ 1, 0, 0x1000 }; /* given no place */
	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, 0), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_phys(b->dev, 0).value, 0xfea00000);
	assert_int_equal(rb_pci_bar_size(b->dev, 0), 0x100000);
	assert_int_equal(rb_pci_bar_kind(b->dev, 1), RB_PCI_BAR_MEM64);
	assert_true(rb_pci_bar_phys(b->dev, 1).value == UINT64_C(0x8c0000000));
	assert_int_equal(rb_pci_bar_kind(b->dev, 2), RB_PCI_BAR_NONE);
	assert_int_equal(rb_pci_bar_kind(b->dev, 3), RB_PCI_BAR_IO);
	assert_int_equal(rb_pci_bar_port(b->dev, 3), 0xc000);
	assert_int_equal(rb_pci_bar_phys(b->dev, 3).value, 0); /* each kind in its own space */
	assert_int_equal(rb_pci_bar_port(b->dev, 0), 0);
	assert_int_equal(rb_pci_bar_size(b->dev, 3), 0); /* its register keeps no bit */
	assert_int_equal(rb_pci_bar_kind(b->dev, 5), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_kind(b->dev, RB_PCI_BAR_ROM), RB_PCI_BAR_NONE);
	assert_int_equal(rb_pci_bar_size(b->dev, 0x80000000), 0);
	assert_int_equal(rb_pci_bar_flags(b->dev, 0), 0);
	assert_int_equal(rb_pci_bar_flags(b->dev, 7), 0);
	assert_null(rb_pci_bar_flaw(b->dev, 0));
	assert_null(rb_pci_bar_flaw(b->dev, 7));
	assert_null(rb_pci_bar_flaw(NULL, 0));
}

static void memory_says_in_its_register_that_it_may_be_prefetched(void **state)
{
	struct bench *b = *state;

	b->fn->bars[1] = (struct pcid_bar){ 2, UINT64_C(0x8c0000000), 0x40000000 };
	pcid_set(b->fn, 0x10, 0xfea00000);
	pcid_set(b->fn, 0x14, 0xc000000c);
	claim(b);

	assert_int_equal(rb_pci_bar_flags(b->dev, 0), 0);
	assert_int_equal(rb_pci_bar_flags(b->dev, 1), RB_PCI_BAR_PREFETCHABLE);
}

/* --- what it does not say ------------------------------------------------------------- */

static void ports_are_sized_by_their_register_which_gets_its_value_back(void **state)
{
	struct bench *b = *state;

	b->fn->bars[3] = (struct pcid_bar){ 3, 0xc040, 0 };
	put_register(b, 0x1c, 0xc041, 0xffffffe0);
	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, 3), RB_PCI_BAR_IO);
	assert_int_equal(rb_pci_bar_size(b->dev, 3), 32);
	assert_int_equal(rb_pci_bar_flags(b->dev, 3), 0);
	assert_int_equal(pcid_get(b->fn, 0x1c), 0xc041);
	assert_int_equal(pcid_get(b->fn, 4) & 7, 7);
}

static void ports_that_decode_16_bits_only_are_sized_all_the_same(void **state)
{
	struct bench *b = *state;

	b->fn->bars[0] = (struct pcid_bar){ 3, 0x1f0, 0 };
	b->fn->bars[1] = (struct pcid_bar){ 3, 0, 0 };
	put_register(b, 0x10, 0x1f1, 0x0000fff8);
	put_register(b, 0x14, 0x001, 0x0000ff00);
	claim(b);

	assert_int_equal(rb_pci_bar_size(b->dev, 0), 8);
	assert_int_equal(rb_pci_bar_flags(b->dev, 0), RB_PCI_BAR_IO16);
	assert_int_equal(rb_pci_bar_size(b->dev, 1), 256);
}

static void an_expansion_rom_is_sized_where_the_server_does_not_tell(void **state)
{
	struct bench *b = *state;

	put_register(b, ROM, 0xfeb80000, 0xfffc0001);
	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, RB_PCI_BAR_ROM), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_phys(b->dev, RB_PCI_BAR_ROM).value, 0xfeb80000);
	assert_int_equal(rb_pci_bar_size(b->dev, RB_PCI_BAR_ROM), 0x40000);
	assert_int_equal(pcid_get(b->fn, ROM), 0xfeb80000);
}

static void a_server_that_tells_of_the_rom_is_believed_and_nothing_is_written(void **state)
{
	struct bench *b = *state;

	b->p->rom_field = true;
	put_register(b, ROM, 0xfeb80000, 0xfffc0001);
	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, RB_PCI_BAR_ROM), RB_PCI_BAR_NONE);
	assert_int_equal(b->fn->writes, 0);

	b->fn->rom = (struct pcid_bar){ 1, 0xfeb80000, 0x40000 };
	claim(b);
	assert_int_equal(rb_pci_bar_phys(b->dev, RB_PCI_BAR_ROM).value, 0xfeb80000);
	assert_int_equal(rb_pci_bar_size(b->dev, RB_PCI_BAR_ROM), 0x40000);
}

/* Where a write to a base address finds decoding on, and how many were made. */
static void nothing_decodes_while_a_register_holds_ones(void **state)
{
	struct bench *b = *state;

	b->fn->watch_decoding = true;
	b->fn->bars[3] = (struct pcid_bar){ 3, 0xc040, 0 };
	put_register(b, 0x1c, 0xc041, 0xffffffe0);
	put_register(b, ROM, 0xfeb80000, 0xfffc0001);

	claim(b);

	assert_int_equal(b->fn->bar_writes, 4);
	assert_int_equal(b->fn->bar_writes_decoding, 0);
}

/* No row of the table says it, and a driver adds flags after rb_pci_open(), which is too late
 * for the sizing there: so it is added here and the sizing asked for again. */
static void a_device_that_must_not_be_sized_is_not_written_to(void **state)
{
	struct bench *b = *state;

	b->fn->bars[3] = (struct pcid_bar){ 3, 0xc040, 0 };
	put_register(b, 0x1c, 0xc041, 0xffffffe0);
	claim(b);
	b->fn->writes = 0;
	assert_int_equal(rbi_pci_size_bars(b->dev, true), 0);
	assert_int_not_equal(b->fn->writes, 0);

	assert_int_equal(rb_pci_add_quirks(b->dev, RB_PCI_QUIRK_DISABLE_BAR_SIZING), 0);
	b->fn->writes = 0;

	assert_int_equal(rbi_pci_size_bars(b->dev, true), 0);
	assert_int_equal(b->fn->writes, 0);
}

static void bridges_are_not_sized(void **state)
{
	struct bench *b = *state;

	pcid_set(b->fn, 8, 0x06800000); /* a bridge of another kind, header type 0 */
	b->fn->bars[3] = (struct pcid_bar){ 3, 0xc040, 0 };
	put_register(b, 0x1c, 0xc041, 0xffffffe0);
	claim(b);
	assert_int_equal(rb_pci_bar_kind(b->dev, 3), RB_PCI_BAR_IO);
	assert_int_equal(rb_pci_bar_size(b->dev, 3), 0);
	assert_int_equal(b->fn->writes, 0);

	pcid_set(b->fn, 8, 0x00ff0000);
	pcid_set(b->fn, 0x0c, 0x00010000);
	claim(b);
	assert_int_equal(rb_pci_bar_size(b->dev, 3), 0);
}

static void registers_get_their_values_back_whatever_fails(void **state)
{
	struct bench *b = *state;
	unsigned int nth, total;
	struct rb_pci_dev *dev;
	int rc;

	b->fn->bars[3] = (struct pcid_bar){ 3, 0xc040, 0 };
	put_register(b, 0x1c, 0xc041, 0xffffffe0);
	put_register(b, ROM, 0xfeb80000, 0xfffc0001);
	pcid_fail(b->p, 0, 0);
	claim(b);
	total = b->p->calls;
	rb_pci_unref(b->dev);
	b->dev = NULL;

	for (nth = 1; nth <= total; nth++) {
		pcid_fail(b->p, nth, ENOMEM); /* at most one call fails */
		rc = rb_pci_open(b->p->ctx, EDU_ADDR, &dev);

		if (rc == 0)
			rb_pci_unref(dev);
		if (pcid_get(b->fn, 0x1c) != 0xc041 || pcid_get(b->fn, ROM) != 0xfeb80000)
			assert_true(rc < 0); /* the write that failed was the restoring one */
		pcid_set(b->fn, 0x1c, 0xc041);
		pcid_set(b->fn, ROM, 0xfeb80000);
	}
	pcid_fail(b->p, 0, 0);
}

/* --- what cannot be ------------------------------------------------------------------- */

static void count_warning(void *arg, enum rb_log_level level, const char *message)
{
	struct bench *b = arg;

	if (level == RB_LOG_WARN && strstr(message, "is not used"))
		b->warnings++;
}

static void bars_that_cannot_be_are_refused_with_a_sentence(void **state)
{
	static const struct {
		struct pcid_bar bar;
		const char *flaw;
	} bad[] = {
		{ { 1, 0xfe000000, 0 },
		  "BAR2 (0 bytes at 0xfe000000) is not used: its size is 0" },
		{ { 1, 0xfe000000, 8 },
		  "BAR2 (0x8 bytes at 0xfe000000) is not used: it is smaller than such a BAR can be" },
		{ { 1, 0xfe000000, 0x3000 },
		  "BAR2 (0x3000 bytes at 0xfe000000) is not used: its size is no power of two" },
		{ { 1, 0xfe100000, 0x400000 },
		  "BAR2 (0x400000 bytes at 0xfe100000) is not used: it is not aligned to its size" },
		{ { 1, 0x80000000, 0xffffffff },
		  "BAR2 (0xffffffff bytes at 0x80000000) is not used: its size is no power of two" },
		{ { 2, UINT64_C(1) << 52, 0x1000 },
		  "BAR2 (0x1000 bytes at 0x10000000000000) is not used: it ends past what can be "
		  "addressed" },
		{ { 2, UINT64_C(0xfffffffffffff000), 0x1000 },
		  "BAR2 (0x1000 bytes at 0xfffffffffffff000) is not used: it ends past what can be "
		  "addressed" },
		{ { 2, 0, UINT64_C(1) << 63 },
		  "BAR2 (0x8000000000000000 bytes at 0) is not used: it ends past what can be "
		  "addressed" },
		{ { 2, 0, UINT64_C(1) << 53 },
		  "BAR2 (0x20000000000000 bytes at 0) is not used: it ends past what can be "
		  "addressed" },
		{ { 2, 0, UINT64_MAX },
		  "BAR2 (0xffffffffffffffff bytes at 0) is not used: its size is no power of two" },
		{ { 2, UINT64_C(0x8c0000010), 0x1000 },
		  "BAR2 (0x1000 bytes at 0x8c0000010) is not used: it is not aligned to its size" },
	};
	struct bench *b = *state;
	struct rb_mmio *m;
	size_t i;

	rb_ctx_set_log(b->p->ctx, RB_LOG_WARN, count_warning, b);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		b->fn->bars[2] = bad[i].bar;
		b->warnings = 0;

		claim(b);

		assert_int_equal(rb_pci_bar_kind(b->dev, 2), RB_PCI_BAR_NONE);
		assert_int_equal(rb_pci_bar_phys(b->dev, 2).value, 0);
		assert_int_equal(rb_pci_bar_size(b->dev, 2), 0);
		assert_string_equal(rb_pci_bar_flaw(b->dev, 2), bad[i].flaw);
		assert_int_equal(rb_mmio_map(b->dev, 2, 0, 0, 0, &m), -ERANGE);
		assert_non_null(strstr(rb_last_error(), bad[i].flaw));
		assert_int_equal(rb_pci_bar_kind(b->dev, 0), RB_PCI_BAR_MEM32);
		assert_int_equal(b->warnings, 1);
	}
}

static void a_64_bit_bar_needs_two_slots(void **state)
{
	struct bench *b = *state;

	b->fn->bars[1] = (struct pcid_bar){ 2, UINT64_C(0x800000000), 0x1000 };
	b->fn->bars[2] = (struct pcid_bar){ 1, 0xfe000000, 0x1000 };
	b->fn->bars[5] = (struct pcid_bar){ 2, UINT64_C(0x900000000), 0x1000 };

	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, 1), RB_PCI_BAR_NONE);
	assert_int_equal(rb_pci_bar_kind(b->dev, 2), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_kind(b->dev, 5), RB_PCI_BAR_NONE);
	assert_string_equal(rb_pci_bar_flaw(b->dev, 5), "BAR5 (0x1000 bytes at 0x900000000) is not "
							"used: its upper half has no slot");
}

static void of_two_bars_that_overlap_neither_is_believed(void **state)
{
	struct bench *b = *state;

	b->fn->bars[0] = (struct pcid_bar){ 1, 0xfea00000, 0x100000 };
	b->fn->bars[1] = (struct pcid_bar){ 2, 0xfea80000, 0x1000 };
	b->fn->bars[3] = (struct pcid_bar){ 1, 0xfeb00000, 0x1000 }; /* right behind the first */
	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, 0), RB_PCI_BAR_NONE);
	assert_int_equal(rb_pci_bar_kind(b->dev, 1), RB_PCI_BAR_NONE);
	assert_int_equal(rb_pci_bar_kind(b->dev, 3), RB_PCI_BAR_MEM32);
	assert_string_equal(rb_pci_bar_flaw(b->dev, 0), "BAR0 (0x100000 bytes at 0xfea00000) is "
							"not used: it overlaps BAR1");
	assert_string_equal(rb_pci_bar_flaw(b->dev, 1), "BAR1 (0x1000 bytes at 0xfea80000) is not "
							"used: it overlaps BAR0");
}

static void bars_without_a_place_and_ports_beside_memory_do_not_overlap(void **state)
{
	struct bench *b = *state;

	b->fn->bars[0] = (struct pcid_bar){ 1, 0, 0x100000 };
	b->fn->bars[1] = (struct pcid_bar){ 1, 0, 0x1000 };
	b->fn->bars[2] = (struct pcid_bar){ 1, 0xc000, 0x1000 };
	b->fn->bars[3] = (struct pcid_bar){ 3, 0xc040, 0 };
	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, 0), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_kind(b->dev, 1), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_kind(b->dev, 2), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_kind(b->dev, 3), RB_PCI_BAR_IO);
}

static void a_rom_gives_way_to_the_bar_it_overlaps(void **state)
{
	struct bench *b = *state;

	b->p->rom_field = true;
	b->fn->rom = (struct pcid_bar){ 1, 0xfea40000, 0x40000 };
	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, 0), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_kind(b->dev, RB_PCI_BAR_ROM), RB_PCI_BAR_NONE);
	assert_string_equal(rb_pci_bar_flaw(b->dev, RB_PCI_BAR_ROM),
			    "the ROM (0x40000 bytes at 0xfea40000) is not used: it overlaps BAR0");

	b->fn->rom = (struct pcid_bar){ 1, 0xfeb40000, 1024 };
	claim(b);
	assert_int_equal(rb_pci_bar_kind(b->dev, RB_PCI_BAR_ROM), RB_PCI_BAR_NONE);
	assert_non_null(strstr(rb_pci_bar_flaw(b->dev, RB_PCI_BAR_ROM), "smaller"));
}

static void ports_that_are_not_aligned_are_refused(void **state)
{
	struct bench *b = *state;

	b->fn->bars[3] = (struct pcid_bar){ 3, 0xfff0, 0 };
	put_register(b, 0x1c, 0xffe1, 0xffffffe0);
	claim(b);

	assert_int_equal(rb_pci_bar_kind(b->dev, 3), RB_PCI_BAR_NONE);
	assert_non_null(strstr(rb_pci_bar_flaw(b->dev, 3), "not aligned"));
}

int main(void)
{
#define laid_out(f) cmocka_unit_test_setup_teardown(f, lay_out, put_away)
	const struct CMUnitTest tests[] = {
		laid_out(bars_are_what_the_server_says),
		laid_out(memory_says_in_its_register_that_it_may_be_prefetched),
		laid_out(ports_are_sized_by_their_register_which_gets_its_value_back),
		laid_out(ports_that_decode_16_bits_only_are_sized_all_the_same),
		laid_out(an_expansion_rom_is_sized_where_the_server_does_not_tell),
		laid_out(a_server_that_tells_of_the_rom_is_believed_and_nothing_is_written),
		laid_out(nothing_decodes_while_a_register_holds_ones),
		laid_out(a_device_that_must_not_be_sized_is_not_written_to),
		laid_out(bridges_are_not_sized),
		laid_out(registers_get_their_values_back_whatever_fails),
		laid_out(bars_that_cannot_be_are_refused_with_a_sentence),
		laid_out(a_64_bit_bar_needs_two_slots),
		laid_out(of_two_bars_that_overlap_neither_is_believed),
		laid_out(bars_without_a_place_and_ports_beside_memory_do_not_overlap),
		laid_out(a_rom_gives_way_to_the_bar_it_overlaps),
		laid_out(ports_that_are_not_aligned_are_refused),
	};

	return cmocka_run_group_tests_name("pci bars", tests, NULL, NULL);
}
