/* SPDX-License-Identifier: MIT */
/*
 * test_mock_campaign.c - what a fault campaign must see, planted in drivers that are
 * wrong by one line each, and one that is right.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#include "core/core.h"
#include "host/fault_plan.h"
#include "host/machine.h"
#include "os/sys.h"

#define EDU	     "mock:edu"
#define REG_LIVENESS 0x04
#define POINT	     "RBDRV_CAMPAIGN_POINT"

/* What a run leaves for the campaign to compare. */
static uint32_t result;
static pid_t player; /* who ran right() last */

static struct rb_pci_addr edu_addr(void)
{
	return rb_pci_addr_make(0, 0, 1, 0);
}

/* --- bodies ------------------------------------------------------------------------- */

/* Claims, maps, reads a register that was written: right. */
static int right(struct rb_ctx *ctx, void *arg)
{
	struct rb_mmio *regs = NULL;
	struct rb_pci_dev *dev;
	int rc;

	(void)arg;
	player = getpid();
	result = 0;
	rc = rb_pci_open(ctx, edu_addr(), &dev);
	if (rc < 0)
		return rc;
	rc = rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs);
	if (rc == 0) {
		rb_mmio_write32(regs, REG_LIVENESS, 1);
		result = rb_mmio_read32(regs, REG_LIVENESS);
		rc = rb_mmio_error(regs);
	}
	rb_mmio_close(regs);
	rb_pci_unref(dev);
	return rc;
}

static int forgets_the_device_when_it_cannot_map(struct rb_ctx *ctx, void *arg)
{
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	int rc;

	(void)arg;
	rc = rb_pci_open(ctx, edu_addr(), &dev);
	if (rc < 0)
		return rc;
	rc = rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs);
	if (rc < 0)
		return rc;
	rb_mmio_close(regs);
	rb_pci_unref(dev);
	return 0;
}

static int uses_what_it_did_not_get(struct rb_ctx *ctx, void *arg)
{
	struct rb_pci_dev *dev;
	int rc;

	(void)arg;
	rc = rb_pci_open(ctx, edu_addr(), &dev);
	if (rc < 0)
		raise(SIGSEGV); /* as a store through NULL would; sanitizers report that one instead */
	rb_pci_unref(dev);
	return rc;
}

static int answers_a_code_of_its_own(struct rb_ctx *ctx, void *arg)
{
	return right(ctx, arg) < 0 ? -EXDEV : 0;
}

static int tries_for_ever(struct rb_ctx *ctx, void *arg)
{
	static struct rb_pci_dev *dev;
	int rc;

	(void)arg;
	rc = rb_pci_open(ctx, edu_addr(), &dev);
	while (rc == -EBUSY)
		pause();
	rb_pci_unref(dev);
	return rc;
}

static int gives_up_the_process(struct rb_ctx *ctx, void *arg)
{
	if (right(ctx, arg) < 0)
		_exit(3);
	return 0;
}

static int swallows_an_error(struct rb_ctx *ctx, void *arg)
{
	right(ctx, arg);
	return 0;
}

static int finds_its_result_wrong(struct rb_ctx *ctx, void *arg)
{
	right(ctx, arg);
	return result == 0xfffffffe ? 0 : 1;
}

static int leaves_a_descriptor(struct rb_ctx *ctx, void *arg)
{
	if (right(ctx, arg) < 0)
		return dup(0) < 0 ? -ENOMEM : -EIO;
	return 0;
}

static int leaves_memory(struct rb_ctx *ctx, void *arg)
{
	if (right(ctx, arg) < 0)
		return rbi_alloc(1, 1) ? -EIO : -ENOMEM;
	return 0;
}

/* An access that the mock does not like, on the way out. */
static int violates_when_it_fails(struct rb_ctx *ctx, void *arg)
{
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_dma_buf *buf;
	int rc;

	(void)arg;
	rc = rb_pci_open(ctx, edu_addr(), &dev);
	if (rc < 0)
		return rc;
	rc = rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs);
	if (rc == 0) {
		rc = rb_dma_alloc(dev, 4096, NULL, &buf);
		if (rc < 0)
			(void)rb_mmio_read32(regs, 2);
		else
			rb_dma_close(buf);
		rb_mmio_close(regs);
	}
	rb_pci_unref(dev);
	return rc;
}

/* A second world, whose device goes on mastering the bus: nobody asks about that one.
 * In ours the command register is written behind the library's back. */
static int leaves_the_bus_mastered(struct rb_ctx *ctx, void *arg)
{
	struct rb_pci_dev *dev;
	uint16_t command;
	int rc;

	(void)arg;
	rc = rb_pci_open(ctx, edu_addr(), &dev);
	if (rc < 0)
		return rc;
	rc = rb_pci_config_read16(dev, 4, &command);
	rb_pci_unref(dev);
	if (rc < 0) {
		struct rbi_machine *machine = rbi_hosted_machine(ctx->sys);

		machine->ops->cfg_write(machine, edu_addr(), 4, 2, 6);
	}
	return rc;
}

static int fails_without_a_fault(struct rb_ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return -ETIMEDOUT;
}

static int asserts(struct rb_ctx *ctx, void *arg)
{
	int quiet = open("/dev/null", O_WRONLY);

	dup2(quiet, 1); /* of what is expected to fail nobody need read */
	dup2(quiet, 2);
	close(quiet);
	assert_int_equal(right(ctx, arg), 0);
	return 0;
}

static int plays_a_campaign(struct rb_ctx *ctx, void *arg)
{
	(void)ctx;
	return rb_mock_campaign(EDU, right, arg, NULL, NULL) == -EINVAL ? 0 : 1;
}

static int opens_another_world(struct rb_ctx *ctx, void *arg)
{
	struct rb_ctx *other;
	int rc;

	(void)ctx;
	rc = rb_ctx_new(EDU, &other);
	if (rc < 0)
		return rc;
	rc = right(other, arg);
	rb_ctx_unref(other);
	return rc;
}

/* --- what is found -------------------------------------------------------------------- */

static struct rb_mock_report *report;

static int close_report(void **state)
{
	(void)state;
	rb_mock_report_close(report);
	report = NULL;
	unsetenv(POINT);
	return 0;
}

static int campaign(rb_mock_body_fn body, uint32_t kinds)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;

	options.kinds = kinds;
	options.result = &result;
	options.result_size = sizeof(result);
	options.timeout_ms = body == tries_for_ever ? 500 : 0;
	return rb_mock_campaign(EDU, body, NULL, &options, &report);
}

/* The finding that holds all of @words, which end with NULL. */
static const char *find_all(const char *const *words)
{
	const char *text;
	size_t i, n;

	for (i = 0; (text = rb_mock_report_text(report, i)) != NULL; i++) {
		for (n = 0; words[n] && strstr(text, words[n]); n++)
			;
		if (!words[n])
			return text;
	}
	return NULL;
}

#define assert_found(...)                                                                \
	do {                                                                             \
		static const char *const words[] = { __VA_ARGS__, NULL };                \
		if (!find_all(words))                                                    \
			fail_msg("%zu findings, the first: %s", rb_mock_report_count(report), \
				 rb_mock_report_text(report, 0) ?                        \
					 rb_mock_report_text(report, 0) : "none");       \
	} while (0)

static void a_right_body_passes_every_point(void **state)
{
	int rc;

	(void)state;

	rc = campaign(right, 0);

	if (rc != 0)
		fail_msg("%d: %s", rc, rb_mock_report_text(report, 0));
	assert_int_equal(rb_mock_report_count(report), 0);
	assert_null(rb_mock_report_text(report, 0));
	assert_true(rb_mock_report_points(report) > 100);
}

static void a_leak_is_named(void **state)
{
	(void)state;

	assert_true(campaign(forgets_the_device_when_it_cannot_map, 0) > 0);

	assert_found("system call ", "mmap(/scheme/memory/physical@uc", "answering -ENOMEM",
		     "1 left open: PCI device 0000:00:01.0");
	assert_found("allocation ", "1 left open: PCI device");
}

static void a_crash_is_named(void **state)
{
	(void)state;

	assert_true(campaign(uses_what_it_did_not_get, RB_MOCK_CAMPAIGN_SYSTEM) > 0);

	assert_found("open(/scheme/pci/", "answering -ENOLCK", "killed by SIGSEGV (11) in the body");
}

static void a_strange_code_is_named(void **state)
{
	(void)state;

	assert_true(campaign(answers_a_code_of_its_own, RB_MOCK_CAMPAIGN_MACHINE) > 0);

	assert_found("machine call ", "claim(0000:00:01.0)", "answering -EACCES",
		     "it answers -18, which is no code of error.h");
}

static void a_hang_is_named(void **state)
{
	(void)state;

	assert_int_equal(campaign(tries_for_ever, RB_MOCK_CAMPAIGN_MACHINE), 1);

	assert_found("claim(0000:00:01.0), answering -EBUSY: no end within 500 ms, in the body");
}

static void a_body_that_exits_is_named(void **state)
{
	(void)state;

	assert_true(campaign(gives_up_the_process, RB_MOCK_CAMPAIGN_ALLOC) > 0);

	assert_found("allocation ", " failing: the process ended in the body, with status 3");
}

static void a_swallowed_error_shows_in_the_result(void **state)
{
	(void)state;

	assert_true(campaign(swallows_an_error, RB_MOCK_CAMPAIGN_MACHINE) > 0);

	assert_found("mem_read(4 bytes at 0x", "another result than without a fault");
	assert_found("claim(", "answering -EIO", "another result than without a fault");
}

static void a_body_that_finds_its_result_wrong_is_believed(void **state)
{
	(void)state;

	assert_true(campaign(finds_its_result_wrong, RB_MOCK_CAMPAIGN_MACHINE) > 0);

	assert_found("mem_write(4 bytes at 0x", "it answers 1: a wrong result");
}

static void a_descriptor_is_missed(void **state)
{
	(void)state;

	assert_true(campaign(leaves_a_descriptor, RB_MOCK_CAMPAIGN_MACHINE) > 0);

	assert_found("claim(", "1 descriptors left open");
}

static void memory_is_missed(void **state)
{
	(void)state;

	assert_true(campaign(leaves_memory, RB_MOCK_CAMPAIGN_MACHINE) > 0);

	assert_found("claim(", "1 allocations of the library not freed");
}

static void a_violation_is_quoted(void **state)
{
	(void)state;

	assert_true(campaign(violates_when_it_fails, RB_MOCK_CAMPAIGN_MACHINE) > 0);

	assert_found("dma_map(", "answering -ENOMEM", "1 violations, the first: ");
}

static void a_mastered_bus_is_named(void **state)
{
	(void)state;

	assert_true(campaign(leaves_the_bus_mastered, RB_MOCK_CAMPAIGN_SYSTEM) > 0);

	assert_found("read(/scheme/pci/", "0000:00:01.0 still masters the bus");
}

static void an_assertion_does_not_go_on_with_the_next_test(void **state)
{
	(void)state;

	assert_true(campaign(asserts, RB_MOCK_CAMPAIGN_ALLOC) > 0);

	assert_found("killed by SIGABRT (6) in the body");
}

static void a_second_world_of_the_body_is_struck_too(void **state)
{
	size_t one;

	(void)state;
	assert_int_equal(campaign(right, RB_MOCK_CAMPAIGN_MACHINE), 0);
	one = rb_mock_report_points(report);
	rb_mock_report_close(report);

	assert_int_equal(campaign(opens_another_world, RB_MOCK_CAMPAIGN_MACHINE), 0);

	assert_true(rb_mock_report_points(report) >= one);
}

/* --- how it is played ------------------------------------------------------------------- */

static void a_body_that_fails_undisturbed_is_the_only_finding(void **state)
{
	(void)state;

	assert_int_equal(campaign(fails_without_a_fault, 0), 1);

	assert_found("without a fault: it answers -110");
	assert_int_equal(rb_mock_report_points(report), 0);
}

static void the_parent_stays_as_it_was(void **state)
{
	long memory = rbi_alloc_live();
	int fd = dup(0);

	(void)state;
	close(fd);
	result = 5;

	assert_int_equal(campaign(right, 0), 0);
	rb_mock_report_close(report);
	report = NULL;

	assert_int_equal(rbi_alloc_live(), memory);
	assert_int_equal(dup(0), fd);
	close(fd);
	assert_int_equal(result, 5);
	assert_null(rbi_fault_armed());
}

static void fewer_points_are_spread_over_all(void **state)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;

	(void)state;
	options.max_points = 7;

	assert_int_equal(rb_mock_campaign(EDU, right, NULL, &options, &report), 0);

	assert_int_equal(rb_mock_report_points(report), 7);
}

static void one_point_is_played_here(void **state)
{
	unsigned int number;
	char text[16];

	(void)state;
	assert_true(campaign(swallows_an_error, RB_MOCK_CAMPAIGN_MACHINE) > 1);
	assert_int_equal(sscanf(rb_mock_report_text(report, 0), "point %u of", &number), 1);
	close_report(NULL);
	assert_int_not_equal(player, getpid());

	snprintf(text, sizeof(text), "%u", number);
	setenv(POINT, text, 1);
	assert_int_equal(campaign(swallows_an_error, RB_MOCK_CAMPAIGN_MACHINE), 1);

	assert_int_equal(player, getpid());
	assert_int_equal(rb_mock_report_points(report), 1);
	assert_non_null(strstr(rb_mock_report_text(report, 0), "another result"));
}

static void a_point_that_there_is_not_is_refused(void **state)
{
	static const char *const numbers[] = { "0", "1000000", "", "first", "-1" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		setenv(POINT, numbers[i], 1);
		assert_int_equal(campaign(right, 0), -EINVAL);
		assert_null(report);
	}
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct rb_mock_campaign_options options = RB_MOCK_CAMPAIGN_OPTIONS_INIT;

	(void)state;

	assert_int_equal(rb_mock_campaign(NULL, right, NULL, NULL, &report), -EINVAL);
	assert_int_equal(rb_mock_campaign(EDU, NULL, NULL, NULL, &report), -EINVAL);
	assert_int_equal(rb_mock_campaign("qemu:edu", right, NULL, NULL, &report), -ENOTSUP);
	assert_int_equal(rb_mock_campaign("mocking", right, NULL, NULL, &report), -ENOTSUP);
	assert_int_equal(rb_mock_campaign("mock:nosuch", right, NULL, NULL, &report), -ENOENT);
	assert_non_null(strstr(rb_last_error(), "nosuch"));
	options.kinds = 8;
	assert_int_equal(rb_mock_campaign(EDU, right, NULL, &options, &report), -EINVAL);
	options.kinds = 0;
	options.result_size = 4;
	assert_int_equal(rb_mock_campaign(EDU, right, NULL, &options, &report), -EINVAL);
	options.size = 3;
	assert_int_equal(rb_mock_campaign(EDU, right, NULL, &options, &report), -EINVAL);
	assert_null(report);
	assert_int_equal(rb_mock_campaign(EDU, plays_a_campaign, NULL,
					  &(struct rb_mock_campaign_options){
						  sizeof(options), RB_MOCK_CAMPAIGN_MACHINE, 0, 0, NULL,
						  0, 0 },
					  NULL), 0);
	assert_int_equal(rb_mock_report_points(NULL), 0);
	assert_int_equal(rb_mock_report_count(NULL), 0);
	assert_null(rb_mock_report_text(NULL, 0));
	rb_mock_report_close(NULL);
}

/* A table that lacks an entry which was added later would crash where it is called. */
static void the_decorators_forward_every_entry(void **state)
{
	struct rbi_fault_plan *plan = rbi_alloc(1, sizeof(*plan));
	void (*const *entry)(void);
	struct rbi_machine *machine;
	struct rb_ctx *ctx;
	size_t i;

	(void)state;
	assert_non_null(plan);
	rbi_fault_arm(plan);
	assert_int_equal(rb_ctx_new(EDU, &ctx), 0);
	rbi_fault_arm(NULL);

	entry = (void (*const *)(void))ctx->sys->ops;
	for (i = 0; i < sizeof(struct rbi_sys_ops) / sizeof(*entry); i++)
		assert_non_null(entry[i]);
	assert_non_null(ctx->sys->under);
	assert_true(ctx->sys->under->ctx == ctx);
	assert_int_equal(rb_mock_verify(ctx), 0); /* found behind both decorators */
	machine = rbi_hosted_machine(ctx->sys);
	assert_non_null(machine);
	assert_null(machine->under);

	assert_int_equal(rbi_fault_machine(plan, &machine), 0);
	entry = (void (*const *)(void))machine->ops;
	for (i = 0; i < sizeof(struct rbi_machine_ops) / sizeof(*entry); i++)
		assert_non_null(entry[i]);

	rbi_free(machine);
	rb_ctx_unref(ctx);
	rbi_free(plan);
}

static void every_call_has_a_name_and_an_answer(void **state)
{
	static const unsigned int counts[RBI_WAISTS] = { RBI_SYS_CALLS, RBI_MACHINE_CALLS };
	const struct rbi_fault_answer *answers;
	const char *name;
	unsigned int call, i, n;
	int waist;

	(void)state;
	for (waist = 0; waist < RBI_WAISTS; waist++) {
		for (call = 0; call < counts[waist]; call++) {
			n = rbi_fault_answers((enum rbi_waist)waist, call, &answers, &name);
			assert_true(n > 0);
			assert_true(strlen(name) > 0);
			for (i = 0; i < n; i++)
				assert_true(waist == RBI_WAIST_SYS || answers[i].code >= 0 ||
					    rbi_code_is_ours(answers[i].code));
		}
	}
}

#define TEST(fn) cmocka_unit_test_teardown(fn, close_report)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_right_body_passes_every_point),
		TEST(a_leak_is_named),
		TEST(a_crash_is_named),
		TEST(a_strange_code_is_named),
		TEST(a_hang_is_named),
		TEST(a_body_that_exits_is_named),
		TEST(a_swallowed_error_shows_in_the_result),
		TEST(a_body_that_finds_its_result_wrong_is_believed),
		TEST(a_descriptor_is_missed),
		TEST(memory_is_missed),
		TEST(a_violation_is_quoted),
		TEST(a_mastered_bus_is_named),
		TEST(an_assertion_does_not_go_on_with_the_next_test),
		TEST(a_second_world_of_the_body_is_struck_too),
		TEST(a_body_that_fails_undisturbed_is_the_only_finding),
		TEST(the_parent_stays_as_it_was),
		TEST(fewer_points_are_spread_over_all),
		TEST(one_point_is_played_here),
		TEST(a_point_that_there_is_not_is_refused),
		TEST(what_makes_no_sense_is_refused),
		TEST(the_decorators_forward_every_entry),
		TEST(every_call_has_a_name_and_an_answer),
	};

	unsetenv(POINT);
	return cmocka_run_group_tests_name("fault campaign", tests, NULL, NULL);
}
