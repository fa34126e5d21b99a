/* SPDX-License-Identifier: MIT */
/* test_dma.c - buffers: demands, addresses, ordering, waiting, and how memory goes back. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/dma.h>
#include <rbdrv/pci_control.h>
#include <rbdrv/pci_match.h>

#include "device_fixture.h"
#include "os/pace.h"

static struct rb_dma_buf *alloc(uint64_t size, const struct rb_dma_options *options)
{
	struct rb_dma_buf *buf;

	assert_int_equal(rb_dma_alloc(dev, size, options, &buf), 0);
	return buf;
}

/* --- allocating ------------------------------------------------------------------------- */

static void a_buffer_is_zeroed_and_has_both_addresses(void **state)
{
	static const uint8_t zeros[5000];
	struct rb_dma_buf *buf;

	(void)state;
	w->next_phys = 0x123450000;

	buf = alloc(5000, NULL);

	assert_int_equal(rb_dma_size(buf), 5000);
	assert_int_equal(buf->size, 5000);
	assert_ptr_equal(rb_dma_cpu(buf), buf->cpu);
	assert_memory_equal(rb_dma_cpu(buf), zeros, 5000);
	assert_int_equal(w->map_len, 8192);
	assert_int_equal(rb_dma_addr(buf, 0).value, 0x123450000);
	assert_int_equal(rb_dma_addr(buf, 5000).value, 0x123450000 + 5000);
	assert_int_equal(rb_dma_addr(buf, 5001).value, UINT64_MAX);
	assert_int_equal(rb_dma_addr(buf, UINT64_MAX).value, UINT64_MAX);
	rb_dma_close(buf);
}

static void getters_take_null(void **state)
{
	(void)state;

	assert_null(rb_dma_cpu(NULL));
	assert_int_equal(rb_dma_size(NULL), 0);
	assert_int_equal(rb_dma_addr(NULL, 0).value, UINT64_MAX);
	rb_dma_publish_routed(NULL, 0, 1);
	rb_dma_observe_routed(NULL, 0, 1);
	rb_dma_close(NULL);
}

static void demands_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		uint64_t size;
		struct rb_dma_options o;
		int code;
	} bad[] = {
		{ 0, RB_DMA_OPTIONS_INIT, -EINVAL },
		{ 4096, { sizeof(struct rb_dma_options), 11, 0, 0, NULL }, -EINVAL },
		{ 4096, { sizeof(struct rb_dma_options), 65, 0, 0, NULL }, -EINVAL },
		{ 4096, { sizeof(struct rb_dma_options), 0, 4097, 0, NULL }, -EINVAL },
		{ 4096, { sizeof(struct rb_dma_options), 0, 0, 4097, NULL }, -EINVAL },
		{ 4097, { sizeof(struct rb_dma_options), 0, 0, 4096, NULL }, -EINVAL },
		{ 4096, { 0, 0, 0, 0, NULL }, -EINVAL },
		{ UINT64_MAX, { sizeof(struct rb_dma_options), 0, 0, 4096, NULL }, -EINVAL },
		{ RB_DMA_MAX + 1, RB_DMA_OPTIONS_INIT, -ENOMEM },
		{ UINT64_MAX, RB_DMA_OPTIONS_INIT, -ENOMEM },
		{ 1, { sizeof(struct rb_dma_options), 0, RB_DMA_MAX * 2, 0, NULL }, -ENOMEM },
		{ 1, { sizeof(struct rb_dma_options), 0, UINT64_C(1) << 63, 0, NULL }, -ENOMEM },
		{ 4097, { sizeof(struct rb_dma_options), 12, 0, 0, NULL }, -ENOMEM },
	};
	struct rb_dma_buf *buf;
	size_t i;

	(void)state;

	w->calls = 0;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf = (struct rb_dma_buf *)w;
		assert_int_equal(rb_dma_alloc(dev, bad[i].size, &bad[i].o, &buf), bad[i].code);
		assert_null(buf);
	}
	assert_int_equal(rb_dma_alloc(NULL, 1, NULL, &buf), -EINVAL);
	assert_int_equal(rb_dma_alloc(dev, 1, NULL, NULL), -EINVAL);
	assert_int_equal(w->calls, 0);
}

static void options_of_a_newer_caller_are_honoured_or_refused(void **state)
{
	struct {
		struct rb_dma_options known;
		uint64_t unknown;
	} newer = { RB_DMA_OPTIONS_INIT, 0 };
	struct rb_dma_buf *buf;

	(void)state;
	newer.known.size = sizeof(newer);

	rb_dma_close(alloc(1, &newer.known));
	newer.unknown = 1;
	assert_int_equal(rb_dma_alloc(dev, 1, &newer.known, &buf), -EINVAL);
}

static void an_alignment_is_had_by_a_larger_block(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.align = 65536;

	buf = alloc(100, &o);

	assert_int_equal(w->map_len, 65536);
	assert_int_equal(rb_dma_addr(buf, 0).value % 65536, 0);
	assert_int_equal(rb_dma_size(buf), 100);
	rb_dma_close(buf);
}

static void a_buffer_lies_below_the_mask(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.addr_bits = 32;
	w->next_phys = 0x100010000; /* the fifth block from here is below 2^32 */
	w->phys_step = -0x4000;

	buf = alloc(4096, &o);

	assert_int_equal(rb_dma_addr(buf, 0).value, 0x100000000 - 0x4000 + 0x0);
	assert_int_equal(w->most_blocks, 6);
	assert_int_equal(fake_blocks(w), 1);
	rb_dma_close(buf);
}

static void the_last_byte_counts_against_the_mask(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.addr_bits = 32;
	w->next_phys = 0xfffff000;
	w->phys_step = -0x1000;
	buf = alloc(4096, &o);
	assert_int_equal(rb_dma_addr(buf, 0).value, 0xfffff000);
	rb_dma_close(buf);
	w->next_phys = 0xfffff000;

	buf = alloc(4097, &o); /* whose second byte of the second page is past 2^32 */

	assert_int_equal(rb_dma_addr(buf, 0).value, 0xffffe000);
	rb_dma_close(buf);
}

static void a_search_for_low_memory_ends_and_gives_everything_back(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.addr_bits = 30;

	assert_int_equal(rb_dma_alloc(dev, 4096, &o, &buf), -ENOMEM);

	assert_int_equal(w->most_blocks, 16);
	assert_int_equal(fake_blocks(w), 0);
	assert_non_null(strstr(rb_last_error(), "below 2^30"));
	assert_non_null(strstr(rb_last_error(), "the lowest is at 0x40000000"));
}

static void a_device_that_reaches_4_gib_only_gets_no_other_memory(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	w->next_phys = 0x100000000;
	w->phys_step = -4096;
	assert_int_equal(rb_pci_add_quirks(dev, RB_PCI_QUIRK_DMA_32BIT_ONLY), 0);

	buf = alloc(4096, NULL);
	assert_int_equal(rb_dma_addr(buf, 0).value, 0xfffff000);
	rb_dma_close(buf);

	/* a driver that believes in 64 bits is not believed, one that asks for less is */
	w->next_phys = 0x100000000;
	w->phys_step = 0;
	o.addr_bits = 64;
	assert_int_equal(rb_dma_alloc(dev, 4096, &o, &buf), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "below 2^32"));
	o.addr_bits = 30;
	assert_int_equal(rb_dma_alloc(dev, 4096, &o, &buf), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "below 2^30"));
}

static void a_search_that_uses_the_memory_up_says_what_it_searched_for(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.addr_bits = 30;
	fake_fail(w, 5 + 2, ENOMEM); /* the second block's mmap */

	assert_int_equal(rb_dma_alloc(dev, 4096, &o, &buf), -ENOMEM);

	assert_non_null(strstr(rb_last_error(), "below 2^30"));
	assert_int_equal(fake_blocks(w), 0);
}

/* Redox aligns blocks to their size; a world that does not is found out. */
static void a_block_across_the_boundary_is_not_taken(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;

	(void)state;
	o.boundary = 16384;
	w->next_phys = 0x40003000;
	w->phys_step = 0x1000;

	buf = alloc(8192, &o);

	assert_int_equal(rb_dma_addr(buf, 0).value, 0x40004000);
	assert_int_equal(w->most_blocks, 2);
	rb_dma_close(buf);
}

static void an_open_buffer_has_a_name_in_the_ledger(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *ring, *other;
	char lines[256];

	(void)state;
	o.label = "a ring with a name that is far too long for any line";
	ring = alloc(1, &o);
	other = alloc(1, NULL);

	assert_int_equal(rb_ctx_live(w->ctx, lines, sizeof(lines)), 3);

	assert_non_null(
		strstr(lines, "DMA buffer a ring with a name that is far  of 0000:00:02.0\n"));
	assert_non_null(strstr(lines, "DMA buffer (no label) of 0000:00:02.0\n"));
	rb_dma_close(ring);
	rb_dma_close(other);
}

static void an_alloc_that_fails_anywhere_leaves_nothing(void **state)
{
	struct rb_dma_buf *buf;
	unsigned int nth, calls;
	const int *err;
	int rc;

	(void)state;
	rb_dma_close(alloc(8192, NULL)); /* so that the next one switches bus mastering on */
	w->calls = 0;
	buf = alloc(8192, NULL);
	calls = w->calls;
	rb_dma_close(buf);

	for (nth = 1; nth <= calls; nth++) {
		for (err = fake_errnos; *err; err++) {
			fake_fail(w, nth, *err);
			rc = rb_dma_alloc(dev, 8192, NULL, &buf);
			w->fail_at = 0;
			assert_true(rc == 0 || rc == -EACCES || rc == -ENOTSUP || rc == -ENODEV ||
				    rc == -ENOMEM || rc == -EIO || rc == -EPROTO);
			assert_true(rc == 0 || !buf);
			rb_dma_close(buf);
			assert_int_equal(fake_blocks(w), 0);
			assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 1);
			if (rc == 0 && !fake_masters_bus(w))
				continue;
			/* the channel did not survive: a new one */
			rb_pci_unref(dev);
			w->channel_err = 0;
			dev = fake_device(w);
			rb_dma_close(alloc(1, NULL));
		}
	}
	assert_true(calls > 5);
}

static void an_alloc_survives_having_no_memory(void **state)
{
	struct rb_dma_buf *buf;
	unsigned int n;
	int rc = -ENOMEM;

	(void)state;

	for (n = 1; rc == -ENOMEM; n++) {
		rbi_alloc_fail_at(n);
		rc = rb_dma_alloc(dev, 4096, NULL, &buf);
		assert_true(rc == 0 || (rc == -ENOMEM && !buf && fake_blocks(w) == 0));
	}
	rbi_alloc_fail_at(0);

	assert_int_equal(rc, 0);
	assert_true(n > 3);
	rb_dma_close(buf);
}

static void no_buffer_is_made_for_a_device_that_is_gone(void **state)
{
	struct rb_dma_buf *buf;
	uint32_t id;

	(void)state;
	w->removed = true;
	assert_int_equal(rb_pci_config_read32(dev, 0, &id), -ENODEV);
	w->calls = 0;

	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &buf), -ENODEV);
	assert_int_equal(w->calls, 0);
}

/* --- what RBDRV_RAW_MMIO asks for ---------------------------------------------------------- */

/* As rb_dma_alloc() in a file with RBDRV_RAW_MMIO. */
static int alloc_direct(uint64_t size, struct rb_dma_buf **buf)
{
	return rb_dma_alloc_at(dev, size, NULL, buf, RB_DMA_DIRECT, "here.c:1");
}

static void a_direct_buffer_is_refused_where_devices_see_a_copy(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	assert_int_equal(alloc_direct(4096, &buf), 0);
	rb_dma_close(buf);
	w->shadow = 5;

	assert_int_equal(alloc_direct(4096, &buf), -ENOTSUP);

	assert_null(buf);
	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(alloc_direct(0, &buf), -EINVAL);
	assert_int_equal(alloc_direct(4096, NULL), -EINVAL);
}

/* --- ordering ------------------------------------------------------------------------------- */

static void where_memory_is_shared_nobody_is_told(void **state)
{
	struct rb_dma_buf *buf = alloc(4096, NULL);

	(void)state;
	rb_dma_publish(buf, 0, 16);
	rb_dma_stage(buf, 0, 16);
	rb_dma_observe(buf, 0, 16);
	rb_dma_publish_routed(buf, 0, 16);
	rb_dma_observe_routed(buf, 0, 16);

	assert_int_equal(w->publishes + w->observes, 0);
	rb_dma_close(buf);
}

static void where_there_are_copies_every_range_is_passed_on(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	w->shadow = 5;
	buf = alloc(4096, NULL);

	rb_dma_publish(buf, 8, 16);
	assert_int_equal(w->publishes, 1);
	rb_dma_stage(buf, 8, 16);
	assert_int_equal(w->publishes, 2);
	assert_int_equal(w->sync_shadow, 5);
	assert_int_equal(w->sync_off, 8);
	assert_int_equal(w->sync_len, 16);
	rb_dma_observe(buf, 4000, 1000); /* past the end: for the world below to say */
	assert_int_equal(w->observes, 1);
	assert_int_equal(w->sync_off, 4000);
	assert_int_equal(w->sync_len, 1000);
	rb_dma_close(buf);
}

/* --- waiting --------------------------------------------------------------------------------- */

static void complete_at_the_tenth(struct fake_world *world)
{
	static const uint8_t done[4] = { 0x01, 0x00, 0x00, 0x80 };

	if (world->observes == 10)
		memcpy((uint8_t *)world->blocks[0].cpu + 8, done, 4);
}

static void a_word_is_observed_before_each_read(void **state)
{
	struct rb_dma_buf *buf;
	uint32_t last = 0;

	(void)state;
	w->shadow = 5;
	w->on_observe = complete_at_the_tenth;
	buf = alloc(4096, NULL);

	assert_int_equal(rb_dma_poll32(buf, 8, 0x80000000, 0x80000000, 1000000, &last), 0);

	assert_int_equal(last, 0x80000001);
	assert_int_equal(w->observes, 10);
	assert_int_equal(w->sync_off, 8);
	assert_int_equal(w->sync_len, 4);
	rb_dma_close(buf);
}

static void a_word_that_never_changes_times_out(void **state)
{
	struct rb_dma_buf *buf = alloc(4096, NULL);
	int64_t start = w->now;
	uint32_t last = 7;

	(void)state;

	assert_int_equal(rb_dma_poll32(buf, 4092, 1, 1, 10000, &last), -ETIMEDOUT);

	assert_int_equal(last, 0);
	assert_in_range(w->now - start, 10000 * 1000, 10300 * 1000);
	assert_non_null(strstr(rb_last_error(), "word 0xffc"));
	rb_dma_close(buf);
}

static void a_silent_device_is_asked_whether_it_is_there(void **state)
{
	struct rb_dma_buf *buf = alloc(4096, NULL);

	(void)state;
	w->removed = true;

	assert_int_equal(rb_dma_poll32(buf, 0, 1, 1, 1000, NULL), -ENODEV);

	assert_true(rb_pci_is_gone(dev));
	assert_int_equal(rb_dma_poll32(buf, 0, 1, 1, 1000, NULL), -ENODEV);
	rb_dma_close(buf);
}

static void polls_that_make_no_sense_are_refused(void **state)
{
	struct rb_dma_buf *buf = alloc(62, NULL);

	(void)state;

	assert_int_equal(rb_dma_poll32(NULL, 0, 1, 1, 0, NULL), -EINVAL);
	assert_int_equal(rb_dma_poll32(buf, 2, 1, 1, 0, NULL), -EINVAL);
	assert_int_equal(rb_dma_poll32(buf, 0, 1, 3, 0, NULL), -EINVAL);
	assert_int_equal(rb_dma_poll32(buf, 0, 1, 1, 1000000000001, NULL), -EINVAL);
	assert_int_equal(rb_dma_poll32(buf, 60, 1, 1, 0, NULL), -ERANGE);
	assert_int_equal(rb_dma_poll32(buf, UINT64_MAX - 3, 1, 1, 0, NULL), -ERANGE);
	assert_int_equal(rb_dma_poll32(buf, 56, 0, 0, 0, NULL), 0);
	rb_dma_close(buf);
}

/* --- giving it back -------------------------------------------------------------------------- */

static void bus_mastering_is_off_before_the_last_memory_goes_back(void **state)
{
	struct rb_dma_buf *one = alloc(4096, NULL);
	struct rb_dma_buf *two = alloc(4096, NULL);

	(void)state;

	rb_dma_close(one);
	assert_true(fake_masters_bus(w));
	rb_dma_close(two);
	assert_false(fake_masters_bus(w));
	one = alloc(4096, NULL);
	assert_true(fake_masters_bus(w));
	rb_dma_close(one);
}

static void remember_line(void *arg, enum rb_log_level level, const char *message)
{
	(void)level;
	snprintf(arg, 512, "%s", message);
}

static void memory_of_a_device_that_goes_on_is_kept_and_reported(void **state)
{
	struct rb_dma_options o = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *one, *two;
	char line[512] = "";

	(void)state;
	o.label = "ring";
	one = alloc(8192, &o);
	w->stuck_master = true;
	rb_ctx_set_log(w->ctx, RB_LOG_ERROR, remember_line, line);
	assert_int_equal(rb_dma_alloc(dev, 0, NULL, &two), -EINVAL);

	rb_dma_close(one);

	assert_int_equal(fake_blocks(w), 1);
	assert_int_equal(w->ctx->os->quarantined, 8192);
	assert_non_null(strstr(line, "DMA buffer ring of 0000:00:02.0"));
	assert_non_null(strstr(line, "8192 bytes are kept"));
	assert_non_null(strstr(rb_last_error(), "no bytes")); /* a release leaves it alone */
	assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 1);
	w->stuck_master = false;
	assert_int_equal(rb_pci_set_bus_master(dev, false), 0);
	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(w->ctx->os->quarantined, 0);
}

static void memory_of_a_removed_device_goes_back(void **state)
{
	struct rb_dma_buf *buf = alloc(4096, NULL);

	(void)state;
	w->removed = true;

	rb_dma_close(buf);

	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(w->ctx->os->quarantined, 0);
}

static void a_buffer_outlives_the_drivers_reference_to_the_device(void **state)
{
	struct rb_dma_buf *buf = alloc(4096, NULL);

	(void)state;
	rb_pci_unref(dev);
	assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 2);

	memset(rb_dma_cpu(buf), 1, 4096);
	rb_dma_close(buf);

	assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 0);
	dev = fake_device(w);
}

static void in_a_child_of_fork_closing_only_frees(void **state)
{
	struct rb_dma_buf *buf, *other;
	int status;
	pid_t pid;

	(void)state;
	w->shadow = 5;
	buf = alloc(4096, NULL);

	pid = fork();
	if (pid == 0) {
		int good;

		rb_dma_publish(buf, 0, 4);
		rb_dma_observe(buf, 0, 4);
		good = w->publishes + w->observes == 0 &&
		       rb_dma_alloc(dev, 1, NULL, &other) == -ENODEV &&
		       rb_dma_poll32(buf, 0, 1, 1, 0, NULL) == -ENODEV;
		rb_dma_close(buf);
		_exit(good && fake_blocks(w) == 1 && fake_masters_bus(w) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);

	assert_int_equal(status, 0);
	rb_dma_close(buf);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_buffer_is_zeroed_and_has_both_addresses),
		TEST(getters_take_null),
		TEST(demands_that_make_no_sense_are_refused),
		TEST(options_of_a_newer_caller_are_honoured_or_refused),
		TEST(an_alignment_is_had_by_a_larger_block),
		TEST(a_buffer_lies_below_the_mask),
		TEST(the_last_byte_counts_against_the_mask),
		TEST(a_search_for_low_memory_ends_and_gives_everything_back),
		TEST(a_device_that_reaches_4_gib_only_gets_no_other_memory),
		TEST(a_search_that_uses_the_memory_up_says_what_it_searched_for),
		TEST(a_block_across_the_boundary_is_not_taken),
		TEST(an_open_buffer_has_a_name_in_the_ledger),
		TEST(an_alloc_that_fails_anywhere_leaves_nothing),
		TEST(an_alloc_survives_having_no_memory),
		TEST(no_buffer_is_made_for_a_device_that_is_gone),
		TEST(a_direct_buffer_is_refused_where_devices_see_a_copy),
		TEST(where_memory_is_shared_nobody_is_told),
		TEST(where_there_are_copies_every_range_is_passed_on),
		TEST(a_word_is_observed_before_each_read),
		TEST(a_word_that_never_changes_times_out),
		TEST(a_silent_device_is_asked_whether_it_is_there),
		TEST(polls_that_make_no_sense_are_refused),
		TEST(bus_mastering_is_off_before_the_last_memory_goes_back),
		TEST(memory_of_a_device_that_goes_on_is_kept_and_reported),
		TEST(memory_of_a_removed_device_goes_back),
		TEST(a_buffer_outlives_the_drivers_reference_to_the_device),
		TEST(in_a_child_of_fork_closing_only_frees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
