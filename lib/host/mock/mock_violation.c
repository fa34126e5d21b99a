/* SPDX-License-Identifier: MIT */
/*
 * mock_violation.c - what a correct driver never does, in sentences.
 *
 * The room for them is part of the machine, so that recording one cannot fail.
 */
#include <stdarg.h>
#include <stdio.h>

#include "host/mock/mock_machine.h"

RBI_PRINTF(3, 0)
static void vcomplain(struct mock *mock, const struct rb_mock_dev *dev, const char *fmt,
		      va_list ap)
{
	char spill[MOCK_SENTENCE];
	char *text = spill;
	int used = 0;

	if (mock->nviolations < MOCK_SENTENCES)
		text = mock->sentences[mock->nviolations];
	mock->nviolations++;

	if (dev)
		used = snprintf(text, MOCK_SENTENCE, "%s: ", dev->label);
	vsnprintf(text + used, MOCK_SENTENCE - (size_t)used, fmt, ap);

	if (mock->on_violation)
		mock->on_violation(mock->on_violation_arg, text);
}

void rbi_mock_complain(struct mock *mock, const struct rb_mock_dev *dev, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(mock, dev, fmt, ap);
	va_end(ap);
}

void rbi_mock_op_violation(struct rbi_machine *m, const char *sentence)
{
	struct mock *mock = mock_of(m);

	rbi_mock_lock(mock);
	rbi_mock_complain(mock, NULL, "%s", sentence);
	rbi_mock_unlock(mock);
}

void rb_mock_violation(struct rb_mock_dev *dev, const char *fmt, ...)
{
	va_list ap;

	if (!dev || !fmt)
		return;
	va_start(ap, fmt);
	rbi_mock_lock(dev->mock);
	vcomplain(dev->mock, dev, fmt, ap);
	rbi_mock_unlock(dev->mock);
	va_end(ap);
}

size_t rb_mock_verify(struct rb_ctx *ctx)
{
	struct mock *mock;
	size_t count;
	int rc;

	mock = rbi_mock_of_ctx(ctx, "rb_mock_verify", &rc);
	if (!mock)
		return 0;
	rbi_mock_lock(mock);
	rbi_mock_expect_verify(mock);
	count = mock->nviolations;
	rbi_mock_unlock(mock);
	return count;
}

const char *rb_mock_violation_text(struct rb_ctx *ctx, size_t index)
{
	const char *text = NULL;
	struct mock *mock;
	int rc;

	mock = rbi_mock_of_ctx(ctx, "rb_mock_violation_text", &rc);
	if (!mock)
		return NULL;
	rbi_mock_lock(mock);
	if (index < mock->nviolations && index < MOCK_SENTENCES)
		text = mock->sentences[index];
	rbi_mock_unlock(mock);
	return text;
}

int rb_mock_on_violation(struct rb_ctx *ctx, rb_mock_violation_fn fn, void *arg)
{
	struct mock *mock;
	int rc;

	mock = rbi_mock_of_ctx(ctx, "rb_mock_on_violation", &rc);
	if (!mock)
		return rc;
	rbi_mock_lock(mock);
	mock->on_violation = fn;
	mock->on_violation_arg = arg;
	rbi_mock_unlock(mock);
	return 0;
}

void rb_mock_clear(struct rb_ctx *ctx)
{
	struct mock *mock;
	int rc;

	mock = rbi_mock_of_ctx(ctx, "rb_mock_clear", &rc);
	if (!mock)
		return;
	rbi_mock_lock(mock);
	mock->nviolations = 0;
	rbi_mock_unlock(mock);
}
