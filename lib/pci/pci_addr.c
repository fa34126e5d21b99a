/* SPDX-License-Identifier: MIT */
/* pci_addr.c - addresses of functions as text. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <rbdrv/pci.h>

#include "core/bits.h"
#include "core/core.h"

char *rb_pci_addr_format(struct rb_pci_addr addr, char *buf)
{
	snprintf(buf, RB_PCI_ADDR_LEN, "%04x:%02x:%02x.%x", rb_pci_addr_segment(addr),
		 rb_pci_addr_bus(addr), rb_pci_addr_device(addr), rb_pci_addr_function(addr));
	return buf;
}

/* A field of 1 to @max_digits digits, followed by @end, that is at most @max. */
static bool take_field(const char **s, unsigned int max_digits, char end, unsigned int max,
		       unsigned int *value)
{
	unsigned int n;

	*value = 0;
	for (n = 0; n < max_digits && rbi_hex_digit(**s) >= 0; n++, (*s)++)
		*value = *value << 4 | (unsigned int)rbi_hex_digit(**s);
	if (n == 0 || **s != end || *value > max)
		return false;
	if (end != '\0')
		(*s)++;
	return true;
}

static bool has_segment(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon && strchr(colon + 1, ':');
}

int rb_pci_addr_parse(const char *text, struct rb_pci_addr *addr)
{
	unsigned int segment = 0, bus, device, function;
	const char *s = text;

	if (!text || !addr)
		return rbi_fail(-EINVAL, "rb_pci_addr_parse: NULL");
	if ((has_segment(text) && !take_field(&s, 4, ':', 0xffff, &segment)) ||
	    !take_field(&s, 2, ':', 0xff, &bus) || !take_field(&s, 2, '.', 0x1f, &device) ||
	    !take_field(&s, 1, '\0', 7, &function))
		return rbi_fail(-EINVAL, "'%.64s' is no PCI address such as 0000:00:1f.2", text);

	*addr = rb_pci_addr_make(segment, bus, device, function);
	return 0;
}
