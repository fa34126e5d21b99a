/* SPDX-License-Identifier: MIT */
/*
 * qemu_scan.c - the functions there are: what firmware would find at power-on.
 *
 * There is no firmware, so bus numbers, addresses (qemu_bars.c) and interrupt
 * lines are given here, once.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#include "host/qemu/qemu_regs.h"

#define CAPS_MAX     48 /* places for capabilities in 256 bytes (PCI 3.0, 6.7) */
#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc

static int cfg(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int off, unsigned int width,
	       uint32_t *val)
{
	return rbi_qemu_cfg_raw_read(q, fn, off, width, val);
}

/* --- the way in -------------------------------------------------------------------------- */

static int by_ports(struct rbi_qemu *q, unsigned int off, const uint32_t *put, uint32_t *get)
{
	int rc = rbi_qtest_port_write(&q->qt, PORT_ADDRESS, 4, UINT32_C(1) << 31 | off);

	if (rc < 0)
		return rc;
	return put ? rbi_qtest_port_write(&q->qt, PORT_DATA, 4, *put)
		   : rbi_qtest_port_read(&q->qt, PORT_DATA, 4, get);
}

/* Is this the machine we asked for? Then open its window to configuration space. */
static int open_ecam(struct rbi_qemu *q)
{
	const uint32_t low = QEMU_ECAM_BASE | 1, high = 0;
	uint32_t id = 0;
	int rc = by_ports(q, CFG_ID, NULL, &id);

	if (rc == 0 && id != HOST_BRIDGE_ID)
		return rbi_fail(-EIO, "QEMU's host bridge is %08x instead of %08x", id,
				HOST_BRIDGE_ID);
	rc = rc ? rc : by_ports(q, CFG_PCIEXBAR + 4, &high, NULL);
	rc = rc ? rc : by_ports(q, CFG_PCIEXBAR, &low, NULL);
	rc = rc ? rc : cfg(q, rb_pci_addr_make(0, 0, 0, 0), CFG_ID, 4, &id);
	if (rc == 0 && id != HOST_BRIDGE_ID)
		return rbi_fail(-EIO, "QEMU's configuration window reads %08x", id);
	return rc;
}

/* --- one function ------------------------------------------------------------------------ */

/* The capabilities that the machine has to know of. */
static void find_caps(const uint8_t *cfg, struct rbi_qemu_fn *fn)
{
	unsigned int i, at = cfg[CFG_CAPS] & 0xfc;

	if (!(cfg[CFG_STATUS] & STATUS_CAPS))
		return;
	for (i = 0; i < CAPS_MAX && at >= 0x40; i++) {
		if (cfg[at] == CAP_EXPRESS) {
			fn->express = at;
			fn->cfg_size = 4096;
		}
		if (cfg[at] == CAP_MSIX && at <= 0xf4)
			rbi_qemu_msix_find(fn, &cfg[at]);
		at = cfg[at + 1] & 0xfc;
	}
}

/* A place for one more function at the end of the table: its index, or -EINVAL, -ENOMEM. */
static int make_room(struct rbi_qemu *q)
{
	struct rbi_qemu_fn *fn;
	size_t room = q->pci.room ? q->pci.room * 2 : 32;

	if (!q->pci.index)
		q->pci.index = rbi_alloc(QEMU_PLACES, sizeof(*q->pci.index));
	if (!q->pci.index)
		return rbi_no_memory("PCI functions");
	if (q->pci.n == QEMU_FUNCTIONS)
		return rbi_fail(-EINVAL, "the devices have more than %d functions", QEMU_FUNCTIONS);
	if (q->pci.n == q->pci.room) {
		fn = rbi_realloc(q->pci.fn, room, sizeof(*fn));
		if (!fn)
			return rbi_no_memory("PCI functions");
		q->pci.fn = fn;
		q->pci.room = room;
	}
	memset(&q->pci.fn[q->pci.n], 0, sizeof(*fn));
	return (int)q->pci.n;
}

/* @cfg: the first 256 bytes of its space. */
static int add_fn(struct rbi_qemu *q, struct rb_pci_addr addr, int parent, const uint8_t *cfg)
{
	struct rbi_qemu_fn *fn;
	int index = make_room(q);

	if (index < 0)
		return index;
	fn = &q->pci.fn[index];
	fn->addr = addr;
	fn->parent = parent;
	fn->cfg_size = 256;
	fn->line = 0xff;
	fn->bridge = (cfg[CFG_HEADER_TYPE] & 0x7f) == HEADER_BRIDGE;
	fn->pref64 = fn->bridge && (cfg[CFG_PREF_WINDOW] & 0xf) == 1;
	fn->pin = cfg[CFG_PIN] <= 4 ? cfg[CFG_PIN] : 0;
	find_caps(cfg, fn);
	q->pci.n++;
	q->pci.index[addr.sbdf] = (uint16_t)q->pci.n;
	return index;
}

/* --- buses ------------------------------------------------------------------------------- */

/* Bus numbers to give. */
struct numbers {
	unsigned int last; /* given so far */
	unsigned int limit; /* the highest that may be given */
	bool ran_out;
};

static int scan_bus(struct rbi_qemu *q, unsigned int bus, int parent, struct numbers *nums);

static int set_buses(struct rbi_qemu *q, int index, unsigned int subordinate)
{
	struct rbi_qemu_fn *fn = &q->pci.fn[index];

	fn->subordinate = (uint8_t)subordinate;
	return rbi_qemu_cfg_raw_post(q, fn->addr, CFG_BUSES, 4,
				     rb_pci_addr_bus(fn->addr) | (uint32_t)fn->secondary << 8 |
					     subordinate << 16);
}

static int scan_below(struct rbi_qemu *q, int index, struct numbers *nums)
{
	int rc;

	if (nums->last >= nums->limit) {
		nums->ran_out = true;
		return rbi_fail(-EINVAL, "the devices need more than 256 PCI buses");
	}

	/* Everything above goes this way until the depth is known. */
	q->pci.fn[index].secondary = (uint8_t)++nums->last;
	rc = set_buses(q, index, nums->limit);
	if (rc == 0)
		rc = scan_bus(q, q->pci.fn[index].secondary, index, nums);
	if (rc == 0)
		rc = set_buses(q, index, nums->last);
	return rc;
}

static int scan_device(struct rbi_qemu *q, unsigned int bus, unsigned int dev, int parent,
		       struct numbers *nums)
{
	unsigned int f, functions = 1;
	uint8_t cfg[256];
	uint32_t id;
	int rc = 0, index;

	for (f = 0; f < functions && rc == 0; f++) {
		struct rb_pci_addr addr = rb_pci_addr_make(0, bus, dev, f);

		rc = rbi_qemu_cfg_raw_read(q, addr, CFG_ID, 4, &id);
		if (rc < 0 || (id & 0xffff) == 0xffff)
			continue;
		rc = rbi_qemu_cfg_raw_block(q, addr, cfg, sizeof(cfg));
		if (rc < 0)
			break;
		if (f == 0 && (cfg[CFG_HEADER_TYPE] & HEADER_MULTI))
			functions = 8;
		index = add_fn(q, addr, parent, cfg);
		if (index < 0)
			return index;
		if (q->pci.fn[index].bridge)
			rc = scan_below(q, index, nums);
	}
	return rc;
}

/* An Express link has one device at its end, number 0. */
static int is_link(struct rbi_qemu *q, int bridge, bool *link)
{
	const struct rbi_qemu_fn *fn;
	uint32_t caps, kind;
	int rc;

	*link = false;
	if (bridge < 0 || !q->pci.fn[bridge].express)
		return 0;
	fn = &q->pci.fn[bridge];
	rc = cfg(q, fn->addr, fn->express + EXP_CAPS, 2, &caps);
	kind = caps >> 4 & 0xf;
	*link = kind == EXP_KIND_ROOT || kind == EXP_KIND_DOWNSTREAM;
	return rc;
}

static int scan_bus(struct rbi_qemu *q, unsigned int bus, int parent, struct numbers *nums)
{
	unsigned int dev, devices;
	bool link;
	int rc = is_link(q, parent, &link);

	devices = link ? 1 : 32;
	for (dev = 0; dev < devices && rc == 0; dev++)
		rc = scan_device(q, bus, dev, parent, nums);
	return rc;
}

/* --- interrupt lines --------------------------------------------------------------------- */

/*
 * The input of the I/O APIC that a pin is wired to: each bridge rotates by the device
 * number (PCI-to-PCI Bridge 1.2, 9.1), then the chipset's own table (qemu-notes 3).
 */
static unsigned int gsi_of(struct rbi_qemu *q, const struct rbi_qemu_fn *fn)
{
	unsigned int pin = fn->pin - 1u, slot = rb_pci_addr_device(fn->addr);

	while (fn->parent >= 0) {
		pin = (pin + slot) % 4;
		fn = &q->pci.fn[fn->parent];
		slot = rb_pci_addr_device(fn->addr);
	}
	if (slot <= 24)
		return 20 + (slot + pin) % 4;
	return slot == 30 ? 20 + pin : 16 + pin;
}

static int wire_line(struct rbi_qemu *q, struct rbi_qemu_fn *fn)
{
	if (fn->pin == 0)
		return 0;
	fn->line = (uint8_t)rbi_qemu_line_of_gsi(gsi_of(q, fn));
	return rbi_qemu_cfg_raw_post(q, fn->addr, CFG_LINE, 1, fn->line);
}

/* --- all of it --------------------------------------------------------------------------- */

static int find_doorbell(struct rbi_qemu *q)
{
	struct rb_pci_addr addr = rb_pci_addr_make(0, 0, RBI_QEMU_IVSHMEM_SLOT, 0);
	struct rbi_qemu_fn *fn = rbi_qemu_find_fn(q, addr);
	uint32_t id = 0;
	int rc = fn ? cfg(q, addr, CFG_ID, 4, &id) : 0;

	if (rc < 0)
		return rc;
	if (id != (RBI_IVSHMEM_DEVICE << 16 | RBI_IVSHMEM_VENDOR) || fn->bar[0].base == 0)
		return rbi_fail(-EIO, "QEMU's message doorbell is not where it was put");
	fn->hidden = true;
	q->pci.doorbell = fn->bar[0].base + RBI_IVSHMEM_DOORBELL;
	return 0;
}

int rbi_qemu_pci_start(struct rbi_qemu *q)
{
	struct numbers nums = { 0, 255, false };
	size_t i;
	int rc;

	rc = open_ecam(q);
	if (rc == 0)
		rc = scan_bus(q, 0, -1, &nums);
	if (rc == 0)
		rc = rbi_qemu_bars_assign(q);
	for (i = 0; i < q->pci.n && rc == 0; i++)
		rc = wire_line(q, &q->pci.fn[i]);
	return rc < 0 ? rc : find_doorbell(q);
}

void rbi_qemu_pci_destroy(struct rbi_qemu *q)
{
	size_t i;

	for (i = 0; i < q->pci.n; i++)
		rbi_qemu_msix_forget(&q->pci.fn[i]);
	rbi_free(q->pci.fn);
	rbi_free(q->pci.index);
}

/* --- arrivals and departures ------------------------------------------------------------- */

static bool is_below(struct rbi_qemu *q, size_t child, size_t bridge)
{
	int i = q->pci.fn[child].parent;

	while (i >= 0 && (size_t)i != bridge)
		i = q->pci.fn[i].parent;
	return i >= 0;
}

static size_t index_of(struct rbi_qemu *q, struct rb_pci_addr addr)
{
	return (size_t)(rbi_qemu_find_fn(q, addr) - q->pci.fn);
}

void rbi_qemu_pci_departed(struct rbi_qemu *q, struct rb_pci_addr port)
{
	size_t i, bridge = index_of(q, port);

	for (i = bridge + 1; i < q->pci.n; i++) {
		if (q->pci.fn[i].gone || !is_below(q, i, bridge))
			continue;
		q->pci.fn[i].gone = true;
		rbi_qemu_irq_forget(q, q->pci.fn[i].addr);
		rbi_qemu_msix_forget(&q->pci.fn[i]);
	}
}

bool rbi_qemu_pci_occupied(struct rbi_qemu *q, struct rb_pci_addr port)
{
	size_t i, bridge = index_of(q, port);

	for (i = bridge + 1; i < q->pci.n; i++) {
		if (q->pci.fn[i].parent == (int)bridge && !q->pci.fn[i].gone)
			return true;
	}
	return false;
}

/* Take what is below @bridge out of the table. What stays keeps its order, so parents still
 * stand before their children. */
static void forget_below(struct rbi_qemu *q, size_t bridge)
{
	int moved[QEMU_FUNCTIONS];
	size_t i, to = 0;
	bool lost;

	for (i = 0; i < q->pci.n; i++) {
		struct rbi_qemu_fn *fn = &q->pci.fn[i];

		lost = fn->parent == (int)bridge || (fn->parent >= 0 && moved[fn->parent] < 0);
		moved[i] = lost ? -1 : (int)to++;
		if (lost) {
			q->pci.index[fn->addr.sbdf] = 0;
			rbi_qemu_msix_forget(fn);
			continue;
		}
		if (fn->parent >= 0)
			fn->parent = moved[fn->parent];
		q->pci.fn[to - 1] = *fn;
		q->pci.index[fn->addr.sbdf] = (uint16_t)to;
	}
	q->pci.n = to;
	q->pci.hit = 0;
}

/* The numbers that no bus of others has, and that follow those of @port; or the longest run
 * of such numbers. */
static struct numbers free_numbers(struct rbi_qemu *q, const struct rbi_qemu_fn *port, bool longest)
{
	unsigned int n, from, best = port->secondary, length = 0;
	bool used[257] = { [0] = true, [256] = true };
	size_t i;

	for (i = 0; i < q->pci.n; i++) {
		const struct rbi_qemu_fn *fn = &q->pci.fn[i];

		for (n = fn->secondary; fn->parent < 0 && fn->bridge && fn != port &&
					n <= fn->subordinate; n++)
			used[n] = true;
	}
	for (from = longest ? 1 : best; from < 256; from = n + 1) {
		for (n = from; !used[n]; n++)
			;
		if (n - from > length) {
			length = n - from;
			best = from;
		}
		if (!longest)
			break;
	}
	return (struct numbers){ best - 1, best + length - 1, false };
}

static int scan_arrival(struct rbi_qemu *q, size_t bridge, bool longest, bool *ran_out)
{
	struct numbers nums = free_numbers(q, &q->pci.fn[bridge], longest);
	int rc = scan_below(q, (int)bridge, &nums);

	*ran_out = nums.ran_out;
	return rc;
}

static int put_together(struct rbi_qemu *q, size_t bridge, size_t first)
{
	size_t i;
	int rc = rbi_qemu_bars_assign_below(q, bridge, first);

	for (i = first; i < q->pci.n && rc == 0; i++)
		rc = wire_line(q, &q->pci.fn[i]);
	return rc;
}

int rbi_qemu_pci_arrived(struct rbi_qemu *q, struct rb_pci_addr port, struct rb_pci_addr *first)
{
	char name[QEMU_FN_NAME];
	size_t bridge, n;
	bool ran_out;
	int rc;

	forget_below(q, index_of(q, port));
	bridge = index_of(q, port);
	n = q->pci.n;
	rc = scan_arrival(q, bridge, false, &ran_out);
	if (rc < 0 && ran_out) { /* it is a bridge itself */
		forget_below(q, bridge);
		rc = scan_arrival(q, bridge, true, &ran_out);
	}
	if (rc == 0 && q->pci.n == n)
		rc = rbi_fail(-EIO, "nothing answers behind port %s",
			      rbi_qemu_fn_name(port, name));
	rc = rc ? rc : put_together(q, bridge, n);
	if (rc < 0)
		forget_below(q, bridge);
	else
		*first = q->pci.fn[n].addr;
	return rc;
}
