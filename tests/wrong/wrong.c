/* SPDX-License-Identifier: MIT */
/*
 * wrong.c - runs pairs of drivers and collects what is said of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wrong.h"

#include <cmocka.h>

/* Some of these drivers leak on purpose, and the ledger of the library is what must say
 * so: AddressSanitizer, where it is, looks for everything else. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

#define PAIRS_MAX 32
#define TIMEOUT	  1000 /* ms; far above what a job takes */

/* --- jobs ------------------------------------------------------------------------------ */

static int open_buffer(struct rig *rig, const char *label, struct rb_dma_buf **buf)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;

	options.label = label;
	return rb_dma_alloc(rig->dev, 4096, &options, buf);
}

int job_open(struct rig *rig, struct job *job, enum rb_irq_kind kind)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	uint64_t count;
	int rc;

	memset(job, 0, sizeof(*job));
	options.kinds = kind;
	rc = open_buffer(rig, "source", &job->src);
	if (rc == 0)
		rc = open_buffer(rig, "destination", &job->dst);
	if (rc == 0)
		rc = rb_irq_set_open(rig->dev, &options, &job->irqs);
	if (rc == 0)
		rc = rb_irq_take(job->irqs, 0, &count);
	return rc == 0 ? 0 : job_close(job, rc);
}

int job_close(struct job *job, int rc)
{
	rb_irq_set_close(job->irqs);
	rb_dma_close(job->src);
	rb_dma_close(job->dst);
	return rc;
}

uint32_t job_fill(struct job *job, uint32_t len)
{
	uint8_t *bytes = rb_dma_cpu(job->src);
	uint32_t i, sum = 0;

	for (i = 0; i < len; i++) {
		bytes[i] = (uint8_t)(i * 7 + 1);
		sum += bytes[i];
	}
	return sum;
}

void job_start(struct rig *rig, struct job *job, uint32_t len)
{
	rb_mmio_write64_lo_hi(rig->regs, REG_SRC, rb_dma_addr(job->src, 0).value);
	rb_mmio_write64_lo_hi(rig->regs, REG_DST, rb_dma_addr(job->dst, 0).value);
	rb_mmio_write32(rig->regs, REG_LEN, len);
	rb_mmio_write32(rig->regs, REG_CTRL, CTRL_IRQ);
	rb_mmio_write32(rig->regs, REG_DOORBELL, 1);
}

void job_quiet(struct rig *rig)
{
	rb_mmio_write32(rig->regs, REG_CAUSE, rb_mmio_read32(rig->regs, REG_CAUSE) & CAUSE_DONE);
	(void)rb_mmio_read32(rig->regs, REG_CAUSE);
}

int job_finish(struct rig *rig, struct job *job)
{
	uint64_t count;
	int rc;

	rc = rb_irq_wait(job->irqs, 0, TIMEOUT);
	while (rc == 0) {
		rc = rb_irq_take(job->irqs, 0, &count);
		if (rc < 0 || count == 0)
			break;
		job_quiet(rig);
	}
	return rc;
}

uint32_t job_sum(const struct job *job)
{
	const uint8_t *le = rb_dma_cpu(job->dst);

	return le[0] | (uint32_t)le[1] << 8 | (uint32_t)le[2] << 16 | (uint32_t)le[3] << 24;
}

/* --- evidence -------------------------------------------------------------------------------- */

struct evidence {
	char text[8192];
	size_t used;
};

static void say(struct evidence *e, const char *kind, const char *what)
{
	size_t left = sizeof(e->text) - e->used;
	int n = snprintf(e->text + e->used, left, "%s: %s\n", kind, what);

	assert_true(n > 0);
	e->used += (size_t)n < left ? (size_t)n : left - 1;
}

static void say_answer(struct evidence *e, int rc)
{
	if (rc != 0)
		say(e, "answer", rc > 0 ? "wrong result" : rb_strerror(rc));
}

static void say_findings(struct evidence *e, struct rb_ctx *ctx)
{
	char lines[1024];
	size_t i, count = rb_mock_verify(ctx);
	const char *text;

	for (i = 0; i < count; i++) {
		text = rb_mock_violation_text(ctx, i);
		if (text)
			say(e, "violation", text);
	}
	if (rb_ctx_live(ctx, lines, sizeof(lines)) > 0)
		say(e, "open", lines);
}

static rb_mock_build_fn build_device;

/* Run one driver as its process would, and keep all that is said of it. */
static void try(const char *machine, driver_fn driver, struct evidence *e)
{
	struct rig rig;
	int rc;

	memset(e, 0, sizeof(*e));
	assert_int_equal(rb_ctx_new(machine ? machine : "mock", &rig.ctx), 0);
	assert_int_equal(rb_mock_add(rig.ctx, "adder", build_device, NULL, &rig.mock), 0);
	assert_int_equal(rb_pci_open(rig.ctx, rb_mock_addr(rig.mock), &rig.dev), 0);
	assert_int_equal(rb_mmio_map(rig.dev, 0, 0, 0, RB_MMIO_UC, &rig.regs), 0);

	rc = driver(&rig);
	say_answer(e, rc);

	rb_mmio_close(rig.regs);
	rb_pci_unref(rig.dev);
	say_findings(e, rig.ctx);
	rb_ctx_unref(rig.ctx);
}

static void is_caught(void **state)
{
	const struct wrong *w = *state;
	struct evidence e;

	try(w->machine, w->wrong, &e);

	if (!strstr(e.text, w->says))
		fail_msg("nobody says '%s', but:\n%s", w->says, e.text);
}

static void passes(void **state)
{
	const struct wrong *w = *state;
	struct evidence e;

	try(w->machine, w->right, &e);

	assert_string_equal(e.text, "");
}

int wrong_run_on(rb_mock_build_fn build, const struct wrong *pairs, size_t count)
{
	static char names[PAIRS_MAX * 2][96];
	static struct CMUnitTest tests[PAIRS_MAX * 2];
	size_t i, used = 0;

	if (count > PAIRS_MAX)
		return 1;
	build_device = build;
	for (i = 0; i < count; i++) {
		struct CMUnitTest caught = { names[used], is_caught, NULL, NULL, NULL };
		struct CMUnitTest passed = { names[used + 1], passes, NULL, NULL, NULL };

		snprintf(names[used], sizeof(names[0]), "%s_and_is_caught", pairs[i].name);
		snprintf(names[used + 1], sizeof(names[0]), "%s_no_more_and_passes", pairs[i].name);
		caught.initial_state = passed.initial_state = (void *)(uintptr_t)&pairs[i];
		tests[used++] = caught;
		tests[used++] = passed;
	}
	return _cmocka_run_group_tests("wrong drivers", tests, used, NULL, NULL);
}

int wrong_run(const struct wrong *pairs, size_t count)
{
	return wrong_run_on(adder_build, pairs, count);
}
