/* SPDX-License-Identifier: MIT */
/*
 * test_bad_input.c - machine strings that nobody should write, a QEMU that is
 * missing or refuses, and NULL everywhere.
 *
 * Each is answered with the documented code and a sentence, and leaves nothing
 * behind.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"

static void assert_refused(const char *machine, int code)
{
	struct rb_ctx *ctx = (struct rb_ctx *)&code;
	size_t fds = count_fds();
	int rc;

	rc = rb_ctx_new(machine, &ctx);

	if (rc != code)
		fail_msg("'%.80s' answers %d (%s), not %d", machine ? machine : "NULL", rc,
			 rb_last_error(), code);
	assert_null(ctx);
	assert_int_not_equal(strlen(rb_last_error()), 0);
	assert_int_equal(count_fds(), fds);
	assert_false(have_children());
}

/* QEMU may not be here, and then whatever names it is -ENOTSUP. */
static bool have_qemu(void)
{
	struct rb_ctx *ctx;
	int rc;

	rc = rb_ctx_new("qemu:edu", &ctx);
	rb_ctx_unref(ctx);
	return rc == 0;
}

/* --- machine strings ------------------------------------------------------------------ */

static void no_machine_at_all_is_einval(void **state)
{
	(void)state;

	assert_int_equal(unsetenv("RBDRV_MACHINE"), 0);

	assert_refused(NULL, -EINVAL);
	assert_refused("", -EINVAL);
}

static void the_environment_names_a_machine_when_the_caller_does_not(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(setenv("RBDRV_MACHINE", "mock:edu", 1), 0);

	assert_ok(rb_ctx_new(NULL, &ctx));

	assert_string_equal(rb_ctx_machine(ctx), "mock:edu");
	rb_ctx_unref(ctx);
	unsetenv("RBDRV_MACHINE");
}

static void an_unknown_machine_or_model_is_enoent(void **state)
{
	(void)state;

	assert_refused("moch:edu", -ENOENT);
	assert_non_null(strstr(rb_last_error(), "moch"));
	assert_refused("mock:edo", -ENOENT);
	assert_non_null(strstr(rb_last_error(), "edo"));
	assert_refused("MOCK:edu", -ENOENT);
}

static void redox_without_a_root_is_not_here(void **state)
{
	(void)state;

	assert_refused("redox", -ENOTSUP);
}

static void a_malformed_machine_string_is_einval(void **state)
{
	static const char *const strings[] = {
		":edu",
		"mock:edu\n",
		"mock:edu\nmock:edu",
		"mock:edu\x7f",
		"mock:\x01",
		"mock:edu\\",
		"mock:;",
		"mock:,",
		"mock:edu,",
		"mock:edu;profile=redox-1999",
		"mock:edu;profile=",
		"mock:edu;uid=-1",
		"mock:edu;uid=99999999999999999999",
		"mock:edu;uid=0x",
		"mock:edu;uid=1 ",
		"mock:edu;config=maybe",
		"mock:edu;event_timeout=1",
		"mock:edu,no_such_argument=1",
		"trace(",
		"trace()mock",
		"trace(x)+",
	};
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		assert_refused(strings[i], -EINVAL);
}

static void a_machine_string_of_a_megabyte_is_einval(void **state)
{
	static const char *const heads[] = { "", "mock:", "qemu:edu,", "mock:edu;uid=" };
	const size_t len = (size_t)1 << 20;
	char *text;
	size_t i;

	(void)state;
	text = malloc(len + 1);
	assert_non_null(text);

	for (i = 0; i < 4; i++) {
		memset(text, 'a', len);
		memcpy(text, heads[i], strlen(heads[i]));
		text[len] = '\0';
		assert_refused(text, -EINVAL);
	}
	free(text);
}

static void a_machine_string_of_many_devices_is_einval(void **state)
{
	char text[32768] = "mock:edu";
	size_t i, end = strlen(text);

	(void)state;

	for (i = 0; i < 5000; i++, end += 4)
		memcpy(text + end, ";edu", 5);

	assert_refused(text, -EINVAL);
}

/* --- QEMU ------------------------------------------------------------------------------- */

/* The machine with @program in QEMU's place. */
static void assert_program_refused(const char *program, int code)
{
	const char *before = getenv("RBDRV_QEMU");
	char *kept = before ? strdup(before) : NULL;

	assert_int_equal(setenv("RBDRV_QEMU", program, 1), 0);
	assert_refused("qemu:edu", code);
	if (kept)
		setenv("RBDRV_QEMU", kept, 1);
	else
		unsetenv("RBDRV_QEMU");
	free(kept);
}

static void without_qemu_its_machine_is_enotsup(void **state)
{
	(void)state;

	assert_program_refused("/nonexistent/qemu", -ENOTSUP);
}

static void a_program_that_is_not_qemu_is_an_error_in_its_own_words(void **state)
{
	(void)state;
	if (!have_qemu())
		skip();

	assert_program_refused("/bin/false", -EIO);
}

static void a_device_that_qemu_refuses_is_einval_in_its_own_words(void **state)
{
	(void)state;
	if (!have_qemu())
		skip();

	assert_refused("qemu:edu,no_such_property=1", -EINVAL);
	assert_non_null(strstr(rb_last_error(), "no_such_property"));
}

static void a_model_that_qemu_has_not_is_enoent(void **state)
{
	(void)state;
	if (!have_qemu())
		skip();

	assert_refused("qemu:no-such-device", -ENOENT);
	assert_non_null(strstr(rb_last_error(), "no-such-device"));
}

/* Bytes with a meaning on QEMU's command line, in its monitor or in a shell. */
static void hostile_bytes_reach_qemu_as_a_name_or_not_at_all(void **state)
{
	static const char *const strings[] = {
		"qemu:edu\n-device\ne1000",
		"qemu:edu,dma_mask=1\\,bus\\=pcie.0",
		"qemu:\"edu\"",
		"qemu:edu\"}",
		"qemu:edu' ; true '",
		"qemu:-version",
		"qemu:-help",
		"qemu:help",
		"qemu:?",
		"qemu:edu,help=",
		"qemu:edu,id=\\,",
		"qemu:edu,\"x\"=1",
		"qemu:{\"driver\":\"edu\"}",
	};
	struct rb_ctx *ctx;
	size_t i;

	(void)state;
	if (!have_qemu())
		skip();

	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		size_t fds = count_fds();
		int rc = rb_ctx_new(strings[i], &ctx);

		if (rc != -EINVAL && rc != -ENOENT)
			fail_msg("'%s' answers %d (%s)", strings[i], rc, rb_last_error());
		assert_null(ctx);
		assert_int_equal(count_fds(), fds);
		assert_false(have_children());
	}
}

/* --- NULL ------------------------------------------------------------------------------- */

static void null_contexts_are_refused(void **state)
{
	struct rb_pci_addr addr = rb_pci_addr_make(0, 0, 1, 0);
	struct rb_pci_list *list;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;

	(void)state;

	assert_int_equal(rb_ctx_new("mock", NULL), -EINVAL);
	assert_int_equal(rb_pci_scan(NULL, NULL, &list), -EINVAL);
	assert_null(list);
	assert_int_equal(rb_pci_open(NULL, addr, &dev), -EINVAL);
	assert_null(dev);
	assert_int_equal(rb_poll(NULL, NULL, 0, 0), -EINVAL);
	assert_null(rb_ctx_ref(NULL));
	assert_string_equal(rb_ctx_machine(NULL), "");
	assert_int_equal(rb_ctx_live(NULL, NULL, 0), 0);
	assert_int_equal(rb_time_ns(NULL), 0);

	assert_ok(rb_ctx_new("mock:edu", &ctx));
	assert_int_equal(rb_pci_scan(ctx, NULL, NULL), -EINVAL);
	assert_int_equal(rb_pci_open(ctx, addr, NULL), -EINVAL);
	assert_int_equal(rb_poll(ctx, NULL, 1, 0), -EINVAL);
	rb_ctx_unref(ctx);
}

static void null_objects_are_refused(void **state)
{
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf;
	struct rb_mmio *regs;
	unsigned int cap;
	uint64_t count;
	uint32_t val;

	(void)state;

	assert_int_equal(rb_pci_config_read32(NULL, 0, &val), -EINVAL);
	assert_int_equal(rb_pci_config_write32(NULL, 0, 0), -EINVAL);
	assert_int_equal(rb_pci_find_cap(NULL, 5, &cap), -EINVAL);
	assert_int_equal(rb_pci_set_bus_master(NULL, true), -EINVAL);
	assert_int_equal(rb_mmio_map(NULL, 0, 0, 0, 0, &regs), -EINVAL);
	assert_null(regs);
	assert_int_equal(rb_mmio_error(NULL), -EINVAL);
	assert_int_equal(rb_mmio_copy_to(NULL, 0, &val, 4), -EINVAL);
	assert_int_equal(rb_mmio_copy_from(NULL, 0, &val, 4), -EINVAL);
	assert_int_equal(rb_mmio_fill(NULL, 0, 0, 4), -EINVAL);
	assert_int_equal(rb_mmio_poll32(NULL, 0, 0, 0, 0, NULL), -EINVAL);
	assert_int_equal(rb_irq_set_open(NULL, NULL, &irqs), -EINVAL);
	assert_null(irqs);
	assert_int_equal(rb_irq_take(NULL, 0, &count), -EINVAL);
	assert_int_equal(rb_irq_wait(NULL, 0, 0), -EINVAL);
	assert_int_equal(rb_irq_wait_any(NULL, 0), -EINVAL);
	assert_int_equal(rb_irq_fd(NULL, 0), -EINVAL);
	assert_int_equal(rb_irq_cancel(NULL), -EINVAL);
	assert_int_equal(rb_dma_alloc(NULL, 64, NULL, &buf), -EINVAL);
	assert_null(buf);
	assert_int_equal(rb_dma_poll32(NULL, 0, 0, 0, 0, NULL), -EINVAL);
	assert_int_equal(rb_pci_addr_parse(NULL, NULL), -EINVAL);
	assert_int_equal(rb_pci_filter_slot(NULL, NULL), -EINVAL);
	assert_int_equal(rb_pci_filter_id(NULL, NULL), -EINVAL);
	assert_int_equal(rb_pci_rescan(NULL, NULL, NULL, NULL), -EINVAL);
	assert_int_equal(rb_pci_add_quirks(NULL, 0), -EINVAL);
}

static void getters_and_releases_take_null(void **state)
{
	(void)state;

	assert_int_equal(rb_pci_list_count(NULL), 0);
	assert_null(rb_pci_list_get(NULL, 0));
	assert_null(rb_pci_match_find(NULL, NULL));
	assert_int_equal(rb_pci_quirks_of(NULL), 0);
	assert_int_equal(rb_pci_quirks(NULL), 0);
	assert_null(rb_pci_ref(NULL));
	assert_int_equal(rb_pci_bar_kind(NULL, 0), RB_PCI_BAR_NONE);
	assert_int_equal(rb_pci_bar_size(NULL, 0), 0);
	assert_int_equal(rb_pci_bar_phys(NULL, 0).value, 0);
	assert_int_equal(rb_pci_bar_port(NULL, 0), 0);
	assert_int_equal(rb_mmio_size(NULL), 0);
	assert_int_equal(rb_irq_set_count(NULL), 0);
	assert_null(rb_dma_cpu(NULL));
	assert_int_equal(rb_dma_size(NULL), 0);
	assert_int_equal(rb_dma_addr(NULL, 0).value, UINT64_MAX);

	rb_ctx_unref(NULL);
	rb_ctx_set_log(NULL, RB_LOG_DEBUG, NULL, NULL);
	rb_delay_us(NULL, 1);
	rb_pci_list_close(NULL);
	rb_pci_unref(NULL);
	rb_mmio_close(NULL);
	rb_irq_set_close(NULL);
	rb_dma_close(NULL);
}

static void addresses_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"00",
		"00:00",
		"00:00.8",
		"00:20.0",
		"100:00.0",
		"0000:00:00.0 ",
		"0000:00:00.0x",
		"10000:00:00.0",
		"-1:00.0",
		"00:00.00",
		":00:00.0",
		"00-00--1f.2",
		"00:1f.-1",
	};
	struct rb_pci_addr addr = rb_pci_addr_make(1, 2, 3, 4);
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (rb_pci_addr_parse(texts[i], &addr) != -EINVAL)
			fail_msg("'%s' is taken for an address", texts[i]);

	assert_int_equal(addr.sbdf, rb_pci_addr_make(1, 2, 3, 4).sbdf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_machine_at_all_is_einval),
		cmocka_unit_test(the_environment_names_a_machine_when_the_caller_does_not),
		cmocka_unit_test(an_unknown_machine_or_model_is_enoent),
		cmocka_unit_test(redox_without_a_root_is_not_here),
		cmocka_unit_test(a_malformed_machine_string_is_einval),
		cmocka_unit_test(a_machine_string_of_a_megabyte_is_einval),
		cmocka_unit_test(a_machine_string_of_many_devices_is_einval),
		cmocka_unit_test(without_qemu_its_machine_is_enotsup),
		cmocka_unit_test(a_program_that_is_not_qemu_is_an_error_in_its_own_words),
		cmocka_unit_test(a_device_that_qemu_refuses_is_einval_in_its_own_words),
		cmocka_unit_test(a_model_that_qemu_has_not_is_enoent),
		cmocka_unit_test(hostile_bytes_reach_qemu_as_a_name_or_not_at_all),
		cmocka_unit_test(null_contexts_are_refused),
		cmocka_unit_test(null_objects_are_refused),
		cmocka_unit_test(getters_and_releases_take_null),
		cmocka_unit_test(addresses_that_are_none_are_refused),
	};

	return cmocka_run_group_tests_name("bad input", tests, NULL, NULL);
}
