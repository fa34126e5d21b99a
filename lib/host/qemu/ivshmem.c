/* SPDX-License-Identifier: MIT */
/* ivshmem.c - the server of QEMU's ivshmem-doorbell device. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "core/core.h"
#include "host/qemu/ivshmem.h"

#define HEAD 3 /* messages before the vectors: version, id, memory */

/* One number, and a descriptor unless @fd is negative. 0, or -1 with errno. */
static int send_message(int sock, int64_t number, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	unsigned char wire[8];
	struct iovec iov = { wire, sizeof(wire) };
	struct msghdr msg;
	struct cmsghdr *head;
	size_t i;

	for (i = 0; i < sizeof(wire); i++)
		wire[i] = (unsigned char)((uint64_t)number >> 8 * i);

	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	}
	/* A stream socket could take half a message, but not one this small. */
	return sendmsg(sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof(wire) ? 0 : -1;
}

static int send_next(const struct rbi_ivshmem *s)
{
	switch (s->sent) {
	case 0:
		return send_message(s->fd, 0, -1);
	case 1:
		return send_message(s->fd, 1, -1);
	case 2:
		return send_message(s->fd, -1, s->shm_fd);
	default:
		return send_message(s->fd, 0, s->vectors[s->sent - HEAD]);
	}
}

int rbi_ivshmem_feed(struct rbi_ivshmem *s)
{
	while (s->sent < HEAD + s->nvectors) {
		if (send_next(s) == 0) {
			s->sent++;
			continue;
		}
		if (errno == EINTR)
			continue;
		/* Full, or too many descriptors in flight: QEMU will take some. */
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ||
		    errno == ETOOMANYREFS)
			return 0;
		return rbi_fail(-EIO, "QEMU's message doorbell hung up: errno %d", errno);
	}
	return 1;
}
