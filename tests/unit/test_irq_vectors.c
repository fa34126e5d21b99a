/* SPDX-License-Identifier: MIT */
/* test_irq_vectors.c - many message vectors at once: ranges, blocks, CPUs, the pool. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_irq.h"
#include "os/os_irq.h"

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

/* What one set got. */
struct got {
	struct rbi_irq *irqs[RBI_IRQ_N_MAX];
	int count; /* or a negative errno */
};

static int get(struct fake *f, struct got *got, unsigned int min, unsigned int max, bool is_block)
{
	const struct rbi_irq_want want = { .min = min, .max = max, .is_block = is_block };

	memset(got, 0, sizeof(*got));
	got->count = rbi_irq_open_vectors(os_of(f), &want, got->irqs);
	return got->count;
}

static int get_on(struct fake *f, struct got *got, unsigned int min, unsigned int max,
		  unsigned int cpu)
{
	const struct rbi_irq_want want = { .min = min, .max = max, .has_cpu = true, .cpu = cpu };

	memset(got, 0, sizeof(*got));
	got->count = rbi_irq_open_vectors(os_of(f), &want, got->irqs);
	return got->count;
}

static void put(struct fake *f, struct got *got, bool is_silent)
{
	int i;

	for (i = 0; i < got->count; i++)
		rbi_irq_release(os_of(f), got->irqs[i], is_silent);
	got->count = 0;
}

static unsigned int reserved(const struct fake *f)
{
	unsigned int n = 0, i, cpu;

	for (i = 0; i < 256; i++) {
		n += f->is_reserved[i];
		for (cpu = 0; cpu < FAKE_OTHERS; cpu++)
			n += f->other_reserved[cpu][i];
	}
	return n;
}

/* Only @count from @first on are to be had. */
static void leave(struct fake *f, unsigned int first, unsigned int count)
{
	unsigned int n;

	for (n = 0; n < 256; n++)
		f->is_reserved[n] = n < first || n >= first + count;
}

/* --- single vectors --------------------------------------------------------------------------- */

static void as_many_as_are_wanted_come_in_rising_order(void **state)
{
	struct fake *f = *state;
	struct got got;
	int i;

	assert_int_equal(get(f, &got, 1, 20, false), 20);

	for (i = 0; i < 20; i++) /* 32-35 are messages between CPUs */
		assert_int_equal(got.irqs[i]->n, i < 14 ? 18 + i : 22 + i);
	put(f, &got, true);
}

static void a_range_shrinks_before_it_fails(void **state)
{
	struct fake *f = *state;
	struct got got;

	leave(f, 100, 3);
	assert_int_equal(get(f, &got, 4, 8, false), -ENOMEM);
	assert_int_equal(get(f, &got, 2, 8, false), 3);
	assert_int_equal(got.irqs[0]->cpu, 0);
	put(f, &got, true);
	assert_int_equal(get(f, &got, 3, 3, false), 3);
	put(f, &got, true);
}

static void what_a_refused_range_has_reserved_waits_in_the_pool(void **state)
{
	struct fake *f = *state;
	struct got got;

	leave(f, 100, 3);
	assert_int_equal(get(f, &got, 4, 8, false), -ENOMEM);
	assert_int_equal(fake_open_files(f, FAKE_IRQ), 3);

	fake_count_calls(f);
	assert_int_equal(get(f, &got, 3, 3, false), 3);

	assert_int_equal(f->calls[FAKE_OPEN], 0);
	put(f, &got, true);
}

static void all_201_vectors_can_be_had_at_once(void **state)
{
	struct fake *f = *state;
	struct got got;

	assert_int_equal(get(f, &got, 1, 208, false), 201);
	assert_int_equal(got.irqs[200]->n, 222);
	put(f, &got, true);
}

static void out_of_descriptors_fewer_vectors_do(void **state)
{
	struct fake *f = *state;
	struct got got;

	fake_fail_at(f, 6, -EMFILE); /* bsp and its read, two lists, one vector */
	assert_int_equal(get(f, &got, 1, 4, false), 1);
	assert_true(f->failed);
	put(f, &got, true);
}

static void a_vector_lost_to_others_in_the_middle_is_passed_over(void **state)
{
	struct fake *f = *state;
	struct got got;

	f->is_stolen[19] = true; /* EEXIST */
	f->is_vanished[21] = true; /* ENOENT */
	assert_int_equal(get(f, &got, 4, 4, false), 4);

	assert_int_equal(got.irqs[0]->n, 18);
	assert_int_equal(got.irqs[1]->n, 20);
	assert_int_equal(got.irqs[2]->n, 22);
	assert_int_equal(got.irqs[3]->n, 23);
	put(f, &got, true);
}

/* --- blocks ------------------------------------------------------------------------------------ */

static void assert_block(const struct got *got, unsigned int first, int count)
{
	int i;

	assert_int_equal(got->count, count);
	assert_int_equal(first % (unsigned int)count, 0);
	for (i = 0; i < count; i++)
		assert_int_equal(got->irqs[i]->n, first + (unsigned int)i);
}

static void a_block_is_aligned_to_its_size(void **state)
{
	static const struct {
		unsigned int count, first;
	} cases[] = { { 2, 18 }, { 4, 20 }, { 8, 24 }, { 16, 48 }, { 32, 64 } };
	struct got got;
	struct fake *f;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = fake_new(NULL);
		get(f, &got, cases[i].count, cases[i].count, true);
		assert_block(&got, cases[i].first, (int)cases[i].count);
		put(f, &got, true);
		fake_free(f);
	}
	(void)state;
}

static void a_block_is_a_power_of_two_whatever_is_wanted(void **state)
{
	struct fake *f = *state;
	struct got got;

	get(f, &got, 1, 7, true);
	assert_block(&got, 20, 4);
	put(f, &got, true);
	assert_int_equal(get(f, &got, 3, 3, true), -ENOMEM);
}

static void a_block_shrinks_before_it_fails(void **state)
{
	struct fake *f = *state;
	struct got got;

	leave(f, 98, 6); /* 98-103: 100-103 is the largest aligned one */
	assert_int_equal(get(f, &got, 8, 8, true), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "block of 8"));
	get(f, &got, 1, 8, true);
	assert_block(&got, 100, 4);
	put(f, &got, true);
}

static void a_block_may_be_one_vector(void **state)
{
	struct fake *f = *state;
	struct got got;

	leave(f, 101, 2); /* not aligned: no pair */
	get(f, &got, 1, 4, true);
	assert_block(&got, 101, 1);
	put(f, &got, true);
}

static void a_race_in_the_middle_of_a_block_moves_on_to_the_next(void **state)
{
	struct fake *f = *state;
	struct got got;

	f->is_stolen[22] = true; /* 20, 21 are reserved by then */
	f->is_vanished[27] = true;
	get(f, &got, 4, 4, true);

	assert_block(&got, 28, 4);
	assert_true(f->is_reserved[20] && f->is_reserved[21] && !f->is_reserved[23]);
	put(f, &got, true);
	/* what was reserved on the way serves others */
	fake_count_calls(f);
	assert_int_equal(get(f, &got, 9, 9, false), 9);
	assert_int_equal(f->calls[FAKE_OPEN], 0);
	put(f, &got, true);
}

static void out_of_descriptors_a_block_shrinks(void **state)
{
	struct fake *f = *state;
	struct got got;

	fake_fail_at(f, 7, -EMFILE); /* bsp and its read, two lists, two vectors */
	get(f, &got, 1, 4, true);
	assert_true(f->failed);
	assert_block(&got, 20, 2);
	put(f, &got, true);
}

static void a_block_is_completed_where_the_pool_has_most_of_it(void **state)
{
	struct fake *f = *state;
	struct got got, other;

	leave(f, 50, 100);
	assert_int_equal(get(f, &got, 10, 10, false), 10); /* 50-59 */
	put(f, &got, true);
	fake_count_calls(f);

	get(f, &other, 4, 4, true);

	assert_block(&other, 52, 4);
	assert_int_equal(f->calls[FAKE_OPEN], 0);
	get(f, &got, 8, 8, true);
	assert_block(&got, 56, 8); /* 56-59 are in the pool, too */
	put(f, &got, true);
	put(f, &other, true);
}

/* --- the pool ---------------------------------------------------------------------------------- */

static void a_thousand_openings_of_five_vectors_reserve_five(void **state)
{
	struct fake *f = *state;
	struct got got;
	int i;

	for (i = 0; i < 1000; i++) {
		assert_int_equal(get(f, &got, 5, 5, false), 5);
		put(f, &got, true);
	}
	assert_int_equal(reserved(f), 5);
	assert_int_equal(fake_open_files(f, FAKE_IRQ), 5);
}

static void a_thousand_openings_of_a_block_reserve_one_block(void **state)
{
	struct fake *f = *state;
	struct got got;
	int i;

	for (i = 0; i < 1000; i++) {
		get(f, &got, 4, 4, true);
		assert_block(&got, 20, 4);
		put(f, &got, true);
	}
	assert_int_equal(reserved(f), 4);
}

static void blocks_and_single_vectors_share_the_pool_without_growth(void **state)
{
	struct fake *f = *state;
	struct got singles, block;
	unsigned int after_ten = 0;
	int i;

	for (i = 0; i < 500; i++) {
		assert_int_equal(get(f, &singles, 5, 5, false), 5);
		assert_int_equal(get(f, &block, 4, 4, true), 4);
		put(f, i % 2 ? &singles : &block, true);
		put(f, i % 2 ? &block : &singles, true);
		if (i == 10)
			after_ten = reserved(f);
	}
	assert_int_equal(reserved(f), after_ten);
	assert_true(after_ten <= 13);
}

static void vectors_of_a_device_that_was_not_silenced_are_lost(void **state)
{
	struct fake *f = *state;
	struct got got;

	get(f, &got, 4, 4, true);
	put(f, &got, false);
	assert_int_equal(fake_open_files(f, FAKE_IRQ), 0);

	get(f, &got, 4, 4, true);
	assert_block(&got, 24, 4);
	put(f, &got, true);
}

/* --- CPUs -------------------------------------------------------------------------------------- */

static void without_a_choice_vectors_go_to_the_boot_processor(void **state)
{
	struct fake *f = *state;
	struct got got;

	f->others = 3;
	assert_int_equal(get(f, &got, 3, 3, false), 3);
	assert_int_equal(got.irqs[0]->cpu, 0);
	assert_true(f->is_reserved[18]);
	put(f, &got, true);
}

static void a_chosen_cpu_gets_its_vectors_and_the_boot_processor_is_not_asked(void **state)
{
	struct fake *f = *state;
	struct got got;

	f->others = 3;
	assert_int_equal(get_on(f, &got, 2, 2, 2), 2);

	assert_int_equal(got.irqs[0]->cpu, 2);
	assert_int_equal(got.irqs[0]->n, 18); /* 16 is not free on the boot processor */
	assert_true(f->other_reserved[1][18] && f->other_reserved[1][19]);
	assert_false(f->is_reserved[18]);
	put(f, &got, true);
}

static void a_cpu_that_is_not_listed_is_not_named(void **state)
{
	static const unsigned int cpus[] = { 3, 8, 63, 255, 256, 259, UINT32_MAX };
	struct fake *f = *state;
	struct got got;
	size_t i;

	f->others = 2;
	for (i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++)
		assert_int_equal(get_on(f, &got, 1, 1, cpus[i]), -ENOENT);
	assert_false(f->has_panicked);
	assert_int_equal(reserved(f), 0);
}

static void the_same_number_is_never_used_on_two_cpus(void **state)
{
	struct fake *f = *state;
	struct got got[4];
	bool used[256] = { false };
	unsigned int cpu;
	int i;

	f->others = 3;
	for (cpu = 0; cpu < 4; cpu++)
		assert_int_equal(get_on(f, &got[cpu], 20, 20, cpu), 20);

	for (cpu = 0; cpu < 4; cpu++) {
		for (i = 0; i < 20; i++) {
			assert_false(used[got[cpu].irqs[i]->n]);
			used[got[cpu].irqs[i]->n] = true;
		}
	}
	for (cpu = 0; cpu < 4; cpu++)
		put(f, &got[cpu], true);
}

static void a_number_that_others_have_on_another_cpu_is_passed_over(void **state)
{
	struct fake *f = *state;
	struct got got;

	f->others = 1;
	f->other_reserved[0][18] = true; /* another process */
	assert_int_equal(get(f, &got, 1, 1, false), 1);
	assert_int_equal(got.irqs[0]->n, 19);
	put(f, &got, true);
}

static void a_lost_number_is_not_used_on_another_cpu(void **state)
{
	struct fake *f = *state;
	struct got got;

	f->others = 1;
	assert_int_equal(get(f, &got, 1, 1, false), 1);
	put(f, &got, false); /* a device may still send 18 */

	memset(f->is_reserved, 0, sizeof(f->is_reserved)); /* were it listed again */
	assert_int_equal(get_on(f, &got, 1, 1, 1), 1);
	assert_int_equal(got.irqs[0]->n, 19);
	put(f, &got, true);
}

static void the_pool_keeps_cpus_apart(void **state)
{
	struct fake *f = *state;
	struct got got;

	f->others = 1;
	assert_int_equal(get_on(f, &got, 3, 3, 1), 3);
	put(f, &got, true);

	assert_int_equal(get(f, &got, 1, 1, false), 1);
	assert_int_equal(got.irqs[0]->cpu, 0);
	assert_int_equal(got.irqs[0]->n, 21);
	put(f, &got, true);
	assert_int_equal(get_on(f, &got, 1, 3, 1), 3);
	assert_int_equal(got.irqs[0]->cpu, 1);
	put(f, &got, true);
	assert_int_equal(reserved(f), 4);
}

/* --- everything fails once ---------------------------------------------------------------------- */

static void each_refusal_while_vectors_are_opened_leaks_nothing(void **state)
{
	static const int errors[] = { -EMFILE, -EACCES, -EIO, -ENODEV };
	struct fake *f;
	struct got got;
	unsigned int n, i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]) * 2; i++) {
		for (n = 1;; n++) {
			f = fake_new(NULL);
			f->others = 1;
			fake_fail_at(f, n, errors[i / 2]);
			rc = get(f, &got, 3, 4, i % 2);
			assert_true(rc >= 3 || rbi_code_is_ours(rc));
			put(f, &got, true);
			if (!f->failed)
				n = 0;
			fake_free(f); /* and looks for handles */
			if (n == 0)
				break;
		}
	}
}

static void without_memory_each_vector_that_was_reserved_is_kept(void **state)
{
	struct fake *f;
	struct got got;
	unsigned long n;
	int rc;

	(void)state;
	for (n = 1;; n++) {
		f = fake_new(NULL);
		rbi_alloc_fail_at(n);
		rc = get(f, &got, 4, 4, true);
		rbi_alloc_fail_at(0);
		assert_true(rc == 4 || rc == -ENOMEM);
		assert_int_equal(fake_open_files(f, FAKE_IRQ), reserved(f));
		put(f, &got, true);
		fake_free(f);
		if (rc == 4)
			break;
	}
	assert_true(n > 6);
}

int main(void)
{
#define WITH_FAKE(test) cmocka_unit_test_setup_teardown(test, start, stop)
	const struct CMUnitTest tests[] = {
		WITH_FAKE(as_many_as_are_wanted_come_in_rising_order),
		WITH_FAKE(a_range_shrinks_before_it_fails),
		WITH_FAKE(what_a_refused_range_has_reserved_waits_in_the_pool),
		WITH_FAKE(all_201_vectors_can_be_had_at_once),
		WITH_FAKE(out_of_descriptors_fewer_vectors_do),
		WITH_FAKE(a_vector_lost_to_others_in_the_middle_is_passed_over),
		cmocka_unit_test(a_block_is_aligned_to_its_size),
		WITH_FAKE(a_block_is_a_power_of_two_whatever_is_wanted),
		WITH_FAKE(a_block_shrinks_before_it_fails),
		WITH_FAKE(a_block_may_be_one_vector),
		WITH_FAKE(a_race_in_the_middle_of_a_block_moves_on_to_the_next),
		WITH_FAKE(out_of_descriptors_a_block_shrinks),
		WITH_FAKE(a_block_is_completed_where_the_pool_has_most_of_it),
		WITH_FAKE(a_thousand_openings_of_five_vectors_reserve_five),
		WITH_FAKE(a_thousand_openings_of_a_block_reserve_one_block),
		WITH_FAKE(blocks_and_single_vectors_share_the_pool_without_growth),
		WITH_FAKE(vectors_of_a_device_that_was_not_silenced_are_lost),
		WITH_FAKE(without_a_choice_vectors_go_to_the_boot_processor),
		WITH_FAKE(a_chosen_cpu_gets_its_vectors_and_the_boot_processor_is_not_asked),
		WITH_FAKE(a_cpu_that_is_not_listed_is_not_named),
		WITH_FAKE(the_same_number_is_never_used_on_two_cpus),
		WITH_FAKE(a_number_that_others_have_on_another_cpu_is_passed_over),
		WITH_FAKE(a_lost_number_is_not_used_on_another_cpu),
		WITH_FAKE(the_pool_keeps_cpus_apart),
		cmocka_unit_test(each_refusal_while_vectors_are_opened_leaks_nothing),
		cmocka_unit_test(without_memory_each_vector_that_was_reserved_is_kept),
	};

	return cmocka_run_group_tests_name("irq_vectors", tests, NULL, NULL);
}
