/* SPDX-License-Identifier: MIT */
/*
 * mock_net.h - networks of machine "mock" from inside.
 *
 *   test -> socket -> frame[] -> the device's callback        mock_net.c
 *   test <- socket <- queue   <- rb_mock_net_send()
 *
 * A descriptor for epoll stands for all of them: who sleeps sleeps on it, too, and wakes when a
 * frame can be taken in or the socket has room for one that waits. What cannot be used
 * is not watched, or sleepers would spin.
 */
#ifndef RBI_MOCK_NET_H
#define RBI_MOCK_NET_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/mock/mock_machine.h"
#include "host/net_items.h"

/* A frame that the socket does not take yet. */
struct mock_frame {
	struct mock_frame *next;
	size_t len;
	uint8_t bytes[];
};

struct mock_net {
	const char *name;
	int ours, theirs; /* the test's end and the device's */
	struct rb_mock_dev *dev; /* that has joined; NULL: none */
	bool down; /* the cable is out */
	bool deaf; /* its input has ended */
	bool refused; /* the frame that waits, by the device */
	size_t waiting; /* bytes of that frame; 0: none */
	uint8_t *frame; /* RB_MOCK_FRAME_MAX bytes */
	struct mock_frame *first, *last; /* to the test */
	size_t queued;
	uint32_t watched; /* events of epoll */
};

struct mock_nets {
	struct rbi_nets items;
	struct mock_net net[RBI_NETS];
	int epoll_fd;
	int wake_fd; /* time=real: an eventfd for the thread that takes frames in; or -1 */
	pthread_t thread;
	bool thread_runs, thread_stops;
};

/* A device's plug. */
struct mock_plug {
	rb_mock_frame_fn frame;
	rb_mock_link_fn link;
	void *arg;
	struct mock_net *net; /* NULL: nothing at the other end */
};

/* mock_net.c. What is worth waking up for may have changed. */
void rbi_mock_net_watch(struct mock *mock, struct mock_net *net);
/* Forget what waits for the test. */
void rbi_mock_net_drop(struct mock_net *net);

/* mock_net_plug.c. time=real: the thread shall look. */
void rbi_mock_nets_wake(struct mock *mock);

#endif
