/* SPDX-License-Identifier: MIT */
/* host_plug.c - <rbdrv/host.h>: devices that come and go while the machine runs. */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include <rbdrv/host.h>

#include "core/core.h"
#include "host/machine.h"
#include "host/spec.h"

/* The machine as its world sees it, decorators included. */
static int find_machine(struct rb_ctx *ctx, const char *call, struct rbi_machine **out)
{
	if (!ctx)
		return rbi_fail(-EINVAL, "%s: the context is NULL", call);
	if (ctx->pid != (long)getpid())
		return rbi_fail(-ENODEV, "%s: the context belongs to process %ld", call, ctx->pid);
	*out = rbi_hosted_front(ctx->sys);
	if (!*out)
		return rbi_fail(-ENOTSUP, "%s: the devices of '%.100s' are not ours to move", call,
				rb_ctx_machine(ctx));
	return 0;
}

int rb_host_plug(struct rb_ctx *ctx, const char *device, struct rb_pci_addr *addr)
{
	struct rb_pci_addr at = { UINT32_MAX };
	struct rbi_machine *m;
	struct rbi_spec *spec;
	int rc;

	if (addr)
		*addr = at;
	rc = find_machine(ctx, "rb_host_plug", &m);
	if (rc < 0)
		return rc;
	if (!device)
		return rbi_fail(-EINVAL, "rb_host_plug: the device is NULL");

	rc = rbi_spec_parse_device(device, &spec);
	if (rc < 0)
		return rc;
	rc = m->ops->plug(m, &spec->devices[0], &at);
	rbi_spec_free(spec);
	if (rc == 0 && addr)
		*addr = at;
	return rc;
}

int rb_host_unplug(struct rb_ctx *ctx, struct rb_pci_addr addr)
{
	struct rbi_machine *m;
	int rc = find_machine(ctx, "rb_host_unplug", &m);

	return rc < 0 ? rc : m->ops->unplug(m, addr);
}
