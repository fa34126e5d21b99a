/* SPDX-License-Identifier: MIT */
/*
 * campaign.c - rb_mock_campaign(): a driver, once for every fault that may befall it.
 *
 * A first run without a fault tells which calls there are; each of them, with each
 * answer that its entry lists, is a point. Points are numbered as they come:
 * allocations, calls of the system, calls of the machine, so that a number means
 * the same next time.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/options.h"
#include "host/campaign.h"
#include "host/spec.h"

#define POINT_VARIABLE "RBDRV_CAMPAIGN_POINT"
#define TIMEOUT_MS     10000 /* of one run, when the options do not say */
#define RESULT_MAX     (1u << 20)

struct rb_mock_report {
	struct rbi_campaign_point *points; /* in the order of their numbers */
	size_t npoints;
	size_t played;
	char **findings;
	size_t count;
};

/* --- points -------------------------------------------------------------------------- */

static const struct rbi_fault_answer *answer_of(const struct rbi_campaign_point *point,
						const char **name)
{
	enum rbi_waist waist =
		point->kind == RB_MOCK_CAMPAIGN_SYSTEM ? RBI_WAIST_SYS : RBI_WAIST_MACHINE;
	const struct rbi_fault_answer *answers;

	rbi_fault_answers(waist, point->call, &answers, name);
	return &answers[point->variant];
}

/* Number the allocations; with @points NULL only say how many. */
static size_t list_allocations(const struct rbi_campaign_area *area,
			       struct rbi_campaign_point *points)
{
	struct rbi_campaign_point point = { .kind = RB_MOCK_CAMPAIGN_ALLOC };

	while (points && point.n < area->allocations) {
		point.n++;
		*points++ = point;
	}
	return area->allocations;
}

static size_t list_calls(const struct rbi_fault_plan *plan, enum rbi_waist waist,
			 struct rbi_campaign_point *points)
{
	struct rbi_campaign_point point = { .n = 0 };
	const struct rbi_fault_answer *answers;
	unsigned long calls = atomic_load(&plan->calls[waist]);
	unsigned int count, i;
	const char *name;
	size_t n = 0;

	point.kind = waist == RBI_WAIST_SYS ? RB_MOCK_CAMPAIGN_SYSTEM : RB_MOCK_CAMPAIGN_MACHINE;
	while (point.n < calls) {
		point.call = plan->came[waist][point.n++];
		count = rbi_fault_answers(waist, point.call, &answers, &name);
		for (i = 0; i < count; i++, n++) {
			point.variant = (uint8_t)i;
			if (points)
				points[n] = point;
		}
	}
	return n;
}

static size_t list_points(const struct rbi_campaign *c, struct rbi_campaign_point *points)
{
	uint32_t kinds = c->options.kinds;
	size_t n = 0;

	if (kinds & RB_MOCK_CAMPAIGN_ALLOC)
		n += list_allocations(c->area, points);
	if (kinds & RB_MOCK_CAMPAIGN_SYSTEM)
		n += list_calls(&c->area->plan, RBI_WAIST_SYS, points ? points + n : NULL);
	if (kinds & RB_MOCK_CAMPAIGN_MACHINE)
		n += list_calls(&c->area->plan, RBI_WAIST_MACHINE, points ? points + n : NULL);
	return n;
}

static int make_points(const struct rbi_campaign *c, struct rb_mock_report *report)
{
	const struct rbi_campaign_area *area = c->area;
	int i;

	if (area->allocations > RBI_FAULT_CALLS)
		return rbi_fail(-EFBIG, "rb_mock_campaign: the body makes %lu allocations, more "
				"than %u", area->allocations, RBI_FAULT_CALLS);
	for (i = 0; i < RBI_WAISTS; i++)
		if (atomic_load(&area->plan.calls[i]) > RBI_FAULT_CALLS)
			return rbi_fail(-EFBIG, "rb_mock_campaign: the body makes %lu calls of the "
					"%s, more than %u", atomic_load(&area->plan.calls[i]),
					i == RBI_WAIST_SYS ? "system" : "machine", RBI_FAULT_CALLS);

	report->npoints = list_points(c, NULL);
	report->points = rbi_alloc(report->npoints, sizeof(*report->points));
	if (!report->points)
		return rbi_no_memory("the points of a campaign");
	list_points(c, report->points);
	return 0;
}

/* --- findings ------------------------------------------------------------------------ */

/* "system call 17, open(/scheme/irq/5), answering -ENOLCK" */
static void describe(const struct rbi_campaign *c, const struct rbi_campaign_point *point,
		     char *text, size_t size)
{
	const struct rbi_fault_plan *plan = &c->area->plan;
	bool struck = atomic_load(&plan->struck);
	const struct rbi_fault_answer *answer;
	const char *name;

	if (point->kind == RB_MOCK_CAMPAIGN_ALLOC) {
		snprintf(text, size, "allocation %u failing", point->n);
		return;
	}
	answer = answer_of(point, &name);
	snprintf(text, size, "%s call %u, %s, answering %s",
		 point->kind == RB_MOCK_CAMPAIGN_SYSTEM ? "system" : "machine", point->n,
		 struck ? plan->what : name, struck ? plan->answer.name : answer->name);
}

/* Keep the area's trouble, if there is any: 0 or -ENOMEM. */
static int keep_trouble(struct rbi_campaign *c, struct rb_mock_report *report,
			const struct rbi_campaign_point *point)
{
	char text[256], **more;

	report->played++;
	if (c->area->trouble[0] == '\0')
		return 0;
	more = rbi_realloc(report->findings, report->count + 1, sizeof(*more));
	if (!more)
		return rbi_no_memory("a campaign's findings");
	report->findings = more;

	if (point) {
		describe(c, point, text, sizeof(text));
		more[report->count] = rbi_sprintf("point %zu of %zu, %s: %s",
						  (size_t)(point - report->points) + 1,
						  report->npoints, text, c->area->trouble);
	} else {
		more[report->count] = rbi_sprintf("without a fault: %s", c->area->trouble);
	}
	if (!more[report->count])
		return rbi_no_memory("a campaign's finding");
	report->count++;
	return 0;
}

/* --- runs ---------------------------------------------------------------------------- */

static int play(struct rbi_campaign *c, struct rb_mock_report *report,
		const struct rbi_campaign_point *point, bool here)
{
	int rc = 0;

	atomic_store(&c->area->stage, RBI_CAMPAIGN_STARTS);
	c->area->trouble[0] = '\0';
	if (here)
		rbi_campaign_play(c, point);
	else
		rc = rbi_campaign_fork(c, point);
	if (!here)
		c->area->left_open = false; /* the child's objects went with it */
	return rc == 0 ? keep_trouble(c, report, point) : rc;
}

/* The point that the environment asks for; 0: all of them. */
static int wanted_point(const struct rb_mock_report *report, uint64_t *number)
{
	const char *text = secure_getenv(POINT_VARIABLE);

	*number = 0;
	if (!text)
		return 0;
	return rbi_parse_number(POINT_VARIABLE, text, 1, report->npoints, number);
}

static int play_points(struct rbi_campaign *c, struct rb_mock_report *report)
{
	size_t n = report->npoints, most = c->options.max_points, i;
	uint64_t wanted;
	int rc;

	rc = wanted_point(report, &wanted);
	if (rc < 0)
		return rc;
	if (wanted > 0)
		return play(c, report, &report->points[wanted - 1], true);

	if (most == 0 || most > n)
		most = n;
	for (i = 0; i < most && rc == 0; i++)
		rc = play(c, report, &report->points[(uint64_t)i * n / most], false);
	return rc;
}

static int play_all(struct rbi_campaign *c, struct rb_mock_report *report)
{
	int rc;

	fflush(NULL); /* a child that prints prints its own lines only */
	rc = play(c, report, NULL, false);
	if (rc < 0)
		return rc;
	report->played = 0;
	if (atomic_load(&c->area->stage) == RBI_CAMPAIGN_DONE && !c->area->opened)
		return rbi_fail(c->area->rc, "%s", c->area->detail);
	if (report->count > 0)
		return 0;
	rc = make_points(c, report);
	return rc == 0 ? play_points(c, report) : rc;
}

/* --- the call ------------------------------------------------------------------------ */

static int take_options(struct rbi_campaign *c, const struct rb_mock_campaign_options *options)
{
	struct rb_mock_campaign_options *o = &c->options;
	const uint32_t all = RB_MOCK_CAMPAIGN_ALLOC | RB_MOCK_CAMPAIGN_SYSTEM | RB_MOCK_CAMPAIGN_MACHINE;
	int rc;

	rc = rbi_options_copy(o, sizeof(*o), options, "struct rb_mock_campaign_options");
	if (rc < 0)
		return rc;
	if (o->kinds & ~all)
		return rbi_fail(-EINVAL, "rb_mock_campaign: kinds %#x has unknown bits",
				o->kinds);
	if (o->timeout_ms > INT32_MAX)
		return rbi_fail(-EINVAL, "rb_mock_campaign: timeout_ms %u", o->timeout_ms);
	if (o->result_size > RESULT_MAX || (o->result_size > 0 && !o->result))
		return rbi_fail(-EINVAL, "rb_mock_campaign: a result of %u bytes", o->result_size);
	if (o->kinds == 0)
		o->kinds = all;
	if (o->timeout_ms == 0)
		o->timeout_ms = TIMEOUT_MS;
	return 0;
}

static int check(const char *machine, rb_mock_body_fn body)
{
	if (!machine || !body)
		return rbi_fail(-EINVAL, "rb_mock_campaign: NULL");
	if (rbi_fault_armed())
		return rbi_fail(-EINVAL, "rb_mock_campaign: called from a campaign's body");
	if (strcmp(machine, "mock") != 0 && strncmp(machine, "mock:", 5) != 0)
		return rbi_fail(-ENOTSUP, "rb_mock_campaign: '%.64s' is not the mock, whose runs are "
				"all the same", machine);
	return 0;
}

static int open_area(struct rbi_campaign *c)
{
	void *area;

	c->area_size = sizeof(*c->area) + c->options.result_size;
	area = mmap(NULL, c->area_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return rbi_no_memory("a campaign");
	c->area = area;
	return 0;
}

RB_EXPORT int rb_mock_campaign(const char *machine, rb_mock_body_fn body, void *arg,
			       const struct rb_mock_campaign_options *options,
			       struct rb_mock_report **out)
{
	struct rbi_campaign c = { .machine = machine, .body = body, .arg = arg };
	struct rb_mock_report *report;
	int rc;

	if (out)
		*out = NULL;
	rc = check(machine, body);
	if (rc == 0)
		rc = take_options(&c, options);
	if (rc == 0)
		rc = open_area(&c);
	if (rc < 0)
		return rc;

	report = rbi_alloc(1, sizeof(*report));
	rc = report ? play_all(&c, report) : rbi_no_memory("a campaign's report");
	if (rc == 0)
		rc = (int)report->count;
	/* a run in this process may have left worlds open that know the plan */
	if (!c.area->left_open)
		munmap(c.area, c.area_size);
	if (rc >= 0 && out)
		*out = report;
	else
		rb_mock_report_close(report);
	return rc;
}

/* --- the report ---------------------------------------------------------------------- */

RB_EXPORT size_t rb_mock_report_points(const struct rb_mock_report *report)
{
	return report ? report->played : 0;
}

RB_EXPORT size_t rb_mock_report_count(const struct rb_mock_report *report)
{
	return report ? report->count : 0;
}

RB_EXPORT const char *rb_mock_report_text(const struct rb_mock_report *report, size_t index)
{
	return report && index < report->count ? report->findings[index] : NULL;
}

RB_EXPORT void rb_mock_report_close(struct rb_mock_report *report)
{
	size_t i;

	if (!report)
		return;
	for (i = 0; i < report->count; i++)
		rbi_free(report->findings[i]);
	rbi_free(report->findings);
	rbi_free(report->points);
	rbi_free(report);
}
