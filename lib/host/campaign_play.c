/* SPDX-License-Identifier: MIT */
/*
 * campaign_play.c - one run of a campaign's body, and the questions after it.
 *
 * The questions are asked below the decorators, so that none of them is a call
 * that could fail, and none counts.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/campaign.h"
#include "host/hosted.h"

#define PCI_COMMAND	   0x04 /* PCI 3.0, 6.2.2 */
#define PCI_COMMAND_MASTER 0x04u
#define PCI_HEADER	   0x0e
#define FUNCTIONS_MAX	   64

void rbi_campaign_trouble(struct rbi_campaign_area *area, const char *fmt, ...)
{
	size_t used = strlen(area->trouble);
	va_list args;

	if (used > 0 && sizeof(area->trouble) - used > 3)
		used += (size_t)snprintf(area->trouble + used, 3, "; ");
	va_start(args, fmt);
	vsnprintf(area->trouble + used, sizeof(area->trouble) - used, fmt, args);
	va_end(args);
}

/* --- what a process holds ------------------------------------------------------------ */

/* Open descriptors of this process, the one that reads them too; 0: nobody says. */
static size_t count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static bool has_threads(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) == 0 && st.st_nlink > 3; /* ".", "..", ours */
}

/* --- the questions ------------------------------------------------------------------- */

/* Did it say what happened, or come to the right end in spite of it? */
static void ask_the_body(struct rbi_campaign *c, const struct rbi_campaign_point *point)
{
	struct rbi_campaign_area *area = c->area;
	/* an allocation may have failed in a child of this process */
	bool struck = atomic_load(&area->plan.struck) ||
		      (point && point->kind == RB_MOCK_CAMPAIGN_ALLOC);

	if (area->rc > 0)
		rbi_campaign_trouble(area, "it answers %d: a wrong result", area->rc);
	else if (!rbi_code_is_ours(area->rc))
		rbi_campaign_trouble(area, "it answers %d, which is no code of error.h", area->rc);
	else if (area->rc < 0 && !struck)
		rbi_campaign_trouble(area, "it answers %d although no fault came: %s", area->rc,
				     area->detail);
	else if (area->rc == 0 && point && c->options.result_size > 0 &&
		 memcmp(area->result, c->options.result, c->options.result_size) != 0)
		rbi_campaign_trouble(area, "it answers 0 with another result than without a fault");
}

/* Is everything released? */
static bool ask_the_ledger(struct rbi_campaign_area *area, struct rb_ctx *ctx)
{
	char open[256];
	size_t n = rb_ctx_live(ctx, open, sizeof(open));
	char *s;

	if (n == 0)
		return true;
	for (s = open; (s = strchr(s, '\n')) != NULL; s++)
		*s = s[1] == '\0' ? '\0' : ',';
	rbi_campaign_trouble(area, "%zu left open: %s", n, open);
	return false;
}

static void ask_the_mock(struct rbi_campaign_area *area, struct rb_ctx *ctx)
{
	const char *first = rb_mock_violation_text(ctx, 0);
	size_t n = rb_mock_verify(ctx);

	if (n > 0)
		rbi_campaign_trouble(area, "%zu violations, the first: %s", n, first ? first : "?");
}

/* A bridge forwards what others send, and does so for ever. */
static bool is_mastering(struct rbi_machine *machine, struct rb_pci_addr fn)
{
	uint32_t command, header;

	if (machine->ops->cfg_read(machine, fn, PCI_HEADER, 1, &header) < 0 ||
	    machine->ops->cfg_read(machine, fn, PCI_COMMAND, 2, &command) < 0)
		return false;
	return (header & 0x7f) == 0 && command != UINT16_MAX && (command & PCI_COMMAND_MASTER);
}

/* Who is gone has no bus mastering, and who cannot be told cannot be asked for it. */
static void ask_the_bus(struct rbi_campaign_area *area, struct rb_ctx *ctx)
{
	bool gone = area->plan.answer.code == -ENODEV;
	struct rbi_machine *machine = rbi_hosted_machine(ctx->sys);
	struct rb_pci_addr fns[FUNCTIONS_MAX];
	char text[RB_PCI_ADDR_LEN];
	int i, n;

	n = machine && !gone ? machine->ops->functions(machine, fns, FUNCTIONS_MAX) : 0;
	for (i = 0; i < n && i < FUNCTIONS_MAX; i++)
		if (is_mastering(machine, fns[i]))
			rbi_campaign_trouble(area, "%s still masters the bus",
					     rb_pci_addr_format(fns[i], text));
}

/* Descriptors, and what the library has allocated; threads may hold either for a while. */
static void ask_the_process(struct rbi_campaign_area *area, size_t fds, long memory)
{
	size_t now = count_fds();

	if (now > fds)
		rbi_campaign_trouble(area, "%zu descriptors left open", now - fds);
	if (rbi_alloc_live() > memory)
		rbi_campaign_trouble(area, "%ld allocations of the library not freed",
				     rbi_alloc_live() - memory);
}

/* --- the run ------------------------------------------------------------------------- */

static void prepare(struct rbi_campaign_area *area, const struct rbi_campaign_point *point)
{
	struct rbi_fault_plan *plan = &area->plan;

	memset(plan, 0, offsetof(struct rbi_fault_plan, came)); /* nobody else has it yet */
	plan->counting = !point;
	if (point && point->kind == RB_MOCK_CAMPAIGN_SYSTEM)
		plan->at[RBI_WAIST_SYS] = point->n;
	if (point && point->kind == RB_MOCK_CAMPAIGN_MACHINE)
		plan->at[RBI_WAIST_MACHINE] = point->n;
	plan->variant = point ? point->variant : 0;
	rbi_fault_arm(plan);
	rbi_alloc_fail_at(point && point->kind == RB_MOCK_CAMPAIGN_ALLOC ? point->n : 0);
}

static void work(struct rbi_campaign *c, struct rb_ctx **ctx)
{
	struct rbi_campaign_area *area = c->area;

	atomic_store(&area->stage, RBI_CAMPAIGN_OPENS);
	area->rc = rb_ctx_new(c->machine, ctx);
	area->opened = area->rc == 0;
	if (area->opened) {
		atomic_store(&area->stage, RBI_CAMPAIGN_WORKS);
		area->rc = c->body(*ctx, c->arg);
	}
	snprintf(area->detail, sizeof(area->detail), "%s", rb_last_error());
}

void rbi_campaign_play(struct rbi_campaign *c, const struct rbi_campaign_point *point)
{
	struct rbi_campaign_area *area = c->area;
	bool alone = true, closed = true;
	struct rb_ctx *ctx = NULL;
	long memory = rbi_alloc_live();
	size_t fds = count_fds();

	prepare(area, point);
	work(c, &ctx);
	if (ctx) {
		atomic_store(&area->stage, RBI_CAMPAIGN_CHECKS);
		alone = !has_threads() && !atomic_load(&area->plan.elsewhere);
		closed = ask_the_ledger(area, ctx);
		ask_the_mock(area, ctx);
		if (closed)
			ask_the_bus(area, ctx);
		atomic_store(&area->stage, RBI_CAMPAIGN_CLOSES);
		rb_ctx_unref(ctx);
	}
	area->allocations = rbi_alloc_fail_at(0);
	rbi_fault_arm(NULL);

	ask_the_body(c, point);
	if (alone && closed)
		ask_the_process(area, fds, memory);
	area->left_open = !closed;
	if (!point && c->options.result_size > 0)
		memcpy(area->result, c->options.result, c->options.result_size);
	atomic_store(&area->stage, RBI_CAMPAIGN_DONE);
}
