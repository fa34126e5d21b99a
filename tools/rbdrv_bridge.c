/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_bridge.c - what bridges have in their headers as fields (PCI-to-PCI Bridge Architecture
 * 1.2, 3.2; PC Card Standard 8, CardBus bridges).
 */
#include "describe.h"
#include "tool.h"

static void put_buses(struct fields *f, const struct header *h)
{
	field_number(f, "primary", header8(h, 0x18));
	field_number(f, "secondary", header8(h, 0x19));
	field_number(f, "subordinate", header8(h, 0x1a));
	field_number(f, "secondary_latency", header8(h, 0x1b));
}

/* One window; what ends before it begins forwards nothing. */
static void put_window(struct fields *f, const char *key, unsigned int bits, uint64_t base,
		       uint64_t limit)
{
	field_open(f, key);
	field_number(f, "bits", bits);
	field_hex(f, "base", base, (int)bits / 4);
	field_hex(f, "limit", limit, (int)bits / 4);
	field_flag(f, "open", base <= limit);
	field_close(f);
}

static void put_bad_window(struct fields *f, const char *key)
{
	field_open(f, key);
	field_text(f, "flaw", "base and limit are of different or reserved types");
	field_close(f);
}

static void put_io_window(struct fields *f, const struct header *h)
{
	unsigned int type = header8(h, 0x1c) & 0x0f;
	uint64_t base = (uint64_t)(header8(h, 0x1c) & 0xf0) << 8;
	uint64_t limit = (uint64_t)(header8(h, 0x1d) & 0xf0) << 8 | 0xfff;

	if (type != (header8(h, 0x1d) & 0x0fu) || type > 1) {
		put_bad_window(f, "io_window");
		return;
	}
	if (type == 1) {
		base |= (uint64_t)header16(h, 0x30) << 16;
		limit |= (uint64_t)header16(h, 0x32) << 16;
	}
	put_window(f, "io_window", type == 1 ? 32 : 16, base, limit);
}

static void put_memory_window(struct fields *f, const struct header *h)
{
	if ((header16(h, 0x20) & 0x0f) || (header16(h, 0x22) & 0x0f)) {
		put_bad_window(f, "memory_window");
		return;
	}
	put_window(f, "memory_window", 32, (uint64_t)header16(h, 0x20) << 16,
		   (uint64_t)header16(h, 0x22) << 16 | 0xfffff);
}

static void put_prefetchable_window(struct fields *f, const struct header *h)
{
	unsigned int type = header16(h, 0x24) & 0x0f;
	uint64_t base = (uint64_t)(header16(h, 0x24) & 0xfff0) << 16;
	uint64_t limit = (uint64_t)(header16(h, 0x26) & 0xfff0) << 16 | 0xfffff;

	if (type != (header16(h, 0x26) & 0x0fu) || type > 1) {
		put_bad_window(f, "prefetchable_window");
		return;
	}
	if (type == 1) {
		base |= (uint64_t)header32(h, 0x28) << 32;
		limit |= (uint64_t)header32(h, 0x2c) << 32;
	}
	put_window(f, "prefetchable_window", type == 1 ? 64 : 32, base, limit);
}

void put_bridge(struct fields *f, const struct header *h)
{
	static const struct bit_row control[] = {
		{ "parity_response", 1 << 0 },
		{ "system_error", 1 << 1 },
		{ "isa", 1 << 2 },
		{ "vga", 1 << 3 },
		{ "vga_16bit", 1 << 4 },
		{ "master_abort", 1 << 5 },
		{ "bus_reset", 1 << 6 },
		{ "fast_back_to_back", 1 << 7 },
		{ "primary_discard_timer", 1 << 8 },
		{ "secondary_discard_timer", 1 << 9 },
		{ "discard_timer_status", 1 << 10 },
		{ "discard_timer_system_error", 1 << 11 },
	};

	field_open(f, "bridge");
	put_buses(f, h);
	put_io_window(f, h);
	put_memory_window(f, h);
	put_prefetchable_window(f, h);
	field_open(f, "secondary_status");
	put_status(f, header16(h, 0x1e));
	field_close(f);
	FIELD_BITS(f, "bridge_control", control, header16(h, 0x3e));
	field_close(f);
}

static void put_cardbus_window(struct fields *f, const char *key, const struct header *h,
			       unsigned int off, bool io)
{
	uint32_t base = header32(h, off), limit = header32(h, off + 4);

	if (!io) {
		put_window(f, key, 32, base & ~0xfffu, limit | 0xfffu);
		return;
	}
	if (!(base & 1)) {
		base &= 0xffff;
		limit &= 0xffff;
	}
	put_window(f, key, 32, base & ~3u, limit | 3u);
}

void put_cardbus(struct fields *f, const struct header *h)
{
	static const struct bit_row control[] = {
		{ "parity_response", 1 << 0 },
		{ "system_error", 1 << 1 },
		{ "isa", 1 << 2 },
		{ "vga", 1 << 3 },
		{ "master_abort", 1 << 5 },
		{ "bus_reset", 1 << 6 },
		{ "interrupts_16bit", 1 << 7 },
		{ "prefetch_memory_0", 1 << 8 },
		{ "prefetch_memory_1", 1 << 9 },
		{ "write_posting", 1 << 10 },
	};

	field_open(f, "cardbus");
	put_buses(f, h);
	put_cardbus_window(f, "memory_window_0", h, 0x1c, false);
	put_cardbus_window(f, "memory_window_1", h, 0x24, false);
	put_cardbus_window(f, "io_window_0", h, 0x2c, true);
	put_cardbus_window(f, "io_window_1", h, 0x34, true);
	field_open(f, "secondary_status");
	put_status(f, header16(h, 0x16));
	field_close(f);
	FIELD_BITS(f, "bridge_control", control, header16(h, 0x3e));
	field_close(f);
}
