/* SPDX-License-Identifier: MIT */
/*
 * dhcp_client.c - lwIP as Debian packages it has no DHCP, so here is one. Section
 * numbers are RFC 2131's, options RFC 2132's.
 */
#include "dhcp_client.h"

#include <errno.h>
#include <string.h>

enum { /* where things stand in a message (2) */
	XID = 4, SECS = 8, FLAGS = 10, CIADDR = 12, YIADDR = 16, CHADDR = 28, SNAME = 44,
	FILE_NAME = 108, COOKIE = 236, OPTIONS = 240,
};

enum { /* options */
	PAD = 0, NETMASK = 1, ROUTER = 3, REQUESTED = 50, LEASE_TIME = 51, OVERLOAD = 52, TYPE = 53,
	SERVER = 54, WANTED = 55, RENEW = 58, REBIND = 59, END = 255,
};

#define MAGIC	      0x63825363u
#define FOR_EVER      UINT32_MAX
#define FIRST_WAIT_MS 4000u /* then twice as long each time, up to 64 s (4.1) */
#define TRIES	      4 /* requests, before we look for another server */

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t *put32(uint8_t *p, uint32_t val)
{
	*p++ = (uint8_t)(val >> 24);
	*p++ = (uint8_t)(val >> 16);
	*p++ = (uint8_t)(val >> 8);
	*p++ = (uint8_t)val;
	return p;
}

/* --- what a server says ------------------------------------------------------------------ */

/* One option of @len bytes. Lists begin with what the server likes best. */
static void take_option(uint8_t code, const uint8_t *val, size_t len, struct dhcp_reply *reply,
			uint8_t *overload)
{
	struct dhcp_lease *l = &reply->lease;

	if (len == 1 && code == TYPE)
		reply->type = val[0];
	else if (len == 1 && code == OVERLOAD)
		*overload = val[0];
	else if (len >= 4 && code == ROUTER)
		l->router = get32(val);
	else if (len == 4 && code == NETMASK)
		l->netmask = get32(val);
	else if (len == 4 && code == SERVER)
		l->server = get32(val);
	else if (len == 4 && code == LEASE_TIME)
		l->seconds = get32(val);
	else if (len == 4 && code == RENEW)
		l->renew = get32(val);
	else if (len == 4 && code == REBIND)
		l->rebind = get32(val);
}

static int walk(const uint8_t *p, size_t len, struct dhcp_reply *reply, uint8_t *overload)
{
	size_t i = 0;

	while (i < len && p[i] != END) {
		if (p[i] == PAD) {
			i++;
			continue;
		}
		if (len - i < 2 || p[i + 1] > len - i - 2)
			return -EPROTO;
		take_option(p[i], p + i + 2, p[i + 1], reply, overload);
		i += 2 + (size_t)p[i + 1];
	}
	return 0;
}

/* A lease that can be used, with the times that the server left out (4.4.5). */
static int complete(struct dhcp_lease *l)
{
	if (l->address == 0 || l->address == UINT32_MAX || l->server == 0 || l->seconds == 0)
		return -EPROTO;
	if (l->rebind == 0 || l->rebind > l->seconds)
		l->rebind = (uint32_t)((uint64_t)l->seconds * 7 / 8);
	if (l->renew == 0 || l->renew > l->rebind)
		l->renew = l->seconds / 2 < l->rebind ? l->seconds / 2 : l->rebind;
	return 0;
}

int dhcp_parse(const uint8_t *m, size_t len, uint32_t xid, const uint8_t mac[6],
	       struct dhcp_reply *reply)
{
	uint8_t overload = 0, ignored;
	int rc;

	memset(reply, 0, sizeof(*reply));
	if (len < OPTIONS || m[0] != 2 /* a reply */ || m[1] != 1 || m[2] != 6 /* Ethernet */ ||
	    get32(m + XID) != xid || memcmp(m + CHADDR, mac, 6) != 0 || get32(m + COOKIE) != MAGIC)
		return -EPROTO;

	rc = walk(m + OPTIONS, len - OPTIONS, reply, &overload);
	if (rc == 0 && (overload & 1))
		rc = walk(m + FILE_NAME, COOKIE - FILE_NAME, reply, &ignored);
	if (rc == 0 && (overload & 2))
		rc = walk(m + SNAME, FILE_NAME - SNAME, reply, &ignored);
	if (rc < 0 || reply->type == DHCP_NAK)
		return rc;

	reply->lease.address = get32(m + YIADDR);
	return reply->type == DHCP_OFFER || reply->type == DHCP_ACK ? complete(&reply->lease) : -EPROTO;
}

/* --- what we say -------------------------------------------------------------------------- */

static uint8_t *put_option(uint8_t *p, uint8_t code, uint32_t val)
{
	*p++ = code;
	*p++ = 4;
	return put32(p, val);
}

/* Which options a message carries and who gets it depends on the state (4.3.6). */
static void say(struct dhcp_client *c, enum dhcp_type type, uint64_t now)
{
	uint8_t m[DHCP_MESSAGE] = { 1 /* a request */, 1, 6 };
	uint64_t secs = (now - c->started) / 1000;
	uint8_t *p = m + OPTIONS;

	put32(m + XID, c->xid);
	m[SECS] = (uint8_t)(secs >> 8);
	m[SECS + 1] = (uint8_t)secs;
	if (c->state == DHCP_SELECTING || c->state == DHCP_REQUESTING)
		m[FLAGS] = 0x80; /* we have no address yet: answer to all */
	else
		put32(m + CIADDR, c->lease.address);
	memcpy(m + CHADDR, c->mac, 6);
	put32(m + COOKIE, MAGIC);

	*p++ = TYPE;
	*p++ = 1;
	*p++ = (uint8_t)type;
	if (c->state == DHCP_REQUESTING)
		p = put_option(p, REQUESTED, c->lease.address);
	if (c->state == DHCP_REQUESTING || type == DHCP_RELEASE)
		p = put_option(p, SERVER, c->lease.server);
	if (type != DHCP_RELEASE) {
		static const uint8_t wanted[] = { WANTED, 5, NETMASK, ROUTER, LEASE_TIME, RENEW, REBIND };

		memcpy(p, wanted, sizeof(wanted));
		p += sizeof(wanted);
	}
	*p = END;
	c->send(c->arg, c->state == DHCP_RENEWING || type == DHCP_RELEASE ? c->lease.server : 0, m,
		sizeof(m));
}

/* --- the states --------------------------------------------------------------------------- */

static void enter(struct dhcp_client *c, enum dhcp_state state, uint64_t due)
{
	c->state = state;
	c->tries = 0;
	c->due = due;
}

static uint64_t after(const struct dhcp_client *c, uint32_t seconds)
{
	return c->lease.seconds == FOR_EVER ? UINT64_MAX : c->granted + (uint64_t)seconds * 1000;
}

static void begin(struct dhcp_client *c, uint64_t now)
{
	c->xid = c->xid * 1664525u + 1013904223u; /* the next of a full cycle (Knuth, 3.2.1.2) */
	c->started = now;
	enter(c, DHCP_SELECTING, now);
}

static void lose(struct dhcp_client *c, uint64_t now)
{
	if (c->state >= DHCP_BOUND)
		c->changed(c->arg, NULL);
	begin(c, now);
}

void dhcp_start(struct dhcp_client *c, const uint8_t mac[6], uint32_t xid, uint64_t now)
{
	memcpy(c->mac, mac, 6);
	c->xid = xid;
	begin(c, now);
}

void dhcp_input(struct dhcp_client *c, const uint8_t *message, size_t len, uint64_t now)
{
	struct dhcp_reply reply;

	if (dhcp_parse(message, len, c->xid, c->mac, &reply) < 0)
		return;
	if (c->state == DHCP_SELECTING && reply.type == DHCP_OFFER) {
		c->lease = reply.lease;
		enter(c, DHCP_REQUESTING, now);
	} else if (c->state == DHCP_SELECTING || c->state == DHCP_BOUND || reply.type == DHCP_OFFER) {
		return; /* late, or not asked for */
	} else if (reply.type == DHCP_NAK) {
		lose(c, now);
	} else {
		c->lease = reply.lease;
		c->granted = now;
		enter(c, DHCP_BOUND, after(c, c->lease.renew));
		c->changed(c->arg, &c->lease);
	}
}

/* Whether the time of this state is over, and what comes then. */
static void grow_older(struct dhcp_client *c, uint64_t now)
{
	if (c->state == DHCP_BOUND)
		enter(c, DHCP_RENEWING, now);
	if (c->state == DHCP_RENEWING && now >= after(c, c->lease.rebind))
		enter(c, DHCP_REBINDING, now);
	if ((c->state == DHCP_REBINDING && now >= after(c, c->lease.seconds)) ||
	    (c->state == DHCP_REQUESTING && c->tries == TRIES))
		lose(c, now);
}

uint64_t dhcp_tick(struct dhcp_client *c, uint64_t now)
{
	if (now < c->due)
		return c->due;
	grow_older(c, now);
	say(c, c->state == DHCP_SELECTING ? DHCP_DISCOVER : DHCP_REQUEST, now);
	/* a second more or less, so that clients of one power cut do not stay in step (4.1) */
	c->due = now + (FIRST_WAIT_MS << (c->tries < 4 ? c->tries : 4)) + c->xid % 2000 - 1000;
	c->tries++;
	return c->due;
}

void dhcp_stop(struct dhcp_client *c)
{
	if (c->state >= DHCP_BOUND)
		say(c, DHCP_RELEASE, c->started);
	enter(c, DHCP_SELECTING, UINT64_MAX);
}
