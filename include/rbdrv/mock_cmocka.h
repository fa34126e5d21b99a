/* SPDX-License-Identifier: MIT */
/**
 * @file mock_cmocka.h
 * The mock's findings as assertions of cmocka, whose failures need no debugger:
 * each prints what the mock, the ledger or the last error says in words, and the file
 * and line of the test.
 *
 * @code
 * #include <rbdrv/mock_cmocka.h>
 * #include <rbdrv/rbdrv.h>
 *
 * static void the_card_sends(void **state)
 * {
 *         struct rb_ctx *ctx;
 *
 *         rb_mock_assert_rc(rb_ctx_new("mock:nic", &ctx), 0);
 *         rb_mock_assert_rc(nic_send_one(ctx, "ping", 4), 0);
 *         rb_mock_assert_clean(ctx);
 *         rb_ctx_unref(ctx);
 * }
 * @endcode
 *
 * A failure reads so:
 *
 *     1 violation:
 *     nic at 00:01.0: reads byte 0 of the DMA buffer at bus address 0x1000000, which
 *     the CPU has changed without rb_dma_publish
 *     1 object is still open:
 *     DMA buffer ring of 0000:00:01.0
 *     [  ERROR   ] --- [   LINE   ] --- nic_test.c:31: error: Failure!
 *
 * The header is all there is: no library contains these functions. It includes cmocka.h
 * and what that wants before it; the program links cmocka itself (-lcmocka). C99 or
 * C++. An assertion that fails ends the test by longjmp(), as all of cmocka's do: what
 * the test had open stays open. So assert on the test's own thread and never in a
 * device's callback or in a body of rb_mock_campaign().
 */
#ifndef RBDRV_MOCK_CMOCKA_H
#define RBDRV_MOCK_CMOCKA_H

/* cmocka.h uses these and does not include them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/ctx.h>
#include <rbdrv/error.h>
#include <rbdrv/mock.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @cond internal */
/* The violations, one a line; how many there are. */
static inline size_t rb_mock_cm_print_violations_(struct rb_ctx *ctx)
{
	size_t i, count = rb_mock_verify(ctx);
	const char *text;

	if (count > 0)
		print_error("%u violation%s:\n", (unsigned int)count, count == 1 ? "" : "s");
	for (i = 0; i < count; i++) {
		text = rb_mock_violation_text(ctx, i);
		if (text == NULL)
			break;
		print_error("%s\n", text);
	}
	if (i < count)
		print_error("... and %u more\n", (unsigned int)(count - i));
	return count;
}

/* The ledger's open objects, one a line; how many there are. */
static inline size_t rb_mock_cm_print_live_(struct rb_ctx *ctx)
{
	char lines[2048];
	size_t count = rb_ctx_live(ctx, lines, sizeof(lines));

	if (count > 0)
		print_error("%u object%s still open:\n%s", (unsigned int)count,
			    count == 1 ? " is" : "s are", lines);
	return count;
}
/** @endcond */

/**
 * What rb_mock_assert_clean() calls, for helper functions that pass their caller's place.
 *
 * @param ctx   the context
 * @param file  to name in a failure
 * @param line  to name in a failure
 * @since 0.1
 */
static inline void rb_mock_assert_clean_at(struct rb_ctx *ctx, const char *file, int line)
{
	size_t bad = rb_mock_cm_print_violations_(ctx);

	bad += rb_mock_cm_print_live_(ctx);
	if (bad > 0)
		_fail(file, line);
}

/**
 * Fail unless the driver has done nothing wrong and left nothing open: no violation
 * (rb_mock_verify(), so no expectation is unmet either), no object of the context in
 * rb_ctx_live(). Failing, print all of both. For the end of each test, before
 * rb_ctx_unref().
 *
 * @param ctx  the context
 * @since 0.1
 */
#define rb_mock_assert_clean(ctx) rb_mock_assert_clean_at((ctx), __FILE__, __LINE__)

/**
 * What rb_mock_assert_no_violation() calls.
 *
 * @param ctx   the context
 * @param file  to name in a failure
 * @param line  to name in a failure
 * @since 0.1
 */
static inline void rb_mock_assert_no_violation_at(struct rb_ctx *ctx, const char *file, int line)
{
	if (rb_mock_cm_print_violations_(ctx) > 0)
		_fail(file, line);
}

/**
 * Fail if there is a violation, and print all; open objects do not matter. For the
 * middle of a test. Expectations that are unmet by now are violations.
 *
 * @param ctx  the context
 * @since 0.1
 */
#define rb_mock_assert_no_violation(ctx) rb_mock_assert_no_violation_at((ctx), __FILE__, __LINE__)

/**
 * What rb_mock_assert_violation() calls.
 *
 * @param ctx   the context
 * @param part  what the sentence must contain
 * @param file  to name in a failure
 * @param line  to name in a failure
 * @since 0.1
 */
static inline void rb_mock_assert_violation_at(struct rb_ctx *ctx, const char *part,
					       const char *file, int line)
{
	size_t i, count = rb_mock_verify(ctx);
	const char *text;

	for (i = 0; i < count; i++) {
		text = rb_mock_violation_text(ctx, i);
		if (text == NULL || strstr(text, part) != NULL)
			break;
	}
	if (i < count && rb_mock_violation_text(ctx, i) != NULL) {
		rb_mock_clear(ctx);
		return;
	}
	print_error("no violation says '%s'\n", part);
	rb_mock_cm_print_violations_(ctx);
	_fail(file, line);
}

/**
 * Fail unless a violation's sentence contains @p part; failing, print all that there
 * are. When it holds, all violations are forgotten, so that rb_mock_assert_clean() may
 * follow. For tests that a misuse is noticed.
 *
 * @param ctx   the context
 * @param part  what the sentence must contain
 * @since 0.1
 */
#define rb_mock_assert_violation(ctx, part) \
	rb_mock_assert_violation_at((ctx), (part), __FILE__, __LINE__)

/**
 * What rb_mock_assert_rc() calls.
 *
 * @param rc    what a call answered
 * @param want  what it should
 * @param call  its text
 * @param file  to name in a failure
 * @param line  to name in a failure
 * @since 0.1
 */
static inline void rb_mock_assert_rc_at(int rc, int want, const char *call, const char *file,
					int line)
{
	if (rc == want)
		return;
	print_error("%s answered %d", call, rc);
	if (rc < 0)
		print_error(" (%s: %s)", rb_strerror(rc), rb_last_error());
	print_error(", not %d%s%s%s\n", want, want < 0 ? " (" : "", want < 0 ? rb_strerror(want) : "",
		    want < 0 ? ")" : "");
	_fail(file, line);
}

/**
 * Fail unless a call answers as it should; failing, print the code in words and
 * rb_last_error().
 *
 * @param call  an expression that is an int, evaluated once
 * @param want  its value
 * @since 0.1
 */
#define rb_mock_assert_rc(call, want) \
	rb_mock_assert_rc_at((call), (want), #call, __FILE__, __LINE__)

/**
 * What rb_mock_assert_campaign() calls.
 *
 * @param machine  as for rb_mock_campaign()
 * @param body     as for rb_mock_campaign()
 * @param arg      as for rb_mock_campaign()
 * @param options  as for rb_mock_campaign()
 * @param file     to name in a failure
 * @param line     to name in a failure
 * @since 0.1
 */
static inline void rb_mock_assert_campaign_at(const char *machine, rb_mock_body_fn body, void *arg,
					      const struct rb_mock_campaign_options *options,
					      const char *file, int line)
{
	struct rb_mock_report *report = NULL;
	int rc = rb_mock_campaign(machine, body, arg, options, &report);
	const char *text;
	size_t i;

	if (rc < 0)
		print_error("the campaign on %s: %s: %s\n", machine, rb_strerror(rc),
			    rb_last_error());
	if (rc > 0)
		print_error("%d of %u points of the campaign on %s:\n", rc,
			    (unsigned int)rb_mock_report_points(report), machine);
	for (i = 0; (text = rb_mock_report_text(report, i)) != NULL; i++)
		print_error("%s\n", text);
	rb_mock_report_close(report);
	if (rc != 0)
		_fail(file, line);
}

/**
 * Run a fault campaign and fail unless nothing is found; failing, print every finding
 * with its point's number, for RBDRV_CAMPAIGN_POINT.
 *
 * @param machine  as for rb_mock_campaign()
 * @param body     as for rb_mock_campaign()
 * @param arg      as for rb_mock_campaign()
 * @param options  as for rb_mock_campaign()
 * @since 0.1
 */
#define rb_mock_assert_campaign(machine, body, arg, options) \
	rb_mock_assert_campaign_at((machine), (body), (arg), (options), __FILE__, __LINE__)

#ifdef __cplusplus
}
#endif
#endif
