/* SPDX-License-Identifier: MIT */
/*
 * test_mock_strict.c - the mock's strictness: the watchdog, how violations are
 * kept, and what a child of fork() may do.
 */
#include "mock_fixture.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void open_plain(struct rig *rig, const char *machine, struct rb_mock_dev **dev)
{
	rig_open(rig, machine);
	*dev = plug(rig, plain_build, NULL);
}

static void do_nothing(struct rb_mock_dev *dev, void *arg)
{
	(void)dev;
	(void)arg;
}

/* --- the watchdog ------------------------------------------------------------------------ */

static void a_register_polled_for_ever_is_named_and_poisoned(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	uint64_t bar, n;

	(void)state;
	open_plain(&rig, "mock:watchdog=100", &dev);
	bar = bar_of(&rig, rb_mock_addr(dev), 0);
	rb_mock_poke(dev, 0, 0x24, 4, 2);

	for (n = 1; (mem_read(&rig, bar + 0x24, 4) & 1) == 0; n++)
		assert_true(n < 1000);
	assert_int_equal(n, 100);
	assert_violation(&rig, "register 0x24 of BAR0 was read 100 times");
	for (n = 1; (mem_read(&rig, bar + 0x24, 4) & 2) != 0; n++)
		assert_true(n < 1000);

	assert_int_equal(n, 100);
	assert_int_equal(mem_read(&rig, bar + 0x20, 4), 0);
	assert_int_equal(mem_read(&rig, bar + 0x24, 4), 2);
	rig_close_clean(&rig);
}

static void progress_of_any_kind_calms_the_watchdog(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	unsigned int n;
	uint64_t bar;

	(void)state;
	open_plain(&rig, "mock:watchdog=3", &dev);
	bar = bar_of(&rig, rb_mock_addr(dev), 0);

	for (n = 0; n < 10; n++) {
		mem_read(&rig, bar, 4);
		mem_read(&rig, bar, 4);
		mem_write(&rig, bar + 8, 4, n);
		mem_read(&rig, bar, 4);
		rb_mock_after(dev, 1500, do_nothing, NULL);
		mem_read(&rig, bar, 4);
		mem_read(&rig, bar, 4);
		mem_read(&rig, bar + 4, 4);
	}

	rig_close_clean(&rig);
}

static void a_buffer_observed_for_ever_is_named(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;
	struct dma dma;
	unsigned int n;

	(void)state;
	open_plain(&rig, "mock:watchdog=50", &dev);
	dma_open(&rig, &dma);

	for (n = 0; n < 120; n++)
		observe(&rig, &dma, 0, 4);

	assert_violation(&rig, "the DMA buffer at bus address 0x1000000 was observed 50 times");
	dma_close(&rig, &dma);
	rig_close_clean(&rig);
}

static void at_once(struct rb_mock_dev *dev, void *arg)
{
	rb_mock_after(dev, 0, at_once, arg);
}

static void an_event_that_schedules_itself_at_once_is_ended(void **state)
{
	struct rb_mock_dev *dev;
	struct rig rig;

	(void)state;
	open_plain(&rig, "mock", &dev);
	rb_mock_after(dev, 1, at_once, NULL);

	rb_mock_advance(rig.ctx, 10);

	assert_violation(&rig, "events without time passing");
	rig_close_clean(&rig);
}

/* --- violations ------------------------------------------------------------------------------ */

static void hear(void *arg, const char *sentence)
{
	assert_non_null(strstr(sentence, "number"));
	++*(unsigned int *)arg;
}

static void all_violations_are_counted_and_the_first_256_kept(void **state)
{
	struct rb_mock_dev *dev;
	unsigned int i, heard = 0;
	char text[64];
	struct rig rig;

	(void)state;
	open_plain(&rig, "mock", &dev);
	assert_int_equal(rb_mock_on_violation(rig.ctx, hear, &heard), 0);

	for (i = 0; i < 300; i++)
		rb_mock_violation(dev, "number %u", i);

	assert_int_equal(rb_mock_verify(rig.ctx), 300);
	assert_int_equal(heard, 300);
	snprintf(text, sizeof(text), "device at 00:01.0: number %u", 255);
	assert_string_equal(rb_mock_violation_text(rig.ctx, 255), text);
	assert_null(rb_mock_violation_text(rig.ctx, 256));
	rb_mock_clear(rig.ctx);
	assert_int_equal(rb_mock_verify(rig.ctx), 0);
	assert_null(rb_mock_violation_text(rig.ctx, 0));
	rig_close_clean(&rig);
}

static void the_hosted_schemes_can_complain_too(void **state)
{
	char words[600];
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");
	memset(words, 'w', sizeof(words));
	words[599] = '\0';

	rig.m->ops->violation(rig.m, words);

	assert_int_equal(rb_mock_verify(rig.ctx), 1);
	assert_int_equal(strlen(rb_mock_violation_text(rig.ctx, 0)), 255);
	rb_mock_clear(rig.ctx);
	rig_close_clean(&rig);
}

/* --- fork ---------------------------------------------------------------------------------------- */

static void count_removal(struct rb_mock_dev *dev, void *arg)
{
	(void)dev;
	++*(int *)arg;
}

static int build_counting(struct rb_mock_dev *dev, void *arg)
{
	plain_build(dev, NULL);
	return rb_mock_on_remove(dev, count_removal, arg);
}

static void in_a_child_of_fork_calls_are_refused_and_no_hook_runs(void **state)
{
	int removed = 0, status, bad = 0;
	struct rig rig;
	pid_t child;

	(void)state;
	rig_open(&rig, "mock");
	plug(&rig, build_counting, &removed);

	child = fork();
	if (child == 0) {
		bad |= rb_mock_advance(rig.ctx, 1) != -ENODEV;
		bad |= (rb_mock_find(rig.ctx, NULL, 0) != NULL) << 1;
		rig.m->ops->destroy(rig.m, true);
		bad |= (removed != 0) << 2;
		_exit(bad);
	}

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	rig_close_clean(&rig);
	assert_int_equal(removed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_register_polled_for_ever_is_named_and_poisoned),
		cmocka_unit_test(progress_of_any_kind_calms_the_watchdog),
		cmocka_unit_test(a_buffer_observed_for_ever_is_named),
		cmocka_unit_test(an_event_that_schedules_itself_at_once_is_ended),
		cmocka_unit_test(all_violations_are_counted_and_the_first_256_kept),
		cmocka_unit_test(the_hosted_schemes_can_complain_too),
		cmocka_unit_test(in_a_child_of_fork_calls_are_refused_and_no_hook_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
