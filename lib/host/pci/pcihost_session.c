/* SPDX-License-Identifier: MIT */
/*
 * pcihost_session.c - libpciaccess keeps one list of devices for the whole process,
 * and the program that we are part of may be using it, too.
 *
 * - A list that is there and not ours belongs to the program: it is borrowed, never
 *   made anew and never thrown away.
 * - One of ours bears a mark in the user data of its first device. It lives as long
 *   as machines do, is renewed for each new one, and goes with the last.
 * - Devices are looked up anew in every operation, so a list that the program makes
 *   or throws away between two of them does no harm.
 *
 * What cannot be had: libpciaccess has no lock, so the program must not call it while
 * another of its threads opens, closes or uses a context of this machine.
 */
#include "config.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/pci/pcihost.h"

#define TRIES	   3 /* a device that leaves while the list is made ends the making */
#define LOCK_POLL_NS 20000

static struct {
	_Atomic long owner; /* process that holds the lock; 0: free */
	long pid; /* whose machines are counted */
	unsigned int machines;
	bool changing; /* the list is being made or freed */
} session;

/* --- the lock ---------------------------------------------------------------------------- */

/*
 * No pthread mutex: one that a thread of the parent held during fork() stays locked in
 * the child, for ever. This one knows whose process held it.
 */
void rbi_pcihost_lock(long pid)
{
	static const struct timespec moment = { 0, LOCK_POLL_NS };
	long owner = 0;

	while (!atomic_compare_exchange_weak(&session.owner, &owner, pid)) {
		if (owner != pid)
			continue; /* free after all, or the parent's */
		nanosleep(&moment, NULL);
		owner = 0;
	}
}

void rbi_pcihost_unlock(void)
{
	atomic_store(&session.owner, 0);
}

/* --- the list ---------------------------------------------------------------------------- */

/* Is there a list? And whose: *first is its first device, or NULL. */
static bool has_list(struct pci_device **first)
{
	struct pci_device_iterator *iter = pci_slot_match_iterator_create(NULL);

	*first = NULL;
	if (!iter)
		return false;
	*first = pci_device_next(iter);
	pci_iterator_destroy(iter);
	return true;
}

static intptr_t our_mark(void)
{
	return (intptr_t)&session;
}

static bool is_ours(const struct pci_device *first)
{
	return first && first->user_data == our_mark();
}

static void free_list(void)
{
	session.changing = true;
	pci_system_cleanup();
	session.changing = false;
}

static int refuse(int err)
{
	if (err == ENOMEM)
		return rbi_no_memory("the list of PCI devices");
	if (err == ENOENT || err == ENOSYS || err == ENODEV || err == ENOTDIR)
		return rbi_fail(-ENOTSUP, "machine 'pci': this host shows no PCI bus");
	return rbi_fail(-EIO, "machine 'pci': libpciaccess: %s", strerror(err));
}

/* One try: 0 or an errno, positive as libpciaccess has them. A list without a device
 * could not be marked, and is of no use. */
static int try_list(void)
{
	struct pci_device *first = NULL;
	int err;

	session.changing = true;
	err = pci_system_init();
	if (err == 0 && (!has_list(&first) || !first))
		err = ENODEV;
	if (err != 0)
		pci_system_cleanup();
	session.changing = false;
	if (err == 0)
		first->user_data = our_mark();
	return err;
}

static int make_list(void)
{
	unsigned int tries;
	int err = EIO;

	for (tries = 0; tries < TRIES && err != 0 && err != ENOMEM; tries++)
		err = try_list();
	return err == 0 ? 0 : refuse(err);
}

static int fresh_list(void)
{
	struct pci_device *first;

	/* fork() came in the middle of a change: what the child has is no list */
	if (session.changing || !has_list(&first))
		return make_list();
	if (is_ours(first)) {
		free_list();
		return make_list();
	}
	return first ? 0 : refuse(ENODEV);
}

int rbi_pcihost_join(long pid)
{
	int rc;

	if (session.pid != pid) { /* a child's first: the others are its parent's */
		session.pid = pid;
		session.machines = 0;
	}
	rc = fresh_list();
	if (rc == 0)
		session.machines++;
	return rc;
}

void rbi_pcihost_leave(void)
{
	struct pci_device *first;

	if (--session.machines > 0)
		return;
	if (has_list(&first) && is_ours(first))
		free_list();
}

struct pci_device *rbi_pcihost_device(struct rb_pci_addr addr)
{
	struct pci_slot_match match = { rb_pci_addr_segment(addr), rb_pci_addr_bus(addr),
					rb_pci_addr_device(addr), rb_pci_addr_function(addr), 0 };
	struct pci_device_iterator *iter;
	struct pci_device *first, *dev;

	/* the program has thrown it away */
	if (!has_list(&first) && make_list() < 0)
		return NULL;
	iter = pci_slot_match_iterator_create(&match);
	dev = pci_device_next(iter);
	pci_iterator_destroy(iter);
	return dev;
}
