/* SPDX-License-Identifier: MIT */
/* test_dhcp_client.c - the example's DHCP client against a server of a few lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp_client.h"

#define ADDRESS 0x0a00020fu
#define SERVER	0x0a000202u
#define SECOND	((uint64_t)1000)

static const uint8_t mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

struct net {
	struct dhcp_client client;
	uint64_t now;
	unsigned int sent, granted, lost;
	uint8_t last[DHCP_MESSAGE]; /* what the client sent ... */
	uint32_t to; /* ... and to whom */
	struct dhcp_lease lease;
	uint8_t reply[600]; /* what the server says */
	size_t len;
};

static void on_send(void *arg, uint32_t server, const uint8_t *message, size_t len)
{
	struct net *net = arg;

	assert_int_equal(len, DHCP_MESSAGE);
	memcpy(net->last, message, len);
	net->to = server;
	net->sent++;
}

static void on_change(void *arg, const struct dhcp_lease *lease)
{
	struct net *net = arg;

	if (!lease) {
		net->lost++;
		return;
	}
	net->granted++;
	net->lease = *lease;
}

static int begin(void **state)
{
	static struct net net;

	memset(&net, 0, sizeof(net));
	net.now = 5000;
	net.client.send = on_send;
	net.client.changed = on_change;
	net.client.arg = &net;
	dhcp_start(&net.client, mac, 77, net.now);
	dhcp_tick(&net.client, net.now);
	*state = &net;
	return 0;
}

/* --- messages ----------------------------------------------------------------------------- */

static void option32(struct net *net, uint8_t code, uint32_t val)
{
	const uint8_t bytes[6] = { code, 4, (uint8_t)(val >> 24), (uint8_t)(val >> 16),
				   (uint8_t)(val >> 8), (uint8_t)val };

	memcpy(net->reply + net->len, bytes, sizeof(bytes));
	net->len += sizeof(bytes);
}

static void start_reply(struct net *net, enum dhcp_type type)
{
	static const uint8_t address[4] = { 10, 0, 2, 15 }, magic[4] = { 99, 130, 83, 99 };

	memset(net->reply, 0, sizeof(net->reply));
	net->reply[0] = 2;
	net->reply[1] = 1;
	net->reply[2] = 6;
	memcpy(net->reply + 4, net->last + 4, 4);
	if (type != DHCP_NAK)
		memcpy(net->reply + 16, address, 4);
	memcpy(net->reply + 28, mac, 6);
	memcpy(net->reply + 236, magic, 4);
	net->reply[240] = 53;
	net->reply[241] = 1;
	net->reply[242] = (uint8_t)type;
	net->len = 243;
}

static void say(struct net *net)
{
	net->reply[net->len++] = 255;
	dhcp_input(&net->client, net->reply, net->len, net->now);
	dhcp_tick(&net->client, net->now);
}

static void answer(struct net *net, enum dhcp_type type, uint32_t seconds)
{
	start_reply(net, type);
	option32(net, 54, SERVER);
	option32(net, 51, seconds);
	option32(net, 1, 0xffffff00);
	option32(net, 3, SERVER);
	say(net);
}

static const uint8_t *option_of(const uint8_t *m, uint8_t code)
{
	size_t i = 240;

	while (m[i] != 255) {
		if (m[i] == code)
			return m + i + 2;
		i += 2u + m[i + 1];
	}
	return NULL;
}

static void pass(struct net *net, uint64_t ms)
{
	net->now += ms;
	dhcp_tick(&net->client, net->now);
}

static void lease(struct net *net, uint32_t seconds)
{
	answer(net, DHCP_OFFER, seconds);
	answer(net, DHCP_ACK, seconds);
	assert_int_equal(net->granted, 1);
}

/* --- what it does ------------------------------------------------------------------------- */

static void a_lease_takes_four_messages(void **state)
{
	struct net *net = *state;

	assert_int_equal(option_of(net->last, 53)[0], DHCP_DISCOVER);
	assert_int_equal(net->last[10], 0x80); /* answer to all */

	answer(net, DHCP_OFFER, 3600);
	assert_int_equal(option_of(net->last, 53)[0], DHCP_REQUEST);
	assert_memory_equal(option_of(net->last, 50), "\x0a\x00\x02\x0f", 4);
	assert_memory_equal(option_of(net->last, 54), "\x0a\x00\x02\x02", 4);
	answer(net, DHCP_ACK, 3600);

	assert_int_equal(net->granted, 1);
	assert_int_equal(net->lease.address, ADDRESS);
	assert_int_equal(net->lease.netmask, 0xffffff00);
	assert_int_equal(net->lease.router, SERVER);
	assert_int_equal(net->lease.renew, 1800);
	assert_int_equal(net->lease.rebind, 3150);
	assert_int_equal(net->sent, 2);
}

static void silence_is_asked_again_ever_more_rarely(void **state)
{
	struct net *net = *state;
	uint64_t before;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		uint64_t wait = 4 * SECOND << (i < 4 ? i : 4);

		before = net->now;
		assert_in_range(net->client.due - before, wait - SECOND, wait + SECOND);
		pass(net, net->client.due - before);
		assert_int_equal(net->sent, 2 + i);
	}
}

static void a_refusal_begins_anew(void **state)
{
	struct net *net = *state;

	answer(net, DHCP_OFFER, 3600);
	start_reply(net, DHCP_NAK);
	say(net);

	assert_int_equal(net->client.state, DHCP_SELECTING);
	assert_int_equal(option_of(net->last, 53)[0], DHCP_DISCOVER);
	assert_int_equal(net->lost, 0); /* there was none */
}

static void requests_without_an_answer_begin_anew(void **state)
{
	struct net *net = *state;

	answer(net, DHCP_OFFER, 3600);
	pass(net, 5 * SECOND);
	pass(net, 9 * SECOND);
	pass(net, 17 * SECOND);
	assert_int_equal(net->client.state, DHCP_REQUESTING);
	pass(net, 33 * SECOND);

	assert_int_equal(net->client.state, DHCP_SELECTING);
}

static void a_lease_is_prolonged_by_its_server(void **state)
{
	struct net *net = *state;

	lease(net, 3600);
	pass(net, 1800 * SECOND);
	assert_int_equal(net->client.state, DHCP_RENEWING);
	assert_int_equal(net->to, SERVER);
	assert_memory_equal(net->last + 12, "\x0a\x00\x02\x0f", 4);
	assert_null(option_of(net->last, 50));
	assert_null(option_of(net->last, 54));
	answer(net, DHCP_ACK, 3600);

	assert_int_equal(net->granted, 2);
	assert_int_equal(net->client.state, DHCP_BOUND);
	assert_int_equal(net->client.due, net->now + 1800 * SECOND);
}

static void then_by_any_server(void **state)
{
	struct net *net = *state;

	lease(net, 3600);
	pass(net, 1800 * SECOND);
	pass(net, 1350 * SECOND);

	assert_int_equal(net->client.state, DHCP_REBINDING);
	assert_int_equal(net->to, 0);
}

static void a_lease_that_ends_is_lost(void **state)
{
	struct net *net = *state;

	lease(net, 3600);
	pass(net, 1800 * SECOND);
	pass(net, 1800 * SECOND);

	assert_int_equal(net->lost, 1);
	assert_int_equal(net->client.state, DHCP_SELECTING);
	assert_int_equal(option_of(net->last, 53)[0], DHCP_DISCOVER);
}

static void a_lease_for_ever_is_left_alone(void **state)
{
	struct net *net = *state;

	lease(net, UINT32_MAX);
	pass(net, 400000000 * SECOND);

	assert_int_equal(net->client.state, DHCP_BOUND);
	assert_int_equal(net->sent, 2);
}

static void an_address_is_given_back(void **state)
{
	struct net *net = *state;

	lease(net, 3600);
	dhcp_stop(&net->client);

	assert_int_equal(option_of(net->last, 53)[0], DHCP_RELEASE);
	assert_int_equal(net->to, SERVER);
	assert_int_equal(dhcp_tick(&net->client, net->now), UINT64_MAX);
}

static void options_may_stand_in_the_names(void **state)
{
	struct net *net = *state;
	size_t end;

	start_reply(net, DHCP_OFFER);
	memcpy(net->reply + net->len, "\x34\x01\x03", 3); /* overload: both */
	end = net->len + 3;
	net->len = 108;
	option32(net, 54, SERVER);
	net->len = 44;
	option32(net, 51, 60);
	net->len = end;
	say(net);

	assert_int_equal(net->client.state, DHCP_REQUESTING);
	assert_int_equal(net->client.lease.seconds, 60);
}

/* --- what it does not believe ------------------------------------------------------------- */

static void nothing_but_a_reply_to_us_counts(void **state)
{
	struct net *net = *state;
	static const struct {
		size_t at;
		const char *what;
	} flaws[] = {
		{ 0, "a request" }, { 1, "no Ethernet" }, { 2, "another length of address" },
		{ 4, "another transaction" }, { 33, "another machine" }, { 236, "no DHCP" },
		{ 241, "an option past the end" }, { 242, "another type" },
	};
	size_t i;

	for (i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		start_reply(net, DHCP_OFFER);
		option32(net, 54, SERVER);
		option32(net, 51, 60);
		net->reply[flaws[i].at] ^= 0x80;
		say(net);
		if (net->client.state != DHCP_SELECTING)
			fail_msg("believed: %s", flaws[i].what);
	}
}

static void an_offer_without_what_it_needs_is_none(void **state)
{
	struct net *net = *state;

	start_reply(net, DHCP_OFFER);
	option32(net, 54, SERVER);
	say(net); /* no time */
	assert_int_equal(net->client.state, DHCP_SELECTING);

	start_reply(net, DHCP_OFFER);
	option32(net, 51, 60);
	say(net); /* no server */
	assert_int_equal(net->client.state, DHCP_SELECTING);
}

static void times_that_make_no_sense_are_replaced(void **state)
{
	struct net *net = *state;

	answer(net, DHCP_OFFER, 1000);
	start_reply(net, DHCP_ACK);
	option32(net, 54, SERVER);
	option32(net, 51, 1000);
	option32(net, 58, 5000);
	option32(net, 59, 4000);
	say(net);

	assert_int_equal(net->lease.rebind, 875);
	assert_int_equal(net->lease.renew, 500);
}

static void a_late_answer_changes_nothing(void **state)
{
	struct net *net = *state;

	lease(net, 3600);
	answer(net, DHCP_OFFER, 9);
	answer(net, DHCP_ACK, 9);
	start_reply(net, DHCP_NAK);
	say(net);

	assert_int_equal(net->granted, 1);
	assert_int_equal(net->lost, 0);
	assert_int_equal(net->client.state, DHCP_BOUND);
}

#define EACH(test) cmocka_unit_test_setup(test, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_lease_takes_four_messages),
		EACH(silence_is_asked_again_ever_more_rarely),
		EACH(a_refusal_begins_anew),
		EACH(requests_without_an_answer_begin_anew),
		EACH(a_lease_is_prolonged_by_its_server),
		EACH(then_by_any_server),
		EACH(a_lease_that_ends_is_lost),
		EACH(a_lease_for_ever_is_left_alone),
		EACH(an_address_is_given_back),
		EACH(options_may_stand_in_the_names),
		EACH(nothing_but_a_reply_to_us_counts),
		EACH(an_offer_without_what_it_needs_is_none),
		EACH(times_that_make_no_sense_are_replaced),
		EACH(a_late_answer_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
