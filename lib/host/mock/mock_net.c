/* SPDX-License-Identifier: MIT */
/*
 * mock_net.c - frames between a test's descriptors and the devices of the mock.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "host/mock/mock_net.h"

#define FRAMES_AT_ONCE 64 /* of one network in one look: a flood does not stop the clock */
#define FRAMES_QUEUED  10000 /* as in QEMU's queue of a network card */

/* --- what is worth waking up for --------------------------------------------------------------- */

/* Does the frame that comes next find a device that may take it, or nobody? */
static bool can_take(const struct mock_net *net)
{
	const struct rb_mock_dev *dev = net->dev;

	if (net->deaf)
		return false;
	if (!dev || net->down || dev->dead)
		return true;
	return !net->refused && !dev->asleep && rbi_mock_command(dev, MOCK_COMMAND_MASTER);
}

void rbi_mock_net_watch(struct mock *mock, struct mock_net *net)
{
	struct epoll_event event;

	memset(&event, 0, sizeof(event));
	event.events = (can_take(net) ? EPOLLIN : 0) | (net->first ? EPOLLOUT : 0);
	event.data.ptr = net;
	if (event.events == net->watched)
		return;
	net->watched = event.events;
	(void)epoll_ctl(mock->nets->epoll_fd, EPOLL_CTL_MOD, net->theirs, &event);
}

void rbi_mock_net_update(struct rb_mock_dev *dev)
{
	struct mock_net *net = dev->plug ? dev->plug->net : NULL;

	if (!net)
		return;
	rbi_mock_net_watch(dev->mock, net);
	/* the first frame is in our hands, so no descriptor tells of it */
	if (net->waiting > 0 && can_take(net)) {
		rbi_mock_nets_wake(dev->mock);
		rbi_mock_stir(dev->mock);
	}
}

/* --- to the test ---------------------------------------------------------------------------- */

/* 1: gone; 0: the socket is full; -1: it never will. */
static int send_now(struct mock_net *net, const void *frame, size_t len)
{
	ssize_t n;

	do
		n = send(net->theirs, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 1;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? 0 : -1;
}

static void drop_first(struct mock_net *net)
{
	struct mock_frame *first = net->first;

	net->first = first->next;
	if (!net->first)
		net->last = NULL;
	net->queued--;
	rbi_free(first);
}

/* How many of those that wait have gone. */
static size_t flush(struct mock_net *net)
{
	size_t count = 0;

	for (; net->first && send_now(net, net->first->bytes, net->first->len) != 0; count++)
		drop_first(net);
	return count;
}

void rbi_mock_net_drop(struct mock_net *net)
{
	while (net->first)
		drop_first(net);
}

/* 1, 0 when there are too many, or -ENOMEM. */
static int queue(struct mock *mock, struct mock_net *net, const void *frame, size_t len)
{
	struct mock_frame *more;

	if (net->queued == FRAMES_QUEUED) {
		rbi_mock_complain(mock, net->dev,
				  "network '%s': %d frames wait to be read, one more is lost",
				  net->name, FRAMES_QUEUED);
		return 0;
	}
	more = rbi_alloc(1, sizeof(*more) + len);
	if (!more)
		return rbi_no_memory("a frame");
	more->len = len;
	memcpy(more->bytes, frame, len);
	if (net->last)
		net->last->next = more;
	else
		net->first = more;
	net->last = more;
	net->queued++;
	rbi_mock_net_watch(mock, net);
	return 1;
}

static int send_frame(struct rb_mock_dev *dev, const void *frame, size_t len)
{
	struct mock_net *net = dev->plug->net;
	int sent = 0;

	if (!net || net->down || dev->dead)
		return 0;
	if (!net->first)
		sent = send_now(net, frame, len);
	if (sent == 0)
		sent = queue(dev->mock, net, frame, len);
	rbi_mock_stir(dev->mock); /* who waits for it looks again */
	return sent == -1 ? 0 : sent;
}

int rb_mock_net_send(struct rb_mock_dev *dev, const void *frame, size_t len)
{
	int rc;

	if (!dev || !frame || len == 0 || len > RB_MOCK_FRAME_MAX)
		return rbi_fail(-EINVAL, "rb_mock_net_send: no device, no frame, or one of %zu bytes",
				len);
	rbi_mock_lock(dev->mock);
	if (dev->gone)
		rc = rbi_fail(-ENODEV, "rb_mock_net_send: %s has been removed", dev->label);
	else if (dev->building || !dev->plug)
		rc = rbi_fail(-EINVAL, "rb_mock_net_send: %s has no network yet", dev->label);
	else
		rc = send_frame(dev, frame, len);
	rbi_mock_unlock(dev->mock);
	return rc;
}

/* --- from the test --------------------------------------------------------------------------- */

/* An empty message cannot be told from the end of the other side, nor does QEMU. */
static void end_input(struct mock *mock, struct mock_net *net)
{
	net->deaf = true;
	rbi_mock_complain(mock, net->dev,
			  "network '%s': an empty frame, or its descriptor was closed: nothing is "
			  "received any more",
			  net->name);
}

/* Have a frame in net->frame, if there is one. */
static bool fetch(struct mock *mock, struct mock_net *net)
{
	ssize_t n;

	while (net->waiting == 0 && !net->deaf) {
		n = recv(net->theirs, net->frame, RB_MOCK_FRAME_MAX, MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n > RB_MOCK_FRAME_MAX)
			rbi_mock_complain(mock, net->dev,
					  "network '%s': a frame of %zd bytes is lost: above %d",
					  net->name, n, RB_MOCK_FRAME_MAX);
		else if (n > 0)
			net->waiting = (size_t)n;
		else
			end_input(mock, net);
	}
	return net->waiting > 0;
}

/* Give the frame that waits to the device: was it taken? */
static bool hand_over(struct mock *mock, struct mock_net *net)
{
	struct rb_mock_dev *dev = net->dev;
	struct mock_plug *plug;
	bool taken = true;

	if (dev && !net->down && !dev->dead) {
		plug = dev->plug;
		mock->running = true; /* no look and no event inside this one */
		taken = !plug->frame || plug->frame(dev, plug->arg, net->frame, net->waiting);
		mock->running = false;
	}
	/* the callback may have removed the device */
	if (taken || net->dev != dev)
		net->waiting = 0;
	else
		net->refused = true;
	return taken;
}

static size_t take_in(struct mock *mock, struct mock_net *net)
{
	size_t count = 0;

	while (count < FRAMES_AT_ONCE && fetch(mock, net) && can_take(net) && hand_over(mock, net))
		count++;
	return count;
}

void rbi_mock_nets_look(struct mock *mock)
{
	struct mock_nets *nets = mock->nets;
	size_t count = 0;
	unsigned int i;

	if (mock->running)
		return;
	for (i = 0; i < nets->items.n; i++) {
		count += flush(&nets->net[i]);
		count += take_in(mock, &nets->net[i]);
		rbi_mock_net_watch(mock, &nets->net[i]);
	}
	if (count > 0) {
		mock->dog.count = 0;
		rbi_mock_stir(mock);
	}
}

void rb_mock_net_resume(struct rb_mock_dev *dev)
{
	if (!dev)
		return;
	rbi_mock_lock(dev->mock);
	if (dev->plug && dev->plug->net) {
		dev->plug->net->refused = false;
		rbi_mock_net_update(dev);
	}
	rbi_mock_unlock(dev->mock);
}
