/* SPDX-License-Identifier: MIT */
/* test_mmio_access.c - register accesses, mapped and routed, and those that fail. */
#include "config.h"

#include <sys/wait.h>
#include <unistd.h>

#include "mmio_fixture.h"

/* --- direct access ----------------------------------------------------------------------- */

static void every_width_reads_and_writes_little_endian(void **state)
{
	struct rb_mmio *m = map(0, 64);

	(void)state;
	memcpy(bar(0), "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);

	assert_int_equal(rb_mmio_read8(m, 1), 0x23);
	assert_int_equal(rb_mmio_read16(m, 2), 0x6745);
	assert_int_equal(rb_mmio_read32(m, 4), 0xefcdab89);
	assert_int_equal(rb_mmio_read64(m, 0), 0xefcdab8967452301);
	assert_int_equal(rb_mmio_read64_lo_hi(m, 0), 0xefcdab8967452301);
	assert_int_equal(rb_mmio_read64_hi_lo(m, 0), 0xefcdab8967452301);
	rb_mmio_write8(m, 8, 0x11);
	rb_mmio_write16(m, 10, 0x2233);
	rb_mmio_write32(m, 12, 0x44556677);
	assert_memory_equal(bar(8), "\x11\x00\x33\x22\x77\x66\x55\x44", 8);
	rb_mmio_write64(m, 16, 0x0123456789abcdef);
	assert_memory_equal(bar(16), "\xef\xcd\xab\x89\x67\x45\x23\x01", 8);
	rb_mmio_write64_lo_hi(m, 24, 0x0123456789abcdef);
	rb_mmio_write64_hi_lo(m, 32, 0x0123456789abcdef);
	assert_memory_equal(bar(24), bar(16), 8);
	assert_memory_equal(bar(32), bar(16), 8);
	assert_int_equal(w->io_reads + w->io_writes, 0);
	rb_mmio_close(m);
}

/* direct is a multiple of 8; what is left of the window is reached all the same */
static void the_last_bytes_of_an_odd_window_are_its_own(void **state)
{
	struct rb_mmio *m = map(0, 15);

	(void)state;
	memset(bar(0), 0x55, 24);
	*bar(14) = 0x77;

	assert_int_equal(m->direct, 8);
	assert_int_equal(rb_mmio_read8(m, 14), 0x77);
	assert_int_equal(rb_mmio_read16(m, 12), 0x5555);
	assert_int_equal(rb_mmio_error(m), 0);
	assert_int_equal(rb_mmio_read16(m, 14), 0xffff);
	assert_int_equal(rb_mmio_error(m), -ERANGE);
	rb_mmio_write16(m, 14, 0);
	assert_int_equal(*bar(15), 0x55);
	assert_int_equal(rb_mmio_error(m), -ERANGE);
	rb_mmio_close(m);
}

static void past_the_window_reads_are_all_ones_and_writes_go_nowhere(void **state)
{
	static const uint64_t offs[] = { 64, 68, 4096, FAKE_BAR_SIZE, UINT64_MAX - 3 };
	struct rb_mmio *m = map(0, 64);
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		assert_int_equal(rb_mmio_read32(m, offs[i]), UINT32_MAX);
		assert_int_equal(rb_mmio_error(m), -ERANGE);
		rb_mmio_write32(m, offs[i], 0x12345678);
		assert_int_equal(rb_mmio_error(m), -ERANGE);
	}
	assert_int_equal(*bar(64), 0);
	rb_mmio_close(m);
}

static void the_first_failure_is_kept_and_then_forgotten(void **state)
{
	struct rb_mmio *m = map(0, 64);

	(void)state;
	rb_mmio_read32(m, 0x1234);
	rb_mmio_read16(m, 0x5000);

	assert_int_equal(rb_mmio_error(m), -ERANGE);
	assert_non_null(strstr(rb_last_error(), "BAR0: 4 bytes at 0x1234 of a window of 0x40"));
	assert_int_equal(rb_mmio_error(m), 0);
	assert_int_equal(rb_mmio_error(NULL), -EINVAL);
	rb_mmio_close(m);
}

static void null_windows_are_harmless_where_nothing_can_be_answered(void **state)
{
	(void)state;

	assert_int_equal(rb_mmio_size(NULL), 0);
	assert_int_equal(rb_mmio_cache(NULL), RB_MMIO_UC);
	assert_int_equal(rb_mmio_read8_routed(NULL, 0), 0xff);
	assert_int_equal(rb_mmio_read64_routed(NULL, 0), UINT64_MAX);
	rb_mmio_write32_routed(NULL, 0, 1);
	rb_mmio_close(NULL);
}

/* --- routed access ----------------------------------------------------------------------- */

static void a_routed_access_is_one_access_of_its_width(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	m = map(0x808, 64);

	rb_mmio_write16(m, 2, 0xbeef);
	assert_int_equal(w->io_writes, 1);
	assert_int_equal(w->io_off, 0x80a);
	assert_int_equal(w->io_width, 2);
	assert_int_equal(w->io_val, 0xbeef);
	assert_int_equal(rb_mmio_read16(m, 2), 0xbeef);
	assert_int_equal(rb_mmio_read64(m, 0), 0xbeef0000);
	assert_int_equal(w->io_width, 8);
	assert_int_equal(w->io_reads, 2);
	assert_int_equal(rb_mmio_error(m), 0);
	rb_mmio_close(m);
}

static void other_languages_may_route_every_access(void **state)
{
	struct rb_mmio *m = map(0, 64);

	(void)state;
	rb_mmio_write8_routed(m, 0, 0x11);
	rb_mmio_write16_routed(m, 2, 0x2233);
	rb_mmio_write32_routed(m, 4, 0x44556677);
	rb_mmio_write64_routed(m, 8, 0x0123456789abcdef);

	assert_int_equal(rb_mmio_read8_routed(m, 0), 0x11);
	assert_int_equal(rb_mmio_read16_routed(m, 2), 0x2233);
	assert_int_equal(rb_mmio_read32_routed(m, 4), 0x44556677);
	assert_int_equal(rb_mmio_read64_routed(m, 8), 0x0123456789abcdef);
	assert_int_equal(rb_mmio_error(m), 0);
	rb_mmio_close(m);
}

/* Half of it mapped: an access straddles nothing, each half is reached its way. */
static void a_window_may_be_direct_in_part(void **state)
{
	struct rb_mmio *m;

	(void)state;
	w->direct = 4096 + 12;
	w->route = 42;
	m = map(0, 8192);
	memset(bar(4096), 0x5a, 32);

	assert_int_equal(m->direct, 4104);
	assert_int_equal(rb_mmio_read32(m, 4104), 0x5a5a5a5a);
	assert_int_equal(w->io_reads, 0);
	assert_int_equal(rb_mmio_read64(m, 4104), 0x5a5a5a5a5a5a5a5a);
	assert_int_equal(rb_mmio_read32(m, 4108), 0x5a5a5a5a);
	assert_int_equal(w->io_reads, 2);
	assert_int_equal(rb_mmio_error(m), 0);
	rb_mmio_close(m);
}

/* What may be touched is counted from the page, not from the window. */
static void a_window_amid_a_page_knows_what_may_be_touched(void **state)
{
	struct rb_mmio *m;

	(void)state;
	w->direct = 0x808 + 16;
	w->route = 42;
	m = map(0x808, 64);

	assert_int_equal(m->direct, 16);
	rb_mmio_close(m);
	w->direct = 0x800;
	m = map(0x808, 64);
	assert_int_equal(m->direct, 0);
	rb_mmio_close(m);
}

static void a_misaligned_access_is_shown_to_the_world_below(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	m = map(0, 64);

	assert_int_equal(rb_mmio_read32(m, 2), UINT32_MAX);
	assert_int_equal(w->io_reads, 1);
	assert_int_equal(w->io_off, 2);
	assert_int_equal(rb_mmio_error(m), -EINVAL);
	rb_mmio_write16(m, 7, 1);
	assert_int_equal(w->io_writes, 1);
	assert_int_equal(rb_mmio_error(m), -EINVAL);
	rb_mmio_close(m);
}

/* The window ends within a page: what follows must not be touched by mistake. */
static void an_access_past_a_routed_window_is_shown_past_the_mapping(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	m = map(0, 64);

	assert_int_equal(rb_mmio_read32(m, 64), UINT32_MAX);
	assert_int_equal(w->io_reads, 1);
	assert_int_equal(w->io_off, 4096);
	assert_int_equal(rb_mmio_error(m), -ERANGE);
	rb_mmio_write32(m, 0x100000, 1);
	assert_int_equal(w->io_off, 0x100000);
	rb_mmio_write64(m, UINT64_MAX - 7, 1);
	assert_true(w->io_off > UINT64_MAX - 8);
	assert_int_equal(rb_mmio_error(m), -ERANGE);
	rb_mmio_close(m);
}

static void a_device_that_goes_reads_all_ones_and_is_gone(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	m = map(0, 64);
	w->io_answer = -ENODEV;

	assert_int_equal(rb_mmio_read8(m, 0), 0xff);

	assert_true(rb_pci_is_gone(dev));
	assert_int_equal(rb_mmio_error(m), -ENODEV);
	/* reads still reach the world below, which may end a loop of them; writes do not */
	assert_int_equal(rb_mmio_read64(m, 0), UINT64_MAX);
	rb_mmio_write32(m, 0, 1);
	assert_int_equal(w->io_reads, 2);
	assert_int_equal(w->io_writes, 0);
	rb_mmio_close(m);
}

static void a_write_notices_that_the_device_is_gone(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	m = map(0, 64);
	w->io_answer = -ENODEV;

	rb_mmio_write32(m, 0, 1);

	assert_true(rb_pci_is_gone(dev));
	assert_int_equal(rb_mmio_error(m), -ENODEV);
	rb_mmio_close(m);
}

static void a_machine_that_fails_is_remembered_as_such(void **state)
{
	static const int answers[] = { -EIO, -ENOTSUP, -ETIMEDOUT, -999 };
	struct rb_mmio *m;
	size_t i;

	(void)state;
	route_everything();
	m = map(0, 64);

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		w->io_answer = answers[i];
		assert_int_equal(rb_mmio_read32(m, 0), UINT32_MAX);
		assert_int_equal(rb_mmio_error(m), -EIO);
	}
	rb_mmio_close(m);
}

static void no_window_opens_on_a_device_that_is_gone(void **state)
{
	struct rb_mmio *m;
	uint32_t id;

	(void)state;
	w->removed = true;
	assert_int_equal(rb_pci_config_read32(dev, 0, &id), -ENODEV);

	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, 0, &m), -ENODEV);
	assert_null(m);
}

static void in_a_child_of_fork_a_routed_window_is_dead(void **state)
{
	struct rb_mmio *m, *other;
	int status;
	pid_t pid;

	(void)state;
	route_everything();
	m = map(0, 64);
	rb_mmio_write32(m, 0, 7);

	pid = fork();
	if (pid == 0) {
		int good = rb_mmio_read32(m, 0) == UINT32_MAX && rb_mmio_error(m) == -ENODEV &&
			   w->io_reads == 0 && rb_mmio_copy_to(m, 0, "a", 1) == -ENODEV &&
			   rb_mmio_poll32(m, 0, 1, 1, 0, NULL) == -ENODEV &&
			   rb_mmio_map(dev, 0, 0, 0, 0, &other) == -ENODEV;

		rb_mmio_close(m);
		_exit(good && w->maps == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);

	assert_int_equal(status, 0);
	rb_mmio_close(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_width_reads_and_writes_little_endian),
		TEST(the_last_bytes_of_an_odd_window_are_its_own),
		TEST(past_the_window_reads_are_all_ones_and_writes_go_nowhere),
		TEST(the_first_failure_is_kept_and_then_forgotten),
		TEST(null_windows_are_harmless_where_nothing_can_be_answered),
		TEST(a_routed_access_is_one_access_of_its_width),
		TEST(other_languages_may_route_every_access),
		TEST(a_window_may_be_direct_in_part),
		TEST(a_window_amid_a_page_knows_what_may_be_touched),
		TEST(a_misaligned_access_is_shown_to_the_world_below),
		TEST(an_access_past_a_routed_window_is_shown_past_the_mapping),
		TEST(a_device_that_goes_reads_all_ones_and_is_gone),
		TEST(a_write_notices_that_the_device_is_gone),
		TEST(a_machine_that_fails_is_remembered_as_such),
		TEST(no_window_opens_on_a_device_that_is_gone),
		TEST(in_a_child_of_fork_a_routed_window_is_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
