/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_describe.c - one function as fields: identity, header, BARs, bridge; capabilities are in
 * rbdrv_caps.c. Everything is decoded from configuration space as it is; only sizes of BARs need
 * the function to be open.
 */
#include <stdio.h>
#include <string.h>

#include "caps.h"
#include "describe.h"
#include "tool.h"

/* The header (PCI 3.0, 6.1), read once so that all of it is of one moment as far as possible. */
int header_read(struct rb_pci_view *view, struct header *h)
{
	memset(h, 0, sizeof(*h));
	h->view = view;
	return rb_pci_view_read(view, 0, h->bytes, sizeof(h->bytes));
}

uint8_t header8(const struct header *h, unsigned int off)
{
	return h->bytes[off];
}

uint16_t header16(const struct header *h, unsigned int off)
{
	return (uint16_t)(h->bytes[off] | h->bytes[off + 1] << 8);
}

uint32_t header32(const struct header *h, unsigned int off)
{
	return header16(h, off) | (uint32_t)header16(h, off + 2) << 16;
}

/* --- identity ---------------------------------------------------------------------- */

static void put_address(struct fields *f, struct rb_pci_addr addr)
{
	char text[RB_PCI_ADDR_LEN];

	field_text(f, "address", rb_pci_addr_format(addr, text));
	field_number(f, "segment", rb_pci_addr_segment(addr));
	field_number(f, "bus", rb_pci_addr_bus(addr));
	field_number(f, "slot", rb_pci_addr_device(addr));
	field_number(f, "function", rb_pci_addr_function(addr));
}

static const char *text_or_null(const char *text)
{
	return *text ? text : NULL;
}

static void put_identity(struct fields *f, const struct function *fn)
{
	uint32_t code = fn->class_code;
	struct tool_names names;

	put_address(f, fn->addr);
	field_flag(f, "known", fn->known);
	if (!fn->known)
		return;
	names_of_function(fn, &names);
	field_hex(f, "vendor", fn->vendor, 4);
	field_text(f, "vendor_name", text_or_null(names.vendor));
	field_hex(f, "device", fn->device, 4);
	field_text(f, "device_name", text_or_null(names.device));
	field_hex(f, "class", code, 6);
	field_text(f, "class_name", class_name(code));
	field_text(f, "interface_name", class_interface_name(code));
	field_hex(f, "revision", fn->revision, 2);
}

/* Subsystem ids are in the header, or in a capability of bridges. */
static bool subsystem_ids(const struct header *h, struct tool_ids *ids)
{
	struct rb_pci_subsystem cap = RB_PCI_SUBSYSTEM_INIT;

	ids->vendor = header16(h, 0x00);
	ids->device = header16(h, 0x02);
	switch (header8(h, 0x0e) & 0x7f) {
	case 0:
		ids->subvendor = header16(h, 0x2c);
		ids->subdevice = header16(h, 0x2e);
		break;
	case 1:
		if (rb_pci_read_subsystem(h->view, 0, &cap) < 0)
			return false;
		ids->subvendor = cap.subvendor;
		ids->subdevice = cap.subdevice;
		break;
	case 2: { /* the longer header of CardBus bridges */
		if (rb_pci_view_read16(h->view, 0x40, &ids->subvendor) < 0 ||
		    rb_pci_view_read16(h->view, 0x42, &ids->subdevice) < 0)
			return false;
		break;
	}
	default:
		return false;
	}
	return ids->subvendor != 0 && ids->subvendor != 0xffff;
}

static void put_subsystem_ids(struct fields *f, const struct header *h)
{
	struct tool_ids ids = { 0 };
	struct tool_names names;
	char text[320];

	if (!subsystem_ids(h, &ids))
		return;
	names_of(&ids, &names);
	field_open(f, "subsystem");
	if (f->people) {
		snprintf(text, sizeof(text), "%04x:%04x%s%s%s%s", ids.subvendor, ids.subdevice,
			 names.subvendor[0] ? " " : "", names.subvendor,
			 names.subdevice[0] ? " " : "", names.subdevice);
		field_text(f, "", text);
	} else {
		field_hex(f, "vendor", ids.subvendor, 4);
		field_text(f, "vendor_name", text_or_null(names.subvendor));
		field_hex(f, "device", ids.subdevice, 4);
		field_text(f, "device_name", text_or_null(names.subdevice));
	}
	field_close(f);
}

/* --- header ------------------------------------------------------------------------ */

static const char *devsel_name(uint16_t status)
{
	static const char *const names[] = { "fast", "medium", "slow", "reserved" };

	return names[status >> 9 & 3];
}

/* Bits that primary and secondary status share (PCI 3.0, 6.2.3). */
void put_status(struct fields *f, uint16_t status)
{
	field_flag(f, "clock_66mhz", status & 1 << 5);
	field_flag(f, "udf", status & 1 << 6);
	field_flag(f, "fast_back_to_back", status & 1 << 7);
	field_flag(f, "parity_error", status & 1 << 8);
	field_text(f, "devsel", devsel_name(status));
	field_flag(f, "target_abort_signaled", status & 1 << 11);
	field_flag(f, "target_abort_received", status & 1 << 12);
	field_flag(f, "master_abort_received", status & 1 << 13);
	field_flag(f, "system_error", status & 1 << 14);
	field_flag(f, "parity_error_detected", status & 1 << 15);
}

static void put_command_and_status(struct fields *f, const struct header *h)
{
	static const struct bit_row command[] = {
		{ "io", 1 << 0 },
		{ "memory", 1 << 1 },
		{ "bus_master", 1 << 2 },
		{ "special_cycles", 1 << 3 },
		{ "write_and_invalidate", 1 << 4 },
		{ "vga_snoop", 1 << 5 },
		{ "parity_response", 1 << 6 },
		{ "stepping", 1 << 7 },
		{ "system_error", 1 << 8 },
		{ "fast_back_to_back", 1 << 9 },
		{ "intx_disable", 1 << 10 },
	};
	uint16_t status = header16(h, 0x06);

	FIELD_BITS(f, "control", command, header16(h, 0x04));
	field_open(f, "status");
	field_flag(f, "immediate_ready", status & 1 << 0);
	field_flag(f, "interrupt", status & 1 << 3);
	field_flag(f, "capabilities", status & 1 << 4);
	put_status(f, status);
	field_close(f);
}

static void put_interrupt(struct fields *f, const struct header *h)
{
	uint8_t pin = header8(h, 0x3d);
	char letter[2] = { (char)('A' + pin - 1), '\0' };

	if (f->people && pin == 0)
		return;
	field_open(f, "interrupt");
	field_text(f, "pin", pin >= 1 && pin <= 4 ? letter : NULL);
	if (pin > 4)
		field_number(f, "pin_number", pin);
	field_number(f, "line", header8(h, 0x3c));
	field_close(f);
}

static void put_misc(struct fields *f, const struct header *h)
{
	uint8_t bist = header8(h, 0x0f);

	if (f->brief)
		return;
	field_open(f, "header");
	field_number(f, "type", header8(h, 0x0e) & 0x7f);
	field_flag(f, "multifunction", header8(h, 0x0e) & 0x80);
	field_number(f, "latency_timer", header8(h, 0x0d));
	field_number(f, "cache_line_bytes", header8(h, 0x0c) * 4u);
	if ((header8(h, 0x0e) & 0x7f) == 0) {
		field_number(f, "min_grant_ns", header8(h, 0x3e) * 250u);
		field_number(f, "max_latency_ns", header8(h, 0x3f) * 250u);
	}
	field_flag(f, "bist", bist & 0x80);
	if (bist & 0x80) {
		field_flag(f, "bist_running", bist & 0x40);
		field_number(f, "bist_code", bist & 0x0f);
	}
	field_close(f);
}

/* --- all of it --------------------------------------------------------------------- */

static int put_everything(struct fields *f, struct rb_pci_view *view, struct rb_pci_dev *dev)
{
	unsigned int type;
	struct header h;
	int rc;

	rc = header_read(view, &h);
	if (rc < 0)
		return rc;

	type = header8(&h, 0x0e) & 0x7f;
	put_subsystem_ids(f, &h);
	put_misc(f, &h);
	if (type > 2)
		return 0; /* nobody knows what the rest means */
	put_command_and_status(f, &h);
	put_interrupt(f, &h);
	put_bars(f, &h, dev);
	if (type == 1)
		put_bridge(f, &h);
	if (type == 2)
		put_cardbus(f, &h);
	return put_caps(f, view, header16(&h, 0x00), header16(&h, 0x02));
}

void describe(struct fields *f, struct rb_ctx *ctx, const struct function *fn,
	      struct rb_pci_dev *dev)
{
	struct rb_pci_view *view = rb_pci_view_dev(dev);
	int rc = 0;

	if (!f->people)
		put_identity(f, fn);
	if (!view)
		rc = rb_pci_view_open(ctx, fn->addr, &view);
	if (rc == 0)
		rc = put_everything(f, view, dev);
	if (rc < 0)
		field_text(f, "flaw", *rb_last_error() ? rb_last_error() : rb_strerror(rc));
	rb_pci_view_close(view);
}
