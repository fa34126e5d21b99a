/* SPDX-License-Identifier: MIT */
/* test_pci_rescan.c - what has come and gone between two scans. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/pci.h>

#include "core/core.h"
#include "fake_pcid.h"

#define NVME 0x00010802u

/* The four lists of a rescan, and the machine. */
struct scene {
	struct fake_pcid *p;
	struct rb_pci_list *before, *now, *arrived, *departed;
};

static int open_scene(void **state)
{
	static struct scene scene;

	scene = (struct scene){ .p = pcid_open() };
	pcid_add(scene.p, "00-00--02.0", 0x10, 0x11e81234, 0x00ff0010);
	pcid_add(scene.p, "00-00--03.0", 0x18, 0x10d38086, 0x02000000);
	pcid_add(scene.p, "00-00--1f.2", 0xfa, 0x29228086, 0x01060102);
	assert_int_equal(rb_pci_scan(scene.p->ctx, NULL, &scene.before), 0);
	*state = &scene;
	return 0;
}

static int close_scene(void **state)
{
	struct scene *s = *state;

	rb_pci_list_close(s->before);
	rb_pci_list_close(s->now);
	rb_pci_list_close(s->arrived);
	rb_pci_list_close(s->departed);
	pcid_close(s->p);
	return 0;
}

static int rescan(struct scene *s)
{
	return rb_pci_rescan(s->before, &s->now, &s->arrived, &s->departed);
}

static uint32_t at(const struct rb_pci_list *list, size_t i)
{
	return rb_pci_info_addr(rb_pci_list_get(list, i)).sbdf;
}

static void where_nothing_changes_nothing_arrives_or_departs(void **state)
{
	struct scene *s = *state;

	assert_int_equal(rescan(s), 0);

	assert_int_equal(rb_pci_list_count(s->now), 3);
	assert_int_equal(rb_pci_list_count(s->arrived), 0);
	assert_int_equal(rb_pci_list_count(s->departed), 0);
}

static void arrivals_and_departures_are_told_in_order(void **state)
{
	struct scene *s = *state;

	pcid_add(s->p, "00-02--00.0", 0x200, 0x00101b36, NVME << 8);
	pcid_add(s->p, "00-00--01.0", 0x08, 0x11111234, 0x03000000);
	s->p->fns[0].removed = true;
	s->p->fns[2].removed = true;

	assert_int_equal(rescan(s), 0);

	assert_int_equal(rb_pci_list_count(s->now), 3);
	assert_int_equal(at(s->now, 0), 0x08);
	assert_int_equal(at(s->now, 1), 0x18);
	assert_int_equal(at(s->now, 2), 0x200);
	assert_int_equal(rb_pci_list_count(s->arrived), 2);
	assert_int_equal(at(s->arrived, 0), 0x08);
	assert_int_equal(at(s->arrived, 1), 0x200);
	assert_int_equal(rb_pci_info_vendor(rb_pci_list_get(s->arrived, 1)), 0x1b36);
	assert_int_equal(rb_pci_list_count(s->departed), 2);
	assert_int_equal(at(s->departed, 0), 0x10);
	assert_int_equal(at(s->departed, 1), 0xfa);
	assert_int_equal(rb_pci_info_vendor(rb_pci_list_get(s->departed, 0)), 0x1234);
}

static void another_function_at_an_address_departs_and_arrives(void **state)
{
	static const struct {
		unsigned int off;
		uint32_t dword;
	} changes[] = {
		{ 0x00, 0x11e81235 }, { 0x00, 0x11e91234 }, { 0x08, 0x00ff0011 },
		{ 0x08, 0x01ff0010 }, { 0x2c, 0x00001af4 }, { 0x2c, 0x11000000 },
	};
	struct scene *s = *state;
	uint32_t before;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		before = pcid_get(&s->p->fns[0], changes[i].off);
		pcid_set(&s->p->fns[0], changes[i].off, changes[i].dword);

		assert_int_equal(rescan(s), 0);

		assert_int_equal(rb_pci_list_count(s->now), 3);
		assert_int_equal(rb_pci_list_count(s->arrived), 1);
		assert_int_equal(at(s->arrived, 0), 0x10);
		assert_int_equal(rb_pci_list_count(s->departed), 1);
		assert_int_equal(at(s->departed, 0), 0x10);
		assert_int_equal(rb_pci_info_device(rb_pci_list_get(s->departed, 0)), 0x11e8);
		pcid_set(&s->p->fns[0], changes[i].off, before);
		rb_pci_list_close(s->now);
		rb_pci_list_close(s->arrived);
		rb_pci_list_close(s->departed);
	}
	s->now = s->arrived = s->departed = NULL;
}

static void the_filter_is_that_of_the_earlier_scan(void **state)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct scene *s = *state;
	struct rb_pci_list *again;

	rb_pci_list_close(s->before);
	assert_int_equal(rb_pci_filter_id(&filter, "8086:"), 0);
	assert_int_equal(rb_pci_scan(s->p->ctx, &filter, &s->before), 0);
	pcid_add(s->p, "00-00--04.0", 0x20, 0x11e91234, 0x00ff0000);
	pcid_add(s->p, "00-00--05.0", 0x28, 0x11e98086, 0x00ff0000);

	assert_int_equal(rescan(s), 0);

	assert_int_equal(rb_pci_list_count(s->now), 3);
	assert_int_equal(rb_pci_list_count(s->arrived), 1);
	assert_int_equal(at(s->arrived, 0), 0x28);

	/* and a list that a rescan made has it too */
	pcid_add(s->p, "00-00--06.0", 0x30, 0x11e91234, 0x00ff0000);
	assert_int_equal(rb_pci_rescan(s->now, &again, NULL, NULL), 0);
	assert_int_equal(rb_pci_list_count(again), 3);
	rb_pci_list_close(again);
	assert_int_equal(rb_pci_rescan(s->departed, &again, NULL, NULL), 0);
	assert_int_equal(rb_pci_list_count(again), 3);
	rb_pci_list_close(again);
}

static void where_ids_are_not_known_the_address_decides(void **state)
{
	struct scene *s = *state;

	s->p->user = true;
	pcid_set(&s->p->fns[0], 0, 0x56781234);

	assert_int_equal(rescan(s), 0);

	assert_int_equal(rb_pci_list_count(s->now), 3);
	assert_int_equal(rb_pci_list_count(s->arrived), 0);
	assert_int_equal(rb_pci_list_count(s->departed), 0);
}

static void the_lists_outlive_the_earlier_one_and_nobody_need_want_the_difference(void **state)
{
	struct scene *s = *state;

	s->p->fns[1].removed = true;
	assert_int_equal(rb_pci_rescan(s->before, &s->now, NULL, &s->departed), 0);

	rb_pci_list_close(s->before);
	s->before = NULL;
	assert_int_equal(rb_pci_list_count(s->now), 2);
	assert_int_equal(at(s->departed, 0), 0x18);
	assert_int_equal(rb_ctx_live(s->p->ctx, NULL, 0), 2);
}

static void a_list_may_be_replaced_by_the_new_one(void **state)
{
	struct scene *s = *state;
	struct rb_pci_list *list = s->before;

	assert_int_equal(rb_pci_rescan(list, &list, NULL, NULL), 0);

	assert_int_equal(rb_pci_list_count(list), 3);
	rb_pci_list_close(list);
}

/* --- failures ------------------------------------------------------------------------ */

static void nothing_cannot_be_scanned_again(void **state)
{
	struct scene *s = *state;

	assert_int_equal(rb_pci_rescan(NULL, &s->now, &s->arrived, &s->departed), -EINVAL);
	assert_null(s->now);
	assert_int_equal(rb_pci_rescan(s->before, NULL, &s->arrived, &s->departed), -EINVAL);
	assert_null(s->arrived);
}

static void a_rescan_that_fails_leaves_no_list_behind(void **state)
{
	struct scene *s = *state;
	unsigned int nth, total;
	unsigned long n;

	pcid_add(s->p, "00-00--01.0", 0x08, 0x11111234, 0x03000000);
	s->p->fns[0].removed = true;
	pcid_fail(s->p, 0, 0);
	assert_int_equal(rb_pci_rescan(s->before, &s->now, NULL, NULL), 0);
	rb_pci_list_close(s->now);
	total = s->p->calls;

	for (nth = 1; nth <= total; nth++) {
		pcid_fail(s->p, nth, EIO);
		assert_int_equal(rescan(s), -EIO);
		assert_null(s->now);
		assert_null(s->arrived);
		assert_null(s->departed);
		assert_int_equal(rb_ctx_live(s->p->ctx, NULL, 0), 1);
	}
	pcid_fail(s->p, 0, 0);

	for (n = 1; n < 100; n++) {
		rbi_alloc_fail_at(n);
		if (rescan(s) == 0)
			break;
		rbi_alloc_fail_at(0);
		assert_null(s->now);
		assert_int_equal(rb_ctx_live(s->p->ctx, NULL, 0), 1);
	}
	rbi_alloc_fail_at(0);
	assert_in_range(n, 7, 99);
}

static void a_child_of_fork_cannot_scan_again(void **state)
{
	struct scene *s = *state;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(rescan(s) == -ENODEV && !s->now ? 0 : 1);

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
#define in_scene(f) cmocka_unit_test_setup_teardown(f, open_scene, close_scene)
	const struct CMUnitTest tests[] = {
		in_scene(where_nothing_changes_nothing_arrives_or_departs),
		in_scene(arrivals_and_departures_are_told_in_order),
		in_scene(another_function_at_an_address_departs_and_arrives),
		in_scene(the_filter_is_that_of_the_earlier_scan),
		in_scene(where_ids_are_not_known_the_address_decides),
		in_scene(the_lists_outlive_the_earlier_one_and_nobody_need_want_the_difference),
		in_scene(a_list_may_be_replaced_by_the_new_one),
		in_scene(nothing_cannot_be_scanned_again),
		in_scene(a_rescan_that_fails_leaves_no_list_behind),
		in_scene(a_child_of_fork_cannot_scan_again),
	};

	return cmocka_run_group_tests_name("pci rescan", tests, NULL, NULL);
}
