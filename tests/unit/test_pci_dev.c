/* SPDX-License-Identifier: MIT */
/* test_pci_dev.c - an open function: claiming, BARs, configuration space, policies. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/pci.h>
#include <rbdrv/pci_caps.h>
#include <rbdrv/pci_control.h>

#include "core/core.h"
#include "fake_pcid.h"
#include "pci/pci_dev.h"

#define EDU_ADDR rb_pci_addr_make(0, 0, 2, 0)
#define MASTER	 4u

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
	pcid_add(b.p, "0000--00--1f.2", 0xfa, 0x29228086, 0x01060102);
	b.fn = pcid_add(b.p, "0000--00--02.0", 0x10, 0x11e81234, 0x00ff0010);
	pcid_set(b.fn, 0x2c, 0x11001af4);
	b.fn->bars[0] = (struct pcid_bar){ 1, 0xfea00000, 0x100000 };
	*state = &b;
	return 0;
}

static int plug_in(void **state)
{
	struct bench *b;

	lay_out(state);
	b = *state;
	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &b->dev), 0);
	return 0;
}

static int unplug(void **state)
{
	struct bench *b = *state;

	rb_pci_unref(b->dev);
	pcid_close(b->p);
	return 0;
}

static bool masters(const struct pcid_function *fn)
{
	return fn->config[4] & MASTER;
}

/* --- claiming ---------------------------------------------------------------------- */

static void a_claimed_function_is_known_locked_and_live(void **state)
{
	struct bench *b = *state;
	const struct rb_pci_info *info = rb_pci_info(b->dev);
	char live[64];

	assert_true(b->fn->locked);
	assert_false(b->p->fns[0].enabled);
	assert_int_equal(rb_pci_info_addr(info).sbdf, 0x10);
	assert_true(rb_pci_info_known(info));
	assert_int_equal(rb_pci_info_vendor(info), 0x1234);
	assert_int_equal(rb_pci_info_device(info), 0x11e8);
	assert_int_equal(rb_pci_info_class(info), 0x00ff00);
	assert_int_equal(rb_pci_info_revision(info), 0x10);
	assert_int_equal(rb_pci_info_subvendor(info), 0x1af4);
	assert_int_equal(rb_pci_info_subdevice(info), 0x1100);
	assert_int_equal(rb_ctx_live(b->p->ctx, live, sizeof(live)), 1);
	assert_string_equal(live, "PCI device 0000:00:02.0\n");
}

static void a_second_claim_is_busy(void **state)
{
	struct bench *b = *state;
	struct rb_pci_dev *second;

	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &second), -EBUSY);

	assert_null(second);
}

static void the_last_reference_switches_bus_mastering_off_and_unlocks(void **state)
{
	struct bench *b = *state;

	assert_ptr_equal(rb_pci_ref(b->dev), b->dev);
	rb_pci_unref(b->dev);
	assert_true(b->fn->locked);
	assert_true(masters(b->fn));

	rb_pci_unref(b->dev);
	b->dev = NULL;
	assert_false(b->fn->locked);
	assert_false(masters(b->fn));
}

static void a_function_that_is_not_there_is_not_found(void **state)
{
	struct bench *b = *state;
	struct rb_pci_dev *dev;

	assert_int_equal(rb_pci_open(b->p->ctx, rb_pci_addr_make(0, 0, 3, 0), &dev), -ENOENT);
	assert_null(dev);
	assert_non_null(strstr(rb_last_error(), "0000:00:03.0"));
}

static void a_channel_that_answers_for_another_function_is_a_lie(void **state)
{
	struct bench *b = *state;
	struct rb_pci_dev *dev;

	b->fn->answers_as = 0xfa;

	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &dev), -EPROTO);
	assert_null(dev);
	assert_false(b->fn->locked);
	assert_false(masters(b->fn));
}

static void a_removed_function_cannot_be_claimed(void **state)
{
	struct bench *b = *state;
	struct rb_pci_dev *dev;

	b->fn->removed = true;

	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &dev), -ENODEV);
	assert_null(dev);
}

static void every_failing_call_ends_an_open_with_a_known_code_and_no_leak(void **state)
{
	static const int errs[] = { EIO, ENOMEM, EACCES, ENODEV, EMFILE, EBADF, EINVAL, ENOENT };
	struct bench *b = *state;
	struct rb_pci_dev *dev;
	unsigned int nth, total;
	size_t e;
	int rc;

	pcid_fail(b->p, 0, 0);
	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &dev), 0);
	total = b->p->calls;
	rb_pci_unref(dev);
	assert_in_range(total, 10, 100);

	for (nth = 1; nth <= total; nth++) {
		for (e = 0; e < sizeof(errs) / sizeof(errs[0]); e++) {
			pcid_fail(b->p, nth, errs[e]);
			rc = rb_pci_open(b->p->ctx, EDU_ADDR, &dev);

			assert_true(rbi_code_is_ours(rc));
			assert_true((rc == 0) == (dev != NULL));
			if (rc < 0)
				assert_string_not_equal(rb_last_error(), "");
			rb_pci_unref(dev);
			assert_int_equal(pcid_open_fds(b->p), 0);
			assert_int_equal(b->p->dirs, 0);
		}
	}
	pcid_fail(b->p, 0, 0);
}

static void without_memory_an_open_says_so_and_leaks_nothing(void **state)
{
	struct bench *b = *state;
	struct rb_pci_dev *dev;
	unsigned long n;
	int rc;

	for (n = 1; n < 100; n++) {
		rbi_alloc_fail_at(n);
		rc = rb_pci_open(b->p->ctx, EDU_ADDR, &dev);
		rbi_alloc_fail_at(0);
		if (rc == 0)
			break;

		assert_int_equal(rc, -ENOMEM);
		assert_null(dev);
		assert_int_equal(pcid_open_fds(b->p), 0);
	}
	assert_in_range(n, 4, 99);
	rb_pci_unref(dev);
}

static void the_reason_of_a_failed_open_survives_its_clean_up(void **state)
{
	struct bench *b = *state;
	struct rb_pci_dev *dev;

	b->fn->answers_as = 0xfa;
	b->fn->stuck_master = true;

	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &dev), -EPROTO);
	assert_non_null(strstr(rb_last_error(), "answers for"));
}

static void a_null_device_is_refused_or_ignored(void **state)
{
	struct rbi_pci_bar bar = rbi_pci_bar(NULL, 0);
	struct bench *b = *state;
	struct rb_pci_dev *dev;
	unsigned int off;
	uint32_t val = 0;

	assert_int_equal(rb_pci_open(NULL, EDU_ADDR, &dev), -EINVAL);
	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, NULL), -EINVAL);
	assert_int_equal(rb_pci_config_read32(NULL, 0, &val), -EINVAL);
	assert_int_equal(val, UINT32_MAX);
	assert_int_equal(rb_pci_config_write32(NULL, 0, 0), -EINVAL);
	assert_int_equal(rb_pci_find_cap(NULL, 5, &off), -EINVAL);
	assert_int_equal(rb_pci_set_bus_master(NULL, true), -EINVAL);
	assert_int_equal(bar.kind, RB_PCI_BAR_NONE);
	assert_null(rb_pci_info(NULL));
	assert_null(rb_pci_ref(NULL));
	assert_false(rb_pci_is_gone(NULL));
	rb_pci_unref(NULL);
}

/* --- an inherited channel ---------------------------------------------------------------- */

static void an_inherited_channel_serves_its_function(void **state)
{
	struct bench *b = *state;

	pcid_inherit(b->p, b->fn);
	b->p->user = true; /* it needs no right of its own */

	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &b->dev), 0);

	assert_int_equal(rb_pci_info_vendor(rb_pci_info(b->dev)), 0x1234);
	assert_int_equal(pcid_open_fds(b->p), 1);
}

static void an_inherited_function_is_claimed_once_and_again_after(void **state)
{
	struct bench *b = *state;
	struct rb_pci_dev *second;

	pcid_inherit(b->p, b->fn);
	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &b->dev), 0);
	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &second), -EBUSY);
	assert_null(second);

	rb_pci_unref(b->dev);
	assert_false(masters(b->fn));
	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &b->dev), 0);

	assert_true(masters(b->fn));
}

static void an_inherited_function_is_listed_even_alone(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct bench *b = *state;
	struct rb_pci_list *list;
	int world;

	pcid_inherit(b->p, b->fn);
	filter.vendor = 0x1234;
	for (world = 0; world < 3; world++) {
		b->p->user = world == 1;
		b->p->absent = world == 2;

		assert_int_equal(rb_pci_scan(b->p->ctx, &filter, &list), 0);
		assert_int_equal(rb_pci_list_count(list), 1);
		assert_int_equal(rb_pci_info_subdevice(rb_pci_list_get(list, 0)), 0x1100);
		rb_pci_list_close(list);

		assert_int_equal(rb_pci_scan(b->p->ctx, NULL, &list), 0);
		assert_int_equal(rb_pci_list_count(list), world == 0 ? 2 : 1);
		rb_pci_list_close(list);
	}
	b->p->absent = false;
}

static void another_function_is_opened_by_path_beside_an_inherited_one(void **state)
{
	struct bench *b = *state;

	pcid_inherit(b->p, &b->p->fns[0]);

	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &b->dev), 0);

	assert_true(b->fn->locked);
	assert_int_equal(pcid_open_fds(b->p), 2);
}

/* --- configuration space ------------------------------------------------------------- */

static void config_reads_come_in_three_widths(void **state)
{
	struct bench *b = *state;
	uint32_t v32;
	uint16_t v16;
	uint8_t v8;

	pcid_set(b->fn, 0x60, 0x44332211);

	assert_int_equal(rb_pci_config_read32(b->dev, 0x60, &v32), 0);
	assert_int_equal(v32, 0x44332211);
	assert_int_equal(rb_pci_config_read16(b->dev, 0x62, &v16), 0);
	assert_int_equal(v16, 0x4433);
	assert_int_equal(rb_pci_config_read8(b->dev, 0x63, &v8), 0);
	assert_int_equal(v8, 0x44);
	assert_int_equal(rb_pci_config_read8(b->dev, 0x60, &v8), 0);
	assert_int_equal(v8, 0x11);
	assert_int_equal(rb_pci_config_read32(b->dev, 0x61, &v32), -EINVAL);
	assert_int_equal(rb_pci_config_read16(b->dev, 0x63, &v16), -EINVAL);
	assert_int_equal(v16, 0xffff);
	assert_int_equal(rb_pci_config_read32(b->dev, 0, NULL), -EINVAL);
}

static void narrow_config_writes_leave_their_neighbours(void **state)
{
	struct bench *b = *state;

	pcid_set(b->fn, 0x60, 0x44332211);

	assert_int_equal(rb_pci_config_write8(b->dev, 0x61, 0xaa), 0);
	assert_int_equal(pcid_get(b->fn, 0x60), 0x4433aa11);
	assert_int_equal(rb_pci_config_write16(b->dev, 0x62, 0xbbcc), 0);
	assert_int_equal(pcid_get(b->fn, 0x60), 0xbbccaa11);
	assert_int_equal(rb_pci_config_write32(b->dev, 0x60, 0x12345678), 0);
	assert_int_equal(pcid_get(b->fn, 0x60), 0x12345678);
	assert_int_equal(rb_pci_config_write16(b->dev, 0x61, 0), -EINVAL);
	assert_int_equal(rb_pci_config_write32(b->dev, 0x62, 0), -EINVAL);
}

static void a_command_write_clears_no_status_bit(void **state)
{
	struct bench *b = *state;

	pcid_set(b->fn, 4, 0xf9100007);

	assert_int_equal(rb_pci_config_write16(b->dev, 4, 0x0407), 0);
	assert_int_equal(pcid_get(b->fn, 4), 0xf9100407);
	assert_int_equal(rb_pci_config_write8(b->dev, 5, 0), 0);
	assert_int_equal(pcid_get(b->fn, 4), 0xf9100007);
	assert_int_equal(rb_pci_set_bus_master(b->dev, false), 0);
	assert_int_equal(pcid_get(b->fn, 4), 0xf9100003);

	/* clearing one is asked for by writing it */
	assert_int_equal(rb_pci_config_write16(b->dev, 6, 0x8000), 0);
	assert_int_equal(pcid_get(b->fn, 4), 0x79100003);
	assert_int_equal(rb_pci_config_write8(b->dev, 7, 0x40), 0);
	assert_int_equal(pcid_get(b->fn, 4), 0x39100003);
}

static void extended_space_must_be_shown_to_exist(void **state)
{
	struct bench *b = *state;
	uint32_t val;

	b->p->no_ecam = true;
	assert_int_equal(rb_pci_config_read32(b->dev, 0x100, &val), -ERANGE);

	/* a function integrated into the root complex, as QEMU has them on old buses */
	pcid_cap(b->fn, 0x80, 0x10, 0);
	b->fn->config[0x82] = 0x92;
	assert_int_equal(rb_pci_config_read32(b->dev, 0x100, &val), -ERANGE);
	assert_int_equal(val, UINT32_MAX);

	/* on bus 0 no link leads to an endpoint: QEMU's machine "pc" shows such ones */
	b->fn->config[0x82] = 0x02;
	assert_int_equal(rb_pci_config_read32(b->dev, 0x100, &val), -ERANGE);
	b->fn->config[0x82] = 0x72; /* nor to a bridge */
	assert_int_equal(rb_pci_config_read32(b->dev, 0x100, &val), -ERANGE);

	/* a root port has one */
	b->p->no_ecam = false;
	b->fn->config[0x82] = 0x42;
	pcid_set(b->fn, 0x100, 0x00010001);
	assert_int_equal(rb_pci_config_read32(b->dev, 0x100, &val), 0);
	assert_int_equal(val, 0x00010001);
}

static void an_endpoint_behind_a_bridge_has_extended_space(void **state)
{
	struct bench *b = *state;
	struct pcid_function *fn = pcid_add(b->p, "0000--01--00.0", 0x100, 0x10d38086, 0x02000000);
	struct rb_pci_dev *dev;
	uint32_t val;

	pcid_cap(fn, 0x80, 0x10, 0);
	fn->config[0x82] = 0x02;
	pcid_set(fn, 0x100, 0x00010001);
	assert_int_equal(rb_pci_open(b->p->ctx, rb_pci_addr_make(0, 1, 0, 0), &dev), 0);

	assert_int_equal(rb_pci_config_read32(dev, 0x100, &val), 0);
	assert_int_equal(val, 0x00010001);
	assert_int_equal(rb_pci_config_write32(dev, 0xffc, 5), 0);
	assert_int_equal(rb_pci_config_read32(dev, 0x1000, &val), -ERANGE);

	rb_pci_unref(dev);
}

/* --- capabilities ------------------------------------------------------------------------ */

static void capabilities_are_found_in_any_order(void **state)
{
	struct bench *b = *state;
	unsigned int off = 0;

	pcid_cap(b->fn, 0xc8, 0x01, 0xd0); /* as on e1000e: the list goes back down */
	pcid_cap(b->fn, 0xd0, 0x05, 0xe0);
	pcid_cap(b->fn, 0xe0, 0x10, 0xa3); /* reserved low bits */
	pcid_cap(b->fn, 0xa0, 0x11, 0x40);
	pcid_cap(b->fn, 0x40, 0x05, 0);

	assert_int_equal(rb_pci_find_cap(b->dev, 0x11, &off), 0);
	assert_int_equal(off, 0xa0);
	assert_int_equal(rb_pci_find_cap(b->dev, 0x05, &off), 0);
	assert_int_equal(off, 0xd0);
	assert_int_equal(rb_pci_find_cap(b->dev, 0x09, &off), -ENOENT);
	assert_int_equal(off, 0xd0);
	assert_int_equal(rb_pci_find_cap(b->dev, 0x05, NULL), -EINVAL);
}

static void without_the_status_bit_there_is_no_list(void **state)
{
	struct bench *b = *state;
	unsigned int off;

	b->fn->config[0x34] = 0x40;
	b->fn->config[0x40] = 0x05;

	assert_int_equal(rb_pci_find_cap(b->dev, 0x05, &off), -ENOENT);
}

static void a_cardbus_bridge_keeps_its_list_elsewhere(void **state)
{
	struct bench *b = *state;
	unsigned int off;

	pcid_cap(b->fn, 0x80, 0x01, 0);
	b->fn->config[0x0e] = 0x82;
	b->fn->config[0x14] = 0x80;
	b->fn->config[0x34] = 0x10;

	assert_int_equal(rb_pci_find_cap(b->dev, 0x01, &off), 0);
	assert_int_equal(off, 0x80);
}

static void a_list_that_runs_in_a_circle_ends(void **state)
{
	struct bench *b = *state;
	unsigned int off;

	pcid_cap(b->fn, 0x40, 0x01, 0x50);
	pcid_cap(b->fn, 0x50, 0x09, 0x40);

	assert_int_equal(rb_pci_find_cap(b->dev, 0x09, &off), 0);
	assert_int_equal(rb_pci_find_cap(b->dev, 0x05, &off), -EPROTO);
}

static void a_list_that_runs_through_the_header_is_refused(void **state)
{
	struct bench *b = *state;
	unsigned int off;

	pcid_cap(b->fn, 0x40, 0x01, 0x3c);

	assert_int_equal(rb_pci_find_cap(b->dev, 0x05, &off), -EPROTO);
}

static void the_longest_list_is_walked_to_its_end(void **state)
{
	struct bench *b = *state;
	unsigned int at, off = 0;

	for (at = 0x40; at < 0x100; at += 4)
		pcid_cap(b->fn, at, at == 0xfc ? 0x05 : 0x09, (uint8_t)(at + 4));

	assert_int_equal(rb_pci_find_cap(b->dev, 0x05, &off), 0);
	assert_int_equal(off, 0xfc);
}

/* --- gone -------------------------------------------------------------------------- */

static void a_removed_device_is_gone_once_it_has_been_asked(void **state)
{
	struct bench *b = *state;
	unsigned int requests;
	uint32_t val = 0;

	b->fn->removed = true;
	assert_false(rb_pci_is_gone(b->dev));

	assert_int_equal(rb_pci_config_read32(b->dev, 0x60, &val), -ENODEV);
	assert_int_equal(val, UINT32_MAX);
	assert_true(rb_pci_is_gone(b->dev));

	/* for good, and nobody is asked any more */
	b->fn->removed = false;
	requests = b->p->requests;
	assert_int_equal(rb_pci_config_read32(b->dev, 0, &val), -ENODEV);
	assert_int_equal(rb_pci_config_write32(b->dev, 0x60, 0), -ENODEV);
	assert_int_equal(rb_pci_set_bus_master(b->dev, true), -ENODEV);
	assert_int_equal(rbi_pci_check_alive(b->dev), -ENODEV);
	assert_int_equal(b->p->requests, requests);
}

static void a_register_of_all_ones_is_not_a_removal(void **state)
{
	struct bench *b = *state;
	uint32_t val = 0;

	pcid_set(b->fn, 0x60, UINT32_MAX);

	assert_int_equal(rb_pci_config_read32(b->dev, 0x60, &val), 0);
	assert_int_equal(val, UINT32_MAX);
	assert_int_equal(rbi_pci_check_alive(b->dev), 0);
	assert_false(rb_pci_is_gone(b->dev));
}

static void a_device_whose_server_has_ended_is_gone(void **state)
{
	struct bench *b = *state;
	uint32_t val;

	b->p->dead = true;

	assert_int_equal(rb_pci_config_read32(b->dev, 0, &val), -ENODEV);
	assert_true(rb_pci_is_gone(b->dev));
}

static void other_rooms_can_declare_a_device_gone(void **state)
{
	struct bench *b = *state;

	rbi_pci_set_gone(b->dev);

	assert_true(rb_pci_is_gone(b->dev));
	assert_int_equal(rbi_pci_refuse_gone(b->dev), -ENODEV);
}

/* --- interrupts -------------------------------------------------------------------- */

static void the_interrupt_line_is_what_the_server_says(void **state)
{
	static const uint8_t line[] = { 1, 11, 0 };
	struct bench *b = *state;
	struct rbi_wire_irq irq;

	memcpy(b->fn->line, line, sizeof(line));
	b->fn->line_len = sizeof(line);
	assert_int_equal(rb_pci_open(b->p->ctx, EDU_ADDR, &b->dev), 0);

	assert_true(rbi_pci_legacy_irq(b->dev, &irq));
	assert_int_equal(irq.irq, 11);
	assert_false(irq.has_phandle);
}

static void a_function_without_a_pin_has_no_line(void **state)
{
	struct bench *b = *state;
	struct rbi_wire_irq irq;

	assert_false(rbi_pci_legacy_irq(b->dev, &irq));
}

static void a_device_has_one_interrupt_set(void **state)
{
	struct bench *b = *state;

	assert_int_equal(rbi_pci_irq_claim(b->dev), 0);
	assert_int_equal(rbi_pci_irq_claim(b->dev), -EBUSY);
	rbi_pci_irq_release(b->dev);
	assert_int_equal(rbi_pci_irq_claim(b->dev), 0);
}

static void messages_are_switched_on_by_request_and_off_by_config(void **state)
{
	struct bench *b = *state;

	b->fn->has_msi = b->fn->has_msix = true;
	pcid_cap(b->fn, 0x40, 0x05, 0x60);
	pcid_cap(b->fn, 0x60, 0x11, 0);
	b->fn->config[0x42] = 0x80; /* 64-bit: must survive */
	b->fn->config[0x62] = 0x10; /* 17 entries */

	assert_int_equal(rbi_pci_messages_on(b->dev, RBI_WIRE_MSI), 0);
	assert_int_equal(pcid_get(b->fn, 0x40), 0x00816005);
	assert_int_equal(rbi_pci_messages_off(b->dev, RBI_WIRE_MSI), 0);
	assert_int_equal(pcid_get(b->fn, 0x40), 0x00806005);

	assert_int_equal(rbi_pci_messages_on(b->dev, RBI_WIRE_MSIX), 0);
	assert_int_equal(pcid_get(b->fn, 0x60), 0x80100011);
	assert_int_equal(rbi_pci_messages_off(b->dev, RBI_WIRE_MSIX), 0);
	assert_int_equal(pcid_get(b->fn, 0x60), 0x00100011);
}

static void a_count_of_messages_that_was_left_behind_is_cleared(void **state)
{
	struct bench *b = *state;

	b->fn->has_msi = true;
	pcid_cap(b->fn, 0x40, 0x05, 0);
	b->fn->config[0x42] = 0xba; /* 64-bit, can send 32, may send 8 */

	assert_int_equal(rbi_pci_set_messages(b->dev, 0), 0);

	assert_int_equal(pcid_get(b->fn, 0x40), 0x008a0005);
}

static void switching_absent_messages_off_is_nothing_and_on_an_error(void **state)
{
	struct bench *b = *state;

	assert_int_equal(rbi_pci_messages_off(b->dev, RBI_WIRE_MSI), 0);
	assert_int_equal(rbi_pci_messages_on(b->dev, RBI_WIRE_MSI), -ENOENT);
	assert_int_equal(rbi_pci_set_messages(b->dev, 0), -ENOENT);
}

static void the_pin_is_forbidden_and_allowed_in_the_command_register(void **state)
{
	struct bench *b = *state;

	assert_int_equal(rbi_pci_intx(b->dev, false), 0);
	assert_int_equal(pcid_get(b->fn, 4), 0x0407);
	assert_int_equal(rbi_pci_intx(b->dev, true), 0);
	assert_int_equal(pcid_get(b->fn, 4), 0x0007);
}

/* --- DMA --------------------------------------------------------------------------- */

static void the_end_of_the_last_buffer_switches_bus_mastering_off(void **state)
{
	struct bench *b = *state;

	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	assert_int_equal(rbi_pci_dma_end(b->dev), 0);
	assert_true(masters(b->fn));

	assert_int_equal(rbi_pci_dma_end(b->dev), 0);
	assert_false(masters(b->fn));

	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	assert_true(masters(b->fn));
	assert_int_equal(rbi_pci_dma_end(b->dev), 0);
}

static void what_the_driver_switched_off_stays_off(void **state)
{
	struct bench *b = *state;

	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	assert_int_equal(rb_pci_set_bus_master(b->dev, false), 0);
	assert_int_equal(rbi_pci_dma_end(b->dev), 0);

	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	assert_false(masters(b->fn));
	assert_int_equal(rbi_pci_dma_end(b->dev), 0);
}

static void messages_keep_bus_mastering_on_and_bring_it_back(void **state)
{
	struct bench *b = *state;

	b->fn->has_msi = true;
	pcid_cap(b->fn, 0x40, 0x05, 0);
	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	assert_int_equal(rbi_pci_dma_end(b->dev), 0);
	assert_false(masters(b->fn));

	assert_int_equal(rbi_pci_messages_on(b->dev, RBI_WIRE_MSI), 0);
	assert_true(masters(b->fn));
	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	assert_int_equal(rbi_pci_dma_end(b->dev), 0);
	assert_true(masters(b->fn));

	assert_int_equal(rbi_pci_messages_off(b->dev, RBI_WIRE_MSI), 0);
	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	assert_int_equal(rbi_pci_dma_end(b->dev), 0);
	assert_false(masters(b->fn));
}

static void a_device_that_goes_on_mastering_is_reported(void **state)
{
	struct bench *b = *state;

	b->fn->stuck_master = true;
	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);

	assert_int_equal(rbi_pci_dma_end(b->dev), -EIO);
}

static void a_removed_device_cannot_reach_memory(void **state)
{
	struct bench *b = *state;

	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	b->fn->removed = true;

	assert_int_equal(rbi_pci_dma_end(b->dev), 0);
	assert_int_equal(rbi_pci_dma_begin(b->dev), -ENODEV);
}

static void a_device_out_of_reach_might(void **state)
{
	struct bench *b = *state;

	assert_int_equal(rbi_pci_dma_begin(b->dev), 0);
	b->p->dead = true;

	assert_int_equal(rbi_pci_dma_end(b->dev), -ENODEV);
}

/* --- fork -------------------------------------------------------------------------- */

static void a_child_of_fork_may_only_release(void **state)
{
	struct bench *b = *state;
	unsigned int requests = b->p->requests;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		uint32_t val = 0;
		bool ok;

		ok = rb_pci_config_read32(b->dev, 0, &val) == -ENODEV && val == UINT32_MAX;
		ok = ok && rb_pci_set_bus_master(b->dev, false) == -ENODEV;
		ok = ok && rbi_pci_dma_end(b->dev) == 0;
		rb_pci_unref(b->dev);
		ok = ok && pcid_open_fds(b->p) == 1 && b->p->requests == requests;
		_exit(ok ? 0 : 1);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(rbi_pci_check_alive(b->dev), 0);
}

int main(void)
{
#define laid_out(f) cmocka_unit_test_setup_teardown(f, lay_out, unplug)
#define plugged(f)  cmocka_unit_test_setup_teardown(f, plug_in, unplug)
	const struct CMUnitTest tests[] = {
		plugged(a_claimed_function_is_known_locked_and_live),
		plugged(a_second_claim_is_busy),
		plugged(the_last_reference_switches_bus_mastering_off_and_unlocks),
		laid_out(a_function_that_is_not_there_is_not_found),
		laid_out(a_channel_that_answers_for_another_function_is_a_lie),
		laid_out(a_removed_function_cannot_be_claimed),
		laid_out(every_failing_call_ends_an_open_with_a_known_code_and_no_leak),
		laid_out(without_memory_an_open_says_so_and_leaks_nothing),
		laid_out(the_reason_of_a_failed_open_survives_its_clean_up),
		laid_out(a_null_device_is_refused_or_ignored),
		laid_out(an_inherited_channel_serves_its_function),
		laid_out(an_inherited_function_is_claimed_once_and_again_after),
		laid_out(an_inherited_function_is_listed_even_alone),
		laid_out(another_function_is_opened_by_path_beside_an_inherited_one),
		plugged(config_reads_come_in_three_widths),
		plugged(narrow_config_writes_leave_their_neighbours),
		plugged(a_command_write_clears_no_status_bit),
		plugged(extended_space_must_be_shown_to_exist),
		plugged(an_endpoint_behind_a_bridge_has_extended_space),
		plugged(capabilities_are_found_in_any_order),
		plugged(without_the_status_bit_there_is_no_list),
		plugged(a_cardbus_bridge_keeps_its_list_elsewhere),
		plugged(a_list_that_runs_in_a_circle_ends),
		plugged(a_list_that_runs_through_the_header_is_refused),
		plugged(the_longest_list_is_walked_to_its_end),
		plugged(a_removed_device_is_gone_once_it_has_been_asked),
		plugged(a_register_of_all_ones_is_not_a_removal),
		plugged(a_device_whose_server_has_ended_is_gone),
		plugged(other_rooms_can_declare_a_device_gone),
		laid_out(the_interrupt_line_is_what_the_server_says),
		plugged(a_function_without_a_pin_has_no_line),
		plugged(a_device_has_one_interrupt_set),
		plugged(messages_are_switched_on_by_request_and_off_by_config),
		plugged(a_count_of_messages_that_was_left_behind_is_cleared),
		plugged(switching_absent_messages_off_is_nothing_and_on_an_error),
		plugged(the_pin_is_forbidden_and_allowed_in_the_command_register),
		plugged(the_end_of_the_last_buffer_switches_bus_mastering_off),
		plugged(what_the_driver_switched_off_stays_off),
		plugged(messages_keep_bus_mastering_on_and_bring_it_back),
		plugged(a_device_that_goes_on_mastering_is_reported),
		plugged(a_removed_device_cannot_reach_memory),
		plugged(a_device_out_of_reach_might),
		plugged(a_child_of_fork_may_only_release),
	};

	return cmocka_run_group_tests_name("pci device", tests, NULL, NULL);
}
