/* SPDX-License-Identifier: MIT */
/*
 * pci_host.c - what listing the host's bus costs over libpciaccess alone.
 *
 * A context of machine pci, a scan and all ids, against pci_system_init(), an iteration
 * over the same ids and pci_system_cleanup(): by turns, so that both meet the same
 * machine. Neither looks at configuration space.
 *
 *     pci_host             on the host's bus
 *     pci_host FUNCTIONS   on one made of files, in a mount namespace; takes root
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <pciaccess.h>

#include <rbdrv/rbdrv.h>

#include "fake_sysfs.h"

#define TURNS_MAX 1000
#define WORK	  6000 /* functions looked at by each side, in all; at least 20 turns */
#define GOAL	  1.10

static int64_t library[TURNS_MAX], plain[TURNS_MAX];
static unsigned long sum; /* of all ids, so that they are read */

/* CPU time: neither side waits for anything, and the machine may be busy otherwise. */
static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Functions seen, or a negative code. */
static long run_library(void)
{
	const struct rb_pci_info *info;
	struct rb_pci_list *list;
	struct rb_ctx *ctx;
	size_t i, n;
	int rc;

	rc = rb_ctx_new("pci:", &ctx);
	if (rc < 0)
		return rc;
	rc = rb_pci_scan(ctx, NULL, &list);
	if (rc < 0) {
		rb_ctx_unref(ctx);
		return rc;
	}
	n = rb_pci_list_count(list);
	for (i = 0; i < n; i++) {
		info = rb_pci_list_get(list, i);
		sum += rb_pci_info_addr(info).sbdf;
		sum += rb_pci_info_vendor(info) + rb_pci_info_device(info);
		sum += rb_pci_info_subvendor(info) + rb_pci_info_subdevice(info);
		sum += rb_pci_info_class(info) + rb_pci_info_revision(info);
	}
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
	return (long)n;
}

static long run_plain(void)
{
	struct pci_device_iterator *iter;
	struct pci_device *dev;
	long n = 0;

	if (pci_system_init() != 0)
		return -EIO;
	iter = pci_slot_match_iterator_create(NULL);
	for (; (dev = pci_device_next(iter)) != NULL; n++) {
		sum += dev->domain + dev->bus + dev->dev + dev->func;
		sum += (unsigned int)(dev->vendor_id + dev->device_id);
		sum += (unsigned int)(dev->subvendor_id + dev->subdevice_id);
		sum += dev->device_class + dev->revision;
	}
	pci_iterator_destroy(iter);
	pci_system_cleanup();
	return n;
}

static int measure(const char *what)
{
	unsigned int i, turns = TURNS_MAX;
	long n = run_library();
	int64_t before;

	if (n < 0) {
		printf("pci listing, %s: %s\n", what, rb_last_error());
		return n == -ENOTSUP ? 0 : 1;
	}
	if (n > 0 && WORK / (unsigned long)n < turns)
		turns = n < WORK / 20 ? (unsigned int)(WORK / n) : 20;
	for (i = 0; i < turns; i++) {
		before = now_ns();
		if (run_plain() < 0)
			return 1;
		plain[i] = now_ns() - before;
		before = now_ns();
		if (run_library() != n)
			return 1;
		library[i] = now_ns() - before;
	}
	qsort(library, turns, sizeof(*library), by_number);
	qsort(plain, turns, sizeof(*plain), by_number);
	printf("pci listing, %s, %ld functions, %u turns: pci: min %.1f us (median %.1f), "
	       "libpciaccess min %.1f us (median %.1f), ratio %.3f (median %.3f; goal: at most "
	       "%.2f)\n",
	       what, n, turns, (double)library[0] / 1e3, (double)library[turns / 2] / 1e3,
	       (double)plain[0] / 1e3, (double)plain[turns / 2] / 1e3,
	       (double)library[0] / (double)plain[0],
	       (double)library[turns / 2] / (double)plain[turns / 2], GOAL);
	return 0;
}

static void plug(unsigned long count)
{
	struct fake_function fn = { .vendor = 0x1234, .device = 0x11e8, .class_code = 0x00ff00 };
	unsigned long i;

	for (i = 0; i < count; i++) {
		fn.bus = (unsigned int)(i / 32 % 256);
		fn.dev = (unsigned int)(i % 32);
		fn.domain = (unsigned int)(i / 8192);
		fake_sysfs_add(&fn);
	}
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	if (count == 0)
		return measure("the host's");
	if (!fake_sysfs_begin()) {
		printf("pci listing, made of files: needs root, no figure\n");
		return 77;
	}
	plug(count < 65536 ? count : 65536);
	return measure("made of files");
}
