/* SPDX-License-Identifier: MIT */
/* qemu_client.c - the least that reads a register over qtest: what the library is measured by. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "qemu_client.h"

int client_read32(int sock, uint64_t addr, uint32_t *val)
{
	char line[128];
	size_t have = 0;
	ssize_t n;
	int len = snprintf(line, sizeof(line), "readl 0x%llx\n", (unsigned long long)addr);

	if (send(sock, line, (size_t)len, 0) != len)
		return -1;
	do {
		n = recv(sock, line + have, sizeof(line) - 1 - have, 0);
		if (n <= 0)
			return -1;
		have += (size_t)n;
	} while (line[have - 1] != '\n' && have < sizeof(line) - 1);
	line[have] = '\0';
	if (strncmp(line, "OK ", 3) != 0)
		return -1;
	*val = (uint32_t)strtoull(line + 3, NULL, 0);
	return 0;
}
