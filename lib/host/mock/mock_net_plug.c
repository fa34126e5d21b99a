/* SPDX-License-Identifier: MIT */
/*
 * mock_net_plug.c - networks of the mock: made with the machine, joined by devices, seen by
 * the test, ended.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/mock/mock_net.h"

/* --- the thread of time=real ------------------------------------------------------------------ */

static void *run_thread(void *arg)
{
	struct mock *mock = arg;
	struct mock_nets *nets = mock->nets;
	struct epoll_event event;
	eventfd_t count;
	bool stop = false;

	while (!stop) {
		if (epoll_wait(nets->epoll_fd, &event, 1, -1) < 1)
			continue;
		(void)eventfd_read(nets->wake_fd, &count);
		rbi_mock_lock(mock);
		rbi_mock_nets_look(mock);
		stop = nets->thread_stops;
		rbi_mock_unlock(mock); /* interrupts go out now */
	}
	return NULL;
}

static int start_thread(struct mock *mock)
{
	struct mock_nets *nets = mock->nets;
	struct epoll_event event;
	sigset_t all, before;
	int err;

	memset(&event, 0, sizeof(event));
	event.events = EPOLLIN;
	nets->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (nets->wake_fd < 0 || epoll_ctl(nets->epoll_fd, EPOLL_CTL_ADD, nets->wake_fd, &event) < 0)
		return rbi_fail(-ENOMEM, "mock: no descriptor to wake a thread with");

	sigfillset(&all); /* signals are for the test's own threads */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&nets->thread, NULL, run_thread, mock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err != 0)
		return rbi_no_memory("the thread of the mock's networks");
	nets->thread_runs = true;
	return 0;
}

void rbi_mock_nets_wake(struct mock *mock)
{
	if (mock->nets->thread_runs)
		(void)eventfd_write(mock->nets->wake_fd, 1);
}

void rbi_mock_nets_stop(struct mock *mock, bool forked)
{
	struct mock_nets *nets = mock->nets;

	if (!nets || !nets->thread_runs || forked)
		return;
	rbi_mock_lock(mock);
	nets->thread_stops = true;
	rbi_mock_nets_wake(mock);
	rbi_mock_unlock(mock);
	pthread_join(nets->thread, NULL);
	nets->thread_runs = false;
}

/* --- beginning and end ------------------------------------------------------------------------ */

static int make_net(struct mock_nets *nets, unsigned int i)
{
	struct mock_net *net = &nets->net[i];
	struct epoll_event event;
	int rc;

	net->name = nets->items.net[i].name;
	net->frame = rbi_alloc(RB_MOCK_FRAME_MAX, 1);
	if (!net->frame)
		return rbi_no_memory("a frame");
	rc = rbi_net_sockets(&net->ours, &net->theirs);
	if (rc < 0)
		return rc;
	memset(&event, 0, sizeof(event));
	event.events = net->watched = EPOLLIN;
	event.data.ptr = net;
	if (epoll_ctl(nets->epoll_fd, EPOLL_CTL_ADD, net->theirs, &event) < 0)
		return rbi_fail(-ENOMEM, "mock: network '%s' cannot be watched: errno %d",
				net->name, errno);
	return 0;
}

static int make_nets(struct mock *mock, const struct rbi_nets *items)
{
	struct mock_nets *nets = rbi_alloc(1, sizeof(*nets));
	unsigned int i;
	int rc = 0;

	if (!nets)
		return rbi_no_memory("networks");
	mock->nets = nets;
	nets->items = *items;
	for (i = 0; i < RBI_NETS; i++)
		nets->net[i].ours = nets->net[i].theirs = -1;
	nets->wake_fd = -1;
	nets->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (nets->epoll_fd < 0)
		return rbi_fail(-ENOMEM, "mock: no descriptor to watch networks with");
	for (i = 0; i < items->n && rc == 0; i++)
		rc = make_net(nets, i);
	if (rc == 0 && mock->real)
		rc = start_thread(mock);
	return rc;
}

int rbi_mock_nets_init(struct mock *mock, const struct rbi_spec *spec)
{
	struct rbi_nets items;
	unsigned int i;
	int rc = rbi_nets_from_spec(spec, &items);

	if (rc < 0 || items.n == 0)
		return rc;
	for (i = 0; i < items.n; i++)
		if (items.net[i].kind != RBI_NET_DGRAM)
			return rbi_fail(-ENOTSUP,
					"network '%s': machine 'mock' plays no network of kind "
					"user; there are dgram, and machine 'qemu'",
					items.net[i].name);
	return make_nets(mock, &items);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void rbi_mock_nets_free(struct mock *mock)
{
	struct mock_nets *nets = mock->nets;
	unsigned int i;

	if (!nets)
		return;
	for (i = 0; i < nets->items.n; i++) {
		close_fd(nets->net[i].ours);
		close_fd(nets->net[i].theirs);
		rbi_mock_net_drop(&nets->net[i]);
		rbi_free(nets->net[i].frame);
	}
	close_fd(nets->wake_fd);
	close_fd(nets->epoll_fd);
	rbi_free(nets);
	mock->nets = NULL;
}

int rbi_mock_nets_fd(const struct mock *mock)
{
	return mock->nets && !mock->nets->thread_runs ? mock->nets->epoll_fd : -1;
}

/* --- devices ---------------------------------------------------------------------------------- */

/* The network that the machine string names for @dev. */
static int join(struct rb_mock_dev *dev, const char *name)
{
	static const struct rbi_nets none;
	struct mock_nets *nets = dev->mock->nets;
	int i = rbi_nets_join(nets ? &nets->items : &none, dev->model, name);
	struct mock_net *net;

	if (i < 0)
		return rbi_mock_refuse(dev, i);
	net = &nets->net[i];
	if (net->dev)
		return rbi_mock_wrong(dev, "%s is in network '%s' already", net->dev->label, name);
	net->dev = dev;
	dev->plug->net = net;
	return 0;
}

int rb_mock_net(struct rb_mock_dev *dev, rb_mock_frame_fn frame, rb_mock_link_fn link, void *arg)
{
	const char *name;
	int rc = rbi_mock_building(dev, "rb_mock_net");

	if (rc < 0)
		return rc;
	if (dev->plug)
		return rbi_mock_wrong(dev, "rb_mock_net a second time");
	dev->plug = rbi_alloc(1, sizeof(*dev->plug));
	if (!dev->plug)
		return rbi_mock_refuse(dev, rbi_no_memory("the network of a mock device"));
	dev->plug->frame = frame;
	dev->plug->link = link;
	dev->plug->arg = arg;
	name = rb_mock_dev_arg(dev, "netdev");
	return name ? join(dev, name) : 0;
}

void rbi_mock_net_leave(struct rb_mock_dev *dev)
{
	struct mock_net *net = dev->plug ? dev->plug->net : NULL;

	if (!net)
		return;
	net->dev = NULL;
	net->refused = false;
	net->waiting = 0;
	dev->plug->net = NULL;
	rbi_mock_net_watch(dev->mock, net);
}

bool rb_mock_net_link(const struct rb_mock_dev *dev)
{
	bool up;

	if (!dev)
		return false;
	rbi_mock_lock(dev->mock);
	up = dev->plug && !(dev->plug->net && dev->plug->net->down);
	rbi_mock_unlock(dev->mock);
	return up;
}

/* --- for <rbdrv/host.h> -------------------------------------------------------------------- */

static struct mock_net *find(struct mock *mock, const char *name)
{
	int i = mock->nets ? rbi_nets_find(&mock->nets->items, name) : -1;

	if (i >= 0)
		return &mock->nets->net[i];
	rbi_fail(-ENOENT, "this machine has no network '%.60s'", name);
	return NULL;
}

int rbi_mock_op_net_fd(struct rbi_machine *m, const char *name)
{
	struct mock_net *net = find(mock_of(m), name);

	return net ? net->ours : -ENOENT;
}

int rbi_mock_op_net_link(struct rbi_machine *m, const char *name, bool up)
{
	struct mock *mock = mock_of(m);
	struct mock_net *net = find(mock, name);
	struct mock_plug *plug;

	if (!net)
		return -ENOENT;
	rbi_mock_lock(mock);
	if (net->down == up) {
		net->down = !up;
		plug = net->dev ? net->dev->plug : NULL;
		if (plug && plug->link)
			plug->link(net->dev, plug->arg, up);
		rbi_mock_net_watch(mock, net);
		rbi_mock_stir(mock);
	}
	rbi_mock_unlock(mock);
	return 0;
}
