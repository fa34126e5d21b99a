/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_bars.c - base address registers as fields (PCI 3.0, 6.2.5). Looking at a function that
 * nobody opened shows addresses; sizes are known of an open one.
 */
#include <stdio.h>

#include "describe.h"
#include "tool.h"

unsigned int bar_count(unsigned int header_type)
{
	static const unsigned int counts[] = { 6, 2, 1 };

	return header_type < 3 ? counts[header_type] : 0;
}

unsigned int rom_register(unsigned int header_type)
{
	return header_type == 0 ? 0x30 : header_type == 1 ? 0x38 : 0;
}

bool bar_decode(const struct header *h, unsigned int index, struct bar *bar)
{
	static const unsigned int bits[] = { 32, 20, 64, 0 };
	unsigned int count = bar_count(header8(h, 0x0e) & 0x7f);
	uint32_t low = header32(h, 0x10 + 4 * index);

	*bar = (struct bar){ .slots = 1 };
	if (low == 0xffffffff)
		return false;
	bar->io = low & 1;
	if (bar->io) {
		bar->address = low & ~3u;
		return true;
	}
	bar->bits = bits[low >> 1 & 3];
	bar->prefetchable = low & 8;
	bar->address = low & ~0xfu;
	if (bar->bits == 64) {
		bar->broken = index + 1 >= count;
		if (!bar->broken) {
			bar->address |= (uint64_t)header32(h, 0x14 + 4 * index) << 32;
			bar->slots = 2;
		}
	}
	return low != 0;
}

/* "64 KiB": whole units only, so the text is exact. */
static const char *size_text(uint64_t size, char *buf, size_t room)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	unsigned int unit = 0;

	if (size == 0)
		return "unknown";
	while (unit < 4 && size >= 1024 && size % 1024 == 0) {
		size /= 1024;
		unit++;
	}
	snprintf(buf, room, "%llu %s", (unsigned long long)size, units[unit]);
	return buf;
}

static void put_size(struct fields *f, uint64_t size)
{
	char buf[40];

	if (f->people)
		field_text(f, "size", size_text(size, buf, sizeof(buf)));
	else if (size)
		field_number(f, "size", size);
	else
		field_text(f, "size", NULL);
}

/* How wide an address is printed. */
static int digits_of(const struct bar *bar)
{
	return bar->io ? 4 : bar->bits == 64 ? 16 : 8;
}

static void put_kind_for_people(struct fields *f, const struct bar *bar)
{
	char text[80];

	if (bar->io)
		snprintf(text, sizeof(text), "I/O ports");
	else if (bar->bits == 0)
		snprintf(text, sizeof(text), "memory of a reserved type");
	else
		snprintf(text, sizeof(text), "%u-bit %smemory", bar->bits,
			 bar->prefetchable ? "prefetchable " : "");
	field_text(f, "", text);
	snprintf(text, sizeof(text), "0x%0*llx", digits_of(bar), (unsigned long long)bar->address);
	field_text(f, "at", text);
}

static void put_kind(struct fields *f, unsigned int index, const struct bar *bar)
{
	field_number(f, "index", index);
	field_text(f, "kind", bar->io ? "io" : "memory");
	if (!bar->io) {
		field_number(f, "bits", bar->bits);
		field_flag(f, "prefetchable", bar->prefetchable);
	}
	field_hex(f, "address", bar->address, digits_of(bar));
}

static void put_bar(struct fields *f, const struct header *h, unsigned int index,
		    const struct bar *bar, struct rb_pci_dev *dev)
{
	uint16_t command = header16(h, 0x04);
	char title[16];

	snprintf(title, sizeof(title), "BAR %u", index);
	field_item(f, title);
	if (f->people)
		put_kind_for_people(f, bar);
	else
		put_kind(f, index, bar);
	put_size(f, rb_pci_bar_size(dev, index));
	field_flag(f, "enabled", command & (bar->io ? 1 : 2));
	if (rb_pci_bar_flaw(dev, index))
		field_text(f, "flaw", rb_pci_bar_flaw(dev, index));
	else if (bar->broken)
		field_text(f, "flaw", "a 64-bit BAR in the last place has no upper half");
	field_close(f);
}

static void put_rom(struct fields *f, const struct header *h, struct rb_pci_dev *dev)
{
	unsigned int off = rom_register(header8(h, 0x0e) & 0x7f);
	uint32_t rom = off ? header32(h, off) : 0;

	if (rb_pci_bar_kind(dev, RB_PCI_BAR_ROM) == RB_PCI_BAR_NONE &&
	    (rom == 0 || rom == 0xffffffff))
		return;
	field_open(f, "rom");
	field_hex(f, "address", rom & ~0x7ffu, 8);
	put_size(f, rb_pci_bar_size(dev, RB_PCI_BAR_ROM));
	field_flag(f, "enabled", rom & 1);
	field_close(f);
}

void put_bars(struct fields *f, const struct header *h, struct rb_pci_dev *dev)
{
	unsigned int count = bar_count(header8(h, 0x0e) & 0x7f), i;
	struct bar bar;

	field_list(f, "bars");
	for (i = 0; i < count; i += bar.slots) {
		if (bar_decode(h, i, &bar) || rb_pci_bar_kind(dev, i) != RB_PCI_BAR_NONE)
			put_bar(f, h, i, &bar, dev);
	}
	field_close(f);
	put_rom(f, h, dev);
}
