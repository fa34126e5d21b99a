/* SPDX-License-Identifier: MIT */
/*
 * e1000e_main.c - carry frames between a network card and a packet socket.
 *
 *     rbdrv-example-e1000e [OPTION]... [MACHINE]
 *
 *     --irq KIND      auto, msix, msi or intx
 *     --mtu BYTES     up to 9216
 *     --card N        the N-th card of the machine, from 0
 *     --fd NUMBER     an open datagram socket: one datagram is one frame
 *     --path SOCKET   the same, a UNIX socket that is bound there; answers come to
 *                     SOCKET.card
 *     --promiscuous   receive what is meant for others, too
 *     --seconds N     end after that time; else on SIGINT or SIGTERM
 *
 * Without a socket received frames are counted and dropped. MACHINE as for edu.c:
 * "qemu:net.n0=user;e1000e,netdev=n0" is QEMU's card.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "e1000e.h"

#define BUDGET	  64u /* frames in one direction before the other gets its turn */
#define FRAME_MAX (E1000E_MTU_MAX + 18)
#define LOOK_MS	  250 /* how often a sleep is ended to look for a signal, which ends none itself */

struct bridge {
	struct rb_ctx *ctx;
	struct e1000e *nic;
	int fd; /* the socket, or -1 */
	size_t held; /* bytes of a frame that found no room in the card, or 0 */
	uint64_t dropped; /* frames that found no room in the socket, or are no frames */
	uint8_t frame[FRAME_MAX];
	char bound[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* our end, to be removed */
};

struct arguments {
	const char *machine, *path;
	unsigned long card, seconds;
	long fd;
	bool promiscuous;
	struct e1000e_options nic;
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static int refused(const char *what, int rc)
{
	fprintf(stderr, "%s: %s: %s\n", what, rb_strerror(rc), rb_last_error());
	return rc;
}

/* --- events ------------------------------------------------------------------------------ */

static void frame_came(void *arg, const void *bytes, size_t len)
{
	struct bridge *b = arg;

	if (b->fd < 0)
		return;
	if (send(b->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len)
		b->dropped++;
}

static void link_changed(void *arg, bool up, unsigned int mbps)
{
	(void)arg;
	if (up)
		printf("link up, %u Mb/s\n", mbps);
	else
		puts("link down");
	fflush(stdout);
}

/* --- the loop ---------------------------------------------------------------------------- */

/* From the socket to the card: a frame that finds no room is held, and is the next. */
static int send_frames(struct bridge *b)
{
	unsigned int n;
	ssize_t len;
	int rc;

	for (n = 0; b->fd >= 0 && n < BUDGET; n++) {
		len = (ssize_t)b->held;
		if (len == 0)
			len = recv(b->fd, b->frame, sizeof(b->frame), MSG_DONTWAIT);
		if (len <= 0)
			break;
		rc = e1000e_send(b->nic, b->frame, (size_t)len);
		b->held = rc == -EAGAIN ? (size_t)len : 0;
		if (rc == -EAGAIN)
			break;
		if (rc == -EINVAL || rc == -EFBIG)
			b->dropped++;
		else if (rc < 0)
			return rc;
	}
	rc = e1000e_flush(b->nic);
	return rc < 0 ? rc : (int)n;
}

static int carry(struct bridge *b, int64_t end_ns)
{
	int rc, sent, timeout_ms = LOOK_MS;
	int64_t left;

	while (!ended) {
		if (end_ns != 0) {
			left = end_ns - (int64_t)rb_time_ns(b->ctx);
			if (left <= 0)
				return 0;
			if (left / 1000000 < LOOK_MS)
				timeout_ms = (int)(left / 1000000) + 1;
		}
		rc = e1000e_poll(b->nic, BUDGET);
		if (rc < 0)
			return rc;
		sent = send_frames(b);
		if (sent < 0)
			return sent;
		if (rc == BUDGET || sent == BUDGET)
			continue;
		rc = e1000e_wait_fd(b->nic, b->held ? -1 : b->fd, timeout_ms);
		if (rc < 0 && rc != -ETIMEDOUT)
			return rc;
	}
	return 0;
}

/* --- begin and end ----------------------------------------------------------------------- */

static int open_socket(struct bridge *b, const struct arguments *a)
{
	struct sockaddr_un ours = { .sun_family = AF_UNIX }, theirs = { .sun_family = AF_UNIX };

	b->fd = (int)a->fd;
	if (a->path == NULL)
		return 0;
	if (strlen(a->path) + sizeof(".card") > sizeof(ours.sun_path))
		return -1;
	strcpy(theirs.sun_path, a->path);
	snprintf(ours.sun_path, sizeof(ours.sun_path), "%s.card", a->path);

	b->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (b->fd < 0)
		return -1;
	unlink(ours.sun_path);
	if (bind(b->fd, (struct sockaddr *)&ours, sizeof(ours)) < 0)
		return -1;
	strcpy(b->bound, ours.sun_path);
	return connect(b->fd, (struct sockaddr *)&theirs, sizeof(theirs));
}

static void show_stats(struct bridge *b)
{
	struct e1000e_stats s;

	if (e1000e_stats(b->nic, &s) < 0)
		puts("the card is gone");
	printf("received %" PRIu64 " frames, %" PRIu64 " bytes; %" PRIu64 " bad, %" PRIu64
	       " missed by the card\n",
	       s.rx_frames, s.rx_bytes, s.rx_bad, s.hw_missed);
	printf("sent %" PRIu64 " frames, %" PRIu64 " bytes; %" PRIu64 " lost, %" PRIu64 " hangs\n",
	       s.tx_frames, s.tx_bytes, s.tx_lost, s.hangs);
	printf("%" PRIu64 " interrupts, %" PRIu64 " changes of the link, %" PRIu64
	       " dropped here\n",
	       s.interrupts, s.link_changes, b->dropped);
}

static int run(struct bridge *b, const struct arguments *a)
{
	static const struct e1000e_events events = { frame_came, link_changed };
	static const char *const kinds[] = {
		[RB_IRQ_INTX] = "INTx",
		[RB_IRQ_MSI] = "MSI",
		[RB_IRQ_MSIX] = "MSI-X",
	};
	struct rb_pci_addr addr;
	char text[RB_PCI_ADDR_LEN];
	uint8_t mac[6];
	int rc;

	rc = e1000e_find(b->ctx, (unsigned int)a->card, &addr);
	if (rc < 0)
		return refused("find a card", rc);
	rc = e1000e_open(b->ctx, addr, &a->nic, &events, b, &b->nic);
	if (rc < 0)
		return refused("open the card", rc);

	e1000e_mac(b->nic, mac);
	printf("card %s, address %02x:%02x:%02x:%02x:%02x:%02x, %s\n",
	       rb_pci_addr_format(addr, text), mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
	       kinds[e1000e_irq_kind(b->nic)]);
	fflush(stdout);
	if (a->promiscuous)
		e1000e_set_promiscuous(b->nic, true);

	rc = carry(b, a->seconds == 0
			      ? 0
			      : (int64_t)rb_time_ns(b->ctx) + (int64_t)a->seconds * 1000000000);
	if (rc < 0)
		refused("carry frames", rc);
	show_stats(b);
	e1000e_close(b->nic);
	return rc;
}

static bool number(const char *text, unsigned long max, unsigned long *out)
{
	char *rest;

	errno = 0;
	*out = strtoul(text, &rest, 10);
	return *text >= '0' && *text <= '9' && *rest == '\0' && errno == 0 && *out <= max;
}

static bool irq_mode(const char *text, enum e1000e_irq_mode *out)
{
	static const char *const names[] = { "auto", "msix", "msi", "intx" };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = (enum e1000e_irq_mode)i;
			return true;
		}
	}
	return false;
}

static bool option(struct arguments *a, const char *name, const char *value)
{
	unsigned long n;

	if (value == NULL)
		return false;
	if (strcmp(name, "--irq") == 0)
		return irq_mode(value, &a->nic.irq);
	if (strcmp(name, "--card") == 0)
		return number(value, 255, &a->card);
	if (strcmp(name, "--seconds") == 0)
		return number(value, 1000000, &a->seconds);
	if (strcmp(name, "--path") == 0) {
		a->path = value;
		return true;
	}
	if (!number(value, 65535, &n))
		return false;
	if (strcmp(name, "--mtu") == 0)
		a->nic.mtu = (uint32_t)n;
	else if (strcmp(name, "--fd") == 0)
		a->fd = (long)n;
	else
		return false;
	return true;
}

static bool parse(struct arguments *a, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--promiscuous") == 0)
			a->promiscuous = true;
		else if (!option(a, argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	if (i < argc)
		a->machine = argv[i++];
	return i == argc;
}

int main(int argc, char **argv)
{
	static struct bridge b;
	struct arguments a = { .fd = -1 };
	int rc;

	if (!parse(&a, argc, argv)) {
		fprintf(stderr,
			"usage: %s [--irq KIND] [--mtu BYTES] [--card N] [--fd NUMBER]"
			" [--path SOCKET] [--promiscuous] [--seconds N] [MACHINE]\n",
			argv[0]);
		return 2;
	}
	signal(SIGINT, end);
	signal(SIGTERM, end);
	if (open_socket(&b, &a) < 0) {
		perror(a.path);
		return 1;
	}
	rc = rb_ctx_new(a.machine, &b.ctx);
	if (rc < 0)
		refused("open the machine", rc);
	else
		rc = run(&b, &a);

	rb_ctx_unref(b.ctx);
	if (b.bound[0] != '\0')
		unlink(b.bound);
	return rc == 0 ? 0 : 1;
}
