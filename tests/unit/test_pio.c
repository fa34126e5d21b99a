/* SPDX-License-Identifier: MIT */
/* test_pio.c - windows of I/O ports, on a world whose answers are scripted. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/pio.h>

#include "device_fixture.h"
#include "pci/pci_dev.h"

#define IO_BAR 1 /* of the fake function: ports from 0xc000, of a size nobody tells */
#define PORT   0xc000

static struct rb_pio *map(uint32_t off, uint32_t size)
{
	struct rb_pio *pio;

	assert_int_equal(rb_pio_map(dev, IO_BAR, off, size, &pio), 0);
	return pio;
}

/* --- accesses -------------------------------------------------------------------------- */

static void every_width_is_one_access(void **state)
{
	struct rb_pio *pio = map(0x10, 0x20);

	(void)state;
	w->port_val = 0x89abcdef;

	assert_int_equal(rb_pio_read8(pio, 1), 0xef);
	assert_int_equal(w->port << 4 | w->port_width, (PORT + 0x11) << 4 | 1);
	assert_int_equal(rb_pio_read16(pio, 2), 0xcdef);
	assert_int_equal(w->port << 4 | w->port_width, (PORT + 0x12) << 4 | 2);
	assert_int_equal(rb_pio_read32(pio, 0x1c), 0x89abcdef);
	assert_int_equal(w->port << 4 | w->port_width, (PORT + 0x2c) << 4 | 4);
	assert_int_equal(w->port_reads, 3);

	rb_pio_write8(pio, 1, 0x12);
	assert_int_equal(w->port << 4 | w->port_width, (PORT + 0x11) << 4 | 1);
	assert_int_equal(w->port_val, 0x12);
	rb_pio_write16(pio, 2, 0x1234);
	assert_int_equal(w->port << 4 | w->port_width, (PORT + 0x12) << 4 | 2);
	assert_int_equal(w->port_val, 0x1234);
	rb_pio_write32(pio, 4, 0x12345678);
	assert_int_equal(w->port << 4 | w->port_width, (PORT + 0x14) << 4 | 4);
	assert_int_equal(w->port_val, 0x12345678);
	assert_int_equal(w->port_writes, 3);

	assert_int_equal(rb_pio_error(pio), 0);
	rb_pio_close(pio);
}

/* What follows the window may be somebody else's register, and is never touched. */
static void past_the_window_no_port_is_touched(void **state)
{
	static const uint32_t offs[] = { 0x10, 0xf, 0xd, 0x3fff, 0x10000, UINT32_MAX };
	struct rb_pio *pio = map(0, 0x10);
	unsigned int i;

	(void)state;
	w->port_val = 0;

	for (i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		assert_int_equal(rb_pio_read32(pio, offs[i]), 0xffffffff);
		assert_true(w->port >= RBI_PORTS);
		assert_int_equal(rb_pio_error(pio), -ERANGE);
		rb_pio_write32(pio, offs[i], 1);
		assert_true(w->port >= RBI_PORTS);
		assert_int_equal(rb_pio_error(pio), -ERANGE);
	}
	assert_non_null(strstr(rb_last_error(), "0000:00:02.0 BAR1: 4 bytes at 0xffffffff of a "
						"window of 0x10: past the window"));
	rb_pio_close(pio);
}

static void a_misaligned_access_is_all_ones_and_said(void **state)
{
	struct rb_pio *pio = map(0, 0x10);

	(void)state;

	assert_int_equal(rb_pio_read16(pio, 1), 0xffff);
	assert_int_equal(rb_pio_read32(pio, 2), 0xffffffff);
	assert_int_equal(rb_pio_error(pio), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "2 bytes at 0x1 of a window of 0x10: misaligned"));
	assert_int_equal(rb_pio_error(pio), 0);
	rb_pio_close(pio);
}

static void an_access_leaves_the_threads_detail_alone(void **state)
{
	struct rb_pio *pio;

	(void)state;
	assert_int_equal(rb_pio_map(dev, IO_BAR, 0, 4, &pio), 0);
	rbi_fail(-EIO, "something else");

	rb_pio_read32(pio, 4);

	assert_string_equal(rb_last_error(), "something else");
	rb_pio_close(pio);
}

static void what_fails_below_is_said(void **state)
{
	struct rb_pio *pio = map(0, 0x10);

	(void)state;
	w->port_val = 0;
	w->port_answer = -EFAULT;

	assert_int_equal(rb_pio_read8(pio, 0), 0xff);
	assert_int_equal(rb_pio_error(pio), -EIO);
	rb_pio_write8(pio, 0, 1);
	assert_int_equal(rb_pio_error(pio), -EIO);
	assert_false(rb_pci_is_gone(dev));
	rb_pio_close(pio);
}

/* --- a device that is gone ------------------------------------------------------------- */

static void enodev_from_below_makes_the_device_gone(void **state)
{
	struct rb_pio *pio = map(0, 0x10), *more;

	(void)state;
	w->port_val = 0;
	w->port_answer = -ENODEV;

	assert_int_equal(rb_pio_read16(pio, 0), 0xffff);
	assert_int_equal(rb_pio_error(pio), -ENODEV);
	assert_true(rb_pci_is_gone(dev));
	assert_int_equal(rb_pio_map(dev, IO_BAR, 0, 4, &more), -ENODEV);
	assert_null(more);
	rb_pio_close(pio);
}

static void a_gone_device_stays_gone_and_gets_no_writes(void **state)
{
	struct rb_pio *pio = map(0, 0x10);

	(void)state;
	rbi_pci_set_gone(dev);
	w->port_val = 7;

	assert_int_equal(rb_pio_read32(pio, 0), 0xffffffff);
	rb_pio_write32(pio, 0, 1);

	assert_int_equal(rb_pio_error(pio), -ENODEV);
	assert_int_equal(w->port_writes, 0);
	rb_pio_close(pio);
}

/* Another device has come to its ports and answers there. */
static void the_successor_of_a_gone_device_is_not_taken_for_it(void **state)
{
	struct rb_pio *pio = map(0, 0x10);

	(void)state;
	w->port_val = 0x12005452;
	assert_int_equal(rb_pio_read32(pio, 4), 0x12005452);

	rbi_pci_set_gone(dev);

	assert_int_equal(rb_pio_read8(pio, 4), 0xff);
	assert_int_equal(rb_pio_read16(pio, 4), 0xffff);
	assert_int_equal(rb_pio_read32(pio, 4), 0xffffffff);
	assert_int_equal(rb_pio_error(pio), -ENODEV);
	rb_pio_close(pio);
}

static void a_strict_world_ends_a_loop_of_reads_of_what_is_gone(void **state)
{
	struct rb_pio *pio = map(0, 0x10);

	(void)state;
	rbi_pci_set_gone(dev);
	w->port_val = 0;
	assert_int_equal(rb_pio_read8(pio, 0), 0xff);

	w->port_answer = RBI_ENDS_LOOP;

	assert_int_equal(rb_pio_read8(pio, 0), 0);
	assert_int_equal(rb_pio_error(pio), -ENODEV);
	rb_pio_close(pio);
}

static void in_a_child_reads_are_all_ones(void **state)
{
	struct rb_pio *pio = map(0, 0x10), *more;
	int status;
	pid_t pid;

	(void)state;
	w->port_val = 0;
	pid = fork();
	if (pid == 0) {
		bool good;

		rb_pio_write8(pio, 0, 1);
		good = rb_pio_read8(pio, 0) == 0xff && rb_pio_error(pio) == -ENODEV &&
		       rb_pio_map(dev, IO_BAR, 0, 4, &more) == -ENODEV &&
		       rb_pio_map_ports(w->ctx, 0x60, 1, &more) == -ENODEV &&
		       w->port_reads + w->port_writes == 0;
		rb_pio_close(pio);
		_exit(good ? 0 : 1);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rb_pio_close(pio);
}

/* --- windows --------------------------------------------------------------------------- */

static void refuse(unsigned int bar, uint32_t off, uint32_t size, int code, const char *words)
{
	struct rb_pio *pio = (void *)w;

	assert_int_equal(rb_pio_map(dev, bar, off, size, &pio), code);
	assert_null(pio);
	if (!strstr(rb_last_error(), words))
		fail_msg("'%s' does not say '%s'", rb_last_error(), words);
}

static void windows_that_cannot_be_are_refused(void **state)
{
	(void)state;

	refuse(0, 0, 4, -ENOENT, "has no I/O BAR0");
	refuse(2, 0, 4, -ENOENT, "has no I/O BAR2");
	refuse(UINT32_MAX, 0, 4, -ENOENT, "has no I/O BAR");
	refuse(IO_BAR, 0x4000, 4, -ERANGE, "past its end");
	refuse(IO_BAR, 0x3ffc, 8, -ERANGE, "pass its end");
	refuse(IO_BAR, 4, UINT32_MAX, -ERANGE, "pass its end");
	if (rb_pci_bar_size(dev, IO_BAR) == 0)
		refuse(IO_BAR, 0, 0, -EINVAL, "name the size");
	assert_int_equal(rb_pio_map(NULL, 0, 0, 4, (struct rb_pio *[]){ NULL }), -EINVAL);
	assert_int_equal(rb_pio_map(dev, IO_BAR, 0, 4, NULL), -EINVAL);
	assert_int_equal(w->grants_asked, 0);
}

static void a_window_may_end_at_the_last_port(void **state)
{
	struct rb_pio *pio;

	(void)state;
	assert_int_equal(rb_pio_map_ports(w->ctx, 0xfff8, 8, &pio), 0);

	rb_pio_write32(pio, 4, 1);

	assert_int_equal(w->port, 0xfffc);
	assert_int_equal(rb_pio_size(pio), 8);
	rb_pio_close(pio);
}

static void ports_without_a_bar(void **state)
{
	struct rb_pio *pio;

	(void)state;
	assert_int_equal(rb_pio_map_ports(w->ctx, 0x61, 3, &pio), 0);
	w->port_val = 0x5a;

	assert_int_equal(rb_pio_read8(pio, 0), 0x5a);
	assert_int_equal(w->port, 0x61);
	assert_int_equal(rb_pio_read16(pio, 1), 0x5a); /* port 0x62: it is the port that counts */
	assert_int_equal(rb_pio_error(pio), 0);
	assert_int_equal(rb_pio_read16(pio, 0), 0xffff);
	assert_int_equal(rb_pio_error(pio), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "ports 0x61-0x63"));
	rb_pio_close(pio);

	assert_int_equal(rb_pio_map_ports(w->ctx, 0, 0x10000, &pio), 0);
	assert_int_equal(rb_pio_size(pio), 0x10000);
	rb_pio_close(pio);
	assert_int_equal(rb_pio_map_ports(w->ctx, 0xffff, 2, &pio), -ERANGE);
	assert_int_equal(rb_pio_map_ports(w->ctx, 1, UINT32_MAX, &pio), -ERANGE);
	assert_int_equal(rb_pio_map_ports(w->ctx, 0x60, 0, &pio), -EINVAL);
	assert_int_equal(rb_pio_map_ports(NULL, 0x60, 1, &pio), -EINVAL);
	assert_null(pio);
	assert_int_equal(rb_pio_map_ports(w->ctx, 0x60, 1, NULL), -EINVAL);
}

static void null_is_no_window(void **state)
{
	(void)state;

	assert_int_equal(rb_pio_read8(NULL, 0), 0xff);
	assert_int_equal(rb_pio_read16(NULL, 0), 0xffff);
	assert_int_equal(rb_pio_read32(NULL, 0), 0xffffffff);
	rb_pio_write8(NULL, 0, 0);
	rb_pio_write16(NULL, 0, 0);
	rb_pio_write32(NULL, 0, 0);
	assert_int_equal(rb_pio_size(NULL), 0);
	assert_int_equal(rb_pio_error(NULL), -EINVAL);
	rb_pio_close(NULL);
}

static void a_window_outlives_its_makers_references(void **state)
{
	struct rb_pio *bar = map(0, 4), *ports;
	char open[128];

	(void)state;
	assert_int_equal(rb_pio_map_ports(w->ctx, 0x60, 5, &ports), 0);
	assert_int_equal(rb_ctx_live(w->ctx, open, sizeof(open)), 3);
	assert_non_null(strstr(open, "ports 0x60-0x64"));
	assert_non_null(strstr(open, "ports of BAR1 of 0000:00:02.0"));
	rb_pci_unref(dev);
	rb_ctx_unref(w->ctx);

	rb_pio_write8(bar, 0, 1);
	rb_pio_write8(ports, 0, 1);

	assert_int_equal(w->port_writes, 2);
	rb_ctx_ref(w->ctx);
	dev = NULL;
	rb_pio_close(bar);
	rb_pio_close(ports);
}

/* --- the right to ports ------------------------------------------------------------------ */

static void a_thread_asks_once(void **state)
{
	struct rb_pio *pio = map(0, 4), *other = map(4, 4);

	(void)state;
	rb_pio_read8(pio, 0);
	rb_pio_write8(other, 0, 0);

	assert_int_equal(w->grants_asked, 1);
	assert_int_equal(w->grants, 1);
	assert_int_equal(fake_open_fds(w), 1); /* the channel */
	rb_pio_close(pio);
	rb_pio_close(other);
}

static void *read_twice(void *arg)
{
	rb_pio_read8(arg, 0);
	rb_pio_read8(arg, 0);
	return NULL;
}

static void each_thread_asks_for_itself(void **state)
{
	struct rb_pio *pio = map(0, 4);
	pthread_t thread;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(pthread_create(&thread, NULL, read_twice, pio), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}

	assert_int_equal(w->grants, 4);
	assert_int_equal(rb_pio_error(pio), 0);
	rb_pio_close(pio);
}

static void *read_with_a_detail(void *arg)
{
	rbi_fail(-EIO, "something else");
	rb_pio_read8(arg, 0);
	return strcmp(rb_last_error(), "something else") == 0 ? arg : NULL;
}

static void a_thread_that_is_refused_reads_all_ones(void **state)
{
	struct rb_pio *pio = map(0, 4);
	pthread_t thread;
	void *kept;

	(void)state;
	w->port_val = 0;
	fake_fail(w, 2, EACCES);
	assert_int_equal(pthread_create(&thread, NULL, read_with_a_detail, pio), 0);
	assert_int_equal(pthread_join(thread, &kept), 0);

	assert_ptr_equal(kept, pio);
	assert_int_equal(w->port_reads, 0);
	assert_int_equal(rb_pio_error(pio), -EACCES);
	assert_int_equal(fake_open_fds(w), 1);
	fake_fail(w, 0, 0);
	assert_int_equal(rb_pio_read8(pio, 0), 0); /* this one was not */
	rb_pio_close(pio);
}

static void every_refusal_of_a_call_is_folded_and_leaves_nothing(void **state)
{
	struct rb_pio *pio;
	unsigned int nth, i;
	int rc;

	(void)state;
	for (nth = 1; nth <= 3; nth++) {
		for (i = 0; fake_errnos[i] != 0; i++) {
			fake_fail(w, nth, fake_errnos[i]);
			w->fail_for_ever = true;
			rc = rb_pio_map(dev, IO_BAR, 0, 4, &pio);
			w->fail_for_ever = false;
			fake_fail(w, 0, 0);

			assert_true(rc < 0);
			assert_true(rbi_code_is_ours(rc));
			assert_null(pio);
			assert_non_null(strstr(rb_last_error(), "port I/O"));
			assert_int_equal(fake_open_fds(w), 1);
		}
	}
	assert_int_equal(w->grants, 0);
}

/* A system for another CPU has neither the verb nor the instructions. */
static void a_verb_that_nobody_knows_means_no_ports(void **state)
{
	struct rb_pio *pio;

	(void)state;
	fake_fail(w, 3, EINVAL);

	assert_int_equal(rb_pio_map(dev, IO_BAR, 0, 4, &pio), -ENOTSUP);
	fake_fail(w, 1, ENOTSUP);
	assert_int_equal(rb_pio_map(dev, IO_BAR, 0, 4, &pio), -ENOTSUP);

	assert_string_equal(rb_last_error(), "there is no port I/O here");
}

static void an_interruption_is_tried_again(void **state)
{
	unsigned int nth;

	(void)state;
	for (nth = 2; nth <= 3; nth++) {
		struct fake_world *other = fake_open();
		struct rb_pio *pio;

		fake_fail(other, nth, EINTR);
		assert_int_equal(rb_pio_map_ports(other->ctx, 0x60, 1, &pio), 0);
		assert_int_equal(other->grants, 1);
		rb_pio_close(pio);
		fake_close(other);
	}
}

static void a_world_gives_no_right_to_another(void **state)
{
	struct fake_world *other = fake_open();
	struct rb_pio *here = map(0, 4), *there;

	(void)state;
	assert_int_equal(rb_pio_map_ports(other->ctx, 0x60, 1, &there), 0);
	assert_int_equal(other->grants, 1);

	rb_pio_read8(here, 0);
	rb_pio_read8(there, 0);

	assert_int_equal(w->grants, 2);
	assert_int_equal(other->grants, 2);
	rb_pio_close(here);
	rb_pio_close(there);
	fake_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_width_is_one_access),
		TEST(past_the_window_no_port_is_touched),
		TEST(a_misaligned_access_is_all_ones_and_said),
		TEST(an_access_leaves_the_threads_detail_alone),
		TEST(what_fails_below_is_said),
		TEST(enodev_from_below_makes_the_device_gone),
		TEST(a_gone_device_stays_gone_and_gets_no_writes),
		TEST(the_successor_of_a_gone_device_is_not_taken_for_it),
		TEST(a_strict_world_ends_a_loop_of_reads_of_what_is_gone),
		TEST(in_a_child_reads_are_all_ones),
		TEST(windows_that_cannot_be_are_refused),
		TEST(a_window_may_end_at_the_last_port),
		TEST(ports_without_a_bar),
		TEST(null_is_no_window),
		TEST(a_window_outlives_its_makers_references),
		TEST(a_thread_asks_once),
		TEST(each_thread_asks_for_itself),
		TEST(a_thread_that_is_refused_reads_all_ones),
		TEST(every_refusal_of_a_call_is_folded_and_leaves_nothing),
		TEST(a_verb_that_nobody_knows_means_no_ports),
		TEST(an_interruption_is_tried_again),
		TEST(a_world_gives_no_right_to_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
