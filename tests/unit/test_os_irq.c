/* SPDX-License-Identifier: MIT */
/* test_os_irq.c - lib/os: irq files, vectors and their pool, event queues, alarms, clock. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_irq.h"
#include "os/os_event.h"
#include "os/os_irq.h"
#include "os/os_time.h"

#define MS 1000000

static int start(void **state)
{
	*state = fake_new(NULL);
	return 0;
}

static int stop(void **state)
{
	fake_free(*state);
	return 0;
}

static struct rbi_os *os_of(struct fake *f)
{
	return f->ctx->os;
}

/* --- messages -------------------------------------------------------------------------------- */

static void a_message_is_composed_as_redox_wants_it(void **state)
{
	struct rbi_msi_message message;

	(void)state;

	assert_int_equal(rbi_msi_compose(0, 18, &message), 0);
	assert_true(message.addr == 0xfee00000);
	assert_int_equal(message.data, 0x32);

	assert_int_equal(rbi_msi_compose(0, 222, &message), 0);
	assert_true(message.addr == 0xfee00000);
	assert_int_equal(message.data, 0xfe);

	assert_int_equal(rbi_msi_compose(3, 16, &message), 0);
	assert_true(message.addr == 0xfee03000);
	assert_int_equal(message.data, 0x30);

	assert_int_equal(rbi_msi_compose(255, 100, &message), 0);
	assert_true(message.addr == 0xfeeff000);
	assert_int_equal(message.data, 0x84);
}

static void legacy_lines_and_numbers_past_the_table_have_no_message(void **state)
{
	struct rbi_msi_message message;

	(void)state;

	assert_int_equal(rbi_msi_compose(0, 15, &message), -EINVAL);
	assert_int_equal(rbi_msi_compose(0, 224, &message), -EINVAL);
	assert_int_equal(rbi_msi_compose(0, UINT32_MAX, &message), -EINVAL);
	assert_int_equal(rbi_msi_compose(256, 18, &message), -EINVAL);
}

/* --- lines ----------------------------------------------------------------------------------- */

static void a_line_is_opened_by_its_number(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;

	assert_int_equal(rbi_irq_open_line(os_of(f), 11, &irq), 0);
	assert_int_equal(irq->n, 11);
	assert_false(irq->is_message);
	assert_int_equal(fake_open_files(f, FAKE_IRQ), 1);

	rbi_irq_release(os_of(f), irq, true);
	assert_int_equal(fake_open_files(f, FAKE_IRQ), 0);
}

static void a_line_above_15_is_refused_before_the_system_is_asked(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;

	fake_count_calls(f);
	assert_int_equal(rbi_irq_open_line(os_of(f), 16, &irq), -ENOTSUP);
	assert_null(irq);
	assert_int_equal(f->calls_in_all, 0);
}

static void a_line_that_is_not_there_is_not_supported(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;

	f->no_line = true;
	assert_int_equal(rbi_irq_open_line(os_of(f), 11, &irq), -ENOTSUP);
	assert_null(irq);
}

static void without_permission_a_line_is_refused(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;

	fake_fail_at(f, 1, -EACCES);
	assert_int_equal(rbi_irq_open_line(os_of(f), 11, &irq), -EACCES);
}

/* --- the counter ----------------------------------------------------------------------------- */

static void a_counter_is_read_until_it_is_given_back(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;
	uint64_t total = 77;

	assert_int_equal(rbi_irq_open_line(os_of(f), 9, &irq), 0);
	assert_int_equal(rbi_irq_read(os_of(f), irq, &total), 0);
	assert_int_equal(total, 77);

	fake_raise(f, 9);
	assert_int_equal(rbi_irq_read(os_of(f), irq, &total), 1);
	assert_int_equal(total, 1);
	assert_int_equal(rbi_irq_read(os_of(f), irq, &total), 1);

	assert_int_equal(rbi_irq_give_back(os_of(f), irq, 1), 1);
	assert_int_equal(rbi_irq_read(os_of(f), irq, &total), 0);
	rbi_irq_release(os_of(f), irq, true);
}

static void giving_back_an_old_value_changes_nothing(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;
	uint64_t total;

	assert_int_equal(rbi_irq_open_line(os_of(f), 9, &irq), 0);
	fake_raise(f, 9);
	fake_raise(f, 9);

	assert_int_equal(rbi_irq_give_back(os_of(f), irq, 1), 0);
	assert_int_equal(rbi_irq_read(os_of(f), irq, &total), 1);
	assert_int_equal(total, 2);
	rbi_irq_release(os_of(f), irq, true);
}

static void a_counter_of_another_length_makes_no_sense(void **state)
{
	static const ssize_t lengths[] = { 1, 4, 7, 9, 1 << 20 };
	struct fake *f = *state;
	struct rbi_irq *irq;
	uint64_t total = 5;
	size_t i;

	assert_int_equal(rbi_irq_open_line(os_of(f), 9, &irq), 0);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		f->read_is_scripted = true;
		f->read_answer = lengths[i];
		assert_int_equal(rbi_irq_read(os_of(f), irq, &total), -EPROTO);
		assert_int_equal(total, 5);

		f->write_is_scripted = true;
		f->write_answer = lengths[i];
		assert_int_equal(rbi_irq_give_back(os_of(f), irq, 5), -EPROTO);
	}
	rbi_irq_release(os_of(f), irq, true);
}

static void an_interruption_is_not_the_answer_of_a_counter(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;
	uint64_t total;

	assert_int_equal(rbi_irq_open_line(os_of(f), 9, &irq), 0);
	fake_raise(f, 9);

	fake_fail_at(f, 1, -EINTR);
	assert_int_equal(rbi_irq_read(os_of(f), irq, &total), 1);
	fake_fail_at(f, 1, -EINTR);
	assert_int_equal(rbi_irq_give_back(os_of(f), irq, total), 1);
	rbi_irq_release(os_of(f), irq, true);
}

/* --- vectors --------------------------------------------------------------------------------- */

/* A vector on the boot processor. */
static int open_one(struct rbi_os *os, struct rbi_irq **irq)
{
	const struct rbi_irq_want one = { .min = 1, .max = 1 };
	int rc;

	*irq = NULL;
	rc = rbi_irq_open_vectors(os, &one, irq);

	return rc == 1 ? 0 : rc;
}

static struct rbi_irq *open_vector(struct fake *f)
{
	struct rbi_irq *irq;

	assert_int_equal(open_one(os_of(f), &irq), 0);
	assert_true(irq->is_message);
	return irq;
}

static void the_lowest_free_vector_is_reserved(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq = open_vector(f);

	assert_int_equal(irq->n, 18);
	assert_int_equal(irq->cpu, 0);
	assert_true(f->is_reserved[18]);
	rbi_irq_release(os_of(f), irq, true);
}

static void a_vector_that_somebody_took_meanwhile_is_passed_over(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;

	f->is_stolen[18] = true; /* EEXIST */
	f->is_vanished[19] = true; /* ENOENT */
	irq = open_vector(f);
	assert_int_equal(irq->n, 20);
	rbi_irq_release(os_of(f), irq, true);
}

static void names_that_are_no_vectors_are_never_opened(void **state)
{
	static const char *const names[] = { "5",   "15",   "0",	   "016", "224",
					     "255", "1000", "4294967314",  "-18", "+18",
					     "18 ", "abc",  "18/affinity", "" };
	struct fake *f = *state;
	struct rbi_irq *irq;
	size_t i;
	int n;

	for (n = 0; n < 256; n++)
		f->is_reserved[n] = true;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		f->extra_name = names[i];
		fake_count_calls(f);
		assert_int_equal(open_one(os_of(f), &irq), -ENOMEM);
		assert_null(irq);
		assert_int_equal(f->calls[FAKE_OPEN], i == 0 ? 1 : 0); /* bsp, asked for once */
	}
}

static void only_the_cpu_that_is_listed_is_named(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;

	f->boot_cpu = 0x0a;
	f->cpu_name = "cpu-0a";
	irq = open_vector(f);
	assert_int_equal(irq->cpu, 10);
	rbi_irq_release(os_of(f), irq, true);
	assert_false(f->has_panicked);
}

static void a_boot_processor_that_is_not_listed_offers_no_vectors(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;

	f->boot_cpu = 1;
	assert_int_equal(open_one(os_of(f), &irq), -ENOTSUP);
	assert_false(f->has_panicked);
}

static void a_boot_processor_past_two_digits_makes_no_sense(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;

	f->boot_cpu = 0x100;
	assert_int_equal(open_one(os_of(f), &irq), -EPROTO);
}

static void when_all_vectors_are_taken_there_is_no_memory_for_another(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;
	int n;

	for (n = 0; n < 256; n++)
		f->is_stolen[n] = true;
	assert_int_equal(open_one(os_of(f), &irq), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "vector"));
}

static void a_vector_comes_back_from_the_pool_with_its_handle(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *first = open_vector(f), *second = open_vector(f), *again;

	assert_int_equal(second->n, 19);
	rbi_irq_release(os_of(f), first, true);
	assert_int_equal(fake_open_files(f, FAKE_IRQ), 2);

	fake_count_calls(f);
	again = open_vector(f);
	assert_int_equal(again->n, 18);
	assert_int_equal(f->calls_in_all, 0);

	rbi_irq_release(os_of(f), again, true);
	rbi_irq_release(os_of(f), second, true);
}

static void a_vector_that_may_still_be_hit_is_not_handed_out_again(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq = open_vector(f);

	rbi_irq_release(os_of(f), irq, false);
	assert_int_equal(fake_open_files(f, FAKE_IRQ), 0);

	irq = open_vector(f);
	assert_int_equal(irq->n, 19);
	rbi_irq_release(os_of(f), irq, true);
}

static void the_pool_of_redox_itself_outlives_a_context(void **state)
{
	struct fake *f = fake_new("/some/root"), *g;
	struct rbi_irq *irq = open_vector(f);
	int handle = irq->handle;

	(void)state;
	rbi_irq_release(os_of(f), irq, true);
	fake_free(f);

	/* given: another context of the same root, and one of another */
	g = fake_new("/some/root");
	irq = open_vector(g);
	assert_int_equal(irq->handle, handle);
	assert_int_equal(g->calls_in_all, 0);
	rbi_irq_release(os_of(g), irq, true);
	fake_free(g);

	g = fake_new("/another/root");
	rbi_irq_release(os_of(g), open_vector(g), true);
	assert_true(g->is_reserved[18]);
	fake_free(g);
}

static void a_child_does_not_use_the_vectors_of_its_parent(void **state)
{
	struct fake *f = fake_new("/forked"), *g;
	struct rbi_irq *irq;
	int status;
	pid_t pid;

	(void)state;
	rbi_irq_release(os_of(f), open_vector(f), true);

	pid = fork();
	if (pid == 0) {
		g = fake_new("/forked");
		if (open_one(os_of(g), &irq) < 0)
			_exit(1);
		status = g->is_reserved[18] ? 0 : 2;
		rbi_irq_release(os_of(g), irq, true);
		fake_free(g);
		fake_free(f);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fake_free(f);
}

static void every_refusal_while_a_vector_is_opened_is_reported_and_leaks_nothing(void **state)
{
	static const int errors[] = { -EMFILE, -EACCES, -ENODEV, -EINVAL, -EPERM, -EIO, -4711 };
	struct fake *f = *state;
	struct rbi_irq *irq;
	unsigned int n, i;
	int rc;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (n = 1;; n++) {
			fake_fail_at(f, n, errors[i]);
			rc = open_one(os_of(f), &irq);
			if (!f->failed)
				break;
			assert_true(rc < 0 && rbi_code_is_ours(rc));
			assert_null(irq);
			assert_int_equal(fake_open_handles(f), 0);
		}
		assert_int_equal(rc, 0);
		assert_true(n >= 4); /* two lists and the vector; bsp, which is asked for once */
		f->fail_at = 0;
		rbi_irq_release(os_of(f), irq, false);
	}
}

static void without_memory_no_vector_is_reserved(void **state)
{
	struct fake *f = *state;
	struct rbi_irq *irq;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		rbi_alloc_fail_at(n);
		rc = open_one(os_of(f), &irq);
		rbi_alloc_fail_at(0);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
		assert_int_equal(fake_open_handles(f), 0);
		assert_false(f->is_reserved[18]);
	}
	assert_true(n > 4);
	assert_int_equal(irq->n, 18);
	rbi_irq_release(os_of(f), irq, true);
}

/* --- queues ---------------------------------------------------------------------------------- */

static void a_queue_hands_out_what_was_posted(void **state)
{
	struct fake *f = *state;
	struct rbi_event events[4];
	struct rbi_irq *irq;
	int queue;

	assert_int_equal(rbi_irq_open_line(os_of(f), 9, &irq), 0);
	queue = rbi_queue_open(os_of(f), 0);
	assert_true(queue >= 0);
	assert_int_equal(rbi_queue_add(os_of(f), queue, irq->handle, RBI_EVENT_READ, 42), 0);

	fake_raise(f, 9);
	fake_raise(f, 9);
	assert_int_equal(rbi_queue_read(os_of(f), queue, events, 4), 2);
	assert_int_equal(events[1].id, irq->handle);
	assert_int_equal(events[1].flags, RBI_EVENT_READ);
	assert_int_equal(events[1].data, 42);

	rbi_queue_remove(os_of(f), queue, irq->handle, 42);
	assert_int_equal(fake_watched(f, FAKE_IRQ), 0);
	rbi_os_close(os_of(f), queue);
	rbi_irq_release(os_of(f), irq, true);
}

static void what_is_no_descriptor_cannot_be_watched(void **state)
{
	struct fake *f = *state;
	int queue = rbi_queue_open(os_of(f), 0);

	assert_int_equal(rbi_queue_add(os_of(f), queue, 4711, RBI_EVENT_READ, 0), -EINVAL);
	rbi_os_close(os_of(f), queue);
}

static void a_queue_that_does_not_block_may_be_empty(void **state)
{
	struct fake *f = *state;
	struct rbi_event event;
	int queue = rbi_queue_open(os_of(f), RBI_O_NONBLOCK);

	rbi_fail(-EIO, "before");
	assert_int_equal(rbi_queue_read(os_of(f), queue, &event, 1), 0);
	assert_string_equal(rb_last_error(), "before");
	rbi_os_close(os_of(f), queue);
}

static void an_interruption_is_an_empty_answer_of_a_queue(void **state)
{
	struct fake *f = *state;
	struct rbi_event event;
	int queue = rbi_queue_open(os_of(f), 0);

	fake_fail_at(f, 1, -EINTR);
	assert_int_equal(rbi_queue_read(os_of(f), queue, &event, 1), 0);
	rbi_os_close(os_of(f), queue);
}

static void an_answer_that_is_no_whole_number_of_records_makes_no_sense(void **state)
{
	static const ssize_t lengths[] = { 0, 1, 23, 25, 47, 72, 1 << 30 };
	struct fake *f = *state;
	struct rbi_event events[2];
	int queue = rbi_queue_open(os_of(f), 0);
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		f->read_is_scripted = true;
		f->read_answer = lengths[i];
		assert_int_equal(rbi_queue_read(os_of(f), queue, events, 2), -EPROTO);
	}
	rbi_os_close(os_of(f), queue);
}

static void half_a_record_taken_makes_no_sense(void **state)
{
	struct fake *f = *state;
	int queue = rbi_queue_open(os_of(f), 0);

	f->write_is_scripted = true;
	f->write_answer = 12;
	assert_int_equal(rbi_queue_add(os_of(f), queue, queue, RBI_EVENT_READ, 0), -EPROTO);
	rbi_os_close(os_of(f), queue);
}

/* --- time ------------------------------------------------------------------------------------ */

static void an_alarm_comes_at_its_time_and_not_before(void **state)
{
	struct fake *f = *state;
	struct rbi_event event;
	int queue = rbi_queue_open(os_of(f), RBI_O_NONBLOCK);
	int alarm = rbi_alarm_open(os_of(f));
	int64_t when = rbi_time_now(os_of(f)) + 2500 * (int64_t)MS; /* in another second */

	assert_int_equal(rbi_queue_add(os_of(f), queue, alarm, RBI_EVENT_READ, 7), 0);
	assert_int_equal(rbi_alarm_arm(os_of(f), alarm, when), 0);

	fake_pass(f, 2500 * (int64_t)MS - 1);
	assert_int_equal(rbi_queue_read(os_of(f), queue, &event, 1), 0);
	fake_pass(f, 1);
	assert_int_equal(rbi_queue_read(os_of(f), queue, &event, 1), 1);
	assert_int_equal(event.data, 7);

	rbi_os_close(os_of(f), queue);
	rbi_os_close(os_of(f), alarm);
}

static void an_alarm_for_the_past_comes_at_once(void **state)
{
	struct fake *f = *state;
	struct rbi_event events[2];
	int queue = rbi_queue_open(os_of(f), RBI_O_NONBLOCK);
	int alarm = rbi_alarm_open(os_of(f));

	assert_int_equal(rbi_queue_add(os_of(f), queue, alarm, RBI_EVENT_READ, 7), 0);
	assert_int_equal(rbi_alarm_arm(os_of(f), alarm, 0), 0);
	assert_int_equal(rbi_alarm_arm(os_of(f), alarm, INT64_MIN), 0);
	assert_int_equal(rbi_queue_read(os_of(f), queue, events, 2), 2);

	rbi_os_close(os_of(f), queue);
	rbi_os_close(os_of(f), alarm);
}

static void the_clock_of_a_context_is_its_machines(void **state)
{
	struct fake *f = *state;

	assert_int_equal(rb_time_ns(f->ctx), 1000000000);
	rb_delay_us(f->ctx, 5);
	assert_int_equal(rb_time_ns(f->ctx), 1000005000);
	assert_int_equal(rb_time_ns(NULL), 0);
	rb_delay_us(NULL, 5);
	assert_int_equal(rb_time_ns(f->ctx), 1000005000);
}

static void a_delay_has_a_longest(void **state)
{
	struct fake *f = *state;

	rb_delay_us(f->ctx, UINT64_MAX);
	assert_true(rb_time_ns(f->ctx) == 1000000000 + 1000000000000000ull);
}

static void a_child_has_no_clock(void **state)
{
	struct fake *f = *state;

	f->ctx->pid++;
	assert_int_equal(rb_time_ns(f->ctx), 0);
	rb_delay_us(f->ctx, 5);
	f->ctx->pid--;
	assert_int_equal(rb_time_ns(f->ctx), 1000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_composed_as_redox_wants_it),
		cmocka_unit_test(legacy_lines_and_numbers_past_the_table_have_no_message),
#define WITH_FAKE(test) cmocka_unit_test_setup_teardown(test, start, stop)
		WITH_FAKE(a_line_is_opened_by_its_number),
		WITH_FAKE(a_line_above_15_is_refused_before_the_system_is_asked),
		WITH_FAKE(a_line_that_is_not_there_is_not_supported),
		WITH_FAKE(without_permission_a_line_is_refused),
		WITH_FAKE(a_counter_is_read_until_it_is_given_back),
		WITH_FAKE(giving_back_an_old_value_changes_nothing),
		WITH_FAKE(a_counter_of_another_length_makes_no_sense),
		WITH_FAKE(an_interruption_is_not_the_answer_of_a_counter),
		WITH_FAKE(the_lowest_free_vector_is_reserved),
		WITH_FAKE(a_vector_that_somebody_took_meanwhile_is_passed_over),
		WITH_FAKE(names_that_are_no_vectors_are_never_opened),
		WITH_FAKE(only_the_cpu_that_is_listed_is_named),
		WITH_FAKE(a_boot_processor_that_is_not_listed_offers_no_vectors),
		WITH_FAKE(a_boot_processor_past_two_digits_makes_no_sense),
		WITH_FAKE(when_all_vectors_are_taken_there_is_no_memory_for_another),
		WITH_FAKE(a_vector_comes_back_from_the_pool_with_its_handle),
		WITH_FAKE(a_vector_that_may_still_be_hit_is_not_handed_out_again),
		cmocka_unit_test(the_pool_of_redox_itself_outlives_a_context),
		cmocka_unit_test(a_child_does_not_use_the_vectors_of_its_parent),
		WITH_FAKE(every_refusal_while_a_vector_is_opened_is_reported_and_leaks_nothing),
		WITH_FAKE(without_memory_no_vector_is_reserved),
		WITH_FAKE(a_queue_hands_out_what_was_posted),
		WITH_FAKE(what_is_no_descriptor_cannot_be_watched),
		WITH_FAKE(a_queue_that_does_not_block_may_be_empty),
		WITH_FAKE(an_interruption_is_an_empty_answer_of_a_queue),
		WITH_FAKE(an_answer_that_is_no_whole_number_of_records_makes_no_sense),
		WITH_FAKE(half_a_record_taken_makes_no_sense),
		WITH_FAKE(an_alarm_comes_at_its_time_and_not_before),
		WITH_FAKE(an_alarm_for_the_past_comes_at_once),
		WITH_FAKE(the_clock_of_a_context_is_its_machines),
		WITH_FAKE(a_delay_has_a_longest),
		WITH_FAKE(a_child_has_no_clock),
	};

	return cmocka_run_group_tests_name("os_irq", tests, NULL, NULL);
}
