/* SPDX-License-Identifier: MIT */
/*
 * mock_bridge.c - PCI-to-PCI bridges (PCI-to-PCI Bridge 1.2, 3.2): bus numbers and
 * windows, set as firmware does, and the built-in model "bridge".
 *
 * Numbers and windows are told, not enforced: what is behind a bridge answers by its
 * own address whatever a driver writes here. Each bus behind a bridge takes its
 * addresses from pieces of its own, so that windows of neighbours do not overlap.
 */
#include "host/mock/mock_machine.h"

#define PRIMARY	       0x18
#define SECONDARY      0x19
#define SUBORDINATE    0x1a
#define IO_WINDOW      0x1c /* base and limit, a byte each: bits 15-12 */
#define MEM_WINDOW     0x20 /* the same, 16 bits each: bits 31-20 */
#define PREF_WINDOW    0x24
#define PREF_UPPER     0x28 /* base, and the limit behind it */
#define BRIDGE_CONTROL 0x3e
#define CONTROL_BITS   0x0bff
#define CONTROL_W1C    0x04 /* of the high byte: the discard timer has expired */
#define COMMAND	       (MOCK_COMMAND_IO | MOCK_COMMAND_MEM | MOCK_COMMAND_MASTER)

enum window { WINDOW_IO, WINDOW_MEM, WINDOW_PREF };

bool rbi_mock_is_bridge(const struct rb_mock_dev *dev)
{
	return dev->secondary != 0;
}

/* --- windows --------------------------------------------------------------------------- */

static void put_window(struct rb_mock_dev *dev, enum window w, uint64_t base, uint64_t limit)
{
	switch (w) {
	case WINDOW_IO:
		dev->cfg[IO_WINDOW] = (uint8_t)(base >> 8 & 0xf0);
		dev->cfg[IO_WINDOW + 1] = (uint8_t)(limit >> 8 & 0xf0);
		break;
	case WINDOW_MEM:
		rbi_mock_cfg_put(dev, MEM_WINDOW, 2, base >> 16 & 0xfff0);
		rbi_mock_cfg_put(dev, MEM_WINDOW + 2, 2, limit >> 16 & 0xfff0);
		break;
	case WINDOW_PREF: /* bit 0: 64 bits */
		rbi_mock_cfg_put(dev, PREF_WINDOW, 2, (base >> 16 & 0xfff0) | 1);
		rbi_mock_cfg_put(dev, PREF_WINDOW + 2, 2, (limit >> 16 & 0xfff0) | 1);
		rbi_mock_cfg_put(dev, PREF_UPPER, 4, (uint32_t)(base >> 32));
		rbi_mock_cfg_put(dev, PREF_UPPER + 4, 4, (uint32_t)(limit >> 32));
		break;
	}
}

static void get_window(const struct rb_mock_dev *dev, enum window w, uint64_t *base,
		       uint64_t *limit)
{
	switch (w) {
	case WINDOW_IO:
		*base = (uint64_t)(dev->cfg[IO_WINDOW] & 0xf0) << 8;
		*limit = (uint64_t)(dev->cfg[IO_WINDOW + 1] & 0xf0) << 8;
		break;
	case WINDOW_MEM:
		*base = (uint64_t)(rbi_mock_cfg_get(dev, MEM_WINDOW, 2) & 0xfff0) << 16;
		*limit = (uint64_t)(rbi_mock_cfg_get(dev, MEM_WINDOW + 2, 2) & 0xfff0) << 16;
		break;
	case WINDOW_PREF:
		*base = (uint64_t)(rbi_mock_cfg_get(dev, PREF_WINDOW, 2) & 0xfff0) << 16 |
			(uint64_t)rbi_mock_cfg_get(dev, PREF_UPPER, 4) << 32;
		*limit = (uint64_t)(rbi_mock_cfg_get(dev, PREF_WINDOW + 2, 2) & 0xfff0) << 16 |
			 (uint64_t)rbi_mock_cfg_get(dev, PREF_UPPER + 4, 4) << 32;
		break;
	}
}

/* Make the window reach over [at, at + size). One whose base is above its limit is
 * closed, and lets nothing through. */
static void widen(struct rb_mock_dev *bridge, enum window w, uint64_t at, uint64_t size)
{
	uint64_t base, limit;

	get_window(bridge, w, &base, &limit);
	if (base > limit) {
		base = at;
		limit = at + size - 1;
	}
	put_window(bridge, w, at < base ? at : base,
		   at + size - 1 > limit ? at + size - 1 : limit);
}

static void reach_over(struct rb_mock_dev *bridge, const struct rb_mock_dev *dev)
{
	unsigned int i;

	for (i = 0; i <= MOCK_ROM; i++) {
		const struct mock_bar *bar = &dev->bars[i];
		enum window w = bar->flags & RB_MOCK_BAR_IO ? WINDOW_IO :
				bar->home >= MOCK_MEM64_BASE ? WINDOW_PREF :
							       WINDOW_MEM;

		if (bar->size != 0 && bar->home != 0)
			widen(bridge, w, bar->home, bar->size);
	}
}

/* --- the tree -------------------------------------------------------------------------- */

/* The bridge that leads to the bus of @fn, or NULL. */
static struct rb_mock_dev *bridge_above(struct mock *mock, struct rb_pci_addr fn)
{
	struct mock_bus *bus = rbi_mock_bus_at(mock, fn.sbdf >> 8);

	return bus ? bus->bridge : NULL;
}

static struct mock_bus *bus_behind(struct rb_mock_dev *bridge, unsigned int number)
{
	return rbi_mock_bus_at(bridge->mock, (bridge->fn.sbdf >> 8 & ~0xffu) | number);
}

/* A bridge that came after what it leads to. */
static void adopt(struct rb_mock_dev *bridge)
{
	unsigned int number, i;
	struct mock_bus *bus;

	for (number = bridge->secondary; number <= bridge->subordinate; number++) {
		bus = bus_behind(bridge, number);
		for (i = 0; bus && i < 256; i++)
			if (bus->fns[i] && bus->fns[i] != bridge)
				reach_over(bridge, bus->fns[i]);
	}
}

void rbi_mock_bridge_plugged(struct rb_mock_dev *dev)
{
	struct rb_mock_dev *up;

	if (rbi_mock_is_bridge(dev)) {
		bus_behind(dev, dev->secondary)->bridge = dev;
		adopt(dev);
	}
	/* buses behind a bridge have higher numbers than its own, so this ends */
	for (up = bridge_above(dev->mock, dev->fn); up;
	     up = bridge_above(dev->mock, up->fn)) {
		reach_over(up, dev);
		if (dev->subordinate > up->subordinate) {
			up->subordinate = dev->subordinate;
			up->cfg[SUBORDINATE] = (uint8_t)up->subordinate;
		}
	}
}

void rbi_mock_bridge_removed(struct rb_mock_dev *dev)
{
	struct mock_bus *bus;
	unsigned int number, i;

	if (!rbi_mock_is_bridge(dev))
		return;
	bus_behind(dev, dev->secondary)->bridge = NULL;
	for (number = dev->secondary; number <= dev->subordinate; number++) {
		bus = bus_behind(dev, number);
		for (i = 0; bus && i < 256; i++)
			rb_mock_remove(bus->fns[i]);
	}
}

/* --- description ----------------------------------------------------------------------- */

/* What no bridge may have, or NULL. */
static const char *wrong_with(struct rb_mock_dev *dev, unsigned int secondary,
			      unsigned int subordinate)
{
	const struct mock_bus *bus;
	unsigned int i;

	if (rbi_mock_is_bridge(dev))
		return "it is one already";
	if (secondary <= rb_pci_addr_bus(dev->fn) || secondary > subordinate || subordinate > 255)
		return "its own bus, the secondary and the subordinate one count upwards to 255";
	bus = bus_behind(dev, secondary);
	if (bus && bus->bridge)
		return "another bridge leads to that bus";
	for (i = 2; i <= MOCK_ROM; i++)
		if (dev->bars[i].size != 0)
			return "a bridge has BARs 0 and 1, and its ROM comes afterwards";
	return NULL;
}

void rbi_mock_bridge_bits(struct rb_mock_dev *dev)
{
	rbi_mock_store(&dev->writable[PRIMARY], 4, 0xffffffff);
	rbi_mock_store(&dev->writable[IO_WINDOW], 2, 0xf0f0);
	dev->cleared[IO_WINDOW + 3] = 0xf9; /* secondary status */
	rbi_mock_store(&dev->writable[MEM_WINDOW], 4, 0xfff0fff0);
	rbi_mock_store(&dev->writable[PREF_WINDOW], 4, 0xfff0fff0);
	rbi_mock_store(&dev->writable[PREF_UPPER], 8, UINT64_MAX);
	rbi_mock_store(&dev->writable[BRIDGE_CONTROL], 2, CONTROL_BITS);
	dev->cleared[BRIDGE_CONTROL + 1] = CONTROL_W1C;
}

static void put_header(struct rb_mock_dev *dev)
{
	dev->cfg[MOCK_CFG_HEADER] = 1;
	rbi_mock_cfg_put(dev, 0x2c, 4, 0); /* subsystem ids have no place here */
	dev->cfg[PRIMARY] = (uint8_t)rb_pci_addr_bus(dev->fn);
	dev->cfg[SECONDARY] = (uint8_t)dev->secondary;
	dev->cfg[SUBORDINATE] = (uint8_t)dev->subordinate;
	rbi_mock_bridge_bits(dev);
	put_window(dev, WINDOW_IO, 0xf000, 0);
	put_window(dev, WINDOW_MEM, 0xfff00000, 0);
	put_window(dev, WINDOW_PREF, 0xfff00000, 0);
	rbi_mock_cfg_put(dev, MOCK_CFG_COMMAND, 2, COMMAND);
}

int rb_mock_bridge(struct rb_mock_dev *dev, unsigned int secondary, unsigned int subordinate)
{
	struct rb_pci_addr behind;
	const char *wrong;
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_bridge");
	if (rc < 0)
		return rc;
	wrong = wrong_with(dev, secondary, subordinate);
	if (wrong)
		return rbi_mock_wrong(dev, "no bridge to buses %u-%u: %s", secondary, subordinate,
				      wrong);
	behind = rb_pci_addr_make(rb_pci_addr_segment(dev->fn), secondary, 0, 0);
	rc = rbi_mock_bus_need(dev->mock, behind);
	if (rc < 0)
		return rbi_mock_refuse(dev, rc);

	dev->secondary = secondary;
	dev->subordinate = subordinate;
	put_header(dev);
	return 0;
}

/* --- the model --------------------------------------------------------------------------- */

/* The first bus below that has neither a bridge to it nor a device. */
static uint64_t free_bus(struct rb_mock_dev *dev)
{
	unsigned int number = rb_pci_addr_bus(dev->fn) + 1;
	const struct mock_bus *bus;

	for (; number < 255; number++) {
		bus = bus_behind(dev, number);
		if (!bus || (!bus->bridge && bus->count == 0))
			break;
	}
	return number;
}

/* Arguments bus= and last=: the bus behind it, and the last one that it leads to. */
int rbi_mock_bridge_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
	uint64_t bus = free_bus(dev), last;

	(void)arg;
	rb_mock_dev_arg_number(dev, "bus", 1, 255, &bus);
	last = bus;
	rb_mock_dev_arg_number(dev, "last", 1, 255, &last);

	ids.vendor = 0x1b36; /* QEMU's pcie-root-port */
	ids.device = 0x000c;
	ids.class_code = 0x060400;
	rb_mock_ids(dev, &ids);
	rb_mock_bridge(dev, (unsigned int)bus, (unsigned int)last);
	rb_mock_cap_pcie(dev, RB_MOCK_PCIE_ROOT_PORT | RB_MOCK_PCIE_SLOT);
	return 0;
}
