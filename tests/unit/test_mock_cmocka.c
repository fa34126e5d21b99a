/* SPDX-License-Identifier: MIT */
/*
 * test_mock_cmocka.c - the assertions of mock_cmocka.h: what they print when they
 * fail, seen from outside a child process that lets them fail, and that they keep
 * quiet when they hold.
 */
#include <rbdrv/mock_cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rbdrv/rbdrv.h>

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x0001;
	rb_mock_ids(dev, &ids);
	return rb_mock_bar_ram(dev, 0, 4096, 0);
}

static struct rb_ctx *start(struct rb_mock_dev **dev)
{
	struct rb_ctx *ctx;

	rb_mock_assert_rc(rb_ctx_new("mock", &ctx), 0);
	rb_mock_assert_rc(rb_mock_add(ctx, "plain", build, NULL, dev), 0);
	return ctx;
}

/* Run one test in a child and keep what it says; how many of it failed. */
static int run_apart(CMUnitTestFunction test, char *words, size_t size)
{
	const struct CMUnitTest tests[] = { { "apart", test, NULL, NULL, NULL } };
	size_t used = 0;
	int out[2], status;
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe(out), 0);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		unsetenv("CMOCKA_MESSAGE_OUTPUT");
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		status = cmocka_run_group_tests(tests, NULL, NULL);
		fflush(NULL);
		_exit(status);
	}
	close(out[1]);
	while (used < size - 1 && (n = read(out[0], words + used, size - 1 - used)) > 0)
		used += (size_t)n;
	words[used] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void assert_says(const char *words, const char *part)
{
	if (!strstr(words, part))
		fail_msg("'%s' is not in:\n%s", part, words);
}

/* A failure names the line of the assertion, which the test has printed as "<line>". */
static void assert_says_its_line(const char *words)
{
	const char *line = strchr(words, '<');
	char place[32];

	assert_non_null(line);
	snprintf(place, sizeof(place), "test_mock_cmocka.c:%d", atoi(line + 1));
	assert_says(words, place);
}

/* --- clean --------------------------------------------------------------------------- */

static void soil(void **state)
{
	struct rb_pci_dev *pci;
	struct rb_mock_dev *dev;
	struct rb_ctx *ctx = start(&dev);

	(void)state;
	rb_mock_violation(dev, "the first %s", "mistake");
	rb_mock_violation(dev, "the second");
	rb_mock_assert_rc(rb_pci_open(ctx, rb_mock_addr(dev), &pci), 0);
	print_message("<%d>", __LINE__ + 1);
	rb_mock_assert_clean(ctx);
}

static void assert_clean_prints_each_violation_and_each_open_object(void **state)
{
	char words[4096];

	(void)state;

	assert_int_equal(run_apart(soil, words, sizeof(words)), 1);

	assert_says(words, "2 violations:");
	assert_says(words, "plain at 00:01.0: the first mistake");
	assert_says(words, "plain at 00:01.0: the second");
	assert_says(words, "1 object is still open:");
	assert_says(words, "PCI device 0000:00:01.0");
	assert_says_its_line(words);
}

static void soil_much(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_ctx *ctx = start(&dev);
	unsigned int i;

	(void)state;
	for (i = 0; i < 300; i++)
		rb_mock_violation(dev, "mistake %u", i);
	rb_mock_assert_no_violation(ctx);
}

static void violations_past_those_that_are_kept_are_counted(void **state)
{
	char words[65536];

	(void)state;

	assert_int_equal(run_apart(soil_much, words, sizeof(words)), 1);

	assert_says(words, "300 violations:");
	assert_says(words, "mistake 255");
	assert_says(words, "... and 44 more");
}

static void a_clean_context_passes(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_ctx *ctx = start(&dev);
	struct rb_pci_dev *pci;

	(void)state;
	rb_mock_assert_rc(rb_pci_open(ctx, rb_mock_addr(dev), &pci), 0);
	rb_mock_assert_no_violation(ctx); /* what is open does not matter to it */
	rb_pci_unref(pci);

	rb_mock_assert_clean(ctx);
	rb_ctx_unref(ctx);
}

/* --- a violation that is wanted ------------------------------------------------------------ */

static void want_another(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_ctx *ctx = start(&dev);

	(void)state;
	rb_mock_violation(dev, "a black sheep");
	rb_mock_assert_violation(ctx, "a white raven");
}

static void want_one_of_none(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_ctx *ctx = start(&dev);

	(void)state;
	rb_mock_assert_violation(ctx, "a white raven");
}

static void assert_violation_wants_one_that_says_so(void **state)
{
	struct rb_mock_dev *dev;
	struct rb_ctx *ctx = start(&dev);
	char words[4096];

	(void)state;
	rb_mock_violation(dev, "one");
	rb_mock_violation(dev, "two");

	rb_mock_assert_violation(ctx, "two");

	rb_mock_assert_clean(ctx); /* it has forgotten both */
	rb_ctx_unref(ctx);
	assert_int_equal(run_apart(want_another, words, sizeof(words)), 1);
	assert_says(words, "no violation says 'a white raven'");
	assert_says(words, "a black sheep");
	assert_int_equal(run_apart(want_one_of_none, words, sizeof(words)), 1);
	assert_says(words, "no violation says 'a white raven'");
}

/* --- codes ------------------------------------------------------------------------------------ */

static void open_nonsense(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	rb_mock_assert_rc(rb_ctx_new("mock:nosuchmodel", &ctx), 0);
}

static void expect_a_failure(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	rb_mock_assert_rc(rb_ctx_new("mock", &ctx), -ENOENT);
}

static void assert_rc_prints_call_code_and_reason(void **state)
{
	char words[4096];

	(void)state;

	assert_int_equal(run_apart(open_nonsense, words, sizeof(words)), 1);
	assert_says(words, "rb_ctx_new(\"mock:nosuchmodel\", &ctx) answered -");
	assert_says(words, "nosuchmodel'"); /* rb_last_error() quotes the name */
	assert_says(words, ", not 0");

	assert_int_equal(run_apart(expect_a_failure, words, sizeof(words)), 1);
	assert_says(words, "answered 0, not -");
	assert_says(words, rb_strerror(-ENOENT));
}

/* --- campaigns -------------------------------------------------------------------------------- */

static int leave_open(struct rb_ctx *ctx, void *arg)
{
	struct rb_pci_list *list;

	(void)arg;
	return rb_pci_scan(ctx, NULL, &list);
}

static int look_around(struct rb_ctx *ctx, void *arg)
{
	struct rb_pci_list *list;
	int rc;

	(void)arg;
	rc = rb_pci_scan(ctx, NULL, &list);
	if (rc == 0)
		rb_pci_list_close(list);
	return rc;
}

static void campaign_of_a_leak(void **state)
{
	(void)state;
	rb_mock_assert_campaign("mock:edu", leave_open, NULL, NULL);
}

static void campaign_on_nothing(void **state)
{
	(void)state;
	rb_mock_assert_campaign("mock:nosuchmodel", look_around, NULL, NULL);
}

static void assert_campaign_prints_the_findings(void **state)
{
	struct rb_mock_campaign_options few = RB_MOCK_CAMPAIGN_OPTIONS_INIT;
	char words[4096];

	(void)state;
	few.max_points = 8;

	rb_mock_assert_campaign("mock:edu", look_around, NULL, &few);

	assert_int_equal(run_apart(campaign_of_a_leak, words, sizeof(words)), 1);
	assert_says(words, "points of the campaign on mock:edu:");
	assert_says(words, "PCI list");
	assert_int_equal(run_apart(campaign_on_nothing, words, sizeof(words)), 1);
	assert_says(words, "the campaign on mock:nosuchmodel: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assert_clean_prints_each_violation_and_each_open_object),
		cmocka_unit_test(violations_past_those_that_are_kept_are_counted),
		cmocka_unit_test(a_clean_context_passes),
		cmocka_unit_test(assert_violation_wants_one_that_says_so),
		cmocka_unit_test(assert_rc_prints_call_code_and_reason),
		cmocka_unit_test(assert_campaign_prints_the_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
