/* SPDX-License-Identifier: MIT */
/*
 * mock_fault.c - devices that break: what mock.h says of rb_mock_fault().
 *
 * Everything is counted from the moment a fault is asked for, so that a test can
 * let its driver start in peace.
 */
#include <stdio.h>
#include <string.h>

#include "host/mock/mock_machine.h"

#define STUCK_MAX   16 /* bits of one device that may be stuck */
#define STORM	    1000 /* interrupts that follow the one that starts it */
#define STORM_NS    1000 /* between two messages */
#define PARTS_MAX   5 /* of a fault's text */
#define TEXT_MAX    96 /* bytes of it */
#define COUNT_MAX   UINT32_MAX

struct stuck {
	unsigned int bar;
	uint64_t off; /* of the byte */
	uint8_t mask;
	bool one;
};

/* "The n-th": 0 is never. */
struct mock_faults {
	uint64_t accesses, dead;
	uint64_t interrupts, lost, doubled, storm;
	uint64_t transfers, failing, cut;
	struct stuck stuck[STUCK_MAX];
	size_t nstuck;
	unsigned int storm_left;
	int storm_index; /* the message; -1: the pin */
	bool storming; /* this one is the storm's own */
};

void rbi_mock_faults_free(struct rb_mock_dev *dev)
{
	rbi_free(dev->faults);
	dev->faults = NULL;
}

/* --- asked for ------------------------------------------------------------------------------ */

static int wrong(struct rb_mock_dev *dev, const char *text, const char *why)
{
	return rbi_fail(-EINVAL, "mock: %s: fault '%.64s': %s", dev->label, text, why);
}

/* Cut at colons, in place: how many parts, PARTS_MAX + 1 when too many. */
static size_t split(char *text, char **parts)
{
	size_t count = 0;

	while (count < PARTS_MAX) {
		parts[count++] = text;
		text = strchr(text, ':');
		if (!text)
			return count;
		*text++ = '\0';
	}
	return PARTS_MAX + 1;
}

/* BAR, offset, bit, value */
static int add_stuck(struct rb_mock_dev *dev, const char *text, char **parts)
{
	uint64_t bar = 0, off = 0, bit = 0, one = 0;
	struct mock_faults *f = dev->faults;
	int rc;

	rc = rbi_parse_number("BAR", parts[0], 0, MOCK_BARS - 1, &bar);
	if (rc == 0)
		rc = rbi_parse_number("offset", parts[1], 0, UINT64_MAX / 2, &off);
	if (rc == 0)
		rc = rbi_parse_number("bit", parts[2], 0, 63, &bit);
	if (rc == 0)
		rc = rbi_parse_number("value", parts[3], 0, 1, &one);
	if (rc < 0)
		return rc;
	off += bit / 8;
	if (off >= dev->bars[bar].size || (dev->bars[bar].flags & RB_MOCK_BAR_DIRECT))
		return wrong(dev, text, "no such register, or its BAR is direct");
	if (f->nstuck == STUCK_MAX)
		return wrong(dev, text, "too many bits are stuck");

	f->stuck[f->nstuck++] =
		(struct stuck){ (unsigned int)bar, off, (uint8_t)(1u << bit % 8), one != 0 };
	return 0;
}

/* "kind:n": which of our fields it sets, and what is counted. */
static uint64_t *field_of(struct mock_faults *f, const char *kind, uint64_t *so_far)
{
	const struct {
		const char *kind;
		uint64_t *field;
		uint64_t so_far;
	} fields[] = {
		{ "dead", &f->dead, f->accesses },
		{ "lost", &f->lost, f->interrupts },
		{ "doubled", &f->doubled, f->interrupts },
		{ "storm", &f->storm, f->interrupts },
		{ "dma-error", &f->failing, f->transfers },
		{ "dma-short", &f->cut, f->transfers },
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(kind, fields[i].kind) == 0) {
			*so_far = fields[i].so_far;
			return fields[i].field;
		}
	}
	return NULL;
}

static int add(struct rb_mock_dev *dev, const char *text)
{
	char copy[TEXT_MAX], *parts[PARTS_MAX];
	uint64_t n = 0, so_far, *field;
	size_t count;
	int rc;

	if (strlen(text) >= sizeof(copy))
		return wrong(dev, text, "too long");
	strcpy(copy, text);
	count = split(copy, parts);
	if (count == 5 && strcmp(parts[0], "stuck") == 0)
		return add_stuck(dev, text, parts + 1);
	field = count == 2 ? field_of(dev->faults, parts[0], &so_far) : NULL;
	if (!field)
		return wrong(dev, text, "there are dead:N lost:N doubled:N storm:N dma-error:N "
					"dma-short:N stuck:BAR:OFFSET:BIT:VALUE");
	rc = rbi_parse_number(parts[0], parts[1], 1, COUNT_MAX, &n);
	if (rc == 0)
		*field = so_far + n;
	return rc;
}

static int add_fault(struct rb_mock_dev *dev, const char *text)
{
	if (!dev->faults)
		dev->faults = rbi_alloc(1, sizeof(*dev->faults));
	if (!dev->faults)
		return rbi_no_memory("a device's fault");
	rbi_mock_gate_update(dev);
	return add(dev, text);
}

int rb_mock_fault(struct rb_mock_dev *dev, const char *fault)
{
	int rc = 0;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_mock_fault: device is NULL");
	rbi_mock_lock(dev->mock);
	if (dev->gone) {
		rc = rbi_fail(-ENODEV, "rb_mock_fault: %s has been removed", dev->label);
	} else if (fault) {
		rc = rbi_mock_refuse(dev, add_fault(dev, fault));
	} else {
		rbi_mock_faults_free(dev);
		dev->dead = dev->intx_lost = false;
		rbi_mock_intx_update(dev);
		rbi_mock_gate_update(dev);
	}
	rbi_mock_unlock(dev->mock);
	return rc;
}

/* The machine knows this argument, whatever the model asks for. */
int rbi_mock_faults_from_spec(struct rb_mock_dev *dev)
{
	size_t i;
	int rc = 0;

	for (i = 0; dev->spec && i < dev->spec->nargs && i < RBI_SPEC_ARGS && rc == 0; i++) {
		if (strcmp(dev->spec->args[i].key, "fault") != 0)
			continue;
		dev->asked[i] = true;
		rc = add_fault(dev, dev->spec->args[i].value);
	}
	return rc;
}

/* --- registers ------------------------------------------------------------------------------- */

bool rbi_mock_fault_access(struct rb_mock_dev *dev)
{
	struct mock_faults *f = dev->faults;

	if (f && ++f->accesses == f->dead) {
		dev->dead = true;
		rbi_mock_intx_update(dev);
	}
	return dev->dead;
}

uint64_t rbi_mock_fault_value(const struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			      unsigned int width, uint64_t val)
{
	const struct mock_faults *f = dev->faults;
	size_t i;

	for (i = 0; f && i < f->nstuck; i++) {
		const struct stuck *s = &f->stuck[i];
		uint64_t bit;

		if (s->bar != bar || s->off < off || s->off - off >= width)
			continue;
		bit = (uint64_t)s->mask << (s->off - off) * 8;
		val = s->one ? val | bit : val & ~bit;
	}
	return val;
}

/* --- interrupts ------------------------------------------------------------------------------ */

/* Sent by the usual way, so that masks and the enable bit are respected. */
static void blow(struct rb_mock_dev *dev, void *arg)
{
	struct mock_faults *f = dev->faults;

	if (!f || f->storm_left == 0)
		return;
	f->storming = true;
	if (rb_mock_msix_enabled(dev))
		rb_mock_msix(dev, (unsigned int)f->storm_index);
	else
		rb_mock_msi(dev, (unsigned int)f->storm_index);
	f->storming = false;
	if (--f->storm_left > 0)
		rb_mock_after(dev, STORM_NS, blow, arg);
}

unsigned int rbi_mock_fault_interrupt(struct rb_mock_dev *dev, int index)
{
	struct mock_faults *f = dev->faults;

	if (!f || f->storming)
		return 1;
	f->interrupts++;
	if (f->interrupts == f->storm) {
		f->storm_left = STORM;
		f->storm_index = index;
		if (index >= 0)
			rb_mock_after(dev, STORM_NS, blow, NULL);
	}
	if (f->interrupts == f->lost)
		return 0;
	return f->interrupts == f->doubled ? 2 : 1;
}

bool rbi_mock_fault_holds_pin(const struct rb_mock_dev *dev)
{
	return dev->faults && dev->faults->storm_left > 0 && dev->faults->storm_index < 0;
}

void rbi_mock_fault_line_fired(struct mock *mock, unsigned int line)
{
	struct rb_mock_dev *dev;

	for (dev = mock->devs; dev; dev = dev->next) {
		if (dev->line != line || !dev->intx_driven || !rbi_mock_fault_holds_pin(dev))
			continue;
		if (--dev->faults->storm_left == 0)
			rbi_mock_intx_update(dev);
	}
}

/* --- transfers ------------------------------------------------------------------------------- */

size_t rbi_mock_fault_transfer(struct rb_mock_dev *dev, size_t len, int *rc)
{
	struct mock_faults *f = dev->faults;

	if (!f)
		return len;
	f->transfers++;
	if (f->transfers == f->failing) {
		*rc = rbi_fail(-EIO, "mock: DMA of %s fails, as its fault demands", dev->label);
		return 0;
	}
	return f->transfers == f->cut ? len / 2 : len;
}
