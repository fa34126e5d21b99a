/* SPDX-License-Identifier: MIT */
/*
 * mock_dump.c - a bus out of a dump: functions that show the bytes that somebody's
 * `lspci -xxxx` has printed, and hold nothing else.
 *
 * What the text does not tell reads all-ones. Bits that drivers write as they open a
 * function, move its BARs and enable its messages can be written, and no others.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/bits.h"
#include "host/mock/mock_dump.h"
#include "host/mock/mock_machine.h"

#define MEM_MIN	  16
#define IO_MIN	  4
#define IO_MAX	  65536
#define IO_GUESS  256 /* more than that is not allowed on a PC (PCI 3.0, 6.2.5.1) */
#define BAR_IO	  0x1u
#define BAR_64BIT 0x4u
#define BAR_TYPE  0x6u
#define BAR_PREF  0x8u
#define ROM_MASK  0xfffff800u

/* Where BARs of the dump begin, so that a size can be guessed. */
struct starts {
	uint64_t *at; /* sorted */
	size_t count;
};

/* What a build function is given. */
struct building {
	const struct rbi_dump_function *fn;
	const struct starts *mem, *io;
};

/* --- BARs: what the registers say -------------------------------------------------------- */

struct found {
	unsigned int index; /* MOCK_ROM for the expansion ROM */
	unsigned int reg;
	unsigned int flags; /* RB_MOCK_BAR_* */
	uint64_t addr;
	uint32_t fixed; /* low bits of the register that nobody writes */
};

static uint32_t dword_of(const struct rbi_dump_function *fn, unsigned int off)
{
	return (uint32_t)rbi_mock_load(fn->bytes + off, 4); /* there are 64 at least */
}

static unsigned int header_type(const struct rbi_dump_function *fn)
{
	return fn->bytes[MOCK_CFG_HEADER] & 0x7f;
}

static unsigned int slots_of(const struct rbi_dump_function *fn)
{
	static const unsigned int slots[] = { MOCK_BARS, 2, 1 }; /* by header type */

	return header_type(fn) < 3 ? slots[header_type(fn)] : 0;
}

/* The BAR at @slot; false when there is none. One that was never assigned, and whose
 * size is not told, shows nothing that could be believed. */
static bool bar_at(const struct rbi_dump_function *fn, unsigned int slot, struct found *bar)
{
	unsigned int reg = MOCK_CFG_BAR0 + slot * 4;
	uint32_t low = dword_of(fn, reg);

	memset(bar, 0, sizeof(*bar));
	bar->index = slot;
	bar->reg = reg;
	if (low == UINT32_MAX || (low == 0 && fn->sizes[slot].size == 0))
		return false;
	if (low & BAR_IO) {
		bar->flags = RB_MOCK_BAR_IO;
		bar->addr = low & ~3u;
		bar->fixed = low & 3u;
		return true;
	}
	bar->flags = low & BAR_PREF ? RB_MOCK_BAR_PREFETCH : 0;
	bar->addr = low & ~0xfu;
	bar->fixed = low & 0xfu;
	if ((low & BAR_TYPE) == BAR_64BIT && slot + 1 < slots_of(fn)) {
		bar->flags |= RB_MOCK_BAR_64BIT;
		bar->addr |= (uint64_t)dword_of(fn, reg + 4) << 32;
	}
	return true;
}

static bool rom_of(const struct rbi_dump_function *fn, struct found *bar)
{
	memset(bar, 0, sizeof(*bar));
	if (header_type(fn) > 1)
		return false;
	bar->index = MOCK_ROM;
	bar->reg = header_type(fn) == 1 ? MOCK_CFG_ROM_BRIDGE : MOCK_CFG_ROM;
	if (dword_of(fn, bar->reg) == UINT32_MAX)
		return false;
	bar->addr = dword_of(fn, bar->reg) & ROM_MASK;
	return bar->addr != 0 || fn->sizes[RBI_DUMP_ROM].size != 0;
}

/* The BAR at *slot or the next one behind it, the ROM at last; *slot is behind it. */
static bool next_bar(const struct rbi_dump_function *fn, unsigned int *slot, struct found *bar)
{
	while (*slot < slots_of(fn)) {
		bool there = bar_at(fn, (*slot)++, bar);

		if (there && (bar->flags & RB_MOCK_BAR_64BIT))
			(*slot)++;
		if (there)
			return true;
	}
	if (*slot > MOCK_ROM)
		return false;
	*slot = MOCK_ROM + 1;
	return rom_of(fn, bar);
}

/* --- BARs: how large --------------------------------------------------------------------- */

static bool is_possible(const struct found *bar, uint64_t size)
{
	uint64_t min = bar->index == MOCK_ROM		? ~ROM_MASK + 1 :
		       bar->flags & RB_MOCK_BAR_IO	? IO_MIN :
							  MEM_MIN;
	uint64_t max = bar->flags & RB_MOCK_BAR_IO	 ? IO_MAX :
		       bar->flags & RB_MOCK_BAR_64BIT ? 1ull << 63 :
							  1ull << 31;

	return size >= min && size <= max && rbi_is_power_of_two(size) &&
	       (bar->addr & (size - 1)) == 0;
}

static uint64_t told_size(const struct rbi_dump_function *fn, const struct found *bar)
{
	unsigned int i;

	if (fn->sizes[bar->index].size != 0)
		return fn->sizes[bar->index].size;
	for (i = 0; i < fn->nloose && bar->addr != 0; i++)
		if (fn->loose[i].addr == bar->addr)
			return fn->loose[i].size;
	return 0;
}

/* The lowest bit of an address is the most that its BAR can have, and it ends where the
 * next one begins. */
static uint64_t guess_size(const struct found *bar, const struct starts *starts)
{
	uint64_t size = bar->addr & -bar->addr;
	size_t low = 0, high = starts->count, mid;

	if (bar->flags & RB_MOCK_BAR_IO && size > IO_GUESS)
		size = IO_GUESS;
	while (low < high) { /* the first start above */
		mid = low + (high - low) / 2;
		if (starts->at[mid] <= bar->addr)
			low = mid + 1;
		else
			high = mid;
	}
	while (low < starts->count && size > starts->at[low] - bar->addr)
		size /= 2;
	return size;
}

static uint64_t size_of(const struct building *b, const struct found *bar)
{
	uint64_t size = told_size(b->fn, bar);

	if (is_possible(bar, size))
		return size;
	size = guess_size(bar, bar->flags & RB_MOCK_BAR_IO ? b->io : b->mem);
	return is_possible(bar, size) ? size : 0;
}

/* --- BARs: made -------------------------------------------------------------------------- */

static uint64_t no_register(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	rb_mock_violation(dev, "read of %u bytes at %#llx of BAR%u: the dump holds no registers",
			  width, (unsigned long long)off,
			  (unsigned int)((struct mock_bar *)arg - dev->bars));
	return 0;
}

static void no_register_either(struct rb_mock_dev *dev, void *arg, uint64_t off,
			       unsigned int width, uint64_t val)
{
	rb_mock_violation(dev,
			  "write of %#llx, %u bytes, at %#llx of BAR%u: the dump holds no "
			  "registers",
			  (unsigned long long)val, width, (unsigned long long)off,
			  (unsigned int)((struct mock_bar *)arg - dev->bars));
}

static void put_bar(struct rb_mock_dev *dev, const struct found *found, uint64_t size)
{
	struct mock_bar *bar = &dev->bars[found->index];
	uint64_t mask = ~(size - 1);

	if (size == 0)
		return;
	bar->size = size;
	bar->flags = found->flags;
	bar->home = found->addr;
	bar->read = no_register;
	bar->write = no_register_either;
	bar->arg = bar;
	rbi_mock_store(&dev->writable[found->reg], 4, mask & 0xffffffffu & ~found->fixed);
	if (found->flags & RB_MOCK_BAR_64BIT)
		rbi_mock_store(&dev->writable[found->reg + 4], 4, mask >> 32);
	if (found->index == MOCK_ROM) {
		dev->rom_reg = found->reg;
		dev->writable[found->reg] |= MOCK_ROM_ENABLE;
	}
}

/* --- a function -------------------------------------------------------------------------- */

/* Bytes as dumped, and all-ones for those that were not. */
static int put_bytes(struct rb_mock_dev *dev, const struct rbi_dump_function *fn)
{
	unsigned int low = fn->len < MOCK_CFG ? fn->len : MOCK_CFG;

	memset(dev->cfg, 0xff, sizeof(dev->cfg));
	memcpy(dev->cfg, fn->bytes, low);
	if (fn->len <= MOCK_CFG)
		return 0;
	if (rbi_mock_cfg_extend(dev) < 0)
		return -ENOMEM;
	memset(dev->ext->cfg, 0xff, sizeof(dev->ext->cfg));
	memcpy(dev->ext->cfg, fn->bytes + MOCK_CFG, fn->len - MOCK_CFG);
	return 0;
}

static int build(struct rb_mock_dev *dev, void *arg)
{
	const struct building *b = arg;
	unsigned int slot = 0;
	struct found bar;
	int rc;

	dev->passive = dev->has_ids = dev->raw_header = true;
	rc = put_bytes(dev, b->fn);
	if (rc < 0)
		return rc;
	if (header_type(b->fn) == 1)
		rbi_mock_bridge_bits(dev);
	while (next_bar(b->fn, &slot, &bar))
		put_bar(dev, &bar, size_of(b, &bar));
	rbi_mock_dump_caps(dev, b->fn->len);

	dev->line = 0xff; /* no line of ours, unless the dump names one */
	if (dev->cfg[MOCK_CFG_PIN] >= 1 && dev->cfg[MOCK_CFG_PIN] <= 4 &&
	    dev->cfg[MOCK_CFG_LINE] < RBI_IRQ_LINES)
		dev->line = dev->cfg[MOCK_CFG_LINE];
	return 0;
}

/* --- all of them ------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int find_starts(const struct rbi_dump *dump, struct starts *mem, struct starts *io)
{
	struct starts *to;
	unsigned int slot;
	struct found bar;
	size_t i;

	mem->at = rbi_alloc(dump->count * RBI_DUMP_BARS, sizeof(uint64_t));
	io->at = rbi_alloc(dump->count * RBI_DUMP_BARS, sizeof(uint64_t));
	if (!mem->at || !io->at)
		return rbi_no_memory("the BARs of a dump");
	for (i = 0; i < dump->count; i++) {
		slot = 0;
		while (next_bar(&dump->fns[i], &slot, &bar)) {
			to = bar.flags & RB_MOCK_BAR_IO ? io : mem;
			if (bar.addr != 0)
				to->at[to->count++] = bar.addr;
		}
	}
	qsort(mem->at, mem->count, sizeof(uint64_t), by_value);
	qsort(io->at, io->count, sizeof(uint64_t), by_value);
	return 0;
}

static int plug_all(struct mock *mock, const struct rbi_dump *dump, const struct starts *mem,
		    const struct starts *io)
{
	struct building b = { NULL, mem, io };
	char name[RB_PCI_ADDR_LEN];
	size_t i;
	int rc = 0;

	for (i = 0; i < dump->count && rc == 0; i++) {
		b.fn = &dump->fns[i];
		if (rbi_mock_at(mock, b.fn->addr))
			rc = rbi_fail(-EINVAL, "the dump, line %zu: %s is there already",
				      b.fn->line, rb_pci_addr_format(b.fn->addr, name));
		else
			rc = rbi_mock_plug_at(mock, b.fn->addr, "dump", build, &b);
	}
	return rc;
}

int rbi_mock_dump_plug(struct mock *mock, const struct rbi_dump *dump)
{
	struct starts mem = { NULL, 0 }, io = { NULL, 0 };
	int rc;

	rc = find_starts(dump, &mem, &io);
	if (rc == 0) {
		rbi_mock_lock(mock);
		rc = plug_all(mock, dump, &mem, &io);
		rbi_mock_unlock(mock);
	}
	rbi_free(mem.at);
	rbi_free(io.at);
	return rc;
}

/* --- the file ---------------------------------------------------------------------------- */

static int failed(const char *path, const char *verb)
{
	int err = errno;
	int code = err == ENOENT || err == ENOTDIR ? -ENOENT :
		   err == EACCES || err == EPERM   ? -EACCES :
		   err == ENOMEM || err == EMFILE  ? -ENOMEM :
						     -EIO;

	return rbi_fail(code, "mock: dump=%.200s cannot be %s: %s", path, verb, strerror(err));
}

/* All of a file of @size bytes; one that grows meanwhile is cut. */
static int read_all(int fd, const char *path, size_t size, char **text, size_t *len)
{
	ssize_t n = 1;

	*len = 0;
	*text = rbi_alloc(size + 1, 1);
	if (!*text)
		return rbi_no_memory("the text of a dump");
	while (*len < size && n != 0) {
		n = read(fd, *text + *len, size - *len);
		if (n < 0 && errno != EINTR)
			return failed(path, "read");
		if (n > 0)
			*len += (size_t)n;
	}
	return 0;
}

static int read_file(const char *path, char **text, size_t *len)
{
	struct stat st;
	int fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return failed(path, "opened");
	if (fstat(fd, &st) < 0)
		rc = failed(path, "looked at");
	else if (!S_ISREG(st.st_mode))
		rc = rbi_fail(-EINVAL, "mock: dump=%.200s is no file", path);
	else if (st.st_size < 0 || (uint64_t)st.st_size > RBI_DUMP_BYTES)
		rc = rbi_fail(-EINVAL, "mock: dump=%.200s is larger than 64 MiB", path);
	else
		rc = read_all(fd, path, (size_t)st.st_size, text, len);
	close(fd);
	return rc;
}

int rbi_mock_dump_load(struct mock *mock, const char *path)
{
	struct rbi_dump *dump = NULL;
	char *text = NULL;
	size_t len = 0;
	int rc;

	rc = read_file(path, &text, &len);
	if (rc == 0)
		rc = rbi_dump_parse(text, len, &dump);
	rbi_free(text);
	if (rc == 0)
		rc = rbi_mock_dump_plug(mock, dump);
	rbi_dump_free(dump);
	return rc;
}
