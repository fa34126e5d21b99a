/* SPDX-License-Identifier: MIT */
/*
 * ledger.c - every open object of a context, so that a leak has a name.
 *
 * In a child of fork() the list belongs to the parent and its lock may have
 * been held by a thread that is not there any more: nothing is touched.
 */
#include "config.h"

#include <stdio.h>

#include "core/core.h"

int rbi_ledger_init(struct rbi_ledger *ledger)
{
	if (pthread_mutex_init(&ledger->lock, NULL) != 0)
		return rbi_no_memory("a lock");
	ledger->head.next = &ledger->head;
	ledger->head.prev = &ledger->head;
	ledger->count = 0;
	return 0;
}

void rbi_ledger_destroy(struct rbi_ledger *ledger)
{
	pthread_mutex_destroy(&ledger->lock);
}

void rbi_live_add(struct rb_ctx *ctx, struct rbi_live *live, const char *kind, const char *fmt, ...)
{
	struct rbi_ledger *ledger = &ctx->ledger;
	va_list args;

	live->kind = kind;
	va_start(args, fmt);
	vsnprintf(live->name, sizeof(live->name), fmt, args);
	va_end(args);
	rbi_keep_to_one_line(live->name);

	pthread_mutex_lock(&ledger->lock);
	live->next = &ledger->head;
	live->prev = ledger->head.prev;
	live->prev->next = live;
	ledger->head.prev = live;
	ledger->count++;
	pthread_mutex_unlock(&ledger->lock);
}

void rbi_live_del(struct rb_ctx *ctx, struct rbi_live *live)
{
	struct rbi_ledger *ledger = &ctx->ledger;

	if (!rbi_ctx_is_ours(ctx))
		return;

	pthread_mutex_lock(&ledger->lock);
	live->prev->next = live->next;
	live->next->prev = live->prev;
	ledger->count--;
	pthread_mutex_unlock(&ledger->lock);
}

/* Append one object's line to [buf + used, buf + size); the new @used. */
static size_t put_line(const struct rbi_live *live, char *buf, size_t used, size_t size)
{
	int len;

	if (size - used <= 1)
		return used;
	len = snprintf(buf + used, size - used, "%s %s\n", live->kind, live->name);
	if (len < 0)
		return used;
	return (size_t)len < size - used ? used + (size_t)len : size - 1;
}

size_t rb_ctx_live(const struct rb_ctx *const_ctx, char *buf, size_t size)
{
	struct rb_ctx *ctx = (struct rb_ctx *)const_ctx; /* for the lock alone */
	const struct rbi_live *live;
	size_t used = 0, count;

	if (buf && size > 0)
		buf[0] = '\0';
	else
		size = 0;
	if (!ctx || !rbi_ctx_is_ours(ctx))
		return 0;

	pthread_mutex_lock(&ctx->ledger.lock);
	count = ctx->ledger.count;
	for (live = ctx->ledger.head.next; size > 0 && live != &ctx->ledger.head; live = live->next)
		used = put_line(live, buf, used, size);
	pthread_mutex_unlock(&ctx->ledger.lock);
	return count;
}
