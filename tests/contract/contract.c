/* SPDX-License-Identifier: MIT */
/*
 * contract.c - worlds, and the runner of scenarios.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rbdrv/mock.h>

#include "contract.h"

static const struct world worlds[] = {
	{ "mock, redox-2025", "mock:edu;profile=redox-2025", true },
	{ "mock, base-2026", "mock:edu;profile=base-2026", true },
	{ "mock, redbear-2026", "mock:edu;profile=redbear-2026", true },
	{ "qemu, redox-2025", "qemu:edu;profile=redox-2025", false },
	{ "qemu, base-2026", "qemu:edu;profile=base-2026", false },
	{ "qemu, redbear-2026", "qemu:edu;profile=redbear-2026", false },
};

#define WORLDS (sizeof(worlds) / sizeof(worlds[0]))

/* One scenario in one world. */
struct run {
	const struct scenario *scenario;
	struct stage stage;
	char title[160];
};

/* --- the runner --------------------------------------------------------------------- */

static const char *options_of(const struct scenario *scenario, const struct world *world)
{
	return world->mock ? scenario->on_mock : scenario->on_qemu;
}

static void assert_nothing_is_open(struct rb_ctx *ctx)
{
	char open[512];

	if (rb_ctx_live(ctx, open, sizeof(open)) != 0)
		fail_msg("still open: %s", open);
}

static void assert_the_mock_is_content(const struct run *run)
{
	const struct stage *stage = &run->stage;

	if (!stage->world->mock)
		return;
	if (run->scenario->sloppy)
		assert_int_not_equal(rb_mock_verify(stage->ctx), 0);
	else if (rb_mock_verify(stage->ctx) != 0)
		fail_msg("violation: %s", rb_mock_violation_text(stage->ctx, 0));
}

static void play(void **state)
{
	struct run *run = *state;
	struct stage *stage = &run->stage;
	size_t fds = count_fds();
	char machine[256];
	int rc;

	snprintf(machine, sizeof(machine), "%s%s", stage->world->machine,
		 options_of(run->scenario, stage->world));
	rc = rb_ctx_new(machine, &stage->ctx);
	if (rc == -ENOTSUP && !stage->world->mock)
		skip();
	assert_ok(rc);

	run->scenario->play(stage);

	close_stage(stage);
	assert_nothing_is_open(stage->ctx);
	assert_the_mock_is_content(run);
	rb_ctx_unref(stage->ctx);
	stage->ctx = NULL;
	assert_int_equal(count_fds(), fds);
	assert_false(have_children());
}

/* A scenario that failed has left its stage as it was. */
static int clear_stage(void **state)
{
	struct run *run = *state;

	close_stage(&run->stage);
	rb_ctx_unref(run->stage.ctx);
	run->stage.ctx = NULL;
	return 0;
}

int run_scenarios(const char *topic, const struct scenario *scenarios, size_t count)
{
	struct CMUnitTest *tests;
	struct run *runs;
	size_t i, n = 0;
	int failed;

	runs = calloc(count * WORLDS, sizeof(*runs));
	tests = calloc(count * WORLDS, sizeof(*tests));
	if (runs == NULL || tests == NULL)
		abort();

	for (i = 0; i < count * WORLDS; i++) {
		const struct scenario *scenario = &scenarios[i / WORLDS];
		const struct world *world = &worlds[i % WORLDS];

		if (options_of(scenario, world) == NULL)
			continue;
		runs[n].scenario = scenario;
		runs[n].stage.world = world;
		snprintf(runs[n].title, sizeof(runs[n].title), "%s [%s]", scenario->name,
			 world->name);
		tests[n].name = runs[n].title;
		tests[n].test_func = play;
		tests[n].teardown_func = clear_stage;
		tests[n].initial_state = &runs[n];
		n++;
	}

	failed = _cmocka_run_group_tests(topic, tests, n, NULL, NULL);
	free(tests);
	free(runs);
	return failed;
}
