/* SPDX-License-Identifier: MIT */
/* rows_memory.c - contract 1, the memory scheme, line by line. */
#include "host/host_frames.h"
#include "rows.h"

#define M	   "/scheme/memory/"
#define PHYSICAL   M "physical@uc"
#define CONTIGUOUS M "zeroed@wb?phys_contiguous"
#define SHARED	   RBI_MAP_SHARED
#define PRIVATE	   RBI_MAP_PRIVATE
#define ANY_OPEN   RBI_O_RDONLY

static uint64_t frames_taken(struct world *w)
{
	return rbi_hosted_frames_taken(((struct rbi_hosted *)w->sys)->frames);
}

static uint8_t *block(struct world *w, size_t len)
{
	void *base;

	assert_int_equal(row_map(w, CONTIGUOUS, len, PRIVATE, 0, &base), 0);
	return base;
}

/* --- 1.1 paths ------------------------------------------------------------------- */

static void paths_are_bounded_text(struct world *w)
{
	static const char long_rest[] =
		"zeroed@wb?phys_contiguous,phys_contiguous,phys_contiguous,,,,,,,";
	char path[128];

	row_opens(w, "memory:physical@uc", RDWR, 0); /* no leading slash */
	row_opens(w, PHYSICAL, RDWR, 0);
	assert_int_equal(strlen(long_rest), 64);
	strcpy(path, M);
	strcat(path, long_rest);
	row_opens(w, path, RDWR, 0);
	strcat(path, ",");
	row_opens(w, path, RDWR, -ENOENT);
	row_opens(w, M "zeroed\xc3", RDWR, -EINVAL);
}

static void zeroed_is_fresh_ram(struct world *w)
{
	static const char *const names[] = { M, M "zeroed" };
	uint8_t *base;
	size_t i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(row_map(w, names[i], 0x3000, PRIVATE, 0, (void **)&base), 0);
		assert_int_equal(base[0] | base[0x2fff], 0);
		base[0] = 1;
		assert_int_equal(row_unmap(w, base, 0x3000), 0);
	}
}

static void physical_reaches_the_device(struct world *w)
{
	struct rbi_window win;
	uint64_t val;
	void *base;

	assert_int_equal(row_map(w, PHYSICAL, 0x1000, SHARED, ANY_BAR, &base), 0);
	w->sys->ops->window(w->sys, base, 0x1000, &win);
	assert_int_equal(w->sys->ops->io_write(w->sys, win.route, 8, 4, 0x12345678), 0);
	assert_int_equal(w->fake->last_phys, ANY_BAR + 8);
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, 8, 4, &val), 0);
	assert_int_equal(val, 0x12345678);
}

static void translation_answers_where_a_page_is(struct world *w)
{
	uint64_t phys;

	assert_int_equal(row_translate(w, block(w, 0x1000), &phys), 0);
	assert_int_equal(phys, FAKE_RAM_BASE);
}

static void scheme_root_opens(struct world *w)
{
	row_opens(w, M "scheme-root", ANY_OPEN, 0);
}

static void types_open_for_both(struct world *w, const char *type)
{
	static const char *const names[] = { "physical@", "zeroed@", "translation@" };
	char path[64] = "";
	size_t i;

	for (i = 0; i < 3; i++) {
		strcpy(path, M);
		strcat(path, names[i]);
		strcat(path, type);
		row_opens(w, path, RDWR, 0);
	}
}

static void default_types(struct world *w)
{
	types_open_for_both(w, "");
	types_open_for_both(w, "wb");
}

static void type_uc(struct world *w)
{
	types_open_for_both(w, "uc");
}

static void type_dev(struct world *w)
{
	types_open_for_both(w, "dev");
}

static void type_wc(struct world *w)
{
	types_open_for_both(w, "wc");
}

static void contiguous_is_one_block(struct world *w)
{
	uint8_t *base = block(w, 0x8000);
	uint64_t first, phys;
	size_t off;

	assert_int_equal(row_translate(w, base, &first), 0);
	for (off = 0; off < 0x8000; off += 0x1000) {
		assert_int_equal(row_translate(w, base + off, &phys), 0);
		assert_int_equal(phys, first + off);
	}
	/* on "physical" it is read and means nothing */
	row_opens(w, PHYSICAL "?phys_contiguous", RDWR, 0);
}

static void empty_flags_are_ignored(struct world *w)
{
	row_opens(w, M "zeroed@wb?", RDWR, 0);
	row_opens(w, M "zeroed@wb?,,phys_contiguous,", RDWR, 0);
}

static void other_flags_are_unknown(struct world *w)
{
	row_opens(w, M "zeroed@wb?phys_contiguou", RDWR, -ENOENT);
	row_opens(w, M "zeroed@wb?phys_contiguous,32", RDWR, -ENOENT);
	row_opens(w, PHYSICAL "?bogus", RDWR, -ENOENT);
}

static void unknown_words_are_enoent(struct world *w)
{
	row_opens(w, M "heap", RDWR, -ENOENT);
	row_opens(w, M "Physical@uc", RDWR, -ENOENT);
	row_opens(w, M "physical@UC", RDWR, -ENOENT);
	row_opens(w, M "zeroed?phys_contiguous", RDWR, -ENOENT);
	row_opens(w, CONTIGUOUS, RDWR, 0);
}

static void no_such_types_and_options(struct world *w)
{
	row_opens(w, M "zeroed@wb?below_4g", RDWR, -ENOENT);
	row_opens(w, M "physical@prefetchable", RDWR, -ENOENT);
	row_opens(w, M "physical@wt", RDWR, -ENOENT);
}

/* --- 1.2 open -------------------------------------------------------------------- */

static void others_may_have_plain_memory_only(struct world *w)
{
	row_opens(w, M "zeroed", RDWR, 0);
	row_opens(w, M "zeroed@wb", RDWR, 0);
	row_opens(w, M "scheme-root", RDWR, 0);
	row_opens(w, M "zeroed@uc", RDWR, -EACCES);
	row_opens(w, CONTIGUOUS, RDWR, -EACCES);
	row_opens(w, M "physical@wb", RDWR, -EACCES);
	row_opens(w, M "translation", RDWR, -EACCES);
}

static void open_flags_mean_nothing(struct world *w)
{
	int fd = row_open(w, PHYSICAL, RBI_O_RDONLY);
	struct rbi_window win;
	void *base;

	assert_int_equal(w_mmap(w, fd, 0x1000, SHARED, ANY_BAR, &base), 0);
	w->sys->ops->window(w->sys, base, 0x1000, &win);
	assert_int_equal(w->sys->ops->io_write(w->sys, win.route, 0, 4, 1), 0);
	row_opens(w, PHYSICAL, CREATE, 0);
	row_opens(w, PHYSICAL, RBI_O_DIRECTORY, 0);
	row_opens(w, M "zeroed", 0, 0);
}

static void any_number_of_opens(struct world *w)
{
	unsigned int i;

	for (i = 0; i < 20; i++)
		row_open(w, i % 2 ? PHYSICAL : M "translation", RDWR);
}

/* --- 1.3 operations -------------------------------------------------------------- */

static const char *const kinds[] = { M "zeroed", PHYSICAL, M "translation" };

static void read_and_write_are_ebadf(struct world *w)
{
	char buf[8] = "";
	size_t i;
	int fd;

	for (i = 0; i < 3; i++) {
		fd = row_open(w, kinds[i], RDWR);
		assert_int_equal(w_read(w, fd, buf, 8), -EBADF);
		assert_int_equal(w_write(w, fd, buf, 8), -EBADF);
		assert_int_equal(row_pread(w, fd, buf, 8, 0), -ESPIPE); /* contract 16 */
	}
}

static void fstat_is_ebadf(struct world *w)
{
	uint64_t size;
	size_t i;

	for (i = 0; i < 3; i++)
		assert_int_equal(w->sys->ops->size(w->sys, row_open(w, kinds[i], RDWR), &size),
				 -EBADF);
}

static void dup_without_argument(struct world *w)
{
	void *base;
	size_t i;
	int fd;

	for (i = 0; i < 3; i++)
		assert_true(w->sys->ops->dup(w->sys, row_open(w, kinds[i], RDWR)) >= 0);
	fd = w->sys->ops->dup(w->sys, row_open(w, PHYSICAL, RDWR));
	assert_int_equal(w_mmap(w, fd, 0x1000, SHARED, ANY_BAR, &base), 0);
}

static void mmap_of_each_kind(struct world *w)
{
	static const int rcs[] = { 0, 0, -EOPNOTSUPP };
	void *base;
	size_t i;

	for (i = 0; i < 3; i++)
		assert_int_equal(row_map(w, kinds[i], 0x1000, PRIVATE, ANY_BAR, &base), rcs[i]);
}

static void call_of_each_kind(struct world *w)
{
	uint64_t addr = 0;
	size_t i;

	for (i = 0; i < 3; i++)
		assert_int_equal(w_call(w, row_open(w, kinds[i], RDWR), &addr, 8, NULL, 0),
				 i == 2 ? -ENOENT : -EOPNOTSUPP);
}

static void mappings_outlive_descriptors(struct world *w)
{
	uint8_t *base = block(w, 0x1000); /* its descriptor is closed already */

	base[0xfff] = 1;
	assert_int_equal(row_unmap(w, base, 0x1000), 0);
	physical_reaches_the_device(w);
}

static void one_descriptor_serves_many_mappings(struct world *w)
{
	int fd = row_open(w, PHYSICAL, RDWR);
	void *a, *b;

	assert_int_equal(w_mmap(w, fd, 0x1000, SHARED, ANY_BAR, &a), 0);
	assert_int_equal(w_mmap(w, fd, 0x1000, SHARED, ANY_BAR + 0x1000, &b), 0);
	assert_ptr_not_equal(a, b);
}

/* --- 1.4 physical ---------------------------------------------------------------- */

static void maps(struct world *w, uint64_t off, size_t len, int rc)
{
	void *base;

	assert_int_equal(row_map(w, PHYSICAL, len, SHARED, off, &base), rc);
	if (rc == 0)
		assert_int_equal(row_unmap(w, base, len), 0);
	else
		assert_null(base);
}

static void offsets_are_aligned(struct world *w)
{
	maps(w, ANY_BAR, 0x1000, 0);
	maps(w, ANY_BAR + 0x800, 0x1000, -EINVAL);
	maps(w, ANY_BAR + 1, 0x1000, -EINVAL);
}

static void lengths_are_rounded(struct world *w)
{
	struct rbi_window win;
	uint64_t val;
	void *base;

	maps(w, ANY_BAR, 0, -EINVAL);
	assert_int_equal(row_map(w, PHYSICAL, 100, SHARED, ANY_BAR, &base), 0);
	w->sys->ops->window(w->sys, base, 0x1000, &win);
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, 0xffc, 4, &val), 0);
}

static void space_ends_at_52_bits(struct world *w)
{
	maps(w, (1ull << 52) - 0x1000, 0x1000, 0);
	maps(w, (1ull << 52) - 0x1000, 0x2000, -EINVAL);
	maps(w, 1ull << 52, 0x1000, -EINVAL);
}

static void sharing_is_not_examined(struct world *w)
{
	static const unsigned int flags[] = { SHARED, PRIVATE, 0 };
	struct rbi_window win;
	void *base;
	size_t i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(row_map(w, PHYSICAL, 0x1000, flags[i], ANY_BAR, &base), 0);
		w->sys->ops->window(w->sys, base, 0x1000, &win);
		assert_int_equal(w->sys->ops->io_write(w->sys, win.route, 4, 4, i), 0);
		assert_int_equal(w->fake->last_value, i);
	}
}

static void protection_is_honoured_for_writes(struct world *w)
{
	int fd = row_open(w, PHYSICAL, RDWR);
	struct rbi_window win;
	uint64_t val;
	void *base;

	assert_int_equal(
		w->sys->ops->mmap(w->sys, fd, 0x1000, RBI_PROT_READ, SHARED, ANY_BAR, &base), 0);
	w->sys->ops->window(w->sys, base, 0x1000, &win);
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, 0, 4, &val), 0);
	assert_int_equal(w->sys->ops->io_write(w->sys, win.route, 0, 4, 1), -EINVAL);
	assert_non_null(strstr(w->fake->violation, "read-only"));
	/* contract 16: "PROT_READ is not looked at" */
	assert_int_equal(
		w->sys->ops->mmap(w->sys, fd, 0x1000, RBI_PROT_WRITE, SHARED, ANY_BAR, &base), 0);
	w->sys->ops->window(w->sys, base, 0x1000, &win);
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, 0, 4, &val), 0);
}

static void ram_is_refused(struct world *w)
{
	maps(w, FAKE_RAM_BASE, 0x1000, -EPERM);
	maps(w, FAKE_RAM_BASE - 0x1000, 0x2000, -EPERM);
	maps(w, FAKE_RAM_BASE + FAKE_RAM_SIZE - 0x1000, 0x2000, -EPERM);
	maps(w, 0xb0000000, 0x1000, 0); /* q35's ECAM */
}

static void the_first_4096_pages_are_there(struct world *w)
{
	uint64_t phys;
	char *base;

	assert_int_equal(row_map(w, PHYSICAL, 0x1001000, SHARED, ANY_BAR, (void **)&base), 0);
	assert_int_equal(row_translate(w, base + 0xfff000, &phys), 0);
	assert_int_equal(phys, ANY_BAR + 0xfff000);
	assert_int_equal(row_translate(w, base + 0x1000000, &phys), -ENOENT);
}

static void address_0_panics(struct world *w)
{
	maps(w, 0, 0x1000, -ENODEV);
	row_panicked(w, "the kernel");
	row_opens(w, M "zeroed", RDWR, -ENODEV); /* it is gone */
}

static void munmap_of_parts(struct world *w)
{
	struct rbi_window win;
	uint64_t val;
	char *base;

	assert_int_equal(row_map(w, PHYSICAL, 0x3000, SHARED, ANY_BAR, (void **)&base), 0);
	w->sys->ops->window(w->sys, base, 0x3000, &win);
	w->fake->last_phys = 0;
	assert_int_equal(row_unmap(w, base + 0x1000, 0x1000), 0);
	assert_int_equal(w->fake->last_phys, 0); /* nothing happened to the device */
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, 0x2000, 4, &val), 0);
	assert_int_equal(row_unmap(w, base, 0x3000), 0);
}

/* --- 1.5 zeroed ------------------------------------------------------------------ */

static void offset_is_ignored(struct world *w)
{
	void *base;

	assert_int_equal(row_map(w, CONTIGUOUS, 0x1000, PRIVATE, 17, &base), 0);
	assert_int_equal(row_map(w, M "zeroed", 0x1000, PRIVATE, 1ull << 60, &base), 0);
}

static void length_is_not_0(struct world *w)
{
	void *base;

	assert_int_equal(row_map(w, M "zeroed", 0, PRIVATE, 0, &base), -EINVAL);
	assert_int_equal(row_map(w, CONTIGUOUS, 0, PRIVATE, 0, &base), -EINVAL);
	assert_int_equal(row_map(w, CONTIGUOUS, 100, PRIVATE, 0, &base), 0); /* libc rounds */
	assert_int_equal(frames_taken(w), 1);
}

static void contiguous_cannot_be_shared(struct world *w)
{
	void *base;

	assert_int_equal(row_map(w, CONTIGUOUS, 0x1000, SHARED, 0, &base), -EOPNOTSUPP);
	assert_int_equal(row_map(w, M "zeroed", 0x1000, SHARED, 0, &base), 0);
}

static void blocks_are_powers_of_two(struct world *w)
{
	uint64_t phys;
	uint8_t *base;
	void *none;

	block(w, 0x1000);
	base = block(w, 0x3000);
	assert_int_equal(frames_taken(w), 1 + 4);
	assert_int_equal(row_translate(w, base, &phys), 0);
	assert_int_equal(phys % 0x4000, 0);
	assert_int_equal(base[0] | base[0x2fff], 0);
	block(w, 0x400000);
	assert_int_equal(row_map(w, CONTIGUOUS, 0x401000, PRIVATE, 0, &none), -ENOMEM);
	block(w, 0x400000);
	block(w, 0x400000);
	assert_int_equal(row_map(w, CONTIGUOUS, 0x400000, PRIVATE, 0, &none), -ENOMEM);
}

static void odd_sizes_leak(struct world *w)
{
	int i;

	for (i = 0; i < 8; i++)
		assert_int_equal(row_unmap(w, block(w, 0x3000), 0x3000), 0);
	assert_int_equal(frames_taken(w), 8);
	assert_int_equal(row_unmap(w, block(w, 0x4000), 0x4000), 0);
	assert_int_equal(frames_taken(w), 8);
}

#define PAGES(n) ((size_t)(n)*0x1000)

/* Map at @place: what mmap answers. */
static int map_over(struct world *w, const char *path, void *place, size_t len, void **base)
{
	*base = place;
	return row_map(w, path, len, PRIVATE | RBI_MAP_FIXED, 0, base);
}

static int reserve(struct world *w, void *place, size_t len, unsigned int flags, void **base)
{
	*base = place;
	return w->sys->ops->reserve(w->sys, len, flags, base);
}

/* Plain memory whose pages hold their numbers. */
static uint8_t *numbered(struct world *w, unsigned int n)
{
	uint8_t *base;
	unsigned int i;

	assert_int_equal(row_map(w, M "zeroed", PAGES(n), PRIVATE, 0, (void **)&base), 0);
	for (i = 0; i < n; i++)
		base[PAGES(i)] = base[PAGES(i + 1) - 1] = (uint8_t)(i + 1);
	return base;
}

static void places_are_checked(struct world *w)
{
	static const uint64_t places[] = { 0x10000800, (uint64_t)1 << 47,
					   ((uint64_t)1 << 47) - 0x1000, UINT64_MAX - 0xfff };
	void *base, *place;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		place = (void *)(uintptr_t)places[i];
		assert_int_equal(map_over(w, CONTIGUOUS, place, PAGES(2), &base), -EINVAL);
		assert_null(base);
		assert_int_equal(map_over(w, M "zeroed", place, PAGES(2), &base), -EINVAL);
		assert_int_equal(reserve(w, place, PAGES(2), RBI_MAP_FIXED, &base), -EINVAL);
		assert_int_equal(reserve(w, place, PAGES(2), RBI_MAP_NOREPLACE, &base), -EINVAL);
		assert_null(base);
	}
	assert_int_equal(reserve(w, NULL, 0, 0, &base), -EINVAL);
	assert_int_equal(frames_taken(w), 0);
}

static void fixed_takes_the_place_of_what_is_there(struct world *w)
{
	uint8_t *plain = numbered(w, 4), *over;
	uint64_t phys;

	assert_int_equal(map_over(w, CONTIGUOUS, plain + PAGES(1), PAGES(2), (void **)&over), 0);

	assert_ptr_equal(over, plain + PAGES(1));
	assert_int_equal(over[0] | over[PAGES(2) - 1], 0);
	assert_int_equal(row_translate(w, over, &phys), 0);
	assert_int_equal(plain[0], 1); /* the rest stays */
	assert_int_equal(plain[PAGES(4) - 1], 4);
	assert_int_equal(row_translate(w, plain, &phys), -ENOENT);

	/* a whole block gives its frames back, and all of it goes by one munmap */
	assert_int_equal(map_over(w, CONTIGUOUS, plain, PAGES(4), (void **)&over), 0);
	assert_int_equal(frames_taken(w), 4);
	assert_int_equal(over[0] | over[PAGES(1)], 0);
	assert_int_equal(reserve(w, over, PAGES(4), RBI_MAP_FIXED, (void **)&over), 0);
	assert_ptr_equal(over, plain);
	assert_int_equal(frames_taken(w), 0);
	assert_int_equal(row_translate(w, over, &phys), -ENOENT);
	assert_int_equal(row_unmap(w, plain, PAGES(4)), 0);
}

static void fixed_without_memory_leaves_a_hole(struct world *w)
{
	void *place, *base;

	assert_int_equal(reserve(w, NULL, PAGES(2048), 0, &place), 0);
	assert_int_equal(reserve(w, place, PAGES(2048), RBI_MAP_NOREPLACE, &base), -EEXIST);

	assert_int_equal(map_over(w, CONTIGUOUS, place, PAGES(2048), &base), -ENOMEM);

	assert_null(base);
	assert_int_equal(reserve(w, place, PAGES(2048), RBI_MAP_NOREPLACE, &base), 0);
	assert_ptr_equal(base, place);
	/* what is refused before memory is looked for unmaps nothing */
	assert_int_equal(row_map(w, CONTIGUOUS, PAGES(1), SHARED | RBI_MAP_FIXED, 0, &base),
			 -EOPNOTSUPP);
	assert_int_equal(reserve(w, place, PAGES(1), RBI_MAP_NOREPLACE, &base), -EEXIST);
}

static void noreplace_takes_only_a_hole(struct world *w)
{
	uint8_t *plain = numbered(w, 3);
	void *base;

	assert_int_equal(reserve(w, plain, PAGES(3), RBI_MAP_NOREPLACE, &base), -EEXIST);
	assert_null(base);
	assert_int_equal(reserve(w, plain + PAGES(2), PAGES(2), RBI_MAP_NOREPLACE, &base), -EEXIST);
	assert_int_equal(plain[0], 1);
	assert_int_equal(plain[PAGES(3) - 1], 3);

	assert_int_equal(row_unmap(w, plain + PAGES(1), PAGES(1)), 0);
	assert_int_equal(reserve(w, plain + PAGES(1), PAGES(1), RBI_MAP_NOREPLACE, &base), 0);
	assert_ptr_equal(base, plain + PAGES(1));
	assert_int_equal(plain[0], 1);
}

static void physical_goes_elsewhere(struct world *w)
{
	uint8_t *plain = numbered(w, 2);
	void *base = plain;

	assert_int_equal(row_map(w, PHYSICAL, PAGES(2), SHARED | RBI_MAP_FIXED, ANY_BAR, &base), 0);

	assert_ptr_not_equal(base, plain);
	assert_int_equal(plain[0], 1);
	assert_int_equal(plain[PAGES(2) - 1], 2);
}

/* --- 1.6 translation ------------------------------------------------------------- */

static void the_low_bits_are_dropped(struct world *w)
{
	int fd = row_open(w, M "translation", RDWR);
	uint8_t *base = block(w, 0x2000);
	uint64_t addr = (uint64_t)(uintptr_t)base + 0x1123;
	uint64_t meta[3] = { 1, 2, 3 };

	assert_int_equal(w_call(w, fd, &addr, 8, meta, 3), 0); /* metadata is ignored */
	assert_int_equal(addr, FAKE_RAM_BASE + 0x1000);
	addr = (uint64_t)(uintptr_t)base;
	assert_int_equal(w_call(w, fd, &addr, 24, NULL, 0), 0);
	assert_int_equal(addr, FAKE_RAM_BASE);
}

static void what_is_not_mapped_is_enoent(struct world *w)
{
	uint8_t *base = block(w, 0x1000);
	uint64_t phys;

	assert_int_equal(row_translate(w, NULL, &phys), -ENOENT);
	assert_int_equal(row_translate(w, (void *)0xffffff8000000000, &phys), -ENOENT);
	assert_int_equal(row_unmap(w, base, 0x1000), 0);
	assert_int_equal(row_translate(w, base, &phys), -ENOENT);
}

static void payloads_are_checked(struct world *w)
{
	int fd = row_open(w, M "translation", RDWR);
	uint64_t addr = 0;

	assert_int_equal(w_call(w, fd, NULL, 8, NULL, 0), -EFAULT);
	assert_int_equal(w_call(w, fd, &addr, 7, NULL, 0), -EINVAL);
	assert_int_equal(w_call(w, fd, &addr, 0, NULL, 0), -EINVAL);
}

static const struct row rows[] = {
	CONTRACT("1.1", "total rest length > 64 B → ENOENT; not UTF-8 → EINVAL",
		 paths_are_bounded_text, ROOT),
	CONTRACT("1.1", "| empty or zeroed | fresh zero-filled RAM", zeroed_is_fresh_ram, ROOT),
	CONTRACT("1.1", "| physical | borrow existing physical address space (MMIO)",
		 physical_reaches_the_device, ROOT),
	CONTRACT("1.1", "| translation | virtual→physical translation endpoint",
		 translation_answers_where_a_page_is, ROOT),
	CONTRACT("1.1", "| scheme-root | handle usable as dirfd", scheme_root_opens, ROOT),
	CONTRACT("1.1", "| empty, wb | normal write-back", default_types, ROOT),
	CONTRACT("1.1", "| uc | uncached", type_uc, ROOT),
	CONTRACT("1.1", "| dev | device memory", type_dev, ROOT),
	CONTRACT("1.1", "| wc | PAT write-combining", type_wc, ROOT),
	CONTRACT("1.1", "| phys_contiguous | allocation is one physically contiguous block",
		 contiguous_is_one_block, ROOT),
	CONTRACT("1.1", "| empty items | ignored", empty_flags_are_ignored, ROOT),
	CONTRACT("1.1", "| anything else | ENOENT", other_flags_are_unknown, ROOT),
	CONTRACT("1.1", "Unknown NAME or TYPE → ENOENT; zeroed?phys_contiguous without @TYPE",
		 unknown_words_are_enoent, ROOT),
	CONTRACT("1.1", "No below 4G option exists. There is no prefetchable/wt type",
		 no_such_types_and_options, ROOT),
	CONTRACT("1.2", "uid 0 only for everything except plain zeroed (wb, no flags)",
		 others_may_have_plain_memory_only, "uid=1000", 0),
	CONTRACT("1.2", "scheme-root itself has no uid check", scheme_root_opens, "uid=1000", 0),
	CONTRACT("1.2", "O_RDONLY does not stop PROT_WRITE", open_flags_mean_nothing, ROOT),
	CONTRACT("1.2", "any number of opens is fine", any_number_of_opens, ROOT),
	CONTRACT("1.3", "| read / write | EBADF | EBADF | EBADF", read_and_write_are_ebadf, ROOT),
	CONTRACT("1.3", "| fstat | EBADF | EBADF | EBADF", fstat_is_ebadf, ROOT),
	CONTRACT("1.3", "| dup, empty arg | ok | ok | ok", dup_without_argument, ROOT),
	CONTRACT("1.3", "| mmap | allocate | map phys | EOPNOTSUPP", mmap_of_each_kind, ROOT),
	CONTRACT("1.3", "| call | EOPNOTSUPP | EOPNOTSUPP | translate", call_of_each_kind, ROOT),
	CONTRACT("1.3", "| close | leaves mappings alone", mappings_outlive_descriptors, ROOT),
	CONTRACT("1.3", "open once and keep the fd, or open/mmap/close",
		 one_descriptor_serves_many_mappings, ROOT),
	CONTRACT("1.4", "multiple of 4096 else EINVAL", offsets_are_aligned, ROOT),
	CONTRACT("1.4", "page multiple (libc rounds); 0 → EINVAL", lengths_are_rounded, ROOT),
	CONTRACT("1.4", "| offset+length | > 2^52 → EINVAL", space_ends_at_52_bits, ROOT),
	CONTRACT("1.4", "| MAP_SHARED / MAP_PRIVATE | not examined", sharing_is_not_examined, ROOT),
	CONTRACT("1.4", "| prot | honoured", protection_is_honoured_for_writes, ROOT),
	CONTRACT("1.4", "a frame owned by the kernel allocator (RAM) → EPERM", ram_is_refused,
		 ROOT),
	CONTRACT("1.4", "The first 4096 pages are entered at once", the_first_4096_pages_are_there,
		 ROOT),
	CONTRACT("1.4", "Physical address 0 panics the kernel", address_0_panics, ROOT),
	CONTRACT("1.4", "a window such as an MSI-X table at BAR+0x800 gives EINVAL",
		 offsets_are_aligned, ROOT),
	CONTRACT("1.4", "munmap of the whole or a page-multiple part is fine", munmap_of_parts,
		 ROOT),
	CONTRACT("1.4", "| addr, MAP_FIXED | ignored: the kernel chooses", physical_goes_elsewhere,
		 ROOT),
	CONTRACT("1.5", "| offset | ignored", offset_is_ignored, ROOT),
	CONTRACT("1.5", "page aligned and below the user limit, else EINVAL", places_are_checked,
		 ROOT),
	CONTRACT("1.5", "MAP_FIXED unmaps whatever lies in the range, mapping by mapping",
		 fixed_takes_the_place_of_what_is_there, ROOT),
	CONTRACT("1.5", "If there is then no memory the place stays unmapped",
		 fixed_without_memory_leaves_a_hole, ROOT),
	CONTRACT("1.5", "MAP_FIXED_NOREPLACE with anything in the range is EEXIST",
		 noreplace_takes_only_a_hole, ROOT),
	CONTRACT("1.5", "| length | non-zero page multiple else EINVAL", length_is_not_0, ROOT),
	CONTRACT("1.5", "| phys_contiguous + MAP_SHARED | EOPNOTSUPP", contiguous_cannot_be_shared,
		 ROOT),
	CONTRACT("1.5", "naturally aligned to that power of two, zero-filled",
		 blocks_are_powers_of_two, ROOT),
	CONTRACT("1.5", "limited to 1024 pages = 4 MiB; larger, or fragmentation → ENOMEM",
		 blocks_are_powers_of_two, ROOT),
	CONTRACT("1.5", "whose size is not a power of two leaks the difference", odd_sizes_leak,
		 ROOT),
	CONTRACT("1.5", "After fork the parent keeps its contiguous pages",
		 row_child_has_no_mapping, ROOT),
	CONTRACT("1.6", "out: physical address of the page base", the_low_bits_are_dropped, ROOT),
	CONTRACT("1.6", "| page not mapped, NULL, kernel address | ENOENT",
		 what_is_not_mapped_is_enoent, ROOT),
	CONTRACT("1.6", "page past the first 16 MiB, never touched | ENOENT",
		 the_first_4096_pages_are_there, ROOT),
	CONTRACT("1.6", "| NULL payload | EFAULT", payloads_are_checked, ROOT),
	CONTRACT("1.6", "| payload shorter than 8 | error (EINVAL)", payloads_are_checked, ROOT),
	CONTRACT("1.6", "| fd is physical/zeroed | EOPNOTSUPP", call_of_each_kind, ROOT),
	CONTRACT("1.6", "Always the calling address space", what_is_not_mapped_is_enoent, ROOT),
};

const struct row_table rows_memory = ROW_TABLE(rows);
