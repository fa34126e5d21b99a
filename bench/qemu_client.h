/* SPDX-License-Identifier: MIT */
/* qemu_client.h - a register read over qtest without a library. */
#ifndef BENCH_QEMU_CLIENT_H
#define BENCH_QEMU_CLIENT_H

#include <stdint.h>

/* Read the 32-bit register at @addr over @sock; 0, or -1. */
int client_read32(int sock, uint64_t addr, uint32_t *val);

#endif
