/* SPDX-License-Identifier: MIT */
/*
 * qmp.h - QEMU's monitor protocol, client side.
 *
 * JSON objects, one a line: a greeting, then an answer to every command, with events in
 * between at any time. Everything goes through jansson in both directions, so a value
 * stays a value whatever its bytes. What QEMU says is not trusted: lines are bounded,
 * events are dropped, every command has one deadline, and a peer that breaks the
 * protocol is not asked again.
 *
 * The handshake is done at the first command. One thread at a time: the caller locks.
 */
#ifndef RBI_HOST_QMP_H
#define RBI_HOST_QMP_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#define RBI_QMP_LINE 1048576 /* most bytes of one line */

struct rbi_qmp {
	int fd; /* our end of the socket pair; stays the caller's */
	int end_fd; /* readable once QEMU has ended; -1: none */
	unsigned int timeout_ms;
	bool greeted; /* the handshake is done */
	int failed; /* why nobody is asked any more; 0: all is well */
	unsigned long serial; /* of the last command */
	size_t start, end, room; /* unread bytes in in[] */
	char *in;
};

/* @q is all zeros. */
void rbi_qmp_open(struct rbi_qmp *q, int fd, int end_fd, unsigned int timeout_ms);
void rbi_qmp_close(struct rbi_qmp *q);

/*
 * Run @command with @args, which are taken over; NULL: none. *@ret, unless @ret is NULL, is
 * what QEMU returned, the caller's. 0 or:
 * -EINVAL     QEMU refuses, in its own words
 * -ENOENT     QEMU refuses, for there is no such thing (class DeviceNotFound)
 * -ENODEV     QEMU has ended
 * -ETIMEDOUT  no answer in time; the connection is given up
 * -EPROTO     what came is no QMP; the connection is given up
 * -ENOMEM
 */
int rbi_qmp_command(struct rbi_qmp *q, const char *command, json_t *args, json_t **ret);

#endif
