/* SPDX-License-Identifier: MIT */
/*
 * stack.h - lwIP on an e1000e: a network interface with a leased address.
 *
 * lwIP runs in the thread that calls stack_turn(), which also drives the NIC; so there
 * is nothing to lock, and one stack in a process.
 */
#ifndef EXAMPLES_STACK_H
#define EXAMPLES_STACK_H

#include <lwip/netif.h>

#include <rbdrv/rbdrv.h>

#include "dhcp_client.h"
#include "e1000e.h"

struct stack {
	struct rb_ctx *ctx; /* the caller's */
	struct e1000e *nic;
	struct netif netif;
	struct udp_pcb *udp; /* DHCP's */
	struct dhcp_client dhcp;
	bool has_lease;
	bool busy; /* more frames have come than one turn takes */
	uint64_t leases; /* granted and prolonged */
	uint64_t dropped; /* frames of ours that found the ring full */
};

/* Bring the NIC at @addr up, and ask for a lease: 0 or a negative errno. */
int stack_open(struct rb_ctx *ctx, struct rb_pci_addr addr, const struct e1000e_options *options,
	       struct stack *stack);
/* Do what is due, wait at most @timeout_ms for something to do, and do that: 0, or the
 * negative errno that ended the NIC. */
int stack_turn(struct stack *stack, unsigned int timeout_ms);
/* Give the lease back and the NIC. */
void stack_close(struct stack *stack);

#endif
