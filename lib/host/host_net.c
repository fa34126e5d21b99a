/* SPDX-License-Identifier: MIT */
/* host_net.c - <rbdrv/host.h>: networks from their other side. */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include <rbdrv/host.h>

#include "core/core.h"
#include "host/machine.h"

static int find_machine(struct rb_ctx *ctx, const char *call, const char *name,
			struct rbi_machine **out)
{
	if (!ctx || !name)
		return rbi_fail(-EINVAL, "%s: the %s is NULL", call, ctx ? "name" : "context");
	if (ctx->pid != (long)getpid())
		return rbi_fail(-ENODEV, "%s: the context belongs to process %ld", call, ctx->pid);
	*out = rbi_hosted_front(ctx->sys);
	if (!*out)
		return rbi_fail(-ENOTSUP, "%s: '%.100s' makes no networks", call,
				rb_ctx_machine(ctx));
	return 0;
}

int rb_host_net_fd(struct rb_ctx *ctx, const char *name)
{
	struct rbi_machine *m;
	int rc = find_machine(ctx, "rb_host_net_fd", name, &m);

	return rc < 0 ? rc : m->ops->net_fd(m, name);
}

int rb_host_set_link(struct rb_ctx *ctx, const char *name, bool up)
{
	struct rbi_machine *m;
	int rc = find_machine(ctx, "rb_host_set_link", name, &m);

	return rc < 0 ? rc : m->ops->net_link(m, name, up);
}
