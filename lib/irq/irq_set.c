/* SPDX-License-Identifier: MIT */
/* irq_set.c - opening and closing the interrupts of a device. */
#include "config.h"

#include <errno.h>

#include <rbdrv/mmio.h>
#include <rbdrv/pci_match.h>

#include "core/detail.h"
#include "core/options.h"
#include "irq/irq_set.h"

#define KINDS_ALL   (RB_IRQ_INTX | RB_IRQ_MSI | RB_IRQ_MSIX)
#define FLAGS_ALL   (RB_IRQ_ON_CPU | RB_IRQ_TIMED)
#define SPIN_MAX_US 10000u

/* Tried in this order when the caller has none of his own. */
static const struct kind {
	enum rb_irq_kind kind;
	const char *name;
	unsigned int max; /* vectors of one set, as the kind or Redox bounds them */
	uint64_t quirks; /* with any of these a device cannot do it, whatever it says */
} kinds[] = {
	{ RB_IRQ_MSIX, "MSI-X", RBI_IRQ_N_MAX - RBI_IRQ_LEGACY,
	  RB_PCI_QUIRK_NO_MSIX | RB_PCI_QUIRK_FORCE_LEGACY_IRQ },
	{ RB_IRQ_MSI, "MSI", 32, RB_PCI_QUIRK_NO_MSI | RB_PCI_QUIRK_FORCE_LEGACY_IRQ },
	{ RB_IRQ_INTX, "INTx", 1, 0 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int rbi_irq_check(const struct rb_irq_set *set, unsigned int vector, const char *call)
{
	int rc;

	if (!set)
		return rbi_fail(-EINVAL, "%s: no interrupt set", call);
	rc = rbi_ctx_check(set->ctx, call);
	if (rc < 0)
		return rc;
	if (vector >= set->count)
		return rbi_fail(-EINVAL, "%s: vector %u of a set of %u", call, vector, set->count);
	return 0;
}

/* --- opening ---------------------------------------------------------------------------- */

static const struct kind *find_kind(uint32_t kind)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if ((uint32_t)kinds[i].kind == kind)
			return &kinds[i];
	return NULL;
}

/* Complete the caller's order by the kinds that he allows and did not name. */
static int read_order(struct rb_irq_options *options)
{
	uint32_t named = 0;
	size_t i, n = 0;

	while (n < KINDS && options->order[n] != 0) {
		if (!find_kind(options->order[n]) || named & options->order[n])
			return rbi_fail(-EINVAL, "order of interrupt kinds: %u is none, or twice",
					options->order[n]);
		named |= options->order[n++];
	}
	for (i = n; i < sizeof(options->order); i++)
		if (options->order[i] != 0)
			return rbi_fail(-EINVAL, "order of interrupt kinds: one after the end");
	for (i = 0; i < KINDS && n < KINDS; i++)
		if (!(named & (uint32_t)kinds[i].kind))
			options->order[n++] = (uint8_t)kinds[i].kind;
	return 0;
}

/* Check the caller's options and fill in what their zeros stand for. */
static int read_options(const struct rb_irq_options *given, struct rb_irq_options *options)
{
	int rc;

	rc = rbi_options_copy(options, sizeof(*options), given, "struct rb_irq_options");
	if (rc < 0)
		return rc;

	if (options->kinds & ~(uint32_t)KINDS_ALL)
		return rbi_fail(-EINVAL, "unknown kinds of interrupts: %#x", options->kinds);
	if (options->flags & ~(uint32_t)FLAGS_ALL)
		return rbi_fail(-EINVAL, "unknown flags of an interrupt set: %#x", options->flags);
	if (options->spin_us > SPIN_MAX_US)
		return rbi_fail(-EINVAL, "a wait may spin for %u us at most, not %u", SPIN_MAX_US,
				options->spin_us);
	if (options->kinds == 0)
		options->kinds = KINDS_ALL;
	rc = read_order(options);
	if (rc < 0)
		return rc;
	if (options->min == 0)
		options->min = 1;
	if (options->max == 0)
		options->max = options->min;
	if (options->min > options->max)
		return rbi_fail(-EINVAL, "at least %u and at most %u vectors are wanted",
				options->min, options->max);
	return 0;
}

static int new_set(struct rb_pci_dev *dev, enum rb_irq_kind kind,
		   const struct rb_irq_options *options, unsigned int room, struct rb_irq_set **out)
{
	struct rb_irq_set *set;
	unsigned int i;

	set = rbi_alloc(1, sizeof(*set) + room * sizeof(set->vectors[0]));
	if (!set)
		return rbi_no_memory("an interrupt set");
	if (pthread_mutex_init(&set->lock, NULL) != 0) {
		rbi_free(set);
		return rbi_no_memory("a lock");
	}
	if (pthread_mutex_init(&set->masks, NULL) != 0) {
		pthread_mutex_destroy(&set->lock);
		rbi_free(set);
		return rbi_no_memory("a lock");
	}

	set->dev = dev;
	set->ctx = rbi_pci_ctx(dev);
	set->os = set->ctx->os;
	set->kind = kind;
	set->is_timed = options->flags & RB_IRQ_TIMED;
	set->spin_ns = (int64_t)options->spin_us * 1000;
	atomic_init(&set->way, RBI_WAITS_NOT);
	rbi_waiter_init(&set->together);
	set->room = room;
	for (i = 0; i < room; i++) {
		rbi_waiter_init(&set->vectors[i].waiter);
		set->vectors[i].polled.fd = -1;
	}
	*out = set;
	return 0;
}

static void free_set(struct rb_irq_set *set)
{
	pthread_mutex_destroy(&set->masks);
	pthread_mutex_destroy(&set->lock);
	rbi_free(set);
}

/* A set of one kind, working: 0; -ENOTSUP when @dev or this version has no such. */
static int open_kind(struct rb_pci_dev *dev, const struct kind *kind,
		     const struct rb_irq_options *options, struct rb_irq_set **out)
{
	struct rbi_irq_want want = { .min = options->min, .max = options->max };
	struct rb_irq_set *set = NULL;
	int rc;

	if (rbi_pci_quirks(dev) & kind->quirks)
		return rbi_fail(-ENOTSUP, "device %s: its %s is known not to work (a quirk)",
				rbi_pci_name(dev), kind->name);
	if (want.min > kind->max)
		return rbi_fail(-ENOTSUP, "%s: there are at most %u vectors, %u are wanted",
				kind->name, kind->max, want.min);
	if (want.max > kind->max)
		want.max = kind->max;
	want.has_cpu = options->flags & RB_IRQ_ON_CPU;
	want.cpu = options->cpu;

	rc = new_set(dev, kind->kind, options, want.max, &set);
	if (rc < 0)
		return rc;
	rc = rbi_irq_start(set, &want);
	if (rc < 0) {
		free_set(set);
		return rc;
	}

	rbi_live_add(set->ctx, &set->live, "interrupt set", "%u %s of %s", set->count, kind->name,
		     rbi_pci_name(dev));
	rbi_log(set->ctx, RB_LOG_INFO, "%s: %u vectors of %s", rbi_pci_name(dev), set->count,
		kind->name);
	*out = set;
	return 0;
}

/*
 * The first kind that works. A kind that is not there, or has no vectors left, hands
 * over to the next one; of several refusals the one that is not "there is none" counts.
 */
static int open_any(struct rb_pci_dev *dev, const struct rb_irq_options *options,
		    struct rb_irq_set **out)
{
	struct rbi_detail detail = { "" };
	int refused = -ENOTSUP;
	size_t i;
	int rc;

	for (i = 0; i < KINDS; i++) {
		if (!(options->kinds & options->order[i]))
			continue;
		rc = open_kind(dev, find_kind(options->order[i]), options, out);
		if (rc != -ENOTSUP && rc != -ENOMEM)
			return rc;
		if (refused == -ENOTSUP) {
			refused = rc;
			rbi_detail_keep(&detail);
		}
	}
	rbi_detail_restore(&detail);
	return refused;
}

int rb_irq_set_open(struct rb_pci_dev *dev, const struct rb_irq_options *given,
		    struct rb_irq_set **out)
{
	struct rb_irq_options options;
	struct rbi_detail detail;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_irq_set_open: nowhere to put the set");
	*out = NULL;
	if (!dev)
		return rbi_fail(-EINVAL, "rb_irq_set_open: no device");
	rc = rbi_ctx_check(rbi_pci_ctx(dev), "rb_irq_set_open");
	if (rc < 0)
		return rc;
	rc = read_options(given, &options);
	if (rc < 0)
		return rc;
	rc = rbi_pci_refuse_gone(dev);
	if (rc < 0)
		return rc;
	rc = rbi_pci_irq_claim(dev);
	if (rc < 0)
		return rc;

	rbi_detail_keep(&detail);
	rc = open_any(dev, &options, out);
	if (rc < 0) {
		rbi_pci_irq_release(dev);
		return rc;
	}

	/* Kinds and vectors that were passed over are no failure of this call. */
	rbi_detail_restore(&detail);
	rb_pci_ref(dev);
	rbi_pci_on_gone(dev, rbi_irq_wake_all, *out);
	return 0;
}

/* --- closing ---------------------------------------------------------------------------- */

static void close_vector(struct rb_irq_set *set, struct rbi_vector *v)
{
	rbi_waiter_close(set->os, &v->waiter, &(struct rbi_watched){ v, 1 });
	if (v->polled.fd < 0)
		return;
	rbi_irq_fd_del(set->os, &v->polled);
	rbi_os_close(set->os, v->polled.fd);
}

/* In a child of fork() everything but the memory is the parent's. */
static void forget_set(struct rb_irq_set *set)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		rbi_irq_forget(set->vectors[i].irq);
	rb_mmio_close(set->table);
	rb_mmio_close(set->pba);
	rb_pci_unref(set->dev);
	rbi_free(set);
}

void rb_irq_set_close(struct rb_irq_set *set)
{
	struct rbi_detail detail;
	struct rb_pci_dev *dev;
	unsigned int i;

	if (!set)
		return;
	if (!rbi_ctx_is_ours(set->ctx)) {
		forget_set(set);
		return;
	}

	rbi_detail_keep(&detail);
	rbi_pci_on_gone(set->dev, NULL, NULL);
	for (i = 0; i < set->count; i++)
		close_vector(set, &set->vectors[i]);
	rbi_waiter_close(set->os, &set->together,
			 &(struct rbi_watched){ set->vectors, set->count });
	rbi_irq_log_summary(set);
	rbi_irq_stop(set);

	dev = set->dev;
	rbi_live_del(set->ctx, &set->live);
	free_set(set);
	rbi_pci_irq_release(dev);
	rb_pci_unref(dev);
	rbi_detail_restore(&detail);
}

/* --- what was got ----------------------------------------------------------------------- */

unsigned int rb_irq_set_count(const struct rb_irq_set *set)
{
	return set ? set->count : 0;
}

int rb_irq_set_cpu(const struct rb_irq_set *set, unsigned int vector)
{
	int rc = rbi_irq_check(set, vector, "rb_irq_set_cpu");

	return rc < 0 ? rc : (int)set->vectors[vector].irq->cpu;
}

enum rb_irq_kind rb_irq_set_kind(const struct rb_irq_set *set)
{
	return set ? set->kind : (enum rb_irq_kind)0;
}
