/* SPDX-License-Identifier: MIT */
/* qemu_client.c - the least that reaches registers over qtest: what the library is measured by. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "qemu_client.h"

/* One line, which is all that comes. */
static int receive(int sock, char *line, size_t size)
{
	size_t have = 0;
	ssize_t n;

	do {
		n = recv(sock, line + have, size - 1 - have, 0);
		if (n <= 0)
			return -1;
		have += (size_t)n;
	} while (line[have - 1] != '\n' && have < size - 1);
	line[have] = '\0';
	return 0;
}

int client_send_write32(int sock, uint64_t addr, uint32_t val)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "writel 0x%llx 0x%x\n", (unsigned long long)addr,
			   val);

	return send(sock, line, (size_t)len, 0) == len ? 0 : -1;
}

int client_end_write(int sock)
{
	char line[128];

	return receive(sock, line, sizeof(line)) == 0 && strncmp(line, "OK", 2) == 0 ? 0 : -1;
}

int client_read32(int sock, uint64_t addr, uint32_t *val)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "readl 0x%llx\n", (unsigned long long)addr);

	if (send(sock, line, (size_t)len, 0) != len || receive(sock, line, sizeof(line)) < 0 ||
	    strncmp(line, "OK ", 3) != 0)
		return -1;
	*val = (uint32_t)strtoull(line + 3, NULL, 0);
	return 0;
}
