/* SPDX-License-Identifier: MIT */
/* qemu_client.h - register accesses over qtest without a library. */
#ifndef BENCH_QEMU_CLIENT_H
#define BENCH_QEMU_CLIENT_H

#include <stdint.h>

/* Read the 32-bit register at @addr over @sock; 0, or -1. */
int client_read32(int sock, uint64_t addr, uint32_t *val);
/* Send the write of a 32-bit register; the answer is still to be read. 0, or -1. */
int client_send_write32(int sock, uint64_t addr, uint32_t val);
/* Read the answer to a write; 0, or -1. */
int client_end_write(int sock);

#endif
