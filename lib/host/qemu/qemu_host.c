/* SPDX-License-Identifier: MIT */
/* qemu_host.c - <rbdrv/host.h>: the process behind a context. Also built without QEMU. */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include <rbdrv/host.h>

#include "core/core.h"
#include "host/machine.h"

#ifdef RBDRV_WITH_QEMU
#include "host/qemu/qemu.h"
#endif

static int check_ctx(const struct rb_ctx *ctx, const char *call)
{
	if (!ctx)
		return rbi_fail(-EINVAL, "%s: the context is NULL", call);
	if (ctx->pid != (long)getpid())
		return rbi_fail(-ENODEV, "%s: the context belongs to process %ld", call, ctx->pid);
	return 0;
}

static int no_process(const struct rb_ctx *ctx, const char *call)
{
	return rbi_fail(-ENOTSUP, "%s: machine '%.100s' has no process of its own", call,
			rb_ctx_machine(ctx));
}

#ifdef RBDRV_WITH_QEMU

static int find_qemu(struct rb_ctx *ctx, const char *call, struct rbi_qemu **out)
{
	struct rbi_machine *m;
	int rc = check_ctx(ctx, call);

	if (rc < 0)
		return rc;
	m = rbi_hosted_machine(ctx->sys);
	if (!m || m->ops != &rbi_qemu_ops)
		return no_process(ctx, call);
	*out = rbi_qemu_of(m);
	return 0;
}

int rb_host_pid(struct rb_ctx *ctx)
{
	struct rbi_qemu *q;
	int rc = find_qemu(ctx, "rb_host_pid", &q);

	if (rc == 0)
		rc = (int)rbi_qemu_proc_pid(&q->proc);
	return rc != 0 ? rc : rbi_fail(-ENODEV, "QEMU is gone");
}

int rb_host_kill(struct rb_ctx *ctx)
{
	struct rbi_qemu *q;
	int rc = find_qemu(ctx, "rb_host_kill", &q);

	if (rc < 0)
		return rc;
	return rbi_qemu_proc_kill(&q->proc) ? 0 : rbi_fail(-ENODEV, "QEMU is gone");
}

#else

int rb_host_pid(struct rb_ctx *ctx)
{
	int rc = check_ctx(ctx, "rb_host_pid");

	return rc < 0 ? rc : no_process(ctx, "rb_host_pid");
}

int rb_host_kill(struct rb_ctx *ctx)
{
	int rc = check_ctx(ctx, "rb_host_kill");

	return rc < 0 ? rc : no_process(ctx, "rb_host_kill");
}

#endif
