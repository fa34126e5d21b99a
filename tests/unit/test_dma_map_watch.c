/* SPDX-License-Identifier: MIT */
/*
 * test_dma_map_watch.c - who touches handed-over bytes is reported at once, by
 * AddressSanitizer or valgrind. Without either there is nothing to show here.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef HAVE_VALGRIND_MEMCHECK_H
#include <valgrind/memcheck.h>
#define ERRORS() ((unsigned int)VALGRIND_COUNT_ERRORS)
#define UNDER_VALGRIND() (RUNNING_ON_VALGRIND != 0)
#else
#define ERRORS() 0u
#define UNDER_VALGRIND() 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#include "dma/dma_owner.h"
#include "map_fixture.h"

#define REPORTED 33 /* the child's status when it has been */

static volatile uint8_t sink;

/* Run @touch in a child whose words go to @words; was it reported? */
static bool is_reported(void (*touch)(void), char *words, size_t size)
{
	int fds[2], status = 0;
	size_t used = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		unsigned int before = ERRORS();

		dup2(fds[1], 2);
		close(fds[0]);
		touch();
		_exit(ERRORS() > before ? REPORTED : 0);
	}
	close(fds[1]);
	while (used < size - 1 && (n = read(fds[0], words + used, size - 1 - used)) > 0)
		used += (size_t)n;
	words[used] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (SANITIZED)
		return strstr(words, "use-after-poison") != NULL;
	return status != 0; /* valgrind may put its own in the place of ours */
}

static void load_byte_100(void)
{
	sink = mem[100];
}

static void store_byte_100(void)
{
	((volatile uint8_t *)mem)[100] = 1;
}

static void load_byte_0(void)
{
	sink = mem[0];
}

static void expect_reports(bool want)
{
	char words[4096];

	assert_int_equal(is_reported(load_byte_100, words, sizeof(words)), want);
	assert_int_equal(is_reported(store_byte_100, words, sizeof(words)), want);
}

static void need_a_watcher(void)
{
	if (!rbi_dma_is_watched()) {
		print_message("neither AddressSanitizer nor valgrind is here\n");
		skip();
	}
	assert_true(SANITIZED || UNDER_VALGRIND());
}

static void touching_handed_over_bytes_is_reported(void **state)
{
	struct rb_dma_map *map;
	char words[4096];

	(void)state;
	need_a_watcher();
	expect_reports(false);
	map = map_of(mem + 64, 64, RB_DMA_FROM_DEVICE, NULL);

	expect_reports(true);
	assert_false(is_reported(load_byte_0, words, sizeof(words)));

	rb_dma_unmap(map);
	expect_reports(false);
}

static void bounced_bytes_are_watched_as_well(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	need_a_watcher();
	err_of[0] = -ENOENT;
	map = map_of(mem + 64, 64, RB_DMA_TO_DEVICE, NULL);
	assert_true(rb_dma_map_is_bounced(map));

	expect_reports(true);

	rb_dma_unmap(map);
	expect_reports(false);
}

static void bytes_are_watched_as_long_as_the_device_has_them(void **state)
{
	struct rb_dma_map *map;

	(void)state;
	need_a_watcher();
	map = map_of(mem, PAGE, RB_DMA_BOTH, NULL);

	assert_int_equal(rb_dma_sync_for_cpu(map, 96, 8), 0);
	expect_reports(false);
	assert_int_equal(rb_dma_sync_for_device(map, 96, 8), 0);
	expect_reports(true);

	rb_dma_unmap(map);
	expect_reports(false);
}

/* The end of one map must not end the watch for another, so neither is watched. */
static void bytes_of_two_maps_are_not_watched(void **state)
{
	struct rb_dma_map *one, *two;

	(void)state;
	need_a_watcher();
	one = map_of(mem, PAGE, RB_DMA_TO_DEVICE, NULL);
	two = map_of(mem + 64, 64, RB_DMA_TO_DEVICE, NULL);

	expect_reports(false);

	rb_dma_unmap(one);
	expect_reports(false);
	rb_dma_unmap(two);
}

/* Memory of a world with copies is the world's to read. */
static void a_world_with_copies_may_look(void **state)
{
	struct rb_dma_buf *buf;
	struct rb_dma_map *map;

	(void)state;
	need_a_watcher();
	w->shadow = 5;
	assert_int_equal(rb_dma_alloc(dev, PAGE, NULL, &buf), 0);
	map = map_of(rb_dma_cpu(buf), 100, RB_DMA_TO_DEVICE, NULL);

	sink = ((volatile uint8_t *)rb_dma_cpu(buf))[50];
	((volatile uint8_t *)rb_dma_cpu(buf))[50]++;

	rb_dma_unmap(map);
	assert_int_equal(w->misuses, 1);
	rb_dma_close(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_pages, close_pages)
		TEST(touching_handed_over_bytes_is_reported),
		TEST(bounced_bytes_are_watched_as_well),
		TEST(bytes_are_watched_as_long_as_the_device_has_them),
		TEST(bytes_of_two_maps_are_not_watched),
		TEST(a_world_with_copies_may_look),
	};

	return cmocka_run_group_tests_name("dma map watch", tests, NULL, NULL);
}
