/* SPDX-License-Identifier: MIT */
/*
 * rows_probe.c - sections 1 to 5 of the probe: what a real kernel answered, asked of
 * hosted Redox again.
 */
#include <unistd.h>

#include "host/host_frames.h"
#include "rows.h"

#define M	   "/scheme/memory/"
#define I	   "/scheme/irq"
#define PHYSICAL   M "physical@uc"
#define CONTIGUOUS M "zeroed@wb?phys_contiguous"
#define READ	   RBI_EVENT_READ
#define PRIVATE	   RBI_MAP_PRIVATE
#define SHARED	   RBI_MAP_SHARED

static int map(struct world *w, uint64_t off, size_t len)
{
	void *base;
	int rc = row_map(w, PHYSICAL, len, SHARED, off, &base);

	return rc < 0 ? rc : row_unmap(w, base, len);
}

static uint8_t *block(struct world *w, size_t len)
{
	void *base;

	assert_int_equal(row_map(w, CONTIGUOUS, len, PRIVATE, 0, &base), 0);
	return base;
}

static uint64_t frames_taken(struct world *w)
{
	return rbi_hosted_frames_taken(((struct rbi_hosted *)w->sys)->frames);
}

/* --- 1 physical mapping ---------------------------------------------------------- */

static void any_open_flags_will_do(struct world *w)
{
	static const char *const paths[] = { M "physical",     M "physical@",
					     M "physical@wb",  M "physical@uc",
					     M "physical@wc",  M "physical@dev",
					     M "physical@uc/", "memory:physical@uc" };
	static const unsigned int flags[] = { RBI_O_RDONLY, CREATE, RBI_O_DIRECTORY };
	size_t i;

	for (i = 0; i < 8 * 3; i++)
		row_opens(w, paths[i / 3], flags[i % 3], 0);
}

static void bad_paths(struct world *w)
{
	row_opens(w, M "physical@xx", RDWR, -ENOENT);
	row_opens(w, M "physical?bogus", RDWR, -ENOENT);
	row_opens(w, M "zeroed?phys_contiguous", RDWR, -ENOENT);
	row_opens(w, M "zeroed@wb?phys_contiguous,phys_contiguous,phys_contiguous,,,,,,,,", RDWR,
		  -ENOENT);
}

static void unknown_schemes(struct world *w)
{
	row_opens(w, "/scheme/nosuch/x", RDWR, -ENODEV);
	row_opens(w, "/nosuch", RDWR, -ENODEV);
	row_opens(w, "nosuch:x", RDWR, -ENODEV);
}

static void offsets_are_addresses(struct world *w)
{
	assert_int_equal(map(w, ANY_BAR + 0x10, 0x1000), -EINVAL);
	assert_int_equal(map(w, (1ull << 52) - 0x1000, 0x2000), -EINVAL);
	assert_int_equal(map(w, ANY_BAR, 0), -EINVAL);
	assert_int_equal(map(w, ANY_BAR, 5000), 0);
}

static void all_mappings_reach_the_device(struct world *w)
{
	static const unsigned int flags[] = { SHARED, PRIVATE, 0 };
	int fd = row_open(w, PHYSICAL, RBI_O_RDONLY);
	struct rbi_window win;
	uint64_t val;
	void *base;
	size_t i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(w_mmap(w, fd, 0x1000, flags[i], ANY_BAR, &base), 0);
		w->sys->ops->window(w->sys, base, 0x1000, &win);
		assert_int_equal(w->sys->ops->io_write(w->sys, win.route, 0, 4, 40 + i), 0);
		assert_int_equal(w->fake->last_value, 40 + i);
	}
	assert_int_equal(w->sys->ops->mmap(w->sys, fd, 0x1000, 0, SHARED, ANY_BAR, &base), 0);
	w->sys->ops->window(w->sys, base, 0x1000, &win); /* PROT_NONE can be read */
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, 0, 4, &val), 0);
}

static void ram_is_the_kernel_s(struct world *w)
{
	assert_int_equal(map(w, FAKE_RAM_BASE, 0x1000), -EPERM);
	assert_int_equal(map(w, 0x1000, 0x1000), 0);
	assert_int_equal(map(w, 0xff000, 0x1000), 0);
}

static void address_0(struct world *w)
{
	assert_int_equal(map(w, 0, 0x1000), -ENODEV);
	row_panicked(w, "address 0");
	row_opens(w, M "physical@uc", RDWR, -ENODEV);
	row_opens(w, "/scheme/event", RDWR, -ENODEV);
}

static void huge_lengths(struct world *w)
{
	assert_int_equal(map(w, ANY_BAR, (size_t)1 << 45), -ENOMEM);
	assert_int_equal(w->fake->violations, 1); /* told, and the kernel lives */
	assert_int_equal(map(w, ANY_BAR, 0x1000), 0);
}

static void sixteen_mib_are_mapped_at_once(struct world *w)
{
	struct rbi_window win;
	uint64_t phys, val;
	char *base;

	assert_int_equal(row_map(w, PHYSICAL, 0x4000000, SHARED, ANY_BAR, (void **)&base), 0);
	w->sys->ops->window(w->sys, base, 0x4000000, &win);
	assert_int_equal(row_translate(w, base + 0xfff000, &phys), 0);
	assert_int_equal(row_translate(w, base + 0x1000000, &phys), -ENOENT);
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, 0x3fffffc, 4, &val), 0);
	assert_int_equal(w->fake->last_phys, ANY_BAR + 0x3fffffc);
}

static void no_io_on_the_descriptor(struct world *w)
{
	int fd = row_open(w, PHYSICAL, RDWR);
	uint64_t size;
	char buf[8] = "";

	assert_int_equal(w_read(w, fd, buf, 8), -EBADF);
	assert_int_equal(w_write(w, fd, buf, 8), -EBADF);
	assert_int_equal(w->sys->ops->size(w->sys, fd, &size), -EBADF);
	assert_false(fd_is_ready(fd)); /* poll -> 0 */
}

static void unmapping(struct world *w)
{
	char *base;

	/* its descriptor is closed by row_map() */
	assert_int_equal(row_map(w, PHYSICAL, 0x3000, SHARED, ANY_BAR, (void **)&base), 0);
	assert_int_equal(row_unmap(w, base + 0x1000, 0x1000), 0);
	assert_int_equal(row_unmap(w, base + 1, 0x1000), -EINVAL);
	assert_int_equal(row_unmap(w, base, 0), -EINVAL);
	assert_int_equal(row_unmap(w, base, 0x3000), 0);
	assert_int_equal(row_unmap(w, base, 0x3000), 0);
}

static void the_ecam_of_q35(struct world *w)
{
	assert_int_equal(map(w, 0xb0000000, 0x100000), 0);
}

/* --- 2 DMA memory ---------------------------------------------------------------- */

static void blocks(struct world *w)
{
	uint64_t first, last;
	uint8_t *base;
	void *none;

	block(w, 0x1000);
	base = block(w, 0x10000);
	assert_int_equal(base[0] | base[0xffff], 0);
	assert_int_equal(row_translate(w, base, &first), 0);
	assert_int_equal(row_translate(w, base + 0xf000, &last), 0);
	assert_int_equal(last - first, 0xf000);
	assert_int_equal(first % 0x10000, 0);
	assert_int_equal(row_map(w, CONTIGUOUS, 0x1000, SHARED, 0, &none), -EOPNOTSUPP);
	assert_int_equal(row_map(w, CONTIGUOUS, 0x1000, PRIVATE, 17, &none), 0);
}

static void the_largest_block(struct world *w)
{
	void *none;

	block(w, 4u << 20);
	assert_int_equal(row_map(w, CONTIGUOUS, 6u << 20, PRIVATE, 0, &none), -ENOMEM);
}

static void three_pages_lose_one(struct world *w)
{
	uint8_t *base[8];
	int i;

	for (i = 0; i < 8; i++)
		base[i] = block(w, 0x3000);
	assert_int_equal(frames_taken(w), 32);
	for (i = 0; i < 8; i++)
		assert_int_equal(row_unmap(w, base[i], 0x3000), 0);
	assert_int_equal(frames_taken(w), 8);
}

static void five_hundred_times_1_mib(struct world *w)
{
	int i;

	for (i = 0; i < 500; i++)
		assert_int_equal(row_unmap(w, block(w, 1u << 20), 1u << 20), 0);
	assert_int_equal(frames_taken(w), 0);
}

static void parts_stay_contiguous(struct world *w)
{
	uint8_t *base = block(w, 0x4000);
	uint64_t first, third;

	assert_int_equal(row_translate(w, base, &first), 0);
	assert_int_equal(row_unmap(w, base + 0x1000, 0x1000), 0);
	assert_int_equal(row_translate(w, base + 0x1000, &third), -ENOENT);
	assert_int_equal(row_translate(w, base + 0x2000, &third), 0);
	assert_int_equal(third - first, 0x2000);
	base[0x3fff] = 1;
}

static void a_translation(struct world *w)
{
	int fd = row_open(w, M "translation", RDWR);
	uint8_t *base = block(w, 0x2000);
	uint64_t addr = (uint64_t)(uintptr_t)base + 0x1fff;

	assert_int_equal(w_call(w, fd, &addr, 8, NULL, 0), 0);
	assert_int_equal(addr, FAKE_RAM_BASE + 0x1000);
	assert_int_equal(row_translate(w, NULL, &addr), -ENOENT);
	assert_int_equal(w_call(w, fd, &addr, 4, NULL, 0), -EINVAL);
	assert_int_equal(w_call(w, fd, NULL, 8, NULL, 0), -EFAULT);
	assert_int_equal(w_call(w, row_open(w, M "zeroed", RDWR), &addr, 8, NULL, 0), -EOPNOTSUPP);
}

static void consume_closes(struct world *w)
{
	int fd = row_open(w, M "translation", RDWR);
	uint64_t addr = 0;

	assert_int_equal(
		w->sys->ops->call(w->sys, fd, &addr, 8, RBI_CALL_READ | RBI_CALL_CONSUME, NULL, 0),
		-ENOENT);
	assert_int_equal(w_call(w, fd, &addr, 8, NULL, 0), -EBADF);
}

static void dma_moves_both_ways(struct world *w)
{
	uint8_t *base = block(w, 0x1000);
	struct rbi_window win;

	w->sys->ops->window(w->sys, base, 0x1000, &win);
	assert_int_equal(win.direct, 0x1000);
	w->sys->ops->dma_publish(w->sys, win.shadow, 16, 32);
	assert_int_equal(w->fake->last_phys, 16);
	w->sys->ops->dma_observe(w->sys, win.shadow, 64, 8);
	assert_int_equal(w->fake->last_value, 8);
}

/* --- 3 interrupts ---------------------------------------------------------------- */

static void the_irq_root(struct world *w)
{
	char names[4096];
	unsigned int n = 0;
	const char *at;

	row_opens(w, I, RDWR, -EISDIR);
	assert_int_equal(w_list(w, I, names, sizeof(names)), 0);
	assert_string_equal(names, "bsp cpu-00");
	assert_int_equal(w_list(w, I "/cpu-00", names, sizeof(names)), 0);
	for (at = names; at; at = strchr(at + 1, ' '))
		n++;
	assert_int_equal(n, 201);
}

static void half_of_bsp(struct world *w)
{
	int fd = row_open(w, I "/bsp", RDWR);
	uint32_t id[2] = { 7, 7 };

	assert_int_equal(w_read(w, fd, id, 8), 8);
	assert_int_equal(id[0], 0);
	assert_int_equal(id[1], 7);
	assert_int_equal(w_read(w, fd, id, 4), -EINVAL);
}

static void numbers(struct world *w)
{
	row_open(w, I "/0", RDWR);
	row_open(w, I "/0", RDWR);
	row_open(w, I "/15", RDWR);
	row_opens(w, I "/16", RDWR, -ENOENT);
	row_opens(w, I "/cpu-00/40", RDWR, -EINVAL);
	row_opens(w, I "/cpu-00/224", CREATE, -ENOENT);
	row_open(w, I "/cpu-00/40", CREATE);
	row_opens(w, I "/cpu-00/40", CREATE, -EEXIST);
}

static void for_ever(struct world *w)
{
	row_opens(w, I "/cpu-00/40", CREATE, 0); /* and closed */
	row_opens(w, I "/cpu-00/40", CREATE, -EEXIST);
	row_opens(w, I "/cpu-00/41", CREATE, 0);
}

static void one_digit_panics(struct world *w)
{
	row_opens(w, I "/cpu-0", RDWR, -ENODEV);
	row_panicked(w, "digits");
}

static void listing_an_absent_cpu_panics(struct world *w)
{
	char names[64];

	assert_int_equal(w_list(w, I "/cpu-63", names, sizeof(names)), -ENODEV);
	row_panicked(w, "no such CPU");
}

static void opening_on_an_absent_cpu_panics(struct world *w)
{
	row_opens(w, I "/cpu-63/40", CREATE, -ENODEV);
	row_panicked(w, "no such CPU");
}

static void counts(struct world *w)
{
	int fd = row_open(w, I "/9", RDWR);
	int b, late;
	uint64_t count;

	b = row_open(w, I "/9", RDWR);
	assert_int_equal(row_count(w, fd, &count), 0);
	fake_raise(w->fake, 9);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(row_ack(w, fd, 7), 0);
	assert_int_equal(w->fake->unmasked[9], 0);
	assert_int_equal(row_ack(w, fd, 1), 8);
	assert_int_equal(w->fake->unmasked[9], 1);
	assert_int_equal(row_count(w, b, &count), 8); /* it still sees its count */
	late = row_open(w, I "/9", RDWR);
	assert_int_equal(row_count(w, late, &count), 8); /* the old total at once */
	assert_int_equal(w_read(w, fd, &count, 7), -EINVAL);
	assert_int_equal(w_write(w, fd, &count, 7), -EINVAL);
}

static void a_hundred_msis(struct world *w)
{
	int fd = row_open(w, I "/cpu-00/40", CREATE);
	uint64_t count;
	int i;

	for (i = 0; i < 100; i++)
		fake_raise(w->fake, 40);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(count, 100);
	assert_int_equal(row_count(w, fd, &count), 8);
}

static void a_message_by_hand(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	row_exchange(w, fd, "8 0 0 0 44 0 0 0 e0 fe", "4 0 0 0 0 0 0 0 a 0 0 0");
	row_exchange(w, fd, "8 0 0 0 4c 0 48 0 0 0", "4 0 0 0 0 0 0 0 a 0 0 0");
	row_exchange(w, fd, "8 0 0 0 40 0 5 0 81 1", "4 0 0 0 0 0 0 0 a 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x44), FAKE_DOORBELL); /* it leads there */
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x4c), 40 + 32);
}

/* --- 4 events -------------------------------------------------------------------- */

static void edges(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, I "/9", RDWR);
	uint64_t count;
	int fds[2];

	fake_raise(w->fake, 9);
	assert_int_equal(row_watch(w, queue, irq, READ, 0), 24);
	row_next(w, queue, -1);
	assert_int_equal(row_count(w, irq, &count), 8);

	assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
	assert_int_equal(w_write(w, fds[1], "x", 1), 1);
	assert_int_equal(row_watch(w, queue, fds[0], READ, 0), 24);
	row_next(w, queue, fds[0]);
	row_next(w, queue, -1); /* once */
	w_close(w, fds[0]);
	w_close(w, fds[1]);
}

static void poll_works_too(struct world *w)
{
	int irq = row_open(w, I "/9", RDWR);
	int queue = row_queue(w);

	assert_false(fd_is_ready(irq));
	row_watch(w, queue, irq, READ, 0);
	assert_false(fd_is_ready(queue) &&
		     w_read(w, queue, (struct row_event[1]){ { 0 } }, 24) > 0);
	fake_raise(w->fake, 9);
	assert_true(fd_is_ready(irq));
	assert_true(fd_is_ready(queue));
}

static void no_coalescing(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, I "/9", RDWR);
	struct row_event recs[101];
	uint64_t count;
	int i;

	row_watch(w, queue, irq, READ, 0);
	for (i = 0; i < 100; i++)
		fake_raise(w->fake, 9);
	assert_int_equal(row_count(w, irq, &count), 8);
	assert_int_equal(w_read(w, queue, recs, sizeof(recs)), 2400);
}

static void adding_and_removing_twice(struct world *w)
{
	int queue = row_queue(w);
	int irq = row_open(w, I "/9", RDWR);

	assert_int_equal(row_watch(w, queue, irq, READ, 5), 24);
	assert_int_equal(row_watch(w, queue, irq, READ, 5), 24);
	fake_raise(w->fake, 9);
	row_next(w, queue, irq);
	row_next(w, queue, -1); /* one registration */
	assert_int_equal(row_watch(w, queue, irq, 0, 5), 24);
	assert_int_equal(row_watch(w, queue, irq, 0, 5), 24);
}

static void wake_by_pipe(struct fake *fake)
{
	fake->on_wait = NULL;
	assert_int_equal(write((int)fake->last_value, "x", 1), 1);
}

static void wake_by_msi(struct fake *fake)
{
	fake->on_wait = NULL;
	fake_raise(fake, 40);
}

static void sleepers_wake(struct world *w)
{
	int queue = row_open(w, "/scheme/event", RDWR); /* one that blocks */
	int irq = row_open(w, I "/cpu-00/40", CREATE);
	int fds[2];

	assert_int_equal(w->sys->ops->pipe(w->sys, fds), 0);
	row_watch(w, queue, fds[0], READ, 0);
	row_watch(w, queue, irq, READ, 0);
	w->fake->last_value = (uint64_t)fds[1];
	w->fake->on_wait = wake_by_pipe;
	row_next(w, queue, fds[0]);
	w->fake->on_wait = wake_by_msi;
	row_next(w, queue, irq);
	w_close(w, fds[0]);
	w_close(w, fds[1]);
}

static void thirty_milliseconds(struct world *w)
{
	int queue = row_open(w, "/scheme/event", RDWR);
	int clock = row_open(w, "/scheme/time/4", RDWR);
	int64_t begin = w->fake->now;
	struct {
		int64_t sec;
		int32_t nsec;
		uint32_t pad;
	} m = { begin / 1000000000, (int32_t)(begin % 1000000000) + 30000000, 0 };

	row_watch(w, queue, clock, READ, 0);
	assert_int_equal(w_write(w, clock, &m, 16), 16);
	row_next(w, queue, clock);
	assert_int_equal(w->fake->now - begin, 30000000);
	m.pad = 0;
	assert_int_equal(w_read(w, clock, &m, 16), 16);
	assert_int_not_equal(m.pad, 0); /* not a struct timespec */
}

/* --- 5 privilege ----------------------------------------------------------------- */

static void uid_1000(struct world *w)
{
	static const char *const refused[] = { PHYSICAL, CONTIGUOUS, M "translation", I,
					       I "/bsp", I "/9",     I "/cpu-00" };
	static const char *const allowed[] = { M "zeroed", M "zeroed@wb", M "scheme-root",
					       "/scheme/event", "/scheme/time/4" };
	size_t i;

	for (i = 0; i < 7; i++)
		row_opens(w, refused[i], RDWR | RBI_O_DIRECTORY, -EACCES);
	for (i = 0; i < 5; i++)
		row_opens(w, allowed[i], RDWR, 0);
}

static const struct row rows[] = {
	PROBE("1", "works with any open flags", any_open_flags_will_do, ROOT),
	PROBE("1", "\"@xx\" or \"?bogus\" -> ENOENT; path > 64 chars -> ENOENT", bad_paths, ROOT),
	PROBE("1", "unknown scheme -> ENODEV", unknown_schemes, ROOT),
	PROBE("1", "mmap offset = physical address. Misaligned offset -> EINVAL",
	      offsets_are_addresses, ROOT),
	PROBE("1", "MAP_SHARED, MAP_PRIVATE and flags 0 all work and reach the device",
	      all_mappings_reach_the_device, ROOT),
	PROBE("1", "RAM owned by the kernel allocator -> EPERM", ram_is_the_kernel_s, ROOT),
	PROBE("1", "PHYSICAL ADDRESS 0 PANICS THE KERNEL", address_0, ROOT),
	PROBE("1", "a huge length (2^45) makes the kernel loop for minutes", huge_lengths, ROOT),
	PROBE("1", "only the first 16 MiB (4096 pages) are mapped eagerly",
	      sixteen_mib_are_mapped_at_once, ROOT),
	PROBE("1", "read()/write() on the fd -> EBADF; fstat/stat/access -> EBADF",
	      no_io_on_the_descriptor, ROOT),
	PROBE("1", "mapping survives close(fd). munmap partial ok", unmapping, ROOT),
	PROBE("1", "q35 ECAM 0xb0000000 is mappable with physical@uc", the_ecam_of_q35, ROOT),
	PROBE("2", "zeroed, contiguous, naturally aligned to its size", blocks, ROOT),
	PROBE("2", "largest allocation 4 MiB (order 10); 6 MiB and more -> ENOMEM",
	      the_largest_block, ROOT),
	PROBE("2", "(8 x 3 pages: 32 taken, 8 lost)", three_pages_lose_one, ROOT),
	PROBE("2", "500 x 1 MiB alloc/free: no leak", five_hundred_times_1_mib, ROOT),
	PROBE("2", "partial munmap works, remaining pages stay contiguous", parts_stay_contiguous,
	      ROOT),
	PROBE("2", "the CHILD HAS NO MAPPING", row_child_has_no_mapping, ROOT),
	PROBE("2", "result is the PAGE base: low 12 bits are dropped", a_translation, ROOT),
	PROBE("2", "CallFlags bit 8 is CONSUME", consume_closes, ROOT),
	PROBE("2", "edu DMA both ways into such a buffer", dma_moves_both_ways, ROOT),
	PROBE("3", "cpu-00 listed 201 vectors (18..222)", the_irq_root, ROOT),
	PROBE("3", "read(bsp, 8) returns 8 but writes only 4 bytes", half_of_bsp, ROOT),
	PROBE("3", "legacy 0..15: open without O_CREAT, any number of handles", numbers, ROOT),
	PROBE("3", "VECTORS ARE NEVER FREED", for_ever, ROOT),
	PROBE("3", "/scheme/irq/cpu-0 (one digit) PANICS the kernel", one_digit_panics, ROOT),
	PROBE("3", "so does listing", listing_an_absent_cpu_panics, ROOT),
	PROBE("3", "or O_CREAT-opening a CPU that does not exist", opening_on_an_absent_cpu_panics,
	      ROOT),
	PROBE("3", "read(irq,8) never blocks: 8 + count if count != last acked", counts, ROOT),
	PROBE("3", "(100 MSIs: count=100)", a_hundred_msis, ROOT),
	PROBE("3", "MSI by hand: address 0xfee00000|cpu<<12, data = N+32", a_message_by_hand, ROOT),
	PROBE("4", "They are EDGE triggered", edges, ROOT),
	PROBE("4", "poll/select work with irq", poll_works_too, ROOT),
	PROBE("4", "no coalescing: 100 interrupts = 100 queued events", no_coalescing, ROOT),
	PROBE("4", "EPOLL_CTL_ADD twice -> 0; DEL twice -> 0", adding_and_removing_twice, ROOT),
	PROBE("4", "write subscribes (24), read blocks", sleepers_wake, ROOT),
	PROBE("4", "is woken by a pipe write and by an MSI", sleepers_wake, ROOT),
	PROBE("4", "write an absolute timespec = arm; 30 ms -> 29.9 ms", thirty_milliseconds, ROOT),
	PROBE("5", "uid 1000: physical*, *phys_contiguous, translation, /scheme/irq* -> EACCES",
	      uid_1000, "uid=1000", 0),
};

const struct row_table rows_probe = ROW_TABLE(rows);
