/* SPDX-License-Identifier: MIT */
/*
 * ivshmem.h - the server of QEMU's ivshmem-doorbell device (qemu-notes 3.2).
 *
 * The device turns a memory write into a signal on an eventfd of ours, so it
 * receives message-signalled interrupts: a device is given its doorbell as the
 * message address, and the message data picks the eventfd. Vector k of the device
 * is IDT vector k of the machine.
 *
 * The handshake is a run of 8-byte little-endian numbers, some with a descriptor:
 * 0 (version), 1 (QEMU's peer id), -1 with the shared memory, then for each vector
 * 0 (our peer id) with its eventfd. QEMU reads it while it starts, and too many
 * eventfds make it hang: exactly as many as its vectors= says.
 */
#ifndef RBI_HOST_IVSHMEM_H
#define RBI_HOST_IVSHMEM_H

#include <stddef.h>
#include <stdint.h>

#define RBI_IVSHMEM_VENDOR   0x1af4
#define RBI_IVSHMEM_DEVICE   0x1110
#define RBI_IVSHMEM_DOORBELL 0x0c /* in BAR0: peer << 16 | vector; our peer id is 0 */

struct rbi_ivshmem {
	int fd; /* our end of the socket pair; -1: closed */
	int shm_fd; /* a page that nobody uses, but the device insists */
	const int *vectors; /* one eventfd per vector, @nvectors; may repeat */
	size_t nvectors;
	size_t sent; /* messages so far */
};

/* Send what the socket takes now: 1 when the handshake is complete, 0 when the rest
 * must wait, -EIO when QEMU has hung up. Never blocks. */
int rbi_ivshmem_feed(struct rbi_ivshmem *s);

#endif
