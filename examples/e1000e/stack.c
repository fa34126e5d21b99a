/* SPDX-License-Identifier: MIT */
/* stack.c - frames of the NIC for lwIP, lwIP's for the NIC, and DHCP on lwIP's UDP. */
#include "stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <netif/ethernet.h>

#define FRAMES_A_TURN 64
#define FRAME_MAX     1514 /* of lwIP, with its MTU of 1500 */

/* Milliseconds for DHCP; lwIP's own clock wraps after seven weeks. */
static uint64_t now_ms(const struct stack *s)
{
	return rb_time_ns(s->ctx) / 1000000;
}

/* --- frames ------------------------------------------------------------------------------- */

static void frame_came(void *arg, const void *bytes, size_t len)
{
	struct stack *s = arg;
	struct pbuf *p;

	if (len > UINT16_MAX)
		return;
	/* Debian 12's lwIP claims more room for PBUF_POOL than its pool has */
	p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);
	if (!p)
		return; /* the peer will say it again */
	if (pbuf_take(p, bytes, (u16_t)len) != ERR_OK || s->netif.input(p, &s->netif) != ERR_OK)
		pbuf_free(p);
}

static void link_changed(void *arg, bool up, unsigned int mbps)
{
	struct stack *s = arg;

	(void)mbps;
	if (up)
		netif_set_link_up(&s->netif);
	else
		netif_set_link_down(&s->netif);
}

static err_t send_frame(struct netif *netif, struct pbuf *p)
{
	struct stack *s = netif->state;
	uint8_t frame[FRAME_MAX];
	int rc;

	if (p->tot_len > sizeof(frame))
		return ERR_BUF;
	pbuf_copy_partial(p, frame, p->tot_len, 0);
	rc = e1000e_send(s->nic, frame, p->tot_len);
	if (rc == -EAGAIN) { /* as on a busy wire: TCP sends it again */
		s->dropped++;
		return ERR_MEM;
	}
	return rc < 0 ? ERR_IF : ERR_OK;
}

static err_t init_netif(struct netif *netif)
{
	netif->name[0] = 'e';
	netif->name[1] = 'n';
	netif->output = etharp_output;
	netif->linkoutput = send_frame;
	netif->mtu = 1500;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	return ERR_OK;
}

/* --- the lease ---------------------------------------------------------------------------- */

/* lwIP hears nobody while it has no address at all, so until the lease it has one that
 * is good for nothing (RFC 3927); nothing is ever sent from it. */
static void have_no_address(struct stack *s)
{
	ip4_addr_t none, mask;

	IP4_ADDR(&none, 169, 254, s->netif.hwaddr[4], s->netif.hwaddr[5] | 1);
	IP4_ADDR(&mask, 255, 255, 255, 255);
	netif_set_addr(&s->netif, &none, &mask, IP4_ADDR_ANY4);
}

static void lease_changed(void *arg, const struct dhcp_lease *lease)
{
	struct stack *s = arg;
	ip4_addr_t address, mask, router;

	s->has_lease = lease != NULL;
	if (!lease) {
		have_no_address(s);
		return;
	}
	s->leases++;
	address.addr = lwip_htonl(lease->address);
	mask.addr = lwip_htonl(lease->netmask ? lease->netmask : 0xffffff00);
	router.addr = lwip_htonl(lease->router);
	netif_set_addr(&s->netif, &address, &mask, &router);
}

static void send_dhcp(void *arg, uint32_t server, const uint8_t *message, size_t len)
{
	struct stack *s = arg;
	ip_addr_t to = IPADDR4_INIT(server ? lwip_htonl(server) : IPADDR_BROADCAST);
	struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);

	if (!p)
		return;
	if (pbuf_take(p, message, (u16_t)len) == ERR_OK)
		udp_sendto_if_src(s->udp, p, &to, DHCP_SERVER_PORT, &s->netif,
				  s->has_lease ? &s->netif.ip_addr : IP4_ADDR_ANY);
	pbuf_free(p);
}

static void dhcp_came(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
		      u16_t port)
{
	struct stack *s = arg;
	uint8_t message[1500];

	(void)pcb;
	(void)from;
	if (port == DHCP_SERVER_PORT)
		dhcp_input(&s->dhcp, message, pbuf_copy_partial(p, message, sizeof(message), 0),
			   now_ms(s));
	pbuf_free(p);
}

static int start_dhcp(struct stack *s)
{
	s->udp = udp_new_ip_type(IPADDR_TYPE_V4);
	if (!s->udp)
		return -ENOMEM;
	ip_set_option(s->udp, SOF_BROADCAST);
	if (udp_bind(s->udp, IP4_ADDR_ANY, DHCP_CLIENT_PORT) != ERR_OK)
		return -EBUSY;
	udp_recv(s->udp, dhcp_came, s);

	s->dhcp.send = send_dhcp;
	s->dhcp.changed = lease_changed;
	s->dhcp.arg = s;
	dhcp_start(&s->dhcp, s->netif.hwaddr, LWIP_RAND(), now_ms(s));
	return 0;
}

/* --- up, around, down --------------------------------------------------------------------- */

static int start_netif(struct stack *s)
{
	uint8_t mac[6];
	int rc;

	rc = e1000e_mac(s->nic, mac);
	if (rc < 0)
		return rc;
	lwip_init();
	if (!netif_add_noaddr(&s->netif, s, init_netif, ethernet_input))
		return -ENOMEM;
	s->netif.hwaddr_len = sizeof(mac);
	memcpy(s->netif.hwaddr, mac, sizeof(mac));
	netif_set_default(&s->netif);
	netif_set_up(&s->netif);
	have_no_address(s);
	link_changed(s, e1000e_link(s->nic), 0);
	return start_dhcp(s);
}

int stack_open(struct rb_ctx *ctx, struct rb_pci_addr addr, const struct e1000e_options *options,
	       struct stack *s)
{
	static const struct e1000e_events events = { .frame = frame_came, .link = link_changed };
	int rc;

	memset(s, 0, sizeof(*s));
	s->ctx = ctx;
	rc = e1000e_open(ctx, addr, options, &events, s, &s->nic);
	if (rc < 0)
		return rc;
	srand((unsigned int)rb_time_ns(ctx)); /* lwIP's ports and our transaction ids */
	rc = start_netif(s);
	if (rc < 0)
		stack_close(s);
	return rc;
}

int stack_turn(struct stack *s, unsigned int timeout_ms)
{
	uint64_t now, due;
	u32_t sleep;
	int rc;

	sys_check_timeouts();
	now = now_ms(s);
	due = dhcp_tick(&s->dhcp, now);
	sleep = sys_timeouts_sleeptime();
	if (sleep > timeout_ms)
		sleep = timeout_ms;
	if (due > now && sleep > due - now)
		sleep = (u32_t)(due - now);

	rc = s->busy ? e1000e_flush(s->nic) : e1000e_wait(s->nic, (int)sleep);
	if (rc < 0 && rc != -ETIMEDOUT)
		return rc;
	rc = e1000e_poll(s->nic, FRAMES_A_TURN);
	s->busy = rc == FRAMES_A_TURN;
	return rc < 0 ? rc : 0;
}

void stack_close(struct stack *s)
{
	if (s->udp) {
		dhcp_stop(&s->dhcp);
		e1000e_flush(s->nic);
		udp_remove(s->udp);
	}
	if (s->netif.input)
		netif_remove(&s->netif);
	e1000e_close(s->nic);
	s->nic = NULL;
}
