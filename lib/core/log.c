/* SPDX-License-Identifier: MIT */
/*
 * log.c - messages for whoever asked for them; the library itself never prints.
 */
#include "config.h"

#include <stdio.h>

#include "core/core.h"

#define LOG_LINE 512 /* bytes of one message with its NUL; longer ones are cut */

void rb_ctx_set_log(struct rb_ctx *ctx, enum rb_log_level max, rb_log_fn fn, void *arg)
{
	if (!ctx || !rbi_ctx_is_ours(ctx))
		return;

	pthread_mutex_lock(&ctx->log_lock);
	ctx->log_fn = fn;
	ctx->log_arg = arg;
	atomic_store(&ctx->log_max, fn ? (int)max : -1);
	pthread_mutex_unlock(&ctx->log_lock);
}

void rbi_log(struct rb_ctx *ctx, enum rb_log_level level, const char *fmt, ...)
{
	char line[LOG_LINE];
	va_list args;

	/* the first look costs no lock and no formatting when nobody listens */
	if (!ctx || (int)level > atomic_load(&ctx->log_max) || !rbi_ctx_is_ours(ctx))
		return;

	line[0] = '\0'; /* relibc stores nothing when the text is empty */
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	rbi_keep_to_one_line(line);

	pthread_mutex_lock(&ctx->log_lock);
	if (ctx->log_fn && (int)level <= atomic_load(&ctx->log_max))
		ctx->log_fn(ctx->log_arg, level, line);
	pthread_mutex_unlock(&ctx->log_lock);
}
