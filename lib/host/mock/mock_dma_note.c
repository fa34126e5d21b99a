/* SPDX-License-Identifier: MIT */
/*
 * mock_dma_note.c - what the driver says of its buffers: their names, and what the
 * device may do with which bytes.
 *
 * A block of which nothing was said may be read and written. The first note of a block
 * says what the buffer in it is called and how long it is: what follows is nobody's.
 * Later ones say whose turn it is, and may call a part by a name of its own, unless
 * they say whom the buffer is for: then the name is the buffer's.
 */
#include <stdio.h>
#include <string.h>

#include "host/mock/mock_dma.h"

/* While a buffer has fewer cells, neighbours that are alike stay two: elements of a pool
 * change hands again and again, and would be parted and joined each time. */
#define CELLS_KEPT 16384

/* --- names -------------------------------------------------------------------------------- */

/* The base name of a place: file names say enough, paths depend on the build. */
static void take_name(struct mock_dma_name *name, const char *label, const char *place)
{
	const char *slash = place ? strrchr(place, '/') : NULL;

	if (label)
		snprintf(name->label, sizeof(name->label), "%s", label);
	if (place)
		snprintf(name->place, sizeof(name->place), "%s", slash ? slash + 1 : place);
	rbi_keep_to_one_line(name->label);
	rbi_keep_to_one_line(name->place);
}

static struct mock_dma_part part_of(const struct rbi_dma_note *note)
{
	struct mock_dma_part part = { note->whole, note->whole_off - note->off };

	return note->whole != 0 ? part : (struct mock_dma_part){ 0 };
}

static bool same_name(const struct mock_dma_name *a, const struct mock_dma_name *b)
{
	return strcmp(a->label, b->label) == 0 && strcmp(a->place, b->place) == 0;
}

const char *rbi_mock_dma_words(const struct mock_dma_record *rec, char *text)
{
	const char *place = rec->name.place;
	char who[96];

	if (rec->name.label[0] != '\0')
		snprintf(who, sizeof(who), "DMA buffer \"%s\"", rec->name.label);
	else if (rec->part.skew != 0)
		snprintf(who, sizeof(who), "the DMA buffer with byte %llu at bus address %#llx",
			 (unsigned long long)rec->part.skew, (unsigned long long)rec->bus);
	else
		snprintf(who, sizeof(who), "the DMA buffer at bus address %#llx",
			 (unsigned long long)rec->bus);
	if (place[0] != '\0')
		snprintf(text, MOCK_DMA_TEXT, "%s (allocated at %s)", who, place);
	else
		snprintf(text, MOCK_DMA_TEXT, "%s", who);
	return text;
}

/* --- access by stretches ------------------------------------------------------------------ */

static struct mock_dma_cell *cells_of(struct mock_buffer *b, size_t *count)
{
	*count = b->ncells > 0 ? b->ncells : 1;
	return b->ncells > 0 ? b->cells : &b->all;
}

/* The first of @count cells that ends behind @off. */
static size_t cell_at(const struct mock_dma_cell *cells, size_t count, uint64_t off)
{
	size_t low = 0, high = count - 1;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (cells[mid].end <= off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Room for two more cells, beside the first. */
static bool room_for_two(struct mock_buffer *b)
{
	struct mock_dma_cell *more;
	size_t room = b->cells_room > 0 ? b->cells_room * 2 : 8;

	if (b->ncells + 3 > b->cells_room) {
		more = rbi_realloc(b->cells, room, sizeof(*more));
		if (!more)
			return false;
		b->cells = more;
		b->cells_room = room;
	}
	if (b->ncells == 0)
		b->cells[b->ncells++] = b->all;
	return true;
}

/* Let a cell end at @off, which is inside the block or its end: the index of the next. */
static size_t cut(struct mock_buffer *b, uint64_t off)
{
	size_t i = off == 0 ? 0 : cell_at(b->cells, b->ncells, off - 1);

	if (off == 0 || b->cells[i].end == off)
		return off == 0 ? 0 : i + 1;
	memmove(&b->cells[i + 1], &b->cells[i], (b->ncells - i) * sizeof(*b->cells));
	b->ncells++;
	b->cells[i].end = off;
	return i + 1;
}

static bool same_users(const struct mock_dma_cell *a, const struct mock_dma_cell *b)
{
	size_t i;

	for (i = 0; i < MOCK_DMA_USERS; i++)
		if (a->users[i].times != b->users[i].times ||
		    a->users[i].fn.sbdf != b->users[i].fn.sbdf)
			return false;
	return true;
}

/* Cell @i is like the one before it: make them one. */
static void join(struct mock_buffer *b, size_t i)
{
	struct mock_dma_cell *c = b->cells;

	if (i == 0 || i >= b->ncells || c[i - 1].access != c[i].access ||
	    c[i - 1].before != c[i].before || c[i - 1].part.whole != c[i].part.whole ||
	    c[i - 1].part.skew != c[i].part.skew || !same_users(&c[i - 1], &c[i]) ||
	    !same_name(&c[i - 1].name, &c[i].name))
		return;
	memmove(&c[i - 1], &c[i], (b->ncells - i) * sizeof(*c));
	b->ncells--;
}

static void set_access(struct mock_dma_cell *cell, const struct rbi_dma_note *note)
{
	if (note->access != 0)
		cell->before = 0;
	else if (cell->access != 0)
		cell->before = cell->access;
	cell->access = (uint8_t)note->access;
	cell->part = part_of(note);
	take_name(&cell->name, note->label, note->place);
}

static void note_part(struct mock_buffer *b, const struct rbi_dma_note *note, uint64_t end)
{
	size_t i, first, last;

	if (!room_for_two(b)) {
		b->lenient = true;
		return;
	}
	first = cut(b, note->off);
	last = cut(b, end); /* behind the last of them */
	for (i = first; i < last; i++)
		set_access(&b->cells[i], note);
	if (b->ncells > CELLS_KEPT)
		join(b, last);
	for (i = last - 1; i > first; i--)
		join(b, i);
	if (b->ncells > CELLS_KEPT)
		join(b, first);
}

static bool is_used(const struct mock_buffer *b)
{
	static const struct mock_dma_cell unused;
	size_t i;

	for (i = 0; i < b->ncells; i++)
		if (!same_users(&b->cells[i], &unused))
			return true;
	return false;
}

/* All of the buffer at once: what was said of parts is over, but for who uses them. */
static void note_all(struct mock_buffer *b, const struct rbi_dma_note *note, uint64_t end)
{
	if (is_used(b)) {
		note_part(b, note, end);
		return;
	}
	b->ncells = 0;
	memset(&b->all.name, 0, sizeof(b->all.name));
	set_access(&b->all, note);
}

/* --- devices that use a buffer of another's ----------------------------------------------- */

/* The place of @fn in the list, or one to put it in; NULL: there is none. */
static struct mock_dma_user *user_of(struct mock_dma_cell *cell, struct rb_pci_addr fn)
{
	struct mock_dma_user *room = NULL;
	size_t i;

	for (i = 0; i < MOCK_DMA_USERS; i++) {
		if (cell->users[i].times == 0)
			room = room ? room : &cell->users[i];
		else if (cell->users[i].fn.sbdf == fn.sbdf)
			return &cell->users[i];
	}
	return room;
}

static void count_user(struct mock_buffer *b, struct mock_dma_cell *cell, struct rb_pci_addr fn,
		       bool begins)
{
	struct mock_dma_user *user = user_of(cell, fn);

	if (!user) { /* too many to tell apart */
		b->lenient = true;
		return;
	}
	user->fn = fn;
	if (begins)
		user->times++;
	else if (user->times > 0)
		user->times--;
	if (user->times == 0)
		memset(user, 0, sizeof(*user));
}

static void note_user(struct mock_buffer *b, const struct rbi_dma_note *note, uint64_t end)
{
	struct rb_pci_addr fn;
	size_t i, first, last;

	if (!note->user || rb_pci_addr_parse(note->user, &fn) < 0 ||
	    (b->rec.owned && fn.sbdf == b->rec.owner.sbdf))
		return;
	if (!room_for_two(b)) {
		b->lenient = true;
		return;
	}
	first = cut(b, note->off);
	last = cut(b, end);
	for (i = first; i < last; i++)
		count_user(b, &b->cells[i], fn, note->access == RBI_DMA_USER_BEGINS);
	for (i = last; i > first; i--)
		join(b, i);
	join(b, first);
}

bool rbi_mock_dma_is_foreign(const struct mock_buffer *b, struct rb_pci_addr fn, uint64_t off,
			     uint64_t len)
{
	size_t count, i;
	struct mock_dma_cell *cells = cells_of((struct mock_buffer *)(uintptr_t)b, &count);
	const struct mock_dma_user *user;

	if (!b->rec.owned || b->rec.owner.sbdf == fn.sbdf || b->lenient)
		return false;
	for (i = cell_at(cells, count, off); i < count; i++) {
		user = user_of(&cells[i], fn);
		if (!user || user->times == 0)
			return true;
		if (cells[i].end >= off + len)
			break;
	}
	return false;
}

/* --- notes -------------------------------------------------------------------------------- */

/* What it is called, whose it is, and what it is part of. */
static void name_buffer(struct mock_buffer *b, struct rbi_dma_note *note)
{
	if (note->owner)
		b->rec.owned = rb_pci_addr_parse(note->owner, &b->rec.owner) == 0;
	take_name(&b->rec.name, note->label, note->place);
	b->rec.part = part_of(note);
	note->label = note->place = NULL;
	note->whole = 0;
}

/* The first note: where it ends. */
static void note_first(struct mock_buffer *b, uint64_t end)
{
	b->noted = true;
	b->rec.len = b->all.end = end;
	b->all.access = 0;
}

/* The buffer is longer than was said before. */
static void grow(struct mock_buffer *b, uint64_t end)
{
	if (room_for_two(b))
		b->cells[b->ncells++] = (struct mock_dma_cell){ .end = end };
	else
		b->lenient = true;
	b->rec.len = end;
}

static void note_bytes(struct mock_buffer *b, const struct rbi_dma_note *note, uint64_t end)
{
	struct rbi_dma_note said = *note;

	if (note->owner || !b->noted)
		name_buffer(b, &said);
	if (!b->noted)
		note_first(b, end);
	else if (end > b->rec.len)
		grow(b, end);
	if (note->off == 0 && end == b->rec.len)
		note_all(b, &said, end);
	else if (!b->lenient)
		note_part(b, &said, end);
}

void rbi_mock_op_dma_note(struct rbi_machine *m, const struct rbi_dma_note *note)
{
	struct mock *mock = mock_of(m);
	struct mock_buffer *b;
	uint64_t end;

	rbi_mock_lock(mock);
	b = rbi_mock_dma_by_token(mock, note->shadow);
	if (b && note->off < b->span.len && note->len > 0) {
		end = note->len < b->span.len - note->off ? note->off + note->len : b->span.len;
		if (note->access & (RBI_DMA_USER_BEGINS | RBI_DMA_USER_ENDS))
			note_user(b, note, end);
		else
			note_bytes(b, note, end);
	}
	rbi_mock_unlock(mock);
}

const struct mock_dma_cell *rbi_mock_dma_forbids(const struct mock_buffer *b, unsigned int access,
						 uint64_t off, uint64_t len)
{
	size_t count, i;
	const struct mock_dma_cell *cells = cells_of((struct mock_buffer *)(uintptr_t)b, &count);

	if (b->lenient || len == 0)
		return NULL;
	for (i = cell_at(cells, count, off); i < count; i++) {
		if (!(cells[i].access & access))
			return &cells[i];
		if (cells[i].end >= off + len)
			break;
	}
	return NULL;
}

/* --- from block to block ------------------------------------------------------------------ */

static bool adjoin(const struct mock_dma_part *a, uint64_t end, const struct mock_dma_part *b)
{
	return a->whole != 0 && a->whole == b->whole && a->skew + end == b->skew;
}

bool rbi_mock_dma_goes_on(const struct mock_buffer *b, const struct mock_buffer *next)
{
	const struct mock_dma_cell *cells;
	size_t count;

	if (b->rec.bus + b->rec.len != next->rec.bus)
		return false;
	if (b->lenient || next->lenient || adjoin(&b->rec.part, b->rec.len, &next->rec.part))
		return true;
	cells = cells_of((struct mock_buffer *)(uintptr_t)b, &count);
	return adjoin(&cells[count - 1].part, b->rec.len,
		      &cells_of((struct mock_buffer *)(uintptr_t)next, &count)->part);
}
