/* SPDX-License-Identifier: MIT */
/* Machine pci on a bus made of files: what a host may show that this one does not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rbdrv/rbdrv.h>

#include "fake_sysfs.h"

#define PLAIN  256
#define SHOWN  64 /* to users that are not root */
#define BAR0_ADDR UINT64_C(0x2000000000)
#define BAR0_SIZE UINT64_C(0x200000000)

/* Lines of the kernel's file of resources: it always has all of them. */
#define NONE	   "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define NO_WINDOWS NONE NONE NONE NONE NONE NONE

static const struct fake_function nic = { 0, 3, 0, 0, 0x8086, 0x10d3, 0x1af4, 0x0001, 0x020000, 7 };

static void put32(uint8_t *bytes, unsigned int off, uint32_t val)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		bytes[off + i] = (uint8_t)(val >> 8 * i);
}

/* Configuration space of @fn, whose dword at 0x0c is @header. */
static void fill(const struct fake_function *fn, uint32_t header, uint8_t config[PLAIN])
{
	memset(config, 0, PLAIN);
	put32(config, 0x00, (uint32_t)fn->device << 16 | fn->vendor);
	put32(config, 0x04, 0x00000006);
	put32(config, 0x08, fn->class_code << 8 | fn->revision);
	put32(config, 0x0c, header);
	put32(config, 0x2c, (uint32_t)fn->subdevice << 16 | fn->subvendor);
}

/* The network card, with BARs of every kind, and @len bytes of what it shows. */
static void plug_nic(size_t len)
{
	static const char resource[] =
		"0x0000002000000000 0x00000021ffffffff 0x000000000014220c\n"
		NONE
		"0x00000000fe000000 0x00000000fe003fff 0x0000000000040200\n"
		"0x000000000000c000 0x000000000000c01f 0x0000000000040101\n"
		NONE
		NONE
		"0x00000000fe100000 0x00000000fe13ffff 0x0000000000046200\n" NO_WINDOWS;
	uint8_t config[PLAIN];

	fill(&nic, 0x00001010, config);
	put32(config, 0x10, (uint32_t)BAR0_ADDR | 0xc);
	put32(config, 0x14, (uint32_t)(BAR0_ADDR >> 32));
	put32(config, 0x18, 0xfe000000);
	put32(config, 0x1c, 0x0000c001);
	put32(config, 0x30, 0xfe100000);
	put32(config, 0x3c, 0x0000010b);
	put32(config, 0x40, 0x12345678);
	fake_sysfs_add(&nic);
	fake_sysfs_file(&nic, "config", config, len);
	fake_sysfs_file(&nic, "resource", resource, sizeof(resource) - 1);
}

static int no_functions(void **state)
{
	(void)state;
	fake_sysfs_clear();
	return 0;
}

static struct rb_ctx *opened(void)
{
	struct rb_ctx *ctx = NULL;

	if (rb_ctx_new("pci:", &ctx) != 0)
		fail_msg("pci: %s", rb_last_error());
	return ctx;
}

/* The list as one line: "address vendor:device class;". */
static void listed(struct rb_ctx *ctx, char *text, size_t size)
{
	const struct rb_pci_info *info;
	char addr[RB_PCI_ADDR_LEN];
	struct rb_pci_list *list;
	size_t i, used = 0;

	assert_int_equal(rb_pci_scan(ctx, NULL, &list), 0);
	text[0] = '\0';
	for (i = 0; i < rb_pci_list_count(list) && used < size; i++) {
		info = rb_pci_list_get(list, i);
		used += (size_t)snprintf(text + used, size - used, "%s %04x:%04x %06x;",
					 rb_pci_addr_format(rb_pci_info_addr(info), addr),
					 rb_pci_info_vendor(info), rb_pci_info_device(info),
					 rb_pci_info_class(info));
	}
	rb_pci_list_close(list);
}

static struct rb_pci_dev *open_nic(struct rb_ctx *ctx)
{
	struct rb_pci_dev *dev = NULL;

	if (rb_pci_open(ctx, rb_pci_addr_make(0, 3, 0, 0), &dev) != 0)
		fail_msg("open: %s", rb_last_error());
	return dev;
}

/* --- the list ---------------------------------------------------------------------------- */

static void a_scan_needs_no_file_of_configuration_space(void **state)
{
	static const struct fake_function fns[] = {
		{ 1, 0, 2, 0, 0x1234, 0x0002, 0, 0, 0x030000, 0 },
		{ 0, 0, 0x1f, 7, 0x1234, 0x0001, 0, 0, 0x0c0500, 0 },
		{ 0xffff, 0xff, 0x1f, 7, 0x1234, 0x0003, 0, 0, 0x010802, 0 },
		{ 0x10000, 0, 1, 0, 0x1234, 0x0004, 0, 0, 0x010802, 0 },
	};
	struct rb_ctx *ctx;
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fns) / sizeof(fns[0]); i++)
		fake_sysfs_add(&fns[i]);

	ctx = opened();
	listed(ctx, text, sizeof(text));

	/* in order; a domain above 0xffff has no address of ours */
	assert_string_equal(text, "0000:00:1f.7 1234:0001 0c0500;0001:00:02.0 1234:0002 030000;"
				  "ffff:ff:1f.7 1234:0003 010802;");
	rb_ctx_unref(ctx);
}

static void a_bridge_of_a_rare_class_is_asked_for_its_header(void **state)
{
	static const struct fake_function device = { 0, 0, 1, 0, 0x1234, 1, 0, 0, 0x068000, 0 };
	static const struct fake_function bridge = { 0, 0, 2, 0, 0x1234, 2, 0, 0, 0x060940, 0 };
	static const struct fake_function plain = { 0, 0, 3, 0, 0x1234, 3, 0, 0, 0x060400, 0 };
	uint8_t config[PLAIN];
	struct rb_pci_view *view;
	struct rb_ctx *ctx;
	uint32_t val;

	(void)state;
	fake_sysfs_add(&device);
	fill(&device, 0x00000000, config);
	fake_sysfs_file(&device, "config", config, PLAIN);
	fake_sysfs_add(&bridge);
	fill(&bridge, 0x00010000, config);
	fake_sysfs_file(&bridge, "config", config, PLAIN);
	fake_sysfs_add(&plain); /* its class says enough */

	ctx = opened();

	assert_int_equal(rb_pci_view_open(ctx, rb_pci_addr_make(0, 0, 1, 0), &view), 0);
	assert_int_equal(rb_pci_view_read32(view, 0x0c, &val), 0);
	assert_int_equal(val, 0);
	rb_pci_view_close(view);
	assert_int_equal(rb_pci_view_open(ctx, rb_pci_addr_make(0, 0, 2, 0), &view), 0);
	assert_int_equal(rb_pci_view_read32(view, 0x0c, &val), 0);
	assert_int_equal(val, 0x00010000);
	rb_pci_view_close(view);
	assert_int_equal(rb_pci_view_open(ctx, rb_pci_addr_make(0, 0, 3, 0), &view), 0);
	assert_int_equal(rb_pci_view_read32(view, 0x0c, &val), 0);
	assert_int_equal(val, 0x00010000);
	rb_pci_view_close(view);
	rb_ctx_unref(ctx);
}

static void a_host_without_functions_or_bus_has_no_such_machine(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("pci", &ctx), -ENOTSUP);
	assert_non_null(strstr(rb_last_error(), "this host shows no PCI"));

	plug_nic(PLAIN);
	ctx = opened(); /* and libpciaccess is none the worse for it */
	rb_ctx_unref(ctx);

	assert_true(fake_sysfs_no_bus());
	assert_int_equal(rb_ctx_new("pci", &ctx), -ENOTSUP);
	assert_non_null(strstr(rb_last_error(), "this host shows no PCI"));
}

/* --- configuration space ----------------------------------------------------------------- */

static void the_dword_of_the_header_is_real_once_anything_else_was_read(void **state)
{
	struct rb_pci_view *view;
	struct rb_ctx *ctx;
	uint32_t val;

	(void)state;
	plug_nic(PLAIN);
	ctx = opened();
	assert_int_equal(rb_pci_view_open(ctx, rb_pci_addr_make(0, 3, 0, 0), &view), 0);

	assert_int_equal(rb_pci_view_read32(view, 0x40, &val), 0);
	assert_int_equal(val, 0x12345678);
	assert_int_equal(rb_pci_view_read32(view, 0x0c, &val), 0);

	assert_int_equal(val, 0x00001010);
	rb_pci_view_close(view);
	rb_ctx_unref(ctx);
}

static void what_the_host_hides_is_refused_and_not_all_ones(void **state)
{
	struct rb_pci_view *view;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;
	uint32_t val;

	(void)state;
	plug_nic(SHOWN);
	ctx = opened();

	assert_int_equal(rb_pci_view_open(ctx, rb_pci_addr_make(0, 3, 0, 0), &view), 0);
	assert_int_equal(rb_pci_view_read32(view, 0x3c, &val), 0);
	assert_int_equal(rb_pci_view_read32(view, 0x40, &val), -EACCES);
	assert_non_null(strstr(rb_last_error(), "only 64 bytes to users that are not root"));
	rb_pci_view_close(view);

	dev = open_nic(ctx);
	assert_int_equal(rb_pci_config_read32(dev, 0x3c, &val), 0);
	assert_int_equal(rb_pci_config_read32(dev, 0x40, &val), -EACCES);
	assert_non_null(strstr(rb_last_error(), "only 64 bytes to users that are not root"));
	assert_int_equal(rb_pci_config_read32(dev, 0x00, &val), 0); /* the channel lives */
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);

	assert_int_equal(rb_ctx_new("pci:config=on", &ctx), 0);
	assert_int_equal(rb_pci_view_open(ctx, rb_pci_addr_make(0, 3, 0, 0), &view), 0);
	assert_int_equal(rb_pci_view_read32(view, 0x40, &val), -EACCES);
	rb_pci_view_close(view);
	rb_ctx_unref(ctx);
}

static void a_virtual_function_has_the_ids_that_the_kernel_gives_it(void **state)
{
	uint8_t config[PLAIN];
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;
	uint32_t val;

	(void)state;
	fill(&nic, 0, config);
	put32(config, 0x00, UINT32_MAX);
	fake_sysfs_add(&nic);
	fake_sysfs_file(&nic, "config", config, PLAIN);
	ctx = opened();

	dev = open_nic(ctx);

	assert_int_equal(rb_pci_config_read32(dev, 0x00, &val), 0);
	assert_int_equal(val, 0x10d38086);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
}

static void a_function_that_leaves_the_host_is_gone(void **state)
{
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;
	uint32_t val;

	(void)state;
	plug_nic(PLAIN);
	ctx = opened();
	dev = open_nic(ctx);
	assert_int_equal(rb_pci_config_read32(dev, 0x00, &val), 0);

	fake_sysfs_remove(&nic);

	assert_int_equal(rb_pci_config_read32(dev, 0x00, &val), -ENODEV);
	assert_true(rb_pci_is_gone(dev));
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
}

/* --- BARs and registers ------------------------------------------------------------------ */

static void bars_have_the_sizes_that_the_kernel_knows(void **state)
{
	uint8_t before[PLAIN], after[PLAIN];
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;

	(void)state;
	plug_nic(PLAIN);
	assert_int_equal(fake_sysfs_read(&nic, "config", before, PLAIN), PLAIN);
	ctx = opened();

	dev = open_nic(ctx);

	assert_int_equal(rb_pci_bar_kind(dev, 0), RB_PCI_BAR_MEM64);
	assert_true(rb_pci_bar_phys(dev, 0).value == BAR0_ADDR);
	assert_true(rb_pci_bar_size(dev, 0) == BAR0_SIZE);
	assert_int_equal(rb_pci_bar_flags(dev, 0), RB_PCI_BAR_PREFETCHABLE);
	assert_int_equal(rb_pci_bar_kind(dev, 1), RB_PCI_BAR_NONE);
	assert_int_equal(rb_pci_bar_kind(dev, 2), RB_PCI_BAR_MEM32);
	assert_true(rb_pci_bar_size(dev, 2) == 0x4000);
	assert_int_equal(rb_pci_bar_kind(dev, 3), RB_PCI_BAR_IO);
	assert_true(rb_pci_bar_port(dev, 3) == 0xc000);
	assert_true(rb_pci_bar_size(dev, 3) == 0x20);
	assert_true(rb_pci_bar_phys(dev, RB_PCI_BAR_ROM).value == 0xfe100000);
	assert_true(rb_pci_bar_size(dev, RB_PCI_BAR_ROM) == 0x40000);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
	assert_int_equal(fake_sysfs_read(&nic, "config", after, PLAIN), PLAIN);
	assert_memory_equal(after, before, PLAIN);
}

static void registers_are_read_and_never_written(void **state)
{
	uint32_t regs[0x4000 / 4], after[0x4000 / 4];
	struct rb_mmio *mmio;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;
	unsigned int i;

	(void)state;
	plug_nic(PLAIN);
	for (i = 0; i < 0x4000 / 4; i++)
		regs[i] = 0xa0000000 | i;
	fake_sysfs_file(&nic, "resource2", regs, sizeof(regs));
	ctx = opened();
	dev = open_nic(ctx);
	assert_int_equal(rb_mmio_map(dev, 2, 0, 0, 0, &mmio), 0);

	assert_int_equal(rb_mmio_read32(mmio, 0), 0xa0000000);
	assert_int_equal(rb_mmio_read32(mmio, 0x3ffc), 0xa0000fff);
	assert_int_equal(rb_mmio_read16(mmio, 0x1006), 0xa000);
	assert_int_equal(rb_mmio_read8(mmio, 0x2004), 0x01);
	assert_true(rb_mmio_read64(mmio, 8) == UINT64_C(0xa0000003a0000002));
	assert_int_equal(rb_mmio_error(mmio), 0);

	rb_mmio_write32(mmio, 0, 0xdeadbeef);
	assert_int_equal(rb_mmio_error(mmio), -EACCES);
	assert_non_null(strstr(rb_last_error(), "does not allow"));
	assert_int_equal(fake_sysfs_read(&nic, "resource2", after, sizeof(after)), sizeof(after));
	assert_memory_equal(after, regs, sizeof(regs));
	rb_mmio_close(mmio);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
}

static void registers_that_the_host_keeps_are_refused_and_read_all_ones(void **state)
{
	struct rb_mmio *mmio;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;

	(void)state;
	plug_nic(PLAIN); /* without a file for its registers */
	ctx = opened();
	dev = open_nic(ctx);
	assert_int_equal(rb_mmio_map(dev, 2, 0, 0, 0, &mmio), 0);

	assert_int_equal(rb_mmio_read32(mmio, 0), UINT32_MAX);

	assert_int_equal(rb_mmio_error(mmio), -EACCES);
	assert_false(rb_pci_is_gone(dev));
	rb_mmio_close(mmio);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
}

static void registers_that_the_device_does_not_decode_are_not_touched(void **state)
{
	static const uint32_t regs[0x4000 / 4] = { 1 };
	uint8_t config[PLAIN];
	struct rb_mmio *mmio;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;

	(void)state;
	plug_nic(PLAIN);
	fake_sysfs_file(&nic, "resource2", regs, sizeof(regs));
	assert_int_equal(fake_sysfs_read(&nic, "config", config, PLAIN), PLAIN);
	put32(config, 0x04, 0);
	fake_sysfs_file(&nic, "config", config, PLAIN);
	ctx = opened();
	dev = open_nic(ctx);
	assert_int_equal(rb_mmio_map(dev, 2, 0, 0, 0, &mmio), 0);

	assert_int_equal(rb_mmio_read32(mmio, 0), UINT32_MAX);

	assert_int_equal(rb_mmio_error(mmio), 0);
	rb_mmio_close(mmio);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
}

static void a_size_that_is_no_power_of_two_is_no_bar(void **state)
{
	static const char resource[] = "0x00000000fe000000 0x00000000fe002fff 0x0000000000040200\n"
		NONE NONE NONE NONE NONE NONE NO_WINDOWS;
	uint8_t config[PLAIN];
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;

	(void)state;
	fill(&nic, 0, config);
	put32(config, 0x10, 0xfe000000);
	fake_sysfs_add(&nic);
	fake_sysfs_file(&nic, "config", config, PLAIN);
	fake_sysfs_file(&nic, "resource", resource, sizeof(resource) - 1);
	ctx = opened();

	dev = open_nic(ctx);

	assert_int_equal(rb_pci_bar_kind(dev, 0), RB_PCI_BAR_NONE);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_scan_needs_no_file_of_configuration_space, no_functions),
		cmocka_unit_test_setup(a_bridge_of_a_rare_class_is_asked_for_its_header,
				       no_functions),
		cmocka_unit_test_setup(
			the_dword_of_the_header_is_real_once_anything_else_was_read, no_functions),
		cmocka_unit_test_setup(what_the_host_hides_is_refused_and_not_all_ones,
				       no_functions),
		cmocka_unit_test_setup(a_virtual_function_has_the_ids_that_the_kernel_gives_it,
				       no_functions),
		cmocka_unit_test_setup(a_function_that_leaves_the_host_is_gone, no_functions),
		cmocka_unit_test_setup(bars_have_the_sizes_that_the_kernel_knows, no_functions),
		cmocka_unit_test_setup(registers_are_read_and_never_written, no_functions),
		cmocka_unit_test_setup(
			registers_that_the_host_keeps_are_refused_and_read_all_ones, no_functions),
		cmocka_unit_test_setup(
			registers_that_the_device_does_not_decode_are_not_touched, no_functions),
		cmocka_unit_test_setup(a_size_that_is_no_power_of_two_is_no_bar, no_functions),
		/* last: the bus does not come back */
		cmocka_unit_test_setup(a_host_without_functions_or_bus_has_no_such_machine,
				       no_functions),
	};

	if (!fake_sysfs_begin()) {
		puts("this process may not replace the host's bus by one of its own");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
