/* SPDX-License-Identifier: MIT */
/*
 * dhcp_client.h - a DHCP client (RFC 2131) that knows neither sockets nor clocks.
 *
 * Whoever uses it sends its messages from UDP port 68 to port 67, gives it what comes
 * back, and calls dhcp_tick() when it says. One thread.
 */
#ifndef EXAMPLES_DHCP_CLIENT_H
#define EXAMPLES_DHCP_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
#define DHCP_MESSAGE	 548 /* bytes we send; any host takes a datagram of 576 (RFC 791) */

enum dhcp_type { /* RFC 2132, 9.6 */
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
	DHCP_RELEASE = 7,
};

/* What a server grants. Addresses are numbers: 10.0.2.15 is 0x0a00020f. */
struct dhcp_lease {
	uint32_t address;
	uint32_t netmask; /* 0: the server did not say */
	uint32_t router; /* 0: none */
	uint32_t server;
	uint32_t seconds; /* how long; UINT32_MAX: for ever */
	uint32_t renew; /* seconds until this server is asked again ... */
	uint32_t rebind; /* ... and until any server is */
};

struct dhcp_reply {
	enum dhcp_type type; /* OFFER, ACK or NAK */
	struct dhcp_lease lease;
};

/*
 * RFC 2131, figure 5:
 *
 *   SELECTING --OFFER--> REQUESTING --ACK--> BOUND --renew--> RENEWING --rebind--> REBINDING
 *       ^                     | NAK, silence   ^ ACK            | NAK                | NAK, end
 *       +---------------------+                +----------------+--------------------+
 */
enum dhcp_state { DHCP_SELECTING, DHCP_REQUESTING, DHCP_BOUND, DHCP_RENEWING, DHCP_REBINDING };

struct dhcp_client {
	enum dhcp_state state;
	uint8_t mac[6];
	uint32_t xid;
	unsigned int tries; /* messages of this state */
	uint64_t started; /* all times are milliseconds of the caller's clock */
	uint64_t granted;
	uint64_t due;
	struct dhcp_lease lease;

	/* Send @len bytes to @server, 0 being the broadcast address. May fail silently. */
	void (*send)(void *arg, uint32_t server, const uint8_t *message, size_t len);
	/* A lease has come or has been prolonged; NULL: it is lost, use the address no more. */
	void (*changed)(void *arg, const struct dhcp_lease *lease);
	void *arg;
};

/* Begin, with send, changed and arg set. @xid should be random. */
void dhcp_start(struct dhcp_client *c, const uint8_t mac[6], uint32_t xid, uint64_t now);
/* A datagram has come from the server's port; nobody has looked into it yet. */
void dhcp_input(struct dhcp_client *c, const uint8_t *message, size_t len, uint64_t now);
/* Do what is due, and answer when to call again. */
uint64_t dhcp_tick(struct dhcp_client *c, uint64_t now);
/* Give the lease back, if there is one. */
void dhcp_stop(struct dhcp_client *c);

/* Understand a reply to @xid and @mac: 0, or -EPROTO for anything else. */
int dhcp_parse(const uint8_t *message, size_t len, uint32_t xid, const uint8_t mac[6],
	       struct dhcp_reply *reply);

#endif
