/* SPDX-License-Identifier: MIT */
/* test_os_memory.c - what /scheme/memory is asked, and what is never asked of it. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_world.h"
#include "os/os_memory.h"

#if defined(__x86_64__) || defined(__i386__)
#define ZEROED "/scheme/memory/zeroed@wb?phys_contiguous\n"
#else
#define ZEROED "/scheme/memory/zeroed@uc?phys_contiguous\n"
#endif

static int open_fake(void **state)
{
	*state = fake_open();
	return 0;
}

static int close_fake(void **state)
{
	fake_close(*state);
	return 0;
}

/* --- physical mappings ------------------------------------------------------------------ */

static void a_mapping_is_of_whole_pages(void **state)
{
	struct fake_world *w = *state;
	struct rbi_phys_map map;

	assert_int_equal(
		rbi_os_phys_map(w->ctx->os, FAKE_BAR_ADDR + 0x1808, 0x1000, RBI_CACHE_UC, &map), 0);

	assert_int_equal(w->map_off, FAKE_BAR_ADDR + 0x1000);
	assert_int_equal(w->map_len, 0x2000);
	assert_int_equal(w->map_flags, RBI_MAP_SHARED);
	assert_int_equal(w->map_prot, RBI_PROT_READ | RBI_PROT_WRITE);
	assert_int_equal(map.skew, 0x808);
	assert_int_equal(map.pages_len, 0x2000);
	assert_int_equal(map.win.direct, 0x2000);
	assert_int_equal(fake_open_fds(w), 0);
	rbi_os_phys_unmap(w->ctx->os, &map);
}

static void the_cache_type_is_part_of_the_path(void **state)
{
	struct fake_world *w = *state;
	struct rbi_phys_map map;
	int cache;

	for (cache = RBI_CACHE_UC; cache <= RBI_CACHE_WB; cache++) {
		assert_int_equal(
			rbi_os_phys_map(w->ctx->os, FAKE_BAR_ADDR, 1, (enum rbi_cache)cache, &map),
			0);
		rbi_os_phys_unmap(w->ctx->os, &map);
	}

	assert_string_equal(w->opened, "/scheme/memory/physical@uc\n/scheme/memory/physical@wc\n"
				       "/scheme/memory/physical@wb\n");
}

static void what_a_kernel_would_not_survive_never_reaches_it(void **state)
{
	static const struct {
		uint64_t phys, len;
		int code;
	} bad[] = {
		{ 0, 4096, -EINVAL },
		{ 1, 1, -EINVAL },
		{ 4095, 4096, -EINVAL },
		{ 4096, 0, -EINVAL },
		{ 4096, (UINT64_C(1) << 40) + 1, -ERANGE },
		{ 4096, UINT64_MAX, -ERANGE },
		{ UINT64_C(1) << 52, 1, -ERANGE },
		{ (UINT64_C(1) << 52) - 4096, 4097, -ERANGE },
		{ UINT64_MAX, 1, -ERANGE },
		{ UINT64_MAX - 4095, 4096, -ERANGE },
	};
	struct fake_world *w = *state;
	struct rbi_phys_map map;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			rbi_os_phys_map(w->ctx->os, bad[i].phys, bad[i].len, RBI_CACHE_UC, &map),
			bad[i].code);

	assert_int_equal(w->calls, 0);
}

static void the_longest_and_the_highest_mapping_are_asked_for(void **state)
{
	struct fake_world *w = *state;
	struct rbi_phys_map map;

	fake_fail(w, 2, ENOMEM);
	assert_int_equal(rbi_os_phys_map(w->ctx->os, 4096, UINT64_C(1) << 40, RBI_CACHE_UC, &map),
			 -ENOMEM);
	assert_int_equal(w->map_len, UINT64_C(1) << 40);
	fake_fail(w, 2, ENOMEM);
	assert_int_equal(
		rbi_os_phys_map(w->ctx->os, (UINT64_C(1) << 52) - 4096, 4096, RBI_CACHE_UC, &map),
		-ENOMEM);
	assert_int_equal(w->map_off, (UINT64_C(1) << 52) - 4096);
}

static void mapping_ram_is_not_permitted(void **state)
{
	struct fake_world *w = *state;
	struct rbi_phys_map map;

	fake_fail(w, 2, EPERM);

	assert_int_equal(rbi_os_phys_map(w->ctx->os, 0x100000, 4096, RBI_CACHE_UC, &map), -EACCES);
	assert_non_null(strstr(rb_last_error(), "lies in RAM"));
}

static void an_unknown_cache_type_is_not_supported(void **state)
{
	struct fake_world *w = *state;
	struct rbi_phys_map map;

	fake_fail(w, 1, ENOENT);

	assert_int_equal(rbi_os_phys_map(w->ctx->os, FAKE_BAR_ADDR, 4096, RBI_CACHE_WC, &map),
			 -ENOTSUP);
	assert_non_null(strstr(rb_last_error(), "physical@wc"));
}

static bool is_of(int rc, const int *codes)
{
	for (; *codes; codes++)
		if (rc == *codes)
			return true;
	return false;
}

static void a_mapping_that_fails_anywhere_leaves_nothing(void **state)
{
	static const int codes[] = { -EACCES, -ENOTSUP, -ENODEV, -ENOMEM, -EIO, 0 };
	struct fake_world *w = *state;
	struct rbi_phys_map map;
	unsigned int nth;
	const int *err;
	int rc;

	for (nth = 1; nth <= 2; nth++) {
		for (err = fake_errnos; *err; err++) {
			fake_fail(w, nth, *err);
			rc = rbi_os_phys_map(w->ctx->os, FAKE_BAR_ADDR, 4096, RBI_CACHE_UC, &map);
			assert_true(is_of(rc, codes) || (rc == 0 && *err == EINTR));
			if (rc == 0)
				rbi_os_phys_unmap(w->ctx->os, &map);
			assert_int_equal(fake_open_fds(w), 0);
			assert_int_equal(w->maps, 0);
		}
	}
}

static void remember_line(void *arg, enum rb_log_level level, const char *message)
{
	(void)level;
	snprintf(arg, 128, "%s", message);
}

static void an_unmapping_that_fails_is_logged(void **state)
{
	struct fake_world *w = *state;
	struct rbi_phys_map map;
	char line[128] = "";

	rb_ctx_set_log(w->ctx, RB_LOG_ERROR, remember_line, line);
	assert_int_equal(rbi_os_phys_map(w->ctx->os, FAKE_BAR_ADDR, 4096, RBI_CACHE_UC, &map), 0);
	w->munmap_err = EINVAL;

	rbi_os_phys_unmap(w->ctx->os, &map);

	assert_non_null(strstr(line, "unmapping 4096 bytes"));
}

/* --- DMA blocks ------------------------------------------------------------------------------ */

static void a_block_is_the_next_power_of_two_of_pages(void **state)
{
	static const struct {
		uint64_t size, len;
	} sizes[] = {
		{ 1, 4096 },
		{ 4096, 4096 },
		{ 4097, 8192 },
		{ 3 * 4096, 16384 },
		{ 65537, 131072 },
		{ 4 << 20, 4 << 20 },
		{ (2 << 20) + 1, 4 << 20 },
	};
	struct fake_world *w = *state;
	struct rbi_dma_block block;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(rbi_os_dma_alloc(w->ctx->os, sizes[i].size, &block), 0);
		assert_int_equal(block.len, sizes[i].len);
		assert_int_equal(w->map_len, sizes[i].len);
		assert_int_equal(w->map_flags, RBI_MAP_PRIVATE);
		assert_int_equal(fake_open_fds(w), 0);
		rbi_os_dma_free(w->ctx->os, &block);
	}
}

static void a_block_knows_where_devices_find_it(void **state)
{
	struct fake_world *w = *state;
	struct rbi_dma_block block;

	w->next_phys = 0x123450000;
	w->shadow = 17;

	assert_int_equal(rbi_os_dma_alloc(w->ctx->os, 8192, &block), 0);

	assert_int_equal(block.phys, 0x123450000);
	assert_int_equal(block.shadow, 17);
	assert_string_equal(w->opened, ZEROED "/scheme/memory/translation\n");
	rbi_os_dma_free(w->ctx->os, &block);
}

static void a_block_is_touched_before_it_is_translated(void **state)
{
	struct fake_world *w = *state;
	struct rbi_dma_block block;

	w->lazy = true;

	assert_int_equal(rbi_os_dma_alloc(w->ctx->os, 3 * RBI_PAGE, &block), 0);

	assert_int_equal(block.phys, 0x40000000);
	rbi_os_dma_free(w->ctx->os, &block);
}

static void blocks_that_do_not_exist_are_not_asked_for(void **state)
{
	struct fake_world *w = *state;
	struct rbi_dma_block block;

	assert_int_equal(rbi_os_dma_alloc(w->ctx->os, 0, &block), -EINVAL);
	assert_int_equal(rbi_os_dma_alloc(w->ctx->os, (4 << 20) + 1, &block), -ENOMEM);
	assert_int_equal(rbi_os_dma_alloc(w->ctx->os, UINT64_MAX, &block), -ENOMEM);

	assert_int_equal(w->calls, 0);
}

static void a_block_in_pieces_is_given_back(void **state)
{
	struct fake_world *w = *state;
	struct rbi_dma_block block;

	w->phys_flaw = 4096;

	assert_int_equal(rbi_os_dma_alloc(w->ctx->os, 8192, &block), -EIO);

	assert_non_null(strstr(rb_last_error(), "not contiguous"));
	assert_int_equal(fake_blocks(w), 0);
}

static void a_block_at_an_absurd_address_is_given_back(void **state)
{
	static const uint64_t absurd[] = { 0, 0x10000800, UINT64_C(1) << 52, 0xfffffffffffff000 };
	struct fake_world *w = *state;
	struct rbi_dma_block block;
	size_t i;

	for (i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
		w->next_phys = absurd[i];
		assert_int_equal(rbi_os_dma_alloc(w->ctx->os, 4096, &block), -EIO);
		assert_int_equal(fake_blocks(w), 0);
		assert_int_equal(fake_open_fds(w), 0);
	}
}

static void a_block_that_may_not_be_touched_is_given_back_untouched(void **state)
{
	struct fake_world *w = *state;
	struct rbi_dma_block block;

	w->untouchable = true;

	assert_int_equal(rbi_os_dma_alloc(w->ctx->os, 4096, &block), -EIO);
	assert_string_equal(w->opened, ZEROED);
}

static void a_block_that_fails_anywhere_leaves_nothing(void **state)
{
	static const int codes[] = { -EACCES, -ENOTSUP, -ENODEV, -ENOMEM, -EIO, 0 };
	struct fake_world *w = *state;
	struct rbi_dma_block block;
	unsigned int nth;
	const int *err;
	int rc;

	/* open, mmap, open, call, call */
	for (nth = 1; nth <= 5; nth++) {
		for (err = fake_errnos; *err; err++) {
			fake_fail(w, nth, *err);
			rc = rbi_os_dma_alloc(w->ctx->os, 8192, &block);
			assert_true(is_of(rc, codes) || (rc == 0 && *err == EINTR));
			if (rc == 0)
				rbi_os_dma_free(w->ctx->os, &block);
			assert_int_equal(fake_blocks(w), 0);
			assert_int_equal(fake_open_fds(w), 0);
		}
	}
}

static void memory_calls_survive_having_no_memory(void **state)
{
	struct fake_world *w = *state;
	struct rbi_dma_block block;
	struct rbi_phys_map map;
	unsigned int n;

	for (n = 1; n <= 2; n++) { /* a path each */
		rbi_alloc_fail_at(n);
		assert_int_equal(rbi_os_dma_alloc(w->ctx->os, 8192, &block), -ENOMEM);
		assert_int_equal(fake_blocks(w), 0);
	}
	rbi_alloc_fail_at(1);
	assert_int_equal(rbi_os_phys_map(w->ctx->os, FAKE_BAR_ADDR, 1, RBI_CACHE_UC, &map),
			 -ENOMEM);
	rbi_alloc_fail_at(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mapping_is_of_whole_pages),
		TEST(the_cache_type_is_part_of_the_path),
		TEST(what_a_kernel_would_not_survive_never_reaches_it),
		TEST(the_longest_and_the_highest_mapping_are_asked_for),
		TEST(mapping_ram_is_not_permitted),
		TEST(an_unknown_cache_type_is_not_supported),
		TEST(a_mapping_that_fails_anywhere_leaves_nothing),
		TEST(an_unmapping_that_fails_is_logged),
		TEST(a_block_is_the_next_power_of_two_of_pages),
		TEST(a_block_knows_where_devices_find_it),
		TEST(a_block_is_touched_before_it_is_translated),
		TEST(blocks_that_do_not_exist_are_not_asked_for),
		TEST(a_block_in_pieces_is_given_back),
		TEST(a_block_at_an_absurd_address_is_given_back),
		TEST(a_block_that_may_not_be_touched_is_given_back_untouched),
		TEST(a_block_that_fails_anywhere_leaves_nothing),
		TEST(memory_calls_survive_having_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
