/* SPDX-License-Identifier: MIT */
/* test_irq_set.c - opening and closing sets, counting interrupts, giving them back. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/irq.h>
#include <rbdrv/pci_match.h>

#include "fake_irq.h"

struct world {
	struct fake *fake;
	struct rb_pci_dev *dev;
	struct rb_irq_set *set;
};

static struct world world;

static int plug_in(void **state)
{
	memset(&world, 0, sizeof(world));
	world.fake = fake_new(NULL);
	world.dev = fake_open_device(world.fake);
	*state = &world;
	return 0;
}

static int unplug(void **state)
{
	struct world *w = *state;

	rb_irq_set_close(w->set);
	rb_pci_unref(w->dev);
	assert_int_equal(fake_watched(w->fake, FAKE_IRQ), 0);
	fake_free(w->fake);
	return 0;
}

static int open_kinds(struct world *w, uint32_t kinds)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.kinds = kinds;
	return rb_irq_set_open(w->dev, &options, &w->set);
}

static int plug_in_msi(void **state)
{
	plug_in(state);
	assert_int_equal(open_kinds(*state, RB_IRQ_MSI), 0);
	return 0;
}

static int plug_in_intx(void **state)
{
	plug_in(state);
	assert_int_equal(open_kinds(*state, RB_IRQ_INTX), 0);
	return 0;
}

static uint64_t taken(struct world *w)
{
	uint64_t count = 4711;

	assert_int_equal(rb_irq_take(w->set, 0, &count), 0);
	return count;
}

static void reopen(struct world *w, uint32_t kinds)
{
	rb_irq_set_close(w->set);
	w->set = NULL;
	assert_int_equal(open_kinds(w, kinds), 0);
}

/* --- opening --------------------------------------------------------------------------------- */

static void msi_is_preferred_and_programmed_in_the_order_of_the_contract(void **state)
{
	struct world *w = *state;

	assert_int_equal(rb_irq_set_open(w->dev, NULL, &w->set), 0);

	assert_int_equal(rb_irq_set_kind(w->set), RB_IRQ_MSI);
	assert_int_equal(rb_irq_set_count(w->set), 1);
	assert_true(fake_msi_is_on(w->fake));
	assert_true(fake_command(w->fake) & 0x400);
	fake_send_message(w->fake); /* looks at address and data */
	assert_int_equal(w->fake->counter[18], 1);
}

static void intx_allows_the_pin(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_kinds(w, RB_IRQ_INTX), 0);

	assert_int_equal(rb_irq_set_kind(w->set), RB_IRQ_INTX);
	assert_int_equal(rb_irq_set_count(w->set), 1);
	assert_false(fake_msi_is_on(w->fake));
	assert_false(fake_command(w->fake) & 0x400);
}

static void without_msi_the_pin_is_taken(void **state)
{
	struct world *w = *state;

	w->fake->has_msi = false;
	assert_int_equal(rb_irq_set_open(w->dev, NULL, &w->set), 0);
	assert_int_equal(rb_irq_set_kind(w->set), RB_IRQ_INTX);
}

static void without_vectors_the_pin_is_taken(void **state)
{
	struct world *w = *state;

	memset(w->fake->is_stolen, true, sizeof(w->fake->is_stolen));
	rbi_fail(-EIO, "before");

	assert_int_equal(rb_irq_set_open(w->dev, NULL, &w->set), 0);

	assert_int_equal(rb_irq_set_kind(w->set), RB_IRQ_INTX);
	assert_string_equal(rb_last_error(), "before");
}

static void without_vectors_msi_alone_is_out_of_memory(void **state)
{
	struct world *w = *state;

	memset(w->fake->is_stolen, true, sizeof(w->fake->is_stolen));
	assert_int_equal(open_kinds(w, RB_IRQ_MSI), -ENOMEM);
	assert_null(w->set);
	assert_false(fake_msi_is_on(w->fake));
}

static void of_two_refusals_the_shortage_is_reported(void **state)
{
	struct world *w = *state;

	memset(w->fake->is_stolen, true, sizeof(w->fake->is_stolen));
	w->fake->no_line = true;
	assert_int_equal(open_kinds(w, 0), -ENOMEM);
	assert_non_null(strstr(rb_last_error(), "vector"));
}

static void a_kind_that_a_quirk_forbids_is_passed_over(void **state)
{
	static const struct {
		uint64_t quirks;
		uint32_t kind, refused;
	} cases[] = {
		{ RB_PCI_QUIRK_NO_MSIX, RB_IRQ_MSI, RB_IRQ_MSIX },
		{ RB_PCI_QUIRK_NO_MSI, RB_IRQ_INTX, RB_IRQ_MSI },
		{ RB_PCI_QUIRK_FORCE_LEGACY_IRQ, RB_IRQ_INTX, RB_IRQ_MSI },
		{ RB_PCI_QUIRK_FORCE_LEGACY_IRQ, RB_IRQ_INTX, RB_IRQ_MSIX },
	};
	struct world *w;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plug_in(state);
		w = *state;
		assert_int_equal(rb_pci_add_quirks(w->dev, cases[i].quirks), 0);

		assert_int_equal(open_kinds(w, cases[i].refused), -ENOTSUP);
		assert_non_null(strstr(rb_last_error(), "quirk"));
		assert_int_equal(open_kinds(w, 0), 0);

		assert_int_equal(rb_irq_set_kind(w->set), cases[i].kind);
		unplug(state);
	}
}

static void kinds_that_are_not_there_are_not_supported(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_kinds(w, RB_IRQ_MSIX), -ENOTSUP);
	w->fake->has_msi = false;
	assert_int_equal(open_kinds(w, RB_IRQ_MSI | RB_IRQ_MSIX), -ENOTSUP);
	assert_null(w->set);
	assert_int_equal(fake_open_files(w->fake, FAKE_IRQ), 0);
}

static void more_vectors_than_there_are_are_not_supported(void **state)
{
	struct world *w = *state;
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.min = 2;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -ENOTSUP);

	options.min = 1;
	options.max = 16;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), 0);
	assert_int_equal(rb_irq_set_count(w->set), 1);
}

static void a_line_that_redox_does_not_deliver_is_no_intx(void **state)
{
	static const uint8_t lines[] = { 0, 1, 2, 3, 4, 12, 16, 200, 255 };
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		rb_pci_unref(w->dev);
		w->fake->line = lines[i];
		w->dev = fake_open_device(w->fake);
		assert_int_equal(open_kinds(w, RB_IRQ_INTX), -ENOTSUP);
		assert_null(w->set);
	}
	w->fake->line = FAKE_LINE;
}

static void a_device_without_a_pin_has_no_intx(void **state)
{
	struct world *w = *state;

	rb_pci_unref(w->dev);
	w->fake->has_pin = false;
	w->dev = fake_open_device(w->fake);
	assert_int_equal(open_kinds(w, RB_IRQ_INTX), -ENOTSUP);
}

static void interrupts_of_a_device_tree_are_not_supported(void **state)
{
	struct world *w = *state;

	rb_pci_unref(w->dev);
	w->fake->has_phandle = true;
	w->dev = fake_open_device(w->fake);
	assert_int_equal(open_kinds(w, RB_IRQ_INTX), -ENOTSUP);
}

static void a_device_has_one_set_at_a_time(void **state)
{
	struct world *w = *state;
	struct rb_irq_set *other = (void *)w;

	assert_int_equal(rb_irq_set_open(w->dev, NULL, &w->set), 0);
	assert_int_equal(rb_irq_set_open(w->dev, NULL, &other), -EBUSY);
	assert_null(other);

	reopen(w, RB_IRQ_MSI);
}

static void a_refused_opening_leaves_the_device_free(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_kinds(w, RB_IRQ_MSIX), -ENOTSUP);
	assert_int_equal(open_kinds(w, RB_IRQ_MSI), 0);
}

static void malformed_options_are_refused(void **state)
{
	struct world *w = *state;
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;

	options.kinds = 8;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -EINVAL);
	options.kinds = UINT32_MAX;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -EINVAL);

	options.kinds = 0;
	options.min = 2;
	options.max = 1;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -EINVAL);

	options.min = 0;
	options.size = 3;
	assert_int_equal(rb_irq_set_open(w->dev, &options, &w->set), -EINVAL);

	assert_int_equal(rb_irq_set_open(NULL, NULL, &w->set), -EINVAL);
	assert_int_equal(rb_irq_set_open(w->dev, NULL, NULL), -EINVAL);
}

static void a_server_that_refuses_its_own_capability_makes_no_sense(void **state)
{
	struct world *w = *state;

	w->fake->msi_is_refused = true;
	assert_int_equal(rb_irq_set_open(w->dev, NULL, &w->set), -EPROTO);
	assert_null(w->set);
	/* the vector waits in the pool */
	w->fake->msi_is_refused = false;
	assert_int_equal(open_kinds(w, RB_IRQ_MSI), 0);
	assert_int_equal(fake_open_files(w->fake, FAKE_IRQ), 1);
}

static void an_open_set_stands_in_the_ledger(void **state)
{
	struct world *w = *state;
	char live[256];

	assert_int_equal(open_kinds(w, RB_IRQ_MSI), 0);
	assert_int_equal(rb_ctx_live(w->fake->ctx, live, sizeof(live)), 2);
	assert_non_null(strstr(live, "interrupt set 1 MSI of"));
}

static void a_set_keeps_its_device(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_kinds(w, RB_IRQ_MSI), 0);
	rb_pci_unref(w->dev);
	w->dev = NULL;

	fake_send_message(w->fake);
	assert_int_equal(taken(w), 1);
}

static void a_thousand_openings_reserve_one_vector(void **state)
{
	struct world *w = *state;
	unsigned int reserved = 0;
	int i;

	assert_int_equal(open_kinds(w, RB_IRQ_MSI), 0);
	for (i = 0; i < 1000; i++) {
		fake_send_message(w->fake);
		assert_int_equal(taken(w), 1);
		reopen(w, RB_IRQ_MSI);
	}

	for (i = 0; i < 256; i++)
		reserved += w->fake->is_reserved[i];
	assert_int_equal(reserved, 1);
	assert_int_equal(fake_open_files(w->fake, FAKE_IRQ), 1);
}

/* --- closing --------------------------------------------------------------------------------- */

static void closing_silences_messages_and_the_pin(void **state)
{
	struct world *w = *state;

	rb_irq_set_close(w->set);
	w->set = NULL;

	assert_false(fake_msi_is_on(w->fake));
	assert_true(fake_command(w->fake) & 0x400);
	assert_true(fake_command(w->fake) & 7); /* and nothing else */
}

static void closing_gives_back_what_was_taken(void **state)
{
	struct world *w = *state;

	fake_pin(w->fake, true);
	assert_int_equal(taken(w), 1);
	assert_true(w->fake->is_masked[FAKE_LINE]);

	/* the device still asserts: first its pin is forbidden, then the line unmasked */
	rb_irq_set_close(w->set);
	w->set = NULL;

	assert_false(w->fake->is_masked[FAKE_LINE]);
	assert_int_equal(w->fake->counter[FAKE_LINE], 1);
}

static void closing_leaves_the_detail_alone(void **state)
{
	struct world *w = *state;

	rbi_fail(-EIO, "before");
	fake_fail_at(w->fake, 1, -EIO);
	rb_irq_set_close(w->set);
	w->set = NULL;
	assert_true(w->fake->failed);
	assert_string_equal(rb_last_error(), "before");
}

static void a_vector_whose_device_was_not_silenced_is_not_reused(void **state)
{
	struct world *w = *state;

	fake_fail_at(w->fake, 1, -EIO); /* the PCI server does not hear */
	rb_irq_set_close(w->set);
	w->set = NULL;
	assert_int_equal(fake_open_files(w->fake, FAKE_IRQ), 0);
}

static void no_set_can_be_closed(void **state)
{
	(void)state;
	rb_irq_set_close(NULL);
	assert_int_equal(rb_irq_set_count(NULL), 0);
	assert_int_equal(rb_irq_set_kind(NULL), 0);
}

static void a_child_only_frees_memory(void **state)
{
	struct world *w = *state;
	uint64_t count = 1;

	fake_count_calls(w->fake);
	w->fake->ctx->pid++;

	assert_int_equal(rb_irq_take(w->set, 0, &count), -ENODEV);
	assert_int_equal(rb_irq_wait(w->set, 0, 0), -ENODEV);
	assert_int_equal(rb_irq_wait_any(w->set, 0), -ENODEV);
	assert_int_equal(rb_irq_cancel(w->set), -ENODEV);
	assert_int_equal(rb_irq_fd(w->set, 0), -ENODEV);
	assert_int_equal(rb_poll(w->fake->ctx, NULL, 0, 0), -ENODEV);
	assert_int_equal(rb_irq_set_open(w->dev, NULL, &(struct rb_irq_set *){ NULL }), -ENODEV);
	assert_int_equal(count, 0);
	assert_int_equal(w->fake->calls_in_all, 0);

	w->fake->ctx->pid--;
}

static void closing_in_a_child_does_not_speak(void **state)
{
	struct world *w = *state;
	int status;
	pid_t pid;

	fake_count_calls(w->fake);
	pid = fork();
	if (pid == 0) {
		w->fake->ctx->pid = (long)getppid();
		rb_irq_set_close(w->set);
		_exit(w->fake->calls_in_all == 0 && fake_msi_is_on(w->fake) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- taking: the rules of contract 2.5 ------------------------------------------------------- */

static void a_take_counts_what_came_since_the_last(void **state)
{
	struct world *w = *state;
	int i;

	assert_int_equal(taken(w), 0);
	for (i = 0; i < 100; i++)
		fake_send_message(w->fake);
	assert_int_equal(taken(w), 100);
	assert_int_equal(taken(w), 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(w), 1);
	assert_int_equal(taken(w), 0);
}

static void a_take_needs_two_calls_at_most(void **state)
{
	struct world *w = *state;

	fake_send_message(w->fake);
	fake_count_calls(w->fake);
	assert_int_equal(taken(w), 1);
	assert_int_equal(w->fake->calls_in_all, 1);

	fake_count_calls(w->fake);
	assert_int_equal(taken(w), 0);
	assert_int_equal(w->fake->calls_in_all, 2);

	fake_count_calls(w->fake);
	assert_int_equal(taken(w), 0);
	assert_int_equal(w->fake->calls_in_all, 1);
}

static void interrupts_between_reading_and_giving_back_are_counted_next(void **state)
{
	struct world *w = *state;

	fake_send_message(w->fake);
	assert_int_equal(taken(w), 1);
	fake_send_message(w->fake);
	fake_send_message(w->fake);

	/* giving 1 back answers 0, which is no error */
	assert_int_equal(taken(w), 2);
	assert_int_equal(taken(w), 0);
}

static void giving_back_may_fail_again_and_again(void **state)
{
	struct world *w = *state;
	uint64_t sum = 0;
	int i;

	for (i = 0; i < 50; i++) {
		fake_send_message(w->fake);
		sum += taken(w);
	}
	assert_int_equal(sum, 50);
	assert_int_equal(taken(w), 0);
	assert_int_equal(w->fake->counter[18], 50);
}

static void old_totals_of_a_line_never_show(void **state)
{
	struct world *w = *state;
	int i;

	for (i = 0; i < 1000; i++)
		fake_raise(w->fake, FAKE_LINE); /* since boot, for somebody else */
	assert_int_equal(open_kinds(w, RB_IRQ_INTX), 0);

	assert_int_equal(taken(w), 0);
	fake_pin(w->fake, true);
	assert_int_equal(taken(w), 1);
}

static void old_totals_of_a_pooled_vector_never_show(void **state)
{
	struct world *w = *state;

	fake_send_message(w->fake);
	assert_int_equal(taken(w), 1);
	fake_send_message(w->fake); /* never taken */
	rb_irq_set_close(w->set);
	fake_raise(w->fake, 18); /* a straggler while the vector is in the pool */

	assert_int_equal(open_kinds(w, RB_IRQ_MSI), 0);
	assert_int_equal(taken(w), 0);
	fake_send_message(w->fake);
	assert_int_equal(taken(w), 1);
}

static void an_intx_line_stays_masked_while_the_device_is_quieted(void **state)
{
	struct world *w = *state;

	fake_pin(w->fake, true);
	assert_true(w->fake->is_masked[FAKE_LINE]);
	assert_int_equal(taken(w), 1);
	assert_true(w->fake->is_masked[FAKE_LINE]);

	fake_pin(w->fake, false); /* the driver quiets its device */
	assert_int_equal(taken(w), 0);
	assert_false(w->fake->is_masked[FAKE_LINE]);
	assert_int_equal(w->fake->counter[FAKE_LINE], 1);
}

static void a_device_that_still_asserts_fires_again_at_the_next_take(void **state)
{
	struct world *w = *state;

	fake_pin(w->fake, true);
	assert_int_equal(taken(w), 1);
	assert_int_equal(taken(w), 1);
	assert_int_equal(taken(w), 1);

	fake_pin(w->fake, false);
	assert_int_equal(taken(w), 0);
	assert_false(w->fake->is_masked[FAKE_LINE]);
}

static void a_counter_that_falls_makes_no_sense_once(void **state)
{
	struct world *w = *state;
	uint64_t count = 1;

	w->fake->counter[18] = 100;
	assert_int_equal(taken(w), 100);
	w->fake->counter[18] = 5;
	assert_int_equal(rb_irq_take(w->set, 0, &count), -EPROTO);
	assert_int_equal(count, 0);

	fake_send_message(w->fake);
	assert_int_equal(taken(w), 1);
	assert_int_equal(taken(w), 0);
}

static void a_counter_passes_any_number_of_bits(void **state)
{
	struct world *w = *state;

	w->fake->counter[18] = (uint64_t)1 << 40;
	assert_true(taken(w) == (uint64_t)1 << 40);
	w->fake->counter[18] = INT64_MAX;
	assert_true(taken(w) == INT64_MAX - ((uint64_t)1 << 40));
	assert_int_equal(taken(w), 0);
}

static void nonsense_of_the_counter_is_reported_and_nothing_is_lost(void **state)
{
	struct world *w = *state;
	uint64_t count = 1;

	fake_send_message(w->fake);
	w->fake->read_is_scripted = true;
	w->fake->read_answer = 3;
	assert_int_equal(rb_irq_take(w->set, 0, &count), -EPROTO);
	assert_int_equal(count, 0);

	fake_fail_at(w->fake, 1, -ENODEV);
	assert_int_equal(rb_irq_take(w->set, 0, &count), -ENODEV);
	fake_fail_at(w->fake, 1, -EBADF);
	assert_int_equal(rb_irq_take(w->set, 0, &count), -EIO);

	assert_int_equal(taken(w), 1);
}

static void a_refused_giving_back_is_tried_again(void **state)
{
	struct world *w = *state;
	uint64_t count;

	fake_pin(w->fake, true);
	assert_int_equal(taken(w), 1);
	fake_pin(w->fake, false);

	fake_fail_at(w->fake, 1, -EIO);
	assert_int_equal(rb_irq_take(w->set, 0, &count), -EIO);
	assert_true(w->fake->is_masked[FAKE_LINE]);
	assert_int_equal(taken(w), 0);
	assert_false(w->fake->is_masked[FAKE_LINE]);
}

static void wrong_arguments_are_refused(void **state)
{
	struct world *w = *state;
	uint64_t count = 1;

	assert_int_equal(rb_irq_take(w->set, 1, &count), -EINVAL);
	assert_int_equal(count, 0);
	assert_int_equal(rb_irq_take(w->set, 0, NULL), -EINVAL);
	assert_int_equal(rb_irq_take(NULL, 0, &count), -EINVAL);
	assert_int_equal(rb_irq_fd(w->set, 1), -EINVAL);
	assert_int_equal(rb_irq_fd(NULL, 0), -EINVAL);
	assert_int_equal(rb_irq_wait(w->set, UINT32_MAX, 0), -EINVAL);
	assert_int_equal(rb_irq_wait(NULL, 0, 0), -EINVAL);
	assert_int_equal(rb_irq_wait_any(NULL, 0), -EINVAL);
	assert_int_equal(rb_irq_cancel(NULL), -EINVAL);
}

/* --- the descriptor -------------------------------------------------------------------------- */

static void the_descriptor_is_made_once_and_ends_with_the_set(void **state)
{
	struct world *w = *state;
	unsigned int before = fake_open_handles(w->fake);
	int fd = rb_irq_fd(w->set, 0);

	assert_true(fd >= FAKE_FD_BASE);
	assert_int_equal(rb_irq_fd(w->set, 0), fd);
	assert_int_equal(fake_open_handles(w->fake), before + 1);

	rb_irq_set_close(w->set);
	w->set = NULL;
	assert_int_equal(fake_open_handles(w->fake), before);
}

static void out_of_descriptors_the_next_try_may_succeed(void **state)
{
	struct world *w = *state;

	fake_fail_at(w->fake, 1, -EMFILE);
	assert_int_equal(rb_irq_fd(w->set, 0), -ENOMEM);
	assert_true(rb_irq_fd(w->set, 0) >= 0);
}

/* --- everything fails once ------------------------------------------------------------------- */

static void opening_fails_cleanly_at_each_call(struct world *w, uint32_t kinds)
{
	static const int errors[] = { -EMFILE, -ENODEV, -4711 };
	unsigned int n, i, before;
	int rc;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (n = 1;; n++) {
			before = fake_open_handles(w->fake) - fake_open_files(w->fake, FAKE_IRQ);
			fake_fail_at(w->fake, n, errors[i]);
			rc = open_kinds(w, kinds);
			w->fake->fail_at = 0;
			if (!w->fake->failed)
				break;
			/* a late one may be what closes a kind that was tried */
			assert_true(rc == 0 || rbi_code_is_ours(rc));
			if (rc == 0)
				rb_irq_set_close(w->set);
			else
				assert_null(w->set);
			w->set = NULL;
			assert_int_equal(fake_open_handles(w->fake) -
						 fake_open_files(w->fake, FAKE_IRQ),
					 before);
			/* a broken channel stays broken: the device is opened anew */
			rb_pci_unref(w->dev);
			w->dev = fake_open_device(w->fake);
		}
		assert_int_equal(rc, 0);
		assert_true(n > 4);
		rb_irq_set_close(w->set);
		w->set = NULL;
	}
}

static void opening_msi_fails_cleanly_at_each_call(void **state)
{
	opening_fails_cleanly_at_each_call(*state, RB_IRQ_MSI);
}

static void opening_intx_fails_cleanly_at_each_call(void **state)
{
	opening_fails_cleanly_at_each_call(*state, RB_IRQ_INTX);
}

static void opening_anything_fails_cleanly_at_each_call(void **state)
{
	opening_fails_cleanly_at_each_call(*state, 0);
}

static void without_memory_no_set_is_opened(void **state)
{
	static const uint32_t kinds[] = { RB_IRQ_MSI, RB_IRQ_INTX };
	struct world *w = *state;
	unsigned long n;
	size_t i;
	int rc;

	for (i = 0; i < 2; i++) {
		for (n = 1;; n++) {
			rbi_alloc_fail_at(n);
			rc = open_kinds(w, kinds[i]);
			rbi_alloc_fail_at(0);
			if (rc == 0)
				break;
			assert_int_equal(rc, -ENOMEM);
			assert_null(w->set);
			assert_int_equal(rb_ctx_live(w->fake->ctx, NULL, 0), 1);
		}
		assert_true(n > 2);
		rb_irq_set_close(w->set);
		w->set = NULL;
	}
}

int main(void)
{
#define PLUGGED(test)	cmocka_unit_test_setup_teardown(test, plug_in, unplug)
#define WITH_MSI(test)	cmocka_unit_test_setup_teardown(test, plug_in_msi, unplug)
#define WITH_INTX(test) cmocka_unit_test_setup_teardown(test, plug_in_intx, unplug)
	const struct CMUnitTest tests[] = {
		PLUGGED(msi_is_preferred_and_programmed_in_the_order_of_the_contract),
		PLUGGED(intx_allows_the_pin),
		PLUGGED(without_msi_the_pin_is_taken),
		PLUGGED(without_vectors_the_pin_is_taken),
		PLUGGED(without_vectors_msi_alone_is_out_of_memory),
		PLUGGED(of_two_refusals_the_shortage_is_reported),
		cmocka_unit_test(a_kind_that_a_quirk_forbids_is_passed_over),
		PLUGGED(kinds_that_are_not_there_are_not_supported),
		PLUGGED(more_vectors_than_there_are_are_not_supported),
		PLUGGED(a_line_that_redox_does_not_deliver_is_no_intx),
		PLUGGED(a_device_without_a_pin_has_no_intx),
		PLUGGED(interrupts_of_a_device_tree_are_not_supported),
		PLUGGED(a_device_has_one_set_at_a_time),
		PLUGGED(a_refused_opening_leaves_the_device_free),
		PLUGGED(malformed_options_are_refused),
		PLUGGED(a_server_that_refuses_its_own_capability_makes_no_sense),
		PLUGGED(an_open_set_stands_in_the_ledger),
		PLUGGED(a_set_keeps_its_device),
		PLUGGED(a_thousand_openings_reserve_one_vector),
		WITH_MSI(closing_silences_messages_and_the_pin),
		WITH_INTX(closing_silences_messages_and_the_pin),
		WITH_INTX(closing_gives_back_what_was_taken),
		WITH_MSI(closing_leaves_the_detail_alone),
		WITH_MSI(a_vector_whose_device_was_not_silenced_is_not_reused),
		PLUGGED(no_set_can_be_closed),
		WITH_MSI(a_child_only_frees_memory),
		WITH_MSI(closing_in_a_child_does_not_speak),
		WITH_MSI(a_take_counts_what_came_since_the_last),
		WITH_MSI(a_take_needs_two_calls_at_most),
		WITH_MSI(interrupts_between_reading_and_giving_back_are_counted_next),
		WITH_MSI(giving_back_may_fail_again_and_again),
		PLUGGED(old_totals_of_a_line_never_show),
		WITH_MSI(old_totals_of_a_pooled_vector_never_show),
		WITH_INTX(an_intx_line_stays_masked_while_the_device_is_quieted),
		WITH_INTX(a_device_that_still_asserts_fires_again_at_the_next_take),
		WITH_MSI(a_counter_that_falls_makes_no_sense_once),
		WITH_MSI(a_counter_passes_any_number_of_bits),
		WITH_MSI(nonsense_of_the_counter_is_reported_and_nothing_is_lost),
		WITH_INTX(a_refused_giving_back_is_tried_again),
		WITH_MSI(wrong_arguments_are_refused),
		WITH_MSI(the_descriptor_is_made_once_and_ends_with_the_set),
		WITH_MSI(out_of_descriptors_the_next_try_may_succeed),
		PLUGGED(opening_msi_fails_cleanly_at_each_call),
		PLUGGED(opening_intx_fails_cleanly_at_each_call),
		PLUGGED(opening_anything_fails_cleanly_at_each_call),
		PLUGGED(without_memory_no_set_is_opened),
	};

	return cmocka_run_group_tests_name("irq_set", tests, NULL, NULL);
}
