/* SPDX-License-Identifier: MIT */
/* test_pci_caps.c - views of configuration space, and walks over its lists. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/pci_caps.h>

#include "config_spaces.h"
#include "core/core.h"
#include "fake_pcid.h"

#define STATUS_CAPS 0x00100000u

static struct rb_pci_view *view_of(const uint8_t *bytes, size_t len)
{
	struct rb_pci_view *view = NULL;

	assert_int_equal(rb_pci_view_bytes(bytes, len, &view), 0);
	return view;
}

static struct rb_pci_caps *scan(const uint8_t *bytes, size_t len)
{
	struct rb_pci_view *view = view_of(bytes, len);
	struct rb_pci_caps *caps = NULL;

	assert_int_equal(rb_pci_caps_scan(view, &caps), 0);
	rb_pci_view_close(view); /* what was found outlives it */
	return caps;
}

/* A function whose standard list begins at @first. */
static void lay_out(uint8_t *bytes, unsigned int first)
{
	memset(bytes, 0, CONFIG_SPACE);
	config_put(bytes, 0x00, 0x56781234);
	config_put(bytes, 0x04, STATUS_CAPS);
	config_put(bytes, 0x34, first);
}

static void put_cap(uint8_t *bytes, unsigned int at, unsigned int id, unsigned int next)
{
	config_put(bytes, at, next << 8 | id);
}

static void put_ext(uint8_t *bytes, unsigned int at, unsigned int id, unsigned int next)
{
	config_put(bytes, at, (uint32_t)next << 20 | 1u << 16 | id);
}

static void expect_cap(const struct rb_pci_caps *caps, size_t i, unsigned int off, unsigned int id)
{
	assert_int_equal(rb_pci_cap_offset(rb_pci_caps_get(caps, i)), off);
	assert_int_equal(rb_pci_cap_id(rb_pci_caps_get(caps, i)), id);
}

/* The walk found @count, and its flaw speaks of @where; NULL: it has none. */
static void expect_walk(const uint8_t *bytes, size_t len, size_t count, const char *where)
{
	struct rb_pci_caps *caps = scan(bytes, len);
	const char *flaw = rb_pci_caps_flaw(caps);

	assert_int_equal(rb_pci_caps_count(caps), count);
	if (where) {
		assert_non_null(flaw);
		if (!strstr(flaw, where))
			fail_msg("'%s' says nothing of '%s'", flaw, where);
	} else if (flaw) {
		fail_msg("%s", flaw);
	}
	rb_pci_caps_close(caps);
}

/* --- lists ------------------------------------------------------------------------------ */

static void both_lists_are_found_in_their_order(void **state)
{
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_caps *caps;

	(void)state;
	assert_true(config_space("e1000e", bytes));

	caps = scan(bytes, sizeof(bytes));

	assert_null(rb_pci_caps_flaw(caps));
	assert_int_equal(rb_pci_caps_count(caps), 6);
	expect_cap(caps, 0, 0xc8, RB_PCI_CAP_PM);
	expect_cap(caps, 1, 0xd0, RB_PCI_CAP_MSI);
	expect_cap(caps, 2, 0xe0, RB_PCI_CAP_EXPRESS);
	expect_cap(caps, 3, 0xa0, RB_PCI_CAP_MSIX); /* backward */
	expect_cap(caps, 4, 0x100, RB_PCI_ECAP_AER);
	expect_cap(caps, 5, 0x140, RB_PCI_ECAP_DSN);
	assert_false(rb_pci_cap_is_extended(rb_pci_caps_get(caps, 3)));
	assert_true(rb_pci_cap_is_extended(rb_pci_caps_get(caps, 4)));
	assert_int_equal(rb_pci_cap_version(rb_pci_caps_get(caps, 4)), 2);
	assert_int_equal(rb_pci_cap_version(rb_pci_caps_get(caps, 3)), 0);
	assert_null(rb_pci_caps_get(caps, 6));
	rb_pci_caps_close(caps);
}

static void a_capability_owns_its_length_but_not_its_neighbour(void **state)
{
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_caps *caps;

	(void)state;
	assert_true(config_space("e1000e", bytes));

	caps = scan(bytes, sizeof(bytes));

	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 0)), 8);
	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 1)), 14);
	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 2)), 20); /* version 1 */
	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 3)), 12);
	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 4)), 64);
	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 5)), 12);
	rb_pci_caps_close(caps);

	/* two in one place: what the second has the first has not */
	lay_out(bytes, 0x40);
	put_cap(bytes, 0x40, RB_PCI_CAP_MSIX, 0x44);
	put_cap(bytes, 0x44, RB_PCI_CAP_PM, 0xfc);
	put_cap(bytes, 0xfc, RB_PCI_CAP_MSIX, 0);
	caps = scan(bytes, 256);
	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 0)), 4);
	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 1)), 8);
	assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 2)), 4);
	rb_pci_caps_close(caps);
}

static void lengths_follow_from_what_a_header_says(void **state)
{
	static const struct {
		uint32_t header;
		unsigned int bytes;
	} cases[] = {
		{ 0x00000005, 10 },  { 0x00800005, 14 }, { 0x01000005, 20 }, { 0x01800005, 24 },
		{ 0x00020010, 60 },  { 0x00010010, 20 }, { 0x01410010, 36 }, { 0x01610010, 28 },
		{ 0x00910010, 12 },  { 0x00a10010, 36 }, { 0x00140009, 20 }, { 0x00000009, 192 },
		{ 0x00000000, 2 },   { 0x0000000d, 8 },	 { 0x00000013, 6 },  { 0x00000077, 192 },
	};
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_caps *caps;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		lay_out(bytes, 0x40);
		config_put(bytes, 0x40, cases[i].header);
		caps = scan(bytes, 256);
		assert_int_equal(rb_pci_cap_length(rb_pci_caps_get(caps, 0)), cases[i].bytes);
		rb_pci_caps_close(caps);
	}
}

static void reserved_bits_of_pointers_are_masked(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	lay_out(bytes, 0x43);
	put_cap(bytes, 0x40, 0x01, 0x52);
	put_cap(bytes, 0x50, 0x05, 0x03); /* the end, with its reserved bits set */
	put_ext(bytes, 0x100, 0x0001, 0x203);
	put_ext(bytes, 0x200, 0x0003, 0x001);

	expect_walk(bytes, sizeof(bytes), 4, NULL);
}

static void null_capabilities_are_steps_like_others(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	lay_out(bytes, 0x40);
	put_cap(bytes, 0x40, RB_PCI_CAP_NULL, 0x50);
	put_cap(bytes, 0x50, RB_PCI_CAP_PM, 0);
	config_put(bytes, 0x100, 0x20000000); /* id 0, version 0, and one more */
	put_ext(bytes, 0x200, RB_PCI_ECAP_DSN, 0);

	expect_walk(bytes, sizeof(bytes), 4, NULL);
}

static void the_longest_lists_are_walked_to_their_end(void **state)
{
	uint8_t bytes[CONFIG_SPACE];
	unsigned int at;

	(void)state;
	lay_out(bytes, 0x40);
	for (at = 0x40; at < 0x100; at += 4)
		put_cap(bytes, at, 0x09, at == 0xfc ? 0 : at + 4);
	for (at = 0x100; at < 0x1000; at += 4)
		put_ext(bytes, at, 0x000b, at == 0xffc ? 0 : at + 4);

	expect_walk(bytes, sizeof(bytes), 48 + 960, NULL);
}

/* --- flaws ------------------------------------------------------------------------------ */

static void a_list_that_runs_in_a_circle_ends_where_it_began(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	lay_out(bytes, 0x40);
	put_cap(bytes, 0x40, 0x01, 0x40);
	expect_walk(bytes, 256, 1, "circle at 0x40");

	put_cap(bytes, 0x40, 0x01, 0x80);
	put_cap(bytes, 0x80, 0x05, 0x60);
	put_cap(bytes, 0x60, 0x11, 0x80);
	expect_walk(bytes, 256, 3, "circle at 0x80");

	lay_out(bytes, 0);
	put_ext(bytes, 0x100, 0x0001, 0x200);
	put_ext(bytes, 0x200, 0x0003, 0x100);
	expect_walk(bytes, sizeof(bytes), 2, "circle at 0x100");
}

static void a_pointer_into_the_header_is_no_capability(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	lay_out(bytes, 0x3c);
	expect_walk(bytes, 256, 0, "to 0x3c");

	lay_out(bytes, 0x40);
	put_cap(bytes, 0x40, 0x01, 0x04);
	expect_walk(bytes, 256, 1, "to 0x4");

	lay_out(bytes, 0);
	put_ext(bytes, 0x100, 0x0001, 0xfc);
	expect_walk(bytes, sizeof(bytes), 1, "to 0xfc");
}

static void all_ones_in_mid_walk_end_a_list(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	lay_out(bytes, 0x40);
	put_cap(bytes, 0x40, 0x01, 0x80);
	config_put(bytes, 0x80, 0xffffffff);
	put_ext(bytes, 0x100, 0x0001, 0x400);
	config_put(bytes, 0x400, 0xffffffff);
	expect_walk(bytes, sizeof(bytes), 2, "all-ones at 0x80");
	expect_walk(bytes, sizeof(bytes), 2, "all-ones at 0x400");

	put_cap(bytes, 0x80, 0xff, 0); /* an id that nobody has */
	expect_walk(bytes, 256, 1, "at 0x80");
}

static void saved_bytes_of_a_removed_function_have_a_flaw(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));

	expect_walk(bytes, sizeof(bytes), 0, "gone");
	expect_walk(bytes, 64, 0, "gone");
}

static void a_list_goes_on_past_what_was_saved(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	assert_true(config_space("e1000e", bytes));

	expect_walk(bytes, 64, 0, "past what was saved, at 0xc8");
	expect_walk(bytes, 0xd0, 1, "past what was saved, at 0xd0");
	expect_walk(bytes, 256, 4, NULL);
	expect_walk(bytes, 0x140, 5, "past what was saved, at 0x140");
}

static void an_extended_list_may_be_absent(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	lay_out(bytes, 0x40);
	put_cap(bytes, 0x40, 0x01, 0);
	expect_walk(bytes, sizeof(bytes), 1, NULL);

	memset(bytes + 256, 0xff, sizeof(bytes) - 256);
	expect_walk(bytes, sizeof(bytes), 1, NULL);
}

static void without_the_status_bit_there_is_no_standard_list(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	lay_out(bytes, 0x40);
	config_put(bytes, 0x04, 0);
	put_cap(bytes, 0x40, 0x01, 0);

	expect_walk(bytes, 256, 0, NULL);
}

static void a_cardbus_bridge_keeps_its_list_elsewhere(void **state)
{
	uint8_t bytes[CONFIG_SPACE];

	(void)state;
	lay_out(bytes, 0x10);
	config_put(bytes, 0x0c, 0x00820000);
	config_put(bytes, 0x14, 0x80);
	put_cap(bytes, 0x80, 0x01, 0);

	expect_walk(bytes, 256, 1, NULL);
}

/* --- finding ---------------------------------------------------------------------------- */

static void the_first_of_an_id_is_found(void **state)
{
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_view *view;
	unsigned int off = 7;

	(void)state;
	assert_true(config_space("virtio_net", bytes));
	view = view_of(bytes, sizeof(bytes));

	assert_int_equal(rb_pci_view_find_cap(view, RB_PCI_CAP_VENDOR, &off), 0);
	assert_int_equal(off, 0xc8);
	assert_int_equal(rb_pci_view_find_ext_cap(view, RB_PCI_ECAP_ATS, &off), 0);
	assert_int_equal(off, 0x148);
	assert_int_equal(rb_pci_view_find_cap(view, RB_PCI_CAP_AF, &off), -ENOENT);
	assert_int_equal(rb_pci_view_find_ext_cap(view, RB_PCI_ECAP_SRIOV, &off), -ENOENT);
	assert_int_equal(off, 0x148);
	assert_int_equal(rb_pci_view_find_cap(view, RB_PCI_CAP_PM, NULL), -EINVAL);
	assert_int_equal(rb_pci_view_find_ext_cap(view, RB_PCI_ECAP_AER, NULL), -EINVAL);
	assert_int_equal(rb_pci_view_find_cap(NULL, RB_PCI_CAP_PM, &off), -EINVAL);
	assert_int_equal(rb_pci_find_ext_cap(NULL, RB_PCI_ECAP_AER, &off), -EINVAL);
	rb_pci_view_close(view);
}

static void what_may_lie_behind_a_flaw_is_not_said_to_be_absent(void **state)
{
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_view *view;
	unsigned int off = 0;

	(void)state;
	lay_out(bytes, 0x40);
	put_cap(bytes, 0x40, 0x01, 0x20);
	view = view_of(bytes, 256);

	assert_int_equal(rb_pci_view_find_cap(view, 0x01, &off), 0);
	assert_int_equal(rb_pci_view_find_cap(view, 0x05, &off), -EPROTO);
	assert_non_null(strstr(rb_last_error(), "0x20"));
	assert_int_equal(rb_pci_view_find_ext_cap(view, 0x0001, &off), -ENOENT);
	rb_pci_view_close(view);
}

static void capabilities_have_names(void **state)
{
	(void)state;
	assert_string_equal(rb_pci_cap_name(RB_PCI_CAP_MSIX, false), "MSI-X");
	assert_string_equal(rb_pci_cap_name(RB_PCI_ECAP_AER, true), "Advanced Error Reporting");
	assert_null(rb_pci_cap_name(0xfe, false));
	assert_null(rb_pci_cap_name(0xfffe, true));
}

static void getters_take_null(void **state)
{
	struct rb_pci_caps *caps = (void *)1;

	(void)state;
	assert_int_equal(rb_pci_caps_scan(NULL, &caps), -EINVAL);
	assert_null(caps);
	assert_int_equal(rb_pci_caps_count(NULL), 0);
	assert_null(rb_pci_caps_get(NULL, 0));
	assert_null(rb_pci_caps_flaw(NULL));
	assert_int_equal(rb_pci_cap_id(NULL), 0);
	assert_int_equal(rb_pci_cap_offset(NULL), 0);
	assert_int_equal(rb_pci_cap_version(NULL), 0);
	assert_int_equal(rb_pci_cap_length(NULL), 0);
	assert_false(rb_pci_cap_is_extended(NULL));
	rb_pci_caps_close(NULL);
	rb_pci_view_close(NULL);
	assert_null(rb_pci_view_dev(NULL));
}

/* --- saved bytes ---------------------------------------------------------------------------- */

static void saved_bytes_are_read_in_every_width(void **state)
{
	uint8_t bytes[CONFIG_SPACE] = { 0 };
	uint8_t copy[8] = { 0 }, byte = 0;
	struct rb_pci_view *view;
	uint32_t dword = 0;
	uint16_t word = 0;
	unsigned int i;

	(void)state;
	for (i = 0; i < 64; i++)
		bytes[i] = (uint8_t)(i + 1);
	view = view_of(bytes, 64);

	assert_int_equal(rb_pci_view_size(view), 64);
	assert_int_equal(rb_pci_view_read32(view, 4, &dword), 0);
	assert_int_equal(dword, 0x08070605);
	assert_int_equal(rb_pci_view_read16(view, 6, &word), 0);
	assert_int_equal(word, 0x0807);
	assert_int_equal(rb_pci_view_read8(view, 63, &byte), 0);
	assert_int_equal(byte, 64);
	assert_int_equal(rb_pci_view_read(view, 3, copy, 6), 0);
	assert_memory_equal(copy, "\4\5\6\7\10\11\0", 7);
	assert_int_equal(rb_pci_view_read(view, 64, copy, 0), 0);
	rb_pci_view_close(view);
}

static void a_read_outside_is_refused(void **state)
{
	uint8_t bytes[CONFIG_SPACE] = { 0 };
	struct rb_pci_view *view;
	uint32_t dword = 0;
	uint16_t word = 0;
	uint8_t byte = 0;

	(void)state;
	view = view_of(bytes, 100);

	assert_int_equal(rb_pci_view_read32(view, 100, &dword), -ERANGE);
	assert_int_equal(dword, 0xffffffff);
	assert_int_equal(rb_pci_view_read32(view, 0xfffffffc, &dword), -ERANGE);
	assert_int_equal(rb_pci_view_read32(view, 2, &dword), -EINVAL);
	assert_int_equal(rb_pci_view_read16(view, 1, &word), -EINVAL);
	assert_int_equal(rb_pci_view_read8(view, 4096, &byte), -ERANGE);
	assert_int_equal(byte, 0xff);
	assert_int_equal(rb_pci_view_read(view, 98, bytes, 3), -ERANGE);
	assert_int_equal(rb_pci_view_read(view, 0xffffffff, bytes, 2), -ERANGE);
	assert_int_equal(rb_pci_view_read(view, 1, bytes, SIZE_MAX), -ERANGE);
	assert_int_equal(rb_pci_view_read(view, 0, NULL, 1), -EINVAL);
	assert_int_equal(rb_pci_view_read(NULL, 0, bytes, 1), -EINVAL);
	assert_int_equal(rb_pci_view_read32(view, 0, NULL), -EINVAL);
	assert_int_equal(rb_pci_view_read16(view, 0, NULL), -EINVAL);
	assert_int_equal(rb_pci_view_read8(view, 0, NULL), -EINVAL);
	assert_int_equal(rb_pci_view_read32(NULL, 0, &dword), -EINVAL);
	assert_int_equal(rb_pci_view_size(NULL), -EINVAL);
	rb_pci_view_close(view);
}

static void bytes_of_no_such_length_are_refused(void **state)
{
	uint8_t bytes[CONFIG_SPACE + 4] = { 0 };
	struct rb_pci_view *view = (void *)1;

	(void)state;
	assert_int_equal(rb_pci_view_bytes(bytes, 60, &view), -EINVAL);
	assert_null(view);
	assert_int_equal(rb_pci_view_bytes(bytes, 66, &view), -EINVAL);
	assert_int_equal(rb_pci_view_bytes(bytes, 4100, &view), -EINVAL);
	assert_int_equal(rb_pci_view_bytes(NULL, 64, &view), -EINVAL);
	assert_int_equal(rb_pci_view_bytes(bytes, 64, NULL), -EINVAL);
}

static void without_memory_there_is_no_view_and_no_walk(void **state)
{
	uint8_t bytes[CONFIG_SPACE];
	struct rb_pci_view *view;
	struct rb_pci_caps *caps;
	unsigned long n;
	int rc;

	(void)state;
	lay_out(bytes, 0x40);
	put_cap(bytes, 0x40, 0x01, 0x40);
	put_ext(bytes, 0x100, 0x0001, 0x100); /* two flaws to be told */
	for (n = 1; n <= 2; n++) {
		rbi_alloc_fail_at(n);
		assert_int_equal(rb_pci_view_bytes(bytes, 256, &view), -ENOMEM);
		assert_null(view);
	}
	rbi_alloc_fail_at(0);
	view = view_of(bytes, sizeof(bytes));
	for (n = 1; n < 100; n++) {
		rbi_alloc_fail_at(n);
		rc = rb_pci_caps_scan(view, &caps);
		rbi_alloc_fail_at(0);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
		assert_null(caps);
	}
	assert_true(n > 3 && n < 100);
	rb_pci_caps_close(caps);
	rb_pci_view_close(view);
}

/* --- live views ------------------------------------------------------------------------------ */

#define NIC rb_pci_addr_make(0, 1, 0, 0)

struct bench {
	struct fake_pcid *p;
	struct pcid_function *fn;
};

static int plug_in(void **state)
{
	static struct bench b;

	b.p = pcid_open();
	b.fn = pcid_add(b.p, "0000--01--00.0", 0x100, 0x10d38086, 0x02000000);
	assert_true(config_space("e1000e", b.fn->config));
	*state = &b;
	return 0;
}

static int unplug(void **state)
{
	struct bench *b = *state;

	pcid_close(b->p);
	return 0;
}

static void looking_claims_and_enables_nothing(void **state)
{
	struct bench *b = *state;
	struct rb_pci_view *view;
	struct rb_pci_caps *caps;
	uint32_t val = 0;
	char live[64];

	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), 0);
	assert_int_equal(rb_pci_view_read32(view, 0, &val), 0);
	assert_int_equal(val, 0x10d38086);
	assert_int_equal(rb_pci_caps_scan(view, &caps), 0);
	assert_int_equal(rb_pci_caps_count(caps), 6);

	assert_false(b->fn->enabled);
	assert_false(b->fn->locked);
	assert_int_equal(rb_ctx_live(b->p->ctx, live, sizeof(live)), 1);
	assert_string_equal(live, "PCI view 0000:01:00.0\n");
	rb_pci_caps_close(caps);
	rb_pci_view_close(view);
	assert_int_equal(pcid_open_fds(b->p), 0);
}

static void an_unopened_function_shows_what_the_device_shows(void **state)
{
	uint8_t unopened[CONFIG_SPACE], opened[CONFIG_SPACE];
	struct bench *b = *state;
	struct rb_pci_view *view;
	struct rb_pci_dev *dev;

	assert_int_equal(rb_pci_open(b->p->ctx, NIC, &dev), 0);
	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), 0);

	assert_int_equal(rb_pci_view_size(view), 4096);
	assert_int_equal(rb_pci_view_size(rb_pci_view_dev(dev)), 4096);
	assert_int_equal(rb_pci_view_read(view, 0, unopened, 4096), 0);
	assert_int_equal(rb_pci_view_read(rb_pci_view_dev(dev), 0, opened, 4096), 0);

	assert_memory_equal(unopened, opened, 4096);
	rb_pci_view_close(view);
	rb_pci_view_close(rb_pci_view_dev(dev)); /* does nothing */
	assert_int_equal(rb_pci_view_read(rb_pci_view_dev(dev), 0, opened, 4), 0);
	rb_pci_unref(dev);
}

static void a_device_finds_its_extended_capabilities(void **state)
{
	struct bench *b = *state;
	struct rb_pci_dev *dev;
	unsigned int off = 0;

	assert_int_equal(rb_pci_open(b->p->ctx, NIC, &dev), 0);

	assert_int_equal(rb_pci_find_ext_cap(dev, RB_PCI_ECAP_DSN, &off), 0);

	assert_int_equal(off, 0x140);
	rb_pci_unref(dev);
}

static void nothing_past_256_bytes_is_asked_of_a_function_that_shows_nothing(void **state)
{
	struct bench *b = *state;
	struct rb_pci_view *view;
	unsigned int off;
	uint32_t val;

	b->p->no_ecam = true; /* the server would panic */
	b->fn->config[0xe2] = 0x92; /* integrated into the root complex */
	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), 0);

	assert_int_equal(rb_pci_view_size(view), 256);
	assert_int_equal(rb_pci_view_read32(view, 0x100, &val), -ERANGE);
	assert_int_equal(rb_pci_view_find_ext_cap(view, RB_PCI_ECAP_AER, &off), -ENOENT);
	b->fn->config[0xd1] = 0x20; /* and so does a list with a flaw in front of it */
	assert_int_equal(rb_pci_view_size(view), 256);

	rb_pci_view_close(view);
}

static void a_function_that_goes_is_gone(void **state)
{
	struct bench *b = *state;
	struct rb_pci_view *view;
	struct rb_pci_caps *caps;
	unsigned int off;
	uint32_t val = 0;

	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), 0);
	b->fn->removed = true;

	assert_int_equal(rb_pci_view_read32(view, 0x40, &val), -ENODEV);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(rb_pci_caps_scan(view, &caps), -ENODEV);
	assert_null(caps);
	assert_int_equal(rb_pci_view_find_cap(view, 0x05, &off), -ENODEV);
	assert_int_equal(rb_pci_view_size(view), -ENODEV);
	rb_pci_view_close(view);
	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), -ENOENT);
	assert_null(view);
}

static void all_ones_of_a_function_that_is_there_are_a_value(void **state)
{
	struct bench *b = *state;
	struct rb_pci_view *view;
	uint32_t val = 0;

	pcid_set(b->fn, 0x60, 0xffffffff);
	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), 0);

	assert_int_equal(rb_pci_view_read32(view, 0x60, &val), 0);

	assert_int_equal(val, 0xffffffff);
	rb_pci_view_close(view);
}

static void a_function_that_nobody_may_look_at_is_refused(void **state)
{
	struct bench *b = *state;
	struct rb_pci_view *view;

	b->p->user = true;
	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), -EACCES);
	assert_null(view);
	b->p->user = false;
	assert_int_equal(rb_pci_view_open(NULL, NIC, &view), -EINVAL);
	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, NULL), -EINVAL);
	b->p->absent = true;
	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), -ENOTSUP);
}

static void the_function_of_an_inherited_channel_is_seen_through_it(void **state)
{
	struct bench *b = *state;
	struct rb_pci_view *view;

	pcid_inherit(b->p, b->fn);
	b->p->user = true;

	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), 0);

	assert_int_equal(rb_pci_view_size(view), 4096);
	assert_int_equal(b->p->calls_made, 0);
	rb_pci_view_close(view);
}

static void every_failing_call_ends_a_view_with_a_known_code_and_no_leak(void **state)
{
	struct bench *b = *state;
	struct rb_pci_view *view;
	unsigned int nth;
	int rc;

	for (nth = 1; nth < 100; nth++) {
		pcid_fail(b->p, nth, EIO);
		rc = rb_pci_view_open(b->p->ctx, NIC, &view);
		if (rc == 0)
			break;
		assert_int_equal(rc, -EIO);
		assert_null(view);
		assert_int_equal(pcid_open_fds(b->p), 0);
	}
	pcid_fail(b->p, 0, 0);
	assert_true(nth > 1 && nth < 100);
	rb_pci_view_close(view);
}

static void in_a_child_of_fork_a_view_only_frees(void **state)
{
	struct bench *b = *state;
	struct rb_pci_view *view;
	uint32_t val;
	int status;
	pid_t pid;

	assert_int_equal(rb_pci_view_open(b->p->ctx, NIC, &view), 0);

	pid = fork();
	if (pid == 0) {
		int rc = rb_pci_view_read32(view, 0, &val);

		rb_pci_view_close(view);
		_exit(rc == -ENODEV && pcid_open_fds(b->p) == 1 ? 0 : 1);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rb_pci_view_close(view);
}

#define live(test) cmocka_unit_test_setup_teardown(test, plug_in, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_lists_are_found_in_their_order),
		cmocka_unit_test(a_capability_owns_its_length_but_not_its_neighbour),
		cmocka_unit_test(lengths_follow_from_what_a_header_says),
		cmocka_unit_test(reserved_bits_of_pointers_are_masked),
		cmocka_unit_test(null_capabilities_are_steps_like_others),
		cmocka_unit_test(the_longest_lists_are_walked_to_their_end),
		cmocka_unit_test(a_list_that_runs_in_a_circle_ends_where_it_began),
		cmocka_unit_test(a_pointer_into_the_header_is_no_capability),
		cmocka_unit_test(all_ones_in_mid_walk_end_a_list),
		cmocka_unit_test(saved_bytes_of_a_removed_function_have_a_flaw),
		cmocka_unit_test(a_list_goes_on_past_what_was_saved),
		cmocka_unit_test(an_extended_list_may_be_absent),
		cmocka_unit_test(without_the_status_bit_there_is_no_standard_list),
		cmocka_unit_test(a_cardbus_bridge_keeps_its_list_elsewhere),
		cmocka_unit_test(the_first_of_an_id_is_found),
		cmocka_unit_test(what_may_lie_behind_a_flaw_is_not_said_to_be_absent),
		cmocka_unit_test(capabilities_have_names),
		cmocka_unit_test(getters_take_null),
		cmocka_unit_test(saved_bytes_are_read_in_every_width),
		cmocka_unit_test(a_read_outside_is_refused),
		cmocka_unit_test(bytes_of_no_such_length_are_refused),
		cmocka_unit_test(without_memory_there_is_no_view_and_no_walk),
		live(looking_claims_and_enables_nothing),
		live(an_unopened_function_shows_what_the_device_shows),
		live(a_device_finds_its_extended_capabilities),
		live(nothing_past_256_bytes_is_asked_of_a_function_that_shows_nothing),
		live(a_function_that_goes_is_gone),
		live(all_ones_of_a_function_that_is_there_are_a_value),
		live(a_function_that_nobody_may_look_at_is_refused),
		live(the_function_of_an_inherited_channel_is_seen_through_it),
		live(every_failing_call_ends_a_view_with_a_known_code_and_no_leak),
		live(in_a_child_of_fork_a_view_only_frees),
	};

	return cmocka_run_group_tests_name("pci capabilities", tests, NULL, NULL);
}
