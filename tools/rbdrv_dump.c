/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_dump.c - rbdrv dump: functions in the text format of lspci -xxxx, which lspci -F and
 * machine mock:dump=FILE read. With --claim also the sizes of BARs, in the lines that lspci -v has.
 */
#include <inttypes.h>
#include <stdio.h>

#include "describe.h"
#include "tool.h"

/* The first line of a function. Readers want the address and a blank; the rest is for people. */
static void print_first_line(const struct function *fn)
{
	char addr[RB_PCI_ADDR_LEN];
	struct tool_names names;

	printf("%s ", rb_pci_addr_format(fn->addr, addr));
	if (!fn->known) {
		puts("(ids unknown)");
		return;
	}
	names_of_function(fn, &names);
	printf("%s [%04x]: ", class_name(fn->class_code),
	       (unsigned int)fn->class_code >> 8);
	if (names.vendor[0])
		printf("%s %s ", names.vendor, names.device[0] ? names.device : "Device");
	printf("[%04x:%04x]", fn->vendor, fn->device);
	if (fn->revision)
		printf(" (rev %02x)", fn->revision);
	putchar('\n');
}

/* "64K" as lspci has it: whole units of 1024. */
static void print_size(uint64_t size)
{
	static const char units[] = { '\0', 'K', 'M', 'G', 'T' };
	unsigned int unit = 0;

	while (unit < 4 && size % 1024 == 0) {
		size /= 1024;
		unit++;
	}
	printf(" [size=%" PRIu64, size);
	if (unit)
		putchar(units[unit]);
	puts("]");
}

static void print_region(struct rb_pci_dev *dev, unsigned int index)
{
	enum rb_pci_bar_kind kind = rb_pci_bar_kind(dev, index);
	bool prefetchable = rb_pci_bar_flags(dev, index) & RB_PCI_BAR_PREFETCHABLE;
	uint64_t addr = rb_pci_bar_phys(dev, index).value, size = rb_pci_bar_size(dev, index);

	if (kind == RB_PCI_BAR_NONE || size == 0)
		return;
	if (index == RB_PCI_BAR_ROM)
		printf("\tExpansion ROM at %08" PRIx64, addr);
	else if (kind == RB_PCI_BAR_IO)
		printf("\tRegion %u: I/O ports at %04x", index, rb_pci_bar_port(dev, index));
	else
		printf("\tRegion %u: Memory at %08" PRIx64 " (%s, %sprefetchable)", index, addr,
		       kind == RB_PCI_BAR_MEM64 ? "64-bit" : "32-bit", prefetchable ? "" : "non-");
	print_size(size);
}

/* Sizes of one function; one that somebody else drives is dumped without them. */
static void print_regions(struct rb_ctx *ctx, struct rb_pci_addr addr)
{
	struct rb_pci_dev *dev;
	char text[RB_PCI_ADDR_LEN];
	unsigned int i;
	int rc;

	rc = rb_pci_open(ctx, addr, &dev);
	if (rc < 0) {
		term_fail("%s without sizes: %s", rb_pci_addr_format(addr, text), rb_strerror(rc));
		return;
	}
	for (i = 0; i <= RB_PCI_BAR_ROM; i++)
		print_region(dev, i);
	rb_pci_unref(dev);
}

/* The bytes are read before a claim would change them, and printed after the sizes, where lspci
 * has them. */
static int dump_function(struct rb_ctx *ctx, const struct function *fn, bool claim)
{
	uint8_t bytes[4096];
	struct rb_pci_view *view;
	int rc, size;

	rc = rb_pci_view_open(ctx, fn->addr, &view);
	if (rc < 0)
		return term_complain(rc);
	size = rb_pci_view_size(view);
	if (size > (int)sizeof(bytes))
		size = sizeof(bytes);
	rc = size < 0 ? size : rb_pci_view_read(view, 0, bytes, (size_t)size);
	rb_pci_view_close(view);
	if (rc < 0)
		return term_complain(rc);

	print_first_line(fn);
	if (claim)
		print_regions(ctx, fn->addr);
	hex_print(bytes, (size_t)size);
	putchar('\n');
	return EXIT_OK;
}

int rbdrv_dump(const struct tool_args *args)
{
	struct function_list list;
	struct rb_ctx *ctx;
	int status, one;
	size_t i;

	status = find_functions(args, &ctx, &list);
	if (status != EXIT_OK)
		return status;
	for (i = 0; i < list.count; i++) {
		one = dump_function(ctx, &list.at[i], args->given & OPT_CLAIM);
		if (one != EXIT_OK)
			status = one;
	}
	functions_free(&list);
	rb_ctx_unref(ctx);
	return term_finish(status);
}
