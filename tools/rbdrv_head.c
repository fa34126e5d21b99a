/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_head.c - one line about a function: address, ids, class, names.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

/* The class as text: in words, with -n its digits, with -nn both. */
static const char *class_text(const struct function *fn, int numeric, char *buf, size_t size)
{
	uint32_t code = fn->class_code;

	if (numeric == 1)
		snprintf(buf, size, "%06x", (unsigned int)code);
	else if (numeric >= 2)
		snprintf(buf, size, "%s [%06x]", class_name(code), (unsigned int)code);
	else
		snprintf(buf, size, "%s", class_name(code));
	return buf;
}

void head_measure(const struct function_list *list, int numeric, struct head_widths *widths)
{
	char buf[128];
	size_t i;
	int length;

	widths->class_text = (int)strlen("CLASS");
	for (i = 0; i < list->count; i++) {
		if (!list->at[i].known)
			continue;
		class_text(&list->at[i], numeric, buf, sizeof(buf));
		length = (int)strlen(buf);
		if (length > widths->class_text)
			widths->class_text = length;
	}
}

void head_print_titles(const struct head_widths *widths, int numeric)
{
	printf("%s%-12s  %-9s  %-3s  %-*s%s%s\n", term_dim(), "ADDRESS", "ID", "REV",
	       numeric == 1 ? 0 : widths->class_text, "CLASS", numeric == 1 ? "" : "  NAME",
	       term_plain());
}

/* Vendor and device as far as pci.ids knows them. */
static void print_names(const struct function *fn)
{
	struct tool_names names;

	names_of_function(fn, &names);
	if (names.vendor[0] && names.device[0])
		printf("%s %s", names.vendor, names.device);
	else if (names.vendor[0])
		printf("%s device", names.vendor);
	else
		printf("-");
}

void head_print(const struct function *fn, const struct head_widths *widths, int numeric)
{
	char addr[RB_PCI_ADDR_LEN], text[128];

	rb_pci_addr_format(fn->addr, addr);
	printf("%s%-12s%s  ", term_bold(), addr, term_plain());
	if (!fn->known) {
		printf("\?\?\?\?:\?\?\?\?  \?\?   \?\?\?\?\?\?\n");
		return;
	}
	printf("%04x:%04x  %02x   ", fn->vendor, fn->device,
	       fn->revision);
	class_text(fn, numeric, text, sizeof(text));
	if (numeric == 1) {
		puts(text);
		return;
	}
	printf("%-*s  ", widths ? widths->class_text : 0, text);
	print_names(fn);
	putchar('\n');
}
