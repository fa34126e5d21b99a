/* SPDX-License-Identifier: MIT */
/* test_pci_control.c - decoding, the pin, power states and resets, to the dword. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/mmio.h>
#include <rbdrv/pci_control.h>
#include <rbdrv/pci_match.h>

#include "core/core.h"
#include "fake_pcid.h"

#define ADDR	rb_pci_addr_make(0, 1, 2, 0) /* off the root bus: extended space shows */
#define ROM	0x30
#define PM	0x40
#define PMCSR	0x44
#define EXPRESS 0x50
#define DEVCTL	0x58
#define AF	0x90
#define MSI	0xa0

#define MS INT64_C(1000000)

struct bench {
	struct fake_pcid *p;
	struct pcid_function *fn;
	struct rb_pci_dev *dev;
};

static int lay_out(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	b.p = pcid_open();
	b.fn = pcid_add(b.p, "0000--01--02.0", 0x110, 0x11e81234, 0x00ff0010);
	pcid_set(b.fn, 0x10, 0xfea00000);
	b.fn->bars[0] = (struct pcid_bar){ 1, 0xfea00000, 0x100000 };
	memset(b.fn->fixed + 0x10, 0, 4);
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
	assert_int_equal(rb_pci_open(b->p->ctx, ADDR, &b->dev), 0);
	b->fn->writes = 0;
}

static void add_pm(struct bench *b, uint32_t states, uint32_t pmcsr)
{
	pcid_cap(b->fn, PM, 0x01, EXPRESS);
	pcid_bits(b->fn, PM, UINT32_MAX, 0);
	pcid_set(b->fn, PM, pcid_get(b->fn, PM) | states);
	pcid_bits(b->fn, PMCSR, 0xffff00fc, 0x8000);
	pcid_set(b->fn, PMCSR, pmcsr);
}

static void add_flr(struct bench *b)
{
	pcid_cap(b->fn, EXPRESS, 0x10, MSI);
	pcid_set(b->fn, EXPRESS, pcid_get(b->fn, EXPRESS) | 2u << 16);
	pcid_set(b->fn, EXPRESS + 4, 1u << 28);
	pcid_bits(b->fn, DEVCTL, 0x00208000, 0x000f0000);
	pcid_set(b->fn, DEVCTL, 0x000f2810);
	pcid_cap(b->fn, MSI, 0x05, 0);
	pcid_set(b->fn, MSI, pcid_get(b->fn, MSI) | 0x01800000); /* 64 bits, masking */
	b->fn->has_msi = true;
}

/* --- decoding -------------------------------------------------------------------------- */

static void decoding_is_chosen_bit_by_bit(void **state)
{
	struct bench *b = *state;

	claim(b);
	pcid_set(b->fn, 4, pcid_get(b->fn, 4) | 0xf9000000);
	b->fn->cleared[1] = 0;

	assert_int_equal(rb_pci_set_decode(b->dev, RB_PCI_DECODE_MEM), 0);
	assert_int_equal(pcid_get(b->fn, 4) & 0xffff, 6);
	assert_int_equal(rb_pci_set_decode(b->dev, RB_PCI_DECODE_IO), 0);
	assert_int_equal(pcid_get(b->fn, 4) & 0xffff, 5);
	assert_int_equal(rb_pci_set_decode(b->dev, 0), 0);
	assert_int_equal(pcid_get(b->fn, 4) & 0xffff, 4);
	assert_int_equal(b->fn->cleared[1], 0);
	assert_int_equal(b->fn->writes, 3); /* there is no ROM to write to */
}

static void decode_bits_that_make_no_sense_are_refused(void **state)
{
	struct bench *b = *state;

	claim(b);

	assert_int_equal(rb_pci_set_decode(NULL, 0), -EINVAL);
	assert_int_equal(rb_pci_set_decode(b->dev, 8), -EINVAL);
	assert_int_equal(rb_pci_set_decode(b->dev, RB_PCI_DECODE_ROM), -EINVAL);
	assert_int_equal(rb_pci_set_decode(b->dev, RB_PCI_DECODE_ROM | RB_PCI_DECODE_IO), -EINVAL);
	assert_int_equal(rb_pci_set_decode(b->dev, RB_PCI_DECODE_ROM | RB_PCI_DECODE_MEM),
			 -ENOENT);
	assert_int_equal(b->fn->writes, 0);
}

static void a_rom_is_switched_on_behind_memory_and_off_before_it(void **state)
{
	struct bench *b = *state;
	struct rb_mmio *m;

	pcid_set(b->fn, ROM, 0xfeb80000);
	pcid_bits(b->fn, ROM, 0x0003fffe, 0);
	claim(b);
	assert_int_equal(rb_mmio_map(b->dev, RB_PCI_BAR_ROM, 0, 0, 0, &m), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "expansion ROM is off"));

	assert_int_equal(rb_pci_set_decode(b->dev, RB_PCI_DECODE_ROM | RB_PCI_DECODE_MEM), 0);
	assert_int_equal(pcid_get(b->fn, ROM), 0xfeb80001);
	assert_int_equal(pcid_get(b->fn, 4) & 3, 2);

	assert_int_equal(rb_pci_set_decode(b->dev, RB_PCI_DECODE_MEM), 0);
	assert_int_equal(pcid_get(b->fn, ROM), 0xfeb80000);
}

static void the_pin_is_forbidden_and_allowed(void **state)
{
	struct bench *b = *state;

	claim(b);

	assert_int_equal(rb_pci_set_intx(b->dev, false), 0);
	assert_int_equal(pcid_get(b->fn, 4) & 0x400, 0x400);
	assert_int_equal(rb_pci_set_intx(b->dev, true), 0);
	assert_int_equal(pcid_get(b->fn, 4) & 0x400, 0);
	assert_int_equal(rb_pci_set_intx(NULL, true), -EINVAL);
}

/* --- power ----------------------------------------------------------------------------- */

static void without_the_capability_a_function_is_awake_and_stays_so(void **state)
{
	struct bench *b = *state;

	claim(b);

	assert_int_equal(rb_pci_power(b->dev), RB_PCI_D0);
	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D0), 0);
	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D3HOT), -ENOTSUP);
	assert_int_equal(rb_pci_set_power(b->dev, (enum rb_pci_power_state)4), -EINVAL);
	assert_int_equal(rb_pci_power(NULL), -EINVAL);
	assert_int_equal(rb_pci_set_power(NULL, RB_PCI_D0), -EINVAL);
	assert_int_equal(b->fn->writes, 0);
}

static void a_quirk_makes_the_capability_count_for_nothing(void **state)
{
	struct bench *b = *state;

	add_pm(b, 0, 3);
	claim(b);
	assert_int_equal(rb_pci_power(b->dev), RB_PCI_D3HOT);

	assert_int_equal(rb_pci_add_quirks(b->dev, RB_PCI_QUIRK_NO_PM), 0);

	assert_int_equal(rb_pci_power(b->dev), RB_PCI_D0);
	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D3HOT), -ENOTSUP);
}

static void each_change_waits_as_long_as_it_takes(void **state)
{
	static const struct {
		enum rb_pci_power_state to;
		int64_t us;
	} steps[] = {
		{ RB_PCI_D1, 0 },      { RB_PCI_D2, 200 },     { RB_PCI_D0, 200 },
		{ RB_PCI_D3HOT, 10000 }, { RB_PCI_D3HOT, 0 },  { RB_PCI_D0, 10000 },
	};
	struct bench *b = *state;
	int64_t before;
	size_t i;

	add_pm(b, 0x06000000, 0x8108); /* D1 and D2, No_Soft_Reset, PME pending and enabled */
	claim(b);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		before = b->p->now;

		assert_int_equal(rb_pci_set_power(b->dev, steps[i].to), 0);

		assert_int_equal(rb_pci_power(b->dev), steps[i].to);
		assert_int_equal(b->p->now - before, steps[i].us * 1000);
	}
	assert_int_equal(pcid_get(b->fn, PMCSR), 0x8108);
}

static void states_that_cannot_be_reached_are_refused(void **state)
{
	struct bench *b = *state;

	add_pm(b, 0x04000000, 0x8); /* D2 alone */
	claim(b);

	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D1), -ENOTSUP);
	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D3HOT), 0);
	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D2), -EINVAL);
}

static void a_function_that_does_not_follow_is_reported(void **state)
{
	struct bench *b = *state;

	add_pm(b, 0, 0x8);
	pcid_bits(b->fn, PMCSR, UINT32_MAX, 0);
	claim(b);

	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D3HOT), -EIO);
	assert_non_null(strstr(rb_last_error(), "stays in power state D0"));
}

/* What waking up without No_Soft_Reset does. */
static void lose_all(struct fake_pcid *p, struct pcid_function *fn, unsigned int off,
		     uint32_t dword)
{
	static bool asleep;

	if (off != PMCSR || asleep == ((dword & 3) != 0))
		return;
	asleep = !asleep;
	if (asleep)
		return;
	pcid_set(fn, 4, pcid_get(fn, 4) & 0xffff0000);
	pcid_set(fn, 0x10, 0);
	fn->silent_until = p->now + 9 * MS;
}

static void waking_up_restores_what_was_lost(void **state)
{
	struct bench *b = *state;

	add_pm(b, 0, 0);
	b->fn->on_write = lose_all;
	claim(b);
	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D3HOT), 0);

	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D0), 0);

	assert_int_equal(pcid_get(b->fn, 4) & 0xffff, 7);
	assert_int_equal(pcid_get(b->fn, 0x10), 0xfea00000);
	assert_int_equal(b->fn->too_soon, 0);
}

/* --- reset ----------------------------------------------------------------------------- */

static int64_t busy_ms, retry_ms;

/* Function-level reset by either capability. */
static void reset_by(struct fake_pcid *p, struct pcid_function *fn, unsigned int off,
		     uint32_t dword)
{
	if (!(off == DEVCTL && (dword & 0x8000)) && !(off == AF + 4 && (dword & 1)))
		return;
	fn->silent_until = p->now + busy_ms * MS;
	fn->retry_until = p->now + retry_ms * MS;
	pcid_set(fn, 4, pcid_get(fn, 4) & 0xffff0000);
	pcid_set(fn, 0x10, 0);
	if (fn->config[EXPRESS] == 0x10)
		pcid_set(fn, DEVCTL, pcid_get(fn, DEVCTL) & 0xffff0000);
	pcid_set(fn, MSI, pcid_get(fn, MSI) & ~UINT32_C(0x10000));
	pcid_set(fn, MSI + 4, 0);
	pcid_set(fn, MSI + 12, 0);
	pcid_set(fn, MSI + 16, 0);
}

static void arm(struct bench *b, int64_t busy, int64_t retry)
{
	busy_ms = busy;
	retry_ms = retry;
	b->fn->on_write = reset_by;
	claim(b);
}

static void a_function_without_a_reset_says_so_untouched(void **state)
{
	struct bench *b = *state;

	add_pm(b, 0, 0);
	pcid_cap(b->fn, EXPRESS, 0x10, AF);
	pcid_cap(b->fn, AF, 0x13, 0);
	pcid_set(b->fn, AF, pcid_get(b->fn, AF) | 0x01060000); /* no FLR */
	claim(b);

	assert_int_equal(rb_pci_reset(b->dev), -ENOTSUP);
	assert_int_equal(rb_pci_reset(NULL), -EINVAL);
	assert_int_equal(b->fn->writes, 0);
}

static void a_reset_by_express_takes_100_ms_and_restores(void **state)
{
	struct bench *b = *state;

	add_flr(b);
	arm(b, 99, 0);
	b->fn->config[0x34] = EXPRESS;
	pcid_set(b->fn, MSI, pcid_get(b->fn, MSI) | 0x10000);
	pcid_set(b->fn, MSI + 4, 0xfee00000);
	pcid_set(b->fn, MSI + 12, 0x32);
	pcid_set(b->fn, MSI + 16, 0xfffffffe);

	assert_int_equal(rb_pci_reset(b->dev), 0);

	assert_int_equal(b->p->now, 100 * MS);
	assert_int_equal(b->fn->too_soon, 0);
	assert_int_equal(pcid_get(b->fn, 4) & 0xffff, 7);
	assert_int_equal(pcid_get(b->fn, 0x10), 0xfea00000);
	assert_int_equal(pcid_get(b->fn, DEVCTL), 0x000f2810);
	assert_int_equal(pcid_get(b->fn, MSI) & 0x10000, 0x10000);
	assert_int_equal(pcid_get(b->fn, MSI + 4), 0xfee00000);
	assert_int_equal(pcid_get(b->fn, MSI + 12), 0x32);
	assert_int_equal(pcid_get(b->fn, MSI + 16), 0xfffffffe);
}

/* What rb_pci_restore() wrote last, extended space too, in fixed bytes. */
static const struct {
	unsigned int off;
	uint32_t held, restored;
} extended[] = {
	{ 0x100, 0x14010001, 0 },	     /* AER, 0x140 is next */
	{ 0x104, 0x00004000, 0 },	     /* status: left alone */
	{ 0x108, 0x00400000, 0x00400000 },   /* masks */
	{ 0x10c, 0x00462031, 0x00462031 },   /* severity */
	{ 0x114, 0x0000e000, 0x0000e000 },   /* correctable masks */
	{ 0x118, 0x000001e5, 0x00000140 },   /* control: what is enabled */
	{ 0x12c, 0x00000007, 0 },	     /* no root port: somebody else's */
	{ 0x140, 0x1501000d, 0 },	     /* ACS */
	{ 0x144, 0x001d001f, 0x001d0000 },
	{ 0x150, 0x1601000f, 0 },	     /* ATS */
	{ 0x154, 0x80050060, 0x80050000 },
	{ 0x160, 0x17010018, 0 },	     /* LTR */
	{ 0x164, 0x10031003, 0x10031003 },
	{ 0x170, 0x1801001b, 0 },	     /* PASID */
	{ 0x174, 0x00031400, 0x00030000 },
	{ 0x180, 0x1901001d, 0 },	     /* DPC */
	{ 0x184, 0x00490020, 0x00090000 },   /* control, but for the trigger */
	{ 0x190, 0x1b01001e, 0 },	     /* L1 substates */
	{ 0x198, 0x6050000f, 0x6050000f },
	{ 0x19c, 0x00000089, 0x00000089 },
	{ 0x1b0, 0x1d010013, 0 },	     /* PRI */
	{ 0x1b4, 0x01010001, 0x00000001 },
	{ 0x1bc, 0x00000020, 0x00000020 },
	{ 0x1d0, 0x1f01001f, 0 },	     /* PTM */
	{ 0x1d8, 0x00000401, 0x00000401 },
	{ 0x1f0, 0x00010015, 0 },	     /* resizable BARs, two */
	{ 0x1f8, 0x00000840, 0x00000800 },
	{ 0x200, 0x00000542, 0x00000500 },
	{ 0x208, 0x00000742, 0 },	     /* and no third */
};
#define EXTENDED (sizeof(extended) / sizeof(extended[0]))

static void lay_out_extended(struct bench *b)
{
	size_t i;

	pcid_cap(b->fn, EXPRESS, 0x10, 0);
	pcid_set(b->fn, EXPRESS, pcid_get(b->fn, EXPRESS) | 2u << 16);
	for (i = 0; i < EXTENDED; i++)
		pcid_set(b->fn, extended[i].off, extended[i].held);
	claim(b);
	memset(b->fn->written, 0, sizeof(b->fn->written));
}

static void what_extended_space_controls_comes_back(void **state)
{
	struct rb_pci_saved *saved;
	struct bench *b = *state;
	size_t i;

	lay_out_extended(b);

	assert_int_equal(rb_pci_save(b->dev, &saved), 0);
	assert_int_equal(b->fn->writes, 0);
	assert_int_equal(rb_pci_restore(b->dev, saved), 0);

	for (i = 0; i < EXTENDED; i++)
		assert_int_equal(b->fn->written[extended[i].off / 4], extended[i].restored);
	rb_pci_saved_close(saved);
}

/* The order in which dwords came back. */
static unsigned int came[128], came_count;
static uint32_t first_l1pm;

static void note_order(struct fake_pcid *p, struct pcid_function *fn, unsigned int off,
		       uint32_t dword)
{
	(void)p;
	(void)fn;
	if (off == 0x198 && first_l1pm == 0)
		first_l1pm = dword;
	if (came_count < sizeof(came) / sizeof(came[0]))
		came[came_count++] = off;
}

static unsigned int place_of(unsigned int off)
{
	unsigned int i;

	for (i = 1; i < came_count; i++) /* the first switches decoding off */
		if (came[i] == off)
			return i;
	fail_msg("%#x was not written", off);
	return 0;
}

static void bar_sizes_come_before_bars_and_conditions_before_what_needs_them(void **state)
{
	struct rb_pci_saved *saved;
	struct bench *b = *state;

	lay_out_extended(b);
	came_count = 0;
	first_l1pm = 0;
	assert_int_equal(rb_pci_save(b->dev, &saved), 0);
	b->fn->on_write = note_order;

	assert_int_equal(rb_pci_restore(b->dev, saved), 0);

	assert_int_equal(came[0], 0x04);
	assert_true(place_of(0x1f8) < place_of(0x10));
	assert_true(place_of(0x200) < place_of(0x10));
	assert_true(place_of(0x164) < place_of(EXPRESS + 0x28)); /* LTR: latencies, enable */
	assert_true(place_of(0x174) < place_of(0x154));		 /* PASID, then ATS */
	assert_true(place_of(0x1bc) < place_of(0x1b4));
	assert_int_equal(first_l1pm, 0x60500000); /* substates off, while timers change */
	assert_true(place_of(0x198) < place_of(0x19c));
	assert_int_equal(came[came_count - 1], 0x04);
	rb_pci_saved_close(saved);
}

static void a_capability_at_the_end_of_extended_space_stops_no_copy(void **state)
{
	struct rb_pci_saved *saved;
	struct bench *b = *state;

	pcid_cap(b->fn, EXPRESS, 0x10, 0);
	pcid_set(b->fn, EXPRESS, pcid_get(b->fn, EXPRESS) | 2u << 16);
	pcid_set(b->fn, 0x100, 0xff010001 | 0x00c00000); /* AER; 0xffc is next */
	pcid_set(b->fn, 0xffc, 0x10010015);		 /* no room, and round it goes */
	claim(b);

	assert_int_equal(rb_pci_save(b->dev, &saved), 0);
	assert_int_equal(rb_pci_restore(b->dev, saved), 0);
	rb_pci_saved_close(saved);
}

static void a_reset_by_advanced_features_does_the_same(void **state)
{
	struct bench *b = *state;

	pcid_cap(b->fn, AF, 0x13, 0);
	pcid_set(b->fn, AF, pcid_get(b->fn, AF) | 0x03060000);
	arm(b, 99, 0);

	assert_int_equal(rb_pci_reset(b->dev), 0);

	assert_int_equal(b->fn->written[(AF + 4) / 4], 1);
	assert_int_equal(b->p->now, 100 * MS);
	assert_int_equal(pcid_get(b->fn, 0x10), 0xfea00000);
	assert_int_equal(b->fn->too_soon, 0);
}

static void a_slow_function_has_a_second_more(void **state)
{
	struct bench *b = *state;

	add_flr(b);
	arm(b, 300, 1000);
	b->fn->config[0x34] = EXPRESS;

	assert_int_equal(rb_pci_reset(b->dev), 0);

	assert_in_range(b->p->now, 1000 * MS, 1200 * MS);
	assert_int_equal(pcid_get(b->fn, 0x10), 0xfea00000);
	assert_int_equal(b->fn->too_soon, 0);
}

static void a_function_that_stays_busy_is_given_up_and_not_gone(void **state)
{
	struct bench *b = *state;

	add_flr(b);
	arm(b, 0, 5000);
	b->fn->config[0x34] = EXPRESS;

	assert_int_equal(rb_pci_reset(b->dev), -ETIMEDOUT);
	assert_non_null(strstr(rb_last_error(), "is still busy"));
	assert_false(rb_pci_is_gone(b->dev));
	b->p->now = 6000 * MS;
}

static void a_function_that_never_answers_again_is_gone(void **state)
{
	struct bench *b = *state;
	uint32_t val;

	add_flr(b);
	arm(b, 50000, 0);
	b->fn->config[0x34] = EXPRESS;

	assert_int_equal(rb_pci_reset(b->dev), -ENODEV);

	assert_true(rb_pci_is_gone(b->dev));
	assert_in_range(b->p->now, 1100 * MS, 2200 * MS);
	assert_int_equal(rb_pci_reset(b->dev), -ENODEV);
	assert_int_equal(rb_pci_config_read32(b->dev, 0, &val), -ENODEV);
	assert_int_equal(val, UINT32_MAX);
}

static void the_quirk_adds_100_ms(void **state)
{
	struct bench *b = *state;

	add_flr(b);
	arm(b, 199, 0);
	b->fn->config[0x34] = EXPRESS;
	assert_int_equal(rb_pci_add_quirks(b->dev, RB_PCI_QUIRK_RESET_DELAY_MS), 0);

	assert_int_equal(rb_pci_reset(b->dev), 0);

	assert_int_equal(b->p->now, 200 * MS);
}

static void pending_transactions_have_200_ms_and_then_no_more(void **state)
{
	struct bench *b = *state;

	add_flr(b);
	pcid_set(b->fn, DEVCTL, pcid_get(b->fn, DEVCTL) | 0x00200000);
	arm(b, 0, 0);
	b->fn->config[0x34] = EXPRESS;

	assert_int_equal(rb_pci_reset(b->dev), 0);

	assert_int_equal(b->p->now, 300 * MS);
}

static void a_reset_that_cannot_be_started_leaves_the_function_as_it_was(void **state)
{
	struct bench *b = *state;
	unsigned int nth, total;
	int rc;

	add_flr(b);
	arm(b, 0, 0);
	b->fn->config[0x34] = EXPRESS;
	pcid_fail(b->p, 0, 0);
	assert_int_equal(rb_pci_reset(b->dev), 0);
	total = b->p->calls;
	rb_pci_unref(b->dev);
	assert_in_range(total, 50, 400);

	for (nth = 1; nth <= total; nth += 2) {
		claim(b);
		b->p->now = 0;
		pcid_fail(b->p, nth, ENOMEM);
		rc = rb_pci_reset(b->dev);
		pcid_fail(b->p, 0, 0);
		assert_true(rc == 0 || rbi_code_is_ours(rc));
		rb_pci_unref(b->dev);
		pcid_set(b->fn, 0x10, 0xfea00000);
	}
	b->dev = NULL;
}

/* --- copies ---------------------------------------------------------------------------- */

static void a_copy_goes_back_as_often_as_wanted(void **state)
{
	struct bench *b = *state;
	struct rb_pci_saved *saved;
	int i;

	claim(b);
	assert_int_equal(rb_pci_save(b->dev, &saved), 0);
	for (i = 0; i < 2; i++) {
		pcid_set(b->fn, 4, 0);
		pcid_set(b->fn, 0x10, 0);

		assert_int_equal(rb_pci_restore(b->dev, saved), 0);

		assert_int_equal(pcid_get(b->fn, 4) & 0xffff, 7);
		assert_int_equal(pcid_get(b->fn, 0x10), 0xfea00000);
	}
	rb_pci_saved_close(saved);
}

static void a_copy_is_an_object_of_its_device(void **state)
{
	struct pcid_function *fn;
	struct bench *b = *state;
	struct rb_pci_saved *saved;
	struct rb_pci_dev *other;
	char live[128];

	fn = pcid_add(b->p, "0000--00--03.0", 0x18, 0x11e81234, 0x00ff0010);
	claim(b);
	assert_int_equal(rb_pci_open(b->p->ctx, rb_pci_addr_make(0, 0, 3, 0), &other), 0);
	assert_int_equal(rb_pci_save(b->dev, &saved), 0);

	assert_int_equal(rb_pci_restore(other, saved), -EINVAL);
	assert_int_equal(rb_pci_restore(b->dev, NULL), -EINVAL);
	assert_int_equal(rb_pci_restore(NULL, saved), -EINVAL);
	assert_int_equal(rb_pci_save(b->dev, NULL), -EINVAL);
	rb_pci_unref(other);
	assert_false(fn->locked);

	rb_pci_unref(b->dev);
	b->dev = NULL;
	assert_true(b->fn->locked); /* the copy keeps it */
	assert_int_equal(rb_ctx_live(b->p->ctx, live, sizeof(live)), 2);
	assert_non_null(strstr(live, "PCI configuration of 0000:01:02.0\n"));
	rb_pci_saved_close(saved);
	rb_pci_saved_close(NULL);
	assert_false(b->fn->locked);
}

static void a_copy_of_a_removed_function_is_refused(void **state)
{
	struct bench *b = *state;
	struct rb_pci_saved *saved;

	claim(b);
	b->fn->removed = true;

	assert_int_equal(rb_pci_save(b->dev, &saved), -ENODEV);
	assert_null(saved);
	assert_int_equal(rb_pci_set_power(b->dev, RB_PCI_D0), -ENODEV);
	assert_int_equal(rb_pci_power(b->dev), -ENODEV);
	assert_int_equal(rb_pci_set_decode(b->dev, 0), -ENODEV);
	assert_int_equal(rb_pci_set_intx(b->dev, true), -ENODEV);
}

int main(void)
{
#define laid_out(f) cmocka_unit_test_setup_teardown(f, lay_out, put_away)
	const struct CMUnitTest tests[] = {
		laid_out(decoding_is_chosen_bit_by_bit),
		laid_out(decode_bits_that_make_no_sense_are_refused),
		laid_out(a_rom_is_switched_on_behind_memory_and_off_before_it),
		laid_out(the_pin_is_forbidden_and_allowed),
		laid_out(without_the_capability_a_function_is_awake_and_stays_so),
		laid_out(a_quirk_makes_the_capability_count_for_nothing),
		laid_out(each_change_waits_as_long_as_it_takes),
		laid_out(states_that_cannot_be_reached_are_refused),
		laid_out(a_function_that_does_not_follow_is_reported),
		laid_out(waking_up_restores_what_was_lost),
		laid_out(a_function_without_a_reset_says_so_untouched),
		laid_out(a_reset_by_express_takes_100_ms_and_restores),
		laid_out(what_extended_space_controls_comes_back),
		laid_out(bar_sizes_come_before_bars_and_conditions_before_what_needs_them),
		laid_out(a_capability_at_the_end_of_extended_space_stops_no_copy),
		laid_out(a_reset_by_advanced_features_does_the_same),
		laid_out(a_slow_function_has_a_second_more),
		laid_out(a_function_that_stays_busy_is_given_up_and_not_gone),
		laid_out(a_function_that_never_answers_again_is_gone),
		laid_out(the_quirk_adds_100_ms),
		laid_out(pending_transactions_have_200_ms_and_then_no_more),
		laid_out(a_reset_that_cannot_be_started_leaves_the_function_as_it_was),
		laid_out(a_copy_goes_back_as_often_as_wanted),
		laid_out(a_copy_is_an_object_of_its_device),
		laid_out(a_copy_of_a_removed_function_is_refused),
	};

	return cmocka_run_group_tests_name("pci control", tests, NULL, NULL);
}
