/* SPDX-License-Identifier: MIT */
/*
 * mock_slot.c - where devices are: buses made when somebody is put there, and the
 * places that machine strings name.
 */
#include <stdio.h>
#include <string.h>

#include "host/mock/mock_machine.h"

#define SLOTS (256 * 32) /* device numbers of segment 0 */

static uint32_t bus_number(struct rb_pci_addr fn)
{
	return fn.sbdf >> 8;
}

/* The first bus at or behind @number. */
static size_t bus_place(const struct mock *mock, uint32_t number)
{
	size_t low = 0, high = mock->nbuses;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (mock->buses[mid]->number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct mock_bus *rbi_mock_bus_at(struct mock *mock, uint32_t number)
{
	size_t i;

	if (mock->bus_last && mock->bus_last->number == number)
		return mock->bus_last;
	i = bus_place(mock, number);
	if (i == mock->nbuses || mock->buses[i]->number != number)
		return NULL;
	mock->bus_last = mock->buses[i];
	return mock->bus_last;
}

struct rb_mock_dev *rbi_mock_at(struct mock *mock, struct rb_pci_addr fn)
{
	struct mock_bus *bus = rbi_mock_bus_at(mock, bus_number(fn));

	return bus ? bus->fns[fn.sbdf & 0xff] : NULL;
}

int rbi_mock_bus_need(struct mock *mock, struct rb_pci_addr fn)
{
	struct mock_bus **buses, *bus;
	size_t i, room;

	if (rbi_mock_bus_at(mock, bus_number(fn)))
		return 0;
	if (mock->nbuses == mock->buses_room) {
		room = mock->buses_room * 2 + 4;
		buses = rbi_realloc(mock->buses, room, sizeof(struct mock_bus *));
		if (!buses)
			return rbi_no_memory("the mock's buses");
		mock->buses = buses;
		mock->buses_room = room;
	}
	bus = rbi_alloc(1, sizeof(*bus));
	if (!bus)
		return rbi_no_memory("a bus of the mock");

	bus->number = bus_number(fn);
	i = bus_place(mock, bus->number);
	memmove(&mock->buses[i + 1], &mock->buses[i],
		(mock->nbuses - i) * sizeof(struct mock_bus *));
	mock->buses[i] = bus;
	mock->nbuses++;
	return 0;
}

void rbi_mock_slots_free(struct mock *mock)
{
	size_t i;

	for (i = 0; i < mock->nbuses; i++)
		rbi_free(mock->buses[i]);
	rbi_free(mock->buses);
}

void rbi_mock_slot_take(struct rb_mock_dev *dev)
{
	struct mock_bus *bus = rbi_mock_bus_at(dev->mock, bus_number(dev->fn));

	if (!bus)
		return; /* never: its place was chosen */
	bus->fns[dev->fn.sbdf & 0xff] = dev;
	bus->count++;
}

void rbi_mock_slot_leave(struct rb_mock_dev *dev)
{
	struct mock_bus *bus = rbi_mock_bus_at(dev->mock, bus_number(dev->fn));
	uint32_t slot = dev->fn.sbdf >> 3;

	if (!bus)
		return;
	bus->fns[dev->fn.sbdf & 0xff] = NULL;
	bus->count--;
	if (slot > 0 && slot < dev->mock->slot_next)
		dev->mock->slot_next = slot;
}

bool rbi_mock_has_siblings(struct mock *mock, struct rb_pci_addr fn)
{
	struct mock_bus *bus = rbi_mock_bus_at(mock, bus_number(fn));
	uint32_t i;

	for (i = fn.sbdf & 0xf8; bus && i <= (fn.sbdf & 0xff) + 7 && i < 256; i++)
		if (i >> 3 == (fn.sbdf & 0xff) >> 3 && i != (fn.sbdf & 0xff) && bus->fns[i])
			return true;
	return false;
}

/* --- choosing ------------------------------------------------------------------------- */

/* "00:1f.2" or "0000:00:1f.2": pcid knows segment 0 only (contract 4.8). */
static bool parse_place(const char *text, struct rb_pci_addr *fn)
{
	unsigned int bus, device, function;
	char more;

	if (text[strspn(text, "0123456789abcdefABCDEF:.")] != '\0')
		return false;
	if (strncmp(text, "0000:", 5) == 0)
		text += 5;
	if (sscanf(text, "%2x:%2x.%1x%c", &bus, &device, &function, &more) != 3)
		return false;
	*fn = rb_pci_addr_make(0, bus, device, function);
	return device < 32 && function < 8;
}

static bool slot_is_free(struct mock *mock, uint32_t slot)
{
	struct rb_pci_addr first = { slot << 3 };

	return !rbi_mock_at(mock, first) && !rbi_mock_has_siblings(mock, first);
}

/* The next free device number: those before slot_next are taken. */
static int next_place(struct mock *mock, struct rb_mock_dev *dev)
{
	if (mock->slot_next == 0)
		mock->slot_next = 1;
	while (mock->slot_next < SLOTS && !slot_is_free(mock, mock->slot_next))
		mock->slot_next++;
	if (mock->slot_next == SLOTS)
		return rbi_fail(mock->started && dev->spec ? -EBUSY : -ENOMEM,
				"mock: no place is left for '%s'", dev->model);
	dev->fn.sbdf = mock->slot_next << 3;
	return 0;
}

static int named_place(struct mock *mock, struct rb_mock_dev *dev, const char *text)
{
	if (!parse_place(text, &dev->fn))
		return rbi_fail(-EINVAL, "mock: addr=%.64s of '%s' is no address of segment 0", text,
				dev->model);
	if (rbi_mock_at(mock, dev->fn))
		return rbi_fail(mock->started ? -EBUSY : -EINVAL,
				"mock: addr=%.64s of '%s' is taken", text, dev->model);
	return 0;
}

int rbi_mock_choose_place(struct rb_mock_dev *dev, const struct rb_pci_addr *place)
{
	const char *text = rb_mock_dev_arg(dev, "addr");
	char name[RB_PCI_ADDR_LEN];
	int rc = 0;

	if (place) {
		dev->fn = *place;
		if (rbi_mock_at(dev->mock, *place))
			rc = rbi_fail(-EINVAL, "mock: %s is taken",
				      rb_pci_addr_format(*place, name));
	} else if (text) {
		rc = named_place(dev->mock, dev, text);
	} else {
		rc = next_place(dev->mock, dev);
	}
	return rc < 0 ? rc : rbi_mock_bus_need(dev->mock, dev->fn);
}
