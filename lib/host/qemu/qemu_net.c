/* SPDX-License-Identifier: MIT */
/*
 * qemu_net.c - networks: "net.NAME=KIND" in a machine string, netdev=NAME at a device.
 *
 * One of kind dgram is a pair of sockets: QEMU inherits one end and reads and writes a
 * message for each frame; the other end is for the test. Names and arguments have been
 * checked and hold nothing that needs quoting.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>

#include "core/core.h"
#include "host/qemu/qemu.h"
#ifdef RBDRV_WITH_JANSSON
#include "host/qemu/qmp.h"
#endif

/* --- the command line -------------------------------------------------------------------- */

static bool has_socket(const struct rbi_qemu_options *opt, unsigned int i)
{
	return opt->nets.net[i].kind == RBI_NET_DGRAM;
}

/* Sockets of the first @n networks. */
static unsigned int count_sockets(const struct rbi_qemu_options *opt, unsigned int n)
{
	unsigned int i, count = 0;

	for (i = 0; i < n; i++)
		count += has_socket(opt, i);
	return count;
}

int rbi_qemu_net_number(const struct rbi_qemu_options *opt, unsigned int i)
{
	if (!has_socket(opt, i))
		return -1;
	return (int)(RBI_QEMU_FD_END + opt->ndrives + count_sockets(opt, i));
}

unsigned int rbi_qemu_count_fds(const struct rbi_qemu_options *opt)
{
	return RBI_QEMU_FD_END - RBI_QEMU_FD_RAM + opt->ndrives + count_sockets(opt, opt->nets.n);
}

char *rbi_qemu_net_text(const struct rbi_qemu_options *opt, unsigned int i)
{
	const struct rbi_net *net = &opt->nets.net[i];

	if (net->kind == RBI_NET_DGRAM)
		return rbi_sprintf("dgram,id=%s,local.type=fd,local.str=%d", net->name,
				   rbi_qemu_net_number(opt, i));
	return rbi_sprintf("user,id=%s,restrict=%s%s%s", net->name, net->restricted ? "on" : "off",
			   net->subnet[0] ? ",net=" : "", net->subnet);
}

/* --- sockets ----------------------------------------------------------------------------- */

int rbi_qemu_make_nets(struct rbi_qemu *q)
{
	unsigned int i;
	int number, rc = 0;

	for (i = 0; i < q->opt.nets.n && rc == 0; i++) {
		number = rbi_qemu_net_number(&q->opt, i);
		if (number >= 0)
			rc = rbi_net_sockets(&q->net_fd[i],
					     &q->child_fds[number - RBI_QEMU_FD_RAM]);
	}
	return rc;
}

static int find(struct rbi_qemu *q, const char *name)
{
	int i = rbi_nets_find(&q->opt.nets, name);

	return i >= 0 ? i : rbi_fail(-ENOENT, "this machine has no network '%.60s'", name);
}

int rbi_qemu_op_net_fd(struct rbi_machine *m, const char *name)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int i = find(q, name);

	if (i < 0)
		return i;
	if (q->net_fd[i] < 0)
		return rbi_fail(-ENOTSUP, "network '%s' is QEMU's own: its frames are not ours",
				name);
	if (rbi_qemu_dead(q))
		return rbi_fail(-ENODEV, "network '%s': QEMU is gone", name);
	return q->net_fd[i];
}

/* --- the cable --------------------------------------------------------------------------- */

#ifdef RBDRV_WITH_JANSSON

static int set_link(struct rbi_qemu *q, const char *name, bool up)
{
	json_t *args;
	int rc;

	/* what the driver has written before comes before */
	rbi_qtest_lock(&q->qt);
	rc = rbi_qtest_flush(&q->qt);
	rbi_qtest_unlock(&q->qt);
	rc = rc ? rc : rbi_qemu_open_monitor(q);
	if (rc < 0)
		return rc;
	args = json_pack("{s:s, s:b}", "name", name, "up", up);
	if (!args)
		return rbi_no_memory("a command to QEMU");
	rc = rbi_qmp_command(q->slots.qmp, "set_link", args, NULL);
	/* what is refused here, or answered in nonsense, is QEMU's fault alone */
	return rc == -EINVAL || rc == -ENOENT || rc == -EPROTO ? -EIO : rc;
}

#else

static int set_link(struct rbi_qemu *q, const char *name, bool up)
{
	(void)name;
	(void)up;
	return rbi_qemu_open_monitor(q);
}

#endif

int rbi_qemu_op_net_link(struct rbi_machine *m, const char *name, bool up)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc = find(q, name);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&q->slots.lock);
	rc = set_link(q, name, up);
	pthread_mutex_unlock(&q->slots.lock);
	return rc;
}
