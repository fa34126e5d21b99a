/* SPDX-License-Identifier: MIT */
/* test_dma_quarantine.c - memory whose device could not be shown to be quiet, and when it
 * goes back. */
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

#include "device_fixture.h"

static char lines[1024];

static void remember(void *arg, enum rb_log_level level, const char *message)
{
	size_t len = strlen(lines);

	(void)arg;
	(void)level;
	snprintf(lines + len, sizeof(lines) - len, "%s\n", message);
}

/* A buffer of 8192 bytes was closed while the device went on. */
static void keep_one(void)
{
	struct rb_dma_buf *buf;

	assert_int_equal(rb_dma_alloc(dev, 8192, NULL, &buf), 0);
	w->stuck_master = true;
	rb_dma_close(buf);
	assert_int_equal(fake_blocks(w), 1);
	assert_int_equal(w->ctx->os->quarantined, 8192);
}

static struct rb_dma_stats stats(void)
{
	struct rb_dma_stats s = RB_DMA_STATS_INIT;

	assert_int_equal(rb_dma_stats_read(dev, &s), 0);
	return s;
}

static void a_later_close_that_shows_silence_gives_it_back(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	lines[0] = '\0';
	rb_ctx_set_log(w->ctx, RB_LOG_INFO, remember, NULL);
	keep_one();
	assert_int_equal(stats().quarantined, 8192);
	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &buf), 0);
	rb_dma_close(buf);
	assert_int_equal(stats().quarantined, 8192 + 4096); /* it went on */

	assert_int_equal(rb_dma_alloc(dev, 1, NULL, &buf), 0);
	w->stuck_master = false;
	rb_dma_close(buf);

	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(stats().quarantined, 0);
	assert_int_equal(stats().quarantine_freed, 8192 + 4096);
	assert_int_equal(w->ctx->os->quarantined, 0);
	assert_non_null(strstr(lines, "8192 bytes are kept until it is, 8192 in all"));
	assert_non_null(strstr(lines, "4096 bytes are kept until it is, 12288 in all"));
	assert_non_null(strstr(lines, "0000:00:02.0 is quiet: 8192 bytes of DMA memory go back"));
}

static void switching_bus_mastering_off_gives_it_back_once_it_is_off(void **state)
{
	(void)state;
	keep_one();

	assert_int_equal(rb_pci_set_bus_master(dev, false), 0); /* the register does not take it */
	assert_int_equal(fake_blocks(w), 1);
	assert_int_equal(rb_pci_set_bus_master(dev, true), 0);
	assert_int_equal(fake_blocks(w), 1);
	w->stuck_master = false;
	assert_int_equal(rb_pci_set_bus_master(dev, false), 0);

	assert_int_equal(fake_blocks(w), 0);
}

static void the_devices_last_reference_gives_it_back(void **state)
{
	(void)state;
	keep_one();
	w->stuck_master = false;

	rb_pci_unref(dev);

	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(w->ctx->os->quarantined, 0);
	dev = fake_device(w);
}

static void a_removed_device_gives_it_back(void **state)
{
	uint32_t id;

	(void)state;
	keep_one();
	w->removed = true;

	assert_int_equal(rb_pci_config_read32(dev, 0, &id), -ENODEV);

	assert_int_equal(fake_blocks(w), 0);
}

/* Said between the failure to show silence and the wish to hear of it. */
static void remove_it(void *arg, enum rb_log_level level, const char *message)
{
	uint32_t id;

	(void)arg;
	(void)level;
	if (w->removed || !strstr(message, "bytes are kept until it is"))
		return;
	w->removed = true;
	(void)rb_pci_config_read32(dev, 0, &id);
}

static void a_device_removed_while_its_memory_is_put_aside_gives_it_back(void **state)
{
	struct rb_dma_buf *buf;

	(void)state;
	rb_ctx_set_log(w->ctx, RB_LOG_ERROR, remove_it, NULL);
	assert_int_equal(rb_dma_alloc(dev, 8192, NULL, &buf), 0);
	w->stuck_master = true;

	rb_dma_close(buf);

	assert_true(w->removed);
	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(stats().quarantine_freed, 8192);
	assert_int_equal(w->ctx->os->quarantined, 0);
}

#define CAPS	0x34 /* offset of the first capability */
#define EXPRESS 0x40 /* and where it is put (PCIe 6.0, 7.5.3) */
#define CAN_FLR (UINT32_C(1) << 28) /* of device capabilities, behind it */

static void a_reset_gives_it_back(void **state)
{
	(void)state;
	keep_one();
	w->config[1] |= 0x100000; /* there are capabilities; fakes forget it with any write */
	w->config[CAPS / 4] = EXPRESS;
	w->config[EXPRESS / 4] = 0x00020010;
	w->config[EXPRESS / 4 + 1] = CAN_FLR;

	/* bus mastering reads as on all the while, but all addresses are forgotten */
	assert_int_equal(rb_pci_reset(dev), 0);

	assert_int_equal(fake_blocks(w), 0);
	assert_int_equal(stats().quarantined, 0);
	assert_int_equal(stats().quarantine_freed, 8192);
}

static void a_reset_that_fails_gives_nothing_back(void **state)
{
	(void)state;
	keep_one();

	assert_int_equal(rb_pci_reset(dev), -ENOTSUP); /* it has none */

	assert_int_equal(fake_blocks(w), 1);
	assert_int_equal(stats().quarantined, 8192);
	w->stuck_master = false;
	assert_int_equal(rb_pci_set_bus_master(dev, false), 0);
}

static void nothing_is_asked_of_a_device_that_keeps_nothing(void **state)
{
	struct rb_dma_buf *buf;
	unsigned int calls;

	(void)state;
	w->calls = 0;
	assert_int_equal(rb_pci_set_bus_master(dev, false), 0);
	calls = w->calls;
	assert_int_equal(rb_dma_alloc(dev, 1, NULL, &buf), 0);
	rb_dma_close(buf);
	w->calls = 0;
	assert_int_equal(rb_pci_set_bus_master(dev, false), 0);

	assert_int_equal(w->calls, calls);
}

static void what_is_never_shown_to_be_quiet_is_never_given_back(void **state)
{
	unsigned int i;

	(void)state;
	keep_one();

	rb_pci_unref(dev);

	assert_int_equal(fake_blocks(w), 1);
	assert_int_equal(w->ctx->os->quarantined, 8192);
	for (i = 0; i < FAKE_BLOCKS; i++) /* what the end of a process does */
		if (w->blocks[i].cpu)
			w->sys.ops->munmap(&w->sys, w->blocks[i].cpu, w->blocks[i].len);
	w->stuck_master = false;
	dev = fake_device(w);
}

static void in_a_child_of_fork_nothing_is_given_back(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	keep_one();

	pid = fork();
	if (pid == 0) {
		w->stuck_master = false;
		rb_pci_unref(dev);
		_exit(fake_blocks(w) == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);

	assert_int_equal(status, 0);
	w->stuck_master = false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_later_close_that_shows_silence_gives_it_back),
		TEST(switching_bus_mastering_off_gives_it_back_once_it_is_off),
		TEST(the_devices_last_reference_gives_it_back),
		TEST(a_removed_device_gives_it_back),
		TEST(a_device_removed_while_its_memory_is_put_aside_gives_it_back),
		TEST(a_reset_gives_it_back),
		TEST(a_reset_that_fails_gives_nothing_back),
		TEST(nothing_is_asked_of_a_device_that_keeps_nothing),
		TEST(what_is_never_shown_to_be_quiet_is_never_given_back),
		TEST(in_a_child_of_fork_nothing_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
