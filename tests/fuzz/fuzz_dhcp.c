/* SPDX-License-Identifier: MIT */
/*
 * fuzz_dhcp.c - what a DHCP server, or whoever answers in its place, may send.
 *
 * The input is a dialogue: a byte that says how long time passes, two bytes of length, a
 * reply. Replies get the identification that the client waits for, or hardly any would be
 * looked into.
 */
#include <string.h>

#include "dhcp_client.h"
#include "fuzz.h"

const char fuzz_seeds[] = "dhcp";
const char fuzz_sentence[] = "a DHCP reply never makes the client leave its states";

static const uint8_t mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

struct seen {
	struct dhcp_client client;
	int has_lease;
	uint32_t xid; /* of the last message */
};

static void send(void *arg, uint32_t server, const uint8_t *m, size_t len)
{
	struct seen *seen = arg;
	struct dhcp_reply reply;

	require(len == DHCP_MESSAGE && m[0] == 1 && memcmp(m + 28, mac, 6) == 0);
	require(dhcp_parse(m, len, seen->client.xid, mac, &reply) < 0); /* no reply */
	require(server == 0 || seen->has_lease);
	memcpy(&seen->xid, m + 4, 4);
}

static void changed(void *arg, const struct dhcp_lease *lease)
{
	struct seen *seen = arg;

	require(lease || seen->has_lease);
	if (lease) {
		require(lease->address != 0 && lease->server != 0 && lease->seconds > 0);
		require(lease->renew <= lease->rebind && lease->rebind <= lease->seconds);
	}
	seen->has_lease = lease != NULL;
}

static void hear(struct seen *seen, const uint8_t *bytes, size_t len, uint64_t now)
{
	uint8_t *reply = malloc(len + 1); /* its end is a page's for the sanitizer */

	require(reply != NULL);
	memcpy(reply, bytes, len);
	if (len >= 34 && (len & 1)) {
		memcpy(reply + 4, &seen->xid, 4);
		memcpy(reply + 28, mac, 6);
	}
	dhcp_input(&seen->client, reply, len, now);
	free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = { .client = { .send = send, .changed = changed } };
	uint64_t now = 1000, next;
	size_t len;

	seen.client.arg = &seen;
	dhcp_start(&seen.client, mac, 1, now);
	while (size >= 3) {
		next = dhcp_tick(&seen.client, now);
		require(next > now);
		require(seen.has_lease == (seen.client.state >= DHCP_BOUND));
		now += (uint64_t)data[0] << (data[0] % 24);
		len = (size_t)data[1] << 8 | data[2];
		data += 3;
		size -= 3;
		if (len > size)
			len = size;
		hear(&seen, data, len, now);
		data += len;
		size -= len;
	}
	dhcp_stop(&seen.client);
	return 0;
}
