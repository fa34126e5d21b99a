/* SPDX-License-Identifier: MIT */
/*
 * fetch.c - get an address and then a file, over a NIC that this very process drives.
 *
 *     rbdrv-example-fetch [-i msix|msi|intx] [-o FILE] [-t SECONDS] URL [MACHINE]
 *
 * URL is http://A.B.C.D[:PORT]/PATH: there is no name service here. MACHINE, or else
 * RBDRV_MACHINE, has an e1000e on a network, as "qemu:net.n0=user;e1000e,netdev=n0",
 * where the host is 10.0.2.2. The file goes to FILE, or nowhere; -t bounds the whole
 * (60 seconds).
 *
 * The driver is e1000e.h, the network lwIP in stack.h, and this is what runs on both.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <http_parser.h>
#include <lwip/tcp.h>

#include "stack.h"

#define TURN_MS	      200 /* how often we look at the clock while nothing happens */

struct fetch {
	struct stack stack;
	struct tcp_pcb *tcp; /* NULL: not open, or closed */
	http_parser parser;
	const char *url;
	ip_addr_t host;
	uint16_t port;
	const char *path; /* in url */
	FILE *out; /* NULL: nowhere */
	uint64_t bytes;
	bool done;
	int failed; /* negative errno, after having said why */
};

static int refused(const char *what, int rc)
{
	fflush(stdout);
	fprintf(stderr, "  FAILED  %s: %s: %s\n", what, rb_strerror(rc), rb_last_error());
	return rc;
}

static int failed(struct fetch *f, const char *why)
{
	fflush(stdout);
	fprintf(stderr, "  FAILED  %s: %s\n", f->url, why);
	f->failed = -EIO;
	return -1;
}

/* --- HTTP --------------------------------------------------------------------------------- */

static int take_status(http_parser *parser)
{
	struct fetch *f = parser->data;

	if (parser->status_code == 200)
		return 0;
	return failed(f, parser->status_code == 404 ? "the server has no such file" :
						      "the server refuses");
}

static int take_body(http_parser *parser, const char *bytes, size_t len)
{
	struct fetch *f = parser->data;

	f->bytes += len;
	if (f->out && fwrite(bytes, 1, len, f->out) != len)
		return failed(f, strerror(errno));
	return 0;
}

static int take_end(http_parser *parser)
{
	struct fetch *f = parser->data;

	f->done = true;
	return 0;
}

/* Bytes of the answer; none: its end. */
static void parse(struct fetch *f, const void *bytes, size_t len)
{
	static const http_parser_settings calls = { .on_headers_complete = take_status,
						    .on_body = take_body,
						    .on_message_complete = take_end };

	if (f->failed == 0 && !f->done &&
	    http_parser_execute(&f->parser, &calls, bytes, len) != len && f->failed == 0)
		failed(f, http_errno_description(HTTP_PARSER_ERRNO(&f->parser)));
	if (len == 0 && !f->done && f->failed == 0)
		failed(f, "the connection ended before the file");
}

/* --- TCP ---------------------------------------------------------------------------------- */

static err_t bytes_came(void *arg, struct tcp_pcb *tcp, struct pbuf *p, err_t err)
{
	struct fetch *f = arg;
	struct pbuf *q;

	(void)err;
	if (!p) {
		parse(f, "", 0);
		return ERR_OK;
	}
	for (q = p; q; q = q->next)
		parse(f, q->payload, q->len);
	tcp_recved(tcp, p->tot_len);
	pbuf_free(p);
	return ERR_OK;
}

static void connection_broke(void *arg, err_t err)
{
	struct fetch *f = arg;

	f->tcp = NULL; /* lwIP has freed it */
	if (!f->done && f->failed == 0)
		failed(f, err == ERR_RST ? "the server closed the connection" :
					   "the connection broke");
}

static err_t ask(void *arg, struct tcp_pcb *tcp, err_t err)
{
	struct fetch *f = arg;
	char request[1024];
	int len;

	(void)err;
	printf("  ok  connected to %s port %u\n", ipaddr_ntoa(&f->host), f->port);
	len = snprintf(request, sizeof(request),
		       "GET %s HTTP/1.1\r\nHost: %s:%u\r\nConnection: close\r\n\r\n", f->path,
		       ipaddr_ntoa(&f->host), f->port);
	if (len >= (int)sizeof(request) ||
	    tcp_write(tcp, request, (u16_t)len, TCP_WRITE_FLAG_COPY) != ERR_OK)
		failed(f, "the request does not fit");
	return tcp_output(tcp);
}

static int connect_to_host(struct fetch *f)
{
	f->tcp = tcp_new_ip_type(IPADDR_TYPE_V4);
	if (!f->tcp)
		return -ENOMEM;
	http_parser_init(&f->parser, HTTP_RESPONSE);
	f->parser.data = f;
	tcp_arg(f->tcp, f);
	tcp_recv(f->tcp, bytes_came);
	tcp_err(f->tcp, connection_broke);
	return tcp_connect(f->tcp, &f->host, f->port, ask) == ERR_OK ? 0 : -ENOMEM;
}

static void disconnect(struct fetch *f)
{
	if (f->tcp) {
		tcp_arg(f->tcp, NULL);
		tcp_recv(f->tcp, NULL);
		tcp_err(f->tcp, NULL);
		tcp_abort(f->tcp);
	}
	f->tcp = NULL;
}

/* --- all of it ---------------------------------------------------------------------------- */

static int take_url(struct fetch *f, const char *url)
{
	struct http_parser_url u;
	char host[16];

	http_parser_url_init(&u);
	f->url = url;
	if (http_parser_parse_url(url, strlen(url), 0, &u) != 0 || !(u.field_set & 1 << UF_HOST) ||
	    u.field_data[UF_SCHEMA].len != 4 || strncmp(url, "http", 4) != 0 ||
	    u.field_data[UF_HOST].len >= sizeof(host))
		return -EINVAL;
	memcpy(host, url + u.field_data[UF_HOST].off, u.field_data[UF_HOST].len);
	host[u.field_data[UF_HOST].len] = '\0';
	if (!ipaddr_aton(host, &f->host))
		return -EINVAL;
	f->port = u.port != 0 ? u.port : 80;
	f->path = u.field_set & 1 << UF_PATH ? url + u.field_data[UF_PATH].off : "/";
	return 0;
}

/* Turn until @until says so, the NIC is gone, or it is @deadline_ns. */
static int turn(struct fetch *f, uint64_t deadline_ns, bool (*until)(const struct fetch *f))
{
	int rc = 0;

	while (rc == 0 && f->failed == 0 && !until(f)) {
		if (rb_time_ns(f->stack.ctx) >= deadline_ns) {
			failed(f, f->stack.has_lease ? "too slow" : "no DHCP server has answered");
			break;
		}
		rc = stack_turn(&f->stack, TURN_MS);
		if (rc < 0)
			return refused("the NIC", rc);
	}
	return f->failed;
}

static bool has_lease(const struct fetch *f)
{
	return f->stack.has_lease;
}

static bool has_file(const struct fetch *f)
{
	return f->done;
}

static int fetch(struct fetch *f, unsigned int seconds)
{
	uint64_t start = rb_time_ns(f->stack.ctx);
	uint64_t deadline = start + (uint64_t)seconds * 1000000000;
	double took;
	int rc;

	rc = turn(f, deadline, has_lease);
	if (rc < 0)
		return rc;
	printf("  ok  leased %s", ip4addr_ntoa(netif_ip4_addr(&f->stack.netif)));
	printf(" from the server, for %u s\n", (unsigned int)f->stack.dhcp.lease.seconds);

	start = rb_time_ns(f->stack.ctx);
	rc = connect_to_host(f);
	if (rc < 0)
		return refused("connecting", rc);
	rc = turn(f, deadline, has_file);
	disconnect(f);
	if (rc < 0)
		return rc;
	took = (double)(rb_time_ns(f->stack.ctx) - start) / 1e9;
	printf("  ok  fetched %llu bytes in %.2f s\n", (unsigned long long)f->bytes, took);
	return 0;
}

static int run(struct fetch *f, const char *machine, const struct e1000e_options *options,
	       unsigned int seconds)
{
	struct rb_pci_addr addr;
	struct rb_ctx *ctx;
	int rc;

	rc = rb_ctx_new(machine, &ctx);
	if (rc < 0)
		return refused("machine", rc);
	rc = e1000e_find(ctx, 0, &addr);
	if (rc == 0)
		rc = stack_open(ctx, addr, options, &f->stack);
	if (rc < 0)
		refused("opening the NIC", rc);
	else
		rc = fetch(f, seconds);
	stack_close(&f->stack);
	rb_ctx_unref(ctx);
	return rc;
}

static int take_mode(const char *name, struct e1000e_options *options)
{
	static const struct {
		const char *name;
		enum e1000e_irq_mode mode;
	} modes[] = {
		{ "msix", E1000E_IRQ_MSIX },
		{ "msi", E1000E_IRQ_MSI },
		{ "intx", E1000E_IRQ_INTX },
	};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(name, modes[i].name) == 0) {
			options->irq = modes[i].mode;
			return 0;
		}
	}
	return -EINVAL;
}

static int usage(void)
{
	fputs("usage: rbdrv-example-fetch [-i msix|msi|intx] [-o FILE] [-t SECONDS] URL [MACHINE]\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct e1000e_options options = { 0 };
	struct fetch f = { 0 };
	const char *path = NULL;
	unsigned int seconds = 60;
	int opt, rc = 0;

	while ((opt = getopt(argc, argv, "i:o:t:")) != -1) {
		if (opt == 'i')
			rc |= take_mode(optarg, &options);
		else if (opt == 'o')
			path = optarg;
		else if (opt == 't')
			seconds = (unsigned int)strtoul(optarg, NULL, 10);
		else
			return usage();
	}
	if (rc < 0 || seconds == 0 || optind >= argc || argc - optind > 2 ||
	    take_url(&f, argv[optind]) < 0)
		return usage();

	if (path) {
		f.out = fopen(path, "wb");
		if (!f.out) {
			perror(path);
			return 1;
		}
	}
	rc = run(&f, argv[optind + 1], &options, seconds);
	if (f.out && fclose(f.out) != 0 && rc == 0) {
		perror(path);
		rc = -EIO;
	}
	return rc == 0 ? 0 : 1;
}
