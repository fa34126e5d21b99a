/* SPDX-License-Identifier: MIT */
/*
 * pci_filter.c - which functions a scan reports, in fields and in the patterns of
 * lspci (-s and -d, as of pciutils 3.9).
 */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "core/bits.h"
#include "core/options.h"
#include "pci/pci_list.h"

#define EXACT_ALL                                                                       \
	((uint32_t)RB_PCI_EXACT_VENDOR | RB_PCI_EXACT_DEVICE | RB_PCI_EXACT_SUBVENDOR | \
	 RB_PCI_EXACT_SUBDEVICE)

/* --- what a filter lets pass ------------------------------------------------------------ */

int rbi_pci_filter_take(struct rb_pci_filter *own, const struct rb_pci_filter *filter)
{
	int rc;

	rc = rbi_options_copy(own, sizeof(*own), filter, "struct rb_pci_filter");
	if (rc < 0)
		return rc;
	if (own->exact & ~EXACT_ALL)
		return rbi_fail(-EINVAL, "struct rb_pci_filter: unknown bits of exact: %#x",
				(unsigned int)own->exact);
	if (own->include & ~(uint32_t)RB_PCI_INCLUDE_BRIDGES)
		return rbi_fail(-EINVAL, "struct rb_pci_filter: unknown bits of include: %#x",
				(unsigned int)own->include);
	return 0;
}

bool rbi_pci_filter_needs_ids(const struct rb_pci_filter *f)
{
	return f->vendor || f->device || f->subvendor || f->subdevice || f->class_mask || f->exact;
}

bool rbi_pci_filter_fits_addr(const struct rb_pci_filter *f, struct rb_pci_addr addr)
{
	return ((f->addr ^ addr.sbdf) & f->addr_mask) == 0;
}

static bool fits(const struct rb_pci_filter *f, enum rb_pci_exact bit, uint16_t wanted, uint16_t id)
{
	return (wanted == 0 && !(f->exact & (uint32_t)bit)) || wanted == id;
}

bool rbi_pci_filter_fits_ids(const struct rb_pci_filter *f, const struct rb_pci_info *info)
{
	if (!rbi_pci_filter_needs_ids(f))
		return true;
	return info->known && fits(f, RB_PCI_EXACT_VENDOR, f->vendor, info->vendor) &&
	       fits(f, RB_PCI_EXACT_DEVICE, f->device, info->device) &&
	       fits(f, RB_PCI_EXACT_SUBVENDOR, f->subvendor, info->subvendor) &&
	       fits(f, RB_PCI_EXACT_SUBDEVICE, f->subdevice, info->subdevice) &&
	       ((f->class_code ^ info->class_code) & f->class_mask) == 0;
}

/* --- parts of a pattern ------------------------------------------------------------------- */

/* Some characters of a pattern, the separators left out. */
struct part {
	const char *text;
	size_t len;
};

/* What a part demands: the bits of mask are those of value. 0: anything. */
struct demand {
	uint32_t value;
	uint32_t mask;
};

static bool is_absent(struct part part)
{
	return part.len == 0 || (part.len == 1 && part.text[0] == '*');
}

/*
 * A number of at most @max, which is a row of ones, in any number of digits. Where
 * @wild, an 'x' is a digit that may be anything; then a digit that is not written is
 * still a 0.
 */
static bool take_number(struct part part, uint32_t max, bool wild, struct demand *d)
{
	uint32_t open = 0; /* bits that may be anything */
	size_t i;
	int digit;

	d->value = 0;
	d->mask = 0;
	if (is_absent(part))
		return true;
	for (i = 0; i < part.len; i++) {
		bool is_wild = wild && (part.text[i] | 0x20) == 'x';

		digit = is_wild ? 0 : rbi_hex_digit(part.text[i]);
		if (digit < 0)
			return false;
		d->value = d->value << 4 | (uint32_t)digit;
		open = open << 4 | (is_wild ? 0xfu : 0);
		if (((d->value | open) & ~max) != 0)
			return false;
	}
	d->mask = max & ~open;
	return true;
}

/* Cut @text at each @separator, into at most @max parts: how many, or 0 for more. */
static size_t cut(struct part whole, char separator, struct part *parts, size_t max)
{
	const char *end = whole.text + whole.len;
	const char *at = whole.text;
	size_t n = 0;

	for (;;) {
		const char *next = memchr(at, separator, (size_t)(end - at));

		if (n == max)
			return 0;
		parts[n].text = at;
		parts[n++].len = (size_t)((next ? next : end) - at);
		if (!next)
			return n;
		at = next + 1;
	}
}

/* --- patterns ------------------------------------------------------------------------------ */

/* Has the caller's filter everything up to the end of @field? */
#define HAS(filter, field) \
	((filter)->size >= offsetof(struct rb_pci_filter, field) + sizeof((filter)->field))

static int check(const struct rb_pci_filter *filter, const char *pattern, bool is_new_enough,
		 const char *call)
{
	if (!filter || !pattern)
		return rbi_fail(-EINVAL, "%s: NULL", call);
	if (!is_new_enough)
		return rbi_fail(-EINVAL, "%s: struct rb_pci_filter is not set by its macro", call);
	return 0;
}

static int refuse(const char *pattern, const char *why)
{
	return rbi_fail(-EINVAL, "'%.64s' is no pattern of PCI functions: %s", pattern, why);
}

int rb_pci_filter_slot(struct rb_pci_filter *filter, const char *pattern)
{
	struct demand segment = { 0, 0 }, bus = { 0, 0 }, device, function = { 0, 0 };
	struct part parts[3], slot[2];
	size_t n, m;
	int rc;

	rc = check(filter, pattern, filter && HAS(filter, addr_mask), "rb_pci_filter_slot");
	if (rc < 0)
		return rc;

	n = cut((struct part){ pattern, strlen(pattern) }, ':', parts, 3);
	if (n == 0)
		return refuse(pattern, "it has more parts than segment, bus and device");
	m = cut(parts[n - 1], '.', slot, 2);
	if (m == 0)
		return refuse(pattern, "it has more parts than device and function");
	if (n == 3 && !take_number(parts[0], 0xffff, false, &segment))
		return refuse(pattern, "its segment is no number up to ffff");
	if (n >= 2 && !take_number(parts[n - 2], 0xff, false, &bus))
		return refuse(pattern, "its bus is no number up to ff");
	if (!take_number(slot[0], 0x1f, false, &device))
		return refuse(pattern, "its device is no number up to 1f");
	if (m == 2 && !take_number(slot[1], 7, false, &function))
		return refuse(pattern, "its function is no number up to 7");

	filter->addr = segment.value << 16 | bus.value << 8 | device.value << 3 | function.value;
	filter->addr_mask = segment.mask << 16 | bus.mask << 8 | device.mask << 3 | function.mask;
	return 0;
}

int rb_pci_filter_id(struct rb_pci_filter *filter, const char *pattern)
{
	struct demand vendor, device, class = { 0, 0 }, interface = { 0, 0 };
	struct part parts[4];
	size_t n;
	int rc;

	rc = check(filter, pattern, filter && HAS(filter, exact), "rb_pci_filter_id");
	if (rc < 0)
		return rc;

	n = cut((struct part){ pattern, strlen(pattern) }, ':', parts, 4);
	if (n == 0)
		return refuse(pattern, "it has more parts than vendor, device, class, interface");
	if (n == 1)
		return refuse(pattern, "it needs at least vendor and device, with ':' between");
	if (!take_number(parts[0], 0xffff, false, &vendor))
		return refuse(pattern, "its vendor is no number up to ffff");
	if (!take_number(parts[1], 0xffff, false, &device))
		return refuse(pattern, "its device is no number up to ffff");
	if (n >= 3 && !take_number(parts[2], 0xffff, true, &class))
		return refuse(pattern, "its class is no number up to ffff, with x for any digit");
	if (n == 4 && !take_number(parts[3], 0xff, false, &interface))
		return refuse(pattern, "its programming interface is no number up to ff");

	filter->vendor = (uint16_t)vendor.value;
	filter->device = (uint16_t)device.value;
	filter->class_code = class.value << 8 | interface.value;
	filter->class_mask = class.mask << 8 | interface.mask;
	filter->exact &= ~((uint32_t)RB_PCI_EXACT_VENDOR | RB_PCI_EXACT_DEVICE);
	filter->exact |= (vendor.mask ? (uint32_t)RB_PCI_EXACT_VENDOR : 0) |
			 (device.mask ? (uint32_t)RB_PCI_EXACT_DEVICE : 0);
	return 0;
}
