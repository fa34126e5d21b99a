/* SPDX-License-Identifier: MIT */
/*
 * wire_function.c - PciFunction, the body of a Config response (contract 4.6).
 *
 * Two layouts exist and nothing in the bytes says which: trees since 2026 have a
 * ROM field between the BARs and the interrupt line. What is left after the BARs
 * is 8 bytes of ids, 1, 3 or 27 of interrupt line, and 1 or 10 of ROM if there is
 * one: no sum occurs in both layouts.
 */
#include "config.h"

#include "os/wire.h"
#include "os/wire_cursor.h"

#define IDS_BYTES      8u
#define IRQ_NONE_BYTES 1u
#define IRQ_LINE_BYTES 3u
#define IRQ_TREE_BYTES 27u

static bool layout_has_rom_field(size_t left)
{
	return left != IDS_BYTES + IRQ_NONE_BYTES && left != IDS_BYTES + IRQ_LINE_BYTES &&
	       left != IDS_BYTES + IRQ_TREE_BYTES;
}

/* --- BARs -------------------------------------------------------------------------- */

static void put_bar(struct rbi_wire_out *out, const struct rbi_wire_bar *bar)
{
	rbi_wire_put_tag(out, bar->kind, RBI_WIRE_BAR_PORT);
	switch (bar->kind) {
	case RBI_WIRE_BAR_NONE:
		break;
	case RBI_WIRE_BAR_MEM32:
		if (bar->addr > UINT32_MAX || bar->size > UINT32_MAX)
			out->fault = out->fault ? out->fault : -EINVAL;
		rbi_wire_put(out, bar->addr, 4);
		rbi_wire_put(out, bar->size, 4);
		break;
	case RBI_WIRE_BAR_MEM64:
		rbi_wire_put(out, bar->addr, 8);
		rbi_wire_put(out, bar->size, 8);
		break;
	case RBI_WIRE_BAR_PORT:
		if (bar->addr > UINT16_MAX)
			out->fault = out->fault ? out->fault : -EINVAL;
		rbi_wire_put(out, bar->addr, 2);
		break;
	}
}

static void get_bar(struct rbi_wire_in *in, struct rbi_wire_bar *bar)
{
	bar->kind =
		(enum rbi_wire_bar_kind)rbi_wire_get_tag(in, "kind of a BAR", RBI_WIRE_BAR_PORT);
	switch (bar->kind) {
	case RBI_WIRE_BAR_NONE:
		break;
	case RBI_WIRE_BAR_MEM32:
		bar->addr = rbi_wire_get(in, "address of a BAR", 4);
		bar->size = rbi_wire_get(in, "size of a BAR", 4);
		break;
	case RBI_WIRE_BAR_MEM64:
		bar->addr = rbi_wire_get(in, "address of a BAR", 8);
		bar->size = rbi_wire_get(in, "size of a BAR", 8);
		break;
	case RBI_WIRE_BAR_PORT:
		bar->addr = rbi_wire_get(in, "port of a BAR", 2);
		break;
	}
}

/* --- ROM --------------------------------------------------------------------------- */

static void put_rom(struct rbi_wire_out *out, const struct rbi_wire_function *fn)
{
	if (!fn->rom_field) {
		if (fn->has_rom)
			out->fault = out->fault ? out->fault : -EINVAL;
		return;
	}
	rbi_wire_put(out, fn->has_rom, 1);
	if (!fn->has_rom)
		return;
	rbi_wire_put(out, fn->rom.addr, 4);
	rbi_wire_put(out, fn->rom.size, 4);
	rbi_wire_put(out, fn->rom.enabled, 1);
}

static void get_rom(struct rbi_wire_in *in, struct rbi_wire_function *fn)
{
	fn->has_rom = rbi_wire_get_bool(in, "Option of the ROM");
	if (!fn->has_rom)
		return;
	fn->rom.addr = (uint32_t)rbi_wire_get(in, "address of the ROM", 4);
	fn->rom.size = (uint32_t)rbi_wire_get(in, "size of the ROM", 4);
	fn->rom.enabled = rbi_wire_get_bool(in, "enable bit of the ROM");
}

/* --- interrupt line ------------------------------------------------------------------ */

static void put_irq(struct rbi_wire_out *out, const struct rbi_wire_function *fn)
{
	const struct rbi_wire_irq *irq = &fn->irq;
	unsigned int i;

	rbi_wire_put(out, fn->has_irq, 1);
	if (!fn->has_irq)
		return;
	rbi_wire_put(out, irq->irq, 1);
	rbi_wire_put(out, irq->has_phandle, 1);
	if (!irq->has_phandle)
		return;
	if (irq->cells < 1 || irq->cells > 3)
		out->fault = out->fault ? out->fault : -EINVAL;
	rbi_wire_put(out, irq->phandle, 4);
	for (i = 0; i < 3; i++)
		rbi_wire_put(out, irq->words[i], 4);
	rbi_wire_put(out, irq->cells, 8);
}

static void get_irq(struct rbi_wire_in *in, struct rbi_wire_function *fn)
{
	struct rbi_wire_irq *irq = &fn->irq;
	unsigned int i;

	fn->has_irq = rbi_wire_get_bool(in, "Option of the interrupt line");
	if (!fn->has_irq)
		return;
	irq->irq = (uint8_t)rbi_wire_get(in, "interrupt line", 1);
	irq->has_phandle = rbi_wire_get_bool(in, "Option of the interrupt's phandle");
	if (!irq->has_phandle)
		return;
	irq->phandle = (uint32_t)rbi_wire_get(in, "phandle of the interrupt", 4);
	for (i = 0; i < 3; i++)
		irq->words[i] = (uint32_t)rbi_wire_get(in, "interrupt specifier", 4);
	irq->cells = rbi_wire_get(in, "cells of the interrupt specifier", 8);
	if (irq->cells < 1 || irq->cells > 3)
		rbi_wire_bad(in, "cells of the interrupt specifier", "is out of range", irq->cells);
}

/* --- the whole --------------------------------------------------------------------- */

static void get_address(struct rbi_wire_in *in, struct rb_pci_addr *addr)
{
	unsigned int segment, bus, device, function;

	segment = (unsigned int)rbi_wire_get(in, "segment", 2);
	bus = (unsigned int)rbi_wire_get(in, "bus", 1);
	device = rbi_wire_get_below(in, "device number", 1, 31);
	function = rbi_wire_get_below(in, "function number", 1, 7);
	*addr = rb_pci_addr_make(segment, bus, device, function);
}

void rbi_wire_put_function(struct rbi_wire_out *out, const struct rbi_wire_function *fn)
{
	unsigned int i;

	rbi_wire_put(out, rb_pci_addr_segment(fn->addr), 2);
	rbi_wire_put(out, rb_pci_addr_bus(fn->addr), 1);
	rbi_wire_put(out, rb_pci_addr_device(fn->addr), 1);
	rbi_wire_put(out, rb_pci_addr_function(fn->addr), 1);
	for (i = 0; i < RBI_WIRE_BARS; i++)
		put_bar(out, &fn->bars[i]);
	put_rom(out, fn);
	put_irq(out, fn);
	rbi_wire_put(out, fn->vendor, 2);
	rbi_wire_put(out, fn->device, 2);
	rbi_wire_put(out, fn->class_code, 1);
	rbi_wire_put(out, fn->subclass, 1);
	rbi_wire_put(out, fn->interface, 1);
	rbi_wire_put(out, fn->revision, 1);
}

void rbi_wire_get_function(struct rbi_wire_in *in, struct rbi_wire_function *fn)
{
	unsigned int i;

	get_address(in, &fn->addr);
	for (i = 0; i < RBI_WIRE_BARS; i++)
		get_bar(in, &fn->bars[i]);
	fn->rom_field = layout_has_rom_field(rbi_wire_left(in));
	if (fn->rom_field)
		get_rom(in, fn);
	get_irq(in, fn);
	fn->vendor = (uint16_t)rbi_wire_get(in, "vendor id", 2);
	fn->device = (uint16_t)rbi_wire_get(in, "device id", 2);
	fn->class_code = (uint8_t)rbi_wire_get(in, "class", 1);
	fn->subclass = (uint8_t)rbi_wire_get(in, "subclass", 1);
	fn->interface = (uint8_t)rbi_wire_get(in, "programming interface", 1);
	fn->revision = (uint8_t)rbi_wire_get(in, "revision", 1);
}
