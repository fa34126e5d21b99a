/* SPDX-License-Identifier: MIT */
/* test_pci_ones.c - narrow writes leave alone what ones would clear. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/pci.h>

#include "core/core.h"
#include "fake_pcid.h"
#include "pci/pci_private.h"

#define ADDR	rb_pci_addr_make(0, 1, 2, 0) /* off the root bus: extended space shows */
#define PM	0x40
#define EXPRESS 0x50

struct bench {
	struct fake_pcid *p;
	struct pcid_function *fn;
	struct rb_pci_dev *dev;
};

/* A dword whose status bits are all set and whose other bits may be written. */
static void put_status(struct pcid_function *fn, unsigned int off, uint32_t rw1c)
{
	pcid_bits(fn, off, 0, rw1c);
	pcid_set(fn, off, rw1c | 0x01010101);
}

/* PCI Express of @version on port type @type, all registers with their status bits. */
static void add_express(struct pcid_function *fn, unsigned int version, unsigned int type,
			uint8_t next)
{
	static const unsigned int halves[] = { 0x08, 0x10, 0x18, 0x28, 0x30, 0x38 };
	size_t i;

	pcid_cap(fn, EXPRESS, 0x10, next);
	pcid_set(fn, EXPRESS,
		 pcid_get(fn, EXPRESS) | version << 16 | type << 20 | 1u << 24 /* a slot */);
	for (i = 0; i < sizeof(halves) / sizeof(halves[0]); i++)
		if (version >= 2 || halves[i] < 0x28)
			put_status(fn, EXPRESS + halves[i], 0xffff0000);
	put_status(fn, EXPRESS + 0x20, 0x00010000);
}

static int lay_out(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	b.p = pcid_open();
	b.fn = pcid_add(b.p, "0000--01--02.0", 0x110, 0x11e81234, 0x00ff0010);
	pcid_cap(b.fn, PM, 0x01, EXPRESS);
	put_status(b.fn, PM + 4, 0x8000);
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
}

static uint32_t ones_written(const struct pcid_function *fn)
{
	uint32_t all = 0;
	unsigned int i;

	for (i = 0; i < 1024; i++)
		all |= fn->cleared[i];
	return all;
}

/* A zero into every byte and every half below @end: whatever falls then is not its own. */
static void write_everywhere(struct bench *b, unsigned int end)
{
	unsigned int off;

	for (off = 0x40; off < end; off++)
		assert_int_equal(rb_pci_config_write8(b->dev, off, 0), 0);
	for (off = 0x40; off < end; off += 2)
		assert_int_equal(rb_pci_config_write16(b->dev, off, 0), 0);
}

static void no_narrow_write_clears_a_status_bit_of_its_neighbours(void **state)
{
	struct bench *b = *state;

	add_express(b->fn, 2, 4, 0);
	pcid_bits(b->fn, PM, UINT32_MAX, 0);
	pcid_bits(b->fn, EXPRESS, UINT32_MAX, 0);
	claim(b);

	write_everywhere(b, 0x90);

	assert_int_equal(ones_written(b->fn), 0);
	assert_int_equal(pcid_get(b->fn, PM + 4), 0x8000);
	assert_int_equal(pcid_get(b->fn, EXPRESS + 0x08), 0xffff0000);
	assert_int_equal(pcid_get(b->fn, EXPRESS + 0x38), 0xffff0000);
}

static void a_narrow_write_clears_the_status_bits_it_names(void **state)
{
	struct bench *b = *state;

	add_express(b->fn, 2, 0, 0);
	claim(b);

	assert_int_equal(rb_pci_config_write16(b->dev, EXPRESS + 0x0a, 0x0005), 0);
	assert_int_equal(rb_pci_config_write8(b->dev, EXPRESS + 0x13, 0xc0), 0);
	assert_int_equal(rb_pci_config_write8(b->dev, PM + 5, 0x80), 0);

	assert_int_equal(b->fn->cleared[(EXPRESS + 0x08) / 4], 0x00050000);
	assert_int_equal(b->fn->cleared[(EXPRESS + 0x10) / 4], 0xc0000000);
	assert_int_equal(b->fn->cleared[(PM + 4) / 4], 0x8000);
	assert_int_equal(pcid_get(b->fn, EXPRESS + 0x08), 0xfffa0000 | 0x0101);
	assert_int_equal(pcid_get(b->fn, PM + 4), 0x01010001);
}

static void a_dword_is_written_as_the_caller_says(void **state)
{
	struct bench *b = *state;

	add_express(b->fn, 2, 0, 0);
	claim(b);

	assert_int_equal(rb_pci_config_write32(b->dev, EXPRESS + 0x08, 0x00012830), 0);

	assert_int_equal(b->fn->written[(EXPRESS + 0x08) / 4], 0x00012830);
}

/* Extended capability @id at @off, followed by @next, whose first dword stays. */
static void add_extended(struct pcid_function *fn, unsigned int off, unsigned int id,
			 unsigned int next)
{
	pcid_set(fn, off, id | 1u << 16 | (uint32_t)next << 20);
	pcid_bits(fn, off, UINT32_MAX, 0);
}

static void the_status_bits_of_extended_space_are_left_alone(void **state)
{
	static const struct {
		unsigned int off;
		uint32_t rw1c;
	} registers[] = {
		{ 0x104, UINT32_MAX & ~0x01010101u }, /* AER: uncorrectable */
		{ 0x110, 0x0000f0c0 },		      /* correctable */
		{ 0x130, 0x0000007e },		      /* root errors */
		{ 0x148, 0x00010000 },		      /* SR-IOV: VF migration */
		{ 0x184, 0x00030000 },		      /* PRI: failures */
		{ 0x198, 0x0000fffe },		      /* lane errors */
		{ 0x1b8, 0x00002008 },		      /* DPC status */
		{ 0x1bc, 0x00070700 },		      /* RP PIO status */
		{ 0x1e0, 0x00000010 },		      /* L1 substates: link activation */
		{ 0x20c, 0x00000010 },		      /* 16 GT/s */
		{ 0x210, 0x0000fffe },
		{ 0x214, 0x0000fffe },
		{ 0x218, 0x0000fffe },
		{ 0x22c, 0x00000020 },		      /* 32 GT/s */
		{ 0x25c, 0x00000002 },		      /* DOE */
		{ 0x28c, 0x00000002 },		      /* another one */
	};
	static const struct {
		unsigned int off, id, next;
	} caps[] = {
		{ 0x100, 0x01, 0x140 }, { 0x140, 0x10, 0x180 }, { 0x180, 0x13, 0x190 },
		{ 0x190, 0x19, 0x1b0 }, { 0x1b0, 0x1d, 0x1d0 }, { 0x1d0, 0x1e, 0x200 },
		{ 0x200, 0x26, 0x220 }, { 0x220, 0x2a, 0x250 }, { 0x250, 0x2e, 0x280 },
		{ 0x280, 0x2e, 0 },
	};
	struct bench *b = *state;
	unsigned int off;
	size_t i;

	add_express(b->fn, 2, 4, 0); /* a root port */
	for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		add_extended(b->fn, caps[i].off, caps[i].id, caps[i].next);
	for (i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		put_status(b->fn, registers[i].off, registers[i].rw1c);
	pcid_set(b->fn, 0x1b4, 0x20); /* DPC: there are RP extensions */
	pcid_bits(b->fn, 0x1b4, 0xffff, 0);
	pcid_set(b->fn, 0x1d4, 0x20); /* L1 substates: and link activation */
	pcid_bits(b->fn, 0x1d4, 0xffff, 0);
	claim(b);

	for (off = 0x100; off < 0x2a0; off++)
		assert_int_equal(rb_pci_config_write8(b->dev, off, 0), 0);
	for (off = 0x100; off < 0x2a0; off += 2)
		assert_int_equal(rb_pci_config_write16(b->dev, off, 0), 0);

	assert_int_equal(ones_written(b->fn), 0);
	for (i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		assert_int_equal(pcid_get(b->fn, registers[i].off) & registers[i].rw1c,
				 registers[i].rw1c);
	assert_int_equal(rb_pci_config_write16(b->dev, 0x110, 0x0040), 0);
	assert_int_equal(ones_written(b->fn), 0x40);
}

static void registers_that_are_not_there_have_no_status_bits(void **state)
{
	struct bench *b = *state;

	add_express(b->fn, 2, 0, 0); /* an endpoint: its AER has no root errors */
	add_extended(b->fn, 0x100, 0x01, 0x140);
	add_extended(b->fn, 0x140, 0x1e, 0xffc); /* link activation is not supported */
	add_extended(b->fn, 0xffc, 0x01, 0);	 /* and this one has no room */
	pcid_set(b->fn, 0x130, 0xaaaa5555);
	pcid_set(b->fn, 0x150, 0xaaaa5555);
	claim(b);

	assert_int_equal(rb_pci_config_write8(b->dev, 0x130, 0), 0);
	assert_int_equal(rb_pci_config_write8(b->dev, 0x150, 0), 0);

	assert_int_equal(pcid_get(b->fn, 0x130), 0xaaaa5500);
	assert_int_equal(pcid_get(b->fn, 0x150), 0xaaaa5500);
}

static void extended_space_is_walked_for_writes_there_only(void **state)
{
	struct bench *b = *state;
	unsigned int requests;

	add_express(b->fn, 2, 0, 0);
	add_extended(b->fn, 0x100, 0x01, 0x140);
	add_extended(b->fn, 0x140, 0x03, 0);
	claim(b);
	assert_int_equal(rb_pci_config_write8(b->dev, PM + 4, 0), 0);
	assert_false(b->dev->ones_known_extended);

	assert_int_equal(rb_pci_config_write8(b->dev, 0x108, 0), 0);
	requests = b->p->requests;
	assert_int_equal(rb_pci_config_write8(b->dev, 0x108, 0), 0);

	assert_int_equal(b->p->requests - requests, 2);
}

static void an_early_express_endpoint_ends_where_the_next_capability_begins(void **state)
{
	struct bench *b = *state;

	pcid_cap(b->fn, EXPRESS, 0x10, 0x64); /* version 1 has device and link registers */
	pcid_set(b->fn, EXPRESS, pcid_get(b->fn, EXPRESS) | 1u << 16);
	put_status(b->fn, EXPRESS + 0x08, 0xffff0000);
	put_status(b->fn, EXPRESS + 0x10, 0xffff0000);
	pcid_cap(b->fn, 0x64, 0x09, 0);
	pcid_set(b->fn, 0x68, 0xaaaa5555); /* where slot status would be */
	pcid_set(b->fn, 0x78, 0xaaaa5555); /* where device status 2 would be */
	claim(b);

	assert_int_equal(rb_pci_config_write8(b->dev, 0x68, 0), 0);
	assert_int_equal(rb_pci_config_write8(b->dev, 0x78, 0), 0);
	assert_int_equal(rb_pci_config_write16(b->dev, EXPRESS + 0x10, 0), 0);

	assert_int_equal(pcid_get(b->fn, 0x68), 0xaaaa5500);
	assert_int_equal(pcid_get(b->fn, 0x78), 0xaaaa5500);
	assert_int_equal(ones_written(b->fn), 0);
}

static void a_bridge_has_status_bits_in_its_header(void **state)
{
	struct bench *b = *state;

	pcid_set(b->fn, 0x0c, 0x00010000);
	put_status(b->fn, 0x1c, 0xffff0000);
	put_status(b->fn, 0x3c, 1u << 26);
	claim(b);

	assert_int_equal(rb_pci_config_write8(b->dev, 0x1c, 0xf0), 0);
	assert_int_equal(rb_pci_config_write16(b->dev, 0x3e, 0x0002), 0);
	assert_int_equal(ones_written(b->fn), 0);
	assert_int_equal(pcid_get(b->fn, 0x1c), 0xffff01f0);

	assert_int_equal(rb_pci_config_write16(b->dev, 0x1e, 0x2000), 0);
	assert_int_equal(ones_written(b->fn), 0x20000000);
}

static void the_capabilities_are_looked_for_once(void **state)
{
	struct bench *b = *state;
	unsigned int requests;

	add_express(b->fn, 2, 0, 0);
	claim(b);
	assert_int_equal(rb_pci_config_write8(b->dev, PM + 4, 0), 0);
	requests = b->p->requests;

	assert_int_equal(rb_pci_config_write8(b->dev, PM + 4, 0), 0);
	assert_int_equal(rb_pci_config_write8(b->dev, 0x0c, 0x10), 0);

	assert_int_equal(b->p->requests - requests, 4);
}

static void a_search_that_failed_is_made_again(void **state)
{
	struct bench *b = *state;
	int rc;

	add_express(b->fn, 2, 0, 0);
	claim(b);
	pcid_fail(b->p, 4, ENOMEM);
	rc = rb_pci_config_write8(b->dev, EXPRESS + 0x08, 0);
	pcid_fail(b->p, 0, 0);
	assert_int_equal(rc, -ENOMEM);

	rb_pci_unref(b->dev);
	claim(b);
	assert_int_equal(rb_pci_config_write8(b->dev, EXPRESS + 0x08, 0), 0);
	assert_int_equal(ones_written(b->fn), 0);
}

static void a_list_that_runs_in_a_circle_stops_no_write(void **state)
{
	struct bench *b = *state;

	pcid_cap(b->fn, EXPRESS, 0x09, PM);
	claim(b);

	assert_int_equal(rb_pci_config_write8(b->dev, PM + 4, 2), 0);

	assert_int_equal(b->fn->written[(PM + 4) / 4], 0x01010102);
}

static void a_capability_at_the_very_end_has_no_registers(void **state)
{
	struct bench *b = *state;

	pcid_cap(b->fn, EXPRESS, 0x10, 0xfc);
	pcid_cap(b->fn, 0xfc, 0x01, 0);
	b->fn->config[PM] = 0x09; /* the one at 0xfc is the first of its kind */
	b->fn->config[EXPRESS] = 0x09;
	pcid_set(b->fn, 0x100, 0xffffffff);
	claim(b);

	assert_int_equal(rb_pci_config_write8(b->dev, 0xff, 1), 0);
}

int main(void)
{
#define laid_out(f) cmocka_unit_test_setup_teardown(f, lay_out, put_away)
	const struct CMUnitTest tests[] = {
		laid_out(no_narrow_write_clears_a_status_bit_of_its_neighbours),
		laid_out(a_narrow_write_clears_the_status_bits_it_names),
		laid_out(a_dword_is_written_as_the_caller_says),
		laid_out(the_status_bits_of_extended_space_are_left_alone),
		laid_out(registers_that_are_not_there_have_no_status_bits),
		laid_out(extended_space_is_walked_for_writes_there_only),
		laid_out(an_early_express_endpoint_ends_where_the_next_capability_begins),
		laid_out(a_bridge_has_status_bits_in_its_header),
		laid_out(the_capabilities_are_looked_for_once),
		laid_out(a_search_that_failed_is_made_again),
		laid_out(a_list_that_runs_in_a_circle_stops_no_write),
		laid_out(a_capability_at_the_very_end_has_no_registers),
	};

	return cmocka_run_group_tests_name("pci status bits", tests, NULL, NULL);
}
