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

/* Which byte of the driver's buffer it is. */
static unsigned long long byte_at(const struct mock_dma_record *rec, uint64_t bus)
{
	return rbi_mock_dma_byte(rec, bus - rec->bus);
}

/* Where @bus is: "offset 16 of DMA buffer "rx" (allocated at nic.c:7)". */
static const char *target(struct mock *mock, uint64_t bus, char *text)
{
	const struct mock_buffer *b = rbi_mock_dma_by_address(mock, bus);
	const struct mock_dma_record *rec = b ? &b->rec : rbi_mock_dma_past(mock, bus);
	char words[MOCK_DMA_TEXT];

	if (rec && (rec->name.label[0] != '\0' || rec->name.place[0] != '\0'))
		snprintf(text, TARGET, "offset %llu of %s%s", byte_at(rec, bus),
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
		rbi_mock_complain(
			mock, t->dev, "%s %zu bytes at offset %llu of %s, which has been freed",
			verb(t), t->len, byte_at(past, t->bus), rbi_mock_dma_words(past, words));
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
			  t->len, byte_at(&b->rec, t->bus), rbi_mock_dma_words(&b->rec, words),
			  byte_at(&b->rec, b->rec.bus + b->rec.len));
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
			  t->len, byte_at(&b->rec, t->bus), rbi_mock_dma_words(&b->rec, words),
			  state_of(cell), as);
	return -EACCES;
}

/* Nothing but the lack of an IOMMU lets this through. */
static int not_its_own(const struct transfer *t, const struct mock_buffer *b)
{
	char words[MOCK_DMA_TEXT], fn[RB_PCI_ADDR_LEN];

	rbi_mock_complain(t->dev->mock, t->dev,
			  "%s %zu bytes at offset %llu of %s, which was allocated for %s", verb(t),
			  t->len, byte_at(&b->rec, t->bus), rbi_mock_dma_words(&b->rec, words),
			  rb_pci_addr_format(b->rec.owner, fn));
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

/* May the device do that to as many of the bytes as the block at their start holds? A code
 * after complaining; or how many these are. */
static int check_part(const struct transfer *t, struct mock_buffer **out, size_t *len)
{
	unsigned int access = t->writes ? RBI_DMA_DEVICE_WRITES : RBI_DMA_DEVICE_READS;
	struct mock_buffer *b = rbi_mock_dma_by_address(t->dev->mock, t->bus);
	const struct mock_dma_cell *cell;
	uint64_t off;

	if (!b)
		return nothing_there(t);
	off = t->bus - b->rec.bus;
	if (off >= b->rec.len)
		return past_the_end(t, b);
	*out = b;
	*len = t->len < b->rec.len - off ? t->len : (size_t)(b->rec.len - off);
	if (rbi_mock_dma_is_foreign(b, t->dev->fn, off, *len))
		return not_its_own(t, b);
	cell = rbi_mock_dma_forbids(b, access, off, *len);
	return cell ? forbidden(t, b, cell) : 0;
}

/* The same for all of the bytes, which lie in one block or in neighbours that make one
 * whole. The block that they begin in. */
static int check_bytes(struct transfer t, struct mock_buffer **out)
{
	struct mock_buffer *b, *before = NULL;
	size_t len;
	int rc;

	for (;; before = b) {
		b = before ? rbi_mock_dma_by_address(t.dev->mock, t.bus) : NULL;
		if (before && !(b && rbi_mock_dma_goes_on(before, b))) {
			t.bus -= len;
			t.len += len;
			return past_the_end(&t, before);
		}
		rc = check_part(&t, &b, &len);
		if (rc < 0)
			return rc;
		if (!before)
			*out = b;
		if (len == t.len)
			return 0;
		t.bus += len;
		t.len -= len;
	}
}

/* The block that the transfer begins in, when it is allowed; or a code after complaining. */
static int reach(const struct transfer *t, struct mock_buffer **out)
{
	int rc;

	rc = check_device(t);
	if (rc < 0)
		return rc;
	rc = check_bytes(*t, out);
	if (rc < 0)
		return rbi_fail(rc, "mock: %s may not touch %#llx", t->dev->label,
				(unsigned long long)t->bus);
	return 0;
}

/* The device reads what the CPU changed and did not publish: an old value. */
static void check_published(const struct transfer *t, const struct mock_buffer *b, uint64_t off,
			    size_t len)
{
	uint64_t i = rbi_mock_dma_unpublished(b, off, len);
	char words[MOCK_DMA_TEXT];

	if (i < off + len)
		rbi_mock_complain(t->dev->mock, t->dev,
				  "reads byte %llu of %s, which the CPU has changed without "
				  "rb_dma_publish",
				  byte_at(&b->rec, b->rec.bus + i),
				  rbi_mock_dma_words(&b->rec, words));
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

/* One block's part of what was checked: bytes from @off on. */
static void read_part(const struct transfer *t, struct mock_buffer *b, uint64_t off, uint8_t *to,
		      size_t len)
{
	check_published(t, b, off, len);
	memcpy(to, b->dev + off, len);
	b->rec.reads++;
	b->rec.bytes_read += len;
}

static void write_part(struct mock_buffer *b, uint64_t off, const uint8_t *from, size_t len)
{
	rbi_mock_dma_use(b, off, len);
	memcpy(b->dev + off, from, len);
	set_dirty(b, off, len);
	b->rec.writes++;
	b->rec.bytes_written += len;
}

/* Move the first @len bytes, which begin in @b: to @to, or from @from. */
static void transfer(const struct transfer *t, struct mock_buffer *b, uint8_t *to,
		     const uint8_t *from, size_t len)
{
	uint64_t off = t->bus - b->rec.bus;
	size_t done = 0, part;

	for (; done < len; done += part) {
		if (off == b->rec.len) {
			b = rbi_mock_dma_by_address(t->dev->mock, t->bus + done);
			off = 0;
		}
		part = len - done;
		if (part > b->rec.len - off)
			part = (size_t)(b->rec.len - off);
		if (t->writes)
			write_part(b, off, from + done, part);
		else
			read_part(t, b, off, to + done, part);
		off += part;
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
	if (done > 0)
		transfer(&t, b, buf, NULL, done);
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
	if (rc == 0 && len > 0)
		transfer(&t, b, NULL, buf, len);
	rbi_mock_unlock(dev->mock);
	return rc;
}
