/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_ls.c - rbdrv ls: the functions of a machine. Claims and enables none.
 */
#include <stdio.h>

#include "tool.h"

static void print_function(const struct rb_pci_info *info)
{
	char addr[RB_PCI_ADDR_LEN];
	uint32_t class_code = rb_pci_info_class(info);

	rb_pci_addr_format(rb_pci_info_addr(info), addr);
	if (!rb_pci_info_known(info)) {
		printf("%-12s  \?\?\?\?:\?\?\?\?  \?\?   \?\?\?\?\?\?\n", addr);
		return;
	}
	printf("%-12s  %04x:%04x  %02x   %06x %s\n", addr, rb_pci_info_vendor(info),
	       rb_pci_info_device(info), rb_pci_info_revision(info), (unsigned int)class_code,
	       name_of_base_class(class_code >> 16));
}

int rbdrv_ls(const struct tool_args *args)
{
	struct rb_pci_list *list;
	struct rb_ctx *ctx;
	size_t i;
	int rc;

	rc = rb_ctx_new(args->machine, &ctx);
	if (rc < 0)
		return term_complain(rc);

	rc = rb_pci_scan(ctx, NULL, &list);
	if (rc < 0) {
		term_complain(rc);
	} else {
		printf("%-12s  %-9s  %-3s  %s\n", "ADDRESS", "ID", "REV", "CLASS");
		for (i = 0; i < rb_pci_list_count(list); i++)
			print_function(rb_pci_list_get(list, i));
		rb_pci_list_close(list);
	}
	rb_ctx_unref(ctx);
	return term_finish(rc < 0 ? EXIT_FAILED : EXIT_OK);
}
