/* SPDX-License-Identifier: MIT */
/*
 * net_items.h - networks that a machine string makes.
 *
 *     net.NAME=user[,restrict=on|off][,net=A.B.C.D/LEN]    QEMU's own network, with its DHCP
 *     net.NAME=dgram                                       frames, by a descriptor of the test
 *
 * A device joins one by its argument netdev=NAME. What a string says is checked here to
 * the last byte, so that machines may pass it on without quoting.
 */
#ifndef RBI_HOST_NET_ITEMS_H
#define RBI_HOST_NET_ITEMS_H

#include <stdbool.h>

#include "host/spec.h"

#define RBI_NETS       8
#define RBI_NET_SUBNET 20 /* bytes of "255.255.255.255/32" with its NUL, and one to spare */

enum rbi_net_kind { RBI_NET_USER, RBI_NET_DGRAM };

struct rbi_net {
	char name[RBI_SPEC_NAME];
	enum rbi_net_kind kind;
	bool restricted; /* user: nothing leaves it */
	char subnet[RBI_NET_SUBNET]; /* user: digits, dots and a slash; "": QEMU's choice */
};

struct rbi_nets {
	unsigned int n;
	struct rbi_net net[RBI_NETS];
};

/* All items net.NAME of @spec, in its order. -EINVAL. */
int rbi_nets_from_spec(const struct rbi_spec *spec, struct rbi_nets *out);
/* Which of them is called @name; -1: none. */
int rbi_nets_find(const struct rbi_nets *nets, const char *name);
/* Device @model wants to join @name: its index, or -EINVAL with a sentence. */
int rbi_nets_join(const struct rbi_nets *nets, const char *model, const char *name);

/*
 * The two ends of a network of kind dgram: one message a frame, ours does not block. Messages
 * keep their ends, and unlike with SOCK_DGRAM the end of the other side shows: recv() gives 0.
 * -ENOMEM.
 */
int rbi_net_sockets(int *ours, int *theirs);

#endif
