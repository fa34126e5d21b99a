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

#define ADDR	rb_pci_addr_make(0, 0, 2, 0)
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
	b.fn = pcid_add(b.p, "0000--00--02.0", 0x10, 0x11e81234, 0x00ff0010);
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
		laid_out(an_early_express_endpoint_ends_where_the_next_capability_begins),
		laid_out(a_bridge_has_status_bits_in_its_header),
		laid_out(the_capabilities_are_looked_for_once),
		laid_out(a_search_that_failed_is_made_again),
		laid_out(a_list_that_runs_in_a_circle_stops_no_write),
		laid_out(a_capability_at_the_very_end_has_no_registers),
	};

	return cmocka_run_group_tests_name("pci status bits", tests, NULL, NULL);
}
