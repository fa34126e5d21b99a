/* SPDX-License-Identifier: MIT */
/* test_pcid.c - the client of the PCI server: names, channels, what it must not ask. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"
#include "fake_pcid.h"
#include "os/os_pcid.h"

struct channel {
	struct fake_pcid *p;
	struct pcid_function *fn;
	struct rbi_pcid *ch;
};

static int open_channel(void **state)
{
	static struct channel c;

	memset(&c, 0, sizeof(c));
	c.p = pcid_open();
	c.fn = pcid_add(c.p, "00-00--03.0", 3u << 3, 0x100e8086, 0x02000003);
	c.fn->has_msi = c.fn->has_msix = true;
	assert_int_equal(rbi_pcid_open(c.p->ctx->os, c.fn->name, &c.ch), 0);
	*state = &c;
	return 0;
}

static int close_channel(void **state)
{
	struct channel *c = *state;

	rbi_pcid_close(c->ch, false);
	pcid_close(c->p);
	return 0;
}

static int open_server(void **state)
{
	*state = pcid_open();
	return 0;
}

static int close_server(void **state)
{
	pcid_close(*state);
	return 0;
}

/* --- names ------------------------------------------------------------------------- */

static void both_styles_of_names_are_understood(void **state)
{
	static const struct {
		const char *name;
		uint32_t sbdf;
	} good[] = {
		{ "00-00--1f.2", 0x000000fa },	{ "0000--00--1f.2", 0x000000fa },
		{ "12-ab--00.7", 0x0012ab07 },	{ "abcd--ef--1f.0", 0xabcdeff8 },
		{ "00--00--02.0", 0x00000010 }, { "0000-01--02.0", 0x00000110 },
	};
	struct rb_pci_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(rbi_pcid_parse_name(good[i].name, &addr));
		assert_int_equal(addr.sbdf, good[i].sbdf);
	}
}

static void other_names_are_not(void **state)
{
	static const char *const bad[] = {
		"",
		"access",
		"0-00--1f.2",
		"00000--00--1f.2",
		"00-00-1f.2",
		"00-0--1f.2",
		"00-00--1f2",
		"00-00--1f.",
		"00-00--1f.8",
		"00-00--1f.22",
		"00-00--20.0",
		"00-00--1F.2",
		"00---00--1f.2",
		"00-00--1f.2 ",
		" 00-00--1f.2",
		"00-00--1f.2/x",
		"../..--1f.2",
		"00:00:1f.2",
	};
	struct rb_pci_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(rbi_pcid_parse_name(bad[i], &addr));
}

/* --- opening ----------------------------------------------------------------------- */

static void a_claimed_function_is_busy(void **state)
{
	struct channel *c = *state;
	struct rbi_pcid *second;

	assert_int_equal(rbi_pcid_open(c->p->ctx->os, c->fn->name, &second), -EBUSY);

	assert_null(second);
}

static void without_the_right_a_function_is_not_touched(void **state)
{
	struct fake_pcid *p = *state;
	struct pcid_function *fn = pcid_add(p, "0000--00--02.0", 0x10, 0x11e81234, 0x00ff0010);
	struct rbi_pcid *ch;

	p->user = true;

	assert_int_equal(rbi_pcid_open(p->ctx->os, fn->name, &ch), -EACCES);

	assert_null(ch);
	assert_false(fn->enabled);
	assert_false(fn->locked);
}

static void without_a_scheme_there_is_no_pci(void **state)
{
	struct fake_pcid *p = *state;
	struct rbi_pcid *ch;

	p->absent = true;

	assert_int_equal(rbi_pcid_open(p->ctx->os, "00-00--02.0", &ch), -ENOTSUP);
	assert_null(ch);
}

static void a_function_that_went_while_the_server_stays_is_gone(void **state)
{
	struct fake_pcid *p = *state;
	struct pcid_function *fn = pcid_add(p, "00-00--02.0", 0x10, 0x11e81234, 0x00ff0010);
	struct rbi_pcid *ch;

	fn->unopenable = true;

	assert_int_equal(rbi_pcid_open(p->ctx->os, fn->name, &ch), -ENODEV);
	assert_null(ch);
}

static void a_server_without_access_endpoint_still_opens(void **state)
{
	struct fake_pcid *p = *state;
	struct pcid_function *fn = pcid_add(p, "00-00--02.0", 0x10, 0x11e81234, 0x00ff0010);
	struct rbi_pcid *ch;

	p->no_access = true;

	assert_int_equal(rbi_pcid_open(p->ctx->os, fn->name, &ch), 0);

	rbi_pcid_close(ch, false);
}

static void without_memory_nothing_stays_open(void **state)
{
	struct fake_pcid *p = *state;
	struct pcid_function *fn = pcid_add(p, "00-00--02.0", 0x10, 0x11e81234, 0x00ff0010);
	struct rbi_pcid *ch;
	unsigned long n;
	int rc;

	for (n = 1; n < 20; n++) {
		rbi_alloc_fail_at(n);
		rc = rbi_pcid_open(p->ctx->os, fn->name, &ch);
		rbi_alloc_fail_at(0);
		if (rc == 0)
			break;

		assert_int_equal(rc, -ENOMEM);
		assert_null(ch);
		assert_false(fn->locked);
		assert_int_equal(pcid_open_fds(p), 0);
	}
	assert_in_range(n, 2, 19);
	rbi_pcid_close(ch, false);
}

/* --- requests ---------------------------------------------------------------------- */

static void a_config_is_what_the_server_says(void **state)
{
	static const uint8_t line[] = { 1, 11, 0 };
	struct channel *c = *state;
	struct rbi_wire_function fn;
	int rom;

	c->fn->bars[0] = (struct pcid_bar){ 1, 0xfebc0000, 0x20000 };
	c->fn->bars[2] = (struct pcid_bar){ 2, 0x8c0000000, 0x40000000 };
	c->fn->bars[4] = (struct pcid_bar){ 3, 0xc000, 0 };
	memcpy(c->fn->line, line, sizeof(line));
	c->fn->line_len = sizeof(line);

	for (rom = 0; rom <= 1; rom++) {
		c->p->rom_field = rom;
		assert_int_equal(rbi_pcid_config(c->ch, &fn), 0);

		assert_int_equal(fn.addr.sbdf, 0x18);
		assert_int_equal(fn.rom_field, rom);
		assert_int_equal(fn.bars[0].kind, RBI_WIRE_BAR_MEM32);
		assert_true(fn.bars[2].addr == 0x8c0000000 && fn.bars[2].size == 0x40000000);
		assert_int_equal(fn.bars[3].kind, RBI_WIRE_BAR_NONE);
		assert_int_equal(fn.bars[4].addr, 0xc000);
		assert_true(fn.has_irq);
		assert_int_equal(fn.irq.irq, 11);
		assert_int_equal(fn.vendor, 0x8086);
		assert_int_equal(fn.device, 0x100e);
		assert_int_equal(fn.class_code, 2);
		assert_int_equal(fn.revision, 3);
	}
}

static void an_answer_may_come_in_any_pieces(void **state)
{
	struct channel *c = *state;
	struct rbi_wire_function fn;

	for (c->p->chunk = 1; c->p->chunk < 70; c->p->chunk++) {
		assert_int_equal(rbi_pcid_config(c->ch, &fn), 0);
		assert_int_equal(fn.vendor, 0x8086);
	}
}

static void a_request_is_one_write_without_a_prefix(void **state)
{
	static const uint8_t read_4[] = { 7, 0, 0, 0, 4, 0 };
	static const uint8_t write_4[] = { 8, 0, 0, 0, 4, 0, 7, 4, 0x10, 0 };
	static const uint8_t msi[] = { 6, 0,	0,    0, 0, 0, 0, 0,	1, 0, 1, 0,
				       0, 0xe0, 0xfe, 0, 0, 0, 0, 0x32, 0, 0, 0, 0 };
	struct rbi_wire_set_msi set = {
		.has_multi = true, .has_message = true, .addr = 0xfee00000, .data = 0x32
	};
	struct channel *c = *state;
	unsigned int before = c->p->requests;
	uint32_t val;

	assert_int_equal(rbi_pcid_read_config(c->ch, 4, &val), 0);
	assert_int_equal(c->p->request_len, sizeof(read_4));
	assert_memory_equal(c->p->request, read_4, sizeof(read_4));

	assert_int_equal(rbi_pcid_write_config(c->ch, 4, 0x00100407), 0);
	assert_int_equal(c->p->request_len, sizeof(write_4));
	assert_memory_equal(c->p->request, write_4, sizeof(write_4));

	assert_int_equal(rbi_pcid_set_msi(c->ch, &set), 0);
	assert_int_equal(c->p->request_len, sizeof(msi));
	assert_memory_equal(c->p->request, msi, sizeof(msi));

	assert_int_equal(c->p->requests, before + 3);
}

static void features_are_listed_described_and_enabled(void **state)
{
	struct channel *c = *state;
	struct rbi_wire_msix_info msix;
	struct rbi_wire_msi_info msi;
	unsigned int features;

	assert_int_equal(rbi_pcid_features(c->ch, &features), 0);
	assert_int_equal(features, 1u << RBI_WIRE_MSI | 1u << RBI_WIRE_MSIX);
	assert_int_equal(rbi_pcid_msi_info(c->ch, &msi), 0);
	assert_int_equal(msi.log2_capable, 3);
	assert_true(msi.is_64bit);
	assert_false(msi.has_masking);
	assert_int_equal(rbi_pcid_msix_info(c->ch, &msix), 0);
	assert_int_equal(msix.table_bar, 2);
	assert_int_equal(msix.table_offset, 0x1000);
	assert_int_equal(msix.table_size, 17);
	assert_int_equal(msix.pba_bar, 4);
	assert_int_equal(msix.pba_offset, 0x2000);
	assert_int_equal(rbi_pcid_enable_feature(c->ch, RBI_WIRE_MSIX), 0);
	assert_int_equal(rbi_pcid_set_msix_mask(c->ch, true), 0);
	assert_int_equal(rbi_pcid_enable_device(c->ch), 0);
}

static void a_feature_that_is_absent_is_named_and_breaks_nothing(void **state)
{
	struct channel *c = *state;
	struct rbi_wire_set_msi set = { .has_multi = true };
	struct rbi_wire_msi_info msi;
	uint32_t val;

	c->fn->has_msi = false;

	assert_int_equal(rbi_pcid_msi_info(c->ch, &msi), -ENOENT);
	assert_non_null(strstr(rb_last_error(), "has no MSI"));
	assert_int_equal(rbi_pcid_enable_feature(c->ch, RBI_WIRE_MSI), -ENOENT);
	assert_int_equal(rbi_pcid_set_msi(c->ch, &set), -ENOENT);

	assert_int_equal(rbi_pcid_read_config(c->ch, 0, &val), 0);
	assert_int_equal(val, 0x100e8086);
}

static void more_messages_than_a_function_has_are_invalid(void **state)
{
	struct channel *c = *state;
	struct rbi_wire_set_msi set = { .has_multi = true, .multi = 4 };
	uint32_t val;

	assert_int_equal(rbi_pcid_set_msi(c->ch, &set), -EINVAL);

	assert_int_equal(rbi_pcid_read_config(c->ch, 0, &val), 0);
}

/* --- what would make the server panic --------------------------------------------------- */

static void bad_offsets_are_never_sent(void **state)
{
	struct channel *c = *state;
	unsigned int before = c->p->requests;
	uint32_t val = 0;

	assert_int_equal(rbi_pcid_read_config(c->ch, 1, &val), -EINVAL);
	assert_int_equal(val, UINT32_MAX);
	assert_int_equal(rbi_pcid_read_config(c->ch, 6, &val), -EINVAL);
	assert_int_equal(rbi_pcid_read_config(c->ch, 256, &val), -ERANGE);
	assert_int_equal(rbi_pcid_write_config(c->ch, 2, 0), -EINVAL);
	assert_int_equal(rbi_pcid_write_config(c->ch, 0x10000, 0), -ERANGE);
	rbi_pcid_allow_extended(c->ch);
	assert_int_equal(rbi_pcid_read_config(c->ch, 4096, &val), -ERANGE);
	assert_int_equal(rbi_pcid_read_config(c->ch, 4094, &val), -EINVAL);
	assert_int_equal(rbi_pcid_write_config(c->ch, 0x10004, 0), -ERANGE);
	assert_int_equal(c->p->requests, before);

	assert_int_equal(rbi_pcid_read_config(c->ch, 4092, &val), 0);
}

static void bad_messages_are_never_sent(void **state)
{
	struct channel *c = *state;
	struct rbi_wire_set_msi set = { .has_message = true, .addr = 0xfee00000, .data = 0x10000 };
	unsigned int before = c->p->requests;

	assert_int_equal(rbi_pcid_set_msi(c->ch, &set), -EINVAL);
	set.data = 0xffff;
	set.addr = 0xfee00002;
	assert_int_equal(rbi_pcid_set_msi(c->ch, &set), -EINVAL);
	set.addr = 0xfee00000;
	set.has_multi = true;
	set.multi = 6;
	assert_int_equal(rbi_pcid_set_msi(c->ch, &set), -EINVAL);

	assert_int_equal(c->p->requests, before);
	assert_int_equal(rbi_pcid_set_msi(c->ch, &(struct rbi_wire_set_msi){ .has_message = true,
									     .addr = 0xfee00000,
									     .data = 0xffff }),
			 0);
}

/* --- lies -------------------------------------------------------------------------- */

static void cut_short(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	(void)answer;
	*len -= 1; /* the prefix promises one more */
}

static void nothing_at_all(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	(void)answer;
	*len = 0;
}

static void half_a_prefix(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	(void)answer;
	*len = 5;
}

static void one_byte_too_long(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	answer[0]++;
	*len += 1;
}

static void a_mebibyte(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	answer[0] = answer[1] = 0;
	answer[2] = 0x10; /* the most any client may take, and no message we know */
	*len = PCID_ANSWER;
}

static void more_than_any_memory(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	(void)len;
	answer[7] = 0x7f;
}

static void no_bytes_promised(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	answer[0] = 0;
	*len = 8;
}

static void another_tag(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	(void)len;
	answer[8] = 0; /* EnabledDevice, with four bytes more */
}

static void a_tag_of_nothing(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	(void)len;
	answer[8] = 11;
}

static void an_answer_to_another_question(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	static const uint8_t written[] = { 4, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0 };

	(void)p;
	memcpy(answer, written, sizeof(written));
	*len = sizeof(written);
}

static void an_error_out_of_place(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	static const uint8_t error[] = { 8, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0 };

	(void)p;
	memcpy(answer, error, sizeof(error));
	*len = sizeof(error);
}

static const pcid_lie lies[] = {
	cut_short,
	nothing_at_all,
	half_a_prefix,
	one_byte_too_long,
	a_mebibyte,
	more_than_any_memory,
	no_bytes_promised,
	another_tag,
	a_tag_of_nothing,
	an_answer_to_another_question,
	an_error_out_of_place,
};

static void a_lie_breaks_the_channel_for_good(void **state)
{
	struct channel *c = *state;
	unsigned int i, before;
	uint32_t val;

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		pcid_lie_at(c->p, 1, lies[i]);

		assert_int_equal(rbi_pcid_read_config(c->ch, 0, &val), -EPROTO);
		assert_int_equal(val, UINT32_MAX);
		assert_string_not_equal(rb_last_error(), "");

		before = c->p->requests;
		assert_int_equal(rbi_pcid_read_config(c->ch, 0, &val), -EPROTO);
		assert_int_equal(rbi_pcid_enable_device(c->ch), -EPROTO);
		assert_int_equal(c->p->requests, before);

		rbi_pcid_close(c->ch, false);
		assert_int_equal(rbi_pcid_open(c->p->ctx->os, c->fn->name, &c->ch), 0);
	}
}

static void the_other_feature(struct fake_pcid *p, uint8_t *answer, size_t *len)
{
	(void)p;
	(void)len;
	answer[12] ^= 1;
}

static void an_answer_about_another_feature_is_a_lie(void **state)
{
	struct channel *c = *state;

	pcid_lie_at(c->p, 1, the_other_feature);

	assert_int_equal(rbi_pcid_enable_feature(c->ch, RBI_WIRE_MSI), -EPROTO);
	assert_int_equal(rbi_pcid_enable_feature(c->ch, RBI_WIRE_MSI), -EPROTO);
}

static void a_write_that_takes_half_a_request_breaks_the_channel(void **state)
{
	struct channel *c = *state;

	c->p->short_write = true;
	assert_int_equal(rbi_pcid_enable_device(c->ch), -EPROTO);

	c->p->short_write = false;
	assert_int_equal(rbi_pcid_enable_device(c->ch), -EPROTO);
}

/* --- failures of the system --------------------------------------------------------------- */

static void a_server_that_has_ended_is_gone(void **state)
{
	struct channel *c = *state;

	c->p->dead = true;
	assert_int_equal(rbi_pcid_enable_device(c->ch), -ENODEV);

	c->p->dead = false;
	assert_int_equal(rbi_pcid_enable_device(c->ch), -ENODEV);
}

static void interruptions_are_repeated(void **state)
{
	struct channel *c = *state;
	unsigned int nth;

	for (nth = 1; nth <= 3; nth++) {
		pcid_fail(c->p, nth, EINTR);

		assert_int_equal(rbi_pcid_enable_device(c->ch), 0);
	}
}

static void a_refused_write_leaves_the_channel_usable(void **state)
{
	struct channel *c = *state;

	pcid_fail(c->p, 1, ENOMEM);
	assert_int_equal(rbi_pcid_enable_device(c->ch), -ENOMEM);
	pcid_fail(c->p, 1, EIO);
	assert_int_equal(rbi_pcid_enable_device(c->ch), -EIO);

	assert_int_equal(rbi_pcid_enable_device(c->ch), 0);
}

static void a_failed_read_does_not(void **state)
{
	struct channel *c = *state;

	pcid_fail(c->p, 2, EIO);
	assert_int_equal(rbi_pcid_enable_device(c->ch), -EIO);

	assert_int_equal(rbi_pcid_enable_device(c->ch), -EPROTO);
}

static void a_write_that_the_server_cannot_read_is_a_protocol_error(void **state)
{
	struct channel *c = *state;

	pcid_fail(c->p, 1, EINVAL);

	assert_int_equal(rbi_pcid_enable_device(c->ch), -EPROTO);
	assert_int_equal(rbi_pcid_enable_device(c->ch), -EPROTO);
}

/* --- threads ----------------------------------------------------------------------- */

#define THREADS 4
#define READS 200

/* How many of its reads went wrong. */
static void *read_a_lot(void *arg)
{
	struct rbi_pcid *ch = arg;
	intptr_t wrong = 0;
	uint32_t val;
	int i;

	for (i = 0; i < READS; i++)
		wrong += rbi_pcid_read_config(ch, 0, &val) != 0 || val != 0x100e8086;
	return (void *)wrong;
}

static void threads_take_turns_on_a_channel(void **state)
{
	struct channel *c = *state;
	pthread_t threads[THREADS];
	void *wrong;
	int i;

	c->p->chunk = 1; /* many chances to get into each other's answers */

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_a_lot, c->ch), 0);

	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_int_equal(c->p->requests, THREADS * READS);
}

/* --- the access endpoint ---------------------------------------------------------------- */

static void access_reads_dwords_and_opens_nothing(void **state)
{
	struct fake_pcid *p = *state;
	struct pcid_function *fn = pcid_add(p, "0001--02--03.4", 0x1021c, 0x56781234, 0x03000001);
	struct rbi_os *os = p->ctx->os;
	struct rb_pci_addr addr = { 0x1021c };
	uint32_t val;
	int fd;

	fd = rbi_pcid_access_open(os);
	assert_true(fd >= 0);
	assert_int_equal(rbi_pcid_access_read(os, fd, addr, 256, 0, &val), 0);
	assert_int_equal(val, 0x56781234);
	assert_int_equal(rbi_pcid_access_read(os, fd, addr, 256, 2, &val), -EINVAL);
	assert_int_equal(rbi_pcid_access_read(os, fd, addr, 256, 256, &val), -ERANGE);
	assert_int_equal(val, UINT32_MAX);
	p->short_write = true;
	assert_int_equal(rbi_pcid_access_read(os, fd, addr, 256, 0, &val), -EPROTO);

	rbi_os_close(os, fd);
	assert_false(fn->enabled);
}

int main(void)
{
#define with_channel(f) cmocka_unit_test_setup_teardown(f, open_channel, close_channel)
#define with_server(f)	cmocka_unit_test_setup_teardown(f, open_server, close_server)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_styles_of_names_are_understood),
		cmocka_unit_test(other_names_are_not),
		with_channel(a_claimed_function_is_busy),
		with_server(without_the_right_a_function_is_not_touched),
		with_server(without_a_scheme_there_is_no_pci),
		with_server(a_function_that_went_while_the_server_stays_is_gone),
		with_server(a_server_without_access_endpoint_still_opens),
		with_server(without_memory_nothing_stays_open),
		with_channel(a_config_is_what_the_server_says),
		with_channel(an_answer_may_come_in_any_pieces),
		with_channel(a_request_is_one_write_without_a_prefix),
		with_channel(features_are_listed_described_and_enabled),
		with_channel(a_feature_that_is_absent_is_named_and_breaks_nothing),
		with_channel(more_messages_than_a_function_has_are_invalid),
		with_channel(bad_offsets_are_never_sent),
		with_channel(bad_messages_are_never_sent),
		with_channel(a_lie_breaks_the_channel_for_good),
		with_channel(an_answer_about_another_feature_is_a_lie),
		with_channel(a_write_that_takes_half_a_request_breaks_the_channel),
		with_channel(a_server_that_has_ended_is_gone),
		with_channel(interruptions_are_repeated),
		with_channel(a_refused_write_leaves_the_channel_usable),
		with_channel(a_failed_read_does_not),
		with_channel(a_write_that_the_server_cannot_read_is_a_protocol_error),
		with_channel(threads_take_turns_on_a_channel),
		with_server(access_reads_dwords_and_opens_nothing),
	};

	return cmocka_run_group_tests_name("pcid client", tests, NULL, NULL);
}
