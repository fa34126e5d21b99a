/* SPDX-License-Identifier: MIT */
/*
 * wrong_ports.c - mistakes with I/O ports. The mock has nothing there, which is enough
 * to make them; each driver gets its window at the ports of a PC's first serial line.
 */
#include "wrong.h"

#define UART	   0x3f8
#define UART_PORTS 8

/* Read @width bytes at @off. volatile: an offset that came out of a computation. */
static int read_uart(struct rig *rig, volatile uint32_t off, unsigned int width)
{
	struct rb_pio *uart;
	int rc;

	rc = rb_pio_map_ports(rig->ctx, UART, UART_PORTS, &uart);
	if (rc < 0)
		return rc;
	if (width == 1)
		(void)rb_pio_read8(uart, off);
	else
		(void)rb_pio_read16(uart, off);
	rb_pio_close(uart);
	return 0;
}

static int reads_the_last(struct rig *rig)
{
	return read_uart(rig, UART_PORTS - 1, 1);
}

static int reads_one_more(struct rig *rig)
{
	return read_uart(rig, UART_PORTS, 1);
}

static int reads_a_pair(struct rig *rig)
{
	return read_uart(rig, 2, 2);
}

static int reads_askew(struct rig *rig)
{
	return read_uart(rig, 1, 2);
}

static int keeps_its_ports(struct rig *rig)
{
	struct rb_pio *uart;

	return rb_pio_map_ports(rig->ctx, UART, UART_PORTS, &uart);
}

int main(void)
{
	static const struct wrong pairs[] = {
		{ "reads_past_its_ports",
		  "a read of 1 bytes at offset 0x8, past a window of ports", reads_one_more,
		  reads_the_last, NULL },
		{ "reads_a_misaligned_port", "a read of 2 bytes at port 0x3f9: misaligned",
		  reads_askew, reads_a_pair, NULL },
		{ "keeps_its_ports", "open: ports 0x3f8-0x3ff", keeps_its_ports, reads_the_last,
		  NULL },
	};

	return wrong_run(pairs, sizeof(pairs) / sizeof(pairs[0]));
}
