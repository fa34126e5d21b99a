/* SPDX-License-Identifier: MIT */
/* test_hosted_memory.c - /scheme/memory, row by row (contract 1, probe 1 and 2). */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host_frames.h"
#include "hosted_fake.h"

#define M	"/scheme/memory/"
#define ANY_BAR 0xfea00000ull

static void paths_open_or_refuse_as_the_probe_saw(void **state)
{
	static const struct {
		const char *path;
		int rc; /* 0: opens */
	} rows[] = {
		{ M "physical@uc", 0 },
		{ M "physical@wb", 0 },
		{ M "physical@wc", 0 },
		{ M "physical@dev", 0 },
		{ M "physical", 0 },
		{ M "physical@", 0 },
		{ M "physical@xx", -ENOENT },
		{ M "physical@uc?bogus", -ENOENT },
		{ M "physical@uc?phys_contiguous", 0 },
		{ M "zeroed", 0 },
		{ M "zeroed@wb", 0 },
		{ M "zeroed@uc?phys_contiguous", 0 },
		{ M "zeroed@wb?phys_contiguous", 0 },
		{ M "zeroed?phys_contiguous", -ENOENT },
		{ M "zeroed@wb?phys_contiguous,phys_contiguous", 0 },
		{ M "zeroed@wb?,,", 0 },
		{ M "zeroed@wb?32", -ENOENT },
		{ "/scheme/memory", 0 },
		{ M, 0 },
		{ M "translation", 0 },
		{ M "translation@wb", 0 },
		{ M "scheme-root", 0 },
		{ M "scheme-root@nonsense", 0 }, /* kernel, src/scheme/memory.rs */
		{ M "scheme-roots", -ENOENT },
		{ M "nonsense", -ENOENT },
		{ M "physical@uc/", 0 },
		{ M "physical@uc\xff", -EINVAL }, /* contract 1.1: not UTF-8 */
		/* 64 bytes, and 65 */
		{ M "zeroed@wb?phys_contiguous,phys_contiguous,phys_contiguous,,,,,,,", 0 },
		{ M "zeroed@wb?phys_contiguous,phys_contiguous,phys_contiguous,,,,,,,,", -ENOENT },
		{ M "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  -ENOENT },
	};
	struct world *w = *state;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = w_open(w, rows[i].path, RBI_O_RDWR);
		if (rows[i].rc == 0)
			assert_true(fd >= 0);
		else
			assert_int_equal(fd, rows[i].rc);
		if (fd >= 0)
			w_close(w, fd);
	}
}

static void only_plain_zeroed_is_for_everybody(void **state)
{
	static const struct {
		const char *path;
		bool allowed;
	} rows[] = {
		{ M "physical@uc", false }, { M "physical@wb", false },
		{ M "zeroed", true },	    { M "zeroed@wb", true },
		{ M "zeroed@uc", false },   { M "zeroed@wb?phys_contiguous", false },
		{ M "translation", false }, { M "scheme-root", true },
	};
	struct world *w = world_new("uid=1000");
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = w_open(w, rows[i].path, RBI_O_RDWR);
		if (rows[i].allowed)
			assert_true(fd >= 0);
		else
			assert_int_equal(fd, -EACCES);
	}
	world_free(w);
}

static void handles_of_memory_cannot_be_read_written_or_measured(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, M "physical@uc", RBI_O_RDWR);
	char buf[8];
	uint64_t size;

	assert_int_equal(w_read(w, fd, buf, 8), -EBADF);
	assert_int_equal(w->sys->ops->pread(w->sys, fd, buf, 8, 0), -ESPIPE);
	assert_int_equal(w_write(w, fd, buf, 8), -EBADF);
	assert_int_equal(w->sys->ops->size(w->sys, fd, &size), -EBADF);
	assert_int_equal(w_list(w, "/scheme/memory", buf, sizeof(buf)), -ESPIPE);
}

static void physical_mmap_refuses_what_the_kernel_refuses(void **state)
{
	static const struct {
		uint64_t off;
		size_t len;
		int rc;
	} rows[] = {
		{ ANY_BAR, 0x100000, 0 },
		{ ANY_BAR + 0x10, 0x1000, -EINVAL },
		{ ANY_BAR, 100, 0 },
		{ ANY_BAR, 5000, 0 },
		{ ANY_BAR, 0, -EINVAL },
		{ 1ull << 52, 0x1000, -EINVAL },
		{ (1ull << 52) - 4096, 0x1000, 0 },
		{ UINT64_MAX - 4095, 0x1000, -EINVAL },
		{ FAKE_RAM_BASE, 0x1000, -EPERM },
		{ FAKE_RAM_BASE - 0x1000, 0x2000, -EPERM },
		{ 0x1000, 0x1000, 0 },
		{ ANY_BAR, SIZE_MAX, -EINVAL },
	};
	struct world *w = *state;
	int fd = w_open(w, M "physical@uc", RBI_O_RDONLY);
	void *base;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(w_mmap(w, fd, rows[i].len, RBI_MAP_SHARED, rows[i].off, &base),
				 rows[i].rc);
		if (rows[i].rc == 0)
			assert_int_equal(w->sys->ops->munmap(w->sys, base, rows[i].len), 0);
		else
			assert_null(base);
	}
	assert_int_equal(w->fake->violations, 0);
}

static void a_length_that_hangs_the_kernel_is_refused_and_told(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, M "physical@uc", RBI_O_RDWR);
	void *base;

	assert_int_equal(w_mmap(w, fd, (size_t)1 << 45, RBI_MAP_SHARED, ANY_BAR, &base), -ENOMEM);

	assert_int_equal(w->fake->violations, 1);
}

static void mapping_address_0_is_the_end_of_this_redox(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, M "physical@uc", RBI_O_RDWR);
	uint64_t val = 0;
	void *base;

	assert_int_equal(w_mmap(w, fd, 4096, RBI_MAP_SHARED, 0, &base), -ENODEV);

	assert_non_null(strstr(w->fake->violation, "address 0"));
	assert_int_equal(w_open(w, M "zeroed", RBI_O_RDWR), -ENODEV);
	assert_int_equal(w_mmap(w, fd, 4096, RBI_MAP_SHARED, ANY_BAR, &base), -ENODEV);
	assert_int_equal(w->sys->ops->io_read(w->sys, 1, 0, 4, &val), -ENODEV);
	assert_int_equal(val, UINT32_MAX);
	w_close(w, fd);
}

static uint64_t map_bar(struct world *w, size_t len, void **base)
{
	int fd = w_open(w, M "physical@uc", RBI_O_RDWR);
	struct rbi_window win;

	assert_int_equal(w_mmap(w, fd, len, RBI_MAP_SHARED, ANY_BAR, base), 0);
	w_close(w, fd); /* mappings survive it */
	w->sys->ops->window(w->sys, *base, len, &win);
	assert_int_equal(win.direct, 0);
	assert_int_equal(win.shadow, 0);
	assert_int_not_equal(win.route, 0);
	return win.route;
}

static void a_routed_access_reaches_its_physical_address(void **state)
{
	struct world *w = *state;
	struct rbi_window win;
	uint64_t route, val;
	void *base;

	route = map_bar(w, 0x2000, &base);

	assert_int_equal(w->sys->ops->io_write(w->sys, route, 0x1ff8, 8, 0x1122334455667788), 0);
	assert_int_equal(w->fake->last_phys, ANY_BAR + 0x1ff8);
	assert_int_equal(w->sys->ops->io_read(w->sys, route, 0x20, 8, &val), 0);
	assert_int_equal(w->fake->last_phys, ANY_BAR + 0x20);
	assert_int_equal(val, 0x1122334455667788);

	w->sys->ops->window(w->sys, (char *)base + 0x1004, 0x100, &win);
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, 4, 4, &val), 0);
	assert_int_equal(w->fake->last_phys, ANY_BAR + 0x1008);
}

static void routed_accesses_that_a_cpu_would_not_survive_are_violations(void **state)
{
	static const struct {
		uint64_t off;
		unsigned int width;
		const char *why;
	} rows[] = {
		{ 2, 4, "misaligned" },
		{ 4, 8, "misaligned" },
		{ 0, 3, "width" },
		{ 0, 0, "width" },
		{ 0, 16, "width" },
		{ 0x2000, 1, "passes the end" },
		{ 0x1ffe, 4, "passes the end" },
		{ UINT64_MAX - 3, 4, "passes the end" },
	};
	struct world *w = *state;
	uint64_t route, val;
	void *base;
	size_t i;

	route = map_bar(w, 0x2000, &base);

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		val = 0;
		assert_int_equal(
			w->sys->ops->io_read(w->sys, route, rows[i].off, rows[i].width, &val),
			-EINVAL);
		assert_int_not_equal(val, 0);
		assert_non_null(strstr(w->fake->violation, rows[i].why));
	}
	assert_int_equal(w->sys->ops->io_read(w->sys, 0, 0, 4, &val), -EINVAL);
	assert_int_equal(w->sys->ops->io_read(w->sys, 0xffffffff, 0, 4, &val), -EINVAL);
}

static void a_machine_that_died_reads_all_ones(void **state)
{
	struct world *w = *state;
	uint64_t route, val = 0;
	void *base;

	route = map_bar(w, 0x1000, &base);
	w->fake->dead = true;

	assert_int_equal(w->sys->ops->io_read(w->sys, route, 0, 2, &val), -ENODEV);
	assert_int_equal(val, 0xffff);
	assert_int_equal(w->sys->ops->io_write(w->sys, route, 0, 4, 1), -ENODEV);
}

static void what_the_machine_can_map_is_touched_directly(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, M "physical@wc", RBI_O_RDWR);
	struct rbi_window win;
	uint32_t *base;

	assert_int_equal(w_mmap(w, fd, 0x2000, RBI_MAP_SHARED, FAKE_DIRECT, (void **)&base), 0);
	w->sys->ops->window(w->sys, base, 0x2000, &win);

	assert_int_equal(win.direct, 0x2000);
	base[0x7ff] = 42;
	assert_int_equal(base[0x7ff], 42);
	assert_int_equal(w->sys->ops->munmap(w->sys, base, 0x2000), 0);
	assert_int_equal(w->fake->live_maps, 0);
}

static void parts_of_a_mapping_can_be_unmapped(void **state)
{
	struct world *w = *state;
	uint64_t route, val;
	char *base;

	route = map_bar(w, 0x3000, (void **)&base);

	assert_int_equal(w->sys->ops->munmap(w->sys, base + 0x1000, 0x1000), 0);
	assert_int_equal(w->sys->ops->io_read(w->sys, route, 0xffc, 4, &val), 0);
	assert_int_equal(w->sys->ops->io_read(w->sys, route, 0x1000, 4, &val), -EINVAL);
	assert_int_equal(w->sys->ops->io_read(w->sys, route, 0x2000, 4, &val), 0);
	assert_int_equal(w->sys->ops->munmap(w->sys, base + 0x10, 0x1000), -EINVAL);
	assert_int_equal(w->sys->ops->munmap(w->sys, base, 0), -EINVAL);
	assert_int_equal(w->sys->ops->munmap(w->sys, base + 0x1000, 100), 0); /* again: no error */
	assert_int_equal(w->sys->ops->munmap(w->sys, base, 0x3000), 0);
	assert_int_equal(w->sys->ops->io_read(w->sys, route, 0, 4, &val), -EINVAL);
}

/* --- DMA memory ----------------------------------------------------------------- */

static int take_block(struct world *w, size_t len, unsigned int flags, void **base)
{
	int fd = w_open(w, M "zeroed@wb?phys_contiguous", RBI_O_RDWR);
	int rc;

	assert_true(fd >= 0);
	rc = w_mmap(w, fd, len, flags, 17, base); /* the offset is ignored */
	w_close(w, fd);
	return rc;
}

static ssize_t translate(struct world *w, const void *addr, uint64_t *phys)
{
	int fd = w_open(w, M "translation", RBI_O_RDWR);
	ssize_t rc;

	*phys = (uint64_t)(uintptr_t)addr;
	rc = w_call(w, fd, phys, sizeof(*phys), NULL, 0);
	w_close(w, fd);
	return rc;
}

static void blocks_are_zeroed_contiguous_and_aligned_to_their_size(void **state)
{
	static const size_t lens[] = { 0x1000, 0x10000, 0x2000, 0x400000, 0x1000, 0x100000 };
	struct world *w = *state;
	struct rbi_window win;
	uint64_t phys, last;
	uint8_t *base;
	size_t i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		assert_int_equal(take_block(w, lens[i], RBI_MAP_PRIVATE, (void **)&base), 0);
		w->sys->ops->window(w->sys, base, lens[i], &win);
		assert_int_equal(win.direct, lens[i]);
		assert_int_equal(win.shadow, 7);
		assert_int_equal(base[lens[i] - 1], 0);
		base[lens[i] - 1] = 1;

		assert_int_equal(translate(w, base, &phys), 0);
		assert_int_equal(translate(w, base + lens[i] - 1, &last), 0);
		assert_int_equal(phys % lens[i], 0);
		assert_int_equal(last - phys, lens[i] - 0x1000);
		assert_true(phys >= FAKE_RAM_BASE);
	}
}

static void block_sizes_and_flags_that_redox_refuses(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, M "zeroed@wb?phys_contiguous", RBI_O_RDWR);
	void *base;

	assert_int_equal(take_block(w, 0x1000, RBI_MAP_SHARED, &base), -EOPNOTSUPP);
	assert_int_equal(take_block(w, 0x400000 + 1, RBI_MAP_PRIVATE, &base), -ENOMEM);
	assert_int_equal(take_block(w, 0, RBI_MAP_PRIVATE, &base), -EINVAL);
	assert_int_equal(
		w->sys->ops->mmap(w->sys, fd, 0x1000, RBI_PROT_READ, RBI_MAP_PRIVATE, 0, &base),
		-EOPNOTSUPP);
}

static void freed_blocks_come_again_and_odd_sizes_leak(void **state)
{
	struct world *w = *state;
	unsigned int i, odd = 0;
	void *base;

	for (i = 0; i < 100; i++) { /* 16 MiB of RAM: 4 such blocks at once */
		assert_int_equal(take_block(w, 0x400000, RBI_MAP_PRIVATE, &base), 0);
		assert_int_equal(w->sys->ops->munmap(w->sys, base, 0x400000), 0);
	}
	/* 3 of 4 MiB: the fourth is lost each time (probe 2) */
	while (take_block(w, 0x300000, RBI_MAP_PRIVATE, &base) == 0) {
		assert_int_equal(w->sys->ops->munmap(w->sys, base, 0x300000), 0);
		odd++;
	}

	assert_int_equal(odd, 4);
	assert_int_equal(rbi_hosted_frames_taken(((struct rbi_hosted *)w->sys)->frames), 4 * 256);
	assert_int_equal(take_block(w, 0x100000, RBI_MAP_PRIVATE, &base), 0);
}

/* Real Redox would take the part; the machine's blocks are whole (hosted-limits.md). */
static void a_part_of_a_block_cannot_be_replaced(void **state)
{
	struct world *w = *state;
	uint8_t *base;
	void *over, *bar;
	int fd = w_open(w, M "zeroed", RBI_O_RDWR);

	assert_int_equal(take_block(w, 0x4000, RBI_MAP_PRIVATE, (void **)&base), 0);
	base[0x1000] = 9;

	over = base + 0x1000;
	assert_int_equal(take_block(w, 0x2000, RBI_MAP_PRIVATE | RBI_MAP_FIXED, &over),
			 -EOPNOTSUPP);
	over = base + 0x3000;
	assert_int_equal(w_mmap(w, fd, 0x2000, RBI_MAP_PRIVATE | RBI_MAP_FIXED, 0, &over),
			 -EOPNOTSUPP);
	map_bar(w, 0x2000, &bar);
	over = bar;
	assert_int_equal(w->sys->ops->reserve(w->sys, 0x2000, RBI_MAP_FIXED, &over), -EOPNOTSUPP);

	assert_null(over);
	assert_int_equal(base[0x1000], 9);
	assert_int_equal(rbi_hosted_frames_taken(((struct rbi_hosted *)w->sys)->frames), 4);
	assert_int_equal(w->fake->violations, 0);
}

static void translation_knows_pages_that_are_there(void **state)
{
	struct world *w = *state;
	uint64_t phys, page0;
	uint8_t *base;
	void *bar;
	int local = 0;

	assert_int_equal(take_block(w, 0x4000, RBI_MAP_PRIVATE, (void **)&base), 0);
	assert_int_equal(translate(w, base, &page0), 0);

	assert_int_equal(translate(w, base + 0x2123, &phys), 0);
	assert_int_equal(phys, page0 + 0x2000); /* the page's base */
	assert_int_equal(w->sys->ops->munmap(w->sys, base + 0x1000, 0x1000), 0);
	assert_int_equal(translate(w, base + 0x1000, &phys), -ENOENT);
	assert_int_equal(translate(w, base + 0x2000, &phys), 0);

	map_bar(w, 0x2000, &bar);
	assert_int_equal(translate(w, (char *)bar + 0x1010, &phys), 0);
	assert_int_equal(phys, ANY_BAR + 0x1000);

	assert_int_equal(translate(w, NULL, &phys), -ENOENT);
	assert_int_equal(translate(w, (void *)0xffff800000000000, &phys), -ENOENT);
	assert_int_equal(translate(w, &local, &phys), -ENOENT); /* hosted: no frames behind it */
}

static void untouched_pages_past_16_mib_of_a_mapping_do_not_translate(void **state)
{
	struct world *w = *state;
	uint64_t phys;
	char *bar;

	map_bar(w, 0x2000000, (void **)&bar);

	assert_int_equal(translate(w, bar + 0xfff000, &phys), 0);
	assert_int_equal(translate(w, bar + 0x1000000, &phys), -ENOENT);
}

static void the_translation_call_is_checked(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, M "translation", RBI_O_RDWR);
	int zeroed = w_open(w, M "zeroed", RBI_O_RDWR);
	uint64_t addr = 0;
	void *base;

	assert_int_equal(w_call(w, fd, &addr, 4, NULL, 0), -EINVAL);
	assert_int_equal(w_call(w, fd, NULL, 8, NULL, 0), -EFAULT);
	assert_int_equal(w_call(w, zeroed, &addr, 8, NULL, 0), -EOPNOTSUPP);
	assert_int_equal(w->sys->ops->call(w->sys, fd, &addr, 8, 0, NULL, 0), -EINVAL);
	assert_int_equal(
		w->sys->ops->call(w->sys, fd, &addr, 8, RBI_CALL_READ | RBI_CALL_FD, NULL, 0),
		-EOPNOTSUPP);
	assert_int_equal(w_mmap(w, fd, 4096, RBI_MAP_SHARED, ANY_BAR, &base), -EOPNOTSUPP);
	assert_int_equal(w_mmap(w, 12345, 4096, RBI_MAP_SHARED, ANY_BAR, &base), -EBADF);
	/* bit 8 closes the descriptor (probe 2) */
	assert_int_equal(
		w->sys->ops->call(w->sys, fd, &addr, 8, RBI_CALL_READ | RBI_CALL_CONSUME, NULL, 0),
		-ENOENT);
	assert_int_equal(w_call(w, fd, &addr, 8, NULL, 0), -EBADF);
}

static void plain_zeroed_memory_is_ordinary_memory(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, M "zeroed", RBI_O_RDWR);
	struct rbi_window win;
	uint64_t phys;
	uint8_t *base;

	assert_int_equal(w_mmap(w, fd, 0x800000, RBI_MAP_SHARED, 0, (void **)&base), 0);
	w->sys->ops->window(w->sys, base, 0x800000, &win);

	assert_int_equal(win.direct, 0x800000);
	assert_int_equal(win.shadow, 0);
	base[0x7fffff] = 3;
	assert_int_equal(translate(w, base, &phys), -ENOENT);
	assert_int_equal(w->sys->ops->munmap(w->sys, base, 0x800000), 0);
}

static void a_child_has_no_dma_memory_and_frees_quietly(void **state)
{
	struct world *w = *state;
	uint8_t *base;
	void *bar;
	int status;
	pid_t pid;

	assert_int_equal(take_block(w, 0x1000, RBI_MAP_PRIVATE, (void **)&base), 0);
	map_bar(w, 0x1000, &bar);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		uint64_t val = 0;
		int bad = w_open(w, M "zeroed", RBI_O_RDWR) != -ENODEV;

		bad |= w->sys->ops->io_read(w->sys, 1, 0, 4, &val) != -ENODEV || val != UINT32_MAX;
		bad |= w->sys->ops->clock(w->sys) != 0;
		w->sys->ops->destroy(w->sys);
		bad |= !w->fake->destroyed_forked || w->fake->live_maps != 1;
		_exit(bad);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	base[0] = 1; /* the parent's is untouched */
}

static void every_allocation_may_fail(void **state)
{
	struct world *w = *state;
	unsigned long n;
	void *base, *bar;
	int fd, rc;

	for (n = 1; n < 100; n++) {
		rbi_alloc_fail_at(n);
		fd = w_open(w, M "zeroed@wb?phys_contiguous", RBI_O_RDWR);
		rc = fd < 0 ? fd : w_mmap(w, fd, 0x2000, RBI_MAP_PRIVATE, 0, &base);
		if (rc == 0)
			rc = w->sys->ops->munmap(w->sys, base, 0x1000);
		w_close(w, fd);
		fd = rc < 0 ? -1 : w_open(w, M "physical@uc", RBI_O_RDWR);
		if (fd >= 0)
			rc = w_mmap(w, fd, 0x2000, RBI_MAP_SHARED, ANY_BAR, &bar);
		rc = rc < 0 ? rc : fd < 0 ? fd : 0;
		w_close(w, fd);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
	}
	rbi_alloc_fail_at(0);
	assert_in_range(n, 5, 99);
}

/* --- at a place (contract 1.5) -------------------------------------------------------- */

#define PLACES 4

/* So many pages of address space, reserved. */
static uint8_t *reserve(struct world *w, size_t pages)
{
	void *base = NULL;

	assert_int_equal(w->sys->ops->reserve(w->sys, pages * 4096, 0, &base), 0);
	return base;
}

static int map_at(struct world *w, uint8_t *place, size_t len, void **base)
{
	int fd = w_open(w, M "zeroed@wb?phys_contiguous", RBI_O_RDWR);
	int rc;

	assert_true(fd >= 0);
	*base = place;
	rc = w_mmap(w, fd, len, RBI_MAP_PRIVATE | RBI_MAP_FIXED, 0, base);
	w_close(w, fd);
	return rc;
}

static void blocks_come_to_the_place_that_is_named(void **state)
{
	struct world *w = *state;
	uint8_t *room = reserve(w, PLACES);
	struct rbi_window win = { 0 };
	void *base;
	int i;

	for (i = PLACES - 1; i >= 0; i--) {
		assert_int_equal(map_at(w, room + i * 4096, 4096, &base), 0);
		assert_ptr_equal(base, room + i * 4096);
		memset(base, i + 1, 4096);
	}
	for (i = 0; i < PLACES; i++)
		assert_int_equal(room[i * 4096 + 4095], i + 1);
	w->sys->ops->window(w->sys, room + 4096, 4096, &win);
	assert_int_equal(win.direct, 4096);
	assert_int_equal(w->sys->ops->munmap(w->sys, room, PLACES * 4096), 0);
	assert_int_equal(w->fake->live_maps, 0);
}

static void a_place_that_makes_no_sense_is_einval(void **state)
{
	struct world *w = *state;
	uint8_t *room = reserve(w, PLACES);
	void *base;

	assert_int_equal(map_at(w, room + 1, 4096, &base), -EINVAL);
	assert_int_equal(map_at(w, NULL, 4096, &base), -EINVAL);
	assert_int_equal(map_at(w, (uint8_t *)(uintptr_t)0x800000000000, 4096, &base), -EINVAL);
	assert_int_equal(map_at(w, (uint8_t *)(uintptr_t)0x7ffffffff000, 8192, &base), -EINVAL);
	assert_int_equal(w->sys->ops->munmap(w->sys, room, PLACES * 4096), 0);
}

static void what_was_at_a_place_is_gone_also_when_nothing_comes(void **state)
{
	struct world *w = *state;
	uint8_t *room = reserve(w, PLACES);
	void *base;

	assert_int_equal(map_at(w, room, 4096, &base), 0);
	w->fake->dma_map_rc = -ENOMEM;

	assert_int_equal(map_at(w, room, 4096, &base), -ENOMEM);

	assert_int_equal(w->fake->live_maps, 0);
	base = room;
	assert_int_equal(w->sys->ops->reserve(w->sys, 4096, RBI_MAP_NOREPLACE, &base), 0);
	base = room;
	assert_int_equal(w->sys->ops->reserve(w->sys, 4096, RBI_MAP_NOREPLACE, &base), -EEXIST);
	assert_int_equal(w->sys->ops->munmap(w->sys, room, PLACES * 4096), 0);
}

static uint8_t *stolen;

/* Another thread asks the host for memory, and gets the hole. */
static void steal(struct fake *fake)
{
	void *p = mmap(stolen, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	(void)fake;
	if (p == stolen)
		stolen[0] = 0x55;
	else
		stolen = NULL;
}

static void a_place_is_given_up_once(void **state)
{
	struct world *w = *state;
	uint8_t *room = reserve(w, PLACES);
	unsigned char there;
	void *base;

	w->fake->dma_map_rc = -ENOMEM;
	w->fake->on_unmap = steal;
	stolen = room + 4096;

	assert_int_equal(map_at(w, room + 4096, 4096, &base), -ENOMEM);

	if (stolen) { /* there was a hole; it must not become another */
		assert_int_equal(mincore(stolen, 4096, &there), 0);
		assert_int_equal(stolen[0], 0x55);
		munmap(stolen, 4096);
	}
	assert_int_equal(w->sys->ops->munmap(w->sys, room, 4096), 0);
	assert_int_equal(w->sys->ops->munmap(w->sys, room + 8192, 8192), 0);
}

static void part_of_a_block_is_no_place(void **state)
{
	struct world *w = *state;
	uint8_t *room = reserve(w, PLACES);
	void *base;

	assert_int_equal(map_at(w, room, 8192, &base), 0);

	assert_int_equal(map_at(w, room + 4096, 4096, &base), -EOPNOTSUPP);

	memset(room, 7, 8192);
	assert_int_equal(w->sys->ops->munmap(w->sys, room, PLACES * 4096), 0);
	assert_int_equal(w->fake->live_maps, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paths_open_or_refuse_as_the_probe_saw),
		cmocka_unit_test(only_plain_zeroed_is_for_everybody),
		TEST(handles_of_memory_cannot_be_read_written_or_measured),
		TEST(physical_mmap_refuses_what_the_kernel_refuses),
		TEST(a_length_that_hangs_the_kernel_is_refused_and_told),
		TEST(mapping_address_0_is_the_end_of_this_redox),
		TEST(a_routed_access_reaches_its_physical_address),
		TEST(routed_accesses_that_a_cpu_would_not_survive_are_violations),
		TEST(a_machine_that_died_reads_all_ones),
		TEST(what_the_machine_can_map_is_touched_directly),
		TEST(parts_of_a_mapping_can_be_unmapped),
		TEST(blocks_are_zeroed_contiguous_and_aligned_to_their_size),
		TEST(block_sizes_and_flags_that_redox_refuses),
		TEST(freed_blocks_come_again_and_odd_sizes_leak),
		TEST(a_part_of_a_block_cannot_be_replaced),
		TEST(translation_knows_pages_that_are_there),
		TEST(untouched_pages_past_16_mib_of_a_mapping_do_not_translate),
		TEST(the_translation_call_is_checked),
		TEST(plain_zeroed_memory_is_ordinary_memory),
		TEST(blocks_come_to_the_place_that_is_named),
		TEST(a_place_that_makes_no_sense_is_einval),
		TEST(what_was_at_a_place_is_gone_also_when_nothing_comes),
		TEST(a_place_is_given_up_once),
		TEST(part_of_a_block_is_no_place),
		TEST(a_child_has_no_dma_memory_and_frees_quietly),
		TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
