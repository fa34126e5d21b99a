/* SPDX-License-Identifier: MIT */
/* net_items.c - networks that a machine string makes. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/core.h"
#include "host/net_items.h"

#define PREFIX "net."

/* Asked for on both ends; the system gives what net.core.wmem_max allows. */
#define SOCKET_BUFFER (1 << 20)

/* --- arguments of a network -------------------------------------------------------------- */

/* "A.B.C.D/LEN" as far as bytes go; QEMU says what it thinks of the numbers. */
static bool subnet_is_good(const char *s, size_t len)
{
	unsigned int dots = 0, slashes = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == '.')
			dots++;
		else if (s[i] == '/')
			slashes++;
		else if (s[i] < '0' || s[i] > '9')
			return false;
	}
	return len < RBI_NET_SUBNET && dots == 3 && slashes == 1;
}

static bool is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* One "key=value" of a network of kind user. */
static int take_arg(struct rbi_net *net, const char *s, size_t len)
{
	static const size_t on = sizeof("restrict=") - 1, sub = sizeof("net=") - 1;

	if (is(s, len, "restrict=on") || is(s, len, "restrict=off")) {
		net->restricted = is(s + on, len - on, "on");
		return 0;
	}
	if (len > sub && is(s, sub, "net=") && subnet_is_good(s + sub, len - sub)) {
		snprintf(net->subnet, sizeof(net->subnet), "%.*s", (int)(len - sub), s + sub);
		return 0;
	}
	return rbi_fail(-EINVAL,
			"network '%s': '%.*s' is neither restrict=on, restrict=off nor "
			"net=A.B.C.D/LEN",
			net->name, (int)(len < 60 ? len : 60), s);
}

static int take_kind(struct rbi_net *net, const char *value)
{
	size_t len = strcspn(value, ",");
	int rc = 0;

	if (is(value, len, "dgram"))
		net->kind = RBI_NET_DGRAM;
	else if (is(value, len, "user"))
		net->kind = RBI_NET_USER;
	else
		return rbi_fail(-EINVAL, "network '%s': kind '%.*s' is neither user nor dgram",
				net->name, (int)(len < 60 ? len : 60), value);
	if (net->kind == RBI_NET_DGRAM && value[len])
		return rbi_fail(-EINVAL, "network '%s': dgram takes no '%.60s'", net->name,
				value + len + 1);

	while (value[len] && rc == 0) {
		value += len + 1;
		len = strcspn(value, ",");
		rc = take_arg(net, value, len);
	}
	return rc;
}

/* --- items ------------------------------------------------------------------------------- */

static int take_item(struct rbi_nets *nets, const struct rbi_spec_arg *option)
{
	const char *name = option->key + strlen(PREFIX);
	struct rbi_net *net = &nets->net[nets->n];

	/* A dot would let it be the name that QEMU gives to a device. */
	if (!rbi_spec_name_is_good(name) || strchr(name, '.'))
		return rbi_fail(-EINVAL,
				"option '%.60s': a network's name is a letter and up to %d "
				"letters, digits or _-",
				option->key, RBI_SPEC_NAME - 2);
	if (nets->n == RBI_NETS)
		return rbi_fail(-EINVAL, "option '%.60s': there are at most %d networks",
				option->key, RBI_NETS);
	memset(net, 0, sizeof(*net));
	snprintf(net->name, sizeof(net->name), "%s", name);
	nets->n++;
	return take_kind(net, option->value);
}

int rbi_nets_from_spec(const struct rbi_spec *spec, struct rbi_nets *out)
{
	size_t i;
	int rc = 0;

	out->n = 0;
	for (i = 0; i < spec->noptions && rc == 0; i++) {
		if (strncmp(spec->options[i].key, PREFIX, strlen(PREFIX)) == 0)
			rc = take_item(out, &spec->options[i]);
	}
	return rc;
}

int rbi_nets_find(const struct rbi_nets *nets, const char *name)
{
	unsigned int i;

	for (i = 0; i < nets->n; i++) {
		if (strcmp(nets->net[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

int rbi_nets_join(const struct rbi_nets *nets, const char *model, const char *name)
{
	int i = rbi_nets_find(nets, name);

	if (i >= 0)
		return i;
	return rbi_fail(-EINVAL,
			"device '%.60s': there is no network '%.60s'; an option net.NAME=dgram or "
			"net.NAME=user makes one",
			model, name);
}

/* --- sockets ----------------------------------------------------------------------------- */

int rbi_net_sockets(int *ours, int *theirs)
{
	int pair[2], i, size = SOCKET_BUFFER;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return rbi_fail(-ENOMEM, "no sockets for a network: errno %d", errno);
	for (i = 0; i < 2; i++) /* more is kinder, and nothing depends on it */
		(void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	*ours = pair[0];
	*theirs = pair[1];
	return 0;
}
