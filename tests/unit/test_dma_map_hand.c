/* SPDX-License-Identifier: MIT */
/* test_dma_map_hand.c - maps change hands: what is copied when, who watches, what is kept. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/pci_control.h>

#include "core/core.h"
#include "dma/dma_dev.h"
#include "dma/dma_owner.h"
#include "map_fixture.h"

/* A map of @len bytes at @cpu, all in a bounce block. */
static struct rb_dma_map *bounced(void *cpu, uint64_t len, enum rb_dma_dir dir)
{
	struct rb_dma_map_options o = RB_DMA_MAP_OPTIONS_INIT;

	o.flags = RB_DMA_MAP_BOUNCE;
	o.label = "packet";
	return map_of(cpu, len, dir, &o);
}

static uint8_t *copy_of(const struct rb_dma_map *map)
{
	return at_bus(segment(map, 0).bus.value);
}

/* Checksums instead of a tool that watches: what these tests are about. */
static void demand_checks(void)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	if (rbi_dma_is_watched())
		skip(); /* test_dma_map_watch.c shows what is found then */
	limits.flags = RB_DMA_CHECK;
	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
}

/* --- directions ------------------------------------------------------------------------ */

static void to_the_device_bytes_go_forth_only(void **state)
{
	struct rb_dma_map *map;
	uint8_t *copy;

	(void)state;
	map = bounced(mem, 100, RB_DMA_TO_DEVICE);
	copy = copy_of(map);
	expect_was(copy, 0, 100);

	memset(copy, 0xee, 100);
	rb_dma_unmap(map);

	assert_int_equal(mem[0], 1);
	assert_int_equal(mem[99], was(99));
}

static void a_short_transfer_leaves_the_rest_as_it_was(void **state)
{
	struct rb_dma_map *map = bounced(mem, 100, RB_DMA_TO_DEVICE);
	uint8_t before[100];

	(void)state;
	memset(copy_of(map), 0x55, 100); /* what another map's device left in the block */
	rb_dma_unmap(map);
	memcpy(before, mem + PAGE, 100);

	map = bounced(mem + PAGE, 100, RB_DMA_FROM_DEVICE);
	memset(copy_of(map), 0xee, 10);
	rb_dma_unmap(map);

	assert_int_equal(mem[PAGE], 0xee);
	assert_int_equal(mem[PAGE + 9], 0xee);
	assert_memory_equal(mem + PAGE + 10, before + 10, 90);
}

static void both_ways_bytes_go_forth_and_back(void **state)
{
	struct rb_dma_map *map = bounced(mem, 100, RB_DMA_BOTH);
	uint8_t *copy = copy_of(map);

	(void)state;
	expect_was(copy, 0, 100);
	copy[50] = 0xee;

	rb_dma_unmap(map);

	assert_int_equal(mem[50], 0xee);
	assert_int_equal(mem[51], was(51));
}

/* --- parts ------------------------------------------------------------------------------- */

static void a_part_comes_back_alone(void **state)
{
	struct rb_dma_map *map = bounced(mem, 1000, RB_DMA_FROM_DEVICE);

	(void)state;
	memset(copy_of(map), 0xee, 1000);

	assert_int_equal(rb_dma_sync_for_cpu(map, 0, 60), 0);

	assert_int_equal(mem[59], 0xee);
	assert_int_equal(peek(&mem[60]), was(60));
	rb_dma_unmap(map);
	assert_int_equal(mem[60], 0xee);
}

static void what_the_cpu_has_is_left_alone(void **state)
{
	struct rb_dma_map *map = bounced(mem, 1000, RB_DMA_FROM_DEVICE);

	(void)state;
	memset(copy_of(map), 0xee, 1000);
	assert_int_equal(rb_dma_sync_for_cpu(map, 100, 200), 0);
	memset(mem + 100, 0x11, 200);

	assert_int_equal(rb_dma_sync_for_cpu(map, 100, 200), 0);
	assert_int_equal(rb_dma_sync_for_cpu(map, 0, 1000), 0);
	rb_dma_unmap(map);

	assert_int_equal(mem[99], 0xee);
	assert_int_equal(mem[100], 0x11);
	assert_int_equal(mem[299], 0x11);
	assert_int_equal(mem[300], 0xee);
}

static void a_part_goes_over_again(void **state)
{
	struct rb_dma_map *map = bounced(mem, 1000, RB_DMA_TO_DEVICE);
	uint8_t *copy = copy_of(map);

	(void)state;
	assert_int_equal(rb_dma_sync_for_cpu(map, 0, 1000), 0);
	memset(mem, 0x22, 1000);

	assert_int_equal(rb_dma_sync_for_device(map, 10, 20), 0);

	assert_int_equal(copy[9], was(9));
	assert_int_equal(copy[10], 0x22);
	assert_int_equal(copy[29], 0x22);
	assert_int_equal(copy[30], was(30));
	rb_dma_unmap(map);
}

/* Every other byte, then all of it: as many parts as there can be. */
static void a_map_falls_into_many_parts_and_heals(void **state)
{
	struct rb_dma_map *map = bounced(mem, 64, RB_DMA_FROM_DEVICE);
	unsigned int i;

	(void)state;
	memset(copy_of(map), 0xee, 64);
	for (i = 0; i < 64; i += 2)
		assert_int_equal(rb_dma_sync_for_cpu(map, i, 1), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(i % 2 == 0 ? mem[i] : peek(&mem[i]), i % 2 == 0 ? 0xee : was(i));

	assert_int_equal(rb_dma_sync_for_device(map, 0, 64), 0);
	memset(copy_of(map), 0xdd, 64);
	rb_dma_unmap(map);

	for (i = 0; i < 64; i++)
		assert_int_equal(mem[i], 0xdd);
}

static void a_part_too_many_without_memory_changes_nothing(void **state)
{
	struct rb_dma_map *map = bounced(mem, 64, RB_DMA_FROM_DEVICE);
	unsigned int i;
	int rc = 0;

	(void)state;
	memset(copy_of(map), 0xee, 64);

	for (i = 1; i < 64 && rc == 0; i += 2) {
		rbi_alloc_fail_at(1);
		rc = rb_dma_sync_for_cpu(map, i, 1);
		rbi_alloc_fail_at(0);
	}

	assert_int_equal(rc, -ENOMEM);
	assert_int_equal(i, 1 + 2 * 8); /* seven holes make eight parts, the next needs room */
	assert_int_equal(peek(&mem[i - 2]), was(i - 2));
	rb_dma_unmap(map);
	assert_int_equal(mem[i - 2], 0xee);
}

/* Packets of 2048 bytes, every other one the CPU's: the memory for that came with the map. */
static void syncing_packets_needs_no_memory(void **state)
{
	struct rb_dma_map *map = bounced(mem, PAGES * PAGE, RB_DMA_FROM_DEVICE);
	unsigned int off;

	(void)state;
	rbi_alloc_fail_at(1);

	for (off = 0; off < PAGES * PAGE; off += PAGE)
		assert_int_equal(rb_dma_sync_for_cpu(map, off, PAGE / 2), 0);
	for (off = 0; off < PAGES * PAGE; off += PAGE)
		assert_int_equal(rb_dma_sync_for_device(map, off, PAGE / 2), 0);

	rbi_alloc_fail_at(0);
	rb_dma_unmap(map);
}

static void syncing_everything_needs_no_memory_however_many_parts(void **state)
{
	struct rb_dma_map *map = bounced(mem, 64, RB_DMA_FROM_DEVICE);
	unsigned int i;

	(void)state;
	for (i = 1; i < 16; i += 2)
		assert_int_equal(rb_dma_sync_for_cpu(map, i, 1), 0);
	rbi_alloc_fail_at(1);

	assert_int_equal(rb_dma_sync_for_device(map, 0, 64), 0);
	assert_int_equal(rb_dma_sync_for_cpu(map, 0, 64), 0);

	rbi_alloc_fail_at(0);
	rb_dma_unmap(map);
}

/* --- worlds with copies --------------------------------------------------------------------- */

static void a_world_with_copies_is_told_block_and_offset(void **state)
{
	struct rb_dma_buf *buf;
	struct rb_dma_map *map;

	(void)state;
	w->shadow = 9;
	assert_int_equal(rb_dma_alloc(dev, 2 * PAGE, NULL, &buf), 0);
	w->publishes = w->observes = w->notes = 0;

	map = map_of((uint8_t *)rb_dma_cpu(buf) + PAGE + 16, 100, RB_DMA_FROM_DEVICE, NULL);

	assert_false(rb_dma_map_is_bounced(map));
	assert_int_equal(segment(map, 0).bus.value, rb_dma_addr(buf, PAGE + 16).value);
	assert_int_equal(w->publishes, 1);
	assert_int_equal(w->sync_shadow, 9);
	assert_int_equal(w->sync_off, PAGE + 16);
	assert_int_equal(w->sync_len, 100);
	assert_int_equal(w->note.access, RBI_DMA_DEVICE_WRITES);
	assert_int_equal(w->note.off, PAGE + 16);

	assert_int_equal(rb_dma_sync_for_cpu(map, 10, 20), 0);
	assert_int_equal(w->observes, 1);
	assert_int_equal(w->sync_off, PAGE + 26);
	assert_int_equal(w->sync_len, 20);
	assert_int_equal(w->note.access, 0);

	rb_dma_unmap(map);
	assert_int_equal(w->observes, 3); /* before it and behind it */
	assert_int_equal(w->note.access, RBI_DMA_DEVICE_READS | RBI_DMA_DEVICE_WRITES);
	assert_int_equal(w->note.len, 100);
	rb_dma_close(buf);
}

static void what_the_device_only_reads_is_not_observed(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	w->shadow = 9;
	assert_int_equal(rb_dma_alloc(dev, PAGE, NULL, &buf), 0);
	w->publishes = w->observes = 0;

	rb_dma_unmap(map_of(rb_dma_cpu(buf), 100, RB_DMA_TO_DEVICE, NULL));

	assert_int_equal(w->publishes, 1);
	assert_int_equal(w->observes, 0);
	rb_dma_close(buf);
}

/* --- checksums --------------------------------------------------------------------------------- */

static void expect_misuse(const char *bytes)
{
	assert_int_equal(w->misuses, 1);
	assert_non_null(strstr(w->misuse, "DMA map packet mapped at "));
	assert_non_null(strstr(w->misuse, "map_fixture.h:"));
	assert_non_null(strstr(w->misuse, bytes));
	assert_non_null(strstr(w->misuse, "0000:00:02.0"));
	assert_int_equal(figures().misuses, 1);
}

static void a_store_to_handed_over_bytes_is_found_when_they_come_back(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	demand_checks();
	map = bounced(mem + 10, 1000, RB_DMA_TO_DEVICE);

	mem[10 + 130]++;
	rb_dma_unmap(map);

	expect_misuse("wrote to byte 130 of 1000 while ");
	assert_null(strstr(w->misuse, "more"));
}

static void a_store_to_bytes_in_place_is_found_when_the_device_only_reads(void **state)
{
	struct rb_dma_map_options o = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map;

	(void)state;
	demand_checks();
	o.label = "packet";
	map = map_of(mem, 2 * PAGE + 10, RB_DMA_TO_DEVICE, &o);

	mem[2 * PAGE + 9]++;
	rb_dma_unmap(map);

	expect_misuse("bytes 8192-8201 of 8202");
}

/* The device writes to the copy as well: which of the two it was cannot be told. */
static void a_line_is_named_where_the_byte_is_not_known(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	demand_checks();
	map = bounced(mem, 1000, RB_DMA_FROM_DEVICE);

	copy_of(map)[129] ^= 0xff;
	mem[130]++;
	mem[999]++;
	mem[300]++;
	rb_dma_unmap(map);

	expect_misuse("wrote to bytes 128-191 of 1000 while 0000:00:02.0 had them, and to 2 more "
		      "lines of 64 bytes");
}

static void one_more_line_is_one(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	demand_checks();
	map = bounced(mem, 1000, RB_DMA_TO_DEVICE);

	mem[3]++;
	mem[64]++;
	rb_dma_unmap(map);

	expect_misuse("wrote to byte 3 of 1000 while 0000:00:02.0 had it, and to 1 more line of 64");
}

static void what_the_device_writes_in_place_is_no_mistake(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	demand_checks();
	map = map_of(mem, 1000, RB_DMA_FROM_DEVICE, NULL);
	mem[500]++; /* as the device would: nothing tells the two apart */
	rb_dma_unmap(map);
	map = bounced(mem, 1000, RB_DMA_BOTH);
	copy_of(map)[500]++;
	rb_dma_unmap(map);

	assert_int_equal(w->misuses, 0);
}

static void bytes_that_the_cpu_has_are_its_to_change(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	demand_checks();
	map = bounced(mem, 1000, RB_DMA_TO_DEVICE);

	assert_int_equal(rb_dma_sync_for_cpu(map, 64, 128), 0);
	memset(mem + 64, 0, 128);
	assert_int_equal(rb_dma_sync_for_device(map, 64, 128), 0);
	assert_int_equal(w->misuses, 0);
	mem[64]++;
	rb_dma_unmap(map);

	expect_misuse("wrote to byte 64 of 1000 while ");
}

static void only_a_strict_world_checks_unasked(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	if (rbi_dma_is_watched())
		skip();
	map = bounced(mem, 1000, RB_DMA_TO_DEVICE);
	mem[0]++;
	rb_dma_unmap(map);
	assert_int_equal(w->misuses, 0);

	w->shadow = 5; /* a strict world */
	map = bounced(mem + PAGE, 1000, RB_DMA_FROM_DEVICE);
	mem[PAGE]++;
	rb_dma_unmap(map);
	expect_misuse("wrote to byte 0 of 1000 while ");
}

/* --- what is kept ---------------------------------------------------------------------------------- */

static void bounce_blocks_are_kept_while_the_device_has_memory(void **state)
{
	struct rb_dma_buf *ring;
	unsigned int calls, i;

	(void)state;
	assert_int_equal(rb_dma_alloc(dev, PAGE, NULL, &ring), 0);
	rb_dma_unmap(bounced(mem, 1500, RB_DMA_TO_DEVICE));
	assert_int_equal(fake_blocks(w), 2);

	calls = w->calls;
	for (i = 0; i < 100; i++)
		rb_dma_unmap(bounced(mem, 1500, RB_DMA_TO_DEVICE));
	assert_int_equal(w->calls, calls); /* no system call */
	assert_int_equal(fake_blocks(w), 2);

	rb_dma_close(ring);
	assert_int_equal(fake_blocks(w), 0);
	assert_false(fake_masters_bus(w));
}

static void *leave(void *arg)
{
	rbi_dma_leave(arg);
	return NULL;
}

/* Is the device idle now, to whoever has its lock? -1: somebody else has it. */
static int looks_idle(struct rbi_dma_dev *d)
{
	int idle;

	if (pthread_mutex_trylock(&d->lock) != 0)
		return -1;
	idle = d->objects == 0;
	pthread_mutex_unlock(&d->lock);
	return idle;
}

/* A thread that has decided to give the blocks back and not yet done so would give back
 * those of an object that begins in between. */
static void no_object_begins_while_idle_blocks_are_taken(void **state)
{
	struct rbi_dma_dev *d;
	unsigned int busy;
	pthread_t thread;
	int idle = 0;

	(void)state;
	assert_int_equal(rbi_dma_dev(dev, "a test", &d), 0);
	rbi_dma_enter(d);
	pthread_mutex_lock(&d->bounce.lock);
	assert_int_equal(pthread_create(&thread, NULL, leave, d), 0);

	for (busy = 0; busy < 1000 && idle <= 0; busy = idle < 0 ? busy + 1 : 0) {
		idle = looks_idle(d);
		sched_yield();
	}

	pthread_mutex_unlock(&d->bounce.lock);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(idle, -1);
	assert_int_equal(looks_idle(d), 1);
}

static void the_last_map_switches_bus_mastering_off(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	map = map_of(mem, 8, RB_DMA_BOTH, NULL);
	assert_true(fake_masters_bus(w));

	rb_dma_unmap(map);

	assert_false(fake_masters_bus(w));
}

static void blocks_of_a_device_that_goes_on_are_kept_until_it_is_quiet(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	map = bounced(mem, 8, RB_DMA_BOTH);
	w->stuck_master = true;

	rb_dma_unmap(map);

	assert_int_equal(fake_blocks(w), 1);
	assert_int_equal(figures().quarantined, PAGE);
	w->stuck_master = false;
	assert_int_equal(rb_pci_set_bus_master(dev, false), 0);
	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(figures().quarantine_freed, PAGE);
}

static void a_live_map_has_a_name_and_holds_its_device(void **state)
{
	struct rb_dma_map *map = bounced(mem, 8, RB_DMA_BOTH);
	char lines[256];

	(void)state;
	rb_pci_unref(dev);

	assert_int_equal(rb_ctx_live(w->ctx, lines, sizeof(lines)), 2);

	assert_non_null(strstr(lines, "DMA map packet of 0000:00:02.0\n"));
	rb_dma_unmap(map);
	assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 0);
	dev = fake_device(w);
}

static void limits_stay_while_a_map_lives(void **state)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;
	struct rb_dma_map *map = bounced(mem, 8, RB_DMA_BOTH);

	(void)state;
	assert_int_equal(rb_dma_set_limits(dev, &limits), -EBUSY);

	rb_dma_unmap(map);

	assert_int_equal(rb_dma_set_limits(dev, &limits), 0);
}

/* --- short of everything ------------------------------------------------------------------------------ */

/* Page 1 bounces, the others do not. */
static int try_map(struct rb_dma_map **map)
{
	err_of[1] = -ENOENT;
	return rb_dma_map(dev, mem, 3 * PAGE, RB_DMA_BOTH, NULL, map);
}

static void a_map_that_fails_anywhere_leaves_nothing(void **state)
{
	struct rb_dma_map *map;
	unsigned int nth, calls;
	const int *err;
	int rc;

	(void)state;
	w->calls = 0;
	assert_int_equal(try_map(&map), 0);
	calls = w->calls;
	rb_dma_unmap(map);

	for (nth = 1; nth <= calls; nth++) {
		for (err = fake_errnos; *err; err++) {
			fake_fail(w, nth, *err);
			rc = try_map(&map);
			w->fail_at = 0;
			assert_true(rc == 0 || rc == -EACCES || rc == -ENOTSUP || rc == -ENODEV ||
				    rc == -ENOMEM || rc == -EIO || rc == -EPROTO);
			assert_true(rc == 0 || !map);
			rb_dma_unmap(map);
			assert_int_equal(fake_blocks(w), 0);
			assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 1);
			if (rc == 0)
				continue;
			/* the channel may not have survived: a new one */
			rb_pci_unref(dev);
			w->channel_err = 0;
			dev = fake_device(w);
			rb_dma_unmap(map_of(mem, 1, RB_DMA_BOTH, NULL));
		}
	}
	assert_true(calls > 5);
}

static void a_map_survives_having_no_memory(void **state)
{
	struct rb_dma_map *map;
	unsigned int n;
	int rc = -ENOMEM;
	long live;

	(void)state;
	assert_int_equal(try_map(&map), 0);
	rb_dma_unmap(map);
	live = rbi_alloc_live();

	for (n = 1; rc == -ENOMEM; n++) {
		rbi_alloc_fail_at(n);
		rc = try_map(&map);
		rbi_alloc_fail_at(0);
		assert_true(rc == 0 || (rc == -ENOMEM && !map && fake_blocks(w) == 0));
		assert_true(rc == 0 || rbi_alloc_live() == live);
	}

	assert_int_equal(rc, 0);
	assert_true(n > 7);
	rb_dma_unmap(map);
	assert_int_equal(rbi_alloc_live(), live);
}

/* --- fork ------------------------------------------------------------------------------------------- */

static void a_child_only_frees(void **state)
{
	struct rb_dma_map *map, *other;
	int status = -1;
	pid_t pid;

	(void)state;
	map = bounced(mem, 100, RB_DMA_FROM_DEVICE);
	memset(copy_of(map), 0xee, 100);

	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int ok = rb_dma_sync_for_cpu(map, 0, 1) == -ENODEV &&
			 rb_dma_sync_for_device(map, 0, 1) == -ENODEV &&
			 rb_dma_map(dev, mem, 1, RB_DMA_BOTH, NULL, &other) == -ENODEV &&
			 rb_dma_map_count(map) == 1;

		rb_dma_unmap(map);
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);

	assert_int_equal(status, 0);
	assert_true(fake_masters_bus(w));
	rb_dma_unmap(map);
	assert_int_equal(mem[0], 0xee);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_pages, close_pages)
		TEST(to_the_device_bytes_go_forth_only),
		TEST(a_short_transfer_leaves_the_rest_as_it_was),
		TEST(both_ways_bytes_go_forth_and_back),
		TEST(a_part_comes_back_alone),
		TEST(what_the_cpu_has_is_left_alone),
		TEST(a_part_goes_over_again),
		TEST(a_map_falls_into_many_parts_and_heals),
		TEST(a_part_too_many_without_memory_changes_nothing),
		TEST(syncing_packets_needs_no_memory),
		TEST(syncing_everything_needs_no_memory_however_many_parts),
		TEST(a_world_with_copies_is_told_block_and_offset),
		TEST(what_the_device_only_reads_is_not_observed),
		TEST(a_store_to_handed_over_bytes_is_found_when_they_come_back),
		TEST(a_store_to_bytes_in_place_is_found_when_the_device_only_reads),
		TEST(a_line_is_named_where_the_byte_is_not_known),
		TEST(one_more_line_is_one),
		TEST(what_the_device_writes_in_place_is_no_mistake),
		TEST(bytes_that_the_cpu_has_are_its_to_change),
		TEST(only_a_strict_world_checks_unasked),
		TEST(bounce_blocks_are_kept_while_the_device_has_memory),
		TEST(no_object_begins_while_idle_blocks_are_taken),
		TEST(the_last_map_switches_bus_mastering_off),
		TEST(blocks_of_a_device_that_goes_on_are_kept_until_it_is_quiet),
		TEST(a_live_map_has_a_name_and_holds_its_device),
		TEST(limits_stay_while_a_map_lives),
		TEST(a_map_that_fails_anywhere_leaves_nothing),
		TEST(a_map_survives_having_no_memory),
		TEST(a_child_only_frees),
	};

	return cmocka_run_group_tests_name("dma map hands", tests, NULL, NULL);
}
