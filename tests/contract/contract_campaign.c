/* SPDX-License-Identifier: MIT */
/*
 * contract_campaign.c - the other runner of scenarios: each on the mock, once for
 * every fault that may befall it.
 *
 * A scenario asserts that all goes well, so under a fault it mostly ends at an
 * assertion, and that is right: the library has reported an error. What must not
 * happen is the rest of what rb_mock_campaign() looks for, and a code outside the
 * closed set, and an error without a sentence.
 *
 * A regular run takes POINTS of each scenario's points, spread over all;
 * CAMPAIGN_POINTS=0 in the environment takes every one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rbdrv/mock.h>

#include "contract.h"

#define POINTS 60u

static const struct world world = { "mock", "mock:edu", true };

struct run {
	const struct scenario *scenario;
	struct stage stage;
	bool ended; /* the scenario came to its end */
};

/* --- one scenario, in a child ----------------------------------------------------------- */

static void play(void **state)
{
	static const int crashes[] = { SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS };
	struct run *run = *state;
	size_t i;

	/* cmocka would make a failed test of a crash, and that is no finding */
	for (i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		signal(crashes[i], SIG_DFL);

	run->scenario->play(&run->stage);
	run->ended = true;
}

/* A test group of its own catches the assertion; what it prints is expected. */
static void play_in_a_group(struct run *run)
{
	struct CMUnitTest test = { run->scenario->name, play, NULL, NULL, run };
	int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int out = dup(1), err = dup(2);

	fflush(NULL);
	dup2(quiet, 1);
	dup2(quiet, 2);
	unsetenv("CMOCKA_TEST_ABORT"); /* here it may end the test, for nothing follows */
	_cmocka_run_group_tests("scenario", &test, 1, NULL, NULL);
	fflush(NULL);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	close(quiet);
}

static int body(struct rb_ctx *ctx, void *arg)
{
	struct run *run = arg;

	run->stage.ctx = ctx;
	play_in_a_group(run);
	close_stage(&run->stage);

	if (strange_code != 0)
		return strange_code;
	if (silent_code)
		return 2;
	return run->ended ? 0 : -EIO;
}

/* --- all of them ------------------------------------------------------------------------- */

static uint32_t points(void)
{
	const char *text = getenv("CAMPAIGN_POINTS");

	return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : POINTS;
}

/* A server without the access endpoint cannot be asked whether this process may claim,
 * and enables the function before it refuses (contract 4.2). */
static bool is_known(const struct run *run, const char *finding)
{
	return strstr(run->scenario->on_mock, "uid=") != NULL &&
	       strstr(finding, "open(/scheme/pci/access), answering -ENOENT") != NULL;
}

static void survives_every_fault(void **state)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;
	struct run *run = *state;
	struct rb_mock_report *report = NULL;
	char machine[256];
	size_t i;
	int rc;

	run->stage.world = &world;
	options.max_points = points();
	snprintf(machine, sizeof(machine), "%s%s", world.machine, run->scenario->on_mock);

	rc = rb_mock_campaign(machine, body, run, &options, &report);

	if (rc < 0)
		fail_msg("%s", rb_last_error());
	for (i = 0; i < rb_mock_report_count(report); i++) {
		if (is_known(run, rb_mock_report_text(report, i)))
			rc--;
		else
			print_error("%s\n", rb_mock_report_text(report, i));
	}
	if (getenv("CAMPAIGN_COUNT") != NULL)
		print_message("%s: %zu points\n", run->scenario->name,
			      rb_mock_report_points(report));
	rb_mock_report_close(report);
	assert_int_equal(rc, 0);
}

int run_scenarios(const char *topic, const struct scenario *scenarios, size_t count)
{
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));
	struct run *runs = calloc(count, sizeof(*runs));
	size_t i, n = 0;
	int failed;

	if (tests == NULL || runs == NULL)
		abort();
	for (i = 0; i < count; i++) {
		/* sloppy ones are there to be complained about */
		if (scenarios[i].sloppy || scenarios[i].on_mock == NULL)
			continue;
		runs[n].scenario = &scenarios[i];
		tests[n].name = scenarios[i].name;
		tests[n].test_func = survives_every_fault;
		tests[n].initial_state = &runs[n];
		n++;
	}
	failed = _cmocka_run_group_tests(topic, tests, n, NULL, NULL);
	free(runs);
	free(tests);
	return failed;
}
