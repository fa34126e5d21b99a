/* SPDX-License-Identifier: MIT */
/* Machines with many functions, deep buses, switches: given by users, found by scans. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rbdrv/rbdrv.h>

#include "rig.h"

#define NEEDS_QEMU()                 \
	do {                         \
		(void)state;         \
		if (!rig_has_qemu()) \
			skip();      \
	} while (0)

#define TEXT_MAX 65536

/* --- machine strings --------------------------------------------------------------------- */

struct text {
	char s[TEXT_MAX];
	size_t len;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->s + t->len, sizeof(t->s) - t->len, fmt, args);
	va_end(args);
	assert_in_range(n, 0, sizeof(t->s) - t->len - 1);
	t->len += (size_t)n;
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* --- what is found ----------------------------------------------------------------------- */

static struct rb_pci_list *scan(struct rb_ctx *ctx, uint32_t vendor, uint32_t device)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;

	filter.vendor = vendor;
	filter.device = device;
	assert_int_equal(rb_pci_scan(ctx, &filter, &list), 0);
	return list;
}

static struct rb_ctx *start(const char *machine)
{
	struct rb_ctx *ctx;
	int rc = rb_ctx_new(machine, &ctx);

	if (rc < 0)
		fail_msg("%d: %s", rc, rb_last_error());
	return ctx;
}

/* The one edu of @ctx works, and is on bus @bus. */
static void expect_edu_on(struct rb_ctx *ctx, unsigned int bus)
{
	struct rb_pci_list *list = scan(ctx, 0x1234, 0x11e8);
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	struct rb_irq_set *irqs;
	struct rb_pci_dev *dev;
	struct rb_pci_addr addr;
	struct rb_mmio *regs;

	assert_int_equal(rb_pci_list_count(list), 1);
	addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	rb_pci_list_close(list);
	assert_int_equal(rb_pci_addr_bus(addr), bus);

	assert_int_equal(rb_pci_open(ctx, addr, &dev), 0);
	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs), 0);
	assert_int_equal(rb_mmio_read32(regs, EDU_REG_ID), 0x010000ed);
	options.kinds = RB_IRQ_MSI;
	assert_int_equal(rb_irq_set_open(dev, &options, &irqs), 0);
	rb_mmio_write32(regs, EDU_REG_RAISE, 1);
	assert_int_equal(rb_irq_wait(irqs, 0, 5000), 0);

	rb_irq_set_close(irqs);
	rb_mmio_close(regs);
	rb_pci_unref(dev);
}

static void nine_hundred_functions_behind_bridges_are_found(void **state)
{
	static struct text t;
	struct rb_pci_list *list;
	unsigned int b, slot, f;
	double begin, up, seen;
	struct rb_ctx *ctx;

	NEEDS_QEMU();
	add(&t, "qemu:timeout_ms=20000");
	for (b = 0; b < 4; b++) {
		add(&t, ";pci-bridge,id=b%u,chassis_nr=%u,addr=%u", b, b + 1, b + 1);
		for (slot = 1; slot <= 30; slot++) {
			for (f = 0; f < 8; f++)
				add(&t, ";pci-testdev,bus=b%u,addr=%x.%u%s", b, slot, f,
				    f ? "" : ",multifunction=on");
		}
	}
	add(&t, ";pci-bridge,id=deep,chassis_nr=9,bus=b3,addr=1f;edu,bus=deep,addr=1f");

	begin = now_ms();
	ctx = start(t.s);
	up = now_ms();
	list = scan(ctx, 0x1b36, 0x0005);
	seen = now_ms();

	print_message("960 functions: start %.0f ms, first scan %.0f ms\n", up - begin, seen - up);
	assert_int_equal(rb_pci_list_count(list), 960);
	rb_pci_list_close(list);
	expect_edu_on(ctx, 5);
	rb_ctx_unref(ctx);
}

static void a_tower_of_bridges_is_climbed(void **state)
{
	static struct text t;
	struct rb_ctx *ctx;
	unsigned int i;

	NEEDS_QEMU();
	add(&t, "qemu:pci-bridge,id=b0,chassis_nr=1,addr=1");
	for (i = 1; i < 30; i++)
		add(&t, ";pci-bridge,id=b%u,chassis_nr=%u,bus=b%u,addr=1f", i, i + 1, i - 1);
	add(&t, ";edu,bus=b29,addr=7");

	ctx = start(t.s);

	expect_edu_on(ctx, 30);
	rb_ctx_unref(ctx);
}

static void a_switch_with_thirty_two_ports_is_found(void **state)
{
	static struct text t;
	struct rb_ctx *ctx;
	unsigned int i;

	NEEDS_QEMU();
	add(&t, "qemu:pcie-root-port,id=root,addr=1,chassis=1,slot=1;x3130-upstream,id=up,bus=root");
	for (i = 0; i < 32; i++)
		add(&t, ";xio3130-downstream,id=d%u,bus=up,addr=%x,chassis=%u,slot=%u", i, i, i + 2,
		    i + 2);
	add(&t, ";edu,bus=d31");

	ctx = start(t.s);

	expect_edu_on(ctx, 34);
	rb_ctx_unref(ctx);
}

static void hundreds_of_buses_are_numbered(void **state)
{
	static struct text t;
	struct rb_pci_list *list;
	double begin, up, seen;
	struct rb_ctx *ctx;
	unsigned int i;

	NEEDS_QEMU();
	add(&t, "qemu:slots=0;timeout_ms=20000");
	for (i = 0; i < 120; i++)
		add(&t, ";pcie-root-port,id=p%u,addr=%x.%u,multifunction=on,chassis=%u,slot=%u"
			";pci-testdev,bus=p%u",
		    i, 1 + i / 8, i % 8, 1 + i / 8, i, i);

	begin = now_ms();
	ctx = start(t.s);
	up = now_ms();
	list = scan(ctx, 0x1b36, 0x0005);
	seen = now_ms();

	print_message("120 ports: start %.0f ms, first scan %.0f ms\n", up - begin, seen - up);
	assert_int_equal(rb_pci_list_count(list), 120);
	assert_int_equal(rb_pci_addr_bus(rb_pci_info_addr(rb_pci_list_get(list, 119))), 120);
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
}

/* --- ports and ROMs ---------------------------------------------------------------------- */

/* pci-testdev answers in memory and in ports; its first byte picks a test, 0 at first. */
static void ports_behind_bridges_have_places_and_answer(void **state)
{
	struct rb_pci_addr fns[64];
	uint32_t bar, val = 0, window;
	struct rig rig;
	int i, n;

	NEEDS_QEMU();
	rig_start(&rig, "qemu:pci-bridge,id=a,chassis_nr=1,addr=1;"
			"pci-bridge,id=b,chassis_nr=2,bus=a,addr=1;pci-testdev,bus=b,addr=2");
	n = rig.m->ops->functions(rig.m, fns, 64);
	for (i = 0; i < n && rig_cfg(&rig, fns[i], 0, 4) != 0x00051b36; i++)
		;
	assert_true(i < n);
	bar = rig_cfg(&rig, fns[i], CFG_BAR0 + 4, 4);
	assert_int_equal(bar & 1, 1);
	assert_int_not_equal(bar & ~3u, 0);
	window = rig_cfg(&rig, rb_pci_addr_make(0, 0, 1, 0), 0x1c, 2);
	assert_int_equal(window >> 4 & 0xf, bar >> 12 & 0xf);
	rig_cfg_set(&rig, fns[i], CFG_COMMAND, 2, 1);

	assert_int_equal(rig.m->ops->port_read(rig.m, (uint16_t)(bar & ~3u), 1, &val), 0);
	assert_int_equal(val, 0);

	rig_cfg_set(&rig, fns[i], CFG_COMMAND, 2, 2);
	assert_int_equal(rig.m->ops->port_read(rig.m, (uint16_t)(bar & ~3u), 1, &val), 0);
	assert_int_equal(val, 0xff);
	rig_stop(&rig);
}

/* bochs-display comes with a ROM of QEMU's own, where QEMU's files are all there. */
static void a_rom_is_read_where_it_was_put_once_it_is_enabled(void **state)
{
	struct rb_pci_addr fn = { 0 }, fns[64];
	uint64_t val = 0, base;
	struct rig rig;
	uint32_t rom;
	int i, n;

	NEEDS_QEMU();
	if (rig_try(&rig, "qemu:bochs-display,rombar=1") < 0) {
		rig_stop(&rig);
		skip();
	}
	n = rig.m->ops->functions(rig.m, fns, 64);
	for (i = 0; i < n; i++) {
		if (rig_cfg(&rig, fns[i], 0, 4) == 0x11111234)
			fn = fns[i];
	}
	assert_int_not_equal(fn.sbdf, 0);
	rig_cfg_set(&rig, fn, CFG_COMMAND, 2, 2);
	rom = rig_cfg(&rig, fn, 0x30, 4);
	base = rom & 0xfffff800u;
	assert_int_not_equal(base, 0);
	assert_int_equal(rom & 1, 0);
	assert_int_equal(rig.m->ops->mem_read(rig.m, base, 2, &val), 0);
	assert_int_equal(val, 0xffff); /* it is off */

	rig_cfg_set(&rig, fn, 0x30, 4, rom | 1);

	assert_int_equal(rig.m->ops->mem_read(rig.m, base, 2, &val), 0);
	assert_int_equal(val, 0xaa55);
	rig_cfg_set(&rig, fn, CFG_COMMAND, 2, 0);
	assert_int_equal(rig.m->ops->mem_read(rig.m, base, 2, &val), 0);
	assert_int_equal(val, 0xffff);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nine_hundred_functions_behind_bridges_are_found),
		cmocka_unit_test(a_tower_of_bridges_is_climbed),
		cmocka_unit_test(a_switch_with_thirty_two_ports_is_found),
		cmocka_unit_test(hundreds_of_buses_are_numbered),
		cmocka_unit_test(ports_behind_bridges_have_places_and_answer),
		cmocka_unit_test(a_rom_is_read_where_it_was_put_once_it_is_enabled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
