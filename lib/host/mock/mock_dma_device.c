/* SPDX-License-Identifier: MIT */
/*
 * mock_dma_device.c - the device's side of DMA: what it may reach, and what is said
 * when it reaches for something else.
 *
 * It is the driver who is blamed: the device does what its registers and descriptors
 * tell it.
 */
#include <stdio.h>
#include <string.h>

#include "host/mock/mock_dma.h"

#define TARGET (MOCK_DMA_TEXT + 64) /* bytes of a place in words */

/* One transfer. */
struct transfer {
	struct rb_mock_dev *dev;
	uint64_t bus;
	size_t len;
	bool writes;
};

static const char *verb(const struct transfer *t)
{
	return t->writes ? "writes" : "reads";
}

/* --- words -------------------------------------------------------------------------------- */

/* Where @bus is: "offset 16 of DMA buffer "rx" (allocated at nic.c:7)". */
static const char *target(struct mock *mock, uint64_t bus, char *text)
{
	const struct mock_buffer *b = rbi_mock_dma_by_address(mock, bus);
	const struct mock_dma_record *rec = b ? &b->rec : rbi_mock_dma_past(mock, bus);
	char words[MOCK_DMA_TEXT];

	if (rec && (rec->name.label[0] != '\0' || rec->name.place[0] != '\0'))
		snprintf(text, TARGET, "offset %llu of %s%s", (unsigned long long)(bus - rec->bus),
			 rbi_mock_dma_words(rec, words), b ? "" : ", which has been freed,");
	else
		snprintf(text, TARGET, "bus address %#llx%s", (unsigned long long)bus,
			 rec && !b ? ", a DMA buffer that has been freed," : "");
	return text;
}

/* Whether @bus is the CPU's address of a buffer's byte: which. */
static const struct mock_buffer *by_pointer(const struct mock_dma *dma, uint64_t bus)
{
	const struct mock_buffer *b;
	struct rbi_span *s;

	for (s = rbi_span_from(&dma->buffers, 0); s; s = rbi_span_after(&dma->buffers, s)) {
		b = (const struct mock_buffer *)s;
		if (bus - (uintptr_t)b->cpu < b->rec.len)
			return b;
	}
	return NULL;
}

/* The buffer of whose byte @bus is the address without its high half, or NULL. */
static const struct mock_buffer *by_low_half(struct mock *mock, uint64_t bus)
{
	const struct rbi_ram *ram = mock->nram > 0 ? &mock->ram[mock->nram - 1] : NULL;
	const struct mock_buffer *b = NULL;
	uint64_t at;

	if (!ram || bus >> 32 != 0)
		return NULL;
	for (at = bus + (1ull << 32); !b && at < ram->base + ram->size; at += 1ull << 32)
		b = rbi_mock_dma_by_address(mock, at);
	return b;
}

/* There is nothing at the address: what may have been meant. */
static int nothing_there(const struct transfer *t)
{
	struct mock *mock = t->dev->mock;
	const struct mock_dma_record *past = rbi_mock_dma_past(mock, t->bus);
	const struct mock_buffer *b;
	const char *hint = "";
	char words[MOCK_DMA_TEXT], text[TARGET];

	if (past && past->name.label[0] == '\0' && past->name.place[0] == '\0') {
		rbi_mock_complain(mock, t->dev,
				  "%s %zu bytes at bus address %#llx, a DMA buffer that has been "
				  "freed",
				  verb(t), t->len, (unsigned long long)t->bus);
		return -ERANGE;
	}
	if (past) {
		rbi_mock_complain(mock, t->dev,
				  "%s %zu bytes at offset %llu of %s, which has been freed",
				  verb(t), t->len, (unsigned long long)(t->bus - past->bus),
				  rbi_mock_dma_words(past, words));
		return -ERANGE;
	}

	b = mock->dma ? by_pointer(mock->dma, t->bus) : NULL;
	if (b) {
		hint = ": this is the CPU pointer to ";
	} else {
		b = by_low_half(mock, t->bus);
		if (b)
			hint = ": this is the low half of the address of ";
	}
	snprintf(text, sizeof(text), "%s%s", hint, b ? rbi_mock_dma_words(&b->rec, words) : "");
	rbi_mock_complain(mock, t->dev,
			  "%s %zu bytes at bus address %#llx, where there is no DMA "
			  "buffer%s",
			  verb(t), t->len, (unsigned long long)t->bus, text);
	return -ERANGE;
}

static int past_the_end(const struct transfer *t, const struct mock_buffer *b)
{
	char words[MOCK_DMA_TEXT];

	rbi_mock_complain(t->dev->mock, t->dev,
			  "%s %zu bytes at offset %llu of %s, past its end at %llu", verb(t),
			  t->len, (unsigned long long)(t->bus - b->rec.bus),
			  rbi_mock_dma_words(&b->rec, words), (unsigned long long)b->rec.len);
	return -ERANGE;
}

/* What the driver has said of these bytes. */
static const char *state_of(const struct mock_dma_cell *cell)
{
	if (cell->access == RBI_DMA_DEVICE_READS)
		return "which was handed over for reading only";
	if (cell->access == RBI_DMA_DEVICE_WRITES)
		return "which was handed over for writing only";
	return cell->before != 0 ? "which the driver has taken back" : "which was not handed over";
}

static int forbidden(const struct transfer *t, const struct mock_buffer *b,
		     const struct mock_dma_cell *cell)
{
	const struct mock_dma_name *name = &cell->name;
	char words[MOCK_DMA_TEXT], as[MOCK_DMA_LABEL + MOCK_DMA_PLACE + 16] = "";

	if (name->label[0] != '\0' && name->place[0] != '\0')
		snprintf(as, sizeof(as), ", as \"%s\" at %s", name->label, name->place);
	else if (name->label[0] != '\0')
		snprintf(as, sizeof(as), ", as \"%s\"", name->label);
	else if (name->place[0] != '\0')
		snprintf(as, sizeof(as), ", at %s", name->place);
	rbi_mock_complain(t->dev->mock, t->dev, "%s %zu bytes at offset %llu of %s, %s%s", verb(t),
			  t->len, (unsigned long long)(t->bus - b->rec.bus),
			  rbi_mock_dma_words(&b->rec, words), state_of(cell), as);
	return -EACCES;
}

/* Nothing but the lack of an IOMMU lets this through. */
static int not_its_own(const struct transfer *t, const struct mock_buffer *b)
{
	char words[MOCK_DMA_TEXT], fn[RB_PCI_ADDR_LEN];

	rbi_mock_complain(t->dev->mock, t->dev,
			  "%s %zu bytes at offset %llu of %s, which was allocated for %s", verb(t),
			  t->len, (unsigned long long)(t->bus - b->rec.bus),
			  rbi_mock_dma_words(&b->rec, words), rb_pci_addr_format(b->rec.owner, fn));
	return -EACCES;
}

/* --- rules -------------------------------------------------------------------------------- */

/* May the device do anything now? */
static int check_device(const struct transfer *t)
{
	struct rb_mock_dev *dev = t->dev;
	const char *why = NULL;
	char text[TARGET];

	if (dev->gone || dev->dead)
		return rbi_fail(-ENODEV, "mock: %s has been removed or is dead", dev->label);
	if (dev->asleep)
		why = "while in D3hot";
	else if (!rbi_mock_command(dev, MOCK_COMMAND_MASTER))
		why = "with bus mastering off";
	if (!why)
		return 0;
	rbi_mock_complain(dev->mock, dev, "%s %zu bytes at %s %s", verb(t), t->len,
			  target(dev->mock, t->bus, text), why);
	return rbi_fail(-EACCES, "mock: DMA of %s %s", dev->label, why);
}

/* The buffer that holds all of the transfer and may be used so, or a code after
 * complaining. */
static int reach(const struct transfer *t, struct mock_buffer **out)
{
	unsigned int access = t->writes ? RBI_DMA_DEVICE_WRITES : RBI_DMA_DEVICE_READS;
	const struct mock_dma_cell *cell;
	struct mock_buffer *b;
	uint64_t off;
	int rc;

	rc = check_device(t);
	if (rc < 0)
		return rc;

	b = rbi_mock_dma_by_address(t->dev->mock, t->bus);
	off = b ? t->bus - b->rec.bus : 0;
	if (!b)
		rc = nothing_there(t);
	else if (off > b->rec.len || t->len > b->rec.len - off)
		rc = past_the_end(t, b);
	else if (b->rec.owned && b->rec.owner.sbdf != t->dev->fn.sbdf)
		rc = not_its_own(t, b);
	else if ((cell = rbi_mock_dma_forbids(b, access, off, t->len)) != NULL)
		rc = forbidden(t, b, cell);
	if (rc < 0)
		return rbi_fail(rc, "mock: %s may not touch %#llx", t->dev->label,
				(unsigned long long)t->bus);
	*out = b;
	return 0;
}

/* The device reads what the CPU changed and did not publish: an old value. */
static void check_published(const struct transfer *t, const struct mock_buffer *b, size_t len)
{
	uint64_t off = t->bus - b->rec.bus;
	uint64_t i = rbi_mock_dma_unpublished(b, off, len);
	char words[MOCK_DMA_TEXT];

	if (i < off + len)
		rbi_mock_complain(t->dev->mock, t->dev,
				  "reads byte %llu of %s, which the CPU has changed without "
				  "rb_dma_publish",
				  (unsigned long long)i, rbi_mock_dma_words(&b->rec, words));
}

/* --- transfers ---------------------------------------------------------------------------- */

static void set_dirty(struct mock_buffer *b, uint64_t off, uint64_t len)
{
	uint64_t i, end, bits;

	for (i = off; i < off + len; i = end) {
		end = rbi_mock_dma_word_end(b, i, off + len);
		bits = end - i == 64 ? UINT64_MAX : ((1ull << (end - i)) - 1);
		b->dirty[(b->bit + i) / 64] |= bits << (b->bit + i) % 64;
	}
}

int rb_mock_dma_read(struct rb_mock_dev *dev, struct rb_bus_addr bus, void *buf, size_t len)
{
	struct transfer t = { dev, bus.value, len, false };
	struct mock_buffer *b;
	size_t done = 0;
	int rc;

	if (!dev || (!buf && len > 0))
		return rbi_fail(-EINVAL, "rb_mock_dma_read: no device, or no room");
	if (len == 0)
		return 0;
	rbi_mock_lock(dev->mock);
	rc = reach(&t, &b);
	if (rc == 0)
		done = rbi_mock_fault_transfer(dev, len, &rc);
	if (done > 0) {
		check_published(&t, b, done);
		memcpy(buf, b->dev + (bus.value - b->rec.bus), done);
		b->rec.reads++;
		b->rec.bytes_read += done;
	}
	memset((uint8_t *)buf + done, 0xff, len - done);
	rbi_mock_unlock(dev->mock);
	return rc;
}

int rb_mock_dma_write(struct rb_mock_dev *dev, struct rb_bus_addr bus, const void *buf, size_t len)
{
	struct transfer t = { dev, bus.value, len, true };
	struct mock_buffer *b;
	int rc;

	if (!dev || (!buf && len > 0))
		return rbi_fail(-EINVAL, "rb_mock_dma_write: no device, or no bytes");
	if (len == 0)
		return 0;
	rbi_mock_lock(dev->mock);
	rc = reach(&t, &b);
	if (rc == 0)
		len = rbi_mock_fault_transfer(dev, len, &rc);
	if (rc == 0 && len > 0) {
		rbi_mock_dma_use(b, bus.value - b->rec.bus, len);
		memcpy(b->dev + (bus.value - b->rec.bus), buf, len);
		set_dirty(b, bus.value - b->rec.bus, len);
		b->rec.writes++;
		b->rec.bytes_written += len;
	}
	rbi_mock_unlock(dev->mock);
	return rc;
}
