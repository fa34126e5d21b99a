/* SPDX-License-Identifier: MIT */
/* Devices that come into a running QEMU and go again. */
#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "host/qemu/qemu.h"
#include "rig.h"

#define NEEDS_QEMU()                 \
	do {                         \
		(void)state;         \
		if (!rig_has_qemu()) \
			skip();      \
	} while (0)

#ifdef RBDRV_WITH_JANSSON
#define NEEDS_PLUG() NEEDS_QEMU()
#else
#define NEEDS_PLUG()         \
	do {                 \
		(void)state; \
		skip();      \
	} while (0)
#endif

/* --- steps ------------------------------------------------------------------------------- */

static int plug(struct rig *rig, const char *device, struct rb_pci_addr *fn)
{
	struct rbi_spec *spec;
	int rc;

	assert_int_equal(rbi_spec_parse_device(device, &spec), 0);
	rc = rig->m->ops->plug(rig->m, &spec->devices[0], fn);
	rbi_spec_free(spec);
	return rc;
}

/* Put an edu in; it becomes device @at of the rig. */
static void plug_edu(struct rig *rig, unsigned int at)
{
	int rc = plug(rig, "edu", &rig->edu[at]);

	if (rc < 0)
		fail_msg("%d, %s", rc, rb_last_error());
	assert_int_equal(rig_cfg(rig, rig->edu[at], 0, 4), EDU_ID);
	rig->bar[at] = rig_cfg(rig, rig->edu[at], CFG_BAR0, 4) & ~15u;
	rig_cfg_set(rig, rig->edu[at], CFG_COMMAND, 2, 7);
	rig->count = at + 1;
}

static void refused(struct rig *rig, const char *device, int code, const char *words)
{
	struct rb_pci_addr fn;

	assert_int_equal(plug(rig, device, &fn), code);
	if (!strstr(rb_last_error(), words))
		fail_msg("'%s' does not say '%s'", rb_last_error(), words);
}

static void unplug(struct rig *rig, unsigned int dev)
{
	int rc = rig->m->ops->unplug(rig->m, rig->edu[dev]);

	if (rc < 0)
		fail_msg("%d, %s", rc, rb_last_error());
}

static void expect_pulled(struct rig *rig, unsigned int dev)
{
	uint64_t val = 0;

	assert_int_equal(rig->m->ops->mem_read(rig->m, rig->bar[dev], 4, &val), -ENODEV);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(rig_cfg(rig, rig->edu[dev], 0, 4), 0xffffffff);
	assert_int_equal(rig->m->ops->cfg_size(rig->m, rig->edu[dev]), 0);
	assert_int_equal(rig->m->ops->claim(rig->m, rig->edu[dev]), -ENODEV);
}

static int functions(struct rig *rig)
{
	return rig->m->ops->functions(rig->m, NULL, 0);
}

/* --- coming ------------------------------------------------------------------------------ */

static void a_late_device_answers_at_an_address_of_its_own(void **state)
{
	struct rig rig;
	int before;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu");
	before = functions(&rig);

	plug_edu(&rig, 1);

	assert_int_equal(functions(&rig), before + 1);
	assert_int_not_equal(rig.edu[1].sbdf, rig.edu[0].sbdf);
	assert_true(rig.bar[1] != 0 && rig.bar[1] != rig.bar[0]);
	rig_write(&rig, 1, EDU_REG_LIVE, 0x12345678);
	rig_write(&rig, 0, EDU_REG_LIVE, 0);
	assert_int_equal(rig_read(&rig, 1, EDU_REG_LIVE), ~0x12345678u);
	assert_int_equal(rig_read(&rig, 0, EDU_REG_LIVE), 0xffffffff);
	rig_stop(&rig);
	assert_false(rig_has_children());
}

static void a_late_device_interrupts_by_its_line(void **state)
{
	unsigned int line;
	struct rig rig;

	NEEDS_PLUG();
	rig_start(&rig, "qemu");
	plug_edu(&rig, 0);
	line = rig_line(&rig, 0);
	assert_int_equal(rig_cfg(&rig, rig.edu[0], 0x3c, 1), line);

	rig_write(&rig, 0, EDU_REG_RAISE, 1);

	assert_int_equal(rig_await(&rig, line, 5000), 1);
	assert_int_equal(rig_take(&rig, line), 1);
	rig_write(&rig, 0, EDU_REG_ACK, 1);
	rig_stop(&rig);
}

static void a_late_device_interrupts_by_a_message(void **state)
{
	struct rbi_msg msg = { 0xfee00000, 0x50 + RBI_IRQ_VECTOR_BASE }, hw;
	struct rig rig;

	NEEDS_PLUG();
	rig_start(&rig, "qemu");
	plug_edu(&rig, 0);
	assert_int_equal(rig.m->ops->msg_connect(rig.m, rig.edu[0], 0, 1, &msg, &hw), 0);
	rig_cfg_set(&rig, rig.edu[0], EDU_MSI + 4, 4, (uint32_t)hw.addr);
	rig_cfg_set(&rig, rig.edu[0], EDU_MSI + 8, 4, (uint32_t)(hw.addr >> 32));
	rig_cfg_set(&rig, rig.edu[0], EDU_MSI + 12, 2, hw.data);
	rig_cfg_set(&rig, rig.edu[0], EDU_MSI + 2, 2, 1);

	rig_write(&rig, 0, EDU_REG_RAISE, 1);

	assert_int_equal(rig_await(&rig, 0x50, 5000), 1);
	assert_int_equal(rig_take(&rig, 0x50), 1);
	rig_stop(&rig);
}

static void properties_are_qemus_own_and_of_its_types(void **state)
{
	struct rb_pci_addr fn;
	struct rig rig;

	NEEDS_PLUG();
	rig_start(&rig, "qemu");

	assert_int_equal(plug(&rig, "edu,dma_mask=0xffffffff", &fn), 0);
	assert_int_equal(plug(&rig, "e1000e,mac=52:54:00:12:34:56,multifunction=on", &fn), 0);

	assert_int_equal(rig_cfg(&rig, fn, 0, 4), 0x10d38086);
	assert_int_equal(rig_cfg(&rig, fn, 0x0e, 1), 0x80);
	rig_stop(&rig);
}

static void what_qemu_cannot_plug_in_is_refused_in_its_words(void **state)
{
	struct rig rig;
	int before;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu");
	before = functions(&rig);

	refused(&rig, "nonesuch", -ENOENT, "nonesuch");
	refused(&rig, "edu,bogus=1", -EINVAL, "bogus");
	refused(&rig, "edu,dma_mask=lots", -EINVAL, "dma_mask");
	refused(&rig, "usb-mouse", -EINVAL, "QEMU refuses");
	refused(&rig, "loader,addr=3", -ENOTSUP, "addr=");
	refused(&rig, "isa-debugcon", -EINVAL, "QEMU refuses");
	refused(&rig, "edu,bus=pcie.0", -ENOTSUP, "bus=");
	refused(&rig, "edu,id=mine", -ENOTSUP, "id=");
	refused(&rig, "e1000e,romfile=/etc/passwd", -ENOTSUP, "romfile");
	refused(&rig, "e1000e,netdev=n0", -EINVAL, "'n0'");
	refused(&rig, "vfio-pci,sysfs=x", -ENOTSUP, "vfio");
	refused(&rig, "edu,x=\\\"\\\\\\,y", -EINVAL, "x");
	refused(&rig, "edu,x=\xff\xfe", -EINVAL, "");

	assert_int_equal(functions(&rig), before);
	assert_int_equal(rig_read(&rig, 0, EDU_REG_ID), 0x010000ed);
	plug_edu(&rig, 1);
	rig_stop(&rig);
}

static void when_every_slot_is_taken_it_is_busy(void **state)
{
	struct rig rig;
	unsigned int i;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu;slots=2");
	plug_edu(&rig, 1);
	plug_edu(&rig, 2);

	refused(&rig, "edu", -EBUSY, "slots=");

	unplug(&rig, 1);
	plug_edu(&rig, 1);
	for (i = 0; i < 3; i++)
		assert_int_equal(rig_read(&rig, i, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void without_slots_only_places_that_became_free_can_be_used(void **state)
{
	struct rig rig;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu;slots=0");
	refused(&rig, "edu", -EBUSY, "slots=");

	unplug(&rig, 0);
	plug_edu(&rig, 0);

	assert_int_equal(rig_read(&rig, 0, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void a_larger_device_finds_room_where_a_smaller_one_was(void **state)
{
	struct rb_pci_addr fn;
	struct rig rig;
	uint32_t bar;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu;edu;slots=0");
	unplug(&rig, 0);

	assert_int_equal(plug(&rig, "bochs-display,vgamem=128M", &fn), 0);

	bar = rig_cfg(&rig, fn, CFG_BAR0, 4) & ~15u;
	assert_true(bar != 0 && bar % (128 << 20) == 0);
	assert_int_equal(rig_read(&rig, 1, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void a_device_without_room_is_taken_out_again(void **state)
{
	struct rb_pci_addr fn;
	struct rig rig;
	int before;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:bochs-display,vgamem=256M;slots=1");
	before = functions(&rig);

	assert_int_equal(plug(&rig, "bochs-display,vgamem=256M", &fn), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "finds no place"));

	assert_int_equal(functions(&rig), before);
	plug_edu(&rig, 0);
	rig_stop(&rig);
}

static void a_bridge_that_comes_late_gets_bus_numbers(void **state)
{
	struct rb_pci_addr fn;
	struct rig rig;
	uint32_t buses;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu;slots=2");

	assert_int_equal(plug(&rig, "pcie-pci-bridge", &fn), 0);

	buses = rig_cfg(&rig, fn, 0x18, 4);
	assert_int_equal(buses & 0xff, rb_pci_addr_bus(fn));
	assert_int_equal(buses >> 8 & 0xff, rb_pci_addr_bus(fn) + 1);
	plug_edu(&rig, 1);
	assert_int_equal(rig_read(&rig, 1, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

/* --- going ------------------------------------------------------------------------------- */

static void a_device_that_is_pulled_out_reads_all_ones_and_is_gone(void **state)
{
	struct rig rig;
	int before;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu;edu");
	before = functions(&rig);

	unplug(&rig, 0);

	expect_pulled(&rig, 0);
	assert_int_equal(functions(&rig), before - 1);
	assert_int_equal(rig_read(&rig, 1, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void a_late_device_can_be_pulled_out_too(void **state)
{
	struct rig rig;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu");
	plug_edu(&rig, 1);

	unplug(&rig, 1);

	expect_pulled(&rig, 1);
	assert_int_equal(rig_read(&rig, 0, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void only_what_is_in_a_slot_can_be_pulled_out(void **state)
{
	const struct rbi_machine_ops *ops;
	struct rig rig;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu,addr=5;pci-bridge,id=b,chassis_nr=1,addr=6;edu,bus=b,addr=1");
	ops = rig.m->ops;

	assert_int_equal(ops->unplug(rig.m, rig.edu[0]), -ENOTSUP);
	assert_int_equal(ops->unplug(rig.m, rig.edu[1]), -ENOTSUP);
	assert_int_equal(ops->unplug(rig.m, rb_pci_addr_make(0, 0, 0x1f, 0)), -ENOTSUP);
	assert_int_equal(ops->unplug(rig.m, rb_pci_addr_make(0, 0, 0x1d, 0)), -ENOENT);
	assert_int_equal(ops->unplug(rig.m, rb_pci_addr_make(0, 77, 0, 0)), -ENOENT);
	assert_int_equal(ops->unplug(rig.m, (struct rb_pci_addr){ UINT32_MAX }), -ENOENT);

	assert_int_equal(rig_read(&rig, 0, EDU_REG_ID), 0x010000ed);
	assert_int_equal(rig_read(&rig, 1, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void a_slot_of_the_users_own_lets_go_as_well(void **state)
{
	struct rig rig;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:pcie-root-port,id=mine,addr=6;edu,bus=mine");

	unplug(&rig, 0);

	expect_pulled(&rig, 0);
	rig_stop(&rig);
}

static void a_line_that_a_pulled_device_held_is_quiet(void **state)
{
	struct rig rig;
	unsigned int line;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");
	line = rig_line(&rig, 0);
	rig_write(&rig, 0, EDU_REG_RAISE, 1);
	assert_int_equal(rig_await(&rig, line, 5000), 1);
	assert_int_equal(rig_take(&rig, line), 1);

	unplug(&rig, 0);
	assert_int_equal(rig.m->ops->irq_unmask(rig.m, line), 0);

	assert_int_equal(rig_await(&rig, line, 20), -ETIMEDOUT);
	rig_stop(&rig);
}

static void fifty_times_in_and_out_leaves_nothing_behind(void **state)
{
	unsigned int i, fds;
	struct rbi_qemu *q;
	struct rig rig;
	size_t n;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu");
	plug_edu(&rig, 1);
	unplug(&rig, 1);
	fds = rig_count_fds();
	q = rbi_qemu_of(rig.m);
	n = q->pci.n;

	for (i = 0; i < 50; i++) {
		plug_edu(&rig, 1);
		assert_int_equal(rig_read(&rig, 1, EDU_REG_ID), 0x010000ed);
		unplug(&rig, 1);
		expect_pulled(&rig, 1);
	}

	assert_int_equal(q->pci.n, n);
	assert_int_equal(rig_count_fds(), fds);
	assert_int_equal(rig_read(&rig, 0, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
	assert_false(rig_has_children());
}

/* --- in mid-use -------------------------------------------------------------------------- */

struct reader {
	struct rig *rig;
	_Atomic bool stop;
	unsigned long good, gone, off, wrong; /* off: the next one, before it is switched on */
};

static void *read_on(void *arg)
{
	struct reader *r = arg;
	uint64_t val;
	int rc;

	while (!atomic_load(&r->stop)) {
		rc = r->rig->m->ops->mem_read(r->rig->m, r->rig->bar[0], 4, &val);
		if (rc == 0 && val == 0x010000ed)
			r->good++;
		else if (rc == -ENODEV && val == 0xffffffff)
			r->gone++;
		else if (rc == 0 && val == 0xffffffff)
			r->off++;
		else
			r->wrong++;
	}
	return NULL;
}

static void a_device_is_pulled_out_under_a_reader(void **state)
{
	struct reader r = { .good = 0 };
	pthread_t thread;
	unsigned int i;
	struct rig rig;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu;slots=0");
	r.rig = &rig;
	assert_int_equal(pthread_create(&thread, NULL, read_on, &r), 0);

	for (i = 0; i < 10; i++) {
		unplug(&rig, 0);
		rig.m->ops->delay(rig.m, 1000000);
		plug_edu(&rig, 0);
		rig.m->ops->delay(rig.m, 1000000);
	}
	atomic_store(&r.stop, true);
	pthread_join(thread, NULL);

	assert_true(r.good > 0);
	assert_true(r.gone > 0);
	assert_int_equal(r.wrong, 0);
	rig_stop(&rig);
}

static void *plug_and_unplug(void *arg)
{
	struct rig *rig = arg;
	struct rb_pci_addr fn;
	int rc = 0, *out = NULL;
	static int last;

	while (rc == 0 || rc == -EBUSY) {
		rc = plug(rig, "edu", &fn);
		if (rc == 0)
			rc = rig->m->ops->unplug(rig->m, fn);
	}
	last = rc;
	out = &last;
	return out;
}

static void a_machine_that_dies_meanwhile_is_gone_and_hangs_nobody(void **state)
{
	pthread_t thread;
	struct rig rig;
	void *rc;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu");
	assert_int_equal(pthread_create(&thread, NULL, plug_and_unplug, &rig), 0);
	rig.m->ops->delay(rig.m, 20000000);

	assert_true(rbi_qemu_proc_kill(&rbi_qemu_of(rig.m)->proc));

	pthread_join(thread, &rc);
	assert_int_equal(*(int *)rc, -ENODEV);
	refused(&rig, "edu", -ENODEV, "gone");
	assert_int_equal(rig.m->ops->unplug(rig.m, rig.edu[0]), -ENODEV);
	rig_stop(&rig);
	assert_false(rig_has_children());
}

static void a_machine_that_stops_is_silent_and_then_gone(void **state)
{
	struct rb_pci_addr fn;
	struct rig rig;
	int rc;

	NEEDS_PLUG();
	rig_start(&rig, "qemu:edu;timeout_ms=1500");
	kill(rbi_qemu_proc_pid(&rbi_qemu_of(rig.m)->proc), SIGSTOP);

	rc = plug(&rig, "edu", &fn);

	assert_true(rc == -ETIMEDOUT || rc == -ENODEV);
	assert_int_equal(rig.m->ops->unplug(rig.m, rig.edu[0]), -ENODEV);
	rig_stop(&rig);
	assert_false(rig_has_children());
}

#ifndef RBDRV_WITH_JANSSON
static void without_jansson_nothing_can_be_plugged_in(void **state)
{
	struct rig rig;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:edu");

	refused(&rig, "edu", -ENOTSUP, "jansson");

	unplug(&rig, 0);
	rig_stop(&rig);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_device_answers_at_an_address_of_its_own),
		cmocka_unit_test(a_late_device_interrupts_by_its_line),
		cmocka_unit_test(a_late_device_interrupts_by_a_message),
		cmocka_unit_test(properties_are_qemus_own_and_of_its_types),
		cmocka_unit_test(what_qemu_cannot_plug_in_is_refused_in_its_words),
		cmocka_unit_test(when_every_slot_is_taken_it_is_busy),
		cmocka_unit_test(without_slots_only_places_that_became_free_can_be_used),
		cmocka_unit_test(a_larger_device_finds_room_where_a_smaller_one_was),
		cmocka_unit_test(a_device_without_room_is_taken_out_again),
		cmocka_unit_test(a_bridge_that_comes_late_gets_bus_numbers),
		cmocka_unit_test(a_device_that_is_pulled_out_reads_all_ones_and_is_gone),
		cmocka_unit_test(a_late_device_can_be_pulled_out_too),
		cmocka_unit_test(only_what_is_in_a_slot_can_be_pulled_out),
		cmocka_unit_test(a_slot_of_the_users_own_lets_go_as_well),
		cmocka_unit_test(a_line_that_a_pulled_device_held_is_quiet),
		cmocka_unit_test(fifty_times_in_and_out_leaves_nothing_behind),
		cmocka_unit_test(a_device_is_pulled_out_under_a_reader),
		cmocka_unit_test(a_machine_that_dies_meanwhile_is_gone_and_hangs_nobody),
		cmocka_unit_test(a_machine_that_stops_is_silent_and_then_gone),
#ifndef RBDRV_WITH_JANSSON
		cmocka_unit_test(without_jansson_nothing_can_be_plugged_in),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
